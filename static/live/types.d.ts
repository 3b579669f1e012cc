/** What a server tells of a notebook's model, as docs/live.md has it; no code. */

import type { Frame, Problem } from "../types.js";

/** What the notebook is doing. */
export type NotebookState = "waiting" | "learning" | "diverged" | "finished" | "quiet";

/** And what the page knows of it. */
export type Known = NotebookState | "connecting" | "lost" | "refused" | "over";

export interface LiveAxis {
  name: string;
  low: number;
  high: number;
}

export interface LiveLayer {
  name: string;
  kind: string;
  shape: string;
  parameters: number;
}

/** The model, and what its pictures and points are of. */
export interface About {
  model: string;
  layers: LiveLayer[];
  parameters: number;
  /** How many are to be trained; 0 if it was not said. */
  epochs: number;
  problem: Problem;
  classes: number;
  names: string[];
  activation: string;
  axes: LiveAxis[];
  target: { mean: number; scale: number };
  train: number;
  test: number;
}

/** `about` is there in key frames. */
export interface LiveHeader {
  seq: number;
  key: boolean;
  run: number;
  state: NotebookState;
  epoch: number;
  step: number;
  about?: About;
}

/** A frame as frame.js decodes it, with this header. */
export type LiveFrame = Omit<Frame, "header"> & { header: LiveHeader };
