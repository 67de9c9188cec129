"""Notebooks in a real JupyterLab, in a real browser: they open, run, answer to keyboard and mouse, and call nobody.

Needs Debian's Chromium (`apt-get install chromium`) and is skipped where there is none. The pictures taken on the way
stay in pytest's temporary folder (`--basetemp=FOLDER` says where).
"""

import json
import os
import shutil
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
CHROMIUM = shutil.which("chromium")
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
EXPLORERS = [path for path in NOTEBOOKS if "widgets.explore(" in path.read_text(encoding="utf-8")]
OVERRIDES = {
    "@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False},
    "@jupyterlab/notebook-extension:tracker": {"windowingMode": "none"},  # every cell is in the page, seen or not
}
IDLE = """() => document.querySelector(".jp-Notebook-ExecutionIndicator[data-status='idle']")
    && [...document.querySelectorAll(".jp-InputPrompt")].every(prompt => !prompt.textContent.includes("*"))"""
LOCAL = ("http://127.0.0.1:", "ws://127.0.0.1:", "data:", "blob:")
RED = "[data-mime-type='application/vnd.jupyter.stderr'], [data-mime-type='application/vnd.jupyter.error']"

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine (apt-get install chromium)")


@contextmanager
def jupyterlab(home, work):
    """The address of a JupyterLab that serves the folder `work`, from a home of its own. Its token is "course"."""
    (home / "config" / "labconfig").mkdir(parents=True)
    (home / "config" / "labconfig" / "default_setting_overrides.json").write_text(json.dumps(OVERRIDES))
    folders = {f"JUPYTER_{name.upper()}_DIR": str(home / name) for name in ("config", "data", "runtime")}
    command = [sys.executable, "-m", "jupyter", "lab", "--no-browser", "--ip=127.0.0.1", "--port=0"]
    command += ["--IdentityProvider.token=course", f"--ServerApp.root_dir={work}"]
    command += ["--allow-root"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    environment = {**os.environ, **folders, "HOME": str(home), "PYTHONPATH": str(ROOT)}
    with (home / "log").open("w") as log:
        server = subprocess.Popen(command, cwd=work, env=environment, stdout=log, stderr=log)
    try:
        for _ in range(300):
            if found := list((home / "runtime").glob("jpserver-*.json")):
                time.sleep(0.5)
                yield json.loads(found[0].read_text())["url"]
                break
            assert server.poll() is None, (home / "log").read_text()
            time.sleep(0.2)
        else:
            pytest.fail(f"JupyterLab did not start in a minute:\n{(home / 'log').read_text()}")
    finally:
        server.terminate()
        server.wait(30)


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """The address of a JupyterLab that serves a copy of the notebooks."""
    work = tmp_path_factory.mktemp("course")
    for folder in ("notebooks", "segutils", "data"):
        shutil.copytree(ROOT / folder, work / folder, ignore=shutil.ignore_patterns("__pycache__", "runs", "*.npz"))
    with jupyterlab(tmp_path_factory.mktemp("home"), work) as address:
        yield address


@pytest.fixture(scope="module")
def browser():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        )
        yield browser
        browser.close()


@pytest.fixture
def page(browser):
    """A page that must end without an error of its scripts and without a request to any other machine."""
    page = browser.new_page(viewport={"width": 1280, "height": 1000})
    errors, outside = [], []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("request", lambda request: None if request.url.startswith(LOCAL) else outside.append(request.url))
    yield page
    page.close()
    assert not errors
    assert not outside


def open_notebook(page, lab, path):
    page.goto(f"{lab}lab/tree/notebooks/{path.name}?reset&token=course")
    page.wait_for_selector(".jp-Notebook .jp-Cell", timeout=60_000)
    page.wait_for_function(IDLE, timeout=60_000)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_opens_with_its_stored_pictures(lab, page, path, tmp_path):
    open_notebook(page, lab, path)
    pictures = sum(
        "image/png" in output.get("data", {})
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]
        for output in cell.get("outputs", [])
    )
    page.wait_for_function(f"() => document.querySelectorAll('.jp-OutputArea img').length === {pictures}")
    assert page.locator(RED).count() == 0
    assert page.get_by_text("model not found").count() == 0
    page.screenshot(path=tmp_path / "opened.png")


@pytest.mark.parametrize("path", EXPLORERS, ids=lambda path: path.stem)
def test_notebook_runs_and_its_explorers_answer(lab, page, path, tmp_path):
    open_notebook(page, lab, path)
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_text("Run All Cells", exact=True).click()
    page.wait_for_function("() => document.querySelectorAll('.widget-image').length > 0", timeout=240_000)
    page.wait_for_function(IDLE, timeout=240_000)
    assert page.locator(RED).count() == 0
    explorers = page.locator(".widget-vbox:has(> .widget-image)").all()
    assert len(explorers) == path.read_text(encoding="utf-8").count("widgets.explore(")
    for i, explorer in enumerate(explorers):
        explorer.scroll_into_view_if_needed()
        picture = explorer.locator(".widget-image")
        explorer.screenshot(path=tmp_path / f"explorer{i}.png")
        for j, slider in enumerate(explorer.locator(".widget-slider, .widget-hslider").all()):
            handle = slider.locator(".noUi-handle")
            with changed(picture, f"slider {j} of explorer {i} by key"):
                press_towards_room(handle)
            with changed(picture, f"slider {j} of explorer {i} by mouse"):
                drag_towards_room(page, slider, handle)
            explorer.screenshot(path=tmp_path / f"explorer{i}_slider{j}.png")
        for j, menu in enumerate(explorer.locator("select").all()):
            with changed(picture, f"menu {j} of explorer {i}"):
                options = menu.locator("option").count()
                chosen = menu.evaluate("menu => menu.selectedIndex")
                menu.select_option(index=(chosen + 1) % options)
            explorer.screenshot(path=tmp_path / f"explorer{i}_menu{j}.png")
    assert page.locator(RED).count() == 0


class changed:
    """A context in which a picture must come to look different, within five seconds."""

    def __init__(self, picture, what):
        self.picture, self.what = picture, what

    def __enter__(self):
        self.before = self.picture.screenshot()

    def __exit__(self, kind, *_):
        if kind is None:
            until = time.monotonic() + 5
            while self.picture.screenshot() == self.before:
                assert time.monotonic() < until, f"{self.what}: the figure did not change"


def share(handle):
    """Where a slider's handle stands, from 0 to 1."""
    low, high, now = (float(handle.get_attribute(f"aria-value{name}")) for name in ("min", "max", "now"))
    return (now - low) / (high - low)


def press_towards_room(handle):
    handle.focus()
    handle.press("ArrowLeft" if share(handle) > 0.5 else "ArrowRight")


def drag_towards_room(page, slider, handle):
    track, knob = slider.locator(".noUi-base").bounding_box(), handle.bounding_box()
    y = knob["y"] + knob["height"] / 2
    page.mouse.move(knob["x"] + knob["width"] / 2, y)
    page.mouse.down()
    page.mouse.move(track["x"] + track["width"] * (0.25 if share(handle) > 0.5 else 0.75), y, steps=5)
    page.mouse.up()
