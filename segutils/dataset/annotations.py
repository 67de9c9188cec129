"""Annotations that are no images: polygons and run lengths of labelling tools, as shapes for each image.

Read are COCO (polygons, run lengths, crowds), Datumaro, labelme, Label Studio (outlines and brush), VGG (VIA),
Supervisely and QuPath's GeoJSON here; COCO's panoptic kind in panoptic; CVAT, ImageScope, the web's LabelMe, YOLO
segmentation and VIA's tables in annotations_text. What a text file is is told by what it holds.
"""

import json
import math
import re
from pathlib import PurePosixPath

import numpy as np

from segutils.dataset import panoptic
from segutils.dataset.annotations_text import TABLE, read_xml, read_yolo, via_of_table
from segutils.dataset.shapes import (
    BOXES,
    EMPTY,
    Book,
    Shape,
    Sheet,
    bitmap_runs,
    box,
    brush_strokes,
    ellipse,
    flat,
    packed_bitmap,
)

__all__ = ["BACKGROUND", "EMPTY", "IGNORED", "Book", "Shape", "Sheet", "read_book", "run_lengths"]

IGNORED = {"void", "ignore", "ignored", "__ignore__", "unlabeled", "unlabelled", "dontcare", "don't care"}
BACKGROUND = {"background", "_background_", "__background__", "bg"}


def read_book(files, name):
    """The Book in a text file, or None if it holds no regions."""
    end = PurePosixPath(name).suffix.lower()
    if end in (".json", ".geojson"):
        try:
            content = json.loads(files.text(name))
        except (ValueError, RecursionError):
            return None
        for read in (_coco, _labelme, _label_studio, _supervisely, _datumaro, _geojson, _via):
            try:
                book = read(content)
            except (KeyError, TypeError, ValueError, IndexError, AttributeError, StopIteration):
                continue  # not that format
            if book is not None:
                return book
        return None
    if end == ".xml":
        return read_xml(files.text(name))
    if end == ".csv" and TABLE in (table := files.text(name)):
        return _via(via_of_table(table))
    return read_yolo(files.text(name)) if end == ".txt" else None


def _coco(content):
    """https://cocodataset.org/#format-data; Roboflow, CVAT, Label Studio and many more export it."""
    if not isinstance(content, dict) or not {"images", "annotations"} <= set(content):
        return None
    by_image, listed = {}, content["annotations"]
    listed = list(listed.values()) if isinstance(listed, dict) else listed
    if (book := panoptic.read(content, listed)) is not None:
        return book
    for one in listed:
        drawn = one.get("segmentation")
        if not drawn:
            continue
        shape = {"label": one["category_id"], "crowd": bool(one.get("iscrowd", 0))}
        if isinstance(drawn, dict):
            shape["runs"] = (run_lengths(drawn["counts"]), tuple(drawn["size"]))
        else:
            shape["polygons"] = tuple(flat(p) for p in drawn if len(p) >= 6)
        by_image.setdefault(one["image_id"], []).append(Shape(**shape))
    sheets = [
        Sheet(one["file_name"], (one["height"], one["width"]) if "height" in one else None, by_image.get(one["id"], []))
        for one in content["images"]
    ]
    names = {one["id"]: one["name"] for one in content.get("categories", ())}
    used = {shape.label for shapes in by_image.values() for shape in shapes}
    fault = ""
    if not used:
        fault = BOXES if any(one.get("bbox") for one in listed) else EMPTY
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
    shapes, skipped = [], []
    size = (content["imageHeight"], content["imageWidth"]) if content.get("imageHeight") else None
    for one in content["shapes"]:
        points, kind, label = flat(one["points"]), one.get("shape_type") or "polygon", str(one["label"])
        if kind == "mask":
            (left, top), inside = points[0].round().astype(int).tolist(), packed_bitmap(one["mask"])
            shapes.append(Shape(label, runs=bitmap_runs(inside, size, left, top)))
            continue
        if kind == "rectangle":
            points = box(*points.min(0), *np.ptp(points, axis=0))
        elif kind == "circle":
            radius = np.linalg.norm(points[1] - points[0])
            points = ellipse(*points[0], radius, radius)
        elif kind != "polygon":
            skipped.append(kind)  # points and lines have no area
            continue
        shapes.append(Shape(label, (points,)))
    return Book("labelme", [Sheet(_posix(content["imagePath"]), size, shapes, tuple(skipped))], {})


def _posix(path):
    return str(path).replace("\\", "/")


def _label_studio(content):
    """Label Studio's JSON, and its short kind (JSON-MIN): tasks, whose points are in percent of the image's size."""
    if not isinstance(content, list) or not content or not {"annotations", "image", "img"} & set(content[0]):
        return None
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
            shape = _studio_shape(value, one, kind) if kind else None
            shapes += [shape] if shape else []
            skipped += [kind.removesuffix("labels")] if kind and not shape else []
        called = re.sub(r"^[0-9a-f]{8}-", "", PurePosixPath(_posix(reference)).name)
        sheets.append(Sheet(called, None, shapes, tuple(skipped)))
    return Book("Label Studio", sheets, {})


def _studio_shape(value, one, kind):
    """The Shape of one result, or None if it has no area."""
    label, (x, y) = value[kind][0], (value.get("x", 0) / 100, value.get("y", 0) / 100)
    if "rle" in value:
        size = (one["original_height"], one["original_width"])
        return Shape(label, runs=bitmap_runs(brush_strokes(value["rle"], size), size))
    if "radiusX" in value:
        points = ellipse(x, y, value["radiusX"] / 100, value["radiusY"] / 100)
    elif "width" in value and "height" in value:
        points = box(x, y, value["width"] / 100, value["height"] / 100)
    elif len(value.get("points", ())) > 2:
        return Shape(label, (flat(value["points"]) / 100,), relative=True)
    else:
        return None
    if turn := math.radians(value.get("rotation", 0)):  # boxes around their corner, ellipses around their middle
        aspect = one.get("original_height", 1) / one.get("original_width", 1)
        (dx, dy), cos, sin = (points - (x, y)).T, math.cos(turn), math.sin(turn)
        points = np.stack([x + dx * cos - dy * sin * aspect, y + dx * sin / aspect + dy * cos], 1)
    return Shape(label, (points,), relative=True)


def _supervisely(content):
    if not isinstance(content, dict) or not {"objects", "size"} <= set(content):
        return None
    shapes, skipped, size = [], [], (content["size"]["height"], content["size"]["width"])
    for one in content["objects"]:
        kind, points = one.get("geometryType") or "polygon", one.get("points") or {}
        if kind == "bitmap":
            (left, top), inside = one["bitmap"]["origin"], packed_bitmap(one["bitmap"]["data"], zipped=True)
            shapes.append(Shape(one["classTitle"], runs=bitmap_runs(inside, size, left, top)))
        elif kind == "rectangle" and points.get("exterior"):
            corners = flat(points["exterior"])
            shapes.append(Shape(one["classTitle"], (box(*corners.min(0), *np.ptp(corners, axis=0)),)))
        elif kind == "polygon" and len(points.get("exterior", ())) > 2:
            holes = tuple(map(flat, points.get("interior", ())))
            shapes.append(Shape(one["classTitle"], (flat(points["exterior"]),), holes))
        else:
            skipped.append(kind)
    return Book("Supervisely", [Sheet(None, size, shapes, tuple(skipped))], {})


def _datumaro(content):
    """CVAT's Datumaro 1.0: items with annotations, whose labels are places in a list."""
    names = [one["name"] for one in content["categories"]["label"]["labels"]]
    sheets = []
    for item in content["items"]:
        about, shapes, skipped = item.get("image") or {}, [], []
        for one in item["annotations"]:
            kind, label = one["type"], one.get("label_id")
            label = names[label] if isinstance(label, int) and label < len(names) else "object"
            if kind == "polygon":
                shapes.append(Shape(label, (flat(one["points"]),)))
            elif kind in ("mask", "rle"):
                counts, whole = run_lengths(one["rle"]["counts"]), tuple(one["rle"]["size"])
                shapes.append(Shape(label, runs=(counts, whole)))
            elif kind == "bbox":
                shapes.append(Shape(label, (box(*one["bbox"]),)))
            elif kind == "ellipse":
                x, y, right, bottom = one["points"]
                shapes.append(
                    Shape(label, (ellipse((x + right) / 2, (y + bottom) / 2, (right - x) / 2, (bottom - y) / 2),))
                )
            elif kind not in ("label", "caption"):
                skipped.append(kind)
        size = tuple(about["size"]) if about.get("size") else None
        sheets.append(Sheet(_posix(about.get("path") or item["id"]), size, shapes, tuple(skipped)))
    return Book("Datumaro", sheets, {number: (number + 1, name) for number, name in enumerate(names)})


def _geojson(content):
    """QuPath's export, one file for each image."""
    features = content["features"] if isinstance(content, dict) else content
    shapes, skipped = [], []
    for one in features:
        kind, rings = one["geometry"]["type"], one["geometry"]["coordinates"]
        said = one.get("properties", {}).get("classification") or {"name": "object"}
        for first, *holes in {"Polygon": [rings], "MultiPolygon": rings}.get(kind, ()):
            shapes.append(Shape(said["name"], (flat(first),), tuple(map(flat, holes))))
        skipped += [kind] if kind not in ("Polygon", "MultiPolygon") else []
    return Book("GeoJSON", [Sheet(None, None, shapes, tuple(skipped))], {}) if shapes else None


def _via(content):
    """The VGG Image Annotator's JSON, with or without its project around it."""
    content = content.get("_via_img_metadata", content)
    sheets = []
    for one in content.values():
        regions, shapes, skipped = one["regions"], [], []
        for region in regions.values() if isinstance(regions, dict) else regions:
            drawn, said = region["shape_attributes"], region.get("region_attributes", {}).values()
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
                skipped += [kind] if kind else []
                continue
            ticked = (
                next((k for k, yes in some.items() if yes), "") if isinstance(some, dict) else some for some in said
            )
            shapes.append(Shape(next((str(word) for word in ticked if word), "object"), (points,)))
        sheets.append(Sheet(one["filename"], None, shapes, tuple(skipped)))
    return Book("VIA", sheets, {}) if sheets else None
