// One enterprise's applicants, live: pages of the list, what `firm/ENTERPRISE` says, and the one that is open.
//
//   const inbox = openInbox({ link, enterprise, bySpecialist });   inbox.store
//   .load() .more() .all() .filter({show, status, position, order}) .open(id, purpose) .answer(id, {status, note, …}) .forget()
//   store.state = {phase: "loading"|"ready"|"error", error, rows, next, waiting, busy, fresh, opened, filter}
// Names and phones in the clear live in `opened` only, in memory, until it is closed.

import { perform } from "../shared/perform.js";
import { RefusalError } from "../shared/api.js";
import { createStore } from "../shared/store.js";
import { asked } from "./filter.js";
import { isWaiting } from "./waiting.js";
import { cursorAfter, merged, moved, stepped, without } from "./rows.js";

const PAGE = 50;
const CALM_MS = 500; // many applications at once make one reading

/** Pages read on when somebody looks for one person among all. */
const MOST_PAGES = 40;

const FILTER = { show: "waiting", status: "", position: "", order: "longest" };
const START = { phase: "loading", error: null, rows: [], next: "", waiting: 0, busy: false, fresh: new Set(), opened: null, filter: FILTER };

/** Whether the wait of this person ends with that answer; the hub's own count follows with the next reading. */
function answeredNow(row, status) {
  return Boolean(row) && isWaiting(row.status) && !isWaiting(status);
}

export function openInbox({ link, enterprise, bySpecialist = false }) {
  const store = createStore(START);
  let calm = null;
  let closed = false;
  let reading = Promise.resolve();

  /** One reading after the other, so that an older answer never covers a newer one. */
  function inTurn(work) {
    reading = reading.then(work, work);
    return reading;
  }

  async function page(before) {
    const command = { t: "list_applications", enterprise, limit: PAGE, ...asked(store.state.filter) };
    return link.send(before ? { ...command, before } : command);
  }

  /** `anew`: what is not in the answer is gone from the list as well. */
  function load({ anew = false } = {}) {
    return inTurn(async () => {
      try {
        const answer = await page("");
        if (anew) store.set({ rows: [], next: "" });
        store.set((state) => ({
          phase: "ready",
          error: null,
          rows: merged(state.rows, answer.applications, state.filter.order),
          next: state.rows.length > PAGE ? state.next : answer.next || "",
          waiting: answer.waiting || 0,
        }));
        // With the longest wait first, whoever came just now stands behind the last page.
        if (!anew && store.state.filter.order === "longest" && !store.state.next && store.state.rows.length >= PAGE) await after(cursorAfter(store.state.rows));
      } catch (error) {
        store.set((state) => (state.phase === "ready" ? { error } : { phase: "error", error }));
      }
    });
  }

  async function after(cursor) {
    const answer = await page(cursor);
    store.set((state) => ({
      rows: merged(state.rows, answer.applications, state.filter.order),
      next: answer.next || "",
      waiting: answer.waiting || 0,
      error: null,
    }));
  }

  /** So many pages more, one by one. */
  function more(pages = 1) {
    return inTurn(async () => {
      store.set({ busy: true });
      try {
        for (let n = 0; n < pages && store.state.next && !closed; n += 1) await after(store.state.next);
        store.set({ busy: false });
      } catch (error) {
        store.set({ error, busy: false });
      }
    });
  }

  function loadSoon() {
    if (calm || closed) return;
    calm = setTimeout(() => {
      calm = null;
      if (!closed) load();
    }, CALM_MS);
  }

  function heard(entry) {
    const { body, at_ms } = entry;
    if (body.t === "application_new") {
      store.set(({ fresh }) => ({ fresh: new Set([...fresh, body.application]) }));
    } else if (body.t === "application_moved" && body.contact_gone) {
      store.set((state) => without(state, body.application));
    } else if (body.t === "application_moved") {
      store.set((state) => ({
        rows: state.rows.map((row) => (row.id === body.application ? stepped(row, body.status, at_ms) : row)),
        opened: state.opened && state.opened.id === body.application ? stepped(state.opened, body.status, at_ms) : state.opened,
      }));
    } else if (body.t !== "application_changed") {
      return;
    }
    loadSoon();
  }

  const leave = link.join(`firm/${enterprise}`, {
    // A fresh start of the channel says nothing of what is in the list: read it again.
    reset: () => load({ anew: true }),
    entry: heard,
    refused: (error) => store.set({ phase: "error", error }),
  });
  load();

  return {
    store,
    load,
    more: () => more(),
    /** Every page there is. */
    all: () => more(MOST_PAGES),
    /** Name and phone in the clear; the hub writes the look into its audit log. */
    async open(id, purpose = "contact") {
      const reply = await perform(link, { t: "open_application", application: id, purpose });
      if (!reply.application) throw new RefusalError("not_found");
      // `changed`: where the person saw another pay, place or shift than today's.
      const opened = { steps: [], ...reply.application, ...(reply.seen && reply.today ? { changed: { seen: reply.seen, today: reply.today } } : null) };
      store.set((state) => ({
        opened,
        rows: state.rows.map((row) => (row.id === id ? { ...moved(row, opened.status, opened.changed_at_ms), claim: opened.claim } : row)),
      }));
    },
    forget: () => store.set({ opened: null }),
    /** `parts`: status, and what belongs to it (outcome, interview_at_ms, place, reason, note). */
    async answer(id, parts) {
      const { status } = parts;
      await perform(link, { t: "answer_application", application: id, ...parts });
      const at_ms = link.serverNow();
      const told = bySpecialist ? { ...parts, by_specialist: true } : parts;
      store.set((state) => ({
        waiting: answeredNow(state.rows.find((row) => row.id === id), status) ? Math.max(0, state.waiting - 1) : state.waiting,
        rows: state.rows.map((row) => (row.id === id ? stepped(row, status, at_ms, told) : row)),
        opened: state.opened && state.opened.id === id ? stepped(state.opened, status, at_ms, told) : state.opened,
      }));
      loadSoon();
    },
    /** Other rows are wanted: asked of the hub, so that older ones are found too. */
    filter(change) {
      store.set((state) => ({ filter: { ...state.filter, ...change }, next: "", rows: [], phase: "loading" }));
      return load({ anew: true });
    },
    seen: (id) =>
      store.set(({ fresh }) => (fresh.has(id) ? { fresh: new Set([...fresh].filter((one) => one !== id)) } : null)),
    close() {
      closed = true;
      clearTimeout(calm);
      leave();
    },
  };
}
