"""What decides the points of assignment 6: hidden masks and logits, and exam scenes that no student sees.

The project's `segment` gets images alone. Their masks stay here, in the criterion's judge; so does the scale.
"""

import contextlib
import functools
import io
import math

import numpy as np

from segutils import digits, scenes
from segutils.classroom.tasks import Criterion, Limits, Task, judge_results

CLASSES, VOID = 11, 255
FIRST, STEP, MAX_POINTS = 0.30, 0.05, 10  # the scale: a point at a mean IoU of 0.30, and one more for each 0.05
EXAM_SCENES, AT_A_TIME = 150, 50
# Prediction is NumPy, and SciPy for whoever likes: without TensorFlow a student is graded in half a second.
LIMITS = Limits(seconds=20, total_seconds=60, memory=3 * 2**30, packages=("numpy", "scipy"))


def confusion(y_true, y_pred, classes):
    table = np.zeros((classes, classes), int)
    seen = y_true != VOID
    np.add.at(table, (y_true[seen], y_pred[seen]), 1)
    return table


def mean_iou(table):
    scores = []
    for c in range(len(table)):
        union = table[c].sum() + table[:, c].sum() - table[c, c]
        scores += [table[c, c] / union] if union else []
    return sum(scores) / len(scores)


def crop_flip(image, mask, top, left, height, width, flip):
    new_image = np.zeros((height, width, image.shape[2]), image.dtype)
    new_mask = np.full((height, width), VOID, mask.dtype)
    for i, j in np.ndindex(height, width):
        row, column = top + i, left + (width - 1 - j if flip else j)
        if 0 <= row < mask.shape[0] and 0 <= column < mask.shape[1]:
            new_image[i, j], new_mask[i, j] = image[row, column], mask[row, column]
    return new_image, new_mask


def of_one_type(answers, wanted):
    """The results must be right, and of the types of what was given."""
    for got, want in zip(answers, wanted, strict=True):
        if [array.dtype for array in got] != [array.dtype for array in want]:
            return 0, f"expected the types {', '.join(str(a.dtype) for a in want)}, got {[str(a.dtype) for a in got]}"
    return judge_results([0, 1])(answers, wanted)


def ce_dice(y_true, logits):
    """The formula pixel by pixel, with Python's own sums."""
    classes = logits.shape[-1]
    surprise, hits, predicted, actual = [], [0.0] * classes, [0.0] * classes, [0] * classes
    for place in np.argwhere(y_true != VOID):
        z, truth = logits[tuple(place)], y_true[tuple(place)]
        powers = [math.exp(value - z.max()) for value in z]
        surprise.append(math.log(sum(powers)) + z.max() - z[truth])
        hits[truth] += powers[truth] / sum(powers)
        actual[truth] += 1
        predicted = [p + power / sum(powers) for p, power in zip(predicted, powers, strict=True)]
    dice = [(2 * h + 2) / (p + a + 2) for h, p, a in zip(hits, predicted, actual, strict=True)]
    return 0.5 * sum(surprise) / len(surprise) + 0.5 * (1 - sum(dice) / classes)


def segment(images):
    """The masks are with the judge: nothing that is expected may depend on the images alone."""
    return np.zeros(0)


def score(answers, _wanted, *, truth):
    """Share of the points for the answers to all batches of exam scenes, and a sentence."""
    for arrays, masks in zip(answers, truth, strict=True):
        fault = _unlike_masks(arrays, masks.shape)
        if fault:
            return 0.0, fault
    predicted = np.concatenate([arrays[0] for arrays in answers])
    reached = mean_iou(confusion(np.concatenate(truth), predicted.astype(int), CLASSES))
    points = min(max(math.floor((reached - FIRST) / STEP + 1e-9) + 1, 0), MAX_POINTS)
    return points / MAX_POINTS, f"mean IoU {reached:.3f} on {EXAM_SCENES} exam scenes."


def _unlike_masks(arrays, shape):
    if len(arrays) != 1:
        return f"expected one array of masks, got {len(arrays)} arrays."
    got = arrays[0]
    if got.shape != shape:
        return f"expected masks of shape {shape}, got {got.shape}; one class number for each pixel, no channel axis."
    if got.dtype.kind not in "iu":
        return f"expected whole numbers (an integer dtype), got {got.dtype}; take the argmax over the classes."
    if got.min() < 0 or got.max() >= CLASSES:
        return f"expected classes 0 to {CLASSES - 1}, got {got.min()} to {got.max()}."
    return ""


@functools.lru_cache(maxsize=1)
def _exam_digits():
    with contextlib.redirect_stdout(io.StringIO()):  # it says which digits it found
        return digits.load_digits("bundled").test


def _exam(rng):
    drawn = scenes.make_scenes(_exam_digits(), EXAM_SCENES, seed=int(rng.integers(2**62)))
    batches = [slice(first, first + AT_A_TIME) for first in range(0, EXAM_SCENES, AT_A_TIME)]
    truth = [drawn.semantic[batch] for batch in batches]
    cases = [(drawn.images[batch],) for batch in batches]
    return [Criterion("exam scenes", MAX_POINTS, cases, functools.partial(score, truth=truth))]


def _masks(rng, shape, classes, *, void=0.0):
    """A true mask of whole numbers, with a share of void pixels, and a prediction that is often right."""
    truth = rng.integers(0, classes, shape)
    guess = np.where(rng.random(shape) < 0.6, truth, rng.integers(0, classes, shape))
    return np.where(rng.random(shape) < void, VOID, truth), guess


def _bytes(rng):
    """Masks of uint8, with more pixels and more pairs of classes than 8 bits can count."""
    truth, guess = _masks(rng, (100, 120), 20)
    return truth.astype(np.uint8), guess.astype(np.uint8), 20


def _logits(rng, shape, classes, *, void=0):
    """A batch of masks whose first image has so many void pixels, and logits."""
    truth = rng.integers(0, classes, shape)
    truth[0].reshape(-1)[rng.permutation(truth[0].size)[:void]] = VOID
    return truth, rng.normal(size=(*shape, classes)) * 2


def _absent(rng):
    """A batch in which no pixel is of the last class."""
    truth, logits = _logits(rng, (2, 4, 5), 4)
    return truth % 3, logits


def _far(rng):
    truth, logits = _logits(rng, (2, 3, 4), 3)
    return truth, 1000 * np.round(logits)


def _photo(rng, shape):
    image = rng.integers(1, 256, (*shape, 3)).astype(np.uint8)
    image[rng.random(shape) < 0.2] = 0  # black, but not void
    return image, rng.integers(0, CLASSES, shape).astype(np.uint8)


TASKS = {
    "test_confusion": Task(
        "confusion",
        confusion,
        lambda rng: [
            Criterion("no void pixels", 1, [(*_masks(rng, (6, 9), 4), 4), _bytes(rng)]),
            Criterion("void pixels", 1, [(*_masks(rng, (7, 8), 5, void=0.3), 5)]),
            Criterion("classes that occur nowhere", 1, [(*_masks(rng, (2, 5, 4), 3), 6)]),
        ],
    ),
    "test_mean_iou": Task(
        "mean_iou",
        mean_iou,
        lambda rng: [
            Criterion("all classes occur", 1, [(rng.integers(1, 60, (4, 4)),), (rng.integers(1, 60, (6, 6)),)]),
            Criterion("a class that occurs nowhere", 1, [(np.pad(rng.integers(1, 60, (4, 4)), ((0, 2), (0, 2))),)]),
            Criterion(
                "a class that is only predicted, or only true",
                1,
                [
                    (np.pad(rng.integers(1, 60, shape), pad),)
                    for shape, pad in (((3, 4), ((0, 1), (0, 0))), ((5, 4), ((0, 0), (0, 1))))
                ],
            ),
        ],
    ),
    "test_crop_flip": Task(
        "crop_flip",
        crop_flip,
        lambda rng: [
            Criterion("a crop, types kept", 1, [(*_photo(rng, (9, 12)), 2, 3, 5, 6, False)], of_one_type),
            Criterion("a flip", 1, [(*_photo(rng, (6, 8)), 0, 0, 6, 8, True)]),
            Criterion("a crop that is flipped", 1, [(*_photo(rng, (9, 12)), 1, 2, 7, 5, True)]),
            Criterion(
                "a window that reaches outside",
                2,
                [
                    (*_photo(rng, (6, 7)), *window)
                    for window in (
                        (-2, 3, 5, 6, False),
                        (3, -3, 8, 6, True),
                        (7, 1, 3, 4, False),
                        (1, -9, 4, 5, True),
                        (-1, -2, 9, 12, False),
                    )
                ],
            ),
        ],
    ),
    "test_ce_dice": Task(
        "ce_dice",
        ce_dice,
        lambda rng: [
            Criterion("one image", 1, [_logits(rng, (1, 5, 6), 3)]),
            Criterion("a batch", 1, [_logits(rng, (3, 4, 5), 4), _absent(rng)]),
            Criterion("void pixels", 1, [_logits(rng, (2, 4, 6), 4, void=9)]),
            Criterion("logits of thousands", 1, [_far(rng)]),
        ],
    ),
    "test_segment": Task("segment", segment, _exam),
}
