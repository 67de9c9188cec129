"""What a user waits for: a notebook's first figure, a slider, feedback on an exercise, commands that should be free.

python felt.py OUT

Seconds of the processor stand beside those of the clock: they tell what a quiet machine's clock would say at most, also
where the machine is busy with other work.
"""

import statistics
import subprocess
import sys
import time

import feedback
import nbformat
import psutil
import speed
from common import ROOT, children_seconds, measured
from nbclient import NotebookClient

from segutils.plumbing import storage

COMMANDS = {
    "--help": (["--help"], 0),
    "a wrong argument, refused": (["run", "9", "-p", "EPOCHS", "twelve"], 2),
    "an unknown parameter, refused": (["run", "9", "-p", "EPOCH", "12"], 2),
}


def first_figure(path):
    """(seconds by the clock, of the processor) from the start of a kernel until a notebook's first image is there."""
    notebook = nbformat.read(path, as_version=4)
    client = NotebookClient(notebook, resources={"metadata": {"path": path.parent}}, timeout=600)
    started = time.perf_counter()
    with client.setup_kernel():
        kernel = psutil.Process(client.km.provisioner.pid)
        for number, cell in enumerate(notebook.cells):
            if cell.cell_type == "code":
                client.execute_cell(cell, number)
                if any("image/png" in output.get("data", {}) for output in cell.outputs):
                    break
        used = [sum(process.cpu_times()[:4]) for process in (kernel, *kernel.children(recursive=True))]
    return time.perf_counter() - started, sum(used)


def command(arguments, status):
    """(seconds by the clock, of the processor) of a command; RuntimeError if it ends in another way than expected."""
    started, before = time.perf_counter(), children_seconds()
    done = subprocess.run([sys.executable, "-m", "segutils", *arguments], cwd=ROOT, capture_output=True, text=True)
    if done.returncode != status:
        raise RuntimeError(f"{arguments}: expected exit status {status}, got {done.returncode}: {done.stderr[-500:]}")
    return time.perf_counter() - started, children_seconds() - before


def measure():
    return measured("felt", __file__)


if __name__ == "__main__":
    figures = {path.stem: first_figure(path) for path in sorted((ROOT / "notebooks").glob("*.ipynb"))}
    commands = {
        name: [statistics.median(times) for times in zip(*(command(*given) for _ in range(5)), strict=True)]
        for name, given in COMMANDS.items()
    }
    sliders = speed.sliders(clock=time.process_time)
    found = {"figures": figures, "commands": commands, "sliders": sliders, "feedback": feedback.seconds()}
    storage.write_json(sys.argv[1], found)
