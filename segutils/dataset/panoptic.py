"""COCO's panoptic kind: a JSON lists the regions of each image, and a PNG beside it holds their numbers as colours.

https://cocodataset.org/#format-data: what belongs to no region is void.
"""

from pathlib import PurePosixPath

import numpy as np

from segutils.dataset.files import ImageFileError
from segutils.dataset.images import open_image
from segutils.dataset.shapes import Book, Shape, Sheet, class_name, said_size

FORMAT = "COCO panoptic"


def is_listed(files):
    """True if a name says that annotations are of this kind, so that its PNG files are no masks by themselves."""
    return any(name.endswith(".json") and "panoptic" in name.lower() for name in files.texts)


def read(content, listed):
    """The Book of a JSON with its annotations in a list; None if these are of another kind."""
    if not any("segments_info" in one for one in listed):
        return None
    about, sheets = {one["id"]: one for one in content["images"]}, []
    for one in listed:
        image = about.get(one["image_id"])
        if image is None:
            continue
        size = said_size(image.get("height"), image.get("width"))
        shapes = [
            Shape(region["category_id"], crowd=bool(region.get("iscrowd", 0)), number=int(region["id"]))
            for region in one["segments_info"]
        ]
        sheets.append(Sheet(image["file_name"], size, shapes, numbers=str(one["file_name"])))
    names = {one["id"]: class_name(one) for one in content.get("categories") or ()}
    order = sorted({shape.label for sheet in sheets for shape in sheet.shapes} | set(names))
    return Book(FORMAT, sheets, {n: (n, str(names.get(n, n))) for n in order})


def find(files, text, book):
    """A Book whose sheets name files that are there: in the folder that is called as the text file, or is nearest.

    Where none is there, its fault says so.
    """
    by_name, home = {}, PurePosixPath(text)
    for name in files.names:
        by_name.setdefault(PurePosixPath(name).name.lower(), []).append(name)

    def fitness(name):
        path = PurePosixPath(name)
        return path.parent.name == home.stem, "panoptic" in name.lower(), len({*path.parts} & {*home.parts}), name

    sheets, lost = [], ""
    for sheet in book.sheets:
        called = by_name.get(PurePosixPath(sheet.numbers).name.lower(), ())
        there = [name for name in called if PurePosixPath(name).suffix.lower() == ".png"]
        called = [
            name for name in there if any("panoptic" in part or part == home.stem for part in PurePosixPath(name).parts)
        ]
        if called or there:
            sheets.append(sheet._replace(numbers=max(called or there, key=fitness)))
        lost = lost or sheet.numbers * (not there)
    packed = next((f"; unpack {name}" for name in files.packed if "panoptic" in name.lower()), "")
    what = "is COCO's panoptic kind, whose masks are PNG files of their own"
    fault = "" if sheets else f"{what}: {lost} is not there{packed}"
    return book._replace(sheets=sheets or book.sheets, fault=book.fault or fault)


def numbers(files, name):
    """Which region each pixel belongs to: (H, W) int32, 0 where none. Raises: ImageFileError."""
    opened = open_image(files, name)
    if isinstance(opened, np.ndarray) or opened.mode not in ("RGB", "RGBA"):
        raise ImageFileError("damaged annotation", f"needs {name} in colours, which hold the numbers of its regions")
    red, green, blue = np.moveaxis(np.asarray(opened)[..., :3].astype(np.int32), -1, 0)
    return red + 256 * green + 65536 * blue
