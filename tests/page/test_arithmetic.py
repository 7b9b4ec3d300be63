"""The page's JavaScript against Python: sizes, taps, solutions, words, and the code that it shows."""

import itertools
import random

import numpy as np
import pytest
from normal_forms import without_channels

import tconv_design
from tconv_design.backends.numpy import conv, conv_transpose
from tconv_design.dialects.catalogue import read
from tconv_design.dialects.reading import Hints
from tconv_design.errors import InvalidQuestion
from tconv_design.formula import effective_kernel
from tconv_design.layer import Layer
from tconv_design.pictures.taps import inputs_of, inside, outputs_of

KEYS = ("n", "k", "s", "b", "e", "o", "d")


def rows():
    """Every small axis of both kinds, and whether it is a layer."""
    for kind in ("tconv", "conv"):
        extra = range(3) if kind == "tconv" else (0,)
        numbers = (range(1, 9), range(1, 8), range(1, 6), range(4), range(4), extra, range(1, 4))
        for values in itertools.product(*numbers):
            yield kind, values


@pytest.fixture(scope="module")
def tab(browser, file):
    page = browser.new_page()
    page.goto(file.as_uri())
    yield page
    page.close()


def axis_of(values):
    return dict(zip(KEYS, values, strict=True))


def python_size(kind, values):
    """The size that Python gives; None for no layer."""
    n, k, s, b, e, o, d = values
    try:
        layer = (Layer.tconv if kind == "tconv" else Layer.conv)(
            1, kernel=k, stride=s, padding=[(b, e)], dilation=d, **({"output_padding": o} if kind == "tconv" else {})
        )
        return layer.output_size((n,))[0]
    except InvalidQuestion:
        return None


def test_sizes_and_taps_are_those_of_python_on_the_whole_small_grid(tab):
    cases = list(rows())
    assert len(cases) >= 50_000
    said = tab.evaluate(
        """cases => cases.map(([kind, values]) => {
            const [n, k, s, b, e, o, d] = values, axis = {n, k, s, b, e, o, d};
            return problem(kind, axis) ? null : [outSize(kind, axis), counts(kind, axis).join("")];
        })""",
        cases,
    )
    for (kind, values), found in zip(cases, said, strict=True):
        size = python_size(kind, values)
        if size is None:
            assert found is None, (kind, values)
            continue
        assert found == [size, taps(kind, values, size)], (kind, values)


def taps(kind, values, size):
    """Taps per output row, by laying the kernel down input by input, or on output by output."""
    n, k, s, b, _, _, d = values
    if kind == "conv":
        return "".join(str(sum(0 <= row * s - b + tap * d < n for tap in range(k))) for row in range(size))
    found = [0] * (max(n * s, b + size) + k * d)
    for row in range(n):
        for tap in range(k):
            found[row * s + tap * d] += 1
    return "".join(map(str, found[b : b + size]))


def test_what_reaches_what_is_what_python_says(tab):
    drawn = random.Random(7)
    cases = [case for case in rows() if python_size(*case)]
    cases = drawn.sample(cases, 2000)
    said = tab.evaluate(
        """cases => cases.map(([kind, values]) => {
            const [n, k, s, b, e, o, d] = values, axis = {n, k, s, b, e, o, d}, out = outSize(kind, axis);
            const all = size => Array.from({length: size}, (_, row) => row);
            return [all(out).map(row => inputsOf(kind, axis, row)), all(n).map(row => outputsOf(kind, axis, row, out)),
                    all(out).map(row => inside(kind, axis, row))];
        })""",
        cases,
    )
    for (kind, values), (made, reached, full) in zip(cases, said, strict=True):
        n, k, s, b, e, o, d = values
        (axis,) = Layer.tconv(1, kernel=k, stride=s, padding=[(b, e)], output_padding=o, dilation=d).axes
        size = python_size(kind, values)
        assert made == [list(inputs_of(kind, axis, n, row)) for row in range(size)]
        assert reached == [list(outputs_of(kind, axis, size, row)) for row in range(n)]
        assert full == [inside(kind, axis, row) for row in range(size)]


PAIRS = [
    *(
        ("tconv", n, out, 1)
        for n, out in [(4, 16), (7, 14), (1, 4), (5, 5), (4, 15), (14, 224), (3, 100), (8, 3), (2, 40)]
    ),
    *(("conv", n, out, 1) for n, out in [(16, 4), (224, 112), (7, 7), (32, 31), (5, 1), (4, 16), (100, 3)]),
    *(("tconv", n, out, d) for n, out, d in [(4, 16, 2), (5, 11, 3), (7, 30, 5)]),
    *(("conv", n, out, d) for n, out, d in [(16, 8, 2), (30, 10, 3)]),
]


@pytest.mark.parametrize(("kind", "n", "out", "d"), PAIRS)
def test_the_solutions_of_a_target_are_those_of_solve(tab, kind, n, out, d):
    found = tab.evaluate("([kind, n, out, d]) => solutions(kind, n, out, d)", [kind, n, out, d])
    answer = tconv_design.solve(n, out, kind=kind, dilation=d, limit=100_000)
    ours = {(one["k"], one["s"], one["b"], one["e"], one["o"], one["d"]) for one in found}
    assert len(found) == answer.count
    assert ours == set(map(_numbers, answer.solutions))


def _numbers(solution):
    (axis,) = solution.layer.axes
    return axis.kernel, axis.stride, axis.pad_begin, axis.pad_end, axis.output_padding, axis.dilation


def layers():
    drawn = random.Random(3)
    for _ in range(150):
        kind, ndim = drawn.choice(["tconv", "conv"]), drawn.choice([1, 2])
        axes = []
        for _ in range(ndim):
            k, s, d = drawn.randint(1, 5), drawn.randint(1, 3), drawn.choice([1, 1, 1, 2])
            pads = drawn.choice(
                [(0, 0), (1, 1), (0, 1), (k // 2, k // 2), ((k - s) // 2 if k > s else 0, (k - s) // 2 if k > s else 0)]
            )
            o = drawn.randint(0, max(s, d) - 1) if kind == "tconv" else 0
            axes.append((drawn.randint(3, 6), k, s, *pads, o, d))
        if all(python_size(kind, axis) for axis in axes):
            yield kind, axes


def test_a_verdict_is_in_the_words_of_solve(tab):
    for kind, axes in layers():
        if kind == "conv":
            continue
        said = tab.evaluate(
            "([kind, axes]) => verdict(kind, axes).map(pair => pair[1])", [kind, list(map(axis_of, axes))]
        )
        assert said[:2] == list(_solution(kind, axes).reasons[:2]), (kind, axes)


def _solution(kind, axes):
    asked = {
        name: "x".join(str(axis[place]) for axis in axes)
        for name, place in (("kernel", 1), ("stride", 2), ("dilation", 6), ("output_padding", 5))
    }
    if kind == "conv":
        del asked["output_padding"]
    padding = "x".join(f"{axis[3]}:{axis[4]}" for axis in axes)
    size = "x".join(str(axis[0]) for axis in axes)
    return tconv_design.solve(size, None, kind=kind, padding=padding, **asked).solutions[0]


@pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel lengths")
def test_the_code_that_is_shown_makes_the_layer_that_is_drawn(tab):
    """Of torch, run on ones: the taps that reach each element."""
    torch = pytest.importorskip("torch")
    made = 0
    for kind, axes in layers():
        said = dict(tab.evaluate("([kind, axes]) => codes(kind, axes)", [kind, list(map(axis_of, axes))]))
        code, why = said["torch"]
        solution = _solution(kind, axes)
        assert bool(code) == ("torch" in solution.legal), (kind, axes, why)
        if not code:
            continue
        layer = eval(code, {"torch": torch})
        torch.nn.init.ones_(layer.weight)
        torch.nn.init.zeros_(layer.bias)
        actual = layer(torch.ones(1, 1, *solution.in_size)).detach().numpy()
        run = conv_transpose if kind == "tconv" else conv
        ones = np.ones((1, 1, *solution.layer.kernel))
        np.testing.assert_array_equal(actual, run(solution.layer, np.ones((1, 1, *solution.in_size)), ones))
        made += 1
    assert made > 50


def test_keras_is_said_where_its_words_fit(tab):
    """By the rules that `solve` has, measured on Keras itself."""
    for kind, axes in layers():
        said = dict(tab.evaluate("([kind, axes]) => codes(kind, axes)", [kind, list(map(axis_of, axes))]))
        legal = _solution(kind, axes).legal
        if said["keras"][0]:
            assert "keras" in legal, (kind, axes, said["keras"])
        elif "causal" not in said["keras"][1] and kind == "tconv":
            assert "keras" not in legal, (kind, axes)


def test_tensorflow_is_shown_in_code_that_it_runs(tab):
    tf = pytest.importorskip("tensorflow")
    made = 0
    for kind, axes in layers():
        said = dict(tab.evaluate("([kind, axes]) => codes(kind, axes)", [kind, list(map(axis_of, axes))]))
        code, why = said["tensorflow"]
        solution = _solution(kind, axes)
        if not code:
            assert why.startswith(
                ("TensorFlow says neither", "TensorFlow refuses stride", "TensorFlow runs no dilated")
            )
            continue
        x, w = np.ones((1, *solution.in_size, 1)), np.ones((*solution.layer.kernel, 1, 1))
        actual = eval(code, {"tf": tf, "x": x, "w": w}).numpy()[..., 0]
        run = conv_transpose if kind == "tconv" else conv
        ones = np.ones((1, 1, *solution.layer.kernel))
        np.testing.assert_array_equal(actual[0], run(solution.layer, np.ones((1, 1, *solution.in_size)), ones)[0, 0])
        made += 1
    assert made > 40


def test_the_code_of_every_framework_reads_as_the_layer_that_is_drawn(tab):
    read_of = dict.fromkeys(("torch", "keras", "tensorflow", "jax", "onnx"), 0)
    for kind, axes in layers():
        said = dict(tab.evaluate("([kind, axes]) => codes(kind, axes)", [kind, list(map(axis_of, axes))]))
        solution = _solution(kind, axes)
        for name, (code, _) in said.items():
            if not code:
                continue
            layer = read(code, name, Hints(kernel=solution.layer.kernel)).layer(solution.in_size)
            ours = without_channels(solution.layer, solution.in_size)
            assert without_channels(layer, solution.in_size) == ours, (name, code)
            read_of[name] += 1
    assert min(read_of.values()) > 30, read_of


def test_the_span_is_the_effective_kernel(tab):
    assert tab.evaluate("span({k: 5, d: 3})") == effective_kernel(5, 3)
