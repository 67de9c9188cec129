"""Lesson 12 · Frontiers: how much memory a gradient takes, measured in a process of its own.

python -m segutils.lessons.frontiers_memory WIDTH CLASSES SIZE …

A process of its own, because one that has trained before keeps memory that it was given. Only Linux tells the highest
memory of a process (VmHWM) in a file; elsewhere nothing is measured.
"""

import json
import subprocess
import sys
from pathlib import Path

STATUS = Path("/proc/self/status")


def measure_memory(width, classes, sizes):
    """Megabytes that one gradient of a U-Net adds to the memory of a fresh process, for each batch size.

    Args: width, classes: of the U-Net; sizes: of the batches, ascending: each measures the highest up to then.
    Returns: {size: megabytes}; empty where the system does not say.
    """
    if not STATUS.exists():
        return {}
    command = [sys.executable, "-m", __name__, *map(str, (width, classes, *sizes))]
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run(command, cwd=root, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True)
    return {int(size): megabytes for size, megabytes in json.loads(done.stdout.splitlines()[-1]).items()}


def highest(status=None):
    """The most megabytes that this process ever held, as /proc/self/status says; a text of that file for tests."""
    lines = (STATUS.read_text() if status is None else status).splitlines()
    (kilobytes,) = [line.split()[1] for line in lines if line.startswith("VmHWM:")]
    return int(kilobytes) / 1000


def _measure(width, classes, *sizes):
    """Print what measure_memory returns, as JSON."""
    import tensorflow as tf

    from segutils import losses, models
    from segutils.lessons.frontiers_figures import SIZE

    network = models.unet(classes, width=width)
    loss = losses.SegmentationLoss("cross_entropy_dice", over="batch")
    shapes = tf.TensorSpec((None, SIZE, SIZE, 1)), tf.TensorSpec((None, SIZE, SIZE), tf.uint8)

    @tf.function(input_signature=shapes)
    def gradient(images, masks):
        with tf.GradientTape() as tape:
            cost = loss(masks, network(images, training=True))
        return tape.gradient(cost, network.trainable_variables)

    def once(size):
        gradient(tf.zeros((size, SIZE, SIZE, 1)), tf.zeros((size, SIZE, SIZE), tf.uint8))
        return highest()

    before = once(1)  # with all that TensorFlow needs once
    print(json.dumps({size: once(size) - before for size in sizes}))


if __name__ == "__main__":
    _measure(*map(int, sys.argv[1:]))
