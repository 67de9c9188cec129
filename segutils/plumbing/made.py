"""What a program made in a folder, remembered there, so that the next one leaves none of it behind as if it were new.

Only listed files are ever removed: what others put into the folder stays.
"""

import json
from pathlib import Path, PurePosixPath

from segutils.plumbing.storage import write_json

LIST = ".made.json"


def listed(folder):
    """Names (relative, with slashes) of what the last program made in a folder; an empty set where none can be read."""
    try:
        names = json.loads((Path(folder) / LIST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return set()
    names = [name for name in names if isinstance(name, str)] if isinstance(names, list) else []
    return {name for name in names if not PurePosixPath(name).is_absolute() and ".." not in PurePosixPath(name).parts}


def remember(folder, names):
    """Write the list of what is made in a folder."""
    write_json(Path(folder) / LIST, sorted(names))


def remove_stale(folder, earlier, names):
    """Remove what was made earlier and is not among `names`, and the folders that this leaves empty."""
    for name in sorted(earlier - set(names)):
        path = Path(folder) / name
        path.unlink(missing_ok=True)
        for above in list(path.parents)[: len(PurePosixPath(name).parts) - 1]:
            if not above.is_dir() or any(above.iterdir()):
                break
            above.rmdir()
