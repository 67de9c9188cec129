"""nbgrader's configuration of this course; README.md has the commands."""

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent
sys.path.insert(0, str(ROOT.parent))  # so that nbgrader finds segutils without an installation
# nbgrader calls `alembic` by name when it makes a gradebook; it lies beside the Python that runs
os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])

c = get_config()  # noqa: F821 - nbgrader provides it
c.CourseDirectory.course_id = "segmentation"
c.CourseDirectory.root = str(ROOT)
c.Autograde.sanitize_preprocessors = [
    "segutils.classroom.steps.Restore",
    "nbgrader.preprocessors.ClearOutput",
    "nbgrader.preprocessors.DeduplicateIds",
    "nbgrader.preprocessors.OverwriteKernelspec",
    "nbgrader.preprocessors.OverwriteCells",
    "nbgrader.preprocessors.CheckCellMetadata",
]
c.Autograde.autograde_preprocessors = [
    "segutils.classroom.steps.AwardPoints",  # replaces Execute: a student's code never runs here or in a kernel
    "nbgrader.preprocessors.LimitOutput",
    "nbgrader.preprocessors.SaveAutoGrades",
    "nbgrader.preprocessors.AssignLatePenalties",
    "nbgrader.preprocessors.CheckCellMetadata",
]
