"""Whose a notebook is, and which one counts: nothing is lost, nobody merged, whatever folders and zips come in."""

import copy
import io
import json
import os
import sys
import zipfile
from pathlib import Path

import pytest

pytest.importorskip("rapidfuzz", reason="rapidfuzz is not installed (pip install -r requirements-teacher.txt)")

from hand_ins import NAME, RELEASE, at, no_metadata  # noqa: E402

from segutils.classroom import collect, incoming, record  # noqa: E402


def notebook(*answers, damage=None):
    """The release, with these answer cells answered with the text."""
    cells = copy.deepcopy(RELEASE)
    for name, text in answers:
        cells.cells[at(cells, name)].source = text
    if damage:
        damage(cells)
    return json.dumps(cells)


BLANK = notebook()
ONE = notebook(("conv2d", "def conv2d(x, kernel):\n    return 1"))
OTHER = notebook(("conv2d", "def conv2d(x, kernel):\n    return 2"))
TWO = notebook(("conv2d", "def conv2d(x, kernel):\n    return 1"), ("question", "I think so."))


def put(folder, files):
    for number, (name, content) in enumerate(files.items()):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
        os.utime(path, (1000 + number, 1000 + number))
    return folder


def collected(source):
    """What is found: {student: content}, the notes {student: text}, and the problems."""
    found, problems = collect.find_submissions(source, NAME, RELEASE)
    return {f.student: f.read().decode() for f in found}, {f.student: "; ".join(f.notes) for f in found}, problems


@pytest.mark.parametrize(
    ("path", "student"),
    [
        ("alice.ipynb", "alice"),
        ("alice_01_convolution.ipynb", "alice"),
        ("01_convolution-alice (2).ipynb", "alice"),
        ("Copy of alice.ipynb", "alice"),
        ("alice-Copy1.ipynb", "alice"),
        ("alice/whatever.ipynb", "alice"),
        ("alice/01_convolution/01_convolution.ipynb", "alice"),
        ("Ann Lee_12345_assignsubmission_file/01_convolution.ipynb", "Ann Lee"),
        ("李雷.ipynb", "李雷"),
        ("ann.lee@uni.edu.ipynb", "ann.lee@uni.edu"),
        ("=cmd|'x'.ipynb", "cmd_'x"),
        ("01_convolution.ipynb", ""),
        ("01_convolution (3).ipynb", ""),
    ],
)
def test_whose_a_file_is(path, student):
    assert collect._place(Path(path).parts, NAME, set()).student == student


# Which one counts


def test_of_one_student_s_versions_that_with_most_answers_counts_then_the_newest(tmp_path):
    files = {f"ann/{NAME}.ipynb": ONE, f"ann/{NAME} (1).ipynb": TWO, f"ann/{NAME} (2).ipynb": OTHER, "bob.ipynb": ONE}
    found, notes, problems = collected(put(tmp_path, files))
    assert found == {"ann": TWO, "bob": ONE}
    assert f"{NAME} (1).ipynb counts, not {NAME} (2).ipynb, {NAME}.ipynb" in notes["ann"]
    assert (notes["bob"], problems) == ("", {})


def test_a_blank_original_beside_a_solved_copy_without_metadata_does_not_count(tmp_path):
    solved = notebook(("conv2d", "def conv2d(x, kernel):\n    return 1"), damage=no_metadata)
    found, notes, _ = collected(put(tmp_path, {"ann/solved.ipynb": solved, f"ann/{NAME}.ipynb": BLANK, "b.ipynb": ONE}))
    assert found == {"ann": solved, "b": ONE}
    assert "not answered, so it does not count: ann" in notes["ann"]


def test_two_people_of_one_name_are_kept_apart(tmp_path):
    files = {f"Ann Lee_{n}_assignsubmission_file/{NAME}.ipynb": text for n, text in ((12, ONE), (34, OTHER))}
    found, notes, _ = collected(put(tmp_path, files))
    assert found == {"Ann Lee_12": ONE, "Ann Lee_34": OTHER}
    assert all("one student? Graded apart" in note for note in notes.values())


def test_groups_are_folders_of_students(tmp_path):
    files = {f"group1/{name}/{NAME}.ipynb": text for name, text in (("alice", ONE), ("bob", OTHER))}
    files |= {f"group2/{name}/{NAME}.ipynb": text for name, text in (("cy", TWO), ("alice", OTHER))}
    found, notes, _ = collected(put(tmp_path, files))
    assert found == {"group1 alice": ONE, "group2 alice": OTHER, "bob": OTHER, "cy": TWO}
    assert "one student?" in notes["group1 alice"]
    assert notes["bob"] == ""


def test_files_of_several_names_in_one_folder_are_kept_apart(tmp_path):
    found, notes, _ = collected(put(tmp_path, {"g/alice.ipynb": ONE, "g/bob.ipynb": OTHER, "h/cy.ipynb": ONE}))
    assert found == {"g alice": ONE, "g bob": OTHER, "h": ONE}
    assert "one student?" in notes["g bob"]


def test_a_browser_s_copy_may_be_a_stranger_s(tmp_path):
    found, notes, _ = collected(put(tmp_path, {"anna.ipynb": ONE, "anna (1).ipynb": OTHER, "b.ipynb": TWO}))
    assert found == {"anna": ONE, "anna (1)": OTHER, "b": TWO}
    assert "anna (1) as anna (1)" in notes["anna"]
    found, notes, _ = collected(put(tmp_path, {"anna (1).ipynb": ONE}))
    assert found["anna"] == ONE  # the same file twice is no question
    assert notes["anna"] == ""


def test_what_else_lies_there_is_said(tmp_path):
    files = {f"ann/{NAME}.ipynb": ONE, "ann/answer.docx": "Dear teacher", "ann/scratch.ipynb": "{", "b.ipynb": ONE}
    found, notes, problems = collected(put(tmp_path, files))
    assert found["ann"] == ONE
    assert "answer.docx is not a notebook" in notes["ann"]
    assert "the file is not a notebook" in notes["ann"]
    assert problems == {}


@pytest.mark.parametrize("name", ["हिन्दी नाम", "李雷", "محمد علي", "Zoë Ångström", "O'Brien-Smith", "Ștefan", "ไทย"])
def test_names_in_any_script_survive(tmp_path, name):
    found, *_ = collected(put(tmp_path, {f"{name}.ipynb": ONE, "b.ipynb": OTHER}))
    assert set(found) == {name, "b"}


@pytest.mark.parametrize("name", ["<img src=x onerror=alert(1)>", "=1+1", "../../up", "a*b?[c]", "-rf", "$(ls)"])
def test_names_of_nonsense_harm_nothing(tmp_path, name):
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        archive.writestr(f"{name}.ipynb", ONE)
        archive.writestr("b.ipynb", OTHER)
    found, _, problems = collected(tmp_path / "all.zip")
    assert len(found) + len(problems) == 2
    for student in found:
        assert not set(student) & set('<>/\\*?[]$=|"&')
        assert not student.startswith((".", "-", "+", "@"))


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no such names")
def test_a_name_that_is_no_text_is_read_as_latin_1(tmp_path):
    put(tmp_path, {"ann.ipynb": ONE})
    (Path(os.fsdecode(os.fsencode(tmp_path) + b"/L\xf6sung.docx"))).write_text("x")
    (Path(os.fsdecode(os.fsencode(tmp_path) + b"/J\xf6rg.ipynb"))).write_text(OTHER)
    found, _, problems = collected(tmp_path)
    assert set(found) == {"ann", "Jörg"}
    assert problems == {"Lösung": "Lösung.docx is not a notebook (.ipynb)"}


# Zips and sizes


def zipped(files, **options):
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", **options) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return content.getvalue()


def damaged(content, find, replace):
    assert find in content
    return content.replace(find, replace)


BROKEN_ZIPS = {
    "no zip": b"PK no zip",
    "cut off": zipped({"x.ipynb": ONE})[:300],
    "a false checksum": damaged(zipped({"x.ipynb": "{}     "}), b"{}     ", b"{}  x  "),
    "encrypted": zipped({"x.ipynb": ONE}).replace(b"PK\x01\x02\x14\x03\x14\x00\x00", b"PK\x01\x02\x14\x03\x14\x00\x01"),
    "a method that nobody knows": zipped({"x.ipynb": ONE}).replace(
        b"PK\x01\x02\x14\x03\x14\x00\x00\x00\x00\x00", b"PK\x01\x02\x14\x03\x14\x00\x00\x00\x63\x00"
    ),
    "a bomb": zipped({"x.ipynb": ONE + " " * 10_000_000}, compression=zipfile.ZIP_DEFLATED),
}


@pytest.mark.parametrize("fault", BROKEN_ZIPS)
def test_a_broken_zip_is_one_student_s_problem(tmp_path, fault):
    put(tmp_path, {"ann.ipynb": ONE})
    (tmp_path / "zoe.zip").write_bytes(BROKEN_ZIPS[fault])
    found, _, problems = collected(tmp_path)
    assert found == {"ann": ONE}
    assert list(problems) == ["zoe"]
    assert problems["zoe"]


def test_a_zip_in_a_zip_is_opened_and_names_that_climb_stay_inside(tmp_path):
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        archive.writestr("zoe.zip", zipped({"x/notebook.ipynb": ONE}))
        archive.writestr("../../climber.ipynb", OTHER)
        archive.writestr("broken.zip", b"PK no zip")
    found, _, problems = collected(tmp_path / "all.zip")
    assert found == {"climber": OTHER, "zoe": ONE}
    assert list(problems) == ["broken"]


def test_a_huge_file_is_a_problem_of_its_student_alone(tmp_path, monkeypatch):
    monkeypatch.setattr(incoming, "MAX_BYTES", len(ONE) + 10)
    found, _, problems = collected(put(tmp_path, {"ann.ipynb": TWO + " " * 1000, "bob.ipynb": ONE}))
    assert found == {"bob": ONE}
    assert "larger than" in problems["ann"]


def test_of_many_files_only_the_newest_are_read(tmp_path, monkeypatch):
    monkeypatch.setattr(collect, "MAX_STUDENT_FILES", 3)
    files = {f"ann/{NAME} ({n}).ipynb": ONE for n in range(6)} | {"bob.ipynb": ONE}
    _, notes, _ = collected(put(tmp_path, files))
    assert "of 6 files only the newest 3 were looked at" in notes["ann"]


def test_too_many_files_are_refused_at_once(tmp_path, monkeypatch):
    monkeypatch.setattr(incoming, "MAX_FILES", 3)
    with pytest.raises(ValueError, match="more than 3 files; collect it in parts"):
        collected(put(tmp_path, {f"{n}.ipynb": "{}" for n in range(5)}))


# Names and folders of others


def test_a_name_of_letters_of_four_bytes_fits_into_a_file_system(tmp_path):
    (tmp_path / "all.zip").write_bytes(zipped({"\U00020000" * 90 + ".ipynb": ONE, "b.ipynb": OTHER}))
    found, *_ = collected(tmp_path / "all.zip")
    assert all(len(name.encode()) <= 200 for name in found)
    assert set(found.values()) == {ONE, OTHER}


def test_folders_in_one_student_s_folder_make_no_groups_of_the_others(tmp_path):
    files = {"alice/v1/n.ipynb": ONE, "alice/v2/n.ipynb": OTHER, "bob/homework/n.ipynb": TWO}
    found, *_ = collected(put(tmp_path, files))
    assert found == {"alice v1": ONE, "alice v2": OTHER, "bob": TWO}


def test_a_folder_that_moodle_names_is_no_group(tmp_path):
    files = {f"Mal_1_assignsubmission_file/{name}/n.ipynb": ONE for name in ("Ann Lee", "Bob")}
    files |= {"Cy_2_assignsubmission_file/homework/n.ipynb": OTHER}
    found, *_ = collected(put(tmp_path, files))
    assert found == {"Mal": ONE, "Cy": OTHER}


def test_a_file_of_the_same_name_from_elsewhere_replaces_nobody(tmp_path):
    rounds = [{"alice_7_assignsubmission_file/n.ipynb": ONE, "b.ipynb": TWO}, {"alice.ipynb": OTHER, "b.ipynb": TWO}]
    book = record.Record(tmp_path, NAME)
    for number, files in enumerate(rounds):
        book.collected(*collect.find_submissions(put(tmp_path / str(number), files), NAME, RELEASE))
    kept = {path.parts[-3]: path.read_text(encoding="utf-8") for path in tmp_path.glob("submitted/*/*/*.ipynb")}
    assert kept == {"alice": ONE, "alice_": OTHER, "b": TWO}
    assert "is this alice" in " ".join(book.notes_of("alice_"))


@pytest.mark.parametrize("ending", [".IPYNB", ".ipynb.txt", ".ipynb.json"])
def test_endings_that_programs_add_are_no_obstacle(tmp_path, ending):
    found, _, problems = collected(put(tmp_path, {f"ann{ending}": ONE, "bob.ipynb": OTHER}))
    assert (found, problems) == ({"ann": ONE, "bob": OTHER}, {})


def test_a_zip_of_thousands_is_one_student_s_problem(tmp_path, monkeypatch):
    monkeypatch.setattr(incoming, "MAX_FILES_IN_ZIP", 3)
    put(tmp_path, {"bob.ipynb": ONE})
    (tmp_path / "ann.zip").write_bytes(zipped({f"{k}.txt": "" for k in range(9)}))
    found, _, problems = collected(tmp_path)
    assert found == {"bob": ONE}
    assert "holds 9 files; at most 3 are looked at" in problems["ann"]
