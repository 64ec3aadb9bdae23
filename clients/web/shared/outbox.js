// Commands that must not get lost: kept on this device with their idempotency key until the hub answers.
//
//   const outbox = createOutbox({ send: (command) => link.send(command), name: "viewer" });
//   const key = outbox.put({ t: "apply", session, position, ... });        the key is added, it is sent at once
//   outbox.watch((event) => ...)   {kind: "waiting" | "answered" | "refused" | "too_old", item, reply?, error?}
//   outbox.flush()                 call when the link is open or polling again; link.watch does that in the pages
//   outbox.items                   what waits, oldest first: [{key, command, put_at_ms, note}]
//
// An item leaves only when a reply or a lasting refusal came: with it go name and phone from this device. A temporary
// refusal, no answer or no network keep it, and it is sent again with the same key, also after a reload, so that the
// hub counts it once (keys live 7 days there; older items are dropped here and told).
// The pure parts take their storage, clock and timers as arguments (tests/web/outbox.test.mjs).

import { keep } from "./keep.js";
import { asToldMs } from "./link.js";

/** A day less than the hub keeps keys. */
const TOO_OLD_MS = 6 * 24 * 3600 * 1000;
/** These speak of us or of the line, not of the command: it stays. */
const NOT_ABOUT_IT = new Set(["not_signed_in", "token_expired", "upgrade", "link_stopped"]);
const RETRY_MS = [1000, 2000, 4000, 8000, 15_000, 30_000];

/** A new idempotency key: its moment, then 80 bits of chance. Keys that come together stand together in the hub's store. */
export function makeKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(10));
  const chance = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return Date.now().toString(16).padStart(12, "0") + chance;
}

export function createOutbox({
  send,
  name,
  storage = keep,
  now = Date.now,
  later = (fn, ms) => setTimeout(fn, ms),
  newKey = makeKey,
}) {
  const slot = `outbox.${name}`;
  const underWay = new Set();
  const tries = new Map();
  const planned = new Set();
  const watchers = new Set();

  // Read anew each time: another tab writes here too.
  const read = () => storage.get(slot) || [];
  const drop = (key) => storage.set(slot, read().filter((item) => item.key !== key));

  function tell(event) {
    for (const watcher of [...watchers]) watcher(event);
  }

  async function attempt(item) {
    if (underWay.has(item.key)) return;
    underWay.add(item.key);
    try {
      const reply = await send({ ...item.command, key: item.key });
      drop(item.key);
      tries.delete(item.key);
      tell({ kind: "answered", item, reply });
    } catch (error) {
      const lasting = error && error.name === "RefusalError" && !error.temporary && !NOT_ABOUT_IT.has(error.code);
      if (lasting) {
        drop(item.key);
        tries.delete(item.key);
        tell({ kind: "refused", item, error });
      } else {
        const count = tries.get(item.key) || 0;
        tries.set(item.key, count + 1);
        tell({ kind: "waiting", item, error });
        const asked = asToldMs(error && error.params && error.params.retry_ms);
        const delay = Math.max(asked, RETRY_MS[Math.min(count, RETRY_MS.length - 1)]);
        if (planned.has(item.key)) return;
        planned.add(item.key);
        later(() => {
          planned.delete(item.key);
          const still = read().find((other) => other.key === item.key);
          if (still) attempt(still);
        }, delay);
      }
    } finally {
      underWay.delete(item.key);
    }
  }

  return {
    get items() {
      return read();
    },
    watch(fn) {
      watchers.add(fn);
      return () => watchers.delete(fn);
    },
    /** `note` is kept beside the command for the page's own words (e.g. the position's title); never sent. */
    put(command, note = {}) {
      const item = { key: newKey(), command, put_at_ms: now(), note };
      const lasting = storage.set(slot, [...read(), item]);
      attempt({ ...item });
      return { key: item.key, lasting };
    },
    flush() {
      for (const item of read()) {
        if (now() - item.put_at_ms > TOO_OLD_MS) {
          drop(item.key);
          tell({ kind: "too_old", item });
        } else {
          attempt(item);
        }
      }
    },
  };
}
