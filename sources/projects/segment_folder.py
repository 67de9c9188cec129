# %% [markdown]
# # Segment a folder: from your images and masks to a model and an honest report
#
# <!-- [Open in Colab](https://colab.research.google.com/github/OWNER/REPO/blob/main/notebooks/projects/segment_folder.ipynb) · -->
# previous: [11 · Your images](../11_your_images.ipynb), the lesson behind it · about 30 seconds on two CPU cores for the example, minutes for your own images
#
# Set `FOLDER` and run all cells, or write `python -m segutils segment FOLDER` in a terminal. Without a folder the notebook shows itself on a small example.
# All other parameters may stay as they are: what is not set is chosen from your data, and each choice says why.
#
# The road has seven steps: inspect, split, choose, train, judge, predict, keep. At its end the run folder holds
# - `report.html`, one page that tells how good the model is, where it errs, and how to use it,
# - `model.keras`, which loads in plain Keras, and `model.json`, what else it takes to use it,
# - masks of the test images and of new ones, with the values of your own masks.

# %% tags=["parameters", "hide-input"]
# @title Parameters
FOLDER: str = ""  # folder or zip of images and masks; empty: a small example
IMAGES: str = ""  # name of the images' folder, or end of their names; empty: found
MASKS: str = ""  # the same for the masks
VOID: str = "auto"  # mask value or class name that nobody labelled; "none"; "auto": found
NEAREST: str = "no"  # "yes": read soft masks by the nearest of their frequent values
NAMES: str = ""  # of the classes, in the order of mask values, with commas between; empty: found
BACKGROUND: str = "auto"  # class that scores leave out, by name or value; "none"; "auto": found
CLASS_WEIGHTS: str = "auto"  # in the loss: "none", "balanced", or a number each, with commas
OBJECTS: str = "auto"  # count objects: "on", "off"; "learned": cut by the network; "auto": found
GROUPS: str = ""  # regular expression for an image's source in its path; empty: by likeness
RELATIVES: str = "on"  # "off": do not look for tiles of one image or frames of one film
FAULTY: str = "stop"  # where files have errors: "stop", or "leave out" those files
CHANNELS: int = 0  # 1: grey, 3: colour; 0: as most images have
CONTRAST: str = "auto"  # "stretch", "root" (dark parts lifted), "keep"
CROP: int = 0  # side of a training crop, a multiple of 16; this and all below, 0: by the recipe
EPOCHS: int = 0  # how often training looks at its validation crops
EPOCH_CROPS: int = 0  # training crops between two looks
BATCH_SIZE: int = 0  # crops a step
LEARNING_RATE: float = 0.0  # peak of the one-cycle learning rate
WIDTH: int = 0  # filters of the U-Net's first level
AUGMENT: str = "auto"  # "light" only; also "mirrored"; also "turned" by any angle
PATIENCE: int = 0  # looks without a better score after which training stops; 0: never
START: str = ""  # run folder or .keras file whose weights to begin with
ENCODER: str = ""  # pretrained: "MobileNetV3Small", "MobileNetV3Large", "EfficientNetV2B0"
TILE: int = 512  # height and width of a tile when images are predicted, a multiple of 16
MARGIN: int = 80  # pixels at a tile's inner edges that are thrown away
SMALLEST: int = 0  # pixels of the smallest object; 0: measured
DISTANCE: int = 0  # pixels between the centres of two objects that touch; 0: measured
PREDICT: str = ""  # folder or zip of new images, without masks
PROBABILITIES: str = "no"  # "yes": write the probability of each class, too, as TIFF of 16 bit
COCO: str = "no"  # "yes": write predicted objects as COCO JSON, too
EXPORT: str = ""  # write the model as "onnx", "tflite", "int8" or "saved_model", too
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
    FOLDER=course.files(),
    IMAGES=course.text(empty=True),
    MASKS=course.text(empty=True),
    VOID=course.text(),
    NEAREST=course.one_of("no", "yes"),
    NAMES=course.text(empty=True),
    BACKGROUND=course.text(),
    CLASS_WEIGHTS=course.text(),
    OBJECTS=course.one_of("auto", "on", "off", "learned"),
    GROUPS=course.text(empty=True),
    RELATIVES=course.one_of("on", "off"),
    FAULTY=course.one_of("stop", "leave out"),
    CHANNELS=course.integer(0, 16),
    CONTRAST=course.one_of("auto", "stretch", "root", "keep"),
    CROP=course.multiple_of(16, 0, 1024),
    EPOCHS=course.integer(0, 1000),
    EPOCH_CROPS=course.integer(0, 200_000),
    BATCH_SIZE=course.integer(0, 1024),
    LEARNING_RATE=course.number(0, 1),
    WIDTH=course.integer(0, 128),
    AUGMENT=course.one_of("auto", "light", "mirrored", "turned"),
    PATIENCE=course.integer(0, 1000),
    START=course.files(),
    ENCODER=course.one_of("", "MobileNetV3Small", "MobileNetV3Large", "EfficientNetV2B0"),
    TILE=course.multiple_of(16, 64, 4096),
    MARGIN=course.integer(0, 1024),
    SMALLEST=course.integer(0, 1_000_000),
    DISTANCE=course.integer(0, 10_000),
    PREDICT=course.files(),
    PROBABILITIES=course.one_of("no", "yes"),
    COCO=course.one_of("no", "yes"),
    EXPORT=course.one_of("", "onnx", "tflite", "int8", "saved_model"),
    SEED=course.integer(0, 2**31 - 1),
    OUTPUT=course.text(empty=True),
)
if TILE < 2 * MARGIN + 64:
    raise course.ParameterError(
        f"TILE must be at least 2 MARGIN + 64 = {2 * MARGIN + 64}, got {TILE}"
    )

# %% tags=["hide-input"]
# @title Imports
import time

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from segutils import dataset, objects
from segutils.dataset import samples
from segutils.plumbing import storage
from segutils.workhorse import apply, counting, data, figures, judge, keep, options, progress
from segutils.workhorse import recipe as recipes
from segutils.workhorse import report, road, sections, usage, wording
from segutils.workhorse.asked import check as check_together

check_together(parameters, OUTPUT or None)
run = course.make_run_folder(OUTPUT, "segment_folder", parameters)
seconds, started = {}, time.perf_counter()


def note(step):
    """Remember how long a step took."""
    global started
    seconds[step], started = time.perf_counter() - started, time.perf_counter()


# %% [markdown]
# ## 1 · Inspect
#
# Every image is opened once and looked at beside its mask. An *error* would spoil the training, so errors stop the run here, before anything is trained
# (`FAULTY = "leave out"` goes on without those files). A *warning* may cost quality, and a *note* is good to know. All findings go to `findings.csv`.

# %% tags=["nbval-ignore-output"]
example = not FOLDER
path = Path(FOLDER) if FOLDER else samples.make_coins(run / "example")
with course.blame_parameter("FOLDER"):
    found = dataset.inspect(
        path,
        images=IMAGES or None,
        masks=MASKS or None,
        void=VOID,
        nearest=NEAREST == "yes",
        relatives=RELATIVES == "on",
    )
    dataset.require_usable(found, leave_out=FAULTY == "leave out")
with storage.atomic_write(run / "findings.csv") as temporary:
    found.findings.to_csv(temporary, index=False)
files, pairs, classes = dataset.Files(path), found.pairs, found.classes
new = dataset.Files(Path(PREDICT)) if PREDICT else None
data_name = path.stem
print(f"{data_name}: {len(pairs)} pairs of image and mask")
print("\n".join(str(found).splitlines()[:40]))

# %% [markdown]
# What is in the masks decides what is measured. Pixels that nobody labelled (*void*) count in no loss and no score. Where one class is *background*, scores
# are means over the other classes, and whole objects can be counted on it; where none is, all classes count alike. Where masks tell objects apart,
# `OBJECTS = "learned"` lets the network learn beside the classes how deep each pixel lies in its own object: objects that touch are then cut between two depths.

# %% tags=["nbval-ignore-output"]
with course.blame_parameter("NAMES"):
    names = options.class_names(found, NAMES)
with course.blame_parameter("BACKGROUND"):
    background = options.background_of(classes, names, BACKGROUND)
with course.blame_parameter("OBJECTS"):
    apart = options.tells_objects_apart(files, pairs, classes)
    wanted = options.objects_wanted(OBJECTS, apart, background.value, sizes=found.sizes)
    learned = wanted.value == "learned"
with course.blame_parameter("EXPORT"):
    options.check_export(EXPORT)
with course.blame_parameter("CLASS_WEIGHTS"):
    weights = options.class_weights(CLASS_WEIGHTS, names)
channels = options.channels_of(CHANNELS, found.bands)
print("\n".join([background.why, wanted.why, channels.why]))
colours = figures.class_colours(len(names), background.value)
values = list(map(classes.show, classes.values))
shares = {"mask value": values, "share of labelled pixels": found.shares.round(4)}
pd.DataFrame(shares, index=pd.Index(names, name="class"))

# %% [markdown]
# ## 2 · Split
#
# A score is fair if no test image has a relative in training: a copy, a tile of the same larger image, another frame of the same film. So images are
# split by *source*. Parts that the folder has already (train, val, test) are kept as they are.

# %% tags=["nbval-ignore-output"]
with course.blame_parameter("GROUPS" if GROUPS else "FOLDER"):
    split = road.split(files, found, pattern=GROUPS or None, relatives=RELATIVES == "on", seed=SEED)
parts = split.parts
for line in split.why:
    print(line)
for one, part, other, its_part in split.related[:5]:
    print(f"warning: {one} in {part} and {other} in {its_part} are relatives")
rows = {part: (len(at), len(set(split.groups[at]))) for part, at in zip(parts._fields, parts)}
pd.DataFrame(rows, index=["images", "sources"]).T

# %% [markdown]
# ## 3 · Choose
#
# One recipe serves all data: crop, number of steps, contrast and augmentation follow from the *training* images by fixed rules. Each line below says which
# rule made the choice; a parameter that you set comes before the rule.

# %% tags=["nbval-ignore-output"]
asked = {
    "crop": CROP,
    "epochs": EPOCHS or (3 if example else 0),
    "epoch_crops": EPOCH_CROPS or (720 if example else 0),
    "batch_size": BATCH_SIZE,
    "learning_rate": LEARNING_RATE,
    "width": WIDTH,
    "contrast": CONTRAST if CONTRAST != "auto" else "",
}
recipe = recipes.choose(
    [found.sizes[i] for i in parts.train],
    len(names),
    channels.value,
    found.counts[parts.train],
    road.sample_images(files, pairs, parts.train, channels=channels.value),
    geometry=None if AUGMENT == "auto" else AUGMENT,
    class_weights=weights,
    **{name: value for name, value in asked.items() if value},
)
source = data.Source(
    files, pairs, classes, channels=channels.value, contrast=recipe.contrast, sizes=found.sizes
)
note("inspect, split, choose")
for line in recipe.why:
    print(line)

# %% tags=["nbval-ignore-output"]
some = parts.train[:4]
fig, axes = plt.subplots(2, len(some), figsize=(2 * len(some), 4.2), layout="constrained")
for column, i in zip(np.reshape(axes, (2, -1)).T, some):
    column[0].imshow(figures.as_rgb(source.image(i)))
    column[1].imshow(figures.paint(source.mask(i), colours), interpolation="nearest")
    column[0].set_title(pairs[i].key[-22:], fontsize=7)
for ax in axes.flat:
    ax.axis("off")
plt.show()

# %% [markdown]
# Above: training images as the network gets them, and their masks in the colours that all later figures use. Look at them: do the masks lie where they should?
#
# ## 4 · Train
#
# Crops are read as they are needed, so memory does not grow with the number of images. After each look at the validation crops the best weights so far are kept.
# A run that is stopped goes on after its last look when it is started again with the same parameters.

# %% tags=["nbval-ignore-output"]
from segutils.workhorse import eight_bits, export, train

course.set_seed(SEED)
with course.blame_parameter("START" if START else "ENCODER" if ENCODER else "FOLDER"):
    model, history = train.train(
        source,
        parts,
        recipe,
        run,
        classes=names,
        depth=learned,
        start=START,
        encoder=ENCODER,
        seed=SEED,
        patience=PATIENCE,
    )
note("train")

# %% tags=["nbval-ignore-output"]
figures.learning_curves(history)
plt.show()

# %% [markdown]
# Where the validation curve has become flat, more training would bring little. Where it still climbs at the end, more `EPOCHS` may help; where it falls while the
# training curve climbs, more images would.
#
# ## 5 · Judge
#
# The test images come one by one; of each only a table of counts is remembered.

# %% tags=["nbval-ignore-output"]
treated = {"channels": channels.value, "contrast": recipe.contrast, "turns": recipe.turns}
tiles = {"tile": TILE, "margin": MARGIN, "multiple": 16}
settings = apply.Settings(classes, names, background.value, **treated, **tiles, depth=learned)
predict = settings.predictor(model)
count = None
if wanted.value:
    about = {"background": background.value, "apart": apart}
    numbers = {"smallest": SMALLEST, "distance": DISTANCE, "learned": learned}
    rehearsal = counting.Count(
        rules=counting.measure(source, parts.train, **numbers, **about), **about
    )
    for i in progress.walk(parts.validation[:50], "rehearsed"):
        mask, _, *depth = np.moveaxis(predict(source.image(i)), -1, 0)
        rehearsal.add(source, i, mask, *depth)
    count = counting.Count(rules=rehearsal.for_the_exam(), thresholds=objects.BOWL, **about)
    settings = settings._replace(rule=count.rules[0])
settings.save(run)

# %% tags=["nbval-ignore-output"]
exam = judge.Exam(names, background=background.value)
kept = {"background": background.value, "rule": settings.rule, "coco": COCO == "yes"}
with keep.Keeper(run / "test", classes, names, **kept) as keeper:
    for i in progress.walk(parts.test, "judged"):
        image, truth = source.pair(i)
        mask, sure, *depth = np.moveaxis(predict(image), -1, 0)
        mask, depth = mask.astype(np.uint8), depth[0] if depth else None
        exam.add(pairs[i].key, split.groups[i], truth, mask, sure)
        numbered = count.add(source, i, mask, depth) if count else None
        scores_of = predict.probabilities(image) if PROBABILITIES == "yes" else None
        more = {"depth": depth, "probabilities": scores_of, "numbered": numbered}
        keeper.add(pairs[i].key, image, mask, file=pairs[i].image, **more)
scores = exam.summary(seed=SEED)
counted = count.summary(seed=SEED) if count else None
summary = report.sentence(data_name, exam, scores, counted)
note("judge")
print(summary)

# %% tags=["nbval-ignore-output"]
per_class = exam.per_class(seed=SEED)
per_class.round(3)

# %% [markdown]
# **IoU** is the overlap of predicted and true pixels, divided by all that either covers; 1 is perfect. The interval says how far it moves with other test images like
# these. **Boundary F1** asks whether outlines agree within one pixel. A class with few pixels or in few images has a wide interval: trust its score less.

# %% tags=["nbval-ignore-output"]
worst = exam.worst_first()
chosen = worst if len(worst) <= 8 else [*worst[:6], worst[len(worst) // 2], worst[-1]]
cases, image_scores = [], exam.image_scores()
for k in chosen:
    image, truth = source.pair(parts.test[k])
    about = f"{'foreground' if background.value is not None else 'mean'} IoU {image_scores[k]:.3f}"
    mask = predict(image)[..., 0].astype(np.uint8)
    cases.append(figures.make_case(exam.keys[k], about, image, truth, mask, colours))
if cases:
    figures.show_cases(cases[:4], names, colours)
    plt.show()

# %% [markdown]
# These are the images with the lowest scores. Ask of each: is the model wrong, or the mask? Both happen, and only looking tells.

# %% tags=["nbval-ignore-output"]
for confusion in exam.confusions():
    print(sections.taken_for(*confusion))
if counted:
    print("; ".join(settings.rule.why))
    print(f"true objects: {counted['true']}")
    for way in (counted, *counted["beside"]):
        print(f"{way['way']}: {way['predicted']} objects, F1 {wording.score(way['object_f1'])}")
fig = figures.reliability(exam.reliability())
plt.show()

# %% [markdown]
# On the diagonal the model is as sure as it is right. Below it, the model is surer than right; above it, too modest.
#
# ## 6 · Predict
#
# `PREDICT` names a folder or zip of new images. Images of any size are predicted tile by tile. A finished run does the same later, without training:
# `python -m segutils predict RUN_FOLDER NEW_IMAGES`.

# %% tags=["nbval-ignore-output"]
new_count, new_shown, skipped = 0, [], []
if new:
    more = {"probabilities": PROBABILITIES == "yes", "coco": COCO == "yes"}
    with course.blame_parameter("PREDICT"):
        new_count, new_shown, skipped = apply.predict_new(
            new, model, settings, run / "predictions", **more
        )
    note("predict new images")
    print("\n".join(apply.told_of(new_count, skipped, "predictions/")))
else:
    print("PREDICT names no new images")

# %% [markdown]
# ## 7 · Keep
#
# The report, the tables, the model for others. Each file appears whole or not at all. `EXPORT = "int8"` writes the model in eight bits for LiteRT: a quarter of the
# size and about twice as fast on a processor. What that costs is measured on the test images, and said below.

# %% tags=["nbval-ignore-output"]
export.save_plain(model, run / apply.MODEL, depth=learned)
eight = []  # what eight bits cost
if EXPORT:
    given = {"depth": learned}
    if EXPORT == "int8":
        given["examples"] = eight_bits.example_images(source, parts.train, recipe.crop)
    exported = export.export(model, run, EXPORT, **given)
    if EXPORT == "int8":
        eight = [eight_bits.compare(source, parts.test, settings, model, exported)]
        print(eight[0].why)
code = usage.snippet(classes, **treated, multiple=settings.multiple, depth=learned)
for name, table in (("per_class", per_class), ("per_image", exam.per_image())):
    with storage.atomic_write(run / f"{name}.csv") as temporary:
        table.to_csv(temporary)
note("keep")

# %% tags=["nbval-ignore-output", "hide-input"]
# @title The report
told = report.Told(
    data=data_name,
    usable=len(pairs),
    left_out=found.findings[found.findings.level == "error"].file.nunique(),
    findings={level: found.count(level) for level in ("error", "warning", "note")},
    names=names,
    colours=colours,
    split=rows,
    split_by=" ".join(split.why),
    why=[background.why, wanted.why, channels.why, *recipe.why, *(one.why for one in eight)],
    exam=exam,
    scores=scores,
    cases=cases,
    history=history,
    objects=counted,
    object_why=settings.rule.why if settings.rule else (),
    new=new_shown,
    new_count=new_count,
    new_skipped=skipped,
    snippet=code,
    command="python -m segutils predict RUN_FOLDER NEW_IMAGES",
    parameters=parameters,
    environment=course.environment(),
    seconds=seconds,
    related=len(split.related),
)
report.write(run / "report.html", told)

# %% tags=["nbval-ignore-output", "hide-input"]
# @title The numbers, for other programs
storage.write_json(
    run / "results.json",
    {
        "summary": summary,
        **scores,
        "pooled_iou": per_class["IoU"].dropna().to_dict(),
        "objects": counted,
        "eight_bits": eight[0]._asdict() if eight else None,
        "classes": dict(zip(names, values)),
        "background": None if background.value is None else names[background.value],
        "split": {part: len(at) for part, at in zip(parts._fields, parts)},
        "recipe": recipe._asdict(),
        "data": data_name,
        "seed": SEED,
        "parameters": parameters,
        "seconds": seconds,
        "epochs": history,
        "environment": course.environment(),
    },
)
print(summary)

# %% [markdown]
# Open `report.html` of the run folder in a browser: it is one file, and can be sent to others as it is. How the pieces of this road work, and why, is what the
# [lessons](../00_start.ipynb) of the course are about.
