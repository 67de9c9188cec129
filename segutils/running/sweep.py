"""Many runs of a notebook: every combination of some parameters, on this machine or, through Dask, on many.

Each run is a process of its own with a run folder of its own: its memory is freed when it ends, and its crash is its
own. A sweep that was stopped goes on when it is started again: what is done is skipped, what is half done resumes.
"""

import contextlib
import csv
import hashlib
import itertools
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import joblib
import nbformat
import pandas as pd

from segutils.plumbing.storage import CHECKOUT
from segutils.running import INTERRUPTED, catalogue, folder, table
from segutils.running.screen import Screen, clock

STOP = ".stop"  # in the sweep's folder: every run, on whichever machine, is to end


def sweep(path, lists, csv_file, *, jobs=1, output=None, scheduler=None, score=None):
    """Run a notebook once for each combination of parameters; write table.csv, table.html and plot.png.

    Args:
        path: Path of the notebook.
        lists: (NAME, VALUE, …) of texts, for each parameter; all combinations are run.
        csv_file: Path of a CSV file, one run a row, which is combined with the lists; an empty cell leaves the default.
        jobs: runs at once on a machine; they share its cores.
        output: Path of the sweep's folder; None for runs/sweep/<notebook>.
        scheduler: address of a Dask scheduler whose workers do the runs (they see the same files); None: here.
        score: the number of results.json to plot; None for its first.
    Returns: DataFrame, a row a run.
    Raises: ValueError in one sentence, before any run, if a parameter is unknown or has a wrong value, or another sweep
        is at work in the folder; KeyboardInterrupt when all runs have ended.
    """
    output = (Path(output) if output else Path("runs") / "sweep" / path.stem).resolve()
    if jobs < 1:
        raise ValueError(f"--jobs must be at least 1, got {jobs}")
    runs = plan(path, combinations(lists, csv_file), output)
    backend = _backend(jobs, scheduler)
    with folder.locked(output):
        waiting = [run for run in runs if table.results(run) is None]
        print(f"{len(runs)} runs, {len(runs) - len(waiting)} of them done before; up to {jobs} at once on a machine")
        failures = _execute(path, waiting, jobs, backend, output)
        rows = [table.row(run, failures.get(run["folder"])) for run in runs]
        found = pd.DataFrame(rows)[[*runs[0]["given"], *table.scores_of(rows, runs), *table.SHOWN]]
        table.write(found, path.stem, runs[0]["given"], score, output)
    return found


# Before: which runs


def combinations(lists, table=None):
    """The texts of the parameters of each run: every row of the table with every combination of the lists."""
    if not lists and table is None:
        raise ValueError("a sweep needs a parameter to change: -p NAME v1 v2 …, or --list FILE")
    if twice := [name for i, (name, *_) in enumerate(lists) if name in [other[0] for other in lists[:i]]]:
        raise ValueError(f"{twice[0]} is given twice; write all its values behind one -p")
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
        given = {name: text for name, text in texts.items() if text != ""}
        if "OUTPUT" in given:
            raise ValueError("OUTPUT is set by the sweep, for each run; choose the folder of all runs by --output")
        parameters = catalogue.check(path, given)
        catalogue.look_further(path, parameters, output)
        if "OUTPUT" not in parameters:
            raise ValueError(
                f"{path.stem} has no parameter OUTPUT and so no results to compare; sweep another notebook"
            )
        parameters.pop("OUTPUT")
        digest = hashlib.sha256(json.dumps([path.stem, parameters], sort_keys=True).encode()).hexdigest()[:8]
        words = re.sub(r"[^\w.=,+-]", "_", ",".join(f"{name}={value}" for name, value in given.items()))
        shown = {name: parameters[name] for name in texts}
        runs[digest] = {"folder": str(output / f"{words[:80]}-{digest}"), "given": shown, "parameters": parameters}
    return list(runs.values())


# The runs


def _execute(path, runs, jobs, backend, output):
    """Do the runs; returns why each that failed did, by folder. Threads are enough here: each waits for a process."""
    failures, watch = {}, _Watch(runs)
    (output / STOP).unlink(missing_ok=True)
    with backend, Screen(watch.draw) as screen:
        tasks = (joblib.delayed(_run)(str(path), run, jobs) for run in runs)
        try:
            for name, why in joblib.Parallel(n_jobs=jobs, return_as="generator_unordered", batch_size=1)(tasks):
                watch.done.add(name)
                if why:
                    failures[name] = why
                screen.print(f"{Path(name).name}: {why or 'done'}")
        except KeyboardInterrupt:
            with folder.undisturbed():
                (output / STOP).touch()
                for child in list(_children):
                    child.wait()
            raise
    return failures


class _Watch:
    """How far the runs are, from what each notes in its folder."""

    def __init__(self, runs):
        self.runs, self.done = [run["folder"] for run in runs], set()
        self.started = self.read = time.monotonic()
        self.shares = {}

    def draw(self):
        if time.monotonic() - self.read > 1:
            self.read = time.monotonic()
            self.shares = {name: folder.share(Path(name)) for name in self.runs if name not in self.done}
        at_work = [share for name, share in self.shares.items() if share and name not in self.done]
        share = (len(self.done) + sum(at_work)) / max(1, len(self.runs))
        words = [f"{len(self.done)} of {len(self.runs)} runs", clock(time.monotonic() - self.started)]
        return share, [*words, *([f"{len(at_work)} at work"] if at_work else [])]


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


_children = set()  # processes of the runs at work here
_starting = threading.Lock()


def _run(path, run, jobs):
    """One run in a process of its own, with its share of this machine's cores; returns its folder and why it failed."""
    place = Path(run["folder"])
    place.mkdir(parents=True, exist_ok=True)
    given = [text for name in run["given"] for text in ("-p", name, str(run["parameters"][name]))]
    command = [sys.executable, "-m", "segutils", "run", path, *given, "--output", str(place)]
    cores = joblib.cpu_count()
    names = ("OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS")
    share = dict.fromkeys(names, str(max(1, cores // jobs)))
    python_path = os.pathsep.join(filter(None, [str(CHECKOUT), os.environ.get("PYTHONPATH")]))
    with open(place / "log.txt", "w", encoding="utf-8") as log:
        streams = {"stdin": subprocess.DEVNULL, "stdout": log, "stderr": log}
        status = _wait(command, place.parent / STOP, env={**os.environ, **share, "PYTHONPATH": python_path}, **streams)
    if status == 0 and table.results(run) is not None:
        return run["folder"], None
    return run["folder"], _why(place, status)


def _wait(command, stop, **options):
    """Run a command to its end, or until a file asks for it; returns its exit status."""
    with _starting:  # so that who has written the file knows of all children, and no other starts
        if stop.exists():
            return INTERRUPTED
        child = subprocess.Popen(command, **options)
        _children.add(child)
    while child.poll() is None:
        time.sleep(0.2)
        if stop.exists():
            _end(child)
    _children.discard(child)
    return child.returncode


def _end(child):
    """End a run: asked again where it did not hear, as while it moved its results in; killed after a minute."""
    for _ in range(6):
        child.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(10)
            return
    child.kill()
    child.wait()


def _why(place, status):
    """Why a run failed: the signal that ended it, the error in its notebook, or the last line that it printed."""
    if status < 0:
        return f"killed by {signal.Signals(-status).name}"
    try:
        cells = nbformat.read(next((place / folder.UNFINISHED).glob("*.ipynb")), as_version=4).cells
    except (StopIteration, OSError, ValueError):
        cells = []
    for cell in cells:
        for output in cell.get("outputs", []):
            if output.output_type == "error":
                return f"cell [{cell.execution_count}]: {output.ename}: {' '.join(output.evalue.split())}"
    lines = (place / "log.txt").read_text(encoding="utf-8", errors="replace").split("\n")
    return next((line for line in reversed(lines) if line.strip()), f"ended with status {status} and no results.json")
