// A stage as a viewer sees it: the fold of stage/SESSION (server/core/bodies.py, fold_stage). Pure.

export const NOTHING = Object.freeze({ session: null, card: null });

/** From a snapshot of the stage, or from GET /api/sessions/ID, which has the same fields. */
export function fromSnapshot(snapshot) {
  return { session: snapshot.session, card: snapshot.card || null };
}

/** After an entry's body. What is no business of the stage changes nothing. */
export function after(stage, body) {
  const session = stage.session || {};
  switch (body.t) {
    case "state_changed":
      return {
        session: { ...session, state: body.state },
        card: body.state === "ended" ? null : stage.card,
      };
    case "card_shown":
      return { ...stage, card: body.card };
    case "card_hidden":
      return { ...stage, card: null };
    case "card_undone":
      return { ...stage, card: body.card || null };
    case "shelf_changed":
      return { ...stage, session: { ...session, shelf_revision: body.revision } };
    default:
      return stage;
  }
}

/** A session's state; the wire leaves out what is the default. */
export function stateOf(session) {
  return (session && session.state) || "scheduled";
}

export function onAir(session) {
  return ["live", "interrupted"].includes(stateOf(session));
}

/** Chat lines as kept by the page: the newest last, no more than that many. */
export function withLine(lines, entry, most = 200) {
  return [...lines, { ...entry.body, offset: entry.offset, at_ms: entry.at_ms }].slice(-most);
}
