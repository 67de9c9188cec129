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
    for kind in ("onnx", "tflite", "saved_model"):
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


@pytest.fixture(scope="module")
def eight_bits(model, tmp_path_factory):
    pytest.importorskip("ai_edge_litert.interpreter", reason="the extra `export` is not installed")
    return export.export(model, tmp_path_factory.mktemp("int8"), "int8", examples=IMAGES)


def test_int8_is_read_by_litert_and_answers_nearly_alike(eight_bits, model, answers):
    """Weights lie there in eight bits, and a few steps of 256 are all that answers differ by, at another size too."""
    from ai_edge_litert.interpreter import Interpreter

    assert eight_bits.name == "model_int8.tflite"
    kernels = [part for part in Interpreter(str(eight_bits)).get_tensor_details() if len(part["shape"]) == 4]
    convolutions = sum(isinstance(part, (keras.layers.Conv2D, keras.layers.Conv2DTranspose)) for part in model.layers)
    assert sum(part["dtype"] == np.int8 for part in kernels) >= convolutions
    look = Interpreter(str(eight_bits)).get_signature_runner()
    for image, wanted in ((IMAGES[0], answers[0]), (IMAGES[1, :32], model.predict_on_batch(IMAGES[1:, :32])[0])):
        found = look(image=image[None])["output_0"][0]
        assert found.dtype == np.float32
        np.testing.assert_allclose(found, wanted, atol=0.05 * np.ptp(answers))
        assert not np.array_equal(found, wanted)


def test_int8_says_nothing_of_an_export_that_goes_well(model, tmp_path, capfd):
    pytest.importorskip("ai_edge_litert.interpreter", reason="the extra `export` is not installed")
    export.export(model, tmp_path, "int8", size=(32, 48), examples=IMAGES[:, :32, :48])
    assert "".join(capfd.readouterr()) == ""


@pytest.mark.parametrize(
    ("examples", "message"),
    [
        ((), "expected examples to choose int8's ranges by, got none"),
        (IMAGES[0], r"shape \(multiple of 16, multiple of 16, 1\), got \(64, 1\)"),
        (IMAGES[:, :40], r"got \(40, 64, 1\); cut or pad them"),
        (IMAGES[:, :0], r"got \(0, 64, 1\)"),
        (np.repeat(IMAGES, 3, -1), r"got \(48, 64, 3\)"),
        (np.where(IMAGES > 200, np.nan, IMAGES), "values from 0 to 255, got nan"),
        (np.where(IMAGES > 200, np.inf, IMAGES), "got .* to inf"),
        (256 * IMAGES, "give them as in training"),
        (-IMAGES, "got -25.* to -0"),
    ],
)
def test_int8_refuses_examples_that_would_spoil_its_ranges(model, tmp_path, monkeypatch, examples, message):
    monkeypatch.setitem(export.options.EXPORTS, "int8", ())
    with pytest.raises(ValueError, match=message):
        export.export(model, tmp_path / "none", "int8", examples=examples)
    assert not list(tmp_path.iterdir())


def test_int8_of_another_size_than_its_examples_is_refused(model, tmp_path, monkeypatch):
    monkeypatch.setitem(export.options.EXPORTS, "int8", ())
    with pytest.raises(ValueError, match=r"shape \(32, 48, 1\), got \(48, 64, 1\)"):
        export.export(model, tmp_path, "int8", size=(32, 48), examples=IMAGES)


def test_what_is_missing_is_said(model, tmp_path, monkeypatch):
    with pytest.raises(ValueError, match="did you mean onnx"):
        export.export(model, tmp_path, "onx")
    found = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "tf2onnx" else found("os"))
    with pytest.raises(ImportError, match=r"needs tf2onnx; install by: pip install 'segutils\[export\]'"):
        export.export(model, tmp_path, "onnx")
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(ValueError, match="int8 needs ai_edge_litert; install by"):
        export.options.check_export("int8")
    assert not list(tmp_path.iterdir())
