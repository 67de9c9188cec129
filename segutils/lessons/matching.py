"""Lesson 13 · Objects: its second exercise, `average_precision`."""

import numpy as np

from segutils import reference
from segutils.lessons.answers import Exercise

# The second exercise: average_precision(true_objects, predicted_objects, threshold) → TP / (TP + FP + FN)


def _match(t, p, threshold):
    return (t & p).sum() > threshold * (t | p).sum()


def _numbers(image):
    return np.unique(image[image > 0])


def _of_pairs(score, *, matches=_match, numbers=_numbers):
    """An answer, right or wrong, from what it makes of TP, and the numbers of true and of predicted objects.

    Args:
        matches: whether two masks, true and predicted, match at a threshold.
        numbers: those of the objects in an image.
    """

    def answer(true_objects, predicted_objects, threshold):
        true, pred = numbers(true_objects), numbers(predicted_objects)
        masks = [(true_objects == t, predicted_objects == p) for t in true for p in pred]
        tp = sum(bool(matches(t, p, threshold)) for t, p in masks)
        return score(tp, len(true), len(pred))

    return answer


def _union(tp, true, pred):
    return np.divide(tp, true + pred - tp)


def _same_number(true_objects, predicted_objects, threshold):
    numbers = [set(np.unique(a)) - {0} for a in (true_objects, predicted_objects)]
    tp = 0
    for n in set.intersection(*numbers):
        t, p = true_objects == n, predicted_objects == n
        tp += (t & p).sum() > threshold * (t | p).sum()
    return _union(tp, *map(len, numbers))


def _pixels(true_objects, predicted_objects, threshold):
    t, p = true_objects > 0, predicted_objects > 0
    return (t & p).sum() / (t | p).sum()


_TRUE = np.array(
    [[1, 1, 1, 1, 0, 0, 2, 2], [1, 1, 1, 1, 0, 0, 2, 2], [0, 0, 0, 0, 0, 0, 0, 0], [3, 3, 3, 3, 3, 3, 0, 4]]
)
_PRED = np.array(
    [[2, 2, 2, 1, 1, 0, 5, 5], [2, 2, 2, 0, 0, 0, 5, 5], [0, 0, 0, 0, 0, 0, 0, 0], [3, 3, 3, 4, 4, 4, 0, 0]]
)

second_exercise = Exercise(
    "average_precision",
    solution=reference.average_precision,
    cases=[
        (np.array([[1, 1, 0, 2, 2, 2]]), np.array([[1, 1, 0, 0, 2, 2]]), 0.6),
        (np.array([[1, 1, 1, 0, 2, 2]]), np.array([[7, 7, 0, 0, 0, 4]]), 0.6),
        (_TRUE, _PRED, 0.5),
        (_TRUE, np.roll(_TRUE, 1, axis=1), 0.5),
        (_TRUE, _PRED, 0.9),
        (_TRUE, np.zeros_like(_TRUE), 0.5),
        (np.zeros_like(_PRED), _PRED, 0.5),
        (np.array([[0, 4, 4, 0, 0, 0, 0]]), np.array([[0, 3, 3, 3, 3, 3, 0]]), 0.5),  # all of it, and too much
        (np.array([[2, 2, 2], [2, 0, 0], [2, 0, 9]]), np.array([[0, 0, 5], [0, 0, 0], [5, 0, 9]]), 0.5),  # no boxes
    ],
    mistakes=[
        (
            "That is F1, 2 TP / (2 TP + FP + FN); here each object counts once: TP / (TP + FP + FN).",
            _of_pairs(lambda tp, true, pred: 2 * tp / (true + pred)),
        ),
        (
            "That is the precision: you divide by the predicted objects only.",
            _of_pairs(lambda tp, true, pred: tp / pred),
        ),
        ("That is the recall: you divide by the true objects only.", _of_pairs(lambda tp, true, pred: tp / true)),
        (
            "You divide by all true and all predicted objects, and count each found one twice: subtract TP once.",
            _of_pairs(lambda tp, true, pred: tp / (true + pred)),
        ),
        (
            "An IoU of exactly the threshold is no match; at 0.5 two halves would both match one object. Use >.",
            _of_pairs(_union, matches=lambda t, p, threshold: (t & p).sum() >= threshold * (t | p).sum()),
        ),
        (
            "You match objects of the same number. The numbers mean nothing: match by place, that is by IoU.",
            _same_number,
        ),
        (
            "An image without predicted objects has TP = 0 and FP = 0: the result is 0 and not 1.",
            lambda t, p, threshold: reference.average_precision(t, p, threshold) if p.any() else 1.0,
        ),
        (
            "An image without true objects has TP = 0 and FN = 0: the result is 0 and not 1.",
            lambda t, p, threshold: reference.average_precision(t, p, threshold) if t.any() else 1.0,
        ),
        (
            "You divide by the pixels of the true object, so one of any size that covers it matches. Divide "
            "by the pixels of either.",
            _of_pairs(_union, matches=lambda t, p, threshold: (t & p).sum() > threshold * t.sum()),
        ),
        ("You count the background, number 0, as an object.", _of_pairs(_union, numbers=np.unique)),
        (
            "Any overlap counts as a match; compare the IoU with the threshold.",
            _of_pairs(_union, matches=lambda t, p, threshold: (t & p).any()),
        ),
        ("That is the IoU of all objects' pixels; it does not ask which object a pixel belongs to.", _pixels),
    ],
    argument_names=("true_objects", "predicted_objects", "threshold"),
)
