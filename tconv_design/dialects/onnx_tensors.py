"""What the program around an ONNX node says of its tensors: their shapes, and the zeros that a Pad node adds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple, TypeGuard

from tconv_design.dialects.call import Call, Opaque, Program, written
from tconv_design.dialects.reading import array_shape
from tconv_design.errors import Refused
from tconv_design.formula import Kind

Shape = tuple[Any, ...]
"""Numbers, and whatever stands for an unknown one."""


class Tensors(NamedTuple):
    """The shapes of a node's signal and weight, None where the program does not say them, and the pads before it."""

    kind: Kind
    signal: Shape | None
    weight: Shape | None
    pads: tuple[int, ...] | None = None

    @property
    def kernel(self) -> tuple[int, ...] | None:
        """The weight's spatial axes."""
        if self.weight is None or len(self.weight) < 3 or not all(map(_is_size, self.weight[2:])):
            return None
        return self.weight[2:]

    @property
    def is_fixed(self) -> bool:
        """Whether the program leaves none of the signal's sizes open; so where it says nothing of them."""
        return self.signal is None or all(isinstance(each, int) for each in self.signal[2:])

    def in_channels(self, groups: int) -> int | None:
        """Channels that the weight or the signal has."""
        if self.signal is not None and len(self.signal) > 1 and _is_size(self.signal[1]):
            return int(self.signal[1])
        return self._counted(0 if self.kind == "tconv" else 1, groups)

    def out_channels(self, groups: int) -> int | None:
        """Channels that the weight makes."""
        return self._counted(1 if self.kind == "tconv" else 0, groups)

    def rows_before(self, ndim: int) -> list[tuple[int, int]]:
        """Rows of zeros that a Pad node adds before the node, per axis (begin, end)."""
        if self.pads is None:
            return [(0, 0)] * ndim
        half = ndim + 2
        if len(self.pads) != 2 * half or any(self.pads[:2]) or any(self.pads[half : half + 2]):
            raise Refused(
                f"the Pad node before it has pads {list(self.pads)}, which are not those of {ndim} spatial axes",
                "give the begins of all axes, batch and channels first, then their ends",
            )
        return list(zip(self.pads[2:half], self.pads[half + 2 :], strict=True))

    def _counted(self, axis: int, groups: int) -> int | None:
        """The weight's first axis has all channels, its second those of one group."""
        if self.weight is None or len(self.weight) < 3 or not _is_size(self.weight[axis]):
            return None
        return int(self.weight[axis]) * (groups if axis == 1 else 1)


def tensors(program: Program, inputs: dict[str, Any], kind: Kind) -> Tensors:
    """What a program says of the tensors in `inputs` (X, W), which are names or arrays."""
    signal, weight = inputs.get("X"), inputs.get("W")
    pad = next((each for each in program.named("make_node") if _makes(each, signal)), None)
    if pad is None:
        return Tensors(kind, _shape(program, signal), _shape(program, weight))
    taken = _input(pad, 0)
    return Tensors(kind, _shape(program, taken), _shape(program, weight), _pads(program, pad))


def _makes(call: Call, name: Any) -> bool:
    """Whether a call makes the Pad node whose output has this name."""
    op = call.args[0] if call.args else call.keywords.get("op_type")
    outputs = call.args[2] if len(call.args) > 2 else call.keywords.get("outputs")
    return op == "Pad" and isinstance(name, str) and is_list(outputs) and name in outputs


def _input(call: Call, place: int) -> Any:
    inputs = call.args[1] if len(call.args) > 1 else call.keywords.get("inputs")
    return inputs[place] if is_list(inputs) and len(inputs) > place else None


def _pads(program: Program, pad: Call) -> tuple[int, ...]:
    """A Pad node's numbers: an attribute before opset 11, a constant since."""
    if pad.keywords.get("mode", "constant") != "constant" or pad.keywords.get("value", 0) != 0:
        raise Refused(
            "the Pad node before it pads with something else than 0, and a layer's padding is 0", "pad with 0"
        )
    if _input(pad, 2) not in (None, ""):
        raise Refused("the Pad node before it is given a value to pad with, and a layer's padding is 0", "leave it out")
    pads = pad.keywords.get("pads", _constant(program, _input(pad, 1)))
    if not is_list(pads) or not all(isinstance(n, int) and not isinstance(n, bool) for n in pads):
        raise Refused(
            f"the pads of the Pad node before it are {written(pads)}, which are no numbers", "write them as a list"
        )
    return pads


def _constant(program: Program, name: Any) -> Any:
    """The values that `make_tensor` gives a constant of this name."""
    for call in program.named("make_tensor"):
        if _argument(call, 0, "name") == name:
            return _argument(call, 3, "vals")
    return name


def _shape(program: Program, tensor: Any) -> Shape | None:
    """The shape of a tensor by its name, or of an array that is made on the spot."""
    if not isinstance(tensor, str):
        return array_shape(tensor)
    return next(_shapes(program, tensor), None)


def _shapes(program: Program, name: str) -> Iterator[Shape]:
    for call in program.named("make_tensor_value_info", "make_tensor", "from_array"):
        if call.last == "from_array":
            shape = array_shape(_argument(call, 0, "array")) if _argument(call, 1, "name") == name else None
        else:
            is_named = _argument(call, 0, "name") == name
            shape = _argument(call, 2, "dims" if call.last == "make_tensor" else "shape") if is_named else None
        if is_list(shape):
            yield shape


def _argument(call: Call, place: int, name: str) -> Any:
    return call.args[place] if len(call.args) > place else call.keywords.get(name)


def is_list(value: Any) -> TypeGuard[tuple[Any, ...]]:
    """Whether an argument is a list, as it is known without running the program."""
    return isinstance(value, tuple) and not isinstance(value, Opaque | Call)


def _is_size(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0
