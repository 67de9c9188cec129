"""A run folder that always holds the last finished run: a new run is made beside it, and moved in when it is whole.

runs/09_segmentation_run/              results of the last run that came to its end
runs/09_segmentation_run/unfinished/   a run at work, or stopped: it goes on here when the same command comes again
"""

import json
import os
import shutil
import signal
import zipfile
from contextlib import contextmanager, suppress
from pathlib import Path

from segutils.plumbing import made
from segutils.plumbing.storage import remove_temporary, write_json

UNFINISHED = "unfinished"
GIVEN = "parameters.json"  # of an unfinished run: what it may go on with
SHARE = ".share"  # of an unfinished run: how much of it is done, for whoever watches from outside
TRAINING = ".training"  # of an unfinished run: where its training is
STATES = "resume-*.npz"
NOT_KEPT = (GIVEN, SHARE, TRAINING)


@contextmanager
def locked(output):
    """Hold a folder, made if missing, against a second run.

    Raises: ValueError of one sentence if another run holds it, or nothing can be written there.
    """
    from filelock import FileLock, Timeout

    output = Path(output)
    lock = FileLock(output / ".lock", blocking=False)
    try:
        output.mkdir(parents=True, exist_ok=True)
        lock.acquire()
    except Timeout as error:
        raise ValueError(f"another run is at work in {output}; wait for it, or choose another --output") from error
    except OSError as error:
        raise ValueError(f"can't write to {output} ({error.strerror}); choose another folder by --output") from error
    try:
        yield output
    finally:
        with suppress(OSError):  # Windows removes it after the release
            Path(lock.lock_file).unlink()
        lock.release()


def begin(output, name, parameters):
    """Path of the folder to run in: that of a stopped run which can go on, else an empty one.

    Args: output: the run folder; name: of the notebook; parameters: all of them by name.
    Raises: ValueError of one sentence if a run with other parameters was stopped there halfway.
    """
    folder = output / UNFINISHED
    given = {"notebook": name, **parameters}
    if epochs_done(folder):
        try:
            before = json.loads((folder / GIVEN).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            before = given  # training itself compares what matters
        if other := [f"{key} {before.get(key)}" for key in (*before, *given) if before.get(key) != given.get(key)]:
            raise ValueError(
                f"{folder} holds a run with {', '.join(dict.fromkeys(other))} that was stopped; finish it by its own "
                "command, delete that folder, or choose another by --output"
            )
    elif folder.is_dir():
        shutil.rmtree(folder)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / TRAINING).unlink(missing_ok=True)
    write_json(folder / GIVEN, given)
    return folder


def finish(output):
    """Move a finished run from its folder into the run folder, results.json last; what training resumes from goes.

    What the run before it left there and this one did not make again goes, too; other files stay.
    Returns: paths of what was moved, folders as one, in order.
    """
    folder = output / UNFINISHED
    results = folder / "results.json"
    if results.is_file():
        _rename_in(results, folder, output)
    for path in [*(folder / name for name in NOT_KEPT), *folder.glob(STATES)]:
        path.unlink(missing_ok=True)
    remove_temporary(folder)
    (output / results.name).unlink(missing_ok=True)
    moved = sorted(output / path.name for path in folder.iterdir() if not path.name.startswith("."))
    earlier, new = (
        made.listed(output),
        {path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir()},
    )
    made.remember(output, earlier | new)
    made.remove_stale(output, earlier, new)
    for path in sorted(folder.rglob("*"), key=lambda path: path == results):
        if not path.is_dir():
            target = output / path.relative_to(folder)
            target.parent.mkdir(parents=True, exist_ok=True)
            os.replace(path, target)
    shutil.rmtree(folder)
    made.remember(output, new)
    return moved


def _rename_in(results, folder, output):
    """results.json names the folder that it will lie in."""
    found = json.loads(results.read_text(encoding="utf-8"))
    parameters = found.get("parameters") if isinstance(found, dict) else None
    if isinstance(parameters, dict) and parameters.get("OUTPUT") == str(folder):
        parameters["OUTPUT"] = str(output)
        write_json(results, found)


def epochs_done(folder):
    """After which epoch an unfinished run goes on; 0 if from its beginning."""
    epochs = [0]
    for path in folder.glob(STATES):
        import numpy as np

        try:
            with np.load(path, allow_pickle=False) as file:
                epochs.append(json.loads(str(file["about"]))["epoch"] + 1)
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
            continue
    return max(epochs)


def note_share(folder, share):
    """Write how much of an unfinished run is done; that nobody can, because the disk is full, matters to nobody."""
    with suppress(OSError):
        (folder / SHARE).write_text(f"{share:.3f}", encoding="utf-8")


def share(output):
    """How much of the unfinished run of a run folder is done, or None if it does not say."""
    try:
        return float((output / UNFINISHED / SHARE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


@contextmanager
def undisturbed():
    """Ignore Ctrl-C while what it has stopped, or what is finished, is put away."""
    numbers = (signal.SIGINT, signal.SIGTERM)
    before = [signal.signal(number, signal.SIG_IGN) for number in numbers]
    try:
        yield
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)
