"""Do the outlines of a mask lie on the edges of its image? A shift of a few pixels is found."""

import numpy as np

REACH = 5  # pixels that outlines are moved; a best fit at the end of that is none
POINTS = 4_000  # of an outline that count
DEEP = 4  # pixels; a band of void along an outline is at most twice as wide
BRIGHTNESS = np.array([0.299, 0.587, 0.114], np.float32)  # as JPEG keeps it; hues it blurs by two pixels
SEARCHED = 2**24  # pixels of a mask in which bands are looked for


def edge_scores(image, codes):
    """How strong the edges of an image are along the outlines of its mask, moved by -REACH to REACH pixels.

    Where a band of void or of a border's own class follows an outline, this lies in the middle of the band.

    Args:
        image: (H, W, C) uint8.
        codes: (H, W) ints, classes or objects.
    Returns: (2 REACH + 1, 2 REACH + 1) float32, rows first, divided by their mean; None without outlines or edges.
    """
    grey = image @ BRIGHTNESS if image.shape[-1] == 3 else image.mean(-1, dtype=np.float32)
    moves, codes = np.arange(-REACH, REACH + 1), without_bands(codes)
    total, counted = np.zeros((len(moves), len(moves))), 0
    for axis in (0, 1):
        steps = np.sqrt(np.abs(np.diff(grey, axis=axis)))  # roots: a few glaring edges do not decide
        y, x = np.nonzero(np.diff(codes, axis=axis))
        room = [side - REACH for side in steps.shape]
        inner = (y >= REACH) & (x >= REACH) & (y < room[0]) & (x < room[1])
        y, x = y[inner], x[inner]
        every = max(1, len(y) // POINTS)
        y, x, counted = y[::every], x[::every], counted + len(y)
        if len(y):
            total += steps[y[:, None, None] + moves[:, None], x[:, None, None] + moves].sum(0, dtype=np.float64)
    return (total / total.mean()).astype(np.float32) if counted >= 100 and total.mean() > 0 else None


def without_bands(codes):
    """A mask (H, W) whose thin bands between two other values are shared out to these, each pixel to the nearer one.

    A line with the same value on both sides, such as a vessel, is no band.

    >>> without_bands(np.array([[0] * 9 + [255] * 2 + [1] * 9] * 90))[0].tolist() == [0] * 10 + [1] * 10
    True
    """
    values, lengths = np.unique(_sides(codes), return_counts=True)
    if len(values) < 3:
        return codes
    for value, length in sorted(zip(values, lengths, strict=True), key=lambda found: -found[1])[:3]:
        band = codes == value
        if codes.size <= SEARCHED and band.sum() <= DEEP * length:
            rows, columns = (np.flatnonzero(band.any(axis)) for axis in (1, 0))
            near = tuple(slice(max(at[0] - 1, 0), at[-1] + 2) for at in (rows, columns))
            codes = codes.copy()
            codes[near] = _shared_out(codes[near], band[near], length)
    return codes


def _sides(codes):
    """The values on both sides of all outlines of a mask."""
    steps = (codes[:, :-1], codes[:, 1:]), (codes[:-1], codes[1:])
    return np.concatenate([side[one != other] for one, other in steps for side in (one, other)])


def _shared_out(codes, band, length):
    """A mask without a band, or as it is if that is none. Args: length: of the band's outlines."""
    from scipy.ndimage import distance_transform_edt

    depth, nearest = distance_transform_edt(band, return_indices=True)
    usual = np.quantile(depth[band], 0.9)  # where two bands meet they are deeper
    if band.all() or usual > min(DEEP, 0.35 * np.sqrt(band.sum() / np.pi)):
        return codes
    without = codes[tuple(nearest)]
    left = sum((np.diff(without, axis=axis) != 0)[np.delete(band, -1, axis)].sum() for axis in (0, 1))
    return without if left >= 0.3 * length else codes


def shift_of(scores, *, least=0.25, most=0.5, sharp=0.4):
    """(rows, columns) that masks lie off their images, or (0, 0) if that can't be told.

    Args:
        scores: as edge_scores, of one pair or the mean of many.
        least: how far the best fit must rise above what lies around it.
        sharp: share of the rise that two pixels beside the best fit are lost; outlines drawn too wide fit broadly.
        most: share of this rise that the mask as it lies may reach; 1 believes any other place that fits better.
    """
    peak = np.unravel_index(np.argmax(scores), scores.shape)
    rise, here = scores[peak] - np.median(scores), scores[REACH, REACH] - np.median(scores)
    if rise < least or here > most * rise or not all(0 < at < 2 * REACH for at in peak):
        return 0, 0
    rows, columns = (np.abs(np.arange(len(scores)) - at) for at in peak)
    beside = scores[np.maximum(rows[:, None], columns) == 2]
    if scores[peak] - beside.mean() < sharp * rise:
        return 0, 0
    return int(REACH - peak[0]), int(REACH - peak[1])
