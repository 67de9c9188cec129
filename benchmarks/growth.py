"""Cost as work grows: seconds against scenes, pixels, classes, steps and images to judge, and the slope of each.

python growth.py SERIES OUT
"""

import sys

import numpy as np
from common import measured, median_seconds

from segutils import digits, losses, metrics, models, scenes, tiling
from segutils.plumbing import fused, storage

LINEAR = 0.25  # how far from 1 a slope may lie and still be called in proportion


def making_scenes():
    source = digits.load_digits("bundled").train
    return {n: median_seconds(lambda n=n: scenes.make_scenes(source, n), 3) for n in (125, 250, 500, 1000, 2000, 4000)}


def _step(size, classes, batch_size=4):
    """Seconds of a training step."""
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (batch_size, size, size, 1)).astype(np.float32)
    masks = rng.integers(0, classes, (batch_size, size, size)).astype(np.uint8)
    model = models.unet(classes)
    model.compile(fused.FusedAdam(0.001), losses.SegmentationLoss("cross_entropy_dice", over="batch"))
    model.train_on_batch(images, masks)
    return median_seconds(lambda: model.train_on_batch(images, masks), 7)


def pixels():
    return {size * size: _step(size, 11) for size in (32, 64, 128, 256, 512)}


def classes():
    return {count: _step(64, count) for count in (2, 4, 8, 16, 32, 64)}


def steps():
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (16, 64, 64, 1)).astype(np.float32)
    masks = rng.integers(0, 11, (16, 64, 64)).astype(np.uint8)
    model = models.unet(11)
    model.compile(fused.FusedAdam(0.001), losses.SegmentationLoss("cross_entropy_dice", over="batch"))

    def train(count):
        for _ in range(count):
            model.train_on_batch(images, masks)

    train(3)
    return {count: median_seconds(lambda count=count: train(count), 3) for count in (10, 20, 40, 80, 160)}


def judging():
    rng = np.random.default_rng(0)
    found = {}
    for count in (50, 100, 200, 400, 800):
        masks = rng.integers(0, 11, (count, 64, 64)).astype(np.uint8)
        found[count] = median_seconds(lambda m=masks: metrics.confusion_per_image(m, m[::-1], 11), 3)
    return found


def tiles():
    model, found = models.unet(11), {}
    for side in (256, 512, 1024, 2048):
        image = np.zeros((side, side, 1), np.uint8)
        found[side * side] = median_seconds(lambda p=image: tiling.predict_tiled(model.predict_on_batch, p), 1)
    return found


SERIES = {
    "scenes made": making_scenes,
    "pixels of a training scene": pixels,
    "classes": classes,
    "training steps": steps,
    "masks judged": judging,
    "pixels predicted in tiles": tiles,
}


def slope(costs):
    """Slopes of log seconds over log amount: over all, and over the last doubling. 1 is linear."""
    amount, seconds = np.log([float(n) for n in costs]), np.log(list(costs.values()))
    return float(np.polyfit(amount, seconds, 1)[0]), float((seconds[-1] - seconds[-2]) / (amount[-1] - amount[-2]))


def linear_from(costs):
    """The amount from which on no slope between neighbours is farther from 1 than LINEAR; None if the last one is."""
    amount = [float(n) for n in costs]
    slopes = np.diff(np.log(list(costs.values()))) / np.diff(np.log(amount))
    bent = np.flatnonzero(abs(slopes - 1) > LINEAR)
    start = bent[-1] + 1 if len(bent) else 0
    return amount[start] if start < len(slopes) else None


def measure():
    found = {name: measured(f"growth/{name}", __file__, name) for name in SERIES}
    return {
        name: {"seconds": costs, "slope": slope(costs), "linear_from": linear_from(costs)}
        for name, costs in found.items()
    }


if __name__ == "__main__":
    _, name, out = sys.argv
    storage.write_json(out, SERIES[name]())
