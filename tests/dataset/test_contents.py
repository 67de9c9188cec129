"""What files are is told by their pixels: however names count, and whatever single odd files lie among them."""

import numpy as np
import pytest
from support import save

from segutils import dataset

SIZE = (40, 52)


def photo(seed):
    return np.random.default_rng(seed).integers(0, 255, (*SIZE, 3), dtype=np.uint8)


def drawn(seed, values=(0, 255)):
    """Broad stripes of the values, moved by some columns."""
    columns = np.roll(np.arange(SIZE[1]), seed)
    return np.tile(np.array(values, np.uint8)[columns * len(values) // SIZE[1]], (SIZE[0], 1))


def paired(path):
    return {(pair.image, *pair.masks) for pair in dataset.find_pairs(dataset.Files(path)).pairs}


@pytest.mark.parametrize("count", [5, 7, 9, 10, 17, 33, 50])
@pytest.mark.parametrize("lost", [0, 1, 3])
def test_photographs_and_masks_that_take_turns_are_told_apart(tmp_path, count, lost):
    for i in range(1, count + 1):
        save(tmp_path / f"scan_{i}_1.png", photo(i))
        if i <= count - lost:
            save(tmp_path / f"scan_{i}_2.png", drawn(i))
    assert paired(tmp_path) == {(f"scan_{i}_1.png", f"scan_{i}_2.png") for i in range(1, count - lost + 1)}


def test_files_that_take_turns_in_threes_are_told_apart(tmp_path):
    """A photograph, a mask and nothing but numbers: 1 and 2, 4 and 5, 7 and 8 are no partners by any word."""
    for i in range(20):
        save(tmp_path / f"{i:03}_0.png", photo(i))
        save(tmp_path / f"{i:03}_1.png", drawn(i))
    assert paired(tmp_path) == {(f"{i:03}_0.png", f"{i:03}_1.png") for i in range(20)}


def some_black():
    tile = np.zeros((*SIZE, 3), np.uint8)
    tile[:, :9] = 3
    return tile


EMPTY = {
    "nearly black": some_black(),
    "black": np.zeros((*SIZE, 3), np.uint8),
    "half without data": np.where(np.arange(SIZE[1])[:, None] < 20, 255, [0, 0, 0]).astype(np.uint8)
    * np.ones((SIZE[0], 1, 1), np.uint8),
    "three greys": drawn(0, (0, 1, 2))[..., None].repeat(3, -1),
}


@pytest.mark.parametrize("folders", [("ortho", "flaechen"), ("images", "flaechen"), ("images", "masks")])
@pytest.mark.parametrize("odd", [[3], [0], [1, 6]])
@pytest.mark.parametrize("tile", EMPTY.values(), ids=EMPTY)
def test_tiles_with_nothing_on_them_are_images_where_their_folder_holds_images(tmp_path, folders, odd, tile):
    for i in range(8):
        save(tmp_path / folders[0] / f"k{i}.tif", tile if i in odd else photo(i))
        save(tmp_path / folders[1] / f"k{i}.tif", drawn(i))
    assert paired(tmp_path) == {(f"{folders[0]}/k{i}.tif", f"{folders[1]}/k{i}.tif") for i in range(8)}


def test_few_masks_among_many_photographs_are_masks_where_none_lie_elsewhere(tmp_path):
    for i in range(20):
        save(tmp_path / f"scan_{i}_1.png", photo(i))
        if i < 4:
            save(tmp_path / f"scan_{i}_2.png", drawn(i))
    assert paired(tmp_path) == {(f"scan_{i}_1.png", f"scan_{i}_2.png") for i in range(4)}


@pytest.mark.parametrize("mask", ["b{}.png", "b/task-{}-annotation-by-1-tag-cat.png"])
def test_a_file_without_partner_is_called_what_its_pixels_say(tmp_path, mask):
    """The second as Label Studio exports brush strokes, whose names say nothing of the image."""
    for i in range(6):
        save(tmp_path / f"a{7 * i}.png", photo(i))
        save(tmp_path / mask.format(5 * i + 100), drawn(i))
    found = dataset.inspect(tmp_path).findings
    for fault, letter in (("missing mask", "a"), ("missing image", "b")):
        assert {name[0] for name in found[found.fault == fault].file} == {letter}
        assert (found.fault == fault).sum() == 6


@pytest.mark.parametrize("count", [1, 6])
def test_depth_and_overlays_without_partner_are_set_aside_unless_pairs_are_called_so_too(tmp_path, count):
    for i in range(6):
        for place, values in (("depth field", photo(i)), ("scene", photo(i + 9))):
            save(tmp_path / f"{place} {i}/color.jpg", values)
            save(tmp_path / f"{place} {i}/label.png", drawn(i))
        if i < count:
            save(tmp_path / f"scene {i}/overlay.jpg", photo(i + 20))
            save(tmp_path / f"scene {i}/normals.png", drawn(i, range(24)))
    lost = ["depth field 7/color.jpg", "normal 8/color.jpg"]
    for i, name in enumerate(lost, start=50):
        save(tmp_path / name, photo(i))
    found = dataset.inspect(tmp_path)
    assert len(found.pairs) == 12
    assert found.findings[found.findings.fault == "missing mask"].file.tolist() == lost, str(found)
    assert set(found.findings.fault) == {"missing mask", "set aside"}


def test_a_file_that_a_usual_word_calls_an_image_is_one_whatever_its_pixels_say(tmp_path):
    for i in range(5):
        save(tmp_path / f"images/{i}.png", photo(i))
        save(tmp_path / f"masks/{i}.png", drawn(i))
    save(tmp_path / "images/7.png", drawn(3))
    found = dataset.inspect(tmp_path).findings
    assert found[found.fault == "missing mask"].file.tolist() == ["images/7.png"]


@pytest.mark.parametrize("folders", [("input", "target"), ("images", "masks"), ("photos", "labels")])
@pytest.mark.parametrize("lost", [None, 0, 1])
def test_photographs_that_a_word_calls_masks_are_images(tmp_path, folders, lost):
    """As in sets that teach a network to paint: the input is a map of classes, the target a photograph."""
    for i in range(6):
        save(tmp_path / f"{folders[0]}/{i}.png", drawn(i, (0, 1, 2, 3)))
        save(tmp_path / f"{folders[1]}/{i}.png", photo(i))
    if lost is not None:
        (tmp_path / f"{folders[lost]}/2.png").unlink()
    kept = [i for i in range(6) if lost is None or i != 2]
    assert paired(tmp_path) == {(f"{folders[1]}/{i}.png", f"{folders[0]}/{i}.png") for i in kept}
    report = dataset.inspect(tmp_path)
    assert report.classes.values == (0, 1, 2, 3)
    missing = {None: [], 0: [["missing mask", f"{folders[1]}/2.png"]], 1: [["missing image", f"{folders[0]}/2.png"]]}
    found = report.findings[report.findings.level != "note"]
    assert found[["fault", "file"]].values.tolist() == missing[lost]
    note = report.findings[report.findings.fault == "names overruled"]
    assert note.file.tolist() == [f"{folders[0]}/0.png"]


def test_words_count_where_pixels_do_not_contradict_them(tmp_path):
    """Flat drawings as images; and one mask that is a copy of its image among good ones."""
    for i in range(6):
        save(tmp_path / f"a/images/{i}.png", drawn(i, (0, 90, 180)))
        save(tmp_path / f"a/masks/{i}.png", drawn(i))
        save(tmp_path / f"b/images/{i}.png", photo(i))
        save(tmp_path / f"b/masks/{i}.png", photo(i) if i == 3 else drawn(i))
    for part in "ab":
        pairs = {(f"images/{i}.png", f"masks/{i}.png") for i in range(6)}
        assert paired(tmp_path / part) == pairs


@pytest.mark.parametrize("dates", [("2020-06", "2020-07", "2020-08"), ("2020-01", "2020-06"), ("03", "06", "09", "12")])
@pytest.mark.parametrize("tiles", [4, 6, 9])
def test_several_images_for_each_mask_are_all_named_and_each_can_be_chosen(tmp_path, dates, tiles):
    """Months are numbers of tiles, too."""
    for k in range(1, tiles + 1):
        for i, date in enumerate(dates):
            save(tmp_path / f"tile{k:02}/{date}.png", photo(10 * k + i))
        save(tmp_path / f"tile{k:02}/label.png", drawn(k))
    (error,) = dataset.inspect(tmp_path).findings.itertuples()
    assert error.fault == "several masks"
    assert error.finding.startswith(f"{ {2: 'two', 3: 'three', 4: 'four'}[len(dates)] } images for each mask")
    assert all(date[-2:] in error.finding for date in dates)
    chosen = dataset.inspect(tmp_path, images=error.finding.rpartition("--images ")[2])
    assert (len(chosen.pairs), chosen.count("error")) == (tiles, 0)


@pytest.mark.parametrize("names", ["cat_{}|dog_{}", "{}_a|{}_b", "s{}_2020-06|s{}_2020-07"])
def test_images_of_another_kind_without_masks_are_no_reason_to_ask(tmp_path, names):
    """The masks have the word of the images that they belong to."""
    with_mask, without = names.split("|")
    for i in range(6):
        save(tmp_path / f"foo/{with_mask.format(i)}.jpg", photo(i))
        save(tmp_path / f"foo/{without.format(i)}.jpg", photo(10 + i))
        save(tmp_path / f"bar/{with_mask.format(i)}.png", drawn(i))
    assert paired(tmp_path) == {(f"foo/{with_mask.format(i)}.jpg", f"bar/{with_mask.format(i)}.png") for i in range(6)}
