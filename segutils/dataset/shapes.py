"""Drawn regions as annotations hold them: polygons, run lengths, and what becomes of boxes, ellipses and bitmaps."""

import base64
import binascii
import zlib
from typing import NamedTuple

import numpy as np

from segutils.dataset.files import MAX_BYTES
from segutils.dataset.images import open_known
from segutils.dataset.windows import MAX_PIXELS

BOXES, EMPTY = "holds boxes, and no outlines", "holds no annotation"


class Shape(NamedTuple):
    """One drawn region: polygons of x, y in pixels (in shares of the size if `relative`), or run lengths.

    label: class name, or number where the format has only numbers.
    holes: polygons that are cut out again.
    runs: (counts, (H, W)), column by column, first those outside; or None.
    crowd: many objects as one rough region.
    number: the region is where the sheet's picture of numbers holds this one; or None.
    """

    label: object
    polygons: tuple = ()
    holes: tuple = ()
    runs: tuple | None = None
    crowd: bool = False
    relative: bool = False
    number: int | None = None


class Sheet(NamedTuple):
    """The shapes of one image: what the file calls the image (or None), its size (H, W) if said, shapes.

    skipped: kinds of what was drawn and has no area, such as lines and points, one entry each.
    numbers: the PNG that holds the numbers of its shapes, where these have some.
    """

    image: str | None
    size: tuple | None
    shapes: list
    skipped: tuple = ()
    numbers: str | None = None


class Book(NamedTuple):
    """What one text file holds: its format, sheets, and {label: (value, name)} where the format says so.

    fault: why it has no shapes, although it is of this format; "" where it has some.
    """

    format: str
    sheets: list
    labels: dict
    fault: str = ""


def flat(numbers):
    """x, y, x, y, … or pairs as (n, 2) float."""
    return np.asarray(numbers, float).reshape(-1, 2)


def box(x, y, width, height):
    """The corners of a box."""
    return flat([x, y, x + width, y, x + width, y + height, x, y + height])


def ellipse(x, y, rx, ry, turn=0.0):
    """64 points of an ellipse around (x, y), turned by `turn` in radians."""
    angles = np.linspace(0, 2 * np.pi, 64, endpoint=False)
    along, across = rx * np.cos(angles), ry * np.sin(angles)
    return np.stack(
        [x + along * np.cos(turn) - across * np.sin(turn), y + along * np.sin(turn) + across * np.cos(turn)], 1
    )


def bitmap_runs(inside, size, left=0, top=0):
    """Run lengths of a small mask that lies in an image of a size (H, W), cut where it reaches beyond.

    Of an image of more than windows.MAX_PIXELS there are none: `drawing` says that it is too large.
    """
    if np.prod(size, dtype=float) > MAX_PIXELS:
        return [], tuple(size)
    whole = np.zeros(size, np.uint8)
    rows, columns = (slice(max(at, 0), max(at + n, 0)) for at, n in zip((top, left), inside.shape, strict=True))
    target = whole[rows, columns]
    part = inside[max(-top, 0) :, max(-left, 0) :]
    target[...] = part[: target.shape[0], : target.shape[1]] != 0
    ends = np.flatnonzero(np.diff(whole.ravel("F"), prepend=0)).tolist()
    return np.diff([0, *ends, whole.size]).tolist(), tuple(size)


def unpacked_runs(counts, shape):
    """Run lengths, row by row, first those outside, as (H, W) of 0 and 1. Raises: ValueError if they do not fill it."""
    if min(counts) < 0 or sum(counts) != np.prod(shape, dtype=float) or sum(counts) > MAX_PIXELS:
        raise ValueError(f"runs of {sum(counts):,} pixels for {shape[1]:,} × {shape[0]:,}")
    return np.repeat(np.arange(len(counts)) % 2, counts).reshape(shape)


def packed_bitmap(text, *, zipped=False):
    """A PNG in base64 (labelme's; zipped: Supervisely's) as (H, W) bool; of several channels the last, its alpha.

    Raises: ValueError if it is damaged, or larger than images may be.
    """
    try:
        content = base64.b64decode(text)
        if zipped:
            content = zlib.decompressobj().decompress(content, MAX_BYTES)
        values = np.asarray(open_known(content))
    except (binascii.Error, zlib.error, OSError) as error:
        raise ValueError(f"a bitmap is damaged ({error})") from None
    return (values[..., -1] if values.ndim == 3 else values) != 0


def brush_strokes(packed, size):
    """Label Studio's brush strokes, which are packed by bits, as (H, W) bool.

    32 bits count the values, 5 say how many bits (less one) a value has, four times 4 how many bits a length may have.
    Then come runs: is it one value, which of the four lengths, the length less one, the value or the values. Of the
    pixels' four values, the last is the ink.
    Raises: ValueError if they do not fill an image of this size (H, W).
    """
    bits, at = np.unpackbits(np.asarray(packed, np.uint8)), 0

    def take(count):
        nonlocal at
        if at + count > len(bits):
            raise ValueError("brush strokes break off")
        at += count
        return int("".join(map(str, bits[at - count : at])) or "0", 2)

    total, width, widths = take(32), take(5) + 1, [take(4) + 1 for _ in range(4)]
    if total != 4 * size[0] * size[1] or total > 4 * MAX_PIXELS:
        raise ValueError(f"brush strokes of {total} values for {size[1]} × {size[0]} pixels")
    inked, done = np.zeros(total, bool), 0
    while done < total:
        alike, count = take(1), take(widths[take(2)]) + 1
        ink = take(width) if alike else [take(width) for _ in range(min(count, total - done))]
        inked[done : done + count] = np.greater(ink, 0)
        done += count
    return inked.reshape(*size, 4)[..., 3]
