"""Answers to `neuron_gradient` and `kernel_gradient`, right ones and wrong ones with the words that must be said."""

import math

import numpy as np
import tensorflow as tf
from support import right, wrong


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


@right
def neuron_gradient_pixel_by_pixel(x, y, weights, bias):
    gradient = [0.0] * (len(weights) + 1)
    for pixel, truth in zip(x.tolist(), y.tolist(), strict=True):
        z = bias + sum(value * weight for value, weight in zip(pixel, weights.tolist(), strict=True))
        error = 1 / (1 + math.exp(-z)) - truth
        for d, value in enumerate([*pixel, 1.0]):
            gradient[d] += error * value / len(x)
    return gradient


@right
def neuron_gradient_with_a_column_of_ones(x, y, weights, bias):
    wide = np.column_stack([x, np.ones(len(x))])
    return wide.T @ (sigmoid(wide @ np.append(weights, bias)) - y) / len(x)


@right
def neuron_gradient_by_the_tape(x, y, weights, bias):
    w, b = tf.Variable(weights), tf.Variable(bias, dtype="float64")
    with tf.GradientTape() as tape:
        z = tf.linalg.matvec(tf.constant(x), w) + b
        loss = tf.reduce_mean(tf.nn.sigmoid_cross_entropy_with_logits(y, z))
    dw, db = tape.gradient(loss, [w, b])
    return tf.concat([dw, [db]], 0)


@wrong("sign is turned: each pixel's error")
def neuron_gradient_with_truth_first(x, y, weights, bias):
    error = y - sigmoid(x @ weights + bias)
    return np.append((x * error[:, None]).mean(0), error.mean())


@wrong("divide by N")
def neuron_gradient_summed(x, y, weights, bias):
    error = sigmoid(np.dot(x, weights) + bias) - y
    return np.array([*(x.T @ error), error.sum()])


@wrong("The factor p (1 - p) has stayed")
def neuron_gradient_with_the_sigmoid_s_slope(x, y, weights, bias):
    p = sigmoid(x @ weights + bias)
    back = (p - y) * p * (1 - p)
    return np.append(x.T @ back, back.sum()) / len(y)


@wrong("squared error")
def neuron_gradient_of_the_squared_error(x, y, weights, bias):
    p = sigmoid(x @ weights + bias)
    back = 2 * (p - y) * (p - p**2)
    return np.append(np.einsum("nd,n->d", x, back), back.sum()) / len(y)


@wrong("The truth y is missing")
def neuron_gradient_without_the_truth(x, y, weights, bias):
    p = sigmoid(x @ weights + bias)
    return [*np.mean(x * p[:, None], axis=0), p.mean()]


@wrong("taken from the decision")
def neuron_gradient_of_the_decision(x, y, weights, bias):
    error = np.where(x @ weights + bias > 0, 1.0, 0.0) - y
    return np.append(x.T @ error, error.sum()) / len(x)


@wrong("The input is missing")
def neuron_gradient_without_the_input(x, y, weights, bias):
    error = sigmoid(x @ weights + bias) - y
    return np.full(len(weights) + 1, error.mean())


@wrong("The bias has no gradient here")
def neuron_gradient_with_a_bias_of_zero(x, y, weights, bias):
    gradient = np.zeros(len(weights) + 1)
    gradient[:-1] = x.T @ (sigmoid(x @ weights + bias) - y) / len(x)
    return gradient


@wrong("The bias comes first")
def neuron_gradient_with_the_bias_first(x, y, weights, bias):
    error = sigmoid(x @ weights + bias) - y
    return [error.mean(), *(x.T @ error / len(x))]


@wrong("The forward pass leaves out the bias")
def neuron_gradient_with_a_forward_pass_without_bias(x, y, weights, bias):
    error = sigmoid(x @ weights) - y
    return np.append(x.T @ error, error.sum()) / len(x)


@right
def kernel_gradient_with_four_loops(x, kernel, upstream, stride):
    gradient = np.zeros(kernel.shape)
    for i, j in np.ndindex(upstream.shape):
        for m, n in np.ndindex(kernel.shape):
            gradient[m, n] += upstream[i, j] * x[stride * i + m, stride * j + n]
    return gradient


@right
def kernel_gradient_with_window_views(x, kernel, upstream, stride):
    views = np.lib.stride_tricks.sliding_window_view(x, kernel.shape)[::stride, ::stride]
    return np.einsum("ij,ijmn->mn", upstream, views)


@right
def kernel_gradient_by_the_tape(x, kernel, upstream, stride):
    k = tf.Variable(kernel)
    with tf.GradientTape() as tape:
        y = tf.nn.conv2d(tf.constant(x)[None, :, :, None], k[:, :, None, None], stride, "VALID")
        loss = tf.reduce_sum(upstream * y[0, :, :, 0])
    return tape.gradient(loss, k)


@wrong("comes out turned around")
def kernel_gradient_turned(x, kernel, upstream, stride):
    gradient = np.zeros(kernel.shape)
    for i, j in np.ndindex(upstream.shape):
        for m, n in np.ndindex(kernel.shape):
            gradient[-1 - m, -1 - n] += upstream[i, j] * x[stride * i + m, stride * j + n]
    return gradient


@wrong("That is the gradient of the image")
def kernel_gradient_of_the_image(x, kernel, upstream, stride):
    gradient = np.zeros(x.shape)
    for i, j in np.ndindex(upstream.shape):
        for m, n in np.ndindex(kernel.shape):
            gradient[stride * i + m, stride * j + n] += upstream[i, j] * kernel[m, n]
    return gradient


@wrong("replaces what the ones before gave")
def kernel_gradient_replaced(x, kernel, upstream, stride):
    gradient = np.zeros(kernel.shape)
    for i, j in np.ndindex(upstream.shape):
        for m, n in np.ndindex(kernel.shape):
            gradient[m, n] = upstream[i, j] * x[stride * i + m, stride * j + n]
    return gradient


@wrong("It is the mean over the output pixels")
def kernel_gradient_averaged(x, kernel, upstream, stride):
    views = np.lib.stride_tricks.sliding_window_view(x, kernel.shape)[::stride, ::stride]
    return (views * upstream[:, :, None, None]).mean((0, 1))


@wrong("The stride is ignored")
def kernel_gradient_without_stride(x, kernel, upstream, stride):
    gradient = np.zeros(kernel.shape)
    for i, j in np.ndindex(upstream.shape):
        for m, n in np.ndindex(kernel.shape):
            gradient[m, n] += upstream[i, j] * x[i + m, j + n]
    return gradient


@wrong("that is a dilation")
def kernel_gradient_with_stride_as_dilation(x, kernel, upstream, stride):
    gradient = np.zeros(kernel.shape)
    for i, j in np.ndindex(upstream.shape):
        for m, n in np.ndindex(kernel.shape):
            gradient[m, n] += upstream[i, j] * x[i + stride * m, j + stride * n]
    return gradient


@wrong("kernel's own numbers are multiplied in")
def kernel_gradient_times_the_kernel(x, kernel, upstream, stride):
    views = np.lib.stride_tricks.sliding_window_view(x, kernel.shape)[::stride, ::stride]
    return np.einsum("ij,ijmn,mn->mn", upstream, views, kernel)


@wrong("The sign is turned: the gradient points uphill")
def kernel_gradient_downhill(x, kernel, upstream, stride):
    step = np.zeros(kernel.shape)
    for i, j in np.ndindex(upstream.shape):
        step -= upstream[i, j] * x[stride * i :, stride * j :][: kernel.shape[0], : kernel.shape[1]]
    return step


@wrong("The upstream gradient is missing")
def kernel_gradient_without_upstream(x, kernel, upstream, stride):
    return sum(
        x[stride * i :, stride * j :][: kernel.shape[0], : kernel.shape[1]] for i, j in np.ndindex(upstream.shape)
    )


@wrong("larger than the kernel")
def kernel_gradient_of_all_that_is_left(x, kernel, upstream, stride):
    spread = np.zeros([(n - 1) * stride + 1 for n in upstream.shape])
    spread[::stride, ::stride] = upstream
    windows = np.lib.stride_tricks.sliding_window_view(x, spread.shape)
    return (windows * spread).sum((2, 3))
