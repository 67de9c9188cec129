"""What the doctor says of files before it looks into them: without partner, set aside, not read, still to be chosen."""

from collections import Counter, defaultdict
from itertools import chain
from pathlib import PurePosixPath

from segutils.dataset import beside, drawing, legend, stacks, tiles, unread
from segutils.dataset.files import links

MOST = 0.5  # share of images without a mask that makes each of them an error


def findings(files, arranged):
    """All findings about names, as tuples (level, fault, file, finding)."""
    paired = arranged.pairing
    no_masks = list(unread.why_no_masks(files, paired)) if lack_masks(paired) else []
    no_images = list(unread.why_no_images(files, paired)) if lack_images(paired) else []
    return chain(
        _question(arranged),
        _bare(files, paired),
        no_masks,
        no_images,
        _gone(files, paired),
        _lone(arranged, files.gone, told={"image": bool(no_masks), "mask": bool(no_images)}),
        _aside(arranged),
        _combined(arranged),
        _turned(arranged),
        _unread(files, {name for _, fault, name, _ in no_images if fault == "not read"}),
        stacks.findings(files, arranged.pairing.pairs),
        _tiles(arranged),
        _lost(files),
        _skipped(files),
        _beside(files),
    )


def lack_masks(paired):
    """True if most images have no mask."""
    return len(paired.lone_images) > MOST * (len(paired.pairs) + len(paired.lone_images))


def lack_images(paired):
    """True if most masks have no image."""
    return len(paired.lone_masks) > MOST * (len(paired.pairs) + len(paired.lone_masks))


def _question(arranged):
    if arranged.question:
        yield "error", "several masks", "all images", arranged.question
    for image, sentence in arranged.doubtful.items():
        yield "error", "several masks", image, sentence


def _gone(files, paired):
    """Links that lead nowhere; an error where masks lack their images, or most images their masks."""
    if files.gone:
        lost = {_stem(name) for name in files.gone}
        masks = any(_stem(name) in lost for name in paired.lone_masks)
        level = "error" if masks or lack_masks(paired) or not paired.pairs else "warning"
        yield level, "link", next(iter(files.gone)), links(files.gone)


def _stem(name):
    return PurePosixPath(name).stem.lower()


def _lone(arranged, gone, told):
    """Files without partner, and those with too many.

    Args:
        gone: links that lead nowhere, which explain files of their names.
        told: {role: True where a finding said why}.
    """
    paired, lost = arranged.pairing, {_stem(name) for name in gone}
    bare = _folders_without_masks(paired)
    counted = [name for name in paired.lone_images if PurePosixPath(name).parent not in bare]
    most = lack_masks(paired._replace(lone_images=counted))
    for role, other, lone in (("image", "mask", paired.lone_images), ("mask", "image", paired.lone_masks)):
        for name in () if told[role] else lone:
            if _stem(name) in lost:
                continue
            if role == "image" and PurePosixPath(name).parent in bare and name not in paired.likely:
                text = "no image of its folder has a mask, so it is left out; if nothing is on it, a black mask says so"
                yield "warning", "missing mask", name, text
                continue
            guess = f"; did you mean {paired.likely[name]}?" if name in paired.likely else ""
            level = "error" if role == "mask" or guess or most else "warning"
            left = "" if level == "error" else "; it is left out"
            yield level, f"missing {other}", name, f"no {other} has the name of this {role}{guess}{left}"
    for names in paired.ambiguous.values():
        yield "error", "several partners", names[0], f"also {', '.join(names[1:])}"


def _folders_without_masks(paired):
    """Folders of images of which none has a mask, where every mask elsewhere has its image: good of MVTec AD.

    Not of single images: where each has a folder of its own, its mask is lost.
    """
    if paired.lone_masks or paired.ambiguous or not paired.pairs:
        return set()
    labelled = {PurePosixPath(pair.image).parent for pair in paired.pairs}
    counted = Counter(PurePosixPath(name).parent for name in paired.lone_images)
    return {folder for folder, count in counted.items() if count > 1} - labelled


def _aside(arranged):
    by_reason = defaultdict(list)
    for name, why in arranged.aside.items():
        by_reason[why].append(name)
    for why, names in by_reason.items():
        yield "note", "set aside", names[0], f"{why}: {len(names)} file{'s' * (len(names) > 1)}"


def _combined(arranged):
    if arranged.combined:
        yield "note", "combined", arranged.pairing.pairs[0].mask, arranged.combined


def _turned(arranged):
    """Files that words call images and pixels masks."""
    if arranged.turned and (pairs := arranged.pairing.pairs):
        text = f"holds classes, and {pairs[0].image} is a photograph, though their names say the opposite"
        yield "note", "names overruled", pairs[0].mask, text


def _unread(files, told):
    """Formats that are not read, but those of which a file was told already."""
    by_kind = defaultdict(list)
    for name, what in files.unread.items():
        by_kind[what].append(name)
    for what, names in by_kind.items():
        if told & set(names):
            continue
        more = f", {len(names)} files" if len(names) > 1 else ""
        yield "warning", "not read", names[0], f"{what}{more}"


def _tiles(arranged):
    """Large images that are read as tiles."""
    by_image = defaultdict(int)
    for pair in arranged.pairing.pairs:
        if found := tiles.NAME.fullmatch(pair.image):
            by_image[found[1]] += 1
    for image, count in by_image.items():
        yield "note", "cut into tiles", image, f"too large to be read whole, so as {count} tiles of one source"


def _bare(files, paired):
    """Annotations of the images without a mask that hold no outlines."""
    by_fault, lone = defaultdict(list), set(paired.lone_images)
    for text, (fault, image) in drawing.drawn(files).bare.items() if files.texts else ():
        if image in lone or (image is None and lack_masks(paired)):
            kind = "damaged annotation" if text in drawing.drawn(files).damaged else "annotation empty"
            by_fault[kind, fault].append(text)
    for (kind, fault), texts in by_fault.items():
        more = f": {len(texts)} files" if len(texts) > 1 else ""
        yield "error", kind, texts[0], f"{fault}{more}"


def _skipped(files):
    """What was drawn and has no area."""
    by_kind = defaultdict(list)
    for mask, sheet in drawing.drawn(files).sheets.items() if files.texts else ():
        for kind in sheet.skipped:
            by_kind[kind].append(mask)
    for kind, masks in by_kind.items():
        yield "note", "no area", masks[0], f"{len(masks)} × {kind}: no area, so no pixels"


def _lost(files):
    for text, image in drawing.drawn(files).lost.items() if files.texts else ():
        yield "warning", "missing image", text, f"names {image}, which is not there"


def _beside(files):
    """Texts that can't be read; the legends too, which are asked for later."""
    legend.read_legends(files)
    yield from beside.findings(files)
