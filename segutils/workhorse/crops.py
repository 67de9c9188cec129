"""Training crops, read as they are needed: memory does not grow with the number of images.

A source has `len`, `.image(i)`, (H, W, C) 0 to 255, `.mask(i)`, (H, W) uint8 with metrics.VOID, and `.shape(i)`,
(H, W). It is asked from one thread at a time. Where objects are learned it also has `.depth(i)`, (H, W) uint8, how
deep each pixel lies in its own object, 255 for deepest. This is measured on whole objects, before crops cut them; as a
share of the object's own depth it stays the same when a crop is turned, mirrored or zoomed, so it is moved as the mask.
"""

import functools

import numpy as np

from segutils.metrics import VOID
from segutils.workhorse.data import evenly_apart

SEARCHED = 2**24  # pixels of a mask that are searched for a class; of a larger mask a window
LOOKED_AT = 2**22  # pixels of all validation crops together


class Crops:
    """Shuffled, augmented crops of a source; batch k depends on `seed` and k alone, so a run can resume anywhere.

    Each image is drawn as often as the root of its labelled pixels tells, its crop anywhere; a share of the crops is
    drawn at a class instead: first a class, rare ones as often as the root of their share, then an image that has it,
    then one of its pixels, somewhere in the crop. What is beyond an image is black and VOID.

    Args:
        source: images and masks, as above. indices: of its training images.
        recipe: recipe.Recipe. seed: int >= 0, of order and augmentation.
        depth: targets are (B, size, size, 2) float32, class and depth, instead of classes alone.
    Raises: ValueError without images.
    """

    def __init__(self, source, indices, recipe, seed=0, *, depth=False):
        if not len(indices):
            raise ValueError("expected at least one training image, got none; give more images or another split")
        self.source, self.indices, self.recipe, self.seed = source, np.asarray(indices), recipe, seed
        self.depth = depth
        self.batch_size, self.steps = recipe.batch_size, recipe.steps_per_epoch
        self.steps_per_epoch = self.steps
        sizes = np.array([np.prod(source.shape(int(i))) for i in self.indices], np.float64)
        self._chances = np.sqrt(sizes) / np.sqrt(sizes).sum()

    @functools.cached_property
    def augment(self):
        """transforms.Augment of the recipe, or None where it changes nothing."""
        from segutils.transforms import Augment

        return Augment(**self.recipe.augment) if self.recipe.augment else None

    @functools.cached_property
    def _first(self):
        return self.draw(0)

    @property
    def images(self):
        """The first batch, which tells these crops from others when training.fit resumes."""
        return self._first[0]

    @property
    def targets(self):
        """Masks of the first batch, and where asked for the depths."""
        return as_targets(self._first[1]) if self.depth else self._first[1]

    @functools.cached_property
    def counts(self):
        """Pixels of each class in each training image, (images, 256); all masks are read once."""
        masks = (self.source.mask(int(i)) for i in self.indices)
        return np.array([np.bincount(np.asarray(mask).ravel(), minlength=256) for mask in masks], np.int64)

    @functools.cached_property
    def _classes(self):
        """The classes that occur, how often each is drawn, and of each the images that have it."""
        counts = self.counts.copy()
        counts[:, VOID] = 0
        classes = np.flatnonzero(counts.sum(0))
        chances = 1 / np.sqrt(counts.sum(0)[classes])
        return classes, chances / chances.sum(), [np.flatnonzero(counts[:, c]) for c in classes]

    def draw(self, step):
        """Batch number `step` before augmentation: (B, size, size, C) and (B, size, size) uint8.

        With depths the masks are uint16: the class, and 256 times the depth of 0 to 255.
        """
        rng = np.random.default_rng([self.seed, int(step)])
        pairs = [self._crop(rng) for _ in range(self.batch_size)]
        return np.stack([image for image, _ in pairs]), np.stack([mask for _, mask in pairs])

    def _crop(self, rng):
        """One crop, anywhere or at a class."""
        if rng.random() < self.recipe.rare_share and len(self._classes[0]):
            classes, chances, having = self._classes
            k = rng.choice(len(classes), p=chances)
            i = int(self.indices[rng.choice(having[k])])
            place = _place_of(np.asarray(self.source.mask(i)), classes[k], rng)
        else:
            i, place = int(self.indices[rng.choice(len(self.indices), p=self._chances)]), None
        size = self.recipe.crop
        corner = _corner(self.source.shape(i), size, place, rng)
        pair = cut(self.source.image(i), *corner, size, 0), _cut_mask(self.source, i, corner, size, self.depth)
        if self.recipe.turns:
            quarters = int(rng.integers(4))
            pair = tuple(np.rot90(values, quarters) for values in pair)
        return pair

    def dataset(self, first_epoch, epochs):
        """A tf.data.Dataset of all batches of the epochs first_epoch, …, epochs - 1."""
        import tensorflow as tf

        if not 0 <= first_epoch < epochs:
            raise ValueError(f"expected 0 <= first_epoch < epochs, got {first_epoch} and {epochs}")
        image, mask = self._first

        def batch(step):
            read = tf.numpy_function(self.draw, [step], (image.dtype, mask.dtype))
            return step, *(tf.ensure_shape(part, like.shape) for part, like in zip(read, (image, mask), strict=True))

        def augmented(step, images, masks):
            if self.augment is not None:
                images, masks = self.augment(images, masks, seed=tf.stack([tf.constant(self.seed, tf.int64), step]))
            if not self.depth:
                return images, masks
            return images, tf.ensure_shape(tf.numpy_function(as_targets, [masks], tf.float32), (*mask.shape, 2))

        options = tf.data.Options()
        options.autotune.enabled = False  # fixed numbers, as in transforms.Batches
        steps = tf.data.Dataset.range(first_epoch * self.steps, epochs * self.steps).with_options(options)
        drawn = steps.map(batch)  # one after the other: a source is asked by one thread
        return drawn.map(augmented, num_parallel_calls=2, deterministic=True).prefetch(4)


def as_targets(masks):
    """Masks of class and depth in one number, as Crops.draw gives them, as (…, 2) float32: class, depth of 0 to 1.

    >>> as_targets(np.array([[3, 3 + 256 * 255]], np.uint16)).tolist()
    [[[3.0, 0.0], [3.0, 1.0]]]
    """
    return np.stack([masks & 255, (masks >> 8) / 255], axis=-1).astype(np.float32)


def _cut_mask(source, i, corner, size, depth):
    """A crop of a mask, and where asked for of its depths, in one number."""
    mask = cut(source.mask(i), *corner, size, VOID)
    if not depth:
        return mask
    return mask + 256 * cut(source.depth(i), *corner, size, 0).astype(np.uint16)


def _place_of(mask, label, rng):
    """A random pixel of a class, (row, column); None where a window of a very large mask has none."""
    top = left = 0
    if mask.size > SEARCHED:
        side = int(SEARCHED**0.5)
        top, left = (int(rng.integers(max(length - side, 0) + 1)) for length in mask.shape)
        mask = mask[top : top + side, left : left + side]
    found = np.flatnonzero(mask == label)
    if not len(found):
        return None
    row, column = divmod(int(found[rng.integers(len(found))]), mask.shape[1])
    return top + row, left + column


def _corner(shape, size, place, rng):
    """Upper left corner of a crop: anywhere, or so that it holds a pixel."""
    corner = []
    for length, at in zip(shape, place or (None, None), strict=True):
        last = max(length - size, 0)
        low, high = (0, last) if at is None else (min(max(at - size + 1, 0), last), min(at, last))
        corner.append(int(rng.integers(low, high + 1)))
    return corner


def cut(values, top, left, size, fill):
    """A square window of an array (H, W, …); what is beyond its lower and right border becomes `fill`.

    >>> cut(np.ones((2, 3), int), 1, 1, 2, 9).tolist()
    [[1, 1], [9, 9]]
    """
    window = np.asarray(values[top : top + size, left : left + size])
    short = [(0, size - side) for side in window.shape[:2]]
    if not any(after for _, after in short):
        return window
    return np.pad(window, [*short, *[(0, 0)] * (window.ndim - 2)], constant_values=fill)


def _side_by_side(source, indices, size, pixels):
    """[(image, row, column)] of crops side by side, evenly thinned out to a number of pixels."""
    places = []
    for i in indices:
        rows, columns = (np.linspace(0, max(n - size, 0), -(-n // size)).astype(int) for n in source.shape(int(i)))
        places += [(int(i), row, column) for row in rows for column in columns]
    return evenly_apart(places, max(1, pixels // size**2))


def example_crops(source, indices, size, *, pixels=2**21):
    """Crops of images side by side, as validation_crops but without masks: (N, size, size, C) uint8."""
    places = _side_by_side(source, indices, size, pixels)
    return np.stack([cut(source.image(i), *corner, size, 0) for i, *corner in places])


def validation_crops(source, indices, recipe, *, pixels=LOOKED_AT, depth=False):
    """Crops of the validation images side by side, evenly thinned out to a number of pixels: (images, targets).

    The same ones at every look, and never more than `pixels`, however many images there are. Targets are as in Crops.
    Raises: ValueError without images, or where all is void.
    """
    if not len(indices):
        raise ValueError("expected at least one validation image, got none; give more images or another split")
    size, chosen = recipe.crop, _side_by_side(source, indices, recipe.crop, pixels)
    images = np.stack([cut(source.image(i), *corner, size, 0) for i, *corner in chosen])
    masks = np.stack([_cut_mask(source, i, corner, size, depth) for i, *corner in chosen])
    if (masks & 255 == VOID).all():
        raise ValueError("expected labelled pixels in the validation images, got void alone; give another split")
    return images, as_targets(masks) if depth else masks
