"""The course as a book: it builds without a warning or a network, its links lead somewhere, and a browser shows it."""

import doctest
import functools
import importlib.util
import json
import re
import subprocess
import sys
import threading
from html.parser import HTMLParser
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote, urldefrag, urlsplit

import explorers as explorers_of_the_book
import pytest
from support import CHROMIUM, NOTEBOOKS, ROOT, SMALL

pytestmark = pytest.mark.skipif(
    any(
        importlib.util.find_spec(name) is None
        for name in ("myst_nb", "sphinx_book_theme", "latex2mathml", "sphinx_codeautolink")
    ),
    reason='the book needs the packages of pip install -e ".[book]"',
)
in_browser = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine (apt-get install chromium)")


class Page(HTMLParser):
    """A page's links, images and ids."""

    def __init__(self, path):
        super().__init__()
        self.path, self.links, self.images, self.ids = path, [], [], set()
        self.text = path.read_text(encoding="utf-8")
        self.feed(self.text)

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        self.ids |= {attributes.get("id"), attributes.get("name")}
        self.links += [attributes[name] for name in ("href", "src") if attributes.get(name)]
        self.images += [attributes] if tag == "img" else []


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The built book, its networks trained for a moment.

    A warning of Sphinx is an error: a lost link, a heading out of order, an unknown reference.
    """
    folder = tmp_path_factory.mktemp("book")
    command = [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", "-c", "book", ".", str(folder)]
    command += [f"-Dexplorer_parameters.{name}={json.dumps(given)}" for name, given in SMALL.items()]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    return folder


@pytest.fixture(scope="module")
def pages(folder):
    found = (path for path in folder.rglob("*.html") if "_static" not in path.parts)  # the theme's templates
    return {path: Page(path) for path in found}


def test_every_notebook_is_a_page_with_the_title_of_its_first_cell(folder, pages):
    for path in NOTEBOOKS:
        page = pages[folder / "notebooks" / f"{path.stem}.html"]
        assert re.search(rf"<h1>{int(path.name[:2])} · ", page.text)


def test_every_link_inside_the_book_leads_to_a_file_and_a_place_in_it(pages):
    inside = 0
    for path, page in pages.items():
        for link in page.links:
            address, place = urldefrag(link)
            if urlsplit(link).scheme:
                assert re.match(r"(https?|mailto|data):", link), link
                continue
            target = (path.parent / unquote(address).partition("?")[0]).resolve() if address else path
            assert target.exists(), f"{path.name}: {link}"
            if place and target.suffix == ".html":
                assert unquote(place) in pages[target].ids | {"top"}, f"{path.name}: {link}"
            inside += 1
    assert inside > 10 * len(NOTEBOOKS)


def test_links_between_notebooks_lead_to_pages(pages):
    assert not [link for page in pages.values() for link in page.links if "://" not in link and ".ipynb" in link]


def test_every_figure_has_its_alt_text(folder, pages):
    for path in NOTEBOOKS:
        page = pages[folder / "notebooks" / f"{path.stem}.html"]
        figures = [image for image in page.images if "_images/" in image["src"]]
        assert figures
        for image in figures:
            assert re.match(r"(Figure|Explorer): .{10}", image["alt"]), image["src"]
        assert "jp-sr-only" not in page.text, "it would be read twice"


def test_no_page_loads_anything_from_elsewhere(pages):
    for page in pages.values():
        assert not re.search(
            r"<(?:script|img|iframe)[^>]* src=\"(?:https?:)?//|<link[^>]* href=\"(?:https?:)?//", page.text
        )


@pytest.mark.parametrize(
    ("cell", "is_needed"),
    [
        ("image[0] = 9", True),
        ("image.size = 9", True),
        ("image.sort()", True),
        ("tool.invert(image)", True),
        ("for image in images: pass", True),
        ("def f():\n    image = 9", True),
        ("tool.show_image(image)", False),
        ("print(image)", False),
        ("other = tool.invert(image)", False),
        ("tool.seed(3)", False),
        ("def f(image):\n    return image", False),
    ],
)
def test_a_cell_is_needed_if_it_makes_or_changes_what_the_explorer_reads(cell, is_needed):
    cells = ["N = 1", "import tool", "image = tool.read()", "explore(unlike)", cell, "explore(tool.panel(image))", cell]
    assert explorers_of_the_book.needed(cells) == [0, 1, 2, 3, *[4] * is_needed, 5]


def test_examples_in_the_book_s_code_are_right():
    assert doctest.testmod(explorers_of_the_book) == (0, 3)


EXPLORERS = [path for path in NOTEBOOKS if "explore(" in path.read_text(encoding="utf-8")]


def explorers(page):
    """What a page knows of its explorers: their controls and images."""
    found = re.findall(r'<div class="explorer"[^>]*><script type="application/json">(.*?)</script>', page.text)
    return [json.loads(text) for text in found]


@pytest.mark.parametrize("path", EXPLORERS, ids=lambda path: path.stem)
def test_each_state_of_an_explorer_is_an_image_with_its_words_and_a_page_stays_below_3_mb(folder, pages, path):
    page = pages[folder / "notebooks" / f"{path.stem}.html"]
    weight = len(page.text) + sum((page.path.parent / image["src"]).stat().st_size for image in page.images)
    assert explorers(page)
    for explorer in explorers(page):
        assert ",".join(str(control["start"]) for control in explorer["controls"]) in explorer["images"]
        for k, control in enumerate(explorer["controls"]):  # each control reaches all its values
            assert {int(state.split(",")[k]) for state in explorer["images"]} == set(range(len(control["values"])))
        for file, words in explorer["images"].values():
            assert re.match(r"Figure: .{10}", words)
            weight += (page.path.parent / explorer["place"] / file).stat().st_size
    assert weight <= 3_000_000


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_):
        """Nothing on standard error."""


@pytest.fixture(scope="module")
def address(folder):
    """The book on a web server; search results show the words around a hit only there, not from a disk."""
    with ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=folder)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@in_browser
def test_the_front_page_leads_to_every_notebook(address, page):
    page.goto(f"{address}/index.html")
    page.wait_for_url("**/README.html")
    for path in NOTEBOOKS:
        assert page.locator(f"nav a[href='notebooks/{path.stem}.html']").count() > 0


@in_browser
def test_the_search_finds_words_of_a_notebook(address, page):
    page.goto(f"{address}/search.html?q=receptive+field")
    page.wait_for_selector("#search-results li a[href*='02_convolution.html']")


@in_browser
def test_formulas_are_drawn_by_the_browser(address, page):
    """A fraction is higher than a letter, and no LaTeX is left in sight."""
    page.goto(f"{address}/notebooks/02_convolution.html")
    height = page.locator("math mfrac").first.bounding_box()["height"]
    assert height > 1.3 * page.locator("math mi").first.bounding_box()["height"]
    assert "\\frac" not in page.locator("article").inner_text()


@in_browser
@pytest.mark.parametrize("width", [400, 1280])
def test_figures_fit_the_window(address, page, width):
    page.set_viewport_size({"width": width, "height": 900})
    for place in (*(f"notebooks/{path.stem}" for path in NOTEBOOKS), "README", "docs/api", "search", "404"):
        page.goto(f"{address}/{place}.html")
        overflow = page.evaluate("""() => [...document.querySelectorAll("article img")]
            .filter(img => img.getBoundingClientRect().right > document.documentElement.clientWidth).length""")
        assert overflow == 0, place
        assert page.evaluate("() => document.documentElement.scrollWidth") <= width, place


@in_browser
@pytest.mark.parametrize("path", EXPLORERS, ids=lambda path: path.stem)
def test_an_explorer_moves_by_keyboard_from_the_disk_and_is_heard(folder, page, path):
    """Without a server, a kernel or a network: each control changes the image and what a screen reader says of it."""
    page.goto((folder / "notebooks" / f"{path.stem}.html").as_uri())
    explorer = page.locator("div.explorer").first
    still = explorer.locator("xpath=..").locator("img").first
    controls = page.locator(f"[id^='{explorer.get_attribute('id')}-']")
    assert controls.count() == len(json.loads(explorer.locator("script").text_content())["controls"])
    seen = {still.get_attribute("src")}
    for control in controls.all():
        before = control.input_value()
        control.focus()
        for key in ("ArrowRight", "ArrowDown", "ArrowLeft", "ArrowUp"):
            page.keyboard.press(key)
            if control.input_value() != before:
                break
        assert control.input_value() != before
        seen.add(still.get_attribute("src"))
        assert explorer.locator("[aria-live]").text_content() == still.get_attribute("alt")
        assert still.evaluate("image => image.decode().then(() => image.naturalWidth)") > 300
    assert len(seen) > controls.count() / 2


@in_browser
def test_a_lost_visitor_is_led_home_from_any_folder(folder, address, page):
    """A server shows 404.html at the address that was asked for."""
    page.route("**/gone.html", lambda route: route.fulfill(path=folder / "404.html"))
    for place in ("", "notebooks/", "notebooks/projects/", "course/docs/"):
        page.goto(f"{address}/{place}gone.html")
        home = page.get_by_role("link", name="The first page").evaluate("link => link.href")
        assert home == f"{address}/{'course/' if 'course' in place else ''}README.html"


@in_browser
def test_on_paper_the_page_is_light_and_its_answers_are_open(folder, page):
    page.emulate_media(color_scheme="dark")
    page.goto((folder / "notebooks" / "02_convolution.html").as_uri())
    state = "[document.documentElement.dataset.theme, document.querySelectorAll('details.answer:not([open])').length]"
    before = page.evaluate(state)
    assert before[0] == "dark"
    assert before[1] > 0
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.evaluate(state) == ["light", 0]
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.evaluate(state) == before


@in_browser
def test_in_a_small_window_a_figure_leads_to_itself_at_full_size_and_an_explorer_to_what_it_shows(folder, page):
    page.set_viewport_size({"width": 400, "height": 800})
    page.goto((folder / "notebooks" / "02_convolution.html").as_uri())
    figures = page.locator("article a.whole > img")
    figures.first.wait_for()
    assert figures.count() > 5
    page.locator("[id^='explorer-0-']").nth(1).press("ArrowRight")
    shown = page.locator("div.explorer").first.locator("xpath=..").locator("a.whole")
    assert shown.evaluate("link => link.href === link.firstChild.src")
    assert shown.evaluate("link => link.href").endswith(".webp")


@in_browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(
    "name", ["README", "notebooks/02_convolution", "notebooks/09_segmentation_run", "docs/api", "search", "404"]
)
def test_a_page_keeps_the_rules_for_everyone(folder, page, name, scheme):
    """axe-core finds no violation of WCAG 2.1, levels A and AA: contrast, names, order, keyboard."""
    page.emulate_media(color_scheme=scheme)
    page.goto((folder / f"{name}.html").as_uri())
    page.wait_for_load_state("load")
    keeps_the_rules(page)


@in_browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_what_a_search_finds_keeps_the_rules_too(address, page, scheme):
    page.emulate_media(color_scheme=scheme)
    page.goto(f"{address}/search.html?q=overlap")
    page.wait_for_selector("#search-results p.context")
    keeps_the_rules(page)


def keeps_the_rules(page):
    page.wait_for_function("() => !document.getAnimations().some(each => each instanceof CSSTransition)")  # of colours
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    found = axe.run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]})
    assert found.violations_count == 0, found.generate_report()


def test_the_answer_to_a_question_folds_and_the_set_up_is_named(folder, pages):
    text = pages[folder / "notebooks" / "02_convolution.html"].text
    assert text.count("**Predict") == 0
    asked = len(re.findall(r"<strong>Predict", text))
    folded = len(re.findall(r'<details class="answer"><summary>Answer</summary>\s*<p>', text))
    assert 0 < folded <= asked
    assert "Show code cell source" not in text


def test_the_reference_describes_each_public_function_and_notebooks_lead_to_it(folder, pages):
    reference = pages[folder / "docs" / "api.html"]
    for name in ("segutils.losses.dice", "segutils.reference.conv2d", "segutils.models.unet", "segutils.metrics.iou"):
        assert name in reference.ids
    used = pages[folder / "notebooks" / "02_convolution.html"].links
    assert any(link.endswith("docs/api.html#segutils.reference.conv2d") for link in used)
    assert "Alias for field number" not in reference.text, "the fields of a named tuple"
    assert "<em>before</em>" in reference.text
    assert "Digits. MNIST" not in reference.text, "a whole sentence as a type"
