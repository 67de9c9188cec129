"""Answers to `count_regions` and `average_precision`, right and wrong, with words of their feedback."""

import numpy as np
from scipy.ndimage import label
from support import right, wrong


def flood(mask, i, j, steps, inside):
    """Set the region of pixel (i, j) to 0 in place."""
    todo = [(i, j)]
    while todo:
        i, j = todo.pop()
        if inside(i, j) and mask[i][j]:
            mask[i][j] = 0
            todo += [(i + di, j + dj) for di, dj in steps]


def count_floods(mask, steps, low=0):
    mask, count = mask.copy(), 0
    for i, j in np.ndindex(mask.shape):
        if mask[i, j]:
            count += 1
            flood(mask, i, j, steps, lambda i, j: low <= i < len(mask) and low <= j < len(mask[0]))
    return count


SIDES = [(0, 1), (1, 0), (0, -1), (-1, 0)]


@right
def count_regions_by_flood(mask):
    return count_floods(mask, SIDES)


@right
def count_regions_by_recursion(mask):
    rows, columns = mask.shape
    left = {(i, j) for i in range(rows) for j in range(columns) if mask[i, j]}

    def remove(i, j):
        if (i, j) in left:
            left.remove((i, j))
            for di, dj in SIDES:
                remove(i + di, j + dj)

    count = 0
    while left:
        remove(*next(iter(left)))
        count += 1
    return count


@right
def count_regions_by_smallest_number(mask):
    """Each pixel takes the smallest number among itself and its neighbours, until nothing changes."""
    numbers = np.where(mask, np.arange(1, mask.size + 1).reshape(mask.shape), 0)
    while True:
        padded = np.pad(np.where(mask, numbers, mask.size + 1), 1, constant_values=mask.size + 1)
        around = [padded[1:-1, 1:-1], padded[:-2, 1:-1], padded[2:, 1:-1], padded[1:-1, :-2], padded[1:-1, 2:]]
        smaller = np.where(mask, np.min(around, axis=0), 0)
        if (smaller == numbers).all():
            return len(np.unique(numbers[numbers > 0]))
        numbers = smaller


@wrong("touch at a corner only")
def count_regions_with_corners(mask):
    return label(mask, np.ones((3, 3)))[1]


@wrong("the index -1 is the last row")
def count_regions_around_the_edge(mask):
    seen, count = np.zeros(mask.shape, bool), 0
    for start in np.argwhere(mask):
        todo, count = [tuple(start)], count + (not seen[tuple(start)])
        while todo:
            i, j = todo.pop()
            if i < mask.shape[0] and j < mask.shape[1] and mask[i, j] and not seen[i, j]:
                i, j = i % mask.shape[0], j % mask.shape[1]
                seen[i, j] = True
                todo += [(i + 1, j), (i - 1, j), (i, j + 1), (i, j - 1)]
    return count


@wrong("shaped like a U is counted twice")
def count_regions_right_and_down(mask):
    return count_floods(mask, [(0, 1), (1, 0)])


@wrong("stays in its row")
def count_regions_as_runs(mask):
    return int((np.diff(np.pad(mask, ((0, 0), (1, 0))), axis=1) == 1).sum())


@wrong("stays in its column")
def count_regions_as_columns(mask):
    return int((np.diff(np.pad(mask, ((1, 0), (0, 0))), axis=0) == 1).sum())


@wrong("number of pixels that are 1")
def count_regions_as_pixels(mask):
    return np.count_nonzero(mask)


@wrong("of the background as well")
def count_regions_of_both(mask):
    return sum(label(mask == value)[1] for value in (0, 1))


@wrong("count those of the ones")
def count_regions_of_zeros(mask):
    return label(mask == 0)[1]


@wrong("One too many")
def count_regions_with_background(mask):
    return label(mask)[0].max() + 1


def pairs(true_objects, predicted_objects):
    true, pred = ([n for n in np.unique(a) if n] for a in (true_objects, predicted_objects))
    ious = []
    for t in true:
        for p in pred:
            a, b = true_objects == t, predicted_objects == p
            ious.append(np.logical_and(a, b).sum() / np.logical_or(a, b).sum())
    return np.array(ious), len(true), len(pred)


@right
def average_precision_of_pairs(true_objects, predicted_objects, threshold):
    ious, true, pred = pairs(true_objects, predicted_objects)
    tp = np.sum(ious > threshold)
    return tp / (tp + (pred - tp) + (true - tp))


@right
def average_precision_of_sets(true_objects, predicted_objects, threshold):
    def places(objects):
        found = {}
        for place, number in np.ndenumerate(objects):
            if number:
                found.setdefault(number, set()).add(place)
        return list(found.values())

    true, pred = places(true_objects), places(predicted_objects)
    found = sum(any(len(t & p) / len(t | p) > threshold for p in pred) for t in true)
    return found / (len(true) + len(pred) - found)


@right
def average_precision_of_a_table(true_objects, predicted_objects, threshold):
    t, p = (np.unique(a, return_inverse=True)[1].ravel() for a in (true_objects, predicted_objects))
    table = np.histogram2d(t, p, bins=[np.arange(t.max() + 2) - 0.5, np.arange(p.max() + 2) - 0.5])[0]
    union = table.sum(1)[:, None] + table.sum(0) - table
    tp = (table / union > threshold)[1:, 1:].sum()
    return tp / (sum(table.shape) - 2 - tp)


@wrong("That is F1")
def average_precision_as_f1(true_objects, predicted_objects, threshold):
    ious, true, pred = pairs(true_objects, predicted_objects)
    return 2 * (ious > threshold).sum() / (true + pred)


@wrong("That is the precision")
def average_precision_of_predicted(true_objects, predicted_objects, threshold):
    ious, _, pred = pairs(true_objects, predicted_objects)
    return (ious > threshold).sum() / pred


@wrong("That is the recall")
def average_precision_of_true(true_objects, predicted_objects, threshold):
    ious, true, _ = pairs(true_objects, predicted_objects)
    return (ious > threshold).sum() / true


@wrong("count each found one twice")
def average_precision_of_all(true_objects, predicted_objects, threshold):
    ious, true, pred = pairs(true_objects, predicted_objects)
    return (ious > threshold).sum() / (true + pred)


@wrong("exactly the threshold is no match")
def average_precision_from_the_threshold_on(true_objects, predicted_objects, threshold):
    ious, true, pred = pairs(true_objects, predicted_objects)
    tp = (ious >= threshold).sum()
    return tp / (true + pred - tp)


@wrong("match by place")
def average_precision_by_number(true_objects, predicted_objects, threshold):
    true, pred = (set(np.unique(a)) - {0} for a in (true_objects, predicted_objects))
    tp = 0
    for number in true & pred:
        a, b = true_objects == number, predicted_objects == number
        tp += (a & b).sum() / (a | b).sum() > threshold
    return tp / (len(true) + len(pred) - tp)


@wrong("the background, number 0, as an object")
def average_precision_with_background(true_objects, predicted_objects, threshold):
    ious, true, pred = pairs(true_objects + 1, predicted_objects + 1)
    tp = (ious > threshold).sum()
    return tp / (true + pred - tp)


@wrong("Any overlap counts")
def average_precision_of_any_overlap(true_objects, predicted_objects, threshold):
    ious, true, pred = pairs(true_objects, predicted_objects)
    tp = (ious > 0).sum()
    return tp / (true + pred - tp)


@wrong("IoU of all objects' pixels")
def average_precision_of_pixels(true_objects, predicted_objects, threshold):
    a, b = true_objects > 0, predicted_objects > 0
    return (a & b).sum() / (a | b).sum()


@wrong("a region inside a hole is lost")
def count_regions_of_filled_ones(mask):
    from scipy.ndimage import binary_fill_holes, label

    return label(binary_fill_holes(mask))[1]


@wrong("subtracted for each hole")
def count_regions_by_euler(mask):
    down, right_ = mask[1:] * mask[:-1], mask[:, 1:] * mask[:, :-1]
    return mask.sum() - down.sum() - right_.sum() + (right_[1:] * right_[:-1]).sum()


@wrong("expected")
def count_regions_of_a_square(mask):
    from scipy.ndimage import label

    return label(mask[:, : len(mask)])[1]


def matched(t, p, threshold, score):
    """TP / (TP + FP + FN) by the pairs of objects whose score(true mask, predicted mask) is above the threshold."""
    true, pred = set(t.flat) - {0}, set(p.flat) - {0}
    tp = sum(score(t == n, p == m) > threshold for n in true for m in pred)
    return tp / (len(true) + len(pred) - tp)


@wrong("without predicted objects")
def average_precision_one_for_no_prediction(true_objects, predicted_objects, threshold):
    if not predicted_objects.any():
        return 1.0
    return average_precision_of_sets(true_objects, predicted_objects, threshold)


@wrong("without true objects")
def average_precision_one_for_no_truth(true_objects, predicted_objects, threshold):
    if true_objects.max() == 0:
        return 1.0
    return average_precision_of_sets(true_objects, predicted_objects, threshold)


@wrong("pixels of the true object")
def average_precision_by_cover(true_objects, predicted_objects, threshold):
    return matched(true_objects, predicted_objects, threshold, lambda a, b: b[a].mean())


@wrong("expected")
def average_precision_of_boxes(true_objects, predicted_objects, threshold):
    def filled(mask):
        box = np.zeros_like(mask)
        (top, left), (bottom, right_) = np.argwhere(mask).min(0), np.argwhere(mask).max(0) + 1
        box[top:bottom, left:right_] = True
        return box

    def score(a, b):
        a, b = filled(a), filled(b)
        return (a & b).sum() / (a | b).sum()

    return matched(true_objects, predicted_objects, threshold, score)


@wrong("expected")
def count_regions_by_too_few_rounds(mask):
    numbers = np.arange(1, mask.size + 1).reshape(mask.shape) * mask
    for _ in range(sum(mask.shape)):
        around = np.pad(numbers, 1)
        sides = around[1:-1, 1:-1], around[2:, 1:-1], around[:-2, 1:-1], around[1:-1, 2:], around[1:-1, :-2]
        numbers = np.max(sides, axis=0) * mask
    return len(set(numbers.flat) - {0})
