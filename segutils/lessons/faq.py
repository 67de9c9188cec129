"""Lesson 16 · FAQ: its figures, what ModelCheckpoint leaves behind, the exercises `saved_epochs` and `object_iou`."""

import ast
import contextlib
import io
import tempfile
import zipfile
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

from segutils import plots
from segutils.lessons.answers import Exercise
from segutils.lessons.object_scores import second_exercise  # noqa: F401 - of this lesson

# The figures

VERDICTS = {"right": "#228833", "half right": "#CCBB44", "not shown": "#BBBBBB", "wrong": "#EE6677"}


def show_asked(asked):
    """What the article's questions ask about, a bar for each of {topic: number}. Returns: the axes."""
    ax = plt.subplots(figsize=(6.4, 2), layout="constrained")[1]
    ax.bar_label(ax.barh(list(asked), list(asked.values()), color=plots.COLOURS[0]), padding=3)
    ax.set(xlabel="questions", xlim=(0, 1.12 * max(asked.values())))
    ax.invert_yaxis()
    return plots.set_title(ax, f"what the article's {sum(asked.values())} questions ask about")


def show_moons(activations, seed):
    """Two half moons, and how dense networks with two hidden layers of 16 divide the plane between them.

    Args: activations: names that MLPClassifier knows; seed: of the weights.
    Returns: {activation: share right of 150 new points}.
    """
    from sklearn.datasets import make_moons
    from sklearn.neural_network import MLPClassifier

    points, moon = make_moons(300, noise=0.15, random_state=0)
    across, up = np.meshgrid(np.linspace(-1.6, 2.6, 100), np.linspace(-1.2, 1.7, 100))
    reached = {}
    for ax, activation in zip(plots.grid(1, len(activations), size=2.3)[0], activations, strict=True):
        net = MLPClassifier((16, 16), activation=activation, solver="lbfgs", max_iter=2000, random_state=seed)
        net.fit(points[:150], moon[:150])
        reached[activation] = net.score(points[150:], moon[150:])
        side = net.predict(np.stack([across.ravel(), up.ravel()], 1)).reshape(across.shape)
        ax.contourf(across, up, side, levels=[-0.5, 0.5, 1.5], colors=["#D5E2EF", "#F6D3CE"])
        for value, marker, colour in zip((0, 1), "os", plots.COLOURS, strict=False):
            ax.plot(*points[150:][moon[150:] == value].T, marker, color=colour, markersize=2.5)
        plots.set_title(ax, f"{activation}: {100 * reached[activation]:.0f}% right")
    return reached


def show_account(verdicts, topics):
    """Draw the verdicts of each topic, from {question: (section, verdict)} and the topics' names. Returns: the axes."""
    ax = plt.subplots(figsize=(8, 2.9), layout="constrained")[1]
    left, numbers = np.zeros(len(topics)), range(1, len(topics) + 1)
    for (words, colour), hatch in zip(VERDICTS.items(), ("", "//", "..", "xx"), strict=True):
        number = np.array([sum(given == (section, words) for given in verdicts.values()) for section in numbers])
        label = f"{words}: {number.sum()}"
        ax.barh(topics, number, left=left, color=colour, hatch=hatch, edgecolor="white", label=label)
        left += number
    ax.set(xlabel="questions")
    ax.invert_yaxis()
    ax.legend(fontsize=8)
    return plots.set_title(ax, "the verdicts on the article's answers")


# What ModelCheckpoint leaves behind


def watch(toy, name="best.keras", **options):
    """Train a toy for three epochs with ModelCheckpoint(name, **options), and read the files that it leaves.

    Args: toy: Dense(1, use_bias=False) alone, compiled with SGD(0.25) and mse: each epoch halves its weight.
    Returns: {"outcome": what came of it, "lines printed": list, "files": which epoch's weight they hold, and more}.
    """
    import keras

    one, printed, outcome = np.ones((1, 1)), io.StringIO(), "refused"
    toy.set_weights([one])
    data = {"x": one, "y": 0 * one, "validation_data": (one, 0.2 * one), "epochs": 3}
    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(printed):
        try:
            callback = keras.callbacks.ModelCheckpoint(f"{folder}/{name}", **options)
            outcome = "stops after epoch 1"
            toy.fit(**data, verbose=0, callbacks=[callback])
            outcome = "runs"
        except (TypeError, ValueError) as error:
            outcome += f": {type(error).__name__}"
        files = [f"{file.name}: {_contents(file)}" for file in sorted(Path(folder).iterdir())]
    lines = [line for line in printed.getvalue().replace(folder, "…").splitlines() if line]
    return {"outcome": outcome, "lines printed": lines, "files": " · ".join(files) or "none"}


def _contents(file):
    """Which epoch's weight a checkpoint holds, and what else. A .keras file is a zip archive."""
    import h5py

    held, weights = ["weights"], file
    if zipfile.is_zipfile(file):
        with zipfile.ZipFile(file) as archive:
            held += ["configuration"] * ("config.json" in archive.namelist())
            weights = io.BytesIO(archive.read("model.weights.h5"))
    with h5py.File(weights) as inside:
        epoch = -np.log2(inside["layers/dense/vars/0"][0, 0])
        held += ["optimizer"] * ("optimizer" in inside)
    return f"epoch {epoch:.0f}: " + ", ".join(held)


def table(toy, cases):
    """A DataFrame of what `watch` saw, a row for each dict of arguments; of printed lines, how many."""
    import pandas as pd

    said = [", ".join(f"{name}={value!r}" for name, value in case.items()) or "no argument" for case in cases]
    rows = pd.DataFrame([watch(toy, **case) for case in cases], index=said)
    return rows.assign(**{"lines printed": rows["lines printed"].map(len)})


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


# The first exercise: saved_epochs(values, mode), the monitored values (E,) of a run → whether each epoch is saved


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


exercise = Exercise(
    "saved_epochs",
    solution=_saved_epochs,
    cases=[
        (np.array([0.9, 0.7, 0.8, 0.75, 0.6, 0.6, 0.5]), "min"),
        (np.array([0.5, 0.7, 0.6, 0.65, 0.7, 0.8]), "max"),
        (np.array([-3.0, -1.0, -2.0, -1.5, -0.5]), "max"),
        (np.array([1.0, 2.0, 1.5, 1.2]), "min"),
        (np.array([0.25]), "min"),
        (np.array([4000.0, 4500, 4400, 4300, 4350, 4250, 4100, 3999.9999]), "min"),
        (np.array([-4000.0, -4001, -3000]), "max"),
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
        ('The two modes are swapped: with "min" a smaller value is better.', lambda v, mode: _saved_epochs(-v, mode)),
        (
            "The first epoch is missing: nothing was saved before it, so it is always saved.",
            lambda v, mode: _saved_epochs(v, mode) & (np.arange(len(v)) > 0),
        ),
        ("You mark every epoch; that is save_best_only=False.", lambda v, mode: np.ones(len(v), bool)),
        ("You mark the epochs that are *not* saved.", lambda v, mode: ~_saved_epochs(v, mode)),
        (
            "The best starts at 0, which no loss is below. Start from the first value (or from ±infinity).",
            _saved_from_zero,
        ),
        (
            "The best starts at a number that the first value may not beat. Start from the first value (or ±infinity).",
            lambda v, mode: _saved_epochs(np.append(100.0 if mode == "min" else -100.0, v), mode)[1:],
        ),
        (
            "A small improvement is an improvement, too: compare without a margin.",
            lambda v, mode: _saved_epochs(np.round(v, 3), mode),
        ),
        (
            "Those are the places of the saved epochs; return one bool for each epoch.",
            lambda v, mode: np.flatnonzero(_saved_epochs(v, mode)),
        ),
        (
            "Those are the best values so far; return whether each epoch improves on them.",
            lambda v, mode: (np.minimum if mode == "min" else np.maximum).accumulate(v),
        ),
        (
            "You give how many epochs are saved; return one bool for each epoch.",
            lambda v, mode: _saved_epochs(v, mode).sum(),
        ),
    ],
)
