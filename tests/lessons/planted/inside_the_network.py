"""Answers to `receptive_field` and `occlusion_map`, right and wrong, with words that the feedback must contain."""

import numpy as np
from support import right, wrong


@right
def receptive_field_by_the_formula(layers):
    side = 1
    for i, (kernel, _) in enumerate(layers):
        jump = 1
        for _, stride in layers[:i]:
            jump *= stride
        side += (kernel - 1) * jump
    return side


@right
def receptive_field_backwards(layers):
    side = 1
    for kernel, stride in reversed(layers):
        side = (side - 1) * stride + kernel
    return side


@right
def receptive_field_with_cumprod(layers):
    kernels = np.array([kernel for kernel, _ in layers], int)
    steps = np.cumprod([1] + [stride for _, stride in layers])[:-1]
    return 1 + ((kernels - 1) * steps).sum()


@wrong("strides are ignored")
def receptive_field_without_strides(layers):
    side = 1
    for kernel, _stride in layers:
        side += kernel - 1
    return side


@wrong("own stride is counted already")
def receptive_field_stride_first(layers):
    side, jump = 1, 1
    for kernel, stride in layers:
        jump *= stride
        side += (kernel - 1) * jump
    return side


@wrong("you add a whole kernel")
def receptive_field_of_whole_kernels(layers):
    side, jump = 1, 1
    for kernel, stride in layers:
        side += kernel * jump
        jump *= stride
    return side


@wrong("Start with 1")
def receptive_field_from_zero(layers):
    side, jump = 0, 1
    for kernel, stride in layers:
        side += (kernel - 1) * jump
        jump *= stride
    return side


@wrong("layer just before")
def receptive_field_of_one_stride(layers):
    side, last = 1, 1
    for kernel, stride in layers:
        side += (kernel - 1) * last
        last = stride
    return side


@wrong("strides before are added up")
def receptive_field_with_a_sum(layers):
    side, passed = 1, 0
    for kernel, stride in layers:
        side += (kernel - 1) * max(passed, 1)
        passed += stride
    return side


@wrong("sides are multiplied")
def receptive_field_as_a_product(layers):
    side = 1
    for kernel, _ in layers:
        side *= kernel
    return side


@wrong("step between two neighbours")
def receptive_field_as_step(layers):
    step = 1
    for _, stride in layers:
        step *= stride
    return step


@wrong("That is the area")
def receptive_field_as_area(layers):
    side, jump = 1, 1
    for kernel, stride in layers:
        side += (kernel - 1) * jump
        jump *= stride
    return side**2


@wrong("Poolings are left out")
def receptive_field_without_poolings(layers):
    side, jump = 1, 1
    for kernel, stride in layers:
        if kernel != stride:
            side += (kernel - 1) * jump
        jump *= stride
    return side


# The second exercise


@right
def occlusion_map_in_loops(predict, image, size):
    height, width = image.shape
    drops = np.empty((height, width))
    for i in range(height):
        for j in range(width):
            covered = image.copy()
            for y in range(i - size // 2, i + size // 2 + 1):
                for x in range(j - size // 2, j + size // 2 + 1):
                    if 0 <= y < height and 0 <= x < width:
                        covered[y, x] = np.median(image)
            drops[i, j] = predict(image) - predict(covered)
    return drops


@right
def occlusion_map_with_a_mask(predict, image, size):
    rows, columns = np.indices(image.shape)
    paper = np.median(image)
    return [
        [
            predict(image)
            - predict(np.where((abs(rows - i) <= size // 2) & (abs(columns - j) <= size // 2), paper, image))
            for j in range(image.shape[1])
        ]
        for i in range(image.shape[0])
    ]


@right
def occlusion_map_with_a_border(predict, image, size):
    half = size // 2
    drops = np.zeros_like(image)
    for i, j in np.ndindex(image.shape):
        wide = np.pad(image, half)
        wide[i : i + size, j : j + size] = np.median(image)
        inner = wide[half : half + image.shape[0], half : half + image.shape[1]]
        drops[i, j] = predict(image) - predict(inner)
    return drops


def scores(predict, image, size, paper, first=None, last=None):
    """The scores of the covered images; each square from `first` before the pixel to `last` after it."""
    first, last = size // 2 if first is None else first, size // 2 if last is None else last
    result = np.zeros(image.shape)
    for i, j in np.ndindex(image.shape):
        covered = image.copy()
        covered[max(0, i - first) : i + last + 1, max(0, j - first) : j + last + 1] = paper
        result[i, j] = predict(covered)
    return result


@wrong("sign is reversed")
def occlusion_map_reversed(predict, image, size):
    return scores(predict, image, size, np.median(image)) - predict(image)


@wrong("scores of the covered images")
def occlusion_map_of_scores(predict, image, size):
    return scores(predict, image, size, np.median(image))


@wrong("filled with 0")
def occlusion_map_in_black(predict, image, size):
    return predict(image) - scores(predict, image, size, 0)


@wrong("filled with the mean")
def occlusion_map_in_mean(predict, image, size):
    return predict(image) - scores(predict, image, size, image.mean())


@wrong("starts at the pixel")
def occlusion_map_from_the_corner(predict, image, size):
    drops = np.zeros(image.shape)
    for i, j in np.ndindex(image.shape):
        covered = image.copy()
        covered[i : i + size, j : j + size] = np.median(image)
        drops[i, j] = predict(image) - predict(covered)
    return drops


@wrong("one pixel too early")
def occlusion_map_that_ends_early(predict, image, size):
    return predict(image) - scores(predict, image, size, np.median(image), last=size // 2 - 1)


@wrong("stay covered")
def occlusion_map_on_one_copy(predict, image, size):
    covered, half = image.copy(), size // 2
    drops = np.zeros(image.shape)
    for i, j in np.ndindex(image.shape):
        covered[max(0, i - half) : i + half + 1, max(0, j - half) : j + half + 1] = np.median(image)
        drops[i, j] = predict(image) - predict(covered)
    return drops


@wrong("it changes its input")
def occlusion_map_on_the_image(predict, image, size):
    whole, paper, half = predict(image), np.median(image), size // 2
    drops = np.zeros(image.shape)
    for i, j in np.ndindex(image.shape):
        image[max(0, i - half) : i + half + 1, max(0, j - half) : j + half + 1] = paper
        drops[i, j] = whole - predict(image)
    return drops


@wrong("nothing is covered")
def occlusion_map_that_wraps(predict, image, size):
    half, drops = size // 2, np.zeros(image.shape)
    for i, j in np.ndindex(image.shape):
        covered = image.copy()
        covered[i - half : i + half + 1, j - half : j + half + 1] = np.median(image)
        drops[i, j] = predict(image) - predict(covered)
    return drops


@wrong("swapped: i walks down")
def occlusion_map_transposed(predict, image, size):
    return (predict(image) - scores(predict, image, size, np.median(image))).T


@wrong("sign is lost")
def occlusion_map_of_sizes(predict, image, size):
    return abs(predict(image) - scores(predict, image, size, np.median(image)))


@wrong("divided by the whole score")
def occlusion_map_in_shares(predict, image, size):
    return 1 - scores(predict, image, size, np.median(image)) / predict(image)


@wrong("its stride still spreads")
def receptive_field_without_layers_of_one_pixel(layers):
    side, step = 1, 1
    for kernel, stride in layers:
        if kernel == 1:
            continue
        side, step = side + (kernel - 1) * step, step * stride
    return side


@wrong("makes no number see more")
def receptive_field_times_the_last_stride(layers):
    side, step, stride = 1, 1, 1
    for kernel, stride in layers:
        side, step = side + (kernel - 1) * step, step * stride
    return side * stride


def drops_under(predict, image, size, paper):
    """What the score loses where a square of `paper` covers the image."""
    half = size // 2
    drops = np.zeros(image.shape)
    for i, j in np.ndindex(image.shape):
        covered = image.copy()
        covered[max(i - half, 0) : i + half + 1, max(j - half, 0) : j + half + 1] = paper
        drops[i, j] = predict(image) - predict(covered)
    return drops


@wrong("two in the middle")
def occlusion_map_with_the_upper_median(predict, image, size):
    return drops_under(predict, image, size, sorted(image.ravel())[image.size // 2])


@wrong("expected")
def occlusion_map_with_a_whole_median(predict, image, size):
    return drops_under(predict, image, size, int(np.median(image)))
