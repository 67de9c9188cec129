"""Lesson 1 · Background: the data that the notebook uses by name, its models' inputs, and its figures."""

import contextlib
import io
import json

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.patheffects import withStroke
from PIL import Image
from scipy.ndimage import center_of_mass
from skimage import color, data
from skimage.feature import multiscale_basic_features
from sklearn.datasets import load_sample_image
from sklearn.linear_model import RidgeClassifier

from segutils import metrics, plots, scenes
from segutils.digits import load_digits
from segutils.plumbing import storage

NAMES = scenes.CLASS_NAMES
HALO = [withStroke(linewidth=2.5, foreground="black")]  # around words on an image

# Data


def load_bundled():
    """The bundled digits, (train, validation, test), without the line that says where they are from."""
    with contextlib.redirect_stdout(io.StringIO()):
        return load_digits("bundled")


def tissue():
    """Cells under a microscope, and which are marked by a brown dye: (256, 256, 3) uint8 and (256, 256) bool."""
    image = data.immunohistochemistry()[::2, ::2]
    return image, color.rgb2hed(image)[..., 2] > 0.06  # how much of the brown dye a pixel has


def unet_masks():
    """What notebook 9's U-Net answered for the 16 test scenes: masks (16, 64, 64), and what is known of its run."""
    mosaic = np.asarray(Image.open(storage.DATA / "unet_masks.png"))  # 4 × 4 masks in one image
    facts = json.loads((storage.DATA / "unet_masks.json").read_text(encoding="utf-8"))
    return mosaic.reshape(4, 64, 4, 64).swapaxes(1, 2).reshape(16, 64, 64), facts


def pick_pixels(masks, count, seed):
    """Positions of `count` pixels in masks laid in one row, half of them ink: else nearly all would be background."""
    rng = np.random.default_rng(seed)
    is_ink = np.ravel(masks) > 0
    return np.concatenate([rng.choice(np.flatnonzero(which), count // 2) for which in (is_ink, ~is_ink)])


def squares(images, size):
    """The square of pixels around each pixel, its own mean taken away, and that mean.

    Args: images: (N, H, W, 1), 0 to 255; size: side of the square, odd. Returns: (N · H · W, size² + 1) floats.
    """
    half = size // 2
    padded = np.pad(images[..., 0] / np.float32(255), [(0, 0), (half, half), (half, half)], mode="edge")
    views = np.lib.stride_tricks.sliding_window_view(padded, (size, size), axis=(1, 2)).reshape(-1, size**2)
    mean = views.mean(-1, keepdims=True)
    return np.concatenate([views - mean, mean], axis=-1)


def designed_features(images):
    """Twenty numbers for each pixel that people thought of: brightness, edges and texture, blurred by 1 to 16 pixels.

    Args: images: (N, H, W, 1), 0 to 255. Returns: (N · H · W, 20) floats.
    Source: skimage.feature.multiscale_basic_features.
    """
    maps = [multiscale_basic_features(image[..., 0], sigma_min=1, sigma_max=16) for image in images]
    return np.concatenate([one.reshape(-1, one.shape[-1]) for one in maps])


# A small network, level by level


def moved_digits(part, copies, seed):
    """Digits at random places of black images, (N, 40, 40, 1) floats from 0 to 1, and their labels (N,).

    Args: part: (images (M, 28, 28), labels (M,)); copies: of each digit, N = M · copies; seed: of the places.
    """
    images, labels = part
    rng = np.random.default_rng(seed)
    moved = np.zeros((len(images) * copies, 40, 40, 1), np.float32)
    for canvas, digit in zip(moved, np.tile(images, (copies, 1, 1)), strict=True):
        row, column = rng.integers(0, 13, 2)
        canvas[row : row + 28, column : column + 28, 0] = digit / 255
    return moved, np.tile(labels, copies)


def small_network():
    """Three convolutions of stride 2 with 8, 16 and 32 filters, and a classifier of ten digits on top."""
    from keras import Input, Sequential, layers

    levels = [layers.Conv2D(filters, 3, strides=2, padding="same", activation="relu") for filters in (8, 16, 32)]
    return Sequential([Input((40, 40, 1)), *levels, layers.Flatten(), layers.Dense(10)])


def read_levels(network, train, test):
    """How well a linear classifier names digits from the pixels, and from each of three levels of a network.

    Each map is averaged to 5×5 numbers first, so a level counts by what its maps say, not by how fine they are.
    Args: network: what `small_network` makes; train, test: (images, labels) of `moved_digits`.
    Returns: four accuracies on the test digits.
    """
    maps, accuracies = [train[0], test[0]], []
    for layer in (None, *network.layers[:3]):
        maps = maps if layer is None else [np.asarray(layer(one)) for one in maps]
        small = [one.reshape(len(one), 5, one.shape[1] // 5, 5, -1, one.shape[3]).mean((2, 4)) for one in maps]
        seen, asked = (one.reshape(len(one), -1) for one in small)
        mean, spread = seen.mean(0), seen.std(0) + 1e-3
        reader = RidgeClassifier(10.0).fit((seen - mean) / spread, train[1])
        accuracies.append(reader.score((asked - mean) / spread, test[1]))
    return accuracies


# Figures


def show_first(image, mask):
    """Tissue and its marked cells beside a scene of digits and its mask. Returns: the figure."""
    axes = plots.grid(1, 4, size=2.1)[0]
    photograph, brown = tissue()
    plots.show_image(axes[0], photograph, title="tissue under a microscope")
    plots.show_image(axes[1], 255 * brown, title="white: the marked cells")
    plots.show_image(axes[2], image, title="handwritten digits")
    plots.show_mask(axes[3], mask, NAMES, title="a class for each pixel")
    return axes[0].figure


def show_answers(image, semantic, instances, boxes):
    """One scene and the answers of five tasks. Colour means class; an object is told by its outline and number.

    Args: image, semantic, instances: (H, W), one scene; boxes: lists (name, top, left, bottom, right).
    Returns: the figure.
    """
    axes = plots.grid(2, 3, size=2.7)
    names = sorted({name for name, *_ in boxes})
    plots.show_image(axes[0, 0], image, title="the scene")
    plots.show_image(axes[0, 1], image, title=f"classification: {', '.join(names)}")
    plots.show_image(axes[0, 2], image, title="detection: boxes with a class")
    for name, top, left, bottom, right in boxes:
        corner, size = (left - 0.5, top - 0.5), (right - left + 1, bottom - top + 1)
        axes[0, 2].add_patch(plt.Rectangle(corner, *size, fill=False, edgecolor="white", linewidth=2))
        label = {"color": "black", "pad": 1.5}
        axes[0, 2].text(left, top, name, color="white", fontsize=10, ha="center", va="center", bbox=label)
    plots.show_mask(axes[1, 0], semantic, NAMES, title="semantic mask: a class for each pixel")
    plots.show_image(axes[1, 1], 150 * (instances > 0), title="instance mask: an object for each pixel")
    plots.show_mask(axes[1, 2], semantic, [""] * len(NAMES), title="panoptic mask: class and object")
    for number in np.unique(instances)[1:]:
        y, x = center_of_mass(instances == number)
        name = NAMES[semantic[instances == number][0]]
        for ax, words in ((axes[1, 1], f"#{number}"), (axes[1, 2], f"{name}\n#{number}")):
            ax.contour(instances == number, [0.5], colors="white", linewidths=1.2)
            ax.text(x, y, words, color="white", fontsize=10, ha="center", va="center", path_effects=HALO)
    return axes[0, 0].figure


def show_corner(corner, with_void):
    """A corner of a mask as the whole numbers that it is, and with void at its edges. Returns: the figure."""
    figure, axes = plt.subplots(1, 2, figsize=(8, 3.5), layout="constrained")
    plots.show_numbers(axes[0], corner, title="a corner of the mask, as it is stored")
    plots.show_numbers(axes[1], with_void, title="with void (255) at the rim", limits=(0, 12))
    return figure


def show_overlap(y_true, y_pred):
    """Two small masks (H, W) of 0 and 1, and their sum. Returns: the figure."""
    axes = plots.grid(1, 3, size=2.4)[0]
    plots.show_numbers(axes[0], y_true, title=f"truth A: {y_true.sum()} pixels")
    plots.show_numbers(axes[1], y_pred, title=f"prediction B: {y_pred.sum()} pixels")
    plots.show_numbers(axes[2], y_true + y_pred, title="A + B: 2 where both are")
    return axes[0].figure


def show_thresholds(levels, scores):
    """IoU of the ink for each threshold, the best one marked.

    Args: levels, scores: one number for each threshold. Returns: the figure.
    """
    figure, ax = plt.subplots(figsize=(6, 3), layout="constrained")
    plots.lines(ax, levels, {"training scenes": scores}, xlabel="threshold", ylabel="IoU of ink")
    best = int(np.argmax(scores))
    ax.plot(levels[best], scores[best], "o", color="black")
    plots.set_title(ax, f"Best threshold {levels[best]}: IoU {scores[best]:.2f}")
    return figure


def show_levels(untrained, trained):
    """Accuracies of `read_levels`, as lines over the level: of a trained network, and of some untrained ones.

    Args: untrained: lists of four accuracies; trained: four accuracies. Returns: the figure.
    """
    figure, ax = plt.subplots(figsize=(6, 3), layout="constrained")
    series = {"trained": trained, "untrained, three draws": untrained[0]}
    plots.lines(ax, range(4), series, xlabel="what the reader gets", ylabel="share of digits named rightly")
    for other in untrained[1:]:
        ax.plot(range(4), other, plots.DASHES[1], color=plots.COLOURS[1])
    for line in ax.lines:
        line.set_marker("o")
    ax.set(xticks=range(4), ylim=(0, 1))
    ax.set_xticklabels(["pixels", "level 1", "level 2", "level 3"])
    ax.legend(fontsize=8, loc="lower right")
    return plots.set_title(ax, "What a linear classifier reads off each level").figure


def show_segmenters(numbers, test, answers):
    """Some test scenes, their truth, and the masks of segmenters, a row for each.

    Args: numbers: of the scenes; test: Scenes; answers: {name: (N, H, W) masks}. Returns: the figure.
    """
    axes = plots.grid(2 + len(answers), len(numbers), size=1.7)
    for column, i in zip(axes.T, numbers, strict=True):
        plots.show_image(column[0], test.images[i])
        for ax, mask in zip(column[1:], (test.semantic[i], *(masks[i] for masks in answers.values())), strict=True):
            plots.show_mask(ax, mask, NAMES, min_size=20)
    for ax, name in zip(axes[:, 0], ("scene", "truth", *answers), strict=True):
        ax.set_ylabel(name, fontsize=9)
    return axes[0, 0].figure


def show_scores(truth, answers):
    """Mean IoU of segmenters, as bars with the interval that drawing the scenes anew gives.

    Args: truth: (N, H, W); answers: {name: (N, H, W) masks}. Returns: the figure.
    """
    figure, ax = plt.subplots(figsize=(8, 0.42 * len(answers) + 1), layout="constrained")
    for row, masks in enumerate(answers.values()):
        tables = metrics.confusion_per_image(truth, masks, len(NAMES))
        score = metrics.mean_iou(tables.sum(0))
        low, high = metrics.bootstrap_interval(tables, metrics.mean_iou)
        spread = np.maximum([[score - low], [high - score]], 0)
        ax.barh(row, score, color=plots.COLOURS[0], xerr=spread.tolist(), capsize=3)
        ax.text(max(score, high) + 0.015, row, f"{score:.2f}", va="center", fontsize=9)
    ax.set(yticks=range(len(answers)), xlim=(0, 1.05), xlabel="mean IoU over 11 classes")
    ax.set_yticklabels(answers, fontsize=9)
    ax.invert_yaxis()
    plots.set_title(ax, f"{len(truth)} test scenes; lines: 95% if the scenes were drawn anew")
    return figure


def moon():
    """The ground of the moon, (256, 256) floats, and the spread of brightness in the 11×11 pixels around each pixel."""
    ground = data.moon()[::2, ::2].astype(float)
    around = np.lib.stride_tricks.sliding_window_view(np.pad(ground, 5, mode="edge"), (11, 11))
    return ground, around.std(axis=(-2, -1))


def show_rules(limit):
    """Three photographs above the masks of three rules; white is what the rule finds.

    Args: limit: ground is smooth where its brightness spreads by less. Returns: the figure.
    """
    china = load_sample_image("china.jpg")[:, 100:527][::2, ::2]
    ground, spread = moon()
    photographs = {
        "outdoors: free sky": (china, (china[..., 2] > 150) & (china[..., 2] >= china[..., 0])),  # bright, not reddish
        "medicine: stained cells": tissue(),
        "navigation: smooth ground": (ground, spread < limit),
    }
    axes = plots.grid(2, 3, size=2.4)
    for (top, bottom), (name, (photograph, mask)) in zip(axes.T, photographs.items(), strict=True):
        plots.show_image(top, photograph, title=name)
        plots.show_image(bottom, 255 * mask, title=f"white: {100 * mask.mean():.0f}%")
    return axes[0, 0].figure


def judge_rule(rule, images, masks, goal):
    """Print the IoU of ink that a rule reaches, and whether it reaches the goal.

    Args: rule: function of one image (H, W) that returns (H, W) bool; images: (N, H, W, 1); masks: (N, H, W).
        goal: the IoU to reach.
    """
    found = np.stack([np.asarray(rule(image[..., 0].astype(float)), bool) for image in images])
    reached = metrics.iou(metrics.confusion_matrix((masks > 0).astype(int), found.astype(int), 2))[1]
    print(f"IoU of ink {reached:.2f} on {len(images)} scenes.", "Reached." if reached >= goal else f"Goal: {goal:.2f}.")
