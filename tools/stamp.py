"""Address the course to a fork: its Colab links and the address that Colab clones, in every file at once.

python tools/stamp.py your-name/your-fork
python tools/stamp.py OWNER/REPO             these very words take it back
"""

import argparse
import hashlib
import json
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
from segutils.plumbing.storage import atomic_write  # noqa: E402

# Every link to Colab that opens one of our notebooks or their list, and every address behind "clone", is the course's.
NAME = r"[\w.-]+/[\w.-]+"
PLACES = re.compile(
    rf"(https://colab\.research\.google\.com/github/){NAME}(?=/blob/[\w.-]+/(?:notebooks|assignments)/|/?[)\s])"
    rf"|(\bclone\b[^\n]{{0,60}}?https://github\.com/){NAME}(?<!\.git)"
)
UNSTAMPED = "OWNER/REPO"
BADGE = re.compile(r"(?:<!-- )?(\[Open in Colab\]\(\S+\) ·)(?: -->)?")  # a comment while it would lead nowhere


def stamp(name, root):
    """Write OWNER/REPO into README, sources, notebooks and assignments; run again with another name to change it back.

    Args:
        name: "owner/repo" as on GitHub.
        root: Path of the course.
    Returns: the Paths of the files that changed, each replaced as a whole.
    Raises: ValueError if GitHub can't have such a name.
    """
    owner, _, repository = name.partition("/")
    right = re.fullmatch(r"[A-Za-z0-9](-?[A-Za-z0-9]){0,38}", owner) and re.fullmatch(
        r"[A-Za-z0-9._-]{1,100}", repository
    )
    if not right or repository in (".", "..") or repository.endswith(".git"):
        raise ValueError(f"expected OWNER/REPO as in github.com/OWNER/REPO, such as octocat/segmentation; got {name!r}")
    changed = []
    for path in _files(root):
        text = path.read_bytes().decode("utf-8")
        stamped = PLACES.sub(lambda found: (found[1] or found[2]) + name, text)
        stamped = BADGE.sub(r"<!-- \1 -->" if name == UNSTAMPED else r"\1", stamped)
        if path.suffix == ".ipynb":
            stamped = _with_derived_ids(text, stamped)
        if stamped != text:
            with atomic_write(path) as temporary:
                temporary.write_bytes(stamped.encode("utf-8"))
            changed.append(path)
    return changed


def _files(root):
    rooms = [root / name for name in ("notebooks", "sources", "assignments")]
    found = [
        *root.glob("*.md"),
        *(p for room in rooms for end in ("py", "ipynb", "md") for p in room.rglob(f"*.{end}")),
    ]
    return sorted(path for path in found if ".ipynb_checkpoints" not in path.parts)


def derived_ids(cells):
    """The ids of (type, source) cells, from their text: so a notebook that is built again keeps them."""
    seen, ids = {}, []
    for kind, source in cells:
        digest = hashlib.sha256(f"{kind}\n{source}".encode()).hexdigest()[:8]
        seen[digest] = seen.get(digest, 0) + 1
        ids.append(digest if seen[digest] == 1 else f"{digest}-{seen[digest]}")
    return ids


def _with_derived_ids(old, new):
    """The new text of a notebook file, its ids in step with its cells where they were so in the old one."""
    before, after = ([(c["cell_type"], "".join(c["source"])) for c in json.loads(text)["cells"]] for text in (old, new))
    for cell, derived, wanted in zip(json.loads(old)["cells"], derived_ids(before), derived_ids(after), strict=True):
        if cell.get("id") == derived != wanted:
            new = new.replace(f'"id": "{derived}"', f'"id": "{wanted}"', 1)
    return new


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("name", metavar="OWNER/REPO")
    name = parser.parse_args().name
    try:
        changed = stamp(name, ROOT)
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    for path in changed:
        print(path.relative_to(ROOT))
    print(f"{len(changed)} files now point to github.com/{name}" if changed else f"all point to {name} already")
    return 0


if __name__ == "__main__":
    sys.exit(main())
