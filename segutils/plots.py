"""The course's figures. Functions take axes (or make them) and return them; a notebook ends in `plt.show()`.

Colours are Paul Tol's, safe for colour-blind readers, and never the only cue: regions carry their class name,
curves their own dashes, bars their numbers. Source: https://personal.sron.nl/~pault/ (2021).
Nor is sight: under IPython, importing this module gives every figure shown a text (`alt_text.register`).
"""

import itertools

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.colors import to_rgb, to_rgba
from matplotlib.patheffects import withStroke

from segutils import alt_text

alt_text.register()

COLOURS = ("#4477AA", "#EE6677", "#228833", "#CCBB44", "#66CCEE", "#AA3377", "#EE7733", "#009988", "#BBBBBB", "#882255")
BACKGROUND = "#20242B"
VOID = "#FFFFFF"
DASHES = ("-", "--", ":", "-.")


def palette(classes):
    """RGB in [0, 1] for each class, (classes, 3): dark for background 0, then Tol's colours in turn."""
    return np.array([to_rgb(name) for name in (BACKGROUND, *(COLOURS[i % len(COLOURS)] for i in range(classes - 1)))])


def grid(rows, columns, *, size=1.6, titles=()):
    """A figure of bare square axes, (rows, columns), with a title over each column that has one."""
    figure, axes = plt.subplots(
        rows, columns, figsize=(size * columns, size * rows), squeeze=False, layout="constrained"
    )
    for ax in axes.flat:
        ax.set_xticks([])
        ax.set_yticks([])
    for ax, title in zip(axes[0], titles, strict=False):
        ax.set_title(title, fontsize=9)
    return axes


def show_image(ax, image, *, title=None):
    """Draw a picture (H, W), (H, W, 1) or (H, W, 3), 0 to 255, without stretching its contrast."""
    image = np.asarray(image)
    ax.imshow(image.squeeze(), cmap="gray", vmin=0, vmax=255, interpolation="nearest")
    return _bare(ax, title)


def show_mask(ax, mask, names, *, title=None, smallest=12):
    """Draw a class mask (H, W) in colours and write each region's class on it.

    Args:
        mask: (H, W) ints; values beyond the names are drawn white (void).
        names: of the classes; the first is background and is not written.
        smallest: regions of fewer pixels get no text.
    """
    from scipy.ndimage import center_of_mass, label

    mask = np.asarray(mask)
    colours = np.vstack([palette(len(names)), [[1, 1, 1]]])
    ax.imshow(colours[np.minimum(mask, len(names))], interpolation="nearest")
    for value in np.unique(mask[(mask > 0) & (mask < len(names))]):
        regions, count = label(mask == value, structure=np.ones((3, 3)))
        for region in range(1, count + 1):
            if (regions == region).sum() >= smallest:
                y, x = center_of_mass(regions == region)
                halo = [withStroke(linewidth=2, foreground="black")]
                ax.text(x, y, names[value], color="white", fontsize=9, ha="center", va="center", path_effects=halo)
    return _bare(ax, title)


def show_errors(ax, image, y_true, y_pred, *, title=None):
    """Draw the picture dimmed, with a cross on each pixel whose prediction is wrong."""
    show_image(ax, np.asarray(image) * 0.6)
    y, x = np.nonzero(np.asarray(y_true) != np.asarray(y_pred))
    ax.plot(x, y, "x", color=COLOURS[1], markersize=2, markeredgewidth=0.6)
    return _bare(ax, title)


def show_predictions(images, y_true, y_pred, names, *, titles=()):
    """One column a scene: picture, truth, prediction, wrong pixels. Returns axes (4, N)."""
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
    """Draw a picture with a mask (H, W) bool laid over it, and the mask's outline.

    Returns: update(mask, opacity), which draws another mask on the same axes.
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
    """
    colours = np.array([to_rgb(name) for name in (BACKGROUND, COLOURS[1], COLOURS[0], "#EEEEEE")]).reshape(2, 2, 3)
    y_true = np.asarray(y_true, int)
    picture = ax.imshow(np.zeros((*y_true.shape, 3)), interpolation="nearest")
    (missed,) = ax.plot([], [], ".", color="white", markersize=2)
    (too_much,) = ax.plot([], [], "x", color="white", markersize=2.5, markeredgewidth=0.5)

    def update(y_pred):
        y_pred = np.asarray(y_pred, int)
        picture.set_data(colours[y_true, y_pred])
        missed.set_data(*np.nonzero(y_true > y_pred)[::-1])
        too_much.set_data(*np.nonzero(y_pred > y_true)[::-1])

    update(y_pred)
    _bare(ax, title)
    return update


def show_numbers(ax, array, *, title=None, form="{:g}", boxes=(), limits=None):
    """Draw a small array (H, W) as shaded cells with the numbers written in.

    Args:
        form: format of a number.
        boxes: (row, column, rows, columns) of cells to frame, each frame with its own dashes.
        limits: (low, high) of the shading; by default the array's.
    """
    array = np.asarray(array)
    low, high = (array.min(), array.max()) if limits is None else limits
    darkest = low + 1.6 * max(high - low, 1e-9)  # values within the limits stay light enough for black numbers
    ax.imshow(array, cmap="Greys", vmin=low, vmax=darkest)
    for (row, column), value in np.ndenumerate(array):
        colour = "white" if value > (high + darkest) / 2 else "black"
        ax.text(column, row, form.format(value), ha="center", va="center", fontsize=8, color=colour)
    for (row, column, rows, columns), dash, colour in zip(boxes, DASHES, COLOURS[1:], strict=False):
        corner = (column - 0.5, row - 0.5)
        ax.add_patch(plt.Rectangle(corner, columns, rows, fill=False, edgecolor=colour, linestyle=dash, linewidth=2.5))
    return _bare(ax, title)


def show_map(ax, values, *, title=None, limit=None):
    """Draw values (H, W) that may be negative: orange below zero, purple above, white at zero, with a scale.

    Args:
        limit: the value of the strongest colour; by default the largest magnitude.
    Returns: the image, whose `set_data` draws other values.
    """
    values = np.squeeze(values)
    limit = max(float(np.abs(values).max()), 1e-9) if limit is None else limit
    drawn = ax.imshow(values, cmap="PuOr", vmin=-limit, vmax=limit, interpolation="nearest")
    ax.figure.colorbar(drawn, ax=ax, shrink=0.8).ax.tick_params(labelsize=7)
    _bare(ax, title)
    return drawn


def lines(ax, x, named, *, title=None, xlabel=None, ylabel=None):
    """Draw one line for each name: (X,) values in `named`, each with its own dashes and label."""
    for (name, y), dash, colour in zip(named.items(), itertools.cycle(DASHES), COLOURS, strict=False):
        ax.plot(x, y, dash, color=colour, label=name)
    return _with_axes(ax, title, xlabel, ylabel)


def curves(ax, history, columns, *, title=None, ylabel=None):
    """Draw columns of a training history (a list of dicts, one an epoch), each with its own dashes and label."""
    named = {column: [row[column] for row in history] for column in columns}
    lines(ax, [row["epoch"] for row in history], named, title=title, xlabel="epoch", ylabel=ylabel)
    for line in ax.lines:
        line.set_marker(".")
    ax.xaxis.get_major_locator().set_params(integer=True)
    return ax


def show_confusion(ax, confusion, names, *, title=None):
    """Draw a confusion matrix as the share of each true class (row), with the percentages written in."""
    share = confusion / np.maximum(confusion.sum(1, keepdims=True), 1)
    ax.imshow(share, cmap="Blues", vmin=0, vmax=1)
    for (i, j), value in np.ndenumerate(share):
        if value >= 0.0005:
            colour = "white" if value > 0.5 else "black"
            ax.text(j, i, f"{100 * value:.1f}".removesuffix(".0"), ha="center", va="center", fontsize=6.5, color=colour)
    ax.set(xticks=range(len(names)), yticks=range(len(names)), xlabel="predicted", ylabel="true")
    _entitle(ax, title)
    ax.set_xticklabels(names, rotation=90 if max(map(len, names)) > 2 else 0)
    ax.set_yticklabels(names)
    return ax


def class_bars(ax, scores, low, high, names, *, title=None, ylabel=None):
    """Draw one bar a class with its interval, the value written above."""
    at = np.arange(len(names))
    spread = np.maximum([scores - low, high - scores], 0)
    ax.bar(at, scores, color=COLOURS[0], yerr=spread, capsize=3, ecolor="black")
    for x, score, top in zip(at, scores, high, strict=True):
        ax.text(x, top + 0.01, f"{score:.2f}", ha="center", va="bottom", fontsize=8)
    ax.set(xticks=at, ylim=(0, 1.1), ylabel=ylabel)
    _entitle(ax, title)
    ax.set_xticklabels(names)
    return ax


def show_reliability(ax, reliability, *, title=None, smallest=1):
    """Draw accuracy against confidence, the diagonal that a calibrated model follows, and the number of cases.

    Args:
        smallest: bins of fewer cases are not drawn.
    """
    confidence, accuracy, count, _ = reliability
    filled = count >= smallest
    ax.plot([0, 1], [0, 1], "--", color="gray", label="calibrated")
    ax.plot(confidence[filled], accuracy[filled], "o-", color=COLOURS[0], label="model")
    for x, y, n in zip(confidence[filled], accuracy[filled], count[filled], strict=True):
        at, side = ((-6, 3), "right") if x > 0.9 else ((4, -9), "left")  # a long number stays inside
        ax.annotate(f"{n:,}", (x, y), xytext=at, textcoords="offset points", fontsize=7, ha=side)
    ax.set(xlim=(0, 1.12), ylim=(-0.05, 1.05), xlabel="confidence", ylabel="accuracy")
    _entitle(ax, title)
    ax.legend(fontsize=8)
    return ax


def show_surface(ax, loss, extent, paths=None, *, minima=(), title=None):
    """Draw a loss over two parameters as shades with contour lines, darker where higher, and paths that went over it.

    Args:
        loss: function of parameters (..., 2) to losses (...) >= 0.
        extent: (left, right, bottom, top) of the two parameters.
        paths: for each name the points (N, 2) it visited, from its circle to its square.
        minima: (x, y) of the lowest points, marked with stars.
    Returns: the picture and the contour lines, two artists.
    """
    left, right, bottom, top = extent
    grid_points = np.stack(np.meshgrid(np.linspace(left, right, 181), np.linspace(bottom, top, 121)), -1)
    height = np.log10(loss(grid_points) + 1e-2)  # equal shades for equal factors: a loss has no natural unit
    grey = 255 - 70 * (height - height.min()) / np.ptp(height)  # bytes, which redraw faster than numbers
    shades = np.repeat(grey[..., None], 3, axis=-1).astype(np.uint8)
    picture = ax.imshow(shades, origin="lower", extent=extent, interpolation="nearest")
    levels = np.linspace(height.min(), height.max(), 11)[1:-1]
    across, up = grid_points.transpose(2, 0, 1)
    contours = ax.contour(across, up, height, levels, colors="gray", linewidths=0.6, linestyles="-")
    ax.plot(*np.reshape(minima, (-1, 2)).T, "*", color="black", markersize=9)
    for (name, path), dash, colour in zip((paths or {}).items(), itertools.cycle(DASHES), COLOURS, strict=False):
        ax.plot(*path.T, dash, marker=".", markersize=4, linewidth=1.2, color=colour, label=name)
        ax.plot(*path[0], "o", color="black", markersize=5)
        ax.plot(*path[-1], "s", color=colour, markersize=6, markeredgecolor="black")
    ax.set(xlim=(left, right), ylim=(bottom, top), xlabel="first parameter", ylabel="second parameter")
    if title is not None:
        ax.set_title(title, fontsize=9)
    return picture, contours


def score_maps(scene, probabilities, *, window, stride):
    """What a sliding classifier says of each place: the scene, the best class written in, and one map a class.

    Args:
        scene: (H, W) picture, 0 to 255.
        probabilities: (rows, columns, K), of windows that start `stride` pixels apart.
        window: height and width of a window; its answer is drawn at its centre. Grey: no window has its centre there.
    Returns: the axes of the K maps.
    """
    (height, width), classes = np.shape(scene), probabilities.shape[-1]
    first, half = (window - 1) / 2, stride / 2
    last = [first + stride * (n - 1) for n in probabilities.shape[:2]]
    rows = 1 + -(-classes // 2)
    size = (8.6, 0.3 + rows * (4.2 * height / width + 0.25))
    figure, axes = plt.subplots(rows, 2, figsize=size, layout="constrained")
    show_image(axes[0, 0], scene, title="scene")
    show_image(axes[0, 1], np.asarray(scene) * 0.3, title="most probable class at each place")
    for (i, j), best in np.ndenumerate(probabilities.argmax(-1)):
        at = (first + stride * j, first + stride * i)
        axes[0, 1].text(*at, best, color="white", fontsize=8, ha="center", va="center")
    for k, ax in enumerate(axes[1:].flat):
        extent = (first - half, last[1] + half, last[0] + half, first - half)
        if k < classes:
            ax.imshow(probabilities[..., k], cmap="Greys", vmin=0, vmax=1, extent=extent, interpolation="nearest")
        ax.set(xlim=(-0.5, width - 0.5), ylim=(height - 0.5, -0.5), facecolor="#D8D8D8", visible=k < classes)
        _bare(ax, f"probability of {k}")
    return axes[1:].ravel()[:classes]


def show_outlines(ax, image, y_true, y_pred, *, title=None):
    """Draw a picture with the outlines of two masks (H, W): the true one dashed, the predicted one solid."""
    show_image(ax, image, title=title)
    both = ((y_true, "white", "dashed"), (y_pred, COLOURS[6], "solid"))
    for mask, colour, style in both:
        mask = np.asarray(mask)
        levels = np.unique(mask)[1:] - 0.5
        if len(levels):
            ax.contour(mask, levels, colors=colour, linestyles=style, linewidths=0.9)
    return ax


def bands(ax, x, named, *, title=None, xlabel=None, ylabel=None):
    """Draw repeated measurements: the mean as a line with points, smallest to largest as a band.

    Args:
        x: (X,) places; or a dict of them, if each name has its own.
        named: for each name an array (repeats, X).
    """
    named = {name: np.asarray(values) for name, values in named.items()}
    for (name, values), dash, colour in zip(named.items(), itertools.cycle(DASHES), COLOURS, strict=False):
        places = x[name] if isinstance(x, dict) else x
        ax.plot(places, values.mean(0), dash, marker=".", color=colour, label=name)
        ax.fill_between(places, values.min(0), values.max(0), color=colour, alpha=0.2, linewidth=0)
    return _with_axes(ax, title, xlabel, ylabel)


def ranked_bars(ax, named, *, origin=0.0, title=None, xlabel=None):
    """Draw repeated measurements of many names as lying bars, the largest mean on top; a stroke for each repeat.

    Args:
        named: for each name an array (repeats,).
        origin: where bars start: the value that means "no difference".
    Returns: the names, from top to bottom.
    """
    order = sorted(named, key=lambda name: np.mean(named[name]), reverse=True)
    for row, name in enumerate(order):
        ax.barh(row, np.mean(named[name]) - origin, left=origin, height=0.6, color=COLOURS[0], alpha=0.6)
        ax.plot(named[name], [row] * len(named[name]), "|", color="black", markersize=9)
    ax.axvline(origin, color="black", linewidth=0.8)
    ax.set_yticks(range(len(order)), order, fontsize=8)
    ax.invert_yaxis()
    ax.set_xlabel(xlabel)
    _entitle(ax, title)
    return order


def _outline(mask):
    """x and y of the lines between pixels inside and outside a mask (H, W) bool, NaN between two strokes."""
    padded = np.pad(mask, 1)
    y, x = np.nonzero(padded[1:, 1:-1] != padded[:-1, 1:-1])
    rows = np.stack([x - 0.5, x + 0.5, np.full(len(x), np.nan)], 1), np.stack([y - 0.5, y - 0.5, y], 1)
    y, x = np.nonzero(padded[1:-1, 1:] != padded[1:-1, :-1])
    columns = np.stack([x - 0.5, x - 0.5, x], 1), np.stack([y - 0.5, y + 0.5, np.full(len(y), np.nan)], 1)
    return tuple(np.concatenate([a.ravel(), b.ravel()]) for a, b in zip(rows, columns, strict=True))


def _bare(ax, title):
    ax.set_xticks([])
    ax.set_yticks([])
    return _entitle(ax, title)


def _with_axes(ax, title, xlabel, ylabel):
    """What lines need to be read: labels, a title, a grid, a legend."""
    ax.set(xlabel=xlabel, ylabel=ylabel)
    ax.grid(alpha=0.3)
    ax.legend(fontsize=8)
    return _entitle(ax, title)


def _entitle(ax, title):
    """All titles in one size, small enough for a row of pictures."""
    if title is not None:
        ax.set_title(title, fontsize=9)
    return ax
