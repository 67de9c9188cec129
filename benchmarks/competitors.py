"""What people would use instead, written from the published descriptions, for the benchmarks alone.

Each takes scenes as they are (0 to 255, scaled inside as the models of the course do) and gives logits.
"""

import keras

from segutils import models
from segutils.plumbing.fused import FusedBatchNormalization

layers = keras.layers


def textbook_unet(classes, *, channels=1, width=16, depth=3, normalise=layers.BatchNormalization):
    """The U-Net of textbooks: two 3×3 convolutions a level, max pooling, concatenated skips (arXiv:1505.04597).

    With batch normalisation after each convolution, as nearly everyone uses it today, and padding.
    """

    def block(x, filters):
        for _ in range(2):
            x = layers.Conv2D(filters, 3, padding="same")(x)
            x = layers.ReLU()(normalise()(x))
        return x

    inputs = keras.Input((None, None, channels))
    x, skips = layers.Rescaling(1 / 255)(inputs), []
    for level in range(depth):
        x = block(x, width * 2**level)
        skips.append(x)
        x = layers.MaxPooling2D(2)(x)
    x = block(x, width * 2**depth)
    for level in reversed(range(depth)):
        x = layers.Conv2DTranspose(width * 2**level, 2, strides=2)(x)
        x = block(layers.Concatenate()([skips[level], x]), width * 2**level)
    return keras.Model(inputs, layers.Conv2D(classes, 1)(x), name="textbook_unet")


def keras_site_unet(classes):
    """The network of "Image segmentation with a U-Net-like architecture" (F. Chollet, keras.io, 2019/2020).

    An Xception-like way down (separable convolutions, strided residuals), transposed convolutions on the way up,
    no skips across. Logits here, where the example ends in a softmax: the same function, told to the loss.
    """
    inputs = keras.Input((None, None, 1))
    x = layers.Conv2D(32, 3, strides=2, padding="same")(layers.Rescaling(1 / 255)(inputs))
    x = before = layers.ReLU()(layers.BatchNormalization()(x))
    for filters in (64, 128, 256):
        for _ in range(2):
            x = layers.SeparableConv2D(filters, 3, padding="same")(layers.ReLU()(x))
            x = layers.BatchNormalization()(x)
        x = layers.MaxPooling2D(3, strides=2, padding="same")(x)
        x = before = layers.Add()([x, layers.Conv2D(filters, 1, strides=2, padding="same")(before)])
    for filters in (256, 128, 64, 32):
        for _ in range(2):
            x = layers.Conv2DTranspose(filters, 3, padding="same")(layers.ReLU()(x))
            x = layers.BatchNormalization()(x)
        beside = layers.Conv2D(filters, 1, padding="same")(layers.UpSampling2D(2)(before))
        x = before = layers.Add()([layers.UpSampling2D(2)(x), beside])
    return keras.Model(inputs, layers.Conv2D(classes, 3, padding="same")(x), name="keras_site_unet")


def unet_but(
    classes,
    *,
    widths=(16, 64, 96, 96),
    convolutions=(1, 2, 1, 1),
    stem="strided",
    skips="added",
    scores="both",
    enlarge="smooth",
    fused=True,
):
    """segutils.models.unet with one of its decisions taken back, for the ablation; with none it is that network.

    Args:
        widths, convolutions: filters of each level, and how many convolutions it has on the way down.
        stem: "strided", or "full": the first level works on every pixel.
        skips: "added" or "concatenated".
        scores: "both", or "fine" alone.
        enlarge: how coarse scores become large: "smooth", "random" first weights, or "average" over copied pixels.
        fused: batch normalisation by one kernel; False: by Keras's many.
    """

    def normalised(x, filters):
        x = layers.Conv2D(filters, 3, padding="same", use_bias=False)(x)
        kind = FusedBatchNormalization if fused else layers.BatchNormalization
        return layers.ReLU()(kind(momentum=0.9)(x))

    def join(x, skip):
        return layers.Add()([x, skip]) if skips == "added" else layers.Concatenate()([x, skip])

    width, inputs = widths[0], keras.Input((None, None, 1))
    pixels, across = layers.Rescaling(1 / 127.5, offset=-1)(models.MultipleOf(16)(inputs)), []
    x = layers.Conv2D(width, 5, strides=2 if stem == "strided" else 1, padding="same")(pixels)
    for level, count in enumerate(convolutions):
        if level:
            across.append(x)
            x = layers.MaxPooling2D(2)(x)
        for _ in range(count):
            x = normalised(x, widths[level])
    for level in (2, 1, 0):
        x = layers.Conv2DTranspose(widths[level], 2, strides=2)(x)
        x = normalised(join(x, across.pop()), widths[level])
        if level == 1 and scores == "both":
            coarse = _enlarged(layers.Conv2D(classes, 1)(x), 4 if stem == "strided" else 2, enlarge)
    if stem == "strided":
        x = layers.Conv2DTranspose(width, 2, strides=2)(x)
        x = layers.ReLU()(join(x, layers.Conv2D(width, 3, padding="same")(pixels)))
    fine = layers.Conv2D(classes, 1)(x)
    return keras.Model(inputs, layers.Add()([coarse, fine]) if scores == "both" else fine, name="unet_but")


def _enlarged(scores, factor, how):
    if how == "average":
        scores = layers.UpSampling2D(factor)(scores)
        return layers.AveragePooling2D(factor + 1, strides=1, padding="same")(scores)
    first = models.Bilinear() if how == "smooth" else "glorot_uniform"
    options = {"strides": factor, "padding": "same", "use_bias": False, "kernel_initializer": first}
    return layers.Conv2DTranspose(scores.shape[-1], 2 * factor, **options)(scores)
