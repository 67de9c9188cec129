"""What is known of an assignment's submissions between two calls of `grade`: where each came from, and how it went."""

import hashlib
import json
from datetime import UTC, datetime

from segutils.classroom import interrupts
from segutils.classroom.collect import own_name
from segutils.classroom.steps import release_path, secret
from segutils.plumbing.storage import atomic_write, write_json


def path_in(root, assignment, student, step="submitted"):
    """Where nbgrader keeps a student's notebook, or the feedback page."""
    suffix = ".html" if step == "feedback" else ".ipynb"
    return root / step / student / assignment / f"{assignment}{suffix}"


class Record:
    """The record of an assignment, kept in round_<assignment>.json in the folder of the course.

    problems: dict of name → why nothing could be collected.
    """

    def __init__(self, root, assignment):
        self.root, self.assignment = root, assignment
        self.path = root / f"round_{assignment}.json"
        known = json.loads(self.path.read_text(encoding="utf-8")) if self.path.exists() else {}
        self.problems, self.students = known.get("problems", {}), known.get("students", {})

    def collected(self, submissions, problems):
        """Put what came in to where nbgrader looks for it; what was there before is kept in replaced/."""
        for submission in submissions:
            interrupts.check()
            student, notes, content = submission.student, submission.notes, submission.read()
            origin = self.students.get(student, {}).get("origin", submission.origin)
            if origin != submission.origin and self._path(student).exists() and not self._holds(student, content):
                student = self._free_name(submission.origin)
                notes = (f"is this {submission.student}, who handed in {origin}? Graded apart, as {student}", *notes)
            if not self._holds(student, content):
                if self._path(student).exists():
                    notes = (f"an earlier hand-in was replaced; it is kept as {self._keep(student)}", *notes)
                self._write(student, content, submission.modified)
                self.students[student] = {"origin": submission.origin, "collecting": notes}
            self.students.setdefault(student, {"origin": submission.origin, "collecting": notes})
            self.problems.pop(student, None)
        for name, why in problems.items():
            if name in self.students:
                self.students[name]["collecting"] = [f"a newer hand-in could not be read ({why}); the earlier counts"]
            else:
                self.problems[name] = why
        self._save()

    def _free_name(self, origin):
        """A name for a hand-in from this place that is nobody else's."""
        name = own_name(origin)
        while self.students.get(name, {}).get("origin", origin) != origin:
            name += "_"
        return name

    def digest(self, student):
        """What the points depend on, in 64 letters: submission, release, grader and secret."""
        paths = (
            self._path(student),
            release_path(self.root, self.assignment),
            self.root / "graders" / f"{self.assignment}.py",
        )
        parts = [hashlib.sha256(path.read_bytes()).hexdigest() for path in paths]
        return hashlib.sha256(f"{parts} {secret(self.root)}".encode()).hexdigest()

    def is_graded(self, student, digest):
        """Whether a student was graded with this digest, and the result is still there."""
        graded = path_in(self.root, self.assignment, student, "autograded")
        return self.students.get(student, {}).get("digest") == digest and graded.exists()

    def graded(self, student, digest, notes):
        """Remember that a student is graded, and the notes that grading gave."""
        self.students.setdefault(student, {}).update(digest=digest, grading=notes)
        self._save()

    def notes_of(self, student):
        """All notes about a student, from collecting and from grading."""
        entry = self.students.get(student, {})
        return (*entry.get("collecting", ()), *entry.get("grading", ()))

    def _path(self, student):
        return path_in(self.root, self.assignment, student)

    def _holds(self, student, content):
        return self._path(student).exists() and self._path(student).read_bytes() == content

    def _write(self, student, content, modified):
        with atomic_write(self._path(student)) as temporary:
            temporary.write_bytes(content)
        when = datetime.fromtimestamp(modified, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
        self._path(student).with_name("timestamp.txt").write_text(when, encoding="utf-8")

    def _keep(self, student):
        """Copy a submission that is about to be replaced. Returns the copy's path, from the course's folder."""
        folder = self.root / "replaced" / student / self.assignment
        kept = folder / f"{len(list(folder.glob('*'))) + 1}.ipynb"
        with atomic_write(kept) as temporary:
            temporary.write_bytes(self._path(student).read_bytes())
        return kept.relative_to(self.root)

    def _save(self):
        write_json(self.path, {"problems": self.problems, "students": self.students})
