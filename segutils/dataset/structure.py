"""Which mask belongs to which image, by the one-to-one map between two sets of names.

Content says which files are photographs and which are masks. A word of a path that only photographs have, or only
masks, names a *role* (images, _mask, gtFine); what is left of a path without such words is its key, and an image and
a mask with the same key belong together. Masks of one key with other words are *variants*: copies in colour, objects
numbered, a second observer, one file for each class.
"""

import re
from collections import Counter, defaultdict
from itertools import combinations, pairwise
from pathlib import PurePosixPath
from typing import NamedTuple

import numpy as np

from segutils.dataset import contents, several, shares
from segutils.dataset.classes import MAX_CLASSES
from segutils.dataset.spelling import pieces_of
from segutils.dataset.splits import SPLIT_FOLDERS
from segutils.dataset.words import matching

COLOUR = "copies in colour"
ASIDE = {
    r"colou?rs?|rgb|palette": COLOUR,
    r"inst|instances?|instanceids?|objects?|segmentationobject|panoptic|instancemasks?": "objects, numbered",
    r"pred|preds|predictions?|predicted|results?|probs?|probabilit(y|ies)|heatmaps?": "predictions",
    r"parts": "parts of objects",
    r"fov|fovs|roi|rois|field|retina": "fields of view",
    r"overlays?|overlaid|blend|blended|vis|viz|visual\w*|previews?|thumb(nail)?s?|outlines?|contours?": "to look at",
    r"depth|disparity|edges?|boundar(y|ies)|weights?|distance|normals?": "no masks of classes",
    r"cent(er|re)s?|markers?|superpixels?|flows?|tracks?": "no masks of classes",
}
PLAIN = r"depth|disparity|normals|overlays?|overlaid|visual\w*|previews?|thumb(nail)?s?|superpixels?|flows?"
OBSERVER = r"\d*(st|nd|rd|th)?_?(ho|manual|observers?|raters?|readers?|experts?|annotators?|users?|doctors?|graders?)"
OBSERVER += r"_?(\d*|[a-z])"

COMPARED = 3  # images that two sets of masks must have in common to be compared

NO_CLASS = r"labels?|ids?|train|masks?|seg|segmentations?|gt|truth|coarse|fine|old|new|final|corrected|v\d*|\d+"


class Variant(NamedTuple):
    """Masks (or images) whose names have the same words of a role: {key: name}, and these words."""

    words: tuple
    found: dict


def variants(names, key, role):
    """The Variants among files of one role, the fullest first; and files that share key and words with another."""
    by_words, twice = defaultdict(dict), []
    for name in names:
        sort = (role[name], PurePosixPath(name).suffix.lower())
        if key[name] in by_words[sort]:
            twice.append(name)
        else:
            by_words[sort][key[name]] = name
    merged = {}  # the suffix tells variants apart only where one key has both
    for (words, suffix), found in by_words.items():
        alike = (old for old in merged if _wordy(old[0]) == _wordy(words))
        same = next((old for old in alike if not set(merged[old]) & set(found)), None)
        if same is None:
            merged[words, suffix] = dict(found)
        else:
            merged[same] |= found
    largest = Counter()
    for (words, _), found in merged.items():
        largest[words] = max(largest[words], len(found))
    twice += [name for (words, _), one in merged.items() if len(one) < 0.5 * largest[words] for name in one.values()]
    found = [Variant(words, one) for (words, _), one in merged.items() if len(one) >= 0.5 * largest[words]]
    return sorted(found, key=lambda one: (-len(one.found), one.words)), twice


def _wordy(words):
    """Words of a role without numbers, which may be those of folders that share out the files."""
    return tuple(word for word in words if not word.isdigit())


def why_aside(words, kind="mask"):
    """Why a variant with these words is set aside, or "" if they say nothing."""
    said = [piece.lower() for word in words for piece in (word, *re.findall(r"[A-Z]?[a-z]+", word))]
    reasons = list(ASIDE.items())[kind == "image" :]  # images are in colour
    return next((why for pattern, why in reasons if any(re.fullmatch(pattern, word) for word in said)), "")


def lone_aside(pairing):
    """{file without partner: why} of those that a word calls depth, an overlay, …, which no file in a pair has."""
    paired = [name for pair in pairing.pairs for name in (pair.image, *filter(None, pair.masks))]
    lone = [name for name in (*pairing.lone_images, *pairing.lone_masks) if paired and name not in pairing.likely]
    words = {name: pieces_of(str(PurePosixPath(name).with_suffix(""))) for name in (*lone, *paired)}
    used = {word.lower() for name in paired for word in words[name]}
    own = {name: [w for w in words[name] if re.fullmatch(PLAIN, w, re.I) and w.lower() not in used] for name in lone}
    return {name: why_aside(some, "image") for name, some in own.items() if some}


def tags(found):
    """For each variant the words that not all of them have; of a variant without any, all its words."""
    common = set.intersection(*({word.lower() for word in one.words} for one in found))
    return [tuple(word for word in one.words if word.lower() not in common) for one in found]


class Chosen(NamedTuple):
    """What became of several variants: those to use, those set aside with the reason, how several go together.

    how: "one", "objects" (several masks of one image, each an object), or "classes" (a file for each class).
    question: a sentence where only the user can tell; then nothing is used.
    combined: a sentence where several sets of masks, each of other images, are read as one set.
    """

    used: list
    aside: list
    how: str = "one"
    labels: tuple = ()
    question: str = ""
    combined: str = ""


def choose(files, found, look_of, kind="mask"):
    """Which of several variants are the masks (or the images).

    Args:
        files: Files.
        found: list of Variant.
        look_of: {name: looks of its group}.
        kind: "mask" or "image", for the question.
    """
    if len(found) < 2:
        return Chosen(found, [])
    words, aside = tags(found), []
    reasons = [why_aside(tag, kind) for tag in words]
    if all(any(one.colour for one in _looks(v, look_of)) for v in found):
        reasons = [why if why != COLOUR else "" for why in reasons]  # then colour tells nothing apart
    if not all(reasons):
        aside = [(one, why) for one, why in zip(found, reasons, strict=True) if why]
        found = [one for one, why in zip(found, reasons, strict=True) if not why]
    if kind == "mask" or not _apart(found):
        found, more = _by_content(found, look_of) if kind == "mask" else _by_words(found)
        aside += more
    if len(found) < 2:
        return Chosen(found, aside)
    if _apart(found):
        return Chosen(found, aside, combined=_combined(found) if kind == "mask" else "")
    if len(found := shares.joined(found, tags(found))) < 2:
        return Chosen(found, aside)
    words = tags(found)
    bases = [re.sub(r"\d+|(?<=\d)(st|nd|rd|th)", "", "".join(tag).lower()) for tag in words]
    first = found[0]
    fewer = all(set(a.found) >= set(b.found) for a, b in pairwise(found))
    extra = fewer and len(found[-1].found) < 0.9 * len(first.found)
    same = len(set(bases)) == 1 or all(base in ("", bases[0]) for base in bases)
    binary = all(_median(one, look_of, "values") <= 2 for one in found)
    seen = [re.fullmatch(OBSERVER, "".join(tag).lower()) for tag in words]
    if kind == "mask" and same and not any(seen) and (extra or len(found) > 4):
        return Chosen(found, aside, "objects")
    if kind == "mask" and not same and binary and not any(seen) and _are_classes(files, found, words):
        return Chosen(found, aside, "classes", _labels(words))
    return Chosen([], aside, question=_question(found, words, kind))


def _are_classes(files, found, words):
    """True if variants may be a file for each class: named by words, for several images, and not all of one region."""
    pieces = [[piece.lower() for word in tag for piece in pieces_of(word)] for tag in words]
    if len(found) > MAX_CLASSES or any(all(len(p) < 2 or re.fullmatch(NO_CLASS, p) for p in some) for some in pieces):
        return False
    images = len(set().union(*(one.found for one in found)))
    if np.median([len(one.found) for one in found]) < min(2, images):
        return False  # names of objects do not recur
    return _of_other_regions(files, found)


def _of_other_regions(files, found):
    """True if variants show other regions of the same images: so do classes, and two observers show the same.

    Each has to have some images in common with another, because else nothing tells classes from observers.
    """
    common = {}
    for i, j in combinations(range(len(found)), 2):
        common[i, j] = [key for key in found[i].found if key in found[j].found]
    most = [max(len(keys) for two, keys in common.items() if i in two) for i in range(len(found))]
    if any(shared < min(COMPARED, len(one.found)) for shared, one in zip(most, found, strict=True)):
        return False
    alike = []
    for (i, j), keys in sorted(common.items(), key=lambda item: item[0][1] - item[0][0])[:12]:
        both = {found[i].found[key]: found[j].found[key] for key in keys}
        seen = [several.overlap(files, one, both[one])[1] for one in contents.sampled(both)]
        alike += [float(np.median(seen))] if seen else []
    return float(np.median(alike)) < 0.5 and max(alike) < 0.8


def _labels(words):
    """Names of classes: the words of each variant, without numbers where these are not needed."""
    words = [tuple(dict.fromkeys(tag)) for tag in words]
    short = [" ".join(word for word in tag if not word.isdigit()) for tag in words]
    return tuple(short if len(set(short)) == len(short) and all(short) else (" ".join(tag) for tag in words))


def _by_content(found, look_of):
    """Colour copies beside plain masks, numbered objects beside classes, and one field of view for all, set aside."""
    aside = []
    unseen = [not _looks(one, look_of) for one in found]
    if any(unseen) and not all(unseen):
        aside = [(one, "can't be read") for one, yes in zip(found, unseen, strict=True) if yes]
        found = [one for one, yes in zip(found, unseen, strict=True) if not yes]
    colour = [any(one.colour for one in _looks(v, look_of)) for v in found]
    rich = [_median(v, look_of, "values") > 64 for v in found]
    still = [_all_alike(v, look_of) for v in found]
    arrays = [all(name.endswith(".npy") for name in v.found.values()) for v in found]
    sorts = ((colour, COLOUR, 0.5), (rich, "objects, numbered", 0.5), (still, "fields of view", 0))
    for sort, why, share in (*sorts, (arrays, "arrays beside images of masks", 0)):
        if any(sort) and not all(sort):
            one_sort, others = ([one for one, yes in zip(found, sort, strict=True) if yes == side] for side in (1, 0))
            common = set().union(*(one.found for one in one_sort)) & set().union(*(one.found for one in others))
            out = [one for one in one_sort if common & set(one.found)]
            if any(len(common & set(one.found)) < share * len(one.found) for one in out):
                out, why = [one for one in others if common & set(one.found)], "for some of the images only"
            aside += [(one, why) for one in out if one not in [a for a, _ in aside]]
    left = [one for one in found if one not in [a for a, _ in aside]]
    manual = [
        any(re.fullmatch(OBSERVER, "".join(t).lower()) for t in (tag, *tag))
        for tag in (tags(left) if len(left) > 1 else [()])
    ]
    if any(manual) and len(left) > 1:  # "mask" beside "manual" is where the camera sees
        plain = [{word.lower() for word in tag} <= {"mask", "masks"} and bool(tag) for tag in tags(left)]
        aside += [(one, "fields of view") for one, yes in zip(left, plain, strict=True) if yes]
        left = [one for one, yes in zip(left, plain, strict=True) if not yes]
    return left, aside


def _by_words(found):
    """Of several sets of images the one that is called so, instead of those whose images it has, too."""
    said = [any(re.fullmatch(r"images?|imgs?|rgb|leftimg\w*|photos?", w.lower()) for w in tag) for tag in tags(found)]
    if sum(said) == 1:
        keep = found[said.index(True)]
        out = [one for one in found if one is not keep and set(one.found) <= set(keep.found)]
        return [one for one in found if one not in out], [(one, "another kind of image") for one in out]
    return found, []


def _looks(variant, look_of):
    seen = {id(one): one for name in variant.found.values() for one in look_of.get(name, ())}
    return list(seen.values())


def _median(variant, look_of, field):
    return float(np.median([getattr(one, field) for one in _looks(variant, look_of)] or [0]))


def _all_alike(variant, look_of):
    """True if the masks show one region alike in all images, around the middle and not in the corners."""
    middles = [one.middle for one in _looks(variant, look_of)]
    corners = np.ix_((0, -1), (0, -1))
    if len(middles) < 3 or any(not middle[8, 8] or middle[corners].any() or middle.mean() < 0.3 for middle in middles):
        return False
    return bool(all((middle == middles[0]).mean() > 0.97 for middle in middles))


def _apart(found):
    """True if no key has masks of two variants: together they are one set."""
    return sum(len(one.found) for one in found) == len(set().union(*(one.found for one in found)))


def _combined(found):
    """A sentence on masks that words share out, each set for other images; "" where only numbers or parts do."""
    words = tags(found)
    bases = [{re.sub(r"\d+", "", word).lower() for word in tag} - {"", *SPLIT_FOLDERS} for tag in words]
    if all(base == bases[0] for base in bases):
        return ""
    names = [name for one in found for name in one.found.values()]
    shown = [
        f"{_choice(one, tag, names)[0]} ({len(one.found)} file{'s' * (len(one.found) > 1)})"
        for one, tag in zip(found, words, strict=True)
    ]
    more = f" and {len(shown) - 3} more" if len(shown) > 4 else f" and {shown.pop()}"
    return (
        f"{', '.join(shown[:3])}{more} are masks of other images each: read as one set, a value means the same in all"
    )


def _question(found, words, kind):
    number = {2: "two", 3: "three", 4: "four"}.get(len(found), str(len(found)))
    each = "mask" if kind == "image" else "image"
    counted = Counter(key for one in found for key in one.found)
    each = f"each {each}" if sum(n > 1 for n in counted.values()) >= 0.5 * len(counted) else f"some {each}s"
    names = [name for one in found for name in one.found.values()]
    shown = [_choice(one, tag, names) for one, tag in zip(found, words, strict=True)]
    listed = ", ".join(text for text, _ in shown[:-1]) + f" and {shown[-1][0]}"
    stack = "stack them as the bands of one TIFF, or " if kind == "image" else ""
    return f"{number} {kind}s for {each}: {listed}; {stack}choose with --{kind}s {shown[0][1]}"


def _choice(one, tag, names):
    """How a variant is shown, and the word that picks it from the names of all variants."""
    own = set(one.found.values())
    first = PurePosixPath(min(own))
    ends, folders = [], list(reversed(first.parts[:-1]))
    for word in reversed(tag or one.words):
        start = first.stem.rfind(word)
        ends += [word, first.stem[start:]] if start >= 0 else []
    ends = [(f"*{_gap(first.stem, word)}{word}", word) for word in ends if first.stem.endswith(word)]
    places = [(f"{part}/*", part) for word in reversed(tag) for part in folders if word.lower() in part.lower()]
    words = [(f"*{word}*", word) for word in reversed(tag)]
    longer = [first.stem[found.start() :] for found in re.finditer(r"(?<![^\W_])[^\W\d_]", first.stem)]
    words += [(f"*{_gap(first.stem, end)}{end}", end) for end in reversed(longer) if not re.search(r"\d", end)]
    bare = (re.sub(r"^\d+[_\-. ]|[_\-. ]\d+$", "", part) for part in folders)  # ERR_SEG of 01_ERR_SEG
    words += [(f"*{part}*/*", part) for part in bare if part]
    choices = [*ends, *places, *words, *((f"{part}/*", part) for part in folders), (f"*{first.suffix}", first.suffix)]
    return next((some for some in choices if matching(names, some[1]) == own), choices[0])


def weight(photos, shared):
    """How many files a question about several images for each mask explains.

    Less than pairs would, unless the images lie side by side, and each kind of them has a word that no mask has: then
    pairs would be with any of them.
    """
    common = set.intersection(*({word.lower() for word in one.words} for one in photos))
    homes = {key: {PurePosixPath(one.found[key]).parent for one in photos if key in one.found} for key in shared}
    beside = all(len(folders) < 2 for folders in homes.values())
    if beside and all({word.lower() for word in one.words} - common for one in photos):
        return len(shared) + sum(len(shared & set(one.found)) for one in photos)
    return 2 * len(shared) - 1


def _gap(stem, end):
    """The separator before the end of a stem."""
    before = stem[: len(stem) - len(end)][-1:]
    return before if before in ("-", " ") else "_"
