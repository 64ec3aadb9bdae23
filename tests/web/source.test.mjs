// Where a seeker came from is kept for a week, and only what looks like a code.

import assert from "node:assert/strict";
import { test } from "node:test";

import { createKeep } from "../../clients/web/shared/keep.js";
import { codeIn, rememberSource, sourceNow } from "../../clients/web/viewer/source.js";

const DAY_MS = 86_400_000;

test("only a code is a code", () => {
  assert.equal(codeIn("?q=a&from=poster-S01_a"), "poster-S01_a");
  for (const search of ["", "?from=", "?from=%3Cscript%3E", `?from=${"a".repeat(33)}`, "?from=海报", "?from=a%00"]) {
    assert.equal(codeIn(search), "", search);
  }
});

test("the newest code counts, for seven days", () => {
  const storage = createKeep(null);
  assert.equal(sourceNow({ storage }), "");
  rememberSource("?from=old", { storage, nowMs: 0 });
  rememberSource("?q=焊工", { storage, nowMs: DAY_MS });
  assert.equal(sourceNow({ storage, nowMs: DAY_MS }), "old");
  rememberSource("?from=new", { storage, nowMs: 2 * DAY_MS });
  assert.equal(sourceNow({ storage, nowMs: 9 * DAY_MS - 1 }), "new");
  assert.equal(sourceNow({ storage, nowMs: 9 * DAY_MS }), "");
  assert.equal(storage.get("source"), null);
});

test("what somebody wrote into the storage by hand is not sent", () => {
  const storage = createKeep(null);
  storage.set("source", { code: "no code!", at_ms: Date.now() });
  assert.equal(sourceNow({ storage }), "");
});
