"""Lesson 10 · Inside the network: the trained network, its levels, and what is asked of them."""

import contextlib
import io
import json
from pathlib import Path

import keras
import numpy as np

from segutils import losses, metrics, models, training, transforms
from segutils.lessons.segmentation_run import make_data
from segutils.plumbing import storage

LEVELS = ("down 1/2", "down 1/4", "down 1/8", "bottom 1/16", "up 1/8", "up 1/4", "up 1/2", "full size")
SKIPS = ("full size", "1/2", "1/4", "1/8", "bottom")

# The network


def find_run(source, *, near="."):
    """The newest run folder of notebook 9 whose network has seen digits of this source, or None.

    Args:
        source: "mnist" or "bundled".
        near: the folder in whose runs/ we look, and in that of the two folders above it.
    Returns: Path of a folder with a finished run on digit scenes, of the shape that this lesson speaks of, or None.
    """
    here, found = Path(near).resolve(), []
    for place in (here, *here.parents[:2]):
        for file in place.glob("runs/09_segmentation_run*/results.json"):
            results = json.loads(file.read_text(encoding="utf-8"))
            parameters = results.get("parameters", {})
            shape = [parameters.get(name) for name in ("SCENES", "WIDTH", "STEM")]
            if results.get("data") == source and shape == ["digits", 16, 2] and (file.parent / "best.keras").is_file():
                found.append(file)
    return max(found, key=lambda file: file.stat().st_mtime).parent if found else None


def get_network(source, folder, *, run="", seed=0, count=5000, epochs=2):
    """The U-Net of notebook 9: from a run folder, or trained by the same call on fewer scenes.

    Args:
        source: of the digits, "mnist" or "bundled".
        folder: Path; a network that is trained here is kept in it, and found in it next time.
        run: run folder of notebook 9; empty: the newest that `find_run` finds.
        seed, count, epochs: of a training here: its seed, its scenes, how often they are seen.
    Returns: keras.Model, and in words where it comes from.
    Raises: FileNotFoundError if `run` names a folder without a network; ValueError if the network has other levels.
    """
    found = Path(run) if run else find_run(source)
    if found:
        network = training.load_best(found)
        levels_of(network)
        return network, "from a run of notebook 9"
    told = {"source": source, "seed": seed, "scenes": count, "epochs": epochs}
    notes = folder / "trained.json"
    if not notes.is_file() or json.loads(notes.read_text(encoding="utf-8")) != told:
        _train(source, folder, seed, count, epochs)
        storage.write_json(notes, told)
    return training.load_best(folder), f"trained here, on {count:,} scenes seen {epochs} times"


def _train(source, folder, seed, count, epochs):
    """Train as notebook 9 does, on `count` scenes, and keep the best network in the folder."""
    with contextlib.redirect_stdout(io.StringIO()):
        train, validation, *_ = make_data("digits", source, size=64, seed=seed, train=count, validation=100, test=0)
    steps = max(1, count // 16)
    change = transforms.Augment(brightness=0.05, contrast=0.1, fill="constant")
    batches = transforms.Batches(train.images, train.semantic, 16, change, seed=seed, steps=steps)
    model = models.unet(11)
    schedule = training.one_cycle(0.03, epochs * steps, warmup=0.2, fall="line")
    model.compile(
        optimizer=training.ConvolutionMuon(schedule, beta_2=0.99),
        loss=losses.SegmentationLoss("cross_entropy_dice", over="batch"),
        metrics=[training.MeanIoU(11)],
    )
    known = validation.images, validation.semantic
    best = {"monitor": "val_mean_iou", "mode": "max"}
    training.fit(model, batches, known, epochs=epochs, folder=folder, resume=False, progress=False, **best)


def random_twin(network, images):
    """A network of the same build whose weights are as drawn: nothing was learned.

    Only its batch normalisation has looked at images (N, H, W, 1), so that its maps have a usual scale.
    """
    twin = models.unet(network.output_shape[-1])
    for _ in range(20):
        twin(images, training=True)
    return twin


def levels_of(network):
    """The tensors at the end of each level of `models.unet` with its stride-2 stem, in the order of the way.

    Returns: {name in LEVELS: Keras tensor (B, H, W, maps)}.
    Raises: ValueError for another network.
    """
    ends = [layer.output for layer in network.layers if isinstance(layer, keras.layers.ReLU)]
    if len(ends) != 9:
        raise ValueError(f"expected models.unet(…) with stem=2, which has 9 ReLUs, got {len(ends)}; train that one")
    return dict(zip(LEVELS, [ends[0], *ends[2:]], strict=True))


def skips_of(network):
    """What the way up receives: the four skip connections, finest first, and the maps of the bottom.

    The one at full size is a 3×3 convolution of the image itself.
    Returns: {name in SKIPS: Keras tensor (B, H, W, maps)}.
    """
    levels, sums = levels_of(network), [layer for layer in network.layers if isinstance(layer, keras.layers.Add)]
    return dict(zip(SKIPS, [sums[-2].input[1], *list(levels.values())[:4]], strict=True))  # the last sums the scores


def predict_masks(network, images):
    """The class of each pixel, (N, H, W) ints, predicted 50 images at a time.

    Args: images: (N, H, W, 1), or a list of arrays (N, …) for a network of several inputs.
    """
    several = isinstance(images, list)
    rows = [slice(i, i + 50) for i in range(0, len(images[0] if several else images), 50)]
    answers = [network.predict_on_batch([part[row] for part in images] if several else images[row]) for row in rows]
    return np.concatenate([np.asarray(answer).argmax(-1) for answer in answers])


def maps_of(network, images):
    """The images (N, H, W, 1) and, after them, the maps (N, h, w, C) of each level, as a list of arrays."""
    look = keras.Model(network.input, list(levels_of(network).values()))
    return [images, *look.predict(images, batch_size=50, verbose=0)]


def judge(truth, masks, *, outlines=60):
    """Mean IoU, boundary F1 (on the first `outlines` scenes), and IoU of ink of any class.

    Args: truth, masks: (N, H, W) ints, classes 0 to 10. Returns: three floats.
    """
    iou = metrics.mean_iou(metrics.confusion_matrix(truth, masks, 11))
    edges = np.nanmean(metrics.boundary_f1(truth[:outlines], masks[:outlines], 11))
    ink = metrics.iou(metrics.confusion_matrix((truth > 0).astype(int), (masks > 0).astype(int), 2))[1]
    return float(iou), float(edges), float(ink)


# What a probe is asked


def questions(scenes, count, *, seed=0):
    """Pixels of scenes and what a probe should say of each.

    Args:
        scenes: Scenes; count: pixels for each question.
        seed: of the draw.
    Returns: {"edge": …, "digit": …, "position": …}, each a pair: places (n, 3) of scene, row and column, and answers
        (n, k): [1, 0] off an edge and [0, 1] on one (half of each); one of ten digits (as many of each as can be); row
        and column. A pixel is on an edge if one of its four neighbours has another class.
    """
    from skimage.segmentation import find_boundaries

    rng, masks = np.random.default_rng(seed), scenes.semantic

    def draw(where, n):
        return rng.permutation(np.argwhere(where))[:n]

    on_edge = np.stack([find_boundaries(mask, connectivity=1, mode="thick") for mask in masks])
    edges = np.concatenate([draw(on_edge, count // 2), draw(~on_edge, count // 2)])
    ink = np.concatenate([draw(masks == label, count // 10) for label in range(1, 11)])
    anywhere = draw(np.ones_like(on_edge), count)
    return {
        "edge": (edges, np.eye(2)[on_edge[tuple(edges.T)].astype(int)]),
        "digit": (ink, np.eye(10)[masks[tuple(ink.T)].astype(int) - 1]),
        "position": (anywhere, anywhere[:, 1:].astype(float)),
    }


def values_at(maps, places, size=64):
    """What maps (N, h, w, C) hold at pixels (n, 3) of scenes of `size` pixels, (n, C): a coarse place serves many."""
    step = size // maps.shape[1]
    return maps[places[:, 0], places[:, 1] // step, places[:, 2] // step].astype(float)


def one_name_per_cell(masks, step):
    """The share of ink that could be named at best if each cell of step × step pixels had one name.

    Args: masks: (N, H, W) ints, 0 for background. Returns: float.
    """
    n, rows, columns = masks.shape
    cells = (
        masks.reshape(n, rows // step, step, columns // step, step).transpose(0, 1, 3, 2, 4).reshape(-1, step * step)
    )
    counts = np.stack([(cells == label).sum(1) for label in range(1, int(masks.max()) + 1)])
    return float(counts.max(0).sum() / counts.sum())


# A mistake to explain


def find_mistakes(scenes, masks, *, smallest=40):
    """The digits of scenes in the order of how much of each got one wrong name, worst first.

    Args: scenes: Scenes; masks: (N, H, W) predicted; smallest: pixels that such a digit has at least.
    Returns: list of (share of its pixels, scene, object, true class, claimed class); a share above 0.5 is a mistake.
    """
    found = []
    for n, (truth, objects, mask) in enumerate(zip(scenes.semantic, scenes.instances, masks, strict=True)):
        for number in range(1, int(objects.max(initial=0)) + 1):
            inside = objects == number
            if inside.sum() < smallest:
                continue
            true, votes = int(truth[inside][0]), np.bincount(mask[inside], minlength=11)
            votes[[0, true]] = -1
            found.append((float(votes.max() / inside.sum()), n, number, true, int(votes.argmax())))
    return sorted(found, key=lambda one: (-one[0], one[1:]))


# What a probe said


def grade(answers, said):
    """How good a probe is: the share of rows whose largest number is right, or R² where row and column were asked.

    Args: answers, said: (n, k); with k = 2 and answers above 1, rows and columns.
    """
    if answers.max() > 1:
        return float(1 - np.square(said - answers).mean() / answers.var(0).mean())
    return float((said.argmax(1) == answers.argmax(1)).mean())
