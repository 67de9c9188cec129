"""Lesson 10 · Inside the network: what the notebook measures by name, and its figures."""

import contextlib
import io
from functools import partial

import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf
from matplotlib.patches import Rectangle
from scipy.stats import spearmanr

from segutils import plots
from segutils.digits import load_digits
from segutils.lessons.inside_levels import SKIPS
from segutils.scenes import make_scenes

# What the notebook computes with


def extent(field):
    """Side of the receptive field and of its core, from a map (H, W) of how strongly each pixel counts.

    Returns: the side of the smallest square that holds all pixels above 0, and that of the smallest square around the
        middle of the field that holds 90% of the sum.
    """
    rows, columns = np.nonzero(field.any(1))[0], np.nonzero(field.any(0))[0]
    middle = np.array([(rows[0] + rows[-1]) / 2, (columns[0] + columns[-1]) / 2])
    distance = np.abs(np.indices(field.shape) - middle[:, None, None]).max(0)
    order = np.argsort(distance, axis=None)
    enough = np.searchsorted(np.cumsum(field.ravel()[order]), 0.9 * field.sum())
    return int(max(np.ptp(rows), np.ptp(columns)) + 1), int(2 * distance.ravel()[order[enough]] + 1)


def margin(network, images, inside, true, claimed):
    """How much higher the claimed class scores than the true one: mean difference of logits over a digit's pixels.

    Args: images: (N, H, W, 1) tensor or array; inside: (H, W) bool, the digit; true, claimed: classes.
    Returns: (N,) tensor; positive where the claimed class wins.
    """
    logits = network(images, training=False)
    ahead = logits[..., claimed] - logits[..., true]
    return tf.reduce_sum(ahead * inside.astype("float32"), axis=(1, 2)) / inside.sum()


def occlude(score, image, window, *, size=5, step=2):
    """The drop of a score for squares of paper laid on every `step`-th pixel of a window.

    Args:
        score: function of images (N, H, W, 1) → (N,). image: (H, W, 1).
        window: (top, left, side) of the pixels that are tried; size: of the square, odd.
    Returns: (side / step, side / step) array; above 0: the score needs what is there.
    """
    top, left, side = window
    paper, half, covered = np.median(image), size // 2, []
    for i, j in np.ndindex(side // step, side // step):
        row, column = top + step * i, left + step * j
        one = image.astype("float32")
        one[max(row - half, 0) : row + half + 1, max(column - half, 0) : column + half + 1] = paper
        covered.append(one)
    scores = np.concatenate([score(np.stack(covered[i : i + 64])) for i in range(0, len(covered), 64)])
    return (float(score(image[None].astype("float32"))[0]) - scores).reshape(side // step, side // step)


def larger_scenes(source, count, *, seed=0):
    """Test scenes of 128 × 128 pixels with four times as many digits of the usual size, as Scenes."""
    with contextlib.redirect_stdout(io.StringIO()):
        digits = load_digits(source)
    return make_scenes(digits.test, count, size=128, count=(12, 24), seed=[seed, 2])


def window_around(inside, side=32):
    """(top, left, side) of a square around a digit's pixels (H, W) bool, moved so that it lies in the image."""
    middle = np.argwhere(inside).mean(0)
    top, left = np.clip(np.rint(middle - side / 2), 0, np.array(inside.shape) - side).astype(int)
    return int(top) // 2 * 2, int(left) // 2 * 2, side


def agreement(a, b):
    """Spearman's rank correlation of two maps' magnitudes: 1 for the same order of pixels, near 0 for none."""
    return float(spearmanr(np.abs(a).ravel(), np.abs(b).ravel())[0])


def compare_maps(scenes, mistakes, network, twin, gradient_map):
    """How alike the maps of two networks are, for each mistake: rank correlations around the digit.

    Args:
        scenes: Scenes. mistakes: as `find_mistakes` gives them.
        gradient_map: function of margin_of, image → (H, W).
    Returns: {"occlusion": [one number for each mistake], "gradient": [the same]}.
    """
    alike = {"occlusion": [], "gradient": []}
    for _, where, number, true, claimed in mistakes:
        image, inside = scenes.images[where], scenes.instances[where] == number
        top, left, side = window = window_around(inside)
        hidden, steep = [], []
        for net in (network, twin):
            margin_of = partial(margin, net, inside=inside, true=true, claimed=claimed)
            hidden.append(occlude(margin_of, image, window))
            steep.append(gradient_map(margin_of, image)[top : top + side, left : left + side])
        alike["occlusion"].append(agreement(*hidden))
        alike["gradient"].append(agreement(*steep))
    return alike


# Figures


def show_way(image, maps, mask, names):
    """The scene, the most active map of three levels, and the mask. Args: maps: {level: (h, w, C)}. Returns: axes."""
    axes = plots.grid(1, len(maps) + 2, size=1.75)[0]
    plots.show_image(axes[0], image, title="the scene")
    for ax, (level, array) in zip(axes[1:], maps.items(), strict=False):
        _show_one(ax, array[..., array.std((0, 1)).argmax()])
        plots.set_title(ax, f"{level}:\none of {array.shape[-1]} maps")
    plots.show_mask(axes[-1], mask, names, title="what it says")
    return axes


def _show_one(ax, values):
    """A map (h, w), light = large."""
    ax.imshow(values, cmap="gray", interpolation="nearest")
    plots.hide_ticks(ax)


def show_levels(maps, *, columns=8):
    """The most active maps of each level, a row for each, light = large. Args: maps: {level: (h, w, C)}."""
    axes = plots.grid(len(maps), columns, size=0.95)
    for row, (level, array) in zip(axes, maps.items(), strict=True):
        order = np.argsort(-array.std((0, 1)))[:columns]
        for ax, number in zip(row, order, strict=True):
            _show_one(ax, array[..., number])
        height, width, count = array.shape
        words = f"{level}\n{height}×{width}\n{count} maps"
        row[0].set_ylabel(words, fontsize=8, rotation=0, ha="right", va="center")
    return axes


def show_filters(kernels, maps):
    """Kernels (5, 5, N), orange (far below 0 with a minus) and purple, each over the map that it makes, (h, w, N)."""
    count = kernels.shape[-1] // 2
    axes = plots.grid(4, count, size=1.05)
    for number in range(2 * count):
        upper, lower = axes[2 * (number // count) : 2 * (number // count) + 2, number % count]
        limit = np.abs(kernels[..., number]).max()
        upper.imshow(kernels[..., number], cmap="PuOr", vmin=-limit, vmax=limit, interpolation="nearest")
        _mark_negative(upper, kernels[..., number])
        plots.set_title(upper, f"filter {number}")
        _show_one(lower, maps[..., number])
    return axes


def _mark_negative(ax, values):
    """A minus on each place that is far below 0, since colour alone must not tell it."""
    for y, x in np.argwhere(values < -np.abs(values).max() / 3):
        ax.text(x, y, "−", ha="center", va="center", fontsize=6)


def show_fields(fields, sides):
    """How strongly each pixel counts for one place of each level, light = much (square root), with both squares.

    Args: fields: {level: (H, W)}; sides: {level: (side, core)}. Returns: axes.
    """
    axes = plots.grid(2, (len(fields) + 1) // 2, size=2.15)
    for ax, (level, field) in zip(axes.ravel(), fields.items(), strict=False):
        ax.imshow(np.sqrt(field), cmap="gray", interpolation="nearest")
        rows, columns = np.nonzero(field.any(1))[0], np.nonzero(field.any(0))[0]
        middle = (columns[0] + columns[-1]) / 2, (rows[0] + rows[-1]) / 2
        for side, dash in zip(sides[level], ("--", "-"), strict=True):
            corner = middle[0] - side / 2, middle[1] - side / 2
            ax.add_patch(Rectangle(corner, side, side, fill=False, ec=plots.COLOURS[6], ls=dash, lw=1.2))
        plots.set_title(ax, f"{level}\nfield {sides[level][0]}, core {sides[level][1]} pixels")
    return axes


def show_scissors(lost, whole):
    """What is lost where a skip is cut: bars of mean IoU and of boundary F1 for each skip and way of cutting.

    Args: lost: {way: {skip: (IoU lost, F1 lost, …)}}; whole: (mean IoU, boundary F1, …) of the network as it is.
    """
    figure, axes = plt.subplots(1, 2, figsize=(8.8, 3.6), layout="constrained", sharey=True)
    height = 0.8 / len(lost)
    for ax, i, name in zip(axes, (0, 1), ("mean IoU", "boundary F1"), strict=True):
        for k, (way, rows) in enumerate(lost.items()):
            at = np.arange(len(rows)) + (k - (len(lost) - 1) / 2) * height
            values = [row[i] for row in rows.values()]
            hatch = ("", "//", "..")[k]
            ax.barh(at, values, height, color=plots.COLOURS[(0, 1, 3)[k]], hatch=hatch, ec="white", label=way)
            for y, value in zip(at, values, strict=True):
                ax.text(max(value, 0) + 0.01, y, f"{round(value, 2) + 0.0:.2f}", va="center", fontsize=8)
        ax.axvline(0, color="black", lw=0.8)
        ax.set(xlabel=f"{name} lost (whole network: {whole[i]:.2f})", xlim=(-0.1, 1.0))
        ax.set_yticks(range(len(SKIPS)), SKIPS)
    axes[0].set(ylabel="skip connection", ylim=(len(SKIPS) - 0.4, -0.6))
    axes[1].legend(fontsize=8, loc="lower right")
    plots.set_title(axes[0], "names and regions")
    plots.set_title(axes[1], "outlines")
    return axes


def show_masks(image, masks, names):
    """A scene and masks of it, {title: (H, W)}. Returns: axes."""
    axes = plots.grid(1, len(masks) + 1, size=1.25)[0]
    plots.show_image(axes[0], image, title="scene")
    for ax, (title, mask) in zip(axes[1:], masks.items(), strict=True):
        plots.show_mask(ax, mask, names, title=title)
    return axes


def show_sizes(pairs, names):
    """Scenes above their predicted masks, a column for each. Args: pairs: {title: (image, mask)}. Returns: axes."""
    axes = plots.grid(2, len(pairs), size=3.0)
    for column, (title, (image, mask)) in zip(axes.T, pairs.items(), strict=True):
        plots.show_image(column[0], image, title=title)
        plots.show_mask(column[1], mask, names)
    return axes


QUESTIONS = {  # what the grey line of chance is for each
    "edge": ("share read right (by chance 0.5)", 0.5),
    "digit": ("share read right (by chance 0.1)", 0.1),
    "position": ("R² (a constant reaches 0)", 0.0),
}


def show_probes(scores, *, ceiling):
    """What a linear probe reads from each level, of a trained and of a random network: a panel for each question.

    Args:
        scores: {network: {question: (levels,)}}, the image first.
        ceiling: (levels,), the share of ink that one name per place could get right.
    """
    figure, axes = plt.subplots(1, 3, figsize=(9, 3.9), layout="constrained")
    names = ["image", "down 1/2", "down 1/4", "down 1/8", "bottom", "up 1/8", "up 1/4", "up 1/2", "full size"]
    for ax, (question, (label, chance)) in zip(axes, QUESTIONS.items(), strict=True):
        lines = {network: values[question] for network, values in scores.items()}
        if question == "digit":
            lines["one name per place"] = ceiling
        plots.lines(ax, np.arange(len(names)), lines, title=question, xlabel="level", ylabel=label)
        for line, marker in zip(ax.lines, "os^", strict=False):
            line.set(marker=marker, markersize=4)
        ax.axhline(chance, color="gray", lw=0.8)
        ax.get_legend().remove()
        ax.set_xticks(range(len(names)), names, rotation=90, fontsize=8)
        ax.set_ylim(min(chance - 0.05, min(map(min, lines.values())) - 0.05), 1.05)
    figure.legend(*axes[1].get_legend_handles_labels(), loc="outside lower center", ncols=3, fontsize=8)
    return axes


def show_mistake(image, truth, mask, window, names):
    """A scene with a frame around a digit, its truth, and what the network says. Returns: axes."""
    axes = plots.grid(1, 3, size=2.0)[0]
    plots.show_image(axes[0], image, title="scene")
    plots.show_mask(axes[1], truth, names, title="truth")
    plots.show_mask(axes[2], mask, names, title="what it says")
    top, left, side = window
    for ax in axes:
        ax.add_patch(Rectangle((left - 0.5, top - 0.5), side, side, fill=False, ec=plots.COLOURS[6], lw=1.5))
    return axes


def show_maps(image, maps, window):
    """Cut-outs of a scene and of maps that explain, a row for each network.

    Args:
        image: (H, W, 1). window: (top, left, side).
        maps: {network: {kind: (h, w)}}: purple: the score needs it, orange (far below 0 with a minus): the score
            suffers from it; a gradient (size only) light = large.
    """
    top, left, side = window
    kinds = list(next(iter(maps.values())))
    axes = plots.grid(len(maps), len(kinds) + 1, size=2.1)
    for row, (network, of_network) in zip(axes, maps.items(), strict=True):
        plots.show_image(row[0], image[top : top + side, left : left + side], title="the framed part")
        row[0].set_ylabel(network, fontsize=9)
        for ax, (kind, values) in zip(row[1:], of_network.items(), strict=True):
            if values.min() < 0:
                plots.show_map(ax, values, title=kind)
                _mark_negative(ax, values)
            else:
                _show_one(ax, values)
                plots.set_title(ax, kind)
    return axes
