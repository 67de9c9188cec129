"""Train, validation and test: no group of related images is in two of them."""

import re
from itertools import pairwise
from pathlib import PurePosixPath
from typing import NamedTuple

import numpy as np

SPLIT_FOLDERS = {
    "train": "train",
    "training": "train",
    "val": "validation",
    "valid": "validation",
    "validation": "validation",
}
SPLIT_FOLDERS |= {
    "trn": "train",
    "tst": "test",
    "dev": "validation",
    "test": "test",
    "testing": "test",
    "holdout": "test",
}
SEPARATOR = r"[_\-. ]+"


class Splits(NamedTuple):
    """Positions of the pairs in each part."""

    train: np.ndarray
    validation: np.ndarray
    test: np.ndarray


def split_by_group(groups, *, shares=(0.7, 0.15, 0.15), seed=0):
    """Split pairs so that no group is in two parts: images of one patient, one film, one slide stay together.

    Groups come in random order, each to the part that is furthest below its share: the parts then have the asked shares
    of images, where scikit-learn's GroupShuffleSplit shares out groups, however many images each has.
    Args:
        groups: one name for each pair; what is alike stays together.
        shares: of train, validation and test; they sum to 1.
    Returns: Splits.
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
    return Splits(*(np.flatnonzero(part_of[group] == part) for part in range(3)))


def group_names(pairs, pattern=None, duplicates=()):
    """A group name for each pair: what `pattern` finds in its key, and one name for all duplicates.

    Slices of one stack and tiles of one large image are one group, unless a pattern says otherwise.

    Args:
        pairs: list of Pair.
        pattern: regular expression; its first group (or all of it) in the key names the group; None: each its own.
        duplicates: tuples of image names that show the same image (segutils.dataset.similar.duplicates).
    Raises: ValueError if the pattern does not fit a key.
    """
    part = re.compile(r"#(\d+|r\d+c\d+)$")  # a slice of a stack, a tile of a large image
    names = [part.sub("", pair.key) if part.search(pair.image) else pair.key for pair in pairs]
    if pattern is not None:
        for i, pair in enumerate(pairs):
            found = re.search(pattern, pair.key)
            names[i] = found and (found[1] if found.re.groups else found[0])
            if names[i] is None:
                raise ValueError(f"the pattern {pattern!r} does not fit {pair.key!r}")
    known = sorted(set(names))
    place = dict(zip(known, range(len(known)), strict=True))
    of_image = {pair.image: place[name] for pair, name in zip(pairs, names, strict=True)}
    alike = [[of_image[image] for image in same if image in of_image] for same in duplicates]
    group = linked([edge for places in alike for edge in pairwise(places)], len(known))
    first = np.unique(group, return_index=True)[1]
    return [known[first[group[place[name]]]] for name in names]


def linked(edges, count):
    """For each of the numbers 0 to count - 1 its group: what edges (i, j) link, directly or by others."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    i, j = np.reshape(edges, (-1, 2)).astype(int).T
    links = coo_array((np.ones(len(i), np.int8), (i, j)), shape=(count, count))
    return connected_components(links, directed=False)[1]


def split_named(name):
    """The part of a split that a folder of the path names: train, validation, test or None."""
    return next(iter(parts_named(name)), None)


def split_in_stem(name):
    """The part that a file's own name says, as instances_val2017.json does; or None."""
    return split_named(f"{PurePosixPath(name).stem}/")


def parts_named(name):
    """The parts that the first folder of a path to name any names, in its order: of train_val_images two."""
    for folder in name.lower().split("/")[:-1]:
        words = re.split(rf"\d+|{SEPARATOR}", folder)
        if found := [SPLIT_FOLDERS[word] for word in words if word in SPLIT_FOLDERS]:
            return list(dict.fromkeys(found))
    return []


def splits_by_folder(pairs):
    """Parts that folders name (train/, val/, test/), for all pairs; None unless all three are there for all pairs."""
    named = np.array([split_named(pair.image) or "" for pair in pairs])
    if set(named.tolist()) != set(Splits._fields):
        return None
    return Splits(*(np.flatnonzero(named == part) for part in Splits._fields))


def split_as_given(parts, groups, *, shares=(0.7, 0.15, 0.15), seed=0):
    """The set's own split, completed: what it calls test is the exam, and what it calls train is never in the exam.

    Without a test part its validation part is the exam (so it is with public sets that keep the test masks back), and
    validation is taken from train, group by group; without a validation part that is taken from train, too.
    Args:
        parts: for each pair "train", "validation", "test", or None: then it is left out.
        groups: one name for each pair.
        shares: as split_by_group.
    Returns: Splits, or None where no train part is named, or no other.
    Raises: ValueError if validation would have to be taken from a train part of one image. Where all of its images are
        one group, it is taken image by image: too easy an exam for the weights, but the test is not touched.
    """
    place = {part: np.array([i for i, one in enumerate(parts) if one == part], int) for part in Splits._fields}
    if not len(place["train"]) or len(place["train"]) == sum(part is not None for part in parts):
        return None
    if not len(place["test"]):
        place["test"], place["validation"] = place["validation"], place["test"]
    if not len(place["validation"]):
        names = np.asarray(groups)[place["train"]]
        if len(set(names)) < 2:
            names = place["train"]
        if len(names) < 2:
            cure = "add images to train, or a folder val beside it"
            raise ValueError(f"validation is taken from train, but train has one image with a mask only; {cure}")
        chosen = np.random.default_rng(seed).permutation(np.unique(names))
        wanted, taken = shares[1] / (shares[0] + shares[1]) * len(names), []
        for name in chosen[:-1]:
            if np.isin(names, taken).sum() < wanted:
                taken.append(name)
        held = np.isin(names, taken)
        place["validation"], place["train"] = place["train"][held], place["train"][~held]
    return Splits(**place)


def across(pairs, parts, groups):
    """Relatives in two parts of a given split: [(image, its part, image, its part), ...], one for each two parts.

    Args: groups: tuples of image names that belong together (duplicates, neighbours).
    """
    part_of, found = {pair.image: part for pair, part in zip(pairs, parts, strict=True)}, []
    for names in groups:
        first = {}
        for name in names:
            if part_of.get(name):
                first.setdefault(part_of[name], name)
        order = sorted(first, key=Splits._fields.index)
        found += [(first[a], a, first[b], b) for a, b in zip(order, order[1:], strict=False)]
    return found
