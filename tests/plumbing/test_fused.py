"""Fused batch normalisation and Adam: Keras's own numbers, and Keras's own code where no kernel can do it."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from segutils import training
from segutils.plumbing.fused import FusedAdam, FusedBatchNormalization


@pytest.mark.parametrize(("dtype", "close", "closer"), [("float32", 1e-4, 1e-5), ("mixed_bfloat16", 0.06, 0.06)])
def test_fused_batch_normalisation_is_that_of_keras(rng, dtype, close, closer):
    """Answers, gradients and averages of three steps, and what the averages then say of new images."""
    kinds = FusedBatchNormalization, keras.layers.BatchNormalization
    ours, theirs = (kind(momentum=0.9, dtype=dtype) for kind in kinds)
    for layer in (ours, theirs):
        layer.build((None, 4, 6, 5))
        layer.gamma.assign([0.5, 1.0, 2.0, -1.0, 3.0])
        layer.beta.assign([0.0, 1.0, -1.0, 0.5, 2.0])
    for _ in range(3):
        images, upstream = (tf.constant(rng.normal(3, 2, (2, 4, 6, 5)).astype(np.float32)) for _ in range(2))
        seen = []
        for layer in (ours, theirs):
            with tf.GradientTape() as tape:
                tape.watch(images)
                answer = layer(images, training=True)
                total = tf.reduce_sum(tf.cast(answer, tf.float32) * upstream)
            assert answer.dtype == layer.compute_dtype
            gradients = tape.gradient(total, [images, layer.gamma, layer.beta])
            seen.append([keras.ops.cast(x, "float32") for x in (answer, *gradients, *layer.weights)])
        for got, expected in zip(*seen, strict=True):
            np.testing.assert_allclose(got, expected, rtol=close, atol=close)
    answers = (keras.ops.cast(layer(images), "float32") for layer in (ours, theirs))
    np.testing.assert_allclose(*answers, rtol=closer, atol=closer)


@pytest.mark.parametrize("still", ["trainable", "training", "synchronized"])
def test_fused_batch_normalisation_leaves_to_keras_what_its_kernel_cannot(rng, still, monkeypatch):
    monkeypatch.setattr(tf.compat.v1.nn, "fused_batch_norm", None)
    layer = FusedBatchNormalization(synchronized=still == "synchronized")
    layer.build((None, 4, 6, 5))
    layer.trainable = still != "trainable"
    images = rng.normal(3, 2, (2, 4, 6, 5)).astype(np.float32)
    before = layer.moving_mean.numpy()
    layer(images, training=still != "training")
    assert np.array_equal(layer.moving_mean, before) == (still != "synchronized")


@pytest.mark.parametrize("compiled", [False, True], ids=["eager", "graph"])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"beta_1": 0.5, "beta_2": 0.99, "epsilon": 0.1},
        {"clipnorm": 0.5, "weight_decay": 0.1},
        {"use_ema": True, "ema_momentum": 0.5, "ema_overwrite_frequency": 3},
        {"amsgrad": True},
    ],
    ids=lambda options: "-".join(options) or "plain",
)
def test_fused_adam_is_that_of_keras(rng, options, dtype, compiled):
    """Weights and moments of eight steps whose size changes."""
    start = [rng.normal(size=shape) for shape in ((3, 2), (5,), ())]
    gradients = [[rng.normal(size=array.shape) for array in start] for _ in range(8)]
    ends = []
    for kind in (FusedAdam, keras.optimizers.Adam):
        adam = kind(training.one_cycle(0.1, 8), **options)
        weights = [keras.Variable(array, dtype=dtype) for array in start]
        adam.build(weights)
        step = tf.function(adam.apply) if compiled else adam.apply
        for each in gradients:
            step([tf.constant(gradient, dtype) for gradient in each])
        ends.append([np.asarray(variable) for variable in (*weights, *adam.variables)])
    assert any(not np.allclose(end, array) for end, array in zip(ends[0], start, strict=False))
    for ours, theirs in zip(*ends, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-6)


def test_fused_adam_leaves_sparse_gradients_to_keras(rng, monkeypatch):
    monkeypatch.setattr(tf.raw_ops, "ResourceApplyAdam", None)
    table, ends = rng.normal(size=(5, 2)), []
    for kind in (FusedAdam, keras.optimizers.Adam):
        adam, weights = kind(0.1), keras.Variable(table)
        adam.build([weights])
        adam.apply([tf.IndexedSlices(tf.ones((2, 2)), tf.constant([1, 3]), tf.constant([5, 2]))])
        ends.append(np.asarray(weights))
    np.testing.assert_allclose(*ends, rtol=1e-6)


def test_a_model_saved_with_fused_adam_loads_again(tmp_path):
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    model.compile(FusedAdam(0.1, beta_2=0.99), "mse")
    training.build_optimizer(model).save(tmp_path / "best.keras")
    adam = training.load_best(tmp_path).optimizer
    assert isinstance(adam, FusedAdam)
    assert adam.beta_2 == 0.99
