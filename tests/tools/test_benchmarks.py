"""What the benchmarks compare is what they say they compare. No time is measured here."""

import sys
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from support import ROOT

sys.path.insert(0, str(ROOT / "benchmarks"))
import ablation
import common
import competitors
import folders
import growth
import inference
import memory
import quality
import report
import steps
import tried
from common import SEEDS, table

import notebooks
from segutils import metrics, models


@pytest.mark.parametrize(("stem", "in_words"), [(2, "strided"), (1, "full")])
def test_the_recipe_with_nothing_taken_back_is_the_course_s_network(stem, in_words, rng):
    ours, copy = models.unet(11, stem=stem), competitors.unet_but(11, stem=in_words)
    copy.set_weights(ours.get_weights())
    images = rng.integers(0, 256, (2, 32, 48, 1)).astype(np.float32)
    np.testing.assert_array_equal(copy(images), ours(images))


@pytest.mark.parametrize(
    "change",
    [recipe["network"] for recipe in ablation.WITHOUT.values() if recipe.get("network")] + [{"enlarge": "average"}],
    ids=str,
)
def test_each_change_of_the_network_gives_other_scores_of_the_same_shape(change, rng):
    ours, changed = models.unet(11), competitors.unet_but(11, **change)
    images = rng.integers(0, 256, (1, 32, 48, 1)).astype(np.float32)
    assert changed(images).shape == ours(images).shape
    assert [w.shape for w in changed.get_weights()] != [w.shape for w in ours.get_weights()] or change == {
        "enlarge": "random"
    }


def test_each_step_of_the_ablation_takes_back_one_thing_or_the_two_that_it_names():
    for step, change in ablation.WITHOUT.items():
        assert len(change) == (step != "nothing") + (" and " in step)
        assert all(ablation.RECIPE[name] != value for name, value in change.items())


def test_the_stored_ablation_has_every_step_and_seed():
    stored = pd.read_csv(ROOT / "data" / "ablation.csv")
    assert set(zip(stored["without"], stored["seed"], strict=True)) == {
        (step, seed) for step in ablation.WITHOUT for seed in SEEDS
    }
    assert stored["mean_iou"].between(0, 1).all()


def test_the_stored_report_is_that_of_the_stored_measurements(tmp_path):
    report.write(tmp_path, tmp_path)
    for made, stored in (("results.md", common.HERE), ("ablation.csv", ROOT / "data")):
        assert (tmp_path / made).read_text(encoding="utf-8") == (stored / made).read_text(encoding="utf-8")
    assert {path.name for path in tmp_path.glob("*.png")} == {path.name for path in common.HERE.glob("*.png")}


def test_the_textbook_network_has_the_textbook_s_weights():
    pairs = [(1, 16), (16, 16), (16, 32), (32, 32), (32, 64), (64, 64), (64, 128), (128, 128)]
    pairs += [(128, 64), (64, 64), (64, 32), (32, 32), (32, 16), (16, 16)]
    convolutions = sum(9 * i * o + o + 4 * o for i, o in pairs)  # kernel, bias, batch normalisation
    up = sum(4 * 2 * w * w + w for w in (16, 32, 64))
    assert competitors.textbook_unet(11).count_params() == convolutions + up + 16 * 11 + 11


def test_operations_are_counted_as_by_hand():
    keras = competitors.keras
    inputs = keras.Input((None, None, 1))
    x = keras.layers.Conv2D(8, 5, strides=2, padding="same")(inputs)
    x = keras.layers.Conv2DTranspose(4, 2, strides=2)(x)
    forward = 2 * 32 * 32 * 25 * 8 + 2 * 32 * 32 * 4 * 8 * 4  # each of 32 × 32 inputs reaches 2 × 2 outputs
    assert steps.operations(keras.Model(inputs, x)) == 3 * forward


def test_the_verdict_names_the_best_competitor_s_final_quality_and_who_reaches_it_when():
    slow = [[[10, 1, 0.5], [20, 2, 0.7], [30, 3, 0.8]]] * 2
    noisy = [[[9, 1, 0.5], [19, 2, 0.9], [29, 3, 0.86]], [[9, 1, 0.5], [19, 2, 0.9], [29, 3, 0.84]]]
    found = {
        "competitors": {"slow": {"curves": slow}, "noisy": {"curves": noisy}},
        "ours": {1: [[2, 0.9], [2, 0.7]], 2: [[4, 0.85], [5, 0.87]], 3: [[6, 0.9], [6, 0.9]]},
    }
    verdict = quality.verdict(found)
    assert verdict["best"] == "noisy"
    assert verdict["target"] == pytest.approx(0.85)
    assert verdict["seconds_to_target"] == {"slow": None, "noisy": 19}
    assert (verdict["scenes_of_ours"], verdict["seconds_of_ours"]) == (2, 4.5)
    assert verdict["times_sooner"] == pytest.approx(19 / 4.5)
    assert quality.verdict({**found, "ours": {1: [[2, 0.8]]}})["times_sooner"] is None


def test_slopes_are_those_of_powers():
    assert growth.slope({"1": 3.0, "2": 12.0, "4": 48.0}) == pytest.approx((2, 2))
    assert growth.slope({"1": 1.0, "2": 1.0, "4": 2.0}) == pytest.approx((0.5, 1))


def test_growth_is_linear_from_where_no_slope_bends_any_more():
    fixed_cost = {"1": 1.0, "2": 1.1, "4": 2.0, "8": 4.0, "16": 8.0}
    assert growth.linear_from(fixed_cost) == 2
    assert growth.linear_from({**fixed_cost, "32": 32.0}) is None
    assert growth.linear_from({"1": 1.0, "2": 2.0, "4": 4.0}) == 1


def test_each_notebook_has_its_turn_when_the_whole_course_is_measured():
    assert sorted(notebooks.LONGEST_FIRST) == sorted(path.name[:2] for path in (ROOT / "notebooks").glob("*.ipynb"))


def test_a_table_is_markdown():
    assert table(("a", "b"), [(1, "2")]) == "| a | b |\n| --- | ---: |\n| 1 | 2 |"


def test_folders_are_judged_by_whole_images():
    """Two images of other sizes, by a model that says class 1 where a pixel is above 100: IoU 2/3 and 1 of class 1."""
    images = [np.zeros((20, 40, 1), np.uint8), np.zeros((33, 17, 1), np.uint8)]
    masks = [np.zeros(image.shape[:2], np.uint8) for image in images]
    images[0][:2, :3], masks[0][:2, :2] = 200, 1
    images[1][5:9, 2:4], masks[1][5:9, 2:4] = 200, 1

    class Threshold:
        @staticmethod
        def predict_on_batch(batch):
            return np.concatenate([100.0 - batch, batch - 100.0], axis=-1)

    source = SimpleNamespace(image=images.__getitem__, mask=masks.__getitem__)
    found = folders.judge(Threshold, source, [0, 1], 2)
    ground = (20 * 40 + 33 * 17 - 6 - 8) / (20 * 40 + 33 * 17 - 4 - 8)
    assert found["foreground_iou"] == pytest.approx((2 / 3 + 1) / 2)
    assert found["mean_iou"] == pytest.approx((ground + 12 / 14) / 2)


def test_a_rival_stops_by_the_processor_s_clock(monkeypatch):
    clock = iter([10.0, 12.0, 15.5])
    monkeypatch.setattr(folders.time, "process_time", lambda: next(clock))
    until = folders.Until(5.0)
    until.set_model(type("Model", (), {"stop_training": False})())
    until.on_train_begin()
    stopped = []
    for step in range(2):
        until.on_train_batch_end(step)
        stopped.append(until.model.stop_training)
    assert stopped == [False, True]


def test_sets_that_are_missing_are_left_out(tmp_path, monkeypatch):
    monkeypatch.setenv("SEGUTILS_DATA", str(tmp_path))
    assert folders.measure() == {}
    monkeypatch.delenv("SEGUTILS_DATA")
    assert folders.measure() == {}


def test_programs_take_turns_by_the_processor_s_clock(monkeypatch):
    """Looks of 0.1 and 0.2 s, turns of 0.25 s: 3 looks in 0.3 s, 2 in 0.4 s; the first round is left out."""
    now, turns = [0.0], []
    monkeypatch.setattr(inference.time, "process_time", lambda: now[0])

    def look(seconds):
        def work(image):
            now[0] += seconds
            turns.append(seconds)

        return work

    found = inference.rates({"fast": look(0.1), "slow": look(0.2)}, None)
    for name, rate in (("fast", 10), ("slow", 5)):
        np.testing.assert_allclose(found[name], [rate] * inference.ROUNDS)
    assert turns == ([0.1] * 3 + [0.2] * 2) * (inference.ROUNDS + 1)


def test_many_images_are_a_tenth_to_validate_and_a_tenth_to_test(tmp_path, monkeypatch):
    """And the plain loop judges them by all pixels: a threshold that hits but for one column, by hand."""
    monkeypatch.setattr(memory, "SIDE", 96)
    memory.make_images(tmp_path, 20)
    parts = {part: memory._read(tmp_path / part) for part in ("train", "val", "test")}
    assert [len(images) for images, _ in parts.values()] == [16, 2, 2]
    images, masks = np.zeros((2, 6, 8, 1), np.uint8), np.zeros((2, 6, 8), np.uint8)
    images[0, :3, :4], masks[0, :3, :3] = 200, 1

    class Threshold:
        @staticmethod
        def predict_on_batch(batch):
            return np.concatenate([100.0 - batch, batch - 100.0], axis=-1)

    assert memory._judge(Threshold, images, masks, metrics, tmp_path) == pytest.approx((9 / 12 + 84 / 87) / 2)
    assert [path.name for path in sorted(tmp_path.glob("*.png"))] == ["0.png", "1.png"]


def test_what_eight_bits_cost_is_told_as_the_mean_of_the_trainings():
    scores = [{"Keras": 0.8, "LiteRT, int8": 0.79}, {"Keras": 0.7, "LiteRT, int8": 0.66}]
    rates = {"256": {"Keras": [10.0, 20.0], "LiteRT, int8": [30.0, 40.0]}}
    about = {"digits": "mnist", "seconds": 9, "bytes": {"LiteRT, int8": 2048}, "rates": rates}
    text, figure = report.inference([{**about, "mean_iou": each} for each in scores])
    assert "cost 0.0250 of mean IoU\n(each training: 0.0100, 0.0400)" in text
    assert "| LiteRT, int8, 256 × 256 | 35.0 | 2.50 (2.00 to 3.00) |" in text
    assert "| LiteRT, int8 | 0.7900, 0.6600 | 2 |" in text
    assert figure is None


@pytest.mark.parametrize("name", tried.TRIED)
def test_what_was_tried_sees_all_scenes_and_no_more(name, rng):
    images, masks = rng.integers(0, 9, (2, 40, 64, 64))
    change = tried.TRIED[name]
    parts = tried.parts_of(images, masks, 0, 3008, change)
    assert 3008 - 64 < sum(size * steps for *_, size, steps in parts) <= 3008
    assert [part[0].shape[1] for part in parts] == ([48, 64] if "crop" in change else [64] * len(parts))
    optimizer = tried.optimizer_of(change, 188)
    assert isinstance(optimizer, tried.training.ConvolutionMuon) == ("muon" in change) == ("Muon" in name)


def test_crops_of_image_and_mask_are_of_the_same_place(rng):
    images = rng.random((5, 64, 64))
    small, as_small, *_ = tried.parts_of(images, images, 0, 320, {"crop": (0.5, 48)})[0]
    np.testing.assert_array_equal(small, as_small)
    assert any(np.array_equal(small[0], images[0, r : r + 48, c : c + 48]) for r in range(17) for c in range(17))
