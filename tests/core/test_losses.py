"""Losses: values by hand and by loops in float64, gradients by difference quotients, void, extremes, saving."""

import json

import keras
import numpy as np
import pytest
import tensorflow as tf
from sklearn.metrics import log_loss

from segutils import losses
from segutils.losses import LOSSES, SegmentationLoss

VOID = 255
# Of every loss, one choice of options, none of them symmetric.
OPTIONS = {
    "cross_entropy": {"class_weights": [0.5, 2.0, 1.0], "ignore_class": VOID},
    "focal": {"gamma": 1.5, "class_weights": [0.5, 2.0, 1.0], "ignore_class": VOID},
    "dice": {"smooth": 0.5, "ignore_class": VOID},
    "tversky": {"alpha": 0.2, "beta": 0.9, "ignore_class": VOID},
    "focal_tversky": {"alpha": 0.2, "beta": 0.9, "exponent": 0.6, "over": "batch", "ignore_class": VOID},
    "cross_entropy_dice": {"dice_weight": 0.3, "class_weights": [0.5, 2.0, 1.0], "ignore_class": VOID},
}
each_loss = pytest.mark.parametrize("name", LOSSES)


def softmax(logits):
    e = np.exp(logits - logits.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


def reference_pixels(y, logits, *, gamma=0.0, class_weights=(1, 1, 1), ignore_class=None):
    out = []
    for mask, p in zip(y, softmax(logits), strict=True):
        total = weight = 0.0
        for place in np.ndindex(mask.shape):
            if mask[place] != ignore_class:
                right = p[place][mask[place]]
                total -= class_weights[mask[place]] * (1 - right) ** gamma * np.log(right)
                weight += class_weights[mask[place]]
        out.append(total / weight if weight else 0.0)
    return np.array(out)


def reference_overlap(y, logits, *, alpha=0.5, beta=0.5, exponent=1.0, smooth=1.0, over="image", ignore_class=None):
    groups = [[i] for i in range(len(y))] if over == "image" else [list(range(len(y)))] * len(y)
    out = []
    for group in groups:
        valid = y[group] != ignore_class
        mask, p = y[group][valid], softmax(logits)[group][valid]
        costs = []
        for c in range(logits.shape[-1]):
            tp, fp, fn = p[mask == c, c].sum(), p[mask != c, c].sum(), (1 - p[mask == c, c]).sum()
            costs.append((1 - (tp + smooth) / (tp + alpha * fp + beta * fn + smooth)) ** exponent)
        out.append(np.mean(costs))
    return np.array(out)


def reference(name, y, logits, options):
    logits = np.asarray(logits, np.float64)
    if name in ("cross_entropy", "focal"):
        return reference_pixels(y, logits, **{"gamma": 2.0 if name == "focal" else 0.0} | options)
    if name == "cross_entropy_dice":
        w, rest = options["dice_weight"], {k: v for k, v in options.items() if k != "dice_weight"}
        pixels = reference_pixels(y, logits, **rest)
        return (1 - w) * pixels + w * reference_overlap(y, logits, ignore_class=rest["ignore_class"])
    return reference_overlap(y, logits, **options)


def value(name, y, logits, **options):
    return np.asarray(LOSSES[name](np.asarray(y), tf.constant(logits), **options))


def gradient(name, y, logits, factors, **options):
    logits = tf.constant(logits, tf.float32)
    with tf.GradientTape() as tape:
        tape.watch(logits)
        total = tf.reduce_sum(LOSSES[name](y, logits, **options) * tf.constant(factors, tf.float32))
    return tape.gradient(total, logits).numpy()


@pytest.fixture
def case(rng):
    """Two images of 3×4 pixels and 3 classes; three pixels are void."""
    y = rng.integers(0, 3, (2, 3, 4))
    y[0, 1, 2] = y[1, 0, 0] = y[1, 2, 3] = VOID
    return y, rng.normal(0, 1.5, (2, 3, 4, 3)).astype(np.float32)


def sure(labels, classes=2, by=50.0):
    """Logits that put all probability on the given labels."""
    return (by * np.eye(classes)[np.asarray(labels)]).astype(np.float32)


# Values


@each_loss
def test_values_are_those_of_loops_in_float64(case, name):
    got = value(name, *case, **OPTIONS[name])
    assert got.shape == (2,)
    assert got.dtype == np.float32
    np.testing.assert_allclose(got, reference(name, *case, OPTIONS[name]), rtol=2e-5)


@each_loss
def test_gradients_are_the_difference_quotients(case, name):
    y, logits = case
    factors, wide = np.array([1.0, -2.5]), logits.astype(np.float64)
    got = gradient(name, y, logits, factors, **OPTIONS[name])
    for place in np.ndindex(logits.shape):
        step = np.zeros_like(wide)
        step[place] = 1e-5
        up, down = (reference(name, y, wide + s, OPTIONS[name]) @ factors for s in (step, -step))
        assert got[place] == pytest.approx((up - down) / 2e-5, rel=1e-3, abs=2e-6), place


def test_cross_entropy_by_hand():
    y, p = np.array([[[0, 1, 1]]]), np.array([[[[0.8, 0.2], [0.5, 0.5], [0.9, 0.1]]]], np.float32)
    mean = -(np.log(0.8) + np.log(0.5) + np.log(0.1)) / 3
    weighted = -(3 * np.log(0.8) + np.log(0.5) + np.log(0.1)) / 5
    focal = -(0.2**2 * np.log(0.8) + 0.5**2 * np.log(0.5) + 0.9**2 * np.log(0.1)) / 3
    assert value("cross_entropy", y, p, from_logits=False)[0] == pytest.approx(mean, rel=1e-5)
    assert value("cross_entropy", y, p, from_logits=False, class_weights=[3, 1])[0] == pytest.approx(weighted, rel=1e-5)
    assert value("focal", y, p, from_logits=False)[0] == pytest.approx(focal, rel=1e-5)


def test_cross_entropy_is_that_of_keras_and_scikit_learn(case):
    y, logits = case
    per_pixel = keras.losses.SparseCategoricalCrossentropy(from_logits=True, ignore_class=VOID, reduction=None)
    expected = np.asarray(per_pixel(y, logits)).sum((1, 2)) / (y != VOID).sum((1, 2))
    np.testing.assert_allclose(value("cross_entropy", y, logits, ignore_class=VOID), expected, rtol=1e-5)
    weights = np.array([0.5, 2.0, 1.0])
    got = value("cross_entropy", y, logits, ignore_class=VOID, class_weights=weights.tolist())
    for mask, p, mine in zip(y, softmax(logits.astype(np.float64)), got, strict=True):
        true = mask[mask != VOID]
        theirs = log_loss(true, p[mask != VOID], labels=[0, 1, 2], sample_weight=weights[true])
        assert mine == pytest.approx(theirs, rel=1e-5)


def test_focal_without_gamma_is_cross_entropy_and_with_it_less(case):
    y, logits = case
    plain = value("cross_entropy", y, logits, ignore_class=VOID)
    assert np.array_equal(value("focal", y, logits, gamma=0.0, ignore_class=VOID), plain)
    assert (value("focal", y, logits, ignore_class=VOID) < plain).all()


@pytest.mark.parametrize(("smooth", "object_", "ground"), [(0.0, 1 / 2.6, 0.0), (1.0, 2 / 3.6, 1 / 2.1)])
def test_tversky_by_hand_tells_false_positives_from_false_negatives(smooth, object_, ground):
    """The object: TP 1, FP 1, FN 2, so TP + 0.2 FP + 0.7 FN = 2.6; the ground: TP 0, FP 2, FN 1."""
    y, logits = np.array([[[1, 1, 1, 0]]]), sure([[[1, 0, 0, 1]]])
    got = value("tversky", y, logits, alpha=0.2, beta=0.7, smooth=smooth)[0]
    assert got == pytest.approx(1 - (object_ + ground) / 2, rel=1e-5)
    focal = value("focal_tversky", y, logits, alpha=0.2, beta=0.7, smooth=smooth, exponent=0.5)[0]
    assert focal == pytest.approx(((1 - object_) ** 0.5 + (1 - ground) ** 0.5) / 2, rel=1e-5)


def test_dice_by_hand_and_as_tversky_with_two_halves(case):
    y, logits = np.array([[[1, 1, 1, 0]]]), sure([[[1, 0, 0, 1]]])
    assert value("dice", y, logits, smooth=0.0)[0] == pytest.approx(1 - (2 / 5 + 0) / 2, rel=1e-5)
    assert value("dice", y, logits)[0] == pytest.approx(1 - (4 / 7 + 2 / 5) / 2, rel=1e-5)
    for over in ("image", "batch"):
        options = {"over": over, "ignore_class": VOID, "smooth": 0.3}
        assert np.array_equal(value("dice", *case, **options), value("tversky", *case, alpha=0.5, beta=0.5, **options))


def test_over_batch_pools_counts_where_over_image_judges_each_alone():
    """One pixel missed in the first image, nine found in the second: alone 1 - 0/1 and 1 - 9/9, pooled 1 - 18/19."""
    y = np.zeros((2, 2, 5), int)
    y[0, 0, 0], y[1].flat[:9] = 1, 1
    logits = sure(np.stack([np.zeros_like(y[0]), y[1]]))
    alone, pooled = (value("dice", y, logits, smooth=0.0, over=over) for over in ("image", "batch"))
    ground = 1 - 18 / 19, 0.0, 1 - 20 / 21  # TP, FP, FN: 9, 1, 0; 1, 0, 0; 10, 1, 0
    np.testing.assert_allclose(alone, [(1 + ground[0]) / 2, (0 + ground[1]) / 2], atol=1e-6)
    np.testing.assert_allclose(pooled, 2 * [(1 - 18 / 19 + ground[2]) / 2], atol=1e-6)


# Edges


@each_loss
def test_a_perfect_prediction_costs_nothing_a_class_in_neither_mask_included(rng, name):
    y = rng.integers(0, 2, (2, 5, 7))
    assert value(name, y, sure(y, classes=4)).max() < 1e-4
    assert value(name, y, sure(1 - y, classes=4)).min() > 0.3, "and a wrong one does cost"


@each_loss
def test_void_pixels_change_neither_loss_nor_gradient(case, name):
    y, logits = case
    other = logits.copy()
    other[y == VOID] = [[9.0, -400.0, 30.0]] * 3
    before, after = (value(name, y, z, **OPTIONS[name]) for z in (logits, other))
    assert np.array_equal(before, after)
    before, after = (gradient(name, y, z, [1.0, 1.0], **OPTIONS[name]) for z in (logits, other))
    assert not before[y == VOID].any()
    assert not after[y == VOID].any()
    assert np.array_equal(before, after)
    assert np.abs(before[y != VOID]).min() > 0


@each_loss
def test_all_void_costs_nothing_and_is_finite(case, name):
    y = np.full((2, 3, 4), VOID, np.uint8)
    assert value(name, y, case[1], **OPTIONS[name]) == pytest.approx([0, 0], abs=1e-4)
    assert not gradient(name, y, case[1], [1.0, 1.0], **OPTIONS[name]).any()


@each_loss
@pytest.mark.parametrize("smooth", [0.0, 1.0])
def test_logits_of_ten_thousand_give_finite_losses_and_gradients(rng, name, smooth):
    y, logits = rng.integers(0, 3, (2, 4, 5)), rng.choice([-1e4, 1e4], (2, 4, 5, 3)).astype(np.float32)
    options = {"smooth": smooth} if name not in ("cross_entropy", "focal") else {}
    assert np.isfinite(value(name, y, logits, **options)).all()
    assert np.isfinite(gradient(name, y, logits, [1.0, 1.0], **options)).all()


@pytest.mark.parametrize("name", ["dice", "cross_entropy"])
def test_half_precision_at_512_squared_is_as_good_as_single(rng, name):
    y, logits = rng.integers(0, 2, (1, 512, 512)), rng.normal(0, 1, (1, 512, 512, 2)).astype(np.float16)
    half, single = value(name, y, logits), value(name, y, logits.astype(np.float32))
    assert half == pytest.approx(single, rel=1e-3)


@each_loss
def test_probabilities_do_as_well_as_logits(case, name):
    y, logits = case
    from_p = value(name, y, softmax(logits), **OPTIONS[name], from_logits=False)
    np.testing.assert_allclose(from_p, value(name, y, logits, **OPTIONS[name]), rtol=1e-4)


@pytest.mark.parametrize("dtype", ["uint8", "int32", "int64", "float32"])
def test_masks_may_have_any_type_that_holds_their_labels(case, dtype):
    y, logits = case
    got = value("cross_entropy_dice", y.astype(dtype), logits, **OPTIONS["cross_entropy_dice"])
    assert np.array_equal(got, value("cross_entropy_dice", y, logits, **OPTIONS["cross_entropy_dice"]))


# Errors


@each_loss
@pytest.mark.parametrize(
    ("labels", "scores", "message"),
    [
        ((2, 3, 4, 3), (2, 3, 4, 3), "no one-hot, no channel axis"),
        ((2, 3, 4, 1), (2, 3, 4, 3), "no one-hot, no channel axis"),
        ((2, 3, 4), (2, 3, 4), "one score per class"),
        ((2, 4, 3), (2, 3, 4, 3), r"got \(2, 4, 3\) and \(2, 3, 4, 3\)"),
        ((1, 3, 4), (2, 3, 4, 3), r"got \(1, 3, 4\)"),
        ((2, 3, 4), (2, 3, 4, 1), "give the background a channel of its own"),
    ],
)
def test_wrong_shapes_are_refused_with_the_cure(name, labels, scores, message):
    with pytest.raises(ValueError, match=message):
        value(name, np.zeros(labels, np.int32), np.zeros(scores, np.float32))


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("focal", {"gamma": -1}, "gamma must be >= 0, got -1"),
        ("tversky", {"alpha": -0.1}, "alpha=-0.1"),
        ("tversky", {"smooth": -1}, "smooth=-1"),
        ("focal_tversky", {"exponent": 0}, "exponent=0"),
        ("cross_entropy_dice", {"dice_weight": 1.1}, r"0\.\.1, got 1.1"),
        ("dice", {"over": "images"}, r"did you mean image\?"),
        ("cross_entropy", {"class_weights": [1, 2]}, "must be 3 numbers"),
        ("cross_entropy", {"class_weights": [1, 2, -1]}, "numbers >= 0"),
    ],
)
def test_options_out_of_range_are_refused(case, name, options, message):
    with pytest.raises(ValueError, match=message):
        value(name, *case, **options)


# As a Keras loss


def test_the_loss_is_the_mean_over_images_or_each_image_s_number(case):
    each = value("dice", *case, ignore_class=VOID)
    assert float(SegmentationLoss("dice", ignore_class=VOID)(*case)) == pytest.approx(each.mean(), rel=1e-6)
    np.testing.assert_allclose(SegmentationLoss("dice", ignore_class=VOID, reduction=None)(*case), each, rtol=1e-6)


@each_loss
def test_a_model_trains_with_it_and_reloads_with_the_same_loss(rng, tmp_path, name):
    images, masks = rng.normal(size=(4, 6, 8, 1)).astype(np.float32), rng.integers(0, 3, (4, 6, 8)).astype(np.uint8)
    masks[:, :2] = VOID
    model = keras.Sequential([keras.Input((None, None, 1)), keras.layers.Conv2D(3, 3, padding="same")])
    model.compile(keras.optimizers.SGD(0.1), SegmentationLoss(name, **OPTIONS[name]))
    before = [np.array(w) for w in model.get_weights()]
    model.fit(images, masks, batch_size=4, epochs=1, verbose=0)
    assert any((a != b).any() for a, b in zip(before, model.get_weights(), strict=True))
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras", safe_mode=True)
    assert loaded.loss.options == OPTIONS[name]
    expected = value(name, masks, np.asarray(model(images)), **OPTIONS[name]).mean()
    assert loaded.evaluate(images, masks, verbose=0) == pytest.approx(expected, rel=1e-5)


@each_loss
def test_its_configuration_survives_json(name):
    loss = SegmentationLoss(name, name="mine", reduction="sum", **OPTIONS[name])
    again = keras.losses.deserialize(json.loads(json.dumps(keras.losses.serialize(loss))))
    assert type(again) is SegmentationLoss
    assert (again.name, again.reduction, again.function) == ("mine", "sum", name)
    assert again.options == OPTIONS[name]


def test_class_weights_may_be_an_array_and_survive_saving(case):
    loss = SegmentationLoss("cross_entropy", class_weights=np.array([0.5, 2.0, 1.0]), ignore_class=VOID)
    again = keras.losses.deserialize(json.loads(json.dumps(keras.losses.serialize(loss))))
    assert float(again(*case)) == pytest.approx(float(loss(*case)))


@pytest.mark.parametrize("name", [None, "mine"])
def test_an_unknown_loss_suggests_the_close_one(name):
    with pytest.raises(ValueError, match=r"with_distance; got 'focal_tverski' \(did you mean focal_tversky\?\)"):
        SegmentationLoss("focal_tverski", name=name)


def test_an_unknown_option_suggests_the_close_one_of_that_function():
    with pytest.raises(ValueError, match=r"option of tversky must be one of alpha, beta.*did you mean alpha\?"):
        SegmentationLoss("tversky", alfa=0.3)
    with pytest.raises(ValueError, match="option of dice"):
        SegmentationLoss("dice", alpha=0.3)


def test_the_table_of_losses_is_complete_and_the_module_is_free_of_tensorflow():
    assert set(LOSSES) == set(OPTIONS)
    assert not hasattr(losses, "tensorflow")
    assert not hasattr(losses, "tf")


# Two heads


def two_heads(case, rng):
    y, logits = case
    distance = rng.random(y.shape).astype(np.float32)
    return np.stack([y, distance], -1).astype(np.float32), np.append(logits, rng.normal(0, 3, (*y.shape, 1)), -1)


def test_two_heads_are_the_sum_of_both_by_hand(case, rng):
    """The second part: scikit-learn's log loss of pixels that are not void, weighted by d and 1 - d."""
    y, logits = two_heads(case, rng)
    options = {"class_weights": [0.5, 2.0, 1.0]}
    got = losses.with_distance(y, tf.constant(logits, tf.float32), weight=0.7, ignore_class=VOID, options=options)
    first = reference_pixels(case[0], case[1], ignore_class=VOID, **options)
    for i in range(len(y)):
        seen = y[i, ..., 0] != VOID
        d, p = y[i, ..., 1][seen], 1 / (1 + np.exp(-logits[i, ..., -1][seen]))
        truth, weights = np.repeat([1, 0], len(d)), np.concatenate([d, 1 - d])
        second = log_loss(truth, np.concatenate([p, p]), sample_weight=weights)
        assert float(got[i]) == pytest.approx(first[i] + 0.7 * second, rel=1e-5)


def test_the_second_head_is_best_where_it_says_the_distance():
    d = np.array([0.2, 0.5, 0.9], np.float32)
    y = np.stack([np.zeros(3), d], -1)[None, None]
    z = tf.Variable(np.log(d / (1 - d))[None, None, :, None])
    with tf.GradientTape() as tape:
        cost = losses.with_distance(y, tf.concat([sure(np.zeros((1, 1, 3), int)), z], -1))[0]
    np.testing.assert_allclose(tape.gradient(cost, z), 0, atol=1e-6)
    assert float(losses.with_distance(y, np.append(sure(np.zeros((1, 1, 3), int)), z + 0.3, -1))[0]) > float(cost)


def test_two_heads_keep_to_void_and_to_large_numbers(case, rng):
    y, logits = two_heads(case, rng)
    changed, all_void = logits.copy(), y.copy()
    changed[y[..., 0] == VOID] = -7
    all_void[..., 0] = VOID
    once, twice = (losses.with_distance(y, tf.constant(z), ignore_class=VOID) for z in (logits, changed))
    np.testing.assert_allclose(once, twice, rtol=1e-6)
    assert np.all(np.asarray(losses.with_distance(all_void, logits, ignore_class=VOID)) == 0)
    assert np.isfinite(losses.with_distance(y, 1e4 * logits, ignore_class=VOID)).all()


def test_two_heads_are_saved_like_every_loss(case, rng):
    y, logits = two_heads(case, rng)
    loss = SegmentationLoss("with_distance", class_loss="dice", weight=0.5, ignore_class=VOID, options={"smooth": 2.0})
    again = keras.losses.deserialize(json.loads(json.dumps(keras.losses.serialize(loss))))
    assert float(again(y, logits)) == float(loss(y, logits))
    assert float(loss(y, logits)) != float(SegmentationLoss("with_distance", ignore_class=VOID)(y, logits))


def test_two_heads_refuse_what_is_not_theirs(case, rng):
    y, logits = two_heads(case, rng)
    with pytest.raises(ValueError, match="stack them on the last axis"):
        losses.with_distance(y[..., 0], logits)
    with pytest.raises(ValueError, match="weight must be >= 0, got -1"):
        losses.with_distance(y, logits, weight=-1)
    with pytest.raises(ValueError, match="class_loss must be one of"):
        losses.with_distance(y, logits, class_loss="with_distance")
