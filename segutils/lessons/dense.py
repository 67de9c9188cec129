"""Lesson 4 · Dense layers: its figures, scenes to slide over, the explorer of a boundary, and two exercises."""

import matplotlib.pyplot as plt
import numpy as np

from segutils import plots, reference
from segutils.lessons.answers import Exercise, random_image

RING = {"marker": "o", "fillstyle": "none", "markersize": 18, "mew": 2.5, "color": plots.COLOURS[6], "linestyle": ""}
SIDE = 28  # of a digit, and of the window of the classifier
OUTSIDE = "#5B6B8C"  # where no window has its centre

# Scenes


def random_scene(part, rng, *, places=3):
    """A row of digits on a dark scene, each moved up or down and to the side.

    Returns: scene (56, 48 · places) uint8, labels (places,), corners (places, 2) of the digits, multiples of 4.
    """
    chosen = rng.integers(0, len(part.images), places)
    corners = 4 * np.stack([rng.integers(0, 8, places), rng.integers(0, 6, places) + 12 * np.arange(places)], axis=1)
    scene = np.zeros((56, 48 * places), np.uint8)
    for index, (row, column) in zip(chosen, corners, strict=True):
        scene[row : row + SIDE, column : column + SIDE] = part.images[index]
    return scene, part.labels[chosen], corners


def _far(corners, digits):
    """Whether each window corner (N, 2) lies at least 12 pixels beside that of every digit, in one direction."""
    return (np.abs(corners[:, None] - digits).max(-1) >= 12).all(1)


def windows_without_a_digit(part, count, *, seed=0):
    """Windows (count, 28, 28) uint8 of random scenes, with no digit near the centre; some hold parts of digits."""
    rng, found = np.random.default_rng(seed), []
    while len(found) < count:
        scene, _, digits = random_scene(part, rng)
        corners = np.stack([rng.integers(0, n - SIDE + 1, 20) for n in scene.shape], axis=1)
        found += [scene[i : i + SIDE, j : j + SIDE] for i, j in corners[_far(corners, digits)]]
    return np.stack(found[:count])


# Training and judging


def train(network, images, labels, *, epochs, seed):
    """Train a classifier with digits moved a little at random, by Adam and a rate that rises and falls (notebook 8).

    Args: network: from (B, 28, 28, 1), 0 to 255, to logits; images: (N, 28, 28) uint8; labels: (N,) ints.
    """
    import keras

    from segutils import training, transforms

    augment = transforms.Augment(shift=0.08)
    batches = transforms.Batches(np.asarray(images)[..., None], np.asarray(labels), 32, augment, seed=seed)
    steps = batches.steps_per_epoch
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    network.compile(keras.optimizers.Adam(training.one_cycle(0.003, epochs * steps)), loss)
    network.fit(batches.dataset(0, epochs), steps_per_epoch=steps, epochs=epochs, verbose=0, shuffle=False)


def judge(slide, part, *, scenes=10, seed=1):
    """Print how a sliding classifier does on new scenes: digits found, and places without one that it is sure about.

    Args:
        slide: from (1, H, W, 1) to logits (1, rows, columns, K) of windows 4 pixels apart; class 10 is "no digit".
        part: a Split whose digits it has not seen.
    """
    rng, right, alarms = np.random.default_rng(seed), [], []
    for _ in range(scenes):
        scene, labels, digits = random_scene(part, rng)
        p = reference.softmax(np.asarray(slide(scene[None, ..., None]))[0].astype(float))
        right += list(p[tuple(digits.T // 4)].argmax(-1) == labels)
        places = 4 * np.stack(np.indices(p.shape[:2]), axis=-1).reshape(-1, 2)
        alarms += list(p[..., :10].reshape(-1, 10)[_far(places, digits)].max(-1) > 0.9)
    print(f"{np.mean(right):.0%} of {len(right)} digits right")
    print(f"sure of a digit at {np.mean(alarms):.0%} of {len(alarms):,} places without one")
    good = np.mean(right) >= 0.85 and np.mean(alarms) <= 0.05
    print("success" if good else "not yet: at least 85%, at most 5%")


# Figures


def show_functions(image, made):
    """A digit, and for each {name: (10,) numbers} one panel of bars, with their sum and dotted lines at 1."""
    axes = plt.subplots(2, 3, figsize=(8.4, 4.6), layout="constrained")[1]
    plots.show_image(axes[0, 0], image, title="digit")
    for ax, (name, values) in zip(axes.flat[1:], made.items(), strict=True):
        ax.bar(range(10), values, color="#777777")
        ax.axhline(0, color="black", linewidth=0.8)
        ax.axhline(1, color="black", linewidth=0.8, linestyle=":")
        ax.set(xticks=range(10), xlabel="class", ylabel="value")
        plots.set_title(ax, f"{name}: sum {values.sum():.2f}")
    return axes


def show_temperatures(z, temperatures):
    """Softmax of the logits z, divided by each temperature."""
    axes = plt.subplots(1, len(temperatures), figsize=(8, 2.6), sharey=True, layout="constrained")[1]
    for ax, temperature in zip(axes, temperatures, strict=True):
        p = reference.softmax(np.asarray(z) / temperature)
        for bar in ax.bar(range(len(z)), p, color="#777777"):
            at = (bar.get_x() + bar.get_width() / 2, bar.get_height() + 0.02)
            ax.text(*at, f"{bar.get_height():.2f}", ha="center", fontsize=9)
        ax.set(xticks=range(len(z)), xticklabels=[f"z = {value:g}" for value in z], ylim=(0, 1.15))
        plots.set_title(ax, f"temperature {temperature:g}")
    axes[0].set_ylabel("probability")


def show_answers(scene, probabilities, corners, *, stride=4):
    """The most probable class at each place of a scene; where it is over 90% sure, in white. Rings: the true digits."""
    height, width = scene.shape
    ax = plt.subplots(figsize=(8.6, 8.6 * height / width + 0.3), layout="constrained")[1]
    plots.show_image(
        ax, scene * 0.3, title="most probable class; white: over 90% sure; rings: where a digit is centred"
    )
    for (i, j), best in np.ndenumerate(probabilities.argmax(-1)):
        sure = probabilities[i, j, best] > 0.9
        style = {"color": "white", "weight": "bold"} if sure else {"color": "#9AA5B8"}
        ax.text(13.5 + stride * j, 13.5 + stride * i, best, fontsize=9, ha="center", va="center", **style)
    for row, column in corners:
        ax.plot(column + 13.5, row + 13.5, **RING)
    return ax


def show_class_maps(probabilities, labels, corners, *, shape, stride=4):
    """For each label the map of its probability, light where it is large, with a ring where the digit truly is."""
    (height, width), (rows, columns) = shape, probabilities.shape[:2]
    extent = (13.5 - stride / 2, 13.5 + stride * (columns - 0.5), 13.5 + stride * (rows - 0.5), 13.5 - stride / 2)
    figure, axes = plt.subplots(2, 2, figsize=(8.6, 8 * height / width + 0.6), layout="constrained")
    for ax, label, (row, column) in zip(axes.flat, labels, corners, strict=True):
        drawn = ax.imshow(probabilities[..., label], cmap="gray", vmin=0, vmax=1, extent=extent)
        ax.plot(column + 13.5, row + 13.5, **RING)
        ax.set(xlim=(-0.5, width - 0.5), ylim=(height - 0.5, -0.5), facecolor=OUTSIDE)
        plots.hide_ticks(ax, f"probability of {label}")
    figure.colorbar(drawn, ax=axes, shrink=0.7).ax.tick_params(labelsize=8)
    return axes


# The explorer


def linear_boundary(features, labels, *, names=("first feature", "second feature")):
    """Points of two classes, the straight boundary of a dense layer with two outputs, and its softmax for one point.

    Formula: the scores are -d/2 and d/2, where d = (cos(angle) · x + sin(angle) · y - offset) / temperature
    Args:
        features: (N, 2) float, standardised: points beyond -3.2..3.2 are outside the figure.
        labels: (N,) of exactly two values; the larger one is predicted where d > 0.
        names: of the two features, for the axes.
    Returns: draw(angle, offset, temperature, point) → figure; `angle` in degrees, `point` an index.
    Raises: ValueError if there are not exactly two classes.
    """
    features, labels = np.asarray(features, float), np.asarray(labels)
    if len(classes := np.unique(labels)) != 2:
        raise ValueError(f"labels must have two values, got {classes.tolist()}; take the points of two classes")
    figure, (left, right) = plt.subplots(1, 2, figsize=(7.6, 3.8), width_ratios=(1.35, 1), layout="constrained")
    shades = [left.fill([0], [0], color=colour)[0] for colour in ("#D5E2EF", "#ECF1F6", "#FBEDEB", "#F6D3CE")]
    for value, marker, colour in zip(classes, "os", plots.COLOURS, strict=False):
        x, y = features[labels == value].T
        left.plot(x, y, marker, color=colour, markersize=4, markeredgecolor="white", mew=0.4, label=f"{value}")
    (wrong,) = left.plot([], [], "kx", markersize=5, label="wrong side")
    (chosen,) = left.plot([], [], "ko", fillstyle="none", markersize=13, markeredgewidth=2)
    levels = (0.1, 0.5, 0.9)
    contours = [left.plot([], [], dash, color="black")[0] for dash in (":", "-", ":")]
    halo = {"facecolor": "white", "edgecolor": "none", "pad": 1}
    ends = [left.text(0, 0, f"{p}", fontsize=8, ha="center", va="center", bbox=halo, clip_on=True) for p in (0.1, 0.9)]
    left.set(xlim=(-3.2, 3.2), ylim=(-3.2, 3.2), xticks=(-2, 0, 2), yticks=(-2, 0, 2), xlabel=names[0], ylabel=names[1])
    place = {"loc": "lower left", "bbox_to_anchor": (0, 1), "borderaxespad": 0.2, "borderpad": 0.2}  # above the panel
    left.legend(fontsize=8, ncols=3, handletextpad=0.1, columnspacing=0.8, frameon=False, **place)
    bars = right.bar([0, 1], [0, 0], color=plots.COLOURS[:2])
    bars[1].set_hatch("//")
    numbers = [right.text(i, 0, "", ha="center", va="bottom") for i in (0, 1)]
    right.set(ylim=(0, 1.12), xticks=[], yticks=[], ylabel="softmax, 0 to 1", title="\n")
    accuracy = left.set_title("accuracy", fontsize=10, loc="right")
    right.title.set_fontsize(10)

    def draw(angle=90, offset=0.0, temperature=1.0, point=0):
        # unit vectors across the boundary and along it
        across = np.array([np.cos(np.radians(angle)), np.sin(np.radians(angle))])
        along = np.array([-across[1], across[0]])
        d = (features @ across - offset) / temperature
        # of each level's line the point nearest to the origin
        nearest = across * (offset + temperature * np.log([[p / (1 - p)] for p in levels]))
        for contour, start in zip(contours, nearest, strict=True):
            contour.set_data(*(start[:, None] + along[:, None] * [-9, 9]))
        borders = [nearest[0] - 19 * across, *nearest, nearest[2] + 19 * across]
        for shade, low, high in zip(shades, borders, borders[1:], strict=False):
            shade.set_xy([low - 9 * along, low + 9 * along, high + 9 * along, high - 9 * along])
        for end, start, direction in zip(ends, nearest[[0, 2]], (along, -along), strict=True):
            end.set_position(_visible_end(start, direction, 2.9))
        predicted = classes[(d > 0).astype(int)]
        wrong.set_data(*features[predicted != labels].T)
        chosen.set_data(*features[[point]].T)
        accuracy.set_text(f"accuracy {100 * (predicted == labels).mean():.1f}%")
        probabilities = reference.softmax([-d[point] / 2, d[point] / 2])
        for bar, number, value, p in zip(bars, numbers, classes, probabilities, strict=True):
            bar.set_height(p)
            number.set(y=p + 0.01, text=f"p({value}) = {p:.3f}")
        right.title.set_text(f"ringed: point {point}, a {labels[point]}\nscore difference d = {d[point]:.2f}")
        return figure

    return draw


def _visible_end(start, direction, limit):
    """Where the line through `start` along `direction` leaves the square -limit..limit; `start` if it misses it."""
    with np.errstate(divide="ignore", invalid="ignore"):
        ends = np.sort(np.array([(-limit - start) / direction, (limit - start) / direction]), axis=0)
    enters, leaves = np.nanmax(ends[0]), np.nanmin(ends[1])
    return start + direction * (enters if enters < leaves else 0)


# The exercise: classify(x, weights, bias), a dense layer and softmax → probabilities (B, K)


def _classify(x, weights, bias):
    return reference.softmax(reference.dense(x, weights, bias))


def _softmax(logits, axis):
    return reference.softmax(np.moveaxis(logits, axis, -1))


def _exponentials(logits):
    return np.exp(logits - logits.max(-1, keepdims=True))


def _naive_softmax(logits):
    exponentials = np.exp(logits)
    return exponentials / exponentials.sum(-1, keepdims=True)


exercise = Exercise(
    "classify",
    solution=_classify,
    cases=[
        (random_image(3, 4) / 9, random_image(4, 5, seed=1) / 9, np.zeros(5)),
        (random_image(3, 4) / 9, random_image(4, 5, seed=1) / 9, np.array([0.5, -1.0, 0.0, 2.0, 1.0])),
        (random_image(4, 4, seed=2) / 9, random_image(4, 4, seed=3) / 9, np.array([1.0, 0.0, -1.0, 0.5])),
        (200 * random_image(3, 4), random_image(4, 5, seed=1), np.zeros(5)),
    ],
    mistakes=[
        ("The bias is missing: logits are x · weights + bias.", lambda x, w, b: _classify(x, w, 0.0)),
        (
            "Softmax runs over the wrong axis: each *row* (each example) must sum to 1, use axis=-1.",
            lambda x, w, b: _softmax(x @ w + b, 0).T,
        ),
        (
            "The sum runs over the whole batch: each row must sum to 1 by itself, use axis=-1 with keepdims=True.",
            lambda x, w, b: reference.softmax((x @ w + b).ravel()).reshape(len(x), -1),
        ),
        (
            "That is a sigmoid for each class: the classes do not compete and a row does not sum to 1.",
            lambda x, w, b: reference.sigmoid(x @ w + b),
        ),
        ("Those are the logits; softmax is missing.", lambda x, w, b: x @ w + b),
        (
            "Those are logits divided by their sum; take e to the power of each logit first.",
            lambda x, w, b: (x @ w + b) / (x @ w + b).sum(-1, keepdims=True),
        ),
        ("e to the power of the logits is not divided by its sum.", lambda x, w, b: np.exp(x @ w + b)),
        ("Those are logarithms of the probabilities.", lambda x, w, b: np.log(_classify(x, w, b))),
        (
            "Large logits overflow: e^800 is infinite and infinite / infinite is NaN. Subtract each row's "
            "largest logit first; the result stays the same.",
            lambda x, w, b: _naive_softmax(x @ w + b),
        ),
        (
            "The mean logit is subtracted, but the largest may lie far above it. Subtract each row's largest.",
            lambda x, w, b: _naive_softmax(x @ w + b - (x @ w + b).mean(-1, keepdims=True)),
        ),
        ("The bias is added after softmax; it belongs to the logits.", lambda x, w, b: _classify(x, w, 0.0) + b),
        (
            "The sums have shape (B,) and do not line up with (B, K): keep the axis, .sum(axis=-1, keepdims=True).",
            lambda x, w, b: _exponentials(x @ w + b) / _exponentials(x @ w + b).sum(-1),
        ),
        (
            "You subtract the largest logit of the whole batch: a row of much smaller logits becomes 0/0. "
            "Subtract each row's own.",
            lambda x, w, b: _naive_softmax(x @ w + b - (x @ w + b).max()),
        ),
    ],
)


# The second exercise: slide(feature_map, weights, bias, rows, columns), a dense layer at every place of a larger map


def _slide(feature_map, weights, bias, rows, columns, order="MNC"):
    """Scores of every window; `order` is that in which the weights of a window lie: rows, columns, channels."""
    lengths = {"M": rows, "N": columns, "C": feature_map.shape[-1]}
    kernel = np.reshape(weights, [*(lengths[axis] for axis in order), -1])
    return reference.conv2d(feature_map[None], kernel.transpose([*map(order.index, "MNC"), 3]), bias)[0]


second_exercise = Exercise(
    "slide",
    solution=lambda feature_map, weights, bias, rows, columns: _slide(feature_map, weights, bias, rows, columns),
    cases=[
        (random_image(4, 5, 1), random_image(4, 2, seed=1), np.zeros(2), 2, 2),
        (random_image(5, 7, 2, seed=2), random_image(12, 4, seed=3), np.array([1.0, -2, 3, 0.5]), 2, 3),
        (random_image(4, 6, 3, seed=4), random_image(72, 3, seed=5), np.array([0.5, 0, -1]), 4, 6),
    ],
    mistakes=[
        ("The bias is missing: every place gets it too.", lambda x, w, b, *size: _slide(x, w, 0 * b, *size)),
        (
            "The channels come first in your windows: `Flatten` lets them vary fastest, then columns, then rows.",
            lambda x, w, b, *size: _slide(x, w, b, *size, "CMN"),
        ),
        (
            "Your windows are flattened column by column: `Flatten` goes row by row.",
            lambda x, w, b, *size: _slide(x, w, b, *size, "NMC"),
        ),
        (
            "The windows stand side by side: they must move by one pixel.",
            lambda x, w, b, *size: _slide(x, w, b, *size)[:: size[0], :: size[1]],
        ),
        (
            "The last row and column of places are missing: there are H - rows + 1 and W - columns + 1.",
            lambda x, w, b, *size: _slide(x, w, b, *size)[:-1, :-1],
        ),
        ("Rows and columns of the output are swapped.", lambda x, w, b, *size: _slide(x, w, b, *size).swapaxes(0, 1)),
        ("Those are probabilities; return scores.", lambda x, w, b, *size: reference.softmax(_slide(x, w, b, *size))),
        ("That is the window at the top left alone.", lambda x, w, b, *size: _slide(x, w, b, *size)[0, 0]),
    ],
)
