"""`solve -`: a stream of questions, a line of JSON each way."""

import json
import os
import subprocess
import threading

import psutil
import pytest
from jsonschema import Draft202012Validator

from tconv_design import __version__, schemas

posix = pytest.mark.skipif(os.name == "nt", reason="signals and pipes are those of POSIX")

GOOD = '{"in": 4, "out": 16, "limit": 1}'


def answers(said):
    return [json.loads(line) for line in said.out.splitlines()]


def test_every_line_is_answered_by_a_line_in_turn(ask_in):
    said = ask_in("utf-8", "solve -", f'{GOOD}\n\n{{"in": "4x6", "kernel": [3, 5], "limit": 0}}\n  \n{GOOD}')
    first, second, third = answers(said)
    assert (said.code, said.err, first == third) == (0, "", True)
    assert [each["count"] for each in (first, second)] == [168, 1]
    for answer in (first, second):
        Draft202012Validator(schemas.load("solve")).validate(answer)


@pytest.mark.parametrize("beginning", ["", "\ufeff"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_windows_line_ends_and_a_byte_order_mark_are_tolerated(ask_in, beginning, end):
    said = ask_in("utf-8", "solve -", f"{beginning}{GOOD}{end}{GOOD}{end}")
    assert (said.code, [answer["count"] for answer in answers(said)]) == (0, [168, 168])


def test_json_is_utf_8_whatever_the_terminal_speaks(ask_in):
    said = ask_in("ascii", "solve -", '{"in": "４", "kernel": 3}\n')
    assert answers(said)[0]["error"]["message"] == "in '４' is not a whole number, a range, a set or '?'"
    assert said.err == (
        "tconv-design: line 1: in '\\uff14' is not a whole number, a range, a set or '?'; "
        "write for example 4, 1..7, 2,4, 3..9/2 or ?\n"
    )


def test_bytes_that_are_no_text_cost_their_own_line(start):
    process = start("solve -", stdin=subprocess.PIPE)
    out, _ = process.communicate(b"\xff\xfe{}\n" + GOOD.encode(), timeout=30)
    bad, good = (json.loads(line) for line in out.splitlines())
    assert (bad["error"]["message"][:19], good["count"], process.returncode) == ("the line is no JSON", 168, 2)


OBJECT = 'write an object as {"in": 4, "out": 16}'
FORMS = "write for example 4, 4x6 or ?"
BAD_LINES = [
    ("{", "the line is no JSON: Expecting property name enclosed in double quotes at column 2", OBJECT),
    ("[" * 20_000, "the line is no JSON: nested too deep", OBJECT),
    ("[4, 16]", "the line is no JSON object", OBJECT),
    ("null", "the line is no JSON object", OBJECT),
    ('{"inn": 4}', "unknown option 'inn'", "did you mean in?"),
    ('{"in": 4, "out": 16, "json": true}', "unknown option 'json'",
     "known: in, out, kernel, stride, padding, output_padding, dilation, groups, in_channels, out_channels, kind, "
     "dialect, tied, layer, rank, limit, verify, backend, timeout, seed"),
    ('{"in": true, "kernel": 3}', "in must be a number or text, got True", ""),
    ('{"in": 4.5, "kernel": 3}', "in is empty or of no known form: '4.5'", FORMS),
    ('{"in": {"a": 1}, "kernel": 3}', "in is empty or of no known form: \"{'a': 1}\"", FORMS),
    ('{"in": [], "kernel": 3}', "in is empty or of no known form: '[]'", FORMS),
    ('{"in": 0, "kernel": 3}', "in must be at least 1, got 0", "use in 1 or more"),
    ('{"in": 4, "kernel": 3, "kind": 5}', "kind '5' is neither conv nor tconv", "known: conv, tconv"),
    ('{"in": 4, "kernel": 3, "tied": "yes"}', "tied must be true or false, got 'yes'", ""),
    ('{"in": 4, "kernel": 3, "limit": -1}', "limit must be a whole number from 0 on, got -1", ""),
    ('{"in": 4, "kernel": 3, "limit": 1.5}', "limit must be a whole number, got '1.5'", ""),
    ('{"in": 4, "kernel": 3, "limit": true}', "limit must be a whole number, got 'true'", ""),
    ('{"in": 4, "kernel": 3, "verify": 1}', "verify must be true or false, got '1'", ""),
    ('{"in": 4, "kernel": 3, "seed": "0"}', "seed must be a whole number, got '\"0\"'", ""),
    ('{"in": 4, "kernel": 3, "timeout": "1"}', "timeout must be a number of seconds, got '\"1\"'", ""),
    ('{"in": 4, "kernel": 3, "backend": "numpy", "timeout": NaN}',
     "timeout nan must be more than 0 and at most 86400 seconds", ""),
    ('{"in": 4, "kernel": 3, "backend": [1]}', "backend must be a name or a list of names, got '[1]'", ""),
    ('{"in": 4, "kernel": 3, "backend": {"acme": 1}}',
     "backend must be a name or a list of names, got '{\"acme\": 1}'", ""),
    ('{"in": 4, "kernel": 3, "backend": "numppy"}', "no backend is called 'numppy'", "did you mean numpy?"),
    ('{"in": 4, "kernel": 3, "rank": "evn"}', "unknown rank criterion 'evn'", "did you mean even?"),
    ('{"in": 4, "kernel": 3, "rank": 5}', "rank must be text, got '5'", ""),
]  # fmt: skip


@pytest.mark.parametrize(("line", "message", "hint"), BAD_LINES, ids=[line[:40] for line, _, _ in BAD_LINES])
def test_a_bad_line_costs_itself_only(ask_in, line, message, hint):
    said = ask_in("utf-8", "solve -", f"{GOOD}\n{line}\n{GOOD}\n")
    before, bad, after = answers(said)
    Draft202012Validator(schemas.load("error")).validate(bad)
    assert (bad["error"]["message"], bad["error"]["hint"]) == (message, hint)
    sentence = f"{message}; {hint}" if hint else message
    assert (said.code, said.err) == (2, f"tconv-design: line 2: {sentence}\n")
    assert before["count"] == after["count"] == 168


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        ([], 0),
        ([GOOD], 0),
        (['{"in": 4, "out": 15, "kernel": 4, "stride": 4, "padding": 0}', GOOD], 1),
        (['{"in": 0}', '{"in": 4, "out": 15, "kernel": 4, "stride": 4, "padding": 0}'], 2),
        (['{"in": 4, "kernel": 3, "backend": "silent", "timeout": 30}', '{"in": 0}', GOOD], 3),
    ],
)
def test_the_exit_code_is_the_worst_of_the_lines(ask_in, site, lines, code):
    site.backend("silent", "def run(self, *given): os._exit(7)")
    assert ask_in("utf-8", "solve -", "\n".join(lines)).code == code


def test_dashes_and_underlines_are_one_in_a_stream(ask_in):
    line = '{"in": 4, "kernel": 3, "stride": 2, "output-padding": 1, "in_channels": 2, "out-channels": 5}'
    (answer,) = answers(ask_in("utf-8", "solve -", line))
    layer = answer["solutions"][0]["layer"]
    assert (layer["output_padding"], layer["in_channels"], layer["out_channels"]) == ([1], 2, 5)


def test_null_is_left_out_in_a_stream(ask_in):
    with_null, without = answers(ask_in("utf-8", "solve -", f'{GOOD[:-1]}, "kernel": null, "limit": 1}}\n{GOOD}'))
    assert with_null == without


def test_an_answer_comes_before_the_next_question_is_written(start):
    process = start("solve -", stdin=subprocess.PIPE)
    for size in (16, 32, 64):
        process.stdin.write(f'{{"in": {size}, "out": {2 * size}, "limit": 1}}\n'.encode())
        process.stdin.flush()
        answer = []
        reading = threading.Thread(target=lambda answer=answer: answer.append(process.stdout.readline()), daemon=True)
        reading.start()
        reading.join(30)
        assert json.loads(answer[0])["solutions"][0]["out"] == [2 * size]
    process.stdin.close()
    assert process.wait(30) == 0


def test_a_stream_keeps_its_workers_warm(ask_in, site):
    site.backend("acme", "def version(self): return str(os.getpid())")
    line = '{"in": 4, "out": 16, "limit": 2, "backend": "acme"}'
    said = ask_in("utf-8", "solve -", f"{line}\n{GOOD}\n{line}\n")
    first, _, last = answers(said)
    pids = {check["version"] for each in (first, last) for found in each["solutions"] for check in found["checks"]}
    assert (said.code, len(pids)) == (0, 1)
    assert first["versions"] == last["versions"] == {"tconv-design": __version__, "acme": pids.pop()}


def test_a_stream_leaves_no_worker(ask_in, site):
    site.backend("acme", "def version(self): return str(os.getpid())")
    (answer,) = answers(ask_in("utf-8", "solve -", '{"in": 4, "out": 16, "limit": 1, "backend": ["acme"]}'))
    assert not psutil.pid_exists(int(answer["versions"]["acme"]))


@posix
def test_head_ends_a_stream_quietly(start):
    process = start("solve -", stdin=subprocess.PIPE)
    process.stdin.write(f"{GOOD}\n".encode())
    process.stdin.flush()
    assert json.loads(process.stdout.readline())["count"] == 168
    process.stdout.close()
    process.stdin.write(f"{GOOD}\n{GOOD}\n".encode())
    process.stdin.close()
    assert (process.stderr.read(), process.wait(30)) == (b"", 0)
