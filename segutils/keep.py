"""What a run leaves to keep: masks as PNG, overlays to look at, and one page that needs nothing but a browser."""

import html
import re

import numpy as np
from PIL import Image

from segutils.course import replacing
from segutils.folder import VOID

TRUE, PREDICTED = (255, 255, 255), (238, 119, 51)  # as plots.show_outlines draws them
STYLE = (
    "body{font:16px sans-serif;max-width:60em;margin:2em auto;padding:0 1em}table{border-collapse:collapse}"
    "td,th{padding:.2em .7em;border-bottom:1px solid #ccc;text-align:right}"
    "figure{display:inline-block;margin:.5em;max-width:45%}img{max-width:100%}figcaption{word-break:break-all}"
)


def file_name(number, key):
    """A name that is safe to write to, whatever a zip calls its pictures: "007_row1_coin2.png"."""
    return f"{number:03d}_{re.sub(r'[^A-Za-z0-9-]+', '_', key)[-60:]}.png"


def save_picture(path, values):
    """Write (H, W) or (H, W, 3) as a picture, all or nothing; uint8, or uint16 for grey."""
    with replacing(path) as temporary:
        Image.fromarray(np.asarray(values)).save(temporary)


def as_stored(mask, classes):
    """A class mask (H, W) with the values that the set's own masks have, so that both can be laid side by side.

    Args: classes: folder.Classes. Values 0 and 1 alone are written as 0 and 255, to be seen.
    Returns: (H, W) uint8, or uint16 where values need it; (H, W, 3) uint8 for colours.
    """
    values = np.array([0, 255] if tuple(classes.values) == (0, 1) else classes.values)[np.asarray(mask)]
    if classes.kind == "colours":
        return np.stack([values >> 16 & 255, values >> 8 & 255, values & 255], axis=-1).astype(np.uint8)
    return values.astype(np.uint8 if max(classes.values) < 256 else np.uint16)


def overlay(image, y_pred, y_true=None):
    """A picture with the outlines of its masks: predicted orange and solid, true white and dashed.

    Args:
        image: (H, W, 1) or (H, W, 3) uint8.
        y_pred, y_true: (H, W) ints; VOID counts as background.
    Returns: (kH, kW, 3) uint8, k >= 1 so that the shorter side has at least about 200 pixels.
    """
    from skimage.segmentation import find_boundaries

    times = max(1, 256 // min(image.shape[:2]))
    enlarged = image.repeat(times, 0).repeat(times, 1)
    picture = np.broadcast_to(enlarged, (*enlarged.shape[:2], 3)).copy()
    dash = np.indices(picture.shape[:2]).sum(0) % 6 < 3
    for mask, colour, shown in ((y_true, TRUE, dash), (y_pred, PREDICTED, True)):
        if mask is not None:
            mask = np.where(mask == VOID, 0, mask).repeat(times, 0).repeat(times, 1)
            picture[find_boundaries(mask, mode="inner") & shown] = colour
    return picture


def page(path, *, title, summary, tables, pictures):
    """Write a report as one HTML page, all or nothing.

    Args:
        tables: {heading: DataFrame}.
        pictures: (caption, address relative to the page) of each.
    """
    title, summary = html.escape(title), html.escape(summary)
    parts = [f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title><style>{STYLE}</style>']
    parts.append(f"<h1>{title}</h1><p>{summary}</p>")
    for heading, table in tables.items():
        parts.append(f"<h2>{html.escape(heading)}</h2>{table.to_html(float_format='{:.3f}'.format, border=0)}")
    for caption, source in pictures:
        caption, source = html.escape(caption), html.escape(source)
        parts.append(f'<figure><img src="{source}" alt="{caption}"><figcaption>{caption}</figcaption></figure>')
    with replacing(path) as temporary:
        temporary.write_text("\n".join([*parts, "</html>\n"]), encoding="utf-8")
