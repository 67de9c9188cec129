"""Lesson 16 · FAQ: the explorer of ModelCheckpoint, and the exercise `saved_epochs`."""

import ast
import contextlib
import io

import matplotlib.pyplot as plt
import numpy as np

from segutils import plots
from segutils.lessons.answers import Exercise

# The explorer


class _Recorder:
    """Stands in for a model: notes what ModelCheckpoint saves and where, and writes nothing."""

    def __init__(self):
        self.metrics, self.files = [], {}

    def save(self, path, overwrite):
        self.files[path] = "model"

    def save_weights(self, path, overwrite):
        self.files[path] = "weights"


def checkpoint_files(losses):
    """Validation losses of a training run, and what Keras's ModelCheckpoint saves, prints and leaves behind.

    Args:
        losses: (E,) float, one per epoch.
    Returns: draw(save_best_only, mode, save_weights_only, verbose, name_with_epoch) → figure. `save_weights_only` and
        `verbose` are Python literals as strings, since a menu can't hold None.
    """
    losses, epochs = np.asarray(losses, float), np.arange(1, len(losses) + 1)
    figure, (left, right) = plt.subplots(1, 2, figsize=(8.2, 3.4), width_ratios=(1, 1.2), layout="constrained")
    left.plot(epochs, losses, ":", color="gray")
    (skipped,) = left.plot([], [], "x", color="black", markersize=8, label="not saved")
    (saved,) = left.plot([], [], "o", color=plots.COLOURS[0], markersize=8, label="saved")
    left.set(xlabel="epoch", ylabel="val_loss", xticks=epochs, ylim=(0, 1.25 * losses.max()))
    left.legend(fontsize=8, ncols=2, loc="upper right")
    right.set_axis_off()
    written = right.text(0, 1, "", va="top", fontsize=8, family="monospace", transform=right.transAxes)

    def draw(save_best_only=True, mode="min", save_weights_only="False", verbose="1", name_with_epoch=False):
        only = ast.literal_eval(save_weights_only)
        name = "best" + "-{epoch}" * name_with_epoch + (".weights.h5" if only else ".keras")
        options = {"mode": mode, "save_best_only": save_best_only, "save_weights_only": only}
        is_saved, files, printed = _run_checkpoint(losses, name, **options, verbose=ast.literal_eval(verbose))
        saved.set_data(epochs[is_saved], losses[is_saved])
        skipped.set_data(epochs[~is_saved], losses[~is_saved])
        left.set_title(f"saved after {is_saved.sum()} of {len(is_saved)} epochs", fontsize=9)
        call = f'ModelCheckpoint("{name}", mode="{mode}",\n  save_best_only={save_best_only}, '
        call += f"save_weights_only={save_weights_only}, verbose={verbose})"
        remaining = [f"  {file}: {content} of epoch {epoch}" for file, (content, epoch) in files.items()]
        lines = [call, "", "printed:", *(printed or ["  nothing"]), "", "files:", *(remaining or ["  none"])]
        written.set_text("\n".join(lines))
        return figure

    return draw


def _run_checkpoint(losses, name, **options):
    """Take Keras's ModelCheckpoint through the losses of all epochs, with a recorder in place of the model.

    Returns: whether each epoch was saved, (E,) bool; {file: (content, epoch)}; the printed lines, shortened.
    """
    import keras

    checkpoint = keras.callbacks.ModelCheckpoint(name, **options)
    saved, files, output = [], {}, io.StringIO()
    with contextlib.redirect_stdout(output):
        for epoch, loss in enumerate(losses.tolist()):
            recorder = _Recorder()
            checkpoint.set_model(recorder)
            checkpoint.on_epoch_begin(epoch)
            try:
                checkpoint.on_epoch_end(epoch, {"val_loss": loss})
            except TypeError as error:
                output.write(f"TypeError: {str(error)[:34]} …\n")
                break
            saved.append(bool(recorder.files))
            files |= {file: (content, epoch + 1) for file, content in recorder.files.items()}
    printed = [line for line in output.getvalue().splitlines() if line and "finished" not in line]
    lines = ["  " + line.split(", saving")[0] for line in printed]
    return np.pad(np.array(saved, bool), (0, len(losses) - len(saved))), files, lines


# The exercise: saved_epochs(values, mode), the monitored values (E,) of a training run → whether each epoch is saved


def _saved_epochs(values, mode):
    costs = values if mode == "min" else -values
    return np.append(True, costs[1:] < np.minimum.accumulate(costs)[:-1])


def _better_than(compared, *, better=np.less):
    """A wrong answer that compares each value but the first with the entry before it in compared(values)."""

    def answer(values, mode):
        costs = values if mode == "min" else -values
        return np.append(True, better(costs[1:], compared(costs)[:-1]))

    return answer


def _saved_from_zero(values, mode):
    best, saved = 0.0, []
    for value in values:
        saved.append(value < best if mode == "min" else value > best)
        best = value if saved[-1] else best
    return np.array(saved)


def _best_so_far(values, mode):
    return (np.minimum if mode == "min" else np.maximum).accumulate(values)


exercise = Exercise(
    "saved_epochs",
    solution=_saved_epochs,
    cases=[
        (np.array([0.9, 0.7, 0.8, 0.75, 0.6, 0.6, 0.5]), "min"),
        (np.array([0.5, 0.7, 0.6, 0.65, 0.7, 0.8]), "max"),
        (np.array([-3.0, -1.0, -2.0, -1.5, -0.5]), "max"),
        (np.array([1.0, 2.0, 1.5, 1.2]), "min"),
        (np.array([0.25]), "min"),
    ],
    mistakes=[
        (
            "Each value is compared with the one before it; compare it with the best of *all* before it.",
            _better_than(lambda costs: costs),
        ),
        (
            "Equal is not better: a value that only repeats the best is not saved.",
            _better_than(np.minimum.accumulate, better=np.less_equal),
        ),
        (
            "You mark the best epoch of the whole training. But when an epoch ends, the later ones are not known: "
            "mark each that beats all before it.",
            lambda v, mode: np.arange(len(v)) == (v.argmin() if mode == "min" else v.argmax()),
        ),
        ('The mode is ignored: with "max" a larger value is better.', lambda v, mode: _saved_epochs(v, "min")),
        (
            'The two modes are swapped: with "min" a smaller value is better.',
            lambda v, mode: _saved_epochs(-v, mode),
        ),
        (
            "The first epoch is missing: nothing was saved before it, so it is always saved.",
            lambda v, mode: _saved_epochs(v, mode) & (np.arange(len(v)) > 0),
        ),
        (
            "You mark every epoch; that is save_best_only=False.",
            lambda v, mode: np.ones(len(v), bool),
        ),
        ("You mark the epochs that are *not* saved.", lambda v, mode: ~_saved_epochs(v, mode)),
        (
            "The best starts at 0, which no loss is below. Start from the first value (or from ±infinity).",
            _saved_from_zero,
        ),
        (
            "Those are the places of the saved epochs; return one bool for each epoch.",
            lambda v, mode: np.flatnonzero(_saved_epochs(v, mode)),
        ),
        (
            "Those are the best values so far; return whether each epoch improves on them.",
            _best_so_far,
        ),
        (
            "You give how many epochs are saved; return one bool for each epoch.",
            lambda v, mode: _saved_epochs(v, mode).sum(),
        ),
    ],
)
