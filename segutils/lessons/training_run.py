"""Lesson 8 · Training run: the exercise `accuracy_of`."""

import numpy as np

from segutils.lessons.answers import Exercise

# The exercise: accuracy_of(y_true, y_pred), two arrays (N,) of class numbers → the share that are equal


def _accuracy(y_true, y_pred):
    return (y_true == y_pred).mean()


exercise = Exercise(
    "accuracy_of",
    solution=_accuracy,
    cases=[
        (np.array([3, 1, 4, 1, 1]), np.array([3, 1, 4, 5, 6])),
        (np.array([0, 0, 0, 1, 2, 2, 9]), np.array([0, 0, 5, 1, 2, 9, 2])),
        (np.array([7, 8]), np.array([7, 8])),
    ],
    mistakes=[
        ("That is the number of equal labels; divide by how many there are.", lambda t, p: (t == p).sum()),
        ("That is the share of wrong labels; compare with == and not with !=.", lambda t, p: (t != p).mean()),
        ("That is in percent; the share lies between 0 and 1.", lambda t, p: 100 * _accuracy(t, p)),
        ("That asks if all labels are equal. Compare one by one and take the mean.", np.array_equal),
        (
            "That measures how far apart the class numbers are. They are names: 3 for 4 is as wrong as 9 for 4.",
            lambda t, p: np.abs(t - p).mean(),
        ),
        (
            "That is the mean over the classes of the share found of each (the mean recall). Count all images alike.",
            lambda t, p: np.mean([(p[t == k] == k).mean() for k in np.unique(t)]),
        ),
        (
            "That compares which classes occur at all. Compare position by position.",
            lambda t, p: len(np.intersect1d(t, p)) / len(np.union1d(t, p)),
        ),
    ],
)
