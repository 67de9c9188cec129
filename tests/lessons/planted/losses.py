"""Answers to `dice_loss` and `focal_loss`, right ones and wrong ones with words that their feedback must contain."""

import numpy as np
import tensorflow as tf
from support import right, wrong


@right
def dice_loss_pixel_by_pixel(y_true, y_pred):
    losses = []
    for true, pred in zip(y_true, y_pred, strict=True):
        overlap = size = 0.0
        for y, p in zip(true.ravel().tolist(), pred.ravel().tolist(), strict=True):
            overlap += y * p
            size += y * y + p * p
        losses.append(1 - 2 * overlap / size if size else 0.0)
    return losses


@right
def dice_loss_vectorised(y_true, y_pred):
    size = np.einsum("bij,bij->b", y_true, y_true) + np.einsum("bij,bij->b", y_pred, y_pred)
    overlap = np.einsum("bij,bij->b", y_true, y_pred)
    return 1 - np.divide(2 * overlap, size, out=np.ones_like(size), where=size > 0)


@right
def dice_loss_with_tensorflow_and_epsilon(y_true, y_pred):
    overlap = tf.reduce_sum(y_true * y_pred, axis=(1, 2))
    size = tf.reduce_sum(tf.square(y_true) + tf.square(y_pred), axis=(1, 2))
    return 1 - (2 * overlap + 1e-9) / (size + 1e-9)


def share(above, below):
    """above / below, and 1 where both are 0: what a learner writes for empty masks."""
    return np.array([a / b if b else 1.0 for a, b in zip(above, below, strict=True)])


@wrong("squares are missing")
def dice_loss_without_squares(y_true, y_pred):
    return 1 - share(2 * (y_true * y_pred).sum((1, 2)), y_true.sum((1, 2)) + y_pred.sum((1, 2)))


@wrong("squares are missing")
def dice_loss_with_one_square_and_nan_for_empty(y_true, y_pred):
    return 1 - 2 * (y_true * y_pred).sum((1, 2)) / ((y_true**2).sum((1, 2)) + y_pred.sum((1, 2)))


@wrong("square is taken of the sum")
def dice_loss_with_squared_sums(y_true, y_pred):
    true, pred = (np.array([image.sum() for image in batch]) for batch in (y_true, y_pred))
    return 1 - share(2 * (y_true * y_pred).sum((1, 2)), true**2 + pred**2)


@wrong("factor 2 above is missing")
def dice_loss_without_two(y_true, y_pred):
    loss = []
    for t, p in zip(y_true, y_pred, strict=True):
        size = np.sum(t**2) + np.sum(p**2)
        loss.append(1 - np.sum(t * p) / size if size > 0 else 0)
    return np.array(loss)


@wrong("IoU form")
def dice_loss_of_iou(y_true, y_pred):
    overlap = (y_true * y_pred).sum((1, 2))
    return 1 - share(overlap, (y_true**2 + y_pred**2).sum((1, 2)) - overlap)


@wrong("That is the overlap, 1 for a perfect prediction")
def dice_loss_not_turned(y_true, y_pred):
    return share(2 * (y_true * y_pred).sum((1, 2)), (y_true**2 + y_pred**2).sum((1, 2)))


@wrong("minus the overlap")
def dice_loss_negative(y_true, y_pred):
    return -share(2 * (y_true * y_pred).sum((1, 2)), (y_true**2 + y_pred**2).sum((1, 2)))


@wrong("one number for the whole batch")
def dice_loss_pooled(y_true, y_pred):
    return 1 - 2 * np.sum(y_true * y_pred) / (np.sum(y_true**2) + np.sum(y_pred**2))


@wrong("one number for the whole batch")
def dice_loss_pooled_with_epsilon(y_true, y_pred):
    return 1 - (2 * np.sum(y_true * y_pred) + 1e-9) / (np.sum(y_true**2) + np.sum(y_pred**2) + 1e-9)


@wrong("average over the images")
def dice_loss_mean(y_true, y_pred):
    losses = []
    for t, p in zip(y_true, y_pred, strict=True):
        size = (t * t).sum() + (p * p).sum()
        losses.append(1 - 2 * (t * p).sum() / size if size else 0)
    return sum(losses) / len(losses)


@wrong("over the columns only")
def dice_loss_of_each_row(y_true, y_pred):
    size = (y_true**2).sum(-1) + (y_pred**2).sum(-1)
    return 1 - (2 * (y_true * y_pred).sum(-1) + 1e-12) / (size + 1e-12)


@wrong("over the rows only")
def dice_loss_of_each_column(y_true, y_pred):
    size = (y_true**2).sum(1) + (y_pred**2).sum(1)
    return 1 - (2 * (y_true * y_pred).sum(1) + 1e-12) / (size + 1e-12)


@wrong("over the batch and the rows")
def dice_loss_over_batch_and_rows(y_true, y_pred):
    size = (y_true**2).sum((0, 1)) + (y_pred**2).sum((0, 1))
    return 1 - (2 * (y_true * y_pred).sum((0, 1)) + 1e-12) / (size + 1e-12)


@wrong("NaN from 0/0")
def dice_loss_nan_for_empty(y_true, y_pred):
    return 1 - 2 * (y_true * y_pred).sum((1, 2)) / np.sum(y_true**2 + y_pred**2, axis=(1, 2))


@wrong("is 0 and not 1")
def dice_loss_one_for_empty(y_true, y_pred):
    return 1 - 2 * (y_true * y_pred).sum((1, 2)) / np.maximum((y_true**2 + y_pred**2).sum((1, 2)), 1e-7)


@wrong("expected")
def dice_loss_smoothed_by_one(y_true, y_pred):
    return 1 - (2 * (y_true * y_pred).sum((1, 2)) + 1) / ((y_true**2 + y_pred**2).sum((1, 2)) + 1)


@wrong("square the truth too")
def dice_loss_without_the_square_of_the_truth(y_true, y_pred):
    size = y_true.sum((1, 2)) + (y_pred**2).sum((1, 2))
    return 1 - share(2 * (y_true * y_pred).sum((1, 2)), size)


# focal_loss(labels, logits, gamma)


@right
def focal_loss_pixel_by_pixel(labels, logits, gamma):
    total = 0.0
    for place in np.ndindex(labels.shape):
        z = logits[place] - max(logits[place])
        log_p = z[labels[place]] - np.log(sum(np.exp(v) for v in z))
        total += (1 - np.exp(log_p)) ** gamma * -log_p
    return total / labels.size


@right
def focal_loss_with_tensorflow(labels, logits, gamma):
    ce = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=logits)
    return tf.reduce_mean((1 - tf.exp(-ce)) ** gamma * ce)


@right
def focal_loss_with_one_hot(labels, logits, gamma):
    y = np.eye(logits.shape[-1])[labels]
    top = logits.max(-1, keepdims=True)
    log_p = (y * (logits - top)).sum(-1) - np.log(np.exp(logits - top).sum(-1))
    return np.average((1 - np.exp(log_p)) ** gamma * -log_p)


def log_p_of_true(labels, logits):
    z = logits - logits.max(-1, keepdims=True)
    y = np.eye(logits.shape[-1])[labels]
    return (y * z).sum(-1) - np.log(np.exp(z).sum(-1))


@wrong("favours the easy pixels")
def focal_loss_with_p(labels, logits, gamma):
    log_p = log_p_of_true(labels, logits)
    return np.mean(-(np.exp(log_p) ** gamma) * log_p)


@wrong("factor (1 - p)^γ is missing")
def focal_loss_plain(labels, logits, gamma):
    return tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=logits))


@wrong("power of (1 - p) alone")
def focal_loss_power_of_all(labels, logits, gamma):
    log_p = log_p_of_true(labels, logits)
    return ((-(1 - np.exp(log_p)) * log_p) ** gamma).mean()


@wrong("multiply by γ")
def focal_loss_times_gamma(labels, logits, gamma):
    log_p = log_p_of_true(labels, logits)
    return (gamma * (1 - np.exp(log_p)) * -log_p).mean()


@wrong("sign is wrong")
def focal_loss_negative(labels, logits, gamma):
    log_p = log_p_of_true(labels, logits)
    return ((1 - np.exp(log_p)) ** gamma * log_p).mean()


@wrong("sum over the pixels")
def focal_loss_sum(labels, logits, gamma):
    log_p = log_p_of_true(labels, logits)
    return sum(((1 - np.exp(log_p)) ** gamma * -log_p).ravel())


@wrong("one number for each pixel")
def focal_loss_map(labels, logits, gamma):
    log_p = log_p_of_true(labels, logits)
    return (1 - np.exp(log_p)) ** gamma * -log_p


@wrong("base 2")
def focal_loss_base_two(labels, logits, gamma):
    log_p = log_p_of_true(labels, logits)
    return ((1 - np.exp(log_p)) ** gamma * -log_p).mean() / np.log(2)


@wrong("sigmoid of each logit")
def focal_loss_with_sigmoid(labels, logits, gamma):
    log_p = tf.math.log_sigmoid(np.take_along_axis(logits, labels[..., None], -1)[..., 0])
    return tf.reduce_mean((1 - tf.exp(log_p)) ** gamma * -log_p)


@wrong("probability of the *true* class")
def focal_loss_of_the_largest(labels, logits, gamma):
    z = logits - logits.max(-1, keepdims=True)
    p = (np.exp(z) / np.exp(z).sum(-1, keepdims=True)).max(-1)
    return ((1 - p) ** gamma * -np.log(p)).mean()


@wrong("yours is always 2")
def focal_loss_gamma_two(labels, logits, gamma):
    log_p = log_p_of_true(labels, logits)
    return ((1 - np.exp(log_p)) ** 2 * -log_p).mean()


@wrong("sum of the factors")
def focal_loss_weighted_mean(labels, logits, gamma):
    log_p = log_p_of_true(labels, logits)
    return np.average(-log_p, weights=(1 - np.exp(log_p)) ** gamma)


@wrong("Logits of 5,000 overflow")
def focal_loss_overflow(labels, logits, gamma):
    powers = np.exp(logits)
    p = np.take_along_axis(powers / powers.sum(-1, keepdims=True), labels[..., None], -1)[..., 0]
    return ((1 - p) ** gamma * -np.log(p)).mean()


@wrong("costs at most 16")
def focal_loss_clipped(labels, logits, gamma):
    p = np.clip(np.exp(log_p_of_true(labels, logits)), 1e-7, 1)
    return ((1 - p) ** gamma * -np.log(p)).mean()


@wrong("true mask alone is empty")
def dice_loss_zero_for_an_empty_truth(y_true, y_pred):
    losses = []
    for true, pred in zip(y_true, y_pred, strict=True):
        losses.append(1 - 2 * (true * pred).sum() / (true**2 + pred**2).sum() if true.any() else 0.0)
    return losses


@wrong("whole batch is empty")
def dice_loss_that_asks_the_batch(y_true, y_pred):
    if y_true.sum() == 0 and y_pred.sum() == 0:
        return np.zeros(len(y_true))
    return 1 - 2 * np.einsum("bij,bij->b", y_true, y_pred) / (y_true**2 + y_pred**2).sum((1, 2))


@wrong("largest logit of the whole image")
def focal_loss_with_the_largest_of_all(labels, logits, gamma):
    shifted = logits - np.max(logits)
    log_p = shifted - np.log(np.sum(np.exp(shifted), axis=2, keepdims=True))
    log_p = log_p[(*np.indices(labels.shape), labels)]
    return np.mean((1 - np.exp(log_p)) ** gamma * -log_p)


@wrong("expected")
def focal_loss_of_clipped_logits(labels, logits, gamma):
    logits = np.clip(logits, -5000, 5000)
    shifted = logits - logits.max(2, keepdims=True)
    log_p = shifted - np.log(np.exp(shifted).sum(2, keepdims=True))
    log_p = np.take_along_axis(log_p, labels[..., None], 2)
    return ((1 - np.exp(log_p)) ** gamma * -log_p).mean()
