/** The connection: opens, opens again when it drops, numbers the commands, acknowledges what was shown. */

import { decode } from "./frame.js";

/** @import { Command, Experiment, Frame, ServerEvent } from "./types.js" */

const FIRST_WAIT = 400; // ms
const LONGEST_WAIT = 5000;
const STABLE_AFTER = 5000;
export const TOKEN = "neural-playground.session";

/**
 * @typedef {object} Listener
 * @property {() => Experiment | undefined} experiment what to open; undefined for the default
 * @property {(event: ServerEvent) => void} event
 * @property {(frame: Frame, shown: () => void) => void} frame call `shown` once it is on the screen
 * @property {(run: number, bytes: ArrayBuffer) => void} saved the run, to be kept as it is
 * @property {() => void} lost
 * @property {(reason: string) => void} broken a message that cannot be read
 */

/**
 * @param {string} url
 * @param {Listener} listener
 * @param {Storage} storage keeps the session's token for a page that is loaded again
 */
export function createConnection(url, listener, storage) {
  /** @type {WebSocket | null} */
  let socket = null;
  let welcomed = false;
  let closed = false;
  let wait = FIRST_WAIT;
  let retry = 0;
  let refused = 0; // ms after which a server that was full may be asked again
  let opening = 0;
  let lastId = 0; // what a lane has applied begins anew with each `open`

  function nextId() {
    lastId += 1;
    return lastId;
  }

  /** @param {object} message */
  function write(message) {
    if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message));
  }

  /** @param {Experiment | undefined} experiment */
  function open(experiment) {
    opening = nextId();
    const session = storage.getItem(TOKEN);
    const what = { ...(experiment && { experiment }), ...(session && { session }) };
    write({ type: "open", id: opening, save: true, ...what });
  }

  function connect() {
    clearTimeout(retry);
    const mine = new WebSocket(url);
    const since = performance.now();
    socket = mine;
    welcomed = false;
    refused = 0;
    mine.binaryType = "arraybuffer";
    mine.addEventListener("open", () => open(listener.experiment()));
    mine.addEventListener("message", ({ data }) => {
      if (socket === mine) read(data);
    });
    mine.addEventListener("close", () => {
      if (socket !== mine || closed) return;
      socket = null;
      if (performance.now() - since > STABLE_AFTER) wait = FIRST_WAIT;
      listener.lost();
      // Spread, so that a class does not come back in one moment.
      retry = window.setTimeout(connect, (refused || wait) * (0.75 + 0.5 * Math.random()));
      wait = Math.min(LONGEST_WAIT, wait * 1.6);
    });
  }

  /** @param {string | ArrayBuffer} data */
  function read(data) {
    if (typeof data === "string") {
      const event = /** @type {ServerEvent} */ (JSON.parse(data));
      if (event.type === "welcome") {
        welcomed = true;
        storage.setItem(TOKEN, event.session);
      } else if (event.type === "error" && event.id === opening && event.code === "invalid") {
        // Before the welcome by the server, after it by the engine: an own table that is gone.
        welcomed = false;
        open(undefined);
      } else if (event.type === "refused") {
        refused = event.retry_after * 1000; // its close follows
      }
      listener.event(event);
      return;
    }
    let frame;
    try {
      frame = decode(data);
    } catch (error) {
      listener.broken(String(error));
      return;
    }
    const { seq, run } = frame.header;
    if (seq === undefined) {
      listener.saved(run, data);
      return;
    }
    const from = socket;
    listener.frame(frame, () => {
      if (socket === from) write({ type: "ack", seq });
    });
  }

  window.addEventListener("online", () => {
    if (!socket && !closed) connect();
  });

  return {
    connect,

    /**
     * Sends a command and returns its id, or 0 while there is no session: nothing was sent then.
     * @param {Command} command
     * @returns {number}
     */
    send(command) {
      if (!welcomed || socket?.readyState !== WebSocket.OPEN) return 0;
      const id = nextId();
      write({ ...command, id });
      return id;
    },

    /** Closes for good: another page has the session now. */
    close() {
      closed = true; // the token stays: loading this page again takes the session back
      socket?.close();
    },
  };
}

/** @typedef {ReturnType<typeof createConnection>} SocketConnection */
