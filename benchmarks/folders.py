"""The workhorse's one recipe against a plain U-Net of equal processor seconds, on folders as people have them.

    python folders.py ours SET SEED EPOCHS OUT           EPOCHS 0: as many as the recipe says
    python folders.py plain SET SEED SECONDS RATE OUT
    python folders.py objects nuclei SEED OUT

The sets lie in the folder that SEGUTILS_DATA names; those that are missing there are left out. A third of the images,
split by source, is the exam, and another one for each seed. The plain U-Net is the textbook's, trained by Adam on
cross-entropy with crops of the same size, mirrored half of the time; its clock, too, is of the processor and runs while
it trains alone. Both are judged by whole images, tile by tile. `objects` trains as OBJECTS=learned does, and counts
objects of the test images by learned seeds and by watershed on the same masks, with numbers that the validation images
chose.

Time to quality: of the sets in SOONER, the plain U-Net's rate is the best of RATES for the validation images of seed 0,
and it is trained for half of the time, too; ours is trained for fewer epochs.
"""

import os
import sys
import tempfile
import time
from pathlib import Path

import competitors
import keras
import numpy as np
from common import SEEDS, measured

from segutils import course, dataset, metrics, objects
from segutils.metrics import VOID
from segutils.plumbing import storage
from segutils.workhorse import counting, data, recipe, road, train
from segutils.workhorse.crops import Crops
from segutils.workhorse.predict import Predictor

SETS = {"nuclei": ("nuclei_sample.zip", 1), "blood cells": ("blood_cells.zip", 3), "membranes": ("membranes.zip", 1)}
SHARES = (0.52, 0.15, 0.33)
RATE, RATES = 0.001, (0.0003, 0.001, 0.003)
SOONER = {"blood cells": (1, 2)}  # epochs of ours, of ten


def read(name, seed):
    """The images and masks as a source of the workhorse, the recipe by the training images alone, and the split."""
    archive, channels = SETS[name]
    path = Path(os.environ["SEGUTILS_DATA"]) / archive
    files, found = dataset.Files(path), dataset.inspect(path)
    relatives = found.duplicates + dataset.neighbours(files, found.pairs)
    groups = dataset.group_names(found.pairs, None, relatives)
    parts = dataset.split_by_group(groups, shares=SHARES, seed=seed)
    sizes, counts = [found.sizes[i] for i in parts.train], found.counts[parts.train]
    some = road.sample_images(files, found.pairs, parts.train, channels=channels)
    plan = recipe.choose(sizes, len(found.classes.values), channels, counts, some)
    options = {"channels": channels, "contrast": plan.contrast, "sizes": found.sizes}
    return data.Source(files, found.pairs, found.classes, **options), plan, parts


def judge(model, source, images, classes, turns=False):
    """Mean IoU over the classes, and the mean over the images of their foreground IoU."""
    tables, predictor = [], Predictor(model, turns=turns)
    for i in images:
        mask = predictor(source.image(i))[..., 0]
        tables.append(metrics.confusion_matrix(source.mask(i), mask, classes, ignore_class=VOID))
    tables = np.array(tables)
    by_image = float(np.nanmean(metrics.foreground_iou(tables)))
    return {"mean_iou": float(metrics.mean_iou(tables.sum(0))), "foreground_iou": by_image}


def ours(name, seed, epochs):
    source, plan, parts = read(name, int(seed))
    plan = plan._replace(epochs=int(epochs) or plan.epochs)
    classes = len(source.classes.values)
    course.set_seed(int(seed))
    started = time.process_time()
    with tempfile.TemporaryDirectory() as folder:
        model, _ = train.train(source, parts, plan, folder, classes=classes, seed=int(seed), progress=False)
    seconds = time.process_time() - started
    return {**judge(model, source, parts.test, classes, plan.turns), "seconds": seconds, "why": plan.why}


def count_objects(name, seed):
    source, plan, parts = read(name, int(seed))
    classes = len(source.classes.values)
    course.set_seed(int(seed))
    started = time.process_time()
    with tempfile.TemporaryDirectory() as folder:
        model, _ = train.train(source, parts, plan, folder, classes=classes, depth=True, seed=int(seed), progress=False)
    seconds, look = time.process_time() - started, Predictor(model, depth=True, turns=plan.turns)
    about, counts = {"background": 0, "apart": True}, []
    rules = counting.measure(source, parts.train, learned=True, **about)
    for part, thresholds in ((parts.validation, ()), (parts.test, objects.BOWL)):
        counts.append(counting.Count(rules=rules, thresholds=thresholds, **about))
        for i in part:
            mask, _, depth = np.moveaxis(look(source.image(i)), -1, 0)
            counts[-1].add(source, i, mask, depth)
        rules = counts[0].for_the_exam()
    return {**counts[1].summary(), "rule": rules[0]._asdict(), "seconds": seconds}


class Until(keras.callbacks.Callback):
    """Ends a training when the processor has worked so many seconds."""

    def __init__(self, seconds):
        super().__init__()
        self.seconds = seconds

    def on_train_begin(self, logs=None):
        self.started = time.process_time()

    def on_train_batch_end(self, batch, logs=None):
        self.model.stop_training = time.process_time() - self.started > self.seconds


def plain(name, seed, seconds, rate):
    source, plan, parts = read(name, int(seed))
    source, classes = source.with_contrast("keep"), len(source.classes.values)
    plan = plan._replace(augment={"flip": True}, rare_share=0.0, epochs=1)
    course.set_seed(int(seed))
    model = competitors.textbook_unet(classes, channels=source.channels)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True, ignore_class=VOID)
    model.compile(keras.optimizers.Adam(float(rate)), loss)
    endless = Crops(source, parts.train, plan._replace(epoch_crops=10**6 * plan.batch_size), int(seed))
    until = Until(float(seconds))
    model.fit(endless.dataset(0, 1), steps_per_epoch=10**6, callbacks=[until], shuffle=False, verbose=0)
    choice = judge(model, source, parts.validation, classes)["mean_iou"]
    return {**judge(model, source, parts.test, classes), "validation": choice}


def run_of(who, name, seed, *options, also=""):
    return measured(f"folders/{name}-{who}-{seed}{also}", __file__, who, name, seed, *options)


def rival(name, seed, seconds, rate=RATE, share=1.0):
    also = (f"-rate-{rate}" if rate != RATE else "") + (f"-share-{share}" if share != 1 else "")
    return run_of("plain", name, seed, share * seconds, rate, also=also)


def sooner(name, runs):
    """The plain U-Net's validation score by rate, its runs at the best one by share of the time, ours by epochs."""
    seconds = [run["seconds"] for run in runs]
    rates = {rate: rival(name, 0, seconds[0], rate)["validation"] for rate in RATES}
    best = max(rates, key=rates.get)
    rivals = {share: [rival(name, s, seconds[s], best, share) for s in SEEDS] for share in (0.5, 1.0)}
    few = {n: [run_of("ours", name, s, n, also=f"-epochs-{n}") for s in SEEDS] for n in SOONER[name]}
    return {"rates": rates, "plain": rivals, "ours": few}


def measure():
    """{set: {"ours": [run of each seed], "plain": [run of each seed]}} of the sets that are there, see `sooner`."""
    folder = os.environ.get("SEGUTILS_DATA")
    there = [name for name, (archive, _) in SETS.items() if folder and (Path(folder) / archive).is_file()]
    found = {}
    for name in there:
        runs = [run_of("ours", name, seed, 0) for seed in SEEDS]
        rivals = [rival(name, seed, run["seconds"]) for seed, run in zip(SEEDS, runs, strict=True)]
        found[name] = {"ours": runs, "plain": rivals}
        if name in SOONER:
            found[name]["sooner"] = sooner(name, runs)
    return found


if __name__ == "__main__":
    _, who, *options, out = sys.argv
    storage.write_json(out, {"ours": ours, "plain": plain, "objects": count_objects}[who](*options))
