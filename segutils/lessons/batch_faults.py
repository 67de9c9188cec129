"""Lesson 15 · Debugging clinic: its second exercise, `faults`."""

import numpy as np

from segutils.lessons.answers import Exercise

# The second exercise: faults(images, masks, classes), one batch → four bools, True where it has the fault


def _four(images, masks, classes, *, unfit=None, no_class=None, scaled=None, empty=None):
    """The four answers; each can be replaced by a wrong one, a function of (images, masks, classes)."""
    right = (
        lambda i, m, c: m.shape != i.shape[:3],
        lambda i, m, c: not np.isin(m, [*range(c), 255]).all(),
        lambda i, m, c: i.max() <= 1,
        lambda i, m, c: not ((m > 0) & (m != 255)).any(),
    )
    given = (unfit, no_class, scaled, empty)
    return np.array([(w or r)(images, masks, classes) for w, r in zip(given, right, strict=True)])


def _with(**wrong):
    """A wrong answer: the right one but for these of its four parts."""
    return lambda images, masks, classes: _four(images, masks, classes, **wrong)


def _batch(*shape, values, seed, scale=255.0):
    """Images (*shape, 1) up to `scale`, and masks (*shape) whose pixels have these values at random."""
    rng = np.random.default_rng(seed)
    images = np.round(scale * rng.random((*shape, 1)), 2)
    images.flat[0] = scale
    return images, np.array(values)[rng.integers(0, len(values), shape)]


second_exercise = Exercise(
    "faults",
    solution=_four,
    cases=[
        (*_batch(3, 4, 6, values=[0, 1, 2], seed=0), 3),
        (*_batch(3, 4, 6, values=[0, 1, 3], seed=1, scale=1.0), 3),
        (_batch(2, 4, 6, values=[0], seed=2)[0], _batch(2, 6, 4, values=[0, 1], seed=2)[1], 3),
        (_batch(3, 4, 6, values=[0], seed=3)[0], _batch(2, 4, 6, values=[0, 0, 255], seed=3)[1], 3),
        (*_batch(2, 4, 6, values=[0.0, 1.0, 0.5], seed=4), 3),
        (*_batch(2, 4, 6, values=[0, -1, 1, 255], seed=5, scale=2.0), 3),
        (_batch(2, 4, 6, values=[0], seed=6)[0], np.stack([np.zeros((4, 6)), np.eye(4, 6)]), 2),
        (_batch(2, 4, 6, values=[0], seed=7)[0], _batch(2, 4, 5, values=[0, 1], seed=7)[1], 2),
        (_batch(2, 4, 6, values=[0], seed=7)[0], _batch(2, 5, 6, values=[0, 1], seed=7)[1], 2),
    ],
    mistakes=[
        (
            "Images have a channel axis and masks have none: compare masks.shape with images.shape[:3].",
            _with(unfit=lambda i, m, c: m.shape != i.shape),
        ),
        (
            "Only the number of images and masks is compared; their heights and widths must fit, too.",
            _with(unfit=lambda i, m, c: len(m) != len(i)),
        ),
        (
            "Widths are not compared: masks.shape must equal images.shape[:3], all three of them.",
            _with(unfit=lambda i, m, c: m.shape[:2] != i.shape[:2]),
        ),
        (
            "Heights are not compared: masks.shape must equal images.shape[:3], all three of them.",
            _with(unfit=lambda i, m, c: (len(m), m.shape[2]) != (len(i), i.shape[2])),
        ),
        (
            "255 is void, which is allowed: it marks pixels that nobody is sure about.",
            _with(no_class=lambda i, m, c: not np.isin(m, range(c)).all()),
        ),
        (
            "With C classes the numbers go from 0 to C - 1: the value C is a fault, too.",
            _with(no_class=lambda i, m, c: not np.isin(m, [*range(c + 1), 255]).all()),
        ),
        (
            "A value between two classes, such as 0.5, is no class: it comes from a resize that took means.",
            _with(no_class=lambda i, m, c: bool(((m < 0) | ((m >= c) & (m != 255))).any())),
        ),
        (
            "A negative value is no class.",
            _with(no_class=lambda i, m, c: not np.isin(m[m >= 0], [*range(c), 255]).all()),
        ),
        (
            "The dtype does not say how pixels are scaled, since floats may go up to 255: look at the largest value.",
            _with(scaled=lambda i, m, c: i.dtype.kind == "f"),
        ),
        (
            "One empty mask among others is no fault: report it if *all* masks of the batch are empty.",
            _with(empty=lambda i, m, c: not (m.reshape(len(m), -1) % 255 > 0).any(1).all()),
        ),
        (
            "A mask of nothing but background and void is empty, too: 255 is no object.",
            _with(empty=lambda i, m, c: not (m > 0).any()),
        ),
        (
            "True stands for a fault; yours is True where all is well.",
            lambda images, masks, classes: ~_four(images, masks, classes),
        ),
    ],
    argument_names=("images", "masks", "classes"),
)
