"""Answers to the exercise `mean_iou_of`, right ones and wrong ones with words that their feedback must contain."""

import numpy as np
from support import right, wrong


@right
def mean_iou_of_class_by_class(confusion):
    scores = []
    for k in range(len(confusion)):
        union = confusion[k].sum() + confusion[:, k].sum() - confusion[k, k]
        if union:
            scores.append(confusion[k, k] / union)
    return sum(scores) / len(scores)


@right
def mean_iou_of_without_empty_rows(confusion):
    table = np.array(confusion, float)
    hits = table.diagonal()
    union = table.sum(0) + table.sum(1) - hits
    return np.mean(hits[union > 0] / union[union > 0])


@right
def mean_iou_of_that_skips_nan(confusion):
    hits = np.diag(confusion)
    return np.nanmean(hits / (confusion.sum(axis=0) + confusion.sum(axis=1) - hits))


@wrong("the pixel accuracy")
def mean_iou_of_as_accuracy(confusion):
    return sum(confusion[k][k] for k in range(len(confusion))) / np.sum(confusion)


@wrong("the mean recall")
def mean_iou_of_over_rows(confusion):
    return np.nanmean([row[k] / row.sum() for k, row in enumerate(confusion)])


@wrong("the mean precision")
def mean_iou_of_over_columns(confusion):
    return np.nanmean([column[k] / column.sum() for k, column in enumerate(confusion.T)])


@wrong("counted twice")
def mean_iou_of_over_row_and_column(confusion):
    return np.nanmean(np.diag(confusion) / (confusion.sum(0) + confusion.sum(1)))


@wrong("Dice coefficient")
def mean_iou_of_doubled(confusion):
    return np.nanmean(2 * np.diag(confusion) / (confusion.sum(0) + confusion.sum(1)))


@wrong("before you divide")
def mean_iou_of_pooled(confusion):
    hits, wrong_pixels = np.trace(confusion), confusion.sum() - np.trace(confusion)
    return hits / (hits + 2 * wrong_pixels)


@wrong("spoils the mean")
def mean_iou_of_with_nan(confusion):
    hits = confusion.diagonal()
    return (hits / (confusion.sum(0) + confusion.sum(1) - hits)).mean()


@wrong("counts as 0, as if it had")
def mean_iou_of_with_zero(confusion):
    hits = confusion.diagonal()
    return (hits / np.maximum(confusion.sum(0) + confusion.sum(1) - hits, 1)).mean()


@wrong("counts as 1 and")
def mean_iou_of_with_epsilon(confusion):
    hits = confusion.diagonal()
    return ((hits + 1e-9) / (confusion.sum(0) + confusion.sum(1) - hits + 1e-9)).mean()


@wrong("background is left out")
def mean_iou_of_objects(confusion):
    hits = np.diag(confusion)
    return np.nanmean((hits / (confusion.sum(axis=0) + confusion.sum(axis=1) - hits))[1:])


@wrong("only in the prediction")
def mean_iou_of_true_classes(confusion):
    hits, true = np.diag(confusion), confusion.sum(1)
    iou = hits / np.maximum(true + confusion.sum(0) - hits, 1)
    return iou[true > 0].mean()


@wrong("only in the truth")
def mean_iou_of_predicted_classes(confusion):
    hits, predicted = np.diag(confusion), confusion.sum(0)
    iou = hits / np.maximum(predicted + confusion.sum(1) - hits, 1)
    return iou[predicted > 0].mean()


@wrong("no pixel was found")
def mean_iou_of_found_classes(confusion):
    hits = np.diag(confusion)
    return np.mean([hits[k] / (confusion[k].sum() + confusion[:, k].sum() - hits[k]) for k in np.flatnonzero(hits)])
