// The list of applicants as values: merging pages, and what a step does to a row. Pure.

/** Old rows under newer ones of the same id; in the order asked for. */
export function merged(rows, newer, order = "newest") {
  const byId = new Map(rows.map((row) => [row.id, row]));
  for (const row of newer) byId.set(row.id, row);
  const way = order === "longest" ? -1 : 1;
  return [...byId.values()].sort((a, b) => way * (b.applied_at_ms - a.applied_at_ms || (a.id < b.id ? 1 : -1)));
}

/** Where the next page begins after these rows: what the hub gives as `next`. */
export function cursorAfter(rows) {
  const last = rows[rows.length - 1];
  return last ? `${last.applied_at_ms}.${last.id}` : "";
}

/** Who comes before and after somebody in the rows that are shown: {before, after, place, of}; null at an end. */
export function neighbours(rows, id) {
  const at = rows.findIndex((row) => row.id === id);
  return { before: at > 0 ? rows[at - 1] : null, after: at >= 0 ? rows[at + 1] || null : null, place: at + 1, of: rows.length };
}

/** The row after a step. */
export function moved(row, status, at_ms) {
  return row.status === status ? row : { ...row, status, changed_at_ms: at_ms };
}

/** The state of an inbox without that application: its person took the consent back. */
export function without(state, id) {
  return {
    rows: state.rows.filter((row) => row.id !== id),
    opened: state.opened && state.opened.id === id ? null : state.opened,
    fresh: new Set([...state.fresh].filter((one) => one !== id)),
  };
}

/**
 * The open application after a step, told twice at most: by the answer to one's own command, which knows what belongs
 * to it (`parts`), and by the channel, which does not.
 */
export function stepped(opened, status, at_ms, parts = {}) {
  const steps = opened.steps || [];
  const last = steps[steps.length - 1];
  if (last && last.status === status && Math.abs(last.at_ms - at_ms) < SAME_STEP_MS) {
    const known = { ...last, ...parts, status, at_ms: last.at_ms };
    return { ...opened, status, steps: [...steps.slice(0, -1), known] };
  }
  return { ...opened, status, changed_at_ms: at_ms, steps: [...steps, { ...parts, status, at_ms }] };
}

const SAME_STEP_MS = 5_000;
