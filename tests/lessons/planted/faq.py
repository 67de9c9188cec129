"""Answers to `saved_epochs` and `object_iou`, right ones and wrong ones with words that their feedback must contain."""

import itertools
import math

import numpy as np
from support import right, wrong


@right
def saved_epochs_one_by_one(values, mode):
    best, saved = None, []
    for value in values.tolist():
        better = best is None or (value < best if mode == "min" else value > best)
        saved.append(better)
        if better:
            best = value
    return saved


@right
def saved_epochs_by_slices(values, mode):
    if mode == "max":
        return np.array([i == 0 or values[i] > values[:i].max() for i in range(len(values))])
    return np.array([i == 0 or values[i] < values[:i].min() for i in range(len(values))])


@right
def saved_epochs_from_infinity(values, mode):
    sign = {"min": 1, "max": -1}[mode]
    before = np.minimum.accumulate(np.concatenate([[np.inf], sign * values]))[:-1]
    return sign * values < before


@wrong("the one before it")
def saved_epochs_with_diff(values, mode):
    steps = np.diff(values)
    return np.concatenate([[True], steps < 0 if mode == "min" else steps > 0])


@wrong("Equal is not better")
def saved_epochs_with_ties(values, mode):
    choose = min if mode == "min" else max
    return [value == choose(values[: i + 1]) for i, value in enumerate(values)]


@wrong("of the whole training")
def saved_epochs_of_hindsight(values, mode):
    marks = [False] * len(values)
    marks[values.tolist().index(min(values) if mode == "min" else max(values))] = True
    return marks


@wrong("The mode is ignored")
def saved_epochs_of_losses_only(values, mode):
    best, saved = math.inf, []
    for value in values:
        saved.append(bool(value < best))
        best = min(best, value)
    return saved


@wrong("modes are swapped")
def saved_epochs_upside_down(values, mode):
    return saved_epochs_one_by_one(values, "max" if mode == "min" else "min")


@wrong("first epoch is missing")
def saved_epochs_without_the_first(values, mode):
    saved, best = [False] * len(values), values[0]
    for i in range(1, len(values)):
        if (mode == "min" and values[i] < best) or (mode == "max" and values[i] > best):
            saved[i], best = True, values[i]
    return saved


@wrong("save_best_only=False")
def saved_epochs_all(values, mode):
    return [True for _ in values]


@wrong("*not* saved")
def saved_epochs_negated(values, mode):
    return [not saved for saved in saved_epochs_one_by_one(values, mode)]


@wrong("starts at 0")
def saved_epochs_from_zero(values, mode):
    best, saved = 0, []
    for value in values:
        if (value < best) if mode == "min" else (value > best):
            best = value
            saved.append(1)
        else:
            saved.append(0)
    return saved


@wrong("places of the saved epochs")
def saved_epochs_as_places(values, mode):
    return [i for i, saved in enumerate(saved_epochs_one_by_one(values, mode)) if saved]


@wrong("best values so far")
def saved_epochs_as_values(values, mode):
    return list(itertools.accumulate(values, min if mode == "min" else max))


@wrong("expected shape (7,)")
def saved_epochs_counted_from_one(values, mode):
    return [i for i, saved in enumerate(saved_epochs_one_by_one(values, mode), start=1) if saved]


# The second exercise, `object_iou`


@right
def object_iou_image_by_image(y_true, y_pred):
    scores = []
    for truth, found in zip(y_true, y_pred, strict=True):
        known = truth != 255
        truth, found = truth[known] == 1, found[known] == 1
        if (truth | found).any():
            scores.append((truth & found).sum() / (truth | found).sum())
    return np.mean(scores)


@right
def object_iou_by_counting(y_true, y_pred):
    total, images = 0.0, 0
    for truth, found in zip(y_true.tolist(), y_pred.tolist(), strict=True):
        pairs = [(t, p) for rows in zip(truth, found, strict=True) for t, p in zip(*rows, strict=True) if t != 255]
        either = sum(1 in pair for pair in pairs)
        if either:
            total, images = total + pairs.count((1, 1)) / either, images + 1
    return total / images


@right
def object_iou_at_once(y_true, y_pred):
    known = y_true != 255
    both = ((y_true == 1) & (y_pred == 1)).sum((1, 2))
    either = (((y_true == 1) | (y_pred == 1)) & known).sum((1, 2))
    return (both[either > 0] / either[either > 0]).mean()


@wrong("Void pixels count as background")
def object_iou_with_void_as_background(y_true, y_pred):
    return object_iou_image_by_image(np.where(y_true == 255, 0, y_true), y_pred)


@wrong("Void pixels count as object")
def object_iou_with_void_as_object(y_true, y_pred):
    return object_iou_image_by_image((y_true > 0).astype(int), y_pred)


@wrong("You pool all images")
def object_iou_pooled(y_true, y_pred):
    return object_iou_image_by_image(y_true.reshape(1, -1), y_pred.reshape(1, -1))


@wrong("counts 0; leave it out")
def object_iou_with_empty_as_0(y_true, y_pred):
    known = y_true != 255
    both = ((y_true == 1) & (y_pred == 1)).sum((1, 2))
    either = (((y_true == 1) | (y_pred == 1)) & known).sum((1, 2))
    return (both / np.maximum(either, 1)).mean()


@wrong("counts 1; leave it out")
def object_iou_with_empty_as_1(y_true, y_pred):
    known = y_true != 255
    both = ((y_true == 1) & (y_pred == 1)).sum((1, 2))
    either = (((y_true == 1) | (y_pred == 1)) & known).sum((1, 2))
    return np.mean([b / e if e else 1.0 for b, e in zip(both, either, strict=True)])


@wrong("That is Dice")
def object_iou_by_dice(y_true, y_pred):
    scores = []
    for truth, found in zip(y_true, y_pred, strict=True):
        sizes = (truth == 1).sum() + ((found == 1) & (truth != 255)).sum()
        if sizes:
            scores.append(2 * ((truth == 1) & (found == 1)).sum() / sizes)
    return np.mean(scores)


@wrong("share of pixels that agree")
def object_iou_by_accuracy(y_true, y_pred):
    return np.mean([(t == p)[t != 255].mean() for t, p in zip(y_true, y_pred, strict=True)])


def scores_of(y_true, y_pred, counts):
    """The mean IoU of the images whose truth and prediction `counts`, where void has been left out."""
    scores = []
    for truth, found in zip(y_true, y_pred, strict=True):
        known = truth != 255
        if counts(truth, found, known):
            both, either = ((truth == 1) & (found == 1)).sum(), (((truth == 1) | (found == 1)) & known).sum()
            scores.append(both / max(either, 1))
    return np.mean(scores)


@wrong("in the prediction alone; you leave it out")
def object_iou_where_the_truth_has_it(y_true, y_pred):
    return scores_of(y_true, y_pred, lambda truth, found, known: (truth == 1).any())


@wrong("in the truth alone; you leave it out")
def object_iou_where_it_was_predicted(y_true, y_pred):
    return scores_of(y_true, y_pred, lambda truth, found, known: (found[known] == 1).any())


@wrong("A prediction on void alone")
def object_iou_of_what_is_predicted_on_void(y_true, y_pred):
    return scores_of(y_true, y_pred, lambda truth, found, known: (truth == 1).any() or (found == 1).any())


@wrong("first value may not beat")
def saved_epochs_from_a_hundred(values, mode):
    sign = 1 if mode == "min" else -1
    best, saved = 100, []
    for value in sign * values:
        saved.append(value < best)
        best = min(best, value)
    return saved


@wrong("without a margin")
def saved_epochs_with_a_margin(values, mode):
    costs = values if mode == "min" else -values
    return [k == 0 or bool(costs[:k].min() - cost > 0.001) for k, cost in enumerate(costs)]


@wrong("expected")
def saved_epochs_of_the_best_of_three(values, mode):
    costs = values if mode == "min" else -values
    return [k == 0 or bool(cost < costs[max(0, k - 3) : k].min()) for k, cost in enumerate(costs)]
