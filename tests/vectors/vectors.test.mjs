// The pages' msgpack library and the golden vectors: it reads what a hub writes, a hub reads what it writes.
// With VECTORS_OUT set, what was encoded is left in that file as [[name, hex], ...] for Python to judge.

import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { test } from "node:test";

import { COMMANDS, PUSHES, REPLIES } from "../../clients/web/shared/protocol_types.js";
import { decode, decodeMulti, encode } from "../../clients/web/vendor/msgpack.js";

const vectors = JSON.parse(readFileSync(new URL("protocol-v1.json", import.meta.url), "utf8"));
const bytes = (hex) => Uint8Array.from(Buffer.from(hex, "hex"));
const written = [];

for (const vector of vectors.server) {
  test(`decodes ${vector.name}`, () => {
    assert.deepEqual(decode(bytes(vector.msgpack)), vector.json);
    assert.ok([...REPLIES, ...PUSHES].includes(vector.json.t));
  });
}

test("decodes many messages of one websocket message in order", () => {
  const all = bytes(vectors.server.map((vector) => vector.msgpack).join(""));
  assert.deepEqual(
    [...decodeMulti(all)],
    vectors.server.map((vector) => vector.json),
  );
});

for (const vector of vectors.client) {
  test(`encodes ${vector.name}`, () => {
    assert.deepEqual(decode(encode(vector.json)), vector.json);
    assert.ok(COMMANDS.includes(vector.json.t));
    written.push([vector.name, Buffer.from(encode(vector.json)).toString("hex")]);
  });
}

test("leaves what it wrote", () => {
  assert.equal(written.length, vectors.client.length);
  if (process.env.VECTORS_OUT) writeFileSync(process.env.VECTORS_OUT, JSON.stringify(written));
});
