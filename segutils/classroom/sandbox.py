"""Run a student's code in a child process that returns plain arrays: none of the student's objects reaches this one.

The child (`sandbox_process` starts it, `sandbox_child` is its program, `sandbox_restrictions` what it forbids itself)
has limits on processor time, memory, files and answers, an empty working folder that is also its home, and none of this
process's environment. On Linux the kernel denies it other files (Landlock), the network, new processes and signals
(seccomp); on every system an audit hook denies the same inside Python. The child never holds an expected answer, so
whatever it does to itself, it can only send numbers, which are compared here.

It is not a virtual machine. It protects grades and a teacher's files from students, but not from somebody who can
exploit the kernel; a crash in NumPy's or TensorFlow's native code stays inside the child. Without Landlock and seccomp
(macOS, Windows, old kernels) only the limits and the audit hook remain, which an expert can bypass: grade in a
container there. `restrictions()` says what this machine enforces.
"""

import secrets
import time
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from segutils.classroom.sandbox_process import INTERFERES, Child, Limits, SandboxError, Stopped, printable_line

ALL_RESTRICTIONS = ("limits", "files", "system calls")
__all__ = ["ALL_RESTRICTIONS", "Answer", "Call", "Limits", "SandboxError", "restrictions", "run"]


class Call(NamedTuple):
    """A call of a student's function: function(*arguments), or use(function, *arguments) with `use` given as source.

    function: its name; "": call `use` alone.
    arguments: arrays, numbers, strings, lists of these.
    group: the task; when a call ends the child, the other calls of its group are not made either.
    use, use_name: source and name of a function that runs in the child.
    results: how many results are expected; 1: whatever comes is one array.
    oracle: None, or oracle(*arrays) → array, which runs in this process; the student's function, or `use` after it,
        gets a function to ask it as its first argument. A RuntimeError reaches the student's code as such.
    """

    function: str
    arguments: tuple
    group: str = ""
    use: str = ""
    use_name: str = ""
    results: int = 1
    oracle: Callable | None = None


class Answer(NamedTuple):
    """The result of a call: arrays, or one sentence that says why there are none."""

    arrays: tuple = ()
    error: str = ""


def run(cells, calls, limits=Limits()):  # noqa: B008 - immutable
    """Run cells, then call the functions that they define.

    A step that ends the child (by its time, memory or os._exit) costs only its cell, or its group of calls.

    Args:
        cells: Python source code, run one cell after the other in one namespace.
        calls: list of Call, one for each answer wanted.
        limits: what the code may use.
    Returns: list of Answer, one per call; dict of cell index → first error in that cell.
    Raises: SandboxError if the child does not start.
    """
    work = _Work(cells, calls, limits)
    for _ in range(limits.restarts + 1):
        if work.is_done() or not work.clock.total_left():
            break
        with Child([cells[index] for index in work.remaining()], limits) as child:
            work.do(child)
    why = "not reached: too many earlier steps were stopped"
    if not work.clock.total_left():
        why = f"not reached: the {limits.total_seconds:g} seconds for one notebook were used up"
    return [answer or Answer(error=why) for answer in work.answers], work.cell_errors


def restrictions():
    """Those of ALL_RESTRICTIONS that this machine's kernel enforces on a student's code."""
    with Child([], Limits()) as child:
        return tuple(_start(child))


def _start(child):
    """Wait until a child is ready. Returns: the restrictions in force. Raises: SandboxError if it does not start."""
    try:
        header, _ = child.next_frame(_Clock(Limits(seconds=30, total_seconds=60)), "ready")
    except Stopped as stopped:
        raise SandboxError(f"the child process did not start: {stopped}") from None
    return header["restrictions"]


def _make_call(child, call, clock):
    """The Answer to a call; questions of the student's code to the oracle are answered meanwhile."""
    values, arrays = [], []
    for value in call.arguments:
        is_array = isinstance(value, np.ndarray)
        values.append({"array": len(arrays)} if is_array else value)
        arrays += [value] if is_array else []
    words = {name: getattr(call, name) for name in ("function", "use", "use_name", "results")}
    words["token"] = secrets.token_hex(8)  # so that no answer can be sent before its call
    asks = call.oracle is not None
    child.send({"step": "call", "arguments": values, "asks": asks, **words}, arrays)
    while True:
        header, received = child.next_frame(clock, *(("answer", "ask") if asks else ("answer",)))
        if header.get("token") != words["token"]:
            raise Stopped(INTERFERES)
        if header["step"] == "answer":
            return Answer(received, printable_line(header.get("error")))
        try:
            told, error = [np.asarray(call.oracle(*received))], ""
        except Exception as caught:  # of a wrong question, whatever it is: MemoryError too
            told, error = [], str(caught) or type(caught).__name__
        child.send({"step": "told", "error": error}, told)


class _Work:
    """What is to be done for one notebook, and what has been done, over several children."""

    def __init__(self, cells, calls, limits):
        self.cells, self.calls, self.limits = cells, calls, limits
        self.answers, self.cell_errors, self.lost = [None] * len(calls), {}, set()
        self.clock = _Clock(limits)

    def is_done(self):
        return all(self.answers)

    def remaining(self):
        """Indices of the cells that have not ended a child."""
        return [index for index in range(len(self.cells)) if index not in self.lost]

    def do(self, child):
        """Let a child run the cells, each once and in order, then make the calls that have no answer yet."""
        _start(child)
        self.clock.new_child()
        for index in self.remaining():
            self.clock.start_step()
            try:
                header, _ = child.next_frame(self.clock, "cell")
            except Stopped as stopped:
                self.lost.add(index)
                self.cell_errors[index] = str(stopped)
                return
            if header.get("error"):
                self.cell_errors[index] = printable_line(header["error"])
        for index, call in enumerate(self.calls):
            if self.answers[index] is None:
                try:
                    self.clock.start_step(call.group or index)
                    self.answers[index] = _make_call(child, call, self.clock)
                except Stopped as stopped:
                    for other, like in enumerate(self.calls):
                        if (other == index or (call.group and like.group == call.group)) and not self.answers[other]:
                            self.answers[other] = Answer(error=str(stopped))
                    return


class _Clock:
    """The time that is left: for a step, for a task, for the notebook."""

    def __init__(self, limits):
        self.limits, self.begun, self.processor, self.this_child = limits, time.monotonic(), 0.0, 0.0
        self.spent = {}  # by the clock, of each task
        self.task, self.step_begun, self.step_processor = None, self.begun, 0.0

    def new_child(self):
        self.processor += self.this_child
        self.this_child = 0.0

    def start_step(self, task=None):
        now = time.monotonic()
        if self.task is not None:
            self.spent[self.task] = self.spent.get(self.task, 0.0) + now - self.step_begun
        self.task, self.step_begun, self.step_processor = task, now, self.this_child

    def total_left(self):
        """Whether there is time for anything more."""
        total, used = self.limits.total_seconds, self.processor + self.this_child
        return time.monotonic() - self.begun < total and used < total

    def check(self, processor_seconds):
        """Raise Stopped if a limit is passed, given the processor time of the child so far."""
        self.this_child = max(self.this_child, processor_seconds)
        seconds, clock = self.limits.seconds, time.monotonic() - self.step_begun
        in_task = clock + self.spent.get(self.task, 0.0) if self.task is not None else 0.0
        if self.this_child - self.step_processor > seconds or clock > 2 * seconds or in_task > 4 * seconds:
            raise Stopped(f"stopped after {seconds:g} seconds; is there a loop without an end?")
        if not self.total_left():
            raise Stopped(f"stopped: the {self.limits.total_seconds:g} seconds for one notebook are used up")
