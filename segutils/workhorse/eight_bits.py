"""A model in eight bits (int8): as quick as LiteRT is with it, and what that costs, measured on test images.

Its weights are stored in one byte each, and what its layers pass on is rounded to 256 steps. The range of those steps
is chosen by images, so it has to be seen that the rounding changes few answers.
"""

from typing import NamedTuple

import numpy as np

from segutils import metrics
from segutils.plumbing import quiet
from segutils.workhorse import crops
from segutils.workhorse.data import evenly_apart
from segutils.workhorse.wording import many, score

EXAMPLES, JUDGED = 64, 50  # images: to choose ranges by; to compare answers on


def example_images(source, indices, size):
    """Crops of training images, that a model's ranges are chosen by: (N, size, size, C) uint8, prepared."""
    return crops.example_crops(source, evenly_apart(indices, EXAMPLES), size)


class Lite:
    """A .tflite file that answers as a Keras model does, one image after the other, by LiteRT.

    Args: path: of the file. depth: it has a second output, as export.plain writes it.
    """

    def __init__(self, path, *, depth=False):
        from ai_edge_litert.interpreter import Interpreter

        self.outputs = ["output_0", "output_1"][: 1 + depth]
        self._look = Interpreter(str(path)).get_signature_runner()

    def predict_on_batch(self, batch):
        """Logits (B, H, W, classes); with depths a list of them and (B, H, W, 1)."""
        with quiet.noise_suppressed(quiet.EXPORT_NOISE):  # the first look tells that it is one
            answers = [self._look(image=np.float32(image)[None]) for image in batch]
        found = [np.concatenate([answer[name] for answer in answers]) for name in self.outputs]
        return found if len(found) > 1 else found[0]


class Compared(NamedTuple):
    """Answers of a model in eight bits beside those of the model itself.

    images: looked at, of `of` test images. same: share of the labelled pixels that both call alike. mean_iou: of the
    model, eight_bits: of the model in eight bits, on these images.
    """

    images: int
    of: int
    same: float
    mean_iou: float
    eight_bits: float

    @property
    def why(self):
        """What it costs, in a sentence."""
        where = many(self.of, "test image") if self.images == self.of else f"{self.images} of {self.of:,} test images"
        return (
            f"In eight bits the model gives {100 * self.same:.2f}% of the pixels of {where} the class that they get "
            f"in Keras; mean IoU there is {score(self.eight_bits)} instead of {score(self.mean_iou)}."
        )


def compare(source, indices, settings, model, path):
    """How a model in eight bits answers on test images, at most 50 of them, evenly apart.

    Args:
        source: as crops.Crops. indices: of the test images. settings: apply.Settings. model: keras.Model.
        path: of the same model in eight bits.
    Returns: Compared.
    Raises: ValueError without images.
    """
    if not len(indices):
        raise ValueError("expected at least one test image to compare answers on, got none; give another split")
    ways = [settings.predictor(model), settings.predictor(Lite(path, depth=settings.depth))]
    count, tables, same, total, chosen = len(settings.names), [0, 0], 0, 0, evenly_apart(indices, JUDGED)
    for i in chosen:
        image, truth = source.pair(i)
        masks = [way(image)[..., 0] for way in ways]
        for k, mask in enumerate(masks):
            tables[k] = tables[k] + metrics.confusion_matrix(truth, mask, count, ignore_class=metrics.VOID)
        labelled = truth != metrics.VOID
        same, total = same + np.count_nonzero((masks[0] == masks[1])[labelled]), total + np.count_nonzero(labelled)
    scores = (float(metrics.mean_iou(table)) for table in tables)
    return Compared(len(chosen), len(indices), same / total if total else float("nan"), *scores)
