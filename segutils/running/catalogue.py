"""The notebooks by name, and their parameters, read and checked in an instant: nothing here imports TensorFlow.

papermill and nbformat stay out too: their imports alone take as long as all the rest of a refusal.
"""

import ast
import importlib
import json
import re
from pathlib import Path
from typing import NamedTuple

from segutils.plumbing.arguments import suggestion
from segutils.plumbing.storage import NOTEBOOKS

CHECK = "check-parameters"  # tag of the cell that calls course.check_parameters
LOOKS = {"segment_folder": "segutils.workhorse.asked"}  # notebooks of which more can be refused at once, and by what


class Parameter(NamedTuple):
    """What a notebook says of one of its parameters."""

    kind: str
    default: object
    meaning: str


PROJECTS = NOTEBOOKS / "projects"  # notebooks for work of one's own, which are no lessons


def names():
    """Names of the course's lessons, in order."""
    return sorted(path.stem for path in NOTEBOOKS.glob("*.ipynb"))


def projects():
    """Names of the notebooks that are no lessons."""
    return sorted(path.stem for path in PROJECTS.glob("*.ipynb"))


def find_notebook(notebook):
    """Path of a notebook by its path (.ipynb or not), name, number, or the beginning of its name or topic.

    Raises: ValueError that lists the names.
    """
    path = Path(notebook)
    for file in (path, path.with_name(f"{path.name}.ipynb")) if path.name else ():
        if file.suffix == ".ipynb" and file.is_file():
            return file
    known, word = [*names(), *projects()], _without_zeros(path.name.removesuffix(".ipynb").lower())
    whole = {_without_zeros(name): name for name in known}
    if path.parent.name not in ("", NOTEBOOKS.name, PROJECTS.name):
        found = []
    elif word in whole:
        found = [whole[word]]
    elif word.isdecimal():
        found = [name for short, name in whole.items() if short.partition("_")[0] == word]
    else:
        topics = {short: re.sub(r"^\d+_", "", short) for short in whole}
        found = [
            name for short, name in whole.items() if word and (short.startswith(word) or topics[short].startswith(word))
        ]
    found = [name for name in found if name not in projects()] or found  # a beginning means a lesson first
    if len(found) == 1:
        return (PROJECTS if found[0] in projects() else NOTEBOOKS) / f"{found[0]}.ipynb"
    if found:
        raise ValueError(f"{notebook!r} begins several notebooks: {', '.join(found)}; write more of one name")
    near = suggestion(path.stem, known)
    raise ValueError(f"no notebook {notebook!r}{near}; expected a path, a number, or one of {', '.join(known)}")


def title(path):
    """A notebook's title and how long it says that it takes."""
    text = next(map(_source, _cells(path)), "")
    minutes = re.search(r"· about ([^·\n]+?) on ", text)
    heading = text.splitlines()[0].removeprefix("# ") if text.startswith("# ") else Path(path).stem
    return heading, minutes.group(1) if minutes else ""


def declared(path):
    """A notebook's parameters by name, as its `parameters` cell declares them."""
    found = {}
    for cell in _cells(path):
        if "parameters" not in _tags(cell):
            continue
        source = _source(cell)
        for statement in ast.parse(source).body:
            if isinstance(statement, ast.AnnAssign) and statement.value is not None:
                name, kind = ast.unparse(statement.target), ast.unparse(statement.annotation)
            elif isinstance(statement, ast.Assign):
                name, kind = ast.unparse(statement.targets[0]), ""
            else:
                continue
            end = source.splitlines()[statement.end_lineno - 1].encode()[statement.end_col_offset :].decode()
            found[name] = Parameter(kind, parse_value(ast.unparse(statement.value)), end.partition("#")[2].strip())
    return found


def parse_value(text, kind=None):
    """A parameter's text as papermill would read it: a number, True or False, else the text; a `str` stays a text."""
    if kind == "str":
        return text
    try:
        return ast.literal_eval(text.title() if text.lower() in ("true", "false") else text)
    except (ValueError, SyntaxError):
        return text


def check(path, texts):
    """All parameters of a notebook where some are given as texts, checked by the notebook's own cell.

    Args: path: of the notebook; texts: the given ones by name. Returns: the values of all by name.
    Raises: ParameterError, as the notebook would, or a ValueError of one sentence.
    """
    kinds = {name: parameter.kind for name, parameter in declared(path).items()}
    return effective_parameters(path, {name: parse_value(text, kinds.get(name)) for name, text in texts.items()})


def look_further(path, values, output):
    """Refuse what a notebook's rules, one parameter at a time, let through: files of no use, values at odds.

    Args: path: of the notebook; values: of all parameters by name; output: Path of the run folder.
    Raises: ParameterError.
    """
    if path.stem in LOOKS and path.parent == PROJECTS:
        importlib.import_module(LOOKS[path.stem]).check(values, output)


def effective_parameters(path, values):
    """All parameters of a notebook when some are set, by its own cells, which are run here up to their check.

    Args: path: of the notebook; values: those that are set, by name. Returns: the values of all by name.
    Raises: ParameterError, as the notebook would, or a ValueError of one sentence.
    """
    known = declared(path)
    if wrong := [name for name in values if not name.isidentifier()]:
        raise ValueError(f"{wrong[0]!r} is no name of a parameter; known: {', '.join(known)}")
    cells = [cell for cell in _cells(path) if {"parameters", CHECK} & _tags(cell)]
    if not cells or CHECK not in _tags(cells[-1]):  # not of this course
        if wrong := [name for name in values if name not in known]:
            raise ValueError(f"unknown parameter {wrong[0]}{suggestion(wrong[0], known)}; known: {', '.join(known)}")
        return {name: parameter.default for name, parameter in known.items()} | values
    namespace = {"In": []}
    for cell in cells:
        source = _source(cell)
        namespace["In"].append(source)
        exec(source, namespace)
        if "parameters" in _tags(cell):  # what papermill would put in here
            namespace["In"].append("# Parameters\n" + "".join(f"{name} = ...\n" for name in values))
            namespace.update(values)
    return dict(namespace["parameters"])


def _without_zeros(name):
    return re.sub(r"^0+(?=\d)", "", name)


def _cells(path):
    try:
        return [cell for cell in json.loads(Path(path).read_text(encoding="utf-8"))["cells"] if cell["source"]]
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(f"{path} is no notebook: it can't be read as one ({error})") from error
    except OSError as error:
        raise ValueError(f"can't read {path} ({error.strerror})") from error


def _source(cell):
    return "".join(cell["source"])


def _tags(cell):
    return set(cell.get("metadata", {}).get("tags", ()))
