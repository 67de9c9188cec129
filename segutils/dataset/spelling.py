"""Names as words: what is the key of a file, and which words only images have, or only masks."""

import re
from collections import Counter, defaultdict
from os.path import commonprefix
from pathlib import PurePosixPath
from typing import NamedTuple

from segutils.dataset.splits import SEPARATOR, SPLIT_FOLDERS

WORD = re.compile(r"[^\W_]+")
PIECE = re.compile(r"[0-9]+|[A-Z]*[^\W\d_A-Z]+|[A-Z]+")
# trainannot is train and annot
PART = re.compile(
    r"(?!(?:train|test)ing$|validation$)(train(?:ing)?|valid(?:ation)?|val|test(?:ing)?)([a-z]{3,})", re.IGNORECASE
)
EXCLUSIVE = 0.95  # share of a word's files that must be of one role


class Word(NamedTuple):
    """A word of a path: as it is written, in small letters, and which time it occurs, from the end."""

    text: str
    plain: str
    time: int


def split_words(name, whole=frozenset()):
    """The Words of a path (without suffix); "img001" is img and 001, unless it is one of `whole`."""
    found, seen = [], Counter()
    for chunk in reversed(WORD.findall(name)):
        part = PART.fullmatch(chunk)
        for piece in [chunk] if chunk.lower() in whole and not part else reversed(PIECE.findall(chunk)):
            for text in filter(None, reversed(PART.fullmatch(piece).groups())) if PART.fullmatch(piece) else [piece]:
                seen[text.lower()] += 1
                found.append(Word(text, text.lower(), seen[text.lower()]))
    return found[::-1]


def keys(names, roles, *, chunks_whole=True, constants=True, folders_whole=False, ends_apart=False):
    """({name: key}, {name: words of its role}) of the names that have a role.

    chunks_whole: a chunk like 1stHO or manual1 that only files of one role have is one word.
    folders_whole: the name of a folder that only files of one role have is one word.
    constants: words that all files of a variant have are part of the key.
    ends_apart: what all stems of a folder begin with, by letters, or end with, is a word: seg in segbirch, segoak.
    """
    names = [name for name in names if roles.get(name)]
    bare = {name: str(PurePosixPath(name).with_suffix("")) for name in names}
    if ends_apart:
        bare = _ends_apart(bare, roles)
    chunks = {role: Counter() for role in ("image", "mask")}
    for name in names:
        chunks[roles[name]].update({c.lower() for c in WORD.findall(bare[name])})
    both = (("image", "mask"), ("mask", "image"))
    whole = {c for role, other in both for c, n in chunks[role].items() if n > 2 and not chunks[other][c]}
    if ends_apart:  # then nothing is glued to a key: 9d73b2a8 is one word
        whole = {*chunks["image"], *chunks["mask"]}
    words = {name: split_words(bare[name], whole if chunks_whole else ()) for name in names}
    if folders_whole:
        words = _with_folders(bare, roles, whole)
    counted, total = {role: Counter() for role in ("image", "mask")}, Counter(roles[name] for name in names)
    for name in names:
        counted[roles[name]].update({(word.plain, word.time) for word in words[name]})
    own = set()
    for role, other in both:
        for word, n in counted[role].items():
            short = word[0].lstrip("0") or "0", word[1]
            if short != word and short in counted[other]:
                continue  # 007 here is 7 there
            rate, others = n / total[role], counted[other][word] / max(total[other], 1)
            if n >= min(2, total[role]) and rate >= EXCLUSIVE * (rate + others):
                own.add(word)
    kept = {name: [word for word in words[name] if (word.plain, word.time) not in own] for name in names}
    role = {name: tuple(word.text for word in words[name] if (word.plain, word.time) in own) for name in names}
    alike = defaultdict(list)
    for name in names:
        alike[roles[name], role[name]].append(name)
    for members in alike.values() if not constants else ():
        always = set.intersection(*({(word.plain, word.time) for word in kept[name]} for name in members))
        for name in members if len(members) > 1 else ():
            kept[name] = [word for word in kept[name] if (word.plain, word.time) not in always]
    return {name: _once(kept[name], words[name]) for name in names}, role


def _once(kept, words):
    """Words as a key: numbers all, others once, where they first stand: test/images/01_test is test/gt/01."""
    first = {}
    for place, word in enumerate(words):
        first.setdefault(word if word.plain.isdigit() else word.plain, place)
    places = sorted({first[word if word.plain.isdigit() else word.plain] for word in kept})
    return tuple(words[place].plain for place in places)


def _with_folders(bare, roles, whole):
    """As split_words, but a folder that only files of one role have is one word."""
    below = {role: set() for role in ("image", "mask")}
    for name, text in bare.items():
        below[roles[name]].update(text.split("/")[:-1])
    own, found = below["image"] ^ below["mask"], {}
    for name, text in bare.items():
        *folders, stem = text.split("/")
        shared = "/".join([*(part for part in folders if part not in own), stem])
        found[name] = [Word(part, part.lower(), 1) for part in folders if part in own] + split_words(shared, whole)
    return found


def _ends_apart(bare, roles):
    """Paths with a gap behind what all stems of a folder and role begin with, and before what all of them end with.

    Folders that differ only in the part of a split that they name count as one.
    """
    alike, found = defaultdict(list), {}
    for name, text in bare.items():
        folder = text.rpartition("/")[0].lower()
        words = tuple(word for word in re.split(rf"/|{SEPARATOR}", folder) if word not in SPLIT_FOLDERS)
        alike[roles[name], words].append(name)
    for names in alike.values():
        stems = {name: bare[name].rpartition("/")[2] for name in names}
        start = len(commonprefix(list(stems.values())))
        end = len(commonprefix([stem[start:][::-1] for stem in stems.values()]))
        for name, stem in stems.items():
            middle, home = stem[start : len(stem) - end], bare[name][: len(bare[name]) - len(stem)]
            found[name] = f"{home}{stem[:start]} {middle} {stem[len(stem) - end :]}" if middle else bare[name]
    return found


def without_zeros(key):
    """A key whose numbers have no leading zeros."""
    return tuple(word.lstrip("0") or "0" if word.isdigit() else word for word in key)
