// What all parts of the viewer page share: who we are, the link, what waits to be sent, what we have applied for.
//
//   app.account app.link app.outbox      shared/account.js, link.js, outbox.js
//   app.setup                            store of GET /api/setup: {title, region, demo, consent, licence} or null
//   app.mine                             store: {state, applications, error, silent}; kept fresh by me/PERSON. What was sent
//                                        to another province has `province`, and `position` as POSITION@CODE; `silent` are
//                                        the provinces that do not answer
//   refreshMine()                        ask for 我的投递 again
//   activeFor(applications, positionId, sessionId)   the newest application to that position that is not withdrawn

import { guestAccount } from "../shared/account.js";
import { getJson } from "../shared/api.js";
import { announce, toast } from "../shared/components.js";
import { appliedIn, farOf, learnHome } from "../shared/far.js";
import { statusText } from "../shared/format.js";
import { refusalText, t } from "../shared/i18n.js";
import { createLink } from "../shared/link.js";
import { createOutbox } from "../shared/outbox.js";
import { createStore } from "../shared/store.js";
import { openSheet, route } from "./route.js";
import { createSeen } from "./seen.js";
import { launchIn } from "./stage.js";

const account = guestAccount();
const link = createLink({ account });
const outbox = createOutbox({ name: "viewer", send: (command) => link.send(command) });
const mine = createStore({ state: "loading", applications: [], error: null, silent: [] });
const setup = createStore({ value: null });
const waiting = createStore({ items: outbox.items });
const launch = createStore({ value: null });

export const app = { account, link, outbox, mine, setup, waiting, launch };

/** 开幕, from a room or from the portal: the latest. */
export function hearLaunch(told) {
  const { value: old } = launch.state;
  const value = launchIn(told, link.serverNow());
  if (value && !(old && old.show_at_ms >= value.show_at_ms)) launch.set({ value });
}

/** Which steps of our applications were shown here. */
export const seen = createSeen((command) => link.send(command));

export function activeFor(applications, positionId, sessionId) {
  const far = farOf(sessionId);
  const wanted = far ? `${positionId}@${far.code}` : positionId;
  return applications.find((item) => item.position === wanted && item.status !== "withdrawn") || null;
}

// ---- 我的投递 ----

let asking = null;
let askAgain = false;

/** Own ones are news; those sent to other provinces stay as they were told last. */
function tellMine(own) {
  const { applications } = mine.state;
  mine.set({ state: "ready", applications: [...own, ...applications.filter((item) => item.province)], error: null });
}

/** What was sent to other provinces is asked of them. */
export function refreshFar() {
  if (!appliedIn().length) return;
  import("./later/far_applications.js").then(({ askFar }) => askFar(), () => undefined);
}

export async function refreshMine() {
  refreshFar();
  if (asking) {
    askAgain = true;
    return;
  }
  asking = link.send({ t: "my_applications" });
  try {
    const answer = await asking;
    tellMine(answer.applications || []);
  } catch (error) {
    mine.set((old) => (old.state === "ready" ? { error } : { state: "error", error }));
  } finally {
    asking = null;
    if (askAgain) {
      askAgain = false;
      refreshMine();
    }
  }
}

let followed = null;
let leave = null;

/** me/PERSON of whoever we are now. */
function follow(person) {
  if (!person || person === followed) return;
  if (leave) leave();
  followed = person;
  leave = link.join(`me/${person}`, {
    reset: (snapshot) => {
      if (snapshot) tellMine(snapshot.applications || []);
      else refreshMine();
    },
    entry: (entry) => moved(entry.body),
    refused: (error) => mine.set({ state: "error", error }),
  });
}

async function moved(body) {
  await refreshMine();
  if (body.t !== "application_moved" || body.status === "withdrawn") return;
  const item = mine.state.applications.find((one) => one.id === body.application);
  if (!item) return;
  // The toast says it; where nobody looks at the page, it does not count.
  seen.shows([item]);
  tellMoved(item, body.status);
}

/** A step of an application, wherever it lives and whatever the page shows. */
export function tellMoved(item, status) {
  const words = t("mine.moved", { title: item.position_title, status: statusText(status) });
  if (route.state.sheet && route.state.sheet.kind === "mine") {
    // It stands before their eyes already.
    announce(words);
    return;
  }
  toast(words, {
    tone: "safe",
    key: item.id,
    action: { text: t("mine.look"), run: () => openSheet({ kind: "mine" }) },
  });
}

// ---- what waits to be sent ----

outbox.watch((event) => {
  waiting.set({ items: outbox.items });
  if (event.kind === "answered") refreshMine();
  // The open sheet tells its own result; this is for what was sent while nothing was open.
  if (event.item.command.t !== "apply" || openKeys.has(event.item.key)) return;
  const title = (event.item.note && event.item.note.title) || "";
  if (event.kind === "answered") toast(t("apply.sent_later", { title }), { tone: "safe" });
  if (event.kind === "refused") toast(`${title} ${refusalText(event.error)}`, { tone: "look", ms: 12_000 });
  if (event.kind === "too_old") toast(t("apply.too_old", { title }), { tone: "look", ms: 12_000 });
});

/** Keys whose sheet is open and says itself what became of them. */
export const openKeys = new Set();

// ---- start ----

export async function loadSetup() {
  try {
    const value = await getJson("/api/setup");
    for (const { code, url } of value.provinces || []) learnHome(code, url);
    refreshFar();
    setup.set({ value });
  } catch {
    // The hub's welcome says the consent version too; licence and notes come with the next try.
    setTimeout(loadSetup, 10_000);
  }
}

/** The consent text's version as the hub wants it now, "" while unknown. */
export function consentVersion() {
  const { welcome } = link.state;
  return (setup.state.value && setup.state.value.consent) || (welcome && welcome.consent) || "";
}

export function startApp() {
  account.watch((who) => who && follow(who.person));
  if (account.current) follow(account.current.person);
  link.watch((state) => {
    waiting.set({ items: outbox.items });
    if (state.phase === "open" || state.phase === "polling") outbox.flush();
  });
  link.start();
  loadSetup();
}
