"""Run a student's code in a child process that returns plain arrays: none of the student's objects reaches this one.

The child (`sandbox_child`) has limits on processor time, memory, files and answers, an empty working folder that is
also its home, and none of this process's environment. On Linux the kernel denies it other files (Landlock), the
network, new processes and signals (seccomp); on every system an audit hook denies the same inside Python. The child
never holds an expected answer, so whatever it does to itself, it can only send numbers, which are compared here.

It is not a virtual machine. It protects grades and a teacher's files from students, but not from somebody who can
exploit the kernel; a crash in NumPy's or TensorFlow's native code stays inside the child. Without Landlock and seccomp
(macOS, Windows, old kernels) only the limits and the audit hook remain, which an expert can bypass: grade in a
container there. `restrictions()` says what this machine enforces.
"""

import json
import os
import queue
import subprocess
import sys
import sysconfig
import tempfile
import threading
import time
from pathlib import Path
from typing import NamedTuple

import numpy as np
import psutil

CHILD = Path(__file__).with_name("sandbox_child.py")
ALL_RESTRICTIONS = ("limits", "files", "system calls")


class Limits(NamedTuple):
    """What a student's code may use. A step is one cell or one call.

    seconds: processor time per step; a step that sleeps may take ten times as long.
    total_seconds: processor time of all steps together.
    memory: bytes of address space.
    file_bytes: maximum size of a file that the code writes in its folder; 0: it cannot write.
    answer_bytes: bytes of all answers together.
    restarts: how often a new child continues after a step ended the previous one.
    packages: packages that may be imported besides the standard library; None: all that are installed, but segutils.
    """

    seconds: float = 4.0
    total_seconds: float = 60.0
    memory: int = 2**30
    file_bytes: int = 0
    answer_bytes: int = 2**26
    restarts: int = 8
    packages: tuple | None = ("numpy",)


class Call(NamedTuple):
    """A call of a student's function: function(*arguments), or use(function, *arguments) with `use` given as source.

    When a call ends the child, the other calls of its group (a task) are not made either.
    """

    function: str
    arguments: tuple
    group: str = ""
    use: str = ""
    use_name: str = ""


class Answer(NamedTuple):
    """The result of a call: arrays, or one sentence that says why there are none."""

    arrays: tuple = ()
    error: str = ""


class SandboxError(RuntimeError):
    """The sandbox itself does not work on this machine; the student is not at fault."""


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
    answers, cell_errors, lost = [None] * len(calls), {}, set()
    for _ in range(limits.restarts + 1):
        todo = [i for i, answer in enumerate(answers) if answer is None]
        kept = [(i, text) for i, text in enumerate(cells) if i not in lost]
        stopped = _run_child(kept, [(i, calls[i]) for i in todo], answers, cell_errors, limits)
        if stopped is None:
            break
        step, index, why = stopped
        if step == "cell":
            lost.add(index)
            cell_errors[index] = why
        else:
            for i in todo:
                if calls[i].group == calls[index].group and answers[i] is None:
                    answers[i] = Answer(error=why)
    return [
        answer or Answer(error="not reached: too many earlier steps were stopped") for answer in answers
    ], cell_errors


def restrictions():
    """Those of ALL_RESTRICTIONS that this machine's kernel enforces on a student's code."""
    with _Child([], [], Limits()) as child:
        return tuple(child.next_frame(30, 30)[0].get("restrictions", ()))


def _run_child(cells, calls, answers, cell_errors, limits):
    """Fill in `answers` until a child ends. Returns None, or the step that ended it: kind, index, reason."""
    if not calls:
        return None
    waiting = [index for index, _ in calls]
    numbers = [index for index, _ in cells]
    step, index = "start", None
    with _Child(cells, calls, limits) as child:
        while True:
            try:
                header, arrays = child.next_frame(
                    *((30, 30) if step == "start" else (limits.seconds, limits.total_seconds))
                )
            except _Stopped as stopped:
                if step == "start":
                    raise SandboxError(f"the child process did not start: {stopped}") from None
                return step, index, str(stopped)
            kind, number = header.get("step"), header.get("index")
            if kind == "end" and not waiting:
                return None
            if kind == "ready" and step == "start":
                step, index = ("cell", numbers[0]) if numbers else ("call", waiting[0])
            elif kind == "cell" and step == "cell" and number in numbers:
                index = number
            elif kind == "cell error" and number == index:
                cell_errors[index] = _printable_line(header.get("error"))
            elif kind == "call" and waiting and number == waiting[0]:
                step, index = "call", number
            elif kind == "answer" and step == "call" and waiting and number == waiting[0]:
                answers[waiting.pop(0)] = Answer(arrays, _printable_line(header.get("error")))
            else:
                return step, index, "it interferes with the grading"


class _Stopped(Exception):
    """The child ended or was killed; the message says why."""


class _Child:
    """A running child process; leaving the context kills it with everything that it started."""

    def __init__(self, cells, calls, limits):
        self.limits, self.frames = limits, queue.Queue()
        self.job = _encode_job(cells, calls, limits)

    def __enter__(self):
        self.folder = tempfile.TemporaryDirectory(prefix="graded-", ignore_cleanup_errors=True)
        threads = {f"{name}_NUM_THREADS": "1" for name in ("OPENBLAS", "OMP", "MKL")}
        self.process = subprocess.Popen(
            [sys.executable, "-I", "-S", "-B", "-c", CHILD.read_text(encoding="utf-8")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=self.folder.name,
            env={
                "HOME": self.folder.name,
                "TMPDIR": self.folder.name,
                "LANG": "C.UTF-8",
                **threads,
                **_needed_by_windows(),
            },
            start_new_session=True,
        )
        self.watched = psutil.Process(self.process.pid)
        for work in (self._write, self._read):
            threading.Thread(target=work, daemon=True).start()
        return self

    def __exit__(self, *_):
        try:
            if hasattr(os, "killpg"):
                os.killpg(self.process.pid, 9)
            else:
                self.process.kill()
        except ProcessLookupError:
            pass
        self.process.wait()
        self.process.stdout.close()
        self.folder.cleanup()

    def _write(self):
        try:
            with self.process.stdin as pipe:
                pipe.write(self.job)
        except OSError:
            pass  # the child died; the reader says so

    def _read(self):
        """Put frames into the queue until the child closes its end or breaks the protocol."""
        left, why = self.limits.answer_bytes, "it ended the process"
        try:
            while line := self.process.stdout.readline(65536):
                frame, left = self._frame(line, left)
                self.frames.put(frame)
        except (ValueError, TypeError, KeyError, RecursionError, OverflowError, MemoryError) as error:
            why = str(error) if isinstance(error, _AnswersTooLarge) else "it interferes with the grading"
        except OSError:
            pass
        self.frames.put(why)

    def _frame(self, line, left):
        """The checked frame of a header line and the raw bytes that follow it; and the answer bytes left."""
        header = json.loads(line)
        sizes = [(np.dtype(dtype), tuple(shape), size) for dtype, shape, size in header.pop("arrays")]
        left -= len(line) + sum(size for *_, size in sizes)
        if left < 0 or len(sizes) > 64:
            raise _AnswersTooLarge("its answers are too large")
        arrays = []
        for dtype, shape, size in sizes:
            if dtype.kind not in "biuf" or size != dtype.itemsize * int(np.prod(shape, dtype=object)) or size < 0:
                raise ValueError("not a plain array")
            arrays.append(np.frombuffer(self.process.stdout.read(size), dtype).reshape(shape))
        return (header, tuple(arrays)), left

    def next_frame(self, seconds, total_seconds):
        """The next header and arrays. Raises: _Stopped if the child ends, or takes more than `seconds` for them."""
        begun, used = time.monotonic(), self._processor_time()
        while True:
            try:
                frame = self.frames.get(timeout=0.05)
            except queue.Empty:
                now = self._processor_time()
                if now - used > seconds or time.monotonic() - begun > 10 * seconds or now > total_seconds:
                    raise _Stopped(f"stopped after {seconds:g} seconds; is there a loop without an end?") from None
                continue
            if isinstance(frame, str):
                raise _Stopped(frame)
            return frame

    def _processor_time(self):
        try:
            return sum(self.watched.cpu_times()[:2])
        except psutil.Error:
            return 0.0


class _AnswersTooLarge(ValueError):
    """The answers have more bytes than the limit."""


def _encode_job(cells, calls, limits):
    """The bytes that the child reads: a line of JSON, then the raw bytes of the arrays that it lists."""
    arrays, listed = [], []
    for index, call in calls:
        values = []
        for value in call.arguments:
            if isinstance(value, np.ndarray):
                values.append({"array": len(arrays)})
                arrays.append(np.ascontiguousarray(value))
            else:
                values.append(value)
        listed.append({"index": index, **call._asdict(), "arguments": values})
    job = {
        "cells": cells,
        "calls": listed,
        "arrays": [(array.dtype.str, array.shape, array.nbytes) for array in arrays],
        "packages": None if limits.packages is None else [*limits.packages, *(f"{p}.libs" for p in limits.packages)],
        "folders": sorted({sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}),
        "limits": {
            "cpu_seconds": limits.total_seconds,
            "memory": limits.memory,
            "file_bytes": limits.file_bytes,
            "answer_bytes": limits.answer_bytes,
        },
    }
    return json.dumps(job).encode() + b"\n" + b"".join(array.tobytes() for array in arrays)


def _printable_line(text):
    """A message of the child's as one short line without control characters."""
    return "".join(c if c.isprintable() else " " for c in str(text or ""))[:300]


def _needed_by_windows():
    return {name: os.environ[name] for name in ("SYSTEMROOT",) if name in os.environ}
