"""A class through the real nbgrader: collected, mended, graded, with feedback and a table; no one stops the others."""

import contextlib
import copy
import csv
import io
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import zipfile

import nbformat
import pytest

pytest.importorskip("nbgrader", reason="nbgrader is not installed (pip install -r requirements-teacher.txt)")

from hand_ins import COURSE, DAMAGES, FULL, NAME, RELEASE, at, cheat, grade_class, perfect, table, work_of  # noqa: E402
from nbgrader.api import Gradebook  # noqa: E402
from support import ROOT, take_signals  # noqa: E402

from segutils.classroom import grade as grading  # noqa: E402
from segutils.classroom import interrupts, record, steps  # noqa: E402

PLANTED = {f"planted{k}": k for k in range(3, 7)}
DAMAGED = {damage.__name__: damage for damage in DAMAGES}
CHEATS = {
    "overloaded": "an object with overloaded comparison",
    "exits": "os._exit at once",
    "loops": "an endless loop",
    "prints": "a huge print",
}
FAILURES = {"cut_off": "not a notebook", "stranger": "another assignment", "essay": "not a notebook (.ipynb)"}


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
            archive.writestr(f"{name}.ipynb", json.dumps(work_of(k)[0]))
        for name, damage in DAMAGED.items():
            archive.writestr(f"{name}/{NAME}.ipynb", perfect(damage))
        for name, which in CHEATS.items():
            archive.writestr(f"{name}.ipynb", cheat(which))
        archive.writestr("cut_off.ipynb", perfect()[:5000])
        archive.writestr("stranger.ipynb", json.dumps(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("1")])))
        archive.writestr("essay/answer.docx", "Dear teacher")
        archive.writestr("__MACOSX/._perfect.ipynb", "litter")
    return path


@pytest.fixture(scope="module")
def graded(course, came_in):
    return grade_class(course, "--from", came_in)


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
    expected = {name: work_of(k)[1] for name, k in PLANTED.items()}
    expected |= dict.fromkeys(("perfect", "renamed", "copied", "Ann Lee", *DAMAGED), FULL)
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
    assert "Test cell" not in pages["perfect"]
    assert '<a href="#test_conv2d">Task 2 · ' in pages["perfect"]


def test_a_second_round_does_only_what_is_new(course, graded, came_in, tmp_path):
    def when():
        return {
            path: path.stat().st_mtime_ns
            for step in ("autograded", "feedback")
            for path in course.glob(f"{step}/*/*/*01*")
        }

    before = when()
    again = grade_class(course, "--from", came_in)
    assert again.returncode == 1
    assert when() == before
    better = tmp_path / "in"
    better.mkdir()
    (better / "planted3.ipynb").write_text(perfect(), encoding="utf-8")
    assert grade_class(course, "--from", better).returncode == 1
    assert table(course)["cut_off"]["status"] == "failed"
    changed = {path.parts[-3] for path, t in when().items() if t != before[path] and "autograded" in path.parts}
    assert changed == {"planted3"}
    assert float(table(course)["planted3"]["points"]) == 25


def test_points_by_hand_reach_table_and_page_and_stay_when_all_is_graded_anew(course, graded):
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as gradebook:
        mark = gradebook.find_grade("question", NAME, NAME, "renamed")
        mark.manual_score, mark.needs_manual_grade = 4, False
        gradebook.find_comment("question", NAME, NAME, "renamed").manual_comment = "What of ReLU?"
        gradebook.db.commit()
    tables = []
    for options in ((), ("--force",)):
        grade_class(course, *options)
        row = table(course)["renamed"]
        assert (row["status"], float(row["question"]), float(row["points"])) == ("graded", 4, 29)
        page = (course / "feedback" / "renamed" / NAME / f"{NAME}.html").read_text(encoding="utf-8")
        assert "What of ReLU?" in page
        tables.append((course / f"grades_{NAME}.csv").read_text(encoding="utf-8"))
    assert tables[0] == tables[1]
    tasks = [
        cell.metadata.nbgrader.grade_id for cell in RELEASE.cells if cell.metadata.get("nbgrader", {}).get("grade")
    ]
    assert tables[0].splitlines()[0] == ",".join(["student", "status", *tasks, "points", "of", "note"])


def test_a_new_secret_asks_for_new_grades(course, graded):
    known = record.Record(course, NAME)
    before = known.digest("perfect")
    assert known.is_graded("perfect", before)
    text = (course / "secret.txt").read_text(encoding="utf-8")
    (course / "secret.txt").write_text("another", encoding="utf-8")
    os.utime(course / "secret.txt", (0, 0))  # older than everything
    try:
        assert not known.is_graded("perfect", known.digest("perfect"))
    finally:
        (course / "secret.txt").write_text(text, encoding="utf-8")


def test_there_is_a_secret_by_default(tmp_path):
    first = steps.secret(tmp_path)
    assert len(first) == 32
    assert steps.secret(tmp_path) == first
    assert steps.secret(tmp_path / "other") != first


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1"])
def test_no_text_of_the_table_is_a_formula(text):
    assert grading._no_formula(text) == f"'{text}"
    assert grading._no_formula(f"a {text}") == f"a {text}"


def test_ctrl_c_ends_the_class_at_once_and_a_second_call_goes_on(course, graded, tmp_path):
    notebook = work_of(0)[0]
    notebook.cells[at(notebook, "conv2d")].source = "import time\ntime.sleep(1000)"
    for k in range(12):
        (tmp_path / f"sleeper{k}.ipynb").write_text(json.dumps(notebook), encoding="utf-8")
    command = [
        sys.executable,
        "-m",
        "segutils",
        "grade",
        NAME,
        f"--course={course}",
        "--from",
        str(tmp_path),
        "--jobs=2",
    ]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    process = subprocess.Popen(
        command, cwd=course, env=environment, start_new_session=True, preexec_fn=take_signals, **pipes
    )
    deadline = time.monotonic() + 120
    while not list(course.glob("autograded/sleeper*")) and time.monotonic() < deadline:
        time.sleep(0.1)
    os.killpg(process.pid, signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130, said
    assert said.strip().splitlines()[-1] == "stopped; the same command goes on where it was"
    assert "Traceback" not in said
    for k in range(12):
        shutil.rmtree(course / "submitted" / f"sleeper{k}")
    assert grade_class(course).returncode == 1
    assert table(course)["perfect"]["status"] == "to be graded by hand: question"
    assert table(course)["cut_off"]["status"] == "failed"


@pytest.mark.parametrize("step", ["generate_assignment", "autograde", "generate_feedback"])
def test_no_step_of_nbgrader_swallows_ctrl_c(course, graded, monkeypatch, step):
    def swallow(*_, **__):
        with contextlib.suppress(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)
        return {"success": False, "error": "KeyboardInterrupt"}

    api = grading.nbgrader_api(course)
    monkeypatch.setattr(type(api), step, swallow)
    work = {
        "generate_assignment": lambda: grading.release(course, NAME),
        "autograde": lambda: grading._autograde(api, course, NAME, "perfect"),
        "generate_feedback": lambda: grading._feedback_pages(course, NAME, ["perfect"]),
    }[step]
    _is_stopped(work)


def test_what_fails_after_ctrl_c_is_no_failure():
    def work():
        os.kill(os.getpid(), signal.SIGINT)
        raise subprocess.CalledProcessError(-signal.SIGINT, "a process that it ended, too")

    _is_stopped(work)


def _is_stopped(work):
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt), interrupts.stop_all():
            work()
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    finally:
        signal.signal(signal.SIGINT, before)
        interrupts.STOP.clear()


def test_processes_that_help_never_hear_ctrl_c():
    """The grading ends them, or waits for them; they would print where they were."""
    child = [sys.executable, "-c", "import os, signal; os.kill(os.getpid(), signal.SIGINT); print('goes on')"]
    said = []

    def step():
        said.append(subprocess.check_output(child, text=True))
        return {"success": True}

    assert grading._step(step) == ""
    assert said == ["goes on\n"]
    assert signal.SIGINT not in signal.pthread_sigmask(signal.SIG_BLOCK, ())


def test_plain_nbgrader_gives_the_same_points(course, graded):
    command = [sys.executable, "-m", "nbgrader", "autograde", NAME, "--student=lost_tests", "--force"]
    done = subprocess.run(command, cwd=course, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as gradebook:
        assert gradebook.find_submission(NAME, "lost_tests").score == 25


def test_wrong_calls_get_one_sentence(course, tmp_path):
    done = grade_class(course, "--from", tmp_path / "nothing")
    assert (done.returncode, done.stdout) == (2, "")
    assert "does not exist; expected a folder or a zip" in done.stderr
    command = [sys.executable, "-m", "segutils", "grade", "09_nothing", f"--course={course}"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.returncode == 2
    assert f"no assignment '09_nothing' in {course}; known: {NAME}" in done.stderr


def test_a_grader_that_does_not_fit_its_notebook_is_said():
    cell = copy.deepcopy(RELEASE.cells[at(RELEASE, "test_conv2d")])
    with pytest.raises(ValueError, match="test_conv2d has 5 points in the notebook, but no task in its grader"):
        steps._outputs({}, cell.metadata.nbgrader)
