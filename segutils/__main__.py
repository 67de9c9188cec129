"""python -m segutils: run a notebook, sweep its parameters, inspect data, grade a class."""

import sys

from segutils.running.process import start

if __name__ == "__main__":
    sys.exit(start())
