"""Masks with soft edges, from JPEG or interpolation: which of their values were meant."""

from collections import Counter

import numpy as np

from segutils.dataset.classes import FREQUENT, MAX_CLASSES, Classes, channels_of, count_values, nearest_of
from segutils.dataset.drawing import read_mask
from segutils.dataset.files import SetError
from segutils.dataset.loading import in_parallel

RIPPLE = 16  # levels around a true value, in each channel, that JPEG invents
ALIKE = 8  # levels by which one colour may differ from file to file
MOST = 256  # colours that are told apart; of noise there are more


def learn(files, usable, void, *, coloured):
    """The Classes of soft masks, and their Examined with each value counted as the class's that it is nearest to.

    A value was meant if it fills areas, or else if it is frequent and no mixture of two others.
    Args:
        usable: list of Examined.
        void: value of pixels that nobody labelled, None or "auto".
        coloured: True if values are pack_colours colours.
    Raises: SetError if no value is frequent.
    """
    total = Counter()
    for one in usable:
        total.update(one.values)
    frequent = _frequent(total, total.total())
    if coloured or max(frequent, default=0) > MAX_CLASSES:
        meant = _meant(
            files, usable, _frequent(_clusters(total, coloured), total.total()) if coloured else frequent, coloured
        )
    else:
        meant = sorted(frequent)  # numbers of classes, which are no ripples of each other
    if not 0 < len(meant) <= MAX_CLASSES:
        raise SetError(f"the masks hold {len(total)} values, {len(meant)} of them frequent; are these masks?")
    void = None if void == "auto" else void
    if void is not None:
        near = meant[nearest_of([void], meant, coloured=coloured)[0]]
        void = near if _apart(near, void, coloured) <= RIPPLE else void
    kind = "nearest colours" if coloured else "nearest"
    classes = Classes(kind, tuple(value for value in meant if value != void), void)
    return classes, [one._replace(values=_mended(one.values, classes)) for one in usable]


def names_near(classes, listed):
    """{value: name} of soft colours that are near a colour of a list. Args: listed: {packed colour: name}."""
    known = sorted(listed)
    near = {value: known[nearest_of([value], known, coloured=True)[0]] for value in classes.values if known}
    return {value: listed[one] for value, one in near.items() if _apart(one, value, True) <= RIPPLE}


def flat_values(codes, *, coloured):
    """{packed value: pixels that are like all eight around them} of a mask (H, W)."""
    from scipy import ndimage

    channels = channels_of(codes, coloured=coloured)
    low, high = (some(channels, size=(3, 3, 1)) for some in (ndimage.minimum_filter, ndimage.maximum_filter))
    flat = codes[((high - low) <= RIPPLE).all(-1)]
    return count_values(flat) if flat.size else {}


def _frequent(counted, pixels):
    """The values of at least a share FREQUENT of some pixels, the most frequent first."""
    often = {value: n for value, n in counted.items() if n >= FREQUENT * pixels}
    return dict(sorted(often.items(), key=lambda item: -item[1]))


def _meant(files, usable, frequent, coloured):
    """Values that fill areas, then frequent ones that are neither like these nor mixtures of two."""
    as_classes, flat = Classes("colours" if coloured else "nearest", ()), Counter()

    def work(one):
        return flat_values(as_classes.codes(read_mask(files, one.pair.mask)), coloured=coloured)

    for some in in_parallel(work, usable):
        flat.update(some)
    some = sum(sum(one.values.values()) for one in usable) / 10  # of noise, what is flat says nothing
    meant = list(_frequent(_clusters(flat, coloured), max(flat.total(), some)))
    for value in frequent:
        apart = all(_apart(value, other, coloured) > RIPPLE for other in meant)
        if apart and not (coloured and _is_mixture(value, meant)):
            meant.append(value)
    return sorted(meant)


def _clusters(counted, coloured):
    """{value: pixels of all that are like it}: from the most frequent value down, each with its ripples."""
    values, pixels = (np.array(some, np.int64) for some in (list(counted), list(counted.values())))
    channels, clusters = channels_of(values, coloured=coloured), {}
    while len(values) and len(clusters) < MOST:
        peak = pixels.argmax()
        apart = np.abs(channels - channels[peak]).max(-1)
        own = (apart <= ALIKE) | ((apart <= RIPPLE) & (10 * pixels < pixels[peak]))
        clusters[int(values[peak])] = int(pixels[own].sum())
        values, pixels, channels = values[~own], pixels[~own], channels[~own]
    return clusters


def _is_mixture(colour, others):
    """True if JPEG or interpolation makes a colour of two others: its hue between theirs, and its light as well."""
    here, ends = _light_and_hue([colour])[0], _light_and_hue(others)
    for i, start in enumerate(ends):
        ways, way = ends[i + 1 :] - start, here - start
        share = (ways[:, 1:] @ way[1:]) / np.maximum((ways[:, 1:] ** 2).sum(-1), 1)
        off = np.abs(way[1:] - np.clip(share, 0, 1)[:, None] * ways[:, 1:]).max(-1)
        low, high = np.minimum(ways[:, 0], 0), np.maximum(ways[:, 0], 0)
        if ((off <= ALIKE) & (low - ALIKE <= way[0]) & (way[0] <= high + ALIKE)).any():
            return True
    return False


def _light_and_hue(colours):
    """Packed colours as JPEG has them, (N, 3): brightness, and how far blue and red lie from it."""
    red, green, blue = channels_of(colours).T
    light = 0.299 * red + 0.587 * green + 0.114 * blue
    return np.stack([light, 0.564 * (blue - light), 0.713 * (red - light)], axis=-1)


def _apart(value, other, coloured):
    """By how much two packed values differ, in the channel where they differ most."""
    return int(np.abs(np.subtract(*channels_of([value, other], coloured=coloured))).max())


def _mended(values, classes):
    """{value: pixels} with the pixels of each value at the class that is nearest."""
    meant, mended = classes.meant, Counter()
    for value, at in zip(values, nearest_of(list(values), meant, coloured=classes.coloured), strict=True):
        mended[meant[at]] += values[value]
    return dict(mended)
