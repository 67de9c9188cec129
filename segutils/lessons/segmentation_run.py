"""Lesson 9 · Segmentation run: its two kinds of scenes, its figures, and the exercises `mean_iou_of`, `small_unet`."""

from typing import NamedTuple

import keras
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
    few = (min(3, places), min(6, places))
    crowd = (4 * places // 5, places)
    parts = scenes.make_splits(digits, size=size, seed=seed, count=few, train_count=crowd, **counts)
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


def mean_over(counted):
    """A wrong answer: the mean IoU of the classes for which `counted`, a function as in mean_of_ratios, is not 0."""

    def answer(confusion):
        pixels = count_pixels(confusion)
        numerator, denominator = iou_ratio(*pixels)
        return (numerator / np.maximum(denominator, 1))[counted(*pixels) > 0].mean()

    return answer


exercise = Exercise(
    "mean_iou_of",
    solution=mean_of_ratios(iou_ratio),
    cases=[
        (np.array([[5, 1, 0], [2, 3, 0], [0, 4, 6]]),),
        (_random_confusion(5),),
        (_random_confusion(6, absent=[2, 4], seed=1),),
        # Classes 1 and 4 are in the prediction alone, class 2 is in the truth alone
        (np.array([[6, 2, 0, 1, 1], [0] * 5, [3, 1, 0, 2, 0], [1, 0, 0, 5, 1], [0] * 5]),),
    ],
    mistakes=[
        (
            "A class that is only in the prediction has the IoU 0 and counts. Leave out only classes in neither mask.",
            mean_over(lambda true_positives, predicted, actual: actual),
        ),
        (
            "A class that is only in the truth has the IoU 0 and counts. Leave out only classes in neither mask.",
            mean_over(lambda true_positives, predicted, actual: predicted),
        ),
        (
            "A class of which no pixel was found has the IoU 0 and counts. Leave out only classes in neither mask.",
            mean_over(lambda true_positives, predicted, actual: true_positives),
        ),
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


# The second exercise: small_unet(classes) → a U-Net of at most 20,000 parameters, graded by what it reaches

MOST_PARAMETERS = 20_000
GOAL = 0.9  # of both shares that `train_briefly` returns


def lamp_scenes(count, *, seed=0, side=24):
    """Images of bright pixels around a lamp: class 1 if the lamp is off, class 2 if it is on, class 0 elsewhere.

    Returns: images (N, S, S, 1) float32, masks (N, S, S) ints.
    """
    rng = np.random.default_rng(seed)
    on, dots = rng.random(count) < 0.5, rng.random((count, side, side)) < 0.06
    lamp = slice(side // 2 - 3, side // 2 + 3)
    dots[:, lamp, lamp] = False
    images = np.where(dots, 220, 40).astype(np.float32)[..., None]
    images[:, lamp, lamp] = np.where(on, 255, 0)[:, None, None, None]
    return images, np.where(dots, np.where(on, 2, 1)[:, None, None], 0)


def train_briefly(model, *, steps=160):
    """Train a network on lamp scenes for some steps of 16.

    Returns: IoU of all bright pixels with what is not called 0, and of those found, the share whose class is right.
    """
    model.compile(keras.optimizers.Adam(0.01), keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    model.fit(*lamp_scenes(16 * steps), batch_size=16, shuffle=False, verbose=0)
    images, masks = lamp_scenes(64, seed=1)
    said = np.argmax(model(images, training=False), axis=-1)
    found = (said > 0) & (masks > 0)
    return found.sum() / ((said > 0) | (masks > 0)).sum(), (said == masks)[found].mean() if found.any() else 0.0


def diagnose_small_unet(build, *, classes=3):
    """What is wrong with a learner's network, in a sentence that names the cure; None if it reaches the goal.

    Args: build: function of the number of classes → keras.Model.
    """
    model = build(classes)
    if not isinstance(model, keras.Model):
        return "not started yet, or `return` is missing: return keras.Model(image, scores)."
    scores = np.asarray(model(lamp_scenes(1, side=32)[0][:, :, :24]))
    if scores.shape[1:3] != (32, 24):
        size = "×".join(map(str, scores.shape[1:3]))
        return f"not yet. For an image of 32×24 pixels the scores are {size}: each pooling needs an enlargement later."
    if scores.shape[3:] != (classes,):
        return f"not yet. For {classes} classes a pixel has {scores.shape[3]} scores: end in Conv2D(classes, 1)."
    if model.count_params() > MOST_PARAMETERS:
        return f"not yet. It has {model.count_params():,} parameters; half as many filters quarter them."
    if np.allclose(scores.sum(-1), 1, atol=1e-4):
        return (
            "not yet. A pixel's scores add up to 1: they are probabilities. The loss takes logits; leave softmax out."
        )
    for network in (model, build(classes)):  # a second try, because first weights are drawn
        sharp, far = train_briefly(network)
        if min(sharp, far) >= GOAL:
            return None
    if sharp < GOAL:
        cure = "hand the fine map across by a skip connection, and end without an activation"
        return f"not yet. Single bright pixels are found with an IoU of {sharp:.2f} only: {cure}."
    cure = "it does not see as far as the lamp; pool twice, with two convolutions at the bottom"
    return f"not yet. Of the bright pixels that it finds, {far:.0%} get the right class: {cure}."


def check_small_unet(build):
    """Print that a learner's network reaches the goal, or what is wrong with it."""
    fault = diagnose_small_unet(build)
    print(f"small_unet: {fault or 'right: it sees far and sharp.'}")
