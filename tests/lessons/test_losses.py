"""What notebook 5 says of losses, on its own scenes and by other roads than its cells take; and its figures."""

import keras
import matplotlib.pyplot as plt
import numpy as np
import pytest
from scipy.ndimage import binary_dilation
from sklearn.metrics import log_loss

from segutils import losses, metrics, reference
from segutils.digits import load_digits
from segutils.lessons import losses_figures as figures


@pytest.fixture(scope="module")
def digits():
    return load_digits("bundled")


@pytest.fixture(scope="module")
def scene(digits):
    """The notebook's scene: image, ink, and the logits of its guesser."""
    image, ink = figures.example_scene(digits)
    ink_logit = (image - 130.0) / 20
    return image, ink, np.stack([0 * ink_logit, ink_logit], -1)


def one_hot(ink):
    return np.eye(2)[ink.astype(int)]


# The data that the text describes


def test_the_scene_has_the_ink_that_the_text_counts(scene):
    assert scene[0].shape == (64, 64)
    assert scene[1].sum() == 132


def test_accuracy_prefers_the_prediction_that_finds_nothing(scene):
    ink = scene[1]
    accuracy = figures.show_two_predictions(scene[0], ink)
    for name, predicted in figures.two_predictions(ink).items():
        assert accuracy[name] == pytest.approx((predicted == ink).mean())
    assert accuracy["A"] > accuracy["B"]


def test_small_scenes_have_little_ink_and_tiny_ones_less(digits):
    (images, ink), (_, ink_test) = figures.small_scenes(digits, 0)
    assert images.shape == (256, 42, 42, 1)
    assert set(np.unique(ink)) == set(np.unique(ink_test)) == {0, 1}
    assert ink_test.mean() < 0.03
    assert figures.tiny_digit(digits).mean() == pytest.approx(0.004, abs=5e-4)


# Cross-entropy


def test_four_roads_to_cross_entropy_agree(scene):
    _, ink, logits = scene
    per_pixel = reference.cross_entropy(one_hot(ink), logits)
    p = reference.softmax(logits)
    assert per_pixel.mean() == pytest.approx(log_loss(ink.ravel(), p.reshape(-1, 2)))
    np.testing.assert_allclose(
        losses.cross_entropy(ink[None].astype(int), logits[None])[0], per_pixel.mean(), rtol=1e-5
    )
    of_probabilities = reference.cross_entropy(one_hot(ink), np.log(p))  # log p are logits too
    np.testing.assert_allclose(of_probabilities, per_pixel, atol=1e-12)


def test_numbers_of_the_text_on_float32_and_focal_loss():
    assert np.finfo("float32").max == pytest.approx(3.4e38, rel=1e-2)
    assert np.finfo("float32").smallest_subnormal == pytest.approx(1e-45, rel=0.5)
    with np.errstate(over="ignore"):
        assert np.isfinite(np.exp(np.float32(88)))
        assert np.isinf(np.exp(np.float32(89)))
    for p, plain, focal in ((0.9, 0.105, 0.001), (0.1, 2.303, 1.865)):
        assert -np.log(p) == pytest.approx(plain, abs=5e-4)
        assert -((1 - p) ** 2) * np.log(p) == pytest.approx(focal, abs=5e-4)


def test_logits_of_a_thousand_cost_exactly_two_thousand():
    assert reference.cross_entropy([0.0, 1.0], [1000.0, -1000.0]) == 2000


# Dice


def test_the_article_s_dice_of_hard_masks_is_one_minus_accuracy(scene):
    ink = scene[1]
    for predicted in figures.two_predictions(ink).values():
        of_pixels = reference.dice(one_hot(ink), one_hot(predicted), axis=-1)
        np.testing.assert_array_equal(of_pixels, ink != predicted)


def test_dice_without_squares_is_that_of_the_course_and_on_hard_masks_that_with_squares(scene):
    _, ink, logits = scene
    p = reference.softmax(logits)
    plain = [
        1 - 2 * (y * q).sum() / (y.sum() + q.sum())
        for y, q in zip(*(np.moveaxis(a, -1, 0) for a in (one_hot(ink), p)), strict=True)
    ]
    ours = losses.dice(ink[None].astype(int), logits[None], smooth=0.0)[0]
    np.testing.assert_allclose(ours, np.mean(plain), rtol=1e-4)
    thick = binary_dilation(ink, iterations=2)
    hard = 1 - 2 * (ink & thick).sum() / (ink.sum() + thick.sum())
    assert reference.dice(1.0 * ink, 1.0 * thick, axis=(0, 1)) == pytest.approx(hard)


def test_two_empty_masks_are_no_number_until_epsilon_decides():
    empty, one = np.zeros(100), np.eye(100)[0]
    assert np.isnan(reference.dice(empty, empty))
    assert reference.dice(empty, empty, epsilon=1e-6) == 0
    assert reference.dice(empty, one, epsilon=1.0) == 0.5


def test_pooled_over_the_batch_a_missed_small_digit_hardly_costs(digits):
    true, predicted = figures.a_large_and_a_small_digit(digits)
    each = reference.dice(true, predicted, axis=(1, 2))
    assert each.tolist() == [0, 1]
    assert reference.dice(true, predicted, axis=(0, 1, 2)) < 0.1
    figures.show_found_and_missed(true, predicted)
    assert "Dice loss 1" in plt.gcf().axes[1].get_title()


def test_dice_and_iou_of_the_figure_are_one_in_terms_of_the_other(scene):
    dice, iou = figures.show_dice_against_iou(*scene[:2])
    by_hand = [((scene[0] > t) & scene[1]).sum() / ((scene[0] > t) | scene[1]).sum() for t in range(60, 230, 10)]
    np.testing.assert_allclose(iou, by_hand)
    np.testing.assert_allclose(dice, 2 * iou / (1 + iou))


# What each loss pays for


def test_cross_entropy_leads_only_where_the_ink_has_almost_no_probability(scene):
    """As trained: found by computing, against the belief that cross-entropy always pulls harder on ink."""
    logit = np.linspace(-7, 6, 131)
    lower, higher = figures.losses_as_trained(scene[1], logit - 1e-2), figures.losses_as_trained(scene[1], logit + 1e-2)
    pull, p = (lower - higher) / 2e-2, reference.sigmoid(logit)
    share = scene[1].mean()
    np.testing.assert_allclose(pull[0], share * (1 - p), atol=1e-4)  # of the mean over all pixels
    leads = pull[0] > pull[1]
    assert leads[p < 0.01].all()
    assert not leads[(p > 0.04) & (p < 0.99)].any()
    at_minus_2 = np.abs(logit + 2).argmin()
    assert pull[1, at_minus_2] > 2.5 * pull[0, at_minus_2]


def test_dice_as_trained_is_the_formula_of_its_soft_counts(scene):
    ink = scene[1]
    p = reference.sigmoid(-2.0)
    n, rest = ink.sum(), (~ink).sum()
    of_ink = 1 - (2 * n * p + 2) / (n * p + n + 2)
    of_ground = 1 - (2 * rest + 2) / (rest + n * (1 - p) + rest + 2)
    assert figures.losses_as_trained(ink, [-2.0])[1, 0] == pytest.approx((of_ink + of_ground) / 2, rel=1e-4)


# Losses for little ink


def test_focal_and_weighted_by_hand_are_those_of_the_course_and_tversky_of_halves_is_dice(scene):
    _, ink, logits = scene
    batch = ink[None].astype("int32"), logits[None]
    p = np.where(ink, *np.moveaxis(reference.softmax(logits), -1, 0)[::-1])
    np.testing.assert_allclose(losses.focal(*batch, gamma=2.0)[0], -((1 - p) ** 2 * np.log(p)).mean(), rtol=1e-4)
    weight = np.where(ink, 9.0, 1.0)
    weighted = losses.cross_entropy(*batch, class_weights=[1.0, 9.0])[0]
    np.testing.assert_allclose(weighted, -(weight * np.log(p)).sum() / weight.sum(), rtol=1e-4)
    np.testing.assert_allclose(losses.tversky(*batch, alpha=0.5, beta=0.5), losses.dice(*batch))


def tiny_network():
    return keras.Sequential(
        [keras.Input((42, 42, 1)), keras.layers.Rescaling(1 / 64, offset=-1.0), keras.layers.Conv2D(2, 1)]
    )


def test_runs_are_scored_at_each_stop_and_each_seed_is_a_run_of_its_own(digits):
    train, test = figures.small_scenes(digits, 0)
    few = [part[:16] for part in train]
    scores = figures.train_and_score(
        tiny_network, losses.SegmentationLoss("cross_entropy_dice"), few, test, stops=[1, 3], seeds=[0, 1]
    )
    assert scores.shape == (2, 2, 3)
    assert ((scores >= 0) & (scores <= 1)).all()
    alone = figures.train_and_score(
        tiny_network, losses.SegmentationLoss("cross_entropy_dice"), few, test, stops=[3], seeds=[1]
    )
    np.testing.assert_allclose(alone[0, 0], scores[1, 1], atol=1e-3)  # neither the stop nor the run before it matters


def test_scores_are_those_of_the_masks(digits):
    """With a network that calls every pixel ink: recall 1, precision and IoU the share of ink."""

    def all_ink():
        last = keras.layers.Conv2D(2, 1, trainable=False)
        model = keras.Sequential([keras.Input((42, 42, 1)), keras.layers.Conv2D(1, 1), last])
        last.set_weights([np.zeros((1, 1, 1, 2)), np.array([0.0, 1.0])])  # whatever the first one learns
        return model

    train, test = figures.small_scenes(digits, 0)
    scores = figures.train_and_score(
        all_ink, losses.SegmentationLoss("dice"), [part[:8] for part in train], test, stops=[1], seeds=[0]
    )
    np.testing.assert_allclose(scores[0, 0], [1, test[1].mean(), test[1].mean()], rtol=1e-6)


def test_a_better_loss_is_told_from_a_worse_one(capsys):
    others = {"a": np.full((3, 3), 0.4), "b": np.full((3, 3), 0.6)}
    figures.compare_with_best("mine", np.full((3, 3), 0.61), others)
    figures.compare_with_best("mine", np.full((3, 3), 0.5), others)
    said = capsys.readouterr().out.splitlines()
    assert said[0] == "mine: mean IoU 0.610; the best above, b, has 0.600: you have beaten it"
    assert said[1].endswith("has 0.600: not yet")


def test_each_run_is_a_point_and_longer_ones_are_squares():
    short = {"a": np.array([[0.1, 0.2, 0.3], [0.4, 0.5, 0.6]]), "b": np.full((2, 3), 0.5)}
    figures.show_scores(short, {"b": np.full((2, 3), 0.9)})
    axes = plt.gcf().axes
    assert [ax.get_xlabel().split()[0] for ax in axes] == ["recall", "precision", "IoU"]
    circles = [line.get_xdata().tolist() for line in axes[2].lines if line.get_marker() == "o"]
    assert circles == [[0.3, 0.5], [0.6, 0.5]]
    assert sum(line.get_marker() == "s" for line in axes[2].lines) == 2


def test_losses_of_pixels_are_drawn_with_light_for_large_and_a_scale(scene):
    image, ink, logits = scene
    p = reference.softmax(logits)[..., 1]
    figures.show_pixel_losses(image, p, -np.log(np.where(ink, p, 1 - p)))
    drawn = [ax.images[0] for ax in plt.gcf().axes if ax.images and ax.get_label() != "<colorbar>"]
    assert [each.get_cmap().name for each in drawn] == ["gray"] * 3
    assert sum(ax.get_label() == "<colorbar>" for ax in plt.gcf().axes) == 2


def test_both_losses_and_their_falls_are_drawn(scene):
    figures.show_losses_as_trained(scene[1])
    left, right = plt.gcf().axes
    for whole, falls in zip(left.lines, right.lines, strict=True):
        y = whole.get_ydata()
        np.testing.assert_allclose(falls.get_ydata(), y[:-4] - y[4:])


# Keras's own losses


def test_keras_s_dice_sums_over_the_classes_and_so_is_one_minus_accuracy(digits):
    tiny = figures.tiny_digit(digits)
    truth, none = one_hot(tiny), one_hot(tiny & False)
    assert float(keras.losses.Dice()(truth, none)) == pytest.approx(tiny.mean(), abs=1e-6)
    ground, ink = np.asarray(keras.losses.Dice(axis=(1, 2), reduction=None)(truth, none))[0]
    assert ground < 0.01
    assert ink == pytest.approx(1)
    assert float(keras.losses.Dice(axis=(1, 2, 3), reduction=None)(0 * truth, 0 * truth)[0]) == pytest.approx(1)


def test_keras_s_dice_takes_whole_numbers_and_ours_refuses_one_hot(digits):
    labels = 3 * figures.example_scene(digits)[1][None].astype(int)
    perfect, nothing = np.eye(11)[labels], np.eye(11)[0 * labels]
    of_perfect, of_nothing = (float(keras.losses.Dice()(labels[..., None], mask)) for mask in (perfect, nothing))
    assert of_perfect == pytest.approx(of_nothing, rel=1e-5)
    nines = np.full((1, 4, 4, 1), 9)
    assert float(keras.losses.Dice()(nines, np.eye(11)[nines[..., 0]])) < 0
    with pytest.raises(ValueError, match="integer masks"):
        losses.dice(labels[..., None], perfect)


def test_alpha_is_the_price_of_a_false_positive():
    sure = np.zeros((1, 1, 2, 2)) + [-50.0, 50.0]  # logits: both pixels are ink
    ours = losses.tversky(np.array([[[1, 0]]]), sure, alpha=0.9, beta=0.1, smooth=0.0)
    np.testing.assert_allclose(ours, np.mean([1.0, 0.9 / 1.9]), rtol=1e-4)


def test_confusion_of_the_example_in_words():
    """40 pixels of ink, 50 called ink, 30 of them rightly."""
    counts = np.array([[940, 20], [10, 30]])
    found = [score(counts)[1] for score in (metrics.recall, metrics.precision, metrics.iou)]
    np.testing.assert_allclose(found, [0.75, 0.60, 0.50])
