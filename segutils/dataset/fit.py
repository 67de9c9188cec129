"""Do the outlines of a mask lie on the edges of its image? A shift of a few pixels is found."""

import numpy as np

REACH = 5  # pixels that outlines are moved; a best fit at the end of that is none
POINTS = 4_000  # of an outline that count


def edge_scores(image, codes):
    """How strong the edges of an image are along the outlines of its mask, moved by -REACH to REACH pixels.

    Args:
        image: (H, W, C) uint8.
        codes: (H, W) ints, classes or objects.
    Returns: (2 REACH + 1, 2 REACH + 1) float32, rows first, divided by their mean; None without outlines or edges.
    """
    grey = image[..., 0].astype(np.float32) if image.shape[-1] == 1 else image.mean(-1, dtype=np.float32)
    moves = np.arange(-REACH, REACH + 1)
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
