"""The course from the command line: run a notebook, segment a folder, sweep, inspect data, grade a class."""

import argparse
import json
import sys
from pathlib import Path

from segutils.plumbing.storage import ASSIGNMENTS
from segutils.running import INTERRUPTED
from segutils.running.notebook import run_notebook

RUN = """Execute a notebook into a run folder and print what came out. Wrong parameters
are refused at once, before anything is touched. A run that is stopped goes on
when the same command comes again. An earlier result in the run folder stays
until the new run has come to its end."""
SEGMENT = """Inspect a folder or zip of images and masks, split it, train a U-Net, judge it on
images that it never saw, and write a report, masks and a model. All settings
are chosen from the data; -p sets any of them. A run that is stopped goes on
when the same command comes again. For new images later: predict."""
SHORT = {
    "images": "name of the folder (or name ending) of the images, where it is unusual",
    "masks": "the same for the masks",
    "void": "mask value or class name that nobody labelled",
    "predict": "folder or zip of new images to predict in the end",
    "export": "write the model as onnx, tflite, int8 or saved_model, too",
}
EXAMPLES = """examples:
  python -m segutils run 9 -p EPOCHS 12 -p LOSS dice --output runs/dice
  python -m segutils run 9 --parameters
  python -m segutils run --list"""


def main(arguments=None):
    parser = argparse.ArgumentParser(prog="python -m segutils", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    run = commands.add_parser(
        "run",
        help="execute a notebook into a run folder and print what came out",
        description=RUN,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    run.add_argument(
        "notebook",
        nargs="?",
        default="09_segmentation_run",
        help="name, number, path, or a beginning that fits one alone; default: %(default)s",
    )
    run.add_argument(
        "-p",
        dest="parameters",
        nargs=2,
        action="append",
        default=[],
        metavar=("NAME", "VALUE"),
        help="set a parameter of the notebook, such as EPOCHS 12; one -p for each (--parameters lists them)",
    )
    run.add_argument("--output", type=Path, help="run folder; default: runs/<notebook>")
    run.add_argument(
        "--parameters",
        dest="show",
        action="store_const",
        const="parameters",
        help="list the notebook's parameters: name, type, default, meaning; nothing is run",
    )
    run.add_argument("--list", dest="show", action="store_const", const="list", help="list the notebooks")
    run.set_defaults(work=run_notebook)
    _add_segment(commands)
    many = commands.add_parser(
        "sweep", help="run a notebook with many settings, and compare them in a table and a plot"
    )
    many.add_argument("notebook", help="name, number, path, or a beginning that fits one alone")
    many.add_argument(
        "-p",
        dest="lists",
        nargs="+",
        action="append",
        default=[],
        metavar=("NAME", "VALUE"),
        help="a parameter and its values, such as WIDTH 8 16 32; with one -p for each, all combinations are run",
    )
    many.add_argument("--list", dest="table", type=Path, help="CSV: names in the first line, one run a line below")
    many.add_argument("--jobs", type=int, default=1, help="runs at once on a machine; they share its cores; default: 1")
    many.add_argument("--output", type=Path, help="folder of all runs; default: runs/sweep/<notebook>")
    many.add_argument("--score", help="the number of results.json to plot; default: its first")
    many.add_argument("--scheduler", help="address of the Dask scheduler, such as tcp://10.0.0.1:8786")
    many.set_defaults(work=sweep_notebook)
    look = commands.add_parser("inspect", help="what is wrong with a folder or zip of images and masks, and the cure")
    look.add_argument("path", type=Path, help="of the folder or zip")
    look.add_argument("--images", help="name of the folder (or name ending) of the images, where it is unusual")
    look.add_argument("--masks", help="the same for the masks")
    look.add_argument(
        "--void", default="auto", help="mask value or class name that nobody labelled; none; default: auto"
    )
    look.add_argument("--nearest", action="store_true", help="read soft masks by the nearest of their frequent values")
    look.add_argument(
        "--no-relatives", dest="relatives", action="store_false", help="don't look for tiles of one image"
    )
    look.add_argument("--csv", type=Path, help="write all findings there")
    look.add_argument("--json", dest="as_json", action="store_true", help="print JSON instead of tables, for scripts")
    look.set_defaults(work=inspect_folder)
    marks = commands.add_parser(
        "grade", help="collect, mend and grade what a class handed in; see assignments/README.md"
    )
    marks.add_argument("assignment", help="name of the assignment, e.g. 01_convolution")
    marks.add_argument("--from", dest="source", type=Path, help="folder or zip of what came in")
    marks.add_argument("--course", dest="root", type=Path, default=ASSIGNMENTS, help="default: %(default)s")
    marks.add_argument("--jobs", type=int, help="how many run side by side; default: one a core")
    marks.add_argument("--csv", type=Path, help="table of grades; default: grades_ASSIGNMENT.csv in the course")
    marks.add_argument("--force", action="store_true", help="also what is graded already")
    marks.set_defaults(work=grade_class)
    options = {k: v for k, v in vars(parser.parse_args(arguments)).items() if k != "command"}
    return options.pop("work")(**options)


def _add_segment(commands):
    """The parsers of `segment` and `predict`: a folder of one's own, and what its model says of new images."""
    road = commands.add_parser(
        "segment",
        help="train on any folder or zip of images and masks, judge, and write a report",
        description=SEGMENT,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    road.add_argument("folder", type=Path, help="folder or zip of images and masks")
    road.add_argument(
        *("-p", "--parameter"),
        dest="parameters",
        nargs=2,
        action="append",
        default=[],
        metavar=("NAME", "VALUE"),
        help="set a parameter; `python -m segutils run segment_folder --parameters` lists them",
    )
    for option, meaning in SHORT.items():
        road.add_argument(f"--{option}", help=meaning)
    road.add_argument("--output", type=Path, help="run folder; default: runs/segment/<name of FOLDER>")
    road.set_defaults(work=segment_folder)
    new = commands.add_parser("predict", help="masks of new images, by the model of a finished `segment`")
    new.add_argument("run", type=Path, help="run folder of the `segment`")
    new.add_argument("images", type=Path, help="folder or zip of new images")
    new.add_argument("--output", type=Path, help="where to write; default: predictions/ in the run folder")
    new.add_argument("--probabilities", action="store_true", help="also the probability of each class, TIFF of 16 bit")
    new.add_argument("--coco", action="store_true", help="also the predicted objects as COCO JSON")
    new.set_defaults(work=predict_images)


def segment_folder(folder, parameters, output, **options):
    """Run the workhorse's notebook on a folder; returns an exit status."""
    given = {name.upper(): value for name, value in options.items() if value is not None}
    place = folder.expanduser().resolve()
    name = place.stem if place.is_file() else place.name  # of a folder, what is behind a dot is part of its name
    output = output or Path("runs") / "segment" / (name or "data")
    given = {"FOLDER": str(folder), **given}
    return run_notebook("segment_folder", [*given.items(), *parameters], output)


def predict_images(run, images, output, **options):
    """Predict new images with the model of a run; exit status 0, 1 if some can't be read, 2 without run or images."""
    from segutils.workhorse import apply, asked

    output = output or run / "predictions"
    try:
        asked.check_output(output, images, "IMAGES")
        files, settings = apply.files_and_settings(run, images, coco=options["coco"])
        count, skipped = apply.predict_run(run, files, settings, output, **options)
    except (ValueError, OSError) as error:
        print(error, file=sys.stderr)
        return 2
    first, *others = apply.told_of(count, skipped, output)
    print(first)
    for line in others:
        print(line, file=sys.stderr)
    return 1 if skipped else 0


def inspect_folder(path, csv, as_json, **options):
    """Print the doctor's report; exit status 0 without errors, 1 with errors, 2 with nothing to examine."""
    from segutils import dataset

    try:
        report = dataset.inspect(path, progress=not as_json, **options)
    except dataset.SetError as error:
        print(error, file=sys.stderr)
        return 2
    print(json.dumps(report.as_dict(), indent=1) if as_json else report)
    if csv:
        report.findings.to_csv(csv, index=False, errors="backslashreplace")  # names in bytes that are no UTF-8
    return 1 if report.count("error") else 0


def grade_class(assignment, **options):
    """Grade a class and print the report; exit status 0 if all could be graded, 1 if not, 2 if nothing could start."""
    try:
        from segutils.classroom import grade

        outcomes = grade.grade(assignment, **options)
    except ModuleNotFoundError as error:
        print(f"{error}; a teacher also needs: pip install -r requirements-teacher.txt", file=sys.stderr)
        return 2
    except (FileNotFoundError, ValueError) as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("stopped; the same command goes on where it was", file=sys.stderr)
        return INTERRUPTED
    print(grade.report(outcomes))
    return 1 if any(outcome.failure for outcome in outcomes) else 0


def sweep_notebook(notebook, lists, table, output, **options):
    """Run many settings and print their table; exit status 0, 1 if a run failed, 2 if one was refused beforehand."""
    from segutils.running.catalogue import find_notebook
    from segutils.running.sweep import sweep

    try:
        path = find_notebook(notebook)
        output = (output or Path("runs") / "sweep" / path.stem).resolve()
        found = sweep(path, lists, table, output=output, **options)
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    except OSError as error:
        print(f"{error}; what is done is kept", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("stopped; the same command does what is left", file=sys.stderr)
        return INTERRUPTED
    same = [name for name in found if name.isupper() and found[name].nunique(dropna=False) == 1]
    print(found.drop(columns=[*same, "why", "folder"]).round(4).to_string(index=False, na_rep=""))
    for file in ("table.csv", "table.html", "plot.png"):
        if (output / file).exists():
            print(f"  {output / file}")
    failed = found[found["status"] != "done"]
    for row in failed.to_dict("records"):
        print(f"failed: {row['folder']}: {row['why']}", file=sys.stderr)
    return 1 if len(failed) else 0
