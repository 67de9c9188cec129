"""A folder of pictures: pairs in any layout, values to classes, reading, splits without leakage, crops in step."""

import threading
import zipfile

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from segutils import folder
from segutils.folder import Classes, Files, Pair, classes_of, find_pairs, group_names, learn_classes, split
from segutils.quiet import tensorflow as tf
from segutils.transforms import Augment


def touch(path, names):
    """Empty files of these names: pairing looks at names alone."""
    for name in names:
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_bytes(b"")
    return Files(path)


def save(path, values, mode=None, **options):
    """An array as a picture, converted to a mode."""
    path.parent.mkdir(parents=True, exist_ok=True)
    picture = Image.fromarray(np.asarray(values))
    (picture.convert(mode) if mode else picture).save(path, **options)


def masks_of(path, *masks, suffix="png", **options):
    """Files and pairs of a set of masks, each with a black image."""
    for i, mask in enumerate(masks):
        save(path / f"images/{i}.png", np.zeros(np.shape(mask)[:2], np.uint8))
        save(path / f"masks/{i}.{suffix}", mask, **options)
    files = Files(path)
    return files, find_pairs(files).pairs


# Pairs


LAYOUTS = {
    "two folders": ["images/a.jpg", "masks/a.png"],
    "two folders of parts": ["train/images/a.jpg", "train/masks/a.png"],
    "parts in two folders": ["images/train/a.jpg", "masks/train/a.png"],
    "parts in the folders' names": ["train/a.jpg", "train_masks/a_mask.gif"],
    "the other way round": ["val_images/a.jpg", "masks-val/a.png"],
    "suffix": ["a.jpg", "a_mask.png"],
    "suffix in a folder": ["x/a.jpg", "x/a-label.png"],
    "both suffixes": ["a_img.png", "a_gt.png"],
    "prefixes": ["img_01.png", "mask_01.png"],
    "prefix and suffix": ["img_01.png", "img_01_mask.png"],
    "folders and prefixes": ["images/image_1.png", "masks/mask_1.png"],
    "folders and one prefix": ["images/img_1.png", "masks/img_1.png"],
    "folders and a suffix": ["images/a.png", "masks/a_mask.png"],
    "a folder a picture": ["p1/image.png", "p1/mask.png"],
    "capitals": ["Images/a.JPG", "Ground_Truth/a.PNG"],
    "words of their own": ["JPEGImages/2007_1.jpg", "SegmentationClass/2007_1.png"],
    "cityscapes": ["leftImg8bit/val/b/b_0_leftImg8bit.png", "gtFine/val/b/b_0_gtFine_labelIds.png"],
    "pets": ["images/cat_1.jpg", "annotations/trimaps/cat_1.png"],
    "a name with dots and spaces": ["images/a v1.2 (3).png", "masks/a v1.2 (3).png"],
    "a word above both": ["segmentation/images/a.png", "segmentation/masks/a.png"],
    "a word inside a name": ["masked ball.png", "masked ball_mask.png"],
}


@pytest.mark.parametrize("names", LAYOUTS.values(), ids=LAYOUTS)
def test_layouts_that_people_have_are_paired(tmp_path, names):
    found = find_pairs(touch(tmp_path, names))
    assert [pair[1:] for pair in found.pairs] == [(names[0], (names[1],))]
    assert found[1:] == ([], [], {}, {})


@pytest.mark.parametrize(
    "name", ["a.png", "sub/a.png", "train/a.png", "val/sub/a_1.png", "a.b.png", "img_7.png", "raw 7.png"]
)
@pytest.mark.parametrize("layout", ["images/{}|masks/{}", "x/images/{}|x/masks/{}", "imgs/{}|labels/{}"])
def test_pictures_of_two_folders_keep_their_own_masks(tmp_path, name, layout):
    others = [name, "b.png", "sub/b.png", f"other/{name}", "test/a_2.png"]
    images, masks = ([part.format(other) for other in others] for part in layout.split("|"))
    found = find_pairs(touch(tmp_path, [*images, *masks]))
    assert sorted(pair[1:] for pair in found.pairs) == sorted((i, (m,)) for i, m in zip(images, masks, strict=True))


def test_one_mask_an_object_beside_its_image(tmp_path):
    names = ["x/images/x.png", "x/masks/a1.png", "x/masks/b2.png", "y/images/y.png", "y/masks/c3.png"]
    found = find_pairs(touch(tmp_path, names))
    assert found.pairs == [Pair("x/x", names[0], tuple(names[1:3])), Pair("y/y", names[3], (names[4],))]
    assert found[1:] == ([], [], {}, {})


def test_objects_by_number_beside_their_image(tmp_path):
    found = find_pairs(touch(tmp_path, ["p/image.png", "p/mask_1.png", "p/mask_2.png"]))
    assert found.pairs == [Pair("p/", "p/image.png", ("p/mask_1.png", "p/mask_2.png"))]


def test_a_stray_mask_is_no_object_of_an_image_that_has_its_mask(tmp_path):
    found = find_pairs(touch(tmp_path, ["images/a.png", "masks/a.png", "masks/b.png"]))
    assert [pair.key for pair in found.pairs] == ["a"]
    assert found.lone_masks == ["masks/b.png"]


def test_what_has_no_partner_or_too_many_is_told(tmp_path):
    names = ["images/a.png", "images/a.jpg", "masks/a.png", "images/b.png", "masks/c.png", "images/d.png"]
    names += ["masks/d.png", "masks/d.gif", "images/e.png", "masks/e.png", "images/f_07.png", "masks/F-7.png"]
    names += ["images/g.png", "images/g.tif"]
    found = find_pairs(touch(tmp_path, names))
    assert [pair.key for pair in found.pairs] == ["e"]
    assert found.lone_images == ["images/b.png", "images/f_07.png"]
    assert found.lone_masks == ["masks/F-7.png", "masks/c.png"]
    assert found.ambiguous == {
        "a": ["images/a.jpg", "images/a.png", "masks/a.png"],
        "d": ["images/d.png", "masks/d.gif", "masks/d.png"],
        "g": ["images/g.png", "images/g.tif"],
    }
    assert found.likely == {"images/f_07.png": "masks/F-7.png", "masks/F-7.png": "images/f_07.png"}


def test_unusual_names_can_be_given(tmp_path):
    files = touch(tmp_path, ["photos of 2020/a.jpg", "by hand (Ada)/a.png", "b.jpg", "b_by hand (Ada).png"])
    assert find_pairs(files).pairs == []
    found = find_pairs(files, images="photos of 2020", masks="by hand (Ada)")
    assert [pair.key for pair in found.pairs] == ["a", "b"]


def test_hidden_files_and_other_formats_are_passed_over_and_a_zip_is_as_its_folder(tmp_path):
    names = ["images/a.png", "masks/a.PNG", ".x/b.png", "images/._a.png", "__MACOSX/images/a.png", "readme.md"]
    touch(tmp_path / "set", names)
    with zipfile.ZipFile(tmp_path / "set.zip", "w") as archive:
        for name in names:
            archive.write(tmp_path / "set" / name, name)
    assert Files(tmp_path / "set").names == Files(tmp_path / "set.zip").names == ["images/a.png", "masks/a.PNG"]


# Classes


BINARY = np.array([[0, 255, 255], [0, 0, 255]], np.uint8)
FEW = np.array([[0, 1, 2], [2, 0, 0]], np.uint8)
RGB = np.array([[[0, 0, 0], [255, 0, 0]], [[0, 128, 7], [0, 0, 0]]], np.uint8)


@pytest.mark.parametrize(
    ("masks", "options", "classes"),
    [
        ([BINARY, BINARY * 0], {}, Classes("values", (0, 255))),
        ([BINARY // 255], {}, Classes("values", (0, 1))),
        ([FEW, FEW[::-1] * 0], {}, Classes("values", (0, 1, 2))),
        ([FEW, np.where(FEW == 1, 255, FEW).astype(np.uint8)], {}, Classes("values", (0, 1, 2), 255)),
        ([FEW * 7], {}, Classes("values", (0, 7, 14))),
        ([BINARY, BINARY // 2], {}, Classes("values", (0, 127, 255))),
        ([FEW], {"mode": "P"}, Classes("values", (0, 1, 2))),
        ([BINARY], {"mode": "1"}, Classes("values", (0, 255))),
        ([BINARY], {"mode": "LA"}, Classes("values", (0, 255))),
        ([BINARY, FEW], {"mode": "RGB"}, Classes("values", (0, 1, 2), 255)),
        ([RGB], {}, Classes("colours", (0, 0x008007, 0xFF0000))),
        ([RGB], {"mode": "RGBA"}, Classes("colours", (0, 0x008007, 0xFF0000))),
        ([FEW.astype(np.uint16) * 300], {}, Classes("values", (0, 300, 600))),
        ([RGB, np.full((4, 4, 3), 255, np.uint8)], {}, Classes("colours", (0, 0x008007, 0xFF0000, 0xFFFFFF))),
        ([RGB, np.zeros((4, 4), np.uint8)], {}, Classes("colours", (0, 0x008007, 0xFF0000))),
    ],
)
def test_the_map_is_learned_from_all_masks(tmp_path, masks, options, classes):
    assert learn_classes(*masks_of(tmp_path, *masks, **options)) == classes


def test_palette_masks_are_read_by_their_numbers_whatever_the_colours(tmp_path):
    picture = Image.fromarray(FEW)
    picture.putpalette([9, 9, 9, 200, 0, 0, 9, 9, 9])
    (tmp_path / "masks").mkdir()
    picture.save(tmp_path / "masks/0.png")
    save(tmp_path / "images/0.png", FEW)
    files = Files(tmp_path)
    assert learn_classes(files, find_pairs(files).pairs).values == (0, 1, 2)
    assert np.array_equal(folder.read_mask(files, "masks/0.png"), FEW)


@pytest.mark.parametrize(
    ("values", "void", "expected"),
    [
        ({0, 1, 255}, "auto", ((0, 1), 255)),
        ({0, 255}, "auto", ((0, 255), None)),
        ({0, 1, 255}, None, ((0, 1, 255), None)),
        ({0, 1, 7}, 7, ((0, 1), 7)),
        ({0, 128, 255}, "auto", ((0, 128, 255), None)),
        ({255}, "auto", ((255,), None)),
        ({*range(64), 255}, "auto", (tuple(range(64)), 255)),
    ],
)
def test_void_is_255_where_the_others_count_up_or_what_is_said(values, void, expected):
    assert classes_of(values, False, void=void)[1:] == expected


def test_grey_among_colours_and_too_many_values_are_refused_with_the_cure(tmp_path):
    with pytest.raises(ValueError, match=r"some masks are colours, masks/1\.png is grey; save all of them alike"):
        learn_classes(*masks_of(tmp_path / "a", RGB, BINARY))
    with pytest.raises(ValueError, match="hold 65 values, at most 64 classes; save masks as PNG and resize"):
        learn_classes(*masks_of(tmp_path / "b", np.arange(65, dtype=np.uint8).reshape(5, 13)))


@pytest.mark.parametrize(
    ("classes", "mask", "expected"),
    [
        (Classes("values", (0, 255)), BINARY, [[0, 1, 1], [0, 0, 1]]),
        (Classes("values", (0, 1), 2), FEW, [[0, 1, 255], [255, 0, 0]]),
        (Classes("values", (2, 0, 1)), FEW, [[1, 2, 0], [0, 1, 1]]),
        (Classes("values", (0, 255)), np.stack(3 * [BINARY], -1), [[0, 1, 1], [0, 0, 1]]),
        (Classes("colours", (0, 0x008007, 0xFF0000)), RGB, [[0, 2], [1, 0]]),
        (Classes("colours", (0, 0xFFFFFF, 0xFF0000)), BINARY, [[0, 1, 1], [0, 0, 1]]),
    ],
)
def test_encode_gives_the_class_of_each_pixel(classes, mask, expected):
    got = classes.encode(mask)
    assert got.dtype == np.uint8
    assert got.tolist() == expected


@pytest.mark.parametrize(
    ("classes", "mask", "message"),
    [
        (Classes("values", (0, 255)), FEW, "expected mask values 0, 255, got 1, 2"),
        (Classes("colours", (0, 0xFF0000)), RGB, "expected mask values #000000, #ff0000, got #008007"),
        (Classes("colours", (0, 0x0000FF)), BINARY, "got #ffffff"),
        (Classes("values", (0, 1)), RGB, "got #ff0000, #008007"),
        (Classes("values", (0, 1)), np.arange(100).reshape(10, 10), "got 2, 3, 4, 5, 6$"),
    ],
)
def test_unknown_values_are_listed_five_at_most(classes, mask, message):
    with pytest.raises(ValueError, match=message):
        classes.encode(mask)


# Reading


def read(path, name, **options):
    return folder.read_image(Files(path), name, **options)


GREY = np.array([[0, 50, 100], [150, 200, 250]], np.uint8)


@pytest.mark.parametrize("suffix", ["png", "tif", "bmp", "gif"])
def test_pictures_are_read_as_they_are_in_one_or_three_channels(tmp_path, suffix):
    save(tmp_path / f"a.{suffix}", GREY)
    one, three = (read(tmp_path, f"a.{suffix}", channels=channels) for channels in (1, 3))
    assert np.array_equal(one, GREY[..., None])
    assert np.array_equal(three, np.stack(3 * [GREY], -1))


@pytest.mark.parametrize("mode", ["LA", "RGBA", "P", "RGB"])
def test_alpha_is_dropped_and_a_palette_looked_up(tmp_path, mode):
    picture = Image.fromarray(GREY).convert(mode)
    if mode.endswith("A"):
        picture.putalpha(Image.fromarray(np.uint8([[0, 9, 255], [255, 9, 0]])))
    picture.save(tmp_path / "a.png")
    assert np.array_equal(read(tmp_path, "a.png", channels=1)[..., 0], GREY)


def test_sixteen_bit_one_bit_and_floats_become_eight(tmp_path):
    save(tmp_path / "wide.png", GREY.astype(np.uint16) * 257)
    save(tmp_path / "wide.tif", GREY.astype(np.uint16) * 257)
    save(tmp_path / "low.png", GREY.astype(np.uint16))
    save(tmp_path / "int.tif", GREY.astype(np.int32) * 257)
    save(tmp_path / "float.tif", np.where(GREY == 50, np.nan, GREY).astype(np.float32))
    save(tmp_path / "bit.png", BINARY, "1")
    for name in ("wide.png", "wide.tif", "low.png", "int.tif"):
        assert np.array_equal(read(tmp_path, name, channels=1)[..., 0], GREY), name
    assert np.array_equal(read(tmp_path, "float.tif")[..., 2], np.where(GREY == 50, 0, GREY))
    assert np.array_equal(read(tmp_path, "bit.png")[..., 1], BINARY)


def test_cmyk_is_turned_to_red_green_blue(tmp_path):
    red = np.zeros((16, 24, 3), np.uint8) + np.uint8([220, 30, 40])
    save(tmp_path / "a.jpg", red, "CMYK", quality=95)
    assert np.abs(read(tmp_path, "a.jpg").astype(int) - red).max() <= 4


@pytest.mark.parametrize(
    ("tag", "shown"),
    [
        (1, [[1, 2, 3], [4, 5, 6]]),
        (2, [[3, 2, 1], [6, 5, 4]]),
        (3, [[6, 5, 4], [3, 2, 1]]),
        (4, [[4, 5, 6], [1, 2, 3]]),
        (5, [[1, 4], [2, 5], [3, 6]]),
        (6, [[4, 1], [5, 2], [6, 3]]),
        (7, [[6, 3], [5, 2], [4, 1]]),
        (8, [[3, 6], [2, 5], [1, 4]]),
    ],
)
def test_images_are_turned_upright_and_masks_are_read_as_stored(tmp_path, tag, shown):
    """The tag says where the stored picture's first row and column are to be shown (EXIF 2.3, table 6)."""
    exif = Image.Exif()
    exif[0x0112] = tag
    stored = np.array([[1, 2, 3], [4, 5, 6]], np.uint8)
    save(tmp_path / "a.png", stored, exif=exif)
    assert read(tmp_path, "a.png", channels=1)[..., 0].tolist() == shown
    assert np.array_equal(folder.read_mask(Files(tmp_path), "a.png"), stored)


def test_masks_in_floats_are_whole_numbers_or_refused(tmp_path):
    save(tmp_path / "a.tif", FEW.astype(np.float32))
    save(tmp_path / "b.tif", FEW.astype(np.float32) / 2)
    assert np.array_equal(folder.read_mask(Files(tmp_path), "a.tif"), FEW)
    with pytest.raises(folder.PictureError, match="fractions") as caught:
        folder.read_mask(Files(tmp_path), "b.tif")
    assert caught.value.fault == "not labels"


def test_files_and_pictures_over_the_limit_are_refused_before_they_are_decoded(tmp_path, monkeypatch):
    save(tmp_path / "a.png", GREY)
    monkeypatch.setattr(folder, "MAX_PIXELS", 5)
    with pytest.raises(folder.PictureError, match="claims 3 × 2 pixels, at most 5 are read; cut it into tiles"):
        read(tmp_path, "a.png")
    monkeypatch.setattr(folder, "MAX_BYTES", 20)
    with pytest.raises(folder.PictureError, match="bytes, at most 20 are read") as caught:
        read(tmp_path, "a.png")
    assert caught.value.fault == "bomb"


def test_the_limit_lies_below_pillow_s_own_so_that_nothing_warns():
    assert 80_000_000 < folder.MAX_PIXELS < Image.MAX_IMAGE_PIXELS


def objects_in(path, *masks):
    for i, mask in enumerate(masks):
        save(path / f"x/masks/{i}.png", mask)
    save(path / "x/images/x.png", np.zeros_like(GREY))
    files = Files(path)
    return files, find_pairs(files).pairs


def test_objects_are_numbered_and_the_later_lies_on_top(tmp_path):
    first, second = np.uint8([[255, 255, 0], [0, 0, 0]]), np.uint8([[0, 255, 0], [0, 255, 0]])
    files, pairs = objects_in(tmp_path, first, second)
    objects = folder.read_objects(files, pairs[0])
    assert objects.dtype == np.int32
    assert objects.tolist() == [[1, 2, 0], [0, 2, 0]]
    image, mask = folder.read_pair(files, pairs[0], learn_classes(files, pairs))
    assert image.shape == (2, 3, 3)
    assert mask.tolist() == [[1, 1, 0], [0, 1, 0]]


def test_sizes_that_differ_are_refused(tmp_path):
    files, pairs = objects_in(tmp_path / "a", BINARY, BINARY[:, :2])
    with pytest.raises(ValueError, match=r"x/masks/1\.png is \(2, 2\), the masks before it \(2, 3\)"):
        folder.read_objects(files, pairs[0])
    save(tmp_path / "b/images/a.png", GREY)
    save(tmp_path / "b/masks/a.png", BINARY.T)
    files = Files(tmp_path / "b")
    with pytest.raises(ValueError, match=r"images/a\.png is \(2, 3\), its mask \(3, 2\); resize neither"):
        folder.read_pair(files, find_pairs(files).pairs[0], Classes("values", (0, 255)))


def test_all_pairs_are_read_in_their_order(tmp_path):
    files, pairs = masks_of(tmp_path, *(np.full((3, 4), k, np.uint8) for k in range(9)))
    images, masks = folder.read_all(files, pairs, learn_classes(files, pairs), channels=1)
    assert [image.shape for image in images] == 9 * [(3, 4, 1)]
    assert [int(mask.max()) for mask in masks] == list(range(9))


# Splits


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.integers(0, 30), min_size=3, max_size=200).filter(lambda groups: len(set(groups)) >= 3),
    st.tuples(st.integers(1, 9), st.integers(1, 9), st.integers(1, 9)),
    st.integers(0, 5),
)
def test_no_group_is_in_two_parts_and_no_pair_is_lost(groups, weights, seed):
    names = [f"patient {g}" for g in groups]
    shares = tuple(w / sum(weights) for w in weights)
    parts = split(names, shares=shares, seed=seed)
    assert sorted(np.concatenate(parts).tolist()) == list(range(len(names)))
    members = [{names[i] for i in part} for part in parts]
    assert all(members)
    assert not members[0] & members[1]
    assert not members[0] & members[2]
    assert not members[1] & members[2]
    largest = max(names.count(name) for name in names)
    for part, share in zip(parts, shares, strict=True):
        assert len(part) <= share * len(names) + largest
    for mine, again in zip(parts, split(names, shares=shares, seed=seed), strict=True):
        assert np.array_equal(mine, again)


def test_shares_are_met_where_each_is_its_own_group_and_another_seed_gives_other_parts():
    parts, other = split(range(1000)), split(range(1000), seed=1)
    assert [len(part) for part in parts] == [700, 150, 150]
    assert len(set(parts.test.tolist()) & set(other.test.tolist())) < 60


@pytest.mark.parametrize(
    ("groups", "shares", "message"),
    [
        ([1, 1, 2], (0.7, 0.15, 0.15), "at least three groups, got 2"),
        ([1, 2, 3], (0.7, 0.3), "three numbers > 0 with sum 1"),
        ([1, 2, 3], (0.8, 0.2, 0.0), "three numbers > 0"),
        ([1, 2, 3], (0.7, 0.7, 0.7), "sum 1, got"),
    ],
)
def test_splits_that_can_not_be_are_refused(groups, shares, message):
    with pytest.raises(ValueError, match=message):
        split(groups, shares=shares)


def test_groups_are_named_by_a_pattern_and_joined_by_duplicates():
    pairs = [Pair(key, f"{key}.png", (f"{key}_mask.png",)) for key in ("p1_a", "p1_b", "p2_a", "p3_a", "p4_a")]
    assert group_names(pairs) == ["p1_a", "p1_b", "p2_a", "p3_a", "p4_a"]
    assert group_names(pairs, r"p\d") == group_names(pairs, r"(p\d)_") == ["p1", "p1", "p2", "p3", "p4"]
    same = [("p1_b.png", "p3_a.png"), ("p3_a.png", "p4_a.png", "not among the pairs.png")]
    assert group_names(pairs, r"p\d", same) == ["p1", "p1", "p2", "p1", "p1"]
    for pattern in (r"q\d", r"p(x)?"):
        with pytest.raises(ValueError, match="does not fit 'p1_a'"):
            group_names(pairs, pattern)


# Crops


@pytest.fixture
def coordinates(tmp_path):
    """Three pictures that hold their row, column and number; each mask is (3·row + 5·column + number) % 7."""
    for number, (height, width) in enumerate([(40, 60), (33, 33), (20, 50)]):
        y, x = np.mgrid[:height, :width]
        save(tmp_path / f"images/{number}.png", np.stack([y, x, 0 * y + 100 + number], -1).astype(np.uint8))
        save(tmp_path / f"masks/{number}.png", ((3 * y + 5 * x + number) % 7).astype(np.uint8))
    files = Files(tmp_path)
    pairs = find_pairs(files).pairs
    return files, pairs, learn_classes(files, pairs)


def taken(dataset):
    return [[np.asarray(part) for part in batch] for batch in dataset]


def test_crops_and_their_masks_stay_in_step_and_padding_is_void(coordinates):
    batches = taken(folder.crops(*coordinates, size=32, batch_size=4, steps=20))
    assert len(batches) == 20
    numbers, corners = set(), set()
    for images, masks in batches:
        assert (images.shape, images.dtype) == ((4, 32, 32, 3), np.uint8)
        assert (masks.shape, masks.dtype) == ((4, 32, 32), np.uint8)
        for image, mask in zip(images, masks, strict=True):
            inside = image[..., 2] > 0
            y, x, number = image[inside].astype(int).T
            assert np.array_equal(mask[inside], (3 * y + 5 * x + number - 100) % 7)
            assert (mask[~inside] == folder.VOID).all()
            assert inside.sum() == 32 * (20 if number[0] == 102 else 32)
            assert inside[: inside.any(1).sum()].all()
            assert np.ptp(y) + 1 == inside.any(1).sum()
            assert np.ptp(x) + 1 == 32
            numbers.add(number[0])
            corners.add((number[0], y[0], x[0]))
    assert numbers == {100, 101, 102}
    assert len(corners) > 30


def test_a_seed_repeats_its_batches_whatever_the_parallelism_and_another_differs(coordinates):
    options = {"size": 16, "batch_size": 3, "steps": 12}
    alone = tf.data.Options()
    alone.threading.private_threadpool_size = 1
    first, again = (folder.crops(*coordinates, seed=4, **options) for _ in range(2))
    first, again = taken(first), taken(again.with_options(alone))
    other = taken(folder.crops(*coordinates, seed=5, **options))
    for mine, theirs, others in zip(first, again, other, strict=True):
        assert all(np.array_equal(a, b) for a, b in zip(mine, theirs, strict=True))
        assert not np.array_equal(mine[0], others[0])


def test_files_are_read_side_by_side(coordinates, monkeypatch):
    """Each reading waits for another to have begun; one after the other would never end."""
    met = threading.Barrier(2, timeout=30)
    read_pair = folder.read_pair

    def waiting(*arguments, **options):
        met.wait()
        return read_pair(*arguments, **options)

    monkeypatch.setattr(folder, "read_pair", waiting)
    assert len(taken(folder.crops(*coordinates, size=16, batch_size=4, steps=2))) == 2


def test_without_steps_crops_never_end_and_they_may_be_augmented(coordinates):
    augment = Augment(rotation=0.2, shift=0.1, brightness=0.2)
    dataset = folder.crops(*coordinates, size=16, batch_size=3, channels=1, augment=augment, seed=2)
    assert dataset.cardinality() > 2**50
    first, again = taken(dataset.take(3)), taken(dataset.take(3))
    for (images, masks), (same, _) in zip(first, again, strict=True):
        assert (images.shape, images.dtype) == ((3, 16, 16, 1), np.float32)
        assert (masks.shape, masks.dtype) == ((3, 16, 16), np.uint8)
        assert np.array_equal(images, same)
    assert not np.array_equal(first[0][0], first[1][0])


def test_no_pairs_are_refused_before_anything_is_read(coordinates):
    with pytest.raises(ValueError, match="expected at least one pair, got none; see `inspect`"):
        folder.crops(coordinates[0], [], coordinates[2], size=16, batch_size=2)


# Contrast, crops, parts that folders name


def test_stretch_maps_percentiles_to_the_full_range_and_keeps_hue():
    image = np.repeat(np.linspace(50, 100, 101).round().astype(np.uint8)[None, :, None], 4, axis=0)
    stretched = folder.stretch(image, low=0, high=100)
    assert stretched.min() == 0
    assert stretched.max() == 255
    assert stretched[0, 50, 0] == round(255 * 25 / 50)
    rooted = folder.stretch(image, low=0, high=100, gamma=0.5)
    assert rooted[0, 50, 0] == round(255 * (25 / 50) ** 0.5)
    colours = np.stack([image[..., 0], image[..., 0] // 2, 0 * image[..., 0]], -1)
    assert folder.stretch(colours, low=0, high=100)[0, 100].tolist() == [255, round(255 * 50 / 100), 0]


def test_stretch_leaves_noise_small():
    image = np.array([[[20], [21], [22]]], np.uint8)
    assert folder.stretch(image, low=0, high=100).ravel().tolist() == [0, round(255 / 8), round(255 * 2 / 8)]


def test_cut_covers_every_pixel_and_keeps_image_and_mask_in_step():
    values = np.arange(5 * 9, dtype=np.uint8).reshape(5, 9)
    images, masks = folder.cut([values[..., None]], [values], size=4, step=3)
    np.testing.assert_array_equal(images[..., 0], masks)
    assert set(masks.ravel().tolist()) == set(values.ravel().tolist())
    corners = [(0, 0), (0, 3), (0, 5), (1, 0), (1, 3), (1, 5)]
    np.testing.assert_array_equal(masks, [values[y : y + 4, x : x + 4] for y, x in corners])


def test_cut_pads_small_pictures_with_void():
    images, masks = folder.cut([np.full((2, 6, 3), 9, np.uint8)], [np.ones((2, 6), np.uint8)], size=4, step=4)
    assert images.shape == (2, 4, 4, 3)
    assert (masks[:, :2] == 1).all()
    assert (masks[:, 2:] == folder.VOID).all()
    assert (images[:, 2:] == 0).all()


def test_parts_that_folders_name_are_taken_only_if_complete():
    def pairs(*names):
        return [Pair(name, name, ()) for name in names]

    named = pairs("test/images/a.png", "val/images/b.png", "train/images/c.png", "train/images/d.png")
    assert [part.tolist() for part in folder.named_parts(named)] == [[2, 3], [1], [0]]
    assert folder.named_parts(named[:2] + named[3:3]) is None
    assert folder.named_parts([*named, *pairs("images/e.png")]) is None
    assert folder.named_parts(pairs("train.png", "val.png", "test.png")) is None
