"""The command as a process: its encoding, and the signals that stop it."""

import os
import signal
import sys

from segutils.running.command import main


class Terminated(KeyboardInterrupt):
    """A signal other than Ctrl-C's: it stops the same way, with a status of its own."""

    def __init__(self, number):
        super().__init__(number)
        self.status = 128 + number


def start():
    """Run the command of sys.argv; returns its exit status, 130 when Ctrl-C stopped it."""
    if sys.getfilesystemencoding().lower() != "utf-8" and os.name == "posix" and not sys.flags.utf8_mode:
        # Under LC_ALL=C Python reads and prints ASCII alone; the course's files and the kernels' messages are UTF-8
        os.environ["PYTHONUTF8"] = "1"
        os.execv(sys.executable, [sys.executable, "-m", "segutils", *sys.argv[1:]])
    os.environ.setdefault("PYDEVD_DISABLE_FILE_VALIDATION", "1")  # no lines of the debugger, which nobody has asked for
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace")  # a console of few characters
    for name in ("SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), _terminate)
    try:
        return main()
    except KeyboardInterrupt as stop:
        print("stopped", file=sys.stderr)
        return getattr(stop, "status", 130)


def _terminate(number, frame):
    raise Terminated(number)
