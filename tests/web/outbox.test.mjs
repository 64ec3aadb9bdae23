// Commands kept until they are answered (clients/web/shared/outbox.js).

import assert from "node:assert/strict";
import { test } from "node:test";

import { RefusalError } from "../../clients/web/shared/api.js";
import { createKeep } from "../../clients/web/shared/keep.js";
import { createOutbox } from "../../clients/web/shared/outbox.js";

class Storage {
  items = new Map();
  getItem = (name) => (this.items.has(name) ? this.items.get(name) : null);
  setItem = (name, text) => this.items.set(name, text);
  removeItem = (name) => this.items.delete(name);
}

const settle = () => new Promise((resolve) => setImmediate(resolve));
const APPLY = { t: "apply", session: "s1", position: "p1", name: "张师傅", phone: "13812345678" };

/** An outbox whose hub is the function `hub` and whose timers run when told. */
function desk(hub, device = new Storage(), clock = { now: 1_000_000 }) {
  const sent = [];
  const due = [];
  const told = [];
  let keys = 0;
  const outbox = createOutbox({
    name: "viewer",
    storage: createKeep(device),
    now: () => clock.now,
    later: (fn, ms) => due.push({ fn, ms }),
    newKey: () => `key-${clock.now}-${++keys}`,
    send: async (command) => {
      sent.push(command);
      return hub(command, sent.length);
    },
  });
  outbox.watch((event) => told.push(event.kind));
  return { outbox, sent, due, told, device, clock };
}

test("an answer takes the command, and with it name and phone, off the device", async () => {
  const { outbox, sent, told, device } = desk(async () => ({ t: "receipt", receipt: "A-1" }));
  const { key, lasting } = outbox.put(APPLY, { title: "装配工" });
  assert.equal(lasting, true);
  assert.ok([...device.items.values()].join().includes("13812345678"), "kept before it is answered");
  await settle();
  assert.deepEqual(sent, [{ ...APPLY, key }]);
  assert.deepEqual(told, ["answered"]);
  assert.deepEqual(outbox.items, []);
  assert.ok(![...device.items.values()].join().includes("13812345678"));
});

test("no answer keeps it, and it is sent again with the same key", async () => {
  const hub = async (_, count) => {
    if (count < 3) throw new RefusalError("no_answer", { temporary: true });
    return { t: "receipt" };
  };
  const { outbox, sent, due, told } = desk(hub);
  outbox.put(APPLY);
  await settle();
  assert.equal(outbox.items.length, 1);
  due.shift().fn();
  await settle();
  due.shift().fn();
  await settle();
  assert.deepEqual(new Set(sent.map((command) => command.key)).size, 1);
  assert.deepEqual(told, ["waiting", "waiting", "answered"]);
  assert.equal(outbox.items.length, 0);
});

test("a reload sends what waited, with its key", async () => {
  const first = desk(async () => {
    throw new RefusalError("offline", { temporary: true });
  });
  const { key } = first.outbox.put(APPLY, { title: "装配工" });
  await settle();
  const second = desk(async () => ({ t: "receipt" }), first.device, first.clock);
  second.outbox.flush();
  await settle();
  assert.equal(second.sent[0].key, key);
  assert.equal("note" in second.sent[0], false, "the page's note is not sent");
  assert.deepEqual(second.outbox.items, []);
});

test("a lasting refusal ends it and says so", async () => {
  const { outbox, told } = desk(async () => {
    throw new RefusalError("position_closed");
  });
  outbox.put(APPLY);
  await settle();
  assert.deepEqual(told, ["refused"]);
  assert.deepEqual(outbox.items, []);
});

test("the hub's own wait is kept, and some more by chance", async () => {
  const { outbox, due } = desk(async () => {
    throw new RefusalError("too_many", { temporary: true, params: { retry_ms: 7000 } });
  });
  outbox.put(APPLY);
  await settle();
  assert.ok(due[0].ms >= 7000 && due[0].ms <= 12_000, String(due[0].ms));
});

test("flushing while it is under way or planned does not double the timers", async () => {
  const { outbox, due, sent } = desk(async () => {
    throw new RefusalError("offline", { temporary: true });
  });
  outbox.put(APPLY);
  outbox.flush();
  await settle();
  outbox.flush();
  await settle();
  assert.equal(sent.length, 2);
  assert.equal(due.length, 1);
});

test("what is older than the hub's memory of keys is dropped and told", async () => {
  const { outbox, told, sent, clock } = desk(async () => {
    throw new RefusalError("offline", { temporary: true });
  });
  outbox.put(APPLY);
  await settle();
  clock.now += 6 * 24 * 3600 * 1000 + 1;
  outbox.flush();
  assert.deepEqual(told, ["waiting", "too_old"]);
  assert.equal(sent.length, 1);
  assert.deepEqual(outbox.items, []);
});

test("a device that refuses storage still sends, and says it would not outlive the page", async () => {
  const refusing = {
    getItem: () => null,
    setItem: () => {
      throw new Error("QuotaExceededError");
    },
    removeItem: () => undefined,
  };
  const { outbox, sent } = desk(async () => ({ t: "receipt" }), refusing);
  assert.equal(outbox.put(APPLY).lasting, false);
  await settle();
  assert.equal(sent.length, 1);
  assert.deepEqual(outbox.items, []);
});

test("a refusal that speaks of us, not of the command, keeps it", async () => {
  for (const code of ["not_signed_in", "token_expired", "link_stopped"]) {
    const { outbox, told } = desk(async () => {
      throw new RefusalError(code);
    });
    outbox.put(APPLY);
    await settle();
    assert.deepEqual(told, ["waiting"], code);
    assert.equal(outbox.items.length, 1, code);
  }
});
