"""Architecture files: layer by layer, and what their layers come to together."""

from pathlib import Path

import pytest

from tconv_design.architecture.spec import read
from tconv_design.linting.networks import of_network

DATA = Path(__file__).parents[1] / "data"
NETWORKS = sorted((DATA / "architectures").glob("*.toml"))
HEAD = "input = { channels = 8, size = [16, 16] }\ndefaults = { kernel = 3, stride = 2, channels = 8 }\n"
UP = '[[layers]]\nkind = "tconv"\npadding = 1\noutput_padding = 1\n'


def linted(text, in_size=None, targets=()):
    return of_network(read(text), text, "net.toml", in_size, targets)[0]


def rules(text):
    return [(each.rule, each.place.line) for each in linted(text) if each.severity != "note"]


@pytest.mark.parametrize("path", NETWORKS, ids=lambda path: path.stem)
def test_a_published_network_has_no_error(path):
    text = path.read_text("utf-8")
    found, remark = of_network(read(text), text, path.name, None, ())
    assert ([each for each in found if each.severity == "error"], remark) == ([], "")


@pytest.mark.parametrize(
    "name", ["hifigan_v1", "hifigan_v3", "encodec_24k_dec", "tf_pix2pix_unet", "nnunet_3d_128", "unet_milesial",
             "stylegan2_synthesis_64", "fcn8s_vgg16", "vqvae2_dec", "snac_44k_dec_odd", "wavegan_g_torch"]
)  # fmt: skip
def test_a_network_without_a_visible_checkerboard_has_no_warning(name):
    text = (DATA / "architectures" / f"{name}.toml").read_text("utf-8")
    assert rules(text) == []


def test_the_generators_of_the_dcgan_have_notes_only():
    for size in (32, 128, 256):
        assert rules((DATA / "questions" / f"dcgan_{size}.toml").read_text("utf-8")) == []


def test_uneven_layers_are_told_each_and_together():
    found = [each for each in linted(HEAD + UP + UP) if each.severity == "warning"]
    assert [(each.rule, each.place.line, each.place.label) for each in found] == [
        ("uneven-overlap", 3, "layer 1 (tconv)"),
        ("uneven-overlap", 7, "layer 2 (tconv)"),
        ("stacked-overlap", 7, "layer 2 (tconv)"),
    ]
    # 1,2 scattered by 1,1,1 at stride 2 gives 1,3,2,3: 3 to 1 on an axis, 9 on both
    assert found[2].message == (
        "2 layers of uneven overlap make more of it together: up to here the ways from the input to an output element "
        "differ by a ratio of 9, and no layer's own ratio is above 4"
    )


def test_one_uneven_layer_is_no_stack():
    assert rules(HEAD + UP) == [("uneven-overlap", 3)]


def test_a_blur_behind_a_layer_makes_its_checkerboard_a_note():
    blur = '[[layers]]\nkind = "conv"\nkernel = 4\nstride = 1\n'
    assert rules(HEAD + UP + blur) == []
    (note,) = [each for each in linted(HEAD + UP + blur) if each.rule == "uneven-overlap"]
    assert note.message.endswith("; the layer behind it evens it out")
    assert rules(HEAD + UP + blur.replace("4", "3")) == [("uneven-overlap", 3)]


def test_a_comment_in_a_layer_s_table_silences_a_rule_of_that_layer():
    silent = UP.replace("padding = 1\n", "padding = 1  # tconv-design: ignore[uneven-overlap]\n", 1)
    assert rules(HEAD + silent + UP) == [("uneven-overlap", 7), ("stacked-overlap", 7)]
    listed = (
        'input = { size = [16] }\nlayers = [\n  { kind = "tconv", kernel = 2, stride = 3 },  # tconv-design: ignore\n'
        '  { kind = "tconv", kernel = 2, stride = 3 },\n]\n'
    )
    assert rules(listed) == [("holes", 4)]


def test_targets_are_looked_at_in_files_too():
    found = linted(HEAD + UP, targets=("coreml", "tensorrt"))
    assert [each.message.partition(":")[0] for each in found if each.rule == "not-portable"] == ["coreml", "tensorrt"]


def test_an_open_size_is_filled_with_one_that_the_network_takes():
    text = (DATA / "questions" / "unet_valid.toml").read_text("utf-8").replace("size = [572, 572]", 'size = "?"')
    assert "572" not in text.partition("layers")[0]
    assert linted(text) == []


def test_what_is_not_reached_is_told():
    text = 'input = { size = [2] }\n[[layers]]\nkind = "conv"\nkernel = 9\n[[layers]]\nkind = "tconv"\nkernel = 3\n'
    assert of_network(read(text), text, "net.toml", None, ()) == (
        [], "net.toml: layer 1 (conv) and what follows is not reached",
    )  # fmt: skip
