"""Lesson 10: levels and skips are those of the network; what is measured of them is right on cases known beforehand."""

import json
import os

import keras
import matplotlib.pyplot as plt
import numpy as np
import pytest
import tensorflow as tf
from sklearn.metrics import r2_score

from segutils import course, models, scenes
from segutils.lessons import inside_figures as figures
from segutils.lessons import inside_levels as inside
from segutils.lessons.inside_the_network import exercise, pixel_explorer, second_exercise

RNG = np.random.default_rng(0)
IMAGES = RNG.integers(0, 256, (3, 32, 48, 1)).astype("float32")


@pytest.fixture(scope="module")
def network():
    course.set_seed(0)
    return models.unet(11)


# The network


def test_levels_have_the_scale_that_their_name_says(network):
    maps = keras.Model(network.input, list(inside.levels_of(network).values())).predict_on_batch(IMAGES)
    scale = {"down 1/2": 2, "down 1/4": 4, "down 1/8": 8, "bottom 1/16": 16, "up 1/8": 8, "up 1/4": 4, "up 1/2": 2}
    for name, array in zip(inside.LEVELS, maps, strict=True):
        step = scale.get(name, 1)
        assert array.shape[1:3] == (32 // step, 48 // step), name
        assert array.min() >= 0, "after the ReLU"
    images, *in_parts = inside.maps_of(network, IMAGES)
    np.testing.assert_array_equal(images, IMAGES)
    for array, other in zip(in_parts, maps, strict=True):
        np.testing.assert_allclose(array, other, atol=1e-4)
    with pytest.raises(ValueError, match="stem=2"):
        inside.levels_of(models.unet(11, stem=1))


def test_the_two_halves_make_the_network_and_each_skip_counts(network):
    skips = inside.skips_of(network)
    handed = keras.Model(network.input, list(skips.values())).predict_on_batch(IMAGES)
    way_up = keras.Model(list(skips.values()), network.output)
    np.testing.assert_allclose(way_up.predict_on_batch(handed), network.predict_on_batch(IMAGES), atol=1e-4)
    assert [maps.shape[1] for maps in handed] == [32, 16, 8, 4, 2]
    for i in range(5):
        cut = [np.zeros_like(maps) if i == j else maps for j, maps in enumerate(handed)]
        assert not np.allclose(way_up.predict_on_batch(cut), network.predict_on_batch(IMAGES), atol=1e-4)


def test_masks_are_predicted_in_parts_from_one_input_or_several(network):
    images = RNG.integers(0, 256, (53, 16, 16, 1)).astype("float32")
    both = keras.Model([network.input, other := keras.Input((11,))], network.output + other[:, None, None])
    masks = inside.predict_masks(network, images)
    assert masks.shape == (53, 16, 16)
    np.testing.assert_array_equal(masks[50:], network.predict_on_batch(images[50:]).argmax(-1))
    np.testing.assert_array_equal(inside.predict_masks(both, [images, np.zeros((53, 11))]), masks)
    assert (inside.predict_masks(both, [images, 1e6 * np.eye(11)[[4] * 53]]) == 4).all()


def test_a_random_twin_has_other_weights_and_maps_of_a_usual_scale(network):
    twin = inside.random_twin(network, IMAGES)
    assert twin.output_shape == network.output_shape
    first, of_twin = network.layers[3].get_weights()[0], twin.layers[3].get_weights()[0]
    assert not np.allclose(first, of_twin)
    maps = keras.Model(twin.input, inside.levels_of(twin)["up 1/4"]).predict_on_batch(IMAGES)
    assert 0.1 < maps.std() < 10


def write_run(folder, **changes):
    results = {"data": "mnist", "parameters": {"SCENES": "digits", "WIDTH": 16, "STEM": 2}}
    results["parameters"] |= {k: v for k, v in changes.items() if k.isupper()}
    results |= {k: v for k, v in changes.items() if k.islower()}
    folder.mkdir(parents=True)
    (folder / "best.keras").write_bytes(b"")
    (folder / "results.json").write_text(json.dumps(results))


def test_the_newest_fitting_run_is_found_here_or_above(tmp_path):
    here = tmp_path / "course/notebooks"
    here.mkdir(parents=True)
    assert inside.find_run("mnist", near=here) is None
    old, new = here / "runs/09_segmentation_run-1", tmp_path / "course/runs/09_segmentation_run"
    for age, folder in ((200, old), (100, new)):
        write_run(folder)
        os.utime(folder / "results.json", (1e9 - age, 1e9 - age))
    assert inside.find_run("mnist", near=here) == new
    for i, change in enumerate([{"data": "bundled"}, {"SCENES": "textures"}, {"WIDTH": 8}, {"STEM": 1}]):
        write_run(here / f"runs/09_segmentation_run-other-{i}", **change)  # newer, and of another kind
    assert inside.find_run("mnist", near=here) == new
    (new / "best.keras").unlink()
    assert inside.find_run("mnist", near=here) == old


def test_a_network_is_trained_once_for_the_same_settings(tmp_path, monkeypatch, network):
    trained = []

    def train(source, folder, seed, count, epochs):
        trained.append((source, seed, count, epochs))
        network.save(folder / "best.keras")

    monkeypatch.setattr(inside, "_train", train)
    monkeypatch.chdir(tmp_path)
    for seed in (0, 0, 1, 1):
        loaded, words = inside.get_network("bundled", tmp_path, seed=seed, count=32, epochs=3)
    assert trained == [("bundled", 0, 32, 3), ("bundled", 1, 32, 3)]
    assert "32 scenes seen 3 times" in words
    np.testing.assert_array_equal(loaded.predict_on_batch(IMAGES), network.predict_on_batch(IMAGES))
    assert inside.get_network("mnist", tmp_path / "other", run=str(tmp_path))[1] == "from a run of notebook 9"
    with pytest.raises(FileNotFoundError, match="name the run folder"):
        inside.get_network("mnist", tmp_path, run=str(tmp_path / "nowhere"))


# What probes are asked


def test_questions_have_the_answers_of_their_pixels():
    masks = np.zeros((4, 12, 20), np.uint8)
    masks[:, 3:8, 5:11] = np.arange(1, 5)[:, None, None]
    asked = inside.questions(scenes.Scenes(np.zeros((4, 12, 20, 1)), masks, masks), 100)
    places, answers = asked["edge"]
    padded = np.pad(masks, ((0, 0), (1, 1), (1, 1)), mode="edge")
    for (n, i, j), answer in zip(places, answers, strict=True):
        around = [padded[n, i, j + 1], padded[n, i + 2, j + 1], padded[n, i + 1, j], padded[n, i + 1, j + 2]]
        assert answer.argmax() == (set(around) != {masks[n, i, j]})
    assert answers.sum(0).tolist() == [50, 50]
    places, answers = asked["digit"]
    np.testing.assert_array_equal(answers.argmax(1) + 1, masks[tuple(places.T)])
    assert answers.sum(0).tolist() == [10] * 4 + [0] * 6
    places, answers = asked["position"]
    np.testing.assert_array_equal(places[:, 1:], answers)


def test_a_coarse_place_serves_all_its_pixels():
    maps = np.arange(2 * 4 * 4 * 3).reshape(2, 4, 4, 3)
    places = np.array([[1, 0, 63], [1, 15, 48], [0, 40, 17]])
    np.testing.assert_array_equal(inside.values_at(maps, places), [maps[1, 0, 3], maps[1, 0, 3], maps[0, 2, 1]])


def test_one_name_per_cell_by_a_count():
    mask = np.array([[[1, 1, 2, 0], [2, 1, 2, 2]]])  # left 3 of 4 pixels, right 3 of 3
    assert inside.one_name_per_cell(mask, 2) == pytest.approx(6 / 7)
    assert inside.one_name_per_cell(mask, 1) == 1


def test_grades_are_shares_and_r2():
    answers = np.eye(3)[[0, 1, 2, 2]]
    assert inside.grade(answers, np.eye(3)[[0, 1, 1, 2]] * 0.3) == 0.75
    places = RNG.integers(0, 64, (50, 2)).astype(float)
    said = places + RNG.normal(size=(50, 2)) * [9, 3]
    assert inside.grade(places, said) == pytest.approx(r2_score(places, said, multioutput="variance_weighted"))


def test_mistakes_come_worst_first():
    semantic, instances, masks = np.zeros((3, 2, 10, 10), np.uint8)
    semantic[:, :5, :8], instances[:, :5, :8] = 4, 1
    semantic[1, 5:], instances[1, 5:] = 7, 2
    masks[...] = semantic
    masks[0, :3, :8] = 9  # 24 of 40 pixels
    masks[1, 5:, :2] = 3  # 10 of 50; the rest of them right
    masks[1, :5, :8] = 0  # missed, but not misnamed
    found = inside.find_mistakes(scenes.Scenes(semantic[..., None], semantic, instances), masks)
    assert [(round(share, 2), *rest) for share, *rest in found[:2]] == [(0.6, 0, 1, 4, 9), (0.2, 1, 2, 7, 3)]
    assert found[2][0] == 0


def test_judges_are_perfect_on_the_truth_and_ink_forgets_names():
    truth = np.zeros((1, 12, 12), int)
    truth[:, 2:6, 2:6], truth[:, 7:11, 3:9] = 3, 5
    assert inside.judge(truth, truth) == (1, 1, 1)
    iou, edges, ink = inside.judge(truth, np.where(truth == 3, 8, truth))
    assert iou == pytest.approx(2 / 4)  # background and 5 right, 3 and 8 wrong
    assert ink == 1
    assert edges < 1


# Measured fields, margins and maps


@pytest.mark.parametrize("layers", [[(5, 2), (3, 1), (2, 2), (3, 1)], [(3, 3), (2, 1), (5, 2)], [(4, 1)]])
def test_the_formula_is_what_lit_pixels_measure(layers):
    x = np.eye(41, dtype="float32")[:, :, None]  # one lit pixel each, in one direction
    for kernel, stride in layers:
        x = tf.nn.conv1d(x, np.ones((kernel, 1, 1), "float32"), stride, "VALID")
    seen = np.nonzero(x.numpy()[:, x.shape[1] // 2, 0])[0]
    assert exercise.solution(layers) == np.ptp(seen) + 1


def test_the_extent_of_a_field_and_of_its_core():
    field = np.zeros((30, 40))
    field[5:16, 20:31] = 0.01  # 11 × 11
    field[9:12, 24:27] = 5  # 3 × 3 in its middle
    assert figures.extent(field) == (11, 3)
    assert figures.extent(np.pad(np.ones((7, 7)), 4)) == (7, 7)


class Stub:
    """Logits of three classes: 0, the image, twice the image."""

    def __call__(self, images, training):
        return tf.concat([0 * images, images, 2 * images], -1)


def test_the_margin_is_a_mean_over_the_digit():
    inside_digit = np.zeros((4, 5), bool)
    inside_digit[1, 2:4] = True
    images = RNG.normal(size=(3, 4, 5, 1)).astype("float32")
    found = figures.margin(Stub(), images, inside_digit, true=0, claimed=2)
    np.testing.assert_allclose(found, 2 * images[:, 1, 2:4, 0].mean(1), rtol=1e-5)


def test_occlusion_is_that_of_the_exercise():
    image, weights = RNG.normal(size=(12, 9, 1)), RNG.normal(size=(12, 9))

    def score(images):
        return (images[..., 0] * weights).sum((1, 2))

    whole = second_exercise.solution(lambda one: score(one[None, :, :, None])[0], image[..., 0], 3)
    np.testing.assert_allclose(figures.occlude(score, image, (0, 0, 9), size=3, step=1), whole[:9], atol=1e-4)
    np.testing.assert_allclose(
        figures.occlude(score, image, (4, 2, 6), size=3, step=2), whole[4:10:2, 2:8:2], atol=1e-4
    )


def test_a_window_lies_in_the_image_around_the_digit():
    digit = np.zeros((64, 64), bool)
    digit[50:62, 1:9] = True
    assert figures.window_around(digit) == (32, 0, 32)
    assert figures.window_around(np.roll(digit, (-30, 25), (0, 1))) == (10, 14, 32)


def test_maps_agree_by_the_order_of_their_magnitudes():
    values = RNG.random((8, 8))
    assert figures.agreement(values, -(values**3)) == pytest.approx(1)
    assert abs(figures.agreement(values, RNG.random((8, 8)))) < 0.5


def test_two_equal_networks_are_alike_and_a_map_of_each_kind_is_compared():
    images = np.full((1, 40, 40, 1), 50, np.uint8)
    images[0, 10:20, 12:22] = RNG.integers(100, 255, (10, 10, 1))
    objects = (images[..., 0] > 50).astype(np.uint8)
    part, found = scenes.Scenes(images, objects, objects), [(1.0, 0, 1, 0, 2)]
    alike = figures.compare_maps(part, found, Stub(), Stub(), lambda margin_of, image: image[..., 0].astype(float))
    assert alike == {"occlusion": [pytest.approx(1)], "gradient": [pytest.approx(1)]}


# Figures and the explorer


def test_scissors_and_probes_draw_every_number():
    rows = {name: (0.1 * i, 0.05 * i, 0.0) for i, name in enumerate(inside.SKIPS)}
    axes = figures.show_scissors({"zeros": rows, "their mean": rows}, (0.9, 0.8, 0.95))
    assert [bar.get_width() for bar in axes[1].patches] == [0.05 * i for i in range(5)] * 2
    read = {"trained": dict.fromkeys(figures.QUESTIONS, np.linspace(0, 1, 9))}
    axes = figures.show_probes(read, ceiling=np.ones(9))
    assert [len(ax.lines) for ax in axes] == [2, 3, 2], "each with a line of chance"
    plt.close("all")


def test_the_pixel_explorer_frames_the_place_that_a_pixel_belongs_to():
    maps = {"fine": RNG.random((16, 16, 2)), "coarse": np.zeros((2, 2, 5))}
    maps["coarse"][1, 0, 3] = 7
    scores = np.zeros((16, 16, 3))
    scores[..., 0], scores[12, 5] = 1, (0.2, 0.7, 0.1)
    draw = pixel_explorer(RNG.random((16, 16)), maps, scores, "abc", {"fine": (3, 1), "coarse": (13, 9)})
    figure = draw("coarse", row=12, column=5)
    left, middle, right = figure.axes
    np.testing.assert_allclose(left.lines[2].get_xydata().min(0), [0, 7])  # around (11.5, 3.5), cut at the left edge
    np.testing.assert_allclose(left.lines[2].get_xydata().max(0), [8, 15])
    shown = middle.images[0].get_array()
    np.testing.assert_allclose(shown[0, :2], maps["fine"][12, 5] / maps["fine"].max((0, 1)))
    np.testing.assert_allclose(shown[1], [0, 0, 0, 1, 0], atol=1e-6)
    assert "1 of 5 maps > 0" in middle.get_title()
    assert [bar.get_width() for bar in right.patches] == [0.2, 0.7, 0.1]
    assert right.get_title() == "pixel (12, 5):\nb, 0.70"
    assert "pixel (12, 5)" in draw("fine").axes[2].get_title(), "it starts on ink"
    plt.close(figure)
