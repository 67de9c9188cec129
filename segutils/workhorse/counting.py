"""Whole objects: how regions become objects, which way finds more of them, and how many test objects were found."""

from typing import NamedTuple

import numpy as np

from segutils import metrics, objects
from segutils.metrics import VOID
from segutils.workhorse.data import evenly_apart
from segutils.workhorse.judge import FULL
from segutils.workhorse.wording import many

LOOKED_AT = 30  # training images that sizes of objects are measured on
LARGEST = 25_000_000  # pixels; in larger images objects are neither learned nor cut apart
CONNECTED, WATERSHED, LEARNED = "connected regions", "watershed", "learned seeds"
SEEDS = ((0.03, 0.4), (0.05, 0.4), (0.1, 0.4), (0.05, 0.0))  # rise and top of LEARNED: what is tried


class Rule(NamedTuple):
    """How a mask becomes objects.

    way: CONNECTED, WATERSHED or LEARNED. smallest: pixels below which a region is no object. distance: pixels between
    the centres of two objects that touch. why: sentences that say how each was chosen. rise: of LEARNED, as
    objects.from_distance. top: of LEARNED, an object that is predicted to be less deep everywhere vanishes.
    """

    way: str
    smallest: int
    distance: int
    why: tuple = ()
    rise: float = 0.0
    top: float = 0.0

    def __call__(self, mask, depth=None):
        """Numbered objects, (H, W) ints, of a mask whose background is 0 (see `foreground`).

        Args:
            mask: (H, W) ints.
            depth: how deep each pixel lies in its object, (H, W) uint16, as a share of 65535; LEARNED needs it.
        """
        if self.way == LEARNED:
            depth, options = depth / FULL, {"rise": self.rise, "min_size": self.smallest}
            found = objects.from_distance(mask, depth, min_distance=self.distance, **options)
            return _with_a_middle(found, depth, self.top)
        if self.way == WATERSHED:
            return objects.separated(mask, distance=self.distance, min_size=self.smallest)
        return objects.connected(mask, min_size=self.smallest)


def _with_a_middle(numbered, depth, top):
    """Numbered objects (H, W) without those whose depth nowhere reaches `top`."""
    highest = np.zeros(numbered.max() + 1)
    np.maximum.at(highest, numbered, depth)
    return np.where(highest[numbered] < top, 0, numbered)


def foreground(mask, background):
    """A class mask (H, W) with 0 for background and void, k + 1 for class k."""
    mask = np.asarray(mask)
    return np.where((mask == VOID) | (mask == background), 0, mask.astype(np.int16) + 1)


def true_objects(source, i, *, background, apart):
    """Numbered objects of image i of a Source: as they were drawn or numbered, else connected regions of its mask."""
    if apart:
        return source.objects(i)
    return objects.connected(foreground(source.mask(i), background))


def measure(source, indices, *, background, apart, smallest=0, distance=0, learned=False):
    """The Rules to choose from, their numbers from objects in training masks.

    Args:
        source: Source. indices: of training images; 30 of them, evenly apart, are measured.
        background: number of that class. apart: masks tell objects apart.
        smallest, distance: numbers that a user gives; 0 for those of the masks.
        learned: the network tells how deep each pixel lies in its object.
    Returns: list of Rule: CONNECTED, WATERSHED, and of LEARNED one for each of SEEDS.
    """
    chosen = evenly_apart(indices, LOOKED_AT)
    areas = []
    for i in chosen:
        numbered = true_objects(source, i, background=background, apart=apart)
        areas.append(np.unique(numbered[numbered > 0], return_counts=True)[1])
    areas = np.concatenate(areas) if areas else np.array([])
    low, middle = np.percentile(areas, (5, 50)) if len(areas) else (4.0, 100.0)
    radius = float(np.sqrt(middle / np.pi))
    least_pixels = smallest or max(1, round(low / 2))
    why = _on_sizes(len(areas), len(chosen), middle), _on_least(least_pixels, bool(smallest), len(areas))

    def rule(way, radii, least=2, rise=0.0, top=0.0):
        apart = distance or max(least, round(radii * radius))
        said = "as DISTANCE says" if distance else f"{radii} of a radius"
        said = [f"objects that touch have centres {apart} pixels apart at least, {said}"]
        said += [f"between them the predicted depth falls by {rise} at least"] if rise else []
        said += [f"what is predicted to be less deep than {top} everywhere is no object"] if top else []
        return Rule(way, least_pixels, apart, (*why, *said), rise, top)

    rules = [rule(CONNECTED, 0.7), rule(WATERSHED, 0.7)]
    return rules + [rule(LEARNED, 0.4, 1, *seeds) for seeds in SEEDS if learned]


def _on_sizes(count, images, middle):
    """How large objects of training masks are, in a sentence."""
    where = many(images, "training image")
    if not count:
        return f"{where} hold{'s' * (images == 1)} no object, so objects are taken to have {middle:,.0f} pixels"
    have = "has" if count == 1 else "have"
    return f"{many(count, 'object')} of {where} {have} {many(round(middle), 'pixel')} in the median"


def _on_least(pixels, said, measured):
    """Which regions are no objects, in a sentence. Args: said: by the user. measured: how many objects were."""
    if pixels == 1:
        return "regions of any size are objects" + (", as SMALLEST says" if said else "")
    why = ", as SMALLEST says" if said else ""
    half = ", half of a small object," if measured and not said else ""
    return f"a region below {pixels} pixels{half} is no object{why}"


class Count:
    """Objects that were found, image by image: a match is an IoU above 0.5, one to one.

    Args:
        background: number of that class. apart: masks tell objects apart. rules: the Rules to try.
        thresholds: further IoUs above which objects match, for the average precision.
    """

    def __init__(self, background, apart, rules, *, thresholds=()):
        self.background, self.apart, self.rules, self.thresholds = background, apart, list(rules), thresholds
        self.stricter = np.zeros((len(self.rules), len(thresholds), 2, 2), np.int64)
        self.tables = [[] for _ in rules]
        self.mistakes = np.zeros((len(self.rules), 2), np.int64)
        self.skipped = 0

    def add(self, source, i, predicted, depth=None):
        """Count in image i of a Source, whose predicted classes are (H, W) uint8; what nobody labelled is left out.

        Args: depth: as a Rule takes it.
        Returns: the objects of the first rule, numbered, (H, W) ints; None where something was left out.
        """
        truth = source.mask(i)
        if truth.size > LARGEST:
            self.skipped += 1
            return None
        true = true_objects(source, i, background=self.background, apart=self.apart)
        mask = foreground(np.where(truth == VOID, VOID, predicted), self.background)
        ways = [rule(mask, depth) for rule in self.rules]
        for k, found in enumerate(ways):
            tables = objects.object_confusions(true, found, thresholds=(0.5, *self.thresholds))
            self.tables[k].append(tables[0])
            self.stricter[k] += tables[1:]
            self.mistakes[k] += objects.merges_and_splits(true, found)
        return ways[0] if ways and not (truth == VOID).any() else None

    def f1(self):
        """F1 of each rule, over all images; nan where there is no object."""
        return [float(metrics.dice(np.sum(tables, axis=0))[1]) if tables else float("nan") for tables in self.tables]

    def best(self, way=None):
        """The rule that finds most, of all or of one way; the first of equals."""
        scores = np.nan_to_num(self.f1(), nan=-1)
        return max(
            (one for one in zip(scores, self.rules, strict=True) if way in (None, one[1].way)), key=lambda one: one[0]
        )[1]

    def for_the_exam(self):
        """Rules for the test images: the best; where seeds are learned the best of these, and watershed beside it."""
        ways = [rule.way for rule in self.rules]
        return [self.best(LEARNED), self.best(WATERSHED)] if LEARNED in ways else [self.best()]

    def summary(self, *, seed=0):
        """Scores of the first rule: F1 with its interval, precision, recall, and how many objects there are.

        beside: the same of each other rule.
        """
        first, *others = (self._scores(k, seed) for k in range(len(self.rules)))
        return {**first, "beside": others}

    def _scores(self, k, seed):
        tables = np.array(self.tables[k]).reshape(-1, 2, 2)
        total = tables.sum(0)
        found = {
            "object_f1": _number(metrics.dice(total)[1]),
            "precision": _number(metrics.precision(total)[1]),
            "recall": _number(metrics.recall(total)[1]),
            "true": int(total[1].sum()),
            "predicted": int(total[:, 1].sum()),
            "average_precision": _number(_average_precision(self.stricter[k])),
            "merges": int(self.mistakes[k, 0]),
            "splits": int(self.mistakes[k, 1]),
            "way": self.rules[k].way,
        }
        if len(tables) > 1:  # one image shows no spread
            low, high = metrics.bootstrap_interval(tables, metrics.dice, seed=seed)
            found["interval"] = [_number(low[1]), _number(high[1])]
        return found


def _average_precision(tables):
    """As objects.average_precision, the mean over thresholds, from tables (thresholds, 2, 2); nan without any."""
    hits, total = tables[:, 1, 1], tables.sum((1, 2))
    return np.mean(hits / total) if len(tables) and total.all() else np.nan


def _number(value):
    return float(value) if np.isfinite(value) else None
