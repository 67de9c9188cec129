"""The course from the command line: `run` executes a notebook, `inspect` examines a folder of images and masks,
`grade` does the round for a class.
"""

import argparse
import ast
import json
import logging
import sys
from pathlib import Path

NOTEBOOKS = Path(__file__).resolve().parent.parent / "notebooks"


def main(arguments=None):
    parser = argparse.ArgumentParser(prog="python -m segutils", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    run = commands.add_parser("run", help="execute a notebook into a run folder and print what came out")
    run.add_argument("notebook", nargs="?", default="08_segmentation_run", help="name or path; default: %(default)s")
    run.add_argument("-p", dest="parameters", nargs=2, action="append", default=[], metavar=("NAME", "VALUE"))
    run.add_argument("--output", type=Path, help="run folder; default: runs/<notebook>")
    run.set_defaults(work=run_notebook)
    look = commands.add_parser("inspect", help="what is wrong with a folder or zip of images and masks, and the cure")
    look.add_argument("path", type=Path, help="of the folder or zip")
    look.add_argument("--images", help="name of the folder (or name ending) of the images, where it is unusual")
    look.add_argument("--masks", help="the same for the masks")
    look.add_argument("--csv", type=Path, help="write all findings there")
    look.set_defaults(work=inspect_folder)
    mark = commands.add_parser(
        "grade", help="collect, mend and grade what a class handed in; see notebooks/assignments"
    )
    mark.add_argument("assignment", help="name of the assignment, e.g. 01_convolution")
    mark.add_argument("--from", dest="source", type=Path, help="folder or zip of what came in")
    mark.add_argument(
        "--course", dest="root", type=Path, default=NOTEBOOKS / "assignments", help="default: %(default)s"
    )
    mark.add_argument("--jobs", type=int, help="how many run side by side; default: one a core")
    mark.add_argument("--csv", type=Path, help="table of grades; default: grades_ASSIGNMENT.csv in the course")
    mark.add_argument("--force", action="store_true", help="also what is graded already")
    mark.set_defaults(work=grade_class)
    options = {k: v for k, v in vars(parser.parse_args(arguments)).items() if k != "command"}
    return options.pop("work")(**options)


def inspect_folder(path, images, masks, csv):
    """Print the doctor's report; exit status 0 without errors, 1 with errors, 2 with nothing to examine."""
    from segutils import doctor

    try:
        report = doctor.inspect(path, images=images, masks=masks)
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    print(report)
    if csv:
        report.findings.to_csv(csv, index=False)
    return 1 if report.count("error") else 0


def grade_class(assignment, **options):
    """Grade a class and print the report; exit status 0 if all could be graded, 1 if not, 2 if nothing could start."""
    try:
        from segutils import classroom
    except ModuleNotFoundError as error:
        print(f"{error}; a teacher also needs: pip install -r requirements-teacher.txt", file=sys.stderr)
        return 2
    try:
        outcomes = classroom.grade(assignment, **options)
    except FileNotFoundError as error:
        print(error, file=sys.stderr)
        return 2
    print(classroom.report(outcomes))
    return 1 if any(outcome.failure for outcome in outcomes) else 0


def run_notebook(notebook, parameters, output):
    """Execute a notebook by papermill, with a progress bar and its printed lines; returns an exit status."""
    import papermill

    path = Path(notebook) if notebook.endswith(".ipynb") else NOTEBOOKS / f"{notebook}.ipynb"
    if not path.is_file():
        known = ", ".join(sorted(p.stem for p in NOTEBOOKS.glob("*.ipynb")))
        print(f"no notebook {notebook!r}; expected a path, or one of {known}", file=sys.stderr)
        return 2
    output = (output or Path("runs") / path.stem).resolve()
    output.mkdir(parents=True, exist_ok=True)
    (output / "results.json").unlink(missing_ok=True)
    values = {name: _literal(value) for name, value in parameters}
    if "OUTPUT" in papermill.inspect_notebook(path):
        values = {"OUTPUT": str(output), **values}
    printed = logging.StreamHandler(sys.stdout)
    printed.addFilter(_is_printed_by_a_cell)
    printed.terminator = ""
    logging.getLogger("papermill").addHandler(printed)
    logging.getLogger("papermill").setLevel(logging.INFO)
    try:
        papermill.execute_notebook(
            path,
            output / path.name,
            values,
            cwd=path.parent,
            log_output=True,
            progress_bar=True,
        )
    except papermill.PapermillExecutionError as error:
        print(f"{error.ename}: {error.evalue}\nThe notebook as far as it came: {output / path.name}", file=sys.stderr)
        return 1
    results = output / "results.json"
    if results.exists():
        print("\n" + json.loads(results.read_text(encoding="utf-8"))["summary"])
    print("\nThe run folder:")
    for file in sorted(p for p in output.iterdir() if not p.name.startswith(".")):
        print(f"  {file}")
    return 0


def _is_printed_by_a_cell(record):
    """Of all that papermill logs, keep the text that cells print."""
    chatter = ("Input Notebook:", "Output Notebook:", "Working directory:", "Executing ", "Ending Cell", "<")
    return not record.getMessage().startswith(chatter)


def _literal(value):
    """A parameter as papermill would read it: a number, True or False, else text."""
    try:
        return ast.literal_eval(value.title() if value.lower() in ("true", "false") else value)
    except (ValueError, SyntaxError):
        return value


if __name__ == "__main__":
    sys.exit(main())
