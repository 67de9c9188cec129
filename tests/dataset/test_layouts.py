"""Every layout that people have is paired, or asks; classes, parts and what is set aside are as expected."""

from collections import Counter

import numpy as np
import pytest
from layouts import LAYOUTS

from segutils import dataset


@pytest.mark.parametrize("name", LAYOUTS)
def test_the_layout_is_understood(tmp_path, name):
    expected = LAYOUTS[name]
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
