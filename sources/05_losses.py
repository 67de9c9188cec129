# %% [markdown]
# # 5 · Losses: one number that says how wrong a mask is
#
# <!-- [Open in Colab](https://colab.research.google.com/github/OWNER/REPO/blob/main/notebooks/05_losses.ipynb) · -->
# previous: [4 · Dense layers](04_dense.ipynb) · next: [7 · Optimizers](07_optimizers.ipynb) · about 30 seconds on two CPU cores
#
# Training makes one number small: the loss. Which number should it be, so that the network cares about the few pixels that matter?
#
# You will be able to
# - compute cross-entropy and Dice by hand, with gradients, equal to Keras and to a difference quotient,
# - say what each loss does with extreme logits, empty masks, batches and void pixels,
# - choose a loss for masks with less than 3% ink, and avoid three traps of Keras's own losses.
#
# You need: softmax and logits (notebook 4), IoU (notebook 1).

# %% tags=["parameters"]
SEED: int = 0  # of scenes and weights; the training runs use SEED, SEED + 1 and SEED + 2
EPOCHS: int = 5  # passes over 256 small scenes, for each loss and seed
INK_WEIGHT: float = 9.0  # background pixels that one ink pixel is worth, in weighted CE
SMOOTH: float = 1.0  # pixels added above and below the fraction of Dice, where we compare

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
import keras
import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf
from scipy.ndimage import binary_dilation

from segutils import losses, metrics, plots, reference, training, transforms
from segutils.digits import load_digits
from segutils.lessons.explorer import explore
from segutils.lessons.losses import blob_losses, exercise
from segutils.scenes import make_scenes

digits = load_digits("bundled")
small = {"size": 42, "count": (1, 1), "scale": (0.5, 0.6), "noise": 0.03, "clutter": 2}
train = make_scenes(digits.train, 256, seed=[SEED, 0], **small)
test = make_scenes(digits.test, 128, seed=[SEED, 1], **small)
image, ink = train.images[12, :, :, 0], train.semantic[12] > 0  # one scene to think about

# %% tags=["hide-input"]
# @title The first figure
axes = plots.grid(1, 4, size=2.2, titles=["image", "true ink"])[0]
plots.show_image(axes[0], image)
plots.show_mask(axes[1], ink.astype(int), ["background", ""])
thick = binary_dilation(ink, iterations=2)  # two pixels more on all sides
accuracy, iou = {}, {}
for ax, name, predicted in zip(axes[2:], "AB", [ink & False, thick]):
    counts = metrics.confusion_matrix(ink.astype(int), predicted.astype(int), 2)
    accuracy[name], iou[name] = metrics.pixel_accuracy(counts), metrics.iou(counts)[1]
    says = f"{name}: accuracy {accuracy[name]:.3f}\nIoU of ink {iou[name]:.2f}"
    plots.show_agreement(ax, ink, predicted, title=says)
plt.show()
assert accuracy["A"] > accuracy["B"]

# %% [markdown]
# Accuracy prefers A, which found nothing. A loss that thinks so will teach so. (Dots: missed; crosses: too much.)
#
# ## 1 · Cross-entropy
#
# **Claim.** For one pixel, cross-entropy is minus the logarithm of the probability that the true class got. With the article's letters, $C$ classes,
# truth $y_i$ and prediction $\hat y_i$:
#
# $$L = -\sum_{i=1}^{C} y_i \log(\hat y_i)$$
#
# **Predict.** The true class got probability 0.5, then 0.1, then 0.01. Does the loss grow by equal steps?


# %%
def cross_entropy(y, p):
    total = 0.0
    for i in range(len(y)):
        total -= y[i] * np.log(p[i])
    return total


y = np.array([0.0, 1.0, 0.0])
for p in np.array([[0.25, 0.5, 0.25], [0.6, 0.1, 0.3], [0.5, 0.01, 0.49]]):
    by_hand = cross_entropy(y, p)
    by_keras = keras.losses.CategoricalCrossentropy()(y[None], p[None])
    np.testing.assert_allclose(by_hand, reference.cross_entropy(y, np.log(p)))
    np.testing.assert_allclose(by_hand, by_keras, rtol=1e-5)
    print(f"true class got {p[1]:.2f}: loss {by_hand:.3f}")

# %% [markdown]
# No: each *halving* adds log 2 ≈ 0.69, so a confident mistake is expensive without limit.
# `reference.cross_entropy` takes logits; the logits of $p$ are $\log p$.
#
# **Claim.** The article stops at one pixel. A mask has thousands, and the loss is the *mean* over them. So each pixel has the same vote.
#
# **Predict.** We guess ink from brightness alone. Where in the image does the loss sit?

# %%
ink_logit = (image - 130.0) / 20
logits = np.stack([0 * ink_logit, ink_logit], -1)  # (H, W, 2): background, ink
p = reference.softmax(logits)
per_pixel = reference.cross_entropy(np.eye(2)[ink.astype(int)], logits)  # (H, W)
keras_mean = keras.losses.SparseCategoricalCrossentropy(from_logits=True)(ink.astype(int), logits)
np.testing.assert_allclose(per_pixel.mean(), keras_mean, rtol=1e-5)
ours = losses.cross_entropy(ink[None].astype(int), logits[None])
np.testing.assert_allclose(per_pixel.mean(), ours[0], rtol=1e-5)
axes = plots.grid(1, 3, size=2.6, titles=["image"])[0]
plots.show_image(axes[0], image)
plots.show_image(axes[1], 255 * p[..., 1], title="predicted probability of ink")
drawn = axes[2].imshow(per_pixel, cmap="Greys", vmin=0)
plt.colorbar(drawn, ax=axes[2], shrink=0.8)
axes[2].set_title(f"loss of each pixel, mean {per_pixel.mean():.3f}", fontsize=9)
plt.show()

# %% [markdown]
# It sits on the bright lines and on the pale strokes of the digit; elsewhere it is almost 0.
#
# ## 2 · Logarithms that overflow
#
# **Claim.** The formula as written breaks when a probability rounds to 0. Computed from logits $z$,
# $\log \hat y_c = z_c - \log \sum_k e^{z_k}$, it never does.
#
# **Predict.** Truth (0, 1), prediction (1, 0): what is `-sum(y * log(p))`? And what if you hand Keras logits but forget `from_logits=True`?

# %%
with np.errstate(all="ignore"):  # NumPy would warn
    print("formula, p = (1, 0):         ", -np.sum([0, 1] * np.log([1.0, 0.0])))
    print("the same when that is right: ", -np.sum([1, 0] * np.log([1.0, 0.0])))
    powers = np.exp([1000.0, -1000.0])
    print("softmax of (1000, -1000):    ", powers / powers.sum())
print("from logits (1000, -1000):   ", reference.cross_entropy([0.0, 1.0], [1000.0, -1000.0]), "\n")

right, forgotten = (
    keras.losses.CategoricalCrossentropy(from_logits=flag) for flag in (True, False)
)
for y, z in (([1.0, 0.0], [2.0, 0.0]), ([0.0, 1.0], [2.0, -1.0])):
    y, z = np.array([y]), np.array([z])
    print(f"logits {z[0]}, truth {y[0]}: {right(y, z):.3f}; flag forgotten: {forgotten(y, z):.3f}")
perfect = np.array([[1.0, 0.0]])
print(f"a perfect p = (1, 0) taken for logits: {right(perfect, perfect):.3f}")

# %% [markdown]
# Infinite, and even NaN (0 · ∞) for a *right* answer. From logits: exactly 2000. A forgotten flag raises no error: a doubtful pixel looks
# perfect, a wrong one meets Keras's clip at $10^{-7}$. And probabilities taken for logits never cost less than 0.313.
# Rule: the last layer gives logits, the loss says `from_logits=True`.
#
# **Claim.** The gradient of softmax and cross-entropy together is very short: $\;\partial L / \partial z_c = \hat y_c - y_c$.
#
# **Predict.** How strong is the pull on a pixel that is completely wrong?

# %%
y, z = np.array([0.0, 1.0, 0.0]), np.array([0.3, -0.8, 1.5])
quotient = reference.difference_quotient(lambda z: reference.cross_entropy(y, z), z)
np.testing.assert_allclose(reference.softmax(z) - y, quotient, atol=1e-8)
np.testing.assert_allclose(reference.cross_entropy_gradient(y, z), quotient, atol=1e-8)

ratios = {"width_ratios": [1.4, 1]}
fig, (left, right) = plt.subplots(1, 2, figsize=(7.6, 3), layout="constrained", gridspec_kw=ratios)
z = np.linspace(-6, 6, 121)
true_class = reference.sigmoid(z)
named = {"loss -log p": -np.log(true_class), "slope p - 1": true_class - 1}
plots.lines(left, z, named, title="One pixel", xlabel="logit of the true class, the other's is 0")
plots.show_map(right, p[..., 1] - ink, limit=1, title="p - y of ink: below 0 asks for more ink")
plt.show()

# %% [markdown]
# Its strength is 1, the largest there is: a completely wrong pixel never stops learning. Right pixels hardly pull.
#
# ## 3 · Dice
#
# **Claim.** The article's Dice loss sums over the *classes* of one pixel. Read like this it never sees a region:
# its mean over pixels has the fault of accuracy.
#
# $$L = 1 - \frac{2 \sum_{i=1}^{C} y_i \hat y_i}{\sum_{i=1}^{C} y_i^2 + \sum_{i=1}^{C} \hat y_i^2}$$
#
# **Predict.** What does it give to prediction A, no ink at all?


# %%
def dice_of_one_pixel(y, p):
    overlap = size = 0.0
    for i in range(len(y)):
        overlap += y[i] * p[i]
        size += y[i] ** 2 + p[i] ** 2
    return 1 - 2 * overlap / size


y = np.eye(2)[ink.astype(int)]  # (H, W, 2)
nothing = np.zeros_like(y) + [1.0, 0.0]  # prediction A: background everywhere
pixels = np.array([[dice_of_one_pixel(*pair) for pair in zip(*rows)] for rows in zip(y, nothing)])
np.testing.assert_allclose(pixels, reference.dice(y, nothing, axis=-1))
np.testing.assert_allclose(pixels.mean(), 1 - accuracy["A"])
print(f"article's Dice of 'no ink': 1 on each ink pixel, 0 elsewhere; mean {pixels.mean():.3f}")

# %% [markdown]
# Almost perfect: for hard masks it equals 1 - accuracy, asserted above. What everybody means by Dice sums over the *pixels* $j$ of one class $c$,
# and then takes the mean over classes:
#
# $$L_c = 1 - \frac{2 \sum_j y_{jc}\, \hat y_{jc}}{\sum_j y_{jc}^2 + \sum_j \hat y_{jc}^2}$$
#
# Milletari's V-Net has these squares, as the article; most libraries, ours too, divide by $\sum y + \sum \hat y$.
#
# **Predict.** When do the two agree?


# %%
def plain_dice(y, p):
    return 1 - 2 * (y * p).sum() / (y.sum() + p.sum())


y = ink.astype(float)
hard, soft = thick.astype(float), 0.6 * y  # B, and the right place with p = 0.6
np.testing.assert_allclose(plain_dice(y, hard), reference.dice(y, hard, axis=(0, 1)))
two = np.mean([plain_dice(ink == c, p[..., c]) for c in (0, 1)])
np.testing.assert_allclose(two, losses.dice(ink[None], logits[None], smooth=0.0)[0], rtol=1e-4)
for name, q in (("A: no ink", 0 * y), ("B: hard", hard), ("right place, p = 0.6", soft)):
    squares = reference.dice(y, q, axis=(0, 1))
    print(f"{name:22} squares {squares:.3f}   no squares {plain_dice(y, q):.3f}")

# %% [markdown]
# They agree on hard masks, because $0^2 = 0$ and $1^2 = 1$. On soft ones squares forgive more: 0.118 against 0.250. And "no ink" now costs 1.
#
# **Claim.** With $S = \sum y^2 + \sum \hat y^2$ and $O = \sum y \hat y$,
#
# $$\frac{\partial L}{\partial \hat y_j} = \frac{1}{S}\left(\frac{4\, O\, \hat y_j}{S} - 2\, y_j\right)$$
#
# All pixels share one $S$ and one $O$. Behind a sigmoid a factor $\hat y_j (1 - \hat y_j)$ comes in.
#
# **Predict.** All ink pixels get p near 0. How strongly does Dice pull?

# %%
crop, q = y[4:18, 4:16], p[4:18, 4:16, 1]
quotient = reference.difference_quotient(lambda q: reference.dice(crop, q, axis=(0, 1)), q)
np.testing.assert_allclose(reference.dice_gradient(crop, q, axis=(0, 1)), quotient, atol=1e-7)
elsewhere = 0.7 * np.roll(y, 21, axis=1)  # a blob that misses the digit completely
no_overlap = reference.dice_gradient(y, elsewhere, axis=(0, 1))
assert (y * elsewhere).sum() == 0
assert (no_overlap[elsewhere > 0] == 0).all()

pull = [(reference.dice_gradient(y, s * y, axis=(0, 1)) * s * (1 - s)).sum() for s in true_class]
fig, ax = plt.subplots(figsize=(6.5, 2.8), layout="constrained")
named = {"cross-entropy: 1 - p": 1 - true_class, "Dice, behind a sigmoid": -np.array(pull)}
plots.lines(ax, z, named, title="Pull on the ink pixels", xlabel="their logit", ylabel="slope")
plt.show()

# %% [markdown]
# Hardly at all. Where ink gets p ≈ 0, cross-entropy pulls with full strength and Dice lets go: a network that says "nothing" can stay there.
# And if the prediction lies fully beside the object, its wrong pixels have gradient exactly 0 (asserted): Dice is 1 whatever they do.
#
# ## 4 · Where Dice needs a decision
#
# **Claim.** Two empty masks give 0/0. An $\varepsilon$ added above and below answers that, and it has a price.
#
# **Predict.** The mask is empty and *one* pixel is predicted. What is a fair loss?

# %%
empty, one, four = np.zeros(100), np.eye(100)[0], np.eye(100)[:4].sum(0)
cases = {
    "both empty": (empty, empty),
    "one false pixel": (empty, one),
    "4 pixels missed": (four, empty),
}
for name, (true, predicted) in cases.items():
    row = [reference.dice(true, predicted, epsilon=e) for e in (0.0, 1e-6, SMOOTH)]
    print(f"{name:16}  ε = 0: {row[0]:.2f}   ε = 1e-6: {row[1]:.2f}   ε = {SMOOTH:g}: {row[2]:.2f}")
assert np.isnan(reference.dice(empty, empty))
assert reference.dice(empty, empty, epsilon=1e-6) == 0

# %% [markdown]
# There is no one fair answer. With a tiny ε a single false pixel costs as much as a hundred.
# With a large one a small object is missed without costing 1.
# `segutils.losses` adds `smooth=1` to TP, so 2 above and below: fine if your smallest object has far more pixels.
#
# **Claim.** "Over the batch" or "per image" is another decision: pooled sums let a large object hide a small one.
#
# **Predict.** One large digit is found perfectly, one small digit is missed. Which Dice loss has the batch?

# %%
sizes = ((1.8, 2.0), 3), ((0.5, 0.55), 4)
pair = [
    make_scenes(digits.train, 1, count=(1, 1), scale=s, seed=k).semantic[0] > 0 for s, k in sizes
]
true, predicted = np.array(pair, float), np.array([pair[0], pair[1] & False], float)
each = reference.dice(true, predicted, axis=(1, 2))
pooled = reference.dice(true, predicted, axis=(0, 1, 2))
axes = plots.grid(1, 2, size=2.6)[0]
for ax, t, q, value in zip(axes, true, predicted, each):
    plots.show_agreement(ax, t, q, title=f"{t.sum():.0f} ink pixels\nDice loss {value:.0f}")
plt.show()
print(f"mean of the images {each.mean():.2f}, pooled over the batch {pooled:.2f}")
assert pooled < 0.1 < each.mean() == 0.5

# %% [markdown]
# Pooled, the missed digit hardly counts: right if pixels matter, wrong if objects do. `over="image"` or `"batch"` in our losses.
#
# **Claim.** Dice and IoU order masks alike: with $D = 2TP / (2TP + FP + FN)$ and $I = TP / (TP + FP + FN)$,
# dividing both by $TP + FP + FN$ gives $D = 2I / (1 + I)$.
#
# **Predict.** Is the Dice *coefficient* the larger or the smaller number?

# %%
thresholds = np.arange(60, 230, 10)
truths, masks = ink[None].repeat(len(thresholds), 0).astype(int), image > thresholds[:, None, None]
counts = metrics.confusion_per_image(truths, masks.astype(int), 2)
i, d = metrics.iou(counts)[:, 1], metrics.dice(counts)[:, 1]
np.testing.assert_allclose(d, 2 * i / (1 + i))
x = np.linspace(0, 1, 50)
fig, ax = plt.subplots(figsize=(4.2, 3.2), layout="constrained")
plots.lines(
    ax, x, {"2I / (1 + I)": 2 * x / (1 + x), "I": x}, xlabel="IoU", ylabel="Dice coefficient"
)
ax.plot(i, d, "o", color="black", markersize=4)
ax.set_title("Dots: 17 thresholds of the scene")
plt.show()

# %% [markdown]
# Larger, except at 0 and 1. Never compare one paper's Dice with another's IoU.
#
# The article's FAQ: cross-entropy measures *difference*, Dice *similarity*. Right is: the Dice *coefficient* is a similarity; the Dice *loss*,
# 1 minus it, a difference. Both losses are 0 for a perfect mask. The real distinction: a mean over pixels against a ratio over a region.
#
# **Explore.** Set `softness` to 0.5, `radius` to 3, and shift until nothing overlaps. Which of the three still changes with the distance?

# %%
explore(
    blob_losses(),
    shift=(-20, 20, 1),
    radius=(3, 16, 1),
    confidence=(0.1, 1.0, 0.05),
    softness=(0.5, 4.0, 0.5),
)

# %% [markdown]
# Only cross-entropy: this blob's logits fall with the distance, and the logarithm sees them.
# Dice and IoU stand still at their worst. Without a slope, training does not move.
#
# ## 5 · Little ink
#
# **Claim.** Losses against imbalance change the votes of the pixels ($p$: probability of a pixel's true class $y$):
#
# - weighted: $\sum w_y (-\log p) / \sum w_y$ · focal: $(1 - p)^{\gamma} (-\log p)$
# - Tversky: $1 - TP / (TP + \alpha FP + \beta FN)$; Dice is $\alpha = \beta = \tfrac12$
# - $\tfrac12$ CE + $\tfrac12$ Dice
#
# **Predict.** A small network gets the same few steps with each. Which losses find the ink, which call too much ink?

# %%
y_true, y_test = ((part.semantic > 0).astype("int32") for part in (train, test))
p_true = np.where(ink, p[..., 1], p[..., 0])
by_hand = -((1 - p_true) ** 2 * np.log(p_true)).mean()
batch = ink[None].astype("int32"), logits[None]
np.testing.assert_allclose(by_hand, losses.focal(*batch, gamma=2.0)[0], rtol=1e-4)
weight = np.where(ink, INK_WEIGHT, 1.0)
by_hand = -(weight * np.log(p_true)).sum() / weight.sum()
weighted = losses.cross_entropy(*batch, class_weights=[1.0, INK_WEIGHT])
np.testing.assert_allclose(by_hand, weighted[0], rtol=1e-4)
np.testing.assert_allclose(losses.tversky(*batch, alpha=0.5, beta=0.5), losses.dice(*batch))
counts = metrics.confusion_matrix(y_test, 0 * y_test, 2)
assert y_test.mean() < 0.03
print(f"{100 * y_test.mean():.1f}% ink in the test scenes; predicting none:")
print(f"accuracy {metrics.pixel_accuracy(counts):.3f}, IoU of ink {metrics.iou(counts)[1]:.0f}")


# %%
def small_network():
    return keras.Sequential(
        [
            keras.Input((42, 42, 1)),
            keras.layers.Rescaling(1 / 64, offset=-1.0),
            keras.layers.Conv2D(8, 5, padding="same", activation="relu"),
            keras.layers.Conv2D(8, 3, padding="same", activation="relu"),
            keras.layers.Conv2D(2, 1),  # two logits a pixel: background, ink
        ]
    )


def scores_of(loss, epochs, seeds):
    """Recall, precision and IoU of ink on the test scenes, one row a seed."""
    model, adam, rows = small_network(), training.FusedAdam(0.02), []  # Adam: notebook 7
    model.compile(adam, loss, steps_per_execution=32)  # 32 steps of 8 scenes make an epoch
    training.build_optimizer(model)
    fresh = [keras.ops.convert_to_numpy(v) for v in adam.variables]
    for seed in seeds:
        course.set_seed(seed)
        model.set_weights(small_network().get_weights())  # other random weights, and
        for variable, value in zip(adam.variables, fresh):  # an Adam that remembers nothing
            variable.assign(value)
        batches = transforms.Batches(train.images, y_true, 8, seed=seed)
        model.fit(batches.dataset(0, epochs), shuffle=False, verbose=0)
        mask = model.predict_on_batch(test.images).argmax(-1)
        counts = metrics.confusion_matrix(y_test, mask, 2)
        rows.append([f(counts)[1] for f in (metrics.recall, metrics.precision, metrics.iou)])
    return np.nan_to_num(rows)  # precision is 0/0 where no ink is predicted: count it as 0


# %% tags=["nbval-ignore-output"]
seeds = range(SEED, SEED + 3)
Loss = losses.SegmentationLoss
tried = {
    "CE": Loss("cross_entropy"),
    "weighted CE": Loss("cross_entropy", class_weights=[1.0, INK_WEIGHT]),
    "focal": Loss("focal", gamma=2.0),
    "Dice": Loss("dice"),
    "Tversky": Loss("tversky", alpha=0.3, beta=0.7),
    "CE + Dice": Loss("cross_entropy_dice"),
}
scores = {}
for name, loss in tried.items():  # a line every few seconds
    scores[name] = scores_of(loss, EPOCHS, seeds)
    print(f"{name:12} IoU of each run: {scores[name][:, 2].round(2)}")
longer = scores_of(tried["CE"], 4 * EPOCHS, seeds[-1:])[0]
print(f"CE, 4 times as long, last run: {longer[2]:.2f}")

# %% tags=["nbval-ignore-output"]
table = np.array(list(scores.values()))  # (loss, seed, score)
fig, axes = plt.subplots(3, 1, figsize=(8, 5.6), layout="constrained", sharex=True)
for k, (ax, name) in enumerate(zip(axes, ["Recall", "Precision", "IoU"])):
    values = table[:, :, k]
    plots.class_bars(ax, values.mean(1), values.min(1), values.max(1), list(scores), title=name)
    ax.set_ylim(0, 1.25)
axes[0].set_title("Recall of ink: mean of three runs, line from worst to best")
plt.show()
mean = dict(zip(scores, table.mean(1)))
if (SEED, EPOCHS, INK_WEIGHT) == (0, 5, 9.0):  # what the text below says
    assert mean["weighted CE"][0] > max(mean["CE + Dice"][0], 0.9)  # recall
    assert mean["weighted CE"][1] < mean["CE + Dice"][1]  # precision
    assert max(table[i, :, 2].min() for i in (0, 3, 4)) < 0.1 < table[[2, 5], :, 2].min()
    assert table[0, -1, 2] < 0.1 < 0.5 < longer[2]  # CE, last run: short and long

# %% [markdown]
# In this short time (`SEED` 0) plain CE, Dice and Tversky depend on the luck of the start: in some runs they answer "no ink" (lines down to 0).
# Weighted CE finds nearly all ink and much that is none. Focal and CE + Dice find ink in every run.
#
# But with four times the steps plain CE finds it in the last run too: imbalance made it *slow*. The other losses save time or trade precision for recall;
# whether they also end higher, such short runs cannot tell. A difference smaller than the black lines means nothing.
#
# ## 6 · Void pixels
#
# **Claim.** Pixels that nobody can label get the label 255, and `ignore_class=255` takes them out of the loss *and* out of the gradient.
#
# **Predict.** We change the logits there to 1000. What happens to the loss?

# %%
unsure = binary_dilation(ink) & ~ink  # the rim of the digit
labels = np.where(unsure, 255, ink)[None]
spoiled = np.where(unsure[..., None], [1000.0, -1000.0], logits)
for name in ("cross_entropy", "focal", "tversky", "cross_entropy_dice"):
    loss = losses.SegmentationLoss(name, ignore_class=255)
    z = tf.constant(logits[None], "float32")
    with tf.GradientTape() as tape:
        tape.watch(z)
        value = loss(labels, z)
    np.testing.assert_array_equal(value, loss(labels, spoiled[None]))
    gradient = tape.gradient(value, z)[0].numpy()
    assert (gradient[unsure] == 0).all()
    assert (gradient[~unsure] != 0).any()
    print(f"{name:20} loss {value:.3f} before and after; gradient 0 on {unsure.sum()} void pixels")

# %% [markdown]
# Nothing, to the last bit.
#
# ## 7 · Three traps of Keras's own losses
#
# **Claim.** (a) `keras.losses.Dice` sums over everything: batch, pixels *and classes*. (b) It takes integer labels and spreads them over the channels
# without a word. (c) `keras.losses.Tversky` need not charge α for a false positive.
#
# **Predict.** A mask has 0.4% ink, prediction: none. What says Dice (a)? Could a loss (b) be negative?

# %%
tiny = make_scenes(digits.train, 1, size=105, count=(1, 1), scale=(0.5, 0.6), seed=0).semantic > 0
one_hot = np.eye(2)[tiny.astype(int)]  # (1, 105, 105, 2)
none = np.zeros_like(one_hot) + [1.0, 0.0]
pooled = keras.losses.Dice()(one_hot, none)
per_class = keras.losses.Dice(axis=(1, 2), reduction=None)(one_hot, none)[0]
np.testing.assert_allclose(pooled, tiny.mean(), atol=1e-6)
print(f"{100 * tiny.mean():.1f}% ink, none predicted: Keras's Dice {pooled:.3f}")
print(f"axis=(1, 2): background {per_class[0]:.3f}, ink {per_class[1]:.3f}")
two_empty = keras.losses.Dice(axis=(1, 2, 3), reduction=None)(0 * one_hot, 0 * one_hot)[0]
print(f"two empty masks: {two_empty:.0f}")

# %%
classes = train.semantic[:1].astype("int32")  # digits as classes 0 to 10, not one-hot
perfect = np.eye(11)[classes]  # (1, 42, 42, 11)
none = np.eye(11)[0 * classes]
label = classes[..., None]
of_perfect, of_none = (float(keras.losses.Dice()(label, q)) for q in (perfect, none))
np.testing.assert_allclose(of_perfect, of_none, rtol=1e-5)
print(f"integer labels: perfect mask {of_perfect:.3f}, no ink at all {of_none:.3f}")
many = np.full((1, 4, 4, 1), 9)
print(
    f"an image full of class 9, perfect: {float(keras.losses.Dice()(many, np.eye(11)[many[..., 0]])):.3f}"
)
with course.expect_error(ValueError, match="integer masks"):
    losses.dice(classes[..., None], perfect)

# %% tags=["nbval-ignore-output"]
truth, guess = np.array([[1.0, 0.0]]), np.array([[1.0, 1.0]])  # one hit, one false positive
alpha, beta = 0.9, 0.1
value = float(keras.losses.Tversky(alpha=alpha, beta=beta)(truth, guess))
charged = {"alpha": alpha / (1 + alpha), "beta": beta / (1 + beta)}
closest = min(charged, key=lambda name: abs(charged[name] - value))
np.testing.assert_allclose(value, charged[closest], rtol=1e-4)
print(f"Keras {keras.__version__} charges {closest} for a false positive: loss {value:.3f}")
sure = np.zeros((1, 1, 2, 2)) + [-50.0, 50.0]  # logits: both pixels are ink
ours = losses.tversky(np.array([[[1, 0]]]), sure, alpha=alpha, beta=beta, smooth=0.0)
np.testing.assert_allclose(ours, np.mean([1.0, charged["alpha"]]), rtol=1e-4)

# %% [markdown]
# (a) 0.004, nearly perfect: summed over classes, Dice is 1 - accuracy again. And two empty masks cost 1. (b) Yes; worse, a perfect and an empty mask
# get one value, so nothing can be learned. (c) Salehi and `segutils` charge α for a false positive, Keras 3.15.1 charged β. Test yours, as here.
#
# **Which loss when**
#
# | you have | begin with | watch |
# |---|---|---|
# | classes of like size | CE from logits | small classes |
# | small objects | CE + Dice per image | recall and precision |
# | a rare class, little time | focal or weighted CE | false positives |
# | misses that cost more | CE + Tversky, β > α | stuck starts |
# | images without objects | CE, or Dice with ε | jumps 0 to 1 |
#
# `SegmentationLoss` is registered with Keras, so models saved with it reload (notebook 15).

# %% [markdown]
# ## Exercises
#
# 1. **Recall.** A network predicts "no ink" everywhere, with p ≈ 0 for ink. Why does Dice hardly pull it back, and cross-entropy fully?
# 2. **Code.** Write `dice_loss` for a batch of masks, squares below as in the article, sums over the pixels of each image.
# 3. **Open.** Set `INK_WEIGHT` to 2, 9 and 40. Draw recall against precision.
#    Which weight has the best IoU, and does a threshold other than 0.5 give the same?


# %%
def dice_loss(y_true, y_pred):
    """Dice loss of each image: y_true and y_pred (B, H, W) floats in [0, 1] → (B,).

    Squares below. An image whose two masks are both empty gets 0, not NaN.
    """
    ...  # your code


# %%
exercise.check(dice_loss)

# %% [markdown]
# <details><summary>Solutions</summary>
#
# 1. Behind the sigmoid the gradient of Dice has the factor p (1 - p), which is near 0; that of cross-entropy is p - y, which is near -1.
# 2. In the body of the function:
#
# ```python
# above = 2 * (y_true * y_pred).sum((1, 2))
# below = (y_true**2 + y_pred**2).sum((1, 2))
# return np.where(below > 0, 1 - above / np.where(below > 0, below, 1), 0.0)
# ```
# 3. A larger weight buys recall with precision. With enough training, moving the threshold of plain CE does much the same, for free.
#
# </details>

# %% [markdown]
# ## Recap
#
# - We computed cross-entropy and Dice by hand, with gradients, equal to Keras and to difference quotients: p = 0.01 costs 4.605.
# - We saw what logits of 1000, empty masks, batches and void pixels do: 2000 and not NaN; 0/0; 0.03 or 0.50; nothing.
# - We trained six losses on scenes with 2.6% ink: plain CE was the slowest to find it. Of three traps, one: Keras's Dice gave "no ink" a loss of 0.004.
#
# **Sources.** Milletari et al. 2016, [V-Net](https://arxiv.org/abs/1606.04797) (Dice with squares) · Lin et al. 2017, [Focal loss](https://arxiv.org/abs/1708.02002) ·
# Salehi et al. 2017, [Tversky loss](https://arxiv.org/abs/1706.05721) · Sudre et al. 2017, [Generalised Dice](https://arxiv.org/abs/1707.03237) ·
# Reinke et al. 2024, [Metric-related pitfalls](https://arxiv.org/abs/2302.01790)
#
# **Next:** [7 · Optimizers](07_optimizers.ipynb): how a loss's gradient becomes a step.
