// What is shown in another province: never the token that is good at home. Two houses made of a test's own hands.

import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";

import { RefusalError } from "../../clients/web/shared/api.js";
import { sendFar } from "../../clients/web/shared/send_far.js";

const HOME = "https://there.example.cn";
const OWN = "good-at-home";
const real = globalThis.fetch;

/** Each question as {path, token, body}; our house gives `shown-1`, `shown-2`, …; `says` may answer otherwise. */
let asked = [];
let says = () => null;

const account = { current: { person: "g_1" }, ready: async () => OWN };
const answer = (status, value) => ({ ok: status < 400, status, text: async () => JSON.stringify(value) });
const refusal = (code) => answer(401, { t: "refused", code });
const there = () => asked.filter((one) => one.path.startsWith(HOME));
const athome = () => asked.filter((one) => one.path === "/api/tokens/for");

beforeEach(() => {
  mock.timers.enable({ apis: ["Date"], now: 1_000_000 });
  asked = [];
  says = () => null;
  let given = 0;
  globalThis.fetch = async (path, { headers, body }) => {
    const question = { path, token: headers.authorization.replace("Bearer ", ""), body: JSON.parse(body) };
    asked.push(question);
    const otherwise = says(question);
    if (otherwise) return otherwise;
    if (path !== "/api/tokens/for") return answer(200, { t: "done" });
    given += 1;
    // The clock of the house is years ahead of this device's.
    return answer(200, { token: `shown-${given}`, province: question.body.province, until_ms: 9e12 + 600_000, now_ms: 9e12 });
  };
});

afterEach(() => {
  mock.timers.reset();
  globalThis.fetch = real;
});

const send = (code, t = "my_applications") => sendFar({ home: HOME, code }, { t }, { account });

test("one token for each province, until it has nearly run out; the one of home goes nowhere", async () => {
  await Promise.all([send("100001"), send("100001")]);
  await send("100001");
  assert.deepEqual(athome().map((one) => [one.token, one.body]), [[OWN, { province: "100001" }]]);
  assert.deepEqual(there().map((one) => one.token), ["shown-1", "shown-1", "shown-1"]);
  mock.timers.tick(8 * 60_000);
  await send("100001");
  assert.equal(athome().length, 1);
  mock.timers.tick(60_000);
  await send("100001");
  await send("100002");
  assert.deepEqual(athome().map((one) => one.body.province), ["100001", "100001", "100002"]);
  assert.deepEqual(there().slice(-2).map((one) => one.token), ["shown-2", "shown-3"]);
  assert.ok(there().every((one) => !JSON.stringify(one).includes(OWN)));
});

test("somebody else on this device is not who was before", async () => {
  await send("100003");
  account.current = { person: "g_2" };
  await send("100003");
  account.current = { person: "g_1" };
  assert.equal(athome().length, 2);
  assert.deepEqual(there().map((one) => one.token), ["shown-1", "shown-2"]);
});

test("one that is not taken there any more is had anew, once", async () => {
  await send("100004");
  says = ({ path, token }) => (path.startsWith(HOME) && token === "shown-1" ? refusal("token_expired") : null);
  assert.equal((await send("100004")).t, "done");
  assert.deepEqual(there().map((one) => one.token), ["shown-1", "shown-1", "shown-2"]);
  says = ({ path }) => (path.startsWith(HOME) ? refusal("not_signed_in") : null);
  await assert.rejects(send("100004"), (error) => error.code === "not_signed_in");
  assert.equal(there().length, 5);
});

test("what our own house refuses is no word about the command: it may be sent later", async () => {
  for (const code of ["not_found", "too_many", "not_signed_in"]) {
    says = ({ path }) => (path === "/api/tokens/for" ? refusal(code) : null);
    await assert.rejects(send("100005"), (error) => error instanceof RefusalError && error.temporary && error.code === code);
  }
  await assert.rejects(sendFar({ home: "", code: "100005" }, {}, { account }), (error) => error.code === "offline" && error.temporary);
  assert.deepEqual(there(), []);
});
