"""Values of masks to classes: grey, palette, colours, void."""

import numpy as np
import pytest
from PIL import Image
from support import BINARY, FEW, RGB, classes_of, masks_of, save

from segutils import dataset
from segutils.dataset.classes import Classes, learn_classes
from segutils.dataset.files import Files


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
    assert classes_of(masks_of(tmp_path, *masks, **options)[0]) == classes


def test_palette_masks_are_read_by_their_numbers_whatever_the_colours(tmp_path):
    image = Image.fromarray(FEW)
    image.putpalette([9, 9, 9, 200, 0, 0, 9, 9, 9])
    (tmp_path / "masks").mkdir()
    image.save(tmp_path / "masks/0.png")
    save(tmp_path / "images/0.png", FEW)
    files = Files(tmp_path)
    assert classes_of(files).values == (0, 1, 2)
    assert np.array_equal(dataset.read_mask(files, "masks/0.png"), FEW)


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
    assert learn_classes(values, False, void=void)[1:] == expected


def test_grey_among_colours_and_too_many_values_are_refused_with_the_cure(tmp_path):
    masks_of(tmp_path / "a", RGB, BINARY)
    errors = dataset.inspect(tmp_path / "a").findings.query("level == 'error'")
    assert errors.fault.tolist() == ["mixed kinds"]
    assert errors.cure.item().endswith("colour masks beside grey ones: save all of them alike")
    masks_of(tmp_path / "b", np.arange(65, dtype=np.uint8).repeat(4)[:, None].repeat(8, 1))
    errors = dataset.inspect(tmp_path / "b").findings.query("level == 'error'")
    assert errors.fault.tolist() == ["too many values"]
    assert "hold 65 values, at most 64 classes; save masks as PNG and resize" in errors.finding.item()


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
