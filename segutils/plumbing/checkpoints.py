"""The state of a training on disk, so that a run that is killed at any moment goes on after its last finished epoch.

What is monitored may be lost, never half a file: everything is written under a temporary name and renamed. Keras's own
BackupAndRestore keeps neither the history nor what the batches depend on, and does not compare settings.
"""

import csv
import hashlib
import json
import time
import zipfile

import keras
import numpy as np

from segutils.plumbing import watching
from segutils.plumbing.arguments import check_choice
from segutils.plumbing.storage import atomic_write

FILES = ("best.keras", "history.csv", "resume-0.npz", "resume-1.npz")


class RunFolder(keras.callbacks.Callback):
    """Writes the run folder at the end of each epoch; the state that it saves last makes the epoch count."""

    finished = set()  # folders of the trainings that came to their end in this process

    def __init__(self, folder, settings, monitor, mode, progress, epochs):
        super().__init__()
        self.folder, self.settings, self.monitor, self.mode = folder, settings, monitor, mode
        self.progress, self.epochs = progress, epochs
        self.history = []
        self.first_step = self.noted = None
        if watching.watched():  # Keras calls a hook of batches only where there is one: it costs time
            self.on_train_batch_end, self.async_safe = self._note_step, True

    def on_epoch_begin(self, epoch, logs=None):
        self.epoch = epoch

    def _note_step(self, batch, logs=None):
        """Write, once a second at most, how far the training is and how long the rest takes at the pace so far."""
        now, steps = time.time(), self.params["steps"]
        step = self.epoch * steps + batch + 1
        self.first_step = self.first_step or (step, now)
        if self.noted is not None and now < self.noted + 1:
            return
        self.noted = now
        pace = (now - self.first_step[1]) / (step - self.first_step[0]) if step > self.first_step[0] else None
        left = None if pace is None else pace * (self.epochs * steps - step)
        about = {"epoch": self.epoch + 1, "epochs": self.epochs, "share": step / (self.epochs * steps), "left": left}
        watching.note(now, **about)

    def on_train_end(self, logs=None):
        self.finished.add(self.folder.resolve())
        watching.over()

    def on_epoch_end(self, epoch, logs=None):
        logs = {name: float(value) for name, value in (logs or {}).items()}
        check_choice("monitor", self.monitor, tuple(logs))
        self.history.append({"epoch": epoch + 1, **logs})
        is_best = self._best() == epoch
        if is_best:
            with atomic_write(self.folder / "best.keras") as temporary:
                self.model.save(temporary)
        self._write_history()
        self._save_state(epoch)
        if self.progress:
            values = "  ".join(f"{name} {value:.4f}" for name, value in logs.items() if name != "learning_rate")
            print(f"epoch {epoch + 1:>3}/{self.epochs}  {values}{'  best' if is_best else ''}", flush=True)

    def _best(self):
        """Index of the best epoch; the earliest of equals. An epoch without a number (nan) is never best."""
        worst = np.inf if self.mode == "min" else -np.inf
        values = [row[self.monitor] for row in self.history]
        values = [worst if np.isnan(value) else value for value in values]
        if set(values) == {worst}:
            return None
        return int(np.argmin(values) if self.mode == "min" else np.argmax(values))

    def _write_history(self):
        with atomic_write(self.folder / "history.csv") as temporary, open(temporary, "w", newline="") as file:
            writer = csv.DictWriter(file, fieldnames=list(self.history[0]))
            writer.writeheader()
            writer.writerows(self.history)

    def _save_state(self, epoch):
        about = json.dumps({"epoch": epoch, "settings": self.settings, "history": self.history})
        arrays = {f"variable_{i}": np.asarray(variable) for i, variable in enumerate(_variables(self.model))}
        with atomic_write(self.folder / f"resume-{epoch % 2}.npz") as temporary:
            np.savez(temporary, about=np.array(about), **arrays)

    def restore(self, model):
        """Put the newest readable state into the model; returns the first epoch that is still to do."""
        paths = [path for path in (self.folder / name for name in FILES[2:]) if path.is_file()]
        states = [state for state in map(_read_state, paths) if state]
        if paths and not states:
            cure = f"{self._anew()}, or choose another folder; best.keras is left as it is"
            raise ValueError(f"no readable checkpoint among {', '.join(path.name for path in paths)}; {cure}")
        if not states:
            return 0
        about, arrays = max(states, key=lambda state: state[0]["epoch"])
        goes_on = watching.watched() and self.folder.resolve() not in self.finished  # what follows was stopped
        if about["epoch"] + 1 >= self.epochs and not (goes_on and about["epoch"] + 1 == self.epochs):
            for path in paths:  # finished: the same call again means a new run, which must not find these
                path.unlink()
            return 0
        changed = [name for name, value in self.settings.items() if about["settings"].get(name) != value]
        if changed:
            cure = f"choose another folder, or {self._anew()}"
            raise ValueError(f"{self.folder} holds a run with another {', '.join(changed)}; {cure}")
        for variable, value in zip(_variables(model), arrays, strict=True):
            variable.assign(value)
        self.history = about["history"]
        if self.progress:
            print(f"resumed after epoch {about['epoch'] + 1}", flush=True)
        return about["epoch"] + 1

    def _anew(self):
        """What to do for a new training in this folder, by hand and in Python."""
        return f"delete {' and '.join(FILES[2:])} of {self.folder} to start anew (in Python: resume=False)"


def _variables(model):
    """All that training changes: weights, moving averages, random states, the optimizer's moments and step."""
    return [*model.variables, *model.optimizer.variables]


def _read_state(path):
    try:
        with open(path, "rb") as stream, np.load(stream, allow_pickle=False) as file:
            arrays = [file[f"variable_{i}"] for i in range(len(file.files) - 1)]
            return json.loads(str(file["about"])), arrays
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        print(f"{path.name} is unreadable and left aside ({error})")
        return None


def settings_of(model, train):
    """What must be the same for a run to go on: short digests of the network, its training and its data."""
    data = [hashlib.sha256(np.ascontiguousarray(array)).hexdigest() for array in (train.images, train.targets)]
    parts = {
        "network": _description(model),
        "optimizer": [type(model.optimizer).__name__, {**model.optimizer.get_config(), "name": ""}],
        "loss": keras.saving.serialize_keras_object(model.loss),
        "batches": [train.batch_size, train.seed, train.steps, repr(train.augment)],
        "training data": data,
    }
    return {
        name: hashlib.sha256(json.dumps(part, default=str).encode()).hexdigest()[:16] for name, part in parts.items()
    }


def _description(model):
    """Kind, settings and weight shapes of every layer, without names: Keras numbers those anew for each model."""
    layers = []
    for layer in model.layers:
        if getattr(layer, "layers", None):
            layers += _description(layer)
        else:
            shapes = [weight.shape for weight in layer.weights]
            layers.append([type(layer).__name__, {**layer.get_config(), "name": ""}, shapes])
    return layers
