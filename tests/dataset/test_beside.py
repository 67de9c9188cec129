"""Texts of strangers beside good masks: none stops a set, and one that can't be read is named in a note."""

import json

import pytest
from small_sets import make_folder

from segutils import dataset
from segutils.dataset import files, legend

RUNS = "id,EncodedPixels\n" + "".join(f"{i:03},{'12345 6 ' * 25_000}\n" for i in range(3))


@pytest.fixture
def path(tmp_path):
    return make_folder(tmp_path, count=6)


def notes(report, fault="text not read"):
    return report.findings[report.findings.fault == fault]


@pytest.mark.parametrize("name", ["train_labels.csv", "classes.csv", "labels.txt", "train.csv", "masks.csv"])
def test_a_table_of_long_run_lengths_is_passed_over(path, name):
    (path / name).write_text(RUNS)
    report = dataset.inspect(path)
    assert len(report.pairs) == 6
    assert not report.count("error")
    assert notes(report).empty


@pytest.mark.parametrize(
    ("name", "content", "word"),
    [
        ("classes.json", b'{"classes": [', "is no whole JSON"),
        ("notes.json", b"\xff\xfe\x00", "is no whole JSON"),
        ("labels.json", b"[" * 100_000, "is no whole JSON|brackets"),
        ("legend.json", b'{"1": ' + b"9" * 5000 + b"}", "digits"),
        ("via.csv", b"region_shape_attributes,x\n{},7\n", "rows without a filename"),
        ("via.csv", b'filename,region_shape_attributes\na,"' + b"7" * 200_000 + b'"\n', "field larger"),
        ("a.xml", b"<annotations><image", "is no whole XML"),
        ("labels.json", json.dumps([{"name": "cat", "color": [None] * 3}]).encode(), "gives cat the colour"),
        ("labels.json", json.dumps([{"name": "cat", "color": ["ff", "0", "0"]}]).encode(), "gives cat the colour"),
        ("classes.csv", b"name,r,g,b\ncat,,,\n", "none of its colours"),
        ("large.json", b" " * 20_000, "has 20,000 bytes, at most 10,000"),
    ],
)
def test_a_text_that_can_not_be_read_is_one_note(path, monkeypatch, name, content, word):
    monkeypatch.setattr(files, "MAX_BYTES", 10_000 if name == "large.json" else files.MAX_BYTES)
    (path / name).write_bytes(content)
    report = dataset.inspect(path)
    assert len(report.pairs) == 6
    assert not report.count("error")
    (note,) = notes(report).itertuples()
    assert (note.level, note.file) == ("note", name)
    assert notes(report).finding.str.contains(word).all(), note.finding


def test_a_list_of_a_split_is_read_however_large_it_is(path, monkeypatch):
    monkeypatch.setattr(files, "MAX_BYTES", 100_000)
    (path / "train.csv").write_text(RUNS)
    assert dataset.inspect(path).parts == ("train",) * 3 + (None,) * 3


def test_annotations_that_break_off_are_the_first_error_of_images_without_masks(path):
    for mask in (path / "masks").iterdir():
        mask.unlink()
    text = json.dumps({"images": [{"id": i, "file_name": f"{i:03}.png"} for i in range(6)], "annotations": []})
    (path / "annotations.json").write_text(text[:-9])
    with pytest.raises(ValueError, match=r"the first: annotations.json: is no whole JSON"):
        dataset.require_usable(dataset.inspect(path))


def test_long_lines_never_reach_a_pattern(path, monkeypatch):
    """Patterns for strangers' lines may take time that grows with the square of a line's length."""
    lengths = []

    class Watched:
        def fullmatch(self, line, pattern=legend.NUMBERED):
            lengths.append(len(line))
            return pattern.fullmatch(line)

    monkeypatch.setattr(legend, "NUMBERED", Watched())
    (path / "labels.txt").write_text("1 cat\n" + "img " + "7 " * 4000 + "x?\n")
    (found,) = legend.read_legends(files.Files(path))
    assert found.values == {1: "cat"}
    assert 0 < max(lengths) <= legend.LONG
