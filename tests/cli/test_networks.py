"""Networks that people asked about, and published ones, on the command line."""

import json
import shlex
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
