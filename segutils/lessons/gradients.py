"""Lesson 6 · Gradients: the check of an equality, and the exercises `neuron_gradient` and `kernel_gradient`."""

import numpy as np

from segutils import reference, scenes
from segutils.lessons.answers import Exercise, random_image

# Checks


def agree(by_hand, loss, at):
    """Require that a gradient by hand, the difference quotient and GradientTape are equal, and print that they are.

    Args:
        by_hand: the gradient, of the shape of `at`.
        loss: function of an array like `at`, written with TensorFlow's operations; returns one number.
        at: array at which the gradient is taken.
    Raises: AssertionError if one of the three differs.
    """
    import tensorflow as tf

    variable = tf.Variable(np.asarray(at, float))
    with tf.GradientTape() as tape:
        value = loss(variable)
    taped = tape.gradient(value, variable)
    quotient = reference.difference_quotient(lambda a: float(loss(tf.constant(a))), at)
    np.testing.assert_allclose(by_hand, quotient, atol=1e-6)
    np.testing.assert_allclose(by_hand, taped, atol=1e-9)
    count = np.size(at)
    print("by hand = difference quotient = GradientTape" + (f" for all {count:,} numbers" if count > 1 else ""))


def labelled_pixels(digits, rng):
    """Forty pixels of a training scene, half of them ink: a list of (brightness / 100 - 1, whether it is ink).

    Args: digits: one part of a Digits, whose digits stand in the scene; rng: NumPy generator that draws the pixels.
    """
    scene = scenes.make_scenes(digits, 1, seed=3)
    brightness, is_ink = scene.images.ravel() / 100 - 1, scene.semantic.ravel() > 0
    drawn = [rng.choice(np.flatnonzero(is_ink == kind), 20, replace=False) for kind in (True, False)]
    return list(zip(brightness[np.concatenate(drawn)].tolist(), is_ink[np.concatenate(drawn)].tolist(), strict=True))


def judge_exclusive_or(predict):
    """Print the mean cross-entropy of a network for "exactly one of two", and whether it has learned it.

    Args: predict: function (a, b) → probability that exactly one of a and b (each 0 or 1) is 1; float.
    Below 0.1 is success; without any learning, 0.5 everywhere, it is 0.693.
    """
    cases = [(0, 0), (0, 1), (1, 0), (1, 1)]
    chances = [predict(a, b) if a != b else 1 - predict(a, b) for a, b in cases]
    loss = float(np.mean([-np.log(max(chance, 1e-12)) for chance in chances]))
    right = sum(chance > 0.5 for chance in chances)
    print(f"{right} of 4 cases right, loss {loss:.3f}: {'learned' if loss < 0.1 else 'not yet, below 0.1 is success'}")


# The exercises: neuron_gradient(x, y, weights, bias) and kernel_gradient(x, kernel, upstream, stride)


def _neuron(x, y, w, b, *, error=lambda p, y: p - y, finish=lambda weights, bias: [*weights, bias]):
    """The gradient of a neuron's mean cross-entropy, with another error of each pixel or another end for a mistake."""
    away = error(reference.sigmoid(x @ w + b), y)
    return np.array(finish(x.T @ away / len(x), away.mean()))


exercise = Exercise(
    "neuron_gradient",
    solution=lambda x, y, weights, bias: _neuron(x, y, weights, bias),
    cases=[
        (np.array([[2.0], [-1.0], [0.5]]), np.array([1.0, 0.0, 0.0]), np.array([1.0]), 0.0),
        (random_image(5, 3) / 9, np.array([1.0, 0, 1, 0, 0]), np.array([0.5, -1.0, 2.0]), 0.0),
        (random_image(4, 2, seed=1) / 9, np.array([0.0, 0, 1, 1]), np.array([-1.5, 1.0]), 0.75),
        (random_image(1, 4, seed=2) / 9, np.array([1.0]), np.array([0.1, 0.2, 0.3, 0.4]), -2.0),
    ],
    mistakes=[
        ("The sign is turned: each pixel's error is p - y, not y - p.", lambda *a: -_neuron(*a)),
        (
            "The sum over the pixels is right; the loss is their mean, so divide by N.",
            lambda x, *a: len(x) * _neuron(x, *a),
        ),
        (
            "The factor p (1 - p) has stayed: the slope 1/p of the logarithm cancels it, and p - y is left.",
            lambda *a: _neuron(*a, error=lambda p, y: (p - y) * p * (1 - p)),
        ),
        (
            "That is the gradient of the squared error (p - y)²; the loss here is cross-entropy.",
            lambda *a: _neuron(*a, error=lambda p, y: 2 * (p - y) * p * (1 - p)),
        ),
        (
            "The truth y is missing: a pixel that is right already must hardly pull, so its error is p - y.",
            lambda *a: _neuron(*a, error=lambda p, y: p),
        ),
        (
            "The error is taken from the decision, 0 or 1; take the probability p itself.",
            lambda *a: _neuron(*a, error=lambda p, y: (p > 0.5) - y),
        ),
        (
            "The input is missing: a weight's gradient is the error times what came in through it.",
            lambda *a: _neuron(*a, finish=lambda weights, bias: [bias for _ in weights] + [bias]),
        ),
        (
            "The bias has no gradient here; its local slope is 1, so it gets the mean of p - y.",
            lambda *a: _neuron(*a, finish=lambda weights, bias: [*weights, 0.0]),
        ),
        (
            "The bias comes first; the order is the weights, then the bias.",
            lambda *a: _neuron(*a, finish=lambda weights, bias: [bias, *weights]),
        ),
        ("The forward pass leaves out the bias: z = x · weights + bias.", lambda x, y, w, b: _neuron(x, y, w, 0.0)),
    ],
)


def _kernel(x, kernel, upstream, stride, part=1):
    """A gradient of a convolution, for one grey image: 0 of the image, 1 of the kernel."""
    four = x[None, :, :, None], kernel[:, :, None, None], upstream[None, :, :, None]
    return np.squeeze(reference.conv2d_gradients(*four, stride=stride)[part], ((0, 3), (2, 3))[part])


def _of_last_window(x, kernel, upstream, stride):
    i, j = (n - 1 for n in upstream.shape)
    window = x[stride * i : stride * i + kernel.shape[0], stride * j : stride * j + kernel.shape[1]]
    return upstream[-1, -1] * window


def _placed(x, kernel, upstream, row, column):
    """The gradient of the kernel if window pixel m, n of output pixel i, j lay at x[row · (i, m), column · (j, n)]."""
    gradient = np.zeros(kernel.shape)
    for i, j, m, n in np.ndindex(*upstream.shape, *kernel.shape):
        gradient[m, n] += upstream[i, j] * x[np.dot(row, (i, m)), np.dot(column, (j, n))]
    return gradient


second_exercise = Exercise(
    "kernel_gradient",
    solution=lambda x, kernel, upstream, stride: _kernel(x, kernel, upstream, stride),
    cases=[
        (random_image(5, 7), random_image(3, 2, seed=1), random_image(3, 6, seed=2), 1),
        (random_image(4, 4, seed=3), random_image(2, 3, seed=4), random_image(3, 2, seed=5), 1),
        (random_image(8, 9, seed=6), random_image(2, 3, seed=7), random_image(4, 4, seed=8), 2),
        (random_image(9, 12, seed=9), random_image(3, 3, seed=10), random_image(3, 4, seed=11), 3),
        (
            random_image(8, 9, seed=12),
            random_image(3, 2, seed=13),
            random_image(3, 4, seed=14),
            2,
        ),  # the rest is unseen
    ],
    mistakes=[
        (
            "The gradient comes out turned around: m and n count up in x[stride · i + m, stride · j + n].",
            lambda *a: _kernel(*a)[::-1, ::-1],
        ),
        ("That is the gradient of the image; the kernel has one number for each (m, n).", lambda *a: _kernel(*a, 0)),
        (
            "Each output pixel replaces what the ones before gave; the kernel is used at every place, so add: +=.",
            _of_last_window,
        ),
        (
            "It is the mean over the output pixels; each use of a kernel element adds its share, so sum.",
            lambda x, k, u, s: _kernel(x, k, u, s) / u.size,
        ),
        (
            "The stride is ignored: output pixel (i, j) saw the window that starts at (stride · i, stride · j).",
            lambda x, k, u, s: _placed(x, k, u, (1, 1), (1, 1)),
        ),
        (
            "The stride multiplies m and n: that is a dilation. It belongs to i and j.",
            lambda x, k, u, s: _placed(x, k, u, (1, s), (1, s)),
        ),
        (
            "Where the stride leaves rows and columns over that no window sees, your result is larger than the kernel: "
            "give it the kernel's shape.",
            lambda x, k, u, s: _kernel(
                x, np.zeros([n - s * (r - 1) for n, r in zip(x.shape, u.shape, strict=True)]), u, s
            ),
        ),
        (
            "The kernel's own numbers are multiplied in; the local slope of a product k · x for k is x alone.",
            lambda x, k, u, s: _kernel(x, k, u, s) * k,
        ),
        (
            "The sign is turned: the gradient points uphill, and the step against it comes later.",
            lambda *a: -_kernel(*a),
        ),
        (
            "The upstream gradient is missing: weigh each window with what comes back to its output pixel.",
            lambda x, k, u, s: _kernel(x, k, np.ones_like(u), s),
        ),
    ],
)
