"""The exit codes: 0 answered, 1 answered no, 2 a wrong question, in one sentence, 3 a silent backend, 130 Ctrl-C."""

import signal

import numpy
import pytest

from tconv_design import warm
from tconv_design.cli import COMMANDS, usage

FORMS = "write for example 4, 1..7, 2,4, 3..9/2 or ?"
NINES = "9" * 400
KNOWN = ", ".join(COMMANDS)

# a command line; the sentence that it gets, after "tconv-design: "
WRONG = {
    "zero size": ("solve --in 0 --out 16", "in must be at least 1, got 0; use in 1 or more"),
    "negative size": ("solve --in -4 --out 16", "in must be at least 1, got -4; use in 1 or more"),
    "zero out": ("solve --in 4 --out 0", "out must be at least 1, got 0; use out 1 or more"),
    "no number": ("solve --in 4 --out 16 --kernel abc",
                  f"kernel 'abc' is not a whole number, a range, a set or '?'; {FORMS}"),
    "a fraction": ("solve --in 4.5 --out 16", f"in '4.5' is not a whole number, a range, a set or '?'; {FORMS}"),
    "foreign digits": ("solve --in ４ --out 16", f"in '４' is not a whole number, a range, a set or '?'; {FORMS}"),
    "zero stride": ("solve --in 4 --out 16 --stride 0", "stride must be at least 1, got 0; use stride 1 or more"),
    "zero dilation": ("solve --in 4 --kernel 3 --padding 9 --kind conv --stride 2 --dilation 0",
                      "dilation must be at least 1, got 0; use dilation 1 or more"),
    "negative padding": ("solve --in 4 --out 16 --padding=-1",
                         "padding must be at least 0, got -1; use padding 0 or more"),
    "empty range": ("solve --in 4 --out 16 --kernel 7..1", "kernel '7..1' is an empty range; write 1..7"),
    "open range": ("solve --in 4 --out 16 --kernel 1..",
                   f"kernel '1..' is not a whole number, a range, a set or '?'; {FORMS}"),
    "step without range": ("solve --in 4 --out 16 --kernel 4/2",
                           "kernel '4/2' has a step but no range; write kernel 4..12/2"),
    "gap in a set": ("solve --in 4 --out 16 --dilation 2,,3",
                     f"dilation '' is not a whole number, a range, a set or '?'; {FORMS}"),
    "empty text": ("solve --in 4 --out 16 --padding ''",
                   "padding is empty or of no known form: ''; write for example 4, 4x6 or ?"),
    "empty axis": ("solve --in 4 --out 16 --kernel 3x",
                   "kernel '3x' has an empty axis; write one value per axis, as in --kernel 4x6"),
    "axes": ("solve --in 4x4 --out 16x16x16",
             "in has 2 axes and out has 3; give one value, or one per axis, to each"),
    "four axes": ("solve --in 1x2x3x4 --out 4x4x4x4", "in '1x2x3x4' has 4 axes, and a layer has 1 to 3"),
    "400 digits": (f"solve --in {NINES} --out 16",
                   f"in '{'9' * 20}'... (400 characters) is above 10**18, the largest size that is answered"),
    "nothing known": ("solve --kernel 3",
                      "neither in nor out is given, so nothing can be solved; give --in, --out or both"),
    "no kernel": ("solve --in 4",
                  "kernel is missing: with only one of in and out, the layer must be known; "
                  "give --kernel, for example --kernel 3, or --kernel ? to try 1..16"),
    "kind": ("solve --in 4 --out 16 --kind deconv", "kind 'deconv' is neither conv nor tconv; did you mean conv?"),
    "groups": ("solve --in 4 --out 16 --groups 4 --in-channels 6",
               "in_channels 6 must be a multiple of groups 4; use in_channels 8"),
    "output_padding": ("solve --in 4 --kernel 2 --stride 2 --output-padding 2",
                       "output_padding 2 must be less than max(stride 2, dilation 1) = 2: it chooses among the sizes "
                       "that a stride makes ambiguous, and there are no more; use output_padding 0..1, or stride 3"),
    "output_padding of a conv": ("solve --in 4 --kernel 2 --kind conv --output-padding 1",
                                 "a conv has no output_padding, got 1; drop it, or use --kind tconv"),
    "padding eats everything": ("solve --in 4 --kernel 2 --padding 9",
                                "padding 9:9 crops everything: out = 5 - 9 - 9 + 0 = -13, and out must be at least 1; "
                                "crop at most 4 rows in all, begin and end together"),
    "kernel does not fit": ("explain --kind conv --in 14 --kernel 20",
                            "the kernel spans 20 rows (dilation*(kernel-1)+1), but the padded input has only 14 "
                            "(14 + 0 + 0); the smallest in is 20, or add 6 rows of padding"),
    "policy": ("solve --in 4 --out 16 --padding samee", "padding 'samee' is no known policy; did you mean same?"),
    "same with stride": ("solve --in 4 --stride 2 --kind conv --kernel 3 --padding same --dialect torch",
                         "torch has padding 'same' only for stride 1, got stride 2; "
                         "use --dialect tensorflow, or write the numbers"),
    "dialect": ("solve --in 4 --kernel 3 --padding same --dialect kerass",
                "unknown dialect 'kerass'; did you mean keras?"),
    "dialect without use": ("solve --in 4 --kernel 3 --dialect kerass",
                            "unknown dialect 'kerass'; did you mean keras?"),
    "backend": ("solve --in 4 --out 16 --backend tensorflw",
                "no backend is called 'tensorflw'; did you mean tensorflow?"),
    "rank": ("solve --in 4 --out 16 --rank evn", "unknown rank criterion 'evn'; did you mean even?"),
    "rank twice": ("solve --in 4 --out 16 --rank even,even",
                   "rank 'even,even' names a criterion twice; known: exact, even, plain, legal, cost, small"),
    "wide box": ("solve --in 1..1000000 --out 5..2000000 --kernel 3",
                 "the unknowns but the last (out) span 24000000 combinations, and at most 10**7 can be counted; "
                 "narrow in, which has 1000000 values"),
    "wide box of a named padding": (
        "solve --in 18 --out 20 --kernel 3 --dialect tensorflow --padding full --dilation 7..1000000000000000000",
        "a named padding with 7999999999999999952000000000000000000 combinations of unknowns cannot be counted; "
        "at most 10**7 can; narrow kernel or stride, or write the padding as numbers"),
    "not one layer": ("verify --in 4 --kernel ?",
                      "verify is about one layer, and 16 fit (unknown: kernel); "
                      "give the numbers, or list the layers with tconv-design solve"),
    "no layer": ("explain --in 14 --out 15 --kernel 3 --stride 1 --padding 0",
                 "there is no such layer: out = (14 - 1)*1 + 3 - 0 - 0 + output_padding = 16 + output_padding; "
                 "output_padding is 0, so out is 16 and never 15; see tconv-design solve with the same options"),
    "timeout": ("verify --in 4 --kernel 3 --backend numpy --timeout 0",
                "timeout 0 must be more than 0 and at most 86400 seconds"),
    "endless timeout": ("verify --in 4 --kernel 3 --backend numpy --timeout nan",
                        "timeout nan must be more than 0 and at most 86400 seconds"),
    "seed": ("verify --in 4 --kernel 3 --backend numpy --seed -1", "seed -1 must be 0 or more"),
    "document": ("schema slove", "no document is called 'slove'; did you mean solve?"),
    # what the parser of the command line says, in our words
    "option": ("solve --in 4 --out 16 --kernels 3", "--kernels is no option of tconv-design solve; "
               "did you mean --kernel?"),
    "option of another command": ("schema --verify", "--verify is no option of tconv-design schema; "
                                  "known: --json, --help"),
    "option of no command": ("--in 4 --out 16", "--in is no option of tconv-design; "
                             f"write a command first ({KNOWN}), then its options"),
    "option before the command": ("--no-color solve --in 4", "--no-color is no option of tconv-design; "
                                  f"write a command first ({KNOWN}), "
                                  "then its options"),
    "option of the program": ("--versoin", "--versoin is no option of tconv-design; did you mean --version?"),
    "control characters": (["solve", "--a\nb"], "'--a\\nb' is no option of tconv-design solve; did you mean --rank?"),
    "no value": ("solve --in 4 --kernel", "--kernel needs a value; see --help"),
    "no value of a short option": ("solve --in 4 -k", "-k needs a value; see --help"),
    "a value of a flag": ("solve --in 4 --tied=yes", "--tied takes no value; write --tied alone"),
    "limit": ("solve --in 4 --limit -1", "--limit must be a whole number from 0 on, got '-1'"),
    "limit of no number": ("solve --in 4 --limit many", "--limit must be a whole number from 0 on, got 'many'"),
    "seed of no number": ("solve --in 4 --seed 1.5", "--seed must be a whole number from 0 on, got '1.5'"),
    "timeout of no number": ("solve --in 4 --timeout soon", "--timeout must be a number of seconds, got 'soon'"),
    "command": ("slove --in 4", "'slove' is no command; did you mean solve?"),
    "no command": ([], f"no command is given; known: {KNOWN}"),
    "no name of a command": ([""], f"'' is no command; known: {KNOWN}"),
    "words": ("explain 4 16", "'16' belongs to no option; write options as --in 4 --kernel 3; see --help"),
    "a word": ("solve 4", "'4' is neither an option nor a layer as code; write options as --in 4 --kernel 3, "
                        'or paste a layer such as "nn.ConvTranspose2d(8, 4, 3)"'),
}  # fmt: skip


@pytest.mark.parametrize(("line", "sentence"), WRONG.values(), ids=WRONG)
def test_a_wrong_question_gets_one_sentence_and_exit_code_2(ask, line, sentence):
    assert ask(line) == (2, "", f"tconv-design: {sentence}\n")


@pytest.mark.parametrize("word", ["a" * 5000, "\x1b[31m" + "ü" * 5000])
def test_a_long_word_is_cut(ask, word):
    for line in ([word], ["solve", f"--{word}"], ["solve", "--in", word], ["schema", word], ["explain", word]):
        said = ask(line)
        assert (said.code, said.out) == (2, "")
        assert len(said.err) < 500


def test_a_complaint_that_the_parser_may_add_gets_a_sentence_too():
    class Complaint:
        @staticmethod
        def format_message():
            return "Something new."

    assert str(usage.usage_error(Complaint, ("solve",))) == "Something new; see --help"


ANSWERED = {
    "found": ("solve --in 4 --out 16 --limit 1", 0),
    "counted": ("solve --in 4 --out 16 --limit 0", 0),
    "not found": ("solve --in 4 --out 15 --kernel 4 --stride 4 --padding 0", 1),
    "not found, counted": ("solve --in 4 --out 15 --kernel 4 --stride 4 --padding 0 --limit 0", 1),
    "not found on one axis, beyond the box on the other": ("solve --in 4x6 --out 4 --stride 3 --kernel 1x2", 1),
    "explained": ("explain --in 4 --kernel 3", 0),
    "agrees": ("verify --in 4 --kernel 3 --backend numpy", 0),
    "solved and agrees": ("solve --in 4 --out 16 --limit 1 --backend numpy", 0),
    "not found, nothing to prove": ("solve --in 4 --out 15 --kernel 4 --stride 4 --padding 0 --backend numpy", 1),
    "too large to run": ("verify --in 1000000000000000 --kernel 3 --backend numpy", 0),
    "listed": ("backends", 0),
    "no limit": ("solve --in 4x4 --out 15x15 --kernel 4 --limit 1000000000000000000000000000000", 0),
    "big sizes": ("solve --in 1000000000 --out 4000000000 --limit 1", 0),
    "largest sizes": ("solve --in 1000000000000000000 --out 1000000000000000000 --limit 1", 0),
    "version": ("--version", 0),
    "help": ("--help", 0),
    "help of a command": ("solve --help", 0),
    "help goes first": ("solve --in abc --help", 0),
}


@pytest.mark.parametrize(("line", "code"), ANSWERED.values(), ids=ANSWERED)
def test_an_answer_has_its_exit_code_and_nothing_on_stderr(ask, line, code):
    said = ask(line)
    assert (said.code, said.err, len(said.out) > 15) == (code, "", True)


@pytest.mark.parametrize(
    ("action", "code"),
    [
        ("return super().run(*given)", 0),
        ("return super().run(*given) + 1", 1),
        ("os._exit(7)", 3),
        ("time.sleep(99)", 3),
        ("raise MemoryError", 3),
    ],
)
def test_a_named_backend_decides_the_exit_code(ask, site, action, code):
    site.backend("acme", f"def run(self, *given): {action}")
    assert ask("verify --in 4 --kernel 3 --backend acme --timeout 5").code == code


def test_the_text_says_what_a_backend_did(ask, site):
    site.backend("acme", "def run(self, *given): os._exit(7)")
    said = ask("verify --in 4 --kernel 3 --stride 2 --backend acme")
    assert said.out == (
        "tconv: kernel 3, stride 2, padding 0:  4 → 9\n"
        f"  ✗ acme {numpy.__version__} crashed: "
        "its process ended with exit code 7 while running the layer\n"
        "      from tconv_design import Layer\n"
        "\n"
        "      layer = Layer.tconv(1, kernel=(3,), stride=(2,))\n"
    )


def test_the_text_shows_the_code_of_the_best_layer_that_was_proved(ask, site):
    site.backend("acme", "def version(self): return '4.2'")
    lines = ask("solve --in 4 --out 16 --limit 1 --backend acme").out.splitlines()
    assert lines[3] == "1. kernel 4, stride 4, padding 0:  4 → 16"
    assert lines[8:] == [
        "   ✓ acme 4.2 agrees (ran it: 16, every value equal)",
        "",
        "the code that was run for 1, as acme has it:",
        "   from tconv_design import Layer",
        "",
        "   layer = Layer.tconv(1, kernel=(4,), stride=(4,))",
    ]


def test_ctrl_c_is_130(ask, monkeypatch):
    def interrupt(*_):
        signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(warm, "bytes_needed", interrupt)
    assert ask("verify --in 4 --kernel 3 --backend numpy") == (130, "", "")


def test_ctrl_c_before_a_command_runs_is_130(ask, monkeypatch):
    def interrupt():
        raise KeyboardInterrupt

    monkeypatch.setattr("tconv_design.cli.build", interrupt)
    assert ask("backends") == (130, "", "")
