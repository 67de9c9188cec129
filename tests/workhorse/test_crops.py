"""Crops against a count by hand: what is void, where rare classes land, and that (seed, step) alone decides."""

import numpy as np
import pytest

from segutils.metrics import VOID
from segutils.workhorse import crops


def test_a_batch_depends_on_seed_and_step_alone(source, small):
    one, two = (crops.Crops(source, [0, 1, 2], small, seed=5) for _ in range(2))
    later = [tuple(map(np.asarray, pair)) for pair in one.dataset(1, 3)]
    whole = [tuple(map(np.asarray, pair)) for pair in two.dataset(0, 3)]
    assert (len(later), len(whole)) == (4, 6)
    for pair, same in zip(later, whole[2:], strict=True):
        assert all(np.array_equal(a, b) for a, b in zip(pair, same, strict=True))
    assert not np.array_equal(one.draw(0)[0], one.draw(1)[0])
    other = crops.Crops(source, [0, 1, 2], small, seed=6)
    assert not np.array_equal(other.images, one.images)


def test_image_and_mask_are_cut_at_one_place(source, small):
    images, masks = crops.Crops(source, range(8), small).draw(3)
    assert images.shape == (4, 32, 32, 1)
    assert masks.shape == (4, 32, 32)
    labelled = masks != VOID
    bright = images[..., 0] >= 120
    assert np.array_equal(bright[labelled], masks[labelled] > 0), "squares are bright and nothing else"


def test_only_asked_images_are_drawn(source, small):
    for i, image in enumerate(source.images):
        image[:] = 10 * i
    images, _ = crops.Crops(source, [2, 5], small).draw(0)
    assert set(np.unique(images)) <= {20, 50}


def test_quarter_turns_take_image_and_mask_along(source, small):
    mask = np.zeros((32, 32), np.uint8)
    mask[0, 5] = 1
    source.masks[0], source.images[0] = mask, (100 * mask)[..., None]
    images, masks = crops.Crops(source, [0], small._replace(turns=True, rare_share=0.0, batch_size=40)).draw(0)
    assert np.array_equal(images[..., 0], 100 * masks)
    where = {tuple(int(k) for k in np.argwhere(one)[0]) for one in masks}
    assert where == {(0, 5), (26, 0), (31, 26), (5, 31)}


def test_beyond_a_small_image_is_black_and_void(source, small):
    images, masks = crops.Crops(source, [0], small._replace(crop=64, rare_share=0.0)).draw(0)
    assert (masks[:, 40:] == VOID).all()
    assert (masks[:, :, 56:] == VOID).all()
    assert not images[:, 40:].any()
    assert np.array_equal(masks[0, :40, :56], source.masks[0])


def test_rare_classes_reach_the_crops(source, small):
    def shares(rare_share):
        drawn = crops.Crops(source, range(8), small._replace(rare_share=rare_share, crop=16, batch_size=200)).draw(0)[1]
        return [(drawn == c).any((1, 2)).mean() for c in (1, 2)]

    anywhere, half, all_of_them = shares(0.0), shares(0.5), shares(1.0)
    assert anywhere[1] < 0.15
    assert half[1] > 2.5 * anywhere[1]
    assert all_of_them[1] > 0.6, "two pixels of the dot's class weigh more than the many others"


def test_a_class_is_drawn_anywhere_in_its_crop(source, small):
    recipe = small._replace(rare_share=1.0, crop=16, batch_size=300)
    drawn = crops.Crops(source, [0], recipe).draw(0)[1]
    rows = [np.nonzero(mask == 2)[0].min() for mask in drawn if (mask == 2).any()]
    assert max(rows) - min(rows) > 8, "not always in the middle"


def test_very_large_masks_are_searched_by_windows(monkeypatch):
    mask = np.zeros((100, 120), np.uint8)
    mask[90, 100] = 3
    rng = np.random.default_rng(0)
    monkeypatch.setattr(crops, "SEARCHED", 64**2)
    found = {crops._place_of(mask, 3, rng) for _ in range(60)}
    assert found == {None, (90, 100)}


def test_validation_crops_are_few_however_many_images(source, small):
    images, masks = crops.validation_crops(source, [6, 7], small)
    assert images.shape == (8, 32, 32, 1)
    assert {tuple(np.unique(mask[mask != VOID])) for mask in masks} <= {(0,), (0, 1), (1,), (0, 1, 2), (0, 2), (1, 2)}
    thinned, _ = crops.validation_crops(source, [6, 7], small, pixels=3 * 32 * 32)
    assert len(thinned) == 3
    assert np.array_equal(thinned[0], images[0])
    assert np.array_equal(thinned[-1], images[-1])


def test_images_are_read_as_needed(source, small):
    crops.Crops(source, range(8), small)
    assert source.read == 0


def test_what_is_missing_is_said(source, small):
    with pytest.raises(ValueError, match="at least one training image, got none"):
        crops.Crops(source, [], small)
    with pytest.raises(ValueError, match="at least one validation image, got none"):
        crops.validation_crops(source, [], small)
    source.masks[7][:] = VOID
    with pytest.raises(ValueError, match="void alone"):
        crops.validation_crops(source, [7], small)
    with pytest.raises(ValueError, match="0 <= first_epoch < epochs"):
        crops.Crops(source, [0], small).dataset(2, 2)
