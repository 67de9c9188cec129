"""Pairs of files → images and class masks: all at once, or random crops as training asks for them."""

import warnings
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from segutils.dataset import drawing
from segutils.dataset.classes import layered, pack_colours
from segutils.dataset.drawing import read_mask
from segutils.dataset.images import read_image
from segutils.metrics import VOID


def read_pair(files, pair, classes, *, channels=3):
    """One image (H, W, channels) uint8 and its class mask (H, W) uint8. Raises: ValueError if their sizes differ."""
    image = read_image(files, pair.image, channels=channels)
    if classes.kind == "objects":
        mask = (read_objects(files, pair) > 0).astype(np.uint8)
    elif classes.kind == "layers":
        mask = layered([read_mask(files, name) if name else None for name in pair.masks])
    else:
        mask = classes.encode(read_mask(files, pair.mask, by_colour=classes.kind == "palettes"))
    if mask.shape != image.shape[:2]:
        raise ValueError(
            f"{pair.image} is {image.shape[:2]}, its mask {mask.shape}; resize neither, find the right one"
        )
    return image, mask


def read_objects(files, pair):
    """Which object each pixel belongs to, (H, W) int32; 0 is background.

    Objects are drawn in one mask each (later masks on top), numbered in one mask, or shapes of an annotation.
    """
    names = [name for name in pair.masks if name]
    if drawing.is_drawn(files, names[0]):
        return drawing.objects(files, names[0])
    objects = None
    for i, name in enumerate(names, start=1):
        mask = pack_colours(read_mask(files, name))
        objects = np.zeros(mask.shape, np.int32) if objects is None else objects
        if mask.shape != objects.shape:
            raise ValueError(f"{name} is {mask.shape}, the masks before it {objects.shape}; find the right one")
        if len(names) == 1:
            found, numbers = np.unique(mask, return_inverse=True)
            return (numbers + (found[0] > 0)).reshape(mask.shape).astype(np.int32)
        objects[mask > 0] = i
    return objects


def read_all(files, pairs, classes, *, channels=3):
    """All images and masks, read in parallel: two lists."""
    read = in_parallel(lambda pair: read_pair(files, pair, classes, channels=channels), pairs)
    return [image for image, _ in read], [mask for _, mask in read]


def in_parallel(work, items, *, bar=None):
    """[work(item) for item in items], on eight threads: decoding images frees the interpreter.

    bar: what a progress bar on stderr says; None for no bar.
    """
    from tqdm import tqdm

    with warnings.catch_warnings(), ThreadPoolExecutor(8) as pool:
        warnings.filterwarnings("ignore", module=r"PIL\.")  # what matters raises ImageFileError
        return list(tqdm(pool.map(work, items), bar, total=len(items), disable=bar is None))


def random_crops(files, pairs, classes, *, size, batch_size, channels=3, augment=None, seed=0, steps=None):
    """Random crops of files read in parallel as they are needed: a tf.data.Dataset that never ends.

    Which image and where is a function of (seed, step) alone. An image smaller than the crop is padded: image
    with black, mask with VOID.
    Args:
        files, pairs, classes: as learn_classes.
        size: height and width of a crop.
        augment: transforms.Augment or None.
        steps: batches to give; None for no end.
    Returns: dataset of (B, size, size, channels) uint8 (float32 if augmented) and (B, size, size) uint8.
    """
    import tensorflow as tf

    if not pairs:
        raise ValueError("expected at least one pair, got none; see `inspect`")

    def crop(i):
        rng = np.random.default_rng([seed, int(i)])
        image, mask = read_pair(files, pairs[rng.integers(len(pairs))], classes, channels=channels)
        short = [(0, max(size - side, 0)) for side in mask.shape]
        image, mask = np.pad(image, [*short, (0, 0)]), np.pad(mask, short, constant_values=VOID)
        top, left = (rng.integers(side - size + 1) for side in mask.shape)
        return image[top : top + size, left : left + size], mask[top : top + size, left : left + size]

    def shaped(i):
        image, mask = tf.numpy_function(crop, [i], (tf.uint8, tf.uint8))
        return tf.ensure_shape(image, (size, size, channels)), tf.ensure_shape(mask, (size, size))

    options = tf.data.Options()
    options.autotune.enabled = False  # fixed numbers, as in transforms.Batches
    numbers = tf.data.Dataset.range(2**62 if steps is None else steps * batch_size).with_options(options)
    batches = numbers.map(shaped, num_parallel_calls=4, deterministic=True).batch(batch_size, drop_remainder=True)
    if augment is not None:
        batches = batches.enumerate().map(lambda step, pair: augment(*pair, seed=(seed, step)), num_parallel_calls=2)
    return batches.prefetch(2)
