"""`make matrix`: the course on the oldest versions that requirements.txt promises, on Colab's, and on the newest.

    python tools/matrix.py [oldest] [colab] [newest] [--only units | --only notebooks]

Each gets a virtual environment under .venv-matrix/, with a Python of its own version where one is found as python3.X
or in pyenv, else with the one that runs this. The newest runs the full suite; the others the unit tests of what meets
TensorFlow, Keras, NumPy and the like, and each notebook once against its outputs. Grading, building and the book are
checked on the newest alone.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
COLAB = ROOT / "tests" / "colab-requirements.txt"
VERSION = "import platform; print(platform.python_version())"
PYTHONS = {"oldest": "3.11", "colab": "3.13", "newest": "3.12"}
TOOLS = ["pytest>=8.4", "pytest-xdist", "nbval>=0.11,<0.12", "jupytext>=1.17,<2", "hypothesis", "dask", "distributed"]
TOOLS += ["setuptools>=75"]  # a test installs the package without fetching what builds it
LACKING_ON_THE_LIST = [
    "pooch",
    "scikit-image",
    "tifffile",
    "papermill",
    "joblib",
    "filelock",
    "rich",
]  # Colab has the first three; tests need the others
PYTEST = ["-m", "pytest", "-q", "-p", "no:cacheprovider", "-n", "2", "--dist", "loadfile"]
ROOMS = ("core", "plumbing", "dataset", "lessons", "workhorse")  # what meets TensorFlow, Keras, NumPy and the like
UNITS = [*PYTEST, *(f"tests/{room}" for room in ROOMS), "--ignore=tests/core/test_training.py"]
ON_COLAB = [*UNITS, "tests/notebooks/test_colab.py", "-k", "not stored_outputs"]  # they are its other part
NBVAL = [*PYTEST, "--nbval", "--nbval-current-env", "--nbval-cell-timeout=3600"]
NBVAL += ["--nbval-sanitize-with=tests/sanitize.cfg", "notebooks", "assignments/source"]
WORK = {
    "oldest": {"units": [*UNITS, "tests/running"], "notebooks": NBVAL},
    "colab": {
        "units": ON_COLAB,
        "notebooks": [*PYTEST, "--dist", "load", "tests/notebooks/test_colab.py", "-k", "stored_outputs"],
    },
    "newest": {"units": [*PYTEST, "tests"], "notebooks": NBVAL},
}


def wanted(which):
    """Arguments of pip for an environment."""
    promised = re.findall(r"^([\w-]+)>=([\w.]+)", (ROOT / "requirements.txt").read_text(encoding="utf-8"), re.M)
    if which == "oldest":
        return [*TOOLS, *(f"{name}=={version}" for name, version in promised)]
    if which == "colab":
        return ["-r", str(COLAB), "-c", str(COLAB), *LACKING_ON_THE_LIST, *TOOLS]
    return ["--upgrade", "-r", str(ROOT / "requirements.txt"), *TOOLS, "ruff>=0.14", "playwright>=1.49,<2"]


def find_python(version):
    """A Python of this version that starts, or the one that runs this. (pyenv names versions that it won't start.)"""
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    found = [shutil.which(f"python{version}"), *sorted(pyenv.glob(f"versions/{version}.*/bin/python"), reverse=True)]
    starts = (path for path in found if path and subprocess.run([path, "-c", ""], capture_output=True).returncode == 0)
    return next(map(str, starts), sys.executable)


def environment(which):
    """The Python of an up-to-date virtual environment, and what it is: name and version of Python."""
    folder = ROOT / ".venv-matrix" / which
    subprocess.run([find_python(PYTHONS[which]), "-m", "venv", folder], check=True)
    python = str(folder / ("Scripts" if os.name == "nt" else "bin") / "python")
    subprocess.run([python, "-m", "pip", "install", "-q", *wanted(which)], check=True)
    version = subprocess.run([python, "-c", VERSION], capture_output=True, text=True, check=True).stdout.strip()
    return python, f"{which}, Python {version}"


def work(which, only):
    """Run the tests of one environment; returns (environment, part, state, seconds) of each part."""
    python, title = environment(which)
    lines = []
    for name in [only] if only else WORK[which]:
        started = time.perf_counter()
        around = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
        if (which, name) != ("colab", "notebooks"):  # there the notebooks fetch segutils themselves
            around["PYTHONPATH"] = str(ROOT)
        done = subprocess.run([python, *WORK[which][name]], cwd=ROOT, env=around)
        state = "passed" if done.returncode == 0 else f"FAILED, status {done.returncode}"
        lines.append((title, name, state, time.perf_counter() - started))
    return lines


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("which", nargs="*", metavar="oldest | colab | newest", default=list(PYTHONS))
    parser.add_argument("--only", choices=("units", "notebooks"))
    options = parser.parse_args()
    if unknown := set(options.which) - set(PYTHONS):
        parser.error(f"expected {', '.join(PYTHONS)}; got {', '.join(sorted(unknown))}")
    lines = [line for which in options.which for line in work(which, options.only)]
    for which, name, state, seconds in lines:
        print(f"{which:24} {name:10} {state:18} {seconds:6.0f} s")
    sys.exit(any(state != "passed" for _, _, state, _ in lines))


if __name__ == "__main__":
    main()
