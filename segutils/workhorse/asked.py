"""What is asked of a run, looked at before it begins: what can't be done is refused in an instant, not after hours.

Nothing here imports TensorFlow. What only the images can tell (names, void, channels) is refused once they are read.
"""

import re
import zipfile
from pathlib import Path

from segutils.dataset.files import Files, SetError
from segutils.plumbing.parameters import ParameterError
from segutils.workhorse import options, weights

OF_OBJECTS = {"COCO": "no", "SMALLEST": 0, "DISTANCE": 0}  # parameters that ask for objects, and what asks for none


def check(values, output=None):
    """Refuse parameters that no set of images could make right.

    Args: values: all parameters of the workhorse's notebook by name. output: Path of the run folder, or None.
    Raises: ParameterError of one sentence.
    """
    for look in (_check_words, _check_against_each_other, _check_files):
        look(values)
    for name in ("FOLDER", "PREDICT"):
        if output and values[name]:
            check_output(output, values[name], name)
    if values["ENCODER"] and not values["START"]:
        try:
            weights.find_weights(values["ENCODER"])
        except OSError as error:
            raise ParameterError(f"ENCODER: {error}") from None


def check_output(output, images, name):
    """Refuse to write to a file, or into a folder of images, where what is written would be images the next time.

    Args: output: Path. images: folder or zip. name: what the user calls it.
    Raises: ParameterError.
    """
    inside, images = Path(output).resolve(), Path(images).expanduser().resolve()
    if inside.exists() and not inside.is_dir():
        raise ParameterError(f"--output must be a folder, and {inside} is a file; choose another")
    if images.is_dir() and inside.is_relative_to(images):
        why = f"lies in {name}, {images}, and what is written there would be taken for images the next time"
        raise ParameterError(f"the output folder {inside} {why}; choose a folder outside by --output")


def _check_words(values):
    """What is written in a form of its own: an expression, names, numbers with commas between."""
    try:
        re.compile(values["GROUPS"])
    except re.error as error:
        cure = "write a backslash before a character that stands for itself"
        raise ParameterError(
            f"GROUPS must be a regular expression, got {values['GROUPS']!r} ({error}); {cure}"
        ) from None
    for name, read in (("NAMES", options.split_names), ("CLASS_WEIGHTS", options.split_weights)):
        try:
            read(values[name])
        except ValueError as error:
            raise ParameterError(f"{name}: {error}") from None
    if missing := options.missing_for(values["EXPORT"]):
        raise ParameterError(f"EXPORT: {missing}")


def _check_against_each_other(values):
    names, numbers = options.split_names(values["NAMES"]), options.split_weights(values["CLASS_WEIGHTS"])
    if names and isinstance(numbers, tuple) and len(names) != len(numbers):
        cure = "write a number for each name"
        raise ParameterError(f"CLASS_WEIGHTS has {len(numbers)} numbers, but NAMES has {len(names)} names; {cure}")
    asked = [f"{name} {values[name]}" for name, nothing in OF_OBJECTS.items() if values[name] != nothing]
    if values["OBJECTS"] == "off" and asked:
        cure = "leave them out, or OBJECTS"
        raise ParameterError(f"OBJECTS off counts no objects, but {' and '.join(asked)} ask for them; {cure}")
    crops, batch = values["EPOCH_CROPS"], values["BATCH_SIZE"]
    if 0 < crops < batch:
        cure = "make BATCH_SIZE smaller or EPOCH_CROPS larger"
        raise ParameterError(f"EPOCH_CROPS must be at least BATCH_SIZE, {batch}, got {crops}; {cure}")


def _check_files(values):
    """Models and new images that other parameters name."""
    try:
        if values["START"]:
            find_model(values["START"])
    except ValueError as error:
        raise ParameterError(str(error)) from None
    try:
        if values["PREDICT"]:
            Files(values["PREDICT"])
    except SetError as error:
        raise ParameterError(f"PREDICT: {error}") from None


def find_model(start):
    """Path of the .keras file that START names, itself or by its run folder. Raises: ValueError if there is none."""
    path = Path(start).expanduser()
    path = path / "best.keras" if path.is_dir() else path
    if not path.is_file():
        raise ValueError(f"START needs a run folder with best.keras or a .keras file, got {start}")
    if not is_model(path):
        raise ValueError(
            f"START needs a run folder or a .keras file, and {path} is none, or a damaged one; copy it again"
        )
    return path


def is_model(path):
    """True if a file is a .keras file that can be opened, though not that all in it is whole."""
    try:
        with zipfile.ZipFile(path) as archive:
            return {"config.json", "model.weights.h5"} <= set(archive.namelist())
    except (OSError, zipfile.BadZipFile):
        return False
