"""Images above the limit of megapixels, read window by window; here the limit is small."""

import numpy as np
import pytest
import tifffile
from PIL import Image, PngImagePlugin

from segutils.dataset import Files, ImageFileError, png, windows
from segutils.dataset.images import image_values
from segutils.workhorse import large


@pytest.fixture(autouse=True)
def _small_limit(monkeypatch):
    monkeypatch.setattr("segutils.dataset.windows.MAX_PIXELS", 1_000)


@pytest.fixture
def image(rng):
    return rng.integers(0, 256, (150, 210, 3)).astype(np.uint8)


WINDOWS = [np.s_[:], np.s_[0:1, ::7], np.s_[10:90, 60:200], np.s_[140:400, 190:500], np.s_[33:34, 64:65]]


@pytest.mark.parametrize(
    "options",
    [{"tile": (64, 32)}, {"rowsperstrip": 16}, {"tile": (64, 64), "compression": "zlib"}, {"rowsperstrip": 1000}],
    ids=["tiles", "strips", "zlib", "one strip"],
)
@pytest.mark.parametrize("grey", [False, True])
def test_windows_of_a_tiff_are_those_of_the_array(tmp_path, image, options, grey):
    values = image[..., 0] if grey else image
    tifffile.imwrite(tmp_path / "a.tif", values, photometric="minisblack" if grey else "rgb", **options)
    found = large.open_large(Files(tmp_path), "a.tif", channels=1 if grey else 3)
    assert isinstance(found, large._Windows)
    assert found.shape == (150, 210, 1 if grey else 3)
    for window in WINDOWS:
        np.testing.assert_array_equal(found[window], values.reshape(found.shape)[window])


def test_few_tiles_stay_decoded(tmp_path, image, monkeypatch):
    monkeypatch.setattr(windows, "KEPT", 2)
    tifffile.imwrite(tmp_path / "a.tif", image, tile=(16, 16), photometric="rgb")
    found = large.open_large(Files(tmp_path), "a.tif", channels=3)
    np.testing.assert_array_equal(found[:], image)
    assert len(found.read.__self__.kept) == 210 // 16 + 2, "one row of tiles and one more"


def test_an_array_on_disk_is_not_read_whole(tmp_path, image):
    np.save(tmp_path / "a.npy", image)
    found = large.open_large(Files(tmp_path), "a.npy", channels=3)
    assert isinstance(found, large._Windows)
    np.testing.assert_array_equal(found[20:60, 3:9], image[20:60, 3:9])


@pytest.mark.parametrize("name", ["a.png", "a.bmp"])
def test_other_formats_are_decoded_whole(tmp_path, image, name):
    Image.fromarray(image).save(tmp_path / name)
    before = Image.MAX_IMAGE_PIXELS
    np.testing.assert_array_equal(large.open_large(Files(tmp_path), name, channels=3)[:, :], image)
    assert before == Image.MAX_IMAGE_PIXELS


def test_small_images_are_read_as_all_others(tmp_path, image):
    Image.fromarray(image[:20, :30]).save(tmp_path / "a.png")
    tifffile.imwrite(tmp_path / "b.tif", image[:20, :30], photometric="rgb")
    for name in ("a.png", "b.tif"):
        np.testing.assert_array_equal(large.open_large(Files(tmp_path), name, channels=3), image[:20, :30])


def test_what_is_too_large_or_of_16_bit_is_refused_in_one_sentence(tmp_path, image, monkeypatch):
    tifffile.imwrite(tmp_path / "deep.tif", image.astype(np.uint16), photometric="rgb")
    with pytest.raises(ImageFileError, match="uint16 of 150 × 210 pixels; save it as 8 bit"):
        large.open_large(Files(tmp_path), "deep.tif", channels=3)
    monkeypatch.setattr(windows, "MAX_LARGE", 20_000)
    tifffile.imwrite(tmp_path / "a.tif", image, photometric="rgb")
    with pytest.raises(ImageFileError, match="claims 210 × 150 pixels, at most 20,000"):
        large.open_large(Files(tmp_path), "a.tif", channels=3)


def test_a_damaged_file_says_so(tmp_path):
    for name in ("a.png", "a.tif", "a.npy"):
        (tmp_path / name).write_bytes(b"II*\0 and no more")
        with pytest.raises(ImageFileError):
            large.open_large(Files(tmp_path), name, channels=3)


def test_an_array_on_disk_holds_what_was_written_to_it(tmp_path, rng):
    values = rng.integers(0, 65536, (30, 40, 2)).astype(np.uint16)
    array = large.OnDisk(tmp_path / "a", values.shape)
    assert not array[:].any()
    array[3:20, 5:33] = values[3:20, 5:33]
    np.testing.assert_array_equal(array[2:25, 5:33][1:18], values[3:20, 5:33])
    layer = large.Layer(array)
    assert (layer.shape, layer.size) == ((30, 40), 1200)
    np.testing.assert_array_equal(layer[3:20:3, 5:33:2], values[3:20:3, 5:33:2, 0])


def test_a_tiff_whose_compression_takes_another_package_is_decoded_whole(tmp_path, image):
    Image.fromarray(image).save(tmp_path / "a.tif", compression="tiff_lzw")
    np.testing.assert_array_equal(large.open_large(Files(tmp_path), "a.tif", channels=3)[:, :], image)


@pytest.mark.parametrize("mode", ["L", "RGB", "P", "LA", "RGBA"])
@pytest.mark.parametrize("channels", [1, 3])
def test_of_a_png_no_more_than_a_stripe_is_decoded_at_once(tmp_path, image, monkeypatch, mode, channels):
    Image.fromarray(image).convert("L" if mode == "LA" else "RGB").convert(mode).save(tmp_path / "a.png")
    with Image.open(tmp_path / "a.png") as opened:
        wanted = image_values(opened, channels=channels)
    loaded, load = [], PngImagePlugin.PngImageFile.load
    monkeypatch.setattr(
        PngImagePlugin.PngImageFile, "load", lambda opened: (loaded.append(opened.height), load(opened))[1]
    )
    monkeypatch.setattr(png, "STRIPE", 10 * 210)
    found = large.open_large(Files(tmp_path), "a.png", channels=channels)
    assert max(loaded) <= 11, "ten rows at most, and the one above them"
    for window in WINDOWS:
        np.testing.assert_array_equal(found[window], wanted[window])


@pytest.mark.parametrize("name", ["a.png", "a.jpg"])
def test_a_large_image_is_turned_upright(tmp_path, image, name):
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(image).save(tmp_path / name, exif=exif)
    with Image.open(tmp_path / name) as opened:
        wanted = image_values(opened)
    found = large.open_large(Files(tmp_path), name, channels=3)
    assert found.shape == (210, 150, 3)
    np.testing.assert_array_equal(found[:, :], wanted)
