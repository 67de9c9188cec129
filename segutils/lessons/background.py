"""Lesson 1 · Background: the explorer of a threshold, and the exercise `iou`."""

import numpy as np

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
        (random_mask(4, 6), random_mask(4, 6, seed=1)),
        (random_mask(9, 5, seed=2), random_mask(9, 5, seed=3)),
        (random_mask(4, 6), np.zeros((4, 6), bool)),
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
    ],
)
