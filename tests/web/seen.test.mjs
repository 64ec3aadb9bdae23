// Steps are told to the hub as seen once, in pieces, and only where somebody looks.

import assert from "node:assert/strict";
import { test } from "node:test";

import { LIMITS } from "../../clients/web/shared/protocol.js";
import { createSeen } from "../../clients/web/viewer/seen.js";

const item = (id, n) => ({ id, steps: Array.from({ length: n }, () => ({ status: "contacted", at_ms: 1 })) });

function listening({ visible = true, fails = false } = {}) {
  const sent = [];
  const state = { visible, fails };
  const seen = createSeen(
    (command) => {
      sent.push(command);
      return state.fails ? Promise.reject(new Error("offline")) : Promise.resolve({ t: "done" });
    },
    () => state.visible,
  );
  return { sent, seen, state };
}

test("a step is said once, the next one again, a first step never", () => {
  const { sent, seen } = listening();
  seen.shows([item("a", 1)]);
  seen.shows([item("a", 2), item("b", 3)]);
  seen.shows([item("a", 2), item("b", 3)]);
  seen.shows([item("a", 3), item("b", 3)]);
  assert.deepEqual(sent, [
    { t: "saw", applications: [{ application: "a", steps: 2 }, { application: "b", steps: 3 }] },
    { t: "saw", applications: [{ application: "a", steps: 3 }] },
  ]);
});

test("a page nobody looks at says nothing", () => {
  const { sent, seen, state } = listening({ visible: false });
  seen.shows([item("a", 2)]);
  assert.equal(sent.length, 0);
  state.visible = true;
  seen.shows([item("a", 2)]);
  assert.equal(sent.length, 1);
});

test("many go in pieces, and what was not heard is said again", async () => {
  const { sent, seen, state } = listening({ fails: true });
  const many = Array.from({ length: LIMITS.SEEN_LIMIT + 5 }, (_, n) => item(`a${n}`, 2));
  seen.shows(many);
  assert.deepEqual(sent.map((one) => one.applications.length), [LIMITS.SEEN_LIMIT, 5]);
  await Promise.resolve();
  await Promise.resolve();
  state.fails = false;
  seen.shows(many);
  assert.equal(sent.length, 4);
});
