"""`make bench`: speed as ratios measured in one run, each the median of several. Nothing here decides a test."""

import statistics
import subprocess
import sys
import time

import numpy as np
from test_widgets import EXPLORERS

from segutils import course, digits, losses, metrics, models, scenes, tiling, transforms, widgets
from segutils.quiet import keras
from segutils.quiet import tensorflow as tf


def seconds(work, repeats=5):
    """Median seconds of a piece of work, after one warm-up."""
    work()
    times = []
    for _ in range(repeats):
        started = time.perf_counter()
        work()
        times.append(time.perf_counter() - started)
    return statistics.median(times)


def row(what, ours, other, unit, count):
    """A line: our rate, the other's rate, and how many times faster we are."""
    print(f"{what:58} {count / ours:>12,.0f} {count / other:>12,.0f} {unit:10} {other / ours:>6.2f}×")


def keras_augmented(images, masks):
    """The same geometric changes by Keras's layers, with its documented dict of images and masks."""
    layers = keras.Sequential(
        [
            keras.layers.RandomRotation(0.15 / 6.2832, fill_mode="constant"),
            keras.layers.RandomTranslation(0.05, 0.05, fill_mode="constant"),
            keras.layers.RandomZoom(0.1, fill_mode="constant"),
        ]
    )
    pairs = tf.data.Dataset.from_tensor_slices({"images": images, "segmentation_masks": masks[..., None]}).batch(16)
    return pairs.map(lambda pair: layers(pair, training=True), num_parallel_calls=2).prefetch(4)


def slider_times(name, moves=60):
    """Milliseconds from a control's new value to the finished picture: median and 95th percentile of random moves."""
    make, controls = EXPLORERS[name]
    rng, draw, times = np.random.default_rng(0), make(), []

    def some(control):
        if isinstance(control, list):
            return control[rng.integers(len(control))]
        low, high, step = (*control, 1)[:3]
        return low + step * int(rng.integers(int((high - low) / step) + 1))

    for _ in range(moves + 5):
        values = {control: some(choices) for control, choices in controls.items()}
        started = time.perf_counter()
        widgets._png(draw(**values))
        times.append(1000 * (time.perf_counter() - started))
    return np.percentile(times[5:], [50, 95])


def exhaust(dataset):
    for _ in dataset:
        pass


def main():
    print(course.environment(), "\n")
    print(f"{'':58} {'ours':>12} {'other':>12} {'':10} {'ratio':>7}")
    source = digits.load_digits("bundled").train
    ours = seconds(lambda: scenes.make_scenes(source, 1000))
    plain = seconds(lambda: scenes.make_scenes(source, 1000, clutter=0, noise=0.0))
    row("make scenes (other: without clutter and noise)", ours, plain, "scenes/s", 1000)

    made = scenes.make_scenes(source, 1024)
    augment = transforms.Augment(rotation=0.15, shift=0.05, zoom=0.1)
    batches = transforms.Batches(made.images, made.semantic, 16, augment)
    by_keras = keras_augmented(made.images.astype(np.float32), made.semantic)
    row(
        "rotate, shift, zoom image and mask (other: Keras's layers)",
        seconds(lambda: exhaust(batches.dataset(0, 1))),
        seconds(lambda: exhaust(by_keras)),
        "images/s",
        1024,
    )

    model = models.unet(11)
    model.compile("adam", losses.SegmentationLoss("cross_entropy_dice"))
    some = batches.dataset(0, 1).take(16)
    train = seconds(lambda: model.fit(some, verbose=0, shuffle=False), 3)
    feed = seconds(lambda: exhaust(batches.dataset(0, 1).take(16)))
    row("training step of notebook 8 (other: its input alone)", train, feed, "images/s", 256)

    picture = np.tile(made.images[0], (32, 32, 1))
    every = np.stack([picture[i : i + 256, j : j + 256] for i in range(0, 2048, 256) for j in range(0, 2048, 256)])
    row(
        "tiles of 256, no margin (other: predict of the same tiles)",
        seconds(lambda: tiling.predict_tiled(model.predict_on_batch, picture, margin=0, blend=0), 3),
        seconds(lambda: model.predict(every, batch_size=8, verbose=0), 3),
        "pixels/s",
        picture.size,
    )

    predicted = np.roll(made.semantic, 1, axis=1)
    from sklearn.metrics import confusion_matrix

    row(
        "confusion matrix (other: scikit-learn)",
        seconds(lambda: metrics.confusion_matrix(made.semantic[:256], predicted[:256], 11)),
        seconds(lambda: confusion_matrix(made.semantic[:256].ravel(), predicted[:256].ravel(), labels=range(11)), 3),
        "pixels/s",
        made.semantic[:256].size,
    )

    def python(code):
        return seconds(lambda: subprocess.run([sys.executable, "-c", code], check=True))

    row("import segutils (other: an empty Python)", python("import segutils"), python("pass"), "starts/s", 1)

    print(f"\n{'explorer: a control moves until its picture is there':58} {'median, ms':>12} {'95%, ms':>12}")
    for name in EXPLORERS:
        median, slow = slider_times(name)
        print(f"{name:58} {median:>12.0f} {slow:>12.0f}")


if __name__ == "__main__":
    main()
