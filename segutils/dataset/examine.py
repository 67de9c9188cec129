"""The doctor's look at one pair of files: what is wrong with it, and what is remembered of it."""

from functools import partial
from typing import NamedTuple

import numpy as np
from PIL import ExifTags, Image

from segutils.dataset import drawing, packed
from segutils.dataset.arrays import range_of, to_bytes, with_channels
from segutils.dataset.classes import FREQUENT, GREY, count_values, layered, pack_colours
from segutils.dataset.deep import CUT
from segutils.dataset.files import ImageFileError
from segutils.dataset.fit import edge_scores
from segutils.dataset.images import has_unlabelled, image_values, mask_values, open_image
from segutils.dataset.pairing import Pair
from segutils.dataset.similar import borders_of

GEOREFERENCE = 34735  # TIFF tag GeoKeyDirectory
FEW = 64  # of 256 grey levels, below which an image of 16 bit has lost too much
SPOILED = 0.1  # share of edge pixels that are like neither side; drawn masks have hardly any


class Examined(NamedTuple):
    """What is remembered of one pair; everything else is forgotten, so that any number of images can be examined."""

    pair: Pair
    size: tuple
    grey: bool
    thumbnail: np.ndarray
    values: dict  # pack_colours mask value → pixels
    colours: bool  # the mask has three channels
    palette: dict  # pack_colours mask value → its colour
    regions: int = 0  # connected regions of one value that is not 0, counted where there are three values or more
    islands: int = 0  # the same of all values but 0 as one, counted where they are 0, 1, 2, … without a gap
    bands: int = 1
    edges: np.ndarray | None = None  # as edge_scores
    colourless: bool = False  # three channels that are the same
    borders: tuple = ()  # as similar.borders_of
    unlabelled: bool = False  # the mask has -1 or NaN, which say that nobody labelled a pixel


def examine_pair(files, pair, kind="masks"):
    """Findings of one pair, and what to remember of it (None if a file can't be read).

    Args: kind: of its Arrangement.
    """
    found = []
    opened, image = _read(files, pair.image, _all_bands, found)
    found += _examine_image(pair.image, opened, image) if image is not None else ()
    masks = []
    for name in filter(None, pair.masks):
        drawn, mask = _read_mask(files, name, found)
        if mask is not None:
            fault = _misfit(mask, pair.image, opened, image) if image is not None else None
            found += [(*fault[:2], name, fault[2])] if fault else _examine_mask(name, drawn, mask)
            masks.append(mask)
    found += _examine_turn(pair.image, opened, image, masks) if image is not None else ()
    whole = len(masks) == sum(map(bool, pair.masks)) > 0 and len({mask.shape[:2] for mask in masks}) == 1
    if image is None or not whole or (kind == "masks" and masks[0].shape[:2] != image.shape[:2]):
        return found, None
    codes, more = _combined(files, pair, masks, kind)
    values, palette = count_values(codes), ()
    if isinstance(drawn, Image.Image) and drawn.mode == "P":
        palette = np.reshape(drawn.getpalette("RGB"), (-1, 3))
    palette = {value: tuple(palette[value].tolist()) for value in values if 0 <= value < len(palette)}
    bands = 1 if _is_grey(opened) else image.shape[-1]
    coloured = kind == "masks" and masks[0].ndim == 3
    red = coloured and packed.in_red(values)
    codes, counted = codes // packed.RED if red else codes, len(values) > 2 and (red or not coloured)
    about = Examined(
        pair,
        image.shape[:2],
        bands == 1,
        _thumbnail(image),
        values,
        coloured,
        palette,
        _regions(codes) if counted else 0,
        _regions(codes != 0) if counted and codes.max() == len(values) - 1 else 0,
        bands,
        _edges(image[..., :1] if bands == 1 else image, codes),
        bands == 3 and bool((image == image[..., :1]).all()),
        borders_of(image_values(opened, channels=1)),
        kind == "masks" and has_unlabelled(drawn),
    )
    return found + more, about


def _combined(files, pair, masks, kind):
    """The pack_colours values of a pair's masks as one, and a note where they overlap."""
    if kind == "drawn":
        twice, what = drawing.overlap(files, pair.masks[0]), "classes overlap"
        codes, text = pack_colours(masks[0]), "pixels in shapes of several classes; the smaller shape counts"
    elif kind in ("objects", "classes"):
        twice = int((sum((pack_colours(mask) > 0).astype(np.int32) for mask in masks) > 1).sum())
        layers = iter(masks)
        codes = layered([next(layers) if name else None for name in pair.masks]).astype(np.int64)
        codes = (codes > 0).astype(np.int64) if kind == "objects" else codes
        what, text = ("objects overlap", "pixels in several masks")
        if kind == "classes":
            what, text = "classes overlap", "pixels in masks of several classes; the class with fewer pixels counts"
    else:
        return pack_colours(masks[0]), []
    return codes, [("note", what, pair.image, f"{twice:,} {text}")] if twice else []


def _edges(image, codes):
    return edge_scores(image, codes) if codes.shape == image.shape[:2] else None


def _is_grey(opened):
    if isinstance(opened, np.ndarray):
        return opened.ndim == 2 or opened.shape[-1] == 1
    return len(opened.getbands()) <= 2 and opened.mode not in ("P", "PA")


def _regions(codes):
    from skimage.measure import label

    return int(label(codes, background=0, connectivity=2).max())


def _read_mask(files, name, found):
    """As _read; for a drawn mask its values twice."""
    if not drawing.is_drawn(files, name):
        return _read(files, name, partial(mask_values, name=name), found, mask=True)
    try:
        mask = drawing.mask(files, name)
    except ImageFileError as error:
        if error.fault in ("damaged annotation", "outlines too large"):  # else the image is at fault, and said so
            found.append(("error", error.fault, name, str(error)))
        return None, None
    return mask, mask


def _read(files, name, as_values, found, *, mask=False):
    """An image and its values, or (None, None) and one more finding."""
    try:
        opened = open_image(files, name, mask=mask)
        return opened, as_values(opened)
    except ImageFileError as error:
        found.append(("error", error.fault, name, str(error)))
        return None, None


def _misfit(mask, image_name, opened, image):
    """Why mask and image can't belong together: (level, fault, finding), or None."""
    stored = image.shape[:2] if isinstance(opened, np.ndarray) else opened.size[::-1]
    if mask.shape[:2] not in (image.shape[:2], stored):
        wanted, got = ("{1} × {0}".format(*shape) for shape in (image.shape, mask.shape))
        return "error", "size differs", f"{got} pixels, its image {wanted}"
    copies = [image] if mask.shape[:2] == image.shape[:2] else []
    copies += [np.asarray(opened.convert("L"))] if copies and isinstance(opened, Image.Image) else []
    if len(np.unique(mask)) > 2 and any(np.array_equal(_grey_once(mask), _grey_once(copy)) for copy in copies):
        return "error", "mask is the image", f"every pixel as in {image_name}"
    return None


def _grey_once(values):
    """(H, W, 3) of equal channels as (H, W)."""
    return values[..., 0] if values.ndim == 3 and (values == values[..., :1]).all() else values


def _turn(opened):
    if isinstance(opened, np.ndarray):
        return 1
    return opened.getexif().get(ExifTags.Base.Orientation, 1)


def _examine_turn(name, opened, image, masks):
    """Is an image to be shown turned, and were its masks drawn on it as shown or as stored?"""
    if _turn(opened) != 1:
        upright = all(mask.shape[:2] == image.shape[:2] != opened.size[::-1] for mask in masks)
        fits = "its mask fits the turned image" if upright else "its mask may fit the image as stored"
        yield "warning" if upright else "error", "turned by EXIF", name, f"orientation tag {_turn(opened)}; {fits}"


def _examine_image(name, opened, image):
    if np.ptp(image) <= 2:
        shown = "all black" if image.max() == 0 else f"all pixels are {image.min()} to {image.max()}"
        yield "warning", "blank image", name, shown
    levels = len(np.unique(image))
    scaled = "16 bit", name, f"{levels} of 256 grey levels are used after scaling"
    if isinstance(opened, np.ndarray):
        if levels < FEW and opened.dtype != np.uint8 and range_of(opened)[1] == 65535:
            yield "warning", *scaled
        return
    if opened.has_transparency_data:
        clear = (np.asarray(opened.convert("RGBA").getchannel("A")) < 255).mean()
        if clear:
            yield "warning", "image has alpha", name, f"{100 * clear:.1f}% of its pixels are transparent"
    if opened.info[CUT] or (opened.mode.startswith("I") and np.asarray(opened).max() > 255):
        yield "warning" if levels < FEW else "note", *scaled
    if GEOREFERENCE in getattr(opened, "tag_v2", ()):
        yield "note", "georeference", name, "a GeoTIFF; only its pixels are read"
    if opened.mode == "CMYK":
        yield "warning", "CMYK", name, "four printing inks instead of red, green, blue"
    if getattr(opened, "n_frames", 1) > 1:
        yield "warning", "several frames", name, f"{opened.n_frames} frames"


def _examine_mask(name, opened, mask):
    if isinstance(opened, np.ndarray):
        return
    codes = pack_colours(mask)
    counted = count_values(codes)
    values = len(counted)
    if (opened.format == "JPEG" and values > 2) or (opened.format == "WEBP" and _is_spoiled(codes)):
        yield "error", "lossy mask", name, f"stored as {opened.format}, {values} values{_frequent(counted)}"
    elif _is_spoiled(codes):
        text = f"{values} values; at edges many pixels are like neither side{_frequent(counted)}"
        yield "error", "blurred mask", name, text
    if "A" in opened.getbands() and _hides_labels(opened):
        yield "error", "mask has alpha", name, "its alpha channel varies where its colours do not"
    if getattr(opened, "n_frames", 1) > 1:
        yield "warning", "several frames", name, f"{opened.n_frames} frames"
    if _turn(opened) != 1:
        yield "error", "turned by EXIF", name, f"orientation tag {_turn(opened)} in a mask; masks are read as stored"


def _hides_labels(opened):
    """True if an alpha channel tells pixels of one colour apart; clear around what is drawn says no more than black."""
    values = np.asarray(opened.convert("RGBA")).astype(np.int64)
    codes = pack_colours(values[..., :3])
    return len(np.unique(256 * codes + values[..., 3])) > len(np.unique(codes))


def _frequent(counted):
    """Which values a spoiled mask held, as far as most of its pixels still tell."""
    grey = not any(value % GREY for value in counted) and max(counted) > 255
    often = sorted(value for value, pixels in counted.items() if pixels >= FREQUENT * sum(counted.values()))
    if not 0 < len(often) <= 10 or max(often) > 255 and not grey:
        return ""
    return f"; most are {' or '.join(str(value // GREY if grey else value) for value in often)}"


def _is_spoiled(codes):
    """True if at edges many pixels, of three values at least, are like neither neighbour: interpolation or JPEG."""
    edges, values = 0, []
    for rows in (codes, codes.T):
        left, here, right = rows[:, :-2], rows[:, 1:-1], rows[:, 2:]
        edge = left != right
        edges += int(edge.sum())
        values.append(here[edge & (here != left) & (here != right)])
    values = np.concatenate(values)
    return values.size > SPOILED * edges and len(np.unique(values)) >= 3


def _thumbnail(image):
    """The image as 24 × 24 block means of grey: alike for the same image in another file or quality."""
    image = image if image.shape[-1] == 3 else with_channels(image, 1)[..., 0]
    grey = Image.fromarray(image).convert("L").convert("F")
    return np.asarray(grey.resize((24, 24), Image.Resampling.BOX))


def _all_bands(opened):
    """An image with three channels, or, if it is an array, all that it has."""
    if isinstance(opened, np.ndarray):
        values = to_bytes(opened)
        return values[..., None] if values.ndim == 2 else values
    return image_values(opened)
