"""Your own images and masks: a folder or a zip in any common layout → pairs → classes → splits → batches.

Find      Files, find_pairs, arrange, Pair
Examine   inspect, require_usable, duplicates, neighbours
Read      read_image, read_mask, read_pair, read_objects, read_all, random_crops
Classes   Classes, learn_classes
Split     split_by_group, group_names, split_as_given, splits_by_folder, across
Keep      as_stored, overlay, file_name, save_image

Files are data from strangers: only known image formats are opened, sizes are limited before anything is decoded, and
no name from a zip is ever used as a path to write to. `samples` makes folders to try all this on.
"""

import importlib

_HOMES = {
    "files": ("Files", "ChoiceError", "ImageFileError", "SetError"),
    "pairing": ("Pair", "find_pairs", "arrange"),
    "doctor": ("inspect", "require_usable"),
    "similar": ("duplicates", "neighbours"),
    "images": ("open_image", "read_image", "image_values", "mask_values", "save_image"),
    "drawing": ("read_mask",),
    "classes": ("Classes", "learn_classes", "pack_colours", "count_values"),
    "splits": ("split_by_group", "group_names", "split_named", "splits_by_folder", "split_as_given", "across"),
    "loading": ("read_pair", "read_objects", "read_all", "random_crops"),
    "report": ("as_stored", "overlay", "file_name"),
    "samples": ("samples",),
}
_HOME = {name: module for module, names in _HOMES.items() for name in names}
__all__ = list(_HOME)


def __getattr__(name):
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module = importlib.import_module(f"{__name__}.{_HOME[name]}")
    return module if name == _HOME[name] else getattr(module, name)


def __dir__():
    return sorted(name for name in globals() if name.startswith("__")) + __all__
