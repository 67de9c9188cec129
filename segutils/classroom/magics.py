"""A notebook's cell as Python: what IPython understands besides, %magics, !commands and help?, becomes calls."""

import functools
import re

from IPython.core.inputtransformer2 import TransformerManager

RUN_BODY = ("time", "capture", "prun", "debug")  # cell magics that run the rest of the cell in the notebook itself
MAX_MAGICS = 100  # lines; IPython reads the whole cell again for each
MAX_READ = 300_000  # characters in all those readings


@functools.lru_cache(maxsize=4096)
def to_python(text):
    """The Python code of a cell, with IPython's own transformation.

    `%matplotlib inline` becomes a call of `get_ipython()`, which does nothing in a graded notebook. Of a cell magic
    that runs the cell (%%time, %%capture) the cell stays, of all others (%%bash, %%timeit) nothing. Lines keep their
    numbers.

    Args:
        text: str, the cell's source.
    Returns: str, Python code; it may hold syntax errors of the student's.
    Example:
        >>> to_python("%%time\\nx = 1")
        '\\nx = 1'
    """
    before, magic, body = _cell_magic(text)
    while magic:
        if magic not in RUN_BODY:
            return ""
        text = before + body
        before, magic, body = _cell_magic(text)
    magics = len(re.findall(r"^[ \t]*[%!?]|\?[ \t]*$|=[ \t]*[%!]", text, re.MULTILINE))
    if magics > min(MAX_MAGICS, MAX_READ / max(len(text), 1)):
        return re.sub(r"^([ \t]*)[%!?].*$", r"\1pass", text, flags=re.MULTILINE)
    leading = len(text) - len(text.lstrip("\n"))
    try:
        python = TransformerManager().transform_cell(text[leading:])
    except (SyntaxError, ValueError, RuntimeError, RecursionError):
        return text  # the student's code says what is wrong when it runs
    return "\n" * leading + (python if text.endswith("\n") else python.removesuffix("\n"))


def _cell_magic(text):
    """Empty lines before a cell magic and for its own line, its name, and the rest; the name is "" if there is none."""
    found = re.match(r"(\s*)%%(\w+)[^\n]*(\n|$)", text)
    return ("\n" * (found[1].count("\n") + 1), found[2], text[found.end() :]) if found else ("", "", text)
