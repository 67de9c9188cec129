"""Exported models answer as the model does, read by other programs; plain Keras loads one without this course."""

import importlib.util
import logging
import os
import subprocess
import sys

import keras
import numpy as np
import pytest
from support import ROOT

from segutils import models
from segutils.workhorse import export

IMAGES = np.random.default_rng(3).uniform(0, 255, (2, 48, 64, 1)).astype(np.float32)
LOADS = """
import sys, numpy as np, keras
sys.modules["segutils"] = None  # an import of it fails, though it may be installed here
model = keras.models.load_model(sys.argv[1])
np.save(sys.argv[3], model.predict(np.load(sys.argv[2]), verbose=0))
"""


@pytest.fixture(scope="module")
def model():
    """A U-Net whose moving averages are not those of a fresh one."""
    keras.utils.set_random_seed(5)
    network, rng = models.unet(3, width=4), np.random.default_rng(5)
    for layer in network.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.set_weights([weight + rng.uniform(0.1, 0.5, weight.shape) for weight in layer.get_weights()])
    network.compile("adam", "mse")
    return network


@pytest.fixture(scope="module")
def answers(model):
    return model.predict_on_batch(IMAGES)


def same(given, answers):
    np.testing.assert_allclose(np.asarray(given), answers, atol=1e-4 * np.abs(answers).max())


def test_plain_keras_has_the_same_answers(model, answers):
    copy = export.plain(model)
    same(copy.predict_on_batch(IMAGES), answers)
    assert {type(layer).__module__.partition(".")[0] for layer in copy.layers} == {"keras"}
    assert not copy.compiled


def test_plain_keras_loads_it_without_this_course(model, answers, tmp_path):
    path = export.save_plain(model, tmp_path / "model.keras")
    np.save(tmp_path / "images.npy", IMAGES)
    (tmp_path / "load.py").write_text(LOADS, encoding="utf-8")
    command = [sys.executable, "-I", "load.py", path, "images.npy", "answers.npy"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, env={**os.environ, "PYTHONPATH": ""})
    assert done.returncode == 0, done.stderr[-2000:]
    same(np.load(tmp_path / "answers.npy"), answers)


def test_saved_model(model, answers, tmp_path):
    import tensorflow as tf

    for _ in range(2):  # the second takes the place of the first
        path = export.export(model, tmp_path, "saved_model")
    loaded = tf.saved_model.load(path)
    same(loaded.serve(IMAGES), answers)
    assert [entry.name for entry in tmp_path.iterdir()] == ["saved_model"]


def test_onnx_and_tflite_by_the_lines_of_the_readme(model, tmp_path, monkeypatch):
    """README's lines give the same answers by Keras, ONNX Runtime, TensorFlow and LiteRT, for images of two sizes."""
    for name in ("onnxruntime", "tf2onnx", "ai_edge_litert.interpreter"):
        pytest.importorskip(name, reason="the extra `export` is not installed")
    export.save_plain(model, tmp_path / "model.keras")
    for kind in export.KINDS:
        assert export.export(model, tmp_path, kind) == tmp_path / export.KINDS[kind]
    lines = (ROOT / "README.md").read_text(encoding="utf-8").partition("## A trained model elsewhere")[2]
    lines = lines.partition("```python\n")[2].partition("```")[0]
    monkeypatch.chdir(tmp_path)
    for image in (IMAGES[0], IMAGES[1, :32, :48]):
        np.save("image.npy", image)
        said = {}
        exec(lines, said)
        answer = model.predict_on_batch(image[None])
        for way in ("by_keras", "by_onnx", "by_tensorflow", "by_tflite"):
            same(said[way], answer)
        assert np.array_equal(said["mask"], answer[0].argmax(-1))


def test_an_export_to_tflite_says_nothing_but_what_is_not_known(model, tmp_path, capfd, caplog, monkeypatch):
    """The converter's own lines are held back; a line that is not known, from its process or its logger, is printed."""
    work = export._tflite

    def with_a_warning(*arguments):
        work(*arguments)
        os.write(2, b"W0000 00:00:17 12 loader.cc:9] disk nearly full\n")
        logging.getLogger("tensorflow").warning("mind this")

    monkeypatch.setattr(export, "_tflite", with_a_warning)
    export.export(model, tmp_path, "tflite", size=(48, 64))
    said = "".join(capfd.readouterr()).splitlines()
    assert [line for line in said if "mind this" not in line] == ["W0000 00:00:17 12 loader.cc:9] disk nearly full"]
    assert [line.getMessage() for line in caplog.records if line.name == "tensorflow"] == ["mind this"]


def test_tflite_of_one_size(model, tmp_path):
    runtime = pytest.importorskip("ai_edge_litert.interpreter", reason="the extra `export` is not installed")
    interpreter = runtime.Interpreter(str(export.export(model, tmp_path, "tflite", size=(48, 64))))
    assert interpreter.get_input_details()[0]["shape"].tolist() == [1, 48, 64, 1]


def test_what_is_missing_is_said(model, tmp_path, monkeypatch):
    with pytest.raises(ValueError, match="did you mean onnx"):
        export.export(model, tmp_path, "onx")
    found = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "tf2onnx" else found("os"))
    with pytest.raises(ImportError, match=r"needs tf2onnx; install by: pip install 'segutils\[export\]'"):
        export.export(model, tmp_path, "onnx")
    assert not list(tmp_path.iterdir())
