"""Numbers in the channels of colour masks: 1, 2, 3 in red alone, or a class in red and an object in green.

Nobody chooses two colours for the eye that differ by a level or two of one channel, so these are numbers.
"""

import numpy as np

from segutils.dataset.classes import channels_of, has_colour

NEAR = 2  # levels of one channel, by which only numbers differ
MOST = 1024  # colours of one mask that are compared; more are a photograph's
RED = 1 << 16  # red in pack_colours


def in_red(values):
    """True if pack_colours colours are numbers in red alone, some of which follow each other."""
    numbers = sorted(value // RED for value in values if value)
    return all(value % RED == 0 for value in values) and 1 in np.diff(numbers)


def as_numbers(seen):
    """Examined masks, those of numbers in red as if they were grey."""
    if not all(one.colours for one in seen) or not in_red({value for one in seen for value in one.values}):
        return seen
    return [one._replace(values={v // RED: n for v, n in one.values.items()}, colours=False) for one in seen]


def in_channels(seen):
    """Masks with numbers of two kinds in two channels, such as the class in red and the object in green."""
    coloured = [one for one in seen if one.colours and has_colour(one.values)]
    found = {one.pair.mask: colours for one in coloured if (colours := _numbers(one.values))}
    if not found or 2 * len(found) < len(seen):
        return
    if np.count_nonzero(np.ptp(np.concatenate(list(found.values())), axis=0)) > 1:
        for name, colours in found.items():
            shown = ", ".join(f"({', '.join(map(str, colour))})" for colour in colours[:3])
            yield "error", "numbers in channels", name, f"holds {shown}: colours that differ by a level are numbers"


def _numbers(values):
    """The colours of one mask as triples, if most but black have another one near; else none."""
    if len(values) > MOST:
        return []
    colours = channels_of([value for value in sorted(values) if value])
    apart = np.abs(colours[:, None] - colours)
    near = (apart.sum(-1) <= NEAR) & ((apart > 0).sum(-1) == 1)
    return list(map(tuple, colours.tolist())) if near.any(1).sum() > 0.5 * len(colours) else []
