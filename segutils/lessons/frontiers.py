"""Lesson 12 · Frontiers: a paired comparison in words, and the exercises `paired_gain` and `combine_gradients`."""

import numpy as np

from segutils.lessons.answers import Exercise

# What a comparison says


def describe_gain(a, b):
    """A paired comparison in words: mean ± standard error of b - a (ddof 1), and in how many seeds b is higher.

    Args: a, b: (S,) scores of two methods, seed by seed, S >= 2.
    >>> describe_gain([0.5, 0.6, 0.7], [0.6, 0.6, 0.9])
    '+0.10 ± 0.06 (higher in 2 of 3 seeds)'
    """
    gain, error = _paired_gain(np.asarray(a), np.asarray(b))
    return f"{gain:+.2f} ± {error:.2f} (higher in {int(np.greater(b, a).sum())} of {len(a)} seeds)"


# The exercise: paired_gain(a, b), scores (S,) of two methods, one per seed → mean gain of b over a, its standard error


def _paired_gain(a, b):
    return (b - a).mean(), (b - a).std(ddof=1) / np.sqrt(len(a))


def _with_error(error):
    """A wrong answer: the right gain with another error."""
    return lambda a, b: ((b - a).mean(), error(a, b))


exercise = Exercise(
    "paired_gain",
    solution=_paired_gain,
    cases=[
        (np.array([0.70, 0.50, 0.60, 0.80]), np.array([0.76, 0.54, 0.66, 0.84])),
        (np.array([0.81, 0.55, 0.62]), np.array([0.78, 0.60, 0.70])),
        (np.array([0.5, 0.9]), np.array([0.65, 0.85])),
    ],
    mistakes=[
        ("The sign is reversed: the gain is b minus a.", lambda a, b: _paired_gain(b, a)),
        (
            "That is the spread of one difference; a mean of several varies less. Divide by the root of their number.",
            _with_error(lambda a, b: (b - a).std(ddof=1)),
        ),
        (
            "The spread is about the differences' own mean: divide the squares by one less than their number, ddof=1.",
            _with_error(lambda a, b: (b - a).std() / np.sqrt(len(a))),
        ),
        (
            "You divide the spread by the number of seeds; divide by its root.",
            _with_error(lambda a, b: (b - a).std(ddof=1) / len(a)),
        ),
        (
            "That ignores the pairs: take the differences seed by seed first, then their spread.",
            _with_error(lambda a, b: np.sqrt((a.var(ddof=1) + b.var(ddof=1)) / len(a))),
        ),
        (
            "The error is squared: take the root of variance / number.",
            _with_error(lambda a, b: (b - a).var(ddof=1) / len(a)),
        ),
        ("Gain and error are swapped.", lambda a, b: _paired_gain(a, b)[::-1]),
        (
            "The gain is relative to a; return the plain difference of the scores.",
            lambda a, b: (((b - a) / a).mean(), _paired_gain(a, b)[1]),
        ),
        (
            "The gain is added up over the seeds; return its mean.",
            lambda a, b: ((b - a).sum(), _paired_gain(a, b)[1]),
        ),
        (
            "You return the gain alone; return its standard error too.",
            lambda a, b: (b - a).mean(),
        ),
    ],
    argument_names=("a", "b"),
)


# The second exercise: combine_gradients(gradients, sizes), (P, W) and (P,) → (W,), the gradient of the whole batch


def _combine_gradients(gradients, sizes):
    return (sizes[:, None] * gradients).sum(0) / sizes.sum()


second_exercise = Exercise(
    "combine_gradients",
    solution=_combine_gradients,
    cases=[
        (np.array([[3.0, 1.0], [5.0, -1.0]]), np.array([3, 1])),
        (np.array([[1.0, 0.5, -2.0], [4.0, 2.0, 1.0], [-3.0, 1.5, 7.0]]), np.array([4, 4, 2])),
        (np.array([[2.0, -1.0, 0.25, 3.0]]), np.array([5])),
    ],
    mistakes=[
        (
            "All pieces count alike; a piece of 4 images must count twice as much as a piece of 2.",
            lambda gradients, sizes: gradients.mean(0),
        ),
        (
            "The pieces are added up, which makes the step longer the more pieces there are; divide.",
            lambda gradients, sizes: gradients.sum(0),
        ),
        (
            "That is the gradient of the sum over all images; divide by the number of images.",
            lambda gradients, sizes: sizes @ gradients,
        ),
        (
            "You divide by the number of pieces; divide by the number of images.",
            lambda gradients, sizes: sizes @ gradients / len(sizes),
        ),
        (
            "A smaller piece gets more weight; multiply by its size, do not divide.",
            lambda gradients, sizes: (gradients / sizes[:, None]).sum(0) / (1 / sizes).sum(),
        ),
        (
            "You average over the weights; each weight keeps a gradient of its own, so sum over the pieces, axis 0.",
            lambda gradients, sizes: gradients.mean(1),
        ),
        (
            "Only the last piece counts; add each piece to a running total.",
            lambda gradients, sizes: gradients[-1],
        ),
    ],
    argument_names=("gradients", "sizes"),
)
