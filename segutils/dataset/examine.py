"""The doctor's look at one pair of files: what is wrong with it, and what is remembered of it."""

from typing import NamedTuple

import numpy as np
from PIL import ExifTags, Image

from segutils.dataset.classes import count_values, pack_colours
from segutils.dataset.files import ImageFileError
from segutils.dataset.images import image_values, mask_values, open_image
from segutils.dataset.pairing import Pair

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


def examine_pair(files, pair, objects):
    """Findings of one pair, and what to remember of it (None if a file can't be read)."""
    found = []
    opened, image = _read(files, pair.image, image_values, found)
    found += _examine_image(pair.image, opened, image) if opened else ()
    masks = []
    for name in pair.masks:
        drawn, mask = _read(files, name, mask_values, found)
        if drawn:
            fault = _misfit(mask, pair.image, opened, image) if opened else None
            found += [(*fault[:2], name, fault[2])] if fault else _examine_mask(name, drawn, mask)
            masks.append(mask)
    found += _examine_turn(pair.image, opened, image, masks) if opened else ()
    if opened is None or not masks or len(masks) < len(pair.masks) or len({mask.shape for mask in masks}) > 1:
        return found, None
    codes = pack_colours(masks[0])
    if objects:
        covered = sum((pack_colours(mask) > 0).astype(np.int32) for mask in masks)
        codes = (covered > 0).astype(np.int64)
        if twice := int((covered > 1).sum()):
            found.append(("note", "objects overlap", pair.image, f"{twice:,} pixels in several masks"))
    values = count_values(codes)
    palette = np.reshape(drawn.getpalette("RGB"), (-1, 3)) if drawn.mode == "P" else ()
    palette = {value: tuple(palette[value].tolist()) for value in values if value < len(palette)}
    grey = len(opened.getbands()) <= 2 and opened.mode not in ("P", "PA")
    return found, Examined(pair, image.shape[:2], grey, _thumbnail(image), values, masks[0].ndim == 3, palette)


def _read(files, name, as_values, found):
    """An image and its values, or (None, None) and one more finding."""
    try:
        opened = open_image(files, name)
        return opened, as_values(opened)
    except ImageFileError as error:
        found.append(("error", error.fault, name, str(error)))
        return None, None


def _misfit(mask, image_name, opened, image):
    """Why mask and image can't belong together: (level, fault, finding), or None."""
    stored = opened.size[::-1]
    if mask.shape[:2] not in (image.shape[:2], stored):
        wanted, got = ("{1} × {0}".format(*shape) for shape in (image.shape, mask.shape))
        return "error", "size differs", f"{got} pixels, its image {wanted}"
    copies = [image, np.asarray(opened.convert("L"))] if mask.shape[:2] == image.shape[:2] else []
    if len(np.unique(mask)) > 2 and any(np.array_equal(_grey_once(mask), _grey_once(copy)) for copy in copies):
        return "error", "mask is the image", f"every pixel as in {image_name}"
    return None


def _grey_once(values):
    """(H, W, 3) of equal channels as (H, W)."""
    return values[..., 0] if values.ndim == 3 and (values == values[..., :1]).all() else values


def _turn(opened):
    return opened.getexif().get(ExifTags.Base.Orientation, 1)


def _examine_turn(name, opened, image, masks):
    """Is an image to be shown turned, and were its masks drawn on it as shown or as stored?"""
    if _turn(opened) != 1:
        upright = all(mask.shape[:2] == image.shape[:2] != opened.size[::-1] for mask in masks)
        fits = "its mask fits the turned image" if upright else "its mask may fit the image as stored"
        yield "warning" if upright else "error", "turned by EXIF", name, f"orientation tag {_turn(opened)}; {fits}"


def _examine_image(name, opened, image):
    if opened.has_transparency_data:
        clear = (np.asarray(opened.convert("RGBA").getchannel("A")) < 255).mean()
        if clear:
            yield "warning", "image has alpha", name, f"{100 * clear:.1f}% of its pixels are transparent"
    if opened.mode.startswith("I") and np.asarray(opened).max() > 255:
        levels = len(np.unique(image))
        level = "warning" if levels < 64 else "note"
        yield level, "16 bit", name, f"{levels} of 256 grey levels are used after scaling"
    if opened.mode == "CMYK":
        yield "warning", "CMYK", name, "four printing inks instead of red, green, blue"
    if getattr(opened, "n_frames", 1) > 1:
        yield "warning", "several frames", name, f"{opened.n_frames} frames"
    if np.ptp(image) <= 2:
        shown = "all black" if image.max() == 0 else f"all pixels are {image.min()} to {image.max()}"
        yield "warning", "blank image", name, shown


def _examine_mask(name, opened, mask):
    codes = pack_colours(mask)
    values = len(count_values(codes))
    if (opened.format == "JPEG" and values > 2) or (opened.format == "WEBP" and _is_spoiled(codes)):
        yield "error", "lossy mask", name, f"stored as {opened.format}, {values} values"
    elif _is_spoiled(codes):
        yield "error", "blurred mask", name, f"{values} values; at edges many pixels are like neither side"
    if "A" in opened.getbands() and np.ptp(np.asarray(opened.getchannel("A"))) > 0:
        yield "error", "mask has alpha", name, "its alpha channel varies"
    if getattr(opened, "n_frames", 1) > 1:
        yield "warning", "several frames", name, f"{opened.n_frames} frames"
    if _turn(opened) != 1:
        yield "error", "turned by EXIF", name, f"orientation tag {_turn(opened)} in a mask; masks are read as stored"


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
    grey = Image.fromarray(image).convert("L").convert("F")
    return np.asarray(grey.resize((24, 24), Image.Resampling.BOX))
