"""Notebooks as Colab runs them: each alone in an empty folder, beside Colab's own packages, which stay as they are.

A stub stands for `google.colab`, and git's `insteadOf` turns the course's public address into a local repository,
so the set-up cell runs unmodified. `make matrix` runs every notebook so on Colab's versions.
"""

import importlib.metadata
import json
import os
import re
import shutil
import subprocess
import sys

import nbformat
import pytest
from support import NOTEBOOKS, ROOT

ADDRESS = "https://github.com/octocat/course"


def stamped(text):
    """The text as it is where the course has its address."""
    return re.sub(r'(clone = \\?")https://github\.com/[\w./-]+', rf"\g<1>{ADDRESS}", text)


UNSTAMPED = nbformat.read(NOTEBOOKS[0], as_version=4).cells[2].source.partition("\nfrom segutils import course")[0]
SET_UP = stamped(UNSTAMPED)
WANTED = re.findall(r"^(tensorflow|keras|numpy)==(\S+)$", (ROOT / "tests/colab-requirements.txt").read_text(), re.M)
ON_COLAB_S_VERSIONS = all(importlib.metadata.version(name) == version for name, version in WANTED)

# Runs the set-up cell several times and tells what it did, in a bare Python (-S) that sees no installed package.
CHILD = """
import json, os, sys
source, times = sys.argv[1:]
calls, modules = [], set(sys.modules)
sys.addaudithook(lambda event, given: event == "subprocess.Popen" and calls.append(given[1]))
for _ in range(int(times)):
    exec(source, {})
    os.chdir(".")
import segutils
loaded = sorted({name.split(".")[0] for name in set(sys.modules) - modules} - sys.stdlib_module_names)
print(json.dumps({"calls": calls, "loaded": loaded, "segutils": segutils.__file__}))
"""


@pytest.fixture(scope="module")
def colab(tmp_path_factory):
    """Environment variables of a machine that has google.colab, and reaches the course at its public address."""
    base = tmp_path_factory.mktemp("colab")
    (base / "stub" / "google" / "colab").mkdir(parents=True)
    (base / "stub" / "google" / "colab" / "__init__.py").touch()
    leave = shutil.ignore_patterns("__pycache__", "*.npz", "*.zip")
    for name in ("segutils", "data"):
        shutil.copytree(ROOT / name, base / "course" / name, ignore=leave)
    author = ["-c", "user.name=course", "-c", "user.email=course@example.org"]
    for command in (["init", "-q"], ["add", "."], [*author, "commit", "-q", "-m", "The course"]):
        subprocess.run(["git", *command], cwd=base / "course", check=True)
    return {**os.environ, "PYTHONPATH": str(base / "stub"), **instead_of_github((base / "course").as_uri())}


def instead_of_github(address):
    return {
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": f"url.{address}.insteadOf",
        "GIT_CONFIG_VALUE_0": ADDRESS,
        "GIT_TERMINAL_PROMPT": "0",
    }


def run_set_up(folder, environment, times=1, source=SET_UP):
    done = subprocess.run(
        [sys.executable, "-S", "-c", CHILD, source, str(times)],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
    )
    return json.loads(done.stdout) if done.returncode == 0 else done.stderr


def installed():
    return sorted((found.name, found.version) for found in importlib.metadata.distributions())


def test_the_set_up_cell_brings_in_segutils_once_and_touches_nothing_else(colab, tmp_path):
    before = installed()
    first = run_set_up(tmp_path, colab, times=2)
    assert first["calls"] == [["git", "clone", "-q", "--depth", "1", ADDRESS, "course"]]
    assert first["segutils"] == str(tmp_path / "course" / "segutils" / "__init__.py")
    assert first["loaded"] == ["segutils"]
    assert run_set_up(tmp_path, colab, times=2) == {**first, "calls": []}, "a restarted kernel fetches nothing"
    assert os.listdir(tmp_path) == ["course"]
    assert installed() == before


def test_a_clone_that_failed_can_be_tried_again(colab, tmp_path):
    unreachable = {**colab, **instead_of_github((tmp_path / "nowhere").as_uri())}
    said = run_set_up(tmp_path, unreachable)
    assert said.splitlines()[-1].startswith(f"the course's package segutils could not be fetched from {ADDRESS}, ")
    assert "Traceback" not in said
    assert os.listdir(tmp_path) == []
    assert run_set_up(tmp_path, colab)["loaded"] == ["segutils"]


def test_without_git_one_sentence_says_what_to_do(colab, tmp_path):
    (tmp_path / "empty").mkdir()
    sources = [SET_UP]
    for folder in ("source", "release"):
        path = ROOT / f"assignments/{folder}/06_segmentation_project/06_segmentation_project.ipynb"
        (cell,) = (cell.source for cell in nbformat.read(path, as_version=4).cells if "find_spec" in cell.source)
        sources.append(stamped(cell))
    for source in sources:
        said = run_set_up(tmp_path, {**colab, "PATH": str(tmp_path / "empty")}, source=source)
        assert said == (
            f"the course's package segutils could not be fetched from {ADDRESS}, which takes git and a connection; "
            "mend that and run this cell again, or put the folder segutils beside this notebook\n"
        )
    assert os.listdir(tmp_path) == ["empty"]


@pytest.mark.skipif("/OWNER/REPO" not in UNSTAMPED, reason="this fork has an address")
def test_without_an_address_the_set_up_cell_says_what_to_do(colab, tmp_path):
    said = run_set_up(tmp_path, colab, source=UNSTAMPED)
    assert said.startswith("this copy of the course does not know its address: ")
    assert "tools/stamp.py your-name/your-fork" in said
    assert os.listdir(tmp_path) == []


def test_where_the_course_is_at_hand_the_set_up_cell_does_nothing(colab, tmp_path):
    below, elsewhere = tmp_path / "clone" / "notebooks", tmp_path / "elsewhere"
    for folder in (below, elsewhere):
        folder.mkdir(parents=True)
    shutil.copytree(ROOT / "segutils", tmp_path / "clone" / "segutils")
    plain = {key: value for key, value in colab.items() if key != "PYTHONPATH"}
    for folder, environment in ((below, plain), (elsewhere, {**plain, "PYTHONPATH": str(tmp_path / "clone")})):
        found = run_set_up(folder, environment, times=2)
        assert found["segutils"] == str(tmp_path / "clone" / "segutils" / "__init__.py")
        assert found["calls"] == []
        assert os.listdir(folder) == []


@pytest.mark.skipif(not ON_COLAB_S_VERSIONS, reason="needs Colab's versions: make matrix")
@pytest.mark.parametrize("path", NOTEBOOKS, ids=[path.stem for path in NOTEBOOKS])
def test_a_notebook_runs_alone_and_gives_its_stored_outputs(colab, tmp_path, path):
    (tmp_path / path.name).write_text(stamped(path.read_text(encoding="utf-8")), encoding="utf-8")
    options = ["--nbval", "--nbval-current-env", "--nbval-cell-timeout=3600"]
    options += [f"--nbval-sanitize-with={ROOT / 'tests' / 'sanitize.cfg'}", "-p", "no:cacheprovider"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", *options, path.name],
        cwd=tmp_path,
        env=colab,
        capture_output=True,
        text=True,
        timeout=7200,
    )
    assert done.returncode == 0, done.stdout[-5000:] + done.stderr[-2000:]
    assert (tmp_path / "course" / "segutils").is_dir(), "this environment has a segutils of its own"
