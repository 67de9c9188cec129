"""Runs the example of docs/gpu.md on two virtual CPUs and on one device, for test_backends.py, in the current folder.

Its U-Net has softplus for ReLU and mean for maximum pooling: where two numbers agree to 7 digits, one device can take
another branch of these than two, and the seed decides how often (docs/gpu.md has what that comes to).
Prints last the largest difference between the two saved models' predictions, as a share of the largest score.
"""

import re
import sys
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from segutils import course, models, training

TWO, ONE = "tf.distribute.MirroredStrategy()", 'tf.distribute.OneDeviceStrategy("CPU:0")'


def run(code, folder):
    course.set_seed(0)
    names = {}
    exec(compile(code.replace("runs/gpus", folder), "docs/gpu.md", "exec"), names)
    return names


def main(page):
    cpu = tf.config.list_physical_devices("CPU")[0]
    tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
    (code,) = re.findall(r"```python\n(.*?)```", Path(page).read_text(encoding="utf-8"), re.DOTALL)
    if TWO not in code:
        raise ValueError(f"expected {TWO} in the example of {page}")
    models.layers.ReLU = lambda: keras.layers.Activation("softplus")
    models.layers.MaxPooling2D = keras.layers.AveragePooling2D
    two, one = run(code, "two"), run(code.replace(TWO, ONE), "one")
    replicas = two["strategy"].num_replicas_in_sync, one["strategy"].num_replicas_in_sync
    if replicas != (2, 1):
        raise RuntimeError(f"expected strategies of 2 replicas and of 1, got {replicas}")
    images = one["validation"].images
    ours, expected = (training.load_best(folder).predict_on_batch(images) for folder in ("two", "one"))
    print(np.abs(ours - expected).max() / np.abs(expected).max())


if __name__ == "__main__":
    main(sys.argv[1])
