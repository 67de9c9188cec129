"""One run: refused before anything is touched, made beside the earlier one, and told in whole lines."""

import json
import os
import subprocess
import sys

import nbformat
import pytest
from processes import contents, done
from support import NOTEBOOKS, ROOT

from segutils.plumbing import made
from segutils.running import catalogue
from segutils.running.command import main

RESULTS = """from pathlib import Path
from segutils.plumbing import storage
storage.write_json(Path(OUTPUT) / "results.json", dict(summary=f"X is {X}", parameters=parameters))"""


def test_what_is_wrong_is_refused_in_a_sentence_without_heavy_imports_and_nothing_is_touched(tmp_path):
    (tmp_path / "results.json").write_text("earlier")
    (tmp_path / "blocked").write_text("a file")
    output = ["--output", str(tmp_path)]
    cases = [
        (["9", "-p", "EPOCH", "2", *output], "unknown parameter EPOCH (did you mean EPOCHS?)"),
        (["9", "-p", "EPOCHS", "twelve", *output], "EPOCHS must be an integer in 1..1,000, got 'twelve'"),
        (["9", "-p", "SIZE", "50", *output], "SIZE must be a multiple of 16"),
        (["9", "-p", "A B", "50", *output], "'A B' is no name of a parameter"),
        (["9", "-p", "OUTPUT", "x", *output], "OUTPUT is set by --output"),
        (["11", "-p", "FOLDER", "nowhere", *output], f"got 'nowhere'; a relative path begins at {ROOT}"),
        (["8_segmentation", *output], "did you mean"),
        (["1", *output], None),
        (["README.md", *output], "no notebook 'README.md'"),
        (["9", "--output", str(tmp_path / "blocked" / "run")], "choose another folder by --output"),
    ]
    cases = [(["run", *arguments], message) for arguments, message in cases if message]
    code = """import json, sys
from segutils.running import catalogue
from segutils.running.command import main
print([main(arguments) for arguments in json.loads(sys.argv[1])])
print(sorted({"tensorflow", "keras", "papermill", "nbformat", "pandas"} & set(sys.modules)))"""
    command = [sys.executable, "-c", code, json.dumps([arguments for arguments, _ in cases])]
    found = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert found.stdout.splitlines() == [str([2] * len(cases)), "[]"], found.stderr
    for line, (_, message) in zip(found.stderr.splitlines(), cases, strict=True):
        assert message in line
    assert contents(tmp_path) == {"results.json": b"earlier", "blocked": b"a file"}


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("9", "09_segmentation_run"),
        ("09", "09_segmentation_run"),
        ("1", "01_background"),
        ("seg", "09_segmentation_run"),
        ("9_SEG", "09_segmentation_run"),
        ("notebooks/09_segmentation_run", "09_segmentation_run"),
        ("notebooks/09_segmentation_run.ipynb", "09_segmentation_run"),
    ],
)
def test_a_notebook_is_found_by_number_path_and_unique_beginning(words, name, capsys):
    assert main(["run", words, "--parameters"]) == 0
    by_words = capsys.readouterr().out
    main(["run", name, "--parameters"])
    assert capsys.readouterr().out == by_words


def test_a_beginning_of_two_is_refused_with_both(capsys):
    assert main(["run", "d", "--parameters"]) == 2
    assert "04_dense, 15_debugging_clinic" in capsys.readouterr().err


def test_notebooks_and_parameters_are_listed(capsys):
    main(["run", "--list"])
    listed = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in listed] == [*(path.stem for path in NOTEBOOKS), "segment_folder"]
    assert "8 · Training run" in next(line for line in listed if line.startswith("08"))
    main(["run", "8", "--parameters"])
    lines = capsys.readouterr().out.splitlines()
    assert "EPOCHS            int    10      passes over the training images" in lines
    assert lines[0].split()[:3] == ["SOURCE", "str", "'auto'"]


def test_a_notebook_of_another_course_has_its_parameters_too(tmp_path):
    parameters = nbformat.v4.new_code_cell("# Parameters of mine\nrate = 1e-3  # step size\nname = 'a'", id="a")
    parameters.metadata.tags = ["parameters"]
    nbformat.write(nbformat.v4.new_notebook(cells=[parameters]), tmp_path / "other.ipynb")
    found = catalogue.declared(tmp_path / "other.ipynb")
    assert found == {"rate": ("", 1e-3, "step size"), "name": ("", "a", "")}
    assert catalogue.check(tmp_path / "other.ipynb", {"rate": "2"}) == {"rate": 2, "name": "a"}
    with pytest.raises(ValueError, match=r"unknown parameter rat \(did you mean rate\?\); known: rate, name"):
        catalogue.check(tmp_path / "other.ipynb", {"rat": "2"})
    nbformat.write(nbformat.v4.new_notebook(), tmp_path / "empty.ipynb")
    assert catalogue.check(tmp_path / "empty.ipynb", {}) == {}


def test_a_run_replaces_an_earlier_one_only_when_it_has_come_to_its_end(make, start, tmp_path):
    sources = ['print("half a line", end="")', "## 1 · Errors", "1 / int(X != 2)", RESULTS]
    path, output = make(*sources), tmp_path / "é × run"
    # in the C locale too, where Python by itself reads and prints ASCII alone
    c_locale = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    status, out, error = done(start("run", path, "--output", output, **c_locale))
    assert (status, error) == (0, [""])
    assert "half a line" in out
    assert out[-2:] == [f"  {output / name}" for name in ("results.json", "toy.ipynb")]
    assert json.loads((output / "results.json").read_text())["parameters"]["OUTPUT"] == str(output)
    before = contents(output)
    assert set(before) == {"results.json", "toy.ipynb", made.LIST}
    status, out, error = done(start("run", path, "-p", "X", "2", "--output", output))
    assert status == 1
    assert error[0] == "Errors: ZeroDivisionError: division by zero"
    assert error[1].endswith(str(output / "unfinished" / "toy.ipynb"))
    assert len(error) == 2
    after = contents(output)
    assert {name: after[name] for name in before} == before
    assert b"ZeroDivisionError" in after[os.path.join("unfinished", "toy.ipynb")]
    done(start("run", path, "-p", "X", "3", "--output", output))
    assert set(contents(output)) == set(before)
    assert json.loads((output / "results.json").read_text())["summary"] == "X is 3"


def test_a_log_has_plain_whole_lines_and_a_provoked_error_is_told_from_a_real_one(make, start, tmp_path):
    provoke = """from segutils import course
with course.expect_error(ValueError):
    int("wide")
print("\\x1b[31mred\\x1b[0m", end="\\n10%\\r50%\\r100%\\n")"""
    path = make("## 1 · First `x`", 'print("no error")', "## Two", provoke)
    status, out, _ = done(start("run", path, "--output", tmp_path / "run", FORCE_COLOR=None))
    assert status == 0
    text = "\n".join(out)
    assert not {"\r", "\x1b"} & set(text)
    assert out[1].startswith("1 · First x (0:0")
    assert out[2] == "no error"
    assert out[3].startswith("2 · Two (")
    assert out[4:7] == ["as expected: ValueError: invalid literal for int() with base 10: 'wide'", "red", "100%"]
    assert "WARNING" not in text
