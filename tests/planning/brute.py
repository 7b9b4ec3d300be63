"""The slow and obvious way: every chain of a box, listed and sorted."""

from itertools import product
from math import prod


def layers_of(kind, kernel, stride, padding, extra, dilation, pad_ends=None, below=True):
    """Every (kernel, stride, pad begin, pad end, output_padding, dilation) of a box given as lists."""
    for k, s, d, begin, op in product(kernel, stride, dilation, padding, extra):
        for end in [begin] if pad_ends is None else pad_ends:
            if below and max(begin, end) > d * (k - 1):
                continue
            if op < (max(s, d) if kind == "tconv" else 1):
                yield k, s, begin, end, op, d


def size_after(kind, layer, n):
    k, s, begin, end, op, d = layer
    reach = d * (k - 1) + 1
    if kind == "tconv":
        return (n - 1) * s + reach - begin - end + op
    return (n + begin + end - reach) // s + 1


def axis_chains(kind, box, number, first, last):
    """All (layers, sizes) on one axis; `box` is one list of layers per place."""
    ways = [((), (first,))]
    for place in range(number):
        ways = [
            ((*layers, layer), (*sizes, after))
            for layers, sizes in ways
            for layer in box[place]
            if (after := size_after(kind, layer, sizes[-1])) >= 1
        ]
    return [(layers, sizes) for layers, sizes in ways if sizes[-1] == last]


def overlaps_evenly(layer):
    """Taps per residue, counted."""
    k, s, _, _, _, d = layer
    taps = [0] * s
    for tap in range(k):
        taps[tap * d % s] += 1
    return len(set(taps)) == 1


def scores(kind, layers, sizes, weights, biases):
    """Every criterion of a chain; `layers` and `sizes` hold one entry per axis each."""
    found = dict.fromkeys(("exact", "even", "plain", "steady", "layers", "macs", "params", "kernel"), 0)
    pads = 0
    for place, layer in enumerate(layers):
        before, after = sizes[place], sizes[place + 1]
        small, big = (before, after) if kind == "tconv" else (after, before)
        found["exact"] += any(b != a * n[1] for b, a, n in zip(big, small, layer, strict=True))
        found["even"] += not all(overlaps_evenly(n) for n in layer)
        found["plain"] += any(n[4] or n[2] != n[3] for n in layer)
        found["steady"] += sum(n[1] for n in layer)
        found["layers"] += 1
        found["macs"] += prod(small) * prod(n[0] for n in layer) * weights[place]
        found["params"] += prod(n[0] for n in layer) * weights[place] + biases[place]
        found["kernel"] += sum(n[0] for n in layer)
        pads += sum(n[2] + n[3] for n in layer)
    found["small"] = [found["kernel"], found["steady"], pads]
    return found


def reach(kind, layers):
    """Receptive field on one axis: from the first to the last input behind one output row, followed row by row."""
    far = 10**6
    widest = 0
    for start in range(far, far + prod(n[1] for n in layers)):
        rows = {start}
        for k, s, begin, _, _, d in reversed(layers):
            if kind == "conv":
                rows = {row * s - begin + tap * d for row in rows for tap in range(k)}
            else:
                taps = {row + begin - tap * d for row in rows for tap in range(k)}
                rows = {tap // s for tap in taps if tap % s == 0}
        widest = max(widest, max(rows) - min(rows) + 1 if rows else 0)
    return widest


def every_chain(kind, boxes, numbers, first, last):
    """(layers per place per axis, sizes per place per axis) of all chains; `boxes` has one list of layers per axis."""
    for number in numbers:
        per_axis = [
            axis_chains(kind, [box] * number, number, a, b) for box, a, b in zip(boxes, first, last, strict=True)
        ]
        for ways in product(*per_axis):
            yield tuple(zip(*(w[0] for w in ways), strict=True)), tuple(zip(*(w[1] for w in ways), strict=True))


def best(kind, found, rank, weights_of, alike, allowed=lambda *_: True):
    """All chains that are allowed, the best first, as (layers, sizes, scores)."""
    rows = []
    for layers, sizes in found:
        weights, biases = weights_of(len(layers))
        score = scores(kind, layers, sizes, weights, biases)
        if allowed(layers, sizes, score):
            untied = alike and any(len(set(layer)) > 1 for layer in layers)
            rows.append(((untied, [score[name] for name in rank], layers), sizes, score))
    rows.sort(key=lambda row: row[0])
    return [(key[2], sizes, score) for key, sizes, score in rows]
