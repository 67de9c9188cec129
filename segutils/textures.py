"""Mosaics of real textures, a class for every pixel: a second kind of scene, made of photographs inside scikit-image.

Each photograph is cut into three areas first, for training, validation and testing; a mosaic takes all its pieces from
areas of one kind.
"""

from typing import NamedTuple

import numpy as np

from segutils.scenes import CHUNK, Scenes

PHOTOGRAPHS = {  # class name: its name in skimage.data
    "brick": "brick",
    "grass": "grass",
    "gravel": "gravel",
    "tissue": "immunohistochemistry",
    "stars": "hubble_deep_field",
    "vessels": "retina",
}
CLASS_NAMES = tuple(PHOTOGRAPHS)
GAP = 8  # pixels between two areas, which belong to neither


class Textures(NamedTuple):
    """For each area a list of arrays (H, W) float32, one a class: brightness with mean 0 and deviation 1.

    >>> Textures._fields
    ('train', 'validation', 'test')
    """

    train: list
    validation: list
    test: list


def load_textures():
    """The six photographs, each cut: training gets the left 60%, validation the upper right part, testing the lower.

    Returns: Textures: grey, without slow changes of light.
    >>> [len(area) for area in load_textures()]
    [6, 6, 6]
    """
    areas = [[], [], []]
    for name in PHOTOGRAPHS.values():
        texture = _standardised(name)
        middle, right = texture.shape[0] // 2, round(0.6 * texture.shape[1])
        rest = texture[:, right + GAP :]
        for area, part in zip(
            areas, (texture[:, :right], rest[: middle - GAP // 2], rest[middle + GAP // 2 :]), strict=True
        ):
            area.append(part)
    return Textures(*areas)


def make_mosaics(area, n, *, size=64, count=(2, 5), scale=(0.8, 1.8), turn=0.5, noise=0.03, seed=0):
    """Compose n mosaics of textures with exact masks.

    A pixel (y, x) belongs to the region k with the smallest a (y - y_k)² + b (x - x_k)² + c (y - y_k)(x - x_k) - w, so
    borders are ellipses and hyperbolas. Regions of one mosaic are of different classes; each shows its own place of
    its photograph in its own scale, direction, brightness and contrast.

    Args:
        area: list of (H, W) float32, a texture a class: one area of a Textures, never all of them.
        n: how many mosaics; >= 0. The first mosaics stay the same when n grows.
        size: height and width in pixels; 16 to 4096.
        count: fewest and most regions (their places are drawn; one may end up hidden); 1 to the number of classes.
        scale: fewest and most pixels of the photograph for one of the mosaic; 0.1 to 10.
        turn: tangent of half the largest angle a texture is turned by, either way; 0 to 1.
        noise: largest standard deviation of pixel noise, as a share of full brightness; 0 to 1.
        seed: int >= 0, or a list of such.
    Returns: Scenes; semantic holds 0 … classes - 1, instances 1 for the first region and so on.
    Raises: ValueError if an argument is out of its range.
    >>> make_mosaics([np.zeros((20, 30), np.float32)] * 6, 2).semantic.shape
    (2, 64, 64)
    """
    _check(area, n, size, count, scale, turn, noise)
    streams = [np.random.Generator(np.random.PCG64(child)) for child in np.random.SeedSequence(seed).spawn(2)]
    mosaics = Scenes(np.empty((n, size, size, 1), np.uint8), *np.empty((2, n, size, size), np.uint8))
    steps, rows = np.linspace(-1, 1, size, dtype=np.float32), max(1, CHUNK * 64**2 // size**2)
    for first in range(0, n, rows):
        part = slice(first, min(first + rows, n))
        u = streams[0].random((part.stop - part.start, len(area), 14), dtype=np.float32)
        grain = streams[1].random((len(u), size, size, 4), dtype=np.float32).sum(-1) * np.sqrt(3) - 2 * np.sqrt(3)
        shown = np.floor(count[0] + u[:, 0, 0] * (count[1] - count[0] + 1))
        region = _nearest(u[..., 1:7].transpose(2, 0, 1)[..., None, None], steps, shown)
        classes, scene = np.argsort(u[..., 7], axis=1, kind="stable"), np.arange(len(u))[:, None, None]
        label, drawn = classes[scene, region], u[:, :, 8:][scene, region].transpose(3, 0, 1, 2)
        value = _sample(area, label, drawn[:4], steps * (size / 2), scale, turn)
        value = 0.35 + 0.3 * drawn[4] + (0.1 + 0.1 * drawn[5]) * value + noise * u[:, 1, :1, None] * grain
        mosaics.images[part, ..., 0] = np.floor(np.clip(value, 0, 1) * 255 + 0.5)
        mosaics.semantic[part], mosaics.instances[part] = label, region + 1
    return mosaics


def make_splits(*, train, validation, test, seed=0, **options):
    """Mosaics for training, validation and testing, each from its own area of the photographs.

    Args:
        train, validation, test: how many mosaics of each.
        seed: int >= 0; the three parts use (seed, 0), (seed, 1), (seed, 2).
        options: further keyword arguments of make_mosaics.
    Returns: three Scenes, for training, validation and testing.
    >>> [len(part.images) for part in make_splits(train=3, validation=1, test=2, size=32)]
    [3, 1, 2]
    """
    parts = zip(load_textures(), (train, validation, test), strict=True)
    return [make_mosaics(area, n, seed=[seed, i], **options) for i, (area, n) in enumerate(parts)]


def _standardised(name):
    """A bundled photograph as (H, W) float32: grey, minus its mean over 65×65 pixels, divided by its deviation."""
    from scipy.ndimage import uniform_filter
    from skimage import color, data

    photograph = getattr(data, name)()
    if name == "retina":  # a disc on black: the square inside it, at half its size
        photograph = photograph[300:1100:2, 300:1100:2]
    grey = color.rgb2gray(photograph) if photograph.ndim == 3 else photograph / 255
    grey = grey - uniform_filter(grey, 65, mode="reflect")
    return (grey / grey.std()).astype(np.float32)


def _nearest(u, steps, shown):
    """The region of each pixel, (n, S, S), from six numbers in [0, 1) for each of n × K regions, (6, n, K, 1, 1)."""
    dy, dx = steps[:, None] + 1 - 2 * u[0], steps + 1 - 2 * u[1]
    distance = (0.5 + u[2]) * dy * dy + (0.5 + u[3]) * dx * dx + (u[4] - 0.5) * dy * dx - 0.3 * u[5]
    missing = np.arange(u.shape[2]) >= shown[:, None]
    return np.where(missing[..., None, None], np.inf, distance).argmin(axis=1)


def _sample(area, label, u, steps, scale, turn):
    """Brightness of each pixel (n, S, S): its texture, turned and enlarged, read between four pixels linearly."""
    heights, widths = np.array([texture.shape for texture in area]).T
    starts = np.cumsum([0, *(heights * widths)[:-1]])[label]
    texels, height, width = np.concatenate([texture.ravel() for texture in area]), heights[label], widths[label]
    t, grow = (2 * u[3] - 1) * turn, scale[0] + (scale[1] - scale[0]) * u[2]
    cosine, sine = (1 - t * t) / (1 + t * t) * grow, 2 * t / (1 + t * t) * grow
    y = _reflect(u[0] * height + cosine * steps[:, None] - sine * steps, height)
    x = _reflect(u[1] * width + sine * steps[:, None] + cosine * steps, width)
    row, column = y.astype(np.intp), x.astype(np.intp)
    y, x, at = y - row, x - column, starts + row * width + column
    upper, lower = (texels[k] * (1 - x) + texels[k + 1] * x for k in (at, at + width))
    return upper * (1 - y) + lower * y


def _reflect(position, length):
    """Positions mirrored at both ends into [0, length - 1), so that a texture goes on without a seam."""
    last = length - 1.001
    return last - np.abs(position % (2 * last) - last)


def _check(area, n, size, count, scale, turn, noise):
    if isinstance(area, Textures) or any(np.ndim(texture) != 2 for texture in area):
        raise ValueError("expected a list of textures (H, W), one a class; pass load_textures().train, say")
    limits = {"n": ((n, n), 0, np.inf), "size": ((size, size), 16, 4096), "count": (count, 1, len(area))}
    limits |= {"scale": (scale, 0.1, 10), "turn": ((turn, turn), 0, 1), "noise": ((noise, noise), 0, 1)}
    for name, (pair, low, high) in limits.items():
        if np.shape(pair) != (2,) or not low <= pair[0] <= pair[1] <= high:
            raise ValueError(f"{name} must lie in {low}..{high}, (smallest, largest) where there are two, got {pair}")
