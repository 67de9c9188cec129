"""Gradients: the notebook's own autograd against TensorFlow, its figures' numbers, and checks of notebooks 2 to 5."""

import math
import re

import build
import matplotlib.pyplot as plt
import numpy as np
import pytest
import tensorflow as tf
from scipy.signal import convolve2d
from skimage import data
from sklearn.linear_model import LogisticRegression
from support import INK, ROOT

from segutils import losses, reference
from segutils.lessons import gradient_figures, gradient_graph, gradients

EDGE = gradient_figures.EDGE
CELLS = build.read_source(ROOT / "sources" / "06_gradients.py").cells


@pytest.fixture(autouse=True)
def _no_figures():
    yield
    plt.close("all")


def source_with(words):
    """The source of the notebook's first cell that contains these words."""
    return next(cell.source for cell in CELLS if words in cell.source)


@pytest.fixture
def autograd():
    """Number, ordered and backward as the notebook writes them."""
    names = {"math": math, "np": np}
    for words in ("class Number", "def backward"):
        exec(source_with(words), names)
    return names


# The autograd in sight


def test_the_autograd_has_the_lines_that_the_goals_promise():
    cells = source_with("class Number").splitlines() + source_with("def backward").splitlines()
    count = sum(bool(line.strip()) for line in cells)
    assert count <= 40
    assert f"write a program of {count} lines" in CELLS[0].source


def test_the_autograd_agrees_with_the_tape_also_where_numbers_are_used_twice(autograd):
    def formula(a, b, c):
        u = a * b + c
        return (u.sigmoid() * u + a * a).sigmoid().log() * c + u

    class Tensor:
        """A TensorFlow number with the notebook's operations."""

        def __init__(self, tensor):
            self.tensor = tensor

        __add__ = lambda self, other: Tensor(self.tensor + other.tensor)  # noqa: E731
        __mul__ = lambda self, other: Tensor(self.tensor * other.tensor)  # noqa: E731
        sigmoid = lambda self: Tensor(tf.sigmoid(self.tensor))  # noqa: E731
        log = lambda self: Tensor(tf.math.log(self.tensor))  # noqa: E731

    values = (0.7, -1.3, 2.1)
    numbers = [autograd["Number"](value) for value in values]
    loss = formula(*numbers)
    autograd["backward"](loss)
    variables = [tf.Variable(value, dtype="float64") for value in values]
    with tf.GradientTape() as tape:
        taped = formula(*map(Tensor, variables)).tensor
    np.testing.assert_allclose(loss.value, taped)
    np.testing.assert_allclose([number.gradient for number in numbers], tape.gradient(taped, variables))


def test_the_printed_network_learns_exclusive_or(autograd, capsys):
    solution = re.search(r"```python\n(start = .*?)```", source_with("<summary>Solutions"), re.DOTALL)[1]
    exec(solution, autograd)
    gradients.judge_exclusive_or(autograd["predict"])
    assert re.match(r"4 of 4 cases right, loss 0\.0\d\d: learned\n", capsys.readouterr().out)


def test_answers_to_exclusive_or_that_fail_are_told_so(capsys):
    for predict in (lambda a, b: 0.5, lambda a, b: float(a or b), lambda a, b: 0.85 if a != b else 0.15):
        gradients.judge_exclusive_or(predict)
        assert "not yet" in capsys.readouterr().out


# The check of an equality


def test_agree_accepts_a_gradient_and_refuses_another(capsys):
    at = np.array([[1.0, -2.0], [0.5, 3.0]])
    gradients.agree(3 * at**2, lambda v: tf.reduce_sum(v**3), at)
    assert "for all 4 numbers" in capsys.readouterr().out
    for wrong in (-3 * at**2, 3 * at**2 + 1e-3, 3 * at.T**2):
        with pytest.raises(AssertionError):
            gradients.agree(wrong, lambda v: tf.reduce_sum(v**3), at)


# The graph


@pytest.mark.parametrize("pixel", ["ink", "ground"])
@pytest.mark.parametrize(("x", "w", "b"), [(2.0, 1.0, -2.0), (0.5, -1.5, 0.75), (0.0, 2.0, 1.0)])
def test_the_graph_writes_what_the_tape_says(x, w, b, pixel):
    figure = gradient_graph.gradient_graph()(x=x, w=w, b=b, pixel=pixel)
    w_, b_ = tf.Variable(w, dtype="float64"), tf.Variable(b, dtype="float64")
    with tf.GradientTape(persistent=True) as tape:
        z = x * w_ + b_
        p = tf.sigmoid(z)
        loss = -tf.math.log(p if pixel == "ink" else 1 - p)
    written = " ".join(text.get_text() for text in figure.axes[0].texts).replace("−", "-")
    for name, node in (("w", w_), ("b", b_), ("z", z), ("p", p)):
        assert f"∂L/∂{name} = {float(tape.gradient(loss, node)) + 0.0:.3g} " in written + " "
        assert f"{name}\n{float(node):.3g}" in written
    assert f"L\n{float(loss):.3g}" in written
    curve, _, dot = figure.axes[1].lines
    np.testing.assert_allclose(dot.get_xydata(), [[w, float(loss)]])
    np.testing.assert_allclose(np.interp(w, *curve.get_xydata().T), float(loss), atol=2e-3)


# What the figures measure


@pytest.mark.parametrize("loss", [losses.cross_entropy, losses.dice])
def test_the_pull_is_the_difference_quotient_of_the_loss_as_trained(loss):
    ink = INK > 100

    def value(logit):
        z = np.where(ink, logit, -10.0)[None]
        return float(loss(ink[None].astype("int32"), np.stack([0 * z, z], -1).astype("float32"))[0])

    slope = (value(-1.9) - value(-2.1)) / 0.2
    assert gradient_figures.pull_on_ink(loss, ink, -2.0) == pytest.approx(-slope, rel=0.02)


def test_cross_entropy_pulls_with_the_share_of_ink_and_dice_hardly_minds_it():
    little, much = np.zeros((2, 40, 40), bool)
    little[10:16, 10:16], much[5:21, 5:21] = True, True
    at = {
        name: [gradient_figures.pull_on_ink(loss, ink, -2.0) for ink in (little, much)]
        for name, loss in (("ce", losses.cross_entropy), ("dice", losses.dice))
    }
    share, p = np.array([little.mean(), much.mean()]), 1 / (1 + np.exp(2))
    np.testing.assert_allclose(at["ce"], share * (1 - p), rtol=1e-4)
    assert at["dice"][0] == pytest.approx(at["dice"][1], rel=0.25)
    assert at["dice"][0] > 2 * at["ce"][0]
    assert at["dice"][1] < at["ce"][1]


def test_a_slope_is_drawn_as_a_tangent_and_the_arrow_points_downhill():
    for at, way in ((2.0, 1), (4.0, -1)):
        ax = gradient_figures.show_slope(lambda w: (3 * w - 9) ** 2, at, (0, 6))
        x, y = ax.lines[1].get_data()
        assert (y[1] - y[0]) / (x[1] - x[0]) == pytest.approx(18 * (at - 3), abs=1e-4)
        arrow = ax.texts[0]
        assert np.sign(arrow.xy[0] - arrow.get_position()[0]) == way


# Checks that stood in notebooks 2 to 5


def test_a_kernel_learns_itself_from_grass_in_thirty_steps():
    grass = data.grass()[:256, :256].reshape(64, 4, 64, 4).mean((1, 3))
    x = gradient_figures.standardised(grass)
    wanted, kernel = reference.conv2d(x, EDGE[:, :, None, None]), np.zeros((3, 3, 1, 1))
    for _ in range(30):
        error = reference.conv2d(x, kernel) - wanted
        kernel = kernel - 0.25 * reference.conv2d_gradients(x, kernel, 2 * error / error.size)[1]
    np.testing.assert_allclose(kernel.squeeze(), EDGE, atol=0.01)


def test_the_gradients_of_a_convolution_are_a_correlation_and_a_true_convolution():
    rng = np.random.default_rng(0)
    image, u = rng.normal(size=(5, 6)), rng.normal(size=(3, 4))
    dx, dkernel, dbias = reference.conv2d_gradients(
        image[None, :, :, None], EDGE[:, :, None, None], u[None, :, :, None]
    )
    np.testing.assert_allclose(dkernel[:, :, 0, 0], convolve2d(image, u[::-1, ::-1], "valid"))
    np.testing.assert_allclose(dx[0, :, :, 0], convolve2d(u, EDGE))
    np.testing.assert_allclose(dbias, u.sum())
    stamped = reference.conv2d_transpose(u[None, :, :, None], EDGE[:, :, None, None])
    np.testing.assert_allclose(dx, stamped)


def test_the_sum_that_the_page_writes_out_for_a_kernel_is_right():
    image, u = np.array([[1.0, 2, 0], [0, 3, 1], [2, 1, 1]]), np.array([[1.0, -1], [0, 2]])
    dkernel = reference.conv2d_gradients(image[None, ..., None], np.ones((2, 2, 1, 1)), u[None, ..., None])[1]
    assert dkernel[0, 0, 0, 0] == 5


def test_gradient_descent_on_a_dense_layer_finds_the_line_of_logistic_regression():
    rng = np.random.default_rng(0)
    labels = np.repeat([0, 1], 40)
    features = rng.normal(size=(80, 2)) + labels[:, None] * [1.5, -0.5]
    y, w, b = np.eye(2)[labels], np.zeros((2, 2)), np.zeros(2)
    for _ in range(2000):
        p = reference.softmax(reference.dense(features, w, b))
        _, dw, db = reference.dense_gradients(features, w, (p - y) / len(y))
        w, b = w - dw, b - db
    sklearn = LogisticRegression(C=np.inf, tol=1e-8).fit(features, labels)
    line = [*(w[:, 1] - w[:, 0]), b[1] - b[0]]
    np.testing.assert_allclose(line, [*sklearn.coef_[0], *sklearn.intercept_], rtol=1e-3)


def test_a_dense_layer_s_gradients_are_matrix_products_and_dark_pixels_get_none():
    rng = np.random.default_rng(0)
    x, weights, u = rng.normal(size=(3, 49)), rng.normal(size=(49, 10)), rng.normal(size=(3, 10))
    x[:, ::3] = 0
    dx, dweights, dbias = reference.dense_gradients(x, weights, u)
    for ours, theirs in ((u @ weights.T, dx), (x.T @ u, dweights), (u.sum(0), dbias)):
        np.testing.assert_allclose(ours, theirs)
    assert (dweights[::3] == 0).all()


def test_the_gradient_of_cross_entropy_is_p_minus_y():
    y, z = np.array([0.0, 1.0, 0.0]), np.array([0.3, -0.8, 1.5])
    quotient = reference.difference_quotient(lambda z: reference.cross_entropy(y, z), z)
    np.testing.assert_allclose(reference.softmax(z) - y, quotient, atol=1e-8)
    np.testing.assert_allclose(reference.cross_entropy_gradient(y, z), quotient, atol=1e-8)


def test_the_dice_gradient_of_the_notebook_is_the_package_s():
    names = {"np": np, "tf": tf}
    exec(source_with("def dice_gradient"), names)
    rng = np.random.default_rng(0)
    y, p = (rng.random((14, 12)) < 0.3) * 1.0, rng.random((14, 12))
    np.testing.assert_allclose(names["dice_gradient"](y, p), reference.dice_gradient(y, p, axis=(0, 1)))
    np.testing.assert_allclose(names["dice"](y, p), reference.dice(y, p, axis=(0, 1)))


@pytest.mark.parametrize(("size", "stride"), [(2, 2), (3, 1)])
def test_pooling_s_gradients_are_the_tape_s_and_of_the_maximum_the_difference_quotient(size, stride):
    x = np.array([[1.0, 3, 2, 0, 5, 4], [4, 8, 1, 6, 3, 0], [6, 2, 7, 5, 1, 9], [0, 5, 3, 4, 2, 6]])[None, :, :, None]
    shape = reference.max_pool(x, size, stride=stride).shape
    u = 10.0 * np.arange(1, np.prod(shape) + 1).reshape(shape)
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(v := tf.constant(x))
        tops, means = (u * pool(v, size, stride, "VALID") for pool in (tf.nn.max_pool2d, tf.nn.avg_pool2d))
    winners = reference.max_pool_gradient(x, u, size, stride=stride)
    np.testing.assert_allclose(winners, tape.gradient(tops, v))
    quotient = reference.difference_quotient(lambda z: (u * reference.max_pool(z, size, stride=stride)).sum(), x)
    np.testing.assert_allclose(winners, quotient, rtol=1e-6, atol=1e-6)
    shared = reference.average_pool_gradient(x.shape, u, size, stride=stride)
    np.testing.assert_allclose(shared, tape.gradient(means, v))
    assert winners.sum() == pytest.approx(u.sum())
    assert shared.sum() == pytest.approx(u.sum())


def test_unpooling_s_gradient_reads_where_it_wrote_and_upsampling_s_sums_its_block():
    edges = reference.relu(np.random.default_rng(0).normal(size=(1, 6, 8, 1)))
    pooled, where = reference.max_pool(edges), reference.max_pool_indices(edges)
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(v := tf.constant(pooled))
        places = tf.reshape(tf.nn.max_pool_with_argmax(edges, 2, 2, "VALID")[1], (-1, 1))
        placed = tf.reshape(tf.scatter_nd(places, tf.reshape(v, (-1,)), [edges.size]), edges.shape)
        repeated = tf.image.resize(v, edges.shape[1:3], "nearest")
        sums = [tf.reduce_sum(z * edges) for z in (placed, repeated)]
    np.testing.assert_allclose(tape.gradient(sums[0], v), reference.max_unpool_gradient(edges, where))
    np.testing.assert_allclose(tape.gradient(sums[1], v), reference.upsample_gradient(edges))


def test_of_a_tie_the_first_pixel_gets_all_as_in_tensorflow():
    tie = np.array([[1.0, 7], [7, 2]])[None, :, :, None]
    with tf.device("CPU"), tf.GradientTape() as tape:
        tape.watch(v := tf.constant(tie))
        y = tf.nn.max_pool2d(v, 2, 2, "VALID")
    first = reference.max_pool_gradient(tie, np.ones((1, 1, 1, 1)))
    np.testing.assert_array_equal(first.ravel(), [0, 1, 0, 0])
    np.testing.assert_array_equal(first, tape.gradient(y, v))


def test_softmax_s_gradient_moves_all_logits_and_sums_to_zero():
    z, u = np.array([2.0, 1.0, -1.0]), np.array([1.0, -2.0, 0.5])
    p = np.exp(z) / np.exp(z).sum()
    by_hand = [p[c] * (u[c] - sum(u[k] * p[k] for k in range(3))) for c in range(3)]
    np.testing.assert_allclose(reference.softmax_gradient(z, u), by_hand)
    quotient = reference.difference_quotient(lambda z: (u * reference.softmax(z)).sum(), z)
    np.testing.assert_allclose(by_hand, quotient, atol=1e-8)
    assert abs(sum(by_hand)) < 1e-12


def test_dice_has_no_gradient_on_wrong_pixels_beside_the_object():
    true, beside = np.zeros((2, 20, 28))
    true[3:9, 2:8], beside[3:9, 12:20] = 1, 0.7
    gradient = reference.dice_gradient(true, beside, axis=(0, 1))
    assert (gradient[beside > 0] == 0).all()
    assert (gradient[true > 0] < 0).all()


def test_the_activations_slopes_are_those_of_tensorflow():
    slopes = gradient_figures.show_activations()
    x = tf.constant(np.linspace(-5, 5, 201))
    for name, function in (("sigmoid", tf.sigmoid), ("tanh", tf.tanh), ("relu", tf.nn.relu)):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = function(x)
        np.testing.assert_allclose(slopes[name], tape.gradient(y, x), atol=1e-12)
    assert slopes["sigmoid"].max() == 0.25
