"""Cheats get nothing, and a step that ends the child costs no other task its points."""

import os
import socket
import subprocess
import sys
import textwrap

import numpy as np
import pytest

pytest.importorskip("psutil", reason="psutil is not installed (pip install -r requirements-teacher.txt)")

from hand_ins import CHEATS, in_function  # noqa: E402

from segutils.classroom import sandbox, sandbox_process, tasks  # noqa: E402
from segutils.classroom.sandbox import Call, Limits  # noqa: E402
from segutils.classroom.tasks import Criterion, Task  # noqa: E402

QUICK = Limits(seconds=0.7, restarts=3, memory=2**29, answer_bytes=2**20)
HONEST = "def honest(x):\n    return x.sum()"


def _double(x):
    return 2 * x


TASKS = {
    "double": Task("double", _double, lambda rng: [Criterion("numbers", 3, [(rng.normal(size=(3, 4)),)])]),
    "honest": Task("honest", lambda x: x.sum(), lambda rng: [Criterion("a sum", 2, [(rng.normal(size=5),)])]),
}


def award_points(*cells):
    return tasks.award_points(TASKS, cells, limits=QUICK)


def points(*cells):
    return {name: score.points for name, score in award_points(*cells).items()}


@pytest.mark.parametrize("cheat", CHEATS)
def test_a_cheat_gets_nothing_and_costs_the_other_task_nothing(cheat):
    assert points(HONEST, textwrap.dedent(CHEATS[cheat])) == {"double": 0, "honest": 2}


def test_honest_work_gets_its_points_and_other_forms_of_numbers_do_too():
    for result in (
        "2 * x",
        "(2 * x).tolist()",
        "tuple(2 * x)",
        "np.float32(2) * x.astype(np.float32)",
        "x.astype('>f8') + x",
    ):
        assert points(HONEST, in_function(f"return {result}"))["honest"] == 2
    assert points(HONEST, in_function("return 2 * x")) == {"double": 3, "honest": 2}
    assert points(HONEST, in_function("x *= 2; return x")) == {"double": 3, "honest": 2}


def test_a_cell_that_fails_stops_neither_its_next_statement_nor_the_next_cell():
    cells = ["import matplotlib.pyplot as plt\ndef double(x):\n    return 2 * x\nplt.plot()", "1 / 0", HONEST]
    assert points(*cells) == {"double": 3, "honest": 2}


def test_lines_say_what_is_wrong():
    lines = {name: score.lines for name, score in award_points(HONEST, in_function("return x[:2]")).items()}
    assert lines["honest"] == ("✓ a sum: 2 of 2 points; right",)
    assert lines["double"] == ("✗ numbers: 0 of 3 points; for x of shape (3, 4): expected shape (3, 4), got (2, 4).",)
    assert "stopped after 0.7 seconds" in award_points(in_function("while True: pass"))["double"].lines[0]
    assert "ZeroDivisionError" in award_points(in_function("return 1 / 0"))["double"].lines[0]
    assert "is not defined" in award_points()["double"].lines[0]


def test_control_characters_of_a_student_s_error_do_not_reach_the_report():
    lines = award_points(in_function("raise ValueError('\\x1b[2J\\n' + 'x' * 1000)"))["double"].lines
    assert all(line.replace("\n", "").isprintable() and len(line) < 500 for line in lines)


def test_no_connection_is_made(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.1)
        port = server.getsockname()[1]
        body = f"import socket; socket.create_connection(('127.0.0.1', {port}), 1); return 2 * x"
        assert points(in_function(body))["double"] == 0
        with pytest.raises(TimeoutError):
            server.accept()


def test_files_outside_are_neither_read_nor_written(tmp_path):
    (tmp_path / "answers.txt").write_text("2")
    read = in_function(f"return float(open({str(tmp_path / 'answers.txt')!r}).read()) * x")
    write = in_function(f"open({str(tmp_path / 'new.txt')!r}, 'w').write('x'); return 2 * x")
    assert points(read)["double"] == 0
    assert points(write)["double"] == 0
    assert os.listdir(tmp_path) == ["answers.txt"]


def test_the_child_has_no_environment_no_home_and_an_empty_folder(monkeypatch):
    monkeypatch.setenv("COURSE_TOKEN", "secret")
    code = """
import os
def look():
    return [len(os.listdir('.')), os.environ.get('HOME') != os.getcwd(), len(os.environ)]
"""
    (answer,), _ = sandbox.run([code], [Call("look", ())])
    assert answer.error == ""
    entries, other_home, variables = answer.arrays[0]
    assert (entries, other_home) == (0, 0)
    assert variables <= 8


def test_with_leave_it_writes_small_files_in_its_own_folder_only():
    code = "def save(n):\n    open('a.bin', 'wb').write(b'x' * n)\n    return len(open('a.bin', 'rb').read())"
    calls = [Call("save", (10,), "small"), Call("save", (10**6,), "large")]
    (small, large), _ = sandbox.run([code], calls, QUICK._replace(file_bytes=1000))
    assert small.arrays[0] == 10
    assert large.arrays == ()


def test_use_calls_an_answer_several_times():
    def use(answer, x):
        return np.array([answer(x), answer(x + 1)])

    task = Task("f", lambda x: np.array([x**2, (x + 1) ** 2]), lambda rng: [Criterion("twice", 1, [(3,)])], use=use)
    assert tasks.award_points({"f": task}, ["def f(x): return x * x"])["f"].points == 1
    assert tasks.award_points({"f": task}, ["def f(x): return 9"])["f"].points == 0


def test_a_judge_gives_a_share_of_the_points():
    def judge(answers, wanted):
        share = np.mean(answers[0][0] == wanted[0][0])
        return share, f"{share:.0%} of the pixels"

    task = Task("f", lambda x: x, lambda rng: [Criterion("pixels", 4, [(np.arange(4),)], judge)])
    score = tasks.award_points({"f": task}, ["def f(x): return x * (x < 3)"])["f"]
    assert (score.points, score.max_points) == (3, 4)
    assert score.lines == ("~ pixels: 3 of 4 points; 75% of the pixels",)


KERNEL_ATTEMPTS = {
    "read a file": "open('/etc/passwd').read()",
    "list a folder": "os.listdir('/')",
    "write a file": "open(os.path.join(os.environ['TMPDIR'], 'x'), 'w')",
    "a socket": "socket.socket()",
    "a process": "os.fork()",
    "a program": "os.execv('/bin/true', ['true'])",
    "a signal": "os.kill(os.getppid(), 0)",
    "modes": "os.chmod('.', 0o777)",
    "limits": "resource.setrlimit(resource.RLIMIT_CPU, (-1, -1))",
    "a signal when a pipe is ready": "fcntl.fcntl(os.pipe()[0], fcntl.F_SETOWN, os.getppid())",
    "which signal": "fcntl.fcntl(os.pipe()[0], 10, signal.SIGKILL)",
    "whether a file exists": "os.stat('/etc/passwd')",
    "whether a file may be read": "os.access('/etc/passwd', os.R_OK) or 1 / 0",
    "another folder": "os.chdir('/')",
    "a name space": "ctypes.CDLL(None).unshare(0x10000000) and 1 / 0",
}


@pytest.mark.parametrize("attempt", KERNEL_ATTEMPTS)
def test_the_kernel_alone_refuses(attempt, tmp_path):
    """Without the audit hook, so that each fence is tried by itself."""
    if set(sandbox.restrictions()) != set(sandbox.ALL_RESTRICTIONS):
        pytest.skip("no Landlock or seccomp on this machine")
    program = sandbox_process.RESTRICTIONS.read_text(encoding="utf-8")
    program += f"""
import fcntl, resource, signal, socket
restrict_files(readable_paths((), ()), os.environ["TMPDIR"], writes=False)
restrict_system_calls()
try:
    {KERNEL_ATTEMPTS[attempt]}
except (OSError, ValueError, ZeroDivisionError) as error:
    os._exit(7)
"""
    command = [sys.executable, "-I", "-S", "-c", program]
    done = subprocess.run(command, cwd=tmp_path, env={"TMPDIR": str(tmp_path)}, capture_output=True, timeout=60)
    assert done.returncode == 7, done.stderr
    assert os.listdir(tmp_path) == []


def test_what_this_machine_fences_is_said():
    assert set(sandbox.restrictions()) <= set(sandbox.ALL_RESTRICTIONS)
    if sys.platform.startswith("linux"):
        assert "limits" in sandbox.restrictions()


def test_a_child_that_does_not_start_is_no_student_s_fault(monkeypatch, tmp_path):
    broken = tmp_path / "child.py"
    broken.write_text("raise SystemExit(1)")
    monkeypatch.setattr(sandbox_process, "CHILD", broken)
    with pytest.raises(sandbox.SandboxError, match="did not start"):
        sandbox.run([], [Call("f", ())])
