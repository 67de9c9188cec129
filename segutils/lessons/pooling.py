"""Lesson 3 · Pooling: the explorer of a shifted digit, and the exercise `max_pool`."""

import matplotlib.pyplot as plt
import numpy as np

from segutils import plots, reference
from segutils.lessons.answers import Exercise, random_image

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
    marks = [
        [ax.add_patch(plt.Rectangle((0, 0), 1, 1, fill=False, ec=colour, ls=dash, lw=2)) for ax in (left, middle)]
        for colour, dash in (("#EE7733", "-"), ("#66CCEE", "--"))
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
            f"difference to the unmoved digit\n{100 * change:.0f}% of its pooled map",
        )
        for ax, title in zip((left, middle, right), titles, strict=True):
            ax.set_title(title, fontsize=9)
        return left.figure

    return draw


# The exercise: max_pool(x, size, stride), one feature map (H, W) → the largest value of each window


def _max_pool(x, size, stride):
    return reference.max_pool(x[None, :, :, None], size, stride=stride)[0, :, :, 0]


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
    ],
    mistakes=[
        (
            "That is average pooling: take the largest value of the window.",
            lambda x, k, s: reference.average_pool(x[None, :, :, None], k, stride=s)[0, :, :, 0],
        ),
        ("That is the smallest value of each window; take the largest.", lambda x, k, s: -_max_pool(-x, k, s)),
        ("That is the largest magnitude; keep the sign.", lambda x, k, s: _max_pool(np.abs(x), k, s)),
        (
            "That is each window's first pixel: subsampling, not pooling.",
            lambda x, k, s: _max_pool(x, 1, s)[: (x.shape[0] - k) // s + 1, : (x.shape[1] - k) // s + 1],
        ),
        (
            "Negative values became zero: start from the window's own values (or from -infinity), not from 0.",
            lambda x, k, s: np.maximum(_max_pool(x, k, s), 0),
        ),
        ("The stride is ignored: windows start `stride` pixels apart.", lambda x, k, s: _max_pool(x, k, 1)),
        (
            "The windows are moved by their size; they must start `stride` pixels apart.",
            lambda x, k, s: _max_pool(x, k, k),
        ),
        (
            "The stride sets the size of the output but the window moves by one pixel only: it must start at "
            "(stride · i, stride · j).",
            lambda x, k, s: _max_pool(x, k, 1)[: (x.shape[0] - k) // s + 1, : (x.shape[1] - k) // s + 1],
        ),
        (
            "The windows have the stride as their size; they must reach over `size` pixels.",
            lambda x, k, s: _max_pool(x, s, s),
        ),
        (
            "Windows that hang over the border are included. Without padding only full windows count: (H - "
            "size) // stride + 1 rows.",
            _pool_with_partial_windows,
        ),
        (
            "One row and one column are missing: there are (H - size) // stride + 1 rows; the + 1 counts the "
            "first window.",
            lambda x, k, s: _max_pool(x, k, s)[:-1, :-1],
        ),
        ("Rows and columns of the output are swapped.", lambda x, k, s: _max_pool(x, k, s).T),
    ],
)
