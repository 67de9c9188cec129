"""The package as pip installs it: from any folder, with its notebooks and their data inside, and no checkout near."""

import json
import os
import shutil
import subprocess
import sys
from importlib.metadata import version

import pytest
from packaging.version import Version
from support import ROOT

PARTS = ("segutils", "notebooks", "data", "pyproject.toml", "README.md", "LICENSE", "requirements.txt")


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory):
    """A function that runs Python in an empty folder, where an installed segutils is the first that it finds."""
    if Version(version("setuptools")) < Version("77"):
        pytest.skip("the installed setuptools is older than what builds the package")
    base = tmp_path_factory.mktemp("installed")
    for name in PARTS:
        if (ROOT / name).is_dir():
            leave = shutil.ignore_patterns("__pycache__", "*.npz", "*.zip")
            shutil.copytree(ROOT / name, base / "source" / name, ignore=leave)
        else:
            shutil.copy(ROOT / name, base / "source" / name)
    pip = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--no-build-isolation", "--target"]
    subprocess.run([*pip, str(base / "site"), str(base / "source")], check=True)
    shutil.rmtree(base / "source")
    (base / "empty").mkdir()

    def run(*arguments):
        return subprocess.run(
            [sys.executable, *arguments],
            cwd=base / "empty",
            env={**os.environ, "PYTHONPATH": str(base / "site")},
            capture_output=True,
            text=True,
            timeout=600,
        )

    return run


def test_it_is_the_installed_package_and_every_room_is_in_it(elsewhere):
    code = """
import importlib, json, pkgutil, segutils
rooms = sorted(m.name for m in pkgutil.iter_modules(segutils.__path__) if m.ispkg)
from segutils.plumbing import storage
print(json.dumps([segutils.__file__, rooms, len(list(storage.NOTEBOOKS.glob("*.ipynb"))), storage.CHECKOUT]))"""
    file, rooms, notebooks, checkout = json.loads(elsewhere("-c", code).stdout)
    assert "/site/segutils/" in file.replace(os.sep, "/")
    assert rooms == ["classroom", "dataset", "lessons", "plumbing", "running", "workhorse"]
    assert notebooks == len(list((ROOT / "notebooks").glob("*.ipynb")))
    assert checkout is None


def test_a_notebook_runs_with_the_data_that_came_with_it(elsewhere):
    done = elsewhere("-m", "segutils", "run", "01_background", "--output", "first")
    assert done.returncode == 0, done.stderr
    assert "01_background.ipynb" in done.stdout


def test_a_folder_is_inspected(elsewhere):
    made = elsewhere("-c", "from segutils.dataset import samples; samples.make_coins('coins')")
    assert made.returncode == 0, made.stderr
    done = elsewhere("-m", "segutils", "inspect", "coins")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "24 pairs can be used; 0 errors" in done.stdout


def test_an_unknown_notebook_is_refused_with_the_known_ones(elsewhere):
    done = elsewhere("-m", "segutils", "run", "nothing")
    assert done.returncode == 2
    assert "09_segmentation_run" in done.stderr
