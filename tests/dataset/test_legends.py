"""Names of classes from lists beside the masks: how these are written, where they count from, where they disagree."""

import json

import numpy as np
import pytest
from support import save

from segutils import dataset

COLOURS = {"soil": (0, 0, 0), "rust": (0, 0, 255), "crack": (255, 0, 0)}


def scenes(path, values, folders=("",) * 3):
    """Images with masks that hold all the values, in stripes of unlike height."""
    rng = np.random.default_rng(len(values))
    for i, folder in enumerate(folders):
        mask = np.array(values, np.uint8)[np.minimum(np.arange(24) // (5 + i), len(values) - 1)]
        mask = np.repeat(mask[:, None], 20 + i, axis=1)
        save(path / folder / f"images/{i}.png", rng.integers(0, 255, (*mask.shape[:2], 3), dtype=np.uint8))
        save(path / folder / f"masks/{i}.png", mask)
    return path


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("legend.csv", "name;r;g;b\nsoil;0;0;0\ncrack;255;0;0\nrust;0;0;255\n"),
        ("legend.csv", "sep=;\nname;r;g;b\nsoil;0;0;0\ncrack;255;0;0\nrust;0;0;255\n"),
        ("legend.csv", "name\tr\tg\tb\nsoil\t0\t0\t0\ncrack\t255.0\t0.0\t0.0\nrust\t0\t0\t255\n"),
        ("legend.csv", "Class,Hex\nsoil,#000000\ncrack,FF0000\nrust,#0000ff\n"),
        ("legend.csv", 'name,rgb\nsoil,"0,0,0"\ncrack,"(255, 0, 0)"\nrust,[0 0 255]\n'),
        ("legend.csv", "name,rgb\nsoil,0,0,0\ncrack,255,0,0\nrust,0,0,255\n"),
        ("legend.csv", "color,name\n#000000,soil\n#ff0000,crack\n#0000ff,rust\n"),
        ("legend.csv", "soil,0,0,0\ncrack,255,0,0\nrust,0,0,255\n"),
        ("legend.tsv", "name\tcolor\nsoil\t#000000\ncrack\t#ff0000\nrust\t#0000ff\n"),
        ("colors.txt", "soil #000000\ncrack: #ff0000\n#0000ff rust\n"),
        ("colors.txt", "0 soil #000000\n1 crack #ff0000\n2 rust #0000ff\n"),
        (
            "classes.json",
            json.dumps([{"name": k, "color": f"#{65536 * r + b:06x}"} for k, (r, _, b) in COLOURS.items()]),
        ),
        ("classes.json", json.dumps({"classes": [{"name": k, "color": v, "id": None} for k, v in COLOURS.items()]})),
        ("classes.json", json.dumps(COLOURS)),
        ("labels.json", json.dumps({f"({r}, {g}, {b}, 255)": {"class": k} for k, (r, g, b) in COLOURS.items()})),
    ],
)
def test_colours_are_read_however_a_legend_writes_them(tmp_path, name, text):
    scenes(tmp_path, list(COLOURS.values()))
    for encoding in ("utf-8", "utf-16"):
        (tmp_path / name).write_text(text, encoding=encoding)
        report = dataset.inspect(tmp_path)
        if not name.endswith("json") or encoding == "utf-8":
            assert report.names == tuple(COLOURS), str(report)


@pytest.mark.parametrize(
    ("lines", "values", "names"),
    [
        ("cat dog", (0, 1, 2), ("background", "cat", "dog")),
        ("cat dog", (0, 2), ("background", "dog")),
        ("cat dog", (1, 2), ("cat", "dog")),
        ("cat dog", (0, 1), ("cat", "dog")),
        ("background cat dog", (0, 1, 2), ("background", "cat", "dog")),
        ("background cat dog", (0, 1, 3), ("background", "cat", "3")),
        ("unlabeled cat dog", (1, 2, 3), ("cat", "dog")),
        ("cat dog", (0, 1, 7), ("0", "1", "7")),
        ("cat dog", (0, 1, 2, 255), ("background", "cat", "dog")),
        ("crack", (0, 255), ("0", "crack")),
        ("background crack", (0, 255), ("background", "crack")),
        ("crack rust", (0, 255), ("0", "255")),
        ("__ignore__ _background_ cat", (0, 1), ("_background_", "cat")),
    ],
)
@pytest.mark.parametrize("name", ["classes.txt", "classes.json"])
def test_a_list_without_numbers_names_all_values_or_none(tmp_path, name, lines, values, names):
    scenes(tmp_path, values)
    name = "classes.txt" if "__ignore__" in lines else name  # labelme's list is a text
    (tmp_path / name).write_text(json.dumps(lines.split()) if name.endswith("json") else lines.replace(" ", "\n"))
    report = dataset.inspect(tmp_path)
    assert report.names == names, str(report)
    notes = report.findings[report.findings.fault == "class names"]
    assert notes.file.tolist() == ([name] if names[0].isdigit() and names[-1].isdigit() else ["masks/0.png"])


def test_a_line_that_is_no_name_makes_a_list_no_list_for_the_others_would_move_up(tmp_path):
    scenes(tmp_path, (0, 1, 2))
    (tmp_path / "classes.txt").write_text("background\nsee: the paper\nroad\n")
    assert dataset.inspect(tmp_path).names == ("0", "1", "2")
    (tmp_path / "classes.txt").write_text("background\ncar/truck\nroad (wet)\n")
    assert dataset.inspect(tmp_path).names == ("background", "car/truck", "road (wet)")


def test_a_list_of_images_names_no_classes(tmp_path):
    scenes(tmp_path, (0, 1, 2))
    for image in [*tmp_path.glob("*/*.png")]:
        image.rename(image.with_stem(f"img_{image.stem}"))
    (tmp_path / "labels.txt").write_text("img_0\nimg_1\nimg_2\n")
    (tmp_path / "train_labels.csv").write_text(
        "id,label\n" + "".join(f"{i},{['cat', 'dog'][i % 2]}\n" for i in range(9))
    )
    (tmp_path / "image_labels.txt").write_text("img_0.png 1\nimg_1.png 2\nimg_2.png 1\n")
    (tmp_path / "image_classes.csv").write_text("img_0,1,0,0\nimg_1,0,1,0\nimg_2,0,0,1\n")
    report = dataset.inspect(tmp_path)
    assert report.names == ("0", "1", "2")
    assert not report.count("error")


FOLDERS = ("a_json", "b_json", "c_json")


def test_lists_that_call_a_value_by_two_names_are_an_error(tmp_path):
    scenes(tmp_path, (0, 1), FOLDERS)
    for folder, name in zip(FOLDERS, ("cat", "Cat", "dog"), strict=True):
        (tmp_path / folder / "label_names.txt").write_text(f"_background_\n{name}\n")
    report = dataset.inspect(tmp_path)
    with pytest.raises(
        ValueError, match="c_json/label_names.txt: calls 1 dog, but a_json/label_names.txt calls it cat"
    ):
        dataset.require_usable(report, leave_out=True)
    assert report.findings.fault.tolist().count("names contradict") == 1
    (tmp_path / "c_json/label_names.txt").write_text("_background_\ncat\ndog\n")
    assert dataset.inspect(tmp_path).names == ("_background_", "cat")


def test_a_list_in_each_part_counts_from_the_same_number_though_one_part_lacks_a_class(tmp_path):
    scenes(tmp_path, (0, 1, 2), ("train",) * 3)
    scenes(tmp_path, (0, 1), ("val",) * 3)
    for part in ("train", "val"):
        (tmp_path / part / "classes.txt").write_text("cat\ndog\n")
    assert dataset.inspect(tmp_path).names == ("background", "cat", "dog")


def test_labels_of_images_are_no_names_of_classes(tmp_path):
    scenes(tmp_path, (0, 1, 2))
    (tmp_path / "labels.txt").write_text("cat\ndog\ncat\ncat\n")
    (tmp_path / "labels.json").write_text(json.dumps({"labels": ["cat", "dog", "cat", "dog"]}))
    assert dataset.inspect(tmp_path).names == ("0", "1", "2")


def test_lists_may_differ_in_what_no_mask_holds_and_numbers_count_before_order(tmp_path):
    scenes(tmp_path, (0, 1))
    (tmp_path / "classes.csv").write_text("id,name\n0,sky\n1,road\n2,tree\n")
    (tmp_path / "labels.json").write_text('{"1": "Road", "2": "house"}')
    (tmp_path / "classes.txt").write_text("cow\nhorse\n")
    report = dataset.inspect(tmp_path)
    assert (report.names, report.count("error")) == (("sky", "road"), 0)


@pytest.mark.parametrize(
    ("name", "text", "values", "names"),
    [
        ("class_dict.csv", "name,r,g,b\nnothing,0,0,0\nhouse,255,255,255\n", (0, 255), ("nothing", "house")),
        ("class_dict.csv", "name,r,g,b\nunlabeled,0,0,0\nhouse,255,0,0\n", (0, 255), ("0", "255")),
        ("class_dict.csv", "name,r,g,b\nvoid,0,0,0\nroof,70,70,70\n", (0, 1, 2), ("0", "1", "2")),
        ("class_to_color.json", json.dumps({"cat": [1, 1, 1], "dog": [2, 2, 2]}), (0, 1, 2), ("0", "cat", "dog")),
        ("labels.csv", ",label_list\n0,\n1,bag\n2,shoe\n", (0, 1, 2), ("0", "bag", "shoe")),
        ("labels.csv", ",label\n0,cat\n1,dog\n2,cat\n", (0, 1, 2), ("0", "1", "2")),
    ],
)
def test_greys_of_a_colour_list_and_numbers_of_rows_name_the_values_of_grey_masks(tmp_path, name, text, values, names):
    scenes(tmp_path, values)
    (tmp_path / name).write_text(text)
    assert dataset.inspect(tmp_path).names == names


def test_a_label_of_each_image_names_no_class_and_a_table_between_tabs_does(tmp_path):
    """ADE20K: sceneCategories.txt beside objectInfo150.txt."""
    scenes(tmp_path, (0, 1, 2))
    for i in range(3):
        for folder in ("images", "masks"):
            (tmp_path / f"{folder}/{i}.png").rename(tmp_path / f"{folder}/ADE_{i}.png")
    (tmp_path / "sceneCategories.txt").write_text("".join(f"ADE_{i} beach_{i}\n" for i in range(3)))
    assert dataset.inspect(tmp_path).names == ("0", "1", "2")
    (tmp_path / "objectInfo150.txt").write_text("Idx\tRatio\tStuff\tName\n1\t0.16\t1\twall\n2\t0.1\t1\tflat, house\n")
    assert dataset.inspect(tmp_path).names == ("0", "wall", "flat, house")


@pytest.mark.parametrize(("values", "names"), [((0, 1), ("0", "1")), ((0, 1, 3), ("0", "albatross", "auk"))])
def test_a_list_of_the_folders_of_images_names_no_classes_of_masks_in_black_and_white(tmp_path, values, names):
    """CUB-200: classes.txt has the birds that the folders are called by."""
    scenes(tmp_path, values, ("albatross", "crow", "auk"))
    (tmp_path / "classes.txt").write_text("1 albatross\n2 crow\n3 auk\n")
    assert dataset.inspect(tmp_path).names == names
