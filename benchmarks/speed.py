"""Rates of the package's parts beside what people would use instead, each the median of several in one process.

python speed.py row NAME OUT          one of ROWS: our rate, the other's, and the unit
python speed.py sliders OUT           milliseconds of every explorer
"""

import subprocess
import sys
import tempfile
import time
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf
from common import COMPETITORS_PYTHON, HERE, ROOT, measured, median_seconds, scene_file
from PIL import Image

from segutils import dataset, digits, losses, metrics, models, scenes, tiling, transforms
from segutils.lessons import explorer
from segutils.plumbing import storage

IMAGES = 4096


def some_scenes():
    arrays = np.load(scene_file(0))
    return arrays["images"][:IMAGES], arrays["masks"][:IMAGES]


def exhaust(batches):
    for _ in batches:
        pass


def make_scenes():
    """Scenes made a second, against scenes without clutter and noise."""
    source = digits.load_digits("bundled").train
    ours = median_seconds(lambda: scenes.make_scenes(source, 1000))
    other = median_seconds(lambda: scenes.make_scenes(source, 1000, clutter=0, noise=0.0))
    return 1000 / ours, 1000 / other, "scenes/s"


def our_augmentation():
    """Images a second."""
    moves, pair = transforms.Augment(rotation=0.15, shift=0.05, zoom=0.1), some_scenes()
    return IMAGES / median_seconds(lambda: exhaust(transforms.Batches(*pair, 16, moves).dataset(0, 1)))


def augment():
    """Turn, shift and zoom images and masks: segutils.transforms against Keras's layers with a dict of both."""
    images, masks = some_scenes()
    layers = [
        keras.layers.RandomRotation(0.15 / (2 * np.pi), fill_mode="constant"),
        keras.layers.RandomTranslation(0.05, 0.05, fill_mode="constant"),
        keras.layers.RandomZoom(0.1, fill_mode="constant"),
    ]
    layers = keras.Sequential(layers)
    pairs = {"images": images.astype(np.float32), "segmentation_masks": masks[..., None]}
    batches = tf.data.Dataset.from_tensor_slices(pairs).shuffle(IMAGES).batch(16)
    batches = batches.map(lambda pair: layers(pair, training=True), num_parallel_calls=2).prefetch(4)
    return our_augmentation(), IMAGES / median_seconds(lambda: exhaust(batches), 3), "images/s"


def augment_albumentations():
    """The same three changes: segutils.transforms against albumentations, in two loader processes of PyTorch."""
    theirs = measured("speed/albumentations", HERE / "rivals.py", "augment", scene_file(0), python=COMPETITORS_PYTHON)
    return our_augmentation(), theirs, "images/s"


def masks_to_compare():
    _, masks = some_scenes()
    return masks[:512], np.roll(masks[:512], 1, axis=1)


def our_confusion():
    """Pixels a second."""
    truth, predicted = masks_to_compare()
    return truth.size / median_seconds(lambda: metrics.confusion_matrix(truth, predicted, 11))


def confusion():
    """Confusion matrix of 11 classes against scikit-learn's."""
    from sklearn.metrics import confusion_matrix

    truth, predicted = (masks.ravel() for masks in masks_to_compare())
    theirs = median_seconds(lambda: confusion_matrix(truth, predicted, labels=range(11)), 3)
    return our_confusion(), truth.size / theirs, "pixels/s"


def confusion_torchmetrics():
    """The same against torchmetrics."""
    theirs = measured("speed/torchmetrics", HERE / "rivals.py", "confusion", scene_file(0), python=COMPETITORS_PYTHON)
    return our_confusion(), theirs, "pixels/s"


def tiled():
    """Predict 4.2 megapixels in tiles of 256: tiling without margins against `predict` of the same tiles."""
    images, _ = some_scenes()
    model, image = models.unet(11), np.tile(images[0], (32, 32, 1))
    tiles = np.stack([image[i : i + 256, j : j + 256] for i in range(0, 2048, 256) for j in range(0, 2048, 256)])
    ours = median_seconds(lambda: tiling.predict_tiled(model.predict_on_batch, image, margin=0, blend=0), 3)
    return (
        image.size / ours,
        image.size / median_seconds(lambda: model.predict(tiles, batch_size=8, verbose=0), 3),
        "pixels/s",
    )


def inspect():
    """Files that the data doctor examines a second, against decoding them with Pillow."""
    images, masks = some_scenes()
    with tempfile.TemporaryDirectory() as folder:
        for role, arrays in (("images", images[..., 0]), ("masks", masks)):
            (Path(folder) / role).mkdir()
            for i, array in enumerate(arrays[:300]):
                Image.fromarray(array).save(Path(folder) / role / f"{i:03}.png")
        paths = sorted(Path(folder).rglob("*.png"))
        ours = median_seconds(lambda: dataset.inspect(folder), 3)
        other = median_seconds(lambda: [np.asarray(Image.open(path)) for path in paths], 3)
    return len(paths) / ours, len(paths) / other, "files/s"


def input_pipeline():
    """Notebook 9's training step against its input alone (how long the network waits for scenes)."""
    pair = some_scenes()
    batches = transforms.Batches(*pair, 16, transforms.Augment(brightness=0.05, contrast=0.1)).dataset(0, 1).take(32)
    model = models.unet(11)
    model.compile("adam", losses.SegmentationLoss("cross_entropy_dice", over="batch"))
    train = median_seconds(lambda: model.fit(batches, verbose=0, shuffle=False), 3)
    return 512 / train, 512 / median_seconds(lambda: exhaust(batches), 3), "images/s"


def start():
    """Starts a second of a Python that imports segutils, against a Python that imports nothing."""

    def python(code):
        return median_seconds(lambda: subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT))

    return 1 / python("import segutils"), 1 / python("pass"), "starts/s"


ROWS = {
    row.__name__: row
    for row in (
        make_scenes,
        augment,
        augment_albumentations,
        confusion,
        confusion_torchmetrics,
        tiled,
        inspect,
        input_pipeline,
        start,
    )
}


def later_explorers():
    """Those of notebooks 13 and 14, of which tests have no small form, as a notebook makes them."""
    from segutils.lessons import attention, attention_figures, objects_figures
    from segutils.lessons.objects import make_crowds
    from segutils.objects import centre_map

    def seeds():
        image, ink, numbers = (part[3] for part in make_crowds("bundled", train=10, validation=10, test=10)[2])
        return objects_figures.seeds_explorer(image, ink, numbers, centre_map(numbers, reach=14))

    first = attention_figures.scene_of_page_one()
    return {
        "seeds_explorer": (seeds, {"threshold": (0.1, 0.9, 0.1), "min_distance": (1, 12), "noise": (0.0, 0.4, 0.1)}),
        "attention_explorer": (
            lambda: attention.attention_explorer(first.images[0]),
            {"row": (0, 7), "column": (0, 7)},
        ),
    }


def sliders(moves=60, *, clock=time.perf_counter):
    """{explorer: median and 95th percentile, ms} from a control's new value to the finished image, random moves."""
    sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tests" / "lessons")]
    from test_explorer import EXPLORERS

    rng, found = np.random.default_rng(0), {}
    for name, (make, controls) in {**EXPLORERS, **later_explorers()}.items():
        box, times = explorer.panel(make(), **controls), []
        while len(times) < moves + 5:
            control = _one_of(box.children[0].children, rng)
            before, value = control.value, _some_value(control, rng)
            started = clock()
            control.value = value
            if value != before:  # else nothing is drawn
                times.append(1000 * (clock() - started))
        found[name] = np.percentile(times[5:], [50, 95])
    return found


def _one_of(these, rng):
    return these[rng.integers(len(these))]


def _some_value(control, rng):
    if hasattr(control, "options"):
        return _one_of(control.options, rng)
    return control.min + control.step * int(rng.integers(int((control.max - control.min) / control.step) + 1))


def measure():
    rows = {name: measured(f"speed/{name}", __file__, "row", name) for name in ROWS}
    return {"rows": rows, "sliders": measured("speed/sliders", __file__, "sliders")}


if __name__ == "__main__":
    what, *name, out = sys.argv[1:]
    storage.write_json(out, sliders() if what == "sliders" else ROWS[name[0]]())
