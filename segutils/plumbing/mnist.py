"""MNIST: found in the folders where it may lie, or downloaded, and checked by its content."""

import hashlib
import io
import os
import threading
import zipfile
import zlib
from pathlib import Path

import numpy as np

from segutils.plumbing.storage import CHECKOUT, atomic_write

CURE = "put mnist.npz into the folder that SEGUTILS_DATA names"
URL = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/mnist.npz"
SHAPES = {"x_train": (60000, 28, 28), "y_train": (60000,), "x_test": (10000, 28, 28), "y_test": (10000,)}
SHA256 = "06b0d1f124c4e5fa796686ade41a9b778edacc8622f2195a352ef479ad44fc16"
MAX_BYTES = 20_000_000  # the archive has 11.5 MB
MAX_UNPACKED_BYTES = 60_000_000  # its arrays have 55 MB


class Unavailable(OSError):
    """MNIST cannot be downloaded; `fault` says why, without the cure."""

    def __init__(self, fault):
        super().__init__(f"{fault}; {CURE}, or use source='bundled'")
        self.fault = fault


class NotMNIST(ValueError):
    """A file that is anything but MNIST; `fault` says which and why, without the cure."""

    def __init__(self, fault, cure="delete it, and it will be fetched again"):
        super().__init__(f"{fault}; {cure}")
        self.fault = fault


def data_folder():
    """Where a download lands: data/ of this checkout, or Keras's cache if the package is installed elsewhere."""
    return CHECKOUT / "data" if CHECKOUT else _keras_cache()


def _keras_cache():
    return Path(os.environ.get("KERAS_HOME") or Path.home() / ".keras") / "datasets"


def find_or_download(*, url=URL, timeout=10.0, deadline=120.0):
    """The four arrays of MNIST: from $SEGUTILS_DATA, data/ or Keras's cache, else downloaded into data/.

    Raises: as read_mnist and download_mnist.
    """
    folders = [Path(os.environ["SEGUTILS_DATA"])] if os.environ.get("SEGUTILS_DATA") else []
    folders += [data_folder(), _keras_cache()]
    path = next((folder / "mnist.npz" for folder in folders if (folder / "mnist.npz").is_file()), None)
    if path is None:
        path = download_mnist(data_folder() / "mnist.npz", url=url, timeout=timeout, deadline=deadline)
    return read_mnist(path)


def read_mnist(path):
    """The four arrays of `mnist.npz`, checked by content: names, shapes and SHA-256 of the bytes.

    Raises: NotMNIST (a ValueError) for any other file; it is never unpickled, nor unpacked beyond 60 MB.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            size = sum(member.file_size for member in archive.infolist())
        if size > MAX_UNPACKED_BYTES:
            raise ValueError(f"would unpack to {size:,} bytes, expected 55 million")
        with open(path, "rb") as stream, np.load(stream, allow_pickle=False) as archive:
            arrays = {name: np.asarray(archive[name]) for name in SHAPES}
    except (zipfile.BadZipFile, EOFError, KeyError, ValueError, MemoryError, zlib.error) as error:
        raise NotMNIST(f"{path} is not MNIST or was cut off ({' '.join(str(error).split())})") from error
    digest = hashlib.sha256()
    for array in arrays.values():
        digest.update(np.ascontiguousarray(array))
    shapes = {name: array.shape for name, array in arrays.items()}
    if shapes != SHAPES or digest.hexdigest() != SHA256:
        found = digest.hexdigest()[:12]
        raise NotMNIST(f"{path} is not MNIST: expected SHA-256 {SHA256[:12]}…, got {found}…")
    return arrays


def download_mnist(path, *, url=URL, timeout=10.0, deadline=120.0):
    """Download MNIST to `path`, which appears only once it is complete and its content is right.

    Args:
        path: of the file to write.
        url: where from.
        timeout: seconds that one network operation may take.
        deadline: seconds that the whole download may take.
    Returns: Path.
    Raises: Unavailable (an OSError) if the network fails, stalls, or takes longer than the deadline; NotMNIST (a
        ValueError) if what arrives is not MNIST; OSError if it can't be written.
    """
    path = Path(path)
    with atomic_write(path) as temporary:
        _fetch(url, temporary, timeout, deadline)
        try:
            read_mnist(temporary)
        except NotMNIST as error:
            raise NotMNIST(error.fault.replace(str(temporary), url), f"try again, or {CURE}") from error
    return path


def _fetch(url, path, timeout, deadline):
    """Download `url` to `path`; an Unavailable if it can't be had in time."""
    import pooch
    import requests
    import urllib3

    failures = ["an unexpected error"]

    def work():
        try:
            with _LimitedFile(path, "w") as file:
                pooch.HTTPDownloader(timeout=timeout, chunk_size=2**16)(url, file, None)
            failures.clear()
        except requests.exceptions.ChunkedEncodingError as error:
            came = error.args[0].args[-1]
            known = isinstance(came, urllib3.exceptions.IncompleteRead) and came.expected is not None
            said = f"{came.partial:,} bytes of {came.partial + came.expected:,}" if known else error
            failures.insert(0, f"cut off or garbled: {said}")
        except requests.HTTPError as error:
            failures.insert(0, f"the server answered {error.response.status_code}")
        except requests.Timeout:
            failures.insert(0, f"stalled for {timeout:g} s")
        except requests.ConnectionError as error:
            failures.insert(0, f"stalled for {timeout:g} s" if "timed out" in str(error) else f"no connection: {error}")
        except (OSError, ValueError) as error:
            failures.insert(0, f"cut off or garbled: {error}")

    # Looking up a name and headers that come drop by drop have no time limit: hence a thread, left behind if late.
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    thread.join(deadline)
    if thread.is_alive():
        failures = [f"longer than {deadline:g} s"]
    if failures:
        raise Unavailable(f"no download of {url} ({' '.join(failures[0].split())})")


class _LimitedFile(io.FileIO):
    """A file to write to, that refuses more than MAX_BYTES."""

    def write(self, piece):
        if self.tell() + len(piece) > MAX_BYTES:
            raise ValueError(f"more than {MAX_BYTES:,} bytes")
        return super().write(piece)
