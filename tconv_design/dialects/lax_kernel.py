"""Where lax's dimension_numbers put the axes of signal and kernel, and how large a kernel is that comes as an array."""

from __future__ import annotations

from typing import Any, NamedTuple

from tconv_design.dialects.call import Call, Opaque, Program, written
from tconv_design.dialects.function import Around
from tconv_design.dialects.layout import Layout
from tconv_design.dialects.reading import Hints, array_shape, hinted_kernel
from tconv_design.dialects.surroundings import around
from tconv_design.errors import InvalidQuestion, Refused

Specs = tuple[str, str, str]
"""The letters of signal, kernel and result, as in ("NHWC", "HWIO", "NHWC")."""


class Kernel(NamedTuple):
    """A kernel's size per axis, its layout, its whole shape where that is known, and remarks on where axes are.

    `outside` is what surrounds the call that it is given to.
    """

    size: tuple[int, ...]
    layout: Layout
    outside: Around
    shape: tuple[int, ...] | None = None
    notes: tuple[str, ...] = ()

    def channels(self, groups: int) -> tuple[int | None, int | None]:
        """(in, out) of the whole layer; None where the shape is not known."""
        if self.shape is None:
            return None, None
        letters = self.layout.weight.replace("k", "k" * len(self.size))
        found = dict(zip(letters, self.shape, strict=True))
        into = found["I"] if "I" in found else found["i"] * groups
        return into, found["O"] if "O" in found else found["o"] * groups


def specs_of(program: Program, call: Call, value: Any, ndim: int) -> Specs | None:
    """What dimension_numbers say, written as strings in the call or in a lax.conv_dimension_numbers; None for none."""
    if value is None:
        return None
    if isinstance(value, Opaque | Call):
        value = _named_elsewhere(program, call, value)
    if not isinstance(value, tuple) or len(value) != 3 or not all(isinstance(each, str) for each in value):
        raise Refused(
            f"dimension_numbers of {call.last} are {written(value)}, and lax takes three strings",
            'write them as in ("NHWC", "HWIO", "NHWC")',
        )
    signal, kernel, result = value
    for letters, pair in ((signal, "NC"), (kernel, "IO"), (result, "NC")):
        _check_letters(call, letters, pair, ndim)
    if not set(signal) - set("NC") == set(kernel) - set("IO") == set(result) - set("NC"):
        raise Refused(f"dimension_numbers {value} of {call.last} name different spatial axes", "use the same letters")
    return signal, kernel, result


def _named_elsewhere(program: Program, call: Call, value: Any) -> Any:
    """The strings of the one lax.conv_dimension_numbers in the program."""
    found = program.named("conv_dimension_numbers")
    if len(found) == 1 and len(found[0].args) == 3:
        return found[0].args[2]
    raise InvalidQuestion(
        f"dimension_numbers of {call.last} are {written(value)}, which does not say where the axes are",
        'write the strings, as in ("NHWC", "HWIO", "NHWC")',
    )


def _check_letters(call: Call, letters: str, pair: str, ndim: int) -> None:
    if len(letters) != ndim + 2 or len(set(letters)) != ndim + 2 or not set(pair) <= set(letters):
        raise Refused(
            f"dimension_numbers {letters!r} of {call.last} must have {pair[0]}, {pair[1]} and a letter for each of the "
            f"{ndim} axes, once each",
            'write them as in ("NHWC", "HWIO", "NHWC")',
        )


def kernel_of(
    program: Program, call: Call, array: Any, hints: Hints, specs: Specs, letters: str, *, flipped: bool
) -> Kernel:
    """The kernel of a call; `letters` are its layout's where dimension_numbers have the kernel's channels as HWIO."""
    signal, kernel, result = specs
    order = _layout_letters(call, kernel, letters)
    space = [each for each in kernel if each not in "IO"]
    if [each for each in signal if each not in "NC"] != space:
        raise Refused(
            f"dimension_numbers of {call.last} have the axes of the signal, {signal}, in another order than those of "
            f"the kernel, {kernel}",
            "use one order",
        )
    ndim = len(space)
    layout = Layout(signal[-1] == "C", order, flipped)
    outside = around(program, call, layout, ndim)
    shape = array_shape(array) or outside.shape
    if shape is not None and len(shape) != ndim + 2:
        raise Refused(f"the kernel of {call.last} has {len(shape)} axes, and needs {ndim + 2}", "add the missing axes")
    first = order.index("k")
    size = hinted_kernel(call, array, hints, ndim, first) if hints.kernel or not shape else shape[first : first + ndim]
    unusual = (signal[-1] != "C" and signal[:2] != "NC") or result != signal
    notes = (f"the signal is laid out {signal} and the result {result}",) * unusual
    return Kernel(size, layout, outside, shape, notes)


def _layout_letters(call: Call, kernel: str, letters: str) -> str:
    """The layout's letters in the order that dimension_numbers give, of which the kernel's axes must be in a row."""
    into, out = (each for each in letters if each != "k")
    order = "".join({"I": into, "O": out}.get(each, "k") for each in kernel)
    ndim = len(kernel) - 2
    if "k" * ndim not in order:
        raise Refused(
            f"dimension_numbers {kernel!r} of {call.last} have channels between the kernel's axes", "use HWIO"
        )
    return order.replace("k" * ndim, "k")
