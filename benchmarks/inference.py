"""A trained network on one core: images a second in Keras, ONNX Runtime and LiteRT, and what eight bits cost in IoU.

    python inference.py SEED OUT

The workhorse's U-Net (16 filters, 11 classes) learns digit scenes in seconds, leaves by segutils.workhorse.export, and
answers one image at a time. Each program may use one thread. The clock is the processor's, of this process; rounds in
which all take turns. The exam are new scenes of 256 × 256, of digits that were in no training scene. Needs the extra
`export`.
"""

import sys
import tempfile
import time
from pathlib import Path

import keras
import numpy as np
from common import SEEDS, digits_here, measured

from segutils import course, losses, metrics, models, scenes, training, transforms
from segutils.plumbing import storage
from segutils.workhorse import export

TRAIN, BATCH, RATE = 3_000, 16, 0.01
SIDES = (256, 512)
EXAM, SAMPLES = 40, 40  # scenes of 256 × 256: to judge by; to choose the ranges of eight bits by
ROUNDS, SECONDS = 5, 0.25  # of the processor, for each program's turn


def scenes_of(part, count, side, seed):
    """Scenes as crowded as those of notebook 9, whatever their size."""
    places = (side // 21) ** 2
    return scenes.make_scenes(part, count, size=side, count=(places // 3, 2 * places // 3), seed=seed)


def trained(digits, seed):
    course.set_seed(seed)
    made = scenes_of(digits.train, TRAIN, 64, seed)
    batches = transforms.Batches(made.images, made.semantic, BATCH, transforms.Augment(brightness=0.05, contrast=0.1))
    model = models.unet(11)
    optimizer = training.FusedAdam(training.one_cycle(RATE, TRAIN // BATCH), beta_2=0.99)
    model.compile(optimizer, losses.SegmentationLoss("cross_entropy_dice", over="batch"))
    model.fit(batches.dataset(0, 1), verbose=0, shuffle=False)
    return model


def lite(model, path, side, samples=None):
    """Write a .tflite file for one image of a size; with samples of it in eight bits, inputs and outputs in float32."""
    import tensorflow as tf

    with tempfile.TemporaryDirectory() as folder:
        signature = [keras.InputSpec(shape=(1, side, side, 1), dtype="float32", name="image")]
        export.plain(model).export(folder, format="tf_saved_model", input_signature=signature, verbose=False)
        converter = tf.lite.TFLiteConverter.from_saved_model(folder)
        if samples is not None:
            converter.optimizations = [tf.lite.Optimize.DEFAULT]
            converter.representative_dataset = lambda: ([sample[None]] for sample in samples)
        path.write_bytes(converter.convert())
    return path


def by_lite(path):
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(str(path), num_threads=1)
    interpreter.allocate_tensors()
    source, target = (told[0]["index"] for told in (interpreter.get_input_details(), interpreter.get_output_details()))

    def look(image):
        interpreter.set_tensor(source, image)
        interpreter.invoke()
        return interpreter.get_tensor(target)

    return look


def by_onnx(path):
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    return lambda image: session.run(None, {"image": image})[0]


def programs(model, folder, side, samples):
    """{name: function from (1, side, side, 1) float32 to logits}, and {name: bytes of its file}."""
    export.save_plain(model, folder / "model.keras")
    export.export(model, folder, "onnx", size=(side, side))
    paths = {"plain Keras": folder / "model.keras", "ONNX Runtime": folder / "model.onnx"}
    paths["LiteRT, float32"] = lite(model, folder / "float.tflite", side)
    paths["LiteRT, int8"] = lite(model, folder / "int8.tflite", side, samples)
    looks = {
        "Keras": model.predict_on_batch,
        "plain Keras": keras.models.load_model(paths["plain Keras"]).predict_on_batch,
    }
    looks["ONNX Runtime"] = by_onnx(paths["ONNX Runtime"])
    looks |= {name: by_lite(paths[name]) for name in paths if name.startswith("LiteRT")}
    return looks, {name: path.stat().st_size for name, path in paths.items()}


def rates(looks, image):
    """{name: images a processor second, of each round}; they take turns."""
    found = {name: [] for name in looks}
    for _ in range(ROUNDS + 1):  # the first is to warm up
        for name, look in looks.items():
            started, count = time.process_time(), 0
            while time.process_time() < started + SECONDS:
                look(image)
                count += 1
            found[name].append(count / (time.process_time() - started))
    return {name: each[1:] for name, each in found.items()}


def judge(look, exam):
    """Mean IoU of the eleven classes."""
    images = exam.images.astype(np.float32)
    predicted = np.concatenate([look(image[None]).argmax(-1) for image in images])
    return float(metrics.mean_iou(metrics.confusion_matrix(exam.semantic, predicted, 11)))


def one_seed(seed):
    import tensorflow as tf

    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    digits = digits_here()
    started = time.process_time()
    model = trained(digits, seed)
    found = {"digits": digits.name, "seconds": time.process_time() - started, "rates": {}}
    exam = scenes_of(digits.test, EXAM, SIDES[0], seed)
    for side in SIDES:
        samples = scenes_of(digits.train, SAMPLES, SIDES[0], seed + 100).images.astype(np.float32)
        samples = np.tile(samples, (1, side // SIDES[0], side // SIDES[0], 1))
        with tempfile.TemporaryDirectory() as folder:
            looks, sizes = programs(model, Path(folder), side, samples)
            found["rates"][side] = rates(looks, samples[:1])
            if side == SIDES[0]:
                found |= {"mean_iou": {name: judge(look, exam) for name, look in looks.items()}, "bytes": sizes}
    return found


def measure():
    return [measured(f"inference/{seed}", __file__, seed) for seed in SEEDS]


if __name__ == "__main__":
    _, seed, out = sys.argv
    storage.write_json(out, one_seed(int(seed)))
