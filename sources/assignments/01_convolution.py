# %% [markdown]
# # Assignment 1 · Convolution
#
# <!-- [Open in Colab](https://colab.research.google.com/github/OWNER/REPO/blob/main/assignments/release/01_convolution/01_convolution.ipynb) · -->
# after notebooks [1 · Background](../../../notebooks/01_background.ipynb) and [2 · Convolution](../../../notebooks/02_convolution.ipynb) · 60 to 120 minutes · 30 points
#
# You write a convolution layer by hand, forward and backward, with NumPy and nothing else.
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
# ## Task 1 · How large is the output? (3 points)
#
# A row of `size` pixels gets `padding` zeros on *each* side. A kernel of `kernel` elements, `dilation` pixels apart, moves by `stride` pixels. How often does it fit? (It always fits at least once.)
#
# $$H' = \left\lfloor \frac{H + 2p - d\,(M - 1) - 1}{s} \right\rfloor + 1$$
#
# **Points**: stride 1 without padding: 1 · stride and padding: 1 · dilation: 1


# %% nbgrader={"grade": false, "grade_id": "output_size", "locked": false, "schema_version": 3, "solution": true, "task": false}
def output_size(size, kernel, stride=1, padding=0, dilation=1):
    """The number of windows that fit, a whole number (int)."""
    ### BEGIN SOLUTION
    reach = dilation * (kernel - 1) + 1
    return (size + 2 * padding - reach) // stride + 1
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_output_size", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
expect("7 pixels, kernel 3", output_size(7, 3), 5, "The windows start at pixels 0 to 4.")
expect("7 pixels, stride 2", output_size(7, 3, 2), 3, "They start at pixels 0, 2 and 4.")
expect("8 pixels, stride 2", output_size(8, 3, 2), 3, "A window that does not fit is left out.")
expect("5 pixels, padding 1", output_size(5, 3, 1, 1), 5, "Padding is added on both sides.")
expect(
    "9 pixels, dilation 2", output_size(9, 3, 1, 0, 2), 5, "Such a kernel reaches over 5 pixels."
)

# %% [markdown]
# ## Task 2 · The convolution of one grey image (5 points)
#
# $$y[i, j] = \sum_{m} \sum_{n} x[i + m,\, j + n] \cdot k[m, n]$$
#
# No padding, stride 1, counted from 0. The kernel is *not* turned around. The output holds real numbers even if the image holds whole ones.
#
# **Points**: a square kernel: 2 · a kernel and an image that are not square: 2 · an image of whole numbers: 1


# %% nbgrader={"grade": false, "grade_id": "conv2d", "locked": false, "schema_version": 3, "solution": true, "task": false}
def conv2d(x, kernel):
    """x (H, W), kernel (M, N) → (H - M + 1, W - N + 1)."""
    ### BEGIN SOLUTION
    rows, columns = x.shape[0] - kernel.shape[0] + 1, x.shape[1] - kernel.shape[1] + 1
    y = np.zeros((rows, columns))
    for m, n in np.ndindex(*kernel.shape):
        y += kernel[m, n] * x[m : m + rows, n : n + columns]
    return y
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_conv2d", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
dot = np.zeros((3, 4))
dot[1, 2] = 1
expect(
    "an image with one bright pixel",
    conv2d(dot, np.array([[1.0, 2], [3, 4]])),
    [[0, 4, 3], [0, 2, 1]],
    "The kernel comes out turned around. If it comes out as it is, you turned it yourself.",
)
expect(
    "differences along a row",
    conv2d(np.array([[1.0, 4, 9, 16]]), np.array([[-1.0, 1]])),
    [[3, 5, 7]],
    "y[0, 0] is 1 · (-1) + 4 · 1.",
)
expect(
    "whole numbers",
    conv2d(np.array([[1, 2], [3, 4]]), np.array([[0.5], [0.25]])),
    [[1.25, 2]],
    "Is your output an array of whole numbers? Then it cuts off the fractions.",
)

# %% [markdown]
# What your function makes of a photograph (no points):

# %%
import matplotlib.pyplot as plt
from skimage import data

photo = data.camera()[:384:6, 64:448:6] / 255
edges = conv2d(photo, np.array([[-1.0, 0, 1], [-2, 0, 2], [-1, 0, 1]]))
fig, axes = plt.subplots(1, 2, figsize=(6.4, 3.2), layout="constrained")
axes[0].imshow(photo, cmap="gray")
axes[0].set(title="photograph", xticks=[], yticks=[])
axes[1].imshow(edges, cmap="PuOr", vmin=-2, vmax=2)
axes[1].set(title="vertical edges", xticks=[], yticks=[])
plt.show()

# %% [markdown]
# ## Task 3 · Bias, stride, padding (6 points)
#
# $$y[i, j] = \mathrm{bias} + \sum_{m} \sum_{n} x[s\,i + m,\, s\,j + n] \cdot k[m, n]$$
#
# after a border of `padding` zeros is put around the image. You may call `conv2d`.
#
# **Points**: bias: 1 · stride: 2 · padding: 2 · all of them: 1


# %% nbgrader={"grade": false, "grade_id": "conv2d_options", "locked": false, "schema_version": 3, "solution": true, "task": false}
def conv2d_options(x, kernel, bias=0.0, stride=1, padding=0):
    """x (H, W), kernel (M, N) → (H', W') with H' as in task 1."""
    ### BEGIN SOLUTION
    return conv2d(np.pad(x, padding), kernel)[::stride, ::stride] + bias
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_conv2d_options", "locked": true, "points": 6, "schema_version": 3, "solution": false, "task": false}
steps, two = np.arange(20.0).reshape(4, 5), np.array([[0.0, 1], [1, 0]])
expect(
    "bias 0.5",
    conv2d_options(steps[:2, :3], two, 0.5),
    [[6.5, 8.5]],
    "The bias is added once to each output pixel.",
)
expect(
    "stride 2",
    conv2d_options(steps, two, stride=2),
    [[6, 10], [26, 30]],
    "The windows start at rows 0 and 2 and at columns 0 and 2.",
)
expect(
    "padding 1",
    conv2d_options(steps[:1, :2], two, padding=1),
    [[0, 0, 1], [0, 1, 0]],
    "A border of zeros above, below, left and right.",
)

# %% [markdown]
# ## Task 4 · A layer: channels, filters, ReLU (5 points)
#
# A filter has one kernel for each channel of the image; their results are added, and so is the filter's bias. Each filter makes one channel of the output. Then $\mathrm{ReLU}(y) = \max(y, 0)$.
#
# **Points**: one channel: 1 · three channels: 2 · several filters, each with its bias: 1 · ReLU: 1


# %% nbgrader={"grade": false, "grade_id": "conv_layer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def conv_layer(x, kernels, biases):
    """x (H, W, C), kernels (M, N, C, F), biases (F,) → (H - M + 1, W - N + 1, F), not negative."""
    ### BEGIN SOLUTION
    channels, filters = kernels.shape[2:]
    maps = [
        sum(conv2d(x[:, :, c], kernels[:, :, c, f]) for c in range(channels)) + biases[f]
        for f in range(filters)
    ]
    return np.maximum(np.stack(maps, axis=-1), 0)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_conv_layer", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
colours = np.array([[[1.0, 10], [2, 20]]])  # one row, two pixels, two channels
expect(
    "two channels, one filter of one pixel",
    conv_layer(colours, np.array([[[[3.0], [1.0]]]]), np.array([0.5])),
    [[[13.5], [26.5]]],
    "3 · 1 + 1 · 10 + 0.5 = 13.5: the channels are added, the bias once.",
)
expect(
    "two filters",
    conv_layer(colours[..., :1], np.array([[[[1.0, -1.0]]]]), np.array([0.0, 1.5])),
    [[[1, 0.5], [2, 0]]],
    "Each filter makes its own channel; ReLU makes -0.5 a 0.",
)

# %% [markdown]
# ## Task 5 · How a kernel learns (3 points)
#
# The layers above hand down `upstream`: how the loss $L$ changes with each output pixel, $g[i, j] = \partial L / \partial y[i, j]$. Then
#
# $$\frac{\partial L}{\partial k[m, n]} = \sum_{i} \sum_{j} g[i, j] \cdot x[i + m,\, j + n]$$
#
# **Points**: a square kernel: 2 · a kernel and an image that are not square: 1


# %% nbgrader={"grade": false, "grade_id": "kernel_gradient", "locked": false, "schema_version": 3, "solution": true, "task": false}
def kernel_gradient(x, upstream):
    """x (H, W), upstream (H', W') → (H - H' + 1, W - W' + 1), the shape of the kernel."""
    ### BEGIN SOLUTION
    return conv2d(x, upstream)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_kernel_gradient", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
x, kernel = np.array([[1.0, 2, 4], [3, 0, 5]]), np.array([[2.0, -1]])
upstream = np.array([[1.0, 0], [0, 10]])  # of the output's shape, (2, 2)
expect(
    "two output pixels matter",
    kernel_gradient(x, upstream),
    [[1, 52]],
    "y[0, 0] saw 1 and 2 and counts once, y[1, 1] saw 0 and 5 and counts ten times.",
)
loss_before = (upstream * conv2d(x, kernel)).sum()
loss_after = (upstream * conv2d(x, kernel + np.array([[0.0, 0.001]]))).sum()
expect(
    "against a difference quotient",
    (loss_after - loss_before) / 0.001,
    kernel_gradient(x, upstream)[0, 1],
    "Change k[0, 1] a little: the loss must change by the gradient times that.",
)

# %% [markdown]
# ## Task 6 · Further back: the gradient for the image (3 points)
#
# A pixel takes part in several windows. Each sends its share back:
#
# $$\frac{\partial L}{\partial x[i + m,\, j + n]} \mathrel{+}= g[i, j] \cdot k[m, n]$$
#
# **Points**: one output pixel: 1 · many: 1 · a kernel that is not square: 1


# %% nbgrader={"grade": false, "grade_id": "input_gradient", "locked": false, "schema_version": 3, "solution": true, "task": false}
def input_gradient(kernel, upstream):
    """kernel (M, N), upstream (H', W') → (H' + M - 1, W' + N - 1), the shape of the image."""
    ### BEGIN SOLUTION
    (rows, columns), (height, width) = upstream.shape, kernel.shape
    dx = np.zeros((rows + height - 1, columns + width - 1))
    for m, n in np.ndindex(height, width):
        dx[m : m + rows, n : n + columns] += kernel[m, n] * upstream
    return dx
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_input_gradient", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
expect(
    "one output pixel",
    input_gradient(np.array([[1.0, 2], [3, 4]]), np.array([[10.0]])),
    [[10, 20], [30, 40]],
    "The pixel sends the kernel back, times its own gradient.",
)
expect(
    "two windows overlap",
    input_gradient(np.array([[1.0, 2]]), np.array([[1.0, 1]])),
    [[1, 3, 2]],
    "Where windows overlap their shares are *added*.",
)

# %% [markdown] nbgrader={"grade": false, "grade_id": "question_text", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## Task 7 · A written question (5 points)
#
# A colleague replaces one layer of 5×5 kernels by two layers of 3×3 kernels and says: "It sees the same pixels, is cheaper, and can do more."
#
# Is each of the three claims right? Answer in five to ten sentences; give numbers for one channel and one filter, without biases. Say what must stand between the two layers, and what happens without it.
#
# **Points**, given by a person: the pixels seen, with a reason: 1 · the numbers of weights: 1 · what stands between: 1 · what happens without it, and why: 1 · clear and correct language of the field: 1

# %% [markdown] nbgrader={"grade": true, "grade_id": "question", "locked": false, "points": 5, "schema_version": 3, "solution": true, "task": false}
# *Model answer.* The first claim is right: the second layer's pixel sees 3×3 pixels of the first, and each of these sees 3×3 of the image, one pixel apart, so 3 + 2 = 5 in each direction.
# The second is right too: 2 · 9 = 18 weights instead of 25 (with C channels in and out, 18 C² instead of 25 C²).
# The third is right only if an activation that is not linear, such as ReLU, stands between them. Without it two convolutions are *one* convolution with a 5×5 kernel, because both are linear.
# That pair can do *less* than a free 5×5 kernel: its 18 weights make only some of all 5×5 kernels. With ReLU the pair can compute functions that no single convolution can, for example ones where −x does not give −y.

# %% [markdown]
# **Before you hand in**: restart the kernel, run all cells, and see that every test prints "right".
