"""What the debugging clinic says of libraries and leaves to tests, and the judge of its open exercise."""

from types import SimpleNamespace

import keras
import numpy as np
import pytest
import support

from segutils import dataset, losses
from segutils.digits import load_digits
from segutils.lessons import clinic_cases as cases
from segutils.lessons import debugging_clinic as clinic
from segutils.scenes import make_scenes


@pytest.fixture(scope="module")
def digits():
    return load_digits("bundled")


def test_masks_in_colours_against_one_channel_are_refused_by_cross_entropy():
    target = np.zeros((1, 4, 6, 3))
    with pytest.raises(ValueError, match="same shape"):
        keras.losses.BinaryCrossentropy()(target, target[..., :1])


def test_colours_become_the_classes_that_a_loop_over_them_gives():
    rgb = np.zeros((4, 6, 3), np.uint8)
    rgb[1:3, 2:] = (255, 0, 0)
    codes = set(np.unique(dataset.pack_colours(rgb)).tolist())
    encoded = dataset.learn_classes(codes, coloured=True).encode(rgb)
    np.testing.assert_array_equal(encoded, rgb[..., 0] > 0)


def test_the_layers_of_keras_from_3_14_on_invent_no_label(digits):
    scene = make_scenes(digits.train, 1, size=64, count=(4, 4), clutter=0, seed=[0, 2])
    mask = scene.semantic[..., None] * 1.0
    pair = {"images": scene.images * 1.0, "segmentation_masks": mask}
    turned = keras.layers.RandomRotation(0.1, seed=0)(pair)["segmentation_masks"]
    version = tuple(map(int, keras.__version__.split(".")[:2]))
    assert np.isin(turned, mask).all() or version < (3, 14)


def test_files_sorted_apart_are_paired_by_name(tmp_path):
    names = [f"cell{i}{end}" for i in range(1, 13) for end in (".png", "_mask.png")]
    pairs = dataset.find_pairs(support.touch(tmp_path, names)).pairs
    assert len(pairs) == 12
    assert all(pair.masks == (pair.image.replace(".png", "_mask.png"),) for pair in pairs)


def test_the_loss_of_segutils_reloads_with_its_options(tmp_path):
    model = keras.Sequential([keras.Input((None, None, 1)), keras.layers.Conv2D(2, 1)])
    loss = losses.SegmentationLoss("dice", smooth=2.0)
    model.compile("sgd", loss)
    model.save(tmp_path / "best.keras")
    again = keras.saving.load_model(tmp_path / "best.keras")
    assert again.loss.get_config() == loss.get_config()


def test_one_sigmoid_channel_needs_a_threshold():
    mask = np.eye(4, 6, dtype=int)
    channel = 0.9 * mask[..., None]
    assert (channel.argmax(-1) == 0).all()
    np.testing.assert_array_equal(channel[..., 0] > 0.5, mask)


def test_an_image_read_as_in_training_has_the_pixels_of_training():
    from PIL import Image

    image = support.INK
    np.testing.assert_array_equal(dataset.image_values(Image.fromarray(image), channels=1)[..., 0], image)


def test_a_metric_without_a_name_counts_up():
    assert keras.metrics.MeanIoU(2).name != keras.metrics.MeanIoU(2).name


# The data of the cases


def test_road_is_red_where_there_was_ink_and_the_prediction_is_red_everywhere():
    ink = np.eye(4, 6, dtype=bool)
    rgb, red = cases.road(ink)
    assert rgb.dtype == np.uint8
    assert {tuple(rgb[i, j]) for i, j in zip(*np.nonzero(ink), strict=True)} == {(255, 0, 0)}
    assert not rgb[~ink].any()
    assert red.shape == (1, 4, 6, 3)
    assert (red == [1, 0, 0]).all()


def test_moved_tells_which_images_changed_whatever_the_shape_of_the_others():
    before = np.arange(24.0).reshape(3, 2, 4, 1)
    after = before[..., 0].copy()
    after[1, 0, 3] += 1
    assert cases.moved(before, after).tolist() == [False, True, False]


def test_the_masks_that_break_dice_are_what_they_are_called():
    nines, perfect, empty, full = cases.dice_inputs()
    np.testing.assert_array_equal(perfect, keras.utils.to_categorical(nines, 11))
    assert not empty.any()
    assert full.dtype == np.float16
    assert full.min() == 1
    assert full.size > float(np.finfo("float16").max)


def test_copies_lie_beside_their_source_and_are_no_two_alike(digits):
    scenes = make_scenes(digits.train, 60, seed=[0, 0], **clinic.SMALL)
    (images, masks), source = cases.copies(scenes, 0)
    assert images.shape == masks.shape == (360, 42 * 42)
    assert source.tolist() == sorted(6 * list(range(60)))
    assert len(np.unique(images, axis=0)) == 360
    flat = scenes.images.reshape(60, -1) * 1.0
    similar = [np.corrcoef(image, flat)[0, 1:].argmax() for image in images[::17]]
    assert np.mean(similar == source[::17]) > 0.8


def test_what_is_remembered_answers_for_itself_and_for_the_most_similar_image():
    images, masks = (
        np.array([[0.0, 0, 9, 9], [9, 9, 0, 0], [0, 9, 0, 9]]),
        np.array([[0, 0, 1, 1], [1, 1, 0, 0], [0] * 4]),
    )
    new = SimpleNamespace(images=np.array([8.0, 8, 0, 0]).reshape(1, 2, 2, 1), semantic=np.array([[[5, 0], [0, 0]]]))
    assert cases.remember((images, masks), new, [0, 1], [0, 1]) == (1, 1 / 2)  # two pixels answered, one asked for
    assert cases.remember((images, masks), new, [0, 2], [1])[0] == 0


def test_small_digits_are_about_three_pixels_in_a_hundred(digits):
    learn, others = cases.small_digits(digits, 0)
    assert (len(learn.images), len(others.images)) == (256, 64)
    assert 0.02 < (learn.semantic > 0).mean() < 0.04


def test_an_image_read_twice_has_another_scale_by_matplotlib():
    image = support.INK
    scaled, same = cases.read_twice(image)
    np.testing.assert_array_equal(same, image)
    np.testing.assert_allclose(scaled, image / 255, atol=1e-6)


class Thresholds:
    """Stands in for a model: two scores per pixel, for dark and for bright."""

    def predict_on_batch(self, images):
        return np.concatenate([128.0 - images, images - 128.0], -1)


def test_confusion_and_iou_of_ink_are_counted_over_all_scenes():
    class Scenes:
        images = np.full((2, 4, 6, 1), 0)
        semantic = np.zeros((2, 4, 6), int)

    Scenes.images[0, :2] = 255  # 12 pixels found
    Scenes.semantic[0, 1:4] = 7  # 18 pixels of a digit 6; 6 of them found
    assert cases.confusion(Thresholds(), Scenes).tolist() == [[24, 6], [12, 6]]
    assert cases.ink_iou(Thresholds(), Scenes) == 6 / 24
    axes = cases.show_found(Scenes, 0, {"found": Thresholds()})
    shown = [np.asarray(ax.images[0].get_array()).squeeze() for ax in axes]
    np.testing.assert_array_equal(shown[1] > 0, Scenes.semantic[0] > 0)
    np.testing.assert_array_equal(shown[2] > 0, Scenes.images[0, ..., 0] > 0)


def test_training_and_use_differ_by_batch_normalisation_alone(digits):
    scenes = make_scenes(digits.train, 4, seed=[0, 0], **clinic.SMALL)
    keras.utils.set_random_seed(0)
    for momentum, alike in ((None, True), (0.99, False)):
        model = (
            network(momentum) if momentum else keras.Sequential(network(0.9).layers[:2] + [keras.layers.Conv2D(2, 1)])
        )
        model.compile("sgd", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
        use, learning = (cases.loss_of(model, scenes, training=mode) for mode in (False, True))
        assert (use == learning) == alike


# The judge of a recipe


def network(momentum):
    chain = [keras.Input((None, None, 1)), keras.layers.Rescaling(1 / 64, offset=-1.0)]
    for size in (5, 3):
        chain.append(keras.layers.Conv2D(8, size, padding="same"))
        chain += [keras.layers.BatchNormalization(momentum=momentum), keras.layers.ReLU()]
    return keras.Sequential([*chain, keras.layers.Conv2D(2, 1)])


def recipe(momentum=0.9, from_logits=True, scale=1):
    """A recipe as in the open exercise; by default repaired."""

    def train(images, masks):
        model = network(momentum)
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=from_logits)
        model.compile(keras.optimizers.Adam(0.01), loss)
        model.fit(images / scale, masks, batch_size=16, epochs=5, verbose=0)
        return model

    return train


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({}, "reached."),
        ({"momentum": 0.99}, "not yet."),
        ({"from_logits": False}, "not yet."),
        ({"scale": 255}, "not yet."),
    ],
    ids=str,
)
def test_only_the_recipe_with_all_three_faults_repaired_reaches_the_goal(digits, capsys, options, words):
    reached = clinic.judge(recipe(**options), digits)
    assert f"IoU of ink {reached:.2f}, goal 0.70: {words}" in capsys.readouterr().out


def test_the_judge_says_what_a_recipe_must_return(digits):
    with pytest.raises(ValueError, match="must return its trained model, got NoneType; end it with return"):
        clinic.judge(lambda images, masks: None, digits)
    one = keras.Sequential([keras.Input((None, None, 1)), keras.layers.Conv2D(1, 1)])
    with pytest.raises(ValueError, match=r"expected scores of shape \(64, 42, 42, 2\), got \(64, 42, 42, 1\)"):
        clinic.judge(lambda images, masks: one, digits)
