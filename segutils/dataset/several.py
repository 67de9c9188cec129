"""Several masks of one image: an object in each, or twice the same things, where only the user can choose.

Objects are drawn in black and white and hardly overlap. Masks that hold classes, or show one region twice, are copies,
drawn anew, or by two observers: to lay them over each other would make one class of all.
"""

from itertools import pairwise

from segutils.dataset import contents

SAME = 0.5  # what two drawings of one region have in common, of both together
MUCH = 0.4  # of the smaller of two regions: two objects rarely overlap as much
CLASSES = "hold classes, so that they are not an object each"
TWICE = "show the same region, so that they are not an object each"
CHOOSE = "choose with --masks and a word that only one of them has, or keep one for each image"


def overlap(files, one, other):
    """Share of the smaller of two masks' regions that both cover, and of both together; (0, 0) where one is empty."""
    return files.once(("overlap", one, other), lambda: _overlap(files, one, other))


def _overlap(files, one, other):
    regions = [found for name in (one, other) if (found := contents.region(files, name)) is not None]
    if len(regions) < 2 or regions[0].shape != regions[1].shape:
        return 0.0, 0.0
    both, areas = int((regions[0] & regions[1]).sum()), [int(region.sum()) for region in regions]
    return both / max(1, min(areas)), both / max(1, sum(areas) - both)


def judge(files, arranged):
    """The Arrangement with objects only where masks are objects: else the image is asked about, or the whole set."""
    pairs = arranged.pairing.pairs
    some = {pair.image: pair for pair in pairs if len(pair.masks) > 1}
    if arranged.kind not in ("masks", "objects") or not some:
        return arranged
    if len(some) >= 0.5 * len(pairs):
        chosen = [some[image] for image in contents.sampled(some)]
        reasons = [_why(files, pair.masks[: contents.SAMPLE], usual=True) for pair in chosen]
        if sum(map(bool, reasons)) > 0.5 * len(chosen):
            first = next(pair for pair, why in zip(chosen, reasons, strict=True) if why)
            text = f"{_sentence(first, next(filter(None, reasons)))}, and so it is with most images; {CHOOSE}"
            nothing = arranged.pairing._replace(pairs=[], lone_images=[], lone_masks=[], ambiguous={}, likely={})
            return arranged._replace(pairing=nothing, question=text)
        return arranged
    single = contents.sampled([pair.mask for pair in pairs if pair.image not in some])
    classes = sum(_holds_classes(files, name) for name in single) > 0.5 * len(single)
    reasons = {image: CLASSES if classes else _why(files, pair.masks) for image, pair in some.items()}
    doubtful = {image: f"{_sentence(some[image], why)}; keep one of them" for image, why in reasons.items() if why}
    left = [pair for pair in pairs if pair.image not in doubtful]
    kind = arranged.kind if any(len(pair.masks) > 1 for pair in left) else "masks"
    return arranged._replace(pairing=arranged.pairing._replace(pairs=left), kind=kind, doubtful=doubtful)


def _sentence(pair, why):
    listed = f"{', '.join(pair.masks[:-1])} and {pair.masks[-1]}" if len(pair.masks) < 5 else f"{len(pair.masks)} files"
    return f"{listed} are masks of {pair.image}, but {why}"


def _why(files, names, usual=False):
    """Why masks of one image are no objects, or "". usual: most images have several, which then may well overlap."""
    if any(_holds_classes(files, name) for name in names):
        return CLASSES
    of_smaller, of_both = zip(*(overlap(files, *two) for two in pairwise(names)), strict=True)
    return TWICE if (max(of_both) >= SAME if usual else max(of_smaller) >= MUCH) else ""


def _holds_classes(files, name):
    """True if a mask has three values or more, and few enough to be drawn ones."""
    seen = contents.look(files, name)
    return seen is not None and seen.kind == "mask" and seen.values > 2
