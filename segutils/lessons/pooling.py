"""Lesson 3 · Pooling: its figures, its measurements, the explorer of a shifted digit, and two exercises."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.patheffects import withStroke

from segutils import course, metrics, plots, reference
from segutils.digits import take_per_class
from segutils.lessons.answers import Exercise, random_image
from segutils.lessons.shrinking import second_exercise  # noqa: F401 - of this lesson
from segutils.scenes import CLASS_NAMES

FRAMES = (("A", "-"), ("B", "--"), ("C", ":"))
FRAME = {"fill": False, "edgecolor": plots.COLOURS[7], "linewidth": 3}
HALO = [withStroke(linewidth=5, foreground="white")]
LINES = {  # one colour and one marker for one way of pooling, in every figure
    "no pooling": ("#555555", "o"),
    "subsampling": (plots.COLOURS[3], "s"),
    "middle pixel": (plots.COLOURS[3], "s"),
    "average": (plots.COLOURS[0], "^"),
    "mean": (plots.COLOURS[0], "^"),
    "maximum": (plots.COLOURS[1], "D"),
    "vote": (plots.COLOURS[5], "v"),
    "shares, blended": (plots.COLOURS[4], "P"),
}
EDGE = np.array([[1.0, 0, -1], [2, 0, -2], [1, 0, -1]])[:, :, None, None] / 4  # Sobel's kernel

# Figures


def show_windows(x, results, *, size, stride, marked):
    """A map of numbers with some windows framed, and beside it results whose cells carry the frame of their window.

    Args:
        x: (H, W) numbers; results: {title: (H', W') numbers}.
        size, stride: of the windows.
        marked: (row, column) in the result of each window to frame; three at most.
    Returns: the axes.
    """
    maps = {f"feature map, {x.shape[0]}×{x.shape[1]}": x, **results}
    widths = [np.shape(values)[1] for values in maps.values()]
    figsize = (0.62 * sum(widths), 0.56 * len(x) + 0.4)
    axes = plt.subplots(1, len(maps), figsize=figsize, width_ratios=widths, layout="constrained", squeeze=False)[1][0]
    for number, (ax, (title, values)) in enumerate(zip(axes, maps.items(), strict=True)):
        plots.show_numbers(ax, values, title=title)
        for (i, j), (letter, dash) in zip(marked, FRAMES, strict=False):
            top, left, side = (i, j, 1) if number else (stride * i, stride * j, size)
            corner, reach = (left - 0.42, top - 0.42), side - 0.16
            ax.add_patch(plt.Rectangle(corner, reach, reach, linestyle=dash, path_effects=HALO, **FRAME))
            style = {"color": FRAME["edgecolor"], "fontsize": 8, "weight": "bold", "path_effects": HALO}
            ax.text(left - 0.33, top - 0.3, letter, va="center", **style)
    return axes


def show_images(views, *, columns):
    """Images {title: (1, H, W, 1)} in a grid of so many columns, all drawn at the same size."""
    height, width = np.shape(next(iter(views.values())))[1:3]
    rows, side = -(-len(views) // columns), 8.4 / columns
    size = (8.4, rows * (side * height / width + 0.25))
    axes = plt.subplots(rows, columns, figsize=size, layout="constrained")[1]
    for ax, (name, view) in zip(axes.flat, views.items(), strict=True):
        plots.show_image(ax, view[0], title=name)
    return axes


def show_lines(x, series, **labels):
    """One line for each series {way of pooling: values}, over the values x; labels: title, xlabel, ylabel."""
    ax = plt.subplots(figsize=(6, 3.4), layout="constrained")[1]
    plots.lines(ax, x, series, **labels)
    for line in ax.lines:
        colour, marker = LINES[line.get_label()]
        line.set(color=colour, marker=marker)
    ax.set_xticks(x)
    ax.legend(fontsize=8)
    return ax


# Measurements


def pixels_that_matter(layers, *, size=64):
    """How many pixels in a row change one number of the last map, found by poking every pixel of a row of `size`.

    Args: layers: (window, stride) of each, its numbers summed. Returns: int.
    """
    one_row = np.eye(size)[:, None, :, None]  # in image n, pixel n alone is lit
    for window, stride in layers:
        one_row = reference.conv2d(one_row, np.ones((1, window, 1, 1)), stride=stride)
    return int(np.count_nonzero(one_row[:, 0, one_row.shape[2] // 2, 0]))


def edge_maps(images, shifts, *, border=8):
    """Maps of left-to-right edges of digits that were moved to the right.

    Args: images: (N, 28, 28), 0 to 255; shifts: pixels to move by, at most `border`.
    Returns: for each shift (N, 28 + 2 · border, 28 + 2 · border, 1): Sobel's kernel, then ReLU.
    """
    padded = np.pad(np.asarray(images) / 255, [(0, 0), (border, border), (border, border)])[..., None]
    moved = [np.roll(padded, shift, axis=2) for shift in shifts]
    return [reference.relu(reference.conv2d(m, EDGE, padding="same")) for m in moved]


def train_on_few(network, digits, *, seed):
    """Train a classifier on 20 digits of each class, for 12 epochs.

    Args: network: from (B, 28, 28, 1) to ten logits; digits: a Digits; seed: of the choice and the order.
    Returns: accuracy on the digits it was trained on, accuracy on the test digits.
    """
    import keras

    course.set_seed(seed)
    few = take_per_class(digits.train, 20, seed=seed)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    network.compile(keras.optimizers.Adam(0.003), loss, metrics=["accuracy"])
    network.fit(few.images[..., None], few.labels, batch_size=20, epochs=12, verbose=0)
    parts = (few, digits.test)
    return [network.evaluate(p.images[..., None], p.labels, batch_size=512, verbose=0)[1] for p in parts]


def mean_iou(truth, masks):
    """Mean IoU over the digit classes that occur, background left out, of masks (N, H, W) against the true ones."""
    return float(np.nanmean(metrics.iou(metrics.confusion_matrix(truth, masks, len(CLASS_NAMES)))[1:]))


def judge(shrink, reference_shrink, digits, *, count=200):
    """Print whether a way of pooling forgives more than another one, and whether it still tells digits apart.

    A map of zeros would forgive every shift. So two numbers count: the change of the pooled edge map if the digit moves
    by one pixel, and how many test digits have the class of the training digit with the nearest pooled map.
    Args: shrink, reference_shrink: from maps (N, H, W, 1) to smaller maps; count: of training and of test digits.
    """
    change, right = _forgiveness(shrink, digits, count)
    before, right_before = _forgiveness(reference_shrink, digits, count)
    print(f"change after one pixel: {change:.2f} (maximum: {before:.2f})")
    print(f"nearest digit right: {right:.0%} (maximum: {right_before:.0%})")
    good = change < before - 0.005 and right > right_before - 0.03
    print("success" if good else "not yet: change less, and lose fewer than 3 digits in 100")


def _forgiveness(shrink, digits, count):
    """Mean relative change after a shift by one pixel, and accuracy of the nearest pooled map."""
    still, moved = (np.reshape(shrink(m), (count, -1)) for m in edge_maps(digits.test.images[:count], (0, 1)))
    change = relative_change(still, moved)
    known = np.reshape(shrink(edge_maps(digits.train.images[:count], (0,))[0]), (count, -1))
    distances = ((known**2).sum(1) - 2 * still @ known.T) if known.size else np.zeros((count, count))
    right = digits.train.labels[:count][distances.argmin(1)] == digits.test.labels[:count]
    return change, right.mean()


def relative_change(before, after):
    """Mean of |after - before| / |before|, lengths of vectors, over the maps that are not all zero before."""
    difference = np.subtract(after, before)
    length, moved = (np.linalg.norm(np.reshape(m, (len(m), -1)), axis=1) for m in (before, difference))
    return float((moved[length > 0] / length[length > 0]).mean()) if length.any() else 0.0


# The explorer


def _subsample(x, size, *, stride):
    """The first pixel of each window."""
    return x[:, : x.shape[1] - size + 1 : stride, : x.shape[2] - size + 1 : stride]


POOLINGS = {"maximum": reference.max_pool, "average": reference.average_pool, "subsample": _subsample}


def pooling_shift(image):
    """A shifted digit, its pooled map, and what the shift changed in that map.

    Args:
        image: (H, W) uint8, a digit on black; what is shifted in is black too.
    Returns: draw(shift_right, shift_down, size, stride, kind) → figure; kind is one of POOLINGS.
    """
    from scipy.ndimage import shift

    image = np.squeeze(image).astype(float)
    left, middle, right = plots.grid(1, 3, size=2.8)[0]
    plots.show_image(left, image)
    plots.show_image(middle, image)
    difference = plots.show_map(right, np.zeros_like(image), limit=255)
    images = left.images[0], middle.images[0]
    thin = {**FRAME, "linewidth": 2}
    marks = [
        [ax.add_patch(plt.Rectangle((0, 0), 1, 1, linestyle=dash, **thin)) for ax in (left, middle)]
        for _, dash in FRAMES[:2]
    ]

    def draw(shift_right=1, shift_down=0, size=2, stride=2, kind="maximum"):
        shifted = shift(image, (shift_down, shift_right), order=0)
        before, after = POOLINGS[kind](np.stack([image, shifted])[..., None], size, stride=stride)[..., 0]
        for drawn, values in zip((*images, difference), (shifted, after, after - before), strict=True):
            drawn.set_data(values)
        # the pooled map is stretched to the size of the image: one value covers down × across pixels
        down, across = (n / m for n, m in zip(image.shape, after.shape, strict=True))
        i, j = after.shape[0] // 2, after.shape[1] // 2 - 1
        for step, (window, value) in enumerate(marks):
            window.set_bounds(stride * (j + step) - 0.5, stride * i - 0.5, size, size)
            value.set_bounds(across * (j + step) - 0.5, down * i - 0.5, across, down)
        change = np.linalg.norm(after - before) / max(np.linalg.norm(before), 1e-9)
        titles = (
            f"digit, shifted: right {shift_right}, down {shift_down}\ntwo neighbouring windows",
            f"{kind}, window {size}×{size}, stride {stride}\n{after.shape[0]}×{after.shape[1]} values",
            f"difference from the unmoved digit\n{100 * change:.0f}% of its pooled map",
        )
        for ax, title in zip((left, middle, right), titles, strict=True):
            ax.set_title(title, fontsize=9)
        return left.figure

    return draw


# The exercise: max_pool(x, size, stride), one feature map (H, W) → the largest value of each window


def _max_pool(x, size, stride):
    return reference.max_pool(x[None, :, :, None], size, stride=stride)[0, :, :, 0]


def _average_pool(x, size, stride):
    return reference.average_pool(x[None, :, :, None], size, stride=stride)[0, :, :, 0]


def _cut(y, x, size, stride):
    """A result cut to the shape of the right one."""
    return y[: (x.shape[0] - size) // stride + 1, : (x.shape[1] - size) // stride + 1]


def _pool_with_partial_windows(x, size, stride):
    rows, columns = (range(0, h, stride) for h in x.shape)
    return [[x[i : i + size, j : j + size].max() for j in columns] for i in rows]


exercise = Exercise(
    "max_pool",
    solution=_max_pool,
    cases=[
        (random_image(4, 6), 2, 2),
        (-1 - np.abs(random_image(6, 8, seed=1)), 2, 2),
        (random_image(5, 7, seed=2), 2, 2),
        (random_image(7, 9, seed=3), 3, 2),
        (random_image(8, 7, seed=4), 2, 3),
        (random_image(4, 7, seed=5) * 1000 - 30_000, 3, 1),
    ],
    mistakes=[
        ("That is average pooling: take the largest value of the window.", _average_pool),
        ("That is the smallest value of each window; take the largest.", lambda x, k, s: -_max_pool(-x, k, s)),
        ("That is the largest magnitude; keep the sign.", lambda x, k, s: _max_pool(np.abs(x), k, s)),
        (
            "That is each window's first pixel: subsampling, not pooling.",
            lambda x, k, s: _cut(_max_pool(x, 1, s), x, k, s),
        ),
        (
            "Negative values became zero: start from the window's own values (or from -infinity), not from 0.",
            lambda x, k, s: np.maximum(_max_pool(x, k, s), 0),
        ),
        (
            "The largest value so far starts at a number that all of a window can lie below: start from the window's "
            "own values (or from -infinity).",
            lambda x, k, s: np.maximum(_max_pool(x, k, s), -1000),
        ),
        ("The stride is ignored: windows start `stride` pixels apart.", lambda x, k, s: _max_pool(x, k, 1)),
        ("The windows are moved by their size, not by `stride` pixels.", lambda x, k, s: _max_pool(x, k, k)),
        (
            "The window moves by one pixel only, though the output has the right size: it must start at "
            "(stride · i, stride · j).",
            lambda x, k, s: _cut(_max_pool(x, k, 1), x, k, s),
        ),
        ("The windows have the stride as their size; take `size`.", lambda x, k, s: _max_pool(x, s, s)),
        (
            "Windows that hang over the border are included; only full ones count: (H - size) // stride + 1 rows.",
            _pool_with_partial_windows,
        ),
        (
            "One row and column are missing: of (H - size) // stride + 1 rows, the + 1 counts the first window.",
            lambda x, k, s: _max_pool(x, k, s)[:-1, :-1],
        ),
        ("Rows and columns of the output are swapped.", lambda x, k, s: _max_pool(x, k, s).T),
    ],
)
