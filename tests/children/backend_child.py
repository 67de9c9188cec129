"""What test_backends.py compares: the same numbers in, on whichever backend KERAS_BACKEND names.

    KERAS_BACKEND=jax python backend_child.py FOLDER

Writes FOLDER/jax.npz. The tensorflow run also writes FOLDER/best.keras, which every run loads and predicts with;
the other runs are not allowed to import TensorFlow.
"""

import os
import sys
from importlib.machinery import ModuleSpec
from pathlib import Path

import numpy as np

BACKEND = os.environ.get("KERAS_BACKEND", "tensorflow")


class NoTensorFlow:
    """A finder and loader that makes `import tensorflow` fail, as where it is not installed."""

    def find_spec(self, name, path=None, target=None):
        return ModuleSpec(name, self) if name == "tensorflow" else None

    def create_module(self, spec):
        raise ModuleNotFoundError(f"No module named {spec.name!r}", name=spec.name)

    def exec_module(self, module):
        raise AssertionError("create_module has raised")


if __name__ == "__main__" and BACKEND != "tensorflow":
    sys.meta_path.insert(0, NoTensorFlow())

import keras  # noqa: E402

from segutils import course, losses, models, training  # noqa: E402

VOID = 255
WEIGHTED = {"class_weights": [0.5, 2.0, 1.0, 0.0, 3.0]}
# Every loss, and every option at a value that is not its default; over images as well as over the batch.
CASES = {
    "cross_entropy": {},
    "cross_entropy weighted": WEIGHTED,
    "focal weighted": {**WEIGHTED, "gamma": 1.5},
    "dice": {},
    "dice of the batch": {"over": "batch", "smooth": 0.5},
    "tversky": {"alpha": 0.2, "beta": 0.9, "exponent": 1.3},
    "focal_tversky": {},
    "focal_tversky of the batch": {"alpha": 0.2, "beta": 0.9, "exponent": 0.6, "over": "batch"},
    "cross_entropy_dice": {},
    "cross_entropy_dice weighted": {**WEIGHTED, "dice_weight": 0.3, "over": "batch"},
}


def masks_and_scores(rng):
    """Masks (3, 12, 20) of 5 classes with void pixels, the last image all void, and logits for them."""
    masks = rng.integers(0, 5, (3, 12, 20)).astype(np.uint8)
    masks[rng.random(masks.shape) < 0.2] = VOID
    masks[2] = VOID
    return masks, rng.normal(0, 3, (*masks.shape, 5)).astype(np.float32)


def gradient(function, x):
    """Derivative of a function's one number with respect to x, by the backend's own means."""
    if BACKEND == "jax":
        import jax

        return jax.grad(function)(x)
    if BACKEND == "torch":
        x = keras.ops.convert_to_tensor(x).requires_grad_()
        function(x).backward()
        return x.grad
    import tensorflow as tf

    with tf.GradientTape() as tape:
        tape.watch(x := tf.convert_to_tensor(x))
        value = function(x)
    return tape.gradient(value, x)


def of_losses(rng):
    masks, logits = masks_and_scores(rng)
    probabilities = np.exp(logits) / np.exp(logits).sum(-1, keepdims=True)
    for case, options in CASES.items():
        loss = losses.SegmentationLoss(case.split()[0], ignore_class=VOID, **options)
        function = losses.LOSSES[loss.function]
        yield f"loss/{case}", function(masks, logits, **loss.options)
        yield f"loss/{case} from probabilities", function(masks, probabilities, from_logits=False, **loss.options)
        yield f"gradient/{case}", gradient(lambda x, loss=loss: loss(masks, x), logits)


def of_metrics(rng):
    metric = training.MeanIoU(5, ignore_class=VOID)
    for update in (1, 2):
        metric.update_state(*masks_and_scores(rng))
        yield f"metric/mean IoU after {update}", metric.result()
    yield "metric/confusion", metric.confusion


def weighted(model, rng):
    """The model with weights from NumPy: kernels that keep the size of what passes, all others near 1."""
    for weight in model.weights:
        shape = weight.shape
        size = np.sqrt(2 / np.prod(shape[:-1]))
        weight.assign(rng.normal(0, size, shape) if len(shape) > 1 else rng.uniform(0.5, 1.5, shape))
    return model


def of_models(rng):
    images = rng.integers(0, 256, (2, 32, 48, 1)).astype(np.uint8)
    classifier = weighted(models.article_cnn(), rng)
    yield "model/article_cnn", classifier.predict_on_batch(images[:, :28, :28])
    yield "model/fully_convolutional", models.fully_convolutional(classifier).predict_on_batch(images)


def of_steps(model, optimizer, rng):
    """Two training steps: what they report, the weights and averages that they leave, and what these predict."""
    images = rng.integers(0, 256, (2, 16, 32, 1)).astype(np.uint8)  # few: see test_backends.py on kinks
    masks = np.where(rng.random((2, 16, 32)) < 0.2, VOID, images[..., 0] // 52)
    loss = losses.SegmentationLoss("cross_entropy_dice", ignore_class=VOID, **WEIGHTED)
    model.compile(optimizer, loss, metrics=[training.MeanIoU(5, ignore_class=VOID)])
    name = f"step/{type(optimizer).__name__}"
    yield f"{name} before", model.predict_on_batch(images)
    for step in (1, 2):
        for key, value in model.train_on_batch(images, masks, return_dict=True).items():
            yield f"{name} {key} {step}", value
    for weight in model.weights:
        yield f"{name} {weight.path}", weight
    yield f"{name} after", model.predict_on_batch(images)


def main(folder):
    folder = Path(folder)
    course.set_seed(0, deterministic=True)
    rng = np.random.default_rng(7)
    numbers = {**dict(of_losses(rng)), **dict(of_metrics(rng)), **dict(of_models(rng))}
    pixelwise = keras.Sequential([keras.Input((None, None, 1)), keras.layers.Conv2D(5, 3, padding="same")])
    unet = weighted(models.unet(5, width=4), rng)
    numbers |= of_steps(weighted(pixelwise, rng), keras.optimizers.Adam(0.01), rng)
    numbers |= of_steps(unet, keras.optimizers.SGD(0.1, momentum=0.9), rng)
    if BACKEND == "tensorflow":
        unet.save(folder / "best.keras")
    images = rng.integers(0, 256, (2, 32, 16, 1)).astype(np.uint8)
    numbers["loaded"] = training.load_best(folder).predict_on_batch(images)
    np.savez(folder / f"{BACKEND}.npz", **{k: keras.ops.convert_to_numpy(v) for k, v in numbers.items()})


if __name__ == "__main__":
    main(sys.argv[1])
