# %% [markdown]
# # 12 · Frontiers: larger images, harder scenes, fewer labels, cheaper training
#
# <!-- [Open in Colab](https://colab.research.google.com/github/OWNER/REPO/blob/main/notebooks/12_frontiers.ipynb) · -->
# previous: [11 · Your images](11_your_images.ipynb) · next: [15 · Debugging clinic](15_debugging_clinic.ipynb) · about 3 minutes on two CPU cores
#
# The article ends with four challenges: higher resolution, harder scenes such as night and occlusion, fewer labels, more efficient training.
# It gives no numbers. How hard is each one, and what helps? We answer with four experiments, each a curve with its spread over several trainings.
#
# You will be able to
# - predict an image of any size in tiles, with flat memory and without seams,
# - measure how a network fails at night and under occlusion, how sure it still is, and what augmentation wins back,
# - compare trainings fairly: same steps, same scenes, several seeds, one sentence that an assertion holds to.
#
# You need: the U-Net, its loss and its step size from [notebook 9](09_segmentation_run.ipynb).

# %% tags=["parameters", "hide-input"]
# @title Parameters
SOURCE: str = "bundled"  # digits: "bundled", "mnist", or "auto": MNIST if it can be had
DIGITS: int = 4  # how many of the ten digits occur: 0 to DIGITS - 1
SEEDS: int = 3  # trainings of each kind: the spread of every curve
SCENES: int = 400  # training scenes, all of them labelled unless section 3 says otherwise
TEST_SCENES: int = 96  # scenes that a score is measured on; as many again for validation
STEPS: int = 100  # steps of every training
WIDTH: int = 8  # filters of the U-Net's first level
LEARNING_RATE: float = 0.03  # peak of the step size
SEED: int = 0  # of scenes; the trainings use SEED, SEED + 1, …
OUTPUT: str = ""  # run folder; empty: one under runs/ that is named after the parameters

# %% tags=["nbval-ignore-output", "check-parameters", "hide-input"]
# @title Set-up: nothing to do here; on Colab this fetches the course's helper package
import subprocess, sys
from importlib.util import find_spec
from pathlib import Path

if find_spec("segutils") is None:
    here = [
        folder
        for folder in (Path.cwd(), *Path.cwd().parents, Path("course"))
        if (folder / "segutils").is_dir()
    ]
    if not here:
        clone = "https://github.com/OWNER/REPO"
        if "/OWNER/" in clone:
            sys.exit(
                "this copy of the course does not know its address: in your fork, run "
                "'python tools/stamp.py your-name/your-fork' and push, or put the folder segutils beside this notebook"
            )
        try:
            subprocess.run(["git", "clone", "-q", "--depth", "1", clone, "course"], check=True)
        except (OSError, subprocess.CalledProcessError):
            sys.exit(
                f"the course's package segutils could not be fetched from {clone}, which takes git and a connection; "
                "mend that and run this cell again, or put the folder segutils beside this notebook"
            )
    sys.path.insert(0, str((here or [Path("course")])[0].resolve()))

from segutils import course

parameters = course.check_parameters(
    globals(),
    SOURCE=course.one_of("auto", "mnist", "bundled"),
    DIGITS=course.integer(3, 10),
    SEEDS=course.integer(2, 30),
    SCENES=course.integer(400, 100_000),
    TEST_SCENES=course.integer(32, 10_000),
    STEPS=course.integer(100, 100_000),
    WIDTH=course.integer(8, 64),
    LEARNING_RATE=course.number(1e-3, 0.1),
    SEED=course.integer(0, 2**30),
    OUTPUT=course.text(empty=True),
)

# %% tags=["hide-input"]
# @title Imports
import time
import tracemalloc

import keras
import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf

from segutils import losses, metrics, models, plots, scenes, tiling, training, transforms
from segutils.plumbing import quiet, storage
from segutils.digits import Digits, Split, load_digits
from segutils.lessons.frontiers import bands, exercise

folder = course.make_run_folder(OUTPUT, "12_frontiers", parameters)
names = scenes.CLASS_NAMES[: DIGITS + 1]  # background and the digits
seeds = range(SEED, SEED + SEEDS)
findings, results = {}, {}

# %% tags=["nbval-ignore-output", "hide-input"]
# @title The first figure
every = load_digits(SOURCE)
chosen = [Split(*(array[part.labels < DIGITS] for array in part)) for part in every[1:]]
digits = Digits(every.name, *chosen)
small = {"size": 48, "count": (2, 4)}
learn, validation, test = scenes.make_splits(
    digits, train=SCENES, validation=TEST_SCENES, test=TEST_SCENES, seed=SEED, **small
)
axes = plots.grid(2, 6)
for column, image, mask in zip(axes.T, test.images, test.semantic):
    plots.show_image(column[0], image)
    plots.show_mask(column[1], mask, names)
plt.show()

# %% [markdown]
# ## The workbench: one small task, trained many times
#
# One training proves little: another seed gives another result. So we want *many* trainings, and each must be short.
# The task is small, as the figure shows: scenes of 48 × 48 pixels with two to four digits, and only the first few of the ten digits. The network is the U-Net of notebook 9.
#
# The collapsed cell above makes these scenes: `learn` to train on, `validation` to look at on the way, `test` for what we report.
#
# TensorFlow translates a network's training step once, which takes as long as dozens of steps. So we keep one network of each kind
# and start every training from new weights. `start_weights` draws them; `build` makes the network and lets TensorFlow translate it.
# `train` starts anew and, on the way, looks at the validation scenes as often as asked. Its seed decides on order and augmentation.

# %%
light = transforms.Augment(brightness=0.05, contrast=0.1)
loss = losses.SegmentationLoss("cross_entropy_dice", over="batch")
batch_size = 16


def start_weights(outputs, width, seed):
    course.set_seed(seed)
    return models.unet(outputs, width=width).get_weights()


def build(outputs, width, loss):
    network = models.unet(outputs, width=width)
    network.compile(training.FusedAdam(LEARNING_RATE, beta_2=0.99), loss=loss)
    images = np.zeros((batch_size, 48, 48, 1), np.float32)
    masks = np.zeros((batch_size, 48, 48), np.uint8)
    training.build_optimizer(network).train_on_batch(images, masks if outputs > 1 else images)
    return network


# %%
def one_cycle_of(steps):
    schedule = training.one_cycle(LEARNING_RATE, steps)
    return [float(schedule(step)) for step in range(steps)]


one_cycle = one_cycle_of(STEPS)


def train(network, start, images, targets, seed, *, rates=one_cycle, change=light, looks=()):
    """Train from the weights `start`; the network keeps the result. Returns (CPU seconds, mean IoU) at `looks`."""
    network.set_weights(start)
    for variable in network.optimizer.variables:  # Adam forgets the training before
        variable.assign(keras.ops.zeros_like(variable))
    batches = transforms.Batches(images, targets, batch_size, change, seed=seed, steps=len(rates))
    seconds, curve = 0.0, []
    for step, (batch, rate) in enumerate(zip(batches.dataset(0, 1), rates), 1):
        started = time.process_time()
        network.optimizer.learning_rate = rate
        network.train_on_batch(*batch)
        seconds += time.process_time() - started
        if step in looks:
            curve.append((seconds, mean_iou(network, validation)))
    return curve


def probabilities(network, images):
    return keras.ops.convert_to_numpy(keras.ops.softmax(network.predict_on_batch(images)))


def mean_iou(network, exam):
    """Mean IoU over the classes; the exam is Scenes."""
    predicted = network.predict_on_batch(exam.images).argmax(-1)
    return float(metrics.mean_iou(metrics.confusion_matrix(exam.semantic, predicted, len(names))))


# %% [markdown]
# The *baseline* of all four experiments: all labels, light augmentation, one cycle. Its weights are kept, one set a seed.

# %% tags=["nbval-ignore-output"]
network = build(len(names), WIDTH, loss)
starts = [start_weights(len(names), WIDTH, seed) for seed in seeds]
looks = [STEPS * quarter // 4 for quarter in (1, 2, 3, 4)]
plain, progress = [], {"one cycle": []}
for seed, start in zip(seeds, starts):
    curve = train(network, start, learn.images, learn.semantic, seed, looks=looks)
    progress["one cycle"].append(curve)
    plain.append(network.get_weights())
scores = [curve[-1][1] for curve in progress["one cycle"]]
print(f"Mean IoU on validation scenes, one number a seed: {', '.join(f'{s:.2f}' for s in scores)}")
assert min(scores) > 0.5, "the baseline must have learned something"

# %% [markdown]
# Same data, same network, same steps, and yet the numbers differ. Every comparison below has to be larger than this spread.
#
# ## 1 · Higher resolution: predict in tiles
#
# **Claim.** A convolutional network takes images of any size, but its feature maps must fit into memory. So large images are cut into *tiles*.
# A pixel near a tile's edge lacks part of its surroundings. The cure: each tile reads a *margin* on each side and throws its answers there away.
# Once the margin covers the receptive field's radius (notebook 2), the tiled answer *equals* the answer for the whole image.
#
# **Predict.** The network halves its input four times, so one step of its deepest 3×3 convolution is 16 pixels. How far does an output pixel see?
#
# We measure it: turn one column of pixels into its negative and see how far away the answer still changes. The poolings lie on a grid of 16 pixels, so we try 16 columns.

# %% tags=["nbval-ignore-output"]
strip = np.random.default_rng(SEED).uniform(0, 255, (1, 32, 320, 1)).astype(np.float32)
answer, reach = network.predict_on_batch(strip), 0
for column in range(160, 176):
    negative = strip.copy()
    negative[:, :, column] = 255 - negative[:, :, column]
    moved = (network.predict_on_batch(negative) != answer).any((0, 1, 3))
    reach = max(reach, np.abs(np.nonzero(moved)[0] - column).max())
print(f"A pixel's answer depends on pixels up to {reach} away")
assert 48 < reach <= 80

# %% [markdown]
# One step of 16 pixels at the bottom, smaller steps on the way down and up, and the pixel's place within its block of 16: together about 64. So a margin of 80 is safe.
#
# **Predict.** How much of that do we need? Does a margin of 16, the step of the deepest layer, do?

# %% tags=["nbval-ignore-output"]
side, core = 384, 96  # pixels: of the image; of what each tile keeps
margins = (0, 8, 16, 32, 48, 64, 80)
large = [
    scenes.make_scenes(digits.test, 1, size=side, count=(150, 200), seed=[SEED, 10, seed])
    for seed in seeds
]


def predict_in_tiles(image, margin):
    options = {"tile": core + 2 * margin, "margin": margin, "blend": 0}
    return tiling.predict_tiled(lambda tiles: probabilities(network, tiles), image, **options)


seams, changed, wholes = [], [], []
for weights, exam in zip(plain, large):
    network.set_weights(weights)
    wholes.append(probabilities(network, exam.images)[0])
    tiled = np.stack([predict_in_tiles(exam.images[0], margin) for margin in margins])
    seams.append(np.abs(tiled - wholes[-1]).max((1, 2, 3)))
    changed.append((tiled.argmax(-1) != wholes[-1].argmax(-1)).mean((1, 2)))
naive = tiled[0].argmax(-1)  # of the last seed, to look at

# %% tags=["nbval-ignore-output"]
fig, (left, right) = plt.subplots(1, 2, figsize=(9, 3), layout="constrained")
shown = np.maximum(seams, 1e-8)  # a logarithm has no place for 0
bands(
    left,
    margins,
    {"largest difference": shown},
    xlabel="margin, pixels",
    ylabel="probability",
    title="Tiled against whole",
)
left.set_yscale("log")
cost = [(1 + 2 * margin / core) ** 2 for margin in margins]
plots.lines(
    right,
    margins,
    {f"tiles that keep {core}×{core}": cost},
    xlabel="margin, pixels",
    ylabel="times the image",
    title="Pixels that are computed",
)
plt.show()

# %% tags=["nbval-ignore-output"]
part = slice(core - 48, core + 48)  # around the corner where four tiles meet
whole = wholes[-1].argmax(-1)[part, part]
axes = plots.grid(1, 4, size=2.2)[0]
plots.show_image(axes[0], large[-1].images[0, part, part], title="part of the image")
plots.show_mask(axes[1], whole, names, title="predicted whole")
plots.show_mask(axes[2], naive[part, part], names, title="tiles without margin")
plots.show_errors(
    axes[3],
    large[-1].images[0, part, part],
    whole,
    naive[part, part],
    title="pixels that changed",
)
for ax in axes[2:]:
    ax.axhline(47.5, color="white", linestyle=":", linewidth=1)
    ax.axvline(47.5, color="white", linestyle=":", linewidth=1)
plt.show()

seams, changed = np.array(seams), np.array(changed)
assert (changed[:, 0] > 0.002).all(), "without a margin there are seams"
assert (seams[:, margins.index(16)] > 0.1).all(), "16 pixels do not do"
assert (seams[:, -1] < 1e-5).all(), "a margin wider than the reach removes them"
findings["tiling"] = (
    f"Without a margin, tiles change {100 * changed[:, 0].mean():.1f}% of the pixels; "
    f"with a margin of {margins[-1]} no probability changes by more than 0.00001."
)
results["tiling"] = {"margin": margins, "largest_difference": seams, "pixels_changed": changed}
print(findings["tiling"])

# %% [markdown]
# The dotted lines are where four tiles meet. Digits that lie across a line are torn: each tile sees half a digit and names what it sees.
#
# A margin of 16 does not do: somewhere a probability still changes by a large part of 1. What remains at the widest margin is rounding. The right panel is the price:
# every tile computes its margins too. Larger tiles pay less; `segutils.tiling` uses 256 pixels and also *blends* neighbours, which hides what a smaller margin leaves.
#
# **Claim.** The memory of a tiled prediction does not depend on the image's height. We count what NumPy holds at most, while the answer goes to a file, window by window.
#
# **Predict.** The image becomes eight times taller. Which of the two curves grows?

# %% tags=["nbval-ignore-output"]
heights, peaks = [side * times for times in (1, 2, 4, 8)], []
for height in heights:
    tall = np.tile(large[0].images[0], (height // side, 1, 1))
    out = np.lib.format.open_memmap(folder / "classes.npy", "w+", np.uint8, (height, side))
    tracemalloc.start()
    options = {"tile": 128, "margin": 16, "out": out, "finish": lambda scores: scores.argmax(-1)}
    tiling.predict_tiled(network.predict_on_batch, tall, **options)
    peaks.append(tracemalloc.get_traced_memory()[1] / 1e6)
    tracemalloc.stop()
alone = [height * side * len(names) * 4 / 1e6 for height in heights]
fig, ax = plt.subplots(figsize=(5, 2.6), layout="constrained")
memory = {"scores of the whole image": alone, "all that tiling holds": peaks}
plots.lines(
    ax,
    heights,
    memory,
    xlabel="height, pixels",
    ylabel="megabytes",
    title=f"Memory, images {side} pixels wide",
)
plt.show()
(folder / "classes.npy").unlink()
assert peaks[-1] < 1.1 * peaks[0], "memory does not grow with the image"
results["memory"] = {"height": heights, "tiled_megabytes": peaks, "scores_megabytes": alone}

# %% [markdown]
# Tiling holds a strip of scores as high as one tile, whatever comes below it (and does very wide images in bands). The whole image needs its scores at once,
# and its feature maps, which are larger still.
#
# **Claim.** The other way to fit a large image into memory is to *shrink* it, predict, and enlarge the mask. That is cheap, and it loses what the image had to say.
#
# **Predict.** Strokes are about three pixels wide. What is left at half the size?

# %% tags=["nbval-ignore-output"]
factors = (1, 2, 3, 4)
shrunk = np.zeros((SEEDS, len(factors)))
for i, (weights, exam) in enumerate(zip(plain, large)):
    network.set_weights(weights)
    for j, factor in enumerate(factors):
        blocks = exam.images.reshape(1, side // factor, factor, side // factor, factor, 1)
        mask = network.predict_on_batch(blocks.mean((2, 4), dtype=np.float32)).argmax(-1)
        enlarged = mask.repeat(factor, 1).repeat(factor, 2)
        table = metrics.confusion_matrix(exam.semantic, enlarged, len(names))
        shrunk[i, j] = metrics.mean_iou(table)

fig, ax = plt.subplots(figsize=(5, 2.6), layout="constrained")
bands(
    ax,
    factors,
    {"shrunk, predicted, enlarged": shrunk},
    xlabel="shrunk by",
    ylabel="mean IoU",
    title="What shrinking costs",
)
ax.set(xticks=factors, ylim=(0, 1))
plt.show()
assert (shrunk[:, 1] < 0.7 * shrunk[:, 0]).all(), "half the size costs at least 30% of the IoU"
findings["resolution"] = (
    f"At half its size an image keeps {shrunk[:, 1].mean():.2f} of {shrunk[:, 0].mean():.2f} mean IoU; tiles keep it all."
)
results["shrinking"] = {"factor": factors, "mean_iou": shrunk}
print(findings["resolution"])

# %% [markdown]
# Two things are lost at once: strokes thinner than a pixel, and the *size* for which the network was trained. (Training at the smaller size would win back the second, not the first.)
#
# **What goes wrong.** A tile must have room between its margins.

# %%
with course.expect_error(ValueError, match="make the tile at least"):
    tiling.tiles_along(384, tile=128, margin=64, blend=0, multiple=16)

# %% [markdown]
# ## 2 · Harder scenes: night, noise, occlusion, clutter
#
# **Claim.** A network knows what it was shown. Trained by day, it fails at night, and *augmentation* that imitates the difficulty wins back what it imitates.
# `harden` darkens each scene by up to 6 times, adds grain, and hides a block (its mask becomes background: we label what can be seen). It imitates no clutter.
# Two networks go on from each baseline for as many steps again, one with `harden`, one by day as before, so that both have learned equally long.

# %%


def harden(images, masks, seed):
    """Darkness, grain and a hidden block, drawn anew for each scene; a third of the darkness draws is none."""
    draws = tf.random.stateless_uniform((7, batch_size, 1, 1, 1), seed)
    y = x = tf.range(48.0) / 48
    down, across = (tf.abs(y[:, None, None] - draws[0]), tf.abs(x[:, None] - draws[1]))
    hidden = (down < 0.15 * draws[2]) & (across < 0.15 * draws[3])
    images = tf.where(hidden, 255 * draws[4], tf.cast(images, tf.float32))
    factor = 6.0 ** -tf.maximum(1.5 * draws[5] - 0.5, 0)
    grain = tf.random.stateless_normal(tf.shape(images), tf.cast(seed, tf.int64) + [1, 0])
    images = factor * images + grain * 255 * (0.02 + 0.1 * draws[6] * factor)
    return tf.clip_by_value(images, 0, 255), tf.where(hidden[..., 0], tf.zeros_like(masks), masks)


# %% [markdown]
# **Predict.** Which of the four difficulties hurts the network trained by day most? For which does augmentation *not* help?

# %% tags=["nbval-ignore-output"]
kinds = {"trained by day": [], "with augmentation": []}
for change, trained in zip((light, harden), kinds.values()):
    for seed, weights in zip(seeds, plain):  # both go on from the baseline
        train(network, weights, learn.images, learn.semantic, seed + 1000, change=change)
        trained.append(network.get_weights())

levels = {
    "night": (0, 0.3, 0.6, 0.85),
    "noise": (0.05, 0.1, 0.2, 0.3),
    "occlusion": (0, 2, 4, 8),
    "clutter": (3, 6, 12, 24),
}
exams = {
    (knob, level): scenes.make_scenes(
        digits.test, TEST_SCENES, seed=[SEED, 2], **small, **{knob: level}
    )
    for knob, values in levels.items()
    for level in values
}

# %% tags=["nbval-ignore-output"]
robustness = {knob: {kind: [] for kind in kinds} for knob in levels}
for kind, trained in kinds.items():
    for weights in trained:
        network.set_weights(weights)
        for knob, values in levels.items():
            row = [mean_iou(network, exams[knob, level]) for level in values]
            robustness[knob][kind].append(row)

fig, axes = plt.subplots(1, 4, figsize=(11, 2.8), sharey=True, layout="constrained")
for ax, (knob, values) in zip(axes, levels.items()):
    bands(ax, values, robustness[knob], xlabel=knob, title=f"harder: {knob}")
axes[0].set(ylabel="mean IoU", ylim=(0, 1))
plt.show()

# %% tags=["nbval-ignore-output"]
axes = plots.grid(
    3, 4, size=1.7, titles=[f"{knob} {values[-1]}" for knob, values in levels.items()]
)
for column, (knob, values) in zip(axes.T, levels.items()):
    exam = exams[knob, values[-1]]
    plots.show_image(column[0], np.minimum(exam.images[0] * (4.0 if knob == "night" else 1), 255))
    for ax, trained in zip(column[1:], kinds.values()):
        network.set_weights(trained[0])
        plots.show_mask(ax, network.predict_on_batch(exam.images[:1])[0].argmax(-1), names)
for ax, name in zip(axes[:, 0], ("scene (night: ×4)", *kinds)):
    ax.set_ylabel(name, fontsize=8)
plt.show()

# %% tags=["nbval-ignore-output"]
gains = {
    knob: np.subtract(rows["with augmentation"], rows["trained by day"])
    for knob, rows in robustness.items()
}
for knob, gain in gains.items():
    lowest, highest = gain[:, -1].min(), gain[:, -1].max()
    print(f"hardest {knob:10} augmentation changes mean IoU by {lowest:+.2f} to {highest:+.2f}")
dark = np.array(robustness["night"]["trained by day"])
assert (dark[:, -1] < 0.5 * dark[:, 0]).all(), "night costs more than half of the IoU"
assert (gains["night"][:, -1] > 0.2).all(), "augmentation wins back a large part, every time"
findings["night"] = (
    f"At night mean IoU falls from {dark[:, 0].mean():.2f} to {dark[:, -1].mean():.2f}; augmentation "
    f"wins back {gains['night'][:, -1].mean():.2f} (by day it changes it by {gains['night'][:, 0].mean():+.2f})."
)
results["robustness"] = {"levels": levels, "mean_iou": robustness}
print(findings["night"])

# %% [markdown]
# Night is a change of *light*: nothing is lost but contrast, and a network that has seen darkness can read it. Augmentation wins back most of it. Occlusion takes the evidence away, and clutter looks like
# ink: there the gain is small or none. (Noise of this strength hurts little in the first place.) And augmentation is not free. The same steps now have to serve more kinds of scenes, which can cost a little by day.
#
# **Claim.** Worse than a wrong answer is a wrong answer given with confidence. A *calibrated* network is right in 80% of the cases where it says 0.8 (notebook 8).
# Calibration measured by day says nothing about the night.
#
# **Predict.** The night scene is almost black to the network. Will its confidence fall with its accuracy?

# %% tags=["nbval-ignore-output"]
times = {"day": exams["night", 0], "night": exams["night", levels["night"][-1]]}
reliability = {(kind, at): [] for kind in kinds for at in times}
for kind, trained in kinds.items():
    for weights in trained:
        network.set_weights(weights)
        for at, exam in times.items():
            p = probabilities(network, exam.images)
            reliability[kind, at].append(metrics.calibration(exam.semantic, p))
fig, axes = plt.subplots(1, 3, figsize=(10, 3.2), layout="constrained")
for ax, case in zip(axes, [*reliability][:2] + [*reliability][3:]):
    plots.show_reliability(ax, reliability[case][0], title=", ".join(case))
plt.show()

errors = {case: np.array([r.expected_error for r in rows]) for case, rows in reliability.items()}
by_day, by_night, hardened_day, hardened_night = errors.values()
assert (by_night > 2 * by_day).all(), "calibration by day does not hold at night"
assert hardened_night.mean() < by_night.mean(), "augmentation mends it too"
findings["calibration"] = (
    f"The expected calibration error of the network trained by day is {by_day.mean():.3f} by day and {by_night.mean():.3f} at night; "
    f"with augmentation it is {hardened_night.mean():.3f} at night."
)
results["calibration"] = {", ".join(case): values for case, values in errors.items()}
print(findings["calibration"])

# %% [markdown]
# Its confidence does not fall with its accuracy: the network calls the dark scene background and is sure of it. Softmax compares classes with each other; it has no word for
# "I have never seen this".
#
# ## 3 · Fewer labels: what unlabelled scenes are worth
#
# **Claim.** Labels cost work, images do not. We train with few labelled scenes, each time for the same number of steps. Then we give the network a start:
# it first learns from *all* images, without a single label. The task: half of a scene is hidden in blocks of 8×8 pixels; fill it in (*masked reconstruction*).
# Whoever can continue a stroke knows something about digits.
#
# **Predict.** From 16 labelled scenes to 400: which step is worth more, the first five times or the second?

# %%


def hide_blocks(images, _, seed):
    """Scenes with half of their 8×8 blocks painted grey, and the scenes as they were, from 0 to 1."""
    images = tf.cast(images, tf.float32)
    keep = tf.random.stateless_uniform((batch_size, 6, 6, 1), seed) < 0.5
    keep = tf.repeat(tf.repeat(keep, 8, axis=1), 8, axis=2)
    return tf.where(keep, images, 128.0), images / 255


# %% tags=["nbval-ignore-output"]
longer = [rate / 3 for rate in one_cycle_of(2 * STEPS)]  # twice as long, in gentler steps
painter = build(1, WIDTH, "mse")
pretrained = []
for seed, start in zip(seeds, starts):
    from_scratch = start_weights(1, WIDTH, seed)
    train(
        painter, from_scratch, learn.images, learn.semantic, seed, rates=longer, change=hide_blocks
    )
    learned = painter.get_weights()
    pretrained.append([a if a.shape == b.shape else b for a, b in zip(learned, start)])

# %% [markdown]
# The last line is the whole transfer: every array of weights that has the same shape in both networks is taken over; the heads, which now need a score for each class, start fresh.
# Here is what the painter makes of hidden blocks that it has never seen.

# %% tags=["nbval-ignore-output"]
shown = test.images[:batch_size]
covered, _ = hide_blocks(shown, None, seed=(SEED, 0))
painted = 255 * painter.predict_on_batch(covered)
axes = plots.grid(3, 5)
for column, *stages in zip(axes.T, shown, covered, painted):
    for ax, stage in zip(column, stages):
        plots.show_image(ax, stage)
for ax, name in zip(axes[:, 0], ("scene", "half hidden", "filled in")):
    ax.set_ylabel(name)
plt.show()

# %% tags=["nbval-ignore-output"]
counts = [n for n in (batch_size * 5**k for k in range(10)) if n < SCENES] + [SCENES]
labels = {"from scratch": starts, "pretrained": pretrained}
efficiency = {name: np.zeros((SEEDS, len(counts))) for name in labels}
for name, begin in labels.items():
    for i, (seed, start) in enumerate(zip(seeds, begin)):
        order = np.random.default_rng(seed).permutation(SCENES)  # another choice for each seed
        for j, count in enumerate(counts):
            if count == SCENES and name == "from scratch":
                network.set_weights(plain[i])  # the baseline
            else:
                picked = order[:count]
                train(network, start, learn.images[picked], learn.semantic[picked], seed)
            efficiency[name][i, j] = mean_iou(network, test)

# %% tags=["nbval-ignore-output"]
fig, ax = plt.subplots(figsize=(5.5, 3), layout="constrained")
bands(
    ax,
    counts,
    efficiency,
    xlabel="labelled scenes",
    ylabel="mean IoU",
    title="What labels are worth",
)
ax.set(xscale="log", xticks=counts, xticklabels=counts)
ax.minorticks_off()
plt.show()
scratch, helped = efficiency.values()
pretraining = (helped - scratch)[:, 0]
more_labels = scratch[:, 1] - scratch[:, 0]
assert (scratch[:, -1] > scratch[:, 0] + 0.1).all(), "more labels help, in every training"
assert more_labels.mean() > (scratch[:, 2] - scratch[:, 1]).mean(), "the first are worth most"
assert abs(pretraining.mean()) < more_labels.mean(), "labels change more than pretraining does"
findings["labels"] = (
    f"With {counts[0]} labelled scenes, mean IoU is {scratch[:, 0].mean():.2f}; {counts[1]} labels change it by {more_labels.mean():+.2f}, "
    f"pretraining by {pretraining.mean():+.2f} ({pretraining.min():+.2f} to {pretraining.max():+.2f})."
)
results["labels"] = {"labelled": counts, "mean_iou": efficiency}
print(findings["labels"])

# %% [markdown]
# The first labels are worth most. And pretraining? Read its number *with its range*: where the range holds 0, or changes its sign from seed to seed, nothing has been shown. In a run this short
# our painter has learned little more than light and edges, which a network learns from 16 labelled scenes as well; what is missing there is the *names* of digits of many hands.
# A start that was learned for another task can even cost something: some of the steps go into leaving it.
# Published gains come from far more images and steps; exercise 3 is the place to try. A method that helps in a paper is a hypothesis for your data.
#
# ## 4 · Cheaper training: schedules, sizes, precision
#
# **Claim.** Three ways to spend less are recommended everywhere: a step size that follows one cycle, a smaller network, and arithmetic with 16 bits. Each must be judged by the *quality reached for the time
# spent*, on one's own machine. (Section 8 of notebook 9 takes its whole recipe apart in this way.) The seconds below are processor time, both cores added up; they differ from machine to machine, and no assertion rests on them.
#
# **Predict.** A U-Net of twice the width has four times the weights. Does a step take four times as long?

# %% tags=["nbval-ignore-output"]
keras.config.set_dtype_policy("mixed_bfloat16")
with quiet.startup_noise_suppressed():  # processors without AVX-512 say so
    half_precision = build(len(names), WIDTH, loss)
keras.config.set_dtype_policy("float32")
variants = {  # network, width, step sizes
    "constant, the peak": (network, WIDTH, [LEARNING_RATE] * STEPS),
    "constant, a third": (network, WIDTH, [LEARNING_RATE / 3] * STEPS),
    "half the width": (build(len(names), WIDTH // 2, loss), WIDTH // 2, one_cycle),
    "twice the width": (build(len(names), 2 * WIDTH, loss), 2 * WIDTH, one_cycle),
    "16 bits": (half_precision, WIDTH, one_cycle),
}
for name, (variant, width, rates) in variants.items():
    progress[name] = []
    for seed in seeds:
        start = start_weights(len(names), width, seed)
        curve = train(variant, start, learn.images, learn.semantic, seed, rates=rates, looks=looks)
        progress[name].append(curve)

# %% tags=["nbval-ignore-output"]
curves = {name: np.array(runs).transpose(2, 0, 1) for name, runs in progress.items()}
fig, axes = plt.subplots(1, 3, figsize=(11, 3), sharey=True, layout="constrained")
panels = {
    "Schedule": ("one cycle", "constant, the peak", "constant, a third"),
    "Size": ("one cycle", "half the width", "twice the width"),
    "Precision": ("one cycle", "16 bits"),
}
for ax, (title, compared) in zip(axes, panels.items()):
    spent = {name: curves[name][0].mean(0) for name in compared}
    reached = {name: curves[name][1] for name in compared}
    bands(ax, spent, reached, xlabel="processor seconds", title=title)
axes[0].set(ylabel="mean IoU, validation", ylim=(0, 1))
plt.show()

# %% tags=["nbval-ignore-output"]
final = {name: curves[name][1][:, -1] for name in curves}
weights = {"one cycle": network.count_params()}
weights |= {name: variant.count_params() for name, (variant, _, _) in variants.items()}
for name in final:
    relative = curves[name][0][:, -1].mean() / curves["one cycle"][0][:, -1].mean()
    print(
        f"{name:20}{weights[name]:>9,} weights  mean IoU {final[name].mean():.2f} ± {final[name].std():.2f}  {relative:4.1f} × the baseline's seconds"
    )

schedule_gain = final["one cycle"] - final["constant, the peak"]
size_gain = final["twice the width"] - final["half the width"]
precision_gain = final["16 bits"] - final["one cycle"]
assert schedule_gain.mean() > 0, "a large step must become small in the end"
assert weights["twice the width"] > 10 * weights["half the width"]
assert size_gain.mean() > 0, "a wider network learns more in the same steps"
assert weights["16 bits"] == weights["one cycle"]
assert abs(precision_gain.mean()) < 0.1, "16 bits give about the same network"
findings["cost"] = (
    f"In {STEPS} steps one cycle gains {schedule_gain.mean():+.2f} mean IoU over its peak held constant, "
    f"{weights['twice the width'] / weights['half the width']:.0f} times the weights gain {size_gain.mean():+.2f}, 16 bits {precision_gain.mean():+.2f}."
)
results["cost"] = {
    name: {"steps": looks, "seconds": s, "mean_iou": quality}
    for name, (s, quality) in curves.items()
}
print(findings["cost"])

# %% [markdown]
# *Schedule.* A large constant step learns fast and then jumps about its goal; one cycle ends in small steps. A smaller constant step is a serious rival in a run this short: look at where its curve
# ends before you believe in a schedule.
#
# *Size.* The weights grow with the square of the width, the seconds much less: on images this small a large part of a step does not depend on the width.
# So counting weights does not predict seconds; measure. (Other work on the machine makes even processor seconds vary.)
#
# *Precision.* 16 bits (`bfloat16`: the range of 32 bits, three digits) change the quality no more than a seed does. Whether they save time depends on the processor: a GPU has units
# for them, some CPUs have instructions, others lose time by converting. The printed ratio is the answer for *this* machine.
#
# ## 5 · Keep it

# %% tags=["nbval-ignore-output"]
summary = " ".join(findings.values())
storage.write_json(
    folder / "results.json",
    {
        "summary": summary,
        "findings": findings,
        "curves": results,
        "data": digits.name,
        "seed": SEED,
        "parameters": parameters,
        "environment": course.environment(),
    },
)
print(f"results.json holds {len(results)} sets of curves, for {SEEDS} seeds each")

# %% [markdown]
# ## Exercises
#
# 1. **Recall.** Why does a tile need a margin, and what decides how wide? Why is a confident night scene more dangerous than a doubtful one?
# 2. **Code.** Two methods were trained with the same seeds. Write `paired_gain`: the mean of the differences, and its standard error. The second cell below checks it and names the usual mistakes.
# 3. **Open.** Give `harden` lines of clutter too. Do the clutter curves rise, and what do the others pay?
#    Or make it larger: `python -m segutils run 12_frontiers -p DIGITS 10 -p STEPS 1000 -p SCENES 5000 -p WIDTH 16 --output runs/frontiers`. Which of the four findings still hold?


# %%
def paired_gain(a, b):
    """The mean of the differences b - a, and its standard error.

    a, b (S,) are the scores of two methods, seed by seed. Return two numbers.
    """
    ...  # your code


# %%
exercise.check(paired_gain)

# %% [markdown]
# <details><summary>Solutions</summary>
#
# 1. A pixel near the edge lacks part of what the network would look at. The receptive field's radius decides. A doubtful answer can be sent to a person; a confident one is acted on.
# 2. ```python
#    differences = np.asarray(b) - np.asarray(a)
#    return differences.mean(), differences.std(ddof=1) / np.sqrt(len(differences))
#    ```
#    In pairs the error is 0.006. Without pairs it would be 0.09, larger than the gain: the seeds differ much more than the methods do.
# 3. In `harden`, add a bright line before the darkness: `tf.abs(a * y + b * x - c) < 1 / 48` with random a, b, c. The mask stays as it is.
#
# </details>
#
# ## Recap
#
# - We predicted images in tiles: equal to the whole once the margin covered the receptive field, with memory that stayed flat.
# - We measured how a network fails at night, that it stays sure of itself, and what augmentation wins back.
# - We compared trainings at the same steps, on the same scenes, over several seeds. Today's findings:

# %% tags=["nbval-ignore-output"]
print(f"{digits.name} digits, {SEEDS} trainings of each kind:")
for name, finding in findings.items():
    print(f"- {name}: {finding}")

# %% [markdown]
# **Sources.** Hendrycks and Dietterich 2019, [Robustness to common corruptions](https://arxiv.org/abs/1903.12261) · Guo et al. 2017, [On calibration of modern neural networks](https://arxiv.org/abs/1706.04599) ·
# Ovadia et al. 2019, [Can you trust your model's uncertainty?](https://arxiv.org/abs/1906.02530) · Pathak et al. 2016, [Context encoders](https://arxiv.org/abs/1604.07379) ·
# He et al. 2021, [Masked autoencoders](https://arxiv.org/abs/2111.06377) · Micikevicius et al. 2017, [Mixed precision training](https://arxiv.org/abs/1710.03740) ·
# Smith and Topin 2018, [Super-convergence](https://arxiv.org/abs/1708.07120) · DeVries and Taylor 2017, [Cutout](https://arxiv.org/abs/1708.04552) · Bouthillier et al. 2021, [Accounting for variance](https://arxiv.org/abs/2103.03098)
#
# **Next:** [15 · Debugging clinic](15_debugging_clinic.ipynb): the failures that people ask about most, each reproduced, diagnosed and cured.
