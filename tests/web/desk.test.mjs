import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { ANSWERS, FROM, mayStep, stepsFrom } from "../../clients/web/desk/steps.js";
import { waitOf } from "../../clients/web/desk/waiting.js";

const RULES = readFileSync(new URL("../../server/core/rules.py", import.meta.url), "utf8");

test("the buttons' table is the table of server/core/rules.py", () => {
  const names = (text) => Array.from(text.matchAll(/S\.([A-Z_]+)/g), (found) => found[1].toLowerCase());
  const open = names(/^_OPEN = (.*)$/m.exec(RULES)[1]);
  const block = /^_ANSWERS[^{]*\{([^}]*(?:\}\)[^}]*)*)\n\}/m.exec(RULES)[1];
  const lines = block.split("\n").filter((line) => line.includes(":"));
  assert.equal(lines.length, ANSWERS.length);
  for (const line of lines) {
    const [wanted, ...from] = names(line);
    assert.deepEqual([...FROM[wanted]].sort(), (line.includes("_OPEN") ? open : from).sort(), wanted);
  }
});

test("someone at work, withdrawn or unknown gets no more answers than the rules give", () => {
  assert.deepEqual(stepsFrom("at_work"), []);
  assert.deepEqual(stepsFrom("withdrawn"), []);
  assert.equal(mayStep("applied", "hired"), false);
  assert.equal(mayStep("unsuitable", "contacted"), true);
  assert.equal(mayStep("applied", "nonsense"), false);
});

test("the wait is told in the largest whole unit, with its colour", () => {
  const at = (minutes, status = "applied") => waitOf({ status, applied_at_ms: 0 }, minutes * 60_000);
  assert.deepEqual(at(0.5), { colour: "green", unit: "now", count: 0 });
  assert.deepEqual(at(59), { colour: "green", unit: "minutes", count: 59 });
  assert.deepEqual(at(119), { colour: "green", unit: "hours", count: 1 });
  assert.deepEqual(at(120), { colour: "amber", unit: "hours", count: 2 });
  assert.deepEqual(at(24 * 60), { colour: "red", unit: "days", count: 1 });
  assert.equal(at(24 * 60, "contacted").colour, "none");
  assert.equal(waitOf({ status: "viewed", applied_at_ms: 5_000 }, 0).unit, "now");
});
