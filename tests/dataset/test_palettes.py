"""Palettes that differ from file to file: read by colour where colours recur, refused where nothing tells."""

import numpy as np
import pytest
from PIL import Image
from support import save

from segutils import dataset

COLOURS = np.array([(0, 0, 0), (230, 20, 20), (20, 20, 230), (20, 200, 20)], np.uint8)
SIZE = (40, 56)


def drawn(i, classes):
    """Classes in bands that move from mask to mask."""
    return np.array(classes)[((np.indices(SIZE).sum(0) + 7 * i) // 9) % len(classes)]


def write(path, masks):
    """Masks from their numbers and their palettes, each with an image of noise."""
    for i, (numbers, palette) in enumerate(masks):
        save(path / f"images/{i}.png", np.random.default_rng(i).integers(0, 255, (*SIZE, 3), dtype=np.uint8))
        mask = Image.fromarray(numbers.astype(np.uint8))
        mask.putpalette(np.asarray(palette, np.uint8).ravel().tolist())
        (path / "masks").mkdir(exist_ok=True)
        mask.save(path / f"masks/{i}.png")
    return path


def numbered_anew(how):
    """The true classes of twelve masks, with the numbers and palettes that a program gave them."""
    for i in range(12):
        used = np.array([0, 1, 2, 3])
        if how == "permuted":
            order = np.random.default_rng(i).permutation(used) if i % 2 else used
        else:
            order = used = np.delete(used, 1 + i % 3)
        true = drawn(i, used)
        number = {int(k): list(order).index(k) for k in used}
        yield true, np.vectorize(number.get)(true), COLOURS[order]


@pytest.mark.parametrize("how", ["permuted", "without what is not there"])
def test_classes_are_the_colours_where_programs_numbered_them_anew(tmp_path, how):
    masks = list(numbered_anew(how))
    report = dataset.inspect(write(tmp_path, [(numbers, palette) for _, numbers, palette in masks]))
    assert report.count("error") == 0, str(report)
    assert set(report.findings.fault) == {"palettes differ"}
    assert report.names == ("#000000", "#1414e6", "#14c814", "#e61414")
    true = [np.array([0, 3, 1, 2])[classes] for classes, _, _ in masks]
    got = dict(zip((int(pair.key) for pair in report.pairs), *_read(tmp_path, report), strict=True))
    assert all(np.array_equal(got[i], true[i]) for i in range(12))
    assert report.shares.tolist() == pytest.approx([np.mean([some == k for some in true]) for k in range(4)])


def _read(path, report):
    return (dataset.read_all(dataset.Files(path), report.pairs, report.classes)[1],)


def other_colours(i):
    """Every third mask has colours of its own."""
    return np.array([(0, 0, 0), (9, 99, 199), (90, 9, 9), (1, 200, 100)]) if i % 3 == 0 else COLOURS


def test_colours_that_recur_nowhere_are_an_error_in_each_file_unless_a_list_names_the_numbers(tmp_path):
    write(tmp_path, [(drawn(i, (0, 1, 2)), other_colours(i)) for i in range(9)])
    report = dataset.inspect(tmp_path)
    errors = report.findings[report.findings.level == "error"]
    assert set(errors.fault) == {"palettes differ"}
    assert errors.file.tolist() == ["masks/0.png", "masks/3.png", "masks/6.png"]
    assert errors.finding.iloc[0] == "1 is #0963c7 here, #e61414 elsewhere"
    (tmp_path / "classes.csv").write_text("id,name\n0,sky\n1,cat\n2,dog\n")
    assert (dataset.inspect(tmp_path).count("error"), dataset.inspect(tmp_path).names) == (0, ("sky", "cat", "dog"))


def test_palettes_of_plain_greys_say_nothing(tmp_path):
    grey = np.arange(256)[:, None].repeat(3, 1)
    report = dataset.inspect(write(tmp_path, [(drawn(i, (0, 1, 2)), (grey, COLOURS)[i % 2]) for i in range(8)]))
    assert report.findings.empty, str(report)
    assert report.classes == dataset.Classes("values", (0, 1, 2))


def test_void_keeps_its_colour_where_classes_are_numbered_anew(tmp_path):
    white = np.zeros((256, 3), np.uint8)
    white[255] = 224, 224, 192
    masks = []
    for i in range(8):
        palette, order = white.copy(), [0, 1, 2, 3] if i % 2 else [0, 3, 1, 2]
        palette[:4] = COLOURS[order]
        masks.append((np.array([0, 1, 2, 3, 255])[drawn(i, range(5))], palette))
    report = dataset.inspect(write(tmp_path, masks))
    assert (report.classes.kind, report.classes.void) == ("palettes", 0xE0E0C0)
    assert len(report.classes.values) == 4
