"""What notebook 4 says of dense layers and no longer shows line by line, and the scenes and figures of its lesson."""

import keras
import matplotlib.pyplot as plt
import numpy as np
import pytest
from scipy.optimize import linprog
from sklearn.linear_model import LogisticRegression

from segutils import models
from segutils.digits import load_digits
from segutils.lessons import dense


@pytest.fixture(scope="module")
def digits():
    return load_digits("bundled")


@pytest.fixture(scope="module")
def zeros_and_fives(digits):
    """Symmetry and upper ink of the training digits 0 and 5, standardised as in the notebook; whether each is a 5."""
    part = digits.train
    chosen = np.isin(part.labels, [0, 5])
    ink = part.images[chosen] / 255
    symmetry = 1 - abs(ink - ink[:, :, ::-1]).sum((1, 2)) / (2 * ink.sum((1, 2)))
    features = np.stack([symmetry, ink[:, :14].sum((1, 2)) / ink.sum((1, 2))], axis=1)
    return (features - features.mean(0)) / features.std(0), part.labels[chosen] == 5


def test_without_pooling_the_network_has_the_parameters_that_the_notebook_counts():
    kept = [part for part in models.article_cnn().layers if not isinstance(part, keras.layers.MaxPooling2D)]
    copies = [type(part).from_config(part.get_config()) for part in kept]
    plain = keras.Sequential([keras.Input((28, 28, 1)), *copies])
    assert plain.count_params() == 320 + 18_496 + 24 * 24 * 64 * 10 + 10
    assert [part.count_params() for part in models.article_cnn().layers if part.count_params()] == [320, 18_496, 16_010]


def test_the_articles_network_never_sees_the_last_two_rows_and_columns(digits):
    network, images = models.article_cnn(), digits.test.images[:4, ..., None].astype("float32")
    bright = images.copy()
    bright[:, 26:], bright[:, :, 26:] = 255, 255
    np.testing.assert_allclose(network(bright), network(images), rtol=1e-5, atol=1e-5)
    bright[:, 25:] = 255
    assert not np.allclose(network(bright), network(images), atol=1e-3)


def test_no_line_separates_zeros_from_fives_and_some_line_beats_the_trained_one(zeros_and_fives):
    features, five = zeros_and_fives
    signed = np.where(five, -1.0, 1.0)[:, None] * np.column_stack([features, np.ones(len(features))])
    program = linprog(np.zeros(3), A_ub=signed, b_ub=-np.ones(len(features)), bounds=[(None, None)] * 3)
    assert program.status == 2, "no feasible point"
    trained = (LogisticRegression(C=np.inf).fit(features, five).predict(features) == five).mean()
    assert trained == pytest.approx(0.952, abs=5e-4)
    across = np.stack([f(np.radians(np.arange(-180, 181, 3))) for f in (np.cos, np.sin)])
    offsets = np.arange(-25, 26)[:, None, None] / 10
    found = ((features @ across > offsets) == five[:, None]).mean(1)
    assert found.max() == pytest.approx(0.961, abs=5e-4)


def test_windows_without_a_digit_hold_none_near_their_centre(digits):
    rng = np.random.default_rng(3)
    scene, labels, corners = dense.random_scene(digits.train, rng)
    assert scene.shape == (56, 144)
    assert len(labels) == len(corners) == 3
    assert (corners % 4 == 0).all()
    np.testing.assert_array_equal(np.count_nonzero(scene), sum(_ink(scene, corner) for corner in corners))
    windows = dense.windows_without_a_digit(digits.train, 60, seed=5)
    assert windows.shape == (60, 28, 28)
    assert windows.dtype == np.uint8
    assert windows.any((1, 2)).mean() > 0.5, "parts of digits"
    far = dense._far(np.array([[0, 0], [0, 11], [0, 12], [12, 0]]), np.array([[0, 0]]))
    np.testing.assert_array_equal(far, [False, False, True, True])


def _ink(scene, corner):
    row, column = corner
    return np.count_nonzero(scene[row : row + 28, column : column + 28])


@pytest.mark.parametrize(("bias", "verdict"), [([0.0] * 11, "not yet"), ([9.0] + [0.0] * 10, "not yet")])
def test_who_never_looks_at_the_scene_does_not_pass_the_open_exercise(digits, capsys, bias, verdict):
    def slide(scene):
        rows, columns = ((n - 28) // 4 + 1 for n in scene.shape[1:3])
        return np.tile(bias, (1, rows, columns, 1))

    dense.judge(slide, digits.test)
    assert capsys.readouterr().out.splitlines()[-1].startswith(verdict)


def test_who_knows_the_digits_and_the_places_without_passes_it(digits, capsys):
    """An oracle that compares each window with all test digits."""
    known = digits.test.images.reshape(len(digits.test.images), -1).astype(float)

    def slide(scene):
        windows = np.lib.stride_tricks.sliding_window_view(scene[0, ..., 0], (28, 28))[::4, ::4].astype(float)
        flat = windows.reshape(-1, 784)
        distance = (flat**2).sum(1)[:, None] - 2 * flat @ known.T + (known**2).sum(1)
        nearest = np.where(distance.min(1) < 1, digits.test.labels[distance.argmin(1)], 10)
        return 9.0 * np.eye(11)[nearest].reshape(1, *windows.shape[:2], 11)

    dense.judge(slide, digits.test)
    assert capsys.readouterr().out.endswith("success\n")


def test_answers_stand_at_the_centres_of_their_windows(digits):
    p = np.full((2, 3, 10), 0.005)
    p[..., 7] = 0.955
    ax = dense.show_answers(np.zeros((32, 36), np.uint8), p, [(4, 8)])
    assert {text.get_text() for text in ax.texts} == {"7"}
    assert ax.texts[-1].get_position() == (13.5 + 8, 13.5 + 4)
    assert ax.texts[0].get_color() == "white"
    (ring,) = ax.lines
    assert (ring.get_xdata()[0], ring.get_ydata()[0]) == (21.5, 17.5)
    axes = dense.show_class_maps(p, (7, 2, 1, 0), 2 * [(4, 8), (0, 0)], shape=(32, 36))
    assert axes[0, 0].images[0].get_extent() == [11.5, 23.5, 19.5, 11.5]
    plt.close("all")
