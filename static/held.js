/** Where the columns that the plane does not show are held, as a link says it: in their order, null for the mean. */

/** @import { Axis, Command, Snapshot } from "./types.js" */
/** @import { Store } from "./store.js" */

const CLOSE = 1e-6; // of a column's range

/** The columns beyond the plane's two. @param {Snapshot | null} snapshot @returns {Axis[]} */
const beyond = (snapshot) => snapshot?.axes.slice(2) ?? [];

/**
 * @param {Store} store
 * @param {(command: Command) => number} send gives the command's id, 0 if it could not be sent
 */
export function createHolding(store, send) {
  let pending = 0; // id of the last `hold` that no frame has shown yet
  let owed = true; // what the link says is still to be sent

  return {
    /** @param {string} column @param {number} value */
    hold(column, value) {
      const place = beyond(store.get().snapshot).findIndex(({ name }) => name === column);
      if (place >= 0) store.update({ held: withHeld(store.get().held, place, value) });
      pending = send({ type: "hold", column, value });
    },

    /** The lane may know nothing of it. */
    again() {
      pending = 0;
      owed = true;
    },

    /** @param {number | null} id of a command that was not carried out */
    refused(id) {
      if (id !== null && id >= pending) pending = 0;
    },

    /** What the server says, once it has the page's own data. @param {Snapshot} snapshot */
    take(snapshot) {
      if (snapshot.applied >= pending) pending = 0;
      if (pending > 0) return;
      const { held } = store.get();
      const columns = beyond(snapshot);
      if (owed) {
        owed = false;
        columns.forEach(({ name }, place) => {
          const value = held[place] ?? null;
          if (value !== null) pending = send({ type: "hold", column: name, value });
        });
      }
      if (pending > 0) return;
      const now = stillHeld(held, columns);
      if (now.join() !== held.join()) store.update({ held: now });
    },
  };
}

/**
 * @param {(number | null)[]} held
 * @param {number} place
 * @param {number} value
 */
function withHeld(held, place, value) {
  const all = Array.from({ length: Math.max(held.length, place + 1) }, (_, i) => held[i] ?? null);
  all[place] = value;
  return all;
}

/**
 * Of what was chosen, what holds: other data are held at their means again.
 * @param {(number | null)[]} chosen
 * @param {Axis[]} columns
 */
function stillHeld(chosen, columns) {
  const all = chosen.map((value, place) => {
    const axis = columns[place];
    const holds = axis && value !== null && Math.abs(axis.held - value) <= CLOSE * (axis.high - axis.low);
    return holds ? value : null;
  });
  return all.slice(0, all.findLastIndex((value) => value !== null) + 1);
}
