"""On a terminal: as wide as it is, in colour unless that is not wanted, and with every word that a pipe gets."""

import os
import re
import struct

import pytest
from rich.cells import cell_len

pytest.importorskip("pty", reason="pseudo-terminals are those of POSIX")
fcntl = pytest.importorskip("fcntl", reason="pseudo-terminals are those of POSIX")
termios = pytest.importorskip("termios", reason="pseudo-terminals are those of POSIX")

ANSI = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b\][^\x1b]*\x1b\\")
COLOUR = re.compile(r"\x1b\[(?:\d+;)*(?:3[0-9]|4[0-9]|9[0-7]|10[0-7])(?:;\d+)*m")
BOXES = set("─│╭╮╰╯━┃┏┓┗┛")

LINES = {
    "solve": "solve --in 4x6 --out 16x18 --kernel 3..5 --limit 2",
    "solve-impossible": "solve --in 4 --out 15 --kernel 4 --stride 4 --padding 0",
    "explain": "explain --in 4x5x6 --kernel 3x4x5 --stride 1x2x2 --padding 0x1:0x2 --dilation 1x1x2 --groups 2",
    "verify": "verify --in 4x6 --kernel 3 --stride 2 --padding 0:1 --output-padding 1 --backend numpy",
    "backends": "backends",
    "compare": "compare --in 8x8 -k 5x4 -s 3x2 -p 1 --in-channels 64 --out-channels 32",
    "plan": "plan --in 4 --out 256 --layers 3 --channels 512:3 --top 1",
    "plan-hop": "plan --hop 300 --causal --top 2",
}


@pytest.fixture
def on_terminal(start):
    """What a command line writes to a terminal, stderr included."""

    def on_terminal(line, columns=None, size=(24, 80), **environment):
        terminal, other_end = os.openpty()
        fcntl.ioctl(other_end, termios.TIOCSWINSZ, struct.pack("HHHH", *size, 0, 0))
        streams = dict.fromkeys(("stdin", "stdout", "stderr"), other_end)
        environment = {"COLUMNS": str(columns or ""), "PYTHONIOENCODING": "utf-8", **environment}
        process = start(line, environment=environment, **streams)
        os.close(other_end)
        text = b"".join(iter(lambda: read(terminal), b"")).decode().replace("\r\n", "\n")
        os.close(terminal)
        return process.wait(30), text

    return on_terminal


def read(terminal):
    try:
        return os.read(terminal, 65536)
    except OSError:  # how Linux says that the other end is closed
        return b""


def letters(text):
    """What is said, however it is wrapped."""
    return "".join(ANSI.sub("", text).split())


@pytest.mark.parametrize("columns", [40, 80, 200])
@pytest.mark.parametrize("name", LINES)
def test_no_line_is_wider_than_the_terminal_and_nothing_is_lost(on_terminal, ask, name, columns):
    code, text = on_terminal(LINES[name], columns)
    piped = ask(LINES[name])
    assert (code, letters(text)) == (piped.code, letters(piped.out))
    assert max(cell_len(line) for line in ANSI.sub("", text).splitlines()) <= columns
    assert COLOUR.search(text) or name == "backends"


def test_without_columns_the_terminal_s_own_width_holds(on_terminal):
    _, text = on_terminal(LINES["solve"], size=(24, 50))
    widths = [cell_len(line) for line in ANSI.sub("", text).splitlines()]
    assert 40 < max(widths) <= 50


def test_what_wraps_stays_under_its_own_beginning(on_terminal):
    _, text = on_terminal(LINES["explain"], 60)
    lines = [line.rstrip() for line in ANSI.sub("", text).splitlines()]
    first = next(at for at, line in enumerate(lines) if line.startswith("  ✗ leaves holes"))
    assert lines[first : first + 2] == [
        "  ✗ leaves holes: 0 of 1 x 0 of 2 x 1 of 2 rows in every",
        "    period of the stride get no tap",
    ]


@pytest.mark.parametrize("name", ["solve", "solve-impossible", "explain"])
@pytest.mark.parametrize(("option", "environment"), [(" --no-color", {}), ("", {"NO_COLOR": "1"})])
def test_without_colour_there_is_none(on_terminal, name, option, environment):
    _, coloured = on_terminal(LINES[name], 80)
    _, text = on_terminal(LINES[name] + option, 80, **environment)
    assert COLOUR.search(coloured)
    assert not COLOUR.search(text)
    assert letters(text) == letters(coloured)


def test_no_colour_holds_for_the_help_too(on_terminal):
    code, text = on_terminal("solve --help", 80, NO_COLOR="1")
    assert (code, COLOUR.search(text)) == (0, None)


@pytest.mark.parametrize("name", LINES)
def test_a_terminal_that_is_dumb_gets_plain_text(on_terminal, ask, name):
    code, text = on_terminal(LINES[name], 80, TERM="dumb")
    piped = ask(LINES[name])
    assert (code, letters(text), "\x1b" in text) == (piped.code, letters(piped.out), False)


def test_a_terminal_of_plain_characters_gets_them(on_terminal, ask_in):
    _, text = on_terminal(LINES["solve"], 80, PYTHONIOENCODING="ascii")
    assert letters(text) == letters(ask_in("ascii", LINES["solve"]).out)


@pytest.mark.parametrize("command", ["", "solve ", "explain ", "verify ", "backends ", "schema "])
def test_help_has_boxes_and_colour_and_names_the_same_options(on_terminal, ask, command):
    code, text = on_terminal(f"{command}--help", 80)
    options = set(re.findall(r"(?<!\S)--[a-z-]+", ANSI.sub("", text)))
    piped = set(re.findall(r"(?<!\S)--[a-z-]+", ask(f"{command}--help").out))
    assert (code, options >= piped, bool(set(text) & BOXES)) == (0, True, True)
    assert COLOUR.search(text)


@pytest.mark.parametrize("columns", [40, 80, 200])
def test_help_is_no_wider_than_the_terminal(on_terminal, columns):
    _, text = on_terminal("solve --help", columns)
    assert max(cell_len(line) for line in ANSI.sub("", text).splitlines()) <= columns


@pytest.mark.parametrize("line", ["solve --in 0 --out 16", "solve --in 4 --kernels 3", "slove"])
def test_an_error_on_a_terminal_is_the_same_sentence(on_terminal, ask, line):
    assert on_terminal(line, 80) == (2, ask(line).err)


def test_json_on_a_terminal_is_json(on_terminal, ask):
    line = "solve --in 4 --out 16 --limit 1 --json"
    assert on_terminal(line, 40) == (0, ask(line).out)


@pytest.mark.parametrize("columns", [30, 80, 200])
@pytest.mark.parametrize("size", ["7", "60", "5x5", "30x30"])
def test_a_picture_is_in_colour_and_no_wider_than_the_terminal(on_terminal, columns, size):
    code, text = on_terminal(
        f"show --in {size} -k 3 -s 2 -p 1 --kind tconv", columns, COLORTERM="truecolor", NO_COLOR=""
    )
    assert code == 0
    assert max(cell_len(ANSI.sub("", line).rstrip()) for line in text.splitlines()) <= max(columns, 62)
    assert "\x1b[38;2;0;0;0;48;2;255;227;176m" in text or "48;2;255;227;176m▀" in text or "do not fit" in text


def test_a_picture_without_colour_says_the_same_in_signs(on_terminal):
    _, text = on_terminal("show --in 3 -k 2 -s 3 --kind tconv", 80, NO_COLOR="1")
    assert COLOUR.search(text) is None
    assert "1  1  0! 1  1  0! 1  1" in text
    assert "! no tap arrives" in text
