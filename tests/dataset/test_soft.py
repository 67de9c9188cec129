"""Masks with soft edges: read by the nearest of the values that were meant, in grey and in colour."""

import numpy as np
import pytest
from PIL import Image
from support import save

from segutils import dataset
from segutils.dataset.report import as_stored

ROWS, COLUMNS = SIZE = 60, 84
BLACK, RED, BLUE, ORANGE, GREY = (0, 0, 0), (255, 0, 0), (0, 0, 200), (255, 128, 0), (128, 128, 128)


def drawn(i, count):
    """Which of `count` colours each pixel has: discs, one around the other, that move from mask to mask."""
    rows, columns = np.indices(SIZE)
    far = np.hypot(rows - 30 - i, columns - 40 + 2 * i)
    return sum((far < 8 * k).astype(int) for k in range(1, count))


def soften(picture, how):
    """A picture with smooth edges, or as JPEG decodes it."""
    if how == "smooth":
        large = picture.resize((3 * COLUMNS, 3 * ROWS), Image.Resampling.NEAREST)
        return large.resize((COLUMNS, ROWS), Image.Resampling.LANCZOS, box=(1, 1, 3 * COLUMNS - 1, 3 * ROWS - 1))
    return picture


def write(path, colours, how, quality=85):
    """Eight images and their soft masks; the true numbers of colours."""
    chosen, truth = np.array(colours, np.uint8), [drawn(i, len(colours)) for i in range(8)]
    for i, numbers in enumerate(truth):
        save(path / f"images/{i}.png", np.random.default_rng(i).integers(0, 255, (*SIZE, 3), dtype=np.uint8))
        picture = soften(Image.fromarray(chosen[numbers]), how)
        (path / "masks").mkdir(exist_ok=True)
        options = {"quality": quality} if how == "jpg" else {}
        picture.save(path / f"masks/{i}.{'jpg' if how == 'jpg' else 'png'}", **options)
    return truth


def colours_of(classes):
    """What is written for class 0, 1, …, as (K, 3) ints."""
    return as_stored(np.arange(len(classes.values))[None], classes)[0].astype(int)


@pytest.mark.parametrize("how", ["smooth", "jpg"])
@pytest.mark.parametrize("colours", [(BLACK, RED, BLUE), (BLUE, ORANGE, GREY, RED), (RED, BLACK, ORANGE, GREY, BLUE)])
def test_soft_masks_in_colour_have_the_classes_that_were_drawn(tmp_path, colours, how):
    truth = write(tmp_path, colours, how)
    assert dataset.inspect(tmp_path).pairs == []
    report = dataset.inspect(tmp_path, nearest=True)
    assert report.count("error") == 0, str(report)
    found = colours_of(report.classes)
    assert found.shape == (len(colours), 3)
    apart = np.abs(found[:, None] - np.array(colours)).max(-1)
    assert apart.min(0).max() <= 6, found
    masks = dataset.read_all(dataset.Files(tmp_path), report.pairs, report.classes)[1]
    for got, true in zip(masks, truth, strict=True):
        assert (apart.argmin(1)[got] == true).mean() > 0.95
    counted = np.bincount(np.concatenate([mask.ravel() for mask in masks]), minlength=len(colours))
    assert report.shares.tolist() == pytest.approx((counted / counted.sum()).tolist())
    assert all(one["value"].startswith("#") for one in report.as_dict()["classes"])


@pytest.mark.parametrize("how", ["smooth", "jpg"])
def test_soft_colours_have_the_names_of_those_that_a_list_gives(tmp_path, how):
    write(tmp_path, (BLACK, RED, BLUE), how)
    (tmp_path / "class_dict.csv").write_text("name,r,g,b\nfield,0,0,0\nroad,{},{},{}\n".format(*RED))
    report = dataset.inspect(tmp_path, nearest=True)
    nearest = np.abs(colours_of(report.classes) - np.array([BLACK, RED, BLUE])[:, None]).max(-1).argmin(0)
    names = ["field", "road", report.names[nearest.tolist().index(2)]]
    assert [names[i] for i in nearest] == list(report.names)
    assert names[2].startswith("#")


@pytest.mark.parametrize("quality", [50, 95])
def test_greys_of_jpeg_are_no_classes_by_their_ripples_and_none_is_lost(tmp_path, quality):
    truth = write(tmp_path, [(grey,) * 3 for grey in (0, 90, 170, 240)], "jpg", quality)
    report = dataset.inspect(tmp_path, nearest=True)
    assert np.abs(np.subtract(report.classes.values, (0, 90, 170, 240))).max() <= 4
    got = dataset.read_all(dataset.Files(tmp_path), report.pairs, report.classes)[1]
    assert min((some == true).mean() for some, true in zip(got, truth, strict=True)) > 0.95


def test_void_of_soft_masks_is_void_where_it_is_nearest(tmp_path):
    truth = write(tmp_path, (BLACK, RED, BLUE), "jpg")
    blue = dataset.inspect(tmp_path, nearest=True).as_dict()["classes"][1]["value"]
    report = dataset.inspect(tmp_path, nearest=True, void=blue)
    assert len(report.classes.values) == 2
    got = dataset.read_pair(dataset.Files(tmp_path), report.pairs[3], report.classes)[1]
    assert np.mean((got == 255) == (truth[3] == 2)) > 0.95
    assert report.shares.sum() == pytest.approx(1)


def test_noise_has_no_value_that_was_meant_and_a_sentence_says_so(tmp_path):
    for i in range(4):
        noise = np.random.default_rng(i).integers(0, 255, (2, *SIZE, 3), dtype=np.uint8)
        save(tmp_path / f"images/{i}.png", noise[0])
        save(tmp_path / f"masks/{i}.png", noise[1])
    report = dataset.inspect(tmp_path, nearest=True, masks="masks")
    assert report.classes is None
    (error,) = report.findings[report.findings.level == "error"].finding
    assert error.endswith("values, 0 of them frequent; are these masks?")


def test_numbers_of_classes_are_no_ripples_of_each_other(tmp_path):
    for i in range(4):
        save(tmp_path / f"images/{i}.png", np.zeros(SIZE, np.uint8) + np.uint8(i))
        save(tmp_path / f"masks/{i}.png", np.array((0, 7, 8, 33, 40), np.uint8)[drawn(i, 5)])
    assert dataset.inspect(tmp_path, nearest=True).classes.values == (0, 7, 8, 33, 40)
