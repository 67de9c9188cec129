"""The round for a whole class, on nbgrader: collect, mend, decide, feedback, grades.

nbgrader keeps the gradebook, the formgrader and the feedback pages. Two of its steps are ours, by
`nbgrader_config.py`: `Repair` mends a notebook against the release (segutils.repair), and `Decide` takes the place
of the execution in a kernel: it writes the points that segutils.grading decided into each test cell, as the result
that nbgrader reads partial credit from.
"""

import functools
import io
import json
import os
import re
import sys
import time
import warnings
import zipfile
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor, as_completed
from datetime import UTC, datetime
from multiprocessing import get_context
from pathlib import Path, PurePosixPath
from typing import NamedTuple

import nbformat
from nbgrader.api import Gradebook, MissingEntry
from nbgrader.apps.api import NbGraderAPI
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import NbGraderPreprocessor
from sqlalchemy.exc import SAWarning
from traitlets.config import PyFileConfigLoader

from segutils import course as files
from segutils import grading, repair, sandbox

MOST_BYTES = 20_000_000  # of a notebook that is handed in


# What nbgrader calls


class Repair(NbGraderPreprocessor):
    """The released notebook with the student's answers in place of what was handed in."""

    def preprocess(self, nb, resources):
        names = resources["nbgrader"]
        mended, notes = repair.repair(repair.read(json.dumps(nb)), _release(Path.cwd(), names["assignment"]))
        for note in notes:
            self.log.warning("%s: %s", names["student"], note)
        return mended, resources


class Decide(NbGraderPreprocessor):
    """The decided points as the result of each test cell."""

    def preprocess(self, nb, resources):
        verdicts = _verdicts(Path.cwd(), resources["nbgrader"]["assignment"], repair.answer_cells(nb))
        for cell in nb.cells:
            data = cell.metadata.get("nbgrader", {})
            if data.get("grade") and cell.cell_type == "code":
                cell.outputs = _outputs(verdicts, data)
        return nb, resources


def _outputs(verdicts, data):
    """What stands below a test cell: a line for each check, then the points alone, which nbgrader reads."""
    verdict = verdicts.get(data["grade_id"])
    if verdict is None or verdict.of != data["points"]:
        has = f"{verdict.of:g} points" if verdict else "no task"
        raise ValueError(f"{data['grade_id']} has {data['points']:g} points in the notebook, but {has} in its grader")
    text = "\n".join([*verdict.lines, f"points, of {verdict.of:g}:"]) + "\n"
    points = {"data": {"text/plain": f"{verdict.points:g}"}, "metadata": {}, "execution_count": None}
    return [
        nbformat.v4.new_output("stream", name="stdout", text=text),
        nbformat.v4.new_output("execute_result", **points),
    ]


def _release(root, assignment):
    path = root / "release" / assignment / f"{assignment}.ipynb"
    if not path.is_file():
        raise FileNotFoundError(f"no release {path}: run nbgrader generate_assignment {assignment}")
    return _read_notebook(path, path.stat().st_mtime_ns)


@functools.lru_cache(maxsize=8)
def _read_notebook(path, _changed):
    return nbformat.read(path, as_version=4)


@functools.lru_cache(maxsize=1024)
def _verdicts(root, assignment, cells):
    tasks, limits = _grader(root / "graders" / f"{assignment}.py")
    secret = root / "secret.txt"
    seed = secret.read_text(encoding="utf-8").strip() if secret.exists() else "course"
    return grading.decide(tasks, cells, limits=limits, seed=seed)


_grader = functools.lru_cache(maxsize=8)(grading.load)


# Collecting


class HandIn(NamedTuple):
    """A file that somebody handed in."""

    student: str
    content: bytes
    changed: float  # seconds since 1970


def hand_ins(source, assignment):
    """The notebooks in a folder or zip, as students hand them in, one a student.

    A file belongs to the student after whom its first folder is called (alice/anything.ipynb, Moodle's
    Ann Lee_123_assignsubmission_file/…), or else the file (alice.ipynb, alice_01_convolution (1).ipynb). Of several
    notebooks of one student the one with the most cells of the assignment counts, then the newest.

    Returns: list of HandIn; dict of name → why it is none.
    """
    found, problems = {}, {}
    entries = list(_entries(Path(source)))
    while len(entries) > 1 and len({parts[0] for parts, *_ in entries}) == 1 and all(len(e[0]) > 1 for e in entries):
        entries = [(parts[1:], *rest) for parts, *rest in entries]  # one folder around everything
    for parts, content, changed in entries:
        student = _student(parts, assignment)
        if not student:
            problems["/".join(parts)] = "whose is it? Name the file, or the folder around it, after the student"
        elif content is None:
            problems[student] = f"{parts[-1]} is larger than {MOST_BYTES // 10**6} MB"
        elif not parts[-1].endswith(".ipynb"):
            problems[student] = f"{parts[-1]} is not a notebook (.ipynb)"
        else:
            found.setdefault(student, []).append(HandIn(student, content, changed))
    best = [max(several, key=_closeness(assignment)) for several in found.values()]
    return sorted(best), {name: why for name, why in problems.items() if name not in found}


def _closeness(assignment):
    return lambda hand_in: (hand_in.content.count(b"grade_id"), assignment.encode() in hand_in.content, hand_in.changed)


def _entries(source):
    """Parts of the name, content (None: too large) and time of all files in a folder or zip; zips in it are opened."""
    if not source.exists():
        raise FileNotFoundError(f"{source} does not exist; expected a folder or a zip of what students handed in")
    if source.is_file():
        yield from _zip_entries((), source.read_bytes(), source)
        return
    for path in sorted(source.rglob("*")):
        parts = path.relative_to(source).parts
        if not path.is_file() or path.is_symlink() or _is_litter(parts):
            continue
        if path.suffix == ".zip":
            yield from _zip_entries((*parts[:-1], path.stem), path.read_bytes(), path)
        else:
            small = path.stat().st_size <= MOST_BYTES
            yield parts, path.read_bytes() if small else None, path.stat().st_mtime


def _zip_entries(above, content, name):
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
    except zipfile.BadZipFile:
        yield (*(above or (Path(name).stem,)), f"{Path(name).name}"), b"", 0.0
        return
    for entry in archive.infolist():
        parts = (*above, *(part for part in PurePosixPath(entry.filename).parts if part not in ("/", "..")))
        if entry.is_dir() or _is_litter(parts):
            continue
        changed = time.mktime((*entry.date_time, 0, 0, -1))
        inside = archive.read(entry) if entry.file_size <= MOST_BYTES else None
        if parts[-1].endswith(".zip") and inside and not above:
            yield from _zip_entries((*parts[:-1], parts[-1][:-4]), inside, parts[-1])
        else:
            yield parts, inside, changed


def _is_litter(parts):
    return any(part.startswith((".", "__MACOSX")) or part == "timestamp.txt" for part in parts)


def _student(parts, assignment):
    """Who handed in a file of this name; "" if it does not say."""
    name = parts[0]
    if len(parts) == 1:
        name = re.sub(r"\.\w+$", "", name)
        name = re.sub(rf"{re.escape(assignment)}|^copy of |-copy\d*$|\s*\(\d+\)$", "", name, flags=re.IGNORECASE)
    name = re.sub(r"(_\d+)?_assignsubmission_.*", "", name)
    return re.sub(r"[^\w.@-]+", "_", name).strip("_.-@ ")


def _put(root, assignment, hand_in):
    """Write what was handed in to where nbgrader looks for it; what is there already stays as it is."""
    path = _submitted(root, assignment, hand_in.student)
    if path.exists() and path.read_bytes() == hand_in.content:
        return
    with files.replacing(path) as temporary:
        temporary.write_bytes(hand_in.content)
    when = datetime.fromtimestamp(hand_in.changed, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    path.with_name("timestamp.txt").write_text(when, encoding="utf-8")


def _submitted(root, assignment, student, step="submitted"):
    suffix = ".html" if step == "feedback" else ".ipynb"
    return root / step / student / assignment / f"{assignment}{suffix}"


# The round


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
    root, jobs = Path(root).resolve(), jobs or os.cpu_count()
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
        cells = repair.read(_submitted(root, assignment, student).read_bytes())
        mended, notes = repair.repair(cells, _release(root, assignment))
        _verdicts(root, assignment, repair.answer_cells(mended))
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
    with files.replacing(path) as temporary:
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
