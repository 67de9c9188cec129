"""Files of a folder or a zip: which ones count as images."""

import os
import re
import shutil
import stat
import zipfile

import numpy as np
import pytest
from skimage import data
from support import save, touch

from segutils import dataset
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


def photographs(path, ending, names, masks="masks"):
    """Masks, and beside them files of an ending that is not read, of the same names; or no masks."""
    for name in names:
        for folder, end in (("photos", ending), (masks, ".png")):
            if folder:
                (path / folder).mkdir(exist_ok=True)
                (path / f"{folder}/{name}{end}").write_bytes(b"II*\0 and more")
        if masks:
            save(path / f"{masks}/{name}.png", np.kron(np.eye(4, dtype=np.uint8), np.full((9, 9), 255, np.uint8)))


WAYS = {
    ".CR2": "is a camera's raw photograph; develop it",
    ".avif": "is AVIF; save it as PNG",
    ".svg": "is a drawing; export it as PNG",
    ".dcm": "is DICOM; convert it",
    ".xyz": "is in .xyz, a format that is not read; save it as PNG",
    "": "is without an ending that tells its format; add it",
}


@pytest.mark.parametrize("masks", ["masks", "masken"])
@pytest.mark.parametrize("ending", WAYS)
def test_photographs_of_a_format_that_is_not_read_are_one_error_about_them(tmp_path, ending, masks):
    photographs(tmp_path, ending, ["IMG_7", "IMG_8", "IMG_9"], masks)
    errors = dataset.inspect(tmp_path).findings.query("level == 'error'")
    assert errors.file.tolist() == [f"photos/IMG_7{ending}"]
    assert errors.finding.item().startswith(WAYS[ending])
    assert errors.finding.item().endswith("so are 2 more")


@pytest.mark.parametrize("ending", WAYS)
def test_without_any_image_the_most_frequent_format_is_named(tmp_path, ending):
    photographs(tmp_path, ending, ["IMG_7", "IMG_8", "IMG_9"], masks="")
    (tmp_path / "LICENSE").write_text("free")
    way = re.escape(f"photos/IMG_7{ending} {WAYS[ending]}")
    with pytest.raises(ValueError, match=f"holds no image; .*; {way}.*; so are 2 more"):
        Files(tmp_path)


def test_raw_photographs_and_world_files_beside_images_explain_nothing(tmp_path):
    for k in range(4):
        save(tmp_path / f"{k}.jpg", data.astronaut()[30 * k :][:60, 200:280])
        for ending in (".dng", ".jgw", ".xmp"):
            (tmp_path / f"{k}{ending}").write_bytes(b"x")
    assert set(dataset.inspect(tmp_path).findings.fault) == {"missing mask"}
    for k in range(4):
        save(tmp_path / f"{k}_mask.png", data.astronaut()[30 * k :][:60, 200:280, 0] // 128)
    assert "not read" not in set(dataset.inspect(tmp_path).findings.fault)


@pytest.mark.skipif(os.name == "nt", reason="links take rights on Windows")
def test_links_that_lead_nowhere_are_told_once_with_the_place(tmp_path):
    names = [f"IMG_{k}" for k in range(3)]
    photographs(tmp_path, ".txt", names)
    (tmp_path / "images").mkdir()
    for name in names:
        (tmp_path / f"photos/{name}.txt").unlink()
        (tmp_path / f"images/{name}.jpg").symlink_to(f"../.git/annex/{name}")
    words = "is a link to ../.git/annex/IMG_0, which is not there, and 2 more lead nowhere, too"
    (error,) = dataset.inspect(tmp_path).findings.itertuples()
    assert (error.level, error.fault, error.file, error.finding) == ("error", "link", "images/IMG_0.jpg", words)
    shutil.rmtree(tmp_path / "masks")
    with pytest.raises(ValueError, match=f"holds no image; .*; images/IMG_0.jpg {re.escape(words)}: fetch them"):
        Files(tmp_path)


@pytest.mark.skipif(os.name == "nt", reason="links take rights on Windows")
def test_a_link_that_leads_nowhere_beside_whole_pairs_is_a_warning(tmp_path):
    for k in range(4):
        save(tmp_path / f"images/{k}.png", data.astronaut()[30 * k :][:60, 200:280])
        save(tmp_path / f"masks/{k}.png", data.astronaut()[30 * k :][:60, 200:280, 0] // 128)
    (tmp_path / "masks/3.png").unlink()
    (tmp_path / "masks/3.png").symlink_to("../gone/3.png")
    found = dataset.inspect(tmp_path).findings
    assert found[["level", "fault", "file"]].values.tolist() == [["warning", "link", "masks/3.png"]]


def test_links_in_a_zip_are_told_too_for_nothing_follows_them(tmp_path):
    with zipfile.ZipFile(tmp_path / "set.zip", "w") as archive:
        about = zipfile.ZipInfo("images/a.png")
        about.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(about, "../store/a.png")
    with pytest.raises(ValueError, match="images/a.png is a link to ../store/a.png, which is not there: fetch"):
        Files(tmp_path / "set.zip")


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"/annex/objects/SHA256E-s9--ab.png\n", "is a pointer of git-annex to an image: fetch it"),
        (b"../.git/annex/objects/a/b/SHA256E-s9--ab.png", "is a link to an image, not the image: copy"),
        (b".git/annex/objects/a/b/SHA256E-s9--ab.png", "is a link of git-annex to an image: fetch it"),
    ],
)
def test_links_that_came_as_text_are_named(tmp_path, content, sentence):
    (tmp_path / "a.png").write_bytes(content)
    with pytest.raises(dataset.ImageFileError, match=sentence):
        dataset.read_image(Files(tmp_path), "a.png")


@pytest.mark.parametrize("before", ["./{}", ".\\{}", "{}"])
@pytest.mark.parametrize("between", ["/", "\\"])
def test_a_zip_is_as_its_folder_whatever_program_has_packed_its_names(tmp_path, before, between):
    names = ["set/train/images/a.png", "set/train/masks/a.png", "set/labels.txt", "set/__MACOSX/a.png", "../out.png"]
    with zipfile.ZipFile(tmp_path / "set.zip", "w") as archive:
        for name in names:
            info = zipfile.ZipInfo("x")
            info.filename = before.format(name.replace("/", between))
            archive.writestr(info, name.encode())
    files = Files(tmp_path / "set.zip")
    assert files.names == names[:2]
    assert [files.read(name).decode() for name in names[:2]] == names[:2]
    assert files.text("set/labels.txt") == next(files.lines("set/labels.txt")) == "set/labels.txt"


@pytest.mark.skipif(os.name == "nt", reason="there a backslash is between folders")
def test_files_unpacked_with_backslashes_in_their_names_are_in_folders(tmp_path):
    (tmp_path / "train\\images\\a.png").write_bytes(b"a")
    files = Files(tmp_path)
    assert files.names == ["train/images/a.png"]
    assert files.read("train/images/a.png") == files.place("train/images/a.png").read_bytes() == b"a"


@pytest.mark.parametrize("packed", [False, True])
def test_lines_come_one_by_one_and_long_ones_are_cut(tmp_path, monkeypatch, packed):
    monkeypatch.setattr("segutils.dataset.files.MAX_BYTES", 10_000)
    touch(tmp_path / "set", ["a.png"])
    (tmp_path / "set/a.csv").write_bytes(b"\xef\xbb\xbfid,runs\r\na," + b"1 2 " * 40_000 + b"\n\nb,3")
    (tmp_path / "set/b.txt").write_bytes("Stra\u00dfe\nBaum\n".encode("utf-16"))
    if packed:
        with zipfile.ZipFile(tmp_path / "set.zip", "w") as archive:
            for name in ("a.png", "a.csv", "b.txt"):
                archive.write(tmp_path / "set" / name, name)
    files = Files(tmp_path / ("set.zip" if packed else "set"))
    first, long, *rest = files.lines("a.csv")
    assert (first, long[:6], rest) == ("id,runs", "a,1 2 ", ["", "b,3"])
    assert len(long) < 5000
    assert list(files.lines("b.txt")) == files.text("b.txt").split() == ["Stra\u00dfe", "Baum"]
