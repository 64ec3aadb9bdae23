// A room, live: joins its channels and keeps what the page draws.
//
//   const room = openRoom(link, sessionId, onLaunch);  room.store  room.reload()  room.close()
//   store.state = {phase: "loading" | "ready" | "error", error, stage, slots, slotsError, lines, numbers, visits}

import { getJson } from "../shared/api.js";
import { addressOf, farOf, learnHome } from "../shared/far.js";
import { createStore } from "../shared/store.js";
import { createInStep } from "./instep.js";
import { NOTHING, after, fromSnapshot, withLine } from "./stage.js";

const START = {
  phase: "loading",
  error: null,
  stage: NOTHING,
  slots: null,
  slotsError: null,
  lines: [],
  numbers: {},
  visits: 0,
};

export function openRoom(link, sessionId, onLaunch) {
  const store = createStore(START);
  const far = farOf(sessionId);
  // Had before the line breaks: what is typed then waits for nothing but the line.
  if (far) import("../shared/send_far.js").catch(() => undefined);
  let open = true;
  let revision = null;
  let fromLink = false;

  function setStage(stage) {
    store.set({ stage, phase: "ready", error: null });
    fetchShelf(stage.session.shelf_revision || 1);
  }

  async function fetchShelf(wanted, again = false) {
    if (wanted === revision && !again) return;
    revision = wanted;
    store.set({ slotsError: null });
    try {
      const shelf = await getJson(`${addressOf(sessionId, "/api/sessions/")}/shelf/${wanted}`);
      if (open && revision === wanted) {
        store.set({ slots: [...(shelf.slots || [])].sort((a, b) => a.number - b.number) });
      }
    } catch (error) {
      if (!open || revision !== wanted) return;
      revision = null;
      // A newer revision is there already; its entry is on the way, and asking shows which it is.
      if (error.code === "not_found" && !again) await reload().catch(() => undefined);
      else store.set({ slotsError: error });
    }
  }

  /** Under the name it has here: at its home a session of another province is called without the province. */
  const named = (found) => (far ? { ...found, session: { ...found.session, id: sessionId } } : found);

  async function reload() {
    if (far && !farOf(sessionId).home) return;
    try {
      const found = named(await getJson(addressOf(sessionId, "/api/sessions/")));
      if (!open) return;
      store.set((old) => ({ numbers: { ...old.numbers, ...found.numbers } }));
      if (!fromLink) setStage(fromSnapshot(found));
      else fetchShelf(found.session.shelf_revision || 1, true);
    } catch (error) {
      if (open && store.state.phase !== "ready") store.set({ phase: "error", error });
    }
  }

  const step = createInStep((entry) => {
    const stage = after(store.state.stage, entry.body, entry.at_ms);
    if (stage.session) setStage(stage);
  });

  const leave = [
    link.join(`stage/${sessionId}`, {
      reset(snapshot) {
        if (!snapshot) return;
        fromLink = true;
        step.forget();
        if (far) learnHome(far.code, snapshot.home);
        setStage(fromSnapshot(named(snapshot)));
        onLaunch(snapshot.launch);
      },
      // A launch has a time of its own; everything else waits for the picture.
      entry: (entry) => (entry.body.t === "launched" ? onLaunch(entry.body.launch) : step.offer(entry)),
      refused: (error) => store.set({ phase: "error", error }),
    }),
    link.join(`chat/${sessionId}`, {
      reset: (snapshot, entries) => store.set({ lines: entries.reduce((lines, one) => withLine(lines, one), []) }),
      entry: (entry) => store.set((old) => (entry.body.caption ? { caption: entry } : { lines: withLine(old.lines, entry) })),
    }),
    link.join(`pulse/${sessionId}`, {
      pulse: (body) => store.set({ numbers: body.numbers || {}, visits: body.visits || 0, live: body.picture || "" }),
      poll: reload,
    }),
  ];
  reload();

  return {
    store,
    reload() {
      store.set({ phase: store.state.phase === "error" ? "loading" : store.state.phase, slotsError: null });
      return reload();
    },
    close() {
      open = false;
      step.forget();
      for (const one of leave) one();
    },
  };
}
