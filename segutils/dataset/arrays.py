"""Images that are arrays: NumPy files, TIFF stacks, any number of bands, floats."""

import io
import struct
import warnings

import numpy as np

from segutils.dataset.files import MAX_BYTES, ImageFileError

MAX_BANDS = 16  # a last axis up to this long holds bands; slices lie along the first


def load(files, name):
    """A NumPy file; of (bands, H, W) too, for `one` turns that. Raises: ImageFileError."""
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
    if values.ndim == 4 and values.shape[1] <= MAX_BANDS < min(values.shape[2:]):
        values = np.moveaxis(values, 1, -1)  # as PyTorch has them: (slices, bands, H, W)
    return values


def is_odd_tiff(content):
    """True if each page holds one line of an image of a few bands, as tifffile writes an array (H, W, bands)."""
    import tifffile

    try:
        with tifffile.TiffFile(io.BytesIO(content)) as tiff:
            shape = tiff.series[0].shape if len(tiff.pages) > 1 else ()
    except tiff_damage():
        return False
    return len(shape) == 3 and shape[2] <= MAX_BANDS < min(shape[:2])


def load_tiff(content):
    """All that the first series of a TIFF holds: (H, W), (H, W, bands), (slices, H, W) or (slices, H, W, bands)."""
    import tifffile

    try:
        with warnings.catch_warnings(), tifffile.TiffFile(io.BytesIO(content)) as tiff:
            series = tiff.series[0]
            if np.prod(series.shape, dtype=np.int64) * series.dtype.itemsize > MAX_BYTES:
                raise ImageFileError("bomb", f"claims an array of {series.shape}; cut it into tiles")
            values = series.asarray()
            planes = series.axes.endswith("SYX") or (series.axes == "CYX" and len(tiff.pages) == 1)
    except tiff_damage() as error:
        if isinstance(error, ImageFileError):
            raise
        raise ImageFileError("truncated", f"breaks off or is damaged ({error}); copy it again") from None
    values = np.moveaxis(values, -3, -1) if planes else values
    if values.ndim not in (2, 3, 4) or not values.size:
        raise ImageFileError(
            "not an image", f"holds an array of {values.shape}; save slices of (H, W) or (H, W, bands)"
        )
    return values


DAMAGE = (OSError, ValueError, EOFError, IndexError, KeyError, TypeError, OverflowError, struct.error, RuntimeError)


def tiff_damage():
    """What reading a damaged TIFF may raise; tifffile's own error is no ValueError in its older versions."""
    import tifffile

    return (*DAMAGE, ArithmeticError, tifffile.TiffFileError)


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
    neither is scaled from its own darkest to its own brightest value. NaN and infinities become 0.
    """
    if values.dtype == np.uint8:
        return values
    if values.dtype == bool:
        return values.astype(np.uint8) * 255
    fractions = values.dtype.kind == "f"
    values = np.nan_to_num(values.astype(np.float64), posinf=0, neginf=0)
    low, high, whole = values.min(), values.max(), (values == np.round(values)).all()
    if fractions and low >= 0 and high <= 1:
        bottom, top = 0.0, 1.0
    elif low >= 0 and high <= 255 and (whole or high > 16):
        bottom, top = 0.0, 255.0
    elif low >= 0 and high <= 65535 and whole:
        bottom, top = 0.0, 65535.0
    else:
        bottom, top = low, high
    return np.clip((values - bottom) * 255 / (top - bottom), 0, 255).round().astype(np.uint8)


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
    if values.ndim == 3 and ((values != 0).sum(-1) == 1).all() and (values.shape[-1] > 3 or values.max() == 1):
        return (values != 0).argmax(-1).astype(np.uint8)
    if values.ndim == 3 and (values.shape[-1] != 3 or values.dtype != np.uint8):
        raise ImageFileError(
            "not labels", f"has {values.shape[-1]} bands; a mask has one, three colours, or one-hot ones"
        )
    return values
