"""What every notebook needs and none is about: checked parameters, seeds, expected errors, safe files."""

import ast
import difflib
import hashlib
import importlib.metadata
import importlib.util
import json
import os
import platform
import re
import tempfile
from contextlib import contextmanager
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent  # where data/ and notebooks/ lie beside segutils/


def choose(name, value, options):
    """`value` itself if it is one of `options`.

    Raises: ValueError that lists the options and suggests the closest.
    """
    if value in options:
        return value
    listed = ", ".join(map(str, options))
    raise ValueError(f"{name} must be one of {listed}; got {value!r}{_suggestion(value, options)}")


def _suggestion(value, options):
    close = difflib.get_close_matches(str(value), [str(option) for option in options], n=1, cutoff=0.5)
    return f" (did you mean {close[0]}?)" if close else ""


# Parameters


class ParameterError(ValueError):
    """A notebook was given a parameter that it can't use. Shown as its one sentence, without a traceback."""

    def _render_traceback_(self):  # IPython's hook
        return [f"{type(self).__name__}: {self}"]


def whole(low, high):
    """A rule for check_parameters: an int in low..high."""
    return lambda value: is_number(value, int) and low <= value <= high, f"a whole number in {low:,}..{high:,}"


def multiple(of, low, high):
    """A rule for check_parameters: an int in low..high that `of` divides."""
    fits, expected = whole(low, high)
    return lambda value: fits(value) and value % of == 0, f"a multiple of {of}, {expected}"


def number(low, high):
    """A rule for check_parameters: an int or float in low..high."""
    return lambda value: is_number(value) and low <= value <= high, f"a number in {low:g}..{high:g}"


def one_of(*options):
    """A rule for check_parameters: one of the options, of the same type."""
    matches = lambda value: any(type(value) is type(option) and value == option for option in options)  # noqa: E731
    return matches, f"one of {', '.join(map(repr, options))}"


def text(*, empty=False):
    """A rule for check_parameters: a str, which may be empty or not."""
    return lambda value: isinstance(value, str) and (empty or value.strip() != ""), "a text" + " that is not empty" * (
        not empty
    )


def is_number(value, kinds=(int, float)):
    """Whether a value is a number of one of the kinds; True and False are none."""
    return isinstance(value, kinds) and not isinstance(value, bool)


def check_parameters(namespace, **rules):
    """Stop a notebook before any work if a parameter is unknown, of the wrong type or out of its range.

    papermill only warns of unknown names and knows no types, so every notebook calls this after its
    `parameters` cell, before any other name in capitals exists.

    Args:
        namespace: the notebook's globals().
        rules: for each parameter NAME: whole(…), number(…), one_of(…) or text().
    Returns: the parameters by name.
    Raises: ParameterError, one sentence: what was expected, what came.
    """
    given = _set_by_papermill(namespace)
    for name, value in list(namespace.items()):
        plain = value is None or isinstance(value, (bool, int, float, str, list, dict))
        misspelt = name not in rules and (name.isupper() or name.upper() in rules or name in given)
        if plain and misspelt and not name.startswith("_"):
            raise ParameterError(
                f"unknown parameter {name}{_suggestion(name.upper(), rules)}; known: {', '.join(rules)}"
            )
    for name, (accepts, expected) in rules.items():
        value = namespace[name]
        if not accepts(value):
            cure = (
                "; write numbers without quotes, and 1e-3 in YAML as 1.0e-3"
                if isinstance(value, str) and "number" in expected
                else ""
            )
            raise ParameterError(f"{name} must be {expected}, got {value!r}{cure}")
    return {name: namespace[name] for name in rules}


@contextmanager
def naming(parameter):
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


def literal(text):
    """A parameter's text as papermill would read it: a number, True or False, else the text."""
    try:
        return ast.literal_eval(text.title() if text.lower() in ("true", "false") else text)
    except (ValueError, SyntaxError):
        return text


# Errors that teach


@contextmanager
def expected(error, *, match=""):
    """Run code that must fail, and show how, in one line; that it fails is required.

    A cell tagged `raises-exception` would stop papermill; this doesn't.

    Args:
        error: the exception class, or a tuple of them.
        match: text that the message must contain.
    Raises: AssertionError if nothing or another message was raised; other exceptions pass through.
    Example: with expected(TypeError, match="save_model"): ModelCheckpoint("best.keras", save_model=True)
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


def run_folder(output, name, parameters):
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
    from segutils.quiet import keras

    keras.utils.set_random_seed(seed)
    if deterministic and keras.backend.backend() == "tensorflow":
        from segutils.quiet import tensorflow

        tensorflow.config.experimental.enable_op_determinism()


def environment():
    """What a result depends on besides its parameters: versions, cores, accelerator; for results.json."""
    from segutils.quiet import keras

    packages = (keras.backend.backend(), "keras", "numpy", "scikit-learn")
    versions = {
        name: importlib.metadata.version(name)
        for name in packages
        if importlib.util.find_spec(name.replace("scikit-learn", "sklearn"))
    }
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return {"python": platform.python_version(), **versions, "platform": platform.machine(), "cores": cores}


@contextmanager
def replacing(path):
    """A temporary name beside `path` to write to; it becomes `path` when the block ends well, and vanishes if not.

    So a reader finds the old file or the new one, never half of one, whatever stops the writer.

    Raises: OSError that says which file could not be written and that the earlier one is kept.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.stem}-", suffix=path.suffix)
    os.close(handle)
    try:
        yield Path(temporary)
        with open(temporary, "rb+") as file:
            os.fsync(file.fileno())
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except OSError as error:
        if error.errno is None:  # not from the disk, but from what the block does
            raise
        kept = "the earlier one is kept" if path.exists() else "nothing was written"
        raise OSError(error.errno, f"could not write {path.name} ({error.strerror or error}); {kept}") from error
    finally:
        Path(temporary).unlink(missing_ok=True)


def write_json(path, content):
    """Write `content` to `path` as JSON, all or nothing. NumPy numbers and arrays become plain ones."""
    with replacing(path) as temporary:
        plain = json.dumps(content, indent=2, ensure_ascii=False, default=lambda value: value.tolist())
        temporary.write_text(plain + "\n", encoding="utf-8")
