"""Classes of a set and their names: from annotations, legends beside the masks, folders, or the values themselves."""

from typing import NamedTuple

from segutils.dataset import drawing, legend, scale, soft
from segutils.dataset.classes import Classes, learn_classes
from segutils.dataset.files import ChoiceError
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
    Raises: ValueError if no mask holds `void`.
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
        said, source, empty = drawing.drawn(files).names, first.partition("#")[0], VOID if VOID in values else None
        values |= {0} & set(said)
    else:
        said, source, empty = *told(files, values, coloured), "auto"
        empty = next((value for value in legend.void_of(said) if value in values), empty)
    if void != "auto":
        empty = _void(void, values, said, coloured)
    try:
        if nearest:
            classes, usable = soft.learn(files, usable, empty, coloured=coloured)
            return Learned(classes, tuple(map(classes.show, classes.values)), [], usable)
        if empty == "auto" and not coloured:
            empty = None if legend.names_white(said) else scale.void_of(usable)
        classes = learn_classes(values, coloured, void=empty)
        classes = classes._replace(kind="palettes") if kind == "palettes" else classes
    except ValueError as error:
        worst = max(usable, key=lambda one: len(one.values))
        return Learned(None, (), [("error", "too many values", worst.pair.mask, str(error))])
    names = tuple(said.get(value, classes.show(value)) for value in classes.values)
    found = [_told(first, source, names)] if said else []
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


def told(files, values, coloured=False):
    """{value: name} that fits most of the values, and the word for where it is from; {} if none does."""
    by_value, by_colour = legend.read_legend(files)
    said = by_colour if coloured else by_value
    known = [value for value in values if value in said and value not in (0, VOID)]
    if not said or len(known) < 0.5 * len([value for value in values if value not in (0, VOID)]):
        return {}, ""
    return said, "the list beside them"


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
