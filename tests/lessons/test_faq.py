"""What the FAQ says of ModelCheckpoint is what Keras does: which files are left, what is in them, what is printed."""

import itertools
import warnings

import keras
import numpy as np
import pytest

from segutils.lessons import faq


@pytest.mark.parametrize(
    ("controls", "lines"),
    [
        (
            {},
            ["best.keras: model of epoch 4", "Epoch 1: val_loss improved from None", "did not improve from 0.60000"],
        ),
        ({"save_best_only": False, "verbose": "0"}, ["nothing", "best.keras: model of epoch 4"]),
        ({"mode": "max", "verbose": "2"}, ["best.keras: model of epoch 1", "Epoch 4: val_loss did not improve"]),
        ({"save_weights_only": "True", "verbose": "-1"}, ["best.weights.h5: weights of epoch 4", "nothing"]),
        ({"save_weights_only": "None"}, ["best.keras: model of epoch 4"]),
        ({"verbose": "None"}, ["TypeError: '>' not supported", "none"]),
        ({"name_with_epoch": True}, [f"best-{epoch}.keras: model of epoch {epoch}" for epoch in (1, 2, 4)]),
    ],
    ids=str,
)
def test_checkpoint_files_says_what_keras_does(controls, lines):
    written = faq.checkpoint_files([0.9, 0.6, 0.7, 0.5])(**controls).axes[1].texts[0].get_text()
    assert all(line in written for line in lines), written


# What a checkpoint holds, over all values of the arguments

HELD = "weights, configuration, optimizer"


@pytest.fixture(scope="module")
def toy():
    toy = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, use_bias=False)])
    toy.compile(keras.optimizers.SGD(0.25), "mse", metrics=["accuracy", keras.metrics.MeanIoU(2, name="iou")])
    return toy


@pytest.mark.parametrize(
    ("verbose", "only", "best"), list(itertools.product((0, 1, 2, -1), (False, True, None), (False, True)))
)
def test_no_argument_changes_what_another_does(toy, verbose, only, best):
    name = "best.weights.h5" if only else "best.keras"
    seen = faq.watch(toy, name, verbose=verbose, save_weights_only=only, save_best_only=best)
    held = "weights, optimizer" if only else HELD
    assert seen["files"] == f"{name}: epoch {2 if best else 3}: {held}"
    assert seen["outcome"] == "runs"
    assert bool(seen["lines printed"]) == (verbose > 0)


@pytest.mark.parametrize("value", [True, False, None, 0, 2, 1, 1000, -1, -1000, -1_000_000, -1_000_000_000])
def test_save_model_is_refused_whatever_its_value(toy, value):
    for options in ({"save_model": value}, {"verbose": value, "save_model": value}):
        assert faq.watch(toy, **options) == {"outcome": "refused: TypeError", "lines printed": [], "files": "none"}


@pytest.mark.parametrize("value", [True, 1000, 2])
def test_each_verbose_above_0_prints_the_same_lines_without_loss_or_accuracy(toy, value):
    printed = faq.watch(toy, verbose=value)["lines printed"]
    assert printed == faq.watch(toy, verbose=1)["lines printed"] != []
    assert not any("accuracy" in line or "loss" in line for line in printed)
    assert faq.watch(toy, verbose=-value)["lines printed"] == []


@pytest.mark.parametrize(
    ("options", "outcome", "files"),
    [
        ({}, "runs", f"best.keras: epoch 3: {HELD}"),
        ({"monitor": "loss"}, "runs", f"best.keras: epoch 3: {HELD}"),
        ({"monitor": "loss", "save_best_only": True}, "runs", f"best.keras: epoch 3: {HELD}"),
        ({"mode": "max", "save_best_only": True}, "runs", f"best.keras: epoch 1: {HELD}"),
        (
            {"name": "{epoch}.keras", "save_best_only": True},
            "runs",
            f"1.keras: epoch 1: {HELD} · 2.keras: epoch 2: {HELD}",
        ),
        ({"monitor": "val_los"}, "stops after epoch 1: ValueError", "none"),
        ({"monitor": "val_iou", "save_best_only": True}, "runs", f"best.keras: epoch 1: {HELD}"),  # Keras's own metric
        ({"name": "best_model.h5", "save_weights_only": True}, "refused: ValueError", "none"),
        ({"verbose": None}, "stops after epoch 1: TypeError", "none"),
        ({"save_freq": 2}, "runs", f"best.keras: epoch 2: {HELD}"),  # batches, of which an epoch has one
    ],
    ids=str,
)
def test_the_files_hold_what_the_table_says(toy, options, outcome, files):
    seen = faq.watch(toy, **options)
    assert (seen["outcome"], seen["files"]) == (outcome, files)


def test_a_misspelt_measure_with_a_mode_only_warns_and_saves_each_epoch(toy):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        seen = faq.watch(toy, monitor="val_los", mode="min", save_best_only=True)
    assert seen["files"] == f"best.keras: epoch 3: {HELD}"
    assert "Can save best model only with val_los available" in str(caught[0].message)


def test_weights_load_into_a_network_that_is_built_first(toy, tmp_path):
    toy.set_weights([np.full((1, 1), 0.25)])
    toy.save_weights(tmp_path / "best.weights.h5")
    again = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, use_bias=False)])
    again.load_weights(tmp_path / "best.weights.h5")
    np.testing.assert_array_equal(again.get_weights(), toy.get_weights())


def test_the_table_has_a_row_for_each_case_and_counts_printed_lines(toy):
    rows = faq.table(toy, [{}, {"verbose": 1, "save_best_only": True}])
    assert rows.index.tolist() == ["no argument", "verbose=1, save_best_only=True"]
    assert rows["lines printed"].tolist() == [0, len(faq.watch(toy, verbose=1, save_best_only=True)["lines printed"])]
    assert rows["lines printed"].iloc[1] >= 3


def test_the_account_counts_the_verdicts():
    axes = faq.show_account({1: (1, "right"), 2: (2, "wrong"), 3: (2, "wrong")}, ["one", "two"])
    labels = [text.get_text() for text in axes.get_legend().get_texts()]
    assert labels == ["right: 1", "half right: 0", "not shown: 0", "wrong: 2"]
