"""A notebook that takes no time, and the command line as a process of its own."""

import os
import subprocess
import sys

import nbformat
import pytest
from support import ROOT, take_signals

PARAMETERS = """X: int = 1  # along x
LOSS: str = "dice"  # text
SEED: int = 0  # seed
OUTPUT: str = ""  # run folder"""
CHECK = """from segutils import course
parameters = course.check_parameters(globals(), X=course.integer(1, 9), LOSS=course.one_of("dice", "focal", "2"),
    SEED=course.integer(0, 9), OUTPUT=course.text(empty=True))"""


@pytest.fixture
def make(tmp_path):
    """A function that writes a notebook of sources (a str: code; after "#": markdown) behind the toy's parameters."""

    def write(*sources, name="toy.ipynb"):
        cells = [nbformat.v4.new_code_cell(source) for source in (PARAMETERS, CHECK)]
        cells[0].metadata.tags, cells[1].metadata.tags = ["parameters"], ["check-parameters"]
        for source in sources:
            new = nbformat.v4.new_markdown_cell if source.startswith("## ") else nbformat.v4.new_code_cell
            cells.append(new(source))
        kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
        nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=kernel), tmp_path / name)
        return tmp_path / name

    return write


@pytest.fixture
def start():
    """A function that starts `python -m segutils …`; what still runs at the end of the test is killed."""
    started = []

    def begin(*arguments, options=None, **environment):
        child = subprocess.Popen(
            [sys.executable, "-m", "segutils", *map(str, arguments)],
            cwd=ROOT,
            env={k: v for k, v in {**os.environ, "PYTHONPATH": str(ROOT), **environment}.items() if v is not None},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            **({"preexec_fn": take_signals} if os.name == "posix" else {}) | (options or {}),
        )
        started.append(child)
        return child

    yield begin
    for child in started:
        child.kill()
        child.communicate()
