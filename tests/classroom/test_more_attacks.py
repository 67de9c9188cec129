"""Attacks found later: on memory and time; each was harmful before its cure."""

import time

import pytest

pytest.importorskip("nbgrader", reason="nbgrader is not installed (pip install -r requirements-teacher.txt)")

from hand_ins import grader  # noqa: E402

from segutils.classroom import tasks  # noqa: E402
from segutils.classroom.magics import to_python  # noqa: E402


def test_a_question_to_the_oracle_cannot_fill_the_memory_of_the_grading_process():
    code = "def train(gradient_of, theta, count, budget): return gradient_of(np.zeros((0, 10**6)), np.array([0]))"
    all_tasks, limits = grader("04_optimizers")
    score = tasks.award_points({"test_train": all_tasks["test_train"]}, [code], limits=limits)["test_train"]
    assert score.points == 0
    assert "expected theta of shape (64, 10)" in " ".join(" ".join(score.lines).split())


def test_an_oracle_that_runs_out_of_memory_is_one_student_s_failure():
    def oracle(x):
        raise MemoryError

    task = tasks.Task("f", lambda: 0, lambda rng: [tasks.Criterion("a", 1, [()], oracle=lambda: oracle)])
    score = tasks.award_points({"f": task}, ["def f(ask): return ask(1.0)"])["f"]
    assert score.points == 0
    assert "MemoryError" in " ".join(score.lines)


@pytest.mark.parametrize(
    "text", ["\n" * 40_000 + "x = 1", "a(1, b, 2)\n" * 5000 + "!ls\n" * 60], ids=["empty lines", "magics"]
)
def test_reading_a_cell_takes_no_minutes(text):
    begun = time.process_time()
    to_python(text)
    assert time.process_time() - begun < 10  # without the limits 20 to 30
