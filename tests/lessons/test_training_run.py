"""The second exercise grades networks by what they reach; the figures' numbers; Keras's advice is caught, not lost."""

import logging

import keras
import numpy as np
import pytest

from segutils import models
from segutils.lessons import training_run

layers = keras.layers


def test_margins_are_the_empty_rows_or_columns_at_the_nearest_border():
    images = np.zeros((3, 10, 12, 1), np.uint8)
    images[0, 3:6, 4:7] = 200  # above 3, below 4, left 4, right 5
    images[1, 5:9, 2:9] = 128  # below 1
    images[2, 2:8, 3:10] = 200  # 2 on three sides
    images[2, 0, 5] = 100  # too dark to be ink
    assert training_run.margins(images).tolist() == [3, 1, 2]


def test_the_advice_that_keras_logs_is_collected_and_the_logger_stays_as_it_was():
    logger = logging.getLogger("absl")
    before = list(logger.handlers), logger.propagate
    with training_run.legacy_advice() as said:
        logger.warning("this format is %s", "legacy")
    assert said == ["this format is legacy"]
    assert (list(logger.handlers), logger.propagate) == before


def network(*body):
    return keras.Sequential([keras.Input((28, 28, 1)), layers.Rescaling(1 / 255), *body])


def test_a_small_network_reaches_the_goal():
    body = [layers.Conv2D(8, 3, activation="relu"), layers.MaxPooling2D(4), layers.Flatten(), layers.Dense(10)]
    assert training_run.diagnose_small_classifier(lambda: network(*body)) is None


@pytest.mark.parametrize(
    ("build", "words"),
    [
        (lambda: None, "`return` is missing"),
        (lambda: network(layers.Conv2D(10, 3)), r"the shape (2, 26, 26, 10), not (2, 10)"),
        (models.article_cnn, "34,826 parameters, more than 6,000"),
        (
            lambda: network(layers.MaxPooling2D(4), layers.Flatten(), layers.Dense(10, activation="softmax")),
            "leave softmax out",
        ),
        (lambda: network(layers.MaxPooling2D(14), layers.Flatten(), layers.Dense(10)), "do not pool away"),
    ],
    ids=["nothing", "no dense layer", "too large", "probabilities", "pooled away"],
)
def test_of_a_network_that_falls_short_the_cure_is_named(build, words):
    assert words in training_run.diagnose_small_classifier(build)


def test_the_checker_prints_its_verdict(capsys):
    training_run.check_small_classifier(lambda: None)
    assert capsys.readouterr().out.startswith("small_classifier: not started yet")
