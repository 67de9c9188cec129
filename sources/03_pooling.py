# %% [markdown]
# # 3 · Pooling: a smaller map, and what that costs
#
# <!-- [Open in Colab](https://colab.research.google.com/github/OWNER/REPO/blob/main/notebooks/03_pooling.ipynb) · -->
# previous: [2 · Convolution](02_convolution.ipynb) · next: [4 · Dense layers](04_dense.ipynb) · about 25 seconds on two CPU cores
#
# A pooling layer replaces each small region of a feature map by one number, its largest or its mean.
# What does a network gain when its maps shrink, and what does a segmentation lose?
#
# You will be able to
# - compute max and average pooling by hand, with any stride, and say where their gradients go,
# - measure how much of a shift pooling forgives, and how much computing it saves,
# - say what pooling costs a mask, and compare two ways back to the full size.
#
# You need: convolution, stride and padding (notebook 2), IoU (notebook 1).

# %% tags=["parameters"]
POOL: int = 4  # window of the shift experiment, in pixels a side; also its stride
DIGITS: int = 300  # handwritten digits that are shifted
SCENES: int = 40  # digit scenes whose masks are shrunk
SEED: int = 0  # of the scenes, the training images and the network's first weights

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
    POOL=course.integer(2, 7),
    DIGITS=course.integer(10, 382),
    SCENES=course.integer(5, 500),
    SEED=course.integer(0, 2**31 - 1),
)

# %% tags=["hide-input"]
# @title Imports
import keras
import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf
from skimage import data

from segutils import metrics, plots, reference, scenes
from segutils.digits import load_digits, take_per_class
from segutils.lessons.explorer import explore
from segutils.lessons.pooling import POOLINGS, exercise, pooling_shift

digits = load_digits("bundled")

# %% tags=["hide-input"]
# @title The first figure
page = data.page()[4:136, 4:304].astype(float)
views = {
    "page, 132×300": page,
    "first pixel of each 3×3": page[::3, ::3],
    "mean of each 3×3": reference.average_pool(page[None, ..., None], 3)[0, ..., 0],
    "largest of each 3×3": reference.max_pool(page[None, ..., None], 3)[0, ..., 0],
}
_, axes = plt.subplots(2, 2, figsize=(8.4, 4.2), layout="constrained")
for ax, (name, view) in zip(axes.flat, views.items()):
    plots.show_image(ax, view, title=name)
plt.show()

# %% [markdown]
# One number is kept of nine. Taking every third pixel breaks the letters, because thin strokes fall between the pixels taken (*aliasing*). The mean makes
# them grey, and the words stay readable. The maximum keeps what is *bright*: here the paper. On a feature map bright means "found", and then that is what we want.
#
# ## 1 · A window, a step, one number
#
# **Claim.** The article's formula for max pooling counts indices from 1; $R$ is a region of 2×2 or 3×3. It has no stride, so it does not lower the resolution:
#
# $$y_{ij} = \max_{m,n \in R} x_{i+m-1,\,j+n-1}$$
#
# **Predict.** A map has 4×6 numbers. How many does this formula give with 2×2 windows?


# %%
def pool(x, size, stride, summary):
    """Summary (np.max or np.mean) of each full window of one map x (H, W)."""
    rows = (x.shape[0] - size) // stride + 1
    columns = (x.shape[1] - size) // stride + 1
    y = np.empty((rows, columns))
    for i in range(rows):
        for j in range(columns):
            top, left = stride * i, stride * j
            y[i, j] = summary(x[top : top + size, left : left + size])
    return y


# %%
x = np.array([[1.0, 3, 2, 0, 5, 4], [4, 8, 1, 6, 3, 0], [6, 2, 7, 5, 1, 9], [0, 5, 3, 4, 2, 6]])
printed, largest, mean = pool(x, 2, 1, np.max), pool(x, 2, 2, np.max), pool(x, 2, 2, np.mean)
boxes, cells = (
    [(0, 0, 2, 2), (0, 2, 2, 2), (2, 4, 2, 2)],
    [(0, 0, 1, 1), (0, 1, 1, 1), (1, 2, 1, 1)],
)
_, axes = plt.subplots(1, 4, figsize=(9, 2), width_ratios=[6, 5, 3, 3], layout="constrained")
plots.show_numbers(axes[0], x, title="feature map, 4×6", boxes=boxes)
plots.show_numbers(axes[1], printed, title="formula as printed, 3×5")
plots.show_numbers(axes[2], largest, title="largest, stride 2", boxes=cells)
plots.show_numbers(axes[3], mean, title="mean, stride 2", boxes=cells)
plt.show()
kept = pool(digits.test.images[0], 2, 1, np.max).size / 28**2
print(f"as printed: {printed.size} of {x.size} numbers; of a 28×28 map {kept:.0%} stay")
assert largest.shape == mean.shape == (2, 3)

# %% [markdown]
# Fifteen of 24: the window moves by one pixel, and only the border is lost. With a step of $s$ pixels, six stay (each frame became the cell with the same frame):
#
# $$y_{ij} = \max_{m,n \in R} x_{s(i-1)+m,\;s(j-1)+n} \qquad y_{ij} = \frac{1}{|R|} \sum_{m,n \in R} x_{s(i-1)+m,\;s(j-1)+n}$$
#
# The right one is the mean, which the article names but does not write. From $H$ rows come $\lfloor (H - M) / s \rfloor + 1$.
#
# With `padding="same"` windows hang over the border. What lies outside never wins and is not counted: $\lceil H / s \rceil$ rows.
#
# **Predict.** 5×7 pixels, overlapping 3×3 windows, stride 2: which shape with "valid", which with "same"?

# %%
image = x[None, :, :, None]  # TensorFlow's axes: (batch 1, height 4, width 6, channels 1)
for name, f, summary, tf_pool in (
    ("max", reference.max_pool, np.max, tf.nn.max_pool2d),
    ("average", reference.average_pool, np.mean, tf.nn.avg_pool2d),
):
    for size, stride in ((2, 2), (3, 1), (3, 2), (2, 3)):
        by_hand = pool(x, size, stride, summary)
        np.testing.assert_allclose(f(image, size, stride=stride)[0, ..., 0], by_hand)
        np.testing.assert_allclose(tf_pool(image, size, stride, "VALID")[0, ..., 0], by_hand)
    odd, shapes = page[None, :5, :7, None], []
    for padding in ("valid", "same"):
        y = f(odd, 3, stride=2, padding=padding)
        np.testing.assert_allclose(tf_pool(odd, 3, 2, padding.upper()), y)
        shapes.append(f"{padding} {y.shape[1]}×{y.shape[2]}")
    print(f"{name:7} of 5×7: {', '.join(shapes)}")

# %% [markdown]
# 2×3 and 3×4. Our loop, `segutils.reference` (whole batches, all channels) and TensorFlow agree; from here on we use the second.
#
# ## 2 · Nothing to learn, but not linear
#
# **Claim.** Pooling has no parameters, as the article says. It also says that pooling has no activation *because no non-linear mapping is needed*. That reason is
# not exact: max pooling itself **is** non-linear. (A map $f$ is linear only if $f(a + b) = f(a) + f(b)$ for all $a$, $b$.)
#
# **Predict.** $a$ and $b$ have one bright pixel of 5 each, at different places of one window. What is $\max(a + b)$? And $\max a + \max b$?

# %%
for layer in (
    keras.layers.MaxPooling2D(2),
    keras.layers.AveragePooling2D(2),
    keras.layers.Conv2D(32, 3),
):
    layer.build((None, 28, 28, 1))
    print(f"{type(layer).__name__:16} {layer.count_params():3} parameters")

a, b = np.array([[5.0, 0], [0, 0]]), np.array([[0.0, 0], [0, 5]])
signed = np.diff(page, axis=1)[None, ..., None]  # a map with negative numbers
for name, summary, f in (
    ("max", np.max, reference.max_pool),
    ("mean", np.mean, reference.average_pool),
):
    together, apart = summary(a + b), summary(a) + summary(b)
    free = np.allclose(reference.relu(f(signed)), f(reference.relu(signed)))
    print(
        f"{name:4} f(a + b) = {together:g}, f(a) + f(b) = {apart:g}; ReLU before = ReLU after: {free}"
    )

# %% [markdown]
# 5 against 10: the maximum is not linear; it is a relative of ReLU, $\max(x, 0)$. The mean is linear. The better reason is in the last words: ReLU never falls as its input grows, so a
# second one after max pooling changes nothing. With the mean, the order matters.
#
# **Claim.** Average pooling is a convolution with a fixed kernel, $k_{mn} = 1/|R|$. No channel sees another: it is *depthwise*, with as many groups as channels.
#
# **Predict.** Which shape has the kernel that averages 2×2 pixels of a colour image: (rows, columns, channels a group, filters)?

# %%
colour = data.astronaut()[None, :64:2, 200:296:2].astype(float)  # (1, 32, 48, 3)
fixed = np.full((2, 2, 1, 3), 1 / 4)
averaged = reference.average_pool(colour, 2)
np.testing.assert_allclose(reference.conv2d(colour, fixed, stride=2, groups=3), averaged)
depthwise = tf.nn.depthwise_conv2d(colour, fixed.transpose(0, 1, 3, 2), [1, 2, 2, 1], "VALID")
np.testing.assert_allclose(depthwise, averaged)
print(f"{colour.shape} → {averaged.shape} with a kernel {fixed.shape}")

# %% [markdown]
# (2, 2, 1, 3): one channel a group, three filters. A network could also *learn* this kernel; some shrink their maps by a convolution of stride 2 instead of pooling.
#
# ## 3 · Where the gradient goes
#
# **Claim.** Pooling learns nothing, but gradients pass through it to the layers before. The maximum depends on the winner only, so the winner gets all. The mean
# depends on each pixel by $1/|R|$, so all get an equal share.
#
# **Predict.** Six gradients arrive, one for each window. How many of the 24 pixels get something from the maximum? From the mean?

# %%
upstream = np.array([[10.0, 20, 30], [40, 50, 60]])  # gradient of the loss for each pooled number
winner_takes, shared = np.zeros_like(x), np.zeros_like(x)
for i, j in np.ndindex(upstream.shape):
    window = x[2 * i : 2 * i + 2, 2 * j : 2 * j + 2]
    m, n = np.unravel_index(window.argmax(), window.shape)
    winner_takes[2 * i + m, 2 * j + n] += upstream[i, j]
    shared[2 * i : 2 * i + 2, 2 * j : 2 * j + 2] += upstream[i, j] / window.size

# %%
_, axes = plt.subplots(1, 4, figsize=(9, 1.9), width_ratios=[6, 3, 6, 6], layout="constrained")
plots.show_numbers(axes[0], x, title="feature map", boxes=boxes)
plots.show_numbers(axes[1], upstream, title="gradient arriving", boxes=cells)
plots.show_numbers(axes[2], winner_takes, title="maximum: to the winner", boxes=boxes)
plots.show_numbers(axes[3], shared, title="mean: shared out", boxes=boxes)
plt.show()
assert (np.count_nonzero(winner_takes), np.count_nonzero(shared)) == (6, 24)
assert winner_takes.sum() == shared.sum() == upstream.sum()

# %% [markdown]
# Six, and all 24; both hand on the same sum. Are these the true gradients? TensorFlow's tape has code of its own, and a *difference quotient* needs no theory: nudge one pixel up and down
# and watch the result. All must agree, also for windows that overlap.
#
# **Claim.** If two pixels tie for the maximum, the function has a kink and no single right gradient. Libraries choose; ours, and TensorFlow on a CPU, take the first in reading order.
#
# **Predict.** Ties sound rare. In how many 2×2 windows of the digits do all four pixels tie?

# %%
max_gradient, mean_gradient = reference.max_pool_gradient, reference.average_pool_gradient
g = upstream[None, :, :, None]
np.testing.assert_allclose(max_gradient(image, g)[0, ..., 0], winner_takes)
np.testing.assert_allclose(mean_gradient(image.shape, g)[0, ..., 0], shared)
for size, stride in ((2, 2), (3, 1)):
    ones = np.ones_like(reference.max_pool(image, size, stride=stride))
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(v := tf.constant(image))
        tops, means = (f(v, size, stride, "VALID") for f in (tf.nn.max_pool2d, tf.nn.avg_pool2d))
    winners = max_gradient(image, ones, size, stride=stride)
    total = lambda z: reference.max_pool(z, size, stride=stride).sum()  # noqa: B023, E731
    quotient = reference.difference_quotient(total, image)
    np.testing.assert_allclose(winners, tape.gradient(tops, v))
    np.testing.assert_allclose(winners, quotient, atol=1e-6)
    np.testing.assert_allclose(
        mean_gradient(image.shape, ones, size, stride=stride), tape.gradient(means, v)
    )

# %%
tie = np.array([[1.0, 7], [7, 2]])[None, :, :, None]
with tf.device("CPU"), tf.GradientTape() as tape:
    tape.watch(v := tf.constant(tie))
    y = tf.nn.max_pool2d(v, 2, 2, "VALID")
first = max_gradient(tie, np.ones((1, 1, 1, 1)))
np.testing.assert_array_equal(first, tape.gradient(y, v))
quotient = reference.difference_quotient(lambda z: reference.max_pool(z).sum(), tie)
print("pixels 1, 7, 7, 2 get", first.ravel(), "· difference quotient", quotient.ravel().round(3))
ink = digits.test.images[..., None]
all_equal = (reference.max_pool(ink) == -reference.max_pool(-ink.astype(float))).mean()
print(f"all four pixels tie in {all_equal:.0%} of the windows")

# %% [markdown]
# Ties are the rule: the ground of a digit is all zeros, as most of a map is after ReLU. It does little harm there, for ReLU's own gradient at 0 is 0.
#
# ## 4 · What it buys
#
# **Claim.** If the image moves a little, often the same value still wins in the same window: a pooled map changes less. We measure the change of an edge map $p(x)$:
# $\lVert p(\text{moved}) - p(x) \rVert \,/\, \lVert p(x) \rVert$.
#
# **Predict.** Order by change, for one pixel: no pooling, maximum, average, *subsampling* (first pixel of each window). Which shift moves a pooled map without changing it otherwise?

# %%
edge = np.array([[1.0, 0, -1], [2, 0, -2], [1, 0, -1]])[:, :, None, None] / 4  # Sobel's kernel
padded = np.pad(digits.test.images[:DIGITS] / 255, [(0, 0), (8, 8), (8, 8)])[..., None]
moved = [np.roll(padded, shift, axis=2) for shift in range(max(5, POOL + 1))]
maps = [reference.relu(reference.conv2d(m, edge, padding="same")) for m in moved]
poolings = {
    "no pooling": lambda f: f,
    "subsampling": lambda f: f[:, ::POOL, ::POOL],
    "average": lambda f: reference.average_pool(f, POOL),
    "maximum": lambda f: reference.max_pool(f, POOL),
}
changes = {}
for name, shrink in poolings.items():
    flat = [shrink(f).reshape(DIGITS, -1) for f in maps]
    length = np.linalg.norm(flat[0], axis=1)
    changes[name] = [float((np.linalg.norm(f - flat[0], axis=1) / length).mean()) for f in flat[:5]]

# %%
_, ax = plt.subplots(figsize=(5.6, 3.3), layout="constrained")
title = f"Windows of {POOL}×{POOL}, stride {POOL}; mean of {DIGITS} digits"
plots.lines(
    ax,
    range(5),
    changes,
    title=title,
    xlabel="shift to the right, pixels",
    ylabel="change of the map",
)
for line, marker in zip(ax.lines, "os^D"):
    line.set_marker(marker)
ax.legend(fontsize=8)
ax.set_xticks(range(5))
plt.show()
print("one pixel:", ", ".join(f"{name} {values[1]:.2f}" for name, values in changes.items()))
assert (
    changes["maximum"][1]
    < changes["average"][1]
    < min(changes["no pooling"][1], changes["subsampling"][1])
)
for name in ("subsampling", "average", "maximum"):
    before, after = poolings[name](maps[0]), poolings[name](maps[POOL])
    np.testing.assert_allclose(after[:, :, 1:], before[:, :, :-1], atol=1e-12)

# %% [markdown]
# Maximum, average, then the other two. The summary of a window forgives; a smaller size alone does not. And it forgives only a part: pooling is **not** invariant to shifts, as it is often
# said to be. A shift by one *stride* (or a multiple) moves the pooled map by whole values and changes nothing else: the last lines assert it.
#
# Move the digit by one pixel, then by one stride. Then make the window larger than the stride.

# %%
explore(
    pooling_shift(digits.test.images[2]),
    shift_right=(-4, 4),
    shift_down=(-4, 4),
    size=(1, 7),
    stride=(1, 4),
    kind=list(POOLINGS),
)

# %% [markdown]
# **Claim.** The FAQ says that pooling saves computing and reduces *overfitting*: good on the training images, worse on new ones. The first can be counted: a convolution does
# $H' \cdot W' \cdot M \cdot N \cdot C \cdot F$ multiplications (output pixels × kernel × channels × filters). The second we try: 200 training images, with and without pooling
# (notebook 8 explains training).
#
# **Predict.** The article pools 26×26 maps to 13×13; then come 64 kernels of 3×3×32. By what factor do the multiplications fall? The kernels' parameters? Which network does better on new digits?


# %%
def digit_network(first, second, pooled):
    """The article's network with `first` and `second` filters, with or without pooling."""
    shrink = keras.layers.MaxPooling2D if pooled else keras.layers.Identity
    network = [keras.layers.Input((28, 28, 1)), keras.layers.Rescaling(1 / 255)]
    for filters in (first, second):
        network += [keras.layers.Conv2D(filters, 3, activation="relu"), shrink()]
    return keras.Sequential([*network, keras.layers.Flatten(), keras.layers.Dense(10)])


multiplications = {side: (side - 2) ** 2 * 3 * 3 * 32 * 64 for side in (26, 13)}
for side, pooled in ((26, False), (13, True)):
    network = digit_network(32, 64, pooled)
    kernels = network.layers[3].count_params()
    print(
        f"second convolution on {side}×{side}: {multiplications[side]:10,} multiplications, {kernels:,} parameters"
    )
    print(
        f"    whole network {'with' if pooled else 'without'} pooling: {network.count_params():,} parameters"
    )
print(f"factor {multiplications[26] / multiplications[13]:.1f}")


# %% tags=["nbval-ignore-output"]
def accuracies(pooled, seed):
    """Accuracy on 200 training images and on the test digits, after 12 epochs."""
    course.set_seed(seed)
    few = take_per_class(digits.train, 20, seed=seed)
    model = digit_network(8, 16, pooled)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(0.003), loss, metrics=["accuracy"])
    model.fit(few.images[..., None], few.labels, batch_size=20, epochs=12, verbose=0)
    parts = (few, digits.test)
    return [
        model.evaluate(p.images[..., None], p.labels, batch_size=512, verbose=0)[1] for p in parts
    ]


scores = {}
for pooled in (True, False):  # a line every few seconds
    scores[pooled] = np.mean([accuracies(pooled, SEED + k) for k in range(3)], axis=0)
    known, new = scores[pooled]
    print(
        f"{'with' if pooled else 'without':7} pooling: training {known:.0%}, test {new:.1%} (mean of 3 runs)"
    )
assert abs(scores[True][1] - scores[False][1]) < 0.08

# %% [markdown]
# By 4.8; the kernels' parameters stay. What shrinks is the dense layer behind (notebook 4), with a weight for each number that arrives. Yet the two networks do about equally well
# on new digits. So fewer parameters are no promise: that pooling reduces overfitting is not borne out here.
#
# ## 5 · What it costs a mask, and the way back
#
# **Claim.** A network that decides at 1/k of the resolution cannot draw finer than k pixels. We shrink *true* masks and enlarge them again: what is lost is lost to any such network.
#
# **Predict.** Which summary of a window suits class numbers: maximum, mean, or a vote?

# %%
masks = scenes.make_scenes(digits.test, SCENES, seed=SEED).semantic.astype(int)
shrinkers = {
    "middle pixel": lambda y, k: y[:, k // 2 :: k, k // 2 :: k],
    "vote": lambda y, k: reference.average_pool(np.eye(11)[y], k).argmax(-1),
    "max of class numbers": lambda y, k: reference.max_pool(y[..., None], k)[..., 0].astype(int),
    "mean of class numbers": lambda y, k: np.rint(
        reference.average_pool(y[..., None], k)[..., 0]
    ).astype(int),
}
factors, back = (1, 2, 4, 8), {}
for name, shrink in shrinkers.items():
    back[name] = [
        reference.upsample(shrink(masks, k)[..., None], k)[..., 0].astype(int) for k in factors
    ]
iou = {
    n: [metrics.iou(metrics.confusion_matrix(masks, m, 11))[1:].mean() for m in b]
    for n, b in back.items()
}
area = {n: [np.count_nonzero(m) / np.count_nonzero(masks) for m in b] for n, b in back.items()}

# %%
_, axes = plt.subplots(1, 2, figsize=(9, 3.1), layout="constrained")
plots.lines(
    axes[0],
    factors,
    iou,
    title=f"Mean IoU of ten digits, {SCENES} scenes",
    ylabel="IoU with the true mask",
)
plots.lines(axes[1], factors, area, title="Digit pixels after, of those before", ylabel="share")
for ax in axes:
    ax.set(xlabel="shrunk by, and enlarged again", xticks=factors)
    for line, marker in zip(ax.lines, "os^D"):
        line.set_marker(marker)
    ax.legend(fontsize=8)
plt.show()
print("vote, IoU:", ", ".join(f"÷{k} {score:.2f}" for k, score in zip(factors, iou["vote"])))
renamed = np.array([0, *range(10, 0, -1)])  # other numbers for the same ten digits
for name, shrink in shrinkers.items():
    moved = shrink(renamed[masks], 4) != renamed[shrink(masks, 4)]
    print(f"{name:21} with other class numbers {100 * moved.mean():4.1f}% of the answers change")

# %%
shown = 1
axes = plots.grid(2, 5, size=1.8)
for row, k in enumerate((1, 3)):
    plots.show_mask(axes[row, 0], masks[shown], scenes.CLASS_NAMES, title="truth")
    for ax, (name, versions) in zip(axes[row, 1:], back.items()):
        title = (
            name.replace(" of ", f" ÷{factors[k]}\nof ")
            if " of " in name
            else f"{name} ÷{factors[k]}"
        )
        plots.show_mask(ax, versions[k][shown], scenes.CLASS_NAMES, title=title)
plt.show()

# %% [markdown]
# The vote, or one pixel. Class numbers have no order: the mean of a 9 and the ground is "some digit between", and the maximum lets every digit grow over the ground. Both
# change if the classes get other numbers; the vote only where two classes tie.
#
# Even the best loses much, and thin strokes go first. That is why U-Net (notebook 9) has *skip connections*: full-size maps handed across to the end.
#
# **Claim.** Another way back is *unpooling*: SegNet remembers where each maximum was, puts it back there, and leaves zeros elsewhere. *Nearest* upsampling repeats each value in a block.
#
# **Predict.** Which is closer to a photograph? To its edge map?

# %%
photo = data.camera()[75:173, 170:268].astype(float)[None, ..., None]
edges = reference.relu(reference.conv2d(photo, edge))  # (1, 96, 96, 1)
axes = plots.grid(2, 3, size=2.3)
for row, (name, before) in zip(axes, {"photograph": photo[:, 1:-1, 1:-1], "edges": edges}.items()):
    pooled, where = reference.max_pool(before), reference.max_pool_indices(before)
    ways = {
        name: before,
        "unpooled": reference.max_unpool(pooled, where, before.shape),
        "nearest": reference.upsample(pooled),
    }
    for ax, (way, restored) in zip(row, ways.items()):
        plots.show_image(
            ax, restored[0], title=f"{way}, mean error {np.abs(restored - before).mean():.1f}"
        )
plt.show()

# %%
with tf.GradientTape(persistent=True) as tape:
    tape.watch(v := tf.constant(pooled))
    flat_places = tf.nn.max_pool_with_argmax(edges, 2, 2, "VALID")[1]
    placed = tf.scatter_nd(tf.reshape(flat_places, (-1, 1)), tf.reshape(v, (-1,)), [edges.size])
    repeated = tf.image.resize(v, edges.shape[1:3], "nearest")
    sums = [tf.reduce_sum(tf.reshape(z, edges.shape) * edges) for z in (placed, repeated)]
np.testing.assert_allclose(tf.reshape(placed, edges.shape), ways["unpooled"])
np.testing.assert_allclose(repeated, ways["nearest"])
np.testing.assert_allclose(keras.layers.UpSampling2D(2, dtype="float64")(v), ways["nearest"])
np.testing.assert_allclose(tape.gradient(sums[0], v), reference.max_unpool_gradient(edges, where))
np.testing.assert_allclose(tape.gradient(sums[1], v), reference.upsample_gradient(edges))

# %% [markdown]
# Nearest for the photograph: three quarters of the unpooled one are black. Unpooling for the edges, which are mostly zero anyway: each stays on its pixel. Convolutions after it fill the gaps.
#
# The gradients: unpooling reads one pixel, where it wrote; nearest sums its block. TensorFlow agrees.
#
# ## What goes wrong
#
# **Predict.** 28 pixels are halved to 14, 7, and then? What comes back when the last is doubled?

# %% tags=["nbval-ignore-output"]
seven = digits.test.images[:1, ::4, ::4, None].astype(float)  # (1, 7, 7, 1)
doubled = reference.upsample(reference.max_pool(seven))
with course.expect_error(ValueError, match="matching shapes"):
    keras.layers.Concatenate()([seven, doubled])

# %% [markdown]
# 3, then 6: "valid" drops the last row and column without a word, and the skip connection does not fit. The cure: an image size that 2 divides as often as you pool, by padding it first.
#
# ## Exercises
#
# 1. **Recall.** A 30×30 map, windows of 3×3, stride 2, no padding. Which shape comes out of max pooling? How many parameters has the layer? At most how many pixels get a gradient?
# 2. **Code.** Write `max_pool(x, size, stride)` with loops over the *window's* pixels $(m, n)$ only: each sees a strided slice of `x`.
# 3. **Open.** Blur before you step: add the largest of 3×3 with stride 1, then the mean of `POOL`×`POOL`, to `poolings`. Does it forgive more? What does it lose?


# %%
def max_pool(x, size, stride):
    """The largest value of each full window of one feature map.

    x: (H, W) numbers, also negative ones; size, stride: whole numbers >= 1, not always equal.
    Returns ((H - size) // stride + 1, (W - size) // stride + 1) numbers; no padding, so pixels
    that fill no whole window are left out.
    """
    ...  # your code


# %%
exercise.check(max_pool)

# %% [markdown]
# <details><summary>Solutions</summary>
#
# 1. (30 - 3) // 2 + 1 = 14: a map of 14×14. No parameters. At most 196 pixels, one winner for each window; fewer where one pixel wins in two overlapping windows.
# 2. Start from -infinity, for values may all be negative:
#
# ```python
# rows, columns = ((n - size) // stride + 1 for n in x.shape)
# y = np.full((rows, columns), -np.inf)
# for m in range(size):
#     for n in range(size):
#         below, right = m + stride * (rows - 1) + 1, n + stride * (columns - 1) + 1
#         y = np.maximum(y, x[m:below:stride, n:right:stride])
# return y
# ```
#
# 3. Add `"blurred": lambda f: reference.average_pool(reference.max_pool(f, 3, stride=1, padding="same"), POOL)`, and draw the lines again. It changes less than the maximum alone; edges become wider.
#
# </details>
#
# ## Recap

# %% tags=["nbval-ignore-output"]
print(
    f"- We pooled by hand and equal to TensorFlow; of {x.size} pixels {np.count_nonzero(winner_takes)} got a gradient."
)
one_pixel = [changes[name][1] for name in ("no pooling", "maximum")]
print(
    f"- We moved {DIGITS} digits by one pixel: change {one_pixel[0]:.2f}, after max pooling {one_pixel[1]:.2f};"
)
print(
    f"  pooling saved {1 - multiplications[13] / multiplications[26]:.0%} of the next layer's multiplications."
)
lost = ", ".join(f"{score:.2f}" for score in iou["vote"][1:])
print(
    f"- We shrank true masks by 2, 4, 8: the IoU fell to {lost}; two ways lead back, each with its loss."
)

# %% [markdown]
# **Sources.** Boureau et al. 2010, [A theoretical analysis of feature pooling](https://www.di.ens.fr/willow/pdfs/icml2010b.pdf) ·
# Zhang 2019, [Making convolutional networks shift-invariant again](https://arxiv.org/abs/1904.11486) ·
# Springenberg et al. 2015, [Striving for simplicity](https://arxiv.org/abs/1412.6806) (stride instead of pooling) ·
# Badrinarayanan et al. 2015, [SegNet](https://arxiv.org/abs/1511.00561) · Ronneberger et al. 2015, [U-Net](https://arxiv.org/abs/1505.04597)
#
# **Next:** [4 · Dense layers](04_dense.ipynb): from maps to classes, and back to a map of classes.
