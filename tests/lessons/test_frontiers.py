"""The figure of repeated measurements shows the numbers that it was given. How it looks is judged by eye."""

import numpy as np
import pytest
import tensorflow as tf

from segutils import losses, transforms
from segutils.lessons import frontiers, frontiers_findings, frontiers_memory
from segutils.lessons import frontiers_bench as bench
from segutils.lessons import frontiers_figures as figures


@pytest.mark.parametrize("x", [(10, 20, 40), {"a": (10, 20, 40), "b": (1, 2, 3)}], ids=["shared", "of each name"])
def test_bands_show_mean_and_extremes_of_the_repeats(ax, x):
    repeats = {"a": [[1, 2, 3], [3, 2, 8]], "b": [[0, 0, 0], [0, 6, 1]]}  # two repeats at three places
    figures.bands(ax, x, repeats, xlabel="steps")
    places = x if isinstance(x, dict) else dict.fromkeys(repeats, x)
    for line, name, mean in zip(ax.lines, repeats, [(2, 2, 5.5), (0, 3, 0.5)], strict=True):
        np.testing.assert_allclose(line.get_xydata(), np.transpose([places[name], mean]))
    for band, name in zip(ax.collections, repeats, strict=True):
        corners = {tuple(corner) for path in band.get_paths() for corner in path.vertices}
        for place, low, high in zip(
            places[name], *(np.array(repeats[name]).T.min(1), np.array(repeats[name]).T.max(1)), strict=True
        ):
            assert {(place, low), (place, high)} <= corners
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["a", "b"]
    assert len({line.get_linestyle() for line in ax.lines}) == 2, "colour is not the only cue"
    assert ax.get_xlabel() == "steps"


@pytest.mark.parametrize("name", figures.HARDER)
def test_the_easiest_level_is_nearly_the_scene_and_harder_ones_are_further_away(name):
    change, levels, _ = figures.HARDER[name]
    images = np.random.default_rng(0).integers(0, 200, (4, 48, 64, 1), np.uint8)
    before = images.copy()
    away = [np.abs(change(images, level).astype(float) - images).mean() for level in levels]
    assert away[0] < 255 * 0.03, "the sensor's grain at most"
    assert all(a < b for a, b in zip(away, away[1:], strict=False)), "levels go from easy to hard"
    np.testing.assert_array_equal(images, before, "the scenes themselves stay")
    np.testing.assert_array_equal(change(images, levels[-1], 3), change(images, levels[-1], 3))
    assert (change(images, levels[-1], 3) != change(images, levels[-1], 4)).any()


def test_night_divides_the_light_and_not_the_grain():
    shown = figures.at_night(np.full((2, 64, 64, 1), 200, np.uint8), 4)
    assert abs(shown.mean() - 50) < 0.5
    assert abs(shown.std() - 0.02 * 255) < 0.5


def test_the_highest_memory_is_read_in_megabytes():
    assert frontiers_memory.highest("Name:\tpython\nVmRSS:\t 100 kB\nVmHWM:\t  512000 kB\n") == 512


@pytest.mark.skipif(not frontiers_memory.STATUS.exists(), reason="only Linux says how much memory a process held")
def test_a_larger_batch_takes_more_memory():
    memory = frontiers_memory.measure_memory(4, 3, (4, 128))
    assert 0 <= memory[4] < memory[128]
    assert 10 < memory[128] < 1000


@pytest.mark.parametrize(("kind", "names", "source"), [("digits", 5, "bundled digits"), ("textures", 6, "textures")])
def test_both_kinds_of_scenes_come_in_three_parts_and_large(kind, names, source):
    data = figures.make_data(kind, train=3, test=2, large=96, repeats=2, seed=1)
    assert [len(part.images) for part in data[:3]] == [3, 2, 2]
    assert [big.images.shape for big in data.large] == [(1, 96, 96, 1)] * 2
    assert len(data.names) == names
    assert data.source == source
    assert data.test.semantic.max() < names
    again = figures.make_data(kind, train=3, test=2, large=96, repeats=2, seed=1)
    np.testing.assert_array_equal(data.large[1].images, again.large[1].images)
    assert (data.large[0].images != data.large[1].images).any()


def test_a_gain_is_described_in_pairs():
    """By hand: differences 0.1, 0, 0.2; mean 0.1, variance 0.02 / 2, error sqrt(0.01 / 3) = 0.058."""
    said = frontiers_findings.describe_gain([0.5, 0.6, 0.7], [0.6, 0.6, 0.9])
    assert said == "+0.10 ± 0.06 (higher in 2 of 3 seeds)"


def test_findings_state_the_numbers_that_they_are_given():
    """By hand: 0.2 of 0.6 at half the size; 0.3 → 0.5 is +0.20; half the width -0.10, its teacher -0.10 more."""
    say = frontiers_findings
    assert say.resolution(80, np.array([[0.5, 0.1], [0.7, 0.3]])).endswith("mean IoU falls from 0.60 to 0.20.")
    dark, helped = np.array([[0.8, 0.2], [0.9, 0.1]]), np.array([[0.7, 0.6], [0.7, 0.5]])
    said = say.night(dark, helped, *np.array([[0.01, 0.03], [0.2, 0.3], [0.05, 0.05]]))
    assert "from 0.85 to 0.15 and the calibration error rises from 0.02 to 0.25" in said
    assert said.endswith("brings them to 0.55 and 0.05.")
    scratch = {16: np.array([0.3, 0.3]), 80: np.array([0.5, 0.5]), 400: np.array([0.6, 0.6])}
    said = say.labels(scratch, {16: np.array([0.2, 0.4]), 80: np.array([0.5, 0.5])}, "textures")
    assert "With 16 labelled scenes mean IoU is 0.30; 5 times the labels change it by +0.20 ± 0.00" in said
    assert "textures by +0.00 ± 0.10 (higher in 1 of 2 seeds)" in said
    arms = {"baseline": 0.8, "half the width": 0.7, "half, taught by twice": 0.6, "constant rate": 0.5}
    said = say.cost({name: np.full(2, score) for name, score in {**arms, "constant, a third": 0.9}.items()})
    for part in (
        "IoU by -0.10",
        "network by -0.10",
        "gains +0.30",
        "-0.10 ± 0.00 (higher in 0 of 2 seeds) over a third",
    ):
        assert part in said


# The exercise in rain: graded by what the network reaches


@pytest.fixture(scope="module")
def given():
    """What diagnose_rain is given: a training loop, a small network, its start, weights trained by day, scenes."""
    data = figures.make_data("digits", train=256, test=64, digits=3, repeats=0)
    light = transforms.Augment(brightness=0.05, contrast=0.1)
    rates = bench.one_cycle(0.03, 60)

    def train(network, start, scenes, seed, change=light):
        bench.restart(network, start)
        batches = transforms.Batches(scenes.images, scenes.semantic, 16, change, seed=seed, steps=len(rates))
        for batch, rate in zip(batches.dataset(0, 1), rates, strict=True):
            network.optimizer.learning_rate = rate
            network.train_on_batch(*batch)

    network = bench.build(4, 4, losses.SegmentationLoss("cross_entropy_dice", over="batch"))
    train(network, bench.start_weights(4, 4, 0), data.learn, 0)
    start = network.get_weights()
    train(network, start, data.learn, 1)
    return train, network, start, network.get_weights(), data.learn, data.test


def rain(images, masks, seed):
    row, column = tf.range(48.0)[:, None], tf.range(48.0)
    top, left = tf.unstack(tf.random.stateless_uniform((2, 12, 16, 1, 1), seed, maxval=48.0))
    along = row - top  # rows from the beginning of each streak
    streaks = (along >= 0) & (along < 16) & (tf.abs(column - left - along / 4) < 0.5)
    wet = tf.reduce_any(streaks, axis=0)[..., None]
    return tf.where(wet, 220.0, tf.cast(images, tf.float32)), masks


def test_rain_like_that_of_the_test_reaches_the_goal(given):
    assert frontiers.diagnose_rain(rain, *given) is None


def specks(images, masks, seed):
    """One bright pixel a scene: too little to learn rain from."""
    at = tf.cast(tf.random.stateless_uniform((16, 1), seed, maxval=48.0), tf.int32)
    bright = (tf.range(48) == at)[:, None, :, None] & (tf.range(48) == 0)[:, None, None]
    return tf.where(bright, 220.0, tf.cast(images, tf.float32)), masks


def fixed(images, masks, seed):
    return rain(images, masks, (0, 0))


@pytest.mark.parametrize(
    ("augment", "words"),
    [
        (lambda images, masks, seed: None, "`return` is missing"),
        (lambda images, masks, seed: (images[..., 0], masks), "not the shape"),
        (lambda images, masks, seed: (rain(images, masks, seed)[0], masks % 2), "labels stay"),
        (lambda images, masks, seed: (2 * rain(images, masks, seed)[0], masks), "an image has 0 to 255"),
        (lambda images, masks, seed: (images, masks), "as they were"),
        (fixed, "the same rain"),
        (lambda images, masks, seed: (tf.where(images > 9, 220.0, images), masks), "Images come as uint8 tensors"),
        (specks, "In the hardest rain"),
    ],
    ids=["nothing", "shape", "masks", "range", "unchanged", "one rain", "floats", "specks"],
)
def test_of_rain_that_falls_short_the_cure_is_named(given, augment, words):
    assert words in frontiers.diagnose_rain(augment, *given)


def test_a_gain_in_rain_that_costs_too_much_by_day_is_not_enough():
    assert frontiers.judge_rain(-0.04, 0.06) is None
    assert "let some scenes stay dry" in frontiers.judge_rain(-0.06, 0.2)
    assert "changes by +0.04" in frontiers.judge_rain(0.1, 0.04)


def test_the_checker_of_rain_prints_its_verdict(capsys):
    scenes = figures.make_data("digits", train=16, test=0, repeats=0).learn
    capsys.readouterr()
    frontiers.check_rain(lambda images, masks, seed: None, None, None, None, None, scenes, None)
    assert capsys.readouterr().out.startswith("rain: not started yet")
