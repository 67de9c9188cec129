"""Pictures of a run: colours, overlays, and the part of a large image that is shown."""

import numpy as np
import pytest

from segutils.metrics import VOID
from segutils.workhorse import figures


@pytest.mark.parametrize("background", [None, 0, 3])
@pytest.mark.parametrize("count", [2, 11, 64])
def test_each_class_has_a_colour_of_its_own(count, background):
    if background is not None and background >= count:
        background = 0
    colours = figures.class_colours(count, background)
    assert len({tuple(colour) for colour in colours.tolist()}) == count
    assert figures.WRONG not in map(tuple, colours.tolist())
    if background is not None:
        assert colours[background].max() < 60


def test_a_mask_is_painted_and_void_is_white():
    colours = figures.class_colours(3)
    painted = figures.paint(np.array([[0, 2, VOID]], np.uint8), colours)
    assert painted[0].tolist() == [colours[0].tolist(), colours[2].tolist(), [255, 255, 255]]


def test_an_overlay_leaves_the_background_as_it_is_and_enlarges_what_is_small(rng):
    image, mask = rng.integers(0, 255, (40, 60, 1)).astype(np.uint8), np.zeros((40, 60), np.uint8)
    mask[10:20, 10:30] = 1
    colours = figures.class_colours(2, 0)
    laid = figures.overlay(image, mask, colours, background=0)
    assert laid.shape == (240, 360, 3)
    np.testing.assert_array_equal(laid[:60, :60], image[:10, :10].repeat(6, 0).repeat(6, 1).repeat(3, 2))
    assert (laid[60, 61:179] == colours[1]).all(), "its outline"
    mixed = 0.65 * image[15, 20, 0] + 0.35 * colours[1]
    np.testing.assert_allclose(laid[93, 123], mixed, atol=0.51)


def test_of_a_large_image_the_window_with_most_mistakes_is_shown():
    truth = np.zeros((1500, 900), np.uint8)
    predicted, image = truth.copy(), np.zeros((1500, 900, 3), np.uint8)
    predicted[1200:1230, 700:790] = 1
    predicted[20:25, 20:25] = 1
    case = figures.make_case("a", "IoU 0.5", image, truth, predicted, figures.class_colours(2))
    assert case.image.shape == case.wrong.shape == (512, 512, 3)
    assert (case.wrong == figures.WRONG).all(-1).sum() == 30 * 90
    assert case.about.startswith("IoU 0.5; rows ")


def test_wrong_pixels_are_marked_and_void_is_not_wrong():
    truth, predicted = np.array([[0, 1, VOID]], np.uint8), np.array([[1, 1, 0]], np.uint8)
    image = np.full((1, 3, 1), 100, np.uint8)
    case = figures.make_case("a", "", image, truth, predicted, figures.class_colours(2))
    assert case.wrong[0].tolist() == [list(figures.WRONG), [55, 55, 55], [255, 255, 255]]
    assert case.about == ""


def test_figures_of_a_run_are_drawn_from_any_numbers():
    history = [{"epoch": 1, "loss": 0.5, "val_loss": 0.6, "mean_iou": 0.2, "val_mean_iou": 0.3}]
    assert len(figures.learning_curves(history).axes) == 2
    assert figures.image_scores(np.array([np.nan]), "IoU").axes
    assert figures.image_scores(np.array([0.2, np.nan, 0.1]), "IoU").axes[0].lines[0].get_ydata().tolist() == [0.1, 0.2]


def test_a_picture_is_made_smaller_but_never_larger(rng):
    picture = rng.integers(0, 255, (100, 50, 3)).astype(np.uint8)
    assert figures.smaller(picture, 40).shape == (40, 20, 3)
    assert figures.smaller(picture, 200) is picture
