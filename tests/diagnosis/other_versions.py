"""Messages of versions that are not installed here, as people pasted them, each with where and when."""

from typing import Any, NamedTuple


class Pasted(NamedTuple):
    """One message: where it was pasted, what the user would add, and the recovered layer, sizes and first edit."""

    source: str
    version: str
    framework: str
    text: str
    options: dict[str, Any]
    what: str  # a part of the sentence
    layer: dict[str, Any] | None
    edit: tuple[tuple[int, ...], tuple[int, ...]] | None  # in and out of the first


K4S2P1 = {"kernel": "4", "stride": "2", "padding": "1"}
PASTED = [
    Pasted(
        "junyanz/pytorch-CycleGAN-and-pix2pix#566",
        "torch 1.0, 2019-03",
        "torch",
        '  File "models/networks.py", line 541, in forward\n'
        "    return torch.cat([x, self.model(x)], 1)\n"
        "RuntimeError: invalid argument 0: Sizes of tensors must match except in dimension 1. Got 4 and 5 in "
        "dimension 2 "
        "at /pytorch/aten/src/THC/generic/THCTensorMath.cu:83\n",
        K4S2P1,
        "they are 4 and 5 in dimension 2",
        {"kind": "tconv", "kernel": [4], "stride": [2], "padding": [[1, 1]]},
        ((2,), (5,)),
    ),
    Pasted(
        "lbktrinh/UNet_scAG#1",
        "torch 1.8, 2021-04",
        "torch",
        "RuntimeError: Sizes of tensors must match except in dimension 2. Got 70 and 71 (The offending index is 0)",
        {"in": "35", "kernel": "2", "stride": "2"},
        "sizes are 70 and 71",
        {"kernel": [2], "stride": [2]},
        ((35,), (71,)),
    ),
    Pasted(
        "bigmb/Unet-Segmentation-Pytorch-Nest-of-Unets#55",
        "torch 1.12, 2022-08",
        "torch",
        'Models.py", line 102, in forward\n    d5 = torch.cat((e4, d5), dim=1)\n'
        "RuntimeError: Sizes of tensors must match except in dimension 1. Expected size 61 but got size 60 for tensor "
        "number 1 in the list.",
        {"kernel": "2", "stride": "2"},
        "they are 61 and 60",
        {"kernel": [2], "stride": [2]},
        ((30,), (61,)),
    ),
    Pasted(
        "meetps/pytorch-semseg#43",
        "torch 0.2, 2017-11",
        "torch",
        "RuntimeError: inconsistent tensor sizes at /b/wheel/pytorch-src/torch/lib/THC/generic/THCTensorMath.cu:141",
        {},
        "does not say which sizes",
        None,
        None,
    ),
    Pasted(
        "YtongXie/CoTr#7",
        "torch 1.x, 2023-06",
        "torch",
        "RuntimeError: The size of tensor a (6) must match the size of tensor b (5) at non-singleton dimension 4",
        {"in": "3", "kernel": "2", "stride": "2"},
        "one has 6 rows and the other 5",
        {"kernel": [2], "stride": [2]},
        ((3,), (5,)),
    ),
    Pasted(
        "Ha0Tang/SelectionGAN#5",
        "torch 1.x, 2019-12",
        "torch",
        "RuntimeError: Calculated padded input size per channel: (3 x 3). Kernel size: (4 x 4). Kernel size can't be "
        "greater than actual input size",
        {},
        "spans 4x4 rows",
        {"kind": "conv", "kernel": [4, 4]},
        ((3, 3), (1, 1)),
    ),
    Pasted(
        "znxlwm/pytorch-CartoonGAN#20",
        "torch 1.x, 2023-02",
        "torch",
        "RuntimeError: Calculated padded input size per channel: (258 x 2). Kernel size: (3 x 3). Kernel size can't be "
        "greater than the actual input size..",
        {},
        "its input has only 258x2",
        {"kind": "conv", "kernel": [3, 3]},
        ((258, 2), (256, 1)),
    ),
    Pasted(
        "LMescheder/AdversarialVariationalBayes#1",
        "tensorflow 1.1, 2017-05",
        "tensorflow",
        "InvalidArgumentError (see above for traceback): Conv2DSlowBackpropInput: Size of out_backprop doesn't match "
        "computed: actual = 3, computed = 4\n\t [[Node: decoder_1/conv_0/conv2d_transpose = "
        "Conv2DBackpropInput[T=DT_FLOAT, "
        'data_format="NHWC", padding="SAME", strides=[1, 2, 2, 1], use_cudnn_on_gpu=true]]',
        {"kernel": "5", "stride": "2", "padding": "same", "out": "8"},
        "has an input of 3, and its output_shape would need one of 4",
        {"kernel": [5], "stride": [2]},
        ((3,), (8,)),
    ),
    Pasted(
        "microsoft/MMdnn#735",
        "tensorflow 1.x, 2019-09",
        "tensorflow",
        "InvalidArgumentError: Conv2DCustomBackpropInput: Size of out_backprop doesn't match computed: actual = 18, "
        "computed = 15 spatial_dim: 1 input: 32 filter: 4 output: 18 stride: 2 dilation: 1",
        {},
        "has an input of 18, and its output_shape of 32 would need one of 15",
        {"kernel": [4], "stride": [2], "padding": [[0, 0]]},
        ((18,), (38,)),
    ),
    Pasted(
        "keras 2 in many threads",
        "tensorflow 1.x",
        "tensorflow",
        "ValueError: Negative dimension size caused by subtracting 3 from 2 for 'conv2d_2/convolution' (op: 'Conv2D') "
        "with input shapes: [?,2,2,32], [3,3,32,64].",
        {},
        "spans 3 rows, and its input has only 2",
        {"kind": "conv", "kernel": [3, 3]},
        ((2, 2), (1, 1)),
    ),
    Pasted(
        "qubvel/segmentation_models#1",
        "keras 2.2, 2018-09",
        "keras",
        "ValueError: A `Concatenate` layer requires inputs with matching shapes except for the concat axis. Got inputs "
        "shapes: [(None, 14, 14, 512), (None, 13, 13, 256)]",
        {"in": "7", "kernel": "3", "stride": "2", "padding": "same"},
        "of sizes 14x14 and 13x13",
        {"kernel": [3, 3], "stride": [2, 2], "padding": [[0, 1], [0, 1]]},
        ((7, 7), (13, 13)),
    ),
    Pasted(
        "keras-team/tf-keras#507",
        "keras 2.8, 2022-07",
        "keras",
        "ValueError: A `Concatenate` layer requires inputs with matching shapes except for the concat axis. Received: "
        "input_shape=[(None, 512, 2, 2), (None, 256, 1, 1)]",
        {"in": "1", "kernel": "2", "stride": "2"},
        "of sizes 2x2 and 1x1",
        {"kernel": [2, 2], "stride": [2, 2]},
        ((1, 1), (1, 1)),
    ),
    Pasted(
        "keras-team/keras#19964",
        "keras 3.4, 2024-07",
        "keras",
        "ValueError: A `Concatenate` layer requires inputs with matching shapes except for the concatenation axis. "
        "Received: input_shape=[(None, 88, 88, 128), (None, 89, 89, 128)]",
        {"kernel": "3", "stride": "2", "padding": "same", "in": "44"},
        "of sizes 88x88 and 89x89",
        {"kernel": [3, 3], "stride": [2, 2]},
        ((44, 44), (89, 89)),
    ),
    Pasted(
        "printed for a Concat of (1, 4, 5, 5) and (1, 4, 4, 4)",
        "openvino 2026.4.1",
        "openvino",
        "While validating node 'opset1::Concat Concat_5296 (opset1::Parameter X[0]:f32[1,4,5,5], opset1::Parameter "
        "W[0]:f32[1,4,4,4]) -> (dynamic[...])' with friendly_name 'Concat_5296':\n"
        "Shape inference input shapes {[1,4,5,5],[1,4,4,4]}\n"
        "Argument shapes are inconsistent; they must have the same rank, and must have equal dimension everywhere "
        "except on the concatenation axis (axis 1).\n",
        K4S2P1,
        "maps of sizes 5x5 and 4x4 are joined",
        {"kind": "tconv", "kernel": [4, 4], "stride": [2, 2]},
        ((2, 2), (5, 5)),
    ),
]
