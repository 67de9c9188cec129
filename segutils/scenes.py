"""Digit scenes: several handwritten digits on one canvas, with a class and an object number for every pixel.

Only additions, products, quotients and comparisons of IEEE floats are used, one NumPy call each, and raw
numbers of PCG64: so one seed gives the same scenes, bit for bit, on every machine. (Sines, matrix products
and library normal variates may differ in the last bit; rotations are therefore built from tan(angle/2).)
"""

from typing import NamedTuple

import numpy as np

CLASS_NAMES = ("background", *"0123456789")  # digit d has class d + 1
PITCH = 21  # pixels between the places that digits are dropped on
CHUNK = 128  # scenes made at a time, small enough for the processor's cache


class Scenes(NamedTuple):
    """images (N, S, S, 1) uint8; semantic (N, S, S) uint8 in 0..10; instances (N, S, S) uint8, 0 = no object.

    >>> Scenes._fields
    ('images', 'semantic', 'instances')
    """

    images: np.ndarray
    semantic: np.ndarray
    instances: np.ndarray


def make_scenes(
    digits,
    n,
    *,
    size=64,
    count=(3, 6),
    scale=(0.8, 1.15),
    rotation=0.26,
    clutter=3,
    noise=0.05,
    night=0.0,
    occlusion=0,
    seed=0,
):
    """Draw n scenes of handwritten digits with exact semantic and instance masks.

    Digits are dropped on randomly chosen places of a jittered grid, so neighbours often touch and sometimes
    overlap (the later lies on top). Each has its own size, angle and brightness; the ground has a slope of
    light; thin lines across the whole canvas and small dots are clutter that no person takes for a digit.
    A pixel belongs to a digit when ink covers at least half of it. Noise stays below a fifth of the faintest ink's
    contrast, so that a person could draw the outlines too.

    Args:
        digits: (images (M, 28, 28) uint8, labels (M,) ints 0..9): one part of a Digits, never all of it.
        n: how many scenes; >= 0. The first scenes stay the same when n grows.
        size: height and width in pixels; >= 42.
        count: fewest and most digits in a scene; at most the places, (size // 21)².
        scale: smallest and largest enlargement of a 28×28 digit; 0.5 to 2.
        rotation: largest angle either way, radians; 0 to 1.
        clutter: most lines, and most dots, in a scene; >= 0.
        noise: largest standard deviation of pixel noise, as a share of full brightness; 0 to 1.
        night: 0 for day, 1 for a fifteenth of the light and grainy shadows.
        occlusion: how many bars hide parts of digits (hidden pixels become background); >= 0.
        seed: int >= 0.
    Returns: Scenes.
    Raises: ValueError if an argument is out of its range.
    >>> digit = np.full((1, 28, 28), 255, np.uint8), np.array([7])
    >>> make_scenes(digit, 2).semantic.shape
    (2, 64, 64)
    """
    images, labels = _check_digits(digits)
    _check_options(n, size, count, scale, rotation, clutter, noise, night, occlusion, seed)
    places = (size // PITCH) ** 2
    streams = [np.random.Generator(np.random.PCG64(child)) for child in np.random.SeedSequence(seed).spawn(4)]
    scenes = Scenes(np.empty((n, size, size, 1), np.uint8), *np.zeros((2, n, size, size), np.uint8))
    ink = np.pad(images, ((0, 0), (1, 1), (1, 1)))
    for first in range(0, n, CHUNK):
        part = slice(first, min(first + CHUNK, n))
        layout, ground, bars, grain = (_uniform(stream) for stream in streams)
        rows = part.stop - part.start
        canvas, slope, level, contrast = _ground(ground, rows, size, clutter)
        placed = _place(layout, rows, size, places, count, scale, rotation, len(labels))
        _paste_digits(canvas, level, contrast, placed, ink, labels, scenes.semantic[part], scenes.instances[part])
        canvas += slope
        _occlude(bars, canvas, occlusion, scenes.semantic[part], scenes.instances[part])
        _expose(grain, canvas, noise, night, scenes.images[part])
    return scenes


def make_splits(digits, *, train, validation, test, train_count=None, seed=0, **options):
    """Scenes for training, validation and testing, each from its own source digits.

    Args:
        digits: Digits, already split.
        train, validation, test: how many scenes of each.
        train_count: `count` of the training scenes, if another: crowded scenes teach more in the same time.
        seed: int >= 0; the three parts use (seed, 0), (seed, 1), (seed, 2).
        options: further keyword arguments of make_scenes.
    Returns: three Scenes, for training, validation and testing.
    >>> digit = np.full((1, 28, 28), 255, np.uint8), np.array([7])
    >>> from segutils.digits import Digits
    >>> [len(part.images) for part in make_splits(Digits("one", digit, digit, digit), train=3, validation=1, test=2)]
    [3, 1, 2]
    """
    crowd = {} if train_count is None else {"count": train_count}
    return [
        make_scenes(digits.train, train, seed=[seed, 0], **{**options, **crowd}),
        make_scenes(digits.validation, validation, seed=[seed, 1], **options),
        make_scenes(digits.test, test, seed=[seed, 2], **options),
    ]


def _check_digits(digits):
    if isinstance(digits[0], str):
        raise ValueError("expected one part of the digits, got all of them; pass digits.train, say")
    images, labels = np.asarray(digits[0]), np.asarray(digits[1])
    if images.ndim != 3 or images.shape[1:] != (28, 28) or images.dtype != np.uint8 or labels.shape != images.shape[:1]:
        got = f"{images.dtype} {images.shape} and labels {labels.shape}"
        raise ValueError(f"digits must be (images (M, 28, 28) uint8, labels (M,)), got {got}; pass digits.train, say")
    if not len(labels) or labels.min() < 0 or labels.max() > 9:
        raise ValueError(f"labels must be 0..9 and there must be some, got {len(labels)} labels")
    return images, labels


def _check_options(n, size, count, scale, rotation, clutter, noise, night, occlusion, seed):
    for name, value in (("count", count), ("scale", scale)):
        if np.shape(value) != (2,):
            raise ValueError(f"{name} must be (smallest, largest), got {value}")
    whole = {"n": n, "size": size, "count": count, "clutter": clutter, "occlusion": occlusion, "seed": seed}
    for name, value in whole.items():
        if np.asarray(value).dtype.kind not in "ui":
            raise ValueError(f"{name} must be whole, got {value}")
    if np.min(seed) < 0:
        raise ValueError(f"seed must be >= 0, got {seed}")
    limits = {
        "n": (n, 0, np.inf),
        "size": (size, 2 * PITCH, 4096),
        "count[0]": (count[0], 0, count[1]),
        "count[1]": (count[1], 1, min((size // PITCH) ** 2, 255)),
        "scale[0]": (scale[0], 0.5, scale[1]),
        "scale[1]": (scale[1], 0.5, 2.0),
        "rotation": (rotation, 0, 1),
        "clutter": (clutter, 0, 100),
        "noise": (noise, 0, 1),
        "night": (night, 0, 1),
        "occlusion": (occlusion, 0, 100),
    }
    for name, (value, low, high) in limits.items():
        if not low <= value <= high:
            raise ValueError(f"{name} must lie in {low}..{high}, got {value}")


def _uniform(stream):
    """A function that draws float32 numbers in [0, 1), row by row: scene i always gets the i-th row."""
    return lambda *shape: stream.random(shape, dtype=np.float32)


def _between(u, low, high):
    """Uniform numbers in [0, 1) stretched to [low, high)."""
    return np.float32(low) + u * np.float32(high - low)


def _ground(uniform, n, size, clutter):
    """Flat paper with clutter and a slope of light, each (n, S, S); the paper's level and the ink's contrast, (n,)."""
    u = uniform(n, 5 + 7 * clutter).T
    level, contrast = _between(u[0], 0.15, 0.35), _between(u[1], 0.4, 0.65)
    y, x = np.meshgrid(*2 * [np.linspace(-1, 1, size, dtype=np.float32)], indexing="ij")
    dy, dx = _between(u[2:4], -0.12, 0.12)[..., None, None]
    slope = dy * y + dx * x
    canvas = np.empty_like(slope)
    canvas[:] = level[:, None, None]
    amount = u[4] * np.float32(clutter + 1)
    pixel = np.float32(2 / (size - 1))
    for k, v in enumerate(u[5:].reshape(clutter, 7, n)):
        shown = contrast * (amount >= k + 1)
        # A line a·y + b·x = c with a² + b² = 1, about one pixel wide, from edge to edge.
        t = _between(v[0], -1, 1)
        a, b, c = (
            q[:, None, None] for q in ((1 - t * t) / (1 + t * t), 2 * t / (1 + t * t), _between(v[1], -0.9, 0.9))
        )
        _add(canvas, np.abs(a * y + b * x - c), pixel * _between(v[2], 0.8, 1.2), shown * _between(v[3], 0.3, 0.9))
        # A dot of 1 to 2 pixels radius.
        cy, cx = _between(v[4:6], -1, 1)[..., None, None]
        dy, dx = y[:, :1] - cy, x[:1] - cx
        _add(canvas, np.sqrt(dy * dy + dx * dx), pixel * _between(v[6], 1.0, 2.0), shown)
    return canvas, slope, level, contrast


def _add(canvas, distance, radius, brightness):
    """Add light to what lies within `radius`, fading out over the outer half of it."""
    canvas += np.clip(2 - distance * (2 / radius)[:, None, None], 0, 1) * brightness[:, None, None]


def _place(uniform, n, size, places, count, scale, rotation, sources):
    """Where each digit goes: a list of (scene, slot, source, y, x, scale, tan(angle/2), brightness) columns."""
    most = count[1]
    u = uniform(n, 1 + places + 6 * most)
    counts = np.floor(_between(u[:, 0], count[0], count[1] + 1)).astype(np.int64)
    cells = np.argsort(u[:, 1 : 1 + places], axis=1, kind="stable")[:, :most]
    scene, slot = np.nonzero(np.arange(most) < counts[:, None])
    v = u[:, 1 + places :].reshape(n, most, 6)[scene, slot].T
    row, column = np.divmod(cells[scene, slot], size // PITCH)
    source = np.floor(v[0] * np.float32(sources)).astype(np.int64)
    grow = _between(v[1], *scale)
    # tan(θ/2) ≈ θ/2 + (θ/2)³/3, correct to 0.5% up to one radian
    half = np.float32(rotation / 2)
    t = _between(v[2], -1, 1) * (half + half * half * half / 3)
    margin = 10 * grow + 1  # a digit's ink spans 20 of its 28 pixels
    centres = [
        np.clip(
            (place.astype(np.float32) + _between(jitter, 0.32, 0.68)) * np.float32(size / (size // PITCH)),
            margin,
            size - margin,
        )
        for place, jitter in ((row, v[3]), (column, v[4]))
    ]
    return scene, slot, source, *centres, grow, t, _between(v[5], 0.65, 1.0)


def _paste_digits(canvas, level, contrast, placed, ink, labels, semantic, instances):
    """Lay the digits down in order: slot 0 of every scene first, so the last lies on top."""
    scene, slot, source, cy, cx, grow, t, brightness = placed
    size = canvas.shape[1]
    reach = int(np.ceil(14 * grow.max(initial=0)))
    steps = np.arange(-reach, reach + 1)
    rows, columns = (np.floor(c).astype(np.int64)[:, None] + steps for c in (cy, cx))
    cover = _warp(ink, source, rows.astype(np.float32) - cy[:, None], columns.astype(np.float32) - cx[:, None], grow, t)
    tone = level[scene] + contrast[scene] * brightness
    canvas, semantic, instances = (a.reshape(-1) for a in (canvas, semantic, instances))
    for k in range(slot.max(initial=-1) + 1):
        mine = np.flatnonzero(slot == k)
        which, down, right = np.nonzero(cover[mine])
        owner = mine[which]
        alpha, row, column = cover[owner, down, right], rows[owner, down], columns[owner, right]
        inside = (row >= 0) & (row < size) & (column >= 0) & (column < size)
        where = ((scene[owner] * size + row) * size + column)[inside]
        owner, alpha = owner[inside], alpha[inside]
        canvas[where] = canvas[where] * (1 - alpha) + tone[owner] * alpha
        solid = alpha >= 0.5
        semantic[where[solid]] = labels[source[owner[solid]]] + 1
        instances[where[solid]] = k + 1


def _warp(ink, source, dy, dx, grow, t):
    """Turn and enlarge each source digit by bilinear interpolation: cover in [0, 1], (M, rows, columns)."""
    cosine, sine = ((1 - t * t) / (1 + t * t) / grow)[:, None], (2 * t / (1 + t * t) / grow)[:, None]
    last = np.float32(ink.shape[1] - 1.001)
    y = np.clip((cosine * dy + 14.5)[:, :, None] - (sine * dx)[:, None, :], 0, last)
    x = np.clip((cosine * dx + 14.5)[:, None, :] + (sine * dy)[:, :, None], 0, last)
    row, column = y.astype(np.intp), x.astype(np.intp)
    y -= row
    x -= column
    side = ink.shape[1]
    at = np.arange(len(source))[:, None, None] * (side * side) + row * side + column
    ink = ink[source].astype(np.float32).reshape(-1)
    upper, lower = (ink.take(first) * (1 - x) + ink.take(first + 1) * x for first in (at, at + side))
    # The source's grey edge is two pixels wide; steepen it so that what is labelled is what is seen.
    return np.clip((upper * (1 - y) + lower * y) * np.float32(2.5 / 255) - np.float32(0.4), 0, 1)


def _occlude(uniform, canvas, occlusion, semantic, instances):
    """Cover parts of each scene by bars; what they hide becomes background."""
    n, size = canvas.shape[:2]
    u = uniform(n, occlusion, 6)
    y, x = np.arange(size, dtype=np.float32)[:, None], np.arange(size, dtype=np.float32)
    for v in u.transpose(1, 2, 0)[..., None, None]:
        height, width = (_between(v[i], 0.04, 0.3) * np.float32(size / 2) for i in (0, 1))
        hidden = (np.abs(y - v[2] * size) < height) & (np.abs(x - v[3] * size) < width)
        np.copyto(canvas, _between(v[4], 0.1, 0.9), where=hidden)
        semantic[hidden] = 0
        instances[hidden] = 0


def _expose(uniform, canvas, noise, night, images):
    """Dim the light, add grain, and store as bytes. The grain is the sum of four uniform numbers (nearly normal)."""
    n, size = canvas.shape[:2]
    u = uniform(n, 1 + 4 * size * size)
    sigma = u[:, :1, None] * np.float32(noise)
    a, b, c, d = u[:, 1:].reshape(n, 4, size, size).transpose(1, 0, 2, 3)
    grain = (a + b + (c + d) - 2) * np.sqrt(np.float32(3))
    light = np.float32(1 - 14 / 15 * night)
    canvas *= light
    sigma = sigma * (light + np.float32(0.5 * night)) + np.float32(0.02 * night)
    images[..., 0] = np.floor(np.clip(canvas + grain * sigma, 0, 1) * 255 + np.float32(0.5))
