"""What a training tells the command that runs its notebook, and when a finished one is not done again."""

import json
from types import SimpleNamespace

import keras
import numpy as np
import pytest

from segutils import training, transforms
from segutils.plumbing import checkpoints, watching
from segutils.running import screen


@pytest.fixture
def fit(tmp_path):
    """A function that trains one small layer on ten images, two steps an epoch."""
    images = np.random.default_rng(0).random((10, 4, 4, 1)).astype("float32")

    def work(epochs, **options):
        keras.utils.set_random_seed(0)
        model = keras.Sequential([keras.Input((4, 4, 1)), keras.layers.Conv2D(1, 3, padding="same")])
        model.compile("adam", "mse")
        batches = transforms.Batches(images, images, 5)
        validation = (images[:2], images[:2])
        return training.fit(model, batches, validation, epochs=epochs, folder=tmp_path, **options)

    return work


def test_who_watches_is_told_the_epoch_and_the_time_left(fit, tmp_path, monkeypatch):
    where = tmp_path / "training"
    monkeypatch.setenv(watching.WATCHED, str(where))
    times = iter(100 + 10 * np.arange(50))  # ten seconds a step
    monkeypatch.setattr(checkpoints, "time", SimpleNamespace(time=lambda: float(next(times))))
    seen = []
    look = keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: seen.append(json.loads(where.read_text())))
    fit(3, callbacks=[look], progress=False)
    assert [(about["epoch"], about["epochs"], about["share"]) for about in seen] == [
        (1, 3, 2 / 6),
        (2, 3, 4 / 6),
        (3, 3, 1),
    ]
    assert [about["left"] for about in seen] == [pytest.approx(left) for left in (40, 20, 0)]
    assert not where.exists()


def test_the_words_count_down_between_two_messages(tmp_path, monkeypatch):
    where = tmp_path / "training"
    assert screen.training(where) == (None, [])
    where.write_text(json.dumps({"epoch": 2, "epochs": 6, "share": 0.25, "left": 70, "time": 1000}))
    monkeypatch.setattr(screen, "time", SimpleNamespace(time=lambda: 1005))
    assert screen.training(where) == (0.25, ["epoch 2/6", "1:05 left"])
    where.write_text('{"epoch": 2, "ep')
    assert screen.training(where) == (None, [])


def test_a_run_that_was_stopped_after_its_training_does_not_train_again(fit, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv(watching.WATCHED, str(tmp_path / "training"))
    history = fit(2)
    monkeypatch.setattr(checkpoints.RunFolder, "finished", set())  # as in a new process
    capsys.readouterr()
    assert fit(2) == history
    assert capsys.readouterr().out == "resumed after epoch 2\n"
    fit(2)  # nobody has trained in this process, so still the same run
    assert "epoch" not in capsys.readouterr().out.replace("resumed after epoch 2", "")
    monkeypatch.delenv(watching.WATCHED)
    fit(2)  # in a notebook that is not watched, the cell that is run again trains again
    assert "epoch   2/2" in capsys.readouterr().out
