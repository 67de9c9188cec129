# %% [markdown]
# # 16 · FAQ: questions about segmentation, each answer tested
#
# <!-- [Open in Colab](https://colab.research.google.com/github/OWNER/REPO/blob/main/notebooks/16_faq.ipynb) · -->
# previous: [15 · Debugging clinic](15_debugging_clinic.ipynb) · back to the start: [0 · Start here](00_start.ipynb) · about 45 seconds on two CPU cores
#
# On page one of the course stood a scene of handwritten digits that no program of ours could label. Now a network labels it, and questions remain. The article on which this course is based ends with 36 of them.
# It answers each in the same confident tone, and its text stops in the middle of the last answer. Other questions it never asks, although everyone who has images of their own asks them.
# How do you find out whether an answer is true when you cannot judge it yourself? You test it.
#
# You will be able to
# - say why a network has each of its parts, and which of the usual reasons do not hold,
# - say what `ModelCheckpoint` writes, when, and what it never did,
# - answer seven questions that every segmentation project meets, with numbers of your own.
#
# You need: notebooks 2 to 8, or one question to which you want the answer. Each section can be read by itself.

# %% tags=["parameters"]
TRAIN_IMAGES: int = 200  # digits that a small network learns from, in sections 1, 2 and 6
EPOCHS: int = 25  # passes over them
SEEDS: int = 4  # networks of each kind, each with other weights and other digits
SEED: int = 0  # of the first of them, and of what is drawn at random

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
    TRAIN_IMAGES=course.integer(100, 400),
    EPOCHS=course.integer(20, 1000),
    SEEDS=course.integer(3, 100),
    SEED=course.integer(0, 2**31 - 1),
)

# %% tags=["hide-input"]
# @title Imports, the digits, scenes with masks, and a note of each verdict
from functools import partial

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from scipy.ndimage import binary_dilation
from skimage.filters import threshold_otsu
from skimage.measure import block_reduce
from sklearn.datasets import load_digits

from segutils import metrics, reference
from segutils import digits as digit_sets
from segutils.lessons import faq
from segutils.lessons import faq_experiments as tried
from segutils.lessons.explorer import explore
from segutils.lessons.faq import checkpoint_files, exercise, second_exercise
from segutils.lessons.faq_experiments import iou_of_each, paired, rearranged
from segutils.lessons.measured import measured
from segutils.scenes import make_scenes

digits = load_digits()  # 1,797 handwritten digits of 8×8 pixels
order = np.random.default_rng(0).permutation(len(digits.target))
x, y = np.float32(digits.images[order, ..., None] / 16), digits.target[order]
rng = np.random.default_rng(SEED)
seeds = range(SEED, SEED + SEEDS)
accuracies = partial(tried.accuracies, images=TRAIN_IMAGES, epochs=EPOCHS)
verdicts = tried.Verdicts()
verdict = verdicts.note
pd.set_option("display.max_colwidth", None, "display.width", 200)
bundled = digit_sets.load_digits("bundled")
scene = make_scenes(bundled.test, 320, seed=[SEED, 5])  # with a mask for each, from section 9 on

# %% tags=["hide-input"]
# @title The first figure
faq.show_asked(tried.ASKED)
plt.show()

# %% [markdown]
# Twenty-eight of the 36 questions ask about `ModelCheckpoint`, an object that Keras calls at the end of each epoch, and sixteen of these about an argument that it does not have. One section with one table is enough for them. The other eight get a section each, or share
# one, and then come seven questions about segmentation itself.
#
# | the article asks: why do we need … | question | section |
# |---|---|---|
# | the convolutional layer? the pooling layer? the fully connected layer? the activation function? | 1, 2, 3, 4 | 1, 2, 3, 4 |
# | cross-entropy and Dice loss? | 6 | 5 |
# | the optimization algorithm? gradient descent and Adam? | 5, 7 | 6 |
# | `ImageDataGenerator`? | 8 | 7 |
# | `ModelCheckpoint`, its `monitor`, its `save_best_only`, its `save_weights_only`, its `verbose`, its `save_model`? | 9 to 36 | 8 |
#
# | everyone else asks | section |
# |---|---|
# | My IoU is 0.8. Is that good? · IoU or Dice? · Mean over images, or all pixels together? | 9, 10, 11 |
# | May I shrink my images? · One output channel or two? | 12, 13 |
# | What about pixels that I am not sure of? · How many test images do I need? | 14, 15 |
#
# Sections 1 to 8 end in a verdict on the article. **Right**: every statement that we could test holds. **Half right**: one holds and another fails. **Not shown**: one holds, and for another our experiment finds no effect that
# stands out from chance. **Wrong**: the statement that answers the question fails. A verdict is noted only if the checks above it pass. One kind of check is a word of ours: `measured` prints a number, and stops the notebook if it is not `above` or `below` what the text says.
#
# ## 1 · Why convolution? (question 1)
#
# **The article:** it learns features by itself, and it uses the local structure of an image.
#
# That kernels are found by training, notebook 2 has shown. The second part can be tested by destroying the local structure and nothing else: rearrange the 64 pixels of each digit, all digits in the same way. No information is
# lost. A dense layer would not notice, because it may rearrange its weights in the same way and give the same numbers.
#
# **Predict.** Does a network with convolutions notice?


# %%
import keras

from segutils import losses, models, training


def network(shrink):
    """Two convolutions and a dense layer; maps are halved by "pooling", by "stride", or by "nothing"."""
    chain = [keras.Input((8, 8, 1))]
    for filters in (16, 32):
        options = {"strides": 1 + (shrink == "stride"), "padding": "same", "activation": "relu"}
        chain.append(keras.layers.Conv2D(filters, 3, **options))
        chain += [keras.layers.MaxPooling2D(2)] * (shrink == "pooling")
    return keras.Sequential([*chain, keras.layers.Flatten(), keras.layers.Dense(10)])


# %% [markdown]
# `accuracies` trains such a network on `TRAIN_IMAGES` of the first 1,000 digits and returns two numbers: the percentage of these that it then gets right, and the percentage of the other 797, which it has never seen. (The digits are shuffled, so the same people wrote both parts: good enough to compare two networks, too kind for a report.)
# We train each pair of networks from the same seed, so that both see the same digits. What counts is the *difference* of each pair. After its mean and a ± comes the standard error: the standard deviation of the differences (computed
# with $n - 1$, as in notebook 8), divided by $\sqrt n$ for $n$ pairs; `paired` gives both. A mean of less than two standard errors is easily chance. A *point* is one percent of the digits: 89% is four points below 93%.

# %% tags=["nbval-ignore-output"]
pooling = np.array([accuracies(lambda: network("pooling"), x, y, seed) for seed in seeds])
shuffled = [accuracies(lambda: network("pooling"), rearranged(x, seed), y, seed) for seed in seeds]
loss_of_order, error = paired(pooling[:, 1] - np.array(shuffled)[:, 1])
assert loss_of_order > 2 * error > 0
tried.show_rearranged(x, SEED, pooling[:, 1], (loss_of_order, error))
plt.show()

# %%
weights, at = rng.normal(size=(64, 32)), rng.permutation(64)  # a dense layer, and an arrangement
flat = x.reshape(-1, 64)
np.testing.assert_allclose(flat[:, at] @ weights[at], flat @ weights, atol=1e-9)
convolution = models.article_cnn().layers[1].count_params()  # 28×28 pixels in, 26×26×32 numbers out
assert convolution == 9 * 32 + 32
print(f"numbers to learn: convolution {convolution}, dense {(28 * 28 + 1) * 26 * 26 * 32:,}")
verdict(1, "right", 1)

# %% [markdown]
# A network with convolutions does notice: it gets worse, by the points in the title of the right image, although every pixel is still there. What it lost is the knowledge of which pixels are neighbours. There is a second reason: the first convolution of the article's
# network learns 320 numbers, 9 weights and a bias for each of 32 kernels, where a dense layer with as many outputs would have 17 million.
#
# ## 2 · Why pooling? (question 2)
#
# **The article:** it lowers the resolution and with it the computation; and it reduces overfitting.
#
# Let us count the multiplications by hand. A digit has 8·8 = 64 places. The first convolution has 3·3·1·16 = 144 weights and uses each of them at every place: 64·144 = 9,216. The second has 3·3·16·32 = 4,608 weights. Without
# pooling it works at 64 places, 294,912 multiplications; after one pooling at 16 places, 73,728. Finally the dense layer has a weight for each class and each number that reaches it: 64·32·10 = 20,480, or, after a second pooling, which leaves 2·2 = 4 places, 4·32·10 = 1,280.
#
# **Predict.** Which numbers to *learn* does pooling save: those of the convolutions, or those of the dense layer?
#
# (`multiplications` counts as we did by hand: for each layer that has weights, one multiplication for each weight at each place where it is used.)


# %%
def multiplications(model):
    weighted = [layer for layer in model.layers if layer.count_params()]
    return [np.prod(k.output.shape[1:-1], dtype=int) * k.kernel.numpy().size for k in weighted]


# %%
for shrink, by_hand in (("nothing", [9216, 294912, 20480]), ("pooling", [9216, 73728, 1280])):
    model = network(shrink)
    learned = [layer.count_params() for layer in model.layers if layer.count_params()]
    print(f"halved by {shrink}: multiplications {sum(by_hand):,}, numbers to learn {learned}")
    assert multiplications(model) == by_hand

# %% [markdown]
# Pooling saves numbers in the dense layer alone, whose weights and ten biases fall from 20,490 to 1,290; the kernels of a convolution are the same on an image of any size. In a U-Net, which has no dense layer, pooling saves work and not one number.
#
# And overfitting? It is the gap between two accuracies, on the digits that were learned and on new ones. A third network halves its maps by stride 2 instead, and so has as few numbers as the one with pooling.

# %% tags=["nbval-ignore-output"]
runs = {"pooling": pooling}
for shrink in ("nothing", "stride"):
    build = partial(network, shrink)
    runs[shrink] = np.array([accuracies(build, x, y, seed) for seed in seeds])
gap = {shrink: run[:, 0] - run[:, 1] for shrink, run in runs.items()}
measured("gap in points: pooling, nothing, stride", *map(np.mean, gap.values()), digits=1)
for shrink in ("nothing", "stride"):
    change, error = paired(gap[shrink] - gap["pooling"])
    print(f"halved by {shrink}: {change:.1f} ± {error:.1f} points more than by pooling")
    assert abs(change) < 6
assert change > 0  # the last one, stride
verdict(2, "not shown", 2)

# %% [markdown]
# That pooling saves computation is proved. For overfitting, compare the first difference with its ± yourself: the cell does not, because it changes with the seed. Against the network that halves nothing, it lies between zero and two points, depending on the seed, with an error of about one (try `SEED` = 1 or `SEEDS` = 8). (The second difference stands out, but it compares two ways of halving, and the claim is about halving or not.) That
# is too little to call the claim shown, and no proof that it is wrong, so our verdict is "not shown". Notebook 3 tried larger digits and saw no gain. Fewer numbers alone did not make the gap smaller here: the network with stride has just
# as few, and a larger gap than pooling. And a *mask* pays for pooling with its fine detail.
#
# ## 3 · Why a fully connected layer? (question 3)
#
# **The article:** it turns features into class probabilities *and so segments the image*.
#
# **Predict.** The article's network gets an image of 64×64 pixels. How many labels does it give?

# %%
classifier, segmenter = models.article_cnn(), models.unet(11)
with course.expect_error(ValueError, match="incompatible"):
    classifier(np.zeros((1, 64, 64, 1)))
print("a 28×28 image, to the classifier:", classifier(np.zeros((1, 28, 28, 1))).shape)
print("a 64×64 image, to the U-Net:", segmenter(np.zeros((1, 64, 64, 1))).shape)

# %%
assert not any(isinstance(layer, keras.layers.Dense) for layer in segmenter.layers)
one_dense = (64 * 64 + 1) * (64 * 64 * 11)
print(f"numbers to learn: U-Net {segmenter.count_params():,}, one dense layer {one_dense:,}")
assert one_dense > 100 * segmenter.count_params()
verdict(3, "half right", 3)

# %% [markdown]
# The article's network gives no label at all for 64×64 pixels. Its dense layer was made for the 5·5·64 = 1,600 numbers that a 28×28 image leaves, and refuses the 14·14·64 = 12,544 of a larger one; and for 28×28 it gives *one* label, by 10 scores, for the whole image. The first half of the answer is true for classifying. To segment,
# the U-Net has no dense layer and gives 11 scores for each pixel. A dense layer that gives as many scores could be written down, with 185 million numbers, and it would not know which pixels are neighbours (section 1).
#
# ## 4 · Why an activation function? (question 4)
#
# **The article:** it maps into a bounded range, and it makes the network non-linear.
#
# **Predict.** Two convolutions of 3×3 follow each other without an activation. How large is the one kernel that replaces them both?
#
# To find it we show them a single bright pixel. Whatever comes out is the kernel that they form together, turned around (notebook 2).

# %%
options = {"use_bias": False, "padding": "valid"}
first, second = keras.layers.Conv2D(4, 3, **options), keras.layers.Conv2D(1, 3, **options)
unit = np.zeros((1, 9, 9, 1), np.float32)
unit[0, 4, 4] = 1
kernel = np.asarray(second(first(unit)))[0, ::-1, ::-1]
one_layer = keras.ops.conv(x[:50], kernel[..., None])
np.testing.assert_allclose(second(first(x[:50])), one_layer, atol=1e-5)
assert not np.allclose(second(keras.ops.relu(first(x[:50]))), one_layer, atol=0.01)
print("the one kernel has the shape", kernel.shape[:2])

# %% [markdown]
# One kernel of 5×5 replaces them, on all 50 images; with a ReLU in between, it does not. Layers without an activation are one layer. The next figure shows the same for dense layers. A point has two coordinates, and the network is to say to which of two moons it belongs; the colour of the background is
# its answer at each place. With "identity", which is no activation, it can draw nothing but a straight line between the moons.

# %% tags=["nbval-ignore-output"]
reached = faq.show_moons(["identity", "logistic", "tanh", "relu"], SEED)
plt.show()
assert reached["identity"] < min(reached["logistic"], reached["tanh"], reached["relu"])
assert reference.relu(1e6) == 1e6  # ReLU is not bounded
verdict(4, "half right", 4)

# %% [markdown]
# Logistic (the sigmoid) and tanh are bounded and ReLU is not, and all three bend the line. (The titles count 150 points that were not learned; each network was trained once.) So non-linear is the reason, and bounded is not. Which activations will do? Leshno and others proved in 1993: with enough units, all that are not
# polynomials. Squaring is non-linear, too, but two layers of squares, the square of a square, can only ever be a polynomial of degree 4.
#
# ## 5 · Why cross-entropy and Dice? (question 6)
#
# **The article:** cross-entropy measures the difference to the truth, Dice loss the *similarity*; both serve segmentation.
#
# The truth is a small disk. **Predict.** Prediction A gives each pixel a probability of 1%. Prediction B finds the whole disk, and a rim around it that is not there. Which of the two has the lower cross-entropy?

# %%
distance = np.hypot(*(np.mgrid[:64, :64] - 31.5))  # of each pixel from the middle
truth = np.float64(distance < 3.6)
a, b = np.full((64, 64), 0.01), np.where(distance < 5.7, 0.999, 0.001)
scores = tried.show_two_losses({"truth": truth, "A": a, "B": b})
plt.show()

# %%
assert scores["A"][0] < scores["B"][0]  # cross-entropy prefers A
assert scores["A"][1] > scores["B"][1]  # Dice loss prefers B
assert scores["truth"][1] == 0  # a perfect prediction: Dice loss 0
verdict(5, "half right", 6)

# %% [markdown]
# A has the lower cross-entropy, although it finds nothing: 99% of the pixels are background, and there it is nearly right. Dice loss prefers B. Both serve segmentation, then, but they punish different faults, so their
# sum is a usual choice (notebooks 5 and 9). And Dice *loss* falls as similarity grows: it is 1 minus the Dice coefficient, and that one is the similarity.
#
# ## 6 · Why optimizers, gradient descent and Adam? (questions 5 and 7)
#
# **The article (5):** an optimizer lowers the loss; the network fits the training data better *and so performs better*.
#
# **Predict.** We give the training digits labels drawn by lot, that is, at random. Can Adam still lower the loss? And what will the network be able to do?

# %% tags=["nbval-ignore-output"]
lot = np.random.default_rng(SEED).permutation(y)
seen, unseen = accuracies(lambda: network("nothing"), x, lot, SEED)
measured("labels by lot: percent right of learned digits", seen, above=unseen + 40, digits=0)
measured("labels by lot: percent right of new digits", unseen, below=20, digits=0)
verdict(6, "half right", 5)

# %% [markdown]
# Adam lowers that loss, too: the network memorises most of these meaningless labels, and on new digits it is no better than chance, one in ten. An optimizer lowers the training loss and nothing else. Whether that is of use,
# only data that the network has not seen can tell.
#
# **The article (7):** gradient descent uses the gradient; Adam uses a moving average of each parameter's gradient.
#
# **Spot the mistake.** The answer describes a step along a moving average of gradients and nothing else. That is momentum, whose fading sum (notebook 7) is such an average but for a constant factor. What does Adam do besides? A hint: someone measures the loss in other units, so that it is
# 1,000 times larger. Which of gradient descent, momentum and Adam still finds the lowest point, at 0?
#
# To try it, we take a loss of two parameters, $\frac12(\theta_1^2 + 4\,\theta_2^2)$. Each method walks 100 steps from $(2, -1)$, at a learning rate that suits it, and `distance_left` says how far from the lowest point it ends.

# %%
for name in tried.METHODS:
    near, far = (tried.distance_left(name, units) for units in (1, 1000))
    print(f"{name:17} distance left: {near:.2g}; with the loss × 1,000: {far:.2g}")
    assert near < 0.2
    assert np.isclose(near, far, atol=1e-6) if name == "Adam" else far > 1e6
verdict(6, "half right", 7)

# %% [markdown]
# Only Adam still finds it, and ends at the same place as before; the distance of the other two is a number with hundreds of digits. Adam also keeps an average of the *squared* gradients and divides by its root, so that units cancel. That is what adapts the step to each parameter, and what the answer leaves
# out. Nobody needs both methods: one training uses one of them.
#
# ## 7 · Why ImageDataGenerator? (question 8)
#
# **The article:** it generates data and splits them into a training and a validation set.
#
# **Predict.** `datagen.flow(x, y)`, as in the article's program: what share of the images do you get? And with `validation_split=0.2`, are the validation images left as they are?

# %%
from tensorflow.keras.preprocessing.image import ImageDataGenerator

assert ImageDataGenerator(rotation_range=15).flow(x, y).n == len(x)
splitting = ImageDataGenerator(rotation_range=15, validation_split=0.2)
flow = partial(splitting.flow, x, y, shuffle=False)
train, validation = flow(subset="training"), flow(subset="validation")
print(f"{len(x)} images; with validation_split: {train.n} and {validation.n}")
turned, _ = next(iter(validation))
assert not np.isclose(turned, x[:32]).all((1, 2, 3)).any()  # none is as it was
with course.expect_error(ValueError, match="sorted by the label"):
    splitting.flow(x[np.argsort(y)], np.sort(y), subset="training")
verdict(7, "half right", 8)

# %% [markdown]
# You get all of the images: without `validation_split` nothing is split. With it, the first fifth becomes the validation set, in the order of the arrays, so that sorted labels end in an error: the validation set would hold nothing but 0s and 1s. And no, validation images are not left as
# they are: they are turned like the others (the cell checks 32 of them), so that every epoch is measured on different images. So the article's second statement fails, and its first holds only if variants count as data. Keras calls the class *legacy*, that is, kept for old programs only. Nor does it take a mask along with its image, as `transforms.Augment` of notebook 9 does.
#
# ## 8 · What does ModelCheckpoint do? (questions 9 to 36)
#
# A training of ten hours stops in the eighth, because the power fails. Which model is on the disk now, the best or the last? Can it be loaded? That is what `ModelCheckpoint` is for, and what
# the article's 28 answers ought to tell. We could ask Keras what it saves; it is safer to open the file.
#
# So we train a network that can be read: it multiplies its input by *one* weight, which starts at 1. The input is always 1. Training asks for the output 0, and each epoch halves the weight, to ½, ¼ and ⅛. Validation asks for 0.2, and ¼ is nearest to it. Epoch 2 is therefore the best, epoch 3 the last, and the
# weight in a file says which of them it is.

# %%
toy = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, use_bias=False)])
toy.compile(keras.optimizers.SGD(0.25), "mse", metrics=["accuracy"])

# %% [markdown]
# **Predict.** `ModelCheckpoint("best.keras")` without another argument: which epoch's weight is in the file?

# %%
faq.table(toy, tried.CALLS)

# %% [markdown]
# The last epoch, 3, is in the file and not the best. The rows of the table answer all the questions:
#
# - **Which epoch** is decided by `save_best_only` alone (rows 1 and 2). `monitor` names the measure that "best" means, `val_loss` unless told otherwise, and `mode` whether more is better: with "max" the *largest* loss wins, which is epoch 1 (row 3). If the name
#   holds `{epoch}`, each improvement keeps a file of its own (row 4), so "only the best" is true of a fixed name. A misspelt measure ends the training after one epoch, with nothing on the disk (row 5), because Keras cannot tell whether more of it is better; if you give a `mode`, Keras saves every epoch: without a word, or, with `save_best_only=True`, with a warning. A measure of your own,
#   such as the `mean_iou` of `segutils`, needs `mode="max"`, for it does not tell Keras that more is better; Keras's own `MeanIoU` does.
# - **What is in the file** is decided by `save_weights_only`. True leaves out the configuration, the description of the network's layers; then your program has to build the network before it loads (row 6). The article
#   says "only the weights", but the optimizer's state (its step counter and averages) is there too. The name must end in `.weights.h5`, so the article's `best_model.h5` is refused (row 7).
# - **What it prints** is decided by `verbose`, and there is one question only: is it above 0? 1 and 2 print the same lines, here two per epoch: a file is being saved, and it has been. With `save_best_only` they also tell the monitored measure, whichever it is, but never loss and accuracy together; −1 prints none. None is accepted at first, and stops the training when
#   the first epoch ends. The article's "configuration file", which is to decide in that case, does not exist.
# - **`save_model`** does not exist either (last row). The article asks sixteen questions about it, with values down to −1000000000. All have one answer: `TypeError`.
#
# The best weights do not come back into the model by themselves: load the file.

# %%
for options, epoch in zip(tried.CALLS, (3, 2, 1)):
    assert f"epoch {epoch}: weights, configuration, optimizer" in faq.watch(toy, **options)["files"]
assert faq.watch(toy, verbose=1)["lines printed"] == faq.watch(toy, verbose=2)["lines printed"]
with course.expect_error(TypeError, match="save_model"):
    keras.callbacks.ModelCheckpoint("best.keras", save_model=True)

# %% [markdown]
# Does one argument change what another does? The tests of this course run all 24 combinations of four values of `verbose`, three of `save_weights_only` and two of `save_best_only`, and all sixteen of the article's calls with `save_model`: no.
# This is how the 28 answers fare:
#
# | questions | the article says | in fact | verdict |
# |---|---|---|---|
# | 9 | it saves the best parameters | the last, unless `save_best_only=True` | half right |
# | 10 | `monitor` names the measure that decides | it does | right |
# | 11 | `save_best_only` saves only the model of lowest validation loss | each improvement, under whatever name it gets | half right |
# | 12, 18 | `save_weights_only=True` saves only the weights, and makes it easier to restore the model | the optimizer's state too; and harder | half right |
# | 19 · 20 | False saves weights and configuration · None does what a configuration file says | it saves both · None saves the same as False | right · wrong |
# | 13 · 15 | `verbose` sets how much is printed · 0 is silent | it only sets whether anything is printed · 0 is silent | half right · right |
# | 14, 16, 17 | 1 and 2 print loss and accuracy, None asks the configuration file | they don't; it stops the training | wrong |
# | 21 to 36 | `save_model` says whether the configuration is saved | there is no such argument | wrong |

# %%
verdict(8, "right", 10, 15, 19)
verdict(8, "half right", 9, 11, 12, 13, 18)
verdict(8, "wrong", 14, 16, 17, 20, *range(21, 37))

# %% [markdown]
# **Try.** The explorer runs Keras's own callback over six epochs. Which epochs are saved with `mode` "max"? What is left if each name holds its epoch? Epochs 4 and 5 have the same loss: are both saved?

# %%
explore(checkpoint_files([0.9, 0.55, 0.62, 0.4, 0.4, 0.48]), **tried.MENUS)

# %% [markdown]
# With "max" only the first epoch is saved, since no later loss is larger. If each name holds its epoch, one file is left for each improvement. Epoch 5 is not saved, because equal is not better.
#
# ### All 36 answers

# %%
counted = verdicts.count(faq.VERDICTS)
assert counted == {"right": 4, "half right": 11, "not shown": 1, "wrong": 20}
faq.show_account(verdicts, tried.TOPICS)
plt.show()

# %% [markdown]
# Four answers of 36 are right as they are. Remember the pattern: answers about *ideas* are mostly half right, while those about *arguments* are mostly made up, in the same tone. A sentence about a library costs nothing to write. It costs
# three lines to test: call it, open the file, compare.
#
# Now to what the article never asks. For the next sections we take 320 scenes like the one on page one, with a mask for each.

# %%
ink = scene.semantic > 0  # True where there is a digit
print(len(ink), "masks of", ink[0].size, "pixels; share of ink:", ink.mean().round(2))

# %% [markdown]
# ## 9 · My IoU is 0.8. Is that good?
#
# That depends on the size of your objects. Suppose the mask of a disk is perfect but for its outline, which lies one pixel too far out. The disk has an area of $\pi r^2$ and the prediction $\pi (r + 1)^2$. The disk lies inside
# the prediction, so their intersection is the one and their union the other: $\text{IoU} = r^2 / (r + 1)^2$. For a radius of 3 pixels that is 9/16 = 0.56, for 9 pixels 81/100 = 0.81, and for 30 pixels 900/961 = 0.94.
#
# **Predict.** What does one pixel cost the digits of our scenes? (`iou_of_each` computes the IoU of each scene.)

# %%
grown = np.stack([binary_dilation(mask) for mask in ink])  # one pixel more, all around
tried.show_rim(ink, grown)
plt.show()
rim_iou = iou_of_each(ink, grown).mean()
measured("IoU of the digits, one pixel too wide", rim_iou, above=0.6, below=0.75)

# %% [markdown]
# In the right figure, the rim of small crosses marks the pixels that the prediction has and the truth has not. One pixel all around costs these strokes more than a quarter of their IoU, while the same pixel hardly shows on large objects. So compare your 0.8 with what is possible: let two people label the same ten images and compute the IoU between *them*. A network
# that agrees with a person as well as a second person does is about as good as masks can show; trained on that person's masks, it may even come closer.
#
# ## 10 · IoU or Dice?
#
# For a single mask it makes no difference. Both divide the overlap, IoU $J$ by the union and Dice $D$ by the mean size of the two masks. One follows from the other, $D = 2J / (1 + J)$: an IoU of 0.5 is a Dice of 0.67, and 0.8 is 0.89.
# Dice is the larger number, so never compare your Dice with somebody's IoU.
#
# **Predict.** Network A has an IoU of 0.5 on both of two images. Network B has 0.2 and 0.85. Which one is better on average, by IoU and by Dice?

# %%
for name, J in {"A": np.array([0.5, 0.5]), "B": np.array([0.2, 0.85])}.items():
    measured(f"{name}: mean IoU, mean Dice", J.mean(), (2 * J / (1 + J)).mean(), digits=3)
one = metrics.confusion_matrix(ink[:1].astype(int), grown[:1].astype(int), 2)
J, D = metrics.iou(one)[1], metrics.dice(one)[1]
assert np.isclose(D, 2 * J / (1 + J))

# %% [markdown]
# By IoU network B is better on average, by Dice network A. Dice adds most to an IoU in the middle, 0.17 to one of 0.5, but only 0.13 to one of 0.2 and 0.07 to one of 0.85; so it favours the network
# whose masks are all of medium quality. Report one of the two, say which, and use the same one throughout.
#
# ## 11 · A mean over images, or all pixels together?
#
# **Explain to a friend** how the same predictions for two images can have an IoU of 0.45 and of 0.89. In the first image the object has 1,000 pixels in the union and 900 in the overlap; in the second it has 10 and 0.

# %%
both, either = np.array([900, 0]), np.array([1000, 10])
measured("mean over images", (both / either).mean(), above=0.449, below=0.451)
measured("pixels together", both.sum() / either.sum(), above=0.89, below=0.9)

# %% [markdown]
# The mean over images counts each image once: 0.9 and 0 make 0.45. All pixels together count each *pixel* once: 900 of 1,010 is 0.89, and the lost object hardly counts. Ask what a mistake costs you. If each small object matters (a tumour,
# a crack), take the mean over images, or count objects; if area matters (fields, forest), put the pixels together. And say which one you report.
#
# ## 12 · May I shrink my images?
#
# Smaller images train faster, and many programs shrink them to 256×256 and do not say so. The price can be known *before* any training: shrink the true masks, enlarge them again, and compare. A network that draws masks of the
# small size can hope for about that.
#
# **Predict.** We keep every second, fourth and eighth pixel, and repeat each that is kept to the old size. (The figure draws one scene; the IoU is the mean of all 320.) What is left of the strokes?


# %%
def shrunk(masks, k):
    return masks[:, k // 2 :: k, k // 2 :: k].repeat(k, 1).repeat(k, 2)


ceiling = {k: iou_of_each(ink, shrunk(ink, k)).mean() for k in (1, 2, 4, 8)}
tried.show_ceilings(scene.semantic, ceiling, shrunk)
plt.show()
assert 1 == ceiling[1] > ceiling[2] > ceiling[4] > ceiling[8]
half = block_reduce(ink, (1, 2, 2), np.mean) >= 0.5  # ink where at least half of 2×2 is
most = iou_of_each(ink, half.repeat(2, 1).repeat(2, 2)).mean()
measured("half the size, by the majority of each 2×2", most, above=ceiling[2])

# %% [markdown]
# At half the size about a fifth of the IoU is already lost (a little less, if each small pixel takes the majority of its block, as the last line shows), and at an eighth the digits can't be read. (A network that gives probabilities, which are enlarged smoothly, may do somewhat better. Test it in the same way.) Do this with your own masks: if this number is far above what you need, shrink; otherwise cut images into tiles (notebook 11).
#
# ## 13 · One output channel or two?
#
# For object against background both are in use: one channel with a sigmoid, or two with a softmax. They are the same. Softmax turns the scores 0 and $z$ into $e^z / (e^0 + e^z)$, and if you divide above and below by $e^z$,
# that is $1 / (1 + e^{-z})$, the sigmoid. For $z = 2$: 7.39 / 8.39 = 0.88.

# %%
z = np.linspace(-5, 5, 11)
two_channels = reference.softmax(np.stack([np.zeros_like(z), z], -1))[:, 1]
np.testing.assert_allclose(reference.sigmoid(z), two_channels)
print(f"z = 2: sigmoid {reference.sigmoid(2.0):.2f}, softmax {two_channels[7]:.2f}")

# %% [markdown]
# So choose by convenience. Two channels work with the same code for any number of classes, `argmax` included. One channel needs a threshold instead, and `argmax` over it is 0 everywhere (notebook 15, case 12).
#
# ## 14 · What about pixels that I am not sure of?
#
# Don't guess, and don't call them background: give them a number of their own, usually 255 or *void*, and tell loss and metric to leave it out. **Spot the mistake:** someone codes void as a class, "unsure". The network then
# learns to *predict* unsure, which is not what was wanted.
#
# The test: two predictions differ in nothing but the void pixels. If void is really left out, no number may tell them apart.

# %%
y_true = np.array([[[0, 1, 255, 255]]])  # one row of four pixels, the last two unsure
logits = np.float32([[[[3, 0], [0, 3], [9, 0], [0, 9]]]])
changed = logits.copy()
changed[0, 0, 2:] = [[0, 5], [7, 0]]  # other predictions where the truth is void
costs = [float(losses.cross_entropy(y_true, s, ignore_class=255)[0]) for s in (logits, changed)]
measured("cross-entropy of both", *costs, above=0.048, below=0.05, digits=3)
assert costs[0] == costs[1]

# %%
metric = training.MeanIoU(2, ignore_class=255)
metric.update_state(y_true, changed)
assert float(metric.result()) == 1  # right where somebody knows what is right
keras_loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True, ignore_class=255)
assert np.isclose(keras_loss(y_true, logits), keras_loss(y_true, changed))

# %% [markdown]
# Both predictions cost the same, here and in Keras's own loss: $-\ln(e^3 / (e^3 + e^0)) = 0.049$, the mean of the two pixels that are known. A thin rim of void around each object is a good idea where nobody knows on which pixel the outline lies. Don't make it wide, though: void hides the very pixels that are hardest.
#
# ## 15 · How many test images do I need?
#
# As many as make the uncertainty smaller than the difference that you want to see. Each test set is a sample, and another one would have given another number. The *bootstrap* imitates that: it draws images from your test set, with repetition,
# computes the IoU, does so 1,000 times, and reports the range that holds the middle 95% of the results.
#
# In place of a network we take the simplest thing that segments: a pixel is ink if it is brighter than a threshold (Otsu's, which splits the brightness of an image into two groups).
#
# **Predict.** With four times as many images, how much narrower is the range? (We cut 320 scenes into groups of 20 and of 80, and take the mean width over the groups.)

# %%
bright = np.stack([image[..., 0] > threshold_otsu(image) for image in scene.images])
tables = metrics.confusion_per_image(ink.astype(int), bright.astype(int), 2)

# %%
width = {}
for n in (20, 80, 320):
    groups = np.split(tables, 320 // n)  # all groups of n scenes
    ranges = [metrics.bootstrap_interval(g, lambda t: metrics.iou(t)[..., 1]) for g in groups]
    width[n] = 100 * np.ptp(ranges, axis=1).mean()
    measured(f"{n} scenes: width of the range, points of IoU", width[n], digits=1)
assert 2.5 < width[20] / width[320] < 6

# %% [markdown]
# The range becomes about half as wide, since it shrinks with the *root* of the number of images; with sixteen times as many it is about a quarter. On 20 images two networks that differ by a
# point cannot be told apart, unless you take their difference on each image, as sections 1 and 2 took it for each seed. And count *sources*: a hundred tiles of one photograph are one image.
#
# ## Asked just as often, and answered elsewhere
#
# | question | where |
# |---|---|
# | Why is my prediction black? Why does the loss fall while nothing is found? | [15 · Debugging clinic](15_debugging_clinic.ipynb), cases 1, 2, 5, 7, 12 |
# | Which loss, when objects are rare? | [5 · Losses](05_losses.ipynb) |
# | How many labelled images do I need? Is there a cheaper training? | [12 · Frontiers](12_frontiers.ipynb) |
# | My images are large, and my masks come in colours. | [11 · Your images](11_your_images.ipynb) |
# | How good is a U-Net, and how do I report it? | [9 · Segmentation run](09_segmentation_run.ipynb) |
#
# ## Exercises
#
# 1. **Recall.** Why does a network need an activation? Which epoch does `ModelCheckpoint("best.keras")` leave behind? Why is an IoU of 0.8 good for a small object and poor for a large one?
# 2. **Code.** Write `saved_epochs`: after which epochs does `save_best_only=True` save? It is given `values` (E,), the monitored measure of each epoch, and `mode`, which is "min" or "max". It returns a bool for each epoch. Before the first epoch nothing has been saved. The cell after it checks your function and names the usual mistakes.


# %%
def saved_epochs(values, mode):
    """Whether ModelCheckpoint(save_best_only=True, mode=mode) saves after each epoch, bool (E,)."""
    ...  # your code


# %%
exercise.check(saved_epochs)

# %% [markdown]
# 3. **Code.** Write `object_iou`, the mean over images of the IoU of class 1 (sections 11 and 14). `y_true` (B, H, W) holds 0, 1 and 255, which is void; `y_pred` (B, H, W) holds 0 and 1. Void pixels count nowhere. Images with class 1 in neither mask are left out of the mean.


# %%
def object_iou(y_true, y_pred):
    """Mean over images of the IoU of class 1, without void."""
    ...  # your code


# %%
second_exercise.check(object_iou)

# %% [markdown]
# 4. **Open: build a network.** Section 3 says that a dense layer is not needed to segment. Is it needed to classify? Change `mine` so that it has neither `Dense` nor `Flatten` and no more numbers than the network with pooling,
#    and is right on as many unseen digits, to within three points. The cell says how far you are. (A hint: how large is the map that reaches `Flatten`, and how large may a kernel be?)


# %% tags=["nbval-ignore-output"]
def mine():
    return network("pooling")  # your network instead


_, unseen = accuracies(mine, x, y, SEED)
tried.say_how_far(mine(), unseen, goal=pooling[0, 1] - 3)

# %% [markdown]
# <details><summary>Solutions</summary>
#
# 1. Without an activation, layers in a row are a single linear layer. It leaves the last epoch behind. Because one pixel along the outline costs a small object a large share of its area (section 9).
# 2. Keep the best so far and compare:
#
# ```python
# saved, best = [], None
# for value in values:
#     better = best is None or (value < best if mode == "min" else value > best)
#     saved.append(better)
#     best = value if better else best
# return np.array(saved)
# ```
#
# 3. Mark the pixels that are known, and count image by image:
#
# ```python
# known = y_true != 255
# both = ((y_true == 1) & (y_pred == 1)).sum((1, 2))
# either = (((y_true == 1) | (y_pred == 1)) & known).sum((1, 2))
# return (both[either > 0] / either[either > 0]).mean()
# ```
#
# 4. Two convolutions with pooling leave a map of 2×2 with 32 channels. A kernel as large as that map does what a dense layer would: end with `Conv2D(10, 2)` and, to drop the map's size of 1×1, `GlobalAveragePooling2D()`. It has the same
#    6,090 numbers, and works on larger images as well, which is the idea of notebook 4's fully convolutional network.
#
# </details>
#
# ## Recap

# %% tags=["nbval-ignore-output"]
print(f"order of the pixels: worth {loss_of_order:.1f} points to a network with convolutions")
print("the article's 36 answers:", ", ".join(f"{n} {words}" for words, n in counted.items()))
print(f"one pixel too wide: IoU {rim_iou:.2f}")

# %% [markdown]
# - You gave each part of the network its real reason, such as neighbours for convolution and non-linearity for the activation, and found which reasons do not hold.
# - You opened the files that `ModelCheckpoint` writes, and saw what it saves: the last epoch, unless you ask for the best; and `save_model` was never there.
# - You answered seven questions that every project meets, by a small experiment each.
#
# ## The end of the course, and where to go on
#
# The scene on page one has its labels. You can derive a convolution, a pooling, a loss and an optimizer by hand and check them against a framework; build a segmentation data set that is fair; train a U-Net, find out why one fails, and report it with
# intervals; and use it on your own images (notebook 11). From here:
#
# - **More networks, ready-made:** [segmentation_models.pytorch](https://github.com/qubvel-org/segmentation_models.pytorch) has U-Net and many others on pretrained encoders; on Keras, [KerasHub](https://keras.io/keras_hub/) has DeepLabV3+.
# - **Medical images, 3-D:** [nnU-Net](https://github.com/MIC-DKFZ/nnUNet) derives patch size and network from your data; its augmentation is the same for all. Compare with it before you claim to be better.
# - **No training:** [Segment Anything 2](https://github.com/facebookresearch/sam2) cuts out what you point at. It gives masks without classes, and helps to label faster, as our small network of notebook 14 does.
# - **Streets and scenes:** [DeepLab](https://arxiv.org/abs/1802.02611) uses the dilated convolutions of notebook 2.
# - **Every object by itself:** [panoptic segmentation](https://arxiv.org/abs/1801.00868) joins the classes of notebook 9 and the objects of notebook 13; [Mask2Former](https://arxiv.org/abs/2112.01527) is one architecture for all three tasks of notebook 1, trained for each of them.
#
# Whichever you choose: split by source, look at the worst cases, and test what you are told, by web pages, by chatbots, and by courses.
#
# **Sources.** Keras, [ModelCheckpoint](https://keras.io/api/callbacks/model_checkpoint/) and [its source](https://github.com/keras-team/keras/blob/master/keras/src/callbacks/model_checkpoint.py) ·
# Zhang et al. 2017, [Understanding deep learning requires rethinking generalization](https://arxiv.org/abs/1611.03530) (labels by lot) ·
# Springenberg et al. 2015, [Striving for simplicity](https://arxiv.org/abs/1412.6806) (stride for pooling) · Leshno et al. 1993, [Multilayer feedforward networks with a nonpolynomial activation function](https://doi.org/10.1016/S0893-6080(05)80131-5) (which activations will do) ·
# Isensee et al. 2021, [nnU-Net](https://doi.org/10.1038/s41592-020-01008-z) · Kirillov et al. 2023, [Segment Anything](https://arxiv.org/abs/2304.02643) · Cheng et al. 2022, [Mask2Former](https://arxiv.org/abs/2112.01527)
