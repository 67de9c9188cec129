"""Lesson 11 · Your images: the exercises `mean_over_images`, `resampled_means` and, graded by its score, `coin_net`."""

import keras
import numpy as np
from skimage.filters import threshold_otsu

from segutils import metrics
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
        (np.array([[[50, 0], [14, 0]], [[30, 6], [4, 24]]]),),  # class 1 of the first image is in the truth alone
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
            "An image in which no class 1 was predicted is left out although the truth has some: it was missed, IoU 0.",
            lambda tables: _iou_of_images(tables[tables[:, :, 1].sum(1) > 0]).mean(),
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


def _of_places(scores, sources, draws):
    """A wrong answer that takes the numbers in draws for places in the list of sources."""
    totals, counts = (np.array([f(scores[sources == name]) for name in np.unique(sources)]) for f in (np.sum, len))
    return totals[draws].sum(1) / counts[draws].sum(1)


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
        (np.array([0.9, 0.8, 0.4]), np.array([7, 3, 7]), np.array([[3, 7], [7, 7], [3, 3]])),
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
            "You count the sources from 0, in order; draws holds their own numbers, which may be any.",
            _of_places,
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


# The third exercise: coin_net() → a network of at most 20,000 parameters that beats the threshold where light is uneven

MOST_PARAMETERS = 20_000
GAIN = 0.2  # IoU of the coins above the threshold's, on the same crops


def uneven_crops(photograph, coins, count, *, seed=0, side=48):
    """Crops at random places of a photograph, each under a light that falls off to one side, down to a fifth.

    Args: photograph, coins: (H, W). Returns: images (N, S, S, 1) float32, masks (N, S, S) ints 0 and 1.
    """
    rng = np.random.default_rng(seed)
    ramp = np.linspace(0.2, 1, side)[:, None]
    images, masks = [], []
    for top, left, turns in zip(
        *(rng.integers(0, n, count) for n in (*np.subtract(coins.shape, side), 4)), strict=True
    ):
        at = slice(top, top + side), slice(left, left + side)
        images.append(photograph[at] * np.rot90(ramp * np.ones(side), turns))
        masks.append(coins[at] > 0)
    return np.float32(images)[..., None], np.int32(masks)


def iou_of_coins(masks, predicted):
    """IoU of class 1, all crops pooled."""
    return float(metrics.iou(metrics.confusion_matrix(masks, predicted, 2))[1])


def diagnose_coin_net(build, photograph, coins, *, steps=160):
    """What is wrong with a learner's network, in a sentence that names the cure; None if it beats the threshold.

    It learns from crops of the upper half of the photograph and is tested on crops of the lower half.

    Args: build: function without arguments → keras.Model. photograph, coins: (H, W) image and mask, above 0 a coin.
    """
    model, middle = build(), len(coins) // 2
    if not isinstance(model, keras.Model):
        return "not started yet, or `return` is missing: return keras.Model(image, scores)."
    images, masks = uneven_crops(photograph[:middle], coins[:middle], 16 * steps)
    others, truth = uneven_crops(photograph[middle:], coins[middle:], 64, seed=1)
    scores = np.asarray(model(others[:2]))
    if scores.shape != (2, 48, 48, 2):
        return f"not yet. For 2 crops the scores have the shape {scores.shape}, not (2, 48, 48, 2): two for each pixel."
    if model.count_params() > MOST_PARAMETERS:
        return f"not yet. It has {model.count_params():,} parameters; half as many filters quarter them."
    if np.allclose(scores.sum(-1), 1, atol=1e-4):
        return (
            "not yet. A pixel's scores add up to 1: they are probabilities. The loss takes logits; leave softmax out."
        )
    model.compile(keras.optimizers.Adam(0.01), keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    model.fit(images, masks, batch_size=16, shuffle=False, verbose=0)
    reached = iou_of_coins(truth, np.argmax(model(others, training=False), axis=-1))
    simple = iou_of_coins(truth, np.int32([image > threshold_otsu(image) for image in others])[..., 0])
    if reached < simple + GAIN:
        cure = "let it see further, by poolings that are undone later, and keep its values small by Rescaling(1 / 255)"
        return f"not yet. The coins' IoU is {reached:.2f}, and the threshold's {simple:.2f}; {cure}."
    return None


def check_coin_net(build, photograph, coins):
    """Print that a learner's network beats the threshold, or what is wrong with it. Args: as diagnose_coin_net's."""
    fault = diagnose_coin_net(build, photograph, coins)
    print(f"coin_net: {fault or f'right: at least {GAIN} above the threshold, on coins that it has not seen.'}")
