"""Figures are judged by their pixels."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg

from segutils import plots


def test_a_frame_at_the_edge_of_an_array_is_whole():
    """The black line around the axes runs beside it, not through it."""
    figure, ax = plt.subplots(figsize=(2, 2), dpi=100)
    plots.show_numbers(ax, np.full((4, 4), 5), boxes=[(0, 0, 2, 2)])
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    pixels = np.asarray(canvas.buffer_rgba())[..., :3]
    edge = round(ax.bbox.x0)
    for row, is_framed in ((0.5, True), (2.5, False)):
        y = round(figure.bbox.height - ax.transData.transform((0, row))[1])
        beside = pixels[y, edge - 2 : edge + 3]
        assert (beside.max(axis=1).min() < 80) != is_framed, beside
