// Order and recovery of one channel (clients/web/shared/channel.js), as the protocol promises them.

import assert from "node:assert/strict";
import { test } from "node:test";

import { createChannel } from "../../clients/web/shared/channel.js";

const entry = (offset) => ({ offset, at_ms: offset * 10, body: { n: offset } });
const push = (name, offset, epoch = "e1") => ({ t: "push", channel: name, epoch, ...entry(offset) });
const offsets = ({ deliver }) => deliver.map((item) => (item.reset ? `reset@${item.offset}` : item.entry.offset));

function joinedAt(name, offset, extra = {}) {
  const channel = createChannel(name);
  channel.connect();
  channel.onJoined({ channel: name, epoch: "e1", offset, recovered: false, snapshot: { t: "stage" }, ...extra });
  return channel;
}

test("the first join has no since and starts from the snapshot", () => {
  const channel = createChannel("stage/S");
  assert.deepEqual(channel.connect().join, { t: "join", channel: "stage/S" });
  const answer = channel.onJoined({ channel: "stage/S", epoch: "e1", offset: 7, recovered: false, snapshot: { a: 1 } });
  assert.deepEqual(answer.deliver, [{ reset: true, snapshot: { a: 1 }, entries: [], offset: 7 }]);
  assert.equal(answer.join, null);
  assert.deepEqual(channel.position, { epoch: "e1", offset: 7 });
});

test("pushes are handed on in order, older ones dropped", () => {
  const channel = joinedAt("stage/S", 3);
  assert.deepEqual(offsets(channel.onPush(push("stage/S", 4))), [4]);
  assert.deepEqual(offsets(channel.onPush(push("stage/S", 4))), []);
  assert.deepEqual(offsets(channel.onPush(push("stage/S", 2))), []);
  assert.deepEqual(offsets(channel.onPush(push("stage/S", 5))), [5]);
});

test("a gap asks once with since and what comes meanwhile is merged without hole or repeat", () => {
  const channel = joinedAt("stage/S", 3);
  const gap = channel.onPush(push("stage/S", 6));
  assert.deepEqual(offsets(gap), []);
  assert.deepEqual(gap.join, { t: "join", channel: "stage/S", since: { epoch: "e1", offset: 3 } });
  assert.equal(channel.onPush(push("stage/S", 7)).join, null);
  assert.equal(channel.onPush(push("stage/S", 8)).join, null);
  const back = channel.onJoined({ epoch: "e1", offset: 6, recovered: true, entries: [entry(4), entry(5), entry(6)] });
  assert.deepEqual(offsets(back), [4, 5, 6, 7, 8]);
  assert.equal(back.join, null);
});

test("a top ahead of us asks, one that is not does not", () => {
  const channel = joinedAt("me/P", 3);
  assert.equal(channel.onTop(3).join, null);
  assert.deepEqual(channel.onTop(4).join, { t: "join", channel: "me/P", since: { epoch: "e1", offset: 3 } });
  assert.equal(channel.onTop(5).join, null, "asked already");
});

test("a reconnect asks with since; what cannot be recovered starts afresh", () => {
  const channel = joinedAt("stage/S", 3);
  channel.cut();
  assert.equal(channel.joined, false);
  assert.deepEqual(channel.connect().join.since, { epoch: "e1", offset: 3 });
  const fresh = channel.onJoined({ epoch: "e2", offset: 1, recovered: false, snapshot: { b: 2 } });
  assert.deepEqual(offsets(fresh), ["reset@1"]);
  assert.deepEqual(offsets(channel.onPush(push("stage/S", 2, "e2"))), [2]);
});

test("a push of another epoch is never handed on as if it followed", () => {
  const channel = joinedAt("stage/S", 3);
  const answer = channel.onPush(push("stage/S", 4, "e2"));
  assert.deepEqual(offsets(answer), []);
  assert.deepEqual(answer.join.since, { epoch: "e1", offset: 3 });
});

test("'recovered' with a hole is not believed: start afresh without since", () => {
  const channel = joinedAt("stage/S", 3);
  channel.cut();
  channel.connect();
  const lie = channel.onJoined({ epoch: "e1", offset: 6, recovered: true, entries: [entry(4), entry(6)] });
  assert.deepEqual(offsets(lie), [4]);
  assert.deepEqual(lie.join, { t: "join", channel: "stage/S" });
  const short = joinedAt("stage/S", 3);
  short.cut();
  short.connect();
  const claimed = short.onJoined({ epoch: "e1", offset: 5, recovered: true, entries: [entry(4)] });
  assert.deepEqual(claimed.join, { t: "join", channel: "stage/S" });
});

test("restart joins again without since", () => {
  const channel = joinedAt("stage/S", 3);
  assert.deepEqual(channel.onRestart().join, { t: "join", channel: "stage/S" });
  assert.deepEqual(offsets(channel.onJoined({ epoch: "e1", offset: 9, recovered: false, snapshot: null })), ["reset@9"]);
});

test("pushes between a join and its answer wait for it", () => {
  const channel = createChannel("stage/S");
  channel.connect();
  assert.deepEqual(offsets(channel.onPush(push("stage/S", 5))), []);
  assert.deepEqual(offsets(channel.onPush(push("stage/S", 4))), []);
  const answer = channel.onJoined({ epoch: "e1", offset: 4, recovered: false, snapshot: {} });
  assert.deepEqual(offsets(answer), ["reset@4", 5]);
});

test("chat passes holes and out-of-order lines, but no line twice", () => {
  const channel = createChannel("chat/S");
  channel.connect();
  const first = channel.onJoined({ epoch: "e1", offset: 12, recovered: false, entries: [entry(11), entry(12)] });
  assert.equal(first.deliver[0].entries.length, 2);
  assert.deepEqual(offsets(channel.onPush(push("chat/S", 15))), [15]);
  assert.deepEqual(offsets(channel.onPush(push("chat/S", 14))), [14]);
  assert.deepEqual(offsets(channel.onPush(push("chat/S", 15))), []);
  assert.deepEqual(offsets(channel.onPush(push("chat/S", 12))), []);
  assert.equal(channel.onTop(99).join, null);
  channel.cut();
  assert.deepEqual(channel.connect().join.since, { epoch: "e1", offset: 15 });
});

test("a refused join may be asked again", () => {
  const channel = createChannel("desk/S");
  channel.connect();
  channel.onJoinFailed();
  assert.ok(channel.connect().join);
});

test("whatever is lost, repeated or swapped on the way: every entry once, in order, to the top", () => {
  for (let seed = 1; seed <= 200; seed += 1) {
    let state = seed;
    const random = () => (state = (state * 48271) % 2147483647) / 2147483647;
    const channel = createChannel("stage/S");
    const log = [];
    const seen = [];
    const ask = [];
    const take = ({ deliver, join }) => {
      for (const item of deliver) {
        if (item.reset) seen.splice(0, seen.length, ...log.slice(0, item.offset).map((e) => e.offset));
        else seen.push(item.entry.offset);
      }
      if (join) ask.push(join);
    };
    const answer = (command) => {
      const known = command.since && log.length - command.since.offset <= 20;
      const entries = known ? log.slice(command.since.offset) : [];
      const snapshot = known ? null : { t: "stage" };
      take(channel.onJoined({ epoch: "e1", offset: log.length, recovered: Boolean(known), entries, snapshot }));
    };
    take(channel.connect());
    const air = [];
    for (let step = 0; step < 120; step += 1) {
      const dice = random();
      if (dice < 0.5) {
        log.push(entry(log.length + 1));
        if (random() < 0.8) air.push(push("stage/S", log.length));
        if (random() < 0.2) air.push(push("stage/S", log.length));
      } else if (dice < 0.85 && air.length) {
        const at = random() < 0.8 ? 0 : Math.floor(random() * air.length);
        take(channel.onPush(air.splice(at, 1)[0]));
      } else if (dice < 0.92 && ask.length) {
        answer(ask.shift());
      } else if (dice < 0.95) {
        channel.cut();
        air.length = 0;
        ask.length = 0;
        take(channel.connect());
      } else {
        take(channel.onTop(log.length));
      }
      const wanted = seen.map((_, index) => index + 1);
      assert.deepEqual(seen, wanted, `seed ${seed} step ${step}`);
    }
    while (ask.length) answer(ask.shift());
    take(channel.onTop(log.length));
    while (ask.length) answer(ask.shift());
    assert.equal(seen.length, log.length, `seed ${seed}: whole at the end`);
  }
});
