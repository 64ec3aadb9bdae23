import assert from "node:assert/strict";
import { test } from "node:test";

import { START, digitOf, digitsIn, isWriting, ownsEnter, press, typing } from "../../clients/web/host/rundown.js";
import { NONE, arrived, clock, perMinute, totalled } from "../../clients/web/host/tally.js";

const SLOTS = [1, 2, 5, 12, 120].map((number) => ({ number, position: { id: `P${number}` } }));
const keys = (...names) => names.reduce((got, key) => press(got.state, key, SLOTS), { state: START, ask: null });

test("a typed number and Enter asks for that number and clears the box", () => {
  const { state, ask } = keys("1", "2", "Enter");
  assert.equal(ask.what, "show");
  assert.equal(ask.slot.number, 12);
  assert.deepEqual(state, { typed: "", cursor: 3 });
});

test("a number that is not on the shelf shows nothing and stays in the box", () => {
  const { state, ask } = keys("7", "Enter");
  assert.deepEqual(ask, { what: "unknown", number: 7 });
  assert.equal(state.typed, "7");
});

test("arrows stop at both ends, Enter takes the row under the cursor", () => {
  assert.equal(keys("ArrowUp", "Enter").ask.slot.number, 1);
  assert.equal(keys("ArrowDown", "ArrowDown", "Enter").ask.slot.number, 5);
  assert.equal(keys(...new Array(9).fill("ArrowDown"), "Enter").ask.slot.number, 120);
});

test("the cursor follows a number while it is typed, and an arrow throws half a number away", () => {
  assert.equal(keys("1", "2", "0").state.cursor, 4);
  const { state, ask } = keys("1", "2", "ArrowDown", "Enter");
  assert.equal(ask.slot.number, 120);
  assert.equal(state.typed, "");
});

test("backspace and escape mend a number, z undoes, h hides", () => {
  assert.equal(keys("1", "2", "Backspace").state.typed, "1");
  assert.equal(keys("1", "2", "Escape").state.typed, "");
  assert.equal(keys("z").ask.what, "undo");
  assert.equal(keys("h").ask.what, "hide");
  assert.equal(keys("q").ask, null);
});

test("an empty shelf asks for nothing", () => {
  assert.equal(press(START, "Enter", []).ask, null);
  assert.equal(press(START, "ArrowDown", []).state.cursor, 0);
});

test("full-width digits count, other signs do not, four digits are enough", () => {
  assert.equal(digitOf("７"), "7");
  assert.equal(digitOf("F1"), "");
  assert.equal(digitsIn("１2号"), "12");
  assert.equal(typing(START, "123456", SLOTS).typed, "1234");
});

test("shortcuts are dead in text fields and while an input method composes", () => {
  assert.equal(isWriting({ target: { tagName: "INPUT" } }), true);
  assert.equal(isWriting({ target: { tagName: "TEXTAREA" } }), true);
  assert.equal(isWriting({ target: { tagName: "DIV", isContentEditable: true } }), true);
  assert.equal(isWriting({ target: { tagName: "BODY" }, isComposing: true }), true);
  assert.equal(isWriting({ target: { tagName: "BODY" }, keyCode: 229 }), true);
  assert.equal(isWriting({ target: { tagName: "BODY" } }), false);
  assert.equal(ownsEnter({ key: "Enter", target: { tagName: "BUTTON" } }), true);
  assert.equal(ownsEnter({ key: "5", target: { tagName: "BUTTON" } }), false);
});

test("arrivals count once, in order, and the total never runs backwards", () => {
  let tally = totalled(NONE, 5);
  tally = arrived(tally, { position: "P2", total: 7 }, 2000, 7);
  tally = arrived(tally, { position: "P1", total: 6 }, 1000, 6);
  tally = arrived(tally, { position: "P2", total: 7 }, 2000, 7);
  assert.equal(tally.total, 7);
  assert.deepEqual(tally.arrivals.map((one) => one.offset), [7, 6]);
  assert.equal(totalled(tally, 3).total, 7);
});

test("per minute counts the last sixty seconds only", () => {
  const arrivals = [{ at_ms: 70_000 }, { at_ms: 11_000 }, { at_ms: 9_000 }];
  assert.equal(perMinute(arrivals, 70_500), 2);
});

test("spans read as a clock", () => {
  assert.equal(clock(5_400), "0:05");
  assert.equal(clock(12 * 60_000 + 30_000), "12:30");
  assert.equal(clock(3_600_000 + 2 * 60_000 + 3_000), "1:02:03");
  assert.equal(clock(-9), "0:00");
});
