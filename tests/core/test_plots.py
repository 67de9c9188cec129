"""Figures show the numbers that they were given. How they look is judged by eye, in the notebooks."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

from segutils.lessons import frontiers, segmentation_run


@pytest.fixture
def ax():
    figure, ax = plt.subplots()
    yield ax
    plt.close(figure)


@pytest.mark.parametrize("x", [(10, 20, 40), {"a": (10, 20, 40), "b": (1, 2, 3)}], ids=["shared", "of each name"])
def test_bands_show_mean_and_extremes_of_the_repeats(ax, x):
    repeats = {"a": [[1, 2, 3], [3, 2, 8]], "b": [[0, 0, 0], [0, 6, 1]]}  # two repeats at three places
    frontiers.bands(ax, x, repeats, xlabel="steps")
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


def test_ranked_bars_run_from_the_origin_to_the_mean_the_largest_on_top_with_a_stroke_a_repeat(ax):
    named = {"small": [1.1, 1.3], "large": [2, 4, 3], "below": [0.5, 0.7]}
    assert segmentation_run.ranked_bars(ax, named, origin=1.0, xlabel="times") == ["large", "small", "below"]
    ends = {tuple(sorted((bar.get_x(), bar.get_x() + bar.get_width()))) for bar in ax.patches}
    assert {tuple(np.round(end, 6)) for end in ends} == {(1, 3), (1, 1.2), (0.6, 1)}
    assert [label.get_text() for label in ax.get_yticklabels()] == ["large", "small", "below"]
    assert ax.yaxis_inverted(), "row 0 is on top"
    np.testing.assert_allclose(ax.lines[0].get_xydata(), [(2, 0), (4, 0), (3, 0)])
