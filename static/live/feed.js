/** What a server tells of one notebook: connects, connects again, and says of each frame that it was shown. */

import { decode } from "../frame.js";

/** @import { LiveFrame, NotebookState } from "./types.js" */

const FIRST_WAIT = 400; // ms
const LONGEST_WAIT = 5000;
const OVER = 4404;

/**
 * @param {string} url
 * @param {object} listener
 * @param {(state: NotebookState) => void} listener.state
 * @param {(frame: LiveFrame, shown: () => void) => void} listener.frame call `shown` once it is on the screen
 * @param {() => void} listener.lost
 * @param {() => void} listener.refused the server has no room for this page; it asks again later
 * @param {() => void} listener.over the server does not have this page any more
 */
export function follow(url, listener) {
  let wait = FIRST_WAIT;
  let refused = 0; // ms after which a server that was full may be asked again

  function connect() {
    const socket = new WebSocket(url);
    socket.binaryType = "arraybuffer";
    socket.addEventListener("message", ({ data }) => {
      wait = FIRST_WAIT;
      if (typeof data === "string") {
        const event = JSON.parse(data);
        if (event.type === "refused") refused = event.retry_after * 1000;
        else listener.state(event.state);
        return;
      }
      const frame = /** @type {LiveFrame} */ (/** @type {unknown} */ (decode(data)));
      listener.frame(frame, () => {
        if (socket.readyState === WebSocket.OPEN) socket.send("shown");
      });
    });
    socket.addEventListener("close", ({ code }) => {
      if (code === OVER) {
        listener.over();
        return;
      }
      if (refused > 0) listener.refused();
      else listener.lost();
      // Spread, so that a class does not come back in one moment.
      setTimeout(connect, (refused || wait) * (0.75 + 0.5 * Math.random()));
      refused = 0;
      wait = Math.min(LONGEST_WAIT, wait * 1.6);
    });
  }
  connect();
}
