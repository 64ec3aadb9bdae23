// A stage as its host sees it: the fold of all pages, and which positions were explained how often and since when,
// which the snapshot does not say. Pure.

import * as fold from "../shared/stage_fold.js";

export const EMPTY = Object.freeze({ ...fold.NOTHING, shownAt_ms: null, shown: {} });

/** The stage from a snapshot. `known` is what this device remembers of the same session: {shown, position, at_ms}. */
export function fromSnapshot(snapshot, known) {
  const stage = fold.fromSnapshot(snapshot);
  const { card } = stage;
  const same = card && known && known.position === card.position.id;
  const shown = { ...((known && known.shown) || {}) };
  if (card && !shown[card.position.id]) shown[card.position.id] = 1;
  return { ...stage, shownAt_ms: same ? known.at_ms : null, shown };
}

/** The stage after an entry. Bodies that are no business of the stage change nothing. */
export function after(stage, body, at_ms) {
  const next = fold.after(stage, body, at_ms);
  switch (body.t) {
    case "state_changed":
      return { ...next, shownAt_ms: next.card ? stage.shownAt_ms : null };
    case "card_shown":
      return { ...next, shownAt_ms: at_ms, shown: counted(stage.shown, body.card.position.id, 1) };
    case "card_hidden":
      return { ...next, shownAt_ms: null };
    case "card_undone":
      return { ...next, shownAt_ms: next.card ? at_ms : null, shown: counted(stage.shown, body.position, -1) };
    default:
      return next;
  }
}

function counted(shown, position, by) {
  return { ...shown, [position]: Math.max(0, (shown[position] || 0) + by) };
}

/** What to remember on this device, so that a reload keeps marks and timer. */
export function memoryOf(stage) {
  return { shown: stage.shown, position: stage.card ? stage.card.position.id : null, at_ms: stage.shownAt_ms };
}

export { isRehearsal, onAir, stateOf, talking } from "../shared/session.js";
