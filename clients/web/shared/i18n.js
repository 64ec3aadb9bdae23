// Words: flat JSON locales, Chinese first. A key without a sentence shows the key and is an error in the console.
//
//   await loadLocale(["viewer"]);     fetches ../locales/LOCALE.json and LOCALE.viewer.json; call once, first
//   t("room.online", { n: "1.2万" })  "{n} 人在看"; with {count: 1} a key + "_one" is preferred where it exists
//   refusalText(error)                one sentence for a RefusalError: what happened, what is safe, what to do
//   await addLocale("later")           words of a part of the page that came later
//   locale()                          "zh-CN" | "en"
//   await setLocale("en")             kept on this device, <html lang> follows, watchers told
//   watchLocale(fn)                   -> unwatch
//
// The shared words (refusals, states, facts of a position, steps of an application) are in LOCALE.json; each page
// keeps its own in LOCALE.PAGE.json (viewer, host, desk, screen). tests/web/locales.test.mjs holds both languages equal.

import { keep } from "./keep.js";

export const LOCALES = ["zh-CN", "en"];

let current = LOCALES[0];
let words = {};
let parts = [];
const coming = new Map();
const watchers = new Set();

async function fetchWords(name, wanted) {
  const files = wanted.map((part) => new URL(`../locales/${name}${part && `.${part}`}.json`, import.meta.url).href);
  const found = await Promise.all(
    files.map(async (file) => {
      const response = await fetch(file);
      if (!response.ok) throw new Error(`${file}: ${response.status}`);
      return response.json();
    }),
  );
  return Object.assign({}, ...found);
}

function wish() {
  const asked = typeof location === "undefined" ? null : new URL(location.href).searchParams.get("lang");
  const kept = keep.get("locale");
  // The page says in which language it was made: what the browser prefers, when nobody chose.
  const made = typeof document === "undefined" ? null : document.documentElement.lang;
  return [asked, kept, made].find((name) => LOCALES.includes(name)) || LOCALES[0];
}

/** @param {string[]} pageParts names of the page's own word files */
export async function loadLocale(pageParts = []) {
  parts = pageParts;
  await setLocale(wish(), { keepIt: false });
}

/** Words of a part that was fetched later. Whoever asks meanwhile waits with the first; what failed may be asked again. */
export function addLocale(part) {
  if (!coming.has(part)) coming.set(part, add(part).catch((error) => (coming.delete(part), Promise.reject(error))));
  return coming.get(part);
}

async function add(part) {
  if (parts.includes(part)) return;
  let name, more;
  do {
    name = current;
    more = await fetchWords(name, [part]);
  } while (name !== current);
  parts = [...parts, part];
  tell(name, { ...words, ...more });
}

export async function setLocale(name, { keepIt = true } = {}) {
  let had, table;
  do {
    had = parts;
    table = await fetchWords(name, ["", ...had]);
  } while (had !== parts);
  if (keepIt) keep.set("locale", name);
  tell(name, table);
}

function tell(name, table) {
  useWords(name, table);
  if (typeof document !== "undefined") document.documentElement.lang = name;
  for (const watcher of [...watchers]) watcher(name);
}

/** Words from elsewhere than the net (tests). */
export function useWords(name, table) {
  current = name;
  words = table;
}

export function locale() {
  return current;
}

export function watchLocale(fn) {
  watchers.add(fn);
  return () => watchers.delete(fn);
}

export function has(key) {
  return Object.prototype.hasOwnProperty.call(words, key);
}

/** @param {string} key @param {Record<string, string | number>} [params] */
export function t(key, params = {}) {
  const chosen = params.count === 1 && has(`${key}_one`) ? `${key}_one` : key;
  if (!has(chosen)) {
    console.error(`no words for ${chosen}`);
    return key;
  }
  return words[chosen].replace(/\{(\w+)\}/g, (whole, name) => (name in params ? String(params[name]) : whole));
}

/** 40 秒, 12 分钟, 3 小时: as a person would say how long something takes. */
function waitText(seconds) {
  if (seconds < 90) return t("wait.seconds", { n: seconds, count: seconds });
  if (seconds < 5400) return t("wait.minutes", { n: Math.ceil(seconds / 60) });
  return t("wait.hours", { n: Math.ceil(seconds / 3600) });
}

/** One sentence for a refusal; never a code. */
export function refusalText(error) {
  const params = { ...(error && error.params) };
  if (params.retry_ms) {
    params.seconds = Math.max(1, Math.ceil(Number(params.retry_ms) / 1000));
    params.wait = waitText(params.seconds);
  }
  const code = error && error.code;
  if (code === "too_many" && !params.seconds) return t("refusal.too_many_plain");
  const key = `refusal.${code}`;
  return has(key) ? t(key, params) : t("refusal.unknown");
}
