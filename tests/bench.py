"""`make bench`: speed as ratios measured in one run, each the median of several. Nothing here decides a test."""

import statistics
import subprocess
import sys
import time

import numpy as np

from segutils import course, digits, losses, metrics, models, scenes, transforms
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


if __name__ == "__main__":
    main()
