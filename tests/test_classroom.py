"""A class through the real nbgrader: collected, mended, graded, with feedback and a table; no one stops the others."""

import copy
import csv
import io
import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import nbformat
import pytest

pytest.importorskip("nbgrader", reason="nbgrader is not installed (pip install -r requirements-teacher.txt)")

import test_assignments  # noqa: E402
import test_repair  # noqa: E402
import test_sandbox  # noqa: E402
from nbgrader.api import Gradebook  # noqa: E402

from segutils import classroom  # noqa: E402

ROOT = Path(__file__).resolve().parent.parent
COURSE = ROOT / "notebooks" / "assignments"
NAME = "01_convolution"
FULL = {"test_output_size": 3, "test_conv2d": 5, "test_conv2d_options": 6, "test_conv_layer": 5}
FULL |= {"test_kernel_gradient": 3, "test_input_gradient": 3}


def filled(answers, question="Two layers of 3×3 see 5×5 pixels."):
    """The release with answers: {test cell: code}."""
    tasks, _ = test_assignments.grader(NAME)
    code = {tasks[cell].function: text for cell, text in answers.items()} | {"question": question}
    notebook = test_assignments.read(NAME, "release")
    for cell in notebook.cells:
        cell.source = code.get(test_repair.grade_id(cell), cell.source)
    return notebook


def planted(k):
    """The work of the k-th planted student, and its points."""
    _, expected, (shared, *cells) = list(test_assignments.students(NAME))[k]
    answers = dict(zip(expected, cells, strict=True))
    answers["test_output_size"] = shared + answers["test_output_size"]
    return filled(answers), {cell: points for cell, (points, _) in expected.items()}


def perfect(damage=None):
    notebook = planted(0)[0]
    if damage:
        damage(notebook)
    return json.dumps(notebook)


def cheat(name):
    """A notebook whose conv2d is a cheat; all other tasks are right."""
    body = test_sandbox.textwrap.dedent(test_sandbox.CHEATS[name]).replace("def double(x)", "def conv2d(x, kernel)")
    notebook = planted(0)[0]
    notebook.cells[test_repair.at(notebook, "conv2d")].source = body
    return json.dumps(notebook)


PLANTED = {f"planted{k}": k for k in range(3, 7)}
DAMAGED = {damage.__name__: damage for damage in test_repair.DAMAGES}
CHEATS = {
    "overloaded": "an object with overloaded comparison",
    "exits": "os._exit at once",
    "loops": "an endless loop",
    "prints": "a huge print",
}
FAILURES = {"cut_off": "not a notebook", "stranger": "another assignment", "essay": "not a notebook (.ipynb)"}


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """A fresh course, as after cloning, without a gradebook."""
    root = tmp_path_factory.mktemp("course")
    for folder in ("source", "graders", "release"):
        shutil.copytree(COURSE / folder, root / folder, ignore=shutil.ignore_patterns("__pycache__"))
    config = (COURSE / "nbgrader_config.py").read_text(encoding="utf-8").replace("ROOT.parents[1]", repr(str(ROOT)))
    config += "\nc.OverwriteKernelspec.enabled = True\n"
    (root / "nbgrader_config.py").write_text(config, encoding="utf-8")
    limited = (root / "graders" / f"{NAME}.py").read_text(encoding="utf-8")
    limited += "\nfrom segutils.grading import Limits\n\nLIMITS = Limits(seconds=1)\n"
    (root / "graders" / f"{NAME}.py").write_text(limited, encoding="utf-8")
    return root


@pytest.fixture(scope="module")
def came_in(tmp_path_factory):
    """A zip of what a class handed in, by files and by folders."""
    path = tmp_path_factory.mktemp("in") / "downloads.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("perfect.ipynb", perfect())
        archive.writestr("renamed/My homework (final).ipynb", perfect())
        archive.writestr(f"copied_{NAME} (1).ipynb", perfect())
        archive.writestr("Ann Lee_123_assignsubmission_file/x.ipynb", perfect())
        archive.writestr("blank.ipynb", (COURSE / "release" / NAME / f"{NAME}.ipynb").read_text(encoding="utf-8"))
        for name, k in PLANTED.items():
            archive.writestr(f"{name}.ipynb", json.dumps(planted(k)[0]))
        for name, damage in DAMAGED.items():
            archive.writestr(f"{name}/{NAME}.ipynb", perfect(damage))
        for name, which in CHEATS.items():
            archive.writestr(f"{name}.ipynb", cheat(which))
        archive.writestr("cut_off.ipynb", perfect()[:5000])
        archive.writestr("stranger.ipynb", json.dumps(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("1")])))
        archive.writestr("essay/answer.docx", "Dear teacher")
        archive.writestr("__MACOSX/._perfect.ipynb", "litter")
    return path


def grade(course, *options):
    command = [sys.executable, "-m", "segutils", "grade", NAME, f"--course={course}", *map(str, options)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(command, cwd=course, env=environment, capture_output=True, text=True, timeout=900)


def table(course):
    text = (course / f"grades_{NAME}.csv").read_text(encoding="utf-8")
    return {row["student"]: row for row in csv.DictReader(io.StringIO(text))}


@pytest.fixture(scope="module")
def graded(course, came_in):
    return grade(course, "--from", came_in)


def test_the_report_says_who_failed_and_why(course, graded):
    assert graded.returncode == 1, graded.stderr
    lines = graded.stdout.splitlines()
    rows = table(course)
    assert lines[0] == f"{len(rows) - len(FAILURES)} graded, {len(FAILURES)} could not be graded"
    for name, why in FAILURES.items():
        assert any(line.startswith(f"  {name}: ") and why in line for line in lines)
        assert rows[name]["status"] == "failed"
        assert rows[name]["points"] == ""
        assert why in rows[name]["note"]
    assert "Traceback" not in graded.stderr
    assert "Warning" not in graded.stderr


def test_everybody_has_the_points_of_the_table(course, graded):
    rows = table(course)
    expected = {name: planted(k)[1] for name, k in PLANTED.items()}
    expected |= dict.fromkeys(("perfect", "renamed", "copied", "Ann_Lee", *DAMAGED), FULL)
    expected |= {name: FULL | {"test_conv2d": 0} for name in CHEATS}
    expected |= {"blank": dict.fromkeys(FULL, 0)}
    got = {name: {cell: float(rows[name][cell]) for cell in FULL} for name in rows if name not in FAILURES}
    assert got == expected
    for name in expected:
        assert float(rows[name]["points"]) == sum(expected[name].values())
        assert float(rows[name]["of"]) == 30
    assert rows["perfect"]["status"] == "to be graded by hand: question"
    assert rows["blank"]["status"] == "graded"


def test_nbgrader_s_own_gradebook_and_export_agree(course, graded):
    command = [sys.executable, "-m", "nbgrader", "export", "--to", str(course / "theirs.csv")]
    subprocess.run(command, cwd=course, check=True, capture_output=True, timeout=120)
    text = (course / "theirs.csv").read_text(encoding="utf-8")
    theirs = {row["student_id"]: row for row in csv.DictReader(io.StringIO(text))}
    ours = table(course)
    assert set(theirs) == set(ours) - set(FAILURES)
    assert {n: float(r["raw_score"]) for n, r in theirs.items()} == {n: float(ours[n]["points"]) for n in theirs}


def test_feedback_says_what_is_wrong(course, graded):
    written = {
        path.parts[-3]: path.read_text(encoding="utf-8") for path in course.glob(f"feedback/*/{NAME}/{NAME}.html")
    }
    pages = {student: " ".join(text.split()) for student, text in written.items()}  # long lines are wrapped
    assert set(pages) == set(table(course)) - set(FAILURES)
    assert "✓ a square kernel: 2 of 2 points; right" in pages["perfect"]
    assert "stopped after 1 seconds; is there a loop without an end?" in pages["loops"]
    assert "it returns Yes; return numbers" in pages["overloaded"] or "expected shape" in pages["overloaded"]
    assert "expected" in pages["planted3"]


def test_a_second_round_does_only_what_is_new(course, graded, came_in, tmp_path):
    def when():
        return {
            path: path.stat().st_mtime_ns
            for step in ("autograded", "feedback")
            for path in course.glob(f"{step}/*/*/*01*")
        }

    before = when()
    again = grade(course, "--from", came_in)
    assert again.returncode == 1
    assert when() == before
    better = tmp_path / "in"
    better.mkdir()
    (better / "planted3.ipynb").write_text(perfect(), encoding="utf-8")
    assert grade(course, "--from", better).returncode == 1
    assert table(course)["cut_off"]["status"] == "failed"
    changed = {path.parts[-3] for path, t in when().items() if t != before[path] and "autograded" in path.parts}
    assert changed == {"planted3"}
    assert float(table(course)["planted3"]["points"]) == 25


def test_points_by_hand_reach_table_and_page(course, graded):
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as gradebook:
        mark = gradebook.find_grade("question", NAME, NAME, "renamed")
        mark.manual_score, mark.needs_manual_grade = 4, False
        gradebook.find_comment("question", NAME, NAME, "renamed").manual_comment = "What of ReLU?"
        gradebook.db.commit()
    grade(course)
    row = table(course)["renamed"]
    assert (row["status"], float(row["question"]), float(row["points"])) == ("graded", 4, 29)
    assert "What of ReLU?" in (course / "feedback" / "renamed" / NAME / f"{NAME}.html").read_text(encoding="utf-8")


def test_plain_nbgrader_gives_the_same_points(course, graded):
    command = [sys.executable, "-m", "nbgrader", "autograde", NAME, "--student=lost_tests", "--force"]
    done = subprocess.run(command, cwd=course, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as gradebook:
        assert gradebook.find_submission(NAME, "lost_tests").score == 25


def test_wrong_calls_get_one_sentence(course, tmp_path):
    done = grade(course, "--from", tmp_path / "nothing")
    assert (done.returncode, done.stdout) == (2, "")
    assert "does not exist; expected a folder or a zip" in done.stderr
    command = [sys.executable, "-m", "segutils", "grade", "09_nothing", f"--course={course}"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.returncode == 2
    assert f"no assignment '09_nothing' in {course}; known: {NAME}" in done.stderr


@pytest.mark.parametrize(
    ("path", "student"),
    [
        ("alice.ipynb", "alice"),
        ("alice_01_convolution.ipynb", "alice"),
        ("01_convolution-alice (2).ipynb", "alice"),
        ("Copy of alice.ipynb", "alice"),
        ("alice-Copy1.ipynb", "alice"),
        ("alice/whatever.ipynb", "alice"),
        ("alice/01_convolution/01_convolution.ipynb", "alice"),
        ("Ann Lee_12345_assignsubmission_file/01_convolution.ipynb", "Ann_Lee"),
        ("李雷.ipynb", "李雷"),
        ("ann.lee@uni.edu.ipynb", "ann.lee@uni.edu"),
        ("=cmd|'x'.ipynb", "cmd_x"),
        ("01_convolution.ipynb", ""),
        ("01_convolution (3).ipynb", ""),
    ],
)
def test_whose_a_file_is(path, student):
    assert classroom._student(Path(path).parts, NAME) == student


def test_of_several_files_the_assignment_s_counts_then_the_newest(tmp_path):
    folder = tmp_path / "submissions" / "ann"
    folder.mkdir(parents=True)
    for name, text, changed in [("a", '{"x": "grade_id"}', 1), ("b", '{"y": "grade_id"}', 2), ("c", "{}", 3)]:
        (folder / f"{name}.ipynb").write_text(text)
        os.utime(folder / f"{name}.ipynb", (changed, changed))
    (tmp_path / "submissions" / "bob.ipynb").write_text("{}")
    found, problems = classroom.hand_ins(tmp_path, NAME)
    assert [(f.student, f.changed) for f in found][0] == ("ann", 2)
    assert [f.student for f in found] == ["ann", "bob"]
    assert problems == {}


def test_a_zip_in_a_zip_is_opened_and_names_that_climb_stay_inside(tmp_path):
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr("x/notebook.ipynb", "{}")
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        archive.writestr("zoe.zip", inner.getvalue())
        archive.writestr("../../climber.ipynb", "{}")
        archive.writestr("broken.zip", b"PK no zip")
    found, problems = classroom.hand_ins(tmp_path / "all.zip", NAME)
    assert sorted(f.student for f in found) == ["climber", "zoe"]
    assert list(problems) == ["broken"]


def test_a_huge_file_is_a_problem_of_its_student_alone(tmp_path, monkeypatch):
    monkeypatch.setattr(classroom, "MOST_BYTES", 10)
    (tmp_path / "ann.ipynb").write_text("x" * 11)
    (tmp_path / "bob.ipynb").write_text("{}")
    found, problems = classroom.hand_ins(tmp_path, NAME)
    assert [f.student for f in found] == ["bob"]
    assert "larger than" in problems["ann"]


def test_a_grader_that_does_not_fit_its_notebook_is_said():
    cell = copy.deepcopy(test_repair.RELEASE.cells[test_repair.at(test_repair.RELEASE, "test_conv2d")])
    with pytest.raises(ValueError, match="test_conv2d has 5 points in the notebook, but no task in its grader"):
        classroom._outputs({}, cell.metadata.nbgrader)
