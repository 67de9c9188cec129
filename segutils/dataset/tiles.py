"""A pair of images too large to be decoded whole becomes pairs of tiles: slide.tif#r01024c00000 is a window of it.

All tiles of an image are one source, as the slices of a stack are.
"""

import re
from itertools import product

import numpy as np
from PIL import ExifTags, UnidentifiedImageError

from segutils.dataset import arrays, windows
from segutils.dataset.deep import is_cut
from segutils.dataset.files import FORMATS, ImageFileError
from segutils.dataset.words import Pair

SIDE = 1024
NAME = re.compile(r"(.*)#r(\d{5})c(\d{5})")
LEAST = 10_000  # bytes; a smaller file holds no large image


def expand(files, found):
    """An Arrangement whose pairs of large images became pairs of tiles, where masks have the size of their image."""
    pairs = []
    for pair in found.pairing.pairs:
        size = size_of(files, pair.image)
        if size is None or any(size_of(files, name, mask=True) != size for name in filter(None, pair.masks)):
            pairs.append(pair)
            continue
        for top, left in product(*(range(0, side, SIDE) for side in size)):
            at = f"#r{top:05}c{left:05}"
            masks = tuple(name and name + at for name in pair.masks)
            pairs.append(Pair(pair.key + at, pair.image + at, masks))
    return found._replace(pairing=found.pairing._replace(pairs=pairs))


def size_of(files, name, *, mask=False):
    """(height, width) of a large image that can be read by windows, from its header; None for any other."""
    path = files.place(name)
    if files.archive is not None or name not in files.known or not path.is_file() or path.stat().st_size < LEAST:
        return None
    try:
        if path.suffix.lower() == ".npy":
            shape, dtype = (array := np.load(path, mmap_mode="r", allow_pickle=False)).shape, array.dtype
            size = shape[:2] if arrays.slices(shape) == 1 and dtype in (np.uint8, np.uint16) else (0, 0)
        else:
            size = _by_header(path, mask)
    except (SyntaxError, *arrays.tiff_damage()):
        return None  # reading it will tell why
    return size if np.prod(size, dtype=float) > windows.MAX_PIXELS else None


def _by_header(path, mask):
    try:
        with windows.without_limit(path) as opened:
            said = opened.format == "TIFF" or "exif" in opened.info  # else a PNG would be decoded to look for it
            turned = said and opened.getexif().get(ExifTags.Base.Orientation, 1) != 1
            unfit = turned or opened.mode[0] in "FC" or (opened.mode == "P" and not mask) or (mask and is_cut(opened))
            return (0, 0) if unfit else opened.size[::-1]
    except UnidentifiedImageError:
        if FORMATS.get(path.suffix.lower()) != "TIFF":
            raise
        found = windows.tiff_windows(path)
        return (0, 0) if found is None else found.shape[:2]


def place(files, name):
    """(file, top, left) of a tile's name; None for any other."""
    found = None if "#r" not in name or name in files.known else NAME.fullmatch(name)
    return found and (found[1], int(found[2]), int(found[3]))


def read(files, name, top, left, *, mask=False):
    """The pixels of a tile, (H, W) or (H, W, bands); of a mask as they are stored. Raises: ImageFileError."""
    try:
        whole = files.once(("windows", name, mask), lambda: windows.windows(files.place(name), mask=mask))
        return np.asarray(whole[top : top + SIDE, left : left + SIDE])
    except ImageFileError:
        raise
    except (SyntaxError, *arrays.tiff_damage()) as error:
        raise ImageFileError("truncated", f"breaks off or is damaged ({error}); copy it again") from None
