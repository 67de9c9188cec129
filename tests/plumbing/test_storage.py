"""Writing files: whole or absent, whatever stops the writer."""

import json
import os
import pathlib
import stat
import tempfile

import numpy as np
import pytest

from segutils.plumbing import storage


def test_atomic_write_keeps_the_old_file_until_the_new_one_is_whole(tmp_path):
    path = tmp_path / "deep" / "file.txt"
    with storage.atomic_write(path) as temporary:
        temporary.write_text("one")
        assert not path.exists()
        assert temporary.suffix == ".txt"
    with pytest.raises(RuntimeError), storage.atomic_write(path) as temporary:  # noqa: PT012
        temporary.write_text("two")
        raise RuntimeError("stop")
    assert path.read_text() == "one"
    assert os.listdir(path.parent) == ["file.txt"]
    assert stat.S_IMODE(path.stat().st_mode) == 0o644


def test_atomic_write_says_what_the_disk_refused_and_passes_on_other_errors(tmp_path):
    with pytest.raises(OSError, match=r"could not write a.txt \(No space left on device\); nothing was written"):  # noqa: SIM117
        with storage.atomic_write(tmp_path / "a.txt"):
            raise OSError(28, os.strerror(28))
    with pytest.raises(OSError, match="^network down$"), storage.atomic_write(tmp_path / "a.txt"):
        raise OSError("network down")
    assert os.listdir(tmp_path) == []


def test_write_json_turns_numpy_into_plain_numbers(tmp_path):
    storage.write_json(tmp_path / "a.json", {"a": np.float32(0.5), "b": np.arange(2), "c": "é"})
    assert json.loads((tmp_path / "a.json").read_text(encoding="utf-8")) == {"a": 0.5, "b": [0, 1], "c": "é"}


def test_what_is_no_number_is_null_in_json(tmp_path):
    """JSON has neither NaN nor infinity; strict readers refuse a file that holds one."""
    values = {"a": float("nan"), "b": [np.float64("inf"), (1.5, np.nan)], "c": np.array([np.nan, 2])}
    storage.write_json(tmp_path / "a.json", values)
    found = json.loads((tmp_path / "a.json").read_text(encoding="utf-8"), parse_constant=pytest.fail)
    assert found == {"a": None, "b": [None, [1.5, None]], "c": [None, 2]}


def test_what_a_killed_writer_left_goes_and_nothing_else(tmp_path):
    kept = {".made.json", ".lock", "best.keras", "a-12345678.png", ".kernel.log", "deep/.share"}
    (tmp_path / "deep").mkdir()
    for name in kept:
        (tmp_path / name).write_text("kept")
    for place in (tmp_path, tmp_path / "deep"):
        with pytest.raises(SystemExit), storage.atomic_write(place / "best.keras") as temporary:  # noqa: PT012
            os.link(temporary, place / "linked")  # as if the process were gone before it could tidy up
            name = temporary.name
            raise SystemExit
        os.rename(place / "linked", place / name)
    large = pathlib.Path(tempfile.mkdtemp(dir=tmp_path, prefix=".large-"))
    (large / "mask").write_text("half")
    storage.remove_temporary(tmp_path)
    left = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()}
    assert left == kept
    assert not large.exists()


def test_names_in_bytes_that_are_no_utf_8_come_back_from_json(tmp_path):
    storage.write_json(tmp_path / "a.json", {"image": "Bl\udcf6cke.png"})
    assert json.loads((tmp_path / "a.json").read_text(encoding="utf-8")) == {"image": "Bl\udcf6cke.png"}
