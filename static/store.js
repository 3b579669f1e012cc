/** The page's state: one object, replaced on every change, and those who watch some of its members. */

/** @import { State } from "./types.js" */

/**
 * @param {State} initial
 */
export function createStore(initial) {
  let state = initial;
  /** @type {{ members: (keyof State)[], tell: (state: State) => void }[]} */
  const watchers = [];

  return {
    /** @returns {State} */
    get() {
      return state;
    },

    /**
     * Changes some members and tells those who watch one of them; equal values are no change.
     * @param {Partial<State>} change
     */
    update(change) {
      const members = /** @type {(keyof State)[]} */ (Object.keys(change)).filter(
        (member) => !Object.is(state[member], change[member]),
      );
      if (members.length === 0) return;
      state = { ...state, ...change };
      for (const watcher of watchers) {
        if (watcher.members.some((member) => members.includes(member))) watcher.tell(state);
      }
    },

    /**
     * Tells at once, and then whenever one of these members has changed.
     * @param {(keyof State)[]} members
     * @param {(state: State) => void} tell
     */
    watch(members, tell) {
      watchers.push({ members, tell });
      tell(state);
    },
  };
}

/** @typedef {ReturnType<typeof createStore>} Store */
