"""Lesson 7 · Optimizers: loss surfaces and paths over them, their explorer, and the exercise `adam_step`."""

import itertools
from collections.abc import Callable
from typing import NamedTuple

import matplotlib.pyplot as plt
import numpy as np

from segutils import plots, reference
from segutils.lessons.answers import Exercise

# Figures


def show_surface(ax, loss, extent, paths=None, *, minima=(), title=None):
    """Draw a loss over two parameters as shades with contour lines, darker where higher, and paths over it.

    Args:
        loss: function from parameters (..., 2) to losses (...) >= 0.
        extent: (left, right, bottom, top), the ranges of the two parameters.
        paths: for each name the points (N, 2) visited; a circle marks the first, a square the last.
        minima: (x, y) of each minimum, marked with a star.
    Returns: two artists, the shading and the contour lines.
    """
    left, right, bottom, top = extent
    grid_points = np.stack(np.meshgrid(np.linspace(left, right, 181), np.linspace(bottom, top, 121)), -1)
    height = np.log10(loss(grid_points) + 1e-2)  # equal shades for equal factors: a loss has no natural unit
    grey = 255 - 70 * (height - height.min()) / np.ptp(height)  # bytes, which redraw faster than numbers
    shades = np.repeat(grey[..., None], 3, axis=-1).astype(np.uint8)
    shading = ax.imshow(shades, origin="lower", extent=extent, interpolation="nearest")
    levels = np.linspace(height.min(), height.max(), 11)[1:-1]
    across, up = grid_points.transpose(2, 0, 1)
    contours = ax.contour(across, up, height, levels, colors="gray", linewidths=0.6, linestyles="-")
    ax.plot(*np.reshape(minima, (-1, 2)).T, "*", color="black", markersize=9)
    for (name, path), dash, colour in zip(
        (paths or {}).items(), itertools.cycle(plots.DASHES), plots.COLOURS, strict=False
    ):
        ax.plot(*path.T, dash, marker=".", markersize=4, linewidth=1.2, color=colour, label=name)
        ax.plot(*path[0], "o", color="black", markersize=5)
        ax.plot(*path[-1], "s", color=colour, markersize=6, markeredgecolor="black")
    ax.set(xlim=(left, right), ylim=(bottom, top), xlabel="first parameter", ylabel="second parameter")
    if title is not None:
        ax.set_title(title, fontsize=9)
    return shading, contours


# The surfaces, and the explorer of optimizers on them


class Surface(NamedTuple):
    """A loss of two parameters for optimizers to descend; it is 0 at its minima and positive elsewhere."""

    loss: Callable  # parameters (..., 2) → (...)
    gradient: Callable  # parameters (..., 2) → (..., 2)
    start: tuple
    extent: tuple  # left, right, bottom, top of the figure
    minima: tuple


def _quadratic(condition_number, start):
    """½ (x² + condition_number · y²): curvature 1 along x, `condition_number` along y."""
    curvature = np.array([1.0, condition_number])
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
OPTIMIZERS = {  # step function, the option that the slider "momentum" sets, further options
    "gradient descent": (reference.gradient_descent, None, {}),
    "momentum": (reference.momentum, "momentum", {}),
    "Adam": (reference.adam, "beta_1", {}),
    "Adam without bias correction": (reference.adam, "beta_1", {"correct_bias": False}),
}


def surface_path(surface, step, steps, **options):
    """The path of an optimizer from a surface's start; it ends early at the first point far outside the figure.

    Args:
        surface: Surface.
        step: gradient_descent, momentum or adam of segutils.reference.
        steps: number of steps.
        options: of `step`.
    Returns: (N, 2) points, N <= steps + 1, all finite.
    """
    far = 5 * np.abs(surface.extent).max()

    def gradient(p):  # flat beyond the edge, where a diverging path would overflow
        return surface.gradient(p) if max(abs(p[0]), abs(p[1])) < far else np.zeros(2)

    path = reference.descend(step, surface.start, gradient, steps, **options)
    outside = np.flatnonzero(np.abs(path).max(1) >= far)
    return path[: outside[0] + 1] if len(outside) else path


def optimizer_paths():
    """The path of an optimizer over a loss surface, and the loss after each step.

    Returns: draw(surface, optimizer, log10_step_size, momentum, steps) → figure. `momentum` is β₁ for Adam.
    """
    figure, (ax, ax_loss) = plt.subplots(1, 2, figsize=(8.4, 3.3), layout="constrained", width_ratios=(1.25, 1))
    layers = {name: show_surface(ax, each.loss, each.extent) for name, each in SURFACES.items()}
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
        chosen, learning_rate = SURFACES[surface], 10**log10_step_size
        step, momentum_option, options = OPTIMIZERS[optimizer]
        options = options | ({momentum_option: momentum} if momentum_option else {})
        path = surface_path(chosen, step, steps, learning_rate=learning_rate, **options)
        losses = chosen.loss(path)
        for name, layer in layers.items():
            for artist in layer:
                artist.set_visible(name == surface)
        left, right, bottom, top = chosen.extent
        ax.set(xlim=(left, right), ylim=(bottom, top))
        inside = np.all((path >= [left, bottom]) & (path <= [right, top]), axis=1)
        trace.set_data(*path.T)
        start.set_data(*path[:1].T)
        end.set_data(*path[-1:].T)
        minima.set_data(*np.transpose(chosen.minima))
        curve.set_data(np.arange(len(losses)), np.maximum(losses, 1e-300))
        symbol = {None: "", "momentum": f", μ = {momentum:.2f}", "beta_1": f", β₁ = {momentum:.2f}"}[momentum_option]
        ax.set_title(f"{surface}\n{optimizer}, α = {learning_rate:.3g}{symbol}", fontsize=9)
        diverged = len(path) <= steps
        outside = "" if inside[-1] else "the end lies outside the figure"
        notes = outside or ("the loss is larger than at the start" if losses[-1] > losses[0] else "")
        warning.set_text(f"diverges: stopped after {len(path) - 1} of {steps} steps" if diverged else notes)
        warning.set_visible(bool(warning.get_text()))
        result = f"diverges at step {len(path) - 1}" if diverged else f"{losses[-1]:.2g} after {steps} steps"
        ax_loss.set_title(f"loss: {result}", fontsize=9)
        return figure

    return draw


# The exercise: adam_step(theta, gradient, m, v, t, learning_rate) → theta, m, v; t counts from 1


def _adam_step(theta, gradient, m, v, t, learning_rate):
    theta, (_, m, v) = reference.adam(theta, gradient, (t - 1, m, v), learning_rate=learning_rate, epsilon=1e-7)
    return theta, m, v


def _adam_path(step, gradients, learning_rate):
    """Theta, m and v after each step (T, 3, D) of a step function that starts at zero and meets gradients (T, D)."""
    path, state = [], (np.zeros(gradients.shape[1]),) * 3
    for t, gradient in enumerate(gradients, start=1):
        theta, m, v = (np.array(values) for values in state)
        state = step(theta, gradient.copy(), m, v, t, learning_rate)
        if state is None:
            return None
        theta, m, v = state
        path.append([theta, m, v])
    return np.array(path)


def _adam_move(m_hat, v_hat, m, v, t):
    return m_hat / (np.sqrt(v_hat) + 1e-7)


def _adam_variant(
    move=_adam_move,
    *,
    averages=(0.9, 0.999),
    corrections=(0.9, 0.999),
    average=lambda mean, new, beta: beta * mean + (1 - beta) * new,
    square=lambda g: g**2,
    returned=lambda m_hat, v_hat, m, v, old: (m, v),
):
    """A wrong step: Adam, but for what is given here."""

    def step(theta, gradient, m, v, t, learning_rate):
        old = m, v
        m, v = average(m, gradient, averages[0]), averages[1] * v + (1 - averages[1]) * square(gradient)
        m_hat, v_hat = m / (1 - corrections[0] ** t), v / (1 - corrections[1] ** t)
        return theta - learning_rate * move(m_hat, v_hat, m, v, t), *returned(m_hat, v_hat, m, v, old)

    return step


def _adam_with_fast_averages(theta, gradient, m, v, t, learning_rate):
    m, v = 0.1 * m + 0.9 * gradient, 0.001 * v + 0.999 * gradient**2
    return theta - learning_rate * _adam_move(m / (1 - 0.9**t), v / (1 - 0.999**t), m, v, t), m, v


exercise = Exercise(
    "adam_step",
    solution=_adam_step,
    cases=[
        (np.array([[3.0, -0.5]]), 0.1),
        (np.random.default_rng(1).normal(size=(5, 3)), 0.1),
        (np.random.default_rng(2).normal(size=(40, 2)) * [1e-3, 1e3], 0.01),
        (np.array([[1e-7, 0.0], [2e-7, 0.0]]), 0.1),
    ],
    mistakes=[
        (
            "The bias correction is missing: m and v start at 0 and are too small in the first steps. Divide "
            "m by (1 - 0.9ᵗ) and v by (1 - 0.999ᵗ).",
            _adam_variant(lambda mh, vh, m, v, t: m / (np.sqrt(v) + 1e-7)),
        ),
        (
            "Only m is corrected; divide v by (1 - 0.999ᵗ) too.",
            _adam_variant(lambda mh, vh, m, v, t: mh / (np.sqrt(v) + 1e-7)),
        ),
        (
            "Only v is corrected; divide m by (1 - 0.9ᵗ) too.",
            _adam_variant(lambda mh, vh, m, v, t: m / (np.sqrt(vh) + 1e-7)),
        ),
        (
            "The correction is one step ahead: t is already 1 in the first step, do not add 1.",
            _adam_variant(
                lambda mh, vh, m, v, t: _adam_move(m / (1 - 0.9 ** (t + 1)), v / (1 - 0.999 ** (t + 1)), m, v, t)
            ),
        ),
        (
            "The correction divides by (1 - β) and not by (1 - βᵗ): it must fade as t grows.",
            _adam_variant(lambda mh, vh, m, v, t: _adam_move(m / 0.1, v / 0.001, m, v, t)),
        ),
        ("You go uphill: subtract the step.", _adam_variant(lambda mh, vh, m, v, t: -_adam_move(mh, vh, m, v, t))),
        ("The square root is missing: divide by √v̂ + ε.", _adam_variant(lambda mh, vh, m, v, t: mh / (vh + 1e-7))),
        ("v must average the *squares* of the gradient, g².", _adam_variant(square=np.abs)),
        (
            "The two betas are swapped: 0.9 belongs to m, 0.999 to v.",
            _adam_variant(averages=(0.999, 0.9), corrections=(0.999, 0.9)),
        ),
        (
            "m must keep 0.9 of itself and take 0.1 of the gradient; you have it the other way round.",
            _adam_variant(average=lambda mean, new, beta: (1 - beta) * mean + beta * new),
        ),
        (
            "m adds the whole gradient; it is an average: 0.9 m + 0.1 g.",
            _adam_variant(average=lambda mean, new, beta: beta * mean + new),
        ),
        (
            "ε stands inside the root; it belongs outside: √v̂ + ε.",
            _adam_variant(lambda mh, vh, m, v, t: mh / np.sqrt(vh + 1e-7)),
        ),
        ("That is gradient descent: divide by √v̂ + ε.", _adam_variant(lambda mh, vh, m, v, t: mh)),
        (
            "The correction is one step behind: t counts from 1, and 1 - β⁰ would divide by zero; do not subtract 1.",
            _adam_variant(
                lambda mh, vh, m, v, t: _adam_move(m / (1 - 0.9 ** (t - 1)), v / (1 - 0.999 ** (t - 1)), m, v, t)
            ),
        ),
        (
            "v averages the gradient itself and becomes negative; average its square, g².",
            _adam_variant(square=lambda g: g),
        ),
        (
            "The betas of the averages are swapped: m keeps 0.9 of itself, v keeps 0.999.",
            _adam_variant(averages=(0.999, 0.9)),
        ),
        (
            "The betas of the correction are swapped: divide m by (1 - 0.9ᵗ) and v by (1 - 0.999ᵗ).",
            _adam_variant(corrections=(0.999, 0.9)),
        ),
        (
            "Both averages keep too little of themselves: m ← 0.9 m + 0.1 g and v ← 0.999 v + 0.001 g².",
            _adam_with_fast_averages,
        ),
        (
            "ε is 1e-8, as in the paper; here it must be 1e-7, as in Keras.",
            _adam_variant(lambda mh, vh, m, v, t: mh / (np.sqrt(vh) + 1e-8)),
        ),
        (
            "ε is missing: a weight whose gradient was always 0 divides 0 by 0.",
            _adam_variant(lambda mh, vh, m, v, t: mh / np.sqrt(vh)),
        ),
        (
            "ε is added before v is corrected, as Keras does it; add it to √v̂, after the correction.",
            _adam_variant(lambda mh, vh, m, v, t: m * np.sqrt(1 - 0.999**t) / (1 - 0.9**t) / (np.sqrt(v) + 1e-7)),
        ),
        (
            "You return the corrected m̂ and v̂; return the plain averages, the next step needs them.",
            _adam_variant(returned=lambda mh, vh, m, v, old: (mh, vh)),
        ),
        (
            "You return the m and v that came in; return the new ones.",
            _adam_variant(returned=lambda mh, vh, m, v, old: old),
        ),
    ],
    call=_adam_path,
    argument_names=("gradients", "learning_rate"),
)
