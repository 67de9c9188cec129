"""What eight bits cost is counted right: by hand, with a program whose answers are written down."""

import numpy as np
import pytest
from memory_source import Memory

from segutils.dataset.classes import Classes
from segutils.metrics import VOID
from segutils.workhorse import apply, eight_bits

SETTINGS = apply.Settings(Classes("indices", (0, 1)), ["rest", "ink"], 0, 1, "keep", 64, 0, 16)
TRUTH = np.array([[0, 0, 0, 0, 1, 1], [0, 0, 1, 1, 1, VOID]], np.uint8)


class Says:
    """Answers with class 1 where a pixel is at least `from_`."""

    def __init__(self, from_):
        self.from_ = from_

    def predict_on_batch(self, batch):
        ink = np.asarray(batch, np.float32)[..., :1] >= self.from_
        return np.concatenate([np.where(ink, 0, 5), np.where(ink, 5, 0)], axis=-1).astype(np.float32)


class Paired(Memory):
    def pair(self, i):
        return self.image(i), self.mask(i)


def test_what_it_costs_by_hand(monkeypatch):
    """Of 11 labelled pixels the model in eight bits loses one that was right; the void one does not count."""
    image = np.array([[0, 0, 0, 0, 200, 100], [0, 0, 200, 200, 200, 100]], np.uint8)[..., None]
    monkeypatch.setattr(eight_bits, "Lite", lambda path, depth: Says(150))
    found = eight_bits.compare(Paired([image], [TRUTH]), [0], SETTINGS, Says(50), "none.tflite")
    assert found[:3] == (1, 1, pytest.approx(10 / 11))
    assert found.mean_iou == 1
    assert found.eight_bits == pytest.approx((6 / 7 + 4 / 5) / 2)  # 7 pixels called rest, 6 rightly; 4 of 5 of the ink
    assert found.why == (
        "In eight bits the model gives 90.91% of the pixels of 1 test image the class that they get in Keras; "
        "mean IoU there is 0.829 instead of 1.000."
    )


def test_of_many_images_some_are_looked_at_and_the_sentence_says_so(monkeypatch):
    image = np.zeros((2, 6, 1), np.uint8)
    monkeypatch.setattr(eight_bits, "Lite", lambda path, depth: Says(150))
    some = Paired([image] * 120, [TRUTH] * 120)
    found = eight_bits.compare(some, range(120), SETTINGS, Says(50), "none.tflite")
    assert some.read == found.images == 50
    assert (found.of, found.same) == (120, 1)
    assert "50 of 120 test images" in found.why
    with pytest.raises(ValueError, match="at least one test image"):
        eight_bits.compare(some, [], SETTINGS, Says(50), "none.tflite")


def test_examples_are_whole_crops_of_training_images():
    images = [np.full((40, 56, 1), 10 * i, np.uint8) for i in range(8)]
    some = Paired(images, [np.zeros((40, 56), np.uint8)] * 8)
    crops = eight_bits.example_images(some, [1, 3, 5], 32)
    assert crops.shape == (3 * 4, 32, 32, 1)  # two rows and two columns of each
    assert np.unique(crops).tolist() == [10, 30, 50]
    assert eight_bits.example_images(some, [2], 64).shape == (1, 64, 64, 1)  # smaller than a crop: black beyond
    many = Paired([np.zeros((40, 56, 1), np.uint8)] * 200, [np.zeros((40, 56), np.uint8)] * 200)
    assert len(eight_bits.example_images(many, range(200), 64)) == 64 == many.read
