"""Answers to `mean_over_images` and `resampled_means`, right and wrong, with words that their feedback must contain."""

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


# The second exercise


@right
def resampled_means_by_lists(scores, sources, draws):
    means = []
    for draw in draws:
        drawn = [score for source in draw for score, its in zip(scores, sources, strict=True) if its == source]
        means.append(sum(drawn) / len(drawn))
    return means


@right
def resampled_means_by_weights(scores, sources, draws):
    times = (draws[:, :, None] == sources).sum(1)  # how often each image was drawn
    return times @ scores / times.sum(1)


@right
def resampled_means_of_what_was_drawn(scores, sources, draws):
    return [np.concatenate([scores[sources == source] for source in draw]).mean() for draw in draws]


@wrong("means of the sources")
def resampled_means_of_means(scores, sources, draws):
    of_source = np.array([scores[sources == source].mean() for source in np.unique(sources)])
    return of_source[draws].mean(1)


@wrong("drawn twice counts once")
def resampled_means_of_sets(scores, sources, draws):
    return [np.mean([scores[i] for i in range(len(scores)) if sources[i] in set(draw)]) for draw in draws]


@wrong("took them for images")
def resampled_means_of_images(scores, sources, draws):
    return np.array([np.mean([scores[i] for i in draw]) for draw in draws])


@wrong("whatever was drawn")
def resampled_means_of_all(scores, sources, draws):
    return np.full(len(draws), scores.mean())


@wrong("Those are sums")
def resampled_means_as_sums(scores, sources, draws):
    return (draws[:, :, None] == sources).sum(1) @ scores


@wrong("number of sources drawn")
def resampled_means_over_sources(scores, sources, draws):
    return (draws[:, :, None] == sources).sum(1) @ scores / draws.shape[1]


@wrong("one mean over all draws")
def resampled_means_as_one(scores, sources, draws):
    return np.mean(resampled_means_by_weights(scores, sources, draws))


@wrong("the interval already")
def resampled_means_as_interval(scores, sources, draws):
    return np.percentile(resampled_means_by_weights(scores, sources, draws), [2.5, 97.5])


@wrong("it was missed, IoU 0")
def mean_over_images_with_something_predicted(tables):
    iou = [table[1, 1] / (table.sum() - table[0, 0]) for table in tables if table[:, 1].sum() > 0]
    return sum(iou) / len(iou)


@wrong("expected")
def mean_over_images_of_a_hundred_pixels(tables):
    return np.nanmean(tables[:, 1, 1] / (100 - tables[:, 0, 0]))


@wrong("count the sources from 0")
def resampled_means_of_sources_in_order(scores, sources, draws):
    names, place = np.unique(sources, return_inverse=True)
    totals, counts = np.bincount(place, scores), np.bincount(place)
    return totals[draws].sum(axis=1) / counts[draws].sum(axis=1)
