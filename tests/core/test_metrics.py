"""Metrics: against scikit-learn, SciPy and counts by hand; void pixels, absent classes, and the Keras metric."""

import json

import keras
import numpy as np
import pytest
from scipy import stats
from sklearn import metrics as theirs

from segutils import losses, metrics
from segutils.training import MeanIoU

VOID = 255
# Rows are the truth. TP 5, 3, 0; FP 2, 1, 0; FN 1, 2, 0: the third class does not occur.
BY_HAND = np.array([[5, 1, 0], [2, 3, 0], [0, 0, 0]])


@pytest.fixture
def masks(rng):
    """Truth and prediction (5, 9, 7) of six classes: half of the prediction is right; class 5 does not occur."""
    y_true = rng.integers(0, 5, (5, 9, 7))
    y_pred = np.where(rng.random(y_true.shape) < 0.5, y_true, rng.integers(0, 5, y_true.shape))
    return y_true, y_pred


# Counts


def test_the_confusion_matrix_is_that_of_scikit_learn(masks):
    expected = theirs.confusion_matrix(*(m.ravel() for m in masks), labels=range(6))
    got = metrics.confusion_matrix(*masks, 6)
    assert got.dtype == np.int64
    assert np.array_equal(got, expected)
    assert not np.array_equal(got, got.T), "a symmetric table would hide a swap"


def test_counts_per_image_are_those_of_each_image_and_add_up(masks):
    tables = metrics.confusion_per_image(*masks, 6)
    assert tables.shape == (5, 6, 6)
    for table, y_true, y_pred in zip(tables, *masks, strict=True):
        assert np.array_equal(table, theirs.confusion_matrix(y_true.ravel(), y_pred.ravel(), labels=range(6)))
    assert np.array_equal(tables.sum(0), metrics.confusion_matrix(*masks, 6))


def test_void_pixels_count_nowhere_whatever_is_predicted_there(masks):
    y_true, y_pred = (m.copy() for m in masks)
    y_true[:, 2:4] = VOID
    y_pred[:, 2:4] = 99
    kept = y_true != VOID
    expected = theirs.confusion_matrix(y_true[kept], y_pred[kept], labels=range(6))
    assert np.array_equal(metrics.confusion_matrix(y_true, y_pred, 6, ignore_class=VOID), expected)
    assert np.array_equal(metrics.confusion_per_image(y_true, y_pred, 6, ignore_class=VOID).sum(0), expected)


def test_shapes_of_any_rank_count_alike_one_pixel_and_none_included(masks):
    y_true, y_pred = masks
    assert np.array_equal(metrics.confusion_matrix(y_true[0, 0], y_pred[0, 0], 6).sum(), 7)
    assert metrics.confusion_matrix(np.array(1), np.array(0), 2).tolist() == [[0, 0], [1, 0]]
    assert metrics.confusion_per_image(np.zeros((0, 4, 5), int), np.zeros((0, 4, 5), int), 3).shape == (0, 3, 3)


@pytest.mark.parametrize("dtype", ["uint8", "int8", "int32", "uint32"])
def test_small_integers_do_not_overflow(dtype):
    y = np.array([[0, 99, 100]], dtype)
    assert metrics.confusion_matrix(y, y[:, ::-1], 101)[[0, 99, 100], [100, 99, 0]].tolist() == [1, 1, 1]


def test_predictions_may_be_uint64():
    y = np.array([[0, 1, 2]])
    assert np.trace(metrics.confusion_matrix(y, y.astype(np.uint64), 3)) == 3


# Scores


@pytest.mark.parametrize(
    ("score", "expected"),
    [
        (metrics.iou, [5 / 8, 3 / 6, np.nan]),
        (metrics.dice, [10 / 13, 6 / 9, np.nan]),
        (metrics.precision, [5 / 7, 3 / 4, np.nan]),
        (metrics.recall, [5 / 6, 3 / 5, np.nan]),
        (metrics.mean_iou, (5 / 8 + 3 / 6) / 2),
        (metrics.pixel_accuracy, 8 / 11),
    ],
)
def test_scores_by_hand_of_one_table_and_of_many(score, expected):
    np.testing.assert_allclose(score(BY_HAND), expected, rtol=1e-12)
    many = np.stack([[BY_HAND, 2 * BY_HAND, np.diag([1, 0, 2])]] * 2)
    got = score(many)
    assert got.shape == (2, 3, *np.shape(expected))
    np.testing.assert_allclose(got[1, 1], expected, rtol=1e-12)
    np.testing.assert_allclose(got[0, 2], [1, np.nan, 1] if np.ndim(expected) else 1)


@pytest.mark.parametrize(
    ("score", "oracle"),
    [
        (metrics.iou, theirs.jaccard_score),
        (metrics.dice, theirs.f1_score),
        (metrics.precision, theirs.precision_score),
        (metrics.recall, theirs.recall_score),
    ],
)
def test_scores_per_class_are_those_of_scikit_learn(masks, score, oracle):
    expected = oracle(*(m.ravel() for m in masks), labels=range(6), average=None, zero_division=0)
    got = score(metrics.confusion_matrix(*masks, 6))
    assert np.isnan(got[5])
    np.testing.assert_allclose(got[:5], expected[:5], rtol=1e-12)


def test_mean_iou_and_accuracy_are_those_of_scikit_learn(masks):
    flat, table = [m.ravel() for m in masks], metrics.confusion_matrix(*masks, 6)
    assert metrics.mean_iou(table) == pytest.approx(theirs.jaccard_score(*flat, average="macro"))
    assert metrics.pixel_accuracy(table) == pytest.approx(theirs.accuracy_score(*flat))


def test_a_class_that_is_only_predicted_or_only_true_scores_zero_and_counts_in_the_mean():
    table = np.array([[6, 2], [0, 0]])
    assert metrics.iou(table).tolist() == metrics.iou(table.T).tolist() == [0.75, 0]
    assert metrics.mean_iou(table) == 0.375


def test_nothing_but_void_has_no_score():
    for score in (metrics.mean_iou, metrics.pixel_accuracy, metrics.iou):
        assert np.isnan(score(np.zeros((3, 3), int))).all()


# Errors


@pytest.mark.parametrize(
    ("y_true", "y_pred", "message"),
    [
        (np.zeros((2, 3, 4), int), np.zeros((2, 4, 3), int), r"one shape, got .*2, 3, 4\) and .*2, 4, 3\); take the"),
        (np.zeros((2, 3, 4), int), np.zeros((2, 3, 4, 1), int), "squeeze a channel axis of 1"),
        (np.array([[0, 3]]), np.array([[0, 1]]), r"y_true must lie in 0..2, got \[3\]; map mask values"),
        (np.array([[0, -1]]), np.array([[0, 1]]), r"y_true must lie in 0..2, got \[-1\]"),
        (np.array([[0, 1]]), np.array([[255, 1]]), r"y_pred must lie in 0..2, got \[255\]"),
        (np.array([[0.0, 1.0]]), np.array([[0, 1]]), "y_true must be integers, got float64; convert"),
    ],
)
def test_wrong_masks_are_refused(y_true, y_pred, message):
    for count in (metrics.confusion_matrix, metrics.confusion_per_image):
        with pytest.raises(ValueError, match=message):
            count(y_true, y_pred, 3)


def test_the_shapes_in_the_error_are_those_given():
    with pytest.raises(ValueError, match=r"got \(3, 4\) and \(4, 3\)"):
        metrics.confusion_matrix(np.zeros((3, 4), int), np.zeros((4, 3), int), 2)


def test_check_labels_names_what_is_strange_and_lets_void_pass():
    metrics.check_labels(np.array([0, 2, VOID], np.uint8), 3, ignore_class=VOID)
    with pytest.raises(ValueError, match=r"train labels must lie in 0..2, got \[7, 254\]"):
        metrics.check_labels(np.array([254, 7, VOID, 7]), 3, ignore_class=VOID, name="train labels")


# Bootstrap


@pytest.fixture
def tables(rng):
    """Forty 2-class tables of images with 20 to 200 pixels, about 70% of them right, more in some than in others."""
    pixels = rng.integers(20, 200, 40)
    right = rng.binomial(pixels, rng.beta(7, 3, 40))
    return np.array([[[r, n - r], [0, 0]] for r, n in zip(right, pixels, strict=True)])


@pytest.mark.parametrize("level", [0.5, 0.95])
def test_the_interval_is_that_of_scipy_for_whole_images(tables, level):
    right, pixels = tables[:, 0, 0], tables.sum((1, 2))
    theirs_ = stats.bootstrap(
        (right, pixels),
        lambda r, n, axis: r.sum(axis) / n.sum(axis),
        paired=True,
        method="percentile",
        confidence_level=level,
        n_resamples=4000,
        rng=np.random.default_rng(1),
    ).confidence_interval
    ours = metrics.bootstrap_interval(tables, metrics.pixel_accuracy, level=level, resamples=4000)
    spread = theirs_.high - theirs_.low
    np.testing.assert_allclose(ours, theirs_, atol=0.08 * spread)
    by_pixel = 2 * stats.norm.ppf((1 + level) / 2) * np.sqrt(0.7 * 0.3 / pixels.sum())
    assert spread > 2 * by_pixel, "resampling single pixels would pass for this interval"


def test_the_interval_repeats_by_seed_and_takes_the_shape_of_the_score(tables):
    first, again, other = (metrics.bootstrap_interval(tables, metrics.pixel_accuracy, seed=s) for s in (0, 0, 1))
    assert first == again != other
    low, high = metrics.bootstrap_interval(tables, metrics.iou)
    assert low.shape == high.shape == (2,)
    assert low[0] < metrics.iou(tables.sum(0))[0] < high[0]
    one = metrics.bootstrap_interval(tables[:1], metrics.pixel_accuracy)
    assert one[0] == one[1] == metrics.pixel_accuracy(tables[0])


def test_a_class_in_no_image_has_no_interval_and_no_warning(tables):
    padded = np.pad(tables, ((0, 0), (0, 1), (0, 1)))
    low, high = metrics.bootstrap_interval(padded, metrics.iou)
    assert np.isnan([low[2], high[2]]).all()
    assert np.isfinite([low[0], high[0]]).all()


@pytest.mark.parametrize(("n", "level"), [(0, 0.9), (3, 0.0), (3, 1.0), (3, 95)])
def test_no_images_or_an_impossible_level_are_refused(tables, n, level):
    with pytest.raises(ValueError, match=f"got {n} images and {level}"):
        metrics.bootstrap_interval(tables[:n], metrics.pixel_accuracy, level=level)


# Outlines


def square(dy=0, dx=0, n=1):
    """A mask (n, 14, 17) with a 5×5 square, whose outline has 16 pixels."""
    mask = np.zeros((n, 14, 17), np.uint8)
    mask[:, 3 + dy : 8 + dy, 4 + dx : 9 + dx] = 1
    return mask


@pytest.mark.parametrize(
    ("shift", "tolerance", "expected"),
    [
        ((0, 0), 0, 1),
        ((0, 1), 0, 8 / 16),  # two rows share 4 pixels each
        ((0, 1), 1, 1),
        ((2, 0), 0, 6 / 16),  # two columns share 3 pixels each
        ((2, 0), 1, 10 / 16),  # these columns 4 each, and 2 of the row inside the other square
        ((2, 0), 2, 1),
        ((1, 1), 1, 15 / 16),  # one corner of each is √2 away from the other
        ((1, 1), 1.5, 1),
        ((0, 7), 2, 0),
    ],
)
def test_outlines_of_a_shifted_square_by_hand(shift, tolerance, expected):
    got = metrics.boundary_f1(square(), square(*shift), 3, tolerance=tolerance)
    assert got[1] == pytest.approx(expected)
    assert np.isnan(got[2])


def test_outline_precision_and_recall_are_combined_as_f1():
    """One pixel too many, far away: 16 of 17 predicted outline pixels are right, and all 16 true ones found."""
    pred = square()
    pred[0, 12, 15] = 1
    assert metrics.boundary_f1(square(), pred, 2)[1] == pytest.approx(2 * (16 / 17) / (16 / 17 + 1))
    assert metrics.boundary_f1(pred, square(), 2)[1] == pytest.approx(2 * (16 / 17) / (16 / 17 + 1))


def test_the_outline_score_is_the_mean_over_images_that_have_the_class():
    y_true, y_pred = (
        np.concatenate([square(), square(), 0 * square()]),
        np.concatenate([square(), np.zeros_like(square(n=2))]),
    )
    got = metrics.boundary_f1(y_true, y_pred, 2)
    assert got.tolist() == [0.5, 0.5], "one perfect, one missed, and one without an outline"


def test_void_draws_no_outline_of_its_own():
    y_true = square()
    y_true[0, :, 4:6] = VOID
    assert metrics.boundary_f1(y_true, square(), 2, tolerance=0, ignore_class=VOID).tolist() == [1, 1]
    assert metrics.boundary_f1(y_true, square(), 2, tolerance=0)[1] < 1


@pytest.mark.parametrize("shapes", [((2, 5, 6), (2, 6, 5)), ((5, 6), (5, 6))])
def test_outlines_need_two_stacks_of_masks(shapes):
    with pytest.raises(ValueError, match=r"expected two masks \(N, H, W\) of one shape, got"):
        metrics.boundary_f1(*(np.zeros(shape, int) for shape in shapes), 2)


# Calibration


def test_calibration_by_hand():
    """Confidence 0.95 twice, right once; 0.65, right; 0.55, wrong: error (2·0.45 + 0.35 + 0.55) / 4. Void aside."""
    p = np.array([[0.95, 0.05], [0.05, 0.95], [0.35, 0.65], [0.55, 0.45], [1.0, 0.0]])
    got = metrics.calibration(np.array([0, 0, 1, 1, VOID]), p, ignore_class=VOID)
    assert got.count.tolist() == [0, 0, 0, 0, 0, 1, 1, 0, 0, 2]
    np.testing.assert_allclose(got.confidence, [np.nan] * 5 + [0.55, 0.65, np.nan, np.nan, 0.95])
    np.testing.assert_allclose(got.accuracy, [np.nan] * 5 + [0, 1, np.nan, np.nan, 0.5])
    assert got.expected_error == pytest.approx(0.45)


def test_calibration_of_images_bins_and_certainty(rng):
    """Predictions drawn by their own probabilities are calibrated; a certain one falls into the last bin."""
    p = rng.dirichlet([1, 1, 1], (3, 70, 50))
    y = (p.cumsum(-1) < rng.random((3, 70, 50, 1))).sum(-1)
    got = metrics.calibration(y, p, bins=4)
    assert got.count.sum() == y.size
    assert got.expected_error < 0.02
    assert metrics.calibration(0 * y, p, bins=4).expected_error > 0.2
    certain = metrics.calibration(np.array([1]), np.array([[0.0, 1.0]]), bins=4)
    assert certain.count.tolist() == [0, 0, 0, 1]
    assert certain.expected_error == 0


@pytest.mark.parametrize(
    ("labels", "p", "message"),
    [
        (np.zeros((2, 3), int), np.full((2, 4, 2), 0.5), r"got \(2, 3\) and \(2, 4, 2\)"),
        (np.zeros(2, int), np.array([[2.0, -1.0], [3.0, 0.5]]), "softmax to logits first"),
    ],
)
def test_calibration_refuses_what_are_no_probabilities(labels, p, message):
    with pytest.raises(ValueError, match=message):
        metrics.calibration(labels, p)


# The Keras metric


@pytest.fixture
def scored(rng):
    """Masks (6, 5, 8) of four classes with void, class 3 nowhere, and logits that are right half of the time."""
    y = rng.integers(0, 3, (6, 5, 8)).astype(np.uint8)
    logits = (rng.normal(0, 1, (6, 5, 8, 4)) + 2 * np.eye(4)[y] - [0, 0, 0, 99]).astype(np.float32)
    y[:, 1, 2:5] = VOID
    return y, logits


def expected_iou(y, logits):
    return metrics.mean_iou(metrics.confusion_matrix(y, logits.argmax(-1), 4, ignore_class=VOID))


def test_soft_confusion_of_hard_predictions_is_the_confusion_matrix_of_each_image(scored):
    y, logits = scored
    truth, predicted = losses.one_hot(y, 4, VOID), logits.argmax(-1)
    counts = losses.soft_confusion(truth, losses.one_hot(predicted, 4))
    np.testing.assert_array_equal(counts, metrics.confusion_per_image(y, predicted, 4, ignore_class=VOID))


def test_soft_confusion_adds_up_the_scores_of_each_true_class(scored):
    y, logits = scored
    counts = losses.soft_confusion(losses.one_hot(y, 4, VOID), logits)
    for image, mask, scores in zip(np.asarray(counts), y, logits, strict=True):
        for c in range(4):
            wanted = scores[mask == c].sum(0)
            np.testing.assert_allclose(image[c], wanted, rtol=1e-6, atol=1e-5)  # float32, added in any order


def test_the_keras_metric_is_mean_iou_over_all_batches_since_the_reset(scored):
    y, logits = scored
    metric = MeanIoU(4, ignore_class=VOID)
    for part in (slice(0, 1), slice(1, 4), slice(4, 6)):
        metric.update_state(y[part], logits[part])
    assert float(metric.result()) == pytest.approx(expected_iou(y, logits), rel=1e-6)
    metric.reset_state()
    assert float(metric.result()) == 0
    metric.update_state(y[:2], logits[:2])
    assert float(metric.result()) == pytest.approx(expected_iou(y[:2], logits[:2]), rel=1e-6)


@pytest.mark.parametrize("void", [0, VOID])
def test_void_may_be_a_label_that_scores_have_too(scored, void):
    y, logits = np.where(scored[0] == VOID, 0, scored[0]), scored[1]
    table = metrics.confusion_matrix(y, logits.argmax(-1), 4, ignore_class=void)
    assert float(MeanIoU(4, ignore_class=void)(y, logits)) == pytest.approx(metrics.mean_iou(table), rel=1e-6)


def test_the_keras_metric_takes_logits_and_probabilities_alike(scored):
    y, logits = scored
    results = [MeanIoU(4, ignore_class=VOID)(y, scores) for scores in (logits, keras.ops.softmax(logits))]
    assert float(results[0]) == float(results[1])


def test_a_perfect_prediction_scores_one_though_a_class_is_absent(scored):
    y = scored[0]
    assert float(MeanIoU(4, ignore_class=VOID)(y, np.eye(256, dtype=np.float32)[y][..., :4])) == 1


def test_the_keras_metric_keeps_its_name_when_it_is_built_twice():
    assert [MeanIoU(3).name, MeanIoU(3).name, MeanIoU(3, name="own").name] == ["mean_iou", "mean_iou", "own"]


def test_the_keras_metric_works_in_fit_and_evaluate_and_survives_saving(scored, tmp_path):
    y, logits = scored
    model = keras.Sequential([keras.Input((None, None, 4)), keras.layers.Conv2D(4, 1, use_bias=False)])
    model.set_weights([np.eye(4)[None, None]])  # passes its input on, and does not learn
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True, ignore_class=VOID)
    model.compile(keras.optimizers.SGD(0.0), loss, metrics=[MeanIoU(4, ignore_class=VOID)])
    history = model.fit(logits, y, validation_data=(logits[:2], y[:2]), batch_size=4, epochs=1, verbose=0).history
    assert float(history["mean_iou"][0]) == pytest.approx(expected_iou(y, logits), rel=1e-6)
    assert float(history["val_mean_iou"][0]) == pytest.approx(expected_iou(y[:2], logits[:2]), rel=1e-6)
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras", safe_mode=True)
    score = loaded.evaluate(logits, y, batch_size=4, verbose=0, return_dict=True)["mean_iou"]
    assert float(score) == pytest.approx(expected_iou(y, logits), rel=1e-6)


def test_its_configuration_survives_json():
    config = json.loads(json.dumps(keras.metrics.serialize(MeanIoU(5, ignore_class=VOID, name="own"))))
    again = keras.metrics.deserialize(config)
    assert (type(again), again.classes, again.ignore_class, again.name) == (MeanIoU, 5, VOID, "own")


@pytest.mark.parametrize(
    ("labels", "scores"),
    [((2, 3, 4, 1), (2, 3, 4, 3)), ((2, 3, 4), (2, 3, 4, 2)), ((2, 3, 4), (2, 3, 4)), ((2, 3, 4, 3), (2, 3, 4, 3))],
)
def test_the_keras_metric_refuses_wrong_shapes(labels, scores):
    with pytest.raises(ValueError, match=r"expected masks \(B, H, W\) and scores \(B, H, W, 3\), got"):
        MeanIoU(3).update_state(np.zeros(labels, int), np.zeros(scores, np.float32))


def test_the_keras_metric_refuses_sample_weights(scored):
    with pytest.raises(ValueError, match="mark void pixels with ignore_class"):
        MeanIoU(4).update_state(*scored, sample_weight=np.ones(6))


def test_foreground_iou_leaves_out_background_and_classes_that_do_not_occur():
    tables = np.array([[[90, 2, 0], [3, 5, 0], [0, 0, 0]], [[9, 0, 0], [0, 4, 1], [0, 1, 2]], 7 * np.diag([1, 0, 0])])
    np.testing.assert_allclose(metrics.foreground_iou(tables), [5 / 10, (4 / 6 + 2 / 4) / 2, np.nan])
