// A session as its pages see it: the steps of its life, and what stands beside its cards until somebody says otherwise.
// Pure; the viewer's and the host's fold of `stage/SESSION` share it.

/** The wire leaves out what is the default (server/core/model/sessions.py). */
export const PICTURE_HERE = Object.freeze({ kind: "here", url: "" });
export const TALK_FREE = Object.freeze({ mode: "confirmed", slow_s: 0 });

/** The session after a `state_changed` of that moment. */
export function wayOf(session, body, at_ms) {
  const ended = body.state === "ended";
  const next = { ...session, state: body.state, cut_off: ended && Boolean(body.cut_off) };
  if (body.state === "live" && next.live_at_ms == null) next.live_at_ms = at_ms;
  next.ended_at_ms = ended ? at_ms : null;
  return next;
}

export function stateOf(session) {
  return (session && session.state) || "scheduled";
}

/** On air: `interrupted` counts, its picture is expected back. */
export function onAir(session) {
  return ["live", "interrupted"].includes(stateOf(session));
}

/** A rehearsal has an id of its own, which only its link tells. */
export function isRehearsal(session) {
  return Boolean(session && session.id && session.id.includes("~"));
}

/** Whether cards are shown and lines said: on air, and in a rehearsal that is open. */
export function talking(session) {
  return onAir(session) || stateOf(session) === "rehearsal";
}

/** A position outlives its session: who watches the replay applies like who was there. */
export function takesApplications(session) {
  return !isRehearsal(session) && !(session && session.cut_off) && stateOf(session) !== "scheduled";
}
