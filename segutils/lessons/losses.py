"""Lesson 5 · Losses: the explorer of a soft blob, and the exercises `dice_loss` and `focal_loss`."""

import matplotlib.pyplot as plt
import numpy as np

from segutils import plots, reference
from segutils.lessons.answers import Exercise, random_mask
from segutils.lessons.losses_figures import CE_COLOUR, DICE_COLOUR, IOU_COLOUR

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
    for ax, dash, colour in ((middle, "-", CE_COLOUR), (right, "--", DICE_COLOUR), (right, ":", IOU_COLOUR)):
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
        right.set_title(f"- - Dice loss {dice[at]:.3f}\n···· IoU of p > 0.5: {iou[at]:.2f}", fontsize=9)
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


def _some_empty():
    """A batch of three: only the truth is empty, both are, neither is."""
    y_true, y_pred = random_mask(3, 4, 6, seed=5).astype(float), _random_probabilities(3, 4, 6, seed=6)
    return y_true * [[[0]], [[0]], [[1]]], y_pred * [[[1]], [[0]], [[1]]]


def _of_filled(y_true, y_pred, filled):
    """A wrong Dice loss: 0 where not `filled`, else the right one, NaN for two empty masks."""
    return np.where(filled, reference.dice(y_true, y_pred, axis=(1, 2)), 0)


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
        _some_empty(),
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
            "An image whose true mask alone is empty has the loss 1: all that was predicted is wrong. Only if *both* "
            "masks are empty it is 0.",
            lambda t, p: _of_filled(t, p, t.any((1, 2))),
        ),
        (
            "You ask whether the whole batch is empty, so one image of two empty masks among others still gives NaN.",
            lambda t, p: _of_filled(t, p, t.any() or p.any()),
        ),
        (
            "Two empty masks agree, so their loss is 0 and not 1.",
            lambda t, p: np.nan_to_num(reference.dice(t, p, axis=(1, 2)), nan=1.0),
        ),
    ],
)


# The second exercise: focal_loss(labels, logits, gamma), labels (H, W) and logits (H, W, C) → one number


def _log_softmax(logits, axis=-1):
    shifted = logits - logits.max(axis, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis, keepdims=True))


def _of_true_class(labels, values):
    return np.take_along_axis(values, labels[..., None], axis=-1)[..., 0]


def _focal_terms(p, log_p, gamma):
    return (1 - p) ** gamma * -log_p


def _focal_variant(terms=_focal_terms, *, log_softmax=_log_softmax, pick=_of_true_class, total=np.mean, gamma=None):
    """The loss, but for what is given here: a wrong one, or the right one."""

    def loss(labels, logits, g):
        log_p = pick(labels, log_softmax(logits))
        return total(terms(np.exp(log_p), log_p, g if gamma is None else gamma))

    return loss


def focal_solution(labels, logits, gamma):
    """Mean over pixels of (1 - p)^gamma · (-log p), p the probability of a pixel's true class. Returns: a number."""
    return _focal_variant()(labels, logits, gamma)


def _divided_by_factors(labels, logits, gamma):
    log_p = _of_true_class(labels, _log_softmax(logits))
    factors = (1 - np.exp(log_p)) ** gamma
    return (factors * -log_p).sum() / factors.sum()


def _labels_and_logits(*shape, seed):
    rng = np.random.default_rng(seed)
    return rng.integers(0, shape[-1], shape[:-1]), 2 * rng.normal(size=shape)


_RIGHT_AND_WRONG = np.array([[0, 1]]), np.array([[[5000.0, -5000.0], [5000.0, -5000.0]]])

second_exercise = Exercise(
    "focal_loss",
    solution=focal_solution,
    cases=[
        (*_labels_and_logits(2, 3, 4, seed=1), 2.0),
        (*_labels_and_logits(4, 2, 3, seed=2), 0.0),
        (*_labels_and_logits(3, 5, 2, seed=3), 0.5),
        (*_RIGHT_AND_WRONG, 2.0),
        (np.array([[1, 0, 1]]), np.array([[[8000.0, -3000], [-7000, -7002], [0.5, 1]]]), 1.0),
    ],
    mistakes=[
        (
            "Your factor is p^γ, which favours the easy pixels; it is (1 - p)^γ.",
            _focal_variant(lambda p, q, g: p**g * -q),
        ),
        ("That is plain cross-entropy: the factor (1 - p)^γ is missing.", _focal_variant(lambda p, q, g: -q)),
        (
            "γ is the power of (1 - p) alone, not of the whole product.",
            _focal_variant(lambda p, q, g: ((1 - p) * -q) ** g),
        ),
        ("You multiply by γ; it is a power: (1 - p)^γ.", _focal_variant(lambda p, q, g: g * (1 - p) * -q)),
        (
            "The sign is wrong: log p is negative, so the loss takes minus it.",
            _focal_variant(lambda p, q, g: (1 - p) ** g * q),
        ),
        ("You take the sum over the pixels; take their mean.", _focal_variant(total=np.sum)),
        ("You return one number for each pixel; return their mean.", _focal_variant(total=np.asarray)),
        (
            "Take the natural logarithm, np.log; yours has base 2.",
            _focal_variant(lambda p, q, g: (1 - p) ** g * -q / np.log(2)),
        ),
        (
            "Your softmax runs over the rows of the image; it runs over the classes, the last axis.",
            _focal_variant(log_softmax=lambda z: _log_softmax(z, axis=0)),
        ),
        (
            "That is a sigmoid of each logit; the probabilities of a pixel's classes must sum to 1: softmax.",
            _focal_variant(log_softmax=lambda z: -np.logaddexp(0, -z)),
        ),
        (
            "p is the probability of the *true* class, whatever the largest one is.",
            _focal_variant(pick=lambda labels, log_p: log_p.max(-1)),
        ),
        (
            "You take the probability of class 1 for all pixels; take that of each pixel's own label.",
            _focal_variant(pick=lambda labels, log_p: log_p[..., 1]),
        ),
        ("γ must be the argument; yours is always 2.", _focal_variant(gamma=2.0)),
        (
            "Divide by the number of pixels, not by the sum of the factors.",
            _divided_by_factors,
        ),
        (
            "Logits of 5,000 overflow: subtract each pixel's largest logit before np.exp, and stay in logarithms.",
            _focal_variant(log_softmax=lambda z: np.log(np.exp(z) / np.exp(z).sum(-1, keepdims=True))),
        ),
        (
            "You subtract the largest logit of the whole image, so pixels of small logits become log 0. Subtract each "
            "pixel's own largest.",
            _focal_variant(log_softmax=lambda z: z - z.max() - np.log(np.exp(z - z.max()).sum(-1, keepdims=True))),
        ),
        (
            "You take the logarithm of a probability that has rounded to 0: compute log p from the logits.",
            _focal_variant(log_softmax=lambda z: np.log(reference.softmax(z))),
        ),
        (
            "You clip p, so a wrong pixel costs at most 16, here it must be 10,000: compute log p from the logits.",
            _focal_variant(log_softmax=lambda z: np.log(np.clip(reference.softmax(z), 1e-7, 1))),
        ),
    ],
)
