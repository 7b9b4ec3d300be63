"use strict";
// What is said of a layer: its formula with the numbers, and the verdict on its overlap. [tone, sentence] pairs.

const byX = values => values.join("x");
const merged = values => values.every(value => value === values[0]) ? String(values[0]) : byX(values);
const sides = axes => merged(axes.map(axis => axis.b === axis.e ? String(axis.b) : `${axis.b}:${axis.e}`));

function formula(kind, axis) {
  const out = outSize(kind, axis), {n, k, s, b, e, o, d} = axis;
  return kind === "tconv"
    ? ["out = (in - 1)*stride + dilation*(kernel - 1) + 1 - padding_begin - padding_end + output_padding",
       `    = (${n} - 1)*${s} + ${d}*(${k} - 1) + 1 - ${b} - ${e} + ${o} = ${out}`]
    : ["out = floor((in + padding_begin + padding_end - dilation*(kernel - 1) - 1) / stride) + 1",
       `    = floor((${n} + ${b} + ${e} - ${d}*(${k} - 1) - 1) / ${s}) + 1 = ${out}`];
}

function verdict(kind, axes) {
  return kind === "conv" ? convVerdict(axes) : [scaling(axes), overlapping(axes), ...rim(axes)];
}

function scaling(axes) {
  const offset = axis => span(axis) - axis.s - axis.b - axis.e + axis.o;
  const line = axis => {
    const first = axis.s === 1 ? "in" : `${axis.s}*in`, rest = offset(axis);
    return rest ? `${first} ${rest < 0 ? "-" : "+"} ${Math.abs(rest)}` : first;
  };
  const texts = axes.map(line), rule = texts.every(text => text === texts[0]) ? texts[0] : texts.join(" x ");
  if (axes.every(axis => !offset(axis))) return ["good", `scales exactly: out = ${rule} for every in`];
  const outs = axes.map(axis => outSize("tconv", axis));
  return ["", `no fixed scale: out = ${rule}, which is ${merged(outs)} at in ${merged(axes.map(axis => axis.n))}`];
}

function overlapping(axes) {
  const pairs = axes.map(extremes);
  const [fewest, most] = [0, 1].map(side => pairs.reduce((product, pair) => product * pair[side], 1));
  if (!fewest) {
    const reached = axis => Array.from({length: axis.s}, (_, row) => inside("tconv", axis, row)).filter(Boolean).length;
    const texts = axes.map(axis => `${axis.s - reached(axis)} of ${axis.s}`);
    const holes = texts.every(text => text === texts[0]) ? texts[0] : texts.join(" x ");
    return ["bad", `leaves holes: ${holes} rows in every period of the stride get no tap`];
  }
  const everywhere = rim(axes).length ? "inside, every output element" : "every output element";
  if (fewest === most)
    return ["good", most === 1 ? `tiles: ${everywhere} gets exactly 1 tap, nothing overlaps`
      : `even overlap: ${everywhere} gets ${most} taps`];
  const ratio = Number((most / fewest).toPrecision(4));
  return ["bad", `uneven overlap, a checkerboard: ${fewest} to ${most} taps per output element (ratio ${ratio})`];
}

// Rows at both ends that fewer taps reach than the interior would, or none.
function rim(axes) {
  const weak = [], empty = [];
  for (const axis of axes) {
    const taps = counts("tconv", axis), middle = taps.length / 2;
    const rows = test => [taps.filter((t, row) => row < middle && test(t, row)).length,
                          taps.filter((t, row) => row >= middle && test(t, row)).length];
    weak.push(rows((t, row) => t > 0 && t < inside("tconv", axis, row)));
    empty.push(rows((t, row) => t === 0 && inside("tconv", axis, row) > 0));
  }
  const told = pairs => merged(pairs.map(([begin, end]) => begin === end ? String(begin) : `${begin}:${end}`));
  const at = pairs => `${told(pairs)} ${told(pairs) === "1" ? "row" : "rows"} at ${
    pairs.every(([begin, end]) => begin === end) ? "each end" : "begin:end"}`;
  const found = [], any = pairs => pairs.some(([begin, end]) => begin || end);
  if (any(weak)) found.push(["", `weak rim: fewer taps than inside on ${at(weak)}`]);
  if (any(empty)) found.push(["bad", `empty rim: no tap, only the bias, on ${at(empty)}`]);
  return found;
}

function convVerdict(axes) {
  const outs = axes.map(axis => outSize("conv", axis)), found = [];
  const keeps = axes.every(axis => axis.s === 1 && axis.b + axis.e === span(axis) - 1);
  found.push(keeps ? ["good", "keeps every size: out = in"] : ["", `out is ${merged(outs)}`]);
  const dropped = axes.map((axis, at) => axis.n + axis.b + axis.e - ((outs[at] - 1) * axis.s + span(axis)));
  if (dropped.some(Boolean))
    found.push(["", `drops ${merged(dropped)} ${merged(dropped) === "1" ? "row" : "rows"} at the end of the padded input: the floor`]);
  if (axes.some(axis => axis.s > 1)) {
    const first = axes.map((axis, at) => Math.max(1, axis.n - dropped[at]));
    const last = axes.map((axis, at) => axis.n - dropped[at] + axis.s - 1);
    found.push(["", `in ${merged(first)} to ${merged(last)} all give out ${merged(outs)}: a decoder must choose`]);
  }
  return found;
}
