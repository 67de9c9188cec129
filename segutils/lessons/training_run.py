"""Lesson 8 · Training run: its figures, and the exercises `accuracy_of` and `small_classifier`."""

import contextlib
import io
import logging

import keras
import matplotlib.pyplot as plt
import numpy as np

from segutils import metrics, plots
from segutils.digits import load_digits
from segutils.lessons.answers import Exercise
from segutils.plumbing import quiet

# Figures


def show_digits(split):
    """Draw two images of each digit, its label above."""
    axes = plots.grid(2, 10, size=0.9, titles=range(10))
    for label, column in enumerate(axes.T):
        for ax, image in zip(column, split.images[split.labels == label][:2], strict=False):
            plots.show_image(ax, image)
    return axes


def show_augmented(images, augment, *, seed=0):
    """Draw each image (H, W, 1) as it is, and as seven draws of an augmentation change it; a row an image."""
    titles = ["as it is", *(f"draw {draw}" for draw in range(1, 8))]
    axes = plots.grid(len(images), 8, size=1.1, titles=titles)
    for row, image in zip(axes, images, strict=True):
        plots.show_image(row[0], image)
        for draw, ax in enumerate(row[1:], 1):
            plots.show_image(ax, augment(image[None], np.zeros(1), seed=(seed, draw))[0][0])
    return axes


def margins(images, *, ink=128):
    """Empty rows or columns between an image's ink and its nearest border, (N,); ink is what is as bright as `ink`."""
    images = np.reshape(images, images.shape[:3]) >= ink
    rows, columns = images.any(2), images.any(1)
    sides = [lines.argmax(1) for lines in (rows, rows[:, ::-1], columns, columns[:, ::-1])]
    return np.min(sides, axis=0)


def show_history(history):
    """Draw loss, and the share of images named wrongly on a logarithmic axis, of training and validation images."""
    _, (left, right) = plt.subplots(1, 2, figsize=(9, 3), layout="constrained")
    plots.curves(left, history, ["loss", "val_loss"], ylabel="cross-entropy", title="Loss")
    left.legend(["training", "validation"], fontsize=8)
    errors = [
        {"epoch": row["epoch"], "training": 100 - 100 * row["accuracy"], "validation": 100 - 100 * row["val_accuracy"]}
        for row in history
    ]
    plots.curves(right, errors, ["training", "validation"], ylabel="error, %", title="Images named wrongly")
    right.set_yscale("log")
    right.yaxis.set_major_formatter("{x:g}")
    right.yaxis.set_minor_formatter(lambda x, _: f"{x:g}" if f"{x:g}".strip("0.")[:1] in "25" else "")
    return right


def show_mistakes(split, probabilities):
    """Draw the confusion matrix, and beside it the eight wrong answers that the network was surest of."""
    predicted = probabilities.argmax(-1)
    wrong = np.flatnonzero(predicted != split.labels)
    surest = wrong[np.argsort(-probabilities[wrong].max(-1))][:8]
    figure = plt.figure(figsize=(9, 4.2), layout="constrained")
    left, right = figure.subfigures(1, 2, width_ratios=[1, 1])
    confusion = metrics.confusion_matrix(split.labels[:, None], predicted[:, None], 10)
    plots.show_confusion(left.subplots(), confusion, list("0123456789"), title="Predicted for each true digit, %")
    axes = right.subplots(2, 4)
    for ax in axes.flat:
        ax.set_axis_off()
    for ax, i in zip(axes.flat, surest, strict=False):
        says = f"true {split.labels[i]}\nsays {predicted[i]}, {100 * probabilities[i].max():.0f}%"
        plots.show_image(ax, split.images[i], title=says)
    right.suptitle("Wrong, and most sure of it", fontsize=9)
    return axes


def show_calibration(reliability):
    """Draw accuracy against confidence."""
    _, ax = plt.subplots(figsize=(4.6, 3.4), layout="constrained")
    return plots.show_reliability(
        ax, reliability, title=f"Calibration on test images: expected error {reliability.expected_error:.3f}"
    )


@contextlib.contextmanager
def legacy_advice():
    """Collect what Keras logs about legacy formats, instead of printing it. Yields: list of messages, as they come."""
    said, logger = [], logging.getLogger("absl")
    listener = logging.Handler()
    listener.emit = lambda record: said.append(record.getMessage())
    before, logger.propagate = logger.propagate, False
    handlers, logger.handlers = logger.handlers, [listener]
    try:
        with quiet.startup_noise_suppressed():  # TensorFlow's line on the first generator
            yield said
    finally:
        logger.propagate, logger.handlers = before, handlers


# The exercise: accuracy_of(y_true, y_pred), two arrays (N,) of class numbers → the share that are equal


def _accuracy(y_true, y_pred):
    return (y_true == y_pred).mean()


exercise = Exercise(
    "accuracy_of",
    solution=_accuracy,
    cases=[
        (np.array([3, 1, 4, 1, 1]), np.array([3, 1, 4, 5, 6])),
        (np.array([0, 0, 0, 1, 2, 2, 9]), np.array([0, 0, 5, 1, 2, 9, 2])),
        (np.array([7, 8]), np.array([7, 8])),
        (np.array([0, 1, 2, 3, 4, 5]), np.array([1, 1, 3, 3, 9, 4])),
    ],
    mistakes=[
        ("That is the number of equal labels; divide by how many there are.", lambda t, p: (t == p).sum()),
        ("That is the share of wrong labels; compare with == and not with !=.", lambda t, p: (t != p).mean()),
        ("That is in percent; the share lies between 0 and 1.", lambda t, p: 100 * _accuracy(t, p)),
        ("That asks if all labels are equal. Compare one by one and take the mean.", np.array_equal),
        (
            "That measures how far apart the class numbers are. They are names: 3 for 4 is as wrong as 9 for 4.",
            lambda t, p: np.abs(t - p).mean(),
        ),
        (
            "A neighbouring class number counts as equal. They are names: only the same one is right.",
            lambda t, p: (np.abs(t - p) <= 1).mean(),
        ),
        (
            "That is the mean over the classes of the share found of each (the mean recall). Count all images alike.",
            lambda t, p: np.mean([(p[t == k] == k).mean() for k in np.unique(t)]),
        ),
        (
            "That compares which classes occur at all. Compare position by position.",
            lambda t, p: len(np.intersect1d(t, p)) / len(np.union1d(t, p)),
        ),
    ],
)


# The second exercise: small_classifier() → a network of at most 6,000 parameters, graded by what it reaches

MOST_PARAMETERS, GOAL, EPOCHS = 6_000, 0.93, 12


def diagnose_small_classifier(build):
    """What is wrong with a learner's network, in a sentence that names the cure; None if it reaches the goal.

    Args: build: function without arguments → keras.Model.
    """
    model = build()
    if not isinstance(model, keras.Model):
        return "not started yet, or `return` is missing: return a keras.Model."
    with contextlib.redirect_stdout(io.StringIO()):
        digits = load_digits("bundled")
    scores = np.asarray(model(digits.validation.images[:2, ..., None].astype(np.float32)))
    if scores.shape != (2, 10):
        return f"not yet. For 2 images the scores have the shape {scores.shape}, not (2, 10): Flatten, then Dense(10)."
    if model.count_params() > MOST_PARAMETERS:
        cure = "most of them are in the dense layer: pool before it, and take fewer filters"
        return f"not yet. It has {model.count_params():,} parameters, more than {MOST_PARAMETERS:,}; {cure}."
    if np.allclose(scores.sum(-1), 1, atol=1e-4):
        return "not yet. The scores add up to 1: they are probabilities. The loss takes logits; leave softmax out."
    images, labels = digits.train.images[..., None], digits.train.labels
    rate = keras.optimizers.schedules.CosineDecay(0.005, EPOCHS * -(-len(images) // 32))  # no good one fails by chance
    model.compile(keras.optimizers.Adam(rate), keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    model.fit(images, labels, batch_size=32, epochs=EPOCHS, verbose=0)
    said = np.argmax(model(digits.validation.images[..., None].astype(np.float32), training=False), axis=-1)
    accuracy = (said == digits.validation.labels).mean()
    if accuracy < GOAL:
        cure = "scale the pixels, end without an activation, and do not pool away where the strokes are"
        return f"not yet. After a short training {accuracy:.0%} of other digits are named rightly; {cure}."
    return None


def check_small_classifier(build):
    """Print that a learner's network reaches the goal, or what is wrong with it."""
    fault = diagnose_small_classifier(build)
    print(f"small_classifier: {fault or f'right: at most {MOST_PARAMETERS:,} parameters, at least {GOAL:.0%}.'}")
