"""Annotations that are no images: polygons and run lengths of labelling tools, as shapes for each image.

Read are COCO (polygons, run lengths, crowds), labelme, YOLO segmentation, CVAT for images, Label Studio, VGG (VIA),
Supervisely and QuPath's GeoJSON. What a text file is is told by what it holds.
"""

import json
import re
from pathlib import PurePosixPath
from typing import NamedTuple
from xml.etree import ElementTree

import numpy as np

IGNORED = {"void", "ignore", "ignored", "__ignore__", "unlabeled", "unlabelled", "dontcare", "don't care"}
BACKGROUND = {"background", "_background_", "__background__", "bg"}
BOXES, EMPTY = "holds boxes, and no outlines", "holds no annotation"


class Shape(NamedTuple):
    """One drawn region: polygons of x, y in pixels (in shares of the size if `relative`), or run lengths.

    label: class name, or number where the format has only numbers.
    holes: polygons that are cut out again.
    runs: (counts, (H, W)), column by column, first those outside; or None.
    crowd: many objects as one rough region.
    """

    label: object
    polygons: tuple = ()
    holes: tuple = ()
    runs: tuple | None = None
    crowd: bool = False
    relative: bool = False


class Sheet(NamedTuple):
    """The shapes of one image: what the file calls the image (or None), its size (H, W) if said, shapes."""

    image: str | None
    size: tuple | None
    shapes: list


class Book(NamedTuple):
    """What one text file holds: its format, sheets, and {label: (value, name)} where the format says so.

    fault: why it has no shapes, although it is of this format; "" where it has some.
    """

    format: str
    sheets: list
    labels: dict
    fault: str = ""


def read_book(files, name):
    """The Book in a text file, or None if it holds no regions."""
    end = PurePosixPath(name).suffix.lower()
    if end in (".json", ".geojson"):
        try:
            content = json.loads(files.text(name))
        except (ValueError, RecursionError):
            return None
        for read in (_coco, _labelme, _label_studio, _supervisely, _geojson, _via):
            try:
                book = read(content)
            except (KeyError, TypeError, ValueError, IndexError, AttributeError):
                continue  # not that format
            if book is not None:
                return book
        return None
    if end == ".xml":
        return _cvat(files.text(name))
    return _yolo(files.text(name)) if end == ".txt" else None


def _flat(numbers):
    return np.asarray(numbers, float).reshape(-1, 2)


def _coco(content):
    """https://cocodataset.org/#format-data; Roboflow, CVAT, Label Studio and many more export it."""
    if not isinstance(content, dict) or not {"images", "annotations"} <= set(content):
        return None
    by_image = {}
    for one in content["annotations"]:
        drawn = one.get("segmentation")
        if not drawn:
            continue
        shape = {"label": one["category_id"], "crowd": bool(one.get("iscrowd", 0))}
        if isinstance(drawn, dict):
            shape["runs"] = (run_lengths(drawn["counts"]), tuple(drawn["size"]))
        else:
            shape["polygons"] = tuple(_flat(p) for p in drawn if len(p) >= 6)
        by_image.setdefault(one["image_id"], []).append(Shape(**shape))
    sheets = [
        Sheet(one["file_name"], (one["height"], one["width"]) if "height" in one else None, by_image.get(one["id"], []))
        for one in content["images"]
    ]
    names = {one["id"]: one["name"] for one in content.get("categories", ())}
    used = {shape.label for shapes in by_image.values() for shape in shapes}
    fault = ""
    if not used:
        fault = BOXES if any(one.get("bbox") for one in content["annotations"]) else EMPTY
    elif not any(sheet.shapes for sheet in sheets):
        fault = "holds annotations of images that it does not list"
    order = sorted(used | set(names), key=lambda n: (isinstance(n, str), n))
    return Book("COCO", sheets, {n: (n, str(names.get(n, n))) for n in order}, fault)


def run_lengths(counts):
    """COCO's run lengths, as a list or packed into text, five bits a character."""
    if not isinstance(counts, str | bytes):
        return list(counts)
    text, unpacked, at = counts.encode() if isinstance(counts, str) else counts, [], 0
    while at < len(text):
        number, shift, more = 0, 0, True
        while more:
            code = text[at] - 48
            number |= (code & 31) << shift
            more, at, shift = bool(code & 32), at + 1, shift + 5
        if code & 16:
            number |= -1 << shift
        unpacked.append(number + unpacked[-2] if len(unpacked) > 2 else number)
    return unpacked


def _labelme(content):
    if not isinstance(content, dict) or "shapes" not in content or "imagePath" not in content:
        return None
    shapes = []
    for one in content["shapes"]:
        points, kind = _flat(one["points"]), one.get("shape_type") or "polygon"
        if kind == "rectangle":
            (x, y), (right, bottom) = points.min(0), points.max(0)
            points = _flat([x, y, right, y, right, bottom, x, bottom])
        elif kind == "circle":
            turn = np.linspace(0, 2 * np.pi, 64, endpoint=False)
            points = points[0] + np.linalg.norm(points[1] - points[0]) * np.stack([np.cos(turn), np.sin(turn)], 1)
        elif kind != "polygon":
            continue  # points and lines have no area
        shapes.append(Shape(str(one["label"]), (points,)))
    size = (content["imageHeight"], content["imageWidth"]) if content.get("imageHeight") else None
    return Book("labelme", [Sheet(str(content["imagePath"]).replace("\\", "/"), size, shapes)], {})


def _label_studio(content):
    """Label Studio's JSON: tasks, whose points are in percent of the image's size."""
    if not isinstance(content, list) or not content or "annotations" not in content[0]:
        return None
    sheets = []
    for task in content:
        reference = next(str(v) for v in task["data"].values() if re.search(r"\.\w{3,4}$", str(v)))
        shapes = []
        for one in (task["annotations"] or [{}])[0].get("result", ()):
            value = one["value"]
            if "polygonlabels" in value:
                points = _flat(value["points"]) / 100
            elif "rectanglelabels" in value:
                x, y, w, h = (value[k] / 100 for k in ("x", "y", "width", "height"))
                points = _flat([x, y, x + w, y, x + w, y + h, x, y + h])
            else:
                continue
            shapes.append(Shape((value.get("polygonlabels") or value["rectanglelabels"])[0], (points,), relative=True))
        sheets.append(Sheet(re.sub(r"^[0-9a-f]{8}-", "", PurePosixPath(reference).name), None, shapes))
    return Book("Label Studio", sheets, {})


def _supervisely(content):
    if not isinstance(content, dict) or not {"objects", "size"} <= set(content):
        return None
    shapes = []
    for one in content["objects"]:
        if one.get("geometryType") == "polygon" or "exterior" in one.get("points", ()):
            points = one["points"]
            holes = tuple(map(_flat, points.get("interior", ())))
            shapes.append(Shape(one["classTitle"], (_flat(points["exterior"]),), holes))
    return Book("Supervisely", [Sheet(None, (content["size"]["height"], content["size"]["width"]), shapes)], {})


def _geojson(content):
    """QuPath's export, one file for each image."""
    features = content["features"] if isinstance(content, dict) else content
    shapes = []
    for one in features:
        kind, rings = one["geometry"]["type"], one["geometry"]["coordinates"]
        said = one.get("properties", {}).get("classification") or {"name": "object"}
        for first, *holes in {"Polygon": [rings], "MultiPolygon": rings}.get(kind, ()):
            shapes.append(Shape(said["name"], (_flat(first),), tuple(map(_flat, holes))))
    return Book("GeoJSON", [Sheet(None, None, shapes)], {}) if shapes else None


def _via(content):
    """The VGG Image Annotator's JSON, with or without its project around it."""
    content = content.get("_via_img_metadata", content)
    sheets = []
    for one in content.values():
        regions, shapes = one["regions"], []
        for region in regions.values() if isinstance(regions, dict) else regions:
            drawn, said = region["shape_attributes"], list(region.get("region_attributes", {}).values())
            if drawn["name"] == "polygon":
                points = np.stack([drawn["all_points_x"], drawn["all_points_y"]], 1).astype(float)
            elif drawn["name"] == "rect":
                x, y, w, h = (drawn[k] for k in ("x", "y", "width", "height"))
                points = _flat([x, y, x + w, y, x + w, y + h, x, y + h])
            else:
                continue
            label = next((str(word) for word in said if isinstance(word, str) and word), "object")
            shapes.append(Shape(label, (points,)))
        sheets.append(Sheet(one["filename"], None, shapes))
    return Book("VIA", sheets, {}) if sheets else None


def _cvat(text):
    """CVAT for images 1.1. Python's parser fetches nothing; a file with entities of its own is refused."""
    if "<image" not in text or "<!ENTITY" in text:
        return None
    try:
        root = ElementTree.fromstring(text)
    except ElementTree.ParseError:
        return None
    if root.tag != "annotations":
        return None
    sheets = []
    for one in root.iter("image"):
        size, shapes = (int(one.get("height")), int(one.get("width"))), []
        for drawn in sorted(one, key=lambda d: int(d.get("z_order", 0))):
            label = drawn.get("label")
            if drawn.tag == "polygon":
                shapes.append(Shape(label, (_flat(re.split("[,;]", drawn.get("points"))),)))
            elif drawn.tag == "box":
                x, y, right, bottom = (float(drawn.get(k)) for k in ("xtl", "ytl", "xbr", "ybr"))
                shapes.append(Shape(label, (_flat([x, y, right, y, right, bottom, x, bottom]),)))
            elif drawn.tag == "mask":
                left, top, w, h = (int(drawn.get(k)) for k in ("left", "top", "width", "height"))
                counts = [int(n) for n in drawn.get("rle").split(",")]
                inside = np.repeat(np.arange(len(counts)) % 2, counts).reshape(h, w)
                whole = np.zeros(size, np.uint8)
                whole[top : top + h, left : left + w] = inside
                ends = np.flatnonzero(np.diff(whole.ravel("F"), prepend=0)).tolist()
                shapes.append(Shape(label, runs=(np.diff([0, *ends, whole.size]).tolist(), size)))
        sheets.append(Sheet(one.get("name"), size, shapes))
    return Book("CVAT", sheets, {})


def _yolo(text):
    """Lines of a class number and at least three points in shares of width and height; an empty file has no object."""
    shapes, fault = [], ""
    for line in filter(None, map(str.split, text.splitlines())):
        if len(line) < 5 or not len(line) % 2 or not line[0].isdecimal():
            return None
        try:
            points = _flat([float(word) for word in line[1:]])
        except ValueError:
            return None
        if not (points.min() >= -0.01 and points.max() <= 1.01):
            fault = "holds points beyond 0 and 1, but YOLO's are shares of width and height"
        elif len(points) < 3:
            fault = fault or BOXES
        shapes.append(Shape(int(line[0]), (points,), relative=True))
    return Book("YOLO", [Sheet(None, None, [] if fault else shapes)], {}, fault)
