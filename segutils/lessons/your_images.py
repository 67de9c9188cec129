"""Lesson 11 · Your images: the exercises `mean_over_images` and `resampled_means`."""

import numpy as np

from segutils.lessons.answers import Exercise
from segutils.lessons.segmentation_run import count_pixels, iou_ratio, mean_of_ratios
from segutils.lessons.segmentation_run import exercise as mean_iou

# The exercise: mean_over_images(tables), (N, 2, 2) counts, a table per image → mean over the images of class 1's IoU


def _iou_of_images(tables):
    """IoU of class 1 in each image; NaN where it is in neither mask."""
    return np.divide(*iou_ratio(*(counts[:, 1] for counts in count_pixels(tables))))


def _mean_over_images(ratio, *, absent=None):
    """An answer, right or wrong: as mean_of_ratios, but over the images and for class 1 alone."""

    def of_class_1(*pixels):
        return ratio(*(counts[:, 1] for counts in pixels))

    return mean_of_ratios(of_class_1, absent=absent)


exercise = Exercise(
    "mean_over_images",
    solution=_mean_over_images(iou_ratio),
    cases=[
        (np.array([[[90, 2], [3, 5]], [[10, 20], [0, 70]]]),),
        (np.array([[[90, 2], [3, 5]], [[10, 20], [0, 70]], [[100, 0], [0, 0]]]),),
        (np.array([[[70, 5], [20, 5]], [[97, 3], [0, 0]], [[50, 0], [20, 30]], [[100, 0], [0, 0]]]),),
    ],
    mistakes=[
        (
            "That is the IoU of all images pooled, so large objects decide. Divide image by image.",
            lambda tables: np.divide(*(counts[1] for counts in iou_ratio(*count_pixels(tables.sum(0))))),
        ),
        (
            "That is the Dice coefficient, 2 TP / (2 TP + FP + FN).",
            _mean_over_images(lambda true_positives, predicted, actual: (2 * true_positives, predicted + actual)),
        ),
        (
            "That is the recall: you divide by the true pixels of class 1 only.",
            _mean_over_images(lambda true_positives, predicted, actual: (true_positives, actual)),
        ),
        (
            "That is the precision: you divide by the predicted pixels of class 1 only.",
            _mean_over_images(lambda true_positives, predicted, actual: (true_positives, predicted)),
        ),
        (
            "That is the pixel accuracy of each image, averaged: background decides it.",
            lambda tables: (np.trace(tables, axis1=1, axis2=2) / tables.sum((1, 2))).mean(),
        ),
        (
            "That is the IoU of class 0, the background; class 1 is asked for.",
            lambda tables: _mean_over_images(iou_ratio)(tables[:, ::-1, ::-1]),
        ),
        (
            "You average over both classes; class 1 alone is asked for.",
            lambda tables: np.mean([mean_iou.solution(table) for table in tables]),
        ),
        (
            "An image without class 1 gives 0/0, and one NaN spoils the mean. Leave it out.",
            lambda tables: _iou_of_images(tables).mean(),
        ),
        (
            "An image without class 1 counts as 0, as if something had been missed. Leave it out.",
            _mean_over_images(iou_ratio, absent=0.0),
        ),
        (
            "An image without class 1 counts as 1. Leave it out, as the task says.",
            _mean_over_images(iou_ratio, absent=1.0),
        ),
        (
            "An image without class 1 in the truth is left out although some was predicted: a false alarm, IoU 0.",
            lambda tables: _iou_of_images(tables[tables[:, 1].sum(1) > 0]).mean(),
        ),
        (
            "Those are the IoUs of the images; return their mean.",
            lambda tables: np.nan_to_num(_iou_of_images(tables)),
        ),
    ],
    argument_names=("tables",),
)


# The second exercise: resampled_means(scores, sources, draws), (N,), (N,), (D, S) → (D,) means over the images drawn


def _images_of(sources, draw):
    """Positions of the images of the sources that were drawn, as often as they were drawn."""
    return np.concatenate([np.flatnonzero(sources == name) for name in draw])


def _each_draw(mean_of_draw):
    """An answer, right or wrong, from what it does with one draw: mean_of_draw(scores, sources, draw) → a number."""
    return lambda scores, sources, draws: np.array([mean_of_draw(scores, sources, draw) for draw in draws])


_resampled_means = _each_draw(lambda scores, sources, draw: scores[_images_of(sources, draw)].mean())

second_exercise = Exercise(
    "resampled_means",
    solution=_resampled_means,
    cases=[
        (np.array([0.9, 0.8, 0.4]), np.array([0, 0, 1]), np.array([[0, 1], [1, 1], [0, 0]])),
        (
            np.array([0.9, 0.5, 0.7, 0.8, 0.6, 0.3]),
            np.array([2, 0, 2, 1, 2, 0]),
            np.array([[0, 1, 2], [0, 0, 1], [2, 1, 2], [1, 1, 1]]),
        ),
    ],
    mistakes=[
        (
            "You average the means of the sources; here each image counts alike, however many its source has.",
            _each_draw(lambda scores, sources, draw: np.mean([scores[sources == name].mean() for name in draw])),
        ),
        (
            "A source that was drawn twice counts once. Its images must come twice.",
            _each_draw(lambda scores, sources, draw: scores[np.isin(sources, draw)].mean()),
        ),
        (
            "The numbers in draws are sources, and you took them for images.",
            lambda scores, sources, draws: scores[draws].mean(1),
        ),
        (
            "That is the mean of all images, whatever was drawn.",
            _each_draw(lambda scores, sources, draw: scores.mean()),
        ),
        (
            "Those are sums; divide each by the number of images that were drawn.",
            _each_draw(lambda scores, sources, draw: scores[_images_of(sources, draw)].sum()),
        ),
        (
            "You divide by the number of sources drawn; divide by the number of their images.",
            _each_draw(lambda scores, sources, draw: scores[_images_of(sources, draw)].sum() / len(draw)),
        ),
        (
            "That is one mean over all draws; return a mean for each draw.",
            lambda scores, sources, draws: _resampled_means(scores, sources, draws).mean(),
        ),
        (
            "That is the interval already; return the means that it is made from.",
            lambda scores, sources, draws: np.quantile(_resampled_means(scores, sources, draws), [0.025, 0.975]),
        ),
    ],
)
