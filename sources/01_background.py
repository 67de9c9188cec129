# %% [markdown]
# # 1 · Background: what segmentation is
#
# <!-- [Open in Colab](https://colab.research.google.com/github/OWNER/REPO/blob/main/notebooks/01_background.ipynb) · -->
# previous: [0 · Start here](00_start.ipynb) · next: [2 · Convolution](02_convolution.ipynb) · about 15 seconds on two CPU cores
#
# An image can be asked many questions: what is in it, where, and which pixels belong to it. This course is about the last one.
# What exactly is the answer, how do we measure it, and how far do we get without a deep network?
#
# You will be able to
# - tell classification, detection, semantic, instance and panoptic segmentation apart by the shape of their answers,
# - compute the IoU of two masks by hand, and say why pixel accuracy misleads,
# - build two simple segmenters, and say what they lack.
#
# You need: Python with NumPy. No deep learning.

# %% tags=["parameters"]
PATCH: int = 9  # side of the square of pixels that the linear model sees, odd
TRAIN_SCENES: int = 60  # scenes that the linear model learns from
PIXELS: int = 12000  # pixels of them that it is shown
SEED: int = 0  # of the training scenes and of the draw of pixels

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
    PATCH=course.one_of(*range(1, 16, 2)),
    TRAIN_SCENES=course.integer(10, 1000),
    PIXELS=course.integer(2000, 200_000),
    SEED=course.integer(0, 2**31 - 1),
)

# %% tags=["hide-input"]
# @title Imports
import json

import matplotlib.pyplot as plt
import numpy as np
from PIL import Image
from skimage import color, data
from sklearn.datasets import load_sample_image
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import jaccard_score

from segutils import metrics, plots, scenes
from segutils.plumbing import storage
from segutils.digits import load_digits
from segutils.lessons.background import exercise, threshold_overlay
from segutils.lessons.explorer import explore

digits = load_digits("bundled")
test = scenes.make_scenes(digits.test, 16, seed=(0, 2))
NAMES = scenes.CLASS_NAMES  # background, 0, 1, ..., 9

# %% tags=["hide-input"]
# @title The first figure
tissue = data.immunohistochemistry()[::2, ::2]
brown = color.rgb2hed(tissue)[..., 2] > 0.06  # how much of the brown dye a pixel has
axes = plots.grid(1, 4, size=2.0)[0]
plots.show_image(axes[0], tissue, title="tissue under a microscope")
plots.show_overlay(axes[1], tissue, brown, title="brown dye: the marked cells")
plots.show_image(axes[2], test.images[8], title="handwritten digits")
plots.show_mask(axes[3], test.semantic[8], NAMES, title="a class for each pixel")
plt.show()

# %% [markdown]
# Left, a doctor's question: which part of this tissue carries the marker? Right, the toy that we take through the whole course:
# real handwritten digits in a scene, with a known answer for every pixel.
#
# ## 1 · Five questions to one image
#
# **Claim.** Five tasks of computer vision differ in the *shape* of their answer. The article calls segmentation "dividing an image into regions";
# that fits three of the five.
#
# **Predict.** The scene above holds a 3, a 0 and two 4s. Which answers can tell that there are *two* 4s?

# %%
image, semantic, instances = (part[8] for part in test)  # (64, 64, 1), (64, 64), (64, 64)
objects = [number for number in np.unique(instances) if number > 0]
label_of = {number: int(semantic[instances == number][0]) for number in objects}

contained = sorted({NAMES[label] for label in label_of.values()})
boxes = []
for number, label in label_of.items():
    rows, columns = np.nonzero(instances == number)
    boxes.append(
        (NAMES[label], int(rows.min()), int(columns.min()), int(rows.max()), int(columns.max()))
    )
panoptic = 100 * semantic.astype(int) + instances  # class and object in one number
print("classification:", contained)
print("detection:     ", boxes)
print("semantic mask: ", semantic.shape, "holds", np.unique(semantic))
print("instance mask: ", instances.shape, "holds", np.unique(instances))
print("panoptic mask: ", panoptic.shape, "holds", np.unique(panoptic))

# %%
axes = plots.grid(1, 5, size=1.9)[0]
plots.show_image(axes[0], image, title="classification:\n" + ", ".join(contained))
label_box = {"color": "black", "pad": 0.8}
plots.show_image(axes[1], image, title="detection:\nboxes with a class")
for name, top, left, bottom, right in boxes:
    corner, size = (left - 0.5, top - 0.5), (right - left + 1, bottom - top + 1)
    axes[1].add_patch(plt.Rectangle(corner, *size, fill=False, edgecolor=plots.COLOURS[6], lw=1.5))
    axes[1].text(left, top, name, color=plots.COLOURS[6], fontsize=7, va="top", bbox=label_box)
plots.show_mask(axes[2], semantic, NAMES, title="semantic:\na class a pixel")
plots.show_mask(
    axes[3], instances, ["", *(f"#{n}" for n in objects)], title="instance:\nan object a pixel"
)
both = np.searchsorted(np.unique(panoptic), panoptic)
names = [f"{NAMES[v // 100]}#{v % 100}" if v else "" for v in np.unique(panoptic)]
plots.show_mask(axes[4], both, names, title="panoptic:\nclass and object")
plt.show()
assert len(contained) == 3
assert len(boxes) == len(objects) == 4

# %% [markdown]
# Detection, instance and panoptic. Classification and the semantic mask name the class 4 once; how often it occurs is not in their answer.
# (Panoptic also names what cannot be counted, such as sky or background: "stuff" beside "things".)
#
# This course is about the **semantic** mask. Notebook 11 counts objects too.
#
# ## 2 · Segmentation is classification, pixel by pixel
#
# **Claim.** The article says that segmentation "can be seen as a classification problem". That is right if we say of *what*: of each pixel. An image of H×W pixels gets
# H·W answers. The article's own program gives *one* answer per image: it classifies digits and segments nothing.
#
# **Predict.** A network for 11 classes gives a score for each class and pixel. How many numbers is that for one of our scenes?

# %%
height, width, _ = image.shape
print(f"article's program: {len(NAMES) - 1} scores for a whole image (no background)")
print(
    f"segmentation:      {height} × {width} × {len(NAMES)} = {height * width * len(NAMES):,} scores"
)
one_hot = np.eye(len(NAMES), dtype=int)[semantic]  # (64, 64, 11): 1 for the true class, else 0
assert one_hot.sum() == height * width  # each pixel has exactly one class
np.testing.assert_array_equal(one_hot.argmax(-1), semantic)

# %% [markdown]
# 45,056 scores; the largest of the eleven wins. *One-hot* means the same mask with one layer a class; `argmax` leads back.
#
# A mask is an array of whole numbers, not an image: class 4 is no brighter than class 3. Two conventions are worth knowing. Class 0 is the background.
# And 255 often means *void*: nobody could label this pixel, so no score may count it.

# %%
crop = semantic[3:11, 44:54]
rim = np.diff(crop, axis=1, prepend=crop[:, :1]) != 0  # left and right edges, as if unsure
with_void = np.where(rim, 255, crop)
axes = plt.subplots(1, 2, figsize=(8, 3.4), layout="constrained")[1]
plots.show_numbers(axes[0], crop, title="a corner of the mask, as it is stored")
plots.show_numbers(axes[1], with_void, title="with void (255) at rims", limits=(0, 12))
plt.show()
counts = metrics.confusion_matrix(with_void, crop, 11, ignore_class=255)
print(f"{(with_void == 255).sum()} of {crop.size} pixels are void; {counts.sum()} are counted")
assert counts.sum() == (with_void != 255).sum()

# %% [markdown]
# ## 3 · IoU: how good is a mask?
#
# **Claim.** *Intersection over union* compares two sets of pixels: those that are truly of a class, and those predicted. What both have, divided by what at least one has:
#
# $$\mathrm{IoU} = \frac{|A \cap B|}{|A \cup B|} = \frac{TP}{TP + FP + FN}$$
#
# TP (*true positives*) are in both masks, FP (*false positives*) only in the prediction, FN (*false negatives*) only in the truth.
#
# **Predict.** Two masks of 8 pixels each share 6. What is their IoU? (It is not 6/8.)

# %%
y_true = np.array([[0, 1, 1, 0, 0], [0, 1, 1, 0, 0], [0, 1, 1, 0, 0], [0, 1, 1, 0, 0]])
y_pred = np.array([[0, 1, 1, 0, 0], [0, 1, 1, 0, 0], [0, 1, 1, 1, 0], [0, 0, 0, 1, 0]])
both, either = (y_true & y_pred).sum(), (y_true | y_pred).sum()
by_hand = both / either

axes = plots.grid(1, 3, size=2.3)[0]
plots.show_numbers(axes[0], y_true, title=f"truth A: {y_true.sum()} pixels")
plots.show_numbers(axes[1], y_pred, title=f"prediction B: {y_pred.sum()} pixels")
plots.show_numbers(
    axes[2], y_true + y_pred, title=f"A + B: {both} in both, {either} in one or both"
)
plt.show()

confusion = metrics.confusion_matrix(y_true, y_pred, 2)
np.testing.assert_allclose(by_hand, metrics.iou(confusion)[1])
np.testing.assert_allclose(by_hand, jaccard_score(y_true.ravel(), y_pred.ravel()))
print(f"IoU = {both} / {either} = {by_hand:g}")

# %% [markdown]
# 6/10. By hand, by `segutils.metrics` and by scikit-learn (which calls it the Jaccard score) it is the same. With several classes we compute one IoU a class and take the mean: **mean IoU**.
#
# **Claim.** *Pixel accuracy*, the share of right pixels, misleads: most pixels are background, and background is easy.
#
# **Predict.** A "segmenter" answers background everywhere. What is its accuracy on our scenes? Its mean IoU over 11 classes?


# %%
def scores(predicted):
    """Pixel accuracy and IoU of each of the 11 classes, over all test scenes."""
    confusion = metrics.confusion_matrix(test.semantic, predicted, len(NAMES))
    return float(metrics.pixel_accuracy(confusion)), metrics.iou(confusion)


lazy = np.zeros_like(test.semantic)
accuracy, per_class = scores(lazy)
print(f"background everywhere: accuracy {accuracy:.2f}, mean IoU {per_class.mean():.2f}")
print("IoU of each class:", per_class.round(2))
assert accuracy > 0.8 > 0.1 > per_class.mean()

# %% [markdown]
# More than four pixels of five are "right", and not one digit is found. The mean IoU is not fooled: ten of its eleven parts are 0.
#
# ## 4 · First segmenter: a threshold
#
# **Claim.** If objects are brighter than the background, one number separates them: a *threshold*.
#
# **Predict.** Move the slider. Is there a threshold that gets all ink and nothing else? What do you have to give up?

# %%
explore(threshold_overlay(image, semantic > 0), threshold=(0, 255), opacity=(0.0, 1.0, 0.05))

# %%
levels = np.arange(60, 230, 5)
train = scenes.make_scenes(digits.train, TRAIN_SCENES, seed=(SEED, 0))
ink = (train.semantic > 0).astype(int)
score = [
    metrics.iou(metrics.confusion_matrix(ink, (train.images[..., 0] > level).astype(int), 2))[1]
    for level in levels
]
best = int(levels[np.argmax(score)])
fig, ax = plt.subplots(figsize=(5.2, 2.8), layout="constrained")
plots.lines(ax, levels, {"all training scenes": score}, xlabel="threshold", ylabel="IoU of ink")
ax.plot(best, max(score), "o", color="black")
ax.set_title(f"Best threshold {best}: IoU {max(score):.2f}")
plt.show()
print(f"best threshold {best}, IoU of ink {max(score):.2f} on training scenes")

# %% [markdown]
# There is none. Lines are as bright as digits, and every scene has its own light. And a threshold knows two classes only: it cannot say *which* digit it found.
#
# We chose the threshold on **training** scenes. The **test** scenes are made from digits of other writers; they only judge.
#
# ## 5 · Second segmenter: a linear model for each pixel
#
# **Claim.** A pixel alone says little; its neighbours say more. We describe a pixel by the square of `PATCH` × `PATCH` pixels around it and let *logistic regression* weigh them: a sum
# with a weight for each pixel and class (notebook 4 builds it by hand).
#
# **Predict.** Will it find the ink better than the threshold? Will it tell a 3 from an 8?


# %%
def patches(images):
    """The square around each pixel, (N, H, W, PATCH²), its own mean taken away, and the mean."""
    half = PATCH // 2
    padded = np.pad(images[..., 0] / 255.0, [(0, 0), (half, half), (half, half)], mode="edge")
    squares = np.lib.stride_tricks.sliding_window_view(padded, (PATCH, PATCH), axis=(1, 2))
    squares = squares.reshape(*images.shape[:3], -1)
    mean = squares.mean(-1, keepdims=True)
    return np.concatenate([squares - mean, mean], axis=-1)


def draw(masks, count, rng):
    """Positions of pixels, half of them ink: else the model would see mostly background."""
    is_ink = masks.ravel() > 0
    half = [rng.choice(np.flatnonzero(which), count // 2) for which in (is_ink, ~is_ink)]
    return np.concatenate(half)


chosen = draw(train.semantic, PIXELS, np.random.default_rng(SEED))
seen = patches(train.images).reshape(-1, PATCH**2 + 1)[chosen]
labels = train.semantic.ravel()[chosen]
linear = LogisticRegression(C=10, max_iter=60, tol=1e-2)

# %% tags=["nbval-ignore-output"]
linear.fit(seen, labels)
guess = linear.predict(patches(test.images).reshape(-1, PATCH**2 + 1)).reshape(test.semantic.shape)
by_threshold = (test.images[..., 0] > best).astype(int)
truth = (test.semantic > 0).astype(int)
ink_iou = {}
for name, mask in (("threshold", by_threshold), ("linear model", (guess > 0).astype(int))):
    confusion = metrics.confusion_matrix(truth, mask, 2)
    ink_iou[name], found = metrics.iou(confusion)[1], metrics.recall(confusion)[1]
    right = metrics.precision(confusion)[1]
    print(
        f"{name:12} IoU of ink {ink_iou[name]:.2f}; finds {found:.2f} of it, right in {right:.2f}"
    )
print(f"linear model, all 11 classes: mean IoU {scores(guess)[1].mean():.2f}")
if (PATCH, TRAIN_SCENES, PIXELS) == (9, 60, 12000):  # what the text below says
    assert ink_iou["linear model"] < ink_iou["threshold"] + 0.02

# %% [markdown]
# As ink against background it is no better than the threshold: it finds less, because dim digits look like paper in its sum, and some clutter still passes.
# For the eleven classes it is nearly lost. A square of 9×9 pixels sees a piece of a stroke, and the same piece is part of a 3, of an 8 and of a 2.
#
# What is missing is *context*: a view of the whole digit. Notebook 2 measures how much of an image a network sees.
#
# ## 6 · Third segmenter: where this course leads
#
# **Claim.** The U-Net of notebook 9 sees the whole digit and still draws sharp outlines. It takes two minutes to train, so here are its answers for our 16 test scenes, stored beside the
# notebooks (`data/unet_masks.png`; `tools/make_unet_masks.py` made them). Truth, scores and images are computed now.
#
# **Predict.** How close does its mean IoU come to 1?

# %%
folder = storage.DATA
mosaic = np.asarray(Image.open(folder / "unet_masks.png"))  # 4 × 4 masks in one image
unet = mosaic.reshape(4, 64, 4, 64).swapaxes(1, 2).reshape(16, 64, 64)
facts = json.loads((folder / "unet_masks.json").read_text(encoding="utf-8"))
unet_iou = scores(unet)[1]
np.testing.assert_allclose(unet_iou.mean(), facts["mean_iou_of_these"])
print(f"U-Net, these 16 scenes: mean IoU {unet_iou.mean():.3f}")
print("whole run:", facts["run"])

# %% tags=["nbval-ignore-output"]
shown = [8, 3, 1, 10, 4]
axes = plots.grid(4, len(shown), size=1.5)
for column, i in zip(axes.T, shown):
    plots.show_image(column[0], test.images[i])
    for ax, mask in zip(column[1:], (test.semantic[i], guess[i], unet[i])):
        plots.show_mask(ax, mask, NAMES, min_size=20)
for ax, name in zip(axes[:, 0], ("scene", "truth", "linear model", "U-Net")):
    ax.set_ylabel(name, fontsize=9)
plt.show()

# %% tags=["nbval-ignore-output"]
results = {"nothing": scores(lazy)[1], "threshold": scores(by_threshold)[1]}
results |= {"linear model": scores(guess)[1], "U-Net": unet_iou}
means = np.array([value.mean() for value in results.values()])
fig, ax = plt.subplots(figsize=(6, 2.9), layout="constrained")
plots.class_bars(
    ax, means, means, means, list(results), title="Mean IoU over 11 classes, 16 test scenes"
)
ax.set_ylabel("mean IoU")
plt.show()
assert results["U-Net"].mean() > 0.9 > 0.5 > results["linear model"].mean()

# %% [markdown]
# (The threshold's ink is counted as digit 0 here: it must name some class.) From the linear model to the U-Net it is a long way; the notebooks in between walk it step by step:
# convolution (2), pooling (3), from dense layers to maps of classes (4), losses (5), optimizers (7), training (8), and the U-Net (9).
#
# ## 7 · Where it is used
#
# **Claim.** The article names driving, medicine and navigation. All three ask for a mask, and in all three a threshold can look right on one image and fail on the next.
#
# No street image comes with our libraries, so an outdoor photograph must stand in for the view of a car. **Predict.** Each mask below is one line of NumPy. Where does each fail?

# %%
china = load_sample_image("china.jpg")[::2, ::2]
sky = (china[..., 2] > 150) & (china[..., 2] >= china[..., 0])  # bright, and not reddish
moon = data.moon()[::2, ::2].astype(float)
window = np.lib.stride_tricks.sliding_window_view(np.pad(moon, 5, mode="edge"), (11, 11))
smooth = window.std(axis=(-2, -1)) < 5
photographs = {
    "outdoors: free sky": (china, sky),
    "medicine: stained cells": (tissue, brown),
    "navigation: smooth ground": (data.moon()[::2, ::2], smooth),
}
axes = plt.subplots(1, 3, figsize=(8, 2.6), layout="constrained", width_ratios=[1.5, 1, 1])[1]
for ax, (name, (photograph, mask)) in zip(axes, photographs.items()):
    plots.show_overlay(ax, photograph, mask, opacity=0.6, title=f"{name}, {100 * mask.mean():.0f}%")
plt.show()
spread = window.std(axis=(-2, -1))
for limit in (4, 5, 6):
    print(
        f"smooth if the spread is below {limit}: {100 * (spread < limit).mean():.0f}% of the ground"
    )

# %% [markdown]
# Haze and water count as sky. Blue nuclei between the brown cells are left out, so the tissue gets holes. On the moon, ground is smooth if brightness varies little in 11×11 pixels;
# one grey level more or less in that limit moves the answer by several per cent.
#
# Each rule holds for one image, with numbers that we chose by looking. A network learns them, from examples.
#
# ## What goes wrong
#
# **Predict.** Masks are numbers, so NumPy will average them. What is the mean of "a 2" (class 3) and "a 4" (class 5)?

# %%
print(f"mean of class {3} and class {5}: class {(3 + 5) / 2:g}, the digit {NAMES[(3 + 5) // 2]}")
with course.expect_error(ValueError, match="must lie in 0..10"):
    metrics.confusion_matrix(test.semantic[:1], test.semantic[:1] * 25, len(NAMES))

# %% [markdown]
# A 3, which nobody saw. So masks are never averaged, blurred or resized like photographs (notebook 15). And a mask saved with other numbers, here stretched to 0…250 to make it visible,
# is refused with a sentence rather than scored.
#
# ## Exercises
#
# 1. **Recall.** An image shows a road with three cars. Give the shape of the answer for each of the five tasks. Which of them can say that two cars touch?
# 2. **Code.** Write `iou` for two masks of True and False. The cell below checks it and names the usual mistakes.
# 3. **Open.** Let `PATCH` grow from 1 to 15, and measure the linear model's mean IoU each time. What do you gain, and what does it cost?


# %%
def iou(y_true, y_pred):
    """Intersection over union of two masks (H, W) of True and False: a number from 0 to 1.

    Two empty masks agree fully: return 1.0 for them.
    """
    ...  # your code


# %%
exercise.check(iou)

# %% [markdown]
# <details><summary>Solutions</summary>
#
# 1. One label (or a list of labels); a list of boxes with a label each; (H, W) classes; (H, W) object numbers; (H, W) of both. Touching cars: instance and panoptic, and detection by its boxes;
#    in the semantic mask they melt into one region.
# 2. In the body of the function:
#
# ```python
# union = (y_true | y_pred).sum()
# return (y_true & y_pred).sum() / union if union else 1.0
# ```
#
# 3. Run `python -m segutils run 01_background -p PATCH 15 --output runs/01_15`. Larger squares help a little; a sum of pixel values cannot describe shapes that move and turn, however many pixels it sees.
#
# </details>
#
# ## Recap

# %% tags=["nbval-ignore-output"]
print(
    f"- We gave five answers to one image; the semantic mask needs {height * width * len(NAMES):,} scores."
)
print(
    f"- We computed an IoU of {by_hand:g} by hand; answering 'background' had accuracy {accuracy:.2f} and mean IoU {per_class.mean():.2f}."
)
print(
    f"- We built a threshold (IoU of ink {ink_iou['threshold']:.2f}) and a linear model (mean IoU {results['linear model'].mean():.2f}); the U-Net reaches {unet_iou.mean():.2f}."
)

# %% [markdown]
# **Sources.** Kirillov et al. 2019, [Panoptic segmentation](https://arxiv.org/abs/1801.00868) · Everingham et al. 2010, [The Pascal VOC challenge](https://doi.org/10.1007/s11263-009-0275-4) (mean IoU, void) ·
# Ronneberger et al. 2015, [U-Net](https://arxiv.org/abs/1505.04597) · images: [scikit-image](https://scikit-image.org/docs/stable/api/skimage.data.html) and [scikit-learn](https://scikit-learn.org/stable/datasets/loading_other_datasets.html)
#
# **Next:** [2 · Convolution](02_convolution.ipynb): how a few numbers find an edge.
