"""The doctor: every planted fault is found and no other file accused; clean sets of all kinds raise no alarm."""

import os
import shutil
import struct
import subprocess
import sys
import zipfile
import zlib
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from skimage.data import coins
from support import save

from segutils import dataset
from segutils.dataset import doctor, examine
from segutils.running.command import main
from segutils.scenes import make_scenes

NUCLEI = Path(os.environ.get("SEGUTILS_DATA", "")) / "nuclei_sample.zip"
PALETTE = [channel for i in range(256) for channel in (37 * i % 256, 91 * i % 256, 151 * i % 256)]
COLOURS = np.array(PALETTE, np.uint8).reshape(-1, 3)
N = 24  # images of a clean folder


@pytest.fixture(scope="session")
def scenes(drawn_digits):
    return make_scenes(drawn_digits, N + 1, count=(4, 6))


def mask_image(values, kind):
    """A class mask as an image of some kind."""
    if kind == "rgb":
        return Image.fromarray(COLOURS[values])
    if kind == "grey in rgb":
        return Image.fromarray(values).convert("RGB")
    if kind == "0/255":
        return Image.fromarray((values > 0).astype(np.uint8) * 255)
    if kind == "1 bit":
        return Image.fromarray((values > 0).astype(np.uint8) * 255).convert("1")
    image = Image.fromarray(values)
    if kind == "palette":
        image.putpalette(PALETTE)
    return image


def save_scenes(path, scenes, kind="grey"):
    """images/00.png … and masks/00.png …: the first N scenes, as in any folder that people make."""
    for part in ("images", "masks"):
        (path / part).mkdir(parents=True)
    for i in range(N):
        Image.fromarray(scenes.images[i, ..., 0]).save(path / f"images/{i:02}.png")
        mask_image(scenes.semantic[i], kind).save(path / f"masks/{i:02}.png")
    return path


def save_objects(path, scenes):
    """The layout of the nuclei: s00/images/s00.png and s00/masks/1.png, …"""
    for i in range(8):
        for part in ("images", "masks"):
            (path / f"s{i:02}" / part).mkdir(parents=True)
        Image.fromarray(scenes.images[i, ..., 0]).save(path / f"s{i:02}/images/s{i:02}.png")
        for k in range(1, scenes.instances[i].max() + 1):
            mask = (scenes.instances[i] == k).astype(np.uint8) * 255
            Image.fromarray(mask).save(path / f"s{i:02}/masks/{k}.png")
    return path


@pytest.fixture(scope="session")
def clean(tmp_path_factory, scenes):
    """Folders without a fault, to be copied: by the kind of their masks."""
    home = tmp_path_factory.mktemp("clean")
    kinds = ("grey", "palette", "rgb", "grey in rgb", "0/255", "1 bit")
    folders = {kind: save_scenes(home / kind.replace("/", "-"), scenes, kind) for kind in kinds}
    return folders | {"objects": save_objects(home / "objects", scenes)}


def alarms(report):
    return report.findings[report.findings.level != "note"]


# No false alarm


@pytest.mark.parametrize(
    ("kind", "classes"), [("grey", 11), ("palette", 11), ("rgb", 11), ("grey in rgb", 11), ("0/255", 2), ("1 bit", 2)]
)
def test_clean_scenes_raise_no_alarm(clean, kind, classes):
    report = dataset.inspect(clean[kind])
    assert alarms(report).empty, str(report)
    assert len(report.pairs) == N
    assert len(report.classes.values) == len(report.shares) == classes
    assert report.duplicates == []


def test_clean_objects_raise_no_alarm(clean, scenes):
    report = dataset.inspect(clean["objects"])
    assert report.findings.empty, str(report)
    assert report.classes == dataset.Classes("objects", (0, 1))
    assert report.shares[1] == pytest.approx((scenes.instances[:8] > 0).mean())


@pytest.mark.parametrize("options", [{"night": 1.0}, {"occlusion": 3, "noise": 0.2}, {"count": (9, 9), "clutter": 0}])
def test_clean_scenes_of_other_kinds_raise_no_alarm(tmp_path, drawn_digits, options):
    scenes = make_scenes(drawn_digits, N, **{"count": (5, 8), **options})
    for kind in ("grey", "0/255"):
        report = dataset.inspect(save_scenes(tmp_path / kind[0], scenes, kind))
        assert alarms(report).empty, str(report)


@pytest.mark.parametrize("compression", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_LZMA])
def test_a_clean_zip_is_read_in_place_as_the_folder_is(clean, tmp_path, compression):
    path = zipped(clean["grey"], tmp_path / "set.zip", compression)
    report, other = dataset.inspect(path), dataset.inspect(clean["grey"])
    assert alarms(report).empty, str(report)
    assert report.pairs == other.pairs
    assert report.findings.equals(other.findings)
    assert os.listdir(tmp_path) == ["set.zip"]


def test_clean_photographs_of_coins_raise_no_alarm(tmp_path):
    photo = coins()
    mask = (photo > 107).astype(np.uint8) * 255
    for i, (y, x) in enumerate((y, x) for y in (0, 100, 200) for x in (0, 96, 192, 288)):
        Image.fromarray(photo[y : y + 100, x : x + 96]).save(tmp_path / f"coins_{i}.jpg", quality=90)
        Image.fromarray(mask[y : y + 100, x : x + 96]).save(tmp_path / f"coins_{i}_mask.png")
    report = dataset.inspect(tmp_path)
    assert report.findings.empty, str(report)
    assert len(report.pairs) == 12


@pytest.mark.skipif(not NUCLEI.is_file(), reason="SEGUTILS_DATA names no folder with nuclei_sample.zip")
def test_the_clean_nuclei_raise_no_alarm():
    report = dataset.inspect(NUCLEI)
    assert alarms(report).empty, str(report)
    assert set(report.findings.fault) <= {"objects overlap"}
    assert len(report.pairs) == 160
    assert report.classes.kind == "objects"


# Planted faults: each is a function that spoils a clean folder


def rewrite(path, change, **options):
    """Open an image, change it, save it under the same name."""
    with Image.open(path) as image:
        image.load()
    changed = change(image)
    (Image.fromarray(changed) if isinstance(changed, np.ndarray) else changed).save(path, **options)


def resave(path, suffix, **options):
    """Save an image in another format in place of the old one."""
    with Image.open(path) as image:
        image.convert(options.pop("mode", image.mode)).save(path.with_suffix(suffix), **options)
    path.unlink()


def copied(path, source, target, **options):
    """A pair once more under another name, its image perhaps saved in another format."""
    with Image.open(path / f"images/{source}.png") as image:
        image.save(path / "images" / target, **options)
    shutil.copy(path / f"masks/{source}.png", path / f"masks/{Path(target).stem}.png")


def cut(path, share=0.6):
    path.write_bytes(path.read_bytes()[: int(share * path.stat().st_size)])


def exif_turned(path, tag):
    exif = Image.Exif()
    exif[0x0112] = tag
    rewrite(path, lambda p: p, exif=exif)


def wide(path, keep):
    """Make the fourth pair 40 × 64, so that turning it shows."""
    for part in keep:
        rewrite(path / f"{part}/03.png", lambda p: p.crop((0, 0, 40, 64)))


def giant_png(path):
    """A PNG of a few bytes that claims 100,000 × 100,000 pixels."""
    header = b"IHDR" + struct.pack(">IIBBBBB", 100_000, 100_000, 8, 0, 0, 0, 0)
    chunks = [header, b"IDAT" + zlib.compress(b"0"), b"IEND"]
    parts = (struct.pack(">I", len(c) - 4) + c + struct.pack(">I", zlib.crc32(c)) for c in chunks)
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + b"".join(parts))


def split_in_parts(path):
    """train/images, train/masks, test/images, test/masks, with one image of train saved again in test."""
    for part, numbers in (("train", range(16)), ("test", range(16, N))):
        for role in ("images", "masks"):
            (path / part / role).mkdir(parents=True)
            for i in numbers:
                (path / role / f"{i:02}.png").rename(path / part / role / f"{i:02}.png")
    with Image.open(path / "train/images/05.png") as image:
        image.save(path / "test/images/20.jpg", quality=75)
    (path / "test/images/20.png").unlink()
    shutil.copy(path / "train/masks/05.png", path / "test/masks/20.png")


def in_16_bit(path, low, high):
    """Make an image 16 bit, its 256 grey levels spread from low to high."""
    rewrite(path, lambda p: (low + np.asarray(p, float) * (high - low) / 255).astype(np.uint16))


def with_alpha(path, mode):
    def change(image):
        alpha = np.full((64, 64), 255, np.uint8)
        alpha[:20, :30] = 0
        image = image.convert(mode[:-1])
        image.putalpha(Image.fromarray(alpha))
        return image

    rewrite(path, change)


def with_pixels(path, value, area=(slice(2, 6), slice(3, 8))):
    def change(image):
        values = np.array(image)
        values[area] = value
        return values

    rewrite(path, change)


def only_in(path, value, names):
    """Let a class be in the masks of these names and in no other."""
    for file in sorted((path / "masks").iterdir()):
        rewrite(file, lambda p: np.where(np.asarray(p) == value, 0, np.asarray(p)).astype(np.uint8))
        if file.stem in names:
            with_pixels(file, value, slice(9))


def rare(path, value, pixels):
    """Leave but a few pixels of a class in each mask."""
    for file in sorted((path / "masks").iterdir()):

        def change(image):
            values = np.array(image)
            values.flat[np.flatnonzero(values == value)[pixels:]] = 0
            return values

        rewrite(file, change)


def upright(path):
    rewrite(path, lambda p: p.transpose(Image.Transpose.ROTATE_90))


def fractions(path):
    with Image.open(path) as image:
        values = np.asarray(image, np.float32) / 510
    Image.fromarray(values).save(path.with_suffix(".tif"))
    path.unlink()


def usual_value(path):
    with Image.open(path) as image:
        return int(np.bincount(np.asarray(image).ravel()).argmax())


def coloured_and_copied(path):
    """A colour image, and its grey copy as mask."""
    rewrite(path / IMAGE, lambda p: COLOURS[np.asarray(p)])
    rewrite(path / MASK, lambda _: Image.open(path / IMAGE).convert("L"))


def two_frames(path):
    with Image.open(path) as image:
        image.load()
    image.save(path.with_suffix(".tif"), save_all=True, append_images=[image.transpose(Image.Transpose.ROTATE_90)])
    path.unlink()


def other_palette(path):
    with Image.open(path) as image:
        image.putpalette(PALETTE[3:] + PALETTE[:3])
        image.save(path)


def numbered_objects(path):
    """A mask of 100 numbered squares."""
    rewrite(path, lambda _: np.kron(np.arange(100).reshape(10, 10), np.ones((6, 6))).astype(np.uint8))


def overlapping(path):
    with_pixels(path / "s03/masks/1.png", 255, slice(10, 50))


class Fault(NamedTuple):
    """What is planted into a clean folder of a kind, and the finding that is expected of the doctor."""

    name: str
    kind: str
    fault: str
    level: str
    file: str
    word: str
    plant: object


def fault(name, kind, expected, level, file, word, plant):
    return pytest.param(Fault(name, kind, expected, level, file, word, plant), id=name.replace(" ", "-"))


BILINEAR = Image.Resampling.BILINEAR
IMAGE, MASK = "images/03.png", "masks/03.png"
SMALL = {"quality": 75}
# fmt: off
FAULTS = [
    # partners
    fault("missing mask", "grey", "missing mask", "warning", IMAGE, "it is left out", lambda p: (p / MASK).unlink()),
    fault("missing image", "grey", "missing image", "error", MASK, "no image", lambda p: (p / IMAGE).unlink()),
    fault("two images of one name", "grey", "several partners", "error", "images/03.bmp", "images/03.png",
          lambda p: shutil.copy(p / "images/04.png", p / "images/03.bmp")),
    fault("names differ in case", "grey", "missing mask", "error", "images/Cat_3.png", "did you mean masks/cat-03.png?",
          lambda p: ((p / IMAGE).rename(p / "images/Cat_3.png"), (p / MASK).rename(p / "masks/cat-03.png"))),
    # sizes and turns
    fault("size differs", "grey", "size differs", "error", MASK, "40 × 64", lambda p: wide(p, ["masks"])),
    fault("EXIF turn, mask as stored", "grey", "turned by EXIF", "error", IMAGE, "tag 6; its mask may fit",
          lambda p: (wide(p, ["images", "masks"]), exif_turned(p / IMAGE, 6))),
    fault("EXIF turn, mask upright", "grey", "turned by EXIF", "warning", IMAGE, "its mask fits the turned image",
          lambda p: (wide(p, ["images", "masks"]), exif_turned(p / IMAGE, 8), upright(p / MASK))),
    fault("EXIF half turn", "grey", "turned by EXIF", "error", IMAGE, "as stored", lambda p: exif_turned(p / IMAGE, 3)),
    fault("EXIF in a mask", "0/255", "turned by EXIF", "error", MASK, "in a mask", lambda p: exif_turned(p / MASK, 3)),
    # spoiled masks
    fault("JPEG mask", "grey", "lossy mask", "error", "masks/03.jpg", "JPEG", lambda p: resave(p / MASK, ".jpg")),
    fault("JPEG mask of high quality", "0/255", "lossy mask", "error", "masks/03.jpg", "values",
          lambda p: resave(p / MASK, ".jpg", quality=95)),
    fault("JPEG mask saved as PNG", "0/255", "blurred mask", "error", MASK, "edges",
          lambda p: (resave(p / MASK, ".jpg"), resave(p / "masks/03.jpg", ".png"))),
    fault("lossy WebP mask", "rgb", "lossy mask", "error", "masks/03.webp", "WEBP",
          lambda p: resave(p / MASK, ".webp", quality=75)),
    fault("mask resized bilinearly", "0/255", "blurred mask", "error", MASK, "edges",
          lambda p: rewrite(p / MASK, lambda m: m.resize((40, 40), BILINEAR).resize((64, 64), BILINEAR))),
    fault("mask and image resized", "grey", "blurred mask", "error", MASK, "edges",
          lambda p: [rewrite(p / name, lambda m: m.resize((90, 80), BILINEAR)) for name in (IMAGE, MASK)]),
    fault("mask rotated with interpolation", "rgb", "blurred mask", "error", MASK, "neither side",
          lambda p: rewrite(p / MASK, lambda m: m.rotate(7, BILINEAR))),
    # values
    fault("0/1 among 0/255", "0/255", "mixed scale", "error", MASK, "0 and 1",
          lambda p: rewrite(p / MASK, lambda m: np.asarray(m) // 255)),
    fault("0/255 among 0/1", "0/255", "mixed scale", "error", MASK, "0 and 255",
          lambda p: [rewrite(f, lambda m: np.asarray(m) // 255) for f in (p / "masks").iterdir() if f.stem != "03"]),
    fault("one colour mask among grey", "grey", "mixed kinds", "error", MASK, "holds colours",
          lambda p: rewrite(p / MASK, lambda m: COLOURS[np.asarray(m)])),
    fault("one grey mask among colours", "rgb", "mixed kinds", "error", MASK, "holds grey",
          lambda p: Image.fromarray(np.tri(64, dtype=np.uint8)).save(p / MASK)),
    fault("another palette", "palette", "palettes differ", "error", MASK, "elsewhere",
          lambda p: other_palette(p / MASK)),
    fault("an unexpected value", "0/255", "unexpected value", "warning", MASK, "20 pixels of 37",
          lambda p: with_pixels(p / MASK, 37)),
    fault("an unexpected colour", "rgb", "unexpected value", "warning", MASK, "#090807",
          lambda p: with_pixels(p / MASK, (9, 8, 7))),
    fault("void among 0..k", "grey", "void", "note", MASK, "0.5%", lambda p: with_pixels(p / MASK, 255)),
    fault("objects numbered", "grey", "too many values", "error", MASK, "100 values",
          lambda p: (numbered_objects(p / MASK), rewrite(p / IMAGE, lambda i: i.crop((0, 0, 60, 60))))),
    fault("fractions", "0/255", "not labels", "error", "masks/03.tif", "fractions", lambda p: fractions(p / MASK)),
    fault("mask with alpha", "grey", "mask has alpha", "error", MASK, "alpha", lambda p: with_alpha(p / MASK, "LA")),
    fault("mask is the image", "grey", "mask is the image", "error", MASK, IMAGE,
          lambda p: shutil.copy(p / IMAGE, p / MASK)),
    fault("mask is the image in colour", "grey", "mask is the image", "error", MASK, IMAGE, coloured_and_copied),
    fault("empty mask", "grey", "no object", "note", MASK, "all 0",
          lambda p: rewrite(p / MASK, lambda m: np.zeros_like(m))),
    fault("full mask", "0/255", "all one class", "warning", MASK, "all 255",
          lambda p: rewrite(p / MASK, lambda m: np.full_like(m, 255))),
    fault("rare class", "grey", "class is rare", "note", "all masks", "class 4 has 0.1", lambda p: rare(p, 4, 12)),
    fault("class in one mask only", "0/255", "class in few masks", "warning", MASK, "class 128 is only in masks/03.png",
          lambda p: with_pixels(p / MASK, 128, slice(20, 40))),
    fault("class in two masks only", "grey", "class in few masks", "warning", MASK, "masks/03.png and masks/08.png",
          lambda p: only_in(p, 7, ("03", "08"))),
    # images
    fault("image with alpha", "grey", "image has alpha", "warning", IMAGE, "14.6%",
          lambda p: with_alpha(p / IMAGE, "RGBA")),
    fault("transparent colour of a palette", "grey", "image has alpha", "warning", "images/03.gif", "transparent",
          lambda p: resave(p / IMAGE, ".gif", transparency=usual_value(p / IMAGE))),
    fault("16 bit", "grey", "16 bit", "note", IMAGE, "grey levels",
          lambda p: in_16_bit(p / IMAGE, 0, 65535)),
    fault("16 bit, narrow", "grey", "16 bit", "warning", IMAGE, "of 256 grey levels",
          lambda p: in_16_bit(p / IMAGE, 0, 4095)),
    fault("CMYK", "grey", "CMYK", "warning", "images/03.jpg", "inks", lambda p: resave(p / IMAGE, ".jpg", mode="CMYK")),
    fault("black image", "grey", "blank image", "warning", IMAGE, "all black",
          lambda p: rewrite(p / IMAGE, lambda i: np.zeros_like(i))),
    fault("constant image", "grey", "blank image", "warning", IMAGE, "77 to 77",
          lambda p: rewrite(p / IMAGE, lambda i: np.full_like(i, 77))),
    fault("multi-frame TIFF", "grey", "several frames", "warning", "images/03.tif", "2 frames",
          lambda p: two_frames(p / IMAGE)),
    fault("multi-frame mask", "grey", "several pages", "error", "masks/03.tif", "2 pages or planes for one image",
          lambda p: two_frames(p / MASK)),
    fault("one in colour", "grey", "odd one out", "note", IMAGE, "in colour",
          lambda p: rewrite(p / IMAGE, lambda i: COLOURS[np.asarray(i)])),
    fault("one far larger", "grey", "odd one out", "note", IMAGE, "400 × 300",
          lambda p: [rewrite(p / n, lambda i: i.resize((400, 300), Image.Resampling.NEAREST)) for n in (IMAGE, MASK)]),
    # files
    fault("0 bytes", "grey", "empty file", "error", IMAGE, "no bytes", lambda p: (p / IMAGE).write_bytes(b"")),
    fault("0 bytes of mask", "rgb", "empty file", "error", MASK, "no bytes", lambda p: (p / MASK).write_bytes(b"")),
    fault("truncated PNG", "grey", "truncated", "error", IMAGE, "breaks off", lambda p: cut(p / IMAGE)),
    fault("truncated mask", "palette", "truncated", "error", MASK, "breaks off", lambda p: cut(p / MASK, 0.9)),
    fault("truncated JPEG", "grey", "truncated", "error", "images/03.jpg", "breaks off",
          lambda p: (resave(p / IMAGE, ".jpg"), cut(p / "images/03.jpg"))),
    fault("text called PNG", "grey", "not an image", "error", IMAGE, "can't be read as BMP",
          lambda p: (p / IMAGE).write_text("Dear diary")),
    fault("PNG of 10,000 megapixels", "grey", "bomb", "error", IMAGE, "claims", lambda p: giant_png(p / IMAGE)),
    # duplicates
    fault("exact duplicate", "grey", "same image", "warning", IMAGE, "images/77.png",
          lambda p: copied(p, "03", "77.png")),
    fault("duplicate as JPEG", "grey", "same image", "warning", IMAGE, "images/77.jpg",
          lambda p: copied(p, "03", "77.jpg", **SMALL)),
    fault("duplicate as WebP", "grey", "same image", "warning", IMAGE, "images/77.webp",
          lambda p: copied(p, "03", "77.webp", **SMALL)),
    fault("leak from train to test", "grey", "leak", "error", "train/images/05.png", "test/images/20.jpg: in test",
          split_in_parts),
    # objects
    fault("objects overlap", "objects", "objects overlap", "note", "s03/images/s03.png", "pixels in several",
          overlapping),
    fault("truncated object", "objects", "truncated", "error", "s03/masks/2.png", "breaks off",
          lambda p: cut(p / "s03/masks/2.png")),
    fault("object of another size", "objects", "size differs", "error", "s03/masks/2.png", "64 × 50",
          lambda p: rewrite(p / "s03/masks/2.png", lambda m: m.crop((0, 0, 64, 50)))),
    fault("blurred object", "objects", "blurred mask", "error", "s03/masks/2.png", "edges",
          lambda p: rewrite(p / "s03/masks/2.png", lambda m: m.rotate(9, BILINEAR))),
    fault("objects without image", "objects", "missing image", "error", "s03/masks/1.png", "no image",
          lambda p: (p / "s03/images/s03.png").unlink()),
    fault("image without objects", "objects", "missing mask", "warning", "s03/images/s03.png", "no mask",
          lambda p: shutil.rmtree(p / "s03/masks")),
]
# fmt: on


@pytest.mark.parametrize("planted", FAULTS)
def test_each_planted_fault_is_found_and_no_other_file_accused(clean, tmp_path, planted):
    path = shutil.copytree(clean[planted.kind], tmp_path / "set")
    planted.plant(path)
    report = dataset.inspect(path)
    rows = report.findings[(report.findings.fault == planted.fault) & (report.findings.file == planted.file)]
    rows = rows[rows.finding.str.contains(planted.word, regex=False)]
    assert len(rows) == 1, str(report)
    assert rows.level.item() == planted.level
    assert rows.cure.item() == doctor.CURES[planted.fault]
    others = alarms(report).drop(rows.index, errors="ignore")
    assert set(zip(others.fault, others.file, strict=True)) == ALSO.get(planted.name, set())
    if planted.level != "error" and planted.fault != "missing mask":
        kept = {Path(pair.image).stem for pair in report.pairs}
        assert kept >= {Path(pair.image).stem for pair in dataset.inspect(clean[planted.kind]).pairs}


# Faults with a second finding: both partners of a pair whose names differ, each mask of a missing image.
ALSO = {
    "names differ in case": {("missing image", "masks/cat-03.png")},
    "objects without image": {("missing image", f"s03/masks/{k}.png") for k in range(2, 5)},
}


# Only the system can plant the first; the others need a folder of their own (test_doctor_sets.py, test_layouts.py).
ELSEWHERE = {"unreadable", "several masks", "set aside", "not read", "slices differ", "numbered objects", "class names"}
ELSEWHERE |= {"combined", "void in question", "names overruled", "one class only", "objects within classes"}
ELSEWHERE |= {"gap in values", "near copy", "relatives", "class missing", "classes overlap", "shifted mask"}
ELSEWHERE |= {"several bands", "georeference", "cut into tiles", "annotation empty", "damaged annotation"}
ELSEWHERE |= {"annotation not read", "no area", "outlines too large", "compressed", "link"}
ELSEWHERE |= {"text not read", "names contradict", "numbers in channels"}


def test_the_table_holds_more_than_25_faults_and_all_that_the_doctor_knows():
    names = [entry.values[0] for entry in FAULTS]
    assert len({one.name for one in names}) == len(FAULTS) > 25
    assert {one.fault for one in names} == set(doctor.CURES) - ELSEWHERE


# Zips, and anything at all


def zipped(path, target, compression=zipfile.ZIP_DEFLATED):
    with zipfile.ZipFile(target, "w", compression) as archive:
        for file in sorted(path.rglob("*.png")):
            archive.write(file, file.relative_to(path))
    return target


def test_a_damaged_member_of_a_zip_is_named(clean, tmp_path):
    path = zipped(clean["grey"], tmp_path / "set.zip", zipfile.ZIP_STORED)
    with zipfile.ZipFile(path) as archive:
        start = archive.getinfo(MASK).header_offset
    content = bytearray(path.read_bytes())
    content[start + 60 : start + 70] = bytes(10)
    path.write_bytes(content)
    report = dataset.inspect(path)
    assert alarms(report)[["level", "fault", "file"]].values.tolist() == [["error", "truncated", MASK]]
    assert "copy the zip again" in report.findings.finding[0]


def test_a_bomb_in_a_zip_is_named_and_not_unpacked(clean, tmp_path):
    path = zipped(clean["grey"], tmp_path / "set.zip")
    with zipfile.ZipFile(path, "a", zipfile.ZIP_LZMA) as archive:
        archive.writestr("images/bomb.png", bytes(60_000_000))
        archive.writestr("masks/bomb.png", b"x")
    findings = alarms(dataset.inspect(path))
    assert findings[["fault", "file"]].values.tolist() == [
        ["bomb", "images/bomb.png"],
        ["not an image", "masks/bomb.png"],
    ]
    assert "would unpack to 60,000,000 bytes" in findings.finding[0]


def test_a_damaged_zip_a_missing_path_and_a_folder_without_images_are_one_sentence(clean, tmp_path):
    path = zipped(clean["grey"], tmp_path / "set.zip")
    cut(path)
    with pytest.raises(ValueError, match=r"set\.zip is no zip, or a damaged one .*; copy it again"):
        dataset.inspect(path)
    with pytest.raises(ValueError, match="there is no .*nowhere"):
        dataset.inspect(tmp_path / "nowhere")
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes/a.txt").write_text("text")
    with pytest.raises(ValueError, match=r"notes holds no image; known are \.png"):
        dataset.inspect(tmp_path / "notes")


def test_a_file_that_may_not_be_read_is_a_finding(clean, monkeypatch):
    def refuse(path, read=Path.read_bytes):
        if path.as_posix().endswith(MASK):
            raise PermissionError(13, "Permission denied")
        return read(path)

    monkeypatch.setattr(Path, "read_bytes", refuse)
    findings = alarms(dataset.inspect(clean["grey"]))
    assert findings[["level", "fault", "file"]].values.tolist() == [["error", "unreadable", MASK]]


@pytest.mark.parametrize("suffix", ["png", "jpg", "tif", "gif", "bmp", "webp"])
def test_damage_anywhere_never_stops_the_doctor(scenes, tmp_path, rng, suffix):
    """Forty images with some bytes changed or lost; each either can be read or is named."""
    save_scenes(tmp_path, scenes)
    exif = Image.Exif()
    exif[0x0112] = 6
    frames = {"save_all": True, "append_images": [Image.new("L", (64, 64))]} if suffix in ("tif", "gif") else {}
    for i in range(40):
        path = tmp_path / f"images/x{i}.{suffix}"
        Image.fromarray(scenes.images[0, ..., 0]).save(path, exif=exif, **frames)
        content = np.frombuffer(path.read_bytes(), np.uint8).copy()
        content[rng.integers(0, 150 if i % 2 else len(content), 4)] = rng.integers(0, 256, 4)
        path.write_bytes(content[: len(content) - rng.integers(0, 9) * (i % 3)].tobytes())
        shutil.copy(tmp_path / "masks/00.png", tmp_path / f"masks/x{i}.png")
    report = dataset.inspect(tmp_path)
    usable = {pair.image for pair in report.pairs}
    named = set(report.findings.file[report.findings.level == "error"])
    assert {f"images/x{i}.{suffix}" for i in range(40)} == {
        name for name in usable | named if "/x" in name and "images" in name
    }
    assert not usable & named


# Values and classes


def test_more_values_than_classes_are_a_finding_even_where_each_mask_has_few(clean, tmp_path):
    path = shutil.copytree(clean["grey"], tmp_path / "set")
    for i, file in enumerate(sorted((path / "masks").iterdir())):
        rewrite(file, lambda p: np.minimum(np.array(p), 3) + np.uint8(10 * i))  # noqa: B023
    report = dataset.inspect(path)
    findings = report.findings[report.findings.level == "error"]
    assert findings.fault.tolist() == ["too many values"]
    assert "at most 64 classes" in findings.finding.item()
    assert report.classes is None
    assert report.shares.size == 0


@pytest.mark.parametrize(("kind", "value"), [("0/255", 0), ("0/255", 255), ("grey", 3), ("rgb", (255, 0, 0))])
def test_masks_that_all_hold_one_value_are_one_error(clean, tmp_path, kind, value):
    path = shutil.copytree(clean[kind], tmp_path / "set")
    for file in (path / "masks").iterdir():
        rewrite(file, lambda p: np.zeros_like(p) + np.array(value, np.uint8))
    report = dataset.inspect(path)
    (found,) = alarms(report).itertuples()
    assert (found.level, found.fault, found.file) == ("error", "one class only", "all masks")
    shown = "#ff0000" if kind == "rgb" else value
    assert found.finding == f"hold {shown} only: nothing can be learned"
    assert "no object" not in set(report.findings.fault)


def test_objects_that_nobody_drew_are_one_error(clean, tmp_path):
    path = shutil.copytree(clean["objects"], tmp_path / "set")
    for file in path.glob("*/masks/*.png"):
        rewrite(file, lambda p: np.zeros_like(p))
    report = dataset.inspect(path)
    assert alarms(report).fault.tolist() == ["one class only"]


def test_255_beside_1_is_void_and_no_other_scale(clean, tmp_path):
    path = shutil.copytree(clean["0/255"], tmp_path / "set")
    for i, file in enumerate(sorted((path / "masks").iterdir())):
        rewrite(file, lambda p: np.asarray(p) // 255)
        if i < 6:
            with_pixels(file, 255)
        if i == 0:
            rewrite(file, lambda p: np.where(np.asarray(p) == 1, 0, np.asarray(p)).astype(np.uint8))
    report = dataset.inspect(path)
    assert alarms(report).empty, str(report)
    assert report.classes == dataset.Classes("values", (0, 1), 255)


def test_shares_are_of_the_labelled_pixels_of_usable_pairs(clean, tmp_path):
    path = shutil.copytree(clean["0/255"], tmp_path / "set")
    (path / IMAGE).write_bytes(b"")
    masks = [np.array(Image.open(f)) > 0 for f in sorted((path / "masks").iterdir()) if f.stem != "03"]
    shares = dataset.inspect(path).shares
    np.testing.assert_allclose(shares, [1 - np.mean(masks), np.mean(masks)])


# Duplicates


def seen(thumbnails):
    pairs = [dataset.Pair(str(i), f"{i}.png", (f"{i}_mask.png",)) for i in range(len(thumbnails))]
    return [
        examine.Examined(pair, (24, 24), True, t, {0: 1}, False, {}) for pair, t in zip(pairs, thumbnails, strict=True)
    ]


def test_duplicates_are_found_among_more_images_than_one_block_holds(rng):
    """1,100 noise images; the same ones again 600 places further on, and a chain of three."""
    thumbnails = rng.uniform(0, 255, (1100, 24, 24)).astype(np.float32)
    thumbnails[[700, 701]] = thumbnails[[100, 101]] + 1
    thumbnails[1099] = thumbnails[700] + 2
    assert dataset.duplicates(seen(thumbnails)) == [("100.png", "700.png", "1099.png"), ("101.png", "701.png")]


def test_images_alike_but_not_the_same_are_no_duplicates(scenes):
    faint = 100 + scenes.images[:, :24, :24, 0] / 50  # one flat image after another
    assert dataset.duplicates(seen(faint.astype(np.float32))) == []
    assert dataset.duplicates(seen(np.full((3, 24, 24), 9.0, np.float32))) == []
    assert dataset.duplicates([]) == []


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("train/a.png", "train"),
        ("data/Val/images/a.png", "validation"),
        ("test_images/a.png", "test"),
        ("test.png", None),
    ],
)
def test_the_part_of_a_split_is_named_by_a_folder(name, part):
    assert dataset.split_named(name) == part


# The report, and the command


def test_the_report_is_a_table_with_errors_first_and_five_files_a_fault(clean, tmp_path):
    path = shutil.copytree(clean["grey"], tmp_path / "set")
    for i in range(7):
        (path / f"images/{i:02}.png").unlink()
    (path / "images/10.png").write_bytes(b"")
    rewrite(path / "images/11.png", lambda p: np.zeros_like(p))
    text = str(dataset.inspect(path)).splitlines()
    assert text[0] == "16 pairs can be used; 8 errors, 1 warning, 2 notes."
    assert [line.split()[0] for line in text[2:6]] == ["LEVEL", "error", "error", "warning"]
    assert text[4].split(maxsplit=4) == ["error", "missing", "image", "7", doctor.CURES["missing image"]]
    assert text[4].index("7") == text[2].index("FILES") + 4
    assert "  … and 2 more" in text
    assert "  images/10.png: has no bytes; copy it again" in text
    assert str(dataset.inspect(clean["0/255"])) == "24 pairs can be used; 0 errors, 0 warnings, 0 notes."


def command(*arguments):
    line = [sys.executable, "-m", "segutils", "inspect", *map(str, arguments)]
    return subprocess.run(line, capture_output=True, text=True, check=False)


def test_the_command_prints_the_report_and_its_status_says_whether_there_are_errors(clean, tmp_path):
    done = command(clean["0/255"])
    assert (done.returncode, done.stdout, done.stderr) == (0, f"{dataset.inspect(clean['0/255'])}\n", "")
    path = shutil.copytree(clean["grey"], tmp_path / "set")
    (path / IMAGE).unlink()
    done = command(zipped(path, tmp_path / "set.zip"), "--csv", tmp_path / "findings.csv")
    assert (done.returncode, done.stdout, done.stderr) == (1, f"{dataset.inspect(path)}\n", "")
    assert pd.read_csv(tmp_path / "findings.csv").equals(dataset.inspect(path).findings)


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no such names")
def test_names_in_bytes_that_are_no_utf_8_are_written_too(clean, tmp_path):
    path = shutil.copytree(clean["grey"], tmp_path / "set")
    os.rename(path / MASK, os.fsencode(path / "masks") + b"/Bl\xf6cke.png")
    done = command(path, "--csv", tmp_path / "findings.csv")
    assert (done.returncode, done.stderr) == (1, "")
    assert r"masks/Bl\udcf6cke.png" in set(pd.read_csv(tmp_path / "findings.csv").file)


def test_the_command_says_in_a_sentence_that_there_is_nothing_to_examine(tmp_path):
    done = command(tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1
    assert "holds no image" in done.stderr


def test_an_error_of_our_own_is_no_sentence_about_the_set(clean, monkeypatch):
    def broken(*_):
        raise ValueError("max() arg is an empty sequence")

    monkeypatch.setattr(doctor.together, "odd_ones", broken)
    with pytest.raises(ValueError, match="empty sequence"):
        main(["inspect", str(clean["grey"])])


@pytest.mark.parametrize("shape", [(40, 56), (40, 56, 3)])
def test_masks_where_no_value_is_frequent_are_named(tmp_path, shape):
    for i in range(4):
        noise = np.random.default_rng(i).integers(0, 255, (2, *shape), dtype=np.uint8)
        save(tmp_path / f"images/{i}.png", noise[0])
        save(tmp_path / f"masks/{i}.png", noise[1])
    report = dataset.inspect(tmp_path, masks="masks")
    errors = report.findings[report.findings.level == "error"]
    assert (errors.fault.tolist(), report.pairs) == (["blurred mask"] * 4, [])


def test_unusual_folder_names_can_be_said_to_the_command(clean, tmp_path):
    shutil.copytree(clean["0/255"] / "images", tmp_path / "x")
    shutil.copytree(clean["0/255"] / "masks", tmp_path / "y 2")
    assert main(["inspect", str(tmp_path)]) == 0, "found by their stems"
    assert main(["inspect", str(tmp_path), "--images", "x", "--masks", "y 2"]) == 0


# Tiles of one larger image, and what training needs


def test_tiles_of_one_photograph_are_found_and_photographs_are_kept_apart(tmp_path):
    from skimage import data

    sources = {"camera": (data.camera(), 2, 2), "coffee": (data.coffee(), 1, 3), "chelsea": (data.chelsea(), 2, 1)}
    sources |= {"brick": (data.brick(), 1, 1), "coins": (coins(), 1, 1)}
    for name, (photo, rows, columns) in sources.items():
        for y, x in np.ndindex(rows, columns):
            tile = photo[40 + 96 * y : 136 + 96 * y, 30 + 96 * x : 126 + 96 * x]
            Image.fromarray(tile).save(tmp_path / f"{name}{y}{x}.png")
            Image.fromarray(np.zeros((96, 96), np.uint8)).save(tmp_path / f"{name}{y}{x}_mask.png")
    files = dataset.Files(tmp_path)
    pairs = dataset.find_pairs(files).pairs
    found = {tuple(sorted(group)) for group in dataset.neighbours(files, pairs)}
    assert found == {
        ("camera00.png", "camera01.png", "camera10.png", "camera11.png"),
        ("coffee00.png", "coffee01.png", "coffee02.png"),
        ("chelsea00.png", "chelsea10.png"),
    }


def test_images_of_other_heights_and_a_single_one_have_no_neighbours(tmp_path):
    photo = coins()
    parts = {"a": photo[:80, :100], "b": photo[:70, 100:200]}
    for name, part in parts.items():
        Image.fromarray(part).save(tmp_path / f"{name}.png")
        Image.fromarray(np.zeros_like(part)).save(tmp_path / f"{name}_mask.png")
    files = dataset.Files(tmp_path)
    pairs = dataset.find_pairs(files).pairs
    assert dataset.neighbours(files, pairs) == []
    assert dataset.neighbours(files, pairs[:1]) == []


def test_training_is_stopped_without_pairs_with_errors_and_with_one_class(clean, tmp_path):
    dataset.require_usable(dataset.inspect(clean["0/255"]))
    path = shutil.copytree(clean["0/255"], tmp_path / "set")
    (path / IMAGE).unlink()
    report = dataset.inspect(path)
    with pytest.raises(ValueError, match="^1 error, the first: .*no image has the name"):
        dataset.require_usable(report)
    dataset.require_usable(report, leave_out=True)
    assert len(report.pairs) == N - 1
    shutil.rmtree(path / "masks")
    with pytest.raises(ValueError, match=f"^no pair of image and mask can be used; {N - 1} errors"):
        dataset.require_usable(dataset.inspect(path), leave_out=True)
    (path / "masks").mkdir()
    for image in (path / "images").iterdir():
        with Image.open(image) as opened:
            Image.new("L", opened.size).save(path / "masks" / f"{image.stem}.png")
    with pytest.raises(ValueError, match="at least two classes, but all masks hold 0 only"):
        dataset.require_usable(dataset.inspect(path))
