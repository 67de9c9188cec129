"""How much memory, and how many processor seconds, `python -m segutils segment` takes for many images.

    python benchmarks/memory.py 1000 10000

It makes folders of grey images of 512 × 512 pixels and their masks (discs on an uneven ground) with parts of their own,
100 images each to validate and to test, and runs the whole road on each with a short training. The peak is that of the
largest process, as the operating system counts it.
"""

import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from PIL import Image

ROOT = Path(__file__).resolve().parent.parent
SIDE = 512
SHORT = {"FAULTY": "leave out", "EPOCHS": 2, "EPOCH_CROPS": 64, "CROP": 128, "BATCH_SIZE": 8, "WIDTH": 8}


def make_images(folder, count, *, held=100, seed=0):
    """Write train/, val/ and test/ with images/ and masks/: a few scenes, each moved; cheap to write and read."""
    rng = np.random.default_rng(seed)
    scenes = [_scene(rng) for _ in range(40)]
    for i in range(count):
        part = ("val", "test", "train")[min(i // held, 2)]
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


def measure(count, place):
    """One run of the command: its numbers, in a line."""
    folder = make_images(place / "set", count)
    options = [text for name, value in SHORT.items() for text in ("-p", name, str(value))]
    command = [sys.executable, "-m", "segutils", "segment", str(folder), *options, "--output", str(place / "run")]
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    if done.returncode:
        sys.exit(done.stdout[-2000:])
    peak = after.ru_maxrss / (2**30 if sys.platform == "darwin" else 2**20)
    wall = time.perf_counter() - started
    return f"{count:>6,} images: peak {peak:.2f} GiB, {spent:,.0f} processor seconds, {wall:,.0f} s"


def main():
    for text in sys.argv[1:] or ["1000", "10000"]:
        with tempfile.TemporaryDirectory() as place:
            print(measure(int(text), Path(place)), flush=True)


if __name__ == "__main__":
    main()
