"""Rates of albumentations and torchmetrics, in the competitors' environment.

python rivals.py augment SCENES.npz OUT       images a second
python rivals.py confusion SCENES.npz OUT     pixels a second
"""

import json
import statistics
import sys
import time

import numpy as np
import torch

IMAGES = 4096


def augment(images, masks, rounds=4):
    """Turn, shift and zoom, as speed.augment does, in batches of 16 by two loader processes that stay."""
    import albumentations
    import cv2

    cv2.setNumThreads(0)  # the loader has the cores
    moves = albumentations.Affine(
        rotate=(-8.6, 8.6),
        translate_percent=(-0.05, 0.05),
        scale=(0.9, 1.1),
        interpolation=1,
        mask_interpolation=0,
        p=1,
    )

    class Pairs(torch.utils.data.Dataset):
        def __len__(self):
            return IMAGES

        def __getitem__(self, i):
            moved = moves(image=images[i].astype(np.float32), mask=masks[i])
            return moved["image"], moved["mask"]

    loader = torch.utils.data.DataLoader(Pairs(), 16, shuffle=True, num_workers=2, persistent_workers=True)
    times = []
    for _ in range(rounds):
        started = time.perf_counter()
        for _ in loader:
            pass
        times.append(time.perf_counter() - started)
    return IMAGES / statistics.median(times[1:])


def confusion(_, masks, rounds=6):
    from torchmetrics.functional.classification import multiclass_confusion_matrix

    truth = torch.from_numpy(masks[:512]).long()
    predicted, times = torch.roll(truth, 1, 1), []
    for _ in range(rounds):
        started = time.perf_counter()
        multiclass_confusion_matrix(predicted, truth, 11)
        times.append(time.perf_counter() - started)
    return truth.numel() / statistics.median(times[1:])


if __name__ == "__main__":
    _, work, path, out = sys.argv
    scenes = np.load(path)
    arrays = scenes["images"][:IMAGES], scenes["masks"][:IMAGES]
    with open(out, "w") as file:
        json.dump({"augment": augment, "confusion": confusion}[work](*arrays), file)
