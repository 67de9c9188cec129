"""What each step of notebook 9's recipe gains alone: the whole recipe, and the recipe without that step.

    python ablation.py train STEP SEED OUT

Mean IoU on validation scenes (the test scenes stay closed: the recipe was chosen by tables like this one), and the
processor seconds of training. All runs see the same number of scenes.
"""

import sys
import time

import competitors
import numpy as np
from common import SEEDS, digits_here, measured, scene_file

from segutils import course, losses, metrics, models, training, transforms
from segutils.plumbing import storage

SCENES, BATCH_SIZE, RATE = 6_000, 16, 0.03
CROWDED = {"train_count": (7, 9)}
NETWORK, LOSS = {}, {"function": "cross_entropy_dice", "over": "batch"}
RECIPE = {"network": NETWORK, "loss": LOSS, "scenes": CROWDED, "batch_size": BATCH_SIZE, "beta_2": 0.99, "rate": None}
RECIPE |= {"light": True, "warmup": 0.2, "fall": "line", "muon": True}
WITHOUT = {  # step: what takes its place
    "nothing": {},
    "crowded training scenes": {"scenes": {}},
    "Muon instead of Adam": {"muon": False},
    "a learning rate of one cycle": {"rate": 0.003},
    "a slow rise of the learning rate": {"warmup": 0.1},
    "a fall of the learning rate in a line": {"fall": "cosine"},
    "Dice beside cross-entropy": {"loss": {"function": "cross_entropy"}},
    "Dice counted over the batch": {"loss": {**LOSS, "over": "image"}},
    "coarse scores beside fine ones": {"network": {"scores": "fine"}},
    "coarse scores enlarged smoothly": {"network": {"enlarge": "random"}},
    "a stem that halves the resolution": {"network": {"stem": "full"}},
    "skips that are added": {"network": {"skips": "concatenated"}},
    "batches of 16": {"batch_size": 64},
    "Adam's memory of 100 steps": {"beta_2": 0.999},
    "changes of light": {"light": False},
    "Muon and coarse scores": {"muon": False, "network": {"scores": "fine"}},  # each makes up for the other
}


def train(step, seed):
    """Mean IoU and seconds of one training."""
    recipe = {**RECIPE, **WITHOUT[step]}
    seed = int(seed)
    scenes = np.load(scene_file(seed, exam="validation", **recipe["scenes"]))
    course.set_seed(seed)
    steps = SCENES // recipe["batch_size"]
    light = transforms.Augment(brightness=0.05, contrast=0.1) if recipe["light"] else None
    batches = transforms.Batches(scenes["images"], scenes["masks"], recipe["batch_size"], light, seed=seed, steps=steps)
    network = competitors.unet_but(11, **recipe["network"]) if recipe["network"] else models.unet(11)
    rate = recipe["rate"] or training.one_cycle(RATE, steps, warmup=recipe["warmup"], fall=recipe["fall"])
    optimizer = training.ConvolutionMuon if recipe["muon"] else training.FusedAdam
    network.compile(optimizer(rate, beta_2=recipe["beta_2"]), losses.SegmentationLoss(**recipe["loss"]))
    started = time.process_time()
    network.fit(batches.dataset(0, 1), shuffle=False, verbose=0)
    seconds = time.process_time() - started
    predicted = network.predict(scenes["exam_images"], batch_size=64, verbose=0).argmax(-1)
    confusion = metrics.confusion_matrix(scenes["exam_masks"], predicted, 11)
    return {"mean_iou": float(metrics.mean_iou(confusion)), "seconds": seconds}


def measure():
    """{step: [run of each seed]}, the runs of a seed one after the other, so that a slower hour hits all alike."""
    found = {step: [] for step in WITHOUT}
    for seed in SEEDS:
        for step in WITHOUT:
            found[step].append(measured(f"ablation/{digits_here().name}/{step}-{seed}", __file__, "train", step, seed))
    return found


if __name__ == "__main__":
    _, _, step, seed, out = sys.argv
    storage.write_json(out, train(step, seed))
