"""Pages of TIFF files and planes of arrays: which are slices, bands or classes, and numbers as they are stored."""

import struct

import numpy as np
import pytest
import tifffile
from PIL import Image
from skimage import data
from support import BINARY, FEW, save

from segutils import dataset
from segutils.dataset import tiffs, windows
from segutils.dataset.files import Files
from segutils.workhorse.large import open_large

SIZE = (30, 40)
NUMBERED = np.add.outer(np.arange(30) // 12, np.arange(40) // 17).astype(np.uint8)  # classes 0 to 4


def photo(k):
    return data.astronaut()[40 * k : 40 * k + SIZE[0], 200 : 200 + SIZE[1]]


def colours_first(k):
    return photo(k).transpose(2, 0, 1)


def grey(k):
    return photo(k)[..., 0]


def nested():
    """Planes that overlap, as regions within regions do."""
    return np.stack([k < NUMBERED for k in range(3)]).astype(np.uint8)


def written(path, values, **options):
    path.parent.mkdir(parents=True, exist_ok=True)
    np.save(path, values) if path.suffix == ".npy" else tifffile.imwrite(path, values, **options)


def one_hot(numbers, count=None, *, axis=0, scale=1):
    """Planes of each class by hand: no oracle of the code's."""
    planes = [scale * (numbers == k) for k in range(count or numbers.max() + 1)]
    return np.stack(planes, axis).astype(np.uint8)


@pytest.mark.parametrize("scale", [1, 255])
@pytest.mark.parametrize("classes", [2, 3, 4])
@pytest.mark.parametrize("suffix", ["npy", "tif"])
@pytest.mark.parametrize("first", [True, False])
def test_one_hot_planes_of_a_mask_are_its_class_numbers(tmp_path, suffix, classes, scale, first):
    numbers = NUMBERED % classes
    image = colours_first if first else photo
    options = {"photometric": "minisblack"} if suffix == "tif" and first else {}
    planes = one_hot(numbers, scale=scale)
    for k in range(4):
        written(tmp_path / f"images/{k}.{suffix}", image(k), **options)
        written(tmp_path / f"masks/{k}.{suffix}", planes, photometric="minisblack")
    report = dataset.inspect(tmp_path)
    assert (len(report.pairs), report.count("error"), report.bands) == (4, 0, 3), str(report)
    files = Files(tmp_path)
    for k, (pixels, mask) in enumerate(zip(*dataset.read_all(files, report.pairs, report.classes), strict=True)):
        np.testing.assert_array_equal(pixels, photo(k))
        np.testing.assert_array_equal(mask, numbers)


@pytest.mark.parametrize("axis", [0, -1])
def test_one_hot_planes_of_many_classes_are_numbers_on_either_side(tmp_path, axis):
    numbers = np.arange(1200).reshape(SIZE) % 21
    np.save(tmp_path / "a.npy", one_hot(numbers, axis=axis).astype(np.float32))
    np.save(tmp_path / "b.npy", np.stack([one_hot(numbers, axis=axis), one_hot(20 - numbers, axis=axis)]) > 0)
    np.testing.assert_array_equal(dataset.read_mask(Files(tmp_path), "a.npy"), numbers)
    np.testing.assert_array_equal(dataset.read_mask(Files(tmp_path), "b.npy#1"), 20 - numbers)


@pytest.mark.parametrize(
    ("suffix", "image"),
    [("npy", grey), ("npy", photo), ("npy", colours_first), ("tif", grey), ("tif", colours_first)],
)
def test_planes_that_are_no_classes_are_refused_where_the_image_is_one(tmp_path, suffix, image):
    for k in range(4):
        written(tmp_path / f"images/{k}.{suffix}", image(k), photometric="minisblack")
        written(tmp_path / f"masks/{k}.{suffix}", nested(), photometric="minisblack")
    report = dataset.inspect(tmp_path)
    errors = report.findings[report.findings.level == "error"]
    assert errors.fault.tolist() == 4 * ["several pages"]
    assert errors.finding.iloc[0] == "3 pages or planes for one image"
    assert report.pairs == []


@pytest.mark.parametrize("suffix", ["npy", "tif"])
def test_planes_that_share_out_an_image_are_no_slices_whatever_the_bands_are(tmp_path, suffix):
    rng = np.random.default_rng(0)
    for k in range(4):  # bands that have nothing in common, as stains have
        written(
            tmp_path / f"images/{k}.{suffix}",
            rng.integers(0, 255, (3, *SIZE), dtype=np.uint8),
            photometric="minisblack",
        )
        written(tmp_path / f"masks/{k}.{suffix}", one_hot(NUMBERED % 4)[1:], photometric="minisblack")
    errors = dataset.inspect(tmp_path).findings.query("level == 'error'")
    assert errors.fault.tolist() == 4 * ["several pages"]


def test_one_plane_that_comes_first_is_the_image(tmp_path):
    np.save(tmp_path / "a.npy", grey(0)[None])
    np.save(tmp_path / "a_mask.npy", NUMBERED[None])
    files = Files(tmp_path)
    np.testing.assert_array_equal(dataset.read_image(files, "a.npy", channels=1)[..., 0], grey(0))
    np.testing.assert_array_equal(dataset.read_mask(files, "a_mask.npy"), NUMBERED)


def test_slices_of_arrays_stay_slices_in_grey_and_in_colour(tmp_path):
    noise = np.random.default_rng(0).integers(0, 255, (3, *SIZE), dtype=np.uint8)
    labels = np.random.default_rng(1).integers(0, 3, (3, *SIZE), dtype=np.uint8)
    np.save(tmp_path / "a_raw.npy", noise)
    np.save(tmp_path / "a_mask.npy", labels)
    np.save(tmp_path / "b_raw.npy", np.stack([photo(k) for k in range(3)]))
    np.save(tmp_path / "b_mask.npy", labels)
    report = dataset.inspect(tmp_path)
    assert [pair.image for pair in report.pairs] == [f"{name}_raw.npy#{i}" for name in "ab" for i in range(3)]
    files = Files(tmp_path)
    np.testing.assert_array_equal(dataset.read_image(files, "a_raw.npy#2", channels=1)[..., 0], noise[2])
    np.testing.assert_array_equal(dataset.read_mask(files, "b_mask.npy#1"), labels[1])


def test_an_array_of_slices_with_one_mask_is_refused(tmp_path):
    np.save(tmp_path / "a_raw.npy", np.random.default_rng(0).integers(0, 255, (20, *SIZE), dtype=np.uint8))
    np.save(tmp_path / "a_mask.npy", NUMBERED)
    (error,) = dataset.inspect(tmp_path).findings.itertuples()
    assert (error.fault, error.finding) == ("slices differ", "1 slice, a_raw.npy has 20")


# White is zero


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_masks_whose_white_is_zero_are_read_as_stored_alone_and_in_stacks(tmp_path, dtype):
    stored = FEW.astype(dtype)
    tifffile.imwrite(tmp_path / "one.tif", stored, photometric="miniswhite")
    tifffile.imwrite(tmp_path / "two.tif", np.stack([stored, stored[::-1]]), photometric="miniswhite")
    files = Files(tmp_path)
    np.testing.assert_array_equal(dataset.read_mask(files, "one.tif"), stored)
    np.testing.assert_array_equal(dataset.read_mask(files, "two.tif#1"), stored[::-1])
    if dtype is np.uint8:  # a photograph is as it is shown
        np.testing.assert_array_equal(dataset.read_image(files, "one.tif", channels=1)[..., 0], 255 - stored)


def test_masks_of_one_bit_are_as_shown_whichever_number_is_white(tmp_path):
    """Pillow writes white, 255, as 1, or in a fax's compression as 0: what was drawn is the same."""
    drawn, files = BINARY > 0, Files
    tifffile.imwrite(tmp_path / "zero.tif", ~drawn, photometric="miniswhite")
    tifffile.imwrite(tmp_path / "stack.tif", np.stack([drawn, ~drawn]), photometric="miniswhite")
    Image.fromarray(BINARY).convert("1").save(tmp_path / "one.tif")
    Image.fromarray(BINARY).convert("1").save(tmp_path / "fax.tif", compression="group4")
    for name in ("zero.tif", "one.tif", "fax.tif"):
        np.testing.assert_array_equal(dataset.read_mask(files(tmp_path), name) > 0, drawn)
    np.testing.assert_array_equal(dataset.read_mask(files(tmp_path), "stack.tif#1") > 0, drawn)


def test_tiles_of_a_large_mask_whose_white_is_zero_are_as_stored(tmp_path, monkeypatch):
    monkeypatch.setattr(windows, "MAX_PIXELS", 5_000)
    numbers = np.kron(NUMBERED, np.ones((4, 4), np.uint8))
    (tmp_path / "masks").mkdir()
    tifffile.imwrite(tmp_path / "masks/a.tif", numbers, photometric="miniswhite")
    save(tmp_path / "images/a.bmp", np.random.default_rng(0).integers(0, 255, (120, 160, 3), dtype=np.uint8))
    report = dataset.inspect(tmp_path)
    assert [pair.mask for pair in report.pairs] == ["masks/a.tif#r00000c00000"]
    np.testing.assert_array_equal(dataset.read_mask(Files(tmp_path), report.pairs[0].mask), numbers)


# Compression


def pages(path, images, **options):
    first, *others = (Image.fromarray(image) for image in images)
    first.save(path, save_all=True, append_images=others, **options)


@pytest.mark.parametrize("kind", ["grey", "wide", "colour"])
def test_stacks_in_lzw_are_read_slice_by_slice_and_as_bands(tmp_path, kind):
    slices = [{"grey": grey(k), "wide": 200 * grey(k).astype(np.uint16), "colour": photo(k)}[kind] for k in range(4)]
    pages(tmp_path / "a.tif", slices, compression="tiff_lzw")
    with tifffile.TiffFile(tmp_path / "a.tif") as tiff:
        assert tiff.pages[0].compression.name == "LZW"
    files = Files(tmp_path)
    for k, expected in enumerate(slices):
        np.testing.assert_array_equal(dataset.open_image(files, f"a.tif#{k}"), expected)
    np.testing.assert_array_equal(tiffs.whole(files.read("a.tif")), np.stack(slices))
    if kind == "grey":
        np.testing.assert_array_equal(dataset.open_image(files, "a.tif#*"), np.stack(slices, -1))


def said_to_be(path, compression):
    """A stack that says it is compressed in another way than it is."""
    written(path, np.stack([grey(0), grey(1)]), compression="zlib")
    content, tag, at = bytearray(path.read_bytes()), struct.pack("<HHI", 259, 3, 1), 0
    while (at := content.find(tag, at)) >= 0:
        content[at + 8 : at + 10] = struct.pack("<H", compression)
        at += 8
    path.write_bytes(content)


@pytest.mark.parametrize("name", ["a.tif", "a.tif#1"])
def test_a_compression_that_nothing_reads_is_named_and_not_called_damage(tmp_path, name):
    said_to_be(tmp_path / "a.tif", 34712)
    with pytest.raises(dataset.ImageFileError, match="is compressed by JPEG2000, which is not read here") as caught:
        dataset.open_image(Files(tmp_path), name)
    assert caught.value.fault == "compressed"


def test_a_decoder_that_is_not_there_never_stops_the_doctor(tmp_path):
    said_to_be(tmp_path / "a_raw.tif", 50000)  # Zstandard, for which tifffile imports a module of Python 3.14
    written(tmp_path / "a_mask.tif", np.stack([NUMBERED, NUMBERED.T.reshape(SIZE)]))
    assert dataset.inspect(tmp_path).count("error") == 2


def test_a_damaged_stack_in_lzw_is_damaged(tmp_path):
    pages(tmp_path / "a.tif", [grey(0), grey(1)], compression="tiff_lzw")
    with tifffile.TiffFile(tmp_path / "a.tif") as tiff:
        place = tiff.pages[1].dataoffsets[0]
    content = bytearray((tmp_path / "a.tif").read_bytes())
    content[place : place + 40] = bytes(range(200, 240))
    (tmp_path / "a.tif").write_bytes(content)
    with pytest.raises(dataset.ImageFileError, match="breaks off or is damaged"):
        dataset.open_image(Files(tmp_path), "a.tif#1")


# Axes


@pytest.mark.parametrize("axes", ["ZCYX", "TCYX"])
def test_channels_of_a_hyperstack_are_bands_of_its_slices(tmp_path, axes):
    values = np.stack([photo(k)[..., :2].transpose(2, 0, 1) for k in range(5)])
    written(tmp_path / "cell.tif", values, imagej=True, metadata={"axes": axes})
    written(tmp_path / "cell_mask.tif", np.stack([NUMBERED] * 5), imagej=True, metadata={"axes": f"{axes[0]}YX"})
    report = dataset.inspect(tmp_path)
    assert (len(report.pairs), report.bands, report.count("error")) == (5, 2, 0), str(report)
    images, _ = dataset.read_all(Files(tmp_path), report.pairs, report.classes, channels=2)
    np.testing.assert_array_equal(np.stack(images), values.transpose(0, 2, 3, 1))


def test_times_and_depths_are_slices_in_their_order(tmp_path):
    values = np.random.default_rng(0).integers(0, 255, (2, 3, 2, *SIZE), dtype=np.uint8)
    written(tmp_path / "a.tif", values, imagej=True, metadata={"axes": "TZCYX"})
    files = Files(tmp_path)
    np.testing.assert_array_equal(dataset.open_image(files, "a.tif#4"), values[1, 1].transpose(1, 2, 0))
    np.testing.assert_array_equal(dataset.open_image(files, "a.tif"), values[0, 0].transpose(1, 2, 0))


def test_a_hyperstack_with_one_mask_is_refused(tmp_path):
    values = np.random.default_rng(0).integers(0, 255, (5, 2, *SIZE), dtype=np.uint8)
    written(tmp_path / "a.tif", values, imagej=True, metadata={"axes": "ZCYX"})
    written(tmp_path / "a_mask.tif", NUMBERED)
    (error,) = dataset.inspect(tmp_path).findings.query("level == 'error'").itertuples()
    assert (error.fault, error.finding) == ("slices differ", "1 slice, a.tif has 5")


def test_two_channels_are_two_bands_in_training_and_in_prediction(tmp_path):
    for k in range(4):
        channels = photo(k)[..., :2].transpose(2, 0, 1)
        written(tmp_path / f"{k}.tif", channels, imagej=True, metadata={"axes": "CYX"})
        written(tmp_path / f"{k}_mask.tif", NUMBERED)
    report = dataset.inspect(tmp_path)
    assert (len(report.pairs), report.bands, report.findings.fault.tolist()) == (4, 2, []), str(report)
    files = Files(tmp_path)
    for read in (dataset.read_image(files, "2.tif#*", channels=2), open_large(files, "2.tif", channels=2)):
        np.testing.assert_array_equal(read, photo(2)[..., :2])
