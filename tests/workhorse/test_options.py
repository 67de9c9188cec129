"""What a user may say of the classes, and what is done where nothing is said."""

from types import SimpleNamespace

import pytest

from segutils.dataset.classes import Classes
from segutils.dataset.pairing import Pair
from segutils.plumbing.parameters import ParameterError
from segutils.workhorse import options

BINARY, THREE = Classes("values", (0, 255)), Classes("values", (0, 128, 255))
OBJECTS, COLOURS = Classes("objects", (0, 1)), Classes("colours", (0, 0xFF0000, 0x00FF00))


def report(classes, names):
    return SimpleNamespace(classes=classes, names=names)


def test_names_are_those_of_the_set_or_of_the_user():
    about = report(THREE, ("0", "128", "255"))
    assert options.class_names(about) == ["0", "128", "255"]
    assert options.class_names(about, "rest, cell , nucleus") == ["rest", "cell", "nucleus"]


@pytest.mark.parametrize("said", ["rest, cell", "a, b, c, d", "a,,c", "a, b, a"])
def test_names_that_do_not_fit_are_refused_with_the_mask_values(said):
    with pytest.raises(ValueError, match="mask values 0, 128, 255|different name|an empty one"):
        options.class_names(report(THREE, ()), said)


@pytest.mark.parametrize(
    ("classes", "names", "said", "number"),
    [
        (BINARY, ["0", "255"], "auto", 0),
        (BINARY, ["0", "255"], "none", None),
        (Classes("values", (1, 2)), ["1", "2"], "auto", None),
        (THREE, ["0", "128", "255"], "auto", None),
        (THREE, ["0", "128", "255"], "0", 0),
        (THREE, ["0", "128", "255"], "128", 1),
        (THREE, ["cell", "nucleus", "Background"], "auto", 2),
        (THREE, ["sky", "road", "car"], "Road", 1),
        (OBJECTS, ["background", "object"], "auto", 0),
        (Classes("layers", (0, 1, 2)), ["ground", "a", "b"], "auto", 0),
        (COLOURS, ["#000000", "#ff0000", "#00ff00"], "#FF0000", 1),
    ],
)
def test_the_background_is_found_or_said(classes, names, said, number):
    choice = options.background_of(classes, names, said)
    assert choice.value == number
    assert choice.why.endswith(".")
    assert number is None or names[number] in choice.why


def test_an_unknown_background_is_refused_with_the_classes():
    with pytest.raises(ValueError, match=r"expected auto, none, or one of sky, road, .*did you mean sky"):
        options.background_of(THREE, ["sky", "road", "car"], "skyy")


def test_objects_are_counted_where_they_mean_something():
    assert options.objects_wanted("auto", True, 0).value
    assert options.objects_wanted("auto", False, 0).value
    assert options.objects_wanted("on", False, 0).value
    assert not options.objects_wanted("auto", False, None).value, "streets"
    assert not options.objects_wanted("off", True, 0).value
    with pytest.raises(ValueError, match="no class is one; name it with BACKGROUND"):
        options.objects_wanted("on", True, None)


def test_learned_objects_need_masks_that_tell_them_apart():
    assert options.objects_wanted("learned", True, 0, sizes=[(5000, 5000)]).value == "learned"
    with pytest.raises(ValueError, match="got masks that name only the class of a pixel; number the objects"):
        options.objects_wanted("learned", False, 0)
    with pytest.raises(ValueError, match="no class is one; name it with BACKGROUND"):
        options.objects_wanted("learned", True, None)
    with pytest.raises(ValueError, match="at most 25 megapixels, got one of 30; cut it into tiles"):
        options.objects_wanted("learned", True, 0, sizes=[(10, 10), (5000, 6000)])


def test_masks_that_number_objects_tell_them_apart():
    assert options.tells_objects_apart(None, [], OBJECTS)
    files = SimpleNamespace(known=frozenset(["a.png", "m.png"]), texts=["x.json"], once=lambda key, make: make())
    assert not options.tells_objects_apart(files, [Pair("a", "a.png", ("m.png",))], BINARY)
    assert options.tells_objects_apart(files, [Pair("a", "a.png", ("x.json#a.png",))], BINARY)


@pytest.mark.parametrize(
    ("said", "wanted"),
    [("auto", None), ("none", "none"), ("Balanced", "balanced"), ("1, 2,0.5", (1.0, 2.0, 0.5))],
)
def test_class_weights_are_words_or_numbers(said, wanted):
    assert options.class_weights(said, ["a", "b", "c"]) == wanted


@pytest.mark.parametrize("said", ["1,2", "1,2,0", "1,2,-3", "1,2,inf", "equal", "1,2,nan"])
def test_other_class_weights_are_refused_with_the_classes(said):
    with pytest.raises(ValueError, match="3 numbers > 0 with commas between .for a, b, c."):
        options.class_weights(said, ["a", "b", "c"])


BANDS = [(0, 1, 1), (0, 3, 3), (0, 5, 5), (0, 2, 1), (0, 0, 1), (3, 1, 3)]


@pytest.mark.parametrize(("said", "bands", "number"), BANDS)
def test_channels_are_those_that_most_images_have(said, bands, number):
    choice = options.channels_of(said, bands)
    assert choice.value == number
    assert ("as CHANNELS says" in choice.why) == bool(said)


@pytest.mark.parametrize(("said", "bands", "can"), [(5, 3, "0, 1 or 3"), (2, 3, "0, 1 or 3"), (4, 5, "0, 1, 3 or 5")])
def test_channels_that_the_images_do_not_have_are_refused(said, bands, can):
    with pytest.raises(
        ParameterError, match=f"^CHANNELS must be {can}, for the images have {bands} bands; got {said}$"
    ):
        options.channels_of(said, bands)
