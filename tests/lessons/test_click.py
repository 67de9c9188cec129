"""Lesson 14: clicks as an image, the careful person, the rivals, polygons, and the labelling tool with its folder."""

from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from segutils import dataset, metrics, scenes
from segutils.lessons import attention_figures as figures
from segutils.lessons import click, labelling

RNG = np.random.default_rng(0)
SOURCE = SimpleNamespace(
    images=np.repeat(np.uint8(np.pad(np.full((16, 14), 255), ((6, 6), (7, 7))))[None], 4, 0),
    labels=np.array([3, 1, 7, 1]),
)
SET = scenes.make_scenes((SOURCE.images, SOURCE.labels), 6, count=(4, 9))


def box(top, bottom, left, right, shape=(20, 24)):
    mask = np.zeros(shape, bool)
    mask[top:bottom, left:right] = True
    return mask


def test_a_map_of_clicks_is_its_formula_and_the_nearer_click_wins():
    clicks = [(3, 5, 1), (6, 5, -1)]
    seen = click.click_map(clicks, 12)
    for row, column in ((3, 5), (6, 5), (4, 5), (5, 5), (3, 9), (11, 11)):
        heights = [(np.exp(-((row - r) ** 2 + (column - c) ** 2) / 8), sign) for r, c, sign in clicks]
        height, sign = max(heights)
        assert seen[row, column] == round(127.5 + 127.5 * sign * height)
    assert (seen[3, 5], seen[6, 5]) == (255, 0)
    assert (click.click_map([], 4) == 128).all()


def test_pairs_click_on_their_object_first_and_no_left_out_digit_is_in_them():
    images, labels = click.without(SOURCE, (3, 7))
    assert labels.tolist() == [1, 1]
    assert len(images) == 2
    inputs, masks = click.make_pairs(SET, each=3)
    assert inputs.shape == (18, 64, 64, 2)
    for k, (pair, mask) in enumerate(zip(inputs, masks, strict=True)):
        instances = SET.instances[k // 3]
        assert np.array_equal(pair[..., 0], SET.images[k // 3, ..., 0])
        assert any(np.array_equal(mask, instances == number) for number in np.unique(instances)[1:])
        assert (pair[..., 1][mask > 0] == 255).any()
        assert (pair[..., 1][mask > 0] > 0).all(), "no click on the object says: not this"
    again, _ = click.make_pairs(SET, each=3)
    assert np.array_equal(inputs, again)
    assert len({pair[..., 1].tobytes() for pair in inputs}) > 10


def test_objects_know_their_digit_and_whether_they_touch():
    objects = click.Objects(SET, unseen=(3, 7))
    assert np.array_equal(objects.unseen, np.isin(objects.digit, (3, 7)))
    assert objects.masks.sum((1, 2)).min() >= click.FEWEST
    for mask, scene, touching in zip(objects.masks, objects.scene, objects.touching, strict=True):
        others = (SET.instances[scene] > 0) & ~mask
        rows, columns = np.nonzero(mask)
        near = any(
            others[max(r - 1, 0) : r + 2, max(c - 1, 0) : c + 2].any() for r, c in zip(rows, columns, strict=True)
        )
        assert near == touching
    assert 0 < objects.touching.mean() < 1


def test_the_next_click_is_in_the_largest_error_and_none_if_there_is_no_error():
    true, predicted = box(2, 9, 2, 9) | box(12, 18, 2, 4), box(2, 9, 2, 9) | box(10, 19, 14, 23)
    assert click.next_click(true, predicted) == (14, 18, -1)
    assert click.next_click(true, true) is None
    assert click.next_click(box(0, 3, 0, 3), box(0, 0, 0, 0)) == (1, 1, 1)
    bent = box(0, 20, 0, 3) | box(17, 20, 0, 24)
    row, column, _ = click.next_click(bent, box(0, 0, 0, 0))
    assert bent[row, column]


def test_iou_is_that_of_the_metrics():
    a, b = RNG.random((2, 5, 8, 9)) > 0.5
    for got, true, predicted in zip(click.iou_of(a, b), a, b, strict=True):
        confusion = metrics.confusion_matrix(true.astype(int)[None], predicted.astype(int)[None], 2)
        assert got == pytest.approx(metrics.iou(confusion)[1])
    assert click.iou_of(box(0, 0, 0, 0), box(0, 0, 0, 0)) == 1


class Person:
    """A network that answers with a disc around each positive click."""

    def predict(self, inputs, **_):
        on = inputs[..., 1] > 180
        return np.stack([~on, on], -1).astype(float)


def test_clicks_are_added_one_by_one_and_only_where_there_is_an_error():
    objects = click.Objects(SET)
    rows, last = click.iou_by_clicks(Person(), objects, most=3)
    assert rows.shape == (3, len(objects.masks))
    assert last.shape == objects.masks.shape
    clicks = [[(*click.centre(mask), 1)] for mask in objects.masks]
    np.testing.assert_allclose(rows[0], click.iou_of(objects.masks, click.masks_of(Person(), objects.images, clicks)))


def test_rivals_take_what_is_connected_under_the_click():
    image = np.full((20, 20), 30.0)
    image[2:9, 2:9], image[12:18, 12:18] = 200, 180
    for rival in (click.ink_under_the_click, click.magic_wand):
        mask = rival(image, (15, 15))
        assert mask[15, 15]
        assert not mask[:10].any()
    np.testing.assert_array_equal(click.ink_under_the_click(image, (15, 15)), box(12, 18, 12, 18, (20, 20)))
    assert not click.ink_under_the_click(image, (0, 0)).any()


def test_polygons_count_their_corners_holes_included():
    square = box(4, 16, 3, 20)
    ring = square & ~box(7, 13, 7, 15)
    assert click.polygon_points(square, 0.95) == 4
    assert click.polygon_points(ring, 0.9) == 8
    rows, columns = np.indices((40, 40))
    disc = (rows - 20) ** 2 + (columns - 20) ** 2 < 15**2
    counts = [click.polygon_points(disc, iou) for iou in (0.6, 0.85, 0.95, 1.0)]
    assert counts == sorted(counts)
    assert counts[-1] > counts[0]


# The tool


def near(image, clicks):
    """A segmenter for tests: the pixels at most 5 from the last click; a negative click takes them away."""
    rows, columns = np.indices(image.shape)
    mask = np.zeros(image.shape, bool)
    for row, column, sign in clicks:
        mask[(rows - row) ** 2 + (columns - column) ** 2 <= 25] = sign > 0
    return mask


@pytest.fixture
def state(tmp_path):
    return labelling.Labelling(SET.images, near, folder=tmp_path / "labelled", names=("background", "digit"))


def test_a_click_inside_says_not_this_and_undo_takes_it_back(state):
    state.click(20, 20)
    state.click(20, 23)
    assert [sign for *_, sign in state.clicks] == [1, -1]
    assert not state.mask[20, 23]
    state.undo()
    assert np.array_equal(state.mask, near(state.image, [(20, 20, 1)]))
    state.undo()
    state.undo()
    assert not state.mask.any()
    state.click(99, -5)
    assert state.clicks == [(63, 0, 1)]


def test_the_saved_folder_is_one_that_inspect_accepts(state):
    for _ in SET.images:
        for place in ((10, 12), (40, 44)):
            state.click(*place)
            state.accept()
        state.go_to(state.number + 1)
    assert state.number == 0
    report = dataset.inspect(state.folder)
    dataset.require_usable(report)
    assert (report.findings.level == "error").sum() == 0
    assert len(report.pairs) == len(SET.images)
    saved = np.asarray(Image.open(state.folder / "masks" / "0002.png"))
    expected = near(SET.images[2, ..., 0], [(10, 12, 1)]) | near(SET.images[2, ..., 0], [(40, 44, 1)])
    assert np.array_equal(saved, expected)
    assert np.array_equal(np.asarray(Image.open(state.folder / "images" / "0002.png")), SET.images[2, ..., 0])
    assert not list(state.folder.rglob(".*")), "no temporary file is left"


def test_a_full_disk_keeps_the_earlier_mask(state, monkeypatch):
    state.click(10, 10)
    state.accept()
    before = (state.folder / "masks" / "0000.png").read_bytes()

    def full(self, path, **_):
        path.write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Image.Image, "save", full)
    state.click(40, 40)
    with pytest.raises(OSError, match="the earlier one is kept"):
        state.accept()
    assert (state.folder / "masks" / "0000.png").read_bytes() == before


def test_the_picture_shows_clicks_outline_accepted_objects_and_cursor(state):
    state.click(20, 20)
    state.accept()
    state.click(45, 45)
    state.click(0, 63)
    view = labelling.picture(state, cursor=(63, 0))
    zoom = labelling.ZOOM
    assert view.shape == (64 * zoom, 64 * zoom, 3)
    teal, orange = ((view == colour).all(-1) for colour in (labelling.TEAL, labelling.ORANGE))
    assert teal[16 * zoom : 24 * zoom, 16 * zoom : 24 * zoom].mean() > 0.3
    assert not teal[: 14 * zoom].any()
    assert orange[:, 40 * zoom : 51 * zoom].any()
    assert (view[45 * zoom + zoom // 2, 45 * zoom + zoom // 2] == 255).all()


def children(box, kind):
    found = [box] if type(box).__name__ == kind else []
    return found + [each for child in getattr(box, "children", ()) for each in children(child, kind)]


def test_the_widget_clicks_by_mouse_by_sliders_and_by_buttons(state):
    box = labelling.panel(state)
    (place,) = children(box, "Text")
    row, column = children(box, "IntSlider")
    buttons = {button.description: button for button in children(box, "Button")}
    image = children(box, "HTML")[1]
    assert "onclick=" in image.value
    assert 'alt="Image 1 of 6' in image.value
    before = image.value
    place.value = "0.5,0.25,1"
    assert state.clicks == [(32, 16, 1)]
    assert image.value != before
    row.value, column.value = 8, 50
    buttons["Click here"].click()
    assert state.clicks[-1] == (8, 50, 1)
    buttons["Undo"].click()
    assert len(state.clicks) == 1
    buttons["Accept"].click()
    assert state.accepted == 1
    assert (state.folder / "masks" / "0000.png").is_file()
    buttons["Next image"].click()
    assert (state.number, state.accepted, state.clicks) == (1, 0, [])
    names = {
        button.description for button in children(labelling.panel(labelling.Labelling(SET.images, near)), "Button")
    }
    assert names == {"Click here", "Undo", "Next image"}, "without a folder nothing is accepted"


def test_labels_of_ones_own_are_judged(state, capsys):
    truth = np.array([near(image, [(30, 30, 1)]) for image in SET.images[..., 0]])[:2]
    labelling.judge_folder(state.folder, truth)
    assert "without a saved mask: 2 of 2" in capsys.readouterr().out
    for number, place in enumerate(((30, 30), (30, 35))):
        state.go_to(number)
        state.click(*place)
        state.accept()
    labelling.judge_folder(state.folder, truth)
    overlap, union = (
        (truth[0] & near(state.image, [(30, 35, 1)])).sum(),
        (truth[0] | near(state.image, [(30, 35, 1)])).sum(),
    )
    assert capsys.readouterr().out.startswith(f"mean IoU {(1 + overlap / union) / 2:.2f}: not yet")


def test_a_network_becomes_a_segmenter_and_examples_are_of_each_kind():
    import tensorflow as tf

    network = lambda inputs, training: tf.cast(tf.stack([inputs[..., 1] < 200, inputs[..., 1] >= 200], -1), tf.float32)  # noqa: E731
    mask = labelling.segmenter(network)(SET.images[0, ..., 0], [(20, 30, 1)])
    assert mask[20, 30]
    assert mask.sum() < 30
    assert labelling.milliseconds_per_click(labelling.Labelling(SET.images, near), 1) >= 0
    objects = click.Objects(SET, unseen=(3,))
    chosen = figures.choose_examples(objects, RNG.random(len(objects.masks)))
    assert objects.unseen[chosen[0]]
    table = figures.click_table({"arm": np.arange(len(objects.masks))}, objects)
    assert table.loc["objects", "all"] == len(objects.masks)
