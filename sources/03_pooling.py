# %% [markdown]
# # 3 · Pooling: a smaller map, and what that costs
#
# <!-- [Open in Colab](https://colab.research.google.com/github/OWNER/REPO/blob/main/notebooks/03_pooling.ipynb) · -->
# previous: [2 · Convolution](02_convolution.ipynb) · next: [4 · Dense layers](04_dense.ipynb) · about 15 seconds on two CPU cores
#
# Page one of this course shows a scene of handwritten digits in which every pixel needs a label, and nothing that we have built can label it well yet. Notebook 2 gave us a first tool: a kernel that
# slides over the scene and gives a number at every pixel. But it looks at 3×3 pixels at a time, and nobody can tell a 3 from an 8 through so small a window. A *pooling* layer replaces each small
# region of a map by one number.
# The map shrinks, and the same 3×3 kernel, slid over the smaller map, sees more of the scene. What do we gain by that, and what does it cost a mask?
#
# You will be able to
# - compute max pooling and average pooling by hand, for any window and any stride,
# - work out what pooling buys: a wider view, less computing, and some tolerance of small shifts,
# - measure what pooling costs a mask, and compare the ways back to the full size.
#
# You need: convolution, stride and padding (notebook 2), masks and IoU (notebook 1).

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
import matplotlib.pyplot as plt
import numpy as np
from skimage import data

from segutils import plots, reference, scenes
from segutils.digits import load_digits
from segutils.lessons import pooling
from segutils.lessons.explorer import explore

digits = load_digits("bundled")

# %% tags=["hide-input"]
# @title The first figure
made = scenes.make_scenes(digits.test, SCENES, seed=SEED)
scene = made.images[:1].astype(float)
views = {"the scene, 64×64": scene}
for k in (2, 4, 8):
    views[f"mean of {k}×{k}: {64 // k}×{64 // k}"] = reference.average_pool(scene, k)
pooling.show_images(views, columns=4)
plt.show()

# %% [markdown]
# From each image to the next, every four numbers become one: their mean. In the second image every digit can still be read. In the third you may guess some of them, and in the last none of them.
# Something else is lost sooner: the *outlines*. Even where you can still guess what is there, you could not draw exactly where it ends. Sections 5 and 8 will put numbers to both halves of this
# observation.
#
# ## 1 · One window, one number
#
# Put your finger on the top left corner of this feature map and cover a window of 2×2 numbers, the one marked A. Under your finger lie 1, 3, 4 and 8. *Max pooling* keeps the largest of them, 8.
# *Average pooling* keeps their mean, (1 + 3 + 4 + 8) / 4 = 4. That gives one number of the result. Now move your finger one column to the right, to the window marked B. It covers 3, 2, 8 and 1: the
# largest is 8 again, and the
# mean is 3.5. In this way you visit every place where the window fits.

# %%
x = np.array([[1.0, 3, 2, 0, 5, 4], [4, 8, 1, 6, 3, 0], [6, 2, 7, 5, 1, 9], [0, 5, 3, 4, 2, 6]])
pooling.show_windows(x, {}, size=2, stride=1, marked=[(0, 0), (0, 1)])
plt.show()

# %% [markdown]
# The article writes max pooling like this:
#
# $$y_{ij} = \max_{m,n \in R} x_{i+m-1,\,j+n-1}$$
#
# Read it from the inside out. $x$ is the feature map, and $R$ is the window; the article takes 2×2 or 3×3. $m$ and $n$ are the row and the column inside the window, and $i$ and $j$ are the row and
# the column of the result, all of them counted from 1.
# For $i = j = 1$ the formula looks at $x_{11}, x_{12}, x_{21}$ and $x_{22}$, the four numbers under window A, and $\max$ keeps the largest. Average pooling is named in the article, but not written
# down. It divides the sum by $|R|$, the count of numbers in the window:
#
# $$y_{ij} = \frac{1}{|R|} \sum_{m,n \in R} x_{i+m-1,\,j+n-1}$$
#
# In Python both are two nested loops, here written as one: `np.ndindex` goes through all pairs $(i, j)$. The argument `summary` says how to sum up a window, `np.max` or `np.mean`, and `stride` says
# how far the window moves from one place to the next; in the
# formulas above it moves by 1. The first line counts the places where the window fits, from top to bottom and from left to right; section 2 works that count out.


# %%
def pool(x, size, stride, summary):
    rows, columns = (np.array(x.shape) - size) // stride + 1
    y = np.zeros((rows, columns))
    for i, j in np.ndindex(y.shape):
        top, left = stride * i, stride * j
        y[i, j] = summary(x[top : top + size, left : left + size])
    return y


# %% [markdown]
# **Predict.** The map above has 4×6 numbers. How many numbers does the article's formula leave? And does that lower the resolution, that is, leave clearly fewer pixels for the same scene, as the
# article says pooling does?

# %%
printed = pool(x, 2, 1, np.max)
pooling.show_windows(x, {"largest": printed}, size=2, stride=1, marked=[(0, 0), (0, 1)])
plt.show()
of_a_digit = pool(digits.test.images[0], 2, 1, np.max).size / 28**2
print(f"{printed.size} of {x.size} numbers stay; of a 28×28 image {of_a_digit:.0%}")

# %% [markdown]
# The formula leaves 3×5 = 15 of the 24 numbers, because a window of 2×2 fits in three places from top to bottom and in five from left to right. Only one row and one column are lost: a 28×28 image
# keeps 93% of its numbers. So the formula, as it is printed, hardly lowers the resolution. Something is missing from it.
#
# ## 2 · The stride makes the map smaller
#
# What is missing is the *stride* $s$: how many pixels the window moves from one place to the next. With $s = 2$ the windows of 2×2 stand side by side, and each number of the map is used once. Now
# your finger jumps two columns to the right, from window A to window B, which covers 2, 0, 1 and 6.
# Max pooling keeps 6 there; average pooling keeps (2 + 0 + 1 + 6) / 4 = 2.25. In the formula only the place where the window begins changes:
#
# $$y_{ij} = \max_{m,n \in R} x_{s(i-1)+m,\;s(j-1)+n}$$
#
# For $s = 1$ this is the article's formula. How many rows come out? The first window takes $M$ of the $H$ rows, and every further one needs $s$ more, so there are $\lfloor (H - M) / s \rfloor + 1$
# of them ($\lfloor\;\rfloor$ means rounded down). Four rows give (4 - 2) / 2 + 1 = 2 windows, and six columns give (6 - 2) / 2 + 1 = 3.

# %%
results = {"largest": pool(x, 2, 2, np.max), "mean": pool(x, 2, 2, np.mean)}
pooling.show_windows(x, results, size=2, stride=2, marked=[(0, 0), (0, 1), (1, 2)])
plt.show()

# %% [markdown]
# Six numbers of 24 are left, a quarter. Find the window marked C and check both of its numbers. The next cell checks that TensorFlow computes the same. It expects four axes, (image of the batch,
# row, column, channel), and so do the functions of the course's helper module `segutils.reference`, which we use from here on because they take whole batches.

# %%
import tensorflow as tf

batch = x[None, :, :, None]  # (1, 4, 6, 1)
np.testing.assert_allclose(tf.nn.max_pool2d(batch, 2, 2, "VALID")[0, :, :, 0], results["largest"])
np.testing.assert_allclose(reference.average_pool(batch, 2)[0, :, :, 0], results["mean"])

# %% [markdown]
# **Predict.** Take a map of 5×7 pixels and windows of 3×3 with stride 2, so that neighbours overlap. What is the shape of the result? And what is it with `padding="same"`, where windows may reach
# over the border?

# %%
odd = np.arange(35.0).reshape(1, 5, 7, 1)
for padding in ("valid", "same"):
    print(
        f"{padding:5} padding: {reference.max_pool(odd, 3, stride=2, padding=padding).shape[1:3]}"
    )

# %% [markdown]
# Without padding the result has 2×3 numbers, as the formula says: (5 - 3) / 2 + 1 = 2 and (7 - 3) / 2 + 1 = 3. With "same" padding it has 3×4, since there the rule is the size divided by the stride,
# rounded up. Where a window reaches outside the image, what lies there never wins a maximum and is not counted in a mean.
#
# ## 3 · The largest, the mean, or just any?
#
# If all we want is a smaller map, why compute anything? We could keep the first pixel of each window and drop the others, which is called *subsampling*. Here is a page of printed text.
#
# **Predict.** We keep one number out of every nine. In which of the three versions can you still read the words?

# %%
page = data.page()[4:136, 4:304].astype(float)
whole = page[None, :, :, None]
views = {"page, 132×300": whole, "first pixel of each 3×3": whole[:, ::3, ::3]}
views["mean of each 3×3"] = reference.average_pool(whole, 3)
views["largest of each 3×3"] = reference.max_pool(whole, 3)
pooling.show_images(views, columns=2)
plt.show()

# %% [markdown]
# The mean keeps the words readable, though it makes thin strokes grey. Subsampling breaks the letters, because a stroke that is thinner than the window is hit in some windows and missed in others;
# this is called *aliasing*. The maximum
# keeps what is *bright*, and on this page the bright thing is the paper: the words almost vanish.
#
# That sounds like a reason against max pooling. But a network pools feature maps, and on a feature map bright means "the pattern of this kernel is here" (notebook 2). Max pooling then asks a useful
# question: is the pattern
# *anywhere* in this window?
#
# ## 4 · Nothing to learn, and yet not linear
#
# The article says two things about pooling layers. The first is that they have no *parameters*, no numbers to be learned. That is right, since there is nothing to choose in "keep the largest". The
# second is that they have no activation function, because no non-linear mapping is needed. That reason needs a closer look. For our purpose a function $f$ is *linear* if it does not matter whether
# we add first or apply $f$ first: $f(a + b) = f(a) + f(b)$.
#
# **Spot the mistake.** "Max pooling only picks one of the numbers and changes none, so it is linear." Try it with two windows, each with one bright pixel at a different place.

# %%
import keras

a, b = np.array([[5.0, 0], [0, 0]]), np.array([[0.0, 0], [0, 5]])
print(f"maximum: of the sum {np.max(a + b):g}, sum of the two maxima {np.max(a) + np.max(b):g}")
print(f"mean:    of the sum {np.mean(a + b):g}, sum of the two means {np.mean(a) + np.mean(b):g}")
print("parameters of Keras's max pooling:", keras.layers.MaxPooling2D(2).count_params())

# %% [markdown]
# The mistake is that *which* number is picked depends on the numbers. The maximum of the sum is 5, and the sum of the maxima is 10, so max pooling is not linear. Average pooling is linear. It is
# even a convolution, with stride 2 and a fixed kernel of 2×2 numbers, each of them 1/4.
#
# So max pooling brings a non-linearity of its own. There is a better reason for leaving out the activation: it has already been applied. A ReLU, $\max(x, 0)$, usually follows the convolution that
# comes before the pooling. For the window -2, -1, 3, 0 it does not matter whether we apply ReLU first (0, 0, 3, 0) and then take the maximum, 3, or
# the other way round. With the mean the order does matter: first ReLU, then the mean gives 3/4; first the mean, then ReLU gives 0.

# %%
signed = np.diff(page, axis=1)[None, :, :, None]  # differences of neighbours: some are negative
relu, fixed = reference.relu, np.full((2, 2, 1, 1), 1 / 4)
np.testing.assert_allclose(
    reference.conv2d(signed, fixed, stride=2), reference.average_pool(signed)
)
assert np.array_equal(relu(reference.max_pool(signed)), reference.max_pool(relu(signed)))
assert not np.allclose(relu(reference.average_pool(signed)), reference.average_pool(relu(signed)))

# %% [markdown]
# All three statements hold on the whole page, not only in the example: average pooling is a convolution, ReLU and the maximum may change places, and ReLU and the mean may not. (A pooling layer
# learns nothing, but what the layers before it need for their learning has to come back through it. Notebook 6 shows how.)
#
# ## 5 · A wider view, for less work
#
# Now we come to the reason why we wanted pooling. We say that a number has *seen* the pixels from which it was computed. How many of them lie side by side, from left to right? After one convolution
# with a 3×3 kernel it has seen 3. A second convolution looks at three neighbours of these, which start 1 pixel apart: 3 + 2·1 = 5. With a pooling layer in between, the count is different. A number
# pooled from two neighbours has seen 3 + 1·1 = 4 pixels, and from then on neighbouring numbers start 2 pixels apart. So after the second convolution a number has seen 4 + 2·2 = 8. This count is
# called the *receptive field*. In words: each layer adds (its window - 1) times the distance between neighbours, and each stride multiplies that distance. In the code each layer is a pair, (window,
# stride).


# %%
def pixels_seen(layers):
    seen, apart = 1, 1
    for window, stride in layers:
        seen += (window - 1) * apart
        apart *= stride
    return seen


# %% [markdown]
# **Predict.** In our scenes a 28×28 image of a digit is enlarged by a factor of up to 1.15, so it is up to 32 pixels wide. How many rounds of "convolution 3×3, pooling 2×2" does it take until one
# number has seen a whole digit? And how many convolutions without pooling?

# %%
for rounds in (1, 2, 3, 4):
    halving, plain = [(3, 1), (2, 2)] * rounds, [(3, 1)] * rounds
    print(
        f"rounds: {rounds}; with pooling {pixels_seen(halving):2} pixels, without {pixels_seen(plain)}"
    )
    assert pooling.pixels_that_matter(halving) == pixels_seen(halving)
print("without pooling, 16 convolutions see", pixels_seen([(3, 1)] * 16))

# %% [markdown]
# It takes four rounds with pooling; one number has then seen 46 pixels. Without pooling it takes 16 convolutions, because each of them adds only two pixels. (The line with `assert` finds the same
# counts without any theory: it changes one pixel after another and watches whether the number in the middle changes.)
#
# The wider view is also cheaper. A convolution does one multiplication for each place of the result, each number of the kernel and each filter. Suppose a map of 26×26 pixels with 32 channels is to
# be convolved with 64 filters of 3×3. There are 24·24 places, 3·3·32 numbers in the kernel of one filter, and 64 filters.
#
# **Predict.** By what factor does the number of multiplications fall if the map is pooled to 13×13 first? And does the number of weights in the kernel fall too?

# %%
full, halved = (places**2 * 3 * 3 * 32 * 64 for places in (24, 11))
weights = keras.layers.Conv2D(64, 3)
weights.build((None, None, None, 32))
print(f"{full:,} multiplications become {halved:,}: a factor of {full / halved:.1f}")
print(f"weights of the convolution, with or without pooling: {weights.count_params():,}")

# %% [markdown]
# The work falls by a factor of 4.8. A factor of 4 comes from the smaller number of pixels; the rest is there because the border that a convolution loses counts for more on a small map. The weights
# of the kernel stay as they are, because a kernel does not know how large the map is. What does shrink is a *dense layer* that follows the map; notebook 4 tells that story.
#
# ## 6 · A small shift is forgiven, in part
#
# Take one row, 9 0 0 0, and pool it in pairs: the largest of 9 0 is 9, and the largest of 0 0 is 0. If the bright pixel moves by one, to 0 9 0 0, the result is still 9, 0: the shift is *forgiven*.
# If it moves by one more, to 0 0 9 0, the result becomes 0, 9. So a pooled map forgives some shifts and not others. How much does it forgive on average? We take edge maps of handwritten digits (made
# with the kernel for vertical edges of notebook 2), move the digits to the right, and measure how much the pooled map changes, as a share of its own length:
#
# $$\text{change} = \frac{\lVert p(\text{moved}) - p(x) \rVert}{\lVert p(x) \rVert}$$
#
# Here $p$ is the way of pooling, and $\lVert v \rVert$ is the length of a vector: the square root of the sum of the squares of all its numbers. A change of 0 means that the pooled map is the same as
# before. Two maps of equal length that have no bright place in common differ by $\sqrt{2}$ = 1.41 times that length.
#
# **Predict.** Order these four by their change after a shift of one pixel: no pooling at all, subsampling, average, maximum.

# %%
poolings = {
    "no pooling": lambda maps: maps,
    "subsampling": lambda maps: maps[:, ::POOL, ::POOL],
    "average": lambda maps: reference.average_pool(maps, POOL),
    "maximum": lambda maps: reference.max_pool(maps, POOL),
}
# one set of edge maps for each shift: by 0, 1, 2, … pixels
maps = pooling.edge_maps(digits.test.images[:DIGITS], range(max(5, POOL + 1)))
change = {
    name: [pooling.relative_change(pool(maps[0]), pool(moved)) for moved in maps[:5]]
    for name, pool in poolings.items()
}

# %%
title = f"Windows of {POOL}×{POOL}, stride {POOL}; mean of {DIGITS} digits"
labels = {"xlabel": "shift to the right (pixels)", "ylabel": "change of the map"}
pooling.show_lines(range(5), change, title=title, **labels)
plt.show()
print("one pixel:", ", ".join(f"{name} {values[1]:.2f}" for name, values in change.items()))
summaries, others = list(change)[2:], list(change)[:2]
assert max(change[n][1] for n in summaries) < min(change[n][1] for n in others)

# %% [markdown]
# With windows of 4×4 the maximum changes least, and then the mean. (For other windows the two can be equally good; set `POOL` to 5.) Subsampling changes about as much as no pooling at all. So what
# forgives is the summary of the window, not the smaller size. And it forgives only in part: after a shift of one pixel the max-pooled map still changes by 40% of
# its length. You may read that pooling makes a network "invariant to shifts", that is, that a shift changes nothing. It does not.
#
# One kind of shift is special. If the image moves by exactly one stride, or a multiple, the pooled map moves along by whole places and changes in no other way. (The curves do not show that: they
# compare each place with the same place before, so at a shift of 4 the moved map counts as changed.)
#
# **Try.** Move the digit by one pixel, then by one stride. Then make the window larger than the stride, so that neighbours overlap. What happens to the change?

# %%
explore(
    pooling.pooling_shift(digits.test.images[2]),
    shift_right=(-4, 4),
    shift_down=(-4, 4),
    size=(1, 7),
    stride=(1, 4),
    kind=list(pooling.POOLINGS),
)

# %% [markdown]
# After one stride the change is even larger than after one pixel, because the whole pooled map has moved by one place, although its numbers are still the same. With a larger window the change is
# smaller: after one pixel it is 28% with windows of 2×2 and 18% with windows of 7×7, both with stride 2. But a large window also says less precisely where something is, and we will pay for that in
# section 8.
#
# ## 7 · Does pooling reduce overfitting?
#
# The article's FAQ gives a second reason for pooling: it reduces *overfitting*, which means being good on the training images and worse on new ones. We can test that. Here is the kind of network
# that we will meet again in notebook 4, in two versions: with two pooling layers, or with two layers
# in their place that do nothing (`Identity`). Its last two lines turn the final maps into ten scores, one for each digit; the largest score is the answer.


# %%
def digit_network(pooled):
    shrink = keras.layers.MaxPooling2D if pooled else keras.layers.Identity
    return keras.Sequential(
        [
            keras.layers.Input((28, 28, 1)),
            keras.layers.Rescaling(1 / 255),
            keras.layers.Conv2D(8, 3, activation="relu"),
            shrink(),
            keras.layers.Conv2D(16, 3, activation="relu"),
            shrink(),
            keras.layers.Flatten(),
            keras.layers.Dense(10),
        ]
    )


# %% [markdown]
# Both versions learn from the same 200 digits and are then asked about 382 new ones. We do this three times, each time with other first weights and 200 other digits. What we print is the share of
# digits that are named correctly. (`pooling.train_on_few` trains it; how training works is the subject of notebook 8.)
#
# **Predict.** Which version does better on new digits? And by how much do their numbers of parameters differ?

# %% tags=["nbval-ignore-output"]
score = {}
for pooled in (True, False):
    runs = [pooling.train_on_few(digit_network(pooled), digits, seed=SEED + k) for k in range(3)]
    score[pooled] = np.mean(runs, axis=0)
    name, count = ("with" if pooled else "without"), digit_network(pooled).count_params()
    on_training, on_new = score[pooled]
    print(f"{name:7} pooling: {count:6,} parameters,", end=" ")
    print(f"training {on_training:.0%}, new {on_new:.1%}")
assert min(score[True][0], score[False][0]) > 0.95
assert abs(score[True][1] - score[False][1]) < 0.08

# %% [markdown]
# Both versions name all or nearly all of their training digits correctly, and on new digits they are about equally good, although the one without pooling has more than ten times as many parameters.
# So in this experiment pooling did not reduce overfitting. This is one small network on one set of digits, and says nothing about networks in general; but it shows that having fewer parameters is no
# guarantee.
#
# ## 8 · What a smaller map costs a mask
#
# Now we come to the price, the outlines. A network that works on small maps has to give its answer at the full size in the end. We leave the network out, and ask only how much a small map can hold.
# We take *true* masks, shrink them, enlarge them again, and compare with the truth.
#
# How should a window of a mask be summarised? Take one with four pixels: two of background, one of the digit 4 and one of the digit 9. In a mask a digit has the class value digit + 1, so the values
# are 0, 0, 5 and 10. Their maximum is 10: the 9 grows over its neighbours. Their mean is 3.75, which is rounded to 4, the class of the digit 3, and there is no 3 anywhere.
# A *vote* gives 0, the class of most pixels.
#
# To count votes, write the mask as eleven maps, one for each class, with 1 where the class is and 0 elsewhere (*one-hot*; in NumPy `np.eye(11)[y]`). Their average pooling is the share of each class
# in the window, and `argmax` takes the class with the largest share.

# %%
masks = made.semantic.astype(int)  # (scenes, 64, 64), values 0 to 10
shrinkers = {
    "vote": lambda y, k: reference.average_pool(np.eye(11)[y], k).argmax(-1),
    "middle pixel": lambda y, k: y[:, k // 2 :: k, k // 2 :: k],
    "maximum": lambda y, k: reference.max_pool(y[..., None], k)[..., 0].astype(int),
    "mean": lambda y, k: np.rint(reference.average_pool(y[..., None], k)[..., 0]).astype(int),
}


# %% [markdown]
# The simplest way back repeats each number in a block of k×k pixels. It is called *nearest* upsampling.


# %%
def enlarge(labels, k):
    return reference.upsample(labels[..., None], k)[..., 0].astype(int)


shrunk = {name: enlarge(shrink(masks, 4), 4) for name, shrink in shrinkers.items()}
axes = plots.grid(1, 5, size=1.85)[0]
for ax, (name, version) in zip(axes, {"truth": masks, **shrunk}.items()):
    plots.show_mask(ax, version[0], scenes.CLASS_NAMES, title=name, min_size=40)
plt.show()

# %% [markdown]
# **Explain to a friend** why the rightmost mask has rims of classes that are not in the scene.
#
# Class numbers have no order; a 9 is not "more" than a 4. The mean of a 9 and the background is some class between the two, so along every outline the mean invents digits. The maximum invents
# nothing, but it lets every digit grow over the background, and a 9 over a 4 because its number is larger. There is a simple test for
# such nonsense: give the same classes other numbers. A summary that treats them as mere names gives the same mask.

# %%
renamed = np.array([0, *range(10, 0, -1)])  # the digits' numbers in reverse order
for name, shrink in shrinkers.items():
    differs = shrink(renamed[masks], 4) != renamed[shrink(masks, 4)]
    print(f"{name:12}: {differs.mean():.1%} of the pixels change with the numbers")

# %% [markdown]
# With the mean, 23.1% of all pixels change, counting the background; with the maximum only 0.6% do, namely where two digits meet. The vote and the middle pixel pass. (A vote may depend on the
# numbers where two classes tie.)
#
# **Predict.** How large is the IoU of the voted mask and the truth, as a mean over the ten digits, if we shrink by 2? By 8?

# %%
factors = (1, 2, 4, 8)
iou = {
    name: [pooling.mean_iou(masks, enlarge(shrink(masks, k), k)) for k in factors]
    for name, shrink in shrinkers.items()
}
print("vote:", ", ".join(f"÷{k} {value:.2f}" for k, value in zip(factors, iou["vote"])))

# %% [markdown]
# Shrinking by 2 already costs a fifth of the IoU, and shrinking by 8 more than half. And this is the *truth*, seen through a small map. Among all ways of giving one label to each block, none gets
# more pixels right than the vote. (Its IoU need not be the best: we take the mean over the ten digits and leave the background out. By that measure the middle pixel comes out a little higher at a
# factor of 8 in the next figure.)
#
# Is that the limit for every network that works on small maps? No, and this is easily overlooked. The vote throws something away: a block that is 60% background and 40% digit becomes all background.
# Suppose a network keeps the shares themselves, enlarges *them*, and decides at the very end. To enlarge a map of shares we blend: between two
# neighbours the value changes evenly from one to the other. That is *bilinear* upsampling.


# %%
def shares_and_back(y, k):
    shares = reference.average_pool(np.eye(11)[y], k)  # (scenes, 64 / k, 64 / k, 11)
    return tf.image.resize(shares, y.shape[1:3], "bilinear").numpy().argmax(-1)


iou["shares, blended"] = [pooling.mean_iou(masks, shares_and_back(masks, k)) for k in factors]
labels = {"xlabel": "shrunk by this factor, then enlarged", "ylabel": "mean IoU with the true mask"}
pooling.show_lines(factors, iou, title=f"Ten digits, {SCENES} scenes", **labels)
plt.show()
print(
    "shares:", ", ".join(f"÷{k} {value:.2f}" for k, value in zip(factors, iou["shares, blended"]))
)
assert iou["shares, blended"][1] > iou["vote"][1]

# %% [markdown]
# Shrunk by 2, the shares reach an IoU of 0.93 where the labels of the vote reach 0.80; shrunk by 4, it is 0.74 against 0.63. Shrunk by 8, the blending no longer helps: most strokes are thinner than
# a block, and after blending their share stays below the background's. So two things decide what a small map costs: how far it shrinks,
# and whether it passes on labels or shares.
#
# Either way thin strokes are lost first. That is why the U-Net of notebook 9 does not rely on its small maps alone: its *skip connections* carry the full-size maps across to the end.
#
# ## 9 · Another way back: remember where the maximum was
#
# Take the window 1, 3, 4, 8 once more. Max pooling keeps the 8 and forgets that it was at the bottom right. Nearest upsampling gives back 8, 8, 8, 8. *Unpooling*, as in the network SegNet,
# remembers the place. It puts the 8 back there and leaves zeros elsewhere: 0, 0, 0, 8.
#
# **Predict.** Which of the two is closer to a photograph? And which is closer to the edge map of the photograph? (The *mean error* is the mean difference per pixel, on the scale from black, 0, to
# white, 255.)

# %%
photo = data.camera()[75:173, 170:268].astype(float)[None, :, :, None]
edges = reference.relu(reference.conv2d(photo, pooling.EDGE))  # (1, 96, 96, 1)
views, edges = {}, 255 * edges / edges.max()
for name, before in {"photograph": photo[:, 1:-1, 1:-1], "edges": edges}.items():
    pooled, where = reference.max_pool(before), reference.max_pool_indices(before)
    views[name], nearest = before, reference.upsample(pooled)
    unpooled = reference.max_unpool(pooled, where, before.shape)
    views[f"{name}, nearest: mean error {abs(nearest - before).mean():.0f}"] = nearest
    views[f"{name}, unpooled: mean error {abs(unpooled - before).mean():.0f}"] = unpooled

# %%
np.testing.assert_allclose(keras.layers.UpSampling2D(2, dtype="float64")(pooled), nearest)
pooling.show_images(views, columns=3)
plt.show()

# %% [markdown]
# Nearest upsampling is closer to the photograph, since unpooling leaves three of every four pixels black. Unpooling is closer to the edge map, which is mostly zero anyway, and it keeps each edge on
# its own pixel. In a network, the convolutions that follow fill the gaps.
#
# ## What goes wrong
#
# An image of 28×28 pixels is pooled to 14×14, then to 7×7, then once more. On the way back that map is doubled in size, so that it can be joined to the 7×7 map of a skip connection as further
# channels; Keras calls that `Concatenate`.
#
# **Spot the mistake** before you run the cell.

# %% tags=["nbval-ignore-output"]
seven = digits.test.images[:1, ::4, ::4, None].astype(float)  # (1, 7, 7, 1)
doubled = reference.upsample(reference.max_pool(seven))
with course.expect_error(ValueError, match="matching shapes"):
    keras.layers.Concatenate()([seven, doubled])

# %% [markdown]
# The mistake is that 7 is odd. Windows of 2×2 fit three times, the last row and column are dropped without a word, and 3 doubled is 6: a 6×6 map cannot be joined to a 7×7 map. The cure is an image
# whose sides can be halved as many times as you pool. With three poolings that means multiples of 8; pad the image first if it has another size.
#
# ## Exercises
#
# 1. **Recall.** A map of 30×30 numbers goes through max pooling with windows of 3×3, stride 2, no padding. What is the shape of the result? How many parameters does the layer have?
# 2. **Code.** Write `max_pool` the other way round: loop over the pixels $(m, n)$ *of the window*. For each of them, one slice of `x` with a step holds what all the windows see there.


# %%
def max_pool(x, size, stride):
    """The largest value of each full window of one feature map.

    x: (H, W) numbers, also negative ones; size, stride: whole numbers >= 1, not always equal.
    Returns ((H - size) // stride + 1, (W - size) // stride + 1) numbers; no padding, so pixels
    that fill no whole window are left out.
    """
    ...  # your code


# %%
pooling.exercise.check(max_pool)

# %% [markdown]
# 3. **Code.** Write `shrink_mask`, the vote, for one mask. The docstring says what should happen in a tie.


# %%
def shrink_mask(mask, size):
    """The class that most pixels of each window have; in a tie, the smallest of the tied classes.

    mask: (H, W) whole numbers >= 0, the classes; size: of the windows, which stand side by side.
    Returns (H // size, W // size) classes; pixels that fill no whole window are left out.
    """
    ...  # your code


# %%
pooling.second_exercise.check(shrink_mask)

# %% [markdown]
# 4. **Open.** Find a way of pooling that forgives more than the maximum does. A map of zeros would forgive everything and be of no use, so two numbers count. `pooling.judge` prints the change after
#    a shift of one pixel, and the share of test digits for which the training digit with the most similar pooled map still has the same class. You succeed with a smaller change than that of the
#    maximum and a loss
#    of fewer than 3 digits in 100. The lines below judge the mean; put your own way in its place. (The judge takes the first 200 test digits, so its numbers differ a little from those of section 6.)


# %%
def my_way(maps):
    return reference.average_pool(maps, POOL)


pooling.judge(my_way, poolings["maximum"], digits)

# %% [markdown]
# <details><summary>Solutions</summary>
#
# 1. (30 - 3) // 2 + 1 = 14, so the result has 14×14 numbers. The layer has no parameters.
# 2. Start from -infinity, because all the values of a window may be negative:
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
# 3. `np.bincount` counts how often each class occurs, and `argmax` takes the first of the largest counts, which is the smallest class:
#
# ```python
# y = np.zeros((mask.shape[0] // size, mask.shape[1] // size), int)
# for i, j in np.ndindex(y.shape):
#     window = mask[size * i : size * (i + 1), size * j : size * (j + 1)]
#     y[i, j] = np.bincount(window.ravel()).argmax()
# return y
# ```
#
# 4. One way is to blur before you step: `reference.average_pool(reference.max_pool(maps, 3, stride=1, padding="same"), POOL)` takes the largest of 3×3 pixels at every place, and then the mean of
#    each window.
#
# </details>
#
# ## Recap

# %% tags=["nbval-ignore-output"]
before, after = change["no pooling"][1], change["maximum"][1]
labels, shares = (
    ", ".join(f"{v:.2f}" for v in iou[way][1:]) for way in ("vote", "shares, blended")
)
print(f"- By hand, equal to TensorFlow: {results['largest'].size} of {x.size} numbers stay.")
print(f"- Four rounds see {pixels_seen(halving)} pixels instead of {pixels_seen(plain)};")
print(f"  the next convolution needs {full / halved:.1f} times fewer multiplications;")
print(f"  a shift by one pixel changes {after:.0%} of the map instead of {before:.0%}.")
print(f"- Masks shrunk by 2, 4, 8 keep an IoU of {labels}; as shares {shares}.")

# %% [markdown]
# **What this added to our goal.** A network can now see whole digits at little cost. But what it then knows, it knows on a small map, without exact outlines; we have ways back to the full size, and
# each of them loses something. And we still cannot *name* what a window shows. That is the next step.
#
# **Sources.** Boureau et al. 2010, [A theoretical analysis of feature pooling](https://www.di.ens.fr/willow/pdfs/icml2010b.pdf) ·
# Zhang 2019, [Making convolutional networks shift-invariant again](https://arxiv.org/abs/1904.11486) ·
# Springenberg et al. 2015, [Striving for simplicity](https://arxiv.org/abs/1412.6806) (a convolution of stride 2 instead of pooling) ·
# Badrinarayanan et al. 2015, [SegNet](https://arxiv.org/abs/1511.00561) · Ronneberger et al. 2015, [U-Net](https://arxiv.org/abs/1505.04597)
#
# **Next:** [4 · Dense layers](04_dense.ipynb): from features to classes, and back to a map of classes.
