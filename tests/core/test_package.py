"""The package as a whole: what importing it costs, and what it keeps from standard error."""

import contextlib
import io
import logging
import os
import re
import subprocess
import sys

import pytest

import segutils
from segutils.plumbing.quiet import STARTUP_NOISE, startup_noise_suppressed

KNOWN = "2026-01-01 00:00:00.1: I tensorflow/core] oneDNN custom operations are on. You may see\n"
OTHERS = "E0000 a line that nobody knows\nGrüße, and a last line without its end"


def python(code):
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)


def test_import_loads_none_of_the_large_packages():
    heavy = "numpy", "tensorflow", "keras", "matplotlib", "sklearn", "scipy"
    done = python(f"import sys, segutils; print([name for name in {heavy} if name in sys.modules])")
    assert done.stdout == "[]\n"


def test_a_module_is_loaded_when_it_is_first_used():
    code = "import sys, segutils; before = 'segutils.course' in sys.modules; segutils.course.integer; print(before)"
    assert python(code).stdout == "False\n"


def test_every_listed_module_can_be_reached_and_is_listed_by_dir():
    assert set(segutils.__all__) <= set(dir(segutils))
    for name in segutils.__all__:
        assert getattr(segutils, name).__name__ == f"segutils.{name}"
        assert re.search(rf"^    {name}  +\S", segutils.__doc__, re.MULTILINE), f"{name} is not on the map"


def test_all_that_a_star_brings_can_be_had_without_nbgrader():
    code = """
import sys
sys.modules["nbgrader"] = None
before = set(globals())
from segutils import *
bound = sorted(set(globals()) - before - {"before"})
import segutils
print(bound == sorted(segutils.__all__))"""
    assert python(code).stdout == "True\n"


@pytest.mark.parametrize("name", ["metrics", "objects", "reference", "plots"])
def test_what_needs_no_deep_learning_does_not_load_it(name):
    code = f"import sys, segutils.{name}; print([m for m in ('keras', 'tensorflow') if m in sys.modules])"
    assert python(code).stdout == "[]\n"


def test_an_unknown_attribute_is_an_attribute_error():
    with pytest.raises(AttributeError, match="'segutils' has no attribute 'lossess'"):
        segutils.lossess  # noqa: B018
    with pytest.raises(ImportError, match="nothing_here"):
        from segutils.plumbing.quiet import nothing_here  # noqa: F401


def test_loading_keras_and_tensorflow_prints_no_known_line():
    for first in ("keras", "tensorflow"):
        code = (
            f"import segutils, {first}; import keras, tensorflow; print(tensorflow.__spec__.loader.__class__.__name__)"
        )
        done = python(code)
        assert done.stdout == "SourceFileLoader\n", "as if we had never been in between"
        assert not STARTUP_NOISE.search(done.stderr)


@pytest.mark.parametrize(("before", "after"), [(None, "1"), ("0", "0")])
def test_onednn_is_on_unless_somebody_said_otherwise(monkeypatch, before, after):
    monkeypatch.delenv("TF_ENABLE_ONEDNN_OPTS", raising=False)
    if before is not None:
        monkeypatch.setenv("TF_ENABLE_ONEDNN_OPTS", before)
    assert python("import os, segutils; print(os.environ['TF_ENABLE_ONEDNN_OPTS'])").stdout == f"{after}\n"


def test_known_lines_are_dropped_and_all_others_pass_in_order(capfd):
    with startup_noise_suppressed():
        os.write(2, f"first\n{KNOWN}{OTHERS}".encode())
    os.write(2, b"\nafter\n")
    assert capfd.readouterr().err == f"first\n{OTHERS}\nafter\n"


@pytest.mark.parametrize(
    "line",
    [
        "WARNING: All log messages before absl::InitializeLog() is called are written to STDERR",
        "I0000 port.cc:153] oneDNN custom operations are on.",
        "I0000 cudart_stub.cc:31] Could not find cuda drivers on your machine, GPU will not be used.",
        "I0000 cpu_feature_guard.cc:227] This TensorFlow binary is optimized to use available CPU instructions",
        "To enable the following instructions: AVX2 FMA, in other operations, rebuild TensorFlow",
        "E0000 cuda_platform.cc:52] failed call to cuInit: INTERNAL: CUDA error",
        "E0000 util.cc:131] oneDNN supports DT_BFLOAT16 only on platforms with AVX-512. Falling back",
    ],
)
def test_each_known_line_is_dropped(capfd, line):
    with startup_noise_suppressed():
        os.write(2, f"{line}\n".encode())
    assert capfd.readouterr().err == ""


def test_what_was_held_is_printed_and_the_descriptor_restored_when_the_block_raises(capfd):
    def fail():
        os.write(2, f"{KNOWN}why it failed\n".encode())
        raise RuntimeError("the block's own error")

    with pytest.raises(RuntimeError, match="the block's own error"), startup_noise_suppressed():
        fail()
    os.write(2, b"after\n")
    assert capfd.readouterr().err == "why it failed\nafter\n"


def test_lines_go_to_the_standard_error_of_the_moment_as_in_a_notebook(capfd):
    with contextlib.redirect_stderr(io.StringIO()) as cell, startup_noise_suppressed():
        os.write(2, f"{KNOWN}shown in the cell\n".encode())
    assert cell.getvalue() == "shown in the cell\n"
    assert capfd.readouterr().err == ""


def test_more_than_a_pipe_holds_does_not_block(capfd):
    with startup_noise_suppressed():
        os.write(2, b"x" * 200_000)
    assert len(capfd.readouterr().err) == 200_000


def test_of_tensorflow_s_log_only_the_advice_against_retracing_is_dropped():
    import tensorflow

    def passes(text):
        return bool(tensorflow.get_logger().filter(logging.makeLogRecord({"msg": text})))

    assert not passes("5 out of the last 5 calls to <function f> triggered tf.function retracing. Tracing is expensive")
    assert passes("5 out of the last 5 calls failed")
