"""Lesson 16 · FAQ: trainings repeated from several seeds, walks of three optimizers, figures, and what is asked."""

import matplotlib.pyplot as plt
import numpy as np

from segutils import course, plots, reference, scenes

# What the article asks, and the calls and menus of section 8

ASKED = {"ModelCheckpoint": 28, "layers and activation": 4, "losses and optimizers": 3, "ImageDataGenerator": 1}
TOPICS = (
    "1 convolution",
    "2 pooling",
    "3 dense layer",
    "4 activation",
    "5 losses",
    "6 optimizers",
    "7 ImageDataGenerator",
    "8 ModelCheckpoint",
)
_BEST = {"save_best_only": True}
CALLS = (  # of ModelCheckpoint, a row of the table each
    {},
    _BEST,
    _BEST | {"mode": "max"},
    _BEST | {"name": "{epoch}.keras"},
    {"monitor": "val_los"},
    {"save_weights_only": True, "name": "best.weights.h5"},
    {"save_weights_only": True, "name": "best_model.h5"},
    {"verbose": 1},
    {"verbose": 2},
    {"verbose": -1},
    {"verbose": None},
    {"save_model": True},
)
MENUS = {
    "save_best_only": [True, False],
    "mode": ["min", "max"],
    "name_with_epoch": [False, True],
    "save_weights_only": ["False", "True", "None"],
    "verbose": ["0", "1", "2", "-1", "1000", "None"],
}


class Verdicts(dict):
    """{question: (section, verdict)}: what the checks of the sections found of the article's answers."""

    def note(self, section, words, *questions):
        """Note the verdict of a section on some questions, and print it."""
        self.update(dict.fromkeys(questions, (section, words)))
        plural, listed = "s" * (len(questions) > 1), ", ".join(map(str, questions))
        print(f"question{plural} {listed}: {words}")

    def count(self, kinds):
        """{verdict: number} in the order of `kinds`. Raises: ValueError unless questions 1 to 36 have one each."""
        if sorted(self) != list(range(1, 37)):
            raise ValueError(f"expected a verdict on each of the questions 1 to 36, got {sorted(self)}")
        return {words: sum(given == words for _, given in self.values()) for words in kinds}


# Trainings, and the pixels of an image in another order


def accuracies(build, x, y, seed, *, images, epochs):
    """Percent right of one training: on the digits that it learned, and on new ones.

    Args:
        build: function () → an untrained network with ten logits per image.
        x, y: (N, 8, 8, 1) digits and (N,) labels. Some of the first 1,000 are learned, all others are new.
        seed: of the weights, and of which digits are learned.
        images, epochs: how many digits are learned, and in how many passes (batches of 50, Adam at 0.003).
    """
    import keras

    course.set_seed(seed)
    model = build()
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(0.003), loss, steps_per_execution=2)
    seen = np.random.default_rng(seed).permutation(1000)[:images]
    model.fit(x[seen], y[seen], batch_size=50, epochs=epochs, verbose=0)
    right = np.asarray(model(x)).argmax(-1) == y
    return 100 * right[seen].mean(), 100 * right[1000:].mean()


def rearranged(x, seed):
    """The 64 pixels of all digits (N, 8, 8, 1) in another order, the same for each."""
    at = np.random.default_rng(100 + seed).permutation(64)
    return x.reshape(-1, 64)[:, at].reshape(x.shape)


def paired(differences):
    """Mean of the differences of pairs, and its standard error (ddof 1)."""
    d = np.asarray(differences)
    return d.mean(), d.std(ddof=1) / np.sqrt(len(d))


# Three optimizers: ½ (1·θ₁² + 4·θ₂²), lowest at 0, which 100 steps from (2, -1) are to find

METHODS = {
    "gradient descent": (reference.gradient_descent, {"learning_rate": 0.1}),
    "momentum": (reference.momentum, {"learning_rate": 0.05, "momentum": 0.8}),
    "Adam": (reference.adam, {"learning_rate": 0.1, "epsilon": 1e-12}),
}


def distance_left(method, units):
    """How far from 0 one of METHODS ends, the larger of both coordinates, if the loss is measured in these units."""
    step, options = METHODS[method]
    path = reference.descend(step, [2.0, -1.0], lambda theta: units * np.array([1.0, 4.0]) * theta, 100, **options)
    return np.abs(path[-1]).max()


# Masks


def iou_of_each(y_true, y_pred):
    """IoU of each of N masks (N, H, W) of bools."""
    both, either = (y_true & y_pred).sum((1, 2)), (y_true | y_pred).sum((1, 2))
    return both / either


# Figures


def show_rearranged(x, seed, before, difference):
    """A digit as it is and rearranged, and what a network made of both.

    Args: before: (S,) percent right as it is; difference: (mean, standard error) of what is lost. Returns: the axes.
    """
    titles = [f"as it is: {np.mean(before):.0f}%\nof unseen digits right"]
    titles.append("rearranged:\n{:.1f} ± {:.1f} points lower".format(*difference))
    axes = plots.grid(1, 2, size=2.6)[0]
    for ax, image, title in zip(axes, (x, rearranged(x, seed)), titles, strict=True):
        plots.show_image(ax, 255 * image[0], title=title)
    return axes


def show_two_losses(predictions):
    """The truth and predictions of it, with both losses of each.

    Args: predictions: {name: (H, W) probabilities}; the first is the truth.
    Returns: {name: (cross-entropy, Dice loss)}.
    """
    import keras

    truth = next(iter(predictions.values()))
    scores = {}
    for ax, (name, p) in zip(plots.grid(1, len(predictions), size=2.6)[0], predictions.items(), strict=True):
        cross_entropy = float(keras.losses.binary_crossentropy(truth.ravel(), p.ravel()))
        scores[name] = cross_entropy, float(reference.dice(truth, p, axis=(0, 1)))
        title = "{}: cross-entropy {:.3f},\nDice loss {:.3f}".format(name, *scores[name])
        plots.show_image(ax, 255 * p, title=title)
    return scores


def show_rim(truth, grown):
    """IoU of a disk whose outline is one pixel off, by its radius; and a mask that is one pixel too wide."""
    r = np.linspace(1, 40, 100)
    _, (left, right) = plt.subplots(1, 2, figsize=(7, 2.9), width_ratios=[1.5, 1], layout="constrained")
    left.plot(r, r**2 / (r + 1) ** 2, color=plots.COLOURS[0])
    plots.set_title(left, "a disk whose outline is one pixel off")
    left.set(xlabel="radius, pixels", ylabel="IoU", ylim=(0, 1))
    left.grid(alpha=0.3)
    title = f"one pixel too wide: IoU {iou_of_each(truth, grown)[0]:.2f}"
    plots.show_agreement(right, truth[0], grown[0], title=title)
    return left, right


def show_ceilings(masks, ceiling, shrunk):
    """A mask of classes after shrunk(masks, k), for each of {k: mean IoU}. Returns: the axes."""
    axes = plots.grid(1, len(ceiling), size=2.1)[0]
    for ax, (k, mean_iou) in zip(axes, ceiling.items(), strict=True):
        title = f"one pixel kept of each {k}×{k}:\nmean IoU {mean_iou:.2f}"
        plots.show_mask(ax, shrunk(masks, k)[0], scenes.CLASS_NAMES, title=title)
    return axes


def say_how_far(model, unseen, goal):
    """Print what a learner's network of exercise 4 has reached, and the goals."""
    import keras

    dense = sum(isinstance(layer, (keras.layers.Dense, keras.layers.Flatten)) for layer in model.layers)
    print(f"{dense} layers Dense or Flatten (goal: 0); {model.count_params():,} numbers (goal: at most 6,090)")
    print(f"{unseen:.0f}% of unseen digits right (goal: {goal:.0f}%)")
