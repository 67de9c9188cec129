"""What was tried to make notebook 9's training faster: Muon, which gains and which it has now, and what does not.

    python tried.py train NAME SCENES SEED OUT

Mean IoU on 1,000 validation scenes of MNIST digits, and the processor seconds of `fit`, first step included, no
validation. Every run learns from the first passes over 6,000 crowded scenes. Run alone, the seconds of one machine
compare; between processes that share its cores they drift by a tenth or two.
"""

import sys
import time

import competitors
import keras
import numpy as np
from common import SEEDS, digits_here, measured, table

from segutils import course, losses, metrics, models, scenes, training, transforms
from segutils.plumbing import storage

BATCH, POOL, EXAM, RATE, WARMUP = 16, 6_000, 1_000, 0.03, 0.3
BEFORE, NOW, LESS, MORE = "Adam, as before", "Muon, a rise of 20%, a fall in a line", 3_008, 5_008
TRIED = {  # name: what differs from notebook 9 as it was before Muon; alone, or beside Muon
    BEFORE: {},
    NOW: {"muon": {}, "warmup": 0.2, "fall": "line"},
    "Muon": {"muon": {}},
    "Muon, peak × 1.5, step 4": {"muon": {"scale": 4}, "rate": 1.5 * RATE},
    "Muon of momentum 0.6, step 3": {"muon": {"momentum": 0.6, "scale": 3}},
    "Muon of momentum 0.9, step 3": {"muon": {"momentum": 0.9, "scale": 3}},
    "Muon of momentum 0.9, step 1.5, 5 rounds": {"muon": {"momentum": 0.9, "scale": 1.5, "rounds": 5}},
    "Muon, a rise of 10% (momentum 0.9, step 3)": {"muon": {"momentum": 0.9, "scale": 3}, "warmup": 0.1},
    "Muon, batches of 8 (step 3)": {"muon": {"momentum": 0.9, "scale": 3}, "batches": ((1.0, 8),)},
    "Muon, one convolution at the second level": {"muon": {}, "network": {"convolutions": (1, 1, 1, 1)}},
    "Muon, wider and deeper below, narrower above": {
        "muon": {},
        "network": {"widths": (16, 48, 96, 128), "convolutions": (1, 1, 2, 2)},
    },
    "Muon, 60% of the steps on 48 × 48": {"muon": {}, "crop": (0.6, 48)},
    "half of the scenes in batches of 8": {"batches": ((0.5, 8), (0.5, 16))},
    "peak rate × 1.5": {"rate": 1.5 * RATE},
    "a rise of 20%, a fall in a line": {"warmup": 0.2, "fall": "line"},
    "averaged weights, last rate 10% of the peak": {"average": 0.95},
}


def parts_of(images, masks, seed, scenes_seen, change):
    """(images, masks, batch size, steps) of each part of a training."""
    if "crop" in change:
        share, side = change["crop"]
        corners = np.random.default_rng(seed).integers(0, images.shape[1] - side + 1, (2, len(images))).T
        windows = [np.s_[row : row + side, column : column + side] for row, column in corners]
        small = [np.stack([a[w] for a, w in zip(array, windows, strict=True)]) for array in (images, masks)]
        steps = scenes_seen // BATCH
        first = int(share * steps)
        return [(*small, BATCH, first), (images, masks, BATCH, steps - first)]
    batches = change.get("batches", ((1.0, BATCH),))
    return [(images, masks, size, int(share * scenes_seen) // size) for share, size in batches]


def network_of(change):
    if "network" in change:
        return competitors.unet_but(11, **change["network"])
    return models.unet(11)


def optimizer_of(change, steps):
    rate, warmup = change.get("rate", RATE), change.get("warmup", WARMUP)
    schedule = training.one_cycle(rate, steps, warmup=warmup, fall=change.get("fall", "cosine"))
    if "muon" in change:
        return training.ConvolutionMuon(schedule, beta_2=0.99, **change["muon"])
    if "average" in change:
        rise = round(warmup * steps)
        schedule = keras.optimizers.schedules.CosineDecay(
            rate / 25, steps - rise, alpha=0.1, warmup_target=rate, warmup_steps=rise
        )
        return training.FusedAdam(schedule, beta_2=0.99, use_ema=True, ema_momentum=change["average"])
    return training.FusedAdam(schedule, beta_2=0.99)


def train(name, scenes_seen, seed):
    """Mean IoU and processor seconds of one training."""
    change = TRIED[name]
    counts = {"train": POOL, "validation": EXAM, "test": 10}
    learn, judge, _ = scenes.make_splits(digits_here(), **counts, train_count=(7, 9), seed=seed)
    course.set_seed(seed)
    parts = parts_of(learn.images, learn.semantic, seed, scenes_seen, change)
    network = network_of(change)
    optimizer = optimizer_of(change, sum(steps for *_, steps in parts))
    loss = losses.SegmentationLoss("cross_entropy_dice", over="batch")
    network.compile(optimizer, loss)
    light, started = transforms.Augment(brightness=0.05, contrast=0.1), time.process_time()
    training.build_optimizer(network)
    for i, (images, masks, size, steps) in enumerate(parts):
        batches = transforms.Batches(images, masks, size, light, seed=seed + 100 * i, steps=steps)
        network.fit(batches.dataset(0, 1), shuffle=False, verbose=0)
    seconds = time.process_time() - started
    predicted = network.predict(judge.images, batch_size=64, verbose=0).argmax(-1)
    confusion = metrics.confusion_matrix(judge.semantic, predicted, 11)
    return {"mean_iou": float(metrics.mean_iou(confusion)), "seconds": seconds}


def measure():
    """{name: {scenes: [run of each seed]}}: three seeds for the recipes before and now, one for what was tried."""
    single = [(name, LESS, SEEDS[:1]) for name in TRIED if name != NOW]
    found = {}
    for name, seen, seeds in [(BEFORE, MORE, SEEDS), (NOW, LESS, SEEDS), *single]:
        runs = [measured(place(name, seen, seed), __file__, "train", name, seen, seed) for seed in seeds]
        found.setdefault(name, {})[str(seen)] = runs
    return found


def place(name, seen, seed):
    """Where `measured` keeps a run."""
    return f"tried/{digits_here().name}/{name}-{seen}-{seed}".replace("%", " percent")


def section(found):
    """The part of results.md, and no figure."""
    three = {}
    for name, seen in ((BEFORE, MORE), (NOW, LESS)):
        runs = np.array([[run["mean_iou"], run["seconds"]] for run in found[name][str(seen)]])
        each, (score, seconds) = ", ".join(f"{score:.3f}" for score in runs[:, 0]), runs.mean(0)
        said = f"{seen:,} scenes give mean IoU {score:.3f} ({each}) in {seconds:.1f} processor seconds"
        three[name] = said, seconds
    share = three[NOW][1] / three[BEFORE][1]
    base = found[BEFORE][str(LESS)][0]
    rows = []
    for name in (name for name in TRIED if name in found):
        run = found[name][str(LESS)][0]
        gain = "" if name == BEFORE else f"{run['mean_iou'] - base['mean_iou']:+.3f}"
        rows.append((name, f"{run['mean_iou']:.3f}", gain, f"{run['seconds']:.1f}"))
    head = ("", "mean IoU", "gain", "processor seconds")
    text = f"""## What was tried to be sooner

**Muon** makes orthogonal steps for the kernels of convolutions (`training.ConvolutionMuon`).
With it, and a learning rate that rises for 20% of the steps and falls in a line, {three[NOW][0]};
with Adam, {three[BEFORE][0]}: **{share:.0%} of the seconds**. In brackets: seeds 0, 1, 2.
Notebook 9 trains with Muon since, in the time to quality above, too.

Below, each change alone, with {LESS:,} scenes and seed 0; single trainings, so differences below 0.01 say little. The
cores were shared with other work, and seconds within a tenth or two are alike.

{table(head, rows)}
"""
    return text, None


if __name__ == "__main__":
    _, _, name, seen, seed, out = sys.argv
    storage.write_json(out, train(name, int(seen), int(seed)))
