"""Lesson 14 · Attention: its figures, and what they are drawn from."""

import contextlib
import io

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from segutils import plots, reference, scenes
from segutils.digits import load_digits
from segutils.lessons.attention import random_heads
from segutils.lessons.click import centre

LINES = {  # one colour, one dash and one marker for one thing, in every figure
    "attention": (plots.COLOURS[5], "-", "o"),
    "convolution": (plots.COLOURS[0], "--", "s"),
    "digits seen in training": (plots.COLOURS[0], "-", "o"),
    "digits never seen": (plots.COLOURS[6], "--", "s"),
    "touching another digit": (plots.COLOURS[5], ":", "D"),
    "magic wand": ("#555555", "-.", ""),
}

# What the figures are drawn from


def scene_of_page_one():
    """The scene of the course's first page with its masks: Scenes of length 1."""
    with contextlib.redirect_stdout(io.StringIO()):  # where the digits are from is not what the lesson is about
        digits = load_digits("bundled")
    return scenes.Scenes(*(part[8:] for part in scenes.make_scenes(digits.test, 9, seed=(0, 2))))


def reaches(*, size=32, channels=8, seed=0):
    """How much the place in the middle of the output depends on each place of the input: {name: (size, size) slopes}.

    Once through three 3×3 convolutions, once through one layer of self-attention with two heads, all weights random.
    """
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(1, size, size, channels))
    upstream = np.zeros_like(x)
    upstream[0, size // 2, size // 2] = 1
    slopes = upstream
    for _ in range(3):
        kernel = rng.normal(size=(3, 3, channels, channels))
        slopes = reference.conv2d_gradients(x, kernel, slopes, padding="same")[0]
    weights = random_heads(channels, 2, channels // 2, seed=seed)
    rows = (1, size * size, channels)
    attended = reference.self_attention_gradients(x.reshape(rows), *weights, upstream.reshape(rows))[0]
    found = {"three 3×3 convolutions": slopes, "one layer of self-attention": attended.reshape(x.shape)}
    return {name: np.abs(each[0]).sum(-1) for name, each in found.items()}


def choose_examples(objects, ious):
    """Places of six objects: a typical and a bad one among unseen, touching, and other objects."""
    groups = (objects.unseen & ~objects.touching, objects.touching, ~objects.unseen & ~objects.touching)
    chosen = []
    for group in map(np.flatnonzero, groups):
        order = group[np.argsort(ious[group], kind="stable")]
        chosen += [order[round(share * (len(order) - 1))] for share in (0.5, 0.05)] if len(order) else []
    return chosen


def click_table(arms, objects):
    """Mean IoU of each arm {name: (N,) IoUs} for groups of objects, as a table."""
    groups = {
        "all": np.ones(len(objects.digit), bool),
        "seen digits": ~objects.unseen,
        "never seen": objects.unseen,
        "touching": objects.touching,
        "alone": ~objects.touching,
    }
    rows = {
        name: {title: each[group].mean() if group.any() else np.nan for title, group in groups.items()}
        for name, each in arms.items()
    }
    table = pd.DataFrame(rows).T.map("{:.3f}".format).astype(object)  # text above, whole numbers below
    table.loc["objects"] = [int(group.sum()) for group in groups.values()]
    return table


# Figures


def show_goal(image, instances, columns=3):
    """A scene with one click (+) on each of some objects, and the mask that each click should give. Returns: axes."""
    numbers = np.unique(instances[instances > 0])[:columns]
    axes = plots.grid(1, len(numbers), size=2.6)[0]
    for ax, number in zip(axes, numbers, strict=True):
        mask = instances == number
        show_clicks(ax, image, mask, [(*centre(mask), 1)])
        ax.set_title("a click, and what it should cut out", fontsize=9)
    return axes


def show_clicks(ax, image, mask, clicks, *, true=None, title=None):
    """An image with clicks (+ on the object, - beside it), a mask's outline, solid, and the true one, dashed."""
    nothing = np.zeros(np.shape(mask))
    plots.show_outlines(ax, image, nothing if true is None else true, mask, title=title)
    for row, column, sign in clicks:
        for size, colour in ((11, "black"), (9, "white")):
            marker = "+" if sign > 0 else "_"
            ax.plot(column, row, marker, color=colour, markersize=size, markeredgewidth=size - 7)
    return ax


def show_reach(maps):
    """Where one place of the output looks: maps {title: (H, W)} of its slopes, brighter where the input counts more."""
    axes = plots.grid(1, len(maps), size=2.8)[0]
    for ax, (title, slopes) in zip(axes, maps.items(), strict=True):
        ax.imshow(np.where(slopes > 0, np.log10(np.maximum(slopes, 1e-12)), np.nan), cmap="viridis")
        ax.set_facecolor("black")
        plots.hide_ticks(ax, f"{title}:\n{np.count_nonzero(slopes):,} of {slopes.size:,} pixels count")
    return axes


def show_positions(code, place):
    """The numbers that stand for places (T, D), and how similar each place's are to those of one place."""
    left, right = plt.subplots(1, 2, figsize=(8, 2.8), layout="constrained")[1]
    left.imshow(code.T, cmap="viridis", aspect="auto", interpolation="nearest")
    left.set(xlabel="place", ylabel="number")
    plots.set_title(left, "the code of each place, light is large")
    right.plot(code @ code[place], color=plots.COLOURS[5])
    right.axvline(place, color="#555555", linestyle=":", label=f"place {place}")
    plots.label_axes(right, f"scores of place {place} with all places", "place", "score")
    return left, right


def show_costs(sides, measured):
    """Measured seconds and megabytes {name: (seconds, megabytes)} over the number of places. Returns: axes."""
    axes = plt.subplots(1, 2, figsize=(8, 3), layout="constrained")[1]
    places = np.square(sides)
    for ax, which, ylabel, title in zip(axes, (0, 1), ("seconds", "MB"), ("time", "memory"), strict=True):
        for name, numbers in measured.items():
            colour, dash, marker = LINES[name]
            ax.plot(places, numbers[which], dash, color=colour, marker=marker, markersize=4, label=name)
        ax.set(xscale="log", yscale="log")
        plots.label_axes(ax, f"{title} of one layer, by hand", "places of the map (H · W)", ylabel)
    return axes


def hybrid_table(runs):
    """A table of the runs {seed: {"plain" or "with attention": (steps, mean IoU)}}, a row for each seed."""
    rows = {
        seed: {
            f"{name}: {what}": value
            for name, pair in run.items()
            for what, value in zip(("steps", "mean IoU"), pair, strict=True)
        }
        for seed, run in runs.items()
    }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("seed").round(3)


def show_pairs(inputs, masks, columns=4):
    """Training pairs: the image, its clicks as a map, and the mask, below each other. Returns: axes."""
    axes = plots.grid(3, columns, size=1.7)
    for column, (pair, mask) in enumerate(zip(inputs[:columns], masks, strict=False)):
        for ax, view in zip(axes[:, column], (pair[..., 0], pair[..., 1], 255 * mask), strict=True):
            plots.show_image(ax, view)
    for ax, name in zip(axes[:, 0], ("image", "clicks", "mask"), strict=True):
        ax.set_ylabel(name, fontsize=9)
    return axes


def show_iou_by_clicks(rows, objects, wand):
    """Mean IoU over the number of clicks, for several groups of objects, beside the magic wand. Returns: ax."""
    ax = plt.subplots(figsize=(6, 3.4), layout="constrained")[1]
    counts = np.arange(1, len(rows) + 1)
    groups = {
        "digits seen in training": ~objects.unseen,
        "digits never seen": objects.unseen,
        "touching another digit": objects.touching,
    }
    for name, group in groups.items():
        colour, dash, marker = LINES[name]
        ax.plot(counts, rows[:, group].mean(1), dash, color=colour, marker=marker, label=name)
    colour, dash, _ = LINES["magic wand"]
    ax.axhline(wand.mean(), color=colour, linestyle=dash, label="magic wand, one click, all objects")
    ax.set(xticks=counts, ylim=(0.5, 1))
    return plots.label_axes(ax, "how well the object is cut out", "clicks", "mean IoU")


def show_examples(objects, chosen, ious, segment):
    """Some objects with their first click, the mask that `segment` gives, and the true outline, dashed."""
    axes = plots.grid(2, -(-len(chosen) // 2), size=2.6)
    for ax, k in zip(axes.T.flat, chosen, strict=False):
        clicks, never = [(*centre(objects.masks[k]), 1)], ", never seen" if objects.unseen[k] else ""
        title = f"{'an' if objects.digit[k] == 8 else 'a'} {objects.digit[k]}{never}: IoU {ious[k]:.2f}"
        show_clicks(
            ax, objects.images[k], segment(objects.images[k], clicks), clicks, true=objects.masks[k], title=title
        )
    return axes


def show_labour(clicks, points):
    """How many objects took so many clicks, and how many would take so many corners of polygons. Returns: axes."""
    axes = plt.subplots(1, 2, figsize=(8, 2.8), layout="constrained")[1]
    names = ("clicks per object", "corners per object")
    for ax, numbers, name, colour in zip(
        axes, (clicks, points), names, (plots.COLOURS[0], plots.COLOURS[6]), strict=True
    ):
        values, counts = np.unique(numbers, return_counts=True)
        ax.bar(values, counts, color=colour, edgecolor="black", hatch="" if "clicks" in name else "//")
        ax.set(xlabel=name, ylabel="objects")
        plots.set_title(ax, f"{name}: mean {np.mean(numbers):.1f}")
    return axes
