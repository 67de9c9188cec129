"""Lesson 15 · Debugging clinic: its figures, the exercises `encode` and `faults`, and the judge of a recipe."""

import re
from functools import partial

import matplotlib.pyplot as plt
import numpy as np
from PIL import Image

from segutils import metrics, plots
from segutils.lessons.answers import Exercise
from segutils.lessons.batch_faults import second_exercise  # noqa: F401 - of this lesson
from segutils.scenes import CLASS_NAMES, make_scenes

SMALL = {"size": 42, "count": (1, 1), "noise": 0.03, "clutter": 2, "scale": (1.3, 1.5)}  # scenes of one large digit

# The figures


def show_symptoms(image, mask):
    """One image under the mask that it should have, under none, under its mirror image, and a mask with new classes.

    Args: image (H, W, 1) 0 to 255; mask (H, W) ints, its classes. Returns: the axes.
    """
    smaller = Image.fromarray(mask.astype("uint8")).reduce(2)  # means of 2×2 class numbers
    axes = plots.grid(1, 4, size=2.1)[0]
    plots.show_overlay(axes[0], image, mask > 0, title="as it should be")
    plots.show_overlay(axes[1], image, mask < 0, title="empty:\ncases 2, 5, 7 and 12")
    plots.show_overlay(axes[2], image, mask[:, ::-1] > 0, title="not on its object:\ncase 4")
    plots.show_mask(axes[3], np.array(smaller), CLASS_NAMES, title="classes that nobody drew:\ncase 3")
    return axes


def show_row(images, titles):
    """Images or masks in a row, black where 0 and white where 255, each under its title. Returns: the axes."""
    axes = plots.grid(1, len(images), size=2.2)[0]
    for ax, image, title in zip(axes, images, titles, strict=True):
        plots.show_image(ax, image, title=title)
    return axes


def show_resized(before, after):
    """A mask of classes, the same after a resize, and the numbers where the object of the highest class begins.

    Args: before, after: (H, W) ints, of any sizes. Returns: the axes.
    """
    figure, axes = plt.subplots(1, 3, figsize=(8.4, 3), layout="constrained")
    plots.show_mask(axes[0], before, CLASS_NAMES, title=f"mask, {before.shape[0]}×{before.shape[1]}")
    title = f"resized to {after.shape[0]}×{after.shape[1]}"
    plots.show_mask(axes[1], after, CLASS_NAMES, title=title, min_size=40)
    row, column = np.argwhere(after == before.max())[0]
    top, left = max(row - 4, 0), max(column - 5, 0)
    plots.show_numbers(axes[2], after[top : top + 10, left : left + 12], title="class numbers\n(digit + 1), a detail")
    return axes


def show_flips(images, masks, which):
    """Four images with the masks that lie beside them drawn on top, in outline.

    Args: images (N, H, W, 1); masks (N, H, W, 1), above 0 where an object is; which: indices, the first four are drawn.
    Returns: the axes.
    """
    axes = plots.grid(1, 4, size=2.1)[0]
    for ax, i in zip(axes, which, strict=False):
        plots.show_overlay(ax, images[i], masks[i, ..., 0] > 0, opacity=0.3, title=f"training pair {i}")
    return axes


# The judge of a recipe


def judge(recipe, digits, *, seed=0, goal=0.7):
    """Train by a learner's recipe, and print the IoU of ink that its model reaches on test scenes.

    Args:
        recipe: function (images (N, 42, 42, 1) uint8, masks (N, 42, 42) ints 0 and 1) → a trained Keras model that
            takes images of 0 to 255 and gives two scores per pixel.
        digits: a Digits, whose training part makes 128 scenes to learn from and whose test part makes 64 others.
        seed: of the scenes and weights.
        goal: the IoU that is enough.
    Returns: the IoU.
    Raises: ValueError if the recipe returns no model, or one whose scores have another shape.
    """
    import keras

    train, test = (make_scenes(p, n, seed=[seed, n], **SMALL) for p, n in ((digits.train, 128), (digits.test, 64)))
    keras.utils.set_random_seed(seed)
    model = recipe(train.images, (train.semantic > 0).astype("int32"))
    if not isinstance(model, keras.Model):
        raise ValueError(f"the recipe must return its trained model, got {type(model).__name__}; end it with return")
    scores = model.predict_on_batch(test.images)
    if scores.shape != (*test.semantic.shape, 2):
        raise ValueError(f"expected scores of shape {(*test.semantic.shape, 2)}, got {scores.shape}; keep Conv2D(2, 1)")
    reached = metrics.iou(metrics.confusion_matrix((test.semantic > 0).astype(int), scores.argmax(-1), 2))[1]
    print(f"IoU of ink {reached:.2f}, goal {goal:.2f}: " + ("reached." if reached >= goal else "not yet."))
    return float(reached)


# The first exercise: encode(rgb, colours), a mask in colours (H, W, 3) → class numbers (H, W), or a refusal


def _encode(rgb, colours, place=0):
    match = _matches(rgb, colours)
    if not match.any(-1).all():
        raise ValueError(f"unknown colour {rgb[~match.any(-1)][place].tolist()}")
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


def _encode_nearly(rgb, colours):
    apart = np.abs(rgb[:, :, None, :].astype(int) - colours).max(-1)
    if apart.min(-1).max() > 1:
        raise ValueError(f"unknown colour {rgb[apart.min(-1) > 1][0].tolist()}")
    return apart.argmin(-1)


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
_OTHERS = np.array([(10, 20, 30), (30, 20, 10), (20, 10, 30), (200, 20, 30), (0, 0, 9), (0, 9, 0), (9, 9, 9)], np.uint8)

exercise = Exercise(
    "encode",
    solution=lambda rgb, colours: _encode(rgb, colours),
    cases=[
        (_random_mask(4, 6, colours=[_RED, _BLUE, _BLACK, _YELLOW, _GREEN], seed=0), _COLOURS),
        (_random_mask(5, 3, colours=[_RED, _BLUE, _GREEN], seed=1), _COLOURS),
        (_random_mask(4, 6, colours=[_BLUE, _RED, _BLACK, (40, 140, 60)], seed=2), _COLOURS),
        (_random_mask(3, 5, colours=_OTHERS, seed=3), _OTHERS),
        (np.array([[_RED, _BLUE, _BLACK], [_RED, (254, 0, 0), _BLUE]], np.uint8), _COLOURS),  # nearly red
        (np.array([[_RED, (40, 140, 60), _BLUE], [(254, 9, 8), (1, 2, 3), _RED]], np.uint8), _COLOURS),
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
            "A colour that is nearly that of a class passes; only an equal one may: raise a ValueError.",
            _encode_nearly,
        ),
        (
            "The error names another unknown colour; name the first in reading order.",
            partial(_encode, place=-1),
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
