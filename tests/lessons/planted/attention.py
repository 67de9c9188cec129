"""Answers to the exercises `attention` and `next_click`, right and wrong, with words of their feedback."""

import math

import numpy as np
import tensorflow as tf
from scipy import ndimage
from scipy.special import softmax
from skimage.measure import label, regionprops
from support import right, wrong


@right
def attention_with_loops(queries, keys, values):
    result = []
    for q in queries:
        scores = [sum(a * b for a, b in zip(q, k, strict=True)) / math.sqrt(len(q)) for k in keys]
        powers = [math.exp(score - max(scores)) for score in scores]
        result.append(
            [sum(p * v[c] for p, v in zip(powers, values, strict=True)) / sum(powers) for c in range(values.shape[1])]
        )
    return result


@right
def attention_with_scipy(queries, keys, values):
    return softmax(queries @ keys.T / np.sqrt(queries.shape[-1]), axis=1) @ values


@right
def attention_with_tensorflow(queries, keys, values):
    return tf.nn.softmax(tf.matmul(queries, keys, transpose_b=True) / np.sqrt(queries.shape[1])) @ values


@wrong("not divided by the root of D")
def attention_without_scale(queries, keys, values):
    return softmax(queries @ keys.T, axis=1) @ values


@wrong("divide by its square root")
def attention_over_length(queries, keys, values):
    return softmax(queries @ keys.T / queries.shape[1], axis=1) @ values


@wrong("root of the number of keys")
def attention_root_of_keys(queries, keys, values):
    return softmax(queries @ keys.T / math.sqrt(len(keys)), axis=1) @ values


@wrong("runs over the queries")
def attention_softmax_of_columns(queries, keys, values):
    return softmax(queries @ keys.T / np.sqrt(queries.shape[1]), axis=0) @ values


@wrong("The softmax is missing")
def attention_of_scores(queries, keys, values):
    return queries @ keys.T / np.sqrt(queries.shape[1]) @ values


@wrong("not divided by their sum")
def attention_of_powers(queries, keys, values):
    return np.exp(queries @ keys.T / np.sqrt(queries.shape[1])) @ values


@wrong("all scores at once")
def attention_softmax_of_all(queries, keys, values):
    return softmax(queries @ keys.T / np.sqrt(queries.shape[1])) @ values


@wrong("the best key only")
def attention_hard(queries, keys, values):
    return np.array([values[np.argmax([q @ k for k in keys])] for q in queries])


@wrong("plain mean of the values")
def attention_mean(queries, keys, values):
    return np.ones((len(queries), len(keys))) / len(keys) @ values


@wrong("multiply them with the values")
def attention_weights_only(queries, keys, values):
    return softmax(queries @ keys.T / np.sqrt(queries.shape[1]), axis=1)


@wrong("overflows")
def attention_overflowing(queries, keys, values):
    powers = np.exp(queries @ keys.T / np.sqrt(queries.shape[1]))
    return powers / powers.sum(axis=1, keepdims=True) @ values


def _regions(true, predicted, connectivity=1):
    """(sign, mask) of each connected error, the missing ones first."""
    for sign, error in ((1, true & ~predicted), (-1, predicted & ~true)):
        numbers = label(error, connectivity=connectivity)
        for number in range(1, numbers.max() + 1):
            yield sign, numbers == number


def _middle(region):
    depth = ndimage.distance_transform_edt(np.pad(region, 1))[1:-1, 1:-1]
    return divmod(int(np.argmax(depth)), region.shape[1])


@right
def next_click_with_skimage(true, predicted):
    sign, region = max(_regions(true, predicted), key=lambda pair: pair[1].sum())
    return (*_middle(region), sign)


@right
def next_click_with_region_properties(true, predicted):
    found = []
    for sign, error in ((1, true & ~predicted), (-1, predicted & ~true)):
        for region in regionprops(label(error, connectivity=1)):
            found.append((region.area, sign, region))
    area, sign, region = max(found, key=lambda entry: entry[:2])
    row, column = _middle(region.image)
    return row + region.bbox[0], column + region.bbox[1], sign


@right
def next_click_with_loops(true, predicted):
    best, answer = 0, None
    for sign, error in ((1, true & ~predicted), (-1, predicted & ~true)):
        left = {(int(i), int(j)) for i, j in np.argwhere(error)}
        while left:
            waiting, region = [left.pop()], set()
            while waiting:
                i, j = waiting.pop()
                region.add((i, j))
                for near in ((i + 1, j), (i - 1, j), (i, j + 1), (i, j - 1)):
                    if near in left:
                        left.remove(near)
                        waiting.append(near)
            if len(region) > best:
                rows, columns = error.shape
                outside = [(i, j) for i in range(-1, rows + 1) for j in range(-1, columns + 1) if (i, j) not in region]
                depth = {p: min((p[0] - i) ** 2 + (p[1] - j) ** 2 for i, j in outside) for p in sorted(region)}
                best, answer = len(region), (*max(depth, key=depth.get), sign)
    return answer


@wrong("wrong way round")
def next_click_turned(true, predicted):
    row, column, sign = next_click_with_skimage(true, predicted)
    return row, column, -sign


@wrong("always +1")
def next_click_positive(true, predicted):
    row, column, _ = next_click_with_skimage(true, predicted)
    return row, column, 1


@wrong("also hold too much")
def next_click_missing(true, predicted):
    return next_click_with_skimage(true, predicted & true)


@wrong("take the largest")
def next_click_smallest(true, predicted):
    sign, region = min(_regions(true, predicted), key=lambda pair: pair[1].sum())
    return (*_middle(region), sign)


@wrong("can lie outside it")
def next_click_mean(true, predicted):
    sign, region = max(_regions(true, predicted), key=lambda pair: pair[1].sum())
    row, column = ndimage.center_of_mass(region)
    return round(row), round(column), sign


@wrong("lies on its rim")
def next_click_first(true, predicted):
    sign, region = max(_regions(true, predicted), key=lambda pair: pair[1].sum())
    return (*np.argwhere(region)[0], sign)


@wrong("Row and column are swapped")
def next_click_xy(true, predicted):
    row, column, sign = next_click_with_skimage(true, predicted)
    return column, row, sign


@wrong("part them into connected regions")
def next_click_unparted(true, predicted):
    missing, too_much = true & ~predicted, predicted & ~true
    if missing.sum() >= too_much.sum():
        return (*_middle(missing), 1)
    return (*_middle(too_much), -1)


@wrong("at a corner only")
def next_click_by_corners(true, predicted):
    sign, region = max(_regions(true, predicted, connectivity=2), key=lambda pair: pair[1].sum())
    return (*_middle(region), sign)


def clicked(errors, measure=ndimage.distance_transform_edt):
    """A click on the largest region of pairs (sign, mask), at its pixel of the largest measure."""
    best = (0,)
    for sign, error in errors:
        regions, count = ndimage.label(error)
        for number in range(1, count + 1):
            depth = measure(np.pad(regions == number, 1))[1:-1, 1:-1]
            if (regions == number).sum() > best[0]:
                best = (regions == number).sum(), (*np.unravel_index(depth.argmax(), error.shape), sign)
    return best[1]


@wrong("joined where they touch")
def next_click_on_all_that_differs(true, predicted):
    row, column, _ = clicked([(0, true != predicted)])
    return row, column, 1 if true[row, column] else -1


@wrong("kind with more pixels")
def next_click_on_the_commoner_kind(true, predicted):
    missing, excess = true & ~predicted, predicted & ~true
    return clicked([(1, missing)] if missing.sum() > excess.sum() else [(-1, excess)])


def in_steps(region):
    return ndimage.distance_transform_cdt(region, "taxicab")


@wrong("in steps along rows and columns")
def next_click_by_steps(true, predicted):
    return clicked([(1, true & ~predicted), (-1, predicted & ~true)], in_steps)


@wrong("expected")
def next_click_by_a_chessboard(true, predicted):
    return clicked([(1, true & ~predicted), (-1, predicted & ~true)], ndimage.distance_transform_cdt)
