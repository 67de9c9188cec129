"""Colour masks whose channels hold numbers: of classes, of objects, or of both."""

import numpy as np
import pytest
from layouts import discs, image, text
from PIL import Image

from segutils import dataset


def in_channels(path, red, green=0, blue=0):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.stack(np.broadcast_arrays(red, green, blue), -1).astype(np.uint8)).save(path)


def test_classes_numbered_in_red_have_the_names_of_their_numbers(tmp_path):
    for i in range(6):
        image(tmp_path / f"img/{i}.jpg")
        in_channels(tmp_path / f"mask/{i}.png", discs(9, i) % 4)
    text(tmp_path / "category.txt", "id\tname\n0\tbackground\n1\trice\n2\teels on rice\n3\tpilaf\n")
    report = dataset.inspect(tmp_path)
    assert report.names == ("background", "rice", "eels on rice", "pilaf")
    mask = dataset.read_mask(dataset.Files(tmp_path), report.pairs[0].mask)
    assert np.array_equal(report.classes.encode(mask), discs(9, 0) % 4)


def test_objects_numbered_in_red_are_objects(tmp_path):
    for i in range(6):
        image(tmp_path / f"images/{i}.png")
        in_channels(tmp_path / f"masks/{i}.png", discs(9 + i, i))
    report = dataset.inspect(tmp_path)
    assert (len(report.pairs), report.names) == (6, ("background", "object")), str(report)


@pytest.mark.parametrize("channels", [(0, 1), (1, 0), (0, 2)])
def test_a_class_beside_a_number_of_an_object_is_an_error_with_the_way(tmp_path, channels):
    """SYNTHIA's LABELS; its copies in colour can be used instead."""
    chosen = np.array([(0, 0, 0), (128, 64, 128), (70, 70, 70)], np.uint8)
    for i in range(6):
        image(tmp_path / f"RGB/{i}.png")
        numbers, kinds = discs(6, i), np.where(discs(6, i), 7 + discs(6, i) % 2, 0)
        both = {channels[0]: kinds, channels[1]: numbers}
        in_channels(tmp_path / f"GT/LABELS/{i}.png", *(both.get(k, 0) for k in range(3)))
        in_channels(tmp_path / f"GT/COLOR/{i}.png", *np.moveaxis(chosen[np.where(numbers, 1 + numbers % 2, 0)], -1, 0))
    report = dataset.inspect(tmp_path, masks="LABELS")
    errors = report.findings[report.findings.level == "error"]
    assert set(errors.fault) == {"numbers in channels"}
    assert errors.cure.iloc[0].startswith("save the channel that holds the class as a grey PNG")
    assert len(dataset.inspect(tmp_path, masks="COLOR").pairs) == 6


def test_colours_that_are_near_in_two_masks_only_are_no_numbers(tmp_path):
    shades = [(200, 30, 30), (30, 200, 30), (30, 30, 200)]
    for i in range(8):
        image(tmp_path / f"images/{i}.png")
        colours = np.array([(0, 0, 0), *shades], np.uint8) + np.array([0, i % 2, 0], np.uint8)
        in_channels(tmp_path / f"masks/{i}.png", *np.moveaxis(colours[discs(9, i) % 4], -1, 0))
    assert "numbers in channels" not in set(dataset.inspect(tmp_path).findings.fault)
