"""Explorers: a figure with sliders that redraws where a kernel runs, and stays a still picture where none does.

An explorer is made of a function `draw(**values)` that returns a figure. It draws its artists once and afterwards only
moves them, which keeps an answer far below 100 ms (`make bench`). It changes nothing else, so it can be tested without
a browser. The functions below make one such `draw` each; `explore` shows it.
"""

import ast
import base64
import contextlib
import inspect
import io
from collections.abc import Callable
from typing import NamedTuple

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from PIL import Image

from segutils import alt_text, plots, reference

DPI = 100


def explore(draw, **controls):
    """Show draw's figure under one slider or menu for each control, redrawn as they move.

    Args:
        draw: function of the controls' names, each with a default, the starting value; returns a matplotlib figure,
            best the same one each time.
        controls: for each name (low, high) or (low, high, step) for a slider, a list for a menu, or a widget.
    Raises: ValueError for a control that draw does not take.
    """
    from IPython.display import DisplayHandle, display

    words = DisplayHandle()

    def tell(figure):
        words.update(alt_text.heard(alt_text.describe(figure)), raw=True)

    box, figure = _panel(draw, controls, tell)
    values = ", ".join(f"{control.description} = {control.value}" for control in box.children[0].children)
    bundle = {
        "application/vnd.jupyter.widget-view+json": {
            "version_major": 2,
            "version_minor": 0,
            "model_id": box.model_id,
        },
        "image/png": base64.b64encode(box.children[1].value).decode(),
        "text/plain": f"Explorer: {values}. Run the cell to move the sliders.",
    }
    text = f"{bundle['text/plain']} {alt_text.describe(figure)}"
    words.display(alt_text.heard(text), raw=True)
    display(bundle, metadata={"image/png": {"alt": text}}, raw=True)


def panel(draw, **controls):
    """The widget that `explore` shows: a VBox of the controls (a VBox) and the picture (an Image)."""
    return _panel(draw, controls, lambda figure: None)[0]


def _panel(draw, controls, tell):
    """The widget, and the figure it starts with; `tell` is called with the figure after each redrawing."""
    import ipywidgets

    defaults = {name: parameter.default for name, parameter in inspect.signature(draw).parameters.items()}
    if unknown := sorted(set(controls) - set(defaults)):
        raise ValueError(f"draw takes {', '.join(defaults)}; got a control for {', '.join(unknown)}")
    made = {}
    for name, control in controls.items():
        made[name] = ipywidgets.interactive.widget_from_abbrev(control, defaults[name])
        made[name].description = name.replace("_", " ")
        made[name].style.description_width = "120px"
        made[name].layout.width = "440px"
        made[name].layout.max_width = "100%"
    figure = draw(**{name: control.value for name, control in made.items()})
    figure.set_dpi(DPI)
    figure.canvas.draw()
    figure.set_layout_engine("none")  # laid out once; what moves afterwards moves inside its axes
    plt.close(figure)
    picture = ipywidgets.Image(value=_png(figure), format="png")
    picture.layout.max_width = "100%"
    picture.layout.align_self = "flex-start"

    def redraw(_):
        drawn = draw(**{name: control.value for name, control in made.items()})
        picture.value = _png(drawn)
        tell(drawn)

    for control in made.values():
        control.observe(redraw, names="value")
    column = ipywidgets.VBox(list(made.values()))
    column.layout.width = "100%"  # of a narrow window, where sliders shrink with it
    box = ipywidgets.VBox([column, picture])
    box.layout.width = "100%"
    return box, figure


def _png(figure):
    """The figure as PNG bytes, drawn once (`savefig` draws it twice, first to measure it)."""
    canvas, buffer = FigureCanvasAgg(figure), io.BytesIO()
    canvas.draw()
    Image.fromarray(np.asarray(canvas.buffer_rgba())).convert("RGB").save(buffer, "png", compress_level=1)
    return buffer.getvalue()


# Notebook 1: background


def threshold_overlay(image, y_true):
    """A picture, a threshold's mask laid over it, and its IoU with the truth.

    Args:
        image: (H, W) or (H, W, 1) uint8.
        y_true: (H, W) bool, the pixels that are ink.
    Returns: draw(threshold, opacity) → figure.
    """
    image = np.squeeze(image)
    left, middle, right = plots.grid(1, 3, size=2.6)[0]
    figure = left.figure
    plots.show_image(left, image, title="picture")
    show_mask = plots.show_overlay(middle, image, y_true, title="mask")
    show_agreement = plots.show_agreement(right, y_true, y_true, title="IoU 0.00\nmissed, too much")

    def draw(threshold=100, opacity=0.5):
        y_pred = image > threshold
        show_mask(y_pred, opacity)
        middle.set_title(f"picture > {threshold}", fontsize=9)
        show_agreement(y_pred)
        both, missed, too_much = (y_true & y_pred).sum(), (y_true & ~y_pred).sum(), (y_pred & ~y_true).sum()
        iou = both / max(both + missed + too_much, 1)
        right.set_title(f"IoU {iou:.2f}\n· missed {missed}, × too much {too_much}", fontsize=9)
        return figure

    return draw


# Notebook 2: convolution


KERNELS = {
    "vertical edge": [[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]],
    "horizontal edge": [[-1, -2, -1], [0, 0, 0], [1, 2, 1]],
    "Laplacian": [[0, 1, 0], [1, -4, 1], [0, 1, 0]],
    "sharpen": [[0, -1, 0], [-1, 5, -1], [0, -1, 0]],
    "blur": [[1 / 16, 2 / 16, 1 / 16], [2 / 16, 4 / 16, 2 / 16], [1 / 16, 2 / 16, 1 / 16]],
    "identity": [[0, 0, 0], [0, 1, 0], [0, 0, 0]],
}


def kernel_editor(image):
    """A picture, a 3×3 kernel and the feature map they make; dots on the pixels that one output pixel sees.

    Args:
        image: (H, W) or (H, W, 1) numbers, 0 to 255.
    Returns: draw(kernel, add_to_centre, stride, dilation, padding, row, column) → figure. The kernel is a name in
        KERNELS with a number added to its centre; row and column choose an input pixel (+), and with it the output
        pixel whose window has its centre nearest to it.
    """
    image = np.squeeze(image).astype(float)
    left, middle, right = plots.grid(1, 3, size=2.9)[0]
    figure = left.figure
    outside = 6  # pixels drawn around the picture, where padding lies
    plots.show_image(left, image)
    left.set_xlim(-0.5 - outside, image.shape[1] - 0.5 + outside)
    left.set_ylim(image.shape[0] - 0.5 + outside, -0.5 - outside)
    left.set_facecolor("#DDDDDD")
    (frame,) = left.plot([], [], "-", color=plots.COLOURS[6], linewidth=1)
    (seen,) = left.plot([], [], ".", color=plots.COLOURS[6], markersize=3)
    (pixel,) = left.plot([], [], "+", color=plots.COLOURS[6], markersize=9)
    cells = middle.imshow(np.zeros((3, 3)), cmap="PuOr", interpolation="nearest")
    numbers = [middle.text(n, m, "", ha="center", va="center", fontsize=11) for m in range(3) for n in range(3)]
    output = right.imshow(np.zeros((1, 1)), cmap="gray", interpolation="nearest")
    (chosen,) = right.plot([], [], "s", color=plots.COLOURS[6], markersize=7, markerfacecolor="none", markeredgewidth=2)
    chosen.set_clip_on(False)

    def draw(kernel="vertical edge", add_to_centre=0.0, stride=1, dilation=2, padding="same", row=40, column=45):
        weights = np.array(KERNELS[kernel], float)
        weights[1, 1] += add_to_centre
        options = {"stride": stride, "padding": padding, "dilation": dilation}
        places = reference.windows(image.shape, 3, **options)
        y = reference.conv2d(image[None, :, :, None], weights[:, :, None, None], **options)[0, :, :, 0]
        nearest = np.rint((np.array([row, column]) - dilation + places.before) / stride).astype(int)
        i, j = np.clip(nearest, 0, np.array(y.shape) - 1)
        top, start = stride * i - places.before[0], stride * j - places.before[1]
        m, n = np.indices((3, 3)) * dilation
        pixel.set_data([column], [row])
        seen.set_data((start + n).ravel(), (top + m).ravel())
        low, high = -0.5, 2 * dilation + 0.5
        frame.set_data(start + np.array([low, high, high, low, low]), top + np.array([low, low, high, high, low]))
        size = f"{image.shape[0]}×{image.shape[1]}"
        left.set_title(f"input {size}, grey: outside\nwindow starts at [{top}, {start}]", fontsize=9)
        cells.set_data(weights)
        cells.set_clim(-1.6 * np.abs(weights).max(), 1.6 * np.abs(weights).max())  # never too dark to read
        for text, weight in zip(numbers, weights.ravel(), strict=True):
            text.set_text(f"{weight:.3g}")
        middle.set_title(f"kernel, sum {weights.sum():.3g}\nstride {stride}, dilation {dilation}", fontsize=9)
        output.set_data(y)
        output.set_extent((-0.5, y.shape[1] - 0.5, y.shape[0] - 0.5, -0.5))
        output.set_clim(y.min(), y.max())
        chosen.set_data([j], [i])
        right.set_title(
            f"output {y.shape[0]}×{y.shape[1]}, black {y.min():.0f}, white {y.max():.0f}\ny[{i}, {j}] = {y[i, j]:.0f}",
            fontsize=9,
        )
        return figure

    return draw


# Notebook 3: pooling


def _first_of_windows(x, size, *, stride):
    """Each window's first pixel: subsampling."""
    return x[:, : x.shape[1] - size + 1 : stride, : x.shape[2] - size + 1 : stride]


POOLINGS = {"maximum": reference.max_pool, "average": reference.average_pool, "subsample": _first_of_windows}


def pooling_shift(image):
    """A digit that is shifted, its pooled map, and what the shift changed in it.

    Args:
        image: (H, W) uint8, a digit on black; what is shifted in is black too.
    Returns: draw(shift_right, shift_down, size, stride, kind) → figure; kind is one of POOLINGS.
    """
    from scipy.ndimage import shift

    image = np.squeeze(image).astype(float)
    left, middle, right = plots.grid(1, 3, size=2.8)[0]
    plots.show_image(left, image)
    plots.show_image(middle, image)
    difference = plots.show_map(right, np.zeros_like(image), limit=255)
    pictures = left.images[0], middle.images[0]
    marks = [
        [ax.add_patch(plt.Rectangle((0, 0), 1, 1, fill=False, ec=colour, ls=dash, lw=2)) for ax in (left, middle)]
        for colour, dash in (("#EE7733", "-"), ("#66CCEE", "--"))
    ]

    def draw(shift_right=1, shift_down=0, size=2, stride=2, kind="maximum"):
        shifted = shift(image, (shift_down, shift_right), order=0)
        before, after = POOLINGS[kind](np.stack([image, shifted])[..., None], size, stride=stride)[..., 0]
        for drawn, values in zip((*pictures, difference), (shifted, after, after - before), strict=True):
            drawn.set_data(values)
        down, across = (n / m for n, m in zip(image.shape, after.shape, strict=True))  # pixels a value is drawn with
        i, j = after.shape[0] // 2, after.shape[1] // 2 - 1
        for step, (window, value) in enumerate(marks):
            window.set_bounds(stride * (j + step) - 0.5, stride * i - 0.5, size, size)
            value.set_bounds(across * (j + step) - 0.5, down * i - 0.5, across, down)
        change = np.linalg.norm(after - before) / max(np.linalg.norm(before), 1e-9)
        titles = (
            f"digit, shifted: right {shift_right}, down {shift_down}\ntwo neighbouring windows",
            f"{kind}, window {size}×{size}, stride {stride}\n{after.shape[0]}×{after.shape[1]} values",
            f"difference to the unmoved digit\n{100 * change:.0f}% of its pooled map",
        )
        for ax, title in zip((left, middle, right), titles, strict=True):
            ax.set_title(title, fontsize=9)
        return left.figure

    return draw


# Notebook 4: dense


def linear_boundary(features, labels, *, names=("first feature", "second feature")):
    """Two classes, the straight boundary of a dense layer with two outputs, and its softmax for one point.

    The scores of the two classes are -d/2 and d/2, d = (cos(angle) · x + sin(angle) · y - offset) / temperature.
    Args:
        features: (N, 2) float, standardised: what lies beyond -3.2..3.2 is not seen.
        labels: (N,) of exactly two values; d > 0 says the larger one.
        names: of the two features, for the axes.
    Returns: draw(angle, offset, temperature, point) → figure; the angle in degrees, the point counted from 0.
    Raises: ValueError if there are not two classes.
    """
    features, labels = np.asarray(features, float), np.asarray(labels)
    if len(classes := np.unique(labels)) != 2:
        raise ValueError(f"labels must have two values, got {classes.tolist()}; take the points of two classes")
    figure, (left, right) = plt.subplots(1, 2, figsize=(8.2, 3.8), width_ratios=(1.7, 1), layout="constrained")
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
    left.legend(fontsize=8, loc="upper left", ncols=3, handletextpad=0.1, columnspacing=0.8)
    bars = right.bar([0, 1], [0, 0], color=plots.COLOURS[:2])
    bars[1].set_hatch("//")
    numbers = [right.text(i, 0, "", ha="center", va="bottom") for i in (0, 1)]
    right.set(ylim=(0, 1.12), xticks=[], yticks=[], ylabel="softmax, 0 to 1", title="\n")
    for ax in (left, right):
        ax.title.set_fontsize(10)

    def draw(angle=90, offset=0.0, temperature=1.0, point=0):
        across = np.array([np.cos(np.radians(angle)), np.sin(np.radians(angle))])
        along = np.array([-across[1], across[0]])
        d = (features @ across - offset) / temperature
        nearest = across * (offset + temperature * np.log([[p / (1 - p)] for p in levels]))  # of each level's line
        for contour, start in zip(contours, nearest, strict=True):
            contour.set_data(*(start[:, None] + along[:, None] * [-9, 9]))
        borders = [nearest[0] - 19 * across, *nearest, nearest[2] + 19 * across]
        for shade, low, high in zip(shades, borders, borders[1:], strict=False):
            shade.set_xy([low - 9 * along, low + 9 * along, high + 9 * along, high - 9 * along])
        for end, start, direction in zip(ends, nearest[[0, 2]], (along, -along), strict=True):
            end.set_position(_seen_end(start, direction, 2.9))
        says = classes[(d > 0).astype(int)]
        wrong.set_data(*features[says != labels].T)
        chosen.set_data(*features[[point]].T)
        left.title.set_text(f"accuracy {100 * (says == labels).mean():.1f}%")
        probabilities = reference.softmax([-d[point] / 2, d[point] / 2])
        for bar, number, value, p in zip(bars, numbers, classes, probabilities, strict=True):
            bar.set_height(p)
            number.set(y=p + 0.01, text=f"p({value}) = {p:.3f}")
        right.title.set_text(f"ringed: point {point}, a {labels[point]}\nscore difference d = {d[point]:.2f}")
        return figure

    return draw


def _seen_end(start, direction, limit):
    """Where the line from a start along a direction leaves the square -limit..limit; the start if it misses it."""
    with np.errstate(divide="ignore", invalid="ignore"):
        ends = np.sort(np.array([(-limit - start) / direction, (limit - start) / direction]), axis=0)
    enters, leaves = np.nanmax(ends[0]), np.nanmin(ends[1])
    return start + direction * (enters if enters < leaves else 0)


# Notebook 5: losses


def blob_losses():
    """A true disk of radius 9 on 48×48 pixels, a soft blob that predicts it, and what three scores say to every shift.

    Formula: p = confidence · σ((radius - distance from the blob's centre) / softness)
    Returns: draw(shift, radius, confidence, softness) → figure with cross-entropy, Dice loss and the IoU of p > 0.5.
    """
    figure, (left, middle, right) = plt.subplots(1, 3, figsize=(8.8, 3.1), layout="constrained")
    rows, columns = np.mgrid[:48, :48] - 23.5
    y_true = np.hypot(rows, columns) <= 9
    shifts = np.arange(-20, 21)
    distance = np.hypot(rows, columns - shifts[:, None, None])
    picture = left.imshow(y_true, cmap="gray", vmin=0, vmax=1, interpolation="nearest", extent=(-24, 24, 24, -24))
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
        picture.set_data(p[at])
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


# Notebook 6: optimizers


class Surface(NamedTuple):
    """A loss of two parameters to walk on; every loss is 0 at its minima and positive elsewhere."""

    loss: Callable  # parameters (..., 2) → (...)
    gradient: Callable  # parameters (..., 2) → (..., 2)
    start: tuple
    extent: tuple  # left, right, bottom, top: what is drawn
    minima: tuple


def _quadratic(across, start):
    """½ (x² + across · y²): curvature 1 along x, `across` along y, so its condition number is `across`."""
    curvature = np.array([1.0, across])
    return Surface(
        lambda p: (curvature * p**2).sum(-1) / 2, lambda p: curvature * p, start, (-3, 3, -2, 2), ((0.0, 0.0),)
    )


def _saddle_gradient(p):
    x, y = p[..., 0], p[..., 1]
    return np.stack([x, y**3 - y], -1)


def _rosenbrock_gradient(p):
    x, y = p[..., 0], p[..., 1]
    return np.stack([2 * (x - 1) - 40 * x * (y - x**2), 20 * (y - x**2)], -1)


SURFACES = {
    "bowl": _quadratic(1.0, (-2.5, 1.5)),
    "valley": _quadratic(25.0, (-2.5, 1.0)),
    "saddle": Surface(
        lambda p: p[..., 0] ** 2 / 2 + (p[..., 1] ** 2 - 1) ** 2 / 4,
        _saddle_gradient,
        (-2.5, 0.001),
        (-3, 3, -2, 2),
        ((0.0, -1.0), (0.0, 1.0)),
    ),
    "Rosenbrock": Surface(  # Rosenbrock 1960, with 10 where the usual form has 100
        lambda p: (1 - p[..., 0]) ** 2 + 10 * (p[..., 1] - p[..., 0] ** 2) ** 2,
        _rosenbrock_gradient,
        (-1.2, 1.0),
        (-2.1, 2.1, -0.6, 2.2),
        ((1.0, 1.0),),
    ),
}
OPTIMIZERS = {  # step function, which of its options the slider "momentum" sets, further options
    "gradient descent": (reference.gradient_descent, None, {}),
    "momentum": (reference.momentum, "momentum", {}),
    "Adam": (reference.adam, "beta_1", {}),
    "Adam without bias correction": (reference.adam, "beta_1", {"correct_bias": False}),
}


def surface_path(surface, step, steps, **options):
    """The path of an optimizer from a surface's start; it ends early at the first point far outside the picture.

    Args:
        surface: Surface.
        step: of segutils.reference: gradient_descent, momentum or adam, with its options.
    Returns: (N, 2) points, N <= steps + 1, all finite.
    """
    far = 5 * np.abs(surface.extent).max()

    def gradient(p):  # flat beyond the edge, where a diverging path would overflow
        return surface.gradient(p) if max(abs(p[0]), abs(p[1])) < far else np.zeros(2)

    path = reference.descend(step, surface.start, gradient, steps, **options)
    outside = np.flatnonzero(np.abs(path).max(1) >= far)
    return path[: outside[0] + 1] if len(outside) else path


def optimizer_paths():
    """A walk over a loss surface, and the loss after each step.

    Returns: draw(surface, optimizer, log10_step_size, momentum, steps) → figure. `momentum` is β₁ for Adam.
    """
    figure, (ax, ax_loss) = plt.subplots(1, 2, figsize=(8.4, 3.3), layout="constrained", width_ratios=(1.25, 1))
    layers = {name: plots.show_surface(ax, land.loss, land.extent) for name, land in SURFACES.items()}
    (trace,) = ax.plot([], [], ".-", color=plots.COLOURS[0], linewidth=1.2, markersize=4)
    (start,) = ax.plot([], [], "o", color="black", markersize=6)
    (end,) = ax.plot([], [], "s", color=plots.COLOURS[1], markeredgecolor="black", markersize=7)
    (minima,) = ax.plot([], [], "*", color="black", markersize=10)
    boxed = {"facecolor": "white", "edgecolor": "black"}
    warning = ax.text(0.5, 0.94, "", transform=ax.transAxes, ha="center", va="top", fontsize=10, bbox=boxed)
    (curve,) = ax_loss.plot([], [], ".-", color=plots.COLOURS[0], linewidth=1, markersize=3)
    ax.set(xticks=(-2, 0, 2), yticks=(-1, 0, 1), xlabel="first parameter; ● start, ■ end, ★ minimum")
    ax_loss.set(yscale="log", xlim=(0, 200), ylim=(1e-8, 1e4), xlabel="step", ylabel="loss")
    ax_loss.set_yticks([1e-8, 1e-4, 1], ["10⁻⁸", "10⁻⁴", "1"])  # few, and plain text: ticks are slow to redraw
    ax_loss.set_yticks([], minor=True)
    ax_loss.set_xticks([0, 100, 200])
    ax_loss.grid(alpha=0.3)
    ax.set_title("valley\nmomentum", fontsize=9)
    ax_loss.set_title("loss", fontsize=9)

    def draw(surface="valley", optimizer="momentum", log10_step_size=-1.7, momentum=0.9, steps=60):
        land, rate = SURFACES[surface], 10**log10_step_size
        step, averaging, options = OPTIMIZERS[optimizer]
        options = options | ({averaging: momentum} if averaging else {})
        path = surface_path(land, step, steps, learning_rate=rate, **options)
        losses = land.loss(path)
        for name, layer in layers.items():
            for artist in layer:
                artist.set_visible(name == surface)
        left, right, bottom, top = land.extent
        ax.set(xlim=(left, right), ylim=(bottom, top))
        inside = np.all((path >= [left, bottom]) & (path <= [right, top]), axis=1)
        trace.set_data(*path.T)
        start.set_data(*path[:1].T)
        end.set_data(*path[-1:].T)
        minima.set_data(*np.transpose(land.minima))
        curve.set_data(np.arange(len(losses)), np.maximum(losses, 1e-300))
        told = f", {'μ' if averaging == 'momentum' else 'β₁'} = {momentum:.2f}" if averaging else ""
        ax.set_title(f"{surface}\n{optimizer}, α = {rate:.3g}{told}", fontsize=9)
        diverged = len(path) <= steps
        outside = "" if inside[-1] else "the end lies outside the picture"
        warning.set_text(f"diverges: stopped after {len(path) - 1} of {steps} steps" if diverged else outside)
        warning.set_visible(bool(warning.get_text()))
        said = f"diverges at step {len(path) - 1}" if diverged else f"{losses[-1]:.2g} after {steps} steps"
        ax_loss.set_title(f"loss: {said}", fontsize=9)
        return figure

    return draw


# Notebook 12: FAQ


class _Recorder:
    """Takes the place of a model: notes where ModelCheckpoint saves it and what it saves, and writes nothing."""

    def __init__(self):
        self.metrics, self.files = [], {}

    def save(self, path, overwrite):
        self.files[path] = "model"

    def save_weights(self, path, overwrite):
        self.files[path] = "weights"


def checkpoint_files(losses):
    """Validation losses of a training, and what Keras's ModelCheckpoint does: where it saves, prints, and what is left.

    Args:
        losses: (E,) float, one an epoch.
    Returns: draw(save_best_only, mode, save_weights_only, verbose, name_with_epoch) → figure. save_weights_only and
        verbose are texts of Python literals, since a menu can't hold None.
    """
    losses, epochs = np.asarray(losses, float), np.arange(1, len(losses) + 1)
    figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.4), width_ratios=(1, 1.25), layout="constrained")
    left.plot(epochs, losses, ":", color="gray")
    (skipped,) = left.plot([], [], "x", color="black", markersize=8, label="not saved")
    (saved,) = left.plot([], [], "o", color=plots.COLOURS[0], markersize=8, label="saved")
    left.set(xlabel="epoch", ylabel="val_loss", xticks=epochs, ylim=(0, 1.25 * losses.max()))
    left.legend(fontsize=8, ncols=2, loc="upper right")
    right.set_axis_off()
    written = right.text(0, 1, "", va="top", fontsize=8, family="monospace", transform=right.transAxes)

    def draw(save_best_only=True, mode="min", save_weights_only="False", verbose="1", name_with_epoch=False):
        only = ast.literal_eval(save_weights_only)
        name = "best" + "-{epoch}" * name_with_epoch + (".weights.h5" if only else ".keras")
        options = {"mode": mode, "save_best_only": save_best_only, "save_weights_only": only}
        at, files, printed = _checkpointed(losses, name, **options, verbose=ast.literal_eval(verbose))
        saved.set_data(epochs[at], losses[at])
        skipped.set_data(epochs[~at], losses[~at])
        left.set_title(f"saved after {at.sum()} of {len(at)} epochs", fontsize=9)
        call = f'ModelCheckpoint("{name}", mode="{mode}",\n  save_best_only={save_best_only}, '
        call += f"save_weights_only={save_weights_only}, verbose={verbose})"
        left_there = [f"  {file}: {what} of epoch {epoch}" for file, (what, epoch) in files.items()]
        lines = [call, "", "printed:", *(printed or ["  nothing"]), "", "files:", *(left_there or ["  none"])]
        written.set_text("\n".join(lines))
        return figure

    return draw


def _checkpointed(losses, name, **options):
    """Drive Keras's ModelCheckpoint through the losses of some epochs, with a model that only notes what is asked.

    Returns: which epochs were saved, bool (E,); {file: (what, epoch)}; the lines printed, shortened, or the error.
    """
    from segutils.quiet import keras

    checkpoint, at, files, told = keras.callbacks.ModelCheckpoint(name, **options), [], {}, io.StringIO()
    with contextlib.redirect_stdout(told):
        for epoch, loss in enumerate(losses.tolist()):
            recorder = _Recorder()
            checkpoint.set_model(recorder)
            checkpoint.on_epoch_begin(epoch)
            try:
                checkpoint.on_epoch_end(epoch, {"val_loss": loss})
            except TypeError as error:
                told.write(f"TypeError: {str(error)[:34]} …\n")
                break
            at.append(bool(recorder.files))
            files |= {file: (what, epoch + 1) for file, what in recorder.files.items()}
    said = [line for line in told.getvalue().splitlines() if line and "finished" not in line]
    lines = ["  " + line.split(", saving")[0] for line in said]
    return np.pad(np.array(at, bool), (0, len(losses) - len(at))), files, lines
