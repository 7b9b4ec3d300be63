"use strict";
// Every layer on one axis that turns an input size into an output size, in the box of `tconv-design solve`:
// kernel 1..16, stride 1..8, padding the same at both ends and below the effective kernel, output_padding below
// max(stride, dilation).

const BOX = {kernel: 16, stride: 8};

function solutions(kind, n, out, d = 1) {
  const found = [];
  for (let k = 1; k <= BOX.kernel; k++) {
    for (let s = 1; s <= BOX.stride; s++) {
      for (let p = 0; p < span({k, d}); p++) {
        const axis = {n, k, s, b: p, e: p, o: 0, d};
        if (kind === "conv") {
          if (n + 2 * p >= span(axis) && outSize(kind, axis) === out) found.push(axis);
          continue;
        }
        axis.o = out - outSize(kind, axis);
        if (axis.o >= 0 && axis.o < Math.max(s, d)) found.push(axis);
      }
    }
  }
  return found.map(axis => [rank(kind, axis, out), axis]).sort(byRank).map(pair => pair[1]);
}

function isEven(axis) {
  const [fewest, most] = extremes(axis);
  return fewest === most;
}

// Exact for every in, even, plain, then fewer multiply-adds, then smaller: the smaller, the better.
function rank(kind, axis, out) {
  const exact = kind === "tconv" ? out === axis.n * axis.s : axis.s === 1 && axis.b + axis.e === span(axis) - 1;
  const even = kind === "conv" || isEven(axis);
  const cost = (kind === "tconv" ? axis.n : out) * axis.k;
  return [exact ? 0 : 1, even ? 0 : 1, axis.o || axis.b !== axis.e ? 1 : 0, cost, axis.k, axis.s, axis.b + axis.e];
}

function byRank([one], [other]) {
  for (let at = 0; at < one.length; at++) if (one[at] !== other[at]) return one[at] - other[at];
  return 0;
}
