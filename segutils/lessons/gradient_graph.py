"""Lesson 6 · Gradients: a graph of five nodes, w and b → z → p → L, with its numbers forward and back; the explorer."""

import matplotlib.pyplot as plt
import numpy as np

from segutils import plots
from segutils.lessons.gradient_figures import SLOPE, VALUE

CONTROLS = {"x": (0.0, 2.0, 0.25), "w": (-2.0, 2.0, 0.25), "b": (-2.0, 2.0, 0.25), "pixel": ["ink", "ground"]}


def show_graph(x, w, b, is_ink):
    """The graph of one pixel with its numbers forward and back. Args: of gradient_graph's draw. Returns: the figure."""
    figure, ax = plt.subplots(figsize=(8.8, 3.3), layout="constrained")
    _graph(ax)(x, w, b, is_ink)
    return figure


def gradient_graph():
    """The graph of one pixel, numbers flowing forward and gradients back, beside the loss as w alone moves.

    Formula: z = x w + b, p = 1 / (1 + e^-z), L = -log p for ink, -log(1 - p) for ground
    Returns: draw(x, w, b, pixel) → figure; `pixel` is "ink" or "ground".
    """
    figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.3), width_ratios=(2.7, 1), layout="constrained")
    update = _graph(left)
    numbers = np.linspace(-2.5, 2.5, 101)
    (curve,) = right.plot([], [], color=VALUE)
    (tangent,) = right.plot([], [], "--", color=SLOPE)
    (dot,) = right.plot([], [], "o", color="black")
    # Ticks that are given and words in place of a legend: with those, a redrawing takes a third longer
    right.set(xlim=(-2.5, 2.5), ylim=(-0.5, 8.5), xticks=(-2, 0, 2), yticks=(0, 4, 8))
    right.set(xlabel="w, with x and b held", ylabel="L")
    right.set_title(" ", fontsize=9)
    right.grid(alpha=0.3)
    right.text(2.3, 8.3, "solid: loss", color=VALUE, fontsize=8, ha="right", va="top")
    right.text(2.3, 7.6, "dashed: its slope", color=SLOPE, fontsize=8, ha="right", va="top")

    def draw(x=2.0, w=1.0, b=-2.0, pixel="ink"):
        is_ink = pixel == "ink"
        loss, slope = update(x, w, b, is_ink)
        curve.set_data(numbers, np.logaddexp(0, (-1 if is_ink else 1) * (x * numbers + b)))
        tangent.set_data(w + np.array([-1.2, 1.2]), loss + slope * np.array([-1.2, 1.2]))
        dot.set_data([w], [loss])
        right.set_title(f"slope ∂L/∂w = {_short(slope)}", fontsize=9)
        return figure

    return draw


def _graph(ax):
    """Draw the graph once. Returns: update(x, w, b, is_ink) → (loss, ∂L/∂w), which writes its numbers."""
    places = {"w": (0, 1), "b": (0, -1), "z": (2.1, 0), "p": (4.2, 0), "L": (6.3, 0)}
    edges = [("w", "z"), ("b", "z"), ("z", "p"), ("p", "L")]
    nodes = {name: ax.text(*place, "", ha="center", va="center", fontsize=10) for name, place in places.items()}
    gradients, factors, heads = {}, {}, []
    for name, (at, height) in places.items():
        ax.plot(at, height, "o", markersize=40, color="white", markeredgecolor=VALUE, markeredgewidth=1.5)
        gradients[name] = ax.text(at, height - 0.62, "", ha="center", va="top", fontsize=9, color=SLOPE)
    for start, end in edges:
        (x0, y0), (x1, y1) = places[start], places[end]
        near, far = (np.array([x0 + t * (x1 - x0), y0 + t * (y1 - y0)]) for t in (0.24, 0.76))
        for a, b, lift, dash, colour in ((near, far, 0.1, "-", VALUE), (far, near, -0.1, "--", SLOPE)):
            (x, y), ends = a + [0, lift], b - a
            ax.plot([x, x + ends[0]], [y, y + ends[1]], dash, color=colour, linewidth=1.5)
            heads.append((x + ends[0], y + ends[1], *ends / np.hypot(*ends), colour))
        beside = {"color": SLOPE, "fontsize": 9, "ha": "center", "va": "top"}
        factors[start, end] = ax.text((x0 + x1) / 2, (y0 + y1) / 2 - (0.2 if y0 == y1 else 0.3), "", **beside)
    *arrows, colours = zip(*heads, strict=True)
    size = {"scale": 9, "scale_units": "inches", "pivot": "tip", "headwidth": 5, "headlength": 6, "headaxislength": 6}
    ax.quiver(*arrows, color=colours, angles="xy", width=0.003, **size)
    words = {"color": VALUE, "fontsize": 9, "ha": "center", "va": "bottom"}
    ax.text(1.0, -0.36, "plus", **words)
    ax.text(3.15, 0.18, "sigmoid", **words)
    times, minus_log = ax.text(1.5, 0.72, "", **words), ax.text(5.25, 0.18, "", **words)
    ax.set(xlim=(-0.7, 7), ylim=(-2.35, 1.75))
    plots.hide_ticks(ax, "solid: numbers go forward · dashed: gradients flow back, times the local slope")
    ax.spines[:].set_visible(False)

    def update(x, w, b, is_ink):
        z = x * w + b
        p = 1 / (1 + np.exp(-z))
        loss, dp = (-np.log(p), -1 / p) if is_ink else (-np.log(1 - p), 1 / (1 - p))
        dz = dp * p * (1 - p)
        times.set_text(f"times x = {_short(x)}")
        minus_log.set_text("minus log p" if is_ink else "minus log(1 - p)")
        for name, value in zip("wbzpL", (w, b, z, p, loss), strict=True):
            nodes[name].set_text(f"{name}\n{_short(value)}")
        for name, value in zip("wbzpL", (dz * x, dz, dz, dp, 1), strict=True):
            gradients[name].set_text(f"∂L/∂{name} = {_short(value)}")
        for edge, factor in zip(edges, (x, 1, p * (1 - p), dp), strict=True):
            factors[edge].set_text(f"× {_short(factor)}")
        return loss, dz * x

    return update


def _short(number):
    """A number with three digits and a true minus sign."""
    return f"{number + 0.0:.3g}".replace("-", "−")
