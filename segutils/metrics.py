"""Honest numbers: everything is derived from one table of counts, the confusion matrix.

`y_true` and `y_pred` are integer masks of one shape. Void pixels (`ignore_class` in the truth) count nowhere.
A class that is in neither the truth nor the prediction has no score (nan), and means leave it out.
NumPy alone: nothing here waits for a deep-learning framework.
"""

import itertools
import warnings
from typing import NamedTuple

import numpy as np

VOID = 255  # the label of pixels that nobody labelled, wherever this course makes masks


def confusion_matrix(y_true, y_pred, classes, *, ignore_class=None):
    """How many pixels of true class i (row) were predicted as class j (column).

    Args:
        y_true, y_pred: integer masks of one shape, 0..classes-1; y_true may hold `ignore_class`.
        classes: how many classes.
        ignore_class: label of void pixels, e.g. 255.
    Returns: (classes, classes) int64.
    Raises: ValueError if shapes differ or a label is out of range.
    >>> confusion_matrix(np.array([0, 1, 1]), np.array([0, 1, 0]), 2).tolist()
    [[1, 0], [1, 1]]
    """
    y_true, y_pred = same_shape(y_true, y_pred)
    return confusion_per_image(y_true[None], y_pred[None], classes, ignore_class=ignore_class)[0]


def confusion_per_image(y_true, y_pred, classes, *, ignore_class=None):
    """A confusion matrix for each image: what bootstrap intervals and per-image scores are made from.

    Args:
        y_true, y_pred: integer masks (N, …) of one shape, 0..classes-1; y_true may hold `ignore_class`.
        classes: how many classes. ignore_class: label of void pixels, e.g. 255.
    Returns: (N, classes, classes) int64.
    Raises: ValueError if shapes differ or a label is out of range.
    >>> confusion_per_image(np.array([[0, 1], [1, 1]]), np.array([[0, 1], [1, 0]]), 2).tolist()
    [[[1, 0], [0, 1]], [[0, 0], [1, 1]]]
    """
    y_true, y_pred = same_shape(y_true, y_pred)
    n, cells = len(y_true), classes * classes
    valid = np.ones(y_true.shape, bool) if ignore_class is None else y_true != ignore_class
    check_labels(y_true[valid], classes, name="y_true")
    check_labels(y_pred[valid], classes, name="y_pred")
    image = np.arange(n).reshape(-1, *[1] * (y_true.ndim - 1))
    cell = image * cells + y_true.astype(np.int64) * classes + y_pred.astype(np.int64)
    return np.bincount(cell[valid], minlength=n * cells).reshape(n, classes, classes)


def same_shape(y_true, y_pred):
    """y_true and y_pred, masks or nested lists, as two arrays. Raises: ValueError if their shapes differ.

    >>> same_shape([0, 1], [1, 1])[1].tolist()
    [1, 1]
    """
    y_true, y_pred = np.asarray(y_true), np.asarray(y_pred)
    if y_true.shape != y_pred.shape:
        cure = "take the argmax over the class axis, and squeeze a channel axis of 1"
        raise ValueError(f"y_true and y_pred must have one shape, got {y_true.shape} and {y_pred.shape}; {cure}")
    return y_true, y_pred


def check_labels(labels, classes, *, ignore_class=None, name="labels"):
    """Refuse labels that no class has: a GPU would answer them with nan, one-hot coding with silence.

    Args: labels: ints of any shape. classes: how many. ignore_class: void label, allowed too. name: for the error.
    Raises: ValueError if they are no integers, or with the labels out of range.
    >>> check_labels(np.array([0, 255]), 2, ignore_class=255)
    """
    labels = np.asarray(labels)
    if labels.dtype.kind not in "ui":
        raise ValueError(f"{name} must be integers, got {labels.dtype}; convert with .astype('int32')")
    invalid = np.unique(labels[(labels < 0) | (labels >= classes)])
    invalid = invalid[invalid != ignore_class] if ignore_class is not None else invalid
    if len(invalid):
        cure = "map mask values to classes, or pass ignore_class for a void label"
        raise ValueError(f"{name} must lie in 0..{classes - 1}, got {invalid[:5].tolist()}; {cure}")


def _confusion_counts(confusion):
    """True positives, false positives and false negatives of each class, (…, C)."""
    true_positives = np.diagonal(confusion, axis1=-2, axis2=-1)
    return true_positives, confusion.sum(-2) - true_positives, confusion.sum(-1) - true_positives


def _ratio(part, whole):
    """part / whole; nan where the whole is 0."""
    return np.divide(part, whole, out=np.full(np.shape(whole), np.nan), where=np.asarray(whole) > 0)


def iou(confusion):
    """Intersection over union (Jaccard index) of each class: TP / (TP + FP + FN).

    Args: confusion: (…, C, C) counts. Returns: (…, C) floats in [0, 1]; nan for a class in neither mask.
    >>> iou(np.array([[1, 1], [0, 2]])).round(2).tolist()
    [0.5, 0.67]
    """
    true_positives, false_positives, false_negatives = _confusion_counts(confusion)
    return _ratio(true_positives, true_positives + false_positives + false_negatives)


def dice(confusion):
    """Dice coefficient (F1) of each class: 2 TP / (2 TP + FP + FN) = 2 IoU / (1 + IoU).

    Args: confusion: (…, C, C) counts. Returns: (…, C) floats in [0, 1]; nan for a class in neither mask.
    >>> dice(np.array([[1, 1], [0, 2]])).round(2).tolist()
    [0.67, 0.8]
    """
    true_positives, false_positives, false_negatives = _confusion_counts(confusion)
    return _ratio(2 * true_positives, 2 * true_positives + false_positives + false_negatives)


def recall(confusion):
    """Share of each class's true pixels that were found: TP / (TP + FN).

    Args: confusion: (…, C, C) counts. Returns: (…, C) floats in [0, 1]; nan for a class that is never true.
    >>> recall(np.array([[1, 1], [0, 2]])).tolist()
    [0.5, 1.0]
    """
    true_positives, _, false_negatives = _confusion_counts(confusion)
    return _ratio(true_positives, true_positives + false_negatives)


def precision(confusion):
    """Share of each class's predicted pixels that are right: TP / (TP + FP).

    Args: confusion: (…, C, C) counts. Returns: (…, C) floats in [0, 1]; nan for a class that is never predicted.
    >>> precision(np.array([[1, 1], [0, 2]])).round(2).tolist()
    [1.0, 0.67]
    """
    true_positives, false_positives, _ = _confusion_counts(confusion)
    return _ratio(true_positives, true_positives + false_positives)


def mean_iou(confusion):
    """Mean IoU over the classes that occur.

    Args: confusion: (…, C, C) counts. Returns: (…) floats in [0, 1]; nan if all is void.
    >>> float(mean_iou(np.array([[2, 2], [0, 4]])).round(3))
    0.583
    """
    return _mean_of_present(iou(confusion))


def foreground_iou(confusion):
    """Mean IoU over the classes that occur, background (class 0) left out.

    Args: confusion: (…, C, C) counts, C >= 2. Returns: (…) floats; nan where both masks are background only.
    >>> float(foreground_iou(np.array([[2, 1], [0, 3]])))
    0.75
    """
    return _mean_of_present(iou(confusion)[..., 1:])


def _mean_of_present(scores):
    """Mean over the last axis, classes without a score (nan) left out; nan where none has one."""
    present = np.isfinite(scores)
    return _ratio(np.where(present, scores, 0).sum(-1), present.sum(-1))


def pixel_accuracy(confusion):
    """Share of right pixels: Σ TP / N.

    Args: confusion: (…, C, C) counts. Returns: (…) floats in [0, 1]; nan if all is void.
    >>> float(pixel_accuracy(np.array([[1, 1], [0, 2]])))
    0.75
    """
    return _ratio(np.trace(confusion, axis1=-2, axis2=-1), confusion.sum((-2, -1)))


def bootstrap_interval(confusions, score, *, level=0.95, resamples=1000, seed=0):
    """Percentile interval of a score under resampling of whole images (the pixels of one image are not independent).

    Args:
        confusions: (N, C, C) counts, one table per image.
        score: function of summed tables (…, C, C), e.g. mean_iou or iou.
        level: probability that the interval should cover; in (0, 1).
        resamples: how many, >= 1. seed: int >= 0, of the resampling.
    Returns: (low, high), each of the shape that `score` gives for one table; nan for a class that occurs nowhere.
    Raises: ValueError without images, or for a level out of its range.
    Source: Efron and Tibshirani 1993, ch. 13.
    >>> low, high = bootstrap_interval(np.array([[[4, 1], [0, 5]], [[5, 0], [3, 2]]]), mean_iou)
    >>> bool(low < high)
    True
    """
    confusions = np.asarray(confusions)
    n = len(confusions)
    if not n or not 0 < level < 1:
        raise ValueError(f"expected at least one image and a level in (0, 1), got {n} images and {level}")
    times = np.random.default_rng(seed).multinomial(n, np.full(n, 1 / n), size=resamples)
    flat = confusions.reshape(n, -1)
    scores = score((times @ flat).reshape(resamples, *confusions.shape[1:]))
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "All-NaN slice", RuntimeWarning)  # a class that occurs nowhere stays nan
        return tuple(np.nanquantile(scores, [(1 - level) / 2, (1 + level) / 2], axis=0))


def boundary_f1(y_true, y_pred, classes, *, tolerance=1.0, ignore_class=None):
    """How well outlines agree: F1 of boundary pixels that lie within `tolerance` pixels of each other.

    Formula, per image and class: 2 P R / (P + R), where P is the share of predicted boundary pixels with a true
    one of the class within the tolerance, and R the share of true ones with a predicted one.
    A pixel is on the boundary of its class if one of its 4 neighbours has another class.
    Args:
        y_true, y_pred: (N, H, W) ints. classes: how many.
        tolerance: Euclidean distance in pixels; >= 0.
        ignore_class: void pixels take the predicted class, so they draw no outline of their own.
    Returns: (classes,) floats: the mean over the images where the class has a boundary in either; nan if none.
    Raises: ValueError if the shapes do not fit.
    Source: Csurka et al. 2013, "What is a good evaluation measure for semantic segmentation?"
    >>> mask = np.pad(np.ones((1, 2, 2), int), ((0, 0), (2, 2), (2, 2)))
    >>> boundary_f1(mask, mask, 2).tolist()
    [1.0, 1.0]
    """
    y_true, y_pred = np.asarray(y_true), np.asarray(y_pred)
    if y_true.shape != y_pred.shape or y_true.ndim != 3:
        raise ValueError(f"expected two masks (N, H, W) of one shape, got {y_true.shape} and {y_pred.shape}")
    options = {"tolerance": tolerance, "ignore_class": ignore_class}
    return mean_outline_f1([outline_counts(*masks, classes, **options) for masks in zip(y_true, y_pred, strict=True)])


def outline_counts(y_true, y_pred, classes, *, tolerance=1.0, ignore_class=None):
    """What the boundary F1 of one mask is made of: pixels of its outlines, and how many are right.

    Args: y_true, y_pred: (H, W) ints. The others as boundary_f1.
    Returns: (classes, 4) int64: predicted outline pixels that lie within the tolerance of a true one of their class,
        all predicted ones, true ones that lie within it of a predicted one, all true ones.
    >>> outline_counts(np.eye(2, dtype=int), np.eye(2, dtype=int), 2).tolist()
    [[2, 2, 2, 2], [2, 2, 2, 2]]
    """
    from skimage.segmentation import find_boundaries

    y_true = y_true if ignore_class is None else np.where(y_true == ignore_class, y_pred, y_true)
    edges = [np.where(find_boundaries(m, connectivity=1, mode="thick"), m, -1) for m in (y_pred, y_true)]
    reach, counts = int(tolerance), []
    moves = [range(reach + 1 + reach)] * 2
    for own, other in (edges, edges[::-1]):
        around, hit = np.pad(other, reach, constant_values=-1), np.zeros(own.shape, bool)
        for down, right in itertools.product(*moves):
            if np.hypot(down - reach, right - reach) <= tolerance:
                hit |= own == around[down : down + own.shape[0], right : right + own.shape[1]]
        counts += [np.bincount(own[where & (own >= 0)], minlength=classes)[:classes] for where in (hit, True)]
    return np.stack(counts, axis=1)


def mean_outline_f1(counts):
    """Boundary F1 of each class from outline_counts (N, classes, 4): the mean over the images where it has an outline.

    Returns: (classes,) floats; nan for a class without outlines.
    >>> mean_outline_f1([[[1, 2, 1, 2]]]).tolist()
    [0.5]
    """
    hit_pred, pred, hit_true, true = np.moveaxis(np.asarray(counts, float), -1, 0)
    precision, recall = hit_pred / np.maximum(pred, 1), hit_true / np.maximum(true, 1)
    scores = 2 * precision * recall / np.maximum(precision + recall, 1e-12)
    return _ratio(scores.sum(0), (pred + true > 0).sum(0))


class Reliability(NamedTuple):
    """Per bin of confidence: mean confidence, accuracy (nan if empty) and count; and the expected error.

    >>> Reliability._fields
    ('confidence', 'accuracy', 'count', 'expected_error')
    """

    confidence: np.ndarray
    accuracy: np.ndarray
    count: np.ndarray
    expected_error: float


def calibration(y_true, probabilities, *, bins=10, ignore_class=None):
    """How far the model's confidence is from how often it is right, bin by bin and in all.

    Formula: expected calibration error = Σ over bins of count / N · |accuracy - confidence|
    Args:
        y_true: (…) ints.
        probabilities: (…, C), summing to 1 over the last axis.
        bins: how many equal steps of confidence (the largest probability) from 0 to 1.
        ignore_class: label of void pixels, e.g. 255.
    Returns: Reliability.
    Raises: ValueError if the shapes do not fit or the probabilities do not sum to 1.
    Source: Guo et al. 2017, arXiv:1706.04599.
    >>> round(calibration(np.array([0, 1]), np.array([[0.8, 0.2], [0.8, 0.2]])).expected_error, 3)
    0.3
    """
    y_true, probabilities = np.asarray(y_true), np.asarray(probabilities)
    if probabilities.shape[:-1] != y_true.shape:
        raise ValueError(f"expected labels (…) and probabilities (…, C), got {y_true.shape} and {probabilities.shape}")
    if np.abs(probabilities.sum(-1) - 1).max(initial=0) > 1e-3:
        raise ValueError("probabilities must sum to 1 over the last axis; apply keras.ops.softmax to logits first")
    valid = np.ones(y_true.shape, bool) if ignore_class is None else y_true != ignore_class
    confidence = probabilities.max(-1)[valid].astype(np.float64)
    right = (probabilities.argmax(-1) == y_true)[valid]
    bin_index = np.minimum((confidence * bins).astype(int), bins - 1)
    count, claimed, correct = (np.bincount(bin_index, w, minlength=bins) for w in (None, confidence, right))
    gap = np.abs(correct - claimed).sum() / max(count.sum(), 1)
    return Reliability(_ratio(claimed, count), _ratio(correct, count), count, float(gap))
