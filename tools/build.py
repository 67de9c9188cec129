"""Build the notebooks from their sources: sources/NN_topic.py (py:percent) → notebooks/NN_topic.ipynb, executed.

    python tools/build.py                  all of them
    python tools/build.py 08 09            those whose names start so
    python tools/build.py projects         those for work of one's own, which are no lessons
    python tools/build.py assignments/01   an assignment: the teacher's copy, executed, and the students'
    python tools/build.py --keep-outputs 08   where only words or tags changed: with the outputs that it has
    python tools/build.py --to-source 08   the other way: what was edited in JupyterLab goes back to its source

Never edit a built notebook by hand without taking it back; a test compares the two. A cell with the tag "hide-input"
is stored collapsed: in JupyterLab, in Colab's form view, and in the book.
"""

import argparse
import ast
import base64
import copy
import io
import os
import sys
import tempfile
import time

import jupytext
import nbformat
from nbclient import NotebookClient
from PIL import Image
from stamp import ROOT, derived_ids

SOURCES, NOTEBOOKS, ASSIGNMENTS = ROOT / "sources", ROOT / "notebooks", ROOT / "assignments"
KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}
MAX_BYTES = 500_000
HIDDEN = {"jupyter": {"source_hidden": True}, "cellView": "form"}  # what collapses a cell in JupyterLab, on Colab
WIDGET = "application/vnd.jupyter.widget-view+json"


def read_source(path):
    """The notebook that a source describes, without outputs; ids follow from the cells, so they stay put."""
    notebook = jupytext.read(path, fmt="py:percent")
    for cell, name in zip(notebook.cells, derived_ids([(c.cell_type, c.source) for c in notebook.cells]), strict=True):
        cell.id = name
        cell.metadata.update(copy.deepcopy(HIDDEN) if "hide-input" in cell.metadata.get("tags", []) else {})
    notebook.metadata = nbformat.from_dict({"kernelspec": KERNEL, "language_info": {"name": "python"}})
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    return notebook


def to_source(path):
    """Text of the source for a notebook: its cells and tags, no outputs, no metadata of the file."""
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        cell.metadata = {key: value for key, value in cell.metadata.items() if key not in HIDDEN}
    notebook.metadata = nbformat.from_dict({"jupytext": {"notebook_metadata_filter": "-all"}})
    return jupytext.writes(notebook, fmt="py:percent")


def is_assignment(source):
    return source.parent.name == "assignments"


def built(source):
    """Where the notebook of a source lies; an assignment's, where nbgrader looks for the teacher's copy."""
    if is_assignment(source):
        return ASSIGNMENTS / "source" / source.stem / f"{source.stem}.ipynb"
    return NOTEBOOKS / source.relative_to(SOURCES).with_suffix(".ipynb")


def release(assignment):
    """Make the students' copy by nbgrader, whose gradebook then knows the assignment."""
    from segutils.classroom import grade  # here, for only teachers have nbgrader

    grade.release(ASSIGNMENTS, assignment)


def with_palette(png):
    """The same image (base64 text) in at most 256 colours, a third of the size."""
    image, smaller = Image.open(io.BytesIO(base64.b64decode(png))).convert("RGB"), io.BytesIO()
    image.quantize(256).save(smaller, "png", optimize=True)
    return base64.b64encode(smaller.getvalue()).decode()


def build(source):
    """Execute a source and write its notebook."""
    notebook = read_source(source)
    started = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:  # so that no earlier run is found there and resumed
        client = NotebookClient(
            notebook,
            timeout=1200,
            kernel_name="python3",
            resources={"metadata": {"path": folder}},
            record_timing=False,
            store_widget_state=False,
            coalesce_streams=True,
        )
        client.execute(env={**os.environ, "PYTHONPATH": str(ROOT)})
    for cell in (cell for cell in notebook.cells if cell.cell_type == "code"):
        # a widget went with its kernel; the explorer's image is an output of its own, and stays
        cell.outputs = [output for output in cell.outputs if WIDGET not in output.get("data", {})]
        for data in (output.get("data", {}) for output in cell.outputs):
            if "image/png" in data:
                data["image/png"] = with_palette(data["image/png"])
    if is_assignment(source):  # which imports TensorFlow as students do, with all that it says of itself
        for cell in (cell for cell in notebook.cells if cell.cell_type == "code"):
            cell.outputs = [output for output in cell.outputs if output.get("name") != "stderr"]
    write(notebook, source)
    print(f"{built(source).name}: {len(notebook.cells)} cells, {time.perf_counter() - started:.0f} s")


def keep_outputs(source):
    """Write the notebook of a source with the outputs that it has; refuses if code with outputs is not what it was."""
    notebook, old = read_source(source), nbformat.read(built(source), as_version=4)
    before = {_code(cell): cell for cell in old.cells if cell.get("outputs")}
    for count, cell in enumerate((cell for cell in notebook.cells if cell.cell_type == "code"), start=1):
        same = before.pop(_code(cell), None)
        cell.outputs, cell.execution_count = same.outputs if same else [], count
    if before:
        changed = next(iter(before.values())).source
        raise ValueError(
            f"{source.stem}: build it anew, for the code of a cell with outputs changed; it was:\n{changed}"
        )
    write(notebook, source)


def _code(cell):
    """What a cell does, whatever its comments and its layout."""
    return ast.dump(ast.parse(cell.source))


def write(notebook, source):
    """Write a notebook where it belongs; refuses one that is too large to read on the web."""
    notebook.metadata = nbformat.from_dict({"kernelspec": KERNEL, "language_info": {"name": "python"}})
    text = nbformat.writes(notebook) + "\n"
    if len(text.encode()) > MAX_BYTES:
        raise ValueError(
            f"{source.stem}.ipynb has {len(text.encode()):,} bytes, at most {MAX_BYTES:,}; draw smaller figures"
        )
    target = built(source)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text, encoding="utf-8")
    if is_assignment(source):
        release(source.stem)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", default=[""], help="beginnings of notebook names")
    way = parser.add_mutually_exclusive_group()
    way.add_argument("--keep-outputs", action="store_true")
    way.add_argument("--to-source", action="store_true")
    arguments = parser.parse_args()
    sources = [*SOURCES.glob("*.py"), *SOURCES.glob("projects/*.py"), *SOURCES.glob("assignments/*.py")]
    names = {path.relative_to(SOURCES).as_posix(): path for path in sorted(sources)}
    chosen = [path for name, path in names.items() if name.startswith(tuple(arguments.names))]
    if arguments.to_source or arguments.keep_outputs:
        chosen = [path for path in chosen if built(path).exists()]
    if not chosen:
        sys.exit(f"no notebook starts with {' or '.join(arguments.names)}")
    for path in chosen:
        if arguments.to_source:
            path.write_text(to_source(built(path)), encoding="utf-8")
        elif arguments.keep_outputs:
            keep_outputs(path)
        else:
            build(path)


if __name__ == "__main__":
    main()
