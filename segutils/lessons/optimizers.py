"""Lesson 7 · Optimizers: the explorer of paths over loss surfaces, and the exercises `adam_step` and `clipped_step`."""

import matplotlib.pyplot as plt
import numpy as np

from segutils import plots, reference
from segutils.lessons.answers import Exercise
from segutils.lessons.optimizers_figures import SURFACES, show_surface, surface_path

# The explorer

OPTIMIZERS = {  # step function, the option that the slider "momentum" sets, further options
    "gradient descent": (reference.gradient_descent, None, {}),
    "momentum": (reference.momentum, "momentum", {}),
    "Adam": (reference.adam, "beta_1", {}),
    "Adam without bias correction": (reference.adam, "beta_1", {"correct_bias": False}),
}


def optimizer_paths():
    """The path of an optimizer over a loss surface, and the loss after each step.

    Returns: draw(surface, optimizer, log10_learning_rate, momentum, steps) → figure. `momentum` is β₁ for Adam.
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
    ax.set(xticks=(-2, 0, 2), yticks=(-1, 0, 1), xlabel="first weight; ● start, ■ end, ★ minimum")
    ax_loss.set(yscale="log", xlim=(0, 200), ylim=(1e-8, 1e4), xlabel="step", ylabel="loss")
    ax_loss.set_yticks([1e-8, 1e-4, 1], ["10⁻⁸", "10⁻⁴", "1"])  # few, and plain text: ticks are slow to redraw
    ax_loss.set_yticks([], minor=True)
    ax_loss.set_xticks([0, 100, 200])
    ax_loss.grid(alpha=0.3)
    ax.set_title("valley\nmomentum", fontsize=9)
    ax_loss.set_title("loss", fontsize=9)

    def draw(surface="valley", optimizer="momentum", log10_learning_rate=-1.7, momentum=0.9, steps=60):
        chosen, learning_rate = SURFACES[surface], 10**log10_learning_rate
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
        given = [*(np.array(values) for values in state), gradient.copy()]
        theta, m, v, g = before = [values.copy() for values in given]
        state = step(theta, g, m, v, t, learning_rate)
        if state is None:
            return None
        if not all(map(np.array_equal, before, given)):
            gradients[:] = np.nan  # an input of the case that has changed is what `Exercise` tells the learner
            return gradients
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


# The second exercise: clipped_step(theta, gradient, learning_rate, max_length) → theta


def _shortened(gradient, max_length, rate):
    length = np.linalg.norm(gradient)
    return gradient * (max_length / length if length > max_length else 1.0)


def _clipped_step(theta, gradient, learning_rate, max_length):
    return theta - learning_rate * _shortened(gradient, max_length, learning_rate)


def _clipped_variant(shorten, *, sign=-1):
    """A wrong step: descent, but for the shortened gradient, shorten(gradient, max_length, learning_rate)."""
    return lambda theta, gradient, rate, most: theta + sign * rate * shorten(gradient, most, rate)


def _by_length(length):
    """A wrong shortening, by another length of a gradient."""
    return _clipped_variant(lambda g, most, rate: g * min(1.0, most / max(length(g), 1e-300)))


second_exercise = Exercise(
    "clipped_step",
    solution=_clipped_step,
    cases=[
        (np.array([1.0, 2.0]), np.array([3.0, 4.0]), 0.5, 1.0),
        (np.array([0.5, -1.0, 2.0]), np.array([0.3, -0.2, 0.1]), 0.1, 1.0),
        (np.array([2.0, -1.0, 0.5, 3.0]), np.array([-30.0, 10.0, 0.2, 5.0]), 0.2, 4.0),
        (np.array([1.0, 1.0]), np.array([0.0, 0.0]), 0.1, 1.0),
        (np.array([1.0, -2.0, 0.5]), np.array([-0.9, 0.8, 0.6]), 0.1, 1.0),  # only the length is above the limit
        (np.array([1.0, -2.0]), np.array([2.0, -2.5]), 0.1, 4.0),  # only its square and Σ |g| are
    ],
    mistakes=[
        (
            "The gradient is never shortened: where it is longer than max_length, multiply it by max_length / length.",
            _clipped_variant(lambda g, most, rate: g),
        ),
        (
            "You cut each number on its own, which turns the direction; multiply the whole gradient by one factor.",
            _clipped_variant(lambda g, most, rate: np.clip(g, -most, most)),
        ),
        (
            "You give every gradient the length max_length; a shorter one must stay as it is.",
            _clipped_variant(lambda g, most, rate: g * most / max(np.linalg.norm(g), 1e-300)),
        ),
        (
            "You divide 0 by 0 where the gradient is 0: shorten only where the length is above max_length.",
            _clipped_variant(lambda g, most, rate: g / np.linalg.norm(g) * min(np.linalg.norm(g), most)),
        ),
        (
            "The length is the root of the sum of squares; you left out the root.",
            _by_length(lambda g: (g**2).sum()),
        ),
        ("The length is √Σ g², not the sum of the absolute values.", _by_length(lambda g: np.abs(g).sum())),
        ("The length is √Σ g², not the largest of the absolute values.", _by_length(lambda g: np.abs(g).max())),
        (
            "You take the root of the *mean* of the squares; the length is the root of their sum.",
            _by_length(lambda g: np.sqrt((g**2).mean())),
        ),
        ("You go uphill: subtract the step.", _clipped_variant(_shortened, sign=1)),
        (
            "You limit the length of the *step*; limit that of the gradient, before the learning rate.",
            _clipped_variant(lambda g, most, rate: _shortened(g, most / rate, rate)),
        ),
        (
            "The learning rate is missing: subtract learning_rate times the shortened gradient.",
            lambda theta, gradient, rate, most: theta - _shortened(gradient, most, rate),
        ),
        (
            "You return the step; return the new theta.",
            lambda theta, gradient, rate, most: rate * _shortened(gradient, most, rate),
        ),
        (
            "A gradient that is too long is set to 0; it keeps its direction and gets the length max_length.",
            _clipped_variant(lambda g, most, rate: g * (np.linalg.norm(g) <= most)),
        ),
        (
            "You shorten where a single number is above max_length; ask whether the *length* is.",
            _clipped_variant(lambda g, most, rate: _shortened(g, most, rate) if np.abs(g).max() > most else g),
        ),
        (
            "You divide by the length but forget to multiply by max_length.",
            _clipped_variant(lambda g, most, rate: g / max(np.linalg.norm(g), 1) if np.linalg.norm(g) > most else g),
        ),
    ],
)
