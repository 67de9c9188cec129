"""The data set doctor: what is wrong with a folder of images and masks, file by file, and the cure.

`inspect` looks and changes nothing. An *error* must be cured before training, a *warning* will cost quality, a *note*
is good to know.
"""

from collections import Counter
from typing import NamedTuple

import numpy as np
import pandas as pd

from segutils.dataset import legend, naming, packed, palettes, partners, scale, together
from segutils.dataset.classes import GREY, Classes, has_colour
from segutils.dataset.examine import examine_pair
from segutils.dataset.files import Files
from segutils.dataset.loading import in_parallel
from segutils.dataset.pairing import arrange
from segutils.dataset.similar import copies, neighbours
from segutils.dataset.splits import across

LEVELS = ("error", "warning", "note")
CURES = {
    "annotation not read": "images without masks can't be learned from: convert what holds them",
    "no area": "good to know; to have them as regions, draw polygons or masks",
    "annotation empty": "segmentation takes outlines: draw polygons or masks, and export them anew",
    "damaged annotation": "export the annotations again",
    "outlines too large": "cut image and outlines up, or draw the outlines into a mask: that is read in tiles",
    "missing mask": "add the mask, or take the image away",
    "missing image": "add the image, or take the mask away",
    "several masks": "keep one, or say which with --masks (or --images); in the notebook MASKS (or IMAGES)",
    "set aside": "good to know; to use them instead, name them with --masks",
    "combined": "good to know; if each set is a class, give each another value in the masks",
    "names overruled": "good to know; if the names are right, say so with --images and --masks",
    "not read": "convert the files as said",
    "cut into tiles": "good to know; new images of any size are predicted whole",
    "slices differ": "export image and mask with the same slices",
    "several pages": "a page or plane for each class? save one with a number for each; slices? save a file for each",
    "compressed": "save it uncompressed, or compressed by deflate (ZIP)",
    "numbered objects": "each number is an object: read as background and object, and counted as they are numbered",
    "objects within classes": "divide by 1000 (KITTI: 256) for the class; Cityscapes has that beside them, as labelIds",
    "numbers in channels": "save the channel that holds the class as a grey PNG (np.asarray(mask)[..., 0]: red)",
    "georeference": "predicted masks lack it: write them with rasterio and the profile of their image",
    "gap in values": "say which value is void: --void, in the notebook VOID",
    "class names": "right as they are? NAMES gives others",
    "names contradict": "save all masks by one list of names, or take away the list that is wrong",
    "text not read": "good to know; if it should name classes, parts or outlines, mend it",
    "near copy": "views that differ little: keep them in one part of the split (group_names)",
    "relatives": "the score will be too high: move one of them, or report it beside the score",
    "class missing": "a part that lacks a class can't teach or judge it: move an image that has it",
    "classes overlap": "a pixel has one class here: decide which is on top",
    "shifted mask": "edges of image and mask disagree: export the masks again, with the same origin and size",
    "several bands": "read them all with CHANNELS, or the first three as colour",
    "link": "fetch what links name (git annex get, datalad get, git lfs pull), or copy the files in their place",
    "several partners": "keep one image and one mask of each name",
    "unreadable": "allow it to be read, or copy it again",
    "empty file": "copy it again from its source",
    "truncated": "copy it again from its source",
    "not an image": "export it again as PNG",
    "bomb": "cut it into tiles (segutils.tiling), or take it away if you do not know it",
    "size differs": "never stretch one to the other: find the mask that was drawn on this image",
    "turned by EXIF": "programs differ in heeding the tag: save image and mask upright, without it",
    "lossy mask": "JPEG invents values at edges; export masks as PNG, or read them with --nearest",
    "blurred mask": "resized or turned with interpolation, or once a JPEG: make it again, or read it with --nearest",
    "not labels": "save whole numbers, one for each class, as PNG of 8 bit",
    "too many values": "objects are numbered, or masks are no masks: save one number for each class",
    "unexpected value": "paint these pixels with the right class, or give the value a class",
    "mixed scale": "the same classes with other values: save all masks alike, or name each value in a classes.csv",
    "void in question": "say so: --void 255, or --void none where it is a class; in the notebook VOID",
    "mixed kinds": "colour masks beside grey ones: save all of them alike",
    "palettes differ": "is class the number or the colour? Where colours recur, they count; else save all masks as RGB",
    "mask is the image": "the image was saved as its own mask: export the mask again",
    "mask has alpha": "labels may hide in the alpha channel: save masks without one",
    "objects overlap": "pixels belong to several objects: decide which is on top",
    "same image": "keep one, or keep both in one part of the split (group_names)",
    "leak": "the image is in two parts of the split: take it out of all but one",
    "class is rare": "label more of it, or weigh it in the loss (notebook 5)",
    "class in few masks": "a random split leaves it out of a part: label more of it, or leave the class out",
    "one class only": "draw the other classes, or see whether the masks were exported as they were drawn",
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
    names: of the classes; their mask values where nothing names them.
    parts: for each pair "train", "validation", "test", or None where neither folder nor list says so.
    bands: number of channels that most images have; 1 where all colours are greys.
    near: tuples of image names that differ in little, such as frames of a film.
    sizes: for each pair the image's (height, width).
    counts: (pairs, classes) int64, pixels of each class in each mask.
    borders: for each pair its image's borders, as similar.borders_of.
    tiles: what `neighbours` found, or None where it did not look.
    """

    findings: pd.DataFrame
    pairs: list
    classes: Classes | None
    shares: np.ndarray
    duplicates: list
    names: tuple = ()
    parts: tuple = ()
    bands: int = 0
    near: list = []
    sizes: tuple = ()
    counts: np.ndarray | None = None
    borders: tuple = ()
    tiles: list | None = None

    def count(self, level):
        """Number of findings of a level."""
        return int((self.findings.level == level).sum())

    def as_dict(self):
        """All of it in plain types, as JSON has them."""
        classes = self.classes or Classes("", ())
        return {
            "pairs": [
                {"key": pair.key, "image": pair.image, "masks": list(pair.masks), "part": part}
                for pair, part in zip(self.pairs, self.parts, strict=True)
            ],
            "count": {level: self.count(level) for level in LEVELS},
            "kind": classes.kind,
            "void": None if classes.void is None else classes.show(classes.void),
            "classes": [
                {"value": classes.show(value), "name": name, "share": float(share)}
                for value, name, share in zip(classes.values, self.names, self.shares, strict=True)
            ],
            "bands": self.bands,
            "duplicates": [list(names) for names in self.duplicates],
            "findings": self.findings.to_dict("records"),
        }

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


def inspect(path, *, images=None, masks=None, void="auto", nearest=False, relatives=True, progress=False):
    """Examine a folder or zip of images and masks.

    Args:
        path: of the folder or zip.
        images, masks: as find_pairs.
        void: mask value (or class name, or colour "#rrggbb") of pixels that nobody labelled; "none"; or "auto".
        nearest: read soft masks by the nearest of the frequent values.
        relatives: where the set has parts of its own, look for tiles of one image in two of them.
        progress: show a bar where there are 200 files or more.
    Returns: Report.
    Raises: SetError if there is no image at all, the zip is damaged, or no mask holds `void`.
    """
    files = Files(path)
    arranged = arrange(files, images=images, masks=masks)
    pairs, kind = arranged.pairing.pairs, arranged.kind
    kind = "objects" if kind == "masks" and any(len(pair.masks) > 1 for pair in pairs) else kind
    bar = progress and len(files.names) >= 200
    examined = in_parallel(lambda pair: examine_pair(files, pair, kind), pairs, bar="examined" if bar else None)
    seen = [one for _, one in examined if one is not None]
    same, near = copies(files, seen)
    found = [*partners.findings(files, arranged), *(finding for findings, _ in examined for finding in findings)]
    found += [*together.odd_ones(seen), *together.copies_found(same, near, arranged.parts)]
    if kind == "masks" and not nearest and _by_colour(files, usable := _usable(seen, found)):
        found += palettes.differ(usable, "warning")
        seen, kind, void = [palettes.in_colour(one) for one in seen], "palettes", _void_in_colour(seen, void)
    within = _within_classes(_usable(seen, found)) if kind == "masks" and not nearest else []
    found, numbered = found + within, kind == "masks" and not within and _numbered(files, seen)
    if nearest:
        found = [f for f in found if f[1] not in ("blurred mask", "lossy mask")]
    if kind in ("masks", "palettes") and not numbered:
        for check in _checks(files, seen, void, nearest):
            found += check(_usable(seen, found))
    usable = _usable(seen, found)
    if numbered:
        kind = "numbered"
        usable = [one._replace(values=_object_or_not(one.values)) for one in usable]
    found += together.shifted(usable)
    learned = naming.Learned(None, (), [])
    if usable:
        learned = naming.learn(files, arranged, usable, kind, void=void, nearest=nearest)
    shares, counts = np.array([]), None
    if learned.classes is not None:
        usable = learned.usable or usable
        counts = together.counts(usable, learned.classes)
        shares = counts.sum(0) / max(counts.sum(), 1)
        found += [*together.single_values(usable, learned.classes), *together.classes_found(usable, learned, shares)]
        found += together.missing_in_parts(usable, learned, arranged.parts)
    if _bands(usable) > 3:
        text = f"{_bands(usable)} bands; as colour, the first three would be read"
        found.append(("note", "several bands", usable[0].pair.image, text))
    pairs = [one.pair for one in usable]
    parts = tuple(arranged.parts.get(pair.key) for pair in pairs)
    borders, tiles = tuple(one.borders for one in usable), None
    if relatives and len(set(parts) - {None}) > 1:
        tiles = neighbours(files, pairs, borders=borders)
        for image, part, other, its_part in across(pairs, parts, tiles):
            text = f"in {part}; {other} in {its_part} looks like a tile of the same image"
            found.append(("warning", "relatives", image, text))
    table = _table(found + learned.findings)
    about = table, pairs, learned.classes, shares, same, learned.names, parts, _bands(usable), near
    return Report(*about, tuple(one.size for one in usable), counts, borders, tiles)


def _within_classes(seen):
    """Masks that hold the number of an object beside that of its class."""
    return [*together.within_classes(seen), *packed.in_channels(seen)]


def _numbered(files, seen):
    """True if masks number their objects, and no list beside them names the numbers, which makes them classes."""
    seen = packed.as_numbers(seen)
    numbered = together.are_numbered(seen) or together.few_are_numbered(seen)
    return numbered and not naming.told(files, seen)[0]


def _checks(files, seen, void, nearest):
    """What is looked for in all masks together; where a list names each value, all are classes of their own."""
    named = _named(files, _usable(seen, []))
    checks = [together.mixed_kinds] + [palettes.differ] * (not named)
    if nearest:
        return checks
    checks += [together.too_many_values] + [scale.mixed_scale] * (not named)
    return checks + [scale.void_in_question] * (not named and void == "auto")


def _named(files, seen):
    """True if a list beside the masks names each of their values but 0."""
    values = {value for one in seen for value in one.values}
    said, *_ = naming.told(files, seen, any(one.colours and has_colour(one.values) for one in seen))
    return bool(said) and values - {0} <= set(said)


def _by_colour(files, seen):
    """True if palettes were numbered anew, and no list says what the numbers mean."""
    return palettes.by_colour(seen, legend.names_of_colours(files)) and not _named(files, seen)


def _void_in_colour(seen, void):
    """Where 255 would be void, the colour that most palettes give it."""
    usual = palettes.usual_colours(seen)
    asked = void == "auto" and 255 in usual and scale.void_of(seen) is not None
    return palettes.shown(usual[255]) if asked else void


def _object_or_not(values):
    return {k: n for k, n in ((0, values.get(0, 0)), (1, sum(values.values()) - values.get(0, 0))) if n}


def _bands(usable):
    """The number of bands that most images have; 1 where all are grey, though stored as colours."""
    if usable and all(one.bands == 1 or one.colourless for one in usable):
        return 1
    counted = Counter(one.bands for one in usable)
    return counted.most_common(1)[0][0] if counted else 0


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
    counted = f"{len(errors)} error{'s' * (len(errors) != 1)}"
    if not report.pairs or report.classes is None:
        raise ValueError(f"no pair of image and mask can be used; {counted}, the first: {first}")
    if len(report.classes.values) < 2:
        only = report.classes.show(report.classes.values[0])
        raise ValueError(f"expected at least two classes, but all masks hold {only} only; draw them first")
    if len(errors) and not leave_out:
        raise ValueError(f"{counted}, the first: {first}")
