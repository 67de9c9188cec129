"""Award the points of an assignment: hidden inputs, expected answers, and a comparison in this process.

A grader is a small module beside the assignments, `graders/<assignment>.py`, which no student's copy contains:

    TASKS = {                                     # by the grade_id of the test cell in the notebook
        "test_scale": Task("scale", _scale, lambda rng: [
            Criterion("whole numbers", 2, [(rng.integers(0, 9, (2, 3)), 2)]),
            Criterion("a factor of 0", 1, [(rng.normal(size=(4, 2)), 0.0)]),
        ]),
    }
    LIMITS = Limits(seconds=4)                    # optional, see segutils.classroom.sandbox

The student's function is called in a child process (`sandbox`) on the cases of each criterion, which earns its points
if all its cases are right. The cases are drawn from a seed, which a course can keep secret.
"""

import hashlib
import importlib.util
import inspect
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np

from segutils.classroom import sandbox
from segutils.classroom.sandbox import Limits  # noqa: F401 - graders import it from here
from segutils.plumbing import comparison


class Criterion(NamedTuple):
    """Cases that together earn points.

    name: what is asked for, as the student reads it.
    points: how many it is worth.
    cases: tuples of arguments for the student's function: arrays, numbers, strings.
    judge: judge(answers, wanted) → share of the points in 0..1, sentence; both arguments hold a tuple of arrays per
        case. None: all numbers must agree.
    """

    name: str
    points: float
    cases: list
    judge: Callable | None = None


class Task(NamedTuple):
    """One graded function.

    function: its name in the notebook (or that of a variable; then each case is ()).
    solution: solution(*case) → the expected result: a number, an array, or a tuple of arrays.
    criteria: criteria(rng) → list of Criterion, from easy to tricky.
    use: use(answer, *case) → numbers, for answers that must be called several times: a function of the grader that
        runs in the child and needs nothing from outside but `np`. None: answer(*case).
    tolerance: allowed error of a number, relative to itself or to the largest expected number.
    """

    function: str
    solution: Callable
    criteria: Callable
    use: Callable | None = None
    tolerance: float = 1e-5


class Score(NamedTuple):
    """Points awarded for a task, their maximum, and feedback with one line per criterion."""

    points: float
    max_points: float
    lines: tuple


def load(path):
    """The tasks and limits of the grader module at `path`.

    Raises: FileNotFoundError that names the file; ValueError if it holds no TASKS.
    """
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f"no grader {path}: an assignment NAME needs graders/NAME.py with TASKS")
    spec = importlib.util.spec_from_file_location(f"grader_{path.stem}", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    if not getattr(module, "TASKS", None):
        raise ValueError(f"{path} must define TASKS, a dict of grade_id → Task")
    return module.TASKS, getattr(module, "LIMITS", Limits())


def award_points(tasks, cells, *, limits=Limits(), seed="course"):  # noqa: B008 - immutable
    """Run a student's cells in a child process and award points.

    Args:
        tasks: dict of grade_id → Task.
        cells: source of the student's code cells, in order.
        limits: what the code may use.
        seed: text from which the hidden cases are drawn.
    Returns: dict of grade_id → Score.
    Raises: sandbox.SandboxError if the child does not start.
    """
    drawn = {name: task.criteria(_rng(seed, name)) for name, task in tasks.items()}
    calls = [
        sandbox.Call(task.function, case, name, *_source(task.use))
        for name, task in tasks.items()
        for criterion in drawn[name]
        for case in criterion.cases
    ]
    answers, errors = sandbox.run(["import numpy as np", *cells], calls, limits)
    remaining, scores = iter(answers), {}
    for name, task in tasks.items():
        results = [(c, *_grade_criterion(task, c, [next(remaining) for _ in c.cases])) for c in drawn[name]]
        points = sum(share * criterion.points for criterion, share, _ in results)
        lines = tuple(_feedback_line(*result) for result in results)
        scores[name] = Score(round(points, 2), sum(criterion.points for criterion in drawn[name]), lines)
    if errors and any(score.points < score.max_points for score in scores.values()):
        said = tuple(f"a cell stopped: {error}" for error in dict.fromkeys(errors.values()))[:3]
        scores = {
            name: score._replace(lines=score.lines + said) if score.points < score.max_points else score
            for name, score in scores.items()
        }
    return scores


def _rng(seed, name):
    return np.random.default_rng(list(hashlib.sha256(f"{seed}/{name}".encode()).digest()))


def _source(use):
    """The source of a function of the grader, and its name; ("", "") for None."""
    return (textwrap.dedent(inspect.getsource(use)), use.__name__) if use else ("", "")


def _arrays(result):
    """An expected result as a tuple of arrays."""
    return tuple(np.asarray(part) for part in (result if isinstance(result, (tuple, list)) else [result]))


def _grade_criterion(task, criterion, answers):
    """Share of the points that a criterion earns, and a sentence."""
    wanted = [_arrays(task.solution(*comparison.copy_arguments(case))) for case in criterion.cases]
    failed = next((answer.error for answer in answers if answer.error), "")
    if criterion.judge and not failed:
        share, sentence = criterion.judge([answer.arrays for answer in answers], wanted)
        return min(max(float(share), 0.0), 1.0), sentence
    for case, answer, want in zip(criterion.cases, answers, wanted, strict=True):
        fault = answer.error or _difference(answer.arrays, want, task.tolerance)
        if fault:
            return 0.0, f"{_describe_case(task, case)}: {fault}"
    return 1.0, "right"


def _difference(arrays, wanted, tolerance):
    """How the arrays of an answer differ from the expected ones, in words; "" if they agree."""
    if len(arrays) != len(wanted):
        return f"expected {len(wanted)} results, got {len(arrays)}."
    for number, (array, want) in enumerate(zip(arrays, wanted, strict=True), start=1):
        array, want = array.astype(float), want.astype(float)
        close = {"rtol": tolerance, "atol": tolerance * np.abs(want).max(initial=0, where=np.isfinite(want))}
        if array.shape != want.shape or not np.allclose(array, want, **close, equal_nan=True):
            return f"result {number}: " * (len(wanted) > 1) + comparison.difference(array, want, **close)
    return ""


def _describe_case(task, case):
    """A case in words that do not reveal its arrays: "for x of shape (5, 7), stride = 2"."""
    said = comparison.describe_arguments(inspect.signature(task.solution).parameters, case)
    return f"for {said}" if said else task.function


def _feedback_line(criterion, share, sentence):
    mark = "✓" if share == 1 else "✗" if share == 0 else "~"
    head = f"{mark} {criterion.name}: {round(share * criterion.points, 2):g} of {criterion.points:g} points"
    return f"{head}; {sentence}" if share == 1 else textwrap.fill(f"{head}; {sentence}", 100, subsequent_indent="    ")


def judge_results(indices, elements=..., tolerance=1e-5):
    """A judge for a Criterion that compares only the results of these indices, and only these elements of them."""

    def judge(answers, wanted):
        for got, want in zip(answers, wanted, strict=True):
            if len(got) != len(want):
                return 0, f"expected {len(want)} results, got {len(got)}"
            for k in indices:
                if got[k].shape != want[k].shape:
                    return 0, f"result {k + 1}: expected shape {want[k].shape}, got {got[k].shape}"
                fault = _difference((got[k][elements],), (want[k][elements],), tolerance)
                if fault:
                    return 0, f"result {k + 1}: {fault}"
        return 1, "right"

    return judge
