import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { EMPTY, after, fromSnapshot, memoryOf, onAir } from "../../clients/web/host/stage.js";
import { BODIES } from "../../clients/web/shared/protocol_types.js";
import { perform } from "../../clients/web/shared/perform.js";

const card = (id, number = 1) => ({ number, position: { id, title: id } });
const play = (stage, ...bodies) => bodies.reduce((now, body, at) => after(now, body, (at + 1) * 1000), stage);
const LIVE = fromSnapshot({ session: { id: "S", state: "live", live_at_ms: 5 } }, null);

test("show, show, undo: the first card stands again and the second counts as never shown", () => {
  const stage = play(
    LIVE,
    { t: "card_shown", card: card("A") },
    { t: "card_shown", card: card("B", 2) },
    { t: "card_undone", position: "B", card: card("A") },
  );
  assert.equal(stage.card.position.id, "A");
  assert.equal(stage.shownAt_ms, 3000);
  assert.deepEqual(stage.shown, { A: 1, B: 0 });
});

test("hide and end leave no card", () => {
  assert.equal(play(LIVE, { t: "card_shown", card: card("A") }, { t: "card_hidden", position: "A" }).card, null);
  const ended = play(LIVE, { t: "card_shown", card: card("A") }, { t: "state_changed", state: "ended" });
  assert.equal(ended.card, null);
  assert.equal(ended.session.ended_at_ms, 2000);
  assert.equal(onAir(ended.session), false);
});

test("going live starts the clock once, an interruption keeps it", () => {
  const stage = play(
    fromSnapshot({ session: { id: "S" } }, null),
    { t: "state_changed", state: "live" },
    { t: "state_changed", state: "interrupted" },
    { t: "state_changed", state: "live" },
  );
  assert.equal(stage.session.live_at_ms, 1000);
  assert.equal(onAir({ state: "interrupted" }), true);
  assert.equal(onAir(null), false);
});

test("a reload keeps marks and timer, another card's timer is not taken over", () => {
  const known = memoryOf(play(LIVE, { t: "card_shown", card: card("A") }));
  const session = { id: "S", state: "live" };
  assert.equal(fromSnapshot({ session, card: card("A") }, known).shownAt_ms, 1000);
  const other = fromSnapshot({ session, card: card("B") }, known);
  assert.equal(other.shownAt_ms, null);
  assert.deepEqual(other.shown, { A: 1, B: 1 });
  assert.deepEqual(fromSnapshot({ session }, null).shown, {});
});

test("every body a stage can hold is known here, others change nothing", () => {
  const files = ["host/stage.js", "shared/stage_fold.js"].map((name) => new URL(`../../clients/web/${name}`, import.meta.url));
  const text = files.map((file) => readFileSync(file, "utf8")).join("");
  const cases = Array.from(text.matchAll(/case "([a-z_]+)":/g), (found) => found[1]);
  for (const name of cases) assert.ok(BODIES.includes(name), name);
  for (const name of ["state_changed", "card_shown", "card_hidden", "card_undone", "shelf_changed"]) assert.ok(cases.includes(name), name);
  assert.equal(after(EMPTY, { t: "line" }, 1), EMPTY);
  assert.equal(after(LIVE, { t: "shelf_changed", revision: 4 }, 1).session.shelf_revision, 4);
});

function refusing(...errors) {
  const sent = [];
  return { sent, send: async (command) => {
    sent.push(command);
    const error = errors.shift();
    if (error) throw error;
    return { t: "done" };
  } };
}

test("a temporary refusal is tried again with the same key, a lasting one is not", async () => {
  const waits = [];
  const clock = { now: () => waits.reduce((sum, ms) => sum + ms, 0), wait: async (ms) => waits.push(ms), newKey: () => "k1" };
  const busy = Object.assign(new Error("too_many"), { temporary: true, params: { retry_ms: 900 } });
  const link = refusing(busy, busy);
  assert.equal((await perform(link, { t: "undo_card" }, clock)).t, "done");
  assert.deepEqual(link.sent.map((command) => command.key), ["k1", "k1", "k1"]);
  assert.equal(waits.length, 2);
  assert.ok(waits.every((ms) => ms >= 900 && ms <= 1800), String(waits));

  const no = Object.assign(new Error("forbidden"), { temporary: false, params: {} });
  const strict = refusing(no);
  await assert.rejects(perform(strict, { t: "undo_card" }, clock), no);
  assert.equal(strict.sent.length, 1);
});

test("after fifteen seconds it gives up with the last refusal", async () => {
  let now = 0;
  const away = Object.assign(new Error("offline"), { temporary: true, params: {} });
  const link = { send: async () => { now += 4000; throw away; } };
  await assert.rejects(perform(link, { t: "show_card" }, { now: () => now, wait: async (ms) => { now += ms; }, newKey: () => "k" }), away);
  assert.ok(now >= 12_000 && now <= 20_000, String(now));
});
