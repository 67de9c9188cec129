"""Which mask belongs to which image, by the usual words in their names.

Layouts: two folders (images/a.jpg, masks/a.png), suffixes (a.jpg, a_mask.png), one mask an object in a folder beside
its image (id/images/id.png, id/masks/*.png, as in the public nuclei set), and each of them below train/, val/, test/.
"""

import re
import unicodedata
from pathlib import PurePosixPath
from typing import NamedTuple

from segutils.dataset.letters import runs
from segutils.dataset.splits import SEPARATOR, SPLIT_FOLDERS

IMAGE_WORDS = r"images?|imgs?|jpegimages|photos?|pictures?|raw|inputs?|leftimg8bit"
MASK_WORDS = r"masks?|labels?|labelids|gt|gtfine|ground[_ -]?truth|annotations?|seg|segmentations?|segmentationclass"
MASK_WORDS += r"|targets?|trimaps?|matte"


class Pair(NamedTuple):
    """An image and its masks: one, one for each object, or one for each class ("" where the image has none of it).

    key: names the pair without suffix and role.
    """

    key: str
    image: str
    masks: tuple

    @property
    def mask(self):
        """The name of its first mask."""
        return next(filter(None, self.masks))


class Pairing(NamedTuple):
    """What was found: pairs; images and masks without partner; keys that several files claim.

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


def pair_by_words(names, *, images=None, masks=None):
    """Pair images with masks by words in their names.

    A file is a mask if a folder above it, or the end or beginning of its name, says so (MASK_WORDS); what is left of
    its path without such words is its key, and an image with the same key is its partner. Masks without partner that
    lie beside a single image (id/masks/*.png beside id/images/id.png) are one mask an object.

    Args:
        names: of files.
        images, masks: names of the folders (or name endings) that hold them, where they are unusual.
    Returns: Pairing, sorted by key.
    """
    patterns = {
        "mask": _patterns(re.escape(masks) if masks else MASK_WORDS),
        "image": _patterns(re.escape(images) if images else IMAGE_WORDS),
    }
    places = {name: _place(name, patterns) for name in names}
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
        parts = places[name].key.lower().split("/")
        zeros = re.compile(r"(?<!\d)0+(?=\d)")
        return "/".join("".join(zeros.sub("", run) for _, run in runs(part)) for part in parts)

    image, mask = ({plain(name): name for name in lone[role]} for role in ("image", "mask"))
    both = [(image[key], mask[key]) for key in image if key in mask]
    return dict(both) | {b: a for a, b in both}


def _patterns(words):
    """Two patterns: a folder named by one of the words (train_masks), and the words at the ends of a file's name."""
    part = "|".join(SPLIT_FOLDERS)
    folder = rf"(?:({part}){SEPARATOR})?(?:{words})(?:{SEPARATOR}({part}))?"
    behind = rf"{SEPARATOR}(?=[-+]\d)|{SEPARATOR}|$"  # of mask_-1 the number is -1
    ends = rf"^(?:(?:{words})(?:{behind}))+|(?:(?:{SEPARATOR}|^)(?:{words}))+$"
    return re.compile(folder, re.IGNORECASE), re.compile(ends, re.IGNORECASE)


def _place(name, patterns):
    """The Place of a file; of several folders with a role the innermost counts."""
    path, said = PurePosixPath(unicodedata.normalize("NFC", name)), "image"
    home, kept = path.parts[:-1], []
    for i, folder in enumerate(path.parts[:-1]):
        matches = {role: match for role in patterns if (match := patterns[role][0].fullmatch(folder))}
        for role, match in matches.items():
            said, home, folder = role, path.parts[:i], "/".join(filter(None, match.groups()))
        kept += [folder] if folder else []
    bare = patterns["mask"][1].sub("", path.stem)
    said = said if bare == path.stem else "mask"
    return Place(said, "/".join([*kept, patterns["image"][1].sub("", bare)]), "/".join(home))


def role_by_words(name):
    """ "image" or "mask", as the innermost word of a path says that is usual for either; None where none does."""
    path = PurePosixPath(name)
    for part in (path.stem, *reversed(path.parts[:-1])):
        said = re.split(r"[^A-Za-z]+|(?<=[a-z])(?=[A-Z])", part)
        for word in (part, *reversed(said)):
            for role, words in (("mask", MASK_WORDS), ("image", IMAGE_WORDS)):
                if re.fullmatch(words, word, re.IGNORECASE):
                    return role
    return None


def matching(names, pattern):
    """The set of names with a folder, or a beginning or end of their stem, or a suffix, that is `pattern`.

    Where none has, those with a folder that begins or ends with it: GT for 01_GT and 02_GT.
    """
    wanted = pattern.lower().strip("*/_-. ")
    word = rf"{re.escape(wanted)}"
    ends = re.compile(rf"(.*{SEPARATOR})?{word}|{word}{SEPARATOR}.*")
    paths = {name: PurePosixPath(name.lower()) for name in names}
    found = {
        name
        for name, path in paths.items()
        if f"/{wanted}/" in f"/{path.parent}/"
        or path.stem.endswith(wanted)
        or path.stem.startswith(wanted)
        or path.suffix == f".{wanted}"
    }
    return found or {name for name, path in paths.items() if any(map(ends.fullmatch, path.parts[:-1]))}


def shown(image, names):
    """An image's path without suffix, and without folders that all files share."""
    parts = PurePosixPath(image).with_suffix("").parts
    while len(parts) > 1 and all(name.startswith(parts[0] + "/") for name in names):
        parts, names = parts[1:], [name.partition("/")[2] for name in names]
    return "/".join(parts)
