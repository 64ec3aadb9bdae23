// Which applicants the list shows: those who wait, or all, or those of one step, and of one position; in which order; and
// one of them by a word. Pure.
//
//   filter = {show: "waiting" | "all", status, position, order: "longest" | "newest"}

import { isWaiting } from "./waiting.js";

export const ORDERS = ["longest", "newest"];

/** The part of `list_applications` that says so. */
export function asked({ show, status, position, order }) {
  const statuses = show === "waiting" ? ["applied", "viewed"] : status ? [status] : [];
  return {
    ...(statuses.length ? { statuses } : null),
    ...(position ? { position } : null),
    ...(order === "longest" ? { order } : null),
  };
}

/** Whether a row that is known belongs into the list. */
export function belongs(row, { show, status, position }) {
  if (position && row.position !== position) return false;
  return show === "waiting" ? isWaiting(row.status) : !status || row.status === status;
}

/** Whether a person is meant by these words: the visible part of the name, digits of the number, the receipt, the
    position. A whole number is compared with the digits that a masked one shows. */
export function meant(row, words) {
  const wanted = words.trim().toLowerCase();
  if (!wanted) return true;
  const digits = wanted.replace(/[\s-]/g, "");
  if (/^1\d{10}$/.test(digits)) return row.phone.length === 11 && [...row.phone].every((one, n) => one === "*" || one === digits[n]);
  const names = [row.name, row.for_whom, row.receipt, row.position_title].map((one) => (one || "").toLowerCase());
  if (/^\d+$/.test(digits)) return row.phone.split(/\*+/).some((part) => part.includes(digits)) || names.some((one) => one.includes(digits));
  return names.some((one) => one.includes(wanted));
}
