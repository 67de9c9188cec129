"""The doctor's look at all pairs together: values that do not fit, odd ones out, copies, classes."""

import re
from itertools import pairwise

import numpy as np

from segutils.dataset.classes import MAX_CLASSES, has_colour
from segutils.dataset.fit import shift_of
from segutils.dataset.splits import split_named


def too_many_values(seen):
    """Masks that alone hold more values than there may be classes."""
    for one in seen:
        if len(one.values) > MAX_CLASSES + 1:  # one may be void
            text = f"{len(one.values)} values, at most {MAX_CLASSES} classes"
            yield "error", "too many values", one.pair.mask, text


def mixed_kinds(seen):
    """Colour masks among grey ones, or the other way round; black masks are both."""
    colour = [one for one in seen if one.colours and has_colour(one.values)]
    grey = [one for one in seen if not one.colours and set(one.values) != {0}]
    odd, kind = min((colour, "colours"), (grey, "grey values"), key=lambda these: len(these[0]))
    for one in odd:
        yield "error", "mixed kinds", one.pair.mask, f"holds {kind}, the others do not"


def odd_ones(seen):
    """Images with other channels, or far smaller or larger, than nearly all others."""
    if len(seen) < 8:
        return
    greys, middle = np.mean([one.grey for one in seen]), np.median([one.size[0] * one.size[1] for one in seen])
    for one in seen:
        if (greys if one.grey else 1 - greys) <= 0.1:
            text = "grey, the others in colour" if one.grey else "in colour, the others grey"
            yield "note", "odd one out", one.pair.image, text
        if not 1 / 16 <= one.size[0] * one.size[1] / middle <= 16:
            yield "note", "odd one out", one.pair.image, "{1} × {0} pixels, far from the others' size".format(*one.size)


def are_numbered(seen):
    """True if masks number their objects: nearly each value but 0 is one connected region, and there are many.

    Many: more than classes may be, over all masks; or in each mask 1, 2, … up to a number of its own. Numbers that
    recur here and there are classes, even if there are too many of them.
    """
    several = [one for one in seen if not one.colours and len(one.values) > 5]
    if len(several) < max(1, 0.5 * len(seen)) or len({one.colours for one in seen}) > 1:
        return False
    alone = [one.regions <= 1.5 * (len(one.values) - (0 in one.values)) for one in several]
    around = [one.values.get(0, 0) > 2 * np.median(list(one.values.values())) for one in several]
    if np.mean(alone) < 0.9 or np.mean(around) < 0.9:
        return False
    usual = sorted(several, key=lambda one: len(one.values))[: max(1, round(0.9 * len(several)))]
    used = {value for one in usual for value in one.values}
    numbers = {max(one.values) for one in several}
    of_its_own = len(several) >= 3 and _count_up(several) and (len(numbers) >= 3 or min(numbers) >= 16)
    return of_its_own or (len(used) > MAX_CLASSES and not _recur(several))


def within_classes(seen):
    """Masks that number objects within classes: 24000, 24001 and 26000 as Cityscapes does, by 1000; KITTI by 256."""
    values = sorted({value for one in seen for value in one.values})
    base = next((base for base in (1000, 256) if _number_within(values, base)), None)
    if base is None or any(one.colours for one in seen):
        return
    if any(len({value // base for value in one.values} - {0}) > 1 for one in seen):  # else objects of a mask each
        for one in seen:
            if large := sorted(value for value in one.values if value >= base):
                text = f"holds {', '.join(map(str, large[:4]))}: {base} times the class, plus the object's number"
                yield "error", "objects within classes", one.pair.mask, text


def _number_within(values, base):
    """True if values above a base are its multiples plus 0, 1, 2, …, of some multiple several, and don't run on.

    Objects are counted within each class, or across all of them: 1001, 2002, 1003.
    """
    numbers = {}
    for value in values:
        if value >= base:
            numbers.setdefault(value // base, []).append(value % base)
    if max(map(len, numbers.values()), default=0) < 2 or any(times * base - 1 in values for times in numbers):
        return False
    across = sorted({number for some in numbers.values() for number in some})
    return _count_on(across, base) or all(_count_on(some, base) for some in numbers.values())


def _count_on(numbers, base):
    """True if numbers begin at 0 or 1 and have few gaps."""
    return numbers[0] < 2 and 2 * len(numbers) > numbers[-1] and numbers[-1] < base / 2


def _recur(masks):
    """True if few numbers of a large range are in each mask, most in several, but seldom in one and the next.

    Numbers of objects begin anew in each mask, or go on from mask to mask, or follow an object through a film.
    """
    numbers = [set(one.values) - {0} for one in sorted(masks, key=lambda one: _by_number(one.pair.mask))]
    each, used = sum(map(len, numbers)), set().union(*numbers)
    dense = np.median([len(some) / max(some) for some in numbers]) >= 0.5
    followed = sum(len(some & later) for some, later in pairwise(numbers)) >= 0.5 * each
    return len(used) < 0.5 * each and not dense and not followed


def _by_number(name):
    """A name's pieces, so that frame2 comes before frame10."""
    return [(piece.isdecimal(), int(piece) if piece.isdecimal() else 0, piece) for piece in re.split(r"(\d+)", name)]


def few_are_numbered(seen):
    """True if masks number few objects each: 0, 1, 2, … up to a number of its own, in eight masks or more above 1.

    Each number is one region, and the regions lie apart, because classes too can be few, count up, and lie in each
    other.
    """
    several = [one for one in seen if len(one.values) > 2]
    many = sum(len(one.values) > 5 for one in seen)
    if any(one.colours or 0 not in one.values for one in seen) or many >= 0.5 * len(seen):
        return False
    if len(several) < max(8, 0.3 * len(seen)) or not _count_up(seen):
        return False
    numbers = [max(one.values) for one in several]
    alone = np.mean([one.regions == number for one, number in zip(several, numbers, strict=True)])
    apart = sum(one.islands for one in several) / sum(numbers)
    return len({max(one.values) for one in seen} - {0}) >= 3 and alone >= 0.9 and apart >= 0.75


def _count_up(masks):
    return all(set(one.values) >= set(range(1, max(one.values) + 1)) for one in masks)


def shifted(seen):
    """Masks that lie some pixels off the edges of their images: all of them by one way, or single ones."""
    known = [one for one in seen if one.edges is not None]
    if len(known) >= 8 and (
        way := shift_of(np.mean([one.edges for one in known], axis=0), least=0.1, most=0.92, sharp=0.2)
    ) != (
        0,
        0,
    ):
        agree = np.mean([shift_of(one.edges, least=0, most=1, sharp=0) == way for one in known])
        if agree > 0.3:
            yield "warning", "shifted mask", "all masks", f"the edges of most images are met {_moved(way)}"
            return
    for one in known:
        if (way := shift_of(one.edges)) != (0, 0):
            yield "warning", "shifted mask", one.pair.mask, f"the edges of its image are met {_moved(way)}"


def _moved(way):
    """The move that brings a mask onto its image, in words."""
    ways = zip(way, (("up", "down"), ("to the left", "to the right")), strict=True)
    said = [f"{abs(by)} {words[by < 0]}" for by, words in ways if by]
    return f"when the mask is moved by {' and '.join(said)}, in pixels"


def copies_found(same, near, parts):
    """What `copies` found; of a leak the copy for training is at fault, for tests are worth more."""
    for names in same:
        part_of = {name: split_named(name) for name in names}
        first, *others = sorted(names, key=lambda name: part_of[name] != "train")
        between = set(part_of.values()) - {None}
        if len(between) > 1:
            yield "error", "leak", first, f"also {', '.join(others)}: in {' and '.join(sorted(between))}"
        else:
            yield "warning", "same image", first, f"also {', '.join(others)}"
    for names in near:
        first, *others = names
        between = {part for name in names if (part := parts.get(name) or split_named(name))}
        text = f"nearly as {', '.join(others[:3])}" + (f" and {len(others) - 3} more" if len(others) > 3 else "")
        across = f": in {' and '.join(sorted(between))}" if len(between) > 1 else ""
        yield "warning" if across else "note", "near copy", first, text + across


def single_values(seen, classes):
    """Masks of one value only (one error if all of them have the same), and the mask with most void."""
    void, found = {}, np.flatnonzero(counts(seen, classes).sum(0))
    if len(found) < 2:
        text = f"hold {classes.show(classes.values[found[0]]) if len(found) else 'void'} only: nothing can be learned"
        yield "error", "one class only", "all masks", text
    for one in seen:
        if classes.void in one.values:
            void[one.pair.mask] = one.values[classes.void] / sum(one.values.values())
        if len(one.values) == 1 and len(found) > 1:
            (only,) = one.values
            level, fault = ("note", "no object") if only == classes.values[0] else ("warning", "all one class")
            yield level, fault, one.pair.mask, f"all {classes.show(only)}"
    if void:
        name = max(void, key=void.get)
        yield "note", "void", name, f"{100 * void[name]:.1f}% of it, the most of {len(void)} masks with void"


def counts(seen, classes):
    """Pixels of each class in each mask, (masks, classes) int64; void aside."""
    return np.array([[one.values.get(value, 0) for value in classes.values] for one in seen], np.int64)


def missing_in_parts(seen, learned, parts):
    """Classes that a part of the set's own split lacks."""
    present, classes = {}, learned.classes
    for one in seen:
        if part := parts.get(one.pair.key):
            present.setdefault(part, set()).update(one.values)
    for part, values in present.items() if len(present) > 1 else ():
        for value, name in zip(classes.values, learned.names, strict=True):
            if value not in values:
                yield "warning", "class missing", part, f"no mask of {part} has class {name}"


def classes_found(seen, learned, shares):
    """Values that look like a slip, classes in too few masks, rare classes."""
    classes = learned.classes
    name_of = dict(zip(classes.values, learned.names, strict=True))
    for value, share in zip(classes.values, shares, strict=True):
        masks = [(one.pair.mask, one.values[value], sum(one.values.values())) for one in seen if value in one.values]
        if not masks:
            continue
        name, pixels, size = masks[0]
        # the next of 0, 1, 2, ... is no slip, unless it is one of the brush beside white
        row = value < 255 and all(lower in classes.values for lower in range(value)) and 255 not in classes.values
        if len(masks) == 1 and len(seen) >= 5 and pixels < 0.02 * size and not row:
            text = f"{pixels:,} pixels of {classes.show(value)}, in no other mask"
            usual = [
                other for other in classes.values if other != value and sum(other in one.values for one in seen) > 1
            ]
            close = min(usual or classes.values, key=lambda other: abs(other - value))
            text += (
                f"; was {classes.show(close)} meant?" if classes.kind == "values" and abs(close - value) <= 30 else ""
            )
            yield "warning", "unexpected value", name, text
        elif len(masks) < 3 <= len(seen):
            where = " and ".join(mask for mask, _, _ in masks)
            yield "warning", "class in few masks", name, f"class {name_of[value]} is only in {where}"
        elif share < 0.01:
            yield (
                "note",
                "class is rare",
                "all masks",
                f"class {name_of[value]} has {100 * share:.2f}% of the pixels",
            )
