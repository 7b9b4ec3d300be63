"use strict";
// The controls: every change makes a new state, draws all of it and writes it into the address.

const FIELDS = [["n", "in", 1, 64], ["k", "kernel", 1, 16], ["s", "stride", 1, 8], ["b", "padding begin", 0, 15],
                ["e", "padding end", 0, 15], ["o", "output_padding", 0, 7], ["d", "dilation", 1, 6]];
const SIGNS = {good: "✓", bad: "✗", "": "·"};
const LISTED = 2000, MOST_STEPS = 400, MOST_LAID = 20000, MOST_STRIDE = 4096, MOST_DILATION = 64;
const at = id => document.getElementById(id);
const escaped = text => text.replace(/[&<>"]/g, char => `&#${char.charCodeAt(0)};`);

let state = fromHash(location.hash) ?? JSON.parse(at("start").textContent);
let hovered = null, timer = 0;

function change(more) {
  state = {...state, ...more};
  draw();
  const hash = toHash(state);
  if (hash !== location.hash) history.replaceState(null, "", hash);
}

function setAxis(number, key, value) {
  const axes = state.axes.map((axis, place) => state.linked || place === number ? {...axis, [key]: value} : axis);
  change({axes, pin: null, step: 0});
}

function setDims(count) {
  const axes = count === 1 ? [state.axes[0]] : [state.axes[0], state.axes[1] ?? {...state.axes[0]}];
  change({axes, target: state.target && axes.map((_, place) => state.target[place] ?? state.target[0]), pin: null, step: 0});
  buildFields();
}

function buildFields() {
  const shown = state.linked ? [0] : state.axes.map((_, place) => place);
  at("fields").innerHTML = shown.map(place => {
    const name = state.axes.length === 1 ? "the axis" : state.linked ? "both axes" : place ? "axis 2 (across)" : "axis 1 (down)";
    return `<fieldset><legend>${name}</legend>${FIELDS.map(([key, label, least, most]) => {
      const id = `${key}${place}`;
      return `<div class="field"><label for="${id}">${label}</label>`
        + `<input id="${id}" type="number" inputmode="numeric" min="${least}" data-axis="${place}" data-key="${key}">`
        + `<input type="range" min="${least}" max="${most}" aria-label="${label}, slider" data-axis="${place}" data-key="${key}"></div>`;
    }).join("")}</fieldset>`;
  }).join("");
  draw();
}

function drawControls() {
  document.querySelectorAll("#fields input").forEach(input => {
    const value = state.axes[Number(input.dataset.axis)][input.dataset.key];
    if (document.activeElement !== input || input.type === "range") input.value = value;
    if (input.dataset.key === "o") input.disabled = state.kind === "conv";
  });
  document.querySelectorAll("[name=kind]").forEach(input => { input.checked = input.value === state.kind; });
  document.querySelectorAll("[name=dims]").forEach(input => { input.checked = Number(input.value) === state.axes.length; });
  at("linked").checked = state.linked;
  at("apart").hidden = state.axes.length === 1;
}

function draw() {
  const {kind} = state, axes = kind === "conv" ? state.axes.map(axis => ({...axis, o: 0})) : state.axes;
  drawControls();
  const wrong = axes.map(axis => problem(kind, axis)).find(Boolean) || tooLarge(kind, axes);
  at("wrong").textContent = wrong;
  at("drawing").hidden = Boolean(wrong);
  drawTarget(kind, axes);
  if (wrong) return;
  at("sizes").textContent = `${byX(axes.map(axis => axis.n))} → ${byX(axes.map(axis => outSize(kind, axis)))}`;
  at("verdict").innerHTML = verdict(kind, axes).map(([tone, text]) => `<li class="${tone}">${SIGNS[tone]} ${escaped(text)}</li>`).join("");
  at("formula").textContent = [...new Set(axes.map(axis => formula(kind, axis).join("\n")))].join("\n\n");
  at("code").innerHTML = codes(kind, axes).map(([name, [code, why]]) => `<dt>${name}</dt><dd>${code
    ? `<code>${escaped(code)}</code> <button type="button" data-copy="${escaped(code)}">Copy</button>` : escaped(why)}</dd>`).join("");
  drawGrids(kind, axes);
}

function tooLarge(kind, axes) {
  const sizes = axes.flatMap(axis => [axis.n, outSize(kind, axis)]), most = Math.max(...sizes);
  if (most > MOST) return `${most} rows are too many to draw: at most ${MOST} fit; the pattern repeats every stride, so give a smaller in`;
  if (axes.some(axis => axis.k > MOST)) return `a kernel of more than ${MOST} taps is too large to draw; give a smaller one`;
  return axes.some(axis => axis.s > MOST_STRIDE) ? `a stride of more than ${MOST_STRIDE} is too large to draw; give a smaller one` : "";
}

function drawGrids(kind, axes) {
  const steps = stepCount(kind, axes), tooMany = steps > MOST_STEPS || laid(kind, axes) > MOST_LAID;
  const stepping = state.step > 0 && !tooMany;
  const made = stepping ? stepGrids(kind, axes, Math.min(state.step, steps)) : null;
  const grids = made ? made.grids : [inputGrid(axes), overlapGrid(kind, axes)];
  at("grids").className = axes.length > 1 ? "across" : "down";
  at("grids").innerHTML = grids.map((grid, number) =>
    `<figure><figcaption>${grid.title}</figcaption>${gridSvg(number ? "output" : "input", grid)}</figure>`).join("");
  at("caption").textContent = made ? made.caption : "";
  at("at").textContent = tooMany ? `${steps} steps are too many, or too large, to show; give a smaller in`
    : stepping ? `step ${Math.min(state.step, steps)} of ${steps}` : `${steps} steps`;
  for (const id of ["on", "play"]) at(id).disabled = tooMany;
  at("back").disabled = !state.step;
  if (!stepping) drawPin(kind, axes);
  else at("pinned").textContent = "";
}

const stepCount = (kind, axes) => kind === "tconv" ? axes.reduce((product, axis) => product * axis.n, 1) + 1
  : axes.reduce((product, axis) => product * outSize(kind, axis), 1);

// The elements that all kernels are laid on.
const laid = (kind, axes) => axes.reduce((product, axis) => product
  * (kind === "tconv" ? (axis.n - 1) * axis.s + span(axis) + axis.b : axis.n + axis.b + axis.e), 1);

// What the pinned or hovered output element is made of.
function drawPin(kind, axes) {
  const [input, output] = [at("input"), at("output")];
  clear(input);
  clear(output);
  const spot = hovered ?? state.pin, outs = axes.map(axis => outSize(kind, axis));
  if (!spot || spot.some((row, place) => row >= outs[place])) {
    at("pinned").textContent = "Point at an output element, or move with the arrow keys; click or Enter pins it.";
    return;
  }
  const rows = axes.map((axis, place) => inputsOf(kind, axis, spot[place]));
  const taps = rows.reduce((product, list) => product * list.length, 1);
  const cells = axes.length > 1 ? tally(rows[0]).flatMap(([row, down]) => tally(rows[1]).map(([column, across]) => [row, column, down * across]))
    : tally(rows[0]).map(([column, times]) => [0, column, times]);
  highlight(output, [axes.length > 1 ? spot : [0, spot[0]]], "pinned");
  highlight(input, cells, "reached");
  const where = axes.map((_, place) => [...new Set(rows[place])].join(", ") || "none").join(" by ");
  at("pinned").textContent = `${state.pin && !hovered ? "pinned: " : ""}output ${byX(spot)} gets ${taps} ${taps === 1 ? "tap" : "taps"}, `
    + (taps ? `from input ${axes.length > 1 ? "rows and columns" : "rows"} ${where}` : "so it is only the bias");
}

const tally = rows => [...new Set(rows)].map(row => [row, rows.filter(other => other === row).length]);

function drawTarget(kind, axes) {
  const shown = state.linked ? [0] : axes.map((_, place) => place);
  const wanted = shown.map(place => state.target?.[place] ?? "");
  if (at("targets").children.length !== shown.length)
    at("targets").innerHTML = shown.map(place => `<label>${shown.length > 1 ? `out on axis ${place + 1} ` : "out "}`
      + `<input type="number" min="1" id="target${place}" data-target="${place}"></label>`).join(" ");
  shown.forEach((place, number) => {
    if (document.activeElement !== at(`target${place}`)) at(`target${place}`).value = wanted[number];
  });
  at("solutions").innerHTML = shown.map(place => solutionsOf(kind, axes[place], place, state.target?.[place])).join("");
}

function solutionsOf(kind, axis, place, out) {
  if (!out) return "";
  const sizes = `from in ${axis.n} to out ${out}`;
  if (!Number.isInteger(axis.n) || axis.n < 1 || !Number.isInteger(axis.d) || axis.d < 1) return "";
  if (axis.d > MOST_DILATION) return `<p>a dilation of more than ${MOST_DILATION} is solved by tconv-design solve</p>`;
  const found = solutions(kind, axis.n, out, axis.d), head = `${found.length} ${kind} ${found.length === 1 ? "layer" : "layers"} ${sizes}`;
  if (!found.length) return `<p>no ${kind} layer ${sizes} with kernel 1..16, stride 1..8, padding below the effective kernel; try another in, out or dilation</p>`;
  const rows = found.slice(0, LISTED).map(one => {
    const even = kind === "conv" || isEven(one), words = `kernel ${one.k}, stride ${one.s}, padding ${one.b}${one.o ? `, output_padding ${one.o}` : ""}`;
    const taken = ["k", "s", "b", "e", "o"].every(key => axis[key] === one[key]);
    return `<li><button type="button" data-take="${place}" data-layer="${[one.k, one.s, one.b, one.o]}"${taken ? ' aria-current="true"' : ""}>`
      + `${words}${kind === "conv" ? "" : even ? " <small>✓ even</small>" : " <small>✗ uneven</small>"}</button></li>`;
  }).join("");
  return `<p>${head}${found.length > LISTED ? `, the best ${LISTED} of them` : ""}; exact, even and plain first</p><ol>${rows}</ol>`;
}

function take(place, layer) {
  const [k, s, p, o] = layer;
  const axes = state.axes.map((axis, number) => state.linked || number === place ? {...axis, k, s, b: p, e: p, o} : axis);
  change({axes, pin: null, step: 0});
}

function moveStep(by) {
  const axes = state.kind === "conv" ? state.axes.map(axis => ({...axis, o: 0})) : state.axes, steps = stepCount(state.kind, axes);
  change({step: Math.max(0, Math.min(state.step + by, steps)), pin: null});
  if (state.step >= steps) stop();
}

function stop() {
  clearInterval(timer);
  timer = 0;
  at("play").textContent = "Play";
}

function theme(name) {
  document.documentElement.dataset.theme = name;
}

document.addEventListener("input", event => {
  const {axis, key, target} = event.target.dataset;
  const value = event.target.value === "" ? NaN : Number(event.target.value);
  if (key) {
    setAxis(Number(axis), key, value);
    document.querySelectorAll(`[data-axis="${axis}"][data-key="${key}"]`).forEach(other => { if (other !== event.target) other.value = value; });
  } else if (target) {
    const wanted = state.axes.map((one, place) => state.linked || place === Number(target) ? value : state.target?.[place] ?? outSize(state.kind, one));
    change({target: Number.isInteger(value) && value > 0 ? wanted : null});
  } else if (event.target.name === "kind") change({kind: event.target.value, pin: null, step: 0});
  else if (event.target.name === "dims") setDims(Number(event.target.value));
  else if (event.target.id === "linked") {
    change({linked: event.target.checked, axes: event.target.checked ? state.axes.map(() => ({...state.axes[0]})) : state.axes, pin: null, step: 0});
    buildFields();
  }
});

document.addEventListener("click", event => {
  const button = event.target.closest("button");
  if (button?.dataset.take) take(Number(button.dataset.take), button.dataset.layer.split(",").map(Number));
  else if (button?.dataset.copy) navigator.clipboard?.writeText(button.dataset.copy).then(() => { button.textContent = "Copied"; });
  else if (button?.id === "back") { stop(); moveStep(-1); }
  else if (button?.id === "on") { stop(); moveStep(1); }
  else if (button?.id === "reset") { stop(); change({step: 0}); }
  else if (button?.id === "play") {
    if (timer) return stop();
    button.textContent = "Stop";
    timer = setInterval(() => moveStep(1), 600);
  } else if (button?.id === "theme") {
    const dark = document.documentElement.dataset.theme ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
    theme(dark === "dark" ? "light" : "dark");
  }
});

const outputSpot = event => {
  const svg = event.target.closest("#output");
  if (!svg || state.step) return null;
  const [row, column] = cellAt(svg, event);
  return state.axes.length > 1 ? [row, column] : [column];
};
const axesNow = () => state.kind === "conv" ? state.axes.map(axis => ({...axis, o: 0})) : state.axes;

at("grids").addEventListener("pointermove", event => {
  hovered = outputSpot(event);
  if (!state.step) drawPin(state.kind, axesNow());
});
at("grids").addEventListener("pointerleave", () => {
  hovered = null;
  if (!state.step) drawPin(state.kind, axesNow());
});
at("grids").addEventListener("click", event => {
  const spot = outputSpot(event);
  if (!spot) return;
  hovered = null;
  change({pin: state.pin && byX(state.pin) === byX(spot) ? null : spot});
});
at("grids").addEventListener("keydown", event => {
  const moves = {ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0]}, move = moves[event.key];
  if (!event.target.closest("#output") || state.step || (!move && event.key !== "Enter" && event.key !== "Escape")) return;
  event.preventDefault();
  const axes = axesNow(), start = hovered ?? state.pin ?? axes.map(() => 0);
  if (event.key === "Escape") { hovered = null; change({pin: null}); }
  else if (event.key === "Enter") { const pin = start; hovered = null; change({pin}); }
  else {
    const by = axes.length > 1 ? move : [move[0] + move[1]];
    hovered = start.map((row, place) => Math.max(0, Math.min(row + by[place], outSize(state.kind, axes[place]) - 1)));
    drawPin(state.kind, axes);
    return;
  }
  at("output").focus();
});

addEventListener("hashchange", () => {
  const found = fromHash(location.hash);
  if (!found) return;
  state = found;
  buildFields();
});

buildFields();
