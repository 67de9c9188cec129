"""What more minutes give: notebook 9's recipe with more and fewer epochs, on digits and on textures.

    python longer.py KIND EPOCHS SEED [KIND EPOCHS SEED …]      KIND: digits or textures

Adds a row to data/longer.csv for each: mean IoU on 1,000 validation scenes (the test scenes stay closed) and the
processor seconds of training, by one thread. An epoch is 5,000 scenes; there are 15,000 different ones.
"""

import csv
import os
import sys
import time

import tensorflow as tf
from common import EXAM, ROOT, digits_here

from segutils import course, losses, metrics, models, scenes, textures, training, transforms

SCENES, EPOCH, BATCH_SIZE, RATE = 15_000, 5_000, 16, 0.03
COLUMNS = ("scenes", "epochs", "seed", "mean_iou", "seconds")


def splits(kind, seed):
    """Training and validation scenes, and the number of classes."""
    sizes = {"train": SCENES, "validation": EXAM, "test": 0, "seed": seed}
    if kind == "textures":
        return *textures.make_splits(**sizes)[:2], len(textures.CLASS_NAMES)
    return *scenes.make_splits(digits_here(), train_count=(7, 9), **sizes)[:2], len(scenes.CLASS_NAMES)


def train(kind, epochs, seed):
    """Mean IoU and processor seconds of one training."""
    learn, judge, classes = splits(kind, seed)
    course.set_seed(seed)
    light = transforms.Augment(brightness=0.05, contrast=0.1)
    batches = transforms.Batches(learn.images, learn.semantic, BATCH_SIZE, light, seed=seed, steps=EPOCH // BATCH_SIZE)
    model = models.unet(classes)
    schedule = training.one_cycle(RATE, epochs * batches.steps_per_epoch, warmup=0.2, fall="line")
    loss = losses.SegmentationLoss("cross_entropy_dice", over="batch")
    model.compile(training.ConvolutionMuon(schedule, beta_2=0.99), loss)
    started = time.process_time()
    model.fit(batches.dataset(0, epochs), shuffle=False, verbose=0)
    seconds = time.process_time() - started
    predicted = model.predict(judge.images, batch_size=64, verbose=0).argmax(-1)
    confusion = metrics.confusion_matrix(judge.semantic, predicted, classes)
    return round(float(metrics.mean_iou(confusion)), 4), round(seconds, 1)


def main():
    os.nice(5)
    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    path = ROOT / "data" / "longer.csv"
    if not path.exists():
        path.write_text(",".join(COLUMNS) + "\n", encoding="utf-8")
    for kind, epochs, seed in zip(*[iter(sys.argv[1:])] * 3, strict=True):
        row = (kind, int(epochs), int(seed), *train(kind, int(epochs), int(seed)))
        with open(path, "a", encoding="utf-8", newline="") as file:
            csv.writer(file, lineterminator="\n").writerow(row)


if __name__ == "__main__":
    main()
