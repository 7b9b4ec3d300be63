"use strict";
// The layer in one call of each framework, channels 1 to 1, or why there is none.

const tuple = values => values.length === 1 || values.every(value => value === values[0])
  ? String(values[0]) : `(${values.join(", ")})`;
const list = values => `[${values.join(", ")}]`;
const option = (name, values, usual) => values.every(value => value === usual) ? "" : `, ${name}=${tuple(values)}`;

function codes(kind, axes) {
  return [["torch", torchCode(kind, axes)], ["keras", kerasCode(kind, axes)], ["tensorflow", tensorflowCode(kind, axes)], ["jax", jaxCode(kind, axes)],
          ["onnx", onnxCode(kind, axes)]];
}

const each = (axes, key) => axes.map(axis => axis[key]);

function torchCode(kind, axes) {
  const dims = `${axes.length}d`, pads = option("padding", each(axes, "b"), 0);
  const rest = option("dilation", each(axes, "d"), 1), stride = option("stride", each(axes, "s"), 1);
  if (kind === "conv") {
    const same = axes.every(axis => outSize(kind, {...axis, e: axis.b}) === outSize(kind, axis));
    const named = axes.every(axis => axis.s === 1 && axis.b === Math.floor((span(axis) - 1) / 2) && axis.b + axis.e === span(axis) - 1);
    if (!same && named) return [`torch.nn.Conv${dims}(1, 1, ${tuple(each(axes, "k"))}, padding="same"${rest})`, ""];
    if (!same) return ["", "torch pads both sides alike: pad the input with torch.nn.functional.pad, and give padding=0"];
    return [`torch.nn.Conv${dims}(1, 1, ${tuple(each(axes, "k"))}${stride}${pads}${rest})`, ""];
  }
  const extra = axes.map(axis => axis.b - axis.e + axis.o);
  if (extra.some((rows, at) => rows < 0 || rows >= Math.max(axes[at].s, axes[at].d)))
    return ["", "torch crops both sides alike, and output_padding cannot make up for it: crop its output"];
  const more = option("output_padding", extra, 0);
  return [`torch.nn.ConvTranspose${dims}(1, 1, ${tuple(each(axes, "k"))}${stride}${pads}${more}${rest})`, ""];
}

// Keras's padding strings on one axis, each with the output_padding that it needs (null: none given).
function kerasWords(kind, axis) {
  const out = outSize(kind, axis), found = [], {n, k, s, d} = axis, effective = span(axis);
  if (kind === "conv") {
    const need = Math.max((Math.ceil(n / s) - 1) * s + effective - n, 0);
    if (axis.b === 0 && n >= effective && outSize(kind, {...axis, e: 0}) === out) found.push(["valid", null]);
    if (axis.b === Math.floor(need / 2) && Math.ceil(n / s) === out) found.push(["same", null]);
    return found;
  }
  const begin = axis.b, end = axis.e - axis.o, extra = effective - effective % 2 - begin - end;
  if (begin === 0 && end === -Math.max(s - effective, 0)) found.push(["valid", null]);
  if (begin === Math.max(0, Math.floor((effective - s) / 2)) && begin + end === effective - s) found.push(["same", null]);
  if (begin === 0 && -end >= 0 && -end < s) found.push(["valid", -end]);
  if (extra >= 0 && extra < s && begin === Math.max(0, Math.floor((begin + end) / 2))) found.push(["same", extra]);
  return found;
}

function kerasCode(kind, axes) {
  if (axes.some(axis => axis.s > 1) && axes.some(axis => axis.d > 1)) return ["", "Keras refuses stride with dilation"];
  const words = axes.map(axis => kerasWords(kind, axis));
  for (const [padding, extra] of words[0]) {
    const fits = words.map(list => list.find(([name, rows]) => name === padding && (rows === null) === (extra === null)));
    if (fits.some(fit => !fit)) continue;
    const more = extra === null ? "" : `, output_padding=${tuple(fits.map(fit => fit[1]))}`;
    const end = kind === "conv" ? "" : "Transpose";
    const rest = option("strides", each(axes, "s"), 1) + option("dilation_rate", each(axes, "d"), 1);
    return [`keras.layers.Conv${axes.length}D${end}(1, ${tuple(each(axes, "k"))}${rest}, padding="${padding}"${more})`, ""];
  }
  return ["", 'Keras says neither "same" nor "valid" for this padding: crop or pad beside the layer'];
}

// tf.nn: "VALID" or "SAME" for all axes; in 2-D also explicit padding, of a tconv without dilation.
function tensorflowCode(kind, axes) {
  const dims = axes.length, outs = axes.map(axis => outSize(kind, axis)), middle = list(each(axes, "s"));
  const dilations = axes.some(axis => axis.d > 1) ? `, dilations=${list(each(axes, "d"))}` : "";
  if (kind === "conv" && dims === 1 && axes[0].s > 1 && axes[0].d > 1) return ["", "TensorFlow refuses stride with dilation on one axis"];
  if (kind === "tconv" && dilations) return ["", "TensorFlow runs no dilated transposed convolution on a CPU"];
  const call = padding => kind === "conv" && dims === 2 ? `tf.nn.conv2d(x, w, ${list([1, ...each(axes, "s"), 1])}, "${padding}"${dilations})` : kind === "conv" ? `tf.nn.convolution(x, w, strides=${middle}, padding="${padding}"${dilations})`
    : `tf.nn.conv_transpose(x, w, ${list([1, ...outs, 1])}, strides=${middle}, padding="${padding}"${dilations})`;
  const named = ["VALID", "SAME"].find(name => axes.every(axis => tensorflowSays(kind, axis, name)));
  if (named) return [call(named), ""];
  const pads = `[[0, 0], ${axes.map(axis => `[${axis.b}, ${axis.e - (kind === "tconv" ? axis.o : 0)}]`).join(", ")}, [0, 0]]`;
  if (dims === 2 && kind === "conv")
    return [`tf.nn.conv2d(x, w, ${list([1, ...each(axes, "s"), 1])}, ${pads}${dilations})`, ""];
  if (dims === 2 && axes.every(axis => axis.d === 1 && axis.o - axis.e < axis.s) && axes.every(axis => axis.e >= axis.o))
    return [`tf.nn.conv2d_transpose(x, w, ${list([1, ...outs, 1])}, ${list([1, ...each(axes, "s"), 1])}, ${pads})`, ""];
  return ["", 'TensorFlow says neither "SAME" nor "VALID" for this padding: crop or pad beside the layer'];
}

function tensorflowSays(kind, axis, name) {
  const out = outSize(kind, axis), {n, s} = axis, end = axis.e - axis.o;
  if (kind === "conv") return kerasWords(kind, axis).some(([word]) => word.toUpperCase() === name);
  if (name === "VALID") return axis.b === 0 && -end >= 0 && -end < s;
  const spare = (n - 1) * s + span(axis) - out;
  return Math.ceil(out / s) === n && axis.b === Math.floor(Math.max(spare, 0) / 2);
}

function jaxCode(kind, axes) {
  const python = values => values.length > 1 ? `(${values.join(", ")})` : `(${values[0]},)`;
  const strides = python(each(axes, "s")), dilation = python(each(axes, "d"));
  const order = axes.length === 1 ? '("NWC", "WIO", "NWC")' : '("NHWC", "HWIO", "NHWC")';
  const pairs = axes.map(axis => kind === "conv" ? [axis.b, axis.e]
    : [span(axis) - 1 - axis.b, span(axis) - 1 - axis.e + axis.o]);
  const padding = list(pairs.map(([begin, end]) => `(${begin}, ${end})`));
  return kind === "conv"
    ? [`jax.lax.conv_general_dilated(x, w, ${strides}, ${padding}, rhs_dilation=${dilation}, dimension_numbers=${order})`, ""]
    : [`jax.lax.conv_transpose(x, w, ${strides}, ${padding}, rhs_dilation=${dilation}, dimension_numbers=${order}, transpose_kernel=True)`, ""];
}

// The runtime wants output_padding below the stride; as far as there is padding at the end, that is cropped less instead.
function onnxCode(kind, axes) {
  const ends = axes.map(axis => Math.max(axis.e - axis.o, 0)), extra = axes.map(axis => Math.max(axis.o - axis.e, 0));
  if (extra.some((rows, at) => rows >= axes[at].s)) return ["", "ONNX's output_padding is below the stride: pad its output"];
  const pads = list([...each(axes, "b"), ...ends]);
  const shared = `kernel_shape=${list(each(axes, "k"))}, strides=${list(each(axes, "s"))}, pads=${pads}, dilations=${list(each(axes, "d"))}`;
  if (kind === "conv") return [`onnx.helper.make_node("Conv", ["x", "w"], ["y"], ${shared})`, ""];
  return [`onnx.helper.make_node("ConvTranspose", ["x", "w"], ["y"], ${shared}, output_padding=${list(extra)})`, ""];
}
