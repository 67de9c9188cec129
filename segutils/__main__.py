"""python -m segutils: run a notebook, segment a folder, sweep, inspect data, grade a class."""

import sys

from segutils.running.process import start

if __name__ == "__main__":
    sys.exit(start())
