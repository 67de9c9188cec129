"""Tiling: the prediction of the whole image, put together from windows, in memory that the height does not matter to.

The models have a known receptive field: a 3×3 convolution reaches 1 pixel, and after pooling by p it reaches p.
"""

import tracemalloc

import keras
import numpy as np
import pytest
import tifffile
from hypothesis import given, settings
from hypothesis import strategies as st

from segutils import tiling
from segutils.metrics import VOID
from segutils.tiling import predict_tiled, tiles_along


@pytest.fixture(scope="module")
def pooling():
    """Two 3×3 convolutions, pooling by 4, one more, and back: reaches 2 + 3 + 4 pixels, up to 3 more where it pools."""
    keras.utils.set_random_seed(4)
    inputs = keras.Input((None, None, 2))
    x = keras.layers.Conv2D(6, 3, padding="same", activation="relu")(inputs)
    skip = keras.layers.Conv2D(6, 3, padding="same", activation="relu")(x)
    x = keras.layers.Conv2D(5, 3, padding="same", activation="relu")(keras.layers.MaxPooling2D(4)(skip))
    x = keras.layers.Concatenate()([skip, keras.layers.UpSampling2D(4)(x)])
    return keras.Model(inputs, keras.layers.Conv2D(3, 1, activation="softmax")(x))


REACH = 2 + 3 + 4 + 3


def whole(model, image, multiple):
    """The prediction of the whole image, mirrored up to a multiple: what tiling must equal."""
    height, width, _ = image.shape
    padded = np.pad(image, [(0, -height % multiple), (0, -width % multiple), (0, 0)], mode="reflect")
    return np.asarray(model.predict_on_batch(padded[None]))[0, :height, :width]


def random_image(height, width, seed=0):
    return np.random.default_rng(seed).uniform(-1, 1, (height, width, 2)).astype(np.float32)


# Values


@pytest.mark.parametrize(
    ("height", "width", "tile", "margin", "blend", "multiple", "batch_size"),
    [
        (96, 128, 48, 12, 0, 4, 8),
        (101, 131, 48, 12, 8, 4, 3),
        (97, 150, 56, 16, 5, 8, 8),
        (63, 201, 64, 20, 16, 4, 1),
        (40, 41, 36, 12, 3, 4, 100),
        (35, 90, 64, 13, 4, 16, 2),
        (130, 37, 48, 14, 1, 4, 2),
    ],
)
def test_tiles_give_the_prediction_of_the_whole(pooling, height, width, tile, margin, blend, multiple, batch_size):
    assert margin >= REACH
    image = random_image(height, width)
    options = {"tile": tile, "margin": margin, "blend": blend, "multiple": multiple, "batch_size": batch_size}
    got = predict_tiled(pooling.predict_on_batch, image, **options)
    assert got.shape == (height, width, 3)
    assert got.dtype == np.float32
    np.testing.assert_allclose(got, whole(pooling, image, multiple), atol=1e-5)


def test_a_plain_convolution_needs_a_margin_of_its_radius_and_not_one_less(rng):
    """A 5×5 mean over 1 − 2 − 2 pixels: exact with margin 2, wrong only near the seams with margin 1."""
    model = keras.Sequential([keras.Input((None, None, 1)), keras.layers.Conv2D(1, 5, padding="same", use_bias=False)])
    model.set_weights([np.full((5, 5, 1, 1), 0.04, np.float32)])
    image = rng.uniform(1, 2, (50, 71, 1)).astype(np.float32)
    right = whole(model, image, 1)
    options = {"tile": 20, "multiple": 1, "blend": 3}
    np.testing.assert_allclose(predict_tiled(model.predict_on_batch, image, margin=2, **options), right, atol=1e-5)
    wrong = np.abs(predict_tiled(model.predict_on_batch, image, margin=1, **options) - right).max(-1)
    assert wrong.max() > 0.01
    assert wrong[:14, :14].max() < 1e-5, "the first tile's middle"
    assert (wrong > 1e-5).mean() < 0.5


def test_without_margin_blending_makes_seams_smaller(pooling):
    image = random_image(96, 128)
    right = whole(pooling, image, 4)
    error = [
        np.abs(predict_tiled(pooling.predict_on_batch, image, tile=32, margin=0, blend=blend, multiple=4) - right).max()
        for blend in (0, 12)
    ]
    assert error[0] > error[1] > 1e-3


@pytest.mark.parametrize(("height", "width"), [(1, 1), (3, 5), (16, 16), (5, 200)])
def test_an_image_smaller_than_the_tile_is_one_window_mirrored_up_to_the_multiple(height, width):
    seen = []

    def predict(batch):
        seen.append(batch.shape)
        return batch

    image = random_image(height, width)
    got = predict_tiled(predict, image, tile=32, margin=4, blend=4, multiple=8)
    np.testing.assert_allclose(got, image, atol=1e-6)
    assert {shape[1] for shape in seen} == {-(-height // 8) * 8}
    assert {shape[2] for shape in seen} == {min(32, -(-width // 8) * 8)}


def test_what_is_mirrored_is_the_lower_and_right_border():
    batches = []
    image = np.arange(3 * 6, dtype=np.float32).reshape(3, 6, 1)
    predict_tiled(lambda batch: batches.append(batch) or batch, image, tile=8, margin=0, blend=0, multiple=4)
    assert batches[0][0, :, :, 0].tolist() == [
        [0, 1, 2, 3, 4, 5, 4, 3],
        [6, 7, 8, 9, 10, 11, 10, 9],
        [12, 13, 14, 15, 16, 17, 16, 15],
        [6, 7, 8, 9, 10, 11, 10, 9],
    ]


def test_integers_are_handed_on_as_they_are_and_the_image_is_not_changed():
    image = np.random.default_rng(1).integers(0, 255, (40, 30, 3)).astype(np.uint8)
    before, types = image.copy(), set()

    def predict(batch):
        types.add(batch.dtype)
        batch[:] = 7
        return np.ones((*batch.shape[:3], 1))

    got = predict_tiled(predict, image, tile=16, margin=4, blend=2, multiple=2)
    assert types == {np.dtype(np.uint8)}
    assert np.array_equal(image, before)
    np.testing.assert_allclose(got, 1, atol=1e-6)


# Weights


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_weights_sum_to_one_and_are_zero_over_inner_margins(data):
    multiple = data.draw(st.integers(1, 16), "multiple")
    margin, blend = data.draw(st.integers(0, 40), "margin"), data.draw(st.integers(0, 20), "blend")
    least = -(-(2 * margin + blend + multiple) // multiple)
    tile = multiple * (least + data.draw(st.integers(0, 20), "more"))
    length = multiple * data.draw(st.integers(1, 120), "length")
    tiles = tiles_along(length, tile=tile, margin=margin, blend=blend, multiple=multiple)
    total = np.zeros(length)
    for i, (start, weight) in enumerate(tiles):
        assert start % multiple == 0
        assert len(weight) == min(tile, length)
        assert weight.min() >= 0
        total[start : start + len(weight)] += weight
        if i:
            assert start > tiles[i - 1].start
            assert not weight[:margin].any()
        if i + 1 < len(tiles):
            assert not weight[len(weight) - margin :].any()
    np.testing.assert_allclose(total, 1, atol=1e-6)
    assert tiles[0].start == 0
    assert tiles[-1].start + len(tiles[-1].weight) == length


def test_weights_climb_in_a_straight_line_over_the_blend():
    first, second = tiles_along(12, tile=8, margin=1, blend=2, multiple=4)
    assert (first.start, second.start) == (0, 4)
    np.testing.assert_allclose(first.weight, [1, 1, 1, 1, 1, 2 / 3, 1 / 3, 0], atol=1e-6)
    np.testing.assert_allclose(second.weight, [0, 1 / 3, 2 / 3, 1, 1, 1, 1, 1], atol=1e-6)


# What is written, and where


def test_finish_turns_blended_scores_into_what_is_written(pooling):
    image = random_image(61, 85)
    options = {"tile": 48, "margin": 12, "blend": 4, "multiple": 4}
    got = predict_tiled(pooling.predict_on_batch, image, finish=lambda s: s.argmax(-1).astype(np.uint8), **options)
    assert (got.shape, got.dtype) == ((61, 85), np.uint8)
    right = whole(pooling, image, 4)
    clear = np.ptp(np.sort(right)[..., -2:], axis=-1) > 1e-4
    assert clear.mean() > 0.9
    assert np.array_equal(got[clear], right.argmax(-1)[clear])


def test_windows_are_read_from_and_written_to_files(pooling, tmp_path):
    image = random_image(70, 93)
    tifffile.imwrite(tmp_path / "in.tif", image, photometric="minisblack", planarconfig="contig")
    source = tifffile.memmap(tmp_path / "in.tif", mode="r")
    scores = np.memmap(tmp_path / "out.raw", np.float32, "w+", shape=(70, 93, 3))
    classes = tifffile.memmap(tmp_path / "out.tif", shape=(70, 93), dtype=np.uint8)
    options = {"tile": 48, "margin": 12, "blend": 4, "multiple": 4}
    assert predict_tiled(pooling.predict_on_batch, source, out=scores, **options) is scores
    predict_tiled(pooling.predict_on_batch, source, out=classes, finish=lambda s: s.argmax(-1), **options)
    scores.flush()
    classes.flush()
    in_memory = predict_tiled(pooling.predict_on_batch, image, **options)
    assert np.array_equal(np.fromfile(tmp_path / "out.raw", np.float32).reshape(70, 93, 3), in_memory)
    assert np.array_equal(tifffile.imread(tmp_path / "out.tif"), in_memory.argmax(-1))


def test_an_image_wider_than_a_band_is_done_band_by_band(pooling, monkeypatch):
    image = random_image(90, 211)
    counts = []
    options = {"tile": 48, "margin": 12, "blend": 4, "multiple": 4}
    once = predict_tiled(pooling.predict_on_batch, image, **options)
    for band in (1, 2, 3):
        monkeypatch.setattr(tiling, "BAND", band)
        banded = predict_tiled(pooling.predict_on_batch, image, progress=lambda *n: counts.append(n), **options)
        np.testing.assert_allclose(banded, once, atol=1e-6)
        np.testing.assert_allclose(banded, whole(pooling, image, 4), atol=1e-5)
        assert counts[-1][0] == counts[-1][1]


def test_progress_counts_tiles_up_to_all():
    counts = []
    options = {"tile": 16, "margin": 2, "blend": 4, "multiple": 8, "batch_size": 4}
    predict_tiled(lambda b: b, random_image(40, 56), progress=lambda *count: counts.append(count), **options)
    # starts 0, 8, 16, 24 down and 0, 8, …, 40 across: 4 rows of 6, by 4 and 2
    assert counts == [(n, 24) for row in range(4) for n in (6 * row + 4, 6 * row + 6)]


class Endless:
    """An image that is never in memory as a whole: any window of it is made when it is asked for."""

    def __init__(self, height, width):
        self.shape, self.largest = (height, width, 2), 0

    def __getitem__(self, window):
        rows, columns = (range(*part.indices(side)) for part, side in zip(window, self.shape, strict=False))
        self.largest = max(self.largest, len(rows) * len(columns))
        return np.ones((len(rows), len(columns), 2), np.uint8)


class Nowhere:
    """Takes what is written and keeps only a count."""

    def __init__(self, height, width):
        self.shape, self.pixels = (height, width), 0

    def __setitem__(self, rows, values):
        self.pixels += values.size


def peak_bytes(height, width):
    """Most bytes held while an image is predicted from windows into windows."""
    image, out = Endless(height, width), Nowhere(height, width)
    options = {"tile": 64, "margin": 8, "blend": 8, "multiple": 16, "finish": lambda s: s[..., 0].astype(np.uint8)}
    tracemalloc.start()
    predict_tiled(lambda batch: batch.astype(np.float32), image, out=out, **options)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert image.largest == 64 * 64
    assert out.pixels == height * width
    return peak


def test_memory_does_not_grow_with_height_or_width():
    """But for the places and weights of the tiles: less than 25 bytes for each row or column more."""
    small, tall, wide = peak_bytes(128, 800), peak_bytes(32_000, 800), peak_bytes(128, 32_000)
    assert tall - small < 25 * (32_000 - 128)
    assert wide - small < 25 * (32_000 - 800)


# Errors


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"tile": 60}, "tile must be a multiple of 16, got 60; take 64"),
        ({"tile": 0}, "tile must be a multiple of 16, got 0; take 16"),
        ({"margin": -1}, "margin and blend must be >= 0, got -1 and 8"),
        ({"margin": 24}, "a tile of 64 pixels leaves no room between two margins of 24 and a blend of 8; .* least 72"),
        (
            {"out": np.zeros((100, 99, 2))},
            r"out must have the image's height and width \(100, 90\), got \(100, 99, 2\)",
        ),
        ({"image": np.zeros((100, 90))}, r"image must be \(H, W, C\), got \(100, 90\); grey images take"),
        ({"image": np.zeros((0, 90, 3))}, r"image must be \(H, W, C\), got \(0, 90, 3\)"),
        ({"predict": lambda b: b[:, 1:]}, r"same height and width; \(2, 64, 64, 2\) became \(2, 63, 64, 2\)"),
        ({"predict": lambda b: b[..., 0]}, r"must give \(B, H, W, K\) .* became \(2, 64, 64\)"),
        ({"predict": lambda b: b[:1]}, r"became \(1, 64, 64, 2\)"),
    ],
)
def test_what_does_not_fit_is_refused_with_the_cure(options, message):
    defaults = {
        "predict": lambda b: b,
        "image": random_image(100, 90),
        "tile": 64,
        "margin": 8,
        "blend": 8,
        "multiple": 16,
    }
    with pytest.raises(ValueError, match=message):
        predict_tiled(**{**defaults, **options})


def test_cut_covers_every_pixel_and_keeps_image_and_mask_in_step():
    values = np.arange(5 * 9, dtype=np.uint8).reshape(5, 9)
    images, masks = tiling.cut_into_tiles([values[..., None]], [values], size=4, step=3)
    np.testing.assert_array_equal(images[..., 0], masks)
    assert set(masks.ravel().tolist()) == set(values.ravel().tolist())
    corners = [(0, 0), (0, 3), (0, 5), (1, 0), (1, 3), (1, 5)]
    np.testing.assert_array_equal(masks, [values[y : y + 4, x : x + 4] for y, x in corners])


def test_cut_pads_small_images_with_void():
    images, masks = tiling.cut_into_tiles(
        [np.full((2, 6, 3), 9, np.uint8)], [np.ones((2, 6), np.uint8)], size=4, step=4
    )
    assert images.shape == (2, 4, 4, 3)
    assert (masks[:, :2] == 1).all()
    assert (masks[:, 2:] == VOID).all()
    assert (images[:, 2:] == 0).all()
