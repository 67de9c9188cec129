"""Objects from a mask: regions counted by eye, discs that touch, small regions, classes side by side."""

from collections import Counter

import numpy as np
import pytest

from segutils import metrics, reference
from segutils.objects import (
    average_precision,
    centre_map,
    connected,
    from_centres,
    from_distance,
    merged_and_split,
    object_confusion,
    object_f1,
    rim_distance,
    separated,
)


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
        with pytest.raises(ValueError, match="predicted_objects must be integers >= 0"):
            merged_and_split(three_objects, wrong)
    with pytest.raises(ValueError, match="one shape"):
        object_confusion(three_objects, three_objects.T)
    with pytest.raises(ValueError, match="put a single image into a list"):
        object_f1(three_objects, three_objects)


# Learned distances


def test_the_rim_distance_is_that_of_every_pixel_to_every_other(rng):
    objects = np.kron(rng.choice([0, 3, 8, 200], (3, 5)), np.ones((4, 3), int))
    got, places = rim_distance(objects), np.indices(objects.shape).reshape(2, -1).T
    far = np.hypot(*(places[:, None] - places).transpose(2, 0, 1))
    outside = objects.ravel()[:, None] != objects.ravel()
    depth = np.where(outside, far, np.inf).min(1).reshape(objects.shape)
    for n in np.unique(objects):
        mine = objects == n
        np.testing.assert_allclose(got[mine], 0 if n == 0 else depth[mine] / depth[mine].max(), rtol=1e-6)
    assert got.dtype == np.float32


def test_the_rim_distance_at_its_edges():
    assert rim_distance(np.zeros((3, 4), int)).max() == 0
    assert rim_distance(np.full((3, 4), 7)).min() == 1
    np.testing.assert_array_equal(rim_distance(np.eye(3, dtype=np.uint8)), np.eye(3))


def test_a_told_distance_cuts_a_bar_that_has_no_waist():
    true = np.zeros((9, 26), int)
    true[2:7, 2:13], true[2:7, 13:24] = 1, 2
    mask, told = (true > 0).astype(int), rim_distance(true)
    assert object_f1([true], [separated(mask, distance=3)], threshold=0.9) == 0
    found = from_distance(mask, told)
    assert object_f1([true], [found], threshold=0.9) == 1
    np.testing.assert_array_equal(found > 0, true > 0)


def test_a_told_distance_keeps_classes_apart_and_every_region():
    mask = np.zeros((9, 26), int)
    mask[2:7, 2:13], mask[2:7, 13:24], mask[0, 0] = 1, 2, 1
    found = from_distance(mask, np.zeros(mask.shape), min_distance=30, min_size=2)
    assert len(np.unique(found)) == 3
    np.testing.assert_array_equal(found > 0, np.where(mask == mask[0, 0], connected(mask, min_size=2), mask) > 0)
    with pytest.raises(ValueError, match="min_distance must be >= 1 and rise > 0, got 0"):
        from_distance(mask, mask, min_distance=0)
    with pytest.raises(ValueError, match="one shape"):
        from_distance(mask, mask[1:])


def rings(*centres, shape=(30, 50)):
    """Numbered rings of radius 7, broken into dashes: no part of one needs to touch the other."""
    y, x = np.indices(shape)
    objects = np.zeros(shape, int)
    for n, (row, column) in enumerate(centres, 1):
        objects[(np.abs(np.hypot(y - row, x - column) - 7) < 1) & ((y + x) % 5 > 0)] = n
    return objects


def test_the_centre_map_is_a_cone_over_each_object():
    true = rings((10, 12), (14, 30))
    got, places = centre_map(true, reach=9), np.indices(true.shape).reshape(2, -1).T
    far = np.min([np.hypot(*(places - middle).T) for middle in ((10, 12), (14, 30))], axis=0).reshape(true.shape)
    np.testing.assert_allclose(got, np.clip(1 - far / 9, 0, 1), atol=1e-6)
    assert got.dtype == np.float32
    assert centre_map(0 * true, reach=9).max() == 0


def test_told_centres_keep_broken_rings_whole_and_touching_ones_apart():
    true = rings((10, 12), (10, 25), (20, 38))
    true[true == 3] = 9
    mask = (true > 0).astype(np.uint8)
    assert len(np.unique(connected(mask))) > 10
    assert object_f1([true], [from_centres(mask, centre_map(true, reach=9))], threshold=0.75) == 1


def test_told_centres_keep_classes_apart_and_drop_what_is_small():
    mask = np.zeros((8, 20), int)
    mask[2:6, 2:9], mask[2:6, 9:16], mask[0, 19] = 1, 2, 3
    found = from_centres(mask, np.zeros(mask.shape), min_size=2)
    np.testing.assert_array_equal(found, np.where(mask == 3, 0, mask))
    everywhere = from_centres(np.ones((4, 9), int), centre_map(np.repeat([[1] * 4 + [2] * 5], 4, 0), reach=4))
    assert sorted(np.unique(everywhere)) == [1, 2]
    assert not from_centres(0 * mask, np.zeros(mask.shape)).any()
    with pytest.raises(ValueError, match="at least 1 pixel, got 0"):
        from_centres(mask, mask, min_distance=0)
    with pytest.raises(ValueError, match="one shape"):
        from_centres(mask, mask[1:])


def squares(rng, size=40):
    """Numbered squares that lie one upon another: (size, size) ints."""
    objects = np.zeros((size, size), int)
    for n in range(1, 12):
        row, column, side = *rng.integers(0, size - 5, 2), rng.integers(3, 12)
        objects[row : row + side, column : column + side] = n
    return objects


def test_average_precision_is_that_of_an_assignment_and_by_hand(rng):
    """The oracle is the largest number of pairs, by SciPy's linear_sum_assignment; the other way is written by hand."""
    from scipy.optimize import linear_sum_assignment

    true = [squares(rng) for _ in range(4)]
    pred = [np.roll(t, (1, 0), (0, 1)) * (rng.random(t.shape) < 0.95) for t in true]
    thresholds = [0.5, 0.6, 0.75, 0.9]
    got = average_precision(true, pred, thresholds=thresholds)
    for threshold, score in zip(thresholds, got, strict=True):
        found = total = 0
        for t, p in zip(true, pred, strict=True):
            a, b = np.unique(t)[1:, None, None, None], np.unique(p)[1:, None, None]
            iou = ((t == a) & (p == b)).sum((2, 3)) / ((t == a) | (p == b)).sum((2, 3))
            found += (iou > threshold)[linear_sum_assignment(iou > threshold, maximize=True)].sum()
            total += sum(iou.shape)
        assert score == found / (total - found)
    assert 1 > got[0] > got[-1]
    by_hand = [reference.average_precision(true[0], pred[0], t) for t in thresholds]
    np.testing.assert_array_equal(average_precision(true[:1], pred[:1], thresholds=thresholds), by_hand)


def test_average_precision_at_its_edges(three_objects):
    nothing = np.zeros_like(three_objects)
    assert average_precision([three_objects], [three_objects]).tolist() == [1] * 10
    assert average_precision([three_objects], [nothing], thresholds=[0.5]).tolist() == [0]
    for none in (average_precision([nothing], [nothing]), average_precision([], [])):
        assert none.shape == (10,)
        assert np.isnan(none).all()
    assert np.isnan(reference.average_precision(nothing, nothing))
    with pytest.raises(ValueError, match="put a single image into a list"):
        average_precision(three_objects, three_objects)
    for way in (reference.average_precision, lambda a, b, t: average_precision([a], [b], thresholds=[t])):
        with pytest.raises(ValueError, match=r"threshold must lie in \[0.5, 1\).*got 0.4"):
            way(three_objects, three_objects, 0.4)


@pytest.mark.parametrize(("step", "count"), [(1, 12), (10_000, 12), (1, 90), (3, 90)])
def test_small_large_and_many_numbers_are_counted_as_by_plain_loops(step, count):
    rng = np.random.default_rng(count)
    true, other = rng.integers(0, count, (2, 12, 14))
    true, pred = step * true, step * np.where(rng.random(true.shape) < 0.8, true, other)
    pixels = list(zip(true.ravel().tolist(), pred.ravel().tolist(), strict=True))
    sizes = [Counter(side) for side in zip(*pixels, strict=True)]
    shared = {pair: n for pair, n in Counter(pixels).items() if all(pair)}
    found = sum(n > 0.5 * (sizes[0][t] + sizes[1][p] - n) for (t, p), n in shared.items())
    all_true, all_pred = (len(side) - (0 in side) for side in sizes)
    assert object_confusion(true, pred).tolist() == [[0, all_pred - found], [all_true - found, found]]
    holds = Counter(p for (t, p), n in shared.items() if 2 * n > sizes[0][t])
    assert merged_and_split(true, pred)[0].tolist() == sorted(p for p, n in holds.items() if n > 1)
    assert found > 5
