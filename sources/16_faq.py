# %% [markdown]
# # 16 · FAQ: the article's questions, each answer put to the test
#
# <!-- [Open in Colab](https://colab.research.google.com/github/OWNER/REPO/blob/main/notebooks/16_faq.ipynb) · -->
# previous: [15 · Debugging clinic](15_debugging_clinic.ipynb) · back to the start: [0 · Start here](00_start.ipynb) · about 45 seconds on two CPU cores
#
# The article closes with 36 questions and answers. Its text breaks off inside the last one.
# Which answers are true, and how do you find out about an answer that you cannot judge?
#
# You will be able to
# - say why a network has each of its parts, and which reasons do not hold,
# - say what `ModelCheckpoint` does with each argument: what it prints, what it writes, when it fails,
# - test a claim about a library in a few lines, and not believe it, whoever wrote it.
#
# You need: notebooks 2 to 8, or the wish to look a question up. Each section stands alone.

# %% tags=["parameters"]
TRAIN_IMAGES: int = 200  # digits that a small network learns from, in sections 1, 2 and 6
EPOCHS: int = 25  # passes over them
SEEDS: int = 3  # networks of each kind, each with other weights and other digits
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
# @title Imports
import contextlib
import inspect
import io
import itertools
import tempfile
import warnings
import zipfile

import h5py
import keras
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from sklearn.datasets import load_digits, make_moons
from sklearn.neural_network import MLPClassifier

from segutils import models, plots, reference
from segutils.lessons.explorer import explore
from segutils.lessons.faq import checkpoint_files, exercise

rng = np.random.default_rng(SEED)
pd.set_option("display.max_colwidth", None, "display.width", 200)
answers = {}


def verdict(section, words, *questions):
    """Record what the checks of a section found of the article's answers."""
    for question in questions:
        answers[question] = (section, words)
    listed = ", ".join(map(str, questions))
    print(f"question{'s' * (len(questions) > 1)} {listed}: {words}")


# %% tags=["hide-input"]
# @title The first figure
asked = {
    "ModelCheckpoint": 28,
    "layers and activation": 4,
    "losses and optimizers": 3,
    "ImageDataGenerator": 1,
}
fig, ax = plt.subplots(figsize=(6, 1.9), layout="constrained")
bars = ax.barh(list(asked), list(asked.values()), color=plots.COLOURS[0])
ax.bar_label(bars, padding=3)
ax.invert_yaxis()
ax.set_xlabel("questions")
plots.set_title(ax, "what the article's 36 questions ask about")
plt.show()
assert sum(asked.values()) == 36

# %% [markdown]
# 28 of the 36 ask about one callback of Keras, 16 of them about an argument that it does not have.
#
# | question: why do we need … | number | section |
# |---|---|---|
# | the convolutional layer · the pooling layer · the fully connected layer · the activation function? | 1 · 2 · 3 · 4 | 1 · 2 · 3 · 4 |
# | the optimization algorithm? | 5 | 6 |
# | cross-entropy loss and Dice loss? | 6 | 5 |
# | gradient descent and Adam? | 7 | 6 |
# | `ImageDataGenerator`? | 8 | 7 |
# | `ModelCheckpoint`? its `monitor`? its `save_best_only`? | 9 · 10 · 11 | 8 |
# | its `save_weights_only`? | 12 | 9 |
# | its `verbose`? … = 1? = 0? = 2? = None? | 13 · 14 · 15 · 16 · 17 | 10 |
# | `save_weights_only` = True? = False? = None? | 18 · 19 · 20 | 9 |
# | its `save_model`? … = True? = False? = None? | 21 · 22 · 23 · 24 | 11 |
# | its `verbose` and `save_model`? … both = True? = False? = None? | 25 · 26 · 27 · 28 | 11 |
# | … both = 0? = 2? = 1? = 1000? = −1? | 29 · 30 · 31 · 32 · 33 | 11 |
# | … both = −1000? = −1000000? = −1000000000? | 34 · 35 · 36 | 11 |
#
# Each section ends in a verdict, which is recorded only if the checks before it pass:
# **right**: every statement that can be tested holds. **half right**: one holds and another fails. **wrong**: the statement that answers the question fails.
#
# ## 1 · Why convolution? (question 1)
#
# **The article:** it learns features by itself, and it uses the local structure of an image.
#
# A test of the second part: rearrange the 64 pixels of each digit, all digits in the same way. No information is lost. A dense layer would not notice: rearrange its weights too, and it
# gives the same numbers.
#
# **Predict.** Does a network with convolutions notice?

# %%
digits = load_digits()  # 1,797 handwritten digits of 8×8 pixels
order = np.random.default_rng(0).permutation(len(digits.target))
x, y = np.float32(digits.images[order, ..., None] / 16), digits.target[order]


def network(shrink):
    """Two convolutions and a dense layer; maps are halved by "pooling", by "stride", or by nothing."""
    chain = [keras.Input((8, 8, 1))]
    for filters in (16, 32):
        options = {"strides": 1 + (shrink == "stride"), "padding": "same", "activation": "relu"}
        chain.append(keras.layers.Conv2D(filters, 3, **options))
        chain += [keras.layers.MaxPooling2D(2)] * (shrink == "pooling")
    return keras.Sequential([*chain, keras.layers.Flatten(), keras.layers.Dense(10)])


# %%
def accuracies(shrink, x, y, seed):
    """A network learns TRAIN_IMAGES of the first 1,000 digits: its accuracy on these, and on the other 797."""
    course.set_seed(seed)
    model = network(shrink)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(0.003), loss, steps_per_execution=2)
    seen = np.random.default_rng(seed).permutation(1000)[:TRAIN_IMAGES]
    model.fit(x[seen], y[seen], batch_size=50, epochs=EPOCHS, verbose=0)
    right = np.asarray(model(x)).argmax(-1) == y
    return right[seen].mean(), right[1000:].mean()


def rearranged(x, seed):
    at = np.random.default_rng(100 + seed).permutation(64)
    return x.reshape(-1, 64)[:, at].reshape(x.shape)


# %% tags=["nbval-ignore-output"]
seeds = range(SEED, SEED + SEEDS)
shuffled = [rearranged(x, seed) for seed in seeds]
scores = {"pooling": [accuracies("pooling", x, y, seed) for seed in seeds]}
scores["rearranged"] = [accuracies("pooling", *case) for case in zip(shuffled, [y] * SEEDS, seeds)]
before, after = (100 * np.array(scores[name])[:, 1] for name in ("pooling", "rearranged"))
assert before.mean() > after.mean()
axes = plots.grid(1, 2, size=2.6)[0]
plots.show_image(
    axes[0], 255 * x[0], title=f"as it is: {before.mean():.1f}%\nof unseen digits right"
)
plots.show_image(axes[1], 255 * shuffled[0][0], title=f"rearranged:\n{after.mean():.1f}%")
plt.show()

# %%
weights, at = rng.normal(size=(64, 32)), rng.permutation(64)  # a dense layer, and an arrangement
flat = x.reshape(-1, 64)
np.testing.assert_allclose(flat[:, at] @ weights[at], flat @ weights, atol=1e-9)
first = models.article_cnn().layers[1]  # 28×28 pixels in, 26×26×32 numbers out
dense_instead = (28 * 28 + 1) * 26 * 26 * 32
assert first.count_params() == 320
print(f"convolution: {first.count_params()} numbers to learn; dense layer: {dense_instead:,}")
verdict(1, "right", 1)

# %% [markdown]
# It does: it becomes worse, though every pixel is still there. What it lost is who is whose neighbour. And it learns 320 numbers where a dense layer with as many outputs
# has 17 million. That a kernel is found by itself, notebook 2 showed.
#
# ## 2 · Why pooling? (question 2)
#
# **The article:** it lowers the resolution and with it the computation and the complexity of the model; it reduces overfitting.
#
# **Predict.** Which numbers to learn does pooling save: those of the convolutions, or those of the dense layer? A third network uses stride 2 instead: as few
# numbers as with pooling. Overfitting is the gap between digits that were learned and new ones. Is it as small as with pooling?


# %%
def multiplications(model):
    """One multiplication for each weight at each place where it is used."""
    weighted = [layer for layer in model.layers if layer.count_params()]
    return sum(np.prod(k.output.shape[1:-1], dtype=int) * k.kernel.numpy().size for k in weighted)


rows = {}
for shrink in ("none", "pooling", "stride"):
    model = network(shrink)
    *convolutions, dense = [layer.count_params() for layer in model.layers if layer.count_params()]
    rows[shrink] = [multiplications(model), sum(convolutions), dense]
columns = ["multiplications", "numbers in convolutions", "numbers in the dense layer"]
cost = pd.DataFrame.from_dict(rows, orient="index", columns=columns)
assert cost.loc["none"].tolist() == [64 * 144 + 64 * 4608 + 20480, 160 + 4640, 2048 * 10 + 10]
assert cost.loc["pooling"].tolist() == [64 * 144 + 16 * 4608 + 1280, 160 + 4640, 128 * 10 + 10]
cost

# %% tags=["nbval-ignore-output"]
for shrink in ("none", "stride"):
    scores[shrink] = [accuracies(shrink, x, y, seed) for seed in seeds]

fig, ax = plt.subplots(figsize=(6.5, 2.4), layout="constrained")
for row, name in enumerate(["stride", "none", "pooling"]):
    seen, unseen = 100 * np.array(scores[name]).T
    ax.plot(seen, [row] * SEEDS, "s", color=plots.COLOURS[1], label="seen" if row == 0 else None)
    ax.plot(
        unseen, [row] * SEEDS, "o", color=plots.COLOURS[0], label="unseen" if row == 0 else None
    )
    ax.text(unseen.mean(), row + 0.18, f"mean {unseen.mean():.1f}", ha="center", fontsize=9)
ax.set(yticks=range(3), yticklabels=["stride", "none", "pooling"], xlabel="digits right, %")
ax.set(ylim=(-0.5, 2.7), title="Maps halved by …")
ax.legend(fontsize=8, loc="center left")
plt.show()
unseen = {name: np.mean(scores[name], 0)[1] for name in ("pooling", "none", "stride")}
assert abs(unseen["pooling"] - unseen["none"]) < 0.05, "with and without pooling: no large gap"
assert np.min([scores[name] for name in scores], axis=(0, 1))[0] > 0.95
verdict(2, "half right", 2)

# %% [markdown]
# Those of the dense layer behind `Flatten` alone: a convolution has the same numbers on any size of image. In a U-Net pooling saves work, but not one number.
#
# And overfitting? All three learn nearly all of their digits. On unseen ones pooling is a little ahead of the other two in this run, by a point or three; notebook 3 tried larger digits and saw
# no gain at all. Fewer numbers can't be the reason where there is one, since "stride" has as few; a likely one is that the largest value of a window forgives a small shift. So the computation is proved, the overfitting is not.
# And a *mask* pays for pooling with its fine detail.
#
# ## 3 · Why a fully connected layer? (question 3)
#
# **The article:** it turns features into class probabilities and *so segments the image*; it can handle features of many dimensions.
#
# **Predict.** The article's network gets an image of 64×64 pixels. How many labels does it give?

# %% tags=["nbval-ignore-output"]
classifier, segmenter = models.article_cnn(), models.unet(11)
with course.expect_error(ValueError, match="incompatible"):
    classifier(np.zeros((1, 64, 64, 1)))
print("a 28×28 image gives the classifier's", classifier(np.zeros((1, 28, 28, 1))).shape)
for size in (64, 96):
    print(
        f"a {size}×{size} image gives the U-Net's  {segmenter(np.zeros((1, size, size, 1))).shape}"
    )

kinds = {type(layer).__name__ for layer in segmenter.layers}
assert "Dense" not in kinds
one_dense = (64 * 64 + 1) * (64 * 64 * 11)
assert one_dense > 180e6 > 100 * segmenter.count_params()
print(f"U-Net: {segmenter.count_params():,} numbers; one dense layer instead: {one_dense:,}")
verdict(3, "half right", 3)

# %% [markdown]
# None: behind `Flatten` it takes 28×28 pixels only, and gives *one* label for all of them. The first half is true, for classifying. To segment, the U-Net has no dense layer at all, and gives 11 scores for each
# pixel of any size that 16 divides. A dense layer with the same result could be written down, with 180 million numbers, and would forget what a neighbour is (section 1).
#
# ## 4 · Why an activation function? (question 4)
#
# **The article:** it maps into a bounded range; it makes the network non-linear.
#
# **Predict.** Two convolutions of 3×3 without an activation in between. How large is the one kernel that replaces them?

# %%
options = {"use_bias": False, "padding": "valid"}
without = [keras.layers.Conv2D(4, 3, **options), keras.layers.Conv2D(1, 3, **options)]
unit = np.zeros((1, 9, 9, 1), np.float32)
unit[0, 4, 4] = 1  # one bright pixel: what comes out is the kernel, turned around
kernel = np.asarray(without[1](without[0](unit)))[0, ::-1, ::-1]
assert kernel.shape == (5, 5, 1)

images = x[:50]
one_layer = keras.ops.conv(images, kernel[..., None])
np.testing.assert_allclose(without[1](without[0](images)), one_layer, atol=1e-5)
with_relu = without[1](keras.ops.relu(without[0](images)))
assert not np.allclose(with_relu, one_layer, atol=0.01)
print(
    f"ReLU(1,000,000) = {reference.relu(1e6):,.0f}; 4·9 + 4·9 weights did the work of {kernel.size}"
)

# %% tags=["nbval-ignore-output"]
points, moon = make_moons(300, noise=0.15, random_state=0)
axes = plots.grid(1, 4, size=2.3)[0]
reached = {}
for ax, activation in zip(axes, ("identity", "logistic", "tanh", "relu")):
    net = MLPClassifier(
        (16, 16), activation=activation, solver="lbfgs", max_iter=2000, random_state=SEED
    )
    net.fit(points[:150], moon[:150])
    reached[activation] = net.score(points[150:], moon[150:])
    across, up = np.meshgrid(np.linspace(-1.6, 2.6, 100), np.linspace(-1.2, 1.7, 100))
    side = net.predict(np.stack([across.ravel(), up.ravel()], 1)).reshape(100, 100)
    ax.contourf(across, up, side, levels=[-0.5, 0.5, 1.5], colors=["#D5E2EF", "#F6D3CE"])
    for value, marker, colour in zip((0, 1), "os", plots.COLOURS):
        ax.plot(*points[150:][moon[150:] == value].T, marker, color=colour, markersize=2.5)
    ax.set_title(f"{activation}: {100 * reached[activation]:.0f}% right", fontsize=9)
plt.show()
assert reached["identity"] < min(reached["logistic"], reached["tanh"], reached["relu"])
verdict(4, "half right", 4)

# %% [markdown]
# 5×5, asserted on 50 images; with a ReLU in between no such kernel exists. The figure shows the same for dense layers: two hidden layers of 16 with "identity", which is no activation, can only draw a straight line between two
# moons. Bounded (logistic, tanh) or not (ReLU), any bend will do. Non-linear: yes. Bounded: no, and it is not the reason.
#
# ## 5 · Why cross-entropy and Dice? (question 6)
#
# **The article:** cross-entropy measures the difference to the truth, Dice loss the *similarity*; both serve segmentation.
#
# **Predict.** Prediction A says 1% everywhere. Prediction B finds the whole disk, and a rim around it that is not there. Which one has the lower cross-entropy?

# %%
distance = np.hypot(*(np.mgrid[:64, :64] - 31.5))
truth = np.float64(distance < 3.6)
predictions = {"A: 1% everywhere": np.full((64, 64), 0.01)}
predictions["B: disk and rim"] = np.where(distance < 5.7, 0.999, 0.001)
axes = plots.grid(1, 3, size=2.6)[0]
plots.show_image(axes[0], 255 * truth, title=f"truth: {truth.sum():.0f} of {truth.size:,} pixels")
found = {}
for ax, (name, p) in zip(axes[1:], predictions.items()):
    cross_entropy = float(keras.losses.binary_crossentropy(truth.ravel(), p.ravel()))
    found[name] = cross_entropy, float(reference.dice(truth, p, axis=(0, 1)))
    title = "{}\ncross-entropy {:.3f}\nDice loss {:.3f}".format(name, *found[name])
    plots.show_image(ax, 255 * p, title=title)
plt.show()
(ce_a, dice_a), (ce_b, dice_b) = found.values()
assert ce_a < ce_b
assert dice_a > dice_b
assert reference.dice(truth, truth, axis=(0, 1)) == 0  # perfect: a loss of 0
assert reference.dice(truth, 1 - truth, axis=(0, 1)) == 1  # nothing in common: a loss of 1
verdict(5, "half right", 6)

# %% [markdown]
# A, which finds nothing: 99% of the pixels are background, and it is nearly right on them. Dice loss prefers B. That both serve segmentation is true. But Dice *loss* falls as similarity grows:
# it is 1 minus the Dice coefficient, and that one is the similarity. You do not *need* both; they punish different faults, so their sum is often used (notebooks 5 and 9).
#
# ## 6 · Why optimizers, gradient descent and Adam? (questions 5 and 7)
#
# **The article (5):** an optimizer changes parameters to lower the loss; the network fits the training data better and *so performs better*.
#
# **Predict.** We give the training digits labels drawn by lot. Can Adam still lower the loss? What will the network be able to do?
#
# **The article (7):** gradient descent uses the gradient; Adam uses a moving average of each parameter's gradient.
#
# **Predict.** An average of gradients alone is called momentum. Someone measures the loss in other units: it is 1,000 times larger. Which of the three methods still arrives?

# %% tags=["nbval-ignore-output"]
lot = np.random.default_rng(SEED).permutation(y)
seen, unseen = accuracies("none", x, lot, SEED)
print(f"labels by lot: {100 * seen:.0f}% right on digits seen, {100 * unseen:.0f}% on unseen")
assert seen > unseen + 0.4
assert unseen < 0.2
verdict(6, "half right", 5)

# %%
curvature = np.array([1.0, 4.0])  # loss = ½ Σ curvature · θ², lowest at 0
methods = {
    "gradient descent": (reference.gradient_descent, {"learning_rate": 0.1}),
    "momentum": (reference.momentum, {"learning_rate": 0.05, "momentum": 0.8}),
    "Adam": (reference.adam, {"learning_rate": 0.1, "epsilon": 1e-12}),
}
ends = {}
for (name, (step, options)), units in itertools.product(methods.items(), (1, 1000)):
    path = reference.descend(
        step, [2.0, -1.0], lambda theta, units=units: units * curvature * theta, 100, **options
    )
    ends.setdefault(name, []).append(np.abs(path[-1]).max())
    print(
        f"{name:17} loss × {units:>5,}: {ends[name][-1]:.3g} from the lowest point after 100 steps"
    )
np.testing.assert_allclose(*ends["Adam"], atol=1e-6)
assert all(near < 0.2 and (far > 1e6) == (name != "Adam") for name, (near, far) in ends.items())
verdict(6, "half right", 7)

# %% [markdown]
# Adam fits nonsense as well: nearly all labels learned, chance on new digits. An optimizer lowers the training loss and knows nothing else. Whether that is of use, only data that it has not seen can tell.
#
# Of the three methods Adam alone arrives, on the same path. It also keeps an average of the *squared* gradients and divides by its root: that is what adapts the step to each parameter, and what the answer leaves out.
# Nobody needs both methods: one run uses one.
#
# ## 7 · Why ImageDataGenerator? (question 8)
#
# **The article:** it generates data and splits them into a training and a validation set.
#
# **Predict.** `datagen.flow(x, y)`, as in the article's program: which share of the images do you get? And with `validation_split=0.2`: are validation images left as they are?

# %%
from tensorflow.keras.preprocessing.image import ImageDataGenerator

plain = ImageDataGenerator(rotation_range=15)
assert plain.flow(x, y).n == len(x)
splitting = ImageDataGenerator(rotation_range=15, validation_split=0.2)
parts = {
    part: splitting.flow(x, y, shuffle=False, subset=part) for part in ("training", "validation")
}
fifth = len(x) // 5
assert [part.n for part in parts.values()] == [len(x) - fifth, fifth]
print({name: part.n for name, part in parts.items()})
with course.expect_error(ValueError, match="sorted by the label"):
    splitting.flow(x[np.argsort(y)], np.sort(y), subset="training")
changed, _ = next(iter(parts["validation"]))
assert not np.isclose(changed, x[:32]).all((1, 2, 3)).any()  # turned, each of them
verdict(7, "half right", 8)

# %% [markdown]
# All of them: without `validation_split` and `subset` nothing is split. With them, the first fifth becomes the validation set, in the order of the arrays, so sorted labels end in an error; and its
# images are turned too (the last assertion), so every epoch is measured on other images. It makes variants of images, not new data. Keras calls the class *legacy*. It also moves no mask; notebook 9's `transforms.Augment` does.
#
# ## 8 · Why ModelCheckpoint, `monitor`, `save_best_only`? (questions 9 to 11)
#
# **The article:** it saves the best parameters (9); `monitor` names the measure that decides (10); `save_best_only=True` saves only the model of the lowest validation loss (11).
#
# We test with a network of *one* weight, which we can read. It starts at 1 and each epoch halves it: ½, ¼, ⅛. The validation asks for 0.2, so epoch 2 is the best. `watch` trains it for real and reads the file itself, not what Keras says of it.
#
# **Predict.** `ModelCheckpoint("best.keras")` without another argument: which epoch's weight is in the file?

# %%
ModelCheckpoint = keras.callbacks.ModelCheckpoint
toy = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, use_bias=False)])
toy.compile(keras.optimizers.SGD(0.25), "mse", metrics=["accuracy"])
one = np.ones((1, 1))


def contents(file):
    """Which epoch's weight a checkpoint holds, and what else. A .keras file is a zip archive."""
    held, weights = ["weights"], file
    if zipfile.is_zipfile(file):
        with zipfile.ZipFile(file) as archive:
            held += ["configuration"] * ("config.json" in archive.namelist())
            weights = io.BytesIO(archive.read("model.weights.h5"))
    with h5py.File(weights) as inside:
        epoch = -np.log2(inside["layers/dense/vars/0"][0, 0])
        held += ["optimizer"] * ("optimizer" in inside)
    return f"epoch {epoch:.0f}: " + ", ".join(held)


# %%
def watch(name="best.keras", **options):
    """Train the toy for three epochs with ModelCheckpoint(name, **options): outcome, lines printed, files."""
    toy.set_weights([one])
    data = {"x": one, "y": 0 * one, "validation_data": (one, 0.2 * one), "epochs": 3}
    printed, outcome = io.StringIO(), "refused"
    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(printed):
        try:
            callback = ModelCheckpoint(f"{folder}/{name}", **options)
            outcome = "stops in training"
            toy.fit(**data, verbose=0, callbacks=[callback])
            outcome = "runs"
        except (TypeError, ValueError) as error:
            outcome += f": {type(error).__name__}"
        files = [f"{file.name}: {contents(file)}" for file in sorted(Path(folder).iterdir())]
    lines = [line for line in printed.getvalue().replace(folder, "…").splitlines() if line]
    return {"outcome": outcome, "printed": lines, "files": " · ".join(files) or "none"}


def table(*cases):
    """One row for each dict of arguments: what comes of it, how many lines it prints, what is in the files."""
    said = [", ".join(f"{name}={value!r}" for name, value in case.items()) for case in cases]
    rows = pd.DataFrame([watch(**case) for case in cases], index=[text or "none" for text in said])
    return rows.assign(printed=rows["printed"].map(len)).rename(
        columns={"printed": "lines printed"}
    )


# %%
best, typo = {"save_best_only": True}, {"monitor": "val_los"}
by_loss, upside_down, own_names = {"monitor": "loss"}, {"mode": "max"}, {"name": "{epoch}.keras"}
several = ({}, {"monitor": "val_loss"}, by_loss, best, by_loss | best)
monitoring = table(*several, upside_down | best, own_names | best, typo)

files, held = monitoring["files"].tolist(), "weights, configuration, optimizer"
epochs = (3, 3, 3, 2, 3, 1)  # the last one; the best only where save_best_only says so
assert files[:6] == [f"best.keras: epoch {epoch}: {held}" for epoch in epochs]
assert files[6:] == [f"1.keras: epoch 1: {held} · 2.keras: epoch 2: {held}", "none"]
assert monitoring["outcome"].tolist() == ["runs"] * 7 + ["stops in training: ValueError"]
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    assert watch(**typo, mode="min", **best)["files"] == files[0]
assert "Can save best model only with val_los available" in str(caught[0].message)
verdict(8, "half right", 9)
verdict(8, "right", 10, 11)
monitoring

# %% [markdown]
# The last epoch, not the best: question 9 is true only together with question 11. `monitor` names the measure, as the article says, but decides nothing unless `save_best_only=True`.
#
# - A name with `{epoch}` keeps every *improvement*, the first epoch too.
# - A misspelt measure stops the training at the end of the first epoch, because Keras cannot tell whether more is better. With `mode` given, it only warns, and saves every epoch.
# - Your own measure, such as `val_mean_iou`, needs `mode="max"` for the same reason.
# - The callback does not bring the best weights back into the model: load the file.
#
# **Predict**, then choose. This explorer runs Keras's own callback over six epochs. Which epochs are saved with `mode` "max"? What is left if each name holds its epoch? Epochs 4 and 5 have the same loss: are both saved?

# %%
explore(
    checkpoint_files([0.9, 0.55, 0.62, 0.4, 0.4, 0.48]),
    save_best_only=[True, False],
    mode=["min", "max"],
    save_weights_only=["False", "True", "None"],
    verbose=["0", "1", "2", "-1", "1000", "None"],
    name_with_epoch=[False, True],
)

# %% [markdown]
# Only the first, since no later loss is larger; one file for each improvement; no, equal is not better.
#
# ## 9 · `save_weights_only` (questions 12 and 18 to 20)
#
# **The article:** True saves only the weights, not the configuration (12, 18); False saves both (19); None does what "the configuration file" says (20). All of them help to restore the model.
#
# **Predict.** The article's file is called `best_model.h5`. Does True accept that name?

# %%
only = {"name": "best.weights.h5", "save_weights_only": True}
weights_only = table(
    only,
    {"save_weights_only": False},
    {"save_weights_only": None},
    only | {"name": "best_model.h5"},
)
files = weights_only["files"].tolist()
assert files[0] == "best.weights.h5: epoch 3: weights, optimizer"
assert files[1:] == [f"best.keras: epoch 3: {held}"] * 2 + ["none"]
assert weights_only["outcome"].tolist() == ["runs"] * 3 + ["refused: ValueError"]

with tempfile.TemporaryDirectory() as folder:
    path = f"{folder}/best.weights.h5"
    toy.save_weights(path)
    again = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, use_bias=False)])
    again.load_weights(path)  # the code had to say first what the model is
np.testing.assert_array_equal(again.get_weights(), toy.get_weights())
verdict(9, "half right", 12, 18)
verdict(9, "right", 19)
verdict(9, "wrong", 20)
weights_only

# %% [markdown]
# No: the name must end in `.weights.h5`. True leaves the configuration out, as the article says, but *not only* weights are in the file: the optimizer's state is too. Restoring becomes harder, not easier, because
# your code must build the same network first. None is False, nothing else: the two files hold the same.
#
# ## 10 · `verbose` (questions 13 to 17)
#
# **The article:** it sets how much is printed (13). 1 prints details with loss and accuracy (14), 0 nothing (15), 2 a summary with loss and accuracy (16); None follows "the configuration file" (17).
#
# **Predict.** Our toy measures an accuracy. How often is it printed with `verbose=1`?

# %%
for only in (False, True):
    print(f"verbose=1, save_best_only={only}")
    print("   " + "\n   ".join(watch(verbose=1, save_best_only=only)["printed"]))
print()
said = {verbose: watch(verbose=verbose)["printed"] for verbose in (0, 1, 2)}
assert said[0] == []
assert said[1] == said[2] != []
assert not any("accuracy" in line or "loss" in line for line in said[1])
ModelCheckpoint("best.keras", verbose=None)  # accepted …
with course.expect_error(TypeError, match="'>' not supported"):  # … until the first epoch ends
    toy.fit(one, one, verbose=0, callbacks=[ModelCheckpoint("best.keras", verbose=None)])
assert watch(verbose=None)["files"] == "none"
verdict(10, "half right", 13)
verdict(10, "wrong", 14, 16, 17)
verdict(10, "right", 15)

# %% [markdown]
# Never. It says that it saves, and where. With `save_best_only=True` it adds the monitored number. 2 is the same as 1, to the letter. None is worst: it is accepted, and the training dies when the first epoch ends,
# before anything is saved. The progress bar with loss and accuracy comes from the `verbose` of `fit`, which is another argument: there 2 does mean one line an epoch.
#
# ## 11 · `save_model`, alone and with `verbose` (questions 21 to 36)
#
# **The article:** `save_model` says whether the configuration is saved. It then asks for eleven values of `verbose` and `save_model` at once, down to −1000000000.
#
# **Predict.** How many of the sixteen questions can be answered by running Keras?

# %%
names = list(inspect.signature(ModelCheckpoint).parameters)
assert "save_model" not in names
print("ModelCheckpoint takes:", ", ".join(names))
with course.expect_error(TypeError, match="save_model"):
    ModelCheckpoint("best.keras", save_model=True)

values = (True, False, None, 0, 2, 1, 1000, -1, -1000, -1_000_000, -1_000_000_000)
alone = table(*({"save_model": value} for value in values[:3]))
both = table(*({"verbose": value, "save_model": value} for value in values))
assert set(alone["outcome"]) == set(both["outcome"]) == {"refused: TypeError"}
assert set(alone["files"]) == set(both["files"]) == {"none"}
verdict(11, "wrong", *range(21, 37))

verbosity = table(*({"verbose": value} for value in values))
loud = verbosity["lines printed"] > 0
assert loud[loud].index.tolist() == ["verbose=True", "verbose=2", "verbose=1", "verbose=1000"]
verbosity

# %% [markdown]
# None, except by "it cannot be run": Keras refuses the call, whatever the value, and writes nothing. To choose between the whole model and its weights, use `save_weights_only` and the ending of the name.
#
# The table runs the same values for `verbose` alone. The article says that False prints a summary, that −1 and below follow "the configuration file", that 1000 prints details. In fact False, 0 and all below zero print nothing;
# True, 1, 2 and 1000 print the same lines. The source asks one question: `if self.verbose > 0`. That is also why None fails.
#
# ## 12 · What ModelCheckpoint really does
#
# Does one argument change what another does? The next cell runs *every* combination of three arguments, 24 trainings. The table gives the number of printed lines for each `verbose`.

# %%
runs = []
for verbose, only, best_only in itertools.product(
    (0, 1, 2, -1), (False, True, None), (False, True)
):
    name = "best.weights.h5" if only else "best.keras"
    seen = watch(name, verbose=verbose, save_weights_only=only, save_best_only=best_only)
    left = seen["files"].removeprefix(f"{name}: ")
    assert left == f"epoch {2 if best_only else 3}: {'weights, optimizer' if only else held}"
    assert bool(seen["printed"]) == (verbose > 0)
    runs.append([str(only), best_only, left, verbose, len(seen["printed"])])
names = ["save_weights_only", "save_best_only", "the file holds", "verbose", "lines"]
combinations = pd.DataFrame(runs, columns=names)
assert watch(save_freq=2)["files"] == f"best.keras: epoch 2: {held}"  # see exercise 3
combinations.pivot(index=names[:3], columns="verbose", values="lines")

# %% [markdown]
# No: `save_best_only` alone chooses the epoch, `save_weights_only` alone what is in the file, `verbose` alone whether it talks. In short:
#
# | argument | what it does | what it does not |
# |---|---|---|
# | `monitor` | names the measure that "best" means | nothing while `save_best_only` is False |
# | `save_best_only` | True: saves only when the measure beats all before | bring the best weights back into the model |
# | `save_weights_only` | True: no configuration; the name must end in `.weights.h5` | leave out the optimizer's state; None is False |
# | `verbose` | above 0: says when and where it saves | print the accuracy; know degrees; accept None in training |
# | `save_model` | does not exist: `TypeError` | |
#
# ## 13 · The account

# %%
account = pd.DataFrame.from_dict(answers, orient="index", columns=["section", "verdict"])
assert sorted(answers) == list(range(1, 37))
counts = account["verdict"].value_counts()
assert counts.to_dict() == {"wrong": 20, "half right": 11, "right": 5}
print(", ".join(f"{counts[words]} {words}" for words in ("right", "half right", "wrong")))

fig, ax = plt.subplots(figsize=(8, 3.2), layout="constrained")
styles = {"right": ("#228833", ""), "half right": ("#CCBB44", "//"), "wrong": ("#EE6677", "xx")}
left = np.zeros(11)
for words, (colour, hatch) in styles.items():
    number = [((account.section == s) & (account.verdict == words)).sum() for s in range(1, 12)]
    ax.barh(range(11), number, left=left, color=colour, hatch=hatch, edgecolor="white", label=words)
    left += number
topics = "convolution, pooling, dense layer, activation, losses, optimizers, ImageDataGenerator, "
topics += "ModelCheckpoint, save_weights_only, verbose, save_model"
ax.set(yticks=range(11), yticklabels=topics.split(", "), xlabel="questions", title="36 answers")
ax.invert_yaxis()
ax.legend()
plt.show()

# %% [markdown]
# Five answers stand. The pattern is worth remembering: the answers on *ideas* are mostly half right, the ones on *arguments* mostly made up, in the same confident tone. A sentence about a library costs nothing to write. It costs
# three lines to test: call it, look at the file, compare.
#
# ## Exercises
#
# 1. **Recall.** Why does a network need an activation? Which epoch does `ModelCheckpoint("best.keras")` leave behind? What does `verbose=2` do?
# 2. **Code.** Write `saved_epochs`: after which epochs does `save_best_only=True` save? The second cell below checks it and names the usual mistakes.
# 3. **Open.** Ask a chatbot, or a web page that you trust, three questions about an argument of Keras. Test each answer with `watch` or with three lines of your own. How many stand?


# %%
def saved_epochs(values, mode):
    """Whether ModelCheckpoint(save_best_only=True, mode=mode) saves at the end of each epoch.

    values (E,) is the monitored measure of each epoch; mode is "min" or "max".
    Return bool (E,). Before the first epoch nothing has been saved.
    """
    ...  # your code


# %%
exercise.check(saved_epochs)

# %% [markdown]
# <details><summary>Solutions</summary>
#
# 1. Without one, layers in a row are a single linear layer. The last epoch. The same as `verbose=1`.
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
# 3. For example: "`save_freq=2` saves after every second epoch". It counts *batches*: `watch(save_freq=2)` trains three epochs of one batch each and leaves epoch 2 (asserted in section 12).
#
# </details>
#
# ## Recap
#
# - We gave each part of the network its real reason: neighbours for convolution, the bend for the activation, unseen data for judging an optimizer; and dropped reasons that do not hold.
# - We read 24 combinations of `ModelCheckpoint` out of the files themselves: epoch 2 or 3, with or without configuration, silent or not; and sixteen answers on `save_model` fell with one `TypeError`.
# - We tested 36 answers, and recorded a verdict only after its checks passed: 5 right, 11 half right, 20 wrong.
#
# ## The end of the course, and where to go on
#
# You can now derive a convolution, a pooling, a loss and an optimizer by hand and check them against a framework; build a segmentation data set that is fair; train a U-Net, find out why one fails, and report it with intervals;
# and point it at your own images (notebook 11). From here:
#
# - **More networks, ready-made:** [segmentation_models.pytorch](https://github.com/qubvel-org/segmentation_models.pytorch) has U-Net and many others on pretrained encoders; on Keras, [KerasHub](https://keras.io/keras_hub/) has DeepLabV3+.
# - **Medical images, 3-D:** [nnU-Net](https://github.com/MIC-DKFZ/nnUNet) chooses patch size, network and augmentation from your data. It is the baseline to beat.
# - **No training:** [Segment Anything](https://github.com/facebookresearch/sam2) cuts out what you point at. It gives masks, not classes; it also helps to label faster.
# - **Streets and scenes:** [DeepLab](https://arxiv.org/abs/1802.02611) uses the dilated convolutions of notebook 2.
# - **Every object by itself:** [panoptic segmentation](https://arxiv.org/abs/1801.00868) joins classes and objects; [Mask2Former](https://arxiv.org/abs/2112.01527) does all three tasks of notebook 1 with one network.
#
# Whichever you choose: split by source, look at the worst cases, and test what you are told.
#
# **Sources.** Keras, [ModelCheckpoint](https://keras.io/api/callbacks/model_checkpoint/) and [its source](https://github.com/keras-team/keras/blob/master/keras/src/callbacks/model_checkpoint.py) ·
# Zhang et al. 2017, [Understanding deep learning requires rethinking generalization](https://arxiv.org/abs/1611.03530) (labels by lot) ·
# Springenberg et al. 2015, [Striving for simplicity](https://arxiv.org/abs/1412.6806) (stride for pooling) · Hornik 1991, [Approximation capabilities](https://doi.org/10.1016/0893-6080(91)90009-T) (which activations will do) ·
# Isensee et al. 2021, [nnU-Net](https://doi.org/10.1038/s41592-020-01008-z) · Kirillov et al. 2023, [Segment Anything](https://arxiv.org/abs/2304.02643)
