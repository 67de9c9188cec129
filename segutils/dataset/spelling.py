"""Names as words: what is the key of a file, and which words only images have, or only masks."""

import re
import unicodedata
from collections import Counter, defaultdict
from os.path import commonprefix
from pathlib import PurePosixPath
from typing import NamedTuple

from segutils.dataset.letters import SIGNS, is_number, runs, signs
from segutils.dataset.splits import SEPARATOR, SPLIT_FOLDERS

PIECE = re.compile(r"\d+|[A-Z]*[^\dA-Z]+|[A-Z]+")  # of a run
# trainannot is train and annot
PART = re.compile(
    r"(?!(?:train|test)ing$|validation$)(train(?:ing)?|valid(?:ation)?|val|test(?:ing)?)([a-z]{3,})", re.IGNORECASE
)
EXCLUSIVE = 0.95  # share of a word's files that must be of one role
LEVELS = ("plain", "case", "symbols", "separators")  # what a key tells apart, more and more


class Word(NamedTuple):
    """A word of a path.

    text: as it is written; plain: in small letters; time: which time it occurs, from the end, and below 0 if those in
    folders are counted apart; part: which folder it is of; gap: what stands between it and the next word.
    """

    text: str
    plain: str
    time: int
    part: int = -1
    gap: str = ""


def split_words(name, whole=frozenset(), signed=frozenset(), *, folders_apart=False):
    """The Words of a path (without suffix); "img001" is img and 001, unless it is one of `whole`.

    signed: places of signs that belong to the number behind them.
    """
    found, seen, later = [], Counter(), len(name)
    for start, chunk in reversed(runs(name)):
        part, place, gap = PART.fullmatch(chunk), name.count("/", 0, start), name[start + len(chunk) : later]
        pieces = [chunk] if chunk.lower() in whole and not part else pieces_of(chunk)
        later = start
        if start - 1 in signed:
            pieces[0], later = name[start - 1] + pieces[0], start - 1
        for piece in reversed(pieces):
            for text in filter(None, reversed(PART.fullmatch(piece).groups())) if PART.fullmatch(piece) else [piece]:
                step = -1 if folders_apart and place < name.count("/") else 1
                seen[text.lower(), step] += step
                found.append(Word(text, text.lower(), seen[text.lower(), step], place, gap))
                gap = ""
    return found[::-1]


def pieces_of(text):
    """The words and numbers of a text: manual1 is manual and 1."""
    return [piece for _, run in runs(text) for piece in PIECE.findall(run)]


def keys(
    names,
    roles,
    *,
    chunks_whole=True,
    constants=True,
    folders_whole=False,
    ends_apart=False,
    folders_apart=False,
    never=frozenset(),
):
    """({name: key}, {name: words of its role}) of the names that have a role.

    chunks_whole: a chunk like 1stHO or manual1 that only files of one role have is one word.
    folders_whole: the name of a folder that only files of one role have is one word.
    constants: words that all files of a variant have are part of the key.
    folders_apart: a word of a folder is another than the same word of a stem: 06 in tile06/2020-06.
    ends_apart: what all stems of a folder begin with, by letters, or end with, is a word: seg in segbirch, segoak.
    never: words that are part of no key.
    """
    names = [name for name in names if roles.get(name)]
    bare = {name: unicodedata.normalize("NFC", str(PurePosixPath(name).with_suffix(""))) for name in names}
    if ends_apart:
        bare = _ends_apart(bare, roles)
    chunks = {role: Counter() for role in ("image", "mask")}
    for name in names:
        chunks[roles[name]].update({chunk.lower() for _, chunk in runs(bare[name])})
    both = (("image", "mask"), ("mask", "image"))
    whole = {c for role, other in both for c, n in chunks[role].items() if n > 2 and not chunks[other][c]}
    if ends_apart:  # then nothing is glued to a key: 9d73b2a8 is one word
        whole = {*chunks["image"], *chunks["mask"]}
    if folders_whole:
        words = _with_folders(bare, roles, whole, folders_apart)
    else:
        words = _in_words(bare, roles, whole if chunks_whole else (), folders_apart)
    own = _own_words(words, roles)
    kept = {
        name: [one for one in words[name] if (one.plain, one.time) not in own[roles[name]] and one.plain not in never]
        for name in names
    }
    role = {name: tuple(word.text for word in words[name] if word not in kept[name]) for name in names}
    alike = defaultdict(list)
    for name in names:
        alike[roles[name], role[name]].append(name)
    for members in alike.values() if not constants else ():
        always = set.intersection(*({(word.plain, word.time) for word in kept[name]} for name in members))
        for name in members if len(members) > 1 else ():
            kept[name] = [word for word in kept[name] if (word.plain, word.time) not in always]
    return _fine_enough({name: (kept[name], words[name]) for name in names}, roles, role), role


def _in_words(texts, roles, whole, folders_apart):
    signed = signs({name: (roles[name], text) for name, text in texts.items()})
    return {name: split_words(text, whole, signed[name], folders_apart=folders_apart) for name, text in texts.items()}


def _own_words(words, roles):
    """{role: the (word, time) that only its files have}; few others may have them, and there they say nothing."""
    both, own = (("image", "mask"), ("mask", "image")), {"image": set(), "mask": set()}
    counted, total = {role: Counter() for role in ("image", "mask")}, Counter(roles[name] for name in words)
    for name in words:
        counted[roles[name]].update({(word.plain, word.time) for word in words[name]})
    for role, other in both:
        for word, n in counted[role].items():
            short = word[0].lstrip("0") or "0", word[1]
            if short != word and short in counted[other]:
                continue  # 007 here is 7 there
            rate, others = n / total[role], counted[other][word] / max(total[other], 1)
            if n >= min(2, total[role]) and rate >= EXCLUSIVE * (rate + others):
                own[role].add(word)
    return own


def _fine_enough(split, roles, role):
    """{name: key} of {name: (words that are kept, all words)}: as coarse as it can be without two names alike.

    A key leaves out capitals, symbols and separators. Where files of one role differ in these alone, they count for
    all files, unless that would part images from masks that are written otherwise throughout.
    """
    plain = {name: _key(*words, "plain") for name, words in split.items()}
    if distinct(plain, roles, role) == len(split):
        return plain
    found = [plain, *({name: _key(*words, level) for name, words in split.items()} for level in LEVELS[1:])]
    finest = max(distinct(key, roles, role) for key in found)
    fine = next(key for key in found if distinct(key, roles, role) == finest)
    before, after = (count_shared(key, roles) for key in (plain, fine))
    return fine if before - after <= max(2, 0.1 * before) else plain


def distinct(key, roles, role):
    """How many files keys tell apart, among those of one role with the same words and ending."""
    return len({(key[name], roles[name], role[name], PurePosixPath(name).suffix.lower()) for name in key})


def count_shared(key, roles):
    """How many keys images and masks share."""
    return len(set.intersection(*({key[name] for name in key if roles[name] == one} for one in ("image", "mask"))))


def _key(kept, words, level):
    """Words as a key: numbers all, others once, where they first stand: test/images/01_test is test/gt/01."""
    first, same, seen = {}, {}, Counter()
    for place, word in enumerate(words):
        seen[word.part, word.plain] += 1  # left_left is not left
        same[word] = word if is_number(word.plain) else (word.plain, seen[word.part, word.plain])
        first.setdefault(same[word], place)
    places = sorted({first[same[word]] for word in kept})
    if level == "plain":
        return tuple(words[place].plain for place in places)
    if level == "case":
        return tuple(words[place].text for place in places)
    gaps = {place: re.sub(SEPARATOR, "", words[place].gap).strip("/") for place in places}
    if level == "separators":
        gaps |= {place: words[place].gap for place in places if place + 1 in places}
    return tuple(text for place in places for text in (words[place].text, gaps[place]) if text)


def _with_folders(bare, roles, whole, folders_apart):
    """As split_words, but a folder that only files of one role have is one word."""
    below = {role: set() for role in ("image", "mask")}
    for name, text in bare.items():
        below[roles[name]].update(text.split("/")[:-1])
    own, named, shared = below["image"] ^ below["mask"], {}, {}
    for name, text in bare.items():
        *folders, stem = text.split("/")
        named[name] = [Word(part, part.lower(), 1) for part in folders if part in own]
        shared[name] = "/".join([*(part for part in folders if part not in own), stem])
    return {name: named[name] + words for name, words in _in_words(shared, roles, whole, folders_apart).items()}


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
        start, end = _common_ends(list(stems.values()))
        for name, stem in stems.items():
            middle, home = stem[start : len(stem) - end], bare[name][: len(bare[name]) - len(stem)]
            found[name] = f"{home}{stem[:start]} {middle} {stem[len(stem) - end :]}" if middle else bare[name]
    return found


def _common_ends(stems):
    """How many letters all stems begin and end with; no number is cut, nor its sign cut off."""
    start = len(commonprefix(stems))
    if any(stem[start : start + 1].isdigit() for stem in stems):
        start = len(stems[0][:start].rstrip("0123456789"))
        start -= start > 1 and stems[0][start - 1] in SIGNS and not stems[0][start - 2].isalnum()
    end = len(commonprefix([stem[start:][::-1] for stem in stems]))
    if any(re.search(rf"[{SIGNS}\d]$", stem[start : len(stem) - end]) for stem in stems):
        end = len(stems[0][len(stems[0]) - end :].lstrip("0123456789"))
    return start, end


def without_zeros(key):
    """A key whose numbers have no leading zeros."""
    return tuple(
        word[: -len(word.lstrip(SIGNS))] + (word.lstrip(SIGNS + "0") or "0") if is_number(word) else word
        for word in key
    )


def numbered(names, roles, key, image_of, used):
    """{mask: key of its image} of masks with a number more than their image: benign (3)_mask_1 beside benign (3).

    Not where images themselves are told apart so: with IMG_3 and IMG_3_1 there, IMG_5_1 is the mask of a lost image.
    """
    found = {}
    for name in names:
        for count in (1, 2) if roles.get(name) == "mask" and name not in used else ():
            short, numbers = key[name][:-count], key[name][-count:]
            if short in image_of and all(word.isdigit() for word in numbers) and name not in found:
                found[name] = short
    longer = {n for k in image_of for n in (1, 2) if k[:-n] in image_of and k[-n:] and "".join(k[-n:]).isdigit()}
    return {name: short for name, short in found.items() if len(key[name]) - len(short) not in longer}


def by_beginning(roles):
    """{image: masks} of masks whose stems go on where that of an image ends: IMG_1_3fa9c2.png beside IMG_1.jpg.

    {} unless all masks do so, and most images have several. A short number alone may be that of another, lost image.
    """
    images, masks_of = {}, defaultdict(list)
    for name in (name for name in roles if roles[name] == "image"):
        images[PurePosixPath(name).stem] = "" if PurePosixPath(name).stem in images else name
    for name in (name for name in roles if roles[name] == "mask"):
        stem = PurePosixPath(name).stem
        ends = [found.start() for found in re.finditer(SEPARATOR, stem)]
        end = next((end for end in reversed(ends) if images.get(stem[:end])), None)
        if end is None or re.fullmatch(rf"[{SIGNS}_. ]+\d{{1,5}}", stem[end:]):
            return {}
        masks_of[images[stem[:end]]].append(name)
    several = sum(len(found) > 1 for found in masks_of.values())
    return masks_of if 2 * several > len(masks_of) else {}


def plain(key):
    """A key as one word, without leading zeros, to find near ones."""
    return "".join(without_zeros(key))
