"""Lesson 12 · Frontiers: the workbench. Networks that are trained again and again, and what is measured of them.

A network is built once, because TensorFlow takes seconds to translate its training step; what a seed leaves behind is
its weights. So most functions here take a network and a list of weights, a set for each seed.
"""

import functools

import keras
import numpy as np

from segutils import course, metrics, models, training
from segutils.lessons.frontiers_figures import HARDER, SIZE
from segutils.scenes import Scenes

BATCH_SIZE = 16


@functools.cache
def start_weights(outputs, width, seed):
    """The weights that a new U-Net with this seed starts from."""
    course.set_seed(seed)
    return models.unet(outputs, width=width).get_weights()


def build(outputs, width, loss, *, extra=None):
    """A compiled U-Net whose training step is translated for batches of 16 scenes.

    Args:
        outputs: number of scores a pixel; width: filters of the first level; loss: for `compile`.
        extra: targets have 1 + extra channels instead of being masks (B, H, W).
    """
    network = models.unet(outputs, width=width)
    network.compile(training.FusedAdam(beta_2=0.99), loss=loss)
    masks = np.zeros((BATCH_SIZE, SIZE, SIZE), np.uint8)
    targets = masks if extra is None else np.zeros((*masks.shape, 1 + extra), np.float32)
    training.build_optimizer(network).train_on_batch(masks[..., None], targets)
    return network


def restart(network, start):
    """Give a network the weights `start` and an optimizer that has forgotten all steps."""
    network.set_weights(start)
    for variable in network.optimizer.variables:
        variable.assign(keras.ops.zeros_like(variable))


def one_cycle(peak, steps):
    """The learning rate of each step of one cycle, as a list."""
    schedule = training.one_cycle(peak, steps)
    return [float(schedule(step)) for step in range(steps)]


def take(scenes, picked):
    """The picked scenes, as Scenes."""
    return Scenes(*(array[picked] for array in scenes))


def probabilities(network, images):
    """Softmax of a network's scores, (B, H, W, C) float32 array."""
    return keras.ops.convert_to_numpy(keras.ops.softmax(network.predict_on_batch(images)))


def mean_iou(network, images, masks):
    """Mean IoU over the classes of what a network says to images, pooled over all their pixels."""
    predicted = network.predict_on_batch(images).argmax(-1)
    return float(metrics.mean_iou(metrics.confusion_matrix(masks, predicted, network.output_shape[-1])))


def each(network, weights, measure):
    """measure(network) for each set of weights, as an array."""
    measured = []
    for one in weights:
        network.set_weights(one)
        measured.append(measure(network))
    return np.array(measured)


def reach(network, *, middle=160):
    """How many pixels away the answer still changes when a column becomes its negative: the receptive field's radius.

    The poolings work on a grid of 16 pixels, so 16 neighbouring columns are tried.
    """
    strip = np.random.default_rng(0).uniform(0, 255, (1, 32, 2 * middle, 1)).astype(np.float32)
    answer, farthest = network.predict_on_batch(strip), 0
    for column in range(middle, middle + 16):
        negative = strip.copy()
        negative[:, :, column] = 255 - negative[:, :, column]
        moved = (network.predict_on_batch(negative) != answer).any((0, 1, 3))
        farthest = max(farthest, np.abs(np.nonzero(moved)[0] - column).max(initial=0))
    return int(farthest)


def compare_tiles(network, weights, large, predict_in_tiles, margins, *, core=96):
    """How predictions in tiles differ from whole ones.

    Args:
        weights, large: a set of weights and a large scene (as Scenes) for each seed.
        predict_in_tiles: function of predict, image, core, margin.
    Returns: largest change of a probability, share of pixels with another class, both (seeds, margins); the last
        scene's mask predicted whole, and in tiles with the first margin.
    """
    changes, shares = [], []
    for one, scene in zip(weights, large, strict=True):
        network.set_weights(one)
        whole = probabilities(network, scene.images)[0]
        tiled = np.stack(
            [predict_in_tiles(lambda tile: probabilities(network, tile), scene.images[0], core, m) for m in margins]
        )
        changes.append(np.abs(tiled - whole).max((1, 2, 3)))
        shares.append((tiled.argmax(-1) != whole.argmax(-1)).mean((1, 2)))
    return np.array(changes), np.array(shares), whole.argmax(-1), tiled[0].argmax(-1)


def compare_shrinking(network, weights, large, factors):
    """Mean IoU, (seeds, factors), where images are shrunk by means of blocks, predicted, and the masks enlarged."""
    reached = np.zeros((len(weights), len(factors)))
    for i, (one, (images, masks, _)) in enumerate(zip(weights, large, strict=True)):
        network.set_weights(one)
        side = images.shape[1]
        for j, factor in enumerate(factors):
            blocks = images.reshape(1, side // factor, factor, side // factor, factor, 1)
            small = network.predict_on_batch(blocks.mean((2, 4), dtype=np.float32)).argmax(-1)
            enlarged = small.repeat(factor, 1).repeat(factor, 2)
            table = metrics.confusion_matrix(masks, enlarged, network.output_shape[-1])
            reached[i, j] = metrics.mean_iou(table)
    return reached


def robustness(network, kinds, test):
    """Mean IoU at each level of each difficulty, {difficulty: {kind: (seeds, levels)}}; kinds: {name: weights}."""
    return {
        name: {
            kind: each(network, weights, lambda n, images=images: [mean_iou(n, some, test.semantic) for some in images])
            for kind, weights in kinds.items()
        }
        for name, (change, levels, _) in HARDER.items()
        for images in [[change(test.images, level) for level in levels]]
    }


def hardest_answers(network, kinds, test):
    """Masks of four scenes at the hardest levels, {kind: {difficulty: masks}}, from each kind's first weights."""
    hard = {name: change(test.images[:4], levels[-1]) for name, (change, levels, _) in HARDER.items()}
    answers = {}
    for kind, weights in kinds.items():
        network.set_weights(weights[0])
        answers[kind] = {name: network.predict_on_batch(images).argmax(-1) for name, images in hard.items()}
    return answers


def calibrations(network, weights, images, masks):
    """metrics.calibration of a network's answers, one for each set of weights."""
    measured = []
    for one in weights:
        network.set_weights(one)
        measured.append(metrics.calibration(masks, probabilities(network, images)))
    return measured


def reliabilities(network, kinds, test):
    """Calibration by day and at the darkest level, {(kind, "day" or "night"): one for each set of weights}.

    Args: kinds: {name: weights}; test: Scenes.
    """
    at_night, (*_, darkest), _ = HARDER["night"]
    times = {"day": test.images, "night": at_night(test.images, darkest)}
    return {
        (kind, time): calibrations(network, weights, images, test.semantic)
        for kind, weights in kinds.items()
        for time, images in times.items()
    }


def learning_curve(train, starts, network, seeds, learn, test, amounts):
    """Mean IoU on test scenes after training on some of the scenes, {amount: (seeds,) array}; each seed chooses others.

    Args: train: function of network, start, scenes, seed; starts: weights to start from, a set for each seed.
    """
    curve = {amount: np.zeros(len(starts)) for amount in amounts}
    for i, (seed, start) in enumerate(zip(seeds, starts, strict=True)):
        order = np.random.default_rng(seed).permutation(len(learn.images))
        for amount in amounts:
            train(network, start, take(learn, order[:amount]), seed)
            curve[amount][i] = mean_iou(network, test.images, test.semantic)
    return curve
