"""Your own images and masks: a folder or a zip in any common layout → pairs → classes → splits → batches.

Layouts: two folders (images/a.jpg, masks/a.png), suffixes (a.jpg, a_mask.png), one mask an object in a folder beside
its image (id/images/id.png, id/masks/*.png, as in the public nuclei set), and each of them below train/, val/, test/.
A zip is read in place. Files are data from strangers: only known picture formats are opened, sizes are limited before
anything is decoded, and no name from a zip is ever used as a path to write to.
"""

import io
import re
import struct
import warnings
import zipfile
import zlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path, PurePosixPath
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

FORMATS = {".png": "PNG", ".jpg": "JPEG", ".jpeg": "JPEG", ".tif": "TIFF", ".tiff": "TIFF", ".bmp": "BMP"}
FORMATS |= {".gif": "GIF", ".webp": "WEBP"}
MAX_PIXELS = 89_000_000  # just below the size that Pillow warns of
MAX_BYTES = 512_000_000
MAX_CLASSES = 64
VOID = 255
GREY = 0x010101  # a grey pixel of a colour picture is a multiple of this, once packed
IMAGE_WORDS = r"images?|imgs?|jpegimages|photos?|pictures?|raw|inputs?|leftimg8bit"
MASK_WORDS = r"masks?|labels?|labelids|gt|gtfine|ground[_ -]?truth|annotations?|seg|segmentations?|segmentationclass"
MASK_WORDS += r"|targets?|trimaps?|matte"
PARTS = {"train": "train", "training": "train", "val": "validation", "valid": "validation", "validation": "validation"}
PARTS |= {"dev": "validation", "test": "test", "testing": "test", "holdout": "test"}
SEPARATOR = r"[_\-. ]+"
# What Pillow raises for damaged files, found by damaging thousands of them
DAMAGE = (OSError, SyntaxError, ValueError, EOFError, IndexError, KeyError, TypeError, OverflowError, struct.error)


class Files:
    """The pictures below a folder, or inside a zip: their names (with "/" between folders) and their bytes."""

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
            raise ValueError(f"{self.path} holds no picture; known are {', '.join(FORMATS)}")

    def read(self, name):
        """The bytes of one file. Raises: PictureError if they are too many."""
        if self.archive is None:
            return _read_file(self.path / name)
        info = self.archive.getinfo(name)
        if info.file_size > MAX_BYTES or info.file_size > 10_000_000 + 1000 * info.compress_size:
            raise PictureError("bomb", f"would unpack to {info.file_size:,} bytes from {info.compress_size:,}")
        try:
            return self.archive.read(name)
        except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError) as error:
            raise PictureError("truncated", f"can't be unpacked ({error}); copy the zip again") from None


def _open_zip(path):
    """A zip that stays open: threads may read from one handle side by side."""
    try:
        return zipfile.ZipFile(path)
    except zipfile.BadZipFile as error:
        raise ValueError(f"{path} is no zip, or a damaged one ({error}); copy it again") from None


def _read_file(path):
    try:
        if path.stat().st_size > MAX_BYTES:
            raise PictureError("bomb", f"has {path.stat().st_size:,} bytes, at most {MAX_BYTES:,} are read")
        return path.read_bytes()
    except OSError as error:
        raise PictureError("unreadable", f"can't be read ({error.strerror})") from None


class PictureError(ValueError):
    """A file that can't be used as a picture; `fault` is its kind in the doctor's words."""

    def __init__(self, fault, message):
        super().__init__(message)
        self.fault = fault


class Pair(NamedTuple):
    """An image and its masks: one, or one for each object. `key` names the pair without suffix and role."""

    key: str
    image: str
    masks: tuple


class Pairing(NamedTuple):
    """What find_pairs found: pairs; images and masks without partner; keys that several files claim.

    likely: for a file without partner, one of the other role that has nearly its name.
    """

    pairs: list
    lone_images: list
    lone_masks: list
    ambiguous: dict
    likely: dict


class Place(NamedTuple):
    """What a name says: "image" or "mask", the key that partners share, the folder above its role's folder."""

    role: str
    key: str
    home: str


def find_pairs(files, *, images=None, masks=None):
    """Pair images with masks by their names.

    A file is a mask if a folder above it, or the end or beginning of its name, says so (MASK_WORDS); what is left of
    its path without such words is its key, and an image with the same key is its partner. Masks without partner that
    lie beside a single image (id/masks/*.png beside id/images/id.png) are one mask an object.

    Args:
        files: Files.
        images, masks: names of the folders (or name endings) that hold them, where they are unusual.
    Returns: Pairing, sorted by key.
    """
    patterns = {
        "mask": _patterns(re.escape(masks) if masks else MASK_WORDS),
        "image": _patterns(re.escape(images) if images else IMAGE_WORDS),
    }
    places = {name: _place(name, patterns) for name in files.names}
    by_key = {}
    for name, place in places.items():
        by_key.setdefault(place.key, {"image": [], "mask": []})[place.role].append(name)
    pairs, ambiguous, lone = [], {}, {"image": [], "mask": []}
    for key, found in by_key.items():
        if len(found["image"]) == len(found["mask"]) == 1:
            pairs.append(Pair(key, found["image"][0], tuple(found["mask"])))
        elif len(found["image"]) > 1 or (found["image"] and found["mask"]):
            ambiguous[key] = [*found["image"], *found["mask"]]
        else:
            lone["image"] += found["image"]
            lone["mask"] += found["mask"]
    objects = _objects_beside(lone, places)
    taken = {name for pair in objects for name in (pair.image, *pair.masks)}
    lone = {role: sorted(set(names) - taken) for role, names in lone.items()}
    return Pairing(sorted(pairs + objects), lone["image"], lone["mask"], ambiguous, _likely(lone, places))


def _objects_beside(lone, places):
    """Pairs of the only image of a folder with all the masks beside it that have no partner of their own name."""
    images, masks = {}, {}
    for name, place in places.items():
        if place.role == "image":
            images.setdefault(place.home, []).append(name)
    for name in lone["mask"]:
        masks.setdefault(places[name].home, []).append(name)
    single = {home: names[0] for home, names in images.items() if len(names) == 1 and names[0] in lone["image"]}
    return [Pair(places[single[home]].key, single[home], tuple(masks[home])) for home in masks if home in single]


def _likely(lone, places):
    """Images and masks without partner whose names differ only in case, separators or leading zeros."""

    def plain(name):
        return re.sub(r"[^\w/]|_|(?<!\d)0+(?=\d)", "", places[name].key.lower())

    image, mask = ({plain(name): name for name in lone[role]} for role in ("image", "mask"))
    both = [(image[key], mask[key]) for key in image if key in mask]
    return dict(both) | {b: a for a, b in both}


def _patterns(words):
    """Two patterns: a folder named by one of the words (train_masks), and the words at the ends of a file's name."""
    part = "|".join(PARTS)
    folder = rf"(?:({part}){SEPARATOR})?(?:{words})(?:{SEPARATOR}({part}))?"
    ends = rf"^(?:(?:{words})(?:{SEPARATOR}|$))+|(?:(?:{SEPARATOR}|^)(?:{words}))+$"
    return re.compile(folder, re.IGNORECASE), re.compile(ends, re.IGNORECASE)


def _place(name, patterns):
    """The Place of a file; of several folders with a role the innermost counts."""
    path, said = PurePosixPath(name), "image"
    home, kept = path.parts[:-1], []
    for i, folder in enumerate(path.parts[:-1]):
        matches = {role: match for role in patterns if (match := patterns[role][0].fullmatch(folder))}
        for role, match in matches.items():
            said, home, folder = role, path.parts[:i], "/".join(filter(None, match.groups()))
        kept += [folder] if folder else []
    bare = patterns["mask"][1].sub("", path.stem)
    said = said if bare == path.stem else "mask"
    return Place(said, "/".join([*kept, patterns["image"][1].sub("", bare)]), "/".join(home))


# Reading


def open_picture(files, name):
    """A decoded PIL image of at most MAX_PIXELS. Raises: PictureError, with what is wrong and how to cure it."""
    content = files.read(name)
    if not content:
        raise PictureError("empty file", "has no bytes; copy it again")
    known = sorted(set(FORMATS.values()))
    try:
        picture = Image.open(io.BytesIO(content), formats=known)
        if picture.width * picture.height > MAX_PIXELS:
            size = f"{picture.width:,} × {picture.height:,} pixels"
            raise PictureError("bomb", f"claims {size}, at most {MAX_PIXELS:,} are read; cut it into tiles")
        getattr(picture, "n_frames", 1)  # finds damage behind the first frame, and in the tags
        picture.load()
        picture.getexif()
    except PictureError:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise PictureError("bomb", f"claims far more than {MAX_PIXELS:,} pixels; cut it into tiles") from None
    except UnidentifiedImageError:
        raise PictureError("not a picture", f"can't be read as {', '.join(known)}") from None
    except DAMAGE as error:
        raise PictureError("truncated", f"breaks off or is damaged ({error}); copy it again") from None
    return picture


def read_image(files, name, *, channels=3):
    """An image as (H, W, channels) uint8: upright by its EXIF tag, 16 bit scaled to 8, alpha dropped."""
    return image_values(open_picture(files, name), channels=channels)


def image_values(picture, *, channels=3):
    """A PIL image as read_image."""
    picture = ImageOps.exif_transpose(picture)
    if picture.mode.startswith(("I", "F")):
        values = np.nan_to_num(np.asarray(picture, np.float64), posinf=0, neginf=0)
        top = 65535.0 if picture.mode.startswith("I") and values.max() > 255 else 255.0
        picture = Image.fromarray(np.clip(values * 255 / top, 0, 255).round().astype(np.uint8))
    return np.asarray(picture.convert("L" if channels == 1 else "RGB")).reshape(picture.height, picture.width, channels)


def read_mask(files, name):
    """A mask's values as they are stored: (H, W) ints for grey, palette, 16 bit and 1 bit, (H, W, 3) for colours.

    Raises: PictureError if it can't be read or holds fractions.
    """
    return mask_values(open_picture(files, name))


def mask_values(picture):
    """A PIL image as read_mask."""
    as_mode = {"LA": "L", "La": "L", "PA": "P", "1": "L"}
    if picture.mode in as_mode or len(picture.getbands()) > 1:
        picture = picture.convert(as_mode.get(picture.mode, "RGB"))
    values = np.asarray(picture)
    if values.dtype.kind == "f":
        if not (np.isfinite(values) & (values == np.round(values))).all():
            raise PictureError("not labels", "holds fractions; labels are whole numbers")
        values = values.astype(np.int64)
    return values


def packed(values):
    """Mask values as one int each: (H, W) as they are, colours (H, W, 3) as 65536 r + 256 g + b."""
    values = np.asarray(values)
    if values.ndim == 3:
        return values.astype(np.int64) @ [65536, 256, 1]
    return values.astype(np.int64)


def count_values(codes):
    """Packed values as {value: pixels}."""
    if codes.min() >= 0 and codes.max() < 65536:
        counts = np.bincount(codes.ravel())
        return {value: int(counts[value]) for value in np.flatnonzero(counts).tolist()}
    return dict(zip(*(some.tolist() for some in np.unique(codes, return_counts=True)), strict=True))


# Classes


class Classes(NamedTuple):
    """Which mask value means which class.

    kind: "values" (grey or palette), "colours" (packed RGB) or "objects" (one mask an object: 0 or not).
    values: packed value of class 0, 1, ...; class 0 is background.
    void: packed value of pixels that nobody labelled, or None.
    """

    kind: str
    values: tuple
    void: int | None = None

    def encode(self, values):
        """Class of each pixel, (H, W) uint8, VOID for void. Raises: ValueError that lists unknown values."""
        codes = self.codes(values)
        known = np.array(self.values)
        order = np.argsort(known)
        at = order[np.clip(np.searchsorted(known, codes, sorter=order), 0, len(known) - 1)]
        encoded, right = at.astype(np.uint8), known[at] == codes
        if self.void is not None:
            encoded, right = np.where(codes == self.void, VOID, encoded).astype(np.uint8), right | (codes == self.void)
        if not right.all():
            strange = [self.show(v) for v in np.unique(codes[~right])[:5]]
            known = [self.show(v) for v in self.values]
            raise ValueError(f"expected mask values {', '.join(known)}, got {', '.join(strange)}")
        return encoded

    def codes(self, values):
        """Mask values packed alike: in a set of colours grey as a colour, else grey as it is and colours below 0."""
        codes = packed(values)
        if self.kind == "colours":
            return codes if values.ndim == 3 else codes * GREY
        return np.where(codes % GREY, -codes, codes // GREY) if values.ndim == 3 else codes

    def show(self, value):
        """A packed value as people write it: 255, or #ff0000 for a colour."""
        return f"#{abs(int(value)):06x}" if self.kind == "colours" or value < 0 else str(int(value))


def learn_classes(files, pairs, *, void="auto"):
    """The classes of a data set, from all values of all its masks, so that each file is read alike.

    One mask an object: two classes. Else each value is a class, in rising order: 0 and 255 become 0 and 1. 255 is
    void where the other values count up from 0 (0, 1, 255); black is class 0 among colours.

    Args:
        files, pairs: Files and list of Pair.
        void: "auto", None for no void, or the value (packed, for a colour).
    Returns: Classes.
    Raises: ValueError if grey and colours are mixed, or for more than MAX_CLASSES values.
    """
    if any(len(pair.masks) > 1 for pair in pairs):
        return Classes("objects", (0, 1))
    seen = parallel(lambda pair: _values(files, pair.masks[0]), pairs)
    coloured = any(has_colour(values) for colours, values in seen if colours)
    if coloured:
        for pair, (colours, values) in zip(pairs, seen, strict=True):
            if not colours and values != {0}:
                raise ValueError(f"some masks are colours, {pair.masks[0]} is grey; save all of them alike")
    values = {value if coloured or not colours else value // GREY for colours, some in seen for value in some}
    return classes_of(values, coloured, void=void)


def has_colour(values):
    """True if one of the packed colours is not grey."""
    return any(value % GREY for value in values)


def classes_of(values, coloured, *, void="auto"):
    """The classes of packed mask values, as learn_classes."""
    kind = "colours" if coloured else "values"
    others = sorted(value for value in values if value != 255)
    if void == "auto":
        counts_up = len(others) > 1 and others[-1] < 2 * len(others)
        void = 255 if kind == "values" and 255 in values and counts_up else None
    values = sorted(value for value in values if value != void)
    if len(values) > MAX_CLASSES:
        cure = "save masks as PNG and resize them with nearest-neighbour interpolation; see `inspect`"
        raise ValueError(f"the masks hold {len(values)} values, at most {MAX_CLASSES} classes; {cure}")
    return Classes(kind, tuple(values), void)


def _values(files, name):
    values = read_mask(files, name)
    return values.ndim == 3, set(count_values(packed(values)))


def read_pair(files, pair, classes, *, channels=3):
    """One image (H, W, channels) uint8 and its class mask (H, W) uint8. Raises: ValueError if their sizes differ."""
    image = read_image(files, pair.image, channels=channels)
    if classes.kind == "objects":
        mask = (read_objects(files, pair) > 0).astype(np.uint8)
    else:
        mask = classes.encode(read_mask(files, pair.masks[0]))
    if mask.shape != image.shape[:2]:
        raise ValueError(
            f"{pair.image} is {image.shape[:2]}, its mask {mask.shape}; resize neither, find the right one"
        )
    return image, mask


def read_objects(files, pair):
    """One mask an object → which object each pixel belongs to, (H, W) int32; 0 is background, later masks on top."""
    objects = None
    for i, name in enumerate(pair.masks, start=1):
        mask = packed(read_mask(files, name)) > 0
        objects = np.zeros(mask.shape, np.int32) if objects is None else objects
        if mask.shape != objects.shape:
            raise ValueError(f"{name} is {mask.shape}, the masks before it {objects.shape}; find the right one")
        objects[mask] = i
    return objects


def read_all(files, pairs, classes, *, channels=3):
    """All images and masks, read in parallel: two lists."""
    read = parallel(lambda pair: read_pair(files, pair, classes, channels=channels), pairs)
    return [image for image, _ in read], [mask for _, mask in read]


def parallel(work, items):
    """[work(item) for item in items], on eight threads: decoding pictures frees the interpreter."""
    with warnings.catch_warnings(), ThreadPoolExecutor(8) as pool:
        warnings.filterwarnings("ignore", module=r"PIL\.")  # what matters raises PictureError
        return list(pool.map(work, items))


# Splits and batches


class Parts(NamedTuple):
    """Positions of the pairs in each part."""

    train: np.ndarray
    validation: np.ndarray
    test: np.ndarray


def split(groups, *, shares=(0.7, 0.15, 0.15), seed=0):
    """Split pairs so that no group is in two parts: pictures of one patient, one film, one slide stay together.

    Groups come in random order, each to the part that is furthest below its share.
    Args:
        groups: one name for each pair; what is alike stays together.
        shares: of train, validation and test; they sum to 1.
    Returns: Parts.
    Raises: ValueError with fewer than three groups.
    """
    names, group = np.unique(np.asarray(groups), return_inverse=True)
    if len(names) < 3:
        raise ValueError(f"three parts need at least three groups, got {len(names)}; collect more, or group less")
    if len(shares) != 3 or abs(sum(shares) - 1) > 1e-6 or min(shares) <= 0:
        raise ValueError(f"shares must be three numbers > 0 with sum 1, got {shares}")
    sizes, part_of, filled = np.bincount(group), np.empty(len(names), int), np.zeros(3)
    order = np.random.default_rng(seed).permutation(len(names))
    for i, g in enumerate(order):
        empty = np.flatnonzero(filled == 0)
        must = len(order) - i <= len(empty)  # the last groups go to parts that have none
        lack = np.array(shares) * len(group) - filled
        part = empty[0] if must and len(empty) else int(np.argmax(lack))
        part_of[g], filled[part] = part, filled[part] + sizes[g]
    return Parts(*(np.flatnonzero(part_of[group] == part) for part in range(3)))


def group_names(pairs, pattern=None, duplicates=()):
    """A group name for each pair: what `pattern` finds in its key, and one name for all duplicates.

    Args:
        pairs: list of Pair.
        pattern: regular expression; its first group (or all of it) in the key names the group; None: each its own.
        duplicates: tuples of image names that show the same picture (segutils.doctor.duplicates).
    Raises: ValueError if the pattern does not fit a key.
    """
    names = [pair.key for pair in pairs]
    if pattern is not None:
        for i, pair in enumerate(pairs):
            found = re.search(pattern, pair.key)
            names[i] = found and (found[1] if found.re.groups else found[0])
            if names[i] is None:
                raise ValueError(f"the pattern {pattern!r} does not fit {pair.key!r}")
    position = {pair.image: i for i, pair in enumerate(pairs)}
    for same in duplicates:
        together = {names[position[image]] for image in same if image in position}
        names = [min(together) if name in together else name for name in names]
    return names


def crops(files, pairs, classes, *, size, batch_size, channels=3, augment=None, seed=0, steps=None):
    """Random crops of files read in parallel as they are needed: a tf.data.Dataset that never ends.

    Which picture and where is a function of (seed, step) alone. A picture smaller than the crop is padded: image
    with black, mask with VOID.
    Args:
        files, pairs, classes: as learn_classes.
        size: height and width of a crop.
        augment: transforms.Augment or None.
        steps: batches to give; None for no end.
    Returns: dataset of (B, size, size, channels) uint8 (float32 if augmented) and (B, size, size) uint8.
    """
    from segutils.quiet import tensorflow as tf

    if not pairs:
        raise ValueError("expected at least one pair, got none; see `inspect`")

    def crop(i):
        rng = np.random.default_rng([seed, int(i)])
        image, mask = read_pair(files, pairs[rng.integers(len(pairs))], classes, channels=channels)
        short = [(0, max(size - side, 0)) for side in mask.shape]
        image, mask = np.pad(image, [*short, (0, 0)]), np.pad(mask, short, constant_values=VOID)
        top, left = (rng.integers(side - size + 1) for side in mask.shape)
        return image[top : top + size, left : left + size], mask[top : top + size, left : left + size]

    def shaped(i):
        image, mask = tf.numpy_function(crop, [i], (tf.uint8, tf.uint8))
        return tf.ensure_shape(image, (size, size, channels)), tf.ensure_shape(mask, (size, size))

    options = tf.data.Options()
    options.autotune.enabled = False  # fixed numbers, as in transforms.Batches
    numbers = tf.data.Dataset.range(2**62 if steps is None else steps * batch_size).with_options(options)
    batches = numbers.map(shaped, num_parallel_calls=4, deterministic=True).batch(batch_size, drop_remainder=True)
    if augment is not None:
        batches = batches.enumerate().map(lambda step, pair: augment(*pair, seed=(seed, step)), num_parallel_calls=2)
    return batches.prefetch(2)


def stretch(image, *, low=1.0, high=99.5, gamma=1.0):
    """A picture's own contrast, stretched: its percentiles `low` and `high` become 0 and 255, what lies beyond is cut.

    Formula: 255 · ((value - dark) / max(bright - dark, 8)) ^ gamma; below 8 levels, noise would fill the range.
    Args:
        image: (H, W, C) uint8; all channels are stretched alike, so that colours keep their hue.
        gamma: 1 is a straight line; 0.5, the square root, lifts the dark parts; > 0.
    Returns: (H, W, C) uint8.
    """
    dark, bright = np.percentile(image, (low, high))
    scaled = np.clip((image - dark) / max(bright - dark, 8), 0, 1)
    return (255 * scaled**gamma).round().astype(np.uint8)


def cut(images, masks, *, size, step):
    """All pictures cut into square crops that lie `step` pixels apart, the last flush with the edge.

    A picture smaller than a crop is padded below and at the right: image with black, mask with VOID.
    Args:
        images, masks: lists of (H, W, C) and (H, W) uint8.
        size: height and width of a crop; step: at most `size`, or pixels are left out.
    Returns: (N, size, size, C), (N, size, size), picture by picture.
    """
    some_images, some_masks = [], []
    for image, mask in zip(images, masks, strict=True):
        short = [(0, max(size - side, 0)) for side in mask.shape]
        image, mask = np.pad(image, [*short, (0, 0)]), np.pad(mask, short, constant_values=VOID)
        rows, columns = ([*range(0, side - size, step), side - size] for side in mask.shape)
        for window in ((slice(y, y + size), slice(x, x + size)) for y in rows for x in columns):
            some_images.append(image[window])
            some_masks.append(mask[window])
    return np.stack(some_images), np.stack(some_masks)


def part_named(name):
    """The part of a split that a folder of the path names: train, validation, test or None."""
    words = re.split(rf"/|{SEPARATOR}", name.lower().rpartition("/")[0])
    return next((PARTS[word] for word in words if word in PARTS), None)


def named_parts(pairs):
    """Parts that folders name (train/, val/, test/), for all pairs; None unless all three are there for all pairs."""
    named = np.array([part_named(pair.image) or "" for pair in pairs])
    if set(named.tolist()) != set(Parts._fields):
        return None
    return Parts(*(np.flatnonzero(named == part) for part in Parts._fields))
