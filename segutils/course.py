"""What every notebook needs and none is about: checked parameters, seeds, expected errors, run folders."""

import hashlib
import importlib.metadata
import importlib.util
import json
import platform
import re
from contextlib import contextmanager
from pathlib import Path

from segutils.plumbing.parameters import (  # noqa: F401 - notebooks find them here
    ParameterError,
    blame_parameter,
    check_parameters,
    files,
    integer,
    multiple_of,
    number,
    one_of,
    text,
)


@contextmanager
def expect_error(error, *, match=""):
    """Run code that must fail, and show how, in one line; that it fails is required.

    A cell tagged `raises-exception` would stop papermill; this doesn't.

    Args:
        error: the exception class, or a tuple of them.
        match: text that the message must contain.
    Raises: AssertionError if nothing or another message was raised; other exceptions pass through.
    >>> with expect_error(ValueError, match="wide"):
    ...     int("wide")
    ValueError: invalid literal for int() with base 10: 'wide'
    """
    names = " or ".join(kind.__name__ for kind in (error if isinstance(error, tuple) else (error,)))
    try:
        yield
    except error as caught:
        # Keras wraps a layer's own sentence in bold type and a list of arguments
        message = re.sub(
            r"\x1b\[\d*m|Exception encountered when calling \S+|Arguments received by .*", "", str(caught), flags=re.S
        )
        message = " ".join(message.split())
        if match not in message:
            raise AssertionError(f"expected a {names} that says {match!r}, got: {message}") from caught
        print(f"{type(caught).__name__}: {message if len(message) <= 300 else message[:300] + ' …'}")
    else:
        raise AssertionError(f"expected a {names}, but nothing was raised: has the library changed?")


def make_run_folder(output, name, parameters):
    """Where a notebook's run goes: `output`, or a folder under runs/ that other parameters don't share.

    Args:
        output: a path; "" for runs/<name>-<digest of the parameters>.
    Returns: Path of the folder, made if missing.
    >>> make_run_folder("", "demo", {"SEED": 0}).name
    'demo-3d7801d6'
    """
    digest = hashlib.sha256(json.dumps(parameters, sort_keys=True).encode()).hexdigest()[:8]
    folder = Path(output or Path("runs") / f"{name}-{digest}")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def set_seed(seed, *, deterministic=False):
    """Seed Python, NumPy and the backend. This changes global state, so only notebooks and scripts call it.

    Args:
        seed: int >= 0.
        deterministic: also make TensorFlow's operations give the same bits in every run (slower on a GPU);
            Keras's other backends are left as they are.
    >>> set_seed(0)
    """
    import keras

    keras.utils.set_random_seed(seed)
    if deterministic and keras.backend.backend() == "tensorflow":
        import tensorflow

        tensorflow.config.experimental.enable_op_determinism()


def environment():
    """What a result depends on besides its parameters: versions, cores, accelerator; for results.json.

    >>> sorted(environment())[:3]
    ['cores', 'keras', 'numpy']
    """
    import joblib
    import keras

    packages = (keras.backend.backend(), "keras", "numpy", "scikit-learn")
    versions = {
        name: importlib.metadata.version(name)
        for name in packages
        if importlib.util.find_spec(name.replace("scikit-learn", "sklearn"))
    }
    machine = {"platform": platform.machine(), "cores": joblib.cpu_count()}
    return {"python": platform.python_version(), **versions, **machine}
