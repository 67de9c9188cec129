"""Images and masks one by one: what is read, what stays in memory, and how much of it."""

import numpy as np
import pytest
import small_sets

from segutils import dataset, transforms
from segutils.workhorse import data


@pytest.fixture
def found(tmp_path):
    report = dataset.inspect(small_sets.make_folder(tmp_path, count=6))
    return dataset.Files(tmp_path), report


def source_of(found, **options):
    files, report = found
    return data.Source(files, report.pairs, report.classes, **options)


def test_a_source_gives_what_read_pair_gives_for_each_image(found):
    files, report = found
    source = source_of(found, channels=1)
    assert len(source) == 6
    for i, pair in enumerate(report.pairs):
        image, mask = dataset.read_pair(files, pair, report.classes, channels=1)
        np.testing.assert_array_equal(source.image(i), image)
        np.testing.assert_array_equal(source.mask(i), mask)
        assert source.shape(i) == (40, 48)


def test_images_are_prepared_and_masks_are_not(found):
    plain, stretched = source_of(found), source_of(found).with_contrast("root")
    np.testing.assert_array_equal(stretched.image(2), transforms.stretch_contrast(plain.image(2), high=99.9, gamma=0.5))
    np.testing.assert_array_equal(stretched.mask(2), plain.mask(2))
    with pytest.raises(ValueError, match="contrast must be one of .*did you mean stretch"):
        source_of(found, contrast="stretched")


def test_what_was_asked_for_last_stays_within_the_bytes_that_are_allowed(found, monkeypatch):
    source, read = source_of(found, cache_bytes=2 * 40 * 48 * 4), []
    before = data.read_pair
    noted = lambda files, pair, *a, **k: read.append(pair.key) or before(files, pair, *a, **k)  # noqa: E731
    monkeypatch.setattr(data, "read_pair", noted)
    for i in (0, 1, 0, 1, 2, 0):
        source.pair(i)
    assert len(read) == 4, "0, 1, 2, and 0 once more: 2 has put it out"
    assert source._bytes == sum(image.nbytes + mask.nbytes for image, mask in source._kept.values()) <= 2 * 40 * 48 * 4
    source.cache_bytes = 0
    for i in range(6):
        source.mask(i)
    assert len(source._kept) == 1


def test_known_sizes_are_told_without_reading(found, monkeypatch):
    source = source_of(found, sizes=found[1].sizes)
    monkeypatch.setattr(data, "read_pair", None)
    assert [source.shape(i) for i in range(6)] == [(40, 48)] * 6
    assert source.with_contrast("stretch").shape(5) == (40, 48)


def test_the_doctor_counts_what_the_masks_hold(found):
    source = source_of(found)
    counted = [np.bincount(source.mask(i).ravel(), minlength=2) for i in range(6)]
    np.testing.assert_array_equal(found[1].counts, counted)
    np.testing.assert_allclose(found[1].shares, found[1].counts.sum(0) / found[1].counts.sum())
