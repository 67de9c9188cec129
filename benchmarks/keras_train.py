"""Train one of competitors.py: Adam at one rate, cross-entropy, shuffled scenes.

python keras_train.py NETWORK --scenes SCENES.npz --rate 0.001 --seed 0 --images 16000 --batch-size 16 OUT
"""

import argparse
import time

import competitors
import keras
import numpy as np
import tensorflow as tf

from segutils import course, metrics
from segutils.plumbing import storage

LOOKS = 8


class Looks(keras.callbacks.Callback):
    """Takes mean IoU on the exam so many times, with the clock stopped: [seconds, images, mean IoU]."""

    def __init__(self, images, truth, steps, batch_size):
        super().__init__()
        self.parts, self.truth = np.array_split(images, len(images) // 50), truth
        self.every, self.batch_size = steps // LOOKS, batch_size
        self.step, self.seconds, self.curve = 0, 0.0, []

    def on_train_begin(self, logs=None):
        self.started = time.perf_counter()

    def on_train_batch_end(self, batch, logs=None):
        self.step += 1
        if self.step % self.every == 0:
            self.seconds += time.perf_counter() - self.started
            predicted = np.concatenate([self.model.predict_on_batch(part).argmax(-1) for part in self.parts])
            counts = metrics.confusion_matrix(self.truth, predicted, self.model.output_shape[-1])
            self.curve.append([self.seconds, self.step * self.batch_size, float(metrics.mean_iou(counts))])
            self.started = time.perf_counter()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("network")
    parser.add_argument("--scenes")
    parser.add_argument("--rate", type=float)
    for name in ("seed", "images", "batch-size"):
        parser.add_argument(f"--{name}", type=int)
    parser.add_argument("out")
    options = parser.parse_args()
    course.set_seed(options.seed)
    scenes, steps = np.load(options.scenes), options.images // options.batch_size
    images, masks, exam, truth = (scenes[name] for name in ("images", "masks", "exam_images", "exam_masks"))
    model = getattr(competitors, options.network)(int(truth.max()) + 1)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(options.rate), loss)
    pairs = tf.data.Dataset.from_tensor_slices((images, masks)).shuffle(len(images), seed=options.seed).repeat()
    looks = Looks(exam, truth, steps, options.batch_size)
    batches = pairs.batch(options.batch_size).prefetch(2)
    model.fit(batches, steps_per_epoch=steps, callbacks=[looks], shuffle=False, verbose=0)
    storage.write_json(options.out, looks.curve)


if __name__ == "__main__":
    main()
