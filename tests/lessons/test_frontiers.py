"""The figure of repeated measurements shows the numbers that it was given. How it looks is judged by eye."""

import numpy as np
import pytest

from segutils.lessons import frontiers, frontiers_memory
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
    said = frontiers.describe_gain([0.5, 0.6, 0.7], [0.6, 0.6, 0.9])
    assert said == "+0.10 ± 0.06 (higher in 2 of 3 seeds)"
