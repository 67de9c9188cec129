"""Lesson 12 · Frontiers: the figure of repeated measurements, and the exercise `paired_gain`."""

import itertools

import numpy as np

from segutils import plots
from segutils.lessons.answers import Exercise

# Figures


def bands(ax, x, measured, *, title=None, xlabel=None, ylabel=None):
    """Draw repeated measurements: their mean as a line with points, their range as a band from smallest to largest.

    Args:
        x: (X,) positions on the x axis; or a dict of them, if each name has its own.
        measured: for each name an array (repeats, X).
    """
    styles = zip(itertools.cycle(plots.DASHES), plots.COLOURS, strict=False)
    for (name, values), (dash, colour) in zip(measured.items(), styles, strict=False):
        positions = x[name] if isinstance(x, dict) else x
        values = np.asarray(values)
        ax.plot(positions, values.mean(0), dash, marker=".", color=colour, label=name)
        ax.fill_between(positions, values.min(0), values.max(0), color=colour, alpha=0.2, linewidth=0)
    return plots.label_axes(ax, title, xlabel, ylabel)


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
