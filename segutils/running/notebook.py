"""One notebook, executed into a run folder."""

import contextlib
import json
import os
import re
import sys
import time
from pathlib import Path

from segutils.plumbing.storage import atomic_write
from segutils.plumbing.watching import WATCHED
from segutils.running import INTERRUPTED, catalogue, folder

LOG = ".kernel.log"  # of an unfinished run: what the kernel's process says outside of cells
SAVE_EVERY = 20  # seconds between two looks at whether the notebook should be saved
TRAINS = re.compile(r"\bfit\(|\btrain\.train\(")
TRAINING_WEIGHT = 20  # a cell that trains takes about as long as so many others


def run_notebook(notebook, parameters, output, show=None):
    """Execute a notebook into its run folder and print what it prints; returns an exit status.

    Args:
        notebook: name, number, path or a unique beginning.
        parameters: (NAME, VALUE) texts.
        output: Path of the run folder; None for runs/<notebook>.
        show: "list" prints the notebooks, "parameters" those of this notebook, and nothing is run.
    """
    with contextlib.ExitStack() as held:
        try:
            if show == "list":
                print(list_notebooks())
                return 0
            path = catalogue.find_notebook(notebook)
            if show == "parameters":
                print(list_parameters(path))
                return 0
            given = _once(parameters)
            values = catalogue.check(path, given)
            output = (output or Path("runs") / path.stem).resolve()
            catalogue.look_further(path, values, output)
            output = held.enter_context(folder.locked(output))
            place = folder.begin(output, path.stem, {k: v for k, v in values.items() if k != "OUTPUT"})
        except ValueError as error:
            print(error, file=sys.stderr)
            return 2
        except OSError as error:
            print(f"can't write to the run folder ({error.strerror or error})", file=sys.stderr)
            return 2
        try:
            return _Run(path, {name: values[name] for name in given}, values, place).execute()
        except OSError as error:
            print(f"{error.strerror or error}; the earlier results in the run folder are kept", file=sys.stderr)
            return 1


def _once(parameters):
    """(NAME, VALUE) texts as a dict. Raises: ValueError if one is given twice, or OUTPUT is."""
    names = [name for name, _ in parameters]
    if twice := [name for i, name in enumerate(names) if name in names[:i]]:
        raise ValueError(f"{twice[0]} is given twice; write it once")
    if "OUTPUT" in names:
        raise ValueError("OUTPUT is set by --output; write --output FOLDER for -p OUTPUT FOLDER")
    return dict(parameters)


class _Run:
    """A run at work: where its notebook is, and what it shows of that."""

    def __init__(self, path, given, values, place):
        from papermill.iorw import load_notebook_node
        from papermill.parameterize import parameterize_notebook

        self.path, self.folder, self.output = path, place, place.parent
        given = {"OUTPUT": str(place), **given} if "OUTPUT" in values else given
        self.notebook = load_notebook_node(str(path))
        if given:
            self.notebook = parameterize_notebook(self.notebook, given)
        self.sections = _sections(self.notebook.cells)
        self.weights = [_weight(cell) for cell in self.notebook.cells]
        self.cell, self.section = 0, 0
        self.started = self.saved = self.noted = time.monotonic()

    def execute(self):
        """Run all cells; returns an exit status."""
        from segutils.running.screen import Screen

        with Screen(self.draw) as self.screen:
            self.screen.print(f"{catalogue.title(self.path)[0]} → {self.output}", style="bold")
            status, why = self.run_cells()
            if status == 0:
                with folder.undisturbed():
                    self.finish()
                return 0
        print(why, file=sys.stderr)
        self.save()
        if status == 1:
            print(f"The notebook as far as it came: {self.folder / self.path.name}", file=sys.stderr)
        return status

    def run_cells(self):
        """Returns: the exit status, and in a sentence why it is not 0."""
        from nbclient.exceptions import CellExecutionError, DeadKernelError

        from segutils.running.kernel import Kernel

        hooks = {"on_cell": self.begin_cell, "on_text": self.show, "on_tick": self.note}
        kernel = Kernel(self.notebook, cwd=self.path.parent.resolve(), **hooks)
        environment = {**os.environ, WATCHED: str(self.folder / folder.TRAINING)}
        try:
            with open(self.folder / LOG, "w", encoding="utf-8") as log:
                kernel.execute_all(env=environment, stdout=log, stderr=log)
        except CellExecutionError as error:
            return 1, f"{self.heading()}: {error.ename}: {_short(error.evalue)}"
        except DeadKernelError:
            return 1, f"{self.heading()}: the notebook's kernel died: killed, or out of memory"
        except RuntimeError as error:
            return 1, f"the notebook's kernel did not start ({error})"
        except KeyboardInterrupt:
            return INTERRUPTED, f"stopped; {self.what_is_left()}"
        return 0, ""

    def heading(self):
        return self.sections[self.cell][1]

    def what_is_left(self):
        epochs = folder.epochs_done(self.folder)
        return f"the same command goes on after epoch {epochs}" if epochs else "the same command starts it again"

    # While cells run (called from the kernel's thread)

    def begin_cell(self, cell, cell_index):
        self.screen.flush()
        number, heading = self.sections[cell_index]
        if number > self.section and cell.cell_type == "code":
            self.section = number
            self.screen.print(f"{number} · {heading} ({clock_since(self.started)})", style="bold")
        self.cell = cell_index
        if time.monotonic() - self.saved > SAVE_EVERY:
            self.save()

    def show(self, text, cell):
        self.screen.write(text, provoked="expect_error(" in cell.source)

    def save(self):
        """Write the notebook as far as it is."""
        import nbformat

        with atomic_write(self.folder / self.path.name) as temporary:
            nbformat.write(self.notebook, temporary)
        self.saved = time.monotonic()

    def draw(self):
        """The share of the run that is done, and the words of the live line."""
        from segutils.running.screen import training

        share, words = training(self.folder / folder.TRAINING)
        done = sum(self.weights[: self.cell]) + (share or 0) * self.weights[self.cell]
        number, heading = self.sections[self.cell]
        last = self.sections[-1][0]
        place = [f"section {number}/{last}"] if number else []
        return done / max(1, sum(self.weights)), [*place, clock_since(self.started), *words, heading]

    def note(self):
        """Once a second, say how far the run is to who watches from outside."""
        if time.monotonic() - self.noted > 1:
            self.noted = time.monotonic()
            folder.note_share(self.folder, self.draw()[0])

    # Afterwards

    def finish(self):
        """Move what came out into the run folder, and say what is there."""
        for cell in self.notebook.cells:
            if "injected-parameters" in cell.metadata.get("tags", ()):
                here, there = (json.dumps(str(path), ensure_ascii=False) for path in (self.folder, self.output))
                cell.source = cell.source.replace(here, there)
        self.save()
        (self.folder / LOG).unlink()
        made = folder.finish(self.output)
        if self.output / "results.json" in made:
            found = json.loads((self.output / "results.json").read_text(encoding="utf-8"))
            if found["summary"] not in "".join(_printed(self.notebook.cells)):
                self.screen.print(f"\n{found['summary']}")
        self.screen.print(f"\nDone in {clock_since(self.started)}. In the run folder:")
        for file in made:
            self.screen.print(f"  {file}")


def clock_since(start):
    from segutils.running.screen import clock

    return clock(time.monotonic() - start)


def _printed(cells):
    return [output.get("text", "") for cell in cells for output in cell.get("outputs", ())]


def _sections(cells):
    """For each cell, the number of its section and the section's heading; 0 before the first."""
    places, number, heading = [], 0, "set-up"
    for cell in cells:
        if cell.cell_type == "markdown":
            found = re.findall(r"^## +(?:\d+ · )?(.+)", cell.source, re.MULTILINE)
            number, heading = number + len(found), [heading, *found][-1]
        places.append((number, heading.replace("`", "")))
    return places


def _weight(cell):
    """How long a cell takes, very roughly, in cells."""
    if cell.cell_type != "code":
        return 0
    return TRAINING_WEIGHT if TRAINS.search(cell.source) else 1


def _short(message, most=600):
    message = message.strip()
    return message if len(message) <= most else f"{message[:most]} …"


def list_notebooks():
    """The notebooks, one a line: name, title, how long each takes."""
    paths = [catalogue.find_notebook(name) for name in [*catalogue.names(), *catalogue.projects()]]
    rows = [(path.stem, *catalogue.title(path)) for path in paths]
    width = max(len(name) for name, *_ in rows)
    return "\n".join(f"{name:{width}}  {title}{f'  ({time})' if time else ''}" for name, title, time in rows)


def list_parameters(path):
    """A notebook's parameters, one a line: name, type, default, meaning."""
    rows = [(name, kind, repr(default), meaning) for name, (kind, default, meaning) in catalogue.declared(path).items()]
    widths = [max(len(row[i]) for row in rows) for i in range(3)] if rows else []
    lines = ["  ".join([*map(str.ljust, row[:3], widths), row[3]]) for row in rows]
    return "\n".join(lines) or f"{path.stem} has no parameters"
