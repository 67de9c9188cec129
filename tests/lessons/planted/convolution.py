"""Answers to the exercise `conv2d`, right ones and wrong ones with words that their feedback must contain."""

import numpy as np
import tensorflow as tf
from support import right, wrong


@right
def conv2d_with_six_loops_on_lists(x, kernel, bias, stride, padding):
    height, width = x.shape
    rows = []
    for top in range(-padding, height + padding - len(kernel) + 1, stride):
        row = []
        for left in range(-padding, width + padding - len(kernel[0]) + 1, stride):
            total = bias
            for m in range(len(kernel)):
                for n in range(len(kernel[0])):
                    if 0 <= top + m < height and 0 <= left + n < width:
                        total += x[top + m, left + n] * kernel[m, n]
            row.append(total)
        rows.append(row)
    return rows


@right
def conv2d_with_window_views(x, kernel, bias, stride, padding):
    views = np.lib.stride_tricks.sliding_window_view(np.pad(x, padding), kernel.shape)[::stride, ::stride]
    return np.einsum("ijmn,mn->ij", views, kernel) + bias


@right
def conv2d_with_tensorflow(x, kernel, bias, stride, padding):
    x = tf.pad(tf.constant(x), [[padding, padding], [padding, padding]])[None, :, :, None]
    return tf.nn.conv2d(x, tf.constant(kernel)[:, :, None, None], stride, "VALID")[0, :, :, 0] + bias


@wrong("turned around")
def conv2d_flipped(x, kernel, bias, stride, padding):
    x = np.pad(x, padding)
    m, n = kernel.shape
    y = np.zeros(((x.shape[0] - m) // stride + 1, (x.shape[1] - n) // stride + 1))
    for i, j in np.ndindex(y.shape):
        for a in range(m):
            for b in range(n):
                y[i, j] += x[i * stride + m - 1 - a, j * stride + n - 1 - b] * kernel[a, b]
    return y + bias


@wrong("turned around")
def conv2d_flipped_by_scipy(x, kernel, bias, stride, padding):
    from scipy.signal import convolve2d

    return convolve2d(np.pad(x, padding), kernel, mode="valid")[::stride, ::stride] + bias


@wrong("one pixel too early")
def conv2d_with_the_article_s_minus_one(x, kernel, bias, stride, padding):
    x = np.pad(x, padding)
    y = np.zeros([(h - m) // stride + 1 for h, m in zip(x.shape, kernel.shape, strict=True)])
    for i, j in np.ndindex(y.shape):
        for m, n in np.ndindex(kernel.shape):
            y[i, j] += x[stride * i + m - 1, stride * j + n - 1] * kernel[m, n]
    return y + bias


@wrong("swapped: i walks down")
def conv2d_transposed(x, kernel, bias, stride, padding):
    x = np.pad(x, padding)
    height, width = (x.shape[0] - len(kernel)) // stride + 1, (x.shape[1] - len(kernel[0])) // stride + 1
    y = np.zeros((width, height))
    for i in range(width):
        for j in range(height):
            window = x[j * stride : j * stride + len(kernel), i * stride : i * stride + len(kernel[0])]
            y[i, j] = np.sum(window * kernel) + bias
    return y


@wrong("bias is missing")
def conv2d_without_bias(x, kernel, bias, stride, padding):
    x = np.pad(x, padding)
    rows, columns = (x.shape[0] - kernel.shape[0]) // stride + 1, (x.shape[1] - kernel.shape[1]) // stride + 1
    y = np.empty((rows, columns))
    for i in range(rows):
        for j in range(columns):
            y[i, j] = np.vdot(x[i * stride :, j * stride :][: kernel.shape[0], : kernel.shape[1]], kernel)
    return y


@wrong("every kernel element")
def conv2d_with_bias_in_the_inner_loop(x, kernel, bias, stride, padding):
    x = np.pad(x, padding)
    rows, columns = (x.shape[0] - kernel.shape[0]) // stride + 1, (x.shape[1] - kernel.shape[1]) // stride + 1
    y = np.zeros((rows, columns))
    for i, j, m, n in np.ndindex(rows, columns, *kernel.shape):
        y[i, j] += x[i * stride + m, j * stride + n] * kernel[m, n] + bias
    return y


@wrong("stride is ignored")
def conv2d_without_stride(x, kernel, bias, stride, padding):
    x = np.pad(x, padding)
    y = np.zeros((x.shape[0] - kernel.shape[0] + 1, x.shape[1] - kernel.shape[1] + 1))
    for i, j in np.ndindex(y.shape):
        y[i, j] = (x[i : i + kernel.shape[0], j : j + kernel.shape[1]] * kernel).sum() + bias
    return y


@wrong("moves by one pixel only")
def conv2d_with_stride_on_the_size_only(x, kernel, bias, stride, padding):
    x = np.pad(x, padding)
    rows, columns = (x.shape[0] - kernel.shape[0]) // stride + 1, (x.shape[1] - kernel.shape[1]) // stride + 1
    y = np.full((rows, columns), bias)
    for i, j in np.ndindex(rows, columns):
        for m, n in np.ndindex(kernel.shape):
            y[i, j] += x[i + m, j + n] * kernel[m, n]
    return y


@wrong("that is a dilation")
def conv2d_with_stride_as_dilation(x, kernel, bias, stride, padding):
    x = np.pad(x, padding)
    rows, columns = (x.shape[0] - kernel.shape[0]) // stride + 1, (x.shape[1] - kernel.shape[1]) // stride + 1
    y = np.full((rows, columns), bias)
    for i, j in np.ndindex(rows, columns):
        for m, n in np.ndindex(kernel.shape):
            y[i, j] += x[i + stride * m, j + stride * n] * kernel[m, n]
    return y


@wrong("padding is ignored")
def conv2d_without_padding(x, kernel, bias, stride, padding):
    views = np.lib.stride_tricks.sliding_window_view(x, kernel.shape)[::stride, ::stride]
    return (views * kernel).sum((2, 3)) + bias


@wrong("above *and* below, left *and* right.")
def conv2d_padded_above_and_left(x, kernel, bias, stride, padding):
    padded = np.zeros((x.shape[0] + padding, x.shape[1] + padding))
    padded[padding:, padding:] = x
    views = np.lib.stride_tricks.sliding_window_view(padded, kernel.shape)[::stride, ::stride]
    return (views * kernel).sum((2, 3)) + bias


@wrong("not only at the end")
def conv2d_padded_below_and_right(x, kernel, bias, stride, padding):
    padded = np.zeros((x.shape[0] + padding, x.shape[1] + padding))
    padded[: x.shape[0], : x.shape[1]] = x
    views = np.lib.stride_tricks.sliding_window_view(padded, kernel.shape)[::stride, ::stride]
    return (views * kernel).sum((2, 3)) + bias


@wrong("repeats the border's pixels")
def conv2d_padded_with_the_border(x, kernel, bias, stride, padding):
    rows = [x[0]] * padding + list(x) + [x[-1]] * padding
    padded = np.array([[row[0]] * padding + list(row) + [row[-1]] * padding for row in rows])
    views = np.lib.stride_tricks.sliding_window_view(padded, kernel.shape)[::stride, ::stride]
    return (views * kernel).sum((2, 3)) + bias


@wrong("the + 1 counts the first window")
def conv2d_one_too_small(x, kernel, bias, stride, padding):
    x = np.pad(x, padding)
    y = np.zeros([(h - m) // stride for h, m in zip(x.shape, kernel.shape, strict=True)])
    for i, j in np.ndindex(y.shape):
        top, left = i * stride, j * stride
        y[i, j] = np.sum(x[top : top + len(kernel), left : left + len(kernel[0])] * kernel) + bias
    return y


@wrong("the + 1 counts the first window")
def conv2d_with_a_range_that_ends_early(x, kernel, bias, stride, padding):
    x = np.pad(x, padding)
    (height, width), (m, n) = x.shape, kernel.shape
    return [
        [(x[i : i + m, j : j + n] * kernel).sum() + bias for j in range(0, width - n, stride)]
        for i in range(0, height - m, stride)
    ]


@wrong("bias is subtracted")
def conv2d_with_bias_subtracted(x, kernel, bias, stride, padding):
    views = np.lib.stride_tricks.sliding_window_view(np.pad(x, padding), kernel.shape)[::stride, ::stride]
    return (views * kernel).sum((2, 3)) - bias


@wrong("expected shape (3, 6), got (5, 7)")
def conv2d_same_as_the_input(x, kernel, bias, stride, padding):
    from scipy.ndimage import correlate

    return correlate(x, kernel, mode="constant") + bias


@wrong("IndexError")
def conv2d_beyond_the_border(x, kernel, bias, stride, padding):
    x = np.pad(x, padding)
    y = np.zeros_like(x)
    for i, j in np.ndindex(x.shape):
        for m, n in np.ndindex(kernel.shape):
            y[i, j] += x[i + m, j + n] * kernel[m, n]
    return y


@wrong("expected")
def conv2d_padded_by_half(x, kernel, bias, stride, padding):
    views = np.lib.stride_tricks.sliding_window_view(np.pad(x, padding // 2), kernel.shape)[::stride, ::stride]
    return (views * kernel).sum((2, 3)) + bias


# The second exercise


@right
def conv_layer_in_loops(x, kernel, bias):
    m, n, channels, filters = kernel.shape
    y = np.zeros((x.shape[0] - m + 1, x.shape[1] - n + 1, filters))
    for i, j, f in np.ndindex(y.shape):
        total = bias[f]
        for c in range(channels):
            total += (x[i : i + m, j : j + n, c] * kernel[:, :, c, f]).sum()
        y[i, j, f] = max(total, 0)
    return y


@right
def conv_layer_with_einsum(x, kernel, bias):
    views = np.lib.stride_tricks.sliding_window_view(x, kernel.shape[:2], axis=(0, 1))
    return np.maximum(np.einsum("ijcmn,mncf->ijf", views, kernel) + bias, 0)


@right
def conv_layer_with_tensorflow(x, kernel, bias):
    return tf.nn.relu(tf.nn.conv2d(tf.constant(x)[None], tf.constant(kernel), 1, "VALID") + bias)[0]


def maps(x, kernel):
    """One map for each channel and filter, (channels, rows, columns, filters)."""
    views = np.lib.stride_tricks.sliding_window_view(x, kernel.shape[:2], axis=(0, 1))
    return np.einsum("ijcmn,mncf->cijf", views, kernel)


@wrong("activation is missing")
def conv_layer_without_relu(x, kernel, bias):
    return maps(x, kernel).sum(0) + bias


@wrong("bias is missing")
def conv_layer_without_bias(x, kernel, bias):
    return np.maximum(maps(x, kernel).sum(0), 0)


@wrong("after the ReLU")
def conv_layer_bias_last(x, kernel, bias):
    y = maps(x, kernel).sum(0)
    y[y < 0] = 0
    return y + bias


@wrong("once for each channel")
def conv_layer_bias_in_the_inner_loop(x, kernel, bias):
    m, n, channels, filters = kernel.shape
    y = np.zeros((x.shape[0] - m + 1, x.shape[1] - n + 1, filters))
    for i, j, f in np.ndindex(y.shape):
        for c in range(channels):
            y[i, j, f] += (x[i : i + m, j : j + n, c] * kernel[:, :, c, f]).sum() + bias[f]
    return np.maximum(y, 0)


@wrong("each channel's map")
def conv_layer_relu_in_each_channel(x, kernel, bias):
    return np.maximum(np.maximum(maps(x, kernel), 0).sum(0) + bias, 0)


@wrong("averaged")
def conv_layer_with_mean(x, kernel, bias):
    return np.maximum(maps(x, kernel).mean(0) + bias, 0)


@wrong("Only the first channel")
def conv_layer_of_the_first_channel(x, kernel, bias):
    return np.maximum(maps(x[:, :, :1], kernel[:, :, :1]).sum(0) + bias, 0)


@wrong("kernel of the first")
def conv_layer_with_one_kernel_per_filter(x, kernel, bias):
    grey = x.sum(2, keepdims=True)
    return np.maximum(maps(grey, kernel[:, :, :1]).sum(0) + bias, 0)


@wrong("turned around")
def conv_layer_by_scipy(x, kernel, bias):
    from scipy.signal import convolve

    filters = range(kernel.shape[3])
    y = [sum(convolve(x[:, :, c], kernel[:, :, c, f], "valid") for c in range(x.shape[2])) + bias[f] for f in filters]
    return np.maximum(np.stack(y, -1), 0)


@wrong("filters stand first")
def conv_layer_filters_first(x, kernel, bias):
    return np.maximum(np.moveaxis(maps(x, kernel).sum(0) + bias, 2, 0), 0)


@wrong("no absolute value")
def conv_layer_with_abs(x, kernel, bias):
    return np.abs(maps(x, kernel).sum(0) + bias)


@wrong("expected shape")
def conv_layer_padded(x, kernel, bias):
    x = np.pad(x, ((1, 1), (1, 1), (0, 0)))
    return np.maximum(maps(x, kernel).sum(0) + bias, 0)
