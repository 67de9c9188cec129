"""Stacks: a TIFF of many pages or an array of many slices beside another is as many pairs; all one source."""

import io

from segutils.dataset import arrays, tiffs
from segutils.dataset.classes import MAX_CLASSES
from segutils.dataset.files import FORMATS, ImageFileError
from segutils.dataset.words import Pair

ENDS = (".tif", ".tiff", ".npy")


def expand(files, found):
    """An Arrangement whose pairs of stacks became pairs of slices, and whose images of several pages became bands.

    Both files must have equally many slices. Images of 3 to 16 pages whose masks have one are images of as many bands,
    and so are two planes of an array, or two pages named channels.
    """
    pairs = []
    for pair in found.pairing.pairs:
        both = [1, 1]
        if pair.image.lower().endswith(ENDS):
            both = [count(files, pair.image), *(count(files, name, mask=True) for name in pair.masks[:1])]
        alike = len(pair.masks) == 1 and both[0] == both[1] > 1
        if alike and both[0] <= 4 and _is_one(files, pair):
            pair = pair._replace(image=f"{pair.image}#*")  # and its mask of several pages is refused
        elif alike:
            width = len(str(both[0] - 1))
            pairs += [
                Pair(f"{pair.key}#{i:0{width}}", f"{pair.image}#{i}", (f"{pair.masks[0]}#{i}",)) for i in range(both[0])
            ]
            continue
        if both[1] == 1 < both[0] <= arrays.MAX_BANDS and _are_bands(files, pair.image):
            pair = pair._replace(image=f"{pair.image}#*")
        pairs.append(pair)
    return found._replace(pairing=found.pairing._replace(pairs=sorted(pairs)))


def _is_one(files, pair):
    """True if few pages of image and mask are one image: the colours of a photograph, or a class each in the mask."""
    try:
        planes, drawn = (_whole(files, name) for name in (pair.image, pair.mask))
    except ImageFileError:
        return False
    return planes.ndim == 3 and (arrays.are_colours(planes) or arrays.are_classes(drawn))


def _whole(files, name):
    return arrays.load(files, name) if name.endswith(".npy") else tiffs.whole(files.read(name))


def _are_bands(files, name):
    """True if the pages or planes of a file can be the bands of one image."""
    if name.endswith(".npy"):
        return arrays.load(files, name).ndim == 3
    with _opened(files, name) as tiff:
        return tiffs.are_bands(tiff)


def of_channels(files, name, channels):
    """The name that reads an image without a mask: all pages as bands, where there are as many as channels."""
    alone = channels > 1 and name.lower().endswith(ENDS) and count(files, name) == channels
    return f"{name}#*" if alone and _are_bands(files, name) else name


def _opened(files, name):
    import tifffile

    return tifffile.TiffFile(files.place(name) if files.archive is None else io.BytesIO(files.read(name)))


def count(files, name, *, mask=False):
    """How many slices a file holds; 1 where it can't be read.

    mask: pages may be one for each class, background among them: then they are one slice.
    """
    if not name or "#" in name and name not in files.known:
        return 1
    try:
        if name.endswith(".npy"):
            return arrays.slices(arrays.load(files, name).shape) if arrays.dimensions(files, name) > 2 else 1
        if FORMATS.get("." + name.rpartition(".")[2].lower()) != "TIFF":
            return 1
        with _opened(files, name) as tiff:
            several = tiffs.count(tiff) if len(tiff.pages) > 1 else 1
        if mask and 1 < several <= MAX_CLASSES:
            return arrays.slices(tiffs.whole(files.read(name)).shape)
        return several
    except (ImageFileError, *arrays.tiff_damage()):
        return 1


def findings(files, pairs):
    """Masks that have not as many slices as their image: tuples (level, fault, file, finding)."""
    for pair in pairs:
        image = count(files, pair.image)
        for name in pair.masks:
            mask = count(files, name, mask=True)
            if mask > 1 and image > 1 and mask != image:
                yield "error", "slices differ", name, f"{mask} slices, {pair.image} has {image}"
            elif mask > 1:
                yield "error", "several pages", name, f"{mask} pages or planes for one image"
            elif image > 1 and name in files.known and _is_silent(files, pair.image):
                yield "error", "slices differ", name, f"1 slice, {pair.image} has {image}"


def _is_silent(files, name):
    """True if of several slices the first would be read, and no finding told that of the pages of a TIFF."""
    return name.endswith(".npy") or tiffs.needs_load(files.read(name))
