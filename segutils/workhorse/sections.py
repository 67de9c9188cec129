"""Sections of the report that tell how good the model is: classes, confusions, worst images, curves, objects."""

import matplotlib.pyplot as plt
import numpy as np

from segutils.workhorse import figures, page
from segutils.workhorse.page import paragraph
from segutils.workhorse.wording import called, headline, interval_of, listed, many, percent, score, span, told_apart

SHOWN = 280  # pixels of a picture's longer side
RARE = 0.01  # share of the test pixels below which a class's score is called uncertain
OBJECTS = ("objects by", "F1", "interval", "precision", "recall", "average precision", "merged", "split")
HEAD = ("class", "", "IoU", "95% interval", "Dice", "precision", "recall", "boundary F1", "pixels", "images")


def classes(told):
    exam, table = told.exam, told.exam.per_class()
    colours, rows = figures.hex_colours(told.colours), []
    for k, (name, row) in enumerate(table.iterrows()):
        spread = span(row["IoU, 95% from"], row["to"])
        rows.append(
            (
                page.swatch(colours[k], name),
                page.bar(row["IoU"], row["IoU, 95% from"], row["to"], colours[k]),
                score(row["IoU"]),
                spread,
                *(score(row[column]) for column in ("Dice", "precision", "recall", "boundary F1")),
                percent(row["share of pixels"]),
                f"{int(row['images']):,}",
            )
        )
    notes = [_on_intervals(exam), *_on_few_pixels(table)]
    return page.section("classes", "Class by class", page.table(HEAD, rows), paragraph(*notes, kind="small"))


def _on_intervals(exam):
    units = many(len(exam.units()), "source" if exam.by_source else "test image")
    said = "Pixels: share of the test pixels; images: those that hold the class."
    if len(exam.keys) == 1:
        return f"{said} One test image tells nothing of how others would score, so there is no interval."
    if exam.by_source:
        return f"{said} Intervals come from resampling {units}."
    if len(set(exam.sources)) == len(exam.keys):
        return f"{said} Intervals come from resampling {units}, so few that the intervals may be too narrow."
    few = many(len(set(exam.sources)), "source")
    alike = "images of one source are alike, so the intervals may be too narrow."
    return f"{said} Intervals come from resampling {units}. The test images have {few}, too few to resample; {alike}"


def _on_few_pixels(table):
    """Sentences on classes with few test pixels, or none."""
    rare = [str(name) for name, row in table.iterrows() if 0 < row["share of pixels"] < RARE]
    absent = [str(name) for name, row in table.iterrows() if not row["images"]]
    if rare:
        which = "these scores" if len(rare) > 1 else "this score"
        yield f"Less than one test pixel in a hundred belongs to {_each(map(called, rare))}: take {which} with care."
    if absent:
        yield f"No test image holds {_each(map(called, absent), 'or')}; nothing is known of how well that is found."


def _each(names, word="and"):
    names = list(names)
    return listed(names, word=word) if len(names) == 1 or word == "or" else f"each of {listed(names)}"


def confusion(told):
    confusion = told.exam.confusion
    share = confusion / np.maximum(confusion.sum(1, keepdims=True), 1)
    rows = []
    for name, line, pixels in zip(told.names, share, confusion.sum(1), strict=True):
        cells = [(f"{100 * value:.1f}" if value >= 0.0005 else "", _shade(value)) for value in line]
        rows.append((name, *(cells if pixels else [""] * len(line))))
    found = told.exam.confusions()
    if found:
        said = paragraph(f"The most frequent confusions: {'; '.join(taken_for(*one) for one in found)}.")
    else:
        said = paragraph("No class loses two in a hundred of its pixels to any other.")
    return page.section(
        "confusion",
        "What is taken for what",
        said,
        page.table(("true \\ predicted", *told.names), rows, kind="confusion"),
        paragraph("Each row shares out the pixels of one true class, in percent.", kind="small soft"),
    )


def taken_for(true, predicted, share):
    """A confusion in words."""
    return f"{100 * share:.0f}% of the pixels of {called(true)} are taken for {called(predicted)}"


def _shade(value):
    """The ground of a cell, never so blue that its number, in the ink of the page, could not be read."""
    return f"background:rgba(51,97,156,{0.06 + 0.62 * value:.2f})"


def cases(told):
    shades, words = [*told.colours, figures.WRONG], [*told.names, "wrong pixel, in the last picture"]
    if any((case.truth == figures.NOBODY).all(-1).any() for case in told.cases):
        shades, words = [*shades, figures.NOBODY], [*words, "nobody labelled"]
    parts = [page.legend(figures.hex_colours(shades), words)]
    for case, key in zip(told.cases, told_apart([case.key for case in told.cases]), strict=True):
        shown = []
        for name, caption in zip(figures.PICTURES, figures.CAPTIONS, strict=True):
            values = figures.smaller(getattr(case, name), SHOWN)
            inside = page.picture(values, f"{key}: {caption}", photo=name == "image")
            shown.append(f"<figure>{inside}<figcaption>{caption}</figcaption></figure>")
        name = f'<h3 title="{page.text(case.key)}">{page.text(key)}</h3>'
        about = paragraph(case.about, kind="small soft")
        parts.append(f'<div class="case">{name}{about}<div class="row">{"".join(shown)}</div></div>')
    if not told.cases:
        nothing = "No test image has a score: none holds a class that counts, in truth or prediction."
        return page.section("cases", "Worst images", paragraph(nothing))
    order = "The test images with the lowest scores come first; a middling one and the best close the row."
    few = "All test images that have a score, the lowest first."
    said = order if len(told.exam.worst_first()) > len(told.cases) else few
    return page.section("cases", "Worst images", paragraph(said), *parts)


def curves(told):
    exam, drawn = told.exam, []
    name = headline(exam, told.scores)[0]
    for column, word in figures.CURVES.items() if told.history else ():
        drawn.append((figures.learning_curve(told.history, column), f"{word} of training and validation, look by look"))
    label = "IoU, mean of the classes" if name == "mean IoU" else name
    drawn.append((figures.image_scores(exam.image_scores(), label), "scores of all test images, sorted"))
    found = exam.reliability()
    drawn.append((figures.reliability(found), "how often the model is right, by its confidence"))
    charts = [page.chart(figure, alt) for figure, alt in drawn]
    for figure, _ in drawn:
        plt.close(figure)
    gap = _surer(found)
    return page.section(
        "curves",
        "Training, image by image, confidence",
        '<div class="charts">' + "".join(f"<div>{one}</div>" for one in charts) + "</div>",
        paragraph(_still_learning(told.history), gap),
    )


def _still_learning(history):
    """A sentence where the last look at the validation crops was the best; "" elsewhere."""
    scores = [row.get("val_mean_iou", 0) for row in history]
    if len(scores) > 1 and scores[-1] > max(scores[:-1]):
        return "The last look at the validation crops was the best, so more EPOCHS may help."
    return ""


def _surer(found):
    """A sentence that says whether the model is surer than right."""
    some = found.count > 0
    claimed = float((found.confidence[some] * found.count[some]).sum() / max(found.count.sum(), 1))
    right = float((found.accuracy[some] * found.count[some]).sum() / max(found.count.sum(), 1))
    if abs(claimed - right) < 0.01:
        word = "about as sure as it is right"
    else:
        word = "surer than it is right" if claimed > right else "less sure than it is right"
    numbers = f"its mean confidence is {100 * claimed:.1f}%, and {100 * right:.1f}% of the pixels are right"
    return f"The model is {word}: {numbers}."


def objects(told):
    found = told.objects
    if not found:
        return ""
    if found["object_f1"] is None:
        said = paragraph("No test image holds an object, and none was predicted.")
        return page.section("objects", "Whole objects", said)
    rows = [_of_way(one) for one in (found, *found.get("beside", ()))]
    ways = "other number" if found.get("beside") else "other way"
    were = "was" if found["predicted"] == 1 else "were"
    said = (
        f"The test masks hold {many(found['true'], 'object')}, and {found['predicted']:,} {were} predicted, by "
        f"{found['way']}: on the validation images no {ways} found more. An object counts as found if a predicted "
        "object overlaps it with an IoU above 0.5. Average precision: found ones among all that are true or predicted, "
        "mean over IoUs from 0.5 to 0.95. Merged: predicted objects in which several true ones lie, by more than half "
        "of their pixels; split: true objects in which several predicted ones lie."
    )
    if found.get("beside"):
        said += f" The line of {found['beside'][0]['way']} comes from the same masks, cut without the network's help."
    why = "<ul>" + "".join(f"<li>{page.text(one)}</li>" for one in told.object_why) + "</ul>"
    return page.section("objects", "Whole objects", page.table(OBJECTS, rows), paragraph(said), why)


def _of_way(found):
    named = ("precision", "recall", "average_precision")
    scores = [score(np.nan if found[name] is None else found[name]) for name in named]
    mistakes = [f"{found[name]:,}" for name in ("merges", "splits")]
    return found["way"], score(found["object_f1"]), interval_of(found.get("interval")), *scores, *mistakes


def new(told):
    if not told.new_count:
        return ""
    shown = []
    for (name, laid), key in zip(told.new, told_apart([name for name, _ in told.new]), strict=True):
        inside = page.picture(figures.smaller(laid, SHOWN), name, photo=True)
        shown.append(f"<figure>{inside}<figcaption>{page.text(key)}</figcaption></figure>")
    were = "was" if told.new_count == 1 else "were"
    said = f"{many(told.new_count, 'new image')} {were} predicted; masks and overlays lie in predictions/."
    if len(shown) < told.new_count:
        said += f" The first {len(shown)} are shown."
    if told.new_skipped:
        first, why = told.new_skipped[0]
        count = len(told.new_skipped)
        said += f" {count} could not be read, {'such as ' * (count > 1)}{first}: {why}."
    return page.section("new", "New images", paragraph(said), f'<div class="row">{"".join(shown)}</div>')
