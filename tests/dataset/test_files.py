"""Files of a folder or a zip: which ones count as images."""

import os
import re
import zipfile

import pytest
from support import touch

from segutils.dataset.files import Files


def test_hidden_files_and_other_formats_are_passed_over_and_a_zip_is_as_its_folder(tmp_path):
    names = ["images/a.png", "masks/a.PNG", ".x/b.png", "images/._a.png", "__MACOSX/images/a.png", "readme.md"]
    names += ["@eaDir/a.png/SYNO.jpg", "$RECYCLE.BIN/a.png", "images/.ipynb_checkpoints/a-checkpoint.png"]
    touch(tmp_path / "set", names)
    with zipfile.ZipFile(tmp_path / "set.zip", "w") as archive:
        for name in names:
            archive.write(tmp_path / "set" / name, name)
    assert Files(tmp_path / "set").names == Files(tmp_path / "set.zip").names == ["images/a.png", "masks/a.PNG"]


@pytest.mark.skipif(os.name == "nt", reason="links take rights on Windows")
def test_linked_folders_are_entered_once_though_links_lead_in_a_circle(tmp_path):
    touch(tmp_path / "disk", ["photos/a.png", "labels/a.png"])
    (tmp_path / "set").mkdir()
    for name in ("photos", "labels"):
        (tmp_path / "set" / name).symlink_to(tmp_path / "disk" / name)
    (tmp_path / "disk/photos/again").symlink_to(tmp_path / "disk/photos")
    (tmp_path / "disk/photos/gone.png").symlink_to(tmp_path / "gone.png")
    (tmp_path / "disk/photos/itself.png").symlink_to(tmp_path / "disk/photos/itself.png")
    assert Files(tmp_path / "set").names == ["labels/a.png", "photos/a.png"]


@pytest.mark.parametrize("name", ["images.zip", "set.tar.gz", "set.7z"])
def test_a_folder_of_archives_is_told_to_unpack_them(tmp_path, name):
    (tmp_path / name).write_bytes(b"packed")
    with pytest.raises(ValueError, match=f"holds no image; .*; {re.escape(name)} is packed: unpack it"):
        Files(tmp_path)


@pytest.mark.parametrize(
    ("name", "sentence"),
    [("set.rar", "packed otherwise than as a zip; unpack it and name its folder"), ("set.zip", "is no zip")],
)
def test_other_archives_are_named_as_such(tmp_path, name, sentence):
    (tmp_path / name).write_bytes(b"packed")
    with pytest.raises(ValueError, match=sentence):
        Files(tmp_path / name)
