"""Feedback on a learner's answer to a coding exercise: right, or what is wrong and where to look.

An answer that differs from the solution is compared with each mistake that people make. The mistake that gives the same
numbers in all cases is named; one that gives them at least up to the first wrong case is named as a guess.
"""

import inspect
import warnings
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from segutils.plumbing.comparison import copy_arguments, describe_arguments, difference


class Exercise(NamedTuple):
    """A coding exercise: its solution, cases to try an answer on, and the mistakes that people make.

    Args:
        name: name of the function that the learner writes.
        solution: the right function.
        cases: tuples of arguments, from plain to tricky; feedback describes the first case with a wrong result.
        mistakes: pairs (sentence, function): the sentence names the mistake that the function makes.
        call: how an answer is called on a case, call(answer, *case) → numbers.
        argument_names: names of a case's values; without them, those of the solution's parameters.
    """

    name: str
    solution: Callable
    cases: list
    mistakes: list
    call: Callable = lambda answer, *case: answer(*case)
    argument_names: tuple = ()

    def check(self, answer):
        """Print that an answer, the learner's function, is right, or what is wrong with it.

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
            return f"not yet. Give the function itself, check({self.name}), and not what it returns."
        results = [self._try(answer, case) for case in self.cases]
        if all(result is None for result in results):
            return "not started yet, or `return` is missing: the function returns None."
        expected = [self._try(self.solution, case) for case in self.cases]
        for i, (case, result, right) in enumerate(zip(self.cases, results, expected, strict=True)):
            if not _same(result, right):
                sentence, certain = self._find_mistake(results, first_wrong=i)
                if certain:
                    return f"not yet. {sentence}"
                guess = f"Perhaps: {sentence} " if sentence else ""
                return f"not yet. {guess}{self._describe(case)}: {difference(result, right)}"
        return None

    def _try(self, answer, case):
        """The numbers that an answer gives for a case, None if it returns None, or a sentence on what is wrong."""
        arguments = copy_arguments(case)
        try:
            with np.errstate(all="ignore"), warnings.catch_warnings():
                warnings.simplefilter("ignore")
                result = self.call(answer, *arguments)
        except Exception as error:  # whatever a learner's code raises is feedback, not a failure of ours
            return it_stops(error)
        if any(not np.array_equal(a, b) for a, b in zip(case, arguments, strict=True)):
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

    def _find_mistake(self, results, first_wrong):
        """The sentence of the mistake that gives the same results as the answer, and whether it does so in all cases.

        It must agree at least up to the first wrong case. Of several, the one that agrees in most cases is taken.
        Returns: (None, False) if no mistake agrees.
        """
        best, most = None, first_wrong
        for sentence, wrong_answer in self.mistakes:
            of_mistake = [self._try(wrong_answer, case) for case in self.cases]
            agree = [_same(result, other) for result, other in zip(results, of_mistake, strict=True)]
            if all(agree[: first_wrong + 1]) and sum(agree) > most:
                best, most = sentence, sum(agree)
        return best, most == len(results)

    def _describe(self, case):
        names = self.argument_names or inspect.signature(self.solution).parameters
        return f"For {describe_arguments(names, case)}"


def it_stops(error, most=None):
    """What a learner's code has raised, in one line; of the message at most so many characters."""
    return f"it stops with {type(error).__name__}: {' '.join(str(error).split())[:most]}"


def _same(result, other):
    """Whether two results are equal numbers, as far as single precision can tell, or the same sentence."""
    if not isinstance(result, np.ndarray) or not isinstance(other, np.ndarray):
        return isinstance(result, str) and isinstance(other, str) and result == other
    return result.shape == other.shape and np.allclose(result, other, rtol=1e-5, atol=1e-7, equal_nan=True)


def random_image(*shape, seed=0):
    """An image of random integers from -9 to 9, as floats."""
    return np.random.default_rng(seed).integers(-9, 10, shape).astype(float)


def random_mask(*shape, seed=0):
    """A random mask of bools, about two fifths of them True."""
    return np.random.default_rng(seed).random(shape) < 0.4
