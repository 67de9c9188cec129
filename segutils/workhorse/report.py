"""report.html: what was done, how good it is and where not, and how to use it; every sentence follows from the data."""

from typing import NamedTuple

import numpy as np

from segutils.plumbing.storage import atomic_write
from segutils.workhorse import page, sections
from segutils.workhorse.page import paragraph
from segutils.workhorse.recipe import slower
from segutils.workhorse.wording import called, headline, images_of, interval_of, listed, many


class Told(NamedTuple):
    """What the page is about.

    data: name of the set. usable, left_out: number of pairs. findings: {level: number}. names: of the classes.
    colours: (C, 3) uint8. split: {part: (images, sources)}. split_by: a sentence. why: sentences of all choices.
    exam: judge.Exam. scores: its summary. cases: list of figures.Case, worst first. history: of the training.
    objects: counting.Count's summary, or None; object_why: sentences. new: [(name, picture)] of new images;
    new_count: how many there were. snippet: Python lines. command: the line that predicts new images.
    parameters, environment: dicts. seconds: {step: float}. related: groups of relatives in two parts of the split.
    new_skipped: [(name, why)] of new images that can't be read.
    """

    data: str
    usable: int
    left_out: int
    findings: dict
    names: list
    colours: np.ndarray
    split: dict
    split_by: str
    why: list
    exam: object
    scores: dict
    cases: list
    history: list
    objects: dict | None
    object_why: tuple
    new: list
    new_count: int
    snippet: str
    command: str
    parameters: dict
    environment: dict
    seconds: dict
    related: int = 0
    new_skipped: tuple = ()


def write(path, told):
    """Write the page, all or nothing. Args: path: of report.html. told: Told."""
    parts = [
        _head(told),
        _how(told),
        sections.classes(told),
        sections.confusion(told),
        sections.cases(told),
        sections.curves(told),
    ]
    parts += [sections.objects(told), sections.new(told), _use(told), _limits(told), _details(told)]
    with atomic_write(path) as temporary:
        temporary.write_text(
            page.page(f"Segmentation of {told.data}", *parts), encoding="utf-8", errors="backslashreplace"
        )


def sentence(data, exam, scores, objects=None):
    """The result in one sentence."""
    name, value, interval = headline(exam, scores)
    spread = f"95% {interval[0]:.3f} to {interval[1]:.3f}" if interval else "one image tells no interval"
    kind = "mean over" if name == "foreground IoU" else "over all pixels of"
    said = f"{name[0].upper()}{name[1:]} {value:.3f} ({spread}), {kind} {images_of(exam)} of {data}"
    if name == "foreground IoU":
        said += f"; mean IoU of all classes {scores['mean_iou']:.3f}"
    if scores["boundary_f1"] is not None:
        said += f"; boundary F1 {scores['boundary_f1']:.3f}"
    if objects and objects["object_f1"] is not None:
        said += f"; object F1 {objects['object_f1']:.3f} ({objects['way']})"
    if exam.absent:
        said += f"; no test image holds {listed([called(name) for name in exam.absent], word='or')}"
    return said


def _head(told):
    scores, objects = told.scores, told.objects or {}
    name, value, interval = headline(told.exam, scores)
    blocks = [page.number(f"{value:.3f}", name, interval_of(interval))]
    if name == "foreground IoU":
        blocks.append(
            page.number(
                f"{scores['mean_iou']:.3f}", "mean IoU of all classes", interval_of(scores["mean_iou_interval"])
            )
        )
    if scores["boundary_f1"] is not None:
        blocks.append(page.number(f"{scores['boundary_f1']:.3f}", "boundary F1", "outlines within one pixel"))
    if objects.get("object_f1") is not None:
        blocks.append(page.number(f"{objects['object_f1']:.3f}", "object F1", interval_of(objects.get("interval"))))
    blocks.append(page.number(f"{100 * scores['pixel_accuracy']:.1f}%", "pixels right"))
    blind = scores["most_frequent_class"]
    lead = f"The model was judged on {images_of(told.exam)} that its training did not see."
    if told.related:
        lead += f" But {many(told.related, 'group')} of relatives lie in two parts, so the scores may be too high."
    if told.exam.absent:
        absent = listed([called(name) for name in told.exam.absent], word="or")
        lead += f" None of them holds {absent}, so the scores say nothing of how well that is found."
    classes = f"It tells {len(told.names)} classes apart: {listed(told.names)}."
    compare = (
        "IoU is the overlap of predicted and true pixels, divided by all that either covers: 1 is perfect. Calling "
        f"every pixel {called(blind['name'])} would reach a mean IoU of {blind['mean_iou']:.3f}; the model reaches "
        f"{scores['mean_iou']:.3f}."
    )
    links = [
        ("how", "What was done"),
        ("classes", "Classes"),
        ("cases", "Worst images"),
        ("curves", "Curves"),
        ("use", "Use the model"),
    ]
    nav = "<nav>" + "".join(f'<a href="#{at}">{words}</a>' for at, words in links) + "</nav>"
    return (
        f"<header><h1>Segmentation of {page.text(told.data)}</h1>{paragraph(lead, classes, kind='lead')}"
        f'<div class="numbers">{"".join(blocks)}</div>{paragraph(compare)}{nav}</header>'
    )


def _how(told):
    counted = ", ".join(many(told.findings.get(level, 0), level) for level in ("error", "warning", "note"))
    out = f"Left out because of errors: {many(told.left_out, 'file')}." if told.left_out else ""
    begin = paragraph(
        f"{many(told.usable, 'pair')} of image and mask can be used.",
        out,
        f"The inspection found {counted}; findings.csv lists them.",
    )
    rows = [(part, f"{images:,}", f"{sources:,}") for part, (images, sources) in told.split.items()]
    split = page.table(("part", "images", "sources"), rows)
    chosen = "<ul>" + "".join(f"<li>{page.text(why)}</li>" for why in told.why) + "</ul>"
    trained = ""
    if told.history:
        best = max(told.history, key=lambda row: row.get("val_mean_iou", 0))
        trained = paragraph(
            f"Training looked at its validation crops {many(len(told.history), 'time')}; the weights of look "
            f"{best['epoch']} were kept, where their mean IoU was {best.get('val_mean_iou', float('nan')):.3f}."
        )
    return page.section(
        "how",
        "What was done",
        begin,
        split,
        paragraph(told.split_by),
        paragraph(_began(told.parameters)),
        trained,
        page.details("How each setting was chosen", chosen),
    )


def _began(parameters):
    """A sentence on a training that did not begin with random weights; "" on one that did."""
    start, encoder = (parameters.get(name) or "" for name in ("START", "ENCODER"))
    if not start and not encoder:
        return ""
    began = f"Training began with weights of {start}" if start else f"The way down is {encoder}, pretrained"
    alone = ", once it had been trained around for a third of the looks" if encoder and not start else ""
    share = {3: "a third", 10: "a tenth"}[slower(start, encoder)]
    return f"{began}; the peak of the learning rate was {share} of the one below{alone}."


def _use(told):
    first = "Masks of new images, from a folder or a zip:"
    second = "In any program with Keras, without this package:"
    third = (
        "Predictions have the values of your own masks. Images of another kind, from another camera or place, deserve "
        "a check by eye before they are trusted."
    )
    parts = paragraph(first), page.code(told.command), paragraph(second), page.code(told.snippet), paragraph(third)
    return page.section("use", "Use the model", *parts)


def _limits(told):
    exam = told.exam
    sources = many(len(set(exam.sources)), "source")
    points = [
        f"The scores hold for images like the {images_of(exam)}, which come from {sources}.",
        "Where true masks are uncertain by a pixel, so are the scores; thin and small things suffer most.",
        "Validation images chose the weights, so their score is likely too high; the test images chose nothing.",
    ]
    if not exam.by_source:
        more = "far" if len(exam.keys) == 1 else "by more than the intervals say"
        points[0] += f" With so few, other test images may move them {more}."
    return page.section(
        "limits", "How far to trust it", "<ul>" + "".join(f"<li>{page.text(one)}</li>" for one in points) + "</ul>"
    )


def _details(told):
    rows = [(name, str(value)) for name, value in told.parameters.items() if name != "OUTPUT"]
    seconds = [(name, f"{value:,.0f} s") for name, value in told.seconds.items()]
    parts = [page.table(("parameter", "value"), rows), page.table(("step", "time"), seconds)]
    parts.append(page.table(("environment", ""), [(k, str(v)) for k, v in told.environment.items()]))
    return page.section("details", "Settings", page.details("Parameters, times and versions", *parts))
