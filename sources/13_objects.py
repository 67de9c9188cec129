# %% [markdown]
# # 13 · Objects: from pixels to things that can be counted
#
# <!-- [Open in Colab](https://colab.research.google.com/github/OWNER/REPO/blob/main/notebooks/13_objects.ipynb) · -->
# previous: [12 · Frontiers](12_frontiers.ipynb) · next: [14 · Attention](14_attention.ipynb) · about 2 minutes on two CPU cores
#
# On page one of this course stands a scene of handwritten digits in which every pixel needs a label. Since notebook 9 a network gives every pixel its label, and it is nearly always right. Now someone asks a simpler question:
# *how many* digits are there? When two fives touch, the mask shows one region of the class five. Nothing in it says "two". This notebook finds the *objects* in a mask, here the single digits: first by two classical algorithms that we write
# ourselves, then by a network that learns one more thing about each pixel.
#
# You will be able to
# - number the connected regions of a mask by hand, and say what merges and what splits,
# - cut regions apart at their narrow places by an algorithm named *watershed*, and judge whole objects by two scores, F1 and average precision,
# - give a network a second output, a *head*, that says where the middle of an object is, and find out before any training what such a head could be worth.
#
# You need: notebook 9 (a U-Net and how it is trained), the IoU of notebook 1, the sigmoid of notebook 2, and cross-entropy and Dice from notebook 5.

# %% tags=["parameters", "hide-input"]
# @title Parameters
SOURCE: str = "auto"  # of the digits: "mnist", "bundled", or "auto": MNIST if it is there
TRAIN_SCENES: int = 1000  # a multiple of 10, as each digit has scenes of its own
VALIDATION_SCENES: int = 100  # a distance and the best epoch are chosen on these
TEST_SCENES: int = 200  # for the ceilings and for the scores; no network learns from them
EPOCHS: int = 5  # passes over the training scenes
LEARNING_RATE: float = 0.01  # the highest of the one-cycle schedule
SEED: int = 0  # of the scenes and of the training
OUTPUT: str = ""  # run folder; empty: a folder under runs/ named after the parameters

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
    TRAIN_SCENES=course.multiple_of(10, 20, 100_000),
    VALIDATION_SCENES=course.multiple_of(10, 10, 10_000),
    TEST_SCENES=course.multiple_of(10, 20, 10_000),
    EPOCHS=course.integer(1, 1000),
    LEARNING_RATE=course.number(1e-6, 1),
    SEED=course.integer(0, 2**31 - 1),
    OUTPUT=course.text(empty=True),
)

# %% tags=["hide-input", "nbval-ignore-output"]
# @title Imports
import heapq
import itertools
import time

import keras
import matplotlib.pyplot as plt
import numpy as np
from scipy.ndimage import distance_transform_edt, gaussian_filter
from skimage.feature import peak_local_max
from skimage.measure import label
from skimage.segmentation import watershed

from segutils import losses, metrics, models, objects, reference, training, transforms
from segutils.lessons import objects_figures as figures
from segutils.lessons.explorer import explore
from segutils.lessons.objects import choose_distance, count_each, judge_counting, make_crowds
from segutils.lessons.objects import exercise, find_nuclei, nuclei_ceilings, second_exercise
from segutils.lessons.objects import merges_and_splits, shared_pixels, tabulate

ops = keras.ops
folder = course.make_run_folder(OUTPUT, "13_objects", parameters)
counts = {"train": TRAIN_SCENES, "validation": VALIDATION_SCENES, "test": TEST_SCENES}
train, validation, test, source = make_crowds(SOURCE, **counts, seed=SEED)

# %% tags=["hide-input", "nbval-ignore-output"]
# @title The question in one figure
figures.show_crowd(test, at=[2, 3, 5, 8, 10])
plt.show()

# %% [markdown]
# Each column is one scene in which the same digit appears several times. The first row is what a camera would see. The second row is the mask, right in every pixel: the best that the network of notebook 9 could hope for. Count the digits in it, and you will find that you use the *shapes*, not the colour.
# The third row is what we want: each object has a number of its own, drawn as a colour, with a dark line where two objects touch. Finding these numbers is called *instance segmentation*.
#
# All digits count as one class here, *ink*, as the question "how many?" does not ask which. These scenes are made for this page: six to nine digits, a little enlarged, so that neighbours touch and cross.
#
# ## 1 · Connected regions
#
# The simplest definition of an object is a set of pixels of ink that are connected. Two pixels are *neighbours* if they share a side, so a pixel has four of them (above, below, left and right). Put your finger on a pixel of ink, and colour it. Move to any neighbour that is ink and has no colour yet, colour it too, and go on until
# no such neighbour is left: that is one region. Lift the finger, look row by row for the next pixel of ink without a colour, and take a new colour. This is called a *flood fill*.
#
# In code the finger needs a memory, because a region may branch: `todo` lists the coloured pixels whose neighbours have not been looked at yet. The colours are the numbers 1, 2, 3 …, and 0 means "no colour".


# %%
def neighbours(pixel, shape):
    i, j = pixel
    four = ((i - 1, j), (i, j - 1), (i, j + 1), (i + 1, j))
    return [(i, j) for i, j in four if 0 <= i < shape[0] and 0 <= j < shape[1]]


# %%
def connected_by_hand(mask):
    numbers, count = np.zeros(mask.shape, int), 0
    for start in zip(*np.nonzero(mask)):  # pixels of ink, row by row
        if not numbers[start]:
            count += 1
            numbers[start], todo = count, [start]
            while todo:
                for pixel in neighbours(todo.pop(), mask.shape):
                    if mask[pixel] and not numbers[pixel]:
                        numbers[pixel] = count
                        todo.append(pixel)
    return numbers


# %% [markdown]
# **Predict.** Into how many regions will the mask `small` in the next cell fall? Look closely at its middle, where two pixels of ink touch at a corner.

# %%
small = np.array([[1, 1, 0, 0, 1], [0, 1, 0, 0, 1], [0, 0, 1, 0, 1], [1, 0, 1, 1, 1]])
figures.show_regions(small, {"regions": connected_by_hand(small)})
plt.show()
assert connected_by_hand(small).max() == 3

# %% [markdown]
# It falls into three regions. Counted from 0, the pixel in row 1, column 1 and the pixel in row 2, column 2 share a corner but no side, so the finger does not get across. (With the four corners counted as neighbours as well, regions 1 and 2 would be one.) The region on the right is number 2, because its first pixel comes up in row 0 already, although most of it lies further down.
#
# scikit-image has the same function, `label`, where `connectivity=1` means "sides only". Both number the regions in the same order, so their results must be equal. We compare them on twenty test scenes:

# %%
for ink in test.ink[:20]:
    np.testing.assert_array_equal(connected_by_hand(ink), label(ink, connectivity=1))

# %% [markdown]
# They are equal. Now to the question: how many digits? We count regions in the true masks, so that no error of a network is involved. (`objects.connected` is `label` for masks of several classes; specks of fewer than 8 pixels are dropped.) In the figure a point is the mean over all scenes with that many digits, and the bar through it spans nine scenes in ten.

# %% tags=["nbval-ignore-output"]
regions = [objects.connected(ink, min_size=8) for ink in test.ink]
how_many, found = count_each(test.objects), count_each(regions)
figures.show_counts({"connected regions": (how_many, found)})
plt.show()
assert np.mean(found) < 0.8 * np.mean(how_many)
print(f"{np.mean(how_many):.1f} digits per scene, {np.mean(found):.1f} connected regions")

# %% [markdown]
# There are too few regions: about four, whether a scene has six digits or nine. So the more digits there are, the more are missing: digits that touch have *merged*. Even in a perfect mask, then, connected regions do not count objects that touch. That is why a medical or biological study that reports "cells per image" needs more than the regions of a mask wherever cells touch.
#
# ## 2 · Judging whole objects
#
# Before we improve anything, we decide how to measure. A count alone can be right by luck: if two digits are merged into one object and a third digit is split into two, the count is right and the objects are not. So we ask of each object whether it was *found*. A true object $A$ and a predicted object $B$ **match** if their IoU, the number of pixels in both divided by the number of pixels in either, is above a threshold, usually 0.5:
#
# $$\frac{|A \cap B|}{|A \cup B|} > 0.5$$
#
# Here $|\;|$ counts pixels, $\cap$ means "in both" and $\cup$ "in one or both". Why 0.5? The union is at least as large as $A$. So an IoU above 0.5 means that the predicted object $B$ holds more than half of the pixels of $A$. A second predicted object shares no pixel with $B$, so it cannot hold more than half of $A$ as well. The same is true with $A$ and $B$ exchanged. So no object matches twice, and there is nothing to decide.
#
# Take a strip of twelve pixels with three true objects, AAAA··BBCCCC, where a dot is background. The prediction is aaaa··bbbbbb: it found A and merged B with C. The IoU of A and a is 4/4. That of C and b is 4/6, above 0.5, and so C counts as found. That of B and b is 2/6: B was missed. Two of the true objects were found (*true positives*, TP = 2), no predicted object is left without a partner (*false positives*, FP = 0), and one true object is left without one (*false negatives*, FN = 1).
#
# Two scores are made of these counts. F1 is $2\,\mathrm{TP} / (2\,\mathrm{TP} + \mathrm{FP} + \mathrm{FN})$, here 4/5 = 0.80: it is the Dice of notebook 5, with objects in place of pixels. The *average precision* of the 2018 Data Science Bowl, a competition on cell nuclei, is stricter:
#
# $$\mathrm{AP} = \frac{\mathrm{TP}}{\mathrm{TP} + \mathrm{FP} + \mathrm{FN}}$$
#
# Here it is 2/3 = 0.67: the IoU, with objects in place of pixels. It is computed at several thresholds from 0.5 to 0.95; the higher the threshold, the more exact the outlines have to be. (Careful with the name: in the COCO competition, average precision is something else, an area under a curve. Nor is it the precision of notebook 5, which is TP / (TP + FP).)
#
# In code, we first count the pixels that each true object shares with each predicted one, here for the strip. We call that table `shared`. It has a row for each true object and a column for each predicted one; row 0 and column 0 are the background.

# %%
true = np.array([[1, 1, 1, 1, 0, 0, 2, 2, 3, 3, 3, 3]])  # A, B, C
pred = np.array([[1, 1, 1, 1, 0, 0, 2, 2, 2, 2, 2, 2]])  # a, b
shared = shared_pixels(true, pred)
print(shared)

# %% [markdown]
# Read the last column: of the six pixels of b, two are B's and four are C's. From this table everything follows. The sum of a row is the size of a true object, and the sum of a column is the size of a predicted one. The union of two objects is the sum of their sizes, less the pixels that they share, which would be counted twice.
#
# How many objects are there? TP + FN true ones and TP + FP predicted ones, together 2 TP + FP + FN. Subtract TP once, and you have what AP divides by.


# %%
def average_precision_by_hand(true, pred, threshold):
    shared = shared_pixels(true, pred)
    union = shared.sum(1, keepdims=True) + shared.sum(0, keepdims=True) - shared
    iou = (shared / union)[1:, 1:]  # without the background
    tp = (iou > threshold).sum()
    return tp / (sum(iou.shape) - tp)  # 2 TP + FP + FN, less TP


assert average_precision_by_hand(true, pred, 0.5) == 2 / 3
assert objects.object_f1([true], [pred]) == 0.8

# %% [markdown]
# The helper package has the same score twice: `reference.average_precision`, in plain loops, and `objects.average_precision`, for many images. All three must agree; we try them on one test scene, at three thresholds:

# %%
for threshold in (0.5, 0.75, 0.9):
    ours = average_precision_by_hand(test.objects[3], regions[3], threshold)
    assert ours == reference.average_precision(test.objects[3], regions[3], threshold)
    assert (
        ours
        == objects.average_precision(test.objects[3:4], regions[3:4], thresholds=[threshold])[0]
    )

# %% [markdown]
# They agree. But a score says how often something went wrong, not how. So we also count two kinds of error. A predicted object is a **merge** if it holds more than half of each of two or more true objects; a true object is **split** if it holds more than half of each of two or more predicted ones. The table `shared` of the strip tells both:

# %%
in_true = 2 * shared > shared.sum(0)  # more than half of the predicted object lies in the true one
in_pred = 2 * shared > shared.sum(1, keepdims=True)  # and the other way round
merges, splits = (in_pred[1:, 1:].sum(0) >= 2).sum(), (in_true[1:, 1:].sum(1) >= 2).sum()
assert (merges, splits) == merges_and_splits(true, pred) == (1, 0)

# %% [markdown]
# The strip has one merge, b, and no split. From here on the helper `merges_and_splits` counts them.
#
# ## 3 · Watershed
#
# Digits merge because a narrow bridge of ink is enough to connect them. The classical cure looks for bridges. Give each pixel of ink its *distance to the outline*, that is to the nearest pixel that is not ink. Inside a round blob it is large, in a narrow bridge it is small. Along a line through two blobs that touch, the distances may read
#
# 1 2 3 4 3 2 **1** 2 3 4 5 4 3 2 1.
#
# Turn them upside down, −1 −2 −3 …, and they become a landscape with two valleys and a pass between them. Now let it rain. Water gathers at the lowest point of each valley, which is its *seed*, and rises. Where the waters of two valleys meet, we build a dam. The dams cut the blobs apart, and they stand on the pass, at the bridge.
# This is the *watershed* (Beucher and Lantuéjoul, 1979).
#
# The code floods one pixel at a time. `shore` holds the pixels under water whose neighbours may still be dry, each with its height. We always go on from the *lowest* of them: `heapq` keeps a list from which `heappop` takes the smallest entry. The `ticket` is a running number: when two pixels are equally low, the one that has waited longer goes first. A dam needs no line of code and no pixel: it stands where two numbers meet (the figure darkens the pixels beside it).


# %%
def watershed_by_hand(height, seeds, mask):
    numbered, ticket = seeds * mask, itertools.count()
    shore = [(height[pixel], next(ticket), pixel) for pixel in zip(*np.nonzero(numbered))]
    heapq.heapify(shore)
    while shore:
        _, _, pixel = heapq.heappop(shore)
        for beside in neighbours(pixel, mask.shape):
            if mask[beside] and not numbered[beside]:
                numbered[beside] = numbered[pixel]
                heapq.heappush(shore, (height[beside], next(ticket), beside))
    return numbered


# %% [markdown]
# It is the flood fill of section 1 with two changes: it starts from all seeds at once, and while any pixel of the list was as good as another there, here the lowest comes first. We try it on two discs that touch. The figure shows, from left to right, the distance to the outline with the two seeds, the landscape along the middle row of pixels, and the objects that the flood makes.

# %%
y, x = np.indices((23, 38))
discs = ((y - 11) ** 2 + (x - 11) ** 2 <= 64) | ((y - 11) ** 2 + (x - 26) ** 2 <= 81)
height = -distance_transform_edt(discs)
seeds = np.zeros(discs.shape, int)
seeds[11, 11], seeds[11, 26] = 1, 2
by_hand = watershed_by_hand(height, seeds, discs)
figures.show_flood(discs, height, seeds, by_hand)
plt.show()
np.testing.assert_array_equal(by_hand, watershed(height, seeds, mask=discs))

# %% [markdown]
# The dam, a dotted line in the middle panel, stands within a pixel of the pass, and scikit-image's `watershed` gives the same numbers in every pixel. (Where many pixels have exactly the same height, two programs may break ties differently. The course's tests compare on landscapes without ties.)
#
# Where do seeds come from if nobody draws them? They are the peaks of the distance to the outline. `objects.separated` smooths the distance a little, and takes every peak that is the highest within a given number of pixels.
#
# **Predict.** What will go wrong on digits if that number is small, and what will go wrong if it is large?

# %% tags=["nbval-ignore-output"]
cut = {
    f"watershed, {d} pixels": [objects.separated(ink, distance=d) for ink in test.ink]
    for d in (4, 12)
}
ways = {"connected regions": regions} | cut
on_true_masks = tabulate(test.objects, ways)
figures.show_cuts(test, ways, at=[0, 3, 5, 8, 11])
plt.show()

# %% [markdown]
# M marks an object that merges several digits, S a digit that was split. (Colours only tell objects apart: the same digit may have another colour in the next row.) The table counts the same over all test scenes; the numbers here are those of MNIST. With 4 pixels, 1,325 of 1,518 digits are split: a digit is not a round blob but a *stroke*, and its distance to the outline has peaks all along the stroke. With 12 pixels, far fewer digits split and more merge. We tried distances from 4 to 20 pixels on these very scenes, in the watershed's favour: none avoids both, and 12 has the best F1.
#
# And these were true masks. So this F1 of 0.71 is a *ceiling*: if a network predicts a mask, however long it was trained, and this watershed cuts it, the objects cannot be expected to be better. When a ceiling is low, do not train longer; change what is predicted.
#
# ## 4 · What should a network say instead?
#
# A network sees the image, and in the image one sees where a digit ends: each has its own shape, and often its own brightness. So it could tell us more about a pixel than its class. But what? There are many proposals in the literature; we compare two simple ones. In both, a pixel gets one more number $d$ between 0 and 1:
#
# - **distance to the rim**: how deep does the pixel lie in *its own* object? The pixels of a neighbour that touches it count as outside. The depth is divided by the largest one in the object, so that each object reaches 1. This map is common for cell nuclei.
# - **nearness to the centre**: $d = 1 - r / 14$, where $r$ is the distance, in pixels, to the nearest middle of a digit, that is of the smallest box around it (and $d = 0$ if $r$ is above 14). Each digit gets a cone whose tip stands in its middle, over ink and paper alike.
#
# **Predict.** Both can be computed from the true objects. A zero has a hole in its middle, and strokes are thin. Which of the two maps has exactly one peak for each digit?

# %% tags=["nbval-ignore-output"]
REACH = 14  # pixels: a bit more than half the height of a digit
rims = np.stack([objects.rim_distance(numbered) for numbered in test.objects])
cones = np.stack([objects.centre_map(numbered, reach=REACH) for numbered in test.objects])
figures.show_maps(test, 0, {"distance to the rim": rims[0], "nearness to the centre": cones[0]})
plt.show()

# %% [markdown]
# The cones have one peak for each digit. The rim's distance has a ridge along each stroke, and wherever the stroke gets a little thicker the ridge has another peak.
#
# Which of them is worth training a network for? One half of the answer needs no training: how good could it be at best? We pretend that a network predicts each map *perfectly*, and make objects of it: peaks become seeds, and the watershed does the rest. The F1 of these objects is the ceiling of each proposal.

# %% tags=["nbval-ignore-output"]
ceilings = {
    "true rim distance": [objects.from_distance(*pair, rise=0.3) for pair in zip(test.ink, rims)],
    "true nearness to the centre": [objects.from_centres(*pair) for pair in zip(test.ink, cones)],
}
possible = tabulate(test.objects, ceilings)
assert possible["true nearness to the centre"] > max(0.95, possible["true rim distance"])

# %% [markdown]
# At an IoU of 0.5 the ceiling of the centres is 1, and that of the rim distance is 0.79 on MNIST. (`rise` says how deep the valley between two peaks must be for both to become seeds. In favour of the rim we tried 0.1, 0.15, 0.2, 0.25, 0.3 and 0.4 and kept the best for these very scenes.) The digits bundled with the course have thick, even strokes; there the rim's ceiling is about 0.97, still below that of the centres. So we train for centres. For cell nuclei, which are blobs, the rim does far better than here (section 7).
#
# How are objects made of the map? It takes three steps: smooth the map a little, so that small bumps do not become peaks; take every peak that is at least `threshold` high and `min_distance` pixels away from a higher one; and flood the landscape −$d$ from these seeds. This time the flood covers the paper as well, so that the two halves of a digit that another one crosses get the number of the same cone. Finally, paper is set to 0.
#
# `gaussian_filter` replaces each pixel by a weighted mean of its surroundings, and `peak_local_max` lists the peaks, a row and a column for each.


# %%
def objects_by_hand(ink, nearness, min_distance=4, threshold=0.5):
    smooth = gaussian_filter(nearness, 1)
    peaks = peak_local_max(smooth, min_distance, threshold, exclude_border=False)
    seeds = np.zeros(ink.shape, int)
    seeds[tuple(peaks.T)] = np.arange(1, len(peaks) + 1)
    return watershed(-smooth, seeds) * ink


by_hand = objects_by_hand(test.ink[0], cones[0])
assert (
    objects.object_f1([by_hand], [objects.from_centres(test.ink[0], cones[0])], threshold=0.99) == 1
)

# %% [markdown]
# Both programs find the same objects: the F1 is 1 even where a match takes an IoU above 0.99. A trained network's map will not be perfect, though. Let us prepare for that.
#
# **Try.** `noise` spoils the true map, as an unsure network would, and what lies below the threshold is darkened. The picture starts at a noise of 0.2. On MNIST two of its eight digits are split there, on the bundled digits one; set the noise to 0.1 first. How far can you move `threshold` and `min_distance` before a digit is split or merged? Then set the noise to 0.4: which of the two still helps? And what is the price of a threshold of 0.9, or of a distance of 12?

# %%
explore(
    figures.seeds_explorer(test.images[3], test.ink[3], test.objects[3], cones[3]),
    threshold=(0.1, 0.9, 0.1),
    min_distance=(1, 12),
    noise=(0.0, 0.4, 0.1),
)

# %% [markdown]
# A low threshold and a small distance let false peaks in, and digits split. A high threshold loses true peaks, and a large distance suppresses one of two middles that lie close together: digits merge. At a noise of 0.1 a wide range lies between the two: thresholds from 0.3 to 0.7 and distances from 1 to 8 all give eight seeds for eight digits. That is what one wishes for, since no number has to be tuned finely. On MNIST a threshold of 0.9 then costs four of the seeds, and a distance of 12 costs two; on the bundled digits it is two and one.
#
# At a noise of 0.4 some false peaks are as high as true ones, so the threshold alone is not enough: even at 0.9 it leaves twelve of about twenty seeds, and four digits are split. The distance does more: no two digits of these scenes have their middles within 8 pixels of each other, and with that distance nine seeds are left, and no digit is split.
#
# ## 5 · A second head
#
# We need no new architecture. The U-Net of notebook 9 ends in a convolution of 1 × 1 that makes one score for each class out of a pixel's features; here these would be two, for paper and for ink. We let it make *three*. The third one, $z$, becomes a number between 0 and 1 by the sigmoid, $\sigma(z) = 1 / (1 + e^{-z})$, and is trained to be the nearness $d$. The whole body of the network is shared; an
# output that has a loss of its own is called a *head*.
#
# The loss of the first head stays cross-entropy. For the second we take the cross-entropy of a yes-or-no question, averaged over all $N$ pixels, which we number by $i$:
#
# $$L = L_{\text{classes}} + \frac{1}{N} \sum_i \big( -d_i \log \sigma(z_i) - (1 - d_i) \log (1 - \sigma(z_i)) \big)$$
#
# Here $d_i$, the true nearness of pixel $i$, need not be 0 or 1 but may be any number in between. In numbers: for $d = 0.3$ a prediction of 0.5 costs $-0.3 \log 0.5 - 0.7 \log 0.5 = 0.69$, and the prediction 0.3 costs 0.61. No other prediction costs less: it is best to say exactly $d$. In the code, `y_true` holds the label and $d$ of each pixel, and `y_pred` the two scores of the classes and $z$:


# %%
def two_head_loss(y_true, y_pred):
    labels, d, z = y_true[..., 0], y_true[..., 1], y_pred[..., -1]
    p = ops.sigmoid(z)
    second = -d * ops.log(p) - (1 - d) * ops.log(1 - p)
    return losses.cross_entropy(labels, y_pred[..., :-1]) + ops.mean(second, axis=(1, 2))


y_true = np.stack([test.ink[:4], cones[:4]], axis=-1).astype("float32")
y_pred = np.random.default_rng(SEED).normal(size=(4, 64, 64, 3)).astype("float32")
np.testing.assert_allclose(
    two_head_loss(y_true, y_pred), losses.with_distance(y_true, y_pred), rtol=1e-5
)

# %% [markdown]
# The course's `losses.with_distance` gives the same numbers. (Its name comes from the first proposal, but it takes any $d$ between 0 and 1.) It also survives a $z$ of 1000, where the code above would take the logarithm of 0.
#
# For a fair comparison we train two networks on the same scenes: one that learns the mask alone, so that a watershed must find its objects, and one with both heads. The second head costs a little time in each step; so the plain network gets one epoch more, to make the seconds about equal. Both are trained by Adam with a one-cycle learning rate, as in notebook 8 (`FusedAdam` is Adam in one operation, notebook 9), and each network keeps the weights of the epoch with its smallest validation loss.


# %%
def train_network(name, targets, channels, loss, epochs):
    course.set_seed(SEED)
    model = models.unet(channels)
    batches = transforms.Batches(train.images, targets[0], batch_size=16, seed=SEED)
    schedule = training.one_cycle(LEARNING_RATE, epochs * batches.steps_per_epoch)
    model.compile(training.FusedAdam(schedule, beta_2=0.99), losses.SegmentationLoss(loss))
    started, data = time.process_time(), (validation.images, targets[1])
    options = {"epochs": epochs, "folder": folder / name, "resume": False, "progress": False}
    training.fit(model, batches, data, **options)
    return training.load_best(folder / name), time.process_time() - started


# %% tags=["nbval-ignore-output"]
masks = [part.ink for part in (train, validation)]
plain, plain_seconds = train_network("plain", masks, 2, "cross_entropy", EPOCHS + 1)

# %% tags=["nbval-ignore-output"]
both = [
    np.stack([part.ink, [objects.centre_map(n, reach=REACH) for n in part.objects]], -1).astype(
        "float32"
    )
    for part in (train, validation)
]
two_heads, two_head_seconds = train_network("two_heads", both, 3, "with_distance", EPOCHS)
print(f"processor seconds: plain {plain_seconds:.0f}, two heads {two_head_seconds:.0f}")

# %% [markdown]
# ## 6 · How many digits?
#
# The plain network's objects come from `objects.separated`. To be fair to it, the least distance between two peaks is chosen for it on the validation scenes, from 6 to 14 pixels. For the two-headed network nothing is chosen on scenes that it has labelled: it uses a threshold of 0.5 and a distance of 4 pixels, as in section 4. (The map and its reach were settled there, on the true objects of the test scenes; this favours it a little.)


# %% tags=["nbval-ignore-output"]
def predict(model, images):
    scores = model.predict(images, batch_size=50, verbose=0)
    return scores[..., :2].argmax(-1), reference.sigmoid(scores[..., -1])


seen = predict(plain, validation.images)[0]
distance = choose_distance(seen, validation.objects, (6, 8, 10, 12, 14))
print(f"chosen on validation scenes: {distance} pixels")

# %% [markdown]
# **Predict.** Both networks see the same images. Will the two-headed one pay for its second task with a worse mask?

# %% tags=["nbval-ignore-output"]
plain_mask, _ = predict(plain, test.images)
mask, nearness = predict(two_heads, test.images)
of_masks = [metrics.iou(metrics.confusion_matrix(test.ink, m, 2))[1] for m in (plain_mask, mask)]
print("IoU of ink: plain {:.2f}, two heads {:.2f}".format(*of_masks))
assert abs(np.subtract(*of_masks)) < 0.03 or EPOCHS < 5

# %% [markdown]
# It does not, in this run: to two decimals, both masks are equally good. Now we come to the objects.

# %% tags=["nbval-ignore-output"]
ways = {
    "connected regions": [objects.connected(m, min_size=8) for m in plain_mask],
    "watershed on the mask": [
        objects.separated(m, distance=distance, min_size=8) for m in plain_mask
    ],
    "second head": [objects.from_centres(*pair, min_size=8) for pair in zip(mask, nearness)],
}
learned = tabulate(test.objects, ways)
gain = learned["second head"] - learned["watershed on the mask"]
assert gain > 0.10 or EPOCHS < 5
print(f"gain of the second head: {gain:.2f}")

# %% [markdown]
# The plain network's watershed stays just below the ceiling of section 3, as was to be expected. The network is not at fault; it was asked too little. Asked for one more number per pixel, it finds nearly every digit. How exact are the outlines of its objects? For that we raise the IoU that a match takes.

# %% tags=["nbval-ignore-output"]
drawn = {**ways, "true masks and centres": ceilings["true nearness to the centre"]}
precision = {name: objects.average_precision(test.objects, found) for name, found in drawn.items()}
figures.show_precision(objects.BOWL, precision)
plt.show()

# %% [markdown]
# The left end of the curves is a score that is often quoted: at an IoU of 0.5 the second head finds nearly all objects. To the right, where a match takes ever more exact outlines, all curves fall, and from 0.9 on the second head is no better than the others. It tells objects apart; it does not draw finer outlines. Much of this fall is no fault of the network: the dotted-and-dashed curve, of the *true* mask and the *true* cones, falls, too, since at a crossing the dam between two cones gives some pixels to the wrong digit.
#
# Can we count digits now? Here is the figure of section 1 again, for both networks:

# %% tags=["nbval-ignore-output"]
counted = {name: (how_many, count_each(ways[name])) for name in list(ways)[1:]}
figures.show_counts(counted)
plt.show()
off = [np.abs(np.subtract(*pair)).mean() for pair in counted.values()]
print("wrong by {:.2f} digits per scene (watershed) and {:.2f} (second head)".format(*off))
assert off[1] < off[0] or EPOCHS < 5

# %% [markdown]
# The second head's count is almost always right; its bars have no length, as nine scenes in ten have exactly the right count. Look at the watershed in scenes of six digits: its mean count is nearly right, although its bar is long. Merges make a count too small and splits make it too large; in one scene and in the mean over scenes they cancel. This is why section 2 did not judge by counts alone.
#
# Finally we look at the errors. The figure shows the five test scenes with the most missed or false objects of the second head.

# %% tags=["nbval-ignore-output"]
tables = [objects.object_confusion(*pair) for pair in zip(test.objects, ways["second head"])]
errors = np.array([table[0, 1] + table[1, 0] for table in tables])
worst = np.argsort(-errors, kind="stable")[:5]
figures.show_cuts(test, {name: ways[name] for name in list(ways)[1:]}, at=worst)
plt.show()
print(f"{(errors == 0).sum()} of {len(errors)} scenes have no missed and no false object")

# %% [markdown]
# The last row has no letters, because none of these digits is merged or split: its errors are digits whose object has an IoU of 0.5 or less, and objects that match no digit. Look for three kinds of them. One is a digit that is nearly hidden under its neighbours: so little of it is left that a few wrong pixels bring its IoU below 0.5. Another is a place where strokes cross, and the dam between two cones gives a piece of one digit to the other. The third is no fault of the second head: a digit so dim that the mask itself misses most of it, in the stored run the 5 in the middle of the first column. The map tells where the middles are; it cannot tell to which of two middles a crossing belongs. (Another network, Panoptic-DeepLab, predicts just this: for each pixel an arrow to the middle of its own object.)
#
# What did this show, and what did it not show? A gain in F1 of 0.10 or more held in each of the runs that we made, with seeds 0, 1 and 2, on MNIST and on the bundled digits; the cell that printed the gain requires it of your run, too, if that has five epochs or more. It was found on scenes whose objects have about one size, and against the simplest kind of watershed. Where objects have very different sizes, one reach of 14 pixels does not fit them all.
#
# ## 7 · Nuclei: when the rim is right
#
# Digits are strokes. Cell nuclei are blobs, and the first proposal of section 4, the distance to the rim, was made for blobs. The public set BBBC038, from which the 2018 Data Science Bowl took its images, has a mask for each nucleus. It is not part of this repository, so **what this section prints can't be reproduced from the repository alone**: put `nuclei_sample.zip` into the folder that `SEGUTILS_DATA` names, and run the notebook again. Without it, the cell says so and goes on.
#
# **Predict.** We compute the ceilings of sections 3 and 4 again, on the true masks of 24 images. Will the watershed on the mask be as bad as it was on digits?

# %% tags=["nbval-ignore-output"]
nuclei = find_nuclei(24)
if nuclei:
    tabulate(nuclei, nuclei_ceilings(nuclei))
else:
    print("no nuclei_sample.zip in the folder that SEGUTILS_DATA names")

# %% [markdown]
# It is not: round shapes have waists where they touch, and on these masks the watershed reaches an F1 of 0.96. With the true rim distance it is 0.99, and with the true nearness to the centre 0.98, so for blobs the rim is as good a map as the centre. On true masks a second head can gain 0.03 at most over this watershed, whose peaks are at least 3 pixels apart. On predicted masks all of these fall, and we have not measured here which falls further. The order of work is the same as for digits: compute the ceiling first, then decide what to train.
#
# For your own folder you need not write any of this. If its masks give each object a number, the course's command can train a second head for you, on the rim distance:
#
# ```sh
# python -m segutils segment FOLDER -p OBJECTS learned
# ```
#
# ## Exercises
#
# **1 · Recall.** Why does a threshold of 0.5 or more on the IoU spare us the question which of several predicted objects belongs to a true one? (The answer is at the end.)
#
# **2 · Code, first step.** Write `count_regions`: how many connected regions of ones does a mask have? Use the four neighbours at the sides, and no library function for regions. The cell after it checks your function and names the usual mistakes.


# %%
def count_regions(mask):
    """mask (H, W): an array of 0 and 1. Return the number of connected regions of ones."""
    ...  # your code


# %%
exercise.check(count_regions)

# %% [markdown]
# **3 · Code, second step.** Write the average precision of one image, from the numbered objects.


# %%
def average_precision(true_objects, predicted_objects, threshold):
    """TP / (TP + FP + FN): two objects match if their IoU is above the threshold, which is 0.5 or more.

    true_objects, predicted_objects (H, W) ints: 0 is background, each object has a number; numbers may have gaps. At least one of the two images has an object.
    """
    ...  # your code


# %%
second_exercise.check(average_precision)

# %% [markdown]
# **4 · Open.** Count the digits of a scene from its true mask of ink, without a second head: any rule that takes the mask and returns a number. While you try rules, give the cell `validation` in place of `test`. In the end it measures by how many digits your rule is wrong, on average over the test scenes. Connected regions are wrong by almost four. A rule that always says 8, without a look at the mask, is wrong by 0.93; so 0.75 or less is a good result. (May your rule use a number that you measured on *training* scenes?)


# %% tags=["nbval-ignore-output"]
def my_count(ink):
    (count,) = count_each([objects.connected(ink, min_size=8)])
    return count


judge_counting(my_count, test, goal=0.75)

# %% [markdown]
# <details><summary>Solutions</summary>
#
# 1. An IoU above 0.5 means that the shared pixels are more than half of either object. No two predicted objects can each have more than half of one true object, since they share no pixels. So there is never more than one candidate.
# 2. A flood fill that counts its starts:
#
# ```python
# def count_regions(mask):
#     todo_mask, count = mask.copy(), 0
#     for start in zip(*np.nonzero(mask)):
#         if todo_mask[start]:
#             count, todo = count + 1, [start]
#             while todo:
#                 i, j = todo.pop()
#                 if 0 <= i < mask.shape[0] and 0 <= j < mask.shape[1] and todo_mask[i, j]:
#                     todo_mask[i, j] = 0
#                     todo += [(i - 1, j), (i + 1, j), (i, j - 1), (i, j + 1)]
#     return count
# ```
#
# 3. Each pair of objects, one at a time:
#
# ```python
# def average_precision(true_objects, predicted_objects, threshold):
#     true, pred = (set(np.unique(a)) - {0} for a in (true_objects, predicted_objects))
#     tp = 0
#     for t in true:
#         for p in pred:
#             a, b = true_objects == t, predicted_objects == p
#             tp += (a & b).sum() > threshold * (a | b).sum()
#     return tp / (len(true) + len(pred) - tp)
# ```
#
# 4. It may, like any learned number, since the test scenes are made of other digits. The pixels of ink alone depend too much on how thick the pen is: divided by the mean ink of a training digit and rounded, they are wrong by 1.17 on MNIST. The *area* within 4 pixels of ink depends on it less:
#
#    ```python
#    def area(ink):
#        return (distance_transform_edt(1 - ink) <= 4).sum()
#
#    of_one = sum(map(area, train.ink)) / sum(count_each(train.objects))
#
#    def my_count(ink):
#        return round(area(ink) / of_one)
#    ```
#
#    This is wrong by about 0.6 on MNIST and by 0.3 on the bundled digits. But such a rule fails on a scene with larger digits, and it cannot say *where* a digit is.
#
# </details>
#
# ## Recap
#
# - We numbered connected regions by a flood fill, equal to scikit-image's, and saw that they cannot count: the 7.6 digits of a scene made 3.8 regions on average, in masks without a wrong pixel.
# - We judged whole objects: two match if their IoU is above 0.5; F1 and average precision follow from TP, FP and FN; merges and splits tell what went wrong. A watershed, written in a dozen lines, is a flood fill that takes the lowest pixel first. On true masks of digits it reached an F1 of 0.71: a ceiling for this watershed after any network that predicts a mask and nothing more.
# - We gave the U-Net a second head: one more channel, and one more term in the loss. The peaks of its map are seeds, and the F1 of objects rose from 0.67 to 0.99 with about as many seconds of training. Which map to learn was decided before any training, by the ceiling of the true map: the centres for digits. For nuclei both ceilings are near 1.
#
# **What this adds to our goal.** A pixel of a scene can now have a label, by notebook 9, *and* the number of the digit that it belongs to. "How many digits?" has an answer.
#
# **Sources.** Beucher and Lantuéjoul 1979, Use of watersheds in contour detection · [scikit-image, Watershed segmentation](https://scikit-image.org/docs/stable/auto_examples/segmentation/plot_watershed.html) ·
# Caicedo et al. 2019, [Nucleus segmentation across imaging experiments: the 2018 Data Science Bowl](https://doi.org/10.1038/s41592-019-0612-7) · Bai and Urtasun 2017, [Deep watershed transform](https://arxiv.org/abs/1611.08303) ·
# Cheng et al. 2020, [Panoptic-DeepLab](https://arxiv.org/abs/1911.10194) (centres and offsets) · Schmidt et al. 2018, [StarDist](https://arxiv.org/abs/1806.03535) · Stringer et al. 2021, [Cellpose](https://doi.org/10.1038/s41592-020-01018-x)
#
# **Next:** [14 · Attention](14_attention.ipynb): a network that looks everywhere at once, and one that cuts out what you click on.
