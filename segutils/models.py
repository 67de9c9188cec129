"""The course's networks: the article's digit classifier, the same as a fully convolutional net, and a U-Net.

All take raw pixels (0 to 255; the scaling is part of the model, so it can't be forgotten) and give logits.
"""

import keras
import numpy as np

from segutils.plumbing.arguments import check_choice
from segutils.plumbing.fused import FusedBatchNormalization

layers = keras.layers


def article_cnn(classes=10, *, input_shape=(28, 28, 1)):
    """The article's classifier: two convolutions, two poolings, one dense layer; 34,826 parameters.

    The article ends in a softmax; here the last layer gives logits and the loss takes the softmax (notebook 5).

    Args: classes: how many; input_shape: (H, W, C) of the images.
    Returns: keras.Model from (B, H, W, C), 0 to 255, to (B, classes) logits.
    >>> article_cnn().count_params()
    34826
    """
    return keras.Sequential(
        [
            keras.Input(input_shape),
            layers.Rescaling(1 / 255),
            layers.Conv2D(32, 3, activation="relu"),
            layers.MaxPooling2D(2),
            layers.Conv2D(64, 3, activation="relu"),
            layers.MaxPooling2D(2),
            layers.Flatten(),
            layers.Dense(classes),
        ],
        name="article_cnn",
    )


def fully_convolutional(classifier):
    """A classifier turned into a network for images of any size: one set of scores for each place of its window.

    Flatten goes. The first dense layer becomes a convolution whose kernel covers the whole map that was flattened, the
    later ones become 1×1 convolutions; the weights are the same numbers, reshaped. If no layer pads, each output pixel
    is what the classifier says to one window; the windows start as many pixels apart as all strides multiply to.

    Args:
        classifier: built keras.Model from (B, H, W, C) whose last layers are a Flatten and then Dense layers only.
    Returns: keras.Model from (B, H', W', C), any H' >= H and W' >= W, to (B, rows, columns, classes), with weights of
        its own. From article_cnn(), which sees 26 of its 28 rows: rows = floor((H' - 26) / 4) + 1, and columns alike.
    Raises: ValueError for a model that does not end so.
    Source: Long et al. 2015, arXiv:1411.4038.
    >>> fully_convolutional(article_cnn()).output_shape[-1]
    10
    """
    chain, inputs = getattr(classifier, "layers", []), getattr(classifier, "inputs", None) or []
    last = max((i for i, layer in enumerate(chain) if isinstance(layer, layers.Flatten)), default=len(chain))
    tail = chain[last + 1 :]
    flattens_a_map = tail and len(inputs) == 1 and len(chain[last].input.shape) == 4
    if not flattens_a_map or not all(isinstance(layer, layers.Dense) for layer in tail):
        ends = ", ".join(type(layer).__name__ for layer in chain[-3:]) or type(classifier).__name__
        cure = "give it an Input, so that it is built, and end it as article_cnn() ends"
        raise ValueError(f"expected a model that ends in Flatten of (H, W, C), Dense; got one with {ends}; {cure}")
    copy = keras.models.clone_model(classifier)
    copy.set_weights(classifier.get_weights())
    flatten, *tail = copy.layers[last:]
    images = keras.Input((None, None, inputs[0].shape[-1]))
    x = keras.Model(copy.inputs[0], flatten.input).call(images)  # itself it would take images of its own size only
    size = flatten.input.shape[1:3]
    for dense in tail:
        convolution = layers.Conv2D(dense.units, size, activation=dense.activation, use_bias=dense.use_bias)
        x = convolution(x)
        matrix, *bias = dense.get_weights()
        convolution.set_weights([matrix.reshape(convolution.kernel.shape), *bias])
        size = 1
    return keras.Model(images, x, name=f"{classifier.name}_fully_convolutional")


def unet(classes, *, channels=1, width=16, stem=2, attention=0):
    """A U-Net (Ronneberger et al. 2015, arXiv:1505.04597), shaped for small images and two processor cores.

    Besides the U of levels with their skip connections it has
    - a strided stem: the first convolution halves the resolution, where the costly work is done;
    - additive skips, which need half the multiplications of concatenated ones;
    - class scores of two depths, summed as in an FCN (Long et al. 2015, arXiv:1411.4038): coarse ones, which know
      the object and are enlarged smoothly, so that neighbours vote together, and fine ones, which know the outline.

    Args:
        classes: number of classes.
        channels: of the input images.
        width: filters of the first level; the three below have 4, 6 and 6 times as many.
        stem: stride of the first convolution; 1 keeps every pixel, at about twice the time.
        attention: heads of a self-attention over all places of the coarsest level (notebook 14); 0: none.
    Returns: keras.Model from (B, H, W, channels), 0 to 255, to (B, H, W, classes) logits;
        H and W must be multiples of 8 stem, else it raises a ValueError.
    Raises: ValueError if stem is neither 1 nor 2, or the heads do not divide the filters of the coarsest level.
    >>> unet(3).output_shape
    (None, None, None, 3)
    """
    check_choice("stem", stem, (1, 2))
    widths = (width, 4 * width, 6 * width, 6 * width)
    if attention < 0 or (attention and widths[-1] % attention):
        raise ValueError(f"attention must be a number of heads that divides {widths[-1]}, or 0; got {attention}; try 4")
    inputs = keras.Input((None, None, channels))
    pixels = layers.Rescaling(1 / 127.5, offset=-1)(MultipleOf(8 * stem)(inputs))

    x = layers.Conv2D(width, 5, strides=stem, padding="same")(pixels)
    skips = []
    for level, convolutions in enumerate((1, 2, 1, 1)):  # down, to see far
        if level:
            skips.append(x)
            x = layers.MaxPooling2D(2)(x)
        for _ in range(convolutions):
            x = normalised(layers.Conv2D(widths[level], 3, padding="same", use_bias=False)(x))
    if attention:  # each place asks all others
        asked = layers.MultiHeadAttention(attention, widths[-1] // attention)(x, x)
        x = FusedBatchNormalization(momentum=0.9)(layers.Add()([x, asked]))
    for level in (2, 1, 0):  # up, to see sharp
        x = layers.Conv2DTranspose(widths[level], 2, strides=2)(x)
        x = layers.Add()([x, skips.pop()])
        x = normalised(layers.Conv2D(widths[level], 3, padding="same", use_bias=False)(x))
        if level == 1:
            enlarge = {"strides": 2 * stem, "padding": "same", "use_bias": False, "kernel_initializer": Bilinear()}
            coarse = layers.Conv2DTranspose(classes, 4 * stem, **enlarge)(layers.Conv2D(classes, 1)(x))

    if stem == 2:  # back to every pixel
        x = layers.Conv2DTranspose(width, 2, strides=2)(x)
        x = layers.ReLU()(layers.Add()([x, layers.Conv2D(width, 3, padding="same")(pixels)]))
    fine = layers.Conv2D(classes, 1)(x)
    return keras.Model(inputs, layers.Add()([coarse, fine]), name="unet")


def normalised(x):
    """Batch normalisation, whose averages keep up with a short training (momentum 0.9), then ReLU.

    Args: x: (B, H, W, C) tensor. Returns: the same shape, >= 0.
    >>> normalised(keras.Input((8, 8, 3))).shape
    (None, 8, 8, 3)
    """
    return layers.ReLU()(FusedBatchNormalization(momentum=0.9)(x))


@keras.saving.register_keras_serializable("segutils")
class Bilinear(keras.initializers.Initializer):
    """First weights of a transposed convolution: it enlarges each channel linearly, until training knows better.

    For a kernel of twice the stride. Formula: w[i, j, c, c] = (1 - |i - m| / s) (1 - |j - m| / s) with stride s,
    middle m = s - 1/2, and 0 between two channels.
    Source: Long et al. 2015, arXiv:1411.4038, section 3.3.
    >>> float(Bilinear()((4, 4, 1, 1))[1, 1, 0, 0])
    0.5625
    """

    def __call__(self, shape, dtype=None):
        rows, columns = (1 - np.abs((np.arange(side) + 0.5) / (side / 2) - 1) for side in shape[:2])
        kernel = np.outer(rows, columns)[:, :, None, None] * np.eye(*shape[2:])
        return keras.ops.convert_to_tensor(kernel, dtype or keras.config.floatx())


@keras.saving.register_keras_serializable("segutils")
class MultipleOf(keras.layers.Layer):
    """Passes images on, if their height and width are multiples of a number, and else says how to pad them.

    A size that is not known when the model is traced (after `predict` saw several) can't be checked.
    >>> MultipleOf(16).multiple
    16
    """

    def __init__(self, multiple, **options):
        super().__init__(**options)
        self.multiple = multiple

    def __call__(self, images, **options):
        size = tuple(images.shape[1:3])
        if any(side is not None and side % self.multiple for side in size):
            padded = tuple(side + -side % self.multiple for side in size)
            raise ValueError(f"height and width must be multiples of {self.multiple}, got {size}; pad to {padded}")
        return super().__call__(images, **options)

    def call(self, images):
        return images

    def get_config(self):
        return {**super().get_config(), "multiple": self.multiple}
