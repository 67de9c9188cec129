"""Annotations that are no images: polygons and run lengths of labelling tools, as shapes for each image.

Read are COCO (polygons, run lengths, crowds), Datumaro, labelme, Label Studio (outlines and brush), VGG (VIA),
Supervisely and QuPath's GeoJSON here; COCO's panoptic kind in panoptic; Darwin and SA-1B in annotations_single; CVAT,
ImageScope, the web's LabelMe, YOLO segmentation and VIA's tables in annotations_text. What a text file is is told by
what it holds.
"""

import json
import math
import re
from pathlib import PurePosixPath

import numpy as np

from segutils.dataset import beside, panoptic
from segutils.dataset.annotations_single import is_anything, is_darwin, read_anything, read_darwin
from segutils.dataset.annotations_text import TABLE, read_xml, read_yolo, via_of_table
from segutils.dataset.shapes import (
    BOXES,
    EMPTY,
    WRONG,
    Book,
    Shape,
    Sheet,
    TextError,
    bitmap_runs,
    box,
    brush_strokes,
    class_name,
    ellipse,
    flat,
    needed,
    of_book,
    packed_bitmap,
    region,
    run_lengths,
    said_size,
    why,
)

__all__ = ["BACKGROUND", "EMPTY", "IGNORED", "Book", "Shape", "Sheet", "read_book", "run_lengths"]

IGNORED = {"void", "ignore", "ignored", "__ignore__", "unlabeled", "unlabelled", "dontcare", "don't care"}
BACKGROUND = {"background", "_background_", "__background__", "bg"}


def read_book(files, name):
    """The Book in a text file, or None if it holds no regions, or can't be read: `beside` then tells."""
    how = READERS.get(PurePosixPath(name).suffix.lower())
    book = beside.read(files, name, how) if how else None
    return None if book is None else of_book(book)


def _json(files, name):
    content = json.loads(files.text(name))
    for is_one, read, form in FORMATS:
        if not is_one(content):
            continue
        try:
            book = read(content)
        except WRONG as error:
            if not form:
                continue  # no more than a likeness
            return Book(form, [Sheet(None, None, [])], {}, f"is {form}, but can't be read: {why(error)}", damaged=True)
        if book is not None:
            return book
    return None


def _table(files, name):
    return _via(via_of_table(files.text(name))) if TABLE in next(files.lines(name), "") else None


def _yolo(files, name):
    first = next((line.split() for line in files.lines(name) if line.strip()), ["0"])
    return read_yolo(files.text(name)) if first[0].isdecimal() else None


READERS = {".json": _json, ".geojson": _json, ".csv": _table, ".txt": _yolo}
READERS |= {".xml": lambda files, name: read_xml(files.text(name))}


def _coco(content):
    """https://cocodataset.org/#format-data; Roboflow, CVAT, Label Studio and many more export it."""
    by_image, listed = {}, content["annotations"]
    listed = list(listed.values()) if isinstance(listed, dict) else listed
    if (book := panoptic.read(content, listed)) is not None:
        return book
    for one in listed:
        if one.get("segmentation"):
            by_image.setdefault(_number(one["image_id"]), []).append(region(_coco_shape, one))
    sheets = []
    for one in content["images"]:
        if one["file_name"] is None:
            raise TextError(f"its image {one['id']} has no file_name")
        size = said_size(one.get("height"), one.get("width"))
        sheets.append(Sheet(one["file_name"], size, by_image.get(_number(one["id"]), [])))
    names = {_number(one["id"]): class_name(one) for one in content.get("categories") or ()}
    used = {shape.label for shapes in by_image.values() for shape in shapes if not shape.fault}
    fault = ""
    if not by_image:
        fault = BOXES if any(one.get("bbox") for one in listed) else EMPTY
    elif not any(sheet.shapes for sheet in sheets):
        fault = "holds annotations of images that it does not list"
    order = sorted(used | set(names), key=lambda n: (isinstance(n, str), n))
    return Book("COCO", sheets, {n: (n, str(names.get(n, n))) for n in order}, fault)


def _number(said):
    """A number that some tools write as text, "7", as 7; anything else as it is."""
    return int(said) if isinstance(said, str) and said.isdecimal() else said


def _coco_shape(one):
    drawn, label, crowd = one["segmentation"], _number(one["category_id"]), _number(one.get("iscrowd") or 0)
    if crowd not in (0, 1):
        raise TextError(f"its iscrowd is {crowd!r}")
    crowd = bool(crowd)
    if isinstance(drawn, dict):
        return Shape(label, runs=(run_lengths(drawn["counts"]), tuple(map(int, drawn["size"]))), crowd=crowd)
    depth = np.ndim(drawn[0])  # 0: x, y, x, y, … of one ring; 2: rings of pairs
    pairs = depth == 1 and all(len(some) == 2 for some in drawn)
    rings = [flat(ring) for ring in ([drawn] if depth == 0 or pairs else drawn)]
    return Shape(label, tuple(ring for ring in rings if len(ring) > 2), crowd=crowd)


def _labelme(content):
    size, shapes, skipped = said_size(content.get("imageHeight"), content.get("imageWidth")), [], []
    for one in content["shapes"]:
        shape = region(_labelme_shape, one, size)
        shapes += [shape] if shape else []
        skipped += [] if shape else [one["shape_type"]]  # points and lines have no area
    return Book("labelme", [Sheet(content["imagePath"], size, shapes, tuple(skipped))], {})


def _labelme_shape(one, size):
    """The Shape of an entry, or None if it has no area."""
    points, kind, label = flat(one["points"]), one.get("shape_type") or "polygon", one["label"]
    label = str(label) if type(label) is int else label
    if not np.isfinite(points).all() or (kind in ("rectangle", "circle") and len(points) < 2):
        raise TextError("of its points some are missing, or no numbers")
    if kind == "mask":
        (left, top), bitmap = points[0].round().astype(int).tolist(), packed_bitmap(one["mask"])
        return Shape(label, runs=bitmap_runs(bitmap, needed(size), left, top))
    if kind == "rectangle":
        points = box(*points.min(0), *np.ptp(points, axis=0))
    elif kind == "circle":
        radius = np.linalg.norm(points[1] - points[0])
        points = ellipse(*points[0], radius, radius)
    elif kind != "polygon":
        return None
    return Shape(label, (points,))


def _label_studio(content):
    """Label Studio's JSON, and its short kind (JSON-MIN): tasks, whose points are in percent of the image's size."""
    sheets = []
    for task in content:
        reference = next(str(v) for v in task.get("data", task).values() if re.search(r"\.\w{3,4}$", str(v)))
        if "annotations" in task:
            results = [(one["value"], one) for one in (task["annotations"] or [{}])[0].get("result", ())]
        else:
            lists = (some for some in task.values() if isinstance(some, list))
            results = [(one, one) for some in lists for one in some if isinstance(one, dict)]
        shapes, skipped = [], []
        for value, one in results:
            kind = next((k for k in value if k.endswith("labels") and value[k]), None)
            shape = region(_studio_shape, value, one, kind) if kind else None
            shapes += [shape] if shape else []
            skipped += [kind.removesuffix("labels")] if kind and not shape else []
        called = re.sub(r"^[0-9a-f]{8}-", "", PurePosixPath(reference.replace("\\", "/")).name)
        sheets.append(Sheet(called, None, shapes, tuple(skipped)))
    return Book("Label Studio", sheets, {})


def _studio_shape(value, one, kind):
    """The Shape of one result, or None if it has no area."""
    label = value[kind][0]
    if "rle" in value:
        size = (one["original_height"], one["original_width"])
        return Shape(label, runs=bitmap_runs(brush_strokes(value["rle"], size), size))
    if len(value.get("points", ())) > 2:
        return Shape(label, (flat(value["points"]) / 100,), relative=True)
    if not {"radiusX", "width"} & set(value):
        return None
    x, y = value["x"] / 100, value["y"] / 100
    if "radiusX" in value:
        points = ellipse(x, y, value["radiusX"] / 100, value["radiusY"] / 100)
    else:
        points = box(x, y, value["width"] / 100, value["height"] / 100)
    if turn := math.radians(value.get("rotation", 0)):  # boxes around their corner, ellipses around their middle
        aspect = one["original_height"] / one["original_width"]
        (dx, dy), cos, sin = (points - (x, y)).T, math.cos(turn), math.sin(turn)
        points = np.stack([x + dx * cos - dy * sin * aspect, y + dx * sin / aspect + dy * cos], 1)
    return Shape(label, (points,), relative=True)


def _supervisely(content):
    shapes, skipped, size = [], [], said_size(content["size"].get("height"), content["size"].get("width"))
    for one in content["objects"]:
        shape = region(_supervisely_shape, one, size)
        shapes += [shape] if shape else []
        skipped += [] if shape else [one.get("geometryType") or "polygon"]
    return Book("Supervisely", [Sheet(None, size, shapes, tuple(skipped))], {})


def _supervisely_shape(one, size):
    """The Shape of an entry, or None if it has no area."""
    kind, points, label = one.get("geometryType") or "polygon", one.get("points") or {}, one["classTitle"]
    if kind == "bitmap":
        (left, top), bitmap = one["bitmap"]["origin"], packed_bitmap(one["bitmap"]["data"], zipped=True)
        return Shape(label, runs=bitmap_runs(bitmap, needed(size), left, top))
    if kind == "rectangle" and points.get("exterior"):
        corners = flat(points["exterior"])
        return Shape(label, (box(*corners.min(0), *np.ptp(corners, axis=0)),))
    if kind == "polygon" and len(points.get("exterior", ())) > 2:
        return Shape(label, (flat(points["exterior"]),), tuple(map(flat, points.get("interior") or ())))
    return None


def _datumaro(content):
    """CVAT's Datumaro 1.0: items with annotations, whose labels are places in a list."""
    names = [class_name(one) for one in content["categories"]["label"]["labels"]]
    sheets = []
    for item in content["items"]:
        about, shapes, skipped = item.get("image") or {}, [], []
        for one in item["annotations"]:
            shape = region(_datumaro_shape, one, names)
            shapes += [shape] if shape else []
            skipped += [] if shape or one["type"] in ("label", "caption") else [one["type"]]
        size = said_size(*about["size"]) if about.get("size") else None
        sheets.append(Sheet(about.get("path") or item["id"], size, shapes, tuple(skipped)))
    return Book("Datumaro", sheets, {number: (number + 1, name) for number, name in enumerate(names)})


def _datumaro_shape(one, names):
    """The Shape of an entry, or None if it has no area."""
    kind, number = one["type"], _number(one.get("label_id"))
    if number is not None and number not in range(len(names)):
        raise TextError(f"its label_id is {number!r}, of {len(names)} labels")
    label = "object" if number is None else names[number]
    if kind == "polygon":
        return Shape(label, (flat(one["points"]),))
    if kind in ("mask", "rle"):
        return Shape(label, runs=(run_lengths(one["rle"]["counts"]), tuple(map(int, one["rle"]["size"]))))
    if kind == "bbox":
        return Shape(label, (box(*one["bbox"]),))
    if kind == "ellipse":
        x, y, right, bottom = one["points"]
        return Shape(label, (ellipse((x + right) / 2, (y + bottom) / 2, (right - x) / 2, (bottom - y) / 2),))
    return None


def _geojson(content):
    """QuPath's export, one file for each image."""
    shapes, skipped = [], []
    for one in content["features"] if isinstance(content, dict) else content:
        geometry = one["geometry"] or {"type": "nothing", "coordinates": ()}
        kind, outlines = geometry["type"], geometry.get("coordinates")
        for rings in {"Polygon": [outlines], "MultiPolygon": outlines}.get(kind) or ():
            shapes.append(region(_geojson_shape, rings, one.get("properties") or {}))
        skipped += [kind] if kind not in ("Polygon", "MultiPolygon") else []
    return Book("GeoJSON", [Sheet(None, None, shapes, tuple(skipped))], {}) if shapes else None


def _geojson_shape(rings, properties):
    said = properties.get("classification") or {"name": "object"}
    return Shape(said["name"], (flat(rings[0]),), tuple(map(flat, rings[1:])))


def _via(content):
    """The VGG Image Annotator's JSON, with or without its project around it."""
    sheets = []
    for one in content.get("_via_img_metadata", content).values():
        regions, shapes, skipped = one["regions"] or (), [], []
        for some in regions.values() if isinstance(regions, dict) else regions:
            shape = region(_via_shape, some)
            shapes += [shape] if shape else []
            skipped += [] if shape else filter(None, [some["shape_attributes"].get("name")])
        sheets.append(Sheet(one["filename"], None, shapes, tuple(skipped)))
    return Book("VIA", sheets, {}) if sheets else None


def _via_shape(one):
    """The Shape of an entry, or None if it has no area."""
    drawn, said = one["shape_attributes"], (one.get("region_attributes") or {}).values()
    kind = drawn.get("name")
    if kind == "polygon":
        points = np.stack([drawn["all_points_x"], drawn["all_points_y"]], 1).astype(float)
    elif kind == "rect":
        points = box(*(drawn[k] for k in ("x", "y", "width", "height")))
    elif kind == "circle":
        points = ellipse(drawn["cx"], drawn["cy"], drawn["r"], drawn["r"])
    elif kind == "ellipse":
        points = ellipse(*(drawn[k] for k in ("cx", "cy", "rx", "ry")), drawn.get("theta", 0))
    else:
        return None
    ticked = (next((k for k, yes in some.items() if yes), "") if isinstance(some, dict) else some for some in said)
    return Shape(next((str(word) for word in ticked if word), "object"), (points,))


def _has(*keys):
    return lambda content: isinstance(content, dict) and set(keys) <= set(content)


def _lists(*keys):
    """True for a list of objects that begins with one that has these keys."""
    return lambda content: isinstance(content, list) and bool(content) and _has(*keys)(content[0])


def _is_via(content):
    some = content.get("_via_img_metadata", content) if isinstance(content, dict) else None
    return isinstance(some, dict) and all(map(_has("regions", "filename"), some.values()))


FORMATS = (  # how to tell one, how to read it, and what it is for certain
    (_has("images", "annotations"), _coco, "COCO"),
    (is_darwin, read_darwin, "Darwin"),
    (is_anything, read_anything, "SA-1B"),
    (_has("shapes", "imagePath"), _labelme, "labelme"),
    (_lists("annotations", "data"), _label_studio, "Label Studio"),
    *((_lists(key), _label_studio, "") for key in ("annotations", "image", "img")),
    (_has("objects", "size"), _supervisely, "Supervisely"),
    (_has("items", "categories"), _datumaro, "Datumaro"),
    (_has("type", "features"), _geojson, "GeoJSON"),
    (_lists("geometry"), _geojson, "GeoJSON"),
    (_is_via, _via, "VIA"),
)
