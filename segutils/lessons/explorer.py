"""Explorers: a figure under sliders that is redrawn while a kernel runs, and is a still image where none does.

An explorer shows a function `draw(**values)` that returns a figure. It makes its artists once and afterwards only moves
them, which keeps each redrawing far below 100 ms (`make bench`). It changes nothing else, so it can be tested without a
browser. The module of a lesson makes its `draw`; `explore` shows it.
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


def explore(draw, **controls):
    """Show draw's figure under one slider or menu for each control, redrawn as they move.

    Args:
        draw: function with a parameter for each control, its default the starting value; returns a matplotlib figure,
            preferably the same one each time.
        controls: for each name (low, high) or (low, high, step) for a slider, a list for a menu, or a widget.
    Raises: ValueError for a control that draw does not take.
    """
    from IPython.display import DisplayHandle, display

    description = DisplayHandle()

    def describe(figure):
        description.update(alt_text.hidden_image(alt_text.describe(figure)), raw=True)

    box, figure = _panel(draw, controls, describe)
    values = ", ".join(f"{control.description} = {control.value}" for control in box.children[0].children)
    bundle = {
        "application/vnd.jupyter.widget-view+json": {
            "version_major": 2,
            "version_minor": 0,
            "model_id": box.model_id,
        },
        "image/png": base64.b64encode(box.children[1].value).decode(),
        "text/plain": f"Explorer: {values}. Run the cell to move the sliders.",
    }
    text = f"{bundle['text/plain']} {alt_text.describe(figure)}"
    description.display(alt_text.hidden_image(text), raw=True)
    display(bundle, metadata={"image/png": {"alt": text}}, raw=True)


def panel(draw, **controls):
    """The widget that `explore` shows: a VBox of the controls (a VBox) and the image (an Image)."""
    return _panel(draw, controls, after_redraw=lambda figure: None)[0]


def _panel(draw, controls, after_redraw):
    """The widget, and the figure it starts with; `after_redraw` is called with the figure after each redrawing."""
    import ipywidgets

    defaults = {name: parameter.default for name, parameter in inspect.signature(draw).parameters.items()}
    if unknown := sorted(set(controls) - set(defaults)):
        raise ValueError(f"draw takes {', '.join(defaults)}; got a control for {', '.join(unknown)}")
    widgets = {}
    for name, control in controls.items():
        widget = widgets[name] = ipywidgets.interactive.widget_from_abbrev(control, defaults[name])
        widget.description = name.replace("_", " ")
        widget.style.description_width = "120px"
        widget.layout.width = "440px"
        widget.layout.max_width = "100%"
    figure = draw(**{name: widget.value for name, widget in widgets.items()})
    figure.set_dpi(DPI)
    figure.canvas.draw()
    figure.set_layout_engine("none")  # laid out once; what moves afterwards moves inside its axes
    plt.close(figure)
    image = ipywidgets.Image(value=_png(figure), format="png")
    image.layout.max_width = "100%"
    image.layout.align_self = "flex-start"

    def redraw(_):
        drawn = draw(**{name: widget.value for name, widget in widgets.items()})
        image.value = _png(drawn)
        after_redraw(drawn)

    for widget in widgets.values():
        widget.observe(redraw, names="value")
    column = ipywidgets.VBox(list(widgets.values()))
    column.layout.width = "100%"  # so that sliders shrink with a narrow window
    box = ipywidgets.VBox([column, image])
    box.layout.width = "100%"
    return box, figure


def _png(figure):
    """The figure as PNG bytes, drawn once (`savefig` draws it twice, first to measure it)."""
    canvas, buffer = FigureCanvasAgg(figure), io.BytesIO()
    canvas.draw()
    Image.fromarray(np.asarray(canvas.buffer_rgba())).convert("RGB").save(buffer, "png", compress_level=1)
    return buffer.getvalue()
