"""The two steps of nbgrader's autograding that are ours, named in the course's `nbgrader_config.py`.

`Restore` mends a notebook against the release (segutils.classroom.restore). `Decide` takes the place of the execution
in a kernel: it writes the points that segutils.classroom.tasks decided into each test cell, as the result that
nbgrader reads partial credit from.
"""

import functools
import json
from pathlib import Path

import nbformat
from nbgrader.preprocessors import NbGraderPreprocessor

from segutils.classroom import restore, tasks


class Restore(NbGraderPreprocessor):
    """The released notebook with the student's answers in place of what was handed in."""

    def preprocess(self, nb, resources):
        names = resources["nbgrader"]
        mended, notes = restore.restore(restore.read(json.dumps(nb)), release_of(Path.cwd(), names["assignment"]))
        for note in notes:
            self.log.warning("%s: %s", names["student"], note)
        return mended, resources


class Decide(NbGraderPreprocessor):
    """The decided points as the result of each test cell."""

    def preprocess(self, nb, resources):
        verdicts = verdicts_of(Path.cwd(), resources["nbgrader"]["assignment"], restore.answer_cells(nb))
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


def release_of(root, assignment):
    path = root / "release" / assignment / f"{assignment}.ipynb"
    if not path.is_file():
        raise FileNotFoundError(f"no release {path}: run nbgrader generate_assignment {assignment}")
    return _read_notebook(path, path.stat().st_mtime_ns)


@functools.lru_cache(maxsize=8)
def _read_notebook(path, _changed):
    return nbformat.read(path, as_version=4)


@functools.lru_cache(maxsize=1024)
def verdicts_of(root, assignment, cells):
    graded, limits = _grader(root / "graders" / f"{assignment}.py")
    secret = root / "secret.txt"
    seed = secret.read_text(encoding="utf-8").strip() if secret.exists() else "course"
    return tasks.decide(graded, cells, limits=limits, seed=seed)


_grader = functools.lru_cache(maxsize=8)(tasks.load)
