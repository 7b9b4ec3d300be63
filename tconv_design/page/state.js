"use strict";
// The state of the page, and the same in the address after #, so that a link shares it:
// tconv&in=4x6&k=4&s=2&p=1:1&op=0&d=1&out=8&pin=3x5
// state = {kind, linked, axes: [axis, ...], target: [out, ...] or null, pin: [row, ...] or null, step: 0 or a number}

const KEYS = {in: "n", k: "k", s: "s", op: "o", d: "d"};

function toHash(state) {
  const shown = state.axes, parts = [state.kind];
  for (const [name, key] of Object.entries(KEYS)) parts.push(`${name}=${byX(shown.map(axis => axis[key]))}`);
  parts.push(`p=${byX(shown.map(axis => `${axis.b}:${axis.e}`))}`);
  if (!state.linked && shown.length > 1) parts.push("apart");
  if (state.target) parts.push(`out=${byX(state.target)}`);
  if (state.pin) parts.push(`pin=${byX(state.pin)}`);
  if (state.step) parts.push(`step=${state.step}`);
  return "#" + parts.join("&");
}

// The state of an address; null where it says none that is whole.
function fromHash(hash) {
  const [kind, ...parts] = decodeURIComponent(hash.replace(/^#/, "")).split("&");
  if (kind !== "conv" && kind !== "tconv") return null;
  const given = Object.fromEntries(parts.map(part => part.split("=")));
  const numbers = text => /^\d{1,6}(x\d{1,6})?$/.test(text ?? "") ? text.split("x").map(Number) : null;
  const sizes = numbers(given.in);
  if (!sizes) return null;
  const axes = sizes.map(n => ({n, k: 1, s: 1, b: 0, e: 0, o: 0, d: 1}));
  for (const [name, key] of Object.entries(KEYS)) {
    const values = numbers(given[name]);
    if (values) axes.forEach((axis, at) => { axis[key] = values[at] ?? values[0]; });
  }
  const pads = (given.p ?? "").split("x").map(text => /^\d{1,6}:\d{1,6}$/.test(text) ? text.split(":").map(Number) : [0, 0]);
  axes.forEach((axis, at) => { [axis.b, axis.e] = pads[at] ?? pads[0]; });
  const fitting = values => values && values.length === axes.length ? values : null;
  return {kind, linked: !("apart" in given), axes, target: fitting(numbers(given.out)), pin: fitting(numbers(given.pin)),
          step: Number(given.step) || 0};
}
