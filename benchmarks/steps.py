"""The training step: images a second against PyTorch, the share of the processor's peak, and where the time goes.

python steps.py keras NETWORK DTYPE SCENES.npz OUT     one rate
python steps.py start WHAT SCENES.npz OUT              seconds of the first step, milliseconds of a later one
python steps.py profile NETWORK SCENES.npz OUT         milliseconds a step, by kind of operation
python steps.py peak OUT                               the fastest matrix product, in operations a second
"""

import collections
import re
import statistics
import sys
import tempfile
import time
from pathlib import Path

import competitors
import keras
import numpy as np
import tensorflow as tf
from common import COMPETITORS_PYTHON, HERE, measured, scene_file

from segutils import losses, models, training
from segutils.plumbing import fused, storage

BATCH_SIZE, ROUNDS, SIZE = 16, 7, 64
NETWORKS = {
    "course": lambda: models.unet(11),
    "textbook": lambda: competitors.textbook_unet(11),
    "textbook, fused": lambda: competitors.textbook_unet(11, normalise=fused.FusedBatchNormalization),
    "unfused": lambda: competitors.unet_but(11, fused=False),
    "before": lambda: competitors.unet_but(11, enlarge="average", fused=False),
}
STARTS = {  # what notebook 9's training is without: network, Adam, whether the optimizer has its variables before
    "nothing": ("course", fused.FusedAdam, True),
    "Adam of one kernel": ("course", keras.optimizers.Adam, True),
    "batch normalisation of one kernel": ("unfused", fused.FusedAdam, True),
    "variables made before the first step": ("course", fused.FusedAdam, False),
}
RATED = ("course", "textbook", "textbook, fused")  # the last: as textbook, with this package's two drop-in classes
DTYPES = ("float32", "bfloat16")


def compiled(network, loss="cross_entropy"):
    model = NETWORKS[network]()
    adam = fused.FusedAdam if network in ("course", "textbook, fused") else keras.optimizers.Adam
    model.compile(adam(0.001), losses.SegmentationLoss(loss))
    return training.build_optimizer(model)


def batch(path):
    scenes = np.load(path)
    return tf.constant(scenes["images"][:BATCH_SIZE], tf.float32), tf.constant(scenes["masks"][:BATCH_SIZE])


def keras_rate(network, dtype, path, repeats=30):
    """Images a second of a training step on one batch."""
    keras.config.set_dtype_policy({"float32": "float32", "bfloat16": "mixed_bfloat16"}[dtype])
    return BATCH_SIZE / statistics.median(step_seconds(compiled(network), batch(path), repeats)[5:])


def step_seconds(model, pair, repeats):
    times = []
    for _ in range(repeats):
        started = time.perf_counter()
        model.train_on_batch(*pair)
        times.append(time.perf_counter() - started)
    return times


def start(without, path):
    """(seconds of the first step, milliseconds of a later one) of notebook 9's training, one thing left out."""
    network, adam, before = STARTS[without]
    model, loss = NETWORKS[network](), losses.SegmentationLoss("cross_entropy_dice", over="batch")
    model.compile(adam(0.001, beta_2=0.99), loss, metrics=[training.MeanIoU(11)])
    first, *times = step_seconds(training.build_optimizer(model) if before else model, batch(path), 30)
    return first, 1000 * statistics.median(times[5:])


def profile(network, path, steps=20):
    """Milliseconds a step that each kind of operation is at work; several can be at work at once."""
    from tensorflow.tsl.profiler.protobuf import xplane_pb2

    model, pair, spent = compiled(network, "cross_entropy_dice"), batch(path), collections.Counter()
    for _ in range(5):
        model.train_on_batch(*pair)
    with tempfile.TemporaryDirectory() as folder:
        tf.profiler.experimental.start(folder)
        started = time.perf_counter()
        for _ in range(steps):
            model.train_on_batch(*pair)
        whole = time.perf_counter() - started
        tf.profiler.experimental.stop()
        (path,) = Path(folder).rglob("*.xplane.pb")
        space = xplane_pb2.XSpace.FromString(path.read_bytes())
    (plane,) = (plane for plane in space.planes if plane.name == "/host:CPU")
    for event in (event for line in plane.lines for event in line.events):
        name = plane.event_metadata[event.metadata_id].name
        if operation := re.fullmatch(r"[\w/.]+:(?:_MklNative)?([A-Z]\w*)", name):  # other events hold several of these
            spent[operation[1]] += event.duration_ps / 1e9 / steps
    return {"step": 1000 * whole / steps, "kinds": dict(spent.most_common(12))}


def peak(side=2048):
    """Floating-point operations a second of a large float32 matrix product: what the processor can do at most."""
    matrix = tf.random.normal((side, side), seed=1)
    product = tf.function(lambda a: tf.matmul(a, a))
    times = []
    for _ in range(10):
        started = time.perf_counter()
        product(matrix).numpy()
        times.append(time.perf_counter() - started)
    return 2 * side**3 / statistics.median(times[2:])


def operations(model):
    """Floating-point operations of a training step on one scene: convolutions alone, three times the way forward."""
    forward = 0
    shapes = keras.models.clone_model(model, input_tensors=keras.Input((SIZE, SIZE, 1)))
    for layer in shapes.layers:
        if isinstance(layer, (keras.layers.Conv2D, keras.layers.Conv2DTranspose)):
            transposed = isinstance(layer, keras.layers.Conv2DTranspose)
            _, rows, columns, _ = (layer.input if transposed else layer.output).shape
            forward += 2 * rows * columns * int(np.prod(layer.kernel.shape))
    return 3 * forward


def measure():
    scenes, rates, starts = scene_file(0), collections.defaultdict(list), collections.defaultdict(list)
    for turn in range(ROUNDS):
        script = HERE / "torch_nets.py", "step", "--scenes", scenes
        theirs = measured(f"steps/torch-{turn}", *script, python=COMPETITORS_PYTHON)
        for key, rate in theirs.items():
            rates[f"PyTorch, {key}"].append(rate)
        for network in RATED:
            for dtype in DTYPES:
                name = f"steps/keras-{network}-{dtype}-{turn}"
                rates[f"Keras, {network}, {dtype}"].append(measured(name, __file__, "keras", network, dtype, scenes))
        for name in STARTS:
            starts[name].append(measured(f"steps/start-{name}-{turn}", __file__, "start", name, scenes))
    best, work = measured("steps/peak", __file__, "peak"), operations(models.unet(11))
    profiles = {
        name: measured(f"steps/profile-{name}", __file__, "profile", name, scenes) for name in ("before", "course")
    }
    return {
        "rates": rates,  # of each round
        "starts": starts,
        "peak": best,
        "operations_a_scene": work,
        "share_of_peak": statistics.median(rates["Keras, course, float32"]) * work / best,
        "profile": profiles,
    }


if __name__ == "__main__":
    what, *arguments, out = sys.argv[1:]
    storage.write_json(out, {"keras": keras_rate, "start": start, "profile": profile, "peak": peak}[what](*arguments))
