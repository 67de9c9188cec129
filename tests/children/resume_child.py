"""A small training run for test_training.py, killed by SIGKILL where it is told to.

    python resume_child.py FOLDER [step N | replace N]

`step N`: at the N-th training step of this process. `replace N`: before the N-th file is put in its place.
"""

import os
import signal
import sys
from pathlib import Path

import keras
import numpy as np

from segutils import course, losses, training, transforms

EPOCHS, BATCH = 3, 4


def build():
    """Convolution, batch normalisation and dropout: weights, averages, moments and random states to restore."""
    layers = keras.layers
    model = keras.Sequential(
        [
            keras.Input((16, 32, 1)),
            layers.Rescaling(1 / 255),
            layers.Conv2D(8, 3, padding="same"),
            layers.BatchNormalization(),
            layers.ReLU(),
            layers.Dropout(0.2),
            layers.Conv2D(11, 1),
        ]
    )
    steps = keras.optimizers.Adam(training.one_cycle(1e-2, 12))
    model.compile(steps, losses.SegmentationLoss("cross_entropy_dice"), metrics=[training.MeanIoU(11)])
    return model


def data():
    rng = np.random.default_rng(5)
    return rng.integers(0, 256, (18, 16, 32, 1), np.uint8), rng.integers(0, 11, (18, 16, 32), np.uint8)


class KillAtStep(keras.callbacks.Callback):
    def __init__(self, step):
        super().__init__()
        self.left = step

    def on_train_batch_end(self, batch, logs=None):
        self.left -= 1
        if self.left == 0:
            os.kill(os.getpid(), signal.SIGKILL)


def kill_at_replace(count):
    replace, left = os.replace, [count]

    def counted(*arguments):
        left[0] -= 1
        if left[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return replace(*arguments)

    os.replace = counted


def main(folder, where=None, count="0"):
    course.set_seed(0, deterministic=True)
    images, masks = data()
    batches = transforms.Batches(images, masks, BATCH, transforms.Augment(rotation=0.3, noise=0.1), seed=3)
    if where == "replace":
        kill_at_replace(int(count))
    callbacks = [KillAtStep(int(count))] if where == "step" else []
    model = build()
    training.fit(model, batches, (images[:6], masks[:6]), epochs=EPOCHS, folder=folder, callbacks=callbacks)
    weights = [np.asarray(variable) for variable in (*model.variables, *model.optimizer.variables)]
    np.savez(Path(folder) / "weights.npz", *weights)


if __name__ == "__main__":
    main(*sys.argv[1:])
