# %% [markdown]
# # 15 · Debugging clinic: thirteen failures, reproduced, diagnosed, cured
#
# <!-- [Open in Colab](https://colab.research.google.com/github/OWNER/REPO/blob/main/notebooks/15_debugging_clinic.ipynb) · -->
# previous: [12 · Frontiers](12_frontiers.ipynb) · next: [16 · FAQ](16_faq.ipynb) · about 20 seconds on two CPU cores
#
# The network trains, often without any error, and the masks are wrong. Where do you look first?
# Here are thirteen failures that people ask about again and again, in the order in which data flows.
#
# You will be able to
# - go from a symptom to the few causes that it can have, and check them in order,
# - reproduce each of thirteen failures in one cell, and cure it in plain Keras and with `segutils`,
# - write code that refuses bad masks with one clear sentence.
#
# You need: losses (notebook 5) and a segmentation run (9).

# %% tags=["parameters"]
SEED: int = 0  # of scenes, weights and augmentation
EPOCHS: int = 5  # passes over 128 or 256 small scenes, in each training run

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
    SEED=course.integer(0, 2**31 - 2),
    EPOCHS=course.integer(1, 100),
)

# %% tags=["hide-input"]
# @title Imports
import tempfile

import keras
import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf
from PIL import Image
from sklearn.neighbors import KNeighborsRegressor

from segutils import dataset, losses, metrics, models, plots, training, transforms
from segutils.digits import load_digits
from segutils.lessons.debugging_clinic import exercise
from segutils.scenes import CLASS_NAMES, make_scenes

digits = load_digits("bundled")
small = {"size": 42, "count": (1, 1), "noise": 0.03, "clutter": 2}
train = make_scenes(digits.train, 128, seed=[SEED, 0], scale=(1.3, 1.5), **small)
test = make_scenes(digits.test, 64, seed=[SEED, 1], scale=(1.3, 1.5), **small)
ink = train.semantic[0] > 0  # one mask to think about

# %% tags=["hide-input"]
# @title The first figure
image, mask = train.images[0], train.semantic[0]
smaller = Image.fromarray(mask.astype("uint8")).resize((21, 21), Image.BILINEAR)
axes = plots.grid(1, 4, size=1.9)[0]
plots.show_overlay(axes[0], image, ink, title="as it should be")
plots.show_overlay(axes[1], image, ink & False, title="empty: 2, 5, 7, 12")
plots.show_overlay(axes[2], image, np.roll(ink, (2, 3), (0, 1)), title="shifted: 3, 4")
plots.show_mask(axes[3], np.array(smaller), CLASS_NAMES, title="new classes: 3")
plt.show()

# %% [markdown]
# Three symptoms beside a mask as it should be, and the cases to look at. The last mask was made smaller: now it holds classes that nobody drew.
#
# ## From the symptom to the case
#
# | what you see | look at case |
# |---|---|
# | an error about labels, or a loss that is NaN or negative | 1, 2, 6 |
# | masks hold classes that nobody drew | 3 |
# | the loss falls, the masks are empty or black | 2, 5, 7, 12 |
# | the loss stops early, outlines stay soft, overlays look shifted | 3, 4 |
# | accuracy is high, IoU is 0 | 7 |
# | IoU does not move from the first epoch on | 7, 8 |
# | an error about shapes | 2, 7, 9 |
# | training goes well, validation does not | 10, 4 |
# | the saved model does not load | 11 |
# | good in validation, bad on new images | 12, 13 |
#
# Before any of it, look at **one batch** as the network gets it: shapes, dtypes, `np.unique` of the masks, smallest and largest pixel, a mask drawn over its image,
# and the loss of the untrained network, which should be near $\ln C$ for $C$ classes. Cases 1 to 4 and 12 fail one of these checks.
#
# Each case has a post, a cell that reproduces it, and a cell with the cure, whose asserts prove it (three short cases need one cell for both).
# Guess the cause before you read the line `# Diagnosis`.
#
# ## Masks and pairs
#
# ### Case 1 · Masks of 0 and 255
#
# > *My loss is −80 and still falling. Is that good? The masks look right, white on black.*
#
# **Reproduce.** A mask as a labelling tool saves it, and the loss of better and better predictions. **Predict:** which of the two masks below looks right, and which one is?

# %%
stored = np.where(ink, 255, 0).astype("uint8")  # what the file holds
binary = keras.losses.BinaryCrossentropy()
better = [np.where(ink, p, 1 - p)[..., None] for p in (0.9, 0.99, 0.999)]  # ever surer, all right

axes = plots.grid(1, 2, size=2.4)[0]
for ax, mask in zip(axes, (stored, ink.astype("uint8"))):
    plots.show_image(ax, mask, title=f"holds {mask.min()} and {mask.max()}")
plt.show()
print(
    "loss of ever better predictions:", [round(float(binary(stored[..., None], p))) for p in better]
)

# %%
# Diagnosis: the loss takes 255 for a probability y; its part (1 - y) log(1 - p) then has no bottom.
# Cure: give each mask value its class when the file is read.
classes = dataset.learn_classes({0, 255}, coloured=False)  # from all values of all masks
mask = classes.encode(stored)
np.testing.assert_array_equal(mask, stored > 127)  # the same by hand, where there are two values
cured = [float(binary(mask[..., None], p)) for p in better]
print("loss:", np.round(cured, 3))
assert cured[0] > cured[1] > cured[2] > 0
with course.expect_error(ValueError, match="got [255]"):  # training.fit refuses such masks, too
    metrics.check_labels(stored, 2)

# %% [markdown]
# **Why.** People see 0/255 and programs need 0/1: the right mask looks black. With integer labels (`SparseCategoricalCrossentropy`) 255 is *class number* 255: TensorFlow raises an error on a CPU, and
# on a GPU the loss is NaN. The doctor, `python -m segutils inspect` (notebook 11), reads the values of a whole data set and reports sets that mix 0/1 with 0/255.
#
# ### Case 2 · Masks in colours
#
# > *Roads are red in my masks. Keras said that (…, 3) and (…, 1) must have the same shape. With 3 filters in the last layer it runs, the loss goes to 0, and now everything is road.*
#
# **Reproduce.** The error, and then the loss of "road everywhere" against the truth. **Predict:** can it be small?

# %%
rgb = np.zeros((*ink.shape, 3), "uint8")
rgb[ink] = (255, 0, 0)  # our "road"
target, everywhere_red = rgb[None] / 255, np.zeros((1, *rgb.shape)) + [1.0, 0.0, 0.0]
with course.expect_error(ValueError, match="same shape"):
    binary(target, everywhere_red[..., :1])

axes = plots.grid(1, 2, size=2.4)[0]
plots.show_image(axes[0], rgb, title=f"mask {rgb.shape}")
plots.show_image(axes[1], np.full_like(rgb, (255, 0, 0)), title="prediction: red everywhere")
plt.show()
value = float(keras.losses.CategoricalCrossentropy()(target, everywhere_red))
print(f"loss of red everywhere: {value:.3f}")
assert value < 1e-6

# %%
# Diagnosis: black, (0, 0, 0), is a one-hot vector of *no* class: background costs nothing.
# Cure: one class number for each colour, no channel axis, sparse cross-entropy.
mask = np.full(rgb.shape[:2], 255)
for number, colour in enumerate([(0, 0, 0), (255, 0, 0)]):
    mask[(rgb == colour).all(-1)] = number
assert mask.max() < 2, "a colour has no class"
np.testing.assert_array_equal(mask, ink)
codes = set(np.unique(dataset.pack_colours(rgb)).tolist())
np.testing.assert_array_equal(mask, dataset.learn_classes(codes, coloured=True).encode(rgb))

value = float(keras.losses.SparseCategoricalCrossentropy()(mask[None], everywhere_red[..., 1::-1]))
print(f"loss of red everywhere: {value:.1f}")
assert value > 1
with course.expect_error(ValueError, match="integer masks"):  # ours says what it wants
    losses.cross_entropy(rgb[None], everywhere_red)

# %% [markdown]
# **Why.** One-hot is not RGB: with three classes each pixel needs exactly one 1. Other losses (`Dice`, mean squared error) do not even complain of (…, 3) against (…, 1): they *broadcast*. Read palette
# PNGs without converting them: `np.asarray(Image.open(path))` gives the numbers. `dataset.inspect(folder).classes` has the colours of a data set; exercise 2 makes the cure refuse unknown ones.
#
# ### Case 3 · Masks blurred by resizing or augmentation
#
# > *I have 4 digits in my image. After resizing there are classes that I never labelled, thin lines of them around every object.*
#
# **Reproduce.** `tf.image.resize` as it comes. **Predict:** which classes can appear between background (0) and class 9?

# %%
scene = make_scenes(digits.train, 1, size=64, count=(4, 4), clutter=0, seed=[SEED, 2])
mask = scene.semantic[0]
resized = np.asarray(tf.image.resize(mask[..., None], (96, 96)))[..., 0].round().astype(int)

row, column = np.argwhere(resized == mask.max())[0]  # where the object of the highest class begins
fig, axes = plt.subplots(1, 3, figsize=(8.4, 2.9), layout="constrained")
plots.show_mask(axes[0], mask, CLASS_NAMES, title="mask, 64×64")
plots.show_mask(axes[1], resized, CLASS_NAMES, title="resized to 96×96", min_size=40)
detail = resized[row - 4 : row + 6, column - 5 : column + 7]
plots.show_numbers(axes[2], detail, title="its class numbers, a detail")
plt.show()
print("classes before:", np.unique(mask), "after:", np.unique(resized))
assert set(np.unique(resized)) > set(np.unique(mask))


# %% tags=["nbval-ignore-output"]
# Diagnosis: bilinear interpolation takes means of class *numbers*; some layers of Keras do so, too.
# Cure: "nearest" for masks, and a test that no label is new. It works for each tool that you use.
def invented(after, before):
    return float(1 - np.isin(after, np.unique(before)).mean())


pair = {"images": scene.images * 1.0, "segmentation_masks": mask[None, ..., None] * 1.0}
by_keras = keras.layers.RandomRotation(0.1, seed=SEED)(pair)["segmentation_masks"]
nearest = tf.image.resize(mask[..., None], (96, 96), method="nearest")
augment = transforms.Augment(rotation=0.5, zoom=0.2, shear=0.2)
_, ours = augment(scene.images, scene.semantic, seed=(SEED, 0))
version = tuple(map(int, keras.__version__.split(".")[:2]))
print(
    f"RandomRotation of Keras {keras.__version__}: {100 * invented(by_keras, mask):.1f}% new labels"
)
assert invented(by_keras, mask) == 0 or version < (3, 14)
assert invented(resized, mask) > 0 == invented(nearest, mask) == invented(ours, mask)

# %% [markdown]
# **Why.** Between 0 and 9 lie all the others. Keras up to 3.13.2 (Colab has it) blurs masks in its augmentation layers even in the documented form, a dict of image and mask; 3.14 uses nearest there.
# JPEG does the same to mask *files*; the doctor finds both. Never round the damage away: 4 is as wrong as 4.3.
#
# ### Case 4 · Image and mask out of step
#
# > *The loss falls to about half and stays. Single predictions look right, but the overlay of my training data looks shuffled.*
#
# **Reproduce.** Two usual ways: files paired by their position in two sorted lists, and one random layer called twice. **Predict:** how many of twelve pairs are wrong?

# %% tags=["nbval-ignore-output"]
names = [f"cell{i}" for i in range(1, 13)]
image_files, mask_files = (sorted(name + end for name in names) for end in (".png", "_mask.png"))
pairs = list(zip(image_files, mask_files))
print(" · ".join(f"{image} with {mask}" for image, mask in pairs[:2]))
wrong = sum(mask != image.replace(".png", "_mask.png") for image, mask in pairs)

flip = keras.layers.RandomFlip("horizontal", seed=SEED)
images, masks = train.images[:64] * 1.0, (train.semantic[:64, ..., None] > 0) * 1.0
flipped, flipped_masks = np.asarray(flip(images)), np.asarray(flip(masks))  # draws twice
turned = (flipped != images).any((1, 2, 3))
masks_turned = (flipped_masks != masks).any((1, 2, 3))
axes = plots.grid(1, 4, size=2, titles=["image, and its mask on it"] * 4)[0]
for ax, i in zip(axes, np.flatnonzero(turned != masks_turned)):
    plots.show_overlay(ax, flipped[i], flipped_masks[i, ..., 0] > 0, opacity=0.3)
plt.show()
print(
    f"{wrong} of 12 file pairs and {(turned != masks_turned).sum()} of 64 augmented pairs do not fit"
)
assert wrong == 4
assert 10 < (turned != masks_turned).sum() < 54

# %%
# Diagnosis: "." sorts before "1" and "_" after it; and each call of a layer draws new random numbers.
# Cure: pair by *name*, and change image and mask in *one* call.
with tempfile.TemporaryDirectory() as home:
    for name in image_files + mask_files:
        (Path(home) / name).touch()
    pairs = dataset.find_pairs(dataset.Files(home)).pairs
assert all(pair.masks == (pair.image.replace(".png", "_mask.png"),) for pair in pairs)

together = flip({"images": images, "segmentation_masks": masks})
ours = transforms.Augment(flip=True)(images, masks[..., 0], seed=(SEED, 0))
for image, mask in ((together["images"], together["segmentation_masks"][..., 0]), ours):
    changed = (np.asarray(image) != images).any((1, 2, 3))
    assert 0 < changed.sum() < 64
    np.testing.assert_array_equal(changed, (np.asarray(mask) != masks[..., 0]).any((1, 2)))
print(f"{len(pairs)} files paired by name; all 64 pairs flipped together")

# %% [markdown]
# **Why.** Sorting puts `cell10_mask.png` before `cell1_mask.png`, but `cell1.png` before `cell10.png`: four of twelve pairs are wrong here, and nothing fails. The same seed in *two* layers
# does not help either when `tf.data` runs them in parallel. `transforms.Augment` takes the seed with each batch (notebook 9).
#
# ## The loss
#
# ### Case 5 · Logits taken for probabilities
#
# > *The loss falls nicely. But the prediction is empty, or random. I use a Conv2D with 2 filters at the end and sparse cross-entropy.*
#
# **Reproduce.** Train it like this. **Predict:** will the loss tell us?


# %%
def network(*last, momentum=None):
    """A small network from raw pixels to two scores a pixel; with batch normalisation if it has a momentum."""
    chain = [keras.Input((None, None, 1)), keras.layers.Rescaling(1 / 64, offset=-1.0)]
    for size in (5, 3):
        chain.append(keras.layers.Conv2D(8, size, padding="same"))
        chain += [keras.layers.BatchNormalization(momentum=momentum)] if momentum else []
        chain.append(keras.layers.ReLU())
    return keras.Sequential([*chain, keras.layers.Conv2D(2, 1), *last])


def trained(model, loss, scenes=train, **options):
    """The model after EPOCHS passes, and the loss of each."""
    model.compile(keras.optimizers.Adam(0.01), loss)
    y = (scenes.semantic > 0).astype("int32")
    return model, model.fit(
        scenes.images, y, batch_size=16, epochs=EPOCHS, verbose=0, **options
    ).history["loss"]


def counts(model, scenes=test):
    """The confusion matrix of background and ink on test scenes."""
    predicted = model.predict_on_batch(scenes.images).argmax(-1)
    return metrics.confusion_matrix((scenes.semantic > 0).astype(int), predicted, 2)


# %% tags=["nbval-ignore-output"]
CrossEntropy = keras.losses.SparseCategoricalCrossentropy
course.set_seed(SEED)
model, history = trained(network(), CrossEntropy())
print("loss of each epoch:", np.round(history, 2))
print(f"IoU of ink on test scenes: {metrics.iou(counts(model))[1]:.3f}")
scores = model.predict_on_batch(train.images)[train.semantic > 0]  # (ink pixels, 2)
tie = np.ptp(np.clip(scores, 0, 1), axis=-1) == 0
print(f"ink pixels whose two scores lie beyond 0 or beyond 1 together: {100 * tie.mean():.0f}%")

# %% tags=["nbval-ignore-output"]
# Diagnosis: the last layer gives logits; the loss, told nothing, clips them as if they were probabilities.
# Cure: from_logits=True, or a softmax as the last layer. Never both.
course.set_seed(SEED)
good, history = trained(network(), CrossEntropy(from_logits=True))
course.set_seed(SEED)
also, _ = trained(network(keras.layers.Softmax()), CrossEntropy())
print("loss of each epoch:", np.round(history, 2))
print(f"IoU of ink on test scenes: {metrics.iou(counts(good))[1]:.3f}")
if (SEED, EPOCHS) == (0, 5):
    assert metrics.iou(counts(model))[1] < 0.1
    assert tie.mean() > 0.4
    assert min(metrics.iou(counts(m))[1] for m in (good, also)) > 0.6

# %% [markdown]
# **Why.** The broken loss falls, too, so the curve alone proves nothing. This loss clips each score to 0..1. Where both end at the same bound (here for most of the ink) they are a tie, whatever `argmax` makes of them, and the gradient is zero.
# Look at the numbers: `model(images)` beyond 0..1 are logits. Our losses expect logits unless told otherwise; `training.MeanIoU` takes either.
#
# ### Case 6 · Dice negative, or NaN
#
# > *My Dice loss is −0.8. A friend's is NaN from the first step, but only with mixed precision.*
#
# **Reproduce.** Three Dice losses, each of a *perfect* prediction. **Predict:** which one is negative?


# %%
def my_dice(y, p):
    return 1 - 2 * (y * p).sum() / (y.sum() + p.sum())


nines = np.full((1, 8, 8), 9)  # a mask full of class 9
scores = keras.utils.to_categorical(nines, 11)  # a perfect prediction of it
empty, full = np.zeros((8, 8)), np.ones((512, 512), "float16")
with np.errstate(all="ignore"):  # NumPy would warn
    broken = [
        float(keras.losses.Dice()(nines[..., None], scores)),
        my_dice(empty, empty),
        my_dice(full, full),
    ]
print("integer labels, empty masks, float16 at 512×512:", np.round(broken, 2))
assert broken[0] < 0
assert np.isnan(broken[1:]).all()

# %%
# Diagnosis: 9 counts as nine times "yes"; 0/0; 262,144 ones are summed, but float16 ends at 65,504.
# Cure: one-hot labels; a small number above and below; sums in float32. `losses.dice` does all three.
by_keras = float(keras.losses.Dice()(keras.utils.to_categorical(nines, 11), scores))
with_smooth = 1 - (2 * (empty * empty).sum() + 1) / (empty.sum() + empty.sum() + 1)
in_float32 = my_dice(full.astype("float32"), full.astype("float32"))
np.testing.assert_allclose([by_keras, with_smooth, in_float32], 0, atol=1e-6)

ours = losses.dice(nines, 50 * scores)  # ten of its eleven classes are in neither mask
np.testing.assert_allclose(ours, 0, atol=1e-6)
print("all three are 0 now")

# %% [markdown]
# **Why.** (8, 8, 1) labels broadcast over 11 channels, and a *better* prediction need not lower that loss at all (notebook 5). Two empty masks are common in crops of large images.
# With mixed precision, cast at the beginning of your own loss: `keras.ops.cast(y_pred, "float32")`.
#
# ### Case 7 · Everything is background
#
# > *97% accuracy after one epoch! But the prediction is empty. With `class_weight` I get an error about Python scalars.*
#
# **Reproduce.** Scenes with 3% ink, the network of case 5, correctly wired. **Predict:** accuracy and IoU?

# %% tags=["nbval-ignore-output"]
rare, rare_test = (
    make_scenes(part, n, seed=[SEED, n], scale=(0.5, 0.6), **small)
    for part, n in ((digits.train, 256), (digits.test, 64))
)
course.set_seed(SEED)
lazy, _ = trained(network(), CrossEntropy(from_logits=True), rare)
found = counts(lazy, rare_test)
print(f"accuracy {metrics.pixel_accuracy(found):.3f}, IoU of ink {metrics.iou(found)[1]:.3f}")
with course.expect_error((TypeError, ValueError)):
    trained(lazy, CrossEntropy(from_logits=True), rare, class_weight={0: 1.0, 1: 9.0})

# %% tags=["nbval-ignore-output"]
# Diagnosis: 97 of 100 pixels pull towards background; `class_weight` wants one label per image.
# Cure: a weight for each *pixel*, or a loss with weights; more training; and report IoU, not accuracy.
course.set_seed(SEED)
weights = np.where(rare.semantic > 0, 9.0, 1.0)
plain, _ = trained(network(), CrossEntropy(from_logits=True), rare, sample_weight=weights)
course.set_seed(SEED)
weighted = losses.SegmentationLoss("cross_entropy", class_weights=[1.0, 9.0])
ours, _ = trained(network(), weighted, rare)
axes = plots.grid(1, 4, size=2, titles=["image", "truth", "case", "cure"])[0]
plots.show_image(axes[0], rare_test.images[3])
predicted = [m.predict_on_batch(rare_test.images[3:4])[0].argmax(-1) for m in (lazy, ours)]
for ax, mask in zip(axes[1:], [(rare_test.semantic[3] > 0).astype(int), *predicted]):
    plots.show_mask(ax, mask, ["background", "ink"])
plt.show()
cured = [metrics.iou(counts(m, rare_test))[1] for m in (plain, ours)]
print(f"IoU of ink: sample_weight {cured[0]:.3f}, SegmentationLoss {cured[1]:.3f}")
if (SEED, EPOCHS) == (0, 5):
    assert metrics.pixel_accuracy(found) > 0.95
    assert metrics.iou(found)[1] < 0.05 < 0.3 < min(cured)

# %% [markdown]
# **Why.** With rare objects, training finds "all background" first, and a short run ends there. Nothing is wrong with the data. But first exclude cases 1, 2, 5 and 12, which look the same.
# Which loss when: notebook 5, section 7.
#
# ## Metric and network
#
# ### Case 8 · MeanIoU does not move
#
# > *The loss falls, the masks get better, `MeanIoU` stays at 0.43. And after running the cell again, `val_mean_io_u` is missing from the history.*
#
# **Reproduce and cure** in one cell. A right prediction, ever surer. **Predict:** at which $p$ does the metric wake up?


# %%
def score(metric, y_pred):
    metric.update_state(ink[None].astype("int32"), y_pred)
    return float(metric.result())


probabilities = [np.where(ink, p, 1 - p)[None].astype("float32") for p in (0.6, 0.9, 0.999)]
stuck = [score(keras.metrics.MeanIoU(2), p) for p in probabilities]
print("MeanIoU:", np.round(stuck, 2))
assert len(set(stuck)) == 1
assert keras.metrics.MeanIoU(2).name != keras.metrics.MeanIoU(2).name

# Diagnosis: it casts scores to whole numbers, so 0.999 is class 0. And an automatic name counts up.
# Cure: a threshold (one channel) or argmax (several), and a name.
for p in probabilities:
    two = np.stack([1 - p, p], -1)
    assert score(keras.metrics.BinaryIoU([0, 1], threshold=0.5, name="mean_iou"), p) == 1
    assert score(keras.metrics.MeanIoU(2, sparse_y_pred=False, name="mean_iou"), two) == 1
    assert (
        score(training.MeanIoU(2), np.log(two)) == 1
    )  # logits or probabilities, always "mean_iou"

# %% [markdown]
# **Why.** `MeanIoU` was made for class numbers; 0.43 is half the IoU of "all background". It would wake up at exactly $p = 1$. A missing `val_mean_io_u` hits you in `ModelCheckpoint(monitor=…)`:
# a warning, and no file. `training.fit` refuses a monitor that is not in the history.
#
# ### Case 9 · Shapes that do not divide
#
# > *A `Concatenate` layer requires inputs with matching shapes. My images are 50×50; with 64×64 it works.*
#
# **Reproduce and cure** in one cell. **Predict:** 50, then 25: what comes next, and what comes back on the way up?


# %%
def two_levels(height, width):
    """A U-Net that halves its input twice."""
    inputs = keras.Input((height, width, 1))
    fine = keras.layers.Conv2D(4, 3, padding="same")(inputs)
    middle = keras.layers.MaxPooling2D()(fine)
    x = keras.layers.UpSampling2D()(keras.layers.MaxPooling2D()(middle))
    x = keras.layers.UpSampling2D()(keras.layers.Concatenate()([x, middle]))
    return keras.Model(inputs, keras.layers.Concatenate()([x, fine]))


with course.expect_error(ValueError, match="(None, 24, 24, 4), (None, 25, 25, 4)"):
    two_levels(50, 50)

# Diagnosis: 25 is halved to 12, doubled to 24, and 24 does not fit 25.
# Cure: pad to a multiple of 2 for each level (here 4), predict, cut back.
images = scene.images[:, :50, :50].astype("float32")
padded = np.pad(images, [(0, 0), (0, -50 % 4), (0, -50 % 4), (0, 0)], mode="reflect")
y = two_levels(None, None)(padded)[:, :50, :50]
assert y.shape[:3] == images.shape[:3]
print(f"padded to {padded.shape[1:3]}, cut back to {tuple(y.shape[1:3])}")
with course.expect_error(ValueError, match="pad to (64, 64)"):  # our U-Net says how
    models.unet(2)(images)

# %% [markdown]
# **Why.** Half of an odd number is rounded down, and the skip connection keeps the odd one. Padding does not change the mask's meaning; stretching does. Images of any size: `tiling.predict_tiled` (notebook 11).
#
# ### Case 10 · Training goes well, validation stands still
#
# > *Training loss 0.1, validation loss 0.5, from the start. Overfitting after three epochs? It is even bad on the training images!*
#
# **Reproduce and cure** in one cell: the network of case 5 with batch normalisation, judged on *the same training images* twice. **Predict:** can one network have two losses on the same data?

# %% tags=["nbval-ignore-output"]
gap = {}
for momentum in (0.99, 0.9):
    course.set_seed(SEED)
    model, _ = trained(network(momentum=momentum), CrossEntropy(from_logits=True))
    x, y = train.images.astype("float32"), (train.semantic > 0).astype("int32")
    losses_of = [
        float(CrossEntropy(from_logits=True)(y, model(x, training=flag))) for flag in (True, False)
    ]
    gap[momentum] = losses_of[1] / losses_of[0]
    print(
        f"momentum {momentum}: loss {losses_of[0]:.2f} in training mode, {losses_of[1]:.2f} in use;",
        end=" ",
    )
    print(f"IoU on test scenes {metrics.iou(counts(model))[1]:.2f}")

# Diagnosis: batch normalisation uses the batch in training, moving averages afterwards. Theirs is a
# slow walk: with momentum 0.99, Keras's default, 37% of the *start* is left after 100 steps.
# Cure: momentum 0.9 in short runs, or more steps.
if (SEED, EPOCHS) == (0, 5):
    assert gap[0.99] > 1.5
    assert gap[0.9] < 1.2

# %% [markdown]
# **Why.** The test "same images, both modes" tells this from overfitting in one line. $0.99^{100} \approx 0.37$, and five epochs of 8 steps are only 40. `models.unet` uses 0.9.
#
# ## The file and the report
#
# ### Case 11 · The custom loss that does not reload
#
# > *Trained all night. Now `load_model` says: could not locate function 'loss'.*
#
# **Reproduce.** A loss with an option, as a function in a function. **Predict:** does the file hold the function?


# %%
def dice_with(smooth):
    def loss(y_true, y_pred):
        return losses.dice(y_true, y_pred, smooth=smooth)

    return loss


home = tempfile.TemporaryDirectory()
path = Path(home.name) / "best.keras"
model = network()
model.compile("sgd", dice_with(2.0))
model.save(path)
with course.expect_error(TypeError, match="Could not locate function 'loss'"):
    keras.saving.load_model(path)

# %%
# Diagnosis: the file holds the *name* "loss", and neither code nor options.
# Cure: to predict, compile=False. To train on, a registered class that gives its options away.
rescued = keras.saving.load_model(path, compile=False)


@keras.saving.register_keras_serializable("clinic")
class MyDice(keras.losses.Loss):
    def __init__(self, smooth=1.0, **options):
        super().__init__(**options)
        self.smooth = smooth

    def call(self, y_true, y_pred):
        return losses.dice(y_true, y_pred, smooth=self.smooth)

    def get_config(self):
        return {**super().get_config(), "smooth": self.smooth}


for loss in (MyDice(2.0), losses.SegmentationLoss("dice", smooth=2.0)):
    model.compile("sgd", loss)
    model.save(path)
    again = keras.saving.load_model(path)
    assert again.loss.get_config() == loss.get_config()
    for other in (rescued, again):
        np.testing.assert_array_equal(other(test.images[:2]), model(test.images[:2]))
home.cleanup()
print("both reload, smooth = 2 and all weights included")

# %% [markdown]
# **Why.** A registered class must be *imported* before loading; `segutils` registers `SegmentationLoss`, `MeanIoU` and its layers, and `training.load_best` imports them. `custom_objects={"loss": dice_with(2.0)}` works too,
# if you remember the 2.0. Weights are never lost: they are what `compile=False` loads.
#
# ### Case 12 · Black on my own images
#
# > *Test IoU 0.77. On a PNG that I read with matplotlib, the prediction is black. And the correct masks that I saved are black, too.*
#
# **Reproduce.** The good network of case 5 and one of its own test images, saved and read again. **Predict:** which smallest and largest pixel has it now?

# %% tags=["nbval-ignore-output"]
with tempfile.TemporaryDirectory() as home:
    path = Path(home) / "own.png"
    Image.fromarray(test.images[2, ..., 0]).save(path)
    own, right_way = plt.imread(path), np.asarray(Image.open(path))
print(
    f"plt.imread: {own.dtype}, {own.min():.2f} to {own.max():.2f}; Image.open: {right_way.dtype}, {right_way.min()} to {right_way.max()}"
)
black, mask = (good.predict_on_batch(x[None, ..., None])[0].argmax(-1) for x in (own, right_way))

axes = plots.grid(1, 4, size=2.2)[0]
plots.show_image(axes[0], right_way, title="image")
plots.show_image(axes[1], 255 * black, title="mask from plt.imread")
plots.show_image(axes[2], mask, title="from Image.open, as 0/1")
plots.show_image(axes[3], 255 * mask, title="the same, times 255")
plt.show()


# %% tags=["nbval-ignore-output"]
# Diagnosis: plt.imread divides PNGs by 255; the network saw 0..255. And 1 of 255 is black to the eye.
# Cure: read as in training, let the model scale, and refuse what does not fit.
def predict(model, image):
    if image.dtype.kind == "f" and image.max() <= 1:
        raise ValueError(
            f"expected pixels 0 to 255, got at most {image.max():.2f}; multiply by 255"
        )
    return model.predict_on_batch(image[None, ..., None])[0].argmax(-1)


with course.expect_error(ValueError, match="multiply by 255"):
    predict(good, own)
np.testing.assert_array_equal(predict(good, 255 * own), mask)
ours = dataset.image_values(Image.fromarray(right_way), channels=1)  # uint8, upright, 16 bit scaled
np.testing.assert_array_equal(predict(good, ours[..., 0]), mask)
one_channel = mask[..., None] * 0.9  # a sigmoid output
assert (one_channel.argmax(-1) == 0).all(), "argmax over one channel is 0 everywhere"
np.testing.assert_array_equal(one_channel[..., 0] > 0.5, mask)
if (SEED, EPOCHS) == (0, 5):
    assert black.sum() < 0.1 * mask.sum()

# %% [markdown]
# **Why.** Whatever happened to training images must happen to new ones: scale, channel order, resizing. The safest place for the scale is a `Rescaling` layer *in the model*, as here and in `models.unet`:
# it is saved with the weights. A third black mask is asserted above: `argmax` over a single sigmoid channel; it needs a threshold.
#
# ### Case 13 · Leakage
#
# > *Validation IoU 0.8, and everyone was happy. On new images it is 0.5.*
#
# **Reproduce.** 60 scenes, six augmented copies of each, *then* a random split. The "network" only remembers: it answers with the mask of the most similar training image. **Predict:** does validation notice?

# %% tags=["nbval-ignore-output"]
source = np.repeat(np.arange(60), 6)  # six copies of each scene
mild = transforms.Augment(rotation=0.1, shift=0.03, brightness=0.1)
some = train.images[source], (train.semantic[source] > 0).astype("int32")
images, masks = (np.asarray(a).reshape(len(source), -1) for a in mild(*some, seed=(SEED, 1)))
new = test.images.reshape(len(test.images), -1), (test.semantic > 0).reshape(len(test.images), -1)


def remember(learn, images_asked, masks_asked):
    memory = KNeighborsRegressor(1).fit(images[learn], masks[learn])
    answer = memory.predict(images_asked).astype(int)
    return metrics.iou(metrics.confusion_matrix(masks_asked.astype(int), answer, 2))[1]


order = np.random.default_rng(SEED).permutation(len(source))
learn, judge = order[:288], order[288:]
leaky = remember(learn, images[judge], masks[judge])
print(f"random split: validation IoU {leaky:.2f}, new scenes {remember(learn, *new):.2f}")

# %% tags=["nbval-ignore-output"]
# Diagnosis: copies of one scene stand on both sides of the split. Remembering looks like learning.
# Cure: split by *source* first (scene, patient, film), augment afterwards, and only for training.
parts = dataset.split_by_group(source, shares=(0.7, 0.2, 0.1), seed=SEED)
assert not set(source[parts.train]) & set(source[parts.validation])
honest, truth = (
    remember(parts.train, images[parts.validation], masks[parts.validation]),
    remember(parts.train, *new),
)
print(f"split by source: validation IoU {honest:.2f}, new scenes {truth:.2f}")
assert abs(honest - truth) < 0.15 < leaky - truth

# %% [markdown]
# **Why.** The leak raised the *report*, not the network: on new scenes both are about equal. A network with enough weights remembers as well as this one. Neighbouring tiles, frames of one film and images
# of one patient are copies, too. `dataset.split_by_group` keeps groups together, and the doctor finds the same image in two parts.
#
# ## Exercises
#
# 1. **Recall.** Which case is it, and what do you print first? (a) The loss is −300. (b) Accuracy 0.97, IoU 0. (c) Loss 0.1 in training mode, 0.5 in use, same images. (d) Validation 0.8, new images 0.5.
# 2. **Code.** Write `encode`, the cure of case 2, so that it refuses unknown colours. The second cell below checks it and names the usual mistakes.
# 3. **Open.** Build one of these failures into notebook 9, without any error, and give it to a neighbour, who may run five prints. Which five find most failures?


# %%
def encode(rgb, colours):
    """Class of each pixel: rgb (H, W, 3) uint8, colours (C, 3) uint8 → (H, W) ints, 0 for colours[0], and so on.

    A pixel of another colour raises a ValueError whose message holds that colour's three numbers.
    """
    ...  # your code


# %%
exercise.check(encode)

# %% [markdown]
# <details><summary>Solutions</summary>
#
# 1. (a) Case 1 (or 6): `np.unique` of a mask. (b) Case 7: the share of each class. (c) Case 10: the loss with `training=True` and `False`. (d) Case 13: the sources on both sides of the split.
# 2. In the body of the function:
#
# ```python
# match = (rgb[:, :, None, :] == colours).all(-1)  # (H, W, C)
# unknown = rgb[~match.any(-1)]
# if len(unknown):
#     raise ValueError(f"no class has colour {unknown[0].tolist()}; the colours are {colours.tolist()}")
# return match.argmax(-1)
# ```
# 3. Good candidates: shapes and dtypes, `np.unique` of the masks, pixel range, one overlay, the first loss against $\ln C$.
#
# </details>
#
# ## Recap
#
# - We went from symptoms to causes along the data's way: masks, pairs, loss, metric, network, file, report.
# - We reproduced thirteen failures and cured each, with asserts: a loss of −79 became 0.105, a NaN became 0, four wrong pairs of twelve became none, a stuck IoU of 0.43 became 1.
# - We wrote an `encode` that refuses unknown colours. Most of the failures raised no error: look at one batch before every training.
#
# **Sources.** Black predictions: [Pytorch-UNet #370](https://github.com/milesial/Pytorch-UNet/issues/370), [#506](https://github.com/milesial/Pytorch-UNet/issues/506) ·
# masks of 0/255: [#341](https://github.com/milesial/Pytorch-UNet/issues/341), [NaN on a GPU](https://github.com/tensorflow/tensorflow/issues/8484), in colours: [#123](https://github.com/milesial/Pytorch-UNet/issues/123) ·
# masks in augmentation layers: [Keras #20857](https://github.com/keras-team/keras/issues/20857), [its cure #22192](https://github.com/keras-team/keras/pull/22192) ·
# Dice: [Keras #19637](https://github.com/keras-team/keras/issues/19637), [in half precision](https://github.com/qubvel-org/segmentation_models.pytorch/issues/463) ·
# class weights: [Keras #3653](https://github.com/keras-team/keras/issues/3653), [#14126](https://github.com/keras-team/keras/issues/14126) ·
# MeanIoU: [TensorFlow #32875](https://github.com/tensorflow/tensorflow/issues/32875), [#39173](https://github.com/tensorflow/tensorflow/issues/39173) ·
# batch normalisation: [Keras #10666](https://github.com/keras-team/keras/issues/10666) · custom losses: [Keras #3457](https://github.com/keras-team/keras/issues/3457)
#
# **Next:** [16 · FAQ](16_faq.ipynb): every question of the article, answered by running it.
