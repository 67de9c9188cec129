"""Lesson 3 · Pooling: its second exercise, `shrink_mask`."""

import numpy as np

from segutils.lessons.answers import Exercise

# The second exercise: shrink_mask(mask, size), one mask (H, W) → the class that most pixels of each window have


def _each_window(summary):
    """shrink_mask with another summary of a window's classes, which come as a flat array."""

    def shrink(mask, size):
        rows, columns = (n // size for n in mask.shape)
        cut = mask[: rows * size, : columns * size].reshape(rows, size, columns, size).swapaxes(1, 2)
        return np.array([[summary(window.ravel()) for window in row] for row in cut])

    return shrink


def _vote(classes):
    return np.bincount(classes).argmax()


def _classes(*shape, seed):
    """A mask of random classes 0, 1, 4 and 10, background most often."""
    return np.random.default_rng(seed).choice([0, 1, 4, 10], shape, p=[0.4, 0.2, 0.2, 0.2])


_shrink_mask = _each_window(_vote)
second_exercise = Exercise(
    "shrink_mask",
    solution=_shrink_mask,
    cases=[
        (np.array([[0, 0, 5, 5, 2, 2], [0, 5, 5, 5, 2, 1], [3, 3, 0, 0, 0, 4], [0, 3, 0, 6, 4, 4]]), 2),
        (np.array([[7, 7, 1, 3], [7, 9, 2, 1], [9, 9, 3, 3], [0, 9, 1, 1]]), 2),
        (_classes(6, 9, seed=1), 3),
        (_classes(7, 5, seed=2), 2),
        (_classes(8, 12, seed=3), 4),
        (np.array([[40, 33, 12, 3], [33, 40, 3, 12], [255, 255, 11, 0], [0, 7, 11, 11]]), 2),
    ],
    mistakes=[
        ("That is the largest class number; take the class that most pixels have.", _each_window(np.max)),
        ("That is the mean of the class numbers: it invents classes.", _each_window(np.mean)),
        ("That is the mean, rounded: it still invents classes.", _each_window(lambda c: np.rint(c.mean()))),
        ("That is the median, which depends on the order of the class numbers.", _each_window(np.median)),
        ("That is each window's first pixel; all its pixels vote.", _each_window(lambda c: c[0])),
        (
            "In a tie you take the largest of the tied classes; take the smallest.",
            _each_window(lambda c: c.max() - _vote(c.max() - c)),
        ),
        (
            "In a tie you take the class that comes first in the window; take the smallest.",
            _each_window(lambda c: c[np.bincount(c)[c].argmax()]),
        ),
        (
            "Only small class numbers are counted, but a class can have any number: count those that occur.",
            _each_window(lambda c: np.bincount(c, minlength=11)[:11].argmax()),
        ),
        ("That is how many pixels voted; return their class.", _each_window(lambda c: np.bincount(c).max())),
        (
            "Background has no vote in your windows; class 0 counts like the others.",
            _each_window(lambda c: _vote(c[c > 0]) if c.any() else 0),
        ),
        ("Rows and columns of the output are swapped.", lambda mask, size: _shrink_mask(mask, size).T),
        (
            "Those are enlarged again; return one class for each window.",
            lambda mask, size: np.kron(_shrink_mask(mask, size), np.ones((size, size))),
        ),
    ],
)
