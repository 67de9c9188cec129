"""Coins cut from the bundled photograph, a spoiled copy, and where the nuclei are looked for."""

import numpy as np
import pytest
from PIL import Image
from scipy.ndimage import binary_dilation, binary_erosion, label
from skimage.data import coins as photograph

from segutils import dataset
from segutils.dataset import samples


def test_the_ellipses_lie_on_the_coins():
    image, objects = samples.coins()
    np.testing.assert_array_equal(image, photograph())
    assert label(objects > 0)[1] == objects.max() == 24
    for coin in range(1, 25):
        mask = objects == coin
        rim = mask & ~binary_erosion(mask, iterations=3)
        around = binary_dilation(mask, iterations=5) & ~binary_dilation(mask, iterations=2)
        assert image[rim].mean() > image[around].mean() + 30, f"coin {coin} is not brighter than what is around it"


def test_the_windows_hold_one_coin_each_share_no_pixel_and_leave_a_gap_between_rows():
    _, objects = samples.coins()
    used = np.zeros(objects.shape, int)
    for number, (name, window) in enumerate(samples.coin_windows(objects).items(), start=1):
        used[window] += 1
        assert set(np.unique(objects[window])) == {0, number}, name
        assert (objects[window] == number).sum() == (objects == number).sum(), f"{name} cuts its coin"
    assert used.max() == 1
    assert (~used.any(1)[4:300]).sum() == 8 + 5 + 4


def test_the_folder_of_coins_is_clean_and_the_spoiled_copy_has_its_five_faults(tmp_path):
    report = dataset.inspect(samples.make_coins(tmp_path / "coins"))
    assert len(report.pairs) == 24
    assert len(report.findings) == 0
    assert report.classes.values == (0, 255)
    spoiled = dataset.inspect(samples.damage(tmp_path / "coins", tmp_path / "spoiled"))
    assert dict(zip(spoiled.findings.file, spoiled.findings.fault, strict=True)) == {
        "images/row1_coin1.png": "missing mask",
        "masks/row1_coin2.png": "size differs",
        "masks/row1_coin3.png": "blurred mask",
        "masks/row1_coin4.png": "mixed scale",
        "images/row1_coin5.png": "truncated",
    }
    assert len(dataset.inspect(tmp_path / "coins").findings) == 0, "the original was spoiled too"


def test_making_the_folder_again_changes_nothing(tmp_path):
    def content():
        return {path.name: path.read_bytes() for path in sorted(samples.make_coins(tmp_path).rglob("images/*"))}

    assert content() == content()
    with Image.open(tmp_path / "images/row1_coin1.png") as image:
        assert image.size == (74, 78)  # to the middle between the columns 66 and 81, where two coins end and begin


def test_nuclei_are_taken_from_the_named_folder_or_the_public_address_is_told(tmp_path, monkeypatch):
    monkeypatch.setenv("SEGUTILS_DATA", str(tmp_path))
    with pytest.raises(ValueError, match=r"no nuclei_sample\.zip .*BBBC038"):
        samples.find_nuclei()
    (tmp_path / "nuclei_sample.zip").write_bytes(b"")
    assert samples.find_nuclei() == tmp_path / "nuclei_sample.zip"
