"""What a terminal shows during a run, by a terminal of a few lines of its own."""

import io
import re

import pytest

from segutils.running.screen import Screen, clock


class Terminal(io.StringIO):
    """Knows what rich sends: text, line feed, return, up, erase line; all else it was told not to send is an error."""

    def isatty(self):
        return True

    def lines(self):
        rows, row, column = [""], 0, 0
        for part in re.findall(r"\x1b\[[?\d;]*[A-Za-z]|\r|\n|[^\x1b\r\n]+", self.getvalue()):
            if part == "\n":
                row, column = row + 1, 0
                rows += [""] * (row + 1 - len(rows))
            elif part == "\r":
                column = 0
            elif re.fullmatch(r"\x1b\[\d*A", part):
                row -= int(part[2:-1] or 1)
            elif part == "\x1b[2K":
                rows[row] = ""
            elif part.startswith("\x1b"):
                assert part[-1] in "mhl", f"unknown: {part!r}"
            else:
                rows[row] = rows[row][:column].ljust(column) + part + rows[row][column + len(part) :]
                column += len(part)
        return [line.rstrip() for line in rows]


@pytest.fixture
def terminal(monkeypatch):
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "60")
    for name in ("NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE", "JUPYTER_COLUMNS"):
        monkeypatch.delenv(name, raising=False)
    return Terminal()


def play(terminal, words):
    screen = Screen(lambda: (0.5, words), terminal)
    with screen:
        screen.write("background every")
        screen.live.refresh()
        screen.write("where\nlong ")
        screen.write("10%\r20%\r")
        screen.write("100%\n")
        screen.live.refresh()
        during = terminal.lines()
        screen.write("no end")
        screen.print("2 · Next")
    return during, terminal.lines()


@pytest.mark.parametrize("colour", [True, False])
def test_lines_of_cells_are_whole_and_one_line_below_says_how_far_it_is(terminal, monkeypatch, colour):
    if not colour:
        monkeypatch.setenv("NO_COLOR", "1")
    words = ["section 11/12", "12:02", "epoch 12/16", "12:55 left", "A heading that is too long"]
    during, after = play(terminal, words)
    assert during[:2] == ["background everywhere", "100%"]
    assert len(during) == 3
    assert re.fullmatch("[━╸╺ ]{7} section 11/12 · 12:02 · epoch 12/16 · 12:55 left…", during[2])
    assert len(during[2]) <= 60 - 3
    assert [line for line in after if line] == ["background everywhere", "100%", "no end", "2 · Next"]
    assert ("\x1b[3" in terminal.getvalue()) == colour


def test_a_terminal_that_can_not_move_gets_lines_alone(terminal, monkeypatch):
    monkeypatch.setenv("TERM", "dumb")
    with Screen(lambda: (0, []), terminal) as screen:
        screen.write("one\ntwo")
    assert terminal.getvalue() == "one\ntwo\n"


@pytest.mark.parametrize(("seconds", "shown"), [(6.6, "0:07"), (59.6, "1:00"), (3750, "1:02:30"), (-3, "0:00")])
def test_a_clock(seconds, shown):
    assert clock(seconds) == shown
