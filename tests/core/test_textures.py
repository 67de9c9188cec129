"""Mosaics of textures: masks that agree with the image, areas that never mix, borders that are curved."""

import numpy as np
import pytest

from segutils.scenes import CHUNK
from segutils.textures import CLASS_NAMES, GAP, load_textures, make_mosaics, make_splits

FLAT = [np.full((40, 50), value, np.float32) for value in np.linspace(-2, 2, len(CLASS_NAMES))]


@pytest.fixture(scope="module")
def textures():
    return load_textures()


def arrays(mosaics):
    return [part.tobytes() for part in mosaics]


def test_there_are_at_least_five_classes_each_from_its_own_photograph(textures):
    assert len(set(CLASS_NAMES)) >= 5
    assert all(len(area) == len(CLASS_NAMES) for area in textures)


def test_the_three_areas_of_a_photograph_share_no_pixel_and_keep_their_distance(textures):
    from skimage import data

    height, width = data.brick().shape
    train, validation, test = (area[0] for area in textures)
    assert train.shape == (height, round(0.6 * width))
    assert validation.shape[1] == test.shape[1] == width - train.shape[1] - GAP
    assert validation.shape[0] + test.shape[0] == height - GAP
    whole = np.asarray(data.brick(), float)  # cut from the photograph itself: the areas follow its brightness
    for part, cut in ((train, whole[:, : train.shape[1]]), (test, whole[-test.shape[0] :, -test.shape[1] :])):
        assert np.corrcoef(part.ravel(), cut.ravel())[0, 1] > 0.9


def test_textures_have_mean_0_and_deviation_1(textures):
    for parts in zip(*textures, strict=True):
        pixels = np.concatenate([part.ravel() for part in parts])
        assert abs(pixels.mean()) < 0.05
        assert 0.9 < pixels.std() < 1.1


def test_a_mosaic_shows_only_its_area():
    """Areas of one brightness each: with neither noise nor spread, a pixel tells its class and its area."""
    dark, light = ([texture * 0 + value for texture in FLAT] for value in (-2.0, 2.0))
    first, second = (make_mosaics(area, 30, noise=0, seed=4) for area in (dark, light))
    np.testing.assert_array_equal(first.semantic, second.semantic)
    assert (first.images < second.images).all()


def test_a_region_has_one_class_and_regions_of_a_mosaic_differ_in_class():
    mosaics = make_mosaics(FLAT, 40, count=(2, 5), noise=0, seed=1)
    for image, semantic, instances in zip(*mosaics, strict=True):
        classes = [np.unique(semantic[instances == k]) for k in np.unique(instances)]
        assert all(len(found) == 1 for found in classes)
        assert len(np.unique(classes)) == len(classes) <= 5
        assert all(len(np.unique(image[..., 0][instances == k])) == 1 for k in np.unique(instances))


def test_a_border_is_where_the_conic_forms_say():
    """The rule of the docstring, pixel by pixel in Python's own arithmetic, for one mosaic of two regions."""
    stream = np.random.Generator(np.random.PCG64(np.random.SeedSequence(3).spawn(2)[0]))
    u = stream.random((1, 6, 14), dtype=np.float32)[0].astype(float)
    found = make_mosaics(FLAT, 1, count=(2, 2), size=16, seed=3).instances[0]
    for row, column in np.ndindex(16, 16):
        far = []
        for _, cy, cx, a, b, c, w, *_ in u[:2]:
            dy, dx = 2 * row / 15 - 1 - (2 * cy - 1), 2 * column / 15 - 1 - (2 * cx - 1)
            far.append((0.5 + a) * dy**2 + (0.5 + b) * dx**2 + (c - 0.5) * dy * dx - 0.3 * w)
        if abs(far[0] - far[1]) > 1e-4:
            assert found[row, column] == 1 + int(far[1] < far[0])


@pytest.mark.parametrize("axis", [0, 1])
def test_an_enlarged_texture_is_read_between_its_pixels(axis):
    """Upright stripes that rise and fall in a line: at two pixels for one, the mosaic rises and falls evenly, too."""
    wave = np.abs((np.arange(400, dtype=np.float32) + 7) % 40 - 20) / 10 - 1
    stripes = wave[:, None] + np.zeros((1, 400), np.float32)
    area = [stripes if axis == 0 else stripes.T] * len(CLASS_NAMES)
    images = make_mosaics(area, 8, count=(1, 1), scale=(0.5, 0.5), turn=0, noise=0, seed=2).images[..., 0].astype(int)
    for image in images if axis == 0 else images.swapaxes(1, 2):
        assert (image == image[:, :1]).all()
        steps = np.abs(np.diff(image[:, 0]))
        assert np.median(steps) > 0
        assert (np.abs(steps - np.median(steps)) <= 1).mean() > 0.9  # only the tops and the bottoms differ


@pytest.mark.parametrize("size", [16, 48, 96])
def test_the_first_mosaics_stay_when_more_are_made(size):
    many, few = (make_mosaics(FLAT, n, size=size, seed=5) for n in (CHUNK + 9 if size < 96 else 70, 4))
    assert arrays(few) == [part[:4].tobytes() for part in many]


def test_a_seed_repeats_and_another_differs():
    first, again, other = (make_mosaics(FLAT, 5, seed=seed) for seed in (1, 1, 2))
    assert arrays(first) == arrays(again)
    assert all((mine != theirs).any() for mine, theirs in zip(first, other, strict=True))


def test_splits_are_the_areas(textures):
    splits = make_splits(train=2, validation=2, test=2, size=32, seed=7)
    for i, (split, area) in enumerate(zip(splits, textures, strict=True)):
        assert arrays(split) == arrays(make_mosaics(area, 2, size=32, seed=[7, i]))


@pytest.mark.parametrize(
    "options",
    [{"n": -1}, {"size": 8}, {"count": (0, 2)}, {"count": (4, 2)}, {"scale": 1.0}, {"turn": 2}, {"noise": -1}],
)
def test_wrong_options_are_refused_by_name(options):
    (name,) = options
    with pytest.raises(ValueError, match=f"{name} must lie in"):
        make_mosaics(FLAT, **{"n": 1, **options})


def test_all_areas_at_once_are_refused(textures):
    with pytest.raises(ValueError, match=r"pass load_textures\(\).train"):
        make_mosaics(textures, 1)
