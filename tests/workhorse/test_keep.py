"""What is left for each image: masks in the set's values, objects as numbers, rows and COCO."""

import csv
import json

import numpy as np
import pytest
import tifffile
from PIL import Image

from segutils import dataset
from segutils.dataset.classes import Classes
from segutils.workhorse import counting, keep

MASK = np.zeros((24, 36), np.uint8)
MASK[2:8, 3:12], MASK[12:20, 20:30] = 1, 2
NAMES = ["ground", "cat", "dog"]


@pytest.mark.parametrize(
    ("classes", "wanted"),
    [
        (Classes("values", (0, 1)), [0, 1]),
        (Classes("values", (0, 255)), [0, 255]),
        (Classes("values", (7, 3000)), [7, 3000]),
        (Classes("objects", (0, 1)), [0, 255]),
        (Classes("nearest", (0, 1)), [0, 1]),
        (Classes("colours", (0, 0xFF8001)), [[0, 0, 0], [255, 128, 1]]),
    ],
)
def test_masks_have_the_values_of_the_user_s_own(classes, wanted):
    np.testing.assert_array_equal(keep.stored(np.array([[0, 1]], np.uint8), classes)[0], wanted)


@pytest.mark.parametrize("values", [(0, 128, 255), (0, 0xFF0000, 0x00FF00)])
def test_a_mask_too_large_for_png_becomes_a_tiff_of_the_same_values(tmp_path, monkeypatch, values):
    classes = Classes("colours" if values[1] > 255 else "values", values)
    monkeypatch.setattr(keep, "MAX_PIXELS", 500)
    path = keep.save_mask(tmp_path / "a.png", MASK, classes)
    assert path.name == "a.tif"
    np.testing.assert_array_equal(tifffile.imread(path), keep.stored(MASK, classes))


@pytest.mark.parametrize("corner", [0, 1])
def test_run_lengths_are_those_of_coco(corner):
    """Decoded by the course's reader of COCO, which has its own tests against pycocotools' examples."""
    inside = MASK == 1
    inside[0, 0] = corner
    lengths, value, flat = keep.run_lengths(inside), 0, []
    for length in lengths:
        flat += [value] * length
        value = 1 - value
    np.testing.assert_array_equal(np.reshape(flat, inside.shape[::-1]).T, inside)


def keep_values(path):
    with Image.open(path) as image:
        return np.asarray(image)


def keeper_of(path, **options):
    rule = counting.Rule(counting.CONNECTED, 1, 3)
    return keep.Keeper(path, Classes("values", (0, 128, 255)), NAMES, **{"background": 0, "rule": rule, **options})


def test_a_folder_holds_masks_overlays_objects_and_their_rows(tmp_path, rng):
    image = rng.integers(0, 255, (24, 36, 3)).astype(np.uint8)
    with keeper_of(tmp_path) as keeper:
        names = [keeper.add("a/b c.png", image, MASK)[0], keeper.add("empty.png", image, 0 * MASK)[0]]
    assert names == ["000_a_b_c_png.png", "001_empty_png.png"]
    np.testing.assert_array_equal(keep_values(tmp_path / "masks" / names[0]), np.array([0, 128, 255])[MASK])
    numbered = keep_values(tmp_path / "objects" / names[0])
    assert sorted(np.unique(numbered)) == [0, 1, 2]
    rows = list(csv.DictReader((tmp_path / "objects.csv").read_text(encoding="utf-8").splitlines()))
    assert [(row["image"], row["class"], row["area"]) for row in rows] == [
        ("a/b c.png", "cat", "54"),
        ("a/b c.png", "dog", "80"),
    ]
    assert (rows[0]["row"], rows[0]["column"]) == ("4.5", "7.0")
    assert [rows[1][side] for side in ("top", "left", "bottom", "right")] == ["12", "20", "20", "30"]
    assert not (tmp_path / "coco.json").exists()
    assert min(keep_values(tmp_path / "overlays" / names[0]).shape[:2]) >= 240


def test_the_coco_file_is_read_back_as_the_same_masks(tmp_path, rng):
    with keeper_of(tmp_path / "kept", coco=True) as keeper:
        for name, mask in (("a.png", MASK), ("b.png", MASK[::-1])):
            image = rng.integers(0, 255, (24, 36, 3)).astype(np.uint8)
            dataset.save_image(tmp_path / "set/images" / name, image)
            keeper.add(f"images/{name}", image, mask)
    about = json.loads((tmp_path / "kept/coco.json").read_text(encoding="utf-8"))
    (tmp_path / "set/annotations").mkdir()
    (tmp_path / "set/annotations/instances.json").write_text(json.dumps(about), encoding="utf-8")
    report = dataset.inspect(tmp_path / "set")
    assert report.count("error") == 0
    assert report.names == ("background", "cat", "dog")
    _, masks = dataset.read_all(dataset.Files(tmp_path / "set"), report.pairs, report.classes)
    np.testing.assert_array_equal(masks, [MASK, MASK[::-1]])
    assert about["annotations"][0]["bbox"] == [3, 2, 9, 6]


def test_probabilities_are_planes_of_16_bit(tmp_path, rng):
    image, shares = np.zeros((24, 36, 1), np.uint8), rng.integers(0, 65536, (24, 36, 3)).astype(np.uint16)
    with keeper_of(tmp_path, rule=None) as keeper:
        name, _ = keeper.add("a.png", image, MASK, probabilities=shares)
    planes = tifffile.imread((tmp_path / "probabilities" / name).with_suffix(".tif"))
    np.testing.assert_array_equal(planes, np.moveaxis(shares, -1, 0))
    assert not (tmp_path / "objects.csv").exists()


def test_a_run_that_breaks_off_leaves_no_half_table(tmp_path):
    with pytest.raises(IndexError), keeper_of(tmp_path) as keeper:
        keeper.add("a.png", np.zeros((24, 36, 1), np.uint8), MASK + 1)
    assert not (tmp_path / "objects.csv").exists()


def files_in(folder):
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.*") if path.name != ".made.json")


def test_a_second_round_leaves_nothing_of_the_first_but_what_others_put_there(tmp_path):
    image, names = np.zeros((24, 36, 1), np.uint8), [["a.png", "b.png"], ["c.png"]]
    (tmp_path / "masks").mkdir()
    (tmp_path / "masks/005_mine.png").write_bytes(b"mine")
    for round, options in enumerate([{"coco": True}, {"rule": None}]):
        with keeper_of(tmp_path, **options) as keeper:
            for name in names[round]:
                keeper.add(name, image, MASK, probabilities=None if round else np.zeros((24, 36, 3), np.uint16))
    assert files_in(tmp_path) == ["masks/000_c_png.png", "masks/005_mine.png", "overlays/000_c_png.png"]


def keep_all(keeper, image, masks):
    for name, mask in masks.items():
        keeper.add(name, image, mask)


def test_a_round_that_breaks_off_removes_nothing_and_the_next_one_clears_up(tmp_path):
    image = np.zeros((24, 36, 1), np.uint8)
    with keeper_of(tmp_path, rule=None) as keeper:
        keeper.add("a.png", image, MASK)
    with pytest.raises(IndexError), keeper_of(tmp_path, rule=None) as keeper:
        keep_all(keeper, image, {"b.png": MASK, "c.png": MASK + 1})
    assert {"masks/000_a_png.png", "masks/000_b_png.png"} <= set(files_in(tmp_path))
    with keeper_of(tmp_path, rule=None) as keeper:
        keeper.add("d.png", image, MASK)
    assert files_in(tmp_path) == ["masks/000_d_png.png", "overlays/000_d_png.png"]


def test_names_in_bytes_that_are_no_utf_8_are_in_the_rows(tmp_path, rng):
    with keeper_of(tmp_path, coco=True) as keeper:
        keeper.add("Bl\udcf6cke.png", rng.integers(0, 255, (24, 36, 3)).astype(np.uint8), MASK)
    rows = csv.DictReader((tmp_path / "objects.csv").read_text(encoding="utf-8").splitlines())
    assert {row["image"] for row in rows} == {r"Bl\udcf6cke.png"}
    images = json.loads((tmp_path / "coco.json").read_text(encoding="utf-8"))["images"]
    assert images[0]["file_name"] == "Bl\udcf6cke.png"


def test_coco_json_names_files(tmp_path):
    with keeper_of(tmp_path, coco=True) as keeper:
        keeper.add("a", np.zeros((24, 36, 1), np.uint8), MASK, file="images/a.tif")
    images = json.loads((tmp_path / "coco.json").read_text(encoding="utf-8"))["images"]
    assert images[0]["file_name"] == "images/a.tif"
