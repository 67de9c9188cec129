# %% [markdown]
# # 2 · Convolution: one small table of numbers, slid over an image
#
# <!-- [Open in Colab](https://colab.research.google.com/github/OWNER/REPO/blob/main/notebooks/02_convolution.ipynb) · -->
# previous: [1 · Background](01_background.ipynb) · next: [3 · Pooling](03_pooling.ipynb) · about 10 seconds on two CPU cores
#
# The article calls convolution the core of its network and gives one formula, for one grey image.
# What does that formula compute, what must be added to make it a layer, and how does a kernel *learn*?
#
# You will be able to
# - compute a convolution by hand, with stride, padding, dilation, channels and batch, and say the size of its output,
# - explain why a layer needs an activation, and compute the gradients that teach a kernel,
# - measure which input pixels an output pixel sees, and go back to a larger image with a transposed convolution.
#
# You need: Python and NumPy arrays. Nothing about neural networks.

# %% tags=["parameters"]
STRIDE: int = 2  # pixels from one window to the next, in section 2
DILATION: int = 2  # pixels from one kernel element to the next, in section 2
LEARNING_STEPS: int = 30  # steps of gradient descent in section 5
SEED: int = 0  # of the kernels and gradients that are drawn at random to compare results

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
    STRIDE=course.integer(1, 4),
    DILATION=course.integer(1, 4),
    LEARNING_STEPS=course.integer(30, 1000),
    SEED=course.integer(0, 2**31 - 1),
)

# %% tags=["hide-input"]
# @title Imports
import itertools

import keras
import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf
from scipy.signal import convolve2d, correlate2d
from skimage import data

from segutils import models, plots, reference
from segutils.lessons.convolution import KERNELS, exercise, kernel_editor
from segutils.lessons.explorer import explore

rng = np.random.default_rng(SEED)


def grey_conv(image, kernel, **options):
    """The course's own convolution, for one grey image (H, W) and one kernel (M, N)."""
    return reference.conv2d(image[None, :, :, None], kernel[:, :, None, None], **options)[
        0, :, :, 0
    ]


def grey_tf(image, kernel, stride=1, padding="VALID", dilation=1):
    """TensorFlow's convolution, for one grey image (H, W) and one kernel (M, N)."""
    x, k = image[None, :, :, None], kernel[:, :, None, None]
    return tf.nn.conv2d(x, k, stride, padding, dilations=dilation)[0, :, :, 0]


# %% tags=["hide-input"]
# @title The first figure
photo = data.camera()[:384, 64:448].reshape(192, 2, 192, 2).mean((1, 3))  # at half the size
vertical = np.array([[-1.0, 0, 1], [-2, 0, 2], [-1, 0, 1]])
axes = plots.grid(1, 3, size=2.9)[0]
plots.show_image(axes[0], photo, title="A photograph, 192×192 pixels")
plots.show_map(axes[1], grey_conv(photo, vertical), title="Vertical edges, by nine numbers")
plots.show_map(axes[2], grey_conv(photo, vertical.T), title="Horizontal edges, by nine others")
plt.show()

# %% [markdown]
# A table of 3×3 numbers, a *kernel*, finds vertical edges: purple where the image gets brighter to the right, orange where darker. Each result is a *feature map*.
#
# ## 1 · The formula, index by index
#
# **Claim.** An output pixel is a weighted sum over a small *window* of the image. The kernel holds the weights. In the article:
#
# $$y_{ij} = \sum_{m=1}^{M} \sum_{n=1}^{N} x_{i+m-1,\,j+n-1} * k_{mn}$$
#
# $i, j$ are row and column of the output; $m, n$ of the kernel, which has $M \times N$ numbers. The star is a plain product.
#
# **Predict.** Which rows and columns of the image does $y_{23}$ see through a 3×3 kernel?


# %%
def article_y(x, k, i, j):
    """y_ij as the article writes it: i, j, m, n count from 1, Python's brackets from 0."""
    places = itertools.product(range(1, k.shape[0] + 1), range(1, k.shape[1] + 1))
    return sum(x[(i + m - 1) - 1, (j + n - 1) - 1] * k[m - 1, n - 1] for m, n in places)


small = photo.reshape(96, 2, 96, 2).mean((1, 3))
piece = small[19:24, 42:48] // 26  # 5×6 pixels where the hair meets the sky, from 0 to 9
y = np.array([[article_y(piece, vertical, i, j) for j in range(1, 5)] for i in range(1, 4)])

fig, axes = plt.subplots(1, 3, figsize=(7.5, 2.7), width_ratios=[6, 3, 4], layout="constrained")
plots.show_numbers(axes[0], piece, title="image x, a window framed", boxes=[(1, 2, 3, 3)])
plots.show_numbers(axes[1], vertical, title="kernel k")
plots.show_numbers(axes[2], y, title="feature map y", boxes=[(1, 2, 1, 1)])
plt.show()

# %% [markdown]
# Rows 2 to 4 and columns 3 to 5: the window *starts* at pixel (2, 3); that is not its middle. Its nine products add up to $y_{23} = 16$: bright on the right, dark on the left.
# Three rows fit into five rows at three places, so $y$ has 3×4 pixels.
#
# The $-1$ in the article's indices comes from counting from 1. Counted from 0, as Python does, it is gone:
#
# $$y[i, j] = \sum_{m=0}^{M-1} \sum_{n=0}^{N-1} x[i + m,\, j + n] \cdot k[m, n]$$


# %%
def conv2d_by_hand(x, kernel):
    """x (H, W), kernel (M, N) → (H - M + 1, W - N + 1): the formula, counted from 0."""
    y = np.zeros((x.shape[0] - kernel.shape[0] + 1, x.shape[1] - kernel.shape[1] + 1))
    for i, j in np.ndindex(y.shape):
        for m, n in np.ndindex(kernel.shape):
            y[i, j] += x[i + m, j + n] * kernel[m, n]
    return y


for operation in (conv2d_by_hand, grey_tf, grey_conv):
    np.testing.assert_allclose(operation(piece, vertical), y)
print(f"article, loop, TensorFlow and segutils.reference agree; y_23 = {y[1, 2]:g}")

# %% [markdown]
# **Claim.** The article calls this a convolution. In mathematics it is a *cross-correlation*. A convolution turns the kernel by 180° first; the index then runs backwards:
#
# $$\text{convolution:} \quad y[i, j] = \sum_m \sum_n x[i + M - 1 - m,\, j + N - 1 - n] \cdot k[m, n]$$
#
# SciPy has both operations and is our second witness.
#
# **Predict.** The image is zero but for one pixel of value 1. Which of the two gives back the kernel as it is?

# %%
dot, count = np.zeros((5, 6)), np.arange(1.0, 10).reshape(3, 3)
dot[2, 3] = 1
correlated, convolved = correlate2d(dot, count, "valid"), convolve2d(dot, count, "valid")
np.testing.assert_allclose(conv2d_by_hand(dot, count), correlated)
np.testing.assert_allclose(conv2d_by_hand(dot, count[::-1, ::-1]), convolved)

fig, axes = plt.subplots(1, 4, figsize=(8.5, 2.3), width_ratios=[6, 3, 4, 4], layout="constrained")
plots.show_numbers(axes[0], dot, title="image x: one pixel")
plots.show_numbers(axes[1], count, title="kernel k")
plots.show_numbers(axes[2], correlated, title="correlation (article)")
plots.show_numbers(axes[3], convolved, title="convolution")
plt.show()

# %% [markdown]
# The convolution gives the kernel as it is; the correlation gives it turned around. Networks compute the correlation and call it convolution. For a kernel that is *learned* this
# changes nothing: it is learned turned around. A kernel copied from a book of mathematics must be turned by hand.
#
# ## 2 · Grown one step at a time
#
# **Claim.** The article leaves out stride and dilation. With *stride* $s$, the window of output pixel $(i, j)$ starts at $(s i, s j)$. *Dilation* $d$ puts the kernel's elements $d$ pixels apart.
#
# **Predict.** An image has 24×30 pixels, the kernel 3×3. Which shape comes out at stride 2? Over how many pixels does the kernel reach at dilation 2?

# %%
crop, drawn = small[10:34, 30:60], rng.normal(size=(3, 3))

strided = conv2d_by_hand(crop, drawn)[::STRIDE, ::STRIDE]
np.testing.assert_allclose(strided, grey_tf(crop, drawn, stride=STRIDE))
print(f"stride {STRIDE}: {conv2d_by_hand(crop, drawn).shape} becomes {strided.shape}")

spread = np.zeros((2 * DILATION + 1, 2 * DILATION + 1))
spread[::DILATION, ::DILATION] = drawn  # zeros in between
np.testing.assert_allclose(conv2d_by_hand(crop, spread), grey_tf(crop, drawn, dilation=DILATION))
print(
    f"dilation {DILATION}: the kernel reaches over {spread.shape}, still with {drawn.size} numbers"
)

# %% [markdown]
# 11×14: stride 2 keeps every second result in each direction (a real layer does not compute the others). Dilation 2 reaches over 5×5 pixels with the same nine numbers.
#
# **Claim.** *Padding* puts zeros around the image. "valid" adds none; "same" adds so many that $H' = \lceil H / s \rceil$. With $p$ rows added in all, any output has
#
# $$H' = \left\lfloor \frac{H + p - d\,(M - 1) - 1}{s} \right\rfloor + 1 \text{ rows.}$$
#
# **Predict.** 6 rows, a kernel of 3, stride 2: "same" needs one row of zeros. Does it go above or below?


# %%
def output_size(rows, kernel, stride, dilation, padded):
    return (rows + padded - dilation * (kernel - 1) - 1) // stride + 1


cases = ((6, 3, 1, 1), (6, 2, 1, 1), (6, 3, 2, 1), (7, 3, 2, 1), (9, 3, 1, 2), (9, 4, 3, 2))
print("rows kernel stride dilation | zeros above, below | rows out: same, valid")
for rows, m, s, d in cases:
    x, kernel = crop[:rows, :rows], rng.normal(size=(m, m))
    places = reference.windows(x.shape, m, stride=s, dilation=d, padding="same")
    above, below = places.before[0], places.after[0]
    same, valid = output_size(rows, m, s, d, above + below), output_size(rows, m, s, d, 0)
    print(f"{rows:4}{m:7}{s:7}{d:9} |{above:12}{below:7} |{same:15}{valid:7}")
    by_tensorflow = grey_tf(x, kernel, s, "SAME", d)
    by_zeros = grey_conv(np.pad(x, (above, below)), kernel, stride=s, dilation=d)
    np.testing.assert_allclose(by_zeros, by_tensorflow)
    assert (same, valid) == (len(by_tensorflow), len(grey_tf(x, kernel, s, "VALID", d)))

# %% [markdown]
# Below: in TensorFlow an odd row goes below and an odd column to the right.
#
# **Claim.** A colour image has three *channels*. A *filter* is one kernel for each channel; the results are added, and so is a *bias*, one number a filter. Each filter makes
# one output channel. A *batch* is several images. With $b$ for the image, $c$ the channel, $f$ the filter:
#
# $$y[b,i,j,f] = \mathrm{bias}[f] + \sum_m \sum_n \sum_c x[b,\, s i + d m,\, s j + d n,\, c] \; k[m,n,c,f]$$
#
# So a layer learns $(M N C + 1) \cdot F$ numbers.
#
# **Predict.** Two colour images go through four filters of 3×2. Which shape has the array of kernels?

# %%
astronaut, cat = data.astronaut()[:160:8, 120:312:8], data.chelsea()[40:200:8, 100:292:8]
x = np.stack([astronaut, cat]) / 255
kernel, bias = rng.normal(size=(3, 2, 3, 4)), rng.normal(size=4)
y = np.zeros((2, 18, 23, 4)) + bias
for b, c, f in np.ndindex(2, 3, 4):  # image, channel, filter
    y[b, :, :, f] += conv2d_by_hand(x[b, :, :, c], kernel[:, :, c, f])
np.testing.assert_allclose(y, tf.nn.conv2d(x, kernel, 1, "VALID") + bias)
np.testing.assert_allclose(y, reference.conv2d(x, kernel, bias))
print(f"{x.shape} through {kernel.shape} gives {y.shape}")

all_at_once = reference.conv2d(x, kernel, bias, stride=STRIDE, dilation=DILATION, padding="same")
by_tensorflow = tf.nn.conv2d(x, kernel, STRIDE, "SAME", dilations=DILATION) + bias
np.testing.assert_allclose(all_at_once, by_tensorflow)

# %%
for layer in models.article_cnn().layers:  # the article's network
    if isinstance(layer, keras.layers.Conv2D):
        m, n, c, f = layer.kernel.shape
        assert layer.count_params() == (m * n * c + 1) * f
        print(
            f"({m}·{n}·{c} + 1) · {f} = {layer.count_params():,}: kernels {(m, n, c, f)} and {f} biases"
        )

# %% [markdown]
# (3, 2, 3, 4): rows, columns, channels in, filters. The article calls a kernel "a small matrix"; that fits one channel only. In the second layer of its network a filter is a block of
# 3×3×32, and the layer has 18,496 numbers against 320 in the first. The image's size plays no part.
#
# **What goes wrong.** The last of these mistakes raises no error. `course.expect_error` shows an error and *requires* that it comes.
#
# **Predict.** PyTorch's usual `padding=1` adds a row on *each* side. At stride 2, does it equal "same"?

# %% tags=["nbval-ignore-output"]
with course.expect_error(ValueError, match="expected min_ndim=4"):  # no batch, no channels
    keras.layers.Conv2D(32, 3)(small)
with course.expect_error(ValueError, match="C = 3"):  # a grey kernel for a colour image
    reference.conv2d(x, kernel[:, :, :1])
with course.expect_error(ValueError, match="take a smaller kernel"):
    reference.conv2d(x[:, :4], kernel, dilation=2)
with course.expect_error(ValueError, match="dilation_rate"):  # Keras wants one or the other
    keras.layers.Conv2D(32, 3, strides=2, dilation_rate=2)
same, each_side = (grey_conv(crop, drawn, stride=2, padding=p) for p in ("same", 1))
assert same.shape == each_side.shape
assert not np.isclose(same, each_side).any()
print(f"no error: both {same.shape}, and not one number is equal")

# %% [markdown]
# No: the shapes agree, the windows lie one pixel apart. Weights moved from PyTorch to TensorFlow then give wrong results without a message. The other cures: `x[None, :, :, None]`; the same channels in
# kernel and image; more padding; stride *or* dilation.
#
# ## 3 · What the numbers in a kernel do
#
# **Claim.** The *sum* of a kernel says what becomes of an even area such as the sky: it is multiplied by that sum. Blur and sharpen have sum 1, edge kernels have sum 0.
#
# **Predict.** The *Laplacian* (four neighbours minus four times the middle) has sum 0 and no direction. What is left of the black hair?

# %%
bell = np.exp(-(np.arange(-4, 5) ** 2) / (2 * 2.0**2))  # Gaussian, standard deviation 2 pixels
gaussian = np.outer(bell, bell) / bell.sum() ** 2
sharpen, laplacian = (np.array(KERNELS[name], float) for name in ("sharpen", "Laplacian"))
for kernel, total in [(gaussian, 1), (sharpen, 1), (laplacian, 0), (vertical, 0)]:
    np.testing.assert_allclose(grey_conv(np.full((9, 9), 200.0), kernel), 200 * total, atol=1e-9)

head = photo[10:106, 30:126]
axes = plots.grid(1, 4, size=2.25)[0]
plots.show_image(axes[0], head, title="photograph")
plots.show_image(axes[1], grey_conv(head, gaussian), title="Gaussian blur, 9×9")
plots.show_image(axes[2], grey_conv(head, sharpen), title="sharpen, 3×3")
plots.show_map(axes[3], grey_conv(head, laplacian), title="Laplacian, 3×3", limit=200)
plt.show()

# %% [markdown]
# Its outline and little else. Sharpen is the image minus its Laplacian: the outlines become stronger.
#
# **Predict**, then move the controls. What does "vertical edge" show with 1 added to its centre, and "Laplacian" with −1? Does stride 4 move the dots apart? How far must the + go
# (`row`, `column`) before the window follows?

# %%
explore(
    kernel_editor(small),
    kernel=list(KERNELS),
    add_to_centre=(-4.0, 4.0, 0.25),
    stride=(1, 4),
    dilation=(1, 4),
    padding=["same", "valid"],
    row=(0, 95),
    column=(0, 95),
)

# %% [markdown]
# The image plus its edges: a relief lit from the side. Sharpen with all signs turned: a negative. And no: dilation moves the dots apart; stride is how far the window
# jumps: at stride 4 four pixels share one output pixel.
#
# ## 4 · Why a layer needs an activation
#
# **Claim.** An *activation* is a function applied to each number of a feature map. The article says that it maps into a bounded range and names three:
#
# $$\sigma(x) = \frac{1}{1 + e^{-x}}, \quad \tanh(x) = \frac{e^x - e^{-x}}{e^x + e^{-x}}, \quad \mathrm{ReLU}(x) = \max(x, 0)$$
#
# **Predict.** One of the three contradicts the article. Which?

# %%
x = np.linspace(-5, 5, 201)
values = {"sigmoid": 1 / (1 + np.exp(-x)), "tanh": np.tanh(x), "ReLU": np.maximum(x, 0)}
slopes = {name: getattr(reference, f"{name.lower()}_gradient")(x) for name in values}
for name, value in values.items():
    np.testing.assert_allclose(value, getattr(keras.ops, name.lower())(x), atol=1e-6)
    np.testing.assert_allclose(value, getattr(reference, name.lower())(x), atol=1e-12)

fig, (left, right) = plt.subplots(1, 2, figsize=(8.5, 2.9), layout="constrained")
plots.lines(left, x, values, title="Activation", xlabel="input x", ylabel="output")
plots.lines(
    right, x, slopes, title="Its gradient", xlabel="input x", ylabel="change of output per input"
)
plt.show()
print(f"ReLU(1,000,000) = {reference.relu(1e6):,.0f}")
print(f"largest slope of the sigmoid: {slopes['sigmoid'].max()}; of ten in a row: {0.25**10:.0e}")

# %% [markdown]
# ReLU: it has no upper bound. Bounds even cost something: the sigmoid's slope is at most 1/4, so ten of them shrink a gradient about a million times (it *vanishes*).
# ReLU's slope is 1 wherever its input is positive.
#
# **Claim.** The reason for an activation is another: two convolutions in a row are *one* convolution with a larger kernel. Without an activation in between, depth adds nothing.
#
# **Predict.** A 3×3 kernel, then another of 3×3: how large is the one that replaces them?

# %%
blur = np.array([[1.0, 2, 1], [2, 4, 2], [1, 2, 1]])
one_kernel = convolve2d(vertical, blur)
edges = grey_conv(photo, vertical)
np.testing.assert_allclose(grey_conv(edges, blur), grey_conv(photo, one_kernel), atol=1e-9)
with_relu = grey_conv(reference.relu(edges), blur)
assert not np.allclose(with_relu, grey_conv(photo, one_kernel))

fig, axes = plt.subplots(1, 3, figsize=(7, 2.8), width_ratios=[3, 3, 5], layout="constrained")
named = {"first kernel": vertical, "second kernel": blur, "one kernel for both": one_kernel}
for ax, (title, kernel) in zip(axes, named.items()):
    plots.show_numbers(ax, kernel, title=title)
plt.show()

# %% [markdown]
# 5×5, and equal on the whole photograph. With a ReLU in between this kernel fails. In fact none can do it: a convolution turns $-x$ into $-y$, and ReLU does not.
# That *bend* is what depth needs, bounded or not.
#
# **Claim.** The article says that a bias moves the baseline of a feature map. Alone it does only that: each pixel gets the same number added. Before a ReLU it becomes a *threshold*.
#
# **Predict.** What does ReLU(edges + bias) keep if the bias is −200?

# %%
biases = (0, -50, -200)
passed = [reference.relu(edges + bias) for bias in biases]
np.testing.assert_array_equal(passed[2] > 0, edges > 200)
axes = plots.grid(1, 3, size=2.6)[0]
for ax, bias, kept in zip(axes, biases, passed):
    share = 100 * (kept > 0).mean()
    plots.show_image(ax, kept, title=f"bias {bias}: {share:.0f}% of pixels pass")
plt.show()

# %% [markdown]
# Edges above 200, and in one direction only: what gets darker to the right is gone. Another filter must find it.
#
# ## 5 · The backward pass: how a kernel learns
#
# **Claim.** A *loss* $L$ is one number that says how wrong a network is. Learning needs its *gradient*: how $L$ changes with each kernel element. The layers above hand down
# $g = \partial L / \partial y$; each product of the formula sends its share on:
#
# $$\frac{\partial L}{\partial k[m,n]} = \sum_{i,j} g[i,j]\, x[i+m,j+n], \qquad \frac{\partial L}{\partial x[i+m,j+n]} \mathrel{+}= g[i,j]\, k[m,n], \qquad \frac{\partial L}{\partial \mathrm{bias}} = \sum_{i,j} g[i,j]$$
#
# **Predict.** The first sum is an operation that you know. Which?

# %%
g = rng.normal(size=(3, 4))  # as if from the layers above
dx, dkernel = np.zeros(piece.shape), np.zeros(vertical.shape)
for i, j in np.ndindex(g.shape):
    for m, n in np.ndindex(vertical.shape):
        dkernel[m, n] += g[i, j] * piece[i + m, j + n]
        dx[i + m, j + n] += g[i, j] * vertical[m, n]

np.testing.assert_allclose(dkernel, conv2d_by_hand(piece, g))
np.testing.assert_allclose(dx, convolve2d(g, vertical))
four_axes = piece[None, :, :, None], vertical[:, :, None, None], g[None, :, :, None]
by_reference = reference.conv2d_gradients(*four_axes)
for ours, theirs in zip((dx, dkernel, g.sum()), by_reference):
    np.testing.assert_allclose(np.squeeze(theirs), ours)

# %%
for ours, loss, at in (
    (dkernel, lambda kernel: (g * grey_conv(piece, kernel)).sum(), vertical),
    (dx, lambda x: (g * grey_conv(x, vertical)).sum(), piece),
    (g.sum(), lambda bias: (g * (grey_conv(piece, vertical) + bias)).sum(), 0.0),
):  # change one number a little, see what the loss does
    np.testing.assert_allclose(reference.difference_quotient(loss, at), ours, atol=1e-6)

x, kernel, bias = (tf.Variable(a) for a in (*four_axes[:2], np.zeros(1)))
with tf.GradientTape() as tape:  # TensorFlow records what is computed, and goes back through it
    loss = tf.reduce_sum(four_axes[2] * (tf.nn.conv2d(x, kernel, 1, "VALID") + bias))
for ours, theirs in zip((dx, dkernel, g.sum()), tape.gradient(loss, [x, kernel, bias])):
    np.testing.assert_allclose(np.squeeze(theirs), ours)
print("by hand, difference quotient, GradientTape: equal for image, kernel and bias")

# %% [markdown]
# A convolution of the image, with $g$ as its kernel. (The gradient for the image is one too: the true one of mathematics.)
#
# **Claim.** The article says that a layer learns its kernels by itself. Here is how: start with zeros, show an image and the wanted feature map, and move the kernel against the gradient.
# *Gradient descent* repeats $k \leftarrow k - 0.25 \; \partial L / \partial k$, with $L$ the mean squared error (more in notebook 7).
#
# **Predict.** It sees only grass and its vertical edges, never the kernel. Can it find the nine numbers?

# %%
grass = data.grass()[:256, :256].reshape(64, 4, 64, 4).mean((1, 3))
x = ((grass - grass.mean()) / grass.std())[None, :, :, None]  # mean 0, spread 1: larger steps work
wanted = reference.conv2d(x, vertical[:, :, None, None])
kernels = [np.zeros((3, 3, 1, 1))]
for _ in range(LEARNING_STEPS):
    error = reference.conv2d(x, kernels[-1]) - wanted
    _, dkernel, _ = reference.conv2d_gradients(x, kernels[-1], 2 * error / error.size)
    kernels.append(kernels[-1] - 0.25 * dkernel)
np.testing.assert_allclose(kernels[-1].squeeze(), vertical, atol=0.01)

fig, axes = plt.subplots(1, 5, figsize=(9, 2), layout="constrained")
plots.show_image(axes[0], grass, title="grass, 64×64")
for ax, step in zip(axes[1:], (0, 1, 5, LEARNING_STEPS)):
    numbers = kernels[step].squeeze().round(2) + 0.0
    plots.show_numbers(ax, numbers, title=f"after {step} steps", limits=(-2, 2))
plt.show()

# %% [markdown]
# Yes. Nobody wrote the kernel down; the gradient found it. In a real network no wanted feature map is given: the gradient comes down from the last layer.
#
# ## 6 · What one output pixel sees
#
# **Claim.** The *receptive field* of an output pixel is the part of the image that can change it. Each layer $l$ adds $M_l - 1$ steps of $d_l$ pixels, made longer by all strides before it:
#
# $$R = 1 + \sum_l d_l \, (M_l - 1) \prod_{k<l} s_k$$
#
# We measure it by a gradient: where it is not zero, the pixel is seen.
#
# **Predict.** Three layers of 3×3 see 7×7 pixels. How many with stride 2 in each? How many with dilations 1, 2, 4?


# %%
def seen_by_the_middle(layers, size=31):
    """Gradient of the middle output pixel for each input pixel; layers (stride, dilation) of 3×3 ones."""
    x = tf.ones((1, size, size, 1))
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = x
        for stride, dilation in layers:
            y = tf.nn.conv2d(y, tf.ones((3, 3, 1, 1)), stride, "VALID", dilations=dilation)
        middle = y[0, y.shape[1] // 2, y.shape[2] // 2, 0]
    return tape.gradient(middle, x)[0, :, :, 0].numpy()


# %%
stacks = {
    "three of 3×3": [(1, 1)] * 3,
    "stride 2 in each": [(2, 1)] * 3,
    "dilations 1, 2, 4": [(1, 1), (1, 2), (1, 4)],
    "dilations 2, 2, 2": [(1, 2)] * 3,
}
axes = plots.grid(1, 4, size=2.25)[0]
for ax, (name, layers) in zip(axes, stacks.items()):
    gradient = seen_by_the_middle(layers)
    strides = [s for s, _ in layers]
    formula = 1 + sum(
        d * (3 - 1) * np.prod(strides[:k], dtype=int) for k, (_, d) in enumerate(layers)
    )
    assert np.ptp(np.nonzero(gradient.any(0))) + 1 == formula
    title = f"{name}: {formula}×{formula},\n{(gradient > 0).sum()} pixels seen"
    plots.show_map(ax, gradient[5:26, 5:26], title=title)
    corner = 10 - formula / 2
    ax.add_patch(plt.Rectangle((corner, corner), formula, formula, fill=False, linestyle="--"))
plt.show()

# %% [markdown]
# 15×15 both ways, with the same 27 weights. The dashed frame is the formula; the colour is the measured gradient (with weights of 1 it counts the ways to the output, and the middle has most).
# Stride makes the output smaller, dilation does not. But three dilations of 2 leave holes (*gridding*): of 13×13 pixels only 49 are seen.
#
# ## 7 · The transposed convolution: the way back up
#
# **Claim.** A convolution is linear, so it is a matrix $A$: $y = A x$, images written as columns. A *transposed convolution* multiplies by $A^\top$: back to the larger size, as
# segmentation needs. Each pixel *stamps* the kernel, times its value. At stride $s$ stamps lie $s$ pixels apart; where $s$ does not divide the kernel size they overlap unevenly.
#
# **Predict.** From 3×4 to 2×3 pixels through a 2×2 kernel: which shape has $A$? Ones stamped with ones at stride 2: is 3×3 even inside, or 4×4?

# %%
kernel = np.array([[1.0, 2], [3, 4]])
units = np.eye(12).reshape(12, 3, 4)  # twelve images of 3×4 with one pixel lit
matrix = np.stack([conv2d_by_hand(unit, kernel).ravel() for unit in units], axis=1)
x = piece[:3, :4]
y = conv2d_by_hand(x, kernel)
np.testing.assert_allclose(matrix @ x.ravel(), y.ravel())
back = (matrix.T @ y.ravel()).reshape(3, 4)
assert not np.allclose(back, x)
for transposed in (reference.conv2d_transpose, keras.ops.conv_transpose):
    result = transposed(y[None, :, :, None], kernel[:, :, None, None])
    np.testing.assert_allclose(result[0, :, :, 0], back)

fig, (left, right) = plt.subplots(
    1, 2, figsize=(7.5, 3.6), width_ratios=[2, 1], layout="constrained"
)
plots.show_numbers(left, matrix, title="A: a column for each pixel of 3×4")
plots.show_numbers(right, matrix.T, title="its transpose")
plt.show()

# %%
fig, axes = plt.subplots(1, 2, figsize=(7.5, 3.1), layout="constrained")
for ax, size in zip(axes, (3, 4)):
    layer = keras.layers.Conv2DTranspose(1, size, strides=2, kernel_initializer="ones")
    stamps = layer(np.ones((1, 3, 4, 1)))[0, :, :, 0].numpy()
    by_reference = reference.conv2d_transpose(
        np.ones((1, 3, 4, 1)), np.ones((size, size, 1, 1)), stride=2
    )
    np.testing.assert_allclose(stamps, by_reference[0, :, :, 0])
    inside = np.unique(stamps[2:-2, 2:-2])
    assert (len(inside) == 1) == (size % 2 == 0)
    plots.show_numbers(
        ax, stamps, title=f"{size}×{size} stamps; inside: {', '.join(f'{v:g}' for v in inside)}"
    )
plt.show()

# %% [markdown]
# 6×12. The transpose gives back the shape of $x$, not $x$: "deconvolution" is a wrong name. It is the gradient for the image, from section 5.
#
# 4×4 is even, because 2 divides 4. With 3×3 an even image comes out as a *checkerboard*, which the network must unlearn. So choose a kernel size that the stride divides,
# or enlarge first and convolve then.
#
# ## Exercises
#
# 1. **Recall.** Name three things that the article's formula leaves out, and one word in it that is wrong.
# 2. **Code.** Write `conv2d` for one grey image, with bias, stride and padding. The second cell below checks it and names the usual mistakes.
# 3. **Open.** Design four layers of 3×3 that see at least 31×31 pixels without holes and without stride. Measure with `seen_by_the_middle` (`size=41` is enough).


# %%
def conv2d(x, kernel, bias, stride, padding):
    """Convolution as networks mean it: the kernel is not turned around.

    x (H, W), kernel (M, N), bias one number, stride a whole number >= 1,
    padding the number of rows and columns of zeros on each side, 0 for none.
    Return a float array ((H + 2·padding - M) // stride + 1, (W + 2·padding - N) // stride + 1).
    """
    ...  # your code


# %%
exercise.check(conv2d)

# %% [markdown]
# <details><summary>Solutions</summary>
#
# 1. Stride, padding, dilation, channels, batch, bias: any three. "Convolution": it is a cross-correlation.
# 2. The loop of section 1, with a window that starts at `(stride * i, stride * j)`:
#
# ```python
# def conv2d(x, kernel, bias, stride, padding):
#     x = np.pad(x, padding)
#     rows, columns = ((h - m) // stride + 1 for h, m in zip(x.shape, kernel.shape))
#     y = np.full((rows, columns), float(bias))
#     for i, j in np.ndindex(rows, columns):
#         for m, n in np.ndindex(kernel.shape):
#             y[i, j] += x[stride * i + m, stride * j + n] * kernel[m, n]
#     return y
# ```
#
# 3. Dilations 1, 2, 4, 8: $R = 1 + 2 \cdot (1 + 2 + 4 + 8) = 31$. Each dilation is at most the field reached before it, so there are no holes.
#
# </details>
#
# ## Recap
#
# - We computed $y_{23} = 16$ by hand and grew the loop to stride 2, dilation 2, three channels and two images, each step equal to TensorFlow's; the formula gave the right size in all twelve cases.
# - We saw two layers without an activation collapse into one 5×5 kernel, and gradients, equal to TensorFlow's, find nine unknown numbers.
# - We measured receptive fields of 7×7, 15×15 and 13×13 (with holes), and built a transposed convolution from a 6×12 matrix.
#
# **Sources.** Dumoulin and Visin 2016, [A guide to convolution arithmetic](https://arxiv.org/abs/1603.07285) ·
# Odena, Dumoulin and Olah 2016, [Deconvolution and checkerboard artifacts](https://distill.pub/2016/deconv-checkerboard/) ·
# Yu and Koltun 2016, [Dilated convolutions](https://arxiv.org/abs/1511.07122) · Wang et al. 2018, [Gridding](https://arxiv.org/abs/1702.08502) ·
# Araujo et al. 2019, [Receptive fields](https://distill.pub/2019/computing-receptive-fields/)
#
# **Next:** [3 · Pooling](03_pooling.ipynb): making feature maps smaller without a single weight.
