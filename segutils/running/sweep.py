"""Many runs of a notebook: every combination of some parameters, on this machine or, through Dask, on many.

Each run is a process of its own with a run folder of its own: its memory is freed when it ends, and its crash is its
own. A sweep that was stopped goes on when it is started again: what is done is skipped, what is half done resumes.
"""

import csv
import hashlib
import itertools
import json
import math
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import joblib
import nbformat
import pandas as pd
from tqdm import tqdm

from segutils.plumbing.arguments import check_choice, is_number
from segutils.plumbing.pages import write_page
from segutils.plumbing.storage import CHECKOUT, atomic_write
from segutils.running.notebook import parse_value

SEED = "SEED"  # runs that differ in it alone are repetitions of one point of the plot
CHECK = "check-parameters"  # tag of the cell that calls course.check_parameters
PARAMETER_TAGS = {"parameters", "injected-parameters", CHECK}
SHOWN = ("status", "why", "folder")


def sweep(path, lists, table, *, jobs=1, output=None, scheduler=None, score=None):
    """Run a notebook once for each combination of parameters; write table.csv, table.html and plot.png.

    Args:
        path: Path of the notebook.
        lists: (NAME, VALUE, …) of texts, for each parameter; all combinations are run.
        table: Path of a CSV file, one run a row, which is combined with the lists; an empty cell leaves the default.
        jobs: runs at once on a machine; they share its cores.
        output: Path of the sweep's folder; None for runs/sweep/<notebook>.
        scheduler: address of a Dask scheduler whose workers do the runs (they see the same files); None: here.
        score: the number of results.json to plot; None for its first.
    Returns: DataFrame, a row a run.
    Raises: ValueError in one sentence, before any run, if a parameter is unknown or has a wrong value.
    """
    output = (Path(output) if output else Path("runs") / "sweep" / path.stem).resolve()
    if jobs < 1:
        raise ValueError(f"--jobs must be at least 1, got {jobs}")
    runs = plan(path, combinations(lists, table), output)
    waiting = [run for run in runs if _results(run) is None]
    print(f"{len(runs)} runs, {len(runs) - len(waiting)} of them done before; up to {jobs} at once on a machine")
    failures = _execute(path, waiting, jobs, scheduler)
    rows = [_row(run, failures.get(run["folder"])) for run in runs]
    found = pd.DataFrame(rows)[[*runs[0]["given"], *_scores(rows, runs), *SHOWN]]
    _write(found, path.stem, runs[0]["given"], score, output)
    return found


# Before: which runs


def combinations(lists, table=None):
    """The texts of the parameters of each run: every row of the table with every combination of the lists."""
    lists = {name: values for name, *values in lists}
    if empty := [name for name, values in lists.items() if not values]:
        raise ValueError(f"-p {empty[0]} needs at least one value: -p {empty[0]} v1 v2 …")
    rows = _read_rows(table) if table else [{}]
    if both := sorted(set(rows[0]) & set(lists)):
        raise ValueError(f"{both[0]} stands in the list and behind -p; give it once")
    return [
        {**row, **dict(zip(lists, values, strict=True))}
        for row in rows
        for values in itertools.product(*lists.values())
    ]


def _read_rows(table):
    try:
        with open(table, newline="", encoding="utf-8-sig") as file:
            rows = list(csv.DictReader(file, skipinitialspace=True))
    except OSError as error:
        raise ValueError(f"can't read the list {table} ({error.strerror})") from error
    if not rows:
        raise ValueError(f"{table} has no rows; expected names of parameters in the first line, one run a line below")
    for number, row in enumerate(rows, 2):
        if None in row or None in row.values():
            raise ValueError(f"line {number} of {table} has not as many cells as the first line names")
    return rows


def plan(path, wanted, output):
    """Check every run against the notebook's own rules, and give it a folder that no other parameters share."""
    runs = {}
    for texts in wanted:
        given = {name: parse_value(text) for name, text in texts.items() if text != ""}
        if "OUTPUT" in given:
            raise ValueError("OUTPUT is set by the sweep, for each run; choose the folder of all runs by --output")
        parameters = effective_parameters(path, given)
        if "OUTPUT" not in parameters:
            raise ValueError(
                f"{path.stem} has no parameter OUTPUT and so no results to compare; sweep another notebook"
            )
        parameters.pop("OUTPUT")
        digest = hashlib.sha256(json.dumps([path.stem, parameters], sort_keys=True).encode()).hexdigest()[:8]
        words = re.sub(r"[^\w.=,+-]", "_", ",".join(f"{name}={value}" for name, value in given.items()))
        folder = output / f"{words[:80]}-{digest}"
        shown = {name: given.get(name, parameters[name]) for name in texts}
        runs[digest] = {"folder": str(folder), "given": shown, "parameters": parameters}
    return list(runs.values())


def effective_parameters(path, values):
    """All parameters of a notebook when papermill sets some, by its first cells, run here up to their own check.

    Raises: ParameterError, as the notebook would.
    """
    from papermill.iorw import load_notebook_node
    from papermill.parameterize import parameterize_notebook

    cells = parameterize_notebook(load_notebook_node(str(path)), values).cells
    tagged = [cell for cell in cells if PARAMETER_TAGS.intersection(cell.metadata.tags)]
    if not tagged or CHECK not in tagged[-1].metadata.tags:
        raise ValueError(f"{path.name} is no notebook of the course: it has no cell that checks its parameters")
    namespace = {"In": []}
    for cell in tagged:
        namespace["In"].append(cell.source)
        exec(cell.source, namespace)
    return dict(namespace["parameters"])


# The runs


def _execute(path, runs, jobs, scheduler):
    """Do the runs; returns why each that failed did, by folder. Threads are enough here: each waits for a process."""
    failures = {}
    with _backend(jobs, scheduler), tqdm(total=len(runs), desc="runs", unit="run") as bar:
        tasks = (joblib.delayed(_run)(str(path), run, jobs) for run in runs)
        for folder, why in joblib.Parallel(n_jobs=jobs, return_as="generator_unordered", batch_size=1)(tasks):
            if why:
                failures[folder] = why
                bar.write(f"failed: {Path(folder).name}: {why}", file=sys.stderr)
            bar.update()
    return failures


def _backend(jobs, scheduler):
    if scheduler is None:
        return joblib.parallel_config("threading", n_jobs=jobs)
    try:
        from distributed import Client
    except ImportError as error:
        raise ValueError("--scheduler needs Dask: python -m pip install dask distributed") from error
    try:
        client = Client(scheduler, timeout=20)
    except (OSError, ValueError) as error:
        raise ValueError(f"no Dask scheduler answers at {scheduler} ({error})") from error
    return joblib.parallel_config("dask", client=client)


def _run(path, run, jobs):
    """One run in a process of its own, with its share of this machine's cores; returns its folder and why it failed."""
    folder = Path(run["folder"])
    folder.mkdir(parents=True, exist_ok=True)
    given = [text for name, value in run["given"].items() for text in ("-p", name, str(value))]
    command = [sys.executable, "-m", "segutils", "run", path, *given, "--output", str(folder)]
    cores = joblib.cpu_count()
    names = ("OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS")
    share = dict.fromkeys(names, str(max(1, cores // jobs)))
    python_path = os.pathsep.join(filter(None, [str(CHECKOUT), os.environ.get("PYTHONPATH")]))
    with open(folder / "log.txt", "w", encoding="utf-8") as log:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env={**os.environ, **share, "PYTHONPATH": python_path},
        )
    if done.returncode == 0 and _results(run) is not None:
        return run["folder"], None
    (folder / "results.json").unlink(missing_ok=True)  # a later cell failed: not to be taken for done
    return run["folder"], _why(folder, done.returncode)


def _why(folder, status):
    """Why a run failed: the signal that ended it, the error in its notebook, or the last line that it printed."""
    if status < 0:
        return f"killed by {signal.Signals(-status).name}"
    try:
        cells = nbformat.read(next(folder.glob("*.ipynb")), as_version=4).cells
    except (StopIteration, OSError, ValueError):
        cells = []
    for cell in cells:
        for output in cell.get("outputs", []):
            if output.output_type == "error":
                return f"cell [{cell.execution_count}]: {output.ename}: {' '.join(output.evalue.split())}"
    lines = (folder / "log.txt").read_text(encoding="utf-8", errors="replace").split("\n")
    return next((line for line in reversed(lines) if line.strip()), f"ended with status {status} and no results.json")


# After: the table and the plot


def _results(run):
    """What a run left in results.json, if it is finished and of these parameters; else None."""
    try:
        found = json.loads((Path(run["folder"]) / "results.json").read_text(encoding="utf-8"))
        parameters = {name: value for name, value in found["parameters"].items() if name != "OUTPUT"}
    except (OSError, ValueError, KeyError, AttributeError):
        return None
    return found if parameters == run["parameters"] else None


def _row(run, why):
    found = _results(run) or {}
    numbers = {name: value for name, value in found.items() if is_number(value) and name != "seed"}
    state = {"status": "done" if found else "failed", "why": why or "", "folder": Path(run["folder"]).name}
    return {**numbers, **run["given"], **state}


def _scores(rows, runs):
    """Names of the numbers that the runs report, in the order of results.json."""
    return list(
        dict.fromkeys(name for row in rows for name in row if name not in runs[0]["given"] and name not in SHOWN)
    )


def _write(found, name, given, score, output):
    scores = [column for column in found if column not in given and column not in SHOWN]
    with atomic_write(output / "table.csv") as temporary:
        found.to_csv(temporary, index=False)
    if score and scores:
        check_choice("--score", score, scores)
    images = []
    if scores:
        with atomic_write(output / "plot.png") as temporary:
            plot(found, list(given), score or scores[0]).savefig(temporary, dpi=150)
        images = [(f"{score or scores[0]} of each run", "plot.png")]
    else:
        (output / "plot.png").unlink(missing_ok=True)  # of an earlier sweep
    write_page(
        output / "table.html",
        title=f"Sweep of {name}",
        tables={"": found},
        images=images,
        float_format="{:.4g}".format,
    )


def plot(found, given, score):
    """A figure of the score over a numeric parameter, a line (own marker and dashes) for each setting of the others.

    Repetitions with other seeds are dots; the line goes through their means.
    """
    import matplotlib.pyplot as plt

    from segutils.plots import COLOURS, DASHES

    x, others = _axes(found, given)
    figure, ax = plt.subplots(figsize=(6.4, 4), layout="constrained")
    done = found[found[score].notna()]
    settings = done.groupby(others, sort=False) if others else [((), done)]
    markers = "osD^vP*X"
    for i, (values, part) in enumerate(settings):
        label = ", ".join(f"{name} {value}" for name, value in zip(others, values, strict=True))
        style = {"color": COLOURS[i % len(COLOURS)], "marker": markers[i % len(markers)]}
        means = part.groupby(x, sort=_numeric(found[x]))[score].mean()
        joined = DASHES[i % len(DASHES)] if _numeric(found[x]) else "none"
        ax.plot(part[x], part[score], **style, linestyle="none", alpha=0.5, markersize=4)
        ax.plot(means.index, means, **style, linestyle=joined, label=label or None)
    if _numeric(found[x]) and found[x].min() > 0 and found[x].max() >= 30 * found[x].min():
        ax.set_xscale("log")
    ax.set(xlabel=x, ylabel=score.replace("_", " "), title=f"{len(done)} of {len(found)} runs")
    if others:
        ax.legend(fontsize=8)
    plt.close(figure)
    return figure


def _axes(found, given):
    """The parameter along x (numeric, not the seed, of most values, if there is one), and those told by lines."""
    rank = {name: (_numeric(found[name]), name != SEED, found[name].nunique()) for name in given}
    x = max(given, key=rank.get)
    return x, [name for name in given if name not in (x, SEED) and found[name].nunique() > 1]


def _numeric(column):
    return all(is_number(value) and math.isfinite(value) for value in column.tolist())
