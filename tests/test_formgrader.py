"""What teacher and student see, in a real browser: the released notebook, the formgrader, the feedback page.

Needs Debian's Chromium, as tests/test_browser.py. The pictures taken on the way stay in pytest's temporary folder.
"""

import pytest

pytest.importorskip("nbgrader", reason="nbgrader is not installed (pip install -r requirements-teacher.txt)")

import test_browser  # noqa: E402
import test_classroom  # noqa: E402
from nbgrader.api import Gradebook  # noqa: E402
from test_classroom import NAME, course  # noqa: E402, F401 - a fixture

pytestmark = test_browser.pytestmark

SUM_OF_POINTS = """points => points === [...document.querySelectorAll('input.score')]
    .reduce((sum, box) => sum + Number(box.placeholder || box.value), 0)"""


@pytest.fixture(scope="module")
def graded(course, tmp_path_factory):  # noqa: F811
    """A course of three students, graded; and the address of a JupyterLab that serves its folder."""
    came_in = tmp_path_factory.mktemp("in")
    (came_in / "ann.ipynb").write_text(test_classroom.perfect(), encoding="utf-8")
    (came_in / "bob.ipynb").write_text(test_classroom.json.dumps(test_classroom.planted(4)[0]), encoding="utf-8")
    (came_in / "cy.ipynb").write_text(test_classroom.cheat("an endless loop"), encoding="utf-8")
    done = test_classroom.grade(course, "--from", came_in)
    assert done.returncode == 0, done.stderr
    with test_browser.jupyterlab(tmp_path_factory.mktemp("home"), course) as address:
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
    course, address = graded  # noqa: F811
    file = course / f"mine{k}.ipynb"
    file.write_text(test_classroom.json.dumps(test_classroom.planted(k)[0]), encoding="utf-8")
    page.goto(f"{address}lab/tree/{file.name}?reset&token=course")
    page.wait_for_selector(".jp-Notebook .jp-Cell", timeout=60_000)
    page.wait_for_function(test_browser.IDLE, timeout=60_000)
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_text("Run All Cells", exact=True).click()
    printed = "said => [...document.querySelectorAll('.jp-OutputArea pre')].some(pre => pre.textContent.includes(said))"
    page.wait_for_function(printed, arg=said, polling=500, timeout=120_000)
    page.screenshot(path=tmp_path / "student.png")


def test_the_formgrader_shows_the_points_and_takes_a_grade_by_hand(graded, page, tmp_path):
    course, address = graded  # noqa: F811
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
    test_classroom.grade(course)
    assert float(test_classroom.table(course)["ann"]["points"]) == 29


@pytest.mark.parametrize("student", ["ann", "bob", "cy"])
def test_the_feedback_page_opens(graded, page, tmp_path, student):
    course, _ = graded  # noqa: F811
    page.goto((course / "feedback" / student / NAME / f"{NAME}.html").as_uri())
    assert page.get_by_text("points, of 3:").count() == 3
    page.screenshot(path=tmp_path / f"feedback_{student}.png", full_page=True)
