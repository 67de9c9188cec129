"""Two cameras that show the same scenes: masks go to one of them only where their names say so."""

import numpy as np
import pytest
from layouts import discs, image, mask
from PIL import Image

from segutils import dataset


def tools(path, number, kind):
    """Every other disc: of one kind of tool or the other."""
    path.parent.mkdir(parents=True, exist_ok=True)
    numbers = discs(8, number)
    Image.fromarray((255 * (numbers > 0) * (numbers % 2 == kind)).astype(np.uint8)).save(path)


@pytest.mark.parametrize(
    ("photo", "drawn"), [("{0}_frames/{1}.png", "truth/{0}/{1}.png"), ("{1}_{0}.png", "gt/{1}_{0}.png")]
)
def test_a_word_that_some_masks_share_with_one_of_two_cameras_pairs_nothing(tmp_path, photo, drawn):
    for i in range(100, 106):
        for kind, (camera, tool) in enumerate((("left", "left_forceps"), ("right", "scissors"))):
            image(tmp_path / photo.format(camera, i))
            tools(tmp_path / drawn.format(tool, i), i, kind)
    report = dataset.inspect(tmp_path)
    question = report.findings[report.findings.level == "error"].finding.item()
    assert question.startswith("two images for each mask: ")
    assert not report.pairs
    report = dataset.inspect(tmp_path, images=question.rpartition("--images ")[2])
    assert [len(report.pairs), len(report.names), report.count("error")] == [6, 3, 0], str(report)
    assert {len(pair.masks) for pair in report.pairs} == {2}


def test_masks_that_all_name_one_of_two_cameras_belong_to_it(tmp_path):
    for i in range(6):
        image(tmp_path / f"left_frames/{i}.png")
        image(tmp_path / f"right_frames/{i}.png")
        mask(tmp_path / f"left_truth/{i}.png")
    report = dataset.inspect(tmp_path)
    assert len(report.pairs) == 6
    assert all("left" in pair.image for pair in report.pairs)
