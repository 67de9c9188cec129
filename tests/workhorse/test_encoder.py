"""Pretrained encoders: weights that the test itself puts into Keras's cache, found, frozen, released, refused."""

from types import SimpleNamespace

import h5py
import keras
import numpy as np
import pytest
from keras.src.legacy.saving import legacy_h5_format
from memory_source import SMALL, squares

from segutils import course, training
from segutils.workhorse import encoder, export, train

SMALLEST = "MobileNetV3Small"
FILE = "weights_mobilenet_v3_small_224_1.0_float_no_top_v2.h5"
PARTS = SimpleNamespace(train=np.arange(6), validation=np.arange(6, 8))


@pytest.fixture(scope="module")
def network():
    """The encoder with weights that no one else has."""
    keras.utils.set_random_seed(11)
    return keras.applications.MobileNetV3Small(include_top=False, weights=None, input_shape=(None, None, 3))


@pytest.fixture(scope="module")
def home(tmp_path_factory, network):
    """A folder as Keras's home, whose cache holds these weights."""
    folder = tmp_path_factory.mktemp("home")
    (folder / "models").mkdir()
    with h5py.File(folder / "models" / FILE, "w") as file:  # the format that Keras's own files have
        legacy_h5_format.save_weights_to_hdf5_group(file, network)
    return folder


@pytest.fixture
def cached(home, monkeypatch):
    monkeypatch.setenv("KERAS_HOME", str(home))
    return home


def first_kernel(model):
    """The first convolution of the encoder: (3, 3, 3, 16)."""
    return np.asarray(model.get_layer(SMALLEST).weights[0])


def test_the_weights_come_from_the_cache_and_are_frozen_then_released(cached, network):
    model = encoder.unet(SMALLEST, 3)
    assert np.array_equal(first_kernel(model), np.asarray(network.weights[0]))
    part = model.get_layer(SMALLEST)
    assert not part.trainable_variables
    encoder.release(model)
    averaged = [layer for layer in part.layers if isinstance(layer, keras.layers.BatchNormalization)]
    kernels = [layer for layer in part.layers if isinstance(layer, keras.layers.Conv2D)]
    assert averaged
    assert kernels
    assert not any(layer.trainable_variables for layer in averaged)
    assert all(layer.trainable_variables for layer in kernels)


def test_any_number_of_channels_goes_in():
    model = encoder.unet(SMALLEST, 4, channels=5, weights=None)
    assert model(np.zeros((2, 32, 48, 5), np.float32)).shape == (2, 32, 48, 4)
    with pytest.raises(ValueError, match="multiples of 16"):
        model(np.zeros((1, 40, 48, 5), np.float32))


def test_the_maps_are_halved_level_by_level():
    shapes = encoder.way_down(SMALLEST, None).compute_output_shape((1, 64, 96, 3))
    assert [shape[1:3] for shape in shapes] == [(32, 48), (16, 24), (8, 12), (4, 6)]


def test_the_best_look_is_kept_though_the_encoder_was_frozen_then(cached, tmp_path, monkeypatch):
    """The report says of all looks which one was kept: the best, and the earliest of equals."""
    fit, kept = train._fit, {}

    def worse_later(*arguments, folder, **options):
        history = fit(*arguments, folder=folder, **options)
        if folder.name == train.FROZEN:
            kept["frozen"] = training.load_best(folder).get_weights()
            return history
        return [{**row, "val_mean_iou": -1.0} for row in history]

    monkeypatch.setattr(train, "_fit", worse_later)
    recipe = SMALL._replace(epochs=1, epoch_crops=4, augment={})
    model, history = train.train(squares(8), PARTS, recipe, tmp_path, classes=3, encoder=SMALLEST, progress=False)
    assert [row["epoch"] for row in history] == [1, 2]
    assert all(map(np.array_equal, model.get_weights(), kept["frozen"]))


def test_the_whole_path(cached, network, tmp_path, capsys, monkeypatch):
    """Trained in two parts, saved, loaded, exported to plain Keras; what was learned frozen is kept when released."""
    course.set_seed(0)
    recipe = SMALL._replace(epochs=2, epoch_crops=4, augment={})
    frozen = {}
    keep = encoder.release

    def watch(model):
        frozen["kernel"] = first_kernel(model)
        return keep(model)

    def worse(*arguments, first=train._with_frozen_encoder):
        return [{**row, "val_mean_iou": -1.0} for row in first(*arguments)]

    monkeypatch.setattr(encoder, "release", watch)
    monkeypatch.setattr(train, "_with_frozen_encoder", worse)  # so that what was released is kept
    model, history = train.train(squares(8), PARTS, recipe, tmp_path, classes=3, encoder=SMALLEST)
    assert np.array_equal(frozen["kernel"], np.asarray(network.weights[0]))
    assert not np.array_equal(frozen["kernel"], first_kernel(model))
    assert [row["epoch"] for row in history] == [1, 2, 3]
    assert [row["loss"] for row in train.read_history(tmp_path)] == pytest.approx([row["loss"] for row in history])
    assert capsys.readouterr().out.count("look") == 3
    assert not (tmp_path / train.FROZEN).exists()
    image = squares(1).image(0)[None, :32, :48].astype(np.float32)
    answer = training.load_best(tmp_path).predict_on_batch(image)
    plain = keras.saving.load_model(export.save_plain(model, tmp_path / "model.keras"))
    np.testing.assert_allclose(plain.predict_on_batch(image), answer, atol=1e-5)
    again = encoder.unet(SMALLEST, 3, weights=None, channels=1, width=recipe.width)
    assert "all weights" in train.start_from(again, tmp_path, ["0", "1", "2"])


def test_no_network_is_one_sentence(tmp_path, monkeypatch):
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    monkeypatch.setitem(encoder.ENCODERS, SMALLEST, (f"http://127.0.0.1:9/{FILE}", "0" * 32))
    with pytest.raises(
        OSError, match="no way to it from here.*; put .*float_no_top_v2.h5 into .*, or leave ENCODER empty"
    ):
        encoder.unet(SMALLEST, 3)
    assert not list((tmp_path / "models").glob("*"))


def test_what_came_must_be_what_was_named(tmp_path, monkeypatch):
    import pooch

    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    monkeypatch.setattr(pooch.core, "stream_download", lambda *a, **k: (_ for _ in ()).throw(ValueError("MD5")))
    with pytest.raises(OSError, match="not what Keras names"):
        encoder.find_weights(SMALLEST)


def test_weights_of_another_network_are_refused(cached, monkeypatch):
    monkeypatch.setitem(encoder.ENCODERS, "MobileNetV3Large", (f"http://127.0.0.1:9/{FILE}", ""))
    with pytest.raises(ValueError, match="expected weights of MobileNetV3Large"):
        encoder.unet("MobileNetV3Large", 3)
    with pytest.raises(ValueError, match="did you mean MobileNetV3Small"):
        encoder.unet("MobileNetV3small", 3)


@pytest.mark.parametrize("name", list(encoder.ENCODERS))
def test_the_addresses_are_those_of_keras(name):
    """Keras's own table, of which only the sums of files without classifier count."""
    from keras.src.applications import efficientnet_v2, mobilenet_v3

    tables = [*mobilenet_v3.WEIGHTS_HASHES.values(), *efficientnet_v2.WEIGHTS_HASHES.values()]
    url, md5 = encoder.ENCODERS[name]
    assert md5 in {sums[1] for sums in tables}
    assert url.startswith((mobilenet_v3.BASE_WEIGHT_PATH, efficientnet_v2.BASE_WEIGHTS_PATH))
