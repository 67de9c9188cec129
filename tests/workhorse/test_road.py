"""From a folder to its split."""

import numpy as np
import pytest
import small_sets
from PIL import Image

from segutils import dataset
from segutils.dataset import doctor
from segutils.workhorse import road


def split_of(path, **options):
    report = dataset.inspect(path)
    return report, road.split(dataset.Files(path), report, **options)


def test_images_without_relatives_are_split_one_by_one(tmp_path):
    report, split = split_of(small_sets.make_folder(tmp_path, count=12))
    assert sorted(np.concatenate(split.parts)) == list(range(12))
    assert len(set(split.groups)) == len(report.pairs)
    assert split.why == ("The split is by image, for no two are copies, neighbours or frames of one film.",)
    other = split_of(tmp_path, seed=5)[1]
    assert sorted(other.parts.test) != sorted(split.parts.test)


def test_copies_stay_in_one_part_and_a_sentence_says_so(tmp_path):
    small_sets.make_folder(tmp_path, count=10)
    for kind in ("images", "masks"):
        with Image.open(tmp_path / kind / "003.png") as image:
            image.save(tmp_path / kind / "900.png")
    report, split = split_of(tmp_path)
    at = {pair.key: i for i, pair in enumerate(report.pairs)}
    twins = [at[key] for key in at if key.endswith(("003", "900"))]
    assert any(set(twins) <= set(part.tolist()) for part in split.parts)
    assert "1 image joins others that it resembles or adjoins" in split.why[0]


def test_own_parts_are_kept(tmp_path):
    small_sets.make_folder(tmp_path, count=4, parts=("train", "val", "test"))
    report, split = split_of(tmp_path)
    for name, part in zip(("train", "val", "test"), split.parts, strict=True):
        assert all(f"/{name}/" in f"/{report.pairs[i].image}" for i in part)
    assert split.why[0] == "The set's own parts are kept (train, validation, test)."
    assert split.related == []


def test_a_class_that_no_training_image_holds_is_told(tmp_path):
    small_sets.make_folder(tmp_path, count=4, parts=("train", "val"))
    small_sets.make_folder(tmp_path, count=4, parts=("test",), values=(0, 255, 128))
    report, split = split_of(tmp_path)
    assert {report.classes.show(value) for value in report.classes.values} == {"0", "128", "255"}
    assert split.why[-1].startswith("No training image holds mask value 128, so the network can't learn it; ")
    small_sets.make_folder(tmp_path, count=4, parts=("train",), values=(0, 255, 128))
    assert not any("can't learn" in line for line in split_of(tmp_path)[1].why)


def test_validation_is_taken_by_image_where_all_of_train_hangs_together(tmp_path, monkeypatch):
    small_sets.make_folder(tmp_path, count=8, parts=("train", "test"))

    def film(files, pairs, **_):
        return [tuple(pair.image for pair in pairs if "train" in pair.image)]

    monkeypatch.setattr(doctor, "neighbours", film)  # with parts of its own, inspection looks for relatives
    report, split = split_of(tmp_path)
    assert min(map(len, split.parts)) > 0
    assert all("test" in report.pairs[i].image for i in split.parts.test)
    assert all("train" in report.pairs[i].image for i in [*split.parts.train, *split.parts.validation])
    assert split.why[1] == "All train images hang together, so validation is some of them, and its score is too high."


def test_without_a_test_part_validation_is_the_test(tmp_path):
    small_sets.make_folder(tmp_path, count=8, parts=("train", "val"))
    report, split = split_of(tmp_path)
    assert all("val" in report.pairs[i].image for i in split.parts.test)
    assert "what it calls validation is the test" in split.why[0]


def test_a_pattern_names_the_source(tmp_path):
    small_sets.make_folder(tmp_path, count=12)
    report, split = split_of(tmp_path, pattern=r"\d\d(\d)$")
    assert split.groups.tolist() == [pair.key[-1] for pair in report.pairs]
    with pytest.raises(ValueError, match="does not fit"):
        split_of(tmp_path, pattern="xyz")


def test_where_all_images_hang_together_the_split_is_by_image_and_says_what_that_means(tmp_path, monkeypatch):
    small_sets.make_folder(tmp_path, count=8)
    monkeypatch.setattr(road, "neighbours", lambda files, pairs, **_: [tuple(pair.image for pair in pairs)])
    report, split = split_of(tmp_path)
    assert len(set(split.groups)) == 8
    assert split.why == (
        "All images hang together, so the split is by image, and the score tells of images like these alone.",
    )
    assert split_of(tmp_path, relatives=False)[1].why[0].startswith("The split is by image, for no two")


def test_a_part_without_a_labelled_pixel_is_refused(tmp_path):
    report = dataset.inspect(small_sets.make_folder(tmp_path, count=4, parts=("train", "val", "test")))
    report.counts[[i for i, part in enumerate(report.parts) if part == "test"]] = 0
    with pytest.raises(ValueError, match="labelled pixels in each part, got none in test"):
        road.split(dataset.Files(tmp_path), report)


def test_the_recipe_looks_at_a_few_training_images_as_they_are_stored(tmp_path):
    report = dataset.inspect(small_sets.make_folder(tmp_path, count=30))
    files = dataset.Files(tmp_path)
    some = road.sample_images(files, report.pairs, range(2, 30), channels=3)
    assert len(some) == road.LOOKED_AT
    np.testing.assert_array_equal(some[0], dataset.read_image(files, report.pairs[2].image))


@pytest.mark.parametrize("count", [1, 2])
def test_too_few_images_are_refused_in_words_of_images(tmp_path, count):
    with pytest.raises(ValueError, match=f"at least three images with masks, got {count}; add some"):
        split_of(small_sets.make_folder(tmp_path, count=count))
