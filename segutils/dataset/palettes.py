"""Masks with palettes: do the same numbers have the same colours, and if not, are the colours what was meant?"""

from collections import Counter, defaultdict

from segutils.dataset.classes import MAX_CLASSES, Classes, pack_colour


def by_colour(seen, said=()):
    """True if masks are to be read by the colours of their palettes, since programs have numbered these anew.

    That is so where colours recur under other numbers, and no mask has colours that only it and its like have.
    said: packed colours that a list beside the masks names.
    """
    if any(one.values.keys() != one.palette.keys() or _is_plain(one) and len(one.values) > 1 for one in seen):
        return False
    if any(len(set(one.palette.values())) < len(one.palette) for one in seen):
        return False
    odd, numbers = _odd(seen), defaultdict(set)
    for one in seen:
        for value, colour in one.palette.items():
            numbers[colour].add(value)
    known = {colour for one in seen if one.pair.mask not in odd for colour in one.palette.values()}
    known |= {colour for colour, values in numbers.items() if len(values) > 1}
    return (
        bool(odd)
        and len(numbers) <= MAX_CLASSES
        and all(colour in known or pack_colour(*colour) in said for colour in numbers)
    )


def in_colour(one):
    """An Examined as if its mask were in colours."""
    values = {pack_colour(*one.palette[value]): pixels for value, pixels in one.values.items()}
    return one._replace(values=values, colours=True, palette={})


def shown(colour):
    """(red, green, blue) as #ff0000."""
    return Classes("colours", ()).show(pack_colour(*colour))


def usual_colours(seen):
    """{number: the colour that it has in most masks}."""
    used = Counter(item for one in seen if not _is_plain(one) for item in one.palette.items())
    return {value: colour for (value, colour), _ in reversed(used.most_common())}


def differ(seen, level="error"):
    """Masks whose numbers have other colours than in most masks."""
    odd = _odd(seen)
    for one in seen:
        if one.pair.mask in odd:
            value, usual = odd[one.pair.mask]
            text = f"{value} is {shown(one.palette[value])} here, {shown(usual)} elsewhere"
            yield level, "palettes differ", one.pair.mask, text


def _odd(seen):
    """{mask: (a number, its colour in most masks)} of masks where that number has another colour."""
    usual, odd = usual_colours(seen), {}
    for one in seen:
        if not _is_plain(one) and (values := [v for v, colour in one.palette.items() if usual[v] != colour]):
            odd[one.pair.mask] = values[0], usual[values[0]]
    return odd


def _is_plain(one):
    """True if each number is its own grey, which is no colour that somebody chose."""
    return all(colour == (value,) * 3 for value, colour in one.palette.items())
