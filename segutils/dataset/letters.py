"""Names taken apart: runs of letters and digits in any script, and the signs that belong to numbers.

A mark above or below a letter is part of it (the vowels of Devanagari are marks), and so is what joins letters. In
tile_-1_2 the "-" is a sign, in scan-1 it parts two words, unless scan1 says that it does not.
"""

import re
import unicodedata
from collections import defaultdict
from functools import lru_cache

RUN = re.compile(r"[^\W_]+")
SIGNS = "-+\N{MINUS SIGN}"
NUMBER = re.compile(rf"[{SIGNS}]?\d+")


def runs(text):
    """The runs of letters and digits of a text, as [(start, run)]."""
    if text.isascii():
        return [(found.start(), found[0]) for found in RUN.finditer(text)]
    shape = "".join(letter if letter.isascii() else "x" if _is_letter(letter) else " " for letter in text)
    return [(found.start(), text[found.start() : found.end()]) for found in RUN.finditer(shape)]


@lru_cache(maxsize=10_000)
def _is_letter(letter):
    """True of letters, digits, marks, what joins them, pictures, and bytes that no one can read (names in Latin-1)."""
    return unicodedata.category(letter)[0] in "LNM" or unicodedata.category(letter) in ("Cf", "So", "Sk", "Cs")


def is_number(word):
    """True of digits, with a sign or without."""
    return bool(NUMBER.fullmatch(word))


def signs(texts):
    """{name: places of the signs in its text} of {name: (role, text)}.

    A sign stands before a digit, and behind a separator or at the start; behind a letter or a digit only where other
    texts of the role that are alike but for their numbers have no sign there, or the other one: x-1 beside x0.
    """
    found, used = {}, defaultdict(set)
    for name, (role, text) in texts.items():
        numbers = list(NUMBER.finditer(text))
        found[name] = [((role, NUMBER.sub("#", text.lower()), i), one) for i, one in enumerate(numbers)]
        for place, one in found[name]:
            used[place].add(one[0][0] if one[0][0] in SIGNS else "")
    return {
        name: {
            one.start()
            for place, one in numbers
            if one[0][0] in SIGNS and (len(used[place]) > 1 or not _glued(texts[name][1], one.start()))
        }
        for name, numbers in found.items()
    }


def _glued(text, place):
    return place > 0 and bool(runs(text[place - 1]))
