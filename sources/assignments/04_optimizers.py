# %% [markdown]
# # Assignment 4 · Optimizers
#
# <!-- [Open in Colab](https://colab.research.google.com/github/OWNER/REPO/blob/main/assignments/release/04_optimizers/04_optimizers.ipynb) · -->
# after notebook [7 · Optimizers](../../../notebooks/07_optimizers.ipynb) · 60 to 120 minutes · 30 points
#
# You write what trains a network, with NumPy and nothing else: a gradient, the limit of the learning rate, momentum, Adam, a schedule, and a training loop.
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
# Allowed: Python and NumPy. SciPy, scikit-learn and TensorFlow cannot be imported when your work is graded.
# Parameters are θ, a gradient is $g = \nabla L(\theta)$, the learning rate is α, as in notebook 7.

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
# ## Task 1 · The loss of a linear classifier, and its gradient (5 points)
#
# N images are the rows of `images`, a matrix $X$ of shape (N, D). The weights $\theta$ have shape (D, C), one column for each class. The scores are $Z = X\theta$. With $p = \mathrm{softmax}(z)$ of each row, and the true classes $y_1 \dots y_N$, whole numbers from 0 to C − 1,
#
# $$L(\theta) = -\frac{1}{N} \sum_{i=1}^{N} \ln p_{i, y_i}, \qquad \nabla L(\theta) = \frac{1}{N} X^{T} (P - Y)$$
#
# where row i of $Y$ holds a 1 in column $y_i$ and zeros elsewhere. Scores of a thousand must not overflow: subtract the largest score of each row first. Softmax stays the same.
#
# **Points**: the loss: 1 · the gradient: 2 · few images, some classes without one: 1 · large scores: 1


# %% nbgrader={"grade": false, "grade_id": "loss_and_gradient", "locked": false, "schema_version": 3, "solution": true, "task": false}
def loss_and_gradient(theta, images, labels):
    """theta (D, C), images (N, D), labels (N,) whole numbers → loss, a number; gradient (D, C)."""
    ### BEGIN SOLUTION
    scores = images @ theta
    scores = scores - scores.max(axis=1, keepdims=True)
    log_p = scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))
    rows = np.arange(len(labels))
    upstream = np.exp(log_p)
    upstream[rows, labels] -= 1
    return -log_p[rows, labels].mean(), images.T @ upstream / len(labels)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_loss_and_gradient", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
two_images, two_labels = np.array([[1.0, 0, 2], [0, 1, 0]]), np.array([1, 0])
loss, gradient = loss_and_gradient(np.zeros((3, 4)), two_images, two_labels)
expect("a blind guess among four", loss, np.log(4), "Every class has p = 1/4.")
expect(
    "its gradient",
    gradient * 8,
    [[1, -3, 1, 1], [-3, 1, 1, 1], [2, -6, 2, 2]],
    "The mean over images, in the shape of theta. Only the true class has a negative share.",
)
sure = np.array([[0.0, 2000], [1000, 0], [0, 0]])
loss, gradient = loss_and_gradient(sure, two_images, two_labels)
expect("scores of a thousand, all right", loss, 0, "Subtract the largest score of *each row*.")
loss, gradient = loss_and_gradient(-sure, two_images, two_labels)
expect("all wrong", loss, 1500, "Don't take ln of a softmax that became 0: ln p = z - ln Σ exp z.")
nudge = np.zeros((3, 4))
nudge[2, 1] = 0.001
ahead, behind = (loss_and_gradient(s * nudge, two_images, two_labels)[0] for s in (1, -1))
gradient = loss_and_gradient(0 * nudge, two_images, two_labels)[1]
expect(
    "against a difference quotient",
    (ahead - behind) / 0.002,
    gradient[2, 1],
    "Change one weight a little: the loss must change by its gradient times that.",
)

# %% [markdown]
# ## Task 2 · The largest step (4 points)
#
# A linear model should give the numbers $y_i$: $L(\theta) = \frac{1}{2N} \lVert X\theta - y \rVert^2$, with $X$ of shape (N, D). Its gradient is $\frac{1}{N} X^T (X\theta - y)$, so its curvature matrix is $H = \frac{1}{N} X^T X$, whatever y is. The curvatures $h_{max} \ge \dots \ge h_{min}$ are the eigenvalues of $H$.
#
# Return two numbers, in this order: the learning rate below which gradient descent converges, and the condition number $\kappa$.
#
# **Points**: the limit with one weight: 1 · the limit with several weights: 2 · the condition number: 1


# %% nbgrader={"grade": false, "grade_id": "step_limit", "locked": false, "schema_version": 3, "solution": true, "task": false}
def step_limit(x):
    """x (N, D), N > D → the limit of α, and κ."""
    ### BEGIN SOLUTION
    curvatures = np.linalg.eigvalsh(x.T @ x / len(x))
    return 2 / curvatures[-1], curvatures[-1] / curvatures[0]
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_step_limit", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
one = np.array([[1.0], [3], [1], [1]])
expect("one weight", step_limit(one), [2 / 3, 1], "h is the mean of x², here 12 / 4 = 3.")
apart = np.array([[2.0, 0], [0, 1], [2, 0], [0, -1]])
expect(
    "inputs that never meet",
    step_limit(apart),
    [1, 4],
    "H is [[2, 0], [0, 0.5]]. The steepest direction sets the limit.",
)
together = np.array([[1.0, 1], [1, 1], [1, 1], [1, -1]])
expect(
    "inputs that come together",
    step_limit(together),
    [2 / 1.5, 3],
    "H is [[1, 0.5], [0.5, 1]]. Its steepest direction is along both weights at once.",
)
limit, _ = step_limit(together)
for share, word in ((0.99, "converges"), (1.01, "diverges")):
    theta = np.array([1.0, 1])
    for _ in range(2000):
        theta = theta - share * limit * together.T @ (together @ theta) / 4  # y = 0
    print(f"at {share} of the limit, gradient descent {word}: |θ| = {abs(theta).max():.0e}")
    assert (abs(theta).max() < 1) == (share < 1), "the limit is not where you put it"

# %% [markdown]
# ## Task 3 · Momentum (3 points)
#
# $$v \leftarrow \mu v - \alpha g, \qquad \theta \leftarrow \theta + v$$
#
# Return both. The arrays that you are given belong to somebody else: `theta += …` and `v *= …` would change them.
#
# **Points**: one step: 1 · many steps: 1 · the arrays given stay as they are: 1


# %% nbgrader={"grade": false, "grade_id": "momentum_step", "locked": false, "schema_version": 3, "solution": true, "task": false}
def momentum_step(theta, gradient, velocity, alpha, mu):
    """theta, gradient and velocity of one shape → the new theta, the new velocity."""
    ### BEGIN SOLUTION
    velocity = mu * velocity - alpha * gradient
    return theta + velocity, velocity
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_momentum_step", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
theta, gradient, velocity = np.array([1.0, 2]), np.array([10.0, -10]), np.array([0.0, 4])
new_theta, new_velocity = momentum_step(theta, gradient, velocity, 0.1, 0.5)
expect("the velocity", new_velocity, [-1, 3], "0.5 · 4 - 0.1 · (-10) = 3")
expect("theta", new_theta, [0, 5], "The *new* velocity is added.")
expect(
    "the arrays given", [theta, velocity], [[1, 2], [0, 4]], "They were changed by your function."
)

# %% [markdown]
# ## Task 4 · Adam, with weights that decay (5 points)
#
# With $g_t$ and $m_0 = v_0 = 0$, in step t = 1, 2, …:
#
# $$m_t = \beta_1 m_{t-1} + (1 - \beta_1)\, g_t, \qquad v_t = \beta_2 v_{t-1} + (1 - \beta_2)\, g_t^2, \qquad \hat m_t = \frac{m_t}{1 - \beta_1^t}, \qquad \hat v_t = \frac{v_t}{1 - \beta_2^t}$$
#
# $$\theta \leftarrow \theta - \alpha \left( \frac{\hat m_t}{\sqrt{\hat v_t} + \epsilon} + \lambda\, \theta \right)$$
#
# The last term is new: each step also makes the weights a little smaller. With it, Adam is called AdamW ([Loshchilov and Hutter 2019](https://arxiv.org/abs/1711.05101)). λ = 0 is plain Adam. Both θ on the right are the old one. ε is added to the root, after the correction.
#
# What must be remembered from step to step travels in `state`. It is `None` in step 1; afterwards it is what you returned in the step before, and you choose what that is. Take $\beta_1 = 0.9$, $\beta_2 = 0.999$, $\epsilon = 10^{-7}$.
#
# **Points**: the first step: 1 · many steps: 2 · decay: 1 · two networks trained in turns, each with its own state: 1


# %% nbgrader={"grade": false, "grade_id": "adam_step", "locked": false, "schema_version": 3, "solution": true, "task": false}
def adam_step(theta, gradient, state, alpha, decay=0.0):
    """theta and gradient of one shape; state: None, or what the last call returned → the new theta, the new state."""
    ### BEGIN SOLUTION
    t, m, v = (0, 0.0, 0.0) if state is None else state
    t, m, v = t + 1, 0.9 * m + 0.1 * gradient, 0.999 * v + 0.001 * gradient**2
    direction = (m / (1 - 0.9**t)) / (np.sqrt(v / (1 - 0.999**t)) + 1e-7)
    return theta - alpha * (direction + decay * theta), (t, m, v)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_adam_step", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
slope = np.array([0.001, -1000, 0])
theta, state = adam_step(np.ones(3), slope, None, 0.25)
expect(
    "the first step",
    np.round(theta, 4),
    [0.75, 1.25, 1],
    "Without the corrections it is 3.16 times too long. Where the gradient is 0, theta stays.",
)
theta, state = adam_step(theta, slope, state, 0.25)
expect(
    "the second, same slope",
    np.round(theta, 4),
    [0.5, 1.5, 1],
    "Under a constant slope all steps have length α. Does t come out of the state, and grow?",
)
theta, state = adam_step(theta, 0 * slope, state, 0.25)
expect(
    "the third, slope 0",
    np.round(theta, 4),
    [0.3068, 1.6933, 1],
    "Momentum carries on: the two averages remember.",
)
theta, _ = adam_step(np.array([8.0]), np.array([0.0]), None, 0.25, decay=0.5)
expect("decay alone", theta, [7], "8 - 0.25 · 0.5 · 8: the decay is not divided by √v.")

# %% [markdown]
# ## Task 5 · A schedule (3 points)
#
# Write `step_sizes`, which gives the learning rates of T steps, counted from t = 0: a warm-up of r steps along a line, then half a cosine:
#
# $$\alpha_t = \begin{cases} p\,\dfrac{t + 1}{r} & t < r \\[1ex] \dfrac{p}{2} \left(1 + \cos \pi \dfrac{t - r}{T - r}\right) & t \ge r \end{cases}$$
#
# It differs a little from notebook 7's: the line starts at p/r and ends at p. It can be r = 0 (no warm-up), or r = T (nothing else). `peak` may be a whole number; the learning rates are not.
#
# **Points**: the warm-up: 1 · the cosine: 1 · no warm-up, or nothing else: 1


# %% nbgrader={"grade": false, "grade_id": "step_sizes", "locked": false, "schema_version": 3, "solution": true, "task": false}
def step_sizes(steps, peak, warmup):
    """T, p and r of the formula → (T,) step sizes."""
    ### BEGIN SOLUTION
    rise = [peak * (t + 1) / warmup for t in range(warmup)]
    share = np.arange(steps - warmup) / max(1, steps - warmup)
    return np.concatenate([rise, peak / 2 * (1 + np.cos(np.pi * share))])
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_step_sizes", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
expect(
    "4 steps up, 4 down",
    np.round(step_sizes(8, 2.0, 4), 4),
    [0.5, 1, 1.5, 2, 2, 1.7071, 1, 0.2929],
    "Step 3 ends the line at the peak, step 4 begins the cosine at the peak.",
)
expect("cosine only", np.round(step_sizes(3, 4.0, 0), 4), [4, 3, 1], "r = 0: no division by 0.")
expect("warm-up only", step_sizes(2, 3.0, 2), [1.5, 3], "r = T: the cosine has no steps.")

# %% [markdown]
# ## Task 6 · Train (5 points)
#
# Now put together what you like of it. You get a function `gradient_of(theta, chosen)`, the mean gradient over the images whose numbers stand in `chosen`, an array of whole numbers from 0 to `count - 1`. Each image in `chosen` costs 1 of the `budget`; a call that would go beyond the budget gives no gradient but raises `RuntimeError`. You may catch it. Return the trained θ.
#
# The hidden examples are a linear classifier like that of task 1 on 1,000 real handwritten digits of 64 pixels, with a budget of 10,000: enough for 10 steps on all images, or for many more steps on mini-batches. The images are *sorted by class*. Start at the θ that you get (zeros). Draw random numbers from `np.random.default_rng(…)`.
#
# What counts is the loss on *other* digits, which `gradient_of` never sees.
#
# **Points**: a loss of at most 1.5: 1 · 0.8: 2 · 0.45: 3 · 0.35: 4 · 0.28: 5. (A blind guess has ln 10 = 2.30.)


# %% nbgrader={"grade": false, "grade_id": "train", "locked": false, "schema_version": 3, "solution": true, "task": false}
def train(gradient_of, theta, count, budget):
    """theta (D, C) at the start; gradient_of(theta, chosen) → (D, C) → the trained theta."""
    ### BEGIN SOLUTION
    rng, size = np.random.default_rng(0), 32
    alphas, state = step_sizes(budget // size, 0.1, budget // size // 10), None
    order = []
    for alpha in alphas:
        if len(order) < size:
            order = rng.permutation(count)
        chosen, order = order[:size], order[size:]
        theta, state = adam_step(theta, gradient_of(theta, chosen), state, alpha)
    return theta
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_train", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
from sklearn.datasets import load_digits

digits = load_digits()
inputs, classes = digits.data / 16, digits.target
first = np.argsort(classes[:1000], kind="stable")  # the training images, sorted by class
spent = 0


def gradient_of(theta, chosen):
    global spent
    spent += len(first[chosen])
    if spent > 10_000:
        raise RuntimeError(f"after {spent:,} images the budget of 10,000 is spent")
    return loss_and_gradient(theta, inputs[first[chosen]], classes[first[chosen]])[1]


trained = train(gradient_of, np.zeros((64, 10)), 1000, 10_000)
assert np.shape(trained) == (64, 10), f"expected theta of shape (64, 10), got {np.shape(trained)}"
loss, _ = loss_and_gradient(trained, inputs[1000:], classes[1000:])
right = ((inputs[1000:] @ trained).argmax(axis=1) == classes[1000:]).mean()
print(f"{spent:,} images spent; loss on other digits {loss:.3f}, {100 * right:.1f}% right")
assert loss <= 1.5, "Is α too small or too large? Are ten steps on all images enough?"
print("right: better than a blind guess by far" if loss > 0.5 else "right: a good loss")

# %% [markdown]
# What the classifier has learned (no points): the weights of each class, as images. Orange weights speak for the class, purple ones against it.

# %%
import matplotlib.pyplot as plt

fig, axes = plt.subplots(2, 5, figsize=(6.4, 2.9), layout="constrained")
most = abs(trained).max()
for digit, ax in enumerate(axes.flat):
    ax.imshow(trained[:, digit].reshape(8, 8), cmap="PuOr_r", vmin=-most, vmax=most)
    ax.set(title=f"class {digit}", xticks=[], yticks=[])
plt.show()

# %% [markdown] nbgrader={"grade": false, "grade_id": "question_text", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## Task 7 · A written question (5 points)
#
# A colleague trains with gradient descent and α = 0.01, on pixels from 0 to 1. Then she feeds the pixels as they come from the camera, 0 to 255. The loss becomes NaN after a few steps. "I changed to Adam, with the same α, and the problem was gone," she says. "So one need not scale the pixels."
#
# Explain in five to ten sentences, for a linear model with the loss of task 2: what happens to the curvature and to the limit of α, with the factor; why gradient descent diverges; why Adam's first step has the same length as before; and whether her conclusion is right.
#
# **Points**, given by a person: curvature and limit, with the factor: 1 · why gradient descent diverges: 1 · why Adam does not: 1 · the conclusion judged, with a reason: 1 · clear and correct language of the field: 1

# %% [markdown] nbgrader={"grade": true, "grade_id": "question", "locked": false, "points": 5, "schema_version": 3, "solution": true, "task": false}
# *Model answer.* The inputs become 255 times larger, so $H = X^T X / N$, and each curvature, becomes 255² = 65,025 times larger; the limit 2/h_max becomes 65,025 times smaller.
# α = 0.01 is then far above it. Each step multiplies the distance to the minimum, along the steepest direction, by 1 − α h, whose absolute value is now much larger than 1: the distance grows until numbers overflow.
# Adam divides the averaged gradient by the root of its averaged square. A factor in the gradient cancels, so its first step moves each weight by α, whatever the scale of the loss or of the pixels: it cannot explode in this way.
# The conclusion is wrong all the same. A change of α in each weight now changes the scores 255 times as much as before, so the good α is another one, though it moves less than that of gradient descent.
# κ is unchanged if all pixels are scaled alike. Scaled pixels make the usual step sizes fit, and each optimizer of notebook 7 reached a lower loss with them.

# %% [markdown]
# **Before you hand in**: restart the kernel, run all cells, and see that every test prints "right".
