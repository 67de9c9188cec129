"""How others use the model: a few lines of plain Keras, written for this set's channels, contrast and mask values."""

from segutils.workhorse.recipe import BRIGHT

RANGE = f"dark, bright = np.percentile(image, (1, {BRIGHT}))\n"
STRETCH = "image = 255 * np.clip((image - dark) / max(bright - dark, 8), 0, 1)"
CONTRAST = {"keep": "", "stretch": f"{RANGE}{STRETCH}\n", "root": f"{RANGE}{STRETCH} ** 0.5\n"}
PICTURE = """picture = ImageOps.exif_transpose(Image.open("new.png"))
if picture.mode.startswith("I"):  # 16 bit, which Pillow would cut at 255
    picture = Image.fromarray((np.asarray(picture) / 257).round().astype("uint8"))
"""
OPEN = {
    1: f'{PICTURE}image = np.asarray(picture.convert("L"))[..., None]',
    3: f'{PICTURE}image = np.asarray(picture.convert("RGB"))',
}


def snippet(classes, *, channels, contrast, multiple=16, turns=False, depth=False):
    """Python lines that make a mask of new.png with model.keras; they need Keras, NumPy and Pillow alone.

    Args: classes: dataset.Classes. channels: of the images. contrast: as recipe.prepare. multiple: of the sides.
        turns: the run itself predicts in all four quarter turns, and a comment says so.
        depth: the model has a second output, how deep each pixel lies in its object.
    """
    if classes.coloured:
        values = [[value >> 16 & 255, value >> 8 & 255, value & 255] for value in classes.values]
    elif classes.kind == "objects":
        values = [0, 255]
    else:
        values = list(map(int, classes.values))
    opened = OPEN.get(channels, f'image = np.load("new.npy")  # (height, width, {channels}), 0 to 255')
    kind = "uint8" if classes.coloured or max(classes.values) < 256 else "uint16"
    predicted = 'model.predict(padded[None].astype("float32"))'
    if depth:  # of an object: 0 at its rim, 1 in its middle
        asked = f"scores, depth = (part[0, :height, :width] for part in {predicted})"
    else:
        asked = f"scores = {predicted}[0, :height, :width]"
    once = "# one look; `segutils predict` takes the mean of four quarter turns, which is a little better\n"
    return f"""{once * turns}import keras
import numpy as np
from PIL import Image, ImageOps

model = keras.models.load_model("model.keras")
{opened}
{CONTRAST[contrast]}height, width = image.shape[:2]
padded = np.pad(image, [(0, -height % {multiple}), (0, -width % {multiple}), (0, 0)], mode="edge")
{asked}
values = np.array({values}, "{kind}")  # what the masks call each class
Image.fromarray(values[scores.argmax(-1)]).save("mask.png")
"""
