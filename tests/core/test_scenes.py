"""Scenes: the same everywhere, masks that agree with each other and with the image, knobs that turn."""

import hashlib

import numpy as np
import pytest
from scipy.ndimage import label as connected

from segutils.digits import Digits, Split
from segutils.scenes import CHUNK, CLASS_NAMES, make_scenes, make_splits

# Of 3 scenes, 48 pixels wide, made from the drawn digits with every knob turned; computed once, see the test.
SCENES_SHA256 = "3191d3eb3ca062985383efcd13232ef9ec5cac82582cffb7257c7cd1b32e6815"


def arrays(scenes):
    return [part.tobytes() for part in scenes]


def test_the_bytes_are_the_same_on_every_machine(drawn_digits):
    """A change of this number is a change of the course's data: every stored output would have to be made anew."""
    scenes = make_scenes(drawn_digits, 3, size=48, count=(2, 4), night=0.25, occlusion=1, seed=7)
    assert hashlib.sha256(b"".join(arrays(scenes))).hexdigest() == SCENES_SHA256


def test_a_seed_repeats_and_another_differs_in_every_scene(drawn_digits):
    first, again, other = (make_scenes(drawn_digits, 5, seed=seed) for seed in (1, 1, 2))
    assert arrays(first) == arrays(again)
    for mine, theirs in zip(first, other, strict=True):
        assert (mine != theirs).reshape(5, -1).any(axis=1).all()


def test_the_scenes_of_one_call_differ(drawn_digits):
    scenes = make_scenes(drawn_digits, CHUNK + 6)
    assert len({image.tobytes() for image in scenes.images}) == CHUNK + 6


def test_the_first_scenes_stay_when_more_are_made(drawn_digits):
    options = {"size": 43, "count": (1, 3), "occlusion": 2, "seed": 5}
    many = make_scenes(drawn_digits, CHUNK + 9, **options)
    for n in (1, CHUNK - 1, CHUNK, CHUNK + 1):
        few = make_scenes(drawn_digits, n, **options)
        assert arrays(few) == [part[:n].tobytes() for part in many], n


@pytest.mark.parametrize("size", [42, 64, 75])
def test_shapes_and_types(drawn_digits, size):
    scenes = make_scenes(drawn_digits, 4, size=size, count=(1, 4))
    assert scenes.images.shape == (4, size, size, 1)
    assert scenes.semantic.shape == scenes.instances.shape == (4, size, size)
    assert {part.dtype for part in scenes} == {np.dtype(np.uint8)}
    assert len(CLASS_NAMES) == 11


def test_no_scenes_are_empty_arrays(drawn_digits):
    assert [part.shape for part in make_scenes(drawn_digits, 0)] == [(0, 64, 64, 1), (0, 64, 64), (0, 64, 64)]


def test_the_digits_given_are_not_changed(drawn_digits):
    before = drawn_digits[0].copy(), drawn_digits[1].copy()
    make_scenes(drawn_digits, 3)
    assert all(np.array_equal(a, b) for a, b in zip(before, drawn_digits, strict=True))


# Masks


def test_a_pixel_has_an_object_exactly_if_it_has_a_class_and_each_object_has_one_class(drawn_digits):
    scenes = make_scenes(drawn_digits, 40, count=(2, 9), occlusion=2)
    assert np.array_equal(scenes.semantic > 0, scenes.instances > 0)
    assert scenes.semantic.max() == 10
    for semantic, instances in zip(scenes.semantic, scenes.instances, strict=True):
        for k in np.unique(instances[instances > 0]):
            assert len(np.unique(semantic[instances == k])) == 1


def test_an_object_has_the_class_of_the_digit_that_is_drawn():
    """Label 3 is drawn as a lying bar, label 8 as a standing one: what is drawn tells what the class must be."""
    lying, standing = np.zeros((2, 28, 28), np.uint8)
    lying[11:17, 4:24] = 255
    standing[4:24, 11:17] = 255
    scenes = make_scenes((np.array([lying, standing]), np.array([3, 8])), 40, count=(1, 1), rotation=0.0)
    drawn = set()
    for semantic in scenes.semantic:
        rows, columns = np.nonzero(semantic)
        expected = 4 if np.ptp(columns) > np.ptp(rows) else 9
        assert set(semantic[rows, columns]) == {expected}
        drawn.add(expected)
    assert drawn == {4, 9}


@pytest.mark.parametrize("count", [(1, 1), (0, 2), (3, 5), (9, 9)])
def test_a_scene_has_as_many_objects_as_count_says(drawn_digits, count):
    scenes = make_scenes(drawn_digits, 60, count=count, scale=(0.5, 0.5), clutter=0)
    seen = [len(set(np.unique(instances)) - {0}) for instances in scenes.instances]
    assert set(seen) == set(range(count[0], count[1] + 1))


def test_ink_is_labelled_and_what_is_labelled_is_ink(drawn_digits):
    """Without noise and clutter the ground is a plane; digits rise by 0.35·0.65 of 255 at least, half of it labelled.

    The plane is fitted here, to the pixels far from all labels, so a mask that is shifted, mirrored or too
    small leaves ink among them, and one that is too large has labels on the plane.
    """
    scenes = make_scenes(drawn_digits, 12, size=65, count=(2, 4), noise=0.0, clutter=0, seed=3)
    y, x = np.mgrid[:65, :65]
    for image, semantic in zip(scenes.images[..., 0].astype(float), scenes.semantic, strict=True):
        near = np.pad(semantic > 0, 2)
        near = np.any([near[2 + i : 67 + i, 2 + j : 67 + j] for i in range(-2, 3) for j in range(-2, 3)], axis=0)
        plane = np.stack([np.ones_like(y), y, x], axis=-1)
        fitted = np.linalg.lstsq(plane[~near], image[~near], rcond=None)[0]
        rise = image - plane @ fitted
        assert np.abs(rise[~near]).max() < 1.2, "ink far from every label"
        assert rise[semantic > 0].min() > 0.5 * 0.35 * 0.65 * 255 - 2, "a label without ink"
        assert rise[semantic == 0].max() < 0.5 * 0.6 * 255 + 2, "full ink without a label"


def test_a_scene_without_digits_has_empty_masks(drawn_digits):
    scenes = make_scenes((np.zeros((1, 28, 28), np.uint8), np.array([4])), 3)
    assert not scenes.semantic.any()
    assert not scenes.instances.any()


# Knobs


def test_noise_night_and_clutter_leave_the_masks_alone(drawn_digits):
    plain = make_scenes(drawn_digits, 12, noise=0.0, clutter=0)
    for knob in ({"noise": 0.5}, {"night": 1.0}, {"clutter": 7}):
        turned = make_scenes(drawn_digits, 12, **{"noise": 0.0, "clutter": 0} | knob)
        assert arrays(turned)[1:] == arrays(plain)[1:], knob
        assert (turned.images != plain.images).reshape(12, -1).any(axis=1).sum() > 8, knob


def test_night_leaves_a_fifteenth_of_the_light_and_grain(drawn_digits):
    day, dusk, night = (make_scenes(drawn_digits, 8, noise=0.0, night=night).images for night in (0.0, 0.5, 1.0))
    light = (day > 150) & (day < 230)  # so bright that no grain is cut off at black, and not cut off at white
    assert night[light].mean() / day[light].mean() == pytest.approx(1 / 15, rel=0.05)
    assert dusk[light].mean() / day[light].mean() == pytest.approx(8 / 15, rel=0.02)
    empty = make_scenes((np.zeros((1, 28, 28), np.uint8), [0]), 8, noise=0.0, night=1.0, clutter=0).images
    assert 0.01 * 255 < np.diff(empty.astype(float), axis=2).std() / np.sqrt(2) < 0.03 * 255


def test_noise_is_a_share_of_full_brightness(drawn_digits):
    blank = np.zeros((1, 28, 28), np.uint8), [0]
    clean, noisy = (make_scenes(blank, 40, noise=noise, clutter=0).images.astype(float) for noise in (0.0, 0.1))
    sigma = (noisy - clean).std(axis=(1, 2, 3)) / 255
    assert 0.08 < sigma.max() < 0.103
    assert sigma.min() < 0.02


def test_occlusion_only_removes_labels_and_covers_what_it_hides(drawn_digits):
    plain, hidden = (make_scenes(drawn_digits, 30, noise=0.0, occlusion=occlusion) for occlusion in (0, 4))
    for before, after in zip(plain[1:], hidden[1:], strict=True):
        assert np.array_equal(after[after > 0], before[after > 0])
        assert 0.3 * (before > 0).sum() < (after > 0).sum() < 0.95 * (before > 0).sum()
    lost = (plain.semantic > 0) & (hidden.semantic == 0)
    assert (plain.images[..., 0] != hidden.images[..., 0])[lost].mean() > 0.95


def test_scale_and_rotation_change_size_and_angle(drawn_digits):
    solid = np.zeros((1, 28, 28), np.uint8)
    solid[:, 9:19, 6:22] = 255

    def inked(**knobs):
        return (make_scenes((solid, [1]), 30, count=(1, 1), clutter=0, **knobs).semantic > 0).sum((1, 2))

    # Ink spreads by up to a fifth of a pixel beyond the middle of its grey edge
    assert 160 <= inked(scale=(1, 1), rotation=0).mean() <= 10.4 * 16.4 + 3
    assert abs(inked(scale=(2, 2), rotation=0).mean() - 640) < 60
    assert abs(inked(scale=(1, 1), rotation=1).mean() - 160) < 8, "turning keeps the area"
    straight, turned = (
        make_scenes((solid, [1]), 30, count=(1, 1), scale=(1, 1), rotation=r).semantic.any(axis=2).sum(axis=1)
        for r in (0, 1)
    )
    assert straight.max() <= 11
    assert 15 < turned.max() <= 10 * np.cos(1) + 16 * np.sin(1) + 2


def test_digits_stay_on_the_canvas(drawn_digits):
    block = np.zeros((1, 28, 28), np.uint8)
    block[:, 4:24, 4:24] = 255
    scenes = make_scenes((block, [0]), 60, size=47, count=(1, 1), scale=(1, 1), rotation=0, clutter=0)
    for semantic in scenes.semantic:
        regions, found = connected(semantic)
        assert found == 1
        assert abs((regions == 1).sum() - 400) < 45


BAD = {
    "n": -1,
    "size": 41,
    "count[0]": {"count": (-1, 3)},
    "count[1]": {"count": (1, 10)},
    "scale[0]": {"scale": (0.4, 1.0)},
    "scale[1]": {"scale": (1.0, 2.1)},
    "rotation": 1.1,
    "clutter": -1,
    "noise": 1.5,
    "night": float("nan"),
    "occlusion": -2,
}


@pytest.mark.parametrize("name", BAD)
def test_an_argument_out_of_range_is_named(drawn_digits, name):
    wrong = BAD[name] if isinstance(BAD[name], dict) else {name: BAD[name]}
    with pytest.raises(ValueError, match=f"^{name.replace('[', '.')[:-1]}.? must lie in .*, got "):
        make_scenes(drawn_digits, **{"n": 2} | wrong)


@pytest.mark.parametrize(
    ("name", "value"), [("scale", (1.2, 0.8)), ("count", (3, 2)), ("count", (0, 0)), ("count", (2, 300))]
)
def test_a_range_the_wrong_way_round_or_too_wide_is_named(drawn_digits, name, value):
    with pytest.raises(ValueError, match=rf"^{name}\[[01]\] must lie in"):
        make_scenes(drawn_digits, 2, **{name: value})


@pytest.mark.parametrize(
    ("name", "value"),
    [("seed", -1), ("n", 2.5), ("size", 64.5), ("clutter", 1.5), ("occlusion", 0.5), ("count", (1.5, 3.5))],
)
def test_an_argument_that_is_no_whole_number_is_named(drawn_digits, name, value):
    with pytest.raises(ValueError, match=f"^{name}"):
        make_scenes(drawn_digits, **{"n": 2, name: value})


IMAGES = np.zeros((2, 28, 28), np.uint8)


@pytest.mark.parametrize(
    ("digits", "message"),
    [
        ((IMAGES / 255, [0, 1]), "uint8.*got float64"),
        ((IMAGES[:, 2:], [0, 1]), r"28, 28.*got uint8 \(2, 26, 28\)"),
        ((IMAGES[..., None], [0, 1]), r"got uint8 \(2, 28, 28, 1\)"),
        ((IMAGES, [0, 1, 2]), r"labels \(3,\)"),
        ((IMAGES, [0, 10]), "0..9"),
        ((IMAGES, [-1, 3]), "0..9"),
        ((IMAGES[:0], np.zeros(0, int)), "got 0 labels"),
        pytest.param(
            Digits("all", *3 * [Split(IMAGES, np.arange(2))]),
            "pass digits.train",
            id="a whole set of digits",
        ),
    ],
)
def test_wrong_digits_are_refused_with_what_came(digits, message):
    with pytest.raises(ValueError, match=message):
        make_scenes(digits, 2)


# Splits


def test_no_part_ever_shows_a_source_digit_of_another():
    """Each part's digits have labels of their own, so a leak would show as a strange class."""
    block = np.zeros((30, 28, 28), np.uint8)
    block[:, 8:20, 8:20] = 255
    own = {"train": (0, 1, 2), "validation": (3, 4), "test": (5, 6, 7, 8)}
    parts = [Split(block, np.resize(labels, 30)) for labels in own.values()]
    made = make_splits(Digits("marked", *parts), train=20, validation=15, test=10, size=43, count=(2, 4))
    assert [len(scenes.images) for scenes in made] == [20, 15, 10]
    for scenes, labels in zip(made, own.values(), strict=True):
        assert set(np.unique(scenes.semantic)) == {0} | {label + 1 for label in labels}


def test_parts_have_layouts_of_their_own_and_keep_them_when_another_grows(drawn_digits):
    digits = Digits("same", *3 * [Split(*drawn_digits)])
    made = make_splits(digits, train=4, validation=4, test=4, size=44, count=(1, 3), seed=3)
    assert len({arrays(scenes)[2] for scenes in made}) == 3
    more = make_splits(digits, train=9, validation=4, test=4, size=44, count=(1, 3), seed=3)
    assert arrays(made[1]) == arrays(more[1])
    assert arrays(made[2]) == arrays(more[2])
    other = make_splits(digits, train=4, validation=4, test=4, size=44, count=(1, 3), seed=4)
    assert arrays(made[0]) != arrays(other[0])
