"""Answers to the exercises, right ones and wrong ones with words that their feedback must contain."""

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


@right
def combine_gradients_by_hand(gradients, sizes):
    columns = range(len(gradients[0]))
    total = [sum(n * g[w] for g, n in zip(gradients, sizes, strict=True)) for w in columns]
    return [each / sum(sizes) for each in total]


@right
def combine_gradients_by_average(gradients, sizes):
    return np.average(gradients, axis=0, weights=sizes)


@right
def combine_gradients_image_by_image(gradients, sizes):
    return np.repeat(gradients, sizes, axis=0).mean(axis=0)


@wrong("count alike")
def combine_gradients_plainly(gradients, sizes):
    return sum(gradients) / len(gradients)


@wrong("added up")
def combine_gradients_as_a_sum(gradients, sizes):
    return np.add.reduce(gradients)


@wrong("sum over all images")
def combine_gradients_times_sizes(gradients, sizes):
    return np.einsum("p,pw->w", sizes, gradients)


@wrong("number of pieces")
def combine_gradients_over_pieces(gradients, sizes):
    return (gradients * sizes[:, None]).mean(axis=0)


@wrong("do not divide")
def combine_gradients_by_inverse(gradients, sizes):
    return np.average(gradients, axis=0, weights=1 / sizes)


@wrong("average over the weights")
def combine_gradients_of_the_other_axis(gradients, sizes):
    return np.mean(gradients, axis=-1)


@wrong("Only the last")
def combine_gradients_overwritten(gradients, sizes):
    for each in gradients:
        total = each
    return total


@wrong("You sort the scores")
def paired_gain_of_sorted_scores(a, b):
    differences = [y - x for x, y in zip(sorted(a), sorted(b), strict=True)]
    return np.mean(differences), np.std(differences, ddof=1) / len(differences) ** 0.5


@wrong("lost its sign")
def paired_gain_without_its_sign(a, b):
    differences = b - a
    return abs(differences.mean()), differences.std(ddof=1) / np.sqrt(len(differences))
