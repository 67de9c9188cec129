"""Objects from a mask: regions counted by eye, discs that touch, small regions, classes side by side."""

import numpy as np
import pytest

from segutils import metrics
from segutils.objects import connected, object_confusion, object_f1, separated


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
    assert len(np.unique(connected(mask, min_size=2))) == 3
    np.testing.assert_array_equal(connected(mask, min_size=3) > 0, [[1, 1, 0, 0], [1, 0, 0, 0], [0, 0, 0, 0]])


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


# Objects


@pytest.fixture
def three_objects():
    """Three true three_objects (6, 10) of 8, 8 and 4 pixels: the first two touch."""
    true = np.zeros((6, 10), np.int32)
    true[1:3, 1:5], true[3:5, 1:5], true[1:3, 7:9] = 7, 3, 200
    return true


def test_objects_by_hand(three_objects):
    """Predicted: 6 of the 8 pixels of one (IoU 6/8), half of another (IoU 4/8, no match), one where nothing is."""
    pred = np.zeros_like(three_objects)
    pred[1:3, 1:4], pred[3:5, 1:3], pred[5, 9] = 1, 2, 3
    assert object_confusion(three_objects, pred).tolist() == [[0, 2], [2, 1]]
    assert object_confusion(three_objects, pred, threshold=0.76).tolist() == [[0, 3], [3, 0]]
    assert object_f1([three_objects], [pred]) == 2 * 1 / (2 * 1 + 2 + 2)


def test_precision_and_recall_of_objects_are_not_swapped(three_objects):
    pred = np.where(three_objects == 7, 1, 0)
    pred[5, [5, 7]] = 2, 3
    pred[0, 9] = 4
    table = object_confusion(three_objects, pred)
    assert table.tolist() == [[0, 3], [2, 1]]
    assert metrics.precision(table)[1] == 1 / 4
    assert metrics.recall(table)[1] == 1 / 3
    assert object_confusion(pred, three_objects).tolist() == table.T.tolist()


def test_objects_are_matched_by_place_and_not_by_number(three_objects):
    renumbered = np.select([three_objects == 7, three_objects == 3, three_objects == 200], [3, 200, 7])
    assert object_f1([three_objects], [renumbered]) == 1


def test_touching_objects_that_melt_into_one_are_missed(three_objects):
    """Of 16 pixels each true one has 8: IoU exactly 1/2 is no match, for then both would match."""
    melted = (three_objects > 0).astype(np.uint8)
    melted[1:3, 7:9] = 2
    assert object_confusion(three_objects, melted).tolist() == [[0, 1], [2, 1]]
    melted[4, 1:5] = 0  # now 12 pixels, and 8 of them are the upper object's
    assert object_confusion(three_objects, melted).tolist() == [[0, 0], [1, 2]]


def test_no_object_and_nothing_but_object(three_objects):
    nothing, everything = np.zeros_like(three_objects), np.ones_like(three_objects)
    assert object_confusion(nothing, nothing).tolist() == [[0, 0], [0, 0]]
    assert object_confusion(three_objects, nothing).tolist() == [[0, 0], [3, 0]]
    assert object_confusion(nothing, three_objects).tolist() == [[0, 3], [0, 0]]
    assert object_confusion(everything, everything).tolist() == [[0, 0], [0, 1]]
    assert object_confusion(nothing[:0], nothing[:0]).tolist() == [[0, 0], [0, 0]]
    assert np.isnan(object_f1([nothing], [nothing]))
    assert np.isnan(object_f1([], []))


def test_object_f1_adds_the_counts_of_images_of_any_size(three_objects):
    """3 found of 3, and 0 of 1: 2·3 / (2·3 + 0 + 1), and not the mean of 1 and 0."""
    one = np.eye(3, 4, dtype=int)
    assert object_f1([three_objects, one], [three_objects, 0 * one]) == 6 / 7


@pytest.mark.parametrize("threshold", [0.3, 1.0])
def test_thresholds_without_unique_matches_are_refused(three_objects, threshold):
    with pytest.raises(ValueError, match=rf"threshold must lie in \[0.5, 1\).*got {threshold}"):
        object_confusion(three_objects, three_objects, threshold=threshold)


def test_objects_are_images_of_whole_numbers(three_objects):
    for wrong in (three_objects - 1, three_objects * 0.5, three_objects > 0):
        with pytest.raises(ValueError, match="predicted_objects must be integers >= 0"):
            object_confusion(three_objects, wrong)
    with pytest.raises(ValueError, match="one shape"):
        object_confusion(three_objects, three_objects.T)
    with pytest.raises(ValueError, match="put a single image into a list"):
        object_f1(three_objects, three_objects)
