"""What the benchmarks share: folders, medians, scenes on disk, and work in processes of their own."""

import functools
import importlib.metadata
import json
import platform
import resource
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
HERE = ROOT / "benchmarks"
OUT = ROOT / "runs" / "bench"  # each single measurement; what is there already is not measured again
MEASURED = HERE / "measured"  # what came of each part, kept in the project
COMPETITORS_PYTHON = ROOT / ".venv-bench" / "bin" / "python"  # has PyTorch, no TensorFlow
SEEDS = (0, 1, 2)
EXAM = 1000  # scenes to judge by


def machine():
    """The machine and the versions, in a line."""
    from segutils import course

    about = course.environment()
    packages = ("tensorflow", "keras", "numpy", "scikit-learn")
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in packages)
    return f"{about['cores']} cores, {_processor()}, {platform.system()}, Python {about['python']}, {versions}"


def _processor():
    about = Path("/proc/cpuinfo")
    lines = about.read_text(encoding="utf-8").splitlines() if about.exists() else []
    return next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), platform.machine())


def median_seconds(work, repeats=5):
    """Median seconds of a piece of work, after one warm-up."""
    work()
    times = []
    for _ in range(repeats):
        started = time.perf_counter()
        work()
        times.append(time.perf_counter() - started)
    return statistics.median(times)


def children_seconds():
    """Seconds of the processor that all child processes that have ended, and theirs, have used so far."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def measured(name, *command, python=sys.executable):
    """What a script wrote to its last argument, OUT/name.json; it runs only if that is missing.

    A process of its own, so that one measurement can't warm up or burden the next.
    """
    path = OUT / f"{name}.json"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        print(f"- {name}", flush=True)
        part = path.with_suffix(".part")
        subprocess.run([python, *map(str, command), part], check=True)
        part.replace(path)
    return json.loads(path.read_text(encoding="utf-8"))


def notebook_results(name, notebook, **parameters):
    """results.json of a notebook, executed with these parameters into OUT/name; it runs only if that is missing."""
    folder = OUT / name
    if not (folder / "results.json").exists():
        print(f"- {name}", flush=True)
        shutil.rmtree(folder, ignore_errors=True)  # a run that was stopped would go on, and be timed by half
        given = [part for key, value in parameters.items() for part in ("-p", key, str(value))]
        command = [sys.executable, "-m", "segutils", "run", notebook, *given, "--output", str(folder)]
        subprocess.run(command, check=True, cwd=ROOT, stdout=subprocess.DEVNULL)
    return json.loads((folder / "results.json").read_text(encoding="utf-8"))


@functools.cache
def digits_here():
    """The digits that this machine has, MNIST or the bundled ones. What is measured with others is another thing."""
    from segutils.digits import load_digits

    return load_digits("auto")


def source_name(kind):
    """What a kind of scenes, "digits" or "textures", is made of, as file names say it."""
    return digits_here().name if kind == "digits" else kind


def scene_file(seed, *, kind="digits", exam="test", **knobs):
    """15,000 training scenes and 1,000 to judge by, split by source, in a file that NumPy alone reads.

    kind: "digits", or "textures"; knobs: of the function that makes its splits.
    """
    from segutils import scenes, textures

    about = [source_name(kind), str(seed), exam, *map(str, knobs.values())]
    path = OUT / f"scenes-{'-'.join(about)}.npz".replace(" ", "")
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        sizes = {"train": 15_000, "validation": EXAM, "test": EXAM, "seed": seed}
        make = textures.make_splits if kind == "textures" else functools.partial(scenes.make_splits, digits_here())
        train, validation, test = make(**sizes, **knobs)
        chosen = {"validation": validation, "test": test}[exam]
        names = ("images", "masks", "exam_images", "exam_masks")
        arrays = (train.images, train.semantic, chosen.images, chosen.semantic)
        np.savez(path, **dict(zip(names, arrays, strict=True)))
    return path


def table(head, rows):
    """A Markdown table; numbers come as text."""
    lines = [head, ["---"] + ["---:"] * (len(head) - 1), *rows]
    return "\n".join(f"| {' | '.join(map(str, line))} |" for line in lines)
