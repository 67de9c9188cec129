"""Answers to the exercise `mean_over_images`, right ones and wrong ones with words that their feedback must contain."""

import numpy as np
from support import right, wrong


@right
def mean_over_images_one_by_one(tables):
    scores = []
    for (_, false_alarms), (missed, hits) in tables:
        if false_alarms + missed + hits > 0:
            scores.append(hits / (false_alarms + missed + hits))
    return np.mean(scores)


@right
def mean_over_images_by_sums(tables):
    union = tables.sum((1, 2)) - tables[:, 0, 0]
    some = union > 0
    return (tables[some, 1, 1] / union[some]).sum() / some.sum()


@right
def mean_over_images_that_skips_nan(tables):
    tables = tables.astype(float)
    return np.nanmean(tables[:, 1, 1] / (tables[:, 1].sum(1) + tables[:, 0, 1]))


@wrong("pooled")
def mean_over_images_of_the_sum(tables):
    (_, false_alarms), (missed, hits) = tables.sum(axis=0)
    return hits / (false_alarms + missed + hits)


@wrong("Dice coefficient")
def mean_over_images_doubled(tables):
    return np.nanmean([2 * t[1, 1] / (2 * t[1, 1] + t[0, 1] + t[1, 0]) for t in tables])


@wrong("the recall")
def mean_over_images_over_the_truth(tables):
    return np.nanmean([t[1, 1] / t[1].sum() for t in tables])


@wrong("the precision")
def mean_over_images_over_the_prediction(tables):
    return np.nanmean([t[1, 1] / t[:, 1].sum() for t in tables])


@wrong("class 0, the background")
def mean_over_images_of_background(tables):
    return np.mean([t[0, 0] / (t.sum() - t[1, 1]) for t in tables])


@wrong("spoils the mean")
def mean_over_images_with_nan(tables):
    return np.mean([t[1, 1] / (t.sum() - t[0, 0]) for t in tables])


@wrong("counts as 0, as if something")
def mean_over_images_with_zero(tables):
    return np.mean([t[1, 1] / max(t.sum() - t[0, 0], 1) for t in tables])


@wrong("counts as 1. Leave")
def mean_over_images_with_epsilon(tables):
    return np.mean([(t[1, 1] + 1e-9) / (t.sum() - t[0, 0] + 1e-9) for t in tables])


@wrong("a false alarm")
def mean_over_images_with_truth(tables):
    return np.mean([t[1, 1] / (t.sum() - t[0, 0]) for t in tables if t[1].any()])


@wrong("expected shape ()")
def mean_over_images_as_a_list(tables):
    return [mean_over_images_one_by_one(tables)]
