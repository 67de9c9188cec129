"""Keras and TensorFlow, imported without the start-up lines that say nothing a learner can use.

TensorFlow writes them to file descriptor 2 whatever `TF_CPP_MIN_LOG_LEVEL` says, with times and process
numbers in them. Only the lines known below are dropped; everything else is printed as it came.
Dropped too is TensorFlow's advice against "retracing", which every notebook that makes a second model would show.
"""

import importlib
import logging
import os
import re
import sys
import tempfile
from contextlib import contextmanager

KNOWN_LINES = re.compile(
    r"All log messages before absl::InitializeLog|oneDNN custom operations are on|Could not find cuda drivers"
    r"|This TensorFlow binary is optimized|To enable the following instructions|failed call to cuInit"
)


@contextmanager
def known_lines_dropped():
    """Hold back what is written to file descriptor 2, then print all of it but KNOWN_LINES."""
    sys.stderr.flush()
    kept = os.dup(2)
    with tempfile.TemporaryFile() as held:
        os.dup2(held.fileno(), 2)
        try:
            yield
        finally:
            os.dup2(kept, 2)
            os.close(kept)
            held.seek(0)
            lines = held.read().decode(errors="replace").splitlines(keepends=True)
            sys.stderr.write("".join(line for line in lines if not KNOWN_LINES.search(line)))


def _says_more_than_retracing(record: logging.LogRecord):
    return "triggered tf.function retracing" not in record.getMessage()


def __getattr__(name):
    """`from segutils.quiet import tensorflow` works on any backend and costs nothing where it is not asked for."""
    if name != "tensorflow":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    with known_lines_dropped():
        module = importlib.import_module(name)
        module.config.list_physical_devices()  # the last known line comes with the first look for a GPU
    module.get_logger().addFilter(_says_more_than_retracing)
    return module


with known_lines_dropped():
    import keras

    if keras.backend.backend() == "tensorflow":
        __getattr__("tensorflow")
