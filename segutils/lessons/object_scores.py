"""Lesson 16 · FAQ: its second exercise, `object_iou`."""

from functools import partial

import numpy as np

from segutils.lessons.answers import Exercise

# The second exercise: object_iou(y_true, y_pred), masks (B, H, W) of 0, 1 and void 255 → the object's mean IoU


def _object_iou(y_true, y_pred, *, void="out", empty=None, score=None, pooled=False):
    """The right answer; the options make it wrong, each in one way."""
    valid = y_true != 255 if void == "out" else np.ones(y_true.shape, bool)
    truth = (y_true > 0 if void == "object" else y_true == 1) & valid
    found = (y_pred == 1) & valid
    axes = (0, 1, 2) if pooled else (1, 2)
    both, either = (truth & found).sum(axes), (truth | found).sum(axes)
    if score is not None:
        return np.nanmean(score(both, either, truth, found, valid))
    return np.nanmean(np.where(either > 0, both / np.maximum(either, 1), np.nan if empty is None else empty))


def _or_nan(number, counted):
    return np.where(counted, np.maximum(number, 1), np.nan)


def _object_iou_with_void_predicted(y_true, y_pred):
    """A wrong answer: an image counts if its prediction has an object anywhere, on void too."""
    has = (y_true == 1).any((1, 2)) | (y_pred == 1).any((1, 2))
    return _object_iou(y_true, y_pred, score=lambda both, either, *_: both / _or_nan(either, has))


def _masks(*values, seed):
    """Masks (B, 4, 6), one for each list of values, whose pixels have these values at random."""
    rng = np.random.default_rng(seed)
    return np.stack([np.array(v)[rng.integers(0, len(v), (4, 6))] for v in values])


def _alone():
    """Masks whose object is in the truth alone, in the prediction alone, and predicted on nothing but void."""
    y_true = _masks([0], [0, 1], [0, 1], [0, 1], [0, 255], seed=6)
    y_pred = _masks([0, 1], [0], [0], [0, 1], [0], seed=7)
    return y_true, np.where(y_true == 255, 1, y_pred)


second_exercise = Exercise(
    "object_iou",
    solution=_object_iou,
    cases=[
        (_masks([0, 1], [0, 0, 0, 1], seed=0), _masks([0, 1], [0, 1], seed=1)),
        (_masks([0, 1, 255], [0, 255, 1], [0, 1], seed=2), _masks([0, 1], [0, 1], [0, 1], seed=3)),
        (_masks([0, 255], [0, 1], [0], seed=4), np.stack([np.zeros((4, 6), int), *_masks([0, 1], [0], seed=5)])),
        _alone(),
    ],
    mistakes=[
        (
            "Void pixels count as background, so an object predicted there is a fault; leave them out.",
            partial(_object_iou, void="background"),
        ),
        ("Void pixels count as object: y_true > 0 is true of 255, too.", partial(_object_iou, void="object")),
        (
            "You pool all images, so large objects decide alone: compute an IoU for each image, then the mean.",
            partial(_object_iou, pooled=True),
        ),
        ("An image with no object in either mask counts 0; leave it out of the mean.", partial(_object_iou, empty=0)),
        ("An image with no object in either mask counts 1; leave it out of the mean.", partial(_object_iou, empty=1)),
        (
            "An image counts 0 where the object is in the prediction alone; you leave it out.",
            partial(_object_iou, score=lambda both, either, t, *_: both / _or_nan(either, t.any((1, 2)))),
        ),
        (
            "An image counts 0 where the object is in the truth alone; you leave it out.",
            partial(_object_iou, score=lambda both, either, t, f, _: both / _or_nan(either, f.any((1, 2)))),
        ),
        (
            "A prediction on void alone is no object: leave that image out.",
            _object_iou_with_void_predicted,
        ),
        (
            "That is Dice, 2·both / (truth + prediction); IoU is both / either.",
            partial(_object_iou, score=lambda both, either, *_: 2 * both / np.where(either > 0, both + either, np.nan)),
        ),
        (
            "That is the share of pixels that agree; IoU leaves out the background on which both agree.",
            partial(
                _object_iou, score=lambda both, either, t, f, valid: ((t == f) & valid).sum((1, 2)) / valid.sum((1, 2))
            ),
        ),
    ],
    argument_names=("y_true", "y_pred"),
)
