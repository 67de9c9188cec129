"""Lesson 1: the explorer of a threshold counts as a reader does by hand; what the page uses does what it says."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.container import ErrorbarContainer
from scipy.ndimage import uniform_filter
from sklearn.metrics import jaccard_score
from support import INK

from segutils import metrics, scenes
from segutils.lessons import background
from segutils.lessons import background_figures as figures

DIGITS = figures.load_bundled()
TEST = scenes.make_scenes(DIGITS.test, 16, seed=(0, 2))


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


# What the page says


def test_the_iou_of_the_page_is_scikit_learn_s_jaccard_score():
    y_true, y_pred = np.zeros((2, 4, 5), int)
    y_true[:, 1:3] = y_pred[:3, 1:3] = 1
    y_pred[2:, 3] = 1
    assert jaccard_score(y_true.ravel(), y_pred.ravel()) == pytest.approx(6 / 10)
    assert metrics.iou(metrics.confusion_matrix(y_true, y_pred, 2))[1] == pytest.approx(6 / 10)


def test_the_4_at_the_bottom_is_darker_than_the_dots():
    image, instances = TEST.images[8, :, :, 0], TEST.instances[8]
    faintest = max(range(1, instances.max() + 1), key=lambda n: np.nonzero(instances == n)[0].max())
    assert np.median(image[instances == faintest]) < image[19, 15], "a dot"
    assert not instances[19, 15]


def test_boxes_of_the_page_are_those_of_the_exercise():
    boxes = background.second_exercise.solution(TEST.instances[8])
    np.testing.assert_array_equal(boxes, [(40, 28, 60, 40), (23, 4, 41, 16), (45, 46, 62, 59), (1, 43, 23, 59)])


def test_the_rule_of_the_open_exercise_reaches_its_goal_and_a_threshold_does_not(capsys):
    validation = scenes.make_scenes(DIGITS.validation, 16, seed=(0, 1))
    for rule, words in ((lambda i: i > 125, "Goal: 0.80."), (lambda i: i > uniform_filter(i, 31) + 30, "Reached.")):
        figures.judge_rule(rule, validation.images, validation.semantic, goal=0.8)
        assert capsys.readouterr().out.endswith(f"on 16 scenes. {words}\n")


def test_the_stored_masks_of_the_u_net_have_the_score_that_is_stored_with_them():
    masks, facts = figures.unet_masks()
    table = metrics.confusion_matrix(TEST.semantic, masks, 11)
    assert metrics.mean_iou(table) == pytest.approx(facts["mean_iou_of_these"])


# What models see


def test_a_square_is_the_pixels_around_a_pixel_without_their_mean():
    images = np.random.default_rng(0).integers(0, 256, (2, 6, 8, 1), np.uint8)
    seen = figures.squares(images, 3).reshape(2, 6, 8, 10)
    square = images[1, 2:5, 4:7, 0] / 255
    np.testing.assert_allclose(seen[1, 3, 5, :9], (square - square.mean()).ravel(), atol=1e-6)
    np.testing.assert_allclose(seen[1, 3, 5, 9], square.mean(), rtol=1e-6)
    np.testing.assert_allclose(figures.squares(images, 1)[:, 1], images.ravel() / 255, rtol=1e-6)
    assert figures.designed_features(TEST.images[:1]).shape == (64 * 64, 20)


def test_half_of_the_pixels_picked_are_ink():
    chosen = figures.pick_pixels(TEST.semantic, 1000, 3)
    assert (TEST.semantic.ravel()[chosen] > 0).sum() == 500
    np.testing.assert_array_equal(chosen, figures.pick_pixels(TEST.semantic, 1000, 3))


def test_moved_digits_are_whole_and_levels_of_a_network_are_read():
    part = DIGITS.test[0][:40], DIGITS.test[1][:40]
    images, labels = figures.moved_digits(part, 2, seed=1)
    np.testing.assert_allclose(images.sum((1, 2, 3)), np.tile(part[0] / 255.0, (2, 1, 1)).sum((1, 2)), rtol=1e-5)
    np.testing.assert_array_equal(labels, np.tile(part[1], 2))
    assert len(np.unique(np.argmax(images.any((2, 3)), axis=1))) > 3, "they lie at different heights"
    read = figures.read_levels(figures.small_network(), (images, labels), (images, labels))
    assert len(read) == 4
    assert read[3] > 0.9, "eighty images with 800 numbers each are learned by heart"


# Figures


def test_each_answer_is_drawn():
    boxes = [("3", 40, 28, 60, 40), ("0", 23, 4, 41, 16)]
    figure = figures.show_answers(TEST.images[8], TEST.semantic[8], TEST.instances[8], boxes)
    assert [len(ax.patches) for ax in figure.axes] == [0, 0, 2, 0, 0, 0]
    assert figure.axes[1].get_title() == "classification: 0, 3"
    assert [text.get_text() for text in figure.axes[4].texts] == ["#1", "#2", "#3", "#4"]
    assert [text.get_text() for text in figure.axes[5].texts][-4:] == ["3\n#1", "0\n#2", "4\n#3", "4\n#4"]
    plt.close(figure)


def test_scores_are_drawn_with_an_interval_that_holds_them():
    figure = figures.show_scores(TEST.semantic, {"truth": TEST.semantic, "nothing": 0 * TEST.semantic})
    (ax,) = figure.axes
    assert [text.get_text() for text in ax.texts] == ["1.00", "0.08"]
    intervals = [one for one in ax.containers if isinstance(one, ErrorbarContainer)]
    for interval, score in zip(intervals, (1, 0.077), strict=True):
        ((low, _), (high, _)) = interval.lines[2][0].get_segments()[0]
        assert low - 1e-6 <= score <= high + 1e-3
        assert high - low < 0.05
    plt.close(figure)
