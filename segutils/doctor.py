"""The data set doctor: what is wrong with a folder of images and masks, file by file, and the cure.

`inspect` looks and changes nothing. An *error* must be cured before training, a *warning* will cost quality, a *note*
is good to know.
"""

from collections import Counter
from typing import NamedTuple

import numpy as np
import pandas as pd
from PIL import ExifTags, Image

from segutils import folder

LEVELS = ("error", "warning", "note")
SPOILED = 0.1  # share of edge pixels that are like neither side; drawn masks have hardly any
CURES = {
    "missing mask": "add the mask, or take the image away",
    "missing image": "add the image, or take the mask away",
    "several partners": "keep one image and one mask of each name",
    "unreadable": "allow it to be read, or copy it again",
    "empty file": "copy it again from its source",
    "truncated": "copy it again from its source",
    "not a picture": "export it again as PNG",
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
    "same picture": "keep one, or keep both in one part of the split (folder.group_names)",
    "leak": "the picture is in two parts of the split: take it out of all but one",
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
    pairs: list of folder.Pair that can be used as they are.
    classes: folder.Classes, or None where masks are too different to learn them.
    shares: share of all labelled pixels for each class.
    duplicates: tuples of image names that show one picture.
    """

    findings: pd.DataFrame
    pairs: list
    classes: folder.Classes | None
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


class Seen(NamedTuple):
    """What is remembered of one pair; everything else is forgotten, so that any number of pictures can be examined."""

    pair: folder.Pair
    size: tuple
    grey: bool
    thumbnail: np.ndarray
    values: dict  # packed mask value → pixels
    colours: bool  # the mask has three channels
    palette: dict  # packed mask value → its colour


def inspect(path, *, images=None, masks=None):
    """Examine a folder or zip of images and masks.

    Args:
        path: of the folder or zip.
        images, masks: as folder.find_pairs.
    Returns: Report.
    Raises: ValueError if there is no picture at all, or the zip is damaged.
    """
    files = folder.Files(path)
    paired = folder.find_pairs(files, images=images, masks=masks)
    objects = any(len(pair.masks) > 1 for pair in paired.pairs)
    examined = folder.parallel(lambda pair: _examine(files, pair, objects), paired.pairs)
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
        classes = folder.Classes("objects", (0, 1)) if objects else folder.classes_of(values, coloured)
    except ValueError as error:
        worst = max(usable, key=lambda one: len(one.values))
        return None, np.array([]), [("error", "too many values", worst.pair.masks[0], str(error))]
    shares = _shares(usable, classes)
    return classes, shares, [*_single_values(usable, classes), *_classes_found(usable, classes, shares)]


def _usable(seen, found):
    """Those without errors; colours that are all grey become the grey values that they stand for."""
    bad = {name for level, _, name, _ in found if level == "error"}
    usable = [one for one in seen if not bad.intersection([one.pair.image, *one.pair.masks])]
    if any(one.colours and folder.has_colour(one.values) for one in usable):
        return usable
    return [
        one._replace(values={v // folder.GREY: n for v, n in one.values.items()}, colours=False) if one.colours else one
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


# One pair


def _examine(files, pair, objects):
    """Findings of one pair, and what to remember of it (None if a file can't be read)."""
    found = []
    picture, image = _read(files, pair.image, folder.image_values, found)
    found += _examine_image(pair.image, picture, image) if picture else ()
    masks = []
    for name in pair.masks:
        drawn, mask = _read(files, name, folder.mask_values, found)
        if drawn:
            fault = _misfit(mask, pair.image, picture, image) if picture else None
            found += [(*fault[:2], name, fault[2])] if fault else _examine_mask(name, drawn, mask)
            masks.append(mask)
    found += _examine_turn(pair.image, picture, image, masks) if picture else ()
    if picture is None or not masks or len(masks) < len(pair.masks) or len({mask.shape for mask in masks}) > 1:
        return found, None
    codes = folder.packed(masks[0])
    if objects:
        covered = sum((folder.packed(mask) > 0).astype(np.int32) for mask in masks)
        codes = (covered > 0).astype(np.int64)
        if twice := int((covered > 1).sum()):
            found.append(("note", "objects overlap", pair.image, f"{twice:,} pixels in several masks"))
    values = folder.count_values(codes)
    palette = np.reshape(drawn.getpalette("RGB"), (-1, 3)) if drawn.mode == "P" else ()
    palette = {value: tuple(palette[value].tolist()) for value in values if value < len(palette)}
    grey = len(picture.getbands()) <= 2 and picture.mode not in ("P", "PA")
    return found, Seen(pair, image.shape[:2], grey, _thumbnail(image), values, masks[0].ndim == 3, palette)


def _read(files, name, as_values, found):
    """A picture and its values, or (None, None) and one more finding."""
    try:
        picture = folder.open_picture(files, name)
        return picture, as_values(picture)
    except folder.PictureError as error:
        found.append(("error", error.fault, name, str(error)))
        return None, None


def _misfit(mask, image_name, picture, image):
    """Why mask and image can't belong together: (level, fault, finding), or None."""
    stored = picture.size[::-1]
    if mask.shape[:2] not in (image.shape[:2], stored):
        wanted, got = ("{1} × {0}".format(*shape) for shape in (image.shape, mask.shape))
        return "error", "size differs", f"{got} pixels, its image {wanted}"
    copies = [image, np.asarray(picture.convert("L"))] if mask.shape[:2] == image.shape[:2] else []
    if len(np.unique(mask)) > 2 and any(np.array_equal(_grey_once(mask), _grey_once(copy)) for copy in copies):
        return "error", "mask is the image", f"every pixel as in {image_name}"
    return None


def _grey_once(values):
    """(H, W, 3) of equal channels as (H, W)."""
    return values[..., 0] if values.ndim == 3 and (values == values[..., :1]).all() else values


def _turn(picture):
    return picture.getexif().get(ExifTags.Base.Orientation, 1)


def _examine_turn(name, picture, image, masks):
    """Is an image to be shown turned, and were its masks drawn on it as shown or as stored?"""
    if _turn(picture) != 1:
        upright = all(mask.shape[:2] == image.shape[:2] != picture.size[::-1] for mask in masks)
        fits = "its mask fits the turned picture" if upright else "its mask may fit the picture as stored"
        yield "warning" if upright else "error", "turned by EXIF", name, f"orientation tag {_turn(picture)}; {fits}"


def _examine_image(name, picture, image):
    if picture.has_transparency_data:
        clear = (np.asarray(picture.convert("RGBA").getchannel("A")) < 255).mean()
        if clear:
            yield "warning", "image has alpha", name, f"{100 * clear:.1f}% of its pixels are transparent"
    if picture.mode.startswith("I") and np.asarray(picture).max() > 255:
        levels = len(np.unique(image))
        level = "warning" if levels < 64 else "note"
        yield level, "16 bit", name, f"{levels} of 256 grey levels are used after scaling"
    if picture.mode == "CMYK":
        yield "warning", "CMYK", name, "four printing inks instead of red, green, blue"
    if getattr(picture, "n_frames", 1) > 1:
        yield "warning", "several frames", name, f"{picture.n_frames} frames"
    if np.ptp(image) <= 2:
        shown = "all black" if image.max() == 0 else f"all pixels are {image.min()} to {image.max()}"
        yield "warning", "blank image", name, shown


def _examine_mask(name, picture, mask):
    codes = folder.packed(mask)
    values = len(folder.count_values(codes))
    if (picture.format == "JPEG" and values > 2) or (picture.format == "WEBP" and _is_spoiled(codes)):
        yield "error", "lossy mask", name, f"stored as {picture.format}, {values} values"
    elif _is_spoiled(codes):
        yield "error", "blurred mask", name, f"{values} values; at edges many pixels are like neither side"
    if "A" in picture.getbands() and np.ptp(np.asarray(picture.getchannel("A"))) > 0:
        yield "error", "mask has alpha", name, "its alpha channel varies"
    if getattr(picture, "n_frames", 1) > 1:
        yield "warning", "several frames", name, f"{picture.n_frames} frames"
    if _turn(picture) != 1:
        yield "error", "turned by EXIF", name, f"orientation tag {_turn(picture)} in a mask; masks are read as stored"


def _is_spoiled(codes):
    """True if at edges many pixels, of three values at least, are like neither neighbour: interpolation or JPEG."""
    edges, values = 0, []
    for rows in (codes, codes.T):
        left, here, right = rows[:, :-2], rows[:, 1:-1], rows[:, 2:]
        edge = left != right
        edges += int(edge.sum())
        values.append(here[edge & (here != left) & (here != right)])
    values = np.concatenate(values)
    return values.size > SPOILED * edges and len(np.unique(values)) >= 3


def _thumbnail(image):
    """The picture as 24 × 24 block means of grey: alike for the same picture in another file or quality."""
    grey = Image.fromarray(image).convert("L").convert("F")
    return np.asarray(grey.resize((24, 24), Image.Resampling.BOX))


# All pairs together


def _too_many_values(seen):
    """Masks that alone hold more values than there may be classes."""
    for one in seen:
        if len(one.values) > folder.MAX_CLASSES + 1:  # one may be void
            text = f"{len(one.values)} values, at most {folder.MAX_CLASSES} classes"
            yield "error", "too many values", one.pair.masks[0], text


def _mixed_kinds(seen):
    """Colour masks among grey ones, or the other way round; black masks are both."""
    colour = [one for one in seen if one.colours and folder.has_colour(one.values)]
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


def duplicates(seen, *, tolerance=2.5):
    """Groups of images that show the same picture, also saved again in another format or quality.

    Two thumbnails are the same picture if they differ by less than `tolerance` grey levels (root mean square) and by
    far less than they vary in themselves; blank pictures have nothing to compare.
    Args: list of Seen.
    Returns: list of tuples of image names.
    """
    varied = [one for one in seen if one.thumbnail.std() > 2]
    if len(varied) < 2:
        return []
    flat = np.stack([one.thumbnail.ravel() for one in varied]).astype(np.float64)
    limit = np.minimum(tolerance, 0.1 * flat.std(1))
    close = []
    for first in range(0, len(flat), 512):  # some rows of the table of distances at a time
        some = slice(first, first + 512)
        squares = (flat[some] ** 2).sum(1)[:, None] + (flat**2).sum(1) - 2 * flat[some] @ flat.T
        apart = np.sqrt(np.maximum(squares, 0) / flat.shape[1])
        rows, columns = np.nonzero(apart < np.minimum(limit[some, None], limit))
        close.append(np.stack([rows + first, columns], 1))
    together = [tuple(varied[i].pair.image for i in group) for group in _linked(np.concatenate(close), len(flat))]
    return [names for names in together if len(names) > 1]


def _duplicates_found(same):
    """What duplicates found; of a leak the copy for training is at fault, for tests are worth more."""
    for names in same:
        parts = {folder.part_named(name) for name in names} - {None}
        first, *others = sorted(names, key=lambda name: folder.part_named(name) != "train")
        if len(parts) > 1:
            yield "error", "leak", first, f"also {', '.join(others)}: in {' and '.join(sorted(parts))}"
        else:
            yield "warning", "same picture", first, f"also {', '.join(others)}"


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


def neighbours(files, pairs, *, closeness=0.5):
    """Groups of images that continue each other across a border: tiles cut from one larger picture.

    Two images lie side by side if the last column of one is, of all first columns, most like that of the other, and the
    other way round, and they differ (root mean square) by less than `closeness` times what each varies in itself.
    Rows one above the other alike. No image is shared, and yet a split between them leaks: light, stain, even half an
    object are the same. An image without its neighbour in the set stays alone, as does one whose border is flat or all
    noise.

    Args:
        files, pairs: as folder.learn_classes.
        closeness: larger finds more, and more that are none.
    Returns: list of tuples of image names, as duplicates.
    """
    borders = folder.parallel(lambda pair: _borders(folder.read_image(files, pair.image, channels=1)), pairs)
    edges = []
    for side in ((0, 1), (2, 3)):
        lines = [[border[k] for k in side] for border in borders]
        for length in {len(line) for line, _ in lines}:
            at = [i for i, (line, _) in enumerate(lines) if len(line) == length]
            first, last = (np.stack([lines[i][k] for i in at]) for k in (0, 1))
            edges += [(at[i], at[j]) for i, j in _continued(last, first, closeness)]
    together = [tuple(pairs[i].image for i in group) for group in _linked(edges, len(pairs))]
    return [names for names in together if len(names) > 1]


def _borders(image):
    """First and last column, first and last row of a grey image (H, W, 1), as floats."""
    grey = image[..., 0].astype(np.float64)
    return grey[:, 0], grey[:, -1], grey[0], grey[-1]


def _continued(last, first, closeness):
    """Positions (i, j) where the line first[j] continues last[i], lines being (N, length)."""
    squares = (last**2).sum(1)[:, None] + (first**2).sum(1) - 2 * last @ first.T
    apart = np.sqrt(np.maximum(squares, 0) / last.shape[1])
    np.fill_diagonal(apart, np.inf)
    rows = np.arange(len(last))
    best = apart.argmin(1)
    limit = closeness * np.minimum(last.std(1), first.std(1)[best])
    fits = (apart.argmin(0)[best] == rows) & (apart[rows, best] < limit)
    return [(i, best[i]) for i in np.flatnonzero(fits)]


def _linked(edges, count):
    """Groups of the numbers 0 to count - 1 that edges (i, j) link, directly or by others: list of arrays."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    i, j = np.reshape(edges, (-1, 2)).astype(int).T
    groups, group = connected_components(coo_array((np.ones(len(i)), (i, j)), shape=(count, count)), directed=False)
    return [np.flatnonzero(group == g) for g in range(groups)]


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
