"""What JAX and flax say when a convolution, or what joins its results, goes wrong."""

from __future__ import annotations

import re

from tconv_design.diagnosis.finding import (
    Channels,
    Finding,
    Other,
    Unreadable,
    Word,
    differing,
    message,
    number,
    sizes,
)
from tconv_design.diagnosis.known import Known
from tconv_design.diagnosis.tensorflow import joined
from tconv_design.formula import Kind


def _number(match: re.Match[str], text: str) -> Finding:
    side = number(match["padding"]) if "padding" in match.groupdict() else None
    what = (
        "lax takes a padding as text or as one (low, high) pair per axis"
        + ("" if side is None else f", and {side} is a number")
        + ": in lax.conv_transpose the pair pads the dilated input, K - 1 - padding on each side"
    )
    return Finding(what, Word(""), Known(padding=None if side is None or side < 0 else ((side, side),)))


def _string(match: re.Match[str], text: str) -> Finding:
    what = (
        "lax knows the paddings 'SAME' and 'VALID', in capital letters, for lax.conv_transpose only: any other text, "
        "or lhs_dilation with a text, is refused"
    )
    return Finding(what, Word("jax"), Known("tconv", word="same"))


def _pair(match: re.Match[str], text: str) -> Finding:
    pair = sizes(match["pair"])
    if len(pair) != 2:
        return Finding("one axis has a padding that is no pair", Other(("write (low, high) per axis",)))
    what = f"lax takes pairs as tuples, and {list(pair)} is a list, which it takes for a name"
    return Finding(what, Word(""), Known(padding=((pair[0], pair[1]),)), (f"write {pair} in place of {list(pair)}",))


def _features(match: re.Match[str], text: str) -> Finding:
    got, groups, expected = (number(match[name]) for name in ("got", "groups", "expected"))
    what = (
        f"the kernel is for {expected} input channels{f' in each of {groups} groups' if groups > 1 else ''}, and the "
        f"input has {got}"
    )
    known = Known(groups=groups, in_channels=expected * groups) if groups > 0 else Known()
    return Finding(what, Channels(expected * groups, got), known)


def _group_features(match: re.Match[str], text: str) -> Finding:
    groups, got = number(match["groups"]), number(match["got"])
    return Finding(
        f"the input's {got} channels must be a multiple of groups {groups}",
        Other(("change the channels, or feature_group_count",)),
    )


def _parameter(match: re.Match[str], text: str) -> Finding:
    new, old = sizes(match["new"]), sizes(match["old"])
    if len(new) != len(old) or not 3 <= len(new) <= 5 or new[:-2] != old[:-2] or new[-2] == old[-2]:
        raise Unreadable(match[0])
    what = f"the kernel was made for {old[-2]} input channels, and the input has {new[-2]}"
    kind: Kind = "tconv" if "transpose" in text.lower() else "conv"
    known = Known(kind, kernel=old[:-2], in_channels=old[-2], out_channels=old[-1])
    return Finding(what, Channels(old[-2], new[-2]), known)


def _out_features(match: re.Match[str], text: str) -> Finding:
    out, groups = number(match["out"]), number(match["groups"])
    fits = f"{max(out // groups, 1) * groups} or {(out // groups + 1) * groups}" if groups else "another number"
    return Finding(f"out_channels {out} must be a multiple of groups {groups}", Other((f"use {fits} output channels",)))


def _concatenate(match: re.Match[str], text: str) -> Finding:
    return joined(match["a"], match["b"], "maps are joined")


def _broadcast(match: re.Match[str], text: str) -> Finding:
    a, b = sizes(match["a"]), sizes(match["b"])
    differing(a, b)
    return joined(match["a"], match["b"], f"{match['verb']} takes maps")


def _groups(match: re.Match[str], text: str) -> Finding:
    what = "flax has no groups for a transposed convolution"
    advice = "use lax.conv_general_dilated with lhs_dilation and feature_group_count, or split the channels"
    return Finding(what, Other((advice,)))


def _axes(match: re.Match[str], text: str) -> Finding:
    expected, got = number(match["expected"]), number(match["got"])
    what = f"the convolution has {expected} axes, and {got} of its strides or paddings are given"
    return Finding(what, Other((f"give {expected}, one per axis",)))


def _spelling(match: re.Match[str], text: str) -> Finding:
    return Finding(f"{match['word']!r} is no padding of lax", Other(("use 'SAME', 'VALID' or pairs",)))


MESSAGES = (
    message(
        "jax",
        "padding should be a string or a sequence of (low, high) pairs",
        _number,
        "padding argument to conv_general_dilated should be a string or a sequence of (low, high) pairs, got "
        "<padding:int>",
        "padding argument to conv_general_dilated should be a string or a sequence of (low, high) pairs",
    ),
    message("jax", "String padding is not implemented for transposed convolution", _string),
    message("jax", "Invalid padding mode", _pair, "Invalid padding mode: <pair:shape>"),
    message(
        "jax",
        "lhs feature dimension size must equal the rhs input feature dimension size",
        _features,
        "lhs feature dimension size divided by feature_group_count must equal the rhs input feature dimension size, "
        "but "
        "<got:int> // <groups:int> != <expected:int>",
    ),
    message(
        "jax",
        "feature_group_count must divide lhs feature dimension size",
        _group_features,
        "feature_group_count must divide lhs feature dimension size, but <groups:int> does not divide <got:int>",
    ),
    message(
        "jax",
        "initializer is expected to generate another shape",
        _parameter,
        'For parameter <?"><name:word><?"> in <more>initializer is expected to generate shape <new:shape>, but the '
        "existing parameter it received has shape <old:shape>",
        'For parameter <?"><name:word><?"> in <more>initializer expected to generate shape <new:shape> but got shape '
        "<old:shape>",
    ),
    message(
        "jax",
        "rhs output feature dimension size must be a multiple of feature_group_count",
        _out_features,
        "rhs output feature dimension size must be a multiple of feature_group_count, but <out:int> is not a multiple "
        "of "
        "<groups:int>",
    ),
    message(
        "jax",
        "Cannot concatenate arrays with shapes that differ",
        _concatenate,
        "Cannot concatenate arrays with shapes that differ in dimensions other than the one being concatenated: "
        "concatenating along dimension <d:int> for shapes <a:shape>, <b:shape>",
    ),
    message(
        "jax",
        "got incompatible shapes for broadcasting",
        _broadcast,
        "<verb:word> got incompatible shapes for broadcasting: <a:shape>, <b:shape>",
    ),
    message(
        "jax",
        "unexpected keyword argument 'feature_group_count'",
        _groups,
        "ConvTranspose.__init__() got an unexpected keyword argument 'feature_group_count'",
    ),
    message(
        "jax",
        "Wrong number of explicit pads for convolution",
        _axes,
        "Wrong number of explicit pads for convolution: expected <expected:int>, got <got:int>",
    ),
    message(
        "jax",
        "window and window_strides must have the same number of dimensions",
        _axes,
        "window and window_strides must have the same number of dimensions, but got <expected:int> and <got:int>",
    ),
    message(
        "jax",
        "Unrecognized padding type",
        _spelling,
        "Unrecognized padding type: expected 'VALID', 'SAME', or 'SAME_LOWER', got <word:word>",
    ),
)
