"""What notebook 13 says of objects and does not show: its crowds, merges and splits, marks, the explorer, its judge."""

import ast
import heapq
import io
import itertools
import zipfile
from types import SimpleNamespace

import matplotlib.pyplot as plt
import numpy as np
import pytest
from PIL import Image
from scipy.ndimage import distance_transform_edt, gaussian_filter
from skimage.measure import label
from skimage.segmentation import watershed
from support import ROOT

from segutils import objects
from segutils.lessons import objects as lesson
from segutils.lessons import objects_figures as figures
from segutils.objects import (
    average_precision,
    centre_map,
    from_centres,
    from_distance,
    object_f1,
    rim_distance,
    separated,
)


@pytest.fixture(scope="module")
def crowds():
    return lesson.make_crowds("bundled", train=20, validation=10, test=30)


@pytest.fixture
def strip():
    """Three true objects; the prediction splits the first, merges the others."""
    true = np.array([[1, 1, 1, 1, 1, 1, 0, 2, 2, 2, 5, 5]])
    return true, np.array([[4, 4, 4, 3, 3, 3, 0, 9, 9, 9, 9, 9]])


def test_a_crowd_shows_one_digit_in_a_scene_and_its_masks_agree(crowds):
    train, validation, test, name = crowds
    assert name == "bundled"
    assert [len(part.images) for part in crowds[:3]] == [20, 10, 30]
    for part in (train, validation, test):
        assert part.images.shape == (*part.ink.shape, 1)
        np.testing.assert_array_equal(part.ink, part.objects > 0)
        assert all(6 <= len(np.unique(numbered)) - 1 <= 9 for numbered in part.objects)
    ones, zeros = (np.mean([test.ink[i].sum() for i in range(digit, 30, 10)]) for digit in (1, 0))
    assert ones < 0.75 * zeros, "scene i shows the digit i % 10"


def test_crowds_touch(crowds):
    regions = [label(ink, connectivity=1).max() for ink in crowds[2].ink]
    assert np.mean(regions) < 0.8 * np.mean([len(np.unique(n)) - 1 for n in crowds[2].objects])


def test_crowds_come_in_tens():
    with pytest.raises(ValueError, match="multiple of 10.*got 15"):
        lesson.make_crowds("bundled", train=15, validation=10, test=10)


def test_shared_pixels_are_counted_pair_by_pair(rng):
    true, pred = rng.integers(0, 4, (7, 9)), rng.choice([0, 3, 8], (7, 9))
    expected = [[((true == t) & (pred == p)).sum() for p in (0, 3, 8)] for t in range(4)]
    np.testing.assert_array_equal(lesson.shared_pixels(true, pred), expected)
    assert lesson.shared_pixels(true + 1, pred).shape == (5, 3), "the background's row is there, though it is empty"


def test_merges_and_splits_by_hand(strip):
    true, pred = strip
    assert objects.merges_and_splits(true, pred) == (1, 1)
    merged, split = objects.merged_and_split(true, pred)
    assert (merged.tolist(), split.tolist()) == ([9], [1])
    assert objects.merges_and_splits(pred, true) == (1, 1), "a merge, seen from the other side, is a split"
    assert objects.merges_and_splits(true, true) == (0, 0)
    assert objects.merges_and_splits(true, 0 * true) == (0, 0)
    half = np.array([[1, 1, 0, 2, 2]])
    assert objects.merges_and_splits(half, np.array([[0, 7, 7, 7, 0]])) == (0, 0), "exactly half is not more than half"


def test_the_table_says_what_was_counted(strip, capsys):
    true, pred = strip
    scores = lesson.tabulate([true, true], {"theirs": [true, true], "ours": [pred, true]})
    assert scores == {"theirs": 1.0, "ours": object_f1([true, true], [pred, true])}
    head, theirs, ours = capsys.readouterr().out.splitlines()
    assert head.startswith("6 objects")
    assert (theirs.split(), ours.split()) == (["theirs", "1.00", "0", "0"], ["ours", f"{scores['ours']:.2f}", "1", "1"])


def test_touching_objects_are_parted_by_a_dark_line_and_single_ones_are_not():
    numbered = np.array([[1, 1, 2, 2], [1, 1, 0, 0], [0, 0, 3, 3]])
    painted, colours = figures.paint(numbered), np.round(figures.plots.palette(4)[numbered], 6)
    dark = (np.round(painted, 6) != colours).any(-1)
    assert np.argwhere(dark).tolist() == [[0, 1]]
    assert figures.paint(0 * numbered).max() == figures.plots.palette(1).max()


def test_merges_and_splits_are_marked_where_they_lie(ax, strip):
    marks = figures.Marks(ax)
    for _ in range(2):  # letters are moved, not added
        assert marks.update(*strip) == (1, 1)
        assert {text.get_text(): text.get_position() for text in ax.texts} == {"M": (9, 0), "S": (2.5, 0)}
    assert marks.update(strip[0], strip[0]) == (0, 0)
    assert not ax.texts


def test_the_explorer_counts_the_seeds_it_draws(crowds):
    scene = [array[3] for array in crowds[2]]
    cones = centre_map(scene[2], reach=14)
    draw, digits = figures.seeds_explorer(*scene, cones), len(np.unique(scene[2])) - 1
    for noise, threshold, distance in ((0.0, 0.5, 4), (0.6, 0.3, 1), (0.0, 0.9, 12)):
        figure = draw(threshold, distance, noise)
        field, objects = figure.axes
        seeds = field.lines[0].get_xdata()
        assert field.get_title() == f"{len(seeds)} seeds for {digits} digits"
        assert field.get_xlabel() == f"light: above {threshold:.1f}; seeds at least {distance} pixels apart"
        assert len(objects.texts) == sum(int(word) for word in objects.get_title().split() if word.isdigit())
        if not noise and threshold < 0.9:
            assert len(seeds) == digits
            assert objects.get_title() == "0 merged (M), 0 split (S)"
        if noise:
            assert len(seeds) > digits
    plt.close(figure)


def test_peaks_are_the_seeds_of_from_centres(rng):
    nearness = centre_map(rng.permutation(np.pad([1, 2, 3], (0, 1197))).reshape(30, 40), reach=9)
    peaks = lesson.find_peaks(nearness, 3, 0.3)
    found = from_centres(np.ones(nearness.shape, int), nearness, min_distance=3, threshold=0.3)
    assert len(np.unique(found)) == len(peaks)
    assert len(np.unique(found[tuple(peaks.T)])) == len(peaks)


def test_counting_is_judged_by_its_mean_error(crowds, capsys):
    digits = iter([len(np.unique(numbered)) - 1 for numbered in crowds[2].objects] * 2)
    lesson.judge_counting(lambda ink: next(digits), crowds[2])
    lesson.judge_counting(lambda ink: next(digits) + 1.5, crowds[2], goal=1.25)
    right, wrong = capsys.readouterr().out.splitlines()
    assert right == "wrong by 0.00 digits per scene. Reached."
    assert wrong == "wrong by 1.50 digits per scene. Goal: 1.25 or less."


def test_the_open_exercise_can_be_solved_as_its_solution_says(crowds, capsys):
    def digits(part):
        return sum(len(np.unique(numbered)) - 1 for numbered in part.objects)

    def area(ink):
        return (distance_transform_edt(1 - ink) <= 4).sum()

    of_one = sum(map(area, crowds[0].ink)) / digits(crowds[0])
    lesson.judge_counting(lambda ink: round(area(ink) / of_one), crowds[2], goal=0.75)
    assert "Reached" in capsys.readouterr().out
    lesson.judge_counting(lambda ink: 8, crowds[2], goal=0.75)
    assert "Goal" in capsys.readouterr().out, "a rule that never looks must not do"


def test_nuclei_are_numbered_one_mask_file_each(tmp_path, monkeypatch):
    assert lesson.find_nuclei() == [] or lesson.find_nuclei(1)[0].ndim == 2
    masks = np.zeros((2, 5, 6), np.uint8)
    masks[0, :2, :3] = masks[1, 3:, 2:] = 255
    with zipfile.ZipFile(tmp_path / "nuclei_sample.zip", "w") as archive:
        for key in ("b", "a"):
            for name, mask in zip(("masks/1.png", "masks/2.png"), masks, strict=True):
                data = io.BytesIO()
                Image.fromarray(mask).save(data, "png")
                archive.writestr(f"{key}/{name}", data.getvalue())
            archive.writestr(f"{key}/images/{key}.png", b"not read")
    monkeypatch.setenv("SEGUTILS_DATA", str(tmp_path))
    numbered = lesson.find_nuclei()
    assert len(numbered) == 2
    np.testing.assert_array_equal(numbered[0], masks[0] // 255 + 2 * (masks[1] // 255))
    assert len(lesson.find_nuclei(1)) == 1
    monkeypatch.setenv("SEGUTILS_DATA", str(tmp_path / "nowhere"))
    assert lesson.find_nuclei() == []


def test_figures_say_what_they_show(crowds, strip):
    test, discs = crowds[2], np.zeros((5, 9), int)
    discs[1:4, 1:4], discs[1:4, 4:8] = 1, 2
    seeds = np.where(np.isin(np.arange(45).reshape(5, 9), (20, 24)), discs, 0)
    drawn = [
        figures.show_crowd(test, [0, 4]),
        figures.show_regions(discs, {"regions": discs}),
        figures.show_counts({"a": ([6, 6, 7], [5, 4, 7]), "b": ([6, 7, 7], [6, 6, 6])}),
        figures.show_flood(discs > 0, -discs.astype(float), seeds, discs),
        figures.show_cuts(test, {"way": test.objects}, [0, 4]),
        figures.show_maps(test, 0, {"a map": np.zeros((64, 64))}),
        figures.show_precision([0.5, 0.6], {"way": [0.9, 0.8]}),
    ]
    for figure in drawn:
        words = [ax.get_title() or ax.get_ylabel() for ax in figure.axes if ax.get_label() != "<colorbar>"]
        assert any(words), figure
        plt.close(figure)
    assert [ax.get_title() for ax in drawn[0].axes[4:]] == [
        f"{len(np.unique(test.objects[i])) - 1} digits" for i in (0, 4)
    ]


# The functions that the notebook writes by hand


@pytest.fixture(scope="module")
def by_hand():
    """Functions of the notebook's source, by name."""
    tree = ast.parse((ROOT / "sources" / "13_objects.py").read_text(encoding="utf-8"))
    wanted = ("neighbours", "connected_by_hand", "watershed_by_hand", "average_precision_by_hand")
    tree.body = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name in wanted]
    space = {"np": np, "heapq": heapq, "itertools": itertools, "shared_pixels": lesson.shared_pixels}
    exec(compile(tree, "13_objects", "exec"), space)
    return SimpleNamespace(**{name: space[name] for name in wanted})


def test_the_flood_fill_is_scikit_images(by_hand, rng):
    for _ in range(20):
        mask = gaussian_filter(rng.normal(size=(20, 27)), 1.5) > 0
        np.testing.assert_array_equal(by_hand.connected_by_hand(mask), label(mask, connectivity=1))


def test_the_watershed_is_scikit_images_where_no_two_heights_are_equal(by_hand, rng):
    for _ in range(20):
        mask, height = gaussian_filter(rng.normal(size=(20, 27)), 1.5) > 0, rng.normal(size=(20, 27))
        seeds = np.zeros(mask.shape, int)
        seeds[tuple(rng.permutation(np.argwhere(mask))[:5].T)] = np.arange(1, 6)
        found = by_hand.watershed_by_hand(height, seeds, mask)
        np.testing.assert_array_equal(found, watershed(height, seeds, mask=mask))


def test_the_average_precision_is_that_of_the_core(by_hand, crowds):
    true, pred = crowds[2].objects[3], label(crowds[2].ink[3], connectivity=1)
    for threshold in (0.5, 0.7, 0.9):
        expected = average_precision([true], [pred], thresholds=[threshold])[0]
        assert by_hand.average_precision_by_hand(true, pred, threshold) == expected


def test_the_explorer_has_a_wide_range_in_which_nothing_happens_as_the_notebook_says(crowds):
    scene = [array[3] for array in crowds[2]]
    draw, digits = figures.seeds_explorer(*scene, centre_map(scene[2], reach=14)), len(np.unique(scene[2])) - 1
    seeds = {at: draw(*at).axes[0].get_title() for at in itertools.product((0.4, 0.6), (4, 6, 8), (0.0, 0.1))}
    assert set(seeds.values()) == {f"{digits} seeds for {digits} digits"}
    splits = [int(draw(threshold, 2, 0.4).axes[1].get_title().split()[3]) for threshold in (0.1, 0.8)]
    assert min(splits) > 0, "with much noise no threshold helps"
    plt.close(draw())


def test_the_chosen_distance_is_the_best(crowds):
    ink, true = crowds[1].ink, crowds[1].objects
    scores = {d: object_f1(true, [separated(mask, distance=d, min_size=8) for mask in ink]) for d in (2, 8, 30)}
    assert lesson.choose_distance(ink, true, (2, 8, 30)) == max(scores, key=scores.get) == 8


def test_objects_are_counted_and_nuclei_have_ceilings():
    y, x = np.indices((24, 40))
    nuclei = np.where((y - 12) ** 2 + (x - 12) ** 2 < 64, 4, 0) + np.where((y - 12) ** 2 + (x - 27) ** 2 < 64, 9, 0)
    assert lesson.count_each([nuclei, 0 * nuclei]) == [2, 0]
    found = lesson.nuclei_ceilings([nuclei, 0 * nuclei])
    assert {name: lesson.count_each(ways) for name, ways in found.items()} == {
        "connected regions": [1, 0],
        "watershed on the true mask": [2, 0],
        "true rim distance": [2, 0],
        "true nearness to the centre": [2, 0],
    }


def test_the_ceilings_of_both_maps_are_those_that_the_notebook_names_for_bundled_digits(crowds):
    test = crowds[2]
    rims = [from_distance(ink, rim_distance(n), rise=0.3) for ink, n in zip(test.ink, test.objects, strict=True)]
    cones = [from_centres(ink, centre_map(n, reach=14)) for ink, n in zip(test.ink, test.objects, strict=True)]
    assert object_f1(test.objects, rims) == pytest.approx(0.97, abs=0.015)
    assert object_f1(test.objects, cones) == 1


def test_the_second_heads_cost_on_paper():
    """The two numbers of section 5: for d = 0.3, what a prediction of 0.5 costs, and the least of all."""
    predictions = np.arange(1, 100) / 100
    costs = -0.3 * np.log(predictions) - 0.7 * np.log(1 - predictions)
    assert costs[49].round(2) == 0.69
    assert costs.min().round(2) == 0.61
    assert predictions[costs.argmin()] == 0.3
