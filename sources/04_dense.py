# %% [markdown]
# # 4 · Dense layers: from features to classes, and back to a map
#
# <!-- [Open in Colab](https://colab.research.google.com/github/OWNER/REPO/blob/main/notebooks/04_dense.ipynb) · -->
# previous: [3 · Pooling](03_pooling.ipynb) · next: [5 · Losses](05_losses.ipynb) · about 15 seconds on two CPU cores
#
# A dense layer turns the features of an image into one score for each class. How does it do that, and how do we get from
# one answer for a whole image to an answer at every place?
#
# You will be able to
# - compute a dense layer and its gradients by hand, and count its weights,
# - turn scores into probabilities with softmax, and say why sigmoid, tanh and ReLU do not,
# - rewrite a dense layer as a convolution, and slide a classifier over an image of any size.
#
# You need: convolution and pooling (notebooks 2 and 3).

# %% tags=["parameters"]
EPOCHS: int = 16  # passes over the training digits
WIDTH: int = 136  # pixels, of the scene that the classifier slides over
TEMPERATURE: float = 4.0  # divides the scores before softmax
SEED: int = 0  # of weights, order and shifts

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
    EPOCHS=course.integer(8, 100),
    WIDTH=course.multiple_of(4, 124, 180),
    TEMPERATURE=course.number(0.1, 100),
    SEED=course.integer(0, 2**31 - 1),
)

# %% tags=["hide-input"]
# @title Imports
import keras
import matplotlib.pyplot as plt
import numpy as np
from sklearn.linear_model import LogisticRegression

from segutils import models, plots, reference, training, transforms
from segutils.digits import load_digits
from segutils.lessons.dense import exercise, linear_boundary, score_maps
from segutils.lessons.explorer import explore

course.set_seed(SEED)
digits = load_digits("bundled")
train, test = digits.train, digits.test

# %% tags=["hide-input"]
# @title The first figure
HEIGHT, shown = 56, (3, 6, 0, 4)
rows, columns = (4, 28, 8, 24), 4 * (np.linspace(0, WIDTH - 28, 4) // 4).astype(int)
scene = np.zeros((HEIGHT, WIDTH), np.uint8)
for label, row, column in zip(shown, rows, columns):
    scene[row : row + 28, column : column + 28] = test.images[test.labels == label][0]
fig, ax = plt.subplots(figsize=(6, 2.6), layout="constrained")
plots.show_image(ax, scene, title=f"{HEIGHT}×{WIDTH} pixels; the network takes 28×28")
frame = {"fill": False, "edgecolor": plots.COLOURS[6], "linestyle": "--", "linewidth": 2}
ax.add_patch(plt.Rectangle((columns[0] - 0.5, rows[0] - 0.5), 28, 28, **frame))
plt.show()

# %% [markdown]
# Four real digits in one scene. The article's network takes the dashed window and gives one answer. At the end the same weights answer at every place of the scene.
#
# ## 1 · Every output looks at every input
#
# **Claim.** A *dense* (fully connected) layer gives each class k a score: every input times a weight of its own, summed, plus a *bias*. The article says so in words only. The formula it leaves out, for D inputs:
#
# $$y_{k} = b_{k} + \sum_{d=1}^{D} x_{d} \, W_{dk}$$
#
# **Predict.** 28×28 pixels, ten classes: how many weights, how many biases?

# %%
x, x_test = (part.images.reshape(len(part.images), -1) / 255 for part in (train, test))
weights = np.stack([x[train.labels == k].mean(0) for k in range(10)], axis=1)
bias = -(weights**2).sum(0) / 2
axes = plots.grid(2, 5, size=1.5)
for k, ax in enumerate(axes.flat):
    plots.show_image(ax, 255 * weights[:, k].reshape(28, 28), title=f"W[:, {k}], b = {bias[k]:.1f}")
plt.show()
print(f"weights {weights.shape} = {weights.size:,} numbers, bias {bias.shape}")

# %% [markdown]
# 7,840 weights and 10 biases. Nothing was trained: column k is the *mean image* of digit k, and its bias is minus half the sum of its squares. Then the largest score belongs to the mean
# that is nearest to x (multiply out Σ (x - μ)² to see it). A score is high where ink meets large weights. The bias is the score of an empty image, the article's "baseline".
#
# The same numbers three times: the formula, NumPy's matrix product `x · W + b`, and Keras.

# %%
by_hand = bias.copy()
for k in range(10):
    for d in range(784):
        by_hand[k] += x_test[0, d] * weights[d, k]
layer = keras.layers.Dense(10)
layer.build((None, 784))
layer.set_weights([weights, bias])
scores = reference.dense(x_test, weights, bias)
np.testing.assert_allclose(scores[0], by_hand, rtol=1e-12)
np.testing.assert_allclose(layer(x_test), scores, rtol=1e-4, atol=1e-4)
right = (scores.argmax(1) == test.labels).mean()
print(f"largest score is the right digit for {100 * right:.0f}% of {len(test.labels)} test digits")

# %% [markdown]
# Training will choose better weights. It needs to know how the loss changes with each number: the *gradient*. If u = ∂L/∂y comes back from the layers above, the chain rule gives
#
# $$\frac{\partial L}{\partial x_{d}} = \sum_k u_{k} W_{dk} \qquad \frac{\partial L}{\partial W_{dk}} = \sum_{n} x_{nd}\, u_{nk} \qquad \frac{\partial L}{\partial b_{k}} = \sum_{n} u_{nk}$$
#
# with n counting the images of a batch. **Predict.** A pixel is black (0) in all images of a batch. What is the gradient of its weights?

# %%
small = train.images[:3, ::4, ::4].reshape(3, 49) / 255  # three digits of 7×7 pixels
few = weights.reshape(28, 28, 10)[::4, ::4].reshape(49, 10)
upstream = np.linspace(-1, 1, 30).reshape(3, 10)  # any numbers will do


def loss(x, w, b):
    """A loss whose gradient with respect to the scores is `upstream`."""
    return (upstream * reference.dense(x, w, b)).sum()


dx, dweights, dbias = reference.dense_gradients(small, few, upstream)
slope = reference.difference_quotient
np.testing.assert_allclose(dx, slope(lambda x: loss(x, few, bias), small), atol=1e-6)
np.testing.assert_allclose(dweights, slope(lambda w: loss(small, w, bias), few), atol=1e-6)
np.testing.assert_allclose(dbias, slope(lambda b: loss(small, few, b), bias), atol=1e-6)
dark = (small == 0).all(0)
assert (dweights[dark] == 0).all()
print(f"{dark.sum()} of 49 pixels are black in all three digits: their weights get no gradient")

# %% [markdown]
# The formulas agree with the difference quotient (nudge one number, see how the loss moves). The weights of a pixel that is black in the whole batch get gradient 0: they learn nothing from it.
#
# ## 2 · Where the weights sit
#
# **Claim.** In the article's network nearly half of all weights sit in its single dense layer, and without pooling it would be nearly all.
# The article calls the weight matrix "large". How large?
#
# **Predict.** The last pooling gives 5×5 pixels with 64 channels. How many weights has the dense layer with ten outputs?

# %%
network = models.article_cnn()
first = 3 * 3 * 1 * 32 + 32  # kernel × kernel × channels × filters + one bias a filter
second = 3 * 3 * 32 * 64 + 64
dense = 5 * 5 * 64 * 10 + 10
assert first + second + dense == network.count_params() == 34_826
unpooled = 24 * 24 * 64 * 10 + 10  # 28 → 26 → 24 pixels without pooling
kept = [part for part in network.layers if not isinstance(part, keras.layers.MaxPooling2D)]
copies = [type(part).from_config(part.get_config()) for part in kept]
plain = keras.Sequential([keras.Input((28, 28, 1)), *copies])
assert first + second + unpooled == plain.count_params()
for name, last, every in (("with", dense, network), ("without", unpooled, plain)):
    share = last / every.count_params()
    print(
        f"{name} pooling: {first} + {second:,} + {last:,} = {every.count_params():,}; dense {share:.0%}"
    )

# %% [markdown]
# 16,000 weights and 10 biases; they grow with the image, a convolution's do not. (The article's section 4.2 speaks of one pooling layer, one dense layer and an output layer. Its program has *two* poolings,
# and its one dense layer *is* the output.)
#
# `Flatten` computes nothing: it writes the numbers of a map one after the other, row by row. Number (i, j, c) of a 5×5×64 map lands at position (i · 5 + j) · 64 + c.
#
# **Predict.** What happens if the network gets an image of 32×32 pixels?

# %% tags=["nbval-ignore-output"]
feature_map = np.arange(5 * 5 * 64, dtype=np.float32).reshape(1, 5, 5, 64)
flat = np.asarray(keras.layers.Flatten()(feature_map))
i, j, c = 3, 1, 40
assert flat[0, (i * 5 + j) * 64 + c] == feature_map[0, i, j, c]
with course.expect_error(ValueError, match="1600"):
    network(np.zeros((1, 32, 32, 1), np.float32))

# %% [markdown]
# The convolutions would take the larger image. The dense layer has weights for 1,600 numbers and gets 2,304: `Flatten` and `Dense` fix the image's size.
#
# ## 3 · From scores to probabilities
#
# **Claim.** The article calls the layer's output "class probabilities", made by sigmoid, tanh or ReLU. None of the three gives probabilities of classes that exclude each other. *Softmax* does; of it
# the section says nothing, only the article's program uses it.
#
# We train the network for a few seconds (notebook 8 explains the lines). Its raw scores, any numbers, are called *logits*.
#
# **Predict.** Which of the four functions give only numbers from 0 to 1? Which give numbers that sum to 1?

# %% tags=["nbval-ignore-output"]
batches = transforms.Batches(
    train.images[..., None], train.labels, 32, transforms.Augment(shift=0.08), seed=SEED
)
steps = batches.steps_per_epoch
network.compile(
    optimizer=keras.optimizers.Adam(training.one_cycle(0.003, EPOCHS * steps)),
    loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
)
network.fit(
    batches.dataset(0, EPOCHS), steps_per_epoch=steps, epochs=EPOCHS, verbose=0, shuffle=False
)
logits = network.predict(test.images[..., None], verbose=0).astype(float)
accuracy = (logits.argmax(1) == test.labels).mean()
assert accuracy > 0.9
print(f"{100 * accuracy:.1f}% of {len(test.labels)} test digits right")

# %% tags=["nbval-ignore-output"]
twos = logits[test.labels == 2]
doubt = np.sort(twos)[:, -2].argmax()  # the 2 with the strongest second choice
z = twos[doubt]
made = {"logits": z, "sigmoid": reference.sigmoid(z), "tanh": reference.tanh(z)}
made |= {"ReLU": reference.relu(z), "softmax": reference.softmax(z)}
assert abs(reference.sigmoid(logits).sum(1) - 1).max() > 0.1
assert made["tanh"].min() < 0
assert made["ReLU"].max() > 1
np.testing.assert_allclose(made["softmax"].sum(), 1)
fig, (ax, *others) = plt.subplots(1, 6, figsize=(9, 2.8), layout="constrained")
plots.show_image(ax, test.images[test.labels == 2][doubt], title="digit")
for ax, (name, values) in zip(others, made.items()):
    ax.barh(range(10), values, color=plots.COLOURS[0])
    ax.set(yticks=range(10), xlabel="value")
    ax.set_title(f"{name}\nsum {values.sum():.2f}", fontsize=9)
    ax.tick_params(labelsize=8)
others[0].set_ylabel("class")
plt.show()

# %% [markdown]
# Sigmoid gives a probability for each class *by itself* ("is it a 2?"); they need not sum to 1. Right where several classes may be true at once, wrong for digits.
# tanh gives negative numbers, ReLU numbers above 1. Only softmax gives numbers from 0 to 1 that sum to 1; it answers "which of the ten?":
#
# $$p_{c} = \frac{e^{z_{c}}}{\sum_{k=1}^{C} e^{z_{k}}}$$
#
# **Predict.** What changes if we add 100 to all logits? If we divide them by a *temperature* T?

# %%
z = np.array([2.0, 1.0, -1.0])
by_hand = np.exp(z) / np.exp(z).sum()
np.testing.assert_allclose(reference.softmax(z), by_hand)
np.testing.assert_allclose(keras.ops.softmax(z), by_hand, rtol=1e-5)
np.testing.assert_allclose(reference.softmax(z + 100), by_hand)
np.testing.assert_allclose(reference.softmax(z[:2])[0], reference.sigmoid(z[0] - z[1]))
fig, axes = plt.subplots(1, 3, figsize=(8, 2.4), sharey=True, layout="constrained")
for ax, temperature in zip(axes, (0.25, 1.0, TEMPERATURE)):
    p = reference.softmax(z / temperature)
    plots.class_bars(ax, p, p, p, ["z = 2", "z = 1", "z = -1"], title=f"T = {temperature:g}")
axes[0].set_ylabel("probability")
plt.show()

# %% [markdown]
# The 100 cancels: only *differences* of logits count. So for two classes softmax is a sigmoid of the difference (asserted above). A small T gives all to the winner, a large T makes all equal;
# the order stays. Notebook 8 asks whether probabilities are as sure as they should be.
#
# **What goes wrong.** Computers hold numbers up to about 10³⁰⁸. **Predict.** What does the formula give for a logit of 800, typed in as it stands?

# %%
large = np.array([800.0, 799.0, 0.0])
with course.expect_error(FloatingPointError, match="overflow"), np.errstate(all="raise"):
    np.exp(large)
with np.errstate(all="ignore"):
    naive = np.exp(large) / np.exp(large).sum()
stable = np.exp(large - large.max()) / np.exp(large - large.max()).sum()
np.testing.assert_allclose(reference.softmax(large), stable)
print("naive:", naive, " largest subtracted first:", stable.round(3))

# %% [markdown]
# e⁸⁰⁰ is infinite for the computer, and infinite / infinite is `nan`, "not a number". One `nan` in a loss makes every weight `nan`. The cure uses what we know: a shift changes nothing,
# so subtract the largest logit first. Then the largest power is e⁰ = 1.
#
# The gradient of softmax, for u = ∂L/∂p: each logit moves *all* probabilities, since they share one sum.
#
# $$\frac{\partial L}{\partial z_{c}} = p_{c} \left( u_{c} - \sum_{k} u_{k}\, p_{k} \right)$$

# %%
u = np.array([1.0, -2.0, 0.5])
p = reference.softmax(z)
by_hand = np.array([p[c] * (u[c] - sum(u[k] * p[k] for k in range(3))) for c in range(3)])
np.testing.assert_allclose(reference.softmax_gradient(z, u), by_hand)
np.testing.assert_allclose(by_hand, slope(lambda z: (u * reference.softmax(z)).sum(), z), atol=1e-8)
print("gradient", by_hand.round(3), "sums to", abs(by_hand.sum().round(9)))

# %% [markdown]
# The gradient sums to zero: again, a shift of all logits changes nothing.
#
# ## 4 · One dense layer draws straight boundaries
#
# **Claim.** Two classes meet where their scores are equal: Σ x (W₁ - W₀) + b₁ - b₀ = 0. With two features that is a straight line; with more, a plane.
# No choice of weights bends it.
#
# We describe zeros and fives by two features: how well the digit equals its mirror image, and which share of its ink lies in the upper half.


# %%
def describe(images):
    """Left-right symmetry and share of ink in the upper half, (N, 2), of images (N, 28, 28)."""
    ink = images / 255
    total = ink.sum((1, 2))
    symmetry = 1 - abs(ink - ink[:, :, ::-1]).sum((1, 2)) / (2 * total)
    return np.stack([symmetry, ink[:, :14].sum((1, 2)) / total], axis=1)


zero_or_five = np.isin(train.labels, [0, 5])
labels = train.labels[zero_or_five]
features = describe(train.images[zero_or_five])
features = (features - features.mean(0)) / features.std(0)  # mean 0, spread 1
names = ("symmetry (standardised)", "upper ink (standardised)")

# %% [markdown]
# Gradient descent by hand: scores, softmax, gradient, a step downhill. For the loss of notebook 5 (cross-entropy) the gradient of the logits is short: p - y, where y is 1 for the true class, else 0.
#
# A dense layer with softmax has an older name, *logistic regression*. scikit-learn solves it in another way (`C=inf`: no penalty on large weights).
#
# **Predict.** Will both find the same line? Will it separate all zeros from all fives?

# %%
y = np.eye(2)[(labels == 5).astype(int)]
w, b = np.zeros((2, 2)), np.zeros(2)
for _ in range(3000):
    p = reference.softmax(reference.dense(features, w, b))
    _, dw, db = reference.dense_gradients(features, w, (p - y) / len(y))
    w, b = w - 1.0 * dw, b - 1.0 * db
line = np.array([*(w[:, 1] - w[:, 0]), b[1] - b[0]])
sklearn = LogisticRegression(C=np.inf, tol=1e-8).fit(features, labels)
np.testing.assert_allclose(line, [*sklearn.coef_[0], *sklearn.intercept_], rtol=1e-2)
separated = ((p[:, 1] > 0.5) == (labels == 5)).mean()
print(f"5 if {line[0]:.2f} · symmetry + {line[1]:.2f} · upper ink + {line[2]:.2f} > 0")
length, angle = np.hypot(*line[:2]), np.degrees(np.arctan2(line[1], line[0]))
print(f"right for {100 * separated:.1f}% of {len(labels)} training digits; as sliders: ", end="")
print(f"angle {angle:.0f}, offset {-line[2] / length:.1f}, temperature {1 / length:.2f}")

# %% [markdown]
# The same line, and not all are right: some fives are as symmetric as a zero. Find the line yourself. `angle` turns it, `offset` moves it, `temperature` sets how wide the doubt around it is
# (dotted: probability 0.1 and 0.9 of a five), `point` chooses the ringed digit.
#
# Can you beat the trained line's accuracy? What does the temperature change: the accuracy, the boundary or the probabilities?

# %%
draw = linear_boundary(features, labels, names=names)
explore(
    draw,
    angle=(-180, 180, 3),
    offset=(-2.5, 2.5, 0.1),
    temperature=(0.05, 2.0, 0.05),
    point=(0, len(labels) - 1),
)

# %% [markdown]
# Temperature moves neither the line nor the accuracy, only the probabilities. The trained line need not be the most accurate: cross-entropy also counts *how* sure each answer is.
#
# Straight boundaries suffice at a network's end, because the layers before it learn features that a straight cut separates.
#
# ## 5 · A dense layer is a convolution
#
# **Claim.** A dense layer on a flattened map is a convolution whose kernel is as large as the map. A 1×1 convolution is a dense layer at each pixel.
#
# **Predict.** The dense layer has 1,600 × 10 weights. Which shape has the kernel?

# %%
body = keras.Model(network.inputs[0], network.layers[-2].input)  # all up to Flatten
maps = np.asarray(body(test.images[:6, ..., None]))
matrix, offsets = network.layers[-1].get_weights()
kernel = matrix.reshape(5, 5, 64, 10)
scores = reference.dense(maps.reshape(6, -1), matrix, offsets)
slid = reference.conv2d(maps, kernel, offsets)
np.testing.assert_allclose(slid[:, 0, 0], scores, rtol=1e-9, atol=1e-9)
np.testing.assert_allclose(network(test.images[:6, ..., None]), scores, rtol=1e-3, atol=1e-3)
print(f"map {maps.shape} * kernel {kernel.shape} → {slid.shape}")
one_by_one = reference.conv2d(maps, kernel[:1, :1], offsets)  # one of its 25 places
at_a_pixel = reference.dense(maps[:, 3, 2], kernel[0, 0], offsets)
np.testing.assert_allclose(one_by_one[:, 3, 2], at_a_pixel, rtol=1e-9, atol=1e-9)

# %% [markdown]
# (5, 5, 64, 10): the same 16,000 numbers, in order. The kernel fits the 5×5 map in one place, hence one output pixel; a larger map has more places.
#
# A 1×1 convolution ends every segmentation network. The article's FAQ says that dense layers reach the goal of segmentation: after `Flatten` they give one answer per image, and only as a convolution a map.
#
# `models.fully_convolutional` rewrites the whole network so. **Predict.** Its windows move by the product of all strides, 2 · 2 = 4 pixels. How many answers for our scene?

# %%
sliding = models.fully_convolutional(network)
assert sliding.count_params() == network.count_params()
heat = np.asarray(sliding(scene[None, ..., None]))[0]
assert heat.shape == ((HEIGHT - 28) // 4 + 1, (WIDTH - 28) // 4 + 1, 10)
windows = np.lib.stride_tricks.sliding_window_view(scene, (28, 28))[::4, ::4]
one_by_one = network.predict(windows.reshape(-1, 28, 28, 1), verbose=0).reshape(heat.shape)
np.testing.assert_allclose(heat, one_by_one, rtol=1e-3, atol=1e-3)
bright = test.images[..., None].copy()
bright[:, 26:], bright[:, :, 26:] = 255, 255  # the last two rows and columns
np.testing.assert_allclose(network.predict(bright, verbose=0), logits, rtol=1e-3, atol=1e-3)
print(f"scene {scene.shape} → scores {heat.shape}")

# %% [markdown]
# Equal: cutting out every window and classifying it gives the same scores. (One surprise is asserted too: the poolings drop an odd last row, so the article's network never sees the last two rows and columns of its image.)
#
# But neighbouring windows share most of their pixels, and cutting out computes their features again and again.
#
# **Predict.** How many times fewer multiplications does the sliding network need?


# %%
def multiplications(height, width):
    """Of the article's network as convolutions, for an image of this size."""
    first = (height - 2) * (width - 2) * 3 * 3 * 1 * 32
    height, width = (height - 2) // 2, (width - 2) // 2
    second = (height - 2) * (width - 2) * 3 * 3 * 32 * 64
    height, width = (height - 2) // 2, (width - 2) // 2
    return first + second + (height - 4) * (width - 4) * 5 * 5 * 64 * 10


cut = heat[..., 0].size * multiplications(28, 28)
slide = multiplications(HEIGHT, WIDTH)
print(
    f"cut out {cut / 1e6:.0f} million, sliding {slide / 1e6:.0f} million: {cut / slide:.1f} times"
)

# %% [markdown]
# Every number that two windows share is computed once. The larger the scene, the more is shared.
#
# **The map.** A place is the centre of its 28×28 window; where the map is grey, no window has its centre. Rings mark where the digits truly are. **Predict.** What does the network say of a window without a digit, and of digits of half the size?

# %% tags=["nbval-ignore-output"]
p = reference.softmax(heat)
axes = score_maps(scene, p, window=28, stride=4)
ring = {"marker": "o", "fillstyle": "none", "markersize": 16, "mew": 2, "color": plots.COLOURS[6]}
for label, row, column in zip(shown, rows, columns):
    axes[label].plot(column + 13.5, row + 13.5, **ring)
plt.show()
found = sum(p[r // 4, c // 4].argmax() == label for label, r, c in zip(shown, rows, columns))
sure = (p.max(-1) > 0.9).sum()
half = np.pad(test.images[:, ::2, ::2], ((0, 0), (7, 7), (7, 7)))  # digits of half the size
smaller = (network.predict(half[..., None], verbose=0).argmax(1) == test.labels).mean()
assert found >= 3
assert smaller < accuracy - 0.1
print(f"{found} of 4 centred digits right; {sure} of {p[..., 0].size} windows over 90% sure")
print(f"{100 * smaller:.0f}% of the test digits right at half their size")

# %% [markdown]
# Where a digit is centred, its class wins. Elsewhere the network is often just as sure, and wrong. Three things are missing:
# - *background*: it was never shown "no digit", and softmax must share out 1 (notebook 5);
# - *resolution*: one answer for 4×4 pixels, none near the border (notebook 9);
# - *scale*: it knows digits of one size only.
#
# ## Exercises
#
# 1. **Recall.** A map of 7×7 pixels with 32 channels is flattened and goes into a dense layer with 5 outputs. How many weights and biases? Which kernel has the equal convolution?
# 2. **Code.** Write `classify`: a dense layer, then softmax, for a whole batch.
# 3. **Open.** Give the network an eleventh class: cut windows without a centred digit from scenes and train on them too. What becomes of the map?


# %%
def classify(x, weights, bias):
    """Class probabilities (B, K) of x (B, D), with weights (D, K) and bias (K,).

    Each row sums to 1. Logits of some thousands must not give nan.
    """
    ...  # your code


# %%
exercise.check(classify)

# %% [markdown]
# <details><summary>Solutions</summary>
#
# 1. 7 · 7 · 32 · 5 = 7,840 weights and 5 biases; a kernel of 7×7, with 32 channels and 5 filters: (7, 7, 32, 5).
# 2. As below; without `keepdims=True` NumPy could not line up (B, K) with (B,).
#
# ```python
# def classify(x, weights, bias):
#     logits = x @ weights + bias
#     powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
#     return powers / powers.sum(axis=-1, keepdims=True)
# ```
#
# 3. `windows` above holds such windows; `models.article_cnn(11)` is the network. In the ten maps the background should fade and the rings stay dark.
#
# </details>
#
# ## Recap

# %% tags=["nbval-ignore-output"]
print(
    f"dense layer: {dense:,} of {network.count_params():,} weights; mean digits {100 * right:.0f}%"
)
print(f"trained network {100 * accuracy:.1f}%; two features, one line {100 * separated:.1f}%")
print(f"{heat[..., 0].size} windows at once, {cut / slide:.1f} times fewer multiplications")

# %% [markdown]
# - We computed a dense layer and its gradients by hand, equal to Keras and to difference quotients, and counted its weights: 16,010 of 34,826.
# - We turned scores into probabilities with softmax; sigmoid's do not sum to 1, and tanh and ReLU give none.
# - We rewrote a dense layer as a convolution with the same weights, and slid a classifier over a scene: equal to cutting out every window.
#
# **Sources.** Long et al. 2015, [Fully convolutional networks for semantic segmentation](https://arxiv.org/abs/1411.4038) · Lin et al. 2013, [Network in network](https://arxiv.org/abs/1312.4400) (1×1 convolutions) ·
# Goodfellow et al. 2016, [Deep Learning, chapter 6](https://www.deeplearningbook.org/contents/mlp.html) · Guo et al. 2017, [temperature and calibration](https://arxiv.org/abs/1706.04599)
#
# **Next:** [5 · Losses](05_losses.ipynb): how wrong is a prediction, as one number?
