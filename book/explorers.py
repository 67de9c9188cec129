"""The states of the explorers, drawn beforehand, so that they move in the book without a kernel.

    python book/explorers.py notebooks/02_convolution.ipynb FOLDER ['{"DILATION": 1}']

runs those cells of the notebook that its explorers need and writes, for each explorer, its states as images and an
`explorers.json` that says which image shows which values. The last argument is parameters to take in place of the
notebook's, as JSON. Nothing is written by hand for an explorer: `explore` itself tells its controls. If all
combinations of the values are at most MOST, all are drawn; else one control moves at a time, and the others stand where
the explorer starts.
"""

import ast
import itertools
import json
import os
import sys
from pathlib import Path

STOPS = 9  # values of a slider that are drawn
MOST = 96  # images of an explorer
QUALITY = 82  # of WebP, 0 to 100


HARMLESS = ("show", "assert", "print")  # calls of functions so called change nothing that they are given


def needed(cells):
    """Indices of the cells that a notebook's explorers need: each that makes or may change what a needed one reads.

    Args: cells: sources of all code cells; the first holds the parameters and is always needed.
    >>> needed(["N = 2", "image = read(N)", "said = 7", "image.sort()", "print(image)", "explore(image)"])
    [0, 1, 3, 5]
    """
    nodes = [list(ast.walk(ast.parse(source))) for source in cells]
    imported = set().union(*map(_imports, nodes))
    wanted, kept = set(), []
    for i in reversed(range(len(cells))):
        makes = _imports(nodes[i]) | _made(nodes[i]) | (_changed(nodes[i]) - imported)
        if i == 0 or makes & wanted or "explore" in map(_called, nodes[i]):
            kept.append(i)
            wanted |= {node.id for node in nodes[i] if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}
    return kept[::-1]


def _imports(nodes):
    return {(node.asname or node.name).partition(".")[0] for node in nodes if isinstance(node, ast.alias)}


def _made(nodes):
    """Names that are given a value, also inside of functions."""
    stored = {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    return stored | {node.name for node in nodes if isinstance(node, (ast.FunctionDef, ast.ClassDef))}


def _changed(nodes):
    """Names of objects that may be changed: a part is set, a method is called, or a function for its effect alone."""
    parts = [node for node in nodes if isinstance(getattr(node, "ctx", None), ast.Store)]
    calls = [node for node in nodes if isinstance(node, ast.Call)]
    methods = [call.func for call in calls if isinstance(call.func, ast.Attribute)]
    effects = [node.value for node in nodes if isinstance(node, ast.Expr) and node.value in calls]
    given = [given for call in effects if not _called(call).startswith(HARMLESS) for given in call.args]
    return set(map(_root, parts + methods + given))


def _called(node):
    """The name of the function or method that a node calls; "" if it is no call."""
    function = node.func if isinstance(node, ast.Call) else None
    return getattr(function, "attr", getattr(function, "id", ""))


def _root(node):
    """`a` of a.b, a[0], a.b() and the like; None without a name."""
    while isinstance(node, (ast.Attribute, ast.Subscript, ast.Call, ast.Starred)):
        node = node.func if isinstance(node, ast.Call) else node.value
    return getattr(node, "id", None)


def values_of(widget):
    """The values of a control that are drawn, in order; its present one is among them."""
    if hasattr(widget, "options"):
        return [value for _, value in widget._options_full]
    count = round((widget.max - widget.min) / widget.step)
    places = {round(i * count / min(count, STOPS - 1)) for i in range(min(count, STOPS - 1) + 1)}
    start = round((widget.value - widget.min) / widget.step)
    nearest = min(places, key=lambda place: abs(place - start))
    places = sorted(places - ({nearest} - {0, count}) | {start})
    return [type(widget.value)(round(widget.min + place * widget.step, 10)) for place in places]


def states(values, start):
    """Tuples of indices, one for each state that is drawn.

    Args:
        values: a list of values for each control.
        start: the index at which each control stands first.
    >>> states([[1, 2], ["a", "b"]], [0, 0])
    [(0, 0), (0, 1), (1, 0), (1, 1)]
    >>> len(states([list(range(50)), list(range(50))], [0, 0]))
    99
    """
    sizes = [len(row) for row in values]
    everything = list(itertools.islice(itertools.product(*map(range, sizes)), MOST + 1))
    if len(everything) <= MOST:
        return everything
    alone = {(*start[:k], i, *start[k + 1 :]) for k, size in enumerate(sizes) for i in range(size)}
    return sorted(alone)


def record(draw, controls, folder, number):
    """Draw the states of one explorer into `folder`.

    Returns: a dict of its controls (name, values as text, start) and images (indices with commas → file, words).
    """
    from PIL import Image

    from segutils.lessons import explorer
    from segutils.plumbing import alt_text

    box = explorer.panel(draw, **controls)
    widgets = dict(zip(controls, box.children[0].children, strict=True))
    values = [values_of(widget) for widget in widgets.values()]
    start = [row.index(widget.value) for row, widget in zip(values, widgets.values(), strict=True)]
    images = {}
    for state in states(values, start):
        figure = draw(**{name: row[i] for name, row, i in zip(widgets, values, state, strict=True)})
        file = f"{number}-{'-'.join(map(str, state))}.webp"
        pixels = Image.fromarray(explorer._pixels(figure)).convert("RGB")
        pixels.save(folder / file, "webp", quality=QUALITY, method=4)
        images[",".join(map(str, state))] = [file, alt_text.describe(figure)]
    named = [
        {
            "name": widget.description,
            "values": [as_text(value) for value in row],
            "start": i,
            "menu": hasattr(widget, "options"),
        }
        for widget, row, i in zip(widgets.values(), values, start, strict=True)
    ]
    together = len(images) == len(list(itertools.product(*values)))
    return {"controls": named, "images": images, "together": together, "width": pixels.width, "height": pixels.height}


def as_text(value):
    """A control's value as a reader sees it."""
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def draw_all(notebook, folder, given):
    """Run what the explorers of a notebook need, with the given parameters, and draw the states of each."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    from segutils.lessons import explorer

    found = []

    def explore(draw, **controls):
        found.append(record(draw, controls, folder, len(found)))

    explorer.explore = explore
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    code = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    space = {"__name__": "__main__", "get_ipython": lambda: None, "display": lambda *_, **__: None}
    os.chdir(notebook.parent)
    for i in needed(code):
        exec(compile(code[i], f"{notebook.name}, code cell {i + 1}", "exec"), space)
        space |= given if i == 0 else {}  # the first code cell holds the parameters
        plt.close("all")
    (folder / "explorers.json").write_text(json.dumps(found), encoding="utf-8")


if __name__ == "__main__":
    source, target, *more = sys.argv[1:]
    draw_all(Path(source).resolve(), Path(target).resolve(), json.loads(more[0]) if more else {})
