"""A JupyterLab for the tests that open one in a browser."""

import json
import os
import subprocess
import sys
import time
from contextlib import contextmanager

import matplotlib.font_manager  # its import lists the fonts
import pytest
from support import CHROMIUM, ROOT

needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine (apt-get install chromium)")
CONFIG = {
    "default_setting_overrides": {
        "@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False},
        "@jupyterlab/notebook-extension:tracker": {"windowingMode": "none"},  # every cell is in the page, seen or not
    },
    "page_config": {"buildCheck": False},  # of its extensions, by Node.js, at each load of the page
}
# The circle beside the kernel's name is "idle" before there is a kernel; the status bar isn't. Without a kernel
# JupyterLab drops "Run All Cells" and says nothing.
IDLE = """() => [...document.querySelectorAll(".jp-StatusBar-TextItem")].some(it => it.textContent.endsWith("| Idle"))
    && [...document.querySelectorAll(".jp-InputPrompt")].every(prompt => !prompt.textContent.includes("*"))"""


@contextmanager
def jupyterlab(home, work, *arguments, config=CONFIG, **variables):
    """The address of a JupyterLab that serves the folder `work`, from a home of its own. Its token is "course".

    Args:
        arguments: of `jupyter lab`, in place of the folder that it serves.
        config: what goes into its folder labconfig, by file.
        variables: of its environment.
    """
    (home / "config" / "labconfig").mkdir(parents=True)
    for name, values in config.items():
        (home / "config" / "labconfig" / f"{name}.json").write_text(json.dumps(values))
    folders = {f"JUPYTER_{name.upper()}_DIR": str(home / name) for name in ("config", "data", "runtime")}
    command = [sys.executable, "-m", "jupyter", "lab", "--no-browser", "--ip=127.0.0.1", "--port=0"]
    command += ["--IdentityProvider.token=course", *(arguments or [f"--ServerApp.root_dir={work}"])]
    command += ["--allow-root"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    folders["MPLCONFIGDIR"] = matplotlib.get_cachedir()  # who lists fonts for more than five seconds says so, in red
    environment = {**os.environ, **folders, "HOME": str(home), "PYTHONPATH": str(ROOT), **variables}
    with (home / "log").open("w") as log:
        server = subprocess.Popen(command, cwd=work, env=environment, stdout=log, stderr=log)
    try:
        for _ in range(900):
            if found := list((home / "runtime").glob("jpserver-*.json")):
                time.sleep(0.5)
                yield json.loads(found[0].read_text())["url"]
                break
            assert server.poll() is None, (home / "log").read_text()
            time.sleep(0.2)
        else:
            pytest.fail(f"JupyterLab did not start in three minutes:\n{(home / 'log').read_text()}")
    finally:
        server.terminate()
        server.wait(30)
