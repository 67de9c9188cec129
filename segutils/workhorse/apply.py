"""A finished run used again: what its model needs to know, and masks of new images of any size."""

import contextlib
import json
import tempfile
from pathlib import Path
from typing import NamedTuple

import numpy as np

from segutils.dataset.classes import Classes
from segutils.dataset.files import Files
from segutils.dataset.windows import MAX_PIXELS
from segutils.plumbing.storage import write_json
from segutils.workhorse import counting, progress
from segutils.workhorse.asked import is_model
from segutils.workhorse.keep import Keeper
from segutils.workhorse.large import Layer, OnDisk, open_large
from segutils.workhorse.predict import Predictor, Prepared
from segutils.workhorse.recipe import prepare

FILE, MODEL = "model.json", "model.keras"  # beside the model in a run folder
FEW = 6  # new images that are shown


class Settings(NamedTuple):
    """What a model was trained for, so that new images are treated as the old ones were.

    classes: dataset.Classes. names: of the classes. background: number of that class, or None. channels, contrast: of
    the images. tile, margin, multiple, turns: as Predictor. rule: counting.Rule, or None where objects are not counted.
    depth: the model tells how deep each pixel lies in its object, too.
    """

    classes: Classes
    names: list
    background: int | None
    channels: int
    contrast: str
    tile: int
    margin: int
    multiple: int
    rule: counting.Rule | None = None
    turns: bool = False
    depth: bool = False

    def save(self, folder):
        """Write them into a run folder."""
        write_json(Path(folder) / FILE, {**self._asdict(), "classes": self.classes._asdict(), "rule": self._rule()})

    def _rule(self):
        return None if self.rule is None else self.rule._asdict()

    def predictor(self, model):
        """A Predictor of a model, by these settings."""
        options = {"margin": self.margin, "multiple": self.multiple, "turns": self.turns, "depth": self.depth}
        return Predictor(model, tile=self.tile, **options)


def load_settings(folder):
    """The Settings of a run folder. Raises: ValueError if it holds none."""
    path = Path(folder) / FILE
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        about = found.pop("classes")
        classes = Classes(about["kind"], tuple(about["values"]), about["void"])
        rule = found.pop("rule")
        rule = rule and counting.Rule(**{**rule, "why": tuple(rule["why"])})
        return Settings(classes=classes, rule=rule, **found)
    except (OSError, ValueError, KeyError, TypeError) as error:
        cure = "name the folder of a finished `python -m segutils segment`"
        raise ValueError(f"expected {FILE} of a finished run in {folder}, got none that can be read; {cure}") from error


def files_and_settings(run, images, *, coco=False):
    """The new images, as dataset.Files, and the Settings of a run.

    Args: run: its folder. images: folder or zip. coco: objects are asked for.
    Raises: ValueError if one is not there, or the run counts no objects and they are asked for.
    """
    settings = load_settings(run)
    if coco and settings.rule is None:
        cure = "leave out --coco, or train with OBJECTS on and a BACKGROUND"
        raise ValueError(f"--coco needs a run that counts objects, and {run} counts none; {cure}")
    if not is_model(Path(run) / MODEL):
        cure = "name the folder of a finished run, or copy it again"
        raise ValueError(f"expected {MODEL} of a finished run in {run}, got none that can be opened; {cure}")
    return Files(images), settings


def predict_run(run, files, settings, folder, **options):
    """Predict new images with the model of a run folder; options as predict_new. Returns: how many, and skipped."""
    import keras

    model = keras.saving.load_model(Path(run) / MODEL, compile=False, safe_mode=True)
    count, _, skipped = predict_new(files, model, settings, folder, **options)
    return count, skipped


def predict_new(files, model, settings, folder, *, probabilities=False, coco=False):
    """Predict images without masks; write masks, overlays and what else is asked for, each image by itself.

    Args:
        files: dataset.Files. model: keras.Model. settings: Settings. folder: where to write.
        probabilities: also a 16-bit TIFF of all classes. coco: also coco.json, where objects are counted.
    Returns: (number of images, [(name, overlay)] of the first few, [(name, why it can't be read)] of those skipped).
    Raises: ValueError if none can be read.
    """
    predictor, shown, skipped = settings.predictor(model), [], []
    about = {"background": settings.background, "rule": settings.rule, "coco": coco}
    with Keeper(Path(folder), settings.classes, settings.names, **about) as keeper:
        for name in progress.walk(files.names, "predicted"):
            with contextlib.ExitStack() as held:
                try:
                    image = open_large(files, name, channels=settings.channels)
                except ValueError as error:  # one bad file must not cost the masks of a thousand good ones
                    skipped.append((name, str(error)))
                    if len(skipped) == len(files.names):
                        raise ValueError(f"no image can be read; {skipped[0][0]}: {skipped[0][1]}") from error
                    continue
                large = np.prod(image.shape[:2]) > MAX_PIXELS
                image = Prepared(image, settings.contrast) if large else prepare(image, settings.contrast)
                room = held.enter_context(_room(folder)) if large else None
                found = predictor(image, out=_on_disk(room, "mask", (*image.shape[:2], predictor.layers)))
                scores = None
                if probabilities:
                    out = _on_disk(room, "scores", (*image.shape[:2], len(settings.names)))
                    scores = predictor.probabilities(image, out=out)
                mask = Layer(found) if large else found[..., 0].astype(np.uint8)
                depth = found[..., 2] if settings.depth and not large else None
                _, laid = keeper.add(name, image, mask, depth=depth, probabilities=scores)
                if len(shown) < FEW:
                    shown.append((name, laid))
    return keeper.count, shown, skipped


def told_of(count, skipped, place):
    """Sentences on what was predicted and what was not, one a line; those on bad files are not more than ten."""
    lines = [f"{count} image{'s' * (count != 1)} predicted: {place}"]
    if skipped:
        lines[0] += f"; {len(skipped)} skipped"
        lines += [f"skipped {name}: {why}" for name, why in skipped[:9]]
        lines += [f"… and {len(skipped) - 9} more"] * (len(skipped) > 9)
    return lines


def _room(folder):
    Path(folder).mkdir(parents=True, exist_ok=True)
    return tempfile.TemporaryDirectory(dir=folder, prefix=".large-")


def _on_disk(room, name, shape):
    """An array in a file, for what memory should not hold; None where it may."""
    return None if room is None else OnDisk(Path(room) / name, shape)
