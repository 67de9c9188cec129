"""The exercise that grades a network by its score: crops under uneven light, and which networks beat a threshold."""

import keras
import numpy as np
import pytest

from segutils.dataset import samples
from segutils.lessons import your_images

layers = keras.layers


def test_crops_are_cut_with_their_masks_and_light_falls_to_a_fifth_at_one_side():
    photograph = np.full((60, 90), 200, np.uint8)
    coins = np.zeros((60, 90), int)
    coins[20:40, 30:60] = 7
    images, masks = your_images.uneven_crops(photograph, coins, 20, side=32)
    assert images.shape == (20, 32, 32, 1)
    assert set(np.unique(masks)) == {0, 1}
    np.testing.assert_allclose(images.min((1, 2, 3)), 40, rtol=1e-5)
    np.testing.assert_allclose(images.max((1, 2, 3)), 200, rtol=1e-5)
    corners = images[:, [0, 0, -1, -1], [0, -1, 0, -1], 0]
    assert len(np.unique(np.round(corners), axis=0)) == 4, "light comes from each of four sides"


def block(x, filters):
    x = layers.Conv2D(filters, 3, padding="same", use_bias=False)(x)
    return layers.ReLU()(layers.BatchNormalization(momentum=0.9)(x))


def two_levels():
    image = keras.Input((None, None, 1))
    fine = block(layers.Rescaling(1 / 255)(image), 8)
    coarse = block(layers.MaxPooling2D(2)(block(layers.MaxPooling2D(4)(fine), 16)), 24)
    coarse = layers.UpSampling2D(8, interpolation="bilinear")(coarse)
    return keras.Model(image, layers.Conv2D(2, 1)(block(layers.Concatenate()([fine, coarse]), 8)))


def of_filters(filters, size, end="linear"):
    image = keras.Input((None, None, 1))
    x = layers.Conv2D(filters, size, padding="same", activation="relu")(layers.Rescaling(1 / 255)(image))
    return keras.Model(image, layers.Conv2D(2, size, padding="same", activation=end)(x))


def test_a_network_that_sees_far_beats_the_threshold():
    assert your_images.diagnose_coin_net(two_levels, *samples.coins(), steps=120) is None


@pytest.mark.parametrize(
    ("build", "words"),
    [
        (lambda: None, "`return` is missing"),
        (
            lambda: keras.Sequential([keras.Input((48, 48, 1)), layers.Conv2D(1, 1)]),
            "(2, 48, 48, 1), not (2, 48, 48, 2)",
        ),
        (lambda: of_filters(128, 9), "31,234 parameters; half as many"),
        (lambda: of_filters(4, 3, "softmax"), "leave softmax out"),
        (lambda: of_filters(4, 1), "and the threshold's 0.61; let it see further"),
    ],
    ids=["nothing", "one score", "too large", "probabilities", "pixel by pixel"],
)
def test_of_a_network_that_falls_short_the_cure_is_named(build, words):
    assert words in your_images.diagnose_coin_net(build, *samples.coins(), steps=20)


def test_the_checker_prints_its_verdict(capsys):
    your_images.check_coin_net(lambda: None, *samples.coins())
    assert capsys.readouterr().out.startswith("coin_net: not started yet")
