"""Which mask value means which class."""

from typing import NamedTuple

import numpy as np

from segutils.dataset.files import SetError
from segutils.metrics import VOID

MAX_CLASSES = 64
FREQUENT = 0.01  # share of all pixels from which on a value of soft masks counts as meant
GREY = 0x010101  # once packed, a grey pixel of a colour image is a multiple of this


def pack_colours(values):
    """Mask values as one int each: (H, W) as they are, colours (H, W, 3) as 65536 r + 256 g + b."""
    values = np.asarray(values)
    if values.ndim == 3:
        return values.astype(np.int64) @ [65536, 256, 1]
    return values.astype(np.int64)


def pack_colour(red, green, blue):
    """One colour, in numbers or their text, as pack_colours gives it."""
    return 65536 * int(red) + 256 * int(green) + int(blue)


def channels_of(codes, *, coloured=True):
    """Packed colours (…,) as (…, 3): red, green, blue; greys as (…, 1)."""
    codes = np.asarray(codes, np.int64)[..., None]
    return codes >> [16, 8, 0] & 255 if coloured else codes


def nearest_of(codes, known, *, coloured):
    """For each of N packed values the place in `known` of the nearest; of colours by the sum over the channels."""
    codes, known = (channels_of(some, coloured=coloured) for some in (codes, known))
    return np.stack([np.abs(codes - one).sum(-1) for one in known]).argmin(0)


def count_values(codes):
    """Packed values as {value: pixels}."""
    if codes.min() >= 0 and codes.max() < 65536:
        counts = np.bincount(codes.ravel())
        return {value: int(counts[value]) for value in np.flatnonzero(counts).tolist()}
    return dict(zip(*(some.tolist() for some in np.unique(codes, return_counts=True)), strict=True))


class Classes(NamedTuple):
    """Which mask value means which class.

    kind: "values" (grey or palette), "colours" (pack_colours RGB), "palettes" (the colours that these say), "objects"
        (one mask an object, or objects numbered in one: 0 or not), "layers" (one mask a class: where any is not 0), or
        of soft masks "nearest" and "nearest colours" (of the values the one that is nearest).
    values: pack_colours value of class 0, 1, ...; class 0 is background.
    void: pack_colours value of pixels that nobody labelled, or None.
    """

    kind: str
    values: tuple
    void: int | None = None

    @property
    def coloured(self):
        """True if values are colours."""
        return self.kind in ("colours", "palettes", "nearest colours")

    @property
    def meant(self):
        """The values and, last, that of void if there is one."""
        return self.values if self.void is None else (*self.values, self.void)

    def encode(self, values):
        """Class of each pixel, (H, W) uint8, VOID for void. Raises: ValueError that lists unknown values."""
        codes = self.codes(values)
        if self.kind.startswith("nearest"):
            found, where = np.unique(codes, return_inverse=True)
            classes = np.array([*range(len(self.values)), VOID], np.uint8)
            return classes[nearest_of(found, self.meant, coloured=self.coloured)][where].reshape(codes.shape)
        if self.kind == "objects":
            return (codes != 0).astype(np.uint8)
        known = np.array(self.values)
        order = np.argsort(known)
        at = order[np.clip(np.searchsorted(known, codes, sorter=order), 0, len(known) - 1)]
        encoded, right = at.astype(np.uint8), known[at] == codes
        if self.void is not None:
            encoded, right = np.where(codes == self.void, VOID, encoded).astype(np.uint8), right | (codes == self.void)
        if not right.all():
            strange = [self.show(v) for v in np.unique(codes[~right])[:5]]
            known = [self.show(v) for v in self.values]
            raise ValueError(f"expected mask values {', '.join(known)}, got {', '.join(strange)}")
        return encoded

    def codes(self, values):
        """Mask values packed alike: in a set of colours grey as a colour, else grey as it is and colours below 0."""
        codes = pack_colours(values)
        if self.coloured:
            return codes if values.ndim == 3 else codes * GREY
        if self.kind == "nearest" and values.ndim == 3:
            return values.mean(-1).round().astype(np.int64)
        return np.where(codes % GREY, -codes, codes // GREY) if values.ndim == 3 else codes

    def show(self, value):
        """A pack_colours value as people write it: 255, or #ff0000 for a colour."""
        return f"#{abs(int(value)):06x}" if self.coloured or value < 0 else str(int(value))


def learn_classes(values, coloured, *, void="auto", palette=False):
    """The classes of pack_colours mask values.

    Args:
        values: set of all values in all masks.
        coloured: True if they are colours.
        void: the value of pixels that nobody labelled, None, or "auto": 255 where the others are small numbers that
            count up, or are at least three up to 64, or belong to a palette.
        palette: True if the masks have one.
    Returns: Classes. Raises: SetError with more than MAX_CLASSES.
    """
    kind = "colours" if coloured else "values"
    others = sorted(value for value in values if value != 255)
    if void == "auto":
        counts_up = len(others) > 1 and others[-1] < 2 * len(others)
        small = len(others) > 2 and others[-1] <= 64
        beside = counts_up or small or (palette and len(others) > 1)
        void = 255 if kind == "values" and 255 in values and beside else None
    values = sorted(value for value in values if value != void)
    if len(values) > MAX_CLASSES:
        cure = "save masks as PNG and resize them with nearest-neighbour interpolation, join rare classes, or number "
        cure += "objects from 1 on in each mask"
        cure = "where each object has its own colour, save one for each class" if coloured else cure
        raise SetError(f"the masks hold {len(values)} values, at most {MAX_CLASSES} classes; {cure}")
    return Classes(kind, tuple(values), void)


def has_colour(values):
    """True if one of the pack_colours colours is not grey."""
    return any(value % GREY for value in values)


def layered(masks):
    """One mask a class → (H, W) uint8, class k + 1 where masks[k] is not 0; of several the one with fewer pixels.

    Args: masks: list of (H, W) or (H, W, 3) arrays of one size, None where a class has no mask.
    """
    drawn = [(k + 1, pack_colours(mask) != 0) for k, mask in enumerate(masks) if mask is not None]
    combined = np.zeros(drawn[0][1].shape, np.uint8)
    for number, inside in sorted(drawn, key=lambda one: -int(one[1].sum())):
        combined[inside] = number
    return combined
