"""Time to quality on digit scenes and on textures: the recipe of notebook 9 against what people would use instead.

Each competitor trains by Adam at one rate on cross-entropy. The rate is the best of several, judged on validation
scenes of a seed that is not reported: after a third of the training, or after all of it where a third is too short for
the averages of batch normalisation (the network of the Keras site keeps 0.99 of them in each of its 500 steps). Then
it trains on three seeds, and its mean IoU on 1,000 test scenes is taken eight times on the way, with the clock stopped.
The best final mean is the target.

Ours is notebook 9 itself, executed whole, in one epoch of fewer scenes than it has by default, judged on the same test
scenes. Its seconds are all that it calls training, with checkpoints and validation.
"""

import sys
from typing import NamedTuple

import numpy as np
from common import (
    COMPETITORS_PYTHON,
    EXAM,
    HERE,
    SEEDS,
    digits_here,
    measured,
    notebook_results,
    scene_file,
    source_name,
)

TUNING_SEED = 100
RATES = (0.001, 0.003, 0.01)
KERAS, TORCH = (sys.executable, HERE / "keras_train.py"), (COMPETITORS_PYTHON, HERE / "torch_nets.py")
TEXTBOOK = {  # name: (command, batch size, rates to try)
    "textbook U-Net, Keras": ((*KERAS, "textbook_unet"), 16, RATES),
    "textbook U-Net, PyTorch": ((*TORCH, "train"), 16, RATES),
}
SITE = {"U-Net of the Keras site": ((*KERAS, "keras_site_unet"), 32, (0.0003, *RATES))}


class Kind(NamedTuple):
    """What is measured on one kind of scenes.

    rivals: who competes. images: scenes that each of them learns from. choice: scenes that its rate is chosen by, for
    the textbook's. ours: scenes that notebook 9 learns from; each number is a training of its own.
    """

    rivals: dict
    images: int
    choice: int
    ours: tuple


KINDS = {
    "digits": Kind(TEXTBOOK | SITE, 16_000, 16_000 // 3, (3000, 3300, 3600)),  # some of 15,000 scenes are seen twice
    "textures": Kind(TEXTBOOK, 8_000, 8_000, (2000, 3000)),
}


def competitor(kind, name, *, rate, seed, exam, images):
    """[seconds, images, mean IoU] on the way of one training."""
    (python, *script), batch_size, _ = KINDS[kind].rivals[name]
    options = {"scenes": scene_file(seed, kind=kind, exam=exam), "rate": rate, "seed": seed, "images": images}
    options["batch-size"] = batch_size
    flags = [part for key, value in options.items() for part in (f"--{key}", value)]
    return measured(f"quality/{source_name(kind)}/{name}-{rate}-{seed}-{images}", *script, *flags, python=python)


def best_rate(kind, name):
    """The rate with the best mean IoU on validation scenes, and all that were tried."""
    about, (*_, rates) = KINDS[kind], KINDS[kind].rivals[name]
    images = about.choice if name in TEXTBOOK else about.images
    options = {"seed": TUNING_SEED, "exam": "validation", "images": images}
    tried = {rate: competitor(kind, name, rate=rate, **options)[-1][2] for rate in rates}
    return max(tried, key=tried.get), tried


def ours(kind, scenes, seed):
    """results.json of notebook 9."""
    given = {"SCENES": kind, "SOURCE": digits_here().name, "EPOCHS": 1, "EPOCH_SCENES": scenes}
    given |= {"TEST_SCENES": EXAM, "SEED": seed}
    return notebook_results(
        f"quality/{source_name(kind)}/segmentation-run-{scenes}-{seed}", "09_segmentation_run", **given
    )


def measure():
    """{kind of scenes: what was found}."""
    return {kind: measure_one(kind) for kind in KINDS}


def measure_one(kind):
    """All trainings of a seed one after the other, so that a slower hour hits all alike."""
    rivals, images, _, numbers = KINDS[kind]
    found = {"scenes": f"{source_name(kind)} digits" if kind == "digits" else kind, "images": images}
    found |= {"competitors": {}, "ours": {scenes: [] for scenes in numbers}}
    for name in rivals:
        rate, tried = best_rate(kind, name)
        found["competitors"][name] = {"rate": rate, "tried": tried, "curves": []}
    for seed in SEEDS:
        for name, about in found["competitors"].items():
            about["curves"].append(competitor(kind, name, rate=about["rate"], seed=seed, exam="test", images=images))
        for scenes, runs in found["ours"].items():
            run = ours(kind, scenes, seed)
            runs.append([run["seconds"]["train"], run["mean_iou"]])
    return {**found, **verdict(found)}


def verdict(found):
    """The target, who set it, when the competitors reach it on average, and when notebook 9 does."""
    means = {name: np.mean(about["curves"], axis=0) for name, about in found["competitors"].items()}
    best = max(means, key=lambda name: means[name][-1, 2])
    target = means[best][-1, 2]
    reached = {name: curve[curve[:, 2] >= target, 0] for name, curve in means.items()}
    runs = {scenes: np.array(runs) for scenes, runs in found["ours"].items()}
    enough = [scenes for scenes, run in runs.items() if run[:, 1].mean() >= target]
    first = runs[enough[0]][:, 0].mean() if enough else None
    seconds = {name: float(times[0]) if len(times) else None for name, times in reached.items()}
    times_sooner = seconds[best] / first if enough else None
    return {
        "target": float(target),
        "best": best,
        "seconds_to_target": seconds,
        "scenes_of_ours": enough[0] if enough else None,
        "seconds_of_ours": None if first is None else float(first),
        "times_sooner": None if times_sooner is None else float(times_sooner),
    }
