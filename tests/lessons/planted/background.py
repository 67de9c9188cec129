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


# The second exercise


@right
def boxes_of_with_nonzero(instances):
    boxes = []
    for number in np.unique(instances):
        if number != 0:
            rows, columns = np.nonzero(instances == number)
            boxes.append((rows.min(), columns.min(), rows.max(), columns.max()))
    return boxes


@right
def boxes_of_with_find_objects(instances):
    from scipy.ndimage import find_objects

    slices = [place for place in find_objects(instances) if place is not None]
    return np.array([[r.start, c.start, r.stop - 1, c.stop - 1] for r, c in slices])


def found_boxes(instances):
    """{number: its box}, in the order in which the objects are met."""
    boxes = {}
    for i, row in enumerate(instances.tolist()):
        for j, number in enumerate(row):
            if number:
                top, left, bottom, right_ = boxes.get(number, (i, j, i, j))
                boxes[number] = min(top, i), min(left, j), max(bottom, i), max(right_, j)
    return boxes


@right
def boxes_of_pixel_by_pixel(instances):
    boxes = found_boxes(instances)
    return [boxes[number] for number in sorted(boxes)]


def regions(instances):
    """Bounding boxes of scikit-image, one row an object, ends exclusive."""
    from skimage.measure import regionprops

    return np.array([region.bbox for region in regionprops(instances)])


@wrong("The background is no object")
def boxes_of_every_value(instances):
    boxes = []
    for number in sorted(set(instances.ravel().tolist())):
        where = np.argwhere(instances == number)
        boxes.append([*where.min(0), *where.max(0)])
    return boxes


@wrong("Columns stand before rows")
def boxes_of_x_first(instances):
    top, left, bottom, right_ = regions(instances).T
    return np.stack([left, top, right_ - 1, bottom - 1], axis=1)


@wrong("one too large")
def boxes_of_regionprops(instances):
    return regions(instances)


@wrong("height and width")
def boxes_of_sizes(instances):
    top, left, bottom, right_ = regions(instances).T
    return np.stack([top, left, bottom - top, right_ - left], axis=1)


@wrong("all objects together")
def boxes_of_all_ink(instances):
    where = np.argwhere(instances > 0)
    return [[*where.min(0), *where.max(0)] for number in np.unique(instances) if number > 0]


@wrong("Objects that touch")
def boxes_of_connected_pieces(instances):
    from skimage.measure import label

    return regions(label(instances > 0, connectivity=2)) - [0, 0, 1, 1]


@wrong("row 0 is at the top")
def boxes_of_ends_first(instances):
    top, left, bottom, right_ = regions(instances).T
    return np.stack([bottom - 1, right_ - 1, top, left], axis=1)


@wrong("top, bottom, left, right")
def boxes_of_rows_then_columns(instances):
    top, left, bottom, right_ = regions(instances).T
    return np.stack([top, bottom - 1, left, right_ - 1], axis=1)


@wrong("it stops with ValueError")
def boxes_of_numbers_without_gaps(instances):
    boxes = []
    for number in range(1, instances.max() + 1):
        rows, columns = np.nonzero(instances == number)
        boxes.append([min(rows), min(columns), max(rows), max(columns)])
    return boxes


@wrong("*both* are empty")
def iou_where_an_empty_truth_is_enough(y_true, y_pred):
    if y_true.sum() == 0:
        return 1.0
    return np.sum(y_true * y_pred) / np.sum((y_true + y_pred) > 0)


@wrong("order in which the objects lie")
def boxes_of_in_order_of_appearance(instances):
    return list(found_boxes(instances).values())


@wrong("first and last pixel in reading order")
def boxes_of_rectangles(instances):
    boxes = []
    for number in sorted(set(instances.flat) - {0}):
        rows, columns = np.where(instances == number)
        boxes.append([rows[0], columns[0], rows[-1], columns[-1]])
    return boxes


@wrong("in pieces")
def boxes_of_labelled_numbers(instances):
    from skimage.measure import label

    return regions(label(instances)) - [0, 0, 1, 1]


@wrong("expected")
def boxes_of_the_largest_pieces(instances):
    from skimage.measure import label

    boxes = []
    for number in np.unique(instances[instances > 0]):
        pieces = label(instances == number)
        where = np.argwhere(pieces == np.bincount(pieces[pieces > 0]).argmax())
        boxes.append([*where.min(0), *where.max(0)])
    return boxes
