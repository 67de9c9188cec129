"""The course's figures. Functions take axes (or make them) and return them; a notebook ends in `plt.show()`.

Colours are Paul Tol's, safe for colour-blind readers, and never the only cue: regions carry their class name,
curves their own dashes, bars their numbers. Source: https://personal.sron.nl/~pault/ (2021).
Nor is sight: under IPython, importing this module gives every figure that is shown a text (`alt_text.register`).
"""

import itertools

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.colors import to_rgb, to_rgba
from matplotlib.patheffects import withStroke

from segutils.plumbing import alt_text

alt_text.register()

COLOURS = ("#4477AA", "#EE6677", "#228833", "#CCBB44", "#66CCEE", "#AA3377", "#EE7733", "#009988", "#BBBBBB", "#882255")
BACKGROUND = "#20242B"
DASHES = ("-", "--", ":", "-.")


def palette(classes):
    """RGB in [0, 1] for each class, (classes, 3): dark for background 0, then Tol's colours in turn.

    >>> palette(3).shape
    (3, 3)
    """
    return np.array([to_rgb(name) for name in (BACKGROUND, *(COLOURS[i % len(COLOURS)] for i in range(classes - 1)))])


def grid(rows, columns, *, size=1.6, titles=()):
    """Square axes without ticks, each `size` inches wide, `titles` over the columns. Returns: (rows, columns) axes.

    >>> grid(1, 2).shape
    (1, 2)
    """
    figure, axes = plt.subplots(
        rows, columns, figsize=(size * columns, size * rows), squeeze=False, layout="constrained"
    )
    for ax in axes.flat:
        hide_ticks(ax)
    for ax, title in zip(axes[0], titles, strict=False):
        ax.set_title(title, fontsize=9)
    return axes


def show_image(ax, image, *, title=None):
    """Draw an image (H, W), (H, W, 1) or (H, W, 3), 0 to 255, without stretching its contrast. Returns: ax.

    >>> show_image(grid(1, 1)[0, 0], np.zeros((4, 6)), title="black").get_title()
    'black'
    """
    image = np.asarray(image)
    ax.imshow(image.squeeze(), cmap="gray", vmin=0, vmax=255, interpolation="nearest")
    return hide_ticks(ax, title)


def show_mask(ax, mask, names, *, title=None, min_size=12):
    """Draw a class mask (H, W) in colours and write each region's class on it.

    Args:
        mask: (H, W) ints; values beyond the names are drawn white (void).
        names: of the classes; the first is background and is not written.
        min_size: regions of fewer pixels get no text.
    Returns: ax.
    >>> len(show_mask(grid(1, 1)[0, 0], np.ones((4, 4), int), ["ground", "cat"]).texts)
    1
    """
    from scipy.ndimage import center_of_mass, label

    mask = np.asarray(mask)
    colours = np.vstack([palette(len(names)), [[1, 1, 1]]])
    ax.imshow(colours[np.minimum(mask, len(names))], interpolation="nearest")
    for value in np.unique(mask[(mask > 0) & (mask < len(names))]):
        regions, count = label(mask == value, structure=np.ones((3, 3)))
        for region in range(1, count + 1):
            if (regions == region).sum() >= min_size:
                y, x = center_of_mass(regions == region)
                halo = [withStroke(linewidth=2, foreground="black")]
                ax.text(x, y, names[value], color="white", fontsize=9, ha="center", va="center", path_effects=halo)
    return hide_ticks(ax, title)


def show_errors(ax, image, y_true, y_pred, *, title=None):
    """Draw the image dimmed, with a cross on each pixel whose prediction is wrong.

    Args: image: (H, W), (H, W, 1) or (H, W, 3), 0 to 255; y_true, y_pred: (H, W) ints. Returns: ax.
    >>> len(show_errors(grid(1, 1)[0, 0], np.zeros((2, 2)), [[0, 1]], [[1, 1]]).lines)
    1
    """
    show_image(ax, np.asarray(image) * 0.6)
    y, x = np.nonzero(np.asarray(y_true) != np.asarray(y_pred))
    ax.plot(x, y, "x", color=COLOURS[1], markersize=2, markeredgewidth=0.6)
    return hide_ticks(ax, title)


def show_predictions(images, y_true, y_pred, names, *, titles=()):
    """Draw one column per image: image, truth, prediction, wrong pixels.

    Args: images: (N, H, W, C), 0 to 255; y_true, y_pred: (N, H, W) ints; names: of the classes. Returns: axes (4, N).
    >>> show_predictions(np.zeros((1, 2, 2)), np.zeros((1, 2, 2), int), np.zeros((1, 2, 2), int), ["ground"]).shape
    (4, 1)
    """
    axes = grid(4, len(images), titles=titles)
    for column, image, true, pred in zip(axes.T, images, y_true, y_pred, strict=True):
        show_image(column[0], image)
        show_mask(column[1], true, names)
        show_mask(column[2], pred, names)
        show_errors(column[3], image, true, pred)
    for ax, name in zip(axes[:, 0], ("scene", "truth", "prediction", "wrong pixels"), strict=True):
        ax.set_ylabel(name, fontsize=9)
    return axes


def show_overlay(ax, image, mask, *, opacity=0.5, title=None):
    """Draw an image with a mask (H, W) bool laid over it, and the mask's outline.

    Args: image: 0 to 255; opacity: of the mask, 0 to 1.
    Returns: update(mask, opacity), which draws another mask on the same axes.
    >>> update = show_overlay(grid(1, 1)[0, 0], np.zeros((2, 2)), np.eye(2))
    >>> update(np.ones((2, 2)), 0.3)
    """
    show_image(ax, image, title=title)
    rgba = np.zeros((*np.shape(mask), 4)) + to_rgba(COLOURS[6])
    layer = ax.imshow(rgba, interpolation="nearest")
    (outline,) = ax.plot([], [], color=COLOURS[6], linewidth=0.8)

    def update(mask, opacity):
        mask = np.asarray(mask, bool)
        layer.set_data(
            np.concatenate([np.broadcast_to(to_rgb(COLOURS[6]), (*mask.shape, 3)), opacity * mask[..., None]], -1)
        )
        outline.set_data(*_outline(mask))

    update(mask, opacity)
    return update


def show_agreement(ax, y_true, y_pred, *, title=None):
    """Draw two masks (H, W) at once: light where both, a dot where y_pred misses a pixel, a cross on one too much.

    Returns: update(y_pred), which draws another prediction on the same axes.
    >>> show_agreement(grid(1, 1)[0, 0], np.eye(2), np.eye(2))(np.ones((2, 2)))
    """
    colours = np.array([to_rgb(name) for name in (BACKGROUND, COLOURS[1], COLOURS[0], "#EEEEEE")]).reshape(2, 2, 3)
    y_true = np.asarray(y_true, int)
    drawn = ax.imshow(np.zeros((*y_true.shape, 3)), interpolation="nearest")
    (missed,) = ax.plot([], [], ".", color="white", markersize=2)
    (too_much,) = ax.plot([], [], "x", color="white", markersize=2.5, markeredgewidth=0.5)

    def update(y_pred):
        y_pred = np.asarray(y_pred, int)
        drawn.set_data(colours[y_true, y_pred])
        missed.set_data(*np.nonzero(y_true > y_pred)[::-1])
        too_much.set_data(*np.nonzero(y_pred > y_true)[::-1])

    update(y_pred)
    hide_ticks(ax, title)
    return update


def show_numbers(ax, array, *, title=None, form="{:g}", boxes=(), limits=None):
    """Draw a small array (H, W) as shaded cells, light where the value is large, with the numbers written in.

    Args:
        form: format of a number.
        boxes: (row, column, rows, columns) of cells to frame, each frame with its own dashes.
        limits: (low, high) of the shading; by default the array's.
    Returns: ax.
    >>> len(show_numbers(grid(1, 1)[0, 0], np.eye(2)).texts)
    4
    """
    array = np.asarray(array)
    low, high = (array.min(), array.max()) if limits is None else limits
    black = high - 2.0 * max(high - low, 1e-9)  # values within the limits stay light enough for black numbers
    ax.imshow(array, cmap="gray", vmin=black, vmax=high)
    for (row, column), value in np.ndenumerate(array):
        colour = "white" if value < (low + black) / 2 else "black"
        ax.text(column, row, form.format(value), ha="center", va="center", fontsize=8, color=colour)
    for (row, column, rows, columns), dash, colour in zip(boxes, DASHES, COLOURS[1:], strict=False):
        frame = {"fill": False, "edgecolor": colour, "linestyle": dash, "linewidth": 2.5, "clip_on": False}
        frame["zorder"] = 2.6  # above the lines around the axes, which would cut it in two, and below the numbers
        ax.add_patch(plt.Rectangle((column - 0.5, row - 0.5), columns, rows, **frame))
    return hide_ticks(ax, title)


def show_map(ax, values, *, title=None, limit=None):
    """Draw values (H, W) that may be negative: orange below zero, purple above, white at zero, with a scale.

    Args:
        limit: the value of the strongest colour; by default the largest magnitude.
    Returns: the image, whose `set_data` draws other values.
    >>> show_map(grid(1, 1)[0, 0], np.array([[-2, 1], [0, 1]])).get_clim()
    (-2.0, 2.0)
    """
    values = np.squeeze(values)
    limit = max(float(np.abs(values).max()), 1e-9) if limit is None else limit
    drawn = ax.imshow(values, cmap="PuOr", vmin=-limit, vmax=limit, interpolation="nearest")
    ax.figure.colorbar(drawn, ax=ax, shrink=0.8).ax.tick_params(labelsize=7)
    hide_ticks(ax, title)
    return drawn


def lines(ax, x, series, *, title=None, xlabel=None, ylabel=None):
    """Draw one line for each series, with its own dashes and label.

    Args: x: (X,) numbers; series: {label: (X,) numbers}. Returns: ax.
    >>> len(lines(grid(1, 1)[0, 0], [0, 1], {"a": [0, 1], "b": [1, 0]}).lines)
    2
    """
    for (name, y), dash, colour in zip(series.items(), itertools.cycle(DASHES), COLOURS, strict=False):
        ax.plot(x, y, dash, color=colour, label=name)
    return label_axes(ax, title, xlabel, ylabel)


def curves(ax, history, columns, *, title=None, ylabel=None):
    """Draw columns of a training history (a list of dicts, one per epoch), dashed differently. Returns: ax.

    >>> len(curves(plt.figure().gca(), [{"epoch": 1, "loss": 0.5}], ["loss"]).lines)
    1
    """
    series = {column: [row[column] for row in history] for column in columns}
    lines(ax, [row["epoch"] for row in history], series, title=title, xlabel="epoch", ylabel=ylabel)
    for line in ax.lines:
        line.set_marker(".")
    ax.xaxis.get_major_locator().set_params(integer=True)
    return ax


def show_confusion(ax, confusion, names, *, title=None):
    """Draw a confusion matrix as the share of each true class (row), with the percentages written in.

    Args: confusion: (C, C) counts; names: of the classes. Returns: ax.
    >>> show_confusion(grid(1, 1)[0, 0], np.eye(2), ["a", "b"]).get_xlabel()
    'predicted'
    """
    share = confusion / np.maximum(confusion.sum(1, keepdims=True), 1)
    ax.imshow(share, cmap="Blues_r", vmin=0, vmax=1)
    for (i, j), value in np.ndenumerate(share):
        if value >= 0.0005:
            colour = "black" if value > 0.5 else "white"
            ax.text(j, i, f"{100 * value:.1f}".removesuffix(".0"), ha="center", va="center", fontsize=6.5, color=colour)
    ax.set(xticks=range(len(names)), yticks=range(len(names)), xlabel="predicted", ylabel="true")
    set_title(ax, title)
    ax.set_xticklabels(names, rotation=90 if max(map(len, names)) > 2 else 0)
    ax.set_yticklabels(names)
    return ax


def class_bars(ax, scores, low, high, names, *, title=None, ylabel=None):
    """Draw one bar per class with its interval, the value written above.

    Args: scores, low, high: (C,) floats in [0, 1]; names: of the classes. Returns: ax.
    >>> scores = np.array([0.5, 0.8])
    >>> len(class_bars(grid(1, 1)[0, 0], scores, scores - 0.1, scores + 0.1, ["a", "b"]).patches)
    2
    """
    at = np.arange(len(names))
    spread = np.maximum([scores - low, high - scores], 0)
    ax.bar(at, scores, color=COLOURS[0], yerr=spread, capsize=3, ecolor="black")
    for x, score, top in zip(at, scores, high, strict=True):
        ax.text(x, top + 0.01, f"{score:.2f}", ha="center", va="bottom", fontsize=8)
    ax.set(xticks=at, ylim=(0, 1.1), ylabel=ylabel)
    set_title(ax, title)
    ax.set_xticklabels(names)
    return ax


def show_reliability(ax, reliability, *, title=None, min_count=1):
    """Draw accuracy against confidence, the diagonal that a calibrated model follows, and the number of cases.

    Args: reliability: what metrics.calibration returns; min_count: bins of fewer cases are not drawn. Returns: ax.
    >>> bins = np.array([0.2, 0.8]), np.array([0.3, 0.7]), np.array([5, 9]), 0.1
    >>> show_reliability(grid(1, 1)[0, 0], bins).get_xlabel()
    'confidence'
    """
    confidence, accuracy, count, _ = reliability
    filled = count >= min_count
    ax.plot([0, 1], [0, 1], "--", color="gray", label="calibrated")
    ax.plot(confidence[filled], accuracy[filled], "o-", color=COLOURS[0], label="model")
    for x, y, n in zip(confidence[filled], accuracy[filled], count[filled], strict=True):
        at, side = ((0, 6), "center") if x > 0.9 else ((4, -9), "left")  # the last stands on top, clear of the others
        ax.annotate(f"{n:,}", (x, y), xytext=at, textcoords="offset points", fontsize=7, ha=side)
    ax.set(xlim=(0, 1.12), ylim=(-0.05, 1.15), xlabel="confidence", ylabel="accuracy")
    set_title(ax, title)
    ax.legend(fontsize=8)
    return ax


def show_outlines(ax, image, y_true, y_pred, *, title=None):
    """Draw an image with the outlines of two masks (H, W): y_true dashed, y_pred solid. Returns: ax.

    >>> show_outlines(grid(1, 1)[0, 0], np.zeros((3, 3)), np.eye(3), np.eye(3)).get_title()
    ''
    """
    show_image(ax, image, title=title)
    dark = (y_true, "black", "solid", 1.8)  # below the white dashes, for where the image is light
    for mask, colour, style, width in (dark, (y_true, "white", "dashed", 0.9), (y_pred, COLOURS[6], "solid", 0.9)):
        mask = np.asarray(mask)
        levels = np.unique(mask)[1:] - 0.5
        if len(levels):
            ax.contour(mask, levels, colors=colour, linestyles=style, linewidths=width)
    return ax


def _outline(mask):
    """x and y of the lines between pixels inside and outside a mask (H, W) bool, NaN between two strokes."""
    padded = np.pad(mask, 1)
    y, x = np.nonzero(padded[1:, 1:-1] != padded[:-1, 1:-1])
    rows = np.stack([x - 0.5, x + 0.5, np.full(len(x), np.nan)], 1), np.stack([y - 0.5, y - 0.5, y], 1)
    y, x = np.nonzero(padded[1:-1, 1:] != padded[1:-1, :-1])
    columns = np.stack([x - 0.5, x - 0.5, x], 1), np.stack([y - 0.5, y + 0.5, np.full(len(y), np.nan)], 1)
    return tuple(np.concatenate([a.ravel(), b.ravel()]) for a, b in zip(rows, columns, strict=True))


def hide_ticks(ax, title=None):
    """Take the ticks off the axes, and give them a title, if any. Returns: ax.

    >>> len(hide_ticks(grid(1, 1)[0, 0]).get_xticks())
    0
    """
    ax.set_xticks([])
    ax.set_yticks([])
    return set_title(ax, title)


def label_axes(ax, title, xlabel, ylabel):
    """Give axes with lines what it takes to read them: labels, a title, a grid, a legend. Returns: ax.

    >>> axes = lines(grid(1, 1)[0, 0], [0, 1], {"a": [0, 1]})
    >>> label_axes(axes, None, "x", "y").get_xlabel()
    'x'
    """
    ax.set(xlabel=xlabel, ylabel=ylabel)
    ax.grid(alpha=0.3)
    ax.legend(fontsize=8)
    return set_title(ax, title)


def set_title(ax, title):
    """Give axes a title in the size of all titles, small enough for a row of images. Returns: ax.

    >>> set_title(grid(1, 1)[0, 0], "a title").get_title()
    'a title'
    """
    if title is not None:
        ax.set_title(title, fontsize=9)
    return ax
