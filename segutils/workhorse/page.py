"""Parts of a page of HTML that needs nothing but a browser: pictures inside, no script, readable on a telephone."""

import base64
import html
import io

import numpy as np
from PIL import Image

STYLE = """
:root{--ink:#1c2530;--soft:#5b6673;--line:#dde2e8;--paper:#fff;--ground:#f4f6f8;--blue:#33619c;--code:#f0f3f6;
color-scheme:light}
@media screen and (prefers-color-scheme:dark){:root{--ink:#e3e7ec;--soft:#a7b0bb;--line:#3a434d;--paper:#1d2329;
--ground:#14181c;--blue:#8fb8ec;--code:#2a323a;color-scheme:dark}}
*{box-sizing:border-box}
body{margin:0;background:var(--ground);color:var(--ink);font:16px/1.6 system-ui,Helvetica,Arial,sans-serif}
main{max-width:70rem;margin:0 auto;padding:1.5rem 1.25rem 4rem}
header h1{font-size:1.9rem;line-height:1.2;margin:.6rem 0 .2rem;overflow-wrap:anywhere}
h2{font-size:1.25rem;margin:0 0 .5rem}
h3{font-size:1rem;margin:1.2rem 0 .3rem}
p,ul,ol{margin:.4rem 0 .7rem;max-width:46rem}
.lead{font-size:1.08rem}.soft{color:var(--soft)}.small{font-size:.86rem}
section{background:var(--paper);border:1px solid var(--line);border-radius:12px;padding:1.2rem 1.4rem;margin:1rem 0}
.numbers{display:grid;grid-template-columns:repeat(auto-fit,minmax(10rem,1fr));gap:.8rem;margin:1rem 0}
.number{background:var(--paper);border:1px solid var(--line);border-radius:12px;padding:.8rem 1rem}
.number b{display:block;font-size:1.9rem;line-height:1.2;font-variant-numeric:tabular-nums;color:var(--blue)}
.number:first-child b{font-size:2.3rem}
.number span{display:block;color:var(--soft);font-size:.84rem;line-height:1.35}
nav{display:flex;flex-wrap:wrap;gap:.3rem .9rem;font-size:.9rem;margin:.6rem 0}
a{color:var(--blue)}
.wide{overflow-x:auto}
table{border-collapse:collapse;font-size:.9rem;font-variant-numeric:tabular-nums}
th,td{padding:.32rem .6rem;border-bottom:1px solid var(--line);text-align:right;white-space:nowrap}
th:first-child,td:first-child{text-align:left}
thead th{color:var(--soft);font-weight:600;vertical-align:bottom}
.confusion td{min-width:3.2rem;text-align:center;border:1px solid var(--paper)}
.confusion td:first-child{text-align:left}
.confusion th{white-space:normal;max-width:9rem;overflow-wrap:break-word}
.swatch{display:inline-block;width:.8em;height:.8em;border-radius:3px;margin-right:.45em}
.swatch{border:1px solid #8888;vertical-align:-.05em}
.legend{display:flex;flex-wrap:wrap;gap:.2rem 1.1rem;font-size:.88rem;margin:.4rem 0 .8rem}
.case{margin:1rem 0 1.4rem;border-top:1px solid var(--line);padding-top:.8rem}
.case h3{margin:0;overflow-wrap:anywhere}
.row{display:grid;grid-template-columns:repeat(4,1fr);gap:.5rem;margin-top:.5rem}
figure{margin:0}figcaption{font-size:.8rem;color:var(--soft);overflow-wrap:anywhere}
img{max-width:100%;height:auto;border-radius:6px}
.row img{width:100%;border:1px solid var(--line)}.row img[src*=png]{image-rendering:pixelated}
.charts{display:grid;grid-template-columns:repeat(auto-fit,minmax(22rem,1fr));gap:1rem;align-items:start}
pre{background:var(--code);border-radius:8px;padding:.8rem 1rem;overflow-x:auto;font-size:.84rem;line-height:1.45}
code{font-family:ui-monospace,Menlo,Consolas,monospace;font-size:.92em}
summary{cursor:pointer;color:var(--blue);margin:.4rem 0}
@media(max-width:640px){main{padding:1rem .7rem 3rem}section{padding:.9rem .9rem}header h1{font-size:1.45rem}
.row{grid-template-columns:repeat(2,1fr)}.numbers{grid-template-columns:repeat(2,1fr)}
.number b,.number:first-child b{font-size:1.5rem}.charts{grid-template-columns:1fr}}
@media print{body{background:#fff}section{border:0;padding:0;break-inside:avoid-page}nav{display:none}}
"""


def text(words):
    """Words as HTML."""
    return html.escape(str(words))


def paragraph(*sentences, kind=""):
    """Sentences, each as text, in one paragraph; nothing where there is none."""
    said = " ".join(text(sentence) for sentence in sentences if sentence)
    return f'<p class="{kind}">{said}</p>' if said and kind else f"<p>{said}</p>" if said else ""


def section(name, heading, *parts):
    """A part of the page with a heading; `name` is what a link jumps to."""
    return "\n".join([f'<section id="{name}"><h2>{text(heading)}</h2>', *filter(None, parts), "</section>"])


def number(value, label, note=""):
    """A large number with what it is below."""
    return f'<div class="number"><b>{text(value)}</b><span>{text(label)}</span><span>{text(note)}</span></div>'


def table(head, rows, *, kind=""):
    """A table; cells are texts, or (text, style) pairs, or ready HTML marked by `raw`."""
    lines = [f'<div class="wide" tabindex="0"><table class="{kind}"><thead><tr>']
    lines += [f"<th>{_cell(one)[0]}</th>" for one in head]
    lines.append("</tr></thead><tbody>")
    for row in rows:
        cells = [_cell(one) for one in row]
        lines.append("<tr>" + "".join(f"<td{style}>{inside}</td>" for inside, style in cells) + "</tr>")
    return "".join([*lines, "</tbody></table></div>"])


class raw(str):  # noqa: N801 - reads as a word
    """HTML that is ready."""


def _cell(one):
    if isinstance(one, tuple):
        return text(one[0]), f' style="{text(one[1])}"'
    return (one if isinstance(one, raw) else text(one)), ""


def swatch(colour, name):
    """A class's colour and its name."""
    return raw(f'<span class="swatch" style="background:{colour}"></span>{text(name)}')


def legend(colours, names):
    """All colours and names in one line that wraps."""
    return (
        '<div class="legend">'
        + "".join(f"<span>{swatch(c, n)}</span>" for c, n in zip(colours, names, strict=True))
        + "</div>"
    )


def bar(value, low, high, colour):
    """A bar from 0 to 1 with its interval, drawn: HTML."""
    if not np.isfinite(value):
        return raw('<span class="soft">not in the test images</span>')
    width, line = 120, ""
    if np.isfinite(low) and np.isfinite(high):
        a, b = (width * min(max(x, 0), 1) for x in (low, high))
        path = f"M{a:.1f} 3v8M{a:.1f} 7H{b:.1f}M{b:.1f} 3v8"
        line = f'<path d="{path}" stroke="currentColor" stroke-width="1.4" fill="none"/>'
    return raw(
        f'<svg width="{width + 2}" height="14" role="img" aria-label="{value:.2f}">'
        f'<rect y="3" width="{width}" height="8" rx="2" fill="var(--line)"/>'
        f'<rect y="3" width="{width * value:.1f}" height="8" rx="2" fill="{colour}"/>{line}</svg>'
    )


def picture(values, alt, *, photo=False):
    """An image (h, w, 3) uint8 inside the page."""
    held = io.BytesIO()
    image = Image.fromarray(np.ascontiguousarray(values))
    if photo:
        image.save(held, "JPEG", quality=85)
    else:
        image.quantize(128).save(held, "PNG", optimize=True)
    kind, coded = "jpeg" if photo else "png", base64.b64encode(held.getvalue()).decode()
    return f'<img src="data:image/{kind};base64,{coded}" alt="{text(alt)}">'


def chart(figure, alt):
    """A matplotlib figure inside the page, sharp at every size."""
    import matplotlib

    held = io.StringIO()
    with matplotlib.rc_context({"svg.hashsalt": "segutils", "svg.fonttype": "path"}):
        figure.savefig(held, format="svg", metadata={"Date": None, "Creator": None})
    coded = base64.b64encode(held.getvalue().encode()).decode()
    return f'<img src="data:image/svg+xml;base64,{coded}" alt="{text(alt)}">'


def code(words):
    """Lines as they are; where there is no room for them the keyboard scrolls them."""
    return f'<pre tabindex="0"><code>{text(words)}</code></pre>'


def details(summary, *parts):
    """What is folded away until it is asked for."""
    return f"<details><summary>{text(summary)}</summary>{''.join(parts)}</details>"


def page(title, *parts):
    """A whole page."""
    body = "\n".join(filter(None, parts))
    about = '<meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">'
    head = f"<head>{about}<title>{text(title)}</title><style>{STYLE}</style></head>"
    return f'<!doctype html><html lang="en">{head}<body><main>\n{body}\n</main></body></html>\n'
