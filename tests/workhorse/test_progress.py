"""How far a walk through images is, and how long the rest takes."""

import json

from segutils.plumbing import watching
from segutils.running import screen
from segutils.workhorse import progress


def test_the_live_line_is_told_how_far_it_is(tmp_path, monkeypatch, capsys):
    path, seen = tmp_path / "watched", []
    monkeypatch.setenv(watching.WATCHED, str(path))
    clock = iter(range(100, 200, 2))
    monkeypatch.setattr(progress.time, "time", lambda: next(clock))
    walked = []
    for item in progress.walk("abcd", "judged"):
        walked.append(item)
        seen.append(json.loads(path.read_text()))
    assert walked == list("abcd")
    assert [about["words"] for about in seen] == ["judged 0 of 4", "judged 1 of 4", "judged 2 of 4", "judged 3 of 4"]
    assert [about["left"] for about in seen] == [None, 12, 6, 8 / 3]
    assert not path.exists(), "and nothing afterwards"
    assert capsys.readouterr().out == ""


def test_the_screen_reads_it(tmp_path, monkeypatch):
    path = tmp_path / "watched"
    monkeypatch.setenv(watching.WATCHED, str(path))
    walk = progress.walk(range(5), "predicted")
    next(walk)
    share, words = screen.training(path)
    assert share == 0
    assert words == ["predicted 0 of 5"]
    walk.close()
    assert screen.training(path) == (None, [])


def test_where_nobody_watches_a_long_walk_says_a_line_now_and_then(monkeypatch, capsys):
    monkeypatch.delenv(watching.WATCHED, raising=False)
    clock = iter(range(0, 1000, 8))
    monkeypatch.setattr(progress.time, "time", lambda: next(clock))
    assert list(progress.walk(range(8), "judged")) == list(range(8))
    assert capsys.readouterr().out.splitlines() == ["judged 2 of 8, about 72 s left", "judged 5 of 8, about 29 s left"]
