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
import re
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
        case. The answers are the student's: number, shapes and types of the arrays may be anything. None: all numbers
        must agree.
    oracle: oracle() → a function of arrays that the student's function may call through its first argument. It runs in
        this process, for each case anew, so that its data and its counters are out of the student's reach.
    """

    name: str
    points: float
    cases: list
    judge: Callable | None = None
    oracle: Callable | None = None


class Task(NamedTuple):
    """One graded function.

    function: its name in the notebook (or that of a variable; then each case is ()).
    solution: solution(*case) → the expected result: a number, an array, or a tuple of arrays.
    criteria: criteria(rng) → list of Criterion, from easy to tricky.
    use: use(answer, *case) → numbers, for answers that must be called several times: a function of the grader that
        runs in the child and needs nothing from outside but `np`. None: answer(*case).
    tolerance: allowed error of a number, relative to itself or to the largest expected number; ten times as much for
        an answer in float32.
    results: how many results an answer has; None: as many as the solution gives.
    then: then(*arrays) → numbers, with the arrays of an answer: a function like `use` that runs in a child of its own,
        without the student's code. For answers that are files.
    """

    function: str
    solution: Callable
    criteria: Callable
    use: Callable | None = None
    tolerance: float = 1e-5
    results: int | None = None
    then: Callable | None = None


class Score(NamedTuple):
    """Points awarded for a task, their maximum, feedback with one line per criterion, and notes for the teacher."""

    points: float
    max_points: float
    lines: tuple
    notes: tuple = ()


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
    wanted = {name: [_expected(task, criterion) for criterion in drawn[name]] for name, task in tasks.items()}
    calls, followed = [], []
    for name, task in tasks.items():
        for criterion, several in zip(drawn[name], wanted[name], strict=True):
            for case, want in zip(criterion.cases, several, strict=True):
                results = 1 if task.then else task.results or len(want)
                oracle = criterion.oracle and criterion.oracle()
                calls.append(sandbox.Call(task.function, case, name, *_source(task.use), results, oracle))
                followed.append(task)
    answers, errors = sandbox.run(["import numpy as np", *cells], calls, limits)
    answers = _follow(answers, followed, limits)
    remaining, scores, stopped = iter(answers), {}, _stopped_cells(cells, errors)
    for name, task in tasks.items():
        results = []
        for criterion, want in zip(drawn[name], wanted[name], strict=True):
            share, sentence, note = _grade_criterion(task, criterion, [next(remaining) for _ in want], want)
            results.append((criterion, share, sentence, note))
        scores[name] = _score(name, results, stopped)
    return scores


def _expected(task, criterion):
    """The expected results of each case of a criterion."""
    return [_arrays(task.solution(*comparison.copy_arguments(case))) for case in criterion.cases]


def _follow(answers, tasks, limits):
    """The answers, with those of tasks that have `then` replaced by what it makes of them in a child of its own."""
    todo = [i for i, task in enumerate(tasks) if task.then and not answers[i].error]
    calls = [sandbox.Call("", answers[i].arrays, str(i), *_source(tasks[i].then), tasks[i].results or 1) for i in todo]
    if calls:
        for i, answer in zip(todo, sandbox.run([], calls, limits)[0], strict=True):
            answers[i] = answer
    return answers


def _stopped_cells(cells, errors):
    """A line for each of the first three cells that stopped: which, where, why."""
    lines = []
    for index, error in list(errors.items())[:3]:
        text = cells[index - 1] if index else ""
        name = re.search(r"^(?:def|class) (\w+)|^(\w+) *=", text, re.MULTILINE)
        cell = f"the cell of {name[1] or name[2]}" if name else "a cell"
        lines.append(f"{cell} stopped, {error}")
    return tuple(lines)


def _score(name, results, stopped):
    """The Score of a task, given (criterion, share, sentence, note) for each; what errors say is kept short."""
    points = sum(share * criterion.points for criterion, share, *_ in results)
    max_points = sum(criterion.points for criterion, *_ in results)
    lines, told = [], False
    for criterion, share, sentence, _ in results:
        if isinstance(sentence, _StudentsError):
            sentence = sentence if not told else f"{sentence.head}: as above"
            told = True
        lines.append(_feedback_line(criterion, share, sentence))
    lines += stopped if points < max_points else ()
    return Score(round(points, 2), max_points, tuple(lines), tuple(f"{name}: {r[3]}" for r in results if r[3]))


def _rng(seed, name):
    return np.random.default_rng(list(hashlib.sha256(f"{seed}/{name}".encode()).digest()))


def _source(use):
    """The source of a function of the grader, and its name; ("", "") for None."""
    return (textwrap.dedent(inspect.getsource(use)), use.__name__) if use else ("", "")


def _arrays(result):
    """An expected result as a tuple of arrays."""
    return tuple(np.asarray(part) for part in (result if isinstance(result, (tuple, list)) else [result]))


class _StudentsError(str):
    """What a student's code said when it stopped: it may hold hidden inputs."""

    head = "stopped"


def _grade_criterion(task, criterion, answers, wanted):
    """Share of the points that a criterion earns, a sentence for the student, a note for the teacher."""
    for case, answer in zip(criterion.cases, answers, strict=True):
        if answer.error:
            said = answer.error if criterion.judge else f"{_describe_case(task, case)}: {answer.error}"
            return 0.0, _StudentsError(said), ""
    try:
        share, sentence = (criterion.judge or _judge(task, criterion))([a.arrays for a in answers], wanted)
        return min(max(float(share), 0.0), 1.0), sentence, ""
    except Exception as error:  # whatever arrays a student sends, only this criterion is at stake
        return (
            0.0,
            "the answer cannot be judged",
            f"no judgement of {criterion.name!r}: {type(error).__name__}: {error}",
        )


def _judge(task, criterion):
    """The judge of a criterion without one: all numbers must agree."""

    def judge(answers, wanted):
        for case, arrays, want in zip(criterion.cases, answers, wanted, strict=True):
            fault = _difference(arrays, want, task.tolerance)
            if fault:
                return 0.0, f"{_describe_case(task, case)}: {fault}"
        return 1.0, "right"

    return judge


def _difference(arrays, wanted, tolerance):
    """How the arrays of an answer differ from the expected ones, in words; "" if they agree."""
    if len(arrays) != len(wanted):
        return f"expected {len(wanted)} results, got {len(arrays)}."
    for number, (array, want) in enumerate(zip(arrays, wanted, strict=True), start=1):
        allowed = 10 * tolerance if array.dtype == np.float32 else tolerance
        array, want = array.astype(float), want.astype(float)
        close = {"rtol": allowed, "atol": allowed * np.abs(want).max(initial=0, where=np.isfinite(want))}
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
