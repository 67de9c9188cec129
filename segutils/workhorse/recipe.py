"""One recipe for all data: each number follows from the data by a rule, and a sentence says which.

NumPy alone, so that the recipe can be shown before TensorFlow is imported.
"""

from typing import NamedTuple

import numpy as np

from segutils.plumbing.arguments import check_choice

CONTRASTS = ("keep", "stretch", "root")
GAMMA = {"stretch": 1.0, "root": 0.5}
GEOMETRIES = ("light", "mirrored", "turned")
WEIGHTS = ("none", "balanced")
STEP_PIXELS = 2**17  # of the crops of one step
PASSES = 10  # how often training sees each labelled pixel, within these limits:
LEAST, MOST = 300e6, 640e6  # pixels of all crops together: 300 to 640 processor seconds, by half on two cores
LOOKS = 10  # how often training pauses to look at the validation crops
BRIGHT = 99.9  # percentile that is stretched to white: one small bright object sets it, so noise is not
LAYOUT = 0.04  # share of what varies from which on images have an up, or a left
FEW = 50  # training images, below which variety must come from turning by any angle
RARE = 0.05  # a class with a smaller share of the pixels is rare


class Recipe(NamedTuple):
    """How to train on a set of images.

    crop: height and width of a training crop, pixels; batch_size: crops a step; epochs: looks at the validation
    crops; epoch_crops: training crops between two looks; learning_rate: peak of the one-cycle learning rate;
    width: filters of the U-Net's first level; augment: fields of transforms.Augment; contrast: "keep", "stretch" or
    "root", as `prepare` takes it; class_weights: for the loss, one a class, or None; rare_share: of the crops that
    are drawn at a class instead of anywhere; why: sentences, one for each choice; turns: crops come in all four quarter
    turns, which cost no sharpness.
    """

    crop: int
    batch_size: int
    epochs: int
    epoch_crops: int
    learning_rate: float
    width: int
    augment: dict
    contrast: str
    class_weights: tuple | None
    rare_share: float
    why: tuple
    turns: bool = False

    @property
    def steps_per_epoch(self):
        """Steps between two looks at the validation crops."""
        return max(1, self.epoch_crops // self.batch_size)


def choose(sizes, classes_count, channels, counts, images, *, geometry=None, class_weights=None, **overrides):
    """The recipe for a set of images.

    Args:
        sizes: (height, width) of each training image.
        classes_count: how many classes. channels: of the images.
        counts: labelled pixels of each class, (C,), or image by image, (N, C).
        images: some training images as they are stored, (H, W, C) uint8; a few dozen tell enough.
        geometry: "light", "mirrored", "turned"; None: by the images.
        class_weights: "none", "balanced", or one number a class; None: balanced if one of several classes is rare.
        overrides: any other field of Recipe but `why`, to have it so whatever the data; what depends on it follows.
    Returns: Recipe.
    Raises: ValueError for an unknown option, or without images.
    >>> choose([(64, 64)], 2, 1, [3000, 1096], [np.zeros((64, 64, 1), np.uint8)], crop=32).crop
    32
    """
    for name in overrides:
        check_choice(
            "override", name, tuple(field for field in Recipe._fields if field not in ("why", "class_weights", "turns"))
        )
    if not len(sizes) or not len(images):
        raise ValueError(f"expected training images to choose by, got {len(sizes)} sizes and {len(images)} images")
    counts = np.atleast_2d(np.asarray(counts, np.float64)).sum(0)
    if len(counts) != classes_count:
        raise ValueError(f"expected counts of {classes_count} classes, got {len(counts)}")
    asked = {name: value for name, value in overrides.items() if value is not None}
    contrast = _contrast(images)
    contrast = (asked["contrast"], "as you asked") if "contrast" in asked else contrast
    parts = {
        "contrast": contrast,
        **_crops(sizes, counts, asked),
        **_geometry(images, geometry, contrast[0], len(sizes) < FEW),
        **_balance(counts, class_weights),
        "learning_rate": (0.01, "the peak of one cycle, which suited every set that was tried"),
        "width": (16, "16 filters at the first level: what two cores train in minutes"),
    }
    fields = {name: asked.get(name, value) for name, (value, _) in parts.items()}
    fields["epoch_crops"] = parts["epoch_crops"][0]  # what is asked, in whole steps
    notes = _notes(sizes, fields, asked)
    why = tuple(
        f"{name} {_show(fields[name])}: {'as you asked' if name in asked else reason}{notes.get(name, '')}"
        for name, (_, reason) in parts.items()
        if reason
    )
    return Recipe(**fields, why=why)


def _notes(sizes, fields, asked):
    """What is to be known of some choices, whoever made them: {name: the end of a sentence}."""
    notes = {}
    if all(min(size) < fields["crop"] for size in sizes):
        notes["crop"] = "; images are smaller, so what is beyond them in a crop is black and counts nowhere"
    if asked.get("epoch_crops", fields["epoch_crops"]) != fields["epoch_crops"]:
        notes["epoch_crops"] = f", {asked['epoch_crops']}, in whole steps of {fields['batch_size']}"
    return notes


def _show(value):
    if isinstance(value, dict):
        return (
            ", ".join(
                f"{name} {value[name]:.3g}" if not isinstance(value[name], (bool, str)) else name
                for name in value
                if name != "fill"
            )
            or "none"
        )
    return "(" + ", ".join(f"{x:.2f}" for x in value) + ")" if isinstance(value, tuple) else str(value)


def slower(start, encoder):
    """How many times smaller the peak of the learning rate is, for what has learned already takes smaller steps.

    Args: start: weights that training begins with, or "". encoder: the pretrained network that learns along, or "".
    >>> slower("", ""), slower("runs/a", "")
    (1, 3)
    """
    return 10 if encoder else 3 if start else 1


def prepare(image, contrast):
    """An image (H, W, C) uint8 as the network wants it, for training, test and new images alike."""
    check_choice("contrast", contrast, CONTRASTS)
    if contrast == "keep":
        return image
    from segutils.transforms import stretch_contrast

    return stretch_contrast(image, high=BRIGHT, gamma=GAMMA[contrast])


def _contrast(images):
    """Kept where images use their range of levels; stretched where they don't, by the root where they are dark."""
    used, middle = [], []
    for image in images:
        dark, half, bright = np.percentile(image, (1, 50, BRIGHT))
        used.append(bright - dark)
        middle.append((half - dark) / max(bright - dark, 8))
    used, middle = float(np.median(used)), float(np.median(middle))
    about = f"the images use {used:.0f} of 255 levels in the median"
    if used >= 160:
        return "keep", f"{about}, which is enough"
    if middle >= 0.25:
        return "stretch", f"{about}, so each image's own range is stretched to all"
    return "root", f"{about} and are dark, so their range is stretched and dark parts are lifted"


def _crops(sizes, counts, asked):
    """Crops as large as images allow, half an image if that is more than 128, and as many as there is to learn from."""
    side = int(np.median([min(size) for size in sizes]))
    crop = asked.get("crop") or int(np.clip(max(side // 2, min(side, 128)) // 16 * 16, 32, 256))
    most = asked.get("epoch_crops") or np.inf
    batch_size = asked.get("batch_size") or int(min(max(2, round(STEP_PIXELS / crop**2)), most))
    epochs = asked.get("epochs") or LOOKS
    labelled = float(counts.sum())
    pixels = float(np.clip(PASSES * labelled, LEAST, MOST))
    epoch_crops = max(1, int(pixels / LOOKS / crop**2))
    whole = -(-epoch_crops // batch_size)  # steps
    if "epoch_crops" in asked:
        whole = max(1, asked["epoch_crops"] // batch_size)
    epoch_crops = whole * batch_size
    covered = np.mean([min(height, crop) * min(width, crop) for height, width in sizes])
    seen = epochs * epoch_crops * covered / max(labelled, 1)
    why = f"each of {labelled / 1e6:.3g} million labelled pixels is seen {seen:.3g} times"
    return {
        "crop": (crop, f"the shorter side of an image has {side} pixels in the median"),
        "batch_size": (batch_size, f"a step learns from about {STEP_PIXELS:,} pixels"),
        "epochs": (epochs, "so often training looks at the validation images"),
        "epoch_crops": (epoch_crops, why),
    }


def _geometry(images, asked, contrast, few):
    """Turned where images have no up, mirrored where they have one, as they are where they have a left."""
    if asked is not None:
        check_choice("geometry", asked, GEOMETRIES)
    upright, sided = (layout(images, axis) for axis in (0, 1))
    chosen = asked or ("light" if sided > LAYOUT else "mirrored" if upright > LAYOUT else "turned")
    why = {
        "light": f"{sided:.0%} of the images' variation tells left from right, so none is mirrored",
        "mirrored": f"{upright:.0%} of the images' variation tells up from down, so they are mirrored, not turned",
        "turned": f"{upright:.0%} of the images' variation tells up from down, so they come in quarter turns, "
        "and are predicted in all four",
    }[chosen]
    light = {"brightness": 0.05, "contrast": 0.2}
    if contrast != "keep":
        light = {"brightness": 0.15, "contrast": 0.4}
        why += "; their exposure differs, so light is changed much"
    augment = {**light, "flip": chosen != "light", "fill": "reflect"}
    if few or chosen != "turned" or contrast != "keep":  # of things near and far, or by more than one camera
        augment["zoom"] = 0.15
    if few and chosen == "turned":
        augment["rotation"] = float(np.pi)
        why += f"; fewer than {FEW} images, so by any angle"
    return {"augment": (augment, "as you asked" if asked else why), "turns": (chosen == "turned", "")}


def layout(images, axis):
    """How much of what varies in the images is one and the same difference of two halves: 0 none, 1 all of it.

    From each image, the same flipped along the axis is subtracted: what is left are differences of halves, of which
    8×8 means are taken, in standard deviations of the image's pixels. What the images have in common in them counts.

    Formula: a = (image - flipped) / (2 std), in 8×8 means; (N |mean a|² - mean |a|²) / (N - 1), not below 0
    Args: images: some (H, W, C). axis: 0 for up and down, 1 for left and right. Returns: float, 0 to 1.
    >>> ramp = np.arange(16.0)[:, None, None] * np.ones((1, 16, 1))
    >>> round(layout([ramp, ramp + 9], 0), 2), layout([ramp, -ramp], 0)
    (0.99, 0.0)
    """
    halves = []
    for image in images:
        image = np.asarray(image, np.float64)
        if min(image.shape[:2]) < 8 or not np.ptp(image):
            continue
        rows, columns = (np.linspace(0, side, 9).astype(int)[:-1] for side in image.shape[:2])
        apart = (image - np.flip(image, axis)) / 2
        sums = np.add.reduceat(np.add.reduceat(apart, rows, 0), columns, 1)
        area = np.diff([*rows, image.shape[0]])[:, None] * np.diff([*columns, image.shape[1]])
        halves.append((sums / area[..., None] / image.std()).ravel())
    if len(halves) < 2:
        return 0.0
    halves, n = np.array(halves), len(halves)
    common, each = (halves.mean(0) ** 2).mean(), (halves**2).mean()
    return float(max(0.0, (n * common - each) / (n - 1)))


def _balance(counts, asked):
    """Rare classes are drawn into half of the crops, and weigh more in the loss if there are several classes."""
    shares = counts / max(counts.sum(), 1)
    rare = np.flatnonzero((shares > 0) & (shares < RARE))
    if len(rare):
        about = f"{len(rare)} of {len(shares)} classes have less than {RARE:.0%} of the pixels"
        drawn = 0.5, f"{about}, so half of the crops are drawn at one class or another"
    else:
        drawn = 0.0, f"no class has less than {RARE:.0%} of the pixels"
    return {"class_weights": _weights(shares, len(rare), asked), "rare_share": drawn}


def _weights(shares, rare, asked):
    """Weights of the classes, and why."""
    if asked is not None and not isinstance(asked, str):
        weights = tuple(float(weight) for weight in asked)
        if len(weights) != len(shares) or min(weights) < 0:
            raise ValueError(f"class_weights must be {len(shares)} numbers >= 0, got {weights}")
        return weights, "as you asked"
    check_choice("class_weights", asked or "none", WEIGHTS)
    several = (shares > 0).sum() > 2
    if asked == "balanced":
        return balanced(shares), "as you asked"
    if asked == "none":
        return None, "as you asked"
    if rare and several:
        return balanced(shares), "among several classes a rare one is hardly ever the likeliest, unless it weighs more"
    return None, "Dice in the loss makes up for the rarer of two classes" if rare else "no class is rare"


def balanced(shares):
    """Weights that make rare classes dearer: one over the root of their share, at most ten times the smallest.

    >>> balanced(np.array([0.5, 0.5]))
    (1.0, 1.0)
    """
    shares = np.asarray(shares, np.float64)
    weights = 1 / np.sqrt(np.maximum(shares, 1e-6))
    weights = np.where(shares > 0, np.minimum(weights / weights.min(), 10), 1)
    return tuple((weights / (weights * shares).sum()).tolist())
