"""The picture of README and the book's first page: test scenes, what the network of notebook 9 says, and the truth.

python tools/make_picture.py runs/09_segmentation_run

The model is one of `make run`, which never saw the digits of these scenes.
"""

import argparse
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
from segutils import metrics, plots, scenes, training  # noqa: E402
from segutils.digits import load_digits  # noqa: E402

TARGET = ROOT / "docs" / "result.png"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", type=Path, help="run folder of notebook 9, with best.keras")
    model = training.load_best(parser.parse_args().run)
    images, masks, _ = scenes.make_scenes(load_digits("bundled").test, 16, seed=(0, 2))
    predicted = model.predict(images, verbose=0).argmax(-1)
    classes = len(scenes.CLASS_NAMES)
    each = [metrics.mean_iou(metrics.confusion_matrix(*pair, classes)) for pair in zip(masks, predicted, strict=True)]
    chosen = sorted(range(16), key=each.__getitem__)[8]  # the middle one, neither the best nor the worst
    image, answer, truth = plots.grid(1, 3, size=2.6)[0]
    plots.show_image(image, images[chosen], title="a test scene")
    plots.show_mask(answer, predicted[chosen], scenes.CLASS_NAMES, title="what the network says")
    plots.show_mask(truth, masks[chosen], scenes.CLASS_NAMES, title="the truth")
    image.figure.savefig(TARGET, dpi=120)
    print(f"{TARGET.relative_to(ROOT)}: scene {chosen}, mean IoU {each[chosen]:.3f}, the middle one of sixteen")


if __name__ == "__main__":
    main()
