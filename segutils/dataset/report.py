"""What a run leaves to keep: masks with the data set's own values, and overlays to look at."""

import re

import numpy as np

from segutils.metrics import VOID

TRUE, PREDICTED = (255, 255, 255), (238, 119, 51)  # as plots.show_outlines draws them


def file_name(number, key):
    """A name that is safe to write to, whatever a zip calls its images: "007_row1_coin2.png"."""
    return f"{number:03d}_{re.sub(r'[^A-Za-z0-9-]+', '_', key)[-60:]}.png"


def as_stored(mask, classes):
    """A class mask (H, W) with the values that the set's own masks have, so that both can be laid side by side.

    Args: classes: Classes. Values 0 and 1 alone are written as 0 and 255, to be seen.
    Returns: (H, W) uint8, or uint16 where values need it; (H, W, 3) uint8 for colours.
    """
    values = np.array([0, 255] if tuple(classes.values) == (0, 1) else classes.values)[np.asarray(mask)]
    if classes.coloured:
        return np.stack([values >> 16 & 255, values >> 8 & 255, values & 255], axis=-1).astype(np.uint8)
    return values.astype(np.uint8 if max(classes.values) < 256 else np.uint16)


def overlay(image, y_pred, y_true=None):
    """An image with the outlines of its masks: predicted orange and solid, true white and dashed.

    Args:
        image: (H, W, 1) or (H, W, 3) uint8.
        y_pred, y_true: (H, W) ints; VOID counts as background.
    Returns: (kH, kW, 3) uint8, k >= 1 so that the shorter side has at least about 200 pixels.
    """
    from skimage.segmentation import find_boundaries

    times = max(1, 256 // min(image.shape[:2]))
    enlarged = image.repeat(times, 0).repeat(times, 1)
    drawn = np.broadcast_to(enlarged, (*enlarged.shape[:2], 3)).copy()
    dash = np.indices(drawn.shape[:2]).sum(0) % 6 < 3
    for mask, colour, shown in ((y_true, TRUE, dash), (y_pred, PREDICTED, True)):
        if mask is not None:
            mask = np.where(mask == VOID, 0, mask).repeat(times, 0).repeat(times, 1)
            drawn[find_boundaries(mask, mode="inner") & shown] = colour
    return drawn
