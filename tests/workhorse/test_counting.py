"""Whole objects: what is one, how regions are cut, and how many were found."""

import numpy as np
import pytest

from segutils import objects
from segutils.metrics import VOID
from segutils.workhorse import counting


class Masks:
    """A source of masks alone; `numbered` says which object each pixel belongs to."""

    def __init__(self, masks, numbered=None):
        self.masks, self.numbered = masks, numbered

    def mask(self, i):
        return self.masks[i]

    def objects(self, i):
        return self.numbered[i]


def discs(*centres, radius=7, size=(40, 60)):
    rows, columns = np.indices(size)
    return [(rows - y) ** 2 + (columns - x) ** 2 <= radius**2 for y, x in centres]


def test_void_and_background_are_no_object():
    mask = np.array([[0, 1, 2, VOID]], np.uint8)
    assert counting.foreground(mask, 0).tolist() == [[0, 2, 3, 0]]
    assert counting.foreground(mask, 1).tolist() == [[1, 0, 3, 0]]


def test_sizes_are_measured_on_training_masks_and_said():
    large, small = discs((10, 12), (28, 40)), discs((10, 40), radius=3)
    mask = np.any([*large, *small], axis=0).astype(np.uint8)
    rules = counting.measure(Masks([mask] * 3), range(3), background=0, apart=False)
    assert [rule.way for rule in rules] == [counting.CONNECTED, counting.WATERSHED]
    area = int(large[0].sum())
    assert rules[0].smallest == pytest.approx(small[0].sum() / 2, abs=1)
    assert rules[0].distance == round(0.7 * np.sqrt(area / np.pi))
    assert f"9 objects of 3 training images have {area} pixels in the median" in rules[0].why
    mine = counting.measure(Masks([mask]), [0], background=0, apart=False, smallest=11, distance=4)[1]
    assert (mine.smallest, mine.distance) == (11, 4)
    assert "as SMALLEST says" in mine.why[1]


def test_one_object_of_one_pixel_is_told_in_words_that_fit():
    mask = np.zeros((8, 8), np.uint8)
    mask[3, 4] = 1
    why = counting.measure(Masks([mask]), [0], background=0, apart=False)[0].why
    assert why[:2] == ("1 object of 1 training image has 1 pixel in the median", "regions of any size are objects")


def test_without_any_object_there_are_still_rules():
    rules = counting.measure(Masks([np.zeros((8, 8), np.uint8)]), [0], background=0, apart=False)
    assert rules[0].why[0] == "1 training image holds no object, so objects are taken to have 100 pixels"
    assert "half of a small object" not in rules[0].why[1]
    assert rules[0](np.zeros((8, 8), int)).max() == 0
    count = counting.Count(0, False, rules[:1])
    count.add(Masks([np.zeros((8, 8), np.uint8)]), 0, np.zeros((8, 8), np.uint8))
    assert count.summary()["object_f1"] is None


def test_the_way_that_finds_more_is_chosen_and_scored_as_objects_says():
    pair = discs((20, 20), (20, 33))  # they touch
    numbered = np.where(pair[0], 1, np.where(pair[1], 2, 0)).astype(np.int32)
    mask = (numbered > 0).astype(np.uint8)
    source = Masks([mask], [numbered])
    rules = [counting.Rule(way, 10, 5) for way in (counting.CONNECTED, counting.WATERSHED)]
    count = counting.Count(0, True, rules)
    np.testing.assert_array_equal(count.add(source, 0, mask), rules[0](mask))
    assert count.best().way == counting.WATERSHED
    wanted = [objects.object_f1([numbered], [rule(mask)]) for rule in rules]
    np.testing.assert_allclose(count.f1(), wanted)
    final = counting.Count(0, True, [count.best()])
    final.add(source, 0, mask)
    found = final.summary()
    assert (found["true"], found["predicted"], found["object_f1"]) == (2, 2, 1.0)
    assert "interval" not in found, "one image shows no spread"
    final.add(source, 0, mask)
    assert final.summary()["interval"] == [1.0, 1.0]


def test_what_nobody_labelled_is_no_false_alarm():
    mask = np.zeros((20, 20), np.uint8)
    mask[:, 10:] = VOID
    predicted = np.zeros((20, 20), np.uint8)
    predicted[5:9, 12:18] = 1
    count = counting.Count(0, False, [counting.Rule(counting.CONNECTED, 1, 2)])
    assert count.add(Masks([mask]), 0, predicted) is None, "the objects that are kept may lie there"
    assert count.summary()["predicted"] == 0


def test_very_large_images_are_not_cut_apart(monkeypatch):
    monkeypatch.setattr(counting, "LARGEST", 100)
    count = counting.Count(0, False, [counting.Rule(counting.CONNECTED, 1, 2)])
    count.add(Masks([np.zeros((20, 20), np.uint8)]), 0, np.zeros((20, 20), np.uint8))
    assert count.skipped == 1
    assert count.summary()["object_f1"] is None
