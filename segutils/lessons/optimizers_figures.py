"""Lesson 7 · Optimizers: loss surfaces, its figures, and the small network of digits that it trains by hand."""

from collections.abc import Callable
from typing import NamedTuple

import matplotlib.pyplot as plt
import numpy as np

from segutils import plots, reference

# One dash and one colour for each optimizer, in all figures
LINES = {
    "gradient descent": ("-", plots.COLOURS[0]),
    "momentum": ("--", plots.COLOURS[1]),
    "Adam": (":", plots.COLOURS[2]),
}

# Surfaces


def show_surface(ax, loss, extent, paths=None, *, minima=(), title=None):
    """Draw a loss over two parameters as shades with contour lines, lighter where higher, and paths over it.

    Args:
        loss: function from parameters (..., 2) to losses (...) >= 0.
        extent: (left, right, bottom, top), the ranges of the two parameters.
        paths: for each optimizer of LINES the points (N, 2) visited; a circle marks the first, a square the last.
        minima: (x, y) of each minimum, marked with a star.
    Returns: two artists, the shading and the contour lines.
    """
    left, right, bottom, top = extent
    grid_points = np.stack(np.meshgrid(np.linspace(left, right, 181), np.linspace(bottom, top, 121)), -1)
    height = np.log10(loss(grid_points) + 1e-2)  # equal shades for equal factors: a loss has no natural unit
    grey = 180 + 75 * (height - height.min()) / np.ptp(height)  # bytes, which redraw faster than numbers
    shades = np.repeat(grey[..., None], 3, axis=-1).astype(np.uint8)
    shading = ax.imshow(shades, origin="lower", extent=extent, interpolation="nearest")
    levels = np.linspace(height.min(), height.max(), 11)[1:-1]
    across, up = grid_points.transpose(2, 0, 1)
    contours = ax.contour(across, up, height, levels, colors="gray", linewidths=0.6, linestyles="-")
    ax.plot(*np.reshape(minima, (-1, 2)).T, "*", color="black", markersize=9)
    for name, path in (paths or {}).items():
        dash, colour = LINES[name]
        ax.plot(*path.T, dash, marker=".", markersize=4, linewidth=1.2, color=colour, label=name)
        ax.plot(*path[0], "o", color="black", markersize=5)
        ax.plot(*path[-1], "s", color=colour, markersize=6, markeredgecolor="black")
    ax.set(xlim=(left, right), ylim=(bottom, top), xlabel="first weight", ylabel="second weight")
    if title is not None:
        ax.set_title(title, fontsize=9)
    return shading, contours


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


def end_of_keras_path(optimizer, surface, steps):
    """Where a Keras optimizer stands on a surface after some steps from its start. Returns: (2,) float32."""
    import keras

    theta = keras.Variable(np.array(surface.start))
    for _ in range(steps):
        optimizer.apply([keras.ops.cast(surface.gradient(theta.numpy()), "float32")], [theta])
    return theta.numpy()


# Figures


def show_three_optimizers(steps=60):
    """Draw paths of gradient descent, momentum and Adam over two surfaces, a valley and Rosenbrock's, one panel each.

    Returns: for each surface and optimizer the last loss, {(surface, optimizer): number}.
    """
    tried = {"gradient descent": (reference.gradient_descent, 0.06), "momentum": (reference.momentum, 0.01)}
    tried["Adam"] = reference.adam, 0.1
    figure, axes = plt.subplots(2, 3, figsize=(9, 5), layout="constrained")
    last = {}
    for row, name in zip(axes, ("valley", "Rosenbrock"), strict=True):
        surface = SURFACES[name]
        for ax, (optimizer, (step, rate)) in zip(row, tried.items(), strict=True):
            path = surface_path(surface, step, steps, learning_rate=rate)
            last[name, optimizer] = surface.loss(path[-1])
            show_surface(ax, surface.loss, surface.extent, {optimizer: path}, minima=surface.minima)
            says = (
                "leaves the figure" if len(path) <= steps else f"loss {last[name, optimizer]:.2g} after {steps} steps"
            )
            ax.set_title(f"{name}: {optimizer}, α = {rate}\n{says}", fontsize=9)
            ax.label_outer()
    figure.suptitle("From the circle to the square; light is a high loss, ★ the lowest point", fontsize=10)
    return last


def zeros_and_ones(part):
    """Of a part of the digits, the images (N, 28, 28) of zeros and ones, and y (N,): +1 for a one, -1 for a zero."""
    chosen = np.isin(part.labels, [0, 1])
    return part.images[chosen], np.where(part.labels[chosen] == 1, 1.0, -1.0)


def show_zeros_and_ones(images, x, y):
    """Draw three zeros and three ones, with the framed square whose brightness is x, and the target y."""
    axes = plots.grid(1, 6, size=1.5)[0]
    for ax, i in zip(axes, np.r_[np.flatnonzero(y < 0)[:3], np.flatnonzero(y > 0)[:3]], strict=True):
        plots.show_image(ax, images[i], title=f"x = {x[i]:.2f}, y = {y[i]:+.0f}")
        frame = {"fill": False, "edgecolor": plots.COLOURS[6], "linewidth": 2}
        ax.add_patch(plt.Rectangle((10.5, 10.5), 6, 6, **frame))


def show_one_weight(loss, paths):
    """Draw a loss of one weight, and on it paths of gradient descent, one panel each. paths: {title: (N,) weights}."""
    figure, axes = plt.subplots(1, len(paths), figsize=(9, 2.9), layout="constrained", sharey=True)
    around = np.linspace(min(map(np.min, paths.values())) - 0.5, max(map(np.max, paths.values())) + 0.5, 200)
    dash, colour = LINES["gradient descent"]
    for ax, (title, path) in zip(axes, paths.items(), strict=True):
        ax.plot(around, [loss(theta) for theta in around], color="gray")
        ax.plot(path, [loss(theta) for theta in path], f"o{dash}", color=colour, markersize=4, label="steps")
        ax.plot(path[0], loss(path[0]), "o", color="black", label="start")
        ax.set(xlabel="weight θ")
        plots.set_title(ax, title)
    axes[0].set_ylabel("loss")
    axes[0].legend(fontsize=8)


def show_valley(paths):
    """Draw paths over the valley, one panel each. paths: {optimizer: (N, 2) points}."""
    surface = SURFACES["valley"]
    figure, axes = plt.subplots(1, len(paths), figsize=(9, 3.2), layout="constrained")
    for ax, (name, path) in zip(axes, paths.items(), strict=True):
        title = f"{name}\n{len(path) - 1} steps: loss {surface.loss(path[-1]):.0e}"
        show_surface(ax, surface.loss, surface.extent, {name: path}, minima=surface.minima, title=title)


def show_directions(mean, steepest, centred):
    """Draw the mean image and the steepest directions of the loss, before and after centring; each (196,), 14×14."""
    titles = ["mean image", "steepest direction", "steepest, centred images"]
    axes = plots.grid(1, 3, size=2.4, titles=titles)[0]
    for ax, values in zip(axes, (mean, steepest, centred), strict=True):
        signed = values * np.sign(values.sum() or 1)  # the sign of a direction means nothing
        drawn = ax.imshow(signed.reshape(14, 14), cmap="gray", interpolation="nearest")
        ax.figure.colorbar(drawn, ax=ax, shrink=0.7).ax.tick_params(labelsize=8)


def show_step_lengths(lengths):
    """Draw how long Adam's steps are, in units of α. lengths: {name: (T,) numbers}, with and without correction."""
    figure, ax = plt.subplots(figsize=(7, 2.9), layout="constrained")
    for (name, values), dash, colour in zip(lengths.items(), (":", "-"), (LINES["Adam"][1], "black"), strict=True):
        ax.plot(np.arange(1, len(values) + 1), values, dash, color=colour, label=name, linewidth=2)
    plots.label_axes(ax, "Adam's steps where the gradient is constant", "step", "length of a step / α")
    ax.set(xscale="log", ylim=(0, 7))


def show_batch_error(sizes, measured, theory, length):
    """Draw the error of a mini-batch's gradient against the batch size, beside the length of the full gradient."""
    figure, ax = plt.subplots(figsize=(7, 3), layout="constrained")
    ax.plot(sizes, theory, "-", color="gray", label="error of one image / √B")
    ax.plot(sizes, np.full(len(sizes), length), "--", color="black", label="length of the full gradient")
    ax.plot(sizes, measured, "o", color="black", label="measured error")
    plots.label_axes(ax, "Error of a mini-batch's gradient", "batch size B", "length")
    ax.set(xscale="log", yscale="log")
    ax.set_xticks(sizes, sizes)
    ax.set_yticks([0.3, 1, 3], ["0.3", "1", "3"])
    ax.minorticks_off()


def show_schedules(schedules, ends):
    """Draw the learning rates of schedules, {name: (T,)}; titles hold the losses of their runs, {name: (runs,)}."""
    figure, axes = plt.subplots(1, len(schedules), figsize=(9, 2.7), layout="constrained", sharey=True)
    for ax, (name, rates) in zip(axes, schedules.items(), strict=True):
        ax.plot(rates, color=plots.COLOURS[5])
        runs = " ".join(f"{loss:.3f}" for loss in sorted(ends[name]))
        ax.set(xlabel="step", ylim=(0, 1.1 * rates.max()))
        ax.grid(alpha=0.3)
        ax.set_title(f"{name}\nlosses {runs}", fontsize=9)
    axes[0].set_ylabel("learning rate α")


def show_sweep(alphas, losses, steps):
    """Draw the loss after some steps against the learning rate, one panel for each kind of input.

    Args: alphas: (A,); losses: {(inputs, optimizer): (A, runs)}; steps: how many, for the label.
    """
    kinds = list(dict.fromkeys(kind for kind, _ in losses))
    figure, axes = plt.subplots(1, len(kinds), figsize=(9, 3.5), layout="constrained", sharey=True)
    for ax, kind in zip(axes, kinds, strict=True):
        for name, (dash, colour) in LINES.items():
            runs = losses[kind, name]
            ax.plot(alphas, np.median(runs, axis=1), dash, color=colour, label=name, linewidth=2)
            ax.fill_between(alphas, runs.min(1), runs.max(1), color=colour, alpha=0.2)
        ax.set(xscale="log", yscale="log", ylim=(0.002, 14), xlabel="learning rate α")
        ax.axhline(np.log(10), color="black", linewidth=0.8)
        ax.grid(alpha=0.3)
        plots.set_title(ax, kind)
    axes[0].set_ylabel(f"loss after {steps} steps")
    axes[0].legend(fontsize=8, loc="lower left")
    axes[-1].text(alphas[0], np.log(10) * 1.25, "blind guess", fontsize=8)


# A small network of digits, by hand

SHAPES = [(196, 32), (32,), (32, 10), (10,)]
ENDS = np.cumsum([np.prod(shape) for shape in SHAPES])


def small_digits(part):
    """Digits as inputs of the network: means over 2×2 pixels (N, 196) in [0, 1], and one-hot targets (N, 10)."""
    return reference.average_pool(part.images[..., None] / 255, 2).reshape(-1, 196), np.eye(10)[part.labels]


def classifier_gradient(weights, x, y):
    """Gradient of a linear classifier's mean cross-entropy. Args: weights (196, 10); x (N, 196); y (N, 10)."""
    upstream = reference.cross_entropy_gradient(y, reference.dense(x, weights)) / len(x)
    return reference.dense_gradients(x, weights, upstream)[1]


def network(theta, x, y):
    """Mean cross-entropy of a network 196 → 32 (ReLU) → 10, and its gradient, all weights in one vector.

    Args: theta: (6634,) both layers' weights and biases; x: (N, 196); y: (N, 10) one-hot.
    Returns: a number, and a gradient of theta's shape. Overflow gives inf or nan without a warning.
    """
    w1, b1, w2, b2 = (part.reshape(shape) for part, shape in zip(np.split(theta, ENDS[:-1]), SHAPES, strict=True))
    with np.errstate(all="ignore"):
        before = reference.dense(x, w1, b1)
        hidden = reference.relu(before)
        logits = reference.dense(hidden, w2, b2)
        upstream = reference.cross_entropy_gradient(y, logits) / len(x)
        dhidden, dw2, db2 = reference.dense_gradients(hidden, w2, upstream)
        _, dw1, db1 = reference.dense_gradients(x, w1, dhidden * reference.relu_gradient(before))
        return reference.cross_entropy(y, logits).mean(), np.concatenate([dw1.ravel(), db1, dw2.ravel(), db2])


def random_start(rng):
    """Weights to begin with (6634,): biases 0, the others scaled to the number of inputs (He et al. 2015)."""
    scale = [np.sqrt(2 / shape[0]) if len(shape) == 2 else 0.0 for shape in SHAPES]
    return np.concatenate([s * rng.normal(size=np.prod(shape)) for s, shape in zip(scale, SHAPES, strict=True)])


# The comparison of learning rates


def try_learning_rates(train, inputs, alphas, steps, *, seeds=range(3)):
    """The loss after training with each kind of inputs, each optimizer of LINES and each learning rate.

    Args:
        train: function (step, rates, seed, inputs) → loss after one step for each of the rates.
        inputs: {name: (N, 196)}; alphas: (A,); steps: how many; seeds: of the runs.
    Returns: {(inputs' name, optimizer): (A, runs)}; what diverged or is larger counts 10.
    """
    steppers = (reference.gradient_descent, reference.momentum, reference.adam)
    losses = {}
    with np.errstate(all="ignore"):  # a run that diverges may overflow
        for kind, x in inputs.items():
            for name, step in zip(LINES, steppers, strict=True):
                runs = [[train(step, [alpha] * steps, seed, x) for seed in seeds] for alpha in alphas]
                losses[kind, name] = np.nan_to_num(runs, nan=10.0, posinf=10.0).clip(max=10.0)
    return losses


def print_best(alphas, losses):
    """Print the best learning rate of each inputs and optimizer, and its median loss; returns both, as two dicts."""
    best, lowest = {}, {}
    for (kind, name), runs in losses.items():
        middle = np.median(runs, axis=1)
        best[kind, name], lowest[kind, name] = alphas[middle.argmin()], middle.min()
        print(f"{kind:16} {name:17} best α {best[kind, name]:<7.1g} loss {middle.min():.3f}")
    return best, lowest
