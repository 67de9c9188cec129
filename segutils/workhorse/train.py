"""One training of the workhorse: from nothing, from an earlier run, or on a pretrained encoder.

best.keras, history.csv, resume-*.npz    as training.fit keeps them
training.json                            the classes, the encoder and the recipe
"""

import csv
import json
import shutil
import time
from pathlib import Path

import keras

from segutils import losses, models, training
from segutils.metrics import VOID
from segutils.plumbing.storage import atomic_write, write_json
from segutils.workhorse.asked import find_model
from segutils.workhorse.crops import Crops, validation_crops
from segutils.workhorse.recipe import slower

ABOUT = "training.json"
FROZEN = "frozen"  # folder of the first part of a training on a pretrained encoder


def train(
    source, parts, recipe, folder, *, classes, depth=False, start="", encoder="", seed=0, patience=0, progress=True
):
    """Train a U-Net on a source's images, or go on where an earlier call was stopped; keep the best of it.

    Args:
        source: images and masks, as `crops` takes them.
        parts: positions of the images in .train and .validation.
        recipe: recipe.Recipe.
        folder: the run folder; made if missing.
        classes: their names, or how many.
        depth: also learn how deep each pixel lies in its own object, as one more channel, the last.
        start: run folder or .keras file of an earlier training, to begin with its weights: all of them if it had the
            same classes, else all but the scores'.
        encoder: name of a pretrained network, see `encoder.ENCODERS`; "" for the course's U-Net.
        seed: int >= 0, of order and augmentation; the first weights follow Keras's own (course.set_seed).
        patience: looks without a better validation score after which training stops; 0: never.
        progress: print one line per look, with the time left.
    Returns: (best model, history): keras.Model from (B, H, W, C), 0 to 255, to (B, H, W, classes) logits, behind them
        that of the depth where it is learned; a list of dicts, one a look.
    Raises: ValueError if `start` does not fit, or as training.fit.
    """
    names = [str(name) for name in classes] if not isinstance(classes, int) else [str(c) for c in range(classes)]
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    crops = Crops(source, parts.train, recipe, seed, depth=depth)
    validation = validation_crops(source, parts.validation, recipe, depth=depth)
    channels, outputs = validation[0].shape[-1], len(names) + depth
    options = {"folder": folder, "patience": patience, "progress": progress}
    earlier = []
    if encoder:
        from segutils.workhorse import encoder as encoders

        given = {"channels": channels, "width": recipe.width}
        model = encoders.unet(encoder, outputs, weights=None if start else "imagenet", **given)
        if not start:
            earlier = _with_frozen_encoder(model, crops, validation, recipe, options)
    else:
        model = models.unet(outputs, channels=channels, width=recipe.width)
    if start:
        said = start_from(model, start, names, depth=depth)
        if progress:
            print(said, flush=True)
    about = {"classes": names, "depth": depth, "encoder": encoder, "recipe": recipe._asdict(), "seed": seed}
    write_json(folder / ABOUT, about)
    if encoder:
        encoders.release(model)
    rate = recipe.learning_rate / slower(start, encoder)
    anew = not (encoder or start)
    history = _fit(model, crops, validation, recipe, rate=rate, anew=anew, first=len(earlier), **options)
    if earlier:
        first, second = (max(row["val_mean_iou"] for row in rows) for rows in (earlier, history))
        if first >= second:  # what the encoder learned beside the rest was no gain
            with atomic_write(folder / "best.keras") as temporary:
                shutil.copyfile(folder / FROZEN / "best.keras", temporary)
        history = earlier + [{**row, "epoch": row["epoch"] + len(earlier)} for row in history]
        _forget_frozen(folder, history)
    return training.load_best(folder), history


def _fit(model, crops, validation, recipe, *, rate, folder, patience, progress, anew=False, epochs=None, first=0):
    """Compile with the recipe's loss and learning rate, and train. anew: from random weights, by Muon."""
    epochs, count = epochs or recipe.epochs, model.output_shape[-1] - crops.depth
    cycle = {"warmup": 0.2, "fall": "line"} if anew else {}
    schedule = training.one_cycle(rate, epochs * crops.steps_per_epoch, **cycle)
    optimizer = (training.ConvolutionMuon if anew else training.FusedAdam)(schedule, beta_2=0.99)
    weights = None if recipe.class_weights is None else list(recipe.class_weights)
    name, options, metric = "cross_entropy_dice", {"over": "batch", "class_weights": weights}, training.MeanIoU
    if crops.depth:
        name, options, metric = "with_distance", {"class_loss": name, "options": options}, ClassesMeanIoU
    loss = losses.SegmentationLoss(name, ignore_class=VOID, **options)
    model.compile(optimizer, loss, metrics=[metric(count, ignore_class=VOID)])
    callbacks = [EarlyStop(folder, patience)] if patience else []
    if progress:
        callbacks.append(TimeLeft(epochs, first))
    options = {"monitor": "val_mean_iou", "mode": "max", "progress": False, "callbacks": callbacks}
    return training.fit(model, crops, validation, epochs=epochs, folder=folder, **options)


@keras.saving.register_keras_serializable("segutils")
class ClassesMeanIoU(training.MeanIoU):
    """Mean IoU of the classes, of targets (B, H, W, 2) and of scores whose last channel is the depth's."""

    def update_state(self, y_true, y_pred, sample_weight=None):
        super().update_state(y_true[..., 0], y_pred[..., :-1], sample_weight)


class EarlyStop(keras.callbacks.Callback):
    """Ends a training after so many looks without a better validation score; the run then counts as finished.

    It reads the scores from history.csv, so a run that was stopped and goes on counts the looks before, too.
    """

    def __init__(self, folder, patience, monitor="val_mean_iou"):
        super().__init__()
        self.folder, self.patience, self.monitor = Path(folder), patience, monitor

    def on_epoch_end(self, epoch, logs=None):
        scores = [float(row[self.monitor]) for row in read_history(self.folder)]
        if len(scores) - 1 - max(range(len(scores)), key=scores.__getitem__) >= self.patience:
            self.model.stop_training = True

    def on_train_end(self, logs=None):
        if self.model.stop_training:
            for path in self.folder.glob("resume-*.npz"):
                path.unlink()


class TimeLeft(keras.callbacks.Callback):
    """Prints a line a look: the scores, and how long the rest takes at the pace so far."""

    def __init__(self, epochs, before=0):
        super().__init__()
        self.epochs, self.before, self.first = epochs, before, None

    def on_epoch_begin(self, epoch, logs=None):
        self.first = self.first or (epoch, time.monotonic())

    def on_epoch_end(self, epoch, logs=None):
        done, passed = epoch + 1 - self.first[0], time.monotonic() - self.first[1]
        left, total = (self.epochs - epoch - 1) * passed / done, self.epochs + self.before
        scores = "  ".join(f"{name} {logs[name]:.3f}" for name in ("loss", "val_loss", "val_mean_iou"))
        rest = f"  about {spell_seconds(left)} left" if left else ""
        print(f"look {epoch + 1 + self.before:>3}/{total}  {scores}{rest}", flush=True)


def spell_seconds(seconds):
    """A time as people say it.

    >>> spell_seconds(3.2), spell_seconds(150), spell_seconds(7300)
    ('4 s', '3 min', '2 h 2 min')
    """
    if seconds < 90:
        return f"{int(seconds) + 1} s"
    hours, minutes = divmod(-(-int(seconds) // 60), 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"


def read_history(folder):
    """The rows of history.csv in a run folder: a list of dicts of numbers; [] if there is none."""
    path = Path(folder) / "history.csv"
    if not path.is_file():
        return []
    with open(path, newline="", encoding="utf-8") as file:
        return [{k: int(v) if k == "epoch" else float(v) for k, v in row.items()} for row in csv.DictReader(file)]


def start_from(model, start, names, *, depth=False):
    """Give a new model the weights of an earlier one, layer by layer: all, or all but the scores' if classes differ.

    Where only one of them learns depths, the classes' weights are kept, and those of the depth are new or left out.
    Args:
        model: keras.Model. start: run folder or .keras file. names: the classes' names.
        depth: behind the classes the model gives the depth.
    Returns: a sentence that says what was kept.
    Raises: ValueError without such a model, or if it is built otherwise.
    """
    path = find_model(start)
    old = keras.saving.load_model(path, compile=False, safe_mode=True)
    before, now = ([layer for layer in net.layers if layer.weights] for net in (old, model))
    about = path.parent / ABOUT
    known = json.loads(about.read_text(encoding="utf-8")) if about.is_file() else {}
    exported = isinstance(old.output_shape, list)  # depths have an output of their own
    knew_depth = exported or known.get("depth", False)
    count = old.output_shape[0][-1] if exported else old.output_shape[-1] - knew_depth
    same = count == len(names) and known.get("classes") in (None, names)
    pairs = list(zip(before, now, strict=False))
    fits = [[w.shape for w in a.weights] == [w.shape for w in b.weights] for a, b in pairs]
    if len(before) != len(now) or sum(fits) < 0.5 * len(now):
        expected = f"expected a model of {len(now)} layers as this one in START"
        raise ValueError(f"{expected}, got one of {len(before)}, {sum(fits)} of which fit; {_as_it_was(known)}")
    heads, kept = _score_layers(model), 0
    for (a, b), fit in zip(pairs, fits, strict=True):
        if fit and (same or b.name not in heads):
            b.set_weights(a.get_weights())
        elif same and b.name in heads:
            b.set_weights([_over(new, w) for new, w in zip(b.get_weights(), a.get_weights(), strict=True)])
        else:
            continue
        kept += 1
    return _kept(path.name, kept, len(now), len(names) if same else 0, knew_depth, depth)


def _kept(name, kept, layers, same, knew_depth, depth):
    """What a model began with, in a sentence. Args: same: how many classes, where they are the same; else 0."""
    part = f"{kept} of {layers} layers of {name}"
    if not same:
        return f"begins with {part}, which knew other classes; the scores are learned anew"
    also = "" if knew_depth == depth else "; depths of objects are " + ("learned anew" if depth else "left out")
    if kept < layers:
        return f"begins with {part}, which knows the same {same} classes; the rest is learned anew{also}"
    return f"begins with all weights of {name}, which knows the same {same} classes{also}"


def _as_it_was(known):
    """How to make a network as an earlier one, from what its training.json tells."""
    if "recipe" not in known:
        return "use its ENCODER and WIDTH, or begin without START"
    encoder = f"ENCODER {known['encoder']}" if known.get("encoder") else "no ENCODER"
    return f"use {encoder} and WIDTH {known['recipe']['width']}, as it did, or begin without START"


def _over(new, old):
    """The array `new` with the numbers of `old` at all places that both have; its last channels may be others."""
    both = tuple(slice(min(sides)) for sides in zip(new.shape, old.shape, strict=True))
    new[both] = old[both]
    return new


def _score_layers(model):
    """Names of the layers that give one number a class."""
    count = model.output_shape[-1]
    makers = (keras.layers.Conv2D, keras.layers.Conv2DTranspose)  # an encoder is one layer, of many outputs
    return {layer.name for layer in model.layers if isinstance(layer, makers) and layer.output.shape[-1] == count}


def _with_frozen_encoder(model, crops, validation, recipe, options):
    """Train all but the encoder for a third of the looks; the model gets these weights. Returns: their history."""
    folder, epochs = options["folder"] / FROZEN, max(1, recipe.epochs // 3)
    if len(read_history(folder)) < epochs:
        _fit(
            model, crops, validation, recipe, rate=recipe.learning_rate, epochs=epochs, **{**options, "folder": folder}
        )
    model.set_weights(training.load_best(folder).get_weights())
    return read_history(folder)


def _forget_frozen(folder, history):
    """The first part belongs to the run that is now finished: its rows go to history.csv, its folder goes."""
    with atomic_write(folder / "history.csv") as temporary, open(temporary, "w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, fieldnames=list(history[0]))
        writer.writeheader()
        writer.writerows(history)
    for path in (folder / FROZEN).iterdir():
        path.unlink()
    (folder / FROZEN).rmdir()
