"""Images of hundreds of megapixels, read window by window: TIFF and NumPy arrays as they lie, others decoded once."""

import contextlib
import tempfile
import threading
import weakref
from collections import OrderedDict

import numpy as np
from PIL import Image

from segutils.dataset import arrays, png, tiffs
from segutils.dataset.files import FORMATS, ImageFileError

MAX_PIXELS = 89_000_000  # of an image that is decoded whole; just below the size that Pillow warns of
MAX_LARGE = 1_200_000_000  # pixels of one image, below which its mask fits a memory of 2 GiB
KEPT = 64  # tiles or strips of a TIFF that stay decoded
STRIP = 1024  # rows of a decoded image that are taken over at once


@contextlib.contextmanager
def without_limit(path):
    """A file opened by Pillow, whatever its size: a limit of our own follows; nothing is decoded yet."""
    before, Image.MAX_IMAGE_PIXELS = Image.MAX_IMAGE_PIXELS, None
    try:
        with Image.open(path, formats=sorted(set(FORMATS.values()))) as opened:
            yield opened
    finally:
        Image.MAX_IMAGE_PIXELS = before


def refuse_beyond(height, width):
    """Raises: ImageFileError for an image of more than MAX_LARGE pixels."""
    if height * width > MAX_LARGE:
        size = f"{width:,} × {height:,} pixels"
        raise ImageFileError("bomb", f"claims {size}, at most {MAX_LARGE:,} are read; cut it in two")


def windows(path, *, mask=False):
    """What a file holds, sliced by rows and columns: (H, W) or (H, W, bands), uint8 or uint16.

    mask: its numbers are wanted as they are stored.
    Raises: ImageFileError if it is too large, or damaged.
    """
    suffix = path.suffix.lower()
    if suffix == ".npy":
        return np.load(path, mmap_mode="r", allow_pickle=False)
    if FORMATS.get(suffix) == "TIFF" and (found := tiff_windows(path)) is not None:
        refuse_beyond(*found.shape[:2])
        return found
    with without_limit(path) as opened:
        refuse_beyond(opened.height, opened.width)
        return decoded(opened, path, turned=mask and tiffs.is_turned_over(opened))


def decoded(opened, path, mode=None, *, turned=False):
    """A decoded image in a file without a name, which goes with it: as InFile.

    A PNG is decoded stripe by stripe. Any other, and one that has no `png.head`, is held whole by Pillow until it lies
    in the file.

    Args: opened: by Pillow, not yet loaded. path: of it. mode: of Pillow's, to turn it into; None: as a mask needs it.
        turned: Pillow turns its numbers over, and they are turned back.
    Raises: OSError, and what else Pillow raises, if it is damaged.
    """
    if mode is None:
        mode = opened.mode if opened.mode in ("L", "P", "RGB") or opened.mode[0] == "I" else "RGB"
        mode = "L" if opened.mode in ("1", "LA", "La") else mode
    found = png.head(path)
    parts = png.stripes(path, found) if found else _strips(opened)
    laid = (np.ascontiguousarray(part.convert(mode)) for part in parts)
    return InFile(opened.height, (255 - part if turned else part for part in laid))


def _strips(opened):
    opened.load()
    for top in range(0, opened.height, STRIP):
        yield opened.crop((0, top, opened.width, min(top + STRIP, opened.height)))


class InFile:
    """An array in a file without a name, sliced like an array: what is not asked for stays out of memory.

    Args: height: of the array. parts: arrays of its rows, from top to bottom.
    """

    def __init__(self, height, parts):
        self.file = tempfile.TemporaryFile()  # noqa: SIM115 - it stays open as long as the array is used
        weakref.finalize(self, self.file.close)
        for part in parts:
            self.file.write(part)
        self.file.flush()
        self.shape, self.dtype = (height, *part.shape[1:]), part.dtype

    def __getitem__(self, window):
        return np.array(np.memmap(self.file, self.dtype, "r", shape=self.shape)[window])


def tiff_windows(path):
    """Segments of the one image of a large TIFF, or None where only a decoder of the whole can read it."""
    import tifffile

    try:
        with tifffile.TiffFile(path) as tiff:
            page = tiff.pages[0]
            if page.imagelength * page.imagewidth <= MAX_PIXELS:
                return None
            stack = len(tiff.pages) > 1 and tiff.series[0].shape[0] == len(tiff.pages) > arrays.MAX_BANDS
            plain = page.planarconfig == 1 and page.photometric != 0  # 0: white is zero
            if stack or not plain or page.dtype not in (np.uint8, np.uint16):
                return None
            found = Segments(path, page)
        found[0:1, 0:1]  # a compression that needs another package says so here
    except arrays.tiff_damage():
        return None
    return found


class Segments:
    """One page of a TIFF, (H, W, bands), from the tiles or strips that a window touches; the last stay decoded."""

    def __init__(self, path, page):
        self.path, self.page, self.kept, self.lock = path, page, OrderedDict(), threading.Lock()
        self.decode, self.places = page.decode, list(zip(page.dataoffsets, page.databytecounts, strict=True))
        self.high, self.wide = (
            (page.tilelength, page.tilewidth) if page.is_tiled else (page.rowsperstrip, page.imagewidth)
        )
        self.across = -(-page.imagewidth // self.wide)
        self.shape, self.dtype = (page.imagelength, page.imagewidth, page.samplesperpixel), page.dtype

    def __getitem__(self, window):
        (top, bottom, down), (left, right, over) = (
            one.indices(side) for one, side in zip(window, self.shape, strict=False)
        )
        out = np.zeros((max(0, bottom - top), max(0, right - left), self.shape[2]), self.dtype)
        for row in range(top // self.high, -(-bottom // self.high)):
            for column in range(left // self.wide, -(-right // self.wide)):
                values, y, x = self._segment(row * self.across + column), row * self.high, column * self.wide
                rows = slice(max(top, y), min(bottom, y + len(values)))
                columns = slice(max(left, x), min(right, x + values.shape[1]))
                inside = values[rows.start - y : rows.stop - y, columns.start - x : columns.stop - x]
                out[rows.start - top : rows.stop - top, columns.start - left : columns.stop - left] = inside
        return out[::down, ::over]

    def _segment(self, number):
        with self.lock:
            if number not in self.kept:
                start, length = self.places[number]
                with open(self.path, "rb") as file:
                    file.seek(start)
                    values, _, shape = self.decode(file.read(length), number)
                values = np.zeros(shape, self.dtype) if values is None else values
                self.kept[number] = values.reshape(values.shape[-3:])
                while len(self.kept) > max(KEPT, self.across + 1):
                    self.kept.popitem(last=False)
            self.kept.move_to_end(number)
            return self.kept[number]
