"""Debian's Firefox for tests, spoken to in WebDriver BiDi: Playwright drives a Firefox of its own making only."""

import base64
import io
import json
import subprocess
import time
from contextlib import closing, contextmanager
from urllib.parse import quote

import numpy as np
import pytest
from PIL import Image
from support import FIREFOX

needs_firefox = pytest.mark.skipif(FIREFOX is None, reason="no Firefox on this machine (apt-get install firefox-esr)")


@contextmanager
def firefox(profile):
    """A page of a headless Firefox whose profile is the folder `profile`."""
    from websocket import create_connection  # which JupyterLab's server brings along

    command = [FIREFOX, "--headless", "--no-remote", "--profile", str(profile), "--remote-debugging-port", "0"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        until = time.monotonic() + 60
        while not (server := profile / "WebDriverBiDiServer.json").exists() or not server.read_text():
            assert process.poll() is None, "Firefox did not start"
            assert time.monotonic() < until, "Firefox did not start in a minute"
            time.sleep(0.1)
        port = json.loads(server.read_text())["ws_port"]
        address = f"ws://127.0.0.1:{port}/session"
        with closing(create_connection(address, timeout=60, suppress_origin=True)) as connection:
            yield Page(connection)
    finally:
        process.terminate()
        process.wait(30)


class Page:
    """What tests ask of a page: show this HTML, photograph it, and find what a screen reader names."""

    def __init__(self, connection):
        self._connection, self._sent = connection, 0
        self._ask("session.new", capabilities={})
        self._context = self._ask("browsingContext.create", type="tab")["context"]

    def _ask(self, method, **parameters):
        self._sent += 1
        self._connection.send(json.dumps({"id": self._sent, "method": method, "params": parameters}))
        while (answer := json.loads(self._connection.recv())).get("id") != self._sent:
            """An event, which nobody asked for."""
        assert answer["type"] == "success", answer
        return answer["result"]

    def show(self, body):
        address = f"data:text/html;charset=utf-8,{quote(f'<!doctype html><body>{body}')}"
        self._ask("browsingContext.navigate", context=self._context, url=address, wait="complete")

    def pixels(self):
        """What is to be seen, (H, W, 3) bytes."""
        shot = self._ask("browsingContext.captureScreenshot", context=self._context)["data"]
        return np.asarray(Image.open(io.BytesIO(base64.b64decode(shot))).convert("RGB"))

    def count_named(self, name):
        """How many elements have this name for a screen reader."""
        locator = {"type": "accessibility", "value": {"name": name}}
        return len(self._ask("browsingContext.locateNodes", context=self._context, locator=locator)["nodes"])
