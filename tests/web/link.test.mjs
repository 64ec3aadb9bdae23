// The way back of the link (clients/web/shared/link.js), on a socket made of a test's own hands and node's mock clock.
// That it works against a real hub is the browser story's business.

import assert from "node:assert/strict";
import { afterEach, mock, test } from "node:test";

import { RefusalError } from "../../clients/web/shared/api.js";
import { afterClose, asToldMs, backoffMs, createLink } from "../../clients/web/shared/link.js";
import { decode, encode } from "../../clients/web/vendor/msgpack.js";

const settle = async () => {
  for (let n = 0; n < 20; n += 1) await Promise.resolve();
};

/** Time passes in steps, so that what a timer promised can run before the next. */
async function pass(ms, step = 250) {
  for (let gone = 0; gone < ms; gone += step) {
    mock.timers.tick(Math.min(step, ms - gone));
    await settle();
  }
}

class Line {
  static all = [];
  static reachable = true;
  readyState = 0;
  sent = [];
  constructor() {
    Line.all.push(this);
    if (Line.reachable) Promise.resolve().then(() => this.open());
  }
  open() {
    this.readyState = 1;
    if (this.onopen) this.onopen();
  }
  send(bytes) {
    this.sent.push(decode(bytes));
  }
  close() {
    this.readyState = 3;
  }
  say(...messages) {
    const parts = messages.map((message) => encode(message));
    const whole = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
    let at = 0;
    for (const part of parts) {
      whole.set(part, at);
      at += part.length;
    }
    this.onmessage({ data: whole.buffer });
  }
  end(code) {
    this.readyState = 3;
    if (this.onclose) this.onclose({ code });
  }
  last(type) {
    return [...this.sent].reverse().find((message) => message.t === type);
  }
  async welcome(extra = {}) {
    await settle();
    const hello = this.last("hello");
    const until_ms = Date.now() + 3_600_000;
    this.say({ t: "welcome", id: hello.id, person: "g1", name: "", grants: [], until_ms, now_ms: Date.now(), ...extra });
    await settle();
  }
}

function account({ lost = true } = {}) {
  const calls = { ready: 0, renew: 0, lost: 0 };
  return {
    calls,
    current: { until_ms: 2 ** 50 },
    ready: async () => `token-${++calls.ready}`,
    renew: async () => `renewed-${++calls.renew}`,
    lost: async () => {
      calls.lost += 1;
      return lost;
    },
  };
}

let link = null;

async function open(options = {}) {
  mock.timers.enable({ apis: ["setTimeout", "setInterval", "Date"], now: 1_000_000 });
  Line.all = [];
  Line.reachable = true;
  const who = options.account || account();
  link = createLink({ account: who, address: () => "ws://hub/ws", Socket: Line });
  link.start();
  await settle();
  return { link, who, line: () => Line.all[Line.all.length - 1] };
}

afterEach(() => {
  if (link) link.stop();
  link = null;
  mock.timers.reset();
});

test("hello comes first, with the token; joins after the welcome; replies find their command", async () => {
  const { line } = await open();
  const seen = [];
  link.join("stage/S", { reset: (snapshot) => seen.push(snapshot), entry: (entry) => seen.push(entry.body) });
  await settle();
  assert.deepEqual(line().sent.map((message) => message.t), ["hello"]);
  assert.equal(line().sent[0].token, "token-1");
  await line().welcome();
  assert.equal(link.state.phase, "open");
  const join = line().last("join");
  line().say(
    { t: "joined", id: join.id, channel: "stage/S", epoch: "e", offset: 2, recovered: false, snapshot: { t: "stage" } },
    { t: "push", channel: "stage/S", epoch: "e", offset: 3, at_ms: 5, body: { t: "card_hidden", position: "p" } },
  );
  await settle();
  assert.deepEqual(seen, [{ t: "stage" }, { t: "card_hidden", position: "p" }]);
  const done = link.send({ t: "say", session: "S", text: "hi", key: "k" });
  await settle();
  line().say({ t: "refused", id: line().last("say").id, code: "text_too_long", params: { limit: 200 } });
  await assert.rejects(done, (error) => error instanceof RefusalError && error.params.limit === 200);
});

test("pong answers ping, and a top ahead of us asks again", async () => {
  const { line } = await open();
  link.join("stage/S", {});
  await line().welcome();
  line().say({ t: "joined", id: line().last("join").id, channel: "stage/S", epoch: "e", offset: 2, recovered: false });
  await settle();
  line().say({ t: "ping", at_ms: Date.now(), tops: { "stage/S": 4 } });
  assert.ok(line().last("pong"));
  assert.deepEqual(line().last("join").since, { epoch: "e", offset: 2 });
});

test("a cut line comes back within 10 s and joins with since", async () => {
  const { line } = await open();
  link.join("stage/S", {});
  await line().welcome();
  line().say({ t: "joined", id: line().last("join").id, channel: "stage/S", epoch: "e", offset: 2, recovered: false });
  await settle();
  const first = line();
  first.end(1006);
  assert.equal(link.state.phase, "offline");
  await pass(10_000);
  assert.notEqual(line(), first);
  await line().welcome();
  assert.deepEqual(line().last("join").since, { epoch: "e", offset: 2 });
});

test("4500 and above stop and tell; below they come back", async () => {
  assert.equal(afterClose(4504), "stop");
  assert.equal(afterClose(4001), "come_back");
  assert.equal(afterClose(1006), "come_back");
  const { line } = await open();
  await line().welcome();
  line().end(4504);
  await pass(30_000, 1000);
  assert.equal(Line.all.length, 1);
  assert.equal(link.state.phase, "stopped");
  assert.equal(link.state.error.code, "too_many");
  link.start();
  await settle();
  assert.equal(Line.all.length, 2, "a person may ask for it");
});

test("4005 renews the token before it comes back", async () => {
  const { line, who } = await open();
  await line().welcome();
  line().end(4005);
  await pass(10_000);
  assert.equal(who.calls.renew, 1);
  assert.equal(Line.all.length, 2);
});

test("a guest whose token is unknown gets a new one; staff are asked to sign in", async () => {
  const guest = await open();
  await settle();
  guest.line().say({ t: "refused", id: guest.line().last("hello").id, code: "not_signed_in" });
  await settle();
  assert.equal(guest.who.calls.lost, 1);
  assert.equal(Line.all.length, 2);
  link.stop();
  mock.timers.reset();
  const staff = await open({ account: account({ lost: false }) });
  staff.line().say({ t: "refused", id: staff.line().last("hello").id, code: "token_expired" });
  staff.line().end(4501);
  await settle();
  assert.equal(link.state.phase, "stopped");
  assert.equal(link.state.error.code, "not_signed_in");
});

test("a line that is silent for 35 s is taken for dead", async () => {
  const { line } = await open();
  await line().welcome();
  await pass(30_000, 1000);
  assert.equal(Line.all.length, 1);
  await pass(25_000, 1000);
  assert.ok(Line.all.length >= 2);
});

test("a command without an answer is told as such after its time limit", async () => {
  const { line } = await open();
  await line().welcome();
  const answer = link.send({ t: "my_applications" }, { timeoutMs: 3_000 });
  const expected = assert.rejects(answer, (error) => error.code === "no_answer" && error.temporary);
  await pass(4_000);
  await expected;
});

test("without a websocket it polls after 8 s, posts its commands, and stops polling once one opens", async () => {
  const asked = [];
  const real = globalThis.fetch;
  globalThis.fetch = async (path, options) => {
    const command = JSON.parse(options.body);
    asked.push(command.t);
    const joined = { t: "joined", channel: "stage/S", epoch: "e", offset: 1, recovered: false, snapshot: { a: 1 } };
    const answer = command.t === "catch_up" ? { t: "caught_up", channels: [joined] } : { t: "done", offset: 9 };
    return { ok: true, status: 200, text: async () => JSON.stringify(answer) };
  };
  try {
    mock.timers.enable({ apis: ["setTimeout", "setInterval", "Date"], now: 1_000_000 });
    Line.all = [];
    Line.reachable = false;
    link = createLink({ account: account(), address: () => "ws://hub/ws", Socket: Line });
    const seen = [];
    let polls = 0;
    link.join("stage/S", { reset: (snapshot) => seen.push(snapshot) });
    link.join("pulse/S", { poll: () => (polls += 1) });
    link.start();
    await pass(7_900);
    assert.deepEqual(asked, []);
    await pass(1_000);
    assert.equal(link.state.phase, "polling");
    assert.deepEqual(seen, [{ a: 1 }]);
    assert.equal(polls, 1);
    assert.deepEqual(await link.send({ t: "say", session: "S", text: "hi", key: "k" }), { t: "done", offset: 9 });
    await pass(6_500);
    assert.equal(asked.filter((type) => type === "catch_up").length, 3);
    Line.reachable = true;
    await pass(20_000);
    await Line.all[Line.all.length - 1].welcome();
    assert.equal(link.state.phase, "open");
    const before = asked.length;
    await pass(10_000);
    assert.equal(asked.length, before);
  } finally {
    globalThis.fetch = real;
  }
});

test("leave is told, and a channel can be joined again", async () => {
  const { line } = await open();
  const leave = link.join("chat/S", {});
  await line().welcome();
  assert.throws(() => link.join("chat/S", {}));
  leave();
  assert.equal(line().last("leave").channel, "chat/S");
  link.join("chat/S", {});
  assert.equal(line().sent[line().sent.length - 1].t, "join");
});

test("the token is renewed in band before it ends", async () => {
  const { line, who } = await open();
  await line().welcome({ until_ms: Date.now() + 20_000 });
  await pass(17_000);
  assert.equal(who.calls.renew, 1);
  assert.equal(line().last("renew").token, "renewed-1");
});

test("waits are between 0.5 and 10 s, at random over the whole range", () => {
  for (let attempt = 0; attempt < 12; attempt += 1) {
    assert.equal(backoffMs(attempt, 0), 500);
    assert.ok(backoffMs(attempt, 1) <= 10_000);
  }
  assert.equal(backoffMs(0, 1), 2_000);
  assert.equal(backoffMs(9, 1), 10_000);
});

test("who was told to wait waits so long, and some more by chance", () => {
  assert.deepEqual([0, 0.5, 1].map((chance) => asToldMs(900, chance)), [900, 1350, 1800]);
  assert.equal(asToldMs(60_000, 1), 65_000);
  assert.deepEqual([undefined, null, "soon", 0].map((told) => asToldMs(told, 1)), [0, 0, 0, 0]);
});
