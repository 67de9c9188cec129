"""Lesson 13 · Objects: crowds of equal digits, merges and splits, seeds, and the exercises."""

import io
import os
import zipfile
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image
from scipy.ndimage import binary_fill_holes, gaussian_filter, label
from skimage.feature import peak_local_max

from segutils import objects, scenes
from segutils.digits import load_digits
from segutils.lessons.answers import Exercise
from segutils.lessons.matching import second_exercise  # noqa: F401 - of this lesson
from segutils.objects import merges_and_splits

# Data


class Crowd(NamedTuple):
    """images (N, S, S, 1) uint8; ink (N, S, S) int32, 1 on a digit; objects (N, S, S) int32: a number for each."""

    images: np.ndarray
    ink: np.ndarray
    objects: np.ndarray


def make_crowds(source, *, train, validation, test, count=(6, 9), scale=(1.0, 1.25), seed=0):
    """Scenes in which one digit stands several times, so close that neighbours touch: scene i shows the digit i % 10.

    Args:
        source: of the digits: "auto", "mnist" or "bundled"; they are split first, as in notebook 9.
        train, validation, test: how many scenes of each; a multiple of 10.
        count: fewest and most digits in a scene. scale: smallest and largest enlargement of a digit.
        seed: int >= 0.
    Returns: three Crowds and the name of the source.
    Raises: ValueError if a number of scenes is no multiple of 10.
    """
    digits, parts = load_digits(source), []
    for number, (part, n) in enumerate(zip(digits[1:], (train, validation, test), strict=True)):
        if n % 10:
            raise ValueError(f"the number of scenes must be a multiple of 10, one scene for each digit, got {n}")
        options = {"count": count, "scale": scale}
        each = [
            scenes.make_scenes(
                [array[part.labels == digit] for array in part], n // 10, seed=[seed, number, digit], **options
            )
            for digit in range(10)
        ]
        images, _, numbered = (
            np.stack(arrays, axis=1).reshape(n, *arrays[0].shape[1:]) for arrays in zip(*each, strict=True)
        )
        parts.append(Crowd(images, (numbered > 0).astype(np.int32), numbered.astype(np.int32)))
    return *parts, digits.name


def find_nuclei(images=24):
    """Numbered nuclei of some images of nuclei_sample.zip in the folder that SEGUTILS_DATA names.

    Args: images: how many. Returns: a list of (H, W) int arrays; empty where the file is not.
    """
    path = Path(os.environ.get("SEGUTILS_DATA") or ".") / "nuclei_sample.zip"
    if not path.is_file():
        return []
    with zipfile.ZipFile(path) as archive:
        drawn = {}
        for name in sorted(name for name in archive.namelist() if "/masks/" in name and name.endswith(".png")):
            drawn.setdefault(name.partition("/")[0], []).append(name)
        numbered = []
        for names in list(drawn.values())[:images]:
            masks = [np.asarray(Image.open(io.BytesIO(archive.read(name))).convert("L")) > 0 for name in names]
            numbered.append(np.max([k * mask for k, mask in enumerate(masks, 1)], axis=0))
    return numbered


def nuclei_ceilings(numbered):
    """What four ways make of true masks of nuclei. Args: numbered: (H, W) ints each. Returns: name → list."""
    ink = [(n > 0).astype(int) for n in numbered]
    return {
        "connected regions": [objects.connected(mask) for mask in ink],
        "watershed on the true mask": [objects.separated(mask, distance=3) for mask in ink],
        "true rim distance": [
            objects.from_distance(mask, objects.rim_distance(n)) for mask, n in zip(ink, numbered, strict=True)
        ],
        "true nearness to the centre": [
            objects.from_centres(mask, objects.centre_map(n, reach=10)) for mask, n in zip(ink, numbered, strict=True)
        ],
    }


# Counts, merges and splits


def count_each(numbered):
    """How many objects each image has. Args: numbered: (H, W) ints each; 0 is background. Returns: list of ints."""
    return [len(np.setdiff1d(image, 0)) for image in numbered]


def choose_distance(masks, true_objects, distances):
    """The least distance between two peaks with which objects.separated has the best F1 of objects.

    Args: masks, true_objects: (H, W) ints each. distances: pixels, what to try. Returns: one of the distances.
    """
    return max(
        distances,
        key=lambda distance: objects.object_f1(
            true_objects, [objects.separated(mask, distance=distance, min_size=8) for mask in masks]
        ),
    )


def shared_pixels(true_objects, predicted_objects):
    """Pixels that each true object shares with each predicted one; row and column 0 are the background.

    Args: (H, W) ints each. Returns: (T + 1, P + 1) ints, in the order of the objects' numbers.
    """
    rows, columns = (np.unique(np.append(0, a), return_inverse=True)[1] for a in (true_objects, predicted_objects))
    shared = np.zeros((rows.max() + 1, columns.max() + 1), int)
    np.add.at(shared, (rows[1:], columns[1:]), 1)
    return shared


def tabulate(true_objects, found):
    """Print F1 at an IoU of 0.5, merges and splits of several ways, a line each.

    Args: true_objects: list of (H, W) ints. found: name → list of such. Returns: name → F1.
    """
    scores, total = {}, sum(count_each(true_objects))
    print(f"{total} objects{'':30}   F1  merges  splits")
    for name, pred in found.items():
        scores[name] = objects.object_f1(true_objects, pred)
        pairs = zip(true_objects, pred, strict=True)
        merges, splits = np.sum([merges_and_splits(*pair) for pair in pairs], axis=0)
        print(f"{name:40} {scores[name]:.2f} {merges:7} {splits:7}")
    return scores


# Seeds


def find_peaks(nearness, min_distance, threshold):
    """Rows and columns of the seeds that objects.from_centres uses, (K, 2)."""
    smooth = gaussian_filter(nearness.astype(float), 1)
    return peak_local_max(smooth, min_distance=min_distance, threshold_abs=threshold, exclude_border=False)


# The exercise: count_regions(mask), (H, W) of 0 and 1 → how many connected regions of ones, 4 neighbours

SIDES = ((-1, 0), (1, 0), (0, -1), (0, 1))


def _fill(mask, steps, wrap=False):
    """How many floods it takes to reach all ones of a mask; with wrap, a negative index means the other side."""
    seen, count, (rows, columns) = np.zeros(mask.shape, bool), 0, mask.shape
    for start in zip(*np.nonzero(mask), strict=True):
        todo, count = [start], count + int(not seen[start])
        while todo:
            i, j = todo.pop()
            low = -1 if wrap else 0
            if low <= i < rows and low <= j < columns and mask[i, j] and not seen[i, j]:
                seen[i, j] = True
                todo += [(i % rows + di, j % columns + dj) for di, dj in steps]
    return count


def _plus(steps):
    return (*SIDES, *steps)


_RING = np.zeros((5, 9), int)  # a ring around two dots, and three beside it
_RING[:, [0, 6]] = _RING[[0, 4], :7] = 1
_RING[[2, 2, 0, 2, 4], [2, 4, 8, 8, 8]] = 1

exercise = Exercise(
    "count_regions",
    solution=lambda mask: label(mask)[1],
    cases=[
        (np.array([[1, 1, 0, 0, 1], [0, 1, 0, 1, 1], [0, 0, 0, 0, 0], [1, 0, 1, 1, 0]]),),
        (np.array([[1, 0, 1], [1, 0, 1], [1, 1, 1], [0, 0, 0], [1, 0, 0]]),),
        (np.array([[1, 0, 0, 1], [0, 1, 0, 0], [1, 0, 0, 1], [1, 0, 1, 1]]),),
        (np.zeros((3, 4), int),),
        (np.kron(np.random.default_rng(3).integers(0, 2, (7, 9)), np.ones((2, 1), int)),),
        (_RING,),
        (np.array([[1, 1, 1, 1, 1], [0, 0, 0, 0, 1], [1, 1, 1, 1, 1], [1, 0, 0, 0, 0], [1, 1, 1, 1, 1]]),),  # a snake
    ],
    mistakes=[
        (
            "You also join pixels that touch at a corner only; use the four neighbours at the sides.",
            lambda mask: _fill(mask, _plus([(1, 1), (1, -1), (-1, 1), (-1, -1)])),
        ),
        (
            "In Python the index -1 is the last row or column, so a flood leaves on one side and returns on the other: "
            "check 0 <= i.",
            lambda mask: _fill(mask, SIDES, wrap=True),
        ),
        (
            "The flood only goes right and down, so a region shaped like a U is counted twice. Look at all four sides.",
            lambda mask: _fill(mask, ((1, 0), (0, 1))),
        ),
        ("The flood stays in its row. Look above and below, too.", lambda mask: _fill(mask, ((0, -1), (0, 1)))),
        ("The flood stays in its column. Look left and right, too.", lambda mask: _fill(mask, ((-1, 0), (1, 0)))),
        (
            "Holes are filled first, and a region inside a hole is lost.",
            lambda mask: label(binary_fill_holes(mask))[1],
        ),
        (
            "One is subtracted for each hole: pixels minus pairs of neighbours plus squares of four.",
            lambda mask: label(mask)[1] - label(np.pad(1 - mask, 1, constant_values=1), np.ones((3, 3)))[1] + 1,
        ),
        (
            "That is the number of pixels that are 1. Pixels that are joined make one region.",
            lambda mask: int(mask.sum()),
        ),
        ("You count the regions of the background as well.", lambda mask: label(mask)[1] + label(1 - mask)[1]),
        ("Those are the regions of the background; count those of the ones.", lambda mask: label(1 - mask)[1]),
        (
            "One too many: the background, or the number after the last one, is counted too.",
            lambda mask: label(mask)[1] + 1,
        ),
    ],
    argument_names=("mask",),
)


def judge_counting(rule, crowd, goal=1.0):
    """Print by how many digits a rule that counts from the ink alone is wrong, in the mean over scenes.

    Args: rule: (H, W) ints, 1 on ink → a number. crowd: Crowd. goal: mean absolute error that is good enough.
    """
    pairs = zip(crowd.ink, count_each(crowd.objects), strict=True)
    error = np.mean([abs(float(rule(ink)) - count) for ink, count in pairs])
    print(f"wrong by {error:.2f} digits per scene. " + ("Reached." if error <= goal else f"Goal: {goal:.2f} or less."))
