# %% [markdown]
# # 2 · Convolution: one small table of numbers, slid over an image
#
# <!-- [Open in Colab](https://colab.research.google.com/github/OWNER/REPO/blob/main/notebooks/02_convolution.ipynb) · -->
# previous: [1 · Background](01_background.ipynb) · next: [3 · Pooling](03_pooling.ipynb) · about 10 seconds on two CPU cores
#
# Page one of this course shows a scene of handwritten digits, and every one of its pixels is waiting for a label. Notebook 1 tried simple tools and found that they lack two things: *context*, a view
# of what
# lies around a pixel, and a *bend*, which no plain weighted sum can make. This notebook builds the tool that has both: the *convolution*, followed by a small function called an *activation*. The
# article that this course follows calls the convolution the core of its network and gives one formula for it. A network is a chain of steps, its *layers*: each works on what the one before it has
# made. What does that formula compute, what has to be added to make a layer of it, and how much of the scene can one pixel of the result see?
#
# You will be able to
# - compute a convolution by hand, with stride, padding, dilation and channels, and say how large its output is,
# - explain what the numbers in a kernel do, and why a layer needs an activation,
# - measure which input pixels an output pixel sees, and get back to a larger image with a transposed convolution.
#
# You need: Python, arrays in NumPy, and the sign Σ for a sum. Nothing about neural networks.

# %% tags=["parameters"]
STRIDE: int = 2  # pixels from one window to the next, in section 2
DILATION: int = 2  # pixels from one kernel element to the next, in section 2
SEED: int = 0  # of the kernels that are drawn at random to compare results

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
    SEED=course.integer(0, 2**31 - 1),
)

# %% tags=["hide-input"]
# @title Imports
import matplotlib.pyplot as plt
import numpy as np
from scipy.signal import convolve2d, correlate2d

from segutils import reference
from segutils.lessons import convolution_figures as figures
from segutils.lessons.convolution import KERNELS, exercise, kernel_editor, second_exercise
from segutils.lessons.convolution_figures import grey_tensorflow
from segutils.lessons.explorer import explore

rng = np.random.default_rng(SEED)
scene = figures.scene_of_page_one()  # (64, 64), from 0 to 255
vertical, horizontal, laplacian, sharpen = (
    np.array(KERNELS[name], float)
    for name in ("vertical edge", "horizontal edge", "Laplacian", "sharpen")
)

# %% tags=["hide-input"]
# @title The first figure
figures.show_edges(scene)
plt.show()

# %% [markdown]
# On the left is the scene. Each of the two maps beside it was computed from the scene with just nine numbers. In the map in the middle a pixel is purple where the scene gets brighter from
# left to right, orange where it gets darker, and white where nothing changes; the map on the right says the same from top to bottom. The digits have become
# outlines, and nobody drew an outline. Such a map is called a *feature map*, and the table of nine numbers that makes it is a *kernel*.
#
# ## 1 · Nine products and one sum
#
# We start with a piece of the scene that we can hold in our heads: five rows and seven columns across the left arm of the 0. To keep the sums short, brightness is divided by 26
# and rounded down, so that it runs from 0 to 9. Paper is then about 2, and ink about 7.
#
# Put your finger on the second row and the second column of the piece, and cover a *window* of 3×3 pixels that starts there. (Python counts from 0 and calls
# this row 1, column 1.) Each of its nine pixels meets one number of the
# kernel that made the middle map above: its rows are −1, 0, 1, then −2, 0, 2, then −1, 0, 1. We multiply each pair and add up the nine products. Row by row: −1·2 + 0·5 + 1·7 is 5, −2·2 + 0·5 + 2·6
# is 8, and −1·2 + 0·5 + 1·7 is 5 again; together they make 18.
# That is a large number, because the right column of the window is ink and its left column is paper. The sum is *one* pixel of the feature map. The figure shows the window, the products and the sum.
# (The question marks are pixels not computed yet.)

# %%
piece = scene[31:36, 2:9] // 26
figures.show_window(piece, vertical, row=1, column=1)
plt.show()

# %% [markdown]
# The frame on the left is the window; the frame on the right is the pixel that it becomes. Now move the window one pixel to the right and do it again.
#
# **Predict.** After three such moves the window, now in column 4, covers the *right* edge of the stroke, from ink back to paper. Will its sum be large, near zero, or below zero?

# %%
for column in (1, 2, 3, 4):
    window = piece[1:4, column : column + 3]
    print(f"window in column {column}: sum {(window * vertical).sum():g}")

# %% [markdown]
# The sum over the right edge is below zero: −19, because now the bright column meets the −1, −2, −1. In between, where the window is bright on both sides, the sums 8 and −5 are small. So the sign
# says in which direction the brightness changes, and the size says by how much. The window fits into the piece at five places across and at three
# places down, so the feature map has 3×5 pixels.
#
# Written down, this is the article's formula. Here $x$ is the image, $k$ the kernel with its $M$ rows and $N$ columns, and $y$ the feature map; $i, j$ are the row and column of an output pixel, and
# $m, n$ are the row and column inside the kernel, all counted from 1:
#
# $$y_{ij} = \sum_{m=1}^{M} \sum_{n=1}^{N} x_{i+m-1,\,j+n-1} * k_{mn}$$
#
# Read it from the inside out. The star is a plain product: a pixel times the kernel number that lies on it. The two sums walk over the kernel. The pixel $y_{ij}$ belongs to the
# window that *starts* at $(i, j)$, and that is not the window's middle. The $-1$ is there only because the article counts from 1: the first
# kernel row, $m = 1$, lies on row $i$. Python counts from 0, and the $-1$ is gone:
#
# $$y[i, j] = \sum_{m=0}^{M-1} \sum_{n=0}^{N-1} x[i + m,\, j + n] \cdot k[m, n]$$
#
# In Python the two sums are one line, because NumPy multiplies a whole window at once. The loop only moves the window: `np.ndindex` walks over all pairs $(i, j)$.


# %%
def conv2d_by_hand(x, kernel):
    M, N = kernel.shape
    y = np.zeros((x.shape[0] - M + 1, x.shape[1] - N + 1))
    for i, j in np.ndindex(y.shape):
        y[i, j] = (x[i : i + M, j : j + N] * kernel).sum()
    return y


# %% [markdown]
# Is it right? TensorFlow is the library with which we shall build networks, so it is the judge. The next cell is silent unless a number differs; then it would stop with an error that shows both.
# (`grey_tensorflow` is
# TensorFlow's own convolution, for one grey image and one kernel. In section 3 we shall see what else it can do.)

# %%
np.testing.assert_allclose(conv2d_by_hand(scene, vertical), grey_tensorflow(scene, vertical))

# %% [markdown]
# It is right: on the whole scene our loop and TensorFlow agree, pixel by pixel.
#
# The article calls this operation a convolution, and so does everyone who builds networks. In mathematics it has another name, *cross-correlation*. The convolution of mathematics first turns the
# kernel around by 180°, so that its last number meets the first pixel:
#
# $$\text{convolution:} \quad y[i, j] = \sum_m \sum_n x[i + M - 1 - m,\, j + N - 1 - n] \cdot k[m, n]$$
#
# **Predict.** An image is 0 everywhere except for a single pixel of value 1. Which of the two operations gives back the kernel as it is, and which turns it around?

# %%
dot, count = np.zeros((5, 5)), np.arange(1.0, 10).reshape(3, 3)
dot[2, 2] = 1
correlated, convolved = correlate2d(dot, count, "valid"), convolve2d(dot, count, "valid")
grids = {"image x": dot, "kernel k": count, "correlation": correlated, "convolution": convolved}
figures.show_grids(grids)
plt.show()
np.testing.assert_allclose(conv2d_by_hand(dot, count), correlated)

# %% [markdown]
# The convolution of mathematics gives back the kernel as it is. The correlation, which is ours and the article's, turns it around: the first window has the bright pixel in its *last* corner, where
# the kernel says 9. For a kernel whose numbers a network learns from examples this makes no difference, since the network simply learns them the other way round. But a kernel copied from a
# mathematics book must be turned around by hand.
#
# ## 2 · Larger steps, wider windows, a border of zeros
#
# A layer of a network has three more settings, which the article leaves out. We take them one at a time. The figure shows each of them for a window of 3×3 pixels.

# %%
figures.show_steps(piece, STRIDE, DILATION)
plt.show()

# %% [markdown]
# The *stride* $s$ is the distance from one window to the next. At stride 1 the window moves pixel by pixel. At stride 2 it skips every second place, in both directions (windows of three pixels still
# overlap), so the
# window of output pixel $(i, j)$ starts at $(s\,i,\, s\,j)$. The results are the same as before; there are just fewer of them. (A real layer does not compute the others first.)

# %%
drawn = rng.normal(size=(3, 3))  # a kernel without any symmetry
every = conv2d_by_hand(scene, drawn)
strided = every[::STRIDE, ::STRIDE]
np.testing.assert_allclose(strided, grey_tensorflow(scene, drawn, stride=STRIDE), atol=1e-9)
print(f"stride {STRIDE}: {every.shape} becomes {strided.shape}")

# %% [markdown]
# The *dilation* $d$ pulls the kernel apart: its numbers meet pixels that are $d$ apart, and the pixels in between are passed over. With dilation 2, nine numbers reach over 5×5 pixels. This gives the
# same result as a kernel of 5×5 numbers with zeros in between.

# %%
spread = np.zeros((2 * DILATION + 1, 2 * DILATION + 1))
spread[::DILATION, ::DILATION] = drawn  # zeros in between
dilated = conv2d_by_hand(scene, spread)
np.testing.assert_allclose(dilated, grey_tensorflow(scene, drawn, dilation=DILATION), atol=1e-9)
print(f"dilation {DILATION}: the kernel reaches over {spread.shape[0]}×{spread.shape[1]} pixels")

# %% [markdown]
# *Padding* is a border of zeros around the image. Without it the feature map is smaller than the image, since no window may reach beyond the edge. That choice is called "valid".
# The choice "same" adds as many zeros as it takes to make $\lceil H / s \rceil$ rows out of the image's $H$, where $\lceil\;\rceil$ means rounding up. At stride 1 the feature map is then as
# large as the image.
#
# All three together decide the size. Take six rows, a kernel of three and stride 2. Windows start at rows 0, 2 and 4, but the one at row 4 needs the rows 4, 5 and 6, and row 6 does
# not exist. So "valid" gives two rows, and "same" adds one row of zeros to get three. In general, $H$ rows, with $p$ rows of zeros added in all, give
#
# $$H' = \left\lfloor \frac{H + p - d\,(M - 1) - 1}{s} \right\rfloor + 1 \text{ rows.}$$
#
# Here $M$ is the number of kernel rows, $d$ the dilation and $s$ the stride. Read it like this: a window reaches over $d\,(M-1) + 1$ rows. What is left of the $H + p$ rows is room to move, in steps of
# $s$; $\lfloor\;\rfloor$ rounds down, because a step that does not fit is not made. The 1 at the end counts the first window, which has not moved yet.


# %%
def output_rows(rows, kernel, stride=1, dilation=1, padded=0):
    return (rows + padded - dilation * (kernel - 1) - 1) // stride + 1


print(output_rows(6, 3, stride=2), "rows without padding,", output_rows(6, 3, 2, padded=1), "with")
assert output_rows(64, 3, stride=STRIDE) == len(strided)
assert output_rows(64, 3, dilation=DILATION) == len(dilated)

# %% [markdown]
# **Predict.** With "same", our six rows get one row of zeros. Does TensorFlow put it above the image or below?

# %%
six = scene[40:46, 27:33]  # 6×6 pixels
same = grey_tensorflow(six, drawn, stride=2, padding="same")
below, above = np.pad(six, [(0, 1), (0, 1)]), np.pad(six, [(1, 0), (1, 0)])
for place, padded in (("below and right", below), ("above and left", above)):
    print(place, "equal:", np.allclose(grey_tensorflow(padded, drawn, stride=2), same))

# %% [markdown]
# TensorFlow puts the single row of zeros below the image, and a single column to the right of it. Remember this when you move a trained network over from PyTorch, the other widely used library for
# networks. There the usual `padding=1` puts a row on *each* side. At stride 2 both give maps of the same size, and no error is raised. But their windows lie one pixel apart, so that not one number agrees:

# %%
each_side = grey_tensorflow(np.pad(scene, 1), drawn, stride=2)
same = grey_tensorflow(scene, drawn, stride=2, padding="same")
print(same.shape, each_side.shape, "equal numbers:", np.isclose(same, each_side).sum())
assert same.shape == each_side.shape

# %% [markdown]
# ## 3 · From one grey image to a layer
#
# Our scene is grey, but a photograph has three *channels*, red, green and blue, and deeper in a network each feature map is just one channel of many. So the kernel has to grow. A
# *filter* is one kernel per channel: each kernel slides over its own channel, and the three results are added. Then one more number is added, the *bias* of the filter. Say that at
# some place the red kernel gives 4, the green one −1, the blue one 2, and the bias is 0.5: the output pixel is 4 − 1 + 2 + 0.5 = 5.5.
#
# A layer has many filters, and each makes one output channel. And a network is shown several images at once, a *batch*. With $b$ for the image in the batch, $c$ for the
# channel and $f$ for the filter, the whole layer is
#
# $$y[b,i,j,f] = \mathrm{bias}[f] + \sum_m \sum_n \sum_c x[b,\, s i + d m,\, s j + d n,\, c] \; k[m,n,c,f]$$
#
# It is the formula of section 1 with one more sum, over the channels; $s$ and $d$ are stride and dilation.
#
# **Predict.** Two colour images of 20×24 pixels go through four filters of 3×2 pixels. What is the shape of the kernel array?

# %%
import tensorflow as tf

x = figures.two_photographs()  # (2, 20, 24, 3)
kernel, bias = rng.normal(size=(3, 2, 3, 4)), rng.normal(size=4)
y = np.zeros((2, 18, 23, 4)) + bias  # 20 - 3 + 1 rows, 24 - 2 + 1 columns
for b, c, f in np.ndindex(2, 3, 4):  # image, channel, filter
    y[b, :, :, f] += conv2d_by_hand(x[b, :, :, c], kernel[:, :, c, f])
np.testing.assert_allclose(y, tf.nn.conv2d(x, kernel, 1, "VALID") + bias)
print(f"{x.shape} through kernels {kernel.shape} gives {y.shape}")

# %% [markdown]
# The kernel array has the shape (3, 2, 3, 4): rows, columns, channels in, filters. "A small matrix", as the article calls the kernel, is right for a grey image only; in general a filter is a block
# of numbers. In all, the layer holds $(M N C + 1) \cdot F$ numbers, with $C$ channels and $F$ filters: $M N C$ for each filter's kernels, and 1 for its bias. Here are the two
# convolutional layers of the article's own network; `Conv2D` is the name of such a layer in Keras, TensorFlow's toolbox of layers:

# %%
import keras

from segutils import models

for layer in models.article_cnn().layers:
    if isinstance(layer, keras.layers.Conv2D):
        m, n, c, f = layer.kernel.shape
        print(f"({m}·{n}·{c} + 1)·{f} = {(m * n * c + 1) * f:,} numbers")
        assert layer.count_params() == (m * n * c + 1) * f

# %% [markdown]
# The second layer has 18,496 numbers against 320 in the first, because there are 64 filters, twice as many, and each is a block of 3×3×32. The size of the image appears nowhere: the same few numbers
# serve a scene of 64×64
# pixels and a photograph of ten million. That is one half of the reason why convolutions suit images. The other half is that the same numbers work everywhere: if the scene is moved, its feature map
# moves with
# it, and apart from the border nothing else changes. So what finds a stroke on the left finds it on the right as well.

# %%
moved = scene[5:, 8:]  # five rows up and eight columns to the left
np.testing.assert_allclose(conv2d_by_hand(moved, drawn), conv2d_by_hand(scene, drawn)[5:, 8:])

# %% [markdown]
# **What goes wrong.** Most mistakes with shapes end in an error. `course.expect_error` shows an error and *requires* that it occurs.

# %% tags=["nbval-ignore-output"]
with course.expect_error(ValueError, match="expected min_ndim=4"):  # no batch, no channels
    keras.layers.Conv2D(32, 3)(scene)
with course.expect_error(ValueError, match="C = 3"):  # a grey kernel for a colour image
    reference.conv2d(x, kernel[:, :, :1])

# %% [markdown]
# The first one is cured by `scene[None, :, :, None]`, which adds the batch and the channel ("ndim" is the number of axes: the layer expects four, and the scene has two). The second is cured by a kernel
# with as many channels as the image has. (The "groups" in its message are a way of dividing the channels among the filters. Here there is one group, so every filter sees all channels.)
#
# ## 4 · What the numbers in a kernel do
#
# We return to one grey image and ask what the nine numbers mean. Start where nothing happens: on an even piece of paper every pixel is 200. A kernel then gives 200 times the sum of
# its numbers. For the vertical edge that is 200 · (−1 − 2 − 1 + 1 + 2 + 1) = 0, so even paper vanishes. A *blur* is a weighted mean of neighbours: its numbers sum to 1, and 200 stays 200. (In the
# blur of 9×9 below they are largest in the middle and fall off on all sides, in the shape of a bell.) *Sharpen* counts the middle pixel five times and subtracts its four neighbours; its sum is 1 as
# well. The *Laplacian* adds the four neighbours and subtracts the middle four times. Its sum is 0, and it prefers no direction.
#
# **Predict.** In the photograph below, the man's hair is evenly black. What will the Laplacian leave of it?

# %%
kernels = {"blur, 9×9": figures.gaussian(9), "sharpen": sharpen, "Laplacian": laplacian}
for name, kernel in kernels.items():
    even = conv2d_by_hand(np.full((9, 9), 200.0), kernel)
    print(f"{name}: sum {kernel.sum():.0f}, even paper of 200 becomes {even[0, 0]:.0f}")
figures.show_kernels(figures.photograph(), kernels)
plt.show()

# %% [markdown]
# The Laplacian leaves the outline of the hair, and a few specks where the black is not quite even. Sharpen is in fact the image minus its Laplacian, so it makes the outlines stronger and leaves the
# rest as it is.
#
# **Try** it on our scene. The explorer shows the input on the left, the kernel in the middle and the feature map on the right. In the map, black is the lowest number and white the highest. Dots mark
# the nine pixels that one output pixel sees; `row` and `column` choose that output pixel, and `add_to_centre` changes the number in the middle of the
# kernel. First set the stride to 4. Do the dots move apart?

# %%
explore(
    kernel_editor(scene),
    kernel=list(KERNELS),
    add_to_centre=(-4.0, 4.0, 0.25),
    stride=(1, 4),
    dilation=(1, 4),
    padding=["same", "valid"],
    row=(0, 63),
    column=(0, 63),
)

# %% [markdown]
# The dots stay where they are, because stride is how far the window *jumps*; it is dilation that moves the dots apart. At stride 4 the window jumps four pixels in each direction, so 16 pixels
# of the scene share one pixel of the feature map. Here are two more things to try: "vertical edge" with 1 added to its centre gives the edges plus the image itself, which looks like a relief lit
# from the side; and "Laplacian" with −1 added gives the sharpened image with all its signs reversed, a negative.
#
# ## 5 · Why a layer needs an activation
#
# Between two convolutions, networks apply an *activation*: a function that is applied to each number of a feature map. The article says that it maps numbers into a bounded range, and names three:
#
# $$\sigma(x) = \frac{1}{1 + e^{-x}}, \quad \tanh(x) = \frac{e^x - e^{-x}}{e^x + e^{-x}}, \quad \mathrm{ReLU}(x) = \max(x, 0)$$
#
# The first is called the *sigmoid* and written with a Greek sigma; $e$ is 2.718…; tanh is short for hyperbolic tangent; ReLU stands for "rectified linear unit" and does no more than replace negative
# numbers by 0. Keras has the same three, and the cell compares ours with them.
#
# **Spot the mistake.** One of the three contradicts what the article says about them. Which one?

# %%
x = np.linspace(-5, 5, 201)
values = {"sigmoid": 1 / (1 + np.exp(-x)), "tanh": np.tanh(x), "ReLU": np.maximum(x, 0)}
for name, value in values.items():
    np.testing.assert_allclose(value, getattr(keras.ops, name.lower())(x), atol=1e-6)
figures.show_activations(x, values)
plt.show()
print(f"ReLU(1,000,000) = {max(1_000_000, 0):,}")

# %% [markdown]
# The ReLU contradicts the article: it has no upper bound. The sigmoid stays between 0 and 1 and tanh between −1 and 1, but bounds cannot be the point, since the unbounded ReLU is what
# most networks use. (Notebook 6 shows that bounds even do harm while a network learns.)
#
# The point is a different one. Take a row of pixels $a, b, c$ and the small kernel (1, 2): it gives $a + 2b$ and $b + 2c$. Applied to these two, the kernel (3, 4) gives
# $3(a + 2b) + 4(b + 2c) = 3a + 10b + 8c$. But that is simply what the kernel (3, 10, 8) gives! Two convolutions in a row are *one* convolution with a larger kernel. A hundred layers without an
# activation would be no more than one layer.
#
# **Predict.** To our scene we apply the vertical edge and then a blur, both 3×3. How large is the one kernel that does the same?
#
# (In the cell, `convolve2d` computes that kernel. Section 1 said that the convolution of mathematics turns a kernel around, and this is the place where it is needed: it makes (3, 10, 8) out of
# (1, 2) and (3, 4), where the correlation would make (4, 11, 6). And this blur keeps a sum of 16 instead of 1, so that its numbers stay whole.)

# %%
blur = np.array([[1.0, 2, 1], [2, 4, 2], [1, 2, 1]])
one_kernel = convolve2d(vertical, blur)
edges = conv2d_by_hand(scene, vertical)
np.testing.assert_allclose(conv2d_by_hand(edges, blur), conv2d_by_hand(scene, one_kernel))
figures.show_grids({"first": vertical, "second": blur, "one kernel for both": one_kernel})
plt.show()

# %% [markdown]
# One kernel of 5×5 numbers does the same on the whole scene. Now put a ReLU between the two:

# %%
with_relu = conv2d_by_hand(np.maximum(edges, 0), blur)
print("equal:", np.allclose(with_relu, conv2d_by_hand(scene, one_kernel)))
assert with_relu.min() >= 0 > conv2d_by_hand(scene, one_kernel).min()

# %% [markdown]
# With the ReLU in between, this kernel no longer gives the same numbers, and no other single kernel could. Think of the *negative* of the scene, the scene with all signs reversed. A single kernel
# without a bias turns $-x$ into $-y$: where it gives the scene a number above zero, it gives the negative one below. But with the ReLU the blur adds up only numbers that are 0 or above, so neither
# the scene nor
# its negative ever gets a number below zero. (The ReLU turns 2 into 2, but −2 into 0 and not into −2.) This is the bend that the sums of notebook 1 lacked, and it makes a second layer worth having.
#
# The bias gets its meaning here too. The article says that it moves the baseline of a feature map, and on its own it does only that: the same number is added to every pixel. But in front of a ReLU
# it becomes a *threshold*. Take a bias of −200. A pixel of the map with value 250 becomes 50 and passes; one of 150 becomes −50 and is cut to 0.
#
# **Explain to a friend**: the paper of our scene is a little noisy. In the figure a pixel is white if it is above zero after the ReLU. Why are there specks all over the left map,
# and why does a bias of −200 remove them?

# %%
passed = {f"bias {bias}": np.maximum(edges + bias, 0) for bias in (0, -50, -200)}
np.testing.assert_array_equal(passed["bias -200"] > 0, edges > 200)
figures.show_passed(passed)
plt.show()

# %% [markdown]
# Noise makes small differences between neighbours, about as many above zero as below, and the ReLU on its own lets those above zero through. An edge of ink makes sums of several hundred, and only
# such sums are above 200. Note what else is gone: every edge where the scene gets *darker* to the right. Another filter must find those, and this is why a layer has many.
#
# ## 6 · What one output pixel sees
#
# The models of notebook 1 saw squares of 9×9 or 21×21 pixels, and the larger square was better. How much does a pixel see after several layers? The part of the image that can change it is called its
# *receptive
# field*. Count along one direction. After one layer of 3×3 a pixel sees 3 pixels. After the second layer it sees three neighbours in the first map; each of them sees 3, and their windows are shifted
# by one, so together they see 5. The third layer makes this 7.
#
# With stride 2 in every layer it grows faster. Neighbours in the first map are now 2 pixels of the image apart, so the second layer adds 2 · 2 = 4 pixels: 7. Neighbours in
# the second map are 4 pixels apart, and the third layer adds 2 · 4 = 8: 15. In general, layer $l$, whose kernel has $M_l$ numbers along this direction, adds $M_l - 1$ steps of $d_l$ pixels, and each
# step is multiplied by all the strides before it. The sign Π is to products what Σ is to sums; for the first layer, which has no stride before it, the product is 1. The side $R$ of the receptive field is
#
# $$R = 1 + \sum_l d_l \, (M_l - 1) \prod_{k<l} s_k$$
#
# A formula should be measured. We light one pixel of an otherwise black image and see whether the middle of the output notices, and we do so for every pixel. All kernels are filled with ones,
# so that nothing cancels. The number that arrives then counts the *ways* that lead from the lit pixel to the output: a pixel that lies in three windows of the first layer, for example, has three
# ways into the first map.


# %%
def seen_by_the_middle(layers, size=31):
    """layers: pairs (stride, dilation) of 3×3 kernels of ones."""
    x = np.eye(size * size, dtype="float32").reshape(-1, size, size, 1)  # one lit pixel each
    for stride, dilation in layers:
        x = tf.nn.conv2d(x, np.ones((3, 3, 1, 1), "float32"), stride, "VALID", dilations=dilation)
    return x[:, x.shape[1] // 2, x.shape[2] // 2, 0].numpy().reshape(size, size)


# %% [markdown]
# **Predict.** The last stack of layers below has three layers with a dilation of 2 each, all at stride 1. Does its output see *all* the pixels in its receptive field?

# %%
stacks = {
    "three of 3×3": [(1, 1), (1, 1), (1, 1)],
    "stride 2 in each": [(2, 1), (2, 1), (2, 1)],
    "dilations 1, 2, 4": [(1, 1), (1, 2), (1, 4)],
    "dilations 2, 2, 2": [(1, 2), (1, 2), (1, 2)],
}
fields = {name: seen_by_the_middle(layers) for name, layers in stacks.items()}
figures.show_fields({name: ways[7:24, 7:24] for name, ways in fields.items()})
plt.show()


# %%
def field_by_formula(layers):
    steps = np.cumprod([1] + [stride for stride, _ in layers])  # pixels from one place to the next
    return 1 + sum(dilation * (3 - 1) * step for (_, dilation), step in zip(layers, steps))


for name, layers in stacks.items():
    side, ways = field_by_formula(layers), fields[name]
    assert side == figures.field_of(ways)[0]
    most = f"at most {ways.max():.0f}, reached by {(ways == ways.max()).sum()} of the pixels"
    print(f"{name}: {side}×{side}; ways from the middle: {ways[15, 15]:.0f}; {most}")

# %% [markdown]
# It does not see all of them. Three dilations of 2 leave holes, an effect called *gridding*: of the 13×13 pixels in the frame only 49 are seen. Dilations of 1, 2 and 4 leave no holes and see 15×15
# pixels, as many as three layers of stride 2 do, and with the same 27 weights, nine in each layer. The dashed frame in each panel is drawn around what was measured, and the formula gives the same:
# 7, 15, 15 and 13.
#
# Light pixels reach the output in many ways, dark ones in few. In the first and the last panel the pixel in the middle has more ways than any other, 49. In the two other panels it does not: there
# only one way starts in the middle, and the 16 lightest pixels, with nine ways each, lie around it. What do stride and dilation cost? Stride makes the feature map smaller. Dilation does not if the
# image is padded ("same");
# without padding it shrinks the map as well, by $d\,(M - 1)$ rows in each layer.
#
# What does that mean for our scene? Its digits are 18 to 23 pixels high, so 15×15 pixels show most of a digit, but not all of it. Notebook 3 widens the view further.
#
# ## 7 · The way back up
#
# Strides make maps small, but in the end every pixel of the scene needs its label. So we need a layer that makes maps larger, and that can learn how to do so. Such a layer, which the article does
# not mention, is the *transposed convolution*.
#
# It turns the exercise of section 1 around. There a window of many pixels became one pixel. Here one pixel becomes a window of many: it *stamps* the kernel, multiplied by its own value, onto the
# output. Take two pixels in a row, 3 and 5, and the kernel (1, 2). The first stamps 3 · (1, 2) = (3, 6), the second 5 · (1, 2) = (5, 10). At stride 2 the second stamp starts two pixels
# further on, and the result is 3, 6, 5, 10. At stride 1 it starts one pixel further on, the two overlap, and where they do they are added: 3, 6 + 5, 10.


# %%
def transposed_by_hand(x, kernel, stride):
    M, N = kernel.shape
    y = np.zeros((stride * (x.shape[0] - 1) + M, stride * (x.shape[1] - 1) + N))
    for i, j in np.ndindex(x.shape):
        y[stride * i : stride * i + M, stride * j : stride * j + N] += x[i, j] * kernel
    return y


for stride in (2, 1):
    stamped = transposed_by_hand(np.array([[3.0, 5]]), np.array([[1.0, 2]]), stride)
    print(f"stride {stride}:", *stamped[0])

# %% [markdown]
# Again TensorFlow is the judge, on the scene with stride 2. (Its function in Keras expects axes for the batch and the channels too, and computes in single precision, with about seven digits.)

# %%
by_keras = keras.ops.conv_transpose(scene[None, :, :, None], drawn[:, :, None, None], strides=2)
ours = transposed_by_hand(scene, drawn, stride=2)
np.testing.assert_allclose(ours, np.squeeze(by_keras), rtol=1e-4, atol=1e-3)
print(f"{scene.shape} becomes {ours.shape}")

# %% [markdown]
# The result is 129 pixels high because the last of 64 stamps starts 2 · 63 = 126 pixels down and is 3 pixels high.
#
# Why "transposed"? A convolution is a weighted sum for every output pixel, so it is a matrix $A$ times a column $x$ that holds all pixels of the image: $y = A x$. (To multiply, take each row of the
# matrix, multiply it by the column number by number, and add up the products.) Each row of $A$ belongs to one
# output pixel and contains the kernel at the places of its window, and zeros elsewhere. To *transpose* a matrix means to turn its rows into columns; the result is written $A^\top$. In the code,
# `A.T` is the transpose and `@` multiplies.
#
# **Predict.** An image of 3×4 pixels goes through a kernel of 2×2. What is the shape of $A$?

# %%
kernel = np.array([[1.0, 2], [3, 4]])
lit = np.eye(12).reshape(12, 3, 4)  # twelve images with one lit pixel each
A = np.stack([conv2d_by_hand(image, kernel).ravel() for image in lit], axis=1)
x = piece[:3, :4]
y = conv2d_by_hand(x, kernel)  # (2, 3)
np.testing.assert_allclose(A @ x.ravel(), y.ravel())
np.testing.assert_allclose(A.T @ y.ravel(), transposed_by_hand(y, kernel, stride=1).ravel())
figures.show_matrices(A)
plt.show()

# %% [markdown]
# The matrix has 6 rows, one for each of the 2×3 output pixels, and 12 columns, one for each of the 3×4 pixels of the image. (The cell finds the columns one by one: an image that is 1 at a single pixel
# and 0 elsewhere, sent through the convolution, gives the column of that pixel.) Its transpose goes the other way, from 6 numbers to 12, and the
# cell has checked that this is the same as stamping. Does it give back the image that we started from?

# %%
back = transposed_by_hand(y, kernel, stride=1)
print("the same size:", back.shape == x.shape, "· the same numbers:", np.allclose(back, x))

# %% [markdown]
# It does not. The transposed convolution gives back the *shape* of the image, but in general not its pixels; the name "deconvolution", which you may meet now and then, promises too much.
#
# One trap remains. Stamps overlap where the stride is smaller than the kernel. The figure shows what comes out when an image of ones is stamped with kernels of ones, at stride 2.
#
# **Predict.** Which output will be even, that is, have the same number everywhere away from the border: the one of 3×3 stamps, or the one of 4×4?

# %%
figures.show_stamps((3, 4), sizes=(3, 4))
plt.show()
inside = {n: transposed_by_hand(np.ones((3, 4)), np.ones((n, n)), 2)[2:-2, 2:-2] for n in (3, 4)}
print({f"{n}×{n}": np.unique(values).tolist() for n, values in inside.items()})

# %% [markdown]
# The 4×4 stamps come out even on the inside, because 2 divides 4 and every pixel gets four of them. Stamps of 3×3 make a *checkerboard* of 1, 2 and 4, although the image was perfectly even, and a
# network first has to learn to undo it. So choose a kernel size that the stride divides, or enlarge the image first, then convolve.
#
# ## Exercises
#
# **1 · Recall.** Name three things that the article's formula leaves out, and one word about it that is wrong in mathematics. (The answer is at the end.)
#
# **2 · Code, first step.** Write the convolution of one grey image, with bias, stride and padding. The cell after it checks your function and names the usual mistakes.


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
# **3 · Code, second step.** Write a whole layer: channels, filters, bias and the ReLU.


# %%
def conv_layer(x, kernel, bias):
    """A layer of stride 1 without padding, and its ReLU.

    x (H, W, C), kernel (M, N, C, F), bias (F,).
    Return a float array (H - M + 1, W - N + 1, F).
    """
    ...  # your code


# %%
second_exercise.check(conv_layer)

# %% [markdown]
# **4 · Open.** Design a stack of at most four layers of 3×3 that sees at least 31×31 pixels, so that a pixel in the middle of a digit sees the whole digit. Keep all strides at 1, and leave no holes.
# Change the list, and the cell measures it.

# %%
design = [(1, 1), (1, 1), (1, 1), (1, 1)]  # (stride, dilation) of each layer
figures.judge_layers(design, seen_by_the_middle(design, size=41))

# %% [markdown]
# <details><summary>Solutions</summary>
#
# 1. It leaves out stride, padding, dilation, channels, batch and bias: any three. "Convolution" is the wrong word: in mathematics it is a cross-correlation.
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
# 3. One window at a time, over all channels at once:
#
# ```python
# def conv_layer(x, kernel, bias):
#     M, N, C, F = kernel.shape
#     y = np.zeros((x.shape[0] - M + 1, x.shape[1] - N + 1, F))
#     for i, j, f in np.ndindex(y.shape):
#         y[i, j, f] = (x[i : i + M, j : j + N] * kernel[:, :, :, f]).sum() + bias[f]
#     return np.maximum(y, 0)
# ```
#
# 4. Dilations of 1, 2, 4 and 8: $R = 1 + 2 \cdot (1 + 2 + 4 + 8) = 31$. Each dilation is at most as wide as what the layers before it see, so there are no holes.
#
# </details>
#
# ## Recap
#
# - We computed a convolution by hand: nine products made 18, the window slid over the stroke made −19 at its other edge, and the same loop, grown to stride 2, dilation 2, three channels and two
#   images, gave
#   TensorFlow's numbers at each step. Six rows at stride 2 give two rows, or three with padding.
# - We read kernels: a sum of 0 makes even paper vanish, a sum of 1 keeps it. Two layers without an activation are one kernel of 5×5; a ReLU between them prevents this, and with a bias of −200 in
#   front of it only strong edges remain.
# - We measured receptive fields of 7×7, 15×15 and 13×13 (with holes), and went back up with a transposed convolution, which is the transpose of a matrix of 6×12.
#
# **What this adds to our goal.** The scene is now more than brightness: each filter turns it into a map that answers one question about the neighbourhood of every pixel, such as "does ink begin
# here?". But we chose the numbers in the kernels ourselves. In [6 · Gradients](06_gradients.ipynb) a kernel learns them from examples.
#
# **Sources.** Dumoulin and Visin 2016, [A guide to convolution arithmetic](https://arxiv.org/abs/1603.07285) ·
# Odena, Dumoulin and Olah 2016, [Deconvolution and checkerboard artifacts](https://distill.pub/2016/deconv-checkerboard/) ·
# Yu and Koltun 2016, [Dilated convolutions](https://arxiv.org/abs/1511.07122) · Wang et al. 2018, [Gridding](https://arxiv.org/abs/1702.08502) ·
# Araujo et al. 2019, [Receptive fields](https://distill.pub/2019/computing-receptive-fields/)
#
# **Next:** [3 · Pooling](03_pooling.ipynb): making feature maps smaller without a single weight.
