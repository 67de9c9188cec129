"""Every layout that people have is paired, or asks; classes, parts and what is set aside are as expected."""

from collections import Counter

import numpy as np
import pytest
from layouts import LAYOUTS, image, mask
from more_layouts import LAYOUTS as MORE

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
