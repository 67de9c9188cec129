"""How much memory, and how many processor seconds, `python -m segutils segment` takes for many images.

    python memory.py segment COUNT OUT     the whole command
    python memory.py plain COUNT OUT       the loop that people write, in a process of its own
    python memory.py loop FOLDER MASKS     that loop

The images are grey, 512 × 512 pixels, with masks (discs on an uneven ground); a tenth of them validates, a tenth is the
test. The training is short and equal in both: the same network, as many crops of the same size. The loop holds all
images and masks in memory as they are in their files, looks at the validation images after each epoch, writes the test
masks and counts the IoU; nothing is examined, kept or reported. The peak is that of the largest process, as the
operating system counts it.
"""

import resource
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from common import ROOT, children_seconds, measured
from PIL import Image

from segutils.plumbing import storage

COUNTS = (100, 1_000, 10_000)
SIDE = 512
SHORT = {"FAULTY": "leave out", "EPOCHS": 2, "EPOCH_CROPS": 64, "CROP": 128, "BATCH_SIZE": 8, "WIDTH": 4}


def make_images(folder, count, *, seed=0):
    """Write train/, val/ and test/ with images/ and masks/: a few scenes, each moved; cheap to write and read."""
    rng = np.random.default_rng(seed)
    scenes = [_scene(rng) for _ in range(40)]
    for i in range(count):
        part = ("val", "test", "train")[min(10 * i // count, 2)]
        move = tuple(rng.integers(0, SIDE, 2))
        for kind, values in zip(("images/{:05}.bmp", "masks/{:05}.png"), scenes[i % len(scenes)], strict=True):
            path = folder / part / kind.format(i)
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(np.roll(values, move, (0, 1))).save(path)
    return folder


def _scene(rng):
    rows, columns = np.indices((SIDE, SIDE), np.float32)
    inside = np.zeros((SIDE, SIDE), bool)
    for _ in range(8):
        (y, x), radius = rng.uniform(40, SIDE - 40, 2), rng.uniform(15, 40)
        inside |= (rows - y) ** 2 + (columns - x) ** 2 < radius**2
    grey = 70 + rng.uniform(-0.1, 0.1) * rows + 90 * inside + 20 * np.sin(columns * rng.uniform(0.05, 0.5))
    grey += rng.normal(0, 6, grey.shape)
    return grey.clip(0, 255).astype(np.uint8), 255 * inside.astype(np.uint8)


def loop(folder, masks):
    """Train and judge by a plain loop over arrays that hold everything. Returns: mean IoU of the test images."""
    from segutils import losses, metrics, models

    parts = {part: _read(folder / part) for part in ("train", "val", "test")}
    model, rng = models.unet(2, width=SHORT["WIDTH"]), np.random.default_rng(0)
    model.compile("adam", losses.SegmentationLoss("cross_entropy_dice", over="batch"))
    for _ in range(SHORT["EPOCHS"]):
        for _ in range(SHORT["EPOCH_CROPS"] // SHORT["BATCH_SIZE"]):
            model.train_on_batch(*_crops(*parts["train"], rng))
        _judge(model, *parts["val"], metrics)
    return _judge(model, *parts["test"], metrics, masks)


def _read(folder):
    arrays = [
        [np.asarray(Image.open(path)) for path in sorted((folder / kind).iterdir())] for kind in ("images", "masks")
    ]
    return np.array(arrays[0])[..., None], np.array(arrays[1]) // 255


def _crops(images, masks, rng):
    side, chosen = SHORT["CROP"], rng.integers(0, len(images), SHORT["BATCH_SIZE"])
    corners = rng.integers(0, SIDE - side + 1, (len(chosen), 2))
    windows = [(i, slice(y, y + side), slice(x, x + side)) for i, (y, x) in zip(chosen, corners, strict=True)]
    return np.array([images[window] for window in windows], np.float32), np.array([masks[window] for window in windows])


def _judge(model, images, masks, metrics, folder=None):
    table = 0
    for i, (image, mask) in enumerate(zip(images, masks, strict=True)):
        predicted = model.predict_on_batch(image[None].astype(np.float32))[0].argmax(-1)
        table = table + metrics.confusion_matrix(mask, predicted, 2)
        if folder:
            Image.fromarray(255 * predicted.astype(np.uint8)).save(folder / f"{i}.png")
    return float(metrics.mean_iou(table))


def run(who, count):
    """{"peak": bytes, "seconds": of the processor} of one process with its children."""
    with tempfile.TemporaryDirectory() as place:
        folder, out = make_images(Path(place) / "set", count), Path(place) / "run"
        if who == "plain":
            out.mkdir()
            command = [__file__, "loop", folder, out]
        else:
            options = [text for name, value in SHORT.items() for text in ("-p", name, value)]
            command = ["-m", "segutils", "segment", folder, *options, "--output", out]
        before = children_seconds()
        command = [sys.executable, *map(str, command)]
        done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        seconds = children_seconds() - before
    if done.returncode:
        raise RuntimeError(f"{who} of {count} images failed: {done.stdout[-2000:]}")
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    return {"peak": peak, "seconds": seconds}


def measure():
    """{number of images: {"segment": run, "plain": run}}."""
    return {n: {who: measured(f"memory/{who}-{n}", __file__, who, n) for who in ("segment", "plain")} for n in COUNTS}


if __name__ == "__main__":
    _, who, what, out = sys.argv
    if who == "loop":
        print(loop(Path(what), Path(out)))
    else:
        storage.write_json(out, run(who, int(what)))
