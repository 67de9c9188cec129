"""Predict images larger than memory: overlapping tiles in, one blended answer out, read and written by windows.

A tile's outer `margin` pixels lack part of their surroundings, so their scores are thrown away (except at the border
of the image, where there are no surroundings). Where the margin covers the receptive field's radius, what remains
equals the prediction of the whole image. Over `blend` more pixels two neighbours are mixed, which hides what is left
of a seam where the margin is smaller.
"""

from itertools import pairwise
from typing import NamedTuple

import numpy as np

from segutils.metrics import VOID

BAND = 16  # tiles side by side whose scores are held at once; a wider image is done band by band


class Tile(NamedTuple):
    """One tile along one axis: it reads start..start + size, and its scores count with `weight`, (size,).

    >>> Tile(8, np.array([0.0, 0.5, 1.0, 0.0])).used == slice(1, 3)
    True
    """

    start: int
    weight: np.ndarray

    @property
    def used(self):
        """The pixels of the tile whose scores count, as a slice: from the first to the last with a weight."""
        counting = np.flatnonzero(self.weight)
        return slice(counting[0], counting[-1] + 1)

    def part(self, left, right):
        """The pixels of the tile whose scores count between two places of the image, as a slice."""
        used = self.used
        return slice(max(used.start, left - self.start), min(used.stop, right - self.start))


def tiles_along(length, *, tile, margin, blend, multiple):
    """Tiles along one axis, whose weights add up to 1 at each pixel.

    Formula: a weight is 0 over the margin, climbs in a straight line over `blend`, is 1 in the middle and falls alike;
        at the ends of the axis it is 1; then the weights at each pixel are divided by their sum.
    Args:
        length: pixels, a multiple of `multiple`.
        tile: pixels of a tile, a multiple of `multiple`; margin, blend: pixels, >= 0, as the formula says.
        multiple: of what the model's poolings need, e.g. 16.
    Returns: list of Tile, by start; starts are multiples of `multiple`, so that poolings fall as in the whole image.
    Raises: ValueError if the tile is too small for its margins.
    >>> [tile.start for tile in tiles_along(96, tile=48, margin=8, blend=0, multiple=16)]
    [0, 32, 48]
    """
    if tile >= length:
        return [Tile(0, np.ones(length, np.float32))]
    step = (tile - 2 * margin - blend) // multiple * multiple
    if step < 1:
        raise ValueError(
            f"a tile of {tile} pixels leaves no room between two margins of {margin} and a blend of {blend}; "
            f"make the tile at least {2 * margin + blend + multiple}"
        )
    starts = _starts(length, tile, step)
    climb = np.clip((np.arange(tile) - margin + 1) / (blend + 1), 0, 1).astype(np.float32)
    weights = []
    for start in starts:
        weight = np.ones(tile, np.float32)
        weight = weight if start == 0 else weight * climb
        weights.append(weight if start == length - tile else weight * climb[::-1])
    total = np.zeros(length, np.float32)
    for start, weight in zip(starts, weights, strict=True):
        total[start : start + tile] += weight
    return [Tile(start, weight / total[start : start + tile]) for start, weight in zip(starts, weights, strict=True)]


def _starts(length, tile, step):
    """Where tiles that lie `step` pixels apart start along an axis, the last flush with its end."""
    return [*range(0, length - tile, step), length - tile]


def predict_tiled(
    predict, image, *, tile=256, margin=64, blend=16, multiple=16, batch_size=8, out=None, finish=None, progress=None
):
    """Predict an image of any size by overlapping, blended tiles.

    Memory holds the scores of at most BAND tiles side by side, whatever the height and width. At the border of two
    bands a tile or two are predicted twice.

    Args:
        predict: function from (B, tile, tile, C) to (B, tile, tile, K) scores, e.g. `model.predict_on_batch`. It must
            not look further than its tile: no layer that averages over the whole image.
        image: (H, W, C) array, or anything that is sliced like one (numpy.memmap, zarr, h5py).
        tile: height and width of a tile, a multiple of `multiple`.
        margin: pixels thrown away at each inner edge of a tile; at least the radius of the receptive field for no seam.
        blend: pixels over which two neighbouring tiles are mixed.
        multiple: heights and widths that the model takes are multiples of this; the image is mirrored up to it.
        batch_size: tiles predicted at once.
        out: where to write, (H, W, K), or (H, W) with `finish`, sliced like an array; None makes an array.
        finish: function from blended scores (h, W, K) to what is written, e.g. `lambda scores: scores.argmax(-1)`;
            None writes the scores. It must treat each pixel by itself.
        progress: called as progress(tiles done, tiles in all) after each batch.
    Returns: `out`; float32 scores, or of the type that `finish` gives, where it made the array.
    Raises: ValueError if a size does not fit or the prediction has another height or width than the tile.
    Source: Ronneberger et al. 2015, arXiv:1505.04597 (overlap-tile strategy).
    >>> predict_tiled(lambda tiles: tiles / 255, np.full((300, 400, 1), 255.0)).shape
    (300, 400, 1)
    """
    _check(image, tile, margin, blend, multiple, out)
    height, width, _ = image.shape
    options = {"tile": tile, "margin": margin, "blend": blend, "multiple": multiple}
    rows, columns = (tiles_along(length + -length % multiple, **options) for length in (height, width))
    bands = _bands(columns, width)
    done, count = 0, len(rows) * sum(len(tiles) for _, _, tiles in bands)

    def predicted(batch):
        nonlocal done
        scores = np.asarray(predict(batch))
        if scores.ndim != 4 or scores.shape[:3] != batch.shape[:3]:
            shapes = f"{batch.shape} became {scores.shape}"
            raise ValueError(f"predict must give (B, H, W, K) of the same height and width; {shapes}")
        done += len(batch)
        if progress:
            progress(done, count)
        return scores

    for band in bands:
        for top, scores in _strips(predicted, image, rows, band, batch_size):
            written = scores if finish is None else np.asarray(finish(scores))
            if out is None:
                out = np.empty((height, width, *written.shape[2:]), written.dtype)
            out[top : top + len(written), band[0] : band[1]] = written
    return out


def _bands(columns, width):
    """Parts of the image side by side, each with the tiles that reach into it: list of (left, right, tiles)."""
    edges = [*(column.start for column in columns[::BAND]), width]
    return [
        (left, right, [column for column in columns if (part := column.part(left, right)).start < part.stop])
        for left, right in pairwise(edges)
    ]


def _strips(predict, image, rows, band, batch_size):
    """Blended scores of a band from top to bottom, as soon as no later tile adds to them: (top, (h, W, K)) each."""
    left, right, columns = band
    high, wide, strip = len(rows[0].weight), len(columns[0].weight), None
    for row, below in zip(rows, [*rows[1:], None], strict=True):
        down = row.used
        for first in range(0, len(columns), batch_size):
            chosen = columns[first : first + batch_size]
            scores = predict(np.stack([read_window(image, row.start, column.start, high, wide) for column in chosen]))
            if strip is None:
                strip = np.zeros((high, right - left, scores.shape[-1]), np.float32)
            for column, score in zip(chosen, scores, strict=True):
                across, place = column.part(left, right), column.start - left
                weight = row.weight[down, None, None] * column.weight[across, None]
                strip[down, place + across.start : place + across.stop] += weight * score[down, across]
        complete = (below.start if below else image.shape[0]) - row.start
        yield row.start, strip[:complete]
        strip[: high - complete] = strip[complete:].copy()
        strip[high - complete :] = 0


def _check(image, tile, margin, blend, multiple, out):
    if len(image.shape) != 3 or 0 in image.shape:
        raise ValueError(f"image must be (H, W, C), got {tuple(image.shape)}; grey images take image[..., None]")
    if tile < 1 or tile % multiple:
        raise ValueError(
            f"tile must be a multiple of {multiple}, got {tile}; take {max(tile + -tile % multiple, multiple)}"
        )
    if margin < 0 or blend < 0:
        raise ValueError(f"margin and blend must be >= 0, got {margin} and {blend}")
    if out is not None and tuple(out.shape[:2]) != tuple(image.shape[:2]):
        raise ValueError(f"out must have the image's height and width {image.shape[:2]}, got {tuple(out.shape)}")


def read_window(image, top, left, height, width):
    """A window of an image (H, W, C) as an array; what lies beyond its lower and right border is mirrored.

    Args: image: sliced like an array. top, left, height, width: pixels. Returns: (height, width, C).
    >>> read_window(np.arange(6).reshape(2, 3, 1), 0, 1, 2, 3)[0, :, 0].tolist()
    [1, 2, 1]
    """
    window = np.asarray(image[top : top + height, left : left + width])
    missing = [(0, height - window.shape[0]), (0, width - window.shape[1])]
    if not any(after for _, after in missing):
        return window
    roomy = all(after < side for (_, after), side in zip(missing, window.shape, strict=False))
    return np.pad(window, [*missing, (0, 0)], mode="reflect" if roomy else "edge")


def cut_into_tiles(images, masks, *, size, step):
    """All images cut into square crops that lie `step` pixels apart, the last flush with the edge.

    An image smaller than a crop is padded below and at the right: image with black, mask with VOID.
    Args:
        images, masks: lists of (H, W, C) and (H, W) uint8.
        size: height and width of a crop; step: at most `size`, or pixels are left out.
    Returns: (N, size, size, C), (N, size, size), image by image.
    >>> cut_into_tiles([np.zeros((6, 8, 1), np.uint8)], [np.zeros((6, 8), np.uint8)], size=4, step=4)[0].shape
    (4, 4, 4, 1)
    """
    image_crops, mask_crops = [], []
    for image, mask in zip(images, masks, strict=True):
        short = [(0, max(size - side, 0)) for side in mask.shape]
        image, mask = np.pad(image, [*short, (0, 0)]), np.pad(mask, short, constant_values=VOID)
        rows, columns = (_starts(side, size, step) for side in mask.shape)
        for window in ((slice(y, y + size), slice(x, x + size)) for y in rows for x in columns):
            image_crops.append(image[window])
            mask_crops.append(mask[window])
    return np.stack(image_crops), np.stack(mask_crops)
