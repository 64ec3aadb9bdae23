// What is tried again after a refusal that says nothing about it counts once; everything else is a command of its own.

import assert from "node:assert/strict";
import { test } from "node:test";

import { RefusalError } from "../../clients/web/shared/api.js";
import { keyed } from "../../clients/web/shared/attempt.js";

const CUT = { t: "cut_off", session: "S01", reason: "收费" };

function counting() {
  let n = 0;
  const used = [];
  const keyFor = keyed(() => `k${++n}`);
  const go = (command, error) =>
    keyFor(command, async (newKey) => {
      used.push(newKey());
      if (error) throw error;
      return "done";
    }).catch((refused) => refused.code);
  return { go, used };
}

test("the same command keeps its key until its fate is known", async () => {
  const { go, used } = counting();
  assert.equal(await go(CUT, new RefusalError("no_answer", { temporary: true })), "no_answer");
  assert.equal(await go({ ...CUT }, new RefusalError("offline", { temporary: true })), "offline");
  assert.equal(await go(CUT), "done");
  assert.equal(await go(CUT), "done");
  assert.deepEqual(used, ["k1", "k1", "k1", "k2"]);
});

test("another command, and one that was refused for good, begin anew", async () => {
  const { go, used } = counting();
  await go(CUT, new RefusalError("no_answer", { temporary: true }));
  await go({ ...CUT, reason: "收费，已核实" }, new RefusalError("forbidden"));
  await go({ ...CUT, reason: "收费，已核实" });
  assert.deepEqual(used, ["k1", "k2", "k3"]);
});
