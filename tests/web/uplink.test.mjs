// What a measured upload means.

import assert from "node:assert/strict";
import { test } from "node:test";

import { startRate, uplinkAdvice } from "../../clients/web/shared/uplink.js";

test("advice and the bitrate to begin with", () => {
  assert.deepEqual([200, 900, 5_000].map(uplinkAdvice), ["poor", "fair", "good"]);
  assert.deepEqual([100, 500, 900, 1_200, 50_000].map(startRate), [180, 300, 500, 800, 800]);
});
