"""Stacks: a TIFF of many pages or an array of many slices beside another is as many pairs; all one source."""

import io

import numpy as np

from segutils.dataset import arrays
from segutils.dataset.files import FORMATS, ImageFileError
from segutils.dataset.words import Pair


def expand(files, found):
    """An Arrangement whose pairs of stacks became pairs of slices, and whose images of several pages became bands.

    Both files must have equally many slices. Images of 3 to 16 pages whose masks have one are images of as many bands.
    """
    pairs, banded = [], []
    for pair in found.pairing.pairs:
        both = [count(files, name) for name in (pair.image, *pair.masks[:1])] if _may_be(pair) else [1, 1]
        if len(pair.masks) == 1 and both[0] == both[1] > 1:
            width = len(str(both[0] - 1))
            pairs += [
                Pair(f"{pair.key}#{i:0{width}}", f"{pair.image}#{i}", (f"{pair.masks[0]}#{i}",)) for i in range(both[0])
            ]
            continue
        if 3 <= both[0] <= arrays.MAX_BANDS and both[1] == 1:
            banded.append(pair)
            pair = pair._replace(image=f"{pair.image}#*")
        pairs.append(pair)
    return found._replace(pairing=found.pairing._replace(pairs=sorted(pairs)))


def _may_be(pair):
    ends = (".tif", ".tiff", ".npy")
    return pair.image.lower().endswith(ends)


def count(files, name):
    """How many slices a file holds; 1 where it can't be read."""
    import tifffile

    if not name or "#" in name and name not in files.known:
        return 1
    try:
        if name.endswith(".npy"):
            return arrays.slices(arrays.load(files, name).shape)
        if FORMATS.get("." + name.rpartition(".")[2].lower()) != "TIFF":
            return 1
        path = files.path / name
        with tifffile.TiffFile(path if files.archive is None else io.BytesIO(files.read(name))) as tiff:
            pages = len(tiff.pages)
            return 1 if pages == 1 else _pages(tiff, pages)
    except (ImageFileError, *arrays.tiff_damage()):
        return 1


def _pages(tiff, pages):
    shape = tiff.series[0].shape
    if len(shape) == 3 and shape[2] <= arrays.MAX_BANDS < min(shape[:2]):
        return 1
    return shape[0] if len(shape) in (3, 4) else 1 if np.prod(shape[:-2], dtype=int) != pages else pages
