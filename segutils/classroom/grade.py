"""Grade a whole class with nbgrader: collect, restore, award points, write feedback pages and a table of grades.

nbgrader provides the gradebook, the formgrader and the feedback pages; `steps` holds the two of its steps that the
course replaces.
"""

import re
import sys
import warnings
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor, as_completed
from datetime import UTC, datetime
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple

import joblib
from nbgrader.api import Gradebook, MissingEntry
from nbgrader.apps.api import NbGraderAPI
from nbgrader.coursedir import CourseDirectory
from sqlalchemy.exc import SAWarning
from traitlets.config import PyFileConfigLoader

from segutils.classroom import restore, sandbox
from segutils.classroom.collect import find_submissions
from segutils.classroom.steps import load_release, score_cells
from segutils.plumbing.storage import atomic_write


class Outcome(NamedTuple):
    """How grading one student went: `failure` is "" or why there is no grade, `notes` say what was repaired."""

    student: str
    failure: str = ""
    notes: tuple = ()


def grade(assignment, *, root, source=None, jobs=None, csv=None, force=False):
    """Collect, restore and grade every notebook, and write feedback and grades; one student's failure stops nobody.

    A notebook that is graded already is graded again only if the submission, the release or the grader is newer.

    Args:
        assignment: name of the assignment.
        root: folder of the course, which holds nbgrader_config.py.
        source: folder or zip of submissions; None: only those that are in submitted/ already.
        jobs: number of notebooks graded at a time; None: one per core.
        csv: path of the table of grades; None: <root>/grades_<assignment>.csv.
        force: also grade what is graded already.
    Returns: list of Outcome.
    """
    root, jobs = Path(root).resolve(), jobs or joblib.cpu_count()
    warnings.filterwarnings("ignore", category=SAWarning, module="nbgrader")
    api = prepare_assignment(root, assignment)
    if missing := set(sandbox.ALL_RESTRICTIONS) - set(sandbox.restrictions()):
        print(f"Not enforced on this machine: {', '.join(sorted(missing))}. Grade in a container.", file=sys.stderr)
    problems = {}
    if source:
        found, problems = find_submissions(source, assignment)
        for submission in found:
            _store(root, assignment, submission)
    students = sorted(path.parents[1].name for path in root.glob(f"submitted/*/{assignment}/{assignment}.ipynb"))
    outcomes = [Outcome(name, why) for name, why in problems.items() if name not in students]
    outcomes += _grade_all(api, root, assignment, students, jobs, force)
    graded = [outcome.student for outcome in outcomes if not outcome.failure]
    failures = _write_feedback(root, assignment, graded, jobs, force)
    outcomes = [o._replace(failure=failures.get(o.student, o.failure)) for o in outcomes]
    write_grades(root, assignment, outcomes, csv or root / f"grades_{assignment}.csv")
    return outcomes


def _store(root, assignment, submission):
    """Write a submission to where nbgrader looks for it, unless the same is there already."""
    path = _path_in(root, assignment, submission.student)
    if path.exists() and path.read_bytes() == submission.content:
        return
    with atomic_write(path) as temporary:
        temporary.write_bytes(submission.content)
    when = datetime.fromtimestamp(submission.modified, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    path.with_name("timestamp.txt").write_text(when, encoding="utf-8")


def _path_in(root, assignment, student, step="submitted"):
    suffix = ".html" if step == "feedback" else ".ipynb"
    return root / step / student / assignment / f"{assignment}{suffix}"


def prepare_assignment(root, assignment):
    """nbgrader's API for the course; releases the assignment first if it was not, or if its source is newer."""
    source = root / "source" / assignment / f"{assignment}.ipynb"
    if not source.is_file():
        known = ", ".join(sorted(path.name for path in (root / "source").glob("*") if path.is_dir()))
        raise FileNotFoundError(f"no assignment {assignment!r} in {root}; known: {known}")
    api = nbgrader_api(root)
    copy = root / "release" / assignment / f"{assignment}.ipynb"
    try:
        with api.gradebook as gradebook:
            gradebook.find_notebook(assignment, assignment)
        known = copy.is_file() and copy.stat().st_mtime >= source.stat().st_mtime
    except MissingEntry:
        known = False
    if not known:
        release(root, assignment)
    return api


def release(root, assignment):
    """Make the students' copy of an assignment, and add the assignment to the gradebook."""
    result = nbgrader_api(root).generate_assignment(assignment)
    if not result["success"]:
        raise RuntimeError(_failure_reason(result))


def nbgrader_api(root):
    """nbgrader's API with the configuration of the course in `root`."""
    config = PyFileConfigLoader("nbgrader_config.py", path=str(root)).load_config()
    directory = CourseDirectory(config=config)
    directory.root = str(root)
    api = NbGraderAPI(directory, config=config)
    api.log.setLevel("ERROR")
    return api


def _grade_all(api, root, assignment, students, jobs, force):
    """Outcome of each student. Child processes run in parallel; nbgrader, whose gradebook has one writer, does not."""
    from tqdm import tqdm

    todo = [student for student in students if force or not _is_up_to_date(root, assignment, student)]
    yield from (Outcome(student) for student in students if student not in todo)
    with ThreadPoolExecutor(jobs) as pool, tqdm(total=len(todo), desc="grading", unit=" students", disable=None) as bar:
        running = {pool.submit(_score_one, root, assignment, student): student for student in todo}
        for future in as_completed(running):
            outcome = future.result()
            if not outcome.failure:
                outcome = outcome._replace(failure=_autograde(api, assignment, outcome.student))
            bar.update()
            yield outcome


def _score_one(root, assignment, student):
    """Restore and score one submission; the scores stay cached for the step `AwardPoints`."""
    try:
        cells = restore.read(_path_in(root, assignment, student).read_bytes())
        repaired, notes = restore.restore(cells, load_release(root, assignment))
        score_cells(root, assignment, restore.answer_cells(repaired))
    except (ValueError, OSError, sandbox.SandboxError) as error:
        return Outcome(student, str(error))
    return Outcome(student, notes=tuple(notes))


def _autograde(api, assignment, student):
    """Autograde one student with nbgrader. Returns "", or why it failed."""
    result = api.autograde(assignment, student, force=True)
    return "" if result["success"] else _failure_reason(result)


def _failure_reason(result):
    """The last error that nbgrader logged, without the traceback."""
    said = re.findall(r"^ *((?:\w+\.)*\w*(?:Error|Exception|Entry): .+)$", result.get("log", ""), re.MULTILINE)
    return (said or [result["error"].strip().splitlines()[-1]])[-1]


def _is_up_to_date(root, assignment, student):
    """Whether the graded notebook is newer than everything that it depends on."""
    graded = _path_in(root, assignment, student, "autograded")
    origins = [
        _path_in(root, assignment, student),
        root / "release" / assignment / f"{assignment}.ipynb",
        root / "graders" / f"{assignment}.py",
    ]
    return graded.exists() and all(graded.stat().st_mtime >= origin.stat().st_mtime for origin in origins)


def _write_feedback(root, assignment, students, jobs, force):
    """Rewrite feedback pages that are older than the gradebook. Returns dict of student → why that failed."""
    from tqdm import tqdm

    book = (root / "gradebook.db").stat().st_mtime
    pages = {student: _path_in(root, assignment, student, "feedback") for student in students}
    todo = [s for s, page in pages.items() if force or not page.exists() or page.stat().st_mtime < book]
    if len(todo) < 3:
        return _feedback_pages(root, assignment, todo)
    failures, batches = {}, [todo[i : i + 5] for i in range(0, len(todo), 5)]
    with (
        ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool,
        tqdm(total=len(todo), desc="feedback", unit=" students", disable=None) as bar,
    ):
        running = {pool.submit(_feedback_pages, root, assignment, batch): batch for batch in batches}
        for future in as_completed(running):
            failures |= future.result()
            bar.update(len(running[future]))
    return failures


def _feedback_pages(root, assignment, students):
    api = nbgrader_api(root) if students else None
    results = {student: api.generate_feedback(assignment, student) for student in students}
    return {student: _failure_reason(result) for student, result in results.items() if not result["success"]}


def write_grades(root, assignment, outcomes, path):
    """Write a table of grades: one row per student, one column per task; if grading failed, the reason."""
    import pandas as pd

    rows = []
    with Gradebook(f"sqlite:///{root / 'gradebook.db'}") as gradebook:
        for outcome in sorted(outcomes):
            row = {"student": outcome.student, "status": "failed" if outcome.failure else "graded"}
            if not outcome.failure:
                row |= _points(gradebook, assignment, outcome.student)
            rows.append({**row, "note": outcome.failure or "; ".join(outcome.notes)})
    table = pd.DataFrame(rows, columns=["student", "status"] if not rows else None)
    last = [name for name in ("points", "of", "note") if name in table]
    table = table[[*table.columns.drop(last), *last]]
    with atomic_write(path) as temporary:
        table.to_csv(temporary, index=False)


def _points(gradebook, assignment, student):
    """Points of each graded cell, None where a person still has to grade it; their sum and the maximum."""
    submission = gradebook.find_submission(assignment, student)
    grades = sorted((g for n in submission.notebooks for g in n.grades), key=lambda g: (g.cell.cell_type, g.name))
    by_hand = [g.name for g in grades if g.needs_manual_grade]
    row = {g.name: None if g.needs_manual_grade else g.score for g in grades}
    status = {"status": f"to be graded by hand: {', '.join(by_hand)}"} if by_hand else {}
    return {**status, **row, "points": submission.score, "of": submission.max_score}


def report(outcomes):
    """The text to print at the end: how many were graded, who failed and why, what was repaired."""
    failed = [outcome for outcome in sorted(outcomes) if outcome.failure]
    repaired = [outcome for outcome in sorted(outcomes) if outcome.notes and not outcome.failure]
    lines = [f"{len(outcomes) - len(failed)} graded, {len(failed)} could not be graded"]
    lines += [f"  {outcome.student}: {outcome.failure}" for outcome in failed]
    lines += [f"repaired: {len(repaired)}"] if repaired else []
    return "\n".join([*lines, *(f"  {outcome.student}: {'; '.join(outcome.notes)}" for outcome in repaired)])
