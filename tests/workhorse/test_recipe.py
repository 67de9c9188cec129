"""The recipe's rules on images whose answer is known."""

import numpy as np
import pytest

from segutils.metrics import VOID
from segutils.transforms import stretch_between, stretch_contrast
from segutils.workhorse import recipe


def noise(number, low, high, size=(60, 80), channels=1, seed=0):
    return list(np.random.default_rng(seed).integers(low, high, (number, *size, channels)).astype(np.uint8))


def choose(images, counts=(600, 400), **options):
    sizes = [image.shape[:2] for image in images]
    return recipe.choose(sizes, len(counts), images[0].shape[-1], counts, images, **options)


def lit(images, rows):
    """The same images, brighter in some rows."""
    lighter = [image.copy() for image in images]
    for image in lighter:
        image[rows] += 60
    return lighter


def test_contrast_is_stretched_only_where_levels_are_few():
    assert choose(noise(6, 0, 256)).contrast == "keep"
    assert choose(noise(6, 100, 180)).contrast == "stretch"
    dark = noise(6, 0, 5)
    for image in dark:
        image[:10, :10] = 90
    assert choose(dark).contrast == "root"


def test_prepare_does_as_the_recipe_says():
    image = noise(1, 10, 60)[0]
    assert recipe.prepare(image, "keep") is image
    assert np.array_equal(recipe.prepare(image, "stretch"), stretch_contrast(image, high=99.9))
    assert recipe.prepare(image, "root").mean() > recipe.prepare(image, "stretch").mean()
    with pytest.raises(ValueError, match="contrast"):
        recipe.prepare(image, "roots")


def test_one_small_object_keeps_noise_dark():
    """0.15% of the pixels are bright, the rest is noise of 1 to 5 levels, which must not fill the range."""
    image = noise(1, 1, 6, (256, 256))[0]
    image[100:110, 60:70] = 90
    shown = recipe.prepare(image, "root")
    assert shown[100, 60, 0] == 255
    assert np.median(shown) < 64


def test_light_is_changed_much_where_exposures_differ():
    kept, stretched = choose(noise(6, 0, 256)), choose(noise(6, 100, 180))
    assert stretched.augment["brightness"] > 2 * kept.augment["brightness"]
    assert choose(noise(6, 0, 256), contrast="stretch").augment == stretched.augment, "what is asked counts"


def test_images_are_turned_only_where_they_have_no_up():
    images = noise(12, 40, 140)
    free, upright = choose(images), choose(lit(images, slice(0, 20)))
    assert free.augment["flip"]
    assert upright.augment["flip"]
    assert (free.turns, upright.turns) == (True, False)
    middle = choose(lit(images, slice(20, 40)))
    assert middle.turns, "a bright middle looks the same upside down"
    sided = [np.swapaxes(image, 0, 1) for image in lit(noise(12, 40, 140, (80, 60)), slice(0, 20))]
    assert not choose(sided).augment["flip"]
    assert choose(lit(images, slice(0, 20)), geometry="turned").turns


def test_sizes_change_with_distance_or_camera():
    """One camera over one plane shows all things in one size; scenes, and images of several exposures, don't."""
    images = noise(60, 0, 256)
    assert "zoom" not in choose(images).augment
    assert choose(lit(noise(60, 0, 196), slice(0, 20))).augment["zoom"] > 0
    assert choose(noise(60, 100, 180)).augment["zoom"] > 0


def test_few_images_are_turned_by_any_angle():
    few, many = choose(noise(49, 0, 256)), choose(noise(50, 0, 256))
    assert few.augment["rotation"] == pytest.approx(np.pi)
    assert few.augment["zoom"] > 0
    assert many.turns
    assert "rotation" not in many.augment
    assert "rotation" not in choose(lit(noise(12, 40, 140), slice(0, 20))).augment


def test_light_that_changes_sides_is_no_layout():
    images = noise(12, 40, 140)
    mixed = lit(images[:6], slice(0, 20)) + lit(images[6:], slice(40, 60))
    assert recipe.layout(mixed, 0) < 0.02
    # a is 30, 0, -30 in the thirds, so 600 of a variance of 833 + 800 in the pixels
    assert recipe.layout(lit(images, slice(0, 20)), 0) == pytest.approx(600 / 1633, abs=0.04)
    assert recipe.layout([images[0]], 0) == 0, "one image has no others to be like"
    assert recipe.layout([np.full((9, 9, 1), 7)] * 3, 0) == 0, "blank images have no pattern"


@pytest.mark.parametrize(
    ("size", "crop"),
    [((120, 140), 112), ((256, 256), 128), ((360, 480), 176), ((512, 700), 256), ((4000, 9000), 256), ((20, 90), 32)],
)
def test_crops_follow_the_shorter_side(size, crop):
    found = recipe.choose([size] * 3, 2, 1, [1e6, 1e6], noise(3, 0, 255))
    assert found.crop == crop
    assert 0.5 < found.batch_size * crop**2 / 2**17 < 1.5


def test_more_images_get_more_steps_up_to_a_limit():
    steps = []
    for pixels in (1e6, 30e6, 70e6, 1e9):
        found = recipe.choose([(256, 256)] * 3, 2, 1, [pixels, 0], noise(3, 0, 255))
        steps.append(found.epochs * found.steps_per_epoch)
        assert found.epoch_crops % found.batch_size == 0
    assert steps[0] <= steps[1] < steps[2] == steps[3]
    assert 0.9 < steps[3] * found.batch_size * found.crop**2 / recipe.MOST < 1.1


def test_what_is_asked_for_stays_and_the_rest_follows():
    images = noise(4, 0, 256, (256, 256))
    usual, longer = choose(images), choose(images, epochs=20)
    assert longer.epoch_crops == usual.epoch_crops, "twice the looks are twice the training"
    small = choose(images, crop=64, width=24)
    assert (small.crop, small.width) == (64, 24)
    assert small.batch_size == 4 * usual.batch_size
    assert "crop 64: as you asked" in small.why


def test_crops_between_two_looks_come_in_whole_steps():
    images = noise(4, 0, 256, (256, 256))
    found = choose(images, epoch_crops=10, batch_size=4)
    assert (found.epoch_crops, found.steps_per_epoch) == (8, 2)
    assert "epoch_crops 8: as you asked, 10, in whole steps of 4" in found.why
    assert "epoch_crops 12: as you asked" in choose(images, epoch_crops=12, batch_size=4).why
    few = choose(images, epoch_crops=3)
    assert (few.batch_size, few.epoch_crops, few.steps_per_epoch) == (3, 3, 1)


def test_crops_larger_than_all_images_are_told_and_counted_by_what_they_hold():
    images = noise(4, 0, 256, (60, 80))
    found = choose(images, (9600, 9600), crop=128, epochs=2, epoch_crops=16, batch_size=4)
    assert "crop 128: as you asked; images are smaller, so what is beyond them in a crop is black" in " ".join(
        found.why
    )
    each = 2 * 16 * 60 * 80 / 19200  # looks, crops, pixels of an image, labelled pixels
    unasked = choose(images, (9600, 9600), crop=128, epochs=2)
    told = next(one for one in unasked.why if one.startswith("epoch_crops"))
    assert f"is seen {each / 16 * unasked.epoch_crops:.3g} times" in told
    assert "smaller" not in " ".join(choose(images, crop=48).why)


def test_what_is_asked_for_is_checked():
    images = noise(4, 0, 256, (256, 256))
    with pytest.raises(ValueError, match="epochs"):
        choose(images, epoch=3)


def test_rare_classes_are_drawn_more_often_and_weighed_on_request():
    images = noise(4, 0, 256)
    assert choose(images, (600, 400)).rare_share == 0
    rare = choose(images, (980, 20))
    assert rare.rare_share == 0.5
    assert any("1 of 2 classes" in why for why in rare.why)
    assert choose(images, (1000, 0)).rare_share == 0, "a class that never occurs can't be drawn"
    assert choose(images, (980, 20)).class_weights is None, "of two classes none is weighed unasked"
    assert choose(images, (980, 20), class_weights="balanced").class_weights == pytest.approx(
        recipe.balanced([0.98, 0.02])
    )
    assert choose(images, (780, 20, 200)).class_weights == pytest.approx(recipe.balanced([0.78, 0.02, 0.2]))
    assert choose(images, (780, 20, 200), class_weights="none").class_weights is None
    assert choose(images, (500, 300, 200)).class_weights is None
    assert choose(images, (980, 20), class_weights=[1, 3]).class_weights == (1, 3)
    with pytest.raises(ValueError, match="2 numbers"):
        choose(images, (980, 20), class_weights=[1])


def test_balanced_weights_by_hand():
    """Shares 0.64 and 0.36: roots 0.8 and 0.6, so 1 and 4/3; mean over the pixels 0.64 + 0.48 = 1.12."""
    assert recipe.balanced([0.64, 0.36]) == pytest.approx((1 / 1.12, 4 / 3 / 1.12))
    weights = recipe.balanced([0.9989, 0.001, 0.0001, 0.0])
    assert weights[2] / weights[0] == pytest.approx(10), "no class weighs more than ten times another"


def test_counts_may_come_image_by_image():
    images = noise(3, 0, 256)
    assert choose(images, (30, 970)) == recipe.choose(
        [image.shape[:2] for image in images], 2, 1, [[10, 300], [20, 0], [0, 670]], images
    )


def test_every_choice_has_a_sentence():
    found = choose(noise(3, 0, 256))
    assert len(found.why) == len(found._fields) - 2, "`why` itself has none, and `turns` is told with `augment`"
    assert all(": " in why for why in found.why)


def test_nothing_to_choose_by_is_refused():
    with pytest.raises(ValueError, match="training images"):
        recipe.choose([], 2, 1, [1, 1], [])
    with pytest.raises(ValueError, match="counts of 3 classes"):
        recipe.choose([(9, 9)], 3, 1, [1, VOID], noise(1, 0, 9))


@pytest.mark.parametrize("shape", [(1, 1, 1), (3, 5, 3), (40, 30, 1)])
def test_levels_that_are_looked_up_are_pixels_that_are_stretched_one_by_one(shape):
    image = np.random.default_rng(shape[1]).integers(0, 256, shape).astype(np.uint8) // 4 * 4
    each = stretch_between(image, *np.percentile(image, (1, 99.9)), gamma=0.5)
    np.testing.assert_array_equal(recipe.prepare(image, "root"), each)
