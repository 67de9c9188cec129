"""What several tests share and pytest has no fixture for: where things are, and the browser."""

import shutil
import signal
from pathlib import Path

import numpy as np
from PIL import Image

from segutils import dataset
from segutils.dataset.classes import GREY, Classes, has_colour, learn_classes
from segutils.dataset.files import Files
from segutils.dataset.pairing import find_pairs

ROOT = Path(__file__).resolve().parent.parent
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
SMALL = {  # parameters of notebooks that train, for tests of what does not depend on them
    "05_losses": {"EPOCHS": 1},
    "10_inside_the_network": {"TRAIN_SCENES": 160, "EPOCHS": 1, "PROBE_SCENES": 100, "TEST_SCENES": 60},
    "13_objects": {"TRAIN_SCENES": 20, "EPOCHS": 1},
    "14_attention": {"SCENES": 60, "STEPS": 10, "SECONDS": 1.0},
    "16_faq": {"TRAIN_IMAGES": 100, "EPOCHS": 20, "SEEDS": 3},
}
CHROMIUM = shutil.which("chromium")
FIREFOX = shutil.which("firefox-esr") or shutil.which("firefox")

# Masks as people have them
BINARY = np.array([[0, 255, 255], [0, 0, 255]], np.uint8)
FEW = np.array([[0, 1, 2], [2, 0, 0]], np.uint8)
RGB = np.array([[[0, 0, 0], [255, 0, 0]], [[0, 128, 7], [0, 0, 0]]], np.uint8)

# A grey image: 90 pixels of ink, 60, 62, … 238, on black
INK = np.zeros((20, 28), np.uint8)
INK[3:9, 5:20] = np.arange(60, 240, 2).reshape(6, 15)


def touch(path, names):
    """Empty files of these names: pairing looks at names alone."""
    for name in names:
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_bytes(b"")
    return Files(path)


def save(path, values, mode=None, **options):
    """An array as an image, converted to a mode."""
    path.parent.mkdir(parents=True, exist_ok=True)
    image = Image.fromarray(np.asarray(values))
    (image.convert(mode) if mode else image).save(path, **options)


def masks_of(path, *masks, suffix="png", **options):
    """Files and pairs of a set of masks, each with a black image."""
    for i, mask in enumerate(masks):
        save(path / f"images/{i}.png", np.zeros(np.shape(mask)[:2], np.uint8))
        save(path / f"masks/{i}.{suffix}", mask, **options)
    files = Files(path)
    return files, find_pairs(files).pairs


def classes_of(files):
    """The classes of a data set, from the values of all its masks, those too that the doctor would refuse."""
    pairs = find_pairs(files).pairs
    if any(len(pair.masks) > 1 for pair in pairs):
        return Classes("objects", (0, 1))
    masks = [dataset.read_mask(files, pair.masks[0]) for pair in pairs]
    seen = [(mask.ndim == 3, set(dataset.count_values(dataset.pack_colours(mask)))) for mask in masks]
    coloured = any(has_colour(values) for colours, values in seen if colours)
    values = {value if coloured or not colours else value // GREY for colours, some in seen for value in some}
    return learn_classes(values, coloured)


# Marks of planted answers to exercises


def right(answer):
    """Mark an answer as right."""
    answer.words = ""
    return answer


def wrong(words):
    """Mark an answer as wrong; its feedback must contain these words."""

    def mark(answer):
        answer.words = words
        return answer

    return mark


def take_signals():
    """A shell starts what runs in the background deaf to Ctrl-C, and a child inherits that."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
