"""Whole objects: how regions become objects, which way finds more of them, and how many test objects were found."""

from typing import NamedTuple

import numpy as np

from segutils import metrics, objects
from segutils.metrics import VOID
from segutils.workhorse.data import evenly_apart

LOOKED_AT = 30  # training images that sizes of objects are measured on
LARGEST = 25_000_000  # pixels; in larger images objects are not cut apart
CONNECTED, WATERSHED = "connected regions", "watershed"


class Rule(NamedTuple):
    """How a mask becomes objects.

    way: CONNECTED or WATERSHED. smallest: pixels below which a region is no object. distance: pixels between the
    centres of two objects that touch. why: sentences that say how each was chosen.
    """

    way: str
    smallest: int
    distance: int
    why: tuple = ()

    def __call__(self, mask):
        """Numbered objects, (H, W) ints, of a mask whose background is 0 (see `foreground`)."""
        if self.way == WATERSHED:
            return objects.separated(mask, distance=self.distance, min_size=self.smallest)
        return objects.connected(mask, min_size=self.smallest)


def foreground(mask, background):
    """A class mask (H, W) with 0 for background and void, k + 1 for class k."""
    mask = np.asarray(mask)
    return np.where((mask == VOID) | (mask == background), 0, mask.astype(np.int16) + 1)


def true_objects(source, i, *, background, apart):
    """Numbered objects of image i of a Source: as they were drawn or numbered, else connected regions of its mask."""
    if apart:
        return source.objects(i)
    return objects.connected(foreground(source.mask(i), background))


def measure(source, indices, *, background, apart, smallest=0, distance=0):
    """The two Rules to choose from, their numbers from objects in training masks.

    Args:
        source: Source. indices: of training images; 30 of them, evenly apart, are measured.
        background: number of that class. apart: masks tell objects apart.
        smallest, distance: numbers that a user gives; 0 for those of the masks.
    Returns: list of two Rule.
    """
    chosen = evenly_apart(indices, LOOKED_AT)
    areas = []
    for i in chosen:
        numbered = true_objects(source, i, background=background, apart=apart)
        areas.append(np.unique(numbered[numbered > 0], return_counts=True)[1])
    areas = np.concatenate(areas) if areas else np.array([])
    low, middle = np.percentile(areas, (5, 50)) if len(areas) else (4.0, 100.0)
    radius = float(np.sqrt(middle / np.pi))
    why = (
        f"{len(areas):,} objects of {len(chosen)} training images have {middle:,.0f} pixels in the median",
        f"a region below {smallest} pixels is no object, as SMALLEST says"
        if smallest
        else f"a region below {max(1, round(low / 2))} pixels, half of a small object, is no object",
        f"objects that touch have centres {distance} pixels apart at least, as DISTANCE says"
        if distance
        else f"objects that touch have centres {max(2, round(0.7 * radius))} pixels apart at least, 0.7 of a radius",
    )
    numbers = smallest or max(1, round(low / 2)), distance or max(2, round(0.7 * radius))
    return [Rule(way, *numbers, why) for way in (CONNECTED, WATERSHED)]


class Count:
    """Objects that were found, image by image: a match is an IoU above 0.5, one to one.

    Args: background: number of that class. apart: masks tell objects apart. rules: the Rules to try.
    """

    def __init__(self, background, apart, rules):
        self.background, self.apart, self.rules = background, apart, list(rules)
        self.tables = [[] for _ in rules]
        self.skipped = 0

    def add(self, source, i, predicted):
        """Count in image i of a Source, whose predicted classes are (H, W) uint8; what nobody labelled is left out."""
        truth = source.mask(i)
        if truth.size > LARGEST:
            self.skipped += 1
            return
        true = true_objects(source, i, background=self.background, apart=self.apart)
        mask = foreground(np.where(truth == VOID, VOID, predicted), self.background)
        for rule, tables in zip(self.rules, self.tables, strict=True):
            tables.append(objects.object_confusion(true, rule(mask)))

    def f1(self):
        """F1 of each rule, over all images; nan where there is no object."""
        return [float(metrics.dice(np.sum(tables, axis=0))[1]) if tables else float("nan") for tables in self.tables]

    def best(self):
        """The rule that finds most; the first of equals."""
        scores = np.nan_to_num(self.f1(), nan=-1)
        return self.rules[int(np.argmax(scores))]

    def summary(self, *, seed=0):
        """Scores of the first rule: F1 with its interval, precision, recall, and how many objects there are."""
        tables = np.array(self.tables[0]).reshape(-1, 2, 2)
        total = tables.sum(0)
        found = {
            "object_f1": _number(metrics.dice(total)[1]),
            "precision": _number(metrics.precision(total)[1]),
            "recall": _number(metrics.recall(total)[1]),
            "true": int(total[1].sum()),
            "predicted": int(total[:, 1].sum()),
            "way": self.rules[0].way,
        }
        if len(tables):
            low, high = metrics.bootstrap_interval(tables, metrics.dice, seed=seed)
            found["interval"] = [_number(low[1]), _number(high[1])]
        return found


def _number(value):
    return float(value) if np.isfinite(value) else None
