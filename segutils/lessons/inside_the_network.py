"""Lesson 10 · Inside the network: the explorer of a pixel, and the exercises `receptive_field`, `occlusion_map`."""

import numpy as np

from segutils import plots
from segutils.lessons.answers import Exercise, random_image

# The explorer


def pixel_explorer(image, maps, scores, names, fields):
    """A pixel's way through the network: what each level sees around it, the values of its maps, its scores.

    Args:
        image: (H, W), 0 to 255.
        maps: {level: (h, w, C)} of this image.
        scores: (H, W, classes) probabilities. names: of the classes.
        fields: {level: (side, core)}: sides in pixels of the receptive field, and of the square that has 90% of it.
    Returns: draw(level, row, column) → figure. Left: the image with the chosen pixel, the dashed square of the field
        and the solid one of its core; middle: values at the pixel, a row for each level, light = large; right: scores.
    """
    axes = plots.grid(1, 3, size=2.9)[0]
    left, middle, right = axes
    plots.show_image(left, image)
    (pixel,) = left.plot([], [], "+", color=plots.COLOURS[6], markersize=9, markeredgewidth=2)
    (field,) = left.plot([], [], "--", color=plots.COLOURS[6], linewidth=1.2)
    (core,) = left.plot([], [], "-", color=plots.COLOURS[6], linewidth=1.2)
    size, most = image.shape[0], max(array.shape[-1] for array in maps.values())
    left.set(xlim=(-0.5, size - 0.5), ylim=(size - 0.5, -0.5))
    drawn = middle.imshow(
        np.zeros((len(maps), most)), cmap="gray", vmin=0, vmax=1, aspect="auto", interpolation="nearest"
    )
    middle.set_yticks(range(len(maps)), list(maps), fontsize=8)
    middle.set_xlabel("map of this level, by number", fontsize=8)
    middle.set_facecolor("#CFE0F0")  # where a level has no more maps
    (mark,) = middle.plot([], [], "s", color=plots.COLOURS[6], markersize=6, clip_on=False)
    bars = right.barh(range(len(names)), np.zeros(len(names)), color=plots.COLOURS[0])
    right.set_yticks(range(len(names)), names, fontsize=8)
    right.set(xlim=(0, 1), ylim=(len(names) - 0.5, -0.5))
    right.set_xticks([0, 0.5, 1], ["0", "0.5", "1"], fontsize=8)
    right.set_xlabel("probability", fontsize=8)
    inked = np.argwhere(scores.argmax(-1) > 0)  # start on ink, near the middle
    start = inked[np.abs(inked - size / 2).max(1).argmin()] if len(inked) else (size // 2, size // 2)
    largest = {level: array.max((0, 1)) + 1e-9 for level, array in maps.items()}

    def draw(level="down 1/8", row=int(start[0]), column=int(start[1])):
        step = size // maps[level].shape[0]
        middle_of = np.array([row // step, column // step]) * step + (step - 1) / 2
        pixel.set_data([column], [row])
        for line, side in zip((field, core), fields[level], strict=True):
            y, x = (np.clip([m - side / 2, m + side / 2], 0, size - 1) for m in middle_of)
            line.set_data(x[[0, 1, 1, 0, 0]], y[[0, 0, 1, 1, 0]])
        left.set_title(f"{level}: sees {fields[level][0]} pixels,\n90% of it from {fields[level][1]}", fontsize=9)
        values = np.full((len(maps), most), np.nan)
        for i, (name, array) in enumerate(maps.items()):
            at = array[row * array.shape[0] // size, column * array.shape[1] // size]
            values[i, : len(at)] = at / largest[name]
        drawn.set_data(values)
        mark.set_data([-2], [list(maps).index(level)])
        active = int((values[list(maps).index(level)] > 0).sum())
        middle.set_title(
            f"share of each map's largest value\n{level}: {active} of {maps[level].shape[-1]} maps > 0", fontsize=9
        )
        for bar, share in zip(bars, scores[row, column], strict=True):
            bar.set_width(share)
        best = int(scores[row, column].argmax())
        right.set_title(f"pixel ({row}, {column}):\n{names[best]}, {scores[row, column, best]:.2f}", fontsize=9)
        return left.figure

    return draw


# The exercise: receptive_field(layers), pairs (kernel, stride) → side of the receptive field, pixels


def _receptive_field(layers):
    side, step = 1, 1
    for kernel, stride in layers:
        side, step = side + (kernel - 1) * step, step * stride
    return side


def _field(*, start=1, one_less=1, step_of=lambda before: np.prod([stride for _, stride in before], dtype=int)):
    """A wrong answer: another start, kernels not made smaller by 1, or another step between a layer's inputs."""
    return lambda layers: start + sum((kernel - one_less) * step_of(layers[:i]) for i, (kernel, _) in enumerate(layers))


exercise = Exercise(
    "receptive_field",
    solution=_receptive_field,
    cases=[
        ([(3, 1), (3, 1)],),
        ([(5, 2), (3, 1)],),
        ([(5, 2), (3, 1), (2, 2), (3, 1), (3, 1), (2, 2), (3, 1)],),
        ([(3, 1), (3, 3), (2, 2), (5, 1)],),
        ([(3, 1), (1, 2), (3, 1), (2, 2)],),
        ([],),
    ],
    mistakes=[
        (
            "The strides are ignored: kernel - 1 *steps* are added, and a step is the product of all strides before.",
            _field(step_of=lambda before: 1),
        ),
        (
            "The layer's own stride is counted already; it only spreads what comes after it.",
            lambda layers: (
                1 + sum((k - 1) * np.prod([s for _, s in layers[: i + 1]]) for i, (k, _) in enumerate(layers))
            ),
        ),
        (
            "Each layer adds kernel - 1 steps, since one of its inputs is there already; you add a whole kernel.",
            _field(one_less=0),
        ),
        ("Start with 1: without any layer a pixel sees itself.", _field(start=0)),
        (
            "Only the stride of the layer just before is counted; multiply all strides before.",
            _field(step_of=lambda before: before[-1][1] if before else 1),
        ),
        (
            "The strides before are added up; multiply them: two halvings leave every fourth pixel.",
            _field(step_of=lambda before: sum(stride for _, stride in before) or 1),
        ),
        (
            "The sides are multiplied; each layer *adds* to what is seen.",
            lambda layers: np.prod([kernel for kernel, _ in layers], dtype=int),
        ),
        (
            "That is the step between two neighbours of the last map, the product of all strides; return the side.",
            lambda layers: np.prod([stride for _, stride in layers], dtype=int),
        ),
        (
            "A layer of 1×1 sees no further, but its stride still spreads what comes after it.",
            lambda layers: _receptive_field([(kernel, stride) for kernel, stride in layers if kernel > 1]),
        ),
        (
            "The stride of the last layer spreads only what would come after it; it makes no number see more.",
            lambda layers: _receptive_field(layers) * (layers[-1][1] if layers else 1),
        ),
        (
            "That is the area, in pixels; return the side of the square.",
            lambda layers: _receptive_field(layers) ** 2,
        ),
        (
            "Poolings are left out. A pooling of 2 with stride 2 sees two pixels each way, like any other layer.",
            lambda layers: _receptive_field([(1 if k == s > 1 else k, s) for k, s in layers]),
        ),
    ],
    argument_names=("layers",),
)


# The second exercise: occlusion_map(predict, image, size) → how far the score falls when a square is covered, (H, W)


def _occlusion_map(predict, image, size, *, paper=np.median, before=None, after=None, keep=False):
    """The solution, and with other options its mistakes: another cover, another reach, squares that stay covered."""
    half, drops, whole = size // 2, np.zeros(image.shape), predict(image)
    before, after = half if before is None else before, half if after is None else after
    covered = image.copy()
    for i, j in np.ndindex(image.shape):
        covered = covered if keep else image.copy()
        covered[max(i - before, 0) : i + after + 1, max(j - before, 0) : j + after + 1] = paper(image)
        drops[i, j] = whole - predict(covered)
    return drops


def _occlusion_that_wraps(predict, image, size):
    """A mistake: a start before the first row is a negative index, which Python counts from the end."""
    half, drops = size // 2, np.zeros(image.shape)
    for i, j in np.ndindex(image.shape):
        covered = image.copy()
        covered[i - half : i + half + 1, j - half : j + half + 1] = np.median(image)
        drops[i, j] = predict(image) - predict(covered)
    return drops


def _of_weights(answer, image, weights, size):
    """Call an answer with a score that is a weighted sum of the pixels, and a little of its square."""
    return answer(lambda x: float((np.asarray(x) * weights).sum() + 0.01 * np.square(x).sum()), image, size)


second_exercise = Exercise(
    "occlusion_map",
    solution=_occlusion_map,
    cases=[
        (random_image(5, 7, seed=1) + 9, random_image(5, 7, seed=2), 1),
        (random_image(6, 8, seed=3) + 9, random_image(6, 8, seed=4), 3),
        (np.random.default_rng(7).random((4, 6)), random_image(4, 6, seed=8), 3),  # an even number, all different
        (random_image(9, 7, seed=5) + 9, random_image(9, 7, seed=6), 5),
    ],
    mistakes=[
        (
            "The sign is reversed: take the score of the whole image minus that of the covered one.",
            lambda predict, image, size: -_occlusion_map(predict, image, size),
        ),
        (
            "Those are the scores of the covered images; return how far each lies below the score of the whole one.",
            lambda predict, image, size: predict(image) - _occlusion_map(predict, image, size),
        ),
        (
            "The square is filled with 0. That is black, and black is no paper: take the median of the image.",
            lambda predict, image, size: _occlusion_map(predict, image, size, paper=lambda image: 0),
        ),
        (
            "The square is filled with the mean, which ink makes brighter than paper; take the median.",
            lambda predict, image, size: _occlusion_map(predict, image, size, paper=np.mean),
        ),
        (
            "The median of an even number of pixels is the mean of the two in the middle; you take one of them.",
            lambda predict, image, size: _occlusion_map(
                predict, image, size, paper=lambda image: np.sort(image, axis=None)[image.size // 2]
            ),
        ),
        (
            "The square starts at the pixel; the pixel is its middle.",
            lambda predict, image, size: _occlusion_map(predict, image, size, before=0, after=size - 1),
        ),
        (
            "The square ends one pixel too early: a slice leaves its end out, so it goes to i + size // 2 + 1.",
            lambda predict, image, size: _occlusion_map(predict, image, size, after=size // 2 - 1),
        ),
        (
            "Squares stay covered when the next one comes; begin each time with a copy of the image.",
            lambda predict, image, size: _occlusion_map(predict, image, size, keep=True),
        ),
        (
            "At the upper and the left border the slice starts below 0, which Python counts from the other end, and "
            "nothing is covered: start at max(i - size // 2, 0).",
            _occlusion_that_wraps,
        ),
        (
            "Rows and columns of the map are swapped: i walks down the image, j to the right.",
            lambda predict, image, size: _occlusion_map(predict, image, size).T,
        ),
        (
            "The sign is lost: where covering makes the score rise, the map is negative.",
            lambda predict, image, size: np.abs(_occlusion_map(predict, image, size)),
        ),
        (
            "Each drop is divided by the whole score; return the plain difference.",
            lambda predict, image, size: _occlusion_map(predict, image, size) / predict(image),
        ),
    ],
    call=_of_weights,
    argument_names=("image", "weights of the score", "size"),
)
