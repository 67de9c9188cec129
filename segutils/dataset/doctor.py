"""The data set doctor: what is wrong with a folder of images and masks, file by file, and the cure.

`inspect` looks and changes nothing. An *error* must be cured before training, a *warning* will cost quality, a *note*
is good to know.
"""

from collections import Counter
from typing import NamedTuple

import numpy as np
import pandas as pd

from segutils.dataset.classes import GREY, MAX_CLASSES, Classes, has_colour, learn_classes
from segutils.dataset.examine import examine_pair
from segutils.dataset.files import Files
from segutils.dataset.loading import in_parallel
from segutils.dataset.pairing import find_pairs
from segutils.dataset.similar import duplicates
from segutils.dataset.splits import split_named

LEVELS = ("error", "warning", "note")
CURES = {
    "missing mask": "add the mask, or take the image away",
    "missing image": "add the image, or take the mask away",
    "several partners": "keep one image and one mask of each name",
    "unreadable": "allow it to be read, or copy it again",
    "empty file": "copy it again from its source",
    "truncated": "copy it again from its source",
    "not an image": "export it again as PNG",
    "bomb": "cut it into tiles (segutils.tiling), or take it away if you do not know it",
    "size differs": "never stretch one to the other: find the mask that was drawn on this image",
    "turned by EXIF": "programs differ in heeding the tag: save image and mask upright, without it",
    "lossy mask": "JPEG invents values at edges; export masks as PNG from the labelling tool",
    "blurred mask": "resized or turned with interpolation, or once a JPEG: make it again with nearest-neighbour",
    "not labels": "save whole numbers, one for each class, as PNG of 8 bit",
    "too many values": "objects are numbered, or masks are no masks: save one number for each class",
    "unexpected value": "paint these pixels with the right class, or give the value a class",
    "mixed scale": "masks of 0/1 beside masks of 0/255: multiply the former by 255",
    "mixed kinds": "colour masks beside grey ones: save all of them alike",
    "palettes differ": "the same number has another colour: save all masks with one palette, or as RGB",
    "mask is the image": "the image was saved as its own mask: export the mask again",
    "mask has alpha": "labels may hide in the alpha channel: save masks without one",
    "objects overlap": "pixels belong to several objects: decide which is on top",
    "same image": "keep one, or keep both in one part of the split (group_names)",
    "leak": "the image is in two parts of the split: take it out of all but one",
    "class is rare": "label more of it, or weigh it in the loss (notebook 5)",
    "class in few masks": "a random split leaves it out of a part: label more of it, or leave the class out",
    "no object": "fine if nothing is there; else the mask was never drawn",
    "all one class": "check that the mask was really drawn",
    "blank image": "all pixels are alike: was the camera covered, or the export wrong?",
    "image has alpha": "transparent pixels become visible when alpha is dropped: paint them first",
    "CMYK": "made for print, its colours change on reading: export it again as RGB",
    "16 bit": "scaled from 0..65535 to 0..255 on reading; few grey levels are left: stretch the contrast before",
    "several frames": "only the first is read: export one file a frame",
    "odd one out": "other colours or another size than most: does it belong here?",
    "void": "pixels that nobody labelled: leave them out of loss and scores (ignore_class=255)",
}


class Report(NamedTuple):
    """What the doctor found.

    findings: DataFrame with columns level, fault, file, finding, cure; worst first.
    pairs: list of Pair that can be used as they are.
    classes: Classes, or None where masks are too different to learn them.
    shares: share of all labelled pixels for each class.
    duplicates: tuples of image names that show one image.
    """

    findings: pd.DataFrame
    pairs: list
    classes: Classes | None
    shares: np.ndarray
    duplicates: list

    def count(self, level):
        """Number of findings of a level."""
        return int((self.findings.level == level).sum())

    def __str__(self):
        counted = ", ".join(f"{self.count(level)} {level}{'s' * (self.count(level) != 1)}" for level in LEVELS)
        table, details = [("LEVEL", "FAULT", "FILES", "CURE")], []
        for (level, fault), rows in self.findings.groupby(["level", "fault"], sort=False):
            table.append((level, fault, str(len(rows)), CURES[fault]))
            details += ["", f"{level}: {fault}", *(f"  {row.file}: {row.finding}" for row in rows.head(5).itertuples())]
            details += [f"  … and {len(rows) - 5} more"] * (len(rows) > 5)
        width = [max(map(len, column)) for column in zip(*table, strict=True)]
        lines = [f"{a:{width[0]}}  {b:{width[1]}}  {c:>{width[2]}}  {d}" for a, b, c, d in table]
        return "\n".join(
            [f"{len(self.pairs)} pairs can be used; {counted}.", *(["", *lines, *details] if details else [])]
        )


def inspect(path, *, images=None, masks=None):
    """Examine a folder or zip of images and masks.

    Args:
        path: of the folder or zip.
        images, masks: as find_pairs.
    Returns: Report.
    Raises: ValueError if there is no image at all, or the zip is damaged.
    """
    files = Files(path)
    paired = find_pairs(files, images=images, masks=masks)
    objects = any(len(pair.masks) > 1 for pair in paired.pairs)
    examined = in_parallel(lambda pair: examine_pair(files, pair, objects), paired.pairs)
    seen = [one for _, one in examined if one is not None]
    same = duplicates(seen)
    found = [*_partners(paired), *(finding for findings, _ in examined for finding in findings)]
    found += [*_odd_ones(seen), *_duplicates_found(same)]
    for check in () if objects else (_too_many_values, _mixed_kinds, _mixed_scale, _palettes):
        found += check(_usable(seen, found))
    usable = _usable(seen, found)
    classes, shares, more = _learn(usable, objects) if usable else (None, np.array([]), [])
    return Report(_table(found + more), [one.pair for one in usable], classes, shares, same)


def _learn(usable, objects):
    """Classes (or None), their shares, and findings about them."""
    values, coloured = {value for one in usable for value in one.values}, any(one.colours for one in usable)
    try:
        classes = Classes("objects", (0, 1)) if objects else learn_classes(values, coloured)
    except ValueError as error:
        worst = max(usable, key=lambda one: len(one.values))
        return None, np.array([]), [("error", "too many values", worst.pair.masks[0], str(error))]
    shares = _shares(usable, classes)
    return classes, shares, [*_single_values(usable, classes), *_classes_found(usable, classes, shares)]


def _usable(seen, found):
    """Those without errors; colours that are all grey become the grey values that they stand for."""
    bad = {name for level, _, name, _ in found if level == "error"}
    usable = [one for one in seen if not bad.intersection([one.pair.image, *one.pair.masks])]
    if any(one.colours and has_colour(one.values) for one in usable):
        return usable
    return [
        one._replace(values={v // GREY: n for v, n in one.values.items()}, colours=False) if one.colours else one
        for one in usable
    ]


def _table(found):
    """Findings as a DataFrame, worst first."""
    columns = ["level", "fault", "file", "finding", "cure"]
    table = pd.DataFrame([(*row, CURES[row[1]]) for row in found], columns=columns)
    order = np.lexsort((table.file, table.fault, table.level.map(LEVELS.index)))
    return table.iloc[order].reset_index(drop=True)


def _partners(paired):
    """Files without partner, and those with too many."""
    for role, other, lone in (("image", "mask", paired.lone_images), ("mask", "image", paired.lone_masks)):
        for name in lone:
            guess = f"; did you mean {paired.likely[name]}?" if name in paired.likely else ""
            yield "error", f"missing {other}", name, f"no {other} has the name of this {role}{guess}"
    for names in paired.ambiguous.values():
        yield "error", "several partners", names[0], f"also {', '.join(names[1:])}"


# All pairs together


def _too_many_values(seen):
    """Masks that alone hold more values than there may be classes."""
    for one in seen:
        if len(one.values) > MAX_CLASSES + 1:  # one may be void
            text = f"{len(one.values)} values, at most {MAX_CLASSES} classes"
            yield "error", "too many values", one.pair.masks[0], text


def _mixed_kinds(seen):
    """Colour masks among grey ones, or the other way round; black masks are both."""
    colour = [one for one in seen if one.colours and has_colour(one.values)]
    grey = [one for one in seen if not one.colours and set(one.values) != {0}]
    odd, kind = min((colour, "colours"), (grey, "grey values"), key=lambda these: len(these[0]))
    for one in odd:
        yield "error", "mixed kinds", one.pair.masks[0], f"holds {kind}, the others do not"


def _mixed_scale(seen):
    """Masks of 0/1 among masks of 0/255; not where 255 is void beside 1."""
    small = [one for one in seen if set(one.values) == {0, 1}]
    large = [one for one in seen if set(one.values) == {0, 255}]
    if any({1, 255} <= set(one.values) for one in seen):
        return
    odd, text = min((small, "0 and 1; others 0 and 255"), (large, "0 and 255; others 0 and 1"), key=lambda t: len(t[0]))
    for one in odd:
        yield "error", "mixed scale", one.pair.masks[0], f"holds {text}"


def _palettes(seen):
    """Masks whose numbers have other colours than in most masks."""
    used = Counter(item for one in seen for item in one.palette.items())
    usual = {value: colour for (value, colour), _ in reversed(used.most_common())}
    for one in seen:
        if odd := [value for value, colour in one.palette.items() if usual[value] != colour]:
            colours = ("#{:02x}{:02x}{:02x}".format(*colour) for colour in (one.palette[odd[0]], usual[odd[0]]))
            yield "warning", "palettes differ", one.pair.masks[0], f"{odd[0]} is {' here, '.join(colours)} elsewhere"


def _odd_ones(seen):
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


def _duplicates_found(same):
    """What duplicates found; of a leak the copy for training is at fault, for tests are worth more."""
    for names in same:
        parts = {split_named(name) for name in names} - {None}
        first, *others = sorted(names, key=lambda name: split_named(name) != "train")
        if len(parts) > 1:
            yield "error", "leak", first, f"also {', '.join(others)}: in {' and '.join(sorted(parts))}"
        else:
            yield "warning", "same image", first, f"also {', '.join(others)}"


def _single_values(seen, classes):
    """Masks of one value only, and the mask with most void."""
    void = {}
    for one in seen:
        if classes.void in one.values:
            void[one.pair.masks[0]] = one.values[classes.void] / sum(one.values.values())
        if len(one.values) == 1:
            (only,) = one.values
            level, fault = ("note", "no object") if only == classes.values[0] else ("warning", "all one class")
            yield level, fault, one.pair.masks[0], f"all {classes.show(only)}"
    if void:
        name = max(void, key=void.get)
        yield "note", "void", name, f"{100 * void[name]:.1f}% of it, the most of {len(void)} masks with void"


def _shares(seen, classes):
    """Share of each class in all pixels that are not void."""
    pixels = np.array([sum(one.values.get(value, 0) for one in seen) for value in classes.values])
    return pixels / max(pixels.sum(), 1)


def _classes_found(seen, classes, shares):
    """Values that look like a slip, classes in too few masks, rare classes."""
    for value, share in zip(classes.values, shares, strict=True):
        masks = [
            (one.pair.masks[0], one.values[value], sum(one.values.values())) for one in seen if value in one.values
        ]
        name, pixels, size = masks[0]
        row = value < 255 and all(lower in classes.values for lower in range(value))  # the next of 0, 1, 2, ...
        if len(masks) == 1 and len(seen) >= 5 and pixels < 0.02 * size and not row:
            yield "warning", "unexpected value", name, f"{pixels:,} pixels of {classes.show(value)}, in no other mask"
        elif len(masks) < 3 <= len(seen):
            where = " and ".join(mask for mask, _, _ in masks)
            yield "warning", "class in few masks", name, f"class {classes.show(value)} is only in {where}"
        elif share < 0.01:
            yield (
                "note",
                "class is rare",
                "all masks",
                f"class {classes.show(value)} has {100 * share:.2f}% of the pixels",
            )


def require_usable(report, *, leave_out=False):
    """Stop unless a data set can be trained on.

    Args:
        report: Report.
        leave_out: accept errors; the files that have them are not among report.pairs.
    Raises: ValueError, one sentence with the first error, without pairs, with one class only, or (see leave_out) with
        errors.
    """
    errors = report.findings[report.findings.level == "error"]
    first = f"{errors.iloc[0].file}: {errors.iloc[0].finding}; {errors.iloc[0].cure}" if len(errors) else ""
    if not report.pairs or report.classes is None:
        raise ValueError(f"no pair of image and mask can be used; {len(errors)} errors, the first: {first}")
    if len(report.classes.values) < 2:
        only = report.classes.show(report.classes.values[0])
        raise ValueError(f"expected at least two classes, but all masks hold {only} only; draw them first")
    if len(errors) and not leave_out:
        raise ValueError(f"{len(errors)} errors, the first: {first}")
