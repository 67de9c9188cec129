"""Answers to the exercises `max_pool` and `shrink_mask`, right and wrong, with words of their feedback."""

import math

import numpy as np
import tensorflow as tf
from support import right, wrong


@right
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


@right
def max_pool_with_slices(x, size, stride):
    rows, columns = ((h - size) // stride + 1 for h in x.shape)
    y = np.full((rows, columns), -np.inf)
    for m in range(size):
        for n in range(size):
            y = np.maximum(y, x[m::stride, n::stride][:rows, :columns])
    return y


@right
def max_pool_with_tensorflow(x, size, stride):
    return tf.nn.max_pool2d(x[None, :, :, None], size, stride, "VALID")[0, :, :, 0]


@wrong("average pooling")
def max_pool_mean(x, size, stride):
    rows, columns = (x.shape[0] - size) // stride + 1, (x.shape[1] - size) // stride + 1
    y = np.zeros((rows, columns))
    for i, j in np.ndindex(rows, columns):
        y[i, j] = x[i * stride : i * stride + size, j * stride : j * stride + size].sum() / size**2
    return y


@wrong("smallest value")
def max_pool_smallest(x, size, stride):
    views = np.lib.stride_tricks.sliding_window_view(x, (size, size))[::stride, ::stride]
    return np.sort(views.reshape(*views.shape[:2], -1))[..., 0]


@wrong("largest magnitude")
def max_pool_magnitude(x, size, stride):
    rows, columns = (x.shape[0] - size) // stride + 1, (x.shape[1] - size) // stride + 1
    return [
        [max(abs(v) for v in x[i * stride :, j * stride :][:size, :size].flat) for j in range(columns)]
        for i in range(rows)
    ]


@wrong("subsampling")
def max_pool_first_pixel(x, size, stride):
    return [[x[i, j] for j in range(0, x.shape[1] - size + 1, stride)] for i in range(0, x.shape[0] - size + 1, stride)]


@wrong("Negative values became zero")
def max_pool_from_zero(x, size, stride):
    rows, columns = (x.shape[0] - size) // stride + 1, (x.shape[1] - size) // stride + 1
    y = np.zeros((rows, columns))
    for i, j in np.ndindex(rows, columns):
        for m, n in np.ndindex(size, size):
            if x[i * stride + m, j * stride + n] > y[i, j]:
                y[i, j] = x[i * stride + m, j * stride + n]
    return y


@wrong("stride is ignored")
def max_pool_without_stride(x, size, stride):
    return np.lib.stride_tricks.sliding_window_view(x, (size, size)).max((2, 3))


@wrong("moves by one pixel only")
def max_pool_with_stride_on_the_size_only(x, size, stride):
    y = np.zeros(((x.shape[0] - size) // stride + 1, (x.shape[1] - size) // stride + 1))
    for i, j in np.ndindex(y.shape):
        y[i, j] = x[i : i + size, j : j + size].max()
    return y


@wrong("moved by their size")
def max_pool_moved_by_size(x, size, stride):
    rows, columns = x.shape[0] // size, x.shape[1] // size
    return x[: rows * size, : columns * size].reshape(rows, size, columns, size).max((1, 3))


@wrong("expected")
def max_pool_moved_by_size_with_the_right_shape(x, size, stride):
    y = np.zeros(((x.shape[0] - size) // stride + 1, (x.shape[1] - size) // stride + 1))
    for i, j in np.ndindex(y.shape):
        window = x[i * size : (i + 1) * size, j * size : (j + 1) * size]
        y[i, j] = window.max() if window.size else 0
    return y


@wrong("have the stride as their size")
def max_pool_of_stride_by_stride(x, size, stride):
    return [
        [x[i : i + stride, j : j + stride].max() for j in range(0, x.shape[1] - stride + 1, stride)]
        for i in range(0, x.shape[0] - stride + 1, stride)
    ]


@wrong("hang over the border")
def max_pool_with_partial_windows(x, size, stride):
    rows, columns = math.ceil(x.shape[0] / stride), math.ceil(x.shape[1] / stride)
    y = np.zeros((rows, columns))
    for i, j in np.ndindex(rows, columns):
        y[i, j] = np.max(x[i * stride : i * stride + size, j * stride : j * stride + size])
    return y


@wrong("hang over the border")
def max_pool_rounded_up(x, size, stride):
    rows, columns = (-((size - h) // stride) + 1 for h in x.shape)
    return [
        [x[i * stride : i * stride + size, j * stride : j * stride + size].max() for j in range(columns)]
        for i in range(rows)
    ]


@wrong("the + 1 counts the first window")
def max_pool_one_too_small(x, size, stride):
    y = np.zeros(((x.shape[0] - size) // stride, (x.shape[1] - size) // stride))
    for i, j in np.ndindex(y.shape):
        y[i, j] = x[i * stride : i * stride + size, j * stride : j * stride + size].max()
    return y


@wrong("Rows and columns of the output are swapped")
def max_pool_transposed(x, size, stride):
    return [
        [x[i : i + size, j : j + size].max() for i in range(0, x.shape[0] - size + 1, stride)]
        for j in range(0, x.shape[1] - size + 1, stride)
    ]


@wrong("expected shape (2, 3), got (2, 6)")
def max_pool_of_rows_only(x, size, stride):
    return np.array([x[i : i + size].max(0) for i in range(0, x.shape[0] - size + 1, stride)])


@wrong("expected")
def max_pool_of_windows_too_small(x, size, stride):
    y = np.zeros(((x.shape[0] - size) // stride + 1, (x.shape[1] - size) // stride + 1))
    for i, j in np.ndindex(y.shape):
        y[i, j] = x[i * stride : i * stride + size - 1, j * stride : j * stride + size - 1].max()
    return y


@wrong("expected")
def max_pool_of_the_wrong_shape(x, size, stride):
    y = np.zeros((x.shape[0] // size, x.shape[1] // size))
    for i, j in np.ndindex(y.shape):
        y[i, j] = x[i * stride : i * stride + size, j * stride : j * stride + size].max(initial=-np.inf)
    return y


# The second exercise


@right
def shrink_mask_by_counting(mask, size):
    y = np.zeros((mask.shape[0] // size, mask.shape[1] // size), int)
    for i, j in np.ndindex(y.shape):
        y[i, j] = np.bincount(mask[size * i : size * (i + 1), size * j : size * (j + 1)].ravel()).argmax()
    return y


@right
def shrink_mask_with_lists(mask, size):
    rows = []
    for top in range(0, len(mask) - size + 1, size):
        rows.append([])
        for left in range(0, len(mask[0]) - size + 1, size):
            labels = sorted(int(v) for row in mask[top : top + size] for v in row[left : left + size])
            rows[-1].append(max(labels, key=labels.count))
    return rows


@right
def shrink_mask_with_tensorflow(mask, size):
    one_hot = tf.one_hot(mask, 1 + int(mask.max()))[None]
    return tf.argmax(tf.nn.avg_pool2d(one_hot, size, size, "VALID"), axis=-1)[0]


@wrong("largest class number")
def shrink_mask_maximum(mask, size):
    return tf.nn.max_pool2d(mask[None, :, :, None].astype(float), size, size, "VALID")[0, :, :, 0]


@wrong("the mean of the class numbers")
def shrink_mask_mean(mask, size):
    return tf.nn.avg_pool2d(mask[None, :, :, None].astype(float), size, size, "VALID")[0, :, :, 0]


@wrong("the mean, rounded")
def shrink_mask_rounded(mask, size):
    rows, columns = mask.shape[0] // size, mask.shape[1] // size
    y = mask[: rows * size, : columns * size].reshape(rows, size, columns, size).mean((1, 3))
    return np.round(y).astype(int)


@wrong("the median")
def shrink_mask_median(mask, size):
    views = np.lib.stride_tricks.sliding_window_view(mask, (size, size))[::size, ::size]
    return np.median(views, axis=(2, 3))


@wrong("first pixel")
def shrink_mask_first(mask, size):
    return mask[: len(mask) // size * size : size, : mask.shape[1] // size * size : size]


@wrong("tie you take the largest")
def shrink_mask_last_of_equals(mask, size):
    y = np.zeros((mask.shape[0] // size, mask.shape[1] // size), int)
    for i, j in np.ndindex(y.shape):
        window = mask[size * i : size * (i + 1), size * j : size * (j + 1)]
        for label in range(11):
            if (window == label).sum() >= (window == y[i, j]).sum():
                y[i, j] = label
    return y


@wrong("how many pixels voted")
def shrink_mask_counts(mask, size):
    views = np.lib.stride_tricks.sliding_window_view(mask, (size, size))[::size, ::size]
    return [[np.unique(window, return_counts=True)[1].max() for window in row] for row in views]


@wrong("Background has no vote")
def shrink_mask_without_background(mask, size):
    y = np.zeros((mask.shape[0] // size, mask.shape[1] // size), int)
    for i, j in np.ndindex(y.shape):
        window = mask[size * i : size * (i + 1), size * j : size * (j + 1)]
        counts = [(window == label).sum() for label in range(1, 11)]
        y[i, j] = 1 + int(np.argmax(counts)) if max(counts) else 0
    return y


@wrong("Rows and columns of the output are swapped")
def shrink_mask_transposed(mask, size):
    rows, columns = mask.shape[0] // size, mask.shape[1] // size
    return [
        [
            np.bincount(mask[size * i : size * (i + 1), size * j : size * (j + 1)].flatten()).argmax()
            for i in range(rows)
        ]
        for j in range(columns)
    ]


@wrong("enlarged again")
def shrink_mask_and_enlarge(mask, size):
    return shrink_mask_by_counting(mask, size).repeat(size, 0).repeat(size, 1)


@wrong("expected shape (2, 3), got")
def shrink_mask_with_overlap(mask, size):
    views = np.lib.stride_tricks.sliding_window_view(mask, (size, size))
    return [[np.bincount(window.ravel()).argmax() for window in row] for row in views]


@wrong("starts at a number")
def max_pool_from_a_small_number(x, size, stride):
    rows, columns = ((n - size) // stride + 1 for n in x.shape)
    y = np.full((rows, columns), -1000.0)
    for i, j in np.ndindex(rows, columns):
        for m, n in np.ndindex(size, size):
            y[i, j] = max(y[i, j], x[i * stride + m, j * stride + n])
    return y


@wrong("comes first in the window")
def shrink_mask_by_a_counter(mask, size):
    from collections import Counter

    return [
        [
            Counter(mask[i : i + size, j : j + size].flat).most_common(1)[0][0]
            for j in range(0, len(mask[0]) - size + 1, size)
        ]
        for i in range(0, len(mask) - size + 1, size)
    ]


@wrong("any number")
def shrink_mask_of_eleven_classes(mask, size):
    rows, columns = mask.shape[0] // size, mask.shape[1] // size
    cut = mask[: rows * size, : columns * size].reshape(rows, size, columns, size)
    return np.argmax([(cut == c).sum((1, 3)) for c in range(11)], axis=0)


@wrong("expected")
def shrink_mask_by_a_set(mask, size):
    def vote(window):
        return max(set(window), key=window.count)

    tops, lefts = (range(0, n - size + 1, size) for n in mask.shape)
    return [[vote(mask[i : i + size, j : j + size].ravel().tolist()) for j in lefts] for i in tops]
