"""What a class handed in: a folder or a zip of any shape → one notebook per student."""

import io
import re
import time
import zipfile
from pathlib import Path, PurePosixPath
from typing import NamedTuple

MAX_BYTES = 20_000_000  # of a notebook that is handed in


class HandIn(NamedTuple):
    """A file that somebody handed in."""

    student: str
    content: bytes
    changed: float  # seconds since 1970


def hand_ins(source, assignment):
    """The notebooks in a folder or zip, as students hand them in, one a student.

    A file belongs to the student after whom its first folder is called (alice/anything.ipynb, Moodle's
    Ann Lee_123_assignsubmission_file/…), or else the file (alice.ipynb, alice_01_convolution (1).ipynb). Of several
    notebooks of one student the one with the most cells of the assignment counts, then the newest.

    Returns: list of HandIn; dict of name → why it is none.
    """
    found, problems = {}, {}
    entries = list(_entries(Path(source)))
    while len(entries) > 1 and len({parts[0] for parts, *_ in entries}) == 1 and all(len(e[0]) > 1 for e in entries):
        entries = [(parts[1:], *rest) for parts, *rest in entries]  # one folder around everything
    for parts, content, changed in entries:
        student = _student(parts, assignment)
        if not student:
            problems["/".join(parts)] = "whose is it? Name the file, or the folder around it, after the student"
        elif content is None:
            problems[student] = f"{parts[-1]} is larger than {MAX_BYTES // 10**6} MB"
        elif not parts[-1].endswith(".ipynb"):
            problems[student] = f"{parts[-1]} is not a notebook (.ipynb)"
        else:
            found.setdefault(student, []).append(HandIn(student, content, changed))
    best = [max(several, key=_closeness(assignment)) for several in found.values()]
    return sorted(best), {name: why for name, why in problems.items() if name not in found}


def _closeness(assignment):
    return lambda hand_in: (hand_in.content.count(b"grade_id"), assignment.encode() in hand_in.content, hand_in.changed)


def _entries(source):
    """Parts of the name, content (None: too large) and time of all files in a folder or zip; zips in it are opened."""
    if not source.exists():
        raise FileNotFoundError(f"{source} does not exist; expected a folder or a zip of what students handed in")
    if source.is_file():
        yield from _zip_entries((), source.read_bytes(), source)
        return
    for path in sorted(source.rglob("*")):
        parts = path.relative_to(source).parts
        if not path.is_file() or path.is_symlink() or _is_litter(parts):
            continue
        if path.suffix == ".zip":
            yield from _zip_entries((*parts[:-1], path.stem), path.read_bytes(), path)
        else:
            small = path.stat().st_size <= MAX_BYTES
            yield parts, path.read_bytes() if small else None, path.stat().st_mtime


def _zip_entries(above, content, name):
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
    except zipfile.BadZipFile:
        yield (*(above or (Path(name).stem,)), f"{Path(name).name}"), b"", 0.0
        return
    for entry in archive.infolist():
        parts = (*above, *(part for part in PurePosixPath(entry.filename).parts if part not in ("/", "..")))
        if entry.is_dir() or _is_litter(parts):
            continue
        changed = time.mktime((*entry.date_time, 0, 0, -1))
        inside = archive.read(entry) if entry.file_size <= MAX_BYTES else None
        if parts[-1].endswith(".zip") and inside and not above:
            yield from _zip_entries((*parts[:-1], parts[-1][:-4]), inside, parts[-1])
        else:
            yield parts, inside, changed


def _is_litter(parts):
    return any(part.startswith((".", "__MACOSX")) or part == "timestamp.txt" for part in parts)


def _student(parts, assignment):
    """Who handed in a file of this name; "" if it does not say."""
    name = parts[0]
    if len(parts) == 1:
        name = re.sub(r"\.\w+$", "", name)
        name = re.sub(rf"{re.escape(assignment)}|^copy of |-copy\d*$|\s*\(\d+\)$", "", name, flags=re.IGNORECASE)
    name = re.sub(r"(_\d+)?_assignsubmission_.*", "", name)
    return re.sub(r"[^\w.@-]+", "_", name).strip("_.-@ ")
