# %% [markdown]
# # 4 · Dense layers: from features to classes, and back to a map
#
# <!-- [Open in Colab](https://colab.research.google.com/github/OWNER/REPO/blob/main/notebooks/04_dense.ipynb) · -->
# previous: [3 · Pooling](03_pooling.ipynb) · next: [5 · Losses](05_losses.ipynb) · about 15 seconds on two CPU cores
#
# Page one of this course shows a scene of handwritten digits in which every pixel needs a label. Convolution (notebook 2) finds patterns such as edges, and pooling (notebook 3) gathers them
# over a whole digit. But nothing so far says "this is a 3". That is what a *dense layer* does: it takes all these numbers, the *features* of the image, and turns them into one score for each class.
# How? And how do we get from one answer for a whole image back to an answer at every place?
#
# You will be able to
# - compute a dense layer by hand, and count its weights,
# - turn scores into probabilities with softmax, and say why sigmoid, tanh and ReLU do not give them,
# - rewrite a dense layer as a convolution, and slide a classifier over a scene of any size.
#
# You need: convolution and pooling (notebooks 2 and 3).

# %% tags=["parameters"]
EPOCHS: int = 16  # passes over the training digits
WIDTH: int = 136  # pixels, of the scene that the classifier slides over
TEMPERATURE: float = 4.0  # divides the scores before softmax
SEED: int = 0  # of weights, order and shifts

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
    EPOCHS=course.integer(8, 100),
    WIDTH=course.multiple_of(4, 124, 180),
    TEMPERATURE=course.number(0.1, 100),
    SEED=course.integer(0, 2**31 - 1),
)

# %% tags=["hide-input"]
# @title Imports
import matplotlib.pyplot as plt
import numpy as np
from sklearn.linear_model import LogisticRegression

from segutils import plots, reference
from segutils.digits import load_digits
from segutils.lessons import dense
from segutils.lessons.explorer import explore

digits = load_digits("bundled")
train, test = digits.train, digits.test

# %% tags=["hide-input"]
# @title The first figure
HEIGHT, shown = 56, (3, 6, 0, 4)
corners = np.stack([(4, 28, 8, 24), 4 * (np.linspace(0, WIDTH - 28, 4) // 4).astype(int)], axis=1)
scene = np.zeros((HEIGHT, WIDTH), np.uint8)
for label, (row, column) in zip(shown, corners):
    scene[row : row + 28, column : column + 28] = test.images[test.labels == label][0]
_, ax = plt.subplots(figsize=(6, 2.7), layout="constrained")
plots.show_image(ax, scene, title=f"{HEIGHT}×{WIDTH} pixels; the network takes 28×28")
frame = {"fill": False, "edgecolor": plots.COLOURS[4], "linestyle": "--", "linewidth": 2.5}
ax.add_patch(plt.Rectangle((corners[0, 1] + 0.2, corners[0, 0] - 0.5), 27.3, 28, **frame))
plt.show()

# %% [markdown]
# The scene holds four real digits. The network of this notebook takes what lies in the dashed window and says which digit it is. At the end, the same weights will answer at every place of the scene
# at once.
#
# ## 1 · Every output looks at every input
#
# Think of an image with only three pixels: 1, 0.5 and 0. For each class, a dense layer has a separate weight for each pixel, and one more number, the *bias*. Suppose class A has the weights 2, -1
# and 0.5, and the bias 0.1. We multiply each pixel by its weight, add up the products, and add the bias: 2·1 + (-1)·0.5 + 0.5·0 + 0.1 = 1.6. That is the score of class A. Class B has the weights -1,
# 3 and 1, and no bias, so its score is -1·1 + 3·0.5 + 1·0 = 0.5. Class A has the larger score, so the answer is A.
#
# The article describes this in words only. Here is the formula that it leaves out ($\sum_{d=1}^{D}$ means: add up for $d$ = 1, 2, …, $D$):
#
# $$y_{k} = b_{k} + \sum_{d=1}^{D} x_{d} \, W_{dk}$$
#
# Here $x_d$ is input number $d$ of $D$ inputs, $W_{dk}$ is its weight for class $k$, $b_k$ is the bias of class $k$, and $y_k$ is the score. The weights of one class stand in one column of the table
# $W$. In Python:


# %%
def dense_by_hand(x, weights, bias):
    y = np.array(bias, float)
    for k in range(len(bias)):
        for d in range(len(x)):
            y[k] += x[d] * weights[d, k]
    return y


x, W, b = np.array([1, 0.5, 0]), np.array([[2, -1], [-1, 3], [0.5, 1]]), np.array([0.1, 0])
print("scores of A and B:", dense_by_hand(x, W, b))
np.testing.assert_allclose(dense_by_hand(x, W, b), x @ W + b)

# %% [markdown]
# The last line of the cell is worth a look: what the two nested loops compute is a *matrix product*, written `@` in NumPy.
#
# Now take digits of 28×28 pixels and ten classes. **Predict.** How many weights does the layer have, and how many biases?
#
# We choose the weights without any training. The weights of class $k$ are the mean image of all training digits $k$, and its bias is minus half the sum of the squares of that mean image. (Why this
# bias? The mean image $\mu$ that is *nearest* to an image $x$ has the smallest $\sum (x - \mu)^2 = \sum x^2 - 2 \sum x \mu + \sum \mu^2$. The first
# sum is the same for all classes. So the nearest mean is the one with the largest $\sum x \mu - \frac{1}{2} \sum \mu^2$, and that is a dense layer.)

# %%
x, x_test = (part.images.reshape(-1, 784) / 255 for part in (train, test))
weights = np.stack([x[train.labels == k].mean(0) for k in range(10)], axis=1)
bias = -(weights**2).sum(0) / 2
for k, ax in enumerate(plots.grid(2, 5).flat):
    image = 255 * weights[:, k].reshape(28, 28)
    plots.show_image(ax, image, title=f"class {k}, bias {bias[k]:.1f}")
plt.show()
print(f"weights {weights.shape}: {weights.size:,} numbers; biases {bias.shape}")

# %% [markdown]
# The layer has 28·28·10 = 7,840 weights and 10 biases. Laid out as images, the weights show what each class looks for: its score grows where ink meets a large weight. The bias is the score of an
# empty image; the article calls it the "baseline" of a class.
#
# By hand, in NumPy, and in Keras the same numbers come out:

# %%
import keras

course.set_seed(SEED)  # Keras starts layers with random weights
layer = keras.layers.Dense(10)
layer.build((None, 784))  # 784 inputs, any number of images
layer.set_weights([weights, bias])
scores = x_test @ weights + bias
np.testing.assert_allclose(scores[0], dense_by_hand(x_test[0], weights, bias))
np.testing.assert_allclose(layer(x_test), scores, rtol=1e-4, atol=1e-4)
right = (scores.argmax(1) == test.labels).mean()
print(f"the largest score is the right digit's for {right:.0%} of {len(test.labels)} test digits")

# %% [markdown]
# Mean images alone name 85% of the digits. Trained weights will do better. How training finds them is the subject of notebooks 6 and 7; here we look only at what a layer computes.
#
# ## 2 · Where the weights sit
#
# The article puts its dense layer after two convolutions and two poolings. This is its network, layer by layer:

# %%
from segutils import models

network = keras.Sequential(
    [
        keras.Input((28, 28, 1)),
        keras.layers.Rescaling(1 / 255),
        keras.layers.Conv2D(32, 3, activation="relu"),
        keras.layers.MaxPooling2D(2),
        keras.layers.Conv2D(64, 3, activation="relu"),
        keras.layers.MaxPooling2D(2),
        keras.layers.Flatten(),
        keras.layers.Dense(10),
    ]
)
assert network.count_params() == models.article_cnn().count_params()  # in the helper too

# %% [markdown]
# Follow the size of the map. 28×28 pixels become 26×26 after the first 3×3 kernel, and 13×13 after the pooling; then 11×11, and 5×5 with 64 channels (the eleventh row and column are dropped).
# `Flatten` computes nothing. It only writes the numbers of the map one after another, row by row, and in each row pixel by pixel, and in each pixel channel by channel.
#
# **Predict.** Which layer has the most weights? And what share of all the weights would the dense layer have if we left out both poolings?

# %%
first = 3 * 3 * 1 * 32 + 32  # kernel × kernel × channels × filters, and one bias per filter
second = 3 * 3 * 32 * 64 + 64
last = 5 * 5 * 64 * 10 + 10
assert first + second + last == network.count_params()
unpooled = 24 * 24 * 64 * 10 + 10  # 28 → 26 → 24 pixels
print(f"{first} + {second:,} + {last:,} = {network.count_params():,}")
print(f"dense layer: {last / network.count_params():.0%}; without pooling {unpooled:,}, ", end="")
print(f"{unpooled / (first + second + unpooled):.0%} of all")

# %% [markdown]
# The second convolution has the most, 18,496. The single dense layer comes close with 16,010, 46% of all 34,826; without pooling it would have 368,650, and that would be 95% of all. So the article
# is right to call this matrix "large", and here is the reason: it has a weight for each number that arrives and each class, while a convolution uses the same few weights everywhere. (A remark for
# readers of
# the article's section 4.2: it speaks of one pooling layer, one dense layer and an output layer. Its program has *two* poolings, and its one dense layer *is* the output layer.)
#
# Where does a number of the map land? In a 5×5×64 map there are 5·64 numbers in a row and 64 in a pixel. Counting from 0, row 3, column 1, channel 40 lands at position (3·5 + 1)·64 + 40 = 1064.

# %%
numbered = np.arange(5 * 5 * 64, dtype=np.float32).reshape(1, 5, 5, 64)
flat = np.asarray(keras.layers.Flatten()(numbered))
assert flat[0, 1064] == numbered[0, 3, 1, 40]

# %% [markdown]
# **Spot the mistake.** "This network can look at a larger image too; I just give it 32×32 pixels instead of 28×28."

# %% tags=["nbval-ignore-output"]
with course.expect_error(ValueError, match="1600"):
    network(np.zeros((1, 32, 32, 1), np.float32))

# %% [markdown]
# The convolutions would accept the larger image; their maps just grow. But the map before `Flatten` becomes 6×6×64 = 2,304 numbers, and the dense layer has weights for 1,600. A network that ends in
# `Flatten` and `Dense` is tied to one image size. Keep that in mind: it is the obstacle between us and the scene.
#
# ## 3 · From scores to probabilities
#
# The article calls the output of the dense layer "class probabilities", and names sigmoid, tanh and ReLU as the activations that make them. Let us see what each of them makes of real scores. For
# that we train the network for a few seconds (`dense.train`; notebook 8 explains training). Its raw scores can be any numbers, including negative ones. They are called *logits*.

# %% tags=["nbval-ignore-output"]
dense.train(network, train.images, train.labels, epochs=EPOCHS, seed=SEED)
logits = network.predict(test.images[..., None], verbose=0).astype(float)
accuracy = (logits.argmax(1) == test.labels).mean()
assert accuracy > 0.9
print(f"{accuracy:.1%} of {len(test.labels)} test digits right")

# %% [markdown]
# Take a 2 about which the network is in doubt. Probabilities of ten classes, of which exactly one is true, must lie between 0 and 1 and sum to 1.
#
# **Predict.** Which of these pass both tests: sigmoid, which squeezes each number into 0 to 1; tanh, which squeezes it into -1 to 1; ReLU, which cuts off what is negative?

# %%
twos = logits[test.labels == 2]
doubt = np.sort(twos)[:, -2].argmax()  # the 2 with the strongest second choice
functions = (reference.sigmoid, reference.tanh, reference.relu, reference.softmax)
made = {"logits": twos[doubt]} | {f.__name__: f(twos[doubt]) for f in functions}
dense.show_functions(test.images[test.labels == 2][doubt], made)
plt.show()
assert made["tanh"].min() < 0
assert made["relu"].max() > 1
assert abs(reference.sigmoid(logits).sum(1) - 1).max() > 0.1

# %% [markdown]
# None of the three passes. (The dotted line in each panel marks the height 1.) Sigmoid gives a probability for each class *by itself* ("is it a 2, yes or no?"), and these need not sum to 1. That is
# right where several classes may be true at once, and wrong for digits. tanh gives negative numbers, and ReLU gives numbers above 1. Only the function in the last panel passes: *softmax*, of which
# this section of the article
# says nothing, though its program uses it.
#
# Softmax takes two steps. Let the logits be 2, 1 and -1. First, raise $e$ = 2.718… to the power of each of them: 7.39, 2.72 and 0.37. All are positive now, and the largest is still the largest.
# Second, divide by their sum, 10.48: that gives 0.71, 0.26 and 0.04, which sum to 1 (up to rounding). As a formula, with $C$ classes and $z_c$ for the logit of class $c$:
#
# $$p_{c} = \frac{e^{z_{c}}}{\sum_{k=1}^{C} e^{z_{k}}}$$

# %%
z = np.array([2.0, 1, -1])
p = np.exp(z) / np.exp(z).sum()
np.testing.assert_allclose(keras.ops.softmax(z), p, rtol=1e-5)
print("powers", np.exp(z).round(2), "sum", np.exp(z).sum().round(2), "softmax", p.round(2))

# %% [markdown]
# **Predict.** What changes if we add 100 to all logits?

# %%
np.testing.assert_allclose(reference.softmax(z + 100), p)
np.testing.assert_allclose(reference.softmax(z[:2])[0], reference.sigmoid(z[0] - z[1]))

# %% [markdown]
# Nothing changes. Every power is multiplied by the same $e^{100}$, above and below the fraction line, and it cancels. Only *differences* of logits count. For two classes, softmax is therefore the
# sigmoid of the difference, as the second line checks.
#
# **Predict.** What changes if we *divide* all logits by a number $T$, called the *temperature*?

# %%
dense.show_temperatures(z, (0.25, 1, TEMPERATURE))
plt.show()

# %% [markdown]
# A small temperature gives almost everything to the winner; a large one makes the classes nearly equal. The order never changes, and so the answer does not either. What changes is how sure the
# network seems. (Notebook 8 asks whether it is as sure as it should be.)
#
# ### What goes wrong
#
# Networks compute in *float32*, numbers of 32 bits. The largest of them is about 3.4·10³⁸, and $e^{89}$ is 4.5·10³⁸. **Predict.** What does the formula of softmax, typed in as it stands, give for
# the logits 89, 88 and 0?

# %%
large = np.array([89, 88, 0], np.float32)
with course.expect_error(FloatingPointError, match="overflow"), np.errstate(over="raise"):
    np.exp(large)
with np.errstate(all="ignore"):
    naive = np.exp(large) / np.exp(large).sum()
shifted = large - large.max()
stable = np.exp(shifted) / np.exp(shifted).sum()
np.testing.assert_allclose(stable, keras.ops.softmax(large), atol=1e-6)
print("as it stands:", naive, " largest subtracted first:", stable.round(2))

# %% [markdown]
# (`np.errstate` sets whether NumPy stops at a number that is too large or carries on in silence.) For the computer $e^{89}$ is infinite, and infinite divided by infinite is `nan`, "not a number".
# Once a `nan` is in a computation, all that is computed from it is `nan` too. The cure uses what we have just seen: a shift changes nothing, so we subtract the largest logit first. Then the largest
# power is $e^0 = 1$.
#
# ## 4 · One dense layer draws straight boundaries
#
# What can a dense layer with softmax decide, and what can it not decide? We describe zeros and fives by only two numbers, so that we can see everything in one figure: how closely the digit resembles
# its mirror image, and what share of its ink lies in the upper half.


# %%
def describe(images):
    ink = images / 255
    total = ink.sum((1, 2))
    symmetry = 1 - abs(ink - ink[:, :, ::-1]).sum((1, 2)) / (2 * total)
    return np.stack([symmetry, ink[:, :14].sum((1, 2)) / total], axis=1)


chosen = np.isin(train.labels, [0, 5])
labels, features = train.labels[chosen], describe(train.images[chosen])
features = (features - features.mean(0)) / features.std(0)  # mean 0, standard deviation 1

# %% [markdown]
# These two numbers are *features*, and we made them by hand. In the code, the symmetry is 1 where a digit equals its mirror image and 0 where the two share no ink. The convolutions of a network make
# such numbers too, only many more, and they learn which.
#
# A dense layer with two outputs gives each digit a score for "zero" (class 1) and one for "five" (class 2). With $x_1$ for the symmetry and $x_2$ for the share of upper ink, the two scores are equal where
#
# $$x_1 (W_{12} - W_{11}) + x_2 (W_{22} - W_{21}) + b_2 - b_1 = 0,$$
#
# and that is the equation of a straight line: a number times $x_1$, another times $x_2$, and a third add up to 0. With three features it would be a plane. No choice of weights bends it. Now we look
# for the line that training finds. (A dense layer with softmax has an older name, *logistic regression*, and scikit-learn solves it in one line. It returns only the differences between the weights
# of the two classes, since only differences of scores count; so in the code "zero" gets weights of 0. `C=np.inf` switches off an extra cost
# for large weights.)

# %%
solved = LogisticRegression(C=np.inf, tol=1e-8).fit(features, labels)
W, b = solved.coef_[0], solved.intercept_[0]
scores = reference.dense(features, np.stack([0 * W, W], 1), np.array([0, b]))
p_five = reference.softmax(scores)[:, 1]
np.testing.assert_allclose(p_five, solved.predict_proba(features)[:, 1])
separated = ((p_five > 0.5) == (labels == 5)).mean()
print(f"5 if {W[0]:.2f} · symmetry + {W[1]:.2f} · upper ink + {b:.2f} > 0")
print(f"right for {separated:.1%} of {len(labels)} training digits")

# %% [markdown]
# The line is right for 95.2% of these digits. No straight line gets all of them right, because some fives lie among the zeros, as the next figure shows.
#
# **Try** to find the line yourself. `angle` turns it and `offset` moves it. `temperature` sets how wide the zone of doubt around it is; the dotted lines are where the probability of a five is 0.1
# and 0.9. `point` chooses the ringed digit, whose two probabilities are shown on the right. Can you beat 95.2%? And what does the temperature change: the boundary, the accuracy, or the probabilities?

# %%
explore(
    dense.linear_boundary(features, labels, names=("symmetry", "upper ink")),
    angle=(-180, 180, 3),
    offset=(-2.5, 2.5, 0.1),
    temperature=(0.05, 2.0, 0.05),
    point=(0, len(labels) - 1),
)

# %% [markdown]
# The temperature moves neither the line nor the accuracy; it changes only the probabilities. And some lines get more digits right than the trained one does, up to 96.1% with these sliders: training
# does not count right answers. It asks *how probable* the layer makes the true class of each digit (notebook 5), and the line that is best by that measure need not be the best by the other.
#
# If a dense layer can only make a straight cut, why is one enough at the end of a network? Because the layers before it are trained together with it, to deliver features that a straight cut separates.
#
# ## 5 · A dense layer is a convolution
#
# Back to the obstacle of section 2: `Flatten` and `Dense` tie the network to one image size. But look at what the dense layer does with its 5×5×64 map: it multiplies each number by a weight and adds
# everything up, once for each class. That is what a convolution does at *one* place, if its kernel is as large as the map. So the 16,000 weights can be read as ten filters of 5×5×64.
# On the map of a 28×28 image such a kernel fits in only one place, and gives ten scores. On a larger map it fits in many.
#
# **Predict.** What is the shape of the kernel array, and what is the shape of its result on six images?

# %%
body = keras.Model(network.inputs[0], network.layers[-2].input)  # all layers up to Flatten
maps = np.asarray(body(test.images[:6, ..., None]))
W, b = network.layers[-1].get_weights()
kernel = W.reshape(5, 5, 64, 10)  # the same numbers in the same order
slid = reference.conv2d(maps, kernel, b)
np.testing.assert_allclose(slid[:, 0, 0], maps.reshape(6, -1) @ W + b, rtol=1e-3, atol=1e-3)
print(f"maps {maps.shape}, kernel {kernel.shape}, result {slid.shape}")

# %% [markdown]
# The kernel array is (5, 5, 64, 10): rows, columns, channels, filters. The result is (6, 1, 1, 10), one place with ten scores per image, and they equal those of the dense layer.
#
# It works the other way round too: a convolution with a 1×1 kernel is a dense layer that works on each pixel by itself. Many segmentation networks end in one, for instance the U-Net of 2015. (Not
# all: SegNet ends in a 3×3 convolution.) Here is the equality at one pixel:

# %%
one_by_one = reference.conv2d(maps, kernel[:1, :1], b)  # one of the 25 places of the kernel
np.testing.assert_allclose(
    one_by_one[:, 3, 2], maps[:, 3, 2] @ kernel[0, 0] + b, rtol=1e-3, atol=1e-3
)

# %% [markdown]
# The article's FAQ says that dense layers map the features to class probabilities "and so reach the goal of image segmentation". After `Flatten` they do not: there is one answer for the whole image.
# As a convolution they do give a map of answers. (The FAQ adds that they cope with many features at once. They do, at the price that we saw in section 2: one weight for each feature and each class.)
#
# ## 6 · Sliding over the scene
#
# `models.fully_convolutional` rewrites the whole network in this way; it takes images of 28×28 pixels or more. The distance between its windows is the product of all strides: two poolings of stride
# 2 make it 2·2 = 4 pixels.
#
# **Predict.** How many answers does it give for our scene of 56×136 pixels?

# %%
sliding = models.fully_convolutional(network)
heat = np.asarray(sliding(scene[None, ..., None]))[0]
print(f"scene {scene.shape} → scores {heat.shape}: {heat[..., 0].size} answers")
assert sliding.count_params() == network.count_params()
assert heat.shape == ((HEIGHT - 28) // 4 + 1, (WIDTH - 28) // 4 + 1, 10)

# %% [markdown]
# It gives 8×28 = 224 answers: (56 - 28) / 4 + 1 = 8 from top to bottom, and (136 - 28) / 4 + 1 = 28 from left to right. Are these the same answers that we would get by cutting out each window and
# showing it to the classifier? (In the code, `sliding_window_view` cuts out all the windows, and `[::4, ::4]` keeps every fourth.)

# %%
windows = np.lib.stride_tricks.sliding_window_view(scene, (28, 28))[::4, ::4]
cut_out = network.predict(windows.reshape(-1, 28, 28, 1), verbose=0).reshape(heat.shape)
np.testing.assert_allclose(heat, cut_out, rtol=1e-3, atol=1e-3)

# %% [markdown]
# They are the same. But neighbouring windows share most of their pixels, and cutting out computes the features of these pixels again and again. Sliding computes each of them once.
#
# **Predict.** How many times fewer multiplications does sliding need?


# %%
def multiplications(height, width):
    first = (height - 2) * (width - 2) * 3 * 3 * 1 * 32  # places × kernel × channels × filters
    height, width = (height - 2) // 2, (width - 2) // 2
    second = (height - 2) * (width - 2) * 3 * 3 * 32 * 64
    height, width = (height - 2) // 2, (width - 2) // 2
    return first + second + (height - 4) * (width - 4) * 5 * 5 * 64 * 10


cut, slide_once = heat[..., 0].size * multiplications(28, 28), multiplications(HEIGHT, WIDTH)
print(
    f"cut out {cut / 1e6:.0f} million, slide {slide_once / 1e6:.0f} million: {cut / slide_once:.1f} times"
)

# %% [markdown]
# Sliding needs 15.4 times fewer. The larger the scene, the more windows share each pixel.
#
# Now look at the answers. In the figure, each answer stands at the centre of its window.
#
# **Predict.** What will the network say where the window holds no digit, or parts of two?

# %% tags=["nbval-ignore-output"]
p = reference.softmax(heat.astype(float))
dense.show_answers(scene, p, corners)
plt.show()
centred = [p[row // 4, column // 4] for row, column in corners]  # a window starts every 4 pixels
found, sure = sum(p.argmax() == label for p, label in zip(centred, shown)), (p.max(-1) > 0.9).sum()
print(f"{found} of 4 centred digits right; {sure} of {p[..., 0].size} answers over 90% sure")
assert found >= 3
assert sure > 8

# %% tags=["nbval-ignore-output"]
dense.show_class_maps(p, shown, corners, shape=scene.shape)
plt.show()

# %% [markdown]
# Where a digit is centred in the window, its class wins. (The blue margin in the second figure holds no centre of any window.) Elsewhere the network is often just as sure, and wrong: it mistakes
# parts of digits, and pieces of two neighbours, for whole digits. Here is one more experiment, with digits of half the size:

# %% tags=["nbval-ignore-output"]
half = np.pad(test.images[:, ::2, ::2], ((0, 0), (7, 7), (7, 7)))
smaller = (network.predict(half[..., None], verbose=0).argmax(1) == test.labels).mean()
assert smaller < accuracy - 0.1
print(f"right at full size {accuracy:.0%}, at half size {smaller:.0%}")

# %% [markdown]
# So three things stand between this map and a label for every pixel:
# - *background*: the network was never shown "no digit", and softmax must divide a total of 1 among the ten digits;
# - *resolution*: it gives one answer for every 4×4 pixels, and none near the border (notebook 9);
# - *scale*: it was trained on digits of one size, and recognises few of half that size.
#
# ## Exercises
#
# 1. **Recall.** A map of 7×7 pixels with 32 channels is flattened and goes into a dense layer with 5 outputs. How many weights and biases does it have? What is the shape of the kernel of the
#    convolution that gives the same scores?
# 2. **Code.** Write `classify`: a dense layer, then softmax, for a whole batch.


# %%
def classify(x, weights, bias):
    """Class probabilities (B, K) of x (B, D), with weights (D, K) and bias (K,).

    Each row sums to 1. Logits of some thousands must not give nan.
    """
    ...  # your code


# %%
dense.exercise.check(classify)

# %% [markdown]
# 3. **Code.** Write `slide`: a dense layer whose weights are in the order of `Flatten`, applied at every place of a larger map.


# %%
def slide(feature_map, weights, bias, rows, columns):
    """Scores (H - rows + 1, W - columns + 1, K) of every window of a map (H, W, C).

    rows, columns: of a window; weights: (rows * columns * C, K), in the order of Flatten:
    row by row, in each row pixel by pixel, in each pixel channel by channel; bias: (K,).
    """
    ...  # your code


# %%
dense.second_exercise.check(slide)

# %% [markdown]
# 4. **Open.** Give the network an eleventh class, "no digit", so that it stops seeing digits where there are none. `dense.windows_without_a_digit(train, count)` cuts such windows from scenes.
#    `dense.judge` slides a network over ten new scenes; you succeed if it names at least 85% of the digits correctly and is sure of a digit at no more than 5% of the places without one.
# First see how well the network with ten classes does:

# %% tags=["nbval-ignore-output"]
dense.judge(sliding, test)

# %% [markdown]
# <details><summary>Solutions</summary>
#
# 1. It has 7·7·32·5 = 7,840 weights and 5 biases. The kernel is 7×7 with 32 channels and 5 filters: (7, 7, 32, 5).
# 2. Subtract each row's largest logit first. Without `keepdims=True`, NumPy could not match the shapes (B, K) and (B,):
#
# ```python
# logits = x @ weights + bias
# powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
# return powers / powers.sum(axis=-1, keepdims=True)
# ```
#
# 3. `ravel` writes a window in the order of `Flatten`:
#
# ```python
# H, W, _ = feature_map.shape
# y = np.zeros((H - rows + 1, W - columns + 1, len(bias)))
# for i, j in np.ndindex(y.shape[:2]):
#     y[i, j] = feature_map[i : i + rows, j : j + columns].ravel() @ weights + bias
# return y
# ```
#
# 4. It is enough to add as many windows without a digit as there are digits:
#
# ```python
# empty = dense.windows_without_a_digit(train, len(train.images))
# eleven = models.article_cnn(11)
# images = np.concatenate([train.images, empty])
# dense.train(eleven, images, np.concatenate([train.labels, np.full(len(empty), 10)]), epochs=EPOCHS, seed=SEED)
# dense.judge(models.fully_convolutional(eleven), test)
# ```
#
# </details>
#
# ## Recap

# %% tags=["nbval-ignore-output"]
parameters, answers, cheaper = network.count_params(), heat[..., 0].size, cut / slide_once
print("- A dense layer by hand, in NumPy and in Keras; in the article's network it has")
print(f"  {last:,} of {parameters:,} parameters. Mean images name {right:.0%} of the digits,")
print(f"  training {accuracy:.1%}.")
print(f"- Softmax makes probabilities of any scores; of 89, 88, 0 it makes {stable.round(2)}.")
print(f"- As a convolution the classifier gives {answers} answers at once,")
print(f"  {cheaper:.1f} times cheaper.")

# %% [markdown]
# **What this added to our goal.** For the first time we have something that answers at many places of a scene, and names digits. But it answers at one pixel in sixteen, and it cannot say "there is
# nothing here". To do better, the network must be *told* how wrong each pixel is. That is the next step.
#
# **Sources.** Long et al. 2015, [Fully convolutional networks for semantic segmentation](https://arxiv.org/abs/1411.4038) · Lin et al. 2013, [Network in network](https://arxiv.org/abs/1312.4400)
# (1×1 convolutions) ·
# Goodfellow et al. 2016, [Deep Learning, chapter 6](https://www.deeplearningbook.org/contents/mlp.html) · Guo et al. 2017, [temperature and calibration](https://arxiv.org/abs/1706.04599)
#
# **Next:** [5 · Losses](05_losses.ipynb): how wrong is a prediction, as one number?
