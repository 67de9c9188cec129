"""Operations by hand: equal to TensorFlow in float64, to plain loops, to numbers on paper, to difference quotients."""

import inspect
import re
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from segutils import reference as ref

PADDINGS = ["valid", "same"]
each_padding = pytest.mark.parametrize("padding", PADDINGS)
searched = settings(derandomize=True, deadline=None, max_examples=60, database=None)


def numbers(*shape, seed=20, whole=False):
    """Numbers of both signs that cannot be written to: a change in place is an error in every test below."""
    rng = np.random.default_rng([seed, *shape])
    x = rng.integers(-3, 4, shape).astype(float) if whole else rng.normal(size=shape)
    x.flags.writeable = False
    return x


def same(got, expected, tolerance=1e-10):
    assert (got.shape, got.dtype) == (np.shape(expected), np.float64)
    np.testing.assert_allclose(got, expected, rtol=tolerance, atol=tolerance)


def taped(function, upstream, *inputs):
    """TensorFlow's value, and its gradients for an upstream gradient."""
    inputs = [tf.constant(x) for x in inputs]
    with tf.GradientTape() as tape:
        tape.watch(inputs)
        value = function(*inputs)
    return value, *tape.gradient(value, inputs, upstream)


# Convolution


def conv2d_of_parts(x, kernel, stride, padding, dilation, groups):
    """TensorFlow's, of parts whose gradients it has on a CPU: group by group, dilation as zeros in the kernel."""
    rows, columns = (np.eye(d * (m - 1) + 1)[:, ::d] for m, d in zip(kernel.shape[:2], dilation, strict=True))
    kernel = tf.einsum("Mm,Nn,mncf->MNcf", rows, columns, kernel)
    split = zip(tf.split(x, groups, -1), tf.split(kernel, groups, -1), strict=True)
    return tf.concat([tf.nn.conv2d(part, filters, stride, padding) for part, filters in split], -1)


@pytest.mark.parametrize("groups", [1, 2])
@pytest.mark.parametrize("padding", [*PADDINGS, (1, 2)])
@pytest.mark.parametrize("dilation", [(1, 1), (3, 2)])
@pytest.mark.parametrize("stride", [(1, 1), (2, 3), (3, 1)])
@pytest.mark.parametrize("size", [(1, 1), (3, 2), (2, 5)])
def test_conv2d_and_its_gradients_are_those_of_tensorflow(size, stride, dilation, padding, groups):
    x, kernel, bias = numbers(2, 8, 13, 4), numbers(*size, 4 // groups, 6), numbers(6)
    options = {"stride": stride, "dilation": dilation, "groups": groups, "padding": padding}
    theirs = padding.upper() if isinstance(padding, str) else [(0, 0), *((p, p) for p in padding), (0, 0)]
    y = ref.conv2d(x, kernel, bias, **options)
    same(y, tf.nn.conv2d(x, kernel, stride, theirs, dilations=dilation) + bias)
    upstream = numbers(*y.shape)
    value, dx, dkernel, dbias = taped(
        lambda x, k, b: conv2d_of_parts(x, k, stride, theirs, dilation, groups) + b, upstream, x, kernel, bias
    )
    same(y, value)
    for got, expected in zip(ref.conv2d_gradients(x, kernel, upstream, **options), (dx, dkernel, dbias), strict=True):
        same(got, expected)


@each_padding
@pytest.mark.parametrize("stride", [(1, 1), (2, 3), (4, 3), (1, 4)])
@pytest.mark.parametrize("size", [(1, 1), (3, 2), (2, 5)])
def test_conv2d_transpose_is_that_of_keras_and_the_transposed_matrix(size, stride, padding):
    x, kernel, bias, options = numbers(2, 4, 3, 3), numbers(*size, 2, 3), numbers(2), {"padding": padding}
    y = ref.conv2d_transpose(x, kernel, bias, stride=stride, **options)
    same(y, keras.ops.conv_transpose(tf.constant(x), tf.constant(kernel), strides=stride, **options) + bias)
    large, small = y[0].size, x[0].size
    there = ref.conv2d(np.eye(large).reshape(large, *y.shape[1:]), kernel, stride=stride, **options)
    back = ref.conv2d_transpose(np.eye(small).reshape(small, *x.shape[1:]), kernel, stride=stride, **options)
    same(back.reshape(small, large), there.reshape(large, small).T)


def test_convolution_on_paper():
    x, kernel = np.arange(1.0, 10).reshape(1, 3, 3, 1), np.array([[1.0, 2], [3, 4]])[..., None, None]
    assert ref.conv2d(x, kernel)[0, ..., 0].tolist() == [[37, 47], [67, 77]]
    padded = ref.conv2d(x, kernel, 100, padding="same")[0, ..., 0] - 100
    assert padded.tolist() == [[37, 47, 21], [67, 77, 33], [23, 26, 9]]
    assert ref.conv2d(x, kernel, stride=(1, 2))[0, ..., 0].tolist() == [[37], [67]]
    assert ref.conv2d(x, kernel, dilation=2)[0, ..., 0].tolist() == [[1 + 2 * 3 + 3 * 7 + 4 * 9]]
    dx, dkernel, dbias = ref.conv2d_gradients(x, kernel, np.reshape([1.0, 0, 0, 2], (1, 2, 2, 1)))
    assert dx[0, ..., 0].tolist() == [[1, 2, 0], [3, 6, 4], [0, 6, 8]]
    assert dkernel[..., 0, 0].tolist() == [[11, 14], [20, 23]]
    assert dbias.tolist() == [3]
    stamp = np.array([[1.0, 10], [100, 1000]])[..., None, None]
    stamped = ref.conv2d_transpose(np.reshape([1.0, 2, 3, 4], (1, 2, 2, 1)), stamp)[0, ..., 0]
    assert stamped.tolist() == [[1, 12, 20], [103, 1234, 2040], [300, 3400, 4000]]


@pytest.mark.parametrize(
    ("shape", "size", "options", "before", "after", "output"),
    [
        ((5, 7), 3, {}, (0, 0), (0, 0), (3, 5)),
        ((5, 8), 3, {"stride": 2, "padding": "same"}, (1, 0), (1, 1), (3, 4)),
        ((3, 4), 4, {"padding": "same"}, (1, 1), (2, 2), (3, 4)),
        ((4, 5), (2, 3), {"stride": (5, 4), "padding": "same"}, (0, 1), (0, 1), (1, 2)),
        ((6, 9), (3, 2), {"stride": (2, 3), "padding": (1, 2)}, (1, 2), (1, 2), (3, 4)),
        ((10, 7), 3, {"dilation": (4, 2)}, (0, 0), (0, 0), (2, 3)),
        ((1, 1), 1, {"stride": 9}, (0, 0), (0, 0), (1, 1)),
    ],
)
def test_windows_by_the_formula(shape, size, options, before, after, output):
    places = ref.windows(shape, size, **options)
    assert (places.before, places.after, places.output) == (before, after, output)
    x = numbers(2, *shape, 3)
    assert np.array_equal(places.crop(places.pad(x)), x)


# Pooling


@each_padding
@pytest.mark.parametrize("stride", [None, (1, 1), (2, 3), (3, 1)])
@pytest.mark.parametrize("size", [(2, 2), (3, 2), (2, 4)])
def test_pools_are_those_of_tensorflow(size, stride, padding):
    x = numbers(2, 9, 11, 3) - 9  # padding with zeros would win
    options, theirs = {"stride": stride, "padding": padding}, (stride or size, padding.upper())
    y, indices = ref.max_pool(x, size, **options), ref.max_pool_indices(x, size, **options)
    upstream = numbers(*y.shape)
    value, dx = taped(lambda x: tf.nn.max_pool2d(x, size, *theirs), upstream, x)
    same(y, value)
    same(ref.max_pool_gradient(x, upstream, size, **options), dx)
    flat = tf.nn.max_pool_with_argmax(x, size, *theirs, include_batch_in_index=True).argmax.numpy()
    places = ref.windows(x.shape[1:3], size, stride=stride or size, padding=padding)
    b, i, j, c = np.indices(y.shape)
    row = i * places.stride[0] - places.before[0] + indices // size[1]
    column = j * places.stride[1] - places.before[1] + indices % size[1]
    assert np.array_equal(np.ravel_multi_index((b, row, column, c), x.shape), flat)
    put = tf.reshape(tf.scatter_nd(flat.reshape(-1, 1), upstream.ravel(), [x.size]), x.shape)
    same(ref.max_unpool(upstream, indices, x.shape, size, **options), put)
    same(ref.max_unpool_gradient(x, indices, size, **options), x.ravel()[flat])
    value, dx = taped(lambda x: tf.nn.avg_pool2d(x, size, *theirs), upstream, x)
    same(ref.average_pool(x, size, **options), value)
    same(ref.average_pool_gradient(x.shape, upstream, size, **options), dx)


def test_pools_on_paper_and_the_first_of_equals_wins():
    x = np.arange(1.0, 10).reshape(1, 3, 3, 1)
    assert ref.max_pool(x, stride=1)[0, ..., 0].tolist() == [[5, 6], [8, 9]]
    assert ref.average_pool(x, stride=1)[0, ..., 0].tolist() == [[3, 4], [6, 7]]
    assert ref.average_pool(x, padding="same")[0, ..., 0].tolist() == [[3, 4.5], [7.5, 9]]
    equal = np.array([[7.0, 7, 1, 2], [7, 7, 2, 2]])[None, ..., None]
    assert ref.max_pool_indices(equal)[0, ..., 0].tolist() == [[0, 1]]
    gradient = ref.max_pool_gradient(equal, np.reshape([5.0, 6], (1, 1, 2, 1)))
    assert gradient[0, ..., 0].tolist() == [[5, 0, 0, 6], [0, 0, 0, 0]]
    in_the_middle = ref.max_pool_indices(np.zeros((1, 3, 3, 1)), 3, stride=1, padding="same")
    assert in_the_middle[0, ..., 0].tolist() == [[4, 3, 3], [1, 0, 0], [1, 0, 0]]  # padding is never the first


@pytest.mark.parametrize("size", [1, 2, (3, 2)])
def test_upsampling_is_that_of_tensorflow(size):
    rows, columns = np.broadcast_to(size, 2)
    x, upstream = numbers(2, 3, 5, 2), numbers(2, 3 * rows, 5 * columns, 2)
    value, dx = taped(lambda x: tf.repeat(tf.repeat(x, rows, 1), columns, 2), upstream, x)
    same(ref.upsample(x, size), value)
    same(ref.upsample_gradient(upstream, size), dx)


# Any shape, any options: plain loops over whole numbers, so that equal means equal


def pairs(low, high):
    return st.tuples(st.integers(low, high), st.integers(low, high))


@st.composite
def places(draw, dilations, paddings):
    """Size, stride, dilation, padding and an image's shape on which they fit; padding and output by the formulas."""
    size, stride, dilation, padding = draw(pairs(1, 3)), draw(pairs(1, 3)), draw(dilations), draw(paddings)
    reach = [d * (m - 1) + 1 for m, d in zip(size, dilation, strict=True)]
    each_side = {"valid": (0, 0), "same": (9, 9)}.get(padding, padding)
    shape = [max(r - 2 * p, 1) + draw(st.integers(0, 4)) for r, p in zip(reach, each_side, strict=True)]
    if padding == "same":
        output = [-(-h // s) for h, s in zip(shape, stride, strict=True)]
        before = [max((o - 1) * s + r - h, 0) // 2 for o, s, r, h in zip(output, stride, reach, shape, strict=True)]
    else:
        output = [(h + 2 * p - r) // s + 1 for h, p, r, s in zip(shape, each_side, reach, stride, strict=True)]
        before = each_side
    return size, {"stride": stride, "padding": padding}, dilation, shape, before, output


@searched
@given(
    places(pairs(1, 3), st.sampled_from(PADDINGS) | pairs(0, 2)),
    st.integers(1, 2),
    st.tuples(st.integers(1, 3), st.integers(1, 2), st.integers(1, 2)),
    st.integers(0, 999),
)
def test_conv2d_is_six_loops_and_its_gradients_are_adjoint(place, batch, channels, seed):
    size, options, dilation, shape, (top, left), output = place
    (groups, c_each, f_each), (s, t), (d, e) = channels, options["stride"], dilation
    x = numbers(batch, *shape, groups * c_each, seed=seed, whole=True)
    kernel = numbers(*size, c_each, groups * f_each, seed=seed, whole=True)
    expected = np.zeros((batch, *output, groups * f_each))
    for b, i, j, f in np.ndindex(expected.shape):
        for m, n, c in np.ndindex(*size, c_each):
            row, column = s * i + d * m - top, t * j + e * n - left
            if 0 <= row < shape[0] and 0 <= column < shape[1]:
                expected[b, i, j, f] += x[b, row, column, f // f_each * c_each + c] * kernel[m, n, c, f]
    options |= {"dilation": dilation, "groups": groups}
    y = ref.conv2d(x, kernel, **options)
    assert y.tolist() == expected.tolist()
    upstream = numbers(*y.shape, seed=seed, whole=True)
    dx = ref.conv2d_gradients(0 * x, kernel, upstream, **options)[0]  # y is linear in x: dx cannot depend on it
    dkernel = ref.conv2d_gradients(x, 0 * kernel, upstream, **options)[1]
    assert (y * upstream).sum() == (x * dx).sum() == (kernel * dkernel).sum()


@searched
@given(places(st.just((1, 1)), st.sampled_from(PADDINGS)), st.integers(1, 2), st.integers(1, 2), st.integers(0, 999))
def test_pools_are_loops(place, batch, channels, seed):
    size, options, _, shape, (top, left), output = place
    x = numbers(batch, *shape, channels, seed=seed, whole=True)
    upstream = numbers(batch, *output, channels, seed=seed, whole=True)
    largest, mean, which = np.zeros(upstream.shape), np.zeros(upstream.shape), np.zeros(upstream.shape, int)
    dlargest, dmean = np.zeros(x.shape), np.zeros(x.shape)
    for at in np.ndindex(upstream.shape):
        (s, t), (b, i, j, c) = options["stride"], at
        pixels = {m * size[1] + n: (b, s * i + m - top, t * j + n - left, c) for m, n in np.ndindex(*size)}
        real = {k: p for k, p in pixels.items() if 0 <= p[1] < shape[0] and 0 <= p[2] < shape[1]}
        which[at] = max(real, key=lambda k: x[real[k]])  # noqa: B023 - `max` gives the first of equals
        largest[at], mean[at] = x[real[which[at]]], np.mean([x[p] for p in real.values()])
        dlargest[real[which[at]]] += upstream[at]
        for pixel in real.values():
            dmean[pixel] += upstream[at] / len(real)
    assert np.array_equal(ref.max_pool(x, size, **options), largest)
    assert np.array_equal(ref.max_pool_indices(x, size, **options), which)
    assert np.array_equal(ref.max_pool_gradient(x, upstream, size, **options), dlargest)
    same(ref.average_pool(x, size, **options), mean)
    same(ref.average_pool_gradient(x.shape, upstream, size, **options), dmean)


# Dense layers, activations, losses


def test_dense_is_that_of_tensorflow():
    x, weights, bias, upstream = numbers(5, 3), numbers(3, 4), numbers(4), numbers(5, 4)
    value, *expected = taped(lambda x, w, b: x @ w + b, upstream, x, weights, bias)
    same(ref.dense(x, weights, bias), value)
    for got, theirs in zip(ref.dense_gradients(x, weights, upstream), expected, strict=True):
        same(got, theirs)
    pixels = numbers(2, 4, 5, 3)
    same(ref.dense(pixels, weights, bias), ref.conv2d(pixels, weights[None, None], bias))


@pytest.mark.parametrize("name", ["sigmoid", "tanh", "relu"])
def test_activations_are_those_of_tensorflow_without_overflow(name):
    x = np.array([-1000, -30, *np.linspace(-5, 5, 21), 30, 1000])  # 0 is among them; a warning would be an error
    assert 0 in x
    value, dx = taped(getattr(tf.nn, name), np.ones_like(x), x)
    same(getattr(ref, name)(x), value)
    same(getattr(ref, f"{name}_gradient")(x), dx)


def test_softmax_is_that_of_tensorflow_without_overflow():
    logits = np.vstack([numbers(6, 4), [1000, -1000, 0, 999], [-1000, -1000, -1001, -1000]])
    upstream = numbers(*logits.shape)
    value, dlogits = taped(tf.nn.softmax, upstream, logits)
    same(ref.softmax(logits), value)
    same(ref.softmax_gradient(logits, upstream), dlogits)
    same(ref.softmax(logits).sum(-1), np.ones(8))


def test_attention_and_its_gradients_are_those_of_keras():
    q, k, v = QKV
    upstream = numbers(2, 4, 6)
    layer = keras.layers.Attention(use_scale=False, score_mode="dot", dtype="float64")
    value, *gradients = taped(lambda q, k, v: layer([q / np.sqrt(3), v, k]), upstream, q, k, v)
    same(ref.attention(q, k, v), value)
    for ours, theirs in zip(ref.attention_gradients(q, k, v, upstream), gradients, strict=True):
        same(ours, theirs)


@pytest.mark.parametrize("batch", [(), (2,)], ids=["one sequence", "a batch"])
def test_self_attention_and_its_gradients_are_those_of_keras(batch):
    x, *weights = HEADS
    x, upstream = x[: len(batch) or 1], numbers(len(batch) or 1, 5, 7)
    layer = keras.layers.MultiHeadAttention(2, 3, value_dim=6, output_shape=7, use_bias=False, dtype="float64")
    layer(x, x)
    layer.set_weights(weights)
    with tf.GradientTape() as tape:
        inputs = tf.constant(x)
        tape.watch(inputs)
        value = layer(inputs, inputs)
    gradients = tape.gradient(value, [inputs, *layer.trainable_variables], upstream)
    x, upstream = (x, upstream) if batch else (x[0], upstream[0])
    keras_rounds = 1e-6  # it keeps 1 / sqrt(D) in float32
    same(ref.self_attention(x, *weights), value if batch else value[0], keras_rounds)
    dx, *dweights = ref.self_attention_gradients(x, *weights, upstream)
    same(dx, gradients[0] if batch else gradients[0][0], keras_rounds)
    for ours, theirs in zip(dweights, gradients[1:], strict=True):
        same(ours, theirs, keras_rounds)


def test_attention_on_paper_of_large_scores_and_in_another_order():
    weights = ref.attention_weights([[2.0, 0.0]], [[1.0, 0.0], [0.0, 1.0]])
    share = 1 / (1 + np.exp(-np.sqrt(2)))  # scores 2 / sqrt(2) and 0
    same(weights, [[share, 1 - share]])
    same(ref.attention([[1e4]], [[1.0], [-1.0]], [[3.0], [5.0]]), [[3.0]])
    x, *matrices = HEADS
    order = [3, 0, 4, 1, 2]
    same(ref.self_attention(x[:, order], *matrices), ref.self_attention(x, *matrices)[:, order])


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: ref.attention(*QKV[:2], QKV[2][:, :4]), "each key needs one value"),
        (lambda: ref.attention(QKV[0][..., :2], *QKV[1:]), r"must meet keys .*\(2, 4, 2\) and \(2, 5, 3\)"),
        (lambda: ref.attention_weights([1.0], [1.0]), r"\(\.\.\., T, D\)"),
    ],
)
def test_attention_refuses_what_does_not_fit(call, words):
    with pytest.raises(ValueError, match=words):
        call()


@pytest.mark.parametrize("targets", ["one-hot", "soft", "any"])
def test_cross_entropy_is_that_of_tensorflow(targets):
    logits = np.stack([numbers(5, 4), 1000 * numbers(5, 4, seed=1)])
    any_ = np.abs(numbers(2, 5, 4))
    y = {"one-hot": np.eye(4)[any_.argmax(-1)], "soft": any_ / any_.sum(-1, keepdims=True), "any": any_}[targets]
    same(ref.cross_entropy(y, logits), tf.nn.softmax_cross_entropy_with_logits(y, logits))
    if targets != "any":  # TensorFlow's fused operation takes it for granted that targets sum to 1
        fused = taped(lambda z: tf.nn.softmax_cross_entropy_with_logits(y, z), np.ones((2, 5)), logits)
        same(ref.cross_entropy_gradient(y, logits), fused[1])
    value, dlogits = taped(lambda z: -tf.reduce_sum(y * tf.nn.log_softmax(z), -1), np.ones((2, 5)), logits)
    same(ref.cross_entropy(y, logits), value)
    same(ref.cross_entropy_gradient(y, logits), dlogits)


@pytest.mark.parametrize("epsilon", [0.0, 0.3])
@pytest.mark.parametrize("axis", [-1, (1, 2), (0, 1, 2, 3)])
def test_dice_is_its_formula_on_a_tape(axis, epsilon):
    y, p = np.eye(4)[numbers(2, 3, 5, 4).argmax(-1)], ref.softmax(numbers(2, 3, 5, 4))

    def formula(p):
        overlap, size = tf.reduce_sum(y * p, axis), tf.reduce_sum(y**2, axis) + tf.reduce_sum(p**2, axis)
        return 1 - (2 * overlap + epsilon) / (size + epsilon)

    value, dp = taped(formula, None, p)
    same(ref.dice(y, p, axis=axis, epsilon=epsilon), value)
    same(ref.dice_gradient(y, p, axis=axis, epsilon=epsilon), dp)


def test_dice_on_paper_and_of_empty_masks():
    y, p = [1, 1, 1, 0], [0.5, 1, 0, 1]  # overlap 1.5, squares 3 and 2.25
    assert ref.dice(y, p) == pytest.approx(1 - 3 / 5.25)
    assert ref.dice(y, p, epsilon=1.0) == pytest.approx(1 - 4 / 6.25)
    assert ref.dice_gradient(y, p) == pytest.approx((np.multiply(p, 6 / 5.25) - np.multiply(y, 2)) / 5.25)
    assert ref.dice(y, y) == 0
    none = np.zeros((2, 4))
    assert np.isnan(ref.dice(none, none)).all()
    assert ref.dice(none, none, epsilon=1e-7).tolist() == [0, 0]
    assert not ref.dice_gradient(none, none, epsilon=1e-7).any()


# Every gradient is the difference quotient

X, KERNEL, Q, BIAS = numbers(2, 5, 6, 4), numbers(3, 2, 2, 6), numbers(2, 5, 6, 2), numbers(6)
CONV = {"stride": (2, 1), "padding": "same", "dilation": (1, 2), "groups": 2}
STAMP, TURNED = numbers(3, 2, 3, 2), {"stride": (2, 3), "padding": "same"}
POOL = {"size": (3, 2), "stride": (2, 1), "padding": "same"}
TAKEN, SHAPE, PUT = ref.max_pool_indices(Q, **POOL), Q.shape, numbers(2, 3, 6, 2)
ROWS, WEIGHTS, TARGETS = numbers(5, 3), numbers(3, 4), np.abs(numbers(5, 3, seed=1))
SUMS = {"axis": 0, "epsilon": 0.3}
QKV = numbers(2, 4, 3), numbers(2, 5, 3), numbers(2, 5, 6)  # queries, keys, values: 4 places ask 5 others
HEADS = numbers(2, 5, 4), numbers(4, 2, 3), numbers(4, 2, 3, seed=1), numbers(4, 2, 6), numbers(2, 6, 7)
CASES = [  # an operation as a function of one input, that input, the gradient by hand of input and upstream
    (lambda x: ref.conv2d(x, KERNEL, **CONV), X, lambda x, u: ref.conv2d_gradients(x, KERNEL, u, **CONV)[0]),
    (lambda k: ref.conv2d(X, k, **CONV), KERNEL, lambda k, u: ref.conv2d_gradients(X, k, u, **CONV)[1]),
    (lambda b: ref.conv2d(X, KERNEL, b, **CONV), BIAS, lambda b, u: ref.conv2d_gradients(X, KERNEL, u, **CONV)[2]),
    (lambda x: ref.conv2d_transpose(x, STAMP, **TURNED), Q, lambda x, u: ref.conv2d(u, STAMP, **TURNED)),
    (lambda k: ref.conv2d_transpose(Q, k, **TURNED), STAMP, lambda k, u: ref.conv2d_gradients(u, k, Q, **TURNED)[1]),
    (lambda x: ref.max_pool(x, **POOL), Q, lambda x, u: ref.max_pool_gradient(x, u, **POOL)),
    (lambda v: ref.max_unpool(v, TAKEN, SHAPE, **POOL), PUT, lambda v, u: ref.max_unpool_gradient(u, TAKEN, **POOL)),
    (lambda x: ref.average_pool(x, **POOL), Q, lambda x, u: ref.average_pool_gradient(SHAPE, u, **POOL)),
    (lambda x: ref.upsample(x, (3, 2)), Q, lambda x, u: ref.upsample_gradient(u, (3, 2))),
    (lambda x: ref.dense(x, WEIGHTS), ROWS, lambda x, u: ref.dense_gradients(x, WEIGHTS, u)[0]),
    (lambda w: ref.dense(ROWS, w), WEIGHTS, lambda w, u: ref.dense_gradients(ROWS, w, u)[1]),
    (lambda b: ref.dense(ROWS, WEIGHTS, b), BIAS[:4], lambda b, u: ref.dense_gradients(ROWS, WEIGHTS, u)[2]),
    (ref.sigmoid, ROWS, lambda x, u: u * ref.sigmoid_gradient(x)),
    (ref.tanh, ROWS, lambda x, u: u * ref.tanh_gradient(x)),
    (ref.relu, ROWS, lambda x, u: u * ref.relu_gradient(x)),
    (ref.softmax, ROWS, lambda x, u: ref.softmax_gradient(x, u)),
    *(
        (
            lambda part, i=i: ref.attention(*QKV[:i], part, *QKV[i + 1 :]),
            QKV[i],
            lambda part, u, i=i: ref.attention_gradients(*QKV[:i], part, *QKV[i + 1 :], u)[i],
        )
        for i in range(3)
    ),
    *(
        (
            lambda part, i=i: ref.self_attention(*HEADS[:i], part, *HEADS[i + 1 :]),
            HEADS[i],
            lambda part, u, i=i: ref.self_attention_gradients(*HEADS[:i], part, *HEADS[i + 1 :], u)[i],
        )
        for i in range(5)
    ),
    (lambda z: ref.cross_entropy(TARGETS, z), ROWS, lambda z, u: u[:, None] * ref.cross_entropy_gradient(TARGETS, z)),
    (lambda p: ref.dice(TARGETS, p, **SUMS), ROWS, lambda p, u: u * ref.dice_gradient(TARGETS, p, **SUMS)),
]
NAMES = [gradient.__code__.co_names[1] for *_, gradient in CASES]  # what each calls of `ref`


@pytest.mark.parametrize(("function", "x", "gradient"), CASES, ids=NAMES)
def test_gradients_are_difference_quotients(function, x, gradient):
    upstream = numbers(*function(x).shape, seed=3)
    quotient = ref.difference_quotient(lambda x: (upstream * function(x)).sum(), x)
    same(gradient(x, upstream), quotient, tolerance=1e-7)


def test_difference_quotient_is_the_derivative():
    weights = numbers(2, 3)
    got = ref.difference_quotient(lambda x: (weights * np.sin(x)).sum(), [[0, 1, 2], [3, 4, 5]])
    same(got, weights * np.cos([[0, 1, 2], [3, 4, 5]]), tolerance=1e-8)
    same(ref.difference_quotient(lambda x: x**3, 2.0, h=0.5), 12.25)  # 3x² + h²


# Optimizers


def slope(theta):
    """Of an uneven bowl with ripples."""
    return np.array([1.0, 3.0, 0.2]) * theta + np.sin(3 * theta)


START, RATE = numbers(3), 2**-5  # Keras passes rates through float32, which holds powers of 2 exactly


def path_of_keras(optimizer, steps=100):
    variable = keras.Variable(START, dtype="float64")
    path = [START]
    for _ in range(steps):
        optimizer.apply_gradients([(tf.constant(slope(path[-1])), variable)])
        path.append(keras.ops.convert_to_numpy(variable))
    return np.array(path)


def test_paths_of_gradient_descent_and_momentum_are_those_of_keras():
    sgd = keras.optimizers.SGD
    same(ref.descend(ref.gradient_descent, START, slope, 100, learning_rate=RATE), path_of_keras(sgd(RATE)))
    path = ref.descend(ref.momentum, START, slope, 100, learning_rate=RATE, momentum=0.75)
    same(path, path_of_keras(sgd(RATE, momentum=0.75)))


def test_paths_of_adam_are_those_of_keras_with_its_epsilon_corrected():
    options = {"learning_rate": RATE, "beta_1": 0.75, "beta_2": 1 - 2**-6}
    path, state = [START], None
    for t in range(1, 101):  # Keras: √v + ε, then over √(1 - β₂ᵗ)
        epsilon = 0.01 / np.sqrt(1 - options["beta_2"] ** t)
        theta, state = ref.adam(path[-1], slope(path[-1]), state, epsilon=epsilon, **options)
        path.append(theta)
    same(np.array(path), path_of_keras(keras.optimizers.Adam(epsilon=0.01, **options)))
    options["epsilon"] = 1e-15  # the correction vanishes
    same(ref.descend(ref.adam, START, slope, 100, **options), path_of_keras(keras.optimizers.Adam(**options)))
    defaults, theirs = inspect.signature(ref.adam).parameters, keras.optimizers.Adam()
    assert all(defaults[name].default == getattr(theirs, name) for name in ("beta_1", "beta_2", "epsilon"))


def test_adam_on_paper_with_and_without_correction():
    options = {"learning_rate": 0.25, "beta_1": 0.5, "beta_2": 0.75, "epsilon": 0.5}
    steps_of = {False: [1 / 1.5, 2 / (3**0.5 + 0.5)], True: [2 / 2.5, (8 / 3) / ((48 / 7) ** 0.5 + 0.5)]}
    for correct, steps in steps_of.items():
        theta, state = ref.adam(1.0, 2.0, correct_bias=correct, **options)  # m = 1, v = 1
        assert theta == pytest.approx(1 - 0.25 * steps[0])
        theta, state = ref.adam(theta, 3.0, state, correct_bias=correct, **options)  # m = 2, v = 3
        assert theta == pytest.approx(1 - 0.25 * sum(steps))
        assert state == (2, 2.0, 3.0)


def test_descent_on_a_parabola_has_a_closed_form():
    steepness, lowest = np.array([1.0, 4.0]), np.array([3.0, -1.0])
    path = ref.descend(ref.gradient_descent, [0, 0], lambda theta: steepness * (theta - lowest), 30, learning_rate=0.3)
    same(path, lowest - lowest * (1 - 0.3 * steepness) ** np.arange(31)[:, None])
    assert ref.descend(ref.momentum, [0, 1], slope, 0, learning_rate=0.3).tolist() == [[0, 1]]


# What is refused


def conv(x=(1, 4, 5, 3), kernel=(3, 2, 3, 6), **options):
    return ref.conv2d(np.zeros(x), np.zeros(kernel), **options)


Z = np.zeros
BAD_STRIDES = [0, 1.5, True, (2, False), (1, 2, 3), None, "2"]
REFUSED = [
    (lambda: conv(kernel=(3, 2, 2, 6)), r"C = 3, groups = 1 .* got \(3, 2, 2, 6\)"),
    (lambda: conv(kernel=(3, 2, 3)), r"kernel must be \(M, N, C / groups, F\)"),
    (lambda: conv(groups=2), "C = 3, groups = 2"),
    (lambda: conv(kernel=(3, 2, 1, 4), groups=3), "F a multiple of groups"),
    (lambda: conv(groups=0), "groups = 0"),
    (lambda: conv((1, 2, 5, 3)), "reaches over 3×2 pixels, the padded image has 2×5; pad more"),
    (lambda: conv(dilation=(1, 5), padding=(1, 0)), "over 3×6 pixels, the padded .* 6×5"),
    (lambda: conv(padding="full"), "padding must be 'valid', 'same' or .* got 'full'"),
    (lambda: conv(padding=-1), "padding must be a whole number >= 0, .* got -1"),
    *((lambda s=s: conv(stride=s), "stride must be a .* >= 1, .* got " + re.escape(repr(s))) for s in BAD_STRIDES),
    (lambda: conv(dilation=(1, 0)), r"dilation must be a whole number >= 1, .* got \(1, 0\)"),
    (lambda: conv((4, 5, 3)), r"x must be \(B, H, W, C\), got shape \(4, 5, 3\)"),
    (lambda: ref.conv2d_gradients(X, KERNEL, X, groups=2), r"upstream must .* \(2, 3, 5, 6\), got \(2, 5, 6, 4\)"),
    (lambda: ref.conv2d_transpose(Q, Z((3, 3, 2, 3))), r"kernel must be .* filters, 2\) for x \(2, 5, 6, 2\)"),
    (lambda: ref.conv2d_transpose(Q, STAMP, padding=1), "padding must be 'same' or 'valid', got 1"),
    (lambda: ref.conv2d_transpose(Q, STAMP, stride=0), "stride must be"),
    (lambda: ref.max_pool(Q, 0), "size must be a whole number >= 1"),
    (lambda: ref.average_pool(Q, 6), "reaches over 6×6 pixels"),
    (lambda: ref.max_pool(Z((4, 5))), r"x\[None, :, :, None\]"),
    (lambda: ref.max_pool_gradient(Q, Q), r"values must have shape \(2, 2, 3, 2\), got \(2, 5, 6, 2\)"),
    (lambda: ref.average_pool_gradient(Q.shape, Q), r"upstream must have shape \(2, 2, 3, 2\)"),
    (lambda: ref.max_unpool(Z((2, 2, 3, 2)), Z((2, 2, 3, 1)), Q.shape), "indices must have shape"),
    (lambda: ref.upsample(Q, 1.5), "size must be a whole number >= 1, .* got 1.5"),
    (lambda: ref.dense(ROWS, ROWS), r"got \(5, 3\) and \(5, 3\)"),
    (lambda: ref.dice(Z((2, 3)), Z(3)), r"must have one shape, got \(2, 3\) and \(3,\)"),
]


@pytest.mark.parametrize(("call", "message"), REFUSED, ids=[message for _, message in REFUSED])
def test_bad_input_is_refused_with_the_cure(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_whole_numbers_are_computed_in_float64():
    x, kernel = np.full((1, 3, 4, 1), 200, np.uint8), np.ones((2, 2, 1, 1), np.int8)
    assert ref.conv2d(x, kernel).max() == 800
    assert ref.average_pool(x).dtype == ref.max_pool(x.astype(np.float32)).dtype == np.float64


def test_average_precision_is_that_of_a_count_by_hand():
    """Object 1: 4 of 6 pixels shared, IoU 0.67; object 2: 2 of 4, IoU 0.5, which is not above 0.5; 9 is invented."""
    true = np.array([[1, 1, 1, 1, 1, 0, 2, 2, 2], [0, 0, 0, 0, 0, 0, 0, 0, 0]])
    pred = np.array([[0, 5, 5, 5, 5, 5, 4, 4, 0], [9, 0, 0, 0, 0, 0, 4, 0, 0]])
    assert ref.average_precision(true, pred) == 1 / 4
    assert ref.average_precision(true, pred, 0.7) == 0 / 5
    assert ref.average_precision(pred, true, 0.6) == 1 / 4


def test_every_public_function_and_gradient_is_tested_here():
    public = {name for name, f in inspect.getmembers(ref, inspect.isfunction) if f.__module__ == ref.__name__}
    public = {name for name in public if not name.startswith("_")}
    assert public <= set(re.findall(r"\bref\.(\w+)", Path(__file__).read_text(encoding="utf-8")))
    assert {name for name in public if name.endswith(("_gradient", "_gradients"))} <= set(NAMES)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: ref.conv2d(np.zeros((1, 3, 3, 1)), np.zeros((1, 1, 1, 1)), np.zeros(5)),
            r"shape \(1,\), got \(5,\)",
        ),
        (lambda: ref.dense(np.zeros((2, 3)), np.zeros((3, 4)), np.zeros(3)), r"shape \(4,\), got \(3,\)"),
        (lambda: ref.cross_entropy([0, 1, 2], np.zeros((3, 3))), r"one shape, got \(3,\) and \(3, 3\)"),
        (lambda: ref.upsample_gradient(np.ones((1, 5, 5, 1)), 2), "blocks of 2×2"),
        (lambda: ref.max_pool(np.ones((1, 4, 4, 1)), 2, padding=1), "'valid' or 'same', got 1"),
        (
            lambda: ref.max_unpool(np.ones((1, 1, 1, 1)), np.full((1, 1, 1, 1), 7), (1, 2, 2, 1)),
            "in a window of 2×2, got up to 7",
        ),
    ],
)
def test_what_would_be_spread_or_dropped_without_a_word_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_small_types_are_computed_in_float64():
    x = np.array([200, 0, 1], np.uint8)
    np.testing.assert_allclose(ref.sigmoid(x), [1, 0.5, 1 / (1 + np.exp(-1))])
    half = np.full((1, 40, 40, 1), 100, np.float16)  # the sum is larger than any float16
    _, _, dbias = ref.conv2d_gradients(half, np.ones((1, 1, 1, 1)), half)
    np.testing.assert_array_equal(dbias, [160_000])
