"""A report as one HTML page that needs nothing but a browser."""

import html

from segutils.plumbing.storage import atomic_write

STYLE = (
    "body{font:16px sans-serif;max-width:60em;margin:2em auto;padding:0 1em}table{border-collapse:collapse}"
    "td,th{padding:.2em .7em;border-bottom:1px solid #ccc;text-align:right}"
    "figure{display:inline-block;margin:.5em;max-width:45%}img{max-width:100%}figcaption{word-break:break-all}"
)


def write_page(path, *, title, summary="", tables=None, images=(), float_format="{:.3f}".format):
    """Write a page, all or nothing.

    Args:
        path: of the HTML file.
        title, summary: texts.
        tables: {heading: DataFrame}; a heading may be empty.
        images: (caption, address relative to the page) of each.
        float_format: function from a float of the tables to its text.
    """
    parts = ['<!doctype html><html lang="en"><meta charset="utf-8">']
    parts.append(f"<title>{html.escape(title)}</title><style>{STYLE}</style>\n<h1>{html.escape(title)}</h1>")
    parts += [f"<p>{html.escape(summary)}</p>"] if summary else []
    for heading, table in (tables or {}).items():
        parts += [f"<h2>{html.escape(heading)}</h2>"] if heading else []
        parts.append(table.to_html(float_format=float_format, border=0, na_rep=""))
    for caption, source in images:
        caption, source = html.escape(caption), html.escape(source)
        parts.append(f'<figure><img src="{source}" alt="{caption}"><figcaption>{caption}</figcaption></figure>')
    with atomic_write(path) as temporary:
        temporary.write_text("\n".join([*parts, "</html>\n"]), encoding="utf-8")
