"""Figures in words: what a reader hears of each kind of panel, and where IPython puts it."""

import io
import re
import subprocess
import sys

import matplotlib.pyplot as plt
import numpy as np
import pytest
from firefox import firefox, needs_firefox
from lab import needs_chromium
from PIL import Image

from segutils import plots
from segutils.plumbing import alt_text


def test_an_image_with_few_numbers_tells_them_and_one_with_many_their_count():
    figure, (left, right) = plt.subplots(1, 2)
    plots.show_numbers(left, np.array([[1, 2, 3], [4, 5, 6]]), title="kernel k")
    plots.show_numbers(right, np.zeros((5, 6)), title="image x,\na window framed")
    assert alt_text.describe(figure) == (
        "Figure: image “kernel k” (written in it: 1, 2, 3, 4, 5, 6); "
        "image “image x, a window framed” (30 numbers or names written in it)."
    )


def test_lines_tell_axes_and_legend():
    ax = plots.lines(plt.subplots()[1], [0, 1], {"tanh": [0, 1], "ReLU": [1, 0]}, xlabel="input $x$", ylabel="output")
    ax.figure.suptitle("Activations")
    expected = "Figure: Activations. lines (x: input x; y: output; legend: tanh, ReLU)."
    assert alt_text.describe(ax.figure) == expected


@pytest.mark.parametrize("draw", [plt.Axes.bar, plt.Axes.barh])
def test_bars_tell_what_each_stands_for_not_their_scale(draw):
    figure, ax = plt.subplots()
    draw(ax, ["road", "sky"], [10, 20])
    assert alt_text.describe(figure) == "Figure: bars (of road, sky)."


def test_error_bars_are_lines():
    figure, ax = plt.subplots()
    ax.errorbar([1, 2], [1, 2], yerr=0.1)
    assert alt_text.describe(figure) == "Figure: lines."


def test_panels_that_say_the_same_are_told_once_and_colour_scales_and_hidden_panels_not_at_all():
    axes = plots.grid(1, 4)[0]
    plots.show_map(axes[0], np.eye(2), title="edges")
    for ax in axes[1:3]:
        plots.show_image(ax, np.zeros((2, 3)))
    axes[3].set_visible(False)
    assert alt_text.describe(axes[0].figure) == "Figure: image “edges”; 2 × image."


def test_a_figure_with_a_label_is_described_by_it_and_an_empty_one_says_so():
    figure = plt.figure()
    assert alt_text.describe(figure) == "Figure: empty."
    figure.set_label("a cat,\nand its outline")
    assert alt_text.describe(figure) == "Figure: a cat, and its outline"


def test_what_is_heard_is_text_not_markup():
    assert "&lt;b&gt;" in alt_text.hidden_image("a <b> c")["text/html"]


# In browsers, where no style sheet of JupyterLab is

HEARD = alt_text.hidden_image("two bars")["text/html"]
BARE = {
    "as it is": HEARD,
    "without style and class": re.sub(' (style|class)="[^"]*"', "", HEARD),
    "without its size": re.sub(' (style|class|width|height)="[^"]*"', "", HEARD),
}


@needs_firefox
def test_in_firefox_a_figure_s_text_is_heard_and_not_seen(tmp_path):
    with firefox(tmp_path) as page:
        for how, html in BARE.items():
            page.show(html)
            assert (page.pixels() == 255).all(), how
            assert page.count_named("two bars") == 1, how
        page.show('<img class="jp-sr-only" width="1" height="1" alt="two bars">')
        assert (page.pixels() < 255).any(), "this test would see a text"


@needs_chromium
@pytest.mark.parametrize("how", BARE)
def test_in_chromium_a_figure_s_text_is_heard_and_not_seen(page, how):
    page.set_content(BARE[how])
    assert (np.asarray(Image.open(io.BytesIO(page.screenshot()))) == 255).all()
    assert page.locator("body").aria_snapshot() == '- img "two bars"'


def test_ipython_shows_figures_with_their_text_once_plots_is_imported():
    code = """
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
shell = InteractiveShell.instance()
import matplotlib; matplotlib.use("module://matplotlib_inline.backend_inline")
import matplotlib.pyplot as plt
from segutils import plots
plt.figure(); plt.title("two bars"); plt.bar([1, 2], [3, 4])
with capture_output() as shown:
    plt.show()
heard, seen = shown.outputs
print(sorted(heard.data), "two bars" in heard.data["text/html"])
print(sorted(seen.data), seen.data["text/plain"] == seen.metadata["image/png"]["alt"], seen.data["text/plain"][:24])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.splitlines() == [
        "['text/html'] True",
        "['image/png', 'text/plain'] True Figure: bars “two bars” ",
    ], done.stderr


def test_outside_ipython_nothing_is_registered():
    code = "import sys; from segutils import plots; print('IPython' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout == "False\n", done.stderr
