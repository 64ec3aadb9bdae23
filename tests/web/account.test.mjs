// Tabs of one browser that come at the same time speak as one guest: what the first applied for is found by all of them.

import assert from "node:assert/strict";
import test from "node:test";

const stored = new Map();
globalThis.localStorage = {
  getItem: (name) => stored.get(name) ?? null,
  setItem: (name, text) => stored.set(name, text),
  removeItem: (name) => stored.delete(name),
};
const { guestAccount } = await import("../../clients/web/shared/account.js");

/** Answers of the hub, given when the test says so. */
function hub() {
  const waiting = [];
  let number = 0;
  globalThis.fetch = () => new Promise((resolve) => waiting.push(resolve));
  return () => {
    number += 1;
    const guest = { token: `token-${number}`, person: `g_${number}`, until_ms: Date.now() + 3_600_000 };
    waiting.shift()(new Response(JSON.stringify(guest), { status: 200, headers: { "Content-Type": "application/json" } }));
  };
}

test("two tabs that ask at once become one guest", async () => {
  stored.clear();
  const answer = hub();
  const tabs = [guestAccount(), guestAccount()];
  const tokens = tabs.map((tab) => tab.ready());
  answer();
  await tokens[0];
  answer();
  assert.deepEqual(await Promise.all(tokens), ["token-1", "token-1"]);
});

test("a tab that needs a guest later takes the one there is, unless the hub has lost it", async () => {
  stored.clear();
  const answer = hub();
  const [first, later] = [guestAccount(), guestAccount()];
  const made = first.ready();
  answer();
  assert.equal(await made, "token-1");
  assert.equal(await later.ready(), "token-1");
  const lost = later.lost();
  answer();
  assert.equal(await lost, true);
  assert.equal(later.current.token, "token-2");
});
