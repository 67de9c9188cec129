"""The round for a whole class, on nbgrader: collect, restore, decide, feedback, grades.

nbgrader keeps the gradebook, the formgrader and the feedback pages; `steps` holds the two of its steps that are ours.
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
from segutils.classroom.collect import hand_ins
from segutils.classroom.steps import release_of, verdicts_of
from segutils.plumbing.storage import atomic_write


class Outcome(NamedTuple):
    """How it went with a student: "" or why there is no grade, and what was mended."""

    student: str
    failure: str = ""
    notes: tuple = ()


def grade(assignment, *, root, source=None, jobs=None, csv=None, force=False):
    """Collect, mend, decide, write feedback and grades, for everybody; one student's failure stops nobody.

    What is graded already is not graded again, unless the hand-in, the release or the grader is newer.

    Args:
        assignment: its name.
        root: folder of the course, with nbgrader_config.py.
        source: folder or zip of what came in; None: only what lies in submitted/ already.
        jobs: how many run side by side; None: one a core.
        csv: path of the table of grades; None: <root>/grades_<assignment>.csv.
        force: grade and write anew what is graded already.
    Returns: list of Outcome.
    """
    root, jobs = Path(root).resolve(), jobs or joblib.cpu_count()
    warnings.filterwarnings("ignore", category=SAWarning, module="nbgrader")
    api = prepare(root, assignment)
    if missing := set(sandbox.ALL_FENCES) - set(sandbox.fences()):
        print(f"This machine has no fence for: {', '.join(sorted(missing))}. Grade in a container.", file=sys.stderr)
    problems = {}
    if source:
        came, problems = hand_ins(source, assignment)
        for hand_in in came:
            _put(root, assignment, hand_in)
    students = sorted(path.parents[1].name for path in root.glob(f"submitted/*/{assignment}/{assignment}.ipynb"))
    outcomes = [Outcome(name, why) for name, why in problems.items() if name not in students]
    outcomes += _decide_all(api, root, assignment, students, jobs, force)
    graded = [outcome.student for outcome in outcomes if not outcome.failure]
    faults = _write_feedback(root, assignment, graded, jobs, force)
    outcomes = [o._replace(failure=faults.get(o.student, o.failure)) for o in outcomes]
    write_grades(root, assignment, outcomes, csv or root / f"grades_{assignment}.csv")
    return outcomes


def _put(root, assignment, hand_in):
    """Write what was handed in to where nbgrader looks for it; what is there already stays as it is."""
    path = _submitted(root, assignment, hand_in.student)
    if path.exists() and path.read_bytes() == hand_in.content:
        return
    with atomic_write(path) as temporary:
        temporary.write_bytes(hand_in.content)
    when = datetime.fromtimestamp(hand_in.changed, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    path.with_name("timestamp.txt").write_text(when, encoding="utf-8")


def _submitted(root, assignment, student, step="submitted"):
    suffix = ".html" if step == "feedback" else ".ipynb"
    return root / step / student / assignment / f"{assignment}{suffix}"


def prepare(root, assignment):
    """nbgrader's interface to the course; the assignment is released first where it is not, or its source is newer."""
    source = root / "source" / assignment / f"{assignment}.ipynb"
    if not source.is_file():
        known = ", ".join(sorted(path.name for path in (root / "source").glob("*") if path.is_dir()))
        raise FileNotFoundError(f"no assignment {assignment!r} in {root}; known: {known}")
    api = interface(root)
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
    """Make the students' copy of an assignment, and enter the assignment into the gradebook."""
    result = interface(root).generate_assignment(assignment)
    if not result["success"]:
        raise RuntimeError(_reason(result))


def interface(root):
    """nbgrader's interface with the configuration of the course in `root`."""
    config = PyFileConfigLoader("nbgrader_config.py", path=str(root)).load_config()
    directory = CourseDirectory(config=config)
    directory.root = str(root)
    api = NbGraderAPI(directory, config=config)
    api.log.setLevel("ERROR")
    return api


def _decide_all(api, root, assignment, students, jobs, force):
    """Outcome of each student. The children run side by side; nbgrader, whose gradebook has one writer, follows."""
    from tqdm import tqdm

    todo = [student for student in students if force or not _is_done(root, assignment, student)]
    yield from (Outcome(student) for student in students if student not in todo)
    with ThreadPoolExecutor(jobs) as pool, tqdm(total=len(todo), desc="grading", unit=" students", disable=None) as bar:
        running = {pool.submit(_decide_one, root, assignment, student): student for student in todo}
        for future in as_completed(running):
            outcome = future.result()
            if not outcome.failure:
                outcome = outcome._replace(failure=_record(api, assignment, outcome.student))
            bar.update()
            yield outcome


def _decide_one(root, assignment, student):
    """Mend and run one hand-in; the verdicts stay in the cache for `Decide`."""
    try:
        cells = restore.read(_submitted(root, assignment, student).read_bytes())
        mended, notes = restore.restore(cells, release_of(root, assignment))
        verdicts_of(root, assignment, restore.answer_cells(mended))
    except (ValueError, OSError, sandbox.SandboxError) as error:
        return Outcome(student, str(error))
    return Outcome(student, notes=tuple(notes))


def _record(api, assignment, student):
    """Let nbgrader autograde one student. Returns "", or why it could not."""
    result = api.autograde(assignment, student, force=True)
    return "" if result["success"] else _reason(result)


def _reason(result):
    """The last error that nbgrader logged, without its traceback."""
    said = re.findall(r"^ *((?:\w+\.)*\w*(?:Error|Exception|Entry): .+)$", result.get("log", ""), re.MULTILINE)
    return (said or [result["error"].strip().splitlines()[-1]])[-1]


def _is_done(root, assignment, student):
    """Whether the graded notebook is newer than all that it comes from."""
    graded = _submitted(root, assignment, student, "autograded")
    origins = [
        _submitted(root, assignment, student),
        root / "release" / assignment / f"{assignment}.ipynb",
        root / "graders" / f"{assignment}.py",
    ]
    return graded.exists() and all(graded.stat().st_mtime >= origin.stat().st_mtime for origin in origins)


def _write_feedback(root, assignment, students, jobs, force):
    """Feedback pages that are older than the gradebook, written anew. Returns student → why it could not."""
    from tqdm import tqdm

    book = (root / "gradebook.db").stat().st_mtime
    pages = {student: _submitted(root, assignment, student, "feedback") for student in students}
    todo = [s for s, page in pages.items() if force or not page.exists() or page.stat().st_mtime < book]
    if len(todo) < 3:
        return _feedback_pages(root, assignment, todo)
    faults, parts = {}, [todo[i : i + 5] for i in range(0, len(todo), 5)]
    with (
        ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool,
        tqdm(total=len(todo), desc="feedback", unit=" students", disable=None) as bar,
    ):
        running = {pool.submit(_feedback_pages, root, assignment, part): part for part in parts}
        for future in as_completed(running):
            faults |= future.result()
            bar.update(len(running[future]))
    return faults


def _feedback_pages(root, assignment, students):
    api = interface(root) if students else None
    results = {student: api.generate_feedback(assignment, student) for student in students}
    return {student: _reason(result) for student, result in results.items() if not result["success"]}


def write_grades(root, assignment, outcomes, path):
    """A table of grades: a row a student, a column a task. Who could not be graded has no points, and a reason."""
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
    """Points of each graded cell; "by hand" where a person has still to look."""
    submission = gradebook.find_submission(assignment, student)
    grades = sorted((g for n in submission.notebooks for g in n.grades), key=lambda g: (g.cell.cell_type, g.name))
    open_ = [g.name for g in grades if g.needs_manual_grade]
    row = {g.name: None if g.needs_manual_grade else g.score for g in grades}
    status = {"status": f"to be graded by hand: {', '.join(open_)}"} if open_ else {}
    return {**status, **row, "points": submission.score, "of": submission.max_score}


def report(outcomes):
    """What to print at the end: how many, who failed and why, what was mended."""
    failed = [outcome for outcome in sorted(outcomes) if outcome.failure]
    mended = [outcome for outcome in sorted(outcomes) if outcome.notes and not outcome.failure]
    lines = [f"{len(outcomes) - len(failed)} graded, {len(failed)} could not be graded"]
    lines += [f"  {outcome.student}: {outcome.failure}" for outcome in failed]
    lines += [f"mended: {len(mended)}"] if mended else []
    return "\n".join([*lines, *(f"  {outcome.student}: {'; '.join(outcome.notes)}" for outcome in mended)])
