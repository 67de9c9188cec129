"""The files in a folder or zip from strangers: listed without unpacking, read one by one within limits."""

import functools
import io
import os
import time
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path, PurePosixPath
from typing import NamedTuple

MAX_BYTES = 20_000_000  # of one file
MAX_ZIP_BYTES = 60_000_000  # of a zip inside what came in
MAX_FILES, MAX_FILES_IN_ZIP = 20_000, 500  # in all; in a zip inside what came in
MAX_RATIO = 200  # a notebook of megabytes that a zip makes so much smaller holds nothing but repetition
READ_ERRORS = (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, ValueError)


class File(NamedTuple):
    """A file that came in."""

    parts: tuple  # of its path
    size: int  # bytes
    modified: float  # seconds since 1970
    read: Callable  # () → bytes; raises one of READ_ERRORS
    problem: str = ""  # why it cannot be read, if that is known already


def list_files(source):
    """All files in a folder or zip; those in zips inside it too.

    Args:
        source: Path.
    Returns: list of File, sorted by path; hidden files and what systems add are left out.
    Raises: FileNotFoundError if there is nothing; ValueError if there are more than MAX_FILES.
    """
    if not source.exists():
        raise FileNotFoundError(f"{source} does not exist; expected a folder or a zip of what students handed in")
    files = []
    for file in _in_zip((), source, source.stat().st_mtime) if source.is_file() else _in_folder(source):
        files.append(file)
        if len(files) > MAX_FILES:
            raise ValueError(f"{source} holds more than {MAX_FILES:,} files; collect it in parts")
    return sorted(files, key=lambda file: file.parts)


def _in_folder(source):
    for path in source.rglob("*"):
        parts = tuple(map(_readable, path.relative_to(source).parts))
        if not path.is_file() or path.is_symlink() or _is_junk(parts):
            continue
        status = path.stat()
        if path.suffix.lower() == ".zip":
            yield from _in_zip((*parts[:-1], Path(parts[-1]).stem), path, status.st_mtime)
        else:
            yield File(
                parts,
                status.st_size,
                status.st_mtime,
                lambda path=path: _limited(path.open("rb"), path.name, MAX_BYTES),
            )


def _from_disk(path):
    return _limited(path.open("rb"), path.name, MAX_BYTES)


def _in_zip(above, archive, modified):
    """The files in a zip, given as a path or as a function that gives its bytes; zips in it are opened, not deeper."""
    if isinstance(archive, Path):
        name, opened = archive.stem, functools.lru_cache(maxsize=1)(functools.partial(zipfile.ZipFile, archive))
    else:
        name, opened = above[-1], functools.lru_cache(maxsize=1)(lambda: zipfile.ZipFile(io.BytesIO(archive())))
    try:
        entries = opened().infolist()
    except READ_ERRORS as error:
        problem = f"{name}.zip cannot be opened: {error}"
        yield File((*(above or (name,)), f"{name}.zip"), 0, modified, bytes, problem)
        return
    if above and len(entries) > MAX_FILES_IN_ZIP:
        problem = f"{name}.zip holds {len(entries):,} files; at most {MAX_FILES_IN_ZIP} are looked at"
        yield File((*above, f"{name}.zip"), 0, modified, bytes, problem)
        entries = entries[:MAX_FILES_IN_ZIP]
    for entry in entries:
        path = _readable(_name_in_zip(entry)).replace("\\", "/")
        parts = (*above, *(part for part in PurePosixPath(path).parts if part not in ("/", "..")))
        if entry.is_dir() or not path.strip("/.") or _is_junk(parts):
            continue
        read = functools.partial(_from_zip, opened, entry)
        if parts[-1].lower().endswith(".zip") and isinstance(archive, Path):
            inner = functools.partial(read, MAX_ZIP_BYTES)
            yield from _in_zip((*parts[:-1], parts[-1][:-4]), inner, _time(entry, modified))
        else:
            yield File(parts, entry.file_size, _time(entry, modified), functools.partial(read, MAX_BYTES))


def _from_zip(opened, entry, most):
    """The bytes of an entry. What a zip says of sizes may be false, so no more than the limit is ever unpacked."""
    name = PurePosixPath(_name_in_zip(entry)).name
    if entry.file_size > 2_000_000 and entry.file_size > MAX_RATIO * max(entry.compress_size, 1):
        raise ValueError(
            f"{name} holds nothing but repetition: {entry.file_size:,} bytes out of {entry.compress_size:,}"
        )
    if entry.flag_bits & 1:
        raise ValueError(f"{name} is encrypted; ask for it without a password")
    return _limited(opened().open(entry), name, most)


def _limited(stream, name, most):
    with stream:
        content = stream.read(most + 1)
    if len(content) > most:
        raise ValueError(f"{name} is larger than {most / 1e6:g} MB")
    return content


def _time(entry, otherwise):
    try:
        return time.mktime((*entry.date_time, 0, 0, -1))
    except (ValueError, OverflowError):
        return otherwise


def _name_in_zip(entry):
    """The name of an entry; without a flag that says UTF-8, many programs write UTF-8 all the same."""
    if entry.flag_bits & 0x800:
        return entry.filename
    try:
        return entry.filename.encode("cp437").decode("utf-8")
    except (UnicodeEncodeError, UnicodeDecodeError):
        return entry.filename


def _readable(name):
    """A name without bytes that are no text: they are read as Latin-1, which fits most of them."""
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        name = os.fsencode(name).decode("latin-1")
    return "".join(c if c.isprintable() else "_" for c in name)


def _is_junk(parts):
    return any(part.startswith((".", "__MACOSX")) or part == "timestamp.txt" for part in parts)
