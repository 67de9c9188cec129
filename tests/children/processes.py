"""What came of a command that runs as a process of its own."""

import time


def done(child, seconds=120):
    """Exit status, lines of standard output, lines of standard error."""
    out, error = child.communicate(timeout=seconds)
    return child.returncode, *(text.decode("utf-8").removesuffix("\n").split("\n") for text in (out, error))


def contents(path):
    return {str(file.relative_to(path)): file.read_bytes() for file in path.rglob("*") if file.is_file()}


def wait_for(condition, seconds=120):
    """Wait until a function without arguments says True."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it has not come"
        time.sleep(0.1)
