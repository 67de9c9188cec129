"""Answers to the exercise `accuracy_of`, right ones and wrong ones with words that their feedback must contain."""

import keras
import numpy as np
from support import right, wrong


@right
def accuracy_of_one_by_one(y_true, y_pred):
    return sum(a == b for a, b in zip(y_true.tolist(), y_pred.tolist(), strict=True)) / len(y_true)


@right
def accuracy_of_zeros(y_true, y_pred):
    return 1 - np.count_nonzero(y_true - y_pred) / y_true.size


@right
def accuracy_of_keras(y_true, y_pred):
    metric = keras.metrics.Accuracy()
    metric.update_state(y_true, y_pred)
    return metric.result()


@wrong("number of equal labels")
def accuracy_of_as_a_count(y_true, y_pred):
    return len([1 for a, b in zip(y_true, y_pred, strict=True) if a == b])


@wrong("share of wrong labels")
def accuracy_of_errors(y_true, y_pred):
    return np.count_nonzero(y_true != y_pred) / len(y_true)


@wrong("in percent")
def accuracy_of_in_percent(y_true, y_pred):
    return round(100 * np.mean(y_true == y_pred), 6)


@wrong("if all labels are equal")
def accuracy_of_all(y_true, y_pred):
    return float((y_true == y_pred).all())


@wrong("how far apart")
def accuracy_of_distances(y_true, y_pred):
    return sum(abs(y_true - y_pred)) / len(y_pred)


@wrong("the mean recall")
def accuracy_of_classes(y_true, y_pred):
    found = [np.mean(y_pred[y_true == k] == k) for k in set(y_true.tolist())]
    return sum(found) / len(found)


@wrong("which classes occur")
def accuracy_of_sets(y_true, y_pred):
    true, pred = set(y_true.tolist()), set(y_pred.tolist())
    return len(true & pred) / len(true | pred)


@wrong("expected shape ()")
def accuracy_of_each(y_true, y_pred):
    return y_true == y_pred


@wrong("neighbouring class number")
def accuracy_of_within_one(y_true, y_pred):
    return np.isclose(y_true, y_pred, atol=1).mean()
