"""`python -m segutils segment`: refused at once, or the whole road on a tiny folder."""

import importlib.util
import json
import re
import subprocess
import sys

import numpy as np
import pytest
import small_sets
from PIL import Image
from support import ROOT

from segutils import dataset
from segutils.running import command

TINY = {"EPOCHS": 2, "EPOCH_CROPS": 8, "CROP": 32, "BATCH_SIZE": 4, "WIDTH": 4}


def segment(*arguments):
    command = [sys.executable, "-m", "segutils", "segment", *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=900)


REFUSALS = [
    (["nowhere"], "FOLDER must be a folder or zip that exists"),
    ([".", "-p", "EPOCHSS", "3"], "unknown parameter EPOCHSS (did you mean EPOCHS?)"),
    ([".", "-p", "CROP", "50"], "CROP must be a multiple of 16"),
    ([".", "-p", "FOLDER", "x"], "FOLDER is given twice"),
    ([".", "--masks", "a", "-p", "MASKS", "b"], "MASKS is given twice"),
    ([".", "--predict", "nowhere"], "PREDICT must be a folder or zip that exists"),
    ([".", "--export", "pdf"], "EXPORT must be one of"),
    ([".", "-p", "EPOCHS", "1", "-p", "EPOCHS", "2"], "EPOCHS is given twice"),
    (["README.md"], "FOLDER must be a folder or zip that exists and is whole"),
    ([".", "-p", "START", "README.md"], "START must be a folder or zip"),
    ([".", "-p", "GROUPS", "("], "GROUPS must be a regular expression"),
    ([".", "-p", "START", "docs"], "START needs a run folder"),
    ([".", "-p", "TILE", "128", "-p", "MARGIN", "80"], "TILE must be at least 2 MARGIN + 64"),
]
CHILD = """
import json, sys
from segutils.running.command import main
output, refusals = sys.argv[1], json.loads(sys.argv[2])
statuses = [main(["segment", *arguments, "--output", output]) for arguments in refusals]
print(json.dumps([statuses, [name for name in ("tensorflow", "keras", "papermill") if name in sys.modules]]))
"""


def test_what_is_wrong_is_refused_in_a_line_before_anything_large_is_imported(tmp_path):
    command = [sys.executable, "-c", CHILD, str(tmp_path / "run"), json.dumps([given for given, _ in REFUSALS])]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert json.loads(done.stdout) == [[2] * len(REFUSALS), []]
    lines = done.stderr.splitlines()
    assert len(lines) == len(REFUSALS)
    for line, (given, message) in zip(lines, REFUSALS, strict=True):
        assert message in line, given
    assert not (tmp_path / "run").exists()


def test_the_run_folder_has_the_whole_name_of_the_set(tmp_path, monkeypatch):
    """plates.v1 and plates.v2 are two sets, and the second must not take the first one's place."""
    seen = []
    monkeypatch.setattr(command, "run_notebook", lambda name, given, output: seen.append(output.as_posix()))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "plates.v1").mkdir()
    (tmp_path / "cells.zip").write_text("zip")
    for name in ("plates.v1", "cells.zip"):
        command.main(["segment", name])
    assert seen == ["runs/segment/plates.v1", "runs/segment/cells"]


def test_the_example_that_readers_see_is_a_good_one():
    stored = (ROOT / "notebooks/projects/segment_folder.ipynb").read_text(encoding="utf-8")
    assert float(re.search(r"Foreground IoU (\d\.\d+)", stored)[1]) > 0.9


@pytest.fixture(scope="module")
def road(tmp_path_factory):
    """One run of everything on a tiny folder of three classes; returns its run folder and what it printed."""
    place = tmp_path_factory.mktemp("road")
    small_sets.make_folder(place / "set", count=12, values=(0, 128, 255))
    small_sets.make_folder(place / "new", count=2, size=(33, 70), seed=9)
    given = {**TINY, "NAMES": "rest,disc,square", "BACKGROUND": "rest", "PROBABILITIES": "yes", "COCO": "yes"}
    if importlib.util.find_spec("ai_edge_litert"):
        given["EXPORT"] = "int8"
    pairs = [text for item in given.items() for text in ("-p", *item)]
    new = place / "new/images"
    done = segment(place / "set", *pairs, "--predict", new, "--output", place / "run")
    assert done.returncode == 0, done.stderr
    return place / "run", done


def test_the_road_says_what_eight_bits_cost(road):
    pytest.importorskip("ai_edge_litert", reason="the extra `export` is not installed")
    run, done = road
    found = json.loads((run / "results.json").read_text(encoding="utf-8"))
    told = found["eight_bits"]
    assert (run / "model_int8.tflite").is_file()
    assert told["images"] == told["of"] == found["split"]["test"]
    assert told["mean_iou"] == pytest.approx(found["mean_iou"])  # the same model on the same images
    assert told["same"] > 0.9
    sentence = f"In eight bits the model gives {100 * told['same']:.2f}% of the pixels"
    assert sentence in done.stdout
    assert "XNNPACK" not in done.stdout, "what LiteRT tells of itself"
    assert sentence in (run / "report.html").read_text(encoding="utf-8")


def test_the_whole_road_leaves_all_that_it_promises(road):
    run, done = road
    names = {path.relative_to(run).as_posix() for path in run.rglob("*") if path.is_file()}
    tables = {"findings.csv", "per_class.csv", "per_image.csv", "history.csv"}
    assert names >= {"report.html", "results.json", "model.keras", "model.json", "segment_folder.ipynb", *tables}
    found = json.loads((run / "results.json").read_text(encoding="utf-8"))
    count = found["split"]["test"]
    for kind in ("masks", "overlays", "objects", "probabilities"):
        assert len(list((run / "test" / kind).iterdir())) == count, kind
        assert len(list((run / "predictions" / kind).iterdir())) == 2, kind
    assert {"test/objects.csv", "test/coco.json", "predictions/objects.csv", "predictions/coco.json"} <= names
    assert found["background"] == "rest"
    assert set(found["classes"].items()) == {("rest", "0"), ("disc", "128"), ("square", "255")}
    assert 0 <= found["mean_iou"] <= 1
    assert found["summary"] in done.stdout
    assert done.stderr == ""


def test_predicted_masks_have_the_user_s_values_and_the_size_of_their_image(road):
    run, _ = road
    for path in (run / "predictions/masks").iterdir():
        with Image.open(path) as image:
            values = np.asarray(image)
        assert values.shape == (33, 70)
        assert set(np.unique(values)) <= {0, 128, 255}


def test_the_table_of_classes_is_that_of_the_kept_masks(road):
    """Scored anew, from the files alone."""
    run, _ = road
    report = dataset.inspect(run.parent / "set")
    files, table = dataset.Files(run.parent / "set"), np.zeros((3, 3), int)
    keys = {f"{number:03d}": pair for number, pair in enumerate(report.pairs)}
    for path in (run / "test/masks").iterdir():
        pair = next(pair for pair in keys.values() if path.stem.endswith(pair.key.replace("/", "_")[-3:]))
        truth = dataset.read_mask(files, pair.mask)
        with Image.open(path) as image:
            predicted = np.asarray(image)
        for i, true in enumerate((0, 128, 255)):
            for j, other in enumerate((0, 128, 255)):
                table[i, j] += ((truth == true) & (predicted == other)).sum()
    hits = np.diag(table)
    union = table.sum(0) + table.sum(1) - hits
    rows = (run / "per_class.csv").read_text(encoding="utf-8").splitlines()
    assert [row.split(",")[0] for row in rows[1:]] == ["rest", "disc", "square"]
    written = [float(row.split(",")[1] or "nan") for row in rows[1:]]
    np.testing.assert_allclose(written, hits / np.maximum(union, 1), atol=1e-9)


def test_a_class_option_that_does_not_fit_stops_the_run_before_training(tmp_path):
    small_sets.make_folder(tmp_path / "set", count=6)
    done = segment(tmp_path / "set", "-p", "NAMES", "a,b,c", "--output", tmp_path / "run")
    assert done.returncode == 1
    assert "NAMES: expected 2 names, for mask values 0, 255; got 3, 'a,b,c'; write one for each" in done.stderr
    assert "look " not in done.stdout
