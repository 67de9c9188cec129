"""Networks of Keras Applications, trained on photographs (ImageNet), as the U-Net's way down.

Their weights come from Keras's cache (~/.keras/models, or below KERAS_HOME), or are downloaded into it. At first they
are frozen and only the way up learns; then all learns together, but for the averages of batch normalisation, which a
few images would spoil. These networks weigh their channels by averages over the whole image, so tiles of an image are
not exactly what the whole image is to them.
"""

import keras

from segutils import models
from segutils.plumbing.arguments import check_choice
from segutils.workhorse.weights import ENCODERS, find_weights

layers = keras.layers
STRIDES = (2, 4, 8, 16)  # how many pixels of the image one of a map is wide, for the maps that are taken


def unet(name, classes, *, channels=3, weights="imagenet", width=16):
    """A U-Net whose way down is a pretrained network; its way up is like that of models.unet.

    Args:
        name: one of ENCODERS. classes: how many.
        channels: of the images; 1 is given three times, another number is mixed to three by a 1×1 convolution.
        weights: "imagenet", or None for random ones.
        width: filters of the finest level of the way up; the coarser ones have 2, 4 and 6 times as many.
    Returns: keras.Model from (B, H, W, channels), 0 to 255, to (B, H, W, classes) logits, H and W multiples of 16.
        The encoder is frozen; `release` lets it learn.
    Raises: ValueError for an unknown name or weights of another network; OSError if they can't be fetched.
    """
    check_choice("ENCODER", name, tuple(ENCODERS))
    check_choice("weights", weights or "none", ("imagenet", "none"))
    inputs = keras.Input((None, None, channels))
    checked = models.MultipleOf(STRIDES[-1])(inputs)
    pixels = layers.Rescaling(1 / 127.5, offset=-1)(checked)
    if channels == 1:
        colour = layers.Concatenate()([checked] * 3)
    else:
        colour = checked if channels == 3 else layers.Conv2D(3, 1, kernel_initializer="he_normal")(checked)
    *skips, x = way_down(name, weights)(colour)

    widths = (width, 2 * width, 4 * width, 6 * width)
    x = models.normalised(layers.Conv2D(widths[3], 1, use_bias=False)(x))
    for level in (2, 1, 0):
        x = layers.Conv2DTranspose(widths[level], 2, strides=2)(x)
        x = layers.Add()([x, layers.Conv2D(widths[level], 1)(skips[level])])
        x = models.normalised(layers.Conv2D(widths[level], 3, padding="same", use_bias=False)(x))
        if level == 1:
            enlarge = {"strides": 4, "padding": "same", "use_bias": False, "kernel_initializer": models.Bilinear()}
            coarse = layers.Conv2DTranspose(classes, 8, **enlarge)(layers.Conv2D(classes, 1)(x))
    x = layers.Conv2DTranspose(width, 2, strides=2)(x)
    x = layers.ReLU()(layers.Add()([x, layers.Conv2D(width, 3, padding="same")(pixels)]))
    fine = layers.Conv2D(classes, 1)(x)
    return keras.Model(inputs, layers.Add()([coarse, fine]), name=f"unet_{name}")


def way_down(name, weights):
    """The network's last map at each of STRIDES, as a frozen keras.Model from (B, H, W, 3), 0 to 255."""
    network = getattr(keras.applications, name)(include_top=False, weights=None, input_shape=(None, None, 3))
    if weights:
        path = find_weights(name)
        try:
            network.load_weights(path)
        except (ValueError, OSError, KeyError) as error:
            cure = "delete it, and it will be fetched again"
            raise ValueError(f"expected weights of {name} in {path.name}, got others ({error}); {cure}") from error
    kept = [layer for layer in network.layers if not isinstance(layer, layers.InputLayer)]
    side = 2 * STRIDES[-1] ** 2
    shapes = keras.Model(network.inputs, [layer.output for layer in kept]).compute_output_shape((1, side, side, 3))
    last = {side / shape[1]: layer for shape, layer in zip(shapes, kept, strict=True)}  # a later one takes the place
    encoder = keras.Model(network.inputs, [last[stride].output for stride in STRIDES], name=name)
    encoder.trainable = False
    return encoder


def release(model):
    """Let the encoder learn, but for its batch normalisation. Returns: the model, which is to be compiled anew."""
    for layer in model.layers:
        if layer.name in ENCODERS:
            layer.trainable = True
            for part in layer.layers:
                part.trainable = not isinstance(part, layers.BatchNormalization)
    return model
