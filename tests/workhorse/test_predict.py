"""Classes and confidence of images of any size, against the probabilities of the whole image."""

import numpy as np
import pytest
from scipy.special import softmax

from segutils.workhorse.judge import FULL
from segutils.workhorse.predict import SAMPLE, Predictor, Prepared
from segutils.workhorse.recipe import prepare


class PixelByPixel:
    """A model whose logits depend on a pixel alone."""

    def predict_on_batch(self, images):
        grey = images.astype(np.float32).mean(-1)
        return np.stack([0 * grey, (grey - 100) / 30, (grey - 180) / 9], axis=-1)


@pytest.mark.parametrize("shape", [(20, 37, 1), (150, 210, 3)])
def test_class_and_confidence_are_those_of_the_softmax(rng, shape):
    image = rng.integers(0, 256, shape).astype(np.uint8)
    predictor = Predictor(PixelByPixel(), tile=64, margin=8)
    found = predictor(image)
    wanted = softmax(PixelByPixel().predict_on_batch(image[None])[0], axis=-1)
    assert found.dtype == np.uint16
    np.testing.assert_array_equal(found[..., 0], wanted.argmax(-1))
    np.testing.assert_allclose(found[..., 1] / FULL, wanted.max(-1), atol=1e-4)
    np.testing.assert_allclose(predictor.probabilities(image) / FULL, wanted, atol=1e-4)


class LeftOfIt:
    """Logits of two classes, and a depth, that depend on the pixel to the left: each turn sees another neighbour."""

    def predict_on_batch(self, images):
        grey = np.roll(images.astype(np.float32).mean(-1), 1, axis=2)
        return np.stack([0 * grey, (grey - 120) / 20, (grey - 90) / 30], axis=-1)


def test_with_turns_the_mean_of_four_looks_counts(rng):
    image = rng.integers(0, 256, (32, 48, 1)).astype(np.uint8)
    grey = image[..., 0].astype(float)
    neighbours = [np.roll(grey, step, axis) for axis in (0, 1) for step in (1, -1)]
    wanted, depth = (
        np.mean([1 / (1 + np.exp((middle - near) / width)) for near in neighbours], axis=0)
        for middle, width in ((120, 20), (90, 30))
    )
    predictor = Predictor(LeftOfIt(), turns=True, depth=True)
    np.testing.assert_allclose(predictor.probabilities(image)[..., 1] / FULL, wanted, atol=1e-4)
    np.testing.assert_allclose(predictor(image)[..., 2] / FULL, depth, atol=1e-4)
    once = Predictor(LeftOfIt(), depth=True).probabilities(image)[..., 1] / FULL
    assert abs(once - wanted).max() > 0.1


def test_large_scores_do_not_overflow():
    class Sure:
        def predict_on_batch(self, images):
            return np.stack([np.full(images.shape[:3], v, np.float32) for v in (-800, 900)], axis=-1)

    found = Predictor(Sure())(np.zeros((16, 16, 1), np.uint8))
    assert (found == [1, FULL]).all()


@pytest.mark.parametrize("contrast", ["keep", "stretch", "root"])
def test_windows_of_a_large_image_are_prepared_as_the_whole(rng, contrast):
    image = rng.integers(10, 90, (60, 80, 3)).astype(np.uint8)
    large = Prepared(image, contrast)
    np.testing.assert_array_equal(large[5:40, 10:33], prepare(image, contrast)[5:40, 10:33])
    assert large.shape == image.shape


def test_the_contrast_of_a_very_large_image_is_measured_on_a_sample(rng):
    image = np.tile(rng.integers(10, 90, (50, 70, 1)).astype(np.uint8), (2 * SAMPLE // 50 + 1, 2 * SAMPLE // 70 + 1, 1))
    near = Prepared(image, "stretch")[:50].astype(int) - prepare(image, "stretch")[:50]
    assert abs(near).max() <= 4
