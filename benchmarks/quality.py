"""Time to quality on digit scenes: the recipe of notebook 9 against what people would use instead.

Each competitor trains by Adam at one rate on cross-entropy. The rate is the best of several, judged on validation
scenes of a seed that is not reported: after a third of the training, or after all of it where a third is too short for
the averages of batch normalisation (the network of the Keras site keeps 0.99 of them in each of its 500 steps). Then
it trains on three seeds, and its mean IoU on 1,000 test scenes is taken eight times on the way, with the clock stopped.
The best final mean is the target.

Ours is notebook 9 itself, executed whole, in one epoch of fewer scenes than it has by default, judged on the same test
scenes. Its seconds are all that it calls training, with checkpoints and validation.
"""

import sys

import numpy as np
from common import COMPETITORS_PYTHON, EXAM, HERE, SEEDS, digits_here, measured, notebook_results, scene_file

IMAGES = 16_000  # scenes that a competitor learns from; some of them twice
TUNING_SEED = 100
OURS = (3000, 3300)  # scenes that notebook 9 learns from, each a training of its own
RATES = (0.001, 0.003, 0.01)
KERAS, TORCH = (sys.executable, HERE / "keras_train.py"), (COMPETITORS_PYTHON, HERE / "torch_nets.py")
COMPETITORS = {  # name: (command, batch size, rates to try, scenes to choose one by)
    "textbook U-Net, Keras": ((*KERAS, "textbook_unet"), 16, RATES, IMAGES // 3),
    "U-Net of the Keras site": ((*KERAS, "keras_site_unet"), 32, (0.0003, *RATES), IMAGES),
    "textbook U-Net, PyTorch": ((*TORCH, "train"), 16, RATES, IMAGES // 3),
}


def competitor(name, *, rate, seed, exam, images):
    """[seconds, images, mean IoU] on the way of one training."""
    (python, *script), batch_size, *_ = COMPETITORS[name]
    options = {"scenes": scene_file(seed, exam=exam), "rate": rate, "seed": seed, "images": images}
    options["batch-size"] = batch_size
    flags = [part for key, value in options.items() for part in (f"--{key}", value)]
    return measured(f"quality/{digits_here().name}/{name}-{rate}-{seed}-{images}", *script, *flags, python=python)


def best_rate(name):
    """The rate with the best mean IoU on validation scenes, and all that were tried."""
    *_, rates, images = COMPETITORS[name]
    options = {"seed": TUNING_SEED, "exam": "validation", "images": images}
    tried = {rate: competitor(name, rate=rate, **options)[-1][2] for rate in rates}
    return max(tried, key=tried.get), tried


def ours(scenes, seed):
    """results.json of notebook 9."""
    given = {"SOURCE": digits_here().name, "EPOCHS": 1, "EPOCH_SCENES": scenes, "TEST_SCENES": EXAM, "SEED": seed}
    return notebook_results(
        f"quality/{digits_here().name}/segmentation-run-{scenes}-{seed}", "09_segmentation_run", **given
    )


def measure():
    """All trainings of a seed one after the other, so that a slower hour hits all alike."""
    found = {"digits": digits_here().name, "competitors": {}, "ours": {scenes: [] for scenes in OURS}}
    for name in COMPETITORS:
        rate, tried = best_rate(name)
        found["competitors"][name] = {"rate": rate, "tried": tried, "curves": []}
    for seed in SEEDS:
        for name, about in found["competitors"].items():
            about["curves"].append(competitor(name, rate=about["rate"], seed=seed, exam="test", images=IMAGES))
        for scenes, runs in found["ours"].items():
            run = ours(scenes, seed)
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
