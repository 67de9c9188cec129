"""Helpers of the image-segmentation course: digits and scenes in, a trained and measured model out.

Data
    digits      handwritten digits: MNIST, or the 1,797 inside scikit-learn; split before anything is made from them
    scenes      several digits on one canvas, with a class and an object number for every pixel
    textures    mosaics of real textures from photographs: scenes that are no toy
    transforms  augmentation of image and mask together, and batches that a seed decides
    dataset     your own images and masks: found, paired, examined, split, read

By hand
    reference   convolution, pooling, dense layers, losses, optimizers and their gradients: NumPy alone

Model
    models      the article's classifier, its fully convolutional form, and a U-Net
    losses      cross-entropy, focal, Dice, Tversky, with class weights and void pixels
    training    one `fit` that resumes where it was stopped, and keeps the best model
    tiling      predictions of images larger than memory

Judge
    metrics     IoU, Dice, recall, precision, boundaries, calibration, with intervals
    objects     from classes to objects that can be counted, and how many were found

Show
    plots       images, masks, curves and bars, safe for colour-blind readers

Notebooks
    course      parameters that are checked, seeds, errors that teach, run folders
    lessons     a module for each notebook: its figures, its explorer and its exercise

`import segutils` is free: a module is loaded when it is first used (PEP 562), so TensorFlow, NumPy and matplotlib cost
nothing until they are needed. Afterwards `import keras` and `import tensorflow` start without their usual noise, and
with oneDNN on every processor that has it.
"""

import importlib

from segutils.plumbing import quiet

__version__ = "1.0.0"
__all__ = [
    *("digits", "scenes", "textures", "transforms", "dataset"),
    *("reference",),
    *("models", "losses", "training", "tiling"),
    *("metrics", "objects"),
    *("plots",),
    *("course", "lessons"),
]

quiet.install()


def __getattr__(name):
    if name in __all__:
        return importlib.import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}; it has {', '.join(__all__)}")


def __dir__():
    return sorted(name for name in globals() if name.startswith("__")) + __all__
