"""What decides the points of assignment 2: hidden maps and layers, expected answers by segutils.reference."""

import numpy as np

from segutils import reference
from segutils.classroom.tasks import Criterion, Task


def count_parameters(shape, layers):
    """Counted on arrays: an image goes through real layers, and the sizes of their weights and biases are summed."""
    x, total = np.zeros((1, *shape)), 0
    for kind, *numbers in layers:
        if kind == "conv":
            weights, bias = np.zeros((numbers[0], numbers[0], x.shape[-1], numbers[1])), np.zeros(numbers[1])
            x = reference.conv2d(x, weights, bias)
        elif kind == "dense":
            weights, bias = np.zeros((x.size, numbers[0])), np.zeros(numbers[0])
            x = reference.dense(x.reshape(1, -1), weights, bias)
        else:
            weights, bias = np.zeros(0), np.zeros(0)
            x = reference.max_pool(x, numbers[0])
        total += weights.size + bias.size
    return total


def pool(x, size, stride, kind):
    function = {"max": reference.max_pool, "mean": reference.average_pool}[kind]
    return function(x[None], size, stride=stride)[0]


def max_pool_gradient(x, upstream, size, stride):
    maps = x[None, :, :, None], upstream[None, :, :, None]
    return reference.max_pool_gradient(*maps, size, stride=stride)[0, :, :, 0]


def dense_relu_gradients(x, weights, bias, upstream, which):
    through_relu = upstream * reference.relu_gradient(reference.dense(x, weights, bias))
    return reference.dense_gradients(x, weights, through_relu)[which]


def one_gradient(answer, x, weights, bias, upstream, which):
    """Runs in the child: of the three results the one that a case is about."""
    dx, dweights, dbias = answer(x, weights, bias, upstream)
    return (dx, dweights, dbias)[which]


def softmax(logits, temperature=1.0):
    return reference.softmax(logits / temperature)


def slide(x, weights, bias, rows, columns):
    return reference.conv2d(x[None], weights.reshape(rows, columns, x.shape[2], -1), bias)[0]


def _pooled(rng, shape, size, stride, *, below=0):
    """A case of max_pool_gradient without ties; `below` is taken off all pixels."""
    return rng.normal(size=shape) - below, rng.normal(size=[(n - size) // stride + 1 for n in shape]), size, stride


def _tied(rng, shape):
    """A case of max_pool_gradient where most windows of 2×2 have a tie."""
    return rng.integers(2, 4, shape), rng.normal(size=(shape[0] // 2, shape[1] // 2)), 2, 2


def _positive(rng, which):
    """A case of dense_relu_gradients where ReLU lets all pass."""
    return rng.random((5, 3)), rng.random((3, 4)), rng.random(4) + 0.1, rng.normal(size=(5, 4)), which


def _mixed(rng, which):
    sizes = (6, 3), (3, 5), (5,), (6, 5)
    x, weights, bias, upstream = (rng.normal(size=size) for size in sizes)
    return x, weights, 2 * bias, upstream, which


def _on_the_edge(rng, which):
    """A case of dense_relu_gradients of whole numbers, where several z are exactly 0."""
    x, weights = np.array([[1, 2], [0, 1], [2, 0], [1, 1]]), np.array([[1, -2, 0], [-1, 1, 1]])
    return x.astype(float), weights.astype(float), np.array([1.0, 0, -1]), rng.normal(size=(4, 3)), which


def _classifier(rng, shape, rows, columns, classes):
    weights = rng.normal(size=(rows * columns * shape[2], classes))
    return rng.normal(size=shape), weights, rng.normal(size=classes), rows, columns


def _exact(rng, shape):
    """Numbers that float32 holds exactly, also after some thousands are added."""
    return np.round(rng.normal(size=shape) * 256) / 256


def _network(rng):
    """Of a size that no pooling divides: 17 → 15 → 7 → 6 → 2 rows, 23 → 21 → 10 → 9 → 3 columns."""
    first, second, units = (int(n) for n in rng.integers(3, 12, 3))
    layers = [["conv", 3, first], ["pool", 2], ["conv", 2, second], ["pool", 3], ["dense", units], ["dense", 4]]
    return [17, 23, 3], layers


ARTICLE = [["conv", 3, 32], ["pool", 2], ["conv", 3, 64], ["pool", 2], ["dense", 10]]

TASKS = {
    "test_count_parameters": Task(
        "count_parameters",
        count_parameters,
        lambda rng: [
            Criterion(
                "convolutions",
                1,
                [
                    ([9, 12, 3], [["conv", 3, int(rng.integers(3, 20))]]),
                    ([10, 8, 2], [["conv", 3, 5], ["conv", 2, int(rng.integers(6, 20))]]),
                ],
            ),
            Criterion(
                "dense layers",
                1,
                [
                    ([5, 4, 1], [["dense", int(rng.integers(2, 20))]]),
                    ([4, 6, 2], [["dense", 7], ["dense", int(rng.integers(2, 20))]]),
                ],
            ),
            Criterion(
                "pooling", 1, [([8, 12, 2], [["pool", 2], ["dense", 5]]), ([6, 9, 2], [["pool", 3], ["dense", 4]])]
            ),
            Criterion("whole networks, also with odd sizes", 1, [([28, 28, 1], ARTICLE), _network(rng)]),
        ],
    ),
    "test_pool": Task(
        "pool",
        pool,
        lambda rng: [
            Criterion(
                "maximum, side by side", 1, [(rng.random((6, 8, 1)), 2, 2, "max"), (rng.random((6, 9, 1)), 3, 3, "max")]
            ),
            Criterion(
                "mean, side by side", 1, [(rng.random((4, 6, 1)), 2, 2, "mean"), (rng.random((6, 9, 1)), 3, 3, "mean")]
            ),
            Criterion(
                "other strides and sizes",
                1,
                [
                    (rng.random((7, 9, 1)), 3, 2, "mean"),
                    (rng.random((8, 7, 1)), 2, 3, "max"),
                    (rng.random((5, 7, 1)), 2, 2, "max"),
                    (rng.random((9, 8, 1)), 2, 3, "mean"),
                    (rng.random((6, 5, 1)), 3, 1, "max"),
                    (rng.random((9, 7, 1)), 2, 4, "mean"),
                ],
            ),
            Criterion(
                "several channels, negative numbers",
                1,
                [(-9000 * rng.random((6, 8, 3)) - 1000, 2, 2, "max"), (rng.normal(size=(6, 9, 2)), 3, 3, "mean")],
            ),
        ],
    ),
    "test_max_pool_gradient": Task(
        "max_pool_gradient",
        max_pool_gradient,
        lambda rng: [
            Criterion("windows side by side", 1, [_pooled(rng, (6, 8), 2, 2), _pooled(rng, (6, 9), 3, 3, below=9)]),
            Criterion("overlapping windows", 1, [_pooled(rng, (7, 8), 3, 1), _pooled(rng, (9, 7), 3, 2)]),
            Criterion("ties", 1, [_tied(rng, (8, 10))]),
            Criterion("pixels that no window sees", 1, [_pooled(rng, (5, 7), 2, 2), _pooled(rng, (9, 10), 2, 3)]),
        ],
    ),
    "test_dense_relu_gradients": Task(
        "dense_relu_gradients",
        dense_relu_gradients,
        lambda rng: [
            Criterion("gradient of x", 1, [_positive(rng, 0)]),
            Criterion("gradient of W", 1, [_positive(rng, 1)]),
            Criterion("gradient of b", 1, [_positive(rng, 2)]),
            Criterion(
                "where some z are not positive",
                2,
                [case(rng, which) for which in (0, 1, 2) for case in (_mixed, _on_the_edge)],
            ),
        ],
        use=one_gradient,
    ),
    "test_softmax": Task(
        "softmax",
        softmax,
        lambda rng: [
            Criterion("one pixel", 1, [(rng.normal(size=5),)]),
            Criterion("an image", 1, [(rng.normal(size=(2, 3, 4)),), (rng.normal(size=(2, 3, 4, 5)),)]),
            Criterion(
                "large logits",
                1,
                [
                    (_exact(rng, (2, 3, 4)) + 5000 * np.array([1, 0, -1])[:, None],),
                    (_exact(rng, (2, 2, 3, 4)) + 5000 * np.array([1, 0, -1])[:, None],),
                    (_exact(rng, (3, 2, 5)) - 4000,),
                ],
            ),
            Criterion(
                "temperature",
                1,
                [
                    *((rng.normal(size=(3, 2, 4)), temperature) for temperature in (2.5, 0.4)),
                    (1500 + rng.normal(size=(3, 2, 4)), 2.5),  # e^600 is a number, e^(600 - 1500) is none
                ],
            ),
        ],
    ),
    "test_slide": Task(
        "slide",
        slide,
        lambda rng: [
            Criterion("a map as large as the window", 1, [_classifier(rng, (4, 4, 1), 4, 4, 3)]),
            Criterion("a larger map", 1, [_classifier(rng, (7, 9, 1), 3, 3, 4)]),
            Criterion("several channels", 1, [_classifier(rng, (6, 5, 3), 2, 2, 4)]),
            Criterion(
                "a window that is not square",
                1,
                [_classifier(rng, (5, 8, 1), 2, 3, 4), _classifier(rng, (8, 6, 1), 4, 1, 2)],
            ),
        ],
    ),
}
