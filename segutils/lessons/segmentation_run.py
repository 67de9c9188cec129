"""Lesson 9 · Segmentation run: its two kinds of scenes, its figures, and the exercises `mean_iou_of`, `small_unet`."""

from typing import NamedTuple

import numpy as np

from segutils import scenes, textures
from segutils.digits import load_digits
from segutils.lessons.answers import Exercise

KINDS = ("digits", "textures")

# Data


class Data(NamedTuple):
    """Scenes for training, validation and testing, the names of their classes, and where they come from."""

    train: scenes.Scenes
    validation: scenes.Scenes
    test: scenes.Scenes
    names: tuple
    source: str


def make_data(kind, source, *, size, seed, **counts):
    """Scenes of digits or of textures, split by source.

    Digit scenes for training are crowded: four fifths of the places or more hold a digit.

    Args:
        kind: "digits" or "textures".
        source: of the digits: "mnist", "bundled" or "auto".
        size: height and width, pixels; seed: int >= 0.
        counts: train, validation, test: how many scenes of each.
    Returns: Data.
    """
    if kind == "textures":
        return Data(*textures.make_splits(size=size, seed=seed, **counts), textures.CLASS_NAMES, "textures")
    digits, places = load_digits(source), (size // scenes.PITCH) ** 2
    parts = scenes.make_splits(digits, size=size, seed=seed, train_count=(4 * places // 5, places), **counts)
    return Data(*parts, scenes.CLASS_NAMES, digits.name)


# The exercise: mean_iou_of(confusion), (C, C) counts, a row per true class → mean IoU of the classes that occur


def _random_confusion(classes, *, absent=(), seed=0):
    """Random counts of pixels; the classes in `absent` are in neither the truth nor the prediction."""
    counts = np.random.default_rng(seed).integers(1, 30, (classes, classes))
    counts[absent, :] = counts[:, absent] = 0
    return counts


def count_pixels(confusion):
    """The true positives of each class, its pixels in the prediction, and those in the truth, each (…, C)."""
    return np.diagonal(confusion, axis1=-2, axis2=-1), confusion.sum(-2), confusion.sum(-1)


def mean_of_ratios(ratio, *, absent=None):
    """An answer, right or wrong: the mean over the classes of a ratio of pixel counts.

    Args:
        ratio: function of true_positives, predicted, actual, each (…, C) → numerator, denominator.
        absent: score of a class whose denominator is 0; None leaves such classes out.
    """

    def answer(confusion):
        numerator, denominator = ratio(*count_pixels(confusion))
        present = denominator > 0
        scores = np.where(present, numerator / np.where(present, denominator, 1), 0.0 if absent is None else absent)
        return scores[present].mean() if absent is None else scores.mean()

    return answer


def iou_ratio(true_positives, predicted, actual):
    return true_positives, predicted + actual - true_positives


exercise = Exercise(
    "mean_iou_of",
    solution=mean_of_ratios(iou_ratio),
    cases=[
        (np.array([[5, 1, 0], [2, 3, 0], [0, 4, 6]]),),
        (_random_confusion(5),),
        (_random_confusion(6, absent=[2, 4], seed=1),),
    ],
    mistakes=[
        (
            "That is the pixel accuracy: divide class by class, then take the mean.",
            lambda confusion: np.trace(confusion) / confusion.sum(),
        ),
        (
            "That is the mean recall: you divide by the true pixels only, so false positives cost nothing.",
            mean_of_ratios(lambda true_positives, predicted, actual: (true_positives, actual)),
        ),
        (
            "That is the mean precision: you divide by the predicted pixels only, so what is missed costs nothing.",
            mean_of_ratios(lambda true_positives, predicted, actual: (true_positives, predicted)),
        ),
        (
            "True positives are counted twice below: they are in the row and in the column. Subtract them once.",
            mean_of_ratios(lambda true_positives, predicted, actual: (true_positives, predicted + actual)),
        ),
        (
            "That is the mean Dice coefficient, 2 TP / (2 TP + FP + FN).",
            mean_of_ratios(lambda true_positives, predicted, actual: (2 * true_positives, predicted + actual)),
        ),
        (
            "You add up all classes before you divide, so background outweighs the rest. Divide class by class.",
            lambda confusion: np.trace(confusion) / (2 * confusion.sum() - np.trace(confusion)),
        ),
        (
            "Those are the IoUs of the classes; return their mean.",
            lambda confusion: np.diag(confusion) / np.maximum(iou_ratio(*count_pixels(confusion))[1], 1),
        ),
        (
            "A class in neither mask gives 0/0, and one NaN spoils the mean. Leave such classes out.",
            lambda confusion: np.mean(np.diag(confusion) / iou_ratio(*count_pixels(confusion))[1]),
        ),
        (
            "A class in neither mask counts as 0, as if it had been missed. Leave such classes out.",
            mean_of_ratios(iou_ratio, absent=0.0),
        ),
        (
            "A class in neither mask counts as 1 and lifts the mean. Leave such classes out.",
            mean_of_ratios(iou_ratio, absent=1.0),
        ),
        (
            "The background is left out; mean IoU has it among its classes.",
            mean_of_ratios(lambda *pixels: [counts[1:] for counts in iou_ratio(*pixels)]),
        ),
    ],
    argument_names=("confusion",),
)
