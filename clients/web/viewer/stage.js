// A stage as a viewer sees it, and the chat lines beside it. Pure.

export { NOTHING, after, fromSnapshot } from "../shared/stage_fold.js";
export { isRehearsal, onAir, stateOf, takesApplications, talking } from "../shared/session.js";

/** Chat lines as kept by the page: the newest last, no more than that many. A line that was removed is gone. */
export function withLine(lines, entry, most = 200) {
  const { body, offset, at_ms } = entry;
  if (body.t === "line_removed") return lines.filter((line) => line.offset !== body.line);
  if (body.caption) return lines;
  return [...lines, { ...body, offset, at_ms }].slice(-most);
}
