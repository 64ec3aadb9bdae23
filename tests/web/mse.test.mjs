// The player without delay: where its playhead goes, and which moment a frame is of.

import assert from "node:assert/strict";
import { test } from "node:test";

import { TARGET_S, capturedAt, steer, targetAfter } from "../../clients/web/shared/mse.js";

test("the playhead begins a little behind the newest frame, and never before the first one", () => {
  assert.deepEqual(steer({ at: 0, ranges: [] }), { rate: 1 });
  assert.deepEqual(steer({ at: 0, ranges: [[100, 104]] }), { to: 104 - TARGET_S, rate: 1 });
  assert.deepEqual(steer({ at: 0, ranges: [[100, 100.3]] }), { to: 100, rate: 1 });
});

test("late plays faster, scarce slower, far off jumps", () => {
  assert.deepEqual(steer({ at: 9.4, ranges: [[0, 10]] }), { rate: 1 });
  assert.deepEqual(steer({ at: 8.8, ranges: [[0, 10]] }), { rate: 1.1 });
  assert.deepEqual(steer({ at: 9.9, ranges: [[0, 10]] }), { rate: 0.95 });
  assert.deepEqual(steer({ at: 5, ranges: [[0, 10]] }), { to: 10 - TARGET_S, rate: 1 });
});

test("a gap is jumped over when its edge is reached", () => {
  const ranges = [[0, 10], [12, 12.4]];
  assert.deepEqual(steer({ at: 9.6, ranges }), { rate: 1.1 });
  assert.deepEqual(steer({ at: 10, ranges }), { to: 12, rate: 1 });
});

test("a frame's moment is reckoned by its own generation", () => {
  const openings = [{ from_s: 0, base_ms: 1_000_000 }, { from_s: 20, base_ms: 1_005_000 }];
  assert.equal(capturedAt(openings, 2), 1_002_000);
  assert.equal(capturedAt(openings, 21), 1_026_000);
  assert.equal(capturedAt([], 2), null);
});

test("who runs dry stays further behind, to a bound", () => {
  assert.equal(targetAfter(0.6, 0.5, false), 0.6);
  assert.equal(targetAfter(0.6, 0.01, true), 0.6);
  assert.ok(targetAfter(0.6, 0.01, false) > 0.9);
  assert.equal(targetAfter(1.9, 0, false), 2);
});
