"""The figures of lesson 13 · Objects, and its explorer of seeds."""

import matplotlib.pyplot as plt
import numpy as np
from scipy.ndimage import gaussian_filter

from segutils import objects, plots
from segutils.lessons.objects import find_peaks


def paint(numbered):
    """A colour for each object and a dark line where two of them touch: (H, W) ints → (H, W, 3) in [0, 1]."""
    _, at = np.unique(np.append(0, numbered), return_inverse=True)
    colours = plots.palette(at.max() + 1)[at[1:].reshape(np.shape(numbered))]
    touch = _beside_another(numbered)
    return np.where(touch[..., None], 0.35 * colours, colours)


def _beside_another(numbered):
    """Where a neighbour to the right or below belongs to another object."""
    beside = np.zeros(numbered.shape, bool)
    for axis in (0, 1):
        after = np.roll(numbered, -1, axis)
        other = (numbered != after) & (numbered > 0) & (after > 0)
        other[(slice(None),) * axis + (-1,)] = False
        beside |= other
    return beside


class Marks:
    """Letters on an object: M on a predicted one that merges true ones, S on a true one that was split."""

    def __init__(self, ax):
        self.ax, self.texts = ax, []

    def update(self, true_objects, predicted_objects):
        """Move the letters. Returns: how many merges, how many splits."""
        for text in self.texts:
            text.remove()
        merged, split = objects.merged_and_split(true_objects, predicted_objects)
        places = [("M", predicted_objects == number) for number in merged]
        places += [("S", true_objects == number) for number in split]
        box = {"boxstyle": "circle,pad=0.15", "facecolor": "black", "edgecolor": "white", "linewidth": 0.8}
        self.texts = [
            self.ax.text(
                *np.argwhere(mask).mean(0)[::-1], letter, color="white", fontsize=8, ha="center", va="center", bbox=box
            )
            for letter, mask in places
        ]
        return len(merged), len(split)


def show_objects(ax, numbered, *, title=None, true_objects=None):
    """Draw numbered objects, each in a colour; against true ones, merges (M) and splits (S) are marked. Returns: ax."""
    ax.imshow(paint(numbered), interpolation="nearest")
    if true_objects is not None:
        Marks(ax).update(true_objects, numbered)
    return plots.hide_ticks(ax, title)


def show_crowd(crowd, at):
    """Draw for each scene number in `at` the scene, its mask of ink, and its objects, one below the other."""
    axes = plots.grid(3, len(at), size=1.5)
    for column, i in zip(axes.T, at, strict=True):
        plots.show_image(column[0], crowd.images[i])
        column[1].imshow(plots.palette(2)[crowd.ink[i]], interpolation="nearest")
        show_objects(column[2], crowd.objects[i], title=f"{len(np.unique(crowd.objects[i])) - 1} digits")
    for ax, name in zip(axes[:, 0], ("scene", "mask", "objects"), strict=True):
        ax.set_ylabel(name, fontsize=9)
    return axes[0, 0].figure


def show_regions(mask, steps):
    """Draw a small mask, and after each of several steps the numbers that a flood has given. Returns: the figure."""
    axes = plots.grid(1, 1 + len(steps), size=2.0)[0]
    plots.show_numbers(axes[0], mask, title="mask", limits=(0, 3))
    for ax, (title, numbers) in zip(axes[1:], steps.items(), strict=True):
        plots.show_numbers(ax, numbers, title=title, limits=(0, 3))
    return axes[0].figure


def show_counts(counts):
    """Draw, for each way, how many objects it finds in scenes of so many digits: mean, and the range of nine in ten.

    Args: counts: name → (true counts, found counts), two lists of ints.
    """
    figure, ax = plt.subplots(figsize=(7.8, 3.2), layout="constrained")
    offsets = np.linspace(-0.15, 0.15, len(counts)) if len(counts) > 1 else [0.0]
    for k, (name, (true, found)) in enumerate(counts.items()):
        true, found = np.array(true), np.array(found)
        x = np.unique(true)
        middle, low, high = ([f(found[true == n]) for n in x] for f in (np.mean, _low, _high))
        ax.vlines(x + offsets[k], low, high, color=plots.COLOURS[k], linewidth=2, alpha=0.6)
        ax.plot(x + offsets[k], middle, "os^D"[k], color=plots.COLOURS[k], label=name)
    ax.hlines(x, x - 0.3, x + 0.3, linestyles="dashed", color="black", linewidth=1, label="as many as there are")
    ax.set_xticks(x)
    plots.label_axes(ax, "Objects counted in test scenes", "digits in the scene", "objects found")
    ax.legend(fontsize=8, loc="upper left", bbox_to_anchor=(1, 1))  # beside the bars, not on them
    return figure


def _low(values):
    return np.quantile(values, 0.05)


def _high(values):
    return np.quantile(values, 0.95)


def show_flood(mask, height, seeds, found):
    """Draw how a watershed cuts a mask: the distance to the outline, its landscape in the middle row, the objects."""
    figure, (left, middle, right) = plt.subplots(1, 3, figsize=(8.4, 2.6), layout="constrained")
    plots.hide_ticks(left, "distance to the outline\n(light = large), seeds")
    left.imshow(-height, cmap="viridis", interpolation="nearest")
    rows, columns = np.nonzero(seeds)
    left.plot(columns, rows, "o", color="white", markeredgecolor="black")
    row = len(mask) // 2
    inside = np.where(mask[row] > 0, height[row], np.nan)
    middle.plot(inside, color=plots.COLOURS[0])
    middle.plot(columns, height[rows, columns], "o", color="white", markeredgecolor="black")
    change = np.flatnonzero((np.diff(found[row]) != 0) & (found[row][:-1] > 0) & (found[row][1:] > 0))
    for x in change:
        middle.axvline(x + 0.5, linestyle=":", color="black")
    middle.set(xlabel="column", ylabel="height = − distance")
    plots.set_title(middle, "the middle row as a landscape")
    show_objects(right, found, title="objects")
    return figure


def show_cuts(crowd, found, at):
    """Draw for each scene in `at` the truth, and below it the objects of each way, merges (M) and splits (S) marked.

    Args: crowd: Crowd. found: name → list of (H, W) ints, one for each scene. at: numbers of scenes.
    """
    axes = plots.grid(2 + len(found), len(at), size=1.5)
    for column, i in zip(axes.T, at, strict=True):
        plots.show_image(column[0], crowd.images[i])
        show_objects(column[1], crowd.objects[i])
        for ax, pred in zip(column[2:], found.values(), strict=True):
            show_objects(ax, pred[i], true_objects=crowd.objects[i])
    for ax, name in zip(axes[:, 0], ("scene", "truth", *found), strict=True):
        ax.set_ylabel(name, fontsize=9)
    return axes[0, 0].figure


def show_maps(crowd, i, maps):
    """Draw scene i, its objects, and maps in [0, 1] beside each other, with one scale. Args: maps: title → (H, W)."""
    axes = plots.grid(1, 2 + len(maps), size=2.1)[0]
    plots.show_image(axes[0], crowd.images[i], title="scene")
    show_objects(axes[1], crowd.objects[i], title="objects")
    for ax, (title, values) in zip(axes[2:], maps.items(), strict=True):
        drawn = ax.imshow(values, cmap="viridis", vmin=0, vmax=1, interpolation="nearest")
        plots.set_title(ax, title)
    axes[0].figure.colorbar(drawn, ax=axes[-1], shrink=0.8)
    return axes[0].figure


def show_precision(thresholds, scores):
    """Draw the average precision of each way over the IoU that a match takes. Args: scores: name → numbers."""
    figure, ax = plt.subplots(figsize=(6.2, 3.2), layout="constrained")
    plots.lines(
        ax,
        thresholds,
        scores,
        title="Average precision on test scenes",
        xlabel="IoU above which two objects match",
        ylabel="TP / (TP + FP + FN)",
    )
    ax.set_ylim(0, 1)
    return figure


# The explorer


def seeds_explorer(image, ink, true_objects, nearness):
    """What the threshold and the least distance of seeds make of one scene, from a map of centres with noise.

    Args: image: (H, W, 1), 0 to 255; ink, true_objects: (H, W) ints; nearness: (H, W), the true centre_map.
    Returns: draw(threshold, min_distance, noise) → figure: map and seeds; objects, merges and splits marked.
    """
    left, right = plots.grid(1, 2, size=3.3)[0]
    grain = gaussian_filter(np.random.default_rng(0).normal(size=ink.shape), 2)
    grain /= grain.std()
    field = left.imshow(nearness, cmap="viridis", vmin=0, vmax=1, interpolation="nearest")
    low = left.imshow(np.zeros((*ink.shape, 4)), interpolation="nearest")  # darkens what is below the threshold
    (seeds,) = left.plot([], [], "o", color="white", markeredgecolor="black", markersize=6)
    painted = right.imshow(paint(true_objects), interpolation="nearest")
    marks = Marks(right)

    def draw(threshold=0.5, min_distance=4, noise=0.2):
        told = np.clip(nearness + noise * grain, 0, 1)
        found = objects.from_centres(ink, told, min_distance=min_distance, threshold=threshold)
        peaks = find_peaks(told, min_distance, threshold)
        field.set_data(told)
        low.set_data(np.where((gaussian_filter(told, 1) < threshold)[..., None], (0.0, 0.0, 0.0, 0.5), 0.0))
        left.set_xlabel(f"light: above {threshold:.1f}; seeds at least {min_distance} pixels apart", fontsize=9)
        seeds.set_data(peaks[:, 1], peaks[:, 0])
        painted.set_data(paint(found))
        merges, splits = marks.update(true_objects, found)
        left.set_title(f"{len(peaks)} seeds for {len(np.unique(true_objects)) - 1} digits", fontsize=10)
        right.set_title(f"{merges} merged (M), {splits} split (S)", fontsize=10)
        return left.figure

    return draw
