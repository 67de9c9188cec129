"""How the report says numbers and counts."""

import numpy as np


def headline(exam, scores):
    """The one score that stands first, as (name, value, interval)."""
    if scores.get("foreground_iou") is not None:
        return "foreground IoU", scores["foreground_iou"], scores["foreground_iou_interval"]
    return "mean IoU", scores["mean_iou"], scores["mean_iou_interval"]


def images_of(exam):
    """How many test images there are: "1 test image"."""
    return many(len(exam.keys), "test image")


def many(count, what):
    """A number and what it counts, in the plural where that is right."""
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def called(name):
    """A class in a sentence: its name, or "class 255" where only its mask value is known."""
    return f"class {name}" if name.isdecimal() or name.startswith("#") else name


def short(key, most=44):
    """The end of an image's name, its middle left out where it is long."""
    name = key.rpartition("/")[2] or key
    return name if len(name) <= most else f"{name[: most // 2]}…{name[-most // 2 + 1 :]}"


def told_apart(keys):
    """Names of images, short; with their folders where two would be the same.

    >>> told_apart(["a/1.png", "b/1.png", "b/2.png"])
    ['a/1.png', 'b/1.png', '2.png']
    """
    names = [short(key) for key in keys]
    return [key if names.count(name) > 1 else name for key, name in zip(keys, names, strict=True)]


def interval_of(pair):
    """An interval in words; "" where there is none."""
    return f"95% {pair[0]:.2f} to {pair[1]:.2f}" if pair and np.isfinite(pair).all() else ""


def listed(names, most=12, word="and"):
    """Names in a sentence: "a, b and c"; of very many the first, and how many more."""
    shown = names if len(names) <= most else [*names[: most - 1], f"{len(names) - most + 1} more"]
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} {word} {shown[-1]}"


def score(value):
    """A score with three decimals; a dash where there is none."""
    return "–" if value is None or not np.isfinite(value) else f"{value:.3f}"


def span(low, high):
    """From low to high; a dash where there is no interval."""
    return f"{low:.2f} to {high:.2f}" if np.isfinite(low) and np.isfinite(high) else "–"


def percent(value):
    """A share in percent."""
    return f"{100 * value:.1f}%" if value >= 0.001 or value == 0 else "< 0.1%"
