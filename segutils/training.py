"""One `fit`: Keras's own loop, plus a run folder that survives anything.

    best.keras      the best model so far, by the monitored quantity
    history.csv     one row an epoch
    resume-0.npz, resume-1.npz   everything that the next epoch depends on, written in turn

A run that is killed at any moment and started again goes on after its last finished epoch and ends with the
weights of a run that was never stopped, to the bit (on a CPU, with course.set_seed(…, deterministic=True)):
batches depend on (seed, step) alone, and every file appears whole or not at all.
"""

import csv
import hashlib
import json
import zipfile
from pathlib import Path

import numpy as np

from segutils.course import choose, replacing
from segutils.metrics import check_labels
from segutils.quiet import keras

FILES = ("best.keras", "history.csv", "resume-0.npz", "resume-1.npz")


def one_cycle(peak, steps, *, warmup=0.3):
    """A step size that rises to its peak in a line and falls to (nearly) zero along a cosine.

    Args:
        peak: largest step size; > 0.
        steps: of the whole training.
        warmup: share of the steps on which it rises; 0 to 1.
    Returns: a Keras learning-rate schedule, a function of the step alone, so a resumed run stays on it.
    Source: Smith and Topin 2018, arXiv:1708.07120; the cosine: Loshchilov and Hutter 2017, arXiv:1608.03983.
    """
    rise = max(1, round(warmup * steps))
    return keras.optimizers.schedules.CosineDecay(
        initial_learning_rate=peak / 25,
        decay_steps=max(1, steps - rise),
        alpha=1e-3,
        warmup_target=peak,
        warmup_steps=rise,
    )


@keras.saving.register_keras_serializable("segutils")
class FusedAdam(keras.optimizers.Adam):
    """Keras's Adam, equal in all it computes; TensorFlow updates each array of weights by one kernel.

    Keras's own is a dozen operations for each array, which TensorFlow has to trace before the first step.
    Args: as keras.optimizers.Adam. With amsgrad, sparse gradients or another backend it is Keras's own.
    """

    def update_step(self, gradient, variable, learning_rate):
        sparse = hasattr(gradient, "indices")
        if keras.backend.backend() != "tensorflow" or self.amsgrad or sparse:
            super().update_step(gradient, variable, learning_rate)
            return
        from segutils.quiet import tensorflow as tf

        index = self._get_variable_index(variable)
        beta1, beta2 = (tf.cast(beta, variable.dtype) for beta in (self.beta_1, self.beta_2))
        step = tf.cast(self.iterations + 1, variable.dtype)
        tf.raw_ops.ResourceApplyAdam(
            var=variable.handle,
            m=self._momentums[index].handle,
            v=self._velocities[index].handle,
            beta1_power=beta1**step,
            beta2_power=beta2**step,
            lr=tf.cast(learning_rate, variable.dtype),
            beta1=beta1,
            beta2=beta2,
            epsilon=tf.cast(self.epsilon, variable.dtype),
            grad=tf.cast(gradient, variable.dtype),
        )


def fit(
    model,
    train,
    validation,
    *,
    epochs,
    folder,
    monitor="val_loss",
    mode="min",
    resume=True,
    progress=True,
    callbacks=(),
):
    """Train a compiled model, keep the best of it on disk, and go on where an earlier call was stopped.

    Args:
        model: compiled keras.Model; its step size must be a number or a schedule.
        train: transforms.Batches.
        validation: (images, targets) arrays, from other sources than the training images.
        epochs: how many in all, those before a restart counted.
        folder: the run folder; made if missing.
        monitor, mode: which column of the history is best when "min" or "max".
        resume: go on if the folder holds an unfinished run of the same settings; False starts anew, as does
            a call for no more epochs than the folder's run has finished.
        progress: print a line an epoch.
        callbacks: further Keras callbacks; their own state is not saved.
    Returns: the history, a list of dicts, one an epoch.
    Raises: ValueError if labels are out of range, or the folder holds a run with other settings or nothing
        readable; OSError if the disk is full. Earlier checkpoints are kept in each case.
    """
    choose("mode", mode, ("min", "max"))
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    scores = model.output_shape[-1]
    for targets in (train.targets, validation[1]):
        if np.asarray(targets).dtype.kind in "ui":
            check_labels(targets, max(scores, 2), ignore_class=_void(model.loss))
    run = _Run(folder, _settings(model, train), monitor, mode, progress, epochs)
    if not resume:
        for name in FILES:
            (folder / name).unlink(missing_ok=True)
    built(model)
    first = run.restore(model)
    if first < epochs:
        model.fit(
            train.dataset(first, epochs),
            steps_per_epoch=train.steps_per_epoch,
            initial_epoch=first,
            epochs=epochs,
            validation_data=tuple(validation),
            validation_batch_size=max(train.batch_size, 64),
            callbacks=[run, *callbacks],
            shuffle=False,
            verbose=0,
        )
    return run.history


def built(model):
    """A compiled model whose optimizer has its variables. Else TensorFlow makes them within the first step, and traces
    that step once more without: seconds for each new model.

    Returns: the model itself.
    """
    if not model.optimizer.built:
        model.optimizer.build(model.trainable_variables)
    return model


def load_best(folder):
    """The best model of a run, loaded as data: Keras's safe mode runs no code from the file.

    Raises: FileNotFoundError if there is none.
    """
    path = Path(folder) / "best.keras"
    if not path.is_file():
        raise FileNotFoundError(f"no best.keras in {folder}; train first, or name the run folder")
    from segutils import losses, metrics, models  # noqa: F401  so that Keras knows the classes that a file may name

    return keras.saving.load_model(path, safe_mode=True)


class _Run(keras.callbacks.Callback):
    """Writes the run folder at the end of each epoch; the state that it saves last makes the epoch count."""

    def __init__(self, folder, settings, monitor, mode, progress, epochs):
        super().__init__()
        self.folder, self.settings, self.monitor, self.mode = folder, settings, monitor, mode
        self.progress, self.epochs = progress, epochs
        self.history = []

    def on_epoch_end(self, epoch, logs=None):
        logs = {name: float(value) for name, value in (logs or {}).items()}
        choose("monitor", self.monitor, tuple(logs))
        self.history.append({"epoch": epoch + 1, **logs})
        is_best = self._best() == epoch
        if is_best:
            with replacing(self.folder / "best.keras") as temporary:
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
        with replacing(self.folder / "history.csv") as temporary, open(temporary, "w", newline="") as file:
            writer = csv.DictWriter(file, fieldnames=list(self.history[0]))
            writer.writeheader()
            writer.writerows(self.history)

    def _save_state(self, epoch):
        about = json.dumps({"epoch": epoch, "settings": self.settings, "history": self.history})
        arrays = {f"variable_{i}": np.asarray(variable) for i, variable in enumerate(_variables(self.model))}
        with replacing(self.folder / f"resume-{epoch % 2}.npz") as temporary:
            np.savez(temporary, about=np.array(about), **arrays)

    def restore(self, model):
        """Put the newest readable state into the model; returns the first epoch that is still to do."""
        paths = [path for path in (self.folder / name for name in FILES[2:]) if path.is_file()]
        states = [state for state in map(_read_state, paths) if state]
        if paths and not states:
            cure = "pass resume=False to start anew, or choose another folder; best.keras is left as it is"
            raise ValueError(f"no readable checkpoint among {', '.join(path.name for path in paths)}; {cure}")
        if not states:
            return 0
        about, arrays = max(states, key=lambda state: state[0]["epoch"])
        if about["epoch"] + 1 >= self.epochs:
            for path in paths:  # finished: the same call again means a new run, which must not find these
                path.unlink()
            return 0
        changed = [name for name, value in self.settings.items() if about["settings"].get(name) != value]
        if changed:
            cure = "choose another folder, or pass resume=False to start anew"
            raise ValueError(f"{self.folder.name} holds a run with another {', '.join(changed)}; {cure}")
        for variable, value in zip(_variables(model), arrays, strict=True):
            variable.assign(value)
        self.history = about["history"]
        if self.progress:
            print(f"resumed after epoch {about['epoch'] + 1}", flush=True)
        return about["epoch"] + 1


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


def _settings(model, train):
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
    described = []
    for layer in model.layers:
        if getattr(layer, "layers", None):
            described += _description(layer)
        else:
            shapes = [weight.shape for weight in layer.weights]
            described.append([type(layer).__name__, {**layer.get_config(), "name": ""}, shapes])
    return described


def _void(loss):
    """The void label that a loss ignores, if any."""
    options = getattr(loss, "options", {})
    return options["ignore_class"] if "ignore_class" in options else getattr(loss, "ignore_class", None)
