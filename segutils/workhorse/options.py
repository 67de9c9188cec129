"""What a user may say of the classes, and what is done where nothing is said; each choice comes with its sentence."""

import importlib.util
from typing import NamedTuple

from segutils.dataset import drawing
from segutils.dataset.annotations import BACKGROUND as WORDS
from segutils.plumbing.arguments import suggestion
from segutils.plumbing.parameters import ParameterError
from segutils.workhorse import counting
from segutils.workhorse.wording import listed

EXPORTS = {  # forms of the model, and the packages that they need
    "onnx": ("tf2onnx", "onnx"),
    "tflite": (),
    "int8": ("ai_edge_litert",),  # what eight bits cost is measured by the program that they are meant for
    "saved_model": (),
}
REST = WORDS | {"rest", "nothing", "no object", "none", "empty"}


class Choice(NamedTuple):
    """A choice, and the sentence that tells how it was made."""

    value: object
    why: str


def class_names(report, said=""):
    """Names of the classes: those that a user gives, or those that the set gives, or the mask values.

    Args: report: of the doctor. said: names with commas between, in the order of the mask values; empty: nothing said.
    Raises: ValueError if their number does not fit, or two are alike.
    """
    names, count = split_names(said), len(report.classes.values)
    if names and len(names) != count:
        values = ", ".join(map(report.classes.show, report.classes.values))
        cure = "write one for each, with commas between, or leave NAMES empty"
        raise ValueError(f"expected {count} names, for mask values {values}; got {len(names)}, {said!r}; {cure}")
    return names or list(report.names)


def split_names(said):
    """The names that a user gives, a list; [] if nothing is said. Raises: ValueError if one is empty or two alike."""
    names = [name.strip() for name in said.split(",")] if said.strip() else []
    if "" in names:
        raise ValueError(f"expected names with commas between, got an empty one in {said!r}; name it, or drop a comma")
    if len(set(names)) < len(names):
        raise ValueError(f"expected a different name for each class, got {said!r}; rename one")
    return names


def background_of(classes, names, said="auto"):
    """Which class is background, as a Choice of its number or None.

    Scores leave the background out, and objects lie on it; without one all classes count alike.
    Args:
        classes: dataset.Classes. names: of the classes.
        said: "auto", "none", a name or a mask value.
    Raises: ValueError if `said` is no class.
    """
    lowered, text = [name.lower() for name in names], str(said).strip()
    if text.lower() == "none":
        return Choice(None, "No class counts as background, as BACKGROUND says.")
    if text.lower() != "auto":
        shown = [classes.show(value) for value in classes.values]
        for known in (lowered, [value.lower() for value in shown]):
            if text.lower() in known:
                number = known.index(text.lower())
                return Choice(number, f"Class {names[number]} is background, as BACKGROUND says.")
        listed = ", ".join(dict.fromkeys([*names, *shown]))
        raise ValueError(f"expected auto, none, or one of {listed}; got {said!r}{suggestion(text, [*names, *shown])}")
    if named := [k for k, name in enumerate(lowered) if name.strip(" _-") in REST]:
        return Choice(named[0], f"Class {names[named[0]]} is background, by its name.")
    if classes.kind in ("objects", "layers"):
        return Choice(0, f"Class {names[0]} is background: it is where nothing was drawn.")
    if len(names) == 2 and classes.values[0] == 0:
        return Choice(0, f"Class {names[0]} counts as background: there are two classes, and its mask value is 0.")
    return Choice(None, "No class counts as background: none is called so, and all count alike.")


def tells_objects_apart(files, pairs, classes):
    """True where the masks say which object a pixel belongs to: one mask an object, numbers, or drawn shapes."""
    return classes.kind == "objects" or any(pair.mask and drawing.is_drawn(files, pair.mask) for pair in pairs[:1])


def objects_wanted(said, apart, background, *, sizes=()):
    """Whether whole objects are counted, as a Choice of True or False, or "learned": the network learns to cut them.

    Args:
        said: "auto", "on", "off" or "learned". apart: masks tell objects apart.
        background: number of that class, or None. sizes: (height, width) of the images.
    Raises: ValueError for "on" or "learned" without a background, and for "learned" if masks do not tell objects apart
        or an image is too large to measure how deep its objects are.
    """
    if said == "off":
        return Choice(False, "Objects are not counted, as OBJECTS says.")
    if background is None:
        if said in ("on", "learned"):
            raise ValueError("objects lie on a background, and no class is one; name it with BACKGROUND")
        return Choice(False, "Objects are not counted, for no class is background.")
    if said == "learned":
        if not apart:
            expected = "masks that tell objects apart (numbered objects, a mask for each, or drawn shapes)"
            cure = "number the objects, or leave OBJECTS at auto"
            raise ValueError(
                f"learned objects expect {expected}, got masks that name only the class of a pixel; {cure}"
            )
        if (largest := max((height * width for height, width in sizes), default=0)) > counting.LARGEST:
            limit = f"images of at most {counting.LARGEST / 1e6:.0f} megapixels"
            raise ValueError(f"learned objects expect {limit}, got one of {largest / 1e6:.0f}; cut it into tiles")
        return Choice("learned", "Objects are counted, and the network learns to cut them apart, as OBJECTS says.")
    if apart:
        return Choice(True, "Objects are counted, for the masks tell them apart.")
    return Choice(True, "Objects are counted: connected regions of a class that is not background.")


def class_weights(said, names):
    """What each class weighs in the loss, as `recipe.choose` takes it: None, "none", "balanced", or numbers.

    Args: said: "auto", "none", "balanced", or numbers > 0 with commas between, one a class.
    Raises: ValueError for anything else.
    """
    return split_weights(said, names)


def split_weights(said, names=()):
    """As `class_weights`; where the names are not known yet, of any number of classes."""
    text = str(said).strip().lower()
    if text in ("auto", "none", "balanced"):
        return None if text == "auto" else text
    try:
        numbers = tuple(float(part) for part in text.split(","))
    except ValueError:
        numbers = ()
    right = len(numbers) == (len(names) or max(len(numbers), 1))
    if not right or not all(0 < number < float("inf") for number in numbers):
        near, which = suggestion(text, ("auto", "none", "balanced")), f" (for {', '.join(names)})" if names else ""
        many = f"{len(names) or 'as many'} numbers > 0 with commas between{which or ' as there are classes'}"
        raise ValueError(f"expected auto, none, balanced, or {many}; got {said!r}{near}")
    return numbers


def missing_for(kind):
    """A sentence on the packages that a form of the model needs and that are not there; "" where all are."""
    missing = [name for name in EXPORTS.get(kind, ()) if importlib.util.find_spec(name) is None]
    return f"{kind} needs {' and '.join(missing)}; install by: pip install 'segutils[export]'" if missing else ""


def check_export(kind):
    """Refuse a form of the model that needs a package which is not there, before any training.

    Raises: ValueError that says what to install.
    """
    if missing := missing_for(kind):
        raise ValueError(missing)


def channels_of(said, bands):
    """Channels to read, as a Choice: 1 where all images are grey, 3 for colour, or all bands of more.

    Args: said: 0 for what most images have, or a number. bands: what most images have.
    Raises: ParameterError if they can't be read so.
    """
    can = sorted({1, 3, int(bands)})
    if said and bands > 1 and said not in can:  # a single band is repeated
        expected = listed(["0", *map(str, can)], word="or")
        raise ParameterError(f"CHANNELS must be {expected}, for the images have {int(bands)} bands; got {said}")
    if said:
        return Choice(int(said), f"Images are read with {said} channel{'s' * (said != 1)}, as CHANNELS says.")
    bands = max(1, int(bands)) if bands != 2 else 1
    kind = {1: "one channel, for they are grey", 3: "three channels, for they have colours"}
    return Choice(bands, f"Images are read with {kind.get(bands, f'all their {bands} bands')}.")
