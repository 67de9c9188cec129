"""Lesson 9 · Segmentation run: the figure of the ablation, and the exercise `mean_iou_of`."""

import numpy as np

from segutils import plots
from segutils.lessons.answers import Exercise

# Figures


def ranked_bars(ax, named, *, origin=0.0, title=None, xlabel=None):
    """Draw repeated measurements of many names as lying bars, the largest mean on top; a stroke for each repeat.

    Args:
        named: for each name an array (repeats,).
        origin: where bars start: the value that means "no difference".
    Returns: the names, from top to bottom.
    """
    order = sorted(named, key=lambda name: np.mean(named[name]), reverse=True)
    for row, name in enumerate(order):
        ax.barh(row, np.mean(named[name]) - origin, left=origin, height=0.6, color=plots.COLOURS[0], alpha=0.6)
        ax.plot(named[name], [row] * len(named[name]), "|", color="black", markersize=9)
    ax.axvline(origin, color="black", linewidth=0.8)
    ax.set_yticks(range(len(order)), order, fontsize=8)
    ax.invert_yaxis()
    ax.set_xlabel(xlabel)
    plots.set_title(ax, title)
    return order


# The exercise: mean_iou_of(confusion), (C, C) counts, row: true class → mean IoU over the classes that occur


def _counts(*shape, empty=(), seed=0):
    """Random counts of pixels; the classes in `empty` are in neither the truth nor the prediction."""
    counts = np.random.default_rng(seed).integers(1, 30, shape)
    counts[..., empty, :] = counts[..., :, empty] = 0
    return counts


def counted_pixels(confusion):
    """True positives, and the pixels of each class in the prediction and in the truth, (…, C)."""
    return np.diagonal(confusion, axis1=-2, axis2=-1), confusion.sum(-2), confusion.sum(-1)


def mean_of_ratios(ratio, *, absent=None):
    """A wrong answer: the mean over the classes of part / whole, ratio(hits, predicted, actual).

    Classes that do not occur are left out, or count as `absent`.
    """

    def answer(confusion):
        part, whole = ratio(*counted_pixels(confusion))
        present = whole > 0
        scores = np.where(present, part / np.where(present, whole, 1), 0.0 if absent is None else absent)
        return scores[present].mean() if absent is None else scores.mean()

    return answer


def overlap(hits, predicted, actual):
    return hits, predicted + actual - hits


exercise = Exercise(
    "mean_iou_of",
    solution=mean_of_ratios(overlap),
    cases=[
        (np.array([[5, 1, 0], [2, 3, 0], [0, 4, 6]]),),
        (_counts(5, 5),),
        (_counts(6, 6, empty=[2, 4], seed=1),),
    ],
    mistakes=[
        (
            "That is the pixel accuracy: divide class by class, then take the mean.",
            lambda confusion: np.trace(confusion) / confusion.sum(),
        ),
        (
            "That is the mean recall: you divide by the true pixels only, so false positives cost nothing.",
            mean_of_ratios(lambda hits, predicted, actual: (hits, actual)),
        ),
        (
            "That is the mean precision: you divide by the predicted pixels only, so what is missed costs nothing.",
            mean_of_ratios(lambda hits, predicted, actual: (hits, predicted)),
        ),
        (
            "True positives are counted twice below: they are in the row and in the column. Subtract them once.",
            mean_of_ratios(lambda hits, predicted, actual: (hits, predicted + actual)),
        ),
        (
            "That is the mean Dice coefficient, 2 TP / (2 TP + FP + FN).",
            mean_of_ratios(lambda hits, predicted, actual: (2 * hits, predicted + actual)),
        ),
        (
            "You add up all classes before you divide, so background outweighs the rest. Divide class by class.",
            lambda confusion: np.trace(confusion) / (2 * confusion.sum() - np.trace(confusion)),
        ),
        (
            "Those are the IoUs of the classes; return their mean.",
            lambda confusion: np.diag(confusion) / np.maximum(overlap(*counted_pixels(confusion))[1], 1),
        ),
        (
            "A class in neither mask gives 0/0, and one NaN spoils the mean. Leave such classes out.",
            lambda confusion: np.mean(np.diag(confusion) / overlap(*counted_pixels(confusion))[1]),
        ),
        (
            "A class in neither mask counts as 0, as if it had been missed. Leave such classes out.",
            mean_of_ratios(overlap, absent=0.0),
        ),
        (
            "A class in neither mask counts as 1 and lifts the mean. Leave such classes out.",
            mean_of_ratios(overlap, absent=1.0),
        ),
        (
            "The background is left out; mean IoU has it among its classes.",
            lambda confusion: mean_of_ratios(lambda *parts: [x[1:] for x in overlap(*parts)])(confusion),
        ),
    ],
    arguments=("confusion",),
)
