"""Find the students' notebooks in what a class handed in, a folder or zip of any layout.

Nothing is lost and nobody is merged: where it is not certain that two notebooks are one student's, both are kept, each
under a name of its own, and a note asks the teacher.
"""

import re
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from segutils.classroom import interrupts, restore
from segutils.classroom.incoming import READ_ERRORS, list_files

MAX_STUDENT_BYTES, MAX_STUDENT_FILES = 60_000_000, 50  # of all that lies in one student's place
MOODLE = re.compile(r"_\d+_assignsubmission_\w+$")
COPY_MARK = re.compile(r"[ _-]*(\(\d+\)|Copy\d*)$")


class Submission(NamedTuple):
    """A notebook that a student handed in."""

    student: str
    modified: float  # seconds since 1970
    read: Callable  # () → bytes
    origin: str  # the folder or file that names the student, as it came in
    notes: tuple = ()  # for the teacher


class _Place(NamedTuple):
    """Where files come from that are certainly one student's: the name that it gives; and all that it says."""

    student: str
    origin: str


class _Candidate(NamedTuple):
    """A notebook that can be graded."""

    answers: int  # how many answers differ from the release
    file: object
    texts: tuple


def find_submissions(source, assignment, release):
    """The submitted notebooks in a folder or zip.

    The student's name is that of the folder (alice/anything.ipynb, group1/alice/…, Moodle's
    Ann Lee_123_assignsubmission_file/…), or else of the file (alice.ipynb, alice_01_convolution (1).ipynb). Of several
    notebooks in one place that with the most answers counts, then the newest.

    Args:
        source: path of the folder or zip.
        assignment: name of the assignment.
        release: the notebook as it was handed out.
    Returns: list of Submission, sorted by student; dict of name → reason why nothing could be collected.
    Raises: FileNotFoundError if there is no such folder or zip.
    """
    files = _without_outer_folder(list_files(Path(source)))
    groups = _group_folders(files, assignment)
    places, problems = {}, {}
    for file in files:
        place = _place(file.parts, assignment, groups)
        if place.student:
            places.setdefault(place, []).append(file)
        else:
            problems["/".join(file.parts)] = "whose is it? Name the file, or the folder around it, after the student"
    by_student = {}
    for place, several in places.items():
        interrupts.check()
        by_student.setdefault(place.student, []).append((place, *_best_of(several, release)))
    submissions = []
    for student, several in by_student.items():
        readable = [one for one in several if one[1]]
        unreadable = [note for _, best, notes in several if not best for note in notes]
        if readable:
            submissions += _with_own_names(student, readable, unreadable)
        else:
            problems[student] = "; ".join(unreadable)
    return sorted(submissions), problems


def is_notebook(name):
    """Whether a file's name ends like a notebook's, also if a browser or mail program added an ending."""
    return name.lower().endswith((".ipynb", ".ipynb.txt", ".ipynb.json"))


def _without_outer_folder(files):
    """The files, without folders that are around everything."""
    while len(files) > 1 and len({file.parts[0] for file in files}) == 1 and all(len(f.parts) > 1 for f in files):
        files = [file._replace(parts=file.parts[1:]) for file in files]
    return files


def _group_folders(files, assignment):
    """Outermost folders in which several students have folders (group1/alice/…), each with whether that is certain.

    A folder that Moodle names is one student's. Where few folders hold others, these may be versions of one student's
    work (alice/v1/…, alice/v2/…): then it is not certain.
    """
    inside, first_folders = {}, set()
    for file in files:
        if len(file.parts) > 1 and is_notebook(file.parts[-1]):
            first_folders.add(file.parts[0])
            if len(file.parts) > 2 and not MOODLE.search(file.parts[0]):
                inside.setdefault(file.parts[0], set()).add(file.parts[1])
    several = {first for first, folders in inside.items() if len(folders - {assignment}) > 1}
    if 2 * len(several) <= len(first_folders):
        return dict.fromkeys(several, False)
    return {first: True for first, folders in inside.items() if assignment not in folders}


def _place(parts, assignment, groups):
    """The place of a file: its first folder, a folder in that of a group, or the file itself."""
    stem = re.sub(r"\.(ipynb\.)?\w+$", "", parts[-1])
    if len(parts) == 1:
        return _Place(safe_name(_without_assignment(stem, assignment)), stem)
    depth = 2 if parts[0] in groups and len(parts) > 2 else 1
    name = parts[depth - 1] if depth == 1 or groups[parts[0]] else " ".join(parts[:depth])
    student = MOODLE.sub("", name)
    within = _without_assignment(stem, assignment)
    folder = "/".join(parts[:depth])
    return _Place(safe_name(student), f"{folder}/{within}" if within else folder)


def _without_assignment(name, assignment):
    """The name without the assignment's, marks of copies and separators; "" if nothing is left."""
    name = COPY_MARK.sub("", re.sub(r"^(Copy of|Kopie von|Copie de) ", "", name))
    name = re.sub(rf"[ _-]*{re.escape(assignment)}[ _-]*", " ", name).strip(" _-.")
    return COPY_MARK.sub("", name)


def safe_name(name):
    """A name for folders and pages: letters of any script, digits, spaces and . _ @ + - ' ( ) stay as they are."""
    kept = (c if unicodedata.category(c)[0] in "LMN" or c in " ._@+-'’()" else "_" for c in name)
    name = re.sub(r"\s+", " ", unicodedata.normalize("NFC", "".join(kept))).strip(" ._+-=@'")[:80]
    return name.encode()[:200].decode(errors="ignore").strip()  # file systems allow 255 bytes


def _best_of(files, release):
    """The Candidate that counts among the files of one place, or None; and notes: what else there is, what is wrong."""
    candidates, notes, size = [], [], 0
    for number, file in enumerate(sorted(files, key=lambda one: -one.modified)):
        if number >= MAX_STUDENT_FILES or size > MAX_STUDENT_BYTES:
            notes.append(f"of {len(files)} files only the newest {number} were looked at")
            break
        size += file.size
        if not is_notebook(file.parts[-1]):
            notes.append(file.problem or f"{file.parts[-1]} is not a notebook (.ipynb)")
            continue
        try:
            cells = restore.read(file.read())
            candidates.append(_Candidate(restore.count_answers(cells, release), file, tuple(c.text for c in cells)))
        except READ_ERRORS as error:
            notes.append(str(error) or f"{file.parts[-1]} cannot be read: {type(error).__name__}")
    if not candidates:
        return None, notes
    best = max(candidates, key=lambda one: (one.answers, one.file.modified))
    others = [one.file.parts[-1] for one in candidates if one.texts != best.texts and one.answers]
    if others:
        notes.insert(0, f"of several notebooks {best.file.parts[-1]} counts, not {', '.join(others)}")
    return best, notes


def _with_own_names(student, several, unreadable):
    """Submissions for each (place, Candidate, notes) of one name; of several, those with answers, under own names."""
    answered = [one for one in several if one[1].answers] or several[:1]
    different = []
    for one in sorted(answered, key=lambda one: (len(one[0].origin), one[0].origin)):
        if all(one[1].texts != other[1].texts for other in different):
            different.append(one)
    names = {}
    for place, _, _ in different:
        name = student if len(different) == 1 or safe_name(place.origin) == student else own_name(place.origin)
        while name in names:
            name += "_"
        names[name] = place
    ignored = [place.origin for place, best, _ in several if not best.answers and place not in names.values()]
    common = [f"not answered, so it does not count: {origin}" for origin in ignored] + unreadable
    if len(names) > 1:
        common.insert(0, f"one student? Graded apart: {', '.join(f'{p.origin} as {n}' for n, p in names.items())}")
    return [
        Submission(name, best.file.modified, best.file.read, place.origin, (*common, *notes))
        for name, (place, best, notes) in zip(names, different, strict=True)
    ]


def own_name(origin):
    """A name that no other origin has: of the whole path, with Moodle's number."""
    return safe_name(re.sub(r"(_\d+)_assignsubmission_\w+", r"\1", origin).replace("/", " "))
