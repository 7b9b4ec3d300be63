"""Named paddings: what each dialect makes of `same`, `valid`, `full` and `causal`, and where it refuses."""

import pytest

# a command line; the padding and the out that it comes to
NAMED = {
    "torch same": ("--kind conv --in 7 --kernel 3 --padding same", [[1, 1]], [7]),
    "torch same, even kernel": ("--kind conv --in 7 --kernel 4 --padding same --dialect torch", [[1, 2]], [7]),
    "keras same, conv": ("--kind conv --in 7 --kernel 3 --stride 2 --padding same --dialect keras", [[1, 1]], [4]),
    "keras same, even in": ("--kind conv --in 8 --kernel 3 --stride 2 --padding same --dialect keras", [[0, 1]], [4]),
    "keras same, tconv": ("--in 7 --kernel 3 --stride 2 --padding same --dialect keras", [[0, 1]], [14]),
    "onnx same": ("--kind conv --in 8 --kernel 3 --stride 2 --padding same --dialect onnx", [[0, 1]], [4]),
    "onnx-lower same": ("--kind conv --in 8 --kernel 3 --stride 2 --padding same --dialect onnx-lower", [[1, 0]], [4]),
    "valid": ("--kind conv --in 7 --kernel 3 --stride 2 --padding valid", [[0, 0]], [3]),
    "full": ("--kind conv --in 7 --kernel 3 --padding full", [[2, 2]], [9]),
    "keras causal": ("--kind conv --in 7 --kernel 3 --padding causal --dialect keras", [[2, 0]], [7]),
    "capitals": ("--kind conv --in 7 --kernel 3 --padding SAME", [[1, 1]], [7]),
    "2-D": ("--kind conv --in 7x8 --kernel 3 --stride 2 --padding same --dialect keras", [[1, 1], [0, 1]], [4, 4]),
}


@pytest.mark.parametrize(("line", "padding", "out"), NAMED.values(), ids=NAMED)
def test_the_answer_shows_the_explicit_numbers(ask, line, padding, out):
    (solution,) = ask(f"solve {line} --json").document["solutions"]
    assert (solution["layer"]["padding"], solution["out"]) == (padding, out)


def test_every_in_that_gives_an_out_is_found(ask):
    answer = ask("solve --kind conv --out 5 --kernel 3 --stride 2 --padding same --dialect onnx --json").document
    assert [(each["in"], each["layer"]["padding"]) for each in answer["solutions"]] == [
        ([9], [[1, 1]]), ([10], [[0, 1]]),
    ]  # fmt: skip


def test_an_out_that_no_layer_of_the_policy_has_is_answered_with_the_reachable_ones(ask):
    said = ask("solve --in 7 --out 5 --padding same --dialect tensorflow")
    lines = said.out.splitlines()
    assert said.code == 1
    assert lines[:2] == [
        "no conv layer from in 7 to out 5",
        "  ✗ with this padding in 7 gives out 1, 2, 3, 4, 7, not 5",
    ]
    assert "    out 5 → 4:  kernel 1, stride 2, padding 0:  7 → 4" in lines


def test_explain_names_the_numbers_of_the_policy(ask):
    lines = ask("explain --in 7 --kernel 3 --stride 2 --padding same --dialect keras").out.splitlines()
    assert lines[0] == "tconv: kernel 3, stride 2, padding 0:1:  7 → 14"
    assert lines[3] == "  out = full - pad_begin - pad_end + output_padding = 15 - 0 - 1 + 0 = 14"


REFUSED = {
    "torch same, tconv": (
        "--kind tconv --in 7 --kernel 3 --padding same",
        "dialect torch has no padding 'same' for a tconv; "
        "dialects that have it: tensorflow, keras, jax, onnx, onnx-lower, paddle",
    ),
    "torch same, stride": (
        "--kind conv --in 7 --kernel 3 --stride 2 --padding same",
        "torch has padding 'same' only for stride 1, got stride 2; use --dialect tensorflow, or write the numbers",
    ),
    "torch causal": (
        "--kind conv --in 7 --kernel 3 --padding causal",
        "dialect torch has no padding 'causal' for a conv; dialects that have it: keras, jax",
    ),
    "causal, 2-D": (
        "--kind conv --in 7x7 --kernel 3 --padding causal --dialect keras",
        "causal padding is for 1-D layers only, in keras and in flax; write padding begin:end",
    ),
    "unknown policy": ("--in 7 --kernel 3 --padding samee", "padding 'samee' is no known policy; did you mean same?"),
    "unknown dialect": (
        "--in 7 --kernel 3 --padding same --dialect pytorch",
        "unknown dialect 'pytorch'; did you mean torch?",
    ),
}


@pytest.mark.parametrize("command", ["solve", "explain", "verify"])
@pytest.mark.parametrize(("line", "sentence"), REFUSED.values(), ids=REFUSED)
def test_what_a_dialect_lacks_is_refused_with_a_sentence(ask, command, line, sentence):
    assert ask(f"{command} {line}") == (2, "", f"tconv-design: {sentence}\n")
