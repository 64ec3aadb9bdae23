// Every code a hub may refuse with has a sentence in both languages, and every word a page asks for exists.

import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { test } from "node:test";

import { refusalText, useWords } from "../../clients/web/shared/i18n.js";
import { CODES, STATUSES } from "../../clients/web/shared/protocol_types.js";

const WEB = new URL("../../clients/web/", import.meta.url);
const OWN_CODES = ["offline", "no_answer", "link_stopped", "unknown"];
const read = (name) => JSON.parse(readFileSync(new URL(`locales/${name}.json`, WEB)));

for (const name of ["zh-CN", "en"]) {
  test(`${name}: every refusal is a sentence, never a code`, () => {
    const words = read(name);
    useWords(name, words);
    for (const code of [...CODES, ...OWN_CODES]) {
      const params = { retry_ms: 1500, limit: 20, years: 16, version: 1, digits: 6, left: 2, minutes: 5, days: 7, least: 8 };
      const text = refusalText({ code, params });
      assert.ok(words[`refusal.${code}`], `${name} has no sentence for ${code}`);
      assert.ok(!/[a-z]+_[a-z]+|\{|\}/.test(text), `${code}: ${text}`);
      assert.match(text, /[。.]$/, `${code}: ${text}`);
    }
    assert.equal(refusalText({ code: "from_the_future" }), words["refusal.unknown"]);
  });

  test(`${name}: every step of an application has its name`, () => {
    const words = read(name);
    for (const status of STATUSES) assert.ok(words[`status.${status}`], status);
  });
}

test("every word the pages ask for by its full key exists", () => {
  for (const path of ["shared", "viewer", "join", "viewer/later", "picture"]) {
    const folder = new URL(`${path}/`, WEB);
    const page = path.split("/").at(-1);
    // The shared folder's page doors take their words from the files of their pages.
    const names = page === "shared" ? readdirSync(new URL("locales/", WEB)).map((file) => file.slice(0, -5)) : ["zh-CN", "zh-CN.viewer", `zh-CN.${page}`];
    const words = Object.assign({}, ...names.filter((name) => name.startsWith("zh-CN")).map(read));
    for (const file of readdirSync(folder).filter((file) => file.endsWith(".js"))) {
      const text = readFileSync(new URL(file, folder), "utf-8").replace(/^\s*\/\/.*$/gm, "");
      for (const [, key] of text.matchAll(/\bt\(\s*"([^"]+)"/g)) assert.ok(words[key], `${page}/${file}: ${key}`);
    }
  }
});
