"""Feedback on a learner's answer to a coding exercise: right, or what is wrong and where to look.

An answer that differs from the solution is compared with each mistake that people make (segutils.exercises):
the one that gives the same numbers is named. Otherwise the first case that differs is described.
"""

import inspect

import numpy as np

from segutils.course import choose
from segutils.exercises import EXERCISES


def check(name, answer):
    """Print what is to be said about an answer.

    Args:
        name: one of EXERCISES.
        answer: the learner's function.
    """
    fault = diagnose(name, answer)
    print(f"{name}: " + (f"right, on all {len(EXERCISES[name].cases)} cases." if fault is None else fault))


def diagnose(name, answer):
    """What is wrong with an answer, in one or two sentences; None if it is right."""
    exercise = EXERCISES[choose("exercise", name, EXERCISES)]
    if not callable(answer):
        return f"not yet. Give the function itself, check({name!r}, {name}), and not what it returns."
    results = [_call(exercise, answer, case) for case in exercise.cases]
    if all(result is None for result in results):
        return "not started yet, or `return` is missing: the function returns None."
    wanted = [exercise.use(exercise.solution, *_copy(case)) for case in exercise.cases]
    for case, result, want in zip(exercise.cases, results, wanted, strict=True):
        if isinstance(result, str):
            return f"not yet. {_described(exercise, case)}: {result}"
        if not _same(result, want):
            named = _named_mistake(exercise, results, wanted)
            return f"not yet. {named or _described(exercise, case) + ': ' + _difference(result, want)}"
    return None


def _call(exercise, answer, case):
    """The numbers that an answer gives for a case, None if it gives nothing, or a sentence on what is wrong."""
    given = _copy(case)
    try:
        with np.errstate(all="ignore"):
            result = exercise.use(answer, *given)
    except Exception as error:  # whatever a learner's code raises is feedback, not a failure of ours
        return f"it stops with {type(error).__name__}: {error}"
    if any(not np.array_equal(a, b) for a, b in zip(case, given, strict=True)):
        return "it changes its input; work on a copy."
    if result is None:
        return None
    try:
        array = np.asarray(result)
    except ValueError:
        return "it returns a ragged list; return an array."
    if array.dtype.kind not in "biuf":
        return f"it returns {type(result).__name__}; return numbers."
    return array.astype(float)


def _named_mistake(exercise, results, wanted):
    """The sentence of the mistake that gives the answer's numbers up to the first wrong case, and best beyond it."""
    first = next(i for i, (result, want) in enumerate(zip(results, wanted, strict=True)) if not _same(result, want))
    best, most = None, first
    for sentence, wrong in exercise.mistakes:
        made = [_call(exercise, wrong, case) for case in exercise.cases]
        agree = [_same(result, m) for result, m in zip(results, made, strict=True)]
        if all(agree[: first + 1]) and sum(agree) > most:
            best, most = sentence, sum(agree)
    return best


def _same(result, want):
    if result is None or isinstance(result, str) or isinstance(want, str):
        return False
    return np.shape(result) == np.shape(want) and np.allclose(result, want, rtol=1e-6, atol=1e-9, equal_nan=True)


def _difference(result, want):
    if result is None:
        return "it returns None; is `return` missing in one branch?"
    if np.shape(result) != np.shape(want):
        return f"expected shape {np.shape(want)}, got {np.shape(result)}."
    apart = ~np.isclose(result, want, rtol=1e-6, atol=1e-9)
    at = tuple(map(int, np.argwhere(apart)[0]))
    where = f" at {list(at)}" if at else ""
    return f"expected {want[at]:.6g}{where}, got {result[at]:.6g} ({apart.sum()} of {apart.size} values differ)."


def _described(exercise, case):
    """A case in words: x of shape (5, 7), stride = 2."""
    names = inspect.signature(exercise.solution).parameters
    said = [
        f"{name} = {value}" if np.ndim(value) == 0 else f"{name} of shape {np.shape(value)}"
        for name, value in zip(names, case, strict=False)
    ]
    return "For " + ", ".join(said)


def _copy(case):
    return [value.copy() if isinstance(value, np.ndarray) else value for value in case]
