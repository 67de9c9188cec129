"""One notebook, executed into a run folder by papermill."""

import ast
import json
import sys
from pathlib import Path

from segutils.plumbing.storage import NOTEBOOKS


def parse_value(text):
    """A parameter's text as papermill would read it: a number, True or False, else the text."""
    try:
        return ast.literal_eval(text.title() if text.lower() in ("true", "false") else text)
    except (ValueError, SyntaxError):
        return text


def find_notebook(notebook):
    """Path of a notebook by its name or path.

    Raises: ValueError that lists the names.
    """
    path = Path(notebook) if notebook.endswith(".ipynb") else NOTEBOOKS / f"{notebook}.ipynb"
    if not path.is_file():
        known = ", ".join(sorted(p.stem for p in NOTEBOOKS.glob("*.ipynb")))
        raise ValueError(f"no notebook {notebook!r}; expected a path, or one of {known}")
    return path


def run_notebook(notebook, parameters, output):
    """Execute a notebook by papermill, with a progress bar and its printed lines; returns an exit status."""
    import papermill
    from nbclient.exceptions import DeadKernelError

    try:
        path = find_notebook(notebook)
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    output = (output or Path("runs") / path.stem).resolve()
    output.mkdir(parents=True, exist_ok=True)
    (output / "results.json").unlink(missing_ok=True)
    values = {name: parse_value(value) for name, value in parameters}
    if "OUTPUT" in papermill.inspect_notebook(path):
        values = {"OUTPUT": str(output), **values}
    streams = {"stdout_file": sys.stdout, "stderr_file": sys.stdout}
    try:
        papermill.execute_notebook(path, output / path.name, values, cwd=path.parent, progress_bar=True, **streams)
    except papermill.PapermillExecutionError as error:
        print(f"{error.ename}: {error.evalue}\nThe notebook as far as it came: {output / path.name}", file=sys.stderr)
        return 1
    except DeadKernelError:
        print(
            f"the notebook's kernel died: killed, or out of memory\nAs far as it came: {output / path.name}",
            file=sys.stderr,
        )
        return 1
    results = output / "results.json"
    if results.exists():
        print("\n" + json.loads(results.read_text(encoding="utf-8"))["summary"])
    print("\nThe run folder:")
    for file in sorted(p for p in output.iterdir() if not p.name.startswith(".")):
        print(f"  {file}")
    return 0
