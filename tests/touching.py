"""A folder of touching objects, a mask file for each: pairs of boxes that share a side, so that no mask has a waist."""

import numpy as np
from PIL import Image


def boxes(rng, size=(48, 64)):
    """One image (H, W) uint8 and its numbered objects: boxes of two greys, side by side."""
    numbered, image = np.zeros(size, np.int32), np.full(size, 40.0)
    for k, left in enumerate((4, size[1] // 2 + 2)):
        top, wide = int(rng.integers(2, size[0] - 22)), int(rng.integers(9, 13))
        for j, grey in enumerate((170, 230)):
            window = slice(top, top + 18), slice(left + j * wide, left + (j + 1) * wide)
            numbered[window], image[window] = 2 * k + j + 1, grey
    return np.clip(image + rng.normal(0, 8, size), 0, 255).astype(np.uint8), numbered


def make_folder(path, *, count=12, seed=0):
    """Write `count` images as NAME/images/NAME.png beside NAME/masks/1.png, …, one an object; returns the path."""
    rng = np.random.default_rng(seed)
    for i in range(count):
        image, numbered = boxes(rng)
        place = path / f"scene{i:02}"
        for kind in ("images", "masks"):
            (place / kind).mkdir(parents=True)
        Image.fromarray(image).save(place / "images" / f"scene{i:02}.png")
        for k in range(1, numbered.max() + 1):
            Image.fromarray(np.uint8(255 * (numbered == k))).save(place / "masks" / f"scene{i:02}_{k}.png")
    return path
