"""Find one notebook per student in what a class handed in, a folder or zip of any layout."""

import io
import re
import time
import zipfile
from pathlib import Path, PurePosixPath
from typing import NamedTuple

MAX_BYTES = 20_000_000  # of one submitted notebook


class Submission(NamedTuple):
    """A notebook that a student handed in."""

    student: str
    content: bytes
    modified: float  # seconds since 1970


def find_submissions(source, assignment):
    """The submitted notebooks in a folder or zip, one per student.

    The student's name is that of the first folder (alice/anything.ipynb, Moodle's
    Ann Lee_123_assignsubmission_file/…), or else of the file (alice.ipynb, alice_01_convolution (1).ipynb). If a
    student handed in several notebooks, the one with the most cells of the assignment counts, then the newest.

    Returns: list of Submission, sorted by student; dict of name → reason why nothing could be collected.
    """
    found, problems = {}, {}
    entries = list(_entries(Path(source)))
    while len(entries) > 1 and len({parts[0] for parts, *_ in entries}) == 1 and all(len(e[0]) > 1 for e in entries):
        entries = [(parts[1:], *rest) for parts, *rest in entries]  # one folder around everything
    for parts, content, modified in entries:
        student = _student_name(parts, assignment)
        if not student:
            problems["/".join(parts)] = "whose is it? Name the file, or the folder around it, after the student"
        elif content is None:
            problems[student] = f"{parts[-1]} is larger than {MAX_BYTES // 10**6} MB"
        elif not parts[-1].endswith(".ipynb"):
            problems[student] = f"{parts[-1]} is not a notebook (.ipynb)"
        else:
            found.setdefault(student, []).append(Submission(student, content, modified))
    best = [max(several, key=lambda one: _preference(one, assignment)) for several in found.values()]
    return sorted(best), {name: why for name, why in problems.items() if name not in found}


def _preference(submission, assignment):
    content = submission.content
    return content.count(b"grade_id"), assignment.encode() in content, submission.modified


def _entries(source):
    """Path parts, content (None if too large) and time of each file in a folder or zip; zips inside are opened."""
    if not source.exists():
        raise FileNotFoundError(f"{source} does not exist; expected a folder or a zip of what students handed in")
    if source.is_file():
        yield from _zip_entries((), source.read_bytes(), source)
        return
    for path in sorted(source.rglob("*")):
        parts = path.relative_to(source).parts
        if not path.is_file() or path.is_symlink() or _is_junk(parts):
            continue
        if path.suffix == ".zip":
            yield from _zip_entries((*parts[:-1], path.stem), path.read_bytes(), path)
        else:
            small = path.stat().st_size <= MAX_BYTES
            yield parts, path.read_bytes() if small else None, path.stat().st_mtime


def _zip_entries(above, content, name):
    """The same for a zip, given the path parts above it; a zip inside it is opened, but none inside that."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
    except zipfile.BadZipFile:
        yield (*(above or (Path(name).stem,)), Path(name).name), b"", 0.0
        return
    for entry in archive.infolist():
        parts = (*above, *(part for part in PurePosixPath(entry.filename).parts if part not in ("/", "..")))
        if entry.is_dir() or _is_junk(parts):
            continue
        modified = time.mktime((*entry.date_time, 0, 0, -1))
        inside = archive.read(entry) if entry.file_size <= MAX_BYTES else None
        if parts[-1].endswith(".zip") and inside and not above:
            yield from _zip_entries((*parts[:-1], parts[-1][:-4]), inside, parts[-1])
        else:
            yield parts, inside, modified


def _is_junk(parts):
    return any(part.startswith((".", "__MACOSX")) or part == "timestamp.txt" for part in parts)


def _student_name(parts, assignment):
    """The student whose name the path holds; "" if it holds none."""
    name = parts[0]
    if len(parts) == 1:
        name = re.sub(r"\.\w+$", "", name)
        name = re.sub(rf"{re.escape(assignment)}|^copy of |-copy\d*$|\s*\(\d+\)$", "", name, flags=re.IGNORECASE)
    name = re.sub(r"(_\d+)?_assignsubmission_.*", "", name)
    return re.sub(r"[^\w.@-]+", "_", name).strip("_.-@ ")
