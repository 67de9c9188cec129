"""From a class for each pixel to objects that can be counted: connected regions, and a cut between those that touch."""

import numpy as np

from segutils.metrics import dice, same_shape


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
    from scipy.ndimage import distance_transform_edt, gaussian_filter
    from skimage.feature import peak_local_max
    from skimage.segmentation import watershed

    if distance < 1:
        raise ValueError(f"distance must be at least 1 pixel, got {distance}; use `connected` to cut nothing")
    regions = connected(mask, min_size=min_size)
    objects = np.zeros_like(regions)
    for value in np.unique(np.asarray(mask)[regions > 0]):
        of_class = np.where(mask == value, regions, 0)
        inside = gaussian_filter(distance_transform_edt(of_class > 0), 1)  # without smoothing each bump is a peak
        peaks = peak_local_max(inside, min_distance=distance, labels=of_class, exclude_border=False)
        markers = np.zeros_like(regions)
        markers[tuple(peaks.T)] = np.arange(1, len(peaks) + 1) + objects.max()
        objects += watershed(-inside, markers, mask=of_class > 0)
    return objects


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
    if not 0.5 <= threshold < 1:
        raise ValueError(f"threshold must lie in [0.5, 1), where matches are unique, got {threshold}")
    true_objects, predicted_objects = same_shape(true_objects, predicted_objects)
    for name, objects in (("true_objects", true_objects), ("predicted_objects", predicted_objects)):
        if objects.dtype.kind not in "ui" or objects.min(initial=0) < 0:
            cure = "number objects by skimage.measure.label"
            raise ValueError(f"{name} must be integers >= 0, got {objects.dtype}; {cure}")
    (true_sizes, true_at), (pred_sizes, pred_at) = map(_sizes_and_positions, (true_objects, predicted_objects))
    cells, shared = np.unique(true_at * len(pred_sizes) + pred_at, return_counts=True)
    true, pred = np.divmod(cells, len(pred_sizes))
    union = true_sizes[true] + pred_sizes[pred] - shared
    found = int(((true > 0) & (pred > 0) & (shared > threshold * union)).sum())
    return np.array([[0, len(pred_sizes) - 1 - found], [len(true_sizes) - 1 - found, found]])


def _sizes_and_positions(objects):
    """Pixels of background and of each object, and at each pixel the position there; background is first."""
    _, at, sizes = np.unique(np.append(0, objects), return_inverse=True, return_counts=True)
    sizes[0] -= 1
    return sizes, at[1:]


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
    images = list(zip(true_objects, predicted_objects, strict=True))
    if any(np.ndim(true) != 2 for true, _ in images):
        raise ValueError("expected sequences of images (H, W); put a single image into a list")
    tables = [object_confusion(true, pred, threshold=threshold) for true, pred in images]
    return float(dice(np.sum(tables, axis=0))[1]) if tables else float("nan")
