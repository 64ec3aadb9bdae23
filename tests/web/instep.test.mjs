// Cards in step with the picture.

import assert from "node:assert/strict";
import { test } from "node:test";

import { MOST_MS, createInStep } from "../../clients/web/viewer/instep.js";

function stage() {
  const world = { at: null, now: 1_000_000, shown: [], look: null };
  const step = createInStep((entry) => world.shown.push(entry.body.t + entry.at_ms), {
    read: () => world.at,
    now: () => world.now,
    every: (look) => (world.look = look),
    stop: () => (world.look = null),
  });
  return { world, step };
}

const card = (at_ms, t = "card_shown") => ({ at_ms, body: { t } });

test("without a picture nothing waits", () => {
  const { world, step } = stage();
  step.offer(card(5));
  assert.deepEqual(world.shown, ["card_shown5"]);
  assert.equal(world.look, null);
});

test("a card waits for its moment, and order holds", () => {
  const { world, step } = stage();
  world.at = 100;
  step.offer(card(150));
  step.offer(card(160, "card_hidden"));
  assert.deepEqual(world.shown, []);
  world.at = 155;
  world.look();
  assert.deepEqual(world.shown, ["card_shown150"]);
  world.at = 170;
  world.look();
  assert.deepEqual(world.shown, ["card_shown150", "card_hidden160"]);
  assert.equal(world.look, null);
});

test("a picture that stands still holds nothing for long", () => {
  const { world, step } = stage();
  world.at = 100;
  step.offer(card(9_000));
  world.now += MOST_MS;
  world.look();
  assert.deepEqual(world.shown, ["card_shown9000"]);
});

test("a picture that goes away lets go of what waited for it", () => {
  const { world, step } = stage();
  world.at = 100;
  step.offer(card(9_000));
  world.at = null;
  world.look();
  assert.deepEqual(world.shown, ["card_shown9000"]);
});

test("the end of the session is at once, after all that was before it; a notice waits for nobody", () => {
  const { world, step } = stage();
  world.at = 100;
  step.offer(card(9_000));
  step.offer(card(9_001, "notice_pinned"));
  assert.deepEqual(world.shown, ["notice_pinned9001"]);
  step.offer(card(9_002, "state_changed"));
  assert.deepEqual(world.shown, ["notice_pinned9001", "card_shown9000", "state_changed9002"]);
});

test("a snapshot replaces what waited", () => {
  const { world, step } = stage();
  world.at = 100;
  step.offer(card(9_000));
  step.forget();
  assert.deepEqual(world.shown, []);
  assert.equal(world.look, null);
});
