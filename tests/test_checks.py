"""Feedback on coding exercises: right answers of several kinds pass, and of each wrong one the mistake is named.

The answers are written as learners write them: by loops, lists, NumPy or TensorFlow, without `segutils`.
"""

import itertools
import math
import warnings
from types import SimpleNamespace

import numpy as np
import pytest
from scipy.stats import sem, ttest_rel
from sklearn.metrics import accuracy_score, jaccard_score

from segutils.checks import check, diagnose
from segutils.exercises import EXERCISES
from segutils.quiet import keras
from segutils.quiet import tensorflow as tf

RIGHT, WRONG = [], []
each_exercise = pytest.mark.parametrize("name", EXERCISES)


def right(name):
    """Put an answer among the right ones of an exercise."""

    def add(answer):
        RIGHT.append(pytest.param(name, answer, id=f"{name}-{answer.__name__}"))
        return answer

    return add


def wrong(name, words):
    """Put an answer among the wrong ones, with words that its feedback must contain."""

    def add(answer):
        WRONG.append(pytest.param(name, answer, words, id=f"{name}-{answer.__name__}"))
        return answer

    return add


# iou(y_true, y_pred)


@right("iou")
def iou_pixel_by_pixel(y_true, y_pred):
    both = either = 0
    for true_row, pred_row in zip(y_true.tolist(), y_pred.tolist(), strict=True):
        for true, pred in zip(true_row, pred_row, strict=True):
            both += true and pred
            either += true or pred
    return both / either if either else 1


@right("iou")
def iou_with_sets(y_true, y_pred):
    true, pred = (set(zip(*np.nonzero(mask), strict=True)) for mask in (y_true, y_pred))
    if not true and not pred:
        return 1.0
    return len(true & pred) / len(true | pred)


@right("iou")
def iou_with_logical_functions_and_epsilon(y_true, y_pred):
    epsilon = 1e-9
    both = np.sum(np.logical_and(y_true, y_pred))
    return (both + epsilon) / (np.sum(y_true) + np.sum(y_pred) - both + epsilon)


@right("iou")
def iou_with_epsilon_of_keras(y_true, y_pred):
    both, either = np.sum(y_true & y_pred), np.sum(y_true | y_pred)
    return (both + 1e-7) / (either + 1e-7)


@wrong("iou", "pixel accuracy")
def iou_counts_agreement(y_true, y_pred):
    right_pixels = 0
    for i in range(y_true.shape[0]):
        for j in range(y_true.shape[1]):
            if y_true[i, j] == y_pred[i, j]:
                right_pixels += 1
    return right_pixels / y_true.size


@wrong("iou", "Dice coefficient")
def iou_doubled(y_true, y_pred):
    both = np.logical_and(y_true, y_pred).sum()
    total = np.count_nonzero(y_true) + np.count_nonzero(y_pred)
    return 1.0 if total == 0 else 2 * both / total


@wrong("iou", "Dice coefficient")
def iou_doubled_and_nan_for_empty(y_true, y_pred):
    return 2 * np.sum(y_true * y_pred) / (np.sum(y_true) + np.sum(y_pred))


@wrong("iou", "counted twice")
def iou_over_the_sum(y_true, y_pred):
    if y_true.sum() + y_pred.sum() == 0:
        return 1.0
    return np.sum(y_true * y_pred) / (y_true.sum() + y_pred.sum())


@wrong("iou", "the recall")
def iou_over_the_truth(y_true, y_pred):
    return y_pred[y_true].mean() if y_true.any() else 1.0


@wrong("iou", "the precision")
def iou_over_the_prediction(y_true, y_pred):
    found = y_true[y_pred]
    return found.sum() / len(found) if len(found) else 1.0


@wrong("iou", "the precision")
def iou_over_the_prediction_and_nan_for_empty(y_true, y_pred):
    return np.sum(y_true & y_pred) / np.sum(y_pred)


@wrong("iou", "exclusive or")
def iou_of_pixels_in_one_mask_only(y_true, y_pred):
    union = np.sum(y_true | y_pred)
    return np.sum(y_true != y_pred) / union if union else 1.0


@wrong("iou", "all pixels")
def iou_over_the_picture(y_true, y_pred):
    height, width = y_true.shape
    return np.sum(y_true & y_pred) / (height * width)


@wrong("iou", "NaN from 0/0")
def iou_nan_for_empty(y_true, y_pred):
    return np.sum(y_true * y_pred) / np.sum((y_true.astype(int) + y_pred) > 0)


@wrong("iou", "not 0")
def iou_zero_for_empty(y_true, y_pred):
    union = np.sum(np.maximum(y_true, y_pred))
    return np.sum(np.minimum(y_true, y_pred)) / union if union > 0 else 0.0


@wrong("iou", "not 0")
def iou_with_epsilon_below_only(y_true, y_pred):
    return (y_true & y_pred).sum() / ((y_true | y_pred).sum() + 1e-9)


@wrong("iou", "expected 1, got 0.5")
def iou_half_for_empty(y_true, y_pred):
    union = (y_true | y_pred).sum()
    return (y_true & y_pred).sum() / union if union else 0.5


@wrong("iou", "1 - IoU")
def iou_as_a_loss(y_true, y_pred):
    union = (y_true | y_pred).sum()
    return 1 - (y_true & y_pred).sum() / union if union else 0.0


@wrong("iou", "expected")
def iou_over_the_smaller_mask(y_true, y_pred):
    smaller = min(y_true.sum(), y_pred.sum())
    return (y_true & y_pred).sum() / smaller if smaller else 1.0


# conv2d(x, kernel, bias, stride, padding)


@right("conv2d")
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


@right("conv2d")
def conv2d_with_window_views(x, kernel, bias, stride, padding):
    views = np.lib.stride_tricks.sliding_window_view(np.pad(x, padding), kernel.shape)[::stride, ::stride]
    return np.einsum("ijmn,mn->ij", views, kernel) + bias


@right("conv2d")
def conv2d_with_tensorflow(x, kernel, bias, stride, padding):
    x = tf.pad(tf.constant(x), [[padding, padding], [padding, padding]])[None, :, :, None]
    return tf.nn.conv2d(x, tf.constant(kernel)[:, :, None, None], stride, "VALID")[0, :, :, 0] + bias


@wrong("conv2d", "turned around")
def conv2d_flipped(x, kernel, bias, stride, padding):
    x = np.pad(x, padding)
    m, n = kernel.shape
    y = np.zeros(((x.shape[0] - m) // stride + 1, (x.shape[1] - n) // stride + 1))
    for i, j in np.ndindex(y.shape):
        for a in range(m):
            for b in range(n):
                y[i, j] += x[i * stride + m - 1 - a, j * stride + n - 1 - b] * kernel[a, b]
    return y + bias


@wrong("conv2d", "turned around")
def conv2d_flipped_by_scipy(x, kernel, bias, stride, padding):
    from scipy.signal import convolve2d

    return convolve2d(np.pad(x, padding), kernel, mode="valid")[::stride, ::stride] + bias


@wrong("conv2d", "one pixel too early")
def conv2d_with_the_article_s_minus_one(x, kernel, bias, stride, padding):
    x = np.pad(x, padding)
    y = np.zeros([(h - m) // stride + 1 for h, m in zip(x.shape, kernel.shape, strict=True)])
    for i, j in np.ndindex(y.shape):
        for m, n in np.ndindex(kernel.shape):
            y[i, j] += x[stride * i + m - 1, stride * j + n - 1] * kernel[m, n]
    return y + bias


@wrong("conv2d", "swapped: i walks down")
def conv2d_transposed(x, kernel, bias, stride, padding):
    x = np.pad(x, padding)
    height, width = (x.shape[0] - len(kernel)) // stride + 1, (x.shape[1] - len(kernel[0])) // stride + 1
    y = np.zeros((width, height))
    for i in range(width):
        for j in range(height):
            window = x[j * stride : j * stride + len(kernel), i * stride : i * stride + len(kernel[0])]
            y[i, j] = np.sum(window * kernel) + bias
    return y


@wrong("conv2d", "bias is missing")
def conv2d_without_bias(x, kernel, bias, stride, padding):
    x = np.pad(x, padding)
    rows, columns = (x.shape[0] - kernel.shape[0]) // stride + 1, (x.shape[1] - kernel.shape[1]) // stride + 1
    y = np.empty((rows, columns))
    for i in range(rows):
        for j in range(columns):
            y[i, j] = np.vdot(x[i * stride :, j * stride :][: kernel.shape[0], : kernel.shape[1]], kernel)
    return y


@wrong("conv2d", "every kernel element")
def conv2d_with_bias_in_the_inner_loop(x, kernel, bias, stride, padding):
    x = np.pad(x, padding)
    rows, columns = (x.shape[0] - kernel.shape[0]) // stride + 1, (x.shape[1] - kernel.shape[1]) // stride + 1
    y = np.zeros((rows, columns))
    for i, j, m, n in np.ndindex(rows, columns, *kernel.shape):
        y[i, j] += x[i * stride + m, j * stride + n] * kernel[m, n] + bias
    return y


@wrong("conv2d", "stride is ignored")
def conv2d_without_stride(x, kernel, bias, stride, padding):
    x = np.pad(x, padding)
    y = np.zeros((x.shape[0] - kernel.shape[0] + 1, x.shape[1] - kernel.shape[1] + 1))
    for i, j in np.ndindex(y.shape):
        y[i, j] = (x[i : i + kernel.shape[0], j : j + kernel.shape[1]] * kernel).sum() + bias
    return y


@wrong("conv2d", "moves by one pixel only")
def conv2d_with_stride_on_the_size_only(x, kernel, bias, stride, padding):
    x = np.pad(x, padding)
    rows, columns = (x.shape[0] - kernel.shape[0]) // stride + 1, (x.shape[1] - kernel.shape[1]) // stride + 1
    y = np.full((rows, columns), bias)
    for i, j in np.ndindex(rows, columns):
        for m, n in np.ndindex(kernel.shape):
            y[i, j] += x[i + m, j + n] * kernel[m, n]
    return y


@wrong("conv2d", "that is a dilation")
def conv2d_with_stride_as_dilation(x, kernel, bias, stride, padding):
    x = np.pad(x, padding)
    rows, columns = (x.shape[0] - kernel.shape[0]) // stride + 1, (x.shape[1] - kernel.shape[1]) // stride + 1
    y = np.full((rows, columns), bias)
    for i, j in np.ndindex(rows, columns):
        for m, n in np.ndindex(kernel.shape):
            y[i, j] += x[i + stride * m, j + stride * n] * kernel[m, n]
    return y


@wrong("conv2d", "padding is ignored")
def conv2d_without_padding(x, kernel, bias, stride, padding):
    views = np.lib.stride_tricks.sliding_window_view(x, kernel.shape)[::stride, ::stride]
    return (views * kernel).sum((2, 3)) + bias


@wrong("conv2d", "above *and* below, left *and* right.")
def conv2d_padded_above_and_left(x, kernel, bias, stride, padding):
    padded = np.zeros((x.shape[0] + padding, x.shape[1] + padding))
    padded[padding:, padding:] = x
    views = np.lib.stride_tricks.sliding_window_view(padded, kernel.shape)[::stride, ::stride]
    return (views * kernel).sum((2, 3)) + bias


@wrong("conv2d", "not only at the end")
def conv2d_padded_below_and_right(x, kernel, bias, stride, padding):
    padded = np.zeros((x.shape[0] + padding, x.shape[1] + padding))
    padded[: x.shape[0], : x.shape[1]] = x
    views = np.lib.stride_tricks.sliding_window_view(padded, kernel.shape)[::stride, ::stride]
    return (views * kernel).sum((2, 3)) + bias


@wrong("conv2d", "repeats the border's pixels")
def conv2d_padded_with_the_border(x, kernel, bias, stride, padding):
    rows = [x[0]] * padding + list(x) + [x[-1]] * padding
    padded = np.array([[row[0]] * padding + list(row) + [row[-1]] * padding for row in rows])
    views = np.lib.stride_tricks.sliding_window_view(padded, kernel.shape)[::stride, ::stride]
    return (views * kernel).sum((2, 3)) + bias


@wrong("conv2d", "the + 1 counts the first window")
def conv2d_one_too_small(x, kernel, bias, stride, padding):
    x = np.pad(x, padding)
    y = np.zeros([(h - m) // stride for h, m in zip(x.shape, kernel.shape, strict=True)])
    for i, j in np.ndindex(y.shape):
        top, left = i * stride, j * stride
        y[i, j] = np.sum(x[top : top + len(kernel), left : left + len(kernel[0])] * kernel) + bias
    return y


@wrong("conv2d", "the + 1 counts the first window")
def conv2d_with_a_range_that_ends_early(x, kernel, bias, stride, padding):
    x = np.pad(x, padding)
    (height, width), (m, n) = x.shape, kernel.shape
    return [
        [(x[i : i + m, j : j + n] * kernel).sum() + bias for j in range(0, width - n, stride)]
        for i in range(0, height - m, stride)
    ]


@wrong("conv2d", "bias is subtracted")
def conv2d_with_bias_subtracted(x, kernel, bias, stride, padding):
    views = np.lib.stride_tricks.sliding_window_view(np.pad(x, padding), kernel.shape)[::stride, ::stride]
    return (views * kernel).sum((2, 3)) - bias


@wrong("conv2d", "expected shape (3, 6), got (5, 7)")
def conv2d_same_as_the_input(x, kernel, bias, stride, padding):
    from scipy.ndimage import correlate

    return correlate(x, kernel, mode="constant") + bias


@wrong("conv2d", "IndexError")
def conv2d_beyond_the_border(x, kernel, bias, stride, padding):
    x = np.pad(x, padding)
    y = np.zeros_like(x)
    for i, j in np.ndindex(x.shape):
        for m, n in np.ndindex(kernel.shape):
            y[i, j] += x[i + m, j + n] * kernel[m, n]
    return y


@wrong("conv2d", "expected")
def conv2d_padded_by_half(x, kernel, bias, stride, padding):
    views = np.lib.stride_tricks.sliding_window_view(np.pad(x, padding // 2), kernel.shape)[::stride, ::stride]
    return (views * kernel).sum((2, 3)) + bias


# max_pool(x, size, stride)


@right("max_pool")
def max_pool_with_loops(x, size, stride):
    pooled = []
    for top in range(0, len(x) - size + 1, stride):
        pooled.append([])
        for left in range(0, len(x[0]) - size + 1, stride):
            largest = x[top][left]
            for m in range(size):
                for n in range(size):
                    largest = max(largest, x[top + m][left + n])
            pooled[-1].append(largest)
    return pooled


@right("max_pool")
def max_pool_with_slices(x, size, stride):
    rows, columns = ((h - size) // stride + 1 for h in x.shape)
    y = np.full((rows, columns), -np.inf)
    for m in range(size):
        for n in range(size):
            y = np.maximum(y, x[m::stride, n::stride][:rows, :columns])
    return y


@right("max_pool")
def max_pool_with_tensorflow(x, size, stride):
    return tf.nn.max_pool2d(x[None, :, :, None], size, stride, "VALID")[0, :, :, 0]


@wrong("max_pool", "average pooling")
def max_pool_mean(x, size, stride):
    rows, columns = (x.shape[0] - size) // stride + 1, (x.shape[1] - size) // stride + 1
    y = np.zeros((rows, columns))
    for i, j in np.ndindex(rows, columns):
        y[i, j] = x[i * stride : i * stride + size, j * stride : j * stride + size].sum() / size**2
    return y


@wrong("max_pool", "smallest value")
def max_pool_smallest(x, size, stride):
    views = np.lib.stride_tricks.sliding_window_view(x, (size, size))[::stride, ::stride]
    return np.sort(views.reshape(*views.shape[:2], -1))[..., 0]


@wrong("max_pool", "largest magnitude")
def max_pool_magnitude(x, size, stride):
    rows, columns = (x.shape[0] - size) // stride + 1, (x.shape[1] - size) // stride + 1
    return [
        [max(abs(v) for v in x[i * stride :, j * stride :][:size, :size].flat) for j in range(columns)]
        for i in range(rows)
    ]


@wrong("max_pool", "subsampling")
def max_pool_first_pixel(x, size, stride):
    return [[x[i, j] for j in range(0, x.shape[1] - size + 1, stride)] for i in range(0, x.shape[0] - size + 1, stride)]


@wrong("max_pool", "Negative values became zero")
def max_pool_from_zero(x, size, stride):
    rows, columns = (x.shape[0] - size) // stride + 1, (x.shape[1] - size) // stride + 1
    y = np.zeros((rows, columns))
    for i, j in np.ndindex(rows, columns):
        for m, n in np.ndindex(size, size):
            if x[i * stride + m, j * stride + n] > y[i, j]:
                y[i, j] = x[i * stride + m, j * stride + n]
    return y


@wrong("max_pool", "stride is ignored")
def max_pool_without_stride(x, size, stride):
    return np.lib.stride_tricks.sliding_window_view(x, (size, size)).max((2, 3))


@wrong("max_pool", "moves by one pixel only")
def max_pool_with_stride_on_the_size_only(x, size, stride):
    y = np.zeros(((x.shape[0] - size) // stride + 1, (x.shape[1] - size) // stride + 1))
    for i, j in np.ndindex(y.shape):
        y[i, j] = x[i : i + size, j : j + size].max()
    return y


@wrong("max_pool", "moved by their size")
def max_pool_moved_by_size(x, size, stride):
    rows, columns = x.shape[0] // size, x.shape[1] // size
    return x[: rows * size, : columns * size].reshape(rows, size, columns, size).max((1, 3))


@wrong("max_pool", "expected")
def max_pool_moved_by_size_with_the_right_shape(x, size, stride):
    y = np.zeros(((x.shape[0] - size) // stride + 1, (x.shape[1] - size) // stride + 1))
    for i, j in np.ndindex(y.shape):
        window = x[i * size : (i + 1) * size, j * size : (j + 1) * size]
        y[i, j] = window.max() if window.size else 0
    return y


@wrong("max_pool", "have the stride as their size")
def max_pool_of_stride_by_stride(x, size, stride):
    return [
        [x[i : i + stride, j : j + stride].max() for j in range(0, x.shape[1] - stride + 1, stride)]
        for i in range(0, x.shape[0] - stride + 1, stride)
    ]


@wrong("max_pool", "hang over the border")
def max_pool_with_partial_windows(x, size, stride):
    rows, columns = math.ceil(x.shape[0] / stride), math.ceil(x.shape[1] / stride)
    y = np.zeros((rows, columns))
    for i, j in np.ndindex(rows, columns):
        y[i, j] = np.max(x[i * stride : i * stride + size, j * stride : j * stride + size])
    return y


@wrong("max_pool", "hang over the border")
def max_pool_rounded_up(x, size, stride):
    rows, columns = (-((size - h) // stride) + 1 for h in x.shape)
    return [
        [x[i * stride : i * stride + size, j * stride : j * stride + size].max() for j in range(columns)]
        for i in range(rows)
    ]


@wrong("max_pool", "the + 1 counts the first window")
def max_pool_one_too_small(x, size, stride):
    y = np.zeros(((x.shape[0] - size) // stride, (x.shape[1] - size) // stride))
    for i, j in np.ndindex(y.shape):
        y[i, j] = x[i * stride : i * stride + size, j * stride : j * stride + size].max()
    return y


@wrong("max_pool", "Rows and columns of the output are swapped")
def max_pool_transposed(x, size, stride):
    return [
        [x[i : i + size, j : j + size].max() for i in range(0, x.shape[0] - size + 1, stride)]
        for j in range(0, x.shape[1] - size + 1, stride)
    ]


@wrong("max_pool", "expected shape (2, 3), got (2, 6)")
def max_pool_of_rows_only(x, size, stride):
    return np.array([x[i : i + size].max(0) for i in range(0, x.shape[0] - size + 1, stride)])


@wrong("max_pool", "expected")
def max_pool_of_windows_too_small(x, size, stride):
    y = np.zeros(((x.shape[0] - size) // stride + 1, (x.shape[1] - size) // stride + 1))
    for i, j in np.ndindex(y.shape):
        y[i, j] = x[i * stride : i * stride + size - 1, j * stride : j * stride + size - 1].max()
    return y


@wrong("max_pool", "expected")
def max_pool_of_the_wrong_shape(x, size, stride):
    y = np.zeros((x.shape[0] // size, x.shape[1] // size))
    for i, j in np.ndindex(y.shape):
        y[i, j] = x[i * stride : i * stride + size, j * stride : j * stride + size].max(initial=-np.inf)
    return y


# classify(x, weights, bias)


@right("classify")
def classify_number_by_number(x, weights, bias):
    rows = []
    for example in x.tolist():
        logits = [
            sum(e * w for e, w in zip(example, column, strict=True)) + b
            for column, b in zip(weights.T.tolist(), bias.tolist(), strict=True)
        ]
        largest = max(logits)
        powers = [math.exp(logit - largest) for logit in logits]
        rows.append([power / sum(powers) for power in powers])
    return rows


@right("classify")
def classify_by_logarithms(x, weights, bias):
    logits = np.einsum("bd,dk->bk", x, weights) + bias
    return np.exp(logits - np.logaddexp.reduce(logits, axis=1)[:, None])


@right("classify")
def classify_with_tensorflow(x, weights, bias):
    return tf.nn.softmax(tf.matmul(x, weights) + bias)


@wrong("classify", "bias is missing")
def classify_without_bias(x, weights, bias):
    logits = np.dot(x, weights)
    powers = np.exp(logits - np.max(logits, axis=1, keepdims=True))
    return powers / np.sum(powers, axis=1, keepdims=True)


@wrong("classify", "wrong axis")
def classify_over_the_batch_axis(x, weights, bias):
    powers = np.exp(x @ weights + bias)
    return powers / powers.sum(axis=0)


@wrong("classify", "wrong axis")
def classify_over_the_batch_axis_without_overflow(x, weights, bias):
    logits = x @ weights + bias
    powers = np.exp(logits - logits.max(axis=0))
    return powers / powers.sum(axis=0)


@wrong("classify", "whole batch: each row must sum to 1 by itself")
def classify_with_one_sum(x, weights, bias):
    powers = np.exp(x @ weights + bias)
    return powers / np.sum(powers)


@wrong("classify", "a sigmoid for each class")
def classify_sigmoid(x, weights, bias):
    return 1 / (1 + np.exp(-(x @ weights + bias)))


@wrong("classify", "softmax is missing")
def classify_logits(x, weights, bias):
    y = np.zeros((len(x), len(bias)))
    for i, j in np.ndindex(y.shape):
        y[i, j] = sum(x[i] * weights[:, j]) + bias[j]
    return y


@wrong("classify", "take e to the power")
def classify_shares_of_logits(x, weights, bias):
    logits = x @ weights + bias
    return np.array([row / sum(row) for row in logits])


@wrong("classify", "is not divided by its sum")
def classify_powers(x, weights, bias):
    return math.e ** (x @ weights + bias)


@wrong("classify", "logarithms of the probabilities")
def classify_log_softmax(x, weights, bias):
    logits = x @ weights + bias
    logits = logits - logits.max(1, keepdims=True)
    return logits - np.log(np.exp(logits).sum(1, keepdims=True))


@wrong("classify", "Large logits overflow")
def classify_overflows(x, weights, bias):
    return np.array([np.exp(row) / np.exp(row).sum() for row in x @ weights + bias])


@wrong("classify", "mean logit is subtracted")
def classify_overflows_less_after_the_mean(x, weights, bias):
    logits = x @ weights + bias
    powers = np.exp(logits - logits.mean(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


@wrong("classify", "OverflowError")
def classify_overflows_in_plain_python(x, weights, bias):
    rows = []
    for logits in (x @ weights + bias).tolist():
        powers = [math.exp(logit) for logit in logits]
        rows.append([power / sum(powers) for power in powers])
    return rows


@wrong("classify", "largest logit of the whole batch")
def classify_with_one_maximum(x, weights, bias):
    logits = np.matmul(x, weights) + bias
    powers = np.exp(logits - np.max(logits))
    return powers / powers.sum(axis=-1, keepdims=True)


@wrong("classify", "added after softmax")
def classify_with_bias_after_softmax(x, weights, bias):
    logits = x @ weights
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True) + bias


@wrong("classify", "keep the axis")
def classify_without_keepdims(x, weights, bias):
    logits = x @ weights + bias
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1)


@wrong("classify", "expected shape (3, 5), got (3,)")
def classify_the_class(x, weights, bias):
    return np.argmax(x @ weights + bias, axis=1)


@wrong("classify", "ValueError: matmul")
def classify_with_turned_weights(x, weights, bias):
    return x @ weights.T + bias


# dice_loss(y_true, y_pred)


@right("dice_loss")
def dice_loss_pixel_by_pixel(y_true, y_pred):
    losses = []
    for true, pred in zip(y_true, y_pred, strict=True):
        overlap = size = 0.0
        for y, p in zip(true.ravel().tolist(), pred.ravel().tolist(), strict=True):
            overlap += y * p
            size += y * y + p * p
        losses.append(1 - 2 * overlap / size if size else 0.0)
    return losses


@right("dice_loss")
def dice_loss_vectorised(y_true, y_pred):
    size = np.einsum("bij,bij->b", y_true, y_true) + np.einsum("bij,bij->b", y_pred, y_pred)
    overlap = np.einsum("bij,bij->b", y_true, y_pred)
    return 1 - np.divide(2 * overlap, size, out=np.ones_like(size), where=size > 0)


@right("dice_loss")
def dice_loss_with_tensorflow_and_epsilon(y_true, y_pred):
    overlap = tf.reduce_sum(y_true * y_pred, axis=(1, 2))
    size = tf.reduce_sum(tf.square(y_true) + tf.square(y_pred), axis=(1, 2))
    return 1 - (2 * overlap + 1e-9) / (size + 1e-9)


def share(above, below):
    """above / below, and 1 where both are 0: what a learner writes for empty masks."""
    return np.array([a / b if b else 1.0 for a, b in zip(above, below, strict=True)])


@wrong("dice_loss", "squares are missing")
def dice_loss_without_squares(y_true, y_pred):
    return 1 - share(2 * (y_true * y_pred).sum((1, 2)), y_true.sum((1, 2)) + y_pred.sum((1, 2)))


@wrong("dice_loss", "squares are missing")
def dice_loss_with_one_square_and_nan_for_empty(y_true, y_pred):
    return 1 - 2 * (y_true * y_pred).sum((1, 2)) / ((y_true**2).sum((1, 2)) + y_pred.sum((1, 2)))


@wrong("dice_loss", "square is taken of the sum")
def dice_loss_with_squared_sums(y_true, y_pred):
    true, pred = (np.array([image.sum() for image in batch]) for batch in (y_true, y_pred))
    return 1 - share(2 * (y_true * y_pred).sum((1, 2)), true**2 + pred**2)


@wrong("dice_loss", "factor 2 above is missing")
def dice_loss_without_two(y_true, y_pred):
    loss = []
    for t, p in zip(y_true, y_pred, strict=True):
        size = np.sum(t**2) + np.sum(p**2)
        loss.append(1 - np.sum(t * p) / size if size > 0 else 0)
    return np.array(loss)


@wrong("dice_loss", "IoU form")
def dice_loss_of_iou(y_true, y_pred):
    overlap = (y_true * y_pred).sum((1, 2))
    return 1 - share(overlap, (y_true**2 + y_pred**2).sum((1, 2)) - overlap)


@wrong("dice_loss", "That is the overlap, 1 for a perfect prediction")
def dice_loss_not_turned(y_true, y_pred):
    return share(2 * (y_true * y_pred).sum((1, 2)), (y_true**2 + y_pred**2).sum((1, 2)))


@wrong("dice_loss", "minus the overlap")
def dice_loss_negative(y_true, y_pred):
    return -share(2 * (y_true * y_pred).sum((1, 2)), (y_true**2 + y_pred**2).sum((1, 2)))


@wrong("dice_loss", "one number for the whole batch")
def dice_loss_pooled(y_true, y_pred):
    return 1 - 2 * np.sum(y_true * y_pred) / (np.sum(y_true**2) + np.sum(y_pred**2))


@wrong("dice_loss", "one number for the whole batch")
def dice_loss_pooled_with_epsilon(y_true, y_pred):
    return 1 - (2 * np.sum(y_true * y_pred) + 1e-9) / (np.sum(y_true**2) + np.sum(y_pred**2) + 1e-9)


@wrong("dice_loss", "average over the images")
def dice_loss_mean(y_true, y_pred):
    losses = []
    for t, p in zip(y_true, y_pred, strict=True):
        size = (t * t).sum() + (p * p).sum()
        losses.append(1 - 2 * (t * p).sum() / size if size else 0)
    return sum(losses) / len(losses)


@wrong("dice_loss", "over the columns only")
def dice_loss_of_each_row(y_true, y_pred):
    size = (y_true**2).sum(-1) + (y_pred**2).sum(-1)
    return 1 - (2 * (y_true * y_pred).sum(-1) + 1e-12) / (size + 1e-12)


@wrong("dice_loss", "over the rows only")
def dice_loss_of_each_column(y_true, y_pred):
    size = (y_true**2).sum(1) + (y_pred**2).sum(1)
    return 1 - (2 * (y_true * y_pred).sum(1) + 1e-12) / (size + 1e-12)


@wrong("dice_loss", "over the batch and the rows")
def dice_loss_over_batch_and_rows(y_true, y_pred):
    size = (y_true**2).sum((0, 1)) + (y_pred**2).sum((0, 1))
    return 1 - (2 * (y_true * y_pred).sum((0, 1)) + 1e-12) / (size + 1e-12)


@wrong("dice_loss", "NaN from 0/0")
def dice_loss_nan_for_empty(y_true, y_pred):
    return 1 - 2 * (y_true * y_pred).sum((1, 2)) / np.sum(y_true**2 + y_pred**2, axis=(1, 2))


@wrong("dice_loss", "is 0 and not 1")
def dice_loss_one_for_empty(y_true, y_pred):
    return 1 - 2 * (y_true * y_pred).sum((1, 2)) / np.maximum((y_true**2 + y_pred**2).sum((1, 2)), 1e-7)


@wrong("dice_loss", "expected")
def dice_loss_smoothed_by_one(y_true, y_pred):
    return 1 - (2 * (y_true * y_pred).sum((1, 2)) + 1) / ((y_true**2 + y_pred**2).sum((1, 2)) + 1)


@wrong(
    "dice_loss",
    "square the truth too",
)
def dice_loss_without_the_square_of_the_truth(y_true, y_pred):
    size = y_true.sum((1, 2)) + (y_pred**2).sum((1, 2))
    return 1 - share(2 * (y_true * y_pred).sum((1, 2)), size)


# adam_step(theta, gradient, m, v, t, learning_rate)


@right("adam_step")
def adam_step_with_lists(theta, gradient, m, v, t, learning_rate):
    new_theta, new_m, new_v = [], [], []
    for i in range(len(theta)):
        new_m.append(0.9 * m[i] + 0.1 * gradient[i])
        new_v.append(0.999 * v[i] + 0.001 * gradient[i] ** 2)
        m_hat, v_hat = new_m[i] / (1 - 0.9**t), new_v[i] / (1 - 0.999**t)
        new_theta.append(theta[i] - learning_rate * m_hat / (math.sqrt(v_hat) + 1e-7))
    return new_theta, new_m, new_v


@right("adam_step")
def adam_step_in_place(theta, gradient, m, v, t, learning_rate):
    m += 0.1 * (gradient - m)
    v += 0.001 * (gradient * gradient - v)
    theta -= learning_rate * (m / (1 - 0.9**t)) / (np.sqrt(v / (1 - 0.999**t)) + 1e-7)
    return theta, m, v


@right("adam_step")
def adam_step_with_the_corrections_in_the_step_size(theta, gradient, m, v, t, learning_rate):
    m, v = 0.9 * m + 0.1 * gradient, 0.999 * v + 0.001 * gradient**2
    root = np.sqrt(1 - 0.999**t)
    return theta - learning_rate * root / (1 - 0.9**t) * m / (np.sqrt(v) + 1e-7 * root), m, v


@right("adam_step")
def adam_step_with_tensorflow(theta, gradient, m, v, t, learning_rate):
    m, v = 0.9 * tf.constant(m) + 0.1 * gradient, 0.999 * tf.constant(v) + 0.001 * tf.square(gradient)
    return theta - learning_rate * m / (1 - 0.9**t) / (tf.sqrt(v / (1 - 0.999**t)) + 1e-7), m, v


@wrong("adam_step", "bias correction is missing")
def adam_step_uncorrected(theta, gradient, m, v, t, learning_rate):
    m, v = 0.9 * m + 0.1 * gradient, 0.999 * v + 0.001 * gradient**2
    return theta - learning_rate * m / (v**0.5 + 1e-7), m, v


@wrong("adam_step", "Only m is corrected")
def adam_step_with_m_corrected(theta, gradient, m, v, t, learning_rate):
    m, v = 0.9 * m + 0.1 * gradient, 0.999 * v + 0.001 * gradient**2
    return theta - learning_rate * (m / (1 - 0.9**t)) / (v**0.5 + 1e-7), m, v


@wrong("adam_step", "Only v is corrected")
def adam_step_with_v_corrected(theta, gradient, m, v, t, learning_rate):
    m, v = 0.9 * m + 0.1 * gradient, 0.999 * v + 0.001 * gradient**2
    return theta - learning_rate * m / ((v / (1 - 0.999**t)) ** 0.5 + 1e-7), m, v


@wrong("adam_step", "one step ahead")
def adam_step_counting_t_again(theta, gradient, m, v, t, learning_rate):
    t += 1
    m, v = 0.9 * m + 0.1 * gradient, 0.999 * v + 0.001 * gradient**2
    return theta - learning_rate * m / (1 - 0.9**t) / (np.sqrt(v / (1 - 0.999**t)) + 1e-7), m, v


@wrong("adam_step", "one step behind")
def adam_step_counting_t_from_zero(theta, gradient, m, v, t, learning_rate):
    t -= 1
    m, v = 0.9 * m + 0.1 * gradient, 0.999 * v + 0.001 * gradient**2
    return theta - learning_rate * m / (1 - 0.9**t) / (np.sqrt(v / (1 - 0.999**t)) + 1e-7), m, v


@wrong("adam_step", "it must fade as t grows")
def adam_step_without_t(theta, gradient, m, v, t, learning_rate):
    m, v = 0.9 * m + 0.1 * gradient, 0.999 * v + 0.001 * gradient**2
    m_hat, v_hat = m / (1 - 0.9), v / (1 - 0.999)
    return theta - learning_rate * m_hat / (np.sqrt(v_hat) + 1e-7), m, v


@wrong("adam_step", "uphill")
def adam_step_uphill(theta, gradient, m, v, t, learning_rate):
    m, v = 0.9 * m + 0.1 * gradient, 0.999 * v + 0.001 * gradient**2
    return theta + learning_rate * m / (1 - 0.9**t) / (np.sqrt(v / (1 - 0.999**t)) + 1e-7), m, v


@wrong("adam_step", "square root is missing")
def adam_step_without_root(theta, gradient, m, v, t, learning_rate):
    m, v = 0.9 * m + 0.1 * gradient, 0.999 * v + 0.001 * gradient**2
    return theta - learning_rate * m / (1 - 0.9**t) / (v / (1 - 0.999**t) + 1e-7), m, v


@wrong("adam_step", "*squares* of the gradient")
def adam_step_of_magnitudes(theta, gradient, m, v, t, learning_rate):
    m, v = 0.9 * m + 0.1 * gradient, 0.999 * v + 0.001 * abs(gradient)
    return theta - learning_rate * m / (1 - 0.9**t) / (np.sqrt(v / (1 - 0.999**t)) + 1e-7), m, v


@wrong("adam_step", "average its square")
def adam_step_without_square(theta, gradient, m, v, t, learning_rate):
    m, v = 0.9 * m + 0.1 * gradient, 0.999 * v + 0.001 * gradient
    return theta - learning_rate * m / (1 - 0.9**t) / (np.sqrt(v / (1 - 0.999**t)) + 1e-7), m, v


@wrong("adam_step", "two betas are swapped")
def adam_step_with_betas_swapped(theta, gradient, m, v, t, learning_rate):
    m, v = 0.999 * m + 0.001 * gradient, 0.9 * v + 0.1 * gradient**2
    return theta - learning_rate * m / (1 - 0.999**t) / (np.sqrt(v / (1 - 0.9**t)) + 1e-7), m, v


@wrong("adam_step", "betas of the averages are swapped")
def adam_step_with_betas_swapped_in_the_averages_only(theta, gradient, m, v, t, learning_rate):
    m, v = 0.999 * m + 0.001 * gradient, 0.9 * v + 0.1 * gradient**2
    return theta - learning_rate * m / (1 - 0.9**t) / (np.sqrt(v / (1 - 0.999**t)) + 1e-7), m, v


@wrong("adam_step", "betas of the correction are swapped")
def adam_step_with_betas_swapped_in_the_corrections_only(theta, gradient, m, v, t, learning_rate):
    m, v = 0.9 * m + 0.1 * gradient, 0.999 * v + 0.001 * gradient**2
    return theta - learning_rate * m / (1 - 0.999**t) / (np.sqrt(v / (1 - 0.9**t)) + 1e-7), m, v


@wrong("adam_step", "the other way round")
def adam_step_that_forgets(theta, gradient, m, v, t, learning_rate):
    m, v = (1 - 0.9) * m + 0.9 * gradient, 0.999 * v + 0.001 * gradient**2
    return theta - learning_rate * m / (1 - 0.9**t) / (np.sqrt(v / (1 - 0.999**t)) + 1e-7), m, v


@wrong("adam_step", "keep too little")
def adam_step_that_forgets_both(theta, gradient, m, v, t, learning_rate):
    m, v = (1 - 0.9) * m + 0.9 * gradient, (1 - 0.999) * v + 0.999 * gradient**2
    return theta - learning_rate * m / (1 - 0.9**t) / (np.sqrt(v / (1 - 0.999**t)) + 1e-7), m, v


@wrong("adam_step", "adds the whole gradient")
def adam_step_with_plain_momentum(theta, gradient, m, v, t, learning_rate):
    m, v = 0.9 * m + gradient, 0.999 * v + 0.001 * gradient**2
    return theta - learning_rate * m / (1 - 0.9**t) / (np.sqrt(v / (1 - 0.999**t)) + 1e-7), m, v


@wrong("adam_step", "ε stands inside the root")
def adam_step_with_epsilon_inside(theta, gradient, m, v, t, learning_rate):
    m, v = 0.9 * m + 0.1 * gradient, 0.999 * v + 0.001 * gradient**2
    return theta - learning_rate * m / (1 - 0.9**t) / np.sqrt(v / (1 - 0.999**t) + 1e-7), m, v


@wrong("adam_step", "ε is 1e-8")
def adam_step_with_the_article_s_epsilon(theta, gradient, m, v, t, learning_rate):
    m, v = 0.9 * m + 0.1 * gradient, 0.999 * v + 0.001 * gradient**2
    return theta - learning_rate * m / (1 - 0.9**t) / (np.sqrt(v / (1 - 0.999**t)) + 1e-8), m, v


@wrong("adam_step", "ε is missing")
def adam_step_without_epsilon(theta, gradient, m, v, t, learning_rate):
    m, v = 0.9 * m + 0.1 * gradient, 0.999 * v + 0.001 * gradient**2
    return theta - learning_rate * m / (1 - 0.9**t) / np.sqrt(v / (1 - 0.999**t)), m, v


@wrong("adam_step", "gradient descent")
def adam_step_of_the_mean_gradient(theta, gradient, m, v, t, learning_rate):
    m, v = 0.9 * m + 0.1 * gradient, 0.999 * v + 0.001 * gradient**2
    return theta - learning_rate * m / (1 - 0.9**t), m, v


@wrong("adam_step", "gradient descent")
def adam_step_of_the_gradient(theta, gradient, m, v, t, learning_rate):
    m, v = 0.9 * m + 0.1 * gradient, 0.999 * v + 0.001 * gradient**2
    return theta - learning_rate * gradient, m, v


@wrong("adam_step", "corrected m̂ and v̂")
def adam_step_that_returns_the_corrected(theta, gradient, m, v, t, learning_rate):
    m, v = 0.9 * m + 0.1 * gradient, 0.999 * v + 0.001 * gradient**2
    m, v = m / (1 - 0.9**t), v / (1 - 0.999**t)
    return theta - learning_rate * m / (np.sqrt(v) + 1e-7), m, v


@wrong("adam_step", "that came in")
def adam_step_that_returns_the_old(theta, gradient, m, v, t, learning_rate):
    new_m, new_v = 0.9 * m + 0.1 * gradient, 0.999 * v + 0.001 * gradient**2
    return theta - learning_rate * new_m / (1 - 0.9**t) / (np.sqrt(new_v / (1 - 0.999**t)) + 1e-7), m, v


@wrong("adam_step", "not enough values to unpack")
def adam_step_that_returns_theta_only(theta, gradient, m, v, t, learning_rate):
    m, v = 0.9 * m + 0.1 * gradient, 0.999 * v + 0.001 * gradient**2
    return theta - learning_rate * m / (1 - 0.9**t) / (np.sqrt(v / (1 - 0.999**t)) + 1e-7)


@wrong(
    "adam_step",
    "before v is corrected",
)
def adam_step_as_keras_does(theta, gradient, m, v, t, learning_rate):
    m, v = 0.9 * m + 0.1 * gradient, 0.999 * v + 0.001 * gradient**2
    return theta - learning_rate * np.sqrt(1 - 0.999**t) / (1 - 0.9**t) * m / (np.sqrt(v) + 1e-7), m, v


# accuracy_of(y_true, y_pred)


@right("accuracy_of")
def accuracy_of_one_by_one(y_true, y_pred):
    return sum(a == b for a, b in zip(y_true.tolist(), y_pred.tolist(), strict=True)) / len(y_true)


@right("accuracy_of")
def accuracy_of_zeros(y_true, y_pred):
    return 1 - np.count_nonzero(y_true - y_pred) / y_true.size


@right("accuracy_of")
def accuracy_of_keras(y_true, y_pred):
    metric = keras.metrics.Accuracy()
    metric.update_state(y_true, y_pred)
    return metric.result()


@wrong("accuracy_of", "number of equal labels")
def accuracy_of_as_a_count(y_true, y_pred):
    return len([1 for a, b in zip(y_true, y_pred, strict=True) if a == b])


@wrong("accuracy_of", "share of wrong labels")
def accuracy_of_errors(y_true, y_pred):
    return np.count_nonzero(y_true != y_pred) / len(y_true)


@wrong("accuracy_of", "in percent")
def accuracy_of_in_percent(y_true, y_pred):
    return round(100 * np.mean(y_true == y_pred), 6)


@wrong("accuracy_of", "if all labels are equal")
def accuracy_of_all(y_true, y_pred):
    return float((y_true == y_pred).all())


@wrong("accuracy_of", "how far apart")
def accuracy_of_distances(y_true, y_pred):
    return sum(abs(y_true - y_pred)) / len(y_pred)


@wrong("accuracy_of", "the mean recall")
def accuracy_of_classes(y_true, y_pred):
    found = [np.mean(y_pred[y_true == k] == k) for k in set(y_true.tolist())]
    return sum(found) / len(found)


@wrong("accuracy_of", "which classes occur")
def accuracy_of_sets(y_true, y_pred):
    true, pred = set(y_true.tolist()), set(y_pred.tolist())
    return len(true & pred) / len(true | pred)


@wrong("accuracy_of", "expected shape ()")
def accuracy_of_each(y_true, y_pred):
    return y_true == y_pred


@pytest.mark.parametrize("case", EXERCISES["accuracy_of"].cases, ids=repr)
def test_accuracy_is_that_of_scikit_learn(case):
    assert EXERCISES["accuracy_of"].solution(*case) == pytest.approx(accuracy_score(*case))


# mean_iou_of(confusion)


@right("mean_iou_of")
def mean_iou_of_class_by_class(confusion):
    scores = []
    for k in range(len(confusion)):
        union = confusion[k].sum() + confusion[:, k].sum() - confusion[k, k]
        if union:
            scores.append(confusion[k, k] / union)
    return sum(scores) / len(scores)


@right("mean_iou_of")
def mean_iou_of_without_empty_rows(confusion):
    table = np.array(confusion, float)
    hits = table.diagonal()
    union = table.sum(0) + table.sum(1) - hits
    return np.mean(hits[union > 0] / union[union > 0])


@right("mean_iou_of")
def mean_iou_of_that_skips_nan(confusion):
    hits = np.diag(confusion)
    return np.nanmean(hits / (confusion.sum(axis=0) + confusion.sum(axis=1) - hits))


@wrong("mean_iou_of", "the pixel accuracy")
def mean_iou_of_as_accuracy(confusion):
    return sum(confusion[k][k] for k in range(len(confusion))) / np.sum(confusion)


@wrong("mean_iou_of", "the mean recall")
def mean_iou_of_over_rows(confusion):
    return np.nanmean([row[k] / row.sum() for k, row in enumerate(confusion)])


@wrong("mean_iou_of", "the mean precision")
def mean_iou_of_over_columns(confusion):
    return np.nanmean([column[k] / column.sum() for k, column in enumerate(confusion.T)])


@wrong("mean_iou_of", "counted twice")
def mean_iou_of_over_row_and_column(confusion):
    return np.nanmean(np.diag(confusion) / (confusion.sum(0) + confusion.sum(1)))


@wrong("mean_iou_of", "Dice coefficient")
def mean_iou_of_doubled(confusion):
    return np.nanmean(2 * np.diag(confusion) / (confusion.sum(0) + confusion.sum(1)))


@wrong("mean_iou_of", "before you divide")
def mean_iou_of_pooled(confusion):
    hits, wrong_pixels = np.trace(confusion), confusion.sum() - np.trace(confusion)
    return hits / (hits + 2 * wrong_pixels)


@wrong("mean_iou_of", "spoils the mean")
def mean_iou_of_with_nan(confusion):
    hits = confusion.diagonal()
    return (hits / (confusion.sum(0) + confusion.sum(1) - hits)).mean()


@wrong("mean_iou_of", "counts as 0, as if it had")
def mean_iou_of_with_zero(confusion):
    hits = confusion.diagonal()
    return (hits / np.maximum(confusion.sum(0) + confusion.sum(1) - hits, 1)).mean()


@wrong("mean_iou_of", "counts as 1 and")
def mean_iou_of_with_epsilon(confusion):
    hits = confusion.diagonal()
    return ((hits + 1e-9) / (confusion.sum(0) + confusion.sum(1) - hits + 1e-9)).mean()


@wrong("mean_iou_of", "background is left out")
def mean_iou_of_objects(confusion):
    hits = np.diag(confusion)
    return np.nanmean((hits / (confusion.sum(axis=0) + confusion.sum(axis=1) - hits))[1:])


@pytest.mark.parametrize("case", EXERCISES["mean_iou_of"].cases, ids=["three", "five", "absent"])
def test_mean_iou_is_that_of_scikit_learn(case):
    (confusion,) = case
    truth, predicted = np.nonzero(confusion)
    weights = confusion[truth, predicted]
    present = np.union1d(truth, predicted)
    expected = jaccard_score(truth, predicted, labels=present, average="macro", sample_weight=weights)
    assert EXERCISES["mean_iou_of"].solution(confusion) == pytest.approx(expected)


# mean_over_pictures(tables)


@right("mean_over_pictures")
def mean_over_pictures_one_by_one(tables):
    scores = []
    for (_, false_alarms), (missed, hits) in tables:
        if false_alarms + missed + hits > 0:
            scores.append(hits / (false_alarms + missed + hits))
    return np.mean(scores)


@right("mean_over_pictures")
def mean_over_pictures_by_sums(tables):
    union = tables.sum((1, 2)) - tables[:, 0, 0]
    some = union > 0
    return (tables[some, 1, 1] / union[some]).sum() / some.sum()


@right("mean_over_pictures")
def mean_over_pictures_that_skips_nan(tables):
    tables = tables.astype(float)
    return np.nanmean(tables[:, 1, 1] / (tables[:, 1].sum(1) + tables[:, 0, 1]))


@wrong("mean_over_pictures", "pooled")
def mean_over_pictures_of_the_sum(tables):
    (_, false_alarms), (missed, hits) = tables.sum(axis=0)
    return hits / (false_alarms + missed + hits)


@wrong("mean_over_pictures", "Dice coefficient")
def mean_over_pictures_doubled(tables):
    return np.nanmean([2 * t[1, 1] / (2 * t[1, 1] + t[0, 1] + t[1, 0]) for t in tables])


@wrong("mean_over_pictures", "the recall")
def mean_over_pictures_over_the_truth(tables):
    return np.nanmean([t[1, 1] / t[1].sum() for t in tables])


@wrong("mean_over_pictures", "the precision")
def mean_over_pictures_over_the_prediction(tables):
    return np.nanmean([t[1, 1] / t[:, 1].sum() for t in tables])


@wrong("mean_over_pictures", "class 0, the background")
def mean_over_pictures_of_background(tables):
    return np.mean([t[0, 0] / (t.sum() - t[1, 1]) for t in tables])


@wrong("mean_over_pictures", "spoils the mean")
def mean_over_pictures_with_nan(tables):
    return np.mean([t[1, 1] / (t.sum() - t[0, 0]) for t in tables])


@wrong("mean_over_pictures", "counts as 0, as if something")
def mean_over_pictures_with_zero(tables):
    return np.mean([t[1, 1] / max(t.sum() - t[0, 0], 1) for t in tables])


@wrong("mean_over_pictures", "counts as 1. Leave")
def mean_over_pictures_with_epsilon(tables):
    return np.mean([(t[1, 1] + 1e-9) / (t.sum() - t[0, 0] + 1e-9) for t in tables])


@wrong("mean_over_pictures", "a false alarm")
def mean_over_pictures_with_truth(tables):
    return np.mean([t[1, 1] / (t.sum() - t[0, 0]) for t in tables if t[1].any()])


@wrong("mean_over_pictures", "expected shape ()")
def mean_over_pictures_as_a_list(tables):
    return [mean_over_pictures_one_by_one(tables)]


# paired_gain(a, b)


@right("paired_gain")
def paired_gain_by_hand(a, b):
    differences = [y - x for x, y in zip(a, b, strict=True)]
    n, mean = len(differences), sum(differences) / len(differences)
    variance = sum((d - mean) ** 2 for d in differences) / (n - 1)
    return mean, math.sqrt(variance / n)


@right("paired_gain")
def paired_gain_with_numpy(a, b):
    d = np.asarray(b) - np.asarray(a)
    return d.mean(), d.std(ddof=1) / len(d) ** 0.5


@right("paired_gain")
def paired_gain_as_an_array(a, b):
    d = np.subtract(b, a)
    return np.array([np.mean(d), np.sqrt(np.cov(d) / d.size)])


@wrong("paired_gain", "sign is turned")
def paired_gain_of_a(a, b):
    return paired_gain_by_hand(b, a)


@wrong("paired_gain", "spread of one difference")
def paired_gain_with_deviation(a, b):
    return np.mean(b - a), np.std(b - a, ddof=1)


@wrong("paired_gain", "ddof=1")
def paired_gain_with_numpy_s_default(a, b):
    return np.mean(b - a), np.std(b - a) / np.sqrt(len(a))


@wrong("paired_gain", "divide by its root")
def paired_gain_over_the_number(a, b):
    return np.mean(b - a), np.std(b - a, ddof=1) / a.size


@wrong("paired_gain", "ignores the pairs")
def paired_gain_of_two_groups(a, b):
    return b.mean() - a.mean(), np.hypot(a.std(ddof=1), b.std(ddof=1)) / np.sqrt(a.size)


@wrong("paired_gain", "error is squared")
def paired_gain_without_a_root(a, b):
    return np.mean(b - a), np.var(b - a, ddof=1) / a.size


@wrong("paired_gain", "are swapped")
def paired_gain_turned(a, b):
    return paired_gain_by_hand(a, b)[::-1]


@wrong("paired_gain", "relative to a")
def paired_gain_in_percent_of_a(a, b):
    return np.mean(b / a - 1), paired_gain_by_hand(a, b)[1]


@wrong("paired_gain", "added up")
def paired_gain_as_a_sum(a, b):
    return b.sum() - a.sum(), paired_gain_by_hand(a, b)[1]


@wrong("paired_gain", "standard error too")
def paired_gain_alone(a, b):
    return b.mean() - a.mean()


@pytest.mark.parametrize("case", EXERCISES["paired_gain"].cases, ids=repr)
def test_the_paired_gain_is_that_of_scipy_s_paired_t_test(case):
    a, b = case
    gain, error = EXERCISES["paired_gain"].solution(a, b)
    assert gain / error == pytest.approx(ttest_rel(b, a).statistic)
    assert error == pytest.approx(sem(b - a))


# saved_epochs(values, mode)


@right("saved_epochs")
def saved_epochs_one_by_one(values, mode):
    best, saved = None, []
    for value in values.tolist():
        better = best is None or (value < best if mode == "min" else value > best)
        saved.append(better)
        if better:
            best = value
    return saved


@right("saved_epochs")
def saved_epochs_by_slices(values, mode):
    if mode == "max":
        return np.array([i == 0 or values[i] > values[:i].max() for i in range(len(values))])
    return np.array([i == 0 or values[i] < values[:i].min() for i in range(len(values))])


@right("saved_epochs")
def saved_epochs_from_infinity(values, mode):
    sign = {"min": 1, "max": -1}[mode]
    before = np.minimum.accumulate(np.concatenate([[np.inf], sign * values]))[:-1]
    return sign * values < before


@wrong("saved_epochs", "the one before it")
def saved_epochs_with_diff(values, mode):
    steps = np.diff(values)
    return np.concatenate([[True], steps < 0 if mode == "min" else steps > 0])


@wrong("saved_epochs", "Equal is not better")
def saved_epochs_with_ties(values, mode):
    choose = min if mode == "min" else max
    return [value == choose(values[: i + 1]) for i, value in enumerate(values)]


@wrong("saved_epochs", "of the whole training")
def saved_epochs_of_hindsight(values, mode):
    marks = [False] * len(values)
    marks[values.tolist().index(min(values) if mode == "min" else max(values))] = True
    return marks


@wrong("saved_epochs", "The mode is ignored")
def saved_epochs_of_losses_only(values, mode):
    best, saved = math.inf, []
    for value in values:
        saved.append(bool(value < best))
        best = min(best, value)
    return saved


@wrong("saved_epochs", "modes are swapped")
def saved_epochs_upside_down(values, mode):
    return saved_epochs_one_by_one(values, "max" if mode == "min" else "min")


@wrong("saved_epochs", "first epoch is missing")
def saved_epochs_without_the_first(values, mode):
    saved, best = [False] * len(values), values[0]
    for i in range(1, len(values)):
        if (mode == "min" and values[i] < best) or (mode == "max" and values[i] > best):
            saved[i], best = True, values[i]
    return saved


@wrong("saved_epochs", "save_best_only=False")
def saved_epochs_all(values, mode):
    return [True for _ in values]


@wrong("saved_epochs", "*not* saved")
def saved_epochs_negated(values, mode):
    return [not saved for saved in saved_epochs_one_by_one(values, mode)]


@wrong("saved_epochs", "starts at 0")
def saved_epochs_from_zero(values, mode):
    best, saved = 0, []
    for value in values:
        if (value < best) if mode == "min" else (value > best):
            best = value
            saved.append(1)
        else:
            saved.append(0)
    return saved


@wrong("saved_epochs", "places of the saved epochs")
def saved_epochs_as_places(values, mode):
    return [i for i, saved in enumerate(saved_epochs_one_by_one(values, mode)) if saved]


@wrong("saved_epochs", "best values so far")
def saved_epochs_as_values(values, mode):
    return list(itertools.accumulate(values, min if mode == "min" else max))


@wrong("saved_epochs", "expected shape (7,)")
def saved_epochs_counted_from_one(values, mode):
    return [i for i, saved in enumerate(saved_epochs_one_by_one(values, mode), start=1) if saved]


@pytest.mark.parametrize("case", EXERCISES["saved_epochs"].cases, ids=repr)
def test_saved_epochs_are_those_of_keras(case):
    values, mode = case
    saved, model = [], SimpleNamespace(metrics=[], save=lambda path, overwrite: saved.append(path))
    checkpoint = keras.callbacks.ModelCheckpoint("{epoch}.keras", mode=mode, save_best_only=True)
    checkpoint.set_model(model)
    for epoch, value in enumerate(values):
        checkpoint.on_epoch_begin(epoch)
        checkpoint.on_epoch_end(epoch, {"val_loss": value})
    marked = EXERCISES["saved_epochs"].solution(*case)
    assert saved == [f"{epoch + 1}.keras" for epoch in np.flatnonzero(marked)]


# Right and wrong answers


# encode(rgb, colours)


@right("encode")
def encode_by_broadcasting(rgb, colours):
    match = (rgb[:, :, None, :] == colours).all(-1)
    unknown = rgb[~match.any(-1)]
    if len(unknown):
        raise ValueError(f"no class has colour {unknown[0].tolist()}; the colours are {colours.tolist()}")
    return match.argmax(-1)


@right("encode")
def encode_one_colour_at_a_time(rgb, colours):
    mask = np.full(rgb.shape[:2], -1)
    for number, (red, green, blue) in enumerate(colours):
        mask[(rgb[..., 0] == red) & (rgb[..., 1] == green) & (rgb[..., 2] == blue)] = number
    if mask.min() < 0:
        raise ValueError(f"unknown: {np.unique(rgb[mask < 0], axis=0)}")
    return mask


@right("encode")
def encode_with_a_dictionary(rgb, colours):
    classes = {tuple(colour): number for number, colour in enumerate(colours.tolist())}
    rows = []
    for row in rgb.tolist():
        for pixel in row:
            if tuple(pixel) not in classes:
                raise ValueError(f"unknown colour {tuple(pixel)}")
        rows.append([classes[tuple(pixel)] for pixel in row])
    return rows


@right("encode")
def encode_with_packed_colours(rgb, colours):
    weights = np.array([65536, 256, 1])
    packed, known = rgb @ weights, list(colours @ weights)
    if strange := set(packed.ravel().tolist()) - set(known):
        code = strange.pop()
        raise ValueError(f"({code >> 16}, {code >> 8 & 255}, {code & 255}) is no class")
    return [[known.index(code) for code in row] for row in packed]


@wrong("encode", "became class 0 without a word")
def encode_as_in_case_2(rgb, colours):
    mask = np.zeros(rgb.shape[:2], int)
    for number, colour in enumerate(colours):
        mask[(rgb == colour).all(-1)] = number
    return mask


@wrong("encode", "the nearest class")
def encode_by_distance(rgb, colours):
    distance = np.linalg.norm(rgb[:, :, None].astype(float) - colours, axis=-1)
    return np.argmin(distance, axis=-1)


@wrong("encode", "became 255, void")
def encode_with_void(rgb, colours):
    mask = np.full(rgb.shape[:2], 255, np.uint8)
    for number, colour in enumerate(colours):
        mask[np.all(rgb == colour, axis=2)] = number
    return mask


@wrong("encode", "became -1")
def encode_with_minus_one(rgb, colours):
    classes = {tuple(colour): number for number, colour in enumerate(colours.tolist())}
    return [[classes.get(tuple(pixel), -1) for pixel in row] for row in rgb.tolist()]


@wrong("encode", "raises a KeyError")
def encode_by_look_up(rgb, colours):
    classes = {tuple(colour): number for number, colour in enumerate(colours.tolist())}
    return [[classes[tuple(pixel)] for pixel in row] for row in rgb.tolist()]


@wrong("encode", "raises a KeyError")
def encode_by_position(rgb, colours):
    return [[np.flatnonzero((colours == pixel).all(1))[0] for pixel in row] for row in rgb]


@wrong("encode", "does not say which colour")
def encode_without_naming_the_colour(rgb, colours):
    match = (rgb[:, :, None, :] == colours).all(-1)
    if not match.any(-1).all():
        raise ValueError("bad mask")
    return match.argmax(-1)


@wrong("encode", "does not say which colour")
def encode_naming_the_known_colours(rgb, colours):
    match = (rgb[:, :, None, :] == colours).all(-1)
    if match.sum() < match.shape[0] * match.shape[1]:
        raise ValueError(f"expected {colours.tolist()}")
    return match.argmax(-1)


@wrong("encode", "counted from 1")
def encode_from_one(rgb, colours):
    return encode_by_broadcasting(rgb, colours) + 1


@wrong("encode", "one* channel does")
def encode_by_any_channel(rgb, colours):
    match = (rgb[:, :, None, :] == colours).any(-1)
    if not match.any(-1).all():
        raise ValueError("unknown colour")
    return match.argmax(-1)


@wrong("encode", "Only the red channel")
def encode_by_red(rgb, colours):
    return [[colours[:, 0].tolist().index(pixel[0]) for pixel in row] for row in rgb]


@wrong("encode", "same sum")
def encode_by_brightness(rgb, colours):
    grey = colours.mean(-1).tolist()
    return [[grey.index(pixel.mean()) for pixel in row] for row in rgb]


@wrong("encode", "as OpenCV")
def encode_of_bgr(rgb, colours):
    mask = np.zeros(rgb.shape[:2], int)
    for number, (blue, green, red) in enumerate(colours):
        mask[(rgb == (red, green, blue)).all(-1)] = number
    return mask


@wrong("encode", "sorted order")
def encode_by_unique(rgb, colours):
    encode_by_broadcasting(rgb, colours)
    return np.unique(rgb.reshape(-1, 3), axis=0, return_inverse=True)[1].reshape(rgb.shape[:2])


@wrong("encode", "one-hot")
def encode_one_hot(rgb, colours):
    encode_by_broadcasting(rgb, colours)
    return (rgb[:, :, None, :] == colours).all(-1)


@wrong("encode", "not (H, W, 1)")
def encode_with_a_channel(rgb, colours):
    return np.expand_dims(encode_by_broadcasting(rgb, colours), -1)


@wrong("encode", "Rows and columns are swapped.")
def encode_transposed(rgb, colours):
    return encode_by_broadcasting(rgb.transpose(1, 0, 2), colours)


@wrong("encode", "it stops with ValueError: colours differ")
def encode_that_wants_every_colour(rgb, colours):
    found = {tuple(pixel) for row in rgb.tolist() for pixel in row}
    if found != {tuple(colour) for colour in colours.tolist()}:
        raise ValueError("colours differ")
    return encode_by_broadcasting(rgb, colours)


@wrong("encode", "expected an error, got values of shape (4, 6)")
def encode_with_seven(rgb, colours):
    match = (rgb[:, :, None, :] == colours).all(-1)
    return np.where(match.any(-1), match.argmax(-1), 7)


@pytest.mark.parametrize(("name", "answer"), RIGHT)
def test_right_answers_are_right(name, answer):
    assert diagnose(name, answer) is None


@pytest.mark.parametrize(("name", "answer", "words"), WRONG)
def test_of_a_wrong_answer_the_mistake_is_named(name, answer, words):
    said = diagnose(name, answer)
    assert said is not None, "accepted"
    assert said.startswith("not yet. ")
    assert words in said


def test_there_are_right_and_wrong_answers_for_each_exercise_and_their_words_name_one_mistake():
    for name, exercise in EXERCISES.items():
        assert sum(p.values[0] == name for p in RIGHT) >= 3
        named = [p.values[2] for p in WRONG if p.values[0] == name]
        found = [[s for s, _ in exercise.mistakes if words in s] for words in named]
        assert len({sentences[0] for sentences in found if sentences}) >= 7, "different mistakes, named by the table"
        assert all(len(sentences) <= 1 for sentences in found), (name, named)


# The table of mistakes


@each_exercise
def test_a_table_has_enough_mistakes_each_with_its_own_sentence(name):
    sentences = [sentence for sentence, _ in EXERCISES[name].mistakes]
    assert len(sentences) >= 5
    assert len(set(sentences)) == len(sentences)
    assert all(sentence.endswith(".") and "\n" not in sentence for sentence in sentences)


@pytest.mark.parametrize(
    ("name", "sentence", "mistake"),
    [
        pytest.param(name, *pair, id=f"{name}-{i}")
        for name, exercise in EXERCISES.items()
        for i, pair in enumerate(exercise.mistakes)
    ],
)
def test_each_mistake_differs_from_the_solution_and_gets_its_own_sentence(name, sentence, mistake):
    assert diagnose(name, mistake) == f"not yet. {sentence}"


# What else may go wrong, in any exercise


ANSWERS = {name: [p.values[1] for p in RIGHT if p.values[0] == name] for name in EXERCISES}


def changed(name, change):
    """A right answer whose results go through `change`, each of the three of adam_step."""
    solve = ANSWERS[name][1]

    def answer(*given):
        result = solve(*given)
        return tuple(map(change, result)) if name == "adam_step" else change(result)

    return answer


@each_exercise
def test_a_stub_is_not_started(name):
    def stub(*given): ...

    assert diagnose(name, stub).startswith("not started yet")
    assert "`return` is missing" in diagnose(name, stub)


@each_exercise
def test_none_in_one_branch_is_said_of_the_first_case_that_meets_it(name):
    calls = itertools.count()
    said = diagnose(name, lambda *given: ANSWERS[name][0](*given) if next(calls) == 0 else None)
    assert said.startswith("not yet. For ")
    assert "returns None; is `return` missing in one branch?" in said


@each_exercise
@pytest.mark.parametrize("error", [KeyError("weight"), IndexError("index 5 is out of bounds"), ZeroDivisionError("x")])
def test_an_exception_is_feedback(name, error):
    def answer(*given):
        raise error

    assert f"it stops with {type(error).__name__}: {error}" in diagnose(name, answer)


@each_exercise
def test_too_few_or_too_many_arguments_are_feedback(name):
    assert "it stops with TypeError" in diagnose(name, lambda: 1)
    assert "it stops with TypeError" in diagnose(name, lambda a, b, c, d, e, f, g: a)


@pytest.mark.parametrize("name", [name for name in EXERCISES if name != "adam_step"])
@pytest.mark.parametrize(
    ("result", "words"),
    [
        ("0.5", "it returns str; return numbers"),
        (["a", "b"], "it returns list; return numbers"),
        ({"iou": 0.5}, "it returns dict; return numbers"),
        (object(), "it returns object; return numbers"),
        (print, "return numbers"),
        ([[1.0, 2.0], [3.0]], "ragged list"),
        (np.ones(3) + 1j, "return numbers"),
        (np.ones((2, 2, 2, 2)), "got (2, 2, 2, 2)"),
        ([], "got (0,)"),
    ],
    ids=["string", "strings", "dict", "object", "function", "ragged", "complex", "shape", "empty"],
)
def test_results_that_are_no_numbers_of_the_right_shape_are_named(name, result, words):
    assert words in diagnose(name, lambda *given: result)


@pytest.mark.parametrize("result", ["abc", [1.0, 2.0], None, 1.0, {"theta": 0}, [[1.0, 2.0], [3.0], "m"], print])
def test_a_step_that_returns_no_three_arrays_is_refused(result):
    assert diagnose("adam_step", lambda *given: result).startswith(("not yet. ", "not started"))


@each_exercise
@pytest.mark.filterwarnings("ignore:Casting complex values")  # what a learner's settings are
def test_complex_results_are_refused(name):
    assert diagnose(name, changed(name, lambda result: np.asarray(result) + 0.5j)) is not None


@each_exercise
def test_nan_everywhere_is_shown(name):
    said = diagnose(name, changed(name, lambda result: np.full(np.shape(result), np.nan)))
    assert "got nan" in said
    assert "NaN" not in said.removesuffix("."), "no mistake that gives NaN in one case only is named"


@each_exercise
@pytest.mark.parametrize("wrap", [lambda a: np.asarray(a)[None], lambda a: np.ravel(a)[:0]], ids=["axis", "empty"])
def test_a_wrong_shape_is_refused_even_where_numbers_agree(name, wrap):
    assert diagnose(name, changed(name, wrap)) is not None


@each_exercise
def test_numbers_agree_to_a_millionth(name):
    near = 1e-9 if name == "adam_step" else 1e-7  # what 40 steps add up
    assert diagnose(name, changed(name, lambda result: np.asarray(result) * (1 + near))) is None
    assert diagnose(name, changed(name, lambda result: np.asarray(result) * (1 + 1e-4))) is not None


@each_exercise
@pytest.mark.parametrize("wrap", [np.float32, tf.constant, np.ma.masked_invalid, np.ndarray.tolist])
def test_other_kinds_of_arrays_are_right_too(name, wrap):
    assert diagnose(name, changed(name, lambda result: wrap(np.asarray(result)))) is None


SINGLE = {
    "conv2d": lambda x, k, *rest: conv2d_with_window_views(x.astype(np.float32), k.astype(np.float32), *rest),
    "max_pool": lambda x, *rest: max_pool_with_slices(x.astype(np.float32), *rest),
    "classify": lambda *given: tf.nn.softmax(tf.matmul(*map(np.float32, given[:2])) + np.float32(given[2])),
    "dice_loss": lambda *given: dice_loss_vectorised(*map(np.float32, given)),
    "adam_step": lambda *given: adam_step_in_place(*map(np.float32, given[:4]), *given[4:]),
}


@pytest.mark.parametrize("name", SINGLE)
def test_an_answer_in_single_precision_is_right(name):
    assert diagnose(name, SINGLE[name]) is None


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("conv2d", lambda x, *rest: (x.__iadd__(0.5), conv2d_with_window_views(x, *rest))[1]),
        ("iou", lambda t, p: (p.__iand__(t), 1.0)[1]),
        ("classify", lambda x, w, b: (b.fill(7), classify_by_logarithms(x, w, b))[1]),
        ("dice_loss", lambda t, p: (t.sort(), None)[1]),
        ("max_pool", lambda x, size, stride: (max_pool_with_slices(x, size, stride), x.fill(0))[0]),
        ("encode", lambda rgb, colours: (encode_by_broadcasting(rgb, colours), rgb.fill(3))[0]),
        ("mean_iou_of", lambda confusion: (mean_iou_of_class_by_class(confusion), confusion.fill(1))[0]),
        ("paired_gain", lambda a, b: (b.__isub__(a), (b.mean(), 0))[1]),
    ],
)
def test_an_answer_that_changes_its_input_is_told_so(name, answer):
    cases = [[np.array(value) for value in case] for case in EXERCISES[name].cases]
    assert "changes its input" in diagnose(name, answer)
    for before, after in zip(cases, EXERCISES[name].cases, strict=True):
        assert all(np.array_equal(a, b) for a, b in zip(before, after, strict=True)), "for the next learner"


class Liar:
    """Claims to equal everything."""

    def __eq__(self, other):
        return True

    __hash__ = None

    def __sub__(self, other):
        return 0.0

    __rsub__ = __add__ = __mul__ = __sub__

    def __float__(self):
        return 1.0

    def __array__(self, dtype=None, copy=None):
        return np.array([LyingArray((1,)), 0], dtype=object) if dtype is None else np.zeros(2, dtype)

    def __array_ufunc__(self, *args, **options):
        return True

    def __array_function__(self, *args, **options):
        return True


class LyingArray(np.ndarray):
    """Zeros that claim to equal everything."""

    def __eq__(self, other):
        return np.ones(self.shape, bool)

    __hash__ = None

    def __sub__(self, other):
        return np.zeros(self.shape)

    __rsub__ = __sub__

    def __array_ufunc__(self, *args, **options):
        return np.ones(self.shape, bool)

    def __array_function__(self, function, types, args, options):
        return True

    def astype(self, *args, **options):
        return self


@each_exercise
def test_results_that_claim_to_equal_everything_do_not_pass(name):
    for lie in (lambda _: Liar(), lambda result: np.zeros(np.shape(result)).view(LyingArray)):
        assert diagnose(name, changed(name, lie)) is not None
    assert diagnose(name, lambda *given: Liar()) is not None


@each_exercise
def test_what_is_no_function_is_told_so(name):
    for answer in (0.5, None, np.zeros(3), "code", Liar()):
        said = diagnose(name, answer)
        assert "not yet. Give the function itself" in said
        assert f"check('{name}', {name})" in said


@each_exercise
def test_an_answer_right_on_the_first_case_only_is_described_by_the_second(name):
    calls = itertools.count()

    def answer(*given):
        result = ANSWERS[name][0](*given)
        odd = 0.37 * (next(calls) > 0)
        return [np.asarray(a) + odd for a in result] if name == "adam_step" else np.asarray(result) + odd

    said = diagnose(name, answer)
    assert said.startswith("not yet. For ")
    assert "expected " in said
    assert "got " in said
    second = EXERCISES[name].cases[1]
    assert all(str(np.shape(value)) in said for value in second if np.ndim(value)), "the case is described"


@pytest.mark.parametrize(
    ("name", "described"),
    [
        ("iou", "y_true of shape (4, 6), y_pred of shape (4, 6)"),
        ("conv2d", "x of shape (5, 7), kernel of shape (3, 2), bias = 0.0, stride = 1, padding = 0"),
        ("max_pool", "x of shape (4, 6), size = 2, stride = 2"),
        ("classify", "x of shape (3, 4), weights of shape (4, 5), bias of shape (5,)"),
        ("dice_loss", "y_true of shape (1, 4, 6), y_pred of shape (1, 4, 6)"),
        ("encode", "rgb of shape (4, 6, 3), colours of shape (5, 3)"),
        ("mean_iou_of", "confusion of shape (3, 3)"),
        ("mean_over_pictures", "tables of shape (2, 2, 2)"),
        ("paired_gain", "a of shape (4,), b of shape (4,)"),
        pytest.param(
            "adam_step",
            "learning_rate = 0.1",
        ),
    ],
)
def test_the_described_case_has_the_names_of_the_arguments(name, described):
    said = diagnose(name, changed(name, lambda result: np.asarray(result) + 0.37))
    assert described in said


def test_the_first_number_that_differs_is_shown_with_its_place_and_how_many_do():
    def answer(x, size, stride):
        y = max_pool_with_slices(x, size, stride)
        y[1, 2] += 100
        y[1, 1] += 0.25 if y.shape == (3, 4) else 0
        return y

    x, size, stride = EXERCISES["max_pool"].cases[0]
    largest = x[1 * stride : 1 * stride + size, 2 * stride : 2 * stride + size].max()
    said = diagnose("max_pool", answer)
    assert f"expected {largest:g} at [1, 2], got {largest + 100:g} (1 of 6 values differ)." in said


TWO_AT_ONCE = {
    "iou": (lambda t, p: np.sum(t & p) / max(np.sum(t), 1), ("the recall", "not 0")),
    "conv2d": (
        lambda x, k, bias, stride, padding: [
            [(x[i : i + k.shape[0], j : j + k.shape[1]] * k).sum() for j in range(x.shape[1] - k.shape[1] + 1)]
            for i in range(x.shape[0] - k.shape[0] + 1)
        ],
        ("bias is missing", "stride is ignored", "padding is ignored"),
    ),
    "max_pool": (
        lambda x, size, stride: np.lib.stride_tricks.sliding_window_view(x, (size, size)).mean((2, 3)),
        ("average pooling", "stride is ignored"),
    ),
    "classify": (
        lambda x, w, b: np.exp(x @ w) / np.exp(x @ w).sum(0),
        ("bias is missing", "wrong axis", "overflow"),
    ),
    "dice_loss": (
        lambda t, p: 1 - 2 * (t * p).sum() / (t.sum() + p.sum()),
        ("squares are missing", "one number for the whole batch"),
    ),
    "adam_step": (
        lambda theta, g, m, v, t, rate: (
            theta + rate * (0.9 * m + 0.1 * g) / (np.sqrt(0.999 * v + 0.001 * g**2) + 1e-7),
            0.9 * m + 0.1 * g,
            0.999 * v + 0.001 * g**2,
        ),
        ("uphill", "bias correction is missing"),
    ),
}


@pytest.mark.parametrize("name", TWO_AT_ONCE)
def test_of_two_mistakes_one_is_named_or_the_difference(name):
    answer, either = TWO_AT_ONCE[name]
    said = diagnose(name, answer)
    assert any(words in said for words in either) or "expected " in said, said


@pytest.mark.parametrize("name", [name for name in TWO_AT_ONCE if name not in ("max_pool", "dice_loss", "adam_step")])
def test_of_two_mistakes_that_show_in_different_cases_one_is_named(name):
    answer, either = TWO_AT_ONCE[name]
    assert any(words in diagnose(name, answer) for words in either)


def test_an_unknown_exercise_suggests_the_close_one():
    for function in (check, diagnose):
        with pytest.raises(ValueError, match=r"exercise must be one of iou, .*'conv_2d' \(did you mean conv2d\?\)"):
            function("conv_2d", len)
        with pytest.raises(ValueError, match=r"got 'dice' \(did you mean dice_loss\?\)"):
            function("dice", len)


# What is printed


@each_exercise
def test_check_prints_one_line_and_returns_nothing(name, capsys):
    assert check(name, EXERCISES[name].solution) is None
    assert capsys.readouterr().out == f"{name}: right, on all {len(EXERCISES[name].cases)} cases.\n"
    answers = [p.values[1] for p in WRONG if p.values[0] == name] + [lambda *given: None, 7]
    for answer in answers:
        assert check(name, answer) is None
        printed = capsys.readouterr()
        assert printed.out.startswith((f"{name}: not yet. ", f"{name}: not started yet"))
        assert printed.out.count("\n") == 1
        assert printed.err == ""


def test_an_exception_of_many_lines_is_told_in_one(capsys):
    def answer(y_true, y_pred):
        raise ValueError("shapes differ:\n  (4, 6)\n  (6, 4)")

    check("iou", answer)
    assert capsys.readouterr().out.count("\n") == 1


def test_a_message_of_tensorflow_is_told_in_one_line(capsys):
    check("max_pool", lambda x, size, stride: tf.nn.max_pool2d(x, size, stride, "VALID"))
    check("classify", lambda x, weights, bias: tf.matmul(x, x) + bias)
    assert capsys.readouterr().out.count("\n") == 2


def test_an_answer_that_prints_is_judged_by_what_it_returns(capsys):
    def answer(y_true, y_pred):
        print("intersection", (y_true & y_pred).sum())
        return iou_with_sets(y_true, y_pred)

    check("iou", answer)
    assert capsys.readouterr().out.splitlines()[-1] == f"iou: right, on all {len(EXERCISES['iou'].cases)} cases."


WARNING = {
    "0/0": lambda t, p: np.sum(t & p) / np.sum(t | p),
    "overflow": lambda t, p: np.exp(800.0 * (t | p).sum()),
    "log 0": lambda t, p: np.log((t & p) * 1.0).sum(),
    "mean of nothing": lambda t, p: p[t].mean(),
    "empty nanmax": lambda t, p: np.nanmax(np.full(3, np.nan)),
    "complex to float": lambda t, p: np.float64(np.array(1j).astype(float)),
    "deprecated": lambda t, p: warnings.warn("use another function", DeprecationWarning, stacklevel=1) or 0.5,
}


@pytest.mark.parametrize("kind", WARNING)
def test_warnings_of_an_answer_do_not_appear(kind, capsys):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        check("iou", WARNING[kind])
    assert [str(warning.message) for warning in caught] == []
    printed = capsys.readouterr()
    assert printed.out.startswith("iou: not yet. ")
    assert printed.err == ""


@pytest.mark.parametrize("kind", WARNING)
def test_warnings_made_errors_do_not_change_the_feedback(kind):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        quiet = diagnose("iou", WARNING[kind])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert diagnose("iou", WARNING[kind]) == quiet


@each_exercise
def test_the_settings_of_numpy_stay_as_they_were(name):
    with np.errstate(all="raise", under="ignore"):
        before = np.geterr()
        assert diagnose(name, EXERCISES[name].solution) is None
        assert np.geterr() == before
