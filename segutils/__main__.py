"""The course from the command line: run a notebook, sweep its parameters, inspect data, grade a class, stamp a fork."""

import argparse
import json
import logging
import sys
from pathlib import Path

from segutils.course import CHECKOUT, literal

NOTEBOOKS = CHECKOUT / "notebooks"


def main(arguments=None):
    parser = argparse.ArgumentParser(prog="python -m segutils", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    run = commands.add_parser("run", help="execute a notebook into a run folder and print what came out")
    run.add_argument("notebook", nargs="?", default="08_segmentation_run", help="name or path; default: %(default)s")
    run.add_argument("-p", dest="parameters", nargs=2, action="append", default=[], metavar=("NAME", "VALUE"))
    run.add_argument("--output", type=Path, help="run folder; default: runs/<notebook>")
    run.set_defaults(work=run_notebook)
    many = commands.add_parser(
        "sweep", help="run a notebook with many settings, and compare them in a table and a plot"
    )
    many.add_argument("notebook", help="name or path")
    many.add_argument("-p", dest="lists", nargs="+", action="append", default=[], metavar=("NAME", "VALUE"))
    many.add_argument("--list", dest="table", type=Path, help="CSV: names in the first line, one run a line below")
    many.add_argument("--jobs", type=int, default=1, help="runs at once on a machine; they share its cores; default: 1")
    many.add_argument("--output", type=Path, help="folder of all runs; default: runs/sweep/<notebook>")
    many.add_argument("--score", help="the number of results.json to plot; default: its first")
    many.add_argument("--backend", choices=("local", "dask"), default="local", help="default: %(default)s")
    many.add_argument("--scheduler", help="address of the Dask scheduler, such as tcp://10.0.0.1:8786")
    many.set_defaults(work=sweep_notebook)
    mark = commands.add_parser("stamp", help="address the Colab links and the set-up cells to a fork")
    mark.add_argument("name", metavar="OWNER/REPO")
    mark.set_defaults(work=stamp_course)
    look = commands.add_parser("inspect", help="what is wrong with a folder or zip of images and masks, and the cure")
    look.add_argument("path", type=Path, help="of the folder or zip")
    look.add_argument("--images", help="name of the folder (or name ending) of the images, where it is unusual")
    look.add_argument("--masks", help="the same for the masks")
    look.add_argument("--csv", type=Path, help="write all findings there")
    look.set_defaults(work=inspect_folder)
    marks = commands.add_parser(
        "grade", help="collect, mend and grade what a class handed in; see notebooks/assignments"
    )
    marks.add_argument("assignment", help="name of the assignment, e.g. 01_convolution")
    marks.add_argument("--from", dest="source", type=Path, help="folder or zip of what came in")
    marks.add_argument(
        "--course", dest="root", type=Path, default=NOTEBOOKS / "assignments", help="default: %(default)s"
    )
    marks.add_argument("--jobs", type=int, help="how many run side by side; default: one a core")
    marks.add_argument("--csv", type=Path, help="table of grades; default: grades_ASSIGNMENT.csv in the course")
    marks.add_argument("--force", action="store_true", help="also what is graded already")
    marks.set_defaults(work=grade_class)
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


def stamp_course(name):
    """Write a fork's address into all files; exit status 0, or 2 if it is none."""
    from segutils.stamp import stamp

    try:
        changed = stamp(name, CHECKOUT)
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    for path in changed:
        print(path.relative_to(CHECKOUT))
    print(f"{len(changed)} files now point to github.com/{name}" if changed else f"all point to {name} already")
    return 0


def sweep_notebook(notebook, lists, table, backend, scheduler, **options):
    """Run many settings and print their table; exit status 0, 1 if a run failed, 2 if one was refused beforehand."""
    from segutils.sweep import sweep

    try:
        if (backend == "dask") != bool(scheduler):
            raise ValueError("--backend dask and --scheduler ADDRESS go together")
        found = sweep(_find(notebook), lists, table, scheduler=scheduler, **options)
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    same = [name for name in found if name.isupper() and found[name].nunique(dropna=False) == 1]
    print(found.drop(columns=[*same, "why", "folder"]).round(4).to_string(index=False, na_rep=""))
    failed = found[found["status"] != "done"]
    for row in failed.to_dict("records"):
        print(f"failed: {row['folder']}: {row['why']}", file=sys.stderr)
    return 1 if len(failed) else 0


def _find(notebook):
    """Path of a notebook by its name or path."""
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
        path = _find(notebook)
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    output = (output or Path("runs") / path.stem).resolve()
    output.mkdir(parents=True, exist_ok=True)
    (output / "results.json").unlink(missing_ok=True)
    values = {name: literal(value) for name, value in parameters}
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


def _is_printed_by_a_cell(record):
    """Of all that papermill logs, keep the text that cells print."""
    chatter = ("Input Notebook:", "Output Notebook:", "Working directory:", "Executing ", "Ending Cell", "<")
    return not record.getMessage().startswith(chatter)


if __name__ == "__main__":
    sys.exit(main())
