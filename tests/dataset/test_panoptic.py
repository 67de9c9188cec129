"""COCO's panoptic kind: numbers of regions as the colours of a PNG, told by a JSON; the rest is void."""

import json
import shutil

import numpy as np
import pytest
from layouts import SIZE, image
from PIL import Image

from segutils import dataset
from segutils.metrics import VOID

CATEGORIES = ({"id": 3, "name": "cat"}, {"id": 7, "name": "dog"}, {"id": 100, "name": "sky", "isthing": 0})
REGIONS = {  # number of a region: category, its rows and columns, crowd
    70_000: (3, np.s_[5:15, 4:14], 0),
    300: (7, np.s_[5:15, 20:30], 0),
    5: (3, np.s_[20:30, 4:14], 0),
    66_000: (7, np.s_[20:30, 20:30], 1),
    16_000_000: (100, np.s_[:3], 0),
}
TRUTH = np.full(SIZE, VOID, np.uint8)
TRUTH[5:15, 4:14] = TRUTH[20:30, 4:14] = 3
TRUTH[5:15, 20:30], TRUTH[:3] = 7, 100


def panoptic(folder, part="val2017", ending=".jpg", count=3):
    """Images, PNG files of numbers, and the JSON of a part, as COCO gives them out."""
    numbers = np.zeros(SIZE, np.uint32)
    for number, (_, place, _) in REGIONS.items():
        numbers[place] = number
    colours = np.stack([numbers % 256, numbers // 256 % 256, numbers // 65536], axis=-1).astype(np.uint8)
    about = {"images": [], "annotations": [], "categories": CATEGORIES}
    regions = [{"id": n, "category_id": kind, "iscrowd": crowd} for n, (kind, _, crowd) in REGIONS.items()]
    place = folder / f"annotations/panoptic_{part}"
    place.mkdir(parents=True)
    for i in range(count):
        name = f"{i:012}"
        image(folder / part / f"{name}{ending}")
        Image.fromarray(colours).save(place / f"{name}.png")
        about["images"].append({"id": i, "file_name": f"{name}{ending}", "height": SIZE[0], "width": SIZE[1]})
        about["annotations"].append({"image_id": i, "file_name": f"{name}.png", "segments_info": regions})
    (folder / f"annotations/panoptic_{part}.json").write_text(json.dumps(about))
    return folder


@pytest.mark.parametrize("ending", [".jpg", ".png"])
def test_regions_become_classes_with_their_names_and_the_rest_is_void(tmp_path, ending):
    found = dataset.inspect(panoptic(tmp_path, ending=ending))
    assert found.findings.level.tolist() == ["note", "note"], str(found)
    assert (found.names, found.classes.values, found.classes.void) == (("cat", "dog", "sky"), (3, 7, 100), VOID)
    assert found.parts == ("validation",) * 3
    assert [pair.image for pair in found.pairs] == [f"val2017/{i:012}{ending}" for i in range(3)]
    files = dataset.Files(tmp_path)
    _, mask = dataset.read_pair(files, found.pairs[1], found.classes)
    np.testing.assert_array_equal(mask, np.select([TRUTH == 3, TRUTH == 7, TRUTH == 100], [0, 1, 2], VOID))
    objects = dataset.read_objects(files, found.pairs[1])
    assert len(np.unique(objects[objects > 0])) == 4, "each region is an object; the crowd is none"
    assert not objects[20:30, 20:30].any()


def test_images_of_one_name_in_two_parts_are_told_apart(tmp_path):
    panoptic(tmp_path)
    found = dataset.inspect(panoptic(tmp_path, "train2017"), relatives=False)
    assert sorted(found.parts) == ["train"] * 3 + ["validation"] * 3
    for pair, part in zip(found.pairs, found.parts, strict=True):
        assert pair.mask == "annotations/panoptic_{0}.json#{0}/{1}".format(
            {"train": "train2017", "validation": "val2017"}[part], pair.image.rpartition("/")[2]
        )


def test_instances_beside_it_are_set_aside(tmp_path):
    panoptic(tmp_path)
    about = json.loads((tmp_path / "annotations/panoptic_val2017.json").read_text())
    drawn = {"category_id": 3, "segmentation": [[4, 5, 14, 5, 14, 15]]}
    about["annotations"] = [{"id": i, "image_id": i, **drawn} for i in range(3)]
    (tmp_path / "annotations/instances_val2017.json").write_text(json.dumps(about))
    found = dataset.inspect(tmp_path)
    assert found.names == ("cat", "dog", "sky")
    aside = found.findings[found.findings.fault == "set aside"]
    assert aside.file.tolist() == ["annotations/instances_val2017.json"]


def test_a_png_without_its_place_in_the_list_is_left_out(tmp_path):
    panoptic(tmp_path, count=4)
    (tmp_path / "annotations/panoptic_val2017/000000000003.png").unlink()
    found = dataset.inspect(tmp_path)
    assert len(found.pairs) == 3
    assert found.findings[found.findings.level == "warning"].file.tolist() == ["val2017/000000000003.jpg"]


def test_without_its_png_files_one_sentence_says_what_lacks(tmp_path):
    place = panoptic(tmp_path) / "annotations/panoptic_val2017"
    shutil.make_archive(str(place), "zip", place)
    shutil.rmtree(place)
    with pytest.raises(ValueError, match="000000000000.png is not there; unpack annotations/panoptic_val2017.zip"):
        dataset.require_usable(dataset.inspect(tmp_path), leave_out=True)


@pytest.mark.parametrize(("damage", "said"), [("grey", "in colours"), ("size", "40 × 36 pixels for 44 × 36")])
def test_a_png_that_is_none_of_numbers_is_an_error_of_its_image(tmp_path, damage, said):
    path = panoptic(tmp_path) / "annotations/panoptic_val2017/000000000001.png"
    with Image.open(path) as opened:
        changed = opened.convert("L") if damage == "grey" else opened.crop((0, 0, 40, 36))
    changed.save(path)
    found = dataset.inspect(tmp_path).findings
    (one,) = found[found.level == "error"].itertuples()
    assert (one.fault, one.file) == ("damaged annotation", "annotations/panoptic_val2017.json#val2017/000000000001.jpg")
    assert said in one.finding
