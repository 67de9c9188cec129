"""Lesson 11 · Your images: its figures. They take arrays, for a lesson knows nothing of folders."""

import matplotlib.pyplot as plt
import numpy as np
from scipy.special import softmax

from segutils import plots, tiling

WINDOW = "#66CCEE"  # what frames a window or marks the edge of a tile


def show_pairs(images, masks, names):
    """Draw images beside their masks, two pairs in one row. Args: images, masks: two of each. names: of the classes."""
    axes = plots.grid(1, 4, size=1.6)[0]
    for pair, image, mask in zip((axes[:2], axes[2:]), images, masks, strict=True):
        plots.show_image(pair[0], image, title="an image")
        plots.show_mask(pair[1], mask, names, title="its mask")
    return axes


def show_windows(photograph, coins, windows):
    """Draw the photograph of coins, the outline of each mask dashed, and a frame around each window that is cut out.

    Args: photograph, coins: (H, W). windows: {"row1_coin1": (rows, columns)}, as samples.coin_windows. Returns: ax.
    """
    _, ax = plt.subplots(figsize=(4.2, 3.3), layout="constrained")
    plots.show_outlines(ax, photograph, coins > 0, np.zeros_like(coins))
    for name, (rows, columns) in windows.items():
        size = columns.stop - columns.start, rows.stop - rows.start
        ax.add_patch(plt.Rectangle((columns.start, rows.start), *size, fill=False, edgecolor=WINDOW))
        if name.endswith("coin1"):
            ax.text(-6, (rows.start + rows.stop) / 2, name[:4], fontsize=9, ha="right", va="center")
    ax.set(xlim=(-1, photograph.shape[1]), ylim=(photograph.shape[0], -1))
    return plots.set_title(ax, "24 windows; dashed: outlines of the masks")


def show_crops(images, masks, names):
    """Draw training crops above their masks. Args: images (B, H, W, C), masks (B, H, W) with void, names of classes."""
    axes = plots.grid(2, len(images), size=1.4)
    for column, image, mask in zip(axes.T, images, masks, strict=True):
        plots.show_image(column[0], np.asarray(image, np.uint8))
        plots.show_mask(column[1], mask, names)
    for ax, name in zip(axes[:, 0], ("crop", "its mask"), strict=True):
        ax.set_ylabel(name, fontsize=9)
    return axes


def cut_to_multiple(image, number):
    """The upper left part of an image whose sides are multiples of a number; a side below the number is filled up."""
    return tiling.read_window(image, 0, 0, *(max(side // number, 1) * number for side in image.shape[:2]))


def show_gain(network, threshold):
    """Draw the IoU of each test image by the threshold and by the network, a line from one to the other.

    Args: network, threshold: (N,) in the same order. Returns: ax.
    """
    _, ax = plt.subplots(figsize=(5.4, 3), layout="constrained")
    order = np.argsort(threshold)
    at = np.arange(1, len(order) + 1)
    ax.vlines(at, threshold[order], network[order], color="gray", linewidth=1)
    ax.plot(at, threshold[order], "s", color=plots.COLOURS[1], label="threshold")
    ax.plot(at, network[order], "o", color=plots.COLOURS[0], label="network")
    axis = "test image, in the order of the threshold's IoU"
    plots.label_axes(ax, "The same test images, judged twice", axis, "foreground IoU")
    ax.set_xticks(at if len(at) <= 12 else [])
    ax.legend(fontsize=9, loc="upper left", bbox_to_anchor=(1, 1))  # beside the points
    return ax


def show_seams(image, whole, pieces, tile):
    """Draw an image with two outlines near the worst seam, and how far probabilities change by distance to an edge.

    Args: image (H, W, C); whole, pieces (H, W, K) logits, of the whole image and of tiles side by side; tile: their
        height and width, a divisor of H and W. Returns: the largest change of a probability.
    """
    changed = np.abs(softmax(pieces, -1) - softmax(whole, -1)).max(-1)
    _, (left, right) = plt.subplots(1, 2, figsize=(8.4, 3.4), layout="constrained", width_ratios=[1, 1.2])
    near = tuple(slice(max(at - 45, 0), at + 45) for at in np.unravel_index(changed.argmax(), changed.shape))
    outlines = whole.argmax(-1)[near], pieces.argmax(-1)[near]
    plots.show_outlines(left, image[near], *outlines, title="dashed: whole image, solid: tiles")
    for line, window, side in zip((left.axhline, left.axvline), near, image.shape[:2], strict=True):
        for at in range(tile, side, tile):
            if window.start < at < window.stop:
                line(at - window.start - 0.5, linestyle=":", color=WINDOW)
    rows, columns = (np.minimum(np.arange(n) % tile, tile - 1 - np.arange(n) % tile) for n in image.shape[:2])
    to_edge = np.minimum(rows[:, None], columns)
    right.plot([changed[to_edge == d].mean() for d in range(tile // 2)], color=plots.COLOURS[0])
    right.set(xlabel="pixels to the tile's edge", ylabel="mean change of probability")
    plots.set_title(right, "Where the answer changes").grid(alpha=0.3)
    return float(changed.max())
