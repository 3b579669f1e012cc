/** What views of the network show: an earlier moment of it, where one is looked at. Pure. */

/** @import { State } from "./types.js" */

/**
 * The state as it was then, for what shows a network; what commands it sees the state itself.
 * @param {State} state
 * @returns {State}
 */
export function shownState(state) {
  const { past } = state;
  if (!past) return state;
  const { snapshot } = past;
  return { ...state, snapshot, edited: snapshot.experiment, inForce: snapshot.experiment, playing: false };
}
