"""Ctrl-C while a class is graded: it ends all processes at once, and no student pays for it.

An interrupt that met the gradebook's database in the middle of its work would leave its complaints on the screen. So
the first one ends the children and waits for the next `check`, which is never far; a second one is raised at once.
"""

import contextlib
import signal
import threading

from segutils.classroom.sandbox_process import STOP


@contextlib.contextmanager
def stop_all():
    """At Ctrl-C or SIGTERM end all children; KeyboardInterrupt follows at the next `check`, or at the end."""
    before = {}

    def stop(number, frame):
        again = STOP.is_set()
        STOP.set()
        with contextlib.suppress(KeyboardInterrupt):
            if callable(before[number]):
                before[number](number, frame)
        if again:
            raise KeyboardInterrupt

    STOP.clear()
    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGINT, signal.SIGTERM):
            if (handler := signal.getsignal(number)) not in (signal.SIG_IGN, None):
                before[number] = handler
                signal.signal(number, stop)
    try:
        yield
        check()
    except Exception:
        check()  # such as a process of nbgrader's that the same Ctrl-C has ended
        raise
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def check():
    """Raise KeyboardInterrupt if the teacher has pressed Ctrl-C."""
    if STOP.is_set():
        raise KeyboardInterrupt


@contextlib.contextmanager
def unheard_by_children():
    """Processes started here never hear of Ctrl-C, not even while they import."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, (signal.SIGINT,))
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
