"""Lesson 1 · Background: the explorer of a threshold, and the exercises `iou` and `boxes_of`."""

import numpy as np
from scipy.ndimage import label
from skimage import measure

from segutils import plots
from segutils.lessons.answers import Exercise, random_mask

# The explorer


def threshold_overlay(image, y_true):
    """An image, the mask of a threshold laid over it, and the IoU of that mask with the truth.

    Args:
        image: (H, W) or (H, W, 1) uint8.
        y_true: (H, W) bool, the pixels that are ink.
    Returns: draw(threshold, opacity) → figure.
    """
    image = np.squeeze(image)
    left, middle, right = plots.grid(1, 3, size=2.6)[0]
    figure = left.figure
    plots.show_image(left, image, title="image")
    show_mask = plots.show_overlay(middle, image, y_true, title="mask")
    show_agreement = plots.show_agreement(right, y_true, y_true, title="IoU 0.00\nmissed, too much")

    def draw(threshold=100, opacity=0.5):
        y_pred = image > threshold
        show_mask(y_pred, opacity)
        middle.set_title(f"image > {threshold}", fontsize=9)
        show_agreement(y_pred)
        both, missed, too_much = (y_true & y_pred).sum(), (y_true & ~y_pred).sum(), (y_pred & ~y_true).sum()
        iou = both / max(both + missed + too_much, 1)
        right.set_title(f"IoU {iou:.2f}\n· missed {missed}, × too much {too_much}", fontsize=9)
        return figure

    return draw


# The exercise: iou(y_true, y_pred), two bool masks → their IoU


def _iou(y_true, y_pred):
    union = (y_true | y_pred).sum()
    return (y_true & y_pred).sum() / union if union else 1.0


def _share(part, whole):
    return part.sum() / whole.sum() if whole.sum() else 1.0


exercise = Exercise(
    "iou",
    solution=_iou,
    cases=[
        (random_mask(4, 6), random_mask(4, 6, seed=8)),
        (random_mask(9, 5, seed=2), random_mask(9, 5, seed=3)),
        (random_mask(4, 6), np.zeros((4, 6), bool)),
        (np.zeros((4, 6), bool), random_mask(4, 6, seed=4)),
        (np.zeros((4, 6), bool), np.zeros((4, 6), bool)),
    ],
    mistakes=[
        (
            "That is the pixel accuracy: it also counts the background on which both agree. IoU looks only "
            "at pixels that are in at least one mask.",
            lambda t, p: (t == p).mean(),
        ),
        (
            "That is the Dice coefficient, 2·|A∩B| / (|A| + |B|). IoU divides the intersection by the union.",
            lambda t, p: 2 * (t & p).sum() / (t.sum() + p.sum()) if t.any() or p.any() else 1.0,
        ),
        (
            "The intersection is counted twice in the denominator: |A| + |B| is not the union. Subtract the "
            "intersection once, or use `|`.",
            lambda t, p: (t & p).sum() / (t.sum() + p.sum()) if t.any() or p.any() else 1.0,
        ),
        (
            "That is the recall: you divide by the true mask only, so a prediction that covers everything "
            "would be perfect.",
            lambda t, p: _share(t & p, t),
        ),
        ("That is the precision: you divide by the predicted mask only.", lambda t, p: _share(t & p, p)),
        (
            "That is 1 - IoU, the share of pixels that are in *one* mask only (exclusive or). The intersection is `&`.",
            lambda t, p: _share(t ^ p, t | p),
        ),
        ("You divide by all pixels. Divide by the pixels of the union.", lambda t, p: (t & p).mean()),
        (
            "Two empty masks agree fully, yet you get NaN from 0/0. Return 1.0 when the union is empty.",
            lambda t, p: (t & p).sum() / (t | p).sum(),
        ),
        (
            "Two empty masks agree fully: return 1.0 when the union is empty, not 0.",
            lambda t, p: (t & p).sum() / max((t | p).sum(), 1),
        ),
        (
            "Where only the true mask is empty, all that was predicted is wrong: 0. Return 1.0 when *both* are empty.",
            lambda t, p: _iou(t, p) if t.any() else 1.0,
        ),
    ],
)


# The second exercise: boxes_of(instances), an instance mask → (N, 4) boxes: top, left, bottom, right


def _boxes_of(instances, numbers=None, ends=0):
    """Boxes of objects: their first and last rows and columns, `ends` added to the last ones."""
    boxes = []
    for number in np.unique(instances)[1:] if numbers is None else numbers:
        rows, columns = np.nonzero(instances == number)
        boxes.append([rows.min(), columns.min(), rows.max() + ends, columns.max() + ends])
    return np.array(boxes)


def _boxes_of_pieces(instances):
    pieces, count = label(instances > 0, structure=np.ones((3, 3)))
    return _boxes_of(pieces, numbers=range(1, count + 1))


def _boxes_of_pieces_of_objects(instances):
    pieces, count = measure.label(instances, return_num=True)
    return _boxes_of(pieces, numbers=range(1, count + 1))


def _objects(*rectangles, shape=(8, 11)):
    """An instance mask of rectangles (number, top, left, bottom, right), the later on top of the earlier."""
    mask = np.zeros(shape, int)
    for number, top, left, bottom, right in rectangles:
        mask[top : bottom + 1, left : right + 1] = number
    return mask


second_exercise = Exercise(
    "boxes_of",
    solution=_boxes_of,
    cases=[
        (_objects((1, 1, 2, 3, 3), (2, 5, 6, 6, 9)),),
        (_objects((1, 4, 1, 5, 8), (2, 0, 3, 2, 10), (3, 7, 0, 7, 2), shape=(9, 12)),),
        (_objects((2, 1, 1, 4, 4), (5, 1, 5, 6, 7), (9, 7, 9, 7, 9)),),
        # Objects that are no rectangles: one covers the corners of another, and the middle of a third
        (_objects((3, 1, 0, 3, 9), (1, 4, 2, 6, 6), (4, 4, 2, 4, 2), (4, 1, 4, 4, 6), (4, 6, 6, 7, 8)),),
    ],
    mistakes=[
        (
            "The background is no object: leave out the number 0, or it gets a box of its own.",
            lambda mask: _boxes_of(mask, numbers=np.unique(mask)),
        ),
        (
            "Columns stand before rows: the order is top, left, bottom, right.",
            lambda mask: _boxes_of(mask)[:, [1, 0, 3, 2]],
        ),
        (
            "The ends are one too large: bottom and right are the last row and column that belong to the object.",
            lambda mask: _boxes_of(mask, ends=1),
        ),
        (
            "The last two numbers are height and width; give the last row and the last column instead.",
            lambda mask: np.hstack([_boxes_of(mask)[:, :2], _boxes_of(mask)[:, 2:] - _boxes_of(mask)[:, :2] + 1]),
        ),
        (
            "Every box is that of all objects together: look at the pixels where the mask equals one number.",
            lambda mask: np.repeat(_boxes_of(mask > 0, numbers=[True]), len(np.unique(mask)) - 1, axis=0),
        ),
        (
            "Objects that touch come out as one: not connected pieces but the numbers tell them apart.",
            _boxes_of_pieces,
        ),
        (
            "Top and bottom, and left and right, have changed places: row 0 is at the top of an image.",
            lambda mask: _boxes_of(mask)[:, [2, 3, 0, 1]],
        ),
        (
            "The order is top, bottom, left, right; wanted is top, left, bottom, right.",
            lambda mask: _boxes_of(mask)[:, [0, 2, 1, 3]],
        ),
        (
            "The boxes stand in the order in which the objects lie in the image; their numbers give the order.",
            lambda mask: _boxes_of(mask, numbers=[n for n in dict.fromkeys(mask.ravel()) if n]),
        ),
        (
            "Those are an object's first and last pixel in reading order; it may reach further to either side.",
            lambda mask: np.hstack([[np.argwhere(mask == n)[i] for n in np.unique(mask)[1:]] for i in (0, -1)]),
        ),
        (
            "An object that another one covers in the middle is in pieces, and you give each a box: it has one number.",
            _boxes_of_pieces_of_objects,
        ),
    ],
)
