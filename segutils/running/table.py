"""What came out of a sweep: a row for each run, and a plot of a score over a parameter."""

import json
import math
from pathlib import Path

from segutils.plumbing.arguments import check_choice, is_number
from segutils.plumbing.pages import write_page
from segutils.plumbing.storage import atomic_write

SEED = "SEED"  # runs that differ in it alone are repetitions of one point of the plot
SHOWN = ("status", "why", "folder")


def results(run):
    """What a run left in results.json, if it is finished and of these parameters; else None."""
    try:
        found = json.loads((Path(run["folder"]) / "results.json").read_text(encoding="utf-8"))
        parameters = {name: value for name, value in found["parameters"].items() if name != "OUTPUT"}
    except (OSError, ValueError, KeyError, AttributeError):
        return None
    return found if parameters == run["parameters"] else None


def row(run, why):
    found = results(run) or {}
    numbers = {name: value for name, value in found.items() if is_number(value) and name != "seed"}
    state = {"status": "done" if found else "failed", "why": why or "", "folder": Path(run["folder"]).name}
    return {**numbers, **run["given"], **state}


def scores_of(rows, runs):
    """Names of the numbers that the runs report, in the order of results.json."""
    return list(
        dict.fromkeys(name for row in rows for name in row if name not in runs[0]["given"] and name not in SHOWN)
    )


def write(found, name, given, score, output):
    scores = [column for column in found if column not in given and column not in SHOWN]
    with atomic_write(output / "table.csv") as temporary:
        found.to_csv(temporary, index=False)
    if score and scores:
        check_choice("--score", score, scores)
    images = []
    if scores:
        with atomic_write(output / "plot.png") as temporary:
            plot(found, list(given), score or scores[0]).savefig(temporary, dpi=150)
        images = [(f"{score or scores[0]} of each run", "plot.png")]
    else:
        (output / "plot.png").unlink(missing_ok=True)  # of an earlier sweep
    write_page(
        output / "table.html",
        title=f"Sweep of {name}",
        tables={"": found},
        images=images,
        float_format="{:.4g}".format,
    )


def plot(found, given, score):
    """A figure of the score over a numeric parameter, a line (own marker and dashes) for each setting of the others.

    Repetitions with other seeds are dots; the line goes through their means.
    """
    import matplotlib.pyplot as plt

    from segutils.plots import COLOURS, DASHES

    x, others = _axes(found, given)
    figure, ax = plt.subplots(figsize=(6.4, 4), layout="constrained")
    done = found[found[score].notna()]
    settings = done.groupby(others, sort=False) if others else [((), done)]
    markers = "osD^vP*X"
    for i, (values, part) in enumerate(settings):
        label = ", ".join(f"{name} {value}" for name, value in zip(others, values, strict=True))
        style = {"color": COLOURS[i % len(COLOURS)], "marker": markers[i % len(markers)]}
        means = part.groupby(x, sort=_numeric(found[x]))[score].mean()
        joined = DASHES[i % len(DASHES)] if _numeric(found[x]) else "none"
        ax.plot(part[x], part[score], **style, linestyle="none", alpha=0.5, markersize=4)
        ax.plot(means.index, means, **style, linestyle=joined, label=label or None)
    if _numeric(found[x]) and found[x].min() > 0 and found[x].max() >= 30 * found[x].min():
        ax.set_xscale("log")
    ax.set(xlabel=x, ylabel=score.replace("_", " "), title=f"{len(done)} of {len(found)} runs")
    if others:
        ax.legend(fontsize=8)
    plt.close(figure)
    return figure


def _axes(found, given):
    """The parameter along x (numeric, not the seed, of most values, if there is one), and those told by lines."""
    rank = {name: (_numeric(found[name]), name != SEED, found[name].nunique()) for name in given}
    x = max(given, key=rank.get)
    return x, [name for name in given if name not in (x, SEED) and found[name].nunique() > 1]


def _numeric(column):
    return all(is_number(value) and math.isfinite(value) for value in column.tolist())
