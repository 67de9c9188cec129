"""Annotations that are no pictures: the shapes of each tool become pixels; by hand counts and known run lengths."""

import base64
import contextlib
import io
import json
import zlib

import numpy as np
import pytest
from PIL import Image
from support import save

from segutils import dataset
from segutils.dataset import drawing, shapes, tiles, windows
from segutils.dataset.annotations import read_book, run_lengths
from segutils.dataset.files import Files, ImageFileError

SIZE = (20, 30)
SQUARE = [4, 5, 14, 5, 14, 12, 4, 12]  # x, y: columns 4 to 13, rows 5 to 11
TRIANGLE = [20, 2, 28, 2, 28, 10]


def inside(rows, columns, value=1, size=SIZE):
    mask = np.zeros(size, np.uint8)
    mask[rows, columns] = value
    return mask


def folder(path, text, name="a.json", images=("a.png",)):
    for image in images:
        save(path / image, np.random.default_rng(len(image)).integers(0, 255, (*SIZE, 3), dtype=np.uint8))
    (path / name).parent.mkdir(parents=True, exist_ok=True)
    (path / name).write_text(text if isinstance(text, str) else json.dumps(text))
    return Files(path)


def coco(*drawn, names=((1, "cat"), (3, "dog"))):
    about = [{"id": 5, "file_name": "a.png", "height": SIZE[0], "width": SIZE[1]}]
    shapes = [{"id": i, "image_id": 5, "iscrowd": 0, **one} for i, one in enumerate(drawn)]
    return {"images": about, "annotations": shapes, "categories": [{"id": i, "name": n} for i, n in names]}


def drawn_of(files):
    (pair,) = dataset.find_pairs(files).pairs
    return dataset.read_mask(files, pair.masks[0])


def test_a_polygon_covers_the_pixels_whose_centres_it_holds(tmp_path):
    files = folder(tmp_path, coco({"category_id": 3, "segmentation": [SQUARE]}))
    assert np.array_equal(drawn_of(files), inside(slice(5, 12), slice(4, 14), 3))


def test_of_shapes_that_overlap_the_smaller_lies_on_top_and_the_overlap_is_told(tmp_path):
    small = [6, 6, 8, 6, 8, 8, 6, 8]
    for order in (1, -1):
        drawn = [{"category_id": 1, "segmentation": [small]}, {"category_id": 3, "segmentation": [SQUARE]}][::order]
        files = folder(tmp_path, coco(*drawn))
        expected = inside(slice(5, 12), slice(4, 14), 3)
        expected[6:8, 6:8] = 1
        assert np.array_equal(drawn_of(files), expected)
    found = dataset.inspect(tmp_path).findings
    assert found[found.fault == "classes overlap"].finding.item().startswith("4 pixels")


def test_crowds_are_void_and_objects_are_numbered(tmp_path):
    runs = {"counts": [0, 40, 560], "size": list(SIZE)}  # the first two columns
    crowd = {"category_id": 1, "iscrowd": 1, "segmentation": runs}
    shapes = [{"category_id": 1, "segmentation": [s]} for s in (SQUARE, [20, 2, 24, 2, 24, 6, 20, 6])]
    files = folder(tmp_path, coco(crowd, *shapes))
    mask = drawn_of(files)
    assert (mask[:, :2] == 255).all()
    assert (mask == 255).sum() == 40
    report = dataset.inspect(tmp_path)
    assert report.classes == dataset.Classes("values", (0, 1), 255)
    assert report.names == ("background", "cat")
    objects = dataset.read_objects(files, report.pairs[0])
    assert sorted(np.unique(objects, return_counts=True)[1].tolist()) == [16, 70, 514]
    assert (objects[:, :2] == 0).all()


def test_packed_run_lengths_are_those_of_pycocotools(tmp_path):
    """What encode(asfortranarray(mask)) of pycocotools 2.0.11 gave, for the square and for a disc."""
    square = {"counts": "e27=00000000000000000k9", "size": list(SIZE)}
    files = folder(tmp_path, coco({"category_id": 3, "segmentation": square}))
    assert np.array_equal(drawn_of(files), inside(slice(5, 12), slice(4, 14), 3))
    packed = "jd09`22N2N2N2O0000000000000001N2N2N2NUT3"
    rows, columns = np.indices((90, 60))
    counts = run_lengths(packed)
    decoded = np.repeat(np.arange(len(counts)) % 2, counts).reshape((90, 60), order="F")
    assert np.array_equal(decoded, np.hypot(rows - 40, columns - 15) < 9)
    assert run_lengths(packed.encode()) == counts
    assert run_lengths([3, 4, 5]) == [3, 4, 5]


def test_a_slanted_polygon_is_that_of_pycocotools_within_a_pixel_at_its_edge(tmp_path):
    """Pixels by column of decode(frPyObjects(polygon)), pycocotools 2.0.11."""
    files = folder(tmp_path, coco({"category_id": 1, "segmentation": [[3.2, 4.1, 20.7, 6.3, 15.5, 17.9]]}))
    theirs = [0, 0, 0, 0, 2, 3, 3, 4, 5, 6, 7, 8, 9, 11, 11, 12, 10, 8, 5, 3, 1, *[0] * 9]
    ours = drawn_of(files).sum(0, dtype=int)
    assert np.abs(ours - theirs).max() <= 1
    assert abs(int(ours.sum()) - 108) <= 6


POINTS = np.reshape(SQUARE, (-1, 2)).tolist()
SHARES = (np.reshape(SQUARE, (-1, 2)) / SIZE[::-1]).ravel()
LABELME = {"version": "5", "imagePath": "a.png", "imageHeight": 20, "imageWidth": 30}
CVAT = '<annotations><image id="0" name="a.png" width="30" height="20">{}</image></annotations>'
VIA = {"name": "polygon", "all_points_x": SQUARE[::2], "all_points_y": SQUARE[1::2]}
STUDIO = {"points": (np.reshape(SQUARE, (-1, 2)) / SIZE[::-1] * 100).tolist(), "polygonlabels": ["cat"]}


def bitmap(zipped=False):
    """The square's own 7 × 10 pixels as a PNG in base64."""
    stream = io.BytesIO()
    Image.fromarray(np.ones((7, 10), bool)).save(stream, "PNG")
    return base64.b64encode(zlib.compress(stream.getvalue()) if zipped else stream.getvalue()).decode()


def strokes():
    """The square as Label Studio's brush packs it: a run for each 16 values at most, one in five not alike."""
    values = np.repeat(inside(slice(5, 12), slice(4, 14)).ravel() * 255, 4).tolist()
    bits = f"{len(values):032b}" + f"{7:05b}" + "".join(f"{width - 1:04b}" for width in (1, 2, 3, 4))
    at = 0
    while at < len(values):
        run = next((n for n in range(1, 17) if at + n == len(values) or values[at + n] != values[at]), 16)
        alike = at % 5 != 0
        bits += f"{alike:01b}{3:02b}{run - 1:04b}" + "".join(
            f"{v:08b}" for v in values[at : at + (1 if alike else run)]
        )
        at += run
    bits += "0" * (-len(bits) % 8)
    return [int(bits[i : i + 8], 2) for i in range(0, len(bits), 8)]


BRUSH = {"format": "rle", "rle": strokes(), "brushlabels": ["cat"]}
RLE = {"counts": np.diff([0, *np.flatnonzero(np.diff(inside(slice(5, 12), slice(4, 14)).ravel("F"), prepend=0)), 600])}
TURNED = {"x": 1400 / 30, "y": 25, "width": 700 / 30, "height": 50, "rotation": 90, "rectanglelabels": ["cat"]}


def datumaro(shape):
    labels = {"label": {"labels": [{"name": "cat", "parent": ""}], "attributes": []}}
    item = {"id": "a", "annotations": [shape], "image": {"path": "a.png", "size": [20, 30]}}
    return {"info": {}, "categories": labels, "items": [item]}


MASKED = {"shapes": [{"label": "cat", "points": [[4, 5], [13, 11]], "shape_type": "mask", "mask": bitmap()}]}
HOLE = [[6, 6], [10, 6], [10, 10], [6, 10]]
TOOLS = {
    "labelme": LABELME | {"shapes": [{"label": "cat", "points": POINTS, "shape_type": "polygon"}]},
    "labelme, rectangle": LABELME
    | {"shapes": [{"label": "cat", "points": [[14, 12], [4, 5]], "shape_type": "rectangle"}]},
    "CVAT": CVAT.format('<polygon label="cat" points="4,5;14,5;14,12;4,12"/>'),
    "CVAT, box": CVAT.format('<box label="cat" xtl="4" ytl="5" xbr="14" ybr="12"/>'),
    "CVAT, mask": CVAT.format('<mask label="cat" left="4" top="5" width="10" height="7" rle="0,70"/>'),
    "VIA": {
        "a.png12": {"filename": "a.png", "regions": [{"shape_attributes": VIA, "region_attributes": {"c": "cat"}}]}
    },
    "Label Studio": [{"data": {"image": "/up/0a1b2c3d-a.png"}, "annotations": [{"result": [{"value": STUDIO}]}]}],
    "Label Studio, brush": [
        {
            "data": {"image": "/up/0a1b2c3d-a.png"},
            "annotations": [{"result": [{"original_width": 30, "original_height": 20, "value": BRUSH}]}],
        }
    ],
    "Label Studio, short": [{"id": 1, "image": "/up/0a1b2c3d-a.png", "label": [STUDIO], "annotator": 1}],
    "Label Studio, a box turned by 90 degrees": [
        {
            "data": {"image": "/up/0a1b2c3d-a.png"},
            "annotations": [{"result": [{"original_width": 30, "original_height": 20, "value": TURNED}]}],
        }
    ],
    "labelme, mask": LABELME | MASKED,
    "Supervisely, bitmap": {
        "size": {"height": 20, "width": 30},
        "objects": [
            {"classTitle": "cat", "geometryType": "bitmap", "bitmap": {"data": bitmap(True), "origin": [4, 5]}}
        ],
    },
    "Darwin": {
        "version": "2.0",
        "item": {"name": "a.png", "path": "/", "slots": [{"width": 30, "height": 20, "slot_name": "0"}]},
        "annotations": [{"name": "cat", "polygon": {"paths": [[{"x": x, "y": y} for x, y in POINTS]]}}],
    },
    "Darwin 1.0": {
        "image": {"filename": "a.png", "width": 30, "height": 20},
        "annotations": [{"name": "cat", "polygon": {"path": [{"x": x, "y": y} for x, y in POINTS]}}],
    },
    "Datumaro": datumaro({"type": "polygon", "label_id": 0, "points": SQUARE}),
    "Datumaro, mask": datumaro(
        {"type": "mask", "label_id": 0, "rle": {"size": [20, 30], "counts": RLE["counts"].tolist()}}
    ),
    "XML of ImageScope": "<Annotations><Annotation Name='cat'><Regions><Region><Vertices>"
    + "".join(f'<Vertex X="{x}" Y="{y}"/>' for x, y in POINTS)
    + "</Vertices></Region></Regions></Annotation></Annotations>",
    "XML of LabelMe": "<annotation><filename>a.png</filename><object><name>cat</name><polygon>"
    + "".join(f"<pt><x>{x}</x><y>{y}</y></pt>" for x, y in POINTS)
    + "</polygon></object></annotation>",
    "table of VIA": "filename,region_shape_attributes,region_attributes\n"
    + 'a.png,"{}","{}"\n'.format(json.dumps(VIA).replace('"', '""'), '{""kind"": {""cat"": true}}'),
    "YOLO": "0 " + " ".join(f"{share:.6f}" for share in SHARES) + "\n",
    "QuPath": {
        "type": "FeatureCollection",
        "features": [
            {
                "geometry": {"type": "Polygon", "coordinates": [[*POINTS, POINTS[0]]]},
                "properties": {"classification": {"name": "cat"}},
            }
        ],
    },
    "Supervisely": {
        "size": {"height": 20, "width": 30},
        "objects": [{"classTitle": "cat", "geometryType": "polygon", "points": {"exterior": POINTS, "interior": []}}],
    },
}


@pytest.mark.parametrize("tool", TOOLS)
def test_each_tool_s_square_is_the_same_pixels(tmp_path, tool):
    ends = {"CVAT": ".xml", "YOLO": ".txt", "QuPath": ".geojson", "table of VIA": ".csv"}
    ends |= {"XML of ImageScope": ".xml", "XML of LabelMe": ".xml"}
    files = folder(tmp_path, TOOLS[tool], "a" + ends.get(tool.partition(",")[0], ".json"))
    if tool == "YOLO":
        (tmp_path / "data.yaml").write_text("nc: 1\nnames:\n  0: cat\n")
        files = Files(tmp_path)
    assert np.array_equal(drawn_of(files), inside(slice(5, 12), slice(4, 14)))
    assert drawing.drawn(files).names == {0: "background", 1: "cat"}


ROUND = {"name": "ellipse", "cx": 12, "cy": 10, "rx": 8, "ry": 4, "theta": 0}
ROUNDS = {
    "VIA": {
        "a.png12": {"filename": "a.png", "regions": [{"shape_attributes": ROUND, "region_attributes": {"c": "cat"}}]}
    },
    "CVAT": CVAT.format('<ellipse label="cat" cx="12" cy="10" rx="4" ry="8" rotation="90"/>'),
    "Datumaro": datumaro({"type": "ellipse", "label_id": 0, "points": [4, 6, 20, 14]}),
    "Label Studio": [
        {
            "image": "a.png",
            "label": [{"x": 40, "y": 50, "radiusX": 800 / 30, "radiusY": 20, "rotation": 0, "ellipselabels": ["cat"]}],
        }
    ],
}


@pytest.mark.parametrize("tool", ROUNDS)
def test_each_tool_s_ellipse_is_the_same_pixels(tmp_path, tool):
    files = folder(tmp_path, ROUNDS[tool], "a.xml" if tool == "CVAT" else "a.json")
    rows, columns = np.indices(SIZE) + 0.5
    far = ((columns - 12) / 8) ** 2 + ((rows - 10) / 4) ** 2
    mask = drawn_of(files)
    assert mask[far < 0.97].all()
    assert not mask[far > 1].any()


def test_what_has_no_area_is_told(tmp_path):
    line = {"label": "dog", "points": POINTS, "shape_type": "linestrip"}
    folder(tmp_path, LABELME | {"shapes": [line, {"label": "cat", "points": POINTS, "shape_type": "polygon"}]})
    report = dataset.inspect(tmp_path)
    found = report.findings
    assert found[found.fault == "no area"].finding.tolist() == ["1 × linestrip: no area, so no pixels"]
    assert report.names == ("background", "cat")


def test_coordinates_of_a_map_are_refused_with_the_way(tmp_path):
    ring = [[-115.3, 36.1], [-115.2, 36.1], [-115.2, 36.0], [-115.3, 36.1]]
    shape = {"geometry": {"type": "Polygon", "coordinates": [ring]}, "properties": {}}
    folder(tmp_path, {"type": "FeatureCollection", "features": [shape]}, "a.geojson")
    with pytest.raises(ValueError, match=r"the first is -115.3, 36.1.*rasterio.features.rasterize"):
        dataset.require_usable(dataset.inspect(tmp_path))


def test_a_hole_is_cut_out_again(tmp_path):
    shape = {"classTitle": "cat", "geometryType": "polygon", "points": {"exterior": POINTS, "interior": [HOLE]}}
    files = folder(tmp_path, {"size": {"height": 20, "width": 30}, "objects": [shape]})
    expected = inside(slice(5, 12), slice(4, 14))
    expected[6:10, 6:10] = 0
    assert np.array_equal(drawn_of(files), expected)


def test_of_a_region_of_several_rings_those_inside_of_another_are_holes(tmp_path):
    far = [[20, 2], [24, 2], [24, 6], [20, 6]]
    rings = [[{"x": x, "y": y} for x, y in ring] for ring in (HOLE, POINTS, far)]
    item = {"name": "a.png", "slots": [{"width": 30, "height": 20}]}
    content = {"item": item, "annotations": [{"name": "cat", "polygon": {"paths": rings}}, {"name": "x", "tag": {}}]}
    expected = inside(slice(5, 12), slice(4, 14)) + inside(slice(2, 6), slice(20, 24))
    expected[6:10, 6:10] = 0
    assert np.array_equal(drawn_of(folder(tmp_path, content)), expected)


def test_regions_without_classes_are_objects(tmp_path):
    """SA-1B, of segment-anything."""
    runs = {"size": [20, 30], "counts": RLE["counts"].tolist()}
    about = {"image_id": 7, "file_name": "a.png", "width": 30, "height": 20}
    files = folder(tmp_path, {"image": about, "annotations": [{"id": 1, "segmentation": runs, "bbox": [4, 5, 10, 7]}]})
    assert np.array_equal(drawn_of(files), inside(slice(5, 12), slice(4, 14)))
    assert drawing.drawn(files).names == {0: "background", 1: "object"}


def test_labels_that_mean_void_or_background_are_that(tmp_path):
    shapes = [
        {"label": label, "points": np.reshape(shape, (-1, 2)).tolist(), "shape_type": "polygon"}
        for label, shape in (("__ignore__", SQUARE), ("_background_", TRIANGLE), ("cat", [0, 0, 3, 0, 3, 3, 0, 3]))
    ]
    mask = drawn_of(folder(tmp_path, LABELME | {"shapes": shapes}))
    assert {*np.unique(mask).tolist()} == {0, 1, 255}
    assert (mask == 255).sum() == 70


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "{}",
        "7",
        '{"images": [], "annotations": []}',
        '{"shapes": 3, "imagePath": "a.png"}',
        "0 0.5 0.5 0.1 0.1",
    ],
)
@pytest.mark.parametrize("name", ["a.json", "a.txt", "a.xml"])
def test_what_holds_no_regions_is_no_annotation(tmp_path, text, name):
    book = read_book(folder(tmp_path, text, name), name)
    assert book is None or not any(sheet.shapes for sheet in book.sheets)


def test_an_xml_with_entities_of_its_own_is_not_read(tmp_path):
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaa">]>' + CVAT.format('<polygon label="&a;" points="4,5;14,5;14,12"/>')
    assert read_book(folder(tmp_path, bomb, "a.xml"), "a.xml") is None


def test_an_image_that_annotations_name_and_that_is_lost_is_told(tmp_path):
    about = coco({"category_id": 1, "segmentation": [SQUARE]})
    about["images"].append({"id": 6, "file_name": "lost.png", "height": 20, "width": 30})
    folder(tmp_path, about)
    found = dataset.inspect(tmp_path).findings
    assert found[found.fault == "missing image"].finding.tolist() == ["names lost.png, which is not there"]


def test_a_size_that_the_image_does_not_have_is_an_error(tmp_path):
    about = coco({"category_id": 1, "segmentation": [SQUARE]})
    about["images"][0]["width"] = 31
    folder(tmp_path, about)
    found = dataset.inspect(tmp_path).findings
    assert found.fault[0] == "size differs"


@pytest.mark.parametrize(
    ("text", "name", "sentence"),
    [
        (coco({"category_id": 1, "segmentation": [], "bbox": [4, 5, 10, 7]}), "a.json", "holds boxes, and no outlines"),
        (coco(), "a.json", "holds no annotation"),
        (coco({"category_id": 1, "segmentation": [SQUARE], "image_id": 9}), "a.json", "images that it does not list"),
        ("0 0.5 0.5 0.2 0.2\n", "a.txt", "holds boxes, and no outlines"),
        ("0 4 5 14 5 14 12\n", "a.txt", "holds points beyond 0 and 1, but YOLO's are shares"),
        ("", "a.txt", "holds no annotation"),
        (
            "<annotation><filename>a.png</filename><object><name>cat</name><bndbox/></object></annotation>",
            "a.xml",
            "holds boxes, and no outlines",
        ),
        ("<annotations><track label='cat'/></annotations>", "all.xml", "holds tracks of a film; export it as"),
    ],
    ids=[*"abcdef", "boxes of VOC", "tracks"],
)
def test_annotations_without_outlines_are_the_first_error(tmp_path, text, name, sentence):
    folder(tmp_path, text, name)
    with pytest.raises(ValueError, match=rf"the first: {name}: .*{sentence}"):
        dataset.require_usable(dataset.inspect(tmp_path), leave_out=True)


@pytest.mark.parametrize(
    ("drawn", "sentence"),
    [
        ({"segmentation": {"size": list(SIZE), "counts": [10, 20]}}, "run lengths of 30 pixels for 30 × 20"),
        ({"segmentation": {"size": [40_000, 56_000], "counts": [10**9, 124 * 10**7]}}, "run lengths of 2,240,000,000"),
        ({"segmentation": {"size": list(SIZE), "counts": [-5, 605]}}, "negative run lengths"),
        ({"segmentation": [[float("nan"), *SQUARE[1:]]]}, "points that are no numbers"),
    ],
)
def test_damaged_shapes_are_an_error_of_their_file(tmp_path, drawn, sentence):
    folder(tmp_path, coco({"category_id": 1, **drawn}))
    found = dataset.inspect(tmp_path).findings
    (one,) = found[found.level == "error"].itertuples()
    assert (one.fault, one.file) == ("damaged annotation", "a.json#a.png")
    assert sentence in one.finding


def test_an_annotation_that_claims_a_gigantic_image_is_refused_before_it_is_drawn(tmp_path):
    about = coco({"category_id": 1, "segmentation": [SQUARE]})
    about["images"][0] |= {"height": 10**6, "width": 10**6}
    folder(tmp_path, about)
    found = dataset.inspect(tmp_path).findings
    assert "says that its image has 1000000 × 1000000 pixels" in found.finding.item()


def test_outlines_of_an_image_that_is_too_large_are_no_damage_and_the_cure_is_to_cut_it_up(tmp_path, monkeypatch):
    for place in (drawing, windows):
        monkeypatch.setattr(place, "MAX_PIXELS", 500)  # the image has 600, and then is read by tiles alone
    monkeypatch.setattr(tiles, "LEAST", 1)
    folder(tmp_path, coco({"category_id": 1, "segmentation": [SQUARE]}))
    found = dataset.inspect(tmp_path).findings.set_index("fault")
    assert set(found.index) == {"bomb", "outlines too large"}
    assert "30 × 20 pixels; outlines are read up to 500" in found.finding["outlines too large"]
    assert "cut image and outlines up" in found.cure["outlines too large"]


GIGANTIC = 3_000_000
SUPERVISELY = {"classTitle": "cat", "geometryType": "bitmap", "bitmap": {"data": bitmap(True), "origin": [4, 5]}}
MASK = '<mask label="cat" left="0" top="0" width="{0}" height="{0}" rle="{1}"/>'


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (LABELME | {"imageHeight": GIGANTIC, "imageWidth": GIGANTIC, **MASKED}, "a.json"),
        ({"size": {"height": GIGANTIC, "width": GIGANTIC}, "objects": [SUPERVISELY], "tags": []}, "a.png.json"),
        (
            CVAT.replace('"30"', f'"{GIGANTIC}"').replace('"20"', f'"{GIGANTIC}"').format(MASK.format(7, "0,49")),
            "a.xml",
        ),
    ],
)
def test_a_small_bitmap_in_a_gigantic_image_is_refused_before_it_is_drawn(tmp_path, text, name):
    files = folder(tmp_path, text, name)
    with pytest.raises(ValueError, match=r"says that its image has 3000000 × 3000000 pixels"):
        drawn_of(files)


def test_what_unpacks_to_gigantic_masks_is_refused(monkeypatch):
    claimed = [int(f"{4 * GIGANTIC**2 % 2**32:032b}"[i : i + 8], 2) for i in range(0, 32, 8)]
    with pytest.raises(ValueError, match="brush strokes of"):
        shapes.brush_strokes(claimed + [0] * 9, (GIGANTIC, GIGANTIC))
    with pytest.raises(ValueError, match="brush strokes of 400000000 values"):
        shapes.brush_strokes(
            [int(f"{400_000_000:032b}"[i : i + 8], 2) for i in range(0, 32, 8)] + [0] * 9, (10**4, 10**4)
        )
    for counts in ([0, 10**12], [-50, 100], [7]):
        with pytest.raises(ValueError, match="runs of"):
            shapes.unpacked_runs(counts, (10**6, 10**6) if counts[-1] == 10**12 else (5, 10))
    assert shapes.packed_bitmap(bitmap(True), zipped=True).all()
    monkeypatch.setattr(shapes, "MAX_BYTES", 30)
    with pytest.raises(ValueError, match=r"breaks off|damaged"):
        shapes.packed_bitmap(bitmap(True), zipped=True)
    monkeypatch.setattr(windows, "MAX_PIXELS", 69)
    with pytest.raises(ValueError, match="claims 10 × 7 pixels"):
        shapes.packed_bitmap(bitmap())


def test_json_of_endless_brackets_is_no_annotation(tmp_path):
    assert read_book(folder(tmp_path, "[" * 100_000), "a.json") is None


CLEAN = {tool: text for tool, text in TOOLS.items() if not isinstance(text, str)}
CLEAN |= {
    "COCO": coco({"category_id": 3, "segmentation": [SQUARE], "bbox": [4, 5, 10, 7]}),
    "COCO, run lengths": coco(
        {"category_id": 3, "segmentation": {"size": list(SIZE), "counts": RLE["counts"].tolist()}}
    ),
}
CLEAN |= {f"{tool}, round": text for tool, text in ROUNDS.items() if not isinstance(text, str)}


def places(node, at=()):
    """The way to each entry of a JSON; of long lists the first two."""
    yield at
    items = node.items() if isinstance(node, dict) else enumerate(node[:2]) if isinstance(node, list) else ()
    for key, value in items:
        yield from places(value, (*at, key))


def changed(node, at, *value):
    """A JSON with another value in one place, or without that entry."""
    if not at:
        return value[0] if value else {}
    node = json.loads(json.dumps(node))
    here = node
    for key in at[:-1]:
        here = here[key]
    if value:
        here[at[-1]] = value[0]
    else:
        del here[at[-1]]
    return node


@pytest.mark.parametrize("tool", CLEAN)
def test_null_missing_or_of_another_kind_anywhere_in_a_json_never_stops_a_set(tmp_path, tool):
    name = "a.geojson" if tool == "QuPath" else "a.json"
    folder(tmp_path, CLEAN[tool], name)
    for at in places(CLEAN[tool]):
        for value in ((), (None,), ("x",), ([],), ([[1]],), ({},), (-1,)):
            (tmp_path / name).write_text(json.dumps(changed(CLEAN[tool], at, *value)))
            files = Files(tmp_path)
            for pair in dataset.find_pairs(files).pairs:
                with contextlib.suppress(ImageFileError):
                    assert dataset.read_mask(files, pair.mask).shape == SIZE
            assert all(why and "\n" not in why for why, _ in drawing.drawn(files).bare.values())


@pytest.mark.parametrize(
    ("tool", "at", "value", "sentence"),
    [
        ("COCO", ("annotations", 0, "category_id"), None, "its label is None"),
        ("COCO", ("annotations", 0, "segmentation", 0, 1), "x", "a region that can't be read"),
        ("COCO", ("annotations", 0, "segmentation", 0, 1), None, "points that are no numbers"),
        ("COCO", ("annotations", 0, "iscrowd"), "no", "its iscrowd is 'no'"),
        ("COCO", ("annotations",), None, "is COCO, but can't be read"),
        ("COCO", ("images", 0, "file_name"), None, "its image 5 has no file_name"),
        ("COCO", ("categories", 0, "name"), None, "a class has the name None"),
        ("COCO, run lengths", ("annotations", 0, "segmentation", "counts"), [[1]], "run lengths are no whole numbers"),
        ("labelme", ("shapes", 0, "label"), None, "its label is None"),
        ("labelme", ("shapes", 0, "points"), None, "a region that can't be read"),
        ("labelme", ("shapes",), 3, "is labelme, but can't be read"),
        ("labelme, mask", ("imageHeight",), None, "does not say the image's height"),
        ("labelme, rectangle", ("shapes", 0, "points"), [[1, 2]], "of its points some are missing"),
        ("Datumaro", ("items", 0, "annotations", 0, "label_id"), 7, "its label_id is 7, of 1 labels"),
        ("Label Studio", (0, "annotations", 0, "result", 0, "value", "points", 0), None, "a region that can't be read"),
        ("Supervisely", ("objects", 0, "points", "exterior", 0), "x", "a region that can't be read"),
        ("QuPath", ("features", 0, "geometry", "coordinates"), None, "a region that can't be read"),
        ("VIA", ("a.png12", "regions", 0, "shape_attributes", "all_points_x"), None, "'all_points_x' is missing"),
    ],
)
def test_what_is_wrong_in_a_json_is_told_with_its_file(tmp_path, tool, at, value, sentence):
    name, text = "a.geojson" if tool == "QuPath" else "a.json", changed(CLEAN[tool], at, value)
    if "missing" in sentence and tool == "VIA":
        text = changed(CLEAN[tool], at)
    folder(tmp_path, text, name)
    with pytest.raises(
        ValueError, match=rf"the first: {name}(#a.png)?: [^;]*{sentence}.*; export the annotations again"
    ):
        dataset.require_usable(dataset.inspect(tmp_path))


def test_a_region_that_breaks_off_in_a_table_is_told(tmp_path):
    text = TOOLS["table of VIA"] + 'a.png,"{""name"": ""polygon"", ""all_poi",{}\n'
    folder(tmp_path, text, "a.csv")
    with pytest.raises(ValueError, match=r"the first: a.csv#a.png: holds a region that can't be read"):
        dataset.require_usable(dataset.inspect(tmp_path))


def test_a_region_that_can_not_be_read_costs_its_image_and_no_other(tmp_path):
    about = coco(
        {"category_id": 1, "segmentation": [SQUARE]}, {"category_id": 3, "segmentation": [SQUARE], "image_id": 6}
    )
    about["images"].append({"id": 6, "file_name": "b.png"})
    about["annotations"][1]["segmentation"] = [[None, "x"]]
    folder(tmp_path, about, images=("a.png", "b.png"))
    report = dataset.inspect(tmp_path)
    assert [pair.image for pair in report.pairs] == ["a.png"]
    assert report.findings[report.findings.level == "error"].file.tolist() == ["a.json#b.png"]


@pytest.mark.parametrize("size", [(None, None), (0, 0), ("20", "30"), (-1, 30), (20.0, 30.0), ("x", []), ()])
def test_a_size_that_says_nothing_is_measured(tmp_path, size):
    about = coco({"category_id": 1, "segmentation": [SQUARE]})
    del about["images"][0]["height"], about["images"][0]["width"]
    about["images"][0] |= dict(zip(("height", "width"), size, strict=False))
    assert np.array_equal(drawn_of(folder(tmp_path, about)), inside(slice(5, 12), slice(4, 14)))


@pytest.mark.parametrize("ring", [SQUARE, POINTS, [POINTS], [SQUARE, SQUARE]])
def test_outlines_of_coco_are_read_however_they_are_nested(tmp_path, ring):
    about = coco({"category_id": "1", "segmentation": ring, "image_id": "5"})
    assert np.array_equal(drawn_of(folder(tmp_path, about)), inside(slice(5, 12), slice(4, 14)))


def test_outlines_without_points_are_told_as_no_area(tmp_path):
    shapes = [{"label": "cat", "points": points} for points in (POINTS, [], POINTS[:2])]
    folder(tmp_path, LABELME | {"shapes": shapes})
    report = dataset.inspect(tmp_path)
    (note,) = report.findings[report.findings.fault == "no area"].finding
    assert note == "2 × outline of fewer than three points: no area, so no pixels"
    assert report.count("error") == 0
    empty = LABELME | {"shapes": [{"label": "cat", "points": []}]}
    (tmp_path / "a.json").write_text(json.dumps(empty))
    assert dataset.inspect(tmp_path).findings.fault[0] == "annotation empty"


@pytest.mark.parametrize("tool", ["COCO", "labelme", "Datumaro", "VIA", "CVAT", "XML of LabelMe", "table of VIA"])
def test_names_that_windows_has_written_lead_to_their_images(tmp_path, tool):
    """Two images have the name; the folder says which is meant."""
    text = (CLEAN | TOOLS)[tool]
    text = text if isinstance(text, str) else json.dumps(text)
    name = "all" + {"CVAT": ".xml", "XML of LabelMe": ".xml", "table of VIA": ".csv"}.get(tool, ".json")
    called = "C:\\set\\day 2\\a.png" if not name.endswith("json") else "C:\\\\set\\\\day 2\\\\a.png"
    files = folder(tmp_path, text.replace("a.png", called), name, images=("day 1/a.png", "day 2/a.png"))
    about = drawing.drawn(files)
    assert list(about.masks) == ["day 2/a.png"]
    assert not about.lost


@pytest.mark.parametrize("place", ["Batch #3", "a#b.json", "#", "x#1"])
def test_a_hash_in_a_folder_s_name_is_no_mark(tmp_path, place):
    image = f"{place}/train#1/a.png"
    text = f"{place}/val#2/instances.json"
    files = folder(tmp_path, coco({"category_id": 3, "segmentation": [SQUARE]}), text, images=(image,))
    (pair,) = dataset.find_pairs(files).pairs
    assert (pair.image, pair.mask) == (image, f"{text}#{image}")
    assert drawing.is_drawn(files, pair.mask)
    assert drawing.text_of(files, pair.mask) == text
    assert np.array_equal(dataset.read_mask(files, pair.mask), inside(slice(5, 12), slice(4, 14), 3))
    report = dataset.inspect(tmp_path)
    assert (report.count("error"), report.names) == (0, ("background", "dog")), str(report)
