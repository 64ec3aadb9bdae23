// A stage as a viewer sees it: the fold of stage/SESSION (server/core/stage_fold.py). Pure.

import { PICTURE_HERE, TALK_FREE, wayOf } from "../shared/session.js";

export const NOTHING = Object.freeze({ session: null, card: null, notice: "", picture: PICTURE_HERE, talk: TALK_FREE });

/** From a snapshot of the stage, or from GET /api/sessions/ID, which has the same fields. */
export function fromSnapshot(snapshot) {
  return {
    session: snapshot.session,
    card: snapshot.card || null,
    notice: snapshot.notice || "",
    picture: { ...PICTURE_HERE, ...snapshot.picture },
    talk: { ...TALK_FREE, ...snapshot.talk },
  };
}

/** After an entry's body. What is no business of the stage changes nothing. */
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

export { isRehearsal, onAir, stateOf, takesApplications, talking } from "../shared/session.js";

function isShown(stage, card) {
  return Boolean(stage.card) && stage.card.position.id === card.position.id;
}

/** Chat lines as kept by the page: the newest last, no more than that many. A line that was removed is gone. */
export function withLine(lines, entry, most = 200) {
  const { body, offset, at_ms } = entry;
  if (body.t === "line_removed") return lines.filter((line) => line.offset !== body.line);
  return [...lines, { ...body, offset, at_ms }].slice(-most);
}
