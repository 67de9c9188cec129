"""Images that belong together: the same one twice, and tiles cut from one larger image."""

import numpy as np
from PIL import Image

from segutils.dataset import tiles
from segutils.dataset.images import read_image, split_page
from segutils.dataset.loading import in_parallel
from segutils.dataset.splits import linked


def duplicates(seen, *, tolerance=2.5, share=0.1):
    """Groups of images that show the same image, also saved again in another format or quality.

    Two thumbnails are the same image if they differ by less than `tolerance` grey levels (root mean square) and by
    less than a `share` of what they vary in themselves; blank images have nothing to compare.
    Args: list of Examined.
    Returns: list of tuples of image names.
    """
    varied = [one for one in seen if one.thumbnail.std() > 2]
    if len(varied) < 2:
        return []
    flat = np.stack([one.thumbnail.ravel() for one in varied]).astype(np.float64)
    limit = np.minimum(tolerance, share * flat.std(1))
    group = np.arange(len(flat))
    for first in range(0, len(flat), BLOCK):
        some = slice(first, first + BLOCK)
        rows, columns = np.nonzero(_distances(flat[some], flat) < np.minimum(limit[some, None], limit))
        known = np.stack([np.arange(len(flat)), np.unique(group, return_index=True)[1][group]], 1)
        group = linked(np.concatenate([known, np.stack([rows + first, columns], 1)]), len(flat))
    return [tuple(varied[i].pair.image for i in members) for members in _members(group) if len(members) > 1]


def neighbours(files, pairs, *, closeness=0.5, borders=None):
    """Groups of images that continue each other across a border: tiles cut from one larger image.

    Two images lie side by side if the last column of one is, of all first columns, by far most like that of the other,
    and the other way round, and they differ (root mean square) by less than `closeness` times what each varies in
    itself. Rows one above the other alike. No image is shared, and yet a split between them leaks: light, stain, even
    half an object are the same. An image without its neighbour in the set stays alone, as does one whose border is flat
    or all noise. Frames of a film overlap: a border of one lies inside the next. They are no tiles, and no group is
    found.

    Args:
        files, pairs: as learn_classes.
        closeness: larger finds more, and more that are none.
        borders: of each image as borders_of, where they are known; else all images are read.
    Returns: list of tuples of image names, as duplicates.
    """
    if borders is None:
        borders = in_parallel(lambda pair: borders_of(read_image(files, pair.image, channels=1)), pairs)
    edges, claims = [], []
    for turned, side in ((False, (0, 1)), (True, (2, 3))):
        lines = [[border[k] for k in side] for border in borders]
        for length in {len(line) for line, _ in lines}:
            at = [i for i, (line, _) in enumerate(lines) if len(line) == length]
            first, last = (_as_floats(np.stack([lines[i][k] for i in at])) for k in (0, 1))
            for i, j, apart in _continued(last, first, closeness):
                edges.append((at[i], at[j]))
                claims.append((at[i], at[j], turned, lines[at[i]][1], lines[at[j]][0], apart))
    some = [claims[k] for k in sorted({round(k) for k in np.linspace(0, len(claims) - 1, CHECKED)})] if claims else []
    inside = in_parallel(lambda claim: _lies_inside(files, pairs, *claim), some)
    if some and np.mean(inside) >= 0.5:
        return []
    group = linked(edges, len(pairs))
    return [tuple(pairs[i].image for i in members) for members in _members(group) if len(members) > 1]


BLOCK = 256  # rows of a table of distances that are in memory at once
CHECKED = 24  # pairs of borders that are searched inside other images
FAR_BETTER = 0.7  # share of the second best distance that the best may have


def borders_of(image):
    """First and last column, first and last row of a grey image (H, W, 1); copies, so that the image can go."""
    grey = image[..., 0]
    return grey[:, 0].copy(), grey[:, -1].copy(), grey[0].copy(), grey[-1].copy()


def _as_floats(lines):
    """Lines (N, length) uint8 around 0, in the fastest type whose sums of squares are exact: whole numbers to 2²⁴."""
    return lines.astype(np.float32 if lines.shape[1] <= 1024 else np.float64) - 128


def _distances(some, others):
    """Root mean square differences of all lines (N, length) and (M, length): (N, M)."""
    return np.sqrt(_squares(some, others) / some.shape[1])


def _squares(some, others):
    """Sums of squared differences of all lines (N, length) and (M, length): (N, M)."""
    squares = (-2 * some) @ others.T
    squares += np.einsum("ij,ij->i", some, some)[:, None]  # without a copy of all lines
    squares += np.einsum("ij,ij->i", others, others)
    return np.maximum(squares, 0, out=squares)


def _continued(last, first, closeness):
    """(i, j, distance) where the line first[j] continues last[i], lines being (N, length)."""
    if len(last) < 2:
        return []
    best, by_row, by_column = _two_best(last, first)
    beside = [_two_best(lines, lines, alone=True) for lines in (last, first)]
    spread, found = np.minimum(last.std(1), first.std(1)[best]), []
    for i, j in enumerate(best):
        distance = by_row[i, 0]
        if distance > by_column[j, 0] or not distance < closeness * spread[i]:
            continue
        if distance < FAR_BETTER * min(by_row[i, 1], by_column[j, 1], beside[0][i], beside[1][j]):
            found.append((i, int(j), float(distance)))
    return found


def _two_best(some, others, *, alone=False):
    """Of the table of distances of N lines and N others, its diagonal left out, what is nearest.

    Memory holds a block of rows at a time: the table of ten thousand images would take 400 MB.
    Args: alone: give each row's smallest distance alone, (N,).
    Returns: (N,) best column of each row, and (N, 2) the two smallest distances of the rows, and of the columns.
    """
    count = len(some)
    best, by_row, by_column = np.zeros(count, int), np.zeros((count, 2)), np.full((2, count), np.inf)
    for start in range(0, count, BLOCK):
        block = _squares(some[start : start + BLOCK], others)
        rows = np.arange(len(block))
        block[rows, rows + start] = np.inf
        part = slice(start, start + len(block))
        if alone:
            by_row[part, 0] = block.min(1)
            continue
        lowest, second = _two_smallest(block)
        by_column = np.sort(np.concatenate([by_column, lowest, second]).reshape(4, count), axis=0)[:2]
        best[part] = block.argmin(1)
        by_row[part, 0] = block[rows, best[part]]
        block[rows, best[part]] = np.inf
        by_row[part, 1] = block.min(1)
    by_row, by_column = (np.sqrt(squares / some.shape[1]) for squares in (by_row, by_column.T))
    return by_row[:, 0] if alone else (best, by_row, by_column)


def _two_smallest(block):
    """The two smallest numbers of each column, (1, columns) each."""
    lowest, second = block[0].copy(), np.full(block.shape[1], np.inf, block.dtype)
    for row in block[1:]:
        np.minimum(second, np.maximum(row, lowest), out=second)
        np.minimum(lowest, row, out=lowest)
    return lowest[None], second[None]


def _lies_inside(files, pairs, i, j, turned, last, first, apart):
    """True if a border lies inside an image whose name is close, as in films, and not only at another's border."""
    for k in sorted({k for near in (i, j) for k in range(near - 2, near + 3) if 0 <= k < len(pairs)}):
        grey = read_image(files, pairs[k].image, channels=1)[..., 0].astype(np.float64)
        lines = (grey if turned else grey.T)[2:-2]
        wanted = np.stack([line for line, own in ((last, i), (first, j)) if own != k]).astype(np.float64)
        if lines.shape[1:] == wanted.shape[1:] and len(lines) and _distances(wanted, lines).min() <= 1.05 * apart:
            return True
    return False


def _members(group):
    """The numbers of each group, as arrays."""
    order = np.argsort(group, kind="stable")
    return np.split(order, np.flatnonzero(np.diff(group[order])) + 1)


NEAR = 0.15  # share of what an image varies in itself, by which near copies differ at most


def copies(files, seen):
    """(same, near): groups of images that show one image, and of images that differ in little, as duplicates.

    Saved again in another format or quality an image changes a little everywhere. Other views of a scene, video frames
    for instance, change much in some places: they are near. Slices of one stack are near by nature and left out.
    """
    found = duplicates(seen)
    alike = in_parallel(lambda names: _are_one(files, names), found)
    same = [names for names, yes in zip(found, alike, strict=True) if yes]
    known = set(same)
    near = [names for names in duplicates(seen, tolerance=np.inf, share=NEAR) if names not in known]
    return tuple([names for names in found if not _of_one_stack(files, names)] for found in (same, near))


def _are_one(files, names):
    """True if all of a group is its first image, saved again; one other is in memory at a time, for films are long."""
    first = _fine(read_image(files, names[0], channels=1))
    return all(_saved_again(first, _fine(read_image(files, name, channels=1))) for name in names[1:])


def _of_one_stack(files, names):
    """True if all of a group are slices, or tiles, of one file; a "#" of its own makes no name one of these."""
    sources = {_whole(files, name) if "#" in name else None for name in names}
    return len(sources) == 1 and None not in sources


def _whole(files, name):
    """The file that a slice or a tile belongs to; None for a file that is an image by itself."""
    path, page = split_page(files, name)
    at = tiles.place(files, name)
    return at[0] if at else path if page else None


def _saved_again(image, other):
    apart = np.abs(image - other)
    error = np.sqrt((apart**2).mean())
    return error < 0.25 * image.std() and apart.max() <= 6 * error + 8


def _fine(image):
    """A grey image (H, W, 1) as 96 × 96 block means."""
    return np.asarray(Image.fromarray(image[..., 0]).resize((96, 96), Image.Resampling.BOX), np.float64)
