# %% [markdown]
# # 6 · Gradients: which way each number should move
#
# <!-- [Open in Colab](https://colab.research.google.com/github/OWNER/REPO/blob/main/notebooks/06_gradients.ipynb) · -->
# previous: [5 · Losses](05_losses.ipynb) · next: [7 · Optimizers](07_optimizers.ipynb) · about 20 seconds on two CPU cores
#
# Page one of this course shows a scene of handwritten digits in which every pixel needs a label. Since then we have built all the parts of a network that could give these labels: convolution,
# pooling, dense layers, and a loss that says how wrong the labels are. But we chose the numbers inside those layers ourselves, or drew them at random. A real network has tens of thousands of such
# numbers, and nobody can set them by hand. How does each one find out whether it should grow or shrink?
#
# You will be able to
# - compute by hand, with the chain rule, how steeply a loss changes with each number of a small network, and check the result by nudging the numbers,
# - write a program of 26 lines that does the same for any formula, and use it to let a neuron learn to find ink,
# - pass a gradient back through convolution, pooling, dense layers, cross-entropy and Dice, and say why it may vanish on the way.
#
# You need: the layers and losses of notebooks 2 to 5. From school: the slope of a straight line. No other calculus is assumed.

# %% tags=["parameters"]
LEARNING_RATE: float = 0.12  # of the kernel that learns by itself, in section 9
LEARNING_STEPS: int = 300  # steps that it takes
DEPTH: int = 10  # layers that a gradient must pass, in section 8
SEED: int = 0  # of the pixels and numbers that are drawn at random

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
    LEARNING_RATE=course.number(0.001, 0.14),
    LEARNING_STEPS=course.integer(100, 2000),
    DEPTH=course.integer(5, 15),
    SEED=course.integer(0, 2**31 - 1),
)

# %% tags=["hide-input"]
# @title Imports
import math

import matplotlib.pyplot as plt
import numpy as np

from segutils import metrics, reference, scenes
from segutils.digits import load_digits
from segutils.lessons import gradient_figures as figures
from segutils.lessons import gradients
from segutils.lessons.explorer import explore
from segutils.lessons.gradient_graph import CONTROLS, gradient_graph, show_graph

rng = np.random.default_rng(SEED)
digits = load_digits("bundled")
goal = scenes.make_scenes(digits.test, 16, seed=(0, 2))  # page one shows one of these sixteen
scene, ink = goal.images[8, :, :, 0].astype(float), goal.semantic[8] > 0


# Two helpers for section 6; `tf` is TensorFlow, which section 3 imports


def conv(x, kernel):
    """TensorFlow's convolution of one grey image (H, W) with one kernel (M, N)."""
    return tf.nn.conv2d(x[None, :, :, None], kernel[:, :, None, None], 1, "VALID")[0, :, :, 0]


def pool(x, function):
    """TensorFlow's pooling of one map (H, W) by windows of 2×2."""
    return function(x[None, :, :, None], 2, 2, "VALID")[0, :, :, 0]


# %% tags=["hide-input"]
# @title The first figure
figures.show_first(scene)
plt.show()

# %% [markdown]
# The kernel in the middle is all zeros. We want it to find vertical edges, as a kernel of notebook 2 does, but we do not tell it how. We may only measure how wrong its feature map is. On the right,
# one of its nine numbers, the framed one, is moved while the other eight stay at zero, and the loss traces a curve. At the black dot the curve falls to the right, so this number should grow.
# That is all that learning needs to know, for all nine numbers at once. How much the loss changes per unit is called the *slope*, and all the slopes together are the *gradient*.
#
# ## 1 · One number: the slope
#
# Take the smallest network there is: one pixel of brightness 3 comes in, one weight $w$ multiplies it, and we want 9 to come out. The loss is the square of the error:
#
# $$L(w) = (3 w - 9)^2$$
#
# The weight is now 2. Then 6 comes out, the error is $6 - 9 = -3$, and the loss is 9. Should $w$ grow or shrink? The most direct way to find out is to try. We *nudge* $w$
# by a small $h = 0.01$, to 2.01. Now 6.03 comes out, the error is $-2.97$ and the loss 8.8209. It fell by 0.1791, and per unit of $w$ that makes $-0.1791 / 0.01 = -17.91$. This number
# is called a *difference quotient*: how much the result changed, divided by how much we nudged.
#
# **Predict.** The nudge becomes smaller: 0.1, then 0.01, then 0.001. Does the quotient go to zero as well?


# %%
def loss(w):
    return (3 * w - 9) ** 2


for h in (1, 0.1, 0.01, 0.001, 1e-15):
    print(f"nudge {h:g}: quotient {(loss(2 + h) - loss(2)) / h:.3f}")

# %% [markdown]
# The quotient does not go to zero: the change becomes small, but so does the nudge by which it is divided. It goes to $-18$; a nudge a tenth as large comes ten times closer. The number that it
# goes to is the *slope* of $L$ at $w = 2$, also called its *derivative* and written $dL/dw$.
# (The last line shows the limits of this method. A nudge of $10^{-15}$ is about as fine as the computer's numbers are here, and rounding spoils the quotient.)
#
# There is also a formula, and we can find it ourselves. Write $e = 3w - 9$ for the error. A nudge of $h$ changes $e$ by $3h$, so $e^2$ becomes $(e + 3h)^2 = e^2 + 6 e h + 9 h^2$. Divide the change
# by $h$, and you get $6e + 9h$. Let $h$ go to zero, and $6 e$ is left. With $e = -3$ that is $-18$. In the form that books use:
#
# $$\frac{dL}{dw} = 2 \cdot (3w - 9) \cdot 3$$
#
# From left to right: 2 times the error is the slope of the square, and 3 is what one unit of $w$ does to the error.

# %%
figures.show_slope(loss, 2, (0, 6))
plt.show()

# %% [markdown]
# The dashed line touches the curve at $w = 2$ and has the slope $-18$: one unit to the right, it is 18 lower. The curve itself does not fall that far, because it bends. So the slope is right about the
# *direction*, and about the size only for small moves.
#
# To go downhill, move *against* the slope: $w \leftarrow w - \alpha \cdot dL/dw$. The arrow means that $w$ gets the new value on its right. The small factor $\alpha$ (alpha) is the *learning rate*;
# it keeps the move small.
#
# **Predict.** One step with $\alpha = 0.05$, and one with $\alpha = 0.2$. Which of them makes the loss smaller?

# %%
for learning_rate in (0.05, 0.2):
    w = 2 - learning_rate * -18
    print(f"learning rate {learning_rate}: w = {w:.1f}, loss {loss(w):.2f}")

# %% [markdown]
# The step with 0.05 makes it smaller: the loss falls from 9 to 0.09. The step with 0.2 goes the same way but much too far, past the valley and up the other side, to 60.84. How to choose $\alpha$ is
# the subject of
# notebook 7. This notebook is about the slope.
#
# ## 2 · Two numbers: the gradient
#
# A layer also adds a *bias* $b$. Now two numbers can move, and the loss is $L(w, b) = (3w + b - 9)^2$. Let $w = 2$ and $b = 1$: then 7 comes out, the error is $-2$, and the loss is 4.
#
# With two numbers we ask the same question twice. First nudge $w$ and hold $b$ still; then nudge $b$ and hold $w$ still. Each answer is a *partial derivative*. It is written with a curved d,
# $\partial L / \partial w$ and $\partial L / \partial b$, to remind us that the other number was held still. Both together, as a list, are the gradient.
#
# **Predict.** A nudge of $w$ is multiplied by the pixel, 3, before it reaches the error. A nudge of $b$ is not. So how many times larger is the first slope?


# %%
def loss(w, b):
    return (3 * w + b - 9) ** 2


h = 1e-6
by_w = (loss(2 + h, 1) - loss(2 - h, 1)) / (2 * h)
by_b = (loss(2, 1 + h) - loss(2, 1 - h)) / (2 * h)
print(f"gradient: ({by_w:.3f}, {by_b:.3f})")

# %% [markdown]
# The slope for $w$ is three times that for $b$: $-12$ and $-4$. (We now nudge both ways, up and down, and divide by $2h$. That cancels the effect of the bend in the curve and is far more exact. In
# the package this is `reference.difference_quotient`, and it will check the gradients of this notebook.)

# %%
figures.show_valley(loss, at=(2, 1), gradient=(by_w, by_b))
plt.show()

# %% [markdown]
# Read the figure like a hiker's map: along each line the loss is the number written on it. The gradient crosses the lines at a right angle and points *uphill*, the steepest way; we go the other way.
# (The arrows show the direction only; drawn to
# scale, 12 to the left, the gradient would leave the page.)
# The dotted line is the bottom of the valley, where the loss is 0. It is a whole line of answers, because one pixel cannot pin down two numbers. More pixels will.
#
# ## 3 · Many numbers: the chain rule
#
# Nudging is reliable but slow: it runs the network twice for each number. The network of the article has 34,826 numbers (notebook 4 counted them), so one gradient would take 69,652 runs. There is a
# way to get all the slopes in one sweep. It uses the fact that a network is a *chain* of simple steps, and that the slope of a simple step is easy to find.
#
# Here is a chain that labels one pixel as ink or ground (short for background). The brightness is $x = 2$, the weight $w = 1$, the bias $b = -2$. We go forward, one step at a time:
# - $z = x w + b = 2 \cdot 1 - 2 = 0$, the logit;
# - $p = 1/(1 + e^{-z}) = 0.5$, the sigmoid, which makes a probability of ink from the logit;
# - $L = -\log p = 0.693$, the cross-entropy, because this pixel *is* ink (log is the natural logarithm).
#
# Now backward. At each number we ask: if it grew a little, how fast would the loss grow?
# - For $L$ itself the answer is 1.
# - The slope of $-\log p$ is $-1/p$, here $-2$. So $\partial L/\partial p = -2$.
# - The sigmoid has the slope $p(1-p)$, here 0.25. If $z$ grows by one small unit, $p$ grows by a quarter of it, and $L$ changes by $-2$ times that quarter: $\partial L/\partial z = -2 \cdot 0.25 = -0.5$.
# - The weight is multiplied by $x = 2$: $\partial L/\partial w = -0.5 \cdot 2 = -1$. The bias is just added: $\partial L/\partial b = -0.5 \cdot 1 = -0.5$.
#
# (You can find the slopes of $-\log p$ and of the sigmoid in any table of derivatives. You need not take them on trust: nudging will confirm them below.) So along a path the slopes multiply. That is
# the *chain rule*. For the path from $w$ to $L$ it says
#
# $$\frac{\partial L}{\partial w} = \frac{\partial L}{\partial p} \cdot \frac{\partial p}{\partial z} \cdot \frac{\partial z}{\partial w}$$

# %%
show_graph(x=2, w=1, b=-2, is_ink=True)
plt.show()

# %% [markdown]
# This is the same chain, drawn as five *nodes*. Inside each circle is its value, which came from the left. Below each circle is its gradient, which came back from the right. Each dashed arrow
# multiplies by
# the slope of one step, its *local slope*; no step needs to know anything about the others. Going back like this, from the loss to all inputs, is called *backpropagation*. In Python:

# %%
import tensorflow as tf

x, w, b = 2.0, 1.0, -2.0
z = x * w + b
p = 1 / (1 + math.exp(-z))
dp = -1 / p  # dp is short for ∂L/∂p, and so on
dz = dp * p * (1 - p)
dw, db = dz * x, dz * 1
print(f"forward z = {z:g}, p = {p:g}; back {dp:g}, {dz:g}, then w {dw:g} and b {db:g}")
gradients.agree([dw, db], lambda v: -tf.math.log_sigmoid(x * v[0] + v[1]), [w, b])

# %% [markdown]
# The last line compares with two witnesses: nudging, and TensorFlow's own gradient, which we meet in section 5. It gives `agree` three things: the gradient by hand, the loss as a function of the
# list `v` of all numbers that may move
# (`log_sigmoid` is the logarithm of the sigmoid), and the values of these numbers. In sections 6 and 7 `agree` will do the same for every formula.
#
# **Try.** Move the inputs and watch the gradients follow. What must $z$ be for the gradient of an ink pixel to become almost 0? Can you find a case in which $w$ should *shrink*? Set $x = 0$: which
# gradient
# is lost, and why?

# %%
explore(gradient_graph(), **CONTROLS)

# %% [markdown]
# When $z$ is large, $p$ is near 1: the ink pixel is right already, and its gradient is almost 0. The weight should shrink where its gradient is above 0, and that is the case for every pixel of the
# *ground* that is bright. At $x = 0$ the weight gets no gradient at all: nothing came in through it, so it had no part in the result.
#
# ## 4 · A program that does this for any formula
#
# Look at the drawing once more. To go backward, a node needs only two things: which nodes it was computed from, and the local slope for each of them. Both are known at the moment the node is computed.
# So we let each number remember them. Programs of this kind are called *automatic differentiation*, or *autograd*, and every deep-learning library has one inside.
# Ours will know four operations: sum, product, sigmoid and logarithm. (A minus is a product with $-1$.)


# %%
class Number:
    """A value that remembers what it was computed from: pairs (input, local slope)."""

    def __init__(self, value, inputs=()):
        self.value, self.inputs, self.gradient = value, inputs, 0.0

    def __add__(self, other):
        return Number(self.value + other.value, [(self, 1.0), (other, 1.0)])

    def __mul__(self, other):
        return Number(self.value * other.value, [(self, other.value), (other, self.value)])

    def sigmoid(self):
        p = 1 / (1 + math.exp(-self.value))
        return Number(p, [(self, p * (1 - p))])

    def log(self):
        return Number(math.log(self.value), [(self, 1 / self.value)])


# %% [markdown]
# Each method computes a value, and beside it the local slopes. (Python calls `__add__` when it meets a `+`, and `__mul__` when it meets a `*`.) For a sum both slopes are 1. For a product, the slope
# for each factor is the *other* factor: in $x \cdot w$ a nudge of $w$ is
# multiplied by $x$, as we saw.
#
# Going backward, a node must wait until everything that was computed *from* it has sent its share. So we first put the nodes in order, each one after its inputs, and then walk that list from the
# end. (`done` is a dictionary, which keeps the order in which the nodes were finished.)


# %%
def ordered(number, done):
    """All numbers that this one was computed from, and itself, each after its inputs."""
    if number not in done:
        for source, _ in number.inputs:
            ordered(source, done)
        done[number] = True
    return done


def backward(loss):
    """Fill in the gradient of the loss for every number that it was computed from."""
    loss.gradient = 1.0
    for number in reversed(ordered(loss, {})):
        for source, slope in number.inputs:
            source.gradient += slope * number.gradient


# %% [markdown]
# The last line is the chain rule: local slope times what came back. Everything before it is bookkeeping. (Not counting blank lines, the last two cells are the 26 lines that were promised.) Let us
# give the program the pixel of section 3.

# %%
x, w, b = Number(2.0), Number(1.0), Number(-2.0)
loss = Number(-1.0) * (x * w + b).sigmoid().log()
backward(loss)
print(f"loss {loss.value:.3f}, gradients: w {w.gradient:g}, b {b.gradient:g}, x {x.gradient:g}")
assert (w.gradient, b.gradient) == (dw, db)

# %% [markdown]
# We get the same $-1$ and $-0.5$, and the gradient for the input $x$ as well, which nobody asked for.
#
# **Spot the mistake.** A friend types `=` instead of `+=` in the last line of `backward`. The pixel above still comes out right. For which formulas does it go wrong? Think of a number that is used
# twice, such as
# $w \cdot w$ at $w = 3$.

# %%
w = Number(3.0)
backward(w * w)
print(f"with +=: {w.gradient:g};  nudged: {(3.001**2 - 2.999**2) / 0.002:.3f}")
assert w.gradient == 6

# %% [markdown]
# It goes wrong for every formula that uses a number more than once. Here $w$ is the left factor and the right factor. Each use sends back 3, and the true slope is the sum, 6. With `=` the second
# share would replace the first, and 3 would be left.
# Remember this `+=`: a kernel is used at *every* place of an image, so its gradient is a sum over all places. That is the whole secret of going backward through a convolution.
#
# **Let it learn.** We take 40 pixels of another scene, twenty of ink and twenty of ground, each with its true label. One neuron, $p = \mathrm{sigmoid}(x w + b)$, starts at $w = b = 0$. (Here $x$ is
# the brightness divided by 100, minus 1, so that it lies around 0.) A hundred times we compute the loss, go
# backward, and take a step against the gradient. The learning rate is 2. (In section 1 even 0.2 was too much. But there the slope was $-18$, and here no slope is much larger than 1: how large a rate
# is too large depends on the loss.)


# %%
pixels = gradients.labelled_pixels(digits.train, rng)


def mean_loss(w, b):
    """Mean cross-entropy over the pixels: -log p for ink, -log(1 - p) for ground."""
    total = Number(0.0)
    for x, is_ink in pixels:
        p = (Number(x) * w + b).sigmoid()
        right = p if is_ink else Number(1.0) + Number(-1.0) * p  # probability of the truth
        total = total + right.log()
    return total * Number(-1 / len(pixels))


# %%
w, b, history = Number(0.0), Number(0.0), []
for _ in range(100):
    loss = mean_loss(w, b)
    backward(loss)
    history.append(loss.value)
    w, b = Number(w.value - 2 * w.gradient), Number(b.value - 2 * b.gradient)
print(f"loss {history[0]:.3f} → {history[-1]:.3f}; w = {w.value:.1f}, b = {b.value:.1f}")

# %%
logit = w.value * (scene / 100 - 1) + b.value
mask = logit > 0  # more likely ink than not
iou = metrics.iou(metrics.confusion_matrix(ink.astype(int), mask.astype(int), 2))[1]
figures.show_learned_mask(scene, ink, mask, history)
plt.show()
print(f"IoU of ink: {iou:.2f}")

# %% [markdown]
# Two numbers that nobody chose now label each pixel of page one as ink or ground. They learned from 40 pixels of one scene where to draw the line between dark and bright, and that line also works on
# a scene that they never saw. It is a modest mask: thin lines and bright dots, which only clutter the scene, count as ink, and the dim 4 at the bottom has gaps. From one pixel alone nobody could
# know better. Kernels can, because they see
# a window. So our next question is how gradients pass through the layers.
#
# ## 5 · The same in TensorFlow
#
# TensorFlow's autograd is called `GradientTape`. Inside the `with` block it writes down, as on a tape, every operation and its inputs; afterwards it walks the tape backward. Its numbers are whole
# arrays, so one
# operation may be a convolution of a batch. In all other respects it does what our program does. (A `tf.Variable` is a number that the tape watches.)

# %%
w, b = tf.Variable(1.0), tf.Variable(-2.0)
with tf.GradientTape() as tape:
    p = tf.sigmoid(2.0 * w + b)
    loss = -tf.math.log(p)
print("GradientTape:", [float(g) for g in tape.gradient(loss, [w, b])])

# %% [markdown]
# The tape gives $-1$ and $-0.5$ once more.
#
# **What goes wrong.** Two things surprise everyone at first. The tape is used up after one walk. And not everything has a slope: the *accuracy* asks whether $p$ is at least one half, and the answer
# jumps from 0 to 1.
#
# **Predict.** What does the tape return as the gradient of such a jump: 0, infinity, or nothing?

# %%
with course.expect_error(RuntimeError, match="non-persistent"):
    tape.gradient(loss, w)
with tf.GradientTape() as tape:
    hit = tf.cast(tf.sigmoid(2.0 * w + b) >= 0.5, tf.float32)  # 1 if the pixel is called ink
print("accuracy", float(hit), "has the gradient", tape.gradient(hit, w))

# %% [markdown]
# As the gradient of the jump the tape returns nothing: `None`. Almost everywhere a nudge of $w$ does not change the decision at all, so the slope would be 0 and would not say which way to go. That
# is why networks are trained on cross-entropy or Dice, and only
# *judged* by accuracy and IoU. (In the message, a *Jacobian* is a table of slopes. If you need several walks, say so at the start: `tf.GradientTape(persistent=True)`.)
#
# ## 6 · Back through the layers
#
# Think of the layers as stacked, the image at the bottom and the loss at the top. Then each layer gets a gradient $u$ from above: $u = \partial L/\partial y$, one number for each number $y$ that the
# layer put out. It must answer two questions. What is the gradient of my own weights, so that they can learn? And
# what is the gradient of my input, so that the layer below can go on?
#
# **Dense layer.** Forward, each output $k$ is $y_k = \sum_d x_d W_{dk} + b_k$: every input $d$ times a weight, summed, plus a bias. Take the inputs $x = (2, 0, 1)$ and let $u = -0.5$ come back to
# one output.
# Each weight was multiplied by its input, so the weights get $-0.5 \cdot 2 = -1$, then $-0.5 \cdot 0 = 0$, then $-0.5 \cdot 1 = -0.5$. The rule is: *what came in times what came back*. The bias gets
# $-0.5$. An input feeds all outputs, so it collects gradients from all of them. With $n$ counting the images of a batch:
#
# $$\frac{\partial L}{\partial W_{dk}} = \sum_n x_{nd}\, u_{nk} \qquad \frac{\partial L}{\partial b_k} = \sum_n u_{nk} \qquad \frac{\partial L}{\partial x_{nd}} = \sum_k u_{nk}\, W_{dk}$$
#
# The first and the third sum are matrix products, `@` in Python (`.T` swaps rows and columns); the cell below writes all three for ten outputs.
#
# How can we test this with a $u$ that we have made up? With a loss that is made for the purpose, $L = \sum u\, y$: its slope for each $y$ is the $u$ in front of it. That is the sum in the three
# lines with `agree`.
#
# **Explain to a friend.** A pixel is black, that is 0, in every image of the batch. What do its weights learn, and why?

# %%
x = digits.train.images[:3, ::4, ::4].reshape(3, 49) / 255  # three digits of 7×7 pixels
weights, bias, u = rng.normal(size=(49, 10)), rng.normal(size=10), rng.normal(size=(3, 10))
dweights, dbias, dx = x.T @ u, u.sum(0), u @ weights.T
gradients.agree(dweights, lambda v: tf.reduce_sum(u * (x @ v + bias)), weights)
gradients.agree(dbias, lambda v: tf.reduce_sum(u * (x @ weights + v)), bias)
gradients.agree(dx, lambda v: tf.reduce_sum(u * (v @ weights + bias)), x)

# %%
dark = (x == 0).all(0)
print(f"{dark.sum()} of 49 pixels are black in all; their weights get", np.unique(dweights[dark]))

# %% [markdown]
# The weights of a black pixel get a gradient of exactly 0 and learn nothing from this batch: what came in was 0.
#
# **Convolution.** Take an image of 3×3 pixels and a kernel of 2×2. The kernel fits in four places, so four gradients come back. Let the rows of the image be
# $(1, 2, 0)$, $(0, 3, 1)$ and $(2, 1, 1)$, and let $u$ have the rows $(1, -1)$ and $(0, 2)$. Kernel element $k[0, 0]$, top left, met the top left pixel of each window: 1 in the first window, 2 in
# the next, then 0, then 3.
# It is one number used four times, so four shares add up, each what came in times what came back: $1 \cdot 1 + 2 \cdot (-1) + 0 \cdot 0 + 3 \cdot 2 = 5$.
# For all elements, with $i, j$ the place of the window and $m, n$ the place inside the kernel:
#
# $$\frac{\partial L}{\partial k[m,n]} = \sum_{i,j} u[i,j]\; x[i+m,\,j+n] \qquad \frac{\partial L}{\partial x[i+m,\,j+n]} \mathrel{+}= u[i,j]\; k[m,n]$$
#
# The second formula looks at the same thing from the side of the pixel: each window that covered it sends back $u$ times the kernel element that lay on it. A bias was added to every output pixel, so
# its gradient is the sum of all $u$.
#
# **Predict.** You have met the first sum before. What kind of operation is it? (Below, the image is a piece of the scene, 5×6 pixels, and the kernel finds vertical edges; so $u$ has 3×4 numbers.
# `conv` is TensorFlow's convolution of one image with one kernel.)

# %%
image, kernel = scene[19:24, 42:48] / 26, figures.EDGE  # / 26: numbers of a few units
u = rng.normal(size=(3, 4))
dimage, dkernel = np.zeros(image.shape), np.zeros(kernel.shape)
for i, j in np.ndindex(u.shape):
    for m, n in np.ndindex(kernel.shape):
        dkernel[m, n] += u[i, j] * image[i + m, j + n]
        dimage[i + m, j + n] += u[i, j] * kernel[m, n]

# %%
gradients.agree(dkernel, lambda k: tf.reduce_sum(u * conv(image, k)), kernel)
gradients.agree(dimage, lambda x: tf.reduce_sum(u * conv(x, kernel)), image)
gradients.agree(u.sum(), lambda b: tf.reduce_sum(u * (conv(image, kernel) + b)), 0.0)
np.testing.assert_allclose(dkernel, conv(image, u))  # the image, convolved with u

# %% [markdown]
# The first sum is itself a convolution: of the image, with $u$ in the place of the kernel. The last line checks it. The second is one too, the transposed convolution of notebook 2: each $u$ stamps
# the kernel onto the image.
#
# **Pooling.** A pooling layer has no weights, but gradients must pass through it to the layers below. The maximum of a window is the value of its winner. Nudge the winner, and the maximum moves with
# it. Nudge a loser, and nothing happens.
# So the winner gets all of $u$ and the others get nothing. For the mean of four pixels, each nudge counts for a quarter, so each pixel gets $u / 4$.
#
# **Predict.** A map of 4×6 numbers is pooled to 2×3. How many of the 24 pixels get a gradient through the maximum?

# %%
x = np.array([[1.0, 3, 2, 0, 5, 4], [4, 8, 1, 6, 3, 0], [6, 2, 7, 5, 1, 9], [0, 5, 3, 4, 2, 6]])
u = np.array([[10.0, 20, 30], [40, 50, 60]])
winner_takes, shared = np.zeros_like(x), np.zeros_like(x)
for i, j in np.ndindex(u.shape):
    window = x[2 * i : 2 * i + 2, 2 * j : 2 * j + 2]
    m, n = np.unravel_index(window.argmax(), window.shape)  # row, column of the winner
    winner_takes[2 * i + m, 2 * j + n] += u[i, j]
    shared[2 * i : 2 * i + 2, 2 * j : 2 * j + 2] += u[i, j] / window.size
figures.show_pooling(x, u, winner_takes, shared)
plt.show()

# %%
gradients.agree(winner_takes, lambda v: tf.reduce_sum(u * pool(v, tf.nn.max_pool2d)), x)
gradients.agree(shared, lambda v: tf.reduce_sum(u * pool(v, tf.nn.avg_pool2d)), x)
for name, back in (("maximum", winner_takes), ("mean", shared)):
    print(f"{name}: {np.count_nonzero(back)} pixels get a gradient, {back.sum():g} in sum")

# %% [markdown]
# Six of the 24 pixels get a gradient through the maximum, one per window. Through the mean all 24 get one. Both pass on the same sum, 210, which is the sum of all that arrived.
#
# If two pixels of a window *tie* for the maximum, there is no single right answer: the function has a kink there, and nudging up and nudging down give different slopes. Libraries choose one pixel.
# Ours and TensorFlow on a CPU take the first in reading order. Our nudging, which goes both ways, gives the mean of the two slopes, one half.
#
# **Predict.** Ties sound rare. In how many 2×2 windows of our digits do all four pixels tie?

# %%
tie = np.array([[1.0, 7], [7, 2]])[None, :, :, None]
chosen = reference.max_pool_gradient(tie, np.ones((1, 1, 1, 1))).ravel()
nudged = reference.difference_quotient(lambda v: reference.max_pool(v).sum(), tie).ravel()
print("pixels 1, 7, 7, 2 get", chosen, "by the rule and", nudged.round(2), "by nudging")
test = digits.test.images[..., None].astype(float)
equal = reference.max_pool(test) == -reference.max_pool(-test)  # largest and smallest
print(f"all four pixels tie in {equal.mean():.0%} of the windows")

# %% [markdown]
# All four pixels tie in more than half of the windows: the ground around a digit is all zeros, and so is most of a map after a ReLU. There the tie does little harm, because ReLU passes no gradient
# where its output is 0.
#
# ## 7 · Back through the losses
#
# **Softmax and cross-entropy.** This is where every backward pass of our networks begins. Three classes have the logits $(0.3, -0.8, 1.5)$. Softmax turns them into the probabilities
# $p = (0.215, 0.072, 0.714)$. The truth is the second class, $y = (0, 1, 0)$.
# Now look at the loss as notebook 5 writes it, $L = -\log p_2 = \log \sum_k e^{z_k} - z_2$. The slope of the last part is $-1$ for $z_2$ and 0 for the others. For the slope of the logarithm, take
# two rows of the table of derivatives: $e^z$ has itself as its slope, and $\log s$ has the slope $1/s$. By the chain rule the slope for $z_c$ is their product, $e^{z_c} / \sum_k e^{z_k}$, and that
# is $p_c$ itself. Together:
#
# $$\frac{\partial L}{\partial z_c} = p_c - y_c$$
#
# Here that is $(0.215, -0.928, 0.714)$: raise the second logit, whose $p$ is far from the truth, and lower the two others, the one with the larger $p$ more strongly. (We step *against* the gradient, so a
# number below 0 means up.) It is hard to think of a more sensible rule, and yet nobody invented it; it simply follows from the formula.
#
# **Predict.** What do the three numbers add up to, for any logits?

# %%
y, z = np.array([0.0, 1.0, 0.0]), np.array([0.3, -0.8, 1.5])
asked = reference.softmax(z) - y
gradients.agree(asked, lambda z: -tf.reduce_sum(y * tf.nn.log_softmax(z)), z)
print("p - y =", asked.round(3), "with the sum", abs(asked.sum().round(12)))

# %% [markdown]
# They always add up to 0: only *differences* of logits count in a softmax, so pushing all of them the same way cannot change the loss.
#
# In segmentation each pixel has such a row of numbers. Here is $p - y$ of ink, for the neuron of section 4 on the scene of page one (a sigmoid is a softmax of two classes, as notebook 4 showed):

# %%
p = reference.sigmoid(logit)
figures.show_asking(scene, p - ink)
plt.show()

# %% [markdown]
# White pixels are content as they are. Orange ones are ink that was missed, and they ask for more ink. Purple ones are mostly clutter, and they ask for less. No pixel can ask for more than 1, and
# one that is completely wrong
# asks for nearly that much. So the gradient does not fade away where the network is most wrong.
#
# **Dice.** Cross-entropy lets each pixel speak for itself. Dice does not: with the overlap $O = \sum_j y_j p_j$ and the sizes $S = \sum_j y_j^2 + \sum_j p_j^2$, the loss is $L = 1 - 2O/S$, and all
# pixels $j$ share one $O$ and one $S$. Take two
# pixels, the first ink and the second not, $y = (1, 0)$, and let $p = (0.5, 0.5)$. Then $O = 0.5$, $S = 1 + 0.5 = 1.5$ and $L = 0.333$. A nudge of the first $p$ changes both $O$ and $S$; a nudge of
# the second changes only $S$. The rule for the slope of a fraction (nudging will confirm the result) gives
#
# $$\frac{\partial L}{\partial p_j} = \frac{1}{S}\left(\frac{4\,O\,p_j}{S} - 2\,y_j\right)$$
#
# For the first pixel that is $(0.667 - 2)/1.5 = -0.889$, for the second $0.667/1.5 = 0.444$: the first $p$ should go up, the second down.


# %%
def dice(y, p):
    return 1 - 2 * tf.reduce_sum(y * p) / (tf.reduce_sum(y**2) + tf.reduce_sum(p**2))


def dice_gradient(y, p):
    overlap, size = (y * p).sum(), (y**2).sum() + (p**2).sum()
    return (4 * overlap * p / size - 2 * y) / size


# %%
print(dice_gradient(np.array([1.0, 0]), np.array([0.5, 0.5])).round(3))
part = np.s_[8:22, 8:20]  # a piece of the scene: nudging is slow
true, guess = ink[part].astype(float), p[part]
gradients.agree(dice_gradient(true, guess), lambda q: dice(true, q), guess)

# %% [markdown]
# **Predict.** A network calls a region ink that lies wholly *beside* the digit. How strongly does Dice push those wrong pixels down?

# %%
digit = (digits.test.images[0] > 127) * 1.0
true, beside = np.hstack([digit, 0 * digit]), np.hstack([0 * digit, 0.7 * digit])
slopes = dice_gradient(true, beside)
print(f"Dice {dice(true, beside):g}, gradient of the wrong pixels", np.unique(slopes[beside > 0]))

# %% [markdown]
# Dice does not push them at all: where the overlap $O$ is 0, the first part of the formula is 0, and for wrong pixels $y_j$ is 0 too. Dice is 1 whatever they do. (The true pixels, where $y_j = 1$,
# are still pulled up.)
#
# **Which loss pulls harder?** A network gives logits, so Dice comes *after* a softmax, and the chain rule brings in one more factor, $p(1-p)$. This factor fades when $p$ is near 0, and you will
# often read that Dice therefore hardly pulls a network out of "no ink anywhere". Let us measure it with the two losses exactly as the course trains them: cross-entropy as the mean over all pixels,
# Dice as the mean over the two classes. (This Dice has no squares in $S$, as most libraries have it; notebook 5 compared the two.)
# All ink pixels share one logit, and everything else is right. The figure shows the *pull*: minus the slope of the loss for this one logit.
# We do it twice: for the scene of page one, of which 15.5% is ink, and for a small scene like those of notebook 5, with 2.1% ink.

# %%
pulls = figures.show_pulls({"page one": ink, "small scene": figures.little_ink(digits.train)})
plt.show()
for where, (z, of_ce, of_dice) in pulls.items():
    leads = reference.sigmoid(z[of_ce > of_dice].max())
    at = z == -2
    print(f"{where}, logit -2: cross-entropy {of_ce[at][0]:.3f}, Dice {of_dice[at][0]:.3f}")
    print(f"    cross-entropy leads up to p = {leads:.2f}")

# %% [markdown]
# Two things decide which loss pulls harder, and what is often said considers only one of them. After a softmax, Dice does indeed fade where $p$ is nearly 0, and cross-entropy does not. But
# cross-entropy is a mean over *all* pixels, so the ink can never pull harder than its
# share of the image: 0.155 on page one and only 0.021 in the small scene. Dice is a ratio, and its pull hardly depends on how much ink there is. So with a lot of ink, cross-entropy is the one that
# leads out of a bad start; with little ink, Dice is the
# stronger one, except where $p$ is below 0.02 or so, which is a logit of about $-4$. That is a good reason to add the two where objects are small.
#
# ## 8 · When the gradient does not arrive
#
# A gradient that goes back through ten layers is multiplied ten times over, by the slope of each activation and by the weights of each layer. Here are the slopes of the three activations of notebook 2.

# %%
slopes = figures.show_activations()
plt.show()
print(f"largest slope of the sigmoid {slopes['sigmoid'].max()}; ten in a row: {0.25**10:.0e}")

# %% [markdown]
# The sigmoid's slope is 1/4 at best. Ten of them in a row shrink a gradient to less than a millionth: it *vanishes*. ReLU has the slope 1 wherever its input is above 0. (It has the slope 0
# elsewhere; a unit that is never above 0 learns nothing.)
#
# Let us see it happen. We stack dense layers of 64 outputs, feed them 64 digits shrunk to 8×8 = 64 pixels, and send a random gradient back through them, with the formulas of section 6 and nothing
# else. The weights are random, with a spread (standard deviation) that keeps the numbers of the forward pass about
# equally large: $\sqrt{1/64}$ for sigmoid and tanh, $\sqrt{2/64}$ for ReLU, which turns about half of its inputs into 0. Two more networks have ReLU with weights *half* and *twice* as large.
#
# **Predict.** ReLU's slope is 1. Does that make it safe, whatever the weights are?


# %%
def what_arrives(activation, spread):
    """Mean size of the gradient that reaches each layer, first layer first."""
    rng = np.random.default_rng(SEED)
    # by name: reference.relu and reference.relu_gradient, which is its slope
    function, slope = (getattr(reference, activation + end) for end in ("", "_gradient"))
    y, layers = digits.train.images[:64, 2:26:3, 2:26:3].reshape(64, 64) / 255, []
    for _ in range(DEPTH):  # forward, keeping what the backward pass needs
        x, w = y, rng.normal(0, spread, (64, 64))
        z = reference.dense(x, w)
        y = function(z)
        layers.append((x, w, z))
    u, sizes = rng.normal(size=y.shape), []
    for x, w, z in layers[::-1]:  # backward, from the last layer to the first
        u = u * slope(z)
        sizes.insert(0, np.abs(u).mean())
        u, _, _ = reference.dense_gradients(x, w, u)
    return sizes


# %%
spreads = {"sigmoid": 1 / 8, "tanh": 1 / 8, "relu": 2**0.5 / 8}
arrives = {name: what_arrives(name, spread) for name, spread in spreads.items()}
for name, factor in (("half", 0.5), ("twice", 2)):
    arrives[f"relu, weights {name} as large"] = what_arrives("relu", factor * spreads["relu"])
figures.show_depth(arrives)
plt.show()
for name, sizes in arrives.items():
    print(f"{name}: {sizes[0] / sizes[-1]:.0e} of the last layer's gradient reaches the first")

# %% [markdown]
# On the scale at the left of the figure, each line of the grid stands for ten times as much as the one below it. With sigmoids almost nothing arrives at the first layers, those next to the image:
# they would hardly learn. With tanh and ReLU and well-chosen weights
# the gradient roughly keeps its size: half of it arrives, or more. But ReLU alone is not safe: with weights half as
# large, each layer halves the gradient, and nine such steps, from the last layer to the first, shrink it about a thousand times. And with weights twice as large it *explodes*, to several hundred
# times its size. Slope and weights together decide. Random starts with the right spread keep the product of the two near 1, and layers that rescale the numbers on their way (*batch normalization*,
# in the U-Net of notebook 9) are meant to do the same.
#
# ## 9 · A kernel that learns by itself
#
# The article says that a layer learns its kernels by itself. We now have all that this takes. The network is one convolution, whose kernel starts as nine zeros. It sees the scene of page one, and
# the feature map that is wanted: the vertical edges. It never sees the kernel that made them. The loss is the *mean squared error*, the mean of all (feature map − wanted)², and each step goes
# against the gradient that section 6 computed by hand.
#
# **Predict.** There are nine numbers to find and one scene to learn from. Will the network find exactly the kernel that made the edges, or another one that does the same?

# %%
x = figures.standardised(scene)  # mean 0 and spread 1: notebook 7 says why
wanted = reference.conv2d(x, figures.EDGE[:, :, None, None])
kernels = [np.zeros((3, 3, 1, 1))]
for _ in range(LEARNING_STEPS):
    error = reference.conv2d(x, kernels[-1]) - wanted
    u = 2 * error / error.size  # gradient of the mean squared error
    _, dkernel, _ = reference.conv2d_gradients(x, kernels[-1], u)
    kernels.append(kernels[-1] - LEARNING_RATE * dkernel)

# %%
figures.show_kernels(scene, kernels, (0, 1, 10, 50, LEARNING_STEPS))
plt.show()
distance = np.abs(kernels[-1].squeeze() - figures.EDGE).max()
print(f"largest difference from the hidden kernel: {distance:.3f}")

# %% [markdown]
# It finds that very kernel, to within 0.012. After one step it already has the right idea, dark left and bright right, because the first gradient is the sum of section 6: for each of the nine
# numbers, the pixel it met times the edge that is missing there. (White cells are the largest numbers.) The fine differences take longer: neighbouring
# pixels of a scene are so alike that it hardly matters which of two neighbours gets the weight. In a real network nobody hands us the wanted feature map. There the gradient comes down from the loss
# of the labels, through all the
# layers above, by the rules of section 6.
#
# **One layer can start from zeros. Can two?** Let a second convolution follow, with a ReLU in between, and let all kernels start from zeros. Follow the gradient with your finger. The first layer's
# feature maps are 0. "What came in times what came back":
# 0 came into the second layer, so its kernels get the gradient 0. And what goes down to the first layer is multiplied by the second layer's kernels, which are 0 as well.
#
# Starting with other numbers that are all *equal* does not help much either. We test this with four kernels and a layer that adds up their feature maps, each times a weight. Together they have to
# find vertical edges of *both* directions, bright to the right and bright to the left, so what is wanted is the edge map without its signs. (`assign_sub` subtracts from a variable; `np.ptp` is the
# largest minus the smallest.)


# %%
both_ways = np.abs(wanted)


def learn(first, second, steps=300):
    """Gradient descent from these kernels: the first layer's kernels and the loss at the end."""
    kernels = [tf.Variable(k, dtype="float64") for k in (first, second)]
    for _ in range(steps):
        with tf.GradientTape() as tape:
            maps = tf.nn.relu(tf.nn.conv2d(x, kernels[0], 1, "VALID"))
            loss = tf.reduce_mean((tf.nn.conv2d(maps, kernels[1], 1, "VALID") - both_ways) ** 2)
        for kernel, slope in zip(kernels, tape.gradient(loss, kernels)):
            kernel.assign_sub(0.03 * slope)
    return kernels[0].numpy(), float(loss)


# %%
shapes = (3, 3, 1, 4), (1, 1, 4, 1)
starts = {"zeros": [np.zeros(s) for s in shapes], "equal": [np.full(s, 0.1) for s in shapes]}
starts["random"] = [rng.normal(0, 0.3, s) for s in shapes]
results = {name: learn(*start) for name, start in starts.items()}
for name, (learned, last) in results.items():
    print(f"{name}: loss {last:.2f} at the end, the four differ by {np.ptp(learned, -1).max():.2f}")
assert not results["zeros"][0].any()  # still all 0

# %% [markdown]
# From zeros nothing moves: every gradient is exactly 0, and 300 steps later the loss is what it was. From equal numbers the four kernels get the same gradient in each step, so they stay equal for
# ever and work like a single kernel. A single kernel finds edges of one direction only, and about half of the loss remains. From random numbers the kernels start out different from each other, and
# they share the work: the loss falls almost to 0. That is why networks start from *random* weights.
# The single kernel above could start from zeros because nothing stood between it and the loss.
#
# ## Exercises
#
# **1 · Recall.** In the graph of section 3, let $x = 3$, $w = 0$, $b = 0$, and let the pixel be *ground*. What are $p$, $\partial L/\partial z$, $\partial L/\partial w$ and $\partial L/\partial b$?
#
# **2 · Code, first step.** In section 4 a program found the gradient of a neuron. Now write it yourself, for a batch of pixels with several features each. The cell after it checks your function and
# names the usual mistakes.


# %%
def neuron_gradient(x, y, weights, bias):
    """Gradient of the mean cross-entropy of p = sigmoid(x @ weights + bias).

    x (N, D): N pixels with D numbers each; y (N,): 1 for ink, 0 for ground;
    weights (D,); bias one number.
    Return D + 1 numbers: the gradient for each weight, then that for the bias.
    """
    ...  # your code


# %%
gradients.exercise.check(neuron_gradient)

# %% [markdown]
# **3 · Code, second step.** Write the gradient of a convolution for its kernel, this time with a *stride*: the window of output pixel $(i, j)$ starts at pixel $(s i, s j)$ of the image.


# %%
def kernel_gradient(x, kernel, upstream, stride):
    """Gradient of a loss for the kernel of a convolution without padding and bias.

    x (H, W), kernel (M, N), stride a whole number >= 1;
    upstream (rows, columns): gradient of the loss for each output pixel.
    Return an array (M, N).
    """
    ...  # your code


# %%
gradients.second_exercise.check(kernel_gradient)

# %% [markdown]
# **4 · Open.** One neuron cannot learn "exactly one of two" (1 for the inputs (0, 1) and (1, 0); otherwise 0), because its boundary is straight (notebook 4). Build a network from our `Number` that
# learns it, and write `predict(a, b)`, which returns its
# probability. You succeed when the loss is below 0.1. The guess below, one half for everything, has 0.693.

# %%
gradients.judge_exclusive_or(lambda a, b: 0.5)

# %% [markdown]
# <details><summary>Solutions</summary>
#
# 1. $z = 0$ and $p = 0.5$. For ground the loss is $-\log(1 - p)$, and $\partial L/\partial z = p - 0 = 0.5$. So $\partial L/\partial w = 0.5 \cdot 3 = 1.5$ and $\partial L/\partial b = 0.5$: both
#    should shrink.
# 2. As for the logits of a softmax, the error of each pixel is $p - y$. Multiply it by what came in, and take the mean over the pixels:
#
# ```python
# def neuron_gradient(x, y, weights, bias):
#     error = 1 / (1 + np.exp(-(x @ weights + bias))) - y
#     return np.append(x.T @ error, error.sum()) / len(x)
# ```
#
# 3. The loop of section 6, with windows that start at `(stride * i, stride * j)`:
#
# ```python
# def kernel_gradient(x, kernel, upstream, stride):
#     gradient = np.zeros(kernel.shape)
#     for i, j in np.ndindex(upstream.shape):
#         for m, n in np.ndindex(kernel.shape):
#             gradient[m, n] += upstream[i, j] * x[stride * i + m, stride * j + n]
#     return gradient
# ```
#
# 4. A layer of four neurons, then one. They start at random: from zeros they would all stay equal.
#
# ```python
# start = np.random.default_rng(0).normal(size=17)
# numbers = [Number(float(value)) for value in start]
#
# def probability(a, b):
#     z = numbers[16]
#     for k in range(0, 16, 4):
#         u, v, c, out = numbers[k : k + 4]
#         z = z + out * (u * Number(a) + v * Number(b) + c).sigmoid()
#     return z.sigmoid()
#
# for step in range(500):
#     loss = Number(0.0)
#     for a, b in ((0, 0), (0, 1), (1, 0), (1, 1)):
#         p = probability(a, b)
#         right = p if a != b else Number(1.0) + Number(-1.0) * p
#         loss = loss + right.log() * Number(-0.25)
#     backward(loss)
#     for number in numbers:
#         number.value -= 3 * number.gradient
#         number.gradient = 0.0
#
# def predict(a, b):
#     return probability(a, b).value
# ```
#
# </details>
#
# ## Recap
#
# Today's numbers:

# %%
print(f"one pixel of ink: slopes {dw:g} for w and {db:g} for b; its neuron learned, IoU {iou:.2f}")
arrived = arrives["sigmoid"][0] / arrives["sigmoid"][-1]
print(f"through {DEPTH} sigmoid layers {arrived:.0e} of the gradient arrived")
print(f"nine zeros became a kernel of edges, to within {distance:.3f}")

# %% [markdown]
# What this adds to the scene of page one: whatever the network, we can now ask each of its numbers which way it should move so that the labels become better. The answer for all of them takes one
# sweep forward and one back. What remains is to take the steps: how far, how often, and with what memory of the steps before.
#
# **Sources.** Rumelhart, Hinton and Williams 1986, [Learning representations by back-propagating errors](https://www.nature.com/articles/323533a0) ·
# Karpathy 2020, [micrograd](https://github.com/karpathy/micrograd), the model of our `Number` ·
# Baydin et al. 2018, [Automatic differentiation in machine learning: a survey](https://arxiv.org/abs/1502.05767) ·
# Glorot and Bengio 2010, [Understanding the difficulty of training deep networks](https://proceedings.mlr.press/v9/glorot10a.html) ·
# He et al. 2015, [Delving deep into rectifiers](https://arxiv.org/abs/1502.01852)
#
# **Next:** [7 · Optimizers](07_optimizers.ipynb): from a gradient to a step.
