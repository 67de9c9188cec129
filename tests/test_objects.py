"""Objects from a mask: regions counted by eye, discs that touch, small regions, classes side by side."""

import numpy as np
import pytest

from segutils.objects import connected, separated


def discs(*centres, radius=8, shape=(30, 60)):
    y, x = np.indices(shape)
    return sum(((y - row) ** 2 + (x - column) ** 2 <= radius**2).astype(int) for row, column in centres).clip(0, 1)


def test_regions_touch_by_sides_and_not_by_corners():
    mask = np.array([[1, 1, 0, 0], [0, 0, 1, 0], [0, 0, 1, 1]])
    np.testing.assert_array_equal(connected(mask), [[1, 1, 0, 0], [0, 0, 2, 0], [0, 0, 2, 2]])


def test_classes_side_by_side_are_two_objects_either_way():
    mask = np.zeros((12, 20), int)
    mask[2:10, 2:10], mask[2:10, 10:18] = 1, 2
    for found in (connected(mask), separated(mask, distance=3)):
        assert found.max() == 2
        assert len(np.unique(found[mask == 1])) == len(np.unique(found[mask == 2])) == 1
        np.testing.assert_array_equal(found > 0, mask > 0)


def test_small_regions_vanish_at_the_named_size_exactly():
    mask = np.array([[1, 1, 0, 1], [1, 0, 0, 1], [0, 0, 0, 0]])  # 3 and 2 pixels
    assert len(np.unique(connected(mask, smallest=2))) == 3
    np.testing.assert_array_equal(connected(mask, smallest=3) > 0, [[1, 1, 0, 0], [1, 0, 0, 0], [0, 0, 0, 0]])


def test_discs_that_touch_are_cut_at_the_waist_and_a_single_one_stays_whole():
    mask = discs((15, 15), (15, 29))
    found = separated(mask, distance=4)
    assert connected(mask).max() == 1
    assert len(np.unique(found)) == 3
    np.testing.assert_array_equal(found > 0, mask > 0)
    assert found[15, 10] != found[15, 34]
    assert abs((found == found[15, 10]).sum() - (found == found[15, 34]).sum()) < 0.1 * mask.sum()
    assert len(np.unique(separated(discs((15, 20)), distance=4))) == 2


def test_nothing_gives_nothing_and_one_pixel_one_object():
    for way in (connected, lambda mask: separated(mask, distance=2)):
        assert way(np.zeros((5, 7), np.uint8)).max() == 0
        one = np.zeros((5, 7), np.uint8)
        one[2, 3] = 1
        np.testing.assert_array_equal(way(one) > 0, one > 0)


def test_a_distance_of_nothing_is_refused():
    with pytest.raises(ValueError, match="at least 1 pixel, got 0"):
        separated(np.ones((4, 4), int), distance=0)
