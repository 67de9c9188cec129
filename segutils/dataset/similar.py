"""Images that belong together: the same one twice, and tiles cut from one larger image."""

import numpy as np
from PIL import Image

from segutils.dataset.images import read_image
from segutils.dataset.loading import in_parallel


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
    close = []
    for first in range(0, len(flat), 512):  # some rows of the table of distances at a time
        some = slice(first, first + 512)
        squares = (flat[some] ** 2).sum(1)[:, None] + (flat**2).sum(1) - 2 * flat[some] @ flat.T
        apart = np.sqrt(np.maximum(squares, 0) / flat.shape[1])
        rows, columns = np.nonzero(apart < np.minimum(limit[some, None], limit))
        close.append(np.stack([rows + first, columns], 1))
    together = [tuple(varied[i].pair.image for i in group) for group in _linked(np.concatenate(close), len(flat))]
    return [names for names in together if len(names) > 1]


def neighbours(files, pairs, *, closeness=0.5):
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
    Returns: list of tuples of image names, as duplicates.
    """
    borders = in_parallel(lambda pair: _borders(read_image(files, pair.image, channels=1)), pairs)
    edges, claims = [], []
    for turned, side in ((False, (0, 1)), (True, (2, 3))):
        lines = [[border[k] for k in side] for border in borders]
        for length in {len(line) for line, _ in lines}:
            at = [i for i, (line, _) in enumerate(lines) if len(line) == length]
            first, last = (np.stack([lines[i][k] for i in at]) for k in (0, 1))
            for i, j, apart in _continued(last, first, closeness):
                edges.append((at[i], at[j]))
                claims.append((at[i], at[j], turned, last[i], first[j], apart))
    some = [claims[k] for k in sorted({round(k) for k in np.linspace(0, len(claims) - 1, CHECKED)})] if claims else []
    inside = in_parallel(lambda claim: _lies_inside(files, pairs, *claim), some)
    if some and np.mean(inside) >= 0.5:
        return []
    together = [tuple(pairs[i].image for i in group) for group in _linked(edges, len(pairs))]
    return [names for names in together if len(names) > 1]


CHECKED = 24  # pairs of borders that are searched inside other images
FAR_BETTER = 0.7  # share of the second best distance that the best may have


def _borders(image):
    """First and last column, first and last row of a grey image (H, W, 1), as floats."""
    grey = image[..., 0].astype(np.float64)
    return grey[:, 0], grey[:, -1], grey[0], grey[-1]


def _distances(some, others):
    """Root mean square differences of all lines (N, length) and (M, length): (N, M)."""
    squares = (some**2).sum(1)[:, None] + (others**2).sum(1) - 2 * some @ others.T
    return np.sqrt(np.maximum(squares, 0) / some.shape[1])


def _continued(last, first, closeness):
    """(i, j, distance) where the line first[j] continues last[i], lines being (N, length)."""
    apart, beside = _distances(last, first), [_distances(lines, lines) for lines in (last, first)]
    for table in (apart, *beside):
        np.fill_diagonal(table, np.inf)
    best, found = apart.argmin(1), []
    for i, j in enumerate(best):
        distance = apart[i, j]
        limit = closeness * min(last[i].std(), first[j].std())
        if apart[:, j].argmin() != i or not distance < limit:
            continue
        others = min(np.delete(apart[i], j).min(), np.delete(apart[:, j], i).min()) if len(last) > 2 else np.inf
        if distance < FAR_BETTER * min(others, beside[0][i].min(), beside[1][j].min()):
            found.append((i, int(j), distance))
    return found


def _lies_inside(files, pairs, i, j, turned, last, first, apart):
    """True if a border lies inside an image whose name is close, as in films, and not only at another's border."""
    for k in sorted({k for near in (i, j) for k in range(near - 2, near + 3) if 0 <= k < len(pairs)}):
        grey = read_image(files, pairs[k].image, channels=1)[..., 0].astype(np.float64)
        lines = (grey if turned else grey.T)[2:-2]
        wanted = np.stack([line for line, own in ((last, i), (first, j)) if own != k])
        if lines.shape[1:] == wanted.shape[1:] and len(lines) and _distances(wanted, lines).min() <= 1.05 * apart:
            return True
    return False


def _linked(edges, count):
    """Groups of the numbers 0 to count - 1 that edges (i, j) link, directly or by others: list of arrays."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    i, j = np.reshape(edges, (-1, 2)).astype(int).T
    groups, group = connected_components(coo_array((np.ones(len(i)), (i, j)), shape=(count, count)), directed=False)
    return [np.flatnonzero(group == g) for g in range(groups)]


NEAR = 0.15  # share of what an image varies in itself, by which near copies differ at most


def copies(files, seen):
    """(same, near): groups of images that show one image, and of images that differ in little, as duplicates.

    Saved again in another format or quality an image changes a little everywhere. Other views of a scene, video frames
    for instance, change much in some places: they are near. Slices of one stack are near by nature and left out.
    """
    same, near = [], []
    for names in duplicates(seen):
        first, *others = in_parallel(lambda name: _fine(read_image(files, name, channels=1)), names)
        if all(_saved_again(first, other) for other in others):
            same.append(names)
    for names in duplicates(seen, tolerance=np.inf, share=NEAR):
        if names not in same:
            near.append(names)
    return tuple([names for names in found if not _of_one_stack(names)] for found in (same, near))


def _of_one_stack(names):
    return "#" in names[0] and len({name.partition("#")[0] for name in names}) == 1


def _saved_again(image, other):
    apart = np.abs(image - other)
    error = np.sqrt((apart**2).mean())
    return error < 0.25 * image.std() and apart.max() <= 6 * error + 8


def _fine(image):
    """A grey image (H, W, 1) as 96 × 96 block means."""
    return np.asarray(Image.fromarray(image[..., 0]).resize((96, 96), Image.Resampling.BOX), np.float64)
