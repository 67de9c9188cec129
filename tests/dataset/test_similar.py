"""Relatives are looked for block by block: the same as from the whole table of distances."""

from types import SimpleNamespace

import numpy as np
import pytest
import tifffile
from support import save

from segutils import dataset
from segutils.dataset import similar


@pytest.mark.parametrize("count", [2, 3, 7, 8, 40])
def test_the_two_nearest_lines_are_those_of_the_whole_table(rng, monkeypatch, count):
    monkeypatch.setattr(similar, "BLOCK", 7)
    some, others = rng.normal(size=(2, count, 12))
    table = np.array([[np.sqrt(((a - b) ** 2).mean()) for b in others] for a in some])
    np.fill_diagonal(table, np.inf)
    best, by_row, by_column = similar._two_best(some, others)
    np.testing.assert_array_equal(best, table.argmin(1))
    np.testing.assert_allclose(by_row, np.sort(table, axis=1)[:, :2])
    np.testing.assert_allclose(by_column, np.sort(table, axis=0)[:2].T)
    np.testing.assert_array_equal(similar._two_best(some, others, alone=True), by_row[:, 0])


@pytest.mark.parametrize(("length", "kind"), [(1024, np.float32), (1025, np.float64)])
def test_differences_of_levels_are_exact_in_the_type_that_is_chosen(rng, length, kind):
    lines = rng.integers(0, 256, (6, length), np.uint8)
    lines[1], lines[2] = lines[0], lines[0] ^ (np.arange(length) == 5)  # one level apart in one place
    lines[3], lines[4] = 0, 255
    found = similar._as_floats(lines)
    squares = similar._squares(found, found)
    wanted = np.array([[((a - b) ** 2).sum() for b in lines.astype(int)] for a in lines.astype(int)])
    assert squares.dtype == kind
    np.testing.assert_allclose(squares, wanted, rtol=1e-7)
    assert squares[:3, :3].tolist() == [[0, 0, 1], [0, 0, 1], [1, 1, 0]]


def test_copies_in_different_blocks_are_one_group(rng, monkeypatch):
    monkeypatch.setattr(similar, "BLOCK", 4)
    kinds = rng.normal(100, 30, (5, 24, 24))
    thumbnails = np.concatenate([kinds, kinds + rng.normal(0, 1, kinds.shape), kinds[:2]])
    seen = [SimpleNamespace(thumbnail=t, pair=SimpleNamespace(image=str(i))) for i, t in enumerate(thumbnails)]
    wanted = [("0", "5", "10"), ("1", "6", "11"), ("2", "7"), ("3", "8"), ("4", "9")]
    assert sorted(similar.duplicates(seen)) == sorted(wanted)


def test_of_frames_that_are_nearly_one_image_a_few_are_in_memory_at_a_time(rng, monkeypatch):
    light = rng.normal(120, 40, (96, 96, 1)).clip(0, 255).astype(np.uint8)
    spot = light.copy()
    spot[40:44, 40:44] = 255 - spot[40:44, 40:44]  # another view: much differs in one place
    seen, read = [], []
    for i in range(40):
        thumbnail = light[..., 0].reshape(24, 4, 24, 4).mean((1, 3))
        seen.append(SimpleNamespace(thumbnail=thumbnail, pair=SimpleNamespace(image=f"{i:02}.png")))
    monkeypatch.setattr(
        similar, "read_image", lambda files, name, channels: read.append(name) or (light if name == "00.png" else spot)
    )
    same, near = similar.copies(None, seen)
    assert (same, len(near)) == ([], 1)
    assert read == ["00.png", "01.png"], "the second is no copy, so nothing else is read"


@pytest.mark.parametrize("folder", ["Batch 3", "Batch #3", "#r00000c00000"])
def test_copies_are_found_whatever_their_folder_is_called(rng, tmp_path, folder):
    for i in range(4):
        values = np.random.default_rng(i % 3).integers(0, 255, (30, 40), dtype=np.uint8)
        save(tmp_path / folder / f"images/{i}.png", np.kron(values[::6, ::8], np.ones((6, 8), np.uint8)))
        save(tmp_path / folder / f"masks/{i}.png", np.eye(30, 40, dtype=np.uint8))
    report = dataset.inspect(tmp_path)
    assert report.duplicates == [(f"{folder}/images/0.png", f"{folder}/images/3.png")]


def test_slices_of_one_stack_are_no_copies_in_a_folder_with_any_name(tmp_path):
    place = tmp_path / "Batch #3"
    place.mkdir()
    slices = np.stack([np.arange(40 * 50).reshape(40, 50) % 251] * 20).astype(np.uint8)
    tifffile.imwrite(place / "s.tif", slices)
    tifffile.imwrite(place / "s_mask.tif", (slices > 100).astype(np.uint8))
    report = dataset.inspect(tmp_path)
    assert (len(report.pairs), report.duplicates) == (20, [])
