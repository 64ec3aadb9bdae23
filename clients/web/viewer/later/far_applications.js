// What was sent to sessions of other provinces: the application lives there, so its home is asked, directly, as it was when
// it was sent (shared/send_far.js: with a token for that province alone). Nothing of it passes our province.
//
//   await askFar()       into app.mine: {applications: own and theirs, silent: [codes that did not answer]}
//                           Once fetched, this asks by itself while the page is seen, and a step that is new is told.
//   farLink(code).send(command)    a command to that province; linkOf(session) the one to where a session is at home
//   showsFar(applications)         they stand before somebody's eyes: their provinces need not tell the phone
//   provinceName(setup, code)

import { appliedIn, farOf, receivedFar } from "../../shared/far.js";
import { sendFar } from "../../shared/send_far.js";
import { app, tellMoved } from "../app.js";
import { createSeen } from "../seen.js";

const WITHIN_MS = 8_000;
/** They send no word of a step. */
const AGAIN_MS = 60_000;
const MOST_PROVINCES = 8;
const MOST_EACH = 200;

/** As each told last, by its code: shown on while it is silent. */
const told = new Map();
const seen = new Map();
let asking = null;

export function farLink(code) {
  return {
    send(command) {
      return sendFar(farOf(`?@${code}`), command, { account: app.account, timeoutMs: WITHIN_MS });
    },
  };
}

export function linkOf(session) {
  const far = farOf(session);
  return far ? farLink(far.code) : app.link;
}

export function showsFar(applications) {
  for (const code of new Set(applications.map((item) => item.province))) {
    if (!seen.has(code)) seen.set(code, createSeen(farLink(code).send));
    seen.get(code).shows(applications.filter((item) => item.province === code));
  }
}

export function provinceName(setup, code) {
  const found = ((setup && setup.provinces) || []).find((one) => one.code === code);
  return found ? found.title : code;
}

export function askFar() {
  asking = asking || ask().finally(() => (asking = null));
  return asking;
}

setInterval(askAgain, AGAIN_MS);
document.addEventListener("visibilitychange", askAgain);

function askAgain() {
  if (document.visibilityState !== "hidden" && appliedIn().length) askFar();
}

async function ask() {
  const silent = [];
  const news = [];
  await Promise.all(
    appliedIn().slice(-MOST_PROVINCES).map(async (code) => {
      try {
        const answer = await farLink(code).send({ t: "my_applications" });
        const now = (answer.applications || []).slice(0, MOST_EACH).map((item) => ours(item, code));
        news.push(...movedSince(told.get(code) || [], now));
        told.set(code, now);
      } catch {
        silent.push(code);
      }
    }),
  );
  const theirs = [...told.values()].flat();
  app.mine.set((old) => ({ applications: [...old.applications.filter((item) => !item.province), ...theirs], silent }));
  showsFar(news);
  for (const item of news) tellMoved(item, item.status);
}

/** What was known before and stands elsewhere now; what she withdrew herself is no news. Pure. */
export function movedSince(before, now) {
  const known = new Map(before.map((item) => [item.id, item.status]));
  return now.filter(({ id, status }) => known.has(id) && known.get(id) !== status && status !== "withdrawn");
}

/** Under the names it has here. What is sent about it later goes to where it lives. */
function ours(item, code) {
  receivedFar(item.id, code);
  return { ...item, province: code, position: `${item.position}@${code}`, session: `${item.session}@${code}` };
}
