"""Grade a whole class with nbgrader: collect, restore, award points, write feedback pages and a table of grades.

nbgrader provides the gradebook, the formgrader and the feedback pages; `steps` holds the two of its steps that the
course replaces.
"""

import html
import re
import signal
import sys
import warnings
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, ThreadPoolExecutor, as_completed, wait
from multiprocessing import active_children, get_context
from pathlib import Path
from typing import NamedTuple

import joblib
import nbformat
from nbformat.warnings import DuplicateCellId
from nbgrader.api import Gradebook, MissingEntry
from nbgrader.apps.api import NbGraderAPI
from nbgrader.coursedir import CourseDirectory
from sqlalchemy.exc import SAWarning
from traitlets.config import PyFileConfigLoader

from segutils.classroom import interrupts, restore, sandbox
from segutils.classroom.collect import find_submissions
from segutils.classroom.record import Record, path_in
from segutils.classroom.steps import load_release, release_path, score_cells
from segutils.plumbing.storage import atomic_write


class Outcome(NamedTuple):
    """How grading one student went: `failure` is "" or why there is no grade, `notes` say what was repaired."""

    student: str
    failure: str = ""
    notes: tuple = ()


@interrupts.stop_all()
def grade(assignment, *, root, source=None, jobs=None, csv=None, force=False):
    """Collect, restore and grade every notebook, and write feedback and grades; one student's failure stops nobody.

    A notebook that is graded already is graded again only if the submission, the release, the grader or the secret has
    changed. What could not be graded, and all notes, stay in the report until something new comes in.

    Args:
        assignment: name of the assignment.
        root: folder of the course, which holds nbgrader_config.py.
        source: folder or zip of submissions; None: only those that are in submitted/ already.
        jobs: number of notebooks graded at a time; None: one per core.
        csv: path of the table of grades; None: <root>/grades_<assignment>.csv.
        force: also grade what is graded already.
    Returns: list of Outcome.
    Raises: FileNotFoundError if there is no such assignment or source; KeyboardInterrupt within about a second.
    """
    root, jobs = Path(root).resolve(), jobs or joblib.cpu_count()
    warnings.filterwarnings("ignore", category=SAWarning, module="nbgrader")
    warnings.filterwarnings("ignore", category=DuplicateCellId)  # of copied cells; they are repaired
    api = prepare_assignment(root, assignment)
    if missing := set(sandbox.ALL_RESTRICTIONS) - set(sandbox.restrictions()):
        print(f"Not enforced on this machine: {', '.join(sorted(missing))}. Grade in a container.", file=sys.stderr)
    record = Record(root, assignment)
    if source:
        found, problems = find_submissions(source, assignment, load_release(root, assignment))
        record.collected(found, problems)
    students = sorted(path.parents[1].name for path in root.glob(f"submitted/*/{assignment}/{assignment}.ipynb"))
    outcomes = list(_grade_all(api, root, assignment, record, students, jobs, force))
    graded = [outcome.student for outcome in outcomes if not outcome.failure]
    failures = _write_feedback(root, assignment, graded, jobs, force)
    outcomes = [o._replace(failure=failures.get(o.student, o.failure)) for o in outcomes]
    outcomes += [Outcome(name, why) for name, why in record.problems.items() if name not in students]
    write_grades(root, assignment, outcomes, csv or root / f"grades_{assignment}.csv")
    return outcomes


def prepare_assignment(root, assignment):
    """nbgrader's API for the course; releases the assignment first if it was not, or if its source is newer."""
    source = root / "source" / assignment / f"{assignment}.ipynb"
    if not source.is_file():
        known = ", ".join(sorted(path.name for path in (root / "source").glob("*") if path.is_dir()))
        raise FileNotFoundError(f"no assignment {assignment!r} in {root}; known: {known}")
    api = nbgrader_api(root)
    copy = release_path(root, assignment)
    try:
        with interrupts.unheard_by_children(), api.gradebook as gradebook:  # a new one is made by a process
            gradebook.find_notebook(assignment, assignment)
        known = copy.is_file() and copy.stat().st_mtime >= source.stat().st_mtime
    except MissingEntry:
        known = False
    if not known:
        release(root, assignment)
    return api


def release(root, assignment):
    """Make the students' copy of an assignment, and add the assignment to the gradebook."""
    if failure := _step(nbgrader_api(root).generate_assignment, assignment):
        raise RuntimeError(failure)


def nbgrader_api(root):
    """nbgrader's API with the configuration of the course in `root`."""
    config = PyFileConfigLoader("nbgrader_config.py", path=str(root)).load_config()
    directory = CourseDirectory(config=config)
    directory.root = str(root)
    api = NbGraderAPI(directory, config=config)
    api.log.setLevel("ERROR")
    return api


def _grade_all(api, root, assignment, record, students, jobs, force):
    """Outcome of each student. Child processes run in parallel; nbgrader, whose gradebook has one writer, does not."""
    from tqdm import tqdm

    current = {student: record.digest(student) for student in students}
    todo = [s for s in students if force or not record.is_graded(s, current[s])]
    yield from (Outcome(student, notes=record.notes_of(student)) for student in students if student not in todo)
    pool = ThreadPoolExecutor(jobs)
    try:
        with tqdm(total=len(todo), desc="grading", unit=" students", disable=None) as bar:
            running = {pool.submit(_score_one, root, assignment, student): student for student in todo}
            for future in as_completed(running):
                interrupts.check()
                try:
                    outcome = future.result()
                    if not outcome.failure:
                        outcome = outcome._replace(failure=_autograde(api, root, assignment, outcome.student))
                except Exception as error:  # whatever is in a hand-in, the others are graded
                    outcome = Outcome(running[future], f"grading stopped: {type(error).__name__}: {error}")
                if not outcome.failure:
                    record.graded(outcome.student, current[outcome.student], outcome.notes)
                bar.update()
                yield outcome._replace(notes=record.notes_of(outcome.student))
    finally:
        pool.shutdown(cancel_futures=True)


def _score_one(root, assignment, student):
    """Restore and score one submission; the scores stay cached for the step `AwardPoints`."""
    try:
        cells = restore.read(path_in(root, assignment, student).read_bytes())
        repaired, notes = restore.restore(cells, load_release(root, assignment))
        scores = score_cells(root, assignment, restore.answer_cells(repaired))
    except (ValueError, OSError, sandbox.SandboxError) as error:
        return Outcome(student, str(error))
    return Outcome(student, notes=(*notes, *(note for score in scores.values() for note in score.notes)))


def _autograde(api, root, assignment, student):
    """Autograde one student with nbgrader. Returns "", or why it failed."""
    before = _written_answers(root, assignment, student)
    by_hand = _graded_by_hand(api, assignment, student) if before else ()
    if failure := _step(api.autograde, assignment, student, force=True):
        return failure
    after = _written_answers(root, assignment, student)
    _keep_marks(api, assignment, student, [name for name in by_hand if before.get(name) == after.get(name)])
    return ""


def _written_answers(root, assignment, student):
    """The text of each cell that a person grades, in the graded notebook; {} if there is none."""
    path = path_in(root, assignment, student, "autograded")
    cells = nbformat.read(path, as_version=4).cells if path.exists() else []
    own = [cell for cell in cells if cell.metadata.get("nbgrader", {}).get("solution")]
    return {cell.metadata.nbgrader.grade_id: cell.source for cell in own}


def _graded_by_hand(api, assignment, student):
    """Names of the cells to which a person has given points."""
    with api.gradebook as gradebook:
        try:
            grades = [g for n in gradebook.find_submission(assignment, student).notebooks for g in n.grades]
        except MissingEntry:
            return ()
        return [g.name for g in grades if g.manual_score is not None and not g.needs_manual_grade]


def _keep_marks(api, assignment, student, names):
    """Let points stand that a person gave for an answer that is still the same: nbgrader asks for them anew."""
    if names:
        with api.gradebook as gradebook:
            for name in names:
                gradebook.find_grade(name, assignment, assignment, student).needs_manual_grade = False
            gradebook.db.commit()


def _step(step, *arguments, **options):
    """Let nbgrader do a step. Returns "", or the last error that it logged. Raises: KeyboardInterrupt at Ctrl-C."""
    with interrupts.unheard_by_children():
        result = step(*arguments, **options)
    interrupts.check()
    if result["success"]:
        return ""
    said = re.findall(r"^ *((?:\w+\.)*\w*(?:Error|Exception|Entry): .+)$", result.get("log", ""), re.MULTILINE)
    return (said or [result["error"].strip().splitlines()[-1]])[-1]


def _write_feedback(root, assignment, students, jobs, force):
    """Rewrite feedback pages that are older than the gradebook. Returns dict of student → why that failed."""
    from tqdm import tqdm

    book = (root / "gradebook.db").stat().st_mtime
    pages = {student: path_in(root, assignment, student, "feedback") for student in students}
    todo = [s for s, page in pages.items() if force or not page.exists() or page.stat().st_mtime < book]
    if len(todo) < 3:
        return _feedback_pages(root, assignment, todo)
    failures, batches = {}, [todo[i : i + 5] for i in range(0, len(todo), 5)]
    pool = ProcessPoolExecutor(jobs, get_context("spawn"), signal.signal, (signal.SIGINT, signal.SIG_IGN))
    try:
        with tqdm(total=len(todo), desc="feedback", unit=" students", disable=None) as bar:
            with interrupts.unheard_by_children():
                running = {pool.submit(_feedback_pages, root, assignment, batch): batch for batch in batches}
            while running:
                interrupts.check()
                for future in wait(running, 0.2, FIRST_COMPLETED).done:
                    failures |= future.result()
                    bar.update(len(running.pop(future)))
    except KeyboardInterrupt:
        for process in active_children():
            process.terminate()
        raise
    finally:
        pool.shutdown(cancel_futures=True)
    return failures


def _feedback_pages(root, assignment, students):
    api = nbgrader_api(root) if students else None
    failures = {student: _step(api.generate_feedback, assignment, student) for student in students}
    for student in students:
        if not failures[student]:
            _name_tasks(path_in(root, assignment, student, "feedback"), task_names(load_release(root, assignment)))
    return {student: failure for student, failure in failures.items() if failure}


def task_names(release):
    """{grade_id: name of the task}: the heading above each graded cell, without its points."""
    names, heading = {}, ""
    for cell in release.cells:
        heading = (re.findall(r"^## (.+?)(?: \(.*\))?$", cell.source, re.MULTILINE) or [heading])[-1]
        data = cell.metadata.get("nbgrader", {})
        if data.get("grade"):
            names[data["grade_id"]] = heading or data["grade_id"]
    return names


def _name_tasks(page, names):
    """Name the tasks in the list at the top of a feedback page, where nbgrader calls each "Test cell"."""
    text = page.read_text(encoding="utf-8")
    for grade_id, name in names.items():
        link = rf'(<a href="#{re.escape(grade_id)}">)(Test cell|Written response)</a>'
        text = re.sub(link, lambda found, name=name: f"{found[1]}{html.escape(name)}</a>", text)
    with atomic_write(page) as temporary:
        temporary.write_text(text, encoding="utf-8")


def write_grades(root, assignment, outcomes, path):
    """Write a table of grades: one row per student, one column per task; if grading failed, the reason."""
    import pandas as pd

    cells = [cell.metadata.get("nbgrader", {}) for cell in load_release(root, assignment).cells]
    tasks = [data["grade_id"] for data in cells if data.get("grade")]
    rows = []
    with Gradebook(f"sqlite:///{root / 'gradebook.db'}") as gradebook:
        for outcome in sorted(outcomes):
            row = {"student": outcome.student, "status": "failed" if outcome.failure else "graded"}
            if not outcome.failure:
                row |= _points(gradebook, assignment, outcome.student)
            rows.append({**row, "note": "; ".join(filter(None, (outcome.failure, *outcome.notes)))})
    table = pd.DataFrame(rows, columns=["student", "status", *tasks, "points", "of", "note"])
    for name in ("student", "status", "note"):
        table[name] = table[name].map(_no_formula)
    with atomic_write(path) as temporary:
        table.to_csv(temporary, index=False)


def _no_formula(text):
    """Text that a spreadsheet takes for text: one that begins like a formula gets an apostrophe before it."""
    return f"'{text}" if text.startswith(tuple("=+-@＝＋－＠\t\r\n")) else text


def _points(gradebook, assignment, student):
    """Points of each graded cell, None where a person still has to grade it; their sum and the maximum."""
    submission = gradebook.find_submission(assignment, student)
    grades = [grade for notebook in submission.notebooks for grade in notebook.grades]
    by_hand = [grade.name for grade in grades if grade.needs_manual_grade]
    row = {grade.name: None if grade.needs_manual_grade else grade.score for grade in grades}
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
