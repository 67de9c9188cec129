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
    both = lost["Muon and coarse scores"].mean()
    alone = [lost[step].mean() for step in ("Muon instead of Adam", "coarse scores beside fine ones")]
    assert [round(loss, 3) for loss in alone] == [0.022, 0.018]
    assert round(both, 2) == 0.2
    assert round(both / sum(alone)) == 5
    most = ["a learning rate of one cycle", "batches of 16", "Muon instead of Adam"]
    singly = [step for step in lost if step != "Muon and coarse scores"]
    assert sorted(singly, key=lambda step: -lost[step].mean())[:3] == most
    for step in (*most, "coarse scores beside fine ones", "crowded training scenes"):
        assert low[step] > 0.01
    assert 0.005 < low["Dice counted over the batch"] < high["Dice counted over the batch"] < 0.012
    assert low["a fall of the learning rate in a line"] > 0
    four = ["Dice beside cross-entropy", "changes of light", "a slow rise of the learning rate"]
    for step in (*four, "Adam's memory of 100 steps"):
        assert -0.006 < low[step] < 0 < high[step] < 0.006
    assert high["a stem that halves the resolution"] < -0.02
    assert times["a stem that halves the resolution"].min() > 2
    assert times["skips that are added"].min() > 1.05


def test_the_price_list_has_the_numbers_of_the_text():
    prices = segmentation_figures.price_list()
    gained, time = (prices[column] for column in ("mean IoU gained", "time with / without"))
    assert round(gained["a stem that halves the resolution"], 3) == -0.031
    assert 0.4 < time["a stem that halves the resolution"] < 0.5, "less than half"
    assert round(gained["skips that are added"], 3) == -0.002
    assert 0.8 < time["skips that are added"] < 0.84, "almost a fifth less"
    assert round(gained["coarse scores beside fine ones"], 3) == 0.018
    assert time["coarse scores beside fine ones"] > 1
    assert round(gained["coarse scores enlarged smoothly"], 3) == 0.003


def test_more_epochs_gave_what_the_text_says():
    longer = segmentation_figures.read_longer()
    digits = longer[longer["scenes"] == "digits"].set_index("epochs")["mean_iou"]
    assert [round(digits[epochs], 2) for epochs in (1, 2, 6, 40)] == [0.86, 0.88, 0.91, 0.92]
    assert [round(digits[a] - digits[b], 2) for a, b in ((2, 1), (40, 6))] == [0.03, 0.02]
    assert digits.is_monotonic_increasing
    assert segmentation_figures.show_longer(longer).get_ylabel() == "mean IoU"


def test_three_rounds_even_out_strengths_as_the_text_says():
    def strength_after(rounds, s):
        for _ in range(rounds):
            s = 3.4445 * s - 4.775 * s**3 + 2.0315 * s**5
        return s

    assert [round(strength_after(rounds, 0.1), 2) for rounds in (1, 2, 3)] == [0.34, 0.99, 0.71]
    after = strength_after(3, np.linspace(0.02, 1, 10_001))
    assert (round(after.min(), 2), round(after.max(), 2)) == (0.68, 1.2)
    matrix = np.random.default_rng(0).normal(size=(30, 8)) @ np.diag(0.5 ** np.arange(8))
    ax = segmentation_figures.show_strengths({"gradient": matrix, "twice": 2 * matrix})
    once, twice = (line.get_ydata() for line in ax.lines)
    np.testing.assert_allclose(np.sum(once**2), np.sum(matrix**2))  # of singular values, as of all numbers
    np.testing.assert_allclose(twice, 2 * once)


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
