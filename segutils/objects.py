"""From a class for each pixel to objects that can be counted: connected regions, and a cut between those that touch."""

import numpy as np

from segutils.metrics import dice, same_shape

BOWL = tuple(percent / 100 for percent in range(50, 100, 5))  # thresholds of the 2018 Data Science Bowl


def connected(mask, *, min_size=0):
    """Number the connected regions of each class (4 neighbours); regions of fewer than `min_size` pixels vanish.

    Args: mask: (H, W) ints, 0 is background. min_size: pixels; >= 0.
    Returns: (H, W) ints: 0 is background, each region has a number of its own.
    >>> connected(np.array([[1, 0, 1], [1, 0, 2]])).tolist()
    [[1, 0, 2], [1, 0, 3]]
    """
    from skimage.measure import label

    objects = label(mask, background=0, connectivity=1)
    small = np.bincount(objects.ravel()) < min_size
    return np.where(small[objects], 0, objects)


def separated(mask, *, distance, min_size=0):
    """Number the regions of each class, cut at their waists: watershed on the distance to the outline, from its peaks.

    Args:
        mask: (H, W) ints, 0 is background.
        distance: pixels between two peaks, at least; about the radius of a small object; >= 1.
        min_size: connected regions of fewer pixels vanish; >= 0.
    Returns: (H, W) ints: 0 is background, each object has a number of its own.
    Raises: ValueError if the distance is below 1.
    Source: Beucher and Lantuéjoul 1979; the recipe is that of scikit-image's example "Watershed segmentation".
    >>> two_touching_squares = np.repeat([[1] * 7 + [0] * 7, [1] * 14, [0] * 7 + [1] * 7], [6, 1, 6], axis=0)
    >>> [int(cut(two_touching_squares).max()) for cut in (connected, lambda mask: separated(mask, distance=3))]
    [1, 2]
    """
    from scipy.ndimage import distance_transform_edt

    if distance < 1:
        raise ValueError(f"distance must be at least 1 pixel, got {distance}; use `connected` to cut nothing")
    return _flood(mask, distance_transform_edt, min_size, min_distance=distance)


def rim_distance(objects):
    """How deep each pixel lies in its own object: what a network learns, to tell objects apart that touch.

    Formula: d[p] = D[p] / max of D over the object of p, where D[p] is the Euclidean distance from p to the nearest
        pixel outside that object; neighbours that touch it are outside. Beyond the image there is nothing: no rim.
    Args: objects: (H, W) ints: 0 is background, each object has a number of its own.
    Returns: (H, W) float32 in [0, 1]: 0 in the background, 1 where an object is deepest; all 1 if it fills the image.
    >>> rim_distance(np.array([[0, 5, 5, 5, 7]])).tolist()
    [[0.0, 0.5, 1.0, 0.5, 1.0]]
    """
    from scipy.ndimage import distance_transform_edt, find_objects

    numbers, at = np.unique(np.append(0, objects), return_inverse=True)
    objects, depth = at[1:].reshape(np.shape(objects)), np.zeros(np.shape(objects), np.float32)
    for number, box in zip(range(1, len(numbers)), find_objects(objects), strict=True):
        box = tuple(slice(max(0, side.start - 1), side.stop + 1) for side in box)  # and the pixels around it
        mine = objects[box] == number
        inside = np.ones(mine.shape) if mine.all() else distance_transform_edt(mine)
        depth[box][mine] = (inside / inside.max())[mine]
    return depth


def from_distance(mask, distance, *, min_distance=1, rise=0.1, min_size=0):
    """Number the objects of each class by a predicted `rim_distance`: its peaks are seeds of a watershed.

    Like `separated`, but the distance is told and not measured on the mask, so objects without a waist are cut too.

    Args:
        mask: (H, W) ints, 0 is background.
        distance: (H, W) numbers, large inside an object and small at its rim: as `rim_distance`, predicted.
        min_distance: pixels between two seeds, at least; >= 1.
        rise: how far one must go down from a seed before it goes up to a higher one; lower peaks are no seeds; > 0.
        min_size: connected regions of fewer pixels vanish; >= 0.
    Returns: (H, W) ints: 0 is background, each object has a number of its own; what is mask stays object.
    Raises: ValueError if min_distance is below 1, rise is not above 0, or the shapes differ.
    >>> from_distance(np.ones((1, 10), int), np.array([[1, 2, 3, 2, 1, 1, 2, 3, 2, 1]])).tolist()
    [[1, 1, 1, 1, 1, 2, 2, 2, 2, 2]]
    """
    if min_distance < 1 or rise <= 0:
        raise ValueError(f"min_distance must be >= 1 and rise > 0, got {min_distance} and {rise}; try 1 and 0.1")
    mask, distance = same_shape(mask, distance)
    return _flood(mask, lambda inside: np.where(inside, distance, 0.0), min_size, min_distance=min_distance, rise=rise)


def centre_map(objects, *, reach):
    """How near each pixel is to an object's middle: what a network learns for objects of one size but no simple shape.

    Formula: max over objects of 1 - r / reach, at least 0; r is the distance to the middle of the object's box.
    Args: objects: (H, W) ints: 0 is background, each object has a number; reach: pixels, about half an object's size.
    Returns: (H, W) float32 in [0, 1]; also outside of objects, for a ring has its middle in its hole.
    >>> centre_map(np.array([[7, 0, 7, 0, 0]]), reach=2).tolist()
    [[0.5, 1.0, 0.5, 0.0, 0.0]]
    """
    nearness, (y, x) = np.zeros(np.shape(objects), np.float32), np.indices(np.shape(objects))
    for number in np.setdiff1d(objects, 0):
        row, column = ((at.min() + at.max()) / 2 for at in np.nonzero(np.equal(objects, number)))
        nearness = np.maximum(nearness, 1 - np.hypot(y - row, x - column) / reach)
    return nearness.astype(np.float32)


def from_centres(mask, nearness, *, min_distance=4, threshold=0.5, min_size=0):
    """Number the objects of each class by a predicted `centre_map`: a pixel belongs to the peak that it rises to.

    The flood covers the background too, so the parts of an object need not touch.

    Args:
        mask: (H, W) ints, 0 is background.
        nearness: (H, W) numbers, large in the middle of an object: as `centre_map`, predicted.
        min_distance: pixels between two middles, at least; >= 1.
        threshold: a lower peak is no middle.
        min_size: objects of fewer pixels vanish; >= 0.
    Returns: (H, W) ints: 0 is background, each object has a number; without any peak, each class is one object.
    Raises: ValueError if min_distance is below 1 or the shapes differ.
    >>> from_centres(np.array([[1, 0, 1, 1, 0, 1]]), np.array([[0.5, 1, 0.5, 0.5, 1, 0.5]]), min_distance=1).tolist()
    [[1, 0, 1, 2, 0, 2]]
    """
    from scipy.ndimage import gaussian_filter
    from skimage.segmentation import watershed

    if min_distance < 1:
        raise ValueError(f"min_distance must be at least 1 pixel, got {min_distance}; try a quarter of an object")
    mask, nearness = same_shape(mask, nearness)
    nearness = gaussian_filter(nearness.astype(float), 1)
    basins = watershed(-nearness, _seeds(nearness, np.ones(mask.shape, int), min_distance, threshold=threshold))
    pairs = np.where(mask == 0, 0, (mask.astype(int) + 1) * (basins.max() + 1) + basins)  # of class and basin
    _, objects, sizes = np.unique(np.append(0, pairs), return_inverse=True, return_counts=True)
    return np.where(sizes[objects] < min_size, 0, objects)[1:].reshape(mask.shape)


def _flood(mask, depth_of, min_size, *, min_distance, rise=0.0):
    """The regions of each class, flooded from the peaks of their depth, which depth_of tells for a mask (H, W) bool."""
    from scipy.ndimage import gaussian_filter
    from skimage.segmentation import watershed

    regions = connected(mask, min_size=min_size)
    objects = np.zeros_like(regions)
    for value in np.unique(np.asarray(mask)[regions > 0]):
        of_class = np.where(mask == value, regions, 0)
        depth = gaussian_filter(depth_of(of_class > 0), 1)  # without smoothing each bump is a peak
        seeds = _seeds(depth, of_class, min_distance, rise=rise)
        seeds[seeds > 0] += objects.max()
        objects += watershed(-depth, seeds, mask=of_class > 0)
    return objects


def _seeds(depth, regions, min_distance, *, rise=0.0, threshold=None):
    """One numbered pixel for each peak, (H, W) ints; a region without a peak has one at its deepest pixel."""
    from scipy.ndimage import maximum_position
    from skimage.feature import peak_local_max
    from skimage.measure import label
    from skimage.morphology import h_maxima

    if rise:
        tops, heights = label(h_maxima(depth, rise) * (regions > 0), connectivity=2), np.zeros(depth.shape)
        bare = np.setdiff1d(np.unique(regions), np.append(0, regions[tops > 0]))
        for numbered, chosen in ((tops, np.arange(1, tops.max() + 1)), (regions, bare)):
            for place in maximum_position(depth, numbered, chosen) if len(chosen) else ():
                heights[place] = depth[place] - depth.min() + 1  # one pixel of each top, the rest below
        depth = heights
    peaks = peak_local_max(
        depth, min_distance=min_distance, labels=regions, threshold_abs=threshold, exclude_border=False
    )
    seeds = np.zeros_like(regions)
    seeds[tuple(peaks.T)] = np.arange(1, len(peaks) + 1)
    return seeds


def object_confusion(true_objects, predicted_objects, *, threshold=0.5):
    """How many objects were found, as a table that `dice` (F1), `precision`, `recall` and `bootstrap_interval` take.

    Formula: [[0, FP], [FN, TP]]; a true and a predicted object match if their IoU > threshold. From 0.5 on, no object
        can match twice.
    Args:
        true_objects, predicted_objects: (H, W) ints: 0 is background, each object has a number of its own.
        threshold: in [0.5, 1).
    Returns: (2, 2) int64; class 1 holds the objects.
    Raises: ValueError if the shapes differ, a number is negative or no integer, or the threshold is out of its range.
    Source: Caicedo et al. 2019, "Nucleus segmentation across imaging experiments: the 2018 Data Science Bowl".
    >>> object_confusion(np.array([[1, 1, 0, 2]]), np.array([[1, 1, 0, 0]])).tolist()
    [[0, 0], [1, 1]]
    """
    return object_confusions(true_objects, predicted_objects, thresholds=[threshold])[0]


def object_confusions(true_objects, predicted_objects, *, thresholds):
    """object_confusion at several thresholds, from one comparison of the numberings: (len(thresholds), 2, 2) int64.

    >>> object_confusions(np.array([[1, 1, 1, 1]]), np.array([[1, 1, 1, 0]]), thresholds=[0.5, 0.8])[:, 1, 1].tolist()
    [1, 0]
    """
    if wrong := [threshold for threshold in thresholds if not 0.5 <= threshold < 1]:
        raise ValueError(f"threshold must lie in [0.5, 1), where matches are unique, got {wrong[0]}")
    (_, true_sizes), (_, pred_sizes), true, pred, shared = _overlaps(true_objects, predicted_objects)
    union, both = true_sizes[true] + pred_sizes[pred] - shared, (true > 0) & (pred > 0)
    found = [int((both & (shared > threshold * union)).sum()) for threshold in thresholds]
    tables = [[[0, len(pred_sizes) - 1 - n], [len(true_sizes) - 1 - n, n]] for n in found]
    return np.array(tables, np.int64).reshape(-1, 2, 2)


def merged_and_split(true_objects, predicted_objects):
    """Numbers of the predicted objects that run true ones together, and of the true objects that are cut.

    An object lies in another where more than half of its pixels do. A merge is a predicted object in which two true
    ones lie, or more; a split is a true object in which two predicted ones lie, or more.
    Args: true_objects, predicted_objects: (H, W) ints: 0 is background, each object has a number of its own.
    Returns: two arrays of ints, in order.
    Raises: ValueError if the shapes differ, or a number is negative or no integer.
    >>> [n.tolist() for n in merged_and_split(np.array([[1, 1, 2, 2, 3, 3]]), np.array([[5, 5, 5, 5, 6, 7]]))]
    [[5], [3]]
    """
    true_ones, pred_ones, true, pred, shared = _overlaps(true_objects, predicted_objects)
    both, found = (true > 0) & (pred > 0), []
    for numbers, holder, sizes in ((pred_ones[0], pred, true_ones[1][true]), (true_ones[0], true, pred_ones[1][pred])):
        lies = both & (2 * shared > sizes)
        found.append(numbers[np.flatnonzero(np.bincount(holder[lies]) > 1)])
    return tuple(found)


def merges_and_splits(true_objects, predicted_objects):
    """How many objects `merged_and_split` names: two ints, merges and splits.

    >>> merges_and_splits(np.array([[1, 1, 2, 2, 3, 3]]), np.array([[5, 5, 5, 5, 6, 7]]))
    (1, 1)
    """
    merged, split = merged_and_split(true_objects, predicted_objects)
    return len(merged), len(split)


def _overlaps(true_objects, predicted_objects):
    """(numbers, sizes) of all objects, true and predicted, and of each pair that overlaps: positions, shared pixels."""
    true_objects, predicted_objects = same_shape(true_objects, predicted_objects)
    for name, objects in (("true_objects", true_objects), ("predicted_objects", predicted_objects)):
        if objects.dtype.kind not in "ui" or objects.min(initial=0) < 0:
            cure = "number objects by skimage.measure.label"
            raise ValueError(f"{name} must be integers >= 0, got {objects.dtype}; {cure}")
    *true, true_at = _numbers_sizes_positions(true_objects)
    *pred, pred_at = _numbers_sizes_positions(predicted_objects)
    cells, shared, _ = _numbers_sizes_positions(true_at * len(pred[0]) + pred_at)
    return true, pred, *np.divmod(cells, len(pred[0])), shared


def _numbers_sizes_positions(objects):
    """Background and each object: number and pixels; and at each pixel the position there. Background is first."""
    objects = np.ravel(objects)
    if objects.dtype.kind in "ui" and 0 <= objects.min(initial=0) <= objects.max(initial=0) <= 8 * objects.size:
        sizes = np.bincount(objects.astype(np.intp, copy=False), minlength=1)  # many times faster than sorting them
        there = np.append(True, sizes[1:] > 0)
        return np.flatnonzero(there), sizes[there], (np.cumsum(there) - 1)[objects]
    numbers, at, sizes = np.unique(np.append(0, objects), return_inverse=True, return_counts=True)
    return numbers, sizes - (numbers == 0), at[1:]


def object_f1(true_objects, predicted_objects, *, threshold=0.5):
    """F1 of whole objects, counted over all images: 2 TP / (2 TP + FP + FN).

    Args:
        true_objects, predicted_objects: sequences of (H, W) ints, one per image, numbered as for object_confusion.
        threshold: IoU above which two objects match; in [0.5, 1).
    Returns: float; nan if there is no object in any image, neither true nor predicted.
    Raises: ValueError if shapes differ, an entry is no image of such numbers, or the threshold is out of its range.
    >>> round(object_f1([np.array([[1, 1, 0, 2]])], [np.array([[1, 1, 0, 0]])]), 2)
    0.67
    """
    return float(dice(_object_tables(true_objects, predicted_objects, [threshold])[0])[1])


def _object_tables(true_objects, predicted_objects, thresholds):
    """object_confusions, added up over images."""
    images = list(zip(true_objects, predicted_objects, strict=True))
    if any(np.ndim(true) != 2 for true, _ in images):
        raise ValueError("expected sequences of images (H, W); put a single image into a list")
    tables = [object_confusions(true, pred, thresholds=thresholds) for true, pred in images]
    return np.sum(tables, axis=0, dtype=np.int64) if tables else np.zeros((len(thresholds), 2, 2), np.int64)


def average_precision(true_objects, predicted_objects, *, thresholds=BOWL):
    """Share of all objects, true or predicted, that are found: at each of several IoUs above which two objects match.

    It is the score of the 2018 Data Science Bowl, Cellpose and StarDist, counted over all images (the Bowl scores each
    image alone and takes the mean of images and thresholds). COCO's score of this name is another: the area under a
    curve of precision over recall.

    Formula: AP[t] = TP / (TP + FP + FN), the counts of object_confusion at threshold t
    Args:
        true_objects, predicted_objects: sequences of (H, W) ints, one per image, numbered as for object_confusion.
        thresholds: IoUs, each in [0.5, 1); as in the Bowl 0.5, 0.55, …, 0.95.
    Returns: (len(thresholds),) float64; nan if there is no object in any image, neither true nor predicted.
    Raises: ValueError as object_f1.
    Source: Caicedo et al. 2019, "Nucleus segmentation across imaging experiments: the 2018 Data Science Bowl".
    >>> average_precision([np.array([[1, 1, 0, 2]])], [np.array([[1, 1, 0, 0]])], thresholds=[0.5]).tolist()
    [0.5]
    """
    tables = _object_tables(true_objects, predicted_objects, thresholds)
    with np.errstate(invalid="ignore"):
        return np.array([table[1, 1] / np.float64(table.sum()) for table in tables])
