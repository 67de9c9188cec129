"""Lesson 14 · Attention: what a place attends to, what that costs, a hybrid U-Net at equal seconds, two exercises."""

import time
import tracemalloc

import keras
import numpy as np

from segutils import losses, metrics, models, plots, reference, training, transforms
from segutils.lessons.answers import Exercise
from segutils.lessons.next_clicks import second_exercise  # noqa: F401 - of this lesson

# What the notebook computes with


def patches(image, side=8):
    """An image (H, W) cut into squares: (H / side · W / side, side²) floats, each with mean 0 and length 1."""
    rows, columns = (length // side for length in image.shape)
    cut = np.asarray(image, float)[: rows * side, : columns * side].reshape(rows, side, columns, side)
    flat = cut.swapaxes(1, 2).reshape(rows * columns, side * side)
    flat = flat - flat.mean(1, keepdims=True)
    return flat / np.maximum(np.linalg.norm(flat, axis=1, keepdims=True), 1e-9)


def random_heads(channels, heads, size, *, seed=0):
    """Matrices of self-attention as training would begin: queries, keys, values, output, as Keras keeps them."""
    rng = np.random.default_rng(seed)
    spread = 1 / np.sqrt(channels)
    return [rng.normal(0, spread, shape) for shape in [(channels, heads, size)] * 3 + [(heads, size, channels)]]


def keras_heads(x, weights):
    """What keras.layers.MultiHeadAttention gives for x (T, C) and the matrices of random_heads, as float64."""
    heads, size = weights[0].shape[1:]
    layer = keras.layers.MultiHeadAttention(heads, size, use_bias=False, dtype="float64")
    layer(x[None], x[None])
    layer.set_weights(weights)
    return np.asarray(layer(x[None], x[None]))[0]


def _seconds(work):
    """Processor seconds of one call."""
    began = time.process_time()
    work()
    return time.process_time() - began


def measure(sides, *, channels=16, heads=4):
    """Processor seconds and peak memory, MB, of a convolution and of self-attention by hand on maps side × side.

    Returns: {"convolution" or "attention": (seconds, megabytes)}, each a list with one number for each side; of three
        calls the fastest.
    """
    rng, weights = np.random.default_rng(0), random_heads(channels, heads, channels // heads)
    kernel = rng.normal(size=(3, 3, channels, channels))
    found = {"convolution": ([], []), "attention": ([], [])}
    for side in sides:
        x = rng.normal(size=(1, side, side, channels))
        works = {
            "convolution": lambda x=x: reference.conv2d(x, kernel, padding="same"),
            "attention": lambda x=x: reference.self_attention(x.reshape(1, -1, channels), *weights),
        }
        for name, work in works.items():
            work()  # the first call also makes arrays of its own
            found[name][0].append(min(_seconds(work) for _ in range(3)))
            tracemalloc.start()
            work()
            found[name][1].append(tracemalloc.get_traced_memory()[1] / 1e6)
            tracemalloc.stop()
    return found


# The hybrid


class EqualSeconds(keras.callbacks.Callback):
    """Ends a training after so many processor seconds; the learning rate runs through one cycle in that time.

    The clock starts after the first step, in which TensorFlow traces the network.

    Args: seconds: > 0; peak: of the learning rate.
    """

    def __init__(self, seconds, peak=0.03):
        super().__init__()
        self.seconds, self.schedule, self.began, self.steps = seconds, training.one_cycle(peak, 1000), None, 0

    def on_train_batch_begin(self, batch, logs=None):
        share = 0 if self.began is None else (time.process_time() - self.began) / self.seconds
        self.model.optimizer.learning_rate.assign(self.schedule(min(1000.0, 1000 * share)))

    def on_train_batch_end(self, batch, logs=None):
        self.steps += 1
        if self.began is None:
            self.began = time.process_time()
        elif time.process_time() - self.began >= self.seconds:
            self.model.stop_training = True


def train_for(network, images, masks, seconds, *, batch_size=16, seed=0):
    """Train a network for so many processor seconds after its first step. Returns: how many steps that made."""
    steps = 50 * max(1, round(seconds))  # more than any processor manages
    batches = transforms.Batches(images, masks, batch_size, seed=seed, steps=steps)
    network.compile(training.FusedAdam(0.001), losses.SegmentationLoss("cross_entropy_dice", over="batch"))
    clock = EqualSeconds(seconds)
    network.fit(batches.dataset(0, 1), callbacks=[clock], shuffle=False, verbose=0)
    return clock.steps


def compare_hybrid(train, test, seconds, *, heads=4, seed=0):
    """A plain U-Net and one with attention at its coarsest level, each trained for the same processor seconds.

    Returns: {"plain" or "with attention": (steps, mean IoU on the test scenes)}.
    """
    found = {}
    for name, attention in (("plain", 0), ("with attention", heads)):
        keras.utils.set_random_seed(seed)
        network = models.unet(11, attention=attention)
        steps = train_for(network, train.images, train.semantic, seconds, seed=seed)
        predicted = network.predict(test.images, batch_size=64, verbose=0).argmax(-1)
        found[name] = steps, float(metrics.mean_iou(metrics.confusion_matrix(test.semantic, predicted, 11)))
    return found


# The explorer


def attention_explorer(image, *, side=8, sharpness=6.0):
    """A scene cut into squares; one of them asks, and the map beside it shows which squares answer.

    Args: image: (H, W); side: of a square; sharpness: what the scores are multiplied by.
    Returns: draw(row, column) → figure.
    """
    image = np.squeeze(image).astype(float)
    rows, columns = (length // side for length in image.shape)
    x = patches(image, side)
    weights = reference.attention_weights(sharpness * side * x, x)  # the softmax of sharpness times a correlation
    left, right = plots.grid(1, 2, size=3.2)[0]
    plots.show_image(left, image)
    (asks,) = left.plot([], [], "-", color=plots.COLOURS[6], linewidth=2)
    shown = right.imshow(np.zeros((rows, columns)), cmap="viridis", interpolation="nearest", vmin=0)
    (asked,) = right.plot([], [], "o", color=plots.COLOURS[6], markerfacecolor="none", markersize=14, markeredgewidth=2)

    def draw(row=4, column=0):
        values = weights[row * columns + column].reshape(rows, columns)
        top, start = side * row - 0.5, side * column - 0.5
        asks.set_data(start + side * np.array([0, 1, 1, 0, 0]), top + side * np.array([0, 0, 1, 1, 0]))
        asked.set_data([column], [row])
        shown.set_data(values)
        others = np.delete(values.ravel(), row * columns + column)
        shown.set_clim(0, others.max())  # the square itself lies beyond the scale
        left.set_title(f"the square [{row}, {column}] asks", fontsize=9)
        right.set_title(f"weights: itself {values[row, column]:.2f}, best of the others {others.max():.2f}", fontsize=9)
        return left.figure

    return draw


# The exercise: attention(queries, keys, values), (T, D), (S, D), (S, V) → (T, V)


def _weigh(scores, values):
    return reference.softmax(scores) @ values


def _scores(queries, keys, *, divisor=None):
    return queries @ keys.T / (np.sqrt(queries.shape[1]) if divisor is None else divisor)


def _random(*shape, seed):
    return np.random.default_rng(seed).normal(size=shape).round(2)


exercise = Exercise(
    "attention",
    solution=lambda queries, keys, values: reference.attention(queries, keys, values),
    cases=[
        (np.array([[2.0, 0]]), np.array([[2.0, 0], [0, 2], [2, 0]]), np.array([[40.0], [90], [4]])),
        (_random(4, 3, seed=1), _random(5, 3, seed=2), _random(5, 2, seed=3)),
        (_random(5, 4, seed=4), _random(5, 4, seed=5), _random(5, 4, seed=6)),
        (40 * _random(3, 4, seed=7), 40 * _random(4, 4, seed=8), _random(4, 3, seed=9)),
    ],
    mistakes=[
        (
            "The scores are not divided by the root of D, the length of a query.",
            lambda q, k, v: _weigh(_scores(q, k, divisor=1), v),
        ),
        (
            "The scores are divided by D; divide by its square root.",
            lambda q, k, v: _weigh(_scores(q, k, divisor=q.shape[1]), v),
        ),
        (
            "The scores are divided by the root of the number of keys; it is the root of D, the length of a query.",
            lambda q, k, v: _weigh(_scores(q, k, divisor=np.sqrt(len(k))), v),
        ),
        (
            "The softmax runs over the queries: each *row* of the scores, one query, must sum to 1.",
            lambda q, k, v: reference.softmax(_scores(q, k).T).T @ v,
        ),
        ("The softmax is missing: scores are no shares.", lambda q, k, v: _scores(q, k) @ v),
        (
            "The powers e^score are not divided by their sum, so the weights of a query do not sum to 1.",
            lambda q, k, v: np.exp(_scores(q, k)) @ v,
        ),
        (
            "You take the softmax over all scores at once; take it row by row, each query by itself.",
            lambda q, k, v: reference.softmax(_scores(q, k).ravel()).reshape(len(q), len(k)) @ v,
        ),
        (
            "You return the value of the best key only; all values count, with their weights.",
            lambda q, k, v: v[_scores(q, k).argmax(1)],
        ),
        (
            "You return the plain mean of the values: the weights are not used.",
            lambda q, k, v: np.repeat(v.mean(0, keepdims=True), len(q), 0),
        ),
        ("You return the weights; multiply them with the values.", lambda q, k, v: reference.attention_weights(q, k)),
        (
            "The softmax overflows for large scores and gives nan: subtract each row's largest score first.",
            lambda q, k, v: _overflowing(_scores(q, k)) @ v,
        ),
    ],
)


def _overflowing(scores):
    powers = np.exp(scores)
    return powers / powers.sum(1, keepdims=True)
