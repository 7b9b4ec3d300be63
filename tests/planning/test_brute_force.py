"""`plan` against all chains listed and sorted, on random small problems: count, best, order, scores."""

import random
from itertools import accumulate

import pytest
from planning.brute import best, every_chain, layers_of, reach, scores

from tconv_design.dialects.legal import VERSIONS, dialects_of, words
from tconv_design.planning.build import chain_problem
from tconv_design.planning.criteria import DEFAULT
from tconv_design.planning.plan import plan
from tconv_design.planning.problem import Limits
from tconv_design.unknowns import Numbers

CRITERIA = (*DEFAULT, "params", "kernel")
MOST = {1: 2000, 2: 200}  # ways along one axis


def drawn_axis(rng, kind):
    """(options of one axis as text, its layers)."""
    kernel, stride = rng.sample(range(1, 5), rng.randint(1, 3)), rng.sample(range(1, 4), rng.randint(1, 2))
    dilation = rng.choice([1, 1, 1, 2])
    extra = sorted(rng.sample(range(2), rng.randint(1, 2))) if kind == "tconv" else [0]
    extra = extra if extra[0] < max(*stride, dilation) else [0]
    begins = rng.sample(range(3), rng.randint(1, 2))
    ends = rng.choice([None, None, [rng.randrange(3)]])
    texts = {"kernel": kernel, "stride": stride, "dilation": [dilation], "output_padding": extra, "padding": begins}
    texts = {name: ",".join(map(str, values)) for name, values in texts.items()}
    if ends is not None:
        texts["padding"] += f":{ends[0]}"
    return texts, list(layers_of(kind, kernel, stride, begins, extra, [dilation], ends, below=False))


def drawn_problem(rng, ndim):
    """Options, boxes per axis and numbers of layers of a problem that is small enough to be listed."""
    while True:
        kind = rng.choice(["conv", "tconv"])
        axes = [drawn_axis(rng, kind) for _ in range(ndim)]
        axes = axes[:1] * ndim if rng.random() < 0.5 else axes
        numbers = rng.choice([(1,), (2,), (1, 2), (2, 3), (3,)])
        if max(len(box) for _, box in axes) ** max(numbers) <= MOST[ndim]:
            options = {name: "x".join(texts[name] for texts, _ in axes) for name in axes[0][0]}
            return options | {"kind": kind}, [box for _, box in axes], numbers


def drawn_sizes(rng, kind, boxes, number):
    """Sizes at both ends between which there mostly is a chain."""
    ins = [rng.randint(1, 6) if kind == "tconv" else rng.randint(4, 24) for _ in boxes]
    ins = ins[:1] * len(ins) if rng.random() < 0.7 else ins
    outs, layers = [], []
    for size, box in zip(ins, boxes, strict=True):
        layers = [rng.choice(box) for _ in range(number)] if not layers or boxes[0] != box else layers
        outs.append(max(1, list(accumulate(layers, lambda n, layer: after(kind, layer, n), initial=size))[-1]))
    return tuple(ins), tuple(outs)


def after(kind, layer, n):
    k, s, begin, end, op, d = layer
    reached = d * (k - 1) + 1
    return (n - 1) * s + reached - begin - end + op if kind == "tconv" else (n + begin + end - reached) // s + 1


def weights_of(problem):
    """Weights and biases per place, for a number of layers."""
    rows = {
        len(chain): ([s.in_channels * s.out_channels // s.groups for s in chain], [s.out_channels for s in chain])
        for chain in problem.chains
    }
    return rows.__getitem__


def numbers_of(layer):
    rows = zip(layer.kernel, layer.stride, layer.padding, layer.output_padding, layer.dilation, strict=True)
    return tuple((k, s, *pads, op, d) for k, s, pads, op, d in rows)


def drawn(seed, ndim, limits=None):
    rng = random.Random(seed)
    options, boxes, numbers = drawn_problem(rng, ndim)
    ins, outs = drawn_sizes(rng, options["kind"], boxes, rng.choice(numbers))
    rank = tuple(rng.sample(CRITERIA, rng.randint(1, len(CRITERIA)))) if rng.random() < 0.7 else DEFAULT
    layers = f"{numbers[0]}..{numbers[-1]}"
    channels = rng.choice([None, "6:2", "2:6"])
    problem = chain_problem(
        ins, outs, layers, channels=channels, rank=rank, top=rng.randint(1, 12), limits=limits or Limits(), **options
    )
    alike = all(len({*row}) == 1 for row in (ins, outs, map(tuple, boxes)))
    chains = list(every_chain(options["kind"], boxes, numbers, ins, outs))
    return problem, chains, alike


def compare(problem, chains, alike, allowed=lambda *_: True):
    kind = problem.chains[0][0].kind
    expected = best(kind, chains, problem.rank, weights_of(problem), alike, allowed)
    found = plan(problem)
    assert found.count == len(chains)
    assert found.proven
    shown = [(tuple(map(numbers_of, each.layers)), each.sizes, each.scores) for each in found.plans]
    wanted = [
        (layers, sizes, {name: score[name] for name in problem.rank})
        for layers, sizes, score in expected[: problem.top]
    ]
    assert shown == wanted
    assert [(each.params, each.macs) for each in found.plans] == [
        (score["params"], score["macs"]) for _, _, score in expected[: problem.top]
    ]


@pytest.mark.parametrize("seed", range(300))
def test_plans_on_one_axis_are_those_of_the_list(seed):
    compare(*drawn(seed, 1))


@pytest.mark.parametrize("seed", range(200))
def test_plans_on_two_axes_are_those_of_the_list(seed):
    compare(*drawn(seed, 2))


def limits_of(rng, chains, kind, weights):
    """Limits of which one or two bite: amounts are taken from the middle of what the chains have."""
    middle = rng.choice(chains) if chains else None
    spent = middle and scores(kind, *middle, *weights(len(middle[0])))
    fields = middle and [reach(kind, axis) for axis in zip(*middle[0], strict=True)]
    least = min(fields) if fields and rng.random() < 0.5 else None
    most = max(fields) if fields and rng.random() < 0.5 else None
    portable = tuple(rng.sample(list(VERSIONS), rng.randint(1, 2))) if rng.random() < 0.4 else ()
    return Limits(
        max_params=spent["params"] if spent and rng.random() < 0.3 else None,
        max_macs=spent["macs"] if spent and rng.random() < 0.3 else None,
        even=rng.random() < 0.1,
        no_output_padding=rng.random() < 0.1,
        portable=portable,
        receptive_field=(least or 1, most) if least or most else None,
    )


def allows(limits, kind, ndim):
    def allowed(layers, sizes, score):
        if limits.max_params is not None and score["params"] > limits.max_params:
            return False
        if limits.max_macs is not None and score["macs"] > limits.max_macs:
            return False
        if limits.even and score["even"]:
            return False
        if limits.no_output_padding and any(n[4] for layer in layers for n in layer):
            return False
        if not all(set(limits.portable) <= said(kind, *each) for each in zip(layers, sizes, sizes[1:], strict=False)):
            return False
        least, most = limits.receptive_field or (0, None)
        return all(least <= reach(kind, axis) <= (most or 10**9) for axis in zip(*layers, strict=True))

    return allowed


def said(kind, layer, in_, out):
    """The dialects that say a layer at these sizes."""
    bits = -1
    for (k, s, begin, end, op, d), i, o in zip(layer, in_, out, strict=True):
        bits &= words(kind, Numbers(i, o, k, s, d, begin, end, op), len(layer), 1)
    return set(dialects_of(bits))


@pytest.mark.parametrize("seed", range(300))
@pytest.mark.parametrize("ndim", [1, 2])
def test_plans_within_limits_are_those_of_the_list(seed, ndim):
    problem, chains, alike = drawn(seed, ndim)
    kind = problem.chains[0][0].kind
    limits = limits_of(random.Random(seed), chains, kind, weights_of(problem))
    compare(problem._replace(limits=limits), chains, alike, allows(limits, kind, ndim))
