"""Points without merit, attempts on the grading process, and unusual right answers: each with its points."""

import functools
import itertools
import os
import textwrap
import time

import numpy as np
import pytest

pytest.importorskip("psutil", reason="psutil is not installed (pip install -r requirements-teacher.txt)")

from hand_ins import grader, in_function, planted  # noqa: E402

from segutils.classroom import sandbox, sandbox_process, tasks  # noqa: E402
from segutils.classroom.magics import to_python  # noqa: E402
from segutils.classroom.sandbox import Call, Limits  # noqa: E402
from segutils.classroom.tasks import Criterion, Task  # noqa: E402

QUICK = Limits(seconds=0.7, total_seconds=6, restarts=3, memory=2**29, answer_bytes=2**20)


def award(name, test, code):
    """The Score of a task of an assignment for this code."""
    all_tasks, limits = grader(name)
    return tasks.award_points({test: all_tasks[test]}, [to_python(textwrap.dedent(code))], limits=limits)[test]


# Points without merit: (assignment, task, what is tried, code)

NETWORK = '''
    class Net:
        """A linear map that says that it has 34,826 parameters."""
        w, dead = np.random.default_rng(0).normal(size=(784, 10)) / 28, False
        def __call__(self, x): return np.asarray(x).reshape(len(x), -1) @ self.w * (not self.dead)
        def count_params(self): return 34826
        def get_weights(self): return [np.zeros(1)] * 6
        def set_weights(self, w): self.dead = True
        def evaluate(self, x, y, **k):
            z = self(x)
            loss = -(y * (z - np.log(np.exp(z).sum(1, keepdims=True)))).sum(1).mean()
            return {"loss": loss, "acc": (z.argmax(1) == y.argmax(1)).mean()}
'''
WITHOUT_MERIT = [
    (
        "04_optimizers", "test_train", "images and labels out of the closure",
        """
        def train(gradient_of, theta, count, budget):
            c = {n: k.cell_contents for n, k in zip(gradient_of.__code__.co_freevars, gradient_of.__closure__)}
            x, y = c["images"], c["labels"]
            return theta + x.T @ np.eye(10)[y]
        """,
    ),
    (
        "04_optimizers", "test_train", "the counter set back",
        """
        def train(gradient_of, theta, count, budget):
            for _ in range(300):
                theta = theta - gradient_of(theta, np.arange(count))
                for k in gradient_of.__closure__ or ():
                    if isinstance(k.cell_contents, int): k.cell_contents = 0
            return theta
        """,
    ),
    (
        "05_training_run", "test_build_model", "an object that says what is wanted",
        NETWORK + "    def build_model(): return Net()",
    ),
    (
        "05_training_run", "test_build_model", "the same, called a Keras model",
        NETWORK + """
    import keras
    keras.Model = Net
    def build_model(): return Net()
        """,
    ),
    (
        "05_training_run", "test_build_model", "NumPy patched",
        NETWORK + """
    def build_model():
        np.array = np.asarray = lambda *a, **k: np.zeros(0)
        return Net()
        """,
    ),
    (
        "05_training_run", "test_keep_best", "load_model patched",
        """
        import keras
        class Callback(keras.callbacks.Callback):
            best, epoch = 9.0, 0
            def on_epoch_end(self, epoch, logs=None):
                if logs["val_loss"] < self.best: Callback.best, Callback.epoch = logs["val_loss"], epoch
        def load_model(path, **k):
            model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, use_bias=False)])
            model.set_weights([np.full((1, 1), float(Callback.epoch))])
            return model
        keras.models.load_model = keras.saving.load_model = load_model
        def keep_best(path):
            open(path, "w").write("saved")
            Callback.best = 9.0
            return Callback()
        """,
    ),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "test", "code"), [pytest.param(*w[:2], w[3], id=f"{w[0][:2]} {w[2]}") for w in WITHOUT_MERIT]
)
def test_what_has_no_merit_gets_no_points(name, test, code):
    score = award(name, test, code)
    assert score.points == 0
    assert score.notes == ()


# The grading process


def run(body, limits=QUICK, calls=1):
    """The answers to calls of f(x) whose body is this."""
    code = "import numpy as np\n" + in_function(body).replace("def double", "def f")
    return sandbox.run([code], [Call("f", (np.arange(3.0),), str(k)) for k in range(calls)], limits)[0]


def test_a_pipe_cannot_signal_the_grading_process():
    (answer,) = run("""
        import fcntl, os, signal
        r, w = os.pipe()
        fcntl.fcntl(r, fcntl.F_SETFL, os.O_ASYNC | os.O_NONBLOCK)
        for command, value in ((fcntl.F_SETOWN, os.getppid()), (10, signal.SIGKILL)):
            try: fcntl.fcntl(r, command, value)
            except OSError: pass
            else: raise RuntimeError('allowed')
        os.write(w, b'x')
        return x
    """)
    assert answer.error == "" or "allowed" not in answer.error


@pytest.mark.parametrize("step", ["cell", "answer", "ready", "ask", "end", "nothing"])
def test_forged_frames_do_not_set_the_clock_back(step):
    code = f"""
import os, time
while True:
    for fd in range(3, 12):
        try: os.write(fd, b'{{"step": "{step}", "error": "", "token": "", "arrays": []}}\\n')
        except OSError: pass
    time.sleep(0.1)
"""
    begun = time.monotonic()
    (answer,), _ = sandbox.run([code, "def f(x): return x"], [Call("f", (np.ones(2),))], QUICK)
    assert time.monotonic() - begun < 6 * QUICK.total_seconds  # without a limit it would never end
    assert not answer.arrays or (answer.arrays[0] == 1).all()


def test_sleep_costs_one_limit_for_all():
    cells = ["import time\ntime.sleep(25)"] * 4 + ["def f(x): return x"]
    begun = time.monotonic()
    sandbox.run(cells, [Call("f", (np.ones(2),))], QUICK._replace(total_seconds=4, restarts=8))
    assert time.monotonic() - begun < 60  # four times 25 without it


FRAMES = [b"[1]", b'"x"', b"{}", b'{"arrays": 3}', b'{"arrays": [["f8", [-1], 8]]}', b'{"arrays": [["f8", ["a"], 8]]}']
FRAMES += [
    b'{"arrays": [["f8", [1], 8.5]]}',
    b'{"arrays": [["O", [1], 8]]}',
    b'{"arrays": [["f8", [1e9], 8]]}',
    b"\xff",
]
FRAMES += [b'{"step": "answer", "arrays": []}', b"1" * 6000, b'{"arrays": [["f8,f8", [1], 16]]}', b"[" * 60000]


@pytest.mark.parametrize("frame", FRAMES, ids=range(len(FRAMES)))
def test_a_frame_of_nonsense_is_interference(frame):
    (answer,) = run(f"""
        import os
        for fd in range(3, 12):
            try: os.write(fd, {frame!r} + b'\\n')
            except OSError: pass
        return x
    """)
    assert answer == sandbox.Answer(error=sandbox_process.INTERFERES)


def test_a_judge_that_raises_costs_this_criterion_alone():
    def judge(answers, wanted):
        return answers[0][0][7], "right"

    task = Task("f", lambda x: x, lambda rng: [Criterion("a", 2, [(1.0,)], judge), Criterion("b", 1, [(1.0,)])])
    score = tasks.award_points({"f": task}, ["def f(x): return x"])["f"]
    assert score.points == 1
    assert score.lines[0] == "✗ a: 0 of 2 points; the answer cannot be judged"
    assert score.notes[0].startswith("f: no judgement of 'a': IndexError")


@pytest.mark.parametrize(
    "body",
    [
        "for k in range(300): open(f'{k}', 'wb').write(bytes(2**16))\nreturn x",
        "for k in range(300):\n    f = open('a', 'wb'); f.write(bytes(2**16)); os.remove('a')\nreturn x",
        "for k in range(10**6): open(f'{k}', 'wb').close()\nreturn x",
        "for k in range(10**6): os.mkdir('d' + '/d' * k)\nreturn x",
    ],
    ids=["many bytes", "deleted ones", "many files", "a deep tree"],
)
def test_scratch_files_are_limited_and_removed(body, tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    limits = QUICK._replace(file_bytes=2**20, disk_bytes=2**22, seconds=8, total_seconds=30)
    (answer,) = run(f"import os, time\n{body.replace('return x', 'time.sleep(2); return x')}", limits)
    if "remove" not in body:  # what is deleted counts where the system counts what a process writes
        assert not answer.arrays
    assert os.listdir(tmp_path) == []


def test_errors_say_little_of_hidden_inputs():
    lines = award(
        "01_convolution", "test_conv2d",
        """
        import base64
        def conv2d(x, kernel):
            raise ValueError(base64.b85encode(x.astype(np.float32).tobytes()).decode())
        """,
    ).lines  # fmt: skip
    said = " ".join(lines).replace("    ", "")
    assert said.count("ValueError") == 1
    assert len(said) < 120 * (len(lines) + 1)


def test_cells_do_not_see_what_comes_later():
    cell = """
import sys
frame, seen = sys._getframe(), []
while frame:
    seen += [v for v in map(str, frame.f_locals.values()) if '918' + '273' in v]
    frame = frame.f_back
def f(x):
    return len(seen)
"""
    (answer,), _ = sandbox.run([cell], [Call("f", (np.array([918273.0]),))])
    assert answer.arrays[0] == 0


# Unusual right answers: (assignment, task, what is unusual, code)

ODD = [
    ("01_convolution", "test_conv2d", "lists", "A = conv2d\ndef conv2d(x, kernel): return A(x, kernel).tolist()"),
    ("01_convolution", "test_conv2d", "float32", "A = conv2d\ndef conv2d(x, kernel): return A(x, kernel).astype('f4')"),
    ("01_convolution", "test_conv2d", "annotations of names that come later", """
        from __future__ import annotations
        A = conv2d
        def conv2d(x: Image, kernel: Kernel) -> Image: return A(x, kernel)
    """),
    ("01_convolution", "test_conv2d", "display", """
        A = conv2d
        def conv2d(x, kernel):
            y = A(x, kernel)
            display(y)
            return y
    """),
    ("01_convolution", "test_conv2d", "magics", "%matplotlib inline\n!pip list\nnp.pad?\nx = !ls\n%time B = conv2d"),
    ("01_convolution", "test_conv2d", "%%time", "%%time\nA = conv2d\ndef conv2d(x, kernel): return A(x, kernel)"),
    ("01_convolution", "test_conv2d", "lines that begin with % and !=", """
        A = conv2d
        def conv2d(x, kernel):
            odd = (len(x)
                   % 2
                   != 7)
            return A(x, kernel) if odd else None
    """),
    ("01_convolution", "test_conv2d", "a syntax error beside it", """
        A = conv2d
        def conv2d(x, kernel): return A(x, kernel)
        def other(x) return x
    """),
    ("01_convolution", "test_conv2d", "objects", "A = conv2d\ndef conv2d(x, kernel): return A(x, kernel).astype('O')"),
    ("01_convolution", "test_kernel_gradient", "a class that can be called", """
        class Gradient:
            def __init__(self, f): self.f = f
            def __call__(self, *a): return self.f(*a)
        kernel_gradient = Gradient(kernel_gradient)
    """),
    ("04_optimizers", "test_loss_and_gradient", "a list of both", """
        A = loss_and_gradient
        def loss_and_gradient(*a): return list(A(*a))
    """),
    ("04_optimizers", "test_loss_and_gradient", "float32", """
        A = loss_and_gradient
        def loss_and_gradient(*a): return tuple(np.float32(part) for part in A(*a))
    """),
    ("04_optimizers", "test_train", "the budget spent to the end", """
        A = train
        def train(gradient_of, theta, count, budget):
            best = theta
            def kept(at, chosen):
                nonlocal best
                best = at
                return gradient_of(at, chosen)
            try: A(kept, theta, count, 10 * budget)
            except RuntimeError: pass
            return best
    """),
    ("04_optimizers", "test_loss_and_gradient", "a generator of both", """
        A = loss_and_gradient
        def loss_and_gradient(*a): yield from A(*a)
    """),
    ("04_optimizers", "test_step_sizes", "a generator", """
        A = step_sizes
        def step_sizes(*a): yield from A(*a)
    """),
    ("03_losses", "test_class_iou", "None for an absent class", """
        A = class_iou
        def class_iou(*a, **k): return [None if np.isnan(x) else x for x in A(*a, **k)]
    """),
    ("06_segmentation_project", "test_confusion", "a tuple of rows", """
        A = confusion
        def confusion(*a): return tuple(A(*a))
    """),
    ("05_training_run", "test_split", "a list of lists", """
        A = split
        def split(*a): return [part.tolist() for part in A(*a)]
    """),
    ("05_training_run", "test_report_of", "an array of objects", """
        A = report_of
        def report_of(*a): return np.array([*A(*a), None], dtype=object)[:2]
    """),
    ("05_training_run", "test_prepare", "tensors", """
        import tensorflow as tf
        A = prepare
        def prepare(*a): return [tf.constant(part) for part in A(*a)]
    """),
]  # fmt: skip


@functools.cache
def right_answer(name, test):
    """Code that gets full points."""
    answers, shared = planted(name)
    return shared + next(code for _, words, code in answers[test] if words.startswith("right"))


@pytest.mark.parametrize(("name", "test", "code"), [pytest.param(*o[:2], o[3], id=f"{o[1]} {o[2]}") for o in ODD])
def test_unusual_right_answers_get_full_points(name, test, code):
    all_tasks, limits = grader(name)
    cells = [right_answer(name, test), to_python(textwrap.dedent(code).strip("\n"))]
    score = tasks.award_points({test: all_tasks[test]}, cells, limits=limits)[test]
    assert score.points == score.max_points, score.lines


def test_a_syntax_error_names_its_cell_and_line_in_every_task_that_it_costs():
    all_tasks, limits = grader("01_convolution")
    broken = "import math\n\ndef output_size(size, kernel, stride=1, padding=0, dilation=1)\n    return 5"
    scores = tasks.award_points(all_tasks, [broken], limits=limits)
    for score in scores.values():
        assert any("the cell of output_size stopped, line 3: SyntaxError: expected ':'" in line for line in score.lines)


def test_limits_are_counted_over_all_children():
    codes = itertools.repeat("while True: pass", 20)
    begun = time.monotonic()
    sandbox.run(list(codes), [Call("f", ())], QUICK._replace(restarts=20, total_seconds=2))
    assert time.monotonic() - begun < 20
