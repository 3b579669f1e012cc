/** Frames: bytes to header and blocks, and blocks to what the lane shows. Pure. */

/** @import { Block, Frame, FrameHeader, Numbers, Pictures, Points, Snapshot } from "./types.js" */

const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** @param {number} length */
const padded = (length) => Math.ceil(length / 4) * 4;

/** Bytes that are no frame, or a frame whose parts do not fit together. */
export class FrameError extends Error {
  /** @override */
  name = "FrameError";
}

/**
 * @param {ArrayBuffer} buffer
 * @returns {Frame} a FrameError if the bytes are no frame
 */
export function decode(buffer) {
  if (buffer.byteLength < 4) throw new FrameError("no frame: shorter than its first member");
  const length = new DataView(buffer).getUint32(0, true);
  let start = 4 + length;
  if (start > buffer.byteLength) throw new FrameError("no frame: its header is cut off");
  if (start % 4 !== 0) throw new FrameError("no frame: its header is not padded");
  const header = headerOf(new Uint8Array(buffer, 4, length));
  /** @type {Map<string, Block>} */
  const blocks = new Map();
  for (const described of header.blocks) {
    if (!isDescribed(described)) throw new FrameError("no frame: a block is not described");
    const [name, dtype, shape] = described;
    const items = shape.reduce((product, n) => product * n, 1);
    const size = dtype === "f4" ? 4 * items : items;
    // Not the other way round: a product beyond all numbers times 0 is NaN.
    if (!(start + size <= buffer.byteLength)) throw new FrameError(`no frame: its block ${name} is cut off`);
    /** @type {Numbers} */
    const data = dtype === "f4" ? floats(buffer, start, items) : new Uint8Array(buffer, start, items);
    blocks.set(name, { data, shape });
    start += padded(size);
  }
  return {
    header,
    floats: (name) => of(Float32Array, blocks.get(name)),
    bytes: (name) => of(Uint8Array, blocks.get(name)),
    panelBlocks: () => Object.fromEntries([...blocks].filter(([name]) => name.includes("."))),
  };
}

/**
 * @param {Uint8Array} bytes
 * @returns {FrameHeader} with a list of blocks, whatever is in it
 */
function headerOf(bytes) {
  let header;
  try {
    header = JSON.parse(text.decode(bytes));
  } catch (error) {
    throw new FrameError(`no frame: its header is no JSON (${error})`);
  }
  if (!Array.isArray(header?.blocks)) throw new FrameError("no frame: its header has no blocks");
  return header;
}

/** @param {unknown} described @returns {boolean} whether it is a block's name, type and shape */
function isDescribed(described) {
  if (!Array.isArray(described) || described.length !== 3) return false;
  const [name, dtype, shape] = described;
  return (
    typeof name === "string" &&
    (dtype === "f4" || dtype === "u1") &&
    Array.isArray(shape) &&
    shape.every((n) => Number.isSafeInteger(n) && n >= 0)
  );
}

/**
 * A block, if there is one and it is of that type.
 * @template {Numbers} T
 * @param {new (...given: never[]) => T} type
 * @param {Block | undefined} block
 * @returns {Block<T> | null}
 */
function of(type, block) {
  return block?.data instanceof type ? /** @type {Block<T>} */ (block) : null;
}

const LITTLE = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1;

/**
 * @param {ArrayBuffer} buffer
 * @param {number} start
 * @param {number} items
 */
function floats(buffer, start, items) {
  if (LITTLE) return new Float32Array(buffer, start, items);
  const view = new DataView(buffer, start, 4 * items);
  return Float32Array.from({ length: items }, (_, i) => view.getFloat32(4 * i, true));
}

/**
 * What the lane shows after a frame. What a frame leaves out is as it was; a FrameError if it was never there,
 * or if there are not as many numbers as there should be.
 * @param {Snapshot | null} before
 * @param {Frame} frame
 * @returns {Snapshot}
 */
export function merge(before, frame) {
  const { header } = frame;
  const experiment = header.experiment ?? before?.experiment;
  const weights = frame.floats("weights")?.data ?? before?.weights;
  const normalization = frame.floats("normalization")?.data ?? before?.normalization ?? new Float32Array(0);
  const ranges = frame.floats("ranges")?.data ?? null;
  const output = frame.bytes("boundary");
  const hidden = frame.bytes("neurons");
  const boundary = output && ranges ? pictures(output, ranges.subarray(-2)) : before?.boundary;
  const neurons =
    hidden && ranges ? someOf(header.pictured, hidden, ranges.subarray(0, -2)) : before?.neurons;
  const features = frame.bytes("inputs");
  const featureRanges = frame.floats("input_ranges");
  const inputs = features && featureRanges ? pictures(features, featureRanges.data) : before?.inputs;
  const drawn = frame.floats("points");
  const points = drawn && header.counts ? pointsOf(drawn, header.counts) : before?.points;
  const axes = header.axes ?? before?.axes;
  const target = header.target ?? before?.target;
  if (!experiment || !weights || !boundary || !neurons || !inputs || !points || !axes || !target) {
    throw new FrameError("the first frame is no key frame");
  }
  return {
    seq: header.seq,
    applied: header.applied,
    run: header.run,
    step: header.step,
    epoch: header.epoch,
    offset: header.offset,
    trainPoints: header.train_points,
    state: header.state,
    speed: header.speed,
    exact: header.exact,
    layers: header.layers,
    activations: header.activations,
    problem: header.problem,
    classes: header.classes,
    measured: header.measured,
    stopped: header.stopped,
    touched: header.touched,
    panels: { ...before?.panels, ...header.panels },
    panelBlocks: { ...before?.panelBlocks, ...frame.panelBlocks() },
    stop: header.stop,
    experiment,
    weights,
    normalization,
    boundary,
    neurons,
    inputs,
    points,
    axes,
    target,
  };
}

/**
 * @param {number[] | null | undefined} pictured numbers of the pictures that there are; without it all
 * @param {Block<Uint8Array>} block (pictured, side, side)
 * @param {Float32Array} ranges of all
 * @returns {Pictures}
 */
function someOf(pictured, block, ranges) {
  if (!pictured) return pictures(block, ranges);
  const side = block.shape.at(-1) ?? 0;
  const count = ranges.length / 2;
  const data = new Uint8Array(count * side ** 2);
  const absent = new Set(Array.from({ length: count }, (_, number) => number));
  pictured.forEach((number, i) => {
    data.set(block.data.subarray(i * side ** 2, (i + 1) * side ** 2), number * side ** 2);
    absent.delete(number);
  });
  return { side, count, data, ranges, absent };
}

/**
 * @param {Block<Uint8Array>} block (side, side) or (count, side, side)
 * @param {Float32Array} ranges
 * @returns {Pictures}
 */
function pictures(block, ranges) {
  const side = block.shape.at(-1) ?? 0;
  const count = ranges.length / 2;
  if (block.data.length !== count * side * side) throw new FrameError("pictures and ranges do not fit");
  return { side, count, data: block.data, ranges };
}

/**
 * @param {Block<Float32Array>} block (points, 3)
 * @param {Points["counts"]} counts
 * @returns {Points}
 */
function pointsOf({ data }, counts) {
  if (data.length !== 3 * (counts.train + counts.test)) throw new FrameError("points and counts do not fit");
  return { values: data, counts };
}
