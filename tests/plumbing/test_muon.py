"""Muon for convolutions: Keras's own Muon on the flattened kernels, Adam on all other weights."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from segutils import training
from segutils.plumbing.fused import FusedAdam
from segutils.plumbing.muon import ConvolutionMuon, orthogonal


def walk(optimizer, start, gradients, *, compiled=True):
    """The weights after all steps."""
    weights = [keras.Variable(array) for array in start]
    optimizer.build(weights)
    step = tf.function(optimizer.apply) if compiled else optimizer.apply
    for each in gradients:
        step([tf.constant(gradient, "float32") for gradient in each])
    return [np.asarray(weight) for weight in weights]


@pytest.mark.parametrize("shape", [(3, 3, 16, 24), (1, 1, 24, 16), (1, 1, 16, 24)], ids=["3x3", "tall", "flat"])
def test_kernels_walk_as_matrices_do_in_keras(rng, shape):
    start = rng.normal(size=shape).astype(np.float32)
    gradients = rng.normal(size=(4, *shape))
    flat = (-1, shape[-1])
    options = {"weight_decay": None, "rms_rate": None, "momentum": 0.6, "ns_steps": 2}
    theirs = keras.optimizers.Muon(training.one_cycle(0.06, 4), **options)
    (expected,) = walk(theirs, [start.reshape(flat)], [[gradient.reshape(flat)] for gradient in gradients])
    ours = ConvolutionMuon(training.one_cycle(0.03, 4), scale=2, momentum=0.6, rounds=2)
    (got,) = walk(ours, [start], [[gradient] for gradient in gradients])
    assert not np.allclose(got, start, atol=0.01)
    np.testing.assert_allclose(got.reshape(expected.shape), expected, rtol=1e-4, atol=1e-5)


def test_all_other_weights_are_adams(rng):
    """Kernels of few maps, biases and matrices."""
    start = [rng.normal(size=shape).astype(np.float32) for shape in ((3, 3, 1, 64), (1, 1, 64, 11), (64,), (32, 32))]
    gradients = [[rng.normal(size=array.shape) for array in start] for _ in range(3)]
    expected = walk(FusedAdam(0.01, beta_2=0.9), start, gradients)
    for got, other in zip(walk(ConvolutionMuon(0.01, beta_2=0.9), start, gradients), expected, strict=True):
        np.testing.assert_array_equal(got, other)


def test_it_steps_alike_eagerly_and_with_weight_decay(rng):
    start, gradients = [rng.normal(size=(3, 3, 16, 16)).astype(np.float32)], rng.normal(size=(2, 1, 3, 3, 16, 16))
    eager, graph = (walk(ConvolutionMuon(0.01), start, gradients, compiled=compiled) for compiled in (False, True))
    np.testing.assert_allclose(eager, graph, rtol=1e-5, atol=1e-6)
    shrunk = walk(ConvolutionMuon(0.01, weight_decay=1.0), start, gradients)
    assert np.abs(shrunk).sum() < np.abs(graph).sum()


@pytest.mark.parametrize("shape", [(40, 12), (12, 40)])
def test_singular_values_come_near_one_and_directions_stay(rng, shape):
    left, values, right = np.linalg.svd(rng.normal(size=shape).astype(np.float32), full_matrices=False)
    found = np.asarray(orthogonal(keras.ops.convert_to_tensor(left * values @ right), 5))
    turned = left.T @ found @ right.T
    assert np.all((np.diag(turned) > 0.65) & (np.diag(turned) < 1.25))
    np.testing.assert_allclose(turned, np.diag(np.diag(turned)), atol=1e-3)


def test_a_model_saved_with_it_loads_again(tmp_path):
    model = keras.Sequential([keras.Input((4, 4, 16)), keras.layers.Conv2D(16, 3)])
    model.compile(ConvolutionMuon(0.1, beta_2=0.99, scale=2, momentum=0.5, rounds=4, fewest=8), "mse")
    training.build_optimizer(model).save(tmp_path / "best.keras")
    muon = training.load_best(tmp_path).optimizer
    assert isinstance(muon, ConvolutionMuon)
    assert (muon.beta_2, muon.scale, muon.momentum, muon.rounds, muon.fewest) == (0.99, 2, 0.5, 4, 8)


@pytest.mark.parametrize("wrong", [{"scale": 0}, {"momentum": 1}, {"rounds": 0}], ids=str)
def test_values_out_of_range_are_refused(wrong):
    with pytest.raises(ValueError, match="try 5, 0.8 and 3"):
        ConvolutionMuon(0.1, **wrong)
