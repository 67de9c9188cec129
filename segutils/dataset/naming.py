"""Classes of a set and their names: from annotations, legends beside the masks, folders, or the values themselves."""

import re
from typing import NamedTuple

from segutils.dataset import drawing, legend, packed, scale, soft
from segutils.dataset.annotations import BACKGROUND, IGNORED
from segutils.dataset.classes import GREY, Classes, learn_classes
from segutils.dataset.files import ChoiceError, SetError
from segutils.metrics import VOID


class Learned(NamedTuple):
    """classes (None if they can't be learned), their names, findings; usable: what is remembered, if it changed."""

    classes: Classes | None
    names: tuple
    findings: list
    usable: list | None = None


def learn(files, arranged, usable, kind, *, void="auto", nearest=False):
    """The Learned of a set.

    Args:
        usable: list of Examined.
        kind: of the Arrangement, or "numbered", or "palettes" for masks that are read by the colours of these.
        void, nearest: as inspect.
    Raises: ChoiceError if no mask holds `void`.
    """
    first = usable[0].pair.mask
    if kind in ("objects", "numbered"):
        text = "nearly each number is one region"
        found = [("note", "numbered objects", first, text)] if kind == "numbered" else []
        return Learned(Classes("objects", (0, 1)), ("background", "object"), found)
    if kind == "classes":
        names = ("background", *arranged.labels)
        classes = Classes("layers", tuple(range(len(names))))
        return Learned(classes, names, [_told(first, "folders or names of the masks", names)])
    values, coloured = {value for one in usable for value in one.values}, any(one.colours for one in usable)
    if kind == "drawn":
        said, source, empty = (
            drawing.drawn(files).names,
            drawing.text_of(files, first),
            VOID if VOID in values else None,
        )
        listed = []
        values |= {0} & set(said)
    else:
        said, source, found = told(files, usable, coloured)
        if any(level == "error" for level, *_ in found):
            return Learned(None, (), found)
        listed, empty = found, "auto"
        empty = next((value for value in legend.void_of(said) if value in values), empty)
    if void != "auto":
        empty = _void(void, values, said, coloured)
    try:
        if nearest:
            classes, usable = soft.learn(files, usable, empty, coloured=coloured)
            said = soft.names_near(classes, legend.names_of_colours(files)) if coloured else told(files, usable)[0]
            names = tuple(said.get(value, classes.show(value)) for value in classes.values)
            return Learned(classes, names, [_told(first, "the list beside them", names)] if said else [], usable)
        if empty == "auto" and not coloured:
            empty = None if legend.names_white(said) else scale.void_of(usable)
        classes = learn_classes(values, coloured, void=empty)
        classes = classes._replace(kind="palettes") if kind == "palettes" else classes
    except SetError as error:
        worst = max(usable, key=lambda one: len(one.values))
        return Learned(None, (), [("error", "too many values", worst.pair.mask, str(error))])
    names = tuple(said.get(value, classes.show(value)) for value in classes.values)
    found = [_told(first, source, names)] if said else listed
    if kind == "masks" and not coloured and void == "auto":
        found += _gap(classes, first)
    return Learned(classes, names, found)


def _gap(classes, file):
    """A note where classes count up but for the last: 0, 1, 2, 4."""
    *others, last = classes.values
    if (
        len(others) > 1
        and others[0] < 2
        and others == list(range(others[0], others[-1] + 1))
        and others[-1] + 1 < last != VOID
    ):
        yield "note", "gap in values", file, f"{last} follows {others[-1]}: if nobody labelled these pixels, it is void"


def _told(file, source, names):
    return "note", "class names", file, f"{', '.join(names)}, by {source}"


def told(files, seen, coloured=False):
    """{value: name} that fits most of the values of all masks, the word for where it is from, and findings.

    Lists with numbers or colours count before lists of names in order, and among these those that name a background.
    Two lists of one kind that call a value of their masks by two names are an error: no one can tell which is right.
    Args: seen: list of Examined.
    """
    if (numbers := packed.as_numbers(seen)) is not seen:
        said, source, found = told(files, numbers)
        return {value * packed.RED: name for value, name in said.items()}, source, found
    legends, values = legend.read_legends(files), {value for one in seen for value in one.values}
    if not values:
        return {}, "", []
    if len(values) < 3:  # then folders name what images show, and masks where that is
        legends = [one for one in legends if not legend.names_folders(files, one)]
    wanted = [value for value in values if value not in (0, VOID)]
    for chosen in (legends,) if coloured else _by_trust(legends, values):
        said, clash, near = {}, [], {one.file: _values_near(one.file, seen) or values for one in chosen}
        for one in chosen:
            inside = near[one.file]
            alike = set().union(*(near[other.file] for other in chosen if other.plain == one.plain))
            names = one.colours if coloured else one.values or _in_order(one.plain, alike)
            for value, name in names.items():
                file, other, there = said.setdefault(value, (one.file, name, inside))
                if value in inside & there and _plain(name) != _plain(other):
                    shown = Classes("colours" if coloured else "values", ()).show(value)
                    clash.append((one.file, f"calls {shown} {name}, but {file} calls it {other}"))
        said = {value: name for value, (_, name, _) in said.items()}
        if said and sum(value in said for value in wanted) >= 0.5 * len(wanted):
            return said, "the list beside them", [("error", "names contradict", *one) for one in clash[:1]]
    unfit = [] if coloured or any(one.values for one in legends) else [one for one in legends if one.plain]
    text = f"masks hold values up to {max(values)}: its names are not used"
    return {}, "", [("note", "class names", one.file, f"names {len(one.plain)}, {text}") for one in unfit[:1]]


def _by_trust(legends, values):
    yield [one for one in legends if one.values]
    for zero in (True, False):
        yield [one for one in legends if one.plain and _names_zero(one.plain) is zero]
    greys = [(one, {colour // GREY: n for colour, n in one.colours.items() if not colour % GREY}) for one in legends]
    yield [one._replace(values=said) for one, said in greys if said and values - {0} <= set(said)]


def _values_near(file, seen):
    """The values of the masks below the folder of a list; the empty set where there are none."""
    folder = file.rpartition("/")[0]
    return {value for one in seen if one.pair.mask.startswith(f"{folder}/") for value in one.values}


def _names_zero(plain):
    return any(name.strip().lower() in IGNORED | BACKGROUND for name in plain)


def _in_order(plain, values):
    """{value: name} of a list without numbers: from 0 on, or from 1 on where 0 would leave the last value nameless.

    {} where either leaves a value nameless, unless the list says itself which name is that of the background.
    """
    zero, some = _names_zero(plain), values - {VOID}
    binary = values == {0, VOID}  # then 255 is no void
    if binary and len(plain) == 1 + zero:
        return dict(zip((0, VOID)[1 - zero :], plain, strict=True))
    if max(some, default=0) == len(plain) and not (zero and 0 in some):
        return {0: "background"} | dict(enumerate(plain, start=1))
    return dict(enumerate(plain)) if zero or (some <= set(range(len(plain))) and not binary) else {}


def _plain(name):
    """A name as it is compared: "Tree-cover" and "tree cover" are one, and so is all that means background."""
    plain = re.sub(r"[\W_]+", "", name.lower())
    return "" if _names_zero([name]) else plain


def _void(void, values, said, coloured):
    """The mask value that a user calls void."""
    text = str(void).strip()
    if text.lower() in ("none", ""):
        return None
    named = [value for value, name in said.items() if name.lower() == text.lower()]
    if named:
        return named[0]
    if text.startswith("#"):
        number = int(text[1:], 16) if len(text) == 7 else -1
    else:
        number = int(text) if text.lstrip("-").isdecimal() else -1
    if number not in values:
        show = Classes("colours" if coloured else "values", ()).show
        shown = ", ".join(show(value) for value in sorted(values)[:20])
        wanted = f"must be a value of the masks ({shown}), a class name, auto or none"
        raise ChoiceError("VOID", f"void {wanted}; got {void!r}")
    return number
