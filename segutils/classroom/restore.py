"""Put a student's notebook back into the form of the release, whatever happened to it on the way.

Colab and others lose metadata; students delete, copy and edit test cells, rename files and kernels. The result is the
released notebook with the student's answers in it and the student's own cells between: tests, texts and metadata are
never taken from what came in. Cells are matched by nbgrader's grade_id, else by what they hold.
"""

import ast
import copy
import difflib
import json
import re
from typing import NamedTuple

import nbformat

OWN = "own"  # tag of a cell that the student added


class Cell(NamedTuple):
    """What is looked at of a cell that came in."""

    kind: str
    text: str
    grade_id: str | None


def read(text):
    """The cells of a notebook file, given its bytes or text, with as little trust as possible.

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
    return [_cell(cell) for cell in content["cells"] if isinstance(cell, dict)]


def _cell(raw):
    source, metadata = raw.get("source", ""), raw.get("metadata")
    text = source if isinstance(source, str) else "".join(map(str, source)) if isinstance(source, list) else ""
    nbgrader = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    grade_id = nbgrader.get("grade_id") if isinstance(nbgrader, dict) else None
    kind = raw.get("cell_type")
    return Cell(kind if kind in ("code", "markdown") else "raw", text, grade_id if isinstance(grade_id, str) else None)


def restore(cells, release):
    """The released notebook with a student's answers.

    Args:
        cells: list of Cell, as `read` gives them.
        release: the notebook as it was handed out.
    Returns: the notebook; list of sentences on what was mended.
    Raises: ValueError if nothing of the assignment is found in the cells.
    """
    match, notes = _matches(cells, release.cells)
    if not any(_is_solution(release.cells[r]) for r in match.values()):
        raise ValueError("no answer cell of this assignment is in the notebook; is it another assignment's?")
    answers = {r: cells[s] for s, r in match.items()}
    own = {}  # the student's own cells, by the released cell that they follow
    last = -1
    for s, cell in enumerate(cells):
        last = match.get(s, last)
        if s not in match and cell.text.strip() and not _is_copy(cell, release.cells):
            own.setdefault(last, []).append(cell)
    mended = copy.deepcopy(release)
    mended.cells = [_own(cell, f"own-0-{i}") for i, cell in enumerate(own.get(-1, ()))]
    for r, released in enumerate(release.cells):
        cell = copy.deepcopy(released)
        if _is_solution(released):
            if r in answers:
                cell.source = answers[r].text
            else:
                notes.append(f"the answer cell {_grade_id(released)} is missing")
        mended.cells += [cell, *(_own(mine, f"own-{r + 1}-{i}") for i, mine in enumerate(own.get(r, ())))]
    return mended, notes


def answer_cells(notebook):
    """Texts of the code cells of a repaired notebook that are the student's, in order, without magics."""
    return tuple(
        _without_magics(cell.source)
        for cell in notebook.cells
        if cell.cell_type == "code" and (_is_solution(cell) or OWN in cell.metadata.get("tags", []))
    )


def _matches(cells, released):
    """Which released cell each cell is, {number of the cell: number of the released one}, and notes."""
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
    for found in (_by_text, _by_names, _by_likeness, _by_place):
        for r in range(len(released)):
            if r not in match.values():
                s = found(cells, released, match, r)
                if s is not None:
                    match[s] = r
    if lost:
        notes.append(f"{len(lost)} of {len(known)} cells had lost their metadata or were deleted")
    return match, notes


def _by_text(cells, released, match, r):
    return next((s for s, c in _free(cells, match) if c.text.strip() == released[r].source.strip()), None)


def _by_names(cells, released, match, r):
    """The last cell that defines what the released answer cell defines."""
    names = _defined(released[r].source) if _is_solution(released[r]) else None
    return next((s for s, c in reversed(_free(cells, match)) if names and names <= _defined(c.text)), None)


def _by_likeness(cells, released, match, r):
    """The most similar cell, for released cells that are no answers: edited tests and texts."""
    if _is_solution(released[r]):
        return None
    alike = [
        (_likeness(c.text, released[r].source), s) for s, c in _free(cells, match) if c.kind == released[r].cell_type
    ]
    best = max(alike, default=(0, None))
    return best[1] if best[0] > 0.7 else None


def _by_place(cells, released, match, r):
    """For a written answer: the text cell right after the cell that is the released one's predecessor."""
    before = next((s for s, other in match.items() if other == r - 1), None)
    if not _is_solution(released[r]) or before is None:
        return None
    free = dict(_free(cells, match))
    return before + 1 if before + 1 in free and free[before + 1].kind == released[r].cell_type else None


def _free(cells, match):
    return [(s, cell) for s, cell in enumerate(cells) if s not in match and cell.text.strip()]


def _is_copy(cell, released):
    """Whether a cell that is left over repeats a released one that is no answer, edited or not."""
    return any(
        cell.kind == other.cell_type and not _is_solution(other) and _likeness(cell.text, other.source) > 0.7
        for other in released
    )


def _likeness(text, other):
    matcher = difflib.SequenceMatcher(None, text[:5000], other[:5000], autojunk=False)
    return matcher.ratio() if matcher.real_quick_ratio() > 0.7 and matcher.quick_ratio() > 0.7 else 0.0


def _defined(text):
    """Names of the functions and variables that code defines at its top level."""
    try:
        statements = ast.parse(_without_magics(text)).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return set(re.findall(r"^(?:def|class) (\w+)", text, re.MULTILINE))
    names = {s.name for s in statements if isinstance(s, (ast.FunctionDef, ast.ClassDef))}
    targets = [t for s in statements if isinstance(s, ast.Assign) for t in s.targets]
    return names | {target.id for target in targets if isinstance(target, ast.Name)}


def _without_magics(text):
    """Lines that IPython alone understands (%…, !…) replaced by `pass`; a cell magic makes the cell empty."""
    if text.lstrip().startswith("%%"):
        return ""
    return re.sub(r"^([ \t]*)[%!].*$", r"\1pass", text, flags=re.MULTILINE)


def _own(cell, name):
    new = nbformat.v4.new_code_cell if cell.kind == "code" else nbformat.v4.new_markdown_cell
    return new(cell.text, id=name, metadata={"tags": [OWN]})


def _grade_id(cell):
    return cell.metadata.get("nbgrader", {}).get("grade_id")


def _is_solution(cell):
    return cell.metadata.get("nbgrader", {}).get("solution", False)
