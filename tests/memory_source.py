"""A data set in memory, with what a source of the workhorse offers, and a recipe that trains in seconds."""

import numpy as np

from segutils.metrics import VOID
from segutils.workhorse.recipe import Recipe


class Memory:
    """Images and masks in memory; it counts how often an image is read."""

    def __init__(self, images, masks):
        self.images, self.masks, self.read = images, masks, 0

    def __len__(self):
        return len(self.images)

    def image(self, i):
        self.read += 1
        return self.images[i]

    def mask(self, i):
        return self.masks[i]

    def shape(self, i):
        return self.masks[i].shape


def squares(number, *, size=(40, 56), channels=1, seed=0):
    """Bright squares (class 1) on dark noise; class 2 is a dot of 2×2 in every fourth image; the first row is void."""
    rng = np.random.default_rng(seed)
    images, masks = [], []
    for i in range(number):
        image, mask = rng.integers(0, 60, (*size, channels)), np.zeros(size, np.uint8)
        y, x = rng.integers(4, size[0] - 20), rng.integers(2, size[1] - 20)
        image[y : y + 14, x : x + 16] += 120
        mask[y : y + 14, x : x + 16] = 1
        if i % 4 == 0:
            image[y : y + 2, x : x + 2], mask[y : y + 2, x : x + 2] = 255, 2
        mask[0] = VOID
        images.append(image.astype(np.uint8))
        masks.append(mask)
    return Memory(images, masks)


# Eight steps on crops of 32
SMALL = Recipe(
    crop=32,
    batch_size=4,
    epochs=4,
    epoch_crops=8,
    learning_rate=0.01,
    width=4,
    augment={"flip": True, "brightness": 0.05},
    contrast="keep",
    class_weights=None,
    rare_share=0.5,
    why=(),
)
