"""The figure of the start page: a scene, and what the course teaches to make of it."""

import contextlib
import io

from segutils import plots, scenes
from segutils.digits import load_digits


def show_goal(number):
    """Draw a scene of bundled test digits beside its mask, an arrow between them.

    Args:
        number: which of sixteen scenes, 0..15.
    Returns: the figure.
    """
    with contextlib.redirect_stdout(io.StringIO()):  # where the digits are from is not what this figure is about
        digits = load_digits("bundled")
    image, mask, _ = (part[number] for part in scenes.make_scenes(digits.test, 16, seed=(0, 2)))
    left, right = plots.grid(1, 2, size=2.8)[0]
    plots.show_image(left, image, title=f"the image: {mask.shape[0]}×{mask.shape[1]} numbers from 0 to 255")
    plots.show_mask(right, mask, scenes.CLASS_NAMES, title="the mask: a class for each pixel")
    arrow = {"arrowstyle": "simple", "facecolor": "black", "mutation_scale": 22}
    right.annotate("", (-0.01, 0.5), (-0.09, 0.5), xycoords="axes fraction", arrowprops=arrow, annotation_clip=False)
    return left.figure
