"""Annotations in XML, in tables and in plain lines: CVAT for images, ImageScope, the web's LabelMe, VIA's CSV, YOLO.

VOC's boxes and CVAT's tracks are known too, so that it can be said what to export instead.
"""

import csv
import json
import re
from math import radians
from xml.etree import ElementTree

from segutils.dataset.shapes import (
    BOXES,
    WRONG,
    Book,
    Shape,
    Sheet,
    bitmap_runs,
    box,
    ellipse,
    flat,
    needed,
    region,
    said_size,
    unpacked_runs,
    why,
)

TABLE = "region_shape_attributes"  # a column of VIA's tables
TRACKS = "holds tracks of a film; export it as 'CVAT for images', as COCO or as 'Segmentation mask'"


def read_xml(text):
    """The Book in an XML, or None. Python's parser fetches nothing; a file with entities of its own is refused.

    Raises: ValueError if it breaks off.
    """
    if "<!ENTITY" in text or "nnotation" not in text:
        return None
    try:
        root = ElementTree.fromstring(text)
    except ElementTree.ParseError as error:
        raise ValueError(f"is no whole XML ({error})") from None
    read, form = {
        "annotations": (_cvat, "CVAT"),
        "Annotations": (_image_scope, "ImageScope"),
        "annotation": (_voc, "LabelMe"),
    }.get(root.tag, (None, ""))
    try:
        return read and read(root)
    except WRONG as error:
        return Book(form, [Sheet(None, None, [])], {}, f"is {form}, but can't be read: {why(error)}", damaged=True)


def _cvat(root):
    """CVAT for images 1.1; for video its tracks are named as a fault."""
    sheets = []
    for one in root.iter("image"):
        size, shapes, skipped = said_size(one.get("height"), one.get("width")), [], []
        for drawn in sorted(one, key=lambda d: int(d.get("z_order", 0))):
            shape = region(_cvat_shape, drawn, size)
            shapes += [shape] if shape else []
            skipped += [drawn.tag] if shape is None and drawn.tag != "tag" else []
        sheets.append(Sheet(one.get("name"), size, shapes, tuple(skipped)))
    if not sheets and next(root.iter("track"), None) is not None:
        return Book("CVAT", [Sheet(None, None, [])], {}, TRACKS)
    return Book("CVAT", sheets, {}) if sheets else None


def _cvat_shape(drawn, size):
    """The Shape of an element, or None if it has no area."""
    label = drawn.get("label")
    if drawn.tag == "polygon":
        return Shape(label, (flat(re.split("[,;]", drawn.get("points"))),))
    if drawn.tag == "box":
        x, y, right, bottom = (float(drawn.get(k)) for k in ("xtl", "ytl", "xbr", "ybr"))
        return Shape(label, (box(x, y, right - x, bottom - y),))
    if drawn.tag == "ellipse":
        about = (float(drawn.get(k)) for k in ("cx", "cy", "rx", "ry"))
        return Shape(label, (ellipse(*about, radians(float(drawn.get("rotation", 0)))),))
    if drawn.tag == "mask":
        left, top, w, h = (int(drawn.get(k)) for k in ("left", "top", "width", "height"))
        counts = [int(n) for n in drawn.get("rle").split(",")]
        return Shape(label, runs=bitmap_runs(unpacked_runs(counts, (h, w)), needed(size), left, top))
    return None


def _image_scope(root):
    """Aperio ImageScope, one file for each image: regions of vertices in pixels of the full image."""
    shapes = []
    for layer in root.iter("Annotation"):
        for drawn in layer.iter("Region"):
            points = [[float(one.get("X")), float(one.get("Y"))] for one in drawn.iter("Vertex")]
            if len(points) > 2:
                shapes.append(Shape(drawn.get("Text") or layer.get("Name") or "object", (flat(points),)))
    return Book("ImageScope", [Sheet(None, None, shapes)], {}) if shapes else None


def _voc(root):
    """The web's LabelMe, with polygons; VOC's boxes are named as a fault."""
    shapes, objects = [], list(root.iter("object"))
    for one in objects:
        points = [[float(point.findtext("x")), float(point.findtext("y"))] for point in one.iter("pt")]
        if len(points) > 2 and one.findtext("deleted", "0").strip() != "1":
            shapes.append(Shape(one.findtext("name").strip(), (flat(points),)))
    if not shapes and not any(one.find("bndbox") is not None for one in objects):
        return None
    called = (root.findtext("filename") or "").strip() or None
    return Book("LabelMe", [Sheet(called, None, shapes)], {}, "" if shapes else BOXES)


def via_of_table(text):
    """VIA's table as its JSON: {row: {"filename", "regions"}}."""
    found = {}
    for row in csv.DictReader(text.splitlines()):
        called = row.get("filename") or row.get("#filename")  # as its older versions have it
        if not called:
            raise ValueError("has rows without a filename")
        one = found.setdefault(called, {"filename": called, "regions": []})
        try:
            shape, said = json.loads(row[TABLE] or "{}"), json.loads(row.get("region_attributes") or "{}")
        except ValueError:
            shape, said = row[TABLE], {}  # a region that can't be read, as `region` will say
        one["regions"] += [{"shape_attributes": shape, "region_attributes": said}] if shape else []
    return found


def read_yolo(text):
    """Lines of a class number and at least three points in shares of width and height; an empty file has no object."""
    shapes, fault = [], ""
    for line in filter(None, map(str.split, text.splitlines())):
        if len(line) < 5 or not len(line) % 2 or not line[0].isdecimal():
            return None
        try:
            points = flat([float(word) for word in line[1:]])
        except ValueError:
            return None
        if not (points.min() >= -0.01 and points.max() <= 1.01):
            fault = "holds points beyond 0 and 1, but YOLO's are shares of width and height"
        elif len(points) < 3:
            fault = fault or BOXES
        shapes.append(Shape(int(line[0]), (points,), relative=True))
    return Book("YOLO", [Sheet(None, None, [] if fault else shapes)], {}, fault)
