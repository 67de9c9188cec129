"""Lesson 5 · Losses: the explorer of a soft blob, and the exercise `dice_loss`."""

import matplotlib.pyplot as plt
import numpy as np

from segutils import plots, reference
from segutils.lessons.answers import Exercise, random_mask

# The explorer


def blob_losses():
    """A true disk of radius 9 on 48×48 pixels, a soft blob that predicts it, and three scores of the blob per shift.

    Formula: p = confidence · σ((radius - distance from the blob's centre) / softness)
    Returns: draw(shift, radius, confidence, softness) → figure with cross-entropy, Dice loss and the IoU of p > 0.5.
    """
    figure, (left, middle, right) = plt.subplots(1, 3, figsize=(8.8, 3.1), layout="constrained")
    rows, columns = np.mgrid[:48, :48] - 23.5
    y_true = np.hypot(rows, columns) <= 9
    shifts = np.arange(-20, 21)
    distance = np.hypot(rows, columns - shifts[:, None, None])
    blob = left.imshow(y_true, cmap="gray", vmin=0, vmax=1, interpolation="nearest", extent=(-24, 24, 24, -24))
    outline = {"fill": False, "linewidth": 1.8}
    left.add_patch(plt.Circle((0, 0), 9, edgecolor=plots.COLOURS[6], linestyle="--", **outline))
    half = left.add_patch(plt.Circle((0, 0), 9, edgecolor=plots.COLOURS[4], **outline))
    left.set(xticks=[], yticks=[])
    for ax, dashes in ((middle, "-"), (right, ("-", "--"))):
        for dash, colour in zip(dashes, plots.COLOURS, strict=False):
            ax.plot(shifts, 1.0 + 0 * shifts, dash, color=colour)
        ax.set(xticks=[-20, 0, 20], xlabel="shift, pixels")
    middle.set(yscale="log", ylim=(0.008, 6), yticks=[0.01, 0.1, 1], yticklabels=["0.01", "0.1", "1"])
    middle.minorticks_off()
    right.set(ylim=(-0.05, 1.05), yticks=[0, 0.5, 1])
    points = [ax.plot([0], [1], "o", color="black", markersize=6)[0] for ax in (middle, right, right)]

    def draw(shift=6, radius=9, confidence=0.9, softness=1.5):
        inside = (radius - distance) / softness
        p = confidence * reference.sigmoid(inside)
        not_p = (1 - confidence) + confidence * reference.sigmoid(-inside)  # never rounds to 0, as 1 - p would
        cross_entropy = -np.log(np.where(y_true, p, not_p)).mean((1, 2))
        dice = reference.dice(np.broadcast_to(y_true, p.shape), p, axis=(1, 2))
        iou = (y_true & (p > 0.5)).sum((1, 2)) / (y_true | (p > 0.5)).sum((1, 2))
        at = int(np.searchsorted(shifts, shift))
        blob.set_data(p[at])
        half.set_center((shift, 0))
        half.set_visible(confidence > 0.5)
        half.set_radius(max(radius - softness * np.log(0.5 / max(confidence - 0.5, 1e-9)), 0))
        for line, point, values in zip(
            (middle.lines[0], *right.lines[:2]), points, (cross_entropy, dice, iou), strict=True
        ):
            line.set_ydata(values)
            point.set_data([shift], [values[at]])
        left.set_title(f"probability p\n- - truth, — p = 0.5 (peak {p[at].max():.2f})", fontsize=9)
        middle.set_title(f"cross-entropy {cross_entropy[at]:.3f}\n(logarithmic scale)", fontsize=9)
        right.set_title(f"— Dice loss {dice[at]:.3f}\n- - IoU of p > 0.5: {iou[at]:.2f}", fontsize=9)
        return figure

    return draw


# The exercise: dice_loss(y_true, y_pred), a batch of masks (B, H, W) → one loss per image


def _sums(y_true, y_pred):
    return [a.sum((1, 2)) for a in (y_true * y_pred, y_true**2, y_pred**2, y_true, y_pred)]


def _dice_loss(y_true, y_pred):
    return reference.dice(y_true, y_pred, axis=(1, 2), epsilon=1e-12)


def _one_minus(numerator, denominator):
    """One minus the fraction, and 0 where the denominator is 0."""
    positive = denominator > 0
    return np.where(positive, 1 - numerator / np.where(positive, denominator, 1), 0.0)


def _dice_variant(formula):
    """A wrong Dice loss, from formula(overlap, Σy², Σp², Σy, Σp) → numerator, denominator."""
    return lambda y_true, y_pred: _one_minus(*formula(*_sums(y_true, y_pred)))


def _random_probabilities(*shape, seed):
    return np.random.default_rng(seed).random(shape)


def _dice_over(*axis):
    """A wrong Dice loss that sums over other axes."""
    return lambda y_true, y_pred: reference.dice(y_true, y_pred, axis=axis, epsilon=1e-12)


exercise = Exercise(
    "dice_loss",
    solution=_dice_loss,
    cases=[
        (random_mask(1, 4, 6).astype(float), _random_probabilities(1, 4, 6, seed=1)),
        (_random_probabilities(3, 5, 4, seed=2), _random_probabilities(3, 5, 4, seed=3)),
        (random_mask(3, 3, 3, seed=4).astype(float), np.zeros((3, 3, 3))),
        (np.zeros((2, 4, 6)), np.zeros((2, 4, 6))),
    ],
    mistakes=[
        (
            "The squares are missing below: the article divides by Σ y² + Σ p².",
            _dice_variant(lambda o, yy, pp, y, p: (2 * o, y + p)),
        ),
        (
            "The square is taken of the sum, (Σ p)²; square each pixel first, then sum.",
            _dice_variant(lambda o, yy, pp, y, p: (2 * o, y**2 + p**2)),
        ),
        (
            "The factor 2 above is missing: a perfect prediction would lose 0.5.",
            _dice_variant(lambda o, yy, pp, y, p: (o, yy + pp)),
        ),
        (
            "That is the IoU form, Σyp / (Σy² + Σp² - Σyp); Dice is 2 Σyp / (Σy² + Σp²).",
            _dice_variant(lambda o, yy, pp, y, p: (o, yy + pp - o)),
        ),
        (
            "That is the overlap, 1 for a perfect prediction. A loss falls as things get better: take 1 minus it.",
            lambda t, p: 1 - _dice_loss(t, p),
        ),
        ("That is minus the overlap; the loss is 1 minus it.", lambda t, p: -(1 - _dice_loss(t, p))),
        (
            "You give one number for the whole batch: sum over rows and columns only, axis=(1, 2).",
            _dice_over(0, 1, 2),
        ),
        ("You average over the images; return one loss per image.", lambda t, p: _dice_loss(t, p).mean()),
        ("You sum over the columns only: the sums run over rows *and* columns, axis=(1, 2).", _dice_over(2)),
        ("You sum over the rows only: the sums run over rows *and* columns, axis=(1, 2).", _dice_over(1)),
        (
            "You sum over the batch and the rows: the batch must stay, rows and columns go, axis=(1, 2).",
            _dice_over(0, 1),
        ),
        (
            "Only the prediction is squared below; square the truth too, it may hold probabilities.",
            _dice_variant(lambda o, yy, pp, y, p: (2 * o, y + pp)),
        ),
        (
            "Two empty masks agree, yet you get NaN from 0/0: let that loss be 0.",
            lambda t, p: reference.dice(t, p, axis=(1, 2)),
        ),
        (
            "Two empty masks agree, so their loss is 0 and not 1.",
            lambda t, p: np.nan_to_num(reference.dice(t, p, axis=(1, 2)), nan=1.0),
        ),
    ],
)
