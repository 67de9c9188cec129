# %% [markdown]
# # Assignment 2 · Pooling and dense layers
#
# <!-- [Open in Colab](https://colab.research.google.com/github/OWNER/REPO/blob/main/assignments/release/02_pooling_and_dense/02_pooling_and_dense.ipynb) · -->
# after notebooks [3 · Pooling](../../../notebooks/03_pooling.ipynb) and [4 · Dense layers](../../../notebooks/04_dense.ipynb) · 60 to 120 minutes · 30 points
#
# You write the second half of a classifier by hand, and turn it into a network that answers at every place of an image.
#
# **How it works**
# - Write your code where it says `YOUR CODE HERE`. Delete the line `raise NotImplementedError()`.
# - Run the test cell below each task. It tries your function on small examples and says what is wrong.
# - The points are given by *other* examples, which you don't see. Each line under "Points" can be earned alone.
# - What counts is what your function returns. A list of numbers is as good as an array, and `float32` as good as `float64`, unless a task asks for a type. (If your function changes the arrays that it gets, later lines of a test cell may see them changed.)
# - You may add cells. Don't delete or change the test cells; it would change nothing.
# - When you grade yourself: restart the kernel and run all cells before you hand in.
#
# **To hand in**, save the notebook (on Colab: File → Download → Download .ipynb) and send the file.
#
# Allowed: Python and NumPy. SciPy, scikit-image and TensorFlow cannot be imported when your work is graded.

# %% nbgrader={"grade": false, "grade_id": "setup", "locked": true, "schema_version": 3, "solution": false, "task": false}
import numpy as np


def expect(what, got, want, hint):
    """Compare a result of yours with the right one, and say what differs."""
    assert got is not None, f"{what}: your function returns None. Is `return` missing?"
    got, want = np.asarray(got, float), np.asarray(want, float)
    assert got.shape == want.shape, f"{what}: expected shape {want.shape}, got {got.shape}. {hint}"
    assert np.allclose(got, want), f"{what}: expected\n{want}\ngot\n{got}\n{hint}"
    print("right:", what)


# %% [markdown]
# ## Task 1 · How many parameters? (4 points)
#
# An image of `shape` = [rows, columns, channels] goes through `layers`, one after the other:
#
# - `["conv", kernel, filters]`: kernels of `kernel` × `kernel`, no padding, stride 1;
# - `["pool", size]`: windows of `size` × `size`, side by side; a row or column that fills no window is dropped;
# - `["dense", units]`: all that arrives is flattened first.
#
# Convolutions have one bias for each filter, dense layers one for each unit. How many weights and biases has the whole network?
#
# **Points**: convolutions: 1 · dense layers: 1 · pooling: 1 · whole networks, also with odd sizes: 1


# %% nbgrader={"grade": false, "grade_id": "count_parameters", "locked": false, "schema_version": 3, "solution": true, "task": false}
def count_parameters(shape, layers):
    """The number of weights and biases, a whole number (int)."""
    ### BEGIN SOLUTION
    rows, columns, channels = shape
    total = 0
    for kind, number, *filters in layers:
        if kind == "conv":
            total += (number * number * channels + 1) * filters[0]
            rows, columns, channels = rows - number + 1, columns - number + 1, filters[0]
        elif kind == "pool":
            rows, columns = rows // number, columns // number
        else:
            total += (rows * columns * channels + 1) * number
            rows, columns, channels = 1, 1, number
    return total
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_count_parameters", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
expect(
    "one convolution",
    count_parameters([6, 8, 2], [["conv", 3, 5]]),
    95,
    "Each of 5 filters has 3 · 3 · 2 weights and one bias.",
)
expect(
    "two dense layers",
    count_parameters([2, 3, 1], [["dense", 4], ["dense", 3]]),
    43,
    "(6 + 1) · 4 for the first. The second gets 4 numbers: (4 + 1) · 3.",
)
expect(
    "pooling, then dense",
    count_parameters([4, 6, 2], [["pool", 2], ["dense", 3]]),
    39,
    "Pooling has no parameters. It leaves 2 · 3 · 2 = 12 numbers.",
)
expect(
    "an odd size",
    count_parameters([7, 7, 1], [["conv", 3, 2], ["pool", 2], ["dense", 1]]),
    29,
    "7 → 5 → 2 pixels: 20 parameters of the convolution, then 2 · 2 · 2 + 1.",
)

# %% [markdown]
# ## Task 2 · Max and mean, any stride (4 points)
#
# $$y[i, j, c] = \max_{m, n} \; x[s\,i + m,\; s\,j + n,\; c] \qquad\text{or}\qquad y[i, j, c] = \frac{1}{M^2} \sum_{m, n} x[s\,i + m,\; s\,j + n,\; c]$$
#
# with m and n from 0 to M - 1. No padding: a window that does not fit is left out. Windows may overlap (s < M) or leave gaps (s > M). Channels never mix. Pixels may be negative.
#
# **Points**: maximum, side by side: 1 · mean, side by side: 1 · other strides and sizes: 1 · several channels, negative numbers: 1


# %% nbgrader={"grade": false, "grade_id": "pool", "locked": false, "schema_version": 3, "solution": true, "task": false}
def pool(x, size, stride, kind):
    """x (H, W, C), kind "max" or "mean" → (H', W', C) with H' = (H - size) // stride + 1."""
    ### BEGIN SOLUTION
    rows, columns = ((n - size) // stride + 1 for n in x.shape[:2])
    summary = {"max": np.max, "mean": np.mean}[kind]
    y = np.zeros((rows, columns, x.shape[2]))
    for i, j in np.ndindex(rows, columns):
        window = x[stride * i : stride * i + size, stride * j : stride * j + size]
        y[i, j] = summary(window, axis=(0, 1))
    return y
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_pool", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
steps = np.arange(20.0).reshape(4, 5, 1)
expect(
    "maximum of 2×2",
    pool(steps[:, :4], 2, 2, "max")[..., 0],
    [[6, 8], [16, 18]],
    "The first window sees 0, 1, 5 and 6.",
)
expect(
    "mean of 2×2",
    pool(steps[:, :4], 2, 2, "mean")[..., 0],
    [[3, 5], [13, 15]],
    "The first window: (0 + 1 + 5 + 6) / 4.",
)
expect(
    "3×3, stride 2",
    pool(steps, 3, 2, "max")[..., 0],
    [[12, 14]],
    "Windows start at columns 0 and 2. The fourth row starts no window that fits.",
)
expect(
    "two channels",
    pool(np.array([[[-1.0, 5], [-3, 7]], [[-4, 6], [-2, 9]]]), 2, 2, "max"),
    [[[-1, 9]]],
    "Each channel has its own maximum; it may be below 0.",
)

# %% [markdown]
# What your function makes of a printed page (no points). Which of the two could you still read, and why?

# %%
import matplotlib.pyplot as plt
from skimage import data

page = data.page()[4:136, 4:304, None].astype(float)
fig, axes = plt.subplots(1, 2, figsize=(8.4, 2.2), layout="constrained")
for ax, kind in zip(axes, ("max", "mean")):
    ax.imshow(pool(page, 3, 3, kind)[..., 0], cmap="gray")
    ax.set(title=f"{kind} of each 3×3", xticks=[], yticks=[])
plt.show()

# %% [markdown]
# ## Task 3 · To the winner (4 points)
#
# For one map x (H, W), `upstream` holds $g[i, j] = \partial L / \partial y[i, j]$ of its max pooling. The pixel that won window (i, j) gets $g[i, j]$; all others get nothing from that window.
# If pixels tie, the first in reading order wins. Pixels may be negative.
#
# **Points**: windows side by side: 1 · overlapping windows: 1 · ties: 1 · pixels that no window sees: 1


# %% nbgrader={"grade": false, "grade_id": "max_pool_gradient", "locked": false, "schema_version": 3, "solution": true, "task": false}
def max_pool_gradient(x, upstream, size, stride):
    """x (H, W), upstream (H', W') → (H, W), how the loss changes with each pixel."""
    ### BEGIN SOLUTION
    dx = np.zeros(x.shape)
    for i, j in np.ndindex(*upstream.shape):
        window = x[stride * i : stride * i + size, stride * j : stride * j + size]
        m, n = divmod(window.argmax(), size)
        dx[stride * i + m, stride * j + n] += upstream[i, j]
    return dx
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_max_pool_gradient", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
row = np.array([[1.0, 5, 2, 0, 7], [3, 4, 8, 6, 9]])
expect(
    "two windows",
    max_pool_gradient(row, np.array([[10.0, 20]]), 2, 2),
    [[0, 10, 0, 0, 0], [0, 0, 20, 0, 0]],
    "5 and 8 win. The last column is in no window; it gets 0, but it is there.",
)
expect(
    "overlapping windows",
    max_pool_gradient(row[:, :4], np.array([[10.0, 20, 30]]), 2, 1),
    [[0, 10, 0, 0], [0, 0, 50, 0]],
    "8 wins two windows, so it gets 20 + 30.",
)
expect(
    "a tie",
    max_pool_gradient(np.array([[0.0, 7], [7, 7]]), np.array([[10.0]]), 2, 2),
    [[0, 10], [0, 0]],
    "One pixel gets all: the first 7, reading row by row.",
)

# %% [markdown]
# ## Task 4 · A dense layer with ReLU, backwards (5 points)
#
# The layer computes $y = \mathrm{ReLU}(z)$ with $z_{nk} = b_k + \sum_d x_{nd} W_{dk}$, for a batch of images n. `upstream` is $g_{nk} = \partial L / \partial y_{nk}$.
#
# First back through ReLU: $u_{nk} = g_{nk}$ where $z_{nk} > 0$, else 0. Then
#
# $$\frac{\partial L}{\partial x_{nd}} = \sum_k u_{nk} W_{dk} \qquad \frac{\partial L}{\partial W_{dk}} = \sum_n x_{nd}\, u_{nk} \qquad \frac{\partial L}{\partial b_k} = \sum_n u_{nk}$$
#
# **Points**, where all z > 0: gradient of x: 1 · of W: 1 · of b: 1 · where some z are not: 2


# %% nbgrader={"grade": false, "grade_id": "dense_relu_gradients", "locked": false, "schema_version": 3, "solution": true, "task": false}
def dense_relu_gradients(x, weights, bias, upstream):
    """x (B, D), weights (D, K), bias (K,), upstream (B, K) → dx (B, D), dweights (D, K), dbias (K,)."""
    ### BEGIN SOLUTION
    active = upstream * (x @ weights + bias > 0)
    return active @ weights.T, x.T @ active, active.sum(axis=0)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_dense_relu_gradients", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
x, weights = np.array([[1.0, 2], [3, 0]]), np.array([[1.0, 0, 2], [0, 1, 1]])
upstream = np.array([[1.0, 2, 3], [10, 20, 30]])
dx, dweights, dbias = dense_relu_gradients(x, weights, np.array([1.0, 1, 1]), upstream)
expect("gradient of x", dx, [[7, 5], [70, 50]], "dx[0, 0] = 1 · 1 + 2 · 0 + 3 · 2.")
expect(
    "gradient of W",
    dweights,
    [[31, 62, 93], [2, 4, 6]],
    "dW[0, 0] = 1 · 1 + 3 · 10: a sum over the images.",
)
expect("gradient of b", dbias, [11, 22, 33], "One for each unit, summed over the images.")
dx, dweights, dbias = dense_relu_gradients(x, weights, np.array([-2.0, 0, 0]), upstream)
expect(
    "with ReLU",
    dbias,
    [10, 2, 33],
    "z is [[-1, 2, 4], [1, 0, 6]]: nothing passes where z is negative or 0.",
)

# %% [markdown]
# ## Task 5 · Softmax with a temperature (4 points)
#
# $$p_c = \frac{e^{z_c / T}}{\sum_k e^{z_k / T}}$$
#
# over the *last* axis, whatever axes come before: one pixel (C,), an image (H, W, C), a batch (B, H, W, C). Logits of some thousands must not give `nan`.
#
# **Points**: one pixel: 1 · an image: 1 · large logits: 1 · temperature: 1


# %% nbgrader={"grade": false, "grade_id": "softmax", "locked": false, "schema_version": 3, "solution": true, "task": false}
def softmax(logits, temperature=1.0):
    """logits (..., C) → probabilities (..., C); those of each pixel sum to 1."""
    ### BEGIN SOLUTION
    scaled = logits / temperature
    powers = np.exp(scaled - scaled.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_softmax", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
expect(
    "one pixel",
    softmax(np.log([1.0, 2, 5])),
    [0.125, 0.25, 0.625],
    "The powers are 1, 2 and 5; their sum is 8.",
)
expect(
    "an image of 1×2 pixels",
    softmax(np.log([[[1.0, 3], [4, 1]]])),
    [[[0.25, 0.75], [0.8, 0.2]]],
    "Each pixel has a sum of its own. `keepdims=True` keeps the axes in line.",
)
expect(
    "large logits",
    softmax(np.array([[1000.0, 1000.0], [-1000.0, -3000.0]])),
    [[0.5, 0.5], [1, 0]],
    "Subtract the largest logit of *each pixel* first.",
)
expect(
    "temperature 0.5",
    softmax(np.log([1.0, 2]), 0.5),
    [0.2, 0.8],
    "Twice the logits: the powers are 1 and 4.",
)

# %% [markdown]
# ## Task 6 · Slide the classifier (4 points)
#
# A dense layer was trained on maps of `rows` × `columns` pixels and C channels, flattened as `x.reshape(-1)` does it: its weights have shape (rows · columns · C, K).
# Give its scores at *every* place of a larger map. Place (i, j) is the window whose first pixel is x[i, j].
#
# You may cut out the windows, or write the layer as a convolution: both give the same numbers.
#
# **Points**: a map as large as the window: 1 · a larger map: 1 · several channels: 1 · a window that is not square: 1


# %% nbgrader={"grade": false, "grade_id": "slide", "locked": false, "schema_version": 3, "solution": true, "task": false}
def slide(x, weights, bias, rows, columns):
    """x (H, W, C), weights (rows · columns · C, K), bias (K,) → (H - rows + 1, W - columns + 1, K)."""
    ### BEGIN SOLUTION
    height, width = x.shape[0] - rows + 1, x.shape[1] - columns + 1
    scores = np.zeros((height, width, len(bias)))
    for i, j in np.ndindex(height, width):
        scores[i, j] = x[i : i + rows, j : j + columns].reshape(-1) @ weights + bias
    return scores
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_slide", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
table = np.array([[1.0, 2, 3], [4, 5, 6]])[..., None]  # 2×3 pixels, one channel
expect(
    "one place",
    slide(table, np.arange(12.0).reshape(6, 2), np.array([0.5, -1]), 2, 3),
    [[[140.5, 160]]],
    "x.reshape(-1) is 1 … 6; times the columns of the weights, plus the bias.",
)
expect(
    "two places",
    slide(table, np.array([[1.0], [10], [100], [1000]]), np.array([0.0]), 2, 2),
    [[[5421], [6532]]],
    "The second window holds 2, 3 in its first row and 5, 6 in its second.",
)
expect(
    "two channels",
    slide(np.array([[[1.0, 2], [3, 4]]]), np.array([[1.0], [10]]), np.array([0.0]), 1, 1),
    [[[21], [43]]],
    "Flattening keeps the channels of a pixel together.",
)

# %% [markdown]
# Your `slide` and `softmax` on real digits of 8×8 pixels (no points). The weights are mean images, as in notebook 4; nothing was trained. Circles mark the centres of a 3 and a 6.

# %%
from sklearn.datasets import load_digits

digits = load_digits()
means = np.stack(
    [digits.images[digits.target == k].mean(axis=0).ravel() for k in range(10)], axis=1
)
scene = np.zeros((12, 36))
for label, place in ((3, 4), (6, 22)):
    scene[2:10, place : place + 8] = digits.images[digits.target == label][0]
scores = slide(scene[..., None], means, -(means**2).sum(axis=0) / 2, 8, 8)
chance = np.pad(softmax(scores, 100.0), ((4, 3), (4, 3), (0, 0)), constant_values=np.nan)
fig, axes = plt.subplots(1, 3, figsize=(9, 1.6), layout="constrained")
titles = ("scene", "probability of a 3", "probability of a 6")
for ax, image, title in zip(axes, (scene, chance[..., 3], chance[..., 6]), titles):
    ax.imshow(image, cmap="Greys", vmin=0)
    ax.plot([7.5, 25.5], [5.5, 5.5], "o", fillstyle="none", markersize=14, color="tab:orange")
    ax.set(title=title, xticks=[], yticks=[])
plt.show()

# %% [markdown] nbgrader={"grade": false, "grade_id": "question_text", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## Task 7 · A written question (5 points)
#
# A network was trained on images of 28×28 pixels: 32 kernels of 3×3, max pooling 2×2, 64 kernels of 3×3, max pooling 2×2 (no padding anywhere), Flatten, a dense layer with 10 outputs. A colleague wants a class for every pixel of an image of 252×252 and says:
#
# "I give it the large image. If that fails I turn the dense layer into a convolution and train it again. Then every pixel has an answer."
#
# Is each of the three sentences right? Answer in five to ten sentences, with numbers.
#
# **Points**, given by a person: why the large image fails, with the numbers that meet: 1 · the kernel's shape, and whether to train: 1 · how many answers come out, and why: 1 · one way to an answer for every pixel, and its price: 1 · clear and correct language of the field: 1

# %% [markdown] nbgrader={"grade": true, "grade_id": "question", "locked": false, "points": 5, "schema_version": 3, "solution": true, "task": false}
# *Model answer.* The first sentence does not work: 252 → 250 → 125 → 123 → 61 pixels, so Flatten gives 61 · 61 · 64 = 238,144 numbers, but the dense layer has weights for 5 · 5 · 64 = 1,600. The convolutions and poolings would take any size.
# The dense layer is a convolution with kernels of shape (5, 5, 64, 10). They are the *same* 16,000 weights, reshaped, with the same 10 biases, so nothing needs to be trained again; on a 28×28 image the scores are equal.
# The third sentence is wrong: 61 - 5 + 1 = 57, so 57×57 answers come out. The two poolings make neighbouring windows lie 4 pixels apart, (252 - 28) / 4 + 1 = 57, and no window has its centre near the border.
# For every pixel one can enlarge the scores, which is cheap but loses fine detail; add skip connections from the larger maps, as U-Net does, which must be trained; or pool less, which costs computing and makes each output see less of the image unless the kernels are dilated.
# Also, the network never saw a window without an object, so a background class would have to be trained.

# %% [markdown]
# **Before you hand in**: restart the kernel, run all cells, and see that every test prints "right".
