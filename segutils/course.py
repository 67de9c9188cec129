"""What every notebook needs and none is about: checked parameters, seeds, expected errors, run folders."""

import ast
import hashlib
import importlib.metadata
import importlib.util
import json
import platform
import re
from collections.abc import Callable
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from segutils.plumbing.arguments import is_number, suggestion

# Parameters


class ParameterError(ValueError):
    """A notebook was given a parameter that it can't use. Shown as its one sentence, without a traceback."""

    def _render_traceback_(self):  # IPython's hook
        return [f"{type(self).__name__}: {self}"]


class Rule(NamedTuple):
    """What a parameter must be: a test of its value, the sentence's "must be …", and what helps if it is a text."""

    accepts: Callable
    expected: str
    cure: str = ""


NO_QUOTES = "; write numbers without quotes, and 1e-3 in YAML as 1.0e-3"


def integer(low, high):
    """A rule for check_parameters: an int in low..high."""
    return Rule(
        lambda value: is_number(value, int) and low <= value <= high, f"an integer in {low:,}..{high:,}", NO_QUOTES
    )


def multiple_of(of, low, high):
    """A rule for check_parameters: an int in low..high that `of` divides."""
    rule = integer(low, high)
    return Rule(
        lambda value: rule.accepts(value) and value % of == 0, f"a multiple of {of}, {rule.expected}", NO_QUOTES
    )


def number(low, high):
    """A rule for check_parameters: an int or float in low..high."""
    return Rule(lambda value: is_number(value) and low <= value <= high, f"a number in {low:g}..{high:g}", NO_QUOTES)


def one_of(*options):
    """A rule for check_parameters: one of the options, of the same type."""
    accepts = lambda value: any(type(value) is type(option) and value == option for option in options)  # noqa: E731
    return Rule(accepts, f"one of {', '.join(map(repr, options))}")


def text(*, empty=False):
    """A rule for check_parameters: a str, which may be empty or not."""
    accepts = lambda value: isinstance(value, str) and (empty or value.strip() != "")  # noqa: E731
    return Rule(accepts, "a text" if empty else "a text that is not empty")


def check_parameters(namespace, **rules):
    """Stop a notebook before any work if a parameter is unknown, of the wrong type or out of its range.

    papermill only warns of unknown names and knows no types, so every notebook calls this after its
    `parameters` cell, before any other name in capitals exists.

    Args:
        namespace: the notebook's globals().
        rules: for each parameter NAME: integer(…), number(…), one_of(…) or text().
    Returns: the parameters by name.
    Raises: ParameterError, one sentence: what was expected, what came.
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
            cure = rule.cure if isinstance(value, str) else ""
            raise ParameterError(f"{name} must be {rule.expected}, got {value!r}{cure}")
    return {name: namespace[name] for name in rules}


@contextmanager
def blame_parameter(parameter):
    """Stop a notebook with one sentence, the parameter's name in front, if the block finds its value of no use.

    Raises: ParameterError in place of a ValueError, or of a regular expression's error.
    """
    try:
        yield
    except (ValueError, re.error) as error:
        raise ParameterError(f"{parameter}: {' '.join(str(error).split())}") from None


def _set_by_papermill(namespace):
    """Names in the cell that papermill put in, which begins with a comment of its own."""
    cells = [source for source in namespace.get("In", []) if source.startswith("# Parameters\n")]
    statements = ast.parse(cells[-1]).body if cells else []
    return {target.id for statement in statements for target in getattr(statement, "targets", [])}


# Errors that teach


@contextmanager
def expect_error(error, *, match=""):
    """Run code that must fail, and show how, in one line; that it fails is required.

    A cell tagged `raises-exception` would stop papermill; this doesn't.

    Args:
        error: the exception class, or a tuple of them.
        match: text that the message must contain.
    Raises: AssertionError if nothing or another message was raised; other exceptions pass through.
    Example: with expect_error(TypeError, match="save_model"): ModelCheckpoint("best.keras", save_model=True)
    """
    names = " or ".join(kind.__name__ for kind in (error if isinstance(error, tuple) else (error,)))
    try:
        yield
    except error as caught:
        # Keras wraps a layer's own sentence in bold type and a list of arguments
        message = re.sub(
            r"\x1b\[\d*m|Exception encountered when calling \S+|Arguments received by .*", "", str(caught), flags=re.S
        )
        message = " ".join(message.split())
        if match not in message:
            raise AssertionError(f"expected a {names} that says {match!r}, got: {message}") from caught
        print(f"{type(caught).__name__}: {message if len(message) <= 300 else message[:300] + ' …'}")
    else:
        raise AssertionError(f"expected a {names}, but nothing was raised: has the library changed?")


# Runs


def make_run_folder(output, name, parameters):
    """Where a notebook's run goes: `output`, or a folder under runs/ that other parameters don't share.

    Args:
        output: a path; "" for runs/<name>-<digest of the parameters>.
    Returns: Path of the folder, made if missing.
    """
    digest = hashlib.sha256(json.dumps(parameters, sort_keys=True).encode()).hexdigest()[:8]
    folder = Path(output or Path("runs") / f"{name}-{digest}")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def set_seed(seed, *, deterministic=False):
    """Seed Python, NumPy and the backend. This changes global state, so only notebooks and scripts call it.

    Args:
        seed: int >= 0.
        deterministic: also make TensorFlow's operations give the same bits in every run (slower on a GPU);
            Keras's other backends are left as they are.
    """
    import keras

    keras.utils.set_random_seed(seed)
    if deterministic and keras.backend.backend() == "tensorflow":
        import tensorflow

        tensorflow.config.experimental.enable_op_determinism()


def environment():
    """What a result depends on besides its parameters: versions, cores, accelerator; for results.json."""
    import joblib
    import keras

    packages = (keras.backend.backend(), "keras", "numpy", "scikit-learn")
    versions = {
        name: importlib.metadata.version(name)
        for name in packages
        if importlib.util.find_spec(name.replace("scikit-learn", "sklearn"))
    }
    return {
        "python": platform.python_version(),
        **versions,
        "platform": platform.machine(),
        "cores": joblib.cpu_count(),
    }
