"""Lesson 2 · Convolution: the explorer of a kernel, and the exercises `conv2d` and `conv_layer`."""

import numpy as np

from segutils import plots, reference
from segutils.lessons.answers import Exercise, random_image

# The explorer


KERNELS = {
    "vertical edge": [[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]],
    "horizontal edge": [[-1, -2, -1], [0, 0, 0], [1, 2, 1]],
    "Laplacian": [[0, 1, 0], [1, -4, 1], [0, 1, 0]],
    "sharpen": [[0, -1, 0], [-1, 5, -1], [0, -1, 0]],
    "blur": [[1 / 16, 2 / 16, 1 / 16], [2 / 16, 4 / 16, 2 / 16], [1 / 16, 2 / 16, 1 / 16]],
    "identity": [[0, 0, 0], [0, 1, 0], [0, 0, 0]],
}


def kernel_editor(image):
    """An image, a 3×3 kernel and their feature map; dots mark the input pixels that one output pixel sees.

    Args:
        image: (H, W) or (H, W, 1), values 0 to 255.
    Returns: draw(kernel, add_to_centre, stride, dilation, padding, row, column) → figure. `kernel` is a name in
        KERNELS; `add_to_centre` is added to its middle weight. `row` and `column` choose an input pixel (+), and
        thereby the output pixel whose window has its centre nearest to it.
    """
    image = np.squeeze(image).astype(float)
    left, middle, right = plots.grid(1, 3, size=2.9)[0]
    figure = left.figure
    outside = 6  # pixels drawn around the image, where padding lies
    plots.show_image(left, image)
    left.set_xlim(-0.5 - outside, image.shape[1] - 0.5 + outside)
    left.set_ylim(image.shape[0] - 0.5 + outside, -0.5 - outside)
    left.set_facecolor("#DDDDDD")
    (frame,) = left.plot([], [], "-", color=plots.COLOURS[6], linewidth=1)
    (seen,) = left.plot([], [], ".", color=plots.COLOURS[6], markersize=3)
    (pixel,) = left.plot([], [], "+", color=plots.COLOURS[6], markersize=9)
    cells = middle.imshow(np.zeros((3, 3)), cmap="PuOr", interpolation="nearest")
    numbers = [middle.text(n, m, "", ha="center", va="center", fontsize=11) for m in range(3) for n in range(3)]
    output = right.imshow(np.zeros((1, 1)), cmap="gray", interpolation="nearest")
    (chosen,) = right.plot([], [], "s", color=plots.COLOURS[6], markersize=7, markerfacecolor="none", markeredgewidth=2)
    chosen.set_clip_on(False)

    def draw(kernel="vertical edge", add_to_centre=0.0, stride=1, dilation=1, padding="same", row=33, column=5):
        weights = np.array(KERNELS[kernel], float)
        weights[1, 1] += add_to_centre
        options = {"stride": stride, "padding": padding, "dilation": dilation}
        places = reference.windows(image.shape, 3, **options)
        y = reference.conv2d(image[None, :, :, None], weights[:, :, None, None], **options)[0, :, :, 0]
        nearest = np.rint((np.array([row, column]) - dilation + places.before) / stride).astype(int)
        i, j = np.clip(nearest, 0, np.array(y.shape) - 1)
        top, start = stride * i - places.before[0], stride * j - places.before[1]
        m, n = np.indices((3, 3)) * dilation
        pixel.set_data([column], [row])
        seen.set_data((start + n).ravel(), (top + m).ravel())
        low, high = -0.5, 2 * dilation + 0.5
        frame.set_data(start + np.array([low, high, high, low, low]), top + np.array([low, low, high, high, low]))
        size = f"{image.shape[0]}×{image.shape[1]}"
        left.set_title(f"input {size}, grey: outside\nwindow starts at [{top}, {start}]", fontsize=9)
        cells.set_data(weights)
        cells.set_clim(-1.6 * np.abs(weights).max(), 1.6 * np.abs(weights).max())  # never too dark to read
        for text, weight in zip(numbers, weights.ravel(), strict=True):
            text.set_text(f"{weight:.3g}")
        middle.set_title(f"kernel, sum {weights.sum():.3g}\nstride {stride}, dilation {dilation}", fontsize=9)
        output.set_data(y)
        output.set_extent((-0.5, y.shape[1] - 0.5, y.shape[0] - 0.5, -0.5))
        output.set_clim(y.min(), y.max())
        chosen.set_data([j], [i])
        right.set_title(
            f"output {y.shape[0]}×{y.shape[1]}, black {y.min():.0f}, white {y.max():.0f}\ny[{i}, {j}] = {y[i, j]:.0f}",
            fontsize=9,
        )
        return figure

    return draw


# The exercise: conv2d(x, kernel, bias, stride, padding), one grey image (H, W) → its feature map


def _conv2d(x, kernel, bias, stride, padding):
    y = reference.conv2d(x[None, :, :, None], kernel[:, :, None, None], bias, stride=stride, padding=padding)
    return y[0, :, :, 0]


def _conv2d_with_stride_as_dilation(x, kernel, bias, stride, padding):
    x = np.pad(x, padding)
    rows, columns = ((h - m) // stride + 1 for h, m in zip(x.shape, kernel.shape, strict=True))
    y = np.full((rows, columns), float(bias))
    for m, n in np.ndindex(kernel.shape):
        y += x[stride * m : stride * m + rows, stride * n : stride * n + columns] * kernel[m, n]
    return y


exercise = Exercise(
    "conv2d",
    solution=_conv2d,
    cases=[
        (random_image(5, 7), random_image(3, 2, seed=1), 0.0, 1, 0),
        (random_image(5, 7), random_image(3, 2, seed=1), 0.5, 1, 0),
        (random_image(6, 9, seed=2), random_image(3, 3, seed=3), 0.5, 2, 0),
        (random_image(5, 7), random_image(3, 3, seed=3), 0.5, 1, 1),
        (random_image(8, 7, seed=4), random_image(2, 3, seed=5), -1.0, 3, 2),
    ],
    mistakes=[
        (
            "The kernel is turned around: that is the convolution of mathematics. Networks use x[i + m, j + "
            "n] · kernel[m, n] with both indices counting up.",
            lambda x, k, b, s, p: _conv2d(x, k[::-1, ::-1], b, s, p),
        ),
        (
            "The window of output pixel (0, 0) starts one pixel too early, at x[-1, -1], which in Python is the last "
            "one: the article counts from 1, your indices from 0, so the - 1 must go.",
            lambda x, k, b, s, p: _conv2d(np.roll(np.pad(x, p), (1, 1), (0, 1)), k, b, s, 0),
        ),
        (
            "Rows and columns of the output are swapped: i walks down the image, j to the right.",
            lambda x, k, b, s, p: _conv2d(x, k, b, s, p).T,
        ),
        ("The bias is missing: add it to every output pixel.", lambda x, k, b, s, p: _conv2d(x, k, 0.0, s, p)),
        (
            "The bias is added for every kernel element; add it once to each output pixel.",
            lambda x, k, b, s, p: _conv2d(x, k, b * k.size, s, p),
        ),
        (
            "The stride is ignored: output pixel (i, j) looks at the window that starts at (stride · i, stride · j).",
            lambda x, k, b, s, p: _conv2d(x, k, b, 1, p),
        ),
        (
            "The stride sets the size of the output but the window moves by one pixel only: it must start at "
            "(stride · i, stride · j).",
            lambda x, k, b, s, p: _conv2d(x, k, b, 1, p)[
                : (x.shape[0] + 2 * p - k.shape[0]) // s + 1, : (x.shape[1] + 2 * p - k.shape[1]) // s + 1
            ],
        ),
        (
            "The padding is ignored: put a border of zeros around the image first.",
            lambda x, k, b, s, p: _conv2d(x, k, b, s, 0),
        ),
        (
            "The padding is on one side only: `padding` pixels above *and* below, left *and* right.",
            lambda x, k, b, s, p: _conv2d(np.pad(x, ((p, 0), (p, 0))), k, b, s, 0),
        ),
        (
            "The padding is below and right only; it belongs above and left too, not only at the end.",
            lambda x, k, b, s, p: _conv2d(np.pad(x, ((0, p), (0, p))), k, b, s, 0),
        ),
        (
            "The stride multiplies m and n: that is a dilation. It belongs to i and j: x[stride · i + m, ...].",
            _conv2d_with_stride_as_dilation,
        ),
        ("The bias is subtracted; add it.", lambda x, k, b, s, p: _conv2d(x, k, -b, s, p)),
        (
            "The padding repeats the border's pixels; pad with zeros.",
            lambda x, k, b, s, p: _conv2d(np.pad(x, p, mode="edge"), k, b, s, 0),
        ),
        (
            "One row and one column are missing: the output has (H + 2 · padding - M) // stride + 1 rows; "
            "the + 1 counts the first window.",
            lambda x, k, b, s, p: _conv2d(x, k, b, s, p)[:-1, :-1],
        ),
    ],
)


# The second exercise: conv_layer(x, kernel, bias), a whole layer: (H, W, C) → its feature maps (H', W', F) after ReLU


def _conv_layer(x, kernel, bias):
    return reference.relu(reference.conv2d(x[None], kernel, bias)[0])


def _channel_by_channel(x, kernel):
    """Feature maps of each channel alone, (C, H', W', F)."""
    return np.stack([reference.conv2d(x[None, :, :, c : c + 1], kernel[:, :, c : c + 1])[0] for c in range(x.shape[2])])


second_exercise = Exercise(
    "conv_layer",
    solution=_conv_layer,
    cases=[
        (random_image(4, 5, 1), random_image(3, 2, 1, 2, seed=1), np.zeros(2)),
        (random_image(5, 7, 3), random_image(3, 2, 3, 4, seed=2), np.zeros(4)),
        (random_image(6, 5, 2, seed=3), random_image(2, 3, 2, 3, seed=4), np.array([40.0, -30, 15])),
    ],
    mistakes=[
        (
            "The activation is missing: a ReLU puts 0 in place of every negative number of the maps.",
            lambda x, k, b: reference.conv2d(x[None], k, b)[0],
        ),
        (
            "The bias is missing: filter f adds bias[f] to its whole map, before the ReLU.",
            lambda x, k, b: reference.relu(reference.conv2d(x[None], k)[0]),
        ),
        (
            "The bias is added after the ReLU; it must come before, so that it can act as a threshold.",
            lambda x, k, b: reference.relu(reference.conv2d(x[None], k)[0]) + b,
        ),
        (
            "The bias is added once for each channel; add it once to the sum of the channels.",
            lambda x, k, b: _conv_layer(x, k, b * x.shape[2]),
        ),
        (
            "The ReLU is applied to each channel's map; add the channels first, then the bias, then one ReLU.",
            lambda x, k, b: reference.relu(reference.relu(_channel_by_channel(x, k)).sum(0) + b),
        ),
        (
            "The channels are averaged; they are added.",
            lambda x, k, b: reference.relu(_channel_by_channel(x, k).mean(0) + b),
        ),
        (
            "Only the first channel of the image is used; a filter has one kernel per channel and adds the results.",
            lambda x, k, b: reference.relu(_channel_by_channel(x, k)[0] + b),
        ),
        (
            "All channels go through the kernel of the first; channel c of the image meets k[:, :, c, f].",
            lambda x, k, b: _conv_layer(x, np.repeat(k[:, :, :1], x.shape[2], axis=2), b),
        ),
        (
            "The kernels are turned around: that is the convolution of mathematics; networks count all indices up.",
            lambda x, k, b: _conv_layer(x, k[::-1, ::-1], b),
        ),
        (
            "The filters stand first in your result; the last axis is that of the filters: (rows, columns, filters).",
            lambda x, k, b: np.moveaxis(_conv_layer(x, k, b), -1, 0),
        ),
        (
            "Negative numbers lose their sign and stay; a ReLU makes them 0, it is no absolute value.",
            lambda x, k, b: np.abs(reference.conv2d(x[None], k, b)[0]),
        ),
    ],
)
