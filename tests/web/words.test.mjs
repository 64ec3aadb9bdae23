// Words of parts that come later: asked for twice, in another language meanwhile, or without the net.

import assert from "node:assert/strict";
import { test } from "node:test";

import { addLocale, loadLocale, locale, setLocale, t } from "../../clients/web/shared/i18n.js";

/** The net: every file holds one word, its own name. A file that is held waits until it is let go. */
const held = new Map();
const asked = [];
let away = false;
globalThis.fetch = async (url) => {
  const file = url.split("/").at(-1);
  asked.push(file);
  await held.get(file)?.promise;
  if (away) throw new TypeError("no net");
  const part = file.split(".").slice(1, -1).join(".") || "shared";
  return { ok: true, json: async () => ({ [part]: file }) };
};

function hold(file) {
  let release;
  const promise = new Promise((resolve) => (release = resolve));
  held.set(file, { promise });
  return () => {
    held.delete(file);
    release();
  };
}

test("what failed is asked for again, and its words are there then", async () => {
  await loadLocale(["viewer"]);
  away = true;
  await assert.rejects(addLocale("later"));
  away = false;
  await addLocale("later");
  assert.equal(t("later"), "zh-CN.later.json");
  assert.equal(t("viewer"), "zh-CN.viewer.json");
});

test("who asks for the same part meanwhile waits for its words, and each file comes once", async () => {
  const release = hold("zh-CN.picture.json");
  asked.length = 0;
  let there = 0;
  const both = [addLocale("picture"), addLocale("picture")].map((one) => one.then(() => (there += 1)));
  await new Promise((resolve) => setTimeout(resolve, 5));
  assert.equal(there, 0);
  release();
  await Promise.all(both);
  assert.equal(t("picture"), "zh-CN.picture.json");
  assert.deepEqual(asked, ["zh-CN.picture.json"]);
});

test("a language that is chosen meanwhile is that of the part too, whichever comes first", async () => {
  let release = hold("zh-CN.slow.json");
  let coming = addLocale("slow");
  await setLocale("en", { keepIt: false });
  release();
  await coming;
  assert.equal(locale(), "en");
  assert.equal(t("slow"), "en.slow.json");

  release = hold("zh-CN.viewer.json");
  const choosing = setLocale("zh-CN", { keepIt: false });
  coming = addLocale("more");
  await coming;
  assert.equal(t("more"), "en.more.json");
  release();
  await choosing;
  assert.equal(t("more"), "zh-CN.more.json");
  assert.equal(t("slow"), "zh-CN.slow.json");
});
