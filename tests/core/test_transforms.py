"""Transforms: labels are never invented, image and mask never part, and a batch depends on (seed, step) alone."""

import numpy as np
import pytest
import tensorflow as tf
from scipy.ndimage import affine_transform

from segutils import transforms
from segutils.transforms import FILLS, Augment, Batches

H, W = 30, 44
EVERY = Augment(rotation=1.0, shift=0.2, zoom=0.3, shear=0.3, flip=True, mask_fill=255)
GEOMETRIC = {
    "rotation": {"rotation": 1.2},
    "shift": {"shift": 0.4},
    "zoom": {"zoom": 0.6},
    "shear": {"shear": 0.7},
    "flip": {"flip": True},
}
PHOTOMETRIC = {"brightness": {"brightness": 0.4}, "contrast": {"contrast": 0.9}, "noise": {"noise": 0.3}}


def run(augment, images, targets, seed=(1, 2)):
    images, targets = augment(tf.constant(images), tf.constant(targets), seed=seed)
    return images.numpy(), targets.numpy()


def coordinates(batch=6, height=H, width=W):
    """Images whose channels are x, y and 255 inside; bilinear sampling of them reads off where each pixel came from.

    The mask numbers the pixels, so that it tells the same.
    """
    y, x = np.mgrid[:height, :width].astype(np.float32)
    image = np.stack([x, y, np.full_like(x, 255)], axis=-1)
    number = np.arange(height * width, dtype=np.int32).reshape(height, width)
    return np.repeat(image[None], batch, 0), np.repeat(number[None], batch, 0)


def matrices(images):
    """The affine map (2, 3) from (x, y, 1) of each output to its source, fitted to the pixels from inside."""
    y, x = np.mgrid[: images.shape[1], : images.shape[2]]
    places = np.stack([x, y, np.ones_like(x)], axis=-1)
    fits = []
    for image in images:
        inside = image[..., 2] > 254.99
        fit = np.linalg.lstsq(places[inside].astype(float), image[inside][:, :2].astype(float), rcond=None)[0]
        np.testing.assert_allclose(places[inside] @ fit, image[inside][:, :2], atol=2e-3)
        fits.append(fit.T)
    return np.array(fits)


# Labels


@pytest.mark.parametrize("fill", FILLS)
@pytest.mark.parametrize("option", [*GEOMETRIC, "all"])
def test_no_option_ever_invents_a_label(rng, option, fill):
    augment = Augment(**(GEOMETRIC.get(option) or {k: v for o in GEOMETRIC.values() for k, v in o.items()}), fill=fill)
    masks = rng.choice(np.array([0, 3, 77, 255], np.uint8), size=(16, H, W))
    images = np.zeros((16, H, W, 1), np.uint8)
    for seed in range(12):
        after = run(augment, images, masks, (seed, 5))[1]
        assert after.dtype == np.uint8
        assert (after != masks).any(), "nothing was changed, so nothing is proven"
        assert set(np.unique(after)) == {0, 3, 77, 255}


@pytest.mark.parametrize("dtype", ["uint8", "int32", "int64", "uint16"])
def test_masks_keep_their_type_and_the_value_that_comes_in_is_mask_fill(dtype):
    masks = np.full((8, H, W), 7, dtype)
    after = run(Augment(shift=0.5, mask_fill=200), np.zeros((8, H, W, 1), np.uint8), masks)[1]
    assert after.dtype == dtype
    assert set(np.unique(after)) == {7, 200}


# Image and mask in step


@pytest.mark.parametrize("option", [*GEOMETRIC, "all"])
def test_image_and_mask_move_as_one(option):
    images, masks = coordinates()
    augment = Augment(**GEOMETRIC[option]) if option in GEOMETRIC else EVERY
    moved, numbers = run(augment, images, masks)
    x, y = moved[..., 0], moved[..., 1]
    clear = (moved[..., 2] > 254.99) & (np.abs(x % 1 - 0.5) > 0.01) & (np.abs(y % 1 - 0.5) > 0.01)
    assert clear.mean() > 0.2
    assert np.array_equal(numbers[clear], (np.rint(x) + W * np.rint(y))[clear])


def in_step(images, masks):
    """Per image: is it 20 × its mask, wherever a 5×5 neighbourhood of the mask has one value?"""
    around = np.stack([np.roll(masks, (i, j), (1, 2)) for i in range(-2, 3) for j in range(-2, 3)])
    calm = (around == masks).all(axis=0)
    calm[:, :3] = calm[:, -3:] = calm[:, :, :3] = calm[:, :, -3:] = False
    assert calm.reshape(len(masks), -1).mean(axis=1).min() > 0.1
    return np.array([np.allclose(i[c], 20.0 * m[c], atol=0.01) for i, m, c in zip(images, masks, calm, strict=True)])


@pytest.fixture(scope="module")
def blocks():
    """64 images of 20 × their masks, whose blocks of 10×11 pixels have labels 0 to 11."""
    labels = np.random.default_rng(3).integers(0, 12, (64, 4, 4))
    masks = np.repeat(np.repeat(labels, 10, 1), 11, 2).astype(np.uint8)
    return 20 * masks[..., None], masks


def test_image_and_mask_stay_in_step_under_parallel_map(blocks):
    augment = Augment(rotation=0.5, shift=0.1, zoom=0.2, shear=0.2, flip=True)
    pairs = list(Batches(*blocks, 4, augment, seed=9).dataset(0, 3))
    assert len(pairs) == 48
    for images, masks in pairs:
        assert in_step(images.numpy()[..., 0], masks.numpy()).all()


def test_that_check_fails_for_two_augments_with_seeds_of_their_own(blocks):
    augment = Augment(rotation=0.5, shift=0.1, zoom=0.2, shear=0.2, flip=True)
    images, masks = (part[:8] for part in blocks)
    moved, _ = run(augment, images, masks, (1, 1))
    _, others = run(augment, images, masks, (1, 2))
    assert not in_step(moved[..., 0], others).any()


# Directions and amounts


@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.parametrize("option", GEOMETRIC)
def test_each_option_changes_what_it_says_within_its_amount(option, seed):
    images, masks = coordinates(64)
    fits = matrices(run(Augment(**GEOMETRIC[option]), images, masks, (seed, 0))[0])
    centre = np.array([(W - 1) / 2, (H - 1) / 2, 1])
    linear, shift = fits[:, :, :2], fits @ centre - centre[:2]
    turn = np.arctan2(linear[:, 0, 1], linear[:, 1, 1])
    size = 1 / np.sqrt(np.abs(np.linalg.det(linear)))
    expected = np.repeat(np.eye(2)[None], 64, 0)
    if option == "rotation":
        expected = np.stack([np.cos(turn), np.sin(turn), -np.sin(turn), np.cos(turn)], -1).reshape(-1, 2, 2)
        assert_spread(turn, 1.2)
    elif option == "shift":
        assert_spread(shift[:, 0], 0.4 * W)
        assert_spread(shift[:, 1], 0.4 * H)
        shift = 0 * shift
    elif option == "zoom":
        expected = expected / size[:, None, None]
        assert_spread(size - 1, 0.6)
    elif option == "shear":
        expected[:, 0, 1] = linear[:, 0, 1]
        assert_spread(linear[:, 0, 1], 0.7)
    else:
        expected[:, 0, 0] = np.sign(linear[:, 0, 0])
        assert 16 < (expected[:, 0, 0] < 0).sum() < 48
    np.testing.assert_allclose(linear, expected, atol=1e-3)
    np.testing.assert_allclose(shift, 0, atol=2e-3)


def test_turning_and_shearing_together_keep_the_area():
    fits = matrices(run(Augment(rotation=0.6, shear=0.5), *coordinates(16))[0])
    np.testing.assert_allclose(np.linalg.det(fits[:, :, :2]), 1, atol=2e-3)


def assert_spread(values, amount):
    """All within ±amount, and drawn from all of that range."""
    assert np.abs(values).max() <= amount + 1e-3
    assert values.min() < -0.6 * amount
    assert values.max() > 0.6 * amount


@pytest.mark.parametrize(
    ("fill", "mode"), [("constant", "grid-constant"), ("reflect", "reflect"), ("nearest", "nearest")]
)
def test_warps_and_fills_are_those_of_scipy(rng, fill, mode):
    """The map is read off the coordinates; SciPy then warps another image by it, with (row, column) order."""
    augment = Augment(rotation=0.7, shift=0.2, zoom=0.3, shear=0.2, flip=True, fill=fill)
    fits = matrices(run(Augment(**augment.__dict__ | {"fill": "constant"}), *coordinates())[0])
    images, masks = rng.uniform(0, 255, (6, H, W, 1)).astype(np.float32), rng.integers(1, 99, (6, H, W))
    moved, labels = run(augment, images, masks)
    for fit, original, mask, image, label in zip(fits, images, masks, moved, labels, strict=True):
        matrix, offset = fit[::-1, 1::-1], fit[::-1, 2]
        expected = affine_transform(original[..., 0], matrix, offset, order=1, mode=mode)
        np.testing.assert_allclose(image[..., 0], expected, atol=0.5)
        nearest = affine_transform(mask, matrix, offset, order=0, mode=mode)
        assert (label != nearest).mean() < 0.01, "more than ties of rounding differ"


# Photometric changes


@pytest.mark.parametrize("option", PHOTOMETRIC)
def test_photometric_changes_leave_masks_alone_and_images_in_range(rng, option):
    images = rng.integers(0, 256, (16, H, W, 2)).astype(np.uint8)
    masks = rng.integers(0, 99, (16, H, W))
    changed, same = run(Augment(**PHOTOMETRIC[option]), images, masks)
    assert np.array_equal(same, masks)
    assert changed.dtype == np.float32
    assert (changed.min(), changed.max()) == (0, 255)
    assert (changed != images).reshape(16, -1).any(axis=1).all()


def test_brightness_adds_and_contrast_stretches_about_the_mean(rng):
    images, masks = rng.uniform(110, 140, (64, H, W, 1)).astype(np.float32), np.zeros((64, H, W), np.int32)
    added = run(Augment(brightness=0.3), images, masks)[0] - images
    assert added.std(axis=(1, 2, 3)).max() < 1e-3
    assert_spread(added[:, 0, 0, 0], 0.3 * 255)
    stretched = run(Augment(contrast=0.5), images, masks)[0]
    np.testing.assert_allclose(stretched.mean((1, 2, 3)), images.mean((1, 2, 3)), atol=0.01)
    assert_spread(stretched.std((1, 2, 3)) / images.std((1, 2, 3)) - 1, 0.5)


def test_noise_has_mean_zero_and_at_most_its_amount():
    grey = np.full((64, H, W, 1), 128, np.uint8)
    noise = run(Augment(noise=0.1), grey, np.zeros((64, H, W), np.int32))[0] - 128
    sigma = noise.std(axis=(1, 2, 3))
    assert sigma.min() < 4
    assert 20 < sigma.max() < 1.1 * 25.5
    assert abs(noise.mean()) < 0.2
    assert np.abs(np.corrcoef(noise[:8].reshape(8, -1)) - np.eye(8)).max() < 0.15, "each image has its own grain"


# Seeds, types, identity


def test_a_seed_repeats_and_another_seed_or_step_differs():
    augment = Augment(**EVERY.__dict__ | {"noise": 0.1, "brightness": 0.1})
    images, masks = coordinates()
    first, again, step, seed = (run(augment, images, masks, s) for s in ((1, 2), (1, 2), (1, 3), (2, 2)))
    assert all(np.array_equal(a, b) for a, b in zip(first, again, strict=True))
    for other in (step, seed):
        assert all((a != b).reshape(6, -1).any(axis=1).all() for a, b in zip(first, other, strict=True))


@pytest.mark.parametrize("dtype", ["uint8", "float32", "float64"])
def test_no_amounts_change_nothing_but_the_type(rng, dtype):
    images, masks = rng.integers(0, 256, (3, H, W, 2)).astype(dtype), rng.integers(0, 9, (3, H, W))
    same, labels = run(Augment(), images, masks)
    assert same.dtype == np.float32
    assert np.array_equal(same, images)
    assert np.array_equal(labels, masks)


def test_bytes_and_floats_give_the_same_image(rng):
    images, masks = rng.integers(0, 256, (3, H, W, 1)).astype(np.uint8), np.zeros((3, H, W), np.int32)
    augment = Augment(rotation=0.4, contrast=0.3, noise=0.1)
    assert np.array_equal(run(augment, images, masks)[0], run(augment, images.astype(np.float32), masks)[0])


@pytest.mark.parametrize("labels", [np.array([4, 0, 9]), np.eye(3, dtype=np.float32)])
def test_labels_and_one_hot_rows_pass_unchanged_while_images_move(labels):
    moved, same = run(EVERY, coordinates(3)[0], labels)
    assert np.array_equal(same, labels)
    assert same.dtype == labels.dtype
    assert not np.array_equal(moved, coordinates(3)[0])


def test_arrays_do_as_well_as_tensors():
    images, masks = coordinates(2)
    assert np.array_equal(EVERY(images, masks, seed=(1, 2))[1], run(EVERY, images, masks)[1])


@pytest.mark.parametrize("shape", [(2, H, W, 1), (2, H, W + 1), (3, H, W)])
def test_masks_that_do_not_fit_the_images_are_refused(shape):
    with pytest.raises(ValueError, match="expected|must"):
        run(EVERY, coordinates(2)[0], np.zeros(shape, np.int32))


@pytest.mark.parametrize(
    ("option", "value"),
    [("rotation", -0.1), ("rotation", 3.2), ("shift", 1.5), ("zoom", 1.0), ("shear", -1), ("brightness", 2)]
    + [("contrast", -0.2), ("noise", float("nan"))],
)
def test_an_amount_out_of_range_is_named(option, value):
    with pytest.raises(ValueError, match=f"^{option} must lie in 0.*got {value}"):
        Augment(**{option: value})


def test_an_unknown_fill_suggests_the_close_one():
    with pytest.raises(ValueError, match=r"constant, reflect, nearest.*did you mean reflect\?"):
        Augment(fill="reflection")


# Batches


def numbered(n=11, **options):
    """A data set whose images and labels are their own numbers."""
    number = np.arange(n)
    images = np.broadcast_to(number[:, None, None, None], (n, 6, 8, 1)).astype(np.float32)
    return Batches(images, number, 3, **options)


def collect(dataset):
    return [tuple(part.numpy() for part in pair) for pair in dataset]


def test_an_epoch_shows_each_index_at_most_once_and_epochs_differ_in_order():
    batches = numbered()
    orders = [batches.order(epoch) for epoch in range(4)]
    assert batches.steps_per_epoch == 3
    for order in orders:
        assert order.shape == (3, 3)
        assert len(set(order.ravel())) == 9
        assert set(order.ravel()) <= set(range(11))
    assert len({order.tobytes() for order in orders}) == 4
    assert len({index for order in orders for index in order.ravel()}) == 11, "nobody is left out for ever"
    assert not np.array_equal(numbered(seed=1).order(0), orders[0])


def test_the_dataset_is_the_batches_of_these_orders_as_pairs():
    batches = numbered()
    pairs = collect(batches.dataset(0, 3))
    assert np.array_equal([labels for _, labels in pairs], np.concatenate([batches.order(e) for e in range(3)]))
    for images, labels in pairs:
        assert images.shape == (3, 6, 8, 1)
        assert np.array_equal(images[:, 2, 3, 0], labels)


def test_a_dataset_from_a_later_epoch_is_the_tail_of_the_whole(blocks):
    batches = Batches(*blocks, 10, Augment(**EVERY.__dict__ | {"noise": 0.1}), seed=4)
    whole, tail = collect(batches.dataset(0, 4)), collect(batches.dataset(2, 4))
    assert (len(whole), len(tail)) == (24, 12)
    for mine, theirs in zip(whole[12:], tail, strict=True):
        assert all(np.array_equal(a, b) for a, b in zip(mine, theirs, strict=True))


def test_two_passes_agree_and_another_seed_differs():
    augment = Augment(noise=0.2)
    first = [images for images, _ in collect(numbered(augment=augment).dataset(0, 2))]
    again = [images for images, _ in collect(numbered(augment=augment).dataset(0, 2))]
    other = [images for images, _ in collect(numbered(augment=augment, seed=1).dataset(0, 2))]
    assert np.array_equal(first, again)
    assert not any(np.array_equal(a, b) for a, b in zip(first, other, strict=True))


def test_an_image_is_augmented_anew_in_every_epoch():
    one = Batches(np.full((2, H, W, 1), 99, np.uint8), np.arange(2), 2, Augment(noise=0.2))
    grains = {images[labels == 0].tobytes() for images, labels in collect(one.dataset(0, 5))}
    assert len(grains) == 5


@pytest.mark.parametrize(
    ("n", "labels", "batch", "message"),
    [(4, 5, 2, "4 images and 5 targets"), (4, 4, 5, "1..4 .*got 5"), (4, 4, 0, "got 0"), (0, 0, 1, "got 1")],
)
def test_impossible_batches_are_refused(n, labels, batch, message):
    with pytest.raises(ValueError, match=message):
        Batches(np.zeros((n, 6, 8, 1)), np.zeros(labels), batch)


@pytest.mark.parametrize("first", [0, 1, 2, 3])
def test_epochs_of_given_steps_walk_through_pass_after_pass(first):
    images = np.arange(11, dtype=np.uint8).reshape(11, 1, 1, 1)
    batches = Batches(images, np.arange(11), 2, seed=4, steps=3)  # 5 steps a pass, 3 an epoch
    assert batches.steps_per_epoch == 3
    seen = [labels.numpy().tolist() for _, labels in batches.dataset(first, 4)]
    whole = np.concatenate([batches.order(number) for number in range(3)])
    assert seen == whole[3 * first : 12].tolist()
    assert all(len(set(batches.order(number).ravel())) == 10 for number in range(3))


def test_an_epoch_without_a_step_is_refused():
    with pytest.raises(ValueError, match="steps must be >= 1, got 0"):
        Batches(np.zeros((4, 8, 8, 1)), np.zeros(4), 2, steps=0)


def test_stretch_maps_percentiles_to_the_full_range_and_keeps_hue():
    image = np.repeat(np.linspace(50, 100, 101).round().astype(np.uint8)[None, :, None], 4, axis=0)
    stretched = transforms.stretch_contrast(image, low=0, high=100)
    assert stretched.min() == 0
    assert stretched.max() == 255
    assert stretched[0, 50, 0] == round(255 * 25 / 50)
    rooted = transforms.stretch_contrast(image, low=0, high=100, gamma=0.5)
    assert rooted[0, 50, 0] == round(255 * (25 / 50) ** 0.5)
    colours = np.stack([image[..., 0], image[..., 0] // 2, 0 * image[..., 0]], -1)
    assert transforms.stretch_contrast(colours, low=0, high=100)[0, 100].tolist() == [255, round(255 * 50 / 100), 0]


def test_stretch_leaves_noise_small():
    image = np.array([[[20], [21], [22]]], np.uint8)
    assert transforms.stretch_contrast(image, low=0, high=100).ravel().tolist() == [
        0,
        round(255 / 8),
        round(255 * 2 / 8),
    ]
