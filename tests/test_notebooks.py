"""Notebooks match their sources, stop on wrong parameters, and the main job reaches its goal."""

import base64
import io
import json
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from PIL import Image

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "notebooks"))
import build  # noqa: E402

SOURCES = sorted((ROOT / "notebooks" / "source").glob("*.py"))
BUILT = [ROOT / "notebooks" / f"{source.stem}.ipynb" for source in SOURCES]
NAMES = [source.stem for source in SOURCES]
notebooks = pytest.mark.parametrize("path", BUILT, ids=NAMES)


def read(path):
    return nbformat.read(path, as_version=4)


def test_each_source_has_its_notebook_and_no_notebook_lacks_a_source():
    assert [path.name for path in BUILT] == sorted(path.name for path in (ROOT / "notebooks").glob("*.ipynb"))


@pytest.mark.parametrize("source", SOURCES, ids=NAMES)
def test_notebook_matches_its_source(source):
    def cells(notebook):
        return [(cell.id, cell.cell_type, cell.source, cell.metadata.get("tags", [])) for cell in notebook.cells]

    wanted, found = cells(build.read_source(source)), cells(read(ROOT / "notebooks" / f"{source.stem}.ipynb"))
    assert found == wanted, (
        f"mend it: make notebooks NOTEBOOKS={source.stem} (or, if edited in JupyterLab, make source)"
    )


@notebooks
def test_going_back_to_the_source_loses_nothing(path):
    assert build.to_source(path) == (ROOT / "notebooks" / "source" / f"{path.stem}.py").read_text(encoding="utf-8")


@notebooks
def test_notebook_was_run_from_top_to_bottom_without_an_error(path):
    code = [cell for cell in read(path).cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in code] == list(range(1, len(code) + 1))
    for cell in code:
        for output in cell.outputs:
            assert output.output_type != "error"
            assert output.get("name") != "stderr", output.text


@notebooks
def test_outputs_hold_no_paths_times_or_machine_names(path):
    assert path.stat().st_size < build.MAX_BYTES
    for cell in read(path).cells:
        assert not set(cell.metadata) - {"tags", "lines_to_next_cell"}  # the latter is jupytext's
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            text = "".join([output.get("text", ""), data.get("text/plain", ""), data.get("text/html", "")])
            assert not re.search(r"(?<![\w.:/])/[\w.-]+/[\w.-]+|[A-Z]:\\|\d+ms/step", text), text


@notebooks
def test_each_figure_has_its_text_and_its_own_ground(path):
    """Text for who hears the notebook; no transparency, because the page may be dark."""
    figures = [o for cell in read(path).cells for o in cell.get("outputs", []) if "image/png" in o.get("data", {})]
    assert figures
    for figure in figures:
        alt = figure.metadata.get("image/png", {}).get("alt", "none")
        assert re.match(r"(Figure|Explorer): \w.{10}", alt), f"{alt}; mend it: make notebooks NOTEBOOKS={path.stem}"
        picture = Image.open(io.BytesIO(base64.b64decode(figure.data["image/png"])))
        assert picture.mode in ("P", "RGB")
        assert "transparency" not in picture.info


@notebooks
def test_notebook_opens_with_title_badge_goals_and_checked_parameters(path):
    cells = read(path).cells
    number = int(path.name[:2])
    assert re.match(rf"# {number} · .+\n", cells[0].source)
    assert f"/notebooks/{path.name})" in cells[0].source
    assert "CPU cores" in cells[0].source
    assert "You will be able to\n- " in cells[0].source
    assert cells[1].source == read(BUILT[0]).cells[1].source
    assert cells[2].metadata.tags == ["parameters"]
    assert "course.check_parameters(" in cells[3].source
    declared = re.findall(r"^([A-Z_]+): (?:str|int|float) = .+  # .+$", cells[2].source, re.MULTILINE)
    assert len(declared) == len(cells[2].source.splitlines())
    assert re.findall(r"^    ([A-Z_]+)=course", cells[3].source, re.MULTILINE) == declared


def run(tmp_path, *arguments):
    command = [sys.executable, "-m", "segutils", "run", *arguments, "--output", str(tmp_path)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=900)


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("EPOCH", "2", "ParameterError: unknown parameter EPOCH (did you mean EPOCHS?)"),
        ("EPOCHS", "many", "ParameterError: EPOCHS must be a whole number in 1..1,000, got 'many'"),
        ("SIZE", "50", "ParameterError: SIZE must be a multiple of 16"),
    ],
)
def test_a_wrong_parameter_stops_the_run_with_one_sentence(tmp_path, name, value, message):
    done = run(tmp_path, "-p", name, value)
    assert done.returncode == 1
    assert message in done.stderr.splitlines()[-2]
    assert not (tmp_path / "results.json").exists()


def test_plain_papermill_is_stopped_too(tmp_path):
    command = [sys.executable, "-m", "papermill", str(BUILT[-1]), str(tmp_path / "out.ipynb"), "-p", "EPOCHSS", "2"]
    done = subprocess.run(command, cwd=ROOT / "notebooks", capture_output=True, text=True, timeout=300)
    assert done.returncode != 0
    assert "ParameterError: unknown parameter EPOCHSS (did you mean EPOCHS?)" in done.stderr


def test_an_unknown_notebook_is_refused_with_the_known_ones(tmp_path):
    done = run(tmp_path, "08_segmentation")
    assert done.returncode == 2
    assert "08_segmentation_run" in done.stderr


def test_a_notebook_without_results_runs_too(tmp_path):
    done = run(tmp_path, "02_convolution", "-p", "STRIDE", "3")
    assert done.returncode == 0, done.stderr
    assert "stride 3: (22, 28) becomes (8, 10)" in done.stdout
    assert str(tmp_path / "02_convolution.ipynb") in done.stdout


# Mean IoU over 11 classes, and accuracy, that the default runs must reach on each data set.
GOALS = {
    "07_training_run": ("accuracy", {"mnist": 0.99, "bundled": 0.97}),
    "08_segmentation_run": ("mean_iou", {"mnist": 0.90, "bundled": 0.80}),
}


@pytest.mark.parametrize("name", GOALS)
def test_default_run_reaches_its_goal_and_leaves_all_files(tmp_path, name):
    done = run(tmp_path, name)
    assert done.returncode == 0, done.stderr
    results = json.loads((tmp_path / "results.json").read_text(encoding="utf-8"))
    score, goals = GOALS[name]
    assert results[score] >= goals[results["data"]]
    assert {"parameters", "seed", "environment", "data", "seconds", "summary", "epochs"} <= set(results)
    assert results["summary"] in done.stdout
    files = {f"{name}.ipynb", "best.keras", "history.csv", "results.json"}
    files |= {"predictions.png"} if name.startswith("08") else set()
    for file in files:
        assert (tmp_path / file).stat().st_size > 0
        assert str(tmp_path / file) in done.stdout
