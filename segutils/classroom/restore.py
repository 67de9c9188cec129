"""Put a student's notebook back into the form in which it was released, whatever happened to it since.

Colab and other tools lose metadata; students delete, copy and edit test cells, and rename files and kernels. The result
is the released notebook with the student's answers in it, and the student's own cells in between: tests, texts and
metadata are never taken from the submission. Cells are matched by nbgrader's grade_id, or else by their content.
"""

import ast
import copy
import json
import re
from typing import NamedTuple

import nbformat
from rapidfuzz.distance import Indel

from segutils.classroom.inert import disarm
from segutils.classroom.magics import to_python

MAX_CELLS, MAX_TEXT = 500, 1_000_000  # cells of a submitted notebook, and characters in all of them
OWN_TAG = "own"  # marks a cell that the student added
SIMILAR = 0.7  # ratio of equal text from which a cell counts as an edited copy


class Cell(NamedTuple):
    """The parts of a submitted cell that are read."""

    kind: str
    text: str
    grade_id: str | None


def read(text):
    """The cells of a notebook file, given its bytes or text, which may hold anything.

    Raises: ValueError that says why this is no notebook.
    """
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        raise ValueError("the file is not a notebook (no JSON); was it cut off, or renamed to .ipynb?") from None
    if isinstance(content, dict) and "worksheets" in content:
        raise ValueError("the notebook has the format of before 2014; open and save it in JupyterLab")
    if not isinstance(content, dict) or not isinstance(content.get("cells"), list):
        raise ValueError("the file is JSON but not a notebook: it has no cells")
    if len(content["cells"]) > MAX_CELLS:
        raise ValueError(f"the notebook has {len(content['cells']):,} cells; at most {MAX_CELLS} are graded")
    cells = [_cell(cell) for cell in content["cells"] if isinstance(cell, dict)]
    if sum(len(cell.text) for cell in cells) > MAX_TEXT:
        raise ValueError(
            f"the notebook has {sum(len(c.text) for c in cells):,} characters; at most {MAX_TEXT:,} are graded"
        )
    return cells


def _cell(raw):
    source, metadata = raw.get("source", ""), raw.get("metadata")
    text = source if isinstance(source, str) else "".join(map(str, source)) if isinstance(source, list) else ""
    text = text.encode("utf-8", "replace").decode("utf-8")  # halves of characters, which no file can hold
    nbgrader = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    grade_id = nbgrader.get("grade_id") if isinstance(nbgrader, dict) else None
    kind = raw.get("cell_type")
    return Cell(kind if kind in ("code", "markdown") else "raw", text, grade_id if isinstance(grade_id, str) else None)


def restore(cells, release):
    """The released notebook with a student's answers.

    Args:
        cells: list of Cell, as `read` returns them.
        release: the notebook as it was handed out.
    Returns: the notebook; list of sentences that say what was repaired.
    Raises: ValueError if no answer cell of the assignment is among the cells.
    """
    match, notes = _match_cells(cells, release.cells)
    if not any(_is_solution(release.cells[r]) for r in match.values()):
        raise ValueError("no answer cell of this assignment is in the notebook; is it another assignment's?")
    answers = {r: cells[s].text for s, r in match.items() if _is_solution(release.cells[r])}
    own = _own_cells(cells, release, match)
    notes += _take_from_locked_cells(cells, release, match, own)
    for r, released in enumerate(release.cells):
        if _is_solution(released) and released.cell_type == "markdown":
            notes += _fill_from_own_cells(answers, own, r, released)
    restored = copy.deepcopy(release)
    restored.cells = _new_cells(own, -1)
    for r, released in enumerate(release.cells):
        cell = copy.deepcopy(released)
        if r in answers:
            unchanged = answers[r] == released.source or cell.cell_type == "code"
            cell.source = answers[r] if unchanged else disarm(answers[r])
        elif _is_solution(released):
            notes.append(f"the answer cell {_grade_id(released)} is missing")
        restored.cells += [cell, *_new_cells(own, r)]
    return restored, notes


def count_answers(cells, release):
    """How many answers a student has written: cells of the assignment that differ from the release.

    Args and raises: as `restore`.
    """
    restored, _ = restore(cells, release)
    released = {_grade_id(cell): cell.source.strip() for cell in release.cells if _is_solution(cell)}
    return sum(cell.source.strip() != released[_grade_id(cell)] for cell in restored.cells if _is_solution(cell))


def _own_cells(cells, release, match):
    """The student's own cells, by the index of the released cell that they follow; -1: they come first."""
    own, last = {}, -1
    for s, cell in enumerate(cells):
        last = match.get(s, last)
        if s not in match and cell.text.strip() and not _is_copy(cell, release.cells):
            own.setdefault(last, []).append(cell)
    return own


def _take_from_locked_cells(cells, release, match, own):
    """Make imports and functions that were added to a locked cell the student's own cell. Returns notes."""
    notes = []
    for s, r in match.items():
        released = release.cells[r]
        if _is_solution(released) or released.cell_type != "code" or cells[s].text == released.source:
            continue
        known = {ast.unparse(statement) for statement in _definitions(released.source)}
        added = [text for text in map(ast.unparse, _definitions(cells[s].text)) if text not in known]
        if added:
            own.setdefault(r, []).insert(0, Cell("code", "\n\n".join(added), None))
            notes.append(f"what was added to {_grade_id(released) or 'a locked cell'} is kept as a cell of its own")
    return notes


def _definitions(text):
    """The imports, functions and classes at the top level of a cell."""
    kinds = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.ClassDef)
    return [statement for statement in _statements(text) or [] if isinstance(statement, kinds)]


def _statements(text):
    """The top-level statements of a cell; None if it is no Python."""
    try:
        return ast.parse(to_python(text)).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _fill_from_own_cells(answers, own, r, released):
    """Take a written answer that stands below its untouched cell into it, so that a person reads it. Returns notes."""
    if answers.get(r, "").strip() not in ("", released.source.strip()):
        return []
    below = [cell for cell in own.get(r, ()) if cell.kind != "code" or _statements(cell.text) is None]
    if not below:
        return []
    answers[r] = "\n\n".join(cell.text for cell in below)
    own[r] = [cell for cell in own[r] if cell not in below]
    return [f"the answer to {_grade_id(released)} stood in a cell of its own"]


def _new_cells(own, r):
    """The student's own cells after the released cell r, as cells of a notebook."""
    cells = []
    for number, cell in enumerate(own.get(r, ())):
        new = nbformat.v4.new_code_cell if cell.kind == "code" else nbformat.v4.new_markdown_cell
        text = cell.text if cell.kind == "code" else disarm(cell.text)
        cells.append(new(text, id=f"own-{r + 1}-{number}", metadata={"tags": [OWN_TAG]}))
    return cells


def answer_cells(notebook):
    """The code cells of a restored notebook that the student wrote, in order, as Python."""
    return tuple(
        to_python(cell.source)
        for cell in notebook.cells
        if cell.cell_type == "code" and (_is_solution(cell) or OWN_TAG in cell.metadata.get("tags", []))
    )


def _match_cells(cells, released):
    """Which released cell each submitted cell is, {index of the cell: index of the released one}; and notes."""
    notes, match = [], {}
    known = {_grade_id(cell): r for r, cell in enumerate(released) if _grade_id(cell)}
    claims = {}
    for s, cell in enumerate(cells):
        if cell.grade_id in known:
            claims.setdefault(known[cell.grade_id], []).append(s)
    for r, claimants in claims.items():
        changed = [s for s in claimants if cells[s].text != released[r].source]
        match[(changed or claimants)[-1]] = r
        if len(claimants) > 1:
            notes.append(f"{len(claimants)} cells are {_grade_id(released[r])}")
        if changed and not _is_solution(released[r]):
            notes.append(f"{_grade_id(released[r])} was edited; the released cell counts")
    lost = [name for name in known if known[name] not in match.values()]
    for found in (_by_text, _by_names, _by_similarity, _by_position):
        for r in range(len(released)):
            if r not in match.values():
                s = found(cells, released, match, r)
                if s is not None:
                    match[s] = r
    if lost:
        notes.append(f"{len(lost)} of {len(known)} cells had lost their metadata or were deleted")
    return match, notes


def _by_text(cells, released, match, r):
    return next((s for s, c in _unmatched(cells, match) if c.text.strip() == released[r].source.strip()), None)


def _by_names(cells, released, match, r):
    """The last cell that defines what the released answer cell defines."""
    names = _defined_names(released[r].source) if _is_solution(released[r]) else None
    return next((s for s, c in reversed(_unmatched(cells, match)) if names and names <= _defined_names(c.text)), None)


def _by_similarity(cells, released, match, r):
    """The most similar cell, for released cells that are not answers: tests and texts that were edited."""
    if _is_solution(released[r]):
        return None
    alike = [
        (_similarity(c.text, released[r].source), s)
        for s, c in _unmatched(cells, match)
        if c.kind == released[r].cell_type
    ]
    best = max(alike, default=(0, None))
    return best[1] if best[0] > SIMILAR else None


def _by_position(cells, released, match, r):
    """For an answer: the cell of its type that follows the cell before it."""
    before = next((s for s, other in match.items() if other == r - 1), None)
    if not _is_solution(released[r]) or before is None:
        return None
    free = dict(_unmatched(cells, match))
    return before + 1 if before + 1 in free and free[before + 1].kind == released[r].cell_type else None


def _unmatched(cells, match):
    return [(s, cell) for s, cell in enumerate(cells) if s not in match and cell.text.strip()]


def _is_copy(cell, released):
    """Whether an unmatched cell repeats a released cell that is not an answer, edited or not."""
    return any(
        cell.kind == other.cell_type and not _is_solution(other) and _similarity(cell.text, other.source) > SIMILAR
        for other in released
    )


def _similarity(text, other):
    """The share of equal text, 0 if it is below SIMILAR."""
    return Indel.normalized_similarity(text[:5000], other[:5000], score_cutoff=SIMILAR)


def _defined_names(text):
    """Names of the functions, classes and variables that code defines at its top level."""
    statements = _statements(text)
    if statements is None:
        return set(re.findall(r"^(?:def|class) (\w+)", text, re.MULTILINE))
    names = {s.name for s in statements if isinstance(s, (ast.FunctionDef, ast.ClassDef))}
    targets = [t for s in statements if isinstance(s, ast.Assign) for t in s.targets]
    return names | {target.id for target in targets if isinstance(target, ast.Name)}


def _grade_id(cell):
    return cell.metadata.get("nbgrader", {}).get("grade_id")


def _is_solution(cell):
    return cell.metadata.get("nbgrader", {}).get("solution", False)
