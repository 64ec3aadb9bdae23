// A stage as a viewer sees it, and the chat lines beside it. Pure.

import { LIMITS } from "../shared/protocol.js";

export { NOTHING, after, fromSnapshot } from "../shared/stage_fold.js";
export { isRehearsal, onAir, stateOf, takesApplications, talking } from "../shared/session.js";

/** Chat lines as kept by the page: the newest last, no more than that many. A line that was removed is gone. */
export function withLine(lines, entry, most = 200) {
  const { body, offset, at_ms } = entry;
  if (body.t === "line_removed") return lines.filter((line) => line.offset !== body.line);
  if (body.caption) return lines;
  return [...lines, { ...body, offset, at_ms }].slice(-most);
}

/** A launch within what its own province holds it to: another one's word is taken no further. Null for any other. */
export function launchIn(launch, now) {
  const left = launch ? launch.show_at_ms - now : NaN;
  if (!(left > -LIMITS.LAUNCH_SHOWN_S * 1000 && left <= 2 * LIMITS.LAUNCH_IN_MOST_MS)) return null;
  return { ...launch, text: [...`${launch.text || ""}`].slice(0, LIMITS.NOTICE_LIMIT).join("") };
}
