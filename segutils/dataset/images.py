"""Decoding: one file → an image (H, W, C) or a mask's values, as they are stored."""

import io
import re
import struct
from pathlib import PurePosixPath

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from segutils.dataset import arrays, deep, tiffs, tiles, windows
from segutils.dataset.files import ARRAYS, FORMATS, ImageFileError
from segutils.metrics import VOID
from segutils.plumbing.storage import atomic_write

STRANGE = {  # what lies where an image should, by its first bytes
    b"version https://git-lfs": "is a pointer of Git LFS to an image: fetch it by `git lfs pull`",
    b"/annex/objects/": "is a pointer of git-annex to an image: fetch it by `git annex get`",
    b"../": "is a link to an image, not the image: copy the file that it names",
    b".git/annex": "is a link of git-annex to an image: fetch it by `git annex get`",
    b"<!doctype html": "is a web page, not the image: download it again",
    b"<html": "is a web page, not the image: download it again",
}
LARGER = "upright, in a folder and with a mask of its size it is read in tiles"

ADE = re.compile(r"(^|/)ADE_[a-z]+_\d{8}_seg\.png$")  # groups.csail.mit.edu/vision/datasets/ADE20K

# What Pillow raises for damaged files, found by damaging thousands of them
DAMAGE = (OSError, SyntaxError, ValueError, EOFError, IndexError, KeyError, TypeError, OverflowError, struct.error)


def open_image(files, name, *, mask=False):
    """A decoded file: a PIL image, or an array (H, W) or (H, W, bands) where Pillow knows no such image.

    Of a stack, name#3 is slice 3 and name#* all slices as the bands of one image; the bare name is the first slice.
    A tile of a large image has a name of tiles.NAME.
    mask: what is asked for is a mask, whose tiles and pages are read as they are stored; `mask_values` does the rest.
    Raises: ImageFileError, with what is wrong and how to cure it; at most windows.MAX_PIXELS are read.
    """
    if at := tiles.place(files, name):
        return tiles.read(files, *at, mask=mask)
    path, page = split_page(files, name)
    if path.endswith(ARRAYS):
        return arrays.one(arrays.load(files, path), page)
    content = files.read_again(path) if page else files.read(path)
    if not content:
        raise ImageFileError("empty file", "has no bytes; copy it again")
    tiff = FORMATS.get(PurePosixPath(path).suffix.lower()) == "TIFF"
    if tiff and (page or tiffs.needs_load(content, mask=mask)):
        return tiffs.load(content, page)
    try:
        opened = open_known(content)
        return deep.mask(content, opened.format) if mask and opened.info[deep.CUT] else opened
    except UnidentifiedImageError:
        if tiff and content[:2] in (b"II", b"MM"):
            return tiffs.load(content, page)
        for start, what in STRANGE.items():
            if content[:100].lstrip().lower().startswith(start):
                raise ImageFileError("not an image", what) from None
        known = ", ".join(sorted(set(FORMATS.values())))
        raise ImageFileError("not an image", f"can't be read as {known}") from None


def split_page(files, name):
    """A file's name without its slice, and the slice: None, a number, or "*"."""
    found = None if name in files.known else re.fullmatch(r"(.*)#(\d+|\*)", name)
    return (name, None) if found is None else (found[1], found[2])


def open_known(content):
    """The bytes of an image, decoded by Pillow. Raises: ImageFileError; UnidentifiedImageError, an OSError."""
    try:
        opened = Image.open(io.BytesIO(content), formats=sorted(set(FORMATS.values())))
        if opened.width * opened.height > windows.MAX_PIXELS:
            size = f"{opened.width:,} × {opened.height:,} pixels"
            raise ImageFileError("bomb", f"claims {size}, at most {windows.MAX_PIXELS:,} are read whole; {LARGER}")
        opened.info[deep.CUT] = deep.is_cut(opened)
        getattr(opened, "n_frames", 1)  # finds damage behind the first frame, and in the tags
        opened.load()
        opened.getexif()
    except (ImageFileError, UnidentifiedImageError):
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise ImageFileError("bomb", f"claims far more than {windows.MAX_PIXELS:,} pixels; {LARGER}") from None
    except DAMAGE as error:
        raise ImageFileError("truncated", f"breaks off or is damaged ({error}); copy it again") from None
    return opened


def read_image(files, name, *, channels=3):
    """An image as (H, W, channels) uint8: upright by its EXIF tag, 16 bit and floats scaled to 8, alpha dropped.

    channels: 1 for grey, 3 for colour (of more bands the first three), or the number of bands that the file has.
    """
    return image_values(open_image(files, name), channels=channels)


def image_values(opened, *, channels=3):
    """A decoded image as read_image."""
    if isinstance(opened, np.ndarray):
        return arrays.with_channels(arrays.to_bytes(opened), channels)
    opened = ImageOps.exif_transpose(opened)
    if opened.mode.startswith(("I", "F")):
        opened = Image.fromarray(arrays.to_bytes(np.asarray(opened)))
    grey = channels == 1 or (channels != 3 and len(opened.getbands()) == 1)
    values = np.asarray(opened.convert("L" if grey else "RGB"))
    return arrays.with_channels(values.reshape(*values.shape[:2], -1), channels)


def mask_values(opened, name="", *, by_colour=False):
    """A decoded mask's values as they are stored: (H, W) ints, or (H, W, 3) for colours; -1 and NaN, void, as VOID.

    ADE20K's full release, told by its name, has numbers of classes in red and green, and of objects in blue.
    by_colour: read the colours of a palette instead of its numbers.
    Raises: ImageFileError if it holds fractions or other numbers below 0.
    """
    if isinstance(opened, np.ndarray):
        values = arrays.labels(opened)
    else:
        as_mode = {"LA": "L", "La": "L", "PA": "P", "1": "L"} | ({"P": "RGB", "PA": "RGB"} if by_colour else {})
        if opened.mode in as_mode or len(opened.getbands()) > 1:
            opened = opened.convert(as_mode.get(opened.mode, "RGB"))
        values = tiffs.stored(opened)
    if values.ndim == 3 and ADE.search(name):
        values = values[..., 0] // np.uint16(10) * 256 + values[..., 1]
    if values.dtype.kind == "f":
        values = np.where(np.isnan(values), -1, values)
        if not (np.isfinite(values) & (values == np.round(values))).all():
            wrong = "fractions" if np.isfinite(values).all() else "infinity"
            raise ImageFileError(
                "not labels", f"holds {wrong}; labels are whole numbers, and NaN where nobody labelled"
            )
        values = values.astype(np.int64)
    if values.dtype.kind == "i" and values.min(initial=0) < 0:
        if values.min() < -1:
            text = f"holds {values.min()}; labels are 0 or more, and -1 where nobody labelled"
            raise ImageFileError("not labels", text)
        if (values == VOID).any():
            text = f"holds {VOID} beside NaN or -1, which are read as {VOID}, void; give that class another number"
            raise ImageFileError("not labels", text)
        values = np.where(values < 0, VOID, values)
    return values


def has_unlabelled(opened):
    """True if a decoded mask has -1 or NaN, for pixels that nobody labelled."""
    values = opened if isinstance(opened, np.ndarray) else np.asarray(opened if opened.mode in "IF" else 0)
    return bool((np.isnan(values) | (values == -1)).any()) if values.dtype.kind in "if" else False


def save_image(path, values, *, fast=False):
    """Write (H, W) or (H, W, 3) as an image, all or nothing; uint8, or uint16 for grey.

    fast: of a photograph a PNG takes a quarter of the time, and a tenth more room.
    """
    with atomic_write(path) as temporary:
        Image.fromarray(np.asarray(values)).save(temporary, **({"compress_level": 1} if fast else {}))
