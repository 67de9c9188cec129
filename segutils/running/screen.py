"""What a run shows: the lines that its cells print, and in a terminal one line below them that tells how far it is."""

import json
import re
import sys
import time

from rich.console import Console
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

ERROR = re.compile(r"^\w*(Error|Exception|Warning): ")
PROVOKED = "as expected: "  # before an error that a lesson provokes and shows


class Screen:
    """Whole lines above, one live line below; where there is no terminal, lines alone, without colours or returns."""

    def __init__(self, draw, file=None):
        file = file or sys.stdout
        self.draw, self.console = draw, Console(file=file, highlight=False, emoji=False)
        self.half_line = ""
        self.live = None
        if file.isatty() and not self.console.is_dumb_terminal:
            options = {"refresh_per_second": 4, "transient": True, "redirect_stdout": False, "redirect_stderr": False}
            self.live = Live(get_renderable=self._line, console=self.console, **options)

    def __enter__(self):
        if self.live:
            self.live.start()
        return self

    def __exit__(self, *error):
        self.flush()
        if self.live:
            self.live.stop()

    def print(self, line, style=""):
        """A line of the run itself."""
        self.flush()
        self.console.print(Text(line, style=style), soft_wrap=True)

    def write(self, text, provoked=False):
        """Text that a cell prints: shown as soon as its line is whole; of a line drawn again and again, the last."""
        *lines, self.half_line = (self.half_line + text).replace("\r\n", "\n").split("\n")
        for line in lines:
            self._write_line(line, provoked)
        self.half_line = self.half_line.rpartition("\r")[2]

    def flush(self):
        """Show the line that a cell left without its end."""
        if self.half_line:
            self._write_line(self.half_line)
        self.half_line = ""

    def _write_line(self, line, provoked=False):
        text = Text.from_ansi(line.rstrip("\r").rpartition("\r")[2])
        if provoked and ERROR.match(text.plain):
            text = Text(PROVOKED, style="dim") + text
        self.console.print(text, soft_wrap=not self.live)

    def _line(self):
        share, words = self.draw()
        width = max(5, min(20, self.console.width // 8))
        text = Text(" · ".join(words))
        text.truncate(self.console.width - width - 4, overflow="ellipsis")  # room for the ^C that a terminal adds
        line = Table.grid(padding=(0, 1))
        line.add_row(
            ProgressBar(total=1, completed=share, width=width, complete_style="green", finished_style="green"), text
        )
        return line


def clock(seconds):
    """Seconds as a clock shows them: 0:07, 12:30, 1:02:30."""
    minutes, seconds = divmod(max(0, round(seconds)), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


def training(path):
    """The share of a training that is done, and what to say of it: nothing if none is going on.

    Args: path: what RunFolder, or a long walk through images, writes for who watches.
    Returns: a share or None, a list of words.
    """
    try:
        about = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None, []
    words = [about["words"] if "words" in about else f"epoch {about['epoch']}/{about['epochs']}"]
    if about["left"] is not None:
        words.append(f"{clock(about['left'] - (time.time() - about['time']))} left")
    return about["share"], words
