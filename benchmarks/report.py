"""results.md, its images and data/ablation.csv, from what `make bench` measured and stored in measured/."""

import csv
import json

import matplotlib.pyplot as plt
import numpy as np
import tried
from ablation import SCENES
from common import EXAM, HERE, MEASURED, SEEDS, table
from growth import LINEAR

from segutils import plots
from segutils.lessons import segmentation_figures
from segutils.plumbing import storage

HEAD = """# Speed, measured

Written by `make bench` from the files in `measured/`. Other machines give other seconds; read the ratios.

"""


def write(folder=HERE, data=storage.DATA):
    """Write results.md and images into `folder`, and the table that notebook 9 shows into `data`."""
    parts = {part: MEASURED / f"{part}.json" for part in SECTIONS}
    stored = {part: json.loads(path.read_text(encoding="utf-8")) for part, path in parts.items() if path.exists()}
    machines, sections = {}, []
    for part, about in stored.items():
        machines.setdefault(about["machine"], []).append(part)
        section, figure = SECTIONS[part](about["found"])
        sections.append(section)
        if figure:
            figure.savefig(folder / f"{part}.png", dpi=110)
            plt.close(figure)
    head = HEAD + "".join(f"- {', '.join(parts)}: {machine}\n" for machine, parts in machines.items())
    with storage.atomic_write(folder / "results.md") as temporary:
        temporary.write_text("\n".join([head, *sections]), encoding="utf-8")
    if "ablation" in stored:
        write_ablation(stored["ablation"]["found"], data / "ablation.csv")


def write_ablation(found, path):
    with storage.atomic_write(path) as temporary, open(temporary, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["without", "seed", "mean_iou", "seconds"])
        for step, runs in found.items():
            for seed, run in zip(SEEDS, runs, strict=True):
                writer.writerow([step, seed, round(run["mean_iou"], 4), round(run["seconds"], 1)])


def quality(found):
    fig, axes = plt.subplots(1, len(found), figsize=(6 * len(found), 3.6), layout="constrained", squeeze=False)
    parts = [quality_of(about, ax) for about, ax in zip(found.values(), axes[0], strict=True)]
    fig.suptitle("Time to quality, mean and range of three seeds")
    text = f"""## Time to quality

![Mean IoU against seconds of training](quality.png)

{"".join(parts)}Competitors train by Adam at one rate, the best for validation scenes of another seed. The clock
stops while test scenes are judged. Notebook 9 is executed whole, in one epoch; each of its points is a training of its
own, checkpoints and validation included.
"""
    return text, fig


def quality_of(found, ax):
    """What is said of one kind of scenes, drawn into an axes object."""
    styles = zip(("--", "-.", ":"), "so^", plots.COLOURS[1:], strict=False)
    rows = []
    for (name, about), (line, marker, colour) in zip(found["competitors"].items(), styles, strict=False):
        curves = np.array(about["curves"])
        seconds, scores = curves[..., 0].mean(0), curves[..., 2]
        ax.fill_between(seconds, scores.min(0), scores.max(0), color=colour, alpha=0.2, linewidth=0)
        ax.plot(seconds, scores.mean(0), line, marker=marker, markersize=3, color=colour, label=name)
        tried = f"{about['rate']} of {', '.join(about['tried'])}"
        rows.append((name, tried, *quality_row(seconds[-1], scores[:, -1], found["seconds_to_target"][name])))
    runs = {int(scenes): np.array(run) for scenes, run in found["ours"].items()}
    means = np.array([run.mean(0) for run in runs.values()])
    ax.plot(*means.T, "-", marker="D", markersize=5, color=plots.COLOURS[0], label="notebook 9, whole runs")
    for scenes, run in runs.items():
        seconds, score = run.mean(0)
        reached = seconds if score >= found["target"] else None
        rows.append((f"notebook 9, {scenes:,} scenes", "one cycle", *quality_row(seconds, run[:, 1], reached)))
    ax.axhline(found["target"], color="black", linewidth=0.8)
    at, coordinates = (1, found["target"]), ("axes fraction", "data")
    options = {"fontsize": 8, "ha": "right", "va": "bottom"}
    ax.annotate(f"target {found['target']:.3f}", at, xycoords=coordinates, **options)
    ax.set(xlabel="seconds of training", ylabel="mean IoU, test scenes", title=f"Scenes of {found['scenes']}")
    ax.legend(fontsize=8, loc="best")
    head = ("", "step size", f"mean IoU of seeds {', '.join(map(str, SEEDS))}", "seconds, all", "seconds to target")
    if found["times_sooner"] is None:
        said = f"On scenes of {found['scenes']} notebook 9 did not reach the target."
    else:
        said = (
            f"On scenes of {found['scenes']} **{found['times_sooner']:.1f} times sooner** than the best of them "
            f"({found['best']}): notebook 9 reaches mean IoU {found['target']:.3f} in {found['seconds_of_ours']:.0f} s "
            f"of training on {found['scenes_of_ours']:,} scenes; the others learn from {found['images']:,}."
        )
    return f"{said}\n\n{table(head, rows)}\n\n"


def quality_row(seconds, scores, reached):
    """Final scores, seconds of all and to the target, in words."""
    final = ", ".join(f"{score:.3f}" for score in scores)
    return final, f"{seconds:.0f}", "not reached" if reached is None else f"{reached:.0f}"


def ablation(found):
    runs = {step: np.array([[run["mean_iou"], run["seconds"]] for run in each]) for step, each in found.items()}
    base = runs.pop("nothing")
    gains = {step: base[:, 0] - run[:, 0] for step, run in runs.items()}
    times = {step: run[:, 1].mean() / base[:, 1].mean() for step, run in runs.items()}
    fig, ax = plt.subplots(figsize=(7, 3.8), layout="constrained")
    title, xlabel = (
        "What each step of the recipe gains alone",
        "mean IoU lost without it (bar: mean; strokes: each seed)",
    )
    order = segmentation_figures.ranked_bars(ax, gains, title=title, xlabel=xlabel)
    rows = [
        (
            step,
            f"{gains[step].mean():+.3f}",
            f"{gains[step].min():+.3f} to {gains[step].max():+.3f}",
            f"{times[step]:.2f}",
        )
        for step in order
    ]
    head = ("step", "mean IoU lost without it", "of the seeds", "processor time without it")
    text = f"""## What each step of notebook 9's recipe gains alone

{SCENES:,} training scenes, {EXAM:,} validation scenes, three seeds; with all steps mean IoU is {base[:, 0].mean():.3f}
after {base[:, 1].mean():.0f} s of processor time.

![Gain of each step](ablation.png)

{table(head, rows)}
"""
    return text, fig


def steps(found):
    rates, rows = found["rates"], []
    for name in (name for name in rates if name.startswith("Keras, ")):
        rival = name.replace("Keras", "PyTorch").replace(", fused", "")
        both = np.array([rates[name], rates[rival]])
        ours, theirs = np.median(both, axis=1)
        ratios = np.sort(both[0] / both[1])
        each = f"{np.median(ratios):.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f})"
        rows.append((name.removeprefix("Keras, "), f"{ours:.0f}", f"{theirs:.0f}", each))
    before, after = found["profile"]["before"], found["profile"]["course"]
    kinds = sorted({*before["kinds"], *after["kinds"]}, key=lambda kind: -before["kinds"].get(kind, 0))[:12]
    spent = [
        (kind, *(f"{part['kinds'][kind]:.1f}" if kind in part["kinds"] else "" for part in (before, after)))
        for kind in kinds
    ]
    spent.append(("**whole step**", f"**{before['step']:.1f}**", f"**{after['step']:.1f}**"))
    starts = {name: np.array(runs) for name, runs in found["starts"].items()}
    started = [
        (name, *(f"{np.median(part):.1f} ({part.min():.1f} to {part.max():.1f})" for part in runs.T))
        for name, runs in starts.items()
    ]
    text = f"""## The training step

Images a second, batches of 16 scenes of 64 × 64, medians of {len(ratios)} rounds in which both take turns; for PyTorch
the faster of its two memory formats. The ratio is that of each round: median (range).

{table(("network", "Keras", "PyTorch", "ratio"), rows)}

A scene costs {found["operations_a_scene"] / 1e6:.0f} million floating-point operations in the convolutions of a
training step. The fastest float32 matrix product here does {found["peak"] / 1e9:.0f} billion a second, so the step of
the course's network uses **{100 * found["share_of_peak"]:.0f}% of the peak**.

Where the time goes, milliseconds a step (operations run side by side, so their sum is not the step). *Before*: coarse
scores were copied and then smoothed by an average pooling, whose gradient is slow (AvgPoolGrad), and batch
normalisation and Adam were Keras's, a dozen operations each (Mul, Sum, Tile, SquaredDifference, …); now one transposed
convolution that starts as linear enlargement, and one fused kernel each.

{table(("kind of operation", "before", "now"), spent)}

What the fused kernels and an early start are worth: notebook 9's training, medians (range) of {len(ratios)} fresh
processes. Before the first step TensorFlow has to translate it.

{table(("without", "first step, seconds", "later step, milliseconds"), started)}
"""
    return text, None


def classifier(found):
    rows = []
    for goal, about in found["goals"].items():
        theirs = ", ".join("never" if seconds is None else f"{seconds:.0f}" for seconds in about["article"])
        rows.append(
            (f"{100 * float(goal):.1f}%", "not reached" if about["ours"] is None else f"{about['ours']:.0f}", theirs)
        )
    runs = {epochs: np.mean(run, axis=0) for epochs, run in found["runs_of_ours"].items()}
    told = "; ".join(f"EPOCHS {epochs}: {100 * run[1]:.2f}% in {run[0]:.0f} s" for epochs, run in runs.items())
    best = ", ".join(f"{100 * accuracy:.2f}%" for accuracy in found["best_of_article"])
    text = f"""## The digit classifier

Seconds of training on {found["digits"]} digits until so many test images are right. The article's recipe is repaired
as little as possible and may go on for a minute.

{table(("goal", "notebook 8, mean of three seeds", "the article's recipe, each seed"), rows)}

Notebook 8, whole runs, means of three seeds: {told}. The best that the article's recipe reached: {best}.
"""
    return text, None


WHAT = {
    "make_scenes": "scenes made; other: without clutter and noise",
    "augment": "turn, shift, zoom image and mask; other: Keras's layers",
    "augment_albumentations": "the same; other: albumentations in PyTorch's loader, two processes",
    "confusion": "confusion matrix; other: scikit-learn",
    "confusion_torchmetrics": "confusion matrix; other: torchmetrics",
    "tiled": "predict in tiles, no margin; other: `predict` of the same tiles",
    "inspect": "examine files; other: only decode them with Pillow",
    "input_pipeline": "training step of notebook 9; other: its input alone",
    "start": "start Python and import segutils; other: import nothing",
}


def speed(found):
    rows = [
        (WHAT[name], f"{ours:,.0f}", f"{other:,.0f}", unit, f"{ours / other:.2f}")
        for name, (ours, other, unit) in found["rows"].items()
    ]
    sliders = [(name, f"{median:.0f}", f"{late:.0f}") for name, (median, late) in found["sliders"].items()]
    text = f"""## Parts of the package

{table(("", "ours", "other", "unit", "ratio"), rows)}

A control moves until its image is there, in the kernel:

{table(("explorer", "median, ms", "95%, ms"), sliders)}
"""
    return text, None


def notebooks(found):
    names = list(next(iter(found.values()))["each"])
    rows = [
        (
            name,
            *(f"{part['each'][name][0]:.0f}" for part in found.values()),
            f"{max(p['each'][name][1] for p in found.values()) / 2**30:.2f}",
        )
        for name in names
    ]
    rows.append(("**all**", *(f"**{part['whole']:.0f}**" for part in found.values()), ""))
    head = ("notebook, on one core", *(f"seconds, {cores} at a time" for cores in found), "peak memory, GiB")
    absent = "" if "4" in found else " This machine has no four cores, so that figure is missing."
    text = f"""## The whole course

All notebooks by papermill, one process a core, the longest first.{absent}

{table(head, rows)}
"""
    return text, None


def felt(found):
    clocks = ("seconds, clock", "seconds, processor")
    figures = [(name, *(f"{s:.1f}" for s in both)) for name, both in found["figures"].items()]
    commands = [(name, *(f"{s:.2f}" for s in both)) for name, both in found["commands"].items()]
    sliders = [(name, f"{median:.0f}", f"{late:.0f}") for name, (median, late) in found["sliders"].items()]
    slowest = sorted(found["feedback"].items(), key=lambda one: -max(one[1][1:]))[:5]
    answers = [(name, str(count), *(f"{s:.3f}" for s in both)) for name, (count, *both) in slowest]
    text = f"""## What a user waits for

From the start of a kernel to a notebook's first figure, TensorFlow's import included where one is needed. Seconds of
the processor are what a quiet machine's clock says at most; the clock beside them also counts how busy this one was.

{table(("notebook", *clocks), figures)}

Commands, median of five:

{table(("python -m segutils …", *clocks), commands)}

A control moves until its image is there, in the kernel, in milliseconds of the processor:

{table(("explorer", "median, ms", "95%, ms"), sliders)}

Feedback on a coding exercise, right answers and wrong ones: the slowest five of {len(found["feedback"])} exercises, in
seconds of the processor. What the first feedback costs beyond a second one is TensorFlow's own first operation.

{table(("exercise", "answers", "slowest first feedback", "slowest later one"), answers)}
"""
    return text, None


def growth(found):
    fig, axes = plt.subplots(2, 3, figsize=(9, 5), layout="constrained")
    rows = []
    for ax, (name, about) in zip(axes.flat, found.items(), strict=True):
        amount, seconds = np.array([float(n) for n in about["seconds"]]), np.array(list(about["seconds"].values()))
        ax.loglog(amount, seconds, "o-", color=plots.COLOURS[0])
        ax.loglog(amount, seconds[-1] * amount / amount[-1], ":", color="black")
        ax.minorticks_off()
        ends = seconds[[0, -1]] if seconds[-1] > 1.5 * seconds[0] else seconds[-1:]  # close labels would overlap
        marked = amount[[0, (len(amount) - 1) // 2, -1]]
        ax.set_xticks(marked, [f"{n:,.0f}" for n in marked])
        ax.set_yticks(ends, [f"{s:.2g}" for s in ends])
        ax.set(xlabel=name, ylabel="seconds")
        slope, last = about["slope"]
        linear = "not here" if about["linear_from"] is None else f"{about['linear_from']:,.0f}"
        rows.append((name, f"{amount[0]:,.0f} to {amount[-1]:,.0f}", f"{slope:.2f}", f"{last:.2f}", linear))
    fig.suptitle("Cost as work grows (dotted: in proportion)", fontsize=10)
    text = f"""## Cost as work grows

![Seconds against amount](growth.png)

{table(("", "from, to", "slope, all", "slope, last two", "in proportion from"), rows)}

Slope of the logarithms: 1 is in proportion, below 1 there is a fixed cost, above 1 it grows faster than the work. *In
proportion from*: the amount from which on each slope between neighbours lies within {LINEAR} of 1.
"""
    return text, fig


def folders(found):
    rows = []
    for name, about in found.items():
        for score, words in (("mean_iou", "mean IoU"), ("foreground_iou", "foreground IoU, mean over images")):
            runs = {who: [run[score] for run in about[who]] for who in ("ours", "plain")}
            told = [f"{np.mean(run):.3f} ({', '.join(f'{value:.3f}' for value in run)})" for run in runs.values()]
            seconds = np.mean([run["seconds"] for run in about["ours"]])
            rows.append((f"{name}, {words}", *told, f"{seconds:.0f}"))
    text = f"""## Folders of images and masks

The workhorse's one recipe, which takes nothing but the folder, against a textbook U-Net with Adam at 0.001, mirrored
crops and the same processor seconds. A third of the images, split by source, is the exam: mean of three seeds (each).

{table(("set", "the workhorse", "a plain U-Net", "processor seconds"), rows)}
"""
    return "\n".join([text, *(_sooner(name, about) for name, about in found.items() if "sooner" in about)]), None


def _sooner(name, about):
    """How much sooner the workhorse is as good as the plain U-Net ever is."""
    found, full = about["sooner"], np.mean([run["seconds"] for run in about["ours"]])

    def of(who, key, runs, seconds):
        scores = [run["mean_iou"] for run in runs]
        return f"{who}, {key}", seconds, float(np.mean(scores)), ", ".join(f"{score:.3f}" for score in scores)

    rivals = [of("plain U-Net", f"{share} of the time", r, float(share) * full) for share, r in found["plain"].items()]
    ours = [
        of("the workhorse", f"EPOCHS {n}", runs, np.mean([run["seconds"] for run in runs]))
        for n, runs in found["ours"].items()
    ]
    target = max(rivals, key=lambda row: row[2])
    said = "with none of these EPOCHS"
    for n, row in zip(found["ours"], ours, strict=True):  # the fewest first
        if row[2] >= target[2]:
            said = f"{target[1] / row[1]:.1f} times sooner, with EPOCHS {n}"
            break
    rates = ", ".join(f"{rate}: {score:.3f}" for rate, score in found["rates"].items())
    rows = [(who, f"{seconds:.0f}", f"{mean:.3f} ({each})") for who, seconds, mean, each in rivals + ours]
    return f"""**Time to quality on {name}.** The plain U-Net's rate is the best for the validation images of seed 0
(mean IoU by rate, {rates}).
Its best mean, {target[2]:.3f}, the workhorse reaches {said}:

{table(("who", "processor seconds", "mean IoU of three seeds (each)"), rows)}
"""


def inference(found):
    names, rows = list(found[0]["mean_iou"]), []
    for side in found[0]["rates"]:
        each = {name: np.array([seed["rates"][side][name] for seed in found]) for name in names}
        for name in names:
            ratios = np.sort((each[name] / each["Keras"]).ravel())
            told = f"{np.median(ratios):.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f})"
            rows.append((f"{name}, {side} × {side}", f"{np.median(each[name]):.1f}", told))
    scores = {name: np.array([seed["mean_iou"][name] for seed in found]) for name in names}
    lost = scores["Keras"] - scores["LiteRT, int8"]
    judged = []
    for name in names:
        size = found[0]["bytes"].get(name)
        judged.append((name, ", ".join(f"{s:.4f}" for s in scores[name]), f"{size / 1024:,.0f}" if size else ""))
    digits, seconds = found[0]["digits"], np.mean([seed["seconds"] for seed in found])
    text = f"""## A trained network on one core

The workhorse's U-Net learns scenes of {digits} digits for {seconds:.0f} processor seconds, and leaves as `segment`
writes it. One image at a time, one thread. Images a second of the processor, median of {ratios.size} rounds in which
all programs take turns; the ratio to Keras is that of each round: median (range).

{table(("program, image", "images/s", "ratio to Keras"), rows)}

Eight bits (int8), whose ranges are chosen after the training by training scenes, cost {lost.mean():.4f} of mean IoU
(each training: {", ".join(f"{loss:.4f}" for loss in lost)}):

{table(("program", "mean IoU of each training, new scenes", "file, KiB"), judged)}
"""
    return text, None


def memory(found):
    rows = []
    for count, about in found.items():
        for who, run in about.items():
            words = {"segment": "segment", "plain": "plain loop"}[who]
            peak, seconds = run["peak"] / 2**30, run["seconds"]
            rate = int(count) / seconds
            rows.append((f"{int(count):,} images, {words}", f"{peak:.2f}", f"{seconds:.0f}", f"{rate:.1f}"))
    text = f"""## Many images

`segment` against a plain loop: images of 512 × 512, a tenth of them to validate, a tenth to test, and a training of 16
steps in both. The loop holds all images in memory. `segment` also examines every file, looks for relatives, predicts in
all four quarter turns (these images have no up), tries two ways to make objects on up to 50 validation images, counts
objects in each test image, and keeps masks, overlays and a report. Processor seconds of the whole process, start
included.

{table(("", "peak memory, GiB", "processor seconds", "images a processor second"), rows)}
"""
    return text, None


SECTIONS = {
    "quality": quality,
    "ablation": ablation,
    "tried": tried.section,
    "steps": steps,
    "classifier": classifier,
    "speed": speed,
    "notebooks": notebooks,
    "felt": felt,
    "growth": growth,
    "folders": folders,
    "inference": inference,
    "memory": memory,
}


if __name__ == "__main__":
    write()
