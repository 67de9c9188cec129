# %% [markdown]
# # 8 · Training run: the article's program, as printed and as meant
#
# <!-- [Open in Colab](https://colab.research.google.com/github/OWNER/REPO/blob/main/notebooks/08_training_run.ipynb) · -->
# previous: [7 · Optimizers](07_optimizers.ipynb) · next: [9 · Segmentation run](09_segmentation_run.ipynb) · about 2 minutes on two CPU cores
#
# Page one of this course shows a scene of handwritten digits in which every pixel needs a label. Before we label pixels, we learn to label a whole image with one digit, and we do so with an old
# program: the one in the article on image segmentation from which this course grew. The article ends with forty lines that train a digit classifier. Some of them no longer run, and those that do run
# measure the wrong thing. **What was meant, and how well can the very same small network do?**
#
# You will be able to
# - read an error message of today's Keras and name its cure,
# - tell training, validation and test data apart, and say what each may be used for,
# - train the article's network to about 99% on digits that it has never seen, and compare two recipes fairly.
#
# You need: convolution, pooling and dense layers (notebooks 2 to 4), cross-entropy (5), Adam (7).

# %% tags=["parameters", "hide-input"]
# @title Parameters
SOURCE: str = "auto"  # digits: "mnist", "bundled", or "auto": MNIST if it can be had
IMAGES_PER_CLASS: int = 1000  # training images of each digit
EPOCHS: int = 10  # passes over the training images
BATCH_SIZE: int = 64  # images per step
LEARNING_RATE: float = 0.003  # peak of the one-cycle learning rate
LABEL_SMOOTHING: float = 0.05  # share of the target that is spread over all classes
SEED: int = 0  # of weights, draw, order and augmentation
OUTPUT: str = ""  # run folder; empty: one under runs/ that is named after the parameters

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
    SOURCE=course.one_of("auto", "mnist", "bundled"),
    IMAGES_PER_CLASS=course.integer(10, 5000),
    EPOCHS=course.integer(1, 1000),
    BATCH_SIZE=course.integer(1, 1024),
    LEARNING_RATE=course.number(1e-6, 1),
    LABEL_SMOOTHING=course.number(0, 0.9),
    SEED=course.integer(0, 2**31 - 1),
    OUTPUT=course.text(empty=True),
)

# %% tags=["hide-input"]
# @title Imports
import time
import warnings

import keras
import matplotlib.pyplot as plt
import numpy as np

from segutils import metrics, models, training, transforms
from segutils.digits import Split, load_digits, take_per_class
from segutils.lessons import training_run as lesson
from segutils.lessons.training_run import check_small_classifier, exercise
from segutils.plumbing import storage

layers = keras.layers
course.set_seed(SEED)
folder = course.make_run_folder(OUTPUT, "08_training_run", parameters)
seconds = {}

# %% tags=["nbval-ignore-output", "hide-input"]
# @title The first figure
digits = load_digits(SOURCE)
lesson.show_digits(digits.train)
plt.show()

# %% [markdown]
# These are two images of each digit. An image has 28 × 28 grey values, 0 for black and 255 for white, and comes with one label. The network will get the image and must name the label.
#
# ## 1 · The program as printed
#
# Old programs break, and that is no disaster: a line that fails usually names its own cure, if you read the *last* line of the error. We run the article's lines one after another.
# `course.expect_error` shows an error and *requires* that it occurs; if a later version of Keras accepts the line, this notebook says so.
#
# The article first makes a *generator*, here an object that hands out images in batches of 32 and turns, shifts and zooms them at random. The labels are made *one-hot*, because the article's loss, `categorical_crossentropy`, expects that: for the label 3,
# `to_categorical` gives ten numbers of which number 3 (we count from 0) is 1 and the others are 0, so that a target has the same shape as the ten outputs of the network.
#
# **Predict.** The images have the shape (N, 28, 28): number, rows, columns. What is missing?

# %%
from tensorflow.keras.preprocessing.image import ImageDataGenerator

datagen = ImageDataGenerator(
    rotation_range=15, width_shift_range=0.1, height_shift_range=0.1, zoom_range=0.1
)
one_hot = keras.utils.to_categorical(digits.train.labels, num_classes=10)
with course.expect_error(ValueError, match="rank 4"):
    datagen.flow(digits.train.images[:1000], one_hot[:1000], batch_size=32)

# %% [markdown]
# The channel axis is missing. "Rank 4" means four axes: even a grey image has to have the shape (rows, columns, 1), and N of them have the shape (N, 28, 28, 1). The cure is `images[..., None]`,
# which adds an axis of length 1 at the end.
#
# Next comes the network, exactly as the article has it. It works. Today's Keras only gives a piece of advice (to state the shape of the input in a separate layer), which we catch and print:

# %%
from tensorflow.keras.layers import Conv2D, Dense, Flatten, MaxPooling2D
from tensorflow.keras.models import Sequential

with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    model = Sequential()
    model.add(Conv2D(32, (3, 3), activation="relu", input_shape=(28, 28, 1)))
    model.add(MaxPooling2D((2, 2)))
    model.add(Conv2D(64, (3, 3), activation="relu"))
    model.add(MaxPooling2D((2, 2)))
    model.add(Flatten())
    model.add(Dense(10, activation="softmax"))
model.compile(optimizer="adam", loss="categorical_crossentropy", metrics=["accuracy"])
print(caught[0].message)

# %% [markdown]
# The article's text speaks of *one* pooling layer; its code has two. When words and code differ, believe the code. Next come the lines that train and evaluate.

# %%
with course.expect_error(AttributeError, match="fit_generator"):
    model.fit_generator(None, steps_per_epoch=1000 // 32, epochs=10)
with course.expect_error(AttributeError, match="evaluate_generator"):
    model.evaluate_generator(None, steps=1000 // 32)

# %% [markdown]
# Both methods, which took their batches from a generator, were removed years ago, because `fit` and `evaluate` now accept generators themselves. The cure is to drop `_generator` from the names.
#
# One more line is left, the article's checkpoint: after each *epoch*, one pass over the training images, it looks at the loss on the validation images (`val_loss`; section 2 says what they are for) and keeps the best model on disk. The article's FAQ recommends two
# variants of it. We try all three.
#
# **Predict.** Which of the three fail?

# %%
from tensorflow.keras.callbacks import ModelCheckpoint

path = folder / "best_model.h5"  # the article has no folder
checkpoint = ModelCheckpoint(path, monitor="val_loss", save_best_only=True)
with course.expect_error(TypeError, match="save_model"):
    ModelCheckpoint("best_model.h5", monitor="val_loss", save_model=True)
with course.expect_error(ValueError, match=".weights.h5"):
    ModelCheckpoint("best_model.h5", monitor="val_loss", save_weights_only=True)

# %% [markdown]
# The two variants from the FAQ fail, and the line of the article's program works. There never was an argument `save_model`: leave it out. And the name of a file that holds only weights must end in `.weights.h5`.
#
# ## 2 · What runs but is wrong
#
# The worst faults raise no error. The article speaks of ten classes with 1,000 images each, 10,000 in all; and for an epoch it writes
# `steps_per_epoch=1000 // 32`. In Python, `//` divides and drops the remainder.
#
# **Predict.** How many images does an epoch see, and how many do ten epochs see?

# %%
steps = 1000 // 32
print(f"{steps} steps of 32: {steps * 32} images per epoch, {10 * steps * 32:,} in ten epochs")
print(f"pixels go in as {digits.train.images.min()} to {digits.train.images.max()}, unscaled")
assert 10 * steps * 32 == 9_920

# %% [markdown]
# An epoch sees 992 images and not 10,000, and the whole training sees 9,920. Three more faults hide in those few lines:
#
# - **The pixels are never scaled.** Values up to 255 make the first *logits* (the scores before softmax) huge, so an untrained network is very sure of wrong answers, and its first steps can be erratic.
# - **The test images choose.** In the article, `validation_generator`, which feeds the validation, is made from the *test* images, and the checkpoint keeps the epoch in which they did best. They never changed a weight; but a number that was
#   used to choose a model is no longer a fair report on it.
# - **The reported accuracy is not that of the test set.** It comes from 992 test images that are drawn at random, and are also *turned, shifted and zoomed* at random, differently each time. And it
#   is the accuracy of the last model, not of the one that was kept.
#
# So we use the data in three parts, as they were divided when they were loaded. *Training* images change the weights. *Validation* images are used to choose the epoch and the settings. *Test* images only report: a model whose training is over is measured on them, and nothing is chosen by the result. Of each digit we
# take as many training images as the parameter `IMAGES_PER_CLASS` says: 10 × 1,000.

# %% tags=["nbval-ignore-output"]
chosen = take_per_class(digits.train, IMAGES_PER_CLASS, seed=SEED)
train, validation, test = (
    Split(part.images[..., None], part.labels) for part in (chosen, digits.validation, digits.test)
)
targets, validation_targets = np.eye(10)[train.labels], np.eye(10)[validation.labels]
print(f"train {train.images.shape}, validation {validation.images.shape}, test {test.images.shape}")

# %% [markdown]
# `np.eye(10)[labels]` makes the targets one-hot, too: row 3 of the 10 × 10 unit matrix is the target of a 3. Now we run the article's program, repaired as little as possible: the channel axis is
# there, `fit` is called by its new name, and validation images take the place of the test images.

# %% tags=["nbval-ignore-output"]
train_flow = datagen.flow(train.images, targets, batch_size=32, seed=SEED)
validation_flow = datagen.flow(validation.images, validation_targets, batch_size=32, seed=SEED)
some = min(steps, len(validation_flow))  # the bundled digits have only 9 batches to validate on

# %% tags=["nbval-ignore-output"]
article_model = model
with lesson.legacy_advice() as advice:
    article_model.fit(
        train_flow,
        steps_per_epoch=steps,
        epochs=10,
        validation_data=validation_flow,
        validation_steps=some,
        callbacks=[checkpoint],  # is called after each epoch
        shuffle=False,  # train_flow shuffles by itself
        verbose=0,
    )
assert "legacy" in advice[0]

# %% [markdown]
# It trains, and Keras gives one more piece of advice, which the cell catches and checks instead of printing it: the format `.h5` is *legacy*, which means that it can still be read and written but is no longer developed. Today's name would be
# `best_model.keras`. Now comes the article's last line, `evaluate`: first in the article's way, with our validation images in place of its test images, and then on all test images as they are:

# %% tags=["nbval-ignore-output"]
_, as_reported = article_model.evaluate(validation_flow, steps=some, verbose=0)
test_targets = np.eye(10)[test.labels]
_, repaired = article_model.evaluate(test.images, test_targets, batch_size=256, verbose=0)
print(
    f"in the article's way, {32 * some} validation images, changed at random: {100 * as_reported:.1f}%"
)
print(f"all {len(test.images):,} test images as they are: {100 * repaired:.1f}%")

# %% [markdown]
# One model gets two different numbers! The first was measured on only 992 digits (other ones, from the validation images), which were turned, shifted and zoomed at random and so are harder to name. The second is the one that
# was wanted: how often is a digit named correctly if nobody has turned or shifted it on purpose?
#
# ## 3 · The same network, as it was meant
#
# Here is the article's network once more, with two differences. The first layer divides the pixels by 255, so that no caller can forget it. And the last layer has no softmax: it gives *logits*, and
# the loss takes the softmax itself, which is safer numerically (notebook 5).
#
# **Predict.** How many parameters does it have? A convolution has kernel rows × kernel columns × channels in × filters, plus one bias per filter.

# %%
model = keras.Sequential(
    [
        keras.Input((28, 28, 1)),
        layers.Rescaling(1 / 255),
        layers.Conv2D(32, 3, activation="relu"),  # 28 - 2 = 26 rows and columns
        layers.MaxPooling2D(2),  # 13
        layers.Conv2D(64, 3, activation="relu"),  # 11
        layers.MaxPooling2D(2),  # 5: half of 11, the rest is dropped
        layers.Flatten(),  # 5 · 5 · 64 = 1,600 numbers
        layers.Dense(10),
    ]
)

# %%
first, second, dense = (3 * 3 * 1 + 1) * 32, (3 * 3 * 32 + 1) * 64, (5 * 5 * 64 + 1) * 10
print(f"{first} + {second:,} + {dense:,} = {model.count_params():,} parameters")
assert first + second + dense == model.count_params() == models.article_cnn().count_params()

# %% [markdown]
# The network has 320 + 18,496 + 16,010 = 34,826 parameters, as many as the article's. (`models.article_cnn()` builds the same one.)
#
# ## 4 · Augmentation: change only what does not matter
#
# A digit that is turned, moved and zoomed a little is still the same digit. If each image looks a little different in every epoch, the network cannot learn the images by heart. Changing images in
# this way is called *augmentation*, and its one rule is: make only changes that leave the answer as it is. Ours turns each image by up to 0.2 radians (11 degrees) either way, shifts it by up to 6%
# of its width and height, and zooms it by up to 10%.
# The figure shows two images as they are and as seven draws change them. `Batches` shuffles the images in each epoch, takes 64 at a time, and changes each of them anew.
#
# **Predict.** May we also mirror digits from left to right, as people do with photographs of cats?

# %% tags=["nbval-ignore-output"]
augment = transforms.Augment(rotation=0.2, shift=0.06, zoom=0.1)
batches = transforms.Batches(train.images, targets, BATCH_SIZE, augment, seed=SEED)
lesson.show_augmented(train.images[:2], augment, seed=SEED)
plt.show()

# %% [markdown]
# We may not mirror them: a mirrored 2 or 7 is no digit at all, and the network would waste effort on shapes that never occur. How far may we shift them? A shift of 10% is 2.8 pixels, and one of 6%
# is 1.7. Here is how many digits come so close to the border that such a shift cuts off some ink:

# %% tags=["nbval-ignore-output"]
room = lesson.margins(train.images)  # empty rows or columns at the nearest border
for shift in (0.1, 0.06):
    print(f"shifted by {shift:.0%}: {np.mean(room < 28 * shift):.1%} of the digits can lose ink")

# %% [markdown]
# The smaller shift can cut 11% of MNIST's digits instead of 34%; the bundled digits have wider borders and lose nothing. Augmentation is a compromise, and we take 6%.
#
# ## 5 · Train, and keep the best
#
# The loss is the cross-entropy of notebook 5, with one addition called *label smoothing*. A one-hot target asks for 100%. No finite logit makes softmax give 100%, so the logits grow and grow in the
# attempt to reach it, and the network becomes too sure of itself. With a smoothing of 0.05 the target is spread a little: every class gets 0.05 / 10 = 0.005, and the true one 0.95 + 0.005 = 0.955.
#
# The learning rate follows *one cycle*: it rises in a straight line to a peak of 0.003 during the first fifth of the steps, and then falls nearly to 0 along half a cosine wave. Large steps cover the
# distance, and small steps let the weights settle. `training.fit` is Keras's `fit` with a run folder: after each epoch it keeps the model, and prints *best*, if its loss on the validation images is the lowest so far. The last *best* below marks the model that we test; later epochs may follow that were not better.

# %%
rate = training.one_cycle(LEARNING_RATE, EPOCHS * batches.steps_per_epoch, warmup=0.2)
loss = keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=LABEL_SMOOTHING)
model.compile(keras.optimizers.Adam(rate), loss, metrics=["accuracy"])

# %% tags=["nbval-ignore-output"]
started = time.perf_counter()
history = training.fit(
    model, batches, (validation.images, validation_targets), epochs=EPOCHS, folder=folder
)
seconds["train"] = time.perf_counter() - started

# %% tags=["nbval-ignore-output"]
lesson.show_history(history)
plt.show()

# %% [markdown]
# The figure shows the loss on the left and the *error* on the right, the share of images that are named wrongly, on a logarithmic axis: the distance from 10% to 1% is the same as from 1% to 0.1%.
# The loss stays far from 0 although nearly all digits are named correctly: the target asks for 0.955, and even a network that gives exactly what is asked has the loss −0.955 · ln 0.955 − 9 · 0.005 ·
# ln 0.005 = 0.28. The error is smaller on the validation images than on the training images, and that is no mistake. The training images are augmented and therefore harder, and their score is an
# average over an epoch during which the weights are still changing.
#
# ## 6 · The test, once
#
# Now the model that was kept is tested. The interval says how much the accuracy could vary with the draw of the test images: 1,000 times we draw as many images as there are, with replacement (so
# that one image may come up twice and another not at all), and take their accuracy; the interval holds the middle 95% of the results.

# %% tags=["nbval-ignore-output"]
best = training.load_best(folder)
logits = best.predict(test.images, batch_size=256, verbose=0)
predicted = logits.argmax(-1)
right = predicted == test.labels
# to these functions, made for masks, an image is a mask of one pixel
per_image = metrics.confusion_per_image(test.labels[:, None], predicted[:, None], 10)
low, high = metrics.bootstrap_interval(per_image, metrics.pixel_accuracy, seed=SEED)
accuracy = float(right.mean())
print(f"as meant: {100 * accuracy:.2f}% (95% interval {100 * low:.2f} to {100 * high:.2f})")
print(f"repaired as little as possible: {100 * repaired:.2f}%")

# %% [markdown]
# **Spot the mistake.** "The same network is so much better, because scaling, one cycle and label smoothing are so much better." Can you say that?
#
# You cannot, because the two trainings were not equally long. The repaired program saw 9,920 images; ours saw 10 epochs of 10,000, ten times as many. A fair comparison gives both the same
# budget. So we let the article's program, with its generator, its raw pixels and its constant learning rate, go on until it has seen as many images as ours. (Equal means the images only: its batches hold 32 and ours 64, so it takes twice as many steps; and we test its last model, while ours was chosen by the validation images.)

# %% tags=["nbval-ignore-output"]
rest = max(1, EPOCHS - 1)  # passes; with the 9,920 images seen before, as many as ours
article_model.fit(train_flow, epochs=rest, shuffle=False, verbose=0)
old_predicted = article_model.predict(test.images, batch_size=256, verbose=0).argmax(-1)
old_right = old_predicted == test.labels
seen, ours = rest * len(train.images) + 9_920, EPOCHS * batches.steps_per_epoch * BATCH_SIZE
print(f"the article's program, {seen:,} images (ours {ours:,}): {100 * old_right.mean():.2f}%")

# %% [markdown]
# Most of the gap is closed: that part was a matter of *time*. How much is left? Both recipes were tested on the same images, so we may compare them image by image. For each image we note +1 if only
# ours is right, −1 if only the article's is, and 0 if they agree. The mean of these numbers is the gain. How far could it be off by chance? Its *standard error* is the standard deviation of the
# numbers (their typical distance from the mean) divided by the square root of their count; and because means of so many numbers nearly follow the bell curve, which has 95% of its area within 1.96 standard deviations,
# the gain ± 1.96 standard errors is a 95% interval. (A *point* is one percent of the images, so the 196 in the cell is 100 · 1.96; `ddof=1` divides by their count minus one, as is usual for a sample.)

# %% tags=["nbval-ignore-output"]
gains = right.astype(int) - old_right.astype(int)
gain, error = gains.mean(), gains.std(ddof=1) / np.sqrt(len(gains))
print(f"ours alone right: {(gains > 0).sum()}, the article's alone: {(gains < 0).sum()} images")
print(f"gain: {100 * gain:.2f} ± {196 * error:.2f} points at equal budget")

# %% [markdown]
# In the run that is stored here the number after the ± is much smaller than the gain. So the interval does not contain 0, and the gain is more than luck in the choice of test images. It is still
# *one* training of each recipe, with one seed; another seed moves both numbers. And it says nothing about which of our changes brought the gain: to find that out, undo the changes one at a time
# (notebook 9 does this for its own recipe).
#
# Now look at what went wrong.

# %% tags=["nbval-ignore-output"]
probabilities = np.asarray(keras.ops.softmax(logits))
lesson.show_mistakes(test, probabilities)
plt.show()

# %% [markdown]
# On the left is the confusion matrix: each row is a true digit, and the numbers in it say, in per cent, how often this digit was called what; empty cells are shares below 0.05%. In the stored run
# 0.7% of the nines were called 4. On the right are the mistakes of which the network was surest. Some of them a person might make too: in the stored run, the 8 at the top that was called 9 looks like one, and the 6 that was called 1 has no loop. Others
# show what the network has not learned: the 8 at the bottom left is plain to us.
#
# ## 7 · Does it know when it does not know?
#
# A model is *calibrated* if it is right in 80% of all the cases in which it says "80%", and likewise for every other number. How sure it is, its *confidence*, is the largest of the ten
# probabilities. The figure puts the test images into ten bins by their confidence, 0 to 10%, 10 to 20% and so on; each point is a bin, and a bin without images has no point. On the diagonal the network is calibrated; above it, it is
# right more often than it claims.
#
# **Predict.** We trained with targets of 95.5% and not 100%. On which side of the diagonal will the points lie?

# %% tags=["nbval-ignore-output"]
reliability = metrics.calibration(test.labels, probabilities)
lesson.show_calibration(reliability)
plt.show()
assert LABEL_SMOOTHING != 0.05 or reliability.confidence[-1] < reliability.accuracy[-1]

# %% [markdown]
# In the stored run all points lie above the diagonal: the network is a little too modest, as we asked it to be. (To test that label smoothing is the reason, run again with `LABEL_SMOOTHING` 0.) The small numbers count the images in each bin; a bin with few of
# them says little. The *expected error* in the title is the mean distance from the diagonal, weighted by the number of images; in the stored run it is 0.040, close to the 0.045 by which the targets stay below 100%.
#
# ## 8 · The checkpoint on disk is the model that we measured
#
# A number in a report is worth something only if others can load the model behind it. So we load the model once more and require that it gives the same logits, and we write down everything that
# someone needs in order to check this run.

# %% tags=["nbval-ignore-output"]
again = training.load_best(folder)
np.testing.assert_array_equal(again.predict(test.images, batch_size=256, verbose=0), logits)
summary = f"Accuracy {100 * accuracy:.2f}% on {len(right):,} test images of {digits.name} digits"
results = {"summary": summary, "accuracy": accuracy, "accuracy_interval": [low, high]}
results |= {"accuracy_repaired_article": repaired, "accuracy_as_reported": as_reported}
results |= {"accuracy_repaired_equal_budget": old_right.mean(), "gain": [gain, error]}
results |= {"expected_calibration_error": reliability.expected_error, "data": digits.name}
results |= {"per_class_recall": metrics.recall(per_image.sum(0)), "seed": SEED}
results |= {"parameters": parameters, "seconds": seconds, "epochs": history}
storage.write_json(folder / "results.json", {**results, "environment": course.environment()})
print(summary)

# %% [markdown]
# ## Exercises
#
# 1. **Recall.** Name the three parts of a data set and what each may decide. Which part did the article use twice?
# 2. **Code.** Write `accuracy_of(y_true, y_pred)` with NumPy: the share of equal labels. The second cell below checks it and names the usual mistakes.


# %%
def accuracy_of(y_true, y_pred):
    """Share of positions where the two arrays are equal, a float in [0, 1]."""
    ...  # your code


# %%
exercise.check(accuracy_of)

# %% [markdown]
# 3. **Code: build a network.** The article's classifier has 34,826 parameters. Write `small_classifier()`: a network for the same images with at most 6,000, pixels 0 to 255 in, ten logits out. The
#    checker trains it for a few seconds on the bundled digits and requires that it names 93% of other digits correctly.


# %%
def small_classifier():
    """A keras.Model from (B, 28, 28, 1), 0 to 255, to (B, 10) logits; at most 6,000 parameters."""
    ...  # your code


# %%
check_small_classifier(small_classifier)

# %% [markdown]
# 4. **Open.** Set `IMAGES_PER_CLASS` to 100 with `EPOCHS` 100, and to 300 with `EPOCHS` 33, so that every training sees about as many images as today's (section 6), and run again. (This takes MNIST: the bundled digits have only about 115 training images of each digit, which would be repeated.) Draw test accuracy against the number of images. A good answer has three points with their intervals, and a sentence that says
#    what you would expect from 10,000 images per class, and why.
#
# <details><summary>Solutions</summary>
#
# 1. Training images change the weights, validation images choose the epoch and the settings, test images only report. The article used its test images twice: they chose the checkpoint, and they made
#    the report.
# 2. `return (y_true == y_pred).mean()`
# 3. ```python
#    return keras.Sequential(
#        [
#            keras.Input((28, 28, 1)),
#            layers.Rescaling(1 / 255),
#            layers.Conv2D(8, 3, activation="relu"),
#            layers.MaxPooling2D(2),
#            layers.Conv2D(16, 3, activation="relu"),
#            layers.MaxPooling2D(2),
#            layers.Flatten(),
#            layers.Dense(10),
#        ]
#    )
#    ```
#    It has 80 + 1,168 + 4,010 = 5,258 parameters.
# 4. Run `python -m segutils run 08_training_run -p IMAGES_PER_CLASS 100 -p EPOCHS 100 --output runs/08_100`, the same with 300 and 33, and read `accuracy` and `accuracy_interval` in its `results.json`.
#
# </details>
#
# ## Recap
#
# - We read five errors of today's Keras and cured each; the faults that raise no error were worse.
# - We kept training, validation and test images apart: the test images reported and chose nothing.
# - We trained the article's network, and we compared it with the article's recipe at an equal budget. All of today's numbers are measured on the test images as they are; "as printed" means after the
#   article's 9,920 images:

# %% tags=["nbval-ignore-output"]
print(summary)
print(
    f"the article's recipe: {100 * repaired:.2f}% as printed, {100 * old_right.mean():.2f}% at equal budget"
)

# %% [markdown]
# **What this adds to our goal.** We have a network that names a whole image, and the habits that make its number believable. The next notebook asks for a name for *every pixel*.
#
# **Sources.** LeCun et al. 1998, [Gradient-based learning applied to document recognition](http://yann.lecun.com/exdb/publis/pdf/lecun-98.pdf) ·
# Smith and Topin 2018, [Super-convergence](https://arxiv.org/abs/1708.07120) · Szegedy et al. 2016, [label smoothing](https://arxiv.org/abs/1512.00567) ·
# Guo et al. 2017, [On calibration of modern neural networks](https://arxiv.org/abs/1706.04599)
#
# **Next:** [9 · Segmentation run](09_segmentation_run.ipynb): a class for every pixel.
