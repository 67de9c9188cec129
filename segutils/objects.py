"""From a class for each pixel to objects that can be counted: connected regions, and a cut between those that touch."""

import numpy as np


def connected(mask, *, smallest=0):
    """Number the connected regions of each class (4 neighbours); regions of fewer than `smallest` pixels vanish.

    Args: mask: (H, W) ints, 0 is background.
    Returns: (H, W) ints, 0 is background.
    """
    from skimage.measure import label

    objects = label(mask, background=0, connectivity=1)
    small = np.bincount(objects.ravel()) < smallest
    return np.where(small[objects], 0, objects)


def separated(mask, *, distance, smallest=0):
    """As connected, and cuts regions at their waists: watershed on the distance to the outline, from its peaks.

    Args:
        distance: pixels between two peaks, at least; about the radius of a small object; >= 1.
    Raises: ValueError if the distance is below 1.
    Source: Beucher and Lantuéjoul 1979; the recipe is that of scikit-image's example "Watershed segmentation".
    """
    from scipy.ndimage import distance_transform_edt, gaussian_filter
    from skimage.feature import peak_local_max
    from skimage.segmentation import watershed

    if distance < 1:
        raise ValueError(f"distance must be at least 1 pixel, got {distance}; use `connected` to cut nothing")
    regions = connected(mask, smallest=smallest)
    objects = np.zeros_like(regions)
    for value in np.unique(np.asarray(mask)[regions > 0]):
        some = np.where(mask == value, regions, 0)
        inside = gaussian_filter(distance_transform_edt(some > 0), 1)  # without smoothing each bump is a peak
        peaks = peak_local_max(inside, min_distance=distance, labels=some, exclude_border=False)
        markers = np.zeros_like(regions)
        markers[tuple(peaks.T)] = np.arange(1, len(peaks) + 1) + objects.max()
        objects += watershed(-inside, markers, mask=some > 0)
    return objects
