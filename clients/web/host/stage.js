// A stage as its host sees it: the fold of `stage/SESSION` (server/core/stage_fold.py), and which positions
// were explained how often, which the snapshot does not say. Pure.

import { PICTURE_HERE, TALK_FREE, wayOf } from "../shared/session.js";

export const EMPTY = Object.freeze({
  session: null, card: null, shownAt_ms: null, shown: {}, notice: "", picture: PICTURE_HERE, talk: TALK_FREE,
});

/** The stage from a snapshot. `known` is what this device remembers of the same session: {shown, position, at_ms}. */
export function fromSnapshot(snapshot, known) {
  const card = snapshot.card || null;
  const same = card && known && known.position === card.position.id;
  const shown = { ...((known && known.shown) || {}) };
  if (card && !shown[card.position.id]) shown[card.position.id] = 1;
  return {
    session: snapshot.session,
    card,
    shownAt_ms: same ? known.at_ms : null,
    shown,
    notice: snapshot.notice || "",
    picture: { ...PICTURE_HERE, ...snapshot.picture },
    talk: { ...TALK_FREE, ...snapshot.talk },
  };
}

/** The stage after an entry. Bodies that are no business of the stage change nothing. */
export function after(stage, body, at_ms) {
  switch (body.t) {
    case "state_changed":
      return {
        ...stage,
        session: wayOf(stage.session, body, at_ms),
        ...(body.state === "ended" ? { card: null, shownAt_ms: null } : null),
      };
    case "card_shown":
      return { ...stage, card: body.card, shownAt_ms: at_ms, shown: counted(stage.shown, body.card.position.id, 1) };
    case "card_hidden":
      return { ...stage, card: null, shownAt_ms: null };
    case "card_undone":
      return { ...stage, card: body.card || null, shownAt_ms: body.card ? at_ms : null,
        shown: counted(stage.shown, body.position, -1) };
    case "card_updated":
      return stage.card && stage.card.position.id === body.card.position.id ? { ...stage, card: body.card } : stage;
    case "shelf_changed":
      return { ...stage, session: { ...stage.session, shelf_revision: body.revision } };
    case "notice_pinned":
      return { ...stage, notice: body.text };
    case "notice_cleared":
      return { ...stage, notice: "" };
    case "picture_set":
      return { ...stage, picture: { ...PICTURE_HERE, ...body.picture } };
    case "talk_ruled":
      return { ...stage, talk: { ...TALK_FREE, ...body.talk } };
    default:
      return stage;
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
