"""Feedback on a learner's answer to a coding exercise: right, or what is wrong and where to look.

An answer that differs from the solution is compared with each mistake that people make: the one that gives the same
numbers in all cases is named; one that does so up to the first wrong case is named as a guess.
"""

import inspect
import warnings
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from segutils.plumbing.comparison import copy_arguments, describe_arguments, difference


class Exercise(NamedTuple):
    """A coding exercise: its solution, cases to try an answer on, and the mistakes that people make.

    name: of the function that the learner writes.
    solution: the right function.
    cases: tuples of arguments, from plain to tricky; a mistake is named by the first case that it spoils.
    mistakes: pairs of a sentence that names a mistake and a function that makes it.
    use: how an answer is called on a case, use(answer, *case) → numbers.
    arguments: names of a case's values, where they are not the solution's arguments.
    """

    name: str
    solution: Callable
    cases: list
    mistakes: list
    use: Callable = lambda answer, *case: answer(*case)
    arguments: tuple = ()

    def check(self, answer):
        """Print what is to be said about an answer, the learner's function.

        Example:
            >>> from segutils.lessons.background import exercise
            >>> exercise.check(lambda y_true, y_pred: (y_true == y_pred).mean())
            iou: not yet. That is the pixel accuracy: it also counts the background on which both agree. IoU looks \
only at pixels that are in at least one mask.
        """
        fault = self.diagnose(answer)
        print(f"{self.name}: " + (f"right, on all {len(self.cases)} cases." if fault is None else fault))

    def diagnose(self, answer):
        """What is wrong with an answer, in one or two sentences; None if it is right."""
        if not callable(answer):
            return f"not yet. Give the function itself, exercise.check({self.name}), and not what it returns."
        results = [self._call(answer, case) for case in self.cases]
        if all(result is None for result in results):
            return "not started yet, or `return` is missing: the function returns None."
        wanted = [self._call(self.solution, case) for case in self.cases]
        for i, (case, result, want) in enumerate(zip(self.cases, results, wanted, strict=True)):
            if not _same(result, want):
                sentence, certain = self._named_mistake(results, first=i)
                seen = f"{self._described(case)}: {difference(result, want)}"
                return f"not yet. {sentence if certain else f'Perhaps: {sentence} {seen}' if sentence else seen}"
        return None

    def _call(self, answer, case):
        """The numbers that an answer gives for a case, None if it gives nothing, or a sentence on what is wrong."""
        given = copy_arguments(case)
        try:
            with np.errstate(all="ignore"), warnings.catch_warnings():
                warnings.simplefilter("ignore")
                result = self.use(answer, *given)
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

    def _named_mistake(self, results, first):
        """The sentence of the mistake that gives what the answer gave, and whether it does so in all cases.

        It must agree at least up to the first wrong case; of several, the one that agrees in most cases counts. None,
        False if there is none.
        """
        best, most = None, first
        for sentence, wrong in self.mistakes:
            made = [self._call(wrong, case) for case in self.cases]
            agree = [_same(result, m) for result, m in zip(results, made, strict=True)]
            if all(agree[: first + 1]) and sum(agree) > most:
                best, most = sentence, sum(agree)
        return best, most == len(results)

    def _described(self, case):
        names = self.arguments or inspect.signature(self.solution).parameters
        return f"For {describe_arguments(names, case)}"


def _same(result, want):
    """Equal numbers, as far as single precision can tell, or the same error."""
    if not isinstance(result, np.ndarray) or not isinstance(want, np.ndarray):
        return isinstance(result, str) and isinstance(want, str) and result == want
    return result.shape == want.shape and np.allclose(result, want, rtol=1e-5, atol=1e-7, equal_nan=True)


def random_image(*shape, seed=0):
    """A small image of integers from -9 to 9, as floats."""
    return np.random.default_rng(seed).integers(-9, 10, shape).astype(float)


def random_mask(*shape, seed=0):
    """A mask of bools, about two fifths of them True."""
    return np.random.default_rng(seed).random(shape) < 0.4
