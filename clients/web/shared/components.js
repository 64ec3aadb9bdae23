// The pages' components, on preact and htm. Looks are in components.css, words in the locales.
//
//   html, render, and the hooks are exported again, so that a page imports from here alone.
//   <${Button} kind="main|quiet|plain|stop" wide small busy onClick data-test=...>
//   <${Field} label hint error value onInput=${(text) => ...} ...>      input; `as="select"` with children
//   <${Choice} label checked onChange=${(on) => ...}/>                  checkbox with a 44 px target
//   <${Chip} tone="now|safe|look|action">
//   <${Sheet} title onClose footer=${...}>      dialog: focus goes in, stays in, Escape closes, focus goes back
//   <${ListState} state="loading|error|empty|ready" error empty=${{text, action}} onRetry>rows<//>
//   <${OfflineBar} link waiting/>               says only what is true; `waiting` = commands kept in the outbox
//   <${Toasts}/> once a page; toast(text, {tone, key, action: {text, run}}) and announce(text) from anywhere;
//                               a toast with the key of an older one takes its place
//   <${LocaleSwitch}/> <${BigTypeSwitch}/>
//   useStore(source)       re-render on each change of a store (store.js) or of a watch(fn) -> unwatch; gives the last value
//   useLocale()            re-render when the language changes
//   useNow(everyMs)        a clock for "5 分钟前"
//   useLoad(load, deps)    {state, data, error, again}: the four states of a fetched panel
//   useAgain(again, everyMs, deps)    call it while the page is seen
//   startPage(root, App, {parts})  theme-independent start: words, big type, keyboard height, then render

import {
  html,
  render,
  useCallback,
  useEffect,
  useLayoutEffect,
  useMemo,
  useReducer,
  useRef,
  useState,
} from "../vendor/preact.js";
import { bigType, setBigType } from "./format.js";
import { loadLocale, locale, refusalText, setLocale, t, watchLocale } from "./i18n.js";

export { html, render, useCallback, useEffect, useLayoutEffect, useMemo, useReducer, useRef, useState };

const classes = (...names) => names.filter(Boolean).join(" ");

let ids = 0;

export function useId(prefix) {
  const ref = useRef(null);
  if (!ref.current) ref.current = `${prefix}-${++ids}`;
  return ref.current;
}

// ---- hooks ----

/** @param source a store with .state and .watch, or a watch function with its first value (both stable) */
export function useStore(source, first = source.state) {
  const watch = typeof source === "function" ? source : source.watch;
  const [value, setValue] = useState(() => ({ is: first }));
  useLayoutEffect(() => {
    // It may have changed between the drawing and now.
    if (typeof source !== "function") setValue({ is: source.state });
    return watch((next) => setValue({ is: next }));
  }, [watch]);
  return value.is;
}

export function useLocale() {
  const [, again] = useReducer((n) => n + 1, 0);
  useLayoutEffect(() => watchLocale(again), []);
  return locale();
}

export function useNow(everyMs, now = Date.now) {
  const [value, setValue] = useState(now);
  useEffect(() => {
    const timer = setInterval(() => setValue(now()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return value;
}

/** Skeletons come after 300 ms, so that a quick answer does not flash. */
export function useLate(on, ms = 300) {
  const [late, setLate] = useState(false);
  useEffect(() => {
    setLate(false);
    if (!on) return undefined;
    const timer = setTimeout(() => setLate(true), ms);
    return () => clearTimeout(timer);
  }, [on]);
  return on && late;
}

/** While it is loaded again the old data stay. `first` is what is there already: it is not asked for again at once. */
export function useLoad(load, deps, first = null) {
  const [round, setRound] = useState(0);
  const [value, setValue] = useState({ state: first ? "ready" : "loading", data: first, error: null });
  const spare = useRef(Boolean(first));
  useEffect(() => {
    if (spare.current) {
      spare.current = false;
      return undefined;
    }
    let mine = true;
    setValue((old) => ({ ...old, state: old.data ? "ready" : "loading", error: null }));
    load().then(
      (data) => mine && setValue({ state: "ready", data, error: null }),
      (error) => mine && setValue((old) => ({ ...old, state: old.data ? "ready" : "error", error })),
    );
    return () => {
      mine = false;
    };
  }, [...deps, round]);
  const again = useCallback(() => setRound((n) => n + 1), []);
  return { ...value, again };
}

/** Never with `everyMs` 0; `deps` begin the wait anew. */
export function useAgain(again, everyMs, deps = []) {
  const newest = useRef(again);
  newest.current = again;
  useEffect(() => {
    if (!everyMs) return undefined;
    const timer = setInterval(() => document.visibilityState !== "hidden" && newest.current(), everyMs);
    return () => clearInterval(timer);
  }, [everyMs, ...deps]);
}

// ---- button, field, chip ----

export function Button({ kind, wide, small, busy, class: more, children, ...rest }) {
  const name = classes("btn", kind && `btn--${kind}`, wide && "btn--wide", small && "btn--small", more);
  const Tag = rest.href ? "a" : "button";
  const type = rest.href ? undefined : rest.type || "button";
  return html`<${Tag}
    ...${rest}
    type=${type}
    class=${name}
    aria-busy=${busy ? "true" : undefined}
    disabled=${rest.disabled || busy}
    >${children}<//
  >`;
}

export function Field({ label, hint, error, onInput, as = "input", id, children, class: more, hideLabel, ...rest }) {
  const own = useId("field");
  const name = id || own;
  const described = classes(hint && `${name}-hint`, error && `${name}-error`);
  const listen = (event) => onInput && onInput(event.currentTarget.value, event);
  const shared = {
    ...rest,
    id: name,
    class: classes("input", more),
    "aria-describedby": described || undefined,
    "aria-invalid": error ? "true" : undefined,
    [as === "select" ? "onChange" : "onInput"]: listen,
  };
  return html`<div class="field">
    <label class=${hideLabel ? "sr-only" : "field__label"} for=${name}>${label}</label>
    ${hint && html`<p class="field__hint" id="${name}-hint">${hint}</p>`}
    <${as} ...${shared}>${children}<//>
    <p class="field__error" id="${name}-error" role="alert">${error || ""}</p>
  </div>`;
}

export function Choice({ label, checked, onChange, ...rest }) {
  return html`<label class="choice">
    <input ...${rest} type="checkbox" checked=${checked} onChange=${(e) => onChange(e.currentTarget.checked)} />
    <span>${label}</span>
  </label>`;
}

export function Chip({ tone, class: more, children, ...rest }) {
  return html`<span ...${rest} class=${classes("chip", tone && `chip--${tone}`, more)}>${children}</span>`;
}

// ---- sheet ----

const FOCUSABLE =
  'a[href], button:not([disabled]), input:not([disabled]), select:not([disabled]), textarea:not([disabled]), [tabindex="0"]';
let openSheets = 0;

/** `first` is a selector for what gets the focus; without it the sheet itself, so that its title is read. */
export function Sheet({ title, onClose, footer, children, first, ...rest }) {
  const box = useRef(null);
  const titleId = useId("sheet");
  const close = useRef(onClose);
  close.current = onClose;

  // Before it is painted: whoever is quick with Escape closes the sheet that is seen, not nothing.
  // A button that vanishes under the focus leaves it with the body: Escape and Tab still belong to the sheet then.
  useLayoutEffect(() => {
    const lost = (event) => event.target === document.body && onKeyDown(event);
    document.addEventListener("keydown", lost);
    return () => document.removeEventListener("keydown", lost);
  }, []);

  useLayoutEffect(() => {
    const before = document.activeElement;
    openSheets += 1;
    document.documentElement.classList.add("sheet-open");
    const wanted = first && box.current.querySelector(first);
    (wanted || box.current).focus({ preventScroll: true });
    return () => {
      openSheets -= 1;
      if (!openSheets) document.documentElement.classList.remove("sheet-open");
      if (before && before.isConnected && before.focus) before.focus({ preventScroll: true });
    };
  }, []);

  const inside = (element) => element !== box.current && box.current.contains(element);

  function onKeyDown(event) {
    if (event.key === "Escape" && !event.isComposing) {
      event.stopPropagation();
      close.current();
      return;
    }
    if (event.key !== "Tab") return;
    const stops = [...box.current.querySelectorAll(FOCUSABLE)].filter((el) => el.offsetParent !== null);
    const [start, end] = [stops[0], stops[stops.length - 1]];
    if (!start) {
      event.preventDefault();
    } else if (event.shiftKey && (document.activeElement === start || !inside(document.activeElement))) {
      event.preventDefault();
      end.focus();
    } else if (!event.shiftKey && (document.activeElement === end || document.activeElement === document.body)) {
      event.preventDefault();
      start.focus();
    }
  }

  return html`<div
    class="veil"
    onMouseDown=${(event) => event.target === event.currentTarget && close.current()}
    onKeyDown=${onKeyDown}
  >
    <section ...${rest} ref=${box} class="sheet" role="dialog" aria-modal="true" aria-labelledby=${titleId} tabindex="-1">
      <header class="sheet__head">
        <h2 class="sheet__title" id=${titleId}>${title}</h2>
        <${Button} kind="plain" onClick=${() => close.current()} data-test="sheet-close">${t("do.close")}<//>
      </header>
      <div class="sheet__body">${children}</div>
      ${footer && html`<footer class="sheet__foot">${footer}</footer>`}
    </section>
  </div>`;
}

// ---- states ----

export function Skeleton({ lines = 4 }) {
  const rows = Array.from({ length: lines }, (_, n) => html`<span key=${n}></span>`);
  return html`<div class="skeleton" aria-hidden="true">${rows}</div>`;
}

/** @param props.empty {text, action?} shown when state is "empty" */
export function ListState({ state, error, empty, onRetry, lines, children }) {
  const late = useLate(state === "loading");
  if (state === "loading") {
    return html`<div aria-busy="true" data-test="loading">
      <span class="sr-only">${t("state.loading")}</span>
      ${late && html`<${Skeleton} lines=${lines} />`}
    </div>`;
  }
  if (state === "error") {
    return html`<div class="state" role="alert" data-test="error">
      <p>${refusalText(error)}</p>
      ${onRetry && html`<${Button} kind="quiet" onClick=${onRetry} data-test="retry">${t("do.retry")}<//>`}
    </div>`;
  }
  if (state === "empty") {
    return html`<div class="state" data-test="empty">
      <p>${empty && empty.text}</p>
      ${empty && empty.action}
    </div>`;
  }
  return children;
}

/** @param props.waiting number of commands kept on this device; only then is it said that they are */
export function OfflineBar({ link, waiting = 0 }) {
  const state = useStore(link.watch, link.state);
  if (!state || state.phase === "open" || state.phase === "connecting") return null;
  if (state.phase === "polling") {
    return html`<div class="bar" role="status" data-test="bar-polling">${t("bar.polling")}</div>`;
  }
  if (state.phase === "stopped") {
    if (!state.error) return null;
    return html`<div class="bar" role="alert" data-test="bar-stopped">
      <span>${refusalText(state.error)}</span>
      <${Button} kind="plain" small onClick=${() => link.start()}>${t("do.connect_again")}<//>
    </div>`;
  }
  return html`<div class="bar" role="status" data-test="bar-offline">
    ${waiting ? t("bar.offline_kept", { n: waiting, count: waiting }) : t("bar.offline")}
  </div>`;
}

// ---- toast and live region ----

const TOAST_MS = 6_000;
const toastWatchers = new Set();
let toasts = [];
let spoken = "";

function tellToasts() {
  for (const watcher of toastWatchers) watcher();
}

/** @param {string} text @param {{tone?: "safe" | "look", key?: string, action?: {text: string, run: () => void}, ms?: number}} [how] */
export function toast(text, { tone, key, action, ms = TOAST_MS } = {}) {
  const item = { id: ++ids, text, tone, key, action };
  toasts = [...toasts.filter((old) => !key || old.key !== key).slice(-2), item];
  announce(text);
  setTimeout(() => dropToast(item.id), action ? ms + 3_000 : ms);
}

function dropToast(id) {
  toasts = toasts.filter((item) => item.id !== id);
  tellToasts();
}

/** Read out by screen readers, not shown. */
export function announce(text) {
  // The same words twice are not read twice unless they differ.
  spoken = spoken === text ? `${text}\u00a0` : text;
  tellToasts();
}

export function Toasts() {
  const [, again] = useReducer((n) => n + 1, 0);
  useLayoutEffect(() => {
    toastWatchers.add(again);
    return () => toastWatchers.delete(again);
  }, []);
  return html`<div>
    <div class="sr-only" role="status" aria-live="polite" data-test="live-region">${spoken}</div>
    <div class="toasts">
      ${toasts.map(
        (item) =>
          html`<div key=${item.id} class=${classes("toast", item.tone && `toast--${item.tone}`)} data-test="toast">
            <span>${item.text}</span>
            ${item.action &&
            html`<${Button}
              kind="plain"
              onClick=${() => {
                dropToast(item.id);
                item.action.run();
              }}
              >${item.action.text}<//
            >`}
            <${Button} kind="plain" aria-label=${t("do.close")} onClick=${() => dropToast(item.id)}>✕<//>
          </div>`,
      )}
    </div>
  </div>`;
}

// ---- switches ----

export function LocaleSwitch() {
  const name = useLocale();
  const other = name === "en" ? "zh-CN" : "en";
  const words = name === "en" ? "中文" : "English";
  return html`<${Button} kind="plain" lang=${other} onClick=${() => setLocale(other)} data-test="locale-switch">${words}<//>`;
}

export function BigTypeSwitch() {
  const [on, setOn] = useState(bigType());
  const flip = () => {
    setBigType(!on);
    setOn(!on);
  };
  return html`<${Button} aria-pressed=${String(on)} onClick=${flip} data-test="big-type">${t("do.big_type")}<//>`;
}

// ---- start ----

/** Keep --keyboard at the height an on-screen keyboard covers, so that sheets stand above it. */
function followKeyboard() {
  const view = globalThis.visualViewport;
  if (!view) return;
  const measure = () => {
    const covered = Math.max(0, Math.round(innerHeight - view.height - view.offsetTop));
    document.documentElement.style.setProperty("--keyboard", view.scale > 1.01 ? "0px" : `${covered}px`);
  };
  view.addEventListener("resize", measure);
  view.addEventListener("scroll", measure);
}

/** Somebody is filling in a form that came with the page: it works by itself, and nothing takes it away. */
function inUse(root) {
  if (root.contains(document.activeElement)) return true;
  return [...root.querySelectorAll("form input")].some((input) => input.type !== "hidden" && (input.value !== input.defaultValue || input.checked !== input.defaultChecked));
}

/** @param {Element} root emptied first @param {Function} App @param {{parts?: string[], ready?: Promise}} [options] words
    of the page; what stood in it stays until `ready`, so that nothing is empty in between */
export async function startPage(root, App, { parts = [], ready } = {}) {
  if (bigType()) setBigType(true);
  followKeyboard();
  try {
    await loadLocale(parts);
  } catch {
    // What the server wrote still serves.
    if (root.querySelector("main")) return false;
    // No words, no page: say so in both languages, which is all that is certain here.
    root.textContent = "页面没有加载完整，请刷新再试。 The page did not load completely. Please reload it.";
    return false;
  }
  await ready;
  if (inUse(root)) return false;
  root.textContent = "";
  render(html`<${App} />`, root);
  return true;
}
