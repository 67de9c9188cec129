"""A learning rate that Keras has no schedule for: up in a line, down in a line."""

import keras

ops = keras.ops


@keras.saving.register_keras_serializable("segutils")
class Triangle(keras.optimizers.schedules.LearningRateSchedule):
    """Rises to its peak in a line and falls to (nearly) zero in a line; after the last step it is zero.

    Args: peak: largest learning rate; steps: of the whole training; rise: steps until the peak; 1 to steps - 1.
    >>> schedule = Triangle(0.1, 10, 2)
    >>> [round(float(schedule(step)), 4) for step in (0, 1, 2, 6, 9, 10)]
    [0.05, 0.1, 0.1, 0.05, 0.0125, 0.0]
    """

    def __init__(self, peak, steps, rise):
        self.peak, self.steps, self.rise = peak, steps, rise

    def __call__(self, step):
        step = ops.cast(step, "float32")
        up, down = (step + 1) / self.rise, (self.steps - step) / max(1, self.steps - self.rise)
        return self.peak * ops.clip(ops.minimum(up, down), 0, 1)

    def get_config(self):
        return {"peak": self.peak, "steps": self.steps, "rise": self.rise}
