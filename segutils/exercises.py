"""The coding exercises: each a solution, cases to try an answer on, and the mistakes that people make."""

import re
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from segutils import reference


class Exercise(NamedTuple):
    """A coding exercise.

    solution: the right function.
    cases: tuples of arguments, from plain to tricky; a mistake is named by the first case that it spoils.
    mistakes: pairs of a sentence that names a mistake and a function that makes it.
    use: how an answer is called on a case, use(answer, *case) → numbers.
    arguments: names of a case's values, where they are not the solution's arguments.
    """

    solution: Callable
    cases: list
    mistakes: list
    use: Callable = lambda answer, *case: answer(*case)
    arguments: tuple = ()


def _picture(*shape, seed=0):
    return np.random.default_rng(seed).integers(-9, 10, shape).astype(float)


def _mask(*shape, seed=0):
    return np.random.default_rng(seed).random(shape) < 0.4


# Notebook 1: iou(y_true, y_pred), two bool masks → their IoU


def _iou(y_true, y_pred):
    union = (y_true | y_pred).sum()
    return (y_true & y_pred).sum() / union if union else 1.0


def _share(part, whole):
    return part.sum() / whole.sum() if whole.sum() else 1.0


IOU = Exercise(
    solution=_iou,
    cases=[
        (_mask(4, 6), _mask(4, 6, seed=1)),
        (_mask(9, 5, seed=2), _mask(9, 5, seed=3)),
        (_mask(4, 6), np.zeros((4, 6), bool)),
        (np.zeros((4, 6), bool), np.zeros((4, 6), bool)),
    ],
    mistakes=[
        (
            "That is the pixel accuracy: it also counts the background on which both agree. IoU looks only "
            "at pixels that are in at least one mask.",
            lambda t, p: (t == p).mean(),
        ),
        (
            "That is the Dice coefficient, 2·|A∩B| / (|A| + |B|). IoU divides the intersection by the union.",
            lambda t, p: 2 * (t & p).sum() / (t.sum() + p.sum()) if t.any() or p.any() else 1.0,
        ),
        (
            "The intersection is counted twice in the denominator: |A| + |B| is not the union. Subtract the "
            "intersection once, or use `|`.",
            lambda t, p: (t & p).sum() / (t.sum() + p.sum()) if t.any() or p.any() else 1.0,
        ),
        (
            "That is the recall: you divide by the true mask only, so a prediction that covers everything "
            "would be perfect.",
            lambda t, p: _share(t & p, t),
        ),
        ("That is the precision: you divide by the predicted mask only.", lambda t, p: _share(t & p, p)),
        (
            "That is 1 - IoU, the share of pixels that are in *one* mask only (exclusive or). The intersection is `&`.",
            lambda t, p: _share(t ^ p, t | p),
        ),
        ("You divide by all pixels. Divide by the pixels of the union.", lambda t, p: (t & p).mean()),
        (
            "Two empty masks agree fully, yet you get NaN from 0/0. Return 1.0 when the union is empty.",
            lambda t, p: (t & p).sum() / (t | p).sum(),
        ),
        (
            "Two empty masks agree fully: return 1.0 when the union is empty, not 0.",
            lambda t, p: (t & p).sum() / max((t | p).sum(), 1),
        ),
    ],
)


# Notebook 2: conv2d(x, kernel, bias, stride, padding), one grey picture


def _conv2d(x, kernel, bias, stride, padding):
    return reference.conv2d(x[None, :, :, None], kernel[:, :, None, None], bias, stride=stride, padding=padding)[
        0, :, :, 0
    ]


def _conv2d_with_stride_as_dilation(x, kernel, bias, stride, padding):
    x = np.pad(x, padding)
    rows, columns = ((h - m) // stride + 1 for h, m in zip(x.shape, kernel.shape, strict=True))
    y = np.full((rows, columns), float(bias))
    for m, n in np.ndindex(kernel.shape):
        y += x[stride * m : stride * m + rows, stride * n : stride * n + columns] * kernel[m, n]
    return y


CONV2D = Exercise(
    solution=_conv2d,
    cases=[
        (_picture(5, 7), _picture(3, 2, seed=1), 0.0, 1, 0),
        (_picture(5, 7), _picture(3, 2, seed=1), 0.5, 1, 0),
        (_picture(6, 9, seed=2), _picture(3, 3, seed=3), 0.5, 2, 0),
        (_picture(5, 7), _picture(3, 3, seed=3), 0.5, 1, 1),
        (_picture(8, 7, seed=4), _picture(2, 3, seed=5), -1.0, 3, 2),
    ],
    mistakes=[
        (
            "The kernel is turned around: that is the convolution of mathematics. Networks use x[i + m, j + "
            "n] · kernel[m, n] with both indices counting up.",
            lambda x, k, b, s, p: _conv2d(x, k[::-1, ::-1], b, s, p),
        ),
        (
            "The window of output pixel (0, 0) starts one pixel too early, at x[-1, -1], which in Python is the last "
            "one: the article counts from 1, your indices from 0, so the - 1 must go.",
            lambda x, k, b, s, p: _conv2d(np.roll(np.pad(x, p), (1, 1), (0, 1)), k, b, s, 0),
        ),
        (
            "Rows and columns of the output are swapped: i walks down the picture, j to the right.",
            lambda x, k, b, s, p: _conv2d(x, k, b, s, p).T,
        ),
        ("The bias is missing: add it to every output pixel.", lambda x, k, b, s, p: _conv2d(x, k, 0.0, s, p)),
        (
            "The bias is added for every kernel element; add it once to each output pixel.",
            lambda x, k, b, s, p: _conv2d(x, k, b * k.size, s, p),
        ),
        (
            "The stride is ignored: output pixel (i, j) looks at the window that starts at (stride · i, stride · j).",
            lambda x, k, b, s, p: _conv2d(x, k, b, 1, p),
        ),
        (
            "The stride sets the size of the output but the window moves by one pixel only: it must start at "
            "(stride · i, stride · j).",
            lambda x, k, b, s, p: _conv2d(x, k, b, 1, p)[
                : (x.shape[0] + 2 * p - k.shape[0]) // s + 1, : (x.shape[1] + 2 * p - k.shape[1]) // s + 1
            ],
        ),
        (
            "The padding is ignored: put a border of zeros around the picture first.",
            lambda x, k, b, s, p: _conv2d(x, k, b, s, 0),
        ),
        (
            "The padding is on one side only: `padding` pixels above *and* below, left *and* right.",
            lambda x, k, b, s, p: _conv2d(np.pad(x, ((p, 0), (p, 0))), k, b, s, 0),
        ),
        (
            "The padding is below and right only; it belongs above and left too, not only at the end.",
            lambda x, k, b, s, p: _conv2d(np.pad(x, ((0, p), (0, p))), k, b, s, 0),
        ),
        (
            "The stride multiplies m and n: that is a dilation. It belongs to i and j: x[stride · i + m, ...].",
            _conv2d_with_stride_as_dilation,
        ),
        ("The bias is subtracted; add it.", lambda x, k, b, s, p: _conv2d(x, k, -b, s, p)),
        (
            "The padding repeats the border's pixels; pad with zeros.",
            lambda x, k, b, s, p: _conv2d(np.pad(x, p, mode="edge"), k, b, s, 0),
        ),
        (
            "One row and one column are missing: the output has (H + 2 · padding - M) // stride + 1 rows; "
            "the + 1 counts the first window.",
            lambda x, k, b, s, p: _conv2d(x, k, b, s, p)[:-1, :-1],
        ),
    ],
)


# Notebook 3: max_pool(x, size, stride), one feature map


def _max_pool(x, size, stride):
    return reference.max_pool(x[None, :, :, None], size, stride=stride)[0, :, :, 0]


def _pool_with_partial_windows(x, size, stride):
    rows, columns = (range(0, h, stride) for h in x.shape)
    return [[x[i : i + size, j : j + size].max() for j in columns] for i in rows]


MAX_POOL = Exercise(
    solution=_max_pool,
    cases=[
        (_picture(4, 6), 2, 2),
        (-1 - np.abs(_picture(6, 8, seed=1)), 2, 2),
        (_picture(5, 7, seed=2), 2, 2),
        (_picture(7, 9, seed=3), 3, 2),
        (_picture(8, 7, seed=4), 2, 3),
    ],
    mistakes=[
        (
            "That is average pooling: take the largest value of the window.",
            lambda x, k, s: reference.average_pool(x[None, :, :, None], k, stride=s)[0, :, :, 0],
        ),
        ("That is the smallest value of each window; take the largest.", lambda x, k, s: -_max_pool(-x, k, s)),
        ("That is the largest magnitude; keep the sign.", lambda x, k, s: _max_pool(np.abs(x), k, s)),
        (
            "That is each window's first pixel: subsampling, not pooling.",
            lambda x, k, s: _max_pool(x, 1, s)[: (x.shape[0] - k) // s + 1, : (x.shape[1] - k) // s + 1],
        ),
        (
            "Negative values became zero: start from the window's own values (or from -infinity), not from 0.",
            lambda x, k, s: np.maximum(_max_pool(x, k, s), 0),
        ),
        ("The stride is ignored: windows start `stride` pixels apart.", lambda x, k, s: _max_pool(x, k, 1)),
        (
            "The windows are moved by their size; they must start `stride` pixels apart.",
            lambda x, k, s: _max_pool(x, k, k),
        ),
        (
            "The stride sets the size of the output but the window moves by one pixel only: it must start at "
            "(stride · i, stride · j).",
            lambda x, k, s: _max_pool(x, k, 1)[: (x.shape[0] - k) // s + 1, : (x.shape[1] - k) // s + 1],
        ),
        (
            "The windows have the stride as their size; they must reach over `size` pixels.",
            lambda x, k, s: _max_pool(x, s, s),
        ),
        (
            "Windows that hang over the border are included. Without padding only full windows count: (H - "
            "size) // stride + 1 rows.",
            _pool_with_partial_windows,
        ),
        (
            "One row and one column are missing: there are (H - size) // stride + 1 rows; the + 1 counts the "
            "first window.",
            lambda x, k, s: _max_pool(x, k, s)[:-1, :-1],
        ),
        ("Rows and columns of the output are swapped.", lambda x, k, s: _max_pool(x, k, s).T),
    ],
)


# Notebook 4: classify(x, weights, bias), a dense layer and softmax


def _classify(x, weights, bias):
    return reference.softmax(reference.dense(x, weights, bias))


def _softmax(logits, axis):
    return reference.softmax(np.moveaxis(logits, axis, -1))


def _powers(logits):
    return np.exp(logits - logits.max(-1, keepdims=True))


def _plain_softmax(logits):
    powers = np.exp(logits)
    return powers / powers.sum(-1, keepdims=True)


CLASSIFY = Exercise(
    solution=_classify,
    cases=[
        (_picture(3, 4) / 9, _picture(4, 5, seed=1) / 9, np.zeros(5)),
        (_picture(3, 4) / 9, _picture(4, 5, seed=1) / 9, np.array([0.5, -1.0, 0.0, 2.0, 1.0])),
        (_picture(4, 4, seed=2) / 9, _picture(4, 4, seed=3) / 9, np.array([1.0, 0.0, -1.0, 0.5])),
        (200 * _picture(3, 4), _picture(4, 5, seed=1), np.zeros(5)),
    ],
    mistakes=[
        ("The bias is missing: logits are x · weights + bias.", lambda x, w, b: _classify(x, w, 0.0)),
        (
            "Softmax runs over the wrong axis: each *row* (each example) must sum to 1, use axis=-1.",
            lambda x, w, b: _softmax(x @ w + b, 0).T,
        ),
        (
            "The sum runs over the whole batch: each row must sum to 1 by itself, use axis=-1 with keepdims=True.",
            lambda x, w, b: reference.softmax((x @ w + b).ravel()).reshape(len(x), -1),
        ),
        (
            "That is a sigmoid for each class: the classes do not compete and a row does not sum to 1.",
            lambda x, w, b: reference.sigmoid(x @ w + b),
        ),
        ("Those are the logits; softmax is missing.", lambda x, w, b: x @ w + b),
        (
            "Those are logits divided by their sum; take e to the power of each logit first.",
            lambda x, w, b: (x @ w + b) / (x @ w + b).sum(-1, keepdims=True),
        ),
        ("e to the power of the logits is not divided by its sum.", lambda x, w, b: np.exp(x @ w + b)),
        ("Those are logarithms of the probabilities.", lambda x, w, b: np.log(_classify(x, w, b))),
        (
            "Large logits overflow: e^800 is infinite and infinite / infinite is NaN. Subtract each row's "
            "largest logit first; the result stays the same.",
            lambda x, w, b: _plain_softmax(x @ w + b),
        ),
        (
            "The mean logit is subtracted, but the largest may lie far above it. Subtract each row's largest.",
            lambda x, w, b: _plain_softmax(x @ w + b - (x @ w + b).mean(-1, keepdims=True)),
        ),
        ("The bias is added after softmax; it belongs to the logits.", lambda x, w, b: _classify(x, w, 0.0) + b),
        (
            "The sums have shape (B,) and do not line up with (B, K): keep the axis, .sum(axis=-1, keepdims=True).",
            lambda x, w, b: _powers(x @ w + b) / _powers(x @ w + b).sum(-1),
        ),
        (
            "You subtract the largest logit of the whole batch: a row of much smaller logits becomes 0/0. "
            "Subtract each row's own.",
            lambda x, w, b: _plain_softmax(x @ w + b - (x @ w + b).max()),
        ),
    ],
)


# Notebook 5: dice_loss(y_true, y_pred), a batch of masks → one loss an image


def _sums(y_true, y_pred):
    return [a.sum((1, 2)) for a in (y_true * y_pred, y_true**2, y_pred**2, y_true, y_pred)]


def _dice_loss(y_true, y_pred):
    return reference.dice(y_true, y_pred, axis=(1, 2), epsilon=1e-12)


def _one_minus(above, below):
    return np.where(below > 0, 1 - above / np.where(below > 0, below, 1), 0.0)


def _dice_variant(formula):
    """A wrong dice loss from formula(overlap, Σy², Σp², Σy, Σp) → (above, below)."""
    return lambda y_true, y_pred: _one_minus(*formula(*_sums(y_true, y_pred)))


def _soft(*shape, seed):
    return np.random.default_rng(seed).random(shape)


def _dice_over(*axis):
    """A wrong dice loss that sums over other axes."""
    return lambda y_true, y_pred: reference.dice(y_true, y_pred, axis=axis, epsilon=1e-12)


DICE_LOSS = Exercise(
    solution=_dice_loss,
    cases=[
        (_mask(1, 4, 6).astype(float), _soft(1, 4, 6, seed=1)),
        (_soft(3, 5, 4, seed=2), _soft(3, 5, 4, seed=3)),
        (_mask(3, 3, 3, seed=4).astype(float), np.zeros((3, 3, 3))),
        (np.zeros((2, 4, 6)), np.zeros((2, 4, 6))),
    ],
    mistakes=[
        (
            "The squares are missing below: the article divides by Σ y² + Σ p².",
            _dice_variant(lambda o, yy, pp, y, p: (2 * o, y + p)),
        ),
        (
            "The square is taken of the sum, (Σ p)²; square each pixel first, then sum.",
            _dice_variant(lambda o, yy, pp, y, p: (2 * o, y**2 + p**2)),
        ),
        (
            "The factor 2 above is missing: a perfect prediction would lose 0.5.",
            _dice_variant(lambda o, yy, pp, y, p: (o, yy + pp)),
        ),
        (
            "That is the IoU form, Σyp / (Σy² + Σp² - Σyp); Dice is 2 Σyp / (Σy² + Σp²).",
            _dice_variant(lambda o, yy, pp, y, p: (o, yy + pp - o)),
        ),
        (
            "That is the overlap, 1 for a perfect prediction. A loss falls as things get better: take 1 minus it.",
            lambda t, p: 1 - _dice_loss(t, p),
        ),
        ("That is minus the overlap; the loss is 1 minus it.", lambda t, p: -(1 - _dice_loss(t, p))),
        (
            "You give one number for the whole batch: sum over rows and columns only, axis=(1, 2).",
            _dice_over(0, 1, 2),
        ),
        ("You average over the images; return one loss an image.", lambda t, p: _dice_loss(t, p).mean()),
        ("You sum over the columns only: the sums run over rows *and* columns, axis=(1, 2).", _dice_over(2)),
        ("You sum over the rows only: the sums run over rows *and* columns, axis=(1, 2).", _dice_over(1)),
        (
            "You sum over the batch and the rows: the batch must stay, rows and columns go, axis=(1, 2).",
            _dice_over(0, 1),
        ),
        (
            "Only the prediction is squared below; square the truth too, it may hold probabilities.",
            _dice_variant(lambda o, yy, pp, y, p: (2 * o, y + pp)),
        ),
        (
            "Two empty masks agree, yet you get NaN from 0/0: let that loss be 0.",
            lambda t, p: reference.dice(t, p, axis=(1, 2)),
        ),
        (
            "Two empty masks agree, so their loss is 0 and not 1.",
            lambda t, p: np.nan_to_num(reference.dice(t, p, axis=(1, 2)), nan=1.0),
        ),
    ],
)


# Notebook 6: adam_step(theta, gradient, m, v, t, learning_rate) → theta, m, v; t counts from 1


def _adam_step(theta, gradient, m, v, t, learning_rate):
    theta, (_, m, v) = reference.adam(theta, gradient, (t - 1, m, v), learning_rate=learning_rate, epsilon=1e-7)
    return theta, m, v


def _adam_path(step, gradients, learning_rate):
    """Where a step function goes along given gradients (T, D), from zero: theta, m and v of each step, (T, 3, D)."""
    path, state = [], (np.zeros(gradients.shape[1]),) * 3
    for t, gradient in enumerate(gradients, start=1):
        theta, m, v = (np.array(part) for part in state)
        state = step(theta, gradient.copy(), m, v, t, learning_rate)
        if state is None:
            return None
        theta, m, v = state
        path.append([theta, m, v])
    return np.array(path)


def _adam_move(m_hat, v_hat, m, v, t):
    return m_hat / (np.sqrt(v_hat) + 1e-7)


def _adam_variant(
    move=_adam_move,
    *,
    averages=(0.9, 0.999),
    corrections=(0.9, 0.999),
    average=lambda mean, new, beta: beta * mean + (1 - beta) * new,
    square=lambda g: g**2,
    returned=lambda m_hat, v_hat, m, v, old: (m, v),
):
    """A wrong step that differs from Adam in one of these."""

    def step(theta, gradient, m, v, t, learning_rate):
        old = m, v
        m, v = average(m, gradient, averages[0]), averages[1] * v + (1 - averages[1]) * square(gradient)
        m_hat, v_hat = m / (1 - corrections[0] ** t), v / (1 - corrections[1] ** t)
        return theta - learning_rate * move(m_hat, v_hat, m, v, t), *returned(m_hat, v_hat, m, v, old)

    return step


def _adam_forgetting_both(theta, gradient, m, v, t, learning_rate):
    m, v = 0.1 * m + 0.9 * gradient, 0.001 * v + 0.999 * gradient**2
    return theta - learning_rate * _adam_move(m / (1 - 0.9**t), v / (1 - 0.999**t), m, v, t), m, v


ADAM_STEP = Exercise(
    solution=_adam_step,
    cases=[
        (np.array([[3.0, -0.5]]), 0.1),
        (np.random.default_rng(1).normal(size=(5, 3)), 0.1),
        (np.random.default_rng(2).normal(size=(40, 2)) * [1e-3, 1e3], 0.01),
        (np.array([[1e-7, 0.0], [2e-7, 0.0]]), 0.1),
    ],
    mistakes=[
        (
            "The bias correction is missing: m and v start at 0 and are too small in the first steps. Divide "
            "m by (1 - 0.9ᵗ) and v by (1 - 0.999ᵗ).",
            _adam_variant(lambda mh, vh, m, v, t: m / (np.sqrt(v) + 1e-7)),
        ),
        (
            "Only m is corrected; divide v by (1 - 0.999ᵗ) too.",
            _adam_variant(lambda mh, vh, m, v, t: mh / (np.sqrt(v) + 1e-7)),
        ),
        (
            "Only v is corrected; divide m by (1 - 0.9ᵗ) too.",
            _adam_variant(lambda mh, vh, m, v, t: m / (np.sqrt(vh) + 1e-7)),
        ),
        (
            "The correction is one step ahead: t is already 1 in the first step, do not add 1.",
            _adam_variant(
                lambda mh, vh, m, v, t: _adam_move(m / (1 - 0.9 ** (t + 1)), v / (1 - 0.999 ** (t + 1)), m, v, t)
            ),
        ),
        (
            "The correction divides by (1 - β) and not by (1 - βᵗ): it must fade as t grows.",
            _adam_variant(lambda mh, vh, m, v, t: _adam_move(m / 0.1, v / 0.001, m, v, t)),
        ),
        ("You go uphill: subtract the step.", _adam_variant(lambda mh, vh, m, v, t: -_adam_move(mh, vh, m, v, t))),
        ("The square root is missing: divide by √v̂ + ε.", _adam_variant(lambda mh, vh, m, v, t: mh / (vh + 1e-7))),
        ("v must average the *squares* of the gradient, g².", _adam_variant(square=np.abs)),
        (
            "The two betas are swapped: 0.9 belongs to m, 0.999 to v.",
            _adam_variant(averages=(0.999, 0.9), corrections=(0.999, 0.9)),
        ),
        (
            "m must keep 0.9 of itself and take 0.1 of the gradient; you have it the other way round.",
            _adam_variant(average=lambda mean, new, beta: (1 - beta) * mean + beta * new),
        ),
        (
            "m adds the whole gradient; it is an average: 0.9 m + 0.1 g.",
            _adam_variant(average=lambda mean, new, beta: beta * mean + new),
        ),
        (
            "ε stands inside the root; it belongs outside: √v̂ + ε.",
            _adam_variant(lambda mh, vh, m, v, t: mh / np.sqrt(vh + 1e-7)),
        ),
        ("That is gradient descent: divide by √v̂ + ε.", _adam_variant(lambda mh, vh, m, v, t: mh)),
        (
            "The correction is one step behind: t counts from 1, and 1 - β⁰ would divide by zero; do not subtract 1.",
            _adam_variant(
                lambda mh, vh, m, v, t: _adam_move(m / (1 - 0.9 ** (t - 1)), v / (1 - 0.999 ** (t - 1)), m, v, t)
            ),
        ),
        (
            "v averages the gradient itself and becomes negative; average its square, g².",
            _adam_variant(square=lambda g: g),
        ),
        (
            "The betas of the averages are swapped: m keeps 0.9 of itself, v keeps 0.999.",
            _adam_variant(averages=(0.999, 0.9)),
        ),
        (
            "The betas of the correction are swapped: divide m by (1 - 0.9ᵗ) and v by (1 - 0.999ᵗ).",
            _adam_variant(corrections=(0.999, 0.9)),
        ),
        (
            "Both averages keep too little of themselves: m ← 0.9 m + 0.1 g and v ← 0.999 v + 0.001 g².",
            _adam_forgetting_both,
        ),
        (
            "ε is 1e-8, as in the paper; here it shall be 1e-7, as in Keras.",
            _adam_variant(lambda mh, vh, m, v, t: mh / (np.sqrt(vh) + 1e-8)),
        ),
        (
            "ε is missing: a weight whose gradient was always 0 divides 0 by 0.",
            _adam_variant(lambda mh, vh, m, v, t: mh / np.sqrt(vh)),
        ),
        (
            "ε is added before v is corrected, as Keras does it; add it to √v̂, after the correction.",
            _adam_variant(lambda mh, vh, m, v, t: m * np.sqrt(1 - 0.999**t) / (1 - 0.9**t) / (np.sqrt(v) + 1e-7)),
        ),
        (
            "You return the corrected m̂ and v̂; return the plain averages, the next step needs them.",
            _adam_variant(returned=lambda mh, vh, m, v, old: (mh, vh)),
        ),
        (
            "You return the m and v that came in; return the new ones.",
            _adam_variant(returned=lambda mh, vh, m, v, old: old),
        ),
    ],
    use=_adam_path,
    arguments=("gradients", "learning_rate"),
)


# Notebook 7: accuracy_of(y_true, y_pred), two arrays of class numbers → share of equal ones


def _accuracy(y_true, y_pred):
    return (y_true == y_pred).mean()


ACCURACY = Exercise(
    solution=_accuracy,
    cases=[
        (np.array([3, 1, 4, 1, 1]), np.array([3, 1, 4, 5, 6])),
        (np.array([0, 0, 0, 1, 2, 2, 9]), np.array([0, 0, 5, 1, 2, 9, 2])),
        (np.array([7, 8]), np.array([7, 8])),
    ],
    mistakes=[
        ("That is the number of equal labels; divide by how many there are.", lambda t, p: (t == p).sum()),
        ("That is the share of wrong labels; compare with == and not with !=.", lambda t, p: (t != p).mean()),
        ("That is in percent; the share lies between 0 and 1.", lambda t, p: 100 * _accuracy(t, p)),
        ("That asks if all labels are equal. Compare one by one and take the mean.", np.array_equal),
        (
            "That measures how far apart the class numbers are. They are names: 3 for 4 is as wrong as 9 for 4.",
            lambda t, p: np.abs(t - p).mean(),
        ),
        (
            "That is the mean over the classes of the share found of each (the mean recall). Count all images alike.",
            lambda t, p: np.mean([(p[t == k] == k).mean() for k in np.unique(t)]),
        ),
        (
            "That compares which classes occur at all. Compare position by position.",
            lambda t, p: len(np.intersect1d(t, p)) / len(np.union1d(t, p)),
        ),
    ],
)


# Notebook 8: mean_iou_of(confusion), (C, C) counts, row: true class → mean IoU over the classes that occur


def _counts(*shape, empty=(), seed=0):
    """Random counts of pixels; the classes in `empty` are in neither the truth nor the prediction."""
    counts = np.random.default_rng(seed).integers(1, 30, shape)
    counts[..., empty, :] = counts[..., :, empty] = 0
    return counts


def _parts(confusion):
    """True positives, and the pixels of each class in the prediction and in the truth, (…, C)."""
    return np.diagonal(confusion, axis1=-2, axis2=-1), confusion.sum(-2), confusion.sum(-1)


def _mean_of_ratios(ratio, *, absent=None):
    """A wrong answer: the mean over the classes of part / whole, ratio(hits, predicted, actual).

    Classes that do not occur are left out, or count as `absent`.
    """

    def answer(confusion):
        part, whole = ratio(*_parts(confusion))
        present = whole > 0
        scores = np.where(present, part / np.where(present, whole, 1), 0.0 if absent is None else absent)
        return scores[present].mean() if absent is None else scores.mean()

    return answer


def _overlap(hits, predicted, actual):
    return hits, predicted + actual - hits


MEAN_IOU = Exercise(
    solution=_mean_of_ratios(_overlap),
    cases=[
        (np.array([[5, 1, 0], [2, 3, 0], [0, 4, 6]]),),
        (_counts(5, 5),),
        (_counts(6, 6, empty=[2, 4], seed=1),),
    ],
    mistakes=[
        (
            "That is the pixel accuracy: divide class by class, then take the mean.",
            lambda confusion: np.trace(confusion) / confusion.sum(),
        ),
        (
            "That is the mean recall: you divide by the true pixels only, so false positives cost nothing.",
            _mean_of_ratios(lambda hits, predicted, actual: (hits, actual)),
        ),
        (
            "That is the mean precision: you divide by the predicted pixels only, so what is missed costs nothing.",
            _mean_of_ratios(lambda hits, predicted, actual: (hits, predicted)),
        ),
        (
            "True positives are counted twice below: they are in the row and in the column. Subtract them once.",
            _mean_of_ratios(lambda hits, predicted, actual: (hits, predicted + actual)),
        ),
        (
            "That is the mean Dice coefficient, 2 TP / (2 TP + FP + FN).",
            _mean_of_ratios(lambda hits, predicted, actual: (2 * hits, predicted + actual)),
        ),
        (
            "You add up all classes before you divide, so background outweighs the rest. Divide class by class.",
            lambda confusion: np.trace(confusion) / (2 * confusion.sum() - np.trace(confusion)),
        ),
        (
            "Those are the IoUs of the classes; return their mean.",
            lambda confusion: np.diag(confusion) / np.maximum(_overlap(*_parts(confusion))[1], 1),
        ),
        (
            "A class in neither mask gives 0/0, and one NaN spoils the mean. Leave such classes out.",
            lambda confusion: np.mean(np.diag(confusion) / _overlap(*_parts(confusion))[1]),
        ),
        (
            "A class in neither mask counts as 0, as if it had been missed. Leave such classes out.",
            _mean_of_ratios(_overlap, absent=0.0),
        ),
        (
            "A class in neither mask counts as 1 and lifts the mean. Leave such classes out.",
            _mean_of_ratios(_overlap, absent=1.0),
        ),
        (
            "The background is left out; mean IoU has it among its classes.",
            lambda confusion: _mean_of_ratios(lambda *parts: [x[1:] for x in _overlap(*parts)])(confusion),
        ),
    ],
    arguments=("confusion",),
)


# Notebook 9: mean_over_pictures(tables), (N, 2, 2) counts → IoU of class 1, picture by picture, then the mean


def _iou_of_pictures(tables):
    """IoU of class 1 in each picture; NaN where it is in neither mask."""
    hits, predicted, actual = (part[:, 1] for part in _parts(tables))
    return hits / (predicted + actual - hits)


def _mean_by_pictures(ratio, *, absent=None):
    """A wrong answer: as _mean_of_ratios, over the pictures and for class 1 alone."""

    def answer(tables):
        def of_class_1(hits, predicted, actual):
            return ratio(hits[:, 1], predicted[:, 1], actual[:, 1])

        return _mean_of_ratios(of_class_1, absent=absent)(tables)

    return answer


MEAN_OVER_PICTURES = Exercise(
    solution=_mean_by_pictures(_overlap),
    cases=[
        (np.array([[[90, 2], [3, 5]], [[10, 20], [0, 70]]]),),
        (np.array([[[90, 2], [3, 5]], [[10, 20], [0, 70]], [[100, 0], [0, 0]]]),),
        (np.array([[[70, 5], [20, 5]], [[97, 3], [0, 0]], [[50, 0], [20, 30]], [[100, 0], [0, 0]]]),),
    ],
    mistakes=[
        (
            "That is the IoU of all pictures pooled, so large objects decide. Divide picture by picture.",
            lambda tables: np.divide(*(part[1] for part in _overlap(*_parts(tables.sum(0))))),
        ),
        (
            "That is the Dice coefficient, 2 TP / (2 TP + FP + FN).",
            _mean_by_pictures(lambda hits, predicted, actual: (2 * hits, predicted + actual)),
        ),
        (
            "That is the recall: you divide by the true pixels of class 1 only.",
            _mean_by_pictures(lambda hits, predicted, actual: (hits, actual)),
        ),
        (
            "That is the precision: you divide by the predicted pixels of class 1 only.",
            _mean_by_pictures(lambda hits, predicted, actual: (hits, predicted)),
        ),
        (
            "That is the pixel accuracy of each picture, averaged: background decides it.",
            lambda tables: (np.trace(tables, axis1=1, axis2=2) / tables.sum((1, 2))).mean(),
        ),
        (
            "That is the IoU of class 0, the background; class 1 is asked for.",
            lambda tables: _mean_by_pictures(_overlap)(tables[:, ::-1, ::-1]),
        ),
        (
            "You average over both classes; class 1 alone is asked for.",
            lambda tables: np.mean([MEAN_IOU.solution(table) for table in tables]),
        ),
        (
            "A picture without class 1 gives 0/0, and one NaN spoils the mean. Leave it out.",
            lambda tables: _iou_of_pictures(tables).mean(),
        ),
        (
            "A picture without class 1 counts as 0, as if something had been missed. Leave it out.",
            _mean_by_pictures(_overlap, absent=0.0),
        ),
        (
            "A picture without class 1 counts as 1. Leave it out, as the task says.",
            _mean_by_pictures(_overlap, absent=1.0),
        ),
        (
            "A picture without class 1 in the truth is left out although some was predicted: a false alarm, IoU 0.",
            lambda tables: _iou_of_pictures(tables[tables[:, 1].sum(1) > 0]).mean(),
        ),
        (
            "Those are the IoUs of the pictures; return their mean.",
            lambda tables: np.nan_to_num(_iou_of_pictures(tables)),
        ),
    ],
    arguments=("tables",),
)


# Notebook 10: paired_gain(a, b), scores (S,) of two methods, seed by seed → mean gain of b, its standard error


def _paired_gain(a, b):
    return (b - a).mean(), (b - a).std(ddof=1) / np.sqrt(len(a))


def _with_error(error):
    """A wrong answer with the right gain."""
    return lambda a, b: ((b - a).mean(), error(a, b))


PAIRED_GAIN = Exercise(
    solution=_paired_gain,
    cases=[
        (np.array([0.70, 0.50, 0.60, 0.80]), np.array([0.76, 0.54, 0.66, 0.84])),
        (np.array([0.81, 0.55, 0.62]), np.array([0.78, 0.60, 0.70])),
        (np.array([0.5, 0.9]), np.array([0.65, 0.85])),
    ],
    mistakes=[
        ("The sign is turned: the gain is b minus a.", lambda a, b: _paired_gain(b, a)),
        (
            "That is the spread of one difference; the mean of several is surer. Divide by the root of their number.",
            _with_error(lambda a, b: (b - a).std(ddof=1)),
        ),
        (
            "The spread is about the differences' own mean: divide the squares by one less than their number, ddof=1.",
            _with_error(lambda a, b: (b - a).std() / np.sqrt(len(a))),
        ),
        (
            "You divide the spread by the number of seeds; divide by its root.",
            _with_error(lambda a, b: (b - a).std(ddof=1) / len(a)),
        ),
        (
            "That ignores the pairs: take the differences seed by seed first, then their spread.",
            _with_error(lambda a, b: np.sqrt((a.var(ddof=1) + b.var(ddof=1)) / len(a))),
        ),
        (
            "The error is squared: take the root of variance / number.",
            _with_error(lambda a, b: (b - a).var(ddof=1) / len(a)),
        ),
        ("Gain and error are swapped.", lambda a, b: _paired_gain(a, b)[::-1]),
        (
            "The gain is relative to a; return the plain difference of the scores.",
            lambda a, b: (((b - a) / a).mean(), _paired_gain(a, b)[1]),
        ),
        (
            "The gain is added up over the seeds; return its mean.",
            lambda a, b: ((b - a).sum(), _paired_gain(a, b)[1]),
        ),
        (
            "You return the gain alone; return its standard error too.",
            lambda a, b: (b - a).mean(),
        ),
    ],
    arguments=("a", "b"),
)


# Notebook 11: encode(rgb, colours), a mask in colours → class numbers; an unknown colour is refused


def _encode(rgb, colours):
    match = _matches(rgb, colours)
    if not match.any(-1).all():
        raise ValueError(f"unknown colour {rgb[~match.any(-1)][0].tolist()}")
    return match.argmax(-1)


def _matches(rgb, colours):
    """Which pixel has which colour, (H, W, C) bool."""
    return (rgb[:, :, None, :] == colours).all(-1)


def _classes_or_refusal(answer, rgb, colours):
    """What an answer gives; of an error for an unknown colour only its kind and whether it names the colour."""
    unknown = rgb[~_matches(rgb, colours).any(-1)]
    try:
        return answer(rgb, colours)
    except (ValueError, LookupError) as error:
        if not len(unknown):
            raise
        if isinstance(error, LookupError):
            raise LookupError("an unknown colour") from error
        named = set(map(str, unknown[0].tolist())) <= set(re.findall(r"\d+", str(error)))
        raise ValueError("a colour, named" if named else "a colour, not named") from error


def _refusing(error):
    """A wrong encode that raises `error` for an unknown colour."""

    def encode(rgb, colours):
        if not _matches(rgb, colours).any(-1).all():
            raise error
        return _matches(rgb, colours).argmax(-1)

    return encode


def _nearest_colour(rgb, colours):
    return np.abs(rgb[:, :, None, :].astype(int) - colours).sum(-1).argmin(-1)


def _encode_by(number):
    """A wrong encode that compares one number a colour."""

    def encode(rgb, colours):
        _encode(rgb, colours)
        return (number(rgb)[:, :, None] == number(colours)).argmax(-1)

    return encode


def _encode_any(rgb, colours):
    _encode(rgb, colours)
    return (rgb[:, :, None, :] == colours).any(-1).argmax(-1)


def _encode_by_rank(rgb, colours):
    _encode(rgb, colours)
    return np.unique(rgb.reshape(-1, 3), axis=0, return_inverse=True)[1].reshape(rgb.shape[:2])


def _painted(*shape, colours, seed):
    """A mask (*shape, 3) uint8 painted with the colours."""
    colours = np.array(colours, np.uint8)
    return colours[np.random.default_rng(seed).integers(0, len(colours), shape)]


_BLACK, _RED, _YELLOW, _BLUE, _GREEN = (0, 0, 0), (255, 0, 0), (255, 255, 0), (0, 0, 255), (0, 128, 0)
_COLOURS = np.array([_BLUE, _RED, _BLACK, _YELLOW, _GREEN], np.uint8)

ENCODE = Exercise(
    solution=_encode,
    cases=[
        (_painted(4, 6, colours=[_RED, _BLUE, _BLACK, _YELLOW, _GREEN], seed=0), _COLOURS),
        (_painted(5, 3, colours=[_RED, _BLUE, _GREEN], seed=1), _COLOURS),
        (_painted(4, 6, colours=[_BLUE, _RED, _BLACK, (40, 140, 60)], seed=2), _COLOURS),
    ],
    mistakes=[
        (
            "Classes are counted from 1: colours[0] is class 0.",
            lambda rgb, colours: _encode(rgb, colours) + 1,
        ),
        ("A pixel matches if *one* channel does; it must match in all three: .all(-1), not .any(-1).", _encode_any),
        (
            "Only the red channel is compared, so colours with the same red are mixed up.",
            _encode_by(lambda a: a[..., 0]),
        ),
        (
            "Colours with the same sum (or mean) of channels are mixed up: red and blue look alike in grey.",
            _encode_by(lambda a: a.sum(-1, dtype=int)),
        ),
        (
            "Channels are in the order blue, green, red, as OpenCV has them; these are red, green, blue.",
            lambda rgb, colours: _matches(rgb[..., ::-1], colours).argmax(-1),
        ),
        (
            "Colours are numbered in sorted order, as np.unique gives them, and not as in `colours`; where one is "
            "missing, all others shift.",
            _encode_by_rank,
        ),
        (
            "That is one-hot, (H, W, C): take .argmax(-1), so that each pixel has one number.",
            lambda rgb, colours: _matches(rgb, colours),
        ),
        (
            "Masks have no channel axis: return (H, W), not (H, W, 1).",
            lambda rgb, colours: _encode(rgb, colours)[..., None],
        ),
        ("Rows and columns are swapped.", lambda rgb, colours: _encode(rgb, colours).T),
        (
            "A pixel of an unknown colour became class 0 without a word: argmax of nothing but False is 0. "
            "Raise a ValueError.",
            lambda rgb, colours: _matches(rgb, colours).argmax(-1),
        ),
        (
            "A pixel of an unknown colour became the nearest class. That hides blurred masks and wrong colours: "
            "raise a ValueError.",
            _nearest_colour,
        ),
        (
            "A pixel of an unknown colour became 255, void, so nobody will look for it: raise a ValueError.",
            lambda rgb, colours: np.where(_matches(rgb, colours).any(-1), _matches(rgb, colours).argmax(-1), 255),
        ),
        (
            "A pixel of an unknown colour became -1, which as uint8 is 255 and as an index the last class: "
            "raise a ValueError.",
            lambda rgb, colours: np.where(_matches(rgb, colours).any(-1), _matches(rgb, colours).argmax(-1), -1),
        ),
        (
            "The error does not say which colour is unknown: put its three numbers into the message.",
            _refusing(ValueError("there is an unknown colour")),
        ),
        (
            "A look-up that fails raises a KeyError or IndexError, which says nothing to the owner of the mask: raise "
            "a ValueError.",
            _refusing(KeyError("there is an unknown colour")),
        ),
    ],
    use=_classes_or_refusal,
    arguments=("rgb", "colours"),
)


# Notebook 12: saved_epochs(values, mode), the monitored values (E,) of a training → whether each epoch is saved


def _saved_epochs(values, mode):
    lower = values if mode == "min" else -values
    return np.append(True, lower[1:] < np.minimum.accumulate(lower)[:-1])


def _better_than(reference_of, *, beats=np.less):
    """A wrong answer that compares each value but the first with reference_of(values)."""

    def answer(values, mode):
        lower = values if mode == "min" else -values
        return np.append(True, beats(lower[1:], reference_of(lower)[:-1]))

    return answer


def _saved_from_zero(values, mode):
    best, saved = 0.0, []
    for value in values:
        saved.append(value < best if mode == "min" else value > best)
        best = value if saved[-1] else best
    return np.array(saved)


def _best_so_far(values, mode):
    return (np.minimum if mode == "min" else np.maximum).accumulate(values)


SAVED_EPOCHS = Exercise(
    solution=_saved_epochs,
    cases=[
        (np.array([0.9, 0.7, 0.8, 0.75, 0.6, 0.6, 0.5]), "min"),
        (np.array([0.5, 0.7, 0.6, 0.65, 0.7, 0.8]), "max"),
        (np.array([-3.0, -1.0, -2.0, -1.5, -0.5]), "max"),
        (np.array([1.0, 2.0, 1.5, 1.2]), "min"),
        (np.array([0.25]), "min"),
    ],
    mistakes=[
        (
            "Each value is compared with the one before it; compare it with the best of *all* before it.",
            _better_than(lambda lower: lower),
        ),
        (
            "Equal is not better: a value that only repeats the best is not saved.",
            _better_than(np.minimum.accumulate, beats=np.less_equal),
        ),
        (
            "You mark the best epoch of the whole training. But when an epoch ends, the later ones are not known: "
            "mark each that beats all before it.",
            lambda v, mode: np.arange(len(v)) == (v.argmin() if mode == "min" else v.argmax()),
        ),
        ('The mode is ignored: with "max" a larger value is better.', lambda v, mode: _saved_epochs(v, "min")),
        (
            'The two modes are swapped: with "min" a smaller value is better.',
            lambda v, mode: _saved_epochs(-v, mode),
        ),
        (
            "The first epoch is missing: nothing was saved before it, so it is always saved.",
            lambda v, mode: _saved_epochs(v, mode) & (np.arange(len(v)) > 0),
        ),
        (
            "You mark every epoch; that is save_best_only=False.",
            lambda v, mode: np.ones(len(v), bool),
        ),
        ("You mark the epochs that are *not* saved.", lambda v, mode: ~_saved_epochs(v, mode)),
        (
            "The best starts at 0, which no loss is below. Start from the first value (or from ±infinity).",
            _saved_from_zero,
        ),
        (
            "Those are the places of the saved epochs; return one bool for each epoch.",
            lambda v, mode: np.flatnonzero(_saved_epochs(v, mode)),
        ),
        (
            "Those are the best values so far; return whether each epoch improves on them.",
            _best_so_far,
        ),
        (
            "You give how many epochs are saved; return one bool for each epoch.",
            lambda v, mode: _saved_epochs(v, mode).sum(),
        ),
    ],
)


EXERCISES = {
    "iou": IOU,
    "conv2d": CONV2D,
    "max_pool": MAX_POOL,
    "classify": CLASSIFY,
    "dice_loss": DICE_LOSS,
    "adam_step": ADAM_STEP,
    "accuracy_of": ACCURACY,
    "mean_iou_of": MEAN_IOU,
    "mean_over_pictures": MEAN_OVER_PICTURES,
    "paired_gain": PAIRED_GAIN,
    "encode": ENCODE,
    "saved_epochs": SAVED_EPOCHS,
}
