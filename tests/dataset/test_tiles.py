"""Images above the limit of megapixels, examined and read as tiles; here the limit is small."""

import shutil

import numpy as np
import pytest
import tifffile
from PIL import Image

from segutils import dataset
from segutils.dataset import tiles

SIDE = 32


@pytest.fixture(autouse=True)
def _small_limit(monkeypatch):
    monkeypatch.setattr("segutils.dataset.windows.MAX_PIXELS", 2_000)
    monkeypatch.setattr(tiles, "SIDE", SIDE)
    monkeypatch.setattr(tiles, "LEAST", 0)


def scene(shape, seed=0):
    """A colour image of brighter patches, and the mask of the patches."""
    rng = np.random.default_rng(seed)
    small = rng.integers(0, 2, (shape[0] // 9 + 1, shape[1] // 9 + 1), np.uint8)
    mask = small.repeat(9, 0).repeat(9, 1)[: shape[0], : shape[1]]
    image = rng.integers(0, 60, (*shape, 3)) + 120 * mask[..., None]
    return image.astype(np.uint8), 255 * mask


def save(path, values, **options):
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".tif" and "compression" not in options:
        return tifffile.imwrite(path, values, photometric="rgb" if values.ndim == 3 else "minisblack", **options)
    return np.save(path, values) if path.suffix == ".npy" else Image.fromarray(values).save(path, **options)


KINDS = {
    "tiles": ("tif", {"tile": (16, 48)}),
    "strips": ("tif", {"rowsperstrip": 7}),
    "another package": ("tif", {"compression": "tiff_lzw"}),
    "PNG": ("png", {}),
    "array": ("npy", {}),
}


@pytest.mark.parametrize("kind", KINDS)
def test_tiles_laid_side_by_side_are_the_image_and_its_mask(tmp_path, kind):
    suffix, options = KINDS[kind]
    image, mask = scene((70, 90))
    save(tmp_path / f"images/a.{suffix}", image, **options)
    save(tmp_path / f"masks/a.{suffix}", mask, **options)
    files = dataset.Files(tmp_path)
    found = dataset.inspect(tmp_path)
    assert not found.count("error")
    assert len(found.pairs) == 3 * 3
    assert found.classes.values == (0, 255)
    assert found.counts.sum(0).tolist() == np.bincount(mask.ravel() // 255).tolist()
    again, its_mask = np.zeros_like(image), np.zeros_like(mask)
    for pair in found.pairs:
        part, its_part = dataset.read_pair(files, pair, found.classes)
        _, top, left = tiles.place(files, pair.image)
        again[top : top + SIDE, left : left + SIDE] = part
        its_mask[top : top + SIDE, left : left + SIDE] = its_part * 255
    np.testing.assert_array_equal(again, image)
    np.testing.assert_array_equal(its_mask, mask)


def test_all_tiles_of_an_image_are_one_source_and_small_images_stay_whole(tmp_path):
    for i, shape in enumerate([(70, 90), (40, 45), (64, 64), (30, 50)]):
        image, mask = scene(shape, seed=i)
        save(tmp_path / f"images/{i}.png", image)
        save(tmp_path / f"masks/{i}.png", mask)
    found = dataset.inspect(tmp_path)
    assert [len(found.pairs), *found.counts.sum(1)[-1:]] == [9 + 1 + 4 + 1, 30 * 50]
    assert len(set(dataset.group_names(found.pairs))) == 4
    notes = found.findings[found.findings.fault == "cut into tiles"]
    assert notes.file.tolist() == ["images/0.png", "images/2.png"]
    assert notes.finding.tolist()[0] == "too large to be read whole, so as 9 tiles of one source"
    assert not {"same image", "near copy", "leak"} & set(found.findings.fault)


@pytest.mark.parametrize("case", ["another size", "turned", "palette", "zip"])
def test_what_can_not_be_cut_is_refused_in_one_sentence(tmp_path, case):
    image, mask = scene((70, 90))
    exif = Image.Exif()
    exif[0x0112] = 6
    save(tmp_path / "set/images/a.png", image, **({"exif": exif} if case == "turned" else {}))
    if case == "palette":
        Image.fromarray(image).convert("P").save(tmp_path / "set/images/a.png")
    save(tmp_path / "set/masks/a.png", mask[:, : 80 if case == "another size" else 90])
    if case == "zip":
        shutil.make_archive(str(tmp_path / "set"), "zip", tmp_path / "set")
    found = dataset.inspect(tmp_path / ("set.zip" if case == "zip" else "set")).findings
    assert set(found.fault) == {"bomb"}
    assert found.finding.str.contains("claims 90 × 70 pixels, at most 2,000 are read whole; upright, in a folder").any()


def test_a_damaged_large_image_says_so(tmp_path):
    image, mask = scene((70, 90))
    save(tmp_path / "images/a.png", image)
    save(tmp_path / "masks/a.png", mask)
    content = (tmp_path / "images/a.png").read_bytes()
    (tmp_path / "images/a.png").write_bytes(content[: len(content) // 2])
    found = dataset.inspect(tmp_path).findings
    assert set(found[found.level == "error"].fault) == {"truncated"}
