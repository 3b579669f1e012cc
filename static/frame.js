/** Frames: bytes to header and blocks, and blocks to what the lane shows. Pure. */

/** @import { Block, Frame, FrameHeader, Numbers, Pictures, Snapshot } from "./types.js" */

const text = new TextDecoder();

/** @param {number} length */
const padded = (length) => Math.ceil(length / 4) * 4;

/**
 * @param {ArrayBuffer} buffer
 * @returns {Frame} an Error if the bytes are no frame
 */
export function decode(buffer) {
  if (buffer.byteLength < 4) throw new Error("no frame: shorter than its first member");
  const length = new DataView(buffer).getUint32(0, true);
  if (4 + length > buffer.byteLength) throw new Error("no frame: its header is cut off");
  const header = /** @type {FrameHeader} */ (JSON.parse(text.decode(new Uint8Array(buffer, 4, length))));
  /** @type {Map<string, Block>} */
  const blocks = new Map();
  let start = 4 + length;
  for (const [name, dtype, shape] of header.blocks) {
    const items = shape.reduce((product, n) => product * n, 1);
    const size = dtype === "f4" ? 4 * items : items;
    if (start + size > buffer.byteLength) throw new Error(`no frame: its block ${name} is cut off`);
    /** @type {Numbers} */
    const data = dtype === "f4" ? floats(buffer, start, items) : new Uint8Array(buffer, start, items);
    blocks.set(name, { data, shape });
    start += padded(size);
  }
  return {
    header,
    floats: (name) => /** @type {Block<Float32Array> | undefined} */ (blocks.get(name)) ?? null,
    bytes: (name) => /** @type {Block<Uint8Array> | undefined} */ (blocks.get(name)) ?? null,
    panelBlocks: () => Object.fromEntries([...blocks].filter(([name]) => name.includes("."))),
  };
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
 * What the lane shows after a frame. What a frame leaves out is as it was; an Error if it was never there.
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
  const neurons = hidden && ranges ? pictures(hidden, ranges.subarray(0, -2)) : before?.neurons;
  const features = frame.bytes("inputs");
  const featureRanges = frame.floats("input_ranges");
  const inputs = features && featureRanges ? pictures(features, featureRanges.data) : before?.inputs;
  const drawn = frame.floats("points");
  const points = drawn && header.counts ? { values: drawn.data, counts: header.counts } : before?.points;
  const axes = header.axes ?? before?.axes;
  const target = header.target ?? before?.target;
  if (!experiment || !weights || !boundary || !neurons || !inputs || !points || !axes || !target) {
    throw new Error("the first frame is no key frame");
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
 * @param {Block<Uint8Array>} block (side, side) or (count, side, side)
 * @param {Float32Array} ranges
 * @returns {Pictures}
 */
function pictures(block, ranges) {
  const side = block.shape.at(-1) ?? 0;
  return { side, count: ranges.length / 2, data: block.data, ranges };
}
