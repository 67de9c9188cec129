"""The command as a process: its encoding, and the signals that stop it."""

import os
import signal
import sys

INTERRUPTED = 128 + signal.SIGINT


def start():
    """Run the command of sys.argv; returns its exit status: 130 when Ctrl-C stopped it, 143 when SIGTERM did."""
    if sys.getfilesystemencoding().lower() != "utf-8" and os.name == "posix" and not sys.flags.utf8_mode:
        # Under LC_ALL=C Python reads and prints ASCII alone; the course's files and the kernels' messages are UTF-8
        os.environ["PYTHONUTF8"] = "1"
        os.execv(sys.executable, [sys.executable, "-m", "segutils", *sys.argv[1:]])
    os.environ.setdefault("PYDEVD_DISABLE_FILE_VALIDATION", "1")  # no lines of the debugger, which nobody has asked for
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace")  # a console of few characters
    came = []

    def stop(number, frame):
        came.append(number)
        raise KeyboardInterrupt

    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        if number and signal.getsignal(number) is not signal.SIG_IGN:  # nohup's runs stay deaf
            signal.signal(number, stop)
    try:
        from segutils.running.command import main

        status = main()
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
        status = INTERRUPTED
    # Where Ctrl-C met an exec of text, such as a library's, Python 3.11 to 3.13 would end by SIGINT instead of this
    # status, although the interrupt has been caught; the next exec of text makes it forget that.
    exec("")
    return 128 + came[0] if came and status == INTERRUPTED else status
