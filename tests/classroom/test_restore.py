"""A notebook comes back from the road: whatever happened to it, the tests and the answers are there."""

import copy
import json

import nbformat
import pytest

pytest.importorskip("rapidfuzz", reason="rapidfuzz is not installed (pip install -r requirements-teacher.txt)")

from hand_ins import DAMAGES, RELEASE, at, grade_id

from segutils.classroom import restore

CODE = {
    "output_size": "def output_size(size, kernel, stride=1, padding=0, dilation=1):\n    return 5\n",
    "conv2d": "def conv2d(x, kernel):\n    return x[1:, 1:]\n",
    "question": "The first claim is right, because two layers of 3×3 see 5×5 pixels.",
}


@pytest.fixture
def answered():
    """The release with some answers in it."""
    notebook = copy.deepcopy(RELEASE)
    for cell in notebook.cells:
        cell.source = CODE.get(grade_id(cell), cell.source)
    return notebook


def mend(notebook):
    return restore.restore(restore.read(json.dumps(notebook)), RELEASE)


def answers(notebook):
    return {grade_id(cell): cell.source for cell in notebook.cells if grade_id(cell) in CODE}


def locked(notebook):
    return [
        (cell.cell_type, cell.source, cell.metadata)
        for cell in notebook.cells
        if grade_id(cell) and not cell.metadata.nbgrader.solution
    ]


@pytest.mark.parametrize("damage", DAMAGES)
def test_damage_is_mended(answered, damage):
    damage(answered)
    restored, _ = mend(answered)
    assert answers(restored) == CODE
    assert locked(restored) == locked(RELEASE)
    assert restored.metadata == RELEASE.metadata
    names = [grade_id(cell) for cell in restored.cells if grade_id(cell)]
    assert names == [grade_id(cell) for cell in RELEASE.cells if grade_id(cell)]
    nbformat.validate(restored)


def test_what_came_in_whole_stays_as_it_is(answered):
    restored, notes = mend(answered)
    assert restored == answered
    assert notes == []
    assert mend(restored)[0] == restored


def test_own_cells_stay_in_their_place_and_run(answered):
    own = nbformat.v4.new_code_cell("%matplotlib inline\n!pip list\ndef helper(x):\n    return x[1:, 1:]")
    answered.cells.insert(at(answered, "conv2d"), own)
    restored, _ = mend(answered)
    assert restored.cells[at(restored, "conv2d") - 1].source == own.source
    cells = restore.answer_cells(restored)
    position = next(i for i, text in enumerate(cells) if "def helper" in text)
    lines = ["get_ipython().run_line_magic('matplotlib', 'inline')", "get_ipython().system('pip list')"]
    assert cells[position].split("\n") == [*lines, "def helper(x):", "    return x[1:, 1:]"]
    assert "def conv2d" in cells[position + 1]
    assert mend(restored)[0] == restored


def test_a_cell_magic_makes_its_cell_empty(answered):
    answered.cells[at(answered, "conv2d")].source = "%%timeit\n" + CODE["conv2d"]
    assert "def conv2d(" not in "".join(restore.answer_cells(mend(answered)[0]))


def test_tests_are_never_among_what_runs(answered):
    text = "".join(restore.answer_cells(mend(answered)[0]))
    assert "expect(" not in text
    assert "import matplotlib" not in text


def test_a_missing_answer_is_said(answered):
    del answered.cells[at(answered, "conv_layer")]
    restored, notes = mend(answered)
    assert "the answer cell conv_layer is missing" in notes
    assert "NotImplementedError" in restored.cells[at(restored, "conv_layer")].source


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
        restore.read(text)


def test_another_assignment_is_refused():
    other = [restore.Cell("code", "def iou(a, b): return 1", "iou"), restore.Cell("markdown", "Hello", None)]
    with pytest.raises(ValueError, match="another assignment"):
        restore.restore(other, RELEASE)


def test_odd_cells_are_read_without_trust():
    raw = {
        "cells": [7, {}, {"cell_type": 3, "source": 5}, {"cell_type": "code", "source": ["a\n", "b"], "metadata": []}]
    }
    assert restore.read(json.dumps(raw)) == [
        restore.Cell("raw", "", None),
        restore.Cell("raw", "", None),
        restore.Cell("code", "a\nb", None),
    ]


def test_imports_and_functions_added_to_a_locked_cell_are_kept(answered):
    setup = next(cell for cell in answered.cells if "def expect(" in cell.source)
    setup.source = "import math\n" + setup.source + "\ndef helper(x):\n    return math.floor(x)\nprint('hello')"
    restored, notes = mend(answered)
    assert locked(restored) == locked(RELEASE)
    mine = [text for text in restore.answer_cells(restored) if "helper" in text]
    assert mine == ["import math\n\ndef helper(x):\n    return math.floor(x)"]
    assert any("kept as a cell of its own" in note for note in notes)
    again, _ = mend(restored)
    assert again == restored


def test_halves_of_characters_can_be_written(answered):
    answered.cells[at(answered, "question")].source = "one \ud800 half"
    restored, _ = restore.restore(restore.read(json.dumps(answered)), RELEASE)
    assert answers(restored)["question"] == "one ? half"
    nbformat.writes(restored).encode("utf-8")
