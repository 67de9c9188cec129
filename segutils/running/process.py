"""The command as a process: its encoding, and the signals that stop it."""

import os
import signal
import sys
import threading

from segutils.running import INTERRUPTED


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
    sys.unraisablehook = _raise_again
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


def _raise_again(lost):
    """Let Ctrl-C stop the command a moment later where Python drops it: in a destructor, or in a call at its side."""
    if issubclass(lost.exc_type, KeyboardInterrupt):
        timer = threading.Timer(0.05, _interrupt)
        timer.daemon = True  # nothing is left to stop if the command has ended by then
        timer.start()
    else:
        sys.__unraisablehook__(lost)


def _interrupt():
    main = threading.main_thread()
    if hasattr(signal, "pthread_kill"):
        signal.pthread_kill(main.ident, signal.SIGINT)  # which also wakes it if it waits
    else:
        signal.raise_signal(signal.SIGINT)
