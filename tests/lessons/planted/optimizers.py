"""Answers to `adam_step` and `clipped_step`, right ones and wrong ones with words that their feedback must contain."""

import math

import numpy as np
import tensorflow as tf
from support import right, wrong


@right
def adam_step_with_lists(theta, gradient, m, v, t, learning_rate):
    new_theta, new_m, new_v = [], [], []
    for i in range(len(theta)):
        new_m.append(0.9 * m[i] + 0.1 * gradient[i])
        new_v.append(0.999 * v[i] + 0.001 * gradient[i] ** 2)
        m_hat, v_hat = new_m[i] / (1 - 0.9**t), new_v[i] / (1 - 0.999**t)
        new_theta.append(theta[i] - learning_rate * m_hat / (math.sqrt(v_hat) + 1e-7))
    return new_theta, new_m, new_v


@wrong("changes its input")
def adam_step_in_place(theta, gradient, m, v, t, learning_rate):
    m += 0.1 * (gradient - m)
    v += 0.001 * (gradient * gradient - v)
    theta -= learning_rate * (m / (1 - 0.9**t)) / (np.sqrt(v / (1 - 0.999**t)) + 1e-7)
    return theta, m, v


@right
def adam_step_with_the_corrections_in_the_step_size(theta, gradient, m, v, t, learning_rate):
    m, v = 0.9 * m + 0.1 * gradient, 0.999 * v + 0.001 * gradient**2
    root = np.sqrt(1 - 0.999**t)
    return theta - learning_rate * root / (1 - 0.9**t) * m / (np.sqrt(v) + 1e-7 * root), m, v


@right
def adam_step_with_tensorflow(theta, gradient, m, v, t, learning_rate):
    m, v = 0.9 * tf.constant(m) + 0.1 * gradient, 0.999 * tf.constant(v) + 0.001 * tf.square(gradient)
    return theta - learning_rate * m / (1 - 0.9**t) / (tf.sqrt(v / (1 - 0.999**t)) + 1e-7), m, v


@wrong("bias correction is missing")
def adam_step_uncorrected(theta, gradient, m, v, t, learning_rate):
    m, v = 0.9 * m + 0.1 * gradient, 0.999 * v + 0.001 * gradient**2
    return theta - learning_rate * m / (v**0.5 + 1e-7), m, v


@wrong("Only m is corrected")
def adam_step_with_m_corrected(theta, gradient, m, v, t, learning_rate):
    m, v = 0.9 * m + 0.1 * gradient, 0.999 * v + 0.001 * gradient**2
    return theta - learning_rate * (m / (1 - 0.9**t)) / (v**0.5 + 1e-7), m, v


@wrong("Only v is corrected")
def adam_step_with_v_corrected(theta, gradient, m, v, t, learning_rate):
    m, v = 0.9 * m + 0.1 * gradient, 0.999 * v + 0.001 * gradient**2
    return theta - learning_rate * m / ((v / (1 - 0.999**t)) ** 0.5 + 1e-7), m, v


@wrong("one step ahead")
def adam_step_counting_t_again(theta, gradient, m, v, t, learning_rate):
    t += 1
    m, v = 0.9 * m + 0.1 * gradient, 0.999 * v + 0.001 * gradient**2
    return theta - learning_rate * m / (1 - 0.9**t) / (np.sqrt(v / (1 - 0.999**t)) + 1e-7), m, v


@wrong("one step behind")
def adam_step_counting_t_from_zero(theta, gradient, m, v, t, learning_rate):
    t -= 1
    m, v = 0.9 * m + 0.1 * gradient, 0.999 * v + 0.001 * gradient**2
    return theta - learning_rate * m / (1 - 0.9**t) / (np.sqrt(v / (1 - 0.999**t)) + 1e-7), m, v


@wrong("it must fade as t grows")
def adam_step_without_t(theta, gradient, m, v, t, learning_rate):
    m, v = 0.9 * m + 0.1 * gradient, 0.999 * v + 0.001 * gradient**2
    m_hat, v_hat = m / (1 - 0.9), v / (1 - 0.999)
    return theta - learning_rate * m_hat / (np.sqrt(v_hat) + 1e-7), m, v


@wrong("uphill")
def adam_step_uphill(theta, gradient, m, v, t, learning_rate):
    m, v = 0.9 * m + 0.1 * gradient, 0.999 * v + 0.001 * gradient**2
    return theta + learning_rate * m / (1 - 0.9**t) / (np.sqrt(v / (1 - 0.999**t)) + 1e-7), m, v


@wrong("square root is missing")
def adam_step_without_root(theta, gradient, m, v, t, learning_rate):
    m, v = 0.9 * m + 0.1 * gradient, 0.999 * v + 0.001 * gradient**2
    return theta - learning_rate * m / (1 - 0.9**t) / (v / (1 - 0.999**t) + 1e-7), m, v


@wrong("*squares* of the gradient")
def adam_step_of_magnitudes(theta, gradient, m, v, t, learning_rate):
    m, v = 0.9 * m + 0.1 * gradient, 0.999 * v + 0.001 * abs(gradient)
    return theta - learning_rate * m / (1 - 0.9**t) / (np.sqrt(v / (1 - 0.999**t)) + 1e-7), m, v


@wrong("average its square")
def adam_step_without_square(theta, gradient, m, v, t, learning_rate):
    m, v = 0.9 * m + 0.1 * gradient, 0.999 * v + 0.001 * gradient
    return theta - learning_rate * m / (1 - 0.9**t) / (np.sqrt(v / (1 - 0.999**t)) + 1e-7), m, v


@wrong("two betas are swapped")
def adam_step_with_betas_swapped(theta, gradient, m, v, t, learning_rate):
    m, v = 0.999 * m + 0.001 * gradient, 0.9 * v + 0.1 * gradient**2
    return theta - learning_rate * m / (1 - 0.999**t) / (np.sqrt(v / (1 - 0.9**t)) + 1e-7), m, v


@wrong("betas of the averages are swapped")
def adam_step_with_betas_swapped_in_the_averages_only(theta, gradient, m, v, t, learning_rate):
    m, v = 0.999 * m + 0.001 * gradient, 0.9 * v + 0.1 * gradient**2
    return theta - learning_rate * m / (1 - 0.9**t) / (np.sqrt(v / (1 - 0.999**t)) + 1e-7), m, v


@wrong("betas of the correction are swapped")
def adam_step_with_betas_swapped_in_the_corrections_only(theta, gradient, m, v, t, learning_rate):
    m, v = 0.9 * m + 0.1 * gradient, 0.999 * v + 0.001 * gradient**2
    return theta - learning_rate * m / (1 - 0.999**t) / (np.sqrt(v / (1 - 0.9**t)) + 1e-7), m, v


@wrong("the other way round")
def adam_step_that_forgets(theta, gradient, m, v, t, learning_rate):
    m, v = (1 - 0.9) * m + 0.9 * gradient, 0.999 * v + 0.001 * gradient**2
    return theta - learning_rate * m / (1 - 0.9**t) / (np.sqrt(v / (1 - 0.999**t)) + 1e-7), m, v


@wrong("keep too little")
def adam_step_that_forgets_both(theta, gradient, m, v, t, learning_rate):
    m, v = (1 - 0.9) * m + 0.9 * gradient, (1 - 0.999) * v + 0.999 * gradient**2
    return theta - learning_rate * m / (1 - 0.9**t) / (np.sqrt(v / (1 - 0.999**t)) + 1e-7), m, v


@wrong("adds the whole gradient")
def adam_step_with_plain_momentum(theta, gradient, m, v, t, learning_rate):
    m, v = 0.9 * m + gradient, 0.999 * v + 0.001 * gradient**2
    return theta - learning_rate * m / (1 - 0.9**t) / (np.sqrt(v / (1 - 0.999**t)) + 1e-7), m, v


@wrong("ε stands inside the root")
def adam_step_with_epsilon_inside(theta, gradient, m, v, t, learning_rate):
    m, v = 0.9 * m + 0.1 * gradient, 0.999 * v + 0.001 * gradient**2
    return theta - learning_rate * m / (1 - 0.9**t) / np.sqrt(v / (1 - 0.999**t) + 1e-7), m, v


@wrong("ε is 1e-8")
def adam_step_with_the_article_s_epsilon(theta, gradient, m, v, t, learning_rate):
    m, v = 0.9 * m + 0.1 * gradient, 0.999 * v + 0.001 * gradient**2
    return theta - learning_rate * m / (1 - 0.9**t) / (np.sqrt(v / (1 - 0.999**t)) + 1e-8), m, v


@wrong("ε is missing")
def adam_step_without_epsilon(theta, gradient, m, v, t, learning_rate):
    m, v = 0.9 * m + 0.1 * gradient, 0.999 * v + 0.001 * gradient**2
    return theta - learning_rate * m / (1 - 0.9**t) / np.sqrt(v / (1 - 0.999**t)), m, v


@wrong("gradient descent")
def adam_step_of_the_mean_gradient(theta, gradient, m, v, t, learning_rate):
    m, v = 0.9 * m + 0.1 * gradient, 0.999 * v + 0.001 * gradient**2
    return theta - learning_rate * m / (1 - 0.9**t), m, v


@wrong("gradient descent")
def adam_step_of_the_gradient(theta, gradient, m, v, t, learning_rate):
    m, v = 0.9 * m + 0.1 * gradient, 0.999 * v + 0.001 * gradient**2
    return theta - learning_rate * gradient, m, v


@wrong("corrected m̂ and v̂")
def adam_step_that_returns_the_corrected(theta, gradient, m, v, t, learning_rate):
    m, v = 0.9 * m + 0.1 * gradient, 0.999 * v + 0.001 * gradient**2
    m, v = m / (1 - 0.9**t), v / (1 - 0.999**t)
    return theta - learning_rate * m / (np.sqrt(v) + 1e-7), m, v


@wrong("that came in")
def adam_step_that_returns_the_old(theta, gradient, m, v, t, learning_rate):
    new_m, new_v = 0.9 * m + 0.1 * gradient, 0.999 * v + 0.001 * gradient**2
    return theta - learning_rate * new_m / (1 - 0.9**t) / (np.sqrt(new_v / (1 - 0.999**t)) + 1e-7), m, v


@wrong("not enough values to unpack")
def adam_step_that_returns_theta_only(theta, gradient, m, v, t, learning_rate):
    m, v = 0.9 * m + 0.1 * gradient, 0.999 * v + 0.001 * gradient**2
    return theta - learning_rate * m / (1 - 0.9**t) / (np.sqrt(v / (1 - 0.999**t)) + 1e-7)


@wrong("before v is corrected")
def adam_step_as_keras_does(theta, gradient, m, v, t, learning_rate):
    m, v = 0.9 * m + 0.1 * gradient, 0.999 * v + 0.001 * gradient**2
    return theta - learning_rate * np.sqrt(1 - 0.999**t) / (1 - 0.9**t) * m / (np.sqrt(v) + 1e-7), m, v


# clipped_step(theta, gradient, learning_rate, max_length)


@right
def clipped_step_with_loops(theta, gradient, learning_rate, max_length):
    length = sum(g * g for g in gradient) ** 0.5
    factor = max_length / length if length > max_length else 1
    return [t - learning_rate * factor * g for t, g in zip(theta, gradient, strict=True)]


@right
def clipped_step_with_tensorflow(theta, gradient, learning_rate, max_length):
    return theta - learning_rate * tf.clip_by_norm(gradient, max_length)


@right
def clipped_step_with_minimum(theta, gradient, learning_rate, max_length):
    return theta - learning_rate * gradient * min(1, max_length / (np.linalg.norm(gradient) + 1e-12))


@wrong("never shortened")
def clipped_step_plain(theta, gradient, learning_rate, max_length):
    return theta - learning_rate * gradient


@wrong("cut each number on its own")
def clipped_step_by_value(theta, gradient, learning_rate, max_length):
    return theta - learning_rate * tf.clip_by_value(gradient, -max_length, max_length)


@wrong("must stay as it is")
def clipped_step_always(theta, gradient, learning_rate, max_length):
    length = np.sqrt(np.sum(gradient * gradient))
    return theta - learning_rate * max_length * (gradient / length if length else gradient)


@wrong("0 by 0")
def clipped_step_with_unit_vector(theta, gradient, learning_rate, max_length):
    length = np.sqrt(np.sum(gradient * gradient))
    return theta - learning_rate * np.minimum(length, max_length) * (gradient / length)


@wrong("left out the root")
def clipped_step_squared_length(theta, gradient, learning_rate, max_length):
    length = gradient @ gradient
    return theta - learning_rate * gradient * (max_length / length if length > max_length else 1)


@wrong("sum of the absolute values")
def clipped_step_sum_of_values(theta, gradient, learning_rate, max_length):
    length = np.linalg.norm(gradient, 1)
    return theta - learning_rate * gradient * (max_length / length if length > max_length else 1)


@wrong("largest of the absolute values")
def clipped_step_largest(theta, gradient, learning_rate, max_length):
    length = np.linalg.norm(gradient, np.inf)
    return theta - learning_rate * gradient * (max_length / length if length > max_length else 1)


@wrong("uphill")
def clipped_step_uphill(theta, gradient, learning_rate, max_length):
    return theta + learning_rate * tf.clip_by_norm(gradient, max_length)


@wrong("length of the *step*")
def clipped_step_of_the_step(theta, gradient, learning_rate, max_length):
    return theta - tf.clip_by_norm(learning_rate * gradient, max_length)


@wrong("learning rate is missing")
def clipped_step_without_rate(theta, gradient, learning_rate, max_length):
    return theta - tf.clip_by_norm(gradient, max_length)


@wrong("return the new theta")
def clipped_step_step_only(theta, gradient, learning_rate, max_length):
    return learning_rate * tf.clip_by_norm(gradient, max_length)


@wrong("forget to multiply by max_length")
def clipped_step_unit_length(theta, gradient, learning_rate, max_length):
    length = np.sqrt(gradient @ gradient)
    if length > max_length:
        gradient = gradient / length
    return theta - learning_rate * gradient


@wrong("changes its input")
def adam_step_that_moves_theta_alone_in_place(theta, gradient, m, v, t, learning_rate):
    m, v = 0.9 * m + 0.1 * gradient, 0.999 * v + 0.001 * gradient**2
    theta -= learning_rate * (m / (1 - 0.9**t)) / (np.sqrt(v / (1 - 0.999**t)) + 1e-7)
    return theta, m, v


@wrong("changes its input")
def adam_step_that_squares_the_gradient_in_place(theta, gradient, m, v, t, learning_rate):
    m = 0.9 * m + 0.1 * gradient
    gradient *= gradient
    v = 0.999 * v + 0.001 * gradient
    return theta - learning_rate * (m / (1 - 0.9**t)) / (np.sqrt(v / (1 - 0.999**t)) + 1e-7), m, v


@wrong("ask whether the *length* is")
def clipped_step_if_a_number_is_too_large(theta, gradient, learning_rate, max_length):
    if max(abs(gradient)) > max_length:
        gradient = max_length * gradient / np.sqrt(np.dot(gradient, gradient))
    return theta - learning_rate * gradient


@wrong("expected")
def clipped_step_if_the_square_is_too_large(theta, gradient, learning_rate, max_length):
    squares = np.dot(gradient, gradient)
    return theta - learning_rate * gradient * (max_length / np.sqrt(squares) if squares > max_length else 1)


@wrong("expected")
def clipped_step_if_the_sum_is_too_large(theta, gradient, learning_rate, max_length):
    too_long = np.abs(gradient).sum() > max_length
    return theta - learning_rate * gradient * (max_length / np.linalg.norm(gradient) if too_long else 1)
