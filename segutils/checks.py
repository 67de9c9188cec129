"""Feedback on a learner's answer to a coding exercise: right, or what is wrong and where to look.

An answer that differs from the solution is compared with each mistake that people make (segutils.exercises): the one
that gives the same numbers in all cases is named; one that does so up to the first wrong case is named as a guess.
"""

import inspect
import warnings

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
    wanted = [_call(exercise, exercise.solution, case) for case in exercise.cases]
    for i, (case, result, want) in enumerate(zip(exercise.cases, results, wanted, strict=True)):
        if not _same(result, want):
            sentence, certain = _named_mistake(exercise, results, first=i)
            seen = f"{_described(exercise, case)}: {difference(result, want)}"
            return f"not yet. {sentence if certain else f'Perhaps: {sentence} {seen}' if sentence else seen}"
    return None


def _call(exercise, answer, case):
    """The numbers that an answer gives for a case, None if it gives nothing, or a sentence on what is wrong."""
    given = copied(case)
    try:
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            result = exercise.use(answer, *given)
    except Exception as error:  # whatever a learner's code raises is feedback, not a failure of ours
        return f"it stops with {type(error).__name__}: {' '.join(str(error).split())}"
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


def _named_mistake(exercise, results, first):
    """The sentence of the mistake that gives what the answer gave, and whether it does so in all cases.

    At least it must agree up to the first wrong case; of several, the one that agrees in most cases. Else None, False.
    """
    best, most = None, first
    for sentence, wrong in exercise.mistakes:
        made = [_call(exercise, wrong, case) for case in exercise.cases]
        agree = [_same(result, m) for result, m in zip(results, made, strict=True)]
        if all(agree[: first + 1]) and sum(agree) > most:
            best, most = sentence, sum(agree)
    return best, most == len(results)


def _same(result, want):
    """Equal numbers, as far as single precision can tell, or the same error."""
    if not isinstance(result, np.ndarray) or not isinstance(want, np.ndarray):
        return isinstance(result, str) and isinstance(want, str) and result == want
    return result.shape == want.shape and np.allclose(result, want, rtol=1e-5, atol=1e-7, equal_nan=True)


def difference(result, want, *, rtol=1e-5, atol=1e-7):
    """In what a result (array, None, or a sentence) differs from the wanted array, in one sentence."""
    if result is None:
        return "it returns None; is `return` missing in one branch?"
    if isinstance(result, str):
        return result
    if isinstance(want, str):
        return f"expected an error, got values of shape {result.shape}."
    if result.shape != want.shape:
        return f"expected shape {want.shape}, got {result.shape}."
    apart = ~np.isclose(result, want, rtol=rtol, atol=atol, equal_nan=True)
    at = tuple(map(int, np.argwhere(apart)[0]))
    where = f" at {list(at)}" if at else ""
    return f"expected {want[at]:.6g}{where}, got {result[at]:.6g} ({apart.sum()} of {apart.size} values differ)."


def _described(exercise, case):
    """A case in words: x of shape (5, 7), stride = 2."""
    names = exercise.arguments or inspect.signature(exercise.solution).parameters
    said = [
        f"{name} = {value}" if np.ndim(value) == 0 else f"{name} of shape {np.shape(value)}"
        for name, value in zip(names, case, strict=False)
    ]
    return "For " + ", ".join(said)


def copied(case):
    """The arguments of a case, arrays as copies that an answer may spoil."""
    return [value.copy() if isinstance(value, np.ndarray) else value for value in case]
