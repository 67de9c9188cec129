r"""Make a student's text harmless in the pages on which a teacher reads it, and keep it readable.

Formgrader and feedback pages render Markdown with HTML inside and typeset formulas; both could run a student's script
with the teacher's rights. A space is put where such a thing begins: `<script>` becomes `< script>`, `[click](java…)`
becomes `[click] (java…)`, `\href` becomes `\ href`. Formulas, emphasis, lists and code stay as they are: a space after
`<` changes neither a formula nor what a line of code says.
"""

import re

MAX_LENGTH = 20_000  # characters of a text; longer ones can keep the pages' converter busy for minutes
MAX_MARKS = 2_000  # characters that may open something: brackets, stars, quotes, …
TAG = re.compile(r"<(?=[A-Za-z/!?])")
LINK = re.compile(r"\](?=[(\[:])")
ADDRESS = re.compile(r"\b(https?|ftp|file):(?=//)", re.IGNORECASE)
COMMANDS = (
    "href|url|class|cssId|style|require|data|mmlToken|unicode|bbox|includegraphics|html|img|toggle|mathtip|texttip"
)
DEFINITIONS = (
    r"def|edef|gdef|xdef|let|futurelet|newcommand|renewcommand|providecommand|newenvironment|DeclareMathOperator"
)
TEX = re.compile(rf"\\(?=(?:{COMMANDS}|{DEFINITIONS}|csname|char|begingroup|action)[A-Za-z]*)", re.IGNORECASE)
NUL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u202a-\u202e\u2066-\u2069]")  # control, and order of writing


def disarm(text):
    r"""A student's Markdown without what could run, load, link or take too long.

    Args:
        text: str, Markdown.
    Returns: str of at most about MAX_LENGTH characters; a text that is harmless comes back as it is.
    Example:
        >>> disarm("if a <b: <img src=x onerror=alert(1)> $a<b$")
        'if a < b: < img src=x onerror=alert(1)> $a< b$'
    """
    text = NUL.sub("", text)
    if len(text) > MAX_LENGTH + 100:  # so that what is cut stays as it is
        text = f"{text[:MAX_LENGTH]}\n\n(cut off here: the text has {len(text):,} characters)"
    if len(re.findall(r"[\[\]*_`>\\{}$~]|^[ \t]+", text, re.MULTILINE)) > MAX_MARKS:
        text = re.sub(r"[\[\]*_`>\\{}$~]", " ", text)
        text = re.sub(r"^[ \t]+", "", text, flags=re.MULTILINE)
        text += "\n\n(shown without its marks of Markdown and formulas, of which there were thousands)"
    text = TAG.sub("< ", text)
    text = ADDRESS.sub(r"\1: ", LINK.sub("] ", text))
    return TEX.sub(r"\\ ", text)
