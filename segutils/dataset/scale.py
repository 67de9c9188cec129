"""Are the same classes written with other values in some masks, and is 255 a class or void?"""

from itertools import combinations

import numpy as np

from segutils.dataset.classes import MAX_CLASSES, Classes, channels_of, learn_classes
from segutils.metrics import VOID

SLIP = 0.002  # share of a mask below which a value may be a slip of the brush
STRAY = 0.01  # the same, of a value that is in hardly any mask
NEAR = 3  # levels by which a colour differs once another program has saved it
FULL = (1, 255, 65535)  # what programs write for "yes"
STRETCHED = 20  # times by which numbers of classes are multiplied to be seen


def mixed_scale(seen):
    """Masks that write the classes of the others with values of their own: 0/1 among 0/255, 0/127/254 among 0/1/2.

    Values that are in no mask together are not enough: many sets have one class in each image.
    """
    present, exact = [_present(one, SLIP) for one in seen], [set(one.values) for one in seen]
    values = set().union(*present)
    if not 1 < len(values) <= MAX_CLASSES:
        return
    found = [*_yes(exact)]
    for rule in [_near_colours] if any(one.colours for one in seen) else [_near_greys, _stretched, _shifted, _apart]:
        found += rule(present, values)
    accused = set()
    for some, others in found:
        groups = [[one for one, had in zip(seen, present, strict=True) if had & wanted] for wanted in (some, others)]
        odd, usual = sorted(groups, key=len)
        for one in odd:
            if one.pair.mask not in accused:
                accused.add(one.pair.mask)
                yield "error", "mixed scale", one.pair.mask, f"holds {_listed([one])}; others {_listed(usual)}"


def void_in_question(seen):
    """Masks of 0 and 255 alone, where most of those with 255 are so but the others make it look like void."""
    holding = [one for one in seen if VOID in one.values]
    if not holding or any(one.colours for one in seen) or void_of(seen) is None:
        return
    slips, background = _strays(seen), min(value for one in seen for value in one.values)
    alone = {one.pair.mask for one in holding if set(one.values) - slips <= {background, VOID}}
    bare, rest = ([one for one in seen if (one.pair.mask in alone) == wanted] for wanted in (True, False))
    known = any(one.unlabelled for one in seen)
    elsewhere = "-1 or NaN are" if known else f"beside {_listed(rest)}"
    for one in bare if known or 2 * len(bare) > len(holding) else ():
        if not one.unlabelled:
            text = f"holds {_listed([one])}; is 255 a class here, or void as {elsewhere}?"
            yield "error", "void in question", one.pair.mask, text


def void_of(seen):
    """255 if it is void in grey masks, else None: as learn_classes, but slips of the brush have no say, and -1 has."""
    if any(one.unlabelled for one in seen):
        return VOID
    values = set().union(*(one.values for one in seen)) - _strays(seen)
    if len(values) > MAX_CLASSES + 1:
        return None
    return learn_classes(values, False, palette=any(one.palette for one in seen)).void


def _strays(seen):
    """Values with few pixels in one mask, or in one of ten, where 255 is in most masks that are not empty."""
    drawn = [one for one in seen if len(one.values) > 1]
    if 2 * sum(VOID in one.values for one in drawn) <= len(drawn):
        return set()
    found = set()
    for value in set().union(*(one.values for one in seen)) - {0, VOID}:
        masks = [one for one in seen if value in one.values]
        if len(masks) <= max(1, 0.1 * len(drawn)) and not any(value in _present(one, STRAY) for one in masks):
            found.add(value)
    return found


def _present(one, share):
    """The values of a mask but those with hardly a pixel."""
    least = share * sum(one.values.values())
    return {value for value, pixels in one.values.items() if pixels >= least}


def _listed(masks):
    """The values of masks in words: "0, 127 and 254"."""
    values = sorted({value for one in masks for value in one.values})
    show = Classes("colours" if any(one.colours for one in masks) else "values", ()).show
    shown = [show(value) for value in values[:8]] + ["more"] * (len(values) > 8)
    return " and ".join(filter(None, (", ".join(shown[:-1]), shown[-1])))


# Rules: each yields two sets of values for the same classes.


def _yes(present):
    """1, 255 and 65535 for "yes"; but 255 beside 1 may be void."""
    alone = {frozenset(some - {0}) for some in present}
    for low, high in combinations(FULL, 2):
        if {frozenset({low}), frozenset({high})} <= alone and not _together(low, high, present):
            yield {low}, {high}


def _near_greys(present, values):
    """Values beside white, or beside the grey half way to it, that are never together: 254 and 255, 127 and 128."""
    white = next((top for top in FULL[1:] if top - NEAR <= max(values) <= top), None)
    marks = (white, white // 2) if white else ()
    for mark in marks:
        close = sorted(value for value in values if abs(value - mark) <= NEAR)
        for one, other in combinations(close, 2):
            if not _together(one, other, present):
                yield {one}, {other}


def _near_colours(present, values):
    """Colours that differ by hardly a level and are never together; not where colours are numbers: #010000, #020000."""
    if channels_of(list(values)).max() < 128:
        return
    for one, other in combinations(sorted(values), 2):
        apart = np.abs(np.subtract(*channels_of([one, other]))).max()
        if apart <= NEAR and not _together(one, other, present):
            yield {one}, {other}


def _stretched(present, values):
    """Numbers of classes, and the same numbers multiplied to be seen: 1, 2 and 127, 254."""
    for some, others in combinations(_connected([had - {0} for had in present]), 2):
        small, large = sorted((some, others), key=max)
        if min(len(small), len(large)) > 1 and _is_multiple(large, small):
            yield small, large


def _is_multiple(large, small):
    """True if each of some values is another of the small ones times one number, but for rounding."""
    large, small = (np.array(sorted(some)) for some in (large, small))
    for times in large[-1] / small:
        off = np.abs(large[:, None] - times * small)
        if times >= STRETCHED and off.min(1).max() <= NEAR and len(set(off.argmin(1))) == len(large):
            return True
    return False


def _shifted(present, values):
    """Numbers from 0 on in some masks and, one higher, from 1 on in the others: 0, 1 and 1, 2; each in every mask."""
    low = min(values)
    without = [had for had in present if low not in had]
    if min(len(without), len(present) - len(without)) < 3 or len(set(map(frozenset, present))) != 2:
        return
    first = next(had for had in present if low in had)
    if len(first) > 1 and without[0] == {value + 1 for value in first}:
        yield {low}, {max(values)}


def _apart(present, values):
    """Two groups of masks with equally many values, none of which both have."""
    for some, others in combinations(_connected(present), 2):
        if len(some) == len(others) > 1:
            yield some, others


def _together(one, other, present):
    return any({one, other} <= had for had in present)


def _connected(sets):
    """Sets of values, merged where they share one."""
    merged = []
    for values in filter(None, map(set, sets)):
        for old in [old for old in merged if old & values]:
            merged.remove(old)
            values |= old
        merged.append(values)
    return merged
