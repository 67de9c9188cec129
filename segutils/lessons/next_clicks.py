"""Lesson 14 · Attention: its second exercise, `next_click`."""

import numpy as np

from segutils.lessons.answers import Exercise
from segutils.lessons.click import centre, next_click

# The second exercise: next_click(true, predicted), (H, W) bool each → (row, column, sign)


def _blocks(*boxes):
    """A mask (9, 12) bool of boxes (top, bottom, left, right)."""
    mask = np.zeros((9, 12), bool)
    for top, bottom, left, right in boxes:
        mask[top:bottom, left:right] = True
    return mask


def _errors(true, predicted):
    return (1, true & ~predicted), (-1, predicted & ~true)


def _click(errors, *, pick=np.argmax, place=centre, structure=None):
    """Answer, right or wrong: among regions of errors [(sign, mask)], the one that `pick` chooses by size."""
    from scipy import ndimage

    regions = []
    for sign, error in errors:
        labels, count = ndimage.label(error, structure)
        regions += [(sign, labels == number) for number in range(1, count + 1)]
    sign, region = regions[pick([region.sum() for _, region in regions])]
    return (*place(region), sign)


def _all_as_one(true, predicted):
    sign, error = max(_errors(true, predicted), key=lambda pair: pair[1].sum())
    return (*centre(error), sign)


def _mean_place(region):
    return tuple(np.argwhere(region).mean(0).round().astype(int))


def _joined(true, predicted):
    """A wrong answer: the largest region of all pixels that differ, whichever way."""
    row, column, _ = _click([(1, true ^ predicted)])
    return row, column, 1 if true[row, column] else -1


def _deepest_in_steps(region):
    from scipy import ndimage

    depth = ndimage.distance_transform_cdt(np.pad(region, 1), "taxicab")[1:-1, 1:-1]
    return np.unravel_index(depth.argmax(), region.shape)


def _deepest_without_rim(region):
    from scipy import ndimage

    return np.unravel_index(ndimage.distance_transform_edt(region).argmax(), region.shape)


second_exercise = Exercise(
    "next_click",
    solution=next_click,
    cases=[
        (_blocks((1, 4, 1, 4)), _blocks()),
        (_blocks((1, 4, 1, 4), (5, 8, 1, 12)), _blocks((1, 4, 1, 4), (5, 8, 1, 4))),
        (_blocks((1, 4, 1, 4)), _blocks((1, 4, 1, 3), (4, 9, 7, 12))),
        (_blocks((0, 9, 0, 3), (6, 9, 0, 12)), _blocks((0, 1, 11, 12))),
        (_blocks((0, 3, 0, 5), (6, 8, 0, 2), (6, 8, 3, 5), (6, 8, 6, 8), (6, 8, 9, 11)), _blocks()),
        # Missing pixels beside others that are too many; and more missing pixels, but in pieces
        (_blocks((0, 6, 0, 5)), _blocks((1, 7, 5, 9), (3, 9, 8, 12))),
        (_blocks((6, 8, 0, 2), (6, 8, 3, 5), (6, 8, 6, 8), (6, 8, 9, 11), (3, 5, 9, 11)), _blocks((0, 3, 0, 4))),
        (_blocks((8, 9, 0, 2)), _blocks((1, 4, 0, 3), (4, 5, 3, 4), (5, 7, 4, 12), (0, 3, 9, 12))),
    ],
    mistakes=[
        (
            "The sign is the wrong way round: +1 where the object is missing, -1 where there is too much.",
            lambda true, predicted: _click([(-sign, error) for sign, error in _errors(true, predicted)]),
        ),
        (
            "The sign is always +1; where the mask holds too much, it is -1.",
            lambda true, predicted: _click([(1, error) for _, error in _errors(true, predicted)]),
        ),
        (
            "Only missing pixels are looked at; a mask can also hold too much.",
            lambda true, predicted: _click(_errors(true, predicted)[:1]),
        ),
        (
            "You take the smallest error; take the largest.",
            lambda true, predicted: _click(_errors(true, predicted), pick=np.argmin),
        ),
        (
            "The mean place of a bent region can lie outside it: take the pixel that is farthest from its outside.",
            lambda true, predicted: _click(_errors(true, predicted), place=_mean_place),
        ),
        (
            "You take the first pixel of the region, which lies on its rim; take the one farthest from the outside.",
            lambda true, predicted: _click(_errors(true, predicted), place=lambda region: np.argwhere(region)[0]),
        ),
        (
            "Row and column are swapped: a click is (row, column, sign).",
            lambda true, predicted: tuple(np.array(next_click(true, predicted))[[1, 0, 2]]),
        ),
        (
            "All missing pixels are taken as one error: part them into connected regions first.",
            _all_as_one,
        ),
        (
            "Missing pixels and those that are too many are joined where they touch: look for regions of either kind.",
            _joined,
        ),
        (
            "You choose the kind with more pixels first; compare the regions of both kinds.",
            lambda true, predicted: _click([max(_errors(true, predicted), key=lambda pair: pair[1].sum())]),
        ),
        (
            "The distance is counted in steps along rows and columns; take the straight one, distance_transform_edt.",
            lambda true, predicted: _click(_errors(true, predicted), place=_deepest_in_steps),
        ),
        (
            "The added rim of one pixel is still there, so row and column are 1 too large: take it off again.",
            lambda true, predicted: _click(_errors(true, predicted), place=lambda region: np.add(centre(region), 1)),
        ),
        (
            "Beyond the image is outside, too: add a rim of one pixel, np.pad(region, 1), before you take distances.",
            lambda true, predicted: _click(_errors(true, predicted), place=_deepest_without_rim),
        ),
        (
            "Pixels that meet at a corner only are taken as connected; here they are connected by their edges.",
            lambda true, predicted: _click(_errors(true, predicted), structure=np.ones((3, 3))),
        ),
    ],
)
