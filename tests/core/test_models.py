"""Models: shapes, parameters counted by hand, a forward pass by hand, and what is saved is what comes back."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from numpy.lib.stride_tricks import sliding_window_view
from scipy.ndimage import map_coordinates

from segutils.models import Bilinear, article_cnn, fully_convolutional, unet


@pytest.fixture(scope="module")
def segmenter():
    return unet(11)


@pytest.fixture(scope="module")
def images():
    return np.random.default_rng(0).integers(0, 256, (2, 48, 80, 1)).astype(np.uint8)


def test_the_article_s_network_has_the_parameters_of_a_hand_count():
    first, second = 3 * 3 * 1 * 32 + 32, 3 * 3 * 32 * 64 + 64
    side = ((28 - 2) // 2 - 2) // 2  # 28 → 26 → 13 → 11 → 5
    dense = side * side * 64 * 10 + 10
    assert article_cnn().count_params() == first + second + dense == 34_826


def test_the_article_s_network_is_what_numpy_computes_from_its_weights(rng):
    model = article_cnn()
    images = rng.integers(0, 256, (3, 28, 28, 1)).astype(np.uint8)
    kernel1, bias1, kernel2, bias2, matrix, bias3 = (np.asarray(w, np.float64) for w in model.get_weights())
    x = images / 255
    for kernel, bias in ((kernel1, bias1 + 0.1), (kernel2, bias2 - 0.1)):
        x = np.einsum("bhwcij,ijcf->bhwf", sliding_window_view(x, (3, 3), (1, 2)), kernel) + bias
        height, width = x.shape[1] // 2 * 2, x.shape[2] // 2 * 2
        x = np.maximum(x, 0)[:, :height, :width].reshape(3, height // 2, 2, width // 2, 2, -1).max((2, 4))
    model.set_weights([kernel1, bias1 + 0.1, kernel2, bias2 - 0.1, matrix, bias3 + 0.3])
    np.testing.assert_allclose(model(images), x.reshape(3, -1) @ matrix + bias3 + 0.3, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize(("classes", "shape"), [(10, (28, 28, 1)), (4, (31, 40, 3))])
def test_the_article_s_network_takes_other_sizes_and_classes(classes, shape):
    assert article_cnn(classes, input_shape=shape)(np.zeros((2, *shape))).shape == (2, classes)


@pytest.fixture(scope="module")
def two_dense_layers():
    """A functional classifier of (13, 10, 3) with two branches, a hidden dense layer and no last bias."""
    layers = keras.layers
    inputs = keras.Input((13, 10, 3))
    x = layers.MaxPooling2D(2)(layers.Conv2D(5, 2, activation="tanh")(inputs))  # (6, 4, 5)
    x = layers.Add()([layers.Conv2D(6, (3, 2))(x), layers.Conv2D(6, (3, 2))(x)])  # (4, 3, 6)
    x = layers.Dense(7, activation="relu")(layers.Flatten()(x))
    return keras.Model(inputs, layers.Dense(4, activation="softmax", use_bias=False)(x), name="branched")


@pytest.mark.parametrize(("height", "width"), [(28, 28), (32, 28), (36, 48), (41, 61)])
def test_fully_convolutional_says_of_each_place_what_the_classifier_says_of_its_window(rng, height, width):
    classifier = article_cnn()
    classifier.set_weights([w + 0.02 for w in classifier.get_weights()])  # biases too
    images = rng.integers(0, 256, (2, height, width, 1)).astype(np.uint8)
    scores = np.asarray(fully_convolutional(classifier)(images))
    assert scores.shape == (2, (height - 28) // 4 + 1, (width - 28) // 4 + 1, 10)
    for row, column in np.ndindex(scores.shape[1:3]):
        window = images[:, 4 * row : 4 * row + 28, 4 * column : 4 * column + 28]
        np.testing.assert_allclose(scores[:, row, column], classifier(window), rtol=1e-4, atol=1e-4)


def test_fully_convolutional_turns_several_dense_layers_with_their_activations(rng, two_dense_layers):
    images = rng.integers(0, 2, (2, 17, 16, 3)).astype(np.float32)
    network = fully_convolutional(two_dense_layers)
    scores = np.asarray(network(images))
    assert scores.shape == (2, 3, 4, 4)
    for row, column in np.ndindex(3, 4):
        window = images[:, 2 * row : 2 * row + 13, 2 * column : 2 * column + 10]
        np.testing.assert_allclose(scores[:, row, column], two_dense_layers(window), rtol=1e-4, atol=1e-5)
    assert network.count_params() == two_dense_layers.count_params()


@pytest.mark.parametrize(("height", "width", "rows", "columns"), [(26, 33, 1, 2), (29, 30, 1, 2)])
def test_the_article_s_network_sees_26_pixels_each_way(height, width, rows, columns):
    network = fully_convolutional(article_cnn())
    assert network(np.zeros((1, height, width, 1))).shape == (1, rows, columns, 10)


def test_fully_convolutional_leaves_the_classifier_as_it_is_and_shares_no_weight():
    classifier = article_cnn()
    before = [w.copy() for w in classifier.get_weights()]
    network = fully_convolutional(classifier)
    network.set_weights([w + 1 for w in network.get_weights()])
    for old, new in zip(before, classifier.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)


def _of_9_by_7(*parts):
    return keras.Sequential([keras.Input((9, 7, 1)), *parts])


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: unet(3), "Add"),
        (lambda: _of_9_by_7(keras.layers.Flatten()), "Flatten"),
        (lambda: _of_9_by_7(keras.layers.GlobalAveragePooling2D(), keras.layers.Dense(2)), "2D, Dense"),
        (lambda: _of_9_by_7(keras.layers.Flatten(), keras.layers.Dropout(0.5), keras.layers.Dense(2)), "Dropout"),
        (lambda: _of_9_by_7(keras.layers.Reshape((63,)), keras.layers.Flatten(), keras.layers.Dense(2)), "Reshape"),
        (lambda: keras.Sequential([keras.layers.Flatten(), keras.layers.Dense(2)]), "so that it is built"),
        (lambda: "article_cnn", "str"),
    ],
    ids=["no flatten", "no dense", "pooled", "dropout", "no map", "not built", "no model"],
)
def test_fully_convolutional_refuses_what_does_not_end_in_flatten_and_dense(make, said):
    with pytest.raises(ValueError, match="ends in Flatten of") as caught:
        fully_convolutional(make())
    assert said in str(caught.value)


@pytest.mark.parametrize(("height", "width"), [(48, 80), (64, 16), (32, 96)])
def test_the_u_net_gives_one_score_per_class_and_pixel(segmenter, height, width):
    scores = segmenter(np.zeros((2, height, width, 1), np.float32))
    assert scores.shape == (2, height, width, 11)
    assert segmenter.output_shape == (None, None, None, 11)


@pytest.mark.parametrize(
    ("height", "width"),
    [(50, 64), (63, 63), (64, 37)],
)
def test_a_size_that_does_not_divide_is_refused_or_answered_with_its_own_size(segmenter, height, width):
    try:
        shape = segmenter(np.zeros((1, height, width, 1), np.float32)).shape
    except (ValueError, tf.errors.InvalidArgumentError):
        return
    assert shape == (1, height, width, 11)


def test_a_u_net_whose_stem_keeps_every_pixel_takes_multiples_of_8():
    network = unet(3, width=4, stem=1)
    assert network(np.zeros((1, 8, 24, 1), np.float32)).shape == (1, 8, 24, 3)
    with pytest.raises(ValueError, match=r"multiples of 8, got \(12, 24\); pad to \(16, 24\)"):
        network(np.zeros((1, 12, 24, 1), np.float32))
    with pytest.raises(ValueError, match="stem must be one of 1, 2; got 3"):
        unet(3, stem=3)


def test_attention_at_the_coarsest_level_lets_far_places_meet_and_its_heads_must_fit(tmp_path):
    far = np.zeros((2, 160, 32, 1), np.float32)
    far[1, -16:] = 255
    keras.utils.set_random_seed(0)
    plain, network = unet(3, width=4), unet(3, width=4, attention=2)
    assert network.count_params() - plain.count_params() == 4 * (24 * 24 + 24) + 4 * 24  # attention, normalisation
    for model, meets in ((plain, False), (network, True)):
        scores = np.asarray(model(far))
        assert (np.abs(scores[0, :16] - scores[1, :16]).max() > 0) == meets
    network.save(tmp_path / "attention.keras")
    again = keras.saving.load_model(tmp_path / "attention.keras", safe_mode=True)
    np.testing.assert_allclose(again(far), scores, rtol=1e-5, atol=1e-5)
    with pytest.raises(ValueError, match="heads that divides 24, or 0; got 5"):
        unet(3, width=4, attention=5)


def test_the_scores_are_logits_of_raw_pixels(segmenter, images):
    scores = np.asarray(segmenter(images))
    assert np.isfinite(scores).all()
    assert scores.min() < 0, "no softmax at the end"
    assert np.abs(scores).max() < 100, "pixels up to 255 are scaled inside"
    assert np.array_equal(scores, segmenter(images.astype(np.float32)))


def test_every_weight_of_the_u_net_gets_a_gradient(segmenter, images):
    with tf.GradientTape() as tape:
        scores = segmenter(images, training=True)
        loss = tf.reduce_sum(tf.math.sin(scores * np.arange(1, 12)))
    gradients = tape.gradient(loss, [weight.value for weight in segmenter.trainable_weights])
    for weight, gradient in zip(segmenter.trainable_weights, gradients, strict=True):
        assert gradient is not None, weight.path
        assert np.abs(gradient).max() > 0, weight.path


@pytest.mark.parametrize(
    "make",
    [lambda: unet(11), lambda: article_cnn(input_shape=(48, 80, 1)), lambda: fully_convolutional(article_cnn())],
    ids=["unet", "cnn", "fully convolutional"],
)
def test_a_saved_model_reloads_in_safe_mode_with_equal_outputs(tmp_path, images, make):
    model = make()
    model.set_weights([w + 0.01 for w in model.get_weights()])
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras", safe_mode=True)
    assert loaded.name == model.name
    np.testing.assert_array_equal(loaded(images), model(images))


@pytest.mark.parametrize(("height", "width"), [(5, 7), (3, 4)])
def test_bilinear_weights_enlarge_each_channel_linearly(rng, height, width):
    maps = rng.normal(size=(2, height, width, 3)).astype(np.float32)
    options = {"strides": 4, "padding": "same", "use_bias": False, "kernel_initializer": Bilinear()}
    enlarged = np.asarray(keras.layers.Conv2DTranspose(3, 8, **options)(maps))
    assert enlarged.shape == (2, 4 * height, 4 * width, 3)
    inner = np.s_[:, 2:-2, 2:-2]  # outside of the first and last centres zeros come in
    along = np.ix_(*(np.arange(2, 4 * side - 2) / 4 - 3 / 8 for side in (height, width)))
    for image, channel in np.ndindex(2, 3):
        expected = map_coordinates(maps[image, ..., channel], np.broadcast_arrays(*along), order=1)
        np.testing.assert_allclose(enlarged[inner][image, ..., channel], expected, atol=1e-6)


def test_the_u_net_works_where_sizes_are_unknown_while_it_is_traced(segmenter):
    with_unknown_sizes = tf.function(segmenter, input_signature=[tf.TensorSpec((None, None, None, 1))])
    for height, width in ((16, 32), (48, 16)):
        images = np.full((1, height, width, 1), 9, np.float32)
        np.testing.assert_allclose(with_unknown_sizes(images), segmenter(images), atol=1e-4)
