# %% [markdown]
# # 5 · Losses: one number that says how wrong a mask is
#
# <!-- [Open in Colab](https://colab.research.google.com/github/OWNER/REPO/blob/main/notebooks/05_losses.ipynb) · -->
# previous: [4 · Dense layers](04_dense.ipynb) · next: [6 · Gradients](06_gradients.ipynb) · about 25 seconds on two CPU cores
#
# Page one of this course shows a scene of handwritten digits in which every pixel needs a label. We now have all the parts of a network that could give these labels: convolutions (notebook 2),
# pooling (3), and
# a last layer that gives each pixel
# one score per class (4). But a new network has random weights, and its mask is nonsense. Before we can make it better,
# we must say *how wrong* it is, in one number. That number is the **loss**: large for a bad mask, small for a good one.
# All that training does is make this number smaller, so the network will care about what the loss cares about, and about nothing else.
#
# You will be able to
# - explain where the loss called cross-entropy comes from, and compute it and the Dice loss by hand, with the same results as Keras,
# - say what each loss does with large logits, empty masks, batches and void pixels,
# - choose a loss where only three pixels in a hundred matter, and avoid three traps of Keras's own losses.
#
# You need: softmax and logits (notebook 4), IoU (notebook 1).

# %% tags=["parameters"]
SEED: int = 0  # of scenes and weights; the training runs use SEED, SEED + 1 and SEED + 2
EPOCHS: int = 5  # passes over 256 small scenes; three of the losses also get three times as many
INK_WEIGHT: float = 9.0  # votes of one ink pixel in weighted cross-entropy, a loss of section 7
SMOOTH: float = 1.0  # added to numerator and denominator of Dice, in section 6

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
    SEED=course.integer(0, 2**31 - 4),
    EPOCHS=course.integer(1, 100),
    INK_WEIGHT=course.number(1, 1000),
    SMOOTH=course.number(0.001, 1000),
)

# %% tags=["hide-input"]
# @title Imports
import matplotlib.pyplot as plt
import numpy as np
from scipy.ndimage import binary_dilation

from segutils import reference
from segutils.digits import load_digits
from segutils.lessons.explorer import explore
from segutils.lessons.losses import blob_losses, exercise, second_exercise
from segutils.lessons.losses_figures import (
    a_large_and_a_small_digit,
    compare_with_best,
    example_scene,
    losses_as_trained,
    show_dice_against_iou,
    show_found_and_missed,
    show_losses_as_trained,
    show_pixel_losses,
    show_scores,
    show_two_predictions,
    small_scenes,
    tiny_digit,
    train_and_score,
)

digits = load_digits("bundled")
image, ink = example_scene(digits)  # (64, 64) bytes, (64, 64) bool

# %% tags=["hide-input"]
# @title The first figure
accuracy = show_two_predictions(image, ink)
plt.show()
assert accuracy["A"] > accuracy["B"]

# %% [markdown]
# The lines and dots in the image are there to mislead; only the digit is ink. It covers 132 of 4,096 pixels. Prediction A finds none of them (white dots mark what it misses), so its accuracy is 1 −
# 132/4,096 = 0.968.
# Prediction B finds all of them, but draws the digit three pixels too thick (crosses mark what is too much). You would prefer B. Accuracy, the share of pixels that are right, prefers A: A gets only
# the 132 ink pixels wrong, and B gets even more pixels of background wrong. A network that is trained for accuracy alone may well learn to answer "nothing here". We need a better judge.
#
# ## 1 · From likelihood to cross-entropy
#
# Begin with three pixels. For each, the network gives probabilities to the classes, and somebody has told us the true class. Suppose that the network gave the true classes the probabilities 0.9, 0.5
# and 0.8. What probability does the network give to the *whole* true mask? It judges each pixel on its own, so the
# three probabilities multiply: 0.9 · 0.5 · 0.8 = 0.36. This product is called the **likelihood**: how probable the truth is in the eyes of the network.
# A better network gives the truth a larger likelihood, and it can be at most 1.
#
# So why not simply make the likelihood large? Because it is a product of thousands of numbers below 1. Networks compute in `float32`, numbers of 32 bits, and those hold nothing smaller than about
# $10^{-45}$; below that they are rounded to 0. (If each of our 4,096 pixels got 0.9, this would happen, as the last line below shows.) The **logarithm** helps: it turns a product into a sum,
# $\log(a b) = \log a + \log b$. We always mean the natural logarithm, with base e = 2.718…,
# which is `np.log`. The logarithms of 0.9, 0.5 and 0.8 are −0.105, −0.693 and −0.223; their sum is −1.022, and that is the logarithm of 0.36.
# Two small changes are left. We flip the sign, so that a *small* number is good. And we divide by the number of pixels, 3, so that large and small images can be compared: 0.341.

# %%
given = np.array([0.9, 0.5, 0.8])  # what the true class of each pixel got
loss = -np.log(given).mean()
print("logarithms:", np.log(given).round(3), "sum:", np.log(given).sum().round(3))
print(f"likelihood {given.prod():.2f}, loss {loss:.3f}, and back again: {np.exp(-3 * loss):.2f}")
print("0.9 to the power of 4,096 in float32:", np.float32(0.9) ** np.float32(4096))

# %% [markdown]
# This loss is **cross-entropy**. It is nothing new, only the likelihood in a form that computers can handle: the network that makes one as large as possible makes the other as small as possible.
#
# The article that this course follows states the formula and does not say where it comes from. For one pixel and $C$ classes:
#
# $$L = -\sum_{i=1}^{C} y_i \log(\hat y_i)$$
#
# Read it from the inside out: $\hat y_i$ ("y hat") is the probability that the network gives to class $i$, and $y_i$ is the truth, 1 for the true class and 0 for all others. So all terms of the sum
# vanish except one, and what remains is minus the logarithm of the probability that the true class got. A truth in this form, one 1 among zeros, is called **one-hot**.
# Our masks store it in a shorter form, as one whole number for each pixel, the **label**: 0 for background, and digit + 1 for a digit. A pixel of our digit 2 has the label 3.
# (Keras has a loss for each form: `CategoricalCrossentropy` expects one-hot truth, `SparseCategoricalCrossentropy` expects labels.)
# In this notebook we mostly ask a simpler question, with only two classes: 0 is background, 1 is ink.
#
# The function below is the formula, with p for $\hat y$; `assert_allclose` is silent if our numbers and Keras's agree.
#
# **Predict.** The true class gets probability 0.5, then 0.1, then 0.01. Does the loss grow by equal steps?


# %%
def cross_entropy(y, p):
    total = 0.0
    for i in range(len(y)):
        total -= y[i] * np.log(p[i])
    return total


# %%
import keras

y = np.array([0.0, 1.0, 0.0])  # class 1 is true
answers = np.array([[0.25, 0.5, 0.25], [0.6, 0.1, 0.3], [0.5, 0.01, 0.49]])
by_hand = [cross_entropy(y, p) for p in answers]
keras_loss = keras.losses.CategoricalCrossentropy(reduction=None)  # no mean: one number per answer
by_keras = keras_loss(np.tile(y, (3, 1)), answers)  # the same truth three times
np.testing.assert_allclose(by_hand, by_keras, rtol=1e-5)
print("loss:", np.round(by_hand, 3))
print("knowing nothing, with 2 and with 11 classes:", np.log([2, 11]).round(3))

# %% [markdown]
# The loss does not grow by equal steps: from 0.5 to 0.1 it grows by 1.6, and from 0.1 to 0.01 by 2.3. What counts is the *factor*: each halving of the probability adds log 2 = 0.693.
# There is therefore no limit to what a confident mistake can cost.
#
# One value is worth remembering. A network that knows nothing gives each of $C$ classes the probability $1/C$, and its loss is log $C$: 0.693 for two classes, and log 11 = 2.398 for background and
# ten digits. Training should begin near this number.
#
# ## 2 · A whole mask
#
# The article's formula stops at one pixel. For a mask we take the mean over its pixels, as we did with our three. Every pixel counts the same: one pixel, one vote.
#
# Let us use it to judge a very simple guesser, which looks at nothing but brightness: at a grey value of 130 it is undecided (probability 0.5), and every 20 grey levels more add 1 to the logit of
# ink. (A **logit** is a score before softmax turns
# scores into probabilities; notebook 4.) The logit of background is always 0. `reference` holds the course's own functions from earlier notebooks; and `from_logits=True` tells Keras that it gets
# logits, not probabilities (section 3 has more on that).
#
# **Predict.** In the scene above, which pixels will cost this guesser the most?

# %%
ink_logit = (image - 130.0) / 20
logits = np.stack([0 * ink_logit, ink_logit], axis=-1)  # (H, W, 2): background, ink
p_ink = reference.softmax(logits)[..., 1]
per_pixel = -np.log(np.where(ink, p_ink, 1 - p_ink))  # (H, W)
keras_mean = keras.losses.SparseCategoricalCrossentropy(from_logits=True)(ink.astype(int), logits)
np.testing.assert_allclose(per_pixel.mean(), keras_mean, rtol=1e-5)

# %%
show_pixel_losses(image, p_ink, per_pixel)
plt.show()

# %% [markdown]
# The bright lines and dots cost the most: the guesser takes them for ink and is sure of it. The digit itself costs a little, mostly at its pale parts, and the dark background costs almost nothing.
# Remember that last point:
# nearly all pixels are easy background, and each of them has one vote.
#
# ## 3 · Numbers that overflow
#
# The formula, computed exactly as it is written, has a weakness that many people run into. Softmax, $\hat y_c = e^{z_c} / \sum_k e^{z_k}$, needs $e^z$ of each logit $z$, and the largest number that
# `float32` holds is about $3.4 \cdot 10^{38}$.
# $e^{88}$ still fits, but $e^{89}$ does not and becomes infinite. And infinity divided by infinity is not a number: the computer writes `nan`, which can spread through all weights of the network in
# one training step.
#
# The cure is a subtraction. Take the logits (100, 0). If we subtract the largest one from both, they become (0, −100), and the probabilities are the same,
# because numerator and denominator of softmax have both been divided by $e^{100}$. Now nothing can overflow, because the largest power is $e^0 = 1$. And since the logarithm of a fraction is a
# difference, $\log(a/b) = \log a - \log b$, we never need the probability itself:
#
# $$\log \hat y_c = z_c - \log \sum_k e^{z_k}$$
#
# where $c$ is the class we ask for and $k$ runs over all classes. The cell does this for the logits (100, 0).

# %%
z = np.array([100, 0], "float32")
with np.errstate(all="ignore"):  # NumPy would warn, and rightly so
    print("e^88 and e^89:", np.exp(np.float32(88)), np.exp(np.float32(89)))
    print("softmax as written:", np.exp(z) / np.exp(z).sum())
shifted = z - z.max()
print("log of softmax, shifted:", shifted - np.log(np.exp(shifted).sum()))

# %% [markdown]
# So if the second class is the true one, the loss is exactly 100. The formula as written would take the logarithms of `nan` and of 0, and its sum would be `nan`. This gives us a rule: **the last
# layer of the network gives logits, and the loss is told so** by `from_logits=True`.
#
# **Predict.** Somebody passes logits to Keras's loss and forgets `from_logits=True`. No error is raised. Will the loss be too large or too small?

# %%
told = keras.losses.CategoricalCrossentropy(from_logits=True)
not_told = keras.losses.CategoricalCrossentropy()  # takes the logits for probabilities
for z, y in (([2.0, 0.0], [1.0, 0.0]), ([2.0, -1.0], [0.0, 1.0])):
    z, y = np.array([z]), np.array([y])
    print(f"logits {z[0]}, truth {y[0]}: loss {told(y, z):.3f}; not told: {not_told(y, z):.3f}")
perfect = np.array([[1.0, 0.0]])
print(f"the other way round, a perfect (1, 0) taken for logits: {told(perfect, perfect):.3f}")

# %% [markdown]
# It can be either. Without the flag, Keras divides both numbers by their sum and takes the results for probabilities: (2, 0) becomes (1, 0). So the first pixel looks perfect (loss 0) though the
# network is not sure. The second pixel should cost 3.049 and costs 16.118. That is −log $10^{-7}$, because Keras replaces the −1 by $10^{-7}$, the smallest probability that it lets through. No
# message tells you, and that is why the mistake is hard to find. You can recognise the opposite mistake, probabilities taken for logits, by a loss that, with two classes, never falls below 0.313.
#
# ## 4 · Dice: look at the region
#
# Cross-entropy judges each pixel by itself. The second loss of the article asks how well two *regions* overlap. Take a row of six pixels. The truth is (0, 1, 1, 1, 0, 0), the predicted probabilities
# of ink are
# (0, 0.5, 1, 1, 0.5, 0). Multiply pixel by pixel and add: 0.5 + 1 + 1 = 2.5 is the overlap. Then square the numbers of each row and add them up: the truth has the size 1 + 1 + 1 = 3, and the
# prediction 0.25 + 1 + 1 + 0.25 = 2.5.
# The **Dice coefficient** is twice the overlap, divided by the sum of the sizes: 5 / 5.5 = 0.909. It would be 1 for a perfect prediction and 0 without any overlap.
# The **Dice loss** is 1 minus it: 0.091.
#
# The article writes:
#
# $$L = 1 - \frac{2 \sum_{i=1}^{C} y_i \hat y_i}{\sum_{i=1}^{C} y_i^2 + \sum_{i=1}^{C} \hat y_i^2}$$
#
# Look at the sums: they run over the $C$ *classes*, as in cross-entropy. Read literally, this is a loss of one pixel, and it never sees a region.
#
# **Predict.** Let us read it literally, pixel by pixel, for prediction A, which has no ink at all. What will the mean over all pixels be?


# %%
def dice_by_hand(y, p):
    overlap = (y * p).sum()
    return 1 - 2 * overlap / ((y**2).sum() + (p**2).sum())


# %%
row = np.array([0, 1, 1, 1, 0, 0.0]), np.array([0, 0.5, 1, 1, 0.5, 0])
print(f"the row of six: Dice loss {dice_by_hand(*row):.3f}")

truth = np.eye(2)[ink.astype(int)].reshape(-1, 2)  # row c of the unit matrix is class c, one-hot
all_background = np.tile([1.0, 0.0], (len(truth), 1))  # prediction A
of_pixels = [dice_by_hand(y, p) for y, p in zip(truth, all_background)]
print(f"summed over classes, prediction A: {np.mean(of_pixels):.3f}")
np.testing.assert_allclose(np.mean(of_pixels), 1 - accuracy["A"])

# %% [markdown]
# The mean is 0.032, which looks almost perfect. It has to be: where all probabilities are 0 or 1, each right pixel costs 0 and each wrong one costs 1, so the mean is exactly 1 minus the accuracy. We
# are back where we started.
#
# What everybody means by the Dice loss, and what we did with the row of six, is a sum over the *pixels* $j$ of one class $c$, followed by the mean over the classes:
#
# $$L_c = 1 - \frac{2 \sum_j y_{jc}\, \hat y_{jc}}{\sum_j y_{jc}^2 + \sum_j \hat y_{jc}^2}$$
#
# There is one more point, on which authors differ. The article has squares in the denominator, and so has V-Net, the network that made this loss popular; most libraries, including Keras and ours,
# leave them out and divide by $\sum y + \sum \hat y$.
#
# **Predict.** For which predictions do the forms with and without squares agree? And which gives the smaller loss to a timid prediction, 0.6 on all ink and 0 elsewhere?


# %%
def plain_dice(y, p):
    return 1 - 2 * (y * p).sum() / (y.sum() + p.sum())


# %%
y = ink.astype(float)
thick = binary_dilation(ink, iterations=3)  # grown by three pixels, prediction B
for name, p in (("A: no ink", 0 * y), ("B: too thick", 1.0 * thick), ("p = 0.6 on ink", 0.6 * y)):
    by_keras = keras.losses.Dice()(y, p)
    np.testing.assert_allclose(plain_dice(y, p), by_keras, rtol=1e-5)
    print(f"{name:14}  with squares {dice_by_hand(y, p):.3f}   without {plain_dice(y, p):.3f}")

# %% [markdown]
# The two forms agree if all probabilities are 0 or 1, because $0^2 = 0$ and $1^2 = 1$. On the timid prediction the form with squares is kinder, 0.118 against 0.250. And both do what accuracy did
# not: prediction A, which finds nothing, now costs 1, the worst possible value.
#
# The article's FAQ says that cross-entropy measures *difference* and Dice measures *similarity*. That mixes up two things: the Dice *coefficient* is a similarity, the Dice *loss* is 1 minus it, and
# so a difference.
# Both losses are 0 for a perfect mask. What really sets them apart is that one is a mean over pixels, the other a fraction for a whole region.
#
# ## 5 · What each loss pays for
#
# A loss is more than a grade at the end. In training, the network changes a little at a time, in whichever direction makes the loss fall. So we should ask how much the loss falls for a small
# improvement. We shall say that a loss *pays* this much for it.
# Suppose that all background pixels are right already and that the ink pixels share one logit, at first very low. Now we raise it step by step, and draw both losses exactly as `segutils.losses`
# computes them for training:
# cross-entropy as the mean over all 4,096 pixels, Dice as the mean over both classes. (Dice therefore begins at 0.5: the ink costs nearly 1, the background nearly 0. And `sigmoid` is softmax for two
# classes of which one has the logit 0.)
#
# **Explain to a friend.** The ink has a probability near 0. Which of the two losses would reward the network more for raising its logit by 1? And when the probability has reached 0.1?

# %%
logit = np.array([-6, -4, -2, 0])
fall = losses_as_trained(ink, logit) - losses_as_trained(ink, logit + 1)
print("logit of the ink:      ", logit)
print("its probability:       ", reference.sigmoid(logit).round(4))
print("cross-entropy falls by:", fall[0].round(3))
print("Dice falls by:         ", fall[1].round(3))
show_losses_as_trained(ink)
plt.show()

# %% [markdown]
# Look at the right-hand panel. At a logit of −6, where ink has the probability 0.0025, cross-entropy pays 0.032 for one more unit and Dice only 0.004: Dice is nearly flat there, since an overlap of
# almost nothing remains almost nothing.
# But at a logit of −2, probability 0.12, Dice pays 0.105 and cross-entropy 0.026. They change places at a logit a little above −4, which is a probability of about 2%.
#
# The reason lies in the denominators. One more unit of logit lowers −log p of a pixel by 1 at most, and cross-entropy divides by *all* pixels. So for each unit our 132 ink pixels can never earn more
# than their share of the image, 132/4,096 = 0.032. Dice divides by the size of the *object*, so a small object earns as much as a large one,
# provided that some of it has been found. Each loss is strong where the other is weak, which is a good argument for adding the two. (How a network *uses* such slopes is the subject of notebook 6.)
#
# **Try.** A soft blob predicts the disk with the dashed outline. `confidence` is its highest probability, `softness` the width of its edge. Set `softness` to 0.5, `radius` to 3, and shift the blob
# until nothing overlaps any more. Which of the three curves still tells near from far?

# %%
explore(
    blob_losses(),
    shift=(-20, 20, 1),
    radius=(3, 16, 1),
    confidence=(0.1, 1.0, 0.05),
    softness=(0.5, 4.0, 0.5),
)

# %% [markdown]
# Only cross-entropy still tells near from far, because the probability that the blob gives to the disk keeps falling with the distance, and so does its logarithm. Dice and IoU stay at their worst
# values, 1 and 0: to them, a miss is a miss.
#
# ## 6 · Three decisions that Dice asks of you
#
# **First: what if there is nothing to find?** Where truth and prediction are both empty, Dice is 0 / 0. The usual answer is a small number $\varepsilon$ (epsilon), added to numerator and
# denominator: $\varepsilon / \varepsilon = 1$, so the loss is 0. But which number?
#
# **Predict.** Nothing is there, and *one* pixel is predicted. What loss would be fair, and what loss do we get with a tiny $\varepsilon$, or with one of 1?

# %%
empty, one, four = np.zeros(100), np.eye(100)[0], np.eye(100)[:4].sum(0)
cases = {"both empty": (empty, empty), "1 pixel too many": (empty, one), "4 missed": (four, empty)}
for name, (true, predicted) in cases.items():
    row = [reference.dice(true, predicted, epsilon=e) for e in (0.0, 1e-6, SMOOTH)]
    print(f"{name:16}  ε = 0: {row[0]:.2f}   ε = 1e-6: {row[1]:.2f}   ε = {SMOOTH:g}: {row[2]:.2f}")

# %% [markdown]
# No value is fair to all three. With a tiny $\varepsilon$, a single pixel too many costs as much as a hundred of them. With $\varepsilon$ = 1 it costs only 0.50, but four missed pixels no longer
# cost the full 1.
# `segutils.losses` has `smooth=1`, which works like $\varepsilon$ = 2, because it adds 1 to the overlap and 1 to *half* the sum of the sizes. That is harmless as long as even the smallest object has
# many more pixels than that.
#
# **Second: one fraction for each image, or one for the whole batch?** A batch is the handful of images that a network sees in one training step. Suppose that one image shows a large digit, which is
# found perfectly, and another image shows a small digit, which is missed.
#
# **Predict.** What is the loss if all pixels of the batch are pooled into one fraction?

# %%
true, predicted = a_large_and_a_small_digit(digits)
each = [dice_by_hand(*pair) for pair in zip(true, predicted)]
pooled = dice_by_hand(true, predicted)
np.testing.assert_allclose(each, reference.dice(true, predicted, axis=(1, 2)))
print(f"mean of the images {np.mean(each):.2f}, pooled over the batch {pooled:.2f}")

# %%
show_found_and_missed(true, predicted)
plt.show()

# %% [markdown]
# Pooled, the missed digit hardly shows: the loss is a few hundredths instead of one half. That is right if pixels matter to you, and wrong if objects do. In our losses the choice is called
# `over="image"` or `over="batch"`.
#
# **Third: Dice or IoU?** Both compare an overlap with a size. As in notebook 1, TP (true positives) is the number of ink pixels found, FP (false positives) the number of pixels wrongly called ink,
# and FN (false negatives) the number of ink pixels missed.
# Then the Dice coefficient is $D = 2\,TP / (2\,TP + FP + FN)$ and $I = TP / (TP + FP + FN)$ is the IoU of notebook 1. Divide numerator and denominator of $D$ by $TP + FP + FN$. Then $2\,TP$ becomes
# $2I$, and $FP + FN$ becomes $1 - I$, so $D = 2I / (1 + I)$: each can be computed from the other.
#
# **Predict.** So if one paper reports Dice and another reports IoU, which number looks better for the same mask? In the figure, each dot is a mask of our scene: all pixels brighter than some threshold.

# %%
dice, iou = show_dice_against_iou(image, ink)
plt.show()
np.testing.assert_allclose(dice, 2 * iou / (1 + iou))

# %% [markdown]
# Dice looks better, except at 0 and 1, where both are equal. An IoU of 0.5 is a Dice of 0.67. Both rank masks in the same order, from worst to best. But never compare the Dice of one paper with the
# IoU of another.
#
# ## 7 · Little ink: six losses, tried
#
# Our digits cover less than 3% of the pixels. How much can a loss help with that? Let us first agree on the words with which we judge. Suppose that 40 pixels are ink, the network calls 50 pixels
# ink, and 30 of these really are.
# **Recall** is the share of the true ink that was found: 30 / 40 = 0.75. **Precision** is the share of the predicted ink that is right: 30 / 50 = 0.60. A timid network has high precision and low
# recall; with a network that calls everything ink it is the other way round.
# IoU punishes both: 30 / (40 + 50 − 30) = 0.50.
#
# When one class has far more pixels than another, people speak of *imbalance*. Most losses used against it change the votes of the pixels. Write $p$ for the probability that a pixel's *true* class got.
#
# - **Weighted cross-entropy** gives each class a weight $w$ and divides by the sum of the weights, $\sum w \cdot (-\log p) / \sum w$. With 9 for ink, one ink pixel has the vote of nine background pixels.
# - **Focal loss** multiplies by $(1 - p)^{\gamma}$, with $\gamma$ (gamma) = 2. An easy pixel with p = 0.9 costs $0.1^2 \cdot 0.105$ = 0.001 instead of 0.105, a hundred times less. A hard one with
#   p = 0.1 costs $0.9^2 \cdot 2.303$ = 1.865, nearly what it cost before.
# - **Tversky loss**, $1 - TP / (TP + \alpha\,FP + \beta\,FN)$, is Dice with prices: $\alpha$ for a pixel too many, $\beta$ for a missed one. With $\alpha = \beta = \tfrac12$ it *is* Dice (multiply
#   numerator and denominator by 2). We charge 0.3 and 0.7. Probabilities count in parts: an ink pixel with 0.8 adds 0.8 to TP and 0.2 to FN.
# - **Cross-entropy + Dice** takes the mean of the two.
#
# The formula of the focal loss takes one line, and the function in `segutils` computes the same:

# %%
from segutils import losses

p_true = np.where(ink, p_ink, 1 - p_ink)  # the guesser of section 2
by_hand = -((1 - p_true) ** 2 * np.log(p_true)).mean()
ours = losses.focal(ink[None].astype(int), logits[None], gamma=2.0)[0]  # [None]: a batch of one
np.testing.assert_allclose(by_hand, ours, rtol=1e-4)
print(f"cross-entropy {-np.log(p_true).mean():.3f}, focal loss {by_hand:.3f}")

# %% [markdown]
# The smaller number does not make the focal loss the better one: the two losses measure in different units. What counts is how good the masks become when a network is trained with each of them.
#
# Our network is very small: two convolutions, and a third one with a 1×1 kernel that gives each pixel two logits. Its scenes have 42×42 pixels. It has to learn that a digit is ink and that a bright
# line or dot is not.


# %%
def small_network():
    return keras.Sequential(
        [
            keras.Input((42, 42, 1)),
            keras.layers.Rescaling(1 / 64, offset=-1.0),  # 0 to 255 becomes -1 to 3
            keras.layers.Conv2D(8, 5, padding="same", activation="relu"),
            keras.layers.Conv2D(8, 3, padding="same", activation="relu"),
            keras.layers.Conv2D(2, 1),  # two logits per pixel: background, ink
        ]
    )


# %%
train, test = small_scenes(digits, SEED)
share = test[1].mean()
print(f"{100 * share:.1f}% of the test pixels are ink; 'no ink' has an accuracy of {1 - share:.3f}")
assert share < 0.03

# %% [markdown]
# A fair comparison gives each loss the same scenes, the same number of steps, and the same *three* random starts, because one run may be lucky. Three of the losses are also trained three times as
# long: perhaps a loss is not worse, only slower. (`train_and_score` lets the network learn, which notebooks 6 to 8 explain, and judges its masks on test scenes that it has not seen.)
#
# **Predict.** Which losses will find the ink in every run? And will plain cross-entropy catch up if it is given more time?

# %% tags=["nbval-ignore-output"]
CE, CE_AND_DICE, seeds = "cross-entropy", "CE + Dice", range(SEED, SEED + 3)
Loss = losses.SegmentationLoss
tried = {
    CE: Loss("cross_entropy"),
    "weighted CE": Loss("cross_entropy", class_weights=[1.0, INK_WEIGHT]),
    "focal": Loss("focal", gamma=2.0),
    "Dice": Loss("dice"),
    "Tversky": Loss("tversky", alpha=0.3, beta=0.7),
    CE_AND_DICE: Loss("cross_entropy_dice"),
}

# %% tags=["nbval-ignore-output"]
short, long = {}, {}
for name, loss in tried.items():
    stops = [EPOCHS, 3 * EPOCHS] if name in (CE, "Dice", CE_AND_DICE) else [EPOCHS]
    scores = train_and_score(small_network, loss, train, test, stops=stops, seeds=seeds)
    short[name] = scores[:, 0]  # (3 runs; recall, precision, IoU)
    print(f"{name:14}IoU {short[name][:, 2].round(2)}")
    if len(stops) > 1:
        long[name] = scores[:, 1]
        print(f"{'  longer:':14}IoU {long[name][:, 2].round(2)}")

# %% tags=["nbval-ignore-output"]
show_scores(short, long)
plt.show()

# %% tags=["nbval-ignore-output"]
if (SEED, EPOCHS, INK_WEIGHT) == (0, 5, 9.0):  # what the text below says
    mean = {name: runs.mean(0) for name, runs in short.items()}  # recall, precision, IoU
    worst = {name: runs[:, 2].min() for name, runs in short.items()}
    assert mean["weighted CE"][0] > max(mean[CE_AND_DICE][0], 0.9)
    assert mean["weighted CE"][1] < mean[CE_AND_DICE][1]
    assert max(worst[CE], worst["Dice"], worst["Tversky"]) < 0.1
    assert min(worst["focal"], worst[CE_AND_DICE]) > 0.1
    assert long["Dice"][:, 2].min() < 0.1 < 0.5 < long[CE][:, 2].min()
    assert abs(long[CE][:, 2].mean() - long[CE_AND_DICE][:, 2].mean()) < 0.1

# %% [markdown]
# The cell above stays silent, so the three runs bear out what follows. Begin with the circles, the short runs. Plain cross-entropy, Dice and Tversky depend on luck: some of their runs answer "no
# ink" everywhere and score 0. Weighted cross-entropy finds nearly all the ink, but also calls a good deal ink that is not: high recall, low precision.
# Like it, focal loss and cross-entropy + Dice find ink in every run.
#
# Now the squares, the same runs continued. Cross-entropy has caught up: all three of its runs now find the ink, and its IoU is about that of cross-entropy + Dice. So it was *slow*, not wrong; with
# three times as many steps it needs no help here.
# Dice has not caught up. The runs that answered "no ink" still answer "no ink", which fits the flat part of its curve in section 5. After such a start, more time does not help, but adding
# cross-entropy to the loss does.
#
# How much does this prove? It is one small network, one learning rate (the length of its steps, notebook 7) and three starts. It shows that these two things can happen. It cannot rank losses whose
# circles or squares overlap.
#
# ## 8 · Pixels that nobody can label
#
# On the rim of a digit even people disagree about what is ink. Such pixels are called **void**, and their label is 255, a number that no class has. With `ignore_class=255` they count neither in the
# sum of the loss nor in the number of pixels by which it is divided.
#
# **Predict.** We replace the logits of the void pixels by 1000 and −1000, total nonsense. What happens to the loss?

# %%
rim = binary_dilation(ink) & ~ink
labels = np.where(rim, 255, ink)[None]
nonsense = np.where(rim[..., None], [1000.0, -1000.0], logits)
for name in ("cross_entropy", "focal", "tversky", "cross_entropy_dice"):
    loss = losses.SegmentationLoss(name, ignore_class=255)
    before, after = loss(labels, logits[None]), loss(labels, nonsense[None])
    print(f"{name:19} {before:.3f} before, {after:.3f} after")
    np.testing.assert_array_equal(before, after)

# %% [markdown]
# The loss stays the same, down to the last digit. (Focal loss was 0.030 in section 7, where the rim still counted.) Whatever the network says about void pixels is ignored. So it cannot learn
# anything from them either.
#
# ## What goes wrong: three traps of Keras's own losses
#
# **The first trap** is in `keras.losses.Dice`. Unless told otherwise it sums over everything at once: batch, pixels *and classes*.
#
# **Predict.** A mask has 0.4% ink, and the prediction has none. What does this Dice say?

# %%
tiny = tiny_digit(digits)  # (1, 105, 105) bool
truth = np.eye(2)[tiny.astype(int)]  # (1, 105, 105, 2), one-hot
none = np.eye(2)[0 * tiny.astype(int)]
everything = keras.losses.Dice()(truth, none)
per_class = keras.losses.Dice(axis=(1, 2), reduction=None)(truth, none)[0]
print(f"{100 * tiny.mean():.1f}% ink, none predicted: Keras's Dice {everything:.3f}")
print(f"with axis=(1, 2): background {per_class[0]:.3f}, ink {per_class[1]:.3f}")
np.testing.assert_allclose(everything, tiny.mean(), atol=1e-6)

# %% [markdown]
# It says 0.004, nearly perfect: the background, found in full, hides the ink. Summed over the classes, Dice is 1 − accuracy once more, the fault that we found in the article's formula. Give it
# `axis=(1, 2)`, and the ink costs 1, as it should.
#
# **The second trap.** `keras.losses.Dice` takes whole-number labels without complaint and treats them as if they were probabilities. First comes an image in which all pixels have the label 9,
# predicted perfectly, and then our scene. The cell after it gives the labels of our scene, with the same extra axis, to our own Dice loss, which must refuse them.

# %%
nines = np.full((1, 4, 4, 1), 9)
loss = keras.losses.Dice()(nines, np.eye(11)[nines[..., 0]])
print(f"a perfect image of nines: {float(loss):.3f}")
labels = 3 * ink[None].astype(int)  # our 2 has label 3
for name, mask in (("perfect mask", labels), ("no ink at all", 0 * labels)):
    loss = keras.losses.Dice()(labels[..., None], np.eye(11)[mask])
    print(f"{name}: {float(loss):.3f}")

# %%
with course.expect_error(ValueError, match="integer masks"):
    losses.dice(labels[..., None], np.eye(11)[labels])

# %% [markdown]
# A perfect image costs *less than nothing*: 1 − 2 · 9 / (9 + 1) = −0.8. And a perfect mask costs the same as an empty one, because each label is multiplied by all the probabilities of its pixel,
# whose sum is always 1. So a network could learn nothing from this loss. Keras expects one-hot truth; ours expects labels without an axis for the channel, and says so when it gets something else.
#
# **The third trap.** The paper on the Tversky loss charges $\alpha$ for a false positive (a pixel too many). Does your Keras? Take two pixels: one is found, one is too many. So TP = 1, FP = 1, FN =
# 0, and the loss is 1 − 1 / (1 + price). We set $\alpha$ = 0.9 and $\beta$ = 0.1 and see which of the two is charged.

# %% tags=["nbval-ignore-output"]
alpha, beta = 0.9, 0.1
truth, guess = np.array([[1.0, 0.0]]), np.array([[1.0, 1.0]])
value = float(keras.losses.Tversky(alpha=alpha, beta=beta)(truth, guess))
charged = {"α": alpha / (1 + alpha), "β": beta / (1 + beta)}  # 1 - 1 / (1 + price)
price = min(charged, key=lambda name: abs(charged[name] - value))
np.testing.assert_allclose(value, charged[price], rtol=1e-4)
print(f"Keras {keras.__version__} charges {price} for a pixel too many: loss {value:.3f}")

# %% [markdown]
# Keras 3.15.1 charges $\beta$, the opposite of what the paper and `segutils` do. If your run prints something else, Keras has changed since. Do not trust a name; try two pixels.
#
# ## Which loss when
#
# This table is not a law. It says where we would begin, judging from what this notebook has shown and from what the losses are made for:
#
# | you have | begin with | keep an eye on |
# |---|---|---|
# | classes of similar size | cross-entropy from logits | the small classes |
# | small objects | cross-entropy + Dice, per image | recall and precision |
# | a rare class and little time | focal or weighted cross-entropy | pixels too many |
# | misses that cost more than false alarms | cross-entropy + Tversky with β > α | runs that get stuck |
# | images without any object | cross-entropy, or Dice with an ε | jumps of the loss from 0 to 1 |
#
# ## Exercises
#
# **1 · Recall.** A new network with 11 classes starts training with a loss of 2.40. What does it answer? And what would you suspect if its first loss were 16?
#
# **2 · Code.** Write `dice_loss` for a *batch* of masks: with squares in the denominator, as in the article, and with sums over the pixels of each image. Take care of images without ink in either mask.


# %%
def dice_loss(y_true, y_pred):
    """Dice loss of each image: y_true and y_pred (B, H, W) floats in [0, 1] → (B,).

    Squares below. An image whose two masks are both empty gets 0, not NaN.
    """
    ...  # your code


# %%
exercise.check(dice_loss)

# %% [markdown]
# **3 · Code, harder.** Write `focal_loss`. You get labels and logits, so you need sections 1 to 3 and 7 together. Logits of several thousand must not spoil it.


# %%
def focal_loss(labels, logits, gamma):
    """Mean over pixels of (1 - p)^gamma · (-log p), p the probability of a pixel's true class.

    labels (H, W) ints, logits (H, W, C) floats → one number.
    """
    ...  # your code


# %%
second_exercise.check(focal_loss)

# %% [markdown]
# **4 · Open.** Find a loss that does better than the six of section 7 in the same short time: another `INK_WEIGHT`, another mixture
# (`Loss("cross_entropy_dice", dice_weight=0.2, class_weights=[1.0, 3.0])`), another γ.
# You have succeeded when its mean IoU over three runs is above the best such mean in the short runs of section 7. Put it in place of `None`:

# %% tags=["nbval-ignore-output"]
mine = None
if mine is not None:
    runs = train_and_score(small_network, mine, train, test, stops=[EPOCHS], seeds=seeds)[:, 0]
    compare_with_best("mine", runs, short)

# %% [markdown]
# <details><summary>Solutions</summary>
#
# 1. It answers 1/11 for every class and every pixel, since log 11 = 2.40: it knows nothing yet, and that is as it should be. A first loss of 16 is −log of about $10^{-7}$: the network seems to be
#    sure and wrong nearly everywhere. Most likely somebody forgot `from_logits=True`, or the labels do not belong to these images.
# 2. In the body of the function:
#
# ```python
# above = 2 * (y_true * y_pred).sum((1, 2))
# below = (y_true**2 + y_pred**2).sum((1, 2))
# return np.where(below > 0, 1 - above / np.where(below > 0, below, 1), 0.0)
# ```
# 3. Shift, take the logarithm of softmax, pick the true class, then weigh:
#
# ```python
# shifted = logits - logits.max(-1, keepdims=True)
# log_p = shifted - np.log(np.exp(shifted).sum(-1, keepdims=True))
# log_p = np.take_along_axis(log_p, labels[..., None], axis=-1)[..., 0]
# return ((1 - np.exp(log_p)) ** gamma * -log_p).mean()
# ```
# 4. A gentle weight is a good direction: it raises recall and lowers precision only a little. Look at all three runs, not only at their mean; a difference smaller than their spread means nothing.
#
# </details>

# %% [markdown]
# ## Recap
#
# - Cross-entropy is the likelihood of the true mask in another form, −log p, averaged over pixels: p = 0.5 costs 0.693, p = 0.01 costs 4.605. Dice compares regions; summed over classes, as the
#   article writes it, it would be 1 − accuracy.
# - Logits of 100 give `nan` in the formula as written and exactly 100 from shifted logits. Two empty masks are 0 / 0 until you decide; void pixels change nothing.
# - On scenes with 2.6% ink, plain cross-entropy was slow and caught up with three times the steps; Dice alone stayed stuck in some runs; together they found the ink in every run. One of the three
#   traps: Keras's Dice gave "no ink" a loss of 0.004.
#
# **What this adds to our goal.** For the scene on page one, we can now say in one number how wrong any proposed mask is. The next question is which way to change each of a network's thousands of
# weights so that the number falls.
#
# **Sources.** Milletari et al. 2016, [V-Net](https://arxiv.org/abs/1606.04797) (Dice with squares) · Lin et al. 2017, [Focal loss](https://arxiv.org/abs/1708.02002) ·
# Salehi et al. 2017, [Tversky loss](https://arxiv.org/abs/1706.05721) · Sudre et al. 2017, [Generalised Dice](https://arxiv.org/abs/1707.03237) ·
# Reinke et al. 2024, [Metric-related pitfalls](https://arxiv.org/abs/2302.01790)
#
# **Next:** [6 · Gradients](06_gradients.ipynb): in which direction every weight should move.
