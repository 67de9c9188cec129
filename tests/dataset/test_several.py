"""Several masks of one image are objects only if they are drawn as objects are; else it is asked which is meant."""

import numpy as np
import pytest
from support import save

from segutils import dataset

SIZE = (40, 52)


def photo(seed):
    return np.random.default_rng(seed).integers(0, 255, (*SIZE, 3), dtype=np.uint8)


def stripes(values, shift=0):
    """The values in broad stripes, moved by some columns."""
    columns = np.roll(np.arange(SIZE[1]), shift)
    return np.tile(np.array(values, np.uint8)[columns * len(values) // SIZE[1]], (SIZE[0], 1))


def spot(row, column):
    """A white square of 9 × 9 pixels."""
    drawn = np.zeros(SIZE, np.uint8)
    drawn[row : row + 9, column : column + 9] = 255
    return drawn


def masks_of(path, image, mask, drawn, count=12):
    for i in range(count):
        save(path / image.format(i), photo(i))
        save(path / mask.format(i), drawn(i))
    return path


def named(report, fault):
    return report.findings[report.findings.fault == fault].file.tolist()


@pytest.mark.parametrize("lost", [[15], [12, 15]])
def test_the_mask_of_a_lost_image_goes_to_no_other_and_the_classes_stay(tmp_path, lost):
    """Where 12_1 is there, a number is part of an image's name; where it is not, two masks of classes are told."""
    masks_of(tmp_path, "images/IMG_202304{:02}.jpg", "masks/IMG_202304{:02}.png", lambda i: stripes([0, 1, 2], i), 18)
    for day in (12, 15):
        save(tmp_path / f"masks/IMG_202304{day}_1.png", stripes([0, 1, 2], 30))
        if day not in lost:
            save(tmp_path / f"images/IMG_202304{day}_1.jpg", photo(day))
    report = dataset.inspect(tmp_path)
    assert report.classes.values == (0, 1, 2)
    assert {mask for pair in report.pairs for mask in pair.masks}.isdisjoint(f"masks/IMG_202304{n}_1.png" for n in lost)
    assert all(len(pair.masks) == 1 for pair in report.pairs)
    fault, files = (
        ("missing image", ["masks/IMG_20230415_1.png"])
        if len(lost) == 1
        else ("several masks", [f"images/IMG_202304{n}.jpg" for n in lost])
    )
    assert named(report, fault) == files


NAMES = [
    ("photo/s{}.jpg", "photo/s{}_mask.png", "photo/s7_mask_1.png"),
    ("images/{}.png", "masks/{}.png", "masks/7_1.png"),
]
DRAWN = {
    "classes": (lambda i: stripes([0, 1, 2, 3], i), stripes([0, 1, 2, 3], 8)),
    "classes, and an extra of two values": (lambda i: stripes([0, 1, 2, 3], i), spot(2, 2) // 255),
    "black and white": (lambda i: spot(i, 2 * i), spot(8, 15)),
}


@pytest.mark.parametrize("names", NAMES)
@pytest.mark.parametrize("drawn", DRAWN.values(), ids=DRAWN)
def test_one_mask_drawn_anew_is_told_and_leaves_all_others_as_they_are(tmp_path, names, drawn):
    masks_of(tmp_path, *names[:2], drawn[0])
    before = dataset.inspect(tmp_path)
    save(tmp_path / names[2], drawn[1])
    report = dataset.inspect(tmp_path)
    assert report.classes == before.classes
    left = [pair[1:] for pair in before.pairs if pair.image != names[0].format(7)]
    assert [pair[1:] for pair in report.pairs] == left
    errors = report.findings[report.findings.level == "error"]
    assert errors[["fault", "file"]].values.tolist() == [["several masks", names[0].format(7)]]
    assert names[2] in errors.finding.item()


def test_a_copy_that_a_system_made_is_told(tmp_path):
    masks_of(tmp_path, "images/{}.png", "masks/{}.png", lambda i: stripes([0, 1, 2], i))
    save(tmp_path / "masks/7 (1).png", stripes([0, 1, 2], 7))
    report = dataset.inspect(tmp_path)
    assert report.classes.values == (0, 1, 2)
    assert (len(report.pairs), report.count("error")) in [(11, 1), (12, 1)]


@pytest.mark.parametrize("extra", [[7], [3, 7], range(0, 12, 2), range(12)])
def test_second_objects_beside_the_first_are_objects_however_many_images_have_one(tmp_path, extra):
    masks_of(tmp_path, "photo/s{}.jpg", "photo/s{}_mask.png", lambda i: spot(i, 2 * i))
    for i in extra:
        save(tmp_path / f"photo/s{i}_mask_1.png", spot(i + 12, 2 * i + 4))
    report = dataset.inspect(tmp_path)
    assert (report.names, report.count("error"), len(report.pairs)) == (("background", "object"), 0, 12)


@pytest.mark.parametrize("drawn", [lambda i: stripes([0, 1, 2], i), lambda i: spot(i, 2 * i)])
def test_where_most_masks_were_drawn_anew_it_is_asked(tmp_path, drawn):
    masks_of(tmp_path, "photo/s{}.jpg", "photo/s{}_mask.png", drawn)
    for i in range(8):
        save(tmp_path / f"photo/s{i}_mask_1.png", np.roll(drawn(i), 1, 1))
    report = dataset.inspect(tmp_path)
    assert (named(report, "several masks"), report.pairs) == (["all images"], [])


def test_two_drawings_of_each_image_in_its_folder_are_no_objects(tmp_path):
    for i in range(6):
        save(tmp_path / f"{i}/images/{i}.png", photo(i))
        for name in ("ada", "bob"):
            save(tmp_path / f"{i}/masks/{name}{i}.png", spot(i, 2 * i + (name == "bob")))
    report = dataset.inspect(tmp_path)
    assert (named(report, "several masks"), report.pairs) == (["all images"], [])


def two_folders(path, names, drawn, own, shared):
    """Masks of two folders: `own` images each that the other has not, and `shared` ones that both have."""
    for i in range(2 * own + shared):
        save(path / f"photos/{i}.png", photo(i))
        for k, name in enumerate(names):
            if own <= i < own + shared or (i < own) == (k == 0):
                save(path / f"{name}/{i}.png", drawn(i, k))
    return dataset.inspect(path)


@pytest.mark.parametrize(("own", "shared"), [(3, 3), (8, 4), (10, 2), (11, 1), (0, 9)])
def test_two_observers_of_some_images_are_no_classes(tmp_path, own, shared):
    report = two_folders(tmp_path, ("alice", "bob"), lambda i, k: spot(i + k, 2 * (i % 20)), own, shared)
    assert (named(report, "several masks"), report.pairs) == (["all images"], [])
    sentence = report.findings[report.findings.level == "error"].finding.item()
    assert ("for each image" if not own else "for some images") in sentence
    chosen = dataset.inspect(tmp_path, masks="bob")
    assert (len(chosen.pairs), chosen.count("error")) == (own + shared, 0)


@pytest.mark.parametrize(("own", "shared"), [(0, 9), (3, 6), (6, 4), (0, 2)])
def test_two_classes_that_some_images_share_are_classes(tmp_path, own, shared):
    report = two_folders(tmp_path, ("liver", "tumor"), lambda i, k: spot(i + 4 * k, 9 * k + i % 20), own, shared)
    assert (report.names, report.count("error")) == (("background", "liver", "tumor"), 0)
    assert len(report.pairs) == 2 * own + shared


def test_two_copies_of_one_class_among_classes_are_asked_about(tmp_path):
    for i in range(8):
        save(tmp_path / f"photos/{i}.png", photo(i))
        for k, name in enumerate(("liver", "tumor", "liverB")):
            save(tmp_path / f"{name}/{i}.png", spot(i, 12 * (k == 1) + i))
    assert named(dataset.inspect(tmp_path), "several masks") == ["all images"]


SITES = {  # image, mask
    "A": ("siteA/images/a{}.png", "siteA/masks/a{}.png"),
    "B": ("siteB/b{}.jpg", "siteB/b{}_seg.png"),
    "C": ("siteC/foto/c{}.jpg", "siteC/flaeche/c{}.bmp"),
    "D": ("siteD/img/d{}.tif", "siteD/drawn/d{}_label.png"),
}


@pytest.mark.parametrize("sites", ["AB", "AC", "BC", "ABC", "ABCD", "DCB"])
@pytest.mark.parametrize("lost", [None, 0, 1])
def test_folders_of_several_conventions_are_paired_each_by_its_own(tmp_path, sites, lost):
    """lost: whether the first site lacks a mask or an image."""
    expected = set()
    for k, site in enumerate(sites):
        for i in range(6):
            names = [pattern.format(i) for pattern in SITES[site]]
            for name, values in zip(names, (photo(10 * k + i), spot(5 * k, 4 * i)), strict=True):
                save(tmp_path / name, values)
            expected.add(tuple(names))
    if lost is not None:
        (name,) = (pattern.format(2) for pattern in SITES[sites[0]][1 - lost : 2 - lost])
        (tmp_path / name).unlink()
        expected = {names for names in expected if name not in names}
    found = dataset.find_pairs(dataset.Files(tmp_path))
    assert {(pair.image, *pair.masks) for pair in found.pairs} == expected
    assert len(found.lone_images) + len(found.lone_masks) == (lost is not None)


@pytest.mark.parametrize("name", ["{}_{:08x}", "{}-{:08x}-{:04x}", "{}_m0{}_{:06x}b"])
def test_objects_whose_names_go_on_where_the_image_s_ends_are_its_objects(tmp_path, name):
    """As segment-anything and Open Images have them: what follows tells one object from another, and no more."""
    rng, expected = np.random.default_rng(7), {}
    for i in range(6):
        save(tmp_path / f"photos/cafe{i:02}.jpg", photo(i))
        numbers = [rng.integers(2**16, 2**31, 2).tolist() for _ in range(2 + i % 3)]
        stems = [name.format(f"cafe{i:02}", *two) for two in numbers]
        expected[f"photos/cafe{i:02}.jpg"] = tuple(sorted(f"drawn/{stem}.png" for stem in stems))
        for k, stem in enumerate(stems):
            save(tmp_path / f"drawn/{stem}.png", spot(12, 10 * k + i))
    report = dataset.inspect(tmp_path)
    assert {pair.image: tuple(sorted(pair.masks)) for pair in report.pairs} == expected, str(report)
    assert report.names == ("background", "object")


def test_an_object_of_a_lost_image_is_no_object_of_one_whose_name_is_shorter(tmp_path):
    for i in range(6):
        save(tmp_path / f"photos/cafe_{i}.jpg", photo(i))
        for k in range(3):
            save(tmp_path / f"drawn/cafe_{i}_{'abc'[k]}f{i}{k}e.png", spot(12, 10 * k + i))
    save(tmp_path / "drawn/cafe_3_7.png", spot(12, 33))
    masks = {mask for pair in dataset.inspect(tmp_path).pairs for mask in pair.masks}
    assert "drawn/cafe_3_7.png" not in masks
