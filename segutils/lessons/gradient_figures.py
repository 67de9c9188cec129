"""Lesson 6 · Gradients: its figures, and what they measure; `gradient_graph` has the graph and its explorer."""

import itertools

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.patheffects import withStroke

from segutils import plots, reference, scenes

VALUE, SLOPE = plots.COLOURS[0], plots.COLOURS[9]  # what is computed forward, and what flows back
EDGE = np.array([[-1.0, 0, 1], [-2, 0, 2], [-1, 0, 1]])  # the kernel of vertical edges that is learned


def show_first(image):
    """The scene of page one, and the loss as one number of an empty kernel is moved: its slope says which way to go."""
    x = standardised(image)
    wanted = reference.conv2d(x, EDGE[:, :, None, None])

    def loss(number):
        kernel = np.zeros((3, 3, 1, 1))
        kernel[1, 2] = number
        return ((reference.conv2d(x, kernel) - wanted) ** 2).mean()

    figure, (left, middle, right) = plt.subplots(1, 3, figsize=(9, 2.9), width_ratios=(1, 1, 1.6), layout="constrained")
    plots.show_image(left, image, title="the scene of page one")
    plots.show_numbers(middle, np.zeros((3, 3)), title="a kernel that knows nothing", boxes=[(1, 2, 1, 1)])
    show_slope(loss, 0.0, (-1.5, 3.5), name="the framed number", ax=right)
    right.set_title("how wrong its feature map is", fontsize=9)
    return figure


def show_slope(loss, at, limits, *, name="w", ax=None):
    """A loss as one number moves, its tangent at `at` (dashed), and below them an arrow that points downhill.

    Args:
        loss: function of a float; at: where the tangent touches; limits: (low, high) of the number; name: its name.
        ax: where to draw; by default in a figure of its own.
    Returns: ax.
    """
    if ax is None:
        _, ax = plt.subplots(figsize=(5.5, 3), layout="constrained")
    slope = float(reference.difference_quotient(loss, at))
    numbers = np.linspace(*limits, 200)
    values = np.array([loss(number) for number in numbers])
    reach = 0.2 * (limits[1] - limits[0])
    ax.plot(numbers, values, color=VALUE, label="loss")
    ax.plot([at - reach, at + reach], loss(at) + slope * np.array([-reach, reach]), "--", color=SLOPE, label="slope")
    ax.plot([at], [loss(at)], "o", color="black", markersize=6)
    low, high = values.min(), values.max()
    ax.set(xlim=limits, ylim=(low - 0.22 * (high - low), high))
    under = low - 0.12 * (high - low)
    ax.annotate(
        "", (at - np.sign(slope) * reach, under), (at, under), arrowprops={"arrowstyle": "->", "linewidth": 1.5}
    )
    return plots.label_axes(ax, f"the slope is {slope:.3g}; the arrow points downhill", name, "loss")


def show_valley(loss, at, gradient):
    """The loss over two numbers w and b as lines of equal loss, with the gradient at one place, and the way downhill.

    Args: loss: function (w, b) of arrays; at: (w, b); gradient: its two numbers. Returns: the figure.
    """
    figure, ax = plt.subplots(figsize=(5.6, 4.2), layout="constrained")
    w, b = np.meshgrid(np.linspace(0, 4.5, 181), np.linspace(-0.5, 2.5, 121))
    drawn = ax.contour(w, b, loss(w, b), [1, 4, 9, 16, 25, 36], colors="#777777", linewidths=0.8)
    ax.clabel(drawn, fontsize=8, fmt="%g")
    ax.plot(w[0], 9 - 3 * w[0], ":", color=VALUE, linewidth=2, label="loss 0")
    unit = 0.75 * np.asarray(gradient) / np.linalg.norm(gradient)
    halo = [withStroke(linewidth=3, foreground="white")]
    for sign, dash, text in ((1, "--", "gradient:\nuphill"), (-1, "-", "against it:\ndownhill")):
        end = np.asarray(at) + sign * unit
        arrow = {"arrowstyle": "->", "color": SLOPE, "linewidth": 2.5, "linestyle": dash}
        ax.annotate("", end, at, arrowprops=arrow)
        place = {"xytext": (0, 8 * np.sign(sign * unit[1])), "textcoords": "offset points", "ha": "center"}
        ax.annotate(text, end, va="bottom" if sign * unit[1] > 0 else "top", fontsize=9, path_effects=halo, **place)
    ax.plot(*at, "o", color="black")
    ax.set(xlim=(0, 4.5), ylim=(-0.5, 2.5), aspect="equal")
    plots.label_axes(ax, "lines along which the loss (3w + b - 9)² is equal", "w", "b").legend(loc="lower left")
    return figure


def show_learned_mask(image, truth, predicted, losses):
    """The loss while a neuron learns, the scene, and its mask: light both, dots missed, crosses too much."""
    figure, axes = plt.subplots(1, 3, figsize=(9, 2.9), width_ratios=(1.3, 1, 1), layout="constrained")
    axes[0].plot(range(len(losses)), losses, color=VALUE, label="loss")
    axes[0].set_ylim(0)
    plots.label_axes(axes[0], "learning from 40 pixels of another scene", "step", "mean cross-entropy")
    plots.show_image(axes[1], image, title="the scene of page one")
    plots.show_agreement(axes[2], truth, predicted, title="ink, says the neuron\n× too much, · missed")
    return figure


def show_pooling(x, upstream, winner_takes, shared):
    """A map, the gradient arriving at its pooled version, and what the maximum and the mean send back to the map."""
    frames = [(0, 0, 2, 2), (0, 2, 2, 2), (2, 4, 2, 2)], [(0, 0, 1, 1), (0, 1, 1, 1), (1, 2, 1, 1)]
    figure, axes = plt.subplots(1, 4, figsize=(9, 1.9), width_ratios=[6, 3, 6, 6], layout="constrained")
    plots.show_numbers(axes[0], x, title="feature map", boxes=frames[0])
    plots.show_numbers(axes[1], upstream, title="gradient arriving", boxes=frames[1])
    plots.show_numbers(axes[2], winner_takes, title="maximum: to the winner", boxes=frames[0])
    plots.show_numbers(axes[3], shared, title="mean: shared out", boxes=frames[0])
    return figure


def show_asking(image, asked):
    """A scene beside p - y of ink at each pixel: orange asks for more ink, purple for less, white is content."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(6.6, 2.9), width_ratios=(1, 1.2), layout="constrained")
    plots.show_image(left, image, title="the scene of page one")
    plots.show_map(right, asked, limit=1, title="p - y of ink: below 0 asks for more ink")
    return figure


def little_ink(digits):
    """The true ink (42, 42) bool of a small scene with one small digit, as in notebook 5; digits: one part."""
    return scenes.make_scenes(digits, 1, size=42, count=(1, 1), scale=(0.5, 0.6), seed=0).semantic[0] > 0


def pull_on_ink(loss, ink, logit, *, elsewhere=-10.0):
    """How fast a loss, as it is trained, falls when the logit that all ink pixels of a scene share rises.

    Args:
        loss: function of segutils.losses: (y_true (1, H, W), logits (1, H, W, 2)) → (1,).
        ink: (H, W) bool, the true ink.
        logit: of ink at the ink pixels; background's is 0 everywhere.
        elsewhere: the logit of ink at all other pixels; by default they are right.
    Returns: float, minus the derivative.
    """
    import tensorflow as tf

    shared = tf.Variable(float(logit))
    with tf.GradientTape() as tape:
        z = tf.where(ink[None], shared, elsewhere)
        value = loss(ink[None].astype("int32"), tf.stack([tf.zeros_like(z), z], -1))[0]
    return -float(tape.gradient(value, shared))


def show_pulls(masks):
    """How strongly cross-entropy and Dice, as they are trained, pull the ink up, against the logit that it shares.

    Args: masks: {name: (H, W) bool, true ink}, two of them.
    Returns: {name: (logits, pull of cross-entropy, pull of Dice)}.
    """
    from segutils import losses

    logits, pulls = np.arange(-8, 6.5, 0.5), {}
    _, ax = plt.subplots(figsize=(6.8, 3.4), layout="constrained")
    for (where, ink), dash in zip(masks.items(), ("-", "--"), strict=True):
        pulls[where] = [logits]
        for name, loss, colour, marker in (
            ("cross-entropy", losses.cross_entropy, 7, ""),
            ("Dice", losses.dice, 1, "."),
        ):
            pulls[where].append(np.array([pull_on_ink(loss, ink, logit) for logit in logits]))
            label = f"{name}, {where}: {ink.mean():.1%} ink"
            ax.plot(logits, pulls[where][-1], dash, marker=marker, color=plots.COLOURS[colour], label=label)
    title = "Pull on the ink, with the losses as they are trained"
    plots.label_axes(ax, title, "logit of all ink pixels", "fall of the loss per unit of logit")
    ax.set_ylim(0)
    return pulls


ACTIVATIONS = {"sigmoid": ("-", "o", 2), "tanh": ("--", "s", 6), "relu": (":", "^", 5)}  # dashes, marker, colour


def show_activations():
    """Slope of each activation against its input. Returns: {name: the slopes}."""
    _, ax = plt.subplots(figsize=(5.6, 2.8), layout="constrained")
    x = np.linspace(-5, 5, 201)
    slopes = {name: getattr(reference, f"{name}_gradient")(x) for name in ACTIVATIONS}
    for name, (dash, _, colour) in ACTIVATIONS.items():
        ax.plot(x, slopes[name], dash, color=plots.COLOURS[colour], label=name)
    plots.label_axes(ax, "The slope of an activation", "its input", "change of output per input")
    return slopes


def show_depth(sizes):
    """Mean size of the gradient that reaches each layer, in powers of ten; {name: a number per layer}."""
    figure, ax = plt.subplots(figsize=(6.8, 3.4), layout="constrained")
    layers = range(1, len(next(iter(sizes.values()))) + 1)
    others = itertools.cycle([("-.", "D", 5), ((0, (1, 3)), "v", 5)])
    for name, values in sizes.items():
        dash, marker, colour = ACTIVATIONS[name] if name in ACTIVATIONS else next(others)
        ax.plot(layers, values, linestyle=dash, marker=marker, color=plots.COLOURS[colour], label=name)
    ax.set(yscale="log", xticks=layers)
    plots.label_axes(ax, "What reaches each layer", "layer (1 is next to the image)", "mean size of the gradient")
    return figure


def show_kernels(image, kernels, steps):
    """The scene, and a learned kernel after some of its steps."""
    figure, axes = plt.subplots(1, 1 + len(steps), figsize=(9, 2.1), layout="constrained")
    plots.show_image(axes[0], image, title="what it sees")
    for ax, step in zip(axes[1:], steps, strict=True):
        numbers = kernels[step].squeeze().round(2) + 0.0
        plots.show_numbers(ax, numbers, title=f"after {step} step{'s' * (step != 1)}", limits=(-2, 2))
    return figure


def standardised(image):
    """An image (H, W) as (1, H, W, 1) with mean 0 and spread 1."""
    image = np.asarray(image, float)
    return ((image - image.mean()) / image.std())[None, :, :, None]
