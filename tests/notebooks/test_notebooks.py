"""Notebooks match their sources, and stop on wrong parameters."""

import base64
import io
import json
import re
import shutil
import subprocess
import sys

import build
import matplotlib.pyplot as plt
import nbformat
import numpy as np
import pytest
from PIL import Image
from support import ROOT

from segutils import course
from segutils.plumbing import made

SOURCES = sorted((ROOT / "sources").glob("*.py"))
BUILT = [ROOT / "notebooks" / f"{source.stem}.ipynb" for source in SOURCES]
NAMES = [source.stem for source in SOURCES]
NO_NETWORK_AT_FIRST = ("00", "01", "02", "03", "04", "05", "06", "07", "16")  # what they open with is NumPy, or figures
notebooks = pytest.mark.parametrize("path", BUILT, ids=NAMES)
PROJECTS = sorted((ROOT / "sources/projects").glob("*.py"))  # no lessons: for work of one's own
ALL = [*BUILT, *(ROOT / "notebooks/projects" / f"{source.stem}.ipynb" for source in PROJECTS)]
all_notebooks = pytest.mark.parametrize("path", ALL, ids=lambda path: path.stem)


def read(path):
    return nbformat.read(path, as_version=4)


def test_each_source_has_its_notebook_and_no_notebook_lacks_a_source():
    built = [*(ROOT / "notebooks").glob("*.ipynb"), *(ROOT / "notebooks/projects").glob("*.ipynb")]
    assert sorted(ALL) == sorted(built)


@pytest.mark.parametrize("source", [*SOURCES, *PROJECTS], ids=lambda source: source.stem)
def test_notebook_matches_its_source(source):
    def cells(notebook):
        return [(cell.id, cell.cell_type, cell.source, about(cell)) for cell in notebook.cells]

    def about(cell):
        return {
            key: value for key, value in cell.metadata.items() if key != "lines_to_next_cell"
        }  # which is jupytext's

    wanted, found = cells(build.read_source(source)), cells(read(build.built(source)))
    assert found == wanted, (
        f"mend it: make notebooks NOTEBOOKS={source.stem} (or, if edited in JupyterLab, make source)"
    )


@all_notebooks
def test_going_back_to_the_source_loses_nothing(path):
    source = next(source for source in [*SOURCES, *PROJECTS] if build.built(source) == path)
    assert build.to_source(path) == source.read_text(encoding="utf-8")


@all_notebooks
def test_notebook_was_run_from_top_to_bottom_without_an_error(path):
    code = [cell for cell in read(path).cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in code] == list(range(1, len(code) + 1))
    for cell in code:
        for output in cell.outputs:
            assert output.output_type != "error"
            assert output.get("name") != "stderr", output.text


@all_notebooks
def test_outputs_hold_no_paths_times_or_machine_names(path):
    assert path.stat().st_size < build.MAX_BYTES
    for cell in read(path).cells:
        hidden = {"jupyter", "cellView"} if "hide-input" in cell.metadata.get("tags", []) else set()
        assert set(cell.metadata) - {"tags", "lines_to_next_cell"} == hidden
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            text = "".join([output.get("text", ""), data.get("text/plain", ""), data.get("text/html", "")])
            assert not re.search(r"(?<![\w.:/])/[\w.-]+/[\w.-]+|[A-Z]:\\|\d+ms/step", text), text


@all_notebooks
def test_each_figure_has_its_text_and_its_own_ground(path):
    """Text for who hears the notebook; no transparency, because the page may be dark."""
    figures = [o for cell in read(path).cells for o in cell.get("outputs", []) if "image/png" in o.get("data", {})]
    assert figures
    for figure in figures:
        alt = figure.metadata.get("image/png", {}).get("alt", "none")
        assert re.match(r"(Figure|Explorer): \w.{10}", alt), f"{alt}; mend it: make notebooks NOTEBOOKS={path.stem}"
        image = Image.open(io.BytesIO(base64.b64decode(figure.data["image/png"])))
        assert image.mode in ("P", "RGB")
        assert "transparency" not in image.info


@notebooks
def test_notebook_opens_with_title_badge_goals_and_checked_parameters(path):
    cells = read(path).cells
    number = int(path.name[:2])
    assert re.match(rf"# {number} · .+\n", cells[0].source)
    assert f"/notebooks/{path.name})" in cells[0].source
    assert "CPU cores" in cells[0].source
    assert "You will be able to\n- " in cells[0].source
    parameters = cells[1].source.removeprefix("# @title Parameters\n")
    assert cells[1].metadata.tags == ["parameters"] + ["hide-input"] * (parameters != cells[1].source)
    set_up, check, rules = cells[2].source.partition("course.check_parameters(")
    assert check
    assert set_up == read(BUILT[0]).cells[2].source.partition("course.check_parameters(")[0]
    declared = re.findall(r"^([A-Z_]+): (?:str|int|float) = .+  # .+$", parameters, re.MULTILINE)
    assert len(declared) == len(parameters.splitlines())
    assert (parameters != cells[1].source) == (len(declared) > 6), "so many are collapsed"
    assert re.findall(r"\b([A-Z_]+)=course", rules) == declared


@notebooks
def test_what_only_prepares_is_stored_collapsed(path):
    """In JupyterLab and in Colab's form view: set-up and check, imports, long parameters, and a first figure's code."""
    code = [cell for cell in read(path).cells if cell.cell_type == "code"]
    collapsed = [cell for cell in code if "hide-input" in cell.metadata.get("tags", [])]
    assert collapsed[-1] is code[:4][-1]
    assert any("image/png" in output.get("data", {}) for output in collapsed[-1].outputs), "the first figure"
    assert code[1:3] == [cell for cell in collapsed if cell in code[1:3]]
    for cell in collapsed:
        assert cell.metadata.jupyter.source_hidden is True
        assert cell.metadata.cellView == "form"
        assert cell.source.startswith("# @title "), "the line that is seen"
    assert "check-parameters" in code[1].metadata.tags
    assert not re.search(r"^(import|from) ", code[3].source if code[3:] else "", re.M)


def test_first_figures_that_need_no_network_do_not_wait_for_tensorflow(tmp_path):
    """Importing it takes longer than all else up to the first figure, so it is imported where it is first used."""
    first = [path for path in BUILT if path.name[:2] in NO_NETWORK_AT_FIRST]
    assert len(first) == len(NO_NETWORK_AT_FIRST)
    cells = {path.stem: [cell.source for cell in read(path).cells if cell.cell_type == "code"][:4] for path in first}
    code = f"""
import matplotlib, sys
matplotlib.use("agg")
for name, cells in {cells}.items():
    scope = {{}}
    for cell in cells:
        exec(cell, scope)
        found = [library for library in ("keras", "tensorflow") if library in sys.modules]
        if found:
            sys.exit(f"{{name}}: {{found}} imported by the cell {{cell[:40]!r}}")
    matplotlib.pyplot.close("all")"""
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr[-1000:]


def test_a_notebook_is_built_anew_only_where_code_changed(tmp_path, monkeypatch):
    for name, folder in (("SOURCES", "sources"), ("NOTEBOOKS", "notebooks")):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("runs"))
        monkeypatch.setattr(build, name, tmp_path / folder)
    source, notebook = tmp_path / "sources/00_start.py", tmp_path / "notebooks/00_start.ipynb"
    text, before = source.read_text(encoding="utf-8"), read(notebook)
    source.write_text(text.replace("# The times", "# A new sentence.\n#\n# The times"), encoding="utf-8")
    build.keep_outputs(source)
    assert "A new sentence." in notebook.read_text(encoding="utf-8")
    assert [cell.get("outputs") for cell in read(notebook).cells] == [cell.get("outputs") for cell in before.cells]
    source.write_text(text.replace("show_goal(SCENE)", "show_goal(SCENE - 1)"), encoding="utf-8")
    with pytest.raises(ValueError, match="00_start: build it anew"):
        build.keep_outputs(source)


def test_the_start_page_leads_to_every_notebook_with_the_time_that_its_title_says():
    rows = re.findall(r"^\| \[(.*?)\]\((\w+\.ipynb)\) \| .+ \| (.+?) \| .+ \|$", read(BUILT[0]).cells[-1].source, re.M)
    map_ = [row for row in rows if re.match(r"\d+ (second|minute)", row[2])]
    wanted = []
    for path in BUILT[1:]:
        title = read(path).cells[0].source
        name = re.match(r"# (\d+ · [^:\n]+)", title)[1]
        wanted.append((name, path.name, re.search(r"about (\d+ \w+) on two CPU cores", title)[1]))
    assert map_ == wanted


def run(tmp_path, *arguments):
    command = [sys.executable, "-m", "segutils", "run", *arguments, "--output", str(tmp_path)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=900)


def test_plain_papermill_is_stopped_too(tmp_path):
    command = [
        sys.executable,
        "-m",
        "papermill",
        str(BUILT[NAMES.index("09_segmentation_run")]),
        str(tmp_path / "out.ipynb"),
        "-p",
        "EPOCHSS",
        "2",
    ]
    done = subprocess.run(command, cwd=ROOT / "notebooks", capture_output=True, text=True, timeout=300)
    assert done.returncode != 0
    assert "ParameterError: unknown parameter EPOCHSS (did you mean EPOCHS?)" in done.stderr


def test_an_unknown_notebook_is_refused_with_the_known_ones(tmp_path):
    done = run(tmp_path, "08_segmentation")
    assert done.returncode == 2
    assert "09_segmentation_run" in done.stderr


def test_a_notebook_without_results_runs_too(tmp_path):
    done = run(tmp_path, "02_convolution", "-p", "STRIDE", "3")
    assert done.returncode == 0, done.stderr
    assert "stride 3: (62, 62) becomes (21, 21)" in done.stdout
    assert str(tmp_path / "02_convolution.ipynb") in done.stdout


# Notebook 11 and folders of one's own


def make_set(path, *, images=9):
    """Squares and bars of three classes in palette masks 0, 3, 7, images of other sizes; returns the folder."""
    rng = np.random.default_rng(4)
    for n in range(images):
        mask = np.zeros((40 + n, 70 - 2 * n), np.uint8)
        y, x = rng.integers(2, 18, 2)
        mask[y : y + 14, x : x + 14], mask[-7:-3, x : x + 25] = 3, 7
        image = np.stack([20 + 25 * mask, 200 - 20 * mask, rng.integers(0, 40, mask.shape)], -1).astype(np.uint8)
        for role, values in (("photos", image), ("drawn by Ada", mask)):
            (path / role).mkdir(parents=True, exist_ok=True)
            image = Image.fromarray(values)
            if role != "photos":
                image.putpalette([31 * i % 256 for i in range(768)])
            image.save(path / role / f"plate{n}.png")
    return path


OWN = {"NAMES": "ground, square, bar"}
TINY = {"EPOCHS": 2, "EPOCH_CROPS": 64}


def test_a_folder_with_palette_masks_goes_from_start_to_end(tmp_path):
    path = make_set(tmp_path / "my set")
    values = {"FOLDER": path, **OWN, **TINY}
    options = [text for name, value in values.items() for text in ("-p", name, str(value))]
    done = run(tmp_path / "run", "11_your_images", *options)
    assert done.returncode == 0, done.stderr
    results = json.loads((tmp_path / "run/results.json").read_text(encoding="utf-8"))
    assert results["split"] == {"train": 6, "validation": 2, "test": 1}
    assert list(results["pooled_iou"]) == ["ground", "square", "bar"]
    assert results["pooled_iou"]["ground"] > 0.5
    masks = list((tmp_path / "run/test/masks").iterdir())
    assert len(masks) == 1
    for mask in masks:
        assert set(np.unique(np.asarray(Image.open(mask)))) <= {0, 3, 7}
    for name in ("best.keras", "model.keras", "model.json", "per_class.csv", "per_image.csv"):
        assert (tmp_path / "run" / name).stat().st_size > 0
    hidden = {path.name for path in (tmp_path / "run").rglob(".*") if path.is_file()}
    assert hidden <= {made.LIST}, "a temporary file was left"


def start_your_images(monkeypatch, **values):
    """Run the cells of notebook 11, with these parameters, as far as the split; returns what they defined."""
    monkeypatch.setattr("matplotlib.pyplot.show", lambda: plt.close("all"))
    scope = {}
    for cell in build.read_source(ROOT / "sources/11_your_images.py").cells:
        if cell.cell_type == "code":
            exec(cell.source, scope)
            scope |= values if "parameters" in cell.metadata.get("tags", []) else {}
        if "road.split(" in cell.source:
            return scope
    raise AssertionError("notebook 11 has no cell that splits")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"FOLDER": "nowhere"}, "FOLDER must be a folder or zip that exists and is whole, or 'nuclei', got .*nowhere"),
        ({"FOLDER": "empty"}, "FOLDER: .*empty holds no image"),
        ({"FOLDER": "no.zip"}, "FOLDER must be a folder or zip that exists and is whole, .*no.zip"),
        ({"FOLDER": "set/photos"}, "FOLDER: no pair of image and mask can be used; 9 errors, the first: .*no mask"),
        ({"FOLDER": "spoiled"}, "FOLDER: 1 error, the first: .*plate0.png"),
        ({"FOLDER": "two"}, "FOLDER: training, validation and test need at least three images with masks, got 2"),
        ({"GROUPS": "("}, "GROUPS: missing"),
        ({"GROUPS": "patient"}, "GROUPS: the pattern 'patient' does not fit"),
        ({"NAMES": "ground, square"}, "NAMES: expected 3 names, for mask values 0, 3, 7"),
    ],
    ids=lambda value: ", ".join(f"{k} {v}" for k, v in value.items()) if isinstance(value, dict) else "",
)
def test_a_folder_of_no_use_stops_your_images_before_training(tmp_path, monkeypatch, change, message):
    monkeypatch.chdir(tmp_path)
    make_set(tmp_path / "set")
    make_set(tmp_path / "two", images=2)
    (tmp_path / "empty").mkdir()
    (tmp_path / "no.zip").write_bytes(b"not a zip")
    (make_set(tmp_path / "spoiled") / "photos/plate0.png").write_bytes(b"")
    values = {"FOLDER": "set", **OWN, "OUTPUT": "run", **change}
    with pytest.raises(course.ParameterError, match=message):
        start_your_images(monkeypatch, **values)
