"""The run folder: exact resume after SIGKILL, nothing lost by a full disk or a spoilt file."""

import csv
import json
import os
import resource
import signal
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest
from resume_child import EPOCHS, build, data
from support import ROOT

from segutils import course, training, transforms
from segutils.plumbing import checkpoints

CHILD = ROOT / "tests/children/resume_child.py"


def run_child(folder, *where):
    return subprocess.run(
        [sys.executable, CHILD, folder, *where],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=300,
    )


def weights(folder):
    with np.load(folder / "weights.npz") as file:
        return [file[name] for name in file.files]


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory):
    folder = tmp_path_factory.mktemp("whole")
    child = run_child(folder)
    assert child.returncode == 0, child.stderr
    return folder


# An epoch has 4 steps and ends in three files: best.keras (if best), history.csv, resume-N.npz.
KILLS = [
    [("step", "1"), ("step", "6"), ("step", "4")],  # first step; mid-epoch 2; last step of an epoch, before it is saved
    [("replace", "1"), ("replace", "3"), ("replace", "5")],  # nothing written; first epoch not yet counted; in epoch 2
]


@pytest.mark.parametrize("kills", KILLS, ids=["in steps", "in saving"])
def test_a_killed_run_ends_with_the_weights_of_one_never_stopped(tmp_path, uninterrupted, kills):
    for kill in kills:
        assert run_child(tmp_path, *kill).returncode == -signal.SIGKILL
    child = run_child(tmp_path)
    assert child.returncode == 0, child.stderr
    assert "resumed after epoch" in child.stdout
    for ours, expected in zip(weights(tmp_path), weights(uninterrupted), strict=True):
        np.testing.assert_array_equal(ours, expected)
    assert (tmp_path / "history.csv").read_text() == (uninterrupted / "history.csv").read_text()
    images, _ = data()
    best = [training.load_best(folder).predict(images, verbose=0) for folder in (tmp_path, uninterrupted)]
    np.testing.assert_array_equal(*best)


@pytest.fixture
def start(tmp_path):
    """A function that trains the small model in this process for some epochs."""
    images, masks = data()

    def fit(epochs, *, model=None, batch=6, validation=None, **options):
        course.set_seed(0)
        model = model or build()
        batches = transforms.Batches(images, masks, batch, seed=1)
        validation = validation or (images[:6], masks[:6])
        options = {"progress": False, **options}
        return model, training.fit(model, batches, validation, epochs=epochs, folder=tmp_path, **options)

    return fit


def test_history_is_what_the_csv_holds(start, tmp_path):
    _, history = start(2)
    with open(tmp_path / "history.csv", newline="") as file:
        rows = [{name: float(value) for name, value in row.items()} for row in csv.DictReader(file)]
    assert rows == history
    assert [row["epoch"] for row in rows] == [1, 2]
    assert {"loss", "val_loss", "mean_iou", "val_mean_iou"} <= set(rows[0])


def test_best_model_is_that_of_the_best_epoch(start, tmp_path):
    images, masks = data()
    _, history = start(3, monitor="val_mean_iou", mode="max")
    best = max(row["val_mean_iou"] for row in history)
    scores = training.load_best(tmp_path).evaluate(images[:6], masks[:6], verbose=0, return_dict=True)
    assert scores["mean_iou"] == pytest.approx(best, abs=1e-6)
    assert len({row["val_mean_iou"] for row in history}) > 1


def test_an_epoch_without_a_number_is_never_best():
    run = checkpoints.RunFolder(None, {}, "val_loss", "min", False, 3)
    run.history = [{"val_loss": float("nan")}]
    assert run._best() is None
    run.history += [{"val_loss": 2.0}, {"val_loss": float("nan")}, {"val_loss": 2.0}, {"val_loss": 3.0}]
    assert run._best() == 1


def test_more_epochs_go_on_and_a_finished_run_starts_anew(start, tmp_path, capsys):
    start(1)
    _, history = start(2, progress=True)
    assert "resumed after epoch 1" in capsys.readouterr().out
    assert len(history) == 2
    _, again = start(2, progress=True)
    assert "resumed" not in capsys.readouterr().out
    assert len(again) == 2


def test_a_run_after_a_finished_one_resumes_too(start, capsys):
    start(2)

    def stop(epoch, logs):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        start(2, callbacks=[keras.callbacks.LambdaCallback(on_epoch_end=stop)])
    start(2, progress=True)
    assert "resumed after epoch 1" in capsys.readouterr().out


def test_other_settings_are_refused_and_the_folder_is_left_alone(start, tmp_path):
    start(1)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    with pytest.raises(ValueError, match=r"another batches.*another folder.*resume=False"):
        start(2, batch=9)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before
    _, history = start(2, batch=9, resume=False)
    assert len(history) == 2


def spoil(path):
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def test_a_spoilt_state_is_said_and_the_one_before_is_used(start, tmp_path, capsys):
    whole, _ = start(3)
    resumed = build()
    for path in tmp_path.iterdir():
        path.unlink()
    start(2)
    spoil(tmp_path / "resume-1.npz")
    _, history = start(3, model=resumed, progress=True)
    out = capsys.readouterr().out
    assert "resume-1.npz is unreadable" in out
    assert "resumed after epoch 1" in out
    assert [row["epoch"] for row in history] == [1, 2, 3]


def test_no_readable_state_stops_with_the_cure_and_keeps_the_best_model(start, tmp_path):
    start(2)
    best = (tmp_path / "best.keras").read_bytes()
    for path in tmp_path.glob("resume-*.npz"):
        spoil(path)
    with pytest.raises(ValueError, match=r"no readable checkpoint.*resume=False"):
        start(3)
    assert (tmp_path / "best.keras").read_bytes() == best


def test_a_state_with_a_pickle_is_not_run(start, tmp_path):
    start(1)

    class Bomb:
        def __reduce__(self):
            return Path.touch, (tmp_path / "exploded",)

    np.savez(tmp_path / "resume-0.npz", about=np.array(Bomb(), dtype=object), variable_0=np.zeros(1))
    with pytest.raises(ValueError, match="no readable checkpoint"):
        start(2)
    assert not (tmp_path / "exploded").exists()


def test_a_full_disk_costs_no_earlier_checkpoint(start, tmp_path):
    start(1)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, hard))
    try:
        with pytest.raises(OSError, match=r"could not write best.keras .*earlier one is kept"):
            start(2, monitor="loss")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before
    _, history = start(2, monitor="loss")
    assert len(history) == 2


def test_labels_out_of_range_are_refused_before_training(start):
    images, masks = data()
    with pytest.raises(ValueError, match=r"labels must lie in 0..10, got \[200\]"):
        start(1, validation=(images, np.full_like(masks, 200)))


def test_unknown_monitor_is_refused_with_a_suggestion(start):
    with pytest.raises(ValueError, match=r"did you mean val_mean_iou\?"):
        start(1, monitor="val_mean_io_u")


def test_no_best_model_is_said(tmp_path):
    with pytest.raises(FileNotFoundError, match="train first"):
        training.load_best(tmp_path)


def test_one_cycle_rises_in_a_line_and_falls_along_a_cosine():
    schedule = training.one_cycle(0.5, 100, warmup=0.2)
    values = np.array([float(schedule(step)) for step in range(101)])
    assert values[0] == pytest.approx(0.02)
    assert values[20] == pytest.approx(0.5)
    np.testing.assert_allclose(np.diff(values[:21]), 0.48 / 20, rtol=1e-4)
    fall = 0.5 * (0.999 * 0.5 * (1 + np.cos(np.pi * np.arange(81) / 80)) + 0.001)
    np.testing.assert_allclose(values[20:], fall, rtol=1e-4)


def test_one_cycle_falls_in_a_line_too():
    schedule = training.one_cycle(0.5, 100, warmup=0.2, fall="line")
    values = [float(schedule(step)) for step in range(105)]
    expected = np.interp(np.arange(105), [-1, 19, 20, 100], [0, 0.5, 0.5, 0])
    np.testing.assert_allclose(values, expected, rtol=1e-5, atol=1e-8)
    again = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(schedule))
    assert [float(again(step)) for step in range(105)] == values
    assert float(training.one_cycle(0.5, 1, fall="line")(0)) == 0.5
    with pytest.raises(ValueError, match="fall"):
        training.one_cycle(0.5, 100, fall="lines")


def test_settings_do_not_depend_on_automatic_layer_names():
    images, masks = data()
    batches = transforms.Batches(images, masks, 6)
    assert checkpoints.settings_of(build(), batches) == checkpoints.settings_of(build(), batches)
    json.dumps(checkpoints.settings_of(build(), batches))


def test_child_has_the_epochs_that_the_kills_assume():
    assert EPOCHS == 3
    assert len(data()[0]) // 4 == 4
