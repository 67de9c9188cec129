"""Lesson 12 · Frontiers: its scenes, what makes them harder, and the figures."""

import itertools
from typing import NamedTuple

import matplotlib.pyplot as plt
import numpy as np

from segutils import plots, scenes, textures
from segutils.digits import Digits, Split, load_digits
from segutils.lessons.segmentation_figures import show_classes

SIZE = 48  # pixels: height and width of a scene

# Scenes


class Data(NamedTuple):
    """Scenes to learn from, to look at on the way, to report on; large ones; the classes' names; what they show."""

    learn: scenes.Scenes
    validation: scenes.Scenes
    test: scenes.Scenes
    large: list
    names: tuple
    source: str


def make_data(kind, source="bundled", *, digits=4, train, test, large=288, repeats=1, seed=0):
    """Small scenes of one kind, and a few large ones, split by source as in notebook 9.

    Args:
        kind: "digits" or "textures".
        source: of the digits: "bundled", "mnist" or "auto"; digits: how many of the ten occur.
        train, test: scenes of each; as many for validation as for the test.
        large: height and width of the large scenes; repeats: how many of them.
        seed: int >= 0.
    Returns: Data.
    """
    counts = {"train": train, "validation": test, "test": test, "seed": seed}
    if kind == "textures":
        parts, area = textures.make_splits(size=SIZE, **counts), textures.load_textures().test
        big = [textures.make_mosaics(area, 1, size=large, count=(6, 6), seed=[seed, 10, k]) for k in range(repeats)]
        return Data(*parts, big, textures.CLASS_NAMES, "textures")
    every = load_digits(source)
    few = Digits(every.name, *(Split(*(array[part.labels < digits] for array in part)) for part in every[1:]))
    parts, many = scenes.make_splits(few, size=SIZE, count=(2, 4), **counts), large**2 // 850
    big = [
        scenes.make_scenes(few.test, 1, size=large, count=(3 * many // 4, many), seed=[seed, 10, k])
        for k in range(repeats)
    ]
    return Data(*parts, big, scenes.CLASS_NAMES[: digits + 1], f"{every.name} digits")


# What makes a scene harder: each takes images (N, H, W, 1) uint8 and gives such


def at_night(images, darkness, seed=0):
    """Divide the light by `darkness` (1 is day), add a sensor's grain, the same in any light, and round."""
    grain = np.random.default_rng([seed, 1]).normal(0, 0.02 * 255, images.shape)
    return np.clip(np.round(images / darkness + grain), 0, 255).astype(np.uint8)


def in_noise(images, deviation, seed=0):
    """Add normal noise whose standard deviation is a share of full brightness."""
    noise = np.random.default_rng([seed, 2]).normal(0, deviation * 255, images.shape)
    return np.clip(np.round(images + noise), 0, 255).astype(np.uint8)


def in_rain(images, streaks, seed=0):
    """Draw bright, nearly upright streaks, one pixel wide and a third of the image long, over each image."""
    rng, images = np.random.default_rng([seed, 3]), images.copy()
    height, width = images.shape[1:3]
    for image, _ in itertools.product(images, range(streaks)):
        top, left = rng.integers(0, height), rng.integers(0, width)
        rows = np.arange(top, min(top + height // 3, height))
        image[rows, (left + (rows - top) // 4) % width] = 220
    return images


HARDER = {  # name: what makes it, its levels from easy to hard, the axis
    "night": (at_night, (1, 2, 4, 8), "light divided by"),
    "noise": (in_noise, (0.0, 0.1, 0.2, 0.3), "standard deviation, share of full brightness"),
    "rain": (in_rain, (0, 3, 6, 12), "streaks in the image"),
}

# Figures


def bands(ax, x, measured, *, title=None, xlabel=None, ylabel=None):
    """Draw repeated measurements: their mean as a line with points, their range as a band from smallest to largest.

    Args:
        x: (X,) positions on the x axis; or a dict of them, if each name has its own.
        measured: for each name an array (repeats, X).
    """
    styles = zip(itertools.cycle(plots.DASHES), plots.COLOURS, strict=False)
    for (name, values), (dash, colour) in zip(measured.items(), styles, strict=False):
        positions = x[name] if isinstance(x, dict) else x
        values = np.asarray(values)
        ax.plot(positions, values.mean(0), dash, marker=".", color=colour, label=name)
        ax.fill_between(positions, values.min(0), values.max(0), color=colour, alpha=0.2, linewidth=0)
    return plots.label_axes(ax, title, xlabel, ylabel)


def show_scenes(data, *, columns=6):
    """Draw test scenes over their masks, the classes' names written on the regions."""
    axes = plots.grid(2, columns, size=1.5)
    for column, image, mask in zip(axes.T, data.test.images, data.test.semantic, strict=False):
        plots.show_image(column[0], image)
        show_classes(column[1], mask, data.names)
    for ax, name in zip(axes[:, 0], ("image", "mask"), strict=True):
        ax.set_ylabel(name, fontsize=9)
    return axes[0, 0].figure


def show_plan(length, core, margin):
    """Draw tiles along one row of an image: what each reads, margins light, and what it keeps, dark."""
    figure, ax = plt.subplots(figsize=(8, 1.9), layout="constrained")
    for number, row in enumerate(range(0, length, core)):
        start, stop = max(row - margin, 0), min(row + core + margin, length)
        ax.broken_barh([(start, stop - start)], (-number - 0.35, 0.7), color=plots.COLOURS[0], alpha=0.3)
        ax.broken_barh([(row, min(core, length - row))], (-number - 0.35, 0.7), color=plots.COLOURS[0])
        ax.text(row + core / 2, -number, f"keeps {row} to {min(row + core, length) - 1}", color="white", fontsize=8)
        ax.texts[-1].set(ha="center", va="center")
    names = [f"tile {number}" for number in range(-(-length // core))]
    ax.set(yticks=[-k for k in range(len(names))], yticklabels=names, xlim=(0, length), xticks=range(0, length + 1, 48))
    plots.set_title(ax, "Light: the tile reads it. Dark: its answer is kept.")
    ax.set_xlabel("pixel row (the top of the image is on the left)")
    return figure


def show_seams(image, whole, naive, names, *, corner):
    """Draw the part of an image around a corner of four tiles, predicted whole and in tiles, and where they differ."""
    part = slice(corner - 48, corner + 48)
    axes = plots.grid(1, 4, size=2.2)[0]
    plots.show_image(axes[0], image[part, part], title="part of the image")
    show_classes(axes[1], whole[part, part], names, title="predicted whole")
    show_classes(axes[2], naive[part, part], names, title="tiles without margin")
    plots.show_errors(axes[3], image[part, part], whole[part, part], naive[part, part], title="pixels that changed")
    axes[3].lines[0].set_color("white")  # red is a class beside it
    for ax in axes[2:]:
        ax.axhline(47.5, color="white", linestyle=":", linewidth=1)
        ax.axvline(47.5, color="white", linestyle=":", linewidth=1)
    return axes[0].figure


def show_resolution(margins, seams, factors, shrunk):
    """Draw what margins mend, and what shrinking the image costs instead: (repeats, margins), (repeats, factors)."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(8.5, 3), layout="constrained")
    shown = {"largest change": np.maximum(seams, 1e-8)}  # a logarithm has no place for 0
    bands(left, margins, shown, title="In tiles", xlabel="margin, pixels", ylabel="change of a probability")
    left.set(yscale="log", xticks=margins)
    bands(right, factors, {"shrunk image": shrunk}, title="Shrunk instead", xlabel="shrunk by", ylabel="mean IoU")
    right.set(xticks=factors, ylim=(0, 1))
    return figure


def show_hard_scene(data, answers, *, number=0):
    """Draw one scene at each hardest level over its predictions; answers: for each row's name and difficulty a mask."""
    axes = plots.grid(1 + len(answers), len(HARDER), size=1.8, titles=[f"hardest {name}" for name in HARDER])
    for column, (name, (change, levels, _)) in enumerate(HARDER.items()):
        image = change(data.test.images, levels[-1])[number]
        plots.show_image(axes[0, column], np.minimum(image * (6.0 if name == "night" else 1.0), 255))
        for ax, masks in zip(axes[1:, column], answers.values(), strict=True):
            show_classes(ax, masks[name][number], data.names)
    for ax, name in zip(axes[:, 0], ("scene (night: ×6)", *answers), strict=True):
        ax.set_ylabel(name, fontsize=8)
    return axes[0, 0].figure


def show_robustness(robustness):
    """Draw a panel for each difficulty: mean IoU at its levels, a band for each kind of training."""
    figure, axes = plt.subplots(1, len(HARDER), figsize=(9, 2.8), sharey=True, layout="constrained")
    for ax, (name, (_, levels, axis)) in zip(axes, HARDER.items(), strict=True):
        bands(ax, levels, robustness[name], title=f"Harder: {name}", xlabel=axis)
        ax.set_xticks(levels)
    axes[0].set(ylabel="mean IoU", ylim=(0, 1))
    return figure


def show_calibrations(reliability):
    """Draw three reliability diagrams of the first seed: trained by day, on day and night; with augmentation, at night.

    Args: reliability: as bench.reliabilities.
    """
    figure, axes = plt.subplots(1, 3, figsize=(9, 3), layout="constrained")
    by_day, by_night, _, hardened = reliability
    for ax, case in zip(axes, (by_day, by_night, hardened), strict=True):
        seen = "seen by day" if case[1] == "day" else "seen at night"
        plots.show_reliability(ax, reliability[case][0], title=f"{case[0]}, {seen}")
        for number in ax.texts:  # which may lie on a line
            number.set_bbox({"facecolor": "white", "edgecolor": "none", "alpha": 0.7, "pad": 0.5})
    return figure


def show_labels(counts, efficiency):
    """Draw mean IoU over the number of labelled scenes, a band for each name.

    Args: counts: numbers of scenes. efficiency: {name: {count: (repeats,) scores}}, of some of the counts each.
    """
    figure, ax = plt.subplots(figsize=(6, 3.2), layout="constrained")
    places = {name: list(scores) for name, scores in efficiency.items()}
    efficiency = {name: np.transpose([*scores.values()]) for name, scores in efficiency.items()}
    bands(ax, places, efficiency, title="What labels are worth", xlabel="labelled scenes", ylabel="mean IoU")
    ax.set(xscale="log", xticks=counts, xticklabels=counts, ylim=(0, 1))
    ax.minorticks_off()
    return figure


def show_cost(gains, seconds):
    """Draw each variant's paired change of mean IoU, a point a seed and the mean, over its relative processor time."""
    figure, ax = plt.subplots(figsize=(8, 3.2), layout="constrained")
    for row, gain in enumerate(gains.values()):
        ax.plot(
            gain, [-row] * len(gain), "o", color=plots.COLOURS[0], alpha=0.5, label="one seed" if row == 0 else None
        )
        ax.plot(np.mean(gain), -row, "D", color=plots.COLOURS[1], label="mean" if row == 0 else None)
    labels = [f"{name} ({seconds[name]:.1f} × the time)" for name in gains]
    ax.axvline(0, color="gray", linewidth=1)
    ax.set(yticks=[-row for row in range(len(labels))], yticklabels=labels)
    title = "Against the baseline, seed by seed"
    return plots.label_axes(ax, title, "change of mean IoU (right of 0: better)", None).figure
