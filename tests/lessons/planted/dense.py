"""Answers to the exercises `classify` and `slide`, right and wrong, with words of their feedback."""

import math

import numpy as np
import tensorflow as tf
from support import right, wrong


@right
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


@right
def classify_by_logarithms(x, weights, bias):
    logits = np.einsum("bd,dk->bk", x, weights) + bias
    return np.exp(logits - np.logaddexp.reduce(logits, axis=1)[:, None])


@right
def classify_with_tensorflow(x, weights, bias):
    return tf.nn.softmax(tf.matmul(x, weights) + bias)


@wrong("bias is missing")
def classify_without_bias(x, weights, bias):
    logits = np.dot(x, weights)
    powers = np.exp(logits - np.max(logits, axis=1, keepdims=True))
    return powers / np.sum(powers, axis=1, keepdims=True)


@wrong("wrong axis")
def classify_over_the_batch_axis(x, weights, bias):
    powers = np.exp(x @ weights + bias)
    return powers / powers.sum(axis=0)


@wrong("wrong axis")
def classify_over_the_batch_axis_without_overflow(x, weights, bias):
    logits = x @ weights + bias
    powers = np.exp(logits - logits.max(axis=0))
    return powers / powers.sum(axis=0)


@wrong("whole batch: each row must sum to 1 by itself")
def classify_with_one_sum(x, weights, bias):
    powers = np.exp(x @ weights + bias)
    return powers / np.sum(powers)


@wrong("a sigmoid for each class")
def classify_sigmoid(x, weights, bias):
    return 1 / (1 + np.exp(-(x @ weights + bias)))


@wrong("softmax is missing")
def classify_logits(x, weights, bias):
    y = np.zeros((len(x), len(bias)))
    for i, j in np.ndindex(y.shape):
        y[i, j] = sum(x[i] * weights[:, j]) + bias[j]
    return y


@wrong("take e to the power")
def classify_shares_of_logits(x, weights, bias):
    logits = x @ weights + bias
    return np.array([row / sum(row) for row in logits])


@wrong("is not divided by its sum")
def classify_powers(x, weights, bias):
    return math.e ** (x @ weights + bias)


@wrong("logarithms of the probabilities")
def classify_log_softmax(x, weights, bias):
    logits = x @ weights + bias
    logits = logits - logits.max(1, keepdims=True)
    return logits - np.log(np.exp(logits).sum(1, keepdims=True))


@wrong("Large logits overflow")
def classify_overflows(x, weights, bias):
    return np.array([np.exp(row) / np.exp(row).sum() for row in x @ weights + bias])


@wrong("mean logit is subtracted")
def classify_overflows_less_after_the_mean(x, weights, bias):
    logits = x @ weights + bias
    powers = np.exp(logits - logits.mean(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


@wrong("OverflowError")
def classify_overflows_in_plain_python(x, weights, bias):
    rows = []
    for logits in (x @ weights + bias).tolist():
        powers = [math.exp(logit) for logit in logits]
        rows.append([power / sum(powers) for power in powers])
    return rows


@wrong("largest logit of the whole batch")
def classify_with_one_maximum(x, weights, bias):
    logits = np.matmul(x, weights) + bias
    powers = np.exp(logits - np.max(logits))
    return powers / powers.sum(axis=-1, keepdims=True)


@wrong("added after softmax")
def classify_with_bias_after_softmax(x, weights, bias):
    logits = x @ weights
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True) + bias


@wrong("keep the axis")
def classify_without_keepdims(x, weights, bias):
    logits = x @ weights + bias
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1)


@wrong("expected shape (3, 5), got (3,)")
def classify_the_class(x, weights, bias):
    return np.argmax(x @ weights + bias, axis=1)


@wrong("ValueError: matmul")
def classify_with_turned_weights(x, weights, bias):
    return x @ weights.T + bias


# The second exercise


@right
def slide_window_by_window(feature_map, weights, bias, rows, columns):
    M, N = rows, columns
    y = np.zeros((feature_map.shape[0] - M + 1, feature_map.shape[1] - N + 1, len(bias)))
    for i, j in np.ndindex(y.shape[:2]):
        y[i, j] = feature_map[i : i + M, j : j + N].ravel() @ weights + bias
    return y


@right
def slide_with_lists(feature_map, weights, bias, rows, columns):
    places = []
    for i in range(len(feature_map) - rows + 1):
        places.append([])
        for j in range(len(feature_map[0]) - columns + 1):
            scores = bias.tolist()
            d = 0
            for m in range(rows):
                for n in range(columns):
                    for value in feature_map[i + m, j + n]:
                        scores = [score + value * weight for score, weight in zip(scores, weights[d], strict=True)]
                        d += 1
            places[-1].append(scores)
    return places


@right
def slide_with_tensorflow(feature_map, weights, bias, rows, columns):
    kernel = tf.reshape(weights, (rows, columns, feature_map.shape[-1], len(bias)))
    return (tf.nn.conv2d(feature_map[None], kernel, 1, "VALID") + bias)[0]


@wrong("bias is missing")
def slide_without_bias(feature_map, weights, bias, rows, columns):
    kernel = weights.reshape(rows, columns, feature_map.shape[-1], -1)
    return tf.nn.conv2d(feature_map[None], kernel, 1, "VALID")[0]


@wrong("channels come first")
def slide_channels_first(feature_map, weights, bias, rows, columns):
    M, N = rows, columns
    y = np.zeros((feature_map.shape[0] - M + 1, feature_map.shape[1] - N + 1, len(bias)))
    for i, j in np.ndindex(y.shape[:2]):
        y[i, j] = np.moveaxis(feature_map[i : i + M, j : j + N], -1, 0).reshape(-1) @ weights + bias
    return y


@wrong("column by column")
def slide_columns_first(feature_map, weights, bias, rows, columns):
    M, N = rows, columns
    y = np.zeros((feature_map.shape[0] - M + 1, feature_map.shape[1] - N + 1, len(bias)))
    for i, j in np.ndindex(y.shape[:2]):
        y[i, j] = feature_map[i : i + M, j : j + N].swapaxes(0, 1).reshape(-1) @ weights + bias
    return y


@wrong("side by side")
def slide_side_by_side(feature_map, weights, bias, rows, columns):
    M, N = rows, columns
    return [
        [feature_map[i : i + M, j : j + N].ravel() @ weights + bias for j in range(0, feature_map.shape[1] - N + 1, N)]
        for i in range(0, feature_map.shape[0] - M + 1, M)
    ]


@wrong("last row and column of places are missing")
def slide_one_too_small(feature_map, weights, bias, rows, columns):
    M, N = rows, columns
    y = np.zeros((feature_map.shape[0] - M, feature_map.shape[1] - N, len(bias)))
    for i, j in np.ndindex(y.shape[:2]):
        y[i, j] = feature_map[i : i + M, j : j + N].ravel() @ weights + bias
    return y


@wrong("Rows and columns of the output are swapped")
def slide_transposed(feature_map, weights, bias, rows, columns):
    return slide_window_by_window(feature_map, weights, bias, rows, columns).transpose(1, 0, 2)


@wrong("Those are probabilities")
def slide_softmax(feature_map, weights, bias, rows, columns):
    powers = np.exp(slide_window_by_window(feature_map, weights, bias, rows, columns).astype(np.longdouble))
    return (powers / powers.sum(-1, keepdims=True)).astype(float)


@wrong("the window at the top left alone")
def slide_once(feature_map, weights, bias, rows, columns):
    return feature_map[:rows, :columns].flatten() @ weights + bias


@wrong("ValueError")
def slide_the_whole_map(feature_map, weights, bias, rows, columns):
    return feature_map.ravel() @ weights + bias
