"""The figure of the ablation shows its numbers, what the text says of stored numbers holds, networks are graded."""

import keras
import numpy as np
import pytest

from segutils import models, textures
from segutils.lessons import segmentation_figures, segmentation_run


def test_ranked_bars_run_from_the_origin_to_the_mean_the_largest_on_top_with_a_stroke_per_repeat(ax):
    named = {"small": [1.1, 1.3], "large": [2, 4, 3], "below": [0.5, 0.7]}
    assert segmentation_figures.ranked_bars(ax, named, origin=1.0, xlabel="times") == ["large", "small", "below"]
    ends = {tuple(sorted((bar.get_x(), bar.get_x() + bar.get_width()))) for bar in ax.patches}
    assert {tuple(np.round(end, 6)) for end in ends} == {(1, 3), (1, 1.2), (0.6, 1)}
    assert [label.get_text() for label in ax.get_yticklabels()] == ["large", "small", "below"]
    assert ax.yaxis_inverted(), "row 0 is on top"
    np.testing.assert_allclose(ax.lines[0].get_xydata(), [(2, 0), (4, 0), (3, 0)])


# What the notebook says of stored measurements


def test_the_ablation_holds_what_the_text_says_in_every_seed():
    lost, times = segmentation_figures.read_ablation()
    low, high = ({step: f(change) for step, change in lost.items()} for f in (min, max))
    assert min(low["coarse scores beside fine ones"], low["batches of 16"]) > 0.05
    assert set(sorted(low, key=low.get)[-2:]) == {"coarse scores beside fine ones", "batches of 16"}
    for step in ("one cycle", "crowded", "smoothly"):
        assert min(low[name] for name in low if step in name) > 0.01
    for step in ("slow rise", "counted over the batch", "Adam's memory"):
        (name,) = [name for name in low if step in name]
        assert 0 < low[name] < high[name] < 0.02
    for step in ("Dice beside cross-entropy", "changes of light", "skips that are added"):
        assert -0.005 < low[step] < high[step] < 0.005
    assert high["a stem that halves the resolution"] < -0.02
    assert times["a stem that halves the resolution"].min() > 1.5
    assert times["skips that are added"].min() > 1.05


def test_the_price_list_has_the_numbers_of_the_text():
    prices = segmentation_figures.price_list()
    gained, time = (prices[column] for column in ("mean IoU gained", "time with / without"))
    assert round(gained["a stem that halves the resolution"], 3) == -0.023
    assert 0.4 < time["a stem that halves the resolution"] < 0.55, "about half"
    assert 0.83 < time["skips that are added"] < 0.88, "a seventh less"
    assert gained["coarse scores beside fine ones"] == gained.max()


def test_more_epochs_gave_what_the_text_says():
    longer = segmentation_figures.read_longer()
    digits = longer[longer["scenes"] == "digits"].set_index("epochs")["mean_iou"]
    assert [round(digits[epochs], 2) for epochs in (1, 2, 6)] == [0.84, 0.87, 0.90]
    assert [round(gain, 2) for gain in digits.diff()[1:3]] == [0.04, 0.02]
    assert segmentation_figures.show_longer(longer).get_ylabel() == "mean IoU"


def test_multiplications_are_counted_as_in_the_text():
    image = keras.Input((64, 64, 1))
    x = keras.layers.Conv2D(16, 3, padding="same")(image)
    assert segmentation_figures.multiplications(keras.Model(image, x), 64) == 589_824
    small = keras.Model(image, keras.layers.Conv2DTranspose(5, 2, strides=2)(keras.layers.MaxPooling2D()(x)))
    assert segmentation_figures.multiplications(small, 64) == 589_824 + 32 * 32 * (2 * 2 * 16 * 5)


def test_a_kind_of_scenes_has_its_names_and_its_parts():
    counts = {"train": 2, "validation": 1, "test": 3}
    for kind, source, names in (("digits", "bundled", 11), ("textures", "textures", len(textures.CLASS_NAMES))):
        data = segmentation_run.make_data(kind, "bundled", size=48, seed=0, **counts)
        assert (data.source, len(data.names)) == (source, names)
        assert [len(part.images) for part in data[:3]] == [2, 1, 3]
        assert (np.mean(data.test.semantic == 0) > 0.6) == (kind == "digits"), "background is most of a digit scene"


# The second exercise: networks that are graded by what they reach


def small_net(classes, *, last=None, skip=True, pool=2, width=8):
    """As a learner might build it: maps are enlarged by copying, skips are added."""
    image = keras.Input((None, None, 1))
    x = fine = keras.layers.Conv2D(width, 3, padding="same", activation="relu")(keras.layers.Rescaling(1 / 255)(image))
    x = keras.layers.MaxPooling2D(pool)(x)
    for _ in range(2):
        x = keras.layers.BatchNormalization(momentum=0.9)(keras.layers.Conv2D(2 * width, 3, padding="same")(x))
    x = keras.layers.MaxPooling2D(pool)(keras.layers.ReLU()(x))
    for _ in range(2):
        x = keras.layers.BatchNormalization(momentum=0.9)(keras.layers.Conv2D(2 * width, 3, padding="same")(x))
        x = keras.layers.ReLU()(x)
    x = keras.layers.Conv2D(width, 3, padding="same")(keras.layers.UpSampling2D(pool**2)(x))
    x = keras.layers.Concatenate()([x, fine]) if skip else x
    x = keras.layers.Conv2D(width, 3, padding="same", activation="relu")(x)
    return keras.Model(image, keras.layers.Conv2D(classes, 1, activation=last)(x))


def test_networks_of_several_kinds_reach_the_goal():
    keras.utils.set_random_seed(0)
    assert segmentation_run.diagnose_small_unet(small_net) is None


def near(classes):
    image = keras.Input((None, None, 1))
    x = keras.layers.Rescaling(1 / 255)(image)
    for _ in range(3):
        x = keras.layers.Conv2D(12, 3, padding="same", activation="relu")(x)
    return keras.Model(image, keras.layers.Conv2D(classes, 1)(x))


def half_way(classes):
    image = keras.Input((None, None, 1))
    return keras.Model(image, keras.layers.Conv2D(classes, 1)(keras.layers.MaxPooling2D(2)(image)))


@pytest.mark.parametrize(
    ("build", "words"),
    [
        (lambda classes: None, "`return` is missing"),
        (half_way, "the scores are 16×12: each pooling"),
        (lambda classes: small_net(1), "a pixel has 1 scores: end in Conv2D"),
        (lambda classes: models.unet(classes, stem=1), "parameters; half as many filters"),
        (lambda classes: small_net(classes, last="softmax"), "leave softmax out"),
        (lambda classes: small_net(classes, skip=False), "by a skip connection"),
        (near, "not see as far as the lamp"),
    ],
    ids=["nothing", "half way", "one score", "too large", "probabilities", "no skips", "sees near"],
)
def test_of_a_network_that_falls_short_the_cure_is_named(build, words):
    assert words in segmentation_run.diagnose_small_unet(build)


def test_the_checker_prints_its_verdict(capsys):
    segmentation_run.check_small_unet(lambda classes: None)
    assert capsys.readouterr().out.startswith("small_unet: not started yet")


def test_masks_of_many_images_come_in_batches_and_in_order():
    class Stub:
        seen = []

        def predict_on_batch(self, images):
            self.seen.append(len(images))
            return np.eye(4)[images[..., 0]]

    images = np.random.default_rng(0).integers(0, 4, (7, 5, 6, 1))
    masks = segmentation_figures.predict_masks(Stub(), images, batch_size=3)
    np.testing.assert_array_equal(masks, images[..., 0])
    assert masks.dtype == np.uint8
    assert Stub.seen == [3, 3, 1]
