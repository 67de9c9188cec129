"""Answers to the exercise `paired_gain`, right ones and wrong ones with words that their feedback must contain."""

import math

import numpy as np
from support import right, wrong


@right
def paired_gain_by_hand(a, b):
    differences = [y - x for x, y in zip(a, b, strict=True)]
    n, mean = len(differences), sum(differences) / len(differences)
    variance = sum((d - mean) ** 2 for d in differences) / (n - 1)
    return mean, math.sqrt(variance / n)


@right
def paired_gain_with_numpy(a, b):
    d = np.asarray(b) - np.asarray(a)
    return d.mean(), d.std(ddof=1) / len(d) ** 0.5


@right
def paired_gain_as_an_array(a, b):
    d = np.subtract(b, a)
    return np.array([np.mean(d), np.sqrt(np.cov(d) / d.size)])


@wrong("sign is reversed")
def paired_gain_of_a(a, b):
    return paired_gain_by_hand(b, a)


@wrong("spread of one difference")
def paired_gain_with_deviation(a, b):
    return np.mean(b - a), np.std(b - a, ddof=1)


@wrong("ddof=1")
def paired_gain_with_numpy_s_default(a, b):
    return np.mean(b - a), np.std(b - a) / np.sqrt(len(a))


@wrong("divide by its root")
def paired_gain_over_the_number(a, b):
    return np.mean(b - a), np.std(b - a, ddof=1) / a.size


@wrong("ignores the pairs")
def paired_gain_of_two_groups(a, b):
    return b.mean() - a.mean(), np.hypot(a.std(ddof=1), b.std(ddof=1)) / np.sqrt(a.size)


@wrong("error is squared")
def paired_gain_without_a_root(a, b):
    return np.mean(b - a), np.var(b - a, ddof=1) / a.size


@wrong("are swapped")
def paired_gain_reversed(a, b):
    return paired_gain_by_hand(a, b)[::-1]


@wrong("relative to a")
def paired_gain_in_percent_of_a(a, b):
    return np.mean(b / a - 1), paired_gain_by_hand(a, b)[1]


@wrong("added up")
def paired_gain_as_a_sum(a, b):
    return b.sum() - a.sum(), paired_gain_by_hand(a, b)[1]


@wrong("standard error too")
def paired_gain_alone(a, b):
    return b.mean() - a.mean()
