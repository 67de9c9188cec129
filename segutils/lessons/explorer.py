"""Explorers: a figure under sliders that is redrawn while a kernel runs, and is a still image where none does.

An explorer shows a function `draw(**values)` that returns a figure. It makes its artists once and afterwards only moves
them, which keeps each redrawing far below 100 ms (`make bench`). It changes nothing else, so it can be tested without a
browser. The module of a lesson makes its `draw`; `explore` shows it.

The widget and the still image are outputs of their own: a saved notebook, opened with a new kernel, has lost the widget
and keeps the image. Two style sheets see to it that only one of them is in sight: the widget's own hides the still
image and goes with the widget; the still image's hides the error that JupyterLab puts where the widget was.
"""

import base64
import inspect
import io

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from PIL import Image

from segutils.plumbing import alt_text

DPI = 100
COLUMN = 360  # pixels that a control needs; where there is room for two of them, controls stand in two columns
SHRINK = 0.6  # panels beside each other get no smaller than this; then they are stacked
OUTPUT = ":is(.jp-OutputArea-child, .output_area, .display_data)"  # JupyterLab and Notebook 7, older ones, Colab
HIDE_STILL = (
    f"<style>{OUTPUT}:has(.explorer-live) + {OUTPUT}:has(.explorer-still),\n"
    f"{OUTPUT}:has(.explorer-live) + {OUTPUT}:has(.explorer-still) + {OUTPUT} {{display: none}}</style>"
)
HIDE_ERROR = (
    f"<style>{OUTPUT}:has(.jupyter-widgets):not(:has(.explorer-live)):has(+ {OUTPUT} .explorer-still)\n"
    "{display: none}</style>"
)
# ipywidgets names menus and buttons, but not the handle of a slider nor the number beside it, which takes typing; it
# cannot leave out an image whose words stand below, and gives labels the tooltip "null". (Version 7 has a slider whose
# handle has no role.) A style sheet "loads" where a script would not run.
NAME = """<style onload="
const box = this.closest('.explorer-live');
const name = () => {
  box.querySelectorAll('img.widget-image').forEach((image) => (image.alt = ''));
  box.querySelectorAll('.widget-label[title=null]').forEach((label) => label.removeAttribute('title'));
  box.querySelectorAll('.noUi-handle, .ui-slider-handle, .widget-readout').forEach((part) => {
    const slider = part.closest('.widget-slider, .widget-hslider');
    const label = slider && slider.querySelector('.widget-label');
    if (!label) return;
    const readout = slider.querySelector('.widget-readout');
    part.setAttribute('aria-label', label.textContent);
    if (part === readout) part.setAttribute('role', 'textbox');
    else if (part.matches('.ui-slider-handle')) {
      part.setAttribute('role', 'slider');
      part.setAttribute('aria-valuenow', parseFloat(readout.textContent));
    }
  });
};
name();
new MutationObserver(name).observe(box, {childList: true, subtree: true});
">.explorer-live {}</style>"""
STILL = "<p>A still image of the explorer follows. Run the cell to move its sliders.</p>"


def explore(draw, **controls):
    """Show draw's figure under one slider or menu for each control, redrawn as they move.

    Args:
        draw: function with a parameter for each control, its default the starting value; returns a matplotlib figure,
            preferably the same one each time.
        controls: for each name (low, high) or (low, high, step) for a slider, a list for a menu, or a widget.
    Raises: ValueError for a control that draw does not take.
    """
    box, figure = _panel(draw, controls)
    values = ", ".join(f"{control.description} = {control.value}" for control in box.children[0].children)
    caption = f"Explorer: {values}. Run the cell to move the sliders."
    present(box, png(_pixels(figure)), caption, f"{caption} {alt_text.describe(figure)}")


def present(box, image, caption, text):
    """Show a live widget, and in its place, where there is no kernel, a still image.

    Args: box: widget of the class explorer-live that holds HIDE_STILL; image: PNG bytes; caption: what a plain terminal
        shows; text: what is heard.
    """
    from IPython.display import display

    view = {"version_major": 2, "version_minor": 0, "model_id": box.model_id}
    heard = alt_text.hidden_image(text)["text/html"]
    encoded = base64.b64encode(image).decode()
    display({"application/vnd.jupyter.widget-view+json": view}, raw=True)
    display({"text/html": f'<div class="explorer-still">{HIDE_ERROR}\n{heard}\n{STILL}\n</div>'}, raw=True)
    display({"image/png": encoded, "text/plain": caption}, metadata={"image/png": {"alt": text}}, raw=True)


def panel(draw, **controls):
    """The widget that `explore` shows: a VBox of controls (a GridBox), panels (a Box of Images) and words."""
    return _panel(draw, controls)[0]


def _panel(draw, controls):
    """The widget, and the figure it starts with."""
    import ipywidgets

    defaults = {name: parameter.default for name, parameter in inspect.signature(draw).parameters.items()}
    if unknown := sorted(set(controls) - set(defaults)):
        raise ValueError(f"draw takes {', '.join(defaults)}; got a control for {', '.join(unknown)}")
    widgets = {name: _control(name, control, defaults[name]) for name, control in controls.items()}
    figure = draw(**{name: widget.value for name, widget in widgets.items()})
    figure.set_dpi(DPI)
    figure.canvas.draw()
    figure.set_layout_engine("none")  # laid out once; what moves afterwards moves inside its axes
    plt.close(figure)
    cuts = _cuts(figure)
    images = [_image(right - left) for left, right in zip(cuts, cuts[1:], strict=False)]
    words = ipywidgets.HTML(layout={"height": "0", "margin": "0", "overflow": "hidden"})

    def show(drawn):
        pixels = _pixels(drawn)
        for image, left, right in zip(images, cuts, cuts[1:], strict=False):
            image.value = png(pixels[:, left:right])
        words.value = alt_text.hidden_image(alt_text.describe(drawn))["text/html"]

    def redraw(_):
        show(draw(**{name: widget.value for name, widget in widgets.items()}))

    show(figure)
    for widget in widgets.values():
        widget.observe(redraw, names="value")
    grid = ipywidgets.GridBox(list(widgets.values()))
    grid.layout.grid_template_columns = f"repeat(auto-fill, minmax(min(100%, {COLUMN}px), 1fr))"
    grid.layout.width, grid.layout.max_width = "100%", f"{3 * COLUMN - 1}px"
    row = ipywidgets.Box(images, layout={"flex_flow": "row wrap", "align_items": "flex-start", "width": "100%"})
    style = ipywidgets.HTML(HIDE_STILL + NAME, layout={"display": "none"})
    box = ipywidgets.VBox([grid, row, words, style], layout={"width": "100%"})
    box.add_class("explorer-live")
    row.add_class("explorer-panels")
    return box, figure


def _control(name, control, value):
    """The slider or menu of a control."""
    import ipywidgets

    widget = ipywidgets.interactive.widget_from_abbrev(control, value)
    widget.description = name.replace("_", " ")
    widget.style.description_width = "120px"
    widget.layout.width = "auto"
    return widget


def _image(width):
    """An empty image that is `width` pixels wide, or less where there is less room; neighbours shrink alike."""
    import ipywidgets

    layout = {"flex": f"{width} 1 {SHRINK * width:.0f}px", "max_width": f"{width}px", "min_width": "0", "margin": "0"}
    return ipywidgets.Image(format="png", layout=layout)


def _cuts(figure):
    """Columns of pixels at which the figure can be cut without hurting a panel: 0, …, the figure's width."""
    boxes = [(ax.get_tightbbox(), ax.get_label() == "<colorbar>") for ax in figure.axes if ax.get_visible()]
    cuts, reached = [0], None
    for left, right, is_scale in sorted((box.x0, box.x1, is_scale) for box, is_scale in boxes if box is not None):
        if reached is not None and left > reached and not is_scale:  # a colour scale stays with its panel
            cuts.append(round((reached + left) / 2))
        reached = right if reached is None else max(reached, right)
    return [*cuts, _pixels(figure).shape[1]]


def _pixels(figure):
    """The figure as (H, W, 4) bytes, drawn once (`savefig` draws it twice, first to measure it)."""
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    return np.asarray(canvas.buffer_rgba())


def png(pixels):
    """Pixels as PNG bytes."""
    buffer = io.BytesIO()
    Image.fromarray(pixels).convert("RGB").save(buffer, "png", compress_level=1)
    return buffer.getvalue()
