# %% [markdown]
# # 9 · Segmentation run: a U-Net on digit scenes
#
# <!-- [Open in Colab](https://colab.research.google.com/github/OWNER/REPO/blob/main/notebooks/09_segmentation_run.ipynb) · -->
# previous: [8 · Training run](08_training_run.ipynb) · next: [11 · Your images](11_your_images.ipynb) · about 3 minutes on two CPU cores
#
# The article promises *image segmentation* and then trains a network that gives one label to a whole image. What does it
# take to label **every pixel**, and how do we know how well it works?
#
# You will be able to
# - turn handwritten digits into a segmentation data set that is fair to train and to test on,
# - train a U-Net on it with joint augmentation, a one-cycle step size and a best checkpoint,
# - report the result honestly: per class, with intervals, with its worst cases.
#
# You need: convolution and pooling (notebooks 2 and 3), losses (5), and a first training run (8).

# %% tags=["parameters", "hide-input"]
# @title Parameters
SOURCE: str = "auto"  # digits: "mnist", "bundled", or "auto": MNIST if it can be had
TRAIN_SCENES: int = 15000  # scenes to learn from
VALIDATION_SCENES: int = 500  # scenes to choose the best epoch by
TEST_SCENES: int = 2000  # scenes to report on, used once
SIZE: int = 64  # height and width of a scene, pixels; a multiple of 16
EPOCHS: int = 6  # how often training pauses to look at the validation scenes
EPOCH_SCENES: int = 5000  # training scenes between two looks
BATCH_SIZE: int = 16  # scenes a step
LEARNING_RATE: float = 0.03  # peak of the one-cycle step size
LOSS: str = "cross_entropy_dice"  # a function of segutils.losses
GEOMETRY: float = 0.0  # strength of rotation, shift, zoom, shear in training; 1: as in section 2
WIDTH: int = 16  # filters of the U-Net's first level
SEED: int = 0  # of weights, scenes, order and augmentation
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
    TRAIN_SCENES=course.integer(16, 200_000),
    VALIDATION_SCENES=course.integer(1, 20_000),
    TEST_SCENES=course.integer(8, 20_000),
    SIZE=course.multiple_of(16, 48, 512),
    EPOCHS=course.integer(1, 1000),
    EPOCH_SCENES=course.integer(16, 200_000),
    BATCH_SIZE=course.integer(1, 1024),
    LEARNING_RATE=course.number(1e-6, 1),
    LOSS=course.one_of(
        "cross_entropy", "focal", "dice", "tversky", "focal_tversky", "cross_entropy_dice"
    ),
    GEOMETRY=course.number(0, 2),
    WIDTH=course.integer(4, 128),
    SEED=course.integer(0, 2**31 - 1),
    OUTPUT=course.text(empty=True),
)

# %% tags=["hide-input"]
# @title Imports
import time

import keras
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from scipy.ndimage import maximum_filter, minimum_filter
from scipy.special import softmax

from segutils import losses, metrics, models, plots, scenes, training, transforms
from segutils.plumbing import storage
from segutils.digits import load_digits
from segutils.lessons.segmentation_run import exercise, ranked_bars
from segutils.lessons.start import show_goal
from segutils.scenes import CLASS_NAMES

course.set_seed(SEED)
folder = course.make_run_folder(OUTPUT, "09_segmentation_run", parameters)
seconds = {}

# %% tags=["hide-input"]
# @title The goal in one figure
show_goal(8)
plt.show()

# %% [markdown]
# The left square is all that the network will get, the right one is what it must say. At the end it has labelled
# many such scenes that it never saw, and we know how often it was right.
#
# ## 1 · Scenes: data with a label for every pixel
#
# **Claim.** A segmentation data set needs three things: images, a class for every pixel, and a split by *source*.
# Each scene below is composed from several handwritten digits. We know exactly where their ink lies, so the masks are exact.
# The digits are split into training, validation and test digits *before* any scene is made: no stroke of the exam was seen in training.
#
# **Predict.** A scene holds three to six digits. Which share of its pixels is background?

# %% tags=["nbval-ignore-output"]
started = time.perf_counter()
digits = load_digits(SOURCE)
places = (SIZE // scenes.PITCH) ** 2  # where digits can be dropped: 9 in a scene of 64 × 64
train, validation, test = scenes.make_splits(
    digits,
    train=TRAIN_SCENES,
    validation=VALIDATION_SCENES,
    test=TEST_SCENES,
    size=SIZE,
    train_count=(4 * places // 5, places),
    seed=SEED,
)
seconds["make scenes"] = time.perf_counter() - started
background_share = (test.semantic == 0).mean()
print(f"Background: {100 * background_share:.0f}% of all pixels")

# %% tags=["nbval-ignore-output"]
axes = plots.grid(3, 5)
for column, image, semantic, instances in zip(axes.T, *(part[:5] for part in test)):
    plots.show_image(column[0], image)
    plots.show_mask(column[1], semantic, CLASS_NAMES)
    plots.show_mask(column[2], instances, ["", *(f"#{i}" for i in range(1, 10))])
for ax, name in zip(axes[:, 0], ("scene", "semantic mask", "instance mask")):
    ax.set_ylabel(name)
plt.show()

# %% [markdown]
# The top row is what the network sees: other brightness, other noise, digits of other sizes, angles and hands that touch and overlap,
# and clutter (lines from edge to edge, dots) that must be ignored. The middle row is what it must say. The bottom row tells
# two digits of one class apart; that is *instance* segmentation, and our network will not attempt it.
#
# These are test scenes. Training scenes are more crowded: more digits to learn from in the same time.
#
# A network that calls everything background is right for almost nine pixels in ten. So accuracy will not be our measure.

# %%
nothing_found = np.zeros_like(test.semantic)
confusion = metrics.confusion_matrix(test.semantic, nothing_found, len(CLASS_NAMES))
assert metrics.pixel_accuracy(confusion) > 0.8, "background is most of each scene"
assert metrics.mean_iou(confusion) < 0.1, "but ten of eleven classes are missed"

# %% [markdown]
# ## 2 · Joint augmentation: what moves the image must move its mask
#
# **Claim.** A geometric change goes to both, with bilinear interpolation for the image and *nearest* for the mask:
# between class 3 and class 5 there is no class 4. A change of light goes to the image alone.
#
# **Predict.** If the mask were interpolated as the image is, which labels could turn up between a 7 (class 8) and background (class 0)?

# %%
light = {"brightness": 0.05, "contrast": 0.1}
geometry = {"rotation": 0.1, "shift": 0.05, "zoom": 0.1, "shear": 0.15}
joint = transforms.Augment(**light, **geometry)
images, masks = joint(train.images[:100], train.semantic[:100], seed=(SEED, 0))
assert set(np.unique(masks)) <= set(np.unique(train.semantic[:100])), "no label was invented"

# %% tags=["nbval-ignore-output"]
axes = plots.grid(2, 6, titles=["as made", *(f"augmented, step {step}" for step in range(1, 6))])
for step, column in enumerate(axes.T):
    pair = train.images[:1], train.semantic[:1]
    image, mask = joint(*pair, seed=(SEED, step)) if step else pair
    plots.show_image(column[0], image[0])
    plots.show_mask(column[1], np.asarray(mask[0]), CLASS_NAMES)
plt.show()

# %% [markdown]
# Any value from 1 to 7 could have turned up: digits 0 to 6, drawn around every 7. Each variant above depends on the seed and on the
# number of the step alone. That is why parallel loading cannot get images and masks out of step, and why an interrupted run can resume exactly.
#
# Is more augmentation always better? Turning an image by a few degrees interpolates it, and that blurs strokes of three pixels.
# Our scenes already come in every angle, size and place. So this run changes the light alone (`GEOMETRY` is 0); exercise 3 measures the difference.

# %%
blurred = transforms.Augment(rotation=0.1)(
    train.images[:500], train.semantic[:500], seed=(SEED, 0)
)[0]
edges = [
    float(np.abs(np.diff(np.asarray(x, np.float32), axis=2)).mean())
    for x in (train.images[:500], blurred)
]
assert edges[1] < 0.95 * edges[0], "turned images have softer edges"

augment = transforms.Augment(
    **light, **{name: GEOMETRY * amount for name, amount in geometry.items()}
)
batches = transforms.Batches(
    train.images,
    train.semantic,
    BATCH_SIZE,
    augment,
    seed=SEED,
    steps=max(1, EPOCH_SCENES // BATCH_SIZE),
)

# %% [markdown]
# ## 3 · The network: down to see far, up to see sharp
#
# **Claim.** To tell a 3 from an 8 the network must see the whole digit; to label its outline it must keep every pixel.
# A U-Net does both: it halves the resolution a few times, then doubles it again, and hands the fine detail across by *skip connections*.
# At the end, coarse scores (which know the digit) and fine scores (which know the outline) are added up.
#
# It is built for speed: its first convolution has stride 2, so the costly middle works on a quarter of the pixels. The skip connections *add* maps
# instead of stacking them, which halves the work of the next convolution. The coarse scores grow by a transposed convolution (notebook 2) that starts as linear interpolation.
#
# **Predict.** Which shape has the output for one scene of 64 × 64 pixels and 11 classes?

# %%
model = models.unet(len(CLASS_NAMES), width=WIDTH)
logits = model(train.images[:1])
assert logits.shape == (1, SIZE, SIZE, len(CLASS_NAMES))
print(f"{model.count_params():,} parameters; logits {tuple(logits.shape)}")

# %% [markdown]
# ## 4 · Loss and step size
#
# **Claim.** Cross-entropy asks of every pixel alone: is it right? Dice asks of every class: does its region overlap the truth?
# We take half of each. Dice counts over the whole batch, because most scenes lack most digits. The step size follows *one cycle*:
# up in a line for the first 30% of the steps, while the weights still change a lot, then down along a cosine. It is large, because the training is short.
# `FusedAdam` is the Adam of notebook 7 in a single operation for each array of weights: TensorFlow has less to translate, and training starts sooner.
#
# **Predict.** Before training, an 11-class network knows nothing. Which cross-entropy should it have, roughly?

# %%
steps = EPOCHS * batches.steps_per_epoch
schedule = training.one_cycle(LEARNING_RATE, steps)
pooled = {"over": "batch"} if LOSS.endswith(("dice", "tversky")) else {}
model.compile(
    optimizer=training.FusedAdam(schedule, beta_2=0.99),
    loss=losses.SegmentationLoss(LOSS, **pooled),
    metrics=[training.MeanIoU(len(CLASS_NAMES))],
)
first_loss = float(np.mean(losses.cross_entropy(train.semantic[:64], model(train.images[:64]))))
print(f"ln 11 = {np.log(11):.2f}")
assert abs(first_loss - np.log(11)) < 1.0, (
    f"a fresh network should be near ln 11, got {first_loss:.2f}"
)

# %% tags=["nbval-ignore-output"]
shown = range(0, steps, max(1, steps // 200))
fig, ax = plt.subplots(figsize=(5, 2.4), layout="constrained")
ax.plot(shown, [float(schedule(step)) for step in shown], color=plots.COLOURS[0])
ax.set(xlabel="training step", ylabel="step size", title="One cycle")
plt.show()

# %% [markdown]
# A guess that spreads its probability evenly over 11 classes pays $-\ln\frac{1}{11} = \ln 11$ for each pixel. A fresh network that starts far from
# that has a fault in its data or its last layer. This one line has saved many an afternoon.

# %% [markdown]
# ## 5 · Train
#
# **Claim.** The loop is Keras's own. The run folder gets the best model so far, a row of history an epoch, and all that is needed
# to go on after a crash. "Best" is judged on the *validation* scenes; the test scenes stay closed.
#
# **Predict.** After the first epoch, which will be better: the background's IoU or the digits'?

# %% tags=["nbval-ignore-output"]
glimpses = []  # what the network says of three validation scenes after each epoch
glimpse = keras.callbacks.LambdaCallback(
    on_epoch_end=lambda epoch, logs: glimpses.append(
        np.argmax(model(validation.images[:3]), axis=-1)
    )
)
started = time.perf_counter()
history = training.fit(
    model,
    batches,
    (validation.images, validation.semantic),
    epochs=EPOCHS,
    folder=folder,
    monitor="val_mean_iou",
    mode="max",
    callbacks=[glimpse],
)
seconds["train"] = time.perf_counter() - started

# %% tags=["nbval-ignore-output"]
fig, (left, right) = plt.subplots(1, 2, figsize=(9, 3), layout="constrained")
plots.curves(left, history, ["loss", "val_loss"], ylabel="loss", title="Loss")
plots.curves(
    right, history, ["mean_iou", "val_mean_iou"], ylabel="mean IoU", title="Mean IoU, 11 classes"
)
plt.show()

# %% [markdown]
# Training scores are averages over an epoch in which the weights still change, on crowded scenes in changing light; validation comes
# after it, on scenes like those of the exam. So validation may look *better* than training: that is no leak.
#
# Here is the same progress, as images.

# %% tags=["nbval-ignore-output"]
shown = (
    [0, len(glimpses) // 4, len(glimpses) // 2, len(glimpses) - 1]
    if len(glimpses) >= 4
    else range(len(glimpses))
)
axes = plots.grid(
    3,
    2 + len(shown),
    titles=["scene", "truth", *(f"epoch {EPOCHS - len(glimpses) + i + 1}" for i in shown)],
)
for row, scene in enumerate(axes):
    plots.show_image(scene[0], validation.images[row])
    plots.show_mask(scene[1], validation.semantic[row], CLASS_NAMES)
    for ax, i in zip(scene[2:], shown):
        plots.show_mask(ax, glimpses[i][row], CLASS_NAMES)
plt.show()

# %% [markdown]
# Background comes first: it is most of every scene, and telling ink from paper needs only a few pixels. Naming a digit needs all of it,
# so in the early epochs look for strokes that change their class halfway, and for lines of clutter taken for a 1 or a 7.

# %% [markdown]
# ## 6 · The exam: test scenes, used once
#
# **Claim.** One number hides the classes that fail. We report the IoU of every class with an interval: 1,000 times we draw as many test scenes
# with replacement and see how far the score moves. We resample whole scenes, because pixels of one scene hang together.
#
# **Predict.** Which digits will be hardest?

# %% tags=["nbval-ignore-output"]
started = time.perf_counter()
best = training.load_best(folder)
masks = [  # batch by batch: only masks are kept, all logits at once would take 44 times the memory
    best.predict_on_batch(test.images[i : i + 64]).argmax(-1).astype(np.uint8)
    for i in range(0, TEST_SCENES, 64)
]
predicted = np.concatenate(masks)
per_scene = metrics.confusion_per_image(test.semantic, predicted, len(CLASS_NAMES))
confusion = per_scene.sum(0)
low, high = metrics.bootstrap_interval(per_scene, metrics.iou, seed=SEED)
mean_low, mean_high = metrics.bootstrap_interval(per_scene, metrics.mean_iou, seed=SEED)
outline = metrics.boundary_f1(test.semantic[:500], predicted[:500], len(CLASS_NAMES))
seconds["evaluate"] = time.perf_counter() - started

report = pd.DataFrame(
    {
        "IoU": metrics.iou(confusion),
        "IoU, 95% from": low,
        "to": high,
        "Dice": metrics.dice(confusion),
        "precision": metrics.precision(confusion),
        "recall": metrics.recall(confusion),
        "boundary F1": outline,
    },
    index=pd.Index(CLASS_NAMES, name="class"),
)
report.round(3)

# %% tags=["nbval-ignore-output"]
fig, (left, right) = plt.subplots(
    1, 2, figsize=(10, 3.6), layout="constrained", width_ratios=[1.4, 1]
)
short = ["bg", *CLASS_NAMES[1:]]
plots.class_bars(
    left,
    metrics.iou(confusion),
    low,
    high,
    short,
    ylabel="IoU",
    title="IoU of each class, 95% interval",
)
plots.show_confusion(right, confusion, short, title="Where each class's pixels went, %")
plt.show()

# %% tags=["nbval-ignore-output"]
mean_iou, accuracy = float(metrics.mean_iou(confusion)), float(metrics.pixel_accuracy(confusion))
print(
    f"Mean IoU over 11 classes: {mean_iou:.3f} (95% interval {mean_low:.3f} to {mean_high:.3f}) on {digits.name} scenes"
)
print(
    f"Pixel accuracy:           {accuracy:.3f}; calling everything background would reach {background_share:.3f}"
)

# %% [markdown]
# The interval tells how much the result depends on *which scenes* were drawn for the exam. It does not tell how much it depends on the seed of
# the training: for that, train again with another `SEED`.
#
# Read the matrix by rows: digits are mixed up with digits of a similar shape; the first column is ink that was missed.

# %% [markdown]
# ## 7 · Look at the best, the middle and the worst
#
# **Claim.** Averages do not show *how* a model fails. Sort the test scenes by their own mean IoU and look.

# %% tags=["nbval-ignore-output"]
scores = metrics.mean_iou(per_scene)
ranked = np.argsort(scores)
chosen = [*ranked[:4], ranked[len(ranked) // 2], ranked[-1]]
labels = ["worst", "2nd worst", "3rd worst", "4th worst", "median", "best"]
titles = [f"{label}: {scores[i]:.2f}" for label, i in zip(labels, chosen)]
plots.show_predictions(
    test.images[chosen], test.semantic[chosen], predicted[chosen], CLASS_NAMES, titles=titles
)
plt.savefig(folder / "predictions.png", dpi=150)
plt.show()

# %% [markdown]
# The worst scenes are dim, noisy or crowded, or hold one digit taken for another: then two classes lose at once, the true one and
# the claimed one. In the median scene the only wrong pixels lie along outlines.
#
# ## 8 · What each step of the recipe is worth
#
# **Claim.** A recipe is a list of decisions, and each must earn its place. An *ablation* takes back one decision at a time and trains again. Each bar below is three trainings on
# 6,000 scenes, compared seed by seed with the whole recipe. This takes longer than the whole notebook, so the numbers are stored (`data/ablation.csv`; `make bench` made them).
#
# **Predict.** Which is worth most: more digits in each scene, the loss, the step size, or the shape of the network?

# %%
table = pd.read_csv(storage.DATA / "ablation.csv")
table = table.pivot(index="seed", columns="without", values=["mean_iou", "seconds"])
recipe = table.xs("nothing", axis=1, level="without")
without = table.drop(columns="nothing", level="without")
lost = {step: recipe["mean_iou"] - column for step, column in without["mean_iou"].items()}
times = {step: column / recipe["seconds"] for step, column in without["seconds"].items()}
print(f"the whole recipe, 6,000 scenes: mean IoU {recipe['mean_iou'].mean():.3f}")

# %%
fig, (left, right) = plt.subplots(1, 2, figsize=(11, 3.8), layout="constrained")
ranked_bars(left, lost, title="Without it, mean IoU falls by", xlabel="mean IoU")
ranked_bars(
    right, times, origin=1, title="Without it, training takes", xlabel="times the recipe's time"
)
plt.show()
low, high = ({step: f(change) for step, change in lost.items()} for f in (min, max))
assert min(low["coarse scores beside fine ones"], low["batches of 16"]) > 0.05
for step in ("one cycle", "crowded", "smoothly"):
    assert min(low[name] for name in low if step in name) > 0.01
for step in ("slow rise", "counted over the batch", "Adam's memory"):
    (name,) = [name for name in low if step in name]
    assert 0 < low[name] < high[name] < 0.02
for step in ("Dice beside cross-entropy", "changes of light", "skips that are added"):
    assert low[step] < high[step] < 0.005
    assert low[step] > -0.005
assert high["a stem that halves the resolution"] < -0.02
assert times["a stem that halves the resolution"].min() > 1.5
assert times["skips that are added"].min() > 1.05

# %% [markdown]
# Bars are means, strokes are the three seeds. Two steps decide most. Without *coarse scores* the network finds ink but learns late which digit it belongs to.
# With batches of 64 there are a quarter of the steps, and the training ends before it is done. One cycle (compared with a constant tenth of its peak), crowded scenes and smooth enlargement each gain more than 0.01 in every seed.
# A slow rise of the step size (30% of the steps, not 10%) and Adam's shorter memory (`beta_2=0.99`: about 100 steps) gain less, also in every seed.
#
# Dice is a lesson. Counted over the batch it does better than counted in each image, in every seed. But cross-entropy alone does as well. So do images without changes of light.
# On scenes like these you may leave both out; an ablation finds habits, too.
#
# Speed has its own steps. Stacked skip connections give the same quality and take longer. The stem is a trade: without it mean IoU rises by more than 0.02, and training takes about twice as long.
#
# ## 9 · Is it as sure as it is right?
#
# **Claim.** A model is *calibrated* if, of all pixels where it says 80%, it is right in 80% (notebook 8). In a mask this is easy to get wrong: most pixels are
# plain background, and they hide the others. So we look a second time, at the *rim* alone: pixels whose neighbours truly belong to another class.
#
# **Predict.** Where is the gap between confidence and accuracy wider: over all pixels, or at the rim?

# %% tags=["nbval-ignore-output"]
some, true = test.images[:500], test.semantic[:500]
probabilities = softmax(best.predict(some, batch_size=64, verbose=0), axis=-1)
window = (1, 3, 3)  # one scene, 3 × 3 pixels
rim = maximum_filter(true, window) != minimum_filter(true, window)
everywhere = metrics.calibration(true, probabilities)
at_rim = metrics.calibration(true[rim], probabilities[rim])

fig, axes = plt.subplots(1, 3, figsize=(10, 3.2), layout="constrained")
axes[0].hist(scores, bins=30, color=plots.COLOURS[0])
axes[0].axvline(np.median(scores), color="black", linestyle="--", label="median")
axes[0].set(xlabel="mean IoU of one scene", ylabel="test scenes")
axes[0].set_title(f"{len(scores):,} scenes, each by itself", fontsize=9)
axes[0].legend(fontsize=8)
for ax, name, found in zip(axes[1:], ("all pixels", "rim"), (everywhere, at_rim)):
    title = f"{name}: expected error {found.expected_error:.3f}"
    plots.show_reliability(ax, found, title=title, min_count=50)
plt.show()
better = (scores > scores.mean()).mean()
lost = np.nanmin(metrics.iou(per_scene), axis=1) < 0.1  # a class of the scene is as good as missed
poor = scores < 0.85
print(f"{100 * better:.0f}% of the scenes are better than the mean of their scores")
print(f"{(lost & poor).sum()} of {poor.sum()} scenes below 0.85 lost a class,", end=" ")
print(f"{(lost & ~poor).sum()} of {(~poor).sum()} above")
if len(true) == 500 and mean_iou > 0.89:  # what the text below says
    assert at_rim.expected_error > everywhere.expected_error
    assert better > 0.5
    assert (lost & poor).sum() > poor.sum() / 2

# %% [markdown]
# At the rim. Over all pixels the expected error is tiny, because background is almost always right and surely so. At the rim the model is a little too sure of itself:
# points below the diagonal. A single number over all pixels would have hidden that. (The small numbers count pixels. Neighbouring pixels are wrong together, so they are worth
# fewer cases than they seem.)
#
# On the left, the other thing that one number hides: most scenes are better than the mean. The second hump is scenes that lost a class: one digit was taken for another.
#
# ## 10 · What goes wrong: shapes that do not divide
#
# The network halves its input four times: 64, 32, 16, 8, 4. **Predict** what happens to a scene of 50 × 50 pixels.

# %%
with course.expect_error(ValueError, match="multiples of 16"):
    best(test.images[:1, :50, :50])

# %% [markdown]
# Half of 25 is no whole number, and on the way up the skip connection would not fit. The cure: pad to the next multiple, predict, cut back.

# %%
corner = np.pad(
    test.images[:1, :50, :50], [(0, 0), (0, -50 % 16), (0, -50 % 16), (0, 0)], mode="reflect"
)
scores = best.predict(corner, verbose=0)[:, :50, :50]
print(f"padded to {corner.shape[1:3]}, cut back to {scores.shape[1:3]}")

# %% [markdown]
# ## 11 · Keep it
#
# The best model was saved as data, without code, and loads in Keras's safe mode: it gives the same numbers as before. `results.json` holds
# everything that someone needs to check or compare this run.

# %% tags=["nbval-ignore-output"]
again = training.load_best(folder)
np.testing.assert_array_equal(again.predict(test.images[:64], verbose=0).argmax(-1), predicted[:64])
summary = f"Mean IoU {mean_iou:.3f} over 11 classes on {TEST_SCENES:,} test scenes of {digits.name} digits"
storage.write_json(
    folder / "results.json",
    {
        "summary": summary,
        "mean_iou": mean_iou,
        "mean_iou_interval": [mean_low, mean_high],
        "pixel_accuracy": accuracy,
        "expected_calibration_error": everywhere.expected_error,
        "expected_calibration_error_rim": at_rim.expected_error,
        "per_class": report.to_dict("index"),
        "data": digits.name,
        "seed": SEED,
        "parameters": parameters,
        "seconds": seconds,
        "epochs": history,
        "environment": course.environment(),
    },
)
print(summary)

# %% [markdown]
# ## Exercises
#
# 1. **Recall.** Why must a mask never be interpolated? Why is pixel accuracy a poor measure here?
# 2. **Code.** Write `mean_iou_of`: from a confusion matrix, the mean IoU over the classes that occur. The second cell below checks it and names the usual mistakes.
# 3. **Open.** Train with `GEOMETRY=1` and with `GEOMETRY=0`, three seeds each. Is the difference larger than the spread over seeds?


# %%
def mean_iou_of(confusion):
    """Mean over the classes of TP / (TP + FP + FN); a class in neither truth nor prediction is left out.

    confusion (C, C) counts pixels; row: true class, column: predicted class. Return one number.
    """
    ...  # your code


# %%
exercise.check(mean_iou_of)

# %% [markdown]
# <details><summary>Solutions</summary>
#
# 1. Between two labels lie other labels, which mean something else. Background is most of each scene, so a network that finds nothing is nearly always right.
# 2. ```python
#    hits = np.diag(confusion)
#    union = confusion.sum(0) + confusion.sum(1) - hits
#    return (hits[union > 0] / union[union > 0]).mean()
#    ```
# 3. `python -m segutils run -p GEOMETRY 1 -p SEED 1 --output runs/geometry_1` and so on; compare `mean_iou` in each `results.json`.
#
# </details>
#
# ## Recap
#
# - We made scenes with exact masks from digits that were split first, so no stroke of the exam was seen in training.
# - We trained a U-Net with joint augmentation, one cycle and a best checkpoint chosen on validation scenes.
# - We reported every class with its interval and looked at the worst scenes. Today's numbers:

# %% tags=["nbval-ignore-output"]
worst_class = CLASS_NAMES[int(np.nanargmin(metrics.iou(confusion)))]
print(f"{summary}; hardest class {worst_class!r} with IoU {np.nanmin(metrics.iou(confusion)):.3f}")

# %% [markdown]
# **Sources.** Ronneberger et al. 2015, [U-Net](https://arxiv.org/abs/1505.04597) · Long et al. 2015, [Fully convolutional networks](https://arxiv.org/abs/1411.4038) ·
# Milletari et al. 2016, [V-Net and the Dice loss](https://arxiv.org/abs/1606.04797) · Smith and Topin 2018, [Super-convergence](https://arxiv.org/abs/1708.07120) ·
# Csurka et al. 2013, [What is a good evaluation measure for semantic segmentation?](https://www.bmva-archive.org.uk/bmvc/2013/Papers/paper0032/index.html) ·
# Guo et al. 2017, [On calibration of modern neural networks](https://arxiv.org/abs/1706.04599)
#
# **Next:** [11 · Your images](11_your_images.ipynb): the same road, with a folder of your own images.
