"""The course as a book: README.md, the notebooks with their stored outputs, and the pages that README links to.

    python -m sphinx -q -W --keep-going -c book . runs/book

Nothing is executed or fetched, and a reader needs no network: formulas become MathML, which browsers draw themselves.
"""

import base64
import hashlib
import html
import json
from pathlib import Path

from docutils import nodes
from latex2mathml.converter import convert

ROOT = Path(__file__).resolve().parent.parent
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))

project = "Image segmentation, hands on"
root_doc = "README"
include_patterns = ["README.md", "data/README.md", "docs/*.md", "notebooks/*.ipynb", "assignments/README.md"]
include_patterns += ["benchmarks/results.md"]
exclude_patterns = [".*", "runs", "build", "segutils", "sources", "notebooks/runs", "assignments/*/**"]
extensions = ["myst_nb"]

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
html_theme_options = {"use_download_button": False, "use_fullscreen_button": False, "footer_content_items": []}


def setup(app):
    """Sphinx calls this."""
    app.add_html_math_renderer("mathml", (_inline_formula, None), (_block_formula, None))
    app.connect("source-read", _list_pages)
    app.connect("doctree-read", _describe_figures)
    return {"parallel_read_safe": True}


def _inline_formula(translator, node):
    translator.body.append(_mathml(node.astext()))
    raise nodes.SkipNode


def _block_formula(translator, node):
    translator.body.append(f'<div class="formula">{_mathml(node.astext(), display="block")}</div>')
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
    entries = [f"{_short(titles[stem])} <{page}>" for stem, page in pages.items()]
    entries += ["Data <data/README>", "GPUs and other backends <docs/gpu>"]
    entries += ["Speed, measured <benchmarks/results>", "For teachers <assignments/README>"]
    source[0] += "\n```{toctree}\n:hidden:\n\n" + "\n".join(entries) + "\n```\n"


def _cells(path):
    return json.loads(path.read_text(encoding="utf-8"))["cells"]


def _short(lines):
    """'2 · Convolution' from the lines of a cell that starts with '# 2 · Convolution: one small table'."""
    return "".join(lines).splitlines()[0].removeprefix("# ").partition(":")[0]


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
    for image in doctree.findall(nodes.image):
        image["alt"] = texts.get(Path(image["uri"]).stem, image.get("alt", ""))
    for raw in list(doctree.findall(nodes.raw)):
        if 'class="jp-sr-only"' in raw.astext():
            raw.parent.remove(raw)
