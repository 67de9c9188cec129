"""Lesson 12 · Frontiers: the exercises `paired_gain` and `combine_gradients`, and `rain`, graded by what it reaches."""

import numpy as np
import tensorflow as tf

from segutils.lessons import frontiers_bench as bench
from segutils.lessons.answers import Exercise, it_stops
from segutils.lessons.frontiers_figures import HARDER

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
        (np.array([0.9, 0.4, 0.6, 0.7]), np.array([0.5, 0.6, 0.5, 0.8])),  # b is worse, and in another order
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
        (
            "You sort the scores; then a number of `a` meets one of `b` that another seed made.",
            lambda a, b: _paired_gain(np.sort(a), np.sort(b)),
        ),
        (
            "The gain has lost its sign: where b is worse it is below 0.",
            lambda a, b: (abs((b - a).mean()), _paired_gain(a, b)[1]),
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


# The third exercise: rain(images, masks, seed) → both, an augmentation that is graded by the network it trains

GAIN, LOSS = 0.05, 0.05  # mean IoU that must be won in the hardest rain, and that may be lost by day


def diagnose_rain(augment, train, network, start, control, learn, test):
    """What is wrong with a learner's augmentation, in a sentence that names the cure; None if it reaches the goal.

    Args:
        augment: function of images (16, H, W, 1) uint8, masks and a seed of two integers → images, masks.
        train: function of network, start, scenes, seed and change.
        network: trained once more, with augment; start: the weights it goes on from, trained by day.
        control: weights that went on from the same start for as many steps without rain.
        learn, test: Scenes.
    """
    images, masks = learn.images[:16], learn.semantic[:16]
    tensors, rain = (tf.constant(images), tf.constant(masks)), tf.function(augment)  # as training uses them
    try:
        result = rain(*tensors, np.array([0, 1], np.int32))
    except Exception as error:  # whatever a learner's code raises is feedback, not a failure of ours
        return f"not yet. Images come as uint8 tensors, and {it_stops(error, most=150)}"
    if result is None:
        return "not started yet, or `return` is missing: return images, masks."
    wet, kept = map(np.asarray, result)
    if wet.shape != images.shape:
        return f"not yet. 16 scenes {images.shape} come back as {wet.shape}: a streak changes pixels, not the shape."
    if kept.shape != masks.shape or (kept != masks).any():
        return "not yet. The masks come back changed; rain falls before the digits, and the labels stay."
    if wet.min() < 0 or wet.max() > 255:
        return f"not yet. Pixels reach from {wet.min():.0f} to {wet.max():.0f}; an image has 0 to 255."
    if np.array_equal(wet, images):
        cure = "draw streaks with tf.where(streak, 220.0, tf.cast(images, tf.float32))"
        return f"not yet. The scenes come back as they were; {cure}."
    if np.array_equal(wet, np.asarray(rain(*tensors, np.array([7, 8], np.int32))[0])):
        return "not yet. Two seeds give the same rain, so the network learns where it falls; draw by the seed."
    change, (*_, hardest), _ = HARDER["rain"]
    network.set_weights(control)
    before = [bench.mean_iou(network, some, test.semantic) for some in (test.images, change(test.images, hardest))]
    train(network, start, learn, 0, change=augment)
    after = [bench.mean_iou(network, some, test.semantic) for some in (test.images, change(test.images, hardest))]
    return judge_rain(*np.subtract(after, before))


def judge_rain(by_day, in_rain):
    """What two changes of mean IoU, by day and in the hardest rain, say of an augmentation; None if they are enough."""
    if in_rain < GAIN:
        return (
            f"not yet. In the hardest rain mean IoU changes by {in_rain:+.2f}: draw streaks as long, bright and many."
        )
    if by_day < -LOSS:
        return f"not yet. The rain gains {in_rain:+.2f}, but by day {by_day:+.2f}: let some scenes stay dry."
    return None


def check_rain(augment, *given):
    """Print that a learner's augmentation reaches the goal, or what is wrong. Args: given: as diagnose_rain's."""
    fault = diagnose_rain(augment, *given)
    print(f"rain: {fault or 'right: the network sees through it, and by day as before.'}")
