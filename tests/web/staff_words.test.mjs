// The staff pages ask for no word that does not exist, and keep none that nobody asks for.

import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { test } from "node:test";

const WEB = new URL("../../clients/web/", import.meta.url);
const read = (name) => JSON.parse(readFileSync(new URL(`locales/${name}.json`, WEB)));
const OWN = read("zh-CN.staff");
const WORDS = { ...read("zh-CN"), ...OWN };
const SOURCES = ["host", "desk", "screen", "camera"].flatMap((folder) =>
  readdirSync(new URL(`${folder}/`, WEB)).filter((file) => file.endsWith(".js")).map((file) => `${folder}/${file}`));
const TEXTS = [...SOURCES, "shared/signin.js", "shared/invitation.js", "shared/position_file.js", "shared/broadcast.js", "shared/cast_parts.js", "shared/recording.js"].map((file) => [file, readFileSync(new URL(file, WEB), "utf8")]);

test("every word that is asked for exists", () => {
  for (const [file, text] of TEXTS) {
    for (const [, key] of text.matchAll(/"((?:host|desk|screen|sign_in|do|fact|state|cast|live|phone)\.[a-z_0-9]+)"/g)) {
      if (file === "host/room.js" || key === "host.session" || key === "desk.enterprise") continue; // names of storage
      assert.ok(WORDS[key], `${file}: ${key}`);
    }
    for (const [, prefix] of text.matchAll(/\bt\(\s*`([a-z_]+\.[a-z_]*)\$\{/g)) {
      assert.ok(Object.keys(WORDS).some((key) => key.startsWith(prefix)), `${file}: ${prefix}…`);
    }
  }
});

test("every word of the staff's file is asked for, or replaces a shared one", () => {
  const all = TEXTS.map(([, text]) => text).join("\n");
  const shared = read("zh-CN");
  const prefixes = Array.from(all.matchAll(/`([a-z_]+\.[a-z_]*)\$\{/g), (found) => found[1]);
  for (const key of Object.keys(OWN)) {
    const asked = all.includes(`"${key}"`) || prefixes.some((prefix) => key.startsWith(prefix));
    const ofPage = /^(host|desk|screen)\.(title|what|demo|no_role)$/.test(key);
    assert.ok(asked || ofPage || shared[key], key);
  }
});
