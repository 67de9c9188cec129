"""What a user waits for: seconds from opening a notebook to its first figure, and of commands that should be free.

python felt.py OUT
"""

import subprocess
import sys
import time

import nbformat
from common import ROOT, measured, median_seconds
from nbclient import NotebookClient

from segutils.plumbing import storage

COMMANDS = {
    "--help": (["--help"], 0),
    "a wrong argument, refused": (["run", "9", "-p", "EPOCHS", "twelve"], 2),
    "an unknown parameter, refused": (["run", "9", "-p", "EPOCH", "12"], 2),
}


def first_figure(path):
    """Seconds from the start of a kernel until a notebook's first image is there."""
    notebook = nbformat.read(path, as_version=4)
    client = NotebookClient(notebook, resources={"metadata": {"path": path.parent}}, timeout=600)
    started = time.perf_counter()
    with client.setup_kernel():
        for number, cell in enumerate(notebook.cells):
            if cell.cell_type == "code":
                client.execute_cell(cell, number)
                if any("image/png" in output.get("data", {}) for output in cell.outputs):
                    break
    return time.perf_counter() - started


def command(arguments, status):
    """Run a command of the course; RuntimeError if it ends in another way than expected."""
    done = subprocess.run([sys.executable, "-m", "segutils", *arguments], cwd=ROOT, capture_output=True, text=True)
    if done.returncode != status:
        raise RuntimeError(f"{arguments}: expected exit status {status}, got {done.returncode}: {done.stderr[-500:]}")


def measure():
    return measured("felt", __file__)


if __name__ == "__main__":
    figures = {path.stem: first_figure(path) for path in sorted((ROOT / "notebooks").glob("*.ipynb"))}
    commands = {name: median_seconds(lambda given=given: command(*given)) for name, given in COMMANDS.items()}
    storage.write_json(sys.argv[1], {"figures": figures, "commands": commands})
