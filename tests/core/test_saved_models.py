"""A model that was saved before the package moved into its house: its file names modules that are gone."""

import json
import shutil
import subprocess
import sys
import zipfile
from importlib.metadata import version

import numpy as np
import pytest
from packaging.version import Version
from support import ROOT

SAVED = ROOT / "tests" / "data" / "saved_before_the_move"

# A process of its own, so that only what `load_best` imports makes the classes known to Keras
LOAD = """
import json, sys
from segutils import training
import numpy as np

folder = sys.argv[1]
model = training.load_best(folder)
file = np.load(f"{folder}/input.npz")
scores = model.evaluate(file["images"], file["masks"], verbose=0, return_dict=True)
metrics = [metric for compiled in model.metrics[1:] for metric in compiled.metrics]
things = model.loss, model.optimizer, *metrics, *model.layers
found = {
    "classes": sorted({f"{type(thing).__module__}.{type(thing).__name__}" for thing in things}),
    "loss": model.loss.get_config(),
    "metrics": [metric.get_config() for metric in metrics],
    "mean_iou": float(scores["mean_iou"]),
}
np.save(f"{folder}/predicted.npy", model.predict(file["images"], verbose=0))
print(json.dumps(found))
"""


@pytest.fixture(scope="module")
def images():
    return np.random.default_rng(0).integers(0, 256, (4, 16, 16, 1)).astype("uint8")


@pytest.fixture(scope="module")
def masks():
    masks = np.random.default_rng(1).integers(0, 3, (4, 16, 16)).astype(np.uint8)
    masks[:, :5] = 255
    return masks


@pytest.fixture(scope="module")
def loaded(tmp_path_factory, images, masks):
    """What a fresh process finds in the saved model, and what the model predicts there."""
    with zipfile.ZipFile(SAVED.with_suffix(".keras")) as saved:
        made_by = json.loads(saved.read("metadata.json"))["keras_version"]
    if Version(version("keras")) < Version(made_by):
        pytest.skip(f"saved by Keras {made_by}; an older Keras cannot read it")
    folder = tmp_path_factory.mktemp("run")
    shutil.copy(SAVED.with_suffix(".keras"), folder / "best.keras")
    np.savez(folder / "input.npz", images=images, masks=masks)
    child = subprocess.run([sys.executable, "-c", LOAD, folder], cwd=ROOT, capture_output=True, text=True)
    assert child.returncode == 0, child.stderr
    return json.loads(child.stdout.splitlines()[-1]), np.load(folder / "predicted.npy")


def test_the_file_names_the_modules_of_before_the_move():
    with zipfile.ZipFile(SAVED.with_suffix(".keras")) as archive:
        config = archive.read("config.json").decode()
    for module, name in (("training", "FusedAdam"), ("metrics", "MeanIoU"), ("models", "FusedBatchNormalization")):
        assert f'"module": "segutils.{module}", "class_name": "{name}"' in config
        assert f'"registered_name": "segutils>{name}"' in config


def test_it_keeps_the_classes_of_its_loss_metric_optimizer_and_layers(loaded):
    found, _ = loaded
    assert set(found["classes"]) >= {
        "segutils.losses.SegmentationLoss",
        "segutils.training.MeanIoU",
        "segutils.plumbing.fused.FusedAdam",
        "segutils.plumbing.fused.FusedBatchNormalization",
    }
    assert found["loss"]["function"] == "dice"
    assert found["loss"]["ignore_class"] == 255
    (metric,) = found["metrics"]
    assert (metric["classes"], metric["ignore_class"]) == (3, 255)


def test_it_predicts_as_it_did(loaded):
    np.testing.assert_allclose(loaded[1], np.load(SAVED.with_suffix(".npy")), rtol=1e-4, atol=1e-5)


def test_its_metric_is_the_mean_iou_of_a_count_by_hand(loaded, masks):
    found, scores = loaded
    assert (masks == 255).any()
    predicted, ious = scores.argmax(-1), []
    for label in range(3):
        true, said = masks == label, (predicted == label) & (masks != 255)
        ious.append((true & said).sum() / (true | said).sum())
    assert found["mean_iou"] == pytest.approx(np.mean(ious), rel=1e-6)
