"""Why images have no masks, where files beside them hold these in a form that is not read."""

import re
from collections import defaultdict
from itertools import islice
from pathlib import PurePosixPath

import numpy as np
from PIL import Image

from segutils.dataset import beside, contents, drawing
from segutils.dataset.files import PHOTOGRAPHS, Files, ImageFileError
from segutils.dataset.images import open_image
from segutils.dataset.splits import SEPARATOR
from segutils.dataset.words import IMAGE_WORDS, MASK_WORDS

SAMPLE = 20  # images whose names are looked for in a text
ENOUGH = 0.5  # share of them that it must name
KNOWN = "COCO, Datumaro, Darwin, labelme, Label Studio, CVAT, YOLO, VIA, Supervisely and GeoJSON"
LIKELY = r"mask|label|seg|truth|gt|annot"
RUNS = re.compile(r"\b(encoded|rle|rle_mask|segmentation)\b|encoded_?pixels|_rle\b", re.IGNORECASE)


TABLES = (".csv", ".tsv")
ROWS = 100  # of a table that are looked at
OUTLINE = 4  # numbers in a row, fewer than which are no outline, nor a box


ROLE = rf"(({SEPARATOR})({MASK_WORDS}|{IMAGE_WORDS}|polygons?|outlines?|regions?|shapes?))+$"
ROLE = re.compile(ROLE, re.IGNORECASE)


def why_no_masks(files, paired):
    """At most one finding (level, fault, file, text): the files that most likely hold the masks.

    They have the names of images, or name the images; a packed file counts where nothing else does.
    """
    if files.texts and drawing.drawn(files).bare:
        return  # an annotation that is read, but without outlines, is told by itself
    lone = paired.lone_images
    by_what = defaultdict(list)
    for name, what in files.unread.items():
        by_what[what].append(name)
    for what, names in sorted(by_what.items(), key=lambda one: -len(one[1])):
        if (near := _beside(names, lone)) or any(re.search(LIKELY, n, re.I) for n in names):
            yield _found(near or names, f"is {what}")
            return
    by_end, known = defaultdict(list), _books(files)
    for name in files.texts:
        if name not in known:
            by_end[PurePosixPath(name).suffix.lower()].append(name)
    for names in by_end.values():
        if near := _beside(names, lone) or _beside(names, lone, _bare):
            what = f"has the name of an image, but its format is not read ({KNOWN} are)"
            yield _found(near, files.faulty.get(near[0], what))
            return
        for name in names:
            if name.lower().endswith(TABLES) and _holds_runs(files, name):
                yield _found([name], "holds masks as runs of pixels: save them as PNG masks")
                return
            if not name.lower().endswith(".txt") and _may_outline(files, name, lone):
                what = files.faulty.get(name, f"names the images, but its format is not read ({KNOWN} are)")
                yield _found([name], what)
                return
    if found := _strange(lone, _not_photographs(files, lone)):
        yield found
        return
    if clear := [name for name in contents.sampled(lone, SAMPLE) if _has_clear_parts(files, name)]:
        text = "is clear in parts: if its alpha channel is the mask, save it as one (PIL: image.getchannel('A'))"
        yield "error", "mask has alpha", clear[0], text
        return
    likely = rf"{LIKELY}|instances|coco|outlines|polygon|export"
    broken = [name for name in files.faulty if re.search(likely, name, re.I) and not name.lower().endswith(TABLES)]
    if broken:
        yield _found(broken, files.faulty[broken[0]])
    elif files.packed:
        outlines = any(re.search(r"(?<![a-z])roi", name.lower()) for name in files.packed)
        more = " (ImageJ's outlines: in Fiji open them, and save what Create Mask makes as TIFF)" if outlines else ""
        yield _found(files.packed, f"is packed: unpack it{more}")


def why_no_images(files, paired):
    """At most one finding: the files that most likely are the images of masks, in a format that is not read."""
    if found := _strange(paired.lone_masks, files.unread | files.strange):
        yield found


def _not_photographs(files, images):
    """What of files.strange may explain images without masks: beside photographs no other ones, for these hold no mask.

    Where the images look like masks, they are masks whose images are photographs of another format.
    """
    looks = (contents.look(files, name) for name in images[: contents.SAMPLE if files.strange else 0])
    photos = any(one is not None and one.kind == "photo" for one in looks)
    return {name: what for name, what in files.strange.items() if not photos or what not in PHOTOGRAPHS}


def _has_clear_parts(files, name):
    """True if an image's alpha channel is not the same everywhere."""
    try:
        opened = open_image(files, name)
    except ImageFileError:
        return False
    clear = isinstance(opened, Image.Image) and opened.has_transparency_data
    return clear and np.ptp(np.asarray(opened.convert("RGBA").getchannel("A"))) > 0


def _strange(lone, strange):
    """A finding on files of a format that is not read and with the names of images or masks, or None.

    Which of both they are is not known: masks without images may have been taken for images.
    """
    by_what = defaultdict(list)
    for name, what in strange.items():
        by_what[what].append(name)
    for what, names in sorted(by_what.items(), key=lambda one: -len(one[1])):
        if near := _beside(names, lone):
            _, _, name, text = _found(near, f"is {what}")
            return "error", "not read", name, text
    return None


def _found(names, text):
    more = f"; so are {len(names) - 1} more" if len(names) > 1 else ""
    return "error", "annotation not read", names[0], text + more


def _books(files):
    """Text files that annotations were read from."""
    about = drawing.drawn(files)
    return {drawing.text_of(files, mask) for mask in about.sheets} | set(about.lost)


def _stem(name):
    return PurePosixPath(name).stem.lower()


def _bare(name):
    """A file's stem without the words of its role at the end: town_01 of town_01_gtFine_polygons.json."""
    return ROLE.sub("", _stem(name))


def _beside(names, images, stem=_stem):
    """Those files that have the name of an image, a.jpg.json too; none if they are fewer than half of the images."""
    stems = {stem(image) for image in images}
    near = [name for name in names if {stem(name), stem(_stem(name))} & stems]
    return near if len({_stem(_stem(name)) for name in near}) >= ENOUGH * len(stems) else []


def _holds_runs(files, name):
    """True if a column of a table is called so, and a row has runs of pixels: 5 3 12 4."""
    lines = beside.read(files, name, lambda files, name: list(islice(files.lines(name), ROWS)), [])
    return bool(lines) and bool(RUNS.search(lines[0])) and any(re.search(r"\b\d+( \d+){3}", line) for line in lines[1:])


def _may_outline(files, name, images):
    """True if a text names images, and is no table of names and words alone, such as the list of a split."""
    if not _names(beside.read(files, name, Files.text, ""), images):
        return False
    rows = islice(files.lines(name), 1, ROWS) if name.lower().endswith(TABLES) else ()
    counts = [len(re.findall(r"(?<![\w./-])-?\d+(?:\.\d+)?(?![\w/-])", row)) for row in rows]
    return not counts or max(counts) >= OUTLINE


def _names(text, images):
    """True if a text holds the names of half of some images."""
    some = images[:: max(1, len(images) // SAMPLE)]
    stems = [PurePosixPath(image).stem for image in some]
    found = [image for image, stem in zip(some, stems, strict=True) if PurePosixPath(image).name in text]
    found = found or [stem for stem in stems if len(stem) > 3 and re.search(rf"\b{re.escape(stem)}\b", text)]
    return len(found) >= ENOUGH * len(some)
