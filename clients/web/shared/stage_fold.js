// The fold of `stage/SESSION` (server/core/stage_fold.py), once for all pages. Pure.
//
//   NOTHING                        before anything is known
//   fromSnapshot(snapshot)         from a snapshot, or from GET /api/sessions/ID, which has the same fields
//   after(stage, body, at_ms)      after an entry's body; what is no business of the stage changes nothing

import { PICTURE_HERE, TALK_FREE, wayOf } from "./session.js";

export const NOTHING = Object.freeze({ session: null, card: null, notice: "", picture: PICTURE_HERE, talk: TALK_FREE });

export function fromSnapshot(snapshot) {
  return {
    session: snapshot.session,
    card: snapshot.card || null,
    notice: snapshot.notice || "",
    picture: { ...PICTURE_HERE, ...snapshot.picture },
    talk: { ...TALK_FREE, ...snapshot.talk },
  };
}

export function after(stage, body, at_ms) {
  const session = stage.session || {};
  switch (body.t) {
    case "state_changed":
      return { ...stage, session: wayOf(session, body, at_ms), card: body.state === "ended" ? null : stage.card };
    case "card_shown":
      return { ...stage, card: body.card };
    case "card_hidden":
      return { ...stage, card: null };
    case "card_undone":
      return { ...stage, card: body.card || null };
    case "card_updated":
      return isShown(stage, body.card) ? { ...stage, card: body.card } : stage;
    case "shelf_changed":
      return { ...stage, session: { ...session, shelf_revision: body.revision } };
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

function isShown(stage, card) {
  return Boolean(stage.card) && stage.card.position.id === card.position.id;
}
