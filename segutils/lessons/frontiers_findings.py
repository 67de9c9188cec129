"""Lesson 12 · Frontiers: what was found, each in one sentence."""

import numpy as np


def describe_gain(a, b):
    """A paired comparison in words: mean ± standard error of b - a (ddof 1), and in how many seeds b is higher.

    Args: a, b: (S,) scores of two methods, seed by seed, S >= 2.
    >>> describe_gain([0.5, 0.6, 0.7], [0.6, 0.6, 0.9])
    '+0.10 ± 0.06 (higher in 2 of 3 seeds)'
    """
    gain = np.subtract(b, a)
    error = gain.std(ddof=1) / np.sqrt(len(gain))
    return f"{gain.mean():+.2f} ± {error:.2f} (higher in {int((gain > 0).sum())} of {len(gain)} seeds)"


def resolution(margin, shrunk):
    """Tiles against shrinking. Args: shrunk: (seeds, factors 1, 2, …) mean IoU of the shrunk image."""
    return (
        f"Tiles with a margin of {margin} change no probability by more than 0.00001; "
        f"at half the size mean IoU falls from {shrunk[:, 0].mean():.2f} to {shrunk[:, 1].mean():.2f}."
    )


def night(dark, helped, by_day, by_night, hardened):
    """Night, and what augmentation wins back.

    Args:
        dark, helped: (seeds, levels) mean IoU of the network trained by day, and of the one with augmentation.
        by_day, by_night, hardened: (seeds,) calibration errors, of the former by day and at night, of the latter then.
    """
    return (
        f"At night mean IoU falls from {dark[:, 0].mean():.2f} to {dark[:, -1].mean():.2f} and the calibration error "
        f"rises from {by_day.mean():.2f} to {by_night.mean():.2f}; augmentation brings them to "
        f"{helped[:, -1].mean():.2f} and {hardened.mean():.2f}."
    )


def labels(scratch, helped, other_kind):
    """What more labels are worth where they are few, and pretraining. Args: {number of labels: (seeds,) mean IoU}."""
    least, more, *_ = scratch
    return (
        f"With {least} labelled scenes mean IoU is {scratch[least].mean():.2f}; {more // least} times the labels "
        f"change it by {describe_gain(scratch[least], scratch[more])}, pretraining on {other_kind} by "
        f"{describe_gain(scratch[least], helped[least])}."
    )


def cost(reached):
    """Half the width, a teacher for it, and one cycle. Args: reached: {name of the arm: (seeds,) mean IoU}."""
    baseline, narrow = reached["baseline"], reached["half the width"]
    return (
        f"Against the baseline, half the width changes mean IoU by {describe_gain(baseline, narrow)}, and a teacher "
        f"changes that of the narrow network by {describe_gain(narrow, reached['half, taught by twice'])}; one cycle "
        f"gains {describe_gain(reached['constant rate'], baseline)} over its peak held constant, and "
        f"{describe_gain(reached['constant, a third'], baseline)} over a third of that."
    )
