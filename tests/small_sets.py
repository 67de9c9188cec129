"""Small folders of images and masks, made on the spot: bright discs and squares on a dark ground."""

import numpy as np
from PIL import Image


def scene(rng, size, values, channels=3):
    """One image and its mask: a disc of the second value, and of three values a square of the third."""
    rows, columns = np.indices(size)
    mask = np.full(size, values[0], np.uint8)
    y, x, radius = rng.integers(8, size[0] - 8), rng.integers(8, size[1] // 2), rng.integers(4, 8)
    mask[(rows - y) ** 2 + (columns - x) ** 2 < radius**2] = values[1]
    if len(values) > 2:
        y, x = rng.integers(2, size[0] - 10), rng.integers(size[1] // 2 + 2, size[1] - 10)
        mask[y : y + 7, x : x + 7] = values[2]
    levels = dict(zip(values, (40, 200, 120), strict=False))
    grey = np.vectorize(levels.get)(mask) + rng.normal(0, 12, size)
    image = np.clip(grey, 0, 255).astype(np.uint8)
    if channels == 3:
        image = np.stack([image, image // 2, 255 - image], axis=-1)
    return image, mask


def make_folder(path, *, count=12, size=(40, 48), values=(0, 255), channels=3, parts=("",), seed=0):
    """Write `count` images into each part: images/0.png, … and masks/0.png, …; returns the path."""
    rng = np.random.default_rng(seed)
    for part in parts:
        for i in range(count):
            for kind, array in zip(("images", "masks"), scene(rng, size, values, channels), strict=True):
                place = path / part / kind
                place.mkdir(parents=True, exist_ok=True)
                Image.fromarray(array).save(place / f"{part}{i:03}.png")
    return path
