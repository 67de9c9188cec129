"""Lesson 5 · Losses: the scenes that it looks at, its figures, and the training that compares losses."""

import matplotlib.pyplot as plt
import numpy as np
from scipy.ndimage import binary_dilation

from segutils import course, metrics, plots, reference
from segutils.scenes import make_scenes

CE_COLOUR, DICE_COLOUR, IOU_COLOUR = plots.COLOURS[2], plots.COLOURS[5], "black"  # one meaning each, in all figures
SCORES = {"recall": metrics.recall, "precision": metrics.precision, "IoU": metrics.iou}

# Data


def example_scene(digits):
    """One scene with one digit, a 2: image (64, 64) of bytes and its ink (64, 64) bool, 132 pixels. digits: Digits."""
    scenes = make_scenes(digits.train, 5, seed=[0, 5], size=64, count=(1, 1), scale=(0.8, 0.95), noise=0.03, clutter=2)
    return scenes.images[4, :, :, 0], scenes.semantic[4] > 0


def small_scenes(digits, seed):
    """Scenes with one small digit and little ink: pairs (images, ink) to train on (256) and to test on (128).

    Args: digits: Digits; seed: int >= 0.
    Returns: two pairs, images (N, 42, 42, 1) of bytes and ink (N, 42, 42) int32, 1 for ink.
    """
    options = {"size": 42, "count": (1, 1), "scale": (0.5, 0.6), "noise": 0.03, "clutter": 2}
    parts = (
        make_scenes(digits.train, 256, seed=[seed, 0], **options),
        make_scenes(digits.test, 128, seed=[seed, 1], **options),
    )
    return tuple((part.images, (part.semantic > 0).astype("int32")) for part in parts)


def tiny_digit(digits):
    """The ink (1, 105, 105) bool of a scene in which one small digit covers 0.4% of the pixels. digits: Digits."""
    return make_scenes(digits.train, 1, size=105, count=(1, 1), scale=(0.5, 0.6), seed=0).semantic > 0


# Figures


def two_predictions(ink):
    """Predictions A and B of a mask (H, W): no ink at all, and the ink three pixels too thick on all sides."""
    return {"A": ink & False, "B": binary_dilation(ink, iterations=3)}


def show_two_predictions(image, ink):
    """Draw an image, its true ink and the predictions A and B, with their accuracy and their IoU of ink.

    Returns: {"A": accuracy, "B": accuracy}.
    """
    axes = plots.grid(1, 4, size=2.2, titles=["image", "true ink"])[0]
    plots.show_image(axes[0], image)
    plots.show_agreement(axes[1], ink, ink)
    accuracy = {}
    for ax, (name, predicted) in zip(axes[2:], two_predictions(ink).items(), strict=True):
        counts = metrics.confusion_matrix(ink.astype(int), predicted.astype(int), 2)
        accuracy[name] = metrics.pixel_accuracy(counts)
        says = f"{name}: accuracy {accuracy[name]:.3f}\nIoU of ink {metrics.iou(counts)[1]:.2f}"
        plots.show_agreement(ax, ink, predicted, title=says)
    return accuracy


def show_pixel_losses(image, p_ink, per_pixel):
    """Draw an image, the predicted probability of ink and the loss of each pixel, light for large; with scales."""
    figure, axes = plt.subplots(1, 3, figsize=(9, 3), layout="constrained")
    plots.show_image(axes[0], image, title="image")
    titles = "predicted probability of ink", f"loss of each pixel, mean {per_pixel.mean():.3f}"
    for ax, values, title in zip(axes[1:], (p_ink, per_pixel), titles, strict=True):
        drawn = ax.imshow(values, cmap="gray", vmin=0, interpolation="nearest")
        figure.colorbar(drawn, ax=ax, shrink=0.8).ax.tick_params(labelsize=8)
        plots.hide_ticks(ax, title)


def losses_as_trained(ink, logits):
    """Cross-entropy and Dice loss of a mask whose background is right and whose ink pixels share one logit.

    Args: ink: (H, W) bool; logits: numbers, the shared logit of ink (that of background is 0).
    Returns: two float arrays, the losses of `segutils.losses` with their defaults: the mean over all pixels, and the
        mean over the two classes with 1 pixel of smoothing.
    """
    from segutils import losses

    labels, values = ink[None].astype(int), []
    for logit in logits:
        scores = np.stack([np.zeros(ink.shape), np.where(ink, logit, -30.0)], -1)[None]
        values.append([loss(labels, scores)[0] for loss in (losses.cross_entropy, losses.dice)])
    return np.array(values, float).T


def show_losses_as_trained(ink):
    """Draw both losses as the logit of all ink pixels rises, and how much each falls while it rises by one."""
    logits = np.linspace(-7, 6, 53)  # four points for each unit
    figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.2), layout="constrained")
    names = "cross-entropy, mean over pixels", "Dice loss, mean over classes"
    dashes, colours = ("-", "--"), (CE_COLOUR, DICE_COLOUR)
    for name, values, dash, colour in zip(names, losses_as_trained(ink, logits), dashes, colours, strict=True):
        left.plot(logits, values, dash, color=colour, label=name)
        right.plot(logits[:-4], values[:-4] - values[4:], dash, color=colour, label=name)
    plots.label_axes(left, "The losses as we train with them", "logit of all ink pixels", "loss")
    plots.label_axes(right, "What one more unit of logit earns", "logit of all ink pixels", "fall of the loss")
    right.get_legend().remove()  # the left one's is enough, and covers no line


def a_large_and_a_small_digit(digits):
    """Two masks (2, 64, 64), a large digit and a small one, and a prediction that finds only the first."""
    kinds = ((1.8, 2.0), 3), ((0.5, 0.55), 4)
    true = [make_scenes(digits.train, 1, count=(1, 1), scale=s, seed=k).semantic[0] > 0 for s, k in kinds]
    return np.array(true, float), np.array([true[0], true[1] & False], float)


def show_found_and_missed(y_true, y_pred):
    """Draw masks (B, H, W) and what a prediction finds of them, with the ink pixels and the Dice loss of each image."""
    each = reference.dice(y_true, y_pred, axis=(1, 2))
    axes = plots.grid(1, len(each), size=2.6)[0]
    for ax, true, predicted, loss in zip(axes, y_true, y_pred, each, strict=True):
        plots.show_agreement(ax, true, predicted, title=f"{true.sum():.0f} ink pixels\nDice loss {loss:.0f}")


def show_dice_against_iou(image, ink):
    """Draw the Dice coefficient against the IoU: the formula, and 17 thresholds of an image. Returns: both."""
    thresholds = np.arange(60, 230, 10)[:, None, None]
    truths = np.repeat(ink[None].astype(int), len(thresholds), axis=0)
    counts = metrics.confusion_per_image(truths, (image > thresholds).astype(int), 2)
    iou, dice = metrics.iou(counts)[:, 1], metrics.dice(counts)[:, 1]
    figure, ax = plt.subplots(figsize=(4.6, 3.4), layout="constrained")
    x = np.linspace(0, 1, 50)
    ax.plot(x, 2 * x / (1 + x), "--", color=DICE_COLOUR, label="2 IoU / (1 + IoU)")
    ax.plot(x, x, ":", color=IOU_COLOUR, label="where both would be equal")
    ax.plot(iou, dice, "o", color="gray", markersize=4, label="17 thresholds of the scene")
    plots.label_axes(ax, "Dice is never below IoU", "IoU", "Dice coefficient")
    return dice, iou


# Training


def train_and_score(make_network, loss, train, test, *, stops, seeds):
    """Train a network with a loss, once for each seed, and score it on test scenes at several stops on the way.

    Each run has its own random weights, an order of the scenes and an Adam of its own; the compiled model is shared.

    Args:
        make_network: function that returns a new keras model, two logits for each pixel.
        loss: a Keras loss.
        train, test: pairs (images, ink) of small_scenes.
        stops: numbers of passes over the training scenes after which the network is scored, increasing.
        seeds: ints >= 0, one for each run.
    Returns: (runs, stops, 3) recall, precision and IoU of ink; 0 where no ink was predicted.
    """
    import keras

    from segutils import training, transforms

    model, adam = make_network(), training.FusedAdam(0.02)
    model.compile(adam, loss, steps_per_execution=len(train[0]) // 8)
    training.build_optimizer(model)
    fresh = [keras.ops.convert_to_numpy(variable) for variable in adam.variables]
    scores = np.zeros((len(seeds), len(stops), 3))
    for run, seed in enumerate(seeds):
        course.set_seed(seed)
        model.set_weights(make_network().get_weights())
        for variable, value in zip(adam.variables, fresh, strict=True):
            variable.assign(value)
        batches = transforms.Batches(*train, 8, seed=seed)
        for k, (first, last) in enumerate(zip((0, *stops), stops, strict=False)):
            model.fit(batches.dataset(first, last), shuffle=False, verbose=0)
            counts = metrics.confusion_matrix(test[1], model.predict_on_batch(test[0]).argmax(-1), 2)
            scores[run, k] = np.nan_to_num([score(counts)[1] for score in SCORES.values()])  # precision may be 0/0
    return scores


def show_scores(short, long):
    """Draw recall, precision and IoU of each loss, a circle for each run, a square for the same run trained longer.

    Args: short: {loss: (runs, 3)}; long: the same for some of the losses.
    """
    figure, axes = plt.subplots(1, 3, figsize=(9, 3), layout="constrained", sharey=True)
    rows = np.arange(len(short))
    for k, (ax, name) in enumerate(zip(axes, SCORES, strict=True)):
        for kind, shift, runs_of in (("short", -0.14, short), ("long", 0.14, long)):
            at = [row for row, loss in zip(rows, short, strict=True) if loss in runs_of]
            runs = np.array([runs_of[loss][:, k] for loss in short if loss in runs_of]).T
            marker = {"short": "o", "long": "s"}[kind]
            face = {"short": "white", "long": plots.COLOURS[0]}[kind]
            for number, values in enumerate(runs):
                label = f"a run, {kind}" if number == 0 else None
                style = {"markeredgecolor": plots.COLOURS[0], "markerfacecolor": face, "clip_on": False}
                ax.plot(values, np.array(at) + shift, marker, markersize=5, label=label, **style)
        ax.set(
            xlim=(-0.03, 1.03),
            xticks=[0, 0.25, 0.5, 0.75, 1],
            yticks=rows,
            xlabel=f"{name} of ink, test scenes",
            ylim=(len(short) - 0.5, -0.5),
        )
        ax.set_yticklabels(list(short))
        ax.set_xticklabels(["0", "", "0.5", "", "1"])
        ax.grid(alpha=0.3)
    figure.suptitle("Six losses, three runs each", fontsize=10)
    figure.legend(*axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=2, fontsize=8)


def compare_with_best(name, runs, others):
    """Print whether the mean IoU of some runs (R, 3) is above that of the best of others, {loss: (R, 3)}."""
    mean = {loss: scores[:, 2].mean() for loss, scores in others.items()}
    best = max(mean, key=mean.get)
    goal_reached = runs[:, 2].mean() > mean[best]
    verdict = "you have beaten it" if goal_reached else "not yet"
    print(f"{name}: mean IoU {runs[:, 2].mean():.3f}; the best above, {best}, has {mean[best]:.3f}: {verdict}")
