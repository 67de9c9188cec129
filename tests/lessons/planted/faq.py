"""Answers to the exercise `saved_epochs`, right ones and wrong ones with words that their feedback must contain."""

import itertools
import math

import numpy as np
from support import right, wrong


@right
def saved_epochs_one_by_one(values, mode):
    best, saved = None, []
    for value in values.tolist():
        better = best is None or (value < best if mode == "min" else value > best)
        saved.append(better)
        if better:
            best = value
    return saved


@right
def saved_epochs_by_slices(values, mode):
    if mode == "max":
        return np.array([i == 0 or values[i] > values[:i].max() for i in range(len(values))])
    return np.array([i == 0 or values[i] < values[:i].min() for i in range(len(values))])


@right
def saved_epochs_from_infinity(values, mode):
    sign = {"min": 1, "max": -1}[mode]
    before = np.minimum.accumulate(np.concatenate([[np.inf], sign * values]))[:-1]
    return sign * values < before


@wrong("the one before it")
def saved_epochs_with_diff(values, mode):
    steps = np.diff(values)
    return np.concatenate([[True], steps < 0 if mode == "min" else steps > 0])


@wrong("Equal is not better")
def saved_epochs_with_ties(values, mode):
    choose = min if mode == "min" else max
    return [value == choose(values[: i + 1]) for i, value in enumerate(values)]


@wrong("of the whole training")
def saved_epochs_of_hindsight(values, mode):
    marks = [False] * len(values)
    marks[values.tolist().index(min(values) if mode == "min" else max(values))] = True
    return marks


@wrong("The mode is ignored")
def saved_epochs_of_losses_only(values, mode):
    best, saved = math.inf, []
    for value in values:
        saved.append(bool(value < best))
        best = min(best, value)
    return saved


@wrong("modes are swapped")
def saved_epochs_upside_down(values, mode):
    return saved_epochs_one_by_one(values, "max" if mode == "min" else "min")


@wrong("first epoch is missing")
def saved_epochs_without_the_first(values, mode):
    saved, best = [False] * len(values), values[0]
    for i in range(1, len(values)):
        if (mode == "min" and values[i] < best) or (mode == "max" and values[i] > best):
            saved[i], best = True, values[i]
    return saved


@wrong("save_best_only=False")
def saved_epochs_all(values, mode):
    return [True for _ in values]


@wrong("*not* saved")
def saved_epochs_negated(values, mode):
    return [not saved for saved in saved_epochs_one_by_one(values, mode)]


@wrong("starts at 0")
def saved_epochs_from_zero(values, mode):
    best, saved = 0, []
    for value in values:
        if (value < best) if mode == "min" else (value > best):
            best = value
            saved.append(1)
        else:
            saved.append(0)
    return saved


@wrong("places of the saved epochs")
def saved_epochs_as_places(values, mode):
    return [i for i, saved in enumerate(saved_epochs_one_by_one(values, mode)) if saved]


@wrong("best values so far")
def saved_epochs_as_values(values, mode):
    return list(itertools.accumulate(values, min if mode == "min" else max))


@wrong("expected shape (7,)")
def saved_epochs_counted_from_one(values, mode):
    return [i for i, saved in enumerate(saved_epochs_one_by_one(values, mode), start=1) if saved]
