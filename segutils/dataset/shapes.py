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
    fault: why it can't be read, and then it has nothing else; "".
    """

    label: object = None
    polygons: tuple = ()
    holes: tuple = ()
    runs: tuple | None = None
    crowd: bool = False
    relative: bool = False
    number: int | None = None
    fault: str = ""


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
    damaged: the fault is that it can't be read.
    """

    format: str
    sheets: list
    labels: dict
    fault: str = ""
    damaged: bool = False


# What reading a text raises where it is null, missing, text instead of a number, or nested in another way
WRONG = (KeyError, TypeError, ValueError, IndexError, AttributeError, StopIteration, OverflowError, ZeroDivisionError)


def why(error):
    """One of WRONG in words."""
    if isinstance(error, KeyError):
        return f"{error} is missing"
    return str(error) if isinstance(error, TextError) else "something is null, of another kind or not in its place"


class TextError(ValueError):
    """An annotation that says something that can't be; its text says what."""


def region(read, one, *about):
    """The Shape (or None) that `read` makes of one entry; where that can't be read, a Shape with the fault alone."""
    try:
        shape = read(one, *about)
        if shape is not None and (not isinstance(shape.label, int | str) or isinstance(shape.label, bool)):
            raise TextError(f"its label is {shape.label!r}")
        counts = np.asarray(shape.runs[0] if shape and shape.runs else ())
        if counts.size and (counts.ndim != 1 or counts.dtype.kind not in "iu"):
            raise TextError("its run lengths are no whole numbers")
    except WRONG as error:
        shown = str(getattr(one, "attrib", one))
        shown = shown[:80] + "…" * (len(shown) > 80)
        return Shape(fault=f"holds a region that can't be read ({why(error)}): {shown}")
    return shape


def said_size(height, width):
    """(H, W) as an annotation says it; None where it says none that can be: then the image itself is measured."""
    try:
        size = int(height), int(width)
    except (TypeError, ValueError, OverflowError):
        return None
    return size if min(size) > 0 else None


def class_name(one):
    """The name of a class as text. Raises: TextError if it is none."""
    if not isinstance(one["name"], str | int):
        raise TextError(f"a class has the name {one['name']!r}")
    return str(one["name"])


def needed(size):
    """A size that a bitmap can't be placed without. Raises: TextError."""
    if size is None:
        raise TextError("it does not say the image's height and width")
    return size


def of_book(book):
    """A Book whose images have names as paths with "/", and whose outlines without area are among the skipped."""

    def path(name):
        return None if name is None else str(name).replace("\\", "/")

    sheets = []
    for sheet in book.sheets:
        drawn = [shape for shape in sheet.shapes if shape.fault or not _is_empty(shape)]
        skipped = (*sheet.skipped, *["outline of fewer than three points"] * (len(sheet.shapes) - len(drawn)))
        sheets.append(Sheet(path(sheet.image), sheet.size, drawn, skipped, path(sheet.numbers)))
    return book._replace(sheets=sheets)


def _is_empty(shape):
    return shape.runs is None and shape.number is None and not any(len(ring) > 2 for ring in shape.polygons)


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


def run_lengths(counts):
    """COCO's run lengths, as a list or packed into text, five bits a character."""
    if not isinstance(counts, str | bytes):
        return list(counts)
    text, unpacked, at = counts.encode() if isinstance(counts, str) else counts, [], 0
    while at < len(text):
        number, shift, more = 0, 0, True
        while more:
            code = text[at] - 48
            number |= (code & 31) << shift
            more, at, shift = bool(code & 32), at + 1, shift + 5
        if code & 16:
            number |= -1 << shift
        unpacked.append(number + unpacked[-2] if len(unpacked) > 2 else number)
    return unpacked


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
