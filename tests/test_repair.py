"""A notebook comes back from the road: whatever happened to it, the tests and the answers are there."""

import copy
import json
from pathlib import Path

import nbformat
import pytest

from segutils import repair

ROOT = Path(__file__).resolve().parent.parent
NAME = "01_convolution"
RELEASE = nbformat.read(ROOT / "notebooks/assignments/release" / NAME / f"{NAME}.ipynb", as_version=4)
CODE = {
    "output_size": "def output_size(size, kernel, stride=1, padding=0, dilation=1):\n    return 5\n",
    "conv2d": "def conv2d(x, kernel):\n    return x[1:, 1:]\n",
    "question": "The first claim is right, because two layers of 3×3 see 5×5 pixels.",
}


def grade_id(cell):
    return cell.metadata.get("nbgrader", {}).get("grade_id")


@pytest.fixture
def answered():
    """The release with some answers in it."""
    notebook = copy.deepcopy(RELEASE)
    for cell in notebook.cells:
        cell.source = CODE.get(grade_id(cell), cell.source)
    return notebook


def mend(notebook):
    return repair.repair(repair.read(json.dumps(notebook)), RELEASE)


def answers(notebook):
    return {grade_id(cell): cell.source for cell in notebook.cells if grade_id(cell) in CODE}


def locked(notebook):
    return [
        (cell.cell_type, cell.source, cell.metadata)
        for cell in notebook.cells
        if grade_id(cell) and not cell.metadata.nbgrader.solution
    ]


def at(notebook, name):
    return next(i for i, cell in enumerate(notebook.cells) if grade_id(cell) == name)


def no_metadata(notebook):
    for cell in notebook.cells:
        cell.metadata = nbformat.from_dict({"id": "AbCd", "colab": {"base_uri": "x"}})
    notebook.metadata = nbformat.from_dict({"colab": {"provenance": []}, "kernelspec": {"name": "python3"}})


def other_kernel(notebook):
    notebook.metadata = nbformat.from_dict({"kernelspec": {"name": "ir", "display_name": "R", "language": "R"}})


def lost_tests(notebook):
    notebook.cells = [cell for cell in notebook.cells if not (grade_id(cell) or "").startswith("test_")]


def lost_tests_and_no_metadata(notebook):
    lost_tests(notebook)
    no_metadata(notebook)


def changed_tests(notebook):
    for cell in notebook.cells:
        if (grade_id(cell) or "").startswith("test_"):
            cell.source = "print('all right')"
            cell.metadata.nbgrader.points = 100


def a_test_twice(notebook):
    i = at(notebook, "test_conv2d")
    notebook.cells.insert(i, copy.deepcopy(notebook.cells[i]))


def an_answer_twice(notebook):
    i = at(notebook, "conv2d")
    notebook.cells.insert(i, copy.deepcopy(RELEASE.cells[i]))


def changed_tests_a_little_and_no_metadata(notebook):
    for cell in notebook.cells:
        if (grade_id(cell) or "").startswith("test_"):
            cell.source = cell.source.replace("right", "fine").replace("1", "2", 1)
    no_metadata(notebook)


def all_texts_deleted(notebook):
    notebook.cells = [cell for cell in notebook.cells if cell.cell_type == "code" or grade_id(cell) == "question"]


def every_cell_is_locked(notebook):
    for cell in notebook.cells:
        if grade_id(cell):
            cell.metadata.nbgrader.update(locked=True, solution=False)


def metadata_of_nonsense(notebook):
    for cell in notebook.cells:
        cell.metadata["nbgrader"] = nbformat.from_dict({"grade_id": ["a"]}) if grade_id(cell) else 7


DAMAGES = [no_metadata, other_kernel, lost_tests, lost_tests_and_no_metadata, changed_tests, a_test_twice]
DAMAGES += [an_answer_twice, changed_tests_a_little_and_no_metadata, all_texts_deleted, every_cell_is_locked]
DAMAGES += [metadata_of_nonsense]


@pytest.mark.parametrize("damage", DAMAGES)
def test_damage_is_mended(answered, damage):
    damage(answered)
    mended, _ = mend(answered)
    assert answers(mended) == CODE
    assert locked(mended) == locked(RELEASE)
    assert mended.metadata == RELEASE.metadata
    names = [grade_id(cell) for cell in mended.cells if grade_id(cell)]
    assert names == [grade_id(cell) for cell in RELEASE.cells if grade_id(cell)]
    nbformat.validate(mended)


def test_what_came_in_whole_stays_as_it_is(answered):
    mended, notes = mend(answered)
    assert mended == answered
    assert notes == []
    assert mend(mended)[0] == mended


def test_own_cells_stay_in_their_place_and_run(answered):
    own = nbformat.v4.new_code_cell("%matplotlib inline\n!pip list\ndef helper(x):\n    return x[1:, 1:]")
    answered.cells.insert(at(answered, "conv2d"), own)
    mended, _ = mend(answered)
    assert mended.cells[at(mended, "conv2d") - 1].source == own.source
    cells = repair.answer_cells(mended)
    position = next(i for i, text in enumerate(cells) if "def helper" in text)
    assert cells[position] == "pass\npass\ndef helper(x):\n    return x[1:, 1:]"
    assert "def conv2d" in cells[position + 1]
    assert mend(mended)[0] == mended


def test_a_cell_magic_makes_its_cell_empty(answered):
    answered.cells[at(answered, "conv2d")].source = "%%timeit\n" + CODE["conv2d"]
    assert "def conv2d(" not in "".join(repair.answer_cells(mend(answered)[0]))


def test_tests_are_never_among_what_runs(answered):
    text = "".join(repair.answer_cells(mend(answered)[0]))
    assert "expect(" not in text
    assert "import matplotlib" not in text


def test_a_missing_answer_is_said(answered):
    del answered.cells[at(answered, "conv_layer")]
    mended, notes = mend(answered)
    assert "the answer cell conv_layer is missing" in notes
    assert "NotImplementedError" in mended.cells[at(mended, "conv_layer")].source


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "not a notebook"),
        ('{"cells": [', "not a notebook"),
        ("[" * 100_000, "not a notebook"),
        ("PK\x03\x04", "not a notebook"),
        ('{"nbformat": 4}', "it has no cells"),
        ("[1, 2]", "it has no cells"),
        ('{"worksheets": []}', "before 2014"),
    ],
)
def test_no_notebook_is_refused_with_a_reason(text, reason):
    with pytest.raises(ValueError, match=reason):
        repair.read(text)


def test_another_assignment_is_refused():
    other = [repair.Cell("code", "def iou(a, b): return 1", "iou"), repair.Cell("markdown", "Hello", None)]
    with pytest.raises(ValueError, match="another assignment"):
        repair.repair(other, RELEASE)


def test_odd_cells_are_read_without_trust():
    raw = {
        "cells": [7, {}, {"cell_type": 3, "source": 5}, {"cell_type": "code", "source": ["a\n", "b"], "metadata": []}]
    }
    assert repair.read(json.dumps(raw)) == [
        repair.Cell("raw", "", None),
        repair.Cell("raw", "", None),
        repair.Cell("code", "a\nb", None),
    ]
