"""What the workbench of lesson 12 measures, on stand-ins for networks whose reach and answers are known."""

import numpy as np
import pytest
from scipy.ndimage import uniform_filter1d

from segutils.lessons import frontiers_bench as bench
from segutils.scenes import Scenes


class Stub:
    """Two classes: bright pixels, brighter than the weight, are class 1; it looks `radius` pixels to each side."""

    output_shape = (None, None, None, 2)

    def __init__(self, radius=0):
        self.radius, self.limit = radius, 0.0

    def set_weights(self, weights):
        (self.limit,) = weights

    def predict_on_batch(self, images):
        images = np.asarray(images, np.float32)
        for axis in (1, 2):
            images = uniform_filter1d(images, 2 * self.radius + 1, axis=axis, mode="constant")
        return np.concatenate([0 * images, (images - self.limit) / 255], axis=-1)


@pytest.mark.parametrize("radius", [0, 3, 17])
def test_reach_is_the_radius_that_a_network_looks_to(radius):
    assert bench.reach(Stub(radius), middle=48) == radius


def scene(size, seed):
    images = np.random.default_rng(seed).integers(0, 256, (1, size, size, 1), np.uint8)
    masks = (images[..., 0] > 100).astype(np.uint8)
    return Scenes(images, masks, masks)


def tiles_without_margin_are_torn(predict, image, core, margin):
    """A tile by itself where it has no margin; the whole image's answer where it has one."""
    answer = predict(image[None])[0]
    if margin == 0:
        answer = np.concatenate([predict(part[None])[0] for part in np.split(image, image.shape[0] // core)])
    return answer


def test_tiles_are_compared_with_the_whole_for_each_seed():
    large = [scene(64, 0), scene(64, 1)]
    found = bench.compare_tiles(Stub(2), [(100.0,), (150.0,)], large, tiles_without_margin_are_torn, (0, 8), core=32)
    changes, shares, whole, naive = found
    assert changes.shape == shares.shape == (2, 2)
    assert (changes[:, 0] > 0.01).all()
    assert (changes[:, 1] == 0).all()
    assert shares[1, 0] == (whole != naive).mean() > 0
    network = Stub(2)
    network.set_weights((150.0,))
    np.testing.assert_array_equal(whole, network.predict_on_batch(large[1].images)[0].argmax(-1))


def test_shrinking_by_one_loses_nothing_and_by_two_what_is_finer_than_a_block():
    fine, coarse = scene(24, 0), scene(12, 1)
    coarse = Scenes(*(array.repeat(2, 1).repeat(2, 2) for array in coarse))
    reached = bench.compare_shrinking(Stub(), [(100.5,), (100.5,)], [fine, coarse], (1, 2))
    np.testing.assert_array_equal(reached[:, 0], 1)
    assert reached[0, 1] < 0.9
    assert reached[1, 1] == 1


def test_each_network_is_asked_with_its_own_weights():
    images = scene(16, 0).images
    shares = bench.each(Stub(), [(50.0,), (100.0,), (200.0,)], lambda n: n.predict_on_batch(images).argmax(-1).mean())
    assert shares[0] > shares[1] > shares[2]


def test_a_learning_curve_trains_on_that_many_scenes_and_each_seed_on_others():
    learn = Scenes(*(np.concatenate(arrays) for arrays in zip(*(scene(16, k) for k in range(8)), strict=True)))
    seen = []

    def train(network, start, scenes, seed):
        network.set_weights(start)
        seen.append(scenes.images)

    curve = bench.learning_curve(train, [(100.0,), (180.0,)], Stub(), (3, 4), learn, learn, (2, 8))
    assert [len(images) for images in seen] == [2, 8, 2, 8]
    assert (seen[0] != seen[2]).any()
    np.testing.assert_array_equal(seen[0], seen[1][:2])
    assert [*curve] == [2, 8]
    np.testing.assert_array_equal([curve[2][0], curve[8][0]], 1)
    assert max(curve[2][1], curve[8][1]) < 0.9
