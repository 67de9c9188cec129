# %% [markdown]
# # Assignment 3 · Losses
#
# <!-- [Open in Colab](https://colab.research.google.com/github/OWNER/REPO/blob/main/assignments/release/03_losses/03_losses.ipynb) · -->
# after notebook [5 · Losses](../../../notebooks/05_losses.ipynb) · 60 to 120 minutes · 30 points
#
# You write the losses of segmentation by hand, with the cases that break them: logits of some thousands, void pixels, empty masks, classes that are absent.
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
# ## Task 1 · Cross-entropy from logits, with void pixels (5 points)
#
# `labels` holds the class number of each pixel, or `void` where nobody could tell: a number that no class has, 255 or another one, such as −1. For a pixel of class y with logits z
#
# $$L = -\log p_y = \log \sum_k e^{z_k} - z_y$$
#
# The loss of an image is the mean over its *valid* pixels. Without any valid pixel it is 0. Logits of some thousands must give the exact loss, not `inf` or `nan`.
#
# **Points**: images without void: 2 · large logits: 1 · void pixels: 1 · nothing but void: 1


# %% nbgrader={"grade": false, "grade_id": "cross_entropy", "locked": false, "schema_version": 3, "solution": true, "task": false}
def cross_entropy(labels, logits, void=255):
    """labels (H, W) whole numbers, logits (H, W, C) → one number."""
    ### BEGIN SOLUTION
    valid = labels != void
    if not valid.any():
        return 0.0
    y, z = labels[valid], logits[valid]  # (N,), (N, C)
    z = z - z.max(axis=1, keepdims=True)
    of_pixels = np.log(np.exp(z).sum(axis=1)) - z[np.arange(len(y)), y]
    return of_pixels.mean()
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_cross_entropy", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
expect(
    "one pixel",
    cross_entropy(np.array([[1]]), np.log([[[1.0, 3]]])),
    np.log(4 / 3),
    "Class 1 gets 3 / (1 + 3); the loss is -log(3 / 4).",
)
expect(
    "two pixels",
    cross_entropy(np.array([[1, 0]]), np.log([[[1.0, 3], [1, 1]]])),
    (np.log(4 / 3) + np.log(2)) / 2,
    "The mean of both.",
)
expect(
    "large logits",
    cross_entropy(np.array([[0, 1]]), np.array([[[5000.0, -5000], [5000, -5000]]])),
    5000,
    "A right pixel costs 0, a wrong one 10000. Subtract each pixel's largest logit first.",
)
expect(
    "a void pixel",
    cross_entropy(np.array([[1, 255]]), np.log([[[1.0, 3], [1, 1]]])),
    np.log(4 / 3),
    "It counts neither in the sum nor in the number of pixels.",
)
expect(
    "nothing but void",
    cross_entropy(np.array([[255, 255]]), np.zeros((1, 2, 3))),
    0,
    "There is nothing to learn from. A mean of no pixels would be nan.",
)

# %% [markdown]
# ## Task 2 · Its gradient (4 points)
#
# With N valid pixels, for a valid pixel
#
# $$\frac{\partial L}{\partial z_c} = \frac{p_c - y_c}{N}$$
#
# where p is the softmax of its logits, and $y_c$ is 1 for its class, else 0. For a void pixel the gradient is 0. (Here at least one pixel is valid.)
#
# **Points**: images without void: 2 · large logits: 1 · void pixels: 1


# %% nbgrader={"grade": false, "grade_id": "cross_entropy_gradient", "locked": false, "schema_version": 3, "solution": true, "task": false}
def cross_entropy_gradient(labels, logits, void=255):
    """labels (H, W), logits (H, W, C) → (H, W, C), how the loss changes with each logit."""
    ### BEGIN SOLUTION
    valid = labels != void
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    gradient = powers / powers.sum(axis=-1, keepdims=True)
    gradient -= labels[..., None] == np.arange(logits.shape[-1])
    return gradient * valid[..., None] / valid.sum()
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_cross_entropy_gradient", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
expect(
    "one pixel",
    cross_entropy_gradient(np.array([[1]]), np.log([[[1.0, 3, 4]]])),
    [[[0.125, -0.625, 0.5]]],
    "p is (0.125, 0.375, 0.5); the true class gets minus 1.",
)
expect(
    "two pixels",
    cross_entropy_gradient(np.array([[0, 1]]), np.zeros((1, 2, 2))),
    [[[-0.25, 0.25], [0.25, -0.25]]],
    "The loss is a mean over two pixels, so each counts half.",
)
expect(
    "large logits",
    cross_entropy_gradient(np.array([[1]]), np.array([[[5000.0, -5000]]])),
    [[[1, -1]]],
    "Completely wrong, so the pull is as strong as can be.",
)
expect(
    "a void pixel",
    cross_entropy_gradient(np.array([[0, 255]]), np.zeros((1, 2, 2))),
    [[[-0.5, 0.5], [0, 0]]],
    "Only one pixel is valid: N = 1.",
)

# %% [markdown]
# Where your gradient pulls (no points): a network is sure of a disc that lies too far to the left. The rim of the true disc is void. Where the gradient is below 0, a step of training makes the logit larger.

# %%
import matplotlib.pyplot as plt

rows, columns = np.indices((32, 48))
distance = np.hypot(rows - 16, columns - 28)
labels = np.where(abs(distance - 10) < 1.5, 255, distance < 10)
ink = 10 - np.hypot(rows - 16, columns - 20)  # the logit of class 1; class 0 has 0
pull = cross_entropy_gradient(labels, np.stack([np.zeros(ink.shape), ink], axis=-1))[..., 1]
fig, axes = plt.subplots(1, 2, figsize=(7.2, 2.6), layout="constrained")
axes[0].imshow(np.where(labels == 255, 0.5, labels), cmap="Greys", vmin=0, vmax=1)
axes[0].contour(ink, [0], colors="tab:orange", linestyles="--")
axes[0].set(title="truth, void in grey; dashed: predicted", xticks=[], yticks=[])
drawn = axes[1].imshow(pull * 1000, cmap="PuOr", vmin=-0.8, vmax=0.8)
axes[1].set(title="gradient of the disc's logit × 1000", xticks=[], yticks=[])
plt.colorbar(drawn, ax=axes[1])
plt.show()

# %% [markdown]
# ## Task 3 · Votes by class (3 points)
#
# `weights` gives each class its weight. With $w_{y_i}$, the weight of the *true* class of pixel i,
#
# $$L = \frac{\sum_i w_{y_i} \, (-\log p_{i, y_i})}{\sum_i w_{y_i}}$$
#
# There are no void pixels here, the logits are small, and all weights are above 0. A class may have no pixel.
#
# **Points**: all weights 1: 1 · different weights: 2


# %% nbgrader={"grade": false, "grade_id": "weighted_cross_entropy", "locked": false, "schema_version": 3, "solution": true, "task": false}
def weighted_cross_entropy(labels, logits, weights):
    """labels (H, W), logits (H, W, C), weights (C,) → one number."""
    ### BEGIN SOLUTION
    log_p = logits - np.log(np.exp(logits).sum(axis=-1, keepdims=True))
    of_pixels = -np.take_along_axis(log_p, labels[..., None], axis=-1)[..., 0]
    votes = weights[labels]
    return (votes * of_pixels).sum() / votes.sum()
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_weighted_cross_entropy", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
two = np.array([[0, 1]]), np.log([[[1.0, 1], [1, 3]]])
expect(
    "weights of 1",
    weighted_cross_entropy(*two, np.array([1.0, 1])),
    (np.log(2) + np.log(4 / 3)) / 2,
    "All pixels have the same vote, as in task 1.",
)
expect(
    "class 1 counts nine times",
    weighted_cross_entropy(*two, np.array([1.0, 9])),
    (np.log(2) + 9 * np.log(4 / 3)) / 10,
    "Divide by the sum of the pixels' weights, 1 + 9.",
)

# %% [markdown]
# ## Task 4 · Tversky, image by image (5 points)
#
# For each image, with sums over its pixels: $TP = \sum y\,\hat y$, $FP = \sum (1 - y)\,\hat y$, $FN = \sum y\,(1 - \hat y)$, and
#
# $$L = 1 - \frac{TP}{TP + \alpha\,FP + \beta\,FN}$$
#
# The truth y is 0 or 1, the prediction $\hat y$ a probability. An image whose two masks are both empty (all zeros) has the loss 0, whatever the other images hold. If only one of them is empty, the formula decides: however faint a false alarm is, its loss is 1.
#
# **Points**: hard masks, α = β = ½: 1 · soft masks, α ≠ β: 2 · several images: 1 · empty masks: 1


# %% nbgrader={"grade": false, "grade_id": "tversky", "locked": false, "schema_version": 3, "solution": true, "task": false}
def tversky(y_true, y_pred, alpha=0.5, beta=0.5):
    """y_true, y_pred (B, H, W) → (B,), a loss for each image."""
    ### BEGIN SOLUTION
    true_positives = (y_true * y_pred).sum(axis=(1, 2))
    false_positives = ((1 - y_true) * y_pred).sum(axis=(1, 2))
    false_negatives = (y_true * (1 - y_pred)).sum(axis=(1, 2))
    below = true_positives + alpha * false_positives + beta * false_negatives
    return np.where(below > 0, 1 - true_positives / np.where(below > 0, below, 1), 0)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_tversky", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
truth = np.array([[[1.0, 1, 1, 0, 0]]])  # one image of 1×5 pixels
expect(
    "hard masks",
    tversky(truth, np.array([[[1.0, 1, 0, 1, 0]]])),
    [1 / 3],
    "TP = 2, FP = 1, FN = 1: 1 - 2 / (2 + ½ + ½). One number for each image, also for one image.",
)
expect(
    "soft masks, α = 0.2, β = 0.8",
    tversky(truth, np.array([[[0.5, 1, 0.5, 1, 0]]]), 0.2, 0.8),
    [1 / 3],
    "TP = 2, FP = 1, FN = 1: α belongs to FP.",
)
expect(
    "two images",
    tversky(np.array([[[1.0, 1]], [[1, 0]]]), np.array([[[1.0, 1]], [[0, 0]]])),
    [0, 1],
    "One is found, one is missed. Don't add up the pixels of different images.",
)
expect(
    "empty masks",
    tversky(np.zeros((2, 1, 2)), np.array([[[0.0, 0]], [[0, 1]]])),
    [0, 1],
    "Both empty: 0, not nan. An empty truth and *one* false pixel: 1, as the formula says.",
)

# %% [markdown]
# The losses of discs that are too small or too large; the true one has a radius of 8 pixels (no points). What would you choose if a missed tumour is worse than a false alarm?

# %%
rows, columns = np.indices((40, 40))
distance = np.hypot(rows - 20, columns - 20)
radii = np.arange(2, 18)
discs = np.stack([distance < radius for radius in radii]).astype(float)
true_discs = np.stack([distance < 8] * len(radii)).astype(float)
fig, ax = plt.subplots(figsize=(5.4, 3), layout="constrained")
for (alpha, beta), style in zip([(0.5, 0.5), (0.2, 0.8), (0.8, 0.2)], ["-", "--", ":"]):
    loss = tversky(true_discs, discs, alpha, beta)
    ax.plot(radii, loss, style, label=f"α = {alpha}, β = {beta}")
ax.set(title="Tversky loss", xlabel="radius of the predicted disc, pixels", ylabel="loss")
ax.legend()
plt.show()

# %% [markdown]
# ## Task 5 · The gradient of Dice (4 points)
#
# For one mask and without squares, $L = 1 - 2\,O / S$ with $O = \sum_j y_j\,\hat y_j$ and $S = \sum_j y_j + \sum_j \hat y_j$. Find $\partial L / \partial \hat y_j$ with the quotient rule: *both* O and S change with $\hat y_j$.
# If both masks are empty (all zeros), the gradient is 0 everywhere. If only one of them is, the formula decides.
#
# **Points**: soft masks: 2 · masks that don't overlap: 1 · both empty: 1


# %% nbgrader={"grade": false, "grade_id": "dice_gradient", "locked": false, "schema_version": 3, "solution": true, "task": false}
def dice_gradient(y_true, y_pred):
    """y_true, y_pred (H, W) → (H, W), how the loss changes with each predicted probability."""
    ### BEGIN SOLUTION
    overlap, size = (y_true * y_pred).sum(), y_true.sum() + y_pred.sum()
    if size == 0:
        return np.zeros(y_pred.shape)
    return 2 * (overlap / size - y_true) / size
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_dice_gradient", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
y, p = np.array([[1.0, 1, 0, 0]]), np.array([[0.5, 1, 0.5, 0]])
expect(
    "a soft mask",
    dice_gradient(y, p),
    [[-0.3125, -0.3125, 0.1875, 0.1875]],
    "O = 1.5, S = 4. More ink helps where ink is true, and harms elsewhere.",
)
nudged = p + np.array([[0, 0, 0.001, 0]])
before, after = (1 - 2 * (y * q).sum() / (y.sum() + q.sum()) for q in (p, nudged))
assert abs((after - before) / 0.001 - dice_gradient(y, p)[0, 2]) < 1e-3, (
    "Change the third pixel a little: the loss must change by the gradient times that."
)
print("right: against a difference quotient")
expect(
    "beside the object",
    dice_gradient(y, np.array([[0.0, 0, 1, 1]])),
    [[-0.5, -0.5, 0, 0]],
    "Without overlap the wrong pixels have no slope.",
)
expect("both empty", dice_gradient(np.zeros((1, 3)), np.zeros((1, 3))), [[0, 0, 0]], "Not nan.")

# %% [markdown]
# ## Task 6 · IoU of each class (4 points)
#
# Losses train, IoU judges. For class c, with $TP_c$, $FP_c$, $FN_c$ counted over all *valid* pixels,
#
# $$I_c = \frac{TP_c}{TP_c + FP_c + FN_c}$$
#
# Pixels whose *true* label is `void` (255, or another number that no class has) count nowhere, whatever is predicted there. A class that no valid pixel has, neither in truth nor in prediction, has the IoU `nan`, so that `np.nanmean` leaves it out. A class that valid pixels have in one mask only has 0.
#
# **Points**: two classes: 1 · several classes: 1 · classes that are absent: 1 · void pixels: 1


# %% nbgrader={"grade": false, "grade_id": "class_iou", "locked": false, "schema_version": 3, "solution": true, "task": false}
def class_iou(y_true, y_pred, classes, void=255):
    """y_true, y_pred (H, W) class numbers from 0 to classes - 1 (y_true also void) → (classes,)."""
    ### BEGIN SOLUTION
    valid = y_true != void
    pairs = classes * y_true[valid] + y_pred[valid]
    confusion = np.bincount(pairs, minlength=classes**2).reshape(classes, classes)
    hits = np.diag(confusion)
    union = confusion.sum(axis=0) + confusion.sum(axis=1) - hits
    return np.where(union > 0, hits / np.maximum(union, 1), np.nan)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_class_iou", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
def shown(scores):
    """Put -1 for nan, because nan equals nothing."""
    assert scores is not None, "your function returns None. Is `return` missing?"
    return np.nan_to_num(np.asarray(scores, float), nan=-1)


true, predicted = np.array([[0, 0, 0, 1]]), np.array([[0, 0, 1, 1]])
expect(
    "two classes",
    shown(class_iou(true, predicted, 2)),
    [2 / 3, 1 / 2],
    "Class 0: two hits, one miss.",
)
expect(
    "absent classes (nan is shown as -1)",
    shown(class_iou(true, 2 * predicted, 4)),
    [2 / 3, 0, 0, -1],
    "Class 1 is only true, class 2 only predicted, class 3 neither.",
)
expect(
    "void pixels",
    shown(class_iou(np.array([[0, 0, 255, 1]]), predicted, 2)),
    [1, 1],
    "The third pixel counts nowhere.",
)

# %% [markdown] nbgrader={"grade": false, "grade_id": "question_text", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## Task 7 · A written question (5 points)
#
# A colleague segments tumours. In most images there is none; all in all 1% of the pixels are tumour. She reports:
#
# "Pixel accuracy is 99%, so the network is nearly perfect. Before, I used cross-entropy; now I use Dice summed over the whole batch, so small tumours count as much as large ones. And an image without a tumour is no special case for Dice."
#
# Is each of the three sentences right? Answer in five to ten sentences. Then say which loss you would use, and what you would measure.
#
# **Points**, given by a person: accuracy, with a number for a network that finds nothing: 1 · what the sum over the batch does: 1 · images without a tumour: 1 · a loss and a measure, with reasons: 1 · clear and correct language of the field: 1

# %% [markdown] nbgrader={"grade": true, "grade_id": "question", "locked": false, "points": 5, "schema_version": 3, "solution": true, "task": false}
# *Model answer.* The first does not follow: a network that calls every pixel background also has an accuracy of 99%, and its IoU of tumour is 0. Accuracy gives each pixel one vote, and 99 of 100 votes are background.
# The second is wrong: summed over the batch, TP, FP and FN are dominated by the large tumours; if a large one is found and a small one missed, the loss stays small. To count tumours of all sizes alike, take Dice image by image and then the mean (or, better, object by object).
# The third is wrong: per image, both masks empty give 0/0, and what that means must be decided (0 is fair). With a tiny ε one false pixel then jumps from loss 0 to 1; a large ε softens that, and forgives missing a small tumour. Summed over the batch the empty images are hidden, not solved: they only add false positives.
# I would use cross-entropy plus Dice per image: cross-entropy also pulls where the network says "nothing" with p ≈ 0 or where the masks don't overlap, and it is defined for empty masks; Dice cares about the small region. If misses cost more, Tversky with β > α in the place of Dice.
# I would report IoU (or Dice) of tumour per image with its spread, recall and precision, and separately how many empty images got false pixels.

# %% [markdown]
# **Before you hand in**: restart the kernel, run all cells, and see that every test prints "right".
