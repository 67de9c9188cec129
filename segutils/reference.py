"""What the course teaches, by hand: every operation in NumPy with its gradient beside it, readable before fast.

Images are (B, H, W, C) as in TensorFlow: batch, height, width, channels. Everything is computed in float64.
A gradient function takes `upstream`, the gradient of the loss with respect to the operation's output, and returns
the gradients with respect to its inputs. Tests compare each with TensorFlow's and with a difference quotient.

Windows are what convolution and pooling share. With stride s and dilation d, the output pixel (i, j) sees the input
pixels (s·i + d·m, s·j + d·n), m and n counting from 0. Turned around, kernel element (m, n) sees one strided slice
of the padded input, and a sum over the window becomes a sum over M · N slices: that is what the loops below do.
"""

import itertools
from typing import NamedTuple

import numpy as np


class Windows(NamedTuple):
    """How windows lie on an image; each field counts rows, columns.

    >>> windows((4, 4), 2).output
    (3, 3)
    """

    size: tuple
    stride: tuple
    dilation: tuple
    before: tuple  # padding above and to the left
    after: tuple  # padding below and to the right
    output: tuple

    def pad(self, x, value=0.0):
        """x (B, H, W, C) with the padding around it."""
        return np.pad(x, [(0, 0), *zip(self.before, self.after, strict=True), (0, 0)], constant_values=value)

    def crop(self, padded):
        """A padded image without its padding."""
        (top, left), (bottom, right) = self.before, self.after
        return padded[:, top : padded.shape[1] - bottom, left : padded.shape[2] - right]

    def slices(self, padded):
        """For each window element: m, n and a view of all the pixels it sees, (B, *output, C), to read or write."""
        for m, n in itertools.product(*map(range, self.size)):
            rows, columns = (
                slice(d * k, d * k + s * (out - 1) + 1, s)
                for k, d, s, out in zip((m, n), self.dilation, self.stride, self.output, strict=True)
            )
            yield m, n, padded[:, rows, columns]


def windows(shape, size, *, stride=1, padding="valid", dilation=1):
    """Where windows of a size lie on an image of a shape.

    Formula: output = floor((H + padding - d · (M - 1) - 1) / s) + 1 for each axis;
        "valid" pads nothing, "same" pads so that output = ceil(H / s), the odd pixel below and to the right.
    Args:
        shape: (H, W) of the image.
        size, stride, dilation: an int or (rows, columns), each >= 1.
        padding: "valid", "same", or the number of pixels on each side, an int or (rows, columns).
    Returns: Windows.
    Raises: ValueError if an option is out of range or the window is larger than the padded image.
    >>> windows((5, 7), 3, stride=2).output
    (2, 3)
    """
    size, stride, dilation = _pair("size", size), _pair("stride", stride), _pair("dilation", dilation)
    reach = [d * (m - 1) + 1 for m, d in zip(size, dilation, strict=True)]
    if padding == "same":
        total = [max((-(-h // s) - 1) * s + r - h, 0) for h, s, r in zip(shape, stride, reach, strict=True)]
        before = tuple(p // 2 for p in total)
        after = tuple(p - b for p, b in zip(total, before, strict=True))
    elif padding == "valid":
        before = after = (0, 0)
    elif isinstance(padding, str):
        raise ValueError(f"padding must be 'valid', 'same' or a number of pixels, got {padding!r}")
    else:
        before = after = _pair("padding", padding, low=0)
    padded = [h + b + a for h, b, a in zip(shape, before, after, strict=True)]
    if any(p < r for p, r in zip(padded, reach, strict=True)):
        raise ValueError(
            f"the window reaches over {reach[0]}×{reach[1]} pixels, the padded image has {padded[0]}×{padded[1]}; "
            "pad more, or take a smaller kernel or dilation"
        )
    output = tuple((p - r) // s + 1 for p, r, s in zip(padded, reach, stride, strict=True))
    return Windows(size, stride, dilation, before, after, output)


# Convolution


def conv2d(x, kernel, bias=0.0, *, stride=1, padding="valid", dilation=1, groups=1):
    """Convolution as networks mean it: cross-correlation, the kernel is not turned around.

    Formula: y[b, i, j, f] = bias[f] + Σ_m Σ_n Σ_c x[b, s·i + d·m, s·j + d·n, c] · kernel[m, n, c, f]
    Args:
        x: (B, H, W, C) numbers.
        kernel: (M, N, C / groups, F) numbers.
        bias: (F,) or one number.
        stride, dilation: an int or (rows, columns), each >= 1.
        padding: "valid", "same", or pixels on each side, an int or (rows, columns).
        groups: channels and filters fall into this many groups; a filter sees the channels of its own group.
    Returns: (B, H', W', F) float64.
    Raises: ValueError if the channels do not fit, an option is out of range or the window is too large.
    Source: Dumoulin and Visin 2016, arXiv:1603.07285.
    >>> conv2d(np.ones((1, 3, 3, 1)), np.ones((2, 2, 1, 1)))[0, :, :, 0].tolist()
    [[4.0, 4.0], [4.0, 4.0]]
    """
    x, kernel = _image("x", x), _kernel(kernel, np.shape(x)[-1], groups)
    places = windows(x.shape[1:3], kernel.shape[:2], stride=stride, padding=padding, dilation=dilation)
    y = np.zeros((len(x), *places.output, kernel.shape[-1]))
    padded = places.pad(x)
    for channels, filters in _groups(x.shape[-1], kernel.shape[-1], groups):
        for m, n, seen in places.slices(padded[..., channels]):
            y[..., filters] += seen @ kernel[m, n, :, filters]
    return y + _bias(bias, y.shape[-1])


def conv2d_gradients(x, kernel, upstream, *, stride=1, padding="valid", dilation=1, groups=1):
    """Gradients of conv2d.

    Formula: dx[b, s·i + d·m, s·j + d·n, c] += upstream[b, i, j, f] · kernel[m, n, c, f];
        dkernel[m, n, c, f] = Σ_b Σ_i Σ_j x[b, s·i + d·m, s·j + d·n, c] · upstream[b, i, j, f];
        dbias[f] = Σ_b Σ_i Σ_j upstream[b, i, j, f]
    Args:
        x, kernel: (B, H, W, C) and (M, N, C / groups, F) numbers.
        upstream: (B, H', W', F), of the shape of the output.
        stride, padding, dilation, groups: the options of the call of conv2d.
    Returns: dx (B, H, W, C), dkernel (M, N, C / groups, F), dbias (F,), float64.
    Raises: ValueError if a shape does not fit or an option is out of range.
    >>> dx, dkernel, dbias = conv2d_gradients(np.ones((1, 2, 2, 1)), np.ones((2, 2, 1, 1)), np.ones((1, 1, 1, 1)))
    >>> dkernel[:, :, 0, 0].tolist()
    [[1.0, 1.0], [1.0, 1.0]]
    """
    x, kernel = _image("x", x), _kernel(kernel, np.shape(x)[-1], groups)
    places = windows(x.shape[1:3], kernel.shape[:2], stride=stride, padding=padding, dilation=dilation)
    upstream = _of_shape("upstream", upstream, (len(x), *places.output, kernel.shape[-1])).astype(float)
    padded = places.pad(x)
    dpadded, dkernel = np.zeros_like(padded), np.zeros_like(kernel)
    for channels, filters in _groups(x.shape[-1], kernel.shape[-1], groups):
        coming = upstream[..., filters]
        for (m, n, seen), (_, _, dseen) in zip(
            places.slices(padded[..., channels]), places.slices(dpadded[..., channels]), strict=True
        ):
            dseen += coming @ kernel[m, n, :, filters].T
            dkernel[m, n, :, filters] = np.tensordot(seen, coming, axes=([0, 1, 2], [0, 1, 2]))
    return places.crop(dpadded), dkernel, upstream.sum((0, 1, 2))


def conv2d_transpose(x, kernel, bias=0.0, *, stride=1, padding="valid"):
    """Transposed convolution: each input pixel stamps the kernel, times its value, onto a larger output.

    It is the gradient of conv2d with respect to its input: as a matrix, conv2d's matrix transposed.
    Formula: y[b, s·i + m, s·j + n, f] += x[b, i, j, c] · kernel[m, n, f, c], then padding cut off, then + bias
    Args:
        x: (B, H, W, C) numbers.
        kernel: (M, N, F, C) numbers, filters before channels as in Keras.
        bias: (F,) or one number.
        stride: an int or (rows, columns), each >= 1.
        padding: "same" gives (s·H, s·W) pixels; "valid" gives s·H + max(M - s, 0) rows, and columns alike.
    Returns: (B, H', W', F) float64. Its gradient with respect to x is conv2d(upstream, kernel).
    Raises: ValueError if the channels do not fit or the padding is neither of the two.
    >>> conv2d_transpose(np.ones((1, 2, 2, 1)), np.ones((2, 2, 1, 1)), stride=2).shape
    (1, 4, 4, 1)
    """
    x, kernel = _image("x", x), np.asarray(kernel, float)
    if kernel.ndim != 4 or kernel.shape[-1] != x.shape[-1]:
        raise ValueError(f"kernel must be (M, N, filters, {x.shape[-1]}) for x {x.shape}, got {kernel.shape}")
    if padding not in ("same", "valid"):
        raise ValueError(f"padding must be 'same' or 'valid', got {padding!r}")
    shape = [s * h for s, h in zip(_pair("stride", stride), x.shape[1:3], strict=True)]
    if padding == "valid":
        shape = [h + max(m - s, 0) for h, m, s in zip(shape, kernel.shape, _pair("stride", stride), strict=False)]
    places = windows(shape, kernel.shape[:2], stride=stride, padding=padding)
    padded = places.pad(np.zeros((len(x), *shape, kernel.shape[2])))
    for m, n, stamped in places.slices(padded):
        stamped += x @ kernel[m, n].T
    return places.crop(padded) + _bias(bias, kernel.shape[2])


# Pooling


def max_pool(x, size=2, *, stride=None, padding="valid"):
    """The largest value of each window, channel by channel.

    Formula: y[b, i, j, c] = max over m, n of x[b, s·i + m, s·j + n, c]
    Args:
        x: (B, H, W, C) numbers.
        size: an int or (rows, columns).
        stride: an int or (rows, columns); None means the size, windows side by side.
        padding: "valid" or "same"; what is padded never wins.
    Returns: (B, H', W', C) float64.
    Raises: ValueError if an option is out of range or the window is larger than the image.
    >>> max_pool(np.arange(4.0).reshape(1, 2, 2, 1)).item()
    3.0
    """
    return _window_values(x, size, stride, padding)[1].max(0)


def max_pool_indices(x, size=2, *, stride=None, padding="valid"):
    """Which element of each window max_pool took, counted in reading order from 0; the first of equals.

    Args: x: (B, H, W, C) numbers; size: an int or (rows, columns); stride: None for the size; padding: "valid", "same".
    Returns: (B, H', W', C) int, m · N + n of the winner.
    >>> max_pool_indices(np.arange(4.0).reshape(1, 2, 2, 1)).item()
    3
    """
    return _window_values(x, size, stride, padding)[1].argmax(0)


def max_unpool(values, indices, shape, size=2, *, stride=None, padding="valid"):
    """Each value put back to where the maximum was, zeros elsewhere; values that meet are added.

    This undoes max_pool as far as it can be undone, and is at the same time its gradient:
    max_pool_gradient(x, upstream) = max_unpool(upstream, max_pool_indices(x), x.shape).
    Args:
        values: (B, H', W', C) numbers.
        indices: (B, H', W', C) int from max_pool_indices.
        shape: (B, H, W, C) of the image before pooling.
        size, stride, padding: of the windows that max_pool saw.
    Returns: (B, H, W, C) float64.
    Raises: ValueError if values or indices do not have the pooled shape.
    Source: Badrinarayanan et al. 2015, SegNet, arXiv:1511.00561.
    >>> max_unpool([[[[5.0]]]], [[[[3]]]], (1, 2, 2, 1))[0, :, :, 0].tolist()
    [[0.0, 0.0], [0.0, 5.0]]
    """
    places = _pool_windows(shape, size, stride, padding)
    values, indices = (
        _of_shape(name, a, (shape[0], *places.output, shape[3]))
        for name, a in (("values", values), ("indices", indices))
    )
    if np.min(indices) < 0 or np.max(indices) >= places.size[0] * places.size[1]:
        raise ValueError(
            f"indices must lie in a window of {places.size[0]}×{places.size[1]}, got up to {np.max(indices)}"
        )
    padded = places.pad(np.zeros(shape))
    for m, n, put in places.slices(padded):
        put += values * (indices == m * places.size[1] + n)
    return places.crop(padded)


def max_unpool_gradient(upstream, indices, size=2, *, stride=None, padding="valid"):
    """Gradient of max_unpool with respect to its values: what lies where each value was put.

    Args: upstream: (B, H, W, C); indices: (B, H', W', C) int; size, stride, padding: those of max_unpool.
    Returns: (B, H', W', C) float64.
    >>> max_unpool_gradient(np.arange(4.0).reshape(1, 2, 2, 1), [[[[3]]]]).item()
    3.0
    """
    seen = _window_values(upstream, size, stride, padding)[1]
    return np.take_along_axis(seen, np.asarray(indices)[None], axis=0)[0]


def max_pool_gradient(x, upstream, size=2, *, stride=None, padding="valid"):
    """Gradient of max_pool: each upstream value goes to the pixel that won, all others get nothing.

    Args: x: (B, H, W, C); upstream: (B, H', W', C), of the shape of the output; size, stride, padding: of max_pool.
    Returns: (B, H, W, C) float64.
    >>> max_pool_gradient(np.arange(4.0).reshape(1, 2, 2, 1), [[[[5.0]]]])[0, :, :, 0].tolist()
    [[0.0, 0.0], [0.0, 5.0]]
    """
    options = {"stride": stride, "padding": padding}
    return max_unpool(upstream, max_pool_indices(x, size, **options), np.shape(x), size, **options)


def average_pool(x, size=2, *, stride=None, padding="valid"):
    """The mean of each window, channel by channel; padded pixels are not counted.

    Formula: y[b, i, j, c] = Σ_m Σ_n x[b, s·i + m, s·j + n, c] / (number of real pixels in the window)
    Args: x: (B, H, W, C) numbers; size: an int or (rows, columns); stride: None for the size; padding: "valid", "same".
    Returns: (B, H', W', C) float64.
    >>> average_pool(np.arange(4.0).reshape(1, 2, 2, 1)).item()
    1.5
    """
    places, seen = _window_values(x, size, stride, padding, outside=0.0)
    return seen.sum(0) / _real_pixels(places, np.shape(x))


def average_pool_gradient(shape, upstream, size=2, *, stride=None, padding="valid"):
    """Gradient of average_pool: each upstream value is shared out evenly over its window.

    Args: shape: (B, H, W, C) of the input, whose values do not matter; upstream: (B, H', W', C), of the output's shape;
        size, stride, padding: of average_pool.
    Returns: (B, H, W, C) float64.
    >>> average_pool_gradient((1, 2, 2, 1), [[[[4.0]]]])[0, :, :, 0].tolist()
    [[1.0, 1.0], [1.0, 1.0]]
    """
    places = _pool_windows(shape, size, stride, padding)
    share = _of_shape("upstream", upstream, (shape[0], *places.output, shape[3])) / _real_pixels(places, shape)
    padded = places.pad(np.zeros(shape))
    for _, _, put in places.slices(padded):
        put += share
    return places.crop(padded)


def upsample(x, size=2):
    """Nearest-neighbour unpooling: each pixel repeated in a block of M × N.

    Args: x: (B, H, W, C); size: an int or (M, N). Returns: (B, M · H, N · W, C) float64.
    >>> upsample(np.ones((1, 2, 3, 1))).shape
    (1, 4, 6, 1)
    """
    rows, columns = _pair("size", size)
    return _image("x", x).repeat(rows, axis=1).repeat(columns, axis=2)


def upsample_gradient(upstream, size=2):
    """Gradient of upsample: the sum over each block of M × N.

    Args: upstream: (B, M · H, N · W, C), else a ValueError; size: an int or (M, N). Returns: (B, H, W, C) float64.
    >>> upsample_gradient(np.ones((1, 2, 2, 1))).item()
    4.0
    """
    rows, columns = _pair("size", size)
    if np.shape(upstream)[1] % rows or np.shape(upstream)[2] % columns:
        raise ValueError(f"upstream must be blocks of {rows}×{columns} pixels, got shape {np.shape(upstream)}")
    return average_pool(upstream, (rows, columns)) * rows * columns


# Dense layers and activations


def dense(x, weights, bias=0.0):
    """A dense layer. Formula: y = x · W + bias.

    Args: x: (..., D); weights: (D, K); bias: (K,) or one number. Returns: (..., K) float64.
    Raises: ValueError if the shapes do not fit.
    >>> dense([[1.0, 2.0]], [[1.0], [1.0]], 0.5).tolist()
    [[3.5]]
    """
    x, weights = np.asarray(x, float), np.asarray(weights, float)
    if weights.ndim != 2 or x.ndim < 1 or x.shape[-1] != weights.shape[0]:
        raise ValueError(f"x (..., D) must meet weights (D, K), got {x.shape} and {weights.shape}")
    return x @ weights + _bias(bias, weights.shape[1])


def dense_gradients(x, weights, upstream):
    """Gradients of dense.

    Formula: dx = upstream · Wᵀ; dW = xᵀ · upstream; dbias = Σ_b upstream[b]
    Args: x: (B, D); weights: (D, K); upstream: (B, K).
    Returns: dx (B, D), dweights (D, K), dbias (K,), float64.
    >>> dense_gradients([[1.0, 2.0]], [[3.0], [4.0]], [[1.0]])[0].tolist()
    [[3.0, 4.0]]
    """
    x, weights, upstream = (np.asarray(a, float) for a in (x, weights, upstream))
    return upstream @ weights.T, x.T @ upstream, upstream.sum(0)


def sigmoid(x):
    """The sigmoid of each number of x, of any shape; float64. Formula: σ(x) = 1 / (1 + e^(-x)), in (0, 1).

    Written so that no e^(...) overflows.

    >>> sigmoid(0).item()
    0.5
    """
    x = np.asarray(x, float)
    small = np.exp(-np.abs(x))
    return np.where(x >= 0, 1 / (1 + small), small / (1 + small))


def sigmoid_gradient(x):
    """Slope of the sigmoid at each number of x, of any shape; float64. Formula: σ(x) · (1 - σ(x)), at most 1/4.

    >>> sigmoid_gradient(0).item()
    0.25
    """
    return sigmoid(x) * (1 - sigmoid(x))


def tanh(x):
    """The hyperbolic tangent of each number of x; float64. Formula: (e^x - e^(-x)) / (e^x + e^(-x)) = 2 σ(2x) - 1.

    >>> tanh(0).item()
    0.0
    """
    return 2 * sigmoid(2 * np.asarray(x, float)) - 1


def tanh_gradient(x):
    """Slope of tanh at each number of x, of any shape; float64. Formula: 1 - tanh²(x), at most 1.

    >>> tanh_gradient(0).item()
    1.0
    """
    return 1 - tanh(x) ** 2


def relu(x):
    """Each number of x, of any shape, negative ones replaced by 0; float64. Formula: max(x, 0).

    >>> relu([-1, 2]).tolist()
    [0.0, 2.0]
    """
    return np.maximum(np.asarray(x, float), 0)


def relu_gradient(x):
    """Slope of relu at each number of x; float64. Formula: 1 where x > 0, else 0; also at the kink, as in TensorFlow.

    >>> relu_gradient([-1, 2]).tolist()
    [0.0, 1.0]
    """
    return (np.asarray(x) > 0).astype(float)


def softmax(logits):
    """Scores to probabilities over the last axis.

    Formula: p[c] = e^(z[c]) / Σ_k e^(z[k]); the largest logit is subtracted first, which changes nothing but overflow.
    Args: logits: (..., C) numbers.
    Returns: (..., C) float64, >= 0, with sum 1.
    >>> softmax([0, 0]).tolist()
    [0.5, 0.5]
    """
    logits = np.asarray(logits, float)
    powers = np.exp(logits - logits.max(-1, keepdims=True))
    return powers / powers.sum(-1, keepdims=True)


def softmax_gradient(logits, upstream):
    """Gradient of softmax. Formula: dz[c] = p[c] · (upstream[c] - Σ_k upstream[k] · p[k]).

    Args: logits, upstream: (..., C) numbers. Returns: (..., C) float64.

    >>> softmax_gradient([0, 0], [1, 0]).tolist()
    [0.25, -0.25]
    """
    p = softmax(logits)
    return p * (upstream - (upstream * p).sum(-1, keepdims=True))


# Attention


def attention_weights(queries, keys):
    """How much each query takes from each place.

    Formula: a[t, s] = softmax over s of (q[t] · k[s]) / sqrt(D)
    Args: queries: (..., T, D); keys: (..., S, D). Returns: (..., T, S) float64, >= 0; each row has the sum 1.
    Raises: ValueError if queries and keys differ in length.
    >>> attention_weights([[0.0, 0.0]], [[1.0, 2.0], [3.0, 4.0]]).tolist()
    [[0.5, 0.5]]
    """
    queries, keys = np.asarray(queries, float), np.asarray(keys, float)
    if min(queries.ndim, keys.ndim) < 2 or queries.shape[-1] != keys.shape[-1]:
        got = f"{queries.shape} and {keys.shape}"
        raise ValueError(f"queries (..., T, D) must meet keys (..., S, D), got {got}; make both equally long")
    return softmax(queries @ keys.swapaxes(-1, -2) / np.sqrt(queries.shape[-1]))


def attention(queries, keys, values):
    """Scaled dot-product attention: each query gets the mean of the values, weighted by how well their keys fit it.

    Formula: y[t] = Σ_s a[t, s] · v[s], a as in attention_weights
    Args: queries: (..., T, D); keys: (..., S, D); values: (..., S, V). Returns: (..., T, V) float64.
    Raises: ValueError if the shapes do not fit.
    Source: Vaswani et al. 2017, arXiv:1706.03762.
    >>> attention([[0.0]], [[1.0], [2.0]], [[10.0], [20.0]]).tolist()
    [[15.0]]
    """
    if np.shape(keys)[:-1] != np.shape(values)[:-1]:
        raise ValueError(f"each key needs one value, got keys {np.shape(keys)} and values {np.shape(values)}")
    return attention_weights(queries, keys) @ np.asarray(values, float)


def attention_gradients(queries, keys, values, upstream):
    """Gradients of attention.

    Formula: dv = aᵀ · upstream; with ds the gradient of softmax at upstream · vᵀ,
        dq = ds · k / sqrt(D); dk = dsᵀ · q / sqrt(D)
    Args: queries, keys, values as in attention; upstream: (..., T, V).
    Returns: dqueries, dkeys, dvalues, float64, of the shapes of their arrays.
    >>> attention_gradients([[0.0]], [[1.0], [2.0]], [[10.0], [20.0]], [[1.0]])[2].tolist()
    [[0.5], [0.5]]
    """
    queries, keys, values, upstream = (np.asarray(a, float) for a in (queries, keys, values, upstream))
    weights, dweights = attention_weights(queries, keys), upstream @ values.swapaxes(-1, -2)
    dscores = weights * (dweights - (dweights * weights).sum(-1, keepdims=True)) / np.sqrt(queries.shape[-1])
    return dscores @ keys, dscores.swapaxes(-1, -2) @ queries, weights.swapaxes(-1, -2) @ upstream


def self_attention(x, to_queries, to_keys, to_values, to_output):
    """Self-attention with several heads: each place of x asks all places of x, once for each head.

    Formula: y = Σ_h attention(x · Wq[h], x · Wk[h], x · Wv[h]) · Wo[h]; nothing in it depends on the order of places
    Args:
        x: (..., T, C), T places with C numbers each.
        to_queries, to_keys: (C, H, D), a matrix for each of H heads, as Keras keeps them.
        to_values: (C, H, V); to_output: (H, V, K).
    Returns: (..., T, K) float64, what keras.layers.MultiHeadAttention(H, D, use_bias=False) gives.
    >>> self_attention([[1.0], [3.0]], *[np.zeros((1, 1, 1))] * 2, np.ones((1, 1, 1)), np.ones((1, 1, 1))).tolist()
    [[2.0], [2.0]]
    """
    x = np.asarray(x, float)[..., None, :, :]  # with an axis for the heads
    q, k, v = (x @ _heads_first(weights) for weights in (to_queries, to_keys, to_values))
    return (attention(q, k, v) @ np.asarray(to_output, float)).sum(-3)


def self_attention_gradients(x, to_queries, to_keys, to_values, to_output, upstream):
    """Gradients of self_attention: x is used three times, so its gradient is a sum of three.

    Args: as in self_attention; upstream: (..., T, K).
    Returns: dx, dto_queries, dto_keys, dto_values, dto_output, float64, of the shapes of their arrays.
    >>> one = np.ones((1, 1, 1))
    >>> self_attention_gradients([[1.0], [3.0]], 0 * one, 0 * one, one, one, [[1.0], [1.0]])[0].tolist()
    [[1.0], [1.0]]
    """
    x, upstream = (np.asarray(a, float)[..., None, :, :] for a in (x, upstream))
    matrices = [_heads_first(weights) for weights in (to_queries, to_keys, to_values)]
    inputs = [x @ matrix for matrix in matrices]
    to_output = np.asarray(to_output, float)
    mixed = attention(*inputs)
    dinputs = attention_gradients(*inputs, upstream @ to_output.swapaxes(-1, -2))
    dx = sum(d @ matrix.swapaxes(-1, -2) for d, matrix in zip(dinputs, matrices, strict=True)).sum(-3)
    batch = tuple(range(mixed.ndim - 3))
    dweights = [(x.swapaxes(-1, -2) @ d).sum(batch).swapaxes(0, 1) for d in dinputs]
    return dx, *dweights, (mixed.swapaxes(-1, -2) @ upstream).sum(batch)


def _heads_first(weights):
    """(C, H, D) as (H, C, D)."""
    return np.asarray(weights, float).swapaxes(0, 1)


# Losses


def cross_entropy(y_true, logits):
    """Cross-entropy over the last axis, straight from logits: never log(0).

    Formula: L = -Σ_c y[c] · log p[c], log p[c] = z[c] - log Σ_k e^(z[k])
    Args:
        y_true: (..., C) target probabilities, one-hot for a class.
        logits: (..., C) numbers z.
    Returns: (...) float64, >= 0. Raises: ValueError if the shapes differ.
    >>> cross_entropy([1, 0], [0, 0]).item()
    0.6931471805599453
    """
    y_true, logits = _same_shape(y_true, logits)
    shifted = logits - logits.max(-1, keepdims=True)
    return -(y_true * (shifted - np.log(np.exp(shifted).sum(-1, keepdims=True)))).sum(-1)


def cross_entropy_gradient(y_true, logits):
    """Gradient of cross_entropy: for targets that sum to 1, p - y. Formula: dz[c] = p[c] · Σ_k y[k] - y[c].

    Args: y_true, logits: (..., C) numbers. Returns: (..., C) float64. Raises: ValueError if the shapes differ.

    >>> cross_entropy_gradient([1, 0], [0, 0]).tolist()
    [-0.5, 0.5]
    """
    y_true, logits = _same_shape(y_true, logits)
    return softmax(logits) * y_true.sum(-1, keepdims=True) - y_true


def dice(y_true, y_pred, *, axis=-1, epsilon=0.0):
    """Dice loss in the article's form, with squares below (Milletari's); the sums run over `axis`.

    Formula: L = 1 - (2 Σ y·p + ε) / (Σ y² + Σ p² + ε)
    Args:
        y_true, y_pred: (..., N) probabilities. The article sums over classes; for masks sum over pixels.
        axis: an axis or several.
        epsilon: 0 as in the article (two empty masks give 0/0, NaN); > 0 makes that loss 0.
    Returns: float64, the axes summed away; in [0, 1]. Raises: ValueError if the shapes differ.
    Source: Milletari et al. 2016, V-Net, arXiv:1606.04797.
    >>> dice([1, 1, 0], [1, 0, 0]).round(3).item()
    0.333
    """
    overlap, size = _overlap_and_size(y_true, y_pred, axis)
    with np.errstate(invalid="ignore"):
        return (1 - (2 * overlap + epsilon) / (size + epsilon)).squeeze(axis)


def dice_gradient(y_true, y_pred, *, axis=-1, epsilon=0.0):
    """Gradient of dice with respect to y_pred.

    Formula: dp = (2 p · (2 Σ y·p + ε) / S - 2 y) / S, S = Σ y² + Σ p² + ε
    Args: y_true, y_pred: (..., N) probabilities; axis, epsilon: of dice.
    Returns: (..., N) float64. Raises: ValueError if the shapes differ.
    >>> dice_gradient([1, 0], [1, 0]).tolist()
    [0.0, 0.0]
    """
    overlap, size = _overlap_and_size(y_true, y_pred, axis)
    size = size + epsilon
    with np.errstate(invalid="ignore"):
        return (2 * np.asarray(y_pred) * (2 * overlap + epsilon) / size - 2 * np.asarray(y_true)) / size


# Objects


def average_precision(true_objects, predicted_objects, threshold=0.5):
    """Share of all objects of an image, true or predicted, that match one of the other kind with IoU > threshold.

    Formula: TP / (TP + FP + FN); IoU of two objects = pixels of both / pixels of either
    Args: true_objects, predicted_objects: (H, W) ints, 0 is background; threshold: in [0.5, 1).
    Returns: float in [0, 1]; nan if there is no object at all.
    Source: the score of the 2018 Data Science Bowl, of Cellpose and StarDist. COCO's score of this name is another.
    >>> average_precision(np.array([[1, 1, 0, 2]]), np.array([[1, 1, 0, 0]]))
    0.5
    """
    if not 0.5 <= threshold < 1:
        raise ValueError(f"threshold must lie in [0.5, 1), where no object matches twice, got {threshold}")
    true_objects, predicted_objects = _same_shape(true_objects, predicted_objects)
    true, predicted = (set(np.unique(objects)) - {0} for objects in (true_objects, predicted_objects))
    true_positives = 0
    for t, p in itertools.product(true, predicted):
        mine, other = true_objects == t, predicted_objects == p
        true_positives += int((mine & other).sum() > threshold * (mine | other).sum())
    union = len(true) + len(predicted) - true_positives  # TP + FP + FN
    return true_positives / union if union else float("nan")


# Optimizers: step(theta, gradient, state) → (new theta, new state); the state is None at the start.


def gradient_descent(theta, gradient, state=None, *, learning_rate):
    """A step of gradient descent. Formula: θ ← θ - α · g, α = learning_rate. Returns: new theta, state (unused).

    >>> gradient_descent(1.0, 4.0, learning_rate=0.125)
    (0.5, None)
    """
    return theta - learning_rate * gradient, state


def momentum(theta, gradient, state=None, *, learning_rate, momentum=0.9):
    """A step with momentum. Formula: v ← μ · v - α · g; θ ← θ + v. Source: Polyak 1964.

    Args: theta, gradient: numbers of one shape; state: v or None; learning_rate: α; momentum: μ. Returns: new θ, v.

    >>> momentum(1.0, 4.0, learning_rate=0.125)
    (0.5, -0.5)
    """
    velocity = momentum * (0 if state is None else state) - learning_rate * gradient
    return theta + velocity, velocity


def adam(theta, gradient, state=None, *, learning_rate, beta_1=0.9, beta_2=0.999, epsilon=1e-7, correct_bias=True):
    """Adam: a mean of gradients, divided by the root of a mean of their squares.

    Formula: m ← β₁ m + (1 - β₁) g; v ← β₂ v + (1 - β₂) g²; m̂ = m / (1 - β₁ᵗ); v̂ = v / (1 - β₂ᵗ);
        θ ← θ - α · m̂ / (√v̂ + ε)
    Args:
        theta, gradient: numbers of one shape. state: (t, m, v), or None at the start. learning_rate: α.
        beta_1, beta_2: in [0, 1). epsilon: > 0. correct_bias: False leaves m̂ = m, v̂ = v, as the article does.
    Returns: new theta, new state.
    Source: Kingma and Ba 2015, arXiv:1412.6980, algorithm 1. Keras adds its ε to √v before the correction:
        there ε weighs up to 30 times more in the first steps.
    >>> float(adam(1.0, 4.0, learning_rate=0.125)[0].round(4))
    0.875
    """
    t, m, v = (0, 0.0, 0.0) if state is None else state
    t, m, v = t + 1, beta_1 * m + (1 - beta_1) * gradient, beta_2 * v + (1 - beta_2) * gradient**2
    m_hat, v_hat = (m / (1 - beta_1**t), v / (1 - beta_2**t)) if correct_bias else (m, v)
    return theta - learning_rate * m_hat / (np.sqrt(v_hat) + epsilon), (t, m, v)


def descend(step, theta, gradient_of, steps, **options):
    """The path of an optimizer from theta, step by step.

    Args: step: gradient_descent, momentum or adam, with its options; theta: (D,); gradient_of: theta → (D,); steps: n.
    Returns: (steps + 1, D) float64.
    >>> descend(gradient_descent, [1.0], lambda theta: theta, 2, learning_rate=0.5).ravel().tolist()
    [1.0, 0.5, 0.25]
    """
    path, state = [np.asarray(theta, float)], None
    for _ in range(steps):
        theta, state = step(path[-1], gradient_of(path[-1]), state, **options)
        path.append(theta)
    return np.array(path)


def difference_quotient(function, x, *, h=1e-6):
    """The gradient of a function of an array, one element after the other: the oracle of all gradients here.

    Formula: (f(x + h) - f(x - h)) / 2h, with an error of the order of h²
    Args: function: from an array of x's shape to one number; x: any shape; h: > 0.
    Returns: float64 of x's shape.
    >>> difference_quotient(lambda x: (x**2).sum(), [3.0]).round(4).tolist()
    [6.0]
    """
    x = np.asarray(x, float)
    quotient = np.empty_like(x)
    for at in np.ndindex(x.shape):
        nudge = np.zeros_like(x)
        nudge[at] = h
        quotient[at] = (function(x + nudge) - function(x - nudge)) / (2 * h)
    return quotient


# What several of them need


def _window_values(x, size, stride, padding, outside=-np.inf):
    """The windows, and what they see, (M · N, B, H', W', C)."""
    x = _image("x", x)
    places = _pool_windows(x.shape, size, stride, padding)
    return places, np.stack([seen for _, _, seen in places.slices(places.pad(x, outside))])


def _pool_windows(shape, size, stride, padding):
    """The windows of a pooling on images (B, H, W, C)."""
    if padding not in ("valid", "same"):
        raise ValueError(f"padding must be 'valid' or 'same', got {padding!r}")
    return windows(shape[1:3], size, stride=size if stride is None else stride, padding=padding)


def _real_pixels(places, shape):
    """How many pixels of each window are not padding, (1, H', W', 1)."""
    return sum(seen for _, _, seen in places.slices(places.pad(np.ones((1, *shape[1:3], 1)))))


def _overlap_and_size(y_true, y_pred, axis):
    y_true, y_pred = _same_shape(y_true, y_pred)
    return (y_true * y_pred).sum(axis, keepdims=True), (y_true**2 + y_pred**2).sum(axis, keepdims=True)


def _same_shape(y_true, y_pred):
    """Both as float64; they must have one shape, so that nothing is spread over the other without a word."""
    if np.shape(y_true) != np.shape(y_pred):
        raise ValueError(f"truth and prediction must have one shape, got {np.shape(y_true)} and {np.shape(y_pred)}")
    return np.asarray(y_true, float), np.asarray(y_pred, float)


def _bias(bias, filters):
    if np.shape(bias) not in ((), (filters,)):
        raise ValueError(f"bias must be one number or have shape ({filters},), got {np.shape(bias)}")
    return np.asarray(bias, float)


def _groups(channels, filters, groups):
    """Slices of channels and of filters, group by group."""
    for g in range(groups):
        yield tuple(slice(g * count // groups, (g + 1) * count // groups) for count in (channels, filters))


def _pair(name, value, low=1):
    pair = tuple(value) if np.ndim(value) else (value, value)
    if len(pair) != 2 or any(not isinstance(v, (int, np.integer)) or isinstance(v, bool) or v < low for v in pair):
        raise ValueError(f"{name} must be a whole number >= {low}, or two of them, got {value!r}")
    return pair


def _image(name, x):
    x = np.asarray(x, float)
    if x.ndim != 4:
        raise ValueError(f"{name} must be (B, H, W, C), got shape {x.shape}; x[None, :, :, None] makes a grey image so")
    return x


def _kernel(kernel, channels, groups):
    kernel = np.asarray(kernel, float)
    if kernel.ndim != 4 or kernel.shape[2] * groups != channels or kernel.shape[3] % groups:
        raise ValueError(
            f"kernel must be (M, N, C / groups, F) with C = {channels}, groups = {groups} and F a multiple of groups, "
            f"got {kernel.shape}"
        )
    return kernel


def _of_shape(name, array, shape):
    if np.shape(array) != tuple(shape):
        raise ValueError(f"{name} must have shape {tuple(shape)}, got {np.shape(array)}")
    return np.asarray(array)
