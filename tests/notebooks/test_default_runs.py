"""The notebooks that make up the main job, run as `make run` runs them: goals reached, all files left, stored outputs.

A run takes minutes, so each serves all its tests, and `make test` leaves these notebooks out of nbval.
"""

import json
import re
import subprocess
import sys
from collections import defaultdict
from typing import NamedTuple

import nbformat
import pytest
from nbval.plugin import coalesce_streams, get_sanitize_patterns
from support import NOTEBOOKS, ROOT

# Mean IoU over 11 classes, and accuracy, that the default runs must reach on each data set.
GOALS = {
    "08_training_run": ("accuracy", {"mnist": 0.99, "bundled": 0.97}),
    "09_segmentation_run": ("mean_iou", {"mnist": 0.90, "bundled": 0.80}),
    "11_your_images": ("foreground_iou", {"coins": 0.94}),
}
UNLIKE = {"image/png", "application/vnd.jupyter.widget-view+json"}  # what nbval does not compare either


class Run(NamedTuple):
    """A finished run: the notebook's name, the run folder, and the process."""

    name: str
    folder: object
    process: subprocess.CompletedProcess


@pytest.fixture(scope="module", params=GOALS)
def run(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp(request.param)
    command = [sys.executable, "-m", "segutils", "run", request.param, "--output", str(folder)]
    process = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=900)
    assert process.returncode == 0, process.stderr
    return Run(request.param, folder, process)


def test_a_default_run_reaches_its_goal_and_leaves_all_files(run):
    results = json.loads((run.folder / "results.json").read_text(encoding="utf-8"))
    score, goals = GOALS[run.name]
    assert results[score] >= goals[results["data"]]
    assert {"parameters", "seed", "environment", "data", "seconds", "summary", "epochs"} <= set(results)
    assert results["summary"] in run.process.stdout
    files = {f"{run.name}.ipynb", "best.keras", "history.csv", "results.json"}
    files |= {"predictions.png"} if run.name.startswith("09") else set()
    for file in files:
        assert (run.folder / file).stat().st_size > 0
        assert str(run.folder / file) in run.process.stdout


def test_a_default_run_says_what_is_stored(run):
    """What nbval requires of a notebook: the same outputs, cell by cell, but for those that it is told to ignore."""
    stored, found = (nbformat.read(folder / f"{run.name}.ipynb", 4) for folder in (ROOT / "notebooks", run.folder))
    ran = {cell.id: cell for cell in found.cells}
    code = [cell for cell in stored.cells if cell.cell_type == "code"]
    compared = [cell for cell in code if "nbval-ignore-output" not in cell.metadata.get("tags", [])]
    assert any(cell.outputs for cell in compared)
    for cell in compared:
        assert texts(ran[cell.id]) == texts(cell), cell.source


def texts(cell):
    """The texts of a cell's outputs by their kind, in order, without what differs between any two runs."""
    patterns = get_sanitize_patterns((ROOT / "tests/sanitize.cfg").read_text(encoding="utf-8"))
    found = defaultdict(list)
    for output in coalesce_streams(cell.outputs):
        data = output.data if "data" in output else {output.name: output.text}
        for kind in sorted(set(data) - UNLIKE):
            found[kind].append(data[kind])
            for pattern, replacement in patterns:
                found[kind][-1] = re.sub(pattern, replacement, found[kind][-1])
    return found


def test_make_test_spares_nbval_these_notebooks_alone():
    recipe = re.search(r"^test: .*\n((?:\t.*\n)+)", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M)[1]
    assert re.findall(r"--ignore=notebooks/(\w+)\.ipynb", recipe) == list(GOALS)
    assert set(GOALS) < {path.stem for path in NOTEBOOKS}
