# %% [markdown]
# # 7 · Optimizers: which way, and how far
#
# <!-- [Open in Colab](https://colab.research.google.com/github/OWNER/REPO/blob/main/notebooks/07_optimizers.ipynb) · -->
# previous: [5 · Losses](05_losses.ipynb) · next: [8 · Training run](08_training_run.ipynb) · about 25 seconds on two CPU cores
#
# A loss says how wrong a network is, and its gradient says which way is downhill. How far should each step go, and what does Adam
# do that gradient descent does not?
#
# You will be able to
# - say for which step sizes gradient descent converges, oscillates or diverges, and check it,
# - write momentum and the whole of Adam by hand, with the parts that the article leaves out,
# - choose an optimizer, a step size and a schedule on real digits, and measure what each is worth.
#
# You need: gradients and dense layers (notebooks 2 and 4), cross-entropy (5).

# %% tags=["parameters"]
SEED: int = 0  # of weights and of the order of the digits
BATCH_SIZE: int = 64  # digits a step, in sections 4 and 5
STEPS: int = 150  # training steps of each network

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
    SEED=course.integer(0, 2**31 - 1),
    BATCH_SIZE=course.integer(16, 1024),
    STEPS=course.integer(100, 2000),
)

# %% tags=["hide-input"]
# @title Imports
import keras
import matplotlib.pyplot as plt
import numpy as np

from segutils import plots, reference, training
from segutils.digits import load_digits
from segutils.lessons.explorer import explore
from segutils.lessons.optimizers import (
    OPTIMIZERS,
    SURFACES,
    exercise,
    optimizer_paths,
    show_surface,
    surface_path,
)

# %% tags=["hide-input"]
# @title The first figure
gd, polyak, adam = reference.gradient_descent, reference.momentum, reference.adam
named = {"gradient descent, α = 0.06": gd, "momentum, α = 0.01": polyak, "Adam, α = 0.1": adam}
figure, axes = plt.subplots(2, 2, figsize=(8, 5.8), layout="constrained")
for ax, (name, surface) in zip(axes.flat, SURFACES.items()):
    paths = {
        label: surface_path(surface, step, 60, learning_rate=rate)
        for (label, step), rate in zip(named.items(), (0.06, 0.01, 0.1))
    }
    for point in paths["Adam, α = 0.1"]:  # is each surface's gradient right?
        slope = reference.difference_quotient(surface.loss, point)
        np.testing.assert_allclose(surface.gradient(point), slope, rtol=1e-5, atol=1e-6)
    show_surface(ax, surface.loss, surface.extent, paths, minima=surface.minima, title=name)
figure.suptitle(
    "60 steps from the circle to the square; dark is a high loss, ★ the lowest", fontsize=10
)
figure.legend(*ax.get_legend_handles_labels(), loc="outside lower center", ncols=3, fontsize=9)
plt.show()

# %% [markdown]
# Each map is a loss of two parameters. On the last one, gradient descent leaves the figure. Why?
#
# ## 1 · One weight, one step size
#
# $$\theta = \theta - \alpha \nabla L(\theta)$$
#
# is the article's gradient descent: parameters θ, **step size** (*learning rate*) α. The article says we compute "the gradient of the model". It is the gradient of the *loss*, with respect to the parameters, averaged over images. It points uphill, hence the minus.
#
# **Claim.** With one weight, it can be done on paper. We tell 1 from 0 by the brightness x of the framed square; the score θ · x should be y:
#
# $$L(\theta) = \frac{1}{2N} \sum_{i=1}^{N} (\theta x_i - y_i)^2, \qquad \nabla L(\theta) = \frac{1}{N} \sum_{i=1}^{N} (\theta x_i - y_i)\, x_i$$
#
# **Predict.** At the start, θ = 0, the gradient is negative. Will θ grow or shrink?

# %% tags=["nbval-ignore-output"]
digits = load_digits("bundled")
chosen = np.isin(digits.train.labels, [0, 1])
zeros_and_ones, labels = digits.train.images[chosen], digits.train.labels[chosen]
x = zeros_and_ones[:, 11:17, 11:17].mean((1, 2)) / 255 - 0.5  # brightness of the framed square
y = np.where(labels == 1, 1.0, -1.0)  # what θ · x should be

axes = plots.grid(1, 6, size=1.4)[0]
for ax, i in zip(axes, np.r_[np.flatnonzero(y < 0)[:3], np.flatnonzero(y > 0)[:3]]):
    plots.show_image(ax, zeros_and_ones[i], title=f"x = {x[i]:.2f}, y = {y[i]:+.0f}")
    ax.add_patch(plt.Rectangle((10.5, 10.5), 6, 6, fill=False, edgecolor=plots.COLOURS[6], lw=2))
plt.show()


# %%
def loss(theta):
    return ((theta * x - y) ** 2).mean() / 2


def gradient(theta):
    return ((theta * x - y) * x).mean()


np.testing.assert_allclose(gradient(0.7), reference.difference_quotient(loss, 0.7), rtol=1e-6)
theta, alpha = 0.0, 4.0
for step in range(5):
    print(f"step {step}: θ = {theta:.3f}, loss {loss(theta):.3f}, gradient {gradient(theta):+.3f}")
    theta = theta - alpha * gradient(theta)

# %% [markdown]
# It grows: we subtract a negative number. The steps shorten by themselves, as the gradient shrinks.
#
# **Claim.** This loss is a parabola, $L^* + \frac{h}{2}(\theta - \theta^*)^2$, with minimum θ* and **curvature** $h = \frac1N \sum x_i^2$. Its gradient is
# $h(\theta - \theta^*)$, so
#
# $$\theta_{t+1} - \theta^* = (1 - \alpha h)\,(\theta_t - \theta^*)$$
#
# A step multiplies the distance to the minimum by $1 - \alpha h$. The distance shrinks if $|1 - \alpha h| < 1$, that is, if $0 < \alpha < 2/h$.
#
# **Predict.** How does θ move for α = 0.1, 0.95 and 1.05 times this limit?

# %%
curvature = (x**2).mean()
minimum, limit = (x * y).mean() / curvature, 2 / curvature
print(f"curvature {curvature:.3f}, limit 2 / {curvature:.3f} = {limit:.1f}, minimum {minimum:.2f}")
for share in (0.99, 1.01):
    path = reference.descend(gd, 0.0, gradient, 1000, learning_rate=share * limit)
    factors = (1 - share * limit * curvature) ** np.arange(1001)
    np.testing.assert_allclose(path - minimum, -minimum * factors, rtol=1e-6, atol=1e-9)
    print(f"α = {share} × limit: {abs(path[-1] - minimum):.0e} from the minimum after 1,000 steps")

figure, axes = plt.subplots(1, 3, figsize=(9, 2.9), layout="constrained", sharey=True)
around = np.linspace(-3.5, 9.3, 200)
for ax, share in zip(axes, (0.1, 0.95, 1.05)):
    path = reference.descend(gd, 0.0, gradient, 8, learning_rate=share * limit)
    ax.plot(around, [loss(theta) for theta in around], color="gray")
    ax.plot(path, [loss(theta) for theta in path], "o--", color=plots.COLOURS[0], markersize=4)
    ax.plot(path[0], loss(path[0]), "s", color=plots.COLOURS[1], label="start")
    ax.set(title=f"α = {share} × limit", xlabel="θ", ylabel="loss")
axes[0].legend(fontsize=8)
plt.show()

# %% [markdown]
# At 0.1 it **converges** from one side. At 0.95 it **oscillates**: each step jumps over the minimum but lands nearer. At 1.05 it **diverges**. Two per cent of step size decide
# between the answer and a huge number. That is what happened on the map above.
#
# ## 2 · Many weights: narrow valleys, and momentum
#
# **Claim.** With many weights, the steepest direction sets the limit $2/h_{max}$, and the flattest one, $h_{min}$, then crawls. Their ratio $\kappa = h_{max}/h_{min}$ is the **condition number**.
#
# **Predict.** How large is κ for a linear model on real digits, averaged over 2×2 blocks: 196 inputs?

# %%
images = reference.average_pool(digits.train.images[..., None] / 255, 2).reshape(-1, 196)
targets = np.eye(10)[digits.train.labels]
curvatures = np.linalg.eigvalsh(images.T @ images / len(images))[::-1]
for rank in (1, 2, 10, 50):
    print(f"curvature number {rank:>2}: {curvatures[rank - 1]:.2g}")
kappa = curvatures[0] / curvatures[49]
print(f"κ of the first 50 directions: about {kappa:,.0f}")
assert kappa > 10_000

# %% [markdown]
# More than ten thousand, and that counts only the 50 strongest directions (eigenvectors of the curvature matrix). Centre pixels carry ink in every image, edge pixels in almost none.
# Narrow valleys are the rule.
#
# **Momentum** (Polyak 1964) keeps a velocity v, a fading sum of past steps:
#
# $$v \leftarrow \mu v - \alpha \nabla L(\theta), \qquad \theta \leftarrow \theta + v$$
#
# **Predict.** Gradients across a valley change sign at every step; gradients along it keep theirs. What does the sum do to each?

# %%
valley = SURFACES["valley"]  # ½ (x² + 25 y²): curvature 1 along, 25 across


def momentum_by_hand(theta, steps, alpha, mu):
    path, velocity = [np.asarray(theta)], 0.0
    for _ in range(steps):
        velocity = mu * velocity - alpha * valley.gradient(path[-1])
        path.append(path[-1] + velocity)
    return np.array(path)


runs = {"gradient descent, α = 0.076": (0.076, 0.0), "momentum, α = 0.05, μ = 0.7": (0.05, 0.7)}
figure, axes = plt.subplots(1, 2, figsize=(9, 3.2), layout="constrained")
for ax, (name, (alpha, mu)) in zip(axes, runs.items()):
    runs[name] = path = momentum_by_hand(valley.start, 30, alpha, mu)
    options = {"learning_rate": alpha, "momentum": mu}
    same = reference.descend(polyak, valley.start, valley.gradient, 30, **options)
    np.testing.assert_allclose(path, same, rtol=1e-9)
    title = f"{name}\n30 steps: loss {valley.loss(path[-1]):.0e}"
    show_surface(ax, valley.loss, valley.extent, {name: path}, minima=valley.minima, title=title)
plt.show()
plain, rolling = runs.values()
assert valley.loss(rolling[-1]) < valley.loss(plain[-1]) / 100
assert plain[:, 0].max() < 0 < rolling[:, 0].max()  # only momentum passes the minimum, at 0

# %% [markdown]
# Descent zig-zags, at 0.95 of its limit 2/25: the gradient is perpendicular to the contour line, and in a valley that is not the way to the minimum. With momentum, steps across cancel and steps along add up. Its price is **overshoot**.
#
# ## 3 · Adam, all of it
#
# The article's rule:
#
# $$\theta = \theta - \alpha \frac{\hat m_t}{\sqrt{\hat v_t} + \epsilon}$$
#
# It calls $\hat m_t$ the moving average gradient, $\hat v_t$ "the moving average gradient's sum of squares", and says no more. The rest (Kingma and Ba 2015), with $g_t = \nabla L(\theta)$, $m_0 = v_0 = 0$, t = 1, 2, …:
#
# $$m_t = \beta_1 m_{t-1} + (1 - \beta_1)\, g_t, \qquad v_t = \beta_2 v_{t-1} + (1 - \beta_2)\, g_t^2$$
#
# $$\hat m_t = \frac{m_t}{1 - \beta_1^t}, \qquad \hat v_t = \frac{v_t}{1 - \beta_2^t}$$
#
# **Claim.** m averages about the last 10 gradients ($\beta_1 = 0.9$), as momentum does. v *averages* about 1,000 *squared* gradients ($\beta_2 = 0.999$). Dividing by $\sqrt{\hat v}$ gives each weight its own step size: "adaptive".
#
# **Predict.** One weight has gradient 0.001, another 1,000. How far does each go in step 1?


# %%
def adam_by_hand(theta, gradient_of, steps, alpha, beta_1=0.9, beta_2=0.999, epsilon=1e-7):
    m, v = np.zeros_like(theta), np.zeros_like(theta)
    for t in range(1, steps + 1):
        g = gradient_of(theta)
        m = beta_1 * m + (1 - beta_1) * g
        v = beta_2 * v + (1 - beta_2) * g**2
        m_hat, v_hat = m / (1 - beta_1**t), v / (1 - beta_2**t)
        theta = theta - alpha * m_hat / (np.sqrt(v_hat) + epsilon)
    return theta


def classifier_gradient(weights, chosen=slice(None)):  # softmax classifier, 196 × 10 weights
    logits = reference.dense(images[chosen], weights)
    upstream = reference.cross_entropy_gradient(targets[chosen], logits) / len(logits)
    return reference.dense_gradients(images[chosen], weights, upstream)[1]


first = adam_by_hand(np.zeros(2), lambda theta: np.array([0.001, 1000.0]), 1, alpha=0.01)
print("one step of Adam with α = 0.01:", np.round(first, 4))

# %% [markdown]
# Both go the same way: α. In Adam the step size is a *distance*; in gradient descent it is a factor.
#
# **Predict.** So multiply a loss by 1,000. What happens to the path of each? And what if $\hat v$ were a *sum* of squares, as the article has it?

# %%
zeros = np.zeros((196, 10))
larger = lambda weights: 1000 * classifier_gradient(weights)  # noqa: E731
once = adam_by_hand(zeros, classifier_gradient, 100, 1 / 32, epsilon=1e-7)
louder = adam_by_hand(zeros, larger, 100, 1 / 32, epsilon=1000 * 1e-7)
np.testing.assert_allclose(louder, once, rtol=1e-9, atol=1e-12)
louder = reference.descend(gd, zeros, larger, 5, learning_rate=0.001)
longer = reference.descend(gd, zeros, classifier_gradient, 5, learning_rate=1000 * 0.001)
np.testing.assert_allclose(louder, longer, rtol=1e-9, atol=1e-12)
print("loss × 1,000: Adam goes the same path; gradient descent as with α × 1,000")

squares = np.ones(1000)  # a slope of 1, for 1,000 steps
lengths = 1 / np.sqrt([squares.mean(), squares.sum()])
print(f"step 1,000 on a constant slope: α · {lengths[0]:.3f} (average), α · {lengths[1]:.3f} (sum)")

# %% [markdown]
# In $\hat m / \sqrt{\hat v}$ the factor cancels. Only ε feels it, so we scaled ε along. With a sum, steps fade though the slope does not: that is AdaGrad, an older optimizer.
#
# ### ε, in the article and in Keras
#
# The article: ε is there "to avoid a gradient of zero". But a zero gradient is nothing to avoid: *this weight should stay*.
#
# **Predict.** Some pixels are black in every training image. What are the gradient, $\hat m$ and $\hat v$ of their weights, and what does Adam compute if ε = 0?

# %%
slope, never_inked = classifier_gradient(zeros), (images == 0).all(0)
with np.errstate(invalid="ignore"):
    without, _ = adam(zeros, slope, learning_rate=0.03, epsilon=0.0)
usual, _ = adam(zeros, slope, learning_rate=0.03)
assert (slope[never_inked] == 0).all()
assert np.isnan(without[never_inked]).all()
assert (usual[never_inked] == 0).all()
print(f"{never_inked.sum()} of 196 pixels never have ink; their weights after one step:")
print(f"ε = 0: {without[never_inked][0, 0]};  ε = 1e-7: {usual[never_inked][0, 0]:.0f}")

# %% [markdown]
# 0/0 is no number. ε avoids a *division by zero*; gradient and weight stay zero.
#
# Keras computes $\alpha \frac{\sqrt{1-\beta_2^t}}{1-\beta_1^t} \cdot \frac{m_t}{\sqrt{v_t} + \epsilon}$. Its ε stands beside $\sqrt{v_t}$, not $\sqrt{\hat v_t}$. In the article's form it is
# $1/\sqrt{1-\beta_2^t}$ times larger: 32 times in step 1, 3 times in step 100.
#
# **Predict.** Which weights can notice?
#
# (Keras keeps α in float32, where 0.1 is not exactly 0.1. So we take eighths and their like: exact everywhere.)

# %%
settings = {"learning_rate": 1 / 32, "beta_1": 7 / 8, "beta_2": 1023 / 1024}
for step, options, optimizer in (
    (gd, {"learning_rate": 1 / 8}, keras.optimizers.SGD),
    (polyak, {"learning_rate": 1 / 8, "momentum": 7 / 8}, keras.optimizers.SGD),
    (adam, settings, keras.optimizers.Adam),
):
    optimizer, theirs = optimizer(**options), keras.Variable(zeros, dtype="float64")
    ours, state, slopes = zeros, None, []
    for t in range(1, 101):
        slopes.append(classifier_gradient(ours))
        optimizer.apply([keras.ops.convert_to_tensor(slopes[-1], "float64")], [theirs])
        moved = {"epsilon": 1e-7 / np.sqrt(1 - options["beta_2"] ** t)} if step is adam else {}
        ours, state = step(ours, slopes[-1], state, **options, **moved)
    np.testing.assert_allclose(ours, theirs.numpy(), rtol=1e-9, atol=1e-12)
    print(f"{step.__name__}: 1,960 weights equal to Keras's after 100 steps")

# %% tags=["nbval-ignore-output"]
plain, state, root = zeros, None, np.inf
for t, slope in enumerate(slopes, start=1):
    plain, state = adam(plain, slope, state, **settings)  # ε = 1e-7, not moved
    root = np.minimum(root, np.sqrt(state[2] / (1 - settings["beta_2"] ** t)))  # smallest √v̂
apart, felt = abs(plain - theirs.numpy()), root >= 1e-3
for name, where in (("at least 0.001", felt), ("below 0.001", ~felt)):
    print(f"√v̂ {name}: {where.sum():>4} weights, differ by {apart[where].max():.4f} at most")
assert apart[felt].max() <= 100 * 1 / 32 * 32e-7 / 1e-3

# %% [markdown]
# With ε moved, all weights agree; with the same ε, those whose $\sqrt{\hat v}$ is large beside it. Where the tolerance comes from: Keras's ε counts as 32e-7 at most, 0.32% of 0.001, and 100 steps of about 1/32,
# each wrong by 0.32%, make 0.01. The other weights belong to pixels with almost no ink.
#
# ### What the correction is for
#
# **Claim.** m and v start at 0. Under a constant gradient g, $m_t = (1 - \beta_1^t)\,g$ and $v_t = (1 - \beta_2^t)\,g^2$: too small at first. Dividing by the brackets makes both exact.
#
# **Predict.** The article leaves this out. Is the first step then too short or too long?

# %%
t = np.arange(1, 5001)
too_long = (1 - 0.9**t) / np.sqrt(1 - 0.999**t)
lengths = {}
for correct in (False, True):
    options = {"learning_rate": 0.01, "correct_bias": correct}
    path = reference.descend(adam, 0.0, lambda theta: 2.0, 5000, **options)
    lengths["with correction" if correct else "without correction"] = -np.diff(path) / 0.01
np.testing.assert_allclose(lengths["with correction"], 1, rtol=1e-4)
np.testing.assert_allclose(lengths["without correction"], too_long, rtol=1e-4)
print(f"first step {too_long[0]:.2f} = (1 - 0.9) / √(1 - 0.999), in units of α")
print(f"longest {too_long.max():.2f}, step {too_long.argmax() + 1}")
figure, ax = plt.subplots(figsize=(6.5, 2.7), layout="constrained")
plots.lines(ax, t, lengths, title="Adam's steps under a constant gradient", xlabel="step")
ax.set(xscale="log", ylim=(0, 7), ylabel="length of a step / α")
plt.show()

# %% [markdown]
# Too long: both averages are too small, v more so, and v stands below. The first step is 3.16 times too long, the twelfth 6.6 times, and it takes thousands of steps to fade.
#
# Does it hurt? We need a network: 196 inputs, 32 hidden units with ReLU, 10 classes. Its parts are the functions of notebooks 2 to 5. All weights lie in one long vector θ.

# %%
shapes = [(196, 32), (32,), (32, 10), (10,)]
cuts = np.cumsum([np.prod(shape) for shape in shapes])


def network(theta, x, y):
    """Mean loss over the digits x (N, 196), and its gradient, of theta's shape."""
    parts = np.split(theta, cuts[:-1])
    w1, b1, w2, b2 = (part.reshape(shape) for part, shape in zip(parts, shapes))
    before = reference.dense(x, w1, b1)
    hidden = reference.relu(before)
    logits = reference.dense(hidden, w2, b2)
    upstream = reference.cross_entropy_gradient(y, logits) / len(x)
    dhidden, dw2, db2 = reference.dense_gradients(hidden, w2, upstream)
    _, dw1, db1 = reference.dense_gradients(x, w1, dhidden * reference.relu_gradient(before))
    gradient = np.concatenate([dw1.ravel(), db1, dw2.ravel(), db2])
    return reference.cross_entropy(y, logits).mean(), gradient


def random_start(rng):  # biases 0; weights scaled to the number of inputs (He et al. 2015)
    scale = [np.sqrt(2 / shape[0]) if len(shape) == 2 else 0.0 for shape in shapes]
    return np.concatenate([s * rng.normal(size=np.prod(shape)) for s, shape in zip(scale, shapes)])


# %%
rng = np.random.default_rng(SEED)
theta, direction = random_start(rng), rng.normal(size=cuts[-1])
ahead, behind = (network(theta + h * direction, images, targets)[0] for h in (1e-5, -1e-5))
slope = network(theta, images, targets)[1] @ direction
np.testing.assert_allclose(slope, (ahead - behind) / 2e-5, rtol=1e-3)


def train(step, rates, seed, inputs=images, **options):
    """Loss over all training digits after one step for each of the rates."""
    rng = np.random.default_rng((SEED, seed))
    theta, state = random_start(rng), None
    with np.errstate(all="ignore"):  # a run that diverges may overflow; we want to see it
        for rate in rates:
            chosen = rng.integers(0, len(inputs), BATCH_SIZE)
            slope = network(theta, inputs[chosen], targets[chosen])[1]
            theta, state = step(theta, slope, state, learning_rate=rate, **options)
        return network(theta, inputs, targets)[0]


# %% tags=["nbval-ignore-output"]
after = {}
for alpha in (0.003, 0.1):
    for correct in (True, False):
        runs = [train(adam, [alpha] * STEPS, seed, correct_bias=correct) for seed in range(3)]
        after[alpha, correct] = np.median(runs)
        name = "corrected" if correct else "uncorrected"
        print(f"α = {alpha:<5}  {name:<11}  loss {after[alpha, correct]:.2f}")
print(f"a blind guess:          loss {np.log(10):.2f}")
assert after[0.1, False] > 2 > 1 > after[0.1, True]
assert after[0.003, False] < after[0.003, True]

# %% [markdown]
# At α = 0.1 the uncorrected Adam ends near a blind guess: its first steps threw the weights too far to come back. At α = 0.003 it even *wins*: 0.003 was too small, and its steps are longer.
# So the missing correction is a hidden, changing step size.
#
# ### Explorer
#
# Things to try: with gradient descent, cross the limit of the valley (log10 of 0.08 is about -1.1). Start on the saddle with gradient descent, then with Adam: who leaves first, and why? Set `momentum` (β₁ for Adam) to 0.99.

# %%
explore(
    optimizer_paths(),
    surface=list(SURFACES),
    optimizer=list(OPTIMIZERS),
    log10_step_size=(-3.5, 0.5, 0.05),
    momentum=(0.0, 0.99, 0.01),
    steps=(1, 200, 1),
)

# %% [markdown]
# On the saddle's ridge the gradient is almost zero. Gradient descent lingers; Adam divides a small gradient by its own size and walks on.
#
# ## 4 · Noise and schedules
#
# **Claim.** The article's ∇L averages over *all* images. In practice, a **mini-batch** of B random images estimates it, and the error shrinks as $1/\sqrt{B}$.
#
# **Predict.** A batch 16 times larger costs 16 times the work. How many times smaller is its error?

# %%
full, rng = classifier_gradient(zeros), np.random.default_rng(SEED)


def typical_error(batches):
    errors = [classifier_gradient(zeros, chosen) - full for chosen in batches]
    return np.sqrt(np.mean([(error**2).sum() for error in errors]))


sizes = np.array([1, 4, 16, 64, 256])
theory = typical_error([[i] for i in range(len(images))]) / np.sqrt(sizes)  # σ / √B
measured = [typical_error(rng.integers(0, len(images), (400, B))) for B in sizes]
np.testing.assert_allclose(measured, theory, rtol=0.15)
equal = (theory[0] / np.linalg.norm(full)) ** 2
print(f"the error is as long as the gradient itself at B = {equal:.0f}")

figure, ax = plt.subplots(figsize=(6.5, 2.9), layout="constrained")
length = np.full(len(sizes), np.linalg.norm(full))
plots.lines(ax, sizes, {"σ / √B": theory, "length of the full gradient": length})
ax.plot(sizes, measured, "o", color="black", label="measured")
ax.set(xscale="log", yscale="log", xlabel="batch size B", ylabel="length", title="Error of ∇L")
ax.set_xticks(sizes, sizes)
ax.set_yticks([0.3, 1, 3], ["0.3", "1", "3"])
ax.minorticks_off()
ax.legend(fontsize=8)
plt.show()

# %% [markdown]
# Four times smaller for 16 times the work. Near B = 77 the error is as long as the gradient itself; with B = 64 we train all the same, and it works: the errors of many steps average out.
#
# **Claim.** A step size should change during training: short at first, while Adam's averages rest on few gradients (**warm-up**); then long; short again at the end, so that noise averages out (**cosine**). Both make a **one-cycle** schedule. With r warm-up steps of T, and peak p:
#
# $$\alpha_t = \begin{cases} \frac{p}{25} + \frac{24p}{25}\cdot\frac{t}{r} & t < r \\[1ex] p\left(\frac{0.999}{2}\left(1 + \cos \pi\frac{t - r}{T - r}\right) + 0.001\right) & t \ge r \end{cases}$$
#
# **Predict.** Peak 0.15 is too long as a constant step. Which part of the cycle saves it: slow start or slow end?

# %% tags=["nbval-ignore-output"]
PEAK, T, r = 0.15, 2 * STEPS, round(0.1 * 2 * STEPS)
t = np.arange(T)
rise = PEAK / 25 + 24 * PEAK / 25 * t / r
fall = PEAK * (0.999 / 2 * (1 + np.cos(np.pi * (t - r) / (T - r))) + 0.001)
by_hand, schedule = np.where(t < r, rise, fall), training.one_cycle(PEAK, T, warmup=0.1)
np.testing.assert_allclose(by_hand, [float(schedule(step)) for step in t], rtol=1e-4)

cosine = PEAK * (1 + np.cos(np.pi * t / T)) / 2
ends, drawn = {}, {}
for name, alphas in {"constant": 0 * t + PEAK, "cosine": cosine, "one-cycle": by_hand}.items():
    ends[name] = np.median([train(adam, alphas, seed) for seed in range(3)])
    drawn[f"{name}: final loss {ends[name]:.3f}"] = alphas
figure, ax = plt.subplots(figsize=(6.5, 2.7), layout="constrained")
plots.lines(ax, t, drawn, xlabel="step", ylabel="step size α", title="Adam, three schedules")
plt.show()
assert ends["one-cycle"] < min(ends["constant"], ends["cosine"]) / 5

# %% [markdown]
# The slow start. A slow end alone cannot undo the damage of the first steps. Notebooks 8 and 9 train with one-cycle.
#
# ## 5 · Which optimizer, which step size?
#
# **Claim.** An optimizer without its step size says little. A fair comparison tries each over a whole range, here with pixels from 0 to 1, and with raw pixels from 0 to 255, as the article's program feeds them.
#
# **Predict.** Larger inputs make larger gradients in the first layer. Whose best step size moves more: gradient descent's or Adam's?

# %% tags=["nbval-ignore-output"]
steps = {"gradient descent": gd, "momentum": polyak, "Adam": adam}
alphas = np.logspace(-6, 0, 19)
losses = {}  # (scale, name) → (step sizes, seeds)
for scale in (1, 255):
    for name, step in steps.items():
        runs = [
            [train(step, [alpha] * STEPS, seed, inputs=scale * images) for seed in range(3)]
            for alpha in alphas
        ]
        losses[scale, name] = np.nan_to_num(runs, nan=10.0, posinf=10.0).clip(max=10.0)

# %% tags=["nbval-ignore-output"]
best, lowest = {}, {}
figure, axes = plt.subplots(1, 2, figsize=(9, 3.6), layout="constrained")
for ax, scale in zip(axes, (1, 255)):
    middle = {name: np.median(losses[scale, name], axis=1) for name in steps}
    plots.lines(ax, alphas, middle, xlabel="step size α", title=f"pixels from 0 to {scale}")
    for name, line in zip(steps, ax.lines):
        runs = losses[scale, name]
        ax.fill_between(alphas, runs.min(1), runs.max(1), color=line.get_color(), alpha=0.2)
        best[scale, name], lowest[scale, name] = alphas[middle[name].argmin()], middle[name].min()
        good = alphas[middle[name] <= 2 * lowest[scale, name]]
        print(f"0 to {scale:>3}  {name:<16}  best α {best[scale, name]:.2g}", end="")
        print(f"  loss {lowest[scale, name]:.2f}  below 2 × that: {good[0]:.2g} to {good[-1]:.2g}")
    ax.set(xscale="log", yscale="log", ylim=(0.02, 12), ylabel=f"loss after {STEPS} steps")
plt.show()
assert best[1, "gradient descent"] / best[255, "gradient descent"] >= 100
assert best[1, "Adam"] / best[255, "Adam"] <= 30
assert lowest[1, "momentum"] < 3 * lowest[1, "Adam"]

# %% [markdown]
# Lines are medians, bands span three random starts, and losses above 10 are drawn at 10. With scaled pixels, tuned momentum comes close to Adam, and the printed ranges of good step sizes are about as wide. With raw pixels, the best α of gradient descent falls by a factor of hundreds; Adam's moves far less. That is Adam's
# strength: a step size that worked elsewhere is a fair first guess. Everyone does better on scaled pixels.
#
# ## What goes wrong
#
# Old tutorials call the step size `lr`. And an optimizer holds m and v for the weights of *one* model: the next model needs a new one.

# %% tags=["nbval-ignore-output"]
with course.expect_error(ValueError, match="lr"):
    keras.optimizers.Adam(lr=0.001)

optimizer = keras.optimizers.Adam(learning_rate=0.001)
first, second = (keras.Variable([1.0], name=name) for name in ("first", "second"))
optimizer.apply([keras.ops.ones(1)], [first])
with course.expect_error(ValueError, match="new optimizer"):
    optimizer.apply([keras.ops.ones(1)], [second])

# %% [markdown]
# ## Exercises
#
# 1. **Recall.** A loss has curvature 50 in one direction and 2 in another. Below which step size does gradient descent converge? What is κ? How far does a weight move in Adam's first step?
# 2. **Code.** Write `adam_step`, one step of Adam. The cell below checks it and names the usual mistakes.
# 3. **Open.** Set `BATCH_SIZE` to 16 and to 1024 and run again. How do the best step sizes move, and why?


# %%
def adam_step(theta, gradient, m, v, t, learning_rate):
    """One step of Adam with β₁ = 0.9, β₂ = 0.999, and ε = 1e-7 outside the root.

    theta, gradient, m, v are arrays of one shape (D,); t is 1 in the first step.
    Return the new theta, m and v; m and v as they are before the correction.
    Where gradient, m and v are 0, theta stays. Do not change the arrays you are given.
    """
    ...  # your code


# %%
exercise.check(adam_step)

# %% [markdown]
# <details><summary>Solutions</summary>
#
# 1. Below 2/50 = 0.04; κ = 50/2 = 25; by α, unless its gradient is 0 or as small as ε.
# 2. Hand back the plain averages; correct only for the step:
#
# ```python
# m = 0.9 * m + 0.1 * gradient
# v = 0.999 * v + 0.001 * gradient**2
# m_hat, v_hat = m / (1 - 0.9**t), v / (1 - 0.999**t)
# return theta - learning_rate * m_hat / (np.sqrt(v_hat) + 1e-7), m, v
# ```
#
# 3. Larger batches have less noise, so longer steps pay, up to the limit that curvature sets at any batch size.
#
# </details>
#
# ## Recap
#
# - We derived the limit 2/curvature (18.7 for our one weight) and ran both sides of it on real digits.
# - We wrote momentum and all of Adam by hand, equal to Keras's after 100 steps. Without the correction that the article leaves out, a step is up to 6.6 times too long.
# - We compared on real digits: tuned momentum within a factor of 3 of Adam's loss, one-cycle at least 5 times below a constant step of the same peak (sections 4 and 5 print today's numbers).
#
# **Sources.** Polyak 1964, [Some methods of speeding up the convergence of iteration methods](https://doi.org/10.1016/0041-5553(64)90137-5) ·
# Kingma and Ba 2015, [Adam](https://arxiv.org/abs/1412.6980) · Duchi et al. 2011, [AdaGrad](https://jmlr.org/papers/v12/duchi11a.html) ·
# He et al. 2015, [random weights for ReLU](https://arxiv.org/abs/1502.01852) · Loshchilov and Hutter 2017, [cosine schedules](https://arxiv.org/abs/1608.03983) ·
# Smith and Topin 2018, [Super-convergence](https://arxiv.org/abs/1708.07120) · Goh 2017, [Why momentum really works](https://distill.pub/2017/momentum/)
#
# **Next:** [8 · Training run](08_training_run.ipynb): the article's program, as printed and as meant.
