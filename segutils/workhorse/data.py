"""Images and masks of a set, read as they are asked for: memory does not grow with their number."""

import threading
from collections import OrderedDict

import numpy as np

from segutils.dataset import stacks
from segutils.dataset.images import read_image
from segutils.dataset.loading import read_objects, read_pair
from segutils.objects import rim_distance
from segutils.plumbing.arguments import check_choice
from segutils.workhorse.recipe import CONTRASTS, prepare

CACHE_BYTES = 256 * 2**20


class Source:
    """The pairs of a set by number: `image(i)` (H, W, channels) uint8, prepared, and `mask(i)` (H, W) uint8 with VOID.

    What was asked for last stays in memory, up to `cache_bytes`; the rest is read again. Threads may ask side by side.

    Args:
        files, pairs, classes: as dataset.read_pair.
        channels: 1 for grey, 3 for colour, or as many bands as the files have.
        contrast: as recipe.prepare.
        sizes: (height, width) of each image, where they are known.
        cache_bytes: of images and masks that are kept.
    """

    def __init__(self, files, pairs, classes, *, channels=3, contrast="keep", sizes=(), cache_bytes=CACHE_BYTES):
        check_choice("contrast", contrast, CONTRASTS)
        self.files, self.pairs, self.classes = files, list(pairs), classes
        self.channels, self.contrast, self.cache_bytes = channels, contrast, cache_bytes
        self._lock, self._kept, self._bytes = threading.Lock(), OrderedDict(), 0
        self._shapes = dict(enumerate(sizes))

    def __len__(self):
        return len(self.pairs)

    def image(self, i):
        """The prepared image, (H, W, channels) uint8."""
        return self.pair(i)[0]

    def mask(self, i):
        """The class of each pixel, (H, W) uint8; metrics.VOID where nobody labelled."""
        return self.pair(i)[1]

    def shape(self, i):
        """Height and width of an image."""
        if i not in self._shapes:
            self.pair(i)
        return self._shapes[i]

    def objects(self, i):
        """Which object each pixel belongs to, (H, W) int32, 0 for none; as they were drawn or numbered."""
        return read_objects(self.files, self.pairs[i])

    def depth(self, i):
        """How deep each pixel lies in its own object: objects.rim_distance, (H, W) uint8, 255 for 1."""
        return self._read_once(("depth", int(i)), lambda: (in_bytes(rim_distance(self.objects(int(i)))),))[0]

    def pair(self, i):
        """Image and mask at once. They are not to be written to."""
        image, mask = self._read_once(int(i), lambda: self._read(int(i)))
        self._shapes[int(i)] = mask.shape
        return image, mask

    def _read(self, i):
        image, mask = read_pair(self.files, self.pairs[i], self.classes, channels=self.channels)
        return prepare(image, self.contrast), mask

    def with_contrast(self, contrast):
        """The same set with images prepared otherwise; nothing is kept yet."""
        options = {"channels": self.channels, "contrast": contrast, "cache_bytes": self.cache_bytes}
        other = Source(self.files, self.pairs, self.classes, **options)
        other._shapes = dict(self._shapes)
        return other

    def _read_once(self, key, read):
        """The arrays of a key: those that are kept, else read and kept while there is room."""
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        arrays = read()
        with self._lock:
            if key not in self._kept:
                self._kept[key] = arrays
                self._bytes += sum(array.nbytes for array in arrays)
                while self._bytes > self.cache_bytes and len(self._kept) > 1:
                    _, old = self._kept.popitem(last=False)
                    self._bytes -= sum(array.nbytes for array in old)
        return arrays


def in_bytes(depth):
    """A depth in [0, 1] as uint8, 255 for 1: steps of 0.004, finer than a network tells.

    >>> in_bytes(np.array([0.0, 0.5, 1.0])).tolist()
    [0, 128, 255]
    """
    return np.round(255 * depth).astype(np.uint8)


def evenly_apart(items, most):
    """At most so many of the items, evenly apart in their order, the first and the last among them."""
    items = list(items)
    return [items[k] for k in np.linspace(0, len(items) - 1, min(len(items), most)).astype(int)]


def read_new(files, name, *, channels, contrast):
    """An image without a mask, read and prepared as those of a Source: (H, W, channels) uint8."""
    return prepare(read_image(files, stacks.of_channels(files, name, channels), channels=channels), contrast)
