"""A student's text runs nothing and keeps nobody waiting in the pages that nbconvert makes, and stays readable."""

import time
from html.parser import HTMLParser

import pytest

pytest.importorskip("nbgrader", reason="nbgrader is not installed (pip install -r requirements-teacher.txt)")

from nbconvert.filters.markdown import markdown2html  # noqa: E402

from segutils.classroom.inert import MAX_LENGTH, disarm  # noqa: E402
from segutils.classroom.magics import to_python  # noqa: E402

SAFE = {"p", "em", "strong", "code", "pre", "div", "span", "ul", "ol", "li", "h1", "h2", "h3", "br", "hr", "blockquote"}
SAFE |= {"table", "thead", "tbody", "tr", "th", "td", "del"}
HOSTILE = {
    "script": "<script>alert(1)</script>",
    "image": "<img src=x onerror=alert(1)>",
    "frame": '<iframe srcdoc="<script>alert(1)</script>"></iframe>',
    "form": '<form action="http://evil.example"><input name=password></form>',
    "refresh": '<meta http-equiv="refresh" content="0;url=http://evil.example/">',
    "svg": "<svg/onload=alert(1)>",
    "style": "<style>body{display:none}</style>",
    "comment": "<!-- x --><![CDATA[<script>alert(1)</script>]]>",
    "half a tag": "<img src=x onerror=alert(1) ",
    "in a heading": "# <b onmouseover=alert(1)>x</b>",
    "in a table": "|<b onclick=alert(1)>|\n|-|\n|x|",
    "a link": "[click](javascript:alert(1))",
    "a link by entity": "[click](java&#115;cript:alert(1))",
    "a link in angle brackets": "[click](<javascript:alert(1)>)",
    "a link by reference": "[click][1]\n\n[1]: javascript:alert(1)",
    "an automatic link": "<javascript:alert(1)>",
    "a picture": "![x](http://evil.example/track.png)",
    "a data link": "[click](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)",
    "escapes": "\\<script>alert(1)\\</script>",
    "an address": "see http://evil.example/x and HTTPS://evil.example",
    "in code": "`<script>x</script>`\n\n    <script>x</script>\n\n```html\n<script>x</script>\n```",
}


class Tags(HTMLParser):
    """The tags of a page and their attributes."""

    def __init__(self, page):
        super().__init__()
        self.tags, self.attributes = set(), []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes += attrs


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_only_tags_of_markdown_come_out(text):
    page = Tags(markdown2html(disarm(text)))
    assert page.tags - {"a"} <= SAFE
    loading = [(name, value) for name, value in page.attributes if name in ("href", "src", "srcdoc", "style", "action")]
    assert all(name == "href" and value.startswith("#") for name, value in loading)  # nbconvert's own, of a heading
    assert not [name for name, _ in page.attributes if name.startswith("on")]


@pytest.mark.parametrize(
    "command", ["href{javascript:alert(2)}{x}", "require{html}", "style{x}{y}", "def\\x{\\href}", "url{x}"]
)
def test_formulas_that_could_link_or_load_are_broken(command):
    assert f"\\{command.split('{')[0]}" not in disarm(f"$\\{command}$")


def test_harmless_text_stays_as_it_is():
    text = "Two *layers* of `3×3` see $5\\times 5$ pixels, if `a < b`:\n\n- $$\\frac{a}{b} < c$$\n- see x[0] and f(x)"
    assert disarm(text) == text
    assert disarm("$a<b$, `x<y`, <i>") == "$a< b$, `x< y`, < i>"


def test_what_is_made_harmless_stays_so():
    for text in HOSTILE.values():
        assert disarm(disarm(text)) == disarm(text)
    long = disarm("word " * 10_000)
    assert disarm(long) == long


BOMBS = ["\\begin{a}" * 22_000, "[" * 20_000, "> " * 10_000, "*a **a " * 3000, "`" * 20_000, "$a" * 9000, "- " * 9000]
BOMBS += [
    "|a" * 9000 + "\n" + "|-" * 9000,
    "![" * 9000,
    "\\" * 20_000,
    "&#1;" * 5000,
    "_a__ " * 4000,
    "x" * 10**6,
    "a\n=\n" * 5000,
]


@pytest.mark.parametrize("text", BOMBS, ids=range(len(BOMBS)))
def test_a_text_that_keeps_the_converter_busy_is_cut_down(text):
    begun = time.monotonic()
    harmless = disarm(text)
    markdown2html(harmless)
    assert len(harmless) < MAX_LENGTH + 300
    assert time.monotonic() - begun < 20  # without it the first takes minutes


@pytest.mark.parametrize(
    ("text", "python"),
    [
        ("x = 1", "x = 1"),
        ("%%time\nx = 1", "\nx = 1"),
        ("\n%%capture out\n%%time\nx = 1", "\n\n\nx = 1"),
        ("%%timeit\nx = 1", ""),
        ("%%bash\nrm -rf /", ""),
        ("y = (a\n     % b\n     != c)", "y = (a\n     % b\n     != c)"),
        ("s = '''\n%x\n!y\n'''", "s = '''\n%x\n!y\n'''"),
        ("np.x?", "get_ipython().run_line_magic('pinfo', 'np.x')"),
        ("if a:\n    !ls", "if a:\n    get_ipython().system('ls')"),
        ("def f(x) return x", "def f(x) return x"),
        ("!ls\n" * 300, "pass\n" * 300),
    ],
)
def test_ipython_s_lines_become_python(text, python):
    assert to_python(text) == python
