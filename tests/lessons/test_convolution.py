"""Lesson 2: the kernel editor frames the window nearest to the chosen pixel; what the page says holds in more cases."""

import contextlib
import io

import keras
import matplotlib.pyplot as plt
import numpy as np
import pytest
import tensorflow as tf
from scipy.signal import convolve2d, correlate2d
from support import INK

from segutils import reference, scenes
from segutils.digits import load_digits
from segutils.lessons import convolution
from segutils.lessons import convolution_figures as figures
from segutils.lessons.convolution_figures import grey_conv, grey_tensorflow

RNG = np.random.default_rng(0)
VERTICAL = np.array(convolution.KERNELS["vertical edge"], float)
SCENE = figures.scene_of_page_one()
DRAWN = RNG.normal(size=(3, 3))


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


# What the page says


def test_the_scene_is_that_of_page_one_and_its_digits_are_as_high_as_the_page_says():
    with contextlib.redirect_stdout(io.StringIO()):
        digits = load_digits("bundled")
    images, _, instances = scenes.make_scenes(digits.test, 16, seed=(0, 2))
    np.testing.assert_array_equal(SCENE, images[8, :, :, 0])
    heights = [np.ptp(np.nonzero(instances[8] == number)[0]) + 1 for number in range(1, instances[8].max() + 1)]
    assert (min(heights), max(heights)) == (18, 23)


def test_the_sums_on_the_page_are_those_of_the_article_s_indices():
    piece = SCENE[31:36, 2:9] // 26
    by_article = {  # i, j, m, n count from 1, Python's brackets from 0
        (i, j): sum(piece[i + m - 2, j + n - 2] * VERTICAL[m - 1, n - 1] for m in (1, 2, 3) for n in (1, 2, 3))
        for i in (1, 2, 3)
        for j in (1, 2, 3, 4, 5)
    }
    assert [by_article[2, j] for j in (2, 3, 4, 5)] == [18, 8, -5, -19]
    for operation in (grey_conv, grey_tensorflow):
        np.testing.assert_allclose(operation(piece, VERTICAL).ravel(), list(by_article.values()))
    dot, count = np.pad([[1.0]], 2), np.arange(1.0, 10).reshape(3, 3)
    np.testing.assert_allclose(grey_conv(dot, count), correlate2d(dot, count, "valid"))
    np.testing.assert_allclose(grey_conv(dot, count[::-1, ::-1]), convolve2d(dot, count, "valid"))


@pytest.mark.parametrize("case", [(6, 3, 1, 1), (6, 2, 1, 1), (6, 3, 2, 1), (7, 3, 2, 1), (9, 3, 1, 2), (9, 4, 3, 2)])
def test_the_formula_of_the_size_is_tensorflow_s_and_an_odd_row_of_zeros_goes_below(case):
    rows, size, stride, dilation = case
    x, kernel = SCENE[40 : 40 + rows, 25 : 25 + rows], RNG.normal(size=(size, size))
    places = reference.windows(x.shape, size, stride=stride, dilation=dilation, padding="same")
    above, below = places.before[0], places.after[0]
    same = grey_tensorflow(x, kernel, stride, "same", dilation)
    by_zeros = grey_conv(np.pad(x, (above, below)), kernel, stride=stride, dilation=dilation)
    np.testing.assert_allclose(by_zeros, same)
    assert below - above in (0, 1)
    for padded, result in ((above + below, same), (0, grey_tensorflow(x, kernel, stride, dilation=dilation))):
        assert len(result) == (rows + padded - dilation * (size - 1) - 1) // stride + 1
    assert len(same) == -(-rows // stride)


@pytest.mark.parametrize(("stride", "dilation"), [(2, 1), (1, 2), (3, 1), (1, 4)])
def test_a_layer_with_channels_is_tensorflow_s(stride, dilation):
    x = figures.two_photographs()
    kernel, bias = RNG.normal(size=(3, 2, 3, 4)), RNG.normal(size=4)
    ours = reference.conv2d(x, kernel, bias, stride=stride, dilation=dilation, padding="same")
    np.testing.assert_allclose(ours, tf.nn.conv2d(x, kernel, stride, "SAME", dilations=dilation) + bias)


def test_padding_on_each_side_at_stride_2_is_another_result_of_the_same_size():
    same, each_side = (grey_conv(SCENE, DRAWN, stride=2, padding=padding) for padding in ("same", 1))
    assert same.shape == each_side.shape
    assert not np.isclose(same, each_side).any()


def test_mistakes_with_shapes_are_refused():
    x, kernel = figures.two_photographs(), np.ones((3, 2, 3, 4))
    with pytest.raises(ValueError, match="expected min_ndim=4"):
        keras.layers.Conv2D(32, 3)(SCENE)
    with pytest.raises(ValueError, match="C = 3"):
        reference.conv2d(x, kernel[:, :, :1])
    with pytest.raises(ValueError, match="take a smaller kernel"):
        reference.conv2d(x[:, :4], kernel, dilation=2)
    with pytest.raises(ValueError, match="dilation_rate"):
        keras.layers.Conv2D(32, 3, strides=2, dilation_rate=2)


@pytest.mark.parametrize(("name", "total"), [("vertical edge", 0), ("Laplacian", 0), ("sharpen", 1), ("blur", 1)])
def test_even_paper_is_multiplied_by_the_sum_of_a_kernel(name, total):
    kernel = np.array(convolution.KERNELS[name], float)
    np.testing.assert_allclose(grey_conv(np.full((9, 9), 200.0), kernel), 200 * total, atol=1e-9)
    np.testing.assert_allclose(figures.gaussian(9).sum(), 1)


def test_dilation_keeps_the_size_only_where_the_image_is_padded():
    assert grey_tensorflow(SCENE, DRAWN, padding="same", dilation=3).shape == (64, 64)
    assert grey_tensorflow(SCENE, DRAWN, dilation=3).shape == (64 - 3 * 2, 64 - 3 * 2)


def test_activations_are_those_of_the_reference():
    x = np.linspace(-5, 5, 201)
    for name, value in {"sigmoid": 1 / (1 + np.exp(-x)), "tanh": np.tanh(x), "relu": np.maximum(x, 0)}.items():
        np.testing.assert_allclose(getattr(reference, name)(x), value, atol=1e-12)


@pytest.mark.parametrize("size", [3, 4])
def test_stamps_of_ones_are_those_of_keras_and_even_where_the_stride_divides_the_kernel(size):
    layer = keras.layers.Conv2DTranspose(1, size, strides=2, kernel_initializer="ones")
    ones = np.ones((1, 3, 4, 1))
    stamped = reference.conv2d_transpose(ones, np.ones((size, size, 1, 1)), stride=2)[0, :, :, 0]
    np.testing.assert_allclose(layer(ones)[0, :, :, 0], stamped)
    assert (np.ptp(stamped[2:-2, 2:-2]) == 0) == (size % 2 == 0)


# Figures


def test_a_window_is_told_up_to_its_pixel():
    figure = figures.show_window(np.arange(20.0).reshape(4, 5), VERTICAL, row=1, column=0)
    assert [text.get_text() for text in figure.axes[3].texts] == ["?", "?", "?", "8", "?", "?"]
    assert figure.axes[2].get_title() == "products,\nin all 8"
    plt.close(figure)


@pytest.mark.parametrize(("stride", "dilation"), [(1, 1), (2, 2), (4, 4)])
def test_steps_are_drawn_for_each_setting(stride, dilation):
    figure = figures.show_steps(np.ones((5, 7)), stride, dilation)
    assert len(figure.axes[0].patches) == 2
    assert len(figure.axes[1].patches) == (4 if dilation == 4 else 9), "those within the image"
    plt.close(figure)


def test_a_field_is_measured_and_judged(capsys):
    ways = np.zeros((41, 41))
    ways[5:36, 5:36] = 1
    assert figures.field_of(ways) == (31, 961)
    design = [(1, 1), (1, 2), (1, 4), (1, 8)]
    figures.judge_layers(design, ways)
    assert "0 holes in them.\nReached" in capsys.readouterr().out
    ways[20, 20] = 0
    for layers, seen in ((design, ways), ([(2, 1)] * 4, ways > -1), ([*design, (1, 1)], ways > -1)):
        figures.judge_layers(layers, seen)
        assert "Not yet" in capsys.readouterr().out
