# %% [markdown]
# # 7 · Optimizers: which way, and how far
#
# <!-- [Open in Colab](https://colab.research.google.com/github/OWNER/REPO/blob/main/notebooks/07_optimizers.ipynb) · -->
# previous: [6 · Gradients](06_gradients.ipynb) · next: [8 · Training run](08_training_run.ipynb) · about 25 seconds on two CPU cores
#
# Page one of this course shows a scene of digits in which every pixel needs a label. We have a network that could give these labels (notebooks 2 to 4), a number that says how wrong its answer is
# (5), and for each of its thousands of weights the slope of that number, which says whether the weight should grow or shrink (6).
# One thing is missing: *how far* should each weight move? A rule that answers this is called an **optimizer**. The wrong answer ruins training, and the article leaves out most of what there is to know.
#
# You will be able to
# - say for which learning rates gradient descent converges, oscillates or diverges, and check it,
# - write momentum and the whole of Adam by hand, with the parts that the article leaves out,
# - choose an optimizer, a learning rate and a schedule on real digits, and measure what each is worth.
#
# You need: gradients (notebook 6), cross-entropy (5).

# %% tags=["parameters"]
SEED: int = 0  # of weights and of the order of the digits
BATCH_SIZE: int = 64  # digits per step, in sections 3 to 5
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
import matplotlib.pyplot as plt
import numpy as np

from segutils import reference
from segutils.digits import load_digits
from segutils.lessons.explorer import explore
from segutils.lessons.optimizers import OPTIMIZERS, exercise, optimizer_paths, second_exercise
from segutils.lessons.optimizers_figures import (
    SURFACES,
    classifier_gradient,
    end_of_keras_path,
    network,
    print_best,
    random_start,
    show_batch_error,
    show_directions,
    show_one_weight,
    show_schedules,
    show_step_lengths,
    show_sweep,
    show_three_optimizers,
    show_valley,
    show_zeros_and_ones,
    small_digits,
    try_learning_rates,
    zeros_and_ones,
)

digits = load_digits("bundled")

# %% tags=["hide-input"]
# @title The first figure
last = show_three_optimizers()
plt.show()
assert last["Rosenbrock", "gradient descent"] > 10 > last["Rosenbrock", "Adam"]

# %% [markdown]
# Each map shows a loss that depends on two weights, one drawn to the right and one upward, like a landscape seen from above; each thin line joins places of equal loss. Three optimizers, which this
# notebook builds one by one, start at the same place and take 60 steps. (The α in the titles is their learning rate, which section 1 explains.) In the straight valley all of them come down. In the
# curved one, which
# Rosenbrock invented to test such rules, gradient descent leaves the figure in a few steps. Why, if it always walks downhill?
#
# ## 1 · One weight, one learning rate
#
# The smallest network has one weight θ (theta), and then everything can be done on paper. Let it tell handwritten ones from zeros. Its input x is the brightness of a square in the middle of the
# image (framed in the figure), minus 0.5: a one has ink there, a zero has almost none. Its answer is θ · x, which should be y = +1 for a one and y = −1 for a zero.

# %% tags=["nbval-ignore-output"]
two_digits, y = zeros_and_ones(digits.train)
x = two_digits[:, 11:17, 11:17].mean((1, 2)) / 255 - 0.5  # brightness of the framed square
show_zeros_and_ones(two_digits, x, y)
plt.show()

# %% [markdown]
# The loss is half the mean of the squared errors over all N images (the half makes the gradient shorter to write), and its gradient follows by the chain rule of notebook 6:
#
# $$L(\theta) = \frac{1}{2N} \sum_{i=1}^{N} (\theta x_i - y_i)^2, \qquad \nabla L(\theta) = \frac{1}{N} \sum_{i=1}^{N} (\theta x_i - y_i)\, x_i$$
#
# The sign ∇ ("nabla") stands for the gradient. The article's **gradient descent** is
#
# $$\theta = \theta - \alpha \nabla L(\theta)$$
#
# where α (alpha) is the **learning rate**. The gradient points uphill, hence the minus. (The article says that we compute "the gradient of the model". It is the gradient of the *loss*, with respect
# to the model's weights.)
#
# **Predict.** At the start, θ = 0. There, θx − y is negative for ones, where x is positive, and positive for zeros, where x is negative. What sign does the gradient have, and will θ grow or shrink?
# The second cell below takes five steps with α = 4.


# %%
def loss(theta):
    return ((theta * x - y) ** 2).mean() / 2


def gradient(theta):
    return ((theta * x - y) * x).mean()


np.testing.assert_allclose(gradient(0.7), reference.difference_quotient(loss, 0.7), rtol=1e-6)

# %%
theta, alpha = 0.0, 4.0
for step in range(5):
    print(f"step {step}: θ = {theta:.3f}, loss {loss(theta):.3f}, gradient {gradient(theta):+.3f}")
    theta = theta - alpha * gradient(theta)

# %% [markdown]
# Each term of the gradient is negative, because its two factors have opposite signs. So the gradient is negative, and θ grows: we subtract a negative number. Follow the first step by hand: 0 − 4 ·
# (−0.315) = 1.26. The steps get shorter by themselves, because the gradient shrinks as θ approaches the lowest point.
#
# How far may one step go? Our loss is a parabola. A parabola has one number that says how sharply it bends, its **curvature** $h$; here $h = \frac1N \sum x_i^2$. The reason: multiplied out, the
# gradient is $h\theta$ minus a number without θ. It is 0 at the minimum, which we call θ*, so it must be $h\,(\theta - \theta^*)$: the farther away, the steeper. Put this into the rule, subtract θ*
# on both sides, and you get
#
# $$\theta_{t+1} - \theta^* = (1 - \alpha h)\,(\theta_t - \theta^*)$$
#
# So each step multiplies the distance to the minimum by $1 - \alpha h$. If this factor lies between −1 and 1, the distance shrinks; that is the case for learning rates between 0 and $2/h$. (Above
# half of this limit, the factor is negative.) Our curvature is 0.107, so the limit is about 18.7.
#
# **Predict.** Draw three paths on a parabola, for learning rates of 0.1, 0.95 and 1.05 times the limit. How does θ move in each? (`descend` takes eight steps of a rule, here `gd` for gradient
# descent, and returns all the places it visits.)

# %%
curvature = (x**2).mean()
limit = 2 / curvature
print(f"curvature {curvature:.3f}, limit {limit:.1f}")
descend, gd = reference.descend, reference.gradient_descent
paths = {
    f"α = {share} × limit": descend(gd, 0.0, gradient, 8, learning_rate=share * limit)
    for share in (0.1, 0.95, 1.05)
}
show_one_weight(loss, paths)
plt.show()

# %% [markdown]
# At a tenth of the limit, the factor is 0.8, and θ **converges**: it comes closer and closer to the minimum from one side. At 0.95 of the limit the factor is −0.9, and θ **oscillates**: each step
# jumps over the minimum and lands a little closer to it on the other side. At 1.05 the factor is −1.1, and θ **diverges**: each jump is longer than the one before. A learning rate that is only a
# tenth larger makes the difference between the answer and a number that grows without end. The same happens on Rosenbrock's map: where the path starts, its loss bends too sharply for α = 0.06.
#
# ## 2 · Many weights: narrow valleys
#
# With many weights, the loss bends differently in different directions. The direction that bends most, the steepest, sets the limit, $2/h_{max}$. In the flattest direction, with $h_{min}$, a
# learning rate that is safe for the steepest makes hardly any progress. The ratio $\kappa = h_{max}/h_{min}$ (kappa) is called the **condition number**. A round bowl has κ = 1; a long narrow valley
# has a large κ.
#
# How bad is it on real digits? We shrink them to 14×14 = 196 inputs and ask for a linear model (a weighted sum of the inputs for each class) with a squared error, as above. The curvature
# $\frac1N \sum x_i^2$ now becomes a table of 196×196 numbers, the mean of $x_i x_j$ for each pair of inputs.
# Multiplied by a direction (196 numbers), the table gives another direction. NumPy finds the directions that the table only makes longer or shorter, called **eigenvectors**, and the factors by which
# it does so, the **eigenvalues**. These factors are the curvatures. (Nothing below needs more of the theory than this.)
#
# **Predict.** Take the 50 steepest of the 196 directions. (We stop there because many pixels are always black, and along their weights the loss does not bend at all.) How many times steeper is the
# first than the fiftieth: 10 times, 100 times, more? And what will the steepest direction, drawn as an image, look like?


# %%
def ratio_and_steepest(inputs):
    table = inputs.T @ inputs / len(inputs)  # (196, 196)
    curvatures, directions = np.linalg.eigh(table)  # sorted: the last is the largest
    return curvatures[-1] / curvatures[-50], directions[:, -1]


# %%
images, targets = small_digits(digits.train)  # (N, 196) from 0 to 1, (N, 10) one-hot
mean = images.mean(axis=0)
ratio, steepest = ratio_and_steepest(images)
ratio_centred, steepest_centred = ratio_and_steepest(images - mean)
print(f"ratio {ratio:,.0f}; after subtracting the mean image {ratio_centred:,.0f}")

# %%
show_directions(mean, steepest, steepest_centred)
plt.show()
np.testing.assert_allclose(abs(steepest), mean / np.linalg.norm(mean), atol=0.005)

# %% [markdown]
# The first direction is more than ten thousand times steeper than the fiftieth, and apart from its length it is nothing other than the **mean image** (the last line above checks this pixel by
# pixel). That makes sense: brightness is never negative, so all digits have something in common, and a change of the weights in this direction changes the answer for *every* digit at once.
# Subtract the mean image from all inputs, which is called **centring**, and the ratio falls to about 740. The direction that is then the steepest, in the right-hand panel, no longer moves all digits
# alike: it adds where it is light and subtracts where it is dark. This is a strong reason to centre inputs before training. Section 5 measures how much that helps.
#
# ### Momentum
#
# Even after centring, one direction is 740 times steeper than another, and we cannot centre the inputs of deeper layers by hand. **Momentum** (Polyak 1964) is a way to live with narrow valleys. It
# keeps a velocity v, and a step is what is left of the last step plus a new push:
#
# $$v \leftarrow \mu v - \alpha \nabla L(\theta), \qquad \theta \leftarrow \theta + v$$
#
# with μ (mu) between 0 and 1, usually 0.9. Suppose that the gradient is 1 at every step and α = 1. The velocity is then 1, 0.9 · 1 + 1 = 1.9, 2.71, … (all with a minus sign), and it approaches 1 /
# (1 − 0.9) = 10. So momentum *sums* gradients: along a steady slope it ends up 1 / (1 − μ) = 10 times as fast as gradient descent.
# This is why momentum had the smaller learning rate in the first figure, 0.01 against 0.06. (With μ = 0, momentum *is* gradient descent; Keras has both under the name `SGD`.)
#
# **Predict.** In a narrow valley, the gradient across the valley changes its sign at every step, and the gradient along it does not. What does summing do to each of them?


# %%
def momentum_by_hand(theta, gradient_of, steps, alpha, mu):
    path, velocity = [np.asarray(theta)], 0.0
    for _ in range(steps):
        velocity = mu * velocity - alpha * gradient_of(path[-1])
        path.append(path[-1] + velocity)
    return np.array(path)


# %%
import keras

valley = SURFACES["valley"]  # ½ (a² + 25 b²): curvature 1 along, 25 across, so κ = 25
plain = momentum_by_hand(valley.start, valley.gradient, 30, alpha=0.076, mu=0.0)
rolling = momentum_by_hand(valley.start, valley.gradient, 30, alpha=0.05, mu=0.7)
by_keras = end_of_keras_path(keras.optimizers.SGD(0.05, momentum=0.7), valley, 30)
np.testing.assert_allclose(rolling[-1], by_keras, atol=1e-5)

# %%
show_valley({"gradient descent": plain, "momentum": rolling})
plt.show()
assert valley.loss(rolling[-1]) < valley.loss(plain[-1]) / 100

# %% [markdown]
# Gradient descent zigzags, here at 0.95 of its limit 2/25. The gradient is perpendicular to the lines of equal loss, and in a valley that is mostly *across*, not toward the minimum. With momentum
# the pushes across the valley cancel, and those along it add up: after 30 steps the loss is more than a hundred times lower. The price is **overshoot**: the path runs past the minimum and has to
# come back.
#
# ## 3 · Adam, all of it
#
# In gradient descent and momentum, one learning rate serves all weights. But one weight may have gradients around 1,000 and another around 0.001, and no single α suits both. Adam gives each weight a
# step of its own length. The article writes
#
# $$\theta = \theta - \alpha \frac{\hat m_t}{\sqrt{\hat v_t} + \epsilon}$$
#
# calls $\hat m_t$ the moving average of the gradient and $\hat v_t$ "the moving average gradient's sum of squares", and stops there. Here is the rest (Kingma and Ba 2015). Let $g_t$ be the gradient
# in step t = 1, 2, …, and begin with $m_0 = v_0 = 0$:
#
# $$m_t = \beta_1 m_{t-1} + (1 - \beta_1)\, g_t, \qquad v_t = \beta_2 v_{t-1} + (1 - \beta_2)\, g_t^2$$
#
# $$\hat m_t = \frac{m_t}{1 - \beta_1^t}, \qquad \hat v_t = \frac{v_t}{1 - \beta_2^t}$$
#
# ($\beta$, beta, is a number below 1, and $\beta^t$ its t-th power.) In words: m is a fading average of the gradients. With $\beta_1$ = 0.9 it keeps nine tenths of itself and takes one tenth of the
# new gradient, so it looks back over about 10 steps. The other average, v, does the same for the *squares* of the gradients, with $\beta_2$ = 0.999, over about 1,000 steps; its square root is the
# usual size of this weight's gradient. The division that gives m and v their hats corrects both for having begun at 0. The step is then the average gradient *divided by its usual size*.
#
# Do the first step by hand, for a weight with the gradient 4. m = 0.1 · 4 = 0.4, and v = 0.001 · 16 = 0.016. The corrections divide by 0.1 and by 0.001, so $\hat m$ = 4 and $\hat v$ = 16. The step
# is α · 4 / √16 = α.
#
# **Predict.** One weight has the gradient 0.001, another 1,000. How far does each of them go in step 1?


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


# %%
first = adam_by_hand(np.zeros(2), lambda theta: np.array([0.001, 1000.0]), 1, alpha=0.01)
print("one step of Adam with α = 0.01:", np.round(first, 4))

ours = adam_by_hand(np.array(valley.start), valley.gradient, 100, alpha=1 / 32)
by_keras = end_of_keras_path(keras.optimizers.Adam(1 / 32, epsilon=1e-7), valley, 100)
np.testing.assert_allclose(ours, by_keras, atol=1e-4)

# %% [markdown]
# Both weights go equally far: α. In Adam the learning rate is a *distance*; in gradient descent it is a factor. If you multiply the whole loss by 1,000, gradient descent takes steps 1,000 times as
# long, and Adam takes the same steps as before, because the factor cancels.
#
# Note the word *average*. m averages gradients where momentum sums them, so Adam does not need a smaller learning rate to make up for its memory. And v averages too. With a *sum* of squares, as the
# article has it, v would grow for ever, and the steps would fade although the slope does not; an older optimizer, AdaGrad (Duchi et al. 2011), works like that.
#
# ### What ε is for
#
# The article says that ε (epsilon, a tiny number) is there "to avoid a gradient of zero". But there is no reason to avoid a gradient of zero. It says that, as far as the loss can tell, this weight
# may stay where it is.
#
# **Spot the mistake.** Some pixels are black in every training image, so the weights that belong to them always have the gradient 0. What would Adam compute for them without ε?

# %%
start = np.zeros((196, 10))  # a linear classifier: 196 inputs, 10 classes
slope, never_inked = classifier_gradient(start, images, targets), (images == 0).all(axis=0)
for epsilon in (0.0, 1e-7):
    with np.errstate(invalid="ignore"):
        after = adam_by_hand(start, lambda theta: slope, 1, alpha=0.03, epsilon=epsilon)
    print(
        f"ε = {epsilon:g}: weights of the {never_inked.sum()} black pixels:",
        after[never_inked][0, 0],
    )

# %% [markdown]
# Without ε these weights become 0/0, which is not a number, and in the next step they spoil everything. ε avoids a *division by zero*; the gradient stays zero, and so does the weight.
#
# (Keras adds its ε to √v before the correction, while we and the paper add it afterwards. This matters only for weights whose gradients are nearly as small as ε. The course's tests follow 1,960
# weights for 100 steps and find exactly this difference and no other.)
#
# ### What the correction is for
#
# The article also leaves out the hats. m and v begin at 0, so in the first steps both are too small: under a constant gradient g, $m_1 = 0.1\,g$ and $m_2 = 0.9 \cdot 0.1\,g + 0.1\,g = 0.19\,g$,
# which is $(1 - 0.9^2)\,g$. In general $m_t = (1 - \beta_1^t)\,g$ and $v_t = (1 - \beta_2^t)\,g^2$. Dividing by what is in the brackets makes both exact.
#
# **Predict.** Leave the division out. Will the first steps be too short or too long?


# %%
def step_lengths(correct):
    options = {"learning_rate": 0.01, "correct_bias": correct}
    path = descend(reference.adam, 0.0, lambda theta: 2.0, 5000, **options)
    return -np.diff(path) / 0.01  # in units of α


# %%
without = step_lengths(correct=False)
print(
    f"without: step 1 is {without[0]:.2f} α long, step {without.argmax() + 1} {without.max():.2f} α"
)
show_step_lengths({"with correction": step_lengths(correct=True), "without": without})
plt.show()

# %% [markdown]
# They will be too long. Both averages are too small, but v is even more so, and its root is in the *denominator*: the first step is 0.1 / √0.001 = 3.16 times as long as it should be, the twelfth
# 6.57 times, and the effect fades only after thousands of steps.
#
# Does it matter? To find out we need a real network: 196 inputs, 32 hidden units with ReLU, 10 classes. Its forward and backward passes are the functions of notebooks 4 to 6; `network` returns the
# loss and the gradient of all its 6,634 weights, which lie in one long vector θ.
# What is new is the loop around it. `step` is one of the three rules, `reference.gradient_descent`, `reference.momentum` or `reference.adam`; it returns the new θ and, as `state`, what the rule must
# remember: nothing for the first rule, v for the second, and t, m and v for the third. Read the loop carefully: this is training.


# %%
def train(step, rates, seed, inputs=images, **options):
    """Loss over all training digits after one step for each of the learning rates."""
    rng = np.random.default_rng((SEED, seed))
    theta, state = random_start(rng), None
    for rate in rates:
        chosen = rng.integers(0, len(inputs), BATCH_SIZE)  # a few random digits
        _, gradient = network(theta, inputs[chosen], targets[chosen])
        theta, state = step(theta, gradient, state, learning_rate=rate, **options)
    return network(theta, inputs, targets)[0]


# %% tags=["nbval-ignore-output"]
after = {}
for alpha, correct in [(0.003, True), (0.003, False), (0.1, True), (0.1, False)]:
    runs = [train(reference.adam, [alpha] * STEPS, k, correct_bias=correct) for k in range(3)]
    after[alpha, correct] = np.median(runs)
    print(f"α = {alpha}, corrected {correct}: losses {np.round(sorted(runs), 2)}")
print(f"a blind guess costs log 10 = {np.log(10):.2f}")
assert after[0.1, False] > 2 > 1 > after[0.1, True]
assert after[0.003, False] < after[0.003, True]

# %% [markdown]
# It depends on α. At α = 0.1 the uncorrected Adam ends near a blind guess: its first steps, up to 6.6 times as long as they should be, throw the weights so far that 150 steps do not bring them back.
# At α = 0.003 it even wins, because 0.003 was too small (in section 5, a rate ten times as large turns out to be best), and longer steps help. So leaving out the correction does not make Adam worse
# in general; it is a hidden learning rate that changes from step to step, and you did not ask for it.
#
# **Try.** Choose gradient descent and cross the limit of the valley: 2/25 = 0.08, whose logarithm to base 10 is about −1.1. What happens to the path? Then choose the surface called saddle, where the
# path starts on a ridge between two minima. Which leaves the ridge first, gradient descent or Adam, and why?

# %%
explore(
    optimizer_paths(),
    surface=list(SURFACES),
    optimizer=list(OPTIMIZERS),
    log10_learning_rate=(-3.5, 0.5, 0.05),
    momentum=(0.0, 0.99, 0.01),
    steps=(1, 200, 1),
)

# %% [markdown]
# Past the limit, each zigzag of gradient descent is longer than the last, and the path leaves the figure. On the saddle, Adam leaves the ridge first. On the ridge, the gradient that points down its
# sides is almost zero, and gradient descent lingers; Adam divides that small gradient by its own small size and walks on.
#
# ## 4 · Noise, and learning rates that change
#
# The loop above used 64 digits for each gradient, not all 1,157. Such a handful is called a **mini-batch**, and its gradient is an estimate of the full one. How good an estimate? An average of B
# independent numbers is wrong by a typical amount that shrinks with the square root of B: with 100 images, the error is a tenth of what it is with one.
#
# **Predict.** A batch 16 times larger costs 16 times the work. How many times smaller is its error? (The cells measure it for the linear classifier of section 3 at its start; `slope` is its full
# gradient, and the length of a gradient is the square root of the sum of the squares of its numbers.)


# %%
def typical_error(batches):
    slopes = [classifier_gradient(start, images[chosen], targets[chosen]) for chosen in batches]
    return np.sqrt(np.mean([((each - slope) ** 2).sum() for each in slopes]))


# %%
rng = np.random.default_rng(SEED)
sizes = np.array([1, 4, 16, 64, 256])
theory = typical_error([[i] for i in range(len(images))]) / np.sqrt(sizes)
measured = [typical_error(rng.integers(0, len(images), (200, size))) for size in sizes]
np.testing.assert_allclose(measured, theory, rtol=0.15)
length = np.linalg.norm(slope)
print(f"the error is as long as the gradient itself for B = {(theory[0] / length) ** 2:.0f}")
show_batch_error(sizes, measured, theory, length)
plt.show()

# %% [markdown]
# Its error is four times smaller, for 16 times the work: compare 4 and 64 in the figure. And look where the lines cross: with 77 images, the error is as long as the gradient itself. With 64 it is
# longer, and we train all the same. That works because the errors of many steps point in random directions and average out, while the gradient itself does not.
#
# Noise is one reason to follow a **schedule**, a plan that gives each step its own learning rate: long steps first, short ones at the end, so that the noise averages out. A **cosine** schedule falls
# along half a cosine wave. Another reason is the start of training: at that point Adam's averages rest on only a few gradients, and the weights are random. A **warm-up** begins with short steps.
# Both together make a **one-cycle** schedule. With T steps, r of them warm-up, and the peak p:
#
# $$\alpha_t = \begin{cases} \frac{p}{25} + \frac{24p}{25}\cdot\frac{t}{r} & t < r \\[1ex] p\left(\frac{0.999}{2}\left(1 + \cos \pi\frac{t - r}{T - r}\right) + 0.001\right) & t \ge r \end{cases}$$
#
# The first line climbs from p/25 to p; the second falls from p to p/1000. To learn what each half is worth we compare four schedules: with neither half, with each half alone, and with both.
#
# **Predict.** We take T = 300 steps, 30 of them warm-up, and p = 0.15; so α climbs from 0.006 to 0.15 and then falls to 0.00015. Such a peak is too high for a constant learning rate. Which half
# saves it: the slow start or the slow end?

# %%
from segutils import training

PEAK, T = 0.15, 2 * STEPS
t, r = np.arange(T), round(0.1 * T)
rise = PEAK / 25 + 24 * PEAK / 25 * t / r
fall = PEAK * (0.999 / 2 * (1 + np.cos(np.pi * (t - r) / (T - r))) + 0.001)
both = np.where(t < r, rise, fall)
schedule = training.one_cycle(PEAK, T, warmup=0.1)  # as notebooks 8 and 9 use it, for Keras
np.testing.assert_allclose(both, [float(schedule(step)) for step in t], rtol=1e-4)

# %% tags=["nbval-ignore-output"]
cosine = PEAK * (1 + np.cos(np.pi * t / T)) / 2
warm_up = np.where(t < r, rise, PEAK)
tried = {
    "constant": 0 * t + PEAK,  # the peak at every step
    "cosine": cosine,
    "warm-up, constant": warm_up,
    "one-cycle": both,
}
ends = {name: [train(reference.adam, rates, k) for k in range(3)] for name, rates in tried.items()}
middle = {name: np.median(losses) for name, losses in ends.items()}
one_cycle_loss = middle["one-cycle"]

# %% tags=["nbval-ignore-output"]
print("median loss:", {name: float(round(loss, 3)) for name, loss in middle.items()})
show_schedules(tried, ends)
plt.show()
assert middle["constant"] > 2 * middle["warm-up, constant"] > 10 * middle["one-cycle"]
assert middle["cosine"] > 2 * middle["warm-up, constant"]

# %% [markdown]
# Neither half can save it alone. Without a slow start, the slow end gains next to nothing: it does not repair what the first steps have spoilt. The slow start alone brings the median loss from about
# 0.8 to about 0.2. But only the two together reach a few thousandths, some fifty times lower still. Notebooks 8 and 9 train with one-cycle.
#
# ## 5 · Which optimizer, which learning rate, which inputs?
#
# "Adam is better than gradient descent" says little unless you say at which learning rate. A fair comparison tries each optimizer with a whole range of rates. We make it three times: with pixels
# from 0 to 255, as the article's program feeds them; with pixels from 0 to 1; and with pixels from 0 to 1 after subtracting the mean image, as section 2 suggests.
# Each point of the figure is the median of three random starts.
#
# **Predict.** Larger inputs make larger gradients in the first layer. When we go from pixels in 0–1 to pixels in 0–255, which best learning rate moves more, that of gradient descent or that of Adam?
# And is the rate that was best for 0–1 a safe first guess for 0–255?

# %% tags=["nbval-ignore-output"]
inputs = {"pixels 0 to 255": 255 * images, "0 to 1": images, "0 to 1, centred": images - mean}
RAW, SCALED, CENTRED = inputs
alphas = np.logspace(-4.5, 1, 12)
sweep = try_learning_rates(train, inputs, alphas, STEPS)  # (inputs, optimizer) → (alphas, 3 runs)

# %% tags=["nbval-ignore-output"]
best, lowest = print_best(alphas, sweep)
at_best = np.searchsorted(alphas, best[SCALED, "Adam"])
carried_over = np.median(sweep[RAW, "Adam"][at_best])
print(f"Adam's best α for {SCALED}, used on {RAW}: loss {carried_over:.2f}")
show_sweep(alphas, sweep, STEPS)
plt.show()

# %% tags=["nbval-ignore-output"]
assert best[SCALED, "gradient descent"] / best[RAW, "gradient descent"] >= 100
assert best[SCALED, "Adam"] / best[RAW, "Adam"] <= 30
assert carried_over > 2 > 2 * lowest[RAW, "Adam"]
for name in ("gradient descent", "momentum", "Adam"):
    assert lowest[CENTRED, name] < lowest[SCALED, name] < lowest[RAW, name]
assert lowest[SCALED, "momentum"] < 3 * lowest[SCALED, "Adam"]
assert lowest[CENTRED, "gradient descent"] < lowest[SCALED, "Adam"]

# %% [markdown]
# (Both axes are logarithmic. Losses above 10 are drawn at 10; the bands reach from the best to the worst of three runs. The cell after the figure is silent if the statements below hold.)
#
# From pixels in 0–1 to pixels in 0–255, the best learning rate falls by a factor of 1,000 for gradient descent and for momentum, and by a factor of 10 for Adam. So Adam's moves far less. But "less"
# is not "not at all": on raw pixels, Adam's best rate for 0–1 ends at a loss of about 2.30, no better than a blind guess. With none of the three is it safe to carry a learning rate over from one
# kind of input to another.
#
# What carries over is the advice about the inputs. At their best rates, all three optimizers do better on scaled pixels than on raw ones, and better again on centred ones; plain gradient descent on
# centred pixels even does better than Adam without centring. On scaled pixels, momentum at its best rate comes within a factor of two of Adam's loss. This is one small network and 150 steps; on
# another task the order may change, but the way to find out is the same.
#
# ## What goes wrong
#
# Old tutorials call the learning rate `lr`, a name that Keras no longer accepts. And an optimizer holds m and v for the weights of *one* model; the next model needs a new optimizer. The cell makes
# both mistakes and requires that they fail (`apply` takes gradients and the weights to which they belong).

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
# **1 · Recall.** A loss has the curvature 50 in one direction and 2 in another. Below which learning rate does gradient descent converge? What is κ? How far does a weight move in Adam's first step?
#
# **2 · Code.** An unusual batch can have a gradient so long that a single step throws the weights far away. **Clipping** puts a limit on its length and keeps its direction. The gradient (3, 4) has
# the length √(9 + 16) = 5; with a limit of 1 it becomes (0.6, 0.8). A gradient below the limit stays as it is. Write a step of gradient descent with clipping.


# %%
def clipped_step(theta, gradient, learning_rate, max_length):
    """One step of gradient descent whose gradient is shortened to max_length if it is longer.

    theta and gradient are arrays (D,). Return the new theta.
    """
    ...  # your code


# %%
second_exercise.check(clipped_step)

# %% [markdown]
# **3 · Code, harder.** Write `adam_step`, one step of Adam. The check names the usual mistakes.


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
# **4 · Open.** Section 4 reached a loss of a few thousandths with 300 steps. Reach less than a fifth of that with the same 300 steps: with other inputs, another peak, another optimizer or another
# schedule. Put your rates in place of `None`; the median of three runs counts.

# %% tags=["nbval-ignore-output"]
my_rates = None  # T learning rates, for instance both / 2; and try other inputs two lines below
if my_rates is not None:
    mine = np.median([train(reference.adam, my_rates, k, inputs[SCALED]) for k in range(3)])
    goal = one_cycle_loss / 5
    print(f"loss {mine:.5f}, goal {goal:.5f}: {'reached' if mine < goal else 'not yet'}")

# %% [markdown]
# <details><summary>Solutions</summary>
#
# 1. It converges below 2/50 = 0.04, and κ = 50/2 = 25. In Adam's first step a weight moves by α, unless its gradient is 0 or as small as ε.
# 2. In the body of the function:
#
# ```python
# length = np.sqrt((gradient**2).sum())
# if length > max_length:
#     gradient = gradient * (max_length / length)
# return theta - learning_rate * gradient
# ```
# 3. Return the averages as they are; correct them only for the step:
#
# ```python
# m = 0.9 * m + 0.1 * gradient
# v = 0.999 * v + 0.001 * gradient**2
# m_hat, v_hat = m / (1 - 0.9**t), v / (1 - 0.999**t)
# return theta - learning_rate * m_hat / (np.sqrt(v_hat) + 1e-7), m, v
# ```
#
# 4. Look at the third panel of section 5's figure: `my_rates = both` with `inputs[CENTRED]`, so no change except centred pixels, reaches less than a tenth of the loss.
#
# </details>
#
# ## Recap
#
# - Gradient descent converges below 2/curvature (18.7 for our one weight), oscillates just below it and diverges above. Many weights have many curvatures; on digits that are not centred the largest
#   is that of the mean image, more than 10,000 times that of the 50th direction.
# - Momentum sums gradients, Adam averages them and divides by their usual size; both give the same results as in Keras. Without the correction that the article leaves out, a step is up to 6.6 times
#   too long.
# - On real digits, the cosine alone was worth next to nothing and the warm-up alone was worth something (a loss of 0.2 instead of 0.8); together they reached a few thousandths. No learning rate
#   carried over from pixels in 0–1 to raw ones; scaling and centring the inputs helped all three optimizers.
#
# **What this adds to our goal.** We can now train: every weight of a network moves in the right direction and by a sensible amount. With that, all the parts that the scene on page one needs are
# there. Next we assemble them, first for a smaller task: one digit, one label.
#
# **Sources.** Polyak 1964, [Some methods of speeding up the convergence of iteration methods](https://doi.org/10.1016/0041-5553(64)90137-5) ·
# Kingma and Ba 2015, [Adam](https://arxiv.org/abs/1412.6980) · Duchi et al. 2011, [AdaGrad](https://jmlr.org/papers/v12/duchi11a.html) ·
# LeCun et al. 1998, [Efficient BackProp](https://doi.org/10.1007/3-540-49430-8_2) (why inputs are centred) ·
# He et al. 2015, [random weights for ReLU](https://arxiv.org/abs/1502.01852) · Loshchilov and Hutter 2017, [cosine schedules](https://arxiv.org/abs/1608.03983) ·
# Smith and Topin 2018, [Super-convergence](https://arxiv.org/abs/1708.07120) · Goh 2017, [Why momentum really works](https://distill.pub/2017/momentum/)
#
# **Next:** [8 · Training run](08_training_run.ipynb): the article's program, as printed and as meant.
