// Which applicants the list shows: those who wait, or all, or those of one step, and of one position. Pure.

import { isWaiting } from "./waiting.js";

/** The part of `list_applications` that says so. */
export function asked({ show, status, position }) {
  const statuses = show === "waiting" ? ["applied", "viewed"] : status ? [status] : [];
  return { ...(statuses.length ? { statuses } : null), ...(position ? { position } : null) };
}

/** Whether a row that is known belongs into the list. */
export function belongs(row, { show, status, position }) {
  if (position && row.position !== position) return false;
  return show === "waiting" ? isWaiting(row.status) : !status || row.status === status;
}
