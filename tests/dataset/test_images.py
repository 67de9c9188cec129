"""Decoding: every mode, depth and orientation; what is damaged or too large is refused."""

import struct
import zipfile
import zlib

import numpy as np
import pytest
import tifffile
from PIL import Image
from skimage import data
from support import BINARY, FEW, RGB, classes_of, masks_of, save

from segutils import dataset
from segutils.dataset import arrays, files, windows
from segutils.dataset.classes import Classes
from segutils.dataset.files import Files
from segutils.dataset.pairing import find_pairs


def read(path, name, **options):
    return dataset.read_image(Files(path), name, **options)


GREY = np.array([[0, 50, 100], [150, 200, 250]], np.uint8)


@pytest.mark.parametrize("suffix", ["png", "tif", "bmp", "gif"])
def test_images_are_read_as_they_are_in_one_or_three_channels(tmp_path, suffix):
    save(tmp_path / f"a.{suffix}", GREY)
    one, three = (read(tmp_path, f"a.{suffix}", channels=channels) for channels in (1, 3))
    assert np.array_equal(one, GREY[..., None])
    assert np.array_equal(three, np.stack(3 * [GREY], -1))


@pytest.mark.parametrize("mode", ["LA", "RGBA", "P", "RGB"])
def test_alpha_is_dropped_and_a_palette_looked_up(tmp_path, mode):
    image = Image.fromarray(GREY).convert(mode)
    if mode.endswith("A"):
        image.putalpha(Image.fromarray(np.uint8([[0, 9, 255], [255, 9, 0]])))
    image.save(tmp_path / "a.png")
    assert np.array_equal(read(tmp_path, "a.png", channels=1)[..., 0], GREY)


def test_sixteen_bit_one_bit_and_floats_become_eight(tmp_path):
    save(tmp_path / "wide.png", GREY.astype(np.uint16) * 257)
    save(tmp_path / "wide.tif", GREY.astype(np.uint16) * 257)
    save(tmp_path / "low.png", GREY.astype(np.uint16))
    save(tmp_path / "int.tif", GREY.astype(np.int32) * 257)
    save(tmp_path / "float.tif", np.where(GREY == 50, np.nan, GREY).astype(np.float32))
    save(tmp_path / "bit.png", BINARY, "1")
    for name in ("wide.png", "wide.tif", "low.png", "int.tif"):
        assert np.array_equal(read(tmp_path, name, channels=1)[..., 0], GREY), name
    assert np.array_equal(read(tmp_path, "float.tif")[..., 2], np.where(GREY == 50, 0, GREY))
    assert np.array_equal(read(tmp_path, "bit.png")[..., 1], BINARY)


def deep_png(values):
    """A PNG of 16 bit in two to four bands, which Pillow can't write."""
    height, width, bands = values.shape
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in values)
    head = struct.pack(">IIBBBBB", width, height, 16, {2: 4, 3: 2, 4: 6}[bands], 0, 0, 0)
    chunks = [(b"IHDR", head), (b"IDAT", zlib.compress(rows)), (b"IEND", b"")]
    packed = (struct.pack(">I", len(d)) + k + d + struct.pack(">I", zlib.crc32(k + d)) for k, d in chunks)
    return b"\x89PNG\r\n\x1a\n" + b"".join(packed)


def deep(path, values):
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".npy":
        np.save(path, values)
    elif path.suffix == ".png":
        path.write_bytes(deep_png(values))
    else:
        apart = path.stem == "apart"
        laid = {"planarconfig": "separate"} if apart else {}
        tifffile.imwrite(path, values.transpose(2, 0, 1) if apart else values, photometric="rgb", **laid)


COLOURED = np.tile(np.stack([GREY, GREY[::-1], GREY[:, ::-1]], -1), (10, 9, 1))


@pytest.mark.parametrize("name", ["a.png", "a.tif", "apart.tif", "a.npy"])
def test_colours_of_sixteen_bit_become_eight(tmp_path, name):
    deep(tmp_path / name, COLOURED.astype(np.uint16) * 257)
    np.testing.assert_array_equal(read(tmp_path, name), COLOURED)


@pytest.mark.parametrize("suffix", ["png", "tif", "npy", "ppm"])
def test_colours_of_a_camera_of_twelve_bit_get_a_warning_as_its_greys_do(tmp_path, suffix):
    photo = data.astronaut()[100:140, 200:250].astype(np.uint16)
    for i in range(4):
        camera = photo[:, ::-1] * (16 - i)
        if suffix == "ppm":
            (tmp_path / "images").mkdir(exist_ok=True)
            (tmp_path / f"images/{i}.ppm").write_bytes(b"P6 50 40 65535\n" + camera.astype(">u2").tobytes())
        else:
            deep(tmp_path / f"images/{i}.{suffix}", camera)
        save(tmp_path / f"masks/{i}.png", (photo[..., 0] > 90).astype(np.uint8) * 255)
    found = dataset.inspect(tmp_path).findings
    found = found[found.fault == "16 bit"]
    assert found.level.tolist() == 4 * ["warning"]
    assert found.finding.iloc[0] in [f"{levels} of 256 grey levels are used after scaling" for levels in (16, 17)]


@pytest.mark.parametrize("suffix", ["png", "tif"])
def test_masks_in_colours_of_sixteen_bit_keep_their_numbers_or_are_refused(tmp_path, suffix):
    numbers, colours = np.tile(FEW, (10, 9)), np.tile(RGB, (10, 9, 1))
    few, wide = (np.stack(3 * [some], -1).astype(np.uint16) for some in (numbers, 300 * numbers.astype(int)))
    masks = {"few": few, "colours": colours.astype(np.uint16) * 257, "wide": wide, "odd": wide + np.uint16([0, 1, 2])}
    for name, values in masks.items():
        deep(tmp_path / f"{name}.{suffix}", values)
    files = Files(tmp_path)
    np.testing.assert_array_equal(dataset.read_mask(files, f"few.{suffix}"), few)
    np.testing.assert_array_equal(dataset.read_mask(files, f"colours.{suffix}"), colours)
    np.testing.assert_array_equal(dataset.read_mask(files, f"wide.{suffix}"), wide[..., 0])
    with pytest.raises(dataset.ImageFileError, match="holds colours of 16 bit; save them as 8 bit"):
        dataset.read_mask(files, f"odd.{suffix}")


def test_numbers_of_sixteen_bit_beside_alpha_are_kept(tmp_path):
    full = np.full(FEW.shape, 65535)
    deep(tmp_path / "a.png", np.stack([FEW, full], -1).astype(np.uint16))
    deep(tmp_path / "b.png", np.stack([FEW, FEW], -1).astype(np.uint16))
    np.testing.assert_array_equal(dataset.read_mask(Files(tmp_path), "a.png"), np.stack(3 * [FEW], -1))
    with pytest.raises(dataset.ImageFileError, match="alpha channel varies"):
        dataset.read_mask(Files(tmp_path), "b.png")


def test_cmyk_is_turned_to_red_green_blue(tmp_path):
    red = np.zeros((16, 24, 3), np.uint8) + np.uint8([220, 30, 40])
    save(tmp_path / "a.jpg", red, "CMYK", quality=95)
    assert np.abs(read(tmp_path, "a.jpg").astype(int) - red).max() <= 4


@pytest.mark.parametrize(
    ("tag", "shown"),
    [
        (1, [[1, 2, 3], [4, 5, 6]]),
        (2, [[3, 2, 1], [6, 5, 4]]),
        (3, [[6, 5, 4], [3, 2, 1]]),
        (4, [[4, 5, 6], [1, 2, 3]]),
        (5, [[1, 4], [2, 5], [3, 6]]),
        (6, [[4, 1], [5, 2], [6, 3]]),
        (7, [[6, 3], [5, 2], [4, 1]]),
        (8, [[3, 6], [2, 5], [1, 4]]),
    ],
)
def test_images_are_turned_upright_and_masks_are_read_as_stored(tmp_path, tag, shown):
    """The tag says where the stored image's first row and column are to be shown (EXIF 2.3, table 6)."""
    exif = Image.Exif()
    exif[0x0112] = tag
    stored = np.array([[1, 2, 3], [4, 5, 6]], np.uint8)
    save(tmp_path / "a.png", stored, exif=exif)
    assert read(tmp_path, "a.png", channels=1)[..., 0].tolist() == shown
    assert np.array_equal(dataset.read_mask(Files(tmp_path), "a.png"), stored)


def test_masks_in_floats_are_whole_numbers_or_refused(tmp_path):
    save(tmp_path / "a.tif", FEW.astype(np.float32))
    save(tmp_path / "b.tif", FEW.astype(np.float32) / 2)
    assert np.array_equal(dataset.read_mask(Files(tmp_path), "a.tif"), FEW)
    with pytest.raises(dataset.ImageFileError, match="fractions") as caught:
        dataset.read_mask(Files(tmp_path), "b.tif")
    assert caught.value.fault == "not labels"


def test_files_and_images_over_the_limit_are_refused_before_they_are_decoded(tmp_path, monkeypatch):
    save(tmp_path / "a.png", GREY)
    monkeypatch.setattr(windows, "MAX_PIXELS", 5)
    with pytest.raises(
        dataset.ImageFileError,
        match="claims 3 × 2 pixels, at most 5 are read whole; upright, in a folder and with a mask of its size",
    ):
        read(tmp_path, "a.png")
    monkeypatch.setattr(files, "MAX_BYTES", 20)
    with pytest.raises(dataset.ImageFileError, match="bytes, at most 20 are read") as caught:
        read(tmp_path, "a.png")
    assert caught.value.fault == "bomb"


def test_the_limit_lies_below_pillow_s_own_so_that_nothing_warns():
    assert 80_000_000 < windows.MAX_PIXELS < Image.MAX_IMAGE_PIXELS


def objects_in(path, *masks):
    for i, mask in enumerate(masks):
        save(path / f"x/masks/{i}.png", mask)
    save(path / "x/images/x.png", np.zeros_like(GREY))
    files = Files(path)
    return files, find_pairs(files).pairs


def test_objects_are_numbered_and_the_later_lies_on_top(tmp_path):
    first, second = np.uint8([[255, 255, 0], [0, 0, 0]]), np.uint8([[0, 255, 0], [0, 255, 0]])
    files, pairs = objects_in(tmp_path, first, second)
    objects = dataset.read_objects(files, pairs[0])
    assert objects.dtype == np.int32
    assert objects.tolist() == [[1, 2, 0], [0, 2, 0]]
    image, mask = dataset.read_pair(files, pairs[0], classes_of(files))
    assert image.shape == (2, 3, 3)
    assert mask.tolist() == [[1, 1, 0], [0, 1, 0]]


def test_sizes_that_differ_are_refused(tmp_path):
    files, pairs = objects_in(tmp_path / "a", BINARY, BINARY[:, :2])
    with pytest.raises(ValueError, match=r"x/masks/1\.png is \(2, 2\), the masks before it \(2, 3\)"):
        dataset.read_objects(files, pairs[0])
    save(tmp_path / "b/images/a.png", GREY)
    save(tmp_path / "b/masks/a.png", BINARY.T)
    files = Files(tmp_path / "b")
    with pytest.raises(ValueError, match=r"images/a\.png is \(2, 3\), its mask \(3, 2\); resize neither"):
        dataset.read_pair(files, find_pairs(files).pairs[0], Classes("values", (0, 255)))


def test_all_pairs_are_read_in_their_order(tmp_path):
    files, pairs = masks_of(tmp_path, *(np.full((3, 4), k, np.uint8) for k in range(9)))
    images, masks = dataset.read_all(files, pairs, classes_of(files), channels=1)
    assert [image.shape for image in images] == 9 * [(3, 4, 1)]
    assert [int(mask.max()) for mask in masks] == list(range(9))


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (
            b"version https://git-lfs.github.com/spec/v1\noid sha256:ab\nsize 9\n",
            "pointer of Git LFS to an image: fetch it",
        ),
        (b"\n<!DOCTYPE html><title>404</title>", "a web page, not the image: download it again"),
        (b"<html>sign in", "a web page, not the image: download it again"),
    ],
)
def test_what_came_instead_of_an_image_is_named(tmp_path, content, sentence):
    (tmp_path / "a.png").write_bytes(content)
    with pytest.raises(dataset.ImageFileError, match=sentence):
        read(tmp_path, "a.png")


def test_an_encrypted_zip_says_so(tmp_path):
    save(tmp_path / "a.png", GREY)
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.write(tmp_path / "a.png", "a.png")
    content = bytearray((tmp_path / "a.zip").read_bytes())
    content[content.find(b"PK\1\2") + 8] |= 1  # the flag in the list of members
    (tmp_path / "a.zip").write_bytes(content)
    with pytest.raises(dataset.ImageFileError, match="is encrypted; unpack the zip with its password"):
        read(tmp_path / "a.zip", "a.png")


def test_minus_one_is_void_in_masks_and_other_numbers_below_zero_are_refused(tmp_path):
    for i in range(4):
        save(tmp_path / f"images/{i}.png", np.full((10, 12), 20 * i, np.uint8))
        mask = np.arange(120).reshape(10, 12) % 4 - 1
        (tmp_path / "masks").mkdir(exist_ok=True)
        np.save(tmp_path / f"masks/{i}.npy", mask.astype(np.int16))
    assert dataset.inspect(tmp_path).classes == Classes("values", (0, 1, 2), 255)
    np.save(tmp_path / "masks/0.npy", mask - 1)
    with pytest.raises(dataset.ImageFileError, match="holds -2; labels are 0 or more, and -1 where nobody labelled"):
        dataset.read_mask(Files(tmp_path), "masks/0.npy")


@pytest.mark.parametrize("suffix", ["tif", "npy"])
@pytest.mark.parametrize("classes", [(0, 1), (0, 1, 2), (0, 200)])
def test_nan_in_masks_of_floats_is_void(tmp_path, suffix, classes):
    rows, columns = np.indices((40, 48))
    masks = [np.array(classes, np.float32)[(rows + 2 * columns + i) // 20 % len(classes)] for i in range(6)]
    for i, mask in enumerate(masks):
        mask[: i + 5, 13:] = np.nan
        save(tmp_path / f"images/{i}.png", np.random.default_rng(i).integers(0, 255, (40, 48, 3), dtype=np.uint8))
        (tmp_path / "masks").mkdir(exist_ok=True)
        if suffix == "npy":
            np.save(tmp_path / f"masks/{i}.npy", mask)
        else:
            tifffile.imwrite(tmp_path / f"masks/{i}.tif", mask)
    report = dataset.inspect(tmp_path)
    assert report.count("error") == 0, str(report)
    assert report.classes == Classes("values", classes, 255)
    got = dataset.read_pair(Files(tmp_path), report.pairs[2], report.classes)[1]
    assert np.array_equal(got == 255, np.isnan(masks[2]))


@pytest.mark.parametrize("void", [-1, np.nan])
def test_void_is_never_taken_for_a_class_255(tmp_path, void):
    for i in range(6):
        save(tmp_path / f"images/{i}.png", np.random.default_rng(i).integers(0, 255, (10, 12, 3), dtype=np.uint8))
        (tmp_path / "masks").mkdir(exist_ok=True)
        numbers = np.arange(120).reshape(10, 12) // (7 + i) % (3 if i == 0 else 2)
        np.save(tmp_path / f"masks/{i}.npy", np.array((0, void if i == 1 else 255, void))[numbers])
    found = dataset.inspect(tmp_path).findings
    found = dict(zip(found.file, found.finding, strict=True))
    assert found["masks/0.npy"].startswith("holds 255 beside NaN or -1, which are read as 255, void")
    assert found["masks/2.npy"] == "holds 0 and 255; is 255 a class here, or void as -1 or NaN are?"


def test_infinity_in_a_mask_is_named(tmp_path):
    np.save(tmp_path / "a.npy", np.array([[0, np.inf], [1, 0]]))
    with pytest.raises(dataset.ImageFileError, match="holds infinity; labels are whole numbers"):
        dataset.read_mask(Files(tmp_path), "a.npy")


@pytest.mark.parametrize(
    ("values", "word"),
    [(5000.5, "128 to 128"), (-3.0, "128 to 128"), (0.0, "all black"), (np.nan, "all black"), (0.25, "64 to 64")],
)
def test_an_image_of_one_number_is_blank_without_a_warning_of_numpy(tmp_path, values, word):
    masks_of(tmp_path, *[np.kron(BINARY, np.ones((9, 9), np.uint8))] * 3)
    (tmp_path / "images/1.png").unlink()
    np.save(tmp_path / "images/1.npy", np.full((18, 27), values, np.float32))
    found = dataset.inspect(tmp_path).findings
    found = found[(found.file == "images/1.npy") & (found.fault == "blank image")]
    assert word in found.finding.item()


def test_the_largest_numbers_of_floats_are_scaled_without_a_warning():
    values = np.array([[-1.7e308, 0.0], [1.7e308, np.inf]])
    assert arrays.to_bytes(values).tolist() == [[0, 128], [255, 128]]
