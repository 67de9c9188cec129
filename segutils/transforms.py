"""Joint augmentation of images and masks, and batches that are a pure function of (seed, step).

Geometric changes use one matrix for both: bilinear for the image, nearest for the mask, so no label is ever
invented. Photometric changes touch the image alone. All randomness is stateless: a seed goes in with each
batch, so neither parallel `map` nor a restart can put image and mask, or two runs, out of step. Keras's layers for
augmentation hold a state that no checkpoint restores within an epoch: hence our own.
"""

from dataclasses import dataclass, fields

import numpy as np
import tensorflow as tf

from segutils.plumbing.arguments import check_choice

FILLS = ("constant", "reflect", "nearest")
LIMITS = {"rotation": 3.1416, "shift": 1, "zoom": 0.9, "shear": 1, "brightness": 1, "contrast": 1, "noise": 1}


@dataclass(frozen=True)
class Augment:
    """Random changes of a batch; every amount is the largest change either way, drawn anew for each image.

    Args:
        rotation: angle, radians; 0 to π.
        shift: as a share of height and width; 0 to 1.
        zoom: 0.1 means sizes from 0.9 to 1.1; 0 to 0.9.
        shear: horizontal, as a slope; 0 to 1.
        flip: mirror left and right, half of the time (never right for digits).
        brightness: added, as a share of 255; 0 to 1.
        contrast: 0.2 means factors from 0.8 to 1.2, about the image's mean; 0 to 1.
        noise: largest standard deviation of added normal noise, as a share of 255; 0 to 1.
        fill: what comes in from outside, for images and masks alike: "constant", "reflect" or "nearest".
        mask_fill: the mask's value there, if constant (0 is background; give the void class to ignore it).
    Raises: ValueError for an amount out of its range or an unknown fill.
    >>> images, masks = Augment(rotation=0.3)(np.zeros((2, 8, 8, 1)), np.ones((2, 8, 8), int), seed=(0, 0))
    >>> masks.shape.as_list()
    [2, 8, 8]
    """

    rotation: float = 0.0
    shift: float = 0.0
    zoom: float = 0.0
    shear: float = 0.0
    flip: bool = False
    brightness: float = 0.0
    contrast: float = 0.0
    noise: float = 0.0
    fill: str = "constant"
    mask_fill: int = 0

    def __post_init__(self):
        check_choice("fill", self.fill, FILLS)
        for field in fields(self):
            value = getattr(self, field.name)
            if field.name in LIMITS and not 0 <= value <= LIMITS[field.name]:
                raise ValueError(f"{field.name} must lie in 0..{LIMITS[field.name]}, got {value}")
        if not 0 <= self.mask_fill <= 255:
            raise ValueError(f"mask_fill must lie in 0..255, got {self.mask_fill}")

    def __call__(self, images, targets, seed):
        """Augment one batch.

        Args:
            images: (B, H, W, C) uint8 or float, 0 to 255.
            targets: masks (B, H, W) of ints, or labels (B,) or (B, classes), which stay as they are.
            seed: (2,) ints; the same seed gives the same changes.
        Returns: images float32, clipped to 0..255; targets of the same dtype.
        Raises: ValueError for masks of another shape.
        """
        if len(targets.shape) > 2 and tuple(targets.shape) != tuple(images.shape[:3]):
            cure = "masks have no channel axis (squeeze one of 1) and their image's height and width"
            raise ValueError(f"expected masks {tuple(images.shape[:3])}, got {tuple(targets.shape)}; {cure}")
        images = tf.cast(images, tf.float32)
        draws = tf.unstack(tf.random.stateless_uniform([9, tf.shape(images)[0]], seed, -1.0, 1.0))
        if self.rotation or self.shift or self.zoom or self.shear or self.flip:
            matrix = self._matrix(draws, tf.shape(images))
            images = self._warp(images, matrix, "BILINEAR", 0.0)
            if len(targets.shape) == 3:
                masks = self._warp(tf.cast(targets, tf.int32)[..., None], matrix, "NEAREST", float(self.mask_fill))
                targets = tf.cast(masks[..., 0], targets.dtype)
        return self._photometric(images, draws, seed), targets

    def _matrix(self, draws, shape):
        """Rows of (a0, a1, a2, b0, b1, b2, 0, 0): output (x, y) shows input (a0·x + a1·y + a2, b0·x + b1·y + b2)."""
        height, width = tf.cast(shape[1], tf.float32), tf.cast(shape[2], tf.float32)
        angle, grow = self.rotation * draws[0], 1 / (1 + self.zoom * draws[1])
        mirror = tf.where(draws[5] < 0, -1.0, 1.0) if self.flip else 1.0
        cosine, sine = tf.cos(angle) * grow, tf.sin(angle) * grow
        a0, a1 = cosine * mirror, sine + self.shear * draws[2] * cosine
        b0, b1 = -sine * mirror, cosine - self.shear * draws[2] * sine
        x, y = (width - 1) / 2, (height - 1) / 2
        a2 = x - a0 * x - a1 * y + self.shift * width * draws[3]
        b2 = y - b0 * x - b1 * y + self.shift * height * draws[4]
        return tf.stack([a0, a1, a2, b0, b1, b2, 0 * a0, 0 * a0], axis=1)

    def _warp(self, images, matrix, interpolation, value):
        return tf.raw_ops.ImageProjectiveTransformV3(
            images=images,
            transforms=matrix,
            output_shape=tf.shape(images)[1:3],
            fill_value=value,
            interpolation=interpolation,
            fill_mode=self.fill.upper(),
        )

    def _photometric(self, images, draws, seed):
        if self.contrast:
            mean = tf.reduce_mean(images, axis=[1, 2, 3], keepdims=True)
            images = mean + (images - mean) * (1 + self.contrast * _per_image(draws[6]))
        if self.brightness:
            images += 255 * self.brightness * _per_image(draws[7])
        if self.noise:
            grain = tf.random.stateless_normal(tf.shape(images), tf.cast(seed, tf.int64) + [1, 0])
            images += 255 * self.noise * tf.abs(_per_image(draws[8])) * grain
        return tf.clip_by_value(images, 0.0, 255.0)


def stretch_contrast(image, *, low=1.0, high=99.5, gamma=1.0):
    """An image's own contrast, stretched: its percentiles `low` and `high` become 0 and 255, what lies beyond is cut.

    Formula: 255 · ((value - dark) / max(bright - dark, 8)) ^ gamma; below 8 levels, noise would fill the range.
    Args:
        image: (H, W, C) uint8; all channels are stretched alike, so that colours keep their hue.
        low, high: percentiles, 0 to 100.
        gamma: 1 is a straight line; 0.5, the square root, lifts the dark parts; > 0.
    Returns: (H, W, C) uint8.
    >>> stretch_contrast(np.array([[[10], [30], [50]]], np.uint8), low=0, high=100).ravel().tolist()
    [0, 128, 255]
    """
    levels = np.arange(256, dtype=np.uint8)  # each is stretched once, and each pixel looked up
    return stretch_between(levels, *np.percentile(image, (low, high)), gamma=gamma)[image]


def stretch_between(values, dark, bright, *, gamma=1.0):
    """As stretch_contrast, between two levels that are known: dark becomes 0 and bright 255.

    Args: values: uint8 of any shape. dark, bright: levels; gamma: as in stretch_contrast.
    Returns: uint8 of that shape.
    >>> stretch_between(np.array([0, 50, 100, 200], np.uint8), 50, 150).tolist()
    [0, 0, 128, 255]
    """
    from skimage.exposure import adjust_gamma, rescale_intensity

    shares = rescale_intensity(values.astype(float), in_range=(dark, max(bright, dark + 8)), out_range=(0.0, 1.0))
    return (255 * adjust_gamma(shares, gamma)).round().astype(np.uint8)


def _per_image(values):
    return values[:, None, None, None]


@dataclass(frozen=True)
class Batches:
    """Shuffled, augmented training batches; batch k depends on `seed` and k alone, so a run can resume anywhere.

    Args:
        images: (N, H, W, C) array.
        targets: (N, …) array of masks or labels.
        batch_size: images per step; what is left over at the end of a pass over all images is dropped.
        augment: Augment, or None.
        seed: int >= 0, of order and augmentation.
        steps: steps per epoch; None: one pass over all images. With fewer, validation comes more often.
    Raises: ValueError if the arrays differ in length or hold less than one batch, or an epoch has no step.
    >>> Batches(np.zeros((10, 8, 8, 1)), np.zeros(10), batch_size=4).steps_per_epoch
    2
    """

    images: np.ndarray
    targets: np.ndarray
    batch_size: int
    augment: Augment | None = None
    seed: int = 0
    steps: int | None = None

    def __post_init__(self):
        n = len(self.images)
        if len(self.targets) != n:
            raise ValueError(f"images and targets must be pairs, got {n} images and {len(self.targets)} targets")
        if not 1 <= self.batch_size <= n:
            raise ValueError(f"batch_size must lie in 1..{n} (the number of images), got {self.batch_size}")
        if self.steps is not None and self.steps < 1:
            raise ValueError(f"steps must be >= 1, got {self.steps}")

    @property
    def steps_per_pass(self):
        return len(self.images) // self.batch_size

    @property
    def steps_per_epoch(self):
        return self.steps or self.steps_per_pass

    def order(self, number):
        """The images of each step of a pass: (steps, batch_size) indices, each index at most once."""
        order = np.random.default_rng([self.seed, number]).permutation(len(self.images))
        return order[: self.steps_per_pass * self.batch_size].reshape(-1, self.batch_size)

    def dataset(self, first_epoch, epochs):
        """A tf.data.Dataset of all batches of the epochs first_epoch, …, epochs - 1."""
        if not 0 <= first_epoch < epochs:
            raise ValueError(f"expected 0 <= first_epoch < epochs, got {first_epoch} and {epochs}")
        first, last = first_epoch * self.steps_per_epoch, epochs * self.steps_per_epoch
        passes = range(first // self.steps_per_pass, -(-last // self.steps_per_pass))
        order = np.concatenate([self.order(number) for number in passes])
        order = order[first - passes[0] * self.steps_per_pass :][: last - first]
        images, targets = tf.convert_to_tensor(self.images), tf.convert_to_tensor(self.targets)

        def batch(step, indices):
            picked = tf.gather(images, indices), tf.gather(targets, indices)
            if self.augment is None:
                return picked
            return self.augment(*picked, seed=tf.stack([tf.constant(self.seed, tf.int64), step]))

        # Fixed numbers: the autotuner's thread sleeps in ever longer turns and holds up the end of `fit` by seconds.
        options = tf.data.Options()
        options.autotune.enabled = False
        pairs = tf.data.Dataset.zip(tf.data.Dataset.range(first, last), tf.data.Dataset.from_tensor_slices(order))
        return pairs.with_options(options).map(batch, num_parallel_calls=2, deterministic=True).prefetch(4)
