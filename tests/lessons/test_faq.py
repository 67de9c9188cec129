"""What the FAQ says of ModelCheckpoint is what Keras does: which files are left, what is in them, what is printed."""

import itertools
import warnings

import keras
import numpy as np
import pytest

from segutils.lessons import faq
from segutils.lessons import faq_experiments as tried


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


def test_verdicts_are_noted_printed_and_counted_only_if_complete(capsys):
    verdicts = tried.Verdicts()
    verdicts.note(1, "right", 1)
    verdicts.note(8, "wrong", *range(2, 36))
    assert capsys.readouterr().out.startswith("question 1: right\nquestions 2, 3, 4")
    with pytest.raises(ValueError, match="each of the questions 1 to 36"):
        verdicts.count(faq.VERDICTS)
    verdicts.note(8, "half right", 36)
    assert verdicts.count(faq.VERDICTS) == {"right": 1, "half right": 1, "not shown": 0, "wrong": 34}
    assert verdicts[36] == (8, "half right")


def test_the_questions_and_topics_are_those_of_the_text():
    assert sum(tried.ASKED.values()) == 36
    assert [int(topic.split()[0]) for topic in tried.TOPICS] == list(range(1, 9))
    assert list(tried.MENUS) == ["save_best_only", "mode", "name_with_epoch", "save_weights_only", "verbose"]


def test_the_menus_choices_are_all_drawn():
    draw = faq.checkpoint_files([0.9, 0.5])
    for name, choices in tried.MENUS.items():
        for choice in choices:
            assert draw(**{name: choice}) is not None


# Experiments


def test_paired_differences_have_the_standard_error_of_scipy():
    from scipy import stats

    d = [0.5, 2.0, -1.0, 3.5]
    np.testing.assert_allclose(tried.paired(d), (np.mean(d), stats.sem(d)))


def test_rearranged_digits_keep_their_pixels_and_share_one_order():
    x = np.random.default_rng(0).random((5, 8, 8, 1))
    other = tried.rearranged(x, 3)
    np.testing.assert_array_equal(np.sort(other.reshape(5, 64)), np.sort(x.reshape(5, 64)))
    at = [np.flatnonzero(x[0].ravel() == value)[0] for value in other[0].ravel()]
    np.testing.assert_array_equal(x.reshape(5, 64)[:, at], other.reshape(5, 64))
    assert at != list(range(64))


def test_accuracies_are_those_of_learned_and_of_new_digits():
    class Half(keras.Model):
        """Says 1 for dark digits and 0 for bright ones, and learns nothing."""

        def build(self, shape):
            self.unused = self.add_weight(name="unused", shape=())

        def call(self, x):
            bright = keras.ops.mean(x, (1, 2, 3)) > 0.5
            return 0 * self.unused + keras.ops.one_hot(keras.ops.cast(~bright, "int32"), 10)

    x = np.zeros((1200, 8, 8, 1), np.float32)
    x[:1100] = 1
    y = np.zeros(1200, int)
    learned, new = tried.accuracies(Half, x, y, 0, images=100, epochs=1)
    assert (learned, new) == (100, 50)


def test_steps_on_a_bowl_shrink_each_coordinate_by_its_own_factor():
    left = tried.distance_left("gradient descent", 1)
    np.testing.assert_allclose(left, max(2 * (1 - 0.1) ** 100, (1 - 0.4) ** 100))
    assert tried.distance_left("gradient descent", 1000) > 1e6


def test_iou_is_counted_mask_by_mask():
    truth = np.zeros((2, 4, 6), bool)
    truth[:, :2] = True
    found = truth.copy()
    found[1] = np.roll(truth[1], 1, 0)
    np.testing.assert_allclose(tried.iou_of_each(truth, found), [1, 6 / 18])


def test_both_losses_of_each_prediction_are_in_its_title():
    truth = np.eye(4, 6)
    scores = tried.show_two_losses({"truth": truth, "half": np.full((4, 6), 0.5)})
    assert scores["truth"][1] == 0
    np.testing.assert_allclose(scores["half"][0], np.log(2), rtol=1e-5)
    np.testing.assert_allclose(scores["half"][1], 1 - 2 * 2 / (4 + 24 * 0.5**2))


def test_the_figures_say_in_their_titles_what_was_reached():
    x = np.random.default_rng(0).random((2, 8, 8, 1))
    as_it_is, other = tried.show_rearranged(x, 0, [90.0, 94.0], (4.25, 1.5))
    assert as_it_is.get_title().startswith("as it is: 92%")
    assert other.get_title() == "rearranged:\n4.2 ± 1.5 points lower"
    masks = np.zeros((1, 8, 8), int)
    axes = tried.show_ceilings(masks, {1: 1.0, 4: 0.6}, lambda masks, k: masks)
    assert [ax.get_title().splitlines()[0] for ax in axes] == [
        "one pixel kept of each 1×1:",
        "one pixel kept of each 4×4:",
    ]
    left, right = tried.show_rim(np.ones((1, 8, 8), bool), np.ones((1, 8, 8), bool))
    r, iou = left.lines[0].get_data()
    np.testing.assert_allclose(iou * (np.pi * (r + 1) ** 2), np.pi * r**2)
    assert right.get_title() == "one pixel too wide: IoU 1.00"


def test_how_far_a_network_is_from_the_goals(capsys):
    net = keras.Sequential([keras.Input((8, 8, 1)), keras.layers.Flatten(), keras.layers.Dense(10)])
    tried.say_how_far(net, 87.6, 90.2)
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("2 layers Dense or Flatten (goal: 0); 650 numbers")
    assert lines[1] == "88% of unseen digits right (goal: 90%)"
