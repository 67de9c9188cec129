# %% [markdown]
# # 9 · Segmentation run: a U-Net on digit scenes
#
# <!-- [Open in Colab](https://colab.research.google.com/github/OWNER/REPO/blob/main/notebooks/09_segmentation_run.ipynb) · -->
# previous: [8 · Training run](08_training_run.ipynb) · next: [10 · Inside the network](10_inside_the_network.ipynb) · about 3 minutes on two CPU cores
#
# Page one of this course shows a scene of handwritten digits in which every pixel needs a label. In notebook 8 a network learned to give *one* label to a whole image. Today we go all the way: **what
# does it take to label every pixel, and how do we know how well it works?**
#
# You will be able to
# - build a U-Net level by level, and say what each part of it is for,
# - write a training step and an augmentation yourself, and say what `fit` and `Augment` do for you,
# - report the result honestly: class by class, with intervals, with its worst scenes.
#
# You need: mean IoU (notebook 1), convolution and pooling (2 and 3), dense layers (4), losses (5), gradients and optimizers (6 and 7), and a first training run (8).

# %% tags=["parameters", "hide-input"]
# @title Parameters
SCENES: str = "digits"  # what the scenes show: "digits", or "textures": mosaics from photographs
SOURCE: str = "auto"  # digits: "mnist", "bundled", or "auto": MNIST if it can be had
TRAIN_SCENES: int = 15000  # scenes to learn from
VALIDATION_SCENES: int = 500  # scenes to choose the best epoch by
TEST_SCENES: int = 2000  # scenes to report on, used once
SIZE: int = 64  # height and width of a scene, pixels; a multiple of 16
EPOCHS: int = 6  # how often training pauses to look at the validation scenes
EPOCH_SCENES: int = 5000  # training scenes between two looks
BATCH_SIZE: int = 16  # scenes per step
LEARNING_RATE: float = 0.03  # peak of the one-cycle learning rate
LOSS: str = "cross_entropy_dice"  # a function of segutils.losses
GEOMETRY: float = 0.0  # strength of rotation, shift, zoom, shear in training; 1: as in section 2
WIDTH: int = 16  # filters of the U-Net's first level
STEM: int = 2  # stride of its first convolution; 1 keeps every pixel and takes about twice the time
SEED: int = 0  # of weights, scenes, order and augmentation
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
    SCENES=course.one_of("digits", "textures"),
    SOURCE=course.one_of("auto", "mnist", "bundled"),
    TRAIN_SCENES=course.integer(16, 200_000),
    VALIDATION_SCENES=course.integer(1, 20_000),
    TEST_SCENES=course.integer(8, 20_000),
    SIZE=course.multiple_of(16, 48, 512),
    EPOCHS=course.integer(1, 1000),
    EPOCH_SCENES=course.integer(16, 200_000),
    BATCH_SIZE=course.integer(1, 1024),
    LEARNING_RATE=course.number(1e-6, 1),
    LOSS=course.one_of(
        "cross_entropy", "focal", "dice", "tversky", "focal_tversky", "cross_entropy_dice"
    ),
    GEOMETRY=course.number(0, 2),
    WIDTH=course.integer(4, 128),
    STEM=course.one_of(1, 2),
    SEED=course.integer(0, 2**31 - 1),
    OUTPUT=course.text(empty=True),
)

# %% tags=["hide-input"]
# @title Imports
import time

import keras
import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf
from scipy.ndimage import affine_transform

from segutils import losses, metrics, models, training, transforms
from segutils.lessons import segmentation_figures as figures
from segutils.lessons.segmentation_run import check_small_unet, exercise, make_data
from segutils.lessons.start import show_goal
from segutils.plumbing import muon, storage

layers = keras.layers
course.set_seed(SEED)
folder = course.make_run_folder(OUTPUT, "09_segmentation_run", parameters)
seconds = {}

# %% tags=["hide-input"]
# @title The goal in one figure
show_goal(8)
plt.show()

# %% [markdown]
# The square on the left is all that the network will get: 64 × 64 numbers. The one on the right is what it must answer: a class for each of them. By the end of this notebook it will have labelled
# two thousand scenes that it never saw in training, and we shall know how often it was right.
#
# ## 1 · Scenes: data with a label for every pixel
#
# To learn, a network needs examples with their answers, so someone must label every pixel of thousands of images. For photographs that takes people, and weeks of their time. We are lucky: we
# *compose* our scenes. We drop handwritten digits onto an empty canvas, and because we know where the ink of each digit falls, the masks are exact and cost nothing.
#
# One rule comes before everything else: **split by source**. Suppose that we first made all scenes and then divided them. The same handwritten 7 could appear both in a training scene and in a test
# scene, and a network that merely remembers that 7 would look clever. So the digits themselves are divided first, into training, validation and test digits. Then the scenes of each part are made
# from its own digits. No stroke of a test scene is seen in training.

# %% tags=["nbval-ignore-output"]
started = time.perf_counter()
counts = {"train": TRAIN_SCENES, "validation": VALIDATION_SCENES, "test": TEST_SCENES}
train, validation, test, names, source = make_data(SCENES, SOURCE, size=SIZE, seed=SEED, **counts)
classes = len(names)
seconds["make scenes"] = time.perf_counter() - started
figures.show_scenes(test, names)
plt.show()

# %% [markdown]
# Read the figure column by column. The top row is what the network sees: each scene has its own brightness and noise, digits of many sizes and from many writers, some touching or overlapping,
# and clutter (lines from edge to edge, dots) that must be ignored. The middle row is what the network must answer; such a mask is called *semantic*, because it names the class of each pixel. The bottom
# row also tells two digits of one class apart. That is *instance* segmentation, and our network will not attempt it.
#
# These are test scenes. Training scenes are more crowded: a scene with eight digits teaches more than one with four, and costs the same time (section 12 shows what that is worth).
#
# **Predict.** Imagine a lazy network that gives every pixel the most frequent class. What share of all the pixels does it get right?

# %% tags=["nbval-ignore-output"]
shares = np.bincount(test.semantic.ravel(), minlength=classes) / test.semantic.size
lazy = np.full_like(test.semantic, shares.argmax())
confusion = metrics.confusion_matrix(test.semantic, lazy, classes)
print(f"pixel accuracy of 'all {names[shares.argmax()]}': {metrics.pixel_accuracy(confusion):.2f}")
print(f"mean IoU of the same answer: {metrics.mean_iou(confusion):.2f}")
assert metrics.mean_iou(confusion) < 0.5, "one class has an IoU, all others have 0"

# %% [markdown]
# On digit scenes the lazy network is right about almost nine pixels in ten, and it has found nothing. So pixel accuracy will not be our measure. The *mean IoU* (notebook 1) gives each class the same
# weight:
# background has an IoU of about 0.87 (all pixels are called background, and 87% of them are), ten digits have 0, and the mean over eleven classes, 0.87 / 11, is 0.08. That is the level from which we
# start.
#
# ### A second kind of scene
#
# Digits are easy in one respect: each has a shape, and all of them are drawn on plain paper. So that you can try whether the same network works where nothing has an outline of its own, the course has a second kind of
# scene, *mosaics of textures*, cut from photographs of brick, grass, gravel, tissue under a microscope, stars, and the vessels of an eye. Here, too, we split by source: each photograph is cut into three
# areas, for training, validation and
# testing, and no mosaic mixes them. A class can only be told by its *pattern*, because the brightness, contrast, scale and direction of each region are drawn at random.

# %%
mosaics = make_data("textures", SOURCE, size=64, seed=SEED, train=0, validation=0, test=5)
figures.show_scenes(mosaics.test, mosaics.names, columns=3, rows=2)
plt.show()

# %% [markdown]
# There is no background here: every pixel belongs to a texture, and the borders are curved. Set `SCENES` to `"textures"` in the first cell and run the notebook again: all that follows works for
# either kind. The numbers in the text are for digits.
#
# ## 2 · Augmentation: what moves the image must move its mask
#
# To *augment* training images means to change each of them a little before it is shown, so that the network learns what does not matter. With masks there is one trap. Background is class 0, the
# digit 0 is class 1, and so on: a 7 has class 8. Take a 7 on background. If we turn the
# image by a few degrees, a pixel of the turned image falls between four pixels of the old one, and we take a weighted mean of them: that is *bilinear* interpolation, and for brightness it is right.
# Now do the same with the mask. Halfway between 8 and 0 lies 4, and 4 is the class of the digit 3! A thin rim of threes, and of other digits, would surround every 7. So in a mask we take the class
# of the *nearest* pixel and never a mean.
#
# A change of light is simpler: it affects only the image, because a 7 in the dark is still a 7.
#
# Here are both, in eight lines. The angle is given in radians: 0.3 is about 17 degrees. The matrix `turn`, made of sines and cosines, rotates a point by that angle: for each pixel of the result it
# says which place of the old image to read.
# `order=1` is bilinear, `order=0` is nearest. A `contrast` of 0.6 shrinks each pixel's distance from the mean brightness to 60%, and `brightness` is added.


# %%
def augment_by_hand(image, mask, angle, contrast, brightness):
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    middle = (np.array(mask.shape) - 1) / 2
    start = middle - turn @ middle  # so that the middle stays where it is
    image = affine_transform(image.astype(float), turn, start, order=1)
    mask = affine_transform(mask, turn, start, order=0)
    image = image.mean() + contrast * (image - image.mean())
    return np.clip(image + brightness, 0, 255), mask


# %%
image, mask = train.images[0, ..., 0], train.semantic[0]
turned = augment_by_hand(image, mask, 0.3, contrast=1, brightness=0)
darker = augment_by_hand(image, mask, 0, contrast=0.6, brightness=-20)
figures.show_pairs([(image, mask), turned, darker], names, ["as made", "turned", "less light"])
assert set(np.unique(turned[1])) <= {0, *np.unique(mask)}, "no class was invented"
plt.show()

# %% [markdown]
# In the middle column, image and mask have turned together; on the right, the image has changed and the mask has not. The corners that lay outside the old image are filled with zeros: black in the
# image, class 0 in the mask.
#
# `transforms.Augment` does the same to a whole batch, with a separate angle for each image. Its random numbers, nine for each image, depend on a seed alone (here the seed of the course and the
# number 1), and the first of them sets the angle. So we can draw the same angle ourselves, and compare. The cell is silent if more than 95% of the pixels of the two masks agree, and stops with an
# error otherwise; the few that differ lie where two classes meet.

# %%
joint = transforms.Augment(rotation=0.3)  # any angle from -0.3 to 0.3
images, masks = joint(image[None, ..., None], mask[None], seed=(SEED, 1))
angle = 0.3 * float(tf.random.stateless_uniform([9, 1], (SEED, 1), -1, 1)[0, 0])  # 1st of 9
by_hand = augment_by_hand(image, mask, angle, contrast=1, brightness=0)
assert np.mean(by_hand[1] == masks[0]) > 0.95, "the same mask, but for its rim and for ties"

# %% [markdown]
# Why a seed with every batch? Because then batch number 700 is the same on every machine, however many processes prepare the batches. It is also the same after a crash: a run that is resumed goes on
# exactly where it stopped.
#
# How much augmentation is right depends on the data. In our scenes the digits are already turned a little, and come in many sizes at any place, so this run changes only the *light*: the brightness
# by up to 5% of 255, the contrast by up to 10%. The parameter `GEOMETRY`, which
# multiplies all changes of shape (*shear* is a slant), is 0; exercise 4 asks you to measure what 1 gives. `Batches` draws 16 scenes at a time and augments them.

# %%
light = {"brightness": 0.05, "contrast": 0.1}
geometry = {"rotation": 0.1, "shift": 0.05, "zoom": 0.1, "shear": 0.15}
geometry = {name: GEOMETRY * amount for name, amount in geometry.items()}
fill = "constant" if names[0] == "background" else "reflect"  # a mosaic is mirrored at its edge
augment = transforms.Augment(**light, **geometry, fill=fill)
steps_per_epoch = max(1, EPOCH_SCENES // BATCH_SIZE)
batches = transforms.Batches(
    train.images, train.semantic, BATCH_SIZE, augment, seed=SEED, steps=steps_per_epoch
)

# %% [markdown]
# ## 3 · A U-Net, level by level
#
# Two needs pull in opposite directions. To tell a 3 from an 8, the network must see the whole digit, some twenty pixels across. To draw the outline of the digit, it must know about every single
# pixel. Pooling (notebook 3) helps with the first:
# after three poolings one pixel of a map stands for 8 × 8 pixels of the image, and a 3 × 3 kernel there sees at least 24 × 24 of them. But such a pixel no longer knows where in its 8 × 8 square the outline ran.
#
# The U-Net (Ronneberger and others, 2015) meets both needs. It goes **down** to small maps that see far; it goes **up** again to the full size; and at every level it passes the fine map from the way
# down **across** to the way up. Such a bridge is called a *skip connection*. We now build the textbook version, one level after another. Up to now a network was a list of layers; this one branches,
# so we write it differently: `layers.ReLU()` makes a layer, and a second pair of parentheses, `layers.ReLU()(x)`, applies it to the maps `x`. We start with the part that is repeated at every level:
# two convolutions, each followed by a *batch normalisation* (explained in a moment) and a ReLU.


# %%
def block(x, filters):
    for _ in range(2):
        x = layers.Conv2D(filters, 3, padding="same", use_bias=False)(x)
        x = layers.ReLU()(layers.BatchNormalization(momentum=0.9)(x))
    return x


# %% [markdown]
# **Down.** The input is one grey image; `Rescaling` divides by 255, so that nobody can forget to. Each pooling halves height and width, and each block doubles the number of maps: less *where*, more
# *what*.

# %%
image = keras.Input((SIZE, SIZE, 1))
level_0 = block(layers.Rescaling(1 / 255)(image), 16)
level_1 = block(layers.MaxPooling2D()(level_0), 32)
level_2 = block(layers.MaxPooling2D()(level_1), 64)
bottom = block(layers.MaxPooling2D()(level_2), 128)

# %% [markdown]
# **Up.** A transposed convolution with stride 2 (notebook 2) doubles height and width. Now the maps from the way down have the same size, and `Concatenate` puts the two stacks together (64 maps and
# 64 maps become 128): the block that follows sees both, what the digit is and where its outline runs.


# %%
def up(x, skip, filters):
    x = layers.Conv2DTranspose(filters, 2, strides=2)(x)
    return block(layers.Concatenate()([skip, x]), filters)


up_2 = up(bottom, level_2, 64)
up_1 = up(up_2, level_1, 32)
up_0 = up(up_1, level_0, 16)

# %% [markdown]
# **Scores.** A convolution of 1 × 1 is a dense layer (notebook 4) that is applied to every pixel: it turns the 16 numbers of a pixel into one *logit* for each class, a score that softmax would turn
# into a probability.
#
# **Predict.** For one scene of 64 × 64 pixels and eleven classes, what is the shape of the output?

# %%
logits = layers.Conv2D(classes, 1)(up_0)
textbook = keras.Model(image, logits)
assert textbook.output_shape == (None, SIZE, SIZE, classes)
figures.draw_u([level_0, level_1, level_2], bottom, [up_2, up_1, up_0], logits)
plt.show()
print(f"{textbook.count_params():,} parameters")

# %% [markdown]
# The output has the shape 64 × 64 × 11: eleven scores for each pixel, and the largest names the class. (The `None` before it stands for any number of scenes.) The drawing shows where the network got
# its name. Follow the solid arrows: the maps become smaller and more numerous down to 8 × 8 × 128, then the same sizes return in reverse order. The dashed
# arrows are the skip connections. Imagine the drawing without them: then everything that the way up knows about the image would have to pass through 8 × 8 places.
#
# **Explain to a friend.** Why can a U-Net with three poolings not take an image of 50 × 50 pixels? (Halve 50 three times. Section 11 has the answer.)
#
# ### Batch normalisation, by hand
#
# Between each convolution and its ReLU there was a layer that we have not met before. Here is the problem that its authors had in mind. All layers learn at the same time. When the numbers in the first layer's
# maps double, every later layer has to get used to that, while it is changing too. *Batch normalisation* (Ioffe and Szegedy, 2015) removes the scale: for each map it subtracts the mean and divides
# by the standard deviation, both taken over all pixels of all images of the batch.
#
# In numbers: suppose one map has, in the whole batch, just the four values 2, 4, 6 and 8. Their mean is 5. The distances from it are −3, −1, 1 and 3; their squares are 9, 1, 1 and 9, and the mean of
# these, 5, is called the *variance*. Its square root, 2.24, is the standard deviation. So the map becomes
# −1.34, −0.45, 0.45 and 1.34. Had the values been 20, 40, 60 and 80, the result would be the same. As a formula, with $x$ for a value of a map, $y$ for what becomes of it, $\mu$ for the map's mean
# and $\sigma^2$ for its variance,
#
# $$y = \gamma\,\frac{x - \mu}{\sqrt{\sigma^2 + \varepsilon}} + \beta .$$
#
# Here $\varepsilon = 0.001$ only guards against a division by zero. The two numbers $\gamma$ and $\beta$, one pair for each map, are learned: they give back to the network the freedom to choose a
# scale and an offset. They start as 1 and 0. (Now you see why the convolutions of `block` have `use_bias=False`: a bias would vanish when the mean is subtracted, and $\beta$ takes its place.) Below,
# `x` holds the sixteen maps that the first convolution makes of a batch.

# %%
to_first_maps = keras.Model(image, textbook.layers[2].output)
x = to_first_maps.predict(train.images[:BATCH_SIZE], verbose=0)  # (images, rows, columns, maps)
mean, variance = x.mean(axis=(0, 1, 2)), x.var(axis=(0, 1, 2))
by_hand = (x - mean) / np.sqrt(variance + 0.001)

layer = layers.BatchNormalization(momentum=0.9)
np.testing.assert_allclose(by_hand, layer(x, training=True), atol=1e-4)

# %% [markdown]
# The layer of Keras gives the same numbers. Its argument `training=True` matters: in training, mean and variance come from the batch. But afterwards we want a mask for *one* image, and the answer
# should not depend on which other images happen to be in the batch. So the layer keeps *moving averages*: after each training step, the
# kept mean becomes 0.9 of itself plus 0.1 of the batch's mean. In prediction it uses the kept numbers. The kept mean starts at 0, so after one batch it is a tenth of the batch's mean:

# %%
np.testing.assert_allclose(layer.moving_mean, 0.9 * 0 + 0.1 * mean, atol=1e-5)

# %% [markdown]
# **Spot the mistake.** Keras's default is to keep 0.99 of the old average. A colleague trains for 60 steps and finds that the training loss falls while the validation loss looks like that of an
# untrained network. What happened? After 60 steps, $0.99^{60}$ = 55% of the kept average is still its starting value: the layer predicts
# with numbers that have not arrived. With 0.9 the start is forgotten after 60 steps ($0.9^{60}$ is 0.2%), so this course uses 0.9 for its short runs.
#
# ## 4 · Loss and learning rate
#
# The loss is made of two that we know from notebook 5. *Cross-entropy* asks each pixel by itself: how probable did you think the true class was? *Dice* asks each class: how well does your region
# overlap the true one? We take half of each, and we let Dice count over all sixteen scenes of a batch together, because each scene lacks some of the digits, and for a digit that is absent an overlap says little.
#
# **Predict.** A fresh network knows nothing, so it spreads its probability evenly over the eleven classes. What is its cross-entropy?

# %%
pooled = {"over": "batch"} if LOSS.endswith(("dice", "tversky")) else {}
loss_of = losses.SegmentationLoss(LOSS, **pooled)
fresh = float(np.mean(losses.cross_entropy(train.semantic[:64], textbook(train.images[:64]))))
print(f"ln {classes} = {np.log(classes):.2f}")
assert abs(fresh - np.log(classes)) < 1, f"a fresh network should be near it, got {fresh:.2f}"

# %% [markdown]
# The cross-entropy of a fresh network is about −ln(1/11) = ln 11 = 2.40: each pixel's true class gets the probability 1/11. The last line of the cell stops the notebook if ours is more than 1 away
# from that. If your own network starts far from the logarithm of its number of classes, look for a fault in the data or in the last layer *before* you train. This check takes one line and can save
# an afternoon.
#
# The learning rate follows *one cycle*. It rises in a straight line to a peak of 0.03 during the first fifth of the steps, and then falls to 0 in another straight line. The large steps around the peak bring
# the weights near a good place quickly; small steps at the end let them settle. (Notebook 8 let it fall along a cosine. For this training, the straight line was a little better, as section 12 will show.)

# %% tags=["nbval-ignore-output"]
steps = EPOCHS * batches.steps_per_epoch
schedule = training.one_cycle(LEARNING_RATE, steps, warmup=0.2, fall="line")
figures.show_rates(schedule, steps)
plt.show()

# %% [markdown]
# ## 5 · One training step, and a loop of ten lines
#
# In notebook 8 `fit` did the training. What does it do? For each batch it does four things, and no more: it computes the logits; it computes the loss; it computes the slope of the loss for each
# weight (the gradient, notebook 6); and it lets the optimizer change the weights a little against the slope. `GradientTape`
# records the first two, so that it can work out the third.

# %%
pairs = batches.dataset(0, 1).take(8)  # of epoch 0, the first eight batches
images, masks = next(iter(pairs))
network, twin = (keras.models.clone_model(textbook) for _ in range(2))
twin.set_weights(network.get_weights())  # for the comparison below

# %%
with tf.GradientTape() as tape:
    logits = network(images, training=True)
    loss = loss_of(masks, logits)
gradients = tape.gradient(loss, network.trainable_variables)
print(f"{len(gradients)} arrays of weights, {len(gradients)} gradients of the same shapes")
assert all(g.shape == w.shape for g, w in zip(gradients, network.trainable_variables))

# %% [markdown]
# No weight has changed yet: we only know in which direction each should go. (The moving averages of the batch normalisation have moved once; we put them back below.) Training is nothing but this
# step, again and again. Here it is, and you could train any network of this course with it:


# %%
def train_by_hand(network, optimizer, pairs):
    history = []
    for images, masks in pairs:
        with tf.GradientTape() as tape:
            logits = network(images, training=True)
            loss = loss_of(masks, logits)
        gradients = tape.gradient(loss, network.trainable_variables)
        optimizer.apply_gradients(zip(gradients, network.trainable_variables))
        history.append(float(loss))
    return history


# %% [markdown]
# **Predict.** We give `fit` a twin with the same first weights and the same eight batches. Will its loss be equal, or only similar?

# %%
network.set_weights(twin.get_weights())
by_hand = train_by_hand(network, keras.optimizers.Adam(0.001), pairs)
twin.compile(keras.optimizers.Adam(0.001), loss_of)
of_fit = twin.fit(pairs, shuffle=False, verbose=0).history["loss"][0]
np.testing.assert_allclose(np.mean(by_hand), of_fit, rtol=1e-3)

# %% [markdown]
# The losses are equal but for rounding: `fit` reports the mean of the eight, and the cell requires that ours differs from it by less than a thousandth. So there is no secret in `fit`. It adds convenience: it compiles the step (works it out once as a
# whole, and then only repeats it), which makes it faster; it validates after each epoch; and it lets us add *callbacks*, objects whose methods `fit` calls when an epoch ends. From here on we use it.
#
# ## 6 · From the textbook network to a fast one
#
# This notebook should finish in three minutes on two processor cores, and the textbook network would not be done by then. So the course trains a relative of it, `models.unet`, with four changes of its plan
# (and other numbers of maps and convolutions in its levels, a first kernel of 5 × 5, and pixels scaled to −1 to 1). Each of the four has a reason and a price, and we shall name both.
#
# How much work does a network do? Let us count multiplications. A convolution multiplies once for each weight of its kernel at each pixel of its output. The first layer of the textbook network, for
# example, has 3 · 3 · 1 · 16 = 144 weights and 64 · 64 = 4,096 pixels: 589,824 multiplications. Here is the sum over all convolutions of each network:

# %%
model = models.unet(classes, width=WIDTH, stem=STEM)
for name, net in (("textbook", textbook), ("fast", model)):
    millions = figures.multiplications(net, SIZE) / 1e6
    print(f"{name:8}: {millions:.0f} million multiplications, {net.count_params():,} parameters")

# %% [markdown]
# The fast network does less than a third of the multiplications. Let us look at the changes one at a time. The table comes from an *ablation*: we undid one change, trained again, and compared the result with that of the complete network started from the same
# seed. We did this for three seeds, in short trainings that see 6,000 scenes (this notebook's sees 30,000); a longer training may rank the changes differently. (It took longer than this notebook; the numbers are stored in `data/ablation.csv`. They were measured on *validation* scenes.)

# %%
figures.price_list().round(3)

# %% [markdown]
# - **A stem that halves the resolution.** The first convolution has stride 2, so everything between the first and the last layer works on a quarter of the pixels. Read the row: the time falls to
#   less than half, and the mean IoU *falls* too, by 0.031. That is the price, and we pay it so that three minutes are enough. If you have more time, set `STEM` to 1.
# - **Skips that are added.** A concatenated skip doubles the number of maps, so the next convolution has twice the work. Adding each map to its counterpart, pixel by pixel, keeps the number.
#   Averaged over three trainings, the mean IoU is 0.002 lower, less than seeds differ, and the time is almost a fifth less.
# - **Coarse scores beside fine ones.** The class scores are computed twice: on maps of a quarter of the image's height and width, where a pixel sees a whole digit, and on the finest maps, which know
#   the outline. The sum of the two is the logit. This change costs a little time and gains 0.018.
# - **Coarse scores enlarged smoothly.** Coarse scores must grow to full size. A transposed convolution (notebook 2) does this, and its first weights are those of bilinear interpolation, so that
#   neighbouring pixels vote together from the first step on. The work stays the same (the 1.058 in the table is no price: in section 12, other changes that leave the work as it is differ as much in time), and it gains 0.003.
#
# The number of maps at the first level is the parameter `WIDTH`. Twice the width means about four times the multiplications, because each kernel has twice the inputs and twice the outputs.
#
# ### An optimizer that sees matrices
#
# The fifth change is not in the network. Adam (notebook 7) treats each weight by itself. But the weights of a convolution belong together: a kernel of 3 × 3 that makes 32 maps out of 32 others is a
# *matrix*, with a row for each of the 3 · 3 · 32 = 288 numbers that a filter looks at, and a column for each of the 32 filters. Its gradient is a matrix of the same shape.
#
# Such a matrix is a sum of 32 simple *patterns*. In each pattern all columns are multiples of one and the same column, so all filters change in the same way, some more and some less. The *singular value decomposition*,
# `np.linalg.svd`, finds the patterns and tells how strong each of them is, from the strongest to the weakest. The names `u` and `v` stand for the patterns, and `u * strengths @ v` is their sum.
#
# We take a gradient from section 5, that of the last kernel in the textbook network that makes 32 maps out of 32. **Predict.** How strong is the weakest of its 32 patterns, compared with the strongest: a half, a
# tenth, or less than a twentieth?

# %% tags=["nbval-ignore-output"]
gradient = [g for g in gradients if g.shape == (3, 3, 32, 32)][-1]
matrix = np.reshape(gradient, (288, 32))
u, strengths, v = np.linalg.svd(matrix, full_matrices=False)
np.testing.assert_allclose(u * strengths @ v, matrix, atol=1e-4)
for number in (1, 2, 8, 32):
    print(f"pattern {number:2}: {strengths[number - 1] / strengths[0]:.3f} of the strongest")

# %% [markdown]
# In the stored run the eighth pattern has a sixth of the strength of the first, and the last has a twenty-sixth. So a step along this gradient follows the first few patterns far and the many others hardly at all. What the network
# could learn from those, it may learn slowly.
#
# The optimizer *Muon* (Jordan and others, 2024) gives all patterns the *same* strength and steps along their sum, `u @ v`. To decompose a matrix in every training step would take too long, but products of
# matrices nearly do the same. Divide the matrix $X$ by the square root of the sum of its squares: now no strength is above 1. Then replace it, a few times over, by
#
# $$3.4445\,X - 4.775\,X X^\top X + 2.0315\,X X^\top X X^\top X .$$
#
# This keeps the patterns, and each strength $s$ becomes $3.4445\,s - 4.775\,s^3 + 2.0315\,s^5$. Small strengths are more than tripled; large ones stay below 1.3. A strength of 0.1, for example, becomes 0.34, then 0.99,
# then 0.71. Here it is in code:


# %%
def even_out(matrix, rounds):
    x = matrix / np.linalg.norm(matrix)
    for _ in range(rounds):
        squares = x.T @ x
        x = 3.4445 * x - 4.775 * x @ squares + 2.0315 * x @ squares @ squares
    return x


# %%
evened = even_out(matrix, rounds=3)
np.testing.assert_allclose(evened, muon.orthogonal(matrix, rounds=3), atol=1e-3)
figures.show_strengths({"gradient": even_out(matrix, rounds=0), "after 3 rounds": evened})
plt.show()
strengths_now = np.linalg.svd(evened, compute_uv=False)
assert 0.5 < min(strengths_now) < max(strengths_now) < 1.25, "all of them are near 1"

# %% [markdown]
# Before, the strongest pattern was about twice as strong as the second and 26 times as strong as the last (the curve starts below 1, because the matrix was divided as described). After three rounds all 32 have a strength near 1, between 0.68 and 1.20, and that is even enough. `training.ConvolutionMuon` does these three rounds, not with the gradient itself but with *momentum* (notebook 7),
# a running sum of gradients, and in its step each pattern has a strength of about five learning rates. Only the kernels between at least sixteen maps on both sides are trained in this way. The first kernel, the last ones, and all
# $\gamma$ and $\beta$ are left to Adam, with `beta_2=0.99`: its mean of the squared gradients reaches back about 100 steps instead of the usual 1,000. The price of Muon is a few products of matrices in each step. Section 12 says what it gains.
#
# Two helpers make training *start* faster and change nothing that is computed: Adam and the network's batch normalisation each do in one operation what Keras does in a dozen.

# %%
optimizer = training.ConvolutionMuon(schedule, beta_2=0.99)
model.compile(optimizer, loss_of, metrics=[training.MeanIoU(classes)])

# %% [markdown]
# ## 7 · Train
#
# `training.fit` is Keras's loop with a run folder, which keeps the best model so far, a row of history for each epoch, and all that is needed to go on after a crash. Here an *epoch* is not a pass
# over all 15,000 scenes but over 5,000 of them, in 312 steps of 16; then training pauses, and the network is judged on the validation scenes. The callback `Glimpses` keeps the answers of the network
# for three of them. "Best" is judged on the *validation* scenes. The network gets no test scene before section 8.
#
# **Predict.** After the first epoch, what will the network be better at: telling ink from paper, or naming the digits?

# %% tags=["nbval-ignore-output"]
glimpses = figures.Glimpses(validation.images)
started = time.perf_counter()
others = validation.images, validation.semantic
options = {"monitor": "val_mean_iou", "mode": "max", "callbacks": [glimpses], "folder": folder}
history = training.fit(model, batches, others, epochs=EPOCHS, **options)
seconds["train"] = time.perf_counter() - started

# %% tags=["nbval-ignore-output"]
figures.show_history(history)
plt.show()

# %% [markdown]
# On the left, the loss falls; on the right, the mean IoU rises. Validation may look *better* than training, and that is no leak: the training
# score is an average over an epoch during which the weights are still changing, and over crowded scenes; validation comes after the epoch, on scenes like those of the test.
#
# Numbers hide a lot, so here are three validation scenes as the network saw them after some of the epochs:

# %% tags=["nbval-ignore-output"]
figures.show_glimpses(glimpses, validation, names, epochs=EPOCHS)
plt.show()

# %% [markdown]
# Telling ink from paper comes first: a few pixels are enough for it, and most of the ink already has some digit's colour after the first epoch. Naming the digits should take longer, because a name needs
# the whole shape; in the stored run these three scenes show little of it, as most names are right after one epoch, too. In the columns of the early epochs, look for strokes that change their class halfway, for clutter that is taken for a 1 or a 7, and for a 1 that is taken for clutter.
#
# ## 8 · The test, once
#
# Now the network gets the test scenes. One number would hide the classes that fail, so we report each class, and we say how sure each number is. The *interval* comes from a method called the bootstrap: we
# draw as many test scenes as there are, with replacement (so that one scene may come up twice and another not at all), compute the IoU of the draw, and do that 1,000 times. The interval holds the
# middle 95% of the results. We draw whole scenes and not pixels,
# because the pixels of one scene are right or wrong together.
#
# The table also has *precision* (of all pixels called 7, how many are 7), *recall* (of all pixels that are 7, how many were called so), the Dice coefficient, and the *boundary F1*, which looks only
# at outlines: what share of the predicted outline lies within one pixel of the true one, what share of the true outline lies within one pixel of the predicted one, and, as one number for both, the
# harmonic mean of the two shares, $2ab/(a + b)$ for shares $a$ and $b$. It is computed in each of the first 500 test scenes and averaged over those where the class occurs in the truth or in the prediction.
#
# **Predict.** Which digits will be hardest?

# %% tags=["nbval-ignore-output"]
started = time.perf_counter()
best = training.load_best(folder)
predicted = figures.predict_masks(best, test.images)
report = figures.class_report(test.semantic, predicted, names, seed=SEED)
report.round(3)

# %% tags=["nbval-ignore-output"]
per_scene = metrics.confusion_per_image(test.semantic, predicted, classes)
confusion = per_scene.sum(0)
mean_low, mean_high = metrics.bootstrap_interval(per_scene, metrics.mean_iou, seed=SEED)
seconds["evaluate"] = time.perf_counter() - started
figures.show_report(report, confusion)
plt.show()

# %% tags=["nbval-ignore-output"]
mean_iou, accuracy = float(metrics.mean_iou(confusion)), float(metrics.pixel_accuracy(confusion))
interval = f"95% interval {mean_low:.3f} to {mean_high:.3f}"
print(f"Mean IoU over {classes} classes: {mean_iou:.3f} ({interval}) on {source} scenes")
print(f"Pixel accuracy: {accuracy:.3f}; the lazy network has {shares.max():.3f}")

# %% [markdown]
# The mean IoU has risen from the 0.08 of the lazy network to the number above. (In the stored run it is 0.01 above the last validation score. Those are other digits and only 500 scenes, whose interval would be about twice as wide.) Its interval tells how much the result depends on *which scenes* were drawn for the test. It does not tell how much it
# depends on the training: for that, train again with another `SEED`.
#
# For every digit, precision and recall differ by little more than 0.02 at most, so the network gives each name to about as many pixels as it should. The lowest boundary F1, 0.854 in the stored run, belongs to the 1. Which digits are hardest? Look at the IoUs in the table *and* their intervals: where two intervals overlap a lot, the order of the two digits could be chance. In the run that is stored here, 9 and 7 have the
# lowest IoU, and no one can say which of the two is harder: their intervals nearly coincide. The intervals of 0 and 6 lie above both. The matrix on the right is read row by row;
# it says, for example, what percentage of the pixels that truly are a 3 were called 8. Empty cells are shares below 0.05%. Digits are mixed up with digits of a similar shape, in the stored run 4
# with 9, 7 with 2, and 3 with 5; and the first column is ink that was missed.
#
# ## 9 · Look at the worst, the middle and the best
#
# Averages do not show *how* a model fails. So we sort the test scenes by their own mean IoU (over the classes that occur in the scene or in its prediction) and look at the ends. In the last row a red cross marks each
# wrong pixel.

# %% tags=["nbval-ignore-output"]
scores = metrics.mean_iou(per_scene)
figures.show_examples(test, predicted, scores, names)
plt.savefig(folder / "predictions.png", dpi=150)
plt.show()

# %% [markdown]
# In the two worst scenes, on the left, look for digits that were taken for others (in the stored run two in the worst scene, one in the next). Each time two classes lose at once: the true one, whose pixels are missed, and the predicted one, which gets pixels
# that are not its own. In the median scene (as many scenes are better as are worse) the wrong pixels lie along outlines and where digits touch: places where even two people might not agree. In the stored run hardly a pixel of the best scene is wrong, and its 1.00 is rounded.
#
# ## 10 · Is it as sure as it is right?
#
# A model is *calibrated* if it names correctly 80% of all the pixels for which it says "80%", and likewise for every other number (notebook 8). The number that it says is its *confidence*, the
# largest of the eleven probabilities. In a mask this is easy to get wrong, because most pixels are plain background and hide the others. So we look a second time, at the *rim* alone: pixels with a
# neighbour of another class.
#
# **Predict.** Where is the gap between confidence and accuracy wider: over all pixels, or at the rim?

# %% tags=["nbval-ignore-output"]
everywhere, at_rim = figures.calibrate(best, test)
figures.show_calibration(scores, everywhere, at_rim)
plt.show()
better = np.mean(scores > scores.mean())
print(f"{better:.0%} of the scenes are better than the mean of their scores")
if len(scores) >= 500 and mean_iou > 0.85:  # what the text below says
    assert at_rim.expected_error > everywhere.expected_error
    assert better > 0.5

# %% [markdown]
# On average the gap is wider at the rim: the *expected error*, the mean distance between confidence and accuracy, is 0.017 there and 0.004 over all pixels. Yet the points of the two panels lie almost at
# the same heights, because most of the unsure pixels *are* rim pixels. What differs is the last point: over all pixels it holds 98% of them, nearly all right, and four fifths of them away from any rim; at the rim it holds 93%.
# In the stored run most points lie *below* the diagonal: where the network says 85%, it is right about 75% of the time, so it is too sure of itself. A single number over all pixels would have hidden that. (The small numbers count pixels, of the first 500 test scenes; bins with fewer than 50 are not drawn. Neighbouring pixels are often wrong together, so these counts amount to fewer independent cases than it seems.)
#
# The left figure shows another thing that one number hides: the scenes are not spread evenly around their mean. (Their mean is not the number of section 8, which adds up the pixels of all scenes before it divides.) In the stored run 74% are better than the mean, and the others pull it down: the figure has a second, lower hill near 0.75.
#
# ## 11 · Shapes that do not divide
#
# Our fast network halves its input four times, once by its stem and three times by pooling: 64, 32, 16, 8, 4. **Predict** what happens to a scene of 50 × 50 pixels.

# %%
with course.expect_error(ValueError, match="multiples of"):
    best(test.images[:1, :50, :50])

# %% [markdown]
# The network refuses the scene and says why. Half of 50 is 25, and half of 25 is not a whole number, so a pooling would leave 12 rows; on the way up, a map of 24 rows would meet a skip connection of 25. The cure is to pad the image to the next multiple of 16, predict, and crop the mask to the old size:

# %%
pad = -50 % 16  # 14 more rows and columns make 64
corner = np.pad(test.images[:1, :50, :50], [(0, 0), (0, pad), (0, pad), (0, 0)], mode="reflect")
mask = best.predict(corner, verbose=0)[0, :50, :50].argmax(-1)
print(f"padded to {corner.shape[1:3]}, cut back to {mask.shape}")

# %% [markdown]
# ## 12 · What each step is worth, and what more minutes give
#
# A recipe is a list of decisions, and each must earn its place. Here is the whole ablation. In the left panel, each bar is the mean of three trainings with different seeds, and the three short
# strokes on it are the trainings themselves; a bar to the right of 0 belongs to a decision that helps. The right panel shows how long training takes without the decision, in processor seconds, as in the table of section 6. Three names are new: the
# *slow rise* means that the learning rate rises for a fifth of the steps, and without it for a tenth, *crowded* scenes are those of section 1,
# and *Adam's memory* is `beta_2`. A warning before you read it: the comparison was made on validation scenes, and the recipe was *chosen* by comparisons like this one, so it is a little kind to the
# recipe.

# %%
lost, times = figures.read_ablation()
without_both = lost.pop("Muon and coarse scores").mean()
figures.show_ablation(lost, times)
plt.show()

# %% [markdown]
# Three decisions matter most: one cycle, small batches, and Muon. (One cycle was compared with a constant learning rate of 0.003, a single value that nobody tuned; Adam and the batches of 64 kept the peak of 0.03, and no other was tried here. With batches of 64 there are a quarter of the steps, and the training
# ends before it is done.) Coarse scores and crowded scenes each gain more than 0.01 in every seed, and Dice, when it is counted over the batch and not in each image, a little less.
#
# The right panel shows two differences that are large: with a stem that keeps every pixel training takes 2.2 times as long, and with concatenated skips 1.2 times; batches of 64 save a fifth of the time. The rest is 10% or less.
#
# There is a lesson in the other bars on the left. Three seeds show no difference between cross-entropy alone and cross-entropy with Dice, and none for training without changes of light, with a faster rise, or with Adam's usual memory: for these four the strokes lie
# on both sides of zero. On scenes like ours you may leave them out. An ablation also shows what we do only out of habit.
#
# And it can hide something, because it takes back *one* decision at a time. **Predict.** Without Muon the mean IoU falls by 0.022, and without coarse scores by 0.018. By how much does it fall without both?

# %%
print(f"without Muon and without coarse scores: {without_both:.3f} less")

# %% [markdown]
# It falls by 0.20 (0.18 to 0.22 in the three seeds), five times as much as the two losses together. In these short trainings each of the two makes up for the lack of the other: with Muon the network learns to name the digits even without coarse scores, and with coarse scores
# Adam is nearly good enough. Without either, a training of 6,000 scenes reaches a mean IoU of only 0.67 instead of 0.87. (With another peak of the learning rate Adam might lose less.) So a small bar does not mean that a decision is unimportant. It means that the *rest* of the recipe does well without it.
#
# And what do more minutes give? Each point below is one training of this recipe with seed 0, with more or fewer epochs of 5,000 scenes, always from the same 15,000 different scenes. The mean IoU is
# measured on 1,000 validation scenes, so it is not quite the number of section 8. Times differ from machine to machine, so the axis counts scenes (it is logarithmic: doubling the number always moves
# a point the same distance to the right); on two free processor cores, 30,000 scenes take about a minute and a half.

# %%
longer = figures.read_longer()
figures.show_longer(longer)
plt.show()

# %% [markdown]
# The ring marks this notebook's training. On digits, 5,000 scenes give a mean IoU of 0.86, 10,000 give 0.88, 30,000 give 0.91, and 200,000, after about ten minutes, 0.92. From the first point to the second the number of scenes doubles for a gain of
# 0.03; from the ring to the last point the number of scenes grows almost sevenfold for a gain of 0.015. The curve still climbs, ever more slowly. These are single trainings, so trust the direction and not the third digit.
# You can repeat the last one: `python -m segutils run 9 -p EPOCHS 40`.
#
# ## 13 · Keep it
#
# The best model was saved as data, without code, and loads in Keras's safe mode, which would refuse a file that contains code. The cell requires that it gives the same masks as before for the first 64 test scenes.
# `results.json` holds everything that someone needs to check or compare this run.

# %% tags=["nbval-ignore-output"]
again = training.load_best(folder)
np.testing.assert_array_equal(again.predict(test.images[:64], verbose=0).argmax(-1), predicted[:64])
summary = f"Mean IoU {mean_iou:.3f}, {classes} classes, {TEST_SCENES:,} test scenes ({source})"
results = {"summary": summary, "mean_iou": mean_iou, "mean_iou_interval": [mean_low, mean_high]}
results |= {"pixel_accuracy": accuracy, "expected_calibration_error": everywhere.expected_error}
results |= {"expected_calibration_error_rim": at_rim.expected_error, "data": source, "seed": SEED}
results |= {"per_class": report.to_dict("index"), "parameters": parameters, "seconds": seconds}
results |= {"epochs": history, "environment": course.environment()}
storage.write_json(folder / "results.json", results)

# %% [markdown]
# ## Exercises
#
# 1. **Recall.** Why must a mask never be interpolated? Why is pixel accuracy a poor measure here? Why does batch normalisation behave differently in training and in prediction?
# 2. **Code.** Write `mean_iou_of`: from a confusion matrix, the mean IoU over the classes that occur. The second cell below checks it and names the usual mistakes.


# %%
def mean_iou_of(confusion):
    """Mean over the classes of TP / (TP + FP + FN); a class in neither truth nor prediction is left out.

    confusion (C, C) counts pixels; row: true class, column: predicted class. Return one number.
    """
    ...  # your code


# %%
exercise.check(mean_iou_of)

# %% [markdown]
# 3. **Code: build a network.** Write `small_unet(classes)`: a U-Net for images of any height and width that are multiples of 4, one grey channel, 0 to 255, with at most 20,000 parameters and logits
#    at the end. The checker builds it and trains it for 160 steps, a few seconds, on images of its own. It requires that the bright pixels are found with an IoU of at least 0.90, and that at least 90% of those found get the right class. The images hold single bright pixels, whose class depends on a lamp far away,
#    so the network must see far *and* sharply.


# %%
def small_unet(classes):
    """A keras.Model of at most 20,000 parameters.

    From images (B, H, W, 1), 0 to 255, to logits (B, H, W, classes).
    """
    ...  # your code


# %%
check_small_unet(small_unet)

# %% [markdown]
# 4. **Open.** Train with `GEOMETRY=1` and with `GEOMETRY=0`, three seeds each, and take the best mean IoU on the *validation* scenes of each training. Is the mean of the three differences, without its sign, larger than 4.3 times its standard error (their standard deviation divided by √3, as
#    in notebook 8; the 1.96 there is for many numbers, and for three it becomes 4.3)? Then, and only then, write that it helps, or that it hurts.
#
# <details><summary>Solutions</summary>
#
# 1. A mask must never be interpolated because between two labels there are other labels, which mean something else. Pixel accuracy is a poor measure because background is most of each scene, so a
#    network that finds nothing is nearly always right. Batch normalisation uses the batch's own mean and variance in training; in prediction it uses moving averages, so that the answer for one image
#    does not depend on its neighbours in the batch.
# 2. ```python
#    hits = np.diag(confusion)
#    union = confusion.sum(0) + confusion.sum(1) - hits
#    return (hits[union > 0] / union[union > 0]).mean()
#    ```
# 3. ```python
#    def block(x, filters):
#        x = layers.Conv2D(filters, 3, padding="same", use_bias=False)(x)
#        return layers.ReLU()(layers.BatchNormalization(momentum=0.9)(x))
#
#    image = keras.Input((None, None, 1))
#    fine = block(layers.Rescaling(1 / 255)(image), 8)
#    middle = block(layers.MaxPooling2D()(fine), 16)
#    coarse = block(block(layers.MaxPooling2D()(middle), 24), 24)
#    x = layers.Concatenate()([middle, layers.Conv2DTranspose(16, 2, strides=2)(coarse)])
#    x = layers.Conv2DTranspose(8, 2, strides=2)(block(x, 16))
#    x = block(layers.Concatenate()([fine, x]), 8)
#    return keras.Model(image, layers.Conv2D(classes, 1)(x))
#    ```
# 4. `python -m segutils sweep 09_segmentation_run -p GEOMETRY 0 1 -p SEED 0 1 2` runs all six; from each `results.json` take the largest `val_mean_iou` under `epochs`, and compare seed by seed. (`mean_iou` there is that of the test scenes, which choose nothing.)
#
# </details>
#
# ## Recap
#
# - We built a U-Net level by level: poolings to see far, transposed convolutions to come back, skip connections for the outline, batch normalisation to keep the scale of the maps. The course's
#   network differs from it in its sizes and by four changes of the plan, each with its price, and is trained by Muon, which gives all patterns of a gradient nearly the same strength.
# - We wrote augmentation in eight lines and training in ten; `Augment` gave the same mask, but for its rim, and `fit` gave the same loss.
# - We reported every class with its interval and looked at the worst scenes. Today's numbers:

# %% tags=["nbval-ignore-output"]
print(summary)
hardest, iou, low, high = report["IoU"].idxmin(), *report.iloc[report["IoU"].argmin(), :3]
print(f"lowest IoU: {hardest!r}, {iou:.3f} (95% interval {low:.3f} to {high:.3f})")

# %% [markdown]
# **What this adds to our goal.** Scenes like the one on page one are labelled. But we do not know yet *why* the network says what it says (notebook 10), whether it would work on your images (11), and what to do
# with fewer labels or less time (12).
#
# **Sources.** Ronneberger et al. 2015, [U-Net](https://arxiv.org/abs/1505.04597) · Ioffe and Szegedy 2015, [Batch normalization](https://arxiv.org/abs/1502.03167) · Long et al. 2015,
# [Fully convolutional networks](https://arxiv.org/abs/1411.4038) ·
# Jordan et al. 2024, [Muon](https://kellerjordan.github.io/posts/muon/) · Milletari et al. 2016, [V-Net and the Dice loss](https://arxiv.org/abs/1606.04797) · Smith and Topin 2018, [Super-convergence](https://arxiv.org/abs/1708.07120) ·
# Csurka et al. 2013, [What is a good evaluation measure for semantic segmentation?](https://www.bmva-archive.org.uk/bmvc/2013/Papers/paper0032/index.html) ·
# Guo et al. 2017, [On calibration of modern neural networks](https://arxiv.org/abs/1706.04599)
#
# **Next:** [10 · Inside the network](10_inside_the_network.ipynb): what each part of this network does, and where it looks when it errs.
