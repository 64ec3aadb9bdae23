// What is sent to another province, and what is shown there: a token that our own province makes for that one alone, good
// for ten minutes. The one that is good here is never shown there: whoever reads that province's memory or logs could act
// as its owner here, for days. Kept in memory only, one for each province, and had anew when it has run out.
//
//   await sendFar({ home, code }, command, { account, timeoutMs })     -> the reply of that province
//   throws RefusalError    of that province; or, when our own gave no token, a temporary one: nothing was said about the command
//
// Comes when it is first wanted: most people send nothing to another province.

import { ANSWER_WITHIN_MS, RefusalError, postJson } from "./api.js";

/** Had anew so long before the end: an answer takes its time, and clocks of two provinces differ. */
const SOON_MS = 60_000;
const NOT_TAKEN = new Set(["not_signed_in", "token_expired"]);

/** By the province's code: {person, token, until}, the last by this device's own clock. */
const kept = new Map();
const asking = new Map();

export async function sendFar({ home, code }, command, { account, timeoutMs = ANSWER_WITHIN_MS }) {
  if (!home) throw new RefusalError("offline", { temporary: true });
  const until = Date.now() + timeoutMs;
  const left = () => Math.max(1_000, until - Date.now());
  const post = (token) => postJson(`${home}/api/commands`, command, { token, timeoutMs: left() });
  const token = await tokenFor(code, account, left());
  try {
    return await post(token);
  } catch (error) {
    // It ended on the way (this device slept, its clock was put right), or that province forgot us: once more with a new one.
    if (!NOT_TAKEN.has(error.code)) throw error;
    if ((kept.get(code) || {}).token === token) kept.delete(code);
    return post(await tokenFor(code, account, left()));
  }
}

async function tokenFor(code, account, timeoutMs) {
  const own = await account.ready();
  const { person } = account.current || {};
  const has = kept.get(code);
  if (has && has.person === person && has.until > Date.now()) return has.token;
  const of = `${code} ${person}`;
  if (!asking.has(of)) asking.set(of, ask(code, { own, person, timeoutMs }).finally(() => asking.delete(of)));
  return asking.get(of);
}

async function ask(code, { own, person, timeoutMs }) {
  const begun = Date.now();
  try {
    const told = await postJson("/api/tokens/for", { province: code }, { token: own, timeoutMs });
    // By the hub's clock it is good for so long; this device's may be wrong, and only measures.
    kept.set(code, { person, token: told.token, until: begun + (told.until_ms - told.now_ms) - SOON_MS });
    return told.token;
  } catch (error) {
    throw new RefusalError(error.code || "unavailable", { temporary: true, params: error.params });
  }
}
