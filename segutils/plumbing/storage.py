"""Where the course's own files lie, and writing that never leaves half a file."""

import json
import math
import os
import re
import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent.parent
_HOME = _PACKAGE if (_PACKAGE / "notebooks").is_dir() else _PACKAGE.parent  # an installed package has them inside
DATA, NOTEBOOKS = _HOME / "data", _HOME / "notebooks"
CHECKOUT = _PACKAGE.parent if (_PACKAGE.parent / "pyproject.toml").is_file() else None
ASSIGNMENTS = (CHECKOUT or Path.cwd()) / "assignments"  # a course of nbgrader, which a teacher has as a checkout
TEMPORARY = re.compile(r"\..+-[a-z0-9_]{8}(\.[^.]*)?")  # names that tempfile makes of a prefix with a dot


@contextmanager
def atomic_write(path):
    """A temporary name beside `path` to write to; it becomes `path` when the block ends well, and vanishes if not.

    So a reader finds the old file or the new one, never half of one, whatever stops the writer.

    Raises: OSError that says which file could not be written and that the earlier one is kept.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.stem}-", suffix=path.suffix)
    os.close(handle)
    try:
        yield Path(temporary)
        with open(temporary, "rb+") as file:
            os.fsync(file.fileno())
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except OSError as error:
        if error.errno is None:  # not from the disk, but from what the block does
            raise
        kept = "the earlier one is kept" if path.exists() else "nothing was written"
        raise OSError(error.errno, f"could not write {path.name} ({error.strerror or error}); {kept}") from error
    finally:
        Path(temporary).unlink(missing_ok=True)


def remove_temporary(folder):
    """Remove what writers that were killed left below a folder: files that never got their name, and their folders."""
    for path in [path for path in Path(folder).rglob(".*") if TEMPORARY.fullmatch(path.name)]:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


def write_json(path, content):
    """Write `content` to `path` as JSON, all or nothing. NumPy numbers and arrays become plain ones, NaN becomes null.

    JSON has neither NaN nor infinity, and most programs refuse a file that holds one.
    """
    with atomic_write(path) as temporary:
        plain = json.dumps(_plain(content), indent=2, ensure_ascii=False, allow_nan=False)
        temporary.write_text(plain + "\n", encoding="utf-8", errors="backslashreplace")  # JSON has them so, too


def _plain(content):
    """The same for JSON: of plain numbers, lists and dicts alone."""
    if isinstance(content, dict):
        return {key: _plain(value) for key, value in content.items()}
    if isinstance(content, (list, tuple)):
        return [_plain(value) for value in content]
    if hasattr(content, "tolist"):
        return _plain(content.tolist())
    return None if isinstance(content, float) and not math.isfinite(content) else content
