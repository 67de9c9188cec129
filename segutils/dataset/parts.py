"""The parts of a split that lists, folders or annotations name: train, validation and test."""

import re
from collections import defaultdict
from pathlib import PurePosixPath

from segutils.dataset import drawing, legend
from segutils.dataset.splits import parts_named, split_in_stem


def with_parts(files, found):
    """The parts of a split that lists or folders name; images that no list names are left alone.

    Where lists name validation or test only, as fastai's valid.txt, all else is for training.
    """
    if found.question:
        return found._replace(parts={})
    pairs, words = found.pairing.pairs, {}
    for pair in pairs:
        path = re.sub(r"#(\d+|\*)$", "", pair.image)
        bare = str(PurePosixPath(path).with_suffix(""))
        for word in (path, bare, PurePosixPath(path).stem, pair.key):
            words.setdefault(word, pair.key)
    lone = found.pairing.lone_images
    listed = legend.read_lists(files, words, _by_folder(pairs))
    parts = {pair.key: listed.get(pair.key) or _part_of(files, pair) for pair in pairs}
    if listed and "train" not in parts.values():
        parts = {key: part or "train" for key, part in parts.items()}
    if listed:
        found = found._replace(
            pairing=found.pairing._replace(lone_images=[n for n in lone if n in found.pairing.likely])
        )
        rest = [name for name in lone if name not in found.pairing.likely]
        found = found._replace(aside=found.aside | dict.fromkeys(rest, "in no list of a split, and without a mask"))
    return found._replace(parts={key: part for key, part in parts.items() if part}, listed=bool(listed))


def _by_folder(pairs):
    """{a folder's name, or its path: keys of the images below it}, but of folders that hold all of them."""
    below = defaultdict(list)
    for pair in pairs:
        parts = PurePosixPath(pair.image).parts[:-1]
        for word in {*parts, *("/".join(parts[i:j]) for j in range(len(parts) + 1) for i in range(j))}:
            below[word].append(pair.key)
    return {word: keys for word, keys in below.items() if len(keys) < len(pairs)}


def _part_of(files, pair):
    """The part that the folders of an image name; where they name several or none, that of its annotation's file.

    That is said by the name of the file: instances_val2017.json.
    """
    by_folder, text = parts_named(pair.image), drawing.text_of(files, pair.mask)
    said = split_in_stem(text) if text else None
    return said if said and (not by_folder or said in by_folder) else next(iter(by_folder), None)
