"""Two steps of nbgrader's autograding, which the course's `nbgrader_config.py` names.

`Restore` puts a notebook back into the form of the release (segutils.classroom.restore). `AwardPoints` replaces the
execution in a kernel: it writes the points from segutils.classroom.tasks into each test cell, as the result from which
nbgrader reads partial credit.
"""

import functools
import json
import secrets
from pathlib import Path

import nbformat
from nbgrader.preprocessors import NbGraderPreprocessor

from segutils.classroom import restore, tasks
from segutils.plumbing.storage import atomic_write


class Restore(NbGraderPreprocessor):
    """Replace a submitted notebook by the released one with the student's answers in it."""

    def preprocess(self, nb, resources):
        names = resources["nbgrader"]
        restored, notes = restore.restore(restore.read(json.dumps(nb)), load_release(Path.cwd(), names["assignment"]))
        for note in notes:
            self.log.warning("%s: %s", names["student"], note)
        return restored, resources


class AwardPoints(NbGraderPreprocessor):
    """Write the points of each task as the result of its test cell."""

    def preprocess(self, nb, resources):
        scores = score_cells(Path.cwd(), resources["nbgrader"]["assignment"], restore.answer_cells(nb))
        for cell in nb.cells:
            data = cell.metadata.get("nbgrader", {})
            if data.get("grade") and cell.cell_type == "code":
                cell.outputs = _outputs(scores, data)
        return nb, resources


def _outputs(scores, data):
    """Outputs of a test cell: a line for each criterion, then the points alone, which nbgrader reads."""
    score = scores.get(data["grade_id"])
    if score is None or score.max_points != data["points"]:
        has = f"{score.max_points:g} points" if score else "no task"
        raise ValueError(f"{data['grade_id']} has {data['points']:g} points in the notebook, but {has} in its grader")
    text = "\n".join([*score.lines, f"points, of {score.max_points:g}:"]) + "\n"
    points = {"data": {"text/plain": f"{score.points:g}"}, "metadata": {}, "execution_count": None}
    return [
        nbformat.v4.new_output("stream", name="stdout", text=text),
        nbformat.v4.new_output("execute_result", **points),
    ]


def release_path(root, assignment):
    """Where the notebook of an assignment lies as it was handed out."""
    return root / "release" / assignment / f"{assignment}.ipynb"


def load_release(root, assignment):
    """The notebook of an assignment as it was handed out; cached until the file changes."""
    path = release_path(root, assignment)
    if not path.is_file():
        raise FileNotFoundError(f"no release {path}: run nbgrader generate_assignment {assignment}")
    return _read_notebook(path, path.stat().st_mtime_ns)


@functools.lru_cache(maxsize=8)
def _read_notebook(path, _changed):
    return nbformat.read(path, as_version=4)


def score_cells(root, assignment, cells):
    """The scores of a student's cells; cached, because the class is scored first and nbgrader asks afterwards."""
    return _score_cells(root, assignment, cells, secret(root))


@functools.lru_cache(maxsize=1024)
def _score_cells(root, assignment, cells, seed):
    graded, limits = _load_grader(root / "graders" / f"{assignment}.py")
    return tasks.award_points(graded, cells, limits=limits, seed=seed)


def secret(root):
    """The text from which the course's hidden cases are drawn, in secret.txt; it is made up if there is none."""
    path = root / "secret.txt"
    if not path.exists():
        with atomic_write(path) as temporary:
            temporary.write_text(f"{secrets.token_hex(16)}\n", encoding="utf-8")
        path.chmod(0o600)
    return path.read_text(encoding="utf-8").strip()


_load_grader = functools.lru_cache(maxsize=8)(tasks.load)
