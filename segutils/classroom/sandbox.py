"""Run a student's code in a child process, and take back plain arrays: no object of the student's reaches this process.

The child (segutils.sandbox_child) has limits on processor time, memory, files and answers, an empty folder, an empty
home and none of this process's environment. On Linux the kernel refuses it files outside (Landlock), the network, new
processes and signals (seccomp); everywhere an audit hook refuses the same inside Python. It never holds an expected
answer, so whatever it does to itself, it can only send numbers, which are compared here.

What it is not: a virtual machine. It guards grades and a teacher's files against students, not against somebody who
knows an open hole in the kernel; a fault in NumPy's or TensorFlow's native code stays inside the child. Without
Landlock and seccomp (macOS, Windows, old kernels) only limits and the audit hook are left, which an expert can pass:
grade in a container there. `fences()` says what this machine has.
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
ALL_FENCES = ("limits", "files", "system calls")


class Limits(NamedTuple):
    """What a student's code may use; each step is a cell or a call.

    seconds: processor time of a step; a step that sleeps may take ten times as long.
    total_seconds: processor time of all steps.
    memory: bytes of address space.
    file_bytes: size of a file that it may write in its folder; 0: it can't write.
    answer_bytes: of all answers together.
    restarts: how often the rest goes on in a new child after a step ended the child.
    packages: that it may import beside the standard library; None: all that are installed here, but segutils.
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

    Calls of one group (a task) are given up together when one of them ends the child.
    """

    function: str
    arguments: tuple
    group: str = ""
    use: str = ""
    use_name: str = ""


class Answer(NamedTuple):
    """What came back: arrays, or one sentence on why there are none."""

    arrays: tuple = ()
    error: str = ""


class SandboxError(RuntimeError):
    """The sandbox itself does not work here; no fault of the student's."""


def run(cells, calls, limits=Limits()):  # noqa: B008 - immutable
    """The answers to calls of functions that the cells define, and the first error of each cell.

    A step that ends the child (time, memory, os._exit) loses its cell, or its group of calls; the rest goes on.

    Args:
        cells: texts of Python code, run one after the other in one namespace.
        calls: Call for each answer wanted.
    Returns: list of Answer, one a call; dict of cell number → error.
    Raises: SandboxError if the child does not come up.
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


def fences():
    """Which of ALL_FENCES this machine's kernel raises around a student's code."""
    with _Child([], [], Limits()) as child:
        return tuple(child.next_frame(30, 30)[0].get("fences", ()))


def _run_child(cells, calls, answers, cell_errors, limits):
    """Fill `answers` as far as one child gets. Returns None, or the step that stopped it: kind, index, why."""
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
                cell_errors[index] = _sentence(header.get("error"))
            elif kind == "call" and waiting and number == waiting[0]:
                step, index = "call", number
            elif kind == "answer" and step == "call" and waiting and number == waiting[0]:
                answers[waiting.pop(0)] = Answer(arrays, _sentence(header.get("error")))
            else:
                return step, index, "it interferes with the grading"


class _Stopped(Exception):
    """The child ended, or was ended; the message says why."""


class _Child:
    """A running child: `next_frame` gives what it sends; on leaving the context it is gone, with all it started."""

    def __init__(self, cells, calls, limits):
        self.limits, self.frames = limits, queue.Queue()
        self.job = _job(cells, calls, limits)

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
        """Put frames into the queue until the child closes its end or sends what it must not."""
        left, why = self.limits.answer_bytes, "it ended the process"
        try:
            while line := self.process.stdout.readline(65536):
                frame, left = self._frame(line, left)
                self.frames.put(frame)
        except (ValueError, TypeError, KeyError, RecursionError, OverflowError, MemoryError) as error:
            why = str(error) if isinstance(error, _TooMuch) else "it interferes with the grading"
        except OSError:
            pass
        self.frames.put(why)

    def _frame(self, line, left):
        """A frame from its header line and the raw bytes that follow; everything in it is checked."""
        header = json.loads(line)
        sizes = [(np.dtype(dtype), tuple(shape), size) for dtype, shape, size in header.pop("arrays")]
        left -= len(line) + sum(size for *_, size in sizes)
        if left < 0 or len(sizes) > 64:
            raise _TooMuch("its answers are too large")
        arrays = []
        for dtype, shape, size in sizes:
            if dtype.kind not in "biuf" or size != dtype.itemsize * int(np.prod(shape, dtype=object)) or size < 0:
                raise ValueError("not a plain array")
            arrays.append(np.frombuffer(self.process.stdout.read(size), dtype).reshape(shape))
        return (header, tuple(arrays)), left

    def next_frame(self, seconds, total_seconds):
        """The next header and arrays. Raises: _Stopped if the child ends or uses more than `seconds` on the way."""
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


class _TooMuch(ValueError):
    """More bytes than an answer may have."""


def _job(cells, calls, limits):
    """What the child reads: a line of JSON, then the raw bytes of the arrays that it names."""
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


def _sentence(text):
    """A child's message as one short printable line."""
    return "".join(c if c.isprintable() else " " for c in str(text or ""))[:300]


def _needed_by_windows():
    return {name: os.environ[name] for name in ("SYSTEMROOT",) if name in os.environ}
