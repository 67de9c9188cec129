"""Answers to the exercise `iou`, right ones and wrong ones with words that their feedback must contain."""

import numpy as np
from support import right, wrong


@right
def iou_pixel_by_pixel(y_true, y_pred):
    both = either = 0
    for true_row, pred_row in zip(y_true.tolist(), y_pred.tolist(), strict=True):
        for true, pred in zip(true_row, pred_row, strict=True):
            both += true and pred
            either += true or pred
    return both / either if either else 1


@right
def iou_with_sets(y_true, y_pred):
    true, pred = (set(zip(*np.nonzero(mask), strict=True)) for mask in (y_true, y_pred))
    if not true and not pred:
        return 1.0
    return len(true & pred) / len(true | pred)


@right
def iou_with_logical_functions_and_epsilon(y_true, y_pred):
    epsilon = 1e-9
    both = np.sum(np.logical_and(y_true, y_pred))
    return (both + epsilon) / (np.sum(y_true) + np.sum(y_pred) - both + epsilon)


@right
def iou_with_epsilon_of_keras(y_true, y_pred):
    both, either = np.sum(y_true & y_pred), np.sum(y_true | y_pred)
    return (both + 1e-7) / (either + 1e-7)


@wrong("pixel accuracy")
def iou_counts_agreement(y_true, y_pred):
    right_pixels = 0
    for i in range(y_true.shape[0]):
        for j in range(y_true.shape[1]):
            if y_true[i, j] == y_pred[i, j]:
                right_pixels += 1
    return right_pixels / y_true.size


@wrong("Dice coefficient")
def iou_doubled(y_true, y_pred):
    both = np.logical_and(y_true, y_pred).sum()
    total = np.count_nonzero(y_true) + np.count_nonzero(y_pred)
    return 1.0 if total == 0 else 2 * both / total


@wrong("Dice coefficient")
def iou_doubled_and_nan_for_empty(y_true, y_pred):
    return 2 * np.sum(y_true * y_pred) / (np.sum(y_true) + np.sum(y_pred))


@wrong("counted twice")
def iou_over_the_sum(y_true, y_pred):
    if y_true.sum() + y_pred.sum() == 0:
        return 1.0
    return np.sum(y_true * y_pred) / (y_true.sum() + y_pred.sum())


@wrong("the recall")
def iou_over_the_truth(y_true, y_pred):
    return y_pred[y_true].mean() if y_true.any() else 1.0


@wrong("the precision")
def iou_over_the_prediction(y_true, y_pred):
    found = y_true[y_pred]
    return found.sum() / len(found) if len(found) else 1.0


@wrong("the precision")
def iou_over_the_prediction_and_nan_for_empty(y_true, y_pred):
    return np.sum(y_true & y_pred) / np.sum(y_pred)


@wrong("exclusive or")
def iou_of_pixels_in_one_mask_only(y_true, y_pred):
    union = np.sum(y_true | y_pred)
    return np.sum(y_true != y_pred) / union if union else 1.0


@wrong("all pixels")
def iou_over_the_image(y_true, y_pred):
    height, width = y_true.shape
    return np.sum(y_true & y_pred) / (height * width)


@wrong("NaN from 0/0")
def iou_nan_for_empty(y_true, y_pred):
    return np.sum(y_true * y_pred) / np.sum((y_true.astype(int) + y_pred) > 0)


@wrong("not 0")
def iou_zero_for_empty(y_true, y_pred):
    union = np.sum(np.maximum(y_true, y_pred))
    return np.sum(np.minimum(y_true, y_pred)) / union if union > 0 else 0.0


@wrong("not 0")
def iou_with_epsilon_below_only(y_true, y_pred):
    return (y_true & y_pred).sum() / ((y_true | y_pred).sum() + 1e-9)


@wrong("expected 1, got 0.5")
def iou_half_for_empty(y_true, y_pred):
    union = (y_true | y_pred).sum()
    return (y_true & y_pred).sum() / union if union else 0.5


@wrong("1 - IoU")
def iou_as_a_loss(y_true, y_pred):
    union = (y_true | y_pred).sum()
    return 1 - (y_true & y_pred).sum() / union if union else 0.0


@wrong("expected")
def iou_over_the_smaller_mask(y_true, y_pred):
    smaller = min(y_true.sum(), y_pred.sum())
    return (y_true & y_pred).sum() / smaller if smaller else 1.0
