"""A model that was saved before the package moved into its house: its file names modules that are gone."""

import shutil

import numpy as np
from support import ROOT

from segutils import losses, training
from segutils.plumbing.fused import FusedAdam

SAVED = ROOT / "tests" / "data" / "saved_before_the_move"


def test_it_loads_with_its_loss_metric_and_optimizer_and_predicts_as_it_did(tmp_path):
    assert b"segutils>MeanIoU" in SAVED.with_suffix(".keras").read_bytes(), "Keras finds classes by these names"
    shutil.copy(SAVED.with_suffix(".keras"), tmp_path / "best.keras")
    model = training.load_best(tmp_path)
    assert isinstance(model.loss, losses.SegmentationLoss)
    assert model.loss.get_config()["function"] == "dice"
    assert isinstance(model.optimizer, FusedAdam)
    assert [type(metric) for metric in model.metrics[1:]] != []
    images = np.random.default_rng(0).integers(0, 256, (4, 16, 16, 1)).astype("uint8")
    np.testing.assert_allclose(
        model.predict(images, verbose=0), np.load(SAVED.with_suffix(".npy")), rtol=1e-4, atol=1e-5
    )
