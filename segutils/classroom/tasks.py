"""What decides the points of an assignment: hidden inputs, expected answers, and a comparison in this process.

A grader is a small module beside the assignments, `graders/<assignment>.py`, that no student's copy contains:

    TASKS = {                                     # by the grade_id of the test cell in the notebook
        "test_scale": Task("scale", _scale, lambda rng: [
            Criterion("whole numbers", 2, [(rng.integers(0, 9, (2, 3)), 2)]),
            Criterion("a factor of 0", 1, [(rng.normal(size=(4, 2)), 0.0)]),
        ]),
    }
    LIMITS = Limits(seconds=4)                    # optional, see segutils.sandbox

The student's function is called in a child process (`sandbox`) on the cases of each criterion, which has its points
if all its cases are right. The cases are drawn anew from a seed that a course can keep secret.
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

    name: what is checked, as the student reads it.
    points: of the criterion.
    cases: tuples of arguments for the student's function; arrays, numbers, texts.
    judge: judge(answers, wanted) → share of the points in 0..1, sentence; both hold a tuple of arrays for each case.
        None: all numbers must agree.
    """

    name: str
    points: float
    cases: list
    judge: Callable | None = None


class Task(NamedTuple):
    """One graded function.

    function: its name in the notebook (or that of a variable, then each case is ()).
    solution: solution(*case) → what is expected: a number, an array, or a tuple of arrays.
    criteria: criteria(rng) → list of Criterion, from plain to tricky.
    use: a function of the grader, self-contained but for `np`, that runs in the child: use(answer, *case) → numbers;
        for answers that must be called several times. None: answer(*case).
    tolerance: how far a number may be off, as a share of itself or of the largest number expected.
    """

    function: str
    solution: Callable
    criteria: Callable
    use: Callable | None = None
    tolerance: float = 1e-5


class Verdict(NamedTuple):
    """Points of a task, and what is to be said about it, a line for each criterion."""

    points: float
    of: float
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


def decide(tasks, cells, *, limits=Limits(), seed="course"):  # noqa: B008 - immutable
    """Run a student's cells in a child process and give the points.

    Args:
        tasks: grade_id → Task.
        cells: texts of the student's code cells, in order.
        limits: of the child.
        seed: text from which the hidden cases are drawn.
    Returns: dict grade_id → Verdict.
    Raises: sandbox.SandboxError if the child does not come up.
    """
    drawn = {name: task.criteria(_rng(seed, name)) for name, task in tasks.items()}
    calls = [
        sandbox.Call(task.function, case, name, *_source(task.use))
        for name, task in tasks.items()
        for criterion in drawn[name]
        for case in criterion.cases
    ]
    answers, errors = sandbox.run(["import numpy as np", *cells], calls, limits)
    coming, verdicts = iter(answers), {}
    for name, task in tasks.items():
        results = [_checked(task, criterion, [next(coming) for _ in criterion.cases]) for criterion in drawn[name]]
        points = sum(share * criterion.points for criterion, (share, _) in zip(drawn[name], results, strict=True))
        lines = tuple(_line(criterion, *result) for criterion, result in zip(drawn[name], results, strict=True))
        verdicts[name] = Verdict(round(points, 2), sum(criterion.points for criterion in drawn[name]), lines)
    if errors and any(verdict.points < verdict.of for verdict in verdicts.values()):
        said = tuple(f"a cell stopped: {error}" for error in dict.fromkeys(errors.values()))[:3]
        verdicts = {
            name: verdict._replace(lines=verdict.lines + said) if verdict.points < verdict.of else verdict
            for name, verdict in verdicts.items()
        }
    return verdicts


def _rng(seed, name):
    return np.random.default_rng(list(hashlib.sha256(f"{seed}/{name}".encode()).digest()))


def _source(use):
    """A function of the grader as text, and its name; ("", "") for None."""
    return (textwrap.dedent(inspect.getsource(use)), use.__name__) if use else ("", "")


def _arrays(result):
    """The arrays of an expected answer: of a tuple each part, else the one."""
    return tuple(np.asarray(part) for part in (result if isinstance(result, (tuple, list)) else [result]))


def _checked(task, criterion, answers):
    """Share of a check's points, and a sentence."""
    wanted = [_arrays(task.solution(*comparison.copy_arguments(case))) for case in criterion.cases]
    failed = next((answer.error for answer in answers if answer.error), "")
    if criterion.judge and not failed:
        share, sentence = criterion.judge([answer.arrays for answer in answers], wanted)
        return min(max(float(share), 0.0), 1.0), sentence
    for case, answer, want in zip(criterion.cases, answers, wanted, strict=True):
        fault = answer.error or _fault(answer.arrays, want, task.tolerance)
        if fault:
            return 0.0, f"{_described(task, case)}: {fault}"
    return 1.0, "right"


def _fault(arrays, wanted, tolerance):
    """In what the arrays of an answer differ from the wanted ones; "" if in nothing."""
    if len(arrays) != len(wanted):
        return f"expected {len(wanted)} results, got {len(arrays)}."
    for number, (array, want) in enumerate(zip(arrays, wanted, strict=True), start=1):
        array, want = array.astype(float), want.astype(float)
        close = {"rtol": tolerance, "atol": tolerance * np.abs(want).max(initial=0, where=np.isfinite(want))}
        if array.shape != want.shape or not np.allclose(array, want, **close, equal_nan=True):
            return f"result {number}: " * (len(wanted) > 1) + comparison.difference(array, want, **close)
    return ""


def _described(task, case):
    """A case in words that do not give its numbers away: x of shape (5, 7), stride = 2."""
    said = comparison.describe_arguments(inspect.signature(task.solution).parameters, case)
    return f"for {said}" if said else task.function


def _line(criterion, share, sentence):
    mark = "✓" if share == 1 else "✗" if share == 0 else "~"
    head = f"{mark} {criterion.name}: {round(share * criterion.points, 2):g} of {criterion.points:g} points"
    return f"{head}; {sentence}" if share == 1 else textwrap.fill(f"{head}; {sentence}", 100, subsequent_indent="    ")


def judge_results(numbers, cut=..., tolerance=1e-5):
    """A judge for a Criterion: only the results of these numbers count, and of them only the elements `cut`."""

    def judge(answers, wanted):
        for got, want in zip(answers, wanted, strict=True):
            if len(got) != len(want):
                return 0, f"expected {len(want)} results, got {len(got)}"
            for k in numbers:
                if got[k].shape != want[k].shape:
                    return 0, f"result {k + 1}: expected shape {want[k].shape}, got {got[k].shape}"
                fault = _fault((got[k][cut],), (want[k][cut],), tolerance)
                if fault:
                    return 0, f"result {k + 1}: {fault}"
        return 1, "right"

    return judge
