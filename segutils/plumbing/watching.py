"""Where a training, or a long walk through images, writes how far it is: `segutils run` reads it for its live line."""

import contextlib
import json
import os
from pathlib import Path

WATCHED = "SEGUTILS_TRAINING"  # environment variable: the file to write to; without it nobody watches


def watched():
    """True where somebody watches."""
    return bool(os.environ.get(WATCHED))


def note(now, **about):
    """Write how far it is at a time, in seconds; a full disk is no reason to stop, what is kept will say so."""
    with contextlib.suppress(OSError):
        Path(os.environ[WATCHED]).write_text(json.dumps({**about, "time": now}), encoding="utf-8")


def over():
    """What was watched has ended: the file goes."""
    if watched():
        Path(os.environ[WATCHED]).unlink(missing_ok=True)
