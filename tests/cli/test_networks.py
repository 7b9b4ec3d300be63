"""Networks that people asked about, and published ones, on the command line."""

import json
import shlex
import tomllib
from pathlib import Path

import pytest

DATA = Path(__file__).parents[1] / "data"
NETWORKS = [json.loads(line) for line in (DATA / "architectures.jsonl").read_text("utf-8").splitlines()]


@pytest.fixture
def asked(ask):
    """Ask a command about a file of the data, with further options."""

    def asked(command, file, options=""):
        return ask([command, str(DATA / file), *shlex.split(options), "--json"])

    return asked


@pytest.mark.parametrize(
    ("name", "options", "code"),
    [
        ("unet_360", "", 1),
        ("unet_360", "--in 512", 0),
        ("unet_360_fixed", "", 0),
        ("unet_72", "", 1),
        ("unet_72", "--in 64", 0),
        ("unet_72", "--in 80", 0),
        ("unet_valid", "", 0),
        ("unet_valid", "--in 256", 1),
        ("codec", "", 1),
        ("codec_fixed", "", 0),
        ("vocoder_8_5_5", "", 1),
        ("vocoder_8_5_5_fixed", "", 0),
        ("dcgan_32", "", 0),
        ("dcgan_128", "", 0),
        ("dcgan_256", "", 0),
    ],
)
def test_check_says_by_its_exit_code_whether_a_network_fits(asked, name, options, code):
    said = asked("check", f"questions/{name}.toml", options)
    problems = [*said.document["problems"], *(each for row in said.document["layers"] for each in row["problems"])]
    assert (said.code, bool(problems)) == (code, bool(code))


@pytest.mark.parametrize("network", NETWORKS, ids=lambda network: network["id"])
def test_check_adds_up_what_was_measured(asked, network):
    said = asked("check", f"architectures/{network['id']}.toml")
    assert said.code == 0
    layers = [layer for layer in said.document["layers"] if layer["kind"] in ("conv", "tconv")]
    assert sum(layer["params"] for layer in layers) == network["params_conv_tconv"]
    assert sum(layer["macs"] for layer in layers) == network["macs_conv_tconv"]


@pytest.mark.parametrize(
    ("name", "options", "legal", "nearest"),
    [
        ("unet_360", "", (256, 0, 256), (256, 512)),
        ("unet_72", "", (16, 0, 16), (64, 80)),
        ("unet_valid", "--in 256", (16, 12, 188), (252, 268)),
        ("unet_valid", "", (16, 12, 188), (572, 572)),
        ("codec_fixed", "", (320, 0, 320), (32000, 32000)),
    ],
)
def test_sizes_tells_the_congruence_and_the_nearest(asked, name, options, legal, nearest):
    said = asked("sizes", f"questions/{name}.toml", options)
    [found] = said.document["legal"]
    assert (found["modulus"], found["remainder"], found["from"]) == legal
    assert (said.document["nearest"]["below"], said.document["nearest"]["above"]) == nearest


def test_sizes_tells_the_pads_that_bring_72_to_80_and_the_crops_to_64(asked):
    nearest = asked("sizes", "questions/unet_72.toml").document["nearest"]
    assert (nearest["pad"], nearest["crop"]) == ([[4, 4]] * 3, [[4, 4]] * 3)


def test_sizes_tells_what_comes_out_of_the_u_net_without_padding(asked):
    nearest = asked("sizes", "questions/unet_valid.toml", "--in 256").document["nearest"]
    assert (nearest["out_below"], nearest["out_above"]) == ([68, 68], [84, 84])


def test_plan_factorises_a_hop_of_300(ask):
    document = ask("plan --hop 300 --layers 2 --in 50 --top 100 --json").document
    assert document["proven"] is True
    of_strides = {tuple(layer["stride"][0] for layer in plan["layers"]): plan for plan in document["plans"]}
    layers = of_strides[15, 20]["layers"]
    numbers = [tuple(layer[name][0] for name in ("kernel", "padding", "output_padding")) for layer in layers]
    assert numbers == [(30, [8, 8], 1), (40, [10, 10], 0)]
    assert of_strides[15, 20]["sizes"] == [[50], [750], [15000]]


def test_plan_says_that_a_hop_of_257_is_prime(ask):
    said = ask("plan --hop 257")
    assert said.code == 0
    assert "257 is prime: its only chain is one layer of stride 257" in " ".join(said.out.split())


@pytest.mark.parametrize(
    ("name", "options", "output_paddings", "sizes"),
    [
        ("encoder_250", "", [2], [80, 250]),
        ("encoder_k3s2p1", "--in 32", [1], [16, 32]),
        ("encoder_k3s2p1", "--in 31", [0], [16, 31]),
        ("encoder_k3s2p1", "--in 64", [1], [32, 64]),
        ("encoder_74", "", [1], [36, 74]),
        ("encoder_keras", "", [0, 0, 0, 0], [2, 4, 7, 13, 25]),
    ],
)
def test_mirror_undoes_what_people_could_not(asked, name, options, output_paddings, sizes):
    document = asked("mirror", f"questions/{name}.toml", options).document
    assert [layer["output_padding"] for layer in document["layers"]] == [[each] for each in output_paddings]
    assert document["sizes"] == [[each] for each in sizes]


def test_mirror_writes_the_keras_decoder_with_the_output_padding_that_keras_needs(asked):
    """github.com/keras-team/keras/issues/14158: output_padding 1, 0, 0, 0 in Keras, whose 1 is a crop at the end."""
    file = tomllib.loads(asked("mirror", "questions/encoder_keras.toml").document["file"])
    repeated = [(layer["padding"], layer["output_padding"], layer.get("repeat", 1)) for layer in file["layers"]]
    assert [each[:2] for each in repeated for _ in range(each[2])] == [("same", 1), *[("same", 0)] * 3]


def test_the_file_that_mirror_writes_passes_the_check(ask, asked, tmp_path):
    (tmp_path / "decoder.toml").write_text(asked("mirror", "questions/encoder_keras.toml").document["file"], "utf-8")
    document = ask(["check", str(tmp_path / "decoder.toml"), "--json"]).document
    assert [layer["out"] for layer in document["layers"]] == [[4], [7], [13], [25]]


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("encoder_250", "248..250 all give 80"),
        ("encoder_k3s2p1", "63 and 64 both give 32"),
        ("encoder_keras", "the whole encoder: 17..32 all give 2"),
        ("encoder_74", "73 and 74 both give 36"),
    ],
)
def test_mirror_says_which_inputs_fall_together(ask, name, sentence):
    assert sentence in ask(["mirror", str(DATA / "questions" / f"{name}.toml")]).out
