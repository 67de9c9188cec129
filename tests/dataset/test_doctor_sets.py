"""What the doctor says of whole sets: films, splits of their own, shifted masks, bands, formats; for scripts too."""

import json
import os
import subprocess
import sys

import layouts
import numpy as np
import pytest
from layouts import LAYOUTS
from scipy.ndimage import binary_dilation, binary_erosion, gaussian_filter
from skimage import data
from support import save

from segutils import dataset
from segutils.dataset.fit import without_bands
from segutils.running.command import main


def pairs_of(path, images, masks, part="", names="{:03}"):
    for i, (image, mask) in enumerate(zip(images, masks, strict=True)):
        save(path / part / f"images/{names.format(i)}.png", image)
        save(path / part / f"masks/{names.format(i)}.png", mask)
    return path


def dark(image):
    return (np.asarray(image) < 90).astype(np.uint8) * 255


def film(step, rows=slice(60, 180), width=160, noise=2.0):
    """A crop that pans over a photograph, with the noise of a camera."""
    photo, rng = data.camera(), np.random.default_rng(0)
    starts = range(0, photo.shape[1] - width + 1, step)
    frames = [photo[rows, x : x + width] + rng.normal(0, noise, (rows.stop - rows.start, width)) for x in starts]
    return [frame.clip(0, 255).astype(np.uint8) for frame in frames]


@pytest.mark.parametrize("step", [3, 8, 40])
def test_frames_of_a_film_are_no_tiles(tmp_path, step):
    frames = film(step)
    pairs_of(tmp_path, frames, map(dark, frames))
    files = dataset.Files(tmp_path)
    assert dataset.neighbours(files, dataset.find_pairs(files).pairs) == []


def test_a_film_with_parts_of_its_own_keeps_them_without_an_error(tmp_path):
    frames = film(8)
    for part, some in (("train", frames[:30]), ("val", frames[30:38]), ("test", frames[38:])):
        pairs_of(tmp_path, some, map(dark, some), part)
    report = dataset.inspect(tmp_path)
    assert report.count("error") == 0, str(report)
    assert "relatives" not in set(report.findings.fault)
    split = dataset.split_as_given(report.parts, dataset.group_names(report.pairs))
    assert [len(part) for part in split] == [30, 8, len(frames) - 38]


def test_tiles_of_one_image_in_two_parts_are_a_warning_with_both_names_and_can_be_switched_off(tmp_path):
    photos = [data.camera(), data.coins()[:, :384], data.brick(), data.grass()]
    tiles = [[photo[40:136, 96 * k : 96 * k + 96] for photo in photos] for k in range(2)]
    for part, some in zip(("train", "test"), tiles, strict=True):
        pairs_of(tmp_path, some, map(dark, some), part)
    found = dataset.inspect(tmp_path).findings
    found = found[found.fault == "relatives"]
    assert set(found.level) == {"warning"}
    assert "train/images/000.png" in set(found.file)
    assert "in train; test/images/000.png in test looks like a tile" in found.finding.tolist()[0]
    assert "relatives" not in set(dataset.inspect(tmp_path, relatives=False).findings.fault)


def test_near_copies_are_called_so_and_a_copy_saved_again_the_same(tmp_path):
    photo = data.camera()[100:356, 100:356]
    moved = photo.copy()
    moved[60:80, 60:70] = 255 - moved[60:80, 60:70]  # something went by
    others = [data.brick()[:256, :256], data.coins()[:256, :256]]
    images = [photo, moved, *others]
    pairs_of(tmp_path, images, map(dark, images))
    found = dataset.inspect(tmp_path).findings
    assert dataset.inspect(tmp_path).near == [("images/000.png", "images/001.png")]
    assert found[found.fault == "near copy"].values.tolist()[0][2:4] == ["images/000.png", "nearly as images/001.png"]
    assert "same image" not in set(found.fault)
    moved = photo.copy()
    moved[60:65, 60:65] = 255 - moved[60:65, 60:65]  # so little that the thumbnails are alike
    save(tmp_path / "images/001.png", moved)
    assert {"near copy"} == set(dataset.inspect(tmp_path).findings.fault) & {"near copy", "same image"}
    save(tmp_path / "images/001.png", photo)
    assert "same image" in set(dataset.inspect(tmp_path).findings.fault)


SHAPES = [
    np.hypot(*(np.indices((120, 140)) - np.array(at)[:, None, None])) < 30 for at in ((50, 60), (60, 80), (70, 50))
]


def shifted_set(path, way, only=None, drawn=lambda shape: 255 * shape):
    rng = np.random.default_rng(0)
    for i in range(9):
        shape = np.roll(SHAPES[i % 3], (3 * i, -2 * i), (0, 1))
        image = (60 + 90 * shape + rng.normal(0, 12, shape.shape)).clip(0, 255).astype(np.uint8)
        mask = np.roll(shape, way if only in (None, i) else (0, 0), (0, 1))
        save(path / f"images/{i}.png", image)
        save(path / f"masks/{i}.png", drawn(mask).astype(np.uint8))
    found = dataset.inspect(path).findings
    return found[found.fault == "shifted mask"]


def with_band(band, inside=1, around=0, width=1):
    """A function that draws a shape with a band of another value along its outline, `width` pixels to each side."""

    def drawn(shape):
        outer, inner = (turn(shape, iterations=width) for turn in (binary_dilation, binary_erosion))
        return np.where(outer & ~inner, band, np.where(shape, inside, around))

    return drawn


@pytest.mark.parametrize(
    ("way", "words"),
    [
        ((1, 0), "moved by 1 up,"),
        ((-2, 3), "moved by 2 down and 3 to the left,"),
        ((0, -1), "moved by 1 to the right,"),
    ],
)
def test_masks_that_lie_some_pixels_off_are_told_with_the_way_back(tmp_path, way, words):
    found = shifted_set(tmp_path, way)
    assert found[["level", "file"]].values.tolist() == [["warning", "all masks"]]
    assert words in found.finding.item()


def test_a_single_shifted_mask_is_named_and_masks_in_place_raise_no_alarm(tmp_path):
    assert shifted_set(tmp_path / "a", (0, 0)).empty
    found = shifted_set(tmp_path / "b", (3, 2), only=4)
    assert found.file.tolist() == ["masks/4.png"]
    assert "moved by 3 up and 2 to the left" in found.finding.item()


BANDS = {
    "a line of void": with_band(255),
    "void as in VOC": with_band(255, 7, width=2),
    "trimaps of pets": with_band(3, 1, 2, width=2),
    "a wide band": with_band(255, width=3),
}


@pytest.mark.parametrize("drawn", BANDS.values(), ids=BANDS)
def test_a_band_along_the_outlines_hides_no_shift_and_is_none(tmp_path, drawn):
    assert shifted_set(tmp_path / "a", (0, 0), drawn=drawn).empty
    found = shifted_set(tmp_path / "b", (2, -3), drawn=drawn)
    assert found.file.tolist() == ["all masks"]
    assert "moved by 2 up and 3 to the right" in found.finding.item()


@pytest.mark.parametrize("seed", range(4, 8))
def test_objects_of_another_hue_in_jpeg_raise_no_alarm(tmp_path, seed):
    """JPEG blurs colours: where red, green and blue count alike, the best fit lies beside the outline."""
    rng = np.random.default_rng(seed)
    for i in range(8):
        shape = np.roll(SHAPES[i % 3][20:95, 20:120], (3 * i, -4 * i), (0, 1))
        cloud = gaussian_filter(rng.normal(size=(*shape.shape, 1)), (6, 6, 0))
        light = rng.uniform(70, 160, 3) + 18 * cloud / cloud.std()
        light = light + shape[..., None] * [60, -50, 20] + rng.normal(0, 4, (*shape.shape, 3))
        save(tmp_path / f"images/{i}.jpg", light.clip(0, 255).astype(np.uint8), quality=92)
        save(tmp_path / f"masks/{i}.png", 255 * shape.astype(np.uint8))
    found = dataset.inspect(tmp_path).findings
    assert found[found.fault == "shifted mask"].empty


def test_lines_with_the_same_class_on_both_sides_and_touching_objects_are_no_bands():
    vessel = np.zeros((60, 60), int)
    vessel[:, 20:23] = vessel[30:33] = 1
    vessel[50:] = 2
    assert (without_bands(vessel) == vessel).all()
    cells = np.kron(np.arange(16).reshape(4, 4), np.ones((12, 15), int))
    assert (without_bands(cells) == cells).all()


def test_a_class_that_a_part_lacks_is_told(tmp_path):
    rng = np.random.default_rng(0)
    for part, most in (("train", 3), ("val", 2)):
        masks = [np.kron(np.arange(4).reshape(2, 2) % most, np.ones((20, 24))).astype(np.uint8) for _ in range(4)]
        pairs_of(tmp_path, [rng.integers(0, 255, (40, 48), dtype=np.uint8) for _ in masks], masks, part)
    found = dataset.inspect(tmp_path).findings
    assert found[found.fault == "class missing"].finding.tolist() == ["no mask of validation has class 2"]


def test_more_than_three_bands_are_noted_and_read_on_demand(tmp_path):
    LAYOUTS["five bands"].build(tmp_path)
    report = dataset.inspect(tmp_path)
    assert report.bands == 5
    assert report.findings.fault.tolist() == ["several bands"]
    files, first = dataset.Files(tmp_path), report.pairs[0]
    five = dataset.read_image(files, first.image, channels=5)
    assert np.array_equal(dataset.read_image(files, first.image), five[..., :3])
    assert np.array_equal(dataset.read_image(files, first.image, channels=1)[..., 0], five.mean(-1).round())
    with pytest.raises(ValueError, match="expected 4 channels, the image has 5 bands; read it with 1, 3 or 5"):
        dataset.read_image(files, first.image, channels=4)


def test_stacks_of_other_lengths_are_an_error_and_slices_of_one_are_one_source(tmp_path):
    import tifffile

    rng = np.random.default_rng(0)
    tifffile.imwrite(tmp_path / "a_raw.tif", rng.integers(0, 255, (6, 30, 40), dtype=np.uint8))
    tifffile.imwrite(tmp_path / "a_label.tif", rng.integers(0, 2, (5, 30, 40), dtype=np.uint8))
    found = dataset.inspect(tmp_path).findings
    assert found[found.level == "error"].values.tolist()[0][1:4] == [
        "slices differ",
        "a_label.tif",
        "5 slices, a_raw.tif has 6",
    ]
    (tmp_path / "two").mkdir()
    LAYOUTS["two volumes of floats"].build(tmp_path / "two")
    pairs = dataset.inspect(tmp_path / "two").pairs
    assert dataset.group_names(pairs) == 6 * ["a"] + 6 * ["b"]


@pytest.mark.parametrize("suffix", [".dcm", ".nii.gz", ".czi", ".h5"])
def test_formats_that_are_not_read_get_a_sentence_with_the_way(tmp_path, suffix):
    (tmp_path / f"scan{suffix}").write_bytes(b"x")
    with pytest.raises(ValueError, match=f"holds no image; .*scan{suffix} is .*(convert|save|read)"):
        dataset.inspect(tmp_path)
    LAYOUTS["COCO"].build(tmp_path)
    found = dataset.inspect(tmp_path).findings
    assert found[found.fault == "not read"].file.tolist() == [f"scan{suffix}"]


BRUSHED = {"annotations": [{"polygon": {"paths": [[{"x": 3, "y": 3}]]}}], "item": {}}
UNREAD = {
    "MATLAB": ({"truth/{}.mat": "x"}, "truth/im0.mat: is MATLAB; read it with scipy.io.loadmat"),
    "HDF5 beside": ({"{}_Labels.h5": "x", "labels.h5": "x"}, "im0_Labels.h5: is HDF5; .*; so are 6 more"),
    "ImageJ": ({"img/{}.roi": "x"}, "img/im0.roi: is an outline of ImageJ; in Fiji"),
    "masks packed": ({"masks.zip": "x"}, "masks.zip: is packed: unpack it(?! .ImageJ)"),
    "outlines packed": ({"img/{}_RoiSet.zip": "x"}, "img/im0_RoiSet.zip: is packed: unpack it .ImageJ's"),
    "a JSON each": ({"ann/{}.json": json.dumps(BRUSHED)}, "ann/im0.json: has the name of an image, but its format"),
    "words of roles": (
        {"gt/{}_gtFine_polygons.json": '{"objects": []}'},
        "gt/im0_gtFine_polygons.json: has the name of",
    ),
    "runs of slices": ({"train.csv": "id,class,segmentation\na_1,x,5 3 12 4 20 2\n"}, "train.csv: holds masks as runs"),
    "one JSON": ({"all.json": json.dumps([f"im{i}.png" for i in range(6)])}, "all.json: names the images, but its"),
    "a table of runs": (
        {"train.csv": "ImageId,ClassId,EncodedPixels\n" + "".join(f"im{i}.png,1,3 5 39 5\n" for i in range(6))},
        "train.csv: holds masks as runs of pixels: save them as PNG",
    ),
}


@pytest.mark.parametrize("kind", UNREAD)
def test_where_masks_are_in_a_format_that_is_not_read_one_error_says_so(tmp_path, kind):
    texts, sentence = UNREAD[kind]
    rng = np.random.default_rng(0)
    for i in range(6):
        save(tmp_path / f"img/im{i}.png", rng.integers(0, 255, (30, 40), dtype=np.uint8))
        for name, text in texts.items():
            path = tmp_path / name.format(f"im{i}")
            path.parent.mkdir(exist_ok=True)
            path.write_text(text)
    report = dataset.inspect(tmp_path)
    assert report.count("error") == 1, str(report)
    with pytest.raises(ValueError, match=f"no pair .*: {sentence}"):
        dataset.require_usable(report)


def test_files_beside_are_no_reason_where_images_have_masks_or_nothing_names_them(tmp_path):
    LAYOUTS["a zip from a Mac"].build(tmp_path / "a")
    (tmp_path / "a/download.zip").write_bytes(b"x")
    (tmp_path / "a/table.csv").write_text("EncodedPixels\n0.png,1 2\n")
    assert dataset.inspect(tmp_path / "a").findings.empty
    save(tmp_path / "b/lonely.png", np.random.default_rng(0).integers(0, 255, (30, 40), dtype=np.uint8))
    (tmp_path / "b/table.csv").write_text("name,price\nbread,3\n")
    assert dataset.inspect(tmp_path / "b").findings.fault.tolist() == ["missing mask"]


def test_a_table_of_names_is_no_reason_for_images_without_masks(tmp_path):
    """VisA: normal images, which have no masks, and tables that say which images are for training."""
    rng, rows = np.random.default_rng(0), ["object,split,label,image,mask"]
    for i in range(9):
        kind = "Normal" if i < 6 else "Anomaly"
        save(tmp_path / f"Images/{kind}/{i:03}.png", rng.integers(0, 255, (30, 40), dtype=np.uint8))
        mask = f"Masks/{kind}/{i:03}.png" if i > 5 else ""
        rows.append(f"candle,{'train' if i % 2 else 'test'},{kind.lower()},Images/{kind}/{i:03}.png,{mask}")
        if mask:
            save(tmp_path / mask, 255 * (np.indices((30, 40)).sum(0) < 20 + i).astype(np.uint8))
    (tmp_path / "1cls.csv").write_text("\n".join(rows))
    found = dataset.inspect(tmp_path).findings
    assert found[["level", "fault"]].values.tolist() == [["warning", "missing mask"]] * 6
    boxes = [f"{i:03}.png,candle,{i},3,20,30" for i in range(9)]
    (tmp_path / "1cls.csv").write_text("\n".join(["image,class,left,top,right,bottom", *boxes]))
    assert "annotation not read" in set(dataset.inspect(tmp_path).findings.fault)


def cut_out(path, light, inside, colour=None):
    """An image whose pixels outside are clear, in its own colours or in one."""
    values = np.dstack([light if colour is None else np.where(inside[..., None], colour, 0), 255 * inside])
    save(path, values.astype(np.uint8))


def test_what_is_clear_around_colours_is_background_and_clear_parts_of_photographs_may_be_the_mask(tmp_path):
    rng, (rows, columns) = np.random.default_rng(0), np.indices((30, 40))
    for i in range(6):
        light, inside = rng.integers(0, 255, (30, 40, 3), dtype=np.uint8), np.hypot(rows - 15, columns - 12 - i) < 9
        save(tmp_path / f"a/rgb/{i}.png", light)
        cut_out(tmp_path / f"a/semantic/{i}.png", light, inside, np.where(columns < 15, 140, 25)[..., None] * [1, 0, 1])
        save(tmp_path / f"b/clip/{i}.jpg", light)
        cut_out(tmp_path / f"b/matting/{i}.png", light, inside)
    report = dataset.inspect(tmp_path / "a")
    assert (len(report.pairs), len(report.names), report.count("error")) == (6, 3, 0), str(report)
    report = dataset.inspect(tmp_path / "b")
    (error,) = report.findings[report.findings.level == "error"].itertuples()
    assert (error.fault, error.file.partition("/")[0]) == ("mask has alpha", "matting")
    assert "if its alpha channel is the mask, save it as one" in error.finding


def test_annotations_without_their_images_are_told_so(tmp_path):
    (tmp_path / "a.json").write_text('{"shapes": [], "imagePath": "a.jpg", "imageData": "xyz"}')
    with pytest.raises(ValueError, match=r"holds no image; .*; if a.json is an annotation, put its images beside it"):
        dataset.inspect(tmp_path)


def test_a_geotiff_is_read_and_its_georeference_noted(tmp_path):
    import tifffile

    rng = np.random.default_rng(0)
    for i in range(3):
        save(tmp_path / f"masks/{i}.png", rng.integers(0, 2, (30, 40), dtype=np.uint8))
        (tmp_path / "images").mkdir(exist_ok=True)
        tags = [(34735, "H", 4, (1, 1, 0, 0), True)]
        values = rng.integers(0, 255, (30, 40, 3), dtype=np.uint8)
        tifffile.imwrite(tmp_path / f"images/{i}.tif", values, photometric="rgb", extratags=tags)
    found = dataset.inspect(tmp_path).findings
    assert found[found.fault == "georeference"].level.tolist() == 3 * ["note"]
    assert "rasterio" in found[found.fault == "georeference"].cure.iloc[0]


@pytest.mark.parametrize("choice", ["2ndHO", "_2ndHO", "*_2ndHO"])
def test_one_of_two_observers_can_be_chosen(tmp_path, choice):
    LAYOUTS["two observers"].build(tmp_path)
    report = dataset.inspect(tmp_path, masks=choice)
    assert [pair.masks for pair in report.pairs] == [(f"Image_{i:02}L_2ndHO.png",) for i in range(1, 7)]
    aside = report.findings[report.findings.fault == "set aside"]
    assert "not among the masks that were chosen" in aside.finding.item()
    assert report.count("error") == 0


def test_each_choice_that_a_question_offers_works(tmp_path):
    pairs = {"DRIVE, a second observer": 12, "cell tracking, silver truth": 12, "two masks in colour": 6}
    pairs |= dict.fromkeys(("three experts", "two label sets", "readers A and B", "train ids beside ids"), 6)
    for name, expected in pairs.items():
        LAYOUTS[name].build(tmp_path / name)
        found = dataset.inspect(tmp_path / name).findings
        question = found[found.level == "error"].finding.item()
        report = dataset.inspect(tmp_path / name, masks=question.rpartition("--masks ")[2])
        assert (len(report.pairs), report.count("error")) == (expected, 0), str(report)


def test_each_kind_of_mask_that_a_question_shows_can_be_chosen(tmp_path):
    """As in CholecSeg8k all of them end with _mask, and one with nothing else."""
    for i in range(80, 86):
        layouts.image(tmp_path / f"frame_{i}_endo.png")
        for k, end in enumerate(("mask", "watershed_mask", "second_mask")):
            layouts.mask(tmp_path / f"frame_{i}_endo_{end}.png", (0, k + 1, 50))
    question = dataset.inspect(tmp_path).findings.finding.iloc[0]
    shown = question.partition(": ")[2].partition(";")[0].replace(" and ", ", ").split(", ")
    assert len(shown) == 3
    found = [dataset.inspect(tmp_path, masks=one.lstrip("*")) for one in shown]
    assert all((len(one.pairs), one.count("error")) == (6, 0) for one in found)
    assert len({one.classes.values for one in found}) == 3


def test_masks_in_folders_that_begin_with_a_film_s_number_can_be_chosen(tmp_path):
    """Cell Tracking Challenge: 01_GT/SEG beside 01_RES and 01_ERR_SEG."""
    for film in ("01", "02"):
        for i in range(6):
            layouts.image(tmp_path / f"{film}/t{i:03}.tif", bands=1)
            for place in ("GT/SEG/man_seg", "RES/mask", "ERR_SEG/mask"):
                layouts.numbered(tmp_path / f"{film}_{place}{i:03}.tif", 9 + i)
    question = dataset.inspect(tmp_path).findings.finding.iloc[0]
    shown = question.partition(": ")[2].partition(";")[0].replace(" and ", ", ").split(", ")
    chosen = [[pair.mask for pair in dataset.inspect(tmp_path, masks=one.strip("*/")).pairs] for one in shown]
    assert [len(masks) for masks in chosen] == [12, 12, 12]
    assert len(set().union(*chosen)) == 36


def test_unlabelled_images_are_errors_only_if_most_are_or_nearly_have_a_partner(tmp_path):
    rng = np.random.default_rng(0)
    images = [rng.integers(0, 255, (30, 40), dtype=np.uint8) for _ in range(4)]
    pairs_of(tmp_path, images, map(dark, images))
    for i in range(4, 8):
        save(tmp_path / f"images/{i:03}.png", rng.integers(0, 255, (30, 40), dtype=np.uint8))
    report = dataset.inspect(tmp_path)
    missing = report.findings[report.findings.fault == "missing mask"]
    assert (missing.level.tolist(), len(report.pairs)) == (4 * ["warning"], 4)
    save(tmp_path / "images/008.png", images[0])
    assert dataset.inspect(tmp_path).count("error") == 5


def test_the_command_gives_json_and_its_status(tmp_path, capsys):
    LAYOUTS["Roboflow masks"].build(tmp_path)
    assert main(["inspect", str(tmp_path), "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert [one["name"] for one in said["classes"]] == ["background", "cat", "dog"]
    assert sum(one["share"] for one in said["classes"]) == pytest.approx(1)
    assert said["count"] == {"error": 0, "warning": 0, "note": 1}
    assert {pair["part"] for pair in said["pairs"]} == {"train", "validation", "test"}
    next(tmp_path.glob("train/*.jpg")).write_bytes(b"")
    assert main(["inspect", str(tmp_path), "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["findings"][0]["fault"] == "empty file"
    assert main(["inspect", str(tmp_path / "nowhere"), "--json"]) == 2
    assert capsys.readouterr().out == ""


def test_the_command_takes_void_and_the_nearest_value(tmp_path, capsys):
    LAYOUTS["same folder, two endings"].build(tmp_path)
    assert main(["inspect", str(tmp_path), "--void", "128", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["void"] == "128"
    assert main(["inspect", str(tmp_path), "--nearest", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["kind"] == "nearest"
    assert main(["inspect", str(tmp_path), "--void", "7"]) == 2


def test_a_bar_is_shown_from_200_files_on(tmp_path):
    for i in range(100):
        save(tmp_path / f"images/{i}.png", np.full((4, 5), 2 * i, np.uint8) + np.arange(5, dtype=np.uint8))
        save(tmp_path / f"masks/{i}.png", np.eye(4, 5, dtype=np.uint8))
    line = [sys.executable, "-m", "segutils", "inspect", str(tmp_path)]
    done = subprocess.run(line, capture_output=True, text=True, check=False, env=os.environ)
    assert "examined: 100%" in done.stderr
    assert done.stdout.startswith("100 pairs can be used")
    (tmp_path / "images/7.png").unlink()
    assert subprocess.run(line, capture_output=True, text=True, check=False, env=os.environ).stderr == ""


def test_grey_images_stored_as_colours_have_one_band_and_one_colour_image_makes_three(tmp_path):
    rng = np.random.default_rng(0)
    for i in range(4):
        grey = rng.integers(0, 255, (20, 24, 1), dtype=np.uint8)
        save(tmp_path / f"images/{i}.png", grey.repeat(3, -1))
        save(tmp_path / f"masks/{i}.png", (255 * (grey[..., 0] > 128)).astype(np.uint8))
    assert dataset.inspect(tmp_path).bands == 1
    save(tmp_path / "images/0.png", rng.integers(0, 255, (20, 24, 3), dtype=np.uint8))
    assert dataset.inspect(tmp_path).bands == 3


def numbered_discs(path, numbers_of, count=20):
    """Masks whose discs, which lie apart, have the numbers that a function of the mask's own number gives."""
    rows, columns = np.indices((48, 64))
    for i in range(count):
        numbers = np.asarray(numbers_of(i))
        at = (rows // 12) * 5 + columns // 13
        inside = np.hypot(rows % 12 - 6, columns % 13 - 6) < 4 + i % 2
        mask = np.append(numbers, 0)[np.where(inside & (at < len(numbers)), at, -1)]
        save(path / f"images/{i}.png", np.random.default_rng(i).integers(0, 255, (48, 64), dtype=np.uint8))
        save(path / f"masks/{i}.png", mask.astype(np.uint16))
    return dataset.inspect(path)


def test_numbers_that_recur_here_and_there_are_classes_and_the_limit_is_said(tmp_path):
    report = numbered_discs(tmp_path, lambda i: np.random.default_rng(i).choice(np.arange(1, 101), 11, replace=False))
    (error,) = report.findings[report.findings.level == "error"].itertuples()
    assert error.fault == "too many values"
    assert "at most 64 classes; " in error.finding
    assert report.classes is None


@pytest.mark.parametrize("base", [1000, 256])
@pytest.mark.parametrize("ground", [0, 7])
def test_objects_that_are_numbered_within_classes_are_an_error_that_says_how_to_divide(tmp_path, base, ground):
    def numbers_of(i):
        return [11, 12 * base, *(24 * base + np.arange(1 + i % 4)), *(26 * base + np.arange(2)), ground]

    report = numbered_discs(tmp_path, numbers_of, 10)
    errors = report.findings[report.findings.level == "error"]
    assert set(errors.fault) == {"objects within classes"}
    assert (len(errors), report.pairs) == (10, [])
    shown = f"{12 * base}, {24 * base}, {26 * base}, {26 * base + 1}"
    assert errors.finding.iloc[0] == f"holds {shown}: {base} times the class, plus the object's number"


@pytest.mark.parametrize("base", [1000, 256])
def test_objects_counted_across_classes_are_an_error_too(tmp_path, base):
    report = numbered_discs(tmp_path, lambda i: [base * (1 + k % 2) + k for k in range(1, 4 + i % 4)], 10)
    assert set(report.findings[report.findings.level == "error"].fault) == {"objects within classes"}
    assert not report.pairs


@pytest.mark.parametrize(
    "values", [(0, 300, 600), (0, 1000, 2000, 3000), (0, 257, 514, 771), (0, 255, 256, 257, 258, 512)]
)
def test_large_numbers_of_classes_are_no_objects(tmp_path, values):
    report = numbered_discs(tmp_path, lambda i: np.resize(values, 20), 8)
    assert (report.count("error"), report.classes.values) == (0, values)


OBJECTS = {
    "go on by thousands": lambda i: 1000 * i + np.arange(1, 13),
    "go on beyond 256": lambda i: 12 * i + np.arange(1, 13),
    "in each frame two cells go": lambda i: 2 * i + np.arange(1, 13),
    "count up": lambda i: np.arange(1, 12 + i % 5),
    "go on": lambda i: 40 * i + np.arange(1, 12),
}


@pytest.mark.parametrize("how", OBJECTS)
def test_numbers_that_count_up_or_go_on_or_follow_a_cell_are_objects(tmp_path, how):
    report = numbered_discs(tmp_path, OBJECTS[how], 30)
    assert (report.count("error"), report.classes.kind) == (0, "objects"), str(report)
