"""What decides the points of assignment 1: hidden images and kernels, expected answers by segutils.reference."""

import numpy as np

from segutils import reference
from segutils.classroom.tasks import Criterion, Task


def output_size(size, kernel, stride=1, padding=0, dilation=1):
    return reference.windows((size, size), kernel, stride=stride, padding=padding, dilation=dilation).output[0]


def conv2d(x, kernel):
    return conv2d_options(x, kernel)


def conv2d_options(x, kernel, bias=0.0, stride=1, padding=0):
    y = reference.conv2d(x[None, :, :, None], kernel[:, :, None, None], bias, stride=stride, padding=padding)
    return y[0, :, :, 0]


def conv_layer(x, kernels, biases):
    return reference.relu(reference.conv2d(x[None], kernels, biases)[0])


def kernel_gradient(x, upstream):
    kernel = np.zeros([h - r + 1 for h, r in zip(x.shape, upstream.shape, strict=True)])
    return _gradients(x, kernel, upstream)[1][:, :, 0, 0]


def input_gradient(kernel, upstream):
    x = np.zeros([m + r - 1 for m, r in zip(kernel.shape, upstream.shape, strict=True)])
    return _gradients(x, kernel, upstream)[0][0, :, :, 0]


def _gradients(x, kernel, upstream):
    return reference.conv2d_gradients(x[None, :, :, None], kernel[:, :, None, None], upstream[None, :, :, None])


TASKS = {
    "test_output_size": Task(
        "output_size",
        output_size,
        lambda rng: [
            Criterion("stride 1, no padding", 1, [(11, 3), (12, 4), (5, 5), (int(rng.integers(20, 90)), 7)]),
            Criterion(
                "stride and padding", 1, [(11, 3, 2, 1), (12, 4, 3, 2), (9, 2, 4), (int(rng.integers(20, 90)), 5, 3, 2)]
            ),
            Criterion(
                "dilation",
                1,
                [(11, 3, 1, 0, 3), (21, 4, 2, 1, 3), (22, 4, 2, 1, 3), (int(rng.integers(40, 90)), 5, 3, 2, 4)],
            ),
        ],
    ),
    "test_conv2d": Task(
        "conv2d",
        conv2d,
        lambda rng: [
            Criterion("a square kernel", 2, [(rng.normal(size=(6, 6)), rng.normal(size=(3, 3)))]),
            Criterion(
                "a kernel and an image that are not square",
                2,
                [
                    (rng.normal(size=shape), rng.normal(size=size))
                    for shape, size in [((5, 9), (2, 3)), ((8, 4), (4, 1))]
                ],
            ),
            Criterion("an image of whole numbers", 1, [(rng.integers(0, 256, (5, 5)), rng.normal(size=(3, 3)))]),
        ],
    ),
    "test_conv2d_options": Task(
        "conv2d_options",
        conv2d_options,
        lambda rng: [
            Criterion("bias", 1, [(rng.normal(size=(5, 6)), rng.normal(size=(3, 2)), 1.75)]),
            Criterion("stride", 2, [(rng.normal(size=(7, 10)), rng.normal(size=(3, 2)), 0.0, s) for s in (2, 3)]),
            Criterion("padding", 2, [(rng.normal(size=(4, 6)), rng.normal(size=(3, 2)), 0.0, 1, p) for p in (1, 2)]),
            Criterion("all of them", 1, [(rng.normal(size=(8, 7)), rng.normal(size=(2, 3)), -0.5, 3, 2)]),
        ],
    ),
    "test_conv_layer": Task(
        "conv_layer",
        conv_layer,
        lambda rng: [
            Criterion("one channel", 1, [(rng.random((5, 6, 1)), rng.random((3, 2, 1, 1)), np.array([0.25]))]),
            Criterion("three channels", 2, [(rng.random((6, 5, 3)), rng.random((2, 3, 3, 1)), np.array([0.5]))]),
            Criterion("several filters", 1, [(rng.random((5, 7, 2)), rng.random((2, 3, 2, 4)), rng.random(4))]),
            Criterion("ReLU", 1, [(rng.normal(size=(6, 5, 3)), rng.normal(size=(2, 3, 3, 4)), rng.normal(size=4))]),
        ],
    ),
    "test_kernel_gradient": Task(
        "kernel_gradient",
        kernel_gradient,
        lambda rng: [
            Criterion("a square kernel", 2, [(rng.normal(size=(6, 6)), rng.normal(size=(4, 4)))]),
            Criterion(
                "not square",
                1,
                [
                    (rng.normal(size=shape), rng.normal(size=size))
                    for shape, size in [((5, 9), (4, 7)), ((8, 4), (5, 3))]
                ],
            ),
        ],
    ),
    "test_input_gradient": Task(
        "input_gradient",
        input_gradient,
        lambda rng: [
            Criterion("one output pixel", 1, [(rng.normal(size=(3, 3)), rng.normal(size=(1, 1)))]),
            Criterion(
                "many output pixels",
                1,
                [(rng.normal(size=(3, 3)), rng.normal(size=size)) for size in ((4, 4), (2, 5), (5, 2))],
            ),
            Criterion(
                "a kernel that is not square",
                1,
                [
                    (rng.normal(size=shape), rng.normal(size=size))
                    for shape, size in [((2, 3), (5, 3)), ((4, 1), (2, 6))]
                ],
            ),
        ],
    ),
}
