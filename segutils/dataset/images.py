"""Decoding: one file → an image (H, W, C) or a mask's values, as they are stored."""

import io
import struct

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from segutils.dataset.files import FORMATS, ImageFileError
from segutils.plumbing.storage import atomic_write

MAX_PIXELS = 89_000_000  # just below the size that Pillow warns of


# What Pillow raises for damaged files, found by damaging thousands of them
DAMAGE = (OSError, SyntaxError, ValueError, EOFError, IndexError, KeyError, TypeError, OverflowError, struct.error)


def open_image(files, name):
    """A decoded PIL image of at most MAX_PIXELS. Raises: ImageFileError, with what is wrong and how to cure it."""
    content = files.read(name)
    if not content:
        raise ImageFileError("empty file", "has no bytes; copy it again")
    known = sorted(set(FORMATS.values()))
    try:
        opened = Image.open(io.BytesIO(content), formats=known)
        if opened.width * opened.height > MAX_PIXELS:
            size = f"{opened.width:,} × {opened.height:,} pixels"
            raise ImageFileError("bomb", f"claims {size}, at most {MAX_PIXELS:,} are read; cut it into tiles")
        getattr(opened, "n_frames", 1)  # finds damage behind the first frame, and in the tags
        opened.load()
        opened.getexif()
    except ImageFileError:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise ImageFileError("bomb", f"claims far more than {MAX_PIXELS:,} pixels; cut it into tiles") from None
    except UnidentifiedImageError:
        raise ImageFileError("not an image", f"can't be read as {', '.join(known)}") from None
    except DAMAGE as error:
        raise ImageFileError("truncated", f"breaks off or is damaged ({error}); copy it again") from None
    return opened


def read_image(files, name, *, channels=3):
    """An image as (H, W, channels) uint8: upright by its EXIF tag, 16 bit scaled to 8, alpha dropped."""
    return image_values(open_image(files, name), channels=channels)


def image_values(opened, *, channels=3):
    """A PIL image as read_image."""
    opened = ImageOps.exif_transpose(opened)
    if opened.mode.startswith(("I", "F")):
        values = np.nan_to_num(np.asarray(opened, np.float64), posinf=0, neginf=0)
        top = 65535.0 if opened.mode.startswith("I") and values.max() > 255 else 255.0
        opened = Image.fromarray(np.clip(values * 255 / top, 0, 255).round().astype(np.uint8))
    return np.asarray(opened.convert("L" if channels == 1 else "RGB")).reshape(opened.height, opened.width, channels)


def read_mask(files, name):
    """A mask's values as they are stored: (H, W) ints for grey, palette, 16 bit and 1 bit, (H, W, 3) for colours.

    Raises: ImageFileError if it can't be read or holds fractions.
    """
    return mask_values(open_image(files, name))


def mask_values(opened):
    """A PIL image as read_mask."""
    as_mode = {"LA": "L", "La": "L", "PA": "P", "1": "L"}
    if opened.mode in as_mode or len(opened.getbands()) > 1:
        opened = opened.convert(as_mode.get(opened.mode, "RGB"))
    values = np.asarray(opened)
    if values.dtype.kind == "f":
        if not (np.isfinite(values) & (values == np.round(values))).all():
            raise ImageFileError("not labels", "holds fractions; labels are whole numbers")
        values = values.astype(np.int64)
    return values


def save_image(path, values):
    """Write (H, W) or (H, W, 3) as an image, all or nothing; uint8, or uint16 for grey."""
    with atomic_write(path) as temporary:
        Image.fromarray(np.asarray(values)).save(temporary)
