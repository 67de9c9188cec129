"""Text files beside the images: lists, legends and annotations of strangers; one that can't be read is told, no more.

What lies beside good masks may be a table of another program, hundreds of megabytes of run lengths, or a file that
breaks off. None of them stops a set.
"""

import csv
import json

FAULTS = (ValueError, csv.Error, RecursionError, OverflowError)  # UnicodeError, json's and ImageFileError are the first


def read(files, name, how, nothing=None):
    """how(files, name), or `nothing` where that text file can't be read: then `findings` says why."""
    try:
        return how(files, name)
    except FAULTS as error:
        files.faulty.setdefault(name, _why(error))
        return nothing


def _why(error):
    if isinstance(error, json.JSONDecodeError):
        return f"is no whole JSON ({error})"
    if isinstance(error, csv.Error):
        return f"is no table of names ({error})"
    return "has brackets within brackets without end" if isinstance(error, RecursionError) else str(error)


def findings(files):
    """A note for each text file that could not be read, as tuples (level, fault, file, finding)."""
    for name, why in sorted(files.faulty.items()):
        yield "note", "text not read", name, why
