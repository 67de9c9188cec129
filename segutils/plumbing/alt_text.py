"""Figures in words, for readers who hear a notebook instead of seeing it.

JupyterLab 4 gives the images of cells no alt text, and nbconvert, VS Code and Sphinx each look for it elsewhere. So a
figure's text goes to three places: `alt` in the image's metadata, the `text/plain` beside the image, and an
image of one transparent pixel just before it, whose `alt` is heard while there is nothing to see, even where a page
drops all styles. (An image without a source would not do: Firefox writes its `alt` on the page.)
"""

import html
import sys

MAX_TEXTS = 12
PIXEL = "data:image/gif;base64,R0lGODlhAQABAIAAAAAAAAAAACH5BAEAAAAALAAAAAABAAEAAAICRAEAOw=="


def register():
    """From now on, every matplotlib figure that this IPython shows has its text. Does nothing outside IPython.

    Changes one thing: the running shell's formatter for figures. `import segutils.plots` calls it.
    """
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    if shell is not None:
        shell.display_formatter.mimebundle_formatter.for_type("matplotlib.figure.Figure", _bundle)


def _bundle(figure):
    """Publish what is heard, and return (data, metadata) that IPython adds to the image's."""
    from IPython.display import display

    text = describe(figure)
    display(hidden_image(text), raw=True)
    return {"text/plain": text}, {"image/png": {"alt": text}}


def hidden_image(text):
    """The MIME bundle of one transparent pixel: only screen readers notice it."""
    image = f'<img class="jp-sr-only" width="1" height="1" style="position: absolute" src="{PIXEL}"'
    return {"text/html": f'{image} alt="{html.escape(text)}">'}


def describe(figure):
    """One line of text for a matplotlib figure: its label if it was given one, else what is written in its panels.

    Returns: "Figure: …", panel by panel: kind, title, axis labels, legend, and the texts in it if they are few.
    >>> from matplotlib.figure import Figure
    >>> describe(Figure(label="a cat, and the cat's outline"))
    "Figure: a cat, and the cat's outline"
    """
    if figure.get_label():
        return f"Figure: {_line(figure.get_label())}"
    panels = [_panel(ax) for ax in figure.axes if ax.get_visible() and ax.get_label() != "<colorbar>"]
    descriptions = [
        f"{panels.count(panel)} × {panel}" if panels.count(panel) > 1 else panel for panel in dict.fromkeys(panels)
    ]
    title = _line(figure.get_suptitle())
    return f"Figure: {title + '. ' if title else ''}{'; '.join(descriptions) or 'empty'}."


def _panel(ax):
    """One panel's kind and the words in it."""
    bars = [container for container in ax.containers if hasattr(container, "orientation")]  # and not error bars
    kind = "image" if ax.images else "bars" if bars else "lines" if ax.lines else "drawing"
    titles = [_line(text) for place in ("left", "center", "right") if (text := ax.get_title(loc=place))]
    axes = [f"{name}: {_line(text)}" for name, text in (("x", ax.get_xlabel()), ("y", ax.get_ylabel())) if text]
    legend = [_line(text.get_text()) for text in (ax.get_legend().get_texts() if ax.get_legend() else ())]
    written = [_line(text.get_text()) for text in ax.texts if text.get_visible() and text.get_text().strip()]
    if kind == "bars":
        along = ax.xaxis if bars[0].orientation == "vertical" else ax.yaxis
        names = [_line(text.get_text()) for text in along.get_ticklabels()]
        axes += [f"of {', '.join(names)}"] if any(names) else []
    if 0 < len(written) <= MAX_TEXTS:
        axes.append(f"written in it: {', '.join(written)}")
    elif written:
        axes.append(f"{len(written)} numbers or names written in it")
    if legend:
        axes.append(f"legend: {', '.join(legend)}")
    return f"{kind}{' “' + ', '.join(titles) + '”' if titles else ''}{' (' + '; '.join(axes) + ')' if axes else ''}"


def _line(text):
    """A text of several lines in one, without the dollar signs of formulas."""
    lines = (" ".join(line.split()) for line in text.replace("$", "").splitlines())
    return ", ".join(line for line in lines if line).replace(",,", ",")
