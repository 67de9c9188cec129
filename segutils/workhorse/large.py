"""Images of hundreds of megapixels, opened to be predicted: window by window, some decoded whole before."""

import warnings
from functools import partial

import numpy as np
from PIL import ExifTags, Image

from segutils.dataset import arrays, png, stacks, windows
from segutils.dataset.files import FORMATS, ImageFileError
from segutils.dataset.images import DAMAGE, image_values, read_image


def open_large(files, name, *, channels):
    """An image (H, W, channels) uint8: as read_image gives it, or sliced like an array where it is large.

    Raises: ImageFileError as read_image, or if a large image is of a kind that can't be read by windows.
    """
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", module=r"PIL\.")  # what matters raises ImageFileError
        return _open(files, name, channels)


def _open(files, name, channels):
    path = None if files.archive else files.place(name)
    if path is not None and path.is_file():
        if (found := _by_windows(path, channels)) is not None:
            return found
        if path.suffix.lower() != ".npy" and (found := _by_pillow(path, channels)) is not None:
            return found
    return read_image(files, stacks.of_channels(files, name, channels), channels=channels)


def _by_windows(path, channels):
    """An array or TIFF of bytes as it lies; None for any other."""
    if FORMATS.get(path.suffix.lower()) == "TIFF":
        found = windows.tiff_windows(path)
    else:
        found = _array(path) if path.suffix.lower() == ".npy" else None
    if found is None or np.prod(found.shape[:2], dtype=float) <= windows.MAX_PIXELS:
        return None
    windows.refuse_beyond(*found.shape[:2])
    if found.dtype != np.uint8:
        raise _too_deep(found.dtype, *found.shape[:2])
    return _Windows(found.shape[:2], found.__getitem__, channels)


def _too_deep(what, height, width):
    return ImageFileError("bomb", f"holds {what} of {height:,} × {width:,} pixels; save it as 8 bit")


def _array(path):
    try:
        values = np.load(path, mmap_mode="r", allow_pickle=False)
    except (ValueError, EOFError, OSError):
        return None
    return values if values.ndim in (2, 3) and values.dtype == np.uint8 else None


def _by_pillow(path, channels):
    """What is decoded once, as bytes in a file: a PNG stripe by stripe, another (JPEG, an odd TIFF) as a whole."""
    try:
        with windows.without_limit(path) as opened:
            if opened.width * opened.height <= windows.MAX_PIXELS:
                return None
            windows.refuse_beyond(opened.height, opened.width)
            if opened.mode[0] in "FI":
                raise _too_deep("numbers", opened.height, opened.width)
            look = opened.getexif if png.head(path) is None else partial(Image.Image.getexif, opened)
            upright = look().get(ExifTags.Base.Orientation, 1) == 1  # a PNG's own look decodes it whole
            if upright and channels in (1, 3):
                found = windows.decoded(opened, path, "L" if channels == 1 else "RGB")
                return _Windows(found.shape[:2], found.__getitem__, channels)
            return image_values(opened, channels=channels)
    except ImageFileError:
        raise
    except DAMAGE:
        return None  # read_image says what is wrong


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
