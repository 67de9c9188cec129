"""The figure of the ablation shows the numbers that it was given. How it looks is judged by eye."""

import numpy as np

from segutils.lessons import segmentation_figures


def test_ranked_bars_run_from_the_origin_to_the_mean_the_largest_on_top_with_a_stroke_per_repeat(ax):
    named = {"small": [1.1, 1.3], "large": [2, 4, 3], "below": [0.5, 0.7]}
    assert segmentation_figures.ranked_bars(ax, named, origin=1.0, xlabel="times") == ["large", "small", "below"]
    ends = {tuple(sorted((bar.get_x(), bar.get_x() + bar.get_width()))) for bar in ax.patches}
    assert {tuple(np.round(end, 6)) for end in ends} == {(1, 3), (1, 1.2), (0.6, 1)}
    assert [label.get_text() for label in ax.get_yticklabels()] == ["large", "small", "below"]
    assert ax.yaxis_inverted(), "row 0 is on top"
    np.testing.assert_allclose(ax.lines[0].get_xydata(), [(2, 0), (4, 0), (3, 0)])
