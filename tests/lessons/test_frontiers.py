"""The figure of repeated measurements shows the numbers that it was given. How it looks is judged by eye."""

import numpy as np
import pytest

from segutils.lessons import frontiers


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
