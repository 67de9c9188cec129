"""Explorers: a figure with sliders that redraws where a kernel runs, and stays a still picture where none does.

An explorer is made of a function `draw(**values)` that returns a figure. It draws its artists once and afterwards only
moves them, which keeps an answer far below 100 ms (`make bench`). It changes nothing else, so it can be tested without
a browser. The functions below make one such `draw` each; `explore` shows it.
"""

import base64
import inspect
import io

import matplotlib.pyplot as plt
import numpy as np

from segutils import plots

DPI = 100


def explore(draw, **controls):
    """Show draw's figure under one slider or menu for each control, redrawn as they move.

    Args:
        draw: function of the controls' names, each with a default, the starting value; returns a matplotlib figure,
            best the same one each time.
        controls: for each name (low, high) or (low, high, step) for a slider, a list for a menu, or a widget.
    Raises: ValueError for a control that draw does not take.
    """
    from IPython.display import display

    box = panel(draw, **controls)
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
    display(bundle, raw=True)


def panel(draw, **controls):
    """The widget that `explore` shows: a VBox of the controls (a VBox) and the picture (an Image)."""
    import ipywidgets

    defaults = {name: parameter.default for name, parameter in inspect.signature(draw).parameters.items()}
    if unknown := sorted(set(controls) - set(defaults)):
        raise ValueError(f"draw takes {', '.join(defaults)}; got a control for {', '.join(unknown)}")
    made = {}
    for name, control in controls.items():
        made[name] = ipywidgets.interactive.widget_from_abbrev(control, defaults[name])
        made[name].description = name.replace("_", " ")
        made[name].style.description_width = "120px"
        made[name].layout.width = "440px"
    figure = draw(**{name: control.value for name, control in made.items()})
    figure.canvas.draw()
    figure.set_layout_engine("none")  # laid out once; what moves afterwards moves inside its axes
    plt.close(figure)
    picture = ipywidgets.Image(value=_png(figure), format="png")
    picture.layout.max_width = "100%"
    picture.layout.align_self = "flex-start"

    def redraw(_):
        picture.value = _png(draw(**{name: control.value for name, control in made.items()}))

    for control in made.values():
        control.observe(redraw, names="value")
    return ipywidgets.VBox([ipywidgets.VBox(list(made.values())), picture])


def _png(figure):
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=DPI, pil_kwargs={"compress_level": 1})
    return buffer.getvalue()


# Notebook 1: background


def threshold_overlay(image, y_true):
    """A picture, a threshold's mask laid over it, and its IoU with the truth.

    Args:
        image: (H, W) or (H, W, 1) uint8.
        y_true: (H, W) bool, the pixels that are ink.
    Returns: draw(threshold, opacity) → figure.
    """
    image = np.squeeze(image)
    left, middle, right = plots.grid(1, 3, size=2.6)[0]
    figure = left.figure
    plots.show_image(left, image, title="picture")
    show_mask = plots.show_overlay(middle, image, y_true, title="mask")
    show_agreement = plots.show_agreement(right, y_true, y_true, title="IoU 0.00\nmissed, too much")

    def draw(threshold=100, opacity=0.5):
        y_pred = image > threshold
        show_mask(y_pred, opacity)
        middle.set_title(f"picture > {threshold}", fontsize=9)
        show_agreement(y_pred)
        both, missed, too_much = (y_true & y_pred).sum(), (y_true & ~y_pred).sum(), (y_pred & ~y_true).sum()
        iou = both / max(both + missed + too_much, 1)
        right.set_title(f"IoU {iou:.2f}\n· missed {missed}, × too much {too_much}", fontsize=9)
        return figure

    return draw


# Notebook 2: convolution


# Notebook 3: pooling


# Notebook 4: dense


# Notebook 5: losses


# Notebook 6: optimizers
