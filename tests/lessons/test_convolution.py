"""The kernel editor frames the window that is nearest to the chosen pixel."""

import numpy as np
import pytest
from support import INK

from segutils.lessons import convolution


@pytest.mark.parametrize("padding", ["same", "valid"])
@pytest.mark.parametrize(("stride", "dilation"), [(1, 1), (1, 3), (2, 1), (3, 2), (4, 4)])
def test_the_window_drawn_has_its_centre_nearest_to_the_chosen_pixel(padding, stride, dilation):
    image = np.tile(INK, (2, 2))
    draw = convolution.kernel_editor(image)
    for row, column in ((0, 55), (17, 30), (39, 2)):
        figure = draw(stride=stride, dilation=dilation, padding=padding, row=row, column=column)
        frame, seen, plus = figure.axes[0].lines
        assert [plus.get_xdata()[0], plus.get_ydata()[0]] == [column, row]
        centre = np.array([seen.get_ydata()[4], seen.get_xdata()[4]])
        np.testing.assert_allclose(centre, [np.mean(frame.get_ydata()[[0, 2]]), np.mean(frame.get_xdata()[[0, 2]])])
        first = dilation if padding == "valid" else 0  # no valid window has its centre nearer to the border
        possible = np.clip([row, column], first, np.array(image.shape) - 1 - first)
        assert (np.abs(centre - possible) <= stride).all()
