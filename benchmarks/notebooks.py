"""The whole course: seconds to execute all notebooks with one process a core, and the peak memory of each.

python notebooks.py CORES OUT
"""

import os
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue

import psutil
from common import ROOT, measured

from segutils.plumbing import storage

CORES = (2, 4)
LONGEST_FIRST = ("12", "13", "09", "14", "10", "08", "16", "05", "03", "07", "11", "06", "15", "01", "04", "02", "00")


def execute(path, core, folder):
    """Seconds and peak resident memory (bytes, all its processes together) of a notebook on one core."""
    command = [sys.executable, "-m", "papermill", path.name, Path(folder) / path.name, "--cwd", path.parent]
    started, peak = time.perf_counter(), 0
    run = psutil.Popen(
        [*map(str, command), "--no-progress-bar"],
        cwd=path.parent,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        preexec_fn=lambda: os.sched_setaffinity(0, {core}),
    )
    while run.poll() is None:
        peak = max(peak, _memory(run))
        time.sleep(0.2)
    if run.returncode:
        raise RuntimeError(f"{path.name} failed: {run.stderr.read().decode()[-2000:]}")
    return time.perf_counter() - started, peak


def _memory(process):
    used = 0
    for one in (process, *process.children(recursive=True)):
        try:
            used += one.memory_info().rss
        except psutil.NoSuchProcess:  # it has just ended
            continue
    return used


def all_of_them(cores):
    """Seconds of the whole, and of each notebook; the longest start first, one process a core."""
    available = sorted(os.sched_getaffinity(0))[: int(cores)]
    free, paths = (
        SimpleQueue(),
        sorted((ROOT / "notebooks").glob("*.ipynb"), key=lambda p: LONGEST_FIRST.index(p.name[:2])),
    )
    for core in available:
        free.put(core)

    def on_a_free_core(path):
        core = free.get()
        try:
            return execute(path, core, folder)
        finally:
            free.put(core)

    started = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(len(available)) as pool:
        found = dict(zip((path.stem for path in paths), pool.map(on_a_free_core, paths), strict=True))
    whole = time.perf_counter() - started
    return {"whole": whole, "each": {name: found[name] for name in sorted(found)}}


def measure():
    """For 2 and 4 cores, where the machine has so many."""
    here = len(os.sched_getaffinity(0))
    return {cores: measured(f"notebooks/{cores}", __file__, cores) for cores in CORES if cores <= here}


if __name__ == "__main__":
    _, cores, out = sys.argv
    storage.write_json(out, all_of_them(cores))
