import json
import os
import signal
import sys
import time

import pytest

from tconv_design.planning.problem import Plans
from tconv_design.render.plan import count_text

ENDLESS = "plan --in 1x1 --out 1080x700 --layers 8 --top 1000"


def strides(plan):
    return [layer["stride"][0] for layer in plan["layers"]]


def test_the_best_chains_are_shown_and_all_are_counted(ask):
    said = ask("plan --in 4 --out 16 --layers 2 --kernel 2,4 --stride 2 --padding 0,1 --output-padding 0 --json")
    assert said.code == 0
    # kernel 2 without padding or 4 with padding 1 in both places: +2 rows in one and -2 in the other do not cancel out
    assert said.document["count"] == 4
    assert said.document["proven"]
    assert [layer["kernel"] for layer in said.document["plans"][0]["layers"]] == [[2], [2]]


def test_a_plan_has_its_sizes_costs_and_scores(ask):
    plan = ask("plan --in 4 --out 256 --layers 3 --channels 512:3 --top 1 --json").document["plans"][0]
    assert plan["sizes"] == [[4], [16], [64], [256]]
    assert [layer["in_channels"] for layer in plan["layers"]] == [512, 92, 17]
    assert plan["params"] == 512 * 92 * 4 + 92 + 92 * 17 * 4 + 17 + 17 * 3 * 4 + 3
    assert plan["macs"] == 4 * 4 * 512 * 92 + 16 * 4 * 92 * 17 + 64 * 4 * 17 * 3
    assert plan["scores"]["exact"] == 0


def test_a_plan_is_also_a_file_that_is_read_back(ask, tmp_path):
    plan = ask("plan --in 4x6 --out 16x18 --layers 2 --channels 8:3 --top 1 --json").document["plans"][0]
    path = tmp_path / "net.toml"
    path.write_text(plan["file"])
    compared = ask(["compare", str(path), "--json"]).document["comparisons"]
    assert [each["layer"] for each in compared] == plan["layers"]
    assert [compared[0]["in"], *(each["out"] for each in compared)] == plan["sizes"]


def test_top_limits_what_is_shown_and_not_the_count(ask):
    documents = [ask(f"plan --in 4 --out 16 --layers 2 --top {top} --json").document for top in (1, 7)]
    assert [len(document["plans"]) for document in documents] == [1, 7]
    assert documents[0]["count"] == documents[1]["count"]
    assert documents[0]["plans"] == documents[1]["plans"][:1]


def test_a_list_of_channels_says_how_many_layers(ask):
    plans = ask("plan --in 4 --out 64 --channels 512,64,3 --json").document["plans"]
    assert {len(plan["layers"]) for plan in plans} == {2}


def test_constraints_bind(ask):
    document = ask("plan --in 4 --out 36 --layers 2 --max-params 12 --max-macs 400 --even --no-output-padding --json")
    for plan in document.document["plans"]:
        assert plan["params"] <= 12
        assert plan["macs"] <= 400
        assert all(layer["kernel"][0] % layer["stride"][0] == 0 for layer in plan["layers"])
        assert all(layer["output_padding"] == [0] for layer in plan["layers"])


def test_rank_puts_its_criteria_first(ask):
    document = ask("plan --in 4 --out 256 --layers 2..4 --rank params --json").document
    assert document["rank"][0] == "params"
    params = [plan["params"] for plan in document["plans"]]
    assert params == sorted(params)


def test_hop_300_has_the_chain_of_diffwave(ask):
    plans = ask("plan --hop 300 --layers 2 --in 50 --json").document["plans"]
    (plan,) = [plan for plan in plans if strides(plan) == [15, 20]]
    assert plan["sizes"] == [[50], [750], [15000]]
    assert [layer["kernel"] for layer in plan["layers"]] == [[30], [40]]
    assert [layer["padding"] for layer in plan["layers"]] == [[[8, 8]], [[10, 10]]]
    assert [layer["output_padding"] for layer in plan["layers"]] == [[1], [0]]


def test_a_causal_hop_has_no_latency(ask):
    plans = ask("plan --hop 320 --layers 4 --causal --json").document["plans"]
    assert [8, 5, 4, 2] in map(strides, plans)
    assert {plan["scores"]["latency"] for plan in plans} == {0}


def test_channels_of_a_hop_say_how_many_layers(ask):
    plan = ask("plan --hop 256 --channels 512,64,1 --json").document["plans"][0]
    assert strides(plan) == [16, 16]
    assert [layer["out_channels"] for layer in plan["layers"]] == [64, 1]


DECODER = """
input = { channels = 64, size = [7, 7] }
output = { channels = 1, size = [28, 28] }
layers = [
    { kind = "tconv", channels = 32, kernel = "2,4", stride = 2, padding = "?" },
    { kind = "conv", kernel = 3, padding = 1 },
    { kind = "tconv", channels = 1, kernel = 4, stride = "?", padding = "0..1", bias = false },
]
"""


def test_the_blanks_of_a_file_are_filled_and_what_it_gives_stays(ask, tmp_path):
    path = tmp_path / "decoder.toml"
    path.write_text(DECODER)
    said = ask(["plan", str(path), "--json"])
    # by hand, on each axis 2: 7 -> 14 with kernel 2 and padding 0 or 4 and 1, and 14 -> 28 with stride 2 and padding 1
    # only; kernel 4 without padding comes to 16, from which no stride of the last layer comes to 28
    assert (said.code, said.document["count"]) == (0, 4)
    plan = said.document["plans"][0]
    assert plan["sizes"] == [[7, 7], [14, 14], [14, 14], [28, 28]]
    assert plan["params"] == 64 * 32 * 4 + 32 + 32 * 32 * 9 + 32 + 32 * 16
    path.write_text(plan["file"])
    assert ask(["check", str(path)]).code == 0
    again = ask(["plan", str(path)])
    assert (again.code, again.out) == (2, "")
    assert again.err.startswith("tconv-design: the file has no blanks to fill")


def test_no_plan_is_exit_code_1_with_the_reason(ask):
    said = ask("plan --in 4 --out 6 --kernel 2 --stride 1 --layers 1 --json")
    assert said.code == 1
    assert said.document["plans"] == []
    assert said.document["why"].endswith("; 2 layers would do")


def test_a_count_of_thousands_of_digits_is_exact_in_json(ask, monkeypatch):
    monkeypatch.setattr("tconv_design.cli.plan.best_plans", lambda *_: Plans(10**5000 + 7, True, ()))
    monkeypatch.setattr("tconv_design.cli.plan.nearby", lambda *_: "")
    said = ask("plan --in 4 --out 16 --json")
    assert f'"count": 1{"0" * 4999}7,' in said.out
    assert "(5001 digits, about 1.00*10^5000; --json has them all) chains" in ask("plan --in 4 --out 16").out


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (7, "7"),
        (10**15 - 1, "9" * 15),
        (523456789012345678, "523456789012345678 (about 5.23*10^17)"),
        (10**70 + 3, f"1{'0' * 19}...{'0' * 19}3 (71 digits, about 1.00*10^70; --json has them all)"),
    ],
)
def test_a_count_is_said_exactly_and_readably(count, text):
    assert count_text(count) == text


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ("", "neither in nor out is given, so nothing can be solved; give --in, --out or both"),
        ("--in 4", "a chain needs one out, and ? is open; give --out as a number, for example --out 4"),
        ("--in 4..5 --out 16", "a chain needs one in, and 4..5 is open; give --in as a number, for example --in 4"),
        ("--in 4 --out 16 --layers 0", "layers must be at least 1, got 0; use layers 1 or more"),
        ("--in 4 --out 16 --layers 1..9999",
         "layers 1..9999 goes beyond 1000, the most that are planned; use fewer layers"),
        ("--in 4 --out 16 --layers ?",
         "the number of layers is open; give a number or a range, for example --layers 3..6"),
        ("--in 4 --out 16 --layers 3 --channels 3,4",
         "2 channels (before, between, after) are for 1 layers, and there are 3; use --layers 1, or give 4 channels"),
        ("--in 4 --out 16 --channels 3:x",
         "channels 'x' is not a whole number, a range, a set or '?'; write for example 4, 1..7, 2,4, 3..9/2 or ?"),
        ("--in 4 --out 16 --rank evn", "unknown rank criterion 'evn'; did you mean even?"),
        ("--in 4 --out 16 --top 0", "top must be from 1 to 1000, got 0; use top 1"),
        ("--in 4 --out 16 --top x", "--top must be a whole number from 1 on, got 'x'"),
        ("--in 4 --out 16 --max-params x", "--max-params must be a whole number from 1 on, got 'x'"),
        ("--in 4 --out 16 --max-macs 0",
         "max-macs must be at least 1, got 0; every layer needs some; drop --max-macs"),
        ("--in 4 --out 16 --receptive-field big",
         "receptive field 'big' is no range of whole numbers; write for example 64.., 64..128 or ..128"),
        ("--in 4 --out 16 --portable torhc", "portable 'torhc' is no dialect; did you mean torch?"),
        ("--in 4 --out 16 --timeout 0", "timeout must be more than 0 seconds, got 0; leave it out for no limit"),
        ("--in 4 --out 16 --timeout inf", "timeout must be more than 0 seconds, got inf; leave it out for no limit"),
        ("--in 4 --out 16 --causal", "--causal is for a hop; write --hop 300 --causal, or use --padding 0:?"),
        ("--hop 1", "hop must be from 2 to 1000000, got 1; a hop is the samples per frame, for example 256 or 300"),
        ("--hop many", "--hop must be a whole number from 2 on, got 'many'"),
        ("--hop 300 --kernel 3", "--kernel does not go with --hop: its layers follow from their strides; "
                                 "give only --layers, --channels, --causal, --in"),
        ("--hop 300 --no-output-padding",
         "--no-output-padding does not go with --hop: its layers follow from their strides; "
         "give only --layers, --channels, --causal, --in"),
        ("--hop 300 --in 4..9", "in must be one number of frames, got '4..9'; for example --in 50"),
        ("--hop 300 --layers ?",
         "the number of layers is open; give a number or a range, for example --layers 3..6"),
        ("--hop 300 net.toml", "--hop makes its own layers, and a file has its own; give one of the two"),
        ("net.toml --layers 3", "--layers does not go with a file: its layers and target are its own; write it there"),
    ],
)  # fmt: skip
def test_a_wrong_question_gets_a_sentence(ask, arguments, sentence):
    assert ask(f"plan {arguments}") == (2, "", f"tconv-design: {sentence}\n")


def test_a_search_out_of_time_shows_the_best_so_far(ask):
    for seconds in ("0.1", "1", "10"):  # a busy machine may not have begun after the first
        said = ask(f"{ENDLESS} --timeout {seconds} --json")
        assert not said.document["proven"]
        assert said.document["why"].startswith(f"the search was stopped after {seconds} s")
        if said.document["plans"]:
            break
    assert said.document["plans"]
    assert said.code == 0


@pytest.mark.skipif(os.name == "nt", reason="signals are those of POSIX")
def test_ctrl_c_shows_the_best_so_far(start):
    process = start(f"{ENDLESS} --json")
    remark = process.stderr.readline()
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=30)
    document = json.loads(out)
    assert remark.startswith(b"tconv-design: planning: ")
    assert not document["proven"]
    assert document["plans"]
    assert document["why"] == "the search was interrupted: these are the best so far, not proven best"
    assert process.returncode == 0


def test_a_long_search_says_so_on_stderr(ask, monkeypatch):
    monkeypatch.setattr("tconv_design.cli.progress.FIRST", 0.01)

    def slow(problem, timeout, say):
        say("1 of 5 found")
        time.sleep(0.2)
        return Plans(0, True, (), "nothing")

    monkeypatch.setattr("tconv_design.cli.plan.best_plans", slow)
    assert ask("plan --in 4 --out 16 --json").err == "tconv-design: planning: 1 of 5 found\n"


def test_a_short_search_says_nothing_on_stderr(ask):
    assert ask("plan --in 4 --out 16").err == ""


def test_json_leaves_the_process_as_it_was(ask):
    limit = sys.get_int_max_str_digits()
    ask("plan --in 1 --out 64 --layers 2 --json")
    assert sys.get_int_max_str_digits() == limit
