// Sessions of other provinces by their names.

import assert from "node:assert/strict";
import { test } from "node:test";

import { addressOf, farOf, homeOf, learnHome, receivedFar } from "../../clients/web/shared/far.js";

test("a session of this province is asked for here", () => {
  assert.equal(farOf("S01"), null);
  assert.equal(farOf(""), null);
  assert.equal(farOf("S01@21"), null);
  assert.equal(addressOf("S/1", "/hls/"), "/hls/S%2F1");
});

test("one of another province is asked for at its home, once that is known", () => {
  assert.deepEqual(farOf("S01@210000"), { id: "S01", code: "210000", home: "" });
  learnHome("210000", "");
  learnHome("210000", "https://fair.example.cn");
  assert.equal(farOf("S01@210000").home, "https://fair.example.cn");
  assert.equal(addressOf("S01@210000", "/api/sessions/"), "https://fair.example.cn/api/sessions/S01");
});

test("what concerns an application goes where it was received", () => {
  assert.equal(homeOf({ t: "tell_more", application: "A1" }), null);
  receivedFar("A1", "210000");
  assert.deepEqual(homeOf({ t: "tell_more", application: "A1" }), { code: "210000", home: "https://fair.example.cn" });
  assert.equal(homeOf({ t: "say", session: "S01@210000" }).id, "S01");
});
