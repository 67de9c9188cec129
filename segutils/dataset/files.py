"""Files below a folder or inside a zip: strangers' data, with limits on size, and never a path to write to."""

import re
import zipfile
import zlib
from pathlib import Path, PurePosixPath

FORMATS = {".png": "PNG", ".jpg": "JPEG", ".jpeg": "JPEG", ".tif": "TIFF", ".tiff": "TIFF", ".bmp": "BMP"}
FORMATS |= {".gif": "GIF", ".webp": "WEBP"}
MAX_BYTES = 512_000_000


class ImageFileError(ValueError):
    """A file that can't be used as an image; `fault` is its kind in the doctor's words."""

    def __init__(self, fault, message):
        super().__init__(message)
        self.fault = fault


class Files:
    """The images below a folder, or inside a zip: their names (with "/" between folders) and their bytes."""

    def __init__(self, path):
        self.path, self.archive = Path(path), None
        if self.path.is_dir():
            found = (f.relative_to(self.path).as_posix() for f in self.path.rglob("*") if f.is_file())
        elif self.path.is_file():
            self.archive = _open_zip(self.path)
            found = [info.filename for info in self.archive.infolist() if not info.is_dir()]
        else:
            raise ValueError(f"expected a folder or a zip of images and masks; there is no {self.path}")
        hidden = re.compile(r"(^|/)(\.|__MACOSX/|Thumbs\.db$)")
        self.names = sorted(n for n in found if PurePosixPath(n).suffix.lower() in FORMATS and not hidden.search(n))
        if not self.names:
            raise ValueError(f"{self.path} holds no image; known are {', '.join(FORMATS)}")

    def read(self, name):
        """The bytes of one file. Raises: ImageFileError if they are too many."""
        if self.archive is None:
            return _read_file(self.path / name)
        info = self.archive.getinfo(name)
        if info.file_size > MAX_BYTES or info.file_size > 10_000_000 + 1000 * info.compress_size:
            raise ImageFileError("bomb", f"would unpack to {info.file_size:,} bytes from {info.compress_size:,}")
        try:
            return self.archive.read(name)
        except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError) as error:
            raise ImageFileError("truncated", f"can't be unpacked ({error}); copy the zip again") from None


def _open_zip(path):
    """A zip that stays open: threads may read from one handle side by side."""
    try:
        return zipfile.ZipFile(path)
    except zipfile.BadZipFile as error:
        raise ValueError(f"{path} is no zip, or a damaged one ({error}); copy it again") from None


def _read_file(path):
    try:
        if path.stat().st_size > MAX_BYTES:
            raise ImageFileError("bomb", f"has {path.stat().st_size:,} bytes, at most {MAX_BYTES:,} are read")
        return path.read_bytes()
    except OSError as error:
        raise ImageFileError("unreadable", f"can't be read ({error.strerror})") from None
