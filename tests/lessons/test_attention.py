"""Lesson 14: what the page says of attention's numbers, reach and costs; a training ends with its seconds."""

import time

import keras
import numpy as np
import pytest

from segutils import models, reference
from segutils.lessons import attention
from segutils.lessons import attention_figures as figures


def test_the_example_on_the_page():
    places = np.array([[2.0, 0], [0, 2], [2, 0]])
    weights = reference.attention_weights(places, places)
    np.testing.assert_allclose(weights[0].round(2), [0.49, 0.03, 0.49])
    heard = reference.attention(places, places, np.array([[40.0], [90], [4]]))
    np.testing.assert_allclose(heard.round(1).ravel(), [24.0, 82.8, 24.0])


class Counted(float):
    """A number that counts the products it takes part in."""

    products = 0

    def __mul__(self, other):
        Counted.products += 1
        return Counted(float(self) * float(other))

    def __add__(self, other):
        return Counted(float(self) + float(other))


def times(a, b):
    """The matrix product of two lists of rows, product by product."""
    result = []
    for row in a:
        result.append([])
        for column in zip(*b, strict=True):
            total = Counted(0)
            for x, y in zip(row, column, strict=True):
                total = total + x * y
            result[-1].append(total)
    return result


def test_the_multiplications_are_those_that_the_page_counts():
    places, channels, heads = 6, 4, 2
    rng = np.random.default_rng(0)
    counted = lambda *shape: [[Counted(x) for x in row] for row in rng.normal(size=shape)]  # noqa: E731
    x, size = counted(places, channels), channels // heads
    Counted.products = 0
    for _ in range(heads):
        q, k, v = (times(x, counted(channels, size)) for _ in range(3))
        weights = times(q, [list(column) for column in zip(*k, strict=True)])
        times(times(weights, v), counted(size, channels))
    assert Counted.products == 4 * channels**2 * places + 2 * channels * places**2
    equal = 2.5 * 96
    assert 4 * 96**2 * equal + 2 * 96 * equal**2 == 9 * 96**2 * equal
    assert round(4 * 4 * 256**4 / 1e9) == 69  # gigabytes of four heads' weights


def test_keras_gives_the_numbers_of_the_reference():
    x = np.random.default_rng(0).normal(size=(5, 6))
    weights = attention.random_heads(6, 2, 3)
    np.testing.assert_allclose(attention.keras_heads(x, weights), reference.self_attention(x, *weights), rtol=1e-5)


def test_the_coarsest_level_of_the_u_net_sees_more_than_the_scene():
    seen, jump = 1, 1
    for layer in models.unet(11).layers:
        if isinstance(layer, keras.layers.Conv2DTranspose):
            break
        if isinstance(layer, (keras.layers.Conv2D, keras.layers.MaxPooling2D)):
            size = (layer.kernel_size if isinstance(layer, keras.layers.Conv2D) else layer.pool_size)[0]
            seen, jump = seen + (size - 1) * jump, jump * layer.strides[0]
    assert (seen, jump) == (87, 16)


def test_three_convolutions_see_49_places_and_attention_sees_all():
    convolution, attended = figures.reaches(size=12, channels=4).values()
    rows, columns = np.nonzero(convolution)
    assert (convolution > 0).sum() == 49
    assert (rows.min(), rows.max(), columns.min(), columns.max()) == (3, 9, 3, 9)
    assert (attended > 0).all()


def test_patches_are_the_squares_of_the_image_at_length_1():
    image = np.random.default_rng(0).integers(0, 255, (16, 24))
    cut = attention.patches(image, 8)
    square = image[8:16, 16:24].astype(float)
    square -= square.mean()
    np.testing.assert_allclose(cut[5], (square / np.linalg.norm(square)).ravel())
    assert (attention.patches(np.full((8, 8), 7)) == 0).all()


def test_the_explorer_marks_the_square_that_asks_and_shows_its_weights():
    image = figures.scene_of_page_one().images[0]
    draw = attention.attention_explorer(image)
    figure = draw(row=6, column=1)
    left, right = figure.axes
    frame = left.lines[0]
    assert (frame.get_xdata().min(), frame.get_ydata().max()) == (7.5, 55.5)
    weights = right.images[0].get_array()
    assert weights.shape == (8, 8)
    np.testing.assert_allclose(weights.sum(), 1)
    start = draw().axes[1].images[0].get_array().copy()  # the left rim of the 0, as the page says
    assert 0.15 < start[1, 5] < 0.25
    start[4, 0] = 0
    assert start.argmax() == 8 * 1 + 5
    assert draw(row=0, column=0) is figure
    assert "[0, 0]" in left.get_title()


def test_attention_needs_more_memory_than_convolution_and_its_share_grows():
    measured = attention.measure((8, 24), channels=4)
    ratio = np.divide(measured["attention"][1], measured["convolution"][1])
    assert ratio[1] > 3 * ratio[0] > 3


def test_a_training_ends_with_its_seconds_and_its_rate_runs_through_one_cycle(monkeypatch):
    clock = iter(range(10_000))
    monkeypatch.setattr(attention.time, "process_time", lambda: next(clock))
    network = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    network.compile(keras.optimizers.SGD(0.001), "mse")
    seconds, rates = attention.EqualSeconds(60, peak=0.5), []
    watch = keras.callbacks.LambdaCallback(
        on_train_batch_end=lambda batch, logs: rates.append(float(network.optimizer.learning_rate))
    )
    network.fit(np.zeros((500, 1)), np.zeros(500), batch_size=1, callbacks=[seconds, watch], verbose=0)
    assert seconds.steps == len(rates) == 31  # the clock strikes twice a step, after the first
    assert max(rates) == pytest.approx(0.5, rel=0.1)
    assert rates[0] < 0.03
    assert rates[-1] < 0.03
    assert 6 <= int(np.argmax(rates)) <= 12
    assert time.process_time is not None


def test_tables_and_figures_hold_what_they_are_given(ax):
    runs = {0: {"plain": (10, 0.5), "with attention": (9, 0.625)}}
    table = figures.hybrid_table(runs)
    assert table.loc[0, "with attention: mean IoU"] == 0.625
    figures.show_clicks(ax, np.zeros((8, 8)), np.eye(8) > 0, [(1, 2, 1), (3, 4, -1)])
    assert [line.get_marker() for line in ax.lines] == ["+", "+", "_", "_"]
    left, right = figures.show_labour([1, 1, 2], [8, 9, 9])
    assert [bar.get_height() for bar in left.patches] == [2, 1]
    assert "8.7" in right.get_title()
