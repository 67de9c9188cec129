"""Lesson 4 · Dense layers: one map of scores per class, the explorer of a boundary, and the exercise `classify`."""

import matplotlib.pyplot as plt
import numpy as np

from segutils import plots, reference
from segutils.lessons.answers import Exercise, random_image

# Figures


def score_maps(scene, probabilities, *, window, stride):
    """What a sliding classifier says about each place: the scene, the most probable classes, and one map per class.

    Args:
        scene: (H, W) image, values 0 to 255.
        probabilities: (rows, columns, K), for windows that start `stride` pixels apart.
        window: height and width of a window. Its probabilities are drawn at its centre; grey marks places where no
            window has its centre.
    Returns: the axes of the K maps.
    """
    (height, width), classes = np.shape(scene), probabilities.shape[-1]
    first, half = (window - 1) / 2, stride / 2
    last = [first + stride * (n - 1) for n in probabilities.shape[:2]]
    rows = 1 + -(-classes // 2)
    size = (8.6, 0.3 + rows * (4.2 * height / width + 0.25))
    figure, axes = plt.subplots(rows, 2, figsize=size, layout="constrained")
    plots.show_image(axes[0, 0], scene, title="scene")
    plots.show_image(axes[0, 1], np.asarray(scene) * 0.3, title="most probable class at each place")
    for (i, j), best in np.ndenumerate(probabilities.argmax(-1)):
        at = (first + stride * j, first + stride * i)
        axes[0, 1].text(*at, best, color="white", fontsize=8, ha="center", va="center")
    for k, ax in enumerate(axes[1:].flat):
        extent = (first - half, last[1] + half, last[0] + half, first - half)
        if k < classes:
            ax.imshow(probabilities[..., k], cmap="Greys", vmin=0, vmax=1, extent=extent, interpolation="nearest")
        ax.set(xlim=(-0.5, width - 0.5), ylim=(height - 0.5, -0.5), facecolor="#D8D8D8", visible=k < classes)
        plots.hide_ticks(ax, f"probability of {k}")
    return axes[1:].ravel()[:classes]


# The explorer


def linear_boundary(features, labels, *, names=("first feature", "second feature")):
    """Points of two classes, the straight boundary of a dense layer with two outputs, and its softmax for one point.

    Formula: the scores are -d/2 and d/2, where d = (cos(angle) · x + sin(angle) · y - offset) / temperature
    Args:
        features: (N, 2) float, standardised: points beyond -3.2..3.2 are outside the figure.
        labels: (N,) of exactly two values; the larger one is predicted where d > 0.
        names: of the two features, for the axes.
    Returns: draw(angle, offset, temperature, point) → figure; `angle` in degrees, `point` an index.
    Raises: ValueError if there are not exactly two classes.
    """
    features, labels = np.asarray(features, float), np.asarray(labels)
    if len(classes := np.unique(labels)) != 2:
        raise ValueError(f"labels must have two values, got {classes.tolist()}; take the points of two classes")
    figure, (left, right) = plt.subplots(1, 2, figsize=(7.6, 3.8), width_ratios=(1.35, 1), layout="constrained")
    shades = [left.fill([0], [0], color=colour)[0] for colour in ("#D5E2EF", "#ECF1F6", "#FBEDEB", "#F6D3CE")]
    for value, marker, colour in zip(classes, "os", plots.COLOURS, strict=False):
        x, y = features[labels == value].T
        left.plot(x, y, marker, color=colour, markersize=4, markeredgecolor="white", mew=0.4, label=f"{value}")
    (wrong,) = left.plot([], [], "kx", markersize=5, label="wrong side")
    (chosen,) = left.plot([], [], "ko", fillstyle="none", markersize=13, markeredgewidth=2)
    levels = (0.1, 0.5, 0.9)
    contours = [left.plot([], [], dash, color="black")[0] for dash in (":", "-", ":")]
    halo = {"facecolor": "white", "edgecolor": "none", "pad": 1}
    ends = [left.text(0, 0, f"{p}", fontsize=8, ha="center", va="center", bbox=halo, clip_on=True) for p in (0.1, 0.9)]
    left.set(xlim=(-3.2, 3.2), ylim=(-3.2, 3.2), xticks=(-2, 0, 2), yticks=(-2, 0, 2), xlabel=names[0], ylabel=names[1])
    place = {"loc": "lower left", "bbox_to_anchor": (0, 1), "borderaxespad": 0.2, "borderpad": 0.2}  # above the panel
    left.legend(fontsize=8, ncols=3, handletextpad=0.1, columnspacing=0.8, frameon=False, **place)
    bars = right.bar([0, 1], [0, 0], color=plots.COLOURS[:2])
    bars[1].set_hatch("//")
    numbers = [right.text(i, 0, "", ha="center", va="bottom") for i in (0, 1)]
    right.set(ylim=(0, 1.12), xticks=[], yticks=[], ylabel="softmax, 0 to 1", title="\n")
    accuracy = left.set_title("accuracy", fontsize=10, loc="right")
    right.title.set_fontsize(10)

    def draw(angle=90, offset=0.0, temperature=1.0, point=0):
        # unit vectors across the boundary and along it
        across = np.array([np.cos(np.radians(angle)), np.sin(np.radians(angle))])
        along = np.array([-across[1], across[0]])
        d = (features @ across - offset) / temperature
        # of each level's line the point nearest to the origin
        nearest = across * (offset + temperature * np.log([[p / (1 - p)] for p in levels]))
        for contour, start in zip(contours, nearest, strict=True):
            contour.set_data(*(start[:, None] + along[:, None] * [-9, 9]))
        borders = [nearest[0] - 19 * across, *nearest, nearest[2] + 19 * across]
        for shade, low, high in zip(shades, borders, borders[1:], strict=False):
            shade.set_xy([low - 9 * along, low + 9 * along, high + 9 * along, high - 9 * along])
        for end, start, direction in zip(ends, nearest[[0, 2]], (along, -along), strict=True):
            end.set_position(_visible_end(start, direction, 2.9))
        predicted = classes[(d > 0).astype(int)]
        wrong.set_data(*features[predicted != labels].T)
        chosen.set_data(*features[[point]].T)
        accuracy.set_text(f"accuracy {100 * (predicted == labels).mean():.1f}%")
        probabilities = reference.softmax([-d[point] / 2, d[point] / 2])
        for bar, number, value, p in zip(bars, numbers, classes, probabilities, strict=True):
            bar.set_height(p)
            number.set(y=p + 0.01, text=f"p({value}) = {p:.3f}")
        right.title.set_text(f"ringed: point {point}, a {labels[point]}\nscore difference d = {d[point]:.2f}")
        return figure

    return draw


def _visible_end(start, direction, limit):
    """Where the line through `start` along `direction` leaves the square -limit..limit; `start` if it misses it."""
    with np.errstate(divide="ignore", invalid="ignore"):
        ends = np.sort(np.array([(-limit - start) / direction, (limit - start) / direction]), axis=0)
    enters, leaves = np.nanmax(ends[0]), np.nanmin(ends[1])
    return start + direction * (enters if enters < leaves else 0)


# The exercise: classify(x, weights, bias), a dense layer and softmax → probabilities (B, K)


def _classify(x, weights, bias):
    return reference.softmax(reference.dense(x, weights, bias))


def _softmax(logits, axis):
    return reference.softmax(np.moveaxis(logits, axis, -1))


def _exponentials(logits):
    return np.exp(logits - logits.max(-1, keepdims=True))


def _naive_softmax(logits):
    exponentials = np.exp(logits)
    return exponentials / exponentials.sum(-1, keepdims=True)


exercise = Exercise(
    "classify",
    solution=_classify,
    cases=[
        (random_image(3, 4) / 9, random_image(4, 5, seed=1) / 9, np.zeros(5)),
        (random_image(3, 4) / 9, random_image(4, 5, seed=1) / 9, np.array([0.5, -1.0, 0.0, 2.0, 1.0])),
        (random_image(4, 4, seed=2) / 9, random_image(4, 4, seed=3) / 9, np.array([1.0, 0.0, -1.0, 0.5])),
        (200 * random_image(3, 4), random_image(4, 5, seed=1), np.zeros(5)),
    ],
    mistakes=[
        ("The bias is missing: logits are x · weights + bias.", lambda x, w, b: _classify(x, w, 0.0)),
        (
            "Softmax runs over the wrong axis: each *row* (each example) must sum to 1, use axis=-1.",
            lambda x, w, b: _softmax(x @ w + b, 0).T,
        ),
        (
            "The sum runs over the whole batch: each row must sum to 1 by itself, use axis=-1 with keepdims=True.",
            lambda x, w, b: reference.softmax((x @ w + b).ravel()).reshape(len(x), -1),
        ),
        (
            "That is a sigmoid for each class: the classes do not compete and a row does not sum to 1.",
            lambda x, w, b: reference.sigmoid(x @ w + b),
        ),
        ("Those are the logits; softmax is missing.", lambda x, w, b: x @ w + b),
        (
            "Those are logits divided by their sum; take e to the power of each logit first.",
            lambda x, w, b: (x @ w + b) / (x @ w + b).sum(-1, keepdims=True),
        ),
        ("e to the power of the logits is not divided by its sum.", lambda x, w, b: np.exp(x @ w + b)),
        ("Those are logarithms of the probabilities.", lambda x, w, b: np.log(_classify(x, w, b))),
        (
            "Large logits overflow: e^800 is infinite and infinite / infinite is NaN. Subtract each row's "
            "largest logit first; the result stays the same.",
            lambda x, w, b: _naive_softmax(x @ w + b),
        ),
        (
            "The mean logit is subtracted, but the largest may lie far above it. Subtract each row's largest.",
            lambda x, w, b: _naive_softmax(x @ w + b - (x @ w + b).mean(-1, keepdims=True)),
        ),
        ("The bias is added after softmax; it belongs to the logits.", lambda x, w, b: _classify(x, w, 0.0) + b),
        (
            "The sums have shape (B,) and do not line up with (B, K): keep the axis, .sum(axis=-1, keepdims=True).",
            lambda x, w, b: _exponentials(x @ w + b) / _exponentials(x @ w + b).sum(-1),
        ),
        (
            "You subtract the largest logit of the whole batch: a row of much smaller logits becomes 0/0. "
            "Subtract each row's own.",
            lambda x, w, b: _naive_softmax(x @ w + b - (x @ w + b).max()),
        ),
    ],
)
