// What is looked for, as an address says it; and what an address of the viewer is.

import assert from "node:assert/strict";
import { test } from "node:test";

import { NOTHING_ASKED, choicesMade, isAsked, pathOf, readAsked, searchOf, withFlag } from "../../clients/web/viewer/asked.js";

test("an address and what it asks are the same", () => {
  const asked = readAsked("?q=%E7%84%8A%E5%B7%A5&region=220182&base=2500&lodging=1&bus=0&from=poster");
  assert.deepEqual([asked.q, asked.region, asked.base, asked.flags], ["焊工", "220182", "2500", ["lodging"]]);
  assert.equal(searchOf(asked), "?q=%E7%84%8A%E5%B7%A5&region=220182&base=2500&lodging=1");
  assert.deepEqual(readAsked(searchOf(asked)), asked);
  assert.equal(choicesMade(asked), 2);
});

test("nothing asked is the portal, and everything can be asked for", () => {
  assert.equal(isAsked(NOTHING_ASKED), false);
  assert.equal(searchOf(NOTHING_ASKED), "");
  assert.equal(searchOf({ ...NOTHING_ASKED, all: true }), "?all=1");
  assert.ok(isAsked(readAsked("?all=1")));
  assert.equal(isAsked(readAsked("?from=poster&lang=en")), false);
  assert.equal(readAsked(`?q=${"a".repeat(4000)}`).q.length, 200);
});

test("a flag turns over", () => {
  const on = withFlag(NOTHING_ASKED, "bus");
  assert.equal(searchOf(on), "?bus=1");
  assert.equal(searchOf(withFlag(on, "bus")), "");
});

test("one tap leads to where it is explained, else to the position as it is spoken", () => {
  const position = { id: "P 1" };
  assert.equal(pathOf({ position }), "/position/P%201");
  assert.equal(pathOf({ position, spots: [{ venue: "V01", number: 7, session: "S01" }] }), "/V01/7");
  assert.equal(pathOf({ position, spots: [{ venue: "V01", number: 7, session: "S01", explained: true }] }), "/room/S01");
});
