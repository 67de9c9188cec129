"""The graders are graded: each planted answer gets exactly the points that stand beside it; copies leak nothing.

An assignment NAME has its planted answers in tests/classroom/planted/NAME.py, cells headed
`# %% <test cell> <points> · <text>`.
"""

import json
import shutil
import subprocess
import sys

import build
import pytest

pytest.importorskip("nbgrader", reason="nbgrader is not installed (pip install -r requirements-teacher.txt)")

from hand_ins import COURSE, grader, planted, read, students  # noqa: E402
from support import ROOT  # noqa: E402

from segutils.classroom import restore  # noqa: E402
from segutils.classroom.tasks import _rng, award_points  # noqa: E402

SOURCES = sorted((ROOT / "sources" / "assignments").glob("*.py"))
NAMES = [source.stem for source in SOURCES]
USE_THE_COURSE = (
    "06_segmentation_project",
)  # students' copies that fetch segutils, to train; none needs it when graded
assignments = pytest.mark.parametrize("name", NAMES)


SEEDS = ("course", "another seed")
SLOW_TO_START = "05_training_run"  # it imports TensorFlow
EVERYBODY = [
    pytest.param(name, expected, cells, seed, id=f"{name}-{k}-{seed}")
    for name in NAMES
    if name != SLOW_TO_START
    for k, expected, cells in students(name)
    for seed in SEEDS
]


@pytest.mark.parametrize(("name", "expected", "cells", "seed"), EVERYBODY)
def test_each_planted_answer_gets_its_points(name, expected, cells, seed):
    tasks, limits = grader(name)
    scores = award_points({cell: tasks[cell] for cell in expected}, cells, limits=limits, seed=seed)
    got = {cell: (scores[cell].points, text) for cell, (_, text) in expected.items()}
    assert got == expected


SEAT = """own = {{}}
for cell in {cells!r}:
    exec(cell, own)
globals().update({{f"{{name}}_{k}": value for name, value in own.items()}})
"""


@pytest.mark.parametrize("half", range(2))
def test_each_planted_answer_of_a_slow_assignment_gets_its_points(half):
    """Half of the students share a child, each in a namespace of their own, and their hidden cases."""
    tasks, limits = grader(SLOW_TO_START)
    hidden = {cell: task.criteria(_rng(SEEDS[half], cell)) for cell, task in tasks.items()}
    notebook, asked, wanted = [], {}, {}
    for k, expected, cells in list(students(SLOW_TO_START))[half::2]:
        notebook.append(SEAT.format(k=k, cells=cells))
        for cell, answer in expected.items():
            own = {"function": f"{tasks[cell].function}_{k}", "criteria": lambda _, drawn=hidden[cell]: drawn}
            asked[f"{cell}_{k}"], wanted[f"{cell}_{k}"] = tasks[cell]._replace(**own), answer
    limits = limits._replace(total_seconds=len(notebook) * limits.total_seconds)
    scores = award_points(asked, notebook, limits=limits, seed=SEEDS[half])
    assert {cell: (scores[cell].points, text) for cell, (_, text) in wanted.items()} == wanted


@assignments
def test_each_task_has_eight_wrong_answers_and_three_right_ones(name):
    tasks, _ = grader(name)
    answers, _ = planted(name)
    assert set(answers) == set(tasks)
    points = _points(read(name, "source"))
    for cell, several in answers.items():
        right = [text.startswith("right") for _, text, _ in several]
        assert [p == points[cell] for p, *_ in several] == right
        assert sum(right) >= 3
        assert len(right) - sum(right) >= 8


@assignments
def test_grader_and_notebook_agree_on_tasks_and_points(name):
    tasks, _ = grader(name)
    automatic = {cell: p for cell, p in _points(read(name, "source")).items() if cell in tasks}
    by_hand = set(_points(read(name, "source"))) - set(tasks)
    scores = award_points(tasks, [])
    assert automatic == {cell: score.max_points for cell, score in scores.items()}
    assert all(score.points == 0 for score in scores.values())
    assert len(by_hand) == 1
    assert 4 <= len(tasks) <= 6


@assignments
def test_the_title_names_the_sum_of_points(name):
    notebook = read(name, "source")
    assert f" · {sum(_points(notebook).values()):g} points" in notebook.cells[0].source


def _points(notebook):
    nbgrader = [cell.metadata.get("nbgrader", {}) for cell in notebook.cells]
    return {data["grade_id"]: data["points"] for data in nbgrader if data.get("grade")}


@assignments
def test_the_teacher_s_copy_gets_full_points_and_the_release_none(name):
    tasks, limits = grader(name)
    for step, share in (("source", 1), ("release", 0)):
        scores = award_points(tasks, restore.answer_cells(read(name, step)), limits=limits)
        assert {cell: v.points for cell, v in scores.items()} == {
            cell: v.max_points * share for cell, v in scores.items()
        }


@assignments
def test_built_copies_match_their_source(name):
    source = ROOT / "sources" / "assignments" / f"{name}.py"
    wanted = [(c.id, c.cell_type, c.source, c.metadata) for c in build.read_source(source).cells]
    found = [(c.id, c.cell_type, c.source, c.metadata) for c in read(name, "source").cells]
    assert found == wanted, f"mend it: python tools/build.py assignments/{name}"
    assert build.to_source(build.built(source)) == source.read_text(encoding="utf-8")
    for cell in read(name, "source").cells:
        assert not any(output.output_type == "error" for output in cell.get("outputs", []))


@assignments
def test_the_release_leaks_no_solution_no_grader_and_no_output(name):
    file = COURSE / "release" / name / f"{name}.ipynb"
    text, released = file.read_text(encoding="utf-8"), read(name, "release")
    for mark in ("BEGIN SOLUTION", "BEGIN HIDDEN", "MARK SCHEME", "graders", "Model answer"):
        assert mark not in text
    assert "segutils" not in text or name in USE_THE_COURSE
    outputs = [output for cell in released.cells for output in cell.get("outputs", [])]
    assert outputs == []
    assert set(released.metadata) <= {"kernelspec", "language_info"}
    for cell in released.cells:
        assert set(cell.metadata) <= {"nbgrader", "deletable", "editable", "tags", "lines_to_next_cell"}
    handed_out = {line.strip() for line in "\n".join(cell.source for cell in released.cells).splitlines()}
    for cell in read(name, "source").cells:
        if cell.metadata.get("nbgrader", {}).get("solution"):
            solution = cell.source.split("### BEGIN SOLUTION")[-1].split("### END SOLUTION")[0]
            lines = {line.strip() for line in solution.splitlines() if len(line.strip()) > 12}
            assert not lines & handed_out
    hidden = (COURSE / "graders" / f"{name}.py").read_text(encoding="utf-8").splitlines()
    secret = [line.strip() for line in hidden if len(line.strip()) > 30 and not line.startswith("def ")]
    assert not [line for line in secret if line in text]


@assignments
def test_release_is_what_nbgrader_makes_of_the_source(name, tmp_path):
    shutil.copytree(COURSE / "source", tmp_path / "source")
    command = [sys.executable, "-m", "nbgrader", "generate_assignment", name, f"--course-dir={tmp_path}", "--no-db"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    made = (tmp_path / "release" / name / f"{name}.ipynb").read_text(encoding="utf-8")
    assert json.loads(made) == json.loads((COURSE / "release" / name / f"{name}.ipynb").read_text(encoding="utf-8"))


@assignments
def test_all_assignments_share_the_cell_that_compares(name):
    setup = {n: next(c.source for c in read(n, "release").cells if "def expect(" in c.source) for n in NAMES}
    assert setup[name] == setup[NAMES[0]]
