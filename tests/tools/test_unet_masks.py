"""The stored answers of the U-Net that notebook 1 shows belong to the scenes that it makes."""

import json

import numpy as np
import pytest
from PIL import Image
from sklearn.metrics import jaccard_score

from segutils import scenes
from segutils.digits import load_digits
from segutils.plumbing.storage import DATA


def test_stored_masks_reach_the_stated_mean_iou_on_freshly_made_scenes():
    facts = json.loads((DATA / "unet_masks.json").read_text(encoding="utf-8"))
    mosaic = np.asarray(Image.open(DATA / "unet_masks.png"))
    assert mosaic.shape == (256, 256)
    assert set(np.unique(mosaic)) <= set(range(11))
    masks = [mosaic[64 * (i // 4) :, 64 * (i % 4) :][:64, :64] for i in range(16)]
    _, _, test = scenes.make_splits(load_digits("bundled"), train=0, validation=0, test=16, seed=facts["seed"])
    per_class = jaccard_score(test.semantic.ravel(), np.ravel(masks), labels=range(11), average=None)
    assert per_class.mean() == pytest.approx(facts["mean_iou_of_these"], abs=1e-9)
    assert facts["mean_iou_of_these"] > 0.9
