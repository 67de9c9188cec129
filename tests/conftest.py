"""Shared by all tests: small inputs that are written down rather than loaded, and a browser."""

import sys
import zlib

import numpy as np
import pytest
from support import CHROMIUM

LOCAL = ("http://127.0.0.1:", "ws://127.0.0.1:", "data:", "blob:", "file:")
LONGEST = (  # files that take more than a minute, the longest first
    "tests/notebooks/test_default_runs.py",
    "tests/notebooks/test_browser.py",
    "tests/notebooks/test_book.py",
    "notebooks/12_frontiers.ipynb",
    "notebooks/13_objects.ipynb",
    "notebooks/14_attention.ipynb",
    "tests/classroom/test_assignments.py",
    "tests/classroom/test_grade.py",
    "assignments/source/06_segmentation_project/06_segmentation_project.ipynb",
    "notebooks/10_inside_the_network.ipynb",
    "tests/core/test_training.py",
)


def pytest_collection_modifyitems(items):
    """The longest files are dealt out first, so that no worker is left alone with one at the end."""
    place = {file: k for k, file in enumerate(LONGEST)}
    items.sort(key=lambda item: place.get(item.nodeid.partition("::")[0], len(LONGEST)))


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch):
    """A proxy of the surroundings must not come between a test and its server on 127.0.0.1."""
    monkeypatch.setenv("no_proxy", "*")


@pytest.fixture(autouse=True)
def _figures_closed():
    """matplotlib warns of the 21st open figure, which fails a test that has done nothing wrong."""
    yield
    if "matplotlib.pyplot" in sys.modules:
        sys.modules["matplotlib.pyplot"].close("all")


@pytest.fixture(autouse=True)
def _weights_drawn_alike(request):
    """A network's first weights do not depend on which tests ran before in its process; each test draws its own."""
    if "keras" in sys.modules:
        sys.modules["keras"].utils.set_random_seed(zlib.crc32(request.node.nodeid.encode()))


@pytest.fixture(autouse=True)
def _determinism_ended():
    """`course.set_seed(…, deterministic=True)` holds for the whole process, and makes tf.data read files one by one."""
    yield
    if "tensorflow" in sys.modules:
        from tensorflow.python.framework import config  # TensorFlow has no public way back

        config.disable_op_determinism()


@pytest.fixture
def rng():
    return np.random.default_rng(20)


@pytest.fixture(scope="session")
def drawn_digits():
    """Forty 28×28 "digits" drawn with whole numbers alone, the same on every machine: (images, labels).

    Each is a bar, or a bar and a foot, inside the 20×20 middle; no two labels have the same shape.
    """
    images, labels = [], []
    for k in range(40):
        label = k % 10
        rows = [[0] * 28 for _ in range(28)]
        for y in range(4, 24):
            for x in range(4, 24):
                bar = 9 <= x < 12 + label // 2
                foot = label % 2 and y >= 18
                if bar or foot:
                    rows[y][x] = 255 - (7 * x + 11 * y + 13 * k) % 64
        images.append(rows)
        labels.append(label)
    return np.array(images, np.uint8), np.array(labels, np.int32)


@pytest.fixture(scope="module")
def browser():
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        )
        yield browser
        browser.close()


@pytest.fixture
def page(browser):
    """A page that must end without an error of its scripts and without a request to any other machine."""
    page = browser.new_page(viewport={"width": 1280, "height": 1000})
    errors, outside = [], []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("request", lambda request: None if request.url.startswith(LOCAL) else outside.append(request.url))
    yield page
    page.close()
    assert not errors
    assert not outside
