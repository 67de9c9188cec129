"""The exam: test images are added one by one, and a table of counts is all that is remembered of each."""

import numpy as np
import pandas as pd

from segutils import metrics
from segutils.metrics import VOID

BINS = 10  # of confidence
FULL = 65535  # confidence 1, as it is stored
STRIP = 4_000_000  # pixels that are counted at once
MANY_SOURCES = 10  # from so many on, intervals resample sources instead of images


class Exam:
    """Scores of test images that are added one by one.

    Args:
        names: of the classes.
        background: number of the class that scores leave out, or None.
    """

    def __init__(self, names, *, background=None):
        self.names, self.background = list(names), background
        self.keys, self.sources, self.tables, self.outlines = [], [], [], []
        self.bins = np.zeros((3, BINS))  # pixels, their confidence, and those that are right

    def add(self, key, source, truth, predicted, confidence):
        """Judge one image.

        Args:
            key: its name. source: the name of what it hangs together with, as a slide or a film.
            truth: (H, W) uint8 with VOID. predicted: (H, W) uint8.
            confidence: (H, W) uint16, probability of the predicted class; 65535 is 1.
        """
        count, table = len(self.names), 0
        rows = max(1, STRIP // truth.shape[1])
        for top in range(0, len(truth), rows):
            part = slice(top, top + rows)
            table = table + metrics.confusion_matrix(truth[part], predicted[part], count, ignore_class=VOID)
            self._add_confidence(truth[part], predicted[part], confidence[part])
        self.keys.append(key)
        self.sources.append(source)
        self.tables.append(table)
        self.outlines.append(metrics.outline_counts(truth, predicted, count, ignore_class=VOID))

    def _add_confidence(self, truth, predicted, confidence):
        valid = truth != VOID
        sure = confidence[valid] / FULL
        place = np.minimum((sure * BINS).astype(int), BINS - 1)
        right = (truth == predicted)[valid]
        self.bins += [np.bincount(place, weights, minlength=BINS) for weights in (None, sure, right)]

    @property
    def confusion(self):
        """Pixels of all images: true class (row) by predicted class (column)."""
        return np.sum(self.tables, axis=0)

    @property
    def counted(self):
        """Numbers of the classes that scores are averaged over."""
        return [k for k in range(len(self.names)) if k != self.background]

    @property
    def absent(self):
        """Names of the classes that no test image holds: nothing is known of how well they are found."""
        return [name for name, pixels in zip(self.names, self.confusion.sum(1), strict=True) if not pixels]

    def mean_of_counted(self, tables):
        """Mean IoU over the counted classes that occur, (…); nan where none does."""
        scores = metrics.iou(tables)[..., self.counted]
        present = np.isfinite(scores)
        total = np.where(present, scores, 0).sum(-1)
        return np.divide(total, present.sum(-1), out=np.full(total.shape, np.nan), where=present.sum(-1) > 0)

    def image_scores(self):
        """Mean IoU of each image over the counted classes that occur in it; nan where none does."""
        return self.mean_of_counted(np.array(self.tables))

    def worst_first(self):
        """Positions of the images that have a score, the worst first."""
        scores = self.image_scores()
        return [int(k) for k in np.argsort(scores, kind="stable") if np.isfinite(scores[k])]

    @property
    def by_source(self):
        """True where intervals resample whole sources; with fewer than ten of them, images."""
        return len(set(self.sources)) >= MANY_SOURCES

    def units(self):
        """Tables of what intervals resample: sources, or images."""
        tables = np.array(self.tables)
        if not self.by_source:
            return tables
        names, at = np.unique(self.sources, return_inverse=True)
        summed = np.zeros((len(names), *tables.shape[1:]), np.int64)
        np.add.at(summed, at, tables)
        return summed

    def summary(self, *, seed=0):
        """The scores in one dict: mean_iou (of all pixels), foreground_iou (mean over images), intervals, and so on.

        One image, or one source where sources are resampled, has no interval: None.
        """
        confusion, found = self.confusion, {}
        found["mean_iou"], found["mean_iou_interval"] = float(metrics.mean_iou(confusion)), None
        if len(self.keys) > 1:
            bounds = metrics.bootstrap_interval(self.units(), metrics.mean_iou, seed=seed)
            found["mean_iou_interval"] = [float(bound) for bound in bounds]
        if self.background is not None:
            found["foreground_iou"], found["foreground_iou_interval"] = self._mean_over_images(seed)
            pooled = float(self.mean_of_counted(confusion))
            found["foreground_iou_pooled"] = pooled if np.isfinite(pooled) else None
        outlines = self.boundary_of_classes()[self.counted]
        found["boundary_f1"] = float(np.nanmean(outlines)) if np.isfinite(outlines).any() else None
        found["pixel_accuracy"] = float(metrics.pixel_accuracy(confusion))
        found["calibration_error"] = self.reliability().expected_error
        found["most_frequent_class"] = {"name": self.names[self.often], "mean_iou": self.of_most_frequent()}
        return found

    def _mean_over_images(self, seed):
        scores = self.image_scores()
        have = np.isfinite(scores)
        if not have.any():
            return None, None
        groups = np.array(self.sources) if self.by_source else np.arange(len(scores))
        names, at = np.unique(groups[have], return_inverse=True)
        if len(names) < 2:
            return float(scores[have].mean()), None
        total, images = np.bincount(at, scores[have]), np.bincount(at)
        times = np.random.default_rng(seed).multinomial(len(total), np.full(len(total), 1 / len(total)), size=1000)
        means = (times @ total) / (times @ images)
        return float(scores[have].mean()), [float(value) for value in np.quantile(means, [0.025, 0.975])]

    @property
    def often(self):
        """The class with the most true pixels."""
        return int(self.confusion.sum(1).argmax())

    def of_most_frequent(self):
        """Mean IoU of calling each pixel by the most frequent class: what must be beaten."""
        confusion = self.confusion
        blind = np.zeros_like(confusion)
        blind[:, self.often] = confusion.sum(1)
        return float(metrics.mean_iou(blind))

    def boundary_of_classes(self):
        """Boundary F1 of each class, mean over the images where it has an outline; nan where it has none."""
        return metrics.mean_outline_f1(self.outlines)

    def per_class(self, *, seed=0):
        """A DataFrame, a row a class: IoU with its interval, Dice, precision, recall, boundary F1, share, images."""
        tables, confusion = np.array(self.tables), self.confusion
        low = high = np.full(len(self.names), np.nan)
        if len(tables) > 1:
            low, high = metrics.bootstrap_interval(self.units(), metrics.iou, seed=seed)
        columns = {
            "IoU": metrics.iou(confusion),
            "IoU, 95% from": low,
            "to": high,
            "Dice": metrics.dice(confusion),
            "precision": metrics.precision(confusion),
            "recall": metrics.recall(confusion),
            "boundary F1": self.boundary_of_classes(),
            "share of pixels": confusion.sum(1) / max(confusion.sum(), 1),
            "images": (tables.sum(2) > 0).sum(0),
        }
        return pd.DataFrame(columns, index=pd.Index(self.names, name="class"))

    def per_image(self):
        """A DataFrame, a row an image: its source, its score, and the IoU of each class."""
        scores = pd.DataFrame(metrics.iou(np.array(self.tables)), columns=[f"IoU {name}" for name in self.names])
        scores.insert(0, "score", self.image_scores())
        scores.insert(0, "source", self.sources)
        return scores.set_index(pd.Index(self.keys, name="image"))

    def confusions(self, *, least=0.02, most=6):
        """The pairs of classes that are most often taken for each other, worst first: (true, predicted, share) each.

        Args: least: share of a true class from which on a mistake is named. most: how many.
        """
        confusion = self.confusion
        share = confusion / np.maximum(confusion.sum(1, keepdims=True), 1)
        np.fill_diagonal(share, 0)
        order = np.argsort(share, axis=None)[::-1][:most]
        places = [np.unravel_index(at, share.shape) for at in order]
        return [(self.names[i], self.names[j], float(share[i, j])) for i, j in places if share[i, j] >= least]

    def reliability(self):
        """As metrics.calibration, of all pixels that were added."""
        count, claimed, correct = self.bins
        gap = np.abs(correct - claimed).sum() / max(count.sum(), 1)
        some = np.where(count > 0, count, np.nan)
        return metrics.Reliability(claimed / some, correct / some, count.astype(np.int64), float(gap))
