"""The course as a book: README.md, the notebooks with their stored outputs, and the pages that README links to.

    python -m sphinx -q -W --keep-going -c book . runs/book

Nothing is fetched, and a reader needs no network: formulas become MathML, which browsers draw themselves. Pages show
the stored outputs; only for explorers code is run, once, to draw the states that their sliders reach (explorers.py).
"""

import base64
import functools
import hashlib
import html
import json
import os
import re
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from docutils import nodes
from latex2mathml.converter import convert
from sphinx.errors import ExtensionError

ROOT = Path(__file__).resolve().parent.parent
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
PROJECTS = sorted((ROOT / "notebooks" / "projects").glob("*.ipynb"))  # no lessons: for work of one's own
PAGES = [
    "Running the notebooks <docs/running>",
    "Your own images <docs/own_images>",
    "Reference of segutils <docs/api>",
    "For teachers <assignments/README>",
    "For contributors <CONTRIBUTING>",
    "GPUs and other backends <docs/gpu>",
    "Speed, measured <benchmarks/results>",
    "Batch normalisation in Keras <docs/batch_norm>",
    "Data <data/README>",
    "What changed <CHANGELOG>",
]
STATES = "_explorers"  # folder of the book with the images of explorers
GIVEN = {}  # notebook: parameters, as JSON, for its explorers, in place of its own (-D explorer_parameters.NAME=…)

project = "Image segmentation, hands on"
root_doc = "README"
include_patterns = [
    "README.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    "data/README.md",
    "docs/*.md",
    "notebooks/*.ipynb",
    "notebooks/projects/*.ipynb",
    "assignments/README.md",
]
include_patterns += ["benchmarks/results.md"]
exclude_patterns = [".*", "runs", "build", "segutils", "sources", "notebooks/runs", "notebooks/projects/runs"]
exclude_patterns += ["assignments/*/**"]
extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinx_codeautolink"]
napoleon_custom_sections = ["Formula", "Source"]
autodoc_member_order = "bysource"
codeautolink_concat_default = True  # a cell knows the imports of the cells above it

nb_execution_mode = "off"
myst_enable_extensions = ["amsmath", "dollarmath"]
myst_heading_anchors = 3

html_theme = "sphinx_book_theme"
html_title = project
html_copy_source = False
html_use_index = False
html_extra_path = ["extra"]
html_math_renderer = "mathml"
html_static_path = ["static"]
html_css_files = ["book.css"]
html_js_files = ["book.js"]
html_theme_options = {"use_download_button": False, "use_fullscreen_button": False, "footer_content_items": []}
html_theme_options["pygments_dark_style"] = "github-dark-high-contrast"  # AA on the theme's ground, without the yellow


def setup(app):
    """Sphinx calls this."""
    app.add_config_value("explorer_parameters", {}, "env", types=[dict])
    app.add_html_math_renderer("mathml", (_inline_formula, None), (_block_formula, None))
    app.connect("builder-inited", _draw_explorers)
    app.connect("source-read", _list_pages)
    app.connect("autodoc-process-docstring", _as_sections, priority=400)  # before napoleon reads it
    app.connect("autodoc-skip-member", _without_fields)
    app.connect("doctree-read", _describe_figures)
    app.connect("doctree-read", _name_collapsed_cells)
    app.connect("doctree-read", _fold_answers)
    app.connect("build-finished", _copy_explorers)
    return {"parallel_read_safe": True}


def _inline_formula(translator, node):
    translator.body.append(_mathml(node.astext()))
    raise nodes.SkipNode


def _block_formula(translator, node):
    translator.body.append(f'<div class="formula" tabindex="0">{_mathml(node.astext(), display="block")}</div>')
    raise nodes.SkipNode


def _mathml(formula, *, display="inline"):
    """A formula as MathML, with its LaTeX as the tooltip."""
    text = convert(formula, display=display)
    return text.replace("<math ", f'<math title="{html.escape(" ".join(formula.split()))}" ', 1)


def _list_pages(app, docname, source):
    """Append the list of pages to README, which is the book's first: notebooks by the short form of their titles."""
    if docname != root_doc:
        return
    pages = {path.stem: f"notebooks/{path.stem}" for path in NOTEBOOKS}
    titles = {path.stem: _cells(path)[0]["source"] for path in NOTEBOOKS}
    lessons = [f"{_short(titles[stem])} <{page}>" for stem, page in pages.items()]
    projects = [f"{_short(_cells(path)[0]['source'])} <notebooks/projects/{path.stem}>" for path in PROJECTS]
    source[0] += _toctree("Notebooks", lessons + projects) + _toctree("Pages", PAGES)


def _toctree(caption, entries):
    return f"\n```{{toctree}}\n:hidden:\n:caption: {caption}\n\n" + "\n".join(entries) + "\n```\n"


def _has_explorer(path):
    return any("explore(" in "".join(cell["source"]) for cell in _cells(path) if cell["cell_type"] == "code")


@functools.cache
def _drawn(path):
    """The folder with the drawn states of a notebook's explorers; its name changes with the code that draws them."""
    code = ["".join(cell["source"]) for cell in _cells(path) if cell["cell_type"] == "code"]
    files = [*sorted((ROOT / "segutils").glob("*.py")), *sorted((ROOT / "segutils" / "lessons").glob("*.py"))]
    code += [file.read_text(encoding="utf-8") for file in [*files, ROOT / "book" / "explorers.py"]]
    text = "".join([*code, GIVEN.get(path.stem, "")])
    return ROOT / "runs" / "explorers" / f"{path.stem}-{hashlib.sha256(text.encode()).hexdigest()[:12]}"


def _draw_explorers(app):
    """Draw the states of all explorers that have not been drawn yet, two notebooks at a time."""
    GIVEN.update(app.config.explorer_parameters)
    waiting = [path for path in NOTEBOOKS if _has_explorer(path) and not _drawn(path).exists()]
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(_draw, waiting))


def _draw(path):
    folder = _drawn(path)
    unfinished = folder.with_name(f"{folder.name}.unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(parents=True)
    script, given = ROOT / "book" / "explorers.py", GIVEN.get(path.stem, "{}")
    command = [sys.executable, str(script), str(path), str(unfinished), given]
    paths = os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
    done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, "PYTHONPATH": paths})
    if done.returncode:
        raise ExtensionError(f"the explorers of {path.name} could not be drawn: {done.stderr[-2000:]}")
    unfinished.rename(folder)


def _explorers(path):
    """What is known of each explorer of a notebook: controls and images."""
    return json.loads((_drawn(path) / "explorers.json").read_text(encoding="utf-8")) if _has_explorer(path) else []


def _copy_explorers(app, error):
    """Put the drawn states beside the book's pages."""
    for path in filter(_has_explorer, NOTEBOOKS if error is None else ()):
        target = Path(app.outdir) / STATES / path.stem
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(_drawn(path), target, ignore=shutil.ignore_patterns("*.json"))


@functools.cache
def _cells(path):
    return json.loads(path.read_text(encoding="utf-8"))["cells"]


def _short(lines):
    """'2 · Convolution' from the lines of a cell that starts with '# 2 · Convolution: one small table'."""
    return "".join(lines).splitlines()[0].removeprefix("# ").partition(":")[0]


def _name_collapsed_cells(app, doctree):
    """Name what is collapsed by its "# @title". (book.css hides the set-up cell, which a page has no use for.)"""
    for cell in [node for node in doctree.findall(nodes.container) if node.get("hide_mode")]:
        if title := re.match(r"# @title (.+)", cell.astext()):
            cell["prompt_show"] = cell["prompt_hide"] = title[1]


def _fold_answers(app, doctree):
    """Fold the paragraph that answers a "Predict": the first one behind the next code cell."""
    if "notebooks/" not in app.env.docname:
        return
    blocks = [node for node in doctree.findall() if isinstance(node, nodes.paragraph | nodes.container)]
    asked = ran = False
    for node in blocks:
        if isinstance(node, nodes.container):
            ran = asked and (ran or "cell" in node.get("classes", ()))
        elif ran and isinstance(node.parent, nodes.section):
            before, after = '<details class="answer"><summary>Answer</summary>', "</details>"
            place = node.parent.index(node)
            node.parent[place : place + 1] = [
                nodes.raw("", before, format="html"),
                node,
                nodes.raw("", after, format="html"),
            ]
            asked = ran = False
        elif not ran and isinstance(node.parent, nodes.section):
            first = next((child for child in node.children if child.astext()), None)
            asked = asked or (isinstance(first, nodes.strong) and first.astext().startswith("Predict"))


SECTION = re.compile(r"^(\s*)(Formula|Args|Returns|Raises|Source|Example): +(?=\S)")
EMPHASIS_OR_MARK = re.compile(r"(?<!\S)\*\w+\*(?!\w)|(?<!`)[|*](?!`)")
INSIDE = re.compile(r"(?<=[.;]) (?=(?:Returns|Raises|Source): )")


def _as_sections(app, what, name, thing, options, lines):
    """Give the short form of our docstrings, "Args: x: an image. Returns: a mask.", the lines that napoleon expects."""
    found = []
    for line in lines:
        parts = [line] if ">>>" in line else INSIDE.split(line)
        for number, part in enumerate(parts):
            indent = re.match(r"\s*", line)[0] if number else ""
            if match := SECTION.match(indent + part):
                text = re.sub(r"^(\w+Error) (?=if|for|where|when)", r"\1: ", (indent + part)[match.end() :])
                found += [f"{match[1]}{match[2]}:", f"{match[1]}    {text}"]
            else:
                found.append(indent + part)
    starts = [line.lstrip()[:2] if line.lstrip().startswith((">>>", "- ")) else "" for line in found]
    lines.clear()
    for line, start, before in zip(found, starts, ["", *starts], strict=False):
        here = start == ">>"
        if start and start != before and lines and lines[-1].strip() and not lines[-1].startswith(" "):
            lines.append("")
        literal = here or (lines and lines[-1].lstrip().startswith((">>>", "...")))
        lines.append(line if literal else EMPHASIS_OR_MARK.sub(_as_text, line))


def _as_text(match):
    """A star or a bar as itself; *one word* between stars stays emphasised."""
    return match[0] if len(match[0]) > 1 else f"\\{match[0]}"


def _without_fields(app, what, name, thing, skip, options):
    """Leave out the fields of a named tuple, "Alias for field number 0": its signature names them."""
    return True if type(thing).__name__ == "_tuplegetter" else None


def _describe_figures(app, doctree):
    """Give each figure the text in its notebook's metadata, and drop what stands for it elsewhere."""
    path = Path(app.env.doc2path(app.env.docname))
    if path.suffix != ".ipynb":
        return
    texts = {}
    for output in (output for cell in _cells(path) for output in cell.get("outputs", [])):
        if image := output.get("data", {}).get("image/png"):
            digest = hashlib.sha256(base64.b64decode("".join(image))).hexdigest()  # which myst-nb names the file by
            texts[digest] = output["metadata"].get("image/png", {}).get("alt", "")
    stills = []
    for image in doctree.findall(nodes.image):
        image["alt"] = texts.get(Path(image["uri"]).stem, image.get("alt", ""))
        stills += [image] if image["alt"].startswith("Explorer:") else []
    for number, (still, explorer) in enumerate(zip(stills, _explorers(path), strict=True)):
        place = f"../{STATES}/{path.stem}/"
        data = json.dumps({**explorer, "place": place}).replace("<", "\\u003c")
        name = f"explorer-{number}"
        figure = f'<div class="explorer" id="{name}"><script type="application/json">{data}</script></div>'
        still.parent.insert(still.parent.index(still) + 1, nodes.raw("", figure, format="html"))
    for raw in list(doctree.findall(nodes.raw)):
        if 'class="jp-sr-only"' in raw.astext():
            raw.parent.remove(raw)
