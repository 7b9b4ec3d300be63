"use strict";
// Grids as SVG text. A grid is {title, rows: [[cell, ...], ...]}; a cell {fill, text, mark}. Equal rows are drawn once.
// fill names a colour of page.css: "input", "pin", "none", "out", or "t0".."t6" for taps from none to most.

const MOST = 256, WIDE = 560;
const unitOf = columns => Math.max(2, Math.min(30, Math.floor(WIDE / Math.max(columns, 1))));

function gridSvg(id, grid) {
  const columns = grid.rows[0].length, unit = unitOf(columns), known = new Map(), body = [];
  grid.rows.forEach((row, at) => {
    const key = row.map(cell => `${cell.fill},${cell.text},${cell.mark}`).join(";");
    if (known.has(key)) {
      body.push(`<use href="#${known.get(key)}" y="${at * unit}"/>`);
      return;
    }
    known.set(key, `${id}-r${at}`);
    // drawn at the top and moved, so that each use is moved by its own row
    body.push(`<defs><g id="${id}-r${at}">${rowSvg(row, unit)}</g></defs><use href="#${id}-r${at}" y="${at * unit}"/>`);
  });
  const width = columns * unit, height = grid.rows.length * unit;
  return `<svg id="${id}" class="grid" viewBox="0 0 ${width} ${height}" width="${width}" tabindex="0" role="img" `
    + `data-unit="${unit}" aria-label="${grid.title}"><g>${body.join("")}</g><g class="over"></g></svg>`;
}

function rowSvg(row, unit) {
  const parts = [];
  for (let begin = 0; begin < row.length;) {
    let end = begin + 1;
    while (end < row.length && row[end].fill === row[begin].fill) end++;
    if (row[begin].fill !== "none")
      parts.push(`<rect class="${row[begin].fill}" x="${begin * unit}" width="${(end - begin) * unit}" height="${unit}"/>`);
    begin = end;
  }
  if (unit < 8) return parts.join("");
  const lines = row.map((cell, at) => cell.fill === "none" ? "" : `M${at * unit} 0h${unit}v${unit}h-${unit}z`).join("");
  parts.push(`<path class="line" d="${lines}"/>`);
  if (unit < 12) return parts.join("") + tinyHoles(row, unit);
  row.forEach((cell, at) => {
    const x = at * unit;
    if (cell.mark === "hole") parts.push(`<path class="hole" d="M${x + 3} 3l${unit - 6} ${unit - 6}m0 -${unit - 6}l-${unit - 6} ${unit - 6}"/>`);
    if (cell.mark === "weak") parts.push(`<rect class="weak" x="${x + 2}" y="2" width="${unit - 4}" height="${unit - 4}"/>`);
    if (cell.mark === "cut") parts.push(`<path class="cut" d="M${x + 3} 3l${unit - 6} ${unit - 6}"/>`);
    if (cell.text && cell.text.length * unit * 0.28 < unit - 1)
      parts.push(`<text class="count on-${cell.fill}" x="${x + unit / 2}" y="${unit * 0.66}" font-size="${Math.max(8, unit * 0.42)}">${cell.text}</text>`);
  });
  return parts.join("");
}

// Where there is no room for numbers, holes and weak elements are still told apart by more than their colour.
function tinyHoles(row, unit) {
  const cross = at => `M${at * unit + 2} 2l${unit - 4} ${unit - 4}m0 -${unit - 4}l-${unit - 4} ${unit - 4}`;
  const dash = at => `M${at * unit + 2} ${unit / 2}h${unit - 4}`;
  const path = (mark, draw) => {
    const d = row.map((cell, at) => cell.mark === mark ? draw(at) : "").join("");
    return d && `<path class="${mark}" d="${d}"/>`;
  };
  return path("hole", cross) + path("weak", dash);
}

// Cells that stand out, drawn over a grid: [[row, column, text], ...].
function highlight(svg, cells, kind) {
  const unit = Number(svg.dataset.unit);
  svg.querySelector(".over").innerHTML += cells.map(([row, column, text]) =>
    `<rect class="${kind}" x="${column * unit + 1}" y="${row * unit + 1}" width="${unit - 2}" height="${unit - 2}"/>`
    + (text && unit > 12 ? `<text class="count" x="${column * unit + unit / 2}" y="${row * unit + unit * 0.66}" font-size="${unit * 0.42}">${text}</text>` : "")).join("");
}

const clear = svg => { svg.querySelector(".over").innerHTML = ""; };

function cellAt(svg, event) {
  const box = svg.getBoundingClientRect(), view = svg.viewBox.baseVal, unit = Number(svg.dataset.unit);
  return [Math.floor((event.clientY - box.top) / box.height * view.height / unit),
          Math.floor((event.clientX - box.left) / box.width * view.width / unit)];
}

const inputGrid = axes => {
  const [down, across] = axes.length > 1 ? axes : [{n: 1}, axes[0]];
  const row = Array(across.n).fill({fill: "input", text: "", mark: ""});
  return {title: `input, ${byX(axes.map(axis => axis.n))}`, rows: Array(down.n).fill(row)};
};

function overlapGrid(kind, axes) {
  const taps = axes.map(axis => counts(kind, axis));
  const full = axes.map((axis, at) => taps[at].map((_, row) => inside(kind, axis, row)));
  const most = Math.max(1, taps.reduce((product, row) => product * Math.max(...row), 1));
  const [downs, downsFull] = axes.length > 1 ? [taps[0], full[0]] : [[1], [1]];
  const across = taps[taps.length - 1], acrossFull = full[full.length - 1], known = new Map();
  const rows = downs.map((down, at) => {
    const key = `${down},${downsFull[at]}`;
    if (!known.has(key)) known.set(key, across.map((tap, column) => cell(down * tap, downsFull[at] * acrossFull[column], most)));
    return known.get(key);
  });
  return {title: `output, ${byX(axes.map(axis => outSize(kind, axis)))}: taps per element`, rows};
}

function cell(taps, full, most) {
  const level = taps ? Math.max(1, Math.round(taps / most * 6)) : 0;
  return {fill: `t${level}`, text: String(taps), mark: taps ? taps < full ? "weak" : "" : "hole"};
}

// What lies there after `step` input values, times a kernel of ones, are laid down; after the last, cropped.
// A conv fills in its output instead.
function stepGrids(kind, axes, step) {
  const sizes = axes.map(axis => axis.n), outs = axes.map(axis => outSize(kind, axis));
  const moved = kind === "tconv" ? sizes : outs, total = moved.reduce((product, rows) => product * rows, 1);
  const canvas = kind === "tconv"
    ? axes.map((axis, at) => Math.max((axis.n - 1) * axis.s + span(axis), axis.b + outs[at]))
    : axes.map(axis => axis.b + axis.n + axis.e);
  const width = canvas[canvas.length - 1], values = new Map(), pins = new Set();
  const key = spot => spot.length > 1 ? spot[0] * width + spot[1] : spot[0];
  const spots = size => size.length > 1
    ? Array.from({length: size[0] * size[1]}, (_, at) => [Math.floor(at / size[1]), at % size[1]])
    : Array.from({length: size[0]}, (_, at) => [at]);
  const tapsAt = spot => {
    const per = axes.map((axis, at) => Array.from({length: axis.k}, (_, tap) => spot[at] * axis.s + tap * axis.d));
    return per.length > 1 ? per[0].flatMap(row => per[1].map(column => [row, column])) : per[0].map(row => [row]);
  };
  const done = new Map();
  if (kind === "tconv") {
    spots(sizes).slice(0, step).forEach((spot, at) => tapsAt(spot).forEach(tap => {
      values.set(key(tap), (values.get(key(tap)) ?? 0) + at + 1);
      if (at === step - 1 && step <= total) pins.add(key(tap));
    }));
  } else {
    spots(sizes).forEach((spot, at) => values.set(key(spot.map((row, axis) => row + axes[axis].b)), at + 1));
    spots(outs).slice(0, step).forEach((spot, at) => {
      const taps = tapsAt(spot);
      done.set(byX(spot), taps.reduce((sum, tap) => sum + (values.get(key(tap)) ?? 0), 0));
      if (at === step - 1) taps.forEach(tap => pins.add(key(tap)));
    });
  }
  const cropped = kind === "tconv" && step > total;
  const keeps = spot => spot.every((row, at) => row >= axes[at].b && row < axes[at].b + outs[at]);
  const drawn = spot => {
    const value = values.get(key(spot)), text = value === undefined ? "" : String(value);
    if (cropped && !keeps(spot)) return {fill: "out", text, mark: "cut"};
    return {fill: pins.has(key(spot)) ? "pin" : value === undefined ? cropped ? "t0" : "blank" : "t2", text, mark: cropped && value === undefined ? "hole" : ""};
  };
  const rowsOf = (size, make) => size.length > 1
    ? Array.from({length: size[0]}, (_, row) => Array.from({length: size[1]}, (_, column) => make([row, column])))
    : [Array.from({length: size[0]}, (_, column) => make([column]))];
  const numbered = at => spot => {
    const number = (spot.length > 1 ? spot[0] * sizes[1] + spot[1] : spot[0]) + 1;
    return {fill: number === at ? "pin" : "input", text: String(number), mark: ""};
  };
  if (kind === "tconv")
    return {total: total + 1, grids: [{title: `input, ${byX(sizes)}`, rows: rowsOf(sizes, numbered(step))},
      {title: cropped ? `output, ${byX(outs)}, and what is cropped` : `laid down, ${byX(canvas)}`, rows: rowsOf(canvas, drawn)}],
      caption: cropped ? `padding ${sides(axes)} is cropped away${axes.some(axis => axis.o) ? `, but output_padding ${merged(axes.map(axis => axis.o))} keeps rows of it` : ""}`
        : step ? `input value ${step} times a kernel of ones is laid down; overlaps add` : "nothing is laid down yet"};
  const last = [...done.values()].pop();
  return {total, grids: [{title: `input with its padding, ${byX(canvas)}`, rows: rowsOf(canvas, drawn)},
    {title: `output, ${byX(outs)}`, rows: rowsOf(outs, spot => ({fill: done.has(byX(spot)) ? "t2" : "blank", text: done.has(byX(spot)) ? String(done.get(byX(spot))) : "", mark: ""}))}],
    caption: step ? `output value ${last} is the sum of the inputs below the kernel` : "the kernel is not laid on yet"};
}
