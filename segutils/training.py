"""One `fit`: Keras's own loop, plus a run folder that survives anything.

    best.keras      the best model so far, by the monitored quantity
    history.csv     one row per epoch
    resume-0.npz, resume-1.npz   everything that the next epoch depends on, written in turn

A run that is killed at any moment and started again goes on after its last finished epoch and ends with the
weights of a run that was never stopped, to the bit (on a CPU, with course.set_seed(…, deterministic=True)):
batches depend on (seed, step) alone, and every file appears whole or not at all.
"""

from pathlib import Path

import keras
import numpy as np

from segutils.losses import one_hot, soft_confusion
from segutils.metrics import check_labels
from segutils.plumbing.arguments import check_choice
from segutils.plumbing.checkpoints import FILES, RunFolder, settings_of
from segutils.plumbing.fused import FusedAdam  # noqa: F401 - what notebooks train with
from segutils.plumbing.muon import ConvolutionMuon  # noqa: F401 - likewise
from segutils.plumbing.schedules import Triangle


def one_cycle(peak, steps, *, warmup=0.3, fall="cosine"):
    """A learning rate that rises to its peak in a line and falls to (nearly) zero along a cosine or in a line.

    Args:
        peak: largest learning rate; > 0.
        steps: of the whole training.
        warmup: share of the steps on which it rises; 0 to 1.
        fall: "cosine" or "line".
    Returns: a Keras learning-rate schedule, a function of the step alone, so a resumed run stays on it.
    Source: Smith and Topin 2018, arXiv:1708.07120; the cosine: Loshchilov and Hutter 2017, arXiv:1608.03983.
    >>> schedule = one_cycle(0.01, 100)
    >>> round(float(schedule(30)), 4)
    0.01
    """
    check_choice("fall", fall, ("cosine", "line"))
    rise = max(1, round(warmup * steps))
    if fall == "line":
        return Triangle(peak, steps, rise)
    return keras.optimizers.schedules.CosineDecay(
        initial_learning_rate=peak / 25,
        decay_steps=max(1, steps - rise),
        alpha=1e-3,
        warmup_target=peak,
        warmup_steps=rise,
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
        model: compiled keras.Model; its learning rate must be a number or a schedule.
        train: transforms.Batches.
        validation: (images, targets) arrays, from other sources than the training images.
        epochs: how many in all, those before a restart counted.
        folder: the run folder; made if missing.
        monitor, mode: which column of the history is best when "min" or "max".
        resume: go on if the folder holds an unfinished run of the same settings; False starts anew, as does
            a call for no more epochs than the folder's run has finished.
        progress: print one line per epoch.
        callbacks: further Keras callbacks; their own state is not saved.
    Returns: the history, a list of dicts, one per epoch.
    Raises: ValueError if labels are out of range, or the folder holds a run with other settings or nothing
        readable; OSError if the disk is full. Earlier checkpoints are kept in each case.
    >>> from segutils.transforms import Batches
    >>> model = keras.Sequential([keras.Input((4, 4, 1)), keras.layers.Conv2D(1, 3, padding="same")])
    >>> model.compile("adam", "mse")
    >>> images = np.ones((2, 4, 4, 1), "float32")
    >>> history = fit(model, Batches(images, images, 2), (images, images), epochs=2, folder="runs/demo", progress=False)
    >>> [row["epoch"] for row in history]
    [1, 2]
    """
    check_choice("mode", mode, ("min", "max"))
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    scores = model.output_shape[-1]
    for targets in (train.targets, validation[1]):
        if np.asarray(targets).dtype.kind in "ui":
            check_labels(targets, max(scores, 2), ignore_class=_void(model.loss))
    run = RunFolder(folder, settings_of(model, train), monitor, mode, progress, epochs)
    if not resume:
        for name in FILES:
            (folder / name).unlink(missing_ok=True)
    build_optimizer(model)
    first = run.restore(model)
    if first < epochs:
        model.fit(
            train.dataset(first, epochs),
            steps_per_epoch=train.steps_per_epoch,
            initial_epoch=first,
            epochs=epochs,
            validation_data=tuple(validation),
            validation_batch_size=max(train.batch_size, min(64, 2**18 // np.prod(validation[0].shape[1:3], dtype=int))),
            callbacks=[run, *callbacks],
            shuffle=False,
            verbose=0,
        )
    return run.history


def build_optimizer(model):
    """Give the optimizer of a model its variables before the first step, which TensorFlow would else trace twice.

    Args: model: compiled keras.Model. Returns: the model itself.
    >>> model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    >>> model.compile("adam", "mse")
    >>> build_optimizer(model).optimizer.built
    True
    """
    if not model.optimizer.built:
        model.optimizer.build(model.trainable_variables)
    return model


def load_best(folder):
    """The best model of a run, loaded as data: Keras's safe mode runs no code from the file.

    Args: folder: the run folder. Returns: compiled keras.Model. Raises: FileNotFoundError if there is none.
    >>> keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)]).save("best.keras")
    >>> load_best(".").count_params()
    3
    """
    path = Path(folder) / "best.keras"
    if not path.is_file():
        raise FileNotFoundError(f"no best.keras in {folder}; train first, or name the run folder")
    import segutils.models  # noqa: F401 - so that Keras knows the layers that a file may name

    return keras.saving.load_model(path, safe_mode=True)


def _void(loss):
    """The void label that a loss ignores, if any."""
    options = getattr(loss, "options", {})
    return options["ignore_class"] if "ignore_class" in options else getattr(loss, "ignore_class", None)


@keras.saving.register_keras_serializable("segutils")
class MeanIoU(keras.metrics.Metric):
    """Mean IoU over the classes seen since the last reset (0 before any), from integer masks and scores.

    The largest score wins, so logits and probabilities give one result. The name is fixed, so `val_mean_iou`
    stays the same key when a cell runs twice.

    Args:
        classes: how many, the background counted.
        ignore_class: label of void pixels.
    Raises: ValueError if the shapes are not (B, H, W) and (B, H, W, classes).
    >>> metric = MeanIoU(2)
    >>> metric.update_state(keras.ops.array([[[0, 1]]]), keras.ops.array([[[[1.0, 0.0], [0.0, 1.0]]]]))
    >>> float(metric.result())
    1.0
    """

    def __init__(self, classes, *, ignore_class=None, name="mean_iou", dtype=None):
        super().__init__(name=name, dtype=dtype)
        self.classes, self.ignore_class = classes, ignore_class
        self.confusion = self.add_variable((classes, classes), "zeros", dtype="int32", name="confusion")

    def update_state(self, y_true, y_pred, sample_weight=None):
        if sample_weight is not None:
            raise ValueError("MeanIoU counts pixels and takes no sample_weight; mark void pixels with ignore_class")
        if len(y_true.shape) != 3 or len(y_pred.shape) != 4 or y_pred.shape[-1] != self.classes:
            got = f"{tuple(y_true.shape)} and {tuple(y_pred.shape)}"
            raise ValueError(f"expected masks (B, H, W) and scores (B, H, W, {self.classes}), got {got}")
        truth = one_hot(y_true, self.classes, self.ignore_class)
        counts = soft_confusion(truth, one_hot(keras.ops.argmax(y_pred, axis=-1), self.classes))
        self.confusion.assign_add(keras.ops.sum(keras.ops.cast(counts, "int32"), axis=0))

    def result(self):
        counts = keras.ops.cast(self.confusion, "float32")
        true_positives = keras.ops.diagonal(counts)
        union = keras.ops.sum(counts, axis=0) + keras.ops.sum(counts, axis=1) - true_positives
        present = keras.ops.sum(keras.ops.cast(union > 0, "float32"))
        return keras.ops.sum(true_positives / keras.ops.maximum(union, 1.0)) / keras.ops.maximum(present, 1.0)

    def get_config(self):
        return {"classes": self.classes, "ignore_class": self.ignore_class, "name": self.name, "dtype": self.dtype}
