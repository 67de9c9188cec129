"""Images that are arrays: NumPy files, slices of a stack, any number of bands, floats."""

import io
import struct

import numpy as np

from segutils.dataset.files import ImageFileError

MAX_BANDS = 16  # a last axis up to this long holds bands; slices lie along the first
ALIKE = 0.6  # correlation of the fine detail of two colours of a photograph; it is mostly above 0.8


def load(files, name):
    """A NumPy file: (H, W), (H, W, bands), (slices, H, W) or (slices, H, W, bands). Raises: ImageFileError.

    Colours that come first, as PyTorch has them, are moved last; a one-hot mask becomes its class numbers.
    """
    content = files.read_again(name)
    if not content:
        raise ImageFileError("empty file", "has no bytes; copy it again")
    try:
        values = np.load(io.BytesIO(content), allow_pickle=False)
    except (ValueError, EOFError, OSError, SyntaxError, TypeError, MemoryError) as error:
        raise ImageFileError("not an image", f"can't be read as a NumPy array ({error})") from None
    if values.ndim not in (2, 3, 4) or values.dtype.kind not in "biuf" or not values.size:
        text = f"holds {values.dtype} of shape {values.shape}; an image is (H, W) or (H, W, bands) numbers"
        raise ImageFileError("not an image", text)
    if values.ndim == 3 and len(values) == 1 and values.shape[2] > MAX_BANDS:
        return values[0]
    values = class_numbers(values)
    if values.ndim == 4 and values.shape[1] <= MAX_BANDS < min(values.shape[2:]):
        values = np.moveaxis(values, 1, -1)  # as PyTorch has them: (slices, bands, H, W)
    elif slices(values.shape) > 1 and are_colours(values):
        values = np.moveaxis(values, 0, -1)
    return values


def are_classes(planes):
    """True if planes of a mask are most likely a class each, without background: they share out the image.

    Slices that lie on each other show the same objects, in nearly the same place.
    """
    drawn = np.count_nonzero(planes, axis=0)
    return planes.ndim == 3 and drawn.max() == 1 and drawn.mean() > 0.1 and bool(planes.any(axis=(1, 2)).all())


def dimensions(files, name):
    """How many axes a NumPy file's array has, from its header where it lies in a folder. Raises: ImageFileError."""
    if files.archive is not None or not files.place(name).is_file():
        return load(files, name).ndim
    try:
        return np.load(files.place(name), mmap_mode="r", allow_pickle=False).ndim
    except (ValueError, EOFError, OSError, SyntaxError, TypeError) as error:
        raise ImageFileError("not an image", f"can't be read as a NumPy array ({error})") from None


def class_numbers(values):
    """A mask that is one-hot along an axis of planes, as the number of its plane at each pixel; else as it is.

    Planes lie before rows and columns, or last where they are too many to be bands. Slices of a volume are never so
    that exactly one of them is not 0, in all pixels.
    """
    if values.ndim < 3 or values.shape[-1] <= MAX_BANDS < min(values.shape[-3:-1]):
        return values
    for axis, rows in ((-3, -2), (-1, -3)):
        few = 2 <= values.shape[axis] <= 255 and (axis == -3 or values.shape[-1] < min(values.shape[-3:-1]))
        if few and _one_hot(values.take([0], rows), axis) and _one_hot(values, axis):
            return (values != 0).argmax(axis).astype(np.uint8)
    return values


def _one_hot(values, axis):
    return bool((np.count_nonzero(values, axis=axis) == 1).all())


def are_colours(planes):
    """True if planes (3 or 4, H, W) are the colours of a photograph: their fine detail is alike, that of slices not.

    A fourth plane is alpha.
    """
    if planes.ndim != 3 or len(planes) not in (3, 4) or min(planes.shape[1:]) < 8:
        return False
    steps = np.diff(np.nan_to_num(planes[:3].astype(np.float64)), axis=2).reshape(3, -1)
    if (steps == 0).mean() > 0.6 or not steps.std(axis=1).all():
        return False  # flat as masks are
    return bool(np.corrcoef(steps).min() > ALIKE)


DAMAGE = (OSError, ValueError, EOFError, IndexError, KeyError, TypeError, OverflowError, struct.error, RuntimeError)


def tiff_damage():
    """What reading a damaged TIFF may raise, or one whose decoder is in a package that is not there.

    tifffile's own error is no ValueError in its older versions.
    """
    import tifffile

    return (*DAMAGE, ArithmeticError, ImportError, tifffile.TiffFileError)


def slices(shape):
    """How many slices an array of a shape holds; 1 for a single image."""
    return shape[0] if len(shape) == 4 or (len(shape) == 3 and not shape[2] <= MAX_BANDS < min(shape[:2])) else 1


def one(values, page):
    """One image of a stack: slice `page`, all slices as bands ("*"), or the first."""
    if page == "*":
        return np.moveaxis(values, 0, -1) if values.ndim == 3 else values[0]
    if slices(values.shape) == 1:
        return values[0] if values.ndim == 4 else values
    if int(page or 0) >= len(values):
        raise ImageFileError("not an image", f"has {len(values)} slices, slice {page} was asked for; copy it again")
    return values[int(page or 0)]


def to_bytes(values):
    """Any numbers as uint8.

    Bytes stay; 16 bit is scaled from 0..65535; floats from 0..1, or 0..255 if they reach far beyond 1; what fits
    neither is scaled from its own darkest to its own brightest value, and is grey if these are the same. NaN and
    infinities become 0.
    """
    if values.dtype == np.uint8:
        return values
    if values.dtype == bool:
        return values.astype(np.uint8) * 255
    bottom, top = range_of(values)
    values = np.nan_to_num(values.astype(np.float64), posinf=0, neginf=0)
    if bottom == top:
        return np.full(values.shape, 128, np.uint8)
    values, bottom, top = values / 1024, bottom / 1024, top / 1024  # far from overflow
    return np.clip((values - bottom) * 255 / (top - bottom), 0, 255).round().astype(np.uint8)


def range_of(values):
    """The numbers of an array that are black and white, as to_bytes takes them."""
    fractions = values.dtype.kind == "f"
    values = np.nan_to_num(values, posinf=0, neginf=0)
    low, high, whole = float(values.min()), float(values.max()), not fractions or (values == np.round(values)).all()
    if fractions and low >= 0 and high <= 1:
        return 0.0, 1.0
    if low >= 0 and high <= 255 and (whole or high > 16):
        return 0.0, 255.0
    if low >= 0 and high <= 65535 and whole:
        return 0.0, 65535.0
    return low, high


def with_channels(values, channels):
    """(H, W) or (H, W, bands) uint8 as (H, W, channels): equal, grey from many, the first three of many."""
    values = values[..., None] if values.ndim == 2 else values
    bands = values.shape[-1]
    if bands == channels:
        return values
    if channels == 1:
        weights = [0.299, 0.587, 0.114] if bands == 3 else np.full(bands, 1 / bands)
        return (values @ np.array(weights)).round().astype(np.uint8)[..., None]
    if bands == 1:
        return values.repeat(channels, -1)
    if channels == 3:
        return np.concatenate([values[..., :3], np.zeros((*values.shape[:2], max(0, 3 - bands)), np.uint8)], -1)
    raise ValueError(f"expected {channels} channels, the image has {bands} bands; read it with 1, 3 or {bands}")


def labels(values):
    """The class numbers of a mask array: (H, W); one-hot (H, W, classes) as its largest class; (H, W, 3) colours."""
    if values.dtype == bool:
        values = values.astype(np.uint8)
    if values.ndim == 3 and values.shape[-1] == 1:
        return values[..., 0]
    if values.ndim == 3 and ((values != 0).sum(-1) == 1).all() and (values.shape[-1] != 3 or values.max() == 1):
        return (values != 0).argmax(-1).astype(np.uint8)
    if values.ndim == 3 and (values.shape[-1] != 3 or values.dtype != np.uint8):
        raise ImageFileError(
            "not labels", f"has {values.shape[-1]} bands; a mask has one, three colours, or one-hot ones"
        )
    return values
