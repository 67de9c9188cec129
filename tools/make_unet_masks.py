"""Keep what notebook 9's U-Net predicts for its first 16 test scenes, for notebook 1 to show.

    python -m segutils run -p SOURCE bundled --output runs/bundled
    python tools/make_unet_masks.py runs/bundled

Writes unet_masks.png (4 × 4 masks of 64 × 64 pixels, grey value = class) and unet_masks.json in data/.
"""

import json
import sys
from pathlib import Path

import numpy as np
from PIL import Image

from segutils import metrics, scenes, training
from segutils.digits import load_digits
from segutils.plumbing.storage import DATA, write_json

ROWS = COLUMNS = 4


def main(folder):
    results = json.loads((Path(folder) / "results.json").read_text(encoding="utf-8"))
    parameters = results["parameters"]
    if results["data"] != "bundled" or parameters["SIZE"] != 64:
        raise SystemExit(f"expected a run on bundled digits with SIZE 64, got {results['data']}, {parameters['SIZE']}")
    test = scenes.make_scenes(
        load_digits("bundled").test, ROWS * COLUMNS, size=parameters["SIZE"], seed=(parameters["SEED"], 2)
    )
    masks = training.load_best(folder).predict(test.images, verbose=0).argmax(-1).astype(np.uint8)
    confusion = metrics.confusion_matrix(test.semantic, masks, len(scenes.CLASS_NAMES))
    here = DATA
    mosaic = masks.reshape(ROWS, COLUMNS, 64, 64).swapaxes(1, 2).reshape(ROWS * 64, COLUMNS * 64)
    Image.fromarray(mosaic).save(here / "unet_masks.png", optimize=True)
    facts = {"seed": parameters["SEED"], "mean_iou_of_these": metrics.mean_iou(confusion), "run": results["summary"]}
    write_json(here / "unet_masks.json", facts)


if __name__ == "__main__":
    main(sys.argv[1])
