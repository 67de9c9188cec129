"""A PNG decoded stripe by stripe is what Pillow decodes as a whole, and no more than a stripe is decoded at once."""

import io
import zlib

import numpy as np
import pytest
from PIL import Image, PngImagePlugin

from segutils.dataset import png
from segutils.metrics import VOID

MODES = ("L", "RGB", "P", "LA", "RGBA")


@pytest.fixture
def scene(rng):
    """An image of all kinds of rows, so that a writer of PNG takes all kinds of differences: (60, 47) of a mode."""
    values = np.repeat(rng.integers(0, 256, (60, 1, 4)), 47, axis=1)
    values[10:30] += np.arange(47)[:, None] + np.arange(20)[:, None, None]
    values[30:50] = rng.integers(0, 256, (20, 47, 4))
    whole = Image.fromarray((values % 256).astype(np.uint8))  # four bands: RGBA

    def of(mode):
        return whole.convert("RGB").quantize(200) if mode == "P" else whole.convert(mode)

    return of


def filters(content):
    """The kinds of difference that the rows of a PNG have, by their first bytes."""
    at, packed, width = 8, b"", 0
    while at < len(content):
        length, kind = int.from_bytes(content[at : at + 4]), content[at + 4 : at + 8]
        data = content[at + 8 : at + 8 + length]
        width = int.from_bytes(data[:4]) * png.BANDS[data[9]] + 1 if kind == b"IHDR" else width
        packed, at = packed + data * (kind == b"IDAT"), at + 12 + length
    return set(zlib.decompress(packed)[::width])


@pytest.mark.parametrize("rows", [1, 7, 60, 1000])
@pytest.mark.parametrize("mode", MODES)
def test_stripes_below_each_other_are_the_image(tmp_path, monkeypatch, scene, mode, rows):
    image = scene(mode)
    image.save(tmp_path / "a.png")
    found = png.head(tmp_path / "a.png")
    monkeypatch.setattr(png, "STRIPE", rows * found.row)
    monkeypatch.setattr(png, "PIECE", 100)
    parts = list(png.stripes(tmp_path / "a.png", found))
    assert {part.mode for part in parts} == {mode}
    assert [part.height for part in parts] == [min(rows, 60 - top) for top in range(0, 60, rows)]
    np.testing.assert_array_equal(np.concatenate([np.asarray(part) for part in parts]), np.asarray(image))
    last = image.crop((0, 60 - parts[-1].height, 47, 60)).convert("RGB")
    np.testing.assert_array_equal(np.asarray(parts[-1].convert("RGB")), np.asarray(last))


def test_the_scene_is_stored_with_all_five_kinds_of_difference(scene):
    stored = io.BytesIO()
    scene("RGB").save(stored, "PNG")
    assert len(filters(stored.getvalue())) >= 4, "else the test above proves little"


def test_pixels_in_many_chunks_and_what_lies_behind_them(tmp_path, monkeypatch, scene):
    monkeypatch.setattr("PIL.ImageFile.MAXBLOCK", 300)
    scene("RGB").save(tmp_path / "a.png")
    found = png.head(tmp_path / "a.png")
    assert len(found.parts) > 3
    with open(tmp_path / "a.png", "ab") as file:
        file.write(b"and more")
    values = np.concatenate(
        [np.asarray(part) for part in png.stripes(tmp_path / "a.png", png.head(tmp_path / "a.png"))]
    )
    np.testing.assert_array_equal(values, np.asarray(scene("RGB")))


def late_text(path, image):
    """A PNG whose text comes behind its pixels."""
    about = PngImagePlugin.PngInfo()
    about.add_text("Raw profile type exif", "turn", zip=False)
    image.save(path, pnginfo=about)
    content = path.read_bytes()
    start = content.index(b"tEXt") - 4
    end = start + 12 + int.from_bytes(content[start : start + 4])
    rest = content[end:-12]
    path.write_bytes(content[:start] + rest + content[start:end] + content[-12:])


def test_what_can_only_be_decoded_whole_has_no_head(tmp_path, scene, rng):
    scene("RGB").save(tmp_path / "a.jpg")
    scene("L").convert("1").save(tmp_path / "bits.png")
    Image.fromarray(rng.integers(0, 65536, (9, 8)).astype(np.uint16)).save(tmp_path / "deep.png")
    late_text(tmp_path / "late.png", scene("RGB"))
    (tmp_path / "cut.png").write_bytes(b"\x89PNG\r\n\x1a\n\0\0")
    scene("L").save(tmp_path / "a.png")
    content = bytearray((tmp_path / "a.png").read_bytes())
    content[28] = 1  # Adam7
    (tmp_path / "laced.png").write_bytes(content)
    assert png.head(tmp_path / "a.png")
    for name in ("a.jpg", "bits.png", "deep.png", "late.png", "cut.png", "laced.png"):
        assert png.head(tmp_path / name) is None, name


def test_damage_is_an_error_of_reading(tmp_path, scene):
    scene("RGB").save(tmp_path / "a.png")
    content = (tmp_path / "a.png").read_bytes()
    (tmp_path / "short.png").write_bytes(content[: len(content) // 2])
    noise = bytearray(content)
    noise[len(content) // 2 : len(content) // 2 + 40] = bytes(40)
    (tmp_path / "noise.png").write_bytes(noise)
    for name in ("short.png", "noise.png"):
        with pytest.raises(OSError, match="pixels"):
            list(png.stripes(tmp_path / name, png.head(tmp_path / name)))


def test_a_mask_in_a_file_is_read_by_windows(tmp_path, monkeypatch, scene):
    from segutils.dataset import windows

    monkeypatch.setattr(png, "STRIPE", 1000)
    monkeypatch.setattr(windows, "STRIP", 9)
    laid = {"a.png": scene("P"), "b.bmp": scene("L"), "c.png": scene("L").point(lambda v: VOID * (v > 99)).convert("1")}
    for name, image in laid.items():
        image.save(tmp_path / name)
        found, values = windows.windows(tmp_path / name), np.asarray(image.convert("L") if name == "c.png" else image)
        for window in (np.s_[:], np.s_[5:50:7, 3:40], np.s_[10:11]):
            np.testing.assert_array_equal(found[window], values[window])
