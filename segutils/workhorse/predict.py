"""A trained model on images of any size: classes and confidence, tile by tile, in memory that does not grow."""

import numpy as np
from scipy.special import expit

from segutils import tiling
from segutils.workhorse.judge import FULL
from segutils.workhorse.recipe import BRIGHT, GAMMA

SAMPLE = 1_000  # rows and columns of a large image that its contrast is measured on


class Predictor:
    """Classes, confidence or probabilities of a prepared image.

    Args:
        model: keras.Model from (B, H, W, C), 0 to 255, to (B, H, W, K) logits.
        depth: behind the classes' logits the model gives that of the depth, as one more channel, or, exported,
            the depth itself as a second output.
        tile: height and width of a tile, a multiple of `multiple`.
        margin: pixels thrown away at a tile's inner edges; as far as the network looks, for no seam.
        multiple: heights and widths that the model takes are multiples of this.
        batch_size: tiles at once.
        turns: each tile is predicted in all four quarter turns, and the mean of the probabilities counts; for images
            without an up, which the network has learned in all turns. It takes four times as long.
    """

    def __init__(self, model, *, depth=False, tile=512, margin=80, multiple=16, batch_size=2, turns=False):
        self.model, self.depth, self.turns = model, depth, turns
        self.options = {"tile": tile, "margin": margin, "multiple": multiple, "batch_size": batch_size}

    def __call__(self, image, *, out=None, progress=None):
        """The class of each pixel and how sure it is: (H, W, 2) uint16, the confidence as a share of 65535.

        With `depth` (H, W, 3): the last is how deep the pixel lies in its own object, as a share of 65535.
        Args:
            image: (H, W, C), or anything that is sliced like it.
            out: where to write, (H, W, `layers`), sliced like an array; None makes an array.
            progress: as tiling.predict_tiled.
        """
        return self._tiled(image, self._class_and_confidence, out, progress)

    @property
    def layers(self):
        """How many numbers a pixel gets: its class, the confidence, and where it is learned the depth."""
        return 2 + self.depth

    def probabilities(self, image, *, out=None, progress=None):
        """The probability of each class, (H, W, K) uint16, as a share of 65535."""
        return self._tiled(image, self._all_classes, out, progress)

    def _tiled(self, image, finish, out, progress):
        look = self._in_all_turns if self.turns else self._scores
        return tiling.predict_tiled(look, image, finish=finish, out=out, progress=progress, **self.options)

    def _in_all_turns(self, tiles):
        """As _scores, of the mean probabilities and depths in four quarter turns, as logarithms: (B, h, w, K)."""
        probabilities = depth = 0
        for quarter in range(4):
            turned = self._scores(np.ascontiguousarray(np.rot90(tiles, quarter, (1, 2))))
            scores = np.rot90(turned, -quarter, (1, 2))
            probabilities = probabilities + probabilities_of(self._classes(scores)) / 4
            depth = depth + scores[..., -1:] / 4
        logarithms = np.log(np.maximum(probabilities, np.finfo(np.float32).tiny))
        return np.concatenate([logarithms, depth], axis=-1) if self.depth else logarithms

    def _scores(self, batch):
        """Logits of the classes, and behind them the depth, 0 to 1, before tiles are blended."""
        scores = self.model.predict_on_batch(batch)
        if not self.depth:
            return scores
        if isinstance(scores, list):
            return np.concatenate(scores, axis=-1)
        return np.concatenate([scores[..., :-1], expit(scores[..., -1:])], axis=-1)

    def _classes(self, scores):
        return scores[..., :-1] if self.depth else scores

    def _class_and_confidence(self, scores):
        first, *others = np.moveaxis(self._classes(scores), -1, 0)
        best, highest = np.zeros(first.shape, np.uint16), first
        for k, plane in enumerate(others, start=1):
            best = np.where(plane > highest, k, best)
            highest = np.maximum(highest, plane)
        sure = 1 / sum(np.exp(plane - highest) for plane in (first, *others))
        shares = [sure, scores[..., -1]] if self.depth else [sure]
        return np.stack([best, *(np.round(FULL * share) for share in shares)], axis=-1).astype(np.uint16)

    def _all_classes(self, scores):
        return np.round(FULL * probabilities_of(self._classes(scores))).astype(np.uint16)


def probabilities_of(scores):
    """Softmax of scores (…, K) over their last axis, class by class: of few classes that is far faster than along it.

    >>> probabilities_of(np.array([[0.0, np.log(3)]])).round(2).tolist()
    [[0.25, 0.75]]
    """
    planes = np.ascontiguousarray(np.moveaxis(scores, -1, 0))
    powers = np.exp(planes - planes.max(0))
    return np.moveaxis(powers / powers.sum(0), 0, -1)


class Prepared:
    """A large image, sliced like an array, whose windows are prepared as they are read.

    The contrast is measured on a sample of rows and columns, evenly apart, for a percentile of all pixels would need
    all of them in memory.

    Args: image: (H, W, C) uint8, sliced like an array. contrast: as recipe.prepare.
    """

    def __init__(self, image, contrast):
        self.image, self.shape, self.dtype = image, tuple(image.shape), np.dtype(np.uint8)
        self.curve = None  # what becomes of each of the 256 levels
        if contrast != "keep":
            from segutils.transforms import stretch_between

            dark, bright = np.percentile(_sample(image), (1.0, BRIGHT))
            self.curve = stretch_between(np.arange(256, dtype=np.uint8), dark, bright, gamma=GAMMA[contrast])

    def __getitem__(self, window):
        values = np.asarray(self.image[window])
        return values if self.curve is None else self.curve[values]


def _sample(image):
    rows, columns = (max(1, side // SAMPLE) for side in image.shape[:2])
    if rows == columns == 1:
        return np.asarray(image[:])
    return np.concatenate([np.asarray(image[top : top + 1, ::columns]) for top in range(0, image.shape[0], rows)])
