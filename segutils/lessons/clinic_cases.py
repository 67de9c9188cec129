"""Lesson 15 · Debugging clinic: the data of its cases, the training that all of them share, and two figures."""

import atexit
import tempfile
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from PIL import Image

from segutils import metrics, transforms
from segutils.lessons.debugging_clinic import SMALL, show_row
from segutils.scenes import make_scenes

FAINT = SMALL | {"scale": (0.5, 0.6)}  # digits so small that 3% of the pixels are ink

# Training and judging: background is 0, ink of any digit is 1


def trained(model, loss, scenes, **options):
    """Train with Adam at a learning rate of 0.01, five passes over the scenes in batches of 16.

    Args: scenes: a Scenes; options: more arguments of `fit`. Returns: the model, and the loss of each pass.
    """
    import keras

    model.compile(keras.optimizers.Adam(0.01), loss)
    y = (scenes.semantic > 0).astype("int32")
    fitted = model.fit(scenes.images, y, batch_size=16, epochs=5, verbose=0, **options)
    return model, fitted.history["loss"]


def confusion(model, scenes):
    """How many pixels of background and ink (rows) were predicted as which (columns), (2, 2)."""
    predicted = model.predict_on_batch(scenes.images).argmax(-1)
    return metrics.confusion_matrix((scenes.semantic > 0).astype(int), predicted, 2)


def ink_iou(model, scenes):
    """IoU of ink on scenes, by a model that gives two scores per pixel."""
    return metrics.iou(confusion(model, scenes))[1]


def loss_of(model, scenes, *, training):
    """The loss of scenes in one batch, in training mode or as in use.

    In training mode batch normalisation also moves its averages by one step, as it does in `fit`.
    """
    x, y = scenes.images.astype("float32"), (scenes.semantic > 0).astype("int32")
    return float(model.loss(y, model(x, training=training)))


def score(y_true, metric, y_pred):
    """What a Keras metric says of one prediction."""
    metric.update_state(y_true, y_pred)
    return float(metric.result())


# The data of the cases


def road(ink):
    """Case 2: where there is ink (H, W), a mask in colours (H, W, 3) with red road there, and a prediction of red.

    Returns: the mask, uint8; the prediction (1, H, W, 3), probabilities that say red at each pixel.
    """
    rgb = np.zeros((*ink.shape, 3), "uint8")
    rgb[ink] = (255, 0, 0)
    return rgb, np.zeros((1, *rgb.shape)) + [1.0, 0.0, 0.0]


def moved(before, after):
    """Case 4: which of N images or masks differ from what they were, (N,) bool."""
    return (np.asarray(after).reshape(np.shape(before)) != before).reshape(len(before), -1).any(1)


def dice_inputs():
    """Case 6: what breaks a plain Dice loss.

    Returns: a mask (1, 8, 8) full of class 9, a perfect prediction of it (1, 8, 8, 11), an empty mask (8, 8), and a
        full one (512, 512) in half precision.
    """
    nines = np.full((1, 8, 8), 9)
    return nines, np.eye(11)[nines], np.zeros((8, 8)), np.ones((512, 512), "float16")


def small_digits(digits, seed):
    """Case 7: 256 scenes to learn from and 64 others, with digits so small that 3% of the pixels are ink."""
    return tuple(make_scenes(p, n, seed=[seed, n], **FAINT) for p, n in ((digits.train, 256), (digits.test, 64)))


def show_found(scenes, number, models):
    """Case 7: a scene, where its ink is, and where each of {title: model} finds some. Returns: the axes."""
    one = scenes.images[number : number + 1]
    found = [255 * model.predict_on_batch(one)[0].argmax(-1) for model in models.values()]
    return show_row([one, 255 * (scenes.semantic[number] > 0), *found], ["image", "truth", *models])


def kept_until_exit(name):
    """Case 11: the path of a file in a new folder, which is removed when Python ends."""
    folder = tempfile.TemporaryDirectory()
    atexit.register(folder.cleanup)
    return Path(folder.name) / name


def read_twice(image):
    """Case 12: an image (H, W) uint8, saved as PNG and read by matplotlib and by Pillow."""
    with tempfile.TemporaryDirectory() as home:
        own = Path(home) / "own.png"
        Image.fromarray(image).save(own)
        return plt.imread(own), np.asarray(Image.open(own))


def show_black(image, black, mask):
    """Case 12: an image, the mask found in the one from plt.imread, the right one as stored, and times 255."""
    titles = ["image", "mask of plt.imread", "mask of Image.open,\n0 and 1", "that mask,\ntimes 255"]
    return show_row([image, 255 * black, mask, 255 * mask], titles)


def copies(scenes, seed):
    """Case 13: six augmented copies of each of the first 60 scenes, flat, and the scene that each is a copy of.

    Returns: a pair, images (360, pixels) and masks (360, pixels), 1 where there is ink; sources (360,) ints.
    """
    source = np.repeat(np.arange(60), 6)
    mild = transforms.Augment(rotation=0.1, shift=0.03, brightness=0.1)
    pairs = mild(scenes.images[source], (scenes.semantic[source] > 0).astype("int32"), seed=(seed, 1))
    return tuple(np.asarray(a).reshape(len(source), -1) for a in pairs), source


def remember(flat, new, learn, judge):
    """Case 13: how well the mask of the most similar remembered image answers, for other copies and for new scenes.

    Args: flat: images and masks of `copies`; new: a Scenes; learn, judge: which copies to remember, which to ask for.
    Returns: IoU of ink on the copies asked for, and on the new scenes.
    """
    from sklearn.neighbors import KNeighborsRegressor

    images, masks = flat
    memory = KNeighborsRegressor(1).fit(images[learn], masks[learn])
    others = new.images.reshape(len(new.images), -1), (new.semantic > 0).reshape(len(new.images), -1).astype(int)
    found = []
    for asked, truth in ((images[judge], masks[judge]), others):
        counts = metrics.confusion_matrix(truth, memory.predict(asked).astype(int), 2)
        found.append(metrics.iou(counts)[1])
    return tuple(found)
