"""Which mask belongs to which image: by the usual words, by structure, by annotations; slices of stacks.

Words come first, for they say most; where they leave files unexplained, structure is asked, and what explains more
files counts. Where too few masks are found, annotations (COCO, labelme, …) are drawn.
"""

from collections import Counter, defaultdict
from itertools import product
from pathlib import PurePosixPath
from typing import NamedTuple

from segutils.dataset import contents, drawing, panoptic, parts, several, spelling, stacks, structure, tiles, views
from segutils.dataset.files import ChoiceError
from segutils.dataset.words import Pair, Pairing, matching, pair_by_words, role_by_words, shown

__all__ = ["Arrangement", "Pair", "Pairing", "arrange", "find_pairs"]


class Arrangement(NamedTuple):
    """All that is known of a set before its pixels are examined.

    pairing: Pairing.
    kind: "masks" (one a pair), "objects" (several masks of an image), "classes" (one file for each class, "" where an
        image has none) or "drawn" (from annotations).
    labels: names of the classes of kind "classes".
    aside: {name of a file that is not used: why}.
    question: what only the user can decide, or "".
    parts: {key of a pair: "train", "validation" or "test"}, by folders or lists.
    listed: True if lists say which images count.
    combined: as structure.Chosen.
    turned: True if pixels say the opposite of the words: the files that are called images are the masks.
    doubtful: {image: a sentence} of images that have several masks which are no objects, and are left out.
    """

    pairing: Pairing
    kind: str = "masks"
    labels: tuple = ()
    aside: dict = {}
    question: str = ""
    parts: dict = {}
    listed: bool = False
    combined: str = ""
    turned: bool = False
    doubtful: dict = {}


def find_pairs(files, *, images=None, masks=None):
    """Pair images with masks.

    A file is a mask if a folder above it, or the end or beginning of its name, says so by a usual word; what is left of
    its path without such words is its key, and an image with the same key is its partner. Masks without partner that
    lie beside a single image (id/masks/*.png beside id/images/id.png) are one mask an object. Where that leaves files
    unexplained, the words that only photographs or only masks have are found by looking at the files. Annotations
    (COCO, labelme, YOLO, …) are drawn; slices of stacks become pairs.

    Args:
        files: Files.
        images, masks: names of the folders (or name endings) that hold them, where they are unusual.
    Returns: Pairing, sorted by key.
    """
    return arrange(files, images=images, masks=masks).pairing


def arrange(files, *, images=None, masks=None):
    """As find_pairs, with all that was found beside the pairs. Returns: Arrangement."""
    return files.once(("arranged", images, masks), lambda: _arranged(files, images, masks))


def _arranged(files, images, masks):
    _check_named(files, IMAGES=images, MASKS=masks)
    if not masks and panoptic.is_listed(files) and (about := drawing.drawn(files)).numbers:
        return parts.with_parts(files, _by_annotations(files, about))
    found = Arrangement(pair_by_words(files.names, images=images, masks=masks))
    if not images and not masks:
        found = _turned(files, found)
    free = not masks or bool(matching(files.names, masks))
    if free and _unexplained(found):
        found = _best(files, images, masks, found)
    if not masks and _lacks(found):
        about = drawing.drawn(files)
        if about.format and len(about.masks) > len(found.pairing.pairs):
            found = _by_annotations(files, about)
    if free and found.kind != "drawn" and _lacks(found):
        found = _best(files, images, masks, found, contents.MORE)
    if not images and not masks and found.kind != "drawn":
        found = _called_by_content(files, found)
    found = tiles.expand(files, stacks.expand(files, several.judge(files, found)))
    return parts.with_parts(files, found)


def _best(files, images, masks, found, count=contents.SAMPLE):
    """The arrangement that explains most files: the one that is found, or one by structure."""
    if count > contents.SAMPLE and _seen(files, count)[0] == _seen(files)[0]:
        return found  # to look at more files said nothing new
    for way in _ways(files, images, masks, count):
        if bool(found.question) != bool(way.question) and any(_one_to_one(files, one) for one in (found, way)):
            found = way if found.question else found
        elif _explained(way) > _explained(found):  # of equals the first
            found = way
        if not found.question and _explained(found) == len(files.names):
            break
    return found


def _turned(files, found):
    """Pairs the other way round where words and pixels contradict each other: input/ holds classes, target/ photos."""
    pairing = found.pairing
    mask_of = {pair.image: pair.mask for pair in pairing.pairs if len(pair.masks) == 1}
    chosen = contents.sampled(mask_of)
    kinds = [[getattr(contents.look(files, name), "kind", "") for name in (one, mask_of[one])] for one in chosen]
    if len(mask_of) < len(pairing.pairs) or not kinds or any(two != ["mask", "photo"] for two in kinds):
        return found
    pairs = [pair._replace(image=pair.mask, masks=(pair.image,)) for pair in pairing.pairs]
    lone = {"lone_images": pairing.lone_masks, "lone_masks": pairing.lone_images}
    return found._replace(pairing=pairing._replace(pairs=pairs, **lone), turned=True)


def _called_by_content(files, found):
    """Files without partner that no usual word calls image or mask, called so by their pixels; these may agree."""
    pairing, aside = found.pairing, structure.lone_aside(found.pairing)
    lone = dict.fromkeys(pairing.lone_images, "image") | dict.fromkeys(pairing.lone_masks, "mask")
    said = {name: role_by_words(name) for name in lone if name not in aside}
    lone = {name: lone[name] for name in said}
    if any(said[name] != lone[name] for name in lone):
        roles, _ = _seen(files, contents.MORE if _lacks(found) else contents.SAMPLE)
        lone |= {name: roles[name] for name in lone if roles[name] and said[name] in (None, roles[name])}
    by_role = [sorted(name for name in lone if lone[name] == role) for role in ("image", "mask")]
    pairing = pairing._replace(lone_images=by_role[0], lone_masks=by_role[1])
    return found._replace(pairing=pairing, aside=found.aside | aside)


def _one_to_one(files, found):
    """True if nearly all files are in pairs, with one mask for each image: then there is nothing to ask."""
    if found.question:
        return False
    pairing = found.pairing
    single = found.kind == "masks" and all(len(pair.masks) == 1 for pair in pairing.pairs)
    few = len(pairing.lone_masks) <= 0.1 * len(pairing.pairs) and not pairing.ambiguous and not found.aside
    return single and few and 2 * len(pairing.pairs) >= 0.8 * len(files.names)


def _lacks(found):
    """True if most images have no mask, and nothing is asked."""
    return not found.question and len(found.pairing.pairs) < 0.5 * _count_images(found)


def _seen(files, count=contents.SAMPLE):
    """What contents.roles says."""
    return files.once(("roles", count), lambda: contents.roles(files, role_by_words, count))


def _check_named(files, **wanted):
    """Refuse a name that no file has. Raises: ChoiceError."""
    for parameter, name in wanted.items():
        if name and not matching(files.names, name):
            folders = sorted({part for file in files.names for part in PurePosixPath(file).parts[:-1]})
            there = f"; the folders are {', '.join(folders[:8])}{', …' * (len(folders) > 8)}" if folders else ""
            raise ChoiceError(
                parameter, f"no image lies in a folder {name!r}, or has a name that begins or ends so{there}"
            )


def _ways(files, images, masks, count):
    """Arrangements by structure, one way after the other, the plainest first."""
    roles = _roles(files, images, masks, count)
    yield _by_folder(files, *roles)
    for some in product((False, True), (False, True), (True, False), (True, False)):
        options = dict(zip(("ends_apart", "folders_whole", "constants", "chunks_whole"), some, strict=True))
        yield _by_structure(files, *roles, **options)
    for constants in (True, False):
        yield _by_structure(files, *roles, constants=constants, folders_apart=True)
    yield _by_beginning(files, *roles)


def _unexplained(found):
    pairing = found.pairing
    return len(pairing.lone_images) + len(pairing.lone_masks) + sum(map(len, pairing.ambiguous.values()))


def _explained(found):
    if found.question:
        return len(found.aside) + found.parts.get("asked", 0)
    return len(found.aside) + sum(1 + sum(map(bool, pair.masks)) for pair in found.pairing.pairs)


def _count_images(found):
    return len(found.pairing.pairs) + len(found.pairing.lone_images)


def _roles(files, images, masks, count):
    """{name: role}, {name: looks of its group}, {name: why it is set aside} where the user chose."""
    roles, look_of = _seen(files, count)
    roles, aside = dict(roles), {}
    photos, drawn = (matching(files.names, some) if some else () for some in (images, masks))
    if masks:
        for name in files.names:
            if name in drawn and name not in photos:
                roles[name] = "mask"
            elif roles[name] == "mask":
                roles[name], aside[name] = (None, f"not among the masks that were chosen ({masks})")
    if images:
        for name in files.names:
            if name in photos:
                roles[name] = "image"
                aside.pop(name, None)
            elif roles[name] == "image":
                roles[name], aside[name] = (None, f"not among the images that were chosen ({images})")
    return roles, look_of, aside


def _by_folder(files, roles, _, aside):
    """Arrangement of masks in a folder that is named as their image: masks/a/1.png and images/a.png."""
    stems, masks_of = {}, defaultdict(list)
    photos = {name: PurePosixPath(name).stem for name in files.names if roles[name] == "image"}
    for name, stem in photos.items():
        stems.setdefault(stem, name)
    small = Counter(stem.lower() for stem in stems)  # capitals count only where nothing else tells images apart
    stems |= {stem.lower(): name for stem, name in stems.items() if small[stem.lower()] == 1}
    for name in files.names:
        folders = [part.removesuffix("_json") for part in PurePosixPath(name).parts[-2:-1]]
        folders += [part.lower() for part in folders]
        if roles[name] == "mask" and (image := next((stems[part] for part in folders if part in stems), None)):
            masks_of[image].append(name)
    stem_of = {name: PurePosixPath(name).stem for found in masks_of.values() for name in found}
    counted, kind = Counter(stem_of.values()), "objects"
    labels = tuple(sorted(counted))
    if labels and min(counted.values()) > 1 and len(counted) <= 20 and not all(label.isdigit() for label in labels):
        kind = "classes" if len(labels) > 1 else "masks"
    pairs = []
    for image, found in masks_of.items():
        by_label = {stem_of[name]: name for name in found}
        chosen = tuple(by_label.get(label, "") for label in labels) if kind == "classes" else tuple(found)
        pairs.append(Pair(shown(image, files.names), image, chosen))
    return _with_lone(files, roles, Arrangement(Pairing(sorted(pairs), [], [], {}, {}), kind, labels, aside))


def _by_beginning(files, roles, _, aside):
    """Arrangement of objects whose names begin with that of their image, and go on with what tells nothing."""
    masks_of = spelling.by_beginning(roles)
    pairs = [Pair(shown(image, files.names), image, tuple(found)) for image, found in masks_of.items()]
    return _with_lone(files, roles, Arrangement(Pairing(sorted(pairs), [], [], {}, {}), "objects", (), aside))


def _with_lone(files, roles, found):
    """An Arrangement with the files of both roles that it does not use."""
    used = {*found.aside, *(name for pair in found.pairing.pairs for name in (pair.image, *pair.masks))}
    lone = [[n for n in files.names if roles[n] == role and n not in used] for role in ("image", "mask")]
    labels = found.labels if found.kind == "classes" else ()
    return found._replace(pairing=found.pairing._replace(lone_images=lone[0], lone_masks=lone[1]), labels=labels)


def _by_structure(files, roles, look_of, chosen_aside, **options):
    """Arrangement by the one-to-one map between names of photographs and of masks."""
    aside = dict(chosen_aside)
    key, role = spelling.keys(files.names, roles, **options)
    if of_views := views.words_of_views(key, roles, role):
        key, role = spelling.keys(files.names, roles, never=of_views, **options)
    by_role = {kind: [name for name in key if roles[name] == kind] for kind in ("image", "mask")}
    short = {name: spelling.without_zeros(one) for name, one in key.items()}
    before, after = (spelling.count_shared(one, roles) for one in (key, short))
    apart = spelling.distinct(short, roles, role) == spelling.distinct(key, roles, role)
    if apart and (not before or after - before > max(2, 0.1 * len(by_role["image"]))):
        key = short  # but single near ones are told, not paired
    found = {kind: structure.variants(by_role[kind], key, role) for kind in by_role}
    shared = {k for one in found["image"][0] for k in one.found} & {k for one in found["mask"][0] for k in one.found}
    matched = {kind: [one for one in found[kind][0] if shared & set(one.found)] for kind in found}
    twice = {}
    for name in [*found["image"][1], *found["mask"][1]]:
        same = (one.found.get(key[name]) for kind in found for one in found[kind][0])
        twice.setdefault(key[name], {name}).update(filter(None, same))
    photos, drawn = (structure.choose(files, matched[kind], look_of, kind) for kind in ("image", "mask"))
    for one, why in [*photos.aside, *drawn.aside]:
        aside |= dict.fromkeys(one.found.values(), why)
    if photos.question or drawn.question:
        left = _not_aside(matched["mask"], aside)
        shared &= {key[name] for name in left}
        asked = structure.weight(matched["image"], shared) if photos.question else len(shared) + len(left)
        nothing = Pairing([], [], [], {}, {})
        return Arrangement(nothing, aside=aside, question=photos.question or drawn.question, parts={"asked": asked})
    return _paired(files.names, roles, key, photos, drawn, aside, twice)


def _not_aside(variants, aside):
    """The names of files of variants that are not set aside."""
    return [name for one in variants for name in one.found.values() if name not in aside]


def _paired(names, roles, key, photos, drawn, aside, twice):
    """Arrangement of the chosen variants."""
    image_of = {k: name for one in photos.used for k, name in one.found.items() if k not in twice}
    order = (
        sorted(range(len(drawn.used)), key=lambda i: drawn.labels[i])
        if drawn.how == "classes"
        else range(len(drawn.used))
    )
    masks_of = {k: tuple(drawn.used[i].found.get(k, "") for i in order) for k in image_of}
    if drawn.how != "classes":
        masks_of = {k: tuple(filter(None, found)) for k, found in masks_of.items()}
    masks_of = {k: found for k, found in masks_of.items() if any(found)}
    used = {*aside, *(name for found in masks_of.values() for name in found), *(image_of[k] for k in masks_of)}
    kind = {"one": "masks"}.get(drawn.how, drawn.how)
    for name, short in spelling.numbered(names, roles, key, image_of, used).items() if kind != "classes" else ():
        masks_of[short] = (*masks_of.get(short, ()), name)
        used |= {name, image_of[short]}
    used |= {name for same in twice.values() for name in same}
    pairs = [Pair(shown(image_of[k], names), image_of[k], found) for k, found in masks_of.items()]
    lone = {kind: sorted(n for n in names if roles.get(n) == kind and n not in used) for kind in ("image", "mask")}
    lone["image"] += [name for name in names if roles.get(name) is None and name not in used]
    plain = {kind: {spelling.plain(key[n]): n for n in lone[kind] if n in key} for kind in lone}
    both = {plain["image"][k]: plain["mask"][k] for k in plain["image"] if k in plain["mask"]}
    likely = both | {b: a for a, b in both.items()}
    labels = tuple(drawn.labels[i] for i in order) if drawn.how == "classes" else ()
    several = {"/".join(k): sorted(same - {*aside}) for k, same in twice.items()}
    return Arrangement(
        Pairing(sorted(pairs), sorted(lone["image"]), lone["mask"], several, likely),
        kind,
        labels,
        aside,
        combined=drawn.combined,
    )


def _by_annotations(files, about):
    """Arrangement of the images that annotations name."""
    pairs = [Pair(shown(image, files.names), image, (mask,)) for image, mask in about.masks.items()]
    lone = [name for name in files.names if name not in about.masks and name not in about.numbers]
    roles = {name: role_by_words(name) for name in lone}
    aside = {name: f"the {about.format} annotations are used" for name in lone if roles[name] == "mask"}
    aside |= about.spare
    return Arrangement(Pairing(sorted(pairs), [n for n in lone if n not in aside], [], {}, {}), "drawn", aside=aside)
