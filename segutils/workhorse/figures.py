"""Pictures of a run: masks in class colours, the worst cases, curves. All functions return arrays or a figure."""

import colorsys
from typing import NamedTuple

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.colors import to_rgb
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator
from PIL import Image
from skimage.segmentation import find_boundaries

from segutils import plots
from segutils.metrics import VOID
from segutils.workhorse.wording import short

CURVES = {"loss": "loss", "mean_iou": "mean IoU"}  # columns of the history that are drawn, and what they are called
WINDOW = 512  # pixels; of a larger image the window with most mistakes is shown
WRONG, NOBODY = (255, 214, 0), (255, 255, 255)  # mistakes; pixels that nobody labelled


def class_colours(count, background=None):
    """A colour for each class, (count, 3) uint8: Tol's, then others evenly around the circle; background is dark."""
    chosen = [tuple(to_rgb(colour)) for colour in plots.COLOURS]
    chosen += [colorsys.hls_to_rgb(0.618 * k % 1, 0.35 + 0.15 * (k % 3), 0.7) for k in range(count)]
    if background is not None:
        chosen.insert(background, to_rgb(plots.BACKGROUND))
    return np.round(255 * np.array(chosen[:count])).astype(np.uint8)


def hex_colours(colours):
    """(N, 3) uint8 as "#rrggbb" each."""
    return ["#{:02x}{:02x}{:02x}".format(*map(int, colour)) for colour in colours]


def paint(mask, colours):
    """A class mask (H, W) in its colours, (H, W, 3) uint8; white where nobody labelled."""
    table = np.full((256, 3), NOBODY, np.uint8)
    table[: len(colours)] = colours
    return table[np.asarray(mask, np.uint8)]


def as_rgb(image):
    """An image (H, W, C) uint8 as (H, W, 3): grey three times, of more bands the first three."""
    image = np.asarray(image)
    return image[..., :3] if image.shape[-1] >= 3 else np.repeat(image[..., :1], 3, axis=-1)


def overlay(image, mask, colours, *, background=None, opacity=0.35):
    """An image with its classes laid over it, their outlines full; a small one enlarged to 256 pixels or more.

    Args: image: (H, W, C) uint8. mask: (H, W) uint8. colours: of the classes. background: class left clear, or None.
    Returns: (kH, kW, 3) uint8.
    """
    times = max(1, 256 // min(mask.shape))
    image, mask = (np.asarray(part).repeat(times, 0).repeat(times, 1) for part in (as_rgb(image), mask))
    painted, clear = paint(mask, colours), (mask == VOID) | (mask == (-1 if background is None else background))
    mixed = image * (1 - opacity) + painted * opacity
    edge = find_boundaries(np.where(clear, -1, mask.astype(int)), mode="inner")
    mixed = np.where(clear[..., None], image, np.where(edge[..., None], painted, mixed))
    return np.round(mixed).astype(np.uint8)


class Case(NamedTuple):
    """One test image as it is shown: its name, a line about it, and four pictures (h, w, 3) uint8."""

    key: str
    about: str
    image: np.ndarray
    truth: np.ndarray
    predicted: np.ndarray
    wrong: np.ndarray


PICTURES = ("image", "truth", "predicted", "wrong")  # of a Case
CAPTIONS = ("image", "true mask", "prediction", "wrong pixels")


def make_case(key, about, image, truth, predicted, colours):
    """A Case; of an image above 512 pixels the window with most wrong pixels, and the line says where it lies."""
    window = _worst_window(truth, predicted)
    if window != (slice(0, truth.shape[0]), slice(0, truth.shape[1])):
        about += f"; rows {window[0].start} to {window[0].stop}, columns {window[1].start} to {window[1].stop}"
    image, truth, predicted = as_rgb(image)[window], truth[window], predicted[window]
    dim = np.repeat((0.55 * image.mean(-1, keepdims=True)), 3, axis=-1)
    mistaken = (truth != predicted) & (truth != VOID)
    wrong = np.where(mistaken[..., None], WRONG, np.where((truth == VOID)[..., None], NOBODY, dim))
    return Case(key, about, image, paint(truth, colours), paint(predicted, colours), wrong.astype(np.uint8))


def _worst_window(truth, predicted):
    """Rows and columns, at most WINDOW of each, with most wrong pixels, as two slices."""
    wrong, starts = (truth != predicted) & (truth != VOID), []
    for axis, side in enumerate(truth.shape):
        length = min(side, WINDOW)
        total = np.cumsum(np.append(0, wrong.sum(1 - axis)))
        start = int(np.argmax(total[length:] - total[:-length])) if length < side else 0
        starts.append(slice(start, start + length))
        wrong = wrong[starts[0]] if axis == 0 else wrong
    return tuple(starts)


def show_cases(cases, names, colours):
    """A figure, a row a Case, with the legend of class colours below it."""
    height = 1.9 * len(cases) + 0.4
    figure, axes = plt.subplots(len(cases), 4, figsize=(8, height), layout="constrained", squeeze=False)
    for row, case in zip(axes, cases, strict=True):
        for ax, name in zip(row, PICTURES, strict=True):
            ax.imshow(getattr(case, name), interpolation="nearest")
            plots.hide_ticks(ax)
        row[0].set_ylabel(f"{short(case.key, 22)}\n{case.about.partition(';')[0]}", fontsize=7)
    for ax, caption in zip(axes[0], CAPTIONS, strict=True):
        ax.set_title(caption, fontsize=9)
    patches = [Patch(facecolor=c, edgecolor="gray", label=n) for c, n in zip(hex_colours(colours), names, strict=True)]
    patches.append(Patch(facecolor=hex_colours([WRONG])[0], edgecolor="gray", label="wrong"))
    figure.legend(handles=patches, loc="outside lower center", ncols=min(6, len(patches)), fontsize=8)
    return figure


def learning_curves(history):
    """A figure of the training: loss and mean IoU of training and validation crops after each epoch."""
    figure, axes = plt.subplots(1, 2, figsize=(8, 2.8), layout="constrained")
    for ax, name in zip(axes, CURVES, strict=True):
        _draw_curve(ax, history, name)
    return figure


def learning_curve(history, name):
    """One of the two, "loss" or "mean_iou", as a figure of its own."""
    figure, ax = plt.subplots(figsize=(3.9, 3.1), layout="constrained")
    _draw_curve(ax, history, name)
    return figure


def _draw_curve(ax, history, name):
    columns, label = [column for column in (name, f"val_{name}") if column in history[0]], CURVES[name]
    plots.curves(ax, history, columns, ylabel=label, title=f"{label[0].upper()}{label[1:]}, look by look")
    ax.set_xlabel("look at the validation crops")
    if ax.get_legend():
        for text, word in zip(ax.get_legend().get_texts(), ("training", "validation"), strict=False):
            text.set_text(word)


def reliability(found):
    """A figure: how often the model is right among pixels of each confidence. Args: found: metrics.Reliability."""
    figure, ax = plt.subplots(figsize=(3.9, 3.1), layout="constrained")
    plots.show_reliability(ax, found, title=f"Expected calibration error {found.expected_error:.3f}")
    ax.set_ylim(-0.12, 1.12)  # numbers beside points at 0 and 1 stay inside
    return figure


def image_scores(scores, label):
    """A figure of the scores of all test images, from the worst to the best."""
    ranked = np.sort(scores[np.isfinite(scores)])
    figure, ax = plt.subplots(figsize=(3.9, 3.1), layout="constrained")
    ax.plot(np.arange(1, len(ranked) + 1), ranked, ".", color=plots.COLOURS[0])
    if len(ranked):
        ax.axhline(ranked.mean(), linestyle="--", color="gray", label=f"mean {ranked.mean():.3f}")
        ax.legend(fontsize=8, loc="lower right")
    ax.set(xlabel="test image, from worst to best", ylabel=label, ylim=(0, 1.03))
    ax.xaxis.set_major_locator(MaxNLocator(6, integer=True))
    ax.grid(alpha=0.3)
    return plots.set_title(ax, "Image by image").figure


def smaller(picture, most):
    """A picture (h, w, 3) uint8 with at most so many pixels a side."""
    times = max(picture.shape[:2]) / most
    if times <= 1:
        return picture
    height, width = (max(1, round(side / times)) for side in picture.shape[:2])
    return np.asarray(Image.fromarray(picture).resize((width, height), Image.Resampling.BOX))
