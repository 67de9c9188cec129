"""What notebook 3 says of pooling and no longer shows line by line, and the measurements of its lesson."""

import numpy as np
import pytest
import tensorflow as tf
from scipy.signal import correlate2d
from skimage import data

from segutils import reference, scenes
from segutils.digits import load_digits
from segutils.lessons import pooling


@pytest.fixture(scope="module")
def digits():
    return load_digits("bundled")


@pytest.fixture(scope="module")
def masks(digits):
    return scenes.make_scenes(digits.test, 40, seed=0).semantic.astype(int)


def test_average_pooling_is_a_depthwise_convolution_with_a_fixed_kernel():
    colour = data.astronaut()[None, :64:2, 200:296:2].astype(float)  # (1, 32, 48, 3)
    fixed = np.full((2, 2, 1, 3), 1 / 4)
    averaged = reference.average_pool(colour, 2)
    np.testing.assert_allclose(reference.conv2d(colour, fixed, stride=2, groups=3), averaged)
    depthwise = tf.nn.depthwise_conv2d(colour, fixed.transpose(0, 1, 3, 2), [1, 2, 2, 1], "VALID")
    np.testing.assert_allclose(depthwise, averaged)


@pytest.mark.parametrize("layers", [[(3, 1)], [(3, 1), (2, 2), (3, 1)], [(5, 1), (3, 3)], [(2, 2), (1, 1), (3, 2)]])
def test_pixels_that_matter_are_those_that_a_poke_reaches(layers):
    """By hand: from one number of the last map back to the first and the last pixel that it depends on."""
    first = last = 0
    for window, stride in reversed(layers):
        first, last = first * stride, last * stride + window - 1
    assert pooling.pixels_that_matter(layers) == last - first + 1


@pytest.mark.parametrize("size", [2, 3, 4])
def test_a_shift_by_one_stride_moves_a_pooled_map_and_changes_nothing_else(digits, size):
    still, moved = pooling.edge_maps(digits.test.images[:20], (0, size))
    for pool in (
        lambda maps: maps[:, ::size, ::size],
        lambda maps: reference.average_pool(maps, size),
        lambda maps: reference.max_pool(maps, size),
    ):
        np.testing.assert_allclose(pool(moved)[:, :, 1:], pool(still)[:, :, :-1], atol=1e-12)


def test_edge_maps_are_those_of_scipy(digits):
    (edges,) = pooling.edge_maps(digits.test.images[:2], (3,))
    padded = np.pad(digits.test.images[1] / 255, 8)
    kernel = np.array([[1, 0, -1], [2, 0, -2], [1, 0, -1]]) / 4
    expected = np.maximum(correlate2d(np.roll(padded, 3, 1), kernel, "same"), 0)
    np.testing.assert_allclose(edges[1, :, :, 0], expected, atol=1e-12)


def test_a_larger_window_forgives_more(digits):
    """The two numbers that notebook 3 names below its explorer."""
    image = digits.test.images[2].astype(float)[None, :, :, None]
    moved = np.roll(image, 1, axis=2)
    change = [
        pooling.relative_change(*(reference.max_pool(x, size, stride=2) for x in (image, moved))) for size in (2, 7)
    ]
    np.testing.assert_allclose(change, [0.28, 0.18], atol=0.005)


def test_relative_change_on_paper():
    before = np.array([[3.0, 4], [0, 0]])
    assert pooling.relative_change(before, before) == 0
    assert pooling.relative_change(before, [[3, 0], [7, 0]]) == pytest.approx(0.8)  # 4 / 5; what was zero is left out
    assert pooling.relative_change(0 * before, 0 * before) == 0


def test_no_label_of_a_block_has_more_pixels_right_than_the_vote(masks):
    for k in (2, 4, 8):
        blocks = masks.reshape(len(masks), 64 // k, k, 64 // k, k).swapaxes(2, 3).reshape(-1, k * k)
        vote = reference.average_pool(np.eye(11)[masks], k).argmax(-1).reshape(-1, 1)
        most = np.max([(blocks == label).sum(1) for label in range(11)], axis=0)
        np.testing.assert_array_equal((blocks == vote).sum(1), most)


def test_unpooling_and_nearest_are_those_of_tensorflow():
    photo = data.camera()[75:173, 170:268].astype(float)[None, :, :, None]
    edges = reference.relu(reference.conv2d(photo, pooling.EDGE))
    pooled, where = reference.max_pool(edges), reference.max_pool_indices(edges)
    places = tf.reshape(tf.nn.max_pool_with_argmax(edges, 2, 2, "VALID")[1], (-1, 1))
    placed = tf.scatter_nd(places, pooled.ravel(), [edges.size])
    unpooled, nearest = reference.max_unpool(pooled, where, edges.shape), reference.upsample(pooled)
    np.testing.assert_allclose(tf.reshape(placed, edges.shape), unpooled)
    np.testing.assert_allclose(tf.image.resize(pooled, edges.shape[1:3], "nearest"), nearest)
    assert abs(unpooled - edges).mean() < abs(nearest - edges).mean()
    before = photo[:, 1:-1, 1:-1]
    pooled, where = reference.max_pool(before), reference.max_pool_indices(before)
    unpooled = reference.max_unpool(pooled, where, before.shape)
    assert (unpooled == 0).mean() >= 0.75
    assert abs(unpooled - before).mean() > abs(reference.upsample(pooled) - before).mean()


@pytest.mark.parametrize(
    ("shrink", "verdict"),
    [
        (lambda m: reference.average_pool(reference.max_pool(m, 3, stride=1, padding="same"), 4), "success"),
        (lambda m: reference.max_pool(m, 5, stride=4), "success"),
        (lambda m: reference.average_pool(m, 4), "not yet"),
        (lambda m: np.zeros((len(m), 3, 3, 1)), "not yet"),
        (lambda m: reference.max_pool(m, 8), "not yet"),
        (lambda m: reference.max_pool(m, 4), "not yet"),
    ],
    ids=["blur first", "overlapping", "mean", "zeros", "too coarse", "the same"],
)
def test_the_open_exercise_wants_less_change_without_losing_digits(digits, capsys, shrink, verdict):
    pooling.judge(shrink, lambda m: reference.max_pool(m, 4), digits)
    assert capsys.readouterr().out.splitlines()[-1].startswith(verdict)


def test_windows_are_framed_alike_on_the_map_and_on_the_result():
    x = np.arange(24.0).reshape(4, 6)
    axes = pooling.show_windows(x, {"largest": x[1::2, 1::2]}, size=2, stride=2, marked=[(0, 0), (1, 2)])
    boxes = [[patch.get_bbox().bounds for patch in ax.patches] for ax in axes]
    np.testing.assert_allclose(boxes[0][1], (4 - 0.42, 2 - 0.42, 1.84, 1.84))
    np.testing.assert_allclose(boxes[1][1], (2 - 0.42, 1 - 0.42, 0.84, 0.84))
    letters = [[text.get_text() for text in ax.texts if text.get_text().isalpha()] for ax in axes]
    assert letters == [["A", "B"], ["A", "B"]]
