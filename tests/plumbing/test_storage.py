"""Writing files: whole or absent, whatever stops the writer."""

import json
import os
import stat

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


def test_names_in_bytes_that_are_no_utf_8_come_back_from_json(tmp_path):
    storage.write_json(tmp_path / "a.json", {"image": "Bl\udcf6cke.png"})
    assert json.loads((tmp_path / "a.json").read_text(encoding="utf-8")) == {"image": "Bl\udcf6cke.png"}
