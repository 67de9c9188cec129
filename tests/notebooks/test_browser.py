"""Notebooks in a real JupyterLab, in a real browser: they open, run, answer to keyboard and mouse, and call nobody.

Needs Debian's Chromium (`apt-get install chromium`) and is skipped where there is none. The images taken on the way
stay in pytest's temporary folder (`--basetemp=FOLDER` says where).
"""

import io
import itertools
import json
import re
import shutil
import time
from pathlib import Path

import numpy as np
import pytest
from explorers import needed
from lab import IDLE, jupyterlab, needs_chromium
from PIL import Image
from support import NOTEBOOKS, ROOT, SMALL

EXPLORERS = [path for path in NOTEBOOKS if '"explore(' in path.read_text(encoding="utf-8")]
WHOLE = "02_convolution"  # runs with all its cells; of the others nbval runs all, and JupyterLab what explorers need
LIVE = ".jp-OutputArea .explorer-live:not(.click-tool)"  # the labelling tool has a test of its own
RED = "[data-mime-type='application/vnd.jupyter.stderr'], [data-mime-type='application/vnd.jupyter.error']"

pytestmark = needs_chromium


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """The address of a JupyterLab that serves a copy of the notebooks."""
    with jupyterlab(tmp_path_factory.mktemp("home"), copy_course(tmp_path_factory.mktemp("course"))) as address:
        yield address


def copy_course(work):
    """A copy of what JupyterLab needs of the course; returns its folder."""
    leave = shutil.ignore_patterns("__pycache__", ".ipynb_checkpoints", "runs", "*.npz")
    for folder in ("notebooks", "segutils", "data", "tools"):
        shutil.copytree(ROOT / folder, work / folder, ignore=leave)
    for path in work.glob("notebooks/*.ipynb"):
        if path.stem != WHOLE:
            leave_out_what_no_explorer_needs(path)
    for name, given in SMALL.items():
        path = work / "notebooks" / f"{name}.ipynb"
        text = path.read_text(encoding="utf-8")
        for parameter, small in given.items():
            text, count = re.subn(rf'"({parameter}: \w+ = )[\d.]+', rf'"\g<1>{small}', text)
            assert count == 1, f"{name} has no parameter {parameter}"
        path.write_text(text, encoding="utf-8")
    return work


def leave_out_what_no_explorer_needs(path):
    """Code cells that no explorer needs say "pass" instead; their outputs stay. nbval runs them all."""
    notebook = json.loads(path.read_text(encoding="utf-8"))
    code = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    kept = needed(["".join(cell["source"]) for cell in code])
    for i, cell in enumerate(code):
        if i not in kept:
            cell["source"] = ["pass"]
    path.write_text(json.dumps(notebook, indent=1, ensure_ascii=False), encoding="utf-8")


def open_notebook(page, lab, path):
    page.goto(f"{lab}lab/tree/notebooks/{path.name}?reset&token=course")
    page.wait_for_selector(".jp-Notebook .jp-Cell", timeout=60_000)
    page.wait_for_function(IDLE, timeout=60_000)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_opens_with_its_stored_images_runs_and_its_explorers_answer(lab, page, path, tmp_path):
    open_notebook(page, lab, path)
    images = sum(
        "image/png" in output.get("data", {})
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]
        for output in cell.get("outputs", [])
    )
    seen = "document.querySelectorAll('.jp-OutputArea img:not(.jp-sr-only)')"
    page.wait_for_function(f"() => {seen}.length === {images}")
    assert page.locator(RED).all_text_contents() == []
    assert page.get_by_text("model not found").count() == 0
    page.screenshot(path=tmp_path / "opened.png")
    if path in EXPLORERS:
        run_all(page)
        explorers = page.locator(LIVE).all()
        assert len(explorers) == path.read_text(encoding="utf-8").count('"explore(')
        for i, explorer in enumerate(explorers):
            move_controls(page, explorer, tmp_path / f"explorer{i}")
        assert page.locator(RED).all_text_contents() == []


def run_all(page):
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_text("Run All Cells", exact=True).click()
    page.wait_for_function("() => document.querySelectorAll('.widget-image').length > 0", timeout=240_000)
    page.wait_for_function(IDLE, timeout=240_000)
    assert page.locator(RED).all_text_contents() == []


def move_controls(page, explorer, shots):
    """Move each control of an explorer, by key and by mouse, and require that its figure changes; photograph all."""
    explorer.scroll_into_view_if_needed()
    image = explorer.locator(".explorer-panels")
    explorer.screenshot(path=f"{shots}.png")
    for j, slider in enumerate(explorer.locator(".widget-slider, .widget-hslider").all()):
        handle = slider.locator(".noUi-handle")
        with changed(image, f"slider {j} of {shots.name} by key"):
            press_towards_room(handle)
        with changed(image, f"slider {j} of {shots.name} by mouse"):
            drag_towards_room(page, slider, handle)
        explorer.screenshot(path=f"{shots}_slider{j}.png")
    for j, menu in enumerate(explorer.locator("select").all()):
        with changed(image, f"menu {j} of {shots.name}"):
            options = menu.locator("option").count()
            chosen = menu.evaluate("menu => menu.selectedIndex")
            menu.select_option(index=(chosen + 1) % options)
        explorer.screenshot(path=f"{shots}_menu{j}.png")


# The first screen of `make lab`


def test_make_lab_opens_the_start_page_and_nothing_else(page, tmp_path):
    """No news, no panel for teachers, no file that a learner would not open; the figure is in sight at once."""
    work = copy_course(tmp_path / "course")
    recipe = re.search(r"^lab: .*\n\t(.*)$", (ROOT / "Makefile").read_text(), re.M)[1].replace("$(CURDIR)", str(work))
    config, jupyter, *arguments = recipe.split()
    assert (jupyter, arguments[0]) == ("$(BIN)/jupyter", "lab")
    variables = dict([config.split("=")])
    with jupyterlab(tmp_path / "home", work, *arguments[1:], config={}, **variables):
        redirect = next((tmp_path / "home/runtime").glob("jpserver-file-to-run-*-open.html")).read_text()
        page.goto(re.search(r'href="(.*?)"', redirect)[1])
        shown = "() => document.querySelector('.jp-OutputArea img:not(.jp-sr-only)')?.naturalWidth > 0"
        page.wait_for_function(shown, timeout=60_000)
        page.wait_for_selector(".jp-DirListing-item")
        page.wait_for_function(IDLE, timeout=60_000)
        page.screenshot(path=tmp_path / "start.png")
        tabs = page.locator("#jp-main-dock-panel .lm-TabBar-tabLabel").all_text_contents()
        assert tabs == ["00_start.ipynb"]
        files = page.locator(".jp-DirListing-itemText").all_text_contents()
        assert sorted(text.strip() for text in files) == [*(path.name for path in NOTEBOOKS), "projects"]
        assert page.get_by_text("Jupyter news").count() == 0
        assert page.get_by_text(re.compile("nbgrader|formgrader|create assignment", re.I)).count() == 0
        figure = page.locator(".jp-OutputArea img:not(.jp-sr-only)").first.bounding_box()
        assert figure["y"] + figure["height"] < page.viewport_size["height"]
        assert page.get_by_role("link", name="2 · Convolution").count() == 1


# The labelling tool of notebook 14

CLICKING = """import numpy as np
from segutils.lessons.labelling import Labelling, tool

def near(image, clicks):
    rows, columns = np.indices(image.shape)
    mask = np.zeros(image.shape, bool)
    for row, column, sign in clicks:
        mask[(rows - row) ** 2 + (columns - column) ** 2 <= 25] = sign > 0
    return mask

images = np.random.default_rng(0).integers(60, 120, (2, 64, 64, 1)).astype(np.uint8)
tool(Labelling(images, near, folder="labelled"))"""


def test_a_click_into_the_image_reaches_the_kernel_and_so_do_keys(lab, page, tmp_path):
    cell = {"cell_type": "code", "source": CLICKING, "metadata": {}, "outputs": [], "execution_count": None}
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    notebook = {"cells": [cell], "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 4}
    body = {"type": "notebook", "format": "json", "content": notebook}
    address = f"{lab}api/contents/notebooks/clicking.ipynb"
    assert page.request.put(address, headers={"Authorization": "token course"}, data=body).ok
    open_notebook(page, lab, Path("clicking.ipynb"))
    page.locator(".jp-Notebook .jp-Cell").first.evaluate("cell => cell.focus()")
    page.keyboard.press("Shift+Enter")
    shown = page.locator(".click-tool .explorer-panels img")
    shown.wait_for(timeout=60_000)
    page.wait_for_function(IDLE, timeout=60_000)
    panel = page.locator(".click-tool .explorer-panels")  # it stays, while the image in it is replaced
    words = page.locator(".click-tool [role=status]")
    size = shown.bounding_box()
    with changed(panel, "a click into the image"):
        shown.click(position={"x": size["width"] * 20.5 / 64, "y": size["height"] * 40.5 / 64})
    page.wait_for_function(
        "() => document.querySelector('.click-tool [role=status]').textContent.includes('object: 1')"
    )
    assert "81 pixels" in words.text_content()
    assert violations(page, ".click-tool") == []
    page.screenshot(path=tmp_path / "clicked.png")
    handle = page.locator(".click-tool .noUi-handle").first
    with changed(panel, "a slider by key"):
        press_towards_room(handle)
    button = page.get_by_role("button", name="Click here")
    with changed(panel, "the button by key"):
        button.focus()
        button.press("Space")
    page.screenshot(path=tmp_path / "by_keys.png")
    with changed(panel, "Accept"):
        page.get_by_role("button", name="Accept").click()
    page.wait_for_function(
        "() => document.querySelector('.click-tool [role=status]').textContent.includes('accepted: 1')"
    )
    page.screenshot(path=tmp_path / "accepted.png")
    saved = page.request.get(f"{lab}api/contents/notebooks/labelled/masks", headers={"Authorization": "token course"})
    assert [file["name"] for file in saved.json()["content"]] == ["0000.png"]
    assert page.locator(RED).all_text_contents() == []


# What a reader needs who sees little, or uses no mouse, or has a small window

TINY = {
    "markdown": "# A tiny notebook\n\n[a link](https://example.org)\n\n## One figure, one explorer",
    "code": "import matplotlib.pyplot as plt\nfrom segutils import plots\n"
    "plots.lines(plt.subplots(figsize=(9, 2))[1], [0, 1], {'up': [0, 1], 'down': [1, 0]}, title='Two lines')\n"
    "plt.show()",
    "code ": "from segutils.lessons.explorer import explore\nfrom segutils.lessons.losses import blob_losses\n"
    "explore(blob_losses(), shift=(-20, 20, 1), confidence=(0.1, 1.0, 0.05), softness=[1.5, 3.0])",
}


@pytest.fixture
def tiny(lab, page):
    """The path of a notebook with one figure and one explorer, and no TensorFlow, which JupyterLab is given."""
    cells = [{"cell_type": kind.strip(), "source": text, "metadata": {}} for kind, text in TINY.items()]
    for cell in cells[1:]:
        cell |= {"outputs": [], "execution_count": None}
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    notebook = {"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 4}
    body = {"type": "notebook", "format": "json", "content": notebook}
    headers = {"Authorization": "token course"}
    answer = page.request.put(f"{lab}api/contents/notebooks/tiny.ipynb", headers=headers, data=body)
    assert answer.ok, answer.text()
    return Path("tiny.ipynb")


LOADED = "count => document.querySelectorAll('.jp-Notebook .jp-Cell').length === count"


def run_by_keys(lab, page, path):
    """Open a notebook and press Shift+Enter in each cell; back at its first cell. Returns its explorer."""
    open_notebook(page, lab, path)
    cells = page.locator(".jp-Notebook .jp-Cell")
    page.wait_for_function(LOADED, arg=len(TINY), timeout=60_000)
    cells.first.evaluate("cell => cell.focus()")
    for _ in range(len(TINY)):
        page.keyboard.press("Shift+Enter")
    page.wait_for_function("() => document.querySelectorAll('.widget-image').length > 0", timeout=60_000)
    page.wait_for_function(IDLE, timeout=60_000)
    page.keyboard.press("Escape")
    for _ in range(cells.count()):
        page.keyboard.press("ArrowUp")
    assert "jp-mod-active" in cells.first.get_attribute("class")
    assert page.locator(RED).all_text_contents() == []
    return page.locator(LIVE)


def words(page):
    """What is there for screen readers and seen by nobody."""
    heard = page.locator(".jp-OutputArea img.jp-sr-only").filter(visible=True).all()  # display: none is not heard
    assert all(max(image.bounding_box()[side] for side in ("width", "height")) <= 1 for image in heard)
    return [image.get_attribute("alt") for image in heard]


def test_the_table_of_contents_lists_the_headings(lab, page, tmp_path):
    path = next(path for path in NOTEBOOKS if path.stem == "02_convolution")
    open_notebook(page, lab, path)
    page.keyboard.press("Control+Shift+K")
    cells = [cell for cell in json.loads(path.read_text(encoding="utf-8"))["cells"] if cell["cell_type"] == "markdown"]
    lines = [line.strip() for cell in cells for line in cell["source"]]
    headings = [line.lstrip("#").strip() for line in lines if line.startswith(("# ", "## ", "### "))]
    items = page.locator(".jp-TableOfContents .jp-tocItem-content")
    page.wait_for_function(
        "count => document.querySelectorAll('.jp-TableOfContents .jp-tocItem-content').length >= count", arg=2
    )
    page.screenshot(path=tmp_path / "contents.png")
    assert [text.strip() for text in items.all_text_contents()] == headings


@pytest.mark.parametrize("path", NOTEBOOKS[2:3], ids=lambda path: path.stem)
def test_stored_figures_are_there_in_words(lab, page, path):
    open_notebook(page, lab, path)
    outputs = [
        output
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]
        for output in cell.get("outputs", [])
        if "image/png" in output.get("data", {})
    ]
    page.wait_for_function("n => document.querySelectorAll('img.jp-sr-only').length === n", arg=len(outputs))
    assert words(page) == [output["metadata"]["image/png"]["alt"] for output in outputs]


def test_without_a_mouse_a_slider_is_reached_and_its_change_is_seen_and_told(lab, page, tiny):
    explorer = run_by_keys(lab, page, tiny)
    figure, before = words(page)
    assert figure == "Figure: lines “Two lines” (legend: up, down)."
    for _ in range(20):
        page.keyboard.press("Tab")
        if "noUi-handle" in page.evaluate("document.activeElement.className"):
            break
    with changed(explorer.locator(".explorer-panels"), "the first slider, reached by Tab"):
        page.keyboard.press("ArrowRight")
    assert words(page)[0] == figure
    assert words(page)[1] != before


def test_each_control_has_a_name_that_is_heard(lab, page, tiny):
    """noUiSlider's handles have the role of a slider and no name, unless the explorer gives them one."""
    explorer = run_by_keys(lab, page, tiny)
    for role, names in {"slider": ("shift", "confidence"), "combobox": ("softness",)}.items():
        assert explorer.get_by_role(role).count() == len(names)
        for name in names:
            assert explorer.get_by_role(role, name=name, exact=True).count() == 1
    for name in ("shift", "confidence"):  # the number beside a slider takes typing
        assert explorer.get_by_role("textbox", name=name, exact=True).count() == 1
    assert violations(page, ".explorer-live") == []


def violations(page, context):
    """What axe-core finds against WCAG 2.1, levels A and AA, in a part of the page."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    found = axe.run(page, context, {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]})
    return [(each["id"], node["html"][:200]) for each in found.response["violations"] for node in each["nodes"]]


def test_a_saved_explorer_keeps_its_image_when_the_kernel_is_gone(lab, page, tiny, tmp_path):
    run_by_keys(lab, page, tiny)
    assert pictures(page) == ["jp-RenderedImage", "explorer-panels"]
    assert page.get_by_text("Error displaying widget").count() == 0
    page.keyboard.press("Control+S")
    page.wait_for_function("() => !document.querySelector('.jp-mod-dirty')")
    page.get_by_role("menuitem", name="Kernel", exact=True).click()
    page.get_by_text("Shut Down Kernel", exact=True).click()
    open_notebook(page, lab, tiny)
    page.wait_for_selector(".jp-OutputArea .jupyter-widgets", state="attached")
    page.screenshot(path=tmp_path / "reopened.png")
    assert pictures(page) == ["jp-RenderedImage", "jp-RenderedImage"]
    assert not page.get_by_text("Error displaying widget").is_visible()
    assert words(page)[-1].startswith("Explorer: shift = ")


def pictures(page):
    """The images in sight, in order, each by what shows it: JupyterLab, or a living explorer with its row of panels."""
    seen = page.locator(".jp-OutputArea :is(.explorer-panels, .jp-RenderedImage)").filter(visible=True).all()
    return [re.search("explorer-panels|jp-RenderedImage", image.get_attribute("class"))[0] for image in seen]


def test_the_dark_theme_leaves_figures_and_controls_readable(lab, page, tiny, tmp_path):
    explorer = run_by_keys(lab, page, tiny)
    choose_theme(page, "JupyterLab Dark")
    explorer.scroll_into_view_if_needed()
    page.screenshot(path=tmp_path / "dark.png")
    for image in (page.locator(".jp-RenderedImage img").first, explorer.locator(".widget-image").first):
        seen = np.asarray(Image.open(io.BytesIO(image.screenshot())).convert("L"))
        assert (seen[[1, 1, -2, -2], [1, -2, 1, -2]] > 240).all(), "its own white ground"
    label = explorer.locator(".widget-label").first.evaluate("label => getComputedStyle(label).color")
    ground = page.locator(".jp-Notebook").evaluate("notebook => getComputedStyle(notebook).backgroundColor")
    assert contrast(label, ground) > 4.5
    choose_theme(page, "JupyterLab Light")


def choose_theme(page, name):
    page.get_by_role("menuitem", name="Settings", exact=True).click()
    page.get_by_text("Theme", exact=True).click()
    page.get_by_text(name, exact=True).click()
    light = str("Light" in name).lower()
    page.wait_for_function("light => document.body.dataset.jpThemeLight === light", arg=light)


def contrast(*colours):
    """Contrast of two colours given as rgb(…), 1 to 21. Source: WCAG 2.1, relative luminance."""
    luminances = []
    for colour in colours:
        rgb = np.array([int(number) for number in re.findall(r"\d+", colour)[:3]]) / 255
        linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
        luminances.append(linear @ [0.2126, 0.7152, 0.0722] + 0.05)
    return max(luminances) / min(luminances)


def test_a_window_of_400_pixels_shows_whole_figures_panels_one_above_the_other_and_working_sliders(
    lab, page, tiny, tmp_path
):
    page.set_viewport_size({"width": 400, "height": 800})
    explorer = run_by_keys(lab, page, tiny)
    page.keyboard.press("Control+B")  # closes the list of files
    page.wait_for_function("() => document.querySelector('.jp-Notebook').getBoundingClientRect().left < 60")
    explorer.scroll_into_view_if_needed()
    page.screenshot(path=tmp_path / "narrow.png")
    edge = page.locator(".jp-WindowedPanel-outer").evaluate("panel => panel.getBoundingClientRect().right")
    assert 300 < edge <= 400
    handles = explorer.locator(".noUi-handle").all()
    panels = explorer.locator(".widget-image").all()
    for seen in (page.locator(".jp-RenderedImage img").first, *panels, *handles):
        box = seen.bounding_box()
        assert box["width"] > 0
        assert box["x"] + box["width"] <= edge
    assert len(panels) == 3
    boxes = [panel.bounding_box() for panel in panels]
    assert all(above["y"] + above["height"] <= below["y"] + 1 for above, below in itertools.pairwise(boxes)), "stacked"
    for panel, box in zip(panels, boxes, strict=True):
        assert box["width"] > 0.85 * panel.evaluate("image => image.naturalWidth"), "letters keep their size"
    for slider, handle in zip(explorer.locator(".widget-slider, .widget-hslider").all(), handles, strict=True):
        with changed(explorer.locator(".explorer-panels"), "a slider in a narrow window"):
            drag_towards_room(page, slider, handle)


class changed:
    """A context in which an image must come to look different, within a minute: a busy machine is slow."""

    def __init__(self, image, what):
        self.image, self.what = image, what

    def __enter__(self):
        self.before = self.image.screenshot()

    def __exit__(self, kind, *_):
        if kind is None:
            until = time.monotonic() + 60
            while self.image.screenshot() == self.before:
                assert time.monotonic() < until, f"{self.what}: the figure did not change"


def share(handle):
    """Where a slider's handle stands, from 0 to 1."""
    low, high, now = (float(handle.get_attribute(f"aria-value{name}")) for name in ("min", "max", "now"))
    return (now - low) / (high - low)


def press_towards_room(handle):
    handle.focus()
    handle.press("ArrowLeft" if share(handle) > 0.5 else "ArrowRight")


def drag_towards_room(page, slider, handle):
    slider.scroll_into_view_if_needed()
    track, knob = slider.locator(".noUi-base").bounding_box(), handle.bounding_box()
    y = knob["y"] + knob["height"] / 2
    page.mouse.move(knob["x"] + knob["width"] / 2, y)
    page.mouse.down()
    page.mouse.move(track["x"] + track["width"] * (0.25 if share(handle) > 0.5 else 0.75), y, steps=5)
    page.mouse.up()
