"""Keras's batch normalisation in training, against one kernel of TensorFlow: the minimal case of docs/batch_norm.md.

    python benchmarks/batch_norm.py [float32 | mixed_bfloat16]

Needs only Keras and TensorFlow. It prints milliseconds of processor time for the way there and back over one map of
16 × 64 × 64 pixels and 16 channels, and how far the two results and their gradients lie apart.
"""

import statistics
import sys
import time

import keras
import tensorflow as tf

REPEATS = 40


@tf.function
def by_keras(maps, layer):
    with tf.GradientTape() as tape:
        tape.watch(maps)
        outputs = layer(maps, training=True)
        loss = tf.reduce_sum(tf.cast(outputs, tf.float32) ** 3)
    return outputs, tape.gradient(loss, [maps, *layer.trainable_variables])


@tf.function
def by_one_kernel(maps, layer):
    with tf.GradientTape() as tape:
        tape.watch(maps)
        kernel = tf.compat.v1.nn.fused_batch_norm
        outputs, _, _ = kernel(maps, layer.gamma, layer.beta, epsilon=layer.epsilon, is_training=True)
        loss = tf.reduce_sum(tf.cast(outputs, tf.float32) ** 3)
    return outputs, tape.gradient(loss, [maps, *layer.trainable_variables])


def processor_ms(function, *arguments):
    times = []
    for _ in range(REPEATS):
        started = time.process_time()
        function(*arguments)
        times.append(1000 * (time.process_time() - started))
    return statistics.median(times[5:])


def apart(a, b):
    """Largest difference, in parts of the largest value."""
    a, b = tf.cast(a, tf.float32), tf.cast(b, tf.float32)
    return float(tf.reduce_max(tf.abs(a - b)) / tf.reduce_max(tf.abs(a)))


if __name__ == "__main__":
    keras.config.set_dtype_policy(*sys.argv[1:] or ["float32"])
    layer = keras.layers.BatchNormalization()
    maps = tf.cast(tf.random.stateless_normal((16, 64, 64, 16), (1, 2)), layer.compute_dtype)
    layer(maps)
    print("keras", keras.__version__, "tensorflow", tf.__version__, layer.compute_dtype)
    for name, function in {"keras.layers.BatchNormalization": by_keras, "one kernel": by_one_kernel}.items():
        print(f"{name}: {processor_ms(function, maps, layer):.1f} ms")
    (y, gradients), (z, others) = by_keras(maps, layer), by_one_kernel(maps, layer)
    furthest = max(apart(a, b) for a, b in zip([y, *gradients], [z, *others], strict=True))
    print(f"outputs and gradients differ by at most {furthest:.0e} of their largest value")
