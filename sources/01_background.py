# %% [markdown]
# # 1 · Background: a label for every pixel
#
# <!-- [Open in Colab](https://colab.research.google.com/github/OWNER/REPO/blob/main/notebooks/01_background.ipynb) · -->
# previous: [0 · Start here](00_start.ipynb) · next: [2 · Convolution](02_convolution.ipynb) · about 20 seconds on two CPU cores
#
# Page one of this course shows a scene: a few handwritten digits, some lines and dots, noise. The goal of the whole course is to say what *every pixel* of such a scene belongs to. A child can point
# at the 3, but we cannot yet write a program that labels its pixels. Before we start to build one, we need to answer three questions: what exactly does the answer look like, how do we measure how
# good it is, and how far do we get without a deep network? (A *network* is a program with many numbers in it that are not written by a person but *learned*, set with the help of examples. What makes
# it *deep* is the subject of section 6.)
#
# The course accompanies an article on deep learning for image segmentation, and checks what it says. Whenever these notebooks say "the article", they mean that one.
#
# You will be able to
# - tell classification, detection, semantic, instance and panoptic segmentation apart by what their answers hold,
# - compute the IoU of two masks by hand, and say why pixel accuracy misleads,
# - build simple *segmenters*, programs that label pixels, and say what the word "deep" adds to them and what it does not.
#
# You need: Python with NumPy. No deep learning.

# %% tags=["parameters"]
PATCH: int = 9  # side of the small square of pixels that a model sees, odd
WIDE: int = 21  # side of the large square, odd
TRAIN_SCENES: int = 60  # scenes that the models learn from
PIXELS: int = 12000  # pixels of them that they are shown
SEED: int = 0  # of the training scenes, the draw of pixels and the small network

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
    PATCH=course.one_of(*range(1, 16, 2)),
    WIDE=course.one_of(*range(1, 32, 2)),
    TRAIN_SCENES=course.integer(10, 1000),
    PIXELS=course.integer(2000, 200_000),
    SEED=course.integer(0, 2**31 - 1),
)

# %% tags=["hide-input"]
# @title Imports
import matplotlib.pyplot as plt
import numpy as np
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression

from segutils import metrics, scenes
from segutils.lessons import background_figures as figures
from segutils.lessons.background import exercise, second_exercise, threshold_overlay
from segutils.lessons.explorer import explore

digits = figures.load_bundled()
train = scenes.make_scenes(digits.train, TRAIN_SCENES, seed=(SEED, 0))
test = scenes.make_scenes(digits.test, 16, seed=(0, 2))
image, semantic, instances = (part[8] for part in test)  # the scene of page one
NAMES = scenes.CLASS_NAMES  # background, 0, 1, ..., 9

# %% tags=["hide-input"]
# @title The first figure
figures.show_first(image, semantic)
plt.show()

# %% [markdown]
# On the left is a doctor's question: which cells of this tissue carry a certain marker, shown by a brown dye? On the right is the toy example that stays with us through the whole course: the scene
# of page one, made of real handwritten digits, and beside it the answer that we want. Because the scenes are composed by a program, the right answer is known for every pixel, and we can measure how
# far we are from it.
#
# ## 1 · Five questions about one image
#
# The article says that segmentation divides an image into regions. That is true, but it leaves open what is said about each region. Imagine that five people are shown the same scene, each with a
# different task:
#
# - *Classification* asks what is in the image, and the answer is a list of classes.
# - *Detection* asks where the objects are: the answer is a box and a class for each.
# - *Semantic segmentation* asks for the class of every pixel. The answer is an array of the same height and width as the image, called a *semantic mask*.
# - *Instance segmentation* asks which object every pixel belongs to. Its mask holds the numbers of the objects, 1, 2, 3 and so on, which say nothing about classes; a pixel that belongs to no object
#   gets 0.
# - *Panoptic segmentation* asks for both, a class and an object for every pixel.
#
# Here is how the answers look as data. One convention is needed to read them, and the whole course uses it: class 0 is the background, so **the digit $d$ has class $d + 1$**. A 3 is written as
# class 4, and a 0 as class 1. A box is written as its digit and four numbers: the first row and the first column of the object, then its last row and its last column. To hold class and object in one
# number, the panoptic mask takes 100 times the class and adds the object.

# %%
objects = {int(n): NAMES[semantic[instances == n][0]] for n in np.unique(instances) if n > 0}
boxes = []
for number, name in objects.items():
    rows, columns = np.nonzero(instances == number)
    boxes.append((name, *map(int, (rows.min(), columns.min(), rows.max(), columns.max()))))
panoptic = 100 * semantic.astype(int) + instances  # class and object in one number
print("classification:", sorted(set(objects.values())))
print("detection:     ", boxes)
for name, mask in (("semantic", semantic), ("instance", instances), ("panoptic", panoptic)):
    print(f"{name} mask: ", mask.shape, "holds", np.unique(mask))

# %% [markdown]
# **Predict.** The scene holds a 3, a 0 and two 4s. Which of the five answers, taken alone, can tell that there are *two* 4s?

# %%
figures.show_answers(image, semantic, instances, boxes)
plt.show()
assert len(set(objects.values())) == 3
assert len(boxes) == len(objects) == 4

# %% [markdown]
# Only detection and the panoptic mask can tell that there are two 4s. Classification says that there is a 4, but not how many. In the semantic mask you might count two separate patches of class 5,
# but if the two 4s touched, they would melt into one. The instance mask says that there are four objects, but not that two of them are 4s, because it knows no classes. In the panoptic mask the
# number 503 means "class 5, object 3". (Panoptic segmentation also labels what cannot be counted, such as sky or road. People call this "stuff", and they call what can be counted "things".)
#
# This course is about the **semantic** mask. Notebook 13 goes on from it to objects.
#
# ## 2 · Segmentation is classification, pixel by pixel
#
# The article says that segmentation "can be seen as a classification problem". That is right, if we add *what* is classified: each pixel. An image of H rows and W columns asks for H·W answers. (The
# article's own program does not do this. It gives one answer for a whole image: it classifies digits and segments nothing.)
#
# A network does not answer with a class at once. For each pixel it gives *scores*, one for each class, and the largest score wins. To compare scores with the truth, the mask is written in the same
# form, called
# *one-hot*: each pixel gets eleven numbers, a 1 at the place of its class and 0 everywhere else. A pixel of class 4 becomes (0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0). The position of the largest number,
# `argmax`, leads back.
# (In the code, `np.eye` makes the eleven possible rows of this kind, and the mask picks one of them for each pixel.)
#
# **Predict.** Our scenes have 64×64 pixels and 11 classes. How many scores does a network give for one scene?

# %%
one_hot = np.eye(len(NAMES), dtype=int)[semantic]
print(f"{one_hot.shape}: {one_hot.size:,} numbers, of which {one_hot.sum():,} are 1")
np.testing.assert_array_equal(one_hot.argmax(-1), semantic)
assert one_hot.sum() == 64 * 64  # each pixel has exactly one class

# %% [markdown]
# A network gives 64 · 64 · 11 = 45,056 scores for one scene, while the article's program gives 10 for an image. The truth in one-hot form has just as many numbers; 4,096 of them are 1, one for each pixel.
#
# A mask is an array of whole numbers, not an image: class 5 is no brighter than class 4, and nothing lies between them. One value beyond the classes is worth knowing. The number 255 often means
# *void*: nobody could say what this pixel is, so it must not count when a mask is judged. Below, the left and right rims of a digit are made void, as if we were unsure about them: in each row,
# the pixels whose class is not that of their left neighbour (this is what `np.diff` finds). `confusion_matrix` counts pixels by their true and their predicted class; here we only look at how many it
# counts.

# %%
corner = semantic[3:11, 44:54]
rim = np.diff(corner, axis=1, prepend=corner[:, :1]) != 0
with_void = np.where(rim, 255, corner)
figures.show_corner(corner, with_void)
plt.show()
counts = metrics.confusion_matrix(with_void, corner, 11, ignore_class=255)
print(f"{rim.sum()} of {corner.size} pixels are void; {counts.sum()} are counted")
assert counts.sum() == (with_void != 255).sum()

# %% [markdown]
# ## 3 · How good is a mask?
#
# Say that the truth marks 8 pixels as ink and a prediction marks 8 pixels too, and that 6 pixels are marked in both. How alike are the two? The usual measure in this field is *intersection over
# union*, IoU: the
# number of pixels marked in both, divided by the number marked in at least one. Six are marked in both. Marked in at least one are these 6, the 2 that only the truth has, and the 2 that only the
# prediction has: 10 in all. So the IoU is 6/10, and not 6/8.
#
# Written down, with $A$ for the set of true pixels and $B$ for the predicted ones, $\cap$ for "in both" and $\cup$ for "in at least one":
#
# $$\mathrm{IoU} = \frac{|A \cap B|}{|A \cup B|} = \frac{TP}{TP + FP + FN}$$
#
# The bars mean "number of pixels". The second form names the same three groups as they are called everywhere: TP, *true positives*, are in both; FP, *false positives*, only in the prediction; and FN,
# *false negatives*, only in the truth. IoU is 1 for a perfect mask and 0 if not one pixel is shared.

# %%
y_true = np.array([[0, 1, 1, 0, 0], [0, 1, 1, 0, 0], [0, 1, 1, 0, 0], [0, 1, 1, 0, 0]])
y_pred = np.array([[0, 1, 1, 0, 0], [0, 1, 1, 0, 0], [0, 1, 1, 1, 0], [0, 0, 0, 1, 0]])
figures.show_overlap(y_true, y_pred)
plt.show()

# %%
both, either = (y_true & y_pred).sum(), (y_true | y_pred).sum()
table = metrics.confusion_matrix(y_true, y_pred, 2)
np.testing.assert_allclose(both / either, metrics.iou(table)[1])
print(f"IoU = {both} / {either} = {both / either:g}")

# %% [markdown]
# By hand and by `segutils.metrics`, which the whole course uses, the IoU is the same. (There `iou` gives one number for each class, and `[1]` picks that of class 1.) With several classes we compute one
# IoU for each class and take their mean, the **mean IoU**.
#
# Why not simply count the pixels that are right? That is the *pixel accuracy*. Try it on a segmenter that does nothing: it answers "background" for every pixel.
#
# **Predict.** What share of the pixels does this do-nothing segmenter get right on our 16 test scenes?


# %%
def scores(predicted):
    """Pixel accuracy, and mean IoU over the 11 classes, on all test scenes."""
    table = metrics.confusion_matrix(test.semantic, predicted, len(NAMES))
    return float(metrics.pixel_accuracy(table)), float(metrics.iou(table).mean())


nothing = np.zeros_like(test.semantic)
accuracy, mean_iou = scores(nothing)
print(f"background everywhere: accuracy {accuracy:.2f}, mean IoU {mean_iou:.2f}")
assert accuracy > 0.8 > 0.1 > mean_iou

# %% [markdown]
# Doing nothing has an accuracy of 0.85, since most pixels are background and background is easy. Not one digit is found. The mean IoU is not fooled: the IoU of the background is 0.85, those of the
# ten digits are 0,
# and the mean of these eleven numbers is 0.85 / 11 = 0.08.
#
# ## 4 · First try: one number
#
# In our scenes ink is bright and paper is dark, like chalk on a board. *Ink* means the pixels of the digits; the lines and dots are background. So the simplest segmenter is a single number, a
# *threshold*: every pixel above it is ink.
#
# **Try.** Move the threshold slider (the opacity slider only sets how strongly the orange mask covers the image). In the right panel, dots mark ink that the threshold misses, and crosses mark what
# it mistakes for ink. Is there a threshold that finds all the ink and nothing else? If not, what do you have to give up?

# %%
explore(threshold_overlay(image, semantic > 0), threshold=(0, 255), opacity=(0.0, 1.0, 0.05))

# %% [markdown]
# There is no such threshold. The lines are as bright as the digits, and the 4 at the bottom is darker than the dots: a low threshold takes the lines as well, and a high one gives up the dark 4.
# To find the best compromise we measure it on many scenes. These must be **training** scenes. The
# **test** scenes are made from other examples of handwriting, and we use them only to judge: whoever chooses a threshold on them has seen the answers before the test.


# %%
def ink_iou(part, masks):
    table = metrics.confusion_matrix((part.semantic > 0).astype(int), masks.astype(int), 2)
    return metrics.iou(table)[1]


levels = np.arange(60, 230, 5)
on_training = [ink_iou(train, train.images[..., 0] > level) for level in levels]
best = int(levels[np.argmax(on_training)])
by_threshold = test.images[..., 0] > best
figures.show_thresholds(levels, on_training)
plt.show()
print(f"threshold {best}: IoU of ink {ink_iou(test, by_threshold):.2f} on test scenes")

# %% [markdown]
# The best threshold reaches an IoU of 0.76 on the training scenes, and 0.73 on the test scenes. And it cannot say *which* digit it has found: one number makes two groups, not eleven.
#
# ## 5 · Look around: an artificial neuron, and more of its kind
#
# A pixel alone says little, so let us look at its neighbours. The oldest tool that can weigh many pixels at once is also where the article begins: deep learning, it says, imitates the human brain. What is
# imitated is the *neuron*, a nerve cell. McCulloch and Pitts described a model of it in 1943, and Rosenblatt's of 1958 could learn. The model takes numbers in, multiplies each by a *weight*, adds
# the products and one more number, the *bias*, and answers "yes" if the sum is above zero. In numbers: the inputs 0.9, 0.2 and 0.7 with the weights 2, −1 and 1 and the bias −1.5 give 2·0.9 − 1·0.2 +
# 1·0.7 − 1.5 = 0.8. That is above zero, so the neuron answers yes.
#
# With one such sum for each of our 11 classes, and the largest winning, we have *logistic regression*: a neuron for each class. Its inputs are the square of 9×9 pixels around the pixel in question.
# The weights are
# learned from 12,000 pixels of training scenes. That means: they are changed little by little so that the right class more often has the largest sum (notebooks 5 to 7 show how). Half of these
# pixels are ink, because otherwise nearly all would be background, and a model could do well by learning to do nothing.
#
# In the code, `describe` stands for a function that makes a row of numbers for each pixel: here its square, as the mean brightness and how much each pixel differs from it. The options of
# `LogisticRegression`
# only say how large the weights may grow and how long it searches for them.


# %%
chosen = figures.pick_pixels(train.semantic, PIXELS, SEED)
labels = train.semantic.ravel()[chosen]


def segment(model, describe):
    """Train a model on the chosen pixels, and let it label all pixels of the test scenes."""
    model.fit(describe(train.images)[chosen], labels)
    return model.predict(describe(test.images)).reshape(test.semantic.shape)


# %% [markdown]
# **Predict.** Can a weighted sum of 81 pixels tell a 3 from an 8?

# %% tags=["nbval-ignore-output"]
linear = LogisticRegression(C=10, max_iter=60, tol=1e-2)
answers = {"nothing": nothing, "threshold": by_threshold.astype(int)}
answers[f"linear, {PATCH}×{PATCH}"] = segment(linear, lambda images: figures.squares(images, PATCH))
small_linear = scores(answers[f"linear, {PATCH}×{PATCH}"])[1]
ink = ink_iou(test, answers[f"linear, {PATCH}×{PATCH}"] > 0)
print(f"linear, {PATCH}×{PATCH}: IoU of ink {ink:.2f}, mean IoU {small_linear:.2f}")

# %% [markdown]
# It can hardly tell them apart: the mean IoU over the eleven classes is 0.13, where doing nothing has 0.08. Even at telling ink from background it is a little worse than the threshold, 0.67 against
# 0.73. Two reasons come to mind. A square of 9×9
# pixels sees a piece of a stroke, and the same piece is part of a 3, of an 8 and of a 2: what is missing would be *context*. Or a sum is too simple. When one pixel gets
# brighter, the sum grows or shrinks in a straight line, whatever the other pixels are. So it cannot say "exactly *one* of these two pixels is bright": if each alone adds to the sum, both together
# add even more. What is
# missing would be a *bend* in that line.
#
# Which is it? We try each cure alone. For context, the same sum gets 21×21 pixels. For the bend, a *random forest* gets the same 9×9. It is made of 40 trees of yes-or-no questions about single
# pixels, such as "is this neighbour
# brighter than the mean of the square?". Which question a tree asks next depends on its answer to the one before, and in the end the trees vote.

# %% tags=["nbval-ignore-output"]
forest = RandomForestClassifier(40, min_samples_leaf=2, random_state=0)
answers[f"linear, {WIDE}×{WIDE}"] = segment(linear, lambda images: figures.squares(images, WIDE))
answers[f"forest, {PATCH}×{PATCH}"] = segment(forest, lambda images: figures.squares(images, PATCH))
wide_linear, small_forest = (scores(masks)[1] for masks in list(answers.values())[-2:])
print(f"linear, {WIDE}×{WIDE}: mean IoU {wide_linear:.2f}")
print(f"forest, {PATCH}×{PATCH}: mean IoU {small_forest:.2f}")
if (PATCH, WIDE, TRAIN_SCENES, PIXELS, SEED) == (9, 21, 60, 12000, 0):  # what the text says
    assert 0.6 < ink < ink_iou(test, by_threshold) + 0.02
    assert 0.09 < small_linear < 0.16 < wide_linear < 0.21 < small_forest < 0.26

# %% [markdown]
# Both cures help, and neither alone is enough. More context lifts the mean IoU from 0.13 to 0.18; the bend lifts it to 0.23 with the context unchanged. Keep the two in mind: notebook 2 builds a tool
# that has both. There we shall count how many pixels of context it sees, and the bend will be a function called an *activation*.
#
# ## 6 · What "deep" adds
#
# The article describes a network for segmentation as two parts: one that *extracts features*, numbers that say something useful about each place, and one that *classifies* by these features. That
# division is older than deep
# learning. For decades people designed the features by hand and only the classifier learned. We can play this through: scikit-image offers 20 classical features for each pixel, its brightness and
# the edges
# and texture around it, each computed after the image has been blurred a little (over 1 pixel) or a lot (up to 16). The forest gets these in place of raw pixels.

# %% tags=["nbval-ignore-output"]
answers["forest, designed"] = segment(forest, figures.designed_features)
designed = scores(answers["forest, designed"])[1]
print(f"forest on designed features: mean IoU {designed:.2f}")
if (TRAIN_SCENES, PIXELS, SEED) == (60, 12000, 0):
    assert 0.12 < designed < small_forest

# %% [markdown]
# The forest reaches 0.17 on designed features, less than on 81 raw pixels. That does not mean that such features are bad in general. It means that somebody must
# know which features a task needs, and nobody designed these for digits. This is the main reason why the article praises *convolutional networks*, the kind that this course builds, and it is right:
# they *learn* their features, together with the classifier, from the
# same examples.
#
# "Deep" means that this happens in levels. A *feature map* is an image of one feature, with its value at every place. Each level takes the feature maps of the one below and makes new ones, and the
# article says that higher levels extract *higher features*. Is that so?
# We can ask. A small network of three levels learns to name single digits that lie anywhere in an image. Then a linear classifier, which can only weigh and add, tries to read the digit off the pixels, off
# level 1, off level 2 and off level 3. Each time it gets the images or maps averaged to 5×5 places, so that a level is judged by what its maps say and not by how fine they are. For comparison the
# classifier also reads from the levels of three networks of the same shape that have learned nothing: their weights are still random numbers. (How the
# network learns, the lines with `loss`, `compile` and `fit`, is the subject of notebooks 5 to 8; here we only use it. `import keras` loads Keras, the library in which this course builds its networks;
# that takes a few seconds.)
#
# **Predict.** In the trained network, we hope, each level makes the digit easier to read. Will that be so in the untrained ones too?

# %% tags=["nbval-ignore-output"]
import keras

keras.utils.set_random_seed(SEED)
moved, moved_test = (figures.moved_digits(part, 2, SEED) for part in (digits.train, digits.test))
*random_ones, network = (figures.small_network() for _ in range(4))
untrained = [figures.read_levels(one, moved, moved_test) for one in random_ones]
loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
network.compile(keras.optimizers.Adam(0.003), loss)
network.fit(*moved, batch_size=64, epochs=8, verbose=0)
trained = figures.read_levels(network, moved, moved_test)

# %% tags=["nbval-ignore-output"]
figures.show_levels(untrained, trained)
plt.show()
print("trained", np.round(trained, 2), "untrained, mean", np.mean(untrained, axis=0).round(2))
assert trained[0] < 0.4 < np.min(untrained, axis=0)[1]
assert trained[1] < trained[2] < trained[3] > np.max(untrained) + 0.03
assert trained[1] < np.max(untrained, axis=0)[1] + 0.05

# %% [markdown]
# In the trained network every level makes the digit easier to read, so the article is right. The dashed curves of the untrained networks add a correction. A first level helps even with random
# weights: from it the classifier names more than half of the digits correctly, where it named a quarter from the pixels. At level 1 the trained network is no better than these; here it is even below
# them. So what helps
# there is looking at neighbourhoods and bending the sums, whatever the weights. But further random levels add little and end at about 0.7, while the trained network goes on to about 0.8. It is *learning*
# that makes the higher levels better, and "higher" means no more than this:
# better for the task that they were trained on. Notebook 10 opens a trained network and looks at what its levels hold.
#
# Now we can say what is right about **the brain**. The neuron is borrowed from it, and so is the idea that the first level looks at small neighbourhoods: Hubel and Wiesel found cells in the visual
# cortex, the part of the brain that handles what we see, that respond to edges of one direction, and Fukushima built the first network of that kind in 1980. But the article says that deep learning
# imitates how the brain *learns*, and that
# goes too far. These networks learn by shifting many weights a little at a time so that a measure of their errors shrinks (notebooks 6 and 7), with thousands of labelled examples. Nobody knows that
# brains do so, and a child needs
# to be shown far fewer 3s.
#
# And why did it become **the common way**? Not because it was new: the ideas are decades old. Around 2012 three things came together: large collections of labelled images, graphics cards that
# multiply fast, and
# a few tricks that let deep networks learn at all. In that year a deep network named the objects in photographs and was wrong about 15.3% of them (in the contest called ImageNet, which allows five
# guesses), where the next best was wrong about 26.2%. For segmentation, *fully convolutional networks*, which are built from the tool of notebook 2 and give an answer for every pixel, reached a mean
# IoU of 62.2% in 2015 on a well-known set of photographs, Pascal VOC. That
# is a fifth more than anything before. In the same year the *U-Net*, such a network whose drawing has the shape of a U, won a contest on cells, having learned from a few dozen images. What convinced
# people was that one and the same program, given other examples, did another task.
#
# ## 7 · Where this course leads
#
# The U-Net of notebook 9 sees the whole digit and still draws sharp outlines. It takes two minutes to train, so here are its answers for our 16 test scenes, stored beside the notebooks. (Truth, scores and
# images are computed now. The U-Net has learned from thousands of scenes and ours from 60, so this is no race between equals.)
#
# **Predict.** How close does its mean IoU come to 1? (The second line of the output is for comparison: its score on all the test scenes of its own run, with the digits that come with the course.)

# %%
answers["U-Net"], facts = figures.unet_masks()
print(f"U-Net, these 16 scenes: mean IoU {scores(answers['U-Net'])[1]:.3f}")
print("whole run:", facts["run"])
np.testing.assert_allclose(scores(answers["U-Net"])[1], facts["mean_iou_of_these"])

# %% tags=["nbval-ignore-output"]
names = [f"linear, {WIDE}×{WIDE}", f"forest, {PATCH}×{PATCH}", "U-Net"]
figures.show_segmenters([8, 3, 1, 10], test, {name: answers[name] for name in names})
plt.show()

# %% tags=["nbval-ignore-output"]
figures.show_scores(test.semantic, answers)
plt.show()
assert scores(answers["U-Net"])[1] > 0.9 > 0.5 > max(wide_linear, small_forest, designed)

# %% [markdown]
# The mean IoU of the U-Net is 0.946 on these scenes, while nothing that we built comes anywhere near 0.5. The masks show why. Our two segmenters find most of the ink, but they name each pixel on its
# own, so that one digit
# is speckled with many names. The U-Net gives each of these digits one name. (The threshold's ink is counted as digit 0 here, since it must name some class.) The short lines in the figure show the
# range in
# which each score would stay in 95 of 100 draws of other scenes. With 16 scenes, neighbours in the list may well change places, but not the forest and the U-Net.
#
# The notebooks in between go there step by step. The article lists four parts, and each has its place: convolutions (2, with pooling in 3), dense layers (4, which for segmentation must first
# be turned into maps), loss functions (5, with gradients in 6), and optimizers (7). Then comes training (8), and then the U-Net itself (9).
#
# ## 8 · Where it is used
#
# The article names driving, medicine and navigation. All three ask for a mask, and in all three a simple rule can look right on one image and fail on the next. Our libraries come with no picture of
# a street, so an outdoor photograph stands in for the view from a car. Each mask below is one line of NumPy: sky is bright and not reddish; a marked cell has enough brown; the ground of the moon is
# smooth where brightness varies little within 11×11 pixels, by less than 5 grey levels (measured by the standard deviation, the typical distance from the mean).
#
# **Spot the mistake.** Compare each mask with the photograph above it. Where does each rule fail?

# %%
figures.show_rules(limit=5)
plt.show()
_, spread = figures.moon()
for limit in (4, 5, 6):
    print(f"smooth below {limit}: {100 * (spread < limit).mean():.0f}% of the ground")

# %% [markdown]
# The first rule takes haze and water for sky. The second finds the brown rims and leaves out the blue cores of the cells, so that cells get holes. With the third, one grey level more or less in the
# limit moves the answer by several percentage points, and no image says which limit is right. Each rule was made for one image, with numbers that somebody chose by looking at it. A network gets its
# numbers from examples.
#
# **What goes wrong.** Masks are arrays of numbers, so NumPy will do anything with them that it can do with numbers.
#
# **Predict.** What is the mean of "a 2" (class 3) and "a 4" (class 5)?

# %%
print(f"mean of class {3} and class {5}: class {(3 + 5) / 2:g}, the digit {NAMES[(3 + 5) // 2]}")
with course.expect_error(ValueError, match="must lie in 0..10"):
    metrics.confusion_matrix(test.semantic[:1], test.semantic[:1] * 25, len(NAMES))

# %% [markdown]
# The mean is class 4, a 3, which nobody has seen. So masks are never averaged, blurred or resized like photographs. The second line shows another common accident: a mask saved with its values
# stretched to 0…250, so that people can see it. `segutils` refuses such values, and says why, instead of scoring them. (`course.expect_error` shows an error and *requires* that it occurs.)
#
# ## Exercises
#
# **1 · Recall.** An image shows a road with three cars. What does the answer of each of the five tasks hold? Which of them can say that two cars *touch*?
#
# **2 · Code, first step.** Write `iou` for two masks of True and False. The cell after it checks your function and names the usual mistakes.


# %%
def iou(y_true, y_pred):
    """Intersection over union of two masks (H, W) of True and False: a number from 0 to 1.

    Two empty masks agree fully: return 1.0 for them.
    """
    ...  # your code


# %%
exercise.check(iou)

# %% [markdown]
# **3 · Code, second step.** Turn an instance mask into boxes. Note that some numbers may be missing, and that objects may touch.


# %%
def boxes_of(instances):
    """The box of each object in an instance mask (H, W), 0 for background, in the order of their numbers.

    Return an array (N, 4): top, left, bottom, right, the first and last row and column of the object.
    """
    ...  # your code


# %%
second_exercise.check(boxes_of)

# %% [markdown]
# **4 · Open.** Write a rule that finds the ink better than a single threshold does: reach an IoU of at least 0.80 on 16 *validation* scenes, which are used neither for training nor for testing. In
# every scene the light falls from one side; what could a pixel be compared with? Change the rule, and the cell measures it.


# %%
def rule(image):
    """image (H, W), 0 to 255 → (H, W) of True and False."""
    return image > best


validation = scenes.make_scenes(digits.validation, 16, seed=(SEED, 1))
figures.judge_rule(rule, validation.images, validation.semantic, goal=0.8)

# %% [markdown]
# <details><summary>Solutions</summary>
#
# 1. Classification holds a list of labels, detection three boxes with a label each, the semantic mask (H, W) classes, the instance mask (H, W) object numbers, and the panoptic mask (H, W) of both.
#    That two cars touch can be seen in
#    the panoptic mask, where a pixel of one car has a neighbour of another. The instance mask shows that two objects touch, but not that they are cars. In the semantic mask they melt into one region, and
#    boxes may overlap although the cars do not touch.
# 2. In the body of the function:
#
# ```python
# union = (y_true | y_pred).sum()
# return (y_true & y_pred).sum() / union if union else 1.0
# ```
#
# 3. One object after the other; `np.unique` gives the numbers that occur, in order, and 0 is left out:
#
# ```python
# boxes = []
# for number in np.unique(instances)[1:]:
#     rows, columns = np.nonzero(instances == number)
#     boxes.append([rows.min(), columns.min(), rows.max(), columns.max()])
# return np.array(boxes)
# ```
#
#    (`[1:]` leaves out the 0, which is there as long as the mask has any background.)
# 4. Compare each pixel with the mean of its surroundings: `return image > ndimage.uniform_filter(image, 31) + 30`, after `from scipy import ndimage`; 31 is the side of the square of surroundings.
#    The light is the same for the pixel and its surroundings, so it drops out.
#
# </details>
#
# ## Recap

# %% tags=["nbval-ignore-output"]
print(f"- We gave five answers to one scene; the semantic mask needs {one_hot.size:,} scores.")
print(
    f"- We computed an IoU of {both / either:g} by hand. Doing nothing has accuracy {accuracy:.2f}"
)
print(f"  and mean IoU {mean_iou:.2f}, which is why this course reports IoU.")
print(
    f"- We built segmenters: mean IoU {small_linear:.2f} for a sum, {wide_linear:.2f} with context,"
)
print(f"  {small_forest:.2f} with a bend. 'Deep' adds features that are learned in levels:")
print(f"  the U-Net reaches {scores(answers['U-Net'])[1]:.2f}.")

# %% [markdown]
# **What this adds to our goal.** We know what the answer for the scene of page one looks like, namely 64×64 whole numbers, and how to tell a good answer from a bad one. We know two things that our
# tools lack: context, and a bend.
#
# **Sources.** Kirillov et al. 2019, [Panoptic segmentation](https://arxiv.org/abs/1801.00868) · Everingham et al. 2010, [The Pascal VOC challenge](https://doi.org/10.1007/s11263-009-0275-4) (mean
# IoU, void) ·
# McCulloch and Pitts 1943, [A logical calculus](https://doi.org/10.1007/BF02478259) · Rosenblatt 1958, [The perceptron](https://doi.org/10.1037/h0042519) · Hubel and Wiesel 1962, [Receptive
# fields](https://doi.org/10.1113/jphysiol.1962.sp006837) ·
# Fukushima 1980, [Neocognitron](https://doi.org/10.1007/BF00344251) · Krizhevsky et al. 2012,
# [ImageNet classification](https://papers.nips.cc/paper/4824-imagenet-classification-with-deep-convolutional-neural-networks) ·
# Long et al. 2015, [Fully convolutional networks](https://arxiv.org/abs/1411.4038) · Ronneberger et al. 2015, [U-Net](https://arxiv.org/abs/1505.04597) ·
# images: [scikit-image](https://scikit-image.org/docs/stable/api/skimage.data.html) and [scikit-learn](https://scikit-learn.org/stable/datasets/loading_other_datasets.html)
#
# **Next:** [2 · Convolution](02_convolution.ipynb): how a few numbers find an edge.
