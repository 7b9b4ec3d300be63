"use strict";
// Sizes and taps on one axis. axis = {n, k, s, b, e, o, d}: input size, kernel, stride, padding at begin and end,
// output_padding, dilation. The same formulas as tconv_design/formula.py; rows count from 0.

const span = axis => axis.d * (axis.k - 1) + 1;

function outSize(kind, axis) {
  if (kind === "tconv") return (axis.n - 1) * axis.s + span(axis) - axis.b - axis.e + axis.o;
  return Math.floor((axis.n + axis.b + axis.e - span(axis)) / axis.s) + 1;
}

// The input rows that an output row is made of, once per tap.
function inputsOf(kind, axis, row) {
  const found = [];
  for (let tap = 0; tap < axis.k; tap++) {
    let at;
    if (kind === "conv") at = row * axis.s - axis.b + tap * axis.d;
    else {
      const place = row + axis.b - tap * axis.d;
      if (place % axis.s) continue;
      at = place / axis.s;
    }
    if (at >= 0 && at < axis.n) found.push(at);
  }
  return found.sort((one, other) => one - other);
}

// The output rows that an input row reaches, once per tap.
function outputsOf(kind, axis, row, out) {
  const found = [];
  for (let tap = 0; tap < axis.k; tap++) {
    let at = row * axis.s + tap * axis.d - axis.b;
    if (kind === "conv") {
      const place = row + axis.b - tap * axis.d;
      if (place % axis.s) continue;
      at = place / axis.s;
    }
    if (at >= 0 && at < out) found.push(at);
  }
  return found.sort((one, other) => one - other);
}

const counts = (kind, axis) =>
  Array.from({length: Math.max(outSize(kind, axis), 0)}, (_, row) => inputsOf(kind, axis, row).length);

// The taps that an output row would have far from any border.
function inside(kind, axis, row) {
  if (kind === "conv") return axis.k;
  let found = 0;
  for (let tap = 0; tap < axis.k; tap++) if ((row + axis.b - tap * axis.d) % axis.s === 0) found++;
  return found;
}

// Fewest and most taps in one period of the stride.
function extremes(axis) {
  const period = Array.from({length: axis.s}, (_, row) => inside("tconv", axis, row));
  return [Math.min(...period), Math.max(...period)];
}

// What is wrong with an axis, as a sentence with the nearest fix; empty if nothing.
function problem(kind, axis) {
  const names = {n: "in", k: "kernel", s: "stride", d: "dilation", b: "padding", e: "padding", o: "output_padding"};
  for (const [key, least] of Object.entries({n: 1, k: 1, s: 1, d: 1, b: 0, e: 0, o: 0})) {
    if (!Number.isInteger(axis[key]) || axis[key] < least)
      return `${names[key]} must be a whole number from ${least} on; use ${least}`;
  }
  if (kind === "conv") {
    if (axis.o) return "a conv has no output_padding; use 0";
    const padded = axis.n + axis.b + axis.e, missing = span(axis) - padded;
    if (missing > 0)
      return `the kernel spans ${span(axis)} rows (dilation*(kernel-1)+1), but the padded input has only ${padded}; `
        + `the smallest in is ${axis.n + missing}`;
    return "";
  }
  const limit = Math.max(axis.s, axis.d);
  if (axis.o >= limit)
    return `output_padding ${axis.o} must be less than max(stride ${axis.s}, dilation ${axis.d}) = ${limit}; `
      + `use ${limit - 1}`;
  const out = outSize(kind, axis);
  if (out < 1)
    return `padding ${axis.b}:${axis.e} crops all ${out + axis.b + axis.e} rows; crop at most ${out + axis.b + axis.e - 1} in all`;
  return "";
}
