"""Images of hundreds of megapixels, opened to be read window by window: TIFF, NumPy arrays, and what Pillow reads."""

import threading
import warnings
from collections import OrderedDict
from pathlib import PurePosixPath

import numpy as np
from PIL import Image

from segutils.dataset import arrays
from segutils.dataset.files import FORMATS, ImageFileError
from segutils.dataset.images import DAMAGE, MAX_PIXELS, image_values, read_image

MAX_LARGE = 1_200_000_000  # pixels of one image, below which its mask fits a memory of 2 GiB
KEPT = 64  # tiles or strips of a TIFF that stay decoded


def open_large(files, name, *, channels):
    """An image (H, W, channels) uint8: as read_image gives it, or sliced like an array where it is large.

    Raises: ImageFileError as read_image, or if a large image is of a kind that can't be read by windows.
    """
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", module=r"PIL\.")  # what matters raises ImageFileError
        return _open(files, name, channels)


def _open(files, name, channels):
    path = None if files.archive else files.path / name
    if path is not None and path.is_file():
        suffix = PurePosixPath(name).suffix.lower()
        if suffix == ".npy" and (found := _array(path, channels)) is not None:
            return found
        if FORMATS.get(suffix) == "TIFF" and (found := _tiff(path, channels)) is not None:
            return found
        if suffix != ".npy" and (found := _by_pillow(path, channels)) is not None:
            return found
    return read_image(files, name, channels=channels)


def _array(path, channels):
    try:
        values = np.load(path, mmap_mode="r", allow_pickle=False)
    except (ValueError, EOFError, OSError):
        return None
    if values.ndim not in (2, 3) or values.dtype != np.uint8 or np.prod(values.shape[:2]) <= MAX_PIXELS:
        return None
    return _Windows(values.shape[:2], lambda window: values[window], channels)


def _tiff(path, channels):
    import tifffile

    try:
        with tifffile.TiffFile(path) as tiff:
            page = tiff.pages[0]
            stack = len(tiff.pages) > 1 and tiff.series[0].shape[0] == len(tiff.pages) > arrays.MAX_BANDS
            segments = _Segments(path, page)
    except arrays.tiff_damage():
        return None
    height, width = page.imagelength, page.imagewidth
    if height * width <= MAX_PIXELS or stack:
        return None
    if page.dtype != np.uint8 or page.planarconfig != 1:
        text = f"{page.dtype} of {height:,} × {width:,} pixels; save it as 8 bit, bands together"
        raise ImageFileError("bomb", f"holds {text}")
    _refuse_beyond(height, width)
    return _Windows((height, width), segments, channels)


def _by_pillow(path, channels):
    """What only decodes whole (PNG, JPEG): once, as bytes."""
    before, Image.MAX_IMAGE_PIXELS = Image.MAX_IMAGE_PIXELS, None  # a limit of our own follows
    try:
        with Image.open(path, formats=sorted(set(FORMATS.values()))) as opened:
            if opened.width * opened.height <= MAX_PIXELS:
                return None
            _refuse_beyond(opened.height, opened.width)
            return image_values(opened, channels=channels)
    except ImageFileError:
        raise
    except DAMAGE:
        return None  # read_image says what is wrong
    finally:
        Image.MAX_IMAGE_PIXELS = before


def _refuse_beyond(height, width):
    if height * width > MAX_LARGE:
        size = f"{width:,} × {height:,} pixels"
        raise ImageFileError("bomb", f"claims {size}, at most {MAX_LARGE:,} are read; cut it in two")


class OnDisk:
    """An array of zeros in a file, written and read by windows; none of it stays in memory in between.

    Args: path: of the file. shape: of the array. dtype: of its numbers.
    """

    def __init__(self, path, shape, dtype=np.uint16):
        self.path, self.shape, self.dtype = path, tuple(shape), np.dtype(dtype)
        with open(path, "wb") as file:
            file.truncate(int(np.prod(self.shape)) * self.dtype.itemsize)

    def _mapped(self, mode):
        return np.memmap(self.path, self.dtype, mode, shape=self.shape)

    def __setitem__(self, window, values):
        self._mapped("r+")[window] = values

    def __getitem__(self, window):
        return np.array(self._mapped("r")[window])


class Layer:
    """The first number of each pixel of an array (H, W, N), sliced like an array (H, W); `size` counts its pixels."""

    def __init__(self, array):
        self.array, self.shape = array, tuple(array.shape[:2])
        self.size = int(np.prod(self.shape))

    def __getitem__(self, window):
        rows, columns = window
        return self.array[rows, columns, 0]


class _Windows:
    """An image (H, W, channels) uint8 that is sliced by rows and columns; `read` gives a window of its own bands."""

    dtype = np.dtype(np.uint8)

    def __init__(self, size, read, channels):
        self.shape, self.read, self.channels = (*size, channels), read, channels

    def __getitem__(self, window):
        rows, columns = (window if isinstance(window, tuple) else (window, slice(None)))[:2]
        return arrays.with_channels(np.asarray(self.read((rows, columns))), self.channels)


class _Segments:
    """Windows of one page of a TIFF, from the tiles or strips that they touch; the last stay decoded."""

    def __init__(self, path, page):
        self.path, self.page, self.kept, self.lock = path, page, OrderedDict(), threading.Lock()
        self.decode, self.places = page.decode, list(zip(page.dataoffsets, page.databytecounts, strict=True))
        self.high, self.wide = (
            (page.tilelength, page.tilewidth) if page.is_tiled else (page.rowsperstrip, page.imagewidth)
        )
        self.across = -(-page.imagewidth // self.wide)

    def __call__(self, window):
        (top, bottom, down), (left, right, over) = (
            one.indices(side) for one, side in zip(window, (self.page.imagelength, self.page.imagewidth), strict=True)
        )
        bands = self.page.samplesperpixel
        out = np.zeros((max(0, bottom - top), max(0, right - left), bands), np.uint8)
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
                values = np.zeros(shape, np.uint8) if values is None else values
                self.kept[number] = values.reshape(values.shape[-3:])
                while len(self.kept) > max(KEPT, self.across + 1):
                    self.kept.popitem(last=False)
            self.kept.move_to_end(number)
            return self.kept[number]
