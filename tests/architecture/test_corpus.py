"""31 published networks as architecture files: every layer that others measured when they ran is found again."""

import json
from pathlib import Path

import pytest

from tconv_design.architecture.congruences import legal_sizes
from tconv_design.architecture.report import check
from tconv_design.architecture.spec import read

DATA = Path(__file__).parents[1] / "data"
NETWORKS = {
    network["id"]: network
    for network in map(json.loads, (DATA / "architectures.jsonl").read_text("utf-8").splitlines())
}
KINDS = {
    "max_pool2d_with_indices": "max_pool",
    "MaxPooling2D": "max_pool",
    "AveragePooling2D": "avg_pool",
    "_adaptive_avg_pool2d": "avg_pool",
    "upsample_bilinear2d": "upsample",
}

NOT_MEASURED = {
    "keras_inception_v3": (["avg_pool"], "the global average is no layer of the corpus"),
    "stylegan2_synthesis_64": (["upsample"] * 4, "zeros laid between rows: the format has no such layer"),
}
"""Layers that a file needs and the corpus does not list, by kind, with the reason."""

OUTPUTS = {
    "dcgan_d_pytorch": ((), 1, "the network drops the axis of its one feature: [1]"),
    "sam_mask_decoder": ((256, 256), 32, "a product with the vectors of a transformer makes 3 masks of 32 channels"),
}
"""Networks whose output is not what their last layer puts out: (size, channels) of that layer, with the reason."""

ONLY_SIZES = {
    "cyclegan_resnet9_torch": "reflections",
    "encodec_24k_dec": "LSTM",
    "encodec_48k_dec": "LSTM",
    "mimi_decoder_tconvs": "transformer parts",
    "sam_mask_decoder": "no layer here",
    "sd_vae_enc": "attention",
    "stylegan2_synthesis_64": "zeros between its rows",
    "tv_alexnet": "adaptive pooling",
}
"""What a network does beyond the words of the format, with no effect on the sizes and costs of the layers measured."""

OWN_SIZES = [network_id for network_id in NETWORKS if network_id != "unet_milesial"]
"""All but the U-Net that was run at 572, where its pools drop rows and its joins pad one side."""

WHOLE = {
    "tf_dcgan_d": "no norms",
    "cyclegan_resnet9_torch": "instance norms without parameters",
    "fcn16s_vgg16": "no norms",
    "fcn8s_vgg16": "no norms",
    "caffe_fcn8s": "no norms",
    "vqvae2_dec": "no norms",
    "wavegan_d_torch": "no norms",
    "hifigan_v1": "weight norm is removed",
    "hifigan_v3": "weight norm is removed",
    "mimi_decoder_tconvs": "no norms",
    "flownets_crop": "no norms",
    "dispnets_odd": "no norms",
    "tv_alexnet": "no norms",
    "kio_timeseries_ae": "no norms",
}
"""Networks all of whose parameters are in layers that a file can hold, so that the model's own count must be met."""


def file_of(network_id):
    return (DATA / "architectures" / f"{network_id}.toml").read_text("utf-8")


def layers_of(text):
    return check(read(text)).layers


def measured(network, layers):
    """The corpus's layers in the file's order: Keras lists branches level by level, the file one after the other."""
    found = [{**layer, "kind": KINDS.get(layer["kind"], layer["kind"])} for layer in network["layers"]]
    if network["id"] != "keras_inception_v3":
        return found
    places = {layer.row.block.label: layer.row.number for layer in layers}
    return sorted(found, key=lambda layer: places[layer["module"]])


def comparable(network, layers):
    """The file's layers that the corpus must list."""
    kinds = {"conv", "tconv", *KINDS.values()}
    found = [layer for layer in layers if layer.row.block.kind in kinds]
    for kind in NOT_MEASURED.get(network["id"], ([], ""))[0]:
        found.remove([layer for layer in found if layer.row.block.kind == kind][-1])
    return found


def numbers_of_layer(layer):
    """What the corpus says of a layer."""
    found = {name: layer[name] for name in ("kind", "in", "out", "in_channels", "out_channels")}
    if layer["kind"] in ("conv", "tconv"):
        found |= {name: layer[name] for name in ("kernel", "stride", "dilation", "pad_begin", "pad_end", "groups")}
        found |= {name: layer[name] for name in ("params", "macs")}
        found["output_padding"] = layer.get("output_padding", [0] * len(layer["in"]))
    return found | pooling(layer.get("args"), layer)


def pooling(args, layer):
    """The window of a pool, as PyTorch (kernel, stride, padding, dilation, ceil_mode) or Keras passes it on."""
    if isinstance(args, dict):
        return {"kernel": args["pool"], "stride": args["strides"]}
    if layer["kind"] != "max_pool":
        return {}
    left_out = [None, None, [0] * len(layer["in"]), [1] * len(layer["in"]), False]
    names = ("kernel", "stride", "pad_begin", "dilation", "ceil_mode")
    return dict(zip(names, [*args, *left_out[len(args) :]], strict=True))


def numbers_of(layer, wanted):
    """What a layer of the file comes to, under the corpus's names."""
    row = layer.row
    found = {"kind": row.block.kind, "in": list(row.in_.size), "out": list(row.out.size)}
    found |= {"in_channels": row.in_.channels, "out_channels": row.out.channels, "groups": row.block.groups}
    for name in ("kernel", "stride", "dilation", "pad_begin", "pad_end", "output_padding"):
        found[name] = [getattr(axis, name) for axis in row.axes]
    found |= {"params": layer.params, "macs": layer.macs, "ceil_mode": row.block.window.ceil_mode}
    return {name: found[name] for name in wanted}


def differences(network, text):
    """What the layers of a file say otherwise than the corpus; nothing where all is equal, one to one and in order."""
    layers = layers_of(text)
    ours, theirs = comparable(network, layers), measured(network, layers)
    if len(ours) != len(theirs):
        return [f"{len(theirs)} layers are measured, the file has {len(ours)}"]
    return [
        f"{layer['module']}: {wanted} are measured, the file has {got}"
        for our, layer in zip(ours, theirs, strict=True)
        if (wanted := numbers_of_layer(layer)) != (got := numbers_of(our, wanted))
    ]


def taken_off(layers, number):
    """Rows that are cropped of the output of layer `number` where it is used, per axis."""
    found = set()
    for row in (layer.row for layer in layers):
        found |= {fit for source, fit in zip(row.block.sources, row.fits, strict=False) if source == number}
        if row.block.kind == "crop" and row.axes and row.block.sources == (number,):
            found.add(tuple((axis.pad_begin, axis.pad_end) for axis in row.axes))
    return found


def wrong_crops(network, text):
    """Layers behind which the file crops otherwise than the network did."""
    layers = layers_of(text)
    pairs = zip(comparable(network, layers), measured(network, layers), strict=True)
    cropped = [(our.row.number, layer) for our, layer in pairs if "crop" in layer]
    return [
        f"{layer['module']}: {layer['crop']} is measured, the file crops {taken}"
        for number, layer in cropped
        if (taken := taken_off(layers, number)) != {tuple(map(tuple, layer["crop"]))}
    ]


def last_spatial(layers):
    """The last layer whose output has axes: behind it, everything depends on the whole input."""
    return [layer for layer in layers if layer.row.out.size][-1]


@pytest.fixture(params=NETWORKS, ids=str)
def network(request):
    return NETWORKS[request.param]


def test_the_corpus_is_whole():
    assert len(NETWORKS) == 31
    assert sum(len(network["layers"]) for network in NETWORKS.values()) == 765
    assert {path.stem for path in (DATA / "architectures").iterdir()} == set(NETWORKS)


@pytest.mark.parametrize(("network_id", "words"), ONLY_SIZES.items())
def test_a_file_says_first_what_it_leaves_out(network_id, words):
    comment = [line for line in file_of(network_id).splitlines() if line.startswith("#")]
    assert words in " ".join(comment)


def test_every_measured_layer_is_found_in_the_file(network):
    assert differences(network, file_of(network["id"])) == []


def test_every_crop_takes_off_what_was_measured(network):
    assert wrong_crops(network, file_of(network["id"])) == []


def test_nothing_is_wrong_with_any_file(network):
    report = check(read(file_of(network["id"])))
    assert ([layer.problems for layer in report.layers if layer.problems], report.problems) == ([], ())


@pytest.mark.parametrize("network_id", OWN_SIZES)
def test_the_size_that_a_network_was_run_with_is_legal(network_id):
    architecture = read(file_of(network_id))
    for axis, size in enumerate(architecture.size):
        assert legal_sizes(architecture, axis).above(size) == size


def test_the_output_has_the_measured_shape(network):
    last = layers_of(file_of(network["id"]))[-1].row.out
    if network["id"] in OUTPUTS:
        expected = OUTPUTS[network["id"]][:2]
    elif network["framework"].startswith("keras"):
        *size, channels = network["output_shapes"][0][1:]
        expected = (tuple(size), channels)
    else:
        channels, *size = network["output_shapes"][0][1:]
        expected = (tuple(size), channels)
    assert (last.size, last.channels) == expected


def test_parameters_and_multiply_adds_add_up(network):
    layers = [layer for layer in layers_of(file_of(network["id"])) if layer.row.block.kind in ("conv", "tconv")]
    assert sum(layer.params for layer in layers) == network["params_conv_tconv"]
    assert sum(layer.macs for layer in layers) == network["macs_conv_tconv"]


@pytest.mark.parametrize(
    "network_id", [network_id for network_id, network in NETWORKS.items() if "receptive_field_computed" in network]
)
def test_the_receptive_field_and_the_jump_are_those_computed(network_id):
    network, last = NETWORKS[network_id], last_spatial(layers_of(file_of(network_id)))
    assert list(last.receptive_field) == network["receptive_field_computed"]
    assert list(last.jump) == network["total_stride_computed"]


@pytest.mark.parametrize("network_id", ["patchgan70_torch", "wav2vec2_feature_encoder"])
def test_the_receptive_field_is_the_published_one(network_id):
    last = last_spatial(layers_of(file_of(network_id)))
    assert set(last.receptive_field) == {NETWORKS[network_id]["published"]["receptive_field"]}


def test_the_receptive_field_of_inception_before_its_global_average_is_the_published_one():
    network = NETWORKS["keras_inception_v3"]
    [mixed10] = [each for each in layers_of(file_of(network["id"])) if each.row.block.label == "mixed10"]
    assert mixed10.receptive_field == (network["published"]["receptive_field"],) * 2
    assert mixed10.jump == (32, 32)


@pytest.mark.parametrize("network_id", WHOLE)
def test_the_model_has_no_parameters_that_the_file_lacks(network_id):
    assert check(read(file_of(network_id))).totals.params == NETWORKS[network_id]["params_model_total"]


def test_the_multiply_adds_of_all_layers_are_those_that_torchvision_publishes():
    totals = check(read(file_of("tv_alexnet"))).totals
    assert round(totals.macs / 10**9, 3) == NETWORKS["tv_alexnet"]["published"]["GFLOPs"]


@pytest.mark.parametrize(
    ("network_id", "old", "new", "said"),
    [
        ("linknet", "channels = 256, stride = 2 }", "channels = 256, stride = 2, padding = 2 }", "encoder3.0.conv1: "),
        ("dcgan_d_pytorch", "stride = 2", "stride = 1", "main.0: "),
        ("flownets_crop", 'label = "conv3"', 'groups = 2, label = "conv3"', "conv3_1.0: "),
        ("cyclegan_resnet9_torch", "channels = 128, stride = 2", "channels = 128, stride = 2, bias = false", "2: "),
        ("keras_inception_v3", "[7, 1]", "[1, 7]", "conv2d_33: "),
        ("fcn8s_vgg16", "ceil_mode = true", "ceil_mode = false", "pool1: "),
        ("unet_milesial", 'repeat = 2, label = "inc"', 'repeat = 3, label = "inc"', "27 layers are measured"),
    ],
)
def test_one_wrong_number_in_a_file_is_noticed(network_id, old, new, said):
    text = file_of(network_id)
    assert old in text
    assert differences(NETWORKS[network_id], text.replace(old, new, 1))[0].startswith(said)


@pytest.mark.parametrize(
    ("network_id", "old", "new", "said"),
    [
        ("fcn8s_vgg16", 'crop = "5:?"', 'crop = "4:?"', "score_pool4: "),
        ("caffe_fcn8s", 'padding = "31:?"', 'padding = "30:?"', "m.upscore8: "),
        (
            "flownets_crop",
            'crop = "0:?", label = "concat3"',
            'crop = "1:?", label = "concat3"',
            "upsampled_flow4_to_3: ",
        ),
        ("encodec_48k_dec", 'padding = "3:2"', 'padding = "2:3"', "model.6.convtr.convtr: "),
    ],
)
def test_one_wrong_crop_in_a_file_is_noticed(network_id, old, new, said):
    text = file_of(network_id)
    assert old in text
    wrong = text.replace(old, new, 1)
    assert wrong_crops(NETWORKS[network_id], wrong)[0].startswith(said)
    assert differences(NETWORKS[network_id], wrong) == []


def test_a_join_that_does_not_fit_is_noticed():
    text = file_of("unet_milesial").replace(', pad = "center"', "")
    assert [layer.row.in_.size for layer in layers_of(text) if layer.problems] == [(70, 70), (142, 142)]


def test_an_odd_row_of_a_padded_join_comes_at_the_end():
    """As the U-Net pads: F.pad(x1, [diffX // 2, diffX - diffX // 2, diffY // 2, diffY - diffY // 2])."""
    joins = [layer.row.fits[0] for layer in layers_of(file_of("unet_milesial")) if layer.row.block.kind == "concat"]
    assert joins[:2] == [((0, -1), (0, -1))] * 2
