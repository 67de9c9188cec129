"""Files of a folder or a zip: which ones count as images."""

import zipfile

from support import touch

from segutils.dataset.files import Files


def test_hidden_files_and_other_formats_are_passed_over_and_a_zip_is_as_its_folder(tmp_path):
    names = ["images/a.png", "masks/a.PNG", ".x/b.png", "images/._a.png", "__MACOSX/images/a.png", "readme.md"]
    touch(tmp_path / "set", names)
    with zipfile.ZipFile(tmp_path / "set.zip", "w") as archive:
        for name in names:
            archive.write(tmp_path / "set" / name, name)
    assert Files(tmp_path / "set").names == Files(tmp_path / "set.zip").names == ["images/a.png", "masks/a.PNG"]
