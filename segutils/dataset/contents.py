"""What a file looks like: a photograph, or a mask. Told by its pixels; of many alike, a few are looked at."""

import re
import warnings
import zlib
from collections import Counter, defaultdict
from pathlib import PurePosixPath
from typing import NamedTuple

import numpy as np

from segutils.dataset.files import ImageFileError
from segutils.dataset.images import open_image

SAMPLE = 5  # files of one kind of name that are looked at
MORE = 200  # the same where what five say leads to no pairs
MAJORITY = 0.75  # share of photographs in a folder that makes its dark tiles photographs, too
WINDOW = 512  # rows and columns of the middle that count


class Look(NamedTuple):
    """What the pixels of a file say.

    kind: "photo", "mask", or "unclear".
    bits: entropy of the difference between neighbours: a photograph's is large, a mask's small.
    values: how many different ones; colour: some are no grey.
    share: of pixels above 0, as a sign of a field of view; middle: a small copy, to compare masks of several images.
    """

    kind: str
    bits: float
    values: int
    colour: bool
    middle: np.ndarray


def look(files, name):
    """The Look of a file, or None if it can't be read."""
    values = _middle(files, name)
    if values is None:
        return None
    codes, colour = _codes(values)
    count, apart = int(codes.max()) + 1, codes[:, 1:] - codes[:, :-1]
    if values.dtype.kind == "f" and not ((values == np.round(values)) | np.isnan(values)).all():
        kind = "photo" if count > 32 else "unclear"
    elif count > 64 and (apart == 0).mean() < 0.6:
        kind = "photo"
    else:
        kind = "mask" if 1 < count <= 32 and (count == 2 or (apart == 0).mean() > 0.6) else "unclear"
    rows, columns = (np.linspace(0, side - 1, 16).astype(int) for side in codes.shape)
    return Look(kind, _entropy(apart), count, colour, codes[np.ix_(rows, columns)] > 0)


def region(files, name):
    """(H, W) bool, the pixels of a mask's middle that are not of its lowest value; None if it can't be read.

    Of one value all are the region, unless that is 0.
    """
    values = _middle(files, name)
    if values is None:
        return None
    codes, _ = _codes(values)
    return codes > 0 if codes.max() else np.full(codes.shape, bool(values.any()))


def _middle(files, name):
    """The values of a file's middle, (H, W) or (H, W, bands), or None if it can't be read."""
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", module=r"PIL\.")
            opened = open_image(files, name)
            values = np.asarray(opened if isinstance(opened, np.ndarray) or opened.mode != "1" else opened.convert("L"))
            if not isinstance(opened, np.ndarray) and opened.mode in ("LA", "La", "PA", "RGBA", "CMYK", "YCbCr"):
                values = np.asarray(opened.convert("L" if opened.mode != "RGBA" else "RGB"))
    except ImageFileError:
        return None
    values = values[tuple(slice(max(0, (side - WINDOW) // 2), (side + WINDOW) // 2) for side in values.shape[:2])]
    return values if min(values.shape[:2]) > 1 else None


def _codes(values):
    """Numbers for the values (or colours), from 0 on by their order, (H, W), and whether some are no grey."""
    bands = values.reshape(*values.shape[:2], -1)
    colour = bands.shape[-1] > 1 and bool((bands != bands[..., :1]).any())
    codes = np.unique(bands.reshape(-1, bands.shape[-1]), axis=0, return_inverse=True)[1] if colour else bands[..., 0]
    return np.unique(codes.reshape(values.shape[:2]), return_inverse=True)[1].reshape(values.shape[:2]), colour


def _entropy(numbers):
    shares = np.unique(numbers, return_counts=True)[1] / numbers.size
    return float(-(shares * np.log2(shares)).sum())


def group_alike(names):
    """Names that are alike but for their numbers and free words: {what they share: names}."""
    by_place, below = defaultdict(list), defaultdict(set)
    for name in names:
        parts = PurePosixPath(name).parts
        for i, part in enumerate(parts[:-1]):
            below[parts[:i]].add(part)
    for name in names:
        path = PurePosixPath(name)
        folders = ("*" if len(below[path.parts[:i]]) > 20 else part for i, part in enumerate(path.parts[:-1]))
        words = re.split(r"[^A-Za-z]+", path.stem.lower())
        ends = next(filter(None, words), ""), next(filter(None, reversed(words)), "")
        by_place[("/".join(folders), path.suffix.lower())].append((name, ends))
    groups, all_ends = defaultdict(list), [ends for found in by_place.values() for _, ends in found]
    everywhere = [Counter(ends[k] for ends in all_ends) for k in (0, 1)]  # a folder may hold one or two of each kind
    for place, found in by_place.items():
        usual = [Counter(ends[k] for _, ends in found) for k in (0, 1)]
        for name, ends in found:
            kept = (
                end if here[end] > max(2, len(found) // 50) or there[end] > max(2, len(names) // 50) else ""
                for end, here, there in zip(ends, usual, everywhere, strict=True)
            )
            groups[(*place, *kept)].append(name)
    return groups


def sampled(names, count=SAMPLE):
    """Some of the names, the same each time, and spread without a rhythm that numbers in them might have, too."""
    return sorted(sorted(names, key=lambda name: zlib.crc32(name.encode("utf-8", "surrogatepass")))[:count])


def looks(files, count=SAMPLE):
    """[(names, looks of some of them)] for all files in groups that are alike; a mixed group comes file by file.

    Not where nearly all of the group are photographs, and the masks lie elsewhere: what looks like a mask there is a
    tile with nothing on it, black or burnt out.
    """
    found, mixed = [], []
    for names in group_alike(files.names).values():
        seen = [one for name in sampled(names, count) if (one := look(files, name)) is not None]
        if {"photo", "mask"} <= {one.kind for one in seen}:
            mixed.append({name: look(files, name) for name in names})
        else:
            found.append((names, seen))
    masks = sum(len(names) for names, seen in found if seen and usual(seen) == "mask")
    for group in mixed:
        photos = [one for one in group.values() if one is not None and one.kind == "photo"]
        if len(photos) >= MAJORITY * len(group) and masks >= 0.5 * len(photos):
            found.append((list(group), photos))
        else:
            found += [([name], [one] if one else []) for name, one in group.items()]
    return found


def usual(seen):
    """The kind that most of some Looks have."""
    return Counter(one.kind for one in seen).most_common(1)[0][0]


def roles(files, said, count=SAMPLE):
    """{name: "image", "mask" or None} by content; where that is unclear by words, else beside the others.

    Args:
        said: a function, name → "image", "mask" or None, as the words of the name say.
        count: how many files of one kind of name are looked at.
    Returns: that, and {name: looks of its group}.
    """
    groups = looks(files, count)
    certain = [usual(seen) if seen else None for _, seen in groups]
    strong = [kind if kind in ("photo", "mask") else None for kind in certain]
    photos = [
        np.median([one.bits for one in seen]) for (_, seen), k in zip(groups, strong, strict=True) if k == "photo"
    ]
    unclear = [
        np.median([one.bits for one in seen]) for (_, seen), k in zip(groups, certain, strict=True) if k == "unclear"
    ]
    role_of, look_of = {}, {}
    for (names, seen), kind, sure in zip(groups, certain, strong, strict=True):
        for name in names:
            role = {"photo": "image", "mask": "mask"}.get(sure) or said(name)
            if role is None and kind == "unclear":
                bits = np.median([one.bits for one in seen])
                mask = bits < 0.5 * max(photos) if photos else bits < 0.5 * max(unclear)
                role = "mask" if mask else "image"
            role_of[name], look_of[name] = role, seen
    if "image" not in role_of.values():
        role_of |= {name: "image" for name in role_of if said(name) == "image"}
    if "image" not in role_of.values():  # drawings, or dark images of few levels: the richest group is no mask
        richest = max(groups, key=lambda group: np.median([one.bits for one in group[1]]) if group[1] else -1)
        others = [np.median([one.bits for one in seen]) for names, seen in groups if seen and names is not richest[0]]
        if others and np.median([one.bits for one in richest[1]]) > 1.5 * max(others):
            role_of |= dict.fromkeys(richest[0], "image")
    return role_of, look_of
