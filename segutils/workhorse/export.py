"""The model for others: plain Keras, which loads without this course, ONNX, TFLite (in eight bits, too), or SavedModel.

What leaves is the forward pass: raw pixels (0 to 255) in, logits of each class out; no loss, no optimizer. Where the
network learned objects there is a second output: how deep each pixel lies in its own object, 0 at its rim, 1 in its
middle. The classes stay an output of their own, so that nobody takes the depth for one more class.
"""

import contextlib
import logging
import tempfile
import warnings
from functools import partial
from pathlib import Path

import keras
import numpy as np

from segutils import models
from segutils.plumbing import fused, quiet
from segutils.plumbing.arguments import check_choice
from segutils.plumbing.storage import atomic_write
from segutils.workhorse import options

KINDS = {"onnx": "model.onnx", "tflite": "model.tflite", "int8": "model_int8.tflite", "saved_model": "saved_model"}


def plain(model, *, depth=False):
    """The same network of Keras's own layers alone, with the same weights: what Keras loads without segutils.

    The check of sizes goes, fused batch normalisation becomes Keras's own, the first weights' rule is left out.
    Args:
        model: built keras.Model of this course, from its own layers or Keras's.
        depth: its last channel is the logit of the depth, which becomes an output of its own.
    Returns: keras.Model, not compiled; its answers are the same: (B, H, W, classes) logits, and with `depth` a list of
        them and (B, H, W, 1) depths in [0, 1].
    """

    def replace(layer):
        config = layer.get_config()
        if isinstance(layer, models.MultipleOf):
            return keras.layers.Identity(name=layer.name)
        if isinstance(layer, fused.FusedBatchNormalization):
            return keras.layers.BatchNormalization.from_config(config)
        if isinstance(getattr(layer, "kernel_initializer", None), models.Bilinear):
            return type(layer).from_config({**config, "kernel_initializer": "zeros"})
        return type(layer).from_config(config)

    copy = keras.models.clone_model(model, clone_function=replace)
    copy.set_weights(model.get_weights())
    scores = copy.outputs[0]
    outputs = [scores[..., :-1], keras.ops.sigmoid(scores[..., -1:])] if depth else scores
    return keras.Model(copy.inputs[0], outputs, name=model.name)  # without what Keras clones of the training


def save_plain(model, path, *, depth=False):
    """Write `plain(model, depth=depth)` as a .keras file, all or nothing. Returns: the path."""
    path = Path(path)
    with atomic_write(path) as temporary:
        plain(model, depth=depth).save(temporary)
    return path


def export(model, folder, kind, *, size=None, depth=False, examples=()):
    """Write a model for other programs, all or nothing.

    Args:
        model, depth: as `plain`.
        folder: where to write. kind: "onnx", "tflite", "int8" or "saved_model". "int8" is TFLite, with weights and
            what layers pass on in eight bits; images and logits stay float32.
        size: (height, width) of the images, multiples of the network's; None: any size, where the format can.
            TFLite fixes the batch to one image. In eight bits one size is answered in two thirds of the time.
        examples: of "int8", images that the ranges of eight bits are chosen by, (H, W, C) from 0 to 255, such as
            crops of training images; H and W are multiples of the network's.
    Returns: path of what was written: model.onnx, model.tflite, model_int8.tflite, or the folder saved_model.
    Raises: ValueError for an unknown kind, or examples that no range can be chosen by; ImportError that says what to
        install.
    """
    check_choice("kind", kind, tuple(KINDS))
    if missing := options.missing_for(kind):
        raise ImportError(missing)
    if kind == "int8":
        examples = [_checked_example(example, model, size) for example in examples]
        if not examples:
            raise ValueError("expected examples to choose int8's ranges by, got none; give crops of training images")
    path, copy = Path(folder) / KINDS[kind], plain(model, depth=depth)
    path.parent.mkdir(parents=True, exist_ok=True)
    ways = {"onnx": _onnx, "tflite": _tflite, "int8": partial(_tflite, examples=examples), "saved_model": _saved_model}
    with _without_log():
        ways[kind](copy, path, size)
    return path


def _checked_example(example, model, size):
    """An image as float32 (1, H, W, C). Raises: ValueError for another shape, or values that would spoil a range."""
    values, channels = np.asarray(example, np.float32), model.input_shape[-1]
    multiple = max([1, *(layer.multiple for layer in model.layers if isinstance(layer, models.MultipleOf))])
    whole = values.ndim == 3 and values.size and not any(side % multiple for side in values.shape[:2])
    if not whole or values.shape[-1] != channels or (size and values.shape[:2] != tuple(size)):
        sides = ", ".join(map(str, size or (f"multiple of {multiple}", f"multiple of {multiple}")))
        raise ValueError(f"expected examples of shape ({sides}, {channels}), got {values.shape}; cut or pad them")
    if not (np.isfinite(values).all() and values.min() >= 0 and values.max() <= 255):
        found = f"{values.min():g} to {values.max():g}"
        raise ValueError(f"expected examples with values from 0 to 255, got {found}; give them as in training")
    return values[None]


@contextlib.contextmanager
def _without_log():
    """Hold back what TensorFlow tells of an export that goes well."""

    def news(record):
        return not record.getMessage().startswith("Assets written to: ")

    logger = logging.getLogger("tensorflow")
    logger.addFilter(news)
    try:
        with quiet.noise_suppressed(quiet.EXPORT_NOISE):
            yield
    finally:
        logger.removeFilter(news)


def _signature(model, size, number=None):
    """What a model takes: so many images, None for any number, of a size, None for any height and width."""
    return [
        keras.InputSpec(shape=(number, *(size or (None, None)), model.input_shape[-1]), dtype="float32", name="image")
    ]


def _onnx(model, path, size):
    with atomic_write(path) as temporary, warnings.catch_warnings():
        warnings.filterwarnings(
            "ignore", "In the future `np.object`", FutureWarning
        )  # Keras mends tf2onnx by that name
        model.export(temporary, format="onnx", input_signature=_signature(model, size), verbose=False)


def _tflite(model, path, size, examples=()):
    import tensorflow as tf

    with tempfile.TemporaryDirectory() as folder:
        model.export(folder, format="tf_saved_model", input_signature=_signature(model, size, 1), verbose=False)
        converter = tf.lite.TFLiteConverter.from_saved_model(folder)
        if examples:
            converter.optimizations = [tf.lite.Optimize.DEFAULT]
            converter.representative_dataset = lambda: ([example] for example in examples)
        content = converter.convert()
    with atomic_write(path) as temporary:
        temporary.write_bytes(content)


def _saved_model(model, path, size):
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=".saved_model-") as temporary:
        made = Path(temporary) / "new"
        model.export(made, format="tf_saved_model", input_signature=_signature(model, size), verbose=False)
        if path.exists():
            path.rename(Path(temporary) / "old")  # a folder can't be replaced in one step, but none is ever half
        made.rename(path)
