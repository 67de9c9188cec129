# %% [markdown]
# # 11 · Your images: from a folder to a model that you can trust
#
# <!-- [Open in Colab](https://colab.research.google.com/github/OWNER/REPO/blob/main/notebooks/11_your_images.ipynb) · -->
# previous: [10 · Inside the network](10_inside_the_network.ipynb) · next: [12 · Frontiers](12_frontiers.ipynb) · about 1 minute on two CPU cores
#
# On page one of this course stands a scene of handwritten digits, and notebook 9 gave every one of its pixels a label. We had made those scenes ourselves, though: as many as we liked, each with a
# mask that is right in every pixel. Real images come in a folder. There are few of them, someone drew the masks by hand, some files are broken, and some images show nearly the same thing.
# What changes on the road from a folder to a model, and how do we know what the model is worth?
#
# You will be able to
# - find what is wrong with a folder before it spoils a training,
# - split images so that no test image has a relative in training, and train a U-Net on the rest,
# - compare the network with a simple rule, load the finished model, and predict an image of any size.
#
# You need: the U-Net and the mean IoU of notebook 9.

# %% tags=["parameters", "hide-input"]
# @title Parameters
FOLDER: str = ""  # folder or zip of images and masks; empty: coins; "nuclei": see section 9
NAMES: str = ""  # of the classes, by mask value, with commas between; empty: found
GROUPS: str = ""  # regular expression for an image's source in its path; empty: by likeness
EPOCHS: int = 6  # looks at the validation crops; this and the next two, 0: by the recipe
EPOCH_CROPS: int = 240  # training crops between two looks
BATCH_SIZE: int = 8  # crops a step
SEED: int = 0  # of split, weights, order and augmentation
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
    FOLDER=course.files("nuclei"),
    NAMES=course.text(empty=True),
    GROUPS=course.text(empty=True),
    EPOCHS=course.integer(0, 1000),
    EPOCH_CROPS=course.integer(0, 200_000),
    BATCH_SIZE=course.integer(0, 1024),
    SEED=course.integer(0, 2**31 - 1),
    OUTPUT=course.text(empty=True),
)

# %% tags=["hide-input"]
# @title Imports
import time

import keras
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from skimage.filters import threshold_otsu

from segutils import dataset, plots, tiling
from segutils.dataset import samples
from segutils.lessons import your_images_figures as lesson
from segutils.lessons.your_images import check_coin_net, exercise, second_exercise
from segutils.metrics import VOID
from segutils.plumbing import storage
from segutils.workhorse import (
    apply,
    crops,
    data,
    export,
    figures,
    judge,
    keep,
    options,
    road,
    train,
)
from segutils.workhorse import recipe as recipes

course.set_seed(SEED)
run = course.make_run_folder(OUTPUT, "11_your_images", parameters)
started = time.perf_counter()

# %% tags=["hide-input"]
# @title The first figure
photograph, coins = samples.coins()
windows = samples.coin_windows(coins)
two = list(windows.values())[4:6]
lesson.show_pairs(
    [photograph[at] for at in two],
    [np.uint8(coins[at] > 0) for at in two],
    ["background", "coin"],
)
plt.show()

# %% [markdown]
# Pairs like these two are all that is needed: an image, and a mask of the same size in which the value of each pixel names its class. At the end of this notebook there is a model that draws such masks for
# new images, and we shall know how far to trust it.
#
# This is the *lesson*. For a folder of your own there is a notebook with the same steps and without the explanations,
# [Segment a folder](projects/segment_folder.ipynb), or in a terminal `python -m segutils segment FOLDER`. The functions that we call here are the ones that it calls.
#
# ## 1 · A folder of images and masks
#
# Which mask belongs to which image? The names tell: `images/a.jpg` and `masks/a.png`, or `a.jpg` and `a_mask.png`, or one mask for each object in a folder beside its image. A zip file is read as it is.
#
# Our example is a photograph of 24 Greek coins that comes with the Python library scikit-image. We have cut it into 24 images with one coin each. The masks were made as people make masks: an ellipse was fitted to each coin by hand and with the help of an
# algorithm, and then checked by eye. A worn coin is no exact ellipse, so its true rim may lie a pixel away from the rim of its mask.

# %%
lesson.show_windows(photograph, coins, windows)
plt.show()

# %% [markdown]
# How much does one pixel at the rim cost? Take a coin with a radius of 22 pixels. It covers $\pi \cdot 22^2$, about 1521 pixels. A prediction that is right except for a ring of one pixel has the radius 21 and covers
# $\pi \cdot 21^2$, about 1385. All of these lie inside the coin, so the *intersection* of both is 1385 and their *union* is 1521. The IoU is the intersection divided by the union.
#
# **Predict.** Is that IoU nearer to 0.99, to 0.95, or to 0.90?

# %%
intersection, union = np.pi * 21**2, np.pi * 22**2
print(f"{intersection:.0f} / {union:.0f} = {intersection / union:.3f}")

# %% [markdown]
# The IoU is 0.911, nearest to 0.90: one pixel all around costs nearly a tenth. So where the masks themselves are uncertain by a pixel, a difference of a few hundredths between two models says little. Keep that number in mind; we shall
# need it in section 6.
#
# ## 2 · Look for faults before you train
#
# Many trainings fail because something in the folder is wrong. To see how faults are found, we write the coins to a folder and spoil five files of a *copy*, as it happens to people: one mask is lost, one was halved in size, one was resized as if it were a
# photograph (so that its rim got grey values between the classes), one holds 0 and 1 where the others hold 0 and 255, and one image file breaks off in the middle. Then `dataset.inspect` opens every file and writes down what it finds.
#
# **Predict.** Which two of the five faults would raise no error in a training, and only make its result worse?

# %% tags=["nbval-ignore-output"]
spoiled = samples.damage(samples.make_coins(run / "coins"), run / "spoiled_coins")
report = dataset.inspect(spoiled)
faults = report.findings[report.findings.level != "note"]
assert len(faults) == 5, "five files were spoiled, and each is found"
print(report)

# %% [markdown]
# The two that raise no error are the mask of 0 and 1 and the mask that was resized as if it were a photograph. The first looks all black, and where 255 means "coin", 1 does not. The second has gained grey values at its rim that no class has, and a program that takes 255 for "coin" and all else for background would shrink the coin; the report calls that a *blurred mask*. The report lists both as errors, because nothing later would stop you. (Some cures name an option, such as `--nearest`, of the command `python -m segutils inspect FOLDER`, which prints the same report in a terminal.)
# A lost mask is only a warning: its image is left out, and the others are as good as before.
#
# Now the folder that we want to use. `require_usable` stops here, with one sentence, if there is an error, and before any minute is spent on training. (`blame_parameter` only adds to such a sentence which parameter in the first cell is to be changed.)

# %%
with course.blame_parameter("FOLDER"):
    path = samples.find_nuclei() if FOLDER == "nuclei" else Path(FOLDER or run / "coins")
    files, found = dataset.Files(path), dataset.inspect(path)
    dataset.require_usable(found)
pairs, classes = found.pairs, found.classes
with course.blame_parameter("NAMES"):
    names = options.class_names(found, NAMES or ("" if FOLDER else "background, coin"))

# %% tags=["nbval-ignore-output"]
background = options.background_of(classes, names).value
channels = options.channels_of(0, found.bands).value
print(f"{len(pairs)} pairs; channels of an image: {channels}")
pd.Series(found.shares, names, name="share of pixels").round(3)

# %% [markdown]
# The images are grey, so they have one channel; coloured ones have three. For each class the table says which part of all pixels it covers. A model that gave every pixel the most frequent class would already be right for that share of the pixels, here 0.638. That is why accuracy is a poor score here,
# and why we use the IoU.
#
# ## 3 · Split by source
#
# We hold back some images as the *test set*: they are looked at once, in the end, to see how the model does on images that are new to it. Are they new? Not if a *relative* of theirs was in training: a copy, the next frame of a film, or a *tile* of the same
# larger image. Relatives share light, camera, and sometimes the two halves of one object. File names often do not tell. Pixels may: where two tiles were neighbours, the last column of one continues in the first column of the other.
# `dataset.neighbours` looks for such borders.
#
# **Predict.** Our 24 windows are tiles of one photograph. Will the function, from the pixels alone, put the coins of a row together?

# %% tags=["nbval-ignore-output"]
adjoining = dataset.neighbours(files, pairs)
for group in adjoining[:5]:
    print(len(group), "images that adjoin:", ", ".join(Path(name).stem[:10] for name in group))

# %% [markdown]
# For the coins it does so in part. It finds the six coins of row 1. It joins coins of row 2 with coins of row 3, which is right, too, for these rows lie only a few pixels apart in the photograph. But of row 4, and of three coins of row 3, it finds nothing: their borders are nearly one even
# grey, and such a border could continue in many images. So look at your images, too, and if your file names tell the source, say so with `GROUPS`.
#
# For the coins we say that a row is a source. The pattern `^row\d` in the next cell says it: what a file name begins with, the word "row" and one digit, names its source. All coins of one row go into the same part. Two rows are for training, one is for *validation* (it chooses the best moment of the training), and one is the test set. (In the stored run rows 1 and 3 are for training and row 2 for validation, so neighbours that were found across rows 2 and 3 are in both parts, and the validation score is too friendly. The test set is row 4.)

# %% tags=["nbval-ignore-output"]
with course.blame_parameter("GROUPS" if GROUPS else "FOLDER"):
    pattern = GROUPS or (None if FOLDER else r"^row\d")
    parts, groups, why, _ = road.split(files, found, pattern=pattern, seed=SEED)
table = {"images": map(len, parts), "sources": [len(set(groups[part])) for part in parts]}
pd.DataFrame(table, index=parts._fields)

# %% [markdown]
# **Spot the mistake.** A colleague splits image by image, by chance: "24 images are 24 images." How many test images of that split have a relative in training?

# %% tags=["nbval-ignore-output"]
by_chance = dataset.split_by_group(np.arange(len(pairs)), seed=SEED)
related = np.isin(groups[by_chance.test], groups[by_chance.train]).sum()
print(f"{related} of {len(by_chance.test)} test images have a relative in training")

# %% [markdown]
# All three images that chance has put into the test set have a relative in training: none is new. Their score would say what the network remembers, and not what it can do with a new image.
#
# But be honest: *one photograph is one source.* Light, camera and the table under the coins are the same in all four rows, so even our split by rows has relatives on both sides, and the score below tells about this photograph only.
# What a model does with the next photograph can be measured with a second photograph, and with nothing else.
#
# ## 4 · A recipe from the data
#
# A network learns from *crops*, parts of one size that are cut out of the images. How large should a crop be, how many of them does it take, may the images be mirrored? For digits we found out by trying. For a new folder the function `recipes.choose` decides by fixed rules, and it looks at the *training* images only. For each choice
# it says why.

# %% tags=["nbval-ignore-output"]
asked = {"epochs": EPOCHS, "epoch_crops": EPOCH_CROPS, "batch_size": BATCH_SIZE}
recipe = recipes.choose(
    [found.sizes[i] for i in parts.train],
    len(names),
    channels,
    found.counts[parts.train],
    road.sample_images(files, pairs, parts.train, channels=channels),
    **{name: value or None for name, value in asked.items()},
)
print("\n".join(recipe.why))

# %% [markdown]
# The lines that end with "as you asked" are the parameters of this notebook: the lesson is short, so it trains for a minute. Two are the same for every folder, the learning rate and the width of the network; all others follow from the data. `contrast keep` means that the grey levels stay as they are; those of pale images would be *stretched* over the whole range. A crop of 48 is the largest multiple of 16 that fits into 62 pixels. A rare class would get more weight in the loss and more crops. The line on `augment`, for example, was found like this: each image was turned upside down and compared with itself. If the upper halves differ from the lower ones
# always in the same way (as sky and ground do), the images have an up and a down, and a network should not see them upside down. Of the coins' variation 15% is such a difference, and more than 4% is enough for the rule. Left and right are compared in the same way; there the coins stayed below 4%, so they may be mirrored.
#
# `data.Source` (here the word means the place that pixels are read from) reads images and masks when they are asked for, so that memory does not grow with the number of images, and treats each as the recipe says. Training crops come from it at random places.
# Where a crop reaches beyond its image, the rest is *void*: pixels that nobody labelled, which count in no loss and no score.

# %% tags=["nbval-ignore-output"]
how = {"channels": channels, "contrast": recipe.contrast}
source = data.Source(files, pairs, classes, sizes=found.sizes, **how)
training_crops = crops.Crops(source, parts.train, recipe, seed=SEED)
images, masks = (part[:5] for part in training_crops.draw(0))
images, masks = map(np.asarray, training_crops.augment(images, masks, seed=(SEED, 0)))
assert set(np.unique(masks)) <= {*range(len(names)), VOID}, "no label was invented"
lesson.show_crops(images, masks, names)
plt.show()

# %% [markdown]
# Image and mask of a crop were mirrored, and made larger or smaller, *together*, and light was changed in the image alone. Where a crop was made smaller, its edge is filled by its mirror image, in image and mask alike: in the stored run that is the second piece of coin at the bottom of the third crop. The check in the cell makes sure that a mask holds the values of the classes and void, and no others.
#
# ## 5 · What must be beaten
#
# A score means something only beside the score of a simple rule. Coins are brighter than the table, so here is one: *Otsu's threshold* divides the grey levels of an image into two groups, so that the levels within each group differ as little as possible. It takes two lines and no
# training. (An image of one single grey can't be divided; `np.ptp`, its largest level minus its smallest, is 0 then, and all of it is background.)
#
# **Predict.** Which IoU will the threshold reach on the coins of the test set: about 0.5, 0.8 or 0.95?


# %%
def by_threshold(image):
    grey = image.mean(-1)
    return np.uint8(grey > threshold_otsu(grey)) if np.ptp(grey) else np.zeros(grey.shape, np.uint8)


# %% [markdown]
# `judge.Exam` collects the scores: it takes the true and the predicted mask of one image after the other and keeps only counts. Its score of an image is the *foreground IoU*, the mean IoU without the background; here that is the IoU of the coin. Beside the mask it wants to know how sure the prediction is; a threshold has no doubts, so we say 1, which is stored as 65535, the largest number of 16 bits.

# %% tags=["nbval-ignore-output"]
simple = judge.Exam(names, background=background)
for i in parts.test:
    image, truth = source.pair(i)
    sure = np.full(truth.shape, judge.FULL, np.uint16)
    simple.add(pairs[i].key, groups[i], truth, by_threshold(image), sure)
print(f"threshold: IoU {np.nanmean(simple.image_scores()):.3f}, mean over {len(parts.test)} images")

# %% [markdown]
# The line above is what a network has to beat. For the coins of this split it is about 0.95. The rule is hard to beat, because one threshold separates a bright coin from a dark table nearly everywhere. (For objects that are darker than their background, or for more than two classes, the
# rule makes no sense, and its score will be low.)
#
# ## 6 · Train and test
#
# Nothing in the next call is new: the U-Net, the loss, the optimizer and the schedule of the learning rate are those of notebook 9, and void is left out. After each look at the validation crops the best weights so far are kept.

# %% tags=["nbval-ignore-output"]
with course.blame_parameter("FOLDER"):
    model, history = train.train(source, parts, recipe, run, classes=names, seed=SEED)

# %% tags=["nbval-ignore-output"]
figures.learning_curves(history)
plt.show()

# %% [markdown]
# Why is validation better than training at the first looks? Two things put training at a disadvantage: its crops are augmented, and its numbers are means over the whole time since the last look, when the network was worse. We have not separated the two. So look at the direction of each curve, and not at the gap.
#
# The validation curve is measured on few crops, so part of its ups and downs is chance. We choose the best of several looks by it, so its best value is a little too high: some of it is luck. That is why there is a third part, the test set, that chose nothing.
#
# Now we test. `settings` holds all that is needed to treat a new image as the old ones were treated (`tile` and `margin` are explained in section 8). For each pixel `predict` gives two numbers, the class and how sure it is, and the `Keeper` writes each predicted mask into the run folder, with the same values as your own masks have.

# %% tags=["nbval-ignore-output"]
settings = apply.Settings(classes, names, background, **how, tile=256, margin=80, multiple=16)
predict = settings.predictor(model)
exam, predicted = judge.Exam(names, background=background), {}
with keep.Keeper(run / "test", classes, names, background=background) as keeper:
    for i in parts.test:
        image, truth = source.pair(i)
        mask, sure = np.moveaxis(predict(image), -1, 0)
        predicted[i] = mask.astype(np.uint8)
        exam.add(pairs[i].key, groups[i], truth, predicted[i], sure)
        keeper.add(pairs[i].key, image, predicted[i])

# %% tags=["nbval-ignore-output"]
exam.per_class(seed=SEED)[["IoU", "precision", "recall", "boundary F1", "images"]].round(3)

# %% [markdown]
# *Precision* is the share of the pixels predicted as a class that belong to it, *recall* the share of the pixels of a class that were found, and *boundary F1* asks whether the outlines agree within one pixel. One number would not tell whether a model draws too wide or too narrow: then recall is
# high and precision low, or the other way round. In the stored run the two nearly agree for the coins, 0.980 and 0.987. (The IoU of this table counts the pixels of all six images together; below we take the mean over the images, which is slightly different.)
#
# **Is the network better than the threshold?** Both were tested on the same images, so we may compare image by image. That is a *paired* comparison: an image that is hard for both then takes nothing from the difference.

# %% tags=["nbval-ignore-output"]
network, threshold = exam.image_scores(), simple.image_scores()
gain = (network - threshold)[np.isfinite(network - threshold)]
lesson.show_gain(network, threshold)
plt.show()

# %% [markdown]
# Each line joins the two scores of one image. The mean of the differences is the *gain*. How far would it move with other images like these? We draw as many images as there are, with repetition, take the mean gain of those, do it a thousand times, and keep
# the range in which 95% of these means lie. This is the *bootstrap interval*.

# %% tags=["nbval-ignore-output"]
rng = np.random.default_rng(SEED)
means = rng.choice(gain, (1000, len(gain))).mean(1) if len(gain) else np.zeros(1)
low, high = np.quantile(means, [0.025, 0.975])
gained = float(gain.mean()) if len(gain) else 0.0
verdict = "shown, for images like these" if low > 0 else "lost" if high < 0 else "not shown"
print(f"gain {gained:+.3f}, 95% from {low:+.3f} to {high:+.3f}: a gain is {verdict}")

# %% [markdown]
# In the stored run the network is better on four of the six images and worse on two. The interval contains 0, so a gain over the threshold is not shown, although the mean is higher. Where an interval does not contain 0, read it with sections 1 and 3 in mind: a gain of a few hundredths is less than one pixel at the rim, where the masks themselves are uncertain; and all test images come from *one* row of
# one photograph. Images of one source hang together, so an interval made from single images is too narrow. With ten sources or more we should draw whole sources instead, and exercise 3 does.
#
# Numbers do not show *where* a model errs. Here are the two images with the lowest scores.

# %% tags=["nbval-ignore-output"]
colours = figures.class_colours(len(names), background)
cases = []
for k in exam.worst_first()[:2]:
    image, truth = source.pair(parts.test[k])
    pictures = image, truth, predicted[parts.test[k]]
    cases.append(figures.make_case(exam.keys[k], f"IoU {network[k]:.3f}", *pictures, colours))
if cases:
    figures.show_cases(cases, names, colours)
    plt.show()

# %% [markdown]
# Ask of each wrong pixel: is the model wrong, or the mask? Along a rim either may be. But in the stored run the first image also has a patch at the lower right: there the network took the edge of the photograph for a coin, and that is its own mistake.
#
# ## 7 · Load the model, predict one file
#
# The run folder gets the model and its settings. With the course's package they are all that another person needs. (`save_plain` leaves out what only training needs, and `compile=False` below does not ask for it.)

# %%
export.save_plain(model, run / apply.MODEL)
settings.save(run)

# %% [markdown]
# Imagine it is a week later, and a new image has come. Five lines load the model and predict one file. (We take a test image as the new file, so that we can compare.)

# %% tags=["nbval-ignore-output"]
settings = apply.load_settings(run)
loaded = keras.models.load_model(run / apply.MODEL, compile=False)
name = pairs[parts.test[0]].image
image = data.read_new(files, name, channels=settings.channels, contrast=settings.contrast)
mask = settings.predictor(loaded)(image)[..., 0]

# %%
assert (mask != predicted[parts.test[0]]).mean() < 0.001, "the loaded model predicts the same"

# %% tags=["nbval-ignore-output"]
left, right = plots.grid(1, 2, size=2.4)[0]
plots.show_image(left, image if channels in (1, 3) else image[..., :1], title="one file")
plots.show_mask(right, mask, names, title="its predicted mask")
plt.show()

# %% [markdown]
# The mask is the same as before the model was saved. For a whole folder of new images there is `python -m segutils predict RUN_FOLDER NEW_IMAGES`.
#
# **Explain to a friend.** Why does the file `model.json`, which `settings.save` has written beside the model, also say whether the contrast was stretched? Because a network that was trained on stretched images and gets one that is not stretched sees something that it has never seen. New images must be prepared like the old ones,
# and they must *look* like the old ones.
#
# ## 8 · An image larger than any crop
#
# The network consists of convolutions, so it takes an image of any size; but the memory that it needs grows with the image. So large images are cut into *tiles*. At the edge of a tile the network lacks what lies beyond, and tiles that are simply laid side by side leave *seams*. The
# cure is to let tiles overlap and to throw away the outer pixels of each, the *margin*.
#
# **Predict.** Our U-Net sees up to 65 pixels far (notebook 12 measures it; the field of 119 pixels that notebook 10 found does not lie evenly around every pixel). From which margin on is the answer by tiles *equal* to the answer for the whole image?

# %% tags=["nbval-ignore-output"]
if FOLDER:
    large = max((source.image(i) for i in parts.test), key=np.size)
else:
    large = recipes.prepare(photograph[..., None], recipe.contrast)
large = lesson.cut_to_multiple(large, 64)

# %% tags=["nbval-ignore-output"]
whole = model.predict_on_batch(large[None])[0]
overlapped = tiling.predict_tiled(model.predict_on_batch, large, tile=256, margin=80)
side_by_side = tiling.predict_tiled(model.predict_on_batch, large, tile=64, margin=0, blend=0)
np.testing.assert_allclose(overlapped, whole, atol=1e-3)

# %% [markdown]
# With a margin of 80 pixels the two answers are equal, up to rounding: the last line of the cell would have stopped otherwise. Any margin of 65 pixels or more would do, because then each pixel that we keep saw all that it would have seen in the whole image; 80 is the next multiple of 16, and 16 is what the poolings divide the sides by. (`blend` would mix the answers of neighbouring tiles; 0 means that each pixel has one answer.) The tiles that lie side by side are another matter.

# %% tags=["nbval-ignore-output"]
change = lesson.show_seams(large, whole, side_by_side, tile=64)
plt.show()
print(f"side by side, a probability changes by up to {change:.2f}")

# %% [markdown]
# On the left, dotted lines are the edges of tiles, and the two outlines part near them. The printed number belongs to the worst pixel: there the answer changes almost from one class to the other. On the right we see the same for all pixels: the answer changes most at the edge of a tile, and less the deeper a pixel lies inside.
#
# For the coins this is no second test, for the photograph holds the training coins, too.
#
# Last, the scores go into the run folder, as tables and as `results.json`, for other programs to read.

# %% tags=["nbval-ignore-output"]
per_class, data_name = exam.per_class(seed=SEED), path.stem if FOLDER else "coins"
for label, table in (("per_class", per_class), ("per_image", exam.per_image())):
    with storage.atomic_write(run / f"{label}.csv") as temporary:
        table.to_csv(temporary)
foreground = float(np.nanmean(network)) if np.isfinite(network).any() else float("nan")
summary = f"Foreground IoU {foreground:.3f}, mean over {len(network)} test images of {data_name}"
print(summary)

# %% tags=["nbval-ignore-output"]
results = {"summary": summary, "foreground_iou": foreground, "data": data_name, "seed": SEED}
results |= {"pooled_iou": per_class["IoU"].dropna().to_dict()}
results |= {"gain_over_threshold": [gained, low, high], "epochs": history}
results |= {"split": {part: len(at) for part, at in zip(parts._fields, parts)}}
results |= {"parameters": parameters, "environment": course.environment()}
results |= {"seconds": {"all": time.perf_counter() - started}}
storage.write_json(run / "results.json", results)

# %% [markdown]
# ## 9 · A harder case: nuclei
#
# There is one more folder that the course uses: microscope images of cell nuclei from the public set BBBC038, where the light differs from image to image, nuclei touch, and some images are tiles of one larger field. The images are not part of the course's
# repository, so **what this section says can't be reproduced from the repository alone**: get the set first, from https://bbbc.broadinstitute.org/BBBC038; `FOLDER` may be the path of its `stage1_train.zip`. Our numbers come from a sample of 160 of its images, the file `nuclei_sample.zip` in the folder that the environment variable `SEGUTILS_DATA` names, and from this command:
#
# ```sh
# python -m segutils run 11_your_images -p FOLDER nuclei -p EPOCHS 10 -p EPOCH_CROPS 600 -p BATCH_SIZE 16
# ```
#
# Measured once, with seed 0, on 24 test images of 12 sources: the foreground IoU of the network was 0.82 and that of the threshold 0.78, for about 100 seconds of processor time. (These two numbers stand here as text; no cell above prints them.) Here the sources are
# twelve, so the intervals in `per_class.csv` come from whole sources; the interval of the gain in section 6 still draws single images, and is too narrow for that reason. One seed is not enough to say that a network gains 0.04 on nuclei; repeat it with others before you believe it.
#
# ## Exercises
#
# 1. **Recall.** Why must tiles of one image stay in one part of the split? Why does the score of the threshold belong in an honest report?
# 2. **Code.** Write `mean_over_images`: the IoU of class 1 in each image, averaged over the images. An image that has class 1 neither in the truth nor in the prediction does not count. The cell below it checks your answer and names the usual mistakes.


# %%
def mean_over_images(tables):
    """Mean over the images of the IoU of class 1.

    tables (N, 2, 2) counts pixels of each image; row: true class, column: predicted class.
    """
    ...  # your code


# %%
exercise.check(mean_over_images)

# %% [markdown]
# 3. **Code.** For a bootstrap that draws whole sources, write `resampled_means`. Each row of `draws` holds the numbers of the sources that were drawn; one may come twice. Return, for each row, the mean score over *all images* of the sources drawn, where the images of
#    a source that came twice count twice. With scores 0.9, 0.8, 0.4 of sources 0, 0, 1 the draw `[0, 1]` gives (0.9 + 0.8 + 0.4) / 3 = 0.7, and `[1, 1]` gives 0.4.


# %%
def resampled_means(scores, sources, draws):
    """Mean score of the images of each draw. scores, sources: (N,); draws: (D, S); returns (D,)."""
    ...  # your code


# %%
second_exercise.check(resampled_means)

# %% [markdown]
# 4. **Code: beat the threshold.** In section 5 the rule was hard to beat. Now light falls on each crop from one of its four sides, and on the opposite side only a fifth of it is left. One threshold can't be right for both. Write `coin_net()`: a network of at most 20,000 parameters for crops of 48 × 48 pixels, one grey channel, 0 to 255, with two
#    logits for each pixel. The checker trains it for a few seconds on crops of rows 1 and 2 and tests it on rows 3 and 4. Its IoU of the coins, over the pixels of all test crops together, must be 0.2 higher than that of Otsu's threshold.


# %%
def coin_net():
    """A keras.Model of at most 20,000 parameters, from images (B, 48, 48, 1) to logits (B, 48, 48, 2)."""
    ...  # your code


# %%
check_coin_net(coin_net, photograph, coins)

# %% [markdown]
# 5. **Open.** Run `python -m segutils run 11_your_images -p SEED 1`, then with `2`, …, until each row has been the test set once, and compare `gain_over_threshold` in `results.json`. You are done if you can say for each row whether a gain is shown, and whether the rows differ by more than the
#    interval of one row allows. (Some seeds choose the same row: the image names in `per_image.csv` of the run folder say which.)
#
# <details><summary>Solutions</summary>
#
# 1. Tiles share light, camera, and objects cut in two, so a test on them would ask for what was seen in training. Without the threshold's score nobody knows what the network added.
# 2. ```python
#    hits = tables[:, 1, 1]
#    union = tables[:, 1].sum(1) + tables[:, 0, 1]
#    return (hits[union > 0] / union[union > 0]).mean()
#    ```
# 3. ```python
#    times = (draws[:, :, None] == sources).sum(1)  # how often each image was drawn
#    return times @ scores / times.sum(1)
#    ```
# 4. ```python
#    def block(x, filters):
#        x = layers.Conv2D(filters, 3, padding="same", use_bias=False)(x)
#        return layers.ReLU()(layers.BatchNormalization(momentum=0.9)(x))
#
#    layers = keras.layers
#    image = keras.Input((None, None, 1))
#    fine = block(layers.Rescaling(1 / 255)(image), 8)
#    coarse = block(layers.MaxPooling2D(4)(fine), 16)
#    coarse = block(layers.MaxPooling2D(2)(coarse), 24)
#    coarse = layers.UpSampling2D(8, interpolation="bilinear")(coarse)
#    x = block(layers.Concatenate()([fine, coarse]), 8)
#    return keras.Model(image, layers.Conv2D(2, 1)(x))
#    ```
#    The poolings let a pixel see the light around it, and the skip connection keeps the rim sharp.
# 5. If the rows differ by more than the interval of one row, that interval was too narrow, as section 6 suspected: it knows nothing of other rows.
#
# </details>
#
# ## Recap
#
# - We looked for faults before training: five files were spoiled, and each was found.
# - We split by source, trained a U-Net by a recipe that gives a reason for each choice, and know why one photograph is one source.
# - We compared the network with a threshold on the same images, loaded the saved model, and predicted a large image without seams. Today's numbers:

# %% tags=["nbval-ignore-output"]
print(f"{summary}; gain over the threshold {gained:+.3f}, 95% from {low:+.3f} to {high:+.3f}")

# %% [markdown]
# What this adds to page one: the road that labelled a scene of digits now starts from a folder of images and masks, and ends with a score whose limits we can name.
#
# **Sources.** Caicedo et al. 2019, [Nucleus segmentation across imaging experiments](https://doi.org/10.1038/s41592-019-0612-7) (BBBC038) ·
# Otsu 1979, [A threshold selection method from gray-level histograms](https://doi.org/10.1109/TSMC.1979.4310076) ·
# Efron 1979, [Bootstrap methods](https://doi.org/10.1214/aos/1176344552) ·
# Ronneberger et al. 2015, [U-Net](https://arxiv.org/abs/1505.04597) (overlap-tile strategy) ·
# coins: [scikit-image's data](https://scikit-image.org/docs/stable/api/skimage.data.html)
#
# **Next:** [12 · Frontiers](12_frontiers.ipynb): larger images, harder scenes, fewer labels, cheaper training.
