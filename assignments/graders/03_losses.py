"""What decides the points of assignment 3: hidden masks and logits, expected answers by other ways than the text's."""

import numpy as np

from segutils import reference
from segutils.classroom.tasks import Criterion, Task


def cross_entropy(labels, logits, void=255):
    valid = labels != void
    return reference.cross_entropy(_one_hot(labels, logits), logits)[valid].mean() if valid.any() else 0.0


def cross_entropy_gradient(labels, logits, void=255):
    return reference.cross_entropy_gradient(_one_hot(labels, logits), logits) / np.count_nonzero(labels != void)


def weighted_cross_entropy(labels, logits, weights):
    return np.average(reference.cross_entropy(_one_hot(labels, logits), logits), weights=weights[labels])


def tversky(y_true, y_pred, alpha=0.5, beta=0.5):
    """By the sizes of the masks and of their overlap, image by image."""
    losses = []
    for y, p in zip(y_true, y_pred, strict=True):
        overlap = np.vdot(y, p)
        below = (1 - alpha - beta) * overlap + alpha * p.sum() + beta * y.sum()
        losses.append(1 - overlap / below if below else 0.0)
    return np.array(losses)


def dice_gradient(y_true, y_pred):
    """By a difference quotient."""
    if not (y_true.any() or y_pred.any()):
        return np.zeros(y_pred.shape)
    return reference.difference_quotient(lambda p: 1 - 2 * (y_true * p).sum() / (y_true.sum() + p.sum()), y_pred)


def class_iou(y_true, y_pred, classes, void=255):
    """By sets of pixels, class by class."""
    valid, scores = y_true != void, []
    for c in range(classes):
        true, predicted = (y_true == c) & valid, (y_pred == c) & valid
        union = np.count_nonzero(true | predicted)
        scores.append(np.count_nonzero(true & predicted) / union if union else np.nan)
    return np.array(scores)


def _one_hot(labels, logits):
    """Zeros for a void pixel."""
    return (labels[..., None] == np.arange(logits.shape[-1])).astype(float)


def _image(rng, shape, classes, *, scale=1.5, void=None):
    """Labels and logits; `void` is the label of every third pixel or so."""
    labels = rng.integers(0, classes, shape)
    if void is not None:
        labels[rng.random(shape) < 1 / 3] = void
        labels[0, :2] = void, 0
    return labels, rng.normal(size=(*shape, classes)) * scale


def _gaps(rng):
    """Labels and logits of four classes, of which 1 and 3 have no pixel."""
    labels, logits = _image(rng, (4, 7), 4)
    return 2 * (labels // 2), logits


def _void_cases(rng):
    """The default, a number above all classes and one below; row by row other shares of the pixels are void."""
    return [_image(rng, (6, 8), 4, void=255), *((*_image(rng, (5, 6), 3, void=void), void) for void in (9, -1))]


def _large(rng, shape, classes):
    """Logits of some thousands, other ones in each pixel, which float32 holds exactly."""
    labels, logits = _image(rng, shape, classes, scale=1000)
    return labels, np.round(logits * 64) / 64 + rng.choice([-5000.0, 5000.0], (*shape, 1))


def _masks(rng, shape, *, hard=False):
    """A truth with both values in each image, and a prediction."""
    y_true = (rng.random(shape) < 0.4).astype(float)
    y_true[..., 0, :2] = 0, 1
    y_pred = rng.uniform(0.02, 0.98, shape)
    return y_true, (y_pred > 0.5).astype(float) if hard else y_pred


def _empty(rng):
    """Both masks empty; only the truth empty; both; only the prediction empty; no fault; a faint alarm, a fainter."""
    y_true, y_pred = np.zeros((2, 7, 4, 5))
    y_pred[1, rng.integers(4), rng.integers(5)] = 1
    y_true[3, rng.integers(4), rng.integers(5)] = 1
    y_true[4] = y_pred[4] = (rng.random((4, 5)) < 0.5) | np.eye(4, 5, dtype=bool)
    y_pred[5] = rng.uniform(0.1, 0.4, (4, 5))
    y_pred[6, rng.integers(4), rng.integers(5)] = 1e-3
    return y_true, y_pred, 0.3, 0.6


def _missed(rng):
    """An object, and an empty prediction."""
    return _masks(rng, (4, 6))[0], np.zeros((4, 6))


def _beside(rng):
    """A hard mask that misses the object."""
    y_true, _ = _masks(rng, (5, 7))
    return y_true, (1 - y_true) * (rng.random((5, 7)) < 0.7)


def _class_maps(rng, true, predicted, shape=(9, 11)):
    """Two maps of class numbers in which each of the classes occurs; every other pixel or so is right."""
    y_true, y_pred = rng.choice(true, shape), rng.choice(predicted, shape)
    y_pred = np.where((rng.random(shape) < 0.5) & np.isin(y_true, predicted), y_true, y_pred)
    y_true[0, : len(true)], y_pred[-1, : len(predicted)] = true, predicted
    return y_true, y_pred


def _with_void(rng, classes, void):
    y_true, y_pred = _class_maps(rng, range(classes), range(classes))
    y_true[3:6] = np.where(rng.random((3, 11)) < 0.7, void, y_true[3:6])
    return y_true, y_pred, classes, void


def _only_on_void(rng):
    """The last class is predicted for void pixels and nowhere else."""
    y_true, y_pred = _class_maps(rng, range(3), range(3))
    y_true[3:6, 2:5], y_pred[4, 3] = 255, 3
    return y_true, y_pred, 4


TASKS = {
    "test_cross_entropy": Task(
        "cross_entropy",
        cross_entropy,
        lambda rng: [
            Criterion("images without void", 2, [_image(rng, (5, 7), 3), _image(rng, (6, 4), 2)]),
            Criterion("large logits", 1, [_large(rng, (5, 4), 3)]),
            Criterion("void pixels", 1, _void_cases(rng)),
            Criterion("nothing but void", 1, [(np.full((3, 4), 255), rng.normal(size=(3, 4, 2)))]),
        ],
    ),
    "test_cross_entropy_gradient": Task(
        "cross_entropy_gradient",
        cross_entropy_gradient,
        lambda rng: [
            Criterion("images without void", 2, [_image(rng, (5, 7), 3), _image(rng, (6, 4), 2)]),
            Criterion("large logits", 1, [_large(rng, (5, 4), 3)]),
            Criterion("void pixels", 1, _void_cases(rng)),
        ],
    ),
    "test_weighted_cross_entropy": Task(
        "weighted_cross_entropy",
        weighted_cross_entropy,
        lambda rng: [
            Criterion("all weights 1", 1, [(*_image(rng, (5, 7), 3), np.ones(3))]),
            Criterion(
                "different weights",
                2,
                [
                    (*_image(rng, (6, 5), 2), np.array([1.0, 7.5])),
                    (*_image(rng, (5, 8), 4), np.array([0.2, 3.0, 1.0, 5.0])),
                    (*_gaps(rng), np.array([2.0, 0.5, 4.0, 1.5])),
                ],
            ),
        ],
    ),
    "test_tversky": Task(
        "tversky",
        tversky,
        lambda rng: [
            Criterion("hard masks, α = β = ½", 1, [_masks(rng, (1, 6, 7), hard=True)]),
            Criterion(
                "soft masks, α ≠ β", 2, [(*_masks(rng, (1, 5, 8)), 0.3, 0.7), (*_masks(rng, (1, 6, 4)), 0.9, 0.4)]
            ),
            Criterion("several images", 1, [_masks(rng, (4, 5, 6))]),
            Criterion("empty masks", 1, [_empty(rng)]),
        ],
    ),
    "test_dice_gradient": Task(
        "dice_gradient",
        dice_gradient,
        lambda rng: [
            Criterion("soft masks", 2, [_masks(rng, (5, 7)), _masks(rng, (6, 3))]),
            Criterion("masks that don't overlap", 1, [_beside(rng), _missed(rng), _missed(rng)[::-1]]),
            Criterion("both empty", 1, [(np.zeros((4, 5)), np.zeros((4, 5)))]),
        ],
    ),
    "test_class_iou": Task(
        "class_iou",
        class_iou,
        lambda rng: [
            Criterion("two classes", 1, [(*_class_maps(rng, range(2), range(2)), 2)]),
            Criterion("several classes", 1, [(*_class_maps(rng, range(5), range(5)), 5)]),
            Criterion("classes that are absent", 1, [(*_class_maps(rng, [0, 1, 3, 4], [0, 1, 2, 3]), 7)]),
            Criterion(
                "void pixels", 1, [*(_with_void(rng, *c) for c in ((4, 255), (3, 9), (3, -1))), _only_on_void(rng)]
            ),
        ],
    ),
}
