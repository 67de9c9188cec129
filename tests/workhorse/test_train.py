"""One training of a few steps: it learns, goes on to the bit, stops early, and begins with an earlier model."""

import json
from types import SimpleNamespace

import keras
import numpy as np
import pytest
from memory_source import SMALL, squares

from segutils import course, models, training
from segutils.workhorse import train

NAMES = ["ground", "square", "dot"]
PARTS = SimpleNamespace(train=np.arange(6), validation=np.arange(6, 8))


def run(folder, recipe=SMALL, classes=NAMES, **options):
    course.set_seed(3, deterministic=True)
    return train.train(squares(8), PARTS, recipe, folder, classes=classes, **{"progress": False, **options})


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A finished run: its folder, best model and history."""
    folder = tmp_path_factory.mktemp("run")
    model, history = run(folder)
    return SimpleNamespace(folder=folder, model=model, history=history)


def test_it_learns_and_tells_what_it_was(finished):
    assert [row["epoch"] for row in finished.history] == [1, 2, 3, 4]
    assert finished.history[-1]["loss"] < finished.history[0]["loss"]
    assert finished.model.output_shape == (None, None, None, 3)
    assert type(finished.model.optimizer) is training.ConvolutionMuon
    about = json.loads((finished.folder / "training.json").read_text(encoding="utf-8"))
    assert about["classes"] == NAMES
    assert about["recipe"]["crop"] == 32
    assert train.read_history(finished.folder)[2] == pytest.approx(finished.history[2])


def test_a_stopped_run_goes_on_to_the_bit(finished, tmp_path, monkeypatch):
    class Stopped(Exception):
        pass

    def stop(self, epoch, logs=None):
        if epoch == 1:
            raise Stopped

    monkeypatch.setattr(train.TimeLeft, "on_epoch_end", stop)
    with pytest.raises(Stopped):
        run(tmp_path, progress=True)
    monkeypatch.undo()
    model, history = run(tmp_path)
    assert history == finished.history
    for one, other in zip(model.get_weights(), finished.model.get_weights(), strict=True):
        assert np.array_equal(one, other)


def test_a_stopped_run_whose_images_have_changed_says_how_to_begin_anew(tmp_path, monkeypatch):
    """Who sees wrong images stops the run, mends them and gives the same command again."""

    def stop(self, epoch, logs=None):
        raise SystemExit

    monkeypatch.setattr(train.TimeLeft, "on_epoch_end", stop)
    with pytest.raises(SystemExit):
        run(tmp_path, progress=True)
    monkeypatch.undo()
    mended = squares(8)
    mended.images = [255 - image for image in mended.images]
    options = {"classes": NAMES, "progress": False}
    with pytest.raises(ValueError, match="holds a run with another training data") as caught:
        train.train(mended, PARTS, SMALL, tmp_path, **options)
    assert f"delete resume-0.npz and resume-1.npz of {tmp_path} to start anew" in str(caught.value)
    for path in tmp_path.glob("resume-*.npz"):
        path.unlink()
    _, history = train.train(mended, PARTS, SMALL._replace(epochs=1), tmp_path, **options)
    assert [row["epoch"] for row in history] == [1]


def test_patience_ends_a_run_that_gets_no_better(tmp_path):
    _, history = run(tmp_path, SMALL._replace(learning_rate=1e-12, epochs=30), patience=2)
    scores = [row["val_mean_iou"] for row in history]
    assert len(scores) - 1 - scores.index(max(scores)) == 2
    assert not list(tmp_path.glob("resume-*")), "it counts as finished"


def test_the_time_left_is_printed(tmp_path, capsys):
    run(tmp_path, SMALL._replace(epochs=2), progress=True)
    lines = capsys.readouterr().out.splitlines()
    assert [line[:10] for line in lines] == ["look   1/2", "look   2/2"]
    assert lines[0].endswith(" left")
    assert "left" not in lines[1]


def fresh(classes=3, **options):
    keras.utils.set_random_seed(99)
    return models.unet(classes, width=4, **options)


def alike(one, other):
    """Names of the layers of `one` that have the weights of `other`."""
    return {
        a.name
        for a, b in zip(one.layers, other.layers, strict=True)
        if a.weights and all(x.shape == y.shape and np.array_equal(x, y) for x, y in zip(a.weights, b.weights))  # noqa: B905
    }


def trained(model):
    return {layer.name for layer in model.layers if layer.weights}


def test_the_same_classes_go_on_with_all_weights(finished):
    model = fresh()
    said = train.start_from(model, finished.folder, NAMES)
    assert "all weights" in said
    assert alike(model, finished.model) == trained(model)


def test_other_classes_keep_the_body(finished):
    for names in (["ground", "cell", "dot"], ["ground", "cell"]):
        model = fresh(len(names))
        said = train.start_from(model, finished.folder, names)
        heads = {layer.name for layer in model.layers if layer.weights and layer.output.shape[-1] == len(names)}
        assert len(heads) == 3
        assert trained(model) - alike(model, finished.model) == heads
        assert f"{len(trained(model)) - 3} of {len(trained(model))} layers" in said


def test_a_model_without_names_is_trusted_by_its_number_of_classes(finished, tmp_path):
    finished.model.save(tmp_path / "mine.keras")
    model = fresh()
    assert "all weights" in train.start_from(model, tmp_path / "mine.keras", ["a", "b", "c"])


def test_a_start_that_does_not_fit_is_refused_and_told_how_it_was_built(finished, tmp_path):
    with pytest.raises(ValueError, match=r"run folder with best\.keras"):
        train.start_from(fresh(), tmp_path, NAMES)
    with pytest.raises(ValueError, match="use no ENCODER and WIDTH 4, as it did"):
        train.start_from(models.unet(3, width=8), finished.folder, NAMES)
    finished.model.save(tmp_path / "mine.keras")
    with pytest.raises(ValueError, match="use its ENCODER and WIDTH"):
        train.start_from(models.unet(3, width=8), tmp_path / "mine.keras", NAMES)


def test_a_start_of_other_channels_does_not_claim_all_weights(finished):
    assert finished.model.input_shape[-1] == 1
    model = fresh(channels=3)
    before = {layer.name: layer.get_weights() for layer in model.layers}
    said = train.start_from(model, finished.folder, NAMES)
    new = [layer for layer in model.layers if layer.weights and np.array_equal(layer.weights[0], before[layer.name][0])]
    new = [layer for layer in new if len(layer.weights[0].shape) == 4]  # normalisations begin alike
    assert len(new) > 0
    assert "all weights" not in said
    assert f"begins with {len(trained(model)) - len(new)} of {len(trained(model))} layers" in said
    assert "the rest is learned anew" in said


def test_a_started_run_is_ahead(finished, tmp_path):
    model, history = run(tmp_path, SMALL._replace(epochs=1), start=str(finished.folder))
    assert history[0]["loss"] < finished.history[0]["loss"]
    assert type(model.optimizer) is training.FusedAdam


def test_times_are_said_as_people_do():
    assert [train.spell_seconds(s) for s in (0.1, 89.5, 91, 3599, 3661)] == [
        "1 s",
        "90 s",
        "2 min",
        "1 h 0 min",
        "1 h 2 min",
    ]


def test_large_crops_are_validated_a_few_at_a_time(monkeypatch, tmp_path):
    seen = []
    monkeypatch.setattr(keras.Model, "fit", lambda self, *a, **options: seen.append(options["validation_batch_size"]))
    model = fresh()
    model.compile("adam", "mse")
    for side in (64, 256):
        arrays = np.zeros((2, side, side, 1)), np.zeros((2, side, side), np.uint8)
        from segutils.transforms import Batches

        training.fit(model, Batches(*arrays, 2), arrays, epochs=1, folder=tmp_path / str(side))
    assert seen == [64, 4]
