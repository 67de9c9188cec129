"""Every layout that people have is paired, or asks; classes, parts and what is set aside are as expected."""

from collections import Counter

import numpy as np
import pytest
from layouts import LAYOUTS, discs, image, mask, numbered
from more_layouts import LAYOUTS as MORE
from PIL import Image

from segutils import dataset


@pytest.mark.parametrize("name", [*LAYOUTS, *MORE])
def test_the_layout_is_understood(tmp_path, name):
    expected = (LAYOUTS | MORE)[name]
    expected.build(tmp_path)
    report = dataset.inspect(tmp_path)
    errors = report.findings[report.findings.level == "error"]
    if expected.question:
        assert [errors.fault.tolist(), report.pairs] == [["several masks"], []]
        assert expected.question in errors.finding.item()
        return
    assert errors.empty, str(report)
    assert len(report.pairs) == expected.pairs, str(report)
    count = expected.classes if isinstance(expected.classes, int) else len(expected.classes)
    assert len(report.classes.values) == len(report.names) == count, str(report)
    if not isinstance(expected.classes, int):
        assert report.names == expected.classes
    parts = Counter(part for part in report.parts if part)
    if expected.parts is not None:
        assert parts == expected.parts
    notes = " ".join(report.findings.finding)
    for words in expected.notes:
        assert words in notes, str(report)
    alarms = report.findings[
        (report.findings.level == "warning") & (~report.findings.fault.isin(["missing mask", "not read"]))
    ]
    assert alarms.empty, str(report)
    files = dataset.Files(tmp_path)
    images, masks = dataset.read_all(files, report.pairs, report.classes, channels=report.bands)
    assert all(image.shape == (*mask.shape, report.bands) for image, mask in zip(images, masks, strict=True))
    assert {*np.unique(masks).tolist()} - {255} == set(range(count))


@pytest.mark.parametrize("place", ["masks/{}/{}.png", "{}/{}.png"])
def test_masks_that_folders_of_classes_share_out_are_one_set_and_a_note_says_so(tmp_path, place):
    for i in range(6):
        image(tmp_path / f"images/{i}.png")
        mask(tmp_path / place.format("cat" if i < 4 else "dog", i))
    found = dataset.inspect(tmp_path)
    assert len(found.pairs) == 6
    (note,) = found.findings[found.findings.fault == "combined"].itertuples()
    assert note.finding.startswith("cat/* (4 files) and dog/* (2 files) are masks of other images each")


def test_masks_that_numbers_or_parts_of_a_split_share_out_need_no_note(tmp_path):
    for i in range(8):
        image(tmp_path / f"images/{i}.png")
        mask(tmp_path / f"{'train' if i < 4 else 'val'}/lot{i % 2 + 1}/{i}.png")
    found = dataset.inspect(tmp_path)
    assert len(found.pairs) == 8
    assert "combined" not in set(found.findings.fault), str(found)


@pytest.mark.parametrize(
    "place", ["fold{0}/{1}/{2}.png", "masks/{1}/site {0}/{2}.png", "{1}_lot{0}/{2}.png", "{0}/{1}/{2}.png"]
)
@pytest.mark.parametrize("kinds", [("heart", "left lung", "right lung"), ("liver", "tumor")])
def test_folders_that_share_out_the_images_are_in_no_class_s_name(tmp_path, place, kinds):
    for i in range(8):
        image(tmp_path / f"images/{i}.png")
        for k, kind in enumerate(kinds):
            if k == 0 or i % 3:  # not each image has each class
                numbers = discs(9, i)
                drawn = (255 * (numbers > 0) * (numbers % len(kinds) == k)).astype(np.uint8)
                path = tmp_path / place.format(("north", "south")[i % 2], kind, i)
                path.parent.mkdir(parents=True, exist_ok=True)
                Image.fromarray(drawn).save(path)
    report = dataset.inspect(tmp_path)
    assert (len(report.pairs), report.names) == (8, ("background", *kinds)), str(report)


def test_two_readers_of_images_that_folders_share_out_are_asked_about(tmp_path):
    for i in range(8):
        image(tmp_path / f"images/{i}.png")
        for reader in ("reader_A", "reader_B"):
            mask(tmp_path / f"site{i % 2}/{reader}/{i}.png")
    report = dataset.inspect(tmp_path)
    question = report.findings[report.findings.level == "error"].finding.item()
    assert question.startswith("two masks for each image")
    assert not report.pairs
    assert len(dataset.inspect(tmp_path, masks=question.rpartition("--masks ")[2]).pairs) == 8


def test_films_of_which_few_frames_have_masks_are_paired_though_tracks_have_all(tmp_path):
    """Cell Tracking Challenge: SEG for some frames, TRA for each."""
    for film in ("01", "02"):
        for i in range(6):
            image(tmp_path / f"{film}/t{i:03}.tif", bands=1)
            numbered(tmp_path / f"{film}_GT/TRA/man_track{i:03}.tif", 9)
            if i in (1, 4):
                numbered(tmp_path / f"{film}_GT/SEG/man_seg{i:03}.tif", 9 + i)
    pairs = dataset.arrange(dataset.Files(tmp_path)).pairing.pairs
    expected = [(f"{film}/t00{i}.tif", (f"{film}_GT/SEG/man_seg00{i}.tif",)) for film in ("01", "02") for i in (1, 4)]
    assert [(pair.image, pair.masks) for pair in pairs] == expected


def test_folders_of_images_without_any_mask_are_left_out_unless_masks_are_lost_as_well(tmp_path):
    for i in range(8):
        image(tmp_path / f"{'bad' if i < 3 else 'good'}/{i}.png")
        if i < 3:
            mask(tmp_path / f"truth/{i}.png")
    missing = dataset.inspect(tmp_path).findings
    assert (set(missing.level), set(missing.fault)) == ({"warning"}, {"missing mask"})
    assert missing.finding.str.startswith("no image of its folder has a mask, so it is left out").all()
    mask(tmp_path / "truth/other.png")
    assert set(dataset.inspect(tmp_path).findings.level) == {"error"}
