/** The run as the server last saved it with this page, which gives it back to a server that has lost it. */

import { TOKEN } from "./socket.js";

/** @import { Experiment, Frame } from "./types.js" */

const FRESH = 1; // number of a lane's first run: the one that the run given back replaces

/**
 * What became of a run that was given back. `experiment`: the one that the lane goes on with; null if the server
 * will not have the run, undefined if the connection has dropped meanwhile. `frames`: what came meanwhile.
 * @typedef {{ experiment: Experiment | null | undefined, frames: Frame[] }} GivenBack
 */

/**
 * @param {string} root path under which the server is
 * @param {Storage} storage where the session's token is
 */
export function createKeptRun(root, storage) {
  /** @type {{ run: number, bytes: ArrayBuffer } | null} */
  let kept = null;
  /** @type {AbortController | null} */
  let giving = null; // until the server has answered, over however many connections
  let awaited = false; // whether the frame is, that shows the run given back
  /** @type {Frame[]} */
  let held = [];

  return {
    /**
     * The server has saved the run.
     * @param {number} run
     * @param {ArrayBuffer} bytes
     */
    keep(run, bytes) {
      if (!giving) kept = { run, bytes };
    },

    /**
     * Whether a session that has just been opened lacks the run that is kept.
     * @param {boolean} resumed whether it is the session that there was
     * @param {number} run the last that was shown
     */
    isMissing(resumed, run) {
      // Later runs than the one that was saved begin again from their experiment.
      return giving !== null || (!resumed && kept?.run === run);
    },

    /** The connection has dropped: whatever the server makes of the run, it is given back again. */
    lost() {
      giving?.abort();
    },

    /** @returns {Promise<GivenBack>} */
    async giveBack() {
      giving?.abort();
      const mine = new AbortController();
      giving = mine;
      awaited = false;
      held = [];
      const experiment = await imported(mine.signal);
      if (mine.signal.aborted) return { experiment: undefined, frames: [] };
      giving = null;
      const [first] = held;
      awaited = experiment !== null && !(first && first.header.run > FRESH);
      if (awaited) return { experiment, frames: [] };
      if (experiment && kept && first) kept.run = first.header.run;
      return { experiment, frames: held };
    },

    /**
     * Whether a frame is of the time before the run was back, and not to be shown now.
     * @param {Frame} frame
     */
    holds(frame) {
      const { key, run } = frame.header;
      if (awaited && key && run > FRESH) {
        awaited = false;
        if (kept) kept.run = run;
      }
      if (giving) held = key ? [frame] : [...held, frame];
      return giving !== null || awaited;
    },
  };

  /**
   * The experiment that the lane goes on with, or null.
   * @param {AbortSignal} signal
   * @returns {Promise<Experiment | null>}
   */
  async function imported(signal) {
    const headers = { "X-Session": storage.getItem(TOKEN) ?? "", "Content-Type": "application/octet-stream" };
    try {
      const request = { method: "POST", headers, body: kept?.bytes ?? null, signal };
      const answer = await fetch(`${root}/api/runs/import`, request);
      return answer.ok ? (await answer.json()).experiment : null;
    } catch {
      return null;
    }
  }
}

/** @typedef {ReturnType<typeof createKeptRun>} KeptRun */
