"""The process in which a student's code runs, and the frames that go to it and come from it.

A frame is a line of JSON and raw arrays. What comes is the student's: each frame is checked, and nothing in it is run.
"""

import contextlib
import json
import os
import queue
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import threading
from pathlib import Path
from typing import NamedTuple

import numpy as np
import psutil

CHILD = Path(__file__).with_name("sandbox_child.py")
RESTRICTIONS = Path(__file__).with_name("sandbox_restrictions.py")
MAX_FILES = 1000  # in its folder
MAX_MESSAGE = 120  # characters of an error: what it says of hidden inputs must stay little
INTERFERES = "it interferes with the grading"
STOP = threading.Event()  # set to end all children at once


class Limits(NamedTuple):
    """What a student's code may use. A step is one cell or one call; a task is all calls of a group.

    seconds: processor time per step. By the clock a step may take twice as long, and a task four times.
    total_seconds: by the clock, and of processor time, for all steps of a notebook.
    memory: bytes of address space.
    file_bytes: maximum size of a file that the code writes in its folder; 0: it cannot write.
    disk_bytes: maximum of all that it writes.
    answer_bytes: bytes of all answers together.
    restarts: how often a new child continues after a step ended the previous one.
    packages: packages that may be imported besides the standard library; None: all that are installed, but segutils.
    """

    seconds: float = 4.0
    total_seconds: float = 30.0
    memory: int = 2**30
    file_bytes: int = 0
    disk_bytes: int = 2**27
    answer_bytes: int = 2**26
    restarts: int = 8
    packages: tuple | None = ("numpy",)


class SandboxError(RuntimeError):
    """The sandbox itself does not work on this machine; the student is not at fault."""


class Stopped(Exception):
    """The child ended or was killed; the message says why."""


class Child:
    """A running child process; leaving the context kills it with everything that it started.

    cells: the code that it runs after its start, in order.
    limits: what it may use.
    """

    def __init__(self, cells, limits):
        self.limits, self.frames, self.messages = limits, queue.Queue(maxsize=8), queue.Queue()
        self.closed = False
        packages = limits.packages
        job = {
            "cells": cells,
            "packages": None if packages is None else [*packages, *(f"{package}.libs" for package in packages)],
            "folders": sorted({sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}),
            "limits": {**limits._asdict(), "cpu_seconds": limits.total_seconds, "packages": None},
        }
        self.send(job)

    def __enter__(self):
        self.folder = tempfile.mkdtemp(prefix="graded-")
        threads = {f"{name}_NUM_THREADS": "1" for name in ("OPENBLAS", "OMP", "MKL")}
        home = {"HOME": self.folder, "TMPDIR": self.folder, "LANG": "C.UTF-8"}
        self.process = subprocess.Popen(
            [sys.executable, "-I", "-S", "-B", "-c", program()],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=self.folder,
            env={**home, **threads, **_needed_by_windows()},
            start_new_session=True,
        )
        self.watched = psutil.Process(self.process.pid)
        for work in (self._write, self._read):
            threading.Thread(target=work, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.closed = True
        self.messages.put(None)
        try:
            if hasattr(os, "killpg"):
                os.killpg(self.process.pid, 9)
            else:
                self.process.kill()
        except ProcessLookupError:
            pass
        self.process.wait()
        self.process.stdout.close()
        _remove(self.folder)

    def send(self, message, arrays=()):
        """Send a frame to the child."""
        self.messages.put(_encode(message, arrays))

    def _write(self):
        try:
            with self.process.stdin as pipe:
                while message := self.messages.get():
                    pipe.write(message)
                    pipe.flush()
        except (OSError, ValueError):
            pass  # the child died; the reader says so

    def _read(self):
        """Put frames into the queue until the child closes its end or breaks the protocol."""
        left, why = self.limits.answer_bytes, "it ended the process"
        try:
            while line := self.process.stdout.readline(65536):
                frame, left = self._frame(line, left)
                self._put(frame)
        except _AnswersTooLarge as error:
            why = str(error)
        except OSError:
            pass
        except Exception:  # the bytes are the student's: whatever is wrong with them, it is no fault of the grader
            why = INTERFERES
        self._put(why)

    def _put(self, frame):
        waiting = True
        while waiting and not self.closed:
            with contextlib.suppress(queue.Full):
                self.frames.put(frame, timeout=0.2)
                waiting = False

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

    def next_frame(self, clock, *steps):
        """The next header and arrays, of one of these steps. Raises: Stopped if the child ends or time is up."""
        while True:
            if STOP.is_set():
                raise Stopped("stopped by the teacher")
            try:
                frame = self.frames.get(timeout=0.05)
            except queue.Empty:
                clock.check(self._processor_time())
                if self.limits.file_bytes and not self._is_small_on_disk():
                    raise Stopped(f"it wrote more than {self.limits.disk_bytes:,} bytes or {MAX_FILES} files") from None
                continue
            clock.check(self._processor_time())
            if isinstance(frame, str):
                raise Stopped(frame)
            if frame[0].get("step") not in steps:
                raise Stopped(INTERFERES)
            return frame

    def _processor_time(self):
        try:
            return sum(self.watched.cpu_times()[:2])
        except psutil.Error:
            return 0.0

    def _is_small_on_disk(self):
        """Whether files in the child's folder, and all that it has written, are within the limits."""
        files, size, folders = 0, 0, [self.folder]
        try:
            while folders and files <= MAX_FILES:
                for entry in os.scandir(folders.pop()):
                    files += 1
                    size += entry.stat(follow_symlinks=False).st_size
                    if entry.is_dir(follow_symlinks=False):
                        folders.append(entry.path)
        except OSError:
            pass  # a file that is gone again
        with contextlib.suppress(psutil.Error, AttributeError):  # macOS does not count what a process writes
            size = max(size, self.watched.io_counters().write_bytes)  # files too that were deleted while open
        return files <= MAX_FILES and size <= self.limits.disk_bytes


class _AnswersTooLarge(ValueError):
    """The answers have more bytes than the limit."""


def program():
    """The text of the child's program."""
    restrictions = RESTRICTIONS.read_text(encoding="utf-8")
    return f"""import sys, types
sys.modules["sandbox_restrictions"] = types.ModuleType("sandbox_restrictions")
exec({restrictions!r}, vars(sys.modules["sandbox_restrictions"]))
{CHILD.read_text(encoding="utf-8")}"""


def _encode(message, arrays=()):
    """A line of JSON, then the raw bytes of the arrays that it lists."""
    listed = [(array.dtype.str, array.shape, array.nbytes) for array in arrays]
    return json.dumps({**message, "arrays": listed}).encode() + b"\n" + b"".join(a.tobytes() for a in arrays)


def _remove(folder):
    """Remove a student's folder, however deep its tree is."""
    if os.name == "posix":
        subprocess.run(["rm", "-rf", "--", folder], stderr=subprocess.DEVNULL, check=False)
    else:
        shutil.rmtree(folder, ignore_errors=True)


def printable_line(text):
    """A message of the child's as one short line without control characters."""
    return "".join(c if c.isprintable() else " " for c in str(text or ""))[:MAX_MESSAGE]


def _needed_by_windows():
    return {name: os.environ[name] for name in ("SYSTEMROOT",) if name in os.environ}
