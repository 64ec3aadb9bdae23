// The host's session, live: joins its channels and keeps what the page draws.
//
//   const room = openRoom({ link, sessionId });   room.store   room.reload()   room.close()
//   store.state = {phase: "loading"|"ready"|"refused", error, stage, slots, slotsError, chat, tally, numbers}

import { getJson } from "../shared/api.js";
import { keep } from "../shared/keep.js";
import { createStore } from "../shared/store.js";
import { tellLaunch } from "./launch_word.js";
import { EMPTY_DESK, afterDesk, fromDesk } from "./desk.js";
import { EMPTY, after, fromSnapshot, memoryOf } from "./stage.js";
import { NONE, arrived, totalled } from "./tally.js";

const LINES_KEPT = 300; // about ten minutes of a busy room; the log keeps them all

const ARRIVALS_REMEMBERED = 50; // positions and times only; enough for the list and the last minute

const START = { phase: "loading", error: null, stage: EMPTY, slots: null, slotsError: null, chat: [], tally: NONE, numbers: null, why: "", desk: EMPTY_DESK };

export function openRoom({ link, sessionId }) {
  const store = createStore(START);
  const slot = `host.${sessionId}`;
  const cameSlot = `host.came.${sessionId}`;
  let revision = null;

  function setStage(stage) {
    keep.set(slot, memoryOf(stage));
    store.set({ stage, phase: "ready", error: null });
    if (stage.session && stage.session.shelf_revision !== revision) fetchShelf(stage.session.shelf_revision || 1);
  }

  async function fetchShelf(wanted) {
    revision = wanted;
    store.set({ slotsError: null });
    try {
      const shelf = await getJson(`/api/sessions/${encodeURIComponent(sessionId)}/shelf/${wanted}`);
      if (revision === wanted) store.set({ slots: [...shelf.slots].sort((a, b) => a.number - b.number) });
    } catch (error) {
      if (revision !== wanted) return;
      revision = null;
      store.set({ slotsError: error });
    }
  }

  function gotNumbers(numbers, visits) {
    const known = { live: 0, online: 0, cards: 0, applications: 0, intents: 0, ...numbers };
    store.set((state) => ({
      numbers: { ...known, visits: visits === undefined && state.numbers ? state.numbers.visits : visits },
    }));
  }

  const withLine = (lines, { body, offset, at_ms }) =>
    body.t === "line_removed" ? lines.filter((line) => line.offset !== body.line) : [...lines, { ...body, offset, at_ms }].slice(-LINES_KEPT);

  /** What waited before this page was open. What comes meanwhile is kept and played over it. */
  let deskAsked = 0;
  let early = [];
  async function fetchDesk() {
    const mine = ++deskAsked;
    early = [];
    try {
      const reply = await link.send({ t: "list_desk", session: sessionId }); // a read: no key, and nothing to repeat
      if (mine !== deskAsked) return;
      store.set(({ tally }) => ({
        desk: early.reduce(afterDesk, fromDesk(reply)),
        tally: totalled(tally, reply.applications || 0),
      }));
    } catch (error) {
      if (mine === deskAsked && error.temporary) setTimeout(fetchDesk, 3000);
    }
  }
  const leave = [
    link.join(`stage/${sessionId}`, {
      reset: (snapshot) => snapshot && setStage(fromSnapshot(snapshot, keep.get(slot))),
      entry(entry) {
        if (entry.body.t === "launched") tellLaunch(entry.body.launch, link.serverNow());
        else setStage(after(store.state.stage, entry.body, entry.at_ms));
      },
      refused: (error) => store.set({ phase: "refused", error }),
    }),
    link.join(`chat/${sessionId}`, {
      reset: (_, entries) => store.set({ chat: entries.reduce(withLine, []) }),
      entry: (entry) => store.set(({ chat }) => ({ chat: withLine(chat, entry) })),
    }),
    link.join(`desk/${sessionId}`, {
      // The snapshot of desk/ is empty: what this device saw before a reload stands, unless the log began anew.
      reset(_, entries, offset) {
        const seen = keep.get(cameSlot) || [];
        const same = seen.every((one) => one.offset <= offset);
        store.set(({ tally }) => ({ tally: { ...tally, arrivals: same ? seen : [] } }));
        entries.forEach(cameIn);
        fetchDesk();
      },
      entry: cameIn,
    }),
    link.join(`pulse/${sessionId}`, {
      pulse: (body) => gotNumbers(body.numbers, body.visits),
      poll: fetchNumbers,
    }),
  ];

  function cameIn(entry) {
    early = [...early, entry].slice(-LINES_KEPT);
    store.set(({ desk }) => ({ desk: afterDesk(desk, entry) }));
    if (entry.body.t === "cut_off_for") store.set({ why: entry.body.reason });
    if (entry.body.t !== "application_came") return;
    store.set(({ tally }) => ({ tally: arrived(tally, entry.body, entry.at_ms, entry.offset) }));
    keep.set(cameSlot, store.state.tally.arrivals.slice(0, ARRIVALS_REMEMBERED));
  }

  async function fetchNumbers() {
    try {
      const answer = await getJson(`/api/sessions/${encodeURIComponent(sessionId)}`);
      gotNumbers(answer.numbers);
    } catch {
      // The pulse brings them within a second; the bar says when nothing reaches the hub.
    }
  }

  fetchNumbers();
  return {
    store,
    reload: () => fetchShelf((store.state.stage.session && store.state.stage.session.shelf_revision) || 1),
    close: () => leave.forEach((stop) => stop()),
  };
}
