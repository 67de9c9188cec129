"""Answers to the exercise `dice_loss`, right ones and wrong ones with words that their feedback must contain."""

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
