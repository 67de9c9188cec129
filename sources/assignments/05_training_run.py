# %% [markdown]
# # Assignment 5 · A training run
#
# <!-- [Open in Colab](https://colab.research.google.com/github/OWNER/REPO/blob/main/assignments/release/05_training_run/05_training_run.ipynb) · -->
# after notebook [8 · Training run](../../../notebooks/08_training_run.ipynb) · 60 to 120 minutes · 31 points
#
# You write the parts of an honest training run: data that are prepared and split without leakage, the article's network, the best checkpoint, a report; and then you train, for an exam on characters that you never see.
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
# Allowed: Python, NumPy, SciPy, Keras and TensorFlow. There is no network when your work is graded. Import what you need inside the answer cells.

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
# ## Task 1 · Prepare (4 points)
#
# Images come as `images` (N, H, W) of whole numbers from 0 to 255, labels as whole numbers (N,). Keras wants a channel axis; the network wants numbers from 0 to 1, 255 is 1, even where no pixel is that bright; the loss of task 3 wants one-hot labels, one column for each of `classes` classes, even if a class has no image here. Both results are `float32`.
#
# **Points**: images, shape and scale: 2 · labels: 1 · both right and of type float32: 1


# %% nbgrader={"grade": false, "grade_id": "prepare", "locked": false, "schema_version": 3, "solution": true, "task": false}
def prepare(images, labels, classes):
    """images (N, H, W), labels (N,) → (N, H, W, 1) from 0 to 1, and (N, classes) one-hot."""
    ### BEGIN SOLUTION
    return (
        images[..., None].astype(np.float32) / 255,
        np.eye(classes, dtype=np.float32)[labels],
    )
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_prepare", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
small = np.array([[[0, 255, 51]], [[102, 0, 0]]], np.uint8)  # two images of one row
x, y = prepare(small, np.array([2, 0]), 4)
dim, _ = prepare(small[1:], np.array([0]), 4)  # no pixel is 255
expect("the images", x, [[[[0], [1], [0.2]]], [[[0.4], [0], [0]]]], "(N, H, W) → (N, H, W, 1)")
expect("the labels", y, [[0, 0, 1, 0], [1, 0, 0, 0]], "Four classes, though no label is 3.")
expect("a dim image", dim, [[[[0.4], [0], [0]]]], "255 is 1, whatever the brightest pixel is.")
assert x.dtype == y.dtype == np.float32, f"expected float32, got {x.dtype} and {y.dtype}"

# %% [markdown]
# ## Task 2 · Split without leakage (5 points)
#
# Somebody has enlarged a data set: some images are turned or shifted *copies*. Images with the same number in `sources` come from the same original. If one copy is in the training set and another in the validation set, validation measures memory.
#
# So draw *originals*: of the originals of each class, the share `share` goes to validation, with all their copies. Their number is rounded to the nearest whole number: 0.3 of 13 originals are 3.9, so 4 (a half never occurs). Draw them at random from `np.random.default_rng(seed)`. All copies of an original are of one class. The order within a part does not matter.
#
# **Points**: each image in exactly one part: 1 · copies stay together: 2 · the share of each class: 1 · the same seed gives the same parts, another seed others: 1


# %% nbgrader={"grade": false, "grade_id": "split", "locked": false, "schema_version": 3, "solution": true, "task": false}
def split(labels, sources, share, seed):
    """labels (N,), sources (N,) → numbers of the training images, numbers of the validation images: two arrays."""
    ### BEGIN SOLUTION
    rng, held_out = np.random.default_rng(seed), []
    for label in np.unique(labels):
        originals = rng.permutation(np.unique(sources[labels == label]))
        held_out.extend(originals[: round(share * len(originals))])
    validation = np.isin(sources, held_out)
    return np.flatnonzero(~validation), np.flatnonzero(validation)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_split", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
labels = np.array([0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1])
sources = np.array([5, 5, 5, 9, 9, 9, 2, 2, 3, 3, 4, 4, 7, 7])  # 2 originals of 0, 4 of 1
train, validation = split(labels, sources, 0.5, 0)
together = np.sort(np.concatenate([train, validation]))
expect("each image once", together, np.arange(14), "Return *numbers* of images, counted from 0.")
both = np.intersect1d(sources[train], sources[validation])
expect("originals in both parts", both, [], "The copies of one original must stay together.")
counts = [len(np.unique(sources[validation][labels[validation] == c])) for c in (0, 1)]
expect("originals in validation", counts, [1, 2], "Half of the originals of *each* class.")
fewer = split(labels, sources, 0.4, 0)[1]
counts = [len(np.unique(sources[fewer][labels[fewer] == c])) for c in (0, 1)]
expect("rounding", counts, [1, 2], "0.4 of 2 and 0.4 of 4 are 0.8 and 1.6 originals: 1 and 2.")
again = split(labels, sources, 0.5, 0)[1]
expect("the same seed", again, validation, "Make the generator inside the function, from the seed.")
several = {tuple(split(labels, sources, 0.5, seed)[1]) for seed in range(20)}
assert len(several) > 1, "twenty seeds gave the same parts: draw at random"

# %% [markdown]
# ## Task 3 · The network, compiled (6 points)
#
# The article's network for images (28, 28, 1): a convolution with 32 filters of 3×3, max pooling 2×2, a convolution with 64 filters of 3×3, max pooling 2×2, a dense layer with 10 outputs. ReLU after each convolution. No padding. 34,826 parameters.
#
# The outputs are *logits*, so no softmax. Compile it with an optimizer, the cross-entropy that fits logits and one-hot labels, and accuracy as a metric. Which optimizer is your choice.
#
# **Points**: outputs (N, 10), 34,826 parameters: 2 · logits: 1 · ReLU: 1 · a loss that fits the outputs: 1 · accuracy: 1
#
# (TensorFlow may print lines about your processor. They are no errors.)


# %% nbgrader={"grade": false, "grade_id": "build_model", "locked": false, "schema_version": 3, "solution": true, "task": false}
import keras


def build_model():
    """A compiled keras.Model from (N, 28, 28, 1) to (N, 10) logits."""
    ### BEGIN SOLUTION
    model = keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            keras.layers.Conv2D(32, 3, activation="relu"),
            keras.layers.MaxPooling2D(2),
            keras.layers.Conv2D(64, 3, activation="relu"),
            keras.layers.MaxPooling2D(2),
            keras.layers.Flatten(),
            keras.layers.Dense(10),
        ]
    )
    model.compile(
        optimizer=keras.optimizers.Adam(0.003),
        loss=keras.losses.CategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    return model
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_build_model", "locked": true, "points": 6, "schema_version": 3, "solution": false, "task": false}
model = build_model()
expect("parameters", model.count_params(), 34_826, "320 + 18,496 + 16,010. Is padding off?")
noise = np.random.default_rng(0).normal(size=(50, 28, 28, 1))
outputs, one_hot = model.predict(noise, verbose=0), np.eye(10)[np.arange(50) % 10]
assert outputs.min() < 0, "no output is negative: these are probabilities, not logits"
report = model.evaluate(noise, one_hot, verbose=0, return_dict=True)
log_p = outputs - np.log(np.exp(outputs).sum(axis=1, keepdims=True))
want = -(one_hot * log_p).sum(axis=1).mean()
assert abs(report["loss"] - want) < 0.001, "the loss must know that it gets logits"
print("right: the loss;", "accuracy" if "accuracy" in report else "but no accuracy is reported")

# %% [markdown]
# ## Task 4 · Keep the best (3 points)
#
# Return one Keras callback that keeps the *whole* model of the epoch with the lowest **validation loss** in the file `path`, which ends in `.keras`. `keras.models.load_model(path)` must give it back after training. If two epochs tie, either may be kept.
#
# **Points**: a run that gets better to the end: 1 · runs that are best earlier: 2


# %% nbgrader={"grade": false, "grade_id": "keep_best", "locked": false, "schema_version": 3, "solution": true, "task": false}
def keep_best(path):
    """A keras.callbacks.Callback."""
    ### BEGIN SOLUTION
    return keras.callbacks.ModelCheckpoint(path, monitor="val_loss", save_best_only=True)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_keep_best", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
import tempfile
from pathlib import Path

tiny = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, use_bias=False)])
with tempfile.TemporaryDirectory() as folder:
    file = str(Path(folder) / "best.keras")
    callback = keep_best(file)
    callback.set_model(tiny)
    for epoch, val_loss in enumerate([0.9, 0.4, 0.6]):
        tiny.set_weights([np.full((1, 1), float(epoch))])  # so that the weight tells the epoch
        callback.on_epoch_end(epoch, {"loss": 0.5 - epoch / 10, "val_loss": val_loss})
    assert Path(file).exists(), "nothing was written"
    kept = keras.models.load_model(file).get_weights()[0].item()
expect("the epoch that was kept, from 0", kept, 1, "Lowest validation loss: 0.4. Only the best?")

# %% [markdown]
# ## Task 5 · Report (3 points)
#
# The **confusion matrix** has a row for each true class and a column for each predicted one. The **recall** of a class is the share of its images that are predicted right. A class with images that is never predicted has the recall 0. A class without images has no recall: NaN there. (NumPy's warning of a division by 0 costs no points.)
#
# **Points**: the matrix: 1 · the recalls: 1 · classes without images: 1


# %% nbgrader={"grade": false, "grade_id": "report_of", "locked": false, "schema_version": 3, "solution": true, "task": false}
def report_of(y_true, y_pred, classes):
    """y_true (N,), y_pred (N,), whole numbers → matrix (classes, classes), recalls (classes,)."""
    ### BEGIN SOLUTION
    confusion = np.zeros((classes, classes), int)
    np.add.at(confusion, (y_true, y_pred), 1)
    of_class = confusion.sum(axis=1)
    recall = np.where(of_class > 0, confusion.diagonal() / np.maximum(of_class, 1), np.nan)
    return confusion, recall
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_report_of", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
confusion, recall = report_of(np.array([0, 0, 0, 1, 1]), np.array([0, 1, 1, 1, 1]), 3)
expect("the matrix", confusion, [[1, 2, 0], [0, 2, 0], [0, 0, 0]], "Rows are true classes.")
expect("the recalls", recall[:2], [1 / 3, 1], "One of three zeros was found, both ones were.")
assert np.isnan(recall[2]), f"class 2 has no images; expected NaN, got {recall[2]}"

# %% [markdown]
# ## Task 6 · The exam (5 points)
#
# Now train. You get 1,000 labelled images (28×28, 0 to 255) of ten handwritten characters, and 600 without labels, and return 600 labels. Any model, by any of the means of notebook 8. Your function may use 60 seconds of processor time.
#
# The images of the exam are harder: its characters are **turned by up to 18 degrees and shifted by up to 2.5 pixels** in each direction, those to learn from are not. Each writer has another hand and another pen, and most characters are written in two forms, as some people put a bar through the 7.
#
# The alphabet is invented for the exam and drawn from a secret number. Its characters stand in no data set, so neither a network trained elsewhere nor a table of known images knows them: only the images you are given tell what is what. The practice characters below belong to another alphabet, about as hard.
#
# **Points** by the share that is right, at least 40%: 1 · 50%: 2 · 63%: 3 · 80%: 4 · 86%: 5

# %% nbgrader={"grade": false, "grade_id": "practice", "locked": true, "schema_version": 3, "solution": false, "task": false}
from itertools import combinations

import matplotlib.pyplot as plt
from scipy import ndimage


def practice(seed):
    """1,000 images of characters and their labels, 600 turned and shifted images and their labels."""
    rng, t = np.random.default_rng(seed), np.linspace(0, 1, 99)
    curve = np.array([(1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t**2 * (1 - t), t**3])  # Bézier
    strokes = rng.uniform(-14, 14, (5, 4, 2)) @ [1, 1j]  # four points each, as complex numbers
    alphabet = np.array([*combinations(strokes, 2)])  # ten characters of two strokes
    labels = rng.integers(0, 10, 1600)
    hands = rng.normal(0, 2.0, (1600, 2, 4, 2)) @ [1, 1j]  # no two are written alike
    paths = ((alphabet[labels] + hands) @ curve).reshape(1600, -1)
    turns = np.exp(1j * np.deg2rad(rng.uniform(-18, 18, (600, 1))))
    paths[1000:] = turns * paths[1000:] + rng.uniform(-2.5, 2.5, (600, 1, 2)) @ [1, 1j]
    pixels = np.stack([paths.real, paths.imag]).round().astype(int).clip(-14, 13) + 14
    ink = np.zeros((1600, 28, 28))
    ink[np.arange(1600)[:, None], *pixels] = 450
    images = ndimage.gaussian_filter(ink, (0, 0.8, 0.8)).clip(0, 255).astype(np.uint8)
    return images[:1000], labels[:1000], images[1000:], labels[1000:]


images, labels, practice_exam, answers = practice(0)
fig, axes = plt.subplots(3, 10, figsize=(8, 2.8), layout="constrained")
shown = ((images, labels, 0), (images, labels, 1), (practice_exam, answers, 0))
for row, (several, names, k) in zip(axes, shown):
    for name, ax in enumerate(row):
        ax.imshow(several[names == name][k], cmap="gray")
        ax.set(xticks=[], yticks=[])
for name, ax in enumerate(axes[0]):
    ax.set_title(f"class {name}", fontsize=9)
for row, text in zip(axes, ("to learn", "to learn", "exam")):
    row[0].set_ylabel(text)
plt.show()


# %% nbgrader={"grade": false, "grade_id": "classify", "locked": false, "schema_version": 3, "solution": true, "task": false}
def classify(images, labels, exam):
    """images (N, 28, 28), labels (N,) from 0 to 9, exam (M, 28, 28) → labels (M,)."""
    ### BEGIN SOLUTION
    keras.utils.set_random_seed(0)
    x, y = prepare(images, labels, 10)
    augment = keras.Sequential(
        [
            keras.layers.RandomRotation(0.06, fill_mode="constant"),
            keras.layers.RandomTranslation(0.1, 0.1, fill_mode="constant"),
        ]
    )
    network = build_model()
    trained = keras.Sequential([keras.Input((28, 28, 1)), augment, network])
    trained.compile(network.optimizer, keras.losses.CategoricalCrossentropy(from_logits=True))
    trained.fit(x, y, epochs=14, batch_size=32, verbose=0)
    return network.predict(exam[..., None] / 255, verbose=0).argmax(axis=1)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_classify", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
guesses = np.asarray(classify(images.copy(), labels.copy(), practice_exam.copy()))
assert guesses.shape == (600,), f"expected 600 labels, got an array of shape {guesses.shape}"
right = (guesses == answers).mean()
assert right >= 0.4, f"{100 * right:.0f}% right. Are the pixels scaled in the exam as in training?"
print("right: the practice exam", "with distinction" if right > 0.86 else "is passed")

# %% [markdown]
# What you found and what not (no points):

# %% tags=["nbval-ignore-output"]
print(f"{100 * right:.0f}% of the practice exam are right")
wrong = np.flatnonzero(guesses != answers)[:10]
fig, axes = plt.subplots(2, 5, figsize=(6.4, 3.2), layout="constrained")
for ax in axes.flat:
    ax.set_axis_off()
for ax, i in zip(axes.flat, wrong):
    ax.imshow(practice_exam[i], cmap="gray")
    ax.set_title(f"true {answers[i]}, says {guesses[i]}", fontsize=9)
plt.show()

# %% [markdown] nbgrader={"grade": false, "grade_id": "question_text", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## Task 7 · A written question (5 points)
#
# From a report: "We had 1,000 digits, made nine turned copies of each, and divided the 10,000 images at random into 8,000 for training and 2,000 for testing. We trained for 30 epochs and kept the epoch with the best test accuracy. It reaches 99.8% on the test set, so it will be right on 998 of 1,000 new digits."
#
# Name the two faults in the use of the data. Say for each why the number comes out too high, and what to do instead. Then describe in three or four sentences a run whose final number can be believed.
#
# **Points**, given by a person: the copies, with the reason: 1 · the choice of the epoch, with the reason: 1 · what to do about each: 1 · a sound run: 1 · clear and correct language of the field: 1

# %% [markdown] nbgrader={"grade": true, "grade_id": "question", "locked": false, "points": 5, "schema_version": 3, "solution": true, "task": false}
# *Model answer.* First fault: copies of one digit are in both parts. With 8 of 10 images in training, almost every test image has a near twin there, so the test measures memory. Divide the originals first, and make copies of training digits only.
# Second fault: the test set chose the epoch. Among 30 epochs the best one is partly luck on these very images, so its accuracy is too high for others. The choice belongs to a validation set.
# A sound run: divide the 1,000 originals, stratified by class, into training, validation and test, and digits of one writer into one part only. Augment the training part, and keep the epoch with the lowest validation loss.
# Load that checkpoint, measure it once on the test set, and report accuracy with an interval, the number of test digits, the recalls and the seed. Even then it holds for new digits of the same kind only.

# %% [markdown]
# **Before you hand in**: restart the kernel, run all cells, and see that every test prints "right".
