"""Train the networks whose weights stand in 06_segmentation_project.py, and print them (about three CPU-minutes).

    PYTHONPATH=. python tests/classroom/planted/06_segmentation_project_weights.py BIG
    PYTHONPATH=. python tests/classroom/planted/06_segmentation_project_weights.py THIN

BIG is the model answer; THIN has fewer filters and 750 steps. All code comes from the assignment's own source.
"""

import re
import sys
from pathlib import Path

SOURCE = Path(__file__).parents[3] / "sources" / "assignments" / "06_segmentation_project.py"
FEWER = (("conv(a, 8", "conv(a, 4"), ("conv(x, 8", "conv(x, 4"), ("16", "8"), ("20", "8"))


def cells():
    """The cells that make scenes, tools, network and training: from (a) up to (c)."""
    text = SOURCE.read_text(encoding="utf-8")
    parts = re.split(r"^# %%.*\n", text, flags=re.MULTILINE)
    wanted = ("from segutils import", "def keras_model", "def network", "def train()")
    return [next(part for part in parts if mark in part and not part.startswith("# #")) for mark in wanted]


def main(name):
    scenes, tools, network, train = cells()
    if name == "THIN":
        for old, new in FEWER:
            network = re.sub(r"#.*", "", network).replace(old, new)
        train = train.replace("1250", "750")
    namespace = {}
    for code in ("import numpy as np", scenes, tools, network, train):
        exec(compile(code, name, "exec"), namespace)
    print(namespace["as_text"](namespace["train"]()).replace("WEIGHTS", name, 1))


if __name__ == "__main__":
    main(*sys.argv[1:])
