"""Colours of more than 8 bit: Pillow reads their upper 8, which is enough for a photograph, but not for a mask."""

import numpy as np

from segutils.dataset import tiffs
from segutils.dataset.files import ImageFileError

CUT = "cut to 8 bit"  # key of Image.info


def is_cut(opened):
    """True if Pillow reads the upper 8 bits of each band only. Args: opened: not decoded yet."""
    if len(opened.getbands()) == 1:
        return False
    if opened.format == "PPM":
        return any(tile.args[1] > 255 for tile in opened.tile if isinstance(tile.args, tuple))
    bits = getattr(opened, "tag_v2", {}).get(tiffs.BITS, (8,))
    return max(bits) > 8 or any(";16" in str(tile.args) for tile in opened.tile)


def mask(content, kind):
    """A mask whose colours have 16 bit: (H, W, 3) uint8, or grey numbers above 255 as (H, W) uint16.

    Args: kind: its format, as Pillow names it.
    Raises: ImageFileError if its colours need 16 bit, or its alpha varies.
    """
    values = _decoded(content, kind)
    if values.shape[-1] in (2, 4):
        if np.ptp(values[..., -1]):
            raise ImageFileError("mask has alpha", "its alpha channel varies")
        values = values[..., :-1]
    if values.max() <= 255 or not (values % 257).any():  # 8 bit in 16: as they are, or stretched
        values = (values // (257 if values.max() > 255 else 1)).astype(np.uint8)
        return values if values.shape[-1] == 3 else values.repeat(3, axis=-1)
    if (values == values[..., :1]).all():
        return values[..., 0]
    raise ImageFileError("not labels", "holds colours of 16 bit; save them as 8 bit")


def _decoded(content, kind):
    if kind == "TIFF":
        return tiffs.whole(content)
    if kind != "PNG":
        raise ImageFileError("not labels", f"is a {kind} of 16 bit; save it as PNG of 8 bit")
    import tensorflow as tf  # no other package at hand keeps both bytes

    return tf.io.decode_png(content, dtype=tf.uint16).numpy()
