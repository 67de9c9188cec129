"""The same classes under other values, and whether 255 is a class or void; one class in each image is neither."""

import numpy as np
import pytest
from support import save

from segutils import dataset

SIZE = (40, 56)


def drawn(i, count):
    """Numbers 0 to count - 1 in bands that move from mask to mask; each is there."""
    return ((np.indices(SIZE).sum(0) + 7 * i) // 9) % count


def write(path, masks):
    """Images of noise, each with a mask of values or (H, W, 3) colours."""
    for i, mask in enumerate(masks):
        noise = np.random.default_rng(i).integers(0, 255, (*SIZE, 3), dtype=np.uint8)
        save(path / f"images/{i:02}.png", noise)
        save(path / f"masks/{i:02}.png", mask)
    return path


def encoded(kind, numbers):
    """Masks of these classes' values; every third has the second list's."""
    usual, other = kind
    dtype = np.uint16 if np.max([*usual, *other]) > 255 else np.uint8
    usual, other = np.array(usual, np.uint8 if np.max(usual) < 256 else dtype), np.array(other, dtype)
    return [(other if i % 3 == 0 else usual)[some] for i, some in enumerate(numbers)]


def errors(report, fault):
    found = report.findings[(report.findings.level == "error") & (report.findings.fault == fault)]
    return dict(zip(found.file, found.finding, strict=True))


TWO_WAYS = [
    ([0, 255], [0, 1], "holds 0 and 1; others 0 and 255"),
    ([0, 255], [0, 65535], "holds 0 and 65535; others 0 and 255"),
    ([0, 255], [0, 254], "holds 0 and 254; others 0 and 255"),
    ([0, 1], [1, 2], "holds 1 and 2; others 0 and 1"),
    ([0, 1, 2], [0, 127, 254], "holds 0, 127 and 254; others 0, 1 and 2"),
    ([0, 1, 2], [0, 127, 255], "holds 0, 127 and 255; others 0, 1 and 2"),
    ([0, 128, 255], [0, 1, 2], "holds 0, 1 and 2; others 0, 128 and 255"),
    ([0, 128, 255], [0, 127, 254], "holds 0, 127 and 254; others 0, 128 and 255"),
    ([0, 1, 2, 3], [0, 85, 170, 255], "holds 0, 85, 170 and 255; others 0, 1, 2 and 3"),
    ([0, 1, 2], [0, 257, 514], "holds 0, 257 and 514; others 0, 1 and 2"),
    ([0, 1, 2], [10, 20, 30], "holds 10, 20 and 30; others 0, 1 and 2"),
    (
        [[0, 0, 0], [255, 0, 0], [0, 0, 255]],
        [[0, 0, 0], [254, 0, 0], [0, 0, 255]],
        "holds #000000, #0000ff and #fe0000; others #000000, #0000ff and #ff0000",
    ),
    (
        [[0, 0, 0], [128, 64, 0], [250, 250, 9]],
        [[0, 0, 0], [129, 63, 0], [250, 248, 8]],
        "holds #000000, #813f00 and #faf808; others #000000, #804000 and #fafa09",
    ),
]


@pytest.mark.parametrize(("usual", "other", "sentence"), TWO_WAYS, ids=[words for _, _, words in TWO_WAYS])
def test_the_same_classes_under_other_values_are_an_error_with_both_lists_in_each_file(
    tmp_path, usual, other, sentence
):
    numbers = [drawn(i, len(usual)) for i in range(9)]
    report = dataset.inspect(write(tmp_path, encoded((usual, other), numbers)))
    assert errors(report, "mixed scale") == {f"masks/{i:02}.png": sentence for i in (0, 3, 6)}, str(report)
    assert len(report.pairs) == 6
    assert len(report.classes.values) == len(usual)


def test_some_of_the_classes_under_other_values_are_told_as_well(tmp_path):
    numbers = [drawn(i, 3) for i in range(12)]
    numbers[3:6] = [np.minimum(some, 1) for some in numbers[3:6]]
    masks = encoded(([0, 1, 2], [0, 100, 200]), numbers)
    assert set(errors(dataset.inspect(write(tmp_path, masks)), "mixed scale")) == {
        f"masks/{i:02}.png" for i in (0, 3, 6, 9)
    }


ONE_EACH = [[1, 2], [1, 2, 3, 4, 5], [17, 18], [101, 102], [63, 126], [128, 255], [127, 255], [5, 10], [200, 201, 202]]


@pytest.mark.parametrize("classes", ONE_EACH, ids=str)
def test_one_class_in_each_image_is_right_and_silent(tmp_path, classes):
    masks = [(drawn(i, 2) * classes[i % len(classes)]).astype(np.uint8) for i in range(4 * len(classes))]
    report = dataset.inspect(write(tmp_path, masks))
    assert report.findings[report.findings.level != "note"].empty, str(report)
    assert report.classes == dataset.Classes("values", (0, *classes))


@pytest.mark.parametrize(
    ("groups", "void"),
    [
        ([(0, 1, 2), (0, 3, 4)], None),
        ([(0, 1, 2), (0, 4, 8)], None),
        ([(0, 1), (1, 2), (0, 2)], None),
        ([(0, 1), (1, 2), (0, 1, 2)], None),
        ([(0, 1, 255), (0, 2, 255)], 255),
        ([(0, 1, 255), (0, 255), (0, 1)], 255),
        ([(1, 255), (2, 255)], 255),
        ([(0, 1, 2), (20, 21, 22, 23)], None),
    ],
    ids=str,
)
def test_scenes_that_share_no_class_and_void_are_right_and_silent(tmp_path, groups, void):
    masks = [np.array(some, np.uint8)[drawn(i, len(some))] for i in range(4) for some in groups]
    report = dataset.inspect(write(tmp_path, masks))
    assert report.findings[report.findings.level != "note"].empty, str(report)
    values = tuple(sorted({value for some in groups for value in some} - {void}))
    assert report.classes == dataset.Classes("values", values, void)


def test_one_colour_in_each_image_and_numbers_in_red_are_right_and_silent(tmp_path):
    for name, colours in (("a", [(255, 0, 0), (0, 255, 0), (250, 0, 0)]), ("b", [(17, 0, 0), (18, 0, 0)])):
        masks = [np.array([(0, 0, 0), colours[i % len(colours)]], np.uint8)[drawn(i, 2)] for i in range(9)]
        report = dataset.inspect(write(tmp_path / name, masks))
        assert report.findings[report.findings.level != "note"].empty, str(report)
        assert len(report.classes.values) == len(colours) + 1


def test_a_list_that_names_each_value_says_that_all_are_classes(tmp_path):
    write(tmp_path, encoded(([0, 1], [1, 2]), [drawn(i, 2) for i in range(9)]))
    assert dataset.inspect(tmp_path).count("error") == 3
    (tmp_path / "classes.csv").write_text("id,name\n0,water\n1,wood\n2,town\n")
    report = dataset.inspect(tmp_path)
    assert (report.count("error"), report.names) == (0, ("water", "wood", "town"))


@pytest.mark.parametrize("stray", [(1,), (1, 2, 3)])
@pytest.mark.parametrize("empty", [0, 9])
def test_stray_pixels_make_no_void_of_all_objects(tmp_path, stray, empty):
    masks = [(255 * drawn(i, 2) * (i < 12)).astype(np.uint8) for i in range(12 + empty)]
    masks[5][20 : 20 + len(stray), 30:36] = np.array(stray)[:, None]
    report = dataset.inspect(write(tmp_path, masks))
    assert report.classes == dataset.Classes("values", (0, *stray, 255))
    assert report.shares[-1] == pytest.approx(np.mean([mask == 255 for mask in masks]), abs=0.001)
    slips = report.findings[report.findings.fault == "unexpected value"]
    assert slips.finding.tolist() == [f"6 pixels of {value}, in no other mask; was 0 meant?" for value in stray]


def test_255_that_most_masks_hold_alone_is_asked_for_and_an_answer_counts(tmp_path):
    masks = [(255 * drawn(i, 2)).astype(np.uint8) for i in range(12)]
    for i in (1, 4, 7, 9):
        masks[i] = np.array((0, 1, 255), np.uint8)[drawn(i, 3)]
    report = dataset.inspect(write(tmp_path, masks))
    asked = errors(report, "void in question")
    assert set(asked) == {f"masks/{i:02}.png" for i in (0, 2, 3, 5, 6, 8, 10, 11)}
    assert set(asked.values()) == {"holds 0 and 255; is 255 a class here, or void as beside 0, 1 and 255?"}
    for void, values in (("255", (0, 1)), ("none", (0, 1, 255))):
        said = dataset.inspect(tmp_path, void=void)
        assert (said.count("error"), said.classes.values, len(said.pairs)) == (0, values, 12)


def test_minus_one_is_void_however_often(tmp_path):
    write(tmp_path, [drawn(i, 2).astype(np.uint8) for i in range(8)])
    for i in range(8):
        (tmp_path / f"masks/{i:02}.png").unlink()
        np.save(tmp_path / f"masks/{i:02}.npy", np.array((0, -1, 1))[drawn(i, 2 + (i == 3))])
    report = dataset.inspect(tmp_path)
    assert (report.count("error"), report.classes) == (0, dataset.Classes("values", (0, 1), 255))


@pytest.mark.parametrize(("name", "void"), [("cell", None), ("border of a cell", 255)])
def test_a_list_that_names_255_says_what_it_is(tmp_path, name, void):
    write(tmp_path, [np.array((0, 1, 255), np.uint8)[drawn(i, 3)] for i in range(6)])
    (tmp_path / "classes.csv").write_text(f"id,name\n0,glass\n1,dust\n255,{name}\n")
    report = dataset.inspect(tmp_path)
    assert (report.names, report.classes.void) == (("glass", "dust", name)[: 3 - (void is not None)], void)
