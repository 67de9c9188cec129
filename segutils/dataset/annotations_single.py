"""Annotations with a JSON for each image: V7's Darwin, 1.0 and 2.0, and the masks of segment-anything (SA-1B)."""

from segutils.dataset.shapes import Book, Shape, Sheet, flat, region, run_lengths, said_size


def read_darwin(content):
    """https://docs.v7labs.com: `item` with slots in 2.0, `image` in 1.0; outlines are lists of {"x", "y"}."""
    about = content.get("item") or content["image"]
    size = (about.get("slots") or [about])[0]
    shapes, skipped = [], []
    for one in content["annotations"]:
        shape = region(_darwin_shape, one)
        shapes += [shape] if shape else []
        skipped += [] if shape or "tag" in one else [next((k for k in KINDS if k in one), "another kind")]
    called = about.get("name") or about["filename"]
    return Book("Darwin", [Sheet(called, said_size(size.get("height"), size.get("width")), shapes, tuple(skipped))], {})


KINDS = ("line", "keypoint", "skeleton", "cuboid", "raster_layer", "mask", "bounding_box")


def _darwin_shape(one):
    """The Shape of an entry, or None if it has no area; what lies inside of another ring is a hole."""
    drawn = one.get("polygon") or one.get("complex_polygon") or {}
    rings = drawn.get("paths") or drawn.get("path") or ()
    rings = [rings] if rings and isinstance(rings[0], dict) else [*rings]
    rings = [flat([[at["x"], at["y"]] for at in ring]) for ring in (*rings, *drawn.get("additional_paths", ()))]
    rings = [ring for ring in rings if len(ring) > 2]
    holes = [any(_lies_in(ring, other) for other in rings if other is not ring) for ring in rings]
    outer, inner = (tuple(r for r, hole in zip(rings, holes, strict=True) if hole is side) for side in (False, True))
    return Shape(one["name"], outer, inner) if outer else None


def _lies_in(ring, other):
    from skimage.measure import points_in_poly

    return bool(points_in_poly(ring, other).all())


def read_anything(content):
    """https://segment-anything.com: regions without classes, as run lengths."""
    about = content["image"]
    shapes = [region(_anything_shape, one) for one in content["annotations"]]
    return Book("SA-1B", [Sheet(about["file_name"], said_size(about["height"], about["width"]), shapes)], {})


def _anything_shape(one):
    packed = one["segmentation"]
    return Shape("object", runs=(run_lengths(packed["counts"]), tuple(map(int, packed["size"]))))


def is_darwin(content):
    """True for the JSON of one image from V7."""
    if not isinstance(content, dict) or not isinstance(content.get("annotations"), list):
        return False
    item, image = content.get("item"), content.get("image")
    return (isinstance(item, dict) and "name" in item) or (isinstance(image, dict) and "filename" in image)


def is_anything(content):
    """True for the JSON of one image of SA-1B."""
    known = isinstance(content, dict) and isinstance(content.get("image"), dict) and "annotations" in content
    return known and "file_name" in content["image"]
