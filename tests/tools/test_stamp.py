"""Stamping a fork: every link, sources and notebooks in step, back again to the byte, bad names refused."""

import os
import re
import shutil
import subprocess
import sys

import build
import nbformat
import pytest
from stamp import stamp
from support import ROOT

ROOMS = ("notebooks", "sources", "assignments")
LEAVE = shutil.ignore_patterns("__pycache__", "runs", ".ipynb_checkpoints")


@pytest.fixture
def copy(tmp_path):
    shutil.copy(ROOT / "README.md", tmp_path)
    for room in ROOMS:
        shutil.copytree(ROOT / room, tmp_path / room, ignore=LEAVE)
    stamp("first/course", tmp_path)  # so that it does not matter whether the tests run in a fork
    return tmp_path


def contents(folder):
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_every_link_is_stamped_sources_and_notebooks_match_and_it_can_be_undone(copy):
    before = contents(copy)
    changed = stamp("some-one/my.fork_2", copy)
    assert {path.relative_to(copy) for path in changed} == {
        name for name, content in contents(copy).items() if content != before[name]
    }
    for source in (copy / "sources").glob("*.py"):
        built = nbformat.read(copy / "notebooks" / f"{source.stem}.ipynb", as_version=4).cells
        wanted = build.read_source(source).cells
        assert [(c.id, c.cell_type, c.source) for c in built] == [(c.id, c.cell_type, c.source) for c in wanted]
        link = f"https://colab.research.google.com/github/some-one/my.fork_2/blob/main/notebooks/{source.stem}.ipynb)"
        assert link in built[0].source
        assert link.join(["\n[Open in Colab](", " ·\n"]) in built[0].source
        assert 'clone = "https://github.com/some-one/my.fork_2"' in built[2].source
    for name, content in contents(copy).items():
        assert b"first/course" not in content, name
        assert not re.search(rb"colab\.research\.google\.com/github/(?!some-one/my\.fork_2[/)\s])", content), name
    assert stamp("some-one/my.fork_2", copy) == []
    stamp("first/course", copy)
    assert contents(copy) == before


def test_while_there_is_no_address_no_link_to_colab_is_to_be_seen(copy):
    stamped = contents(copy)
    stamp("OWNER/REPO", copy)
    for path in [*(copy / "notebooks").glob("*.ipynb"), *(copy / "assignments").glob("*/*/*.ipynb")]:
        text = nbformat.read(path, as_version=4).cells[0].source
        assert re.search(r"^<!-- \[Open in Colab\]\(\S+/OWNER/REPO/\S+\) · -->$", text, re.M), path
        assert "Open in Colab" not in re.sub(r"<!--.*?-->", "", text)
    stamp("first/course", copy)
    assert contents(copy) == stamped


def test_links_to_others_stay(copy):
    others = (
        "[keras](https://github.com/keras-team/keras/issues/1) "
        "[theirs](https://colab.research.google.com/github/keras-team/keras-io/blob/master/examples/a.ipynb)\n"
        "git clone https://github.com/first/course\n"
    )
    (copy / "README.md").write_text(others)
    stamp("a/b", copy)
    assert (copy / "README.md").read_text() == others.replace("first/course", "a/b")


@pytest.mark.parametrize(
    "name", ["", "one", "a/b/c", "https://github.com/a/b", "-a/b", "a-/b", "a/..", "a/b.git", "a/b c", "a/"]
)
def test_a_bad_name_is_refused_in_one_sentence(name):
    before = contents(ROOT / "notebooks")
    command = [sys.executable, "tools/stamp.py", "--", name]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 2
    assert re.fullmatch(r"expected OWNER/REPO as in .*, such as .*; got .*\n", done.stderr)
    assert contents(ROOT / "notebooks") == before


def test_a_file_is_whole_whatever_stops_the_command_and_the_rest_is_done_by_the_next(copy, monkeypatch):
    before, replace, left = contents(copy), os.replace, [3]

    def full(*arguments):
        left[0] -= 1
        if left[0] == 0:
            raise OSError(28, os.strerror(28))
        return replace(*arguments)

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(OSError, match="could not write"):
        stamp("a/b", copy)
    assert sum(content != before[name] for name, content in contents(copy).items()) == 2
    stamp("a/b", copy)
    stamp("first/course", copy)
    assert contents(copy) == before
