import io
import sys
import time

import pytest

from tconv_design.cli import progress
from tconv_design.cli.progress import Progress


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self):
        return True


class Closed(Terminal):
    """A terminal that nobody reads any more."""

    def write(self, text):
        raise BrokenPipeError


@pytest.fixture
def hurried(monkeypatch):
    """Signs of life after hundredths of seconds."""
    monkeypatch.setattr(progress, "FIRST", 0.02)
    monkeypatch.setattr(progress, "EVERY", 0.02)


@pytest.mark.usefixtures("hurried")
def test_a_terminal_shows_one_line_that_is_wiped_at_the_end(monkeypatch):
    monkeypatch.setattr(sys, "stderr", Terminal())
    with Progress("planning") as shown:
        shown.say("2 plans so far")
        time.sleep(0.3)
    text = sys.stderr.getvalue()
    assert "\n" not in text
    first, *_, last = text.split("\r")[1:-1]
    assert first.startswith("tconv-design: planning: 2 plans so far")
    assert last == " " * len(last)


@pytest.mark.usefixtures("hurried")
def test_a_pipe_gets_a_line_each_time(capsys):
    with Progress("planning"):
        time.sleep(0.3)
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) > 1
    assert set(lines) == {"tconv-design: planning: 0 s"}


def test_what_is_quick_says_nothing(capsys):
    with Progress("planning"):
        pass
    assert capsys.readouterr().err == ""


@pytest.mark.usefixtures("hurried")
def test_a_terminal_that_is_gone_disturbs_nothing(monkeypatch):
    monkeypatch.setattr(sys, "stderr", Closed())
    with Progress("planning"):
        time.sleep(0.1)
