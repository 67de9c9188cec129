"""Handwritten digits: MNIST where it can be had, else the 1,797 real digits inside scikit-learn.

Every set comes split into train, validation and test *before* anything is made from it, so no writer's
stroke that a model learned from can turn up in its exam.
"""

import hashlib
import http.client
import os
import threading
import urllib.error
import urllib.request
import zipfile
import zlib
from pathlib import Path
from typing import NamedTuple

import numpy as np

from segutils.course import CHECKOUT, choose, replacing

SOURCES = ("auto", "mnist", "bundled")
MNIST_URL = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/mnist.npz"
MNIST_SHAPES = {"x_train": (60000, 28, 28), "y_train": (60000,), "x_test": (10000, 28, 28), "y_test": (10000,)}
MNIST_SHA256 = "06b0d1f124c4e5fa796686ade41a9b778edacc8622f2195a352ef479ad44fc16"
MNIST_MAX_BYTES = 20_000_000  # the archive has 11.5 MB
UNPACKED_MAX_BYTES = 60_000_000  # its arrays have 55 MB
# The bundled digits come writer by writer; these are the first digits of writers 9, 11 and the end.
# Source of the boundaries: INRIA scikit-learn-mooc, "Sample grouping".
BUNDLED_SPLIT = (1157, 1415, 1797)


class Split(NamedTuple):
    """Images (N, 28, 28) uint8, white ink 255 on black 0, and labels (N,) int32 in 0..9."""

    images: np.ndarray
    labels: np.ndarray


class Digits(NamedTuple):
    """A named set of digits in three disjoint parts."""

    name: str
    train: Split
    validation: Split
    test: Split


def load_digits(source="auto", *, url=MNIST_URL, timeout=10.0, deadline=120.0):
    """Handwritten digits as 28×28 images, split into train, validation and test.

    Args:
        source: "mnist": from $SEGUTILS_DATA, data/ or Keras's cache, else downloaded into data/;
            "bundled": the digits inside scikit-learn, no network; "auto": MNIST if it can be had, else bundled.
        url: where MNIST is downloaded from.
        timeout: seconds that one network operation may take.
        deadline: seconds that the whole download may take.
    Returns: Digits. MNIST: 50,000 / 10,000 / 10,000 (train and validation divide its training set).
        Bundled: 1,157 / 258 / 382, and no writer is in two parts.
    Raises: ValueError for an unknown source or a file that is not MNIST; OSError if MNIST cannot be had.
    Source: LeCun et al. 1998 (MNIST); Alpaydin and Kaynak 1998, UCI (bundled).
    """
    choose("source", source, SOURCES)
    digits, why = None, "as asked"
    if source != "bundled":
        try:
            digits = _mnist(url, timeout, deadline)
        except (OSError, ValueError) as error:
            if source == "mnist":
                raise
            why = f"MNIST cannot be had: {str(error).split(';')[0]}"
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
    """
    missing = sorted(set(range(10)) - set(split.labels.tolist()))
    if missing:
        raise ValueError(f"expected digits of every class, got none of {missing}; pass digits.train, say")
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(split.labels))
    picked = np.concatenate([np.resize(order[split.labels[order] == label], count) for label in range(10)])
    picked = rng.permutation(picked)
    return Split(split.images[picked], split.labels[picked])


def data_folder():
    """Where a download lands: data/ of this checkout, or Keras's cache if the package is installed elsewhere."""
    return CHECKOUT / "data" if (CHECKOUT / "pyproject.toml").is_file() else _keras_cache()


def _keras_cache():
    return Path(os.environ.get("KERAS_HOME") or Path.home() / ".keras") / "datasets"


def _mnist(url, timeout, deadline):
    folders = [Path(os.environ["SEGUTILS_DATA"])] if os.environ.get("SEGUTILS_DATA") else []
    folders += [data_folder(), _keras_cache()]
    path = next((folder / "mnist.npz" for folder in folders if (folder / "mnist.npz").is_file()), None)
    if path is None:
        path = download_mnist(data_folder() / "mnist.npz", url=url, timeout=timeout, deadline=deadline)
    arrays = read_mnist(path)
    images, labels = arrays["x_train"], arrays["y_train"].astype(np.int32)
    return Digits(
        "mnist",
        Split(images[:50000], labels[:50000]),
        Split(images[50000:], labels[50000:]),
        Split(arrays["x_test"], arrays["y_test"].astype(np.int32)),
    )


def read_mnist(path):
    """The four arrays of `mnist.npz`, checked by content: names, shapes and SHA-256 of the bytes.

    Raises: ValueError if the file is anything but MNIST; it is never unpickled, nor unpacked beyond 60 MB.
    """
    cure = "delete it, and it will be fetched again"
    try:
        with zipfile.ZipFile(path) as archive:
            size = sum(member.file_size for member in archive.infolist())
        if size > UNPACKED_MAX_BYTES:
            raise ValueError(f"would unpack to {size:,} bytes, expected 55 million")
        with open(path, "rb") as stream, np.load(stream, allow_pickle=False) as archive:
            arrays = {name: np.asarray(archive[name]) for name in MNIST_SHAPES}
    except (zipfile.BadZipFile, EOFError, KeyError, ValueError, MemoryError, zlib.error) as error:
        reason = " ".join(str(error).split())
        raise ValueError(f"{path} is not MNIST or was cut off ({reason}); {cure}") from error
    digest = hashlib.sha256()
    for array in arrays.values():
        digest.update(np.ascontiguousarray(array))
    shapes = {name: array.shape for name, array in arrays.items()}
    if shapes != MNIST_SHAPES or digest.hexdigest() != MNIST_SHA256:
        found = digest.hexdigest()[:12]
        raise ValueError(f"{path} is not MNIST: expected SHA-256 {MNIST_SHA256[:12]}…, got {found}…; {cure}")
    return arrays


def download_mnist(path, *, url=MNIST_URL, timeout=10.0, deadline=120.0):
    """Download MNIST to `path`, which appears only once it is complete and its content is right.

    Raises: OSError if the network fails, stalls, or takes longer than `deadline` seconds;
        ValueError if what arrives is not MNIST.
    """
    path = Path(path)
    try:
        with replacing(path) as temporary:
            temporary.write_bytes(_fetch(url, timeout, deadline))
            read_mnist(temporary)
    except ValueError as error:
        message = str(error).split(";")[0].replace(str(temporary), url)
        raise ValueError(f"{message}; try again, or put mnist.npz into the folder that SEGUTILS_DATA names") from error
    return path


def _fetch(url, timeout, deadline):
    """The bytes at `url`; an OSError without errno (no disk is at fault) if they can't be had in time."""
    outcome = []

    def work():
        try:
            outcome.append(_read(url, timeout))
        except urllib.error.HTTPError as error:
            error.close()
            outcome.append(f"the server answered {error.code}")
        except TimeoutError:
            outcome.append(f"stalled for {timeout:g} s")
        except urllib.error.URLError as error:
            outcome.append(f"no connection: {error.reason}")
        except (OSError, ValueError, http.client.HTTPException) as error:
            outcome.append(f"cut off or garbled: {error}")

    # Looking up a name and headers that come drop by drop have no time limit: hence a thread, left behind if late.
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    thread.join(deadline)
    content = outcome[0] if outcome else f"longer than {deadline:g} s"
    if isinstance(content, str):
        cure = "put mnist.npz into the folder that SEGUTILS_DATA names, or use source='bundled'"
        raise OSError(f"no download of {url} ({' '.join(content.split())}); {cure}")
    return content


def _read(url, timeout):
    content = bytearray()
    with urllib.request.urlopen(url, timeout=timeout) as response:
        expected = int(response.headers.get("Content-Length") or 0)
        while piece := response.read1(1 << 16):
            content += piece
            if len(content) > MNIST_MAX_BYTES:
                raise ValueError(f"more than {MNIST_MAX_BYTES:,} bytes")
    if expected and len(content) != expected:
        raise ValueError(f"{len(content):,} bytes of {expected:,}")
    return bytes(content)


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
