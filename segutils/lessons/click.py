"""Lesson 14 · Attention: data for a network that cuts out what is clicked on, and how it is judged.

A *click* is (row, column, sign): +1 says "this belongs to the object", -1 "this does not". A network sees clicks as a
second channel beside the image (`click_map`), as in interactive segmentation since Xu et al. 2016, arXiv:1603.04042.
"""

import numpy as np
from scipy import ndimage
from skimage.filters import threshold_otsu
from skimage.measure import approximate_polygon, find_contours, points_in_poly
from skimage.segmentation import flood

RADIUS = 2.0  # pixels, of the bump that stands for a click
FEWEST = 20  # visible pixels of an object that is judged


def click_map(clicks, size, *, radius=RADIUS):
    """Clicks as an image: grey, with a white bump for each click on the object and a black one for each beside it.

    Formula: 127.5 + 127.5 · s · e^(-d² / (2 r²)), for the click of sign s at the distance d whose bump is highest
    Args: clicks: (row, column, sign) each; size: height and width; radius: r, pixels.
    Returns: (size, size) uint8.
    """
    place, view = np.arange(size), np.zeros((size, size))
    for row, column, sign in clicks:
        down, right = (np.exp(-((place - middle) ** 2) / (2 * radius**2)) for middle in (row, column))
        bump = np.outer(down, right)
        view = np.where(bump > np.abs(view), sign * bump, view)
    return np.uint8(np.round(127.5 + 127.5 * view))


def with_clicks(image, clicks):
    """What the network sees: an image (S, S) or (S, S, 1) and its clicks as two channels, (S, S, 2) uint8."""
    image = np.asarray(image).squeeze()
    return np.stack([image, click_map(clicks, len(image))], -1)


# Data


def without(part, classes):
    """Digits (images, labels) without those of some classes."""
    keep = ~np.isin(part.labels, classes)
    return part.images[keep], part.labels[keep]


def make_pairs(scene_set, *, each=2, seed=0):
    """Training pairs: for `each` objects of each scene the image with one to three clicks, and the object's mask.

    The first click is on the object. A further one is, with equal chance, on it again or beside it, and four times
    in five of those on another object nearby, where there is one.

    Args: scene_set: Scenes; each: objects of a scene, drawn with replacement; seed: int >= 0.
    Returns: inputs (N · each, S, S, 2) uint8, masks (N · each, S, S) uint8, 1 on the object; empty scenes are left out.
    """
    rng, inputs, masks = np.random.default_rng(seed), [], []
    for image, instances in zip(scene_set.images, scene_set.instances, strict=True):
        numbers = np.unique(instances[instances > 0])
        for number in rng.choice(numbers, each) if len(numbers) else ():
            mask = instances == number
            inputs.append(with_clicks(image, _drawn_clicks(mask, instances > 0, rng)))
            masks.append(mask)
    return np.array(inputs), np.array(masks, np.uint8)


def _drawn_clicks(mask, anything, rng):
    """One to three clicks for an object, as `make_pairs` says."""
    inside = np.argwhere(mask)
    clicks = [(*rng.choice(inside), 1)]
    for _ in range(rng.integers(3)):
        if rng.random() < 0.5:
            clicks.append((*rng.choice(inside), 1))
        else:
            near = ndimage.binary_dilation(mask, iterations=6) & ~mask
            outside = np.argwhere(near & anything if rng.random() < 0.8 else near)
            clicks += [(*rng.choice(outside), -1)] if len(outside) else []
    return clicks


class Objects:
    """The objects of test scenes that can be judged: those of 20 visible pixels or more.

    Args: scene_set: Scenes; unseen: digits that no training scene showed.
    Attributes: images (N, S, S, 1); masks (N, S, S) bool; scene, digit (N,) ints; unseen, touching (N,) bool: a pixel
        of another object is a neighbour, corners counted.
    """

    def __init__(self, scene_set, unseen=()):
        rows = [
            (i, mask, scene_set.semantic[i][mask][0] - 1, _touches(mask, instances > 0))
            for i, instances in enumerate(scene_set.instances)
            for mask in (instances == number for number in np.unique(instances[instances > 0]))
            if mask.sum() >= FEWEST
        ]
        scene, masks, digit, touching = zip(*rows, strict=True)
        self.scene, self.masks, self.digit, self.touching = map(np.array, (scene, masks, digit, touching))
        self.images = scene_set.images[self.scene]
        self.unseen = np.isin(self.digit, unseen)


def _touches(mask, anything):
    around = ndimage.binary_dilation(mask, np.ones((3, 3))) & ~mask
    return bool((around & anything).any())


# Clicks of a careful person, and what they give


def centre(region):
    """The pixel of a region (H, W) bool that is farthest from the outside, the first of several: (row, column)."""
    depth = ndimage.distance_transform_edt(np.pad(region, 1))[1:-1, 1:-1]
    return tuple(int(i) for i in np.unravel_index(depth.argmax(), region.shape))


def next_click(true, predicted):
    """Where a careful person clicks next: at the centre of the largest connected error; None if there is none.

    Args: true, predicted: (H, W) bool.
    Returns: (row, column, sign): +1 where pixels of the object are missing, -1 where there are too many; of two errors
        of one size the missing one. Pixels are connected by their edges.
    """
    largest, found = 0, None
    for sign, error in ((1, true & ~predicted), (-1, predicted & ~true)):
        regions, _ = ndimage.label(error)
        sizes = np.bincount(regions.ravel())[1:]
        if len(sizes) and sizes.max() > largest:
            largest, found = sizes.max(), (*centre(regions == sizes.argmax() + 1), sign)
    return found


def iou_of(true, predicted):
    """IoU of masks (…, H, W) bool, one number for each; two empty masks count 1."""
    overlap, union = ((operation).sum((-2, -1)) for operation in (true & predicted, true | predicted))
    return np.where(union, overlap / np.maximum(union, 1), 1.0)


def masks_of(network, images, clicks):
    """Masks (N, S, S) bool of a network for N images and their lists of clicks."""
    inputs = np.stack([with_clicks(image, each) for image, each in zip(images, clicks, strict=True)])
    scores = network.predict(inputs, batch_size=64, verbose=0)
    return scores[..., 1] > scores[..., 0]


def iou_by_clicks(network, objects, most=5):
    """IoU of each object after 1, …, `most` clicks: (most, N), and the last masks (N, S, S).

    The first click is the object's centre, each further one the `next_click`; an exact mask gets no more clicks.
    """
    clicks, rows = [[(*centre(mask), 1)] for mask in objects.masks], []
    for _ in range(most):
        predicted = masks_of(network, objects.images, clicks)
        rows.append(iou_of(objects.masks, predicted))
        for each, true, mask in zip(clicks, objects.masks, predicted, strict=True):
            further = next_click(true, mask)
            each += [further] if further else []
    return np.array(rows), predicted


def ink_under_the_click(image, click):
    """Rival without learning: the connected ink (Otsu's threshold) under a click, (S, S) bool."""
    image = np.asarray(image).squeeze()
    regions, _ = ndimage.label(image > threshold_otsu(image))
    under = regions[int(click[0]), int(click[1])]
    return (regions == under) & (under > 0)


def magic_wand(image, click, tolerance=40):
    """Rival of image editors: all connected pixels whose grey differs by at most `tolerance`, (S, S) bool."""
    smooth = ndimage.gaussian_filter(np.asarray(image, float).squeeze(), 0.7)
    return flood(smooth, (int(click[0]), int(click[1])), tolerance=tolerance)


def iou_of_rival(rival, objects, **options):
    """IoU of each object for a rival's mask under the object's first click, (N,)."""
    clicks = [centre(mask) for mask in objects.masks]
    masks = [rival(image, click, **options) for image, click in zip(objects.images, clicks, strict=True)]
    return iou_of(objects.masks, np.array(masks))


def best_tolerance(objects, tolerances=(20, 30, 40, 50, 60)):
    """The tolerance of the magic wand that is best on these objects: choose it on validation scenes."""
    return max(tolerances, key=lambda tolerance: iou_of_rival(magic_wand, objects, tolerance=tolerance).mean())


# Clicks against polygons


def polygon_points(mask, iou):
    """Fewest points of polygons that reproduce a mask (H, W) bool at least as well as `iou` says.

    The contours of the mask, holes included, are simplified by Douglas and Peucker's rule with ever smaller tolerance,
    from 6 pixels down, until the polygons, filled, reach the IoU. Returns: the number of their corners.
    """
    rings = find_contours(np.pad(mask, 1).astype(float), 0.5)
    for tolerance in (*np.arange(6, 0, -0.25), 0):
        simple = [approximate_polygon(ring, tolerance) for ring in rings]
        simple = [ring for ring in simple if len(ring) > 3]  # the last point of a ring is the first again
        if iou_of(mask, _filled(simple, mask.shape)) >= iou:
            break
    return sum(len(ring) - 1 for ring in simple)


def _filled(rings, shape):
    """Pixels inside an odd number of rings, whose points are those of the mask with its border of one pixel."""
    pixels = np.argwhere(np.ones(shape)) + 1
    inside = np.zeros(len(pixels), bool)
    for ring in rings:
        inside ^= points_in_poly(pixels, ring)
    return inside.reshape(shape)
