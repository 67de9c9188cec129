"""The explorer of a threshold counts pixels as a reader does by hand."""

import pytest
from support import INK

from segutils.lessons import background


@pytest.mark.parametrize("shape", [(20, 28), (20, 28, 1)])
@pytest.mark.parametrize(("threshold", "iou", "missed", "too_much"), [(100, 1.0, 0, 0), (59, 69 / 90, 0, 21)])
def test_threshold_overlay_counts_by_hand(shape, threshold, iou, missed, too_much):
    """INK has 90 pixels of 60, 62, … 238; those above 100 are 102, … 238, 69."""
    figure = background.threshold_overlay(INK.reshape(shape), INK > 100)(threshold=threshold)
    titles = [ax.get_title() for ax in figure.axes]
    assert titles[1] == f"image > {threshold}"
    assert titles[2] == f"IoU {iou:.2f}\n· missed {missed}, × too much {too_much}"


def test_threshold_overlay_says_what_is_missed():
    figure = background.threshold_overlay(INK, INK > 100)(threshold=120)  # 122, … 238 are found, 102, … 120 missed
    assert figure.axes[2].get_title() == f"IoU {59 / 69:.2f}\n· missed 10, × too much 0"
