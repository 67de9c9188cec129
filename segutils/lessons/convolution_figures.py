"""Lesson 2 · Convolution: what the notebook computes with by name, and its figures."""

import contextlib
import io

import matplotlib.pyplot as plt
import numpy as np
from skimage import data

from segutils import plots, reference, scenes
from segutils.digits import load_digits
from segutils.lessons.convolution import KERNELS

# What the notebook computes with


def scene_of_page_one():
    """The image of the course's first page: a scene of bundled test digits, (64, 64) floats from 0 to 255."""
    with contextlib.redirect_stdout(io.StringIO()):  # where the digits are from is not what the lesson is about
        digits = load_digits("bundled")
    return scenes.make_scenes(digits.test, 9, seed=(0, 2)).images[8, :, :, 0].astype(float)


def photograph():
    """The head of a man with a camera, (96, 96) floats from 0 to 255."""
    return data.camera()[20:212, 124:316].reshape(96, 2, 96, 2).mean((1, 3))


def two_photographs():
    """Two small colour images, an astronaut and a cat, (2, 20, 24, 3) floats from 0 to 1."""
    return np.stack([data.astronaut()[:160:8, 120:312:8], data.chelsea()[40:200:8, 100:292:8]]) / 255


def gaussian(size, spread=2.0):
    """A kernel (size, size) that blurs: a bell of standard deviation `spread` pixels, with sum 1."""
    bell = np.exp(-((np.arange(size) - size // 2) ** 2) / (2 * spread**2))
    return np.outer(bell, bell) / bell.sum() ** 2


def grey_conv(image, kernel, **options):
    """The course's own convolution, reference.conv2d, for one grey image (H, W) and one kernel (M, N)."""
    return reference.conv2d(image[None, :, :, None], kernel[:, :, None, None], **options)[0, :, :, 0]


def grey_tensorflow(image, kernel, stride=1, padding="valid", dilation=1):
    """TensorFlow's convolution for one grey image (H, W) and one kernel (M, N), as an array of floats."""
    import tensorflow as tf

    x, k = image[None, :, :, None], kernel[:, :, None, None]
    return tf.nn.conv2d(x, k, stride, padding.upper(), dilations=dilation)[0, :, :, 0].numpy()


# Figures


def show_edges(scene):
    """A scene (H, W), and its feature maps by the kernels of vertical and of horizontal edges. Returns: the figure."""
    axes = plots.grid(1, 3, size=3)[0]
    plots.show_image(axes[0], scene, title=f"the scene, {scene.shape[0]}×{scene.shape[1]} pixels")
    for ax, name in zip(axes[1:], ("vertical edge", "horizontal edge"), strict=True):
        plots.show_map(ax, grey_conv(scene, np.array(KERNELS[name], float)), title=f"{name}s, by nine numbers")
    return axes[0].figure


def show_grids(grids, *, boxes=()):
    """Small arrays beside each other as shaded cells with their numbers written in, light where a number is large.

    Args:
        grids: {title: (H, W) array}.
        boxes: for each array a list of (row, column, rows, columns) to frame; none by default.
    Returns: the figure.
    """
    shapes = [np.shape(array) for array in grids.values()]
    width = sum(columns for _, columns in shapes)
    inches = min(9.0, 0.42 * width + 0.6 * len(grids))
    height = 0.7 + inches / width * max(rows for rows, _ in shapes)
    figure, axes = plt.subplots(
        1,
        len(grids),
        figsize=(inches, height),
        width_ratios=[n for _, n in shapes],
        squeeze=False,
        layout="constrained",
    )
    for i, (ax, (title, array)) in enumerate(zip(axes[0], grids.items(), strict=True)):
        plots.show_numbers(ax, array, title=title, boxes=boxes[i] if boxes else ())
    return figure


def show_window(image, kernel, row, column):
    """One window by finger: the image with the window framed, the kernel, their products, and the output pixel.

    Args:
        image: (H, W) numbers.
        kernel: (M, N) numbers.
        row, column: of the output pixel, counted from 0: the window starts there. All others are question marks.
    Returns: the figure.
    """
    m, n = kernel.shape
    products = image[row : row + m, column : column + n] * kernel
    y = grey_conv(image, kernel)
    named = {
        "image x, a window framed": (image, [(row, column, m, n)]),
        "kernel k": (kernel, []),
        f"products,\nin all {products.sum():g}": (products, []),
        "feature map y": (y, [(row, column, 1, 1)]),
    }
    figure = show_grids({title: a for title, (a, _) in named.items()}, boxes=[box for _, box in named.values()])
    output = figure.axes[3]
    known = np.zeros(y.shape, bool)
    known[row, column] = True
    output.images[0].set_data(np.where(known, y, y.min()))  # the shade tells nothing of the others either
    for text, is_known in zip(output.texts, known.ravel(), strict=True):
        text.set_text(text.get_text() if is_known else "?")
    return figure


def show_steps(image, stride, dilation):
    """What stride, dilation and padding do to the windows of a 3×3 kernel on a small image (H, W).

    Left two neighbouring windows, `stride` pixels apart; in the middle the nine pixels that one output pixel sees at a
    dilation, framed; right the image within a border of zeros.
    Returns: the figure.
    """
    rows, columns = image.shape
    fits = stride + 3 <= columns
    figure, axes = plt.subplots(1, 3, figsize=(9, 3.2), layout="constrained")
    two = [(0, 0, 3, 3), (0, stride, 3, 3)] if fits else [(0, 0, 3, 3)]
    plots.show_numbers(axes[0], image, title=f"stride {stride}: the next window\nstarts {stride} pixels on", boxes=two)
    reach = 2 * dilation + 1
    plots.show_numbers(axes[1], image, title=f"dilation {dilation}: nine pixels,\nreaching over {reach}×{reach}")
    for m, n in np.ndindex(3, 3):
        if m * dilation < rows and n * dilation < columns:
            corner = (n * dilation - 0.45, m * dilation - 0.45)
            axes[1].add_patch(plt.Rectangle(corner, 0.9, 0.9, fill=False, edgecolor=plots.COLOURS[1], linewidth=2))
    padded = np.pad(image, 1)
    inside = [(1, 1, rows, columns)]
    plots.show_numbers(axes[2], padded, title="padding: zeros around\nthe image (framed)", boxes=inside)
    return figure


def show_kernels(image, kernels):
    """An image (H, W), 0 to 255, beside what kernels make of it.

    Args:
        kernels: {title: (M, N) kernel}. A feature map of a kernel with sum 0 is drawn orange below and purple above
            zero, others as images.
    Returns: the figure.
    """
    axes = plots.grid(1, 1 + len(kernels), size=2.25)[0]
    plots.show_image(axes[0], image, title="the photograph")
    for ax, (title, kernel) in zip(axes[1:], kernels.items(), strict=True):
        y = grey_conv(image, kernel)
        if np.isclose(kernel.sum(), 0):
            plots.show_map(ax, y, title=title, limit=200)
        else:
            plots.show_image(ax, y, title=title)
    return axes[0].figure


def show_activations(x, values):
    """Activations as curves over their input.

    Args: x: (X,) numbers; values: {name: (X,) numbers}. Returns: the figure.
    """
    figure, ax = plt.subplots(figsize=(6, 3), layout="constrained")
    plots.lines(ax, x, values, title="Three activations", xlabel="input x", ylabel="output")
    ax.set_ylim(-1.2, 3.2)
    return figure


def show_passed(maps):
    """Feature maps after a ReLU: white where a value is above zero, black where it is 0, and the share of white.

    Args: maps: {title: (H, W) numbers >= 0}. Returns: the figure.
    """
    axes = plots.grid(1, len(maps), size=2.9)[0]
    for ax, (title, kept) in zip(axes, maps.items(), strict=True):
        plots.show_image(ax, 255 * (kept > 0), title=f"{title}: {100 * (kept > 0).mean():.0f}% of pixels pass")
    return axes[0].figure


def show_fields(fields):
    """Receptive fields: how many ways lead from each input pixel to the one output pixel, light where many; dark: none.

    Args: fields: {title: (S, S) counts, 0 where a pixel is not seen}. A dashed frame goes around all that are seen.
    Returns: the figure.
    """
    axes = plots.grid(1, len(fields), size=2.25)[0]
    for ax, (title, ways) in zip(axes, fields.items(), strict=True):
        side, seen = field_of(ways)
        seen_ways = np.ma.masked_equal(ways, 0)
        span = max(float(ways.max()) - 1, 1)
        shades = plt.get_cmap("gray").with_extremes(bad=plots.BACKGROUND)
        ax.imshow(seen_ways, cmap=shades, vmin=1 - span, vmax=1 + span, interpolation="nearest")
        rows = np.flatnonzero(ways.any(1))
        corner = rows[0] - 0.5
        frame = {"fill": False, "linestyle": "--", "edgecolor": plots.COLOURS[6], "linewidth": 1.5}
        ax.add_patch(plt.Rectangle((corner, corner), side, side, **frame))
        plots.hide_ticks(ax, f"{title}:\n{side}×{side}, {seen} pixels seen,\neach in 1 to {ways.max():.0f} ways")
    return axes[0].figure


def field_of(ways):
    """Side of the square that holds every input pixel that is seen, and the number of these pixels.

    Args: ways: (S, S) counts, 0 where a pixel is not seen. Returns: two ints.
    """
    rows = np.flatnonzero(np.any(ways, axis=1))
    return int(np.ptp(rows) + 1), int(np.count_nonzero(ways))


def judge_layers(layers, ways, side=31):
    """Say whether a design reaches the open exercise's measure: a field of `side` pixels, no holes, no stride.

    Args: layers: pairs (stride, dilation); ways: (S, S) counts of the field they make, wider than the field.
    """
    reached, seen = field_of(ways)
    print(f"{len(layers)} layers see {reached}×{reached} pixels and {reached**2 - seen} holes in them.")
    good = reached >= side and seen == reached**2 and all(stride == 1 for stride, _ in layers) and len(layers) <= 4
    print(
        "Reached: at least " if good else "Not yet. Wanted: at most four layers of stride 1, no holes, and at least ",
        f"{side}×{side}.",
        sep="",
    )


def show_matrices(matrix):
    """The matrix of a convolution, and its transpose. Returns: the figure."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(8, 4), width_ratios=[2, 1], layout="constrained")
    plots.show_numbers(left, matrix, title=f"A, {'×'.join(map(str, matrix.shape))}: a row for each output pixel")
    plots.show_numbers(right, matrix.T, title="its transpose")
    return figure


def show_stamps(shape, sizes, stride=2):
    """What a transposed convolution of ones makes of an image of ones, for several kernel sizes.

    Args: shape: (H, W) of the image; sizes: of the square kernels; stride: pixels between stamps. Returns: the figure.
    """
    figure, axes = plt.subplots(1, len(sizes), figsize=(8, 3.4), layout="constrained")
    for ax, size in zip(axes, sizes, strict=True):
        stamped = reference.conv2d_transpose(np.ones((1, *shape, 1)), np.ones((size, size, 1, 1)), stride=stride)
        plots.show_numbers(ax, stamped[0, :, :, 0], title=f"stamps of {size}×{size} ones, {stride} pixels apart")
    return figure
