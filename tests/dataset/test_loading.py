"""Crops in step with their masks, a function of (seed, step) alone."""

import threading

import numpy as np
import pytest
import tensorflow as tf
from support import classes_of, save

from segutils import dataset, metrics
from segutils.dataset import loading
from segutils.dataset.files import Files
from segutils.dataset.pairing import find_pairs
from segutils.transforms import Augment


@pytest.fixture
def coordinates(tmp_path):
    """Three images that hold their row, column and number; each mask is (3·row + 5·column + number) % 7."""
    for number, (height, width) in enumerate([(40, 60), (33, 33), (20, 50)]):
        y, x = np.mgrid[:height, :width]
        save(tmp_path / f"images/{number}.png", np.stack([y, x, 0 * y + 100 + number], -1).astype(np.uint8))
        save(tmp_path / f"masks/{number}.png", ((3 * y + 5 * x + number) % 7).astype(np.uint8))
    files = Files(tmp_path)
    pairs = find_pairs(files).pairs
    return files, pairs, classes_of(files)


def taken(dataset):
    return [[np.asarray(part) for part in batch] for batch in dataset]


def test_crops_and_their_masks_stay_in_step_and_padding_is_void(coordinates):
    batches = taken(dataset.random_crops(*coordinates, size=32, batch_size=4, steps=20))
    assert len(batches) == 20
    numbers, corners = set(), set()
    for images, masks in batches:
        assert (images.shape, images.dtype) == ((4, 32, 32, 3), np.uint8)
        assert (masks.shape, masks.dtype) == ((4, 32, 32), np.uint8)
        for image, mask in zip(images, masks, strict=True):
            inside = image[..., 2] > 0
            y, x, number = image[inside].astype(int).T
            assert np.array_equal(mask[inside], (3 * y + 5 * x + number - 100) % 7)
            assert (mask[~inside] == metrics.VOID).all()
            assert inside.sum() == 32 * (20 if number[0] == 102 else 32)
            assert inside[: inside.any(1).sum()].all()
            assert np.ptp(y) + 1 == inside.any(1).sum()
            assert np.ptp(x) + 1 == 32
            numbers.add(number[0])
            corners.add((number[0], y[0], x[0]))
    assert numbers == {100, 101, 102}
    assert len(corners) > 30


def test_a_seed_repeats_its_batches_whatever_the_parallelism_and_another_differs(coordinates):
    options = {"size": 16, "batch_size": 3, "steps": 12}
    alone = tf.data.Options()
    alone.threading.private_threadpool_size = 1
    first, again = (dataset.random_crops(*coordinates, seed=4, **options) for _ in range(2))
    first, again = taken(first), taken(again.with_options(alone))
    other = taken(dataset.random_crops(*coordinates, seed=5, **options))
    for mine, theirs, others in zip(first, again, other, strict=True):
        assert all(np.array_equal(a, b) for a, b in zip(mine, theirs, strict=True))
        assert not np.array_equal(mine[0], others[0])


def test_files_are_read_side_by_side(coordinates, monkeypatch):
    """Each reading waits for another to have begun; one after the other would never end.

    With TensorFlow's determinism they do come one after the other: conftest.py ends what an earlier test began.
    """
    met = threading.Barrier(2, timeout=300)
    read_pair = dataset.read_pair

    def waiting(*arguments, **options):
        met.wait()
        return read_pair(*arguments, **options)

    monkeypatch.setattr(loading, "read_pair", waiting)
    assert len(taken(dataset.random_crops(*coordinates, size=16, batch_size=4, steps=2))) == 2


def test_without_steps_crops_never_end_and_they_may_be_augmented(coordinates):
    augment = Augment(rotation=0.2, shift=0.1, brightness=0.2)
    crops = dataset.random_crops(*coordinates, size=16, batch_size=3, channels=1, augment=augment, seed=2)
    assert crops.cardinality() > 2**50
    first, again = taken(crops.take(3)), taken(crops.take(3))
    for (images, masks), (same, _) in zip(first, again, strict=True):
        assert (images.shape, images.dtype) == ((3, 16, 16, 1), np.float32)
        assert (masks.shape, masks.dtype) == ((3, 16, 16), np.uint8)
        assert np.array_equal(images, same)
    assert not np.array_equal(first[0][0], first[1][0])


def test_no_pairs_are_refused_before_anything_is_read(coordinates):
    with pytest.raises(ValueError, match="expected at least one pair, got none; see `inspect`"):
        dataset.random_crops(coordinates[0], [], coordinates[2], size=16, batch_size=2)
