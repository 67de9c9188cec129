"""The course as GitHub shows it: no style, no script, no class and no kernel, and still a page that can be read.

What stays is the list of GitHub's html-pipeline, applied by bleach, which nbconvert brings along. In notebooks GitHub
also drops what stands inside <style>, which pandas writes into each table; in a page of Markdown it shows it as words.
"""

import functools
import json
import re
from urllib.parse import unquote, urldefrag, urlsplit

import bleach
import pytest
from bs4 import BeautifulSoup
from markdown_it import MarkdownIt
from support import NOTEBOOKS, ROOT

PROJECTS = sorted((ROOT / "notebooks" / "projects").glob("*.ipynb"))
PAGES = [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *(ROOT / f"{x}/README.md" for x in ("assignments", "data"))]
PAGES = sorted([*PAGES, ROOT / "benchmarks" / "results.md"])

TAGS = set(
    re.findall(
        r"\w+",
        """
    h1 h2 h3 h4 h5 h6 br b i strong em a pre code img tt div ins del sup sub p ol ul table thead tbody tfoot blockquote
    dl dt dd kbd q samp var hr ruby rt rp li tr td th s strike summary details caption figure figcaption abbr bdo cite
    dfn mark small span time wbr""",
    )
)
EVERYWHERE = re.findall(
    r"[\w-]+",
    """
    align alt aria-describedby aria-hidden aria-label aria-labelledby border cellpadding cellspacing colspan datetime
    dir headers height hspace label lang name nowrap open role rowspan rules scope size span start summary tabindex
    title type valign value width""",
)
ATTRIBUTES = {"*": EVERYWHERE, "a": ["href"], "img": ["src"]}
IN_WORDS = r"(Figure|Explorer): "  # how the text of a figure begins (plumbing.alt_text)
OBJECT = r"<[\w.]+ (object )?at 0x|^<[^>]+>$|\w+\(children=|\bwidget\b|Axes: |Figure\(\d"
RULE = r"\{[^{}]*[\w-]+\s*:[^{}]*\}|:has\("  # of a style sheet


@functools.cache
def cleaner(*protocols):
    return bleach.Cleaner(TAGS, ATTRIBUTES, protocols={"http", "https", "mailto", *protocols}, strip=True)


def sanitised(html, *, data=False):
    """What GitHub leaves of HTML; images inside the page (data: …) stay in a notebook's outputs alone."""
    return BeautifulSoup(cleaner(*["data"] * data).clean(html), "html.parser")


def of_markdown(text):
    return sanitised(MarkdownIt("commonmark").enable("table").render(text))


def of_output(html, *, data=True):
    return sanitised(re.sub(r"<(style|script)\b.*?</\1>", "", html, flags=re.S), data=data)


def empty(soup):
    """Elements in which nothing is left: no words, no image, no line."""
    left = soup.find_all(lambda tag: tag.name in TAGS - {"br", "hr", "img", "wbr", "td", "th"})
    return [tag for tag in left if not tag.get_text(strip=True) and not tag.find(["img", "hr"])]


@functools.cache
def cells(path):
    return json.loads(path.read_text(encoding="utf-8"))["cells"]


def written(path):
    """The prose of a page or a notebook, as GitHub makes HTML of it."""
    if path.suffix == ".md":
        return [of_markdown(path.read_text(encoding="utf-8"))]
    return [of_markdown("".join(cell["source"])) for cell in cells(path) if cell["cell_type"] == "markdown"]


def shown(path, **options):
    """For each output, in order: the HTML, image or words that GitHub chooses of its forms; None where it has none."""
    for output in (output for cell in cells(path) for output in cell.get("outputs", [])):
        forms = output.get("data", {"text/plain": output.get("text", "")})
        if "text/html" in forms:
            yield of_output("".join(forms["text/html"]), **options)
        elif "image/png" in forms:
            yield BeautifulSoup('<img src="data:">', "html.parser")
        else:
            yield BeautifulSoup(f"<pre>{bleach.clean(''.join(forms.get('text/plain', '')))}</pre>", "html.parser")


@functools.cache
def names(path):
    """The places that a link can name: headings, in GitHub's spelling and in JupyterLab's."""
    titles = [h.get_text() for soup in written(path) for h in soup.find_all(re.compile(r"h\d"))]
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles} | {
        title.replace(" ", "-") for title in titles
    }


def label(path):
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("path", [*PAGES, *NOTEBOOKS, *PROJECTS], ids=label)
def test_prose_needs_no_style_and_its_links_lead_somewhere(path):
    links = []
    for soup in written(path):
        assert not empty(soup), "an empty box"
        words = "".join(text for text in soup.find_all(string=True) if not text.find_parent("code"))
        assert not re.search(RULE, re.sub(r"\$(\$?).*?\$\1", "", words, flags=re.S)), "a style sheet in sight"
        links += [tag.get("href") for tag in soup.find_all("a")] + [tag.get("src") for tag in soup.find_all("img")]
        assert all(tag.get("alt") for tag in soup.find_all("img"))
    for link in links:
        assert link, "an address that GitHub drops"
        if urlsplit(link).scheme:
            continue
        assert not link.startswith("/"), link
        address, place = urldefrag(link)
        target = (path.parent / unquote(address)).resolve() if address else path
        assert target.exists(), link
        assert target.is_relative_to(ROOT), link
        assert not place or unquote(place) in names(target), link


@pytest.mark.parametrize("path", [*NOTEBOOKS, *PROJECTS], ids=label)
def test_outputs_are_words_and_images_without_style_script_or_kernel(path):
    for soup in shown(path):
        assert soup.find("img") or soup.get_text(strip=True), "an output of which GitHub shows nothing"
        assert not empty(soup), "an empty box"
        assert not soup.find("img", src=None)
        words = soup.get_text()
        assert soup.find("pre") or not re.search(RULE, words), "a style sheet in sight"
        assert not re.search(OBJECT, words), f"the name of an object, not what it shows: {words}"
        assert not re.search(rf"(?m)^\s*{IN_WORDS}", words), "the text of a figure that is in sight anyway"


@pytest.mark.parametrize("path", [*NOTEBOOKS, *PROJECTS], ids=label)
def test_no_figure_is_put_in_words_twice_even_where_images_inside_the_page_are_dropped(path):
    """An image that has lost its source is shown by its alt text: once, above the figure, as a caption would be."""
    texts = [image["alt"] for soup in shown(path, data=False) for image in soup.find_all("img", src=None)]
    images = sum("image/png" in out.get("data", {}) for cell in cells(path) for out in cell.get("outputs", []))
    assert len(texts) == images
    assert len(set(texts)) == len(texts)


BAD_OUTPUTS = {
    "shows nothing": {"application/vnd.jupyter.widget-view+json": {"model_id": "1"}},
    "name of an object": {"text/plain": "interactive(children=(IntSlider(value=3), Output()), _dom_classes=('a',))"},
    "name of an object ": {"text/plain": "<matplotlib.image.AxesImage at 0x7f>"},
    "empty box": {"text/html": '<p>words</p><div class="bar" style="width: 50%"></div>'},
    "in sight anyway": {"text/html": "<p>Figure: image “a scene”.</p>"},
    "style sheet": {"text/html": "<p>.bar {width: 50%}</p>"},
}
BAD_PROSE = {
    "style sheet": "<style>p {color: red}</style>\n\nwords",
    "empty box": 'words\n\n<div class="bar"></div>',
    "drops": "<a href='javascript:go()'>go</a>",
    "nowhere.md": "[a page](nowhere.md)",
    "#nowhere": "# Here\n\n[a place](#nowhere)",
}


@pytest.mark.parametrize("fault", BAD_OUTPUTS)
def test_an_output_that_github_would_spoil_is_found(tmp_path, fault):
    path = tmp_path / "bad.ipynb"
    output = {"output_type": "display_data", "data": BAD_OUTPUTS[fault]}
    path.write_text(json.dumps({"cells": [{"cell_type": "code", "source": "", "outputs": [output]}]}))
    with pytest.raises(AssertionError, match=fault.strip()):
        test_outputs_are_words_and_images_without_style_script_or_kernel(path)


@pytest.mark.parametrize("fault", BAD_PROSE)
def test_prose_that_github_would_spoil_is_found(tmp_path, fault):
    path = tmp_path / "bad.md"
    path.write_text(BAD_PROSE[fault])
    with pytest.raises(AssertionError, match=fault):
        test_prose_needs_no_style_and_its_links_lead_somewhere(path)
