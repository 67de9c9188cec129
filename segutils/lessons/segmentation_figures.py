"""Lesson 9 · Segmentation run: its figures, its tables, and what was measured beforehand (data/*.csv)."""

import keras
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from scipy.ndimage import maximum_filter, minimum_filter
from scipy.special import softmax

from segutils import metrics, plots
from segutils.plumbing import storage

# Figures


def show_scenes(part, names, *, columns=4, rows=3):
    """Draw scenes above their semantic mask (a class for each pixel) and instance mask (a number for each object)."""
    axes = plots.grid(rows, columns, size=1.4)
    for column, image, semantic, instances in zip(axes.T, *(arrays[:columns] for arrays in part), strict=True):
        plots.show_image(column[0], image)
        show_classes(column[1], semantic, names)
        for ax in column[2:]:
            plots.show_mask(ax, instances, ["", *(f"#{i}" for i in range(1, 10))])
    for ax, name in zip(axes[:, 0], ("scene", "semantic mask", "instance mask"), strict=False):
        ax.set_ylabel(name, fontsize=9)
    return axes


def show_classes(ax, mask, names, *, title=None):
    """Draw a mask by `plots.show_mask`; without a background, the first class gets a colour and its name, too."""
    if names[0] == "background":
        return plots.show_mask(ax, mask, names, title=title)
    plots.show_mask(ax, np.asarray(mask) + 1, ("", *names), title=title, min_size=np.size(mask) // 60)
    height, width = np.shape(mask)
    for text in ax.texts:  # whole words, which must stay inside and apart
        x = text.get_position()[0] / width
        text.set(fontsize=7, horizontalalignment="left" if x < 0.2 else "right" if x > 0.8 else "center")
    return ax


def show_pairs(pairs, names, titles):
    """Draw images above their masks, one pair a column. Args: pairs: of (H, W) or (H, W, 1) arrays."""
    axes = plots.grid(2, len(pairs), size=1.4, titles=titles)
    for column, (image, mask) in zip(axes.T, pairs, strict=True):
        plots.show_image(column[0], image)
        show_classes(column[1], np.asarray(mask), names)
    return axes


def draw_u(down, bottom, up, scores):
    """Draw a U-Net as its maps: a square for each level, its side grows with the resolution, its size written below.

    Solid arrows down are poolings, solid arrows up transposed convolutions, dashed ones across skip connections.

    Args: down, bottom, up, scores: Keras tensors (B, H, W, C): those of the way down, finest first; the coarsest; those
        of the way up, coarsest first; the class scores.
    Returns: ax.
    """
    _, ax = plt.subplots(figsize=(8.6, 4.4), layout="constrained")
    depth, largest = len(down), down[0].shape[1]
    places = [(level, level) for level in range(depth)] + [(depth, depth)]
    places += [(depth + 1 + step, depth - 1 - step) for step in range(depth)] + [(2 * depth + 1, 0)]
    maps = [*down, bottom, *up, scores]
    for (column, level), tensor in zip(places, maps, strict=True):
        _, rows, columns, channels = tensor.shape
        side = 0.62 * (rows / largest) ** 0.5
        last = column == 2 * depth + 1
        face, hatch = (plots.COLOURS[3], "//") if last else (plots.COLOURS[0 if column <= depth else 4], None)
        corner, look = (column - side / 2, -level - side / 2), {"fc": face, "ec": "black", "hatch": hatch}
        ax.add_patch(plt.Rectangle(corner, side, side, alpha=0.55, **look))
        text = f"{rows}×{columns}\n{channels} {'classes' if last else 'maps'}"
        beside = depth < column <= 2 * depth  # an arrow arrives from below on the left, so the words stand on the right
        at = column - 0.08 * beside, -level - side / 2 - 0.04
        ax.text(*at, text, ha="left" if beside else "center", va="top", fontsize=8)
    arrow = {"arrowstyle": "->", "color": "black", "shrinkA": 16, "shrinkB": 16}
    for (x0, y0), (x1, y1) in zip(places, places[1:], strict=False):
        ax.annotate("", (x1, -y1), (x0, -y0), arrowprops=arrow)
    for level in range(depth):
        style = {**arrow, "linestyle": "--", "color": plots.COLOURS[1], "shrinkA": 24, "shrinkB": 24}
        ax.annotate("", (2 * depth - level, -level), (level, -level), arrowprops=style)
        ax.text(depth, -level + 0.05, "skip connection", color=plots.COLOURS[1], ha="center", va="bottom", fontsize=8)
    ax.set(xlim=(-0.6, 2 * depth + 1.6), ylim=(-depth - 0.75, 0.5))
    ax.set_axis_off()
    return plots.set_title(ax, "The U: down to see far, up to see sharp")


def show_rates(schedule, steps):
    """Draw the learning rate at every step of a training."""
    at = np.arange(0, steps, max(1, steps // 200))
    _, ax = plt.subplots(figsize=(5, 2.4), layout="constrained")
    rates = [float(schedule(step)) for step in at]
    return plots.lines(
        ax, at, {"learning rate": rates}, title="One cycle", xlabel="training step", ylabel="learning rate"
    )


def show_strengths(matrices):
    """Draw how strong the patterns of matrices are: {label: (R, C)}, their singular values from large to small."""
    strengths = {label: np.linalg.svd(matrix, compute_uv=False) for label, matrix in matrices.items()}
    numbers = np.arange(1, 1 + min(map(len, strengths.values())))
    _, ax = plt.subplots(figsize=(5, 2.6), layout="constrained")
    plots.lines(
        ax, numbers, strengths, title="Muon evens out the patterns", xlabel="number of the pattern", ylabel="strength"
    )
    ax.set_ylim(bottom=0)
    return ax


class Glimpses(keras.callbacks.Callback):
    """Keeps what a network says of three scenes after each epoch, in `masks`, a list of (3, H, W)."""

    def __init__(self, images):
        super().__init__()
        self.images, self.masks = images[:3], []

    def on_epoch_end(self, epoch, logs=None):
        """Predict, and keep the classes."""
        self.masks.append(np.argmax(self.model(self.images), axis=-1))


def show_history(history):
    """Draw loss and mean IoU of a training, on training and on validation scenes, epoch by epoch."""
    _, (left, right) = plt.subplots(1, 2, figsize=(9, 3), layout="constrained")
    plots.curves(left, history, ["loss", "val_loss"], ylabel="loss", title="Loss")
    plots.curves(right, history, ["mean_iou", "val_mean_iou"], ylabel="mean IoU", title="Mean IoU of all classes")
    for ax in (left, right):
        ax.legend(["training", "validation"], fontsize=8)
    return right


def show_glimpses(glimpses, part, names, *, epochs):
    """Draw three scenes, their masks, and what the network said of them after up to four of the epochs."""
    count = len(glimpses.masks)
    shown = sorted({0, count // 4, count // 2, count - 1} & set(range(count)))
    titles = ["scene", "truth", *(f"epoch {epochs - count + i + 1}" for i in shown)]
    axes = plots.grid(3, 2 + len(shown), size=1.3, titles=titles)
    for row, scene in enumerate(axes[: len(part.images)]):
        plots.show_image(scene[0], part.images[row])
        show_classes(scene[1], part.semantic[row], names)
        for ax, i in zip(scene[2:], shown, strict=True):
            show_classes(ax, glimpses.masks[i][row], names)
    return axes


def predict_masks(model, images, *, batch_size=64):
    """The class that a network gives to each pixel, (N, H, W) uint8.

    Only masks are kept: the logits of all images at once would take 44 times the memory, for 11 classes.
    """
    starts = range(0, len(images), batch_size)
    parts = [model.predict_on_batch(images[i : i + batch_size]).argmax(-1) for i in starts]
    return np.concatenate([part.astype(np.uint8) for part in parts])


def class_report(y_true, y_pred, names, *, seed=0, outlines=500):
    """Scores of each class with 95% intervals from 1,000 draws of whole scenes.

    Args: y_true, y_pred: (N, H, W); names: of the classes; outlines: boundary F1 is measured on so many scenes.
    Returns: DataFrame, a row a class.
    """
    per_scene = metrics.confusion_per_image(y_true, y_pred, len(names))
    confusion = per_scene.sum(0)
    low, high = metrics.bootstrap_interval(per_scene, metrics.iou, seed=seed)
    columns = {"IoU": metrics.iou(confusion), "IoU, 95% from": low, "to": high, "Dice": metrics.dice(confusion)}
    columns |= {"precision": metrics.precision(confusion), "recall": metrics.recall(confusion)}
    columns["boundary F1"] = metrics.boundary_f1(y_true[:outlines], y_pred[:outlines], len(names))
    return pd.DataFrame(columns, index=pd.Index(names, name="class"))


def show_report(report, confusion):
    """Draw the IoU of each class with its interval, and where the pixels of each class went."""
    _, (left, right) = plt.subplots(1, 2, figsize=(9, 3.6), layout="constrained", width_ratios=[1.3, 1])
    short = ["bg" if name == "background" else name for name in report.index]
    bounds = (report[column].to_numpy() for column in ("IoU", "IoU, 95% from", "to"))
    plots.class_bars(left, *bounds, short, ylabel="IoU", title="IoU of each class, 95% interval")
    plots.show_confusion(right, confusion, short, title="Where each class's pixels went, %")
    if len(max(short, key=len)) > 2:
        left.tick_params(axis="x", labelrotation=30)
    return left


def show_examples(part, predicted, scores, names):
    """Draw the two worst scenes, the median one and the best: scene, truth, prediction, wrong pixels."""
    ranked = np.argsort(scores)
    chosen = [*ranked[:2], ranked[len(ranked) // 2], ranked[-1]]
    labels = ["worst", "2nd worst", "median", "best"]
    titles = [f"{label}: {scores[i]:.2f}" for label, i in zip(labels, chosen, strict=True)]
    axes = plots.grid(4, 4, size=1.3, titles=titles)
    for column, i in zip(axes.T, chosen, strict=True):
        plots.show_image(column[0], part.images[i])
        show_classes(column[1], part.semantic[i], names)
        show_classes(column[2], predicted[i], names)
        plots.show_errors(column[3], part.images[i], part.semantic[i], predicted[i])
    for ax, name in zip(axes[:, 0], ("scene", "truth", "prediction", "wrong pixels"), strict=True):
        ax.set_ylabel(name, fontsize=9)
    return axes


def calibrate(model, part, *, count=500):
    """Calibration of a model on scenes: over all pixels, and at the rim, where a neighbour is of another class.

    Returns: two Reliability, everywhere and at the rim.
    """
    true = part.semantic[:count]
    probabilities = softmax(model.predict(part.images[:count], batch_size=64, verbose=0), axis=-1)
    window = (1, 3, 3)  # one scene, 3×3 pixels
    rim = maximum_filter(true, window) != minimum_filter(true, window)
    return metrics.calibration(true, probabilities), metrics.calibration(true[rim], probabilities[rim])


def show_calibration(scores, everywhere, at_rim):
    """Draw how the scenes' own scores are spread, and accuracy against confidence over all pixels and at the rim."""
    _, axes = plt.subplots(1, 3, figsize=(9, 3.2), layout="constrained")
    axes[0].hist(scores, bins=30, color=plots.COLOURS[0])
    axes[0].axvline(np.median(scores), color="black", linestyle="--", label="median")
    axes[0].axvline(np.mean(scores), color="black", linestyle=":", label="mean")
    axes[0].set(xlabel="mean IoU of one scene", ylabel="test scenes")
    plots.set_title(axes[0], f"{len(scores):,} scenes, each by itself")
    axes[0].legend(fontsize=8)
    for ax, name, found in zip(axes[1:], ("all pixels", "rim"), (everywhere, at_rim), strict=True):
        title = f"{name}: expected error {found.expected_error:.3f}"
        plots.show_reliability(ax, found, title=title, min_count=50)
    return axes


# What was measured beforehand: data/ablation.csv, data/longer.csv


def read_ablation():
    """What each step is worth: {step: (seeds,)} of the mean IoU lost without it, and of how many times the time."""
    table = pd.read_csv(storage.DATA / "ablation.csv")
    table = table.pivot(index="seed", columns="without", values=["mean_iou", "seconds"])
    recipe = table.xs("nothing", axis=1, level="without")
    without = table.drop(columns="nothing", level="without")
    lost = {step: (recipe["mean_iou"] - column).to_numpy() for step, column in without["mean_iou"].items()}
    times = {step: (column / recipe["seconds"]).to_numpy() for step, column in without["seconds"].items()}
    return lost, times


CHANGES = {
    "a stem that halves the resolution": "the middle works on a quarter of the pixels",
    "skips that are added": "half the multiplications in the next convolution",
    "coarse scores beside fine ones": "the digit is named where the whole digit is seen",
    "coarse scores enlarged smoothly": "neighbouring pixels vote together from the start",
}


def price_list():
    """The four changes of the network: reason, mean IoU gained, and the share of the time that training takes with it.

    Both are means of three seeds, from `data/ablation.csv`: the whole recipe against the recipe without the change.
    """
    lost, times = read_ablation()
    rows = [(why, lost[step].mean(), 1 / times[step].mean()) for step, why in CHANGES.items()]
    columns = ["reason", "mean IoU gained", "time with / without"]
    return pd.DataFrame(rows, index=pd.Index(CHANGES, name="change"), columns=columns)


def show_ablation(lost, times):
    """Draw what is lost without each step of the recipe, and how much longer training takes without these."""
    _, (left, right) = plt.subplots(1, 2, figsize=(9, 3.8), layout="constrained")
    ranked_bars(left, lost, title="Without it, mean IoU falls by", xlabel="mean IoU")
    times = {step: times[step] for step in lost}
    ranked_bars(right, times, origin=1, title="Without it, training takes", xlabel="times the recipe's time")
    return left


def read_longer():
    """What more epochs gave: DataFrame of scenes (digits, textures), epochs, seed, mean_iou, seconds."""
    return pd.read_csv(storage.DATA / "longer.csv").sort_values(["scenes", "epochs"], ignore_index=True)


def show_longer(longer):
    """Draw mean IoU against the number of training scenes seen, a line for each kind of scene; the recipe is ringed."""
    _, ax = plt.subplots(figsize=(6, 3.2), layout="constrained")
    for (kind, rows), dash, colour in zip(longer.groupby("scenes"), plots.DASHES, plots.COLOURS, strict=False):
        mean = rows.groupby("epochs")["mean_iou"].mean()
        ax.plot(5 * mean.index, mean, dash, marker=".", color=colour, label=kind)
        if 6 in mean:
            ax.plot(30, mean[6], "o", color="black", markerfacecolor="none", markersize=11)
    ax.set_xscale("log")
    ticks = sorted({5 * epochs for epochs in longer["epochs"]})
    ax.set_xticks(ticks, [f"{tick}" for tick in ticks])
    ax.minorticks_off()
    plots.label_axes(ax, "More minutes (ringed: this notebook)", "thousand training scenes seen", "mean IoU")
    ax.get_legend().set_visible(longer["scenes"].nunique() > 1)
    return ax


# The network's price


def multiplications(model, size):
    """Multiplications that the convolutions of a network do for one image of size × size pixels.

    A convolution does (pixels of its output) × (weights of its kernel), a transposed one (pixels of its input) × those.
    """
    probe = keras.Model(model.inputs, [layer.output for layer in model.layers])
    shapes = probe.compute_output_shape((1, size, size, model.inputs[0].shape[-1]))
    where = dict(zip((layer.name for layer in model.layers), shapes, strict=True))
    total = 0
    for layer in model.layers:
        if isinstance(layer, (keras.layers.Conv2D, keras.layers.Conv2DTranspose)):
            rows, columns = where[layer.name][1:3]
            pixels = rows * columns
            if isinstance(layer, keras.layers.Conv2DTranspose):
                pixels //= layer.strides[0] * layer.strides[1]
            total += pixels * int(np.prod(layer.kernel.shape))
    return total


def ranked_bars(ax, measured, *, origin=0.0, title=None, xlabel=None):
    """Draw means of repeated measurements as horizontal bars, the largest on top, with a stroke for each repeat.

    Args:
        measured: for each name an array (repeats,).
        origin: where bars start: the value that means "no difference".
    Returns: the names, from top to bottom.
    """
    order = sorted(measured, key=lambda name: np.mean(measured[name]), reverse=True)
    for row, name in enumerate(order):
        ax.barh(row, np.mean(measured[name]) - origin, left=origin, height=0.6, color=plots.COLOURS[0], alpha=0.6)
        ax.plot(measured[name], [row] * len(measured[name]), "|", color="black", markersize=9)
    ax.axvline(origin, color="black", linewidth=0.8)
    ax.set_yticks(range(len(order)), order, fontsize=8)
    ax.invert_yaxis()
    ax.set_xlabel(xlabel)
    plots.set_title(ax, title)
    return order
