"""Parameters of a notebook, checked before any work; `course` offers all this to notebooks."""

import ast
import re
import zipfile
from collections.abc import Callable
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from segutils.plumbing.arguments import is_number, suggestion


class ParameterError(ValueError):
    """A notebook was given a parameter that it can't use. Shown as its one sentence, without a traceback.

    >>> str(ParameterError("EPOCHS must be an integer in 1..9, got 0"))
    'EPOCHS must be an integer in 1..9, got 0'
    """

    def _render_traceback_(self):  # IPython's hook
        return [f"{type(self).__name__}: {self}"]


class Rule(NamedTuple):
    """What a parameter must be: a test of its value, the sentence's "must be …", and what helps if a text is refused.

    `settle` gives the value that the notebook goes on with; `options` are all that it may be, where they are few.

    >>> Rule(str.isupper, "a text in capitals").accepts("CAPITALS")
    True
    """

    accepts: Callable
    expected: str
    cure: str = ""
    settle: Callable = lambda value: value
    options: tuple = ()


NO_QUOTES = "; write numbers without quotes, and 1e-3 in YAML as 1.0e-3"


def integer(low, high):
    """A rule for check_parameters: an int in low..high.

    >>> integer(1, 9).accepts(9), integer(1, 9).accepts(2.5)
    (True, False)
    """
    return Rule(
        lambda value: is_number(value, int) and low <= value <= high, f"an integer in {low:,}..{high:,}", NO_QUOTES
    )


def multiple_of(of, low, high):
    """A rule for check_parameters: an int in low..high that `of` divides.

    >>> multiple_of(16, 16, 512).accepts(64)
    True
    """
    rule = integer(low, high)
    return Rule(
        lambda value: rule.accepts(value) and value % of == 0, f"a multiple of {of}, {rule.expected}", NO_QUOTES
    )


def number(low, high):
    """A rule for check_parameters: an int or float in low..high.

    >>> number(0, 1).accepts(0.5), number(0, 1).accepts("0.5")
    (True, False)
    """
    return Rule(lambda value: is_number(value) and low <= value <= high, f"a number in {low:g}..{high:g}", NO_QUOTES)


def one_of(*options):
    """A rule for check_parameters: one of the options, of the same type.

    >>> one_of("auto", "mnist").accepts("Auto")
    False
    """
    accepts = lambda value: any(type(value) is type(option) and value == option for option in options)  # noqa: E731
    return Rule(accepts, f"one of {', '.join(map(repr, options))}", options=options)


def text(*, empty=False):
    """A rule for check_parameters: a str, which may be empty or not.

    >>> text().accepts(" "), text(empty=True).accepts("")
    (False, True)
    """
    accepts = lambda value: isinstance(value, str) and (empty or value.strip() != "")  # noqa: E731
    return Rule(accepts, "a text" if empty else "a text that is not empty")


def files(*known):
    """A rule for check_parameters: a folder or zip (a .keras file is one), "" for none, or one of the known names.

    The notebook goes on with the absolute path, so it is that of the place where the parameter was typed.

    >>> files("coins").accepts("coins"), files().accepts("nowhere/at/all"), files().settle("")
    (True, False, '')
    """
    names = ("", *known)
    accepts = lambda value: isinstance(value, str) and (value in names or _is_folder_or_zip(value))  # noqa: E731
    settle = lambda value: value if value in names else str(Path(value).expanduser().resolve())  # noqa: E731
    expected = ", or ".join(["a folder or zip that exists and is whole", *map(repr, known)])
    return Rule(accepts, expected, f"; a relative path begins at {Path.cwd()}", settle)


def _is_folder_or_zip(value):
    path = Path(value).expanduser()
    return path.is_dir() or zipfile.is_zipfile(path)  # which is False where there is no file


def check_parameters(namespace, **rules):
    """Stop a notebook before any work if a parameter is unknown, of the wrong type or out of its range.

    papermill only warns of unknown names and knows no types, so every notebook calls this after its
    `parameters` cell, before any other name in capitals exists.

    Args:
        namespace: the notebook's globals().
        rules: for each parameter NAME: integer(…), number(…), one_of(…), text() or files().
    Returns: the parameters by name.
    Raises: ParameterError, one sentence: what was expected, what came.
    >>> check_parameters({"EPOCHS": 3}, EPOCHS=integer(1, 9))
    {'EPOCHS': 3}
    """
    given = _set_by_papermill(namespace)
    for name, value in list(namespace.items()):
        plain = value is None or isinstance(value, (bool, int, float, str, list, dict))
        misspelt = name not in rules and (name.isupper() or name.upper() in rules or name in given)
        if plain and misspelt and not name.startswith("_"):
            raise ParameterError(
                f"unknown parameter {name}{suggestion(name.upper(), rules)}; known: {', '.join(rules)}"
            )
    for name, rule in rules.items():
        value = namespace[name]
        if not rule.accepts(value):
            helps = isinstance(value, str) and (rule.cure != NO_QUOTES or _holds_number(value))
            near = suggestion(value, rule.options)
            raise ParameterError(f"{name} must be {rule.expected}, got {value!r}{near}{rule.cure if helps else ''}")
        namespace[name] = rule.settle(value)
    return {name: namespace[name] for name in rules}


@contextmanager
def blame_parameter(parameter):
    """Stop a notebook with one sentence, the parameter's name in front, if the block finds its value of no use.

    An error that has a `parameter` of its own is told of that one.
    Raises: ParameterError in place of a ValueError, or of a regular expression's error.
    >>> with blame_parameter("WIDTH"):
    ...     int("wide")
    Traceback (most recent call last):
    segutils.plumbing.parameters.ParameterError: WIDTH: invalid literal for int() with base 10: 'wide'
    """
    try:
        yield
    except (ValueError, re.error) as error:
        said = " ".join(str(error).split())
        raise ParameterError(f"{getattr(error, 'parameter', parameter)}: {said}") from None


def _holds_number(value):
    try:
        float(value)
    except ValueError:
        return False
    return True


def _set_by_papermill(namespace):
    """Names in the cell that papermill put in, which begins with a comment of its own."""
    cells = [source for source in namespace.get("In", []) if source.startswith("# Parameters\n")]
    statements = ast.parse(cells[-1]).body if cells else []
    return {target.id for statement in statements for target in getattr(statement, "targets", [])}
