"""Files that a run leaves: masks in the set's own values, plain names, overlays."""

import numpy as np
import pytest
from PIL import Image

from segutils import dataset
from segutils.dataset import report
from segutils.dataset.classes import Classes
from segutils.metrics import VOID


@pytest.mark.parametrize(
    ("classes", "stored"),
    [
        (Classes("values", (0, 255)), [[0, 255]]),
        (Classes("objects", (0, 1)), [[0, 255]]),
        (Classes("values", (3, 7)), [[3, 7]]),
        (Classes("values", (0, 1000)), [[0, 1000]]),
        (Classes("colours", (0x000000, 0x0A14FF)), [[[0, 0, 0], [10, 20, 255]]]),
    ],
)
def test_masks_come_back_from_disk_with_the_values_of_the_set(tmp_path, classes, stored):
    dataset.save_image(tmp_path / "new" / "mask.png", dataset.as_stored(np.array([[0, 1]], np.uint8), classes))
    np.testing.assert_array_equal(np.asarray(Image.open(tmp_path / "new" / "mask.png")), stored)
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["mask.png"]


def test_what_a_strange_key_becomes_is_a_plain_name():
    assert dataset.file_name(7, "../x/Ä b?<script>.png") == "007__x_b_script_png.png"
    assert len(dataset.file_name(1234, "a/" * 500)) <= 70


def test_an_overlay_draws_solid_and_dashed_outlines_and_leaves_the_rest():
    image = np.full((300, 260, 1), 77, np.uint8)
    truth, mask = np.zeros((2, 300, 260), np.uint8)
    truth[50:120, 40:200], mask[150:250, 40:200], truth[280:] = 1, 1, VOID
    drawn = dataset.overlay(image, mask, truth)
    assert drawn.shape == (300, 260, 3)
    solid, dashed = ((drawn == colour).all(-1) for colour in (report.PREDICTED, report.TRUE))
    assert solid[150, 40:200].all()
    assert 0.3 < dashed[50, 40:200].mean() < 0.7
    assert not (solid | dashed)[260:].any(), "void has no outline"
    np.testing.assert_array_equal(drawn[~(solid | dashed)], 77)
    assert dataset.overlay(image[:50, :60], mask[:50, :60]).shape == (250, 300, 3)
