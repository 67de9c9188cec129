"""What notebook 7 says of optimizers, by other roads than its cells take; its network, its comparison, its figures."""

import keras
import matplotlib.pyplot as plt
import numpy as np
import pytest
import tensorflow as tf

from segutils import reference
from segutils.digits import load_digits
from segutils.lessons import optimizers_figures as figures

gd, polyak, adam = reference.gradient_descent, reference.momentum, reference.adam


@pytest.fixture(scope="module")
def digits():
    return load_digits("bundled")


@pytest.fixture(scope="module")
def small(digits):
    """(N, 196) inputs and (N, 10) targets of the training digits."""
    return figures.small_digits(digits.train)


ZEROS = np.zeros((196, 10))


# One weight, and the surfaces


@pytest.mark.parametrize("name", figures.SURFACES)
def test_the_gradient_of_each_surface_is_its_difference_quotient(name, rng):
    surface = figures.SURFACES[name]
    for point in rng.uniform(-2, 2, (20, 2)):
        slope = reference.difference_quotient(surface.loss, point)
        np.testing.assert_allclose(surface.gradient(point), slope, rtol=1e-5, atol=1e-6)
    for minimum in surface.minima:
        assert surface.loss(np.array(minimum)) == pytest.approx(0)
        np.testing.assert_allclose(surface.gradient(np.array(minimum)), 0, atol=1e-12)


@pytest.mark.parametrize(
    ("share", "converges"), [(0.1, True), (0.95, True), (0.99, True), (1.01, False), (1.05, False)]
)
def test_one_weight_follows_the_formula_and_two_over_the_curvature_is_the_limit(digits, share, converges):
    images, y = figures.zeros_and_ones(digits.train)
    x = images[:, 11:17, 11:17].mean((1, 2)) / 255 - 0.5
    curvature = (x**2).mean()
    assert 2 / curvature == pytest.approx(18.7, abs=0.05)
    minimum, rate = (x * y).mean() / curvature, share * 2 / curvature
    path = reference.descend(gd, 0.0, lambda theta: ((theta * x - y) * x).mean(), 1000, learning_rate=rate)
    np.testing.assert_allclose(
        path - minimum, -minimum * (1 - rate * curvature) ** np.arange(1001), rtol=1e-6, atol=1e-9
    )
    assert (abs(path[-1] - minimum) < abs(minimum) / 1000) == converges


def test_zeros_and_ones_have_their_own_targets(digits):
    images, y = figures.zeros_and_ones(digits.train)
    assert len(images) == np.isin(digits.train.labels, [0, 1]).sum()
    assert images[y < 0].mean(0)[14, 14] < 40 < 200 < images[y > 0].mean(0)[14, 14]


# Many weights


def test_the_steepest_direction_is_the_mean_image_and_centring_takes_it_away(small):
    images = small[0]
    mean = images.mean(0)

    def spectrum(x):
        s, directions = np.linalg.svd(x / np.sqrt(len(x)), full_matrices=False)[1:]
        return s[0] ** 2 / s[49] ** 2, directions[0]

    ratio, steepest = spectrum(images)
    assert ratio == pytest.approx(14308, rel=1e-3)
    assert abs(steepest @ mean) / np.linalg.norm(mean) > 0.9999
    assert spectrum(images - mean)[0] == pytest.approx(740, rel=1e-2)


def test_momentum_sums_ten_gradients_where_adam_averages():
    """Under a constant gradient of 1, at a learning rate of 1."""
    path = reference.descend(polyak, 0.0, lambda theta: 1.0, 200, learning_rate=1.0)
    np.testing.assert_allclose(-np.diff(path)[:3], [1, 1.9, 2.71])
    assert -np.diff(path)[-1] == pytest.approx(10)
    np.testing.assert_allclose(
        -np.diff(reference.descend(adam, 0.0, lambda theta: 1.0, 200, learning_rate=1.0)), 1, rtol=1e-5
    )


def test_only_momentum_runs_past_the_minimum_of_the_valley_and_it_ends_lower():
    valley = figures.SURFACES["valley"]
    plain = reference.descend(gd, valley.start, valley.gradient, 30, learning_rate=0.076)
    rolling = reference.descend(polyak, valley.start, valley.gradient, 30, learning_rate=0.05, momentum=0.7)
    assert plain[:, 0].max() < 0 < rolling[:, 0].max()
    assert valley.loss(rolling[-1]) < valley.loss(plain[-1]) / 100


# Adam


def test_a_louder_loss_does_not_change_adam_s_path_and_makes_descent_s_steps_longer(small):
    def louder(weights):
        return 1000 * figures.classifier_gradient(weights, *small)

    def usual(weights):
        return figures.classifier_gradient(weights, *small)

    once = reference.descend(adam, ZEROS, usual, 100, learning_rate=1 / 32, epsilon=1e-7)
    same = reference.descend(adam, ZEROS, louder, 100, learning_rate=1 / 32, epsilon=1e-4)  # only epsilon feels it
    np.testing.assert_allclose(same[-1], once[-1], rtol=1e-9, atol=1e-12)
    longer = reference.descend(gd, ZEROS, usual, 5, learning_rate=1.0)
    np.testing.assert_allclose(
        reference.descend(gd, ZEROS, louder, 5, learning_rate=0.001), longer, rtol=1e-9, atol=1e-12
    )


def test_weights_of_black_pixels_stay_and_without_epsilon_are_no_number(small):
    slope, never_inked = figures.classifier_gradient(ZEROS, *small), (small[0] == 0).all(0)
    assert never_inked.sum() == 96
    assert (slope[never_inked] == 0).all()
    with np.errstate(invalid="ignore"):
        assert np.isnan(adam(ZEROS, slope, learning_rate=0.03, epsilon=0.0)[0][never_inked]).all()
    assert (adam(ZEROS, slope, learning_rate=0.03)[0][never_inked] == 0).all()


# Keras keeps a learning rate in float32, where 0.1 is not exactly 0.1: eighths and their like are exact everywhere.
ADAM = {"learning_rate": 1 / 32, "beta_1": 7 / 8, "beta_2": 1023 / 1024}


@pytest.mark.parametrize(
    ("step", "options", "optimizer"),
    [
        (gd, {"learning_rate": 1 / 8}, keras.optimizers.SGD),
        (polyak, {"learning_rate": 1 / 8, "momentum": 7 / 8}, keras.optimizers.SGD),
        (adam, ADAM, keras.optimizers.Adam),
    ],
    ids=["gradient descent", "momentum", "Adam"],
)
def test_a_classifier_s_weights_equal_keras_s_after_a_hundred_steps(small, step, options, optimizer):
    """Adam's epsilon is moved to where Keras has it, beside √v; with the same one, weights of tiny slopes differ."""
    keras_s, theirs = optimizer(**options), keras.Variable(ZEROS, dtype="float64")
    ours, state, slopes = ZEROS, None, []
    for t in range(1, 101):
        slopes.append(figures.classifier_gradient(ours, *small))
        keras_s.apply([keras.ops.convert_to_tensor(slopes[-1], "float64")], [theirs])
        moved = {"epsilon": 1e-7 / np.sqrt(1 - options["beta_2"] ** t)} if step is adam else {}
        ours, state = step(ours, slopes[-1], state, **options, **moved)
    np.testing.assert_allclose(ours, theirs.numpy(), rtol=1e-9, atol=1e-12)
    if step is not adam:
        return
    plain, state, root = ZEROS, None, np.inf
    for t, slope in enumerate(slopes, start=1):
        plain, state = adam(plain, slope, state, **ADAM)
        root = np.minimum(root, np.sqrt(state[2] / (1 - ADAM["beta_2"] ** t)))  # the smallest √v̂
    apart, felt = abs(plain - theirs.numpy()), root >= 1e-3
    # Keras's epsilon counts as 32e-7 at most, 0.32% of 0.001; 100 steps of about 1/32, each wrong by 0.32%
    assert apart[felt].max() <= 100 * 1 / 32 * 32e-7 / 1e-3
    assert felt.sum() > 500


def test_without_correction_adam_s_steps_are_too_long_as_the_formula_says():
    t = np.arange(1, 5001)
    for correct, wanted in ((True, 1.0), (False, (1 - 0.9**t) / np.sqrt(1 - 0.999**t))):
        path = reference.descend(adam, 0.0, lambda theta: 2.0, 5000, learning_rate=0.01, correct_bias=correct)
        np.testing.assert_allclose(-np.diff(path) / 0.01, wanted, rtol=1e-4)
    assert wanted[0] == pytest.approx(3.16, abs=0.01)
    assert wanted.argmax() + 1 == 12
    assert wanted.max() == pytest.approx(6.57, abs=0.01)


def test_with_a_sum_of_squares_steps_fade_on_a_constant_slope():
    squares = np.ones(1000)
    assert 1 / np.sqrt(squares.sum()) == pytest.approx(0.032, abs=1e-3)
    assert 1 / np.sqrt(squares.mean()) == 1


def test_a_keras_path_is_that_of_the_optimizer():
    valley = figures.SURFACES["valley"]
    ours = reference.descend(polyak, valley.start, valley.gradient, 30, learning_rate=0.05, momentum=0.7)
    theirs = figures.end_of_keras_path(keras.optimizers.SGD(0.05, momentum=0.7), valley, 30)
    np.testing.assert_allclose(theirs, ours[-1], atol=1e-5)


# The network


def test_the_network_s_gradient_is_tensorflow_s(small, rng):
    images, targets = (a[:50] for a in small)
    theta = figures.random_start(rng)
    assert theta.shape == (6634,)
    loss, gradient = figures.network(theta, images, targets)
    variable = tf.Variable(theta)
    with tf.GradientTape() as tape:
        w1, b1, w2, b2 = tf.split(variable, [196 * 32, 32, 320, 10])
        hidden = tf.nn.relu(images @ tf.reshape(w1, (196, 32)) + b1)
        logits = hidden @ tf.reshape(w2, (32, 10)) + b2
        theirs = tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits(targets, logits))
    assert loss == pytest.approx(float(theirs))
    np.testing.assert_allclose(gradient, tape.gradient(theirs, variable), rtol=1e-7, atol=1e-12)
    direction = rng.normal(size=theta.shape)
    ahead, behind = (figures.network(theta + h * direction, images, targets)[0] for h in (1e-5, -1e-5))
    assert gradient @ direction == pytest.approx((ahead - behind) / 2e-5, rel=1e-3)


def test_a_random_start_has_no_biases_and_the_scale_of_he(rng):
    w1, b1, w2, b2 = np.split(figures.random_start(rng), figures.ENDS[:-1])
    assert not b1.any()
    assert not b2.any()
    assert w1.std() == pytest.approx(np.sqrt(2 / 196), rel=0.05)
    assert w2.std() == pytest.approx(np.sqrt(2 / 32), rel=0.15)


def test_weights_that_overflow_give_no_number_and_no_warning(small):
    loss, gradient = figures.network(np.full(6634, 1e200), *(a[:3] for a in small))
    assert not np.isfinite(loss)
    assert gradient.shape == (6634,)


# The comparison


def test_each_learning_rate_is_tried_for_each_optimizer_inputs_and_seed_and_the_best_is_printed(capsys):
    def train(step, rates, seed, inputs):
        assert len(rates) == 7
        theta, _ = step(0.0, 1.0, learning_rate=rates[0])
        return np.nan if rates[0] > 5 else 100.0 if rates[0] > 0.5 else abs(theta + 0.1) + 0.01 * seed + inputs

    alphas = np.array([0.01, 0.1, 1.0, 10.0])
    losses = figures.try_learning_rates(train, {"low": 0.0, "high": 1.0}, alphas, 7)
    assert set(losses) == {(kind, name) for kind in ("low", "high") for name in figures.LINES}
    np.testing.assert_allclose(losses["low", "gradient descent"][0], [0.09, 0.10, 0.11])
    assert (losses["low", "momentum"][2:] == 10).all()
    best, lowest = figures.print_best(alphas, losses)
    assert best["low", "gradient descent"] == 0.1
    assert lowest["high", "gradient descent"] == pytest.approx(1.01)
    assert len(capsys.readouterr().out.splitlines()) == 6
    figures.show_sweep(alphas, losses, 7)
    left, right = plt.gcf().axes
    np.testing.assert_allclose(left.lines[0].get_ydata(), np.median(losses["low", "gradient descent"], axis=1))
    assert right.get_title() == "high"


# Figures


def test_surfaces_are_lighter_where_the_loss_is_higher(ax):
    bowl = figures.SURFACES["bowl"]
    shading, _ = figures.show_surface(ax, bowl.loss, bowl.extent)
    shades = shading.get_array()[..., 0]
    assert shades[60, 90] == shades.min()
    assert shades[0, 0] == shades.max() == 255


def test_the_first_figure_has_a_panel_for_each_path_and_says_which_leaves_it():
    last = figures.show_three_optimizers()
    titles = [ax.get_title() for ax in plt.gcf().axes]
    assert len(titles) == 6
    assert [name for name in titles if "leaves" in name] == [titles[3]]
    assert last["Rosenbrock", "gradient descent"] > 10 > last["Rosenbrock", "momentum"]


def test_small_figures_draw_what_they_are_given(small):
    figures.show_one_weight(lambda theta: theta**2, {"a": np.array([1.0, 0.5]), "b": np.array([2.0, -2.0])})
    assert [ax.get_title() for ax in plt.gcf().axes] == ["a", "b"]
    mean = small[0].mean(0)
    figures.show_directions(mean, -mean, mean)
    first, second = (ax.images[0].get_array() for ax in plt.gcf().axes[:2])
    np.testing.assert_allclose(second, first)  # the sign of a direction means nothing
    figures.show_schedules({"a": np.linspace(0, 1, 5), "b": np.ones(5)}, {"a": [2.0, 1.0], "b": [3.0, 3.0]})
    assert plt.gcf().axes[0].get_title() == "a\nlosses 1.000 2.000"
    figures.show_batch_error(np.array([1, 4]), [2.0, 1.0], [2.0, 1.0], 1.5)
    figures.show_step_lengths({"with": np.ones(9), "without": np.arange(9)})
    assert [line.get_label() for line in plt.gcf().axes[0].lines] == ["with", "without"]
    figures.show_valley({"momentum": np.zeros((3, 2)), "gradient descent": np.ones((3, 2))})
    assert plt.gcf().axes[0].get_title() == "momentum\n2 steps: loss 0e+00"
