"""What goes wrong on one line of `solve -` stays on that line, and what lines share is shared."""

import io
import json

import pytest

from tconv_design import cli
from tconv_design.cli import stream

GOOD = '{"in": 4, "out": 16, "limit": 1}'


@pytest.fixture
def answers(monkeypatch, capsys):
    def ask(*lines, arguments=("solve", "-")):
        monkeypatch.setattr("sys.stdin", io.StringIO("\n".join(lines)))
        code = cli.run(arguments)
        said = capsys.readouterr()
        return code, [json.loads(line) for line in said.out.splitlines()], said.err

    return ask


def test_a_mistake_of_ours_costs_its_own_line_only(answers, monkeypatch):
    def broken(question, **options):
        if question.kind == "conv":
            raise ZeroDivisionError("oh")
        return real(question, **options)

    monkeypatch.delenv("TCONV_DESIGN_DEBUG", raising=False)
    real = stream.answer
    monkeypatch.setattr(stream, "answer", broken)
    code, documents, said = answers('{"in": 8, "out": 4}', GOOD)
    assert code == 2
    assert documents[0]["error"]["kind"] == "defect"
    assert documents[0]["error"]["message"] == "tconv-design itself failed: ZeroDivisionError: oh"
    assert said.startswith("tconv-design: line 1: tconv-design itself failed")
    assert documents[1]["count"] == 168


def test_a_line_that_cannot_be_read_has_no_command(answers):
    code, documents, _ = answers("{", '{"in": 0}')
    assert (code, [document["command"] for document in documents]) == (2, [None, "solve"])


def test_all_seeds_and_time_limits_share_one_worker(answers, site):
    site.backend("acme", "def version(self): return str(os.getpid())")
    lines = [
        json.dumps({"in": 4, "out": 16, "limit": 1, "backend": "acme", "seed": s, "timeout": 30 + s}) for s in range(4)
    ]
    _, documents, _ = answers(*lines)
    assert len({document["versions"]["acme"] for document in documents}) == 1
    assert [document["seed"] for document in documents] == [0, 1, 2, 3]


@pytest.mark.parametrize("option", [["--kernel", "3"], ["--tied"], ["--verify"], ["--backend", "nope"]])
def test_options_beside_the_dash_are_refused(answers, option):
    code, documents, said = answers(GOOD, arguments=["solve", "-", *option])
    assert (code, documents) == (2, [])
    assert said == (
        "tconv-design: with - all options come from stdin; write them there, as in "
        '{"in": 4, "verify": true}\n'
    )  # fmt: skip
