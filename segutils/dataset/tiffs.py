"""TIFF files of many pages: which axes are slices, which are bands, and the numbers as they are stored."""

import contextlib
import io
import warnings

import numpy as np
from PIL import Image, UnidentifiedImageError

from segutils.dataset import arrays
from segutils.dataset.files import MAX_BYTES, ImageFileError

PHOTOMETRIC, BITS = 262, 258  # numbers of tags of TIFF 6.0
WHITE_IS_ZERO, APART = 0, 2  # values of tags: of PHOTOMETRIC, and of how bands are laid


def axes_of(series, pages):
    """Which axes of a series of tifffile are slices, rows, columns and bands: four tuples of their numbers.

    S is bands; C too where another axis is slices, or all lies in one page. C alone, page by page, is slices, for
    programs that know no better write C for them. Of a plain array (slices, bands, H, W) few are bands.
    """
    axes, shape = series.axes, series.shape
    if len(shape) == 3 and shape[2] <= arrays.MAX_BANDS < min(shape[:2]):
        return (), (0,), (1,), (2,)  # a line a page, as tifffile writes an array (H, W, bands)
    bands = [i for i, axis in enumerate(axes) if axis == "S"]
    if pages == 1 or set(axes) - set("CSYX"):
        bands += [i for i, axis in enumerate(axes) if axis == "C"]
    if axes == "QQYX" and shape[1] <= arrays.MAX_BANDS < min(shape[2:]):
        bands.append(1)
    rows, columns = axes.find("Y"), axes.find("X")
    slices = (i for i in range(len(axes)) if i not in (*bands, rows, columns))
    return tuple(slices), (rows,), (columns,), tuple(sorted(bands))


def count(tiff):
    """How many slices the first series of an opened TIFF holds."""
    slices, *_ = axes_of(tiff.series[0], len(tiff.pages))
    return int(np.prod([tiff.series[0].shape[i] for i in slices], dtype=np.int64))


def are_bands(tiff):
    """True if the pages of an opened TIFF can be the bands of one image: each has one; two are channels by name."""
    series = tiff.series[0]
    *_, bands = axes_of(series, len(tiff.pages))
    return not bands and (series.axes == "CYX" or series.shape[0] > 2)


def needs_load(content, *, mask=False):
    """True if Pillow's first page is not the first image: bands lie in several pages; a mask may have one a class.

    And where Pillow takes the bytes of bands that lie apart for numbers, though each has two or more.
    """
    import tifffile

    try:
        with tifffile.TiffFile(io.BytesIO(content)) as tiff:
            page = tiff.pages[0]
            if page.planarconfig == APART and page.samplesperpixel > 1 and page.compression == 1:
                return page.dtype.itemsize > 1
            if len(tiff.pages) == 1:
                return False
            slices, _, _, bands = axes_of(tiff.series[0], len(tiff.pages))
            return bool(mask and slices) or any(tiff.series[0].axes[i] != "S" for i in bands)
    except arrays.tiff_damage():
        return False


def load(content, page=None):
    """One image of a TIFF: of the array that it is as a whole, what arrays.one gives for `page`."""
    if page not in (None, "*") and (values := _slice(content, int(page))) is not None:
        return values
    return arrays.one(whole(content), page)


def whole(content):
    """The first series of a TIFF: (H, W), (H, W, bands), (slices, H, W) or (slices, H, W, bands), as stored.

    One-hot pages of a mask are class numbers; of 1 bit, what is shown is what was drawn.
    Raises: ImageFileError.
    """
    with _series(content) as (series, pages):
        values = _in_order(_decoded(series, series.pages, content), axes_of(series, pages))
    if values.ndim not in (2, 3, 4) or not values.size:
        raise ImageFileError(
            "not an image", f"holds an array of {values.shape}; save slices of (H, W) or (H, W, bands)"
        )
    return arrays.class_numbers(values)


def _slice(content, number):
    """One slice where each is a page of its own, for then no other need be decoded; else None."""
    with _series(content) as (series, pages):
        slices, *_ = axes_of(series, pages)
        if slices != (0,) or not len(series.pages) == series.shape[0] > number:
            return None
        page = series.pages[number]
        return _in_order(_decoded(page, [page], content), axes_of(page, 1))


@contextlib.contextmanager
def _series(content):
    """The first series of a TIFF, and how many pages the file has. Raises: ImageFileError, also for what is decoded."""
    import tifffile

    try:
        with warnings.catch_warnings(), tifffile.TiffFile(io.BytesIO(content)) as tiff:
            series = tiff.series[0]
            if np.prod(series.shape, dtype=np.int64) * series.dtype.itemsize > MAX_BYTES:
                raise ImageFileError("bomb", f"claims an array of {series.shape}; cut it into tiles")
            yield series, len(tiff.pages)
    except arrays.tiff_damage() as error:
        if isinstance(error, ImageFileError):
            raise
        raise ImageFileError("truncated", f"breaks off or is damaged ({error}); copy it again") from None


def _in_order(values, axes):
    """(slices, H, W, bands) of an array whose axes are known; none of what it lacks."""
    slices, rows, columns, bands = axes
    if -1 in (*rows, *columns):
        return values
    values = values.transpose(*slices, *rows, *columns, *bands)
    some = [np.prod(part, dtype=int) for part in (values.shape[: len(slices)], values.shape[len(slices) + 2 :])]
    high, wide = values.shape[len(slices) : len(slices) + 2]
    return values.reshape(*some[: bool(slices)], high, wide, *some[1 : 1 + bool(bands)])


def _decoded(series, pages, content):
    """All numbers of a series, or of a page; by Pillow where tifffile's decoder is in a package that is not there."""
    try:
        values = series.asarray()
        return ~values if values.dtype == bool and series.keyframe.photometric == WHITE_IS_ZERO else values
    except (ValueError, ImportError) as error:
        if isinstance(error, ValueError) and "imagecodecs" not in str(error):
            raise
    found = _by_pillow(pages, content)
    if found.size != np.prod(series.shape, dtype=np.int64) or found.dtype != series.dtype.newbyteorder("="):
        name = series.keyframe.compression.name
        text = f"is compressed by {name}, which is not read here; save it uncompressed, or by deflate"
        raise ImageFileError("compressed", text)
    if series.axes.endswith("SYX"):
        found = np.moveaxis(found, -1, -3)  # Pillow has bands last in each page
    return found.reshape(series.shape)


def _by_pillow(pages, content):
    """Pages below each other; nothing where Pillow does not know them, or they are not alike."""
    try:
        with Image.open(io.BytesIO(content), formats=["TIFF"]) as opened:
            found = [_page(opened, page.index) for page in pages]
    except UnidentifiedImageError:
        return np.array([])
    return np.stack(found) if len({page.shape for page in found}) == 1 else np.array([])


def _page(opened, index):
    opened.seek(index)
    values = stored(opened)
    return values.astype(values.dtype.newbyteorder("="))


def stored(opened):
    """The numbers of an image of Pillow as its file has them, where white is zero, too; of 1 bit as they are shown.

    Of 1 bit, programs write what was drawn white as zero; of more, ImageJ leaves the numbers alone, and turns over
    how they are shown.
    """
    return 255 - np.asarray(opened) if is_turned_over(opened) else np.asarray(opened)


def is_turned_over(opened):
    """True if Pillow gave the numbers of a TIFF turned over, since white is zero."""
    tags = getattr(opened, "tag_v2", {})
    return opened.mode == "L" and tags.get(PHOTOMETRIC) == WHITE_IS_ZERO and max(tags.get(BITS, (1,))) > 1
