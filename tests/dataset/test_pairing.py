"""Pairs of image and mask, in any layout that people have."""

import pytest
from support import touch

from segutils.dataset.files import ChoiceError
from segutils.dataset.pairing import Pair, find_pairs

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
    "a folder an image": ["p1/image.png", "p1/mask.png"],
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
def test_images_of_two_folders_keep_their_own_masks(tmp_path, name, layout):
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


@pytest.mark.parametrize("parameter", ["images", "masks"])
def test_a_folder_that_is_not_there_is_refused_with_those_that_are(tmp_path, parameter):
    files = touch(tmp_path, ["photos/a.png", "labels/a.png"])
    with pytest.raises(ChoiceError, match="'lables', or .*; the folders are labels, photos") as wrong:
        find_pairs(files, **{parameter: "lables"})
    assert wrong.value.parameter == parameter.upper()
