"""Files below a folder or inside a zip: strangers' data, with limits on size, and never a path to write to."""

import io
import os
import re
import stat
import threading
import zipfile
import zlib
from collections import Counter
from pathlib import Path, PurePosixPath

FORMATS = {".png": "PNG", ".jpg": "JPEG", ".jpeg": "JPEG", ".tif": "TIFF", ".tiff": "TIFF", ".bmp": "BMP"}
FORMATS |= {".gif": "GIF", ".webp": "WEBP", ".jfif": "JPEG"}
FORMATS |= dict.fromkeys((".ppm", ".pgm", ".pbm", ".pnm"), "PPM")
ARRAYS = (".npy",)  # a .npz is a zip of them
TEXTS = (".json", ".geojson", ".csv", ".tsv", ".txt", ".xml", ".yaml", ".yml")
MAX_BYTES = 512_000_000
MAX_LISTED = 16 * MAX_BYTES  # of a text that is read line by line
LONGEST = 4096  # characters of such a line; a longer one is cut, for no name is longer
HIDDEN = re.compile(r"(^|/)(\.|__MACOSX/|@eaDir/|\$RECYCLE\.BIN/|Thumbs\.db$)")  # by systems, not by people
PACKED = (".zip", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".7z", ".rar")
DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError)
OTHERS = {  # formats that are not read, and the way to one that is
    ".dcm": "DICOM; convert it with pydicom: save ds.pixel_array of each slice as PNG or NumPy array",
    ".dicom": "DICOM; convert it with pydicom: save ds.pixel_array of each slice as PNG or NumPy array",
    ".nii": "NIfTI; convert it with nibabel: save nib.load(name).get_fdata() as a NumPy array, slices first",
    ".nii.gz": "NIfTI; convert it with nibabel: save nib.load(name).get_fdata() as a NumPy array, slices first",
    ".nrrd": "NRRD; convert it with pynrrd: save nrrd.read(name)[0] as a NumPy array, slices first",
    ".mha": "MetaImage; convert it with SimpleITK: save GetArrayFromImage(ReadImage(name)) as a NumPy array",
    ".mhd": "MetaImage; convert it with SimpleITK: save GetArrayFromImage(ReadImage(name)) as a NumPy array",
    ".svs": "a slide; cut it into PNG tiles with openslide or QuPath",
    ".ndpi": "a slide; cut it into PNG tiles with openslide or QuPath",
    ".czi": "a microscope's own format; save it as TIFF with Fiji (Bio-Formats)",
    ".lif": "a microscope's own format; save it as TIFF with Fiji (Bio-Formats)",
    ".nd2": "a microscope's own format; save it as TIFF with Fiji (Bio-Formats)",
    ".h5": "HDF5; read it with h5py and save each array as .npy",
    ".hdf5": "HDF5; read it with h5py and save each array as .npy",
    ".mat": "MATLAB; read it with scipy.io.loadmat and save each array as .npy",
    ".roi": "an outline of ImageJ; in Fiji: Edit > Selection > Create Mask, and save that as TIFF",
    ".seg": "a list of segments; write it as a mask with NumPy, and save that as PNG",
    ".jp2": "JPEG 2000; save it as PNG or TIFF, with Pillow or GDAL",
    ".pkl": "a pickle, which can run any program; save its arrays as .npy",
    ".pt": "PyTorch; save tensor.numpy() of each image and mask as .npy",
    ".pth": "PyTorch; save tensor.numpy() of each image and mask as .npy",
    ".parquet": "a table of Hugging Face; read it with `datasets`, and save image and mask as PNG",
    ".mp4": "a film; write its frames as PNG with ffmpeg",
    ".avi": "a film; write its frames as PNG with ffmpeg",
    ".mov": "a film; write its frames as PNG with ffmpeg",
    ".ndjson": "a list of Labelbox or Ultralytics; export COCO, or masks, instead",
    ".jsonl": "a list of JSON; export COCO, or masks, instead",
    ".heic": "HEIC; save it as PNG or JPEG, with pillow-heif for instance",
    ".psd": "Photoshop; export image and mask as PNG",
    ".tfrecord": "TFRecord; read it with tf.data and save image and mask as PNG",
}
RAW = "a camera's raw photograph; develop it with darktable or rawpy, and save it as PNG"
STRANGE = dict.fromkeys((".cr2", ".cr3", ".nef", ".arw", ".dng", ".orf", ".rw2", ".raf", ".pef", ".srw", ".raw"), RAW)
STRANGE |= {  # the same for formats of which a plain copy often lies beside: told only where something is missing
    ".avif": "AVIF; save it as PNG or JPEG, with Pillow or ImageMagick for instance",
    ".heif": "HEIC; save it as PNG or JPEG, with pillow-heif for instance",
    ".jxl": "JPEG XL; save it as PNG with djxl",
    ".exr": "OpenEXR; save its array as .npy, or as 16-bit PNG",
    ".svg": "a drawing; export it as PNG in the size of its image",
    ".fits": "FITS; save its array as .npy, with astropy.io.fits",
    ".shp": "a shapefile; draw it into a mask with rasterio.features.rasterize, and save that as PNG",
    ".gpkg": "a GeoPackage; draw it into a mask with rasterio.features.rasterize, and save that as PNG",
    ".dvc": "a pointer of DVC to the file: fetch it by `dvc pull`",
    "": "without an ending that tells its format; add it, .png for instance",
}
PHOTOGRAPHS = {STRANGE[end] for end in (".raw", ".avif", ".heif", ".jxl", ".exr", ".fits")}  # never masks
BESIDE = r"\.(md|rst|pdf|html?|docx?|xlsx?|py|pyc|ipynb|m|r|sh|bat|log|ini|cfg|toml|db|lnk|url|bib|tex|md5|sha\d+"
BESIDE += r"|bak|tmp|aae|pp3|dop|srt|gpx|kml|tfw|jgw|pgw|wld|prj|cpg|dbf|shx|sbn|sbx|qmd|xmp|aux|ovr|thm|pto|mtl)$"
BESIDE = re.compile(BESIDE + r"|(^|/)(readme|licen[cs]e|copying|notice|authors|changelog|makefile)$", re.IGNORECASE)


class SetError(ValueError):
    """What keeps a set, or a file of it, from being used, in a sentence for its reader; any other error is our own."""


class ImageFileError(SetError):
    """A file that can't be used as an image; `fault` is its kind in the doctor's words."""

    def __init__(self, fault, message):
        super().__init__(message)
        self.fault = fault


class ChoiceError(SetError):
    """What a user chose is not in the set; `parameter` is the notebook's name for the choice."""

    def __init__(self, parameter, message):
        super().__init__(message)
        self.parameter = parameter


class Files:
    """What lies below a folder, or inside a zip: names (with "/" between folders) and bytes.

    names: images, arrays among them; one inside a .npz is called data.npz/name.npy.
    texts: what may hold annotations, class names or lists of a split.
    unread: {name: what it is and how to convert it}, formats that hold images and are not read.
    strange: the same of endings that are rarer or unknown; none that lies beside images for another reason.
    packed: archives inside, which may hold what is missing.
    gone: {name of a link that leads nowhere: where it should lead}.
    stored: {name: how folder or zip have it}: "./images/a.png", and with backslashes what Windows has packed.
    faulty: {text file that can't be read: why}, as `beside` comes upon them.
    """

    def __init__(self, path):
        self.path, self.archive, self.faulty = Path(path), None, {}
        if self.path.is_dir():
            found = dict(_below(self.path))
        elif self.path.is_file():
            self.archive = _open_zip(self.path)
            found = {info.filename: _link(self.archive, info) for info in self.archive.infolist() if not info.is_dir()}
        else:
            raise SetError(f"expected a folder or a zip of images and masks; there is no {self.path}")
        self.stored = _by_plain_name(found)
        found = {name: found[self.stored[name]] for name in sorted(self.stored) if not HIDDEN.search(name)}
        self.gone = {name: target for name, target in found.items() if target}
        found = [name for name, target in found.items() if not target]
        self._made, self._lock, self._last = {}, threading.RLock(), ("", b"")
        self.names = [name for name in found if _suffix(name) in (*FORMATS, *ARRAYS)]
        self.names = sorted(
            self.names + [part for name in found if _suffix(name) == ".npz" for part in self._parts(name)]
        )
        self.texts = [name for name in found if _suffix(name) in TEXTS]
        self.unread = {
            name: OTHERS[end] for name in found if (end := _double(name)) in OTHERS or (end := _suffix(name)) in OTHERS
        }
        self.packed = [name for name in found if _suffix(name) in PACKED and name not in self.unread]
        known = (*FORMATS, *ARRAYS, *TEXTS, ".npz", *PACKED)
        self.strange = {
            name: STRANGE.get(end := _suffix(name), f"in {end}, a format that is not read; save it as PNG")
            for name in found
            if _suffix(name) not in known and name not in self.unread and not BESIDE.search(name)
        }
        if not self.names:
            known = ", ".join((*FORMATS, *ARRAYS, ".npz"))
            raise SetError(f"{self.path} holds no image; known are {known}{self._instead()}")
        self.known = frozenset(self.names)

    def read(self, name):
        """The bytes of one file. Raises: ImageFileError if they are too many."""
        container, inside, part = name.partition(".npz/")
        if inside and name in self.known:
            return _read_member(zipfile.ZipFile(io.BytesIO(self.read_again(f"{container}.npz"))), part)
        return _read_file(self.place(name)) if self.archive is None else _read_member(self.archive, self.stored[name])

    def place(self, name):
        """The path of a file in a folder; there may be none of a name that is no file's own."""
        return self.path / self.stored.get(name, name)

    def read_again(self, name):
        """As read, for a file that is asked for again and again, slice by slice: the last one is kept."""
        last, content = self._last
        if last != name:
            content = self.read(name)
            self._last = name, content
        return content

    def text(self, name):
        """A text file as str."""
        content = self.read(name)
        return content.decode(_encoding(content), "replace")

    def lines(self, name):
        """The lines of a text file, each cut at LONGEST characters, one in memory at a time. Raises: ImageFileError."""
        try:
            with self._opened(name) as stream:
                encoding = _encoding(stream.read(2))
                stream.seek(0)
                text = io.TextIOWrapper(stream, encoding, "replace")
                while line := text.readline(LONGEST):
                    yield line.rstrip("\n")
                    while line and not line.endswith("\n"):
                        line = text.readline(1 << 20)
        except DAMAGED as error:
            raise _broken(error) from None
        except OSError as error:
            raise _unreadable(error) from None

    def once(self, key, make):
        """make(), and what it gave the first time for every later call with the same key."""
        with self._lock:
            if key not in self._made:
                self._made[key] = make()
            return self._made[key]

    def _instead(self):
        """What a set without an image holds, and the way to images, as the end of a sentence; "" if not known."""
        if self.gone:
            return f"; {next(iter(self.gone))} {links(self.gone)}: fetch them (git annex get), or copy the files"
        often = Counter(self.strange.values()).most_common(1)
        if self.unread or (often and not self.packed and often[0][1] >= len(self.texts)):
            by_kind = self.unread or self.strange
            what, count = Counter(by_kind.values()).most_common(1)[0]
            first = next(name for name in by_kind if by_kind[name] == what)
            return f"; {first} is {what}" + (f"; so are {count - 1} more" if count > 1 else "")
        if self.packed:
            return f"; {self.packed[0]} is packed: unpack it"
        if self.texts:
            hint = f"; if {self.texts[0]} is an annotation, put its images beside it (from labelme's own file: "
            return f"{hint}labelme_export_json)"
        return ""

    def _opened(self, name):
        """A text file as a stream of bytes."""
        if self.archive is None:
            _check_size(self.place(name), MAX_LISTED)
            return self.place(name).open("rb")
        _check_member(self.archive.getinfo(self.stored[name]), MAX_LISTED)
        return self.archive.open(self.stored[name])

    def _parts(self, name):
        try:
            with zipfile.ZipFile(io.BytesIO(self.read(name))) as archive:
                return [f"{name}/{part}" for part in archive.namelist() if part.endswith(".npy")]
        except (*DAMAGED, ImageFileError):
            return []


def links(gone):
    """What is wrong with the first of some links that lead nowhere, and how many more there are."""
    more = f", and {len(gone) - 1} more lead nowhere, too" if len(gone) > 1 else ""
    return f"is a link to {next(iter(gone.values()))}, which is not there{more}"


def _below(folder):
    """All files below a folder: name, and of a link that leads nowhere the place it names, else "".

    Links to folders are followed, once each, for they may lead in a circle.
    """
    seen = set()
    for here, inner, names in os.walk(folder, followlinks=True):
        inner[:] = [name for name in sorted(inner) if not HIDDEN.search(f"{name}/")]
        place = os.path.realpath(here)
        if place in seen:
            inner.clear()
            continue
        seen.add(place)
        for path in (Path(here) / name for name in names):
            if path.is_file():
                yield path.relative_to(folder).as_posix(), ""
            elif path.is_symlink() and not path.exists():
                yield path.relative_to(folder).as_posix(), os.readlink(path)


def _link(archive, info):
    """Where a link inside a zip leads, for nothing follows it there; "" for a file."""
    if not stat.S_ISLNK(info.external_attr >> 16):
        return ""
    try:
        return _read_member(archive, info.filename).decode("utf-8", "replace")
    except ImageFileError:
        return "a place that can't be read"


def _by_plain_name(found):
    """{name with "/" between folders and none called ".": name as it is stored}; of two that become one, the plain."""
    plain = {}
    for name in sorted(found, key=lambda name: "\\" in name or "./" in name, reverse=True):
        plain["/".join(part for part in name.replace("\\", "/").split("/") if part not in ("", "."))] = name
    return plain


def _suffix(name):
    return PurePosixPath(name).suffix.lower()


def _double(name):
    return "".join(PurePosixPath(name).suffixes[-2:]).lower()


def _open_zip(path):
    """A zip that stays open: threads may read from one handle side by side."""
    try:
        return zipfile.ZipFile(path)
    except zipfile.BadZipFile as error:
        if path.suffix.lower() in PACKED and path.suffix.lower() != ".zip":
            raise SetError(f"{path} is packed otherwise than as a zip; unpack it and name its folder") from None
        raise SetError(f"{path} is no zip, or a damaged one ({error}); copy it again") from None


def _encoding(content):
    """UTF-16 where a text begins as Windows writes it, else UTF-8."""
    return "utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"


def _check_member(info, most):
    if info.flag_bits & 1:
        raise ImageFileError("unreadable", "is encrypted; unpack the zip with its password")
    if info.file_size > most or info.file_size > 10_000_000 + 1000 * info.compress_size:
        raise ImageFileError("bomb", f"would unpack to {info.file_size:,} bytes from {info.compress_size:,}")


def _broken(error):
    return ImageFileError("truncated", f"can't be unpacked ({error}); copy the zip again")


def _read_member(archive, name):
    _check_member(archive.getinfo(name), MAX_BYTES)
    try:
        return archive.read(name)
    except DAMAGED as error:
        raise _broken(error) from None


def _read_file(path):
    try:
        _check_size(path, MAX_BYTES)
        return path.read_bytes()
    except OSError as error:
        raise _unreadable(error) from None


def _check_size(path, most):
    if path.stat().st_size > most:
        raise ImageFileError("bomb", f"has {path.stat().st_size:,} bytes, at most {most:,} are read")


def _unreadable(error):
    return ImageFileError("unreadable", f"can't be read ({error.strerror})")
