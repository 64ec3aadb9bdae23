// Who brought the seeker: the code of a poster or QR (`?from=poster-S01`), kept on this device for a week and sent with
// every application made in it. Pure but for what it is given.
//
//   rememberSource(location.search)   at the start of the page; the newest code counts
//   sourceNow()                       the code, "" for none or an old one

import { keep } from "../shared/keep.js";
import { LIMITS } from "../shared/protocol.js";

export const SOURCE_DAYS = 7;
const DAY_MS = 86_400_000;
const NAME = "source";

/** The code in an address, "" for none and for what is none. */
export function codeIn(search) {
  const code = new URLSearchParams(search).get("from") || "";
  return code.length <= LIMITS.SOURCE_LIMIT && /^[A-Za-z0-9_-]+$/.test(code) ? code : "";
}

export function rememberSource(search, { storage = keep, nowMs = Date.now() } = {}) {
  const code = codeIn(search);
  if (code) storage.set(NAME, { code, at_ms: nowMs });
}

export function sourceNow({ storage = keep, nowMs = Date.now() } = {}) {
  const kept = storage.get(NAME);
  if (!kept || !codeIn(`?from=${kept.code}`)) return "";
  const age = nowMs - kept.at_ms;
  if (age >= 0 && age < SOURCE_DAYS * DAY_MS) return kept.code;
  storage.drop(NAME);
  return "";
}
