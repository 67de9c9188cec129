"""Folders of images to try things on: coins cut from a bundled photograph, damaged copies, the public nuclei."""

import os
import shutil
from itertools import pairwise
from pathlib import Path

import numpy as np
from PIL import Image

from segutils.dataset.images import save_image
from segutils.plumbing.storage import DATA

NUCLEI = "nuclei_sample.zip"
ROWS = ((4, 82), (90, 149), (154, 224), (228, 300))  # lines of each row of coins, with gaps between them
ACROSS = 6  # coins in a row


def coins():
    """scikit-image's photograph of 24 coins, and which coin each pixel belongs to, by the ellipses of data/coins.csv.

    Returns: (303, 384) uint8; (303, 384) int32, 0 for background, 1 to 24 row by row.
    """
    import pandas as pd
    from skimage import data, draw

    photograph = data.coins()
    objects = np.zeros(photograph.shape, np.int32)
    ellipses = pd.read_csv(DATA / "coins.csv")
    for number, coin in enumerate(ellipses.itertuples(), start=1):
        turn = np.radians(coin.degrees)
        radii = coin.long_radius, coin.short_radius
        objects[draw.ellipse(coin.row, coin.column, *radii, shape=photograph.shape, rotation=turn)] = number
    return photograph, objects


def coin_windows(objects):
    """One window around each coin, none sharing a pixel, and a gap between rows: {"row1_coin1": (rows, columns)}."""
    windows = {}
    for row, (top, bottom) in enumerate(ROWS):
        columns = [np.flatnonzero((objects == ACROSS * row + k).any(0)) for k in range(1, ACROSS + 1)]
        middles = [int(left[-1] + right[0] + 1) // 2 for left, right in pairwise(columns)]
        for k, (left, right) in enumerate(pairwise([0, *middles, objects.shape[1]]), start=1):
            windows[f"row{row + 1}_coin{k}"] = slice(top, bottom), slice(left, right)
    return windows


def make_coins(path):
    """Write the coins as a folder of images/ and masks/ (0 and 255), one coin an image; returns its Path."""
    path = Path(path)
    photograph, objects = coins()
    for name, window in coin_windows(objects).items():
        for role, values in (("images", photograph), ("masks", 255 * (objects > 0).astype(np.uint8))):
            save_image(path / role / f"{name}.png", values[window])
    return path


def damage(source, target):
    """Copy a folder of make_coins and spoil five files of the copy, as it happens to people; returns its Path."""
    target = Path(target)
    shutil.copytree(source, target, dirs_exist_ok=True)
    masks = [target / "masks" / f"row1_coin{k}.png" for k in range(1, 5)]
    masks[0].unlink()
    mask = Image.open(masks[1])
    mask.resize((mask.width // 2, mask.height // 2)).save(masks[1])
    mask = Image.open(masks[2])
    mask.resize((20, 20), Image.Resampling.BILINEAR).resize(mask.size, Image.Resampling.BILINEAR).save(masks[2])
    Image.fromarray(np.asarray(Image.open(masks[3])) // 255).save(masks[3])
    image = target / "images" / "row1_coin5.png"
    image.write_bytes(image.read_bytes()[:1000])
    return target


def find_nuclei():
    """Path of the sample of nuclei (BBBC038 layout) in the folder that SEGUTILS_DATA names.

    Raises: ValueError that says where to get the public set.
    """
    path = Path(os.environ.get("SEGUTILS_DATA") or ".") / NUCLEI
    if not path.is_file():
        where = "https://bbbc.broadinstitute.org/BBBC038, and give the path of stage1_train.zip"
        raise ValueError(f"no {NUCLEI} in the folder that SEGUTILS_DATA names; download the public set from {where}")
    return path
