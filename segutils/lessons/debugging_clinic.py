"""Lesson 15 · Debugging clinic: the exercise `encode`."""

import re

import numpy as np

from segutils.lessons.answers import Exercise

# The exercise: encode(rgb, colours), a mask in colours (H, W, 3) → class numbers (H, W); an unknown colour is refused


def _encode(rgb, colours):
    match = _matches(rgb, colours)
    if not match.any(-1).all():
        raise ValueError(f"unknown colour {rgb[~match.any(-1)][0].tolist()}")
    return match.argmax(-1)


def _matches(rgb, colours):
    """Whether each pixel has each of the colours, (H, W, C) bool."""
    return (rgb[:, :, None, :] == colours).all(-1)


def _classes_or_refusal(answer, rgb, colours):
    """What an answer returns; an error for an unknown colour is reduced to its kind and whether it names the colour."""
    unknown = rgb[~_matches(rgb, colours).any(-1)]
    try:
        return answer(rgb, colours)
    except (ValueError, LookupError) as error:
        if not len(unknown):
            raise
        if isinstance(error, LookupError):
            raise LookupError("an unknown colour") from error
        named = set(map(str, unknown[0].tolist())) <= set(re.findall(r"\d+", str(error)))
        raise ValueError("a colour, named" if named else "a colour, not named") from error


def _refusing(error):
    """A wrong encode that raises `error` for an unknown colour."""

    def encode(rgb, colours):
        if not _matches(rgb, colours).any(-1).all():
            raise error
        return _matches(rgb, colours).argmax(-1)

    return encode


def _nearest_colour(rgb, colours):
    return np.abs(rgb[:, :, None, :].astype(int) - colours).sum(-1).argmin(-1)


def _encode_by(number):
    """A wrong encode that compares a single number per colour, number(colours (..., 3)) → (...)."""

    def encode(rgb, colours):
        _encode(rgb, colours)
        return (number(rgb)[:, :, None] == number(colours)).argmax(-1)

    return encode


def _encode_by_any_channel(rgb, colours):
    _encode(rgb, colours)
    return (rgb[:, :, None, :] == colours).any(-1).argmax(-1)


def _encode_by_rank(rgb, colours):
    _encode(rgb, colours)
    return np.unique(rgb.reshape(-1, 3), axis=0, return_inverse=True)[1].reshape(rgb.shape[:2])


def _random_mask(*shape, colours, seed):
    """A mask (*shape, 3) uint8 whose pixels have these colours at random."""
    colours = np.array(colours, np.uint8)
    return colours[np.random.default_rng(seed).integers(0, len(colours), shape)]


_BLACK, _RED, _YELLOW, _BLUE, _GREEN = (0, 0, 0), (255, 0, 0), (255, 255, 0), (0, 0, 255), (0, 128, 0)
_COLOURS = np.array([_BLUE, _RED, _BLACK, _YELLOW, _GREEN], np.uint8)

exercise = Exercise(
    "encode",
    solution=_encode,
    cases=[
        (_random_mask(4, 6, colours=[_RED, _BLUE, _BLACK, _YELLOW, _GREEN], seed=0), _COLOURS),
        (_random_mask(5, 3, colours=[_RED, _BLUE, _GREEN], seed=1), _COLOURS),
        (_random_mask(4, 6, colours=[_BLUE, _RED, _BLACK, (40, 140, 60)], seed=2), _COLOURS),
    ],
    mistakes=[
        (
            "Classes are counted from 1: colours[0] is class 0.",
            lambda rgb, colours: _encode(rgb, colours) + 1,
        ),
        (
            "A pixel matches if *one* channel does; it must match in all three: .all(-1), not .any(-1).",
            _encode_by_any_channel,
        ),
        (
            "Only the red channel is compared, so colours with the same red are mixed up.",
            _encode_by(lambda a: a[..., 0]),
        ),
        (
            "Colours with the same sum (or mean) of channels are mixed up: red and blue look alike in grey.",
            _encode_by(lambda a: a.sum(-1, dtype=int)),
        ),
        (
            "Channels are in the order blue, green, red, as OpenCV has them; these are red, green, blue.",
            lambda rgb, colours: _matches(rgb[..., ::-1], colours).argmax(-1),
        ),
        (
            "Colours are numbered in sorted order, as np.unique gives them, and not as in `colours`; where one is "
            "missing, all others shift.",
            _encode_by_rank,
        ),
        (
            "That is one-hot, (H, W, C): take .argmax(-1), so that each pixel has one number.",
            lambda rgb, colours: _matches(rgb, colours),
        ),
        (
            "Masks have no channel axis: return (H, W), not (H, W, 1).",
            lambda rgb, colours: _encode(rgb, colours)[..., None],
        ),
        ("Rows and columns are swapped.", lambda rgb, colours: _encode(rgb, colours).T),
        (
            "A pixel of an unknown colour became class 0 without a word: argmax of nothing but False is 0. "
            "Raise a ValueError.",
            lambda rgb, colours: _matches(rgb, colours).argmax(-1),
        ),
        (
            "A pixel of an unknown colour became the nearest class. That hides blurred masks and wrong colours: "
            "raise a ValueError.",
            _nearest_colour,
        ),
        (
            "A pixel of an unknown colour became 255, void, so nobody will look for it: raise a ValueError.",
            lambda rgb, colours: np.where(_matches(rgb, colours).any(-1), _matches(rgb, colours).argmax(-1), 255),
        ),
        (
            "A pixel of an unknown colour became -1, which as uint8 is 255 and as an index the last class: "
            "raise a ValueError.",
            lambda rgb, colours: np.where(_matches(rgb, colours).any(-1), _matches(rgb, colours).argmax(-1), -1),
        ),
        (
            "The error does not say which colour is unknown: put its three numbers into the message.",
            _refusing(ValueError("there is an unknown colour")),
        ),
        (
            "A look-up that fails raises a KeyError or IndexError, which says nothing to the owner of the mask: raise "
            "a ValueError.",
            _refusing(KeyError("there is an unknown colour")),
        ),
    ],
    call=_classes_or_refusal,
    argument_names=("rgb", "colours"),
)
