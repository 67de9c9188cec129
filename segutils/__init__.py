"""Helpers of the image-segmentation course: digits and scenes in, a trained and measured model out.

`import segutils` is free: a module is loaded when it is first used (PEP 562), so TensorFlow, NumPy and
matplotlib cost nothing until they are needed.
"""

import importlib

__version__ = "0.1.0"
__all__ = [
    "alt_text",
    "checks",
    "classroom",
    "course",
    "digits",
    "doctor",
    "exercises",
    "folder",
    "grading",
    "keep",
    "losses",
    "metrics",
    "models",
    "objects",
    "plots",
    "reference",
    "repair",
    "samples",
    "sandbox",
    "scenes",
    "stamp",
    "sweep",
    "tiling",
    "training",
    "transforms",
    "widgets",
]


def __getattr__(name):
    if name in __all__:
        return importlib.import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__():
    return sorted([*globals(), *__all__])
