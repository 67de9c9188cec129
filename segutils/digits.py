"""Handwritten digits: MNIST where it can be had, else the 1,797 real digits inside scikit-learn.

Every set comes split into train, validation and test *before* anything is made from it, so no writer's
stroke that a model learned from can turn up in its exam.
"""

from typing import NamedTuple

import numpy as np

from segutils.plumbing import mnist
from segutils.plumbing.arguments import check_choice

SOURCES = ("auto", "mnist", "bundled")
# The bundled digits come writer by writer; these are the first digits of writers 9, 11 and the end.
# Source of the boundaries: INRIA scikit-learn-mooc, "Sample grouping".
BUNDLED_SPLIT = (1157, 1415, 1797)


class Split(NamedTuple):
    """Images (N, 28, 28) uint8, white ink 255 on black 0, and labels (N,) int32 in 0..9.

    >>> Split(np.zeros((2, 28, 28), np.uint8), np.array([3, 7])).labels.tolist()
    [3, 7]
    """

    images: np.ndarray
    labels: np.ndarray


class Digits(NamedTuple):
    """A named set of digits in three disjoint parts.

    >>> Digits._fields
    ('name', 'train', 'validation', 'test')
    """

    name: str
    train: Split
    validation: Split
    test: Split


def load_digits(source="auto", *, url=mnist.URL, timeout=10.0, deadline=120.0):
    """Handwritten digits as 28×28 images, split into train, validation and test.

    Args:
        source: "mnist": from $SEGUTILS_DATA, data/ or Keras's cache, else downloaded into data/;
            "bundled": the digits inside scikit-learn, no network; "auto": MNIST if it can be had, else bundled.
        url: where MNIST is downloaded from.
        timeout: seconds that one network operation may take.
        deadline: seconds that the whole download may take.
    Returns: Digits: of MNIST 50,000 / 10,000 / 10,000 (train and validation divide its training set), of the
        bundled ones 1,157 / 258 / 382, and no writer is in two parts.
    Raises: ValueError for an unknown source or a file that is not MNIST; OSError if MNIST cannot be had.
    Source: LeCun et al. 1998 (MNIST); Alpaydin and Kaynak 1998, UCI (bundled).
    >>> load_digits("bundled").test.images.shape
    Digits: bundled (as asked); train / validation / test: 1,157 / 258 / 382
    (382, 28, 28)
    """
    check_choice("source", source, SOURCES)
    digits, why = None, "as asked"
    if source != "bundled":
        try:
            digits = _mnist(url, timeout, deadline)
        except (OSError, ValueError) as error:
            if source == "mnist":
                raise
            why = f"MNIST cannot be had: {getattr(error, 'fault', error)}"
    if digits is None:
        digits = _bundled()
    sizes = " / ".join(f"{len(part.labels):,}" for part in digits[1:])
    print(f"Digits: {digits.name} ({why if digits.name == 'bundled' else 'found'}); train / validation / test: {sizes}")
    return digits


def take_per_class(split, count, *, seed=0):
    """The same number of digits of every class, drawn at random, in random order: for training only.

    Args:
        split: Split.
        count: digits per class. A class that has fewer gives each of its digits over again, as evenly as can be.
        seed: of the draw.
    Returns: Split of 10 × count digits.
    Raises: ValueError if a class has no digit at all.
    >>> split = Split(np.zeros((10, 28, 28), np.uint8), np.arange(10))
    >>> take_per_class(split, 2).labels.shape
    (20,)
    """
    missing = sorted(set(range(10)) - set(split.labels.tolist()))
    if missing:
        raise ValueError(f"expected digits of every class, got none of {missing}; pass digits.train, say")
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(split.labels))
    picked = np.concatenate([np.resize(order[split.labels[order] == label], count) for label in range(10)])
    picked = rng.permutation(picked)
    return Split(split.images[picked], split.labels[picked])


def _mnist(url, timeout, deadline):
    arrays = mnist.find_or_download(url=url, timeout=timeout, deadline=deadline)
    images, labels = arrays["x_train"], arrays["y_train"].astype(np.int32)
    return Digits(
        "mnist",
        Split(images[:50000], labels[:50000]),
        Split(images[50000:], labels[50000:]),
        Split(arrays["x_test"], arrays["y_test"].astype(np.int32)),
    )


def _bundled():
    """scikit-learn's 8×8 digits, enlarged to 20×20 by cubic splines and centred on 28×28, as MNIST's are."""
    from scipy.ndimage import zoom
    from sklearn.datasets import load_digits as load_bundled

    bundled = load_bundled()
    enlarged = zoom(bundled.images / 16, (1, 2.5, 2.5), order=3, mode="grid-constant", grid_mode=True)
    images = np.pad(np.rint(255 * enlarged.clip(0, 1)).astype(np.uint8), ((0, 0), (4, 4), (4, 4)))
    labels = bundled.target.astype(np.int32)
    first, second, last = BUNDLED_SPLIT
    parts = [slice(0, first), slice(first, second), slice(second, last)]
    return Digits("bundled", *(Split(images[part], labels[part]) for part in parts))
