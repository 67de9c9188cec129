# %% [markdown]
# # 15 · Debugging clinic: thirteen failures, and the small test that finds each
#
# <!-- [Open in Colab](https://colab.research.google.com/github/OWNER/REPO/blob/main/notebooks/15_debugging_clinic.ipynb) · -->
# previous: [14 · Attention](14_attention.ipynb) · next: [16 · FAQ](16_faq.ipynb) · about 20 seconds on two CPU cores
#
# On page one of the course stands a scene of handwritten digits in which every pixel needs a label. You have since trained a network that labels it.
# Then you change one thing, or you use your own files, and the masks come out empty. Python reports no error. Where do you look first?
#
# You will be able to
# - go from what you see to the few causes that it can have, and choose between them by a test of a line or two,
# - cure each of thirteen failures that people ask about again and again, in plain Keras and with `segutils`,
# - leave a guard behind: a line that stops the program, with one clear sentence, when the failure comes back.
#
# You need: losses (notebook 5) and a segmentation run (9).

# %% tags=["parameters"]
SEED: int = 0  # of scenes, weights and augmentation

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

parameters = course.check_parameters(globals(), SEED=course.integer(0, 2**31 - 2))

# %% tags=["hide-input"]
# @title Imports, and the scenes of all cases
import json
import zipfile
from functools import partial

import keras
import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf

from segutils import dataset, losses, metrics, models, training, transforms
from segutils.digits import load_digits
from segutils.lessons import clinic_cases as cases
from segutils.lessons import debugging_clinic as clinic
from segutils.lessons.clinic_cases import confusion, ink_iou, moved, trained
from segutils.lessons.debugging_clinic import exercise, second_exercise
from segutils.lessons.measured import measured
from segutils.scenes import make_scenes

CrossEntropy = keras.losses.SparseCategoricalCrossentropy
digits = load_digits("bundled")
train = make_scenes(digits.train, 128, seed=[SEED, 0], **clinic.SMALL)
test = make_scenes(digits.test, 64, seed=[SEED, 1], **clinic.SMALL)
ink = train.semantic[0] > 0  # one mask to think about: True where there is a digit
four = make_scenes(digits.train, 1, size=64, count=(4, 4), clutter=0, seed=[SEED, 2])  # case 3
images, masks = train.images[:64] * 1.0, (train.semantic[:64, ..., None] > 0) * 1.0  # case 4
rare, rare_test = cases.small_digits(digits, SEED)  # case 7
nines, perfect, empty, full = cases.dice_inputs()  # case 6
score = partial(cases.score, ink[None].astype("int32"))  # case 8
path = cases.kept_until_exit("best.keras")  # case 11
flat, source = cases.copies(train, SEED)  # case 13
remember = partial(cases.remember, flat, test)

# %% tags=["hide-input"]
# @title The first figure
clinic.show_symptoms(train.images[0], train.semantic[0])
plt.show()

# %% [markdown]
# The figure shows a mask as it should be, and three ways in which masks go wrong. The first three pictures are *overlays*: the mask is laid in colour over its image. The fourth is a mask alone, made smaller: each colour is a class, and the 3 has got a rim of single pixels of other classes. What you see sends you to a few cases and not to all thirteen:
#
# | what you see | look at case |
# |---|---|
# | an error about labels, or a loss that is negative or not a number (NaN) | 1, 2, 6 |
# | masks hold classes that nobody drew | 3 |
# | the loss falls, the masks are empty, black, or one class throughout | 2, 5, 7, 12 |
# | the loss stops early, outlines stay soft, overlays do not lie on their objects | 3, 4 |
# | accuracy is high, and IoU is 0 | 7 |
# | IoU does not move from the first epoch on | 7, 8 |
# | an error about shapes | 2, 7, 9 |
# | training goes well, validation does not | 10, 4 |
# | the saved model does not load | 11 |
# | good in validation, bad on new images | 12, 13 |
#
# The cases stand in the order in which data flow: masks, loss, metric, network, file, report. Each is told in the same way. You read what somebody saw and choose one of three guesses. A *test*
# then tells the guesses apart. After that come the *cure* and the *guard*. Please choose before you read on: a wrong guess here costs nothing, and in your own project it costs an evening.
#
# Two words of the code come in nearly every case: `course.expect_error` (notebook 1) shows an error and requires it, and `measured` prints a number, and stops the notebook if the number is not `above` or `below` what the text says of it.
#
# ## Masks and pairs
#
# ### Case 1 · The loss is −80 and falls
#
# > *My loss is −80 and still falling. Is that good? The masks look right, white on black.*

# %%
stored = np.where(ink, 255, 0).astype("uint8")  # what the labelling program wrote into the file
clinic.show_row([stored, stored // 255], ["mask A", "mask B"])
plt.show()

# %% [markdown]
# **Three guesses.** (A) The learning rate is too high. (B) The mask holds numbers that are not classes. (C) The network has learned so well that the loss went below 0.
#
# **The test** is to look at the numbers and not at the picture. For one pixel of true class $y$, 0 or 1, and a predicted probability $p$ of ink, the loss is $-\left[\,y \ln p + (1 - y) \ln(1 - p)\,\right]$
# (notebook 5). With $y = 1$ and $p = 0.9$ the second part vanishes and $-\ln 0.9$ is 0.105. What does it give for the values in our file?

# %%
y, p = 255, 0.9
by_hand = -(y * np.log(p) + (1 - y) * np.log(1 - p))
print("values in the mask:", np.unique(stored))
measured("loss of one ink pixel", by_hand, below=-500, digits=0)

# %% [markdown]
# Guess (B) is right. With $y = 255$ the first part is 255 · 0.105, about 27. In the second, $-\ln 0.1$ is 2.303, and $1 - y$ is now negative: −254 · 2.303 is about −585. Together that is −558 for one pixel. In our scene one pixel in
# seven is ink, so the mean over all pixels is near −80, the number of the complaint. The surer the prediction, the lower it falls, until Keras clips $p$ just below 1, near −4,000 for an ink pixel. No learning rate took part in this sum, so it is not (A). And (C) is wrong as well: the cross-entropy of proper labels is never below 0. And mask B, which looks black, was the right one: it holds 0 and 1.
#
# **Cure.** Turn stored values into classes when the file is read: by hand where there are two values; where there are more, by `learn_classes`, which is given the set of all values in your files and numbers them in order.

# %%
mask = (stored > 127).astype("uint8")
assert (dataset.learn_classes({0, 255}, coloured=False).encode(stored) == mask).all()
cured_loss = float(keras.losses.BinaryCrossentropy()(mask, np.where(ink, 0.9, 0.1)))
measured("loss of a sure and right prediction", cured_loss, above=0, below=0.11, digits=3)

# %% [markdown]
# **Guard.** One line after reading refuses such masks. (The *void* in its message is a label for pixels that nobody could judge and that no score counts, as in notebook 1.) `training.fit` runs it for you, and `python -m segutils inspect` (notebook 11) reads the values of a whole folder.

# %%
with course.expect_error(ValueError, match="got [255]"):
    metrics.check_labels(stored, classes=2)

# %% [markdown]
# *The same cause, seen otherwise:* with integer labels and `SparseCategoricalCrossentropy`, 255 is taken for *class number* 255. TensorFlow then raises an error on a CPU, while on a GPU the loss is NaN.
#
# ### Case 2 · Everything is road
#
# > *Roads are red in my masks. I gave the last layer three filters, the loss goes to 0, and now the whole image is predicted as road.*

# %%
rgb, red = cases.road(ink)  # the mask: road where there was ink; the prediction: red everywhere
clinic.show_row([rgb, 255 * red[0].astype("uint8")], ["the mask", "the prediction"])
plt.show()

# %% [markdown]
# **Three guesses.** (A) A black pixel costs nothing, whatever is predicted there. (B) Road is the most frequent class. (C) The network is too large and only memorises the training images.
#
# **The test:** compute the loss of this useless prediction. For one pixel, categorical cross-entropy is $-\sum_c y_c \ln p_c$: for each channel $c$ the mask's value times the logarithm of the predicted one. On paper, a black
# pixel has $y = (0, 0, 0)$, so its sum is 0 + 0 + 0, even though the prediction there is wrong. (Keras keeps each $p_c$ at 0.0000001 or more, so there is no $\ln 0$.)

# %%
cost = float(keras.losses.CategoricalCrossentropy()(rgb[None] / 255, red))
measured("loss of red everywhere", cost, below=1e-6, digits=3)
measured("share of red in the mask", ink.mean(), below=0.5)

# %% [markdown]
# It is (A). The loss is 0.000 although most of the image is not road, so it is not (B); and it is not (C), because no network took part. *One-hot* means that each pixel has exactly one 1 among its classes. Red, (1, 0, 0), happens to look so;
# black, (0, 0, 0), has no 1 at all and so belongs to no class.
#
# **Cure.** Give each colour a class number, so that the mask has no channel axis any more, and use the *sparse* cross-entropy, which takes such numbers. The prediction then needs one channel per class: not road, which is 0 everywhere, and road, which is 1.

# %%
mask = np.full(rgb.shape[:2], 255)  # 255: no class found yet
for number, colour in enumerate([(0, 0, 0), (255, 0, 0)]):
    mask[(rgb == colour).all(-1)] = number
assert (mask == ink).all()

# %%
# red[..., 1::-1] has two channels, one per class: not red, and red
cost = float(keras.losses.SparseCategoricalCrossentropy()(mask[None], red[..., 1::-1]))
measured("loss of red everywhere, with class numbers", cost, above=1, digits=1)

# %% [markdown]
# Now each black pixel costs $-\ln$ of the smallest probability that Keras reckons with, 0.0000001, which is 16.1. Since 86% of the pixels are black, the mean over all is 13.8.
#
# **Guard.** Refuse colours where class numbers are expected. The losses of `segutils` do so, and exercise 2 at the end lets you write a reader that refuses unknown colours.

# %%
with course.expect_error(ValueError, match="integer masks"):
    losses.cross_entropy(rgb[None], red)

# %% [markdown]
# Not every loss complains. `Dice` and mean squared error *broadcast* masks of (…, 1) to (…, 3): they repeat the single channel three times, and no error tells you. If your mask is a PNG with a palette, a file that stores one number per pixel and a list of colours beside them,
# don't convert it: `np.asarray(Image.open(path))` gives the class numbers directly.
#
# ### Case 3 · Classes that nobody drew
#
# > *I have four digits in my image. After resizing there are classes that I never labelled, thin lines of them around every object.*

# %%
mask = four.semantic[0]
resized = np.asarray(tf.image.resize(mask[..., None], (96, 96)))[..., 0].round().astype(int)
clinic.show_resized(mask, resized)
plt.show()

# %% [markdown]
# **Three guesses.** (A) The outlines were labelled carelessly. (B) The mask was saved as JPEG. (C) Resizing took means of class *numbers*.
#
# **The test:** list the labels before and after each step that touches the mask. The step that adds labels is the cause. A mean is easy to check by hand: halfway between background, 0, and class 9 lies 4.5, and
# rounding makes it a 4 or a 5. Digit 0 is class 1, digit 1 is class 2, and so on. The detail on the right is the top of a 6, which is class 7: where it meets the background, there are now numbers from 1 to 6.
# `invented` gives the share of pixels whose label did not exist before.


# %%
def invented(after, before):
    return float(1 - np.isin(after, np.unique(before)).mean())


print("labels before:", np.unique(mask), "after:", np.unique(resized))
measured("percent of labels invented", 100 * invented(resized, mask), above=0, digits=1)

# %% [markdown]
# Here it is (C): nothing but `tf.image.resize` stands between the two lists. It has invented the classes 1, 3, 5 and 6, on 5.2% of the pixels. (The 2s and 4s on the rim of the 6 are wrong, too. They are not counted, because both classes exist elsewhere in the scene, so the true damage is larger.) The first list is clean, so nobody labelled carelessly (A). JPEG does the same to mask files, so (B) is a good guess in another project, and the same test finds it. To round is no cure, because a 4 is as wrong as 4.5.
#
# **Cure.** `method="nearest"` copies a neighbour's label and never computes a new one. The transformations of `segutils` do so for every mask.

# %%
nearest = tf.image.resize(mask[..., None], (96, 96), method="nearest")
augment = transforms.Augment(rotation=0.5, zoom=0.2, shear=0.2)
_, turned = augment(four.images, four.semantic, seed=(SEED, 0))
assert invented(nearest, mask) == invented(turned, mask) == 0

# %% [markdown]
# **Guard.** Keep `assert invented(after, before) == 0` after every tool that you try. Keras's own augmentation layers, such as `RandomRotation`, blurred masks up to version 3.13, which is the one on Colab.
#
# ### Case 4 · The overlay looks shuffled
#
# > *The loss falls to about half and stays. Single predictions look right, but the overlay of my training data looks shuffled.*
#
# We take 64 training images and their masks, each flipped or not, by chance; `moved` tells which of them changed. The figure shows the first four pairs that do not fit.

# %% tags=["nbval-ignore-output"]
flip = keras.layers.RandomFlip("horizontal", seed=SEED)
flipped, flipped_masks = np.asarray(flip(images)), np.asarray(flip(masks))
apart = moved(images, flipped) != moved(masks, flipped_masks)
clinic.show_flips(flipped, flipped_masks, np.flatnonzero(apart))
plt.show()

# %% [markdown]
# **Three guesses.** (A) An image is trained with a mask that is not its own. (B) The masks were drawn badly. (C) The network has too few filters for outlines.
#
# **The test:** draw masks over their images, after augmentation, as in the figure. Then count the pairs that do not fit; a pair is flipped apart if only one of the two has moved. There are two usual ways in which an image loses its mask. One is above: a random layer called twice draws two
# different random numbers. The other is in the names of files: sort images and masks, and pair the first with the first.

# %% tags=["nbval-ignore-output"]
names = [f"cell{i}" for i in range(1, 13)]
pairs = list(zip(sorted(f"{n}.png" for n in names), sorted(f"{n}_mask.png" for n in names)))
wrong = [(i, m) for i, m in pairs if m != i.replace(".png", "_mask.png")]
measured("pairs flipped apart, of 64", apart.sum(), above=10, below=54, digits=0)
measured("files with another's mask, of 12", len(wrong), above=3, below=5, digits=0)
print("the first of them:", *wrong[0])

# %% [markdown]
# It is (A), twice. About half of the 64 pairs do not fit, as when two coins are tossed, one for the image and one for the mask. And sorting puts `cell1.png` before `cell10.png`, since "." comes before "0", but `cell10_mask.png` before `cell1_mask.png`, since "_" comes after it: images 1, 10, 11 and 12 get another's mask. Each
# mask by itself is drawn well, and no network took part, so it is neither (B) nor (C).
#
# **Cure.** Change image and mask in *one* call, and pair files by *name*: for each name the files `name.png` and `name_mask.png`. `dataset.find_pairs` knows the usual ways of naming (notebook 11). The cell stops if an image has moved without its mask, by Keras's layer or by ours.

# %%
ours = transforms.Augment(flip=True)(images, masks[..., 0], seed=(SEED, 0))
for a, b in (flip({"images": images, "segmentation_masks": masks}).values(), ours):
    np.testing.assert_array_equal(moved(images, a), moved(masks, b))

# %% [markdown]
# **Guard.** Look at one batch of overlays, after augmentation, before each long training. Nothing else finds this failure so fast.
#
# ## The loss
#
# ### Case 5 · The loss falls, the mask is empty
#
# > *The loss falls nicely. But the prediction is empty. My last layer is a Conv2D with 2 filters, the loss is sparse cross-entropy.*
#
# From here on we train. The network is small: two convolutions, with batch normalisation if we ask for it, and two scores for each pixel, one for background and one for ink. Its first layer brings pixels from 0…255 to about −1…3. Because the seed is set in `network`, each one starts with the same weights.
# `trained` is Keras's `compile` with Adam and its `fit`, in five passes over the 128 training scenes; `CrossEntropy` is short for Keras's sparse categorical cross-entropy.


# %%
def network(momentum=None):
    course.set_seed(SEED)
    chain = [keras.Input((None, None, 1)), keras.layers.Rescaling(1 / 64, offset=-1.0)]
    for size in (5, 3):
        chain.append(keras.layers.Conv2D(8, size, padding="same"))
        chain += [keras.layers.BatchNormalization(momentum=momentum)] if momentum else []
        chain.append(keras.layers.ReLU())
    return keras.Sequential([*chain, keras.layers.Conv2D(2, 1)])


# %% tags=["nbval-ignore-output"]
bad, history = trained(network(), CrossEntropy(), train)
print("loss of each pass:", *np.round(history, 2))
measured("IoU of ink on test scenes", ink_iou(bad, test), below=0.2)

# %% [markdown]
# **Three guesses.** (A) Five passes are too short. (B) Ink is too rare. (C) The loss expects probabilities and gets something else.
#
# **The test:** look at what comes out of the network for one ink pixel. Probabilities lie between 0 and 1 and add up to 1.

# %% tags=["nbval-ignore-output"]
scores = bad.predict_on_batch(train.images)[train.semantic > 0]  # (ink pixels, 2)
print("scores of one ink pixel:", *scores[0].round(1), " sum:", scores[0].sum().round(1))
tie = np.ptp(np.clip(scores, 0, 1), axis=-1) == 0
measured("share of ink pixels whose scores, clipped to 0…1, are equal", tie.mean(), above=0.2)
measured("furthest from a sum of 1", abs(scores.sum(-1) - 1).max(), above=0.1, digits=1)

# %% [markdown]
# Guess (C) is right, for the two scores do not add up to 1: they are *logits*, scores of any size that a softmax would turn into probabilities. A loss that is told nothing takes them for probabilities and clips each to the range from 0 to 1. Where both scores lie on
# the same side of that range, say at −3 and −7, both become 0: the loss sees a tie, its gradient is zero, and nothing is learned there any more. The second line of the output says on what share of the ink pixels that is so. The loss curve alone would never have told us, for it falls.
#
# **Cure.** Say `from_logits=True`, or put a softmax at the end of the network; one of the two and never both.

# %% tags=["nbval-ignore-output"]
good, history = trained(network(), CrossEntropy(from_logits=True), train)
also, _ = trained(keras.Sequential([network(), keras.layers.Softmax()]), CrossEntropy(), train)
print("loss of each pass, with from_logits:", *np.round(history, 2))
cured = ink_iou(good, test), ink_iou(also, test)
measured("IoU of ink on test scenes with from_logits, with softmax", *cured, above=0.6)

# %% [markdown]
# With the same five passes and the same amount of ink, the cured network works, which rules out (A) and (B). **Guard.** Before training, add up the scores of one pixel. If the sum is not 1, the loss needs `from_logits=True`. The losses of
# `segutils` expect logits unless told otherwise, and `training.MeanIoU` takes either.
#
# ### Case 6 · Dice is negative, or NaN
#
# > *My Dice loss is −0.8. A friend's is NaN from the first step, and another's is NaN only with mixed precision.*
#
# **Three guesses.** (A) Dice loss is unstable; use another one. (B) The numbers that go in are not what the formula expects. (C) The graphics card is broken.
#
# **The test:** feed each loss a *perfect* prediction, whose Dice loss must be 0. Dice loss is 1 − 2·overlap / (size of the truth + size of the prediction).
# The masks are `nines`, full of class 9, with `perfect`, its one-hot prediction; `empty`, without any object; and `full`, an object of 512×512 pixels in half precision.


# %%
def my_dice(y, p):
    return 1 - 2 * (y * p).sum() / (y.sum() + p.sum())


# %%
measured("class numbers", keras.losses.Dice()(nines[..., None], perfect), below=0)
with np.errstate(all="ignore"):  # NumPy would warn
    broken = my_dice(empty, empty), my_dice(full, full)
measured("two empty masks, half precision", *broken)
assert np.isnan(broken).all()

# %% [markdown]
# All three are (B), each in its own way. A class number 9 counts as nine times "yes": for each pixel the overlap is 9·1, the
# truth has size 9 and the prediction size 1, so that the loss is 1 − 2·9 / (9 + 1) = −0.8. Two empty masks give 0/0, which is not a number; crops of large images often hold no object.
# And half precision, the float16 in which *mixed precision* computes to save time, ends at 65,504, while 512 · 512 ones add up to 262,144: that sum is infinite, and infinity divided by infinity is NaN again. The graphics card (C) had no part in it.
#
# **Cure.** One-hot labels; a small number, here 1, added above and below the fraction bar; sums in float32. `losses.dice` does all three, from class numbers and logits (50 for class 9, 0 for the others). The cell stops
# unless each of the four losses is 0; so none of the three failures comes from Dice itself (A).

# %%
one_hot = float(keras.losses.Dice()(keras.utils.to_categorical(nines, 11), perfect))
smoothed = 1 - (2 * (empty * empty).sum() + 1) / (empty.sum() + empty.sum() + 1)
single = my_dice(full.astype("float32"), full.astype("float32"))
ours = float(losses.dice(nines, 50 * perfect)[0])
np.testing.assert_allclose([one_hot, smoothed, single, ours], 0, atol=1e-6)

# %% [markdown]
# **Guard.** A loss of your own deserves two tests before the first training: a perfect prediction costs 0, also with empty masks, and in the precision that you train in.
#
# ### Case 7 · 97% right, and nothing found
#
# > *97% accuracy after one epoch! But the prediction is empty.*
#
# Here are 256 scenes whose digits are small, the network of case 5, and the right loss:

# %% tags=["nbval-ignore-output"]
lazy, _ = trained(network(), CrossEntropy(from_logits=True), rare)
found = confusion(lazy, rare_test)
measured("accuracy", metrics.pixel_accuracy(found), above=0.95)
measured("IoU of ink", ink_iou(lazy, rare_test), below=0.3)

# %% [markdown]
# **Three guesses.** (A) Ink is so rare that "all background" is nearly right. (B) There is an error in the data, as in cases 1 and 2. (C) The accuracy is computed wrongly.
#
# **The test:** compute what a network would score that answers "background" and nothing else. Its accuracy is simply the share of background pixels, and its IoU of ink is 0.

# %% tags=["nbval-ignore-output"]
measured("accuracy of all background", (rare_test.semantic == 0).mean(), above=0.95)
print("confusion (rows true, columns predicted):", found.tolist())

# %% [markdown]
# The trained network scores what the answer "background" alone scores, so guess (A) holds: of 100 pixels, 97 are background, nearly all that the loss can gain lies there, and our five passes got no further. (C) is wrong, because accuracy is computed correctly. It is just not
# the number that you care about.
#
# **Cure.** Let each ink pixel count nine times, by a weight for every *pixel*. (Nine is a first try; to make both classes count alike it would be 97/3, about 32.) Keras's `class_weight` looks like the thing to use, but it wants one label per image
# and refuses masks, with an error that does not say so. `SegmentationLoss` takes weights of classes.

# %% tags=["nbval-ignore-output"]
with course.expect_error((TypeError, ValueError)):
    trained(network(), CrossEntropy(from_logits=True), rare, class_weight={0: 1.0, 1: 9.0})
weights = np.where(rare.semantic > 0, 9.0, 1.0)
plain, _ = trained(network(), CrossEntropy(from_logits=True), rare, sample_weight=weights)
weighted = losses.SegmentationLoss("cross_entropy", class_weights=[1.0, 9.0])
ours, _ = trained(network(), weighted, rare)

# %% tags=["nbval-ignore-output"]
before, *cured = (ink_iou(model, rare_test) for model in (lazy, plain, ours))
measured("IoU of ink with sample_weight, with SegmentationLoss", *cured, above=before + 0.15)
cases.show_found(rare_test, 3, {"as it was": lazy, "cured": ours})
plt.show()

# %% [markdown]
# After the same five passes the digits are found, though 0.4 leaves much to improve. The data are as they were, so that no error in them was the cause (B).
#
# **Guard.** Print the share of each class before training, and report the IoU of each class, never the accuracy alone. Notebook 5 says which loss suits which share, under "Which loss when".
#
# ## Metric and network
#
# ### Case 8 · MeanIoU does not move
#
# > *The loss falls, the masks get better, and `MeanIoU` stays at 0.43. And after I ran the cell again, `val_mean_io_u` is missing from the history.*
#
# **Three guesses.** (A) IoU needs more epochs than the loss. (B) The metric does not understand the scores. (C) The validation set is too hard.
#
# **The test:** feed the metric a prediction that is right everywhere, first unsure, then more and more sure. A metric that works says 1 each time. (`score` gives the mask `ink` and a prediction to a metric, and returns its result.)

# %%
sure = [np.where(ink, p, 1 - p)[None].astype("float32") for p in (0.6, 0.9, 0.999)]
stuck = [score(keras.metrics.MeanIoU(2), p) for p in sure]
measured("MeanIoU at p = 0.6, 0.9 and 0.999", *stuck, below=0.5)
np.testing.assert_allclose(stuck, (~ink).mean() / 2)

# %% [markdown]
# It is (B). `MeanIoU` was made for class numbers and cuts scores to whole numbers, so that 0.999 becomes class 0. So every pixel counts as background. The IoU of background is then its share of the image, 0.86, the IoU of ink is 0, and what the metric reports is the mean of the two, 0.43,
# whatever the network does. Only at exactly $p = 1$ would a pixel count as ink. Neither epochs (A) nor a validation set (C) took part in the test.
# The second complaint has another cause: a metric without a name gets an automatic one, which counts up each time the cell runs: `mean_io_u`, `mean_io_u_1`, and so on.
#
# **Cure.** With one channel, a threshold; with several, the largest score; and always a name. `training.MeanIoU` takes logits or probabilities and is always called `mean_iou`.

# %%
two = np.stack([1 - sure[0], sure[0]], -1)  # two channels: background, ink
assert score(keras.metrics.BinaryIoU([0, 1], threshold=0.5, name="mean_iou"), sure[0]) == 1
assert score(keras.metrics.MeanIoU(2, sparse_y_pred=False, name="mean_iou"), two) == 1
assert score(training.MeanIoU(2), np.log(two)) == 1  # logits

# %% [markdown]
# **Guard.** Feed each new metric a prediction that is unsure and right; it must answer 1. And give it a name, since `ModelCheckpoint` looks for its measure by name. If there is none of that name and you gave a `mode`, it saves every epoch, even with `save_best_only=True`, which then only warns;
# without a `mode` it stops after the first epoch. `training.fit` refuses such a name at once.
#
# ### Case 9 · Shapes that do not fit
#
# > *"A `Concatenate` layer requires inputs with matching shapes." My images are 50×50; with 64×64 it works.*
#
# The network in question is a U-Net that halves its input twice and joins each map with the one of the same level on the way up.


# %%
def two_levels(height, width):
    inputs = keras.Input((height, width, 1))
    fine = keras.layers.Conv2D(4, 3, padding="same")(inputs)
    middle = keras.layers.MaxPooling2D()(fine)
    x = keras.layers.UpSampling2D()(keras.layers.MaxPooling2D()(middle))
    x = keras.layers.UpSampling2D()(keras.layers.Concatenate()([x, middle]))
    return keras.Model(inputs, keras.layers.Concatenate()([x, fine]))


# %% [markdown]
# **Three guesses.** (A) The images are too small for two levels. (B) The maps are joined along the wrong axis. (C) 50 cannot be halved twice without a remainder.
#
# **The test:** write down the size of each map, down and up again. From 50 you come to 25, and from 25 to 12, because half a pixel is dropped. On the way up 12 is doubled to 24, and it should be joined with the map of 25. With 64 it
# goes 64, 32, 16 and back 32, 64. The message should therefore speak of 24 and 25:

# %%
with course.expect_error(ValueError, match="(None, 24, 24, 4), (None, 25, 25, 4)"):
    two_levels(50, 50)
_ = two_levels(44, 44)  # smaller, and it fits

# %% [markdown]
# Guess (C) is right. The last line builds the network for 44×44, which is smaller still, without an error, so it is not (A). Nor is it (B), because a U-Net does join along the last axis, that of the maps: in the message it is height and
# width that differ. (The `None` in front stands for any number of images.)
#
# **Cure.** Pad the image to the next multiple of 4 (a factor of 2 for each of the two levels); predict; cut the mask back. For 50 the next multiple is 52, so two rows and two columns are added, mirrored from the image; `-50 % 4` is that 2.

# %%
corner = four.images[:, :50, :50].astype("float32")
padded = np.pad(corner, [(0, 0), (0, -50 % 4), (0, -50 % 4), (0, 0)], mode="reflect")
y = two_levels(None, None)(padded)[:, :50, :50]
assert (padded.shape[1:3], tuple(y.shape[1:3])) == ((52, 52), (50, 50))

# %% [markdown]
# Padding leaves the mask as it is, while stretching to 64×64 would change every outline. **Guard.** Refuse a wrong size where it enters, and name the size that would do. `models.unet` halves four times, so it asks for multiples of 16. For images of any size
# there is `tiling.predict_tiled` (notebook 11).

# %%
with course.expect_error(ValueError, match="pad to (64, 64)"):
    models.unet(2)(corner)

# %% [markdown]
# ### Case 10 · Good in training, bad in validation, from the start
#
# > *Training loss 0.1, validation loss 0.5. Overfitting after three epochs? It is even bad on the training images!*
#
# **Three guesses.** (A) The network overfits: it has memorised the training images. (B) The network computes differently in training and in use. (C) The validation images are of another kind.
#
# **The test** needs no other image at all: give the network *the same training images* twice, once in training mode and once as in use. With (A) or (C) both losses would be equal.

# %% tags=["nbval-ignore-output"]
for momentum in (0.99, 0.9):
    model, _ = trained(network(momentum), CrossEntropy(from_logits=True), train)
    use, learning = (cases.loss_of(model, train, training=mode) for mode in (False, True))
    print(f"momentum {momentum}: loss {learning:.2f} in training mode, {use:.2f} in use;", end=" ")
    print(f"{100 * momentum**40:.1f}% of the start left after 40 steps")
    assert use > 1.5 * learning if momentum == 0.99 else use < 1.2 * learning

# %% [markdown]
# (This *momentum* is batch normalisation's own, the share of its moving average that each step keeps, and not the optimizer's of notebook 7.) With momentum 0.99, Keras's default, one network has two losses on the same images, so it is (B). *Batch normalisation* scales each map by the mean and spread of its batch while it trains, and by moving averages of them in use.
# Each step keeps 99% of the average and adds 1% of the batch. After our 40 steps (five passes of eight batches) 0.99⁴⁰ = 67% of the *starting value* is left, mean 0 and spread 1, which has nothing to do with the data. With
# momentum 0.9 it is 0.9⁴⁰ = 1.5%.
#
# **Cure.** Momentum 0.9 in short trainings, as `models.unet` has it, or more steps; after 500 of them even with 0.99 less than 1% of the starting value is left. **Guard.** Print both losses of one training batch before you call anything overfitting.
#
# ## The file and the report
#
# ### Case 11 · The model does not load
#
# > *Trained all night. Now `load_model` says: could not locate function 'loss'.*


# %%
def loss(y_true, y_pred):
    return losses.dice(y_true, y_pred, smooth=2.0)


model = network()
model.compile("sgd", loss)
model.save(path)

# %%
with course.expect_error(TypeError, match="Could not locate function 'loss'"):
    keras.saving.load_model(path)

# %% [markdown]
# **Three guesses.** (A) The file holds the name of the loss and not the loss. (B) The file was damaged, and the night is lost. (C) Keras was updated overnight.
#
# **The test:** a `.keras` file is a zip archive. Look into it.

# %%
with zipfile.ZipFile(path) as archive:
    print("inside:", *sorted(archive.namelist()))
    kept = json.loads(archive.read("config.json"))["compile_config"]["loss"]
print("kept of the loss:", kept if isinstance(kept, str) else kept["config"])

# %% [markdown]
# All weights are there, so nothing is lost, and (B) is wrong. Of the loss the file keeps the word "loss": neither its code nor the number 2. That is (A). One and the same Keras wrote the file and failed to read it, so (C) is wrong, too.
#
# **Cure.** If you only want to predict, load without the loss. If you want to train on, write the loss as a class that tells Keras its options (`get_config`) and is registered under a name.

# %%
rescued = keras.saving.load_model(path, compile=False)


@keras.saving.register_keras_serializable("clinic")
class MyDice(keras.losses.Loss):
    def __init__(self, smooth=1.0, **options):
        super().__init__(**options)
        self.smooth = smooth

    def call(self, y_true, y_pred):
        return losses.dice(y_true, y_pred, smooth=self.smooth)

    def get_config(self):
        return {**super().get_config(), "smooth": self.smooth}


# %%
model.compile("sgd", MyDice(2.0))
model.save(path)
again = keras.saving.load_model(path)
assert again.loss.smooth == 2
for loaded in (rescued, again):
    np.testing.assert_array_equal(loaded(test.images[:2]), model(test.images[:2]))

# %% [markdown]
# **Guard.** Save and load once *before* a long training: two lines after `compile`. A registered class must be imported before loading; `training.load_best` imports those of `segutils`.
#
# ### Case 12 · Black on my own images
#
# > *On the test images all is well. On a PNG that I read with matplotlib, the prediction is black. And the correct masks that I saved are black, too.*

# %% tags=["nbval-ignore-output"]
own, right_way = cases.read_twice(test.images[2, ..., 0])  # by plt.imread, by Image.open
black, mask = (good.predict_on_batch(x[None, ..., None])[0].argmax(-1) for x in (own, right_way))
cases.show_black(right_way, black, mask)
plt.show()
assert black.sum() < 0.1 * mask.sum()

# %% [markdown]
# **Three guesses.** (A) The new image is too different from the training images. (B) PNG lost some quality. (C) Its pixels have another scale.
#
# **The test:** print type, smallest and largest pixel, for the image as it was in training and as it is now. We used one of the test images, and the network `good` that case 5 has cured, so that (A) is excluded from the start.

# %% tags=["nbval-ignore-output"]
print(f"plt.imread: {own.dtype}, {own.min():.2f} to {own.max():.2f}")
print(f"Image.open: {right_way.dtype}, {right_way.min()} to {right_way.max()}")
np.testing.assert_array_equal(np.round(255 * own), right_way)

# %% [markdown]
# It is (C): `plt.imread` divides the pixels of a PNG by 255, and the network was trained on 0 to 255. Times 255 they are the same numbers, so (B) is wrong as well. The black *correct* mask is a different matter: it
# holds 0 and 1, and 1 of 255 is black to the eye. A third way to black is `argmax` over a single sigmoid channel, which is 0 everywhere; that channel needs a threshold.
#
# **Cure and guard.** Let the model scale, by a `Rescaling` layer that is saved with it, as `network` and `models.unet` do. Read files as in training, and refuse pixels of another scale:


# %%
def predict(model, image):
    if image.dtype.kind == "f" and image.max() <= 1:
        raise ValueError(f"expected 0 to 255, got at most {image.max():.2f}; multiply by 255")
    return model.predict_on_batch(image[None, ..., None])[0].argmax(-1)


# %% tags=["nbval-ignore-output"]
with course.expect_error(ValueError, match="multiply by 255"):
    predict(good, own)
np.testing.assert_array_equal(predict(good, 255 * own), mask)

# %% [markdown]
# ### Case 13 · Good in validation, bad on new images
#
# > *Validation IoU 0.8, and everyone was happy. On new images it is 0.5.*
#
# To see how little such a number says about a network, we use none. `remember` learns nothing: it keeps the images that it is given and answers with the mask of the most similar one (scikit-learn calls this a *nearest neighbour*). There are 60 scenes with six augmented copies of each, and *then*
# a random split: 288 of the 360 images to learn from, 72 for validation. `source` holds the number of each copy's scene. `remember` takes the copies to learn from and those to judge by, and returns the IoU on the latter and on 64 scenes that are new.

# %% tags=["nbval-ignore-output"]
learn, judge = np.split(np.random.default_rng(SEED).permutation(360), [288])
leaky, truth = remember(learn, judge)
measured("random split: IoU in validation, on new scenes", leaky, truth)

# %% [markdown]
# **Three guesses.** (A) The new images are harder. (B) Copies of one scene are in both parts of the split. (C) Validation was too small.
#
# **The test:** count the sources that training and validation have in common.

# %%
common = set(source[learn]) & set(source[judge])
print("different sources in validation:", len(set(source[judge])))
measured("of these also in training", len(common), above=20, digits=0)

# %% [markdown]
# All of them are (with other seeds, nearly all), so remembering looks like learning: guess (B). Whether the new scenes are harder (A), since other people wrote their digits, the cure will tell: split by source, validation scores about what they do, so they are not. As for (C), more copies in validation would only be more copies.
#
# **Cure.** Split by *source* first, be it a scene, a patient or a film. Augment afterwards, and only the training part. The three shares below are those of training, validation and test.

# %% tags=["nbval-ignore-output"]
parts = dataset.split_by_group(source, shares=(0.7, 0.2, 0.1), seed=SEED)
honest, truth_then = remember(parts.train, parts.validation)
measured("split by source: IoU in validation, on new scenes", honest, truth_then)
assert abs(honest - truth_then) < 0.15 < leaky - truth
assert not set(source[parts.train]) & set(source[parts.validation])  # the guard

# %% [markdown]
# When copies get into both parts, one speaks of a *leak*: what is asked in validation has leaked into training. The leak raised the IoU that we *reported* and not the IoU on new scenes. There the random split is even a little better, for it remembers copies of all 60 scenes and the other of 42; but only the split by source reports about what new scenes give. **Guard.** The last line above belongs in every script that splits. Neighbouring tiles,
# frames of one film and images of one patient are copies, too; `dataset.split_by_group` keeps groups together, and `python -m segutils inspect` (notebook 11) finds the same image in two parts.
#
# ## What to look at before any training
#
# Most of the thirteen raise no error, and about half of them are caught by one look at **one batch**, just as the network gets it: shapes, the values in the masks, the smallest and largest pixel, one overlay. Then compare the loss of the *untrained* network
# with $\ln C$, the cross-entropy of a network that gives all $C$ classes the same probability. If it is far above that, the scores start too large or the labels are wrong. For two classes $\ln 2$ is 0.69.
#
# ## Exercises
#
# 1. **Recall.** Which case is it, and what do you print first? (a) The loss is −300. (b) Accuracy 0.97, IoU 0. (c) Loss 0.1 in training mode, 0.5 in use, same images. (d) Validation 0.8, new images 0.5.
# 2. **Code.** Write `encode`, the cure of case 2, as a function that refuses unknown colours. It is given a mask in colours, `rgb` (H, W, 3), and the colour of each class, `colours` (C, 3), both uint8. It returns the class of each pixel, (H, W):
#    0 where the pixel has the colour `colours[0]`, 1 for `colours[1]`, and so on. A pixel of another colour raises a `ValueError` whose message holds the three numbers of that colour. The cell after it checks your function and names the usual mistakes.


# %%
def encode(rgb, colours):
    """Class numbers (H, W) of a mask in colours; a ValueError that names the first unknown colour."""
    ...  # your code


# %%
exercise.check(encode)

# %% [markdown]
# 3. **Code.** Write `faults`, the look at one batch as a function. It is given `images` (B, H, W, C), `masks` and the number of `classes`, and returns four bools, each True if the batch has this fault:
#    - the masks do not fit: there is not one mask per image, or its height or width is another;
#    - no class: a mask value is neither one of 0 … `classes - 1` nor 255, which is void;
#    - scaled: no pixel is above 1;
#    - empty: all masks together hold nothing but background, 0, and void.


# %%
def faults(images, masks, classes):
    """Four bools: the masks do not fit, no class, scaled, empty."""
    ...  # your code


# %%
second_exercise.check(faults)

# %% [markdown]
# 4. **Open.** This recipe runs without any error, and three failures of this notebook are in it. Find them by their tests and repair it. You are done when the judge measures an IoU of 0.70 on scenes that the recipe has not seen.


# %% tags=["nbval-ignore-output"]
def recipe(images, masks):
    """Train on images (N, 42, 42, 1) of 0 to 255 and masks (N, 42, 42) of 0 and 1; return the model."""
    model = network(momentum=0.99)
    model.compile(keras.optimizers.Adam(0.01), keras.losses.SparseCategoricalCrossentropy())
    model.fit(images / 255, masks, batch_size=16, epochs=5, verbose=0)
    return model


reached = clinic.judge(recipe, digits, seed=SEED)

# %% [markdown]
# <details><summary>Solutions</summary>
#
# 1. (a) Case 1: `np.unique` of a mask. (A Dice loss, case 6, cannot fall below −1.) (b) Case 7: the share of each class. (c) Case 10: the loss with `training=True` and `False`. (d) Case 13: the sources on both sides of the split.
# 2. In the body of the function:
#
# ```python
# match = (rgb[:, :, None, :] == colours).all(-1)  # (H, W, C)
# unknown = rgb[~match.any(-1)]
# if len(unknown):
#     raise ValueError(f"no class has colour {unknown[0].tolist()}; the colours are {colours.tolist()}")
# return match.argmax(-1)
# ```
#
# 3. In the body of the function:
#
# ```python
# values = set(np.unique(masks).tolist())
# return [masks.shape != images.shape[:3], bool(values - {*range(classes), 255}), images.max() <= 1, not values - {0, 255}]
# ```
#
# 4. `network(momentum=0.9)` (case 10), `from_logits=True` in the loss (case 5), and `model.fit(images, …)` without the division (case 12), since the network has a `Rescaling` layer of its own.
#
# </details>
#
# ## Recap

# %% tags=["nbval-ignore-output"]
measured("case 1: a loss for one pixel, and that of the cure", by_hand, cured_loss)
measured("case 5: an IoU, and that of the cure", ink_iou(bad, test), ink_iou(good, test))
measured("case 13: a report too high by, then off by", leaky - truth, abs(honest - truth_then))

# %% [markdown]
# - You went from what you see to a few causes, in the order in which data flow, and chose between three guesses by a test each time.
# - You cured thirteen failures in plain Keras and with `segutils`; the numbers above are three of them.
# - You left a guard behind each, and wrote two of them yourself: `encode` and `faults`.
#
# For the scene on page one this means: when its labels come out wrong, you know where to look, and in which order.
#
# **Sources.** Black predictions: [Pytorch-UNet #370](https://github.com/milesial/Pytorch-UNet/issues/370), [#506](https://github.com/milesial/Pytorch-UNet/issues/506) ·
# masks of 0/255: [#341](https://github.com/milesial/Pytorch-UNet/issues/341), [NaN on a GPU](https://github.com/tensorflow/tensorflow/issues/8484), in colours: [#123](https://github.com/milesial/Pytorch-UNet/issues/123) ·
# masks in augmentation layers: [Keras #20857](https://github.com/keras-team/keras/issues/20857), [its cure #22192](https://github.com/keras-team/keras/pull/22192) ·
# Dice: [Keras #19637](https://github.com/keras-team/keras/issues/19637), [in half precision](https://github.com/qubvel-org/segmentation_models.pytorch/issues/463) ·
# class weights: [Keras #3653](https://github.com/keras-team/keras/issues/3653), [#14126](https://github.com/keras-team/keras/issues/14126) ·
# MeanIoU: [TensorFlow #32875](https://github.com/tensorflow/tensorflow/issues/32875), [#39173](https://github.com/tensorflow/tensorflow/issues/39173) ·
# batch normalisation: [Keras #10666](https://github.com/keras-team/keras/issues/10666) · custom losses: [Keras #3457](https://github.com/keras-team/keras/issues/3457)
#
# **Next:** [16 · FAQ](16_faq.ipynb): every question of the article, answered by running it.
