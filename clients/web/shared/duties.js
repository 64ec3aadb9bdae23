// What those on duty in a session may do, so that a page offers no more (server/core/rules.py, MAY decides).

const ALL = ["air", "rehearse", "cards", "notice", "picture", "streaming", "talk", "moderate", "answer", "assistants"];
const ASSISTANT = ["cards", "notice", "moderate", "answer"];

/** @param {{role: string, scope: string}[]} grants @param {string} sessionId a rehearsal has the duties of its session */
export function dutiesIn(grants, sessionId) {
  const scope = sessionId.split("~")[0];
  const roles = new Set(grants.filter((grant) => grant.scope === scope).map((grant) => grant.role));
  return new Set(roles.has("host") ? ALL : roles.has("assistant") ? ASSISTANT : []);
}
