"""A course of nbgrader for the tests of the classroom."""

import shutil

import pytest
from hand_ins import COURSE, NAME
from support import ROOT


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """A fresh course, as after cloning, without a gradebook."""
    root = tmp_path_factory.mktemp("course")
    for folder in ("source", "graders", "release"):
        shutil.copytree(COURSE / folder, root / folder, ignore=shutil.ignore_patterns("__pycache__"))
    config = (COURSE / "nbgrader_config.py").read_text(encoding="utf-8").replace("ROOT.parent", repr(str(ROOT)))
    config += "\nc.OverwriteKernelspec.enabled = True\n"
    (root / "nbgrader_config.py").write_text(config, encoding="utf-8")
    limited = (root / "graders" / f"{NAME}.py").read_text(encoding="utf-8")
    limited += "\nfrom segutils.classroom.tasks import Limits\n\nLIMITS = Limits(seconds=1)\n"
    (root / "graders" / f"{NAME}.py").write_text(limited, encoding="utf-8")
    (root / "secret.txt").write_text("course", encoding="utf-8")  # the same hidden cases in every test
    return root
