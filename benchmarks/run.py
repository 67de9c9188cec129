"""`make bench`: measure all parts, or the named ones, and write results.md with its images beside this file.

    python run.py [steps] [quality] [ablation] [classifier] [speed] [growth] [notebooks] [felt] [folders]
                  [inference] [memory] [tried]

Each single measurement lies in runs/bench/ and is not taken again: delete it, or a folder in it, to start anew. Leave
the machine alone meanwhile. What came of a part is kept in measured/, so parts can be measured on different days.
"""

import argparse
import os
import sys

import ablation
import classifier
import felt
import folders
import growth
import inference
import memory
import quality
import report
import speed
import steps
import tried
from common import COMPETITORS_PYTHON, MEASURED, ROOT, machine

import notebooks
from segutils.plumbing import arguments, storage

PARTS = {
    "steps": steps,
    "quality": quality,
    "ablation": ablation,
    "tried": tried,
    "classifier": classifier,
    "speed": speed,
    "growth": growth,
    "notebooks": notebooks,
    "felt": felt,
    "folders": folders,
    "inference": inference,
    "memory": memory,
}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", metavar="part", default=list(PARTS))
    parts = parser.parse_args().parts
    for part in parts:
        arguments.check_choice("part", part, tuple(PARTS))
    if not COMPETITORS_PYTHON.exists():
        sys.exit(f"expected the competitors in {COMPETITORS_PYTHON.parent.parent.name}; start this by: make bench")
    os.environ["PYTHONPATH"] = str(ROOT)  # for notebooks and scripts in processes of their own
    for part in parts:
        print(part, flush=True)
        storage.write_json(MEASURED / f"{part}.json", {"machine": machine(), "found": PARTS[part].measure()})
    report.write()


if __name__ == "__main__":
    main()
