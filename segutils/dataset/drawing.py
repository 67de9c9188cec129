"""Masks drawn from annotations: which image a sheet of shapes belongs to, which number a label gets, the pixels.

A drawn mask has a name of its own, the text file and the image: "annotations/instances.json#images/a.jpg". Either may
hold a "#" itself: the one between two files that are there is meant.
"""

from collections import defaultdict
from itertools import takewhile
from pathlib import PurePosixPath
from typing import NamedTuple

import numpy as np

from segutils.dataset import panoptic, tiles
from segutils.dataset.annotations import BACKGROUND, EMPTY, IGNORED, read_book
from segutils.dataset.files import ImageFileError
from segutils.dataset.images import mask_values, open_image
from segutils.dataset.legend import yolo_names
from segutils.dataset.splits import split_in_stem, split_named
from segutils.dataset.windows import MAX_PIXELS
from segutils.metrics import VOID


class Drawn(NamedTuple):
    """All annotations of a set.

    format: as a Book; None where there are none.
    masks: {image: name of its drawn mask}.
    sheets: {name of a drawn mask: Sheet}.
    values: {label: mask value}; names: {mask value: class name}, background among them.
    spare: {text file: why it is not used}.
    lost: {text file: image that it names and that is not there}.
    bare: {text file: (why it has no shapes, an image that it is about)}.
    numbers: files that hold the numbers of shapes, and are neither images nor masks.
    damaged: those among `bare` that can't be read.
    """

    format: str | None
    masks: dict
    sheets: dict
    values: dict
    names: dict
    spare: dict
    lost: dict
    bare: dict
    numbers: frozenset = frozenset()
    damaged: frozenset = frozenset()


def drawn(files):
    """The Drawn of Files, read once."""
    return files.once("drawn", lambda: _gather(files))


def is_drawn(files, name):
    """True for the name of a drawn mask."""
    return text_of(files, name) is not None


def text_of(files, name):
    """The text file that a drawn mask is drawn from; None for any other mask."""
    if "#" not in name or name in files.known:
        return None
    texts, parts = files.once("texts", lambda: frozenset(files.texts)), name.split("#")
    ways = (("#".join(parts[:at]), "#".join(parts[at:])) for at in range(1, len(parts)))
    return next((text for text, image in ways if text in texts and image in files.known), None)


def image_of(files, name):
    """The image that a drawn mask belongs to."""
    return name[len(text_of(files, name)) + 1 :]


def read_mask(files, name, *, by_colour=False):
    """A mask's values as they are stored: (H, W) ints for grey, palette, 16 bit and 1 bit, (H, W, 3) for colours.

    A name that belongs to annotations, such as instances.json#a.jpg, is drawn.
    by_colour: as mask_values.
    Raises: ImageFileError if it can't be read or holds fractions.
    """
    if is_drawn(files, name):
        return mask(files, name)
    return mask_values(open_image(files, name, mask=True), name, by_colour=by_colour)


def _gather(files):
    books = {name: book for name in files.texts if (book := read_book(files, name)) is not None}
    books |= {name: panoptic.find(files, name, book) for name, book in books.items() if book.format == panoptic.FORMAT}
    numbers = {sheet.numbers for book in books.values() for sheet in book.sheets if sheet.numbers in files.known}
    find = _finder([name for name in files.names if name not in numbers])
    shapeless = not any(sheet.shapes for book in books.values() for sheet in book.sheets)
    bare = {
        name: (book.fault or EMPTY, find(name, book.sheets[0].image, alone=True))
        for name, book in books.items()
        if book.sheets and (book.fault or shapeless)
    }
    damaged = frozenset(name for name, book in books.items() if book.damaged)
    books = {name: book for name, book in books.items() if not book.fault}
    formats = {book.format for book in books.values() if any(sheet.shapes for sheet in book.sheets)}
    if not formats:
        return Drawn(None, {}, {}, {}, {}, {}, {}, bare, damaged=damaged)
    masks, sheets, spare, lost = {}, {}, {}, {}

    def rank(name):
        return books[name].format != panoptic.FORMAT, "instances" not in name.lower(), name

    order = sorted(books, key=rank)
    for text in [name for name in order if books[name].format in formats]:
        taken = 0
        for sheet in books[text].sheets:
            image = find(text, sheet.image, alone=len(books[text].sheets) == 1)
            if image is None:
                lost.setdefault(text, sheet.image or PurePosixPath(text).stem)
            elif image not in masks:
                masks[image], taken = f"{text}#{image}", taken + 1
                sheets[masks[image]] = sheet
        if not taken and text not in lost:
            spare[text] = "its images have annotations in another file"
    values, names = _number({text: book for text, book in books.items() if text not in spare}, files)
    read = " and ".join(sorted(formats))
    return Drawn(read, masks, sheets, values, names, spare, lost, bare, frozenset(numbers), damaged)


def _finder(names):
    """A function (text file, what it calls its image) → the name of that image, or None."""
    by_name = defaultdict(list)
    for name in names:
        path = PurePosixPath(name)
        for key in {path.name.lower(), path.stem.lower()}:
            by_name[key].append(name)

    def find(text, called, alone):
        path, wanted = PurePosixPath(text), PurePosixPath(called or PurePosixPath(text).stem)
        found = by_name.get(wanted.name.lower()) or by_name.get(wanted.stem.lower())
        found = found or (by_name.get(path.stem.lower()) if alone else None)
        if not found:
            return None
        part = split_named(text) or split_in_stem(text)

        def fitness(name):
            common = len(set(PurePosixPath(name).parts[:-1]) & set(path.parts[:-1]))
            return _folders_shared(name, wanted), split_named(name) == part, common

        return max(found, key=fitness)

    return find


def _folders_shared(name, wanted):
    """How many folders above a file are called alike: of b/c.png and D:/a/b/c.png one, for tools write whole paths."""
    folders = (reversed(PurePosixPath(str(path).lower()).parts[:-1]) for path in (name, wanted))
    return sum(1 for _ in takewhile(lambda both: both[0] == both[1], zip(*folders, strict=False)))


def _number(books, files):
    """{label: mask value} and {mask value: name}: COCO's own numbers where they fit, else from 1 in order."""
    said, listed = {}, yolo_names(files)
    for book in books.values():
        for label, (number, name) in book.labels.items():
            said.setdefault(name, (number, set()))[1].add(label)
        used = {shape.label for sheet in book.sheets for shape in sheet.shapes if not shape.fault}
        for label in used - set(book.labels):
            name = listed.get(label, str(label)) if isinstance(label, int) else label
            said.setdefault(name, (label, set()))[1].add(label)
        if book.format == "YOLO":
            for number, name in listed.items():
                said.setdefault(name, (number, set()))[1].add(number)
    whole = all(book.format == panoptic.FORMAT for book in books.values())  # there what has no region is void
    values, names = {}, {} if whole else {0: "background"}
    kept = {name: one for name, one in said.items() if name.strip().lower() not in IGNORED | BACKGROUND}
    own = all(isinstance(number, int) and 0 < number < VOID for number, _ in kept.values())
    own &= len({number for number, _ in kept.values()}) == len(kept) and any(book.labels for book in books.values())
    order = sorted(kept, key=lambda name: (isinstance(kept[name][0], str), kept[name][0]))
    for rank, name in enumerate(order, start=1):
        value = kept[name][0] if own else rank
        names[value] = name
        values |= dict.fromkeys(kept[name][1], value)
    for name in sorted(set(said) - set(kept)):
        if name.strip().lower() in BACKGROUND:
            names.setdefault(0, "background")
        values |= {label: 0 if name.strip().lower() in BACKGROUND else VOID for label in said[name][1]}
    return values, names


def mask(files, name):
    """A drawn mask: (H, W) uint8 (uint16 from 256 classes on); where shapes overlap, the smaller lies on top."""
    about = drawn(files)
    top = max(about.names, default=0)
    _check_inside(about.sheets[name], _size(files, name))
    empty = VOID if about.sheets[name].numbers else 0
    painted = np.full(_size(files, name), empty, np.uint8 if top < VOID else np.uint16)
    for shape, inside in _painted(files, name):
        painted[inside] = VOID if shape.crowd else about.values[shape.label]
    return painted


def objects(files, name):
    """Which shape each pixel belongs to: (H, W) int32, 0 where none; crowds, void and background are none."""
    about = drawn(files)
    numbered = np.zeros(_size(files, name), np.int32)
    for number, (shape, inside) in enumerate(_painted(files, name), start=1):
        numbered[inside] = 0 if shape.crowd or about.values[shape.label] in (0, VOID) else number
    return numbered


def overlap(files, name):
    """How many pixels belong to shapes of several classes."""
    about = drawn(files)
    first, several = np.full(_size(files, name), -1), np.zeros(_size(files, name), bool)
    for shape, inside in _painted(files, name):
        value = about.values[shape.label]
        before = first[inside]
        several[inside] |= (before >= 0) & (before != value)
        first[inside] = value
    return int(several.sum())


def _check_inside(sheet, size):
    """Refuse a sheet whose outlines all lie outside of the image. Raises: ImageFileError."""
    shapes = [shape for shape in sheet.shapes if shape.polygons and not shape.relative]
    if not shapes or len(shapes) < len(sheet.shapes):
        return
    points = np.concatenate([ring for shape in shapes for ring in shape.polygons])
    if len(points) and np.isfinite(points).all() and not ((points >= 0) & (points <= size[::-1])).all(1).any():
        x, y = points[0]
        text = f"holds no point within the image's {size[1]} × {size[0]} pixels (the first is {x:g}, {y:g})"
        cure = "if they are coordinates of a map, make masks with rasterio.features.rasterize"
        raise ImageFileError("damaged annotation", f"{text}; {cure}")


def _size(files, name):
    size, image = drawn(files).sheets[name].size, image_of(files, name)
    if size:
        if np.prod(size, dtype=float) > MAX_PIXELS:
            said = f"says that its image has {size[1]} × {size[0]} pixels"
            if tiles.size_of(files, image) == size:  # and it is right
                raise ImageFileError("outlines too large", f"{said}; outlines are read up to {MAX_PIXELS:,}")
            raise ImageFileError("damaged annotation", said)
        return size
    opened = open_image(files, image)
    return opened.shape[:2] if isinstance(opened, np.ndarray) else opened.size[::-1]


def _painted(files, name):
    """(shape, its pixels), the largest first."""
    size, sheet = _size(files, name), drawn(files).sheets[name]
    if fault := next((shape.fault for shape in sheet.shapes if shape.fault), ""):
        raise ImageFileError("damaged annotation", fault)
    numbers = panoptic.numbers(files, sheet.numbers) if sheet.numbers else None
    if numbers is not None and numbers.shape != size:
        said = "{1} × {0} pixels for {3} × {2}".format(*numbers.shape, *size)
        raise ImageFileError("damaged annotation", f"has numbers of regions in {sheet.numbers}, but {said}")
    found = [(shape, _pixels(shape, size, numbers)) for shape in sheet.shapes]
    return sorted(found, key=lambda one: -len(one[1][0]))


def _pixels(shape, size, numbers=None):
    """Rows and columns of the pixels whose centres lie in a shape, or that have its number."""
    from skimage.draw import polygon

    if numbers is not None:
        return np.nonzero(numbers == shape.number)
    if shape.runs is not None:
        counts, whole = shape.runs
        if min(counts, default=0) < 0 or sum(counts) != np.prod(whole, dtype=float) or tuple(whole) != tuple(size):
            said = f"run lengths of {sum(counts):,} pixels for {size[1]} × {size[0]}"
            said = "negative run lengths" if min(counts, default=0) < 0 else said
            raise ImageFileError("damaged annotation", f"holds {said}")
        inside = np.repeat(np.arange(len(counts)) % 2, counts).reshape(whole, order="F")
        return np.nonzero(inside)
    scale = np.array(size[::-1]) if shape.relative else 1.0
    inside, filled = np.zeros(size, bool), [(ring, True) for ring in shape.polygons]
    for ring, value in [*filled, *((hole, False) for hole in shape.holes)]:
        if len(ring) < 3:
            continue
        x, y = (ring * scale - 0.5).T
        if not np.isfinite(ring).all():
            raise ImageFileError("damaged annotation", "holds points that are no numbers")
        inside[polygon(y, x, size)] = value
    return np.nonzero(inside)
