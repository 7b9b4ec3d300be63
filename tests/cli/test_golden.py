"""What a pipe gets, to the letter.

UPDATE_GOLDEN=1 pytest tests/cli/test_golden.py writes the texts anew; read every line of the difference by eye.
"""

import os
from pathlib import Path

import pytest

GOLDEN = Path(__file__).parent / "golden"
ROOT = Path(__file__).parents[2]
DATA = "tests/data"  # from ROOT

LINES = {
    "solve": "solve --in 4 --out 16 --limit 3",
    "solve-count": "solve --in 4x6 --out 16x24 --limit 0",
    "solve-impossible": "solve --in 4 --out 15 --kernel 4 --stride 4 --padding 0",
    "solve-inputs": "solve --kind conv --out 80 --kernel 11 --stride 3",
    "solve-keras-same": "solve --in 7 --kernel 3 --stride 2 --padding same --dialect keras",
    "solve-holes": "solve --in 4 --out 16 --kernel 3 --stride 4 --padding 0",
    "solve-2d": "solve --in 4x6 --out 16x18 --kernel 3..5 --limit 2",
    "solve-tied": "solve --in 14x20 --out 224x320 -k 1..64 -s 1..32 --tied --limit 2",
    "solve-tied-impossible": "solve --in 4x6 --out 16x25 --tied",
    "explain-tconv": "explain --in 14 --kernel 3 --stride 2 --padding 1 --output-padding 1",
    "explain-conv": "explain --kind conv --in 224 --kernel 7 --stride 2 --padding 3 --in-channels 3 --out-channels 64",
    "explain-3d": "explain --in 4x5x6 --kernel 3x4x5 --stride 1x2x2 --padding 0x1:0x2 --dilation 1x1x2 --groups 2",
    "matrix": "matrix --backend numpy",
    "compare": "compare --in 4 --out 16",
    "compare-2d": "compare --in 8x8 -k 5x4 -s 3x2 -p 1 --in-channels 64 --out-channels 32",
    "compare-holes": "compare --in 4 -k 2 -s 3",
    "compare-stride-1": "compare --in 8 -k 3 --dilation 2",
    "compare-large": "compare --in 1234567891x9876543212 -k 4 -s 2 -p 1 --in-channels 99999 --out-channels 99999",
    "compare-impossible": "compare --in 4 --out 15 --kernel 4 --stride 4 --padding 0",
    "plan": "plan --in 4 --out 256 --layers 3..6 --channels 512:3 --top 2",
    "plan-2d": "plan --in 1x1 --out 64x256 --even --no-output-padding --channels 100:3 --top 1",
    "plan-conv": "plan --kind conv --in 224 --out 7 --stride 2,3 --layers 4 --top 1 --rank params",
    "plan-wide": "plan --in 1000000x1000000 --out 2000001x2000001 --layers 1 --channels 99999:99999 --top 1",
    "plan-impossible": "plan --in 4 --out 6 --kernel 2 --stride 1 --layers 1",
    "plan-too-strict": "plan --in 4 --out 16 --layers 2 --max-params 3 --even",
    "plan-hop": "plan --hop 300 --layers 2 --in 50 --top 2",
    "plan-hop-causal": "plan --hop 320 --layers 4 --causal --channels 512:1 --top 1",
    "plan-hop-prime": "plan --hop 257",
    "plan-hop-impossible": "plan --hop 12 --layers 4",
    "check": f"check {DATA}/questions/vocoder_8_5_5.toml",
    "check-holds": f"check {DATA}/questions/dcgan_32.toml",
    "check-joins": f"check {DATA}/questions/unet_360.toml",
    "check-notes": f"check {DATA}/questions/unet_72.toml",
    "check-wide": f"check {DATA}/architectures/caffe_fcn8s.toml",
    "check-ends": f"check {DATA}/questions/unet_valid.toml --in 100",
    "sizes": f"sizes {DATA}/questions/unet_valid.toml",
    "sizes-claims": f"sizes {DATA}/architectures/nnunet_3d_aniso.toml --in 24x250x256",
    "sizes-none": f"sizes {DATA}/questions/vocoder_8_5_5.toml",
    "sizes-nearest": f"sizes {DATA}/questions/unet_72.toml",
    "sizes-below": f"sizes {DATA}/questions/unet_360.toml --in 100x360",
    "sizes-residues": f"sizes {DATA}/architectures/tv_alexnet.toml --in 700x223",
    "mirror": f"mirror {DATA}/questions/encoder_250.toml",
    "mirror-keras": f"mirror {DATA}/questions/encoder_keras.toml",
    "mirror-2d": f"mirror {DATA}/questions/encoder_k3s2p1.toml --in 32x31",
    "mirror-flat": f"mirror {DATA}/architectures/tf_dcgan_d.toml",
    "mirror-joins": f"mirror {DATA}/architectures/linknet.toml",
    "mirror-none": f"mirror {DATA}/questions/encoder_250.toml --in 10",
    "show": "show --in 7 -k 3 -s 2 -p 1 --output-padding 1",
    "show-map": "show --in 4x5 -k 4x3 -s 2 -p 1 --kind tconv",
    "show-two": "show --in 4 --out 8 --kernel 3,4 --limit 2",
    "show-conv": "show --kind conv --in 7 -k 3 -s 2 -p 1",
    "show-steps": "show --view steps --in 2x2 -k 3 -s 2 -p 1 --output-padding 1",
    "show-steps-conv": "show --view steps --kind conv --in 5 -k 3 -s 2 -p 1",
    "show-colours-holes": "show --view colours -k 3 -s 4 --output-padding 1",
    "show-colours-overlap": "show --view colours -k 6 -s 4 -p 1 --kind tconv",
    "show-grid": "show --view grid --in 6x6 -k 4 -s 2 -p 1 --kind tconv --pixel 3x5",
    "show-grid-element": "show --view grid --in 6 -k 4 -s 2 -p 1 --kind tconv --element 2",
    "show-phase": "show --view phase --kind conv --in 8 -k 3 -s 2 -p same --dialect keras,onnx-lower",
    "show-stack": f"show {DATA}/questions/unet_360.toml",
    "show-stack-crops": f"show {DATA}/questions/unet_valid.toml",
    "show-mermaid": f"show {DATA}/questions/encoder_k3s2p1.toml --format mermaid",
    "show-too-wide": "show --in 50x50 -k 4 -s 2 -p 1 --kind tconv",
    "lint": 'lint "nn.ConvTranspose2d(64, 32, 3, stride=2, padding=1, output_padding=1)" --target coreml',
    "lint-file": f"lint {DATA}/architectures/cyclegan_resnet9_torch.toml",
    "lint-github": f"lint {DATA}/architectures/erfnet.toml --format github",
    "lint-nothing": f"lint {DATA}/architectures/unet_milesial.toml",
    "diagnose": f"diagnose {DATA}/errors/torch_output_padding.txt --in 3",
    "diagnose-network": f"diagnose {DATA}/errors/torch_cat.txt -k 4 -s 2 -p 1 --network-in 360 --levels 8",
    "diagnose-keras": f"diagnose {DATA}/errors/keras_concatenate.txt --in 4 -k 3 -s 2 -p same",
    "diagnose-partly": f"diagnose {DATA}/errors/torch_cat.txt",
    "diagnose-unknown": "diagnose 'RuntimeError: CUDA error'",
    "diagnose-contradicted": f"diagnose {DATA}/errors/torch_output_padding.txt --stride 2",
    "translate": "translate \"layers.Conv2DTranspose(8, 3, strides=2, padding='same')\" --to torch,flax,jax --in 7",
    "translate-cannot": 'translate "nn.ConvTranspose1d(4, 4, 3, groups=2)" --to flax,keras --in 5',
    "help": "--help",
    "help-solve": "solve --help",
    "help-explain": "explain --help",
    "help-verify": "verify --help",
    "help-translate": "translate --help",
    "help-matrix": "matrix --help",
    "help-compare": "compare --help",
    "help-plan": "plan --help",
    "help-check": "check --help",
    "help-sizes": "sizes --help",
    "help-diagnose": "diagnose --help",
    "help-lint": "lint --help",
    "help-mirror": "mirror --help",
    "help-show": "show --help",
    "help-view": "view --help",
    "help-backends": "backends --help",
    "help-schema": "schema --help",
    "schema": "schema",
    "wrong-value": "solve --in 4 --out 16 --kernel 7..1",
    "wrong-option": "solve --in 4 --out 16 --kernels 3",
    "wrong-padding": "explain --in 4 --kernel 3 --padding samee",
    "wrong-question": "verify --in 4 --out 16",
}


def compare(name, line, said):
    remarks = f"--- stderr\n{said.err}" if said.err else ""
    text = f"$ tconv-design {line}\n{said.out}{remarks}--- exit code {said.code}\n"
    path = GOLDEN / f"{name}.txt"
    if os.environ.get("UPDATE_GOLDEN"):
        path.write_text(text, encoding="utf-8", newline="\n")
    assert text == path.read_text(encoding="utf-8")


@pytest.fixture(autouse=True)
def _from_the_root(monkeypatch):
    monkeypatch.chdir(ROOT)


@pytest.mark.parametrize("name", LINES)
def test_a_pipe_gets_the_golden_text(name, ask_in):
    compare(name, LINES[name], ask_in("utf-8", LINES[name]))


@pytest.mark.parametrize("name", ["solve", "solve-impossible", "explain-tconv"])
def test_a_pipe_of_plain_characters_gets_the_golden_text(name, ask_in):
    compare(f"{name}-ascii", LINES[name], ask_in("ascii", LINES[name]))


def test_every_golden_text_belongs_to_a_command_line():
    names = [*LINES, "solve-ascii", "solve-impossible-ascii", "explain-tconv-ascii"]
    assert sorted(path.stem for path in GOLDEN.iterdir()) == sorted(names)


@pytest.mark.parametrize("name", LINES)
def test_a_pipe_gets_neither_colours_nor_boxes(name):
    text = (GOLDEN / f"{name}.txt").read_text(encoding="utf-8")
    assert not set(text) & set("\x1b─│╭╮╰╯━┃┏┓┗┛")


def test_a_process_takes_its_encoding_from_the_environment(start):
    process = start(LINES["solve"], environment={"PYTHONIOENCODING": "ascii"})
    out, _ = process.communicate(timeout=30)
    golden = (GOLDEN / "solve-ascii.txt").read_text(encoding="utf-8")
    assert f"$ tconv-design {LINES['solve']}\n{out.decode('ascii')}--- exit code 0\n" == golden
